"""Chooses the columns to read from an input, and gathers tables of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from countgrid._errors import option
from countgrid._reading.arrays import bytes_of
from countgrid._reading.errors import UnusableOptionError
from countgrid._reading.inputs import Input

#: Record batches are gathered until they have this many bytes, enough to keep all workers busy.
_BATCH_BYTES = 8 << 20

#: What a reader returns: the schema of the wanted columns, the documents first, and at least one table.
Tables: TypeAlias = tuple[Any, Iterator[Any]]


@dataclass(frozen=True)
class Wanted:
    """The columns to read: the documents (None if there is only one column), and columns to copy to the output."""

    column: str | None
    kept: Sequence[str] = ()
    #: The name of an output column of file names, before the copied columns.
    file_column: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    #: The quote character of CSV fields: "" for none, None for the format's default.
    quote: str | None = None
    #: Whether the first row of CSV has the names.
    header: bool = True
    skip_faults: bool = False
    #: The types of the copied columns in earlier inputs.
    types: Mapping[str, Any] = field(default_factory=dict)
    #: Columns with one value for the whole input, if the input itself has no column with this name.
    constants: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def has_columns(self) -> bool:
        """Whether any option needs a format with columns."""
        options = (self.column, self.delimiter, self.quote)
        return bool(self.kept) or not self.header or any(option is not None for option in options)

    def check(self, inputs: Sequence[Input]) -> None:
        """Raise if an option does not apply to an input's format."""
        for source in inputs:
            if self.encoding is not None and source.format in ("parquet", "arrow"):
                what = "is for CSV, TSV, JSON and text"
                raise UnusableOptionError(f"{option('encoding')} {what}, not for {source.name}")
            given = [("delimiter", self.delimiter is not None), ("quote", self.quote is not None)]
            for name, is_given in [*given, ("header", not self.header)]:
                if is_given and source.format not in ("csv", "tsv", None):
                    raise UnusableOptionError(f"{option(name)} is for CSV and TSV, not for {source.name}")
            if self.skip_faults and source.format not in ("csv", "tsv", "jsonl", None):
                what = "is for CSV, TSV and JSON"
                raise UnusableOptionError(f"{option('on_error', 'skip')} {what}, not for {source.name}")

    def among(self, names: Sequence[str], is_nested: Callable[[str], bool] = lambda name: False) -> list[str]:
        """The names to read among those in a file: the documents first, without repeats.

        ``is_nested`` says whether a name such as "meta.text" is a field within a column.
        """
        there = ", ".join(map(repr, names))
        if self.column is None and len(names) != 1:
            what = "to say which column has the documents"
            raise ValueError(f"pass {option('column')} {what}; there are {there or 'none'}")
        column = names[0] if self.column is None else self.column
        wanted = []
        for name in dict.fromkeys([column, *self.kept]):
            if name not in names and name != column and name in self.constants:
                continue
            wanted.append(name)
            if name not in names and is_nested(name):
                continue
            if name not in names:
                raise ValueError(f"no column {name!r}; there are {there or 'none'}{self._from_paths(name, names)}")
            if names.count(name) > 1:
                raise ValueError(f"{names.count(name)} columns are named {name!r}; expected one")
        return wanted

    def _from_paths(self, name: str, names: Sequence[str]) -> str:
        """The columns that the input's path gives, if an unknown name could have meant one of them."""
        others = (
            [] if name == self.column else [repr(constant) for constant in self.constants if constant not in names]
        )
        return f", and {', '.join(others)} from the path" if others else ""


def selected(schema: Any, wanted: Wanted) -> tuple[Any, list[str]]:
    """The schema and the names of the wanted columns among those of a file."""
    names = wanted.among(schema.names, lambda name: _nested(schema, name) is not None)
    fields = [schema.field(name) if name in schema.names else _nested(schema, name) for name in names]
    return pa.schema(fields), names


def _nested(schema: Any, name: str) -> Any:
    """The field within structs that a name such as "meta.text" leads to; None if there is none."""
    root, *inner = name.split(".")
    if schema.names.count(root) != 1 or not inner:
        return None
    kind = schema.field(root).type
    for step in inner:
        at = kind.get_field_index(step) if pa.types.is_struct(kind) else -1
        if at < 0:
            return None
        kind = kind.field(at).type
    return pa.field(name, kind)


def columns_of(batch: Any, schema: Any) -> Any:
    """The columns of a record batch in the order of a schema, fields within structs too."""
    columns = []
    for name in schema.names:
        if name in batch.schema.names:
            columns.append(batch.column(name))
        else:
            root, *inner = name.split(".")
            columns.append(pc.struct_field(batch.column(root), inner))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def gathered(schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
    """Tables of about `_BATCH_BYTES`, each made of several record batches or a slice of one.

    Record batches with a dictionary are not sliced, since each slice would read the whole dictionary again.
    """
    some: list[Any] = []
    size, given = 0, False
    whole = pa.types.is_dictionary(schema.field(0).type)
    for batch in batches:
        rows = max(batch.num_rows if whole else batch.num_rows * _BATCH_BYTES // max(bytes_of(batch), 1), 1)
        for start in range(0, batch.num_rows, rows):
            some.append(batch.slice(start, rows))
            size += bytes_of(some[-1])
            if size >= _BATCH_BYTES:
                yield pa.Table.from_batches(some, schema)
                some, size, given = [], 0, True
    if some or not given:
        yield pa.Table.from_batches(some, schema)
