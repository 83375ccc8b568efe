"""Which files are read, and as what: globs, and formats by suffix."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass

import click

from countgrid._command.ending import Failure

FORMATS = ("parquet", "csv", "tsv", "jsonl", "arrow", "text")
_SUFFIXES = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".txt": "text",
    ".text": "text",
    ".log": "text",
}
#: What a last suffix says about compression, in pyarrow's words.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".lz4": "lz4"}


@dataclass(frozen=True)
class Input:
    """A file, or standard input, whose path is None."""

    path: str | None
    format: str
    compression: str | None
    size: int | None

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return "standard input" if self.path is None else click.format_filename(self.path)


def inputs_of(arguments: Sequence[str], chosen: str | None) -> list[Input]:
    """The files that the arguments name, in order; those of a glob sorted."""
    found: list[Input] = []
    for argument in arguments:
        if argument == "-":
            if chosen is None:
                raise click.UsageError("standard input has no suffix to tell its format; pass --format")
            if any(one.path is None for one in found):
                raise click.UsageError("standard input is given twice; it can be read once")
            found.append(Input(None, chosen, None, None))
        else:
            found += [_file(path, chosen) for path in _paths(argument)]
    return found


def _paths(argument: str) -> list[str]:
    name = click.format_filename(argument)
    if os.path.isdir(argument):
        raise Failure(f"{name}: is a directory; pass its files, such as '{os.path.join(name, '**', '*.parquet')}'")
    if os.path.exists(argument):
        return [argument]
    if not glob.has_magic(argument):
        raise Failure(f"{name}: no such file")
    paths = sorted(path for path in glob.glob(argument, recursive=True) if not os.path.isdir(path))
    if not paths:
        raise Failure(f"{name}: no file matches")
    return paths


def _file(path: str, chosen: str | None) -> Input:
    stem, last = os.path.splitext(path)
    compression = COMPRESSIONS.get(last.lower())
    suffix = (os.path.splitext(stem)[1] if compression else last).lower()
    known = chosen or _SUFFIXES.get(suffix)
    if known is None:
        raise click.UsageError(
            f"{click.format_filename(path)}: its suffix tells no format; pass --format {'|'.join(FORMATS)}"
        )
    # The size of a pipe, such as a shell's <(...), is nothing that one could wait for.
    size = os.path.getsize(path) if os.path.isfile(path) else None
    return Input(path, known, compression, size)
