"""A lexicon's file, as the readers see it.

Every error about its content is made here, so that each names the file and the line; every term passes through
`File.term`, so that what is a wildcard, and what is escaped, is decided once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

Lexicon: TypeAlias = list[str] | dict[str, list[str]]

#: What is a wildcard in a format that has some; countgrid's globs have the same two signs.
_WILDCARDS = {"dic": re.compile(r"\*(?!\S)"), "yaml": re.compile(r"[*?]")}
_NO_WILDCARD = re.compile(r"(?!)")
_SPECIAL_IN_GLOBS = re.compile(r"[*?\\]")


@dataclass(frozen=True)
class File:
    """The decoded text, the name for errors, and how terms are to be given."""

    name: str
    text: str
    format: str
    syntax: str

    def error(self, line: int, what: str) -> ValueError:
        return ValueError(f"{self.name}, line {line}: {what}")

    def lines(self) -> Iterator[tuple[int, str]]:
        return enumerate(self.text.split("\n"), 1)

    def line_at(self, position: int) -> int:
        return 1 + bisect_left(self._line_ends, position)

    @cached_property
    def _line_ends(self) -> list[int]:
        return [end.start() for end in re.finditer("\n", self.text)]

    def term(self, line: int, text: str) -> str:
        """A term as the caller asked for it, from what the file says."""
        if not text.strip():
            raise self.error(line, "an empty term; expected at least one character")
        wildcards = _WILDCARDS.get(self.format, _NO_WILDCARD)
        if self.syntax == "glob":
            return _SPECIAL_IN_GLOBS.sub(
                lambda sign: sign[0] if wildcards.match(text, sign.start()) else "\\" + sign[0], text
            )
        if wildcard := wildcards.search(text):
            advice = "expected a literal term; read the file, and count, with syntax='glob'"
            raise self.error(line, f"{shown(text)} holds the wildcard {wildcard[0]}; {advice}")
        return text

    def category(self, line: int, text: str) -> str:
        if not text.strip():
            raise self.error(line, "an empty category; expected its name")
        return text


def shown(text: str, most: int = 80) -> str:
    """Text for an error: quoted, and cut if it is long."""
    return repr(text if len(text) <= most else text[:most] + "...")


def decoded(name: str, data: bytes, encoding: str) -> str:
    """The file's text, without a byte-order mark and with `\\n` for every line end."""
    try:
        text = data.decode(encoding)
    except LookupError as error:
        raise ValueError(f"encoding is {encoding!r} ({error}); expected one of Python's, such as 'cp1252'") from None
    except UnicodeDecodeError as error:
        before = _with_plain_ends(error.object[: error.start].decode(encoding, "ignore"))
        byte, line = error.object[error.start], 1 + before.count("\n")
        what = f"the byte 0x{byte:02x} is not valid {encoding} ({error.reason}); pass encoding=, such as 'cp1252'"
        raise ValueError(f"{name}, line {line}: {what}") from None
    except UnicodeError as error:
        raise ValueError(f"{name}: not {encoding} ({error}); pass another encoding=, such as 'utf-8'") from None
    text = _with_plain_ends(text.removeprefix("\ufeff"))
    nul = text.find("\0")
    if nul >= 0:
        line = 1 + text.count("\n", 0, nul)
        raise ValueError(
            f"{name}, line {line}: a NUL character, so not {encoding} text; pass encoding=, such as 'utf-16'"
        )
    return text


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
