"""`out` that shares memory with the documents, is masked, or is a subclass of ndarray."""

import mmap

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from numpy.dtypes import StringDType

TERMS = ["the"]


def of_bytearray():
    data = bytearray(b"the " * 8)
    return cg.Documents.from_buffer(data, [0, 16, 32]), np.frombuffer(data, np.int32)


def of_offsets():
    offsets = np.array([0, 4, 8], np.int32)
    return cg.Documents.from_buffer(b"the the ", offsets), offsets


def of_lines():
    data = bytearray(b"the\nthe\n")
    return cg.Documents.from_lines(data), np.frombuffer(data, np.int32)


def of_memoryview():
    data = np.zeros(8, np.int32)
    return cg.Documents.from_buffer(memoryview(data), [0, 4, 8]), data


def of_arrow():
    data = np.frombuffer(bytearray(b"the the "), np.int32)
    offsets = pa.py_buffer(np.array([0, 4, 8], np.int32))
    return pa.StringArray.from_buffers(2, offsets, pa.py_buffer(data)), data


def of_arrow_offsets():
    offsets = np.array([0, 4, 8], np.int32)
    return pa.StringArray.from_buffers(2, pa.py_buffer(offsets), pa.py_buffer(b"the the ")), offsets


def of_arrow_nulls():
    bits = np.array([1, 0, 0], np.int32)
    buffers = [pa.py_buffer(bits), pa.py_buffer(np.array([0, 4, 8], np.int32)), pa.py_buffer(b"the the ")]
    return pa.Array.from_buffers(pa.string(), 2, buffers), bits


def of_dictionary():
    keys = np.array([0, 0], np.int32)
    indices = pa.Array.from_buffers(pa.int32(), 2, [None, pa.py_buffer(keys)])
    return pa.DictionaryArray.from_arrays(indices, pa.array(["the"])), keys


def of_pandas():
    data = np.frombuffer(bytearray(b"the the "), np.int32)
    offsets = pa.py_buffer(np.array([0, 4, 8], np.int32))
    column = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(data))
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([column]))), data


def of_unicode():
    texts = np.array(["the", "the"])
    return texts, texts.view(np.int32)


def of_strided_bytes():
    texts = np.array([b"the", b"x", b"the", b"x"], "S4")
    return texts[::-2], texts.view(np.int32)[1:]


def of_string_dtype():
    texts = np.array(["the", "the"], StringDType())
    return texts, memory_of(texts)


def of_objects():
    texts = np.array(["the", "the"], object)
    return texts, memory_of(texts)


def of_masked():
    texts = np.ma.array(np.array(["the", "the"]), mask=[False, True])
    return texts, texts.data.view(np.int32)


def of_mask():
    texts = np.ma.array(np.array(["the", "the"]), mask=[False, True])
    return texts, texts.mask


def of_masked_objects():
    texts = np.ma.array(np.array(["the", "the"], object), mask=[False, True])
    return texts, memory_of(texts.data)


def memory_of(array):
    """The memory of an array with items that are not numbers."""

    class Memory:
        owner = array

        @property
        def __array_interface__(self):
            place = (array.ctypes.data, False)
            return {"shape": (array.nbytes // 8,), "typestr": "<i8", "data": place, "version": 3}

    return np.asarray(Memory())


SHARING = [
    of_bytearray,
    of_offsets,
    of_lines,
    of_memoryview,
    of_arrow,
    of_arrow_offsets,
    of_arrow_nulls,
    of_dictionary,
    of_pandas,
    of_unicode,
    of_strided_bytes,
    of_string_dtype,
    of_objects,
    of_masked,
    of_mask,
    of_masked_objects,
]


@pytest.mark.parametrize("make", SHARING, ids=lambda make: make.__name__)
@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("order", [1, -1])
def test_out_in_the_memory_of_the_documents(make, prepared, order):
    documents, memory = make()
    if prepared:
        documents = cg.Documents(documents)
    before = memory.tobytes()
    with pytest.raises(ValueError, match="out shares memory with the documents"):
        cg.count(documents, TERMS, out=memory[:2][::order].reshape(2, 1))
    assert memory.tobytes() == before
    counts = cg.count(documents, TERMS)
    neighbour = np.empty((2, 1), memory.dtype)
    assert cg.count(documents, TERMS, out=neighbour).tolist() == counts.tolist()


def test_memory_that_is_near_but_not_shared():
    records = np.zeros(4, [("text", "S4"), ("count", "i4"), ("more", "i4")])
    records["text"] = b"the"
    counts = cg.count(records["text"], TERMS, out=records["count"].reshape(4, 1))
    assert counts.tolist() == [[1]] * 4 == records["count"].reshape(4, 1).tolist()
    fields = records.view(np.int32).reshape(4, 3)
    assert cg.count(records["text"], ["the", "a"], out=fields[:, 1:]).tolist() == [[1, 0]] * 4
    with pytest.raises(ValueError, match="shares memory"):
        cg.count(records["text"], ["the", "a"], out=fields[:, :2])
    data = bytearray(b"the " * 8)
    numbers = np.frombuffer(data, np.int32)
    documents = cg.Documents.from_buffer(memoryview(data)[8:24], [0, 8, 16])
    for cells, free in [([0, 1], True), ([0, 6], True), ([0, 2], False), ([5, 6], False), ([1, 7], True)]:
        out = numbers[cells[0] : cells[1] + 1 : cells[1] - cells[0]]
        for column in (out.reshape(2, 1), out[::-1].reshape(2, 1)):
            if free:
                assert cg.count(documents, TERMS, out=column).tolist() == [[2], [2]]
            else:
                with pytest.raises(ValueError, match="shares memory"):
                    cg.count(documents, TERMS, out=column)


@pytest.mark.parametrize("rows", range(4))
@pytest.mark.parametrize("columns", range(4))
def test_every_place_of_a_run_of_bytes(rows, columns):
    """Agrees with `np.shares_memory`, which uses another algorithm."""
    rng = np.random.default_rng(4 * rows + columns)
    data = np.zeros(400, np.uint8)
    for _ in range(40):
        start, length = rng.integers(0, 390), rng.integers(0, 10)
        steps = rng.choice([4, 8, 12, 20, 24, 60, -4, -8, -20], 2, replace=False)
        out = np.lib.stride_tricks.as_strided(data[200:].view(np.int32), (rows, columns), steps)
        documents = cg.Documents.from_buffer(data[start : start + length], np.zeros(rows + 1, int))
        try:
            cg.count(documents, list("abcd"[:columns]), out=out)
            shares = False
        except ValueError as error:
            if "cells that share" in str(error):
                continue
            shares = True
        assert shares == np.shares_memory(out, data[start : start + length])


def test_two_mappings_of_one_file(tmp_path):
    path = tmp_path / "texts"
    path.write_bytes(b"the cat\n" * 2048)
    counts = np.memmap(path, np.int32, "r+")
    texts = np.memmap(path, "S8", "r")
    with path.open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    out = counts[:2048].reshape(-1, 1)
    before = path.read_bytes()
    for documents in (
        cg.Documents.from_lines(path),
        cg.Documents.from_lines(mapped),
        texts,
        cg.Documents.from_buffer(pa.memory_map(str(path)).read_buffer(), np.arange(0, 8 * 2049, 8)),
    ):
        with pytest.raises(ValueError, match="shares memory"):
            cg.count(documents, TERMS, out=out)
        with pytest.raises(ValueError, match="shares memory"):
            cg.count(documents, TERMS, out=np.asarray(out)[::-1].view())
    assert path.read_bytes() == before
    assert cg.count(texts[1024:], TERMS, out=counts[:1024].reshape(-1, 1)).sum() == 1024
    other = tmp_path / "counts"
    own = np.memmap(other, np.int32, "w+", shape=(2048, 1))
    assert cg.count(texts, TERMS, out=own)[-1, 0] == 1


# Masks and classes


@pytest.mark.parametrize("mask", [True, False, np.ma.nomask])
def test_a_masked_out(mask):
    out = np.ma.array(np.full((2, 1), 7, np.int32), mask=mask)
    with pytest.raises(TypeError, match=r"masked.*out\.data"):
        cg.count(["the", "a"], TERMS, out=out)
    assert (out.data == 7).all()
    assert cg.count(["the", "a"], TERMS, out=out.data).tolist() == [[1], [0]]


class Liar(np.ndarray):
    """Reports wrong attributes."""

    shape = property(lambda self: (7, 7))
    strides = property(lambda self: (1 << 40, 1 << 40))
    ndim = property(lambda self: 5)
    dtype = property(lambda self: np.dtype("f8"))
    size = nbytes = itemsize = property(lambda self: 1 << 40)
    base = property(lambda self: None)
    flags = property(lambda self: {"WRITEABLE": True})
    data = property(lambda self: np.zeros((1000, 1000)))
    __array_interface__ = property(lambda self: {})

    def __array_function__(self, function, types, args, kwargs):
        return False

    def view(self, *args):
        return np.zeros(3)

    def __len__(self):
        return 1 << 40


@pytest.mark.parametrize("kind", [np.matrix, np.recarray, Liar, np.memmap])
@pytest.mark.parametrize("dtype", ["i4", ">i4", "?", "f8"])
def test_out_of_a_derived_class(kind, dtype):
    out = np.zeros((2, 1), dtype).view(kind)
    assert cg.count(["the", "a"], TERMS, out=out) is out
    assert np.ndarray.view(out, np.ndarray).tolist() == [[1], [0]]
    np.ndarray.setflags(out, write=False)
    with pytest.raises(ValueError, match="read-only"):
        cg.count(["the", "a"], TERMS, out=out)


def test_out_that_cannot_represent_counts():
    for out in (np.zeros((2, 1), "S3"), np.zeros((2, 1), [("n", "i4")]).view(np.recarray)):
        with pytest.raises(TypeError, match="dtype"):
            cg.count(["the", "a"], TERMS, out=out)


def test_out_of_a_liar_that_shares():
    texts = np.array(["the", "the"])
    out = np.ndarray.view(texts, np.int32)[:2].reshape(2, 1).view(Liar)
    with pytest.raises(ValueError, match="shares memory"):
        cg.count(texts, TERMS, out=out)
    with pytest.raises(ValueError, match="shares memory"):
        cg.count(texts.view(Liar), TERMS, out=np.asarray(out))


@pytest.mark.parametrize("dtype", ["U4", "S4", object, StringDType()])
def test_documents_of_a_liar(dtype):
    texts = np.array(["the", "the", "a"], dtype)
    for liar in (texts.view(Liar), texts[::-1].view(Liar)):
        assert cg.count(liar, TERMS).sum() == 2
    with pytest.raises(ValueError, match="2 dimensions"):
        cg.count(texts.reshape(3, 1).view(Liar), TERMS)


class MaskedLiar(np.ma.MaskedArray):
    data = property(lambda self: np.zeros((1000, 1000), "U3"))
    _data = property(lambda self: np.ndarray.view(self, np.ndarray))


@pytest.mark.parametrize("dtype", ["U4", "S4", StringDType()])
def test_a_masked_array_that_lies_about_its_data(dtype):
    texts = np.ma.array(np.array(["the", "the", "a"], dtype), mask=[0, 1, 0]).view(MaskedLiar)
    assert cg.count(texts, TERMS).ravel().tolist() == [1, 0, 0]
