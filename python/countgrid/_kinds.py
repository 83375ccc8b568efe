"""Detects compression, text encodings, and formats that are not text."""

from __future__ import annotations

import codecs
import os
import re
from functools import cache

from countgrid._errors import option

#: Compressions by suffix.
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".lz4": "lz4"}
#: Data that starts with a skippable frame. The next frame shows which of the two it is.
SKIPPABLE = "zstd or lz4"

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    # Before UTF-16, whose mark is a prefix of this one.
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_MAGICS = {
    b"\x1f\x8b\x08": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    # Skippable frames. Parallel compressors write one first.
    **{bytes([first]) + b"\x2a\x4d\x18": SKIPPABLE for first in range(0x50, 0x60)},
    **{b"BZh%d\x31\x41\x59\x26\x53\x59" % level: "bzip2" for level in range(1, 10)},
    # Empty data.
    **{b"BZh%d\x17\x72\x45\x38\x50\x90" % level: "bzip2" for level in range(1, 10)},
    b"\x04\x22\x4d\x18": "lz4",
}
#: Byte-order marks and magic numbers. Other text never starts with one.
BEGINNINGS = (*_MARKS, *_MAGICS)

#: Encodings in which text contains many zero bytes.
_WIDE = ("utf-16", "utf-32")

#: What an encoding should be, for error messages.
ENCODINGS = "one of Python's text encodings, such as 'cp1252' or 'utf-16'"
#: Encodings of domain names, not of text.
_OF_DOMAINS = ("idna", "punycode")

_UNPACK = "unpack it, and pass the files in it"
_DECOMPRESS = "decompress it, or use gzip, zstd, bzip2 or lz4"
_COLUMN = "read it as a table, and pass its text column (the command does with --format"
_TEXT = "pass a text file"
#: Suffixes of compressed files and archives that are not read, and what to do.
_NOT_READ = {
    **dict.fromkeys((".xz", ".lzma", ".lz", ".z", ".sz", ".br"), _DECOMPRESS),
    **dict.fromkeys((".zip", ".7z", ".rar", ".tar", ".tgz", ".tbz2", ".txz"), _UNPACK),
}
#: Formats that are not text, by their first bytes. A magic word before a letter or a space is text.
_NOT_TEXT = (
    (rb"\xfd7zXZ\x00", "xz-compressed", _DECOMPRESS),
    (rb"\x5d\x00\x00[^\x00]", "LZMA-compressed", _DECOMPRESS),
    (rb"LZIP[\x00\x01]", "lzip-compressed", _DECOMPRESS),
    (rb"\x1f[\x9d\xa0]", "compressed by compress", _DECOMPRESS),
    (rb"\xff\x06\x00\x00sNaPpY", "Snappy-compressed", _DECOMPRESS),
    (rb"\x02\x21\x4c\x18", "in lz4's legacy format", _DECOMPRESS),
    (rb"PK(?:\x03\x04|\x05\x06|\x07\x08)", "a ZIP archive (or .xlsx, .docx)", _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (rb".{257}ustar", "a tar archive", _UNPACK),
    (rb"PAR[1E](?![\t\n\r -~]|\Z)", "a Parquet file", f"{_COLUMN} parquet)"),
    (rb"ARROW1\x00\x00", "an Arrow IPC file", f"{_COLUMN} arrow)"),
    (rb"\xff\xff\xff\xff.{3}\x00", "an Arrow IPC stream", f"{_COLUMN} arrow)"),
    (rb"FEA1(?![\t\n\r -~]|\Z)", "a Feather file", "read it as a table, and pass its text column"),
    (rb"ORC(?![\t\n\r -~\x80-\xff]|\Z)", "an ORC file", "read it as a table, and pass its text column"),
    (rb"Obj\x01", "an Avro file", "read it as a table, and pass its text column"),
    (rb"\x89HDF\r\n\x1a\n", "an HDF5 file", "read it as a table, and pass its text column"),
    (rb"SQLite format 3\x00|.{8}DUCK.\x00\x00\x00", "a database", "query it, and pass the text column"),
    (rb"\x93NUMPY", "a NumPy file", "load it, and pass the array"),
    (rb"\x80[\x02-\x05]", "a pickle", "load it, and pass its content"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file", "save it as text or CSV"),
    (rb"%PDF-\d", "a PDF file", "extract its text"),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|RIFF.{4}WEBP", "an image", _TEXT),
    (rb"ID3[\x00-\x05]|OggS\x00|fLaC\x00|RIFF.{4}(?:WAVE|AVI )|\x00\x00..ftyp", "a sound or a film", _TEXT),
    (rb"\x7fELF|MZ.\x00|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe|\x00asm", "a program", _TEXT),
)
#: Control characters that text does not contain. Escape is allowed: it colours terminals.
_CONTROLS = bytes(set(range(1, 32)) - set(b"\a\b\t\n\v\f\r\x1b")) + b"\x7f"


def not_read(name: str) -> str | None:
    """The error for a name with the suffix of an unsupported compression or archive; None if it has none."""
    stem, suffix = os.path.splitext(name)
    if suffix.lower() in COMPRESSIONS:
        suffix = os.path.splitext(stem)[1]
    advice = _NOT_READ.get(suffix.lower())
    return f"{suffix} files are not read; {advice}" if advice else None


def compression_of(head: bytes) -> str | None:
    """The compression, detected from a file's first bytes."""
    return next((kind for magic, kind in _MAGICS.items() if head.startswith(magic)), None)


def encoding_of(head: bytes, encoding: str | None, name: str) -> tuple[str, int]:
    """The encoding of a text, by its first bytes, and the length of its byte-order mark. Raises if it is not text."""
    chosen = known_encoding(encoding)
    for mark, known in _MARKS.items():
        if head.startswith(mark):
            return known, len(mark)
    if magic := _not_text().match(head):
        _, what, instead = _NOT_TEXT[(magic.lastindex or 0) - 1]
        raise ValueError(f"{place(name)}is {what}, not text; {instead}")
    if kind := compression_of(head):
        raise ValueError(f"{place(name)}is compressed twice, the second time as {kind}; decompress it once")
    guess = _without_mark(head)
    if guess and chosen in (guess, guess[:6]):
        return guess, 0
    if guess:
        what = f"looks like {guess.upper()} without a byte-order mark"
        raise ValueError(f"{place(name)}{what}; pass {option('encoding', guess)}")
    if chosen.startswith(_WIDE):
        if len(head) >= 8 and not head.count(0) and not _oddities(head):
            raise ValueError(f"{place(name)}looks like UTF-8, not {chosen.upper()}; leave {option('encoding')} out")
        if chosen in _WIDE and head:
            what = "has no byte-order mark to tell the order"
            ends = [option("encoding", f"{chosen}-{order}") for order in ("le", "be")]
            raise ValueError(f"{place(name)}{what}; pass {ends[0]} or {ends[1]}")
    elif _is_binary(head):
        raise ValueError(f"{place(name)}is binary: contains many NUL or control bytes; {_TEXT}")
    return chosen, 0


@cache
def _not_text() -> re.Pattern[bytes]:
    """All magic numbers, each in a group. Compiled on first use, which takes some milliseconds."""
    return re.compile(b"|".join(b"(" + magic + b")" for magic, _, _ in _NOT_TEXT), re.DOTALL)


def known_encoding(encoding: str | None) -> str:
    """The canonical name of an encoding. None means UTF-8."""
    if encoding is None:
        return "utf-8"
    shown = repr(encoding)
    shown = shown if len(shown) <= 60 else f"{shown[:60]}..."
    if not isinstance(encoding, str):
        raise TypeError(f"encoding is {type(encoding).__name__} ({shown}); expected str, {ENCODINGS}")
    try:
        # No encoding has another name, and Python 3.15 warns about them.
        encoding.encode("ascii")
        "".encode(encoding)  # raises for codecs that do not encode text, such as hex
        codecs.getincrementaldecoder(encoding)
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        name = ""
    if name in ("", *_OF_DOMAINS):
        raise ValueError(f"encoding is {shown}; expected {ENCODINGS}")
    return "utf-8" if name == "utf-8-sig" else name


def _without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32, if a text without a byte-order mark looks like it."""
    zeros = head.count(0)
    if not zeros or (zeros * 4 < len(head) and not _oddities(head)):
        return None
    # In ASCII, the second of two bytes is zero (le), or the first (be).
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
    """The number of bytes that are invalid UTF-8 or control characters."""
    return len(data) - len(data.decode(errors="ignore").encode()) + _controls(data)


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, _CONTROLS))


def advice(data: bytes, tried: str) -> str:
    """What to do if bytes are invalid in the encoding ``tried``."""
    if tried.startswith(_WIDE):
        return f"expected a whole file; copy it again, or pass another {option('encoding')}"
    for encoding in ("utf-8", "cp1252"):
        if encoding != tried:
            try:
                codecs.getincrementaldecoder(encoding)().decode(data)
            except UnicodeDecodeError:
                continue
            return f"pass its {option('encoding')}, such as {encoding!r}"
    return f"pass the file's {option('encoding')}"


def place(name: str) -> str:
    return f"{name}: " if name else ""
