"""Splits JSON text into values: one per line, spread over several lines, or in one array."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, TypeAlias

from countgrid._errors import option
from countgrid._opening import Readable
from countgrid._reading.streams import BLOCK, lines

#: Some values: parsed, or as lines with one value each.
Part: TypeAlias = bytes | list[Any]

#: If the text ends within a value, the parser's error is within this many characters of the end.
_CUT = 16
#: The most characters of a value that is spread over several lines.
_LONGEST = 256 << 20
_SPACE = re.compile(r"[ \t\r\n]*")


class TooLarge(float):
    """Infinity, from a number such as 1e400."""


def _float(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else TooLarge(value)


DECODER = json.JSONDecoder(parse_float=_float)


def parts(content: Readable) -> Iterator[Part]:
    """The lines if each has one value, else the values, about `BLOCK` bytes at a time."""
    head = b""
    while (more := content.read(BLOCK)) and _is_spread(head := head + more) is None:
        pass
    if _is_spread(head if more else head + b"\n\n"):
        return _values(chain([head], iter(lambda: content.read(BLOCK), b"")))
    return lines(content, head)


def _is_spread(head: bytes) -> bool | None:
    """Whether values are spread over several lines or in an array; None if the head is too short to tell.

    A first line that ends too early is a fault if the second line is an object.
    """
    first, end, rest = head.lstrip().partition(b"\n")
    if first.startswith(b"["):
        return True
    if not end:
        return None if len(head) < BLOCK else False
    if not _is_cut(first):
        return False
    second, end, _ = rest.lstrip(b" \t\r").partition(b"\n")
    if not end:
        return None if len(head) < BLOCK else True
    try:
        return not isinstance(json.loads(second), dict)
    except ValueError:
        return bool(second.strip())


def _is_cut(line: bytes) -> bool:
    """Whether a line starts a value that continues on the next."""
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return _is_at_end(error)
    except ValueError:
        pass
    return False


def _is_at_end(error: json.JSONDecodeError) -> bool:
    return error.pos >= len(error.doc) - _CUT or error.msg.startswith("Unterminated string")


def _values(blocks: Iterable[bytes]) -> Iterator[Part]:
    """All values, from one array or a sequence."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    scan = DECODER.raw_decode
    text, row, needed = "", 1, 0
    in_array: bool | None = None
    expects_comma = False
    for block in chain(blocks, [b""]):
        try:
            text += decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            advice = f"pass its {option('encoding')}, such as cp1252"
            raise ValueError(f"row {row} or later: {error}; {advice}") from None
        if block and len(text) < needed:
            continue
        found: list[Any] = []
        at = 0
        while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]  # it matches "" too
            if in_array is None:
                in_array = text[at] == "["
                at += in_array
            elif in_array and text[at] == "]" and (expects_comma or row == 1):
                if text[at + 1 :].strip():
                    raise ValueError("text after the array; expected one array")
                at, in_array = at + 1, False
            elif in_array and expects_comma:
                if text[at] != ",":
                    raise ValueError(f"row {row - 1}: expected ',' or ']' after it in its array")
                at, expects_comma = at + 1, False
            else:
                try:
                    value, at = scan(text, at)
                except json.JSONDecodeError as error:
                    needed = 2 * (len(text) - at)
                    if not block or needed > 2 * _LONGEST or not _is_at_end(error):
                        what = f"row {row}: not JSON: {error.msg}"
                        raise ValueError(f"{what}; expected one object per line, or an array of objects") from None
                    break
                found.append(value)
                row, expects_comma = row + 1, True
        text = text[at:]
        if found:
            yield found
    if in_array:
        raise ValueError(f"the array ends too early, after row {row - 1}")
