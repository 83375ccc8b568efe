"""Finds the files to read, in directories and by globs, and their formats by suffix."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass

import click

from countgrid._command.ending import Failure
from countgrid._kinds import COMPRESSIONS, not_read

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


@dataclass(frozen=True)
class Input:
    """A file, or standard input if the path is None."""

    path: str | None
    #: None: detect it from the content.
    format: str | None
    size: int | None

    @property
    def name(self) -> str:
        """The name in messages."""
        return "standard input" if self.path is None else click.format_filename(self.path)


def inputs_of(arguments: Sequence[str], chosen: str | None) -> list[Input]:
    """The files that the arguments name, in order. Files of a directory or glob are sorted."""
    found: list[Input] = []
    for argument in arguments:
        if argument == "-":
            if any(one.path is None for one in found):
                raise click.UsageError("standard input is given twice; it can be read only once")
            found.append(Input(None, chosen, None))
        else:
            found += [_file(path, chosen) for path in _paths(argument, chosen)]
    return found


def _paths(argument: str, chosen: str | None) -> list[str]:
    name = click.format_filename(argument)
    if os.path.isdir(argument):
        files = _readable(name, _files(argument))
        paths = [path for path in files if chosen or _format(path)]
        if not paths:
            raise Failure(f"{name}: no file in this directory has a known suffix; pass --format or other files")
        # `_SUCCESS` and the like are markers of the programs that wrote the directory.
        skipped = [path for path in set(files).difference(paths) if not os.path.basename(path).startswith("_")]
        if skipped:
            _say_skipped(name, "files with an unknown suffix", skipped, "; pass --format to read them too")
        return paths
    if os.path.exists(argument):
        return [argument]
    if not glob.has_magic(argument):
        raise Failure(f"{name}: no such file")
    found = sorted(path for path in glob.glob(argument, recursive=True) if not os.path.isdir(path))
    paths = _readable(name, found)
    if not paths:
        raise Failure(f"{name}: no file matches")
    return paths


def _files(directory: str) -> list[str]:
    """All files in a directory and its subdirectories except hidden ones, sorted by path."""
    found = []
    for folder, below, names in os.walk(directory, onerror=_failed):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    return sorted(found)


def _readable(name: str, paths: Sequence[str]) -> list[str]:
    """The regular files in a directory or glob. Pipes are skipped: reading one could block forever."""
    broken, special = [], []
    for path in paths:
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                special.append(path)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ELOOP):
                raise
            broken.append(path)
    for what, skipped in (("broken links", broken), ("pipes, sockets and devices", special)):
        if skipped:
            _say_skipped(name, what, skipped)
    left_out = {*broken, *special}
    return [path for path in paths if path not in left_out]


def _say_skipped(name: str, what: str, skipped: Sequence[str], advice: str = "") -> None:
    such = f"{len(skipped):,}, such as {click.format_filename(min(skipped))}"
    click.echo(f"countgrid: {name}: skipped {what}: {such}{advice}", err=True)


def _failed(error: OSError) -> None:
    raise error


def _format(path: str) -> str | None:
    stem, last = os.path.splitext(path)
    if last.lower() in COMPRESSIONS:
        stem, last = os.path.splitext(stem)
    # `access.log.1` is a rotated `access.log`.
    if last[1:].isdecimal():
        last = os.path.splitext(stem)[1]
    return _SUFFIXES.get(last.lower())


def _file(path: str, chosen: str | None) -> Input:
    known = chosen or _format(path)
    is_file = os.path.isfile(path)
    if known is None and is_file and (problem := not_read(path)):
        raise Failure(f"{click.format_filename(path)}: {problem}")
    if known is None and is_file:
        raise click.UsageError(f"{click.format_filename(path)}: unknown suffix; pass --format {'|'.join(FORMATS)}")
    # A pipe, such as a shell's <(...), has no known size, like standard input.
    return Input(path, known, os.path.getsize(path) if is_file else None)
