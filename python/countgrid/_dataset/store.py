"""The directory of results: local, or in an object store.

A local file is written to a temporary name and renamed when it is complete and on disk. An object appears when its
upload is complete.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from countgrid._reading.errors import naming, readable
from countgrid._reading.remote import Place

#: Requests at once to an object store.
_REQUESTS = 16
_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part")


class Store(Protocol):
    """A directory. Folders in it are "" or names."""

    #: The directory in messages.
    name: str

    def names(self, folder: str = "") -> set[str]:
        """The names of the files in a folder."""

    def read(self, path: str) -> bytes: ...

    def delete(self, path: str) -> None:
        """Delete a file, if it is there."""

    def writing(self, path: str) -> Any:
        """A context with a file to write. After an exception, it does not appear in the directory."""

    def remove_leftovers(self, folder: str, names: set[str]) -> None:
        """Delete the temporary files that interrupted runs left of these names."""


def store_of(place: Place) -> Store:
    return Local(place.path) if place.filesystem is None else Remote(place)


class Local:
    def __init__(self, path: str) -> None:
        self._path = path
        self.name = readable(path)

    def names(self, folder: str = "") -> set[str]:
        try:
            with os.scandir(os.path.join(self._path, folder)) as entries:
                return {entry.name for entry in entries if entry.is_file()}
        except FileNotFoundError:
            return set()

    def read(self, path: str) -> bytes:
        with open(os.path.join(self._path, path), "rb") as file:
            return file.read()

    def delete(self, path: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(self._path, path))

    @contextmanager
    def writing(self, path: str) -> Iterator[Any]:
        folder, name = os.path.split(os.path.join(self._path, path))
        os.makedirs(folder, exist_ok=True)
        temporary = os.path.join(folder, f".{name}.{secrets.token_hex(4)}.part")
        try:
            with open(temporary, "xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, os.path.join(folder, name))
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise

    def remove_leftovers(self, folder: str, names: set[str]) -> None:
        for name in self.names(folder):
            if (match := _TEMPORARY.fullmatch(name)) and match[1] in names:
                self.delete(os.path.join(folder, name))


class Remote:
    def __init__(self, place: Place) -> None:
        self._filesystem, self._path = place.filesystem, place.path.rstrip("/")
        self.name = readable(place.scheme + self._path)

    def _at(self, path: str) -> str:
        return posixpath.join(self._path, path) if path else self._path

    def names(self, folder: str = "") -> set[str]:
        from pyarrow.fs import FileSelector, FileType

        found = self._filesystem.get_file_info(FileSelector(self._at(folder), allow_not_found=True))
        return {info.base_name for info in found if info.type == FileType.File}

    def read(self, path: str) -> bytes:
        with self._filesystem.open_input_file(self._at(path)) as file:
            data: bytes = file.read()
            return data

    def delete(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._filesystem.delete_file(self._at(path))

    @contextmanager
    def writing(self, path: str) -> Iterator[Any]:
        place = self._at(path)
        try:
            file = self._filesystem.open_output_stream(place)
        except FileNotFoundError:  # file systems with folders, unlike object stores
            self._filesystem.create_dir(posixpath.dirname(place), recursive=True)
            file = self._filesystem.open_output_stream(place)
        try:
            with file:
                yield file
        except BaseException:
            with suppress(OSError):
                self.delete(path)
            raise

    def remove_leftovers(self, folder: str, names: set[str]) -> None:
        """Nothing to do: an upload that was interrupted is not there."""


def read_json(store: Store, path: str) -> Any:
    """The content of a JSON file."""
    with naming(f"{store.name}/{path}"):
        return json.loads(store.read(path))


def read_all_json(store: Store, paths: Iterable[str]) -> list[Any]:
    with ThreadPoolExecutor(_REQUESTS) as threads:
        return list(threads.map(lambda path: read_json(store, path), paths))


def write_json(store: Store, path: str, content: Any) -> None:
    with store.writing(path) as file:
        file.write(json.dumps(content, indent=1, sort_keys=True).encode() + b"\n")
