"""Documents in one buffer with offsets, and the lines of files and buffers."""

import array
import gc
import mmap
import os
import threading
from itertools import pairwise
from pathlib import Path

import countgrid as cg
import numpy as np
import pyarrow as pa
import pytest
from containers import unaligned
from rules import occurrences, rust_lines

TERMS = ["the", "at", "cat", "Катя", "C++", "e\u0301", "日本"]


def counted(documents, terms=TERMS, **options) -> list[list[int]]:
    return cg.count(documents, terms, **options).tolist()


def column(documents, **options) -> list[int]:
    """The counts of `the`."""
    return cg.count(documents, ["the"], **options)[:, 0].tolist()


# Documents.from_buffer

DATA = b"the cat|at|the the||"
OFFSETS = [0, 7, 10, 18, 18, 20]
IN_DATA = [1, 0, 2, 0, 0]


def mapped(data: bytes) -> mmap.mmap:
    made = mmap.mmap(-1, len(data))
    made[:] = data
    return made


@pytest.mark.parametrize(
    "hold",
    [
        bytes,
        bytearray,
        memoryview,
        lambda data: memoryview(data).cast("b"),
        lambda data: np.frombuffer(data, np.uint8),
        lambda data: np.frombuffer(data, "S1"),
        lambda data: array.array("B", data),
        pa.py_buffer,
        mapped,
    ],
    ids=["bytes", "bytearray", "memoryview", "signed", "numpy", "numpy S", "array", "pyarrow", "mmap"],
)
def test_from_buffer_of_any_buffer(hold):
    documents = cg.Documents.from_buffer(hold(DATA), np.array(OFFSETS))
    assert column(documents) == IN_DATA
    assert list(documents) == [DATA[start:end] for start, end in pairwise(OFFSETS)]
    assert documents.missing.tolist() == [False] * 5


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_from_buffer_with_offsets_of_any_integer(dtype):
    assert column(cg.Documents.from_buffer(DATA, np.array(OFFSETS, dtype))) == IN_DATA


@pytest.mark.parametrize(
    "hold",
    [
        lambda offsets: np.repeat(np.array(offsets), 3)[::3],
        lambda offsets: np.array(offsets[::-1])[::-1],
        lambda offsets: unaligned(np.array(offsets)),
        lambda offsets: array.array("q", offsets),
        lambda offsets: memoryview(np.array(offsets)),
        list,
        pa.array,
    ],
    ids=["strided", "reversed", "unaligned", "array", "memoryview", "list", "pyarrow"],
)
def test_from_buffer_with_offsets_in_any_array(hold):
    assert column(cg.Documents.from_buffer(DATA, hold(OFFSETS))) == IN_DATA


def test_from_buffer_may_begin_and_end_within():
    assert list(cg.Documents.from_buffer(DATA, np.array([8, 10, 18]))) == [b"at", b"|the the"]
    assert list(cg.Documents.from_buffer(b"", np.array([0, 0]))) == [b""]
    assert len(cg.Documents.from_buffer(b"", np.array([0]))) == 0


@pytest.mark.parametrize(
    ("offsets", "what"),
    [
        ([0, 3, 2], "offsets"),
        ([0, 21], "offsets"),
        ([21, 21], "offsets"),
        ([-1, 3], "offsets"),
        ([0, -1], "offsets"),
        ([0, 1 << 62], "offsets"),
        ([], "offsets"),
        ([[0, 1], [2, 3]], "dimension|1-D|offsets"),
    ],
    ids=["falling", "past the end", "beyond", "negative", "negative end", "huge", "none", "2-D"],
)
def test_from_buffer_with_bad_offsets(offsets, what):
    with pytest.raises(ValueError, match=what):
        cg.Documents.from_buffer(DATA, np.array(offsets, np.int64))


def test_from_buffer_says_which_offset_is_bad():
    with pytest.raises(ValueError, match=r"offset.*2\b.*3"):
        cg.Documents.from_buffer(DATA, np.array([0, 3, 2]))
    with pytest.raises(ValueError, match=r"offset.*2\b.*99.*20"):
        cg.Documents.from_buffer(DATA, np.array([0, 3, 99]))


@pytest.mark.parametrize(
    ("data", "offsets"),
    [
        (DATA, np.array([0.0, 3.0])),
        (DATA, np.array(["0"])),
        (DATA, np.array([0, 3]).astype(np.dtype("i8").newbyteorder("S"))),
        (DATA, None),
        ("the cat", np.array([0, 3])),
        (3, np.array([0])),
    ],
    ids=["float offsets", "text offsets", "swapped offsets", "no offsets", "str", "int"],
)
def test_from_buffer_of_other_types(data, offsets):
    with pytest.raises(TypeError):
        cg.Documents.from_buffer(data, offsets)


def test_from_buffer_of_bytes_with_gaps():
    with pytest.raises((ValueError, BufferError, TypeError)):
        cg.Documents.from_buffer(memoryview(DATA)[::2], np.array([0, 3]))


def test_from_buffer_borrows_and_gives_back():
    data = bytearray(b"the cat")
    documents = cg.Documents.from_buffer(data, np.array([0, 7]))
    assert column(documents) == [1]
    data[:3] = b"xxx"
    assert column(documents) == [0], "the buffer is read in place"
    with pytest.raises(BufferError):
        data.append(1)
    del documents
    gc.collect()
    data.append(1)


def test_from_buffer_offsets_changed_later_are_no_bad_read():
    offsets = np.array([0, 3, 7])
    documents = cg.Documents.from_buffer(b"the the", offsets)
    offsets[1] = 1 << 40
    found = column(documents)
    assert len(found) == 2
    assert max(found) <= 1


# Documents.from_lines

LINES = [
    b"",
    b"\n",
    b"the",
    b"the\n",
    b"the cat\nat\r\nthe the\n",
    b"the\r\nat",
    b"the\rat\n",
    b"the\r",
    b"\r\n\r\n",
    b"\r\r\n",
    b"the\n\nat\r\n\r",
    b"\n\nthe",
    "the\u2028at\x0bthe\x0cthe\x85\n".encode(),
    b"the\0\n\xff\n",
]


SOURCES = ["path", "PathLike", "bytes", "bytearray", "memoryview", "numpy", "mmap"]
# An empty file cannot be memory-mapped.
FROM_LINES = [(data, source) for source in SOURCES for data in LINES if data or source != "mmap"]


@pytest.mark.parametrize(("data", "source"), FROM_LINES, ids=repr)
def test_from_lines(tmp_path, data, source):
    if source in ("path", "PathLike"):
        path = tmp_path / "lines"
        path.write_bytes(data)
        documents = cg.Documents.from_lines(path if source == "PathLike" else str(path))
    else:
        hold = {"bytes": bytes, "bytearray": bytearray, "memoryview": memoryview, "mmap": mapped}
        documents = cg.Documents.from_lines(hold.get(source, lambda data: np.frombuffer(data, np.uint8))(data))
    assert list(documents) == rust_lines(data)
    assert len(documents) == len(rust_lines(data))
    assert column(documents) == [occurrences(line.decode(errors="replace"), "the") for line in rust_lines(data)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in its file system")
def test_from_lines_of_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = b"the cat\nat\r\n" * 20_000 + b"the"
    writer = threading.Thread(target=path.write_bytes, args=(data,))
    writer.start()
    documents = cg.Documents.from_lines(path)
    writer.join()
    assert column(documents) == [1, 0] * 20_000 + [1]


@pytest.mark.skipif(
    not Path("/proc/version").exists(), reason="only Linux has text files without a size, under /proc"
)
def test_from_lines_of_a_file_of_size_zero_that_has_content():
    path = Path("/proc/version")
    assert path.stat().st_size == 0
    documents = cg.Documents.from_lines(path)
    assert list(documents) == rust_lines(path.read_bytes())
    assert len(documents) > 0


def test_from_lines_of_no_file(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        cg.Documents.from_lines(tmp_path / "none")
    assert "none" in str(caught.value)
    with pytest.raises(IsADirectoryError):
        cg.Documents.from_lines(tmp_path)
    with pytest.raises(TypeError):
        cg.Documents.from_lines(3.5)


def test_from_lines_of_a_name_that_is_not_utf8(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")
    try:
        Path(path).write_bytes(b"the\nat")
    except OSError:
        pytest.skip("this file system refuses names that are not UTF-8, so no such file can be passed")
    assert column(cg.Documents.from_lines(path)) == [1, 0]


def test_from_lines_outlives_the_file(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"the\n" * 1000)
    documents = cg.Documents.from_lines(path)
    path.unlink()
    assert column(documents) == [1] * 1000
