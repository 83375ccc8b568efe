"""The same text in files of every kind, and files that are not text."""
# ruff: noqa: RUF001 (ambiguous letters are intended)

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

#: Characters of every width in UTF-8, with the term first, last and at both ends of lines.
TEXT = "the cat sät\r\non the mat\n\nthe 日本 😀 the\nthe"
THE = 5
UTF8 = TEXT.encode()


def arrow_compressed(kind: str, data: bytes) -> bytes:
    output = pa.BufferOutputStream()
    with pa.CompressedOutputStream(output, kind) as stream:
        stream.write(data)
    return output.getvalue().to_pybytes()


COMPRESS = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": lambda data: arrow_compressed("zstd", data),
    "lz4": lambda data: arrow_compressed("lz4", data),
}
#: A frame that zstd and lz4 decompressors skip, and one that is longer than the sample for detection.
SKIPPED = b"\x50\x2a\x4d\x18\5\0\0\0hello"
LONG_SKIPPED = b"\x5f\x2a\x4d\x18" + (1 << 21).to_bytes(4, "little") + b"\x28\xb5\x2f\xfd" * (1 << 19)


def damaged(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]


_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")

#: Files whose text is `TEXT`: a name, which may have a suffix, the bytes, the encoding to pass.
FILES: dict[str, tuple[str, bytes, str | None]] = {
    "plain": ("a.txt", UTF8, None),
    "UTF-8 by name": ("a.txt", UTF8, "UTF8"),
    "a mark and another encoding": ("a.txt", ("\ufeff" + TEXT).encode("utf-16-be"), "cp1252"),
    **{f"{encoding} with a mark": ("a.txt", ("\ufeff" + TEXT).encode(encoding), None) for encoding in _ENCODINGS},
    **{
        f"{encoding} with a mark, by name": ("a.txt", ("\ufeff" + TEXT).encode(encoding), encoding)
        for encoding in _ENCODINGS
    },
    **{f"{encoding} without a mark": ("a.txt", TEXT.encode(encoding), encoding) for encoding in _ENCODINGS},
    **{
        f"{encoding} of an order that is not said": ("a.txt", TEXT.encode(encoding), encoding[:6])
        for encoding in _ENCODINGS[1:]
    },
    "gb18030": ("a.txt", TEXT.encode("gb18030"), "gb18030"),
    "a mark in gb18030": ("a.txt", ("\ufeff" + TEXT).encode("gb18030"), "gb18030"),
    **{
        name: row
        for suffix, compress in COMPRESS.items()
        for name, row in {
            f"{suffix}": (f"a.txt.{suffix}", compress(UTF8), None),
            f"{suffix} with a suffix in capitals": (f"a.txt.{suffix.upper()}", compress(UTF8), None),
            f"{suffix} with no suffix that says so": ("a.txt", compress(UTF8), None),
            f"{suffix} in two parts": (f"a.txt.{suffix}", compress(UTF8[:10]) + compress(UTF8[10:]), None),
            f"{suffix} with a part of nothing": (f"a.txt.{suffix}", compress(b"") + compress(UTF8), None),
            f"{suffix} of UTF-8 with a mark": (f"a.txt.{suffix}", compress(b"\xef\xbb\xbf" + UTF8), None),
            f"{suffix} of UTF-16": (f"a.txt.{suffix}", compress(TEXT.encode("utf-16")), None),
            f"{suffix} of UTF-16 without a mark": (
                f"a.txt.{suffix}",
                compress(TEXT.encode("utf-16-le")),
                "utf-16-le",
            ),
        }.items()
    },
    **{
        name: row
        for suffix in ("zst", "lz4")
        for compressed in [COMPRESS[suffix](UTF8)]
        for name, row in {
            f"{suffix} after a frame to skip": (f"a.txt.{suffix}", SKIPPED + compressed, None),
            f"{suffix} after frames to skip": ("a.txt", LONG_SKIPPED + SKIPPED + compressed, None),
            f"{suffix} after many frames to skip": ("a.txt", SKIPPED * 5000 + compressed, None),
            f"{suffix} before a frame to skip": ("a.txt", compressed + SKIPPED, None),
            f"{suffix} around a frame to skip": (
                f"a.txt.{suffix}",
                COMPRESS[suffix](UTF8[:10]) + SKIPPED + COMPRESS[suffix](UTF8[10:]),
                None,
            ),
        }.items()
    },
    "gz with padding": ("a.txt.gz", gzip.compress(UTF8) + b"\0" * 600, None),
    "gz with padding within": (
        "a.txt.gz",
        gzip.compress(UTF8[:10]) + b"\0" * 600 + gzip.compress(UTF8[10:]) + b"\0",
        None,
    ),
    "gz named zst": ("a.txt.zst", gzip.compress(UTF8), None),
}

#: Files without text.
EMPTY: dict[str, tuple[str, bytes]] = {
    "empty": ("a.txt", b""),
    **{f"{encoding}, only a mark": ("a.txt", "\ufeff".encode(encoding)) for encoding in _ENCODINGS},
    **{f"{suffix} of nothing": (f"a.txt.{suffix}", compress(b"")) for suffix, compress in COMPRESS.items()},
    "only a frame to skip": ("a.txt", SKIPPED),
    "lz4 of a frame to skip": ("a.txt.lz4", SKIPPED),
    "zst of a mark after a frame to skip": ("a.txt.zst", LONG_SKIPPED + COMPRESS["zst"](b"\xef\xbb\xbf")),
    "gz of a mark": ("a.txt.gz", gzip.compress(b"\xff\xfe")),
}


def _parquet() -> bytes:
    output = io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"text": [TEXT]}), output)
    return output.getvalue()


def _ipc(writer) -> bytes:
    output = pa.BufferOutputStream()
    table = pa.table({"text": [TEXT]})
    with writer(output, table.schema) as stream:
        stream.write_table(table)
    return output.getvalue().to_pybytes()


def _zip() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        file.writestr("a.txt", TEXT)
    return output.getvalue()


def _tar() -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w") as file:
        member = tarfile.TarInfo("a.txt")
        member.size = len(UTF8)
        file.addfile(member, io.BytesIO(UTF8))
    return output.getvalue()


_CHINESE = "我们是一家人,一起去。\n" * 20
_GUESSED = {
    "Latin": "the cat\nsat\n",
    "one word": "the",
    "Russian": "кошка сидит\n" * 20,
    "Chinese": _CHINESE,
}

#: Files that raise: a name, the bytes, the encoding to pass, and part of the message.
NOT_TEXT: dict[str, tuple[str, bytes, str | None, str]] = {
    "Parquet": ("a.txt", _parquet(), None, "Parquet"),
    "Arrow file": ("a.txt", _ipc(pa.ipc.new_file), None, "Arrow IPC file"),
    "Arrow stream": ("a.txt", _ipc(pa.ipc.new_stream), None, "Arrow IPC stream"),
    "xz": ("a.txt.xz", lzma.compress(UTF8), None, "xz-compressed"),
    "xz as another encoding": ("a.txt", lzma.compress(UTF8), "cp1252", "xz-compressed"),
    "lzma": ("a.txt", lzma.compress(UTF8, lzma.FORMAT_ALONE), None, "LZMA-compressed"),
    "zip": ("a.txt", _zip(), None, "ZIP"),
    "tar": ("a.txt", _tar(), None, "tar archive"),
    "tar in gz": ("a.tar.gz", gzip.compress(_tar()), None, "tar archive"),
    "xz in gz": ("a.txt.gz", gzip.compress(lzma.compress(UTF8)), None, "xz-compressed"),
    "gz in gz": ("a.txt.gz", gzip.compress(gzip.compress(UTF8)), None, "compressed twice"),
    "PNG": ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None, "image"),
    "JPEG": ("a.txt", b"\xff\xd8\xff\xe0\0\x10JFIF", None, "image"),
    "PDF": ("a.txt", b"%PDF-1.7\nthe", None, "PDF"),
    "SQLite": ("a.txt", b"SQLite format 3\0the", None, "database"),
    "pickle": ("a.txt", b"\x80\x04\x95the", None, "pickle"),
    "NULs": ("a.txt", b"\0" * 100, None, "binary"),
    "numbers": ("a.txt", bytes(range(256)) * 40, None, "binary"),
    "NULs as another encoding": ("a.txt", b"\0" * 100, "cp1252", "binary"),
    **{
        f"{name} in {encoding} without a mark": ("a.txt", text.encode(encoding), chosen, f"encoding='{encoding}'")
        for name, text in _GUESSED.items()
        for encoding in _ENCODINGS[1:]
        for chosen in (None, "cp1252")
    },
    "of the other order": ("a.txt", "the cat\n".encode("utf-16-be"), "utf-16-le", "encoding='utf-16-be'"),
    "UTF-16 of no known order": ("a.txt", "日本".encode("utf-16-be"), "utf-16", "pass encoding='utf-16-le' or"),
    "UTF-8 as UTF-16": ("a.txt", UTF8, "utf-16-le", "looks like UTF-8"),
    "half a character of UTF-16": ("a.txt", TEXT.encode("utf-16") + b"\0", None, "not valid utf-16-le"),
    "half a pair of UTF-16": ("a.txt", b"\xff\xfea\0\n\0b\0\0\xd8c\0", None, "line 2: the byte 0x00 at offset 8"),
    "not in the encoding": ("a.txt", b"the\nthe \xff\n", "ascii", "line 2: the byte 0xff at offset 8"),
    "UTF-8 as ASCII": ("a.txt", UTF8, "ascii", "such as 'utf-8'"),
    **{
        name: row
        for suffix, compress in COMPRESS.items()
        for name, row in {
            f"text named {suffix}": (f"a.txt.{suffix}", UTF8, None, f"has the suffix .{suffix}, but is not"),
            f"nothing named {suffix}": (
                f"a.txt.{suffix}",
                b"",
                None,
                f"has the suffix .{suffix}, but is empty",
            ),
            f"{suffix}, cut": (f"a.txt.{suffix}", compress(UTF8)[:-5], None, "ends too early"),
            f"{suffix}, cut in its head": ("a.txt", compress(UTF8)[:10], None, "ends too early"),
            f"{suffix}, cut in its second part": (
                f"a.txt.{suffix}",
                compress(UTF8) + compress(UTF8)[:-5],
                None,
                "ends too early",
            ),
        }.items()
    },
    **{
        f"{suffix} and {what}": (f"a.txt.{suffix}", compress(UTF8) + after, None, "is followed by other data")
        for suffix, compress in COMPRESS.items()
        for what, after in {
            "a line": b"the cat\n",
            "padding": b"\0" * 600,
            "itself, not compressed": UTF8,
            "another compression": (gzip.compress if suffix != "gz" else bz2.compress)(UTF8),
        }.items()
        if (suffix, what) != ("gz", "padding")
    },
    # A line end, as editors add it, is too short for lz4 to tell a truncated frame from other data.
    "gz and a line's end": ("a.txt.gz", gzip.compress(UTF8) + b"\n", None, "is followed by other data"),
    "bz2 and a line's end": ("a.txt.bz2", bz2.compress(UTF8) + b"\n", None, "is followed by other data"),
    "zst and a line's end": ("a.txt.zst", COMPRESS["zst"](UTF8) + b"\n", None, "copy the file again"),
    "lz4 and a line's end": ("a.txt.lz4", COMPRESS["lz4"](UTF8) + b"\n", None, "is followed by other data"),
    **{
        f"bz2, its second part damaged at {place}": (
            "a.txt.bz2",
            bz2.compress(UTF8) + damaged(bz2.compress(UTF8), place),
            None,
            "the bzip2 data is damaged",
        )
        for place in (0, 3, 4, 9, 12, 30)
    },
    "a frame to skip, cut": ("a.txt.zst", SKIPPED[:-1], None, "the zstd or lz4 data ends too early"),
    "a frame to skip, cut in its head": ("a.txt", SKIPPED[:6], None, "the zstd or lz4 data ends too early"),
    "text after a frame to skip": ("a.txt", SKIPPED + UTF8, None, "neither zstd nor lz4 after its skippable frame"),
    "gz after a frame to skip": ("a.txt.lz4", SKIPPED + gzip.compress(UTF8), None, "neither zstd nor lz4"),
    "lz4 after a frame to skip, in gz": (
        "a.txt.gz",
        gzip.compress(SKIPPED + COMPRESS["lz4"](UTF8)),
        None,
        "compressed twice",
    ),
    "gz, damaged": ("a.txt.gz", gzip.compress(UTF8)[:-8] + b"\0" * 8, None, "damaged"),
}

#: Text that resembles files that are not text: a name and the bytes, which are read unchanged.
LIKE_BINARY: dict[str, bytes] = {
    "some NULs": b"the\0the\0\nthe",
    "NULs and invalid bytes": b"the\0\n\xff\n",
    "a code page": "кошка\nсидит\n".encode("cp1251"),
    "words that are magic": b"PAR1 is a gene\n",
    "BZh": b"BZh91 the\n",
    "PK": b"PK the\n",
    "colours": b"\x1b[31mthe\x1b[0m\n",
}
