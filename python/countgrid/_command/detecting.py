"""The format of standard input, by its first bytes."""

from __future__ import annotations

from countgrid._command.columns import Wanted
from countgrid._command.csv_rows import first_line


def format_of(head: bytes, wanted: Wanted) -> str:
    """Binary formats by their first bytes; others are text, unless options ask for columns."""
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "arrow"
    if not wanted.has_columns:
        return "text"
    # Of UTF-16 and UTF-32, and without a mark of any.
    plain = head.translate(None, b"\0\xfe\xff\xef\xbb\xbf").lstrip()
    if plain.startswith((b"{", b"[")):
        return "jsonl"
    first = first_line(plain)
    return "tsv" if first.count(b"\t") > first.count(b",") else "csv"
