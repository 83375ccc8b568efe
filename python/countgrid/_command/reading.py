"""Inputs as portions: some documents side by side, with the columns that go along with them.

Each format has a reader, which gives the schema of the wanted columns, the documents' first, and tables of them as
the file is read on. Of Parquet and Arrow only these columns are read.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import click
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.json
import pyarrow.parquet

from countgrid._command.arrays import bytes_of, table, texts
from countgrid._command.ending import naming
from countgrid._command.inputs import Input
from countgrid._command.streams import BLOCK, BYTE_ORDER_MARK, Rest, Stream, lines
from countgrid._core import Documents

#: Batches are gathered until they have so many bytes, enough to keep all workers busy.
_PORTION = 8 << 20
#: Rows of a Parquet batch: few enough where a dictionary holds long documents once and rows repeat them.
_ROWS = 8192
#: The one column of plain text.
_TEXT = "text"
#: A row of column names is looked for in so many bytes.
_HEADER = 1 << 20
#: Arrow holds several blocks of CSV, and takes no row that is longer: the file is read again from there on, in larger
#: blocks, which take memory. A pipe cannot be read again.
_CSV_BLOCKS = (4 << 20, 64 << 20, 1 << 30)
_CSV_BLOCKS_OF_A_PIPE = (64 << 20,)
#: The types of JSON's columns are told by so many rows.
_SAMPLE = 1000

#: What a reader gives: the schema, and tables of it, at least one.
Tables: TypeAlias = tuple[Any, Iterator[Any]]


@dataclass(frozen=True)
class Wanted:
    """The columns to read: the documents' (None: the only one there is), and those to carry along."""

    column: str | None
    kept: Sequence[str] = ()
    encoding: str | None = None
    delimiter: str | None = None

    def check(self, inputs: Sequence[Input]) -> None:
        """Refuse options that an input's format has no use for."""
        for source in inputs:
            if self.encoding is not None and source.format in ("parquet", "arrow"):
                raise click.UsageError(f"--encoding is for CSV, TSV, JSON Lines and text, not for {source.name}")
            if self.delimiter is not None and source.format not in ("csv", "tsv"):
                raise click.UsageError(f"--delimiter is for CSV, not for {source.name}")

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
    """All documents of all inputs, in order; of each input at least one portion, which may be empty."""
    for source in inputs:
        with naming(source.name), Stream(source, wanted.encoding) as stream:
            first = 0
            for documents, kept in (_of_text if source.format == "text" else _of_columns)(source, stream, wanted):
                yield Portion(source, first, documents, kept, stream.position)
                first += len(documents)


def _of_text(source: Input, stream: Stream, wanted: Wanted) -> Iterator[tuple[Documents, Any]]:
    """Lines are documents as they lie in a block; they are taken apart only to be carried along."""
    wanted.among([_TEXT])
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


def _gathered(schema: Any, batches: Iterator[Any]) -> Iterator[Any]:
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


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    names = ("null", "string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    return str(kind) in names or pa.types.is_fixed_size_binary(kind)


def _plain(some: Any) -> Any:
    """The columns' names and values: no dictionaries, which may differ from batch to batch, and no metadata."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in some.itercolumns()
    ]
    return table(columns, some.column_names)


def _read_parquet(source: Input, stream: Stream, wanted: Wanted) -> Tables:
    # With a buffer, a column is read page by page, not a row group at a time; what is read ahead would be kept.
    file = pa.parquet.ParquetFile(stream.random(), buffer_size=1 << 20, pre_buffer=False)
    schema, names = _selected(file.schema_arrow, wanted)

    def batches() -> Iterator[Any]:
        done = 0
        for batch in file.iter_batches(_ROWS, columns=names):
            done += batch.num_rows
            stream.position = (source.size or 0) * done // file.metadata.num_rows
            yield batch.select(names)

    return schema, _gathered(schema, batches())


def _read_arrow(source: Input, stream: Stream, wanted: Wanted) -> Tables:
    content = stream.sequential()
    magic = content.read(6)
    content = pa.PythonFile(Rest(magic, content), mode="r")
    if magic != b"ARROW1":
        reader = pa.ipc.open_stream(content)
        schema, names = _selected(reader.schema, wanted)
        return schema, _gathered(schema, (batch.select(names) for batch in reader))
    whole = stream.random(content, mapped=True)
    file = pa.ipc.open_file(whole)
    schema, names = _selected(file.schema, wanted)
    places = [file.schema.get_field_index(name) for name in names]

    def batches() -> Iterator[Any]:
        # The stream that a file holds behind its magic number: of that, batches are not copied out of a mapped file.
        whole.seek(8)
        reader = pa.ipc.open_stream(whole, options=pa.ipc.IpcReadOptions(included_fields=places))
        done = 0
        for batch in reader:
            done += 1
            stream.position = (source.size or 0) * done // file.num_record_batches
            yield batch.select(names)
        if done != file.num_record_batches:
            raise ValueError(f"holds {done} record batches; expected {file.num_record_batches}, as its footer says")

    return schema, _gathered(schema, batches())


def _selected(schema: Any, wanted: Wanted) -> tuple[Any, list[str]]:
    names = wanted.among(schema.names)
    return pa.schema([schema.field(name) for name in names]), names


def _read_csv(source: Input, stream: Stream, wanted: Wanted) -> Tables:
    """All columns are text as it stands. A field of nothing is missing; one of two quotes is an empty text."""
    delimiter = wanted.delimiter or ("\t" if source.format == "tsv" else ",")
    content = stream.sequential()
    head = content.read(BLOCK).removeprefix(BYTE_ORDER_MARK)
    if b"\n" not in head:
        head += content.read(BLOCK) or b"\n"  # Arrow wants a line's end after the names
    text = io.StringIO(head[:_HEADER].decode(errors="replace"), newline="")
    header = next(filter(None, csv.reader(text, delimiter=delimiter)), None)
    if header is None:
        raise ValueError("is empty; expected a row of column names")
    names = wanted.among(header)
    schema = pa.schema([(name, pa.string()) for name in names])

    def opened(content: Any, block: int, skipped: int) -> Any:
        return pa.csv.open_csv(
            content,
            # With several threads errors would not name the row, and reading is no faster.
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=block, skip_rows_after_names=skipped),
            parse_options=pa.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                include_columns=names,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )

    def batches() -> Iterator[Any]:
        rest, done = pa.PythonFile(Rest(head, content), mode="r"), 0
        blocks = _CSV_BLOCKS if stream.is_repeatable else _CSV_BLOCKS_OF_A_PIPE
        for block in blocks:
            try:
                for batch in opened(rest, block, done):
                    done += batch.num_rows
                    yield batch
            except pa.ArrowInvalid as error:
                if "straddling" not in str(error):
                    raise
                if block == blocks[-1]:
                    what = f"a row of more than {block >> 20} MB, or a quote that nothing closes"
                    raise ValueError(what) from error
                rest = stream.again()
            else:
                return

    return schema, _gathered(schema, batches())


def _read_json_lines(source: Input, stream: Stream, wanted: Wanted) -> Tables:
    """Columns that are not wanted may hold anything; the first rows tell the types of those carried along."""
    blocks = lines(stream.sequential(soon=True))
    beginning, sample = _beginning(blocks, wanted)
    names = wanted.among(list(dict.fromkeys(name for row in sample for name in row)) or [wanted.column or _TEXT])
    schema = pa.schema([(names[0], pa.string()), *((name, _kind(name, sample)) for name in names[1:])])

    def tables() -> Iterator[Any]:
        row = 0
        for block in chain(beginning or [b""], blocks):
            yield (rows := _parsed(block, row, schema))
            row += rows.num_rows

    return schema, tables()


def _kind(name: str, sample: Sequence[dict[str, Any]]) -> Any:
    """The type that Arrow finds for a column; but a text that looks like a time stays as it stands."""
    values = "\n".join(json.dumps({"value": row.get(name)}) for row in sample).encode()
    kind = pa.json.read_json(pa.BufferReader(values)).schema.field("value").type
    return pa.string() if pa.types.is_null(kind) or pa.types.is_timestamp(kind) else kind


def _beginning(blocks: Iterator[bytes], wanted: Wanted) -> tuple[list[bytes], list[dict[str, Any]]]:
    """The first blocks, and their first objects: a thousand, and further ones until each wanted column was there."""
    some: list[bytes] = []
    sample: list[dict[str, Any]] = []
    missing = {wanted.column, *wanted.kept} - {None}
    tells_something = wanted.kept or wanted.column is None
    for block in blocks:
        some.append(block)
        for line in filter(bytes.strip, block.split(b"\n")):
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ValueError(f"row {len(sample) + 1} is no JSON: {error}") from None
            if not isinstance(row, dict):
                raise ValueError(f"row {len(sample) + 1} is {line[:20]!r}; expected JSON Lines, an object on each")
            sample.append(row)
            missing -= row.keys()
            if len(sample) >= _SAMPLE and not missing:
                return some, sample
        if sum(map(len, some)) >= BLOCK or not (missing or tells_something):
            break
    return some, sample


def _parsed(block: bytes, row: int, schema: Any) -> Any:
    """The objects of some lines, of which the first has this row number."""
    if not block.strip():
        return schema.empty_table()
    try:
        rows = pa.json.read_json(
            pa.BufferReader(block),
            # As one block, in which an error's row is a row of ours, and an object may be as long as it likes.
            read_options=pa.json.ReadOptions(use_threads=False, block_size=len(block)),
            parse_options=pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid as error:
        here = re.sub(r"\bin row (\d+)$", lambda match: f"in row {row + int(match[1]) + 1}", str(error))
        raise ValueError(here) from error
    try:
        rows.validate(full=True)
    except pa.ArrowInvalid as error:
        last = row + rows.num_rows
        raise ValueError(f"rows {row + 1} to {last}: {error}; pass --encoding if it is not UTF-8") from error
    return rows.select(schema.names)


_READERS: dict[str, Callable[[Input, Stream, Wanted], Tables]] = {
    "parquet": _read_parquet,
    "arrow": _read_arrow,
    "csv": _read_csv,
    "tsv": _read_csv,
    "jsonl": _read_json_lines,
}
