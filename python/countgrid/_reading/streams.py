"""Opens an input's bytes: decompressed, as UTF-8 text, by whole lines, or as a seekable file."""

from __future__ import annotations

import errno
import io
import os
import select
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pyarrow as pa

from countgrid._opening import Readable, decompressed, in_utf8
from countgrid._reading.inputs import Input

#: Bytes to read at a time. Lines can be longer.
BLOCK = 8 << 20
#: Seconds to wait for more bytes from a pipe. Then the bytes so far are used, so that a live stream shows results.
_PATIENCE = 0.1
_STANDARD_INPUT = 0


class Stream:
    """An open input. ``position`` is the number of the file's bytes that have been read."""

    def __init__(self, source: Input, encoding: str | None) -> None:
        self._path, self._encoding = source.path, encoding
        self._closing = ExitStack()
        self._raw: Any
        self._filesystem = source.filesystem
        self._is_pipe = False
        if source.filesystem is None:
            file = io.FileIO(_STANDARD_INPUT, closefd=False) if source.path is None else io.FileIO(source.path)
            self._raw = self._closing.enter_context(io.BufferedReader(file))
            # Windows cannot tell whether a pipe has something to read.
            self._is_pipe = os.name == "posix" and not stat.S_ISREG(os.fstat(file.fileno()).st_mode)
        else:
            # Only the beginning of Parquet and Arrow files is read by this stream, unless they are compressed.
            buffer = BLOCK >> 3 if source.format in ("parquet", "arrow") else BLOCK
            opened = source.filesystem.open_input_stream(source.path, compression=None, buffer_size=buffer)
            self._raw = self._closing.enter_context(opened)
        self.position = 0
        try:
            #: The decompressed content, with a `peek` at its beginning.
            self.content = decompressed(self, source.path)
        except BaseException:
            self._closing.close()
            raise

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.close()

    # Arrow needs these attributes of a Python file. It may close the file at any time.
    closed = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def read(self, size: int = -1, /) -> bytes:
        data = self._arrived(size) if self._is_pipe and size > 0 else self._raw.read(size)
        self.position += len(data)
        return data

    def _arrived(self, size: int) -> bytes:
        """The bytes that arrive from a pipe within a short time; empty only at its end."""
        some = [self._raw.read1(size)]
        missing, end = size - len(some[0]), time.monotonic() + _PATIENCE
        while some[-1] and missing > 0 and select.select([self._raw], [], [], max(end - time.monotonic(), 0))[0]:
            some.append(self._raw.read1(missing))
            missing -= len(some[-1])
        return b"".join(some)

    def text(self) -> Readable:
        """The content as UTF-8, without a byte-order mark. Reads of a slow pipe return what has arrived."""
        return in_utf8(self.content, self._encoding)

    def whole(self) -> Any:
        """The content as an Arrow stream. Arrow expects as many bytes as it asks for."""
        return pa.PythonFile(_Whole(self.content), mode="r")

    def random(self, *, mapped: bool = False) -> Any:
        """The content as a seekable Arrow file: the file itself if possible, else a copy on disk.

        ``mapped`` maps the file into memory, so that reads do not copy.
        """
        if self.content.compression is None and self._filesystem is not None:
            return self._closing.enter_context(self._filesystem.open_input_file(self._path))
        if self.content.compression is None and self._raw.seekable():
            if self._path is None:
                self._raw.seek(0)
                return pa.PythonFile(self._raw, mode="r")
            return (pa.memory_map if mapped and os.path.getsize(self._path) else pa.OSFile)(self._path)
        with ExitStack() as closing:
            copy = closing.enter_context(tempfile.TemporaryFile())
            try:
                shutil.copyfileobj(self.content, copy, BLOCK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                raise OSError(
                    errno.ENOSPC, f"no space in {tempfile.gettempdir()} for a copy of the content"
                ) from error
            copy.seek(0)
            self._closing.push(closing.pop_all())
        return pa.PythonFile(copy, mode="r")


class _Whole:
    """A stream that returns fewer bytes than requested only at its end."""

    closed = False

    def __init__(self, content: Readable) -> None:
        self._content = content

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return self._content.read()
        some = self._content.read(size)
        while 0 < len(some) < size and (more := self._content.read(size - len(some))):
            some += more
        return some


def lines(stream: Readable, head: bytes = b"", size: int = BLOCK) -> Iterator[bytes]:
    """The content in blocks of whole lines, of about ``size`` bytes. ``head`` has already been read."""
    parts: list[bytes] = []
    data = head or stream.read(size)
    while data:
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join([*parts, data[:end]])
            parts = []
        parts.append(data[end:])
        data = stream.read(size)
    if last := b"".join(parts):
        yield last
