"""Detects formats by the first bytes: of standard input, and of binary files with a wrong suffix."""

from __future__ import annotations

from countgrid._errors import option
from countgrid._kinds import _NOT_TEXT, _not_text, encoding_of
from countgrid._reading.columns import Wanted
from countgrid._reading.csv_rows import first_line

_PARQUET = "Parquet", (b"PAR1", b"PARE")
#: Streams in the old format have no magic word. They begin with a length.
_ARROW = "Arrow IPC", (b"ARROW1", b"\xff\xff\xff\xff")
_BINARY = {"parquet": _PARQUET, "arrow": _ARROW}


def format_of(head: bytes, wanted: Wanted) -> str:
    """The format. Without known first bytes it is text, unless options need columns."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    if not wanted.has_columns:
        return "text"
    # Without byte-order marks and the zeros of UTF-16 and UTF-32.
    plain = head.translate(None, b"\0\xfe\xff\xef\xbb\xbf").lstrip()
    if plain.startswith((b"{", b"[")):
        return "jsonl"
    first = first_line(plain)
    return "tsv" if first.count(b"\t") > first.count(b",") else "csv"


def check_binary(head: bytes, known: str) -> None:
    """Raise if a file is not Parquet, or recognizably not Arrow. The error says what it is instead."""
    expected, magics = _BINARY[known]
    if head.startswith(magics):
        return
    if not head:
        raise ValueError(f"is empty; expected {expected}")
    for other, (name, others) in _BINARY.items():
        if head.startswith(others):
            raise ValueError(f"is {name}, not {expected}; pass {option('input_format', other)}")
    if match := _not_text().match(head):
        _, what, advice = _NOT_TEXT[(match.lastindex or 0) - 1]
        raise ValueError(f"is {what}, not {expected}; {advice}")
    if _is_text(head):
        raise ValueError(f"is text, not {expected}; pass {option('input_format')} csv, tsv, jsonl or text")
    if known == "parquet":
        raise ValueError(f"is not {expected}; copy it again, or pass its {option('input_format')}")


def _is_text(head: bytes) -> bool:
    try:
        mark = encoding_of(head, None, "")[1]
    except ValueError:
        return False
    return mark > 0 or not head.count(0)
