"""Finds files by Arrow file systems: of object stores and other hosts."""

from __future__ import annotations

import errno
import glob
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from countgrid._reading.errors import readable

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True)
class Place:
    """A path in a file system, which is None for local files."""

    filesystem: Any
    path: str
    #: The beginning of the URI.
    scheme: str = ""


def located(path: str, filesystem: Any = None) -> Place:
    """Where a path or URI leads. The file system of a URI is made from it; other paths are in ``filesystem``."""
    if not (scheme := _SCHEME.match(path)):
        return Place(_checked(filesystem), path)
    import pyarrow.fs

    # Only the path of a URI can have wildcards. They are not part of any URI's syntax.
    whole, mark, query = path.partition("?")
    base, pattern = _split(whole)
    try:
        found, inner = pyarrow.fs.FileSystem.from_uri((base or scheme[0]) + mark + query)
    except (ValueError, OSError, NotImplementedError) as error:
        raise ValueError(f"{readable(path)}: cannot be used as a URI: {error}") from error
    inner = posixpath.join(inner, pattern) if pattern else inner
    if isinstance(found, pyarrow.fs.LocalFileSystem):
        return Place(None, inner)
    return Place(found, inner, scheme[0])


def _checked(filesystem: Any) -> Any:
    if filesystem is None:
        return None
    import pyarrow.fs

    if not isinstance(filesystem, pyarrow.fs.FileSystem):
        advice = "wrap other file systems: PyFileSystem(FSSpecHandler(...))"
        raise TypeError(f"filesystem is {type(filesystem).__name__}; expected a pyarrow.fs.FileSystem; {advice}")
    return None if isinstance(filesystem, pyarrow.fs.LocalFileSystem) else filesystem


def _split(path: str) -> tuple[str, str]:
    """The folder in front of the first segment with a wildcard, and the rest; all and nothing without wildcards."""
    segments = path.split("/")
    for at, segment in enumerate(segments):
        if glob.has_magic(segment):
            return "/".join(segments[:at]), "/".join(segments[at:])
    return path, ""


def remote_files(place: Place, chosen: Callable[[str, Sequence[str]], Sequence[str]]) -> list[Any]:
    """The `FileInfo` of the files that a path leads to, sorted by path. ``chosen`` selects those of a directory."""
    from pyarrow.fs import FileSelector, FileType

    name = readable(place.scheme + place.path)
    base, pattern = _split(place.path)
    info = place.filesystem.get_file_info(base)
    if not pattern and info.type == FileType.File:
        return [info]
    if info.type == FileType.NotFound and not pattern:
        raise FileNotFoundError(errno.ENOENT, "no such file", name)
    below = place.filesystem.get_file_info(FileSelector(base, allow_not_found=True, recursive=True))
    files = {one.path: one for one in below if one.type == FileType.File}
    if pattern:
        expected = _regex(posixpath.join(base, pattern), base)
        paths: Sequence[str] = [path for path in files if expected.fullmatch(path)]
        if not paths:
            raise FileNotFoundError(errno.ENOENT, "no file matches", name)
    else:
        paths = chosen(name, sorted(path for path in files if not _is_hidden(path[len(base) :])))
    return [files[path] for path in sorted(paths)]


def _is_hidden(path: str) -> bool:
    return any(segment.startswith(".") for segment in path.split("/"))


def _regex(pattern: str, base: str) -> re.Pattern[str]:
    """A glob as a regular expression. As in Python's `glob`, wildcards match neither slashes nor hidden files."""
    parts = []
    for segment in pattern[len(base) :].strip("/").split("/"):
        if segment == "**":
            parts.append(r"(?:(?!\.)[^/]+/)*")
        else:
            parts += ["" if segment.startswith(".") else r"(?!\.)", _TOKEN.sub(_translated, segment), "/"]
    if parts[-1] == "/":
        parts.pop()
    else:
        parts.append(r"(?!\.)[^/]+")
    return re.compile(re.escape(base.rstrip("/")) + ("/" if base else "") + "".join(parts))


#: A class of characters, a wildcard, or other text.
_TOKEN = re.compile(r"\[(!?)(\]?[^]]*)\]|[*?]|[^*?\[]+|\[")


def _translated(token: re.Match[str]) -> str:
    if token[0] in ("*", "?"):
        return "[^/]*" if token[0] == "*" else "[^/]"
    if token[2]:
        inner = re.sub(r"([\\^\[\]])", r"\\\1", token[2])
        return f"[{'^/' if token[1] else ''}{inner}]"
    return re.escape(token[0])
