"""Opens text: recognises byte-order marks and compression, decodes, and refuses what is not text.

Every reader of text files goes through here, so that all of them see the same characters. The rules, in order:

1. The first bytes say whether a file is compressed. A suffix such as ``.gz`` is an error if they do not say so.
2. A byte-order mark says how text is encoded, whatever ``encoding`` says. It is dropped.
3. Text without a mark has the caller's encoding, or UTF-8. UTF-8 is passed on as it is, valid or not.

`located` is for whole files and buffers, `decompressed` and `in_utf8` for streams, `read_text` for small files.
"""

from __future__ import annotations

import codecs
import importlib
import io
import os
import re
import stat
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

#: Compressions by suffix.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".lz4": "lz4"}

#: So many bytes tell what a file is.
_SAMPLE = 8192
#: So many bytes are decoded at a time where all are wanted.
_PART = 1 << 20

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    # Before UTF-16, whose mark is the beginning of this one.
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_MAGICS = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    # A frame that decompressors skip; parallel compressors begin with one.
    **{bytes([first]) + b"\x2a\x4d\x18": "zstd" for first in range(0x50, 0x60)},
    **{b"BZh%d\x31\x41\x59\x26\x53\x59" % level: "bzip2" for level in range(1, 10)},
    # Of nothing.
    **{b"BZh%d\x17\x72\x45\x38\x50\x90" % level: "bzip2" for level in range(1, 10)},
    b"\x04\x22\x4d\x18": "lz4",
}
_BEGINNINGS = (*_MARKS, *_MAGICS)

#: Encodings in which text is full of zeros.
_WIDE = ("utf-16", "utf-32")

_UNPACK = "unpack it, and pass the files in it"
_DECOMPRESS = "decompress it, or use gzip, zstd, bzip2 or lz4"
_COLUMN = "read it as a table, and pass its column of text (the command does with --format"
_TEXT = "pass a file of text"
#: Formats that are not text, by how files begin. A letter or space after a magic word would make it text.
_NOT_TEXT = (
    (rb"\xfd7zXZ\x00", "xz-compressed", _DECOMPRESS),
    (rb"\x5d\x00\x00[^\x00]", "LZMA-compressed", _DECOMPRESS),
    (rb"LZIP[\x00\x01]", "lzip-compressed", _DECOMPRESS),
    (rb"\x1f[\x9d\xa0]", "compressed by compress", _DECOMPRESS),
    (rb"\xff\x06\x00\x00sNaPpY", "Snappy-compressed", _DECOMPRESS),
    (rb"\x02\x21\x4c\x18", "in lz4's legacy format", _DECOMPRESS),
    (rb"PK(\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive (or .xlsx, .docx)", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (rb".{257}ustar", "a tar archive", _UNPACK),
    (rb"PAR[1E](?![\t\n\r -~]|\Z)", "a Parquet file", f"{_COLUMN} parquet)"),
    (rb"ARROW1\x00\x00", "an Arrow IPC file", f"{_COLUMN} arrow)"),
    (rb"\xff\xff\xff\xff.{3}\x00", "an Arrow IPC stream", f"{_COLUMN} arrow)"),
    (rb"FEA1(?![\t\n\r -~]|\Z)", "a Feather file", "read it as a table, and pass its column of text"),
    (rb"ORC(?![\t\n\r -~\x80-\xff]|\Z)", "an ORC file", "read it as a table, and pass its column of text"),
    (rb"Obj\x01", "an Avro file", "read it as a table, and pass its column of text"),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", "read it as a table, and pass its column of text"),
    (rb"SQLite format 3\x00|.{8}DUCK.\x00\x00\x00", "a database", "query it, and pass the column of text"),
    (rb"\x93NUMPY", "a NumPy file", "load it, and pass the array"),
    (rb"\x80[\x02-\x05]", "a pickle", "load it, and pass what is in it"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file", "save it as text or CSV"),
    (rb"%PDF-\d", "a PDF file", "extract its text"),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|RIFF.{4}WEBP", "an image", _TEXT),
    (rb"ID3[\x00-\x05]|OggS\x00|fLaC\x00|RIFF.{4}(WAVE|AVI )|\x00\x00..ftyp", "a sound or a film", _TEXT),
    (rb"\x7fELF|MZ.\x00|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe|\x00asm", "a program", _TEXT),
)
#: Control characters that text has no use for; escape sequences colour terminals.
_CONTROLS = bytes(set(range(1, 32)) - set(b"\a\b\t\n\v\f\r\x1b")) + b"\x7f"


class Readable(Protocol):
    """A stream of bytes. It may give fewer than asked for, but none only at its end."""

    def read(self, size: int = -1, /) -> bytes: ...


class _Peekable:
    """A stream whose beginning can be looked at before it is read."""

    # What Arrow asks of a Python file that it reads through.
    closed = False

    def __init__(self, content: Readable, compression: str | None = None) -> None:
        #: How the file was compressed that this is the content of.
        self.compression = compression
        #: How many bytes were left out at the beginning.
        self.skipped = 0
        self._content = content
        self._head: bytes | None = None

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def peek(self) -> bytes:
        """The beginning: at least as much as tells a mark or a compression from anything else."""
        if self._head is None:
            self._head = self._content.read(_SAMPLE)
            while any(len(self._head) < len(one) and one.startswith(self._head) for one in _BEGINNINGS):
                more = self._content.read(_SAMPLE)
                if not more:
                    break
                self._head += more
        return self._head

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


def compression_of(head: bytes) -> str | None:
    """The compression that a file's first bytes tell."""
    return next((kind for magic, kind in _MAGICS.items() if head.startswith(magic)), None)


def decompressed(content: Readable, path: str | None = None, name: str = "") -> _Peekable:
    """A file's content. ``name`` is the file's in errors."""
    peekable = _Peekable(content)
    head = peekable.peek()
    kind = compression_of(head)
    if kind is None:
        suffix = os.path.splitext(path or "")[1].lower()
        if suffix in COMPRESSIONS:
            there = "is empty" if not head else f"is not {COMPRESSIONS[suffix]}"
            raise ValueError(
                f"{_place(name)}its name ends with {suffix}, but it {there}; copy it again, or rename it"
            )
        return peekable
    return _Peekable(_Decompressed(peekable, kind, name), kind)


class _Decompressed:
    """A compressed stream's content: all frames or members, one after another."""

    def __init__(self, content: _Peekable, kind: str, name: str) -> None:
        self._kind, self._name = kind, name
        self._file = _OPENERS[kind](content, name)

    def read(self, size: int = -1, /) -> bytes:
        try:
            data: bytes = self._file.read() if size < 0 else self._file.read(size)
        except EOFError:
            raise ValueError(
                f"{_place(self._name)}the {self._kind} data ends too early; copy the file again"
            ) from None
        except MemoryError:
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno is not None:  # the file could not be read
                raise
            early = "Truncated" in str(error)  # Arrow's word
            what = "ends too early" if early else f"is damaged ({error})"
            raise ValueError(f"{_place(self._name)}the {self._kind} data {what}; copy the file again") from error
        return data


def _gzip(content: Any, name: str) -> Any:
    import gzip

    return gzip.GzipFile(fileobj=content)


def _bzip2(content: Any, name: str) -> Any:
    import bz2

    return bz2.BZ2File(content)


def _zstd(content: Any, name: str) -> Any:
    try:
        return importlib.import_module("compression.zstd").ZstdFile(content)  # from Python 3.14 on
    except ImportError:
        return _by_arrow(content, "zstd", name)


def _lz4(content: Any, name: str) -> Any:
    return _by_arrow(content, "lz4", name)


def _by_arrow(content: Any, kind: str, name: str) -> Any:
    try:
        import pyarrow as pa
    except ImportError as error:
        what = f"{_place(name)}to decompress {kind} needs pyarrow, which is not installed"
        raise ImportError(f"{what}; pip install 'countgrid[pyarrow]'", name="pyarrow") from error
    return pa.CompressedInputStream(pa.PythonFile(content, mode="r"), kind)


_OPENERS: dict[str, Callable[[Any, str], Any]] = {"gzip": _gzip, "bzip2": _bzip2, "zstd": _zstd, "lz4": _lz4}


def in_utf8(content: _Peekable, encoding: str | None = None, name: str = "") -> Readable:
    """The text of a stream as UTF-8, without its mark."""
    known, mark = _encoding(content.peek(), encoding, name)
    content.skip(mark)
    return content if known == "utf-8" else _Decoded(content, known, mark, name)


def _encoding(head: bytes, encoding: str | None, name: str) -> tuple[str, int]:
    """How a text is encoded that begins like this, and the length of its mark. What is not text is an error."""
    chosen = _known(encoding)
    for mark, known in _MARKS.items():
        if head.startswith(mark):
            return known, len(mark)
    for magic, what, advice in _NOT_TEXT:
        if re.match(magic, head, re.DOTALL):
            raise ValueError(f"{_place(name)}is {what}, not text; {advice}")
    if kind := compression_of(head):
        raise ValueError(f"{_place(name)}is compressed twice, the second time as {kind}; decompress it once")
    guess = _without_mark(head)
    if guess and chosen in (guess, guess[:6]):
        return guess, 0
    if guess:
        what = f"looks like {guess.upper()} without a byte-order mark"
        raise ValueError(f"{_place(name)}{what}; pass encoding={guess!r}")
    if chosen.startswith(_WIDE):
        if len(head) >= 8 and not head.count(0) and not _oddities(head):
            raise ValueError(f"{_place(name)}looks like UTF-8, not {chosen.upper()}; leave encoding= out")
    elif _is_binary(head):
        raise ValueError(f"{_place(name)}is binary: full of NUL bytes and the like; {_TEXT}")
    return chosen, 0


def _known(encoding: str | None) -> str:
    """The name of an encoding; None and all spellings of UTF-8 are one."""
    if encoding is None:
        return "utf-8"
    try:
        "".encode(encoding)  # refuses codecs that are not of text, such as hex
        codecs.getincrementaldecoder(encoding)
        name = codecs.lookup(encoding).name
    except LookupError as error:
        advice = "expected one of Python's, such as 'cp1252' or 'utf-16'"
        raise ValueError(f"encoding is {encoding!r} ({error}); {advice}") from None
    return "utf-8" if name == "utf-8-sig" else name


def _without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32 that a text looks like which has no mark."""
    zeros = head.count(0)
    if not zeros or (zeros * 4 < len(head) and not _oddities(head)):
        return None
    # ASCII has its zeros in the second byte of two, or in the first.
    orders = ("le", "be") if head[1::2].count(0) * 2 >= zeros else ("be", "le")
    for encoding in (f"{wide}-{order}" for wide in reversed(_WIDE) for order in orders):
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        plain = text.encode()
        if (
            plain
            and not plain.count(0)
            and not _controls(plain)
            and (text.isascii() or re.search(r"[ \t\r\n]", text))
        ):
            return encoding
    return None


def _is_binary(head: bytes) -> bool:
    zeros = head.count(0)
    return zeros > 0 and (zeros + _oddities(head)) * 10 > len(head) * 3


def _oddities(data: bytes) -> int:
    """Bytes that are not valid UTF-8, or that text has no use for."""
    return len(data) - len(data.decode(errors="ignore").encode()) + _controls(data)


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, _CONTROLS))


class _Decoded:
    """A stream of text in UTF-8 that was in another encoding."""

    def __init__(self, content: Readable, encoding: str, mark: int, name: str) -> None:
        self._content, self._encoding, self._name = content, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._made, self._given = b"", 0
        self._read, self._lines = mark, 0
        self._first, self._ended = True, False

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
            if self._first and text:
                text, self._first = text.removeprefix("\ufeff"), False
            made = text.encode()
        except UnicodeDecodeError as error:
            before = self._decoder_text(error)
            line = 1 + self._lines + before.count("\n")
            offset = self._read - len(error.object) + error.start
            raise _undecodable(error, line, offset, self._encoding, self._name) from None
        except UnicodeError as error:
            raise ValueError(
                f"{_place(self._name)}is not {self._encoding} ({error}); pass another encoding="
            ) from None
        self._lines += text.count("\n")
        return made

    def _decoder_text(self, error: UnicodeDecodeError) -> str:
        return error.object[: error.start].decode(self._encoding, "ignore")


def _undecodable(error: UnicodeDecodeError, line: int, offset: int, encoding: str, name: str) -> ValueError:
    """The error for bytes that are not of an encoding."""
    byte = error.object[error.start]
    place = f"{name}, line {line}" if name else f"line {line}"
    what = f"the byte 0x{byte:02x} at offset {offset} is not valid {encoding} ({error.reason})"
    return ValueError(f"{place}: {what}; {_advice(error.object, encoding)}")


def _advice(data: bytes, tried: str) -> str:
    """An encoding to try for bytes that are not of another one."""
    if tried.startswith(_WIDE):
        return "expected a whole file; copy it again, or pass another encoding="
    for encoding in ("utf-8", "cp1252"):
        if encoding != tried:
            try:
                codecs.getincrementaldecoder(encoding)().decode(data)
            except UnicodeDecodeError:
                continue
            return f"pass its encoding=, such as {encoding!r}"
    return "pass the encoding= that it was written in"


def _place(name: str) -> str:
    return f"{name}: " if name else ""


def read_text(path: str | bytes | os.PathLike[Any], encoding: str | None = None, most: int | None = None) -> str:
    """All text of a file, strictly decoded, without its mark. It may have ``most`` bytes, decompressed."""
    name = os.fsdecode(path)
    with open(path, "rb") as file:
        content = decompressed(file, name, name)
        known, mark = _encoding(content.peek(), encoding, name)
        parts, size = [], 0
        while part := content.read(_PART):
            parts.append(part)
            size += len(part)
            if most is not None and size > most:
                raise ValueError(f"{name}: more than {most >> 20} MB; expected a smaller file")
    data = b"".join(parts)[mark:]
    try:
        return data.decode(known).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = 1 + len(re.findall("\r\n?|\n", data[: error.start].decode(known, "ignore")))
        raise _undecodable(error, line, mark + error.start, known, name) from None
    except UnicodeError as error:
        raise ValueError(f"{name}: is not {known} ({error}); pass another encoding=") from None


def located(source: Any, encoding: str | None = None) -> tuple[Any, int]:
    """Where the text of a file or of a buffer is in UTF-8: a path to map into memory or a buffer, and the first byte.

    A file or buffer that already is UTF-8 is not copied. Anything else is decompressed and decoded into memory.
    """
    if not isinstance(source, str) and not hasattr(source, "__fspath__"):
        return _of_buffer(source, encoding)
    path = os.fsdecode(source)
    with open(path, "rb") as file:
        try:
            about = os.fstat(file.fileno())
            content = decompressed(file, path, path)
            text = in_utf8(content, encoding, path)
            # Files that the system makes up say that they are empty.
            is_file = stat.S_ISREG(about.st_mode) and about.st_size > 0
            if is_file and text is content and content.compression is None:
                return path, content.skipped
            return _all(text), 0
        except OSError as error:
            error.filename = error.filename or path
            raise


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
        known, mark = _encoding(head, encoding, "source")
        if known == "utf-8":
            return source, mark
    return _all(in_utf8(decompressed(io.BytesIO(data.data), name="source"), encoding, "source")), 0


def _all(content: Readable) -> memoryview:
    made = io.BytesIO()
    while part := content.read(_PART):
        made.write(part)
    return made.getbuffer()
