"""Opens text: detects byte-order marks and compression, decodes, and rejects files that are not text.

All readers of text files use this module, so that they see the same characters. The rules, in order:

1. The first bytes show whether a file is compressed. If they do not, a suffix such as ``.gz`` is an error. All
   streams, members or frames of a compressed file are read; other data after them is an error.
2. A byte-order mark determines the encoding and overrides ``encoding``. It is dropped. A second mark is a character,
   as in Python's own decoders.
3. Text without a mark has the caller's encoding, by default UTF-8. UTF-8 is passed on unchanged, even if invalid.

`located` is for whole files and buffers, `decompressed` and `in_utf8` for streams, `read_text` for small files.
"""

from __future__ import annotations

import codecs
import importlib
import io
import os
import re
import stat
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

import numpy as np

from countgrid._errors import about, option, reading
from countgrid._kinds import BEGINNINGS, COMPRESSIONS, SKIPPABLE, advice, compression_of, encoding_of, place
from countgrid._optional import require

#: The ``encoding`` of a buffer that was already opened here. It is part of a text, so nothing is detected.
OPENED = "UTF-8, opened"

#: Bytes from which to detect what a file is.
_SAMPLE = 8192
#: Bytes to decode at a time.
_PART = 1 << 20


class Readable(Protocol):
    """A stream of bytes. It may return fewer than requested, but none only at its end."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Peekable:
    """A stream with a `peek` at its beginning."""

    # Arrow needs these attributes of a Python file.
    closed = False

    def __init__(self, content: Readable, compression: str | None = None) -> None:
        #: The compression of the file.
        self.compression = compression
        #: The number of bytes skipped at the beginning.
        self.skipped = 0
        self._content = content
        self._head: bytes | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def peek(self) -> bytes:
        """The beginning: enough to detect a byte-order mark or a compression."""
        if self._head is None:
            self.look_again()
        return self._head or b""

    def look_again(self) -> None:
        """Make `peek` return the bytes after the part that has been read."""
        head = self._head or self._content.read(_SAMPLE)
        while any(len(head) < len(one) and one.startswith(head) for one in BEGINNINGS):
            more = self._content.read(_SAMPLE)
            if not more:
                break
            head += more
        self._head = head

    def skip(self, size: int) -> None:
        self._head = self.peek()[size:]
        self.skipped += size

    def read(self, size: int = -1, /) -> bytes:
        if not self._head:
            return self._content.read(size)
        if size < 0:
            some, self._head = self._head + self._content.read(), b""
        else:
            some, self._head = self._head[:size], self._head[size:]
        return some


def decompressed(content: Readable, path: str | None = None, name: str = "") -> _Peekable:
    """A file's decompressed content. Errors start with ``name``."""
    peekable = _Peekable(content)
    head = peekable.peek()
    kind = compression_of(head)
    if kind == SKIPPABLE:
        _skip_frames(peekable, name)
        head = peekable.peek()
        kind = compression_of(head)
        if not head:  # only skippable frames: a compressed empty file
            return _Peekable(peekable, SKIPPABLE)
        if kind not in ("zstd", "lz4"):
            raise ValueError(f"{place(name)}is neither zstd nor lz4 after its skippable frame; copy the file again")
    if kind is None:
        suffix = os.path.splitext(path or "")[1].lower()
        if suffix in COMPRESSIONS:
            there = "is empty" if not head else f"is not {COMPRESSIONS[suffix]}"
            raise ValueError(f"{place(name)}has the suffix {suffix}, but {there}; copy it again, or rename it")
        return peekable
    return _Peekable(_Decompressed(peekable, kind, name), kind)


def _skip_frames(content: _Peekable, name: str) -> None:
    """Read past the skippable frames at the beginning."""
    while compression_of(content.peek()) == SKIPPABLE:
        header = b"".join(_parts(content, 8, name))
        for _ in _parts(content, int.from_bytes(header[4:], "little"), name):
            pass
        content.look_again()


def _parts(content: Readable, size: int, name: str) -> Iterator[bytes]:
    while size > 0:
        part = content.read(min(size, _PART))
        if not part:
            raise ValueError(f"{place(name)}the {SKIPPABLE} data ends too early; copy the file again")
        size -= len(part)
        yield part


class _Decompressed:
    """The decompressed content of all frames or members of a stream."""

    def __init__(self, content: _Peekable, kind: str, name: str) -> None:
        self._kind, self._name = kind, name
        self._file = _OPENERS[kind](content, name)

    def read(self, size: int = -1, /) -> bytes:
        try:
            data: bytes = self._file.read() if size < 0 else self._file.read(size)
        except EOFError:
            raise ValueError(
                f"{place(self._name)}the {self._kind} data ends too early; copy the file again"
            ) from None
        except MemoryError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:  # the file could not be read
                raise
            early = "Truncated" in str(error)  # Arrow's word
            what = "ends too early" if early else f"is damaged ({error})"
            if not early or self._kind == "lz4":  # Arrow may read other data after a frame as another frame
                what += ", or is followed by other data"
            raise ValueError(f"{place(self._name)}the {self._kind} data {what}; copy the file again") from error
        return data


def _gzip(content: Any, name: str) -> Any:
    import gzip

    return gzip.GzipFile(fileobj=content)


def _bzip2(content: Any, name: str) -> Any:
    return io.BufferedReader(_Bzip2(content), _PART)


class _Bzip2(io.RawIOBase):
    """A bzip2 file's content. (`bz2.BZ2File` ignores data after a stream, even a damaged stream.)"""

    def __init__(self, content: Readable) -> None:
        from bz2 import BZ2Decompressor

        self._content, self._new = content, BZ2Decompressor
        self._stream = BZ2Decompressor()

    def readable(self) -> bool:
        return True

    def readinto(self, place: Any, /) -> int:
        made = b""
        while not made:
            data = b""
            if self._stream.eof:
                data = self._stream.unused_data or self._content.read(_PART)
                if not data:
                    return 0
                self._stream = self._new()
            elif self._stream.needs_input:
                data = self._content.read(_PART)
                if not data:
                    raise EOFError
            made = self._stream.decompress(data, len(place))
        place[: len(made)] = made
        return len(made)


def _zstd(content: Any, name: str) -> Any:
    try:
        return importlib.import_module("compression.zstd").ZstdFile(content)  # Python 3.14 or later
    except ImportError:
        return _by_arrow(content, "zstd", name)


def _lz4(content: Any, name: str) -> Any:
    return _by_arrow(content, "lz4", name)


def _by_arrow(content: Any, kind: str, name: str) -> Any:
    pa = require("pyarrow", f"{place(name)}to decompress {kind}", "pyarrow")
    return pa.CompressedInputStream(pa.PythonFile(content, mode="r"), kind)


_OPENERS: dict[str, Callable[[Any, str], Any]] = {"gzip": _gzip, "bzip2": _bzip2, "zstd": _zstd, "lz4": _lz4}


def in_utf8(content: _Peekable, encoding: str | None = None, name: str = "") -> Readable:
    """The text of a stream as UTF-8, without its byte-order mark."""
    known, mark = encoding_of(content.peek(), encoding, name)
    content.skip(mark)
    return content if known == "utf-8" else _Decoded(content, known, mark, name)


class _Decoded:
    """A text stream in another encoding, converted to UTF-8."""

    def __init__(self, content: Readable, encoding: str, mark: int, name: str) -> None:
        self._content, self._encoding, self._name = content, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._made, self._given = b"", 0
        self._read, self._lines = mark, 0
        #: Whether a mark may still occur. Marks are detected only in Unicode encodings.
        self._may_have_mark, self._ended = mark == 0, False

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(_PART), b""))
        while self._given == len(self._made) and not self._ended:
            data = self._content.read(size)
            self._read += len(data)
            self._ended = not data
            self._made, self._given = self._decode(data), 0
        some = self._made[self._given : self._given + size]
        self._given += len(some)
        return some

    def _decode(self, data: bytes) -> bytes:
        try:
            text = self._decoder.decode(data, final=self._ended)
            if self._may_have_mark and text:
                text, self._may_have_mark = text.removeprefix("\ufeff"), False
            made = text.encode()
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(self._encoding, "ignore")
            line = 1 + self._lines + before.count("\n")
            offset = self._read - len(error.object) + error.start
            raise _undecodable(error, line, offset, self._encoding, self._name) from None
        except UnicodeError as error:
            what = f"is not {self._encoding} ({error}); pass another {option('encoding')}"
            raise ValueError(f"{place(self._name)}{what}") from None
        self._lines += text.count("\n")
        return made


def _undecodable(error: UnicodeDecodeError, line: int, offset: int, encoding: str, name: str) -> ValueError:
    """The error for bytes that are invalid in an encoding."""
    byte = error.object[error.start]
    where = f"{name}, line {line}" if name else f"line {line}"
    what = f"the byte 0x{byte:02x} at offset {offset} is not valid {encoding} ({error.reason})"
    return about(ValueError(f"{where}: {what}; {advice(error.object, encoding)}"), line=line)


def _opened(path: str | bytes | os.PathLike[Any]) -> BinaryIO:
    try:
        return open(path, "rb")
    except ValueError as error:  # a NUL character
        raise ValueError(f"the path is {os.fspath(path)!r} ({error}); expected the path of a file") from None


def read_text(path: str | bytes | os.PathLike[Any], encoding: str | None = None, most: int | None = None) -> str:
    """All text of a file, strictly decoded, without its mark. It may have at most ``most`` bytes, decompressed."""
    name = os.fsdecode(path)
    with _opened(path) as file, reading(name):
        return _all_text(file, name, encoding, most)


def _all_text(file: Any, name: str, encoding: str | None, most: int | None) -> str:
    content = decompressed(file, name, name)
    known, mark = encoding_of(content.peek(), encoding, name)
    parts, size = [], 0
    while part := content.read(_PART):
        parts.append(part)
        size += len(part)
        if most is not None and size > most:
            raise ValueError(f"{name}: more than {most >> 20} MB; expected a smaller file")
    data = b"".join(parts)[mark:]
    try:
        text = data.decode(known)
        return text if mark else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall("\r\n?|\n", data[: error.start].decode(known, "ignore")))
        raise _undecodable(error, line, mark + error.start, known, name) from None
    except UnicodeError as error:
        raise ValueError(f"{name}: is not {known} ({error}); pass another {option('encoding')}") from None


def located(source: Any, encoding: str | None = None) -> tuple[Any, int]:
    """Where to find the text of a file or buffer in UTF-8: a path to memory-map or a buffer, and the first byte.

    A file or buffer that is already UTF-8 is not copied. Others are decompressed and decoded into memory.
    """
    if encoding is OPENED:
        return source, 0
    if not isinstance(source, str) and not hasattr(source, "__fspath__"):
        return _of_buffer(source, encoding)
    path = os.fsdecode(source)
    with _opened(path) as file, reading(path):
        status = os.fstat(file.fileno())
        content = decompressed(file, path, path)
        text = in_utf8(content, encoding, path)
        # Virtual files, as in /proc, report a size of 0.
        is_file = stat.S_ISREG(status.st_mode) and status.st_size > 0
        if is_file and text is content and content.compression is None:
            return path, content.skipped
        return _all(text), 0


def _of_buffer(source: Any, encoding: str | None) -> tuple[Any, int]:
    try:
        data = np.frombuffer(source, np.uint8)
    except (TypeError, ValueError, BufferError):
        what = repr(source)
        what = what if len(what) <= 60 else what[:60] + "..."
        expected = "expected a path or a contiguous buffer of bytes"
        raise TypeError(f"source is {type(source).__name__} ({what}); {expected}") from None
    head = data[:_SAMPLE].tobytes()
    if compression_of(head) is None:
        known, mark = encoding_of(head, encoding, "source")
        if known == "utf-8":
            return source, mark
    return _all(in_utf8(decompressed(io.BytesIO(data.data), name="source"), encoding, "source")), 0


def _all(content: Readable) -> memoryview:
    made = io.BytesIO()
    while part := content.read(_PART):
        made.write(part)
    return made.getbuffer()
