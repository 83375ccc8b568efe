"""Writes tables, batch by batch, in one of the output formats."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

import click
import numpy as np
import pyarrow as pa
import pyarrow.ipc

from countgrid._command.csv_lines import csv_lines, header
from countgrid._command.npz import SparseFile
from countgrid._command.replacing import replaced, written
from countgrid._command.standard import is_terminal
from countgrid._dataset.parquet_sink import ParquetSink

#: Formats of tables.
TABLES = ("parquet", "csv", "tsv", "arrow", "arrows")
FORMATS = (*TABLES, "npz")
_SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".feather": "arrow", ".ipc": "arrow", ".tab": "tsv"}
_SUFFIXES |= {f".{name}": name for name in FORMATS}
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_DELIMITERS = {"csv": ",", "tsv": "\t"}
#: Fields of CSV to format at a time. Their text takes several times the memory of the counts.
_FIELDS = 4 << 20


class Sink(Protocol):
    """Writes the parts of a result: tables, or sparse matrices for `.npz`."""

    def write(self, part: Any) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...


@dataclass(frozen=True)
class Target:
    """Where to write a result, and in which format. The path None is standard output."""

    path: str | None
    format: str
    compression: str | None = None

    @property
    def name(self) -> str:
        return "standard output" if self.path is None else click.format_filename(self.path)

    @contextmanager
    def sink(self, columns: Sequence[str], dtype: np.dtype[Any]) -> Iterator[Sink]:
        """A sink for one result. Only `.npz` needs the columns and their type; tables have their own."""
        with written(self.path) as file, ExitStack() as closing:
            if self.compression:
                file = closing.enter_context(_compressed(file, self.compression))
            sink = self._sink(file, columns, dtype)
            try:
                yield sink
                sink.close()
            except BaseException:
                # The file itself may have failed. Then closing it fails too.
                with suppress(Exception):
                    sink.abandon()
                raise

    def _sink(self, file: BinaryIO, columns: Sequence[str], dtype: np.dtype[Any]) -> Sink:
        if self.format == "npz":
            place = None if self.path is None else replaced(self.path)
            return SparseFile(file, columns, dtype, place and os.path.dirname(place))
        if self.format in _DELIMITERS:
            return _CsvSink(file, _DELIMITERS[self.format])
        return ParquetSink(file) if self.format == "parquet" else _ArrowSink(file, self.format)


def is_directory(output: str) -> bool:
    """Whether an output is a directory: its name ends with a slash, or it is there and has no file's suffix."""
    if output.endswith(("/", os.sep)):
        return True
    return os.path.isdir(output) and os.path.splitext(output)[1].lower() not in _SUFFIXES


def target_of(
    output: str | None, chosen: str | None, *, table: str | None = None, or_directory: bool = False
) -> Target:
    """The target that ``-o`` and ``--output-format`` choose.

    ``table`` names a result that only formats of tables can contain. With ``or_directory``, the command also takes a
    directory.
    """
    if output in (None, "-", "/dev/stdout"):
        target = Target(None, chosen or "csv")
        if target.format not in _DELIMITERS and is_terminal(sys.stdout):
            raise click.UsageError(f"{target.format} is not for a terminal; pass -o FILE or a pipe")
        return target
    stem, last = os.path.splitext(output)
    compression = _COMPRESSIONS.get(last.lower())
    suffix = os.path.splitext(stem)[1] if compression else last
    known = chosen or _SUFFIXES.get(suffix.lower())
    name = click.format_filename(output)
    slash = f", or -o {name}/ for a directory" if or_directory else ""
    if known is None:
        what = f"unknown suffix {suffix!r}" if suffix else "no suffix"
        formats = "|".join(TABLES if table else FORMATS)
        raise click.UsageError(f"{name}: {what}; pass --output-format {formats}{slash}")
    if table and known not in TABLES:
        raise click.UsageError(f"{table} are a table, which {known} cannot contain; pass another format")
    if os.path.isdir(output):
        raise click.UsageError(f"{name} is a directory; pass -o FILE{slash}")
    if compression and known not in _DELIMITERS:
        raise click.UsageError(f"{name}: only csv and tsv can be compressed; remove {last}")
    return Target(output, known, compression)


@contextmanager
def _compressed(file: BinaryIO, compression: str) -> Iterator[Any]:
    """A stream that compresses into the file. The file stays open."""
    with pa.CompressedOutputStream(pa.PythonFile(_Open(file), mode="w"), compression) as stream:
        yield stream


class _Open:
    """A file that ignores `close`."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        pass


class _CsvSink:
    def __init__(self, file: BinaryIO, delimiter: str) -> None:
        self._file, self._delimiter = file, delimiter
        self._begun = False

    def write(self, table: Any) -> None:
        first = b"" if self._begun else header(table.schema, self._delimiter)
        rows = max(_FIELDS // max(table.num_columns, 1), 1)
        for start in range(0, max(table.num_rows, 1), rows):
            lines = csv_lines(table.slice(start, rows), self._delimiter)
            self._file.write(first)  # not before the lines are formatted, which can fail
            self._file.write(lines)
            first, self._begun = b"", True
        self._file.flush()  # so that a live stream shows results

    def close(self) -> None:
        pass

    abandon = close


class _ArrowSink:
    def __init__(self, file: BinaryIO, form: str) -> None:
        self._file, self._open = file, pa.ipc.new_file if form == "arrow" else pa.ipc.new_stream
        self._writer: Any = None

    def write(self, table: Any) -> None:
        if self._writer is None:
            self._writer = self._open(self._file, table.schema)
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    abandon = close
