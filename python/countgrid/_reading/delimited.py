"""Reads CSV and TSV: detects the dialect, reads the names in the first row, and the other rows as tables of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pyarrow as pa

from countgrid._errors import option
from countgrid._reading.columns import Tables, Wanted
from countgrid._reading.csv_blocks import parsed, whole_rows
from countgrid._reading.csv_rows import Dialect, Rows, first_line, first_row, line_ends, unclosed
from countgrid._reading.errors import UnusableOptionError
from countgrid._reading.faults import Faults
from countgrid._reading.inputs import Input
from countgrid._reading.streams import Stream, lines

#: Small enough for the CPU's cache. Blocks of 8 MB take a fifth more time and 50 MB more memory.
_BLOCK = 2 << 20
#: The most bytes of the first row.
_HEADER = 1 << 20
#: A line that tells Excel the delimiter.
_SEP = re.compile(rb'"?sep=([\t -~])"?(?:\r\n?|\n)', re.IGNORECASE)
_DELIMITERS = ",;\t|"


def read_delimited(source: Input, stream: Stream, wanted: Wanted, faults: Faults) -> Tables:
    """An empty field is a missing value; two quotes are an empty text."""
    blocks = lines(stream.text(), size=_BLOCK)
    head = next(blocks, b"")
    while not first_line(head) and len(head) < _HEADER and (more := next(blocks, b"")):
        head += more
    sep = _SEP.match(head)
    start = sep.end() if sep else 0
    delimiter = wanted.delimiter or (sep and sep[1].decode()) or ("\t" if source.format == "tsv" else ",")
    if _is_object(first_line(head)):
        kind = (source.format or "csv").upper()
        raise ValueError(f"is JSON, not {kind}: the first line is an object; pass {option('input_format', 'jsonl')}")
    quote = wanted.quote
    if quote is None:
        quote = '"' if source.format == "csv" or _has_quoted_names(head[start:]) else ""
    if quote == delimiter:
        advice = f"pass another {option('quote')} or {option('delimiter')}"
        what = f"quote and delimiter are both {quote!r}; {advice}"
        raise UnusableOptionError(f"{source.name}: {what}")
    if wanted.delimiter is None and not sep:
        _check_delimiter(head[start:], delimiter, quote, "name" if wanted.header else "field")
    dialect = Dialect(delimiter, quote or None)
    while (first := first_row(head[start:], dialect)) is None and len(head) < _HEADER and (more := next(blocks, b"")):
        head += more
    if first is None:
        raise ValueError(f"the first row {unclosed()}")
    header, size = first
    if not header:
        raise ValueError(f"is empty; expected a row {'of column names' if wanted.header else 'at least'}")
    if wanted.header:
        start += size
    else:
        header = [str(i + 1) for i in range(len(header))]
    names = wanted.among(header)
    for name in names:
        if any("\udc80" <= character <= "\udcff" for character in name):  # bytes that could not be decoded
            advice = f"pass its {option('encoding')}, such as cp1252"
            raise ValueError(f"the column name {name!a} is not valid UTF-8; {advice}")
    schema = pa.schema([(name, pa.string()) for name in names])
    places = [header.index(name) for name in names]
    rows = Rows(dialect, len(header), places, schema, faults, line=line_ends(head[:start]))
    return schema, _tables(rows, chain([head[start:]], blocks))


def _tables(rows: Rows, blocks: Iterator[bytes]) -> Iterator[Any]:
    rest = b""
    for block in blocks:
        block = rest + block
        end = whole_rows(block, rows.dialect)
        block, rest = (block[:end], block[end:]) if end else (block, b"")
        table = parsed(block, rows) if end else None
        if table is None:
            yield from rows.read(block, blocks)
        else:
            yield table
    yield from rows.read(rest, blocks)


def _has_quoted_names(head: bytes) -> bool:
    """Whether all names of a TSV are quoted. Then its texts may be quoted too."""
    return all(re.fullmatch(rb'"[^"]*"', name) for name in first_line(head).split(b"\t"))


def _is_object(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _check_delimiter(head: bytes, delimiter: str, quote: str, called: str) -> None:
    """Raise if the first row has one field but contains another delimiter outside quotes."""
    first = first_line(head).decode(errors="replace")
    bare = first
    if quote:
        sign = re.escape(quote)
        bare = re.sub(f"(^|[{re.escape(_DELIMITERS)}]){sign}(?:[^{sign}]|{sign}{sign})*+(?:{sign}|$)", r"\1", first)
    for other in _DELIMITERS:
        if delimiter not in bare and other in bare:
            what = f"the first row has one {called}, {first[:60]!r}"
            advice = f"pass {option('delimiter', other)}, or {option('delimiter', delimiter)} if that is right"
            raise ValueError(f"{what}; {advice}")
