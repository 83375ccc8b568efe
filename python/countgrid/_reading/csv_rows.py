"""Reads rows of CSV with Python's `csv`: strict, any length, with the number and line of each row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from countgrid._errors import option
from countgrid._reading.arrays import table, texts
from countgrid._reading.faults import Faults

#: The most characters of a field; `csv` takes 4 to 8 bytes for each.
_LONGEST = 128 << 20
#: Rows are passed on when their texts have this many bytes.
_PART = 1 << 20


def unclosed() -> str:
    return f"has a quote that is never closed; pass {option('quote', 'none')} if quotes are part of the text"


def _after_quote() -> str:
    return f"text after a closing quote; double the quotes within a field, or pass {option('quote', 'none')}"


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    #: The quote character; None if quotes are text.
    quote: str | None

    def reader(self, lines: Iterable[str]) -> Any:
        csv.field_size_limit(_LONGEST)
        quoting: Any = csv.QUOTE_NONE if self.quote is None else csv.QUOTE_MINIMAL
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote or '"', quoting=quoting, strict=True)

    def written(self, row: str) -> list[str]:
        """The fields of a valid row, with their quotes."""
        unquoted = f"[^{re.escape(self.delimiter)}]*"
        quote = re.escape(self.quote or "")
        field = f"{quote}(?:[^{quote}]|{quote}{quote})*{quote}|{unquoted}" if quote else unquoted
        return re.findall(f"({field})(?:{re.escape(self.delimiter)}|\\Z)", row.rstrip("\r\n"))


def line_ends(data: bytes) -> int:
    """The number of line ends: `\\n`, `\\r\\n` or `\\r`."""
    return data.count(b"\n") + (data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else 0)


def first_line(data: bytes) -> bytes:
    """The first line that is not blank, without its end."""
    return re.split(b"[\r\n]", data.lstrip(b"\r\n"), maxsplit=1)[0]


def first_row(data: bytes, dialect: Dialect) -> tuple[list[str], int] | None:
    """The first row that is not blank, and the size of it and the blank lines before it; None if it is incomplete."""
    raw: list[str] = []
    source = _Lines(_recorded(_decoded(data), raw))
    try:
        fields: list[str] = next(filter(None, dialect.reader(source)), [])
    except csv.Error as error:
        if source.is_unclosed(raw):
            return None
        raise ValueError(f"the first row has {_after_quote()}, or another {option('delimiter')}") from error
    return fields, len("".join(raw).encode(errors="surrogateescape"))


def _decoded(data: bytes) -> Iterator[str]:
    """The lines; bytes that are not UTF-8 become lone surrogates."""
    return io.StringIO(data.decode(errors="surrogateescape"), newline="")


def _recorded(lines: Iterable[str], raw: list[str]) -> Iterator[str]:
    for line in lines:
        raw.append(line)
        yield line


class _Lines:
    """Lines that know whether all have been read. `csv` raises the same exception for all faults."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._ended = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return next(self._lines)
        except StopIteration:
            self._ended = True
            raise

    def is_unclosed(self, row: Sequence[str]) -> bool:
        """Whether the fault is an open quote: at the end of the data, or after the longest allowed field."""
        return self._ended or sum(map(len, row)) > _LONGEST


class Rows:
    """The rows of one input, as tables of some of their columns."""

    def __init__(
        self, dialect: Dialect, width: int, places: Sequence[int], schema: Any, faults: Faults, *, line: int
    ) -> None:
        self.dialect, self.width = dialect, width
        #: Which fields are read, and the schema of the tables.
        self.places, self.schema = places, schema
        #: How many lines and documents have been read.
        self.line, self.documents = line, 0
        self._faults = faults

    def read(self, block: bytes, blocks: Iterator[bytes]) -> Iterator[Any]:
        """The rows of a block. Reads further blocks to complete a row."""
        raw: list[str] = []

        def fed() -> Iterator[str]:
            some = block
            while some:
                yield from _recorded(_decoded(some), raw)
                some = next(blocks, b"") if raw else b""  # the row continues

        source = _Lines(fed())
        reader = self.dialect.reader(source)
        found: list[list[bytes | None]] = []
        size = 0
        while True:
            raw.clear()
            line = self.line + reader.line_num + 1
            try:
                values = self._values(next(reader), raw)
            except StopIteration:
                break
            except csv.Error as error:
                if source.is_unclosed(raw):
                    where = f"row {self._faults.row(self.documents)} (line {line})"
                    raise ValueError(f"{where} {unclosed()}") from error
                self._faults.add(self.documents, _after_quote(), line=line)
                continue
            except _RowError as error:
                self._faults.add(self.documents, str(error), line=line)
                continue
            if values:
                found.append(values)
                self.documents += 1
                size += sum(len(value or b"") for value in values)
            if size >= _PART:
                yield self._table(found)
                found, size = [], 0
        self.line += reader.line_num
        yield self._table(found)

    def _values(self, fields: Sequence[str], raw: Sequence[str]) -> list[bytes | None]:
        """The wanted fields of a row; empty for a blank line."""
        if not fields:
            return []
        if len(fields) != self.width:
            is_quoted = self.dialect.quote is None and '"' in raw[0]
            hint = f"; pass {option('quote', chr(34))} if quotes enclose fields" if is_quoted else ""
            raise _RowError(
                f"the number of fields is {len(fields)}; expected {self.width}, as in the first row{hint}"
            )
        values: list[bytes | None] = []
        for name, place in zip(self.schema.names, self.places, strict=True):
            try:
                values.append(fields[place].encode() or None)
            except UnicodeEncodeError:  # bytes that could not be decoded
                advice = f"pass its {option('encoding')}, such as cp1252"
                raise _RowError(f"column {name!r} is not valid UTF-8; {advice}") from None
        if None in values:
            written = self.dialect.written("".join(raw))
            values = [
                b"" if value is None and written[place] else value
                for value, place in zip(values, self.places, strict=True)
            ]
        return values

    def _table(self, found: Sequence[Sequence[bytes | None]]) -> Any:
        columns = list(zip(*found, strict=True)) or [()] * len(self.schema)
        return table([texts(column) for column in columns], self.schema.names)


class _RowError(Exception):
    """A fault in a row."""
