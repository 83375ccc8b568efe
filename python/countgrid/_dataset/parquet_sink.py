"""Writes tables to a Parquet file, in large row groups."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet

from countgrid._reading.arrays import bytes_of

#: A Parquet row group is written when it has enough rows and enough bytes, or too many of either. Each row group
#: costs time for every column, and memory until the end of the file. With 5,000 columns, this halves both.
_ROW_GROUP_ROWS, _ROW_GROUP_BYTES = 1 << 20, 256 << 20
_ENOUGH_ROWS, _ENOUGH_BYTES = 1 << 14, 64 << 20


class ParquetSink:
    def __init__(self, file: Any) -> None:
        self._file = file
        self._writer: Any = None
        self._waiting: list[Any] = []
        self._rows = self._size = 0

    def write(self, table: Any) -> None:
        if self._writer is None:
            self._writer = pa.parquet.ParquetWriter(self._file, table.schema)
        self._waiting.append(table)
        self._rows += table.num_rows
        self._size += bytes_of(table)
        enough = self._rows >= _ENOUGH_ROWS and self._size >= _ENOUGH_BYTES
        if enough or self._rows >= _ROW_GROUP_ROWS or self._size >= _ROW_GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._rows, self._size = [], 0, 0

    def close(self) -> None:
        if self._writer is not None:
            self._flush()
            self._writer.close()

    def abandon(self) -> None:
        if self._writer is not None:
            self._writer.close()
