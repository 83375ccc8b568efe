"""Reads inputs as batches: consecutive documents and their copied columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from countgrid._core import Documents
from countgrid._errors import option
from countgrid._opening import OPENED
from countgrid._reading.arrays import numbers, table, texts
from countgrid._reading.columns import Tables, Wanted
from countgrid._reading.delimited import read_delimited
from countgrid._reading.detecting import format_of
from countgrid._reading.errors import naming
from countgrid._reading.faults import Faults
from countgrid._reading.inputs import Input
from countgrid._reading.json_rows import read_json
from countgrid._reading.parquet_arrow import read_arrow, read_parquet
from countgrid._reading.partitions import partitions_of
from countgrid._reading.streams import Stream, lines

_READERS: dict[str, Callable[[Input, Stream, Wanted, Faults], Tables]] = {
    "parquet": read_parquet,
    "arrow": read_arrow,
    "csv": read_delimited,
    "tsv": read_delimited,
    "jsonl": read_json,
}

#: The name of a column that contains the file's name, if the file itself has no such column.
FILE = "filename"

_PLAIN = {"large_string": pa.string(), "large_binary": pa.binary()}


@dataclass(frozen=True)
class Batch:
    """Consecutive documents of one input."""

    source: Input
    faults: Faults
    #: The number of documents of the input before these.
    first: int
    documents: Documents
    #: The copied columns, as long as the documents.
    kept: Any
    #: How many bytes of the input have been read.
    position: int

    def number(self, document: int) -> int:
        """The row of a document in its input, numbered from 1."""
        return self.faults.row(self.first + document)

    def row(self, document: int) -> str:
        """A document's place for messages."""
        return f"{self.source.name}, row {self.number(document)}"


def batches(inputs: Sequence[Input], wanted: Wanted, reports: list[str]) -> Iterator[Batch]:
    """All documents of all inputs, in order. No batch is empty, unless there are no documents at all.

    ``reports`` receives messages to print at the end.
    """
    empty: Batch | None = None
    found = False
    for source in inputs:
        faults = Faults(skip=wanted.skip_faults)
        with naming(source.name), Stream(source, wanted.encoding) as stream:
            if source.format is None:
                source = replace(source, format=format_of(stream.content.peek(), wanted))
                wanted.check([source])
            first = source.first
            constants = _constants(source)
            for documents, kept in _documents(source, stream, replace(wanted, constants=constants), faults):
                named = _with_constants(kept, wanted, constants, len(documents))
                batch = Batch(source, faults, first, documents, named, stream.position)
                if len(documents) == 0:
                    empty = empty or batch
                    continue
                if not found:
                    found = True
                    wanted = replace(wanted, types=dict(zip(kept.column_names, kept.schema.types, strict=True)))
                yield batch
                first += len(documents)
        if report := faults.report():
            reports.append(f"{source.name}: {report}")
    if empty is not None and not found:
        yield empty


def _documents(source: Input, stream: Stream, wanted: Wanted, faults: Faults) -> Iterator[tuple[Documents, Any]]:
    if source.format == "text":
        yield from _of_text(stream, wanted)
        return
    assert source.format is not None
    schema, tables = _READERS[source.format](source, stream, wanted, faults)
    if not _is_text(schema.field(0).type):
        raise ValueError(f"column {schema.field(0).name!r} is {schema.field(0).type}; expected text")
    kept = [name for name in wanted.kept if name in schema.names]
    for some in tables:
        yield Documents(some.column(0)), _plain(some.select(kept))


def _constants(source: Input) -> dict[str, str | None]:
    """The columns with one value for the whole input: its name as given, and its partitions."""
    if source.path is None:
        return {FILE: "-"}
    return {FILE: source.name, **partitions_of(source.name)}


def _with_constants(kept: Any, wanted: Wanted, constants: Mapping[str, str | None], length: int) -> Any:
    """The copied columns in the wanted order, with those that the input's path tells."""
    columns = {name: kept.column(name) if name in kept.column_names else None for name in wanted.kept}
    for name, column in columns.items():
        if column is None:
            columns[name] = _repeated(constants[name], length)
    if wanted.file_column is not None:
        columns = {wanted.file_column: _repeated(constants[FILE], length), **columns}
    return table(list(columns.values()), list(columns))


def _repeated(value: str | None, length: int) -> Any:
    return texts([None if value is None else value.encode()]).take(numbers(np.zeros(length, np.int32)))


def _of_text(stream: Stream, wanted: Wanted) -> Iterator[tuple[Documents, Any]]:
    """Lines are documents. They stay in their block, unless they are also copied to the output."""
    kept = wanted.among(["text"])[1:] or [name for name in wanted.kept if name == "text"]
    blocks = lines(stream.text())
    row = 1
    for documents in map(partial(Documents.from_lines, encoding=OPENED), chain([next(blocks, b"")], blocks)):
        column = _column(documents, row) if kept else texts([])
        yield documents, table([column] * len(kept), kept)
        row += len(documents)


def _column(documents: Documents, row: int) -> Any:
    """Lines as a column of valid UTF-8. ``row`` is the number of the first line."""
    found: list[Any] = [documents[i] for i in range(len(documents))]
    column = texts(found)
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        for line in found:
            try:
                line.decode()
            except UnicodeDecodeError as error:
                advice = f"pass its {option('encoding')}, such as cp1252"
                what = f"row {row}: not valid UTF-8, so it cannot be copied; {advice}"
                raise ValueError(what) from error
            row += 1
    return column


def _is_text(kind: Any) -> bool:
    """Whether a type is text: strings, also with an extension type, or plain bytes."""
    is_extension = False
    while (inner := _inside(kind)) is not None:
        is_extension |= isinstance(kind, pa.BaseExtensionType)
        kind = inner
    if str(kind) in ("null", "string", "large_string", "string_view"):
        return True
    is_bytes = str(kind) in ("binary", "large_binary", "binary_view") or pa.types.is_fixed_size_binary(kind)
    return is_bytes and not is_extension


def _inside(kind: Any) -> Any:
    """The type of an extension's storage or a dictionary's values."""
    return getattr(kind, "storage_type", None) or (kind.value_type if pa.types.is_dictionary(kind) else None)


def _plain(some: Any) -> Any:
    """The columns without differences between batches or files: dictionaries, offset widths, metadata."""
    columns = []
    for column in some.itercolumns():
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        columns.append(column.cast(_PLAIN.get(str(kind), kind)))
    return table(columns, some.column_names)
