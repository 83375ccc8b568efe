"""Reads the wanted columns of Parquet files, and of Arrow IPC files and streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from countgrid._reading.columns import Tables, Wanted, columns_of, gathered, selected
from countgrid._reading.detecting import check_binary
from countgrid._reading.faults import Faults
from countgrid._reading.inputs import Input
from countgrid._reading.streams import BLOCK, Stream

#: Rows of a Parquet batch. Few, since a dictionary can store long documents once that many rows repeat.
_ROWS = 8192
#: Bytes of a column to read at a time. From object stores, each read is a request, and `BLOCK` is better.
_BUFFER = 1 << 20


def read_parquet(source: Input, stream: Stream, wanted: Wanted, faults: Faults) -> Tables:
    check_binary(stream.content.peek(), "parquet")
    # With a buffer, columns are read page by page instead of by row group. Pre-buffered data would stay in memory.
    buffer = _BUFFER if source.filesystem is None else BLOCK
    file = pa.parquet.ParquetFile(stream.random(), buffer_size=buffer, pre_buffer=False)
    schema, names = selected(file.schema_arrow, wanted)
    _check_text(file.schema, names[0])

    def batches() -> Iterator[Any]:
        done = 0
        groups = range(file.num_row_groups) if source.row_groups is None else source.row_groups
        rows = sum(file.metadata.row_group(group).num_rows for group in groups)
        for batch in file.iter_batches(_ROWS, row_groups=groups, columns=names):
            done += batch.num_rows
            stream.position = (source.size or 0) * done // rows
            yield columns_of(batch, schema)

    return schema, gathered(schema, batches())


def read_arrow(source: Input, stream: Stream, wanted: Wanted, faults: Faults) -> Tables:
    head = stream.content.peek()
    check_binary(head, "arrow")
    if not head.startswith(b"ARROW1"):
        reader = pa.ipc.open_stream(stream.whole())
        schema, _ = selected(reader.schema, wanted)
        return schema, gathered(schema, (columns_of(batch, schema) for batch in reader))
    whole = stream.random(mapped=True)
    file = pa.ipc.open_file(whole)
    schema, names = selected(file.schema, wanted)
    roots = [name if name in file.schema.names else name.partition(".")[0] for name in names]
    places = sorted({file.schema.get_field_index(root) for root in roots})

    def batches() -> Iterator[Any]:
        # A file contains a stream after its magic number. Read as a stream, a mapped file is not copied.
        whole.seek(8)
        reader = pa.ipc.open_stream(whole, options=pa.ipc.IpcReadOptions(included_fields=places))
        done = 0
        for batch in reader:
            done += 1
            stream.position = (source.size or 0) * done // file.num_record_batches
            yield columns_of(batch, schema)
        if done != file.num_record_batches:
            raise ValueError(f"has {done} record batches; expected {file.num_record_batches}, as its footer says")

    return schema, gathered(schema, batches())


#: Logical types of byte columns that are text or plain bytes.
_TEXT = ("NONE", "STRING", "JSON", "ENUM")


def _check_text(schema: Any, name: str) -> None:
    """Raise if bytes have another meaning in Parquet, such as an interval. Arrow may read them as plain bytes."""
    for column in map(schema.column, range(len(schema))):
        is_bytes = column.physical_type in ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
        if column.path == name and is_bytes and column.logical_type.type not in _TEXT:
            raise ValueError(f"column {name!r} is {column.logical_type} in Parquet; expected text")
