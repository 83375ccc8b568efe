"""Finds the files to read, in directories and by globs, and their formats by suffix."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from countgrid._errors import option
from countgrid._kinds import COMPRESSIONS, not_read
from countgrid._reading.errors import UnusableOptionError, readable
from countgrid._reading.remote import Place, located, remote_files

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


#: Receives messages about files that are left out.
Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Input:
    """A file, or standard input if the path is None."""

    path: str | None
    #: None: detect it from the content.
    format: str | None
    size: int | None
    #: When a regular file was modified, in nanoseconds.
    modified: int | None = None
    #: The Arrow file system; None for local files.
    filesystem: Any = None
    #: The beginning of the file's URI, such as "s3://".
    scheme: str = ""
    #: The row groups of a Parquet file to read, all for None, and the number of rows before them.
    row_groups: range | None = None
    first: int = 0

    @property
    def name(self) -> str:
        """The name in messages."""
        return "standard input" if self.path is None else readable(self.scheme + self.path)


def inputs_of(arguments: Sequence[str], chosen: str | None, say: Say, filesystem: Any = None) -> list[Input]:
    """The files that the arguments name, in order: paths or URIs. Files of a directory or glob are sorted."""
    found: list[Input] = []
    for argument in arguments:
        if argument == "-" and filesystem is None:
            if any(one.path is None for one in found):
                raise UnusableOptionError("standard input is given twice; it can be read only once")
            found.append(Input(None, chosen, None))
            continue
        place = located(argument, filesystem)
        if place.filesystem is None:
            found += [_local(path, chosen) for path in _paths(place.path, chosen, say)]
        else:
            infos = remote_files(place, lambda name, paths: _of_known_format(name, paths, chosen, say))
            found += [_remote(info, place, chosen) for info in infos]
    return found


def _paths(argument: str, chosen: str | None, say: Say) -> list[str]:
    name = readable(argument)
    if os.path.isdir(argument):
        return _of_known_format(name, _readable(name, _files(argument), say), chosen, say)
    if os.path.exists(argument):
        return [argument]
    if not glob.has_magic(argument):
        raise FileNotFoundError(errno.ENOENT, "no such file", argument)
    found = sorted(path for path in glob.glob(argument, recursive=True) if not os.path.isdir(path))
    paths = _readable(name, found, say)
    if not paths:
        raise FileNotFoundError(errno.ENOENT, "no file matches", argument)
    return paths


def _of_known_format(name: str, files: Sequence[str], chosen: str | None, say: Say) -> list[str]:
    """The files of a directory that can be read."""
    paths = [path for path in files if chosen or _format(path)]
    if not paths:
        advice = f"pass {option('input_format')} or other files"
        raise ValueError(f"{name}: no file in this directory has a known suffix; {advice}")
    # `_SUCCESS` and the like are markers of the programs that wrote the directory.
    skipped = [path for path in set(files).difference(paths) if not os.path.basename(path).startswith("_")]
    if skipped:
        advice = f"; pass {option('input_format')} to read them too"
        _say_skipped(say, name, "files with an unknown suffix", skipped, advice)
    return paths


def _files(directory: str) -> list[str]:
    """All files in a directory and its subdirectories except hidden ones, sorted by path."""
    found = []
    for folder, below, names in os.walk(directory, onerror=_failed):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    return sorted(found)


def _readable(name: str, paths: Sequence[str], say: Say) -> list[str]:
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
            _say_skipped(say, name, what, skipped)
    left_out = {*broken, *special}
    return [path for path in paths if path not in left_out]


def _say_skipped(say: Say, name: str, what: str, skipped: Sequence[str], advice: str = "") -> None:
    say(f"{name}: skipped {what}: {len(skipped):,}, such as {readable(min(skipped))}{advice}")


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


def _local(path: str, chosen: str | None) -> Input:
    known = chosen or _format(path)
    is_file = os.path.isfile(path)
    if known is None and is_file and (problem := not_read(path)):
        raise ValueError(f"{readable(path)}: {problem}")
    if known is None and is_file:
        advice = f"pass {option('input_format')} {'|'.join(FORMATS)}"
        raise UnusableOptionError(f"{readable(path)}: unknown suffix; {advice}")
    if not is_file:  # A pipe, such as a shell's <(...), has no known size, like standard input.
        return Input(path, known, None)
    found = os.stat(path)
    return Input(path, known, found.st_size, found.st_mtime_ns)


def _remote(info: Any, place: Place, chosen: str | None) -> Input:
    known = chosen or _format(info.path)
    name = readable(place.scheme + info.path)
    if known is None and (problem := not_read(info.path)):
        raise ValueError(f"{name}: {problem}")
    if known is None:
        advice = f"pass {option('input_format')} {'|'.join(FORMATS)}"
        raise UnusableOptionError(f"{name}: unknown suffix; {advice}")
    return Input(info.path, known, info.size, info.mtime_ns, place.filesystem, place.scheme)
