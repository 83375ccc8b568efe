"""Inputs as portions: some documents side by side, with the columns that go along with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import pyarrow as pa

from countgrid._command.arrays import table, texts
from countgrid._command.columns import Tables, Wanted
from countgrid._command.csv_rows import read_csv
from countgrid._command.ending import naming
from countgrid._command.inputs import Input
from countgrid._command.json_lines import read_json_lines
from countgrid._command.parquet_arrow import read_arrow, read_parquet
from countgrid._command.streams import Stream, lines
from countgrid._core import Documents

_READERS: dict[str, Callable[[Input, Stream, Wanted], Tables]] = {
    "parquet": read_parquet,
    "arrow": read_arrow,
    "csv": read_csv,
    "tsv": read_csv,
    "jsonl": read_json_lines,
}

_PLAIN = {"large_string": pa.string(), "large_binary": pa.binary()}


@dataclass(frozen=True)
class Portion:
    """Documents of one input, in the order of its rows."""

    source: Input
    #: The row of the first document in its input, from 0.
    first: int
    documents: Documents
    #: The columns carried along, as long as the documents.
    kept: Any
    #: How many bytes of the input have been read.
    position: int

    def row(self, document: int) -> str:
        """A document's place for messages: rows are numbered as people do, from 1."""
        return f"{self.source.name}, row {self.first + document + 1}"


def portions(inputs: Sequence[Input], wanted: Wanted) -> Iterator[Portion]:
    """All documents of all inputs, in order. Portions have some, but for the only one where there are none at all."""
    empty: Portion | None = None
    found = False
    for source in inputs:
        with naming(source.name), Stream(source, wanted.encoding) as stream:
            first = 0
            for documents, kept in (_of_text if source.format == "text" else _of_columns)(source, stream, wanted):
                portion = Portion(source, first, documents, kept, stream.position)
                if len(documents) == 0:
                    empty = empty or portion
                    continue
                if not found:
                    found = True
                    wanted = replace(wanted, types=dict(zip(kept.column_names, kept.schema.types, strict=True)))
                yield portion
                first += len(documents)
    if empty is not None and not found:
        yield empty


def _of_text(source: Input, stream: Stream, wanted: Wanted) -> Iterator[tuple[Documents, Any]]:
    """Lines are documents as they lie in a block; they are taken apart only to be carried along."""
    wanted.among(["text"])
    blocks = lines(stream.sequential(soon=True))
    for documents in map(Documents.from_lines, chain([next(blocks, b"")], blocks)):
        column = texts([documents[i] for i in range(len(documents))] if wanted.kept else [])
        yield documents, table([column] * len(wanted.kept), wanted.kept)


def _of_columns(source: Input, stream: Stream, wanted: Wanted) -> Iterator[tuple[Documents, Any]]:
    schema, tables = _READERS[source.format](source, stream, wanted)
    if not _is_text(schema.field(0).type):
        raise ValueError(f"column {schema.field(0).name!r} is {schema.field(0).type}; expected text")
    for some in tables:
        yield Documents(some.column(0)), _plain(some.select(list(wanted.kept)))


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    names = ("null", "string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    return str(kind) in names or pa.types.is_fixed_size_binary(kind)


def _plain(some: Any) -> Any:
    """The columns' names and values, without what may differ from batch to batch or file to file.

    That is: dictionaries, the width of places in texts, metadata.
    """
    columns = []
    for column in some.itercolumns():
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        columns.append(column.cast(_PLAIN.get(str(kind), kind)))
    return table(columns, some.column_names)
