"""The bytes of an input: decompressed, in UTF-8, by whole lines, or on disk where a format asks for places in it."""

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

from countgrid._command.ending import Failure
from countgrid._command.inputs import Input

#: So many bytes are read at a time; lines of a text may be longer.
BLOCK = 8 << 20
#: More is waited for so many seconds; then what a pipe gave is taken, since somebody may be watching.
_PATIENCE = 0.1
_STANDARD_INPUT = 0
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Stream:
    """An input's bytes, opened. ``position`` is how many of the file's bytes have been read."""

    def __init__(self, source: Input, encoding: str | None) -> None:
        self._source, self._encoding = source, encoding
        self._closing = ExitStack()
        file = io.FileIO(_STANDARD_INPUT, closefd=False) if source.path is None else io.FileIO(source.path)
        self._raw = self._closing.enter_context(io.BufferedReader(file))
        self.position = 0
        self._soon = False

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *exception: object) -> None:
        self._closing.close()

    # What Arrow asks of a Python file that it reads through, and that it closes by its own lights.
    closed = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def read(self, size: int = -1) -> bytes:
        data = self._arrived(size) if self._soon else self._raw.read(size)
        self.position += len(data)
        return data

    def _arrived(self, size: int) -> bytes:
        """What a pipe gives within a short time; nothing at its end alone."""
        some = [self._raw.read1(size)]
        missing, end = size - len(some[0]), time.monotonic() + _PATIENCE
        while some[-1] and missing > 0 and select.select([self._raw], [], [], max(end - time.monotonic(), 0))[0]:
            some.append(self._raw.read1(missing))
            missing -= len(some[-1])
        return b"".join(some)

    @property
    def is_repeatable(self) -> bool:
        """Whether the content can be read `again`: that of a file, not that of a pipe."""
        return self._raw.seekable()

    @property
    def _is_pipe(self) -> bool:
        # Windows has no way to ask whether a pipe has something to read.
        return os.name == "posix" and not stat.S_ISREG(os.fstat(self._raw.fileno()).st_mode)

    def again(self) -> Any:
        """The content from its beginning, as `sequential` gives it."""
        self._raw.seek(0)
        self.position = 0
        return self.sequential()

    def sequential(self, *, soon: bool = False) -> Any:
        """An Arrow input stream of the content; ``soon`` gives of a slow pipe what has come, however little."""
        self._soon = soon and self._is_pipe
        stream = pa.PythonFile(self, mode="r")
        if self._source.compression:
            stream = pa.CompressedInputStream(stream, self._source.compression)
        if self._encoding:
            stream = pa.transcoding_input_stream(stream, self._encoding, "utf-8")
        return stream

    def random(self, content: Any = None, *, mapped: bool = False) -> Any:
        """An Arrow file of the content in which one can go to any place: a copy on disk where there is none.

        ``content`` is what `sequential` gave, if that has been asked for. ``mapped`` maps the file into memory, so
        that what is read of it is not copied.
        """
        if not self._source.compression and self._raw.seekable():
            if self._source.path is None:
                return pa.PythonFile(self._raw, mode="r")
            return (pa.memory_map if mapped and self._source.size else pa.OSFile)(self._source.path)
        with ExitStack() as closing:
            copy = closing.enter_context(tempfile.TemporaryFile())
            try:
                shutil.copyfileobj(self.sequential() if content is None else content, copy, BLOCK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                raise Failure(f"no room in {tempfile.gettempdir()} for a copy of {self._source.name}") from error
            copy.seek(0)
            self._closing.push(closing.pop_all())
        return pa.PythonFile(copy, mode="r")


class Rest:
    """A stream of which the beginning has been read already, and perhaps something behind its end."""

    closed = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def __init__(self, beginning: bytes, stream: Any, end: bytes = b"") -> None:
        self._beginning, self._stream, self._end = beginning, stream, end

    def read(self, size: int = -1) -> bytes:
        end = len(self._beginning) if size < 0 else size
        some, self._beginning = self._beginning[:end], self._beginning[end:]
        if len(some) < end or size < 0:
            some += self._stream.read(None if size < 0 else size - len(some))
        if not some or size < 0:
            some, self._end = some + self._end, b""
        return some


def lines(stream: Any) -> Iterator[bytes]:
    """The content by whole lines, about `BLOCK` bytes at a time, without a byte-order mark."""
    parts: list[bytes] = []
    first = True
    while data := stream.read(BLOCK):
        if first:
            data, first = data.removeprefix(BYTE_ORDER_MARK), False
        end = data.rfind(b"\n") + 1
        if end:
            yield b"".join([*parts, data[:end]])
            parts = []
        parts.append(data[end:])
    if last := b"".join(parts):
        yield last
