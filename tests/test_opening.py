"""`from_lines` and `search` on files and buffers of every kind, compared with the text in them."""

import bz2
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import countgrid as cg
import numpy as np
import pytest
from openings import COMPRESS, EMPTY, FILES, LIKE_BINARY, NOT_TEXT, TEXT, THE
from rules import rust_lines


@pytest.fixture
def write(tmp_path):
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(("name", "data", "encoding"), FILES.values(), ids=FILES)
def test_the_same_text(write, name, data, encoding):
    path = write(name, data)
    lines = rust_lines(TEXT.encode())
    assert list(cg.Documents.from_lines(path, encoding=encoding)) == lines
    assert list(cg.Documents.from_lines(data, encoding=encoding)) == lines
    assert list(cg.Documents.from_lines(np.frombuffer(data, np.uint8), encoding=encoding)) == lines
    assert cg.search(path, "the", encoding=encoding) == THE
    assert cg.search(path, "sät\r", match="substring", encoding=encoding) == 0


@pytest.mark.parametrize(("name", "data"), EMPTY.values(), ids=EMPTY)
def test_no_text(write, name, data):
    path = write(name, data)
    assert list(cg.Documents.from_lines(path)) == list(cg.Documents.from_lines(data)) == []
    assert cg.search(path, "the") == 0


@pytest.mark.parametrize(("name", "data", "encoding", "said"), NOT_TEXT.values(), ids=NOT_TEXT)
def test_files_that_are_not_text(write, name, data, encoding, said):
    path = write(name, data)
    for call in (cg.Documents.from_lines, lambda path, encoding: cg.search(path, "the", encoding=encoding)):
        with pytest.raises(ValueError, match=r"\S") as caught:
            call(path, encoding=encoding)
        assert str(caught.value).startswith(str(path))
        assert said in str(caught.value)
    if "has the suffix" not in said:
        with pytest.raises(ValueError, match=r"^source[:,] ") as caught:
            cg.Documents.from_lines(data, encoding=encoding)
        assert said in str(caught.value)


@pytest.mark.parametrize("data", LIKE_BINARY.values(), ids=LIKE_BINARY)
def test_text_that_looks_like_something_else(write, data):
    path = write("a.txt", data)
    assert list(cg.Documents.from_lines(path)) == list(cg.Documents.from_lines(data)) == rust_lines(data)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_compressed_files_that_are_cut(write, suffix):
    """Truncated at every position except between two parts, where nothing is missing."""
    first, second = COMPRESS[suffix](b"the cat\n"), COMPRESS[suffix](b"the mat\n")
    data = first + second
    path = write("a.txt", data)
    for size in range(len(COMPRESS[suffix](b"")), len(data)):
        path.write_bytes(data[:size])
        if size == len(first):
            assert cg.search(path, "the") == 1
        else:
            with pytest.raises(ValueError, match="copy the file again"):
                cg.search(path, "the")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030", "utf-7"]
)
def test_a_second_mark_is_a_character(write, encoding):
    """As in Python's own decoders, for every way to open a file."""
    data = "\ufeff\ufeffthe cat\nthe".encode(encoding)
    chosen = encoding if encoding in ("gb18030", "utf-7") else None
    path = write("a.txt", data)
    assert list(cg.Documents.from_lines(path, encoding=chosen)) == ["\ufeffthe cat".encode(), b"the"]
    assert list(cg.Documents.from_lines(data, encoding=chosen)) == ["\ufeffthe cat".encode(), b"the"]
    assert cg.search(path, "the", encoding=chosen) == 1
    assert cg.search(path, "\ufeffthe", encoding=chosen) == 1
    with pytest.raises(ValueError, match=r"line 1: the character U\+FEFF"):
        cg.read_lexicon(path, encoding=chosen)


def test_a_mark_in_the_middle_is_a_character(write):
    data = "the\ufeff\n\ufeffthe\n".encode()
    assert list(cg.Documents.from_lines(data)) == rust_lines(data)
    assert list(cg.Documents.from_lines(data.decode().encode("utf-16"))) == rust_lines(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "shift_jis", "gb18030", "utf-7"])
@pytest.mark.parametrize("seed", range(3))
def test_characters_across_the_parts_that_are_decoded(encoding, seed):
    """Text is decoded in megabytes, which can end within a character."""
    text = "a" * seed + "日本 the\n" * 400_000
    documents = cg.Documents.from_lines(text.encode(encoding), encoding=encoding)
    assert cg.TermCounter(["the", "日本"]).totals(documents).counts.tolist() == [400_000, 400_000 - (seed > 0)]


def test_the_place_of_an_error_in_a_later_part(write):
    data = ("the cat\n" * 300_000).encode("utf-16-le") + b"\0\xdc"
    with pytest.raises(ValueError, match="line 300001: the byte 0x00 at offset 4800000 is not valid utf-16-le"):
        cg.search(write("a.txt", data), "the", encoding="utf-16-le")


def test_other_bytes_of_utf_8_are_searched(write):
    data = b"the \xff the\n"
    for encoding in (None, "utf-8", "UTF-8-SIG"):
        assert cg.search(write("a.txt", data), "the", encoding=encoding) == 2


OPENERS = {
    "from_lines": lambda path, encoding: cg.Documents.from_lines(path, encoding=encoding),
    "from_lines of a buffer": lambda path, encoding: cg.Documents.from_lines(path.read_bytes(), encoding=encoding),
    "search": lambda path, encoding: cg.search(path, "the", encoding=encoding),
    "read_lexicon": lambda path, encoding: cg.read_lexicon(path, encoding=encoding),
}


@pytest.mark.parametrize("data", [b"the", b"\xef\xbb\xbfthe", b""], ids=["text", "text with a mark", "nothing"])
@pytest.mark.parametrize("read", OPENERS.values(), ids=OPENERS)
@pytest.mark.parametrize(
    "encoding",
    ["latin-99", "hex", "rot13", "", "\0", "é", "\ud800", "idna", "punycode", "undefined", "x" * 5000],
    ids=lambda encoding: ascii(encoding)[:20],
)
def test_unknown_encodings(write, encoding, read, data):
    with pytest.raises(ValueError, match=r"encoding is .*; expected one of Python's text encodings") as caught:
        read(write("a.txt", data), encoding)
    assert repr(encoding)[:50] in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("read", OPENERS.values(), ids=OPENERS)
@pytest.mark.parametrize("encoding", [3, True, b"utf-8", ["utf-8"], 1.5], ids=repr)
def test_encodings_that_are_not_str(write, encoding, read):
    said = re.escape(f"encoding is {type(encoding).__name__} ({encoding!r}); expected str, one of Python's")
    with pytest.raises(TypeError, match=said):
        read(write("a.txt", b"the"), encoding)


@pytest.mark.parametrize(
    "read",
    [cg.Documents.from_lines, cg.read_lexicon, lambda path: cg.search(path, "the")],
    ids=["lines", "lexicon", "search"],
)
def test_a_path_that_cannot_be(read):
    with pytest.raises(ValueError, match=re.escape(r"the path is 'a\x00.txt' (embedded null")):
        read("a\0.txt")


def test_encodings_go_by_keyword(write):
    with pytest.raises(TypeError):
        cg.Documents.from_lines(write("a.txt", b"the"), "utf-8")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in its file system")
@pytest.mark.parametrize("name", ["plain", "utf-8 with a mark", "utf-16-le with a mark", "gz", "zst of UTF-16"])
def test_pipes(tmp_path, name):
    suffixed, data, _ = FILES[name]
    path = tmp_path / suffixed
    os.mkfifo(path)
    for read in (cg.Documents.from_lines, lambda path: cg.search(path, "the")):

        def write():
            with open(path, "wb", buffering=0) as pipe:
                for i in range(len(data)):
                    pipe.write(data[i : i + 1])

        writer = threading.Thread(target=write)
        writer.start()
        found = read(path)
        writer.join()
        assert found == THE if isinstance(found, int) else list(found) == rust_lines(TEXT.encode())


def test_plain_text_is_not_copied():
    for mark in (b"", b"\xef\xbb\xbf"):
        data = bytearray(mark + b"the\nthe\n")
        documents = cg.Documents.from_lines(data)
        data[len(mark)] = ord("T")
        assert list(documents) == [b"The", b"the"]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_large_compressed_files(write, suffix):
    path = write(f"a.{suffix}", COMPRESS[suffix](b"the cat\n" * 1_000_000))
    assert cg.search(path, "the") == 1_000_000


WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import countgrid as cg
for path in sys.argv[1:]:
    try:
        print(cg.search(path, "the"))
    except ImportError as error:
        print(error)
"""


def test_without_pyarrow(write):
    paths = [write(f"a.{suffix}", compress(b"the\n")) for suffix, compress in COMPRESS.items()]
    done = subprocess.run([sys.executable, "-c", WITHOUT_PYARROW, *map(str, paths)], capture_output=True, check=True)
    said = done.stdout.decode().splitlines()
    assert said[:2] == ["1", "1"]
    for kind, line in zip(["zstd", "lz4"], said[2:], strict=True):
        if kind == "zstd" and sys.version_info >= (3, 14):
            assert line == "1"
        else:
            assert f"to decompress {kind} needs pyarrow" in line
            assert "needs pyarrow, which is not installed; pip install pyarrow" in line


def test_the_library_is_imported_without_the_decompressors():
    script = "import sys, countgrid; print([name for name in ('gzip', 'bz2', 'pyarrow') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == [b"[]"]


def test_decompressed_text_outlives_everything(write):
    documents = cg.Documents.from_lines(bytearray(bz2.compress(b"the\n" * 1000)))
    assert cg.TermCounter(["the"]).totals(documents).counts.tolist() == [1000]
