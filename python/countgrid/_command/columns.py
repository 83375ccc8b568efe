"""Which columns of an input are read, and tables of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import click
import pyarrow as pa

from countgrid._command.arrays import bytes_of
from countgrid._command.inputs import Input

#: Batches are gathered until they have so many bytes, enough to keep all workers busy.
_PORTION = 8 << 20

#: What a reader gives: the schema of the wanted columns, the documents' first, and tables of it, at least one.
Tables: TypeAlias = tuple[Any, Iterator[Any]]


@dataclass(frozen=True)
class Wanted:
    """The columns to read: the documents' (None: the only one there is), and those to carry along."""

    column: str | None
    kept: Sequence[str] = ()
    #: The name of a column for the names of files, which goes before those carried along.
    file_column: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    #: What encloses the fields of CSV: nothing with "", what is usual with None.
    quote: str | None = None
    #: Whether the first row of CSV has the names.
    header: bool = True
    skip_faults: bool = False
    #: The types that earlier inputs gave to the columns that are carried along.
    types: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_columns(self) -> bool:
        """Whether any option asks for a format with columns."""
        asked = (self.column, self.delimiter, self.quote)
        return bool(self.kept) or not self.header or any(one is not None for one in asked)

    def check(self, inputs: Sequence[Input]) -> None:
        """Refuse options that an input's format has no use for."""
        for source in inputs:
            if self.encoding is not None and source.format in ("parquet", "arrow"):
                raise click.UsageError(f"--encoding is for CSV, TSV, JSON and text, not for {source.name}")
            given = [("--delimiter", self.delimiter is not None), ("--quote", self.quote is not None)]
            for option, is_given in [*given, ("--no-header", not self.header)]:
                if is_given and source.format not in ("csv", "tsv", None):
                    raise click.UsageError(f"{option} is for CSV and TSV, not for {source.name}")
            if self.skip_faults and source.format not in ("csv", "tsv", "jsonl", None):
                raise click.UsageError(f"--on-error skip is for CSV, TSV and JSON, not for {source.name}")

    def among(self, names: Sequence[str]) -> list[str]:
        """The names to read of those there are, the documents' first, each once."""
        there = ", ".join(map(repr, names))
        if self.column is None and len(names) != 1:
            raise ValueError(f"pass --column to say which column holds the documents; there are {there or 'none'}")
        column = names[0] if self.column is None else self.column
        wanted = list(dict.fromkeys([column, *self.kept]))
        for name in wanted:
            if name not in names:
                raise ValueError(f"no column {name!r}; there are {there or 'none'}")
            if names.count(name) > 1:
                raise ValueError(f"{names.count(name)} columns are named {name!r}; expected one")
        return wanted


def selected(schema: Any, wanted: Wanted) -> tuple[Any, list[str]]:
    """The schema and the names of the wanted columns among those of a file."""
    names = wanted.among(schema.names)
    return pa.schema([schema.field(name) for name in names]), names


def gathered(schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
    """Tables of about `_PORTION` bytes, of several batches or of a part of one.

    Batches with a dictionary are not divided: each part would look at the whole dictionary anew.
    """
    some: list[Any] = []
    size, given = 0, False
    whole = pa.types.is_dictionary(schema.field(0).type)
    for batch in batches:
        rows = max(batch.num_rows if whole else batch.num_rows * _PORTION // max(bytes_of(batch), 1), 1)
        for start in range(0, batch.num_rows, rows):
            some.append(batch.slice(start, rows))
            size += bytes_of(some[-1])
            if size >= _PORTION:
                yield pa.Table.from_batches(some, schema)
                some, size, given = [], 0, True
    if some or not given:
        yield pa.Table.from_batches(some, schema)
