"""Results: dtypes, `out`, sparse matrices, totals, and options that never change a result."""

import mmap
from itertools import product

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy.sparse as sp

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
DTYPES = [*INTEGERS, *FLOATS, "bool"]

DOCUMENTS = ["the cat sat on the mat", None, "", "at at at the", "dog"]
TERMS = ["the", "at", "sat", "bird"]
COUNTS = np.array([[2, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 3, 0, 0], [0, 0, 0, 0]])

# Enough rows and text for every worker.
MANY = ["the cat sat on the mat " * (i % 7) + "at " * (i % 3) for i in range(20_000)]
MANY_COUNTS = np.array([[2 * (i % 7), i % 3, i % 7, 0] for i in range(20_000)])


# dtype


def test_int32_in_c_order_is_the_default():
    counts = cg.count(DOCUMENTS, TERMS)
    assert type(counts) is np.ndarray
    assert (counts.dtype, counts.shape) == (np.int32, (5, 4))
    assert counts.flags.c_contiguous
    assert counts.flags.writeable
    assert counts.tolist() == COUNTS.tolist()


@pytest.mark.parametrize("swap", [False, True], ids=["native", "swapped"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes(dtype, swap):
    dtype = np.dtype(dtype).newbyteorder("S") if swap else np.dtype(dtype)
    counts = cg.count(DOCUMENTS, TERMS, dtype=dtype)
    assert counts.dtype == dtype
    assert counts.tolist() == COUNTS.astype(dtype).tolist()


@pytest.mark.parametrize(
    ("given", "meant"),
    [(int, "int64"), (float, "float64"), (bool, "bool"), ("u2", "uint16"), (np.float16, "float16")],
)
def test_dtypes_as_numpy_spells_them(given, meant):
    assert cg.count(DOCUMENTS, TERMS, dtype=given).dtype == meant


def test_bool_means_present_or_not():
    assert cg.count(["a " * 300, "b"], ["a"], dtype=bool).tolist() == [[True], [False]]


@pytest.mark.parametrize(
    "dtype",
    ["complex64", "complex128", "longdouble", "object", "U5", "S5", "M8[s]", "m8[s]", "V4", [("a", "i4")], "T"],
)
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_other_dtypes_are_an_error(dtype, sparse):
    with pytest.raises(TypeError, match="dtype"):
        cg.count(DOCUMENTS, TERMS, dtype=np.dtype(dtype), sparse=sparse)


def test_an_invalid_dtype_is_an_error():
    with pytest.raises(TypeError):
        cg.count(DOCUMENTS, TERMS, dtype="int33")


# Overflow

LARGEST = {"int8": 127, "uint8": 255, "int16": 32767, "uint16": 65535, "float16": 2048, "float32": 1 << 24}


# Without float16, which scipy's sparse arrays do not support: see `test_sparse_dtypes_that_scipy_does_not_know`.
INTO = [*product(LARGEST, ["dense", "out"]), *product([dtype for dtype in LARGEST if dtype != "float16"], ["sparse"])]


@pytest.mark.parametrize(("dtype", "into"), INTO)
def test_a_count_that_does_not_fit(dtype, into):
    largest = LARGEST[dtype]
    options = {"dtype": {"dtype": dtype}, "sparse": {"dtype": dtype, "sparse": True}, "dense": {"dtype": dtype}}
    options = {"out": np.zeros((2, 1), dtype)} if into == "out" else options[into]
    fits, too_many = "a" * largest, "a" * (largest + 1)
    counts = cg.count(["b", fits], ["a"], match="substring", **options)
    assert (counts.toarray() if into == "sparse" else counts).tolist() == [[0], [largest]]
    with pytest.raises(OverflowError, match=rf"{largest + 1}\b.*row 1, column 0\b.*{dtype}"):
        cg.count(["b", too_many], ["a"], match="substring", **options)


def test_floats_hold_the_counts_that_they_hold_exactly():
    assert cg.count(["a" * 2050], ["a"], match="substring", dtype="float16").tolist() == [[2050]]
    with pytest.raises(OverflowError, match="2051"):
        cg.count(["a" * 2051], ["a"], match="substring", dtype="float16")


@pytest.mark.parametrize("workers", [None, 1, 2, 5])
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("make", [list, pa.array, lambda items: pd.Series(items, dtype="category")])
def test_the_overflow_error_names_the_first_row_then_column(make, sparse, workers):
    documents = ["x " * 200] * 20_000
    documents[-1] = "c " * 999
    documents[7_001] = "a " * 600
    documents[7_000] = "c " * 300 + "b " * 400
    with pytest.raises(OverflowError) as caught:
        cg.count(make(documents), ["a", "b", "c"], dtype="int8", sparse=sparse, workers=workers)
    for part in ("400", "row 7000", "column 1", "int8"):
        assert part in str(caught.value)


# out


def filled(shape, dtype="int32"):
    """Arrays with old content, which must be overwritten."""
    return np.full(shape, 7, dtype)


def record_field(shape):
    records = np.zeros(shape, dtype=[("pad", "u1"), ("field", "i4")])
    records["field"] = 7
    return records["field"]


OUTS = {
    "C": filled,
    "Fortran": lambda shape: np.asfortranarray(filled(shape)),
    "strided": lambda shape: filled((shape[0] * 2, shape[1] * 3))[::2, ::3],
    "reversed": lambda shape: filled(shape)[::-1, ::-1],
    "reversed Fortran": lambda shape: filled(shape[::-1])[::-1, ::-1].T,
    "one column apart": lambda shape: filled((*shape, 2))[:, :, 1],
    "unaligned": record_field,
    "swapped": lambda shape: filled(shape, np.dtype("i4").newbyteorder("S")),
    "swapped and strided": lambda shape: filled((shape[0] * 2, shape[1]), ">i4")[::2],
    "int8": lambda shape: filled(shape, "int8"),
    "uint64": lambda shape: filled(shape, "uint64"),
    "float16": lambda shape: filled(shape, "float16"),
    "float64 Fortran": lambda shape: np.asfortranarray(filled(shape, "float64")),
    "bool": lambda shape: np.ones(shape, bool),
    "subclass": lambda shape: filled(shape).view(np.recarray),
}


@pytest.mark.parametrize("make", OUTS.values(), ids=OUTS)
@pytest.mark.parametrize("workers", [1, None])
@pytest.mark.parametrize("documents", ["few", "many", "dictionary"])
def test_out_is_filled_and_returned(make, workers, documents):
    items, expected = (DOCUMENTS, COUNTS) if documents == "few" else (MANY, MANY_COUNTS)
    out = make(expected.shape)
    given = pd.Series(items, dtype="category") if documents == "dictionary" else items
    assert cg.count(given, TERMS, out=out, workers=workers) is out
    assert np.array_equal(out, expected.astype(out.dtype))


@pytest.mark.parametrize("step", [(2, 3), (-2, -3), (2, -1)], ids=str)
def test_out_does_not_change_its_neighbours(step):
    whole = filled((10, 12))
    out = whole[:: step[0], :: step[1]][:5, :4]
    mine = np.zeros_like(whole, bool)
    mine[:: step[0], :: step[1]][:5, :4] = True
    cg.count(DOCUMENTS, TERMS, out=out)
    assert np.array_equal(out, COUNTS)
    assert (whole[~mine] == 7).all()


@pytest.mark.parametrize("order", ["C", "F"])
def test_out_in_a_memory_map(tmp_path, order):
    path = tmp_path / "counts"
    out = np.memmap(path, "int16", "w+", shape=MANY_COUNTS.shape, order=order)
    assert cg.count(MANY, TERMS, out=out) is out
    out.flush()
    assert np.array_equal(np.memmap(path, "int16", "r", shape=MANY_COUNTS.shape, order=order), MANY_COUNTS)


@pytest.mark.parametrize("strides", [None, (0, 0), (4, 4), (4, 20), (-4, -4)], ids=str)
@pytest.mark.parametrize("shape", [(0, 4), (5, 0), (0, 0)], ids=str)
def test_out_without_a_cell(shape, strides):
    out = np.lib.stride_tricks.as_strided(np.empty(0, "int32"), shape, strides)
    assert cg.count(DOCUMENTS[: shape[0]], TERMS[: shape[1]], out=out) is out


def test_out_takes_its_own_dtype_or_the_same_again():
    out = filled((5, 4), "uint8")
    assert cg.count(DOCUMENTS, TERMS, out=out, dtype="uint8") is out
    for conflicting in ("int8", "int32", "bool"):
        with pytest.raises(TypeError, match=f"(?s)(?=.*uint8)(?=.*{conflicting})"):
            cg.count(DOCUMENTS, TERMS, out=out, dtype=conflicting)


def read_only(shape):
    out = filled(shape)
    out.flags.writeable = False
    return out


def mapped_read_only(shape):
    memory = mmap.mmap(-1, 4 * shape[0] * shape[1], prot=mmap.PROT_READ)
    return np.frombuffer(memory, "int32").reshape(shape)


BAD_OUTS = {
    "rows": (filled((4, 4)), ValueError, r"\(4, 4\).*\(5, 4\)|\(5, 4\).*\(4, 4\)"),
    "columns": (filled((5, 5)), ValueError, r"\(5, 5\).*\(5, 4\)|\(5, 4\).*\(5, 5\)"),
    "transposed": (filled((4, 5)), ValueError, r"\(4, 5\).*\(5, 4\)|\(5, 4\).*\(4, 5\)"),
    "1-D": (filled(20), ValueError, r"\(20,\)|dimension"),
    "3-D": (filled((5, 4, 1)), ValueError, r"\(5, 4, 1\)|dimension"),
    "0-D": (np.array(0), ValueError, r"\(\)|dimension"),
    "complex": (filled((5, 4), complex), TypeError, "complex128"),
    "longdouble": (filled((5, 4), "longdouble"), TypeError, "dtype|longdouble|float128"),
    "object": (filled((5, 4), object), TypeError, "object"),
    "text": (np.full((5, 4), "7"), TypeError, "dtype"),
    "read-only": (read_only((5, 4)), ValueError, "read-only|writ"),
    "read-only memory": (mapped_read_only((5, 4)), ValueError, "read-only|writ"),
    "broadcast": (np.broadcast_to(np.int32(7), (5, 4)), ValueError, "read-only|writ|overlap"),
    "list": ([[7] * 4] * 5, TypeError, "list"),
    "memoryview": (memoryview(filled((5, 4))), TypeError, "memoryview"),
    "matrix of scipy": (sp.csr_array(COUNTS), TypeError, "csr_array"),
}


@pytest.mark.parametrize(("out", "error", "text"), BAD_OUTS.values(), ids=BAD_OUTS)
def test_bad_outs(out, error, text):
    before = np.array(out)
    with pytest.raises(error, match="out.*(" + text + ")"):
        cg.count(DOCUMENTS, TERMS, out=out)
    assert str(np.array(out)) == str(before), "no cell was written"


@pytest.mark.parametrize("strides", [(0, 4), (4, 0), (0, 0), (4, 4), (8, 4), (16, 2), (-4, 4)], ids=str)
def test_out_whose_cells_share_memory_is_an_error(strides):
    memory = np.full(100, 7, "int32")
    out = np.lib.stride_tricks.as_strided(memory[20:], (5, 4), strides)
    with pytest.raises(ValueError, match=r"out.*(overlap|share memory)"):
        cg.count(DOCUMENTS, TERMS, out=out)
    assert (memory == 7).all()


@pytest.mark.parametrize("strides", [(4, 20), (16, 4), (-16, 4), (-16, -4), (36, 8), (8, 40)], ids=str)
def test_out_whose_cells_do_not_share_memory_is_filled(strides):
    memory = np.full(200, 7, "int32")
    out = np.lib.stride_tricks.as_strided(memory[60:], (5, 4), strides)
    assert cg.count(DOCUMENTS, TERMS, out=out) is out
    assert np.array_equal(out, COUNTS)
    assert (memory == 7).sum() == 180


def test_out_and_sparse_exclude_each_other():
    out = filled((5, 4))
    with pytest.raises((ValueError, TypeError), match=r"(?=.*out)(?=.*sparse)"):
        cg.count(DOCUMENTS, TERMS, out=out, sparse=True)
    assert (out == 7).all()


# sparse


@pytest.mark.parametrize("workers", [None, 1, 3])
@pytest.mark.parametrize(("documents", "expected"), [(DOCUMENTS, COUNTS), (MANY, MANY_COUNTS)], ids=["few", "many"])
def test_sparse(documents, expected, workers):
    counts = cg.count(documents, TERMS, sparse=True, workers=workers)
    assert type(counts) is sp.csr_array
    assert (counts.shape, counts.dtype) == (expected.shape, np.int32)
    assert (counts.indices.dtype, counts.indptr.dtype) == (np.int32, np.int32)
    assert counts.indptr[0] == 0
    assert counts.nnz == np.count_nonzero(expected), "zeros are not stored"
    pairs = [counts.indices[start:end] for start, end in zip(counts.indptr[:-1], counts.indptr[1:], strict=True)]
    assert all((np.diff(columns) > 0).all() for columns in pairs), "columns are sorted and distinct"
    assert counts.has_sorted_indices
    assert counts.has_canonical_format
    assert np.array_equal(counts.toarray(), expected)


@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if dtype != "float16"])
def test_sparse_dtypes(dtype):
    counts = cg.count(DOCUMENTS, TERMS, sparse=True, dtype=dtype)
    assert counts.dtype == dtype
    assert np.array_equal(counts.toarray(), COUNTS.astype(dtype))


@pytest.mark.parametrize("dtype", ["float16", np.dtype("i4").newbyteorder("S")], ids=str)
def test_sparse_dtypes_that_scipy_does_not_know(dtype):
    with pytest.raises(TypeError, match=r"dtype.*scipy"):
        cg.count(DOCUMENTS, TERMS, sparse=True, dtype=dtype)


@pytest.mark.parametrize(("documents", "terms"), [([], TERMS), (DOCUMENTS, []), ([], []), (["dog"], TERMS)])
def test_sparse_without_a_count(documents, terms):
    counts = cg.count(documents, terms, sparse=True)
    assert (counts.shape, counts.nnz) == ((len(documents), len(terms)), 0)


def test_sparse_of_a_dictionary():
    items = ["the cat", None, "at the", "the cat"]
    counts = cg.count(pd.Series(items, dtype="category"), TERMS, sparse=True)
    assert np.array_equal(counts.toarray(), cg.count(items, TERMS))
    assert counts.has_canonical_format


def test_sparse_can_be_computed_with():
    counts = cg.count(MANY, TERMS, sparse=True)
    assert np.array_equal((counts.T @ counts).toarray(), MANY_COUNTS.T @ MANY_COUNTS)
    assert counts.sum() == MANY_COUNTS.sum()


def test_sparse_needs_a_bool():
    with pytest.raises((TypeError, ValueError), match="sparse"):
        cg.count(DOCUMENTS, TERMS, sparse="csr")


# Too large


@pytest.mark.parametrize("dtype", ["bool", "int32", "float64"])
def test_a_matrix_larger_than_memory_is_an_error_at_once(dtype):
    documents = np.broadcast_to(np.array(b"a"), 10_000_000)
    plan = cg.TermCounter([f"a{i}" for i in range(100_000)])
    with pytest.raises(MemoryError, match="sparse=True") as caught:
        plan.count(documents, dtype=dtype)
    assert any(unit in str(caught.value) for unit in ("TB", "TiB", "GB", "GiB", "bytes"))
    assert plan.count(documents[:2], sparse=True).shape == (2, 100_000)


# totals


def test_totals():
    totals = cg.TermCounter(TERMS).totals(DOCUMENTS)
    assert totals.columns == TERMS
    assert totals.counts.tolist() == [3, 3, 1, 0]
    assert totals.documents.tolist() == [2, 1, 1, 0]
    assert (totals.counts.dtype, totals.documents.dtype) == (np.int64, np.int64)


def test_totals_by_category_and_of_bytes_terms():
    totals = cg.TermCounter({"article": ["the", "a"], "animal": ["dog"]}).totals(["the a", "a dog"])
    assert (totals.columns, totals.counts.tolist(), totals.documents.tolist()) == (
        ["article", "animal"],
        [3, 1],
        [2, 1],
    )
    assert cg.TermCounter([b"\xff", "é", "é".encode()]).totals(["é"]).columns == ["\\xff", "é", "é"]


def test_totals_print_as_a_table():
    lines = str(cg.TermCounter([*TERMS, "日本"]).totals(["the " * 1234, "the", "at"])).splitlines()
    for name, count, documents in [("the", "1235", "2"), ("at", "1", "1"), ("bird", "0", "0"), ("日本", "0", "0")]:
        line = next(line for line in lines if name in line.split())
        assert line.replace(",", "").replace("_", "").split()[-2:] == [count, documents]
    assert "counts" in lines[0] or "count" in lines[0]
    assert "documents" in lines[0]


def test_totals_print_any_number_of_columns():
    assert len(str(cg.TermCounter(range_of_terms(100_000)).totals(["t1"]))) < 100_000
    assert isinstance(str(cg.TermCounter([]).totals(["a"])), str)


def range_of_terms(n):
    return [f"t{i}" for i in range(n)]


@pytest.mark.parametrize("workers", [None, 1, 4])
def test_totals_equal_the_matrix_summed(workers):
    totals = cg.TermCounter(TERMS).totals(MANY, workers=workers)
    assert totals.counts.tolist() == MANY_COUNTS.sum(axis=0).tolist()
    assert totals.documents.tolist() == (MANY_COUNTS > 0).sum(axis=0).tolist()


@pytest.mark.parametrize(
    "documents", [[], [None, None], pa.nulls(3), iter([])], ids=["none", "missing", "null", "iter"]
)
def test_totals_of_nothing(documents):
    totals = cg.TermCounter(TERMS).totals(documents)
    assert (totals.counts.tolist(), totals.documents.tolist()) == ([0] * 4, [0] * 4)
    assert len(cg.TermCounter([]).totals(["a"]).counts) == 0


def test_totals_of_a_dictionary_weigh_each_row():
    made = pd.Series(["the cat", "at at"] * 500 + [None], dtype="category")
    totals = cg.TermCounter(TERMS).totals(made)
    assert totals.counts.tolist() == [500, 1000, 0, 0]
    assert totals.documents.tolist() == [500, 500, 0, 0]


def test_totals_do_not_overflow():
    text = "a" * (1 << 20)
    totals = cg.TermCounter(["a"], match="substring").totals(
        pa.DictionaryArray.from_arrays(pa.array([0] * 5000), [text])
    )
    assert totals.counts.tolist() == [5000 << 20]


def batches(n, text="the cat at"):
    schema = pa.schema([("document", pa.string())])
    return pa.RecordBatchReader.from_batches(
        schema, (pa.record_batch([pa.array([text, None])], schema=schema) for _ in range(n))
    )


def test_totals_of_a_stream():
    totals = cg.TermCounter(TERMS).totals(batches(100))
    assert (totals.counts.tolist(), totals.documents.tolist()) == ([100, 100, 0, 0], [100, 100, 0, 0])
    assert cg.TermCounter(TERMS).totals(batches(0)).counts.tolist() == [0] * 4
    assert cg.count(batches(3), TERMS).tolist() == [[1, 1, 0, 0], [0] * 4] * 3


def test_totals_of_a_stream_of_dictionaries():
    chunks = [pa.array(["the", "at"] * 5).dictionary_encode(), pa.array(["at", None]).dictionary_encode()]
    reader = pa.table({"document": pa.chunked_array(chunks)}).to_reader()
    assert cg.TermCounter(TERMS).totals(reader).counts.tolist() == [5, 6, 0, 0]


@pytest.mark.parametrize("ask", ["totals", "count", "Documents"])
def test_an_error_of_the_stream_arrives(ask):
    schema = pa.schema([("document", pa.string())])

    def failing():
        yield pa.record_batch([pa.array(["the"])], schema=schema)
        raise LookupError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(schema, failing())
    call = cg.Documents if ask == "Documents" else getattr(cg.TermCounter(TERMS), ask)
    with pytest.raises(Exception, match="the disk is gone"):
        call(reader)


def test_missing_in_a_stream_is_named_by_its_row():
    chunks = [pa.array(chunk, pa.string()) for chunk in (["a", "b"], ["c", None], [None])]
    reader = pa.table({"document": pa.chunked_array(chunks)}).to_reader()
    with pytest.raises(ValueError, match=r"documents\[3\] is missing"):
        cg.TermCounter(TERMS).totals(reader, missing="raise")


def test_totals_know_no_options_of_the_matrix():
    for option in ({"dtype": "int8"}, {"sparse": True}, {"out": None}):
        with pytest.raises(TypeError):
            cg.TermCounter(TERMS).totals(DOCUMENTS, **option)


# workers


@pytest.mark.parametrize("workers", [1, 2, 3, 7, np.int64(2), None])
def test_workers_never_change_the_result(workers):
    assert np.array_equal(cg.count(MANY, TERMS, workers=workers), MANY_COUNTS)


# missing


@pytest.mark.parametrize("ask", ["count", "sparse", "totals"])
@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        iter,
        pa.array,
        lambda items: pd.Series(items, dtype="str"),
        lambda items: pd.Series(items, dtype="category"),
        cg.Documents,
    ],
    ids=["list", "tuple", "iter", "arrow", "pandas", "category", "Documents"],
)
def test_missing_documents_can_raise(make, ask):
    plan = cg.TermCounter(["a"])
    options = {"sparse": True} if ask == "sparse" else {}
    call = plan.totals if ask == "totals" else plan.count
    call(make(["a", "b", None, "c", None]), missing="zero", **options)
    with pytest.raises(ValueError, match=r"documents\[2\] is missing"):
        call(make(["a", "b", None, "c", None]), missing="raise", **options)
    call(make(["a", "b"]), missing="raise", **options)


# progress

LARGE = ["the cat sat on the mat " * 1000] * 1000


def check_growing(seen, total):
    done = [done for done, _ in seen]
    assert done == sorted(done)
    assert {of for _, of in seen} == {total}


@pytest.mark.parametrize("ask", ["count", "totals"])
@pytest.mark.parametrize(
    "documents",
    [DOCUMENTS, LARGE, pa.array(LARGE), np.array(LARGE[:100]), ["Катя " * 5000] * 100],
    ids=["few", "many", "arrow", "numpy", "Cyrillic"],
)
def test_progress_grows_to_the_total(documents, ask):
    seen = []
    getattr(cg.TermCounter(TERMS), ask)(documents, progress=lambda done, total: seen.append((done, total)))
    assert seen
    check_growing(seen, cg.Documents(documents).nbytes)
    assert seen[-1][0] == seen[-1][1]


def test_progress_of_a_stream_knows_no_total():
    seen = []
    cg.TermCounter(TERMS).totals(
        batches(20, "the " * 10_000), progress=lambda done, total: seen.append((done, total))
    )
    check_growing(seen, None)
    assert seen[-1][0] == 20 * 40_000


def test_progress_does_not_change_the_result():
    seen = []
    found = cg.count(MANY, TERMS, progress=lambda *state: seen.append(state))
    assert np.array_equal(found, MANY_COUNTS)


def endless():
    """Documents that take minutes to count, and little memory."""
    return ["the cat sat on the mat " * 50_000] * 1_000_000


@pytest.mark.parametrize("ask", ["count", "totals"])
def test_an_exception_from_progress_ends_the_count(ask):
    error = LookupError("enough")
    calls = []

    def progress(done, total):
        calls.append(done)
        if len(calls) == 3:
            raise error

    plan = cg.TermCounter(TERMS)
    with pytest.raises(LookupError) as caught:
        getattr(plan, ask)(endless(), progress=progress)
    assert caught.value is error
    assert len(calls) == 3
    assert plan.count(DOCUMENTS).tolist() == COUNTS.tolist()


def test_an_exception_from_progress_over_few_documents():
    def progress(done, total):
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        cg.count(["the"], ["the"], progress=progress)


def test_progress_may_count():
    inner = []
    cg.count(LARGE, TERMS, progress=lambda done, total: inner.append(cg.count(MANY, TERMS, workers=2)))
    assert all(np.array_equal(counts, MANY_COUNTS) for counts in inner)
    assert inner


@pytest.mark.parametrize("documents", [LARGE, DOCUMENTS], ids=["many", "few"])
def test_progress_true_shows_a_bar(capsys, documents):
    cg.count(documents, TERMS, progress=True)
    assert "100%" in capsys.readouterr().err


def test_progress_true_shows_a_bar_for_a_stream(capsys):
    cg.TermCounter(TERMS).totals(batches(20, "the " * 10_000), progress=True)
    assert "B" in capsys.readouterr().err


def test_progress_false_shows_nothing(capsys):
    cg.count(LARGE, TERMS, progress=False)
    assert capsys.readouterr() == ("", "")
