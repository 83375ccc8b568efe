"""Totals by group."""

import datetime
import pickle

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

TEXTS = ["the cat", "a cat", None, "the the dog", "dog"]
TERMS = ["the", "cat", "dog"]
BY = ["b", "a", "b", None, "a"]


@pytest.fixture(name="counter")
def fixture_counter():
    return cg.TermCounter(TERMS)


def expected(texts, by):
    """The totals of each group, counted apart."""
    counter = cg.TermCounter(TERMS)
    groups = sorted({label for label in by if label is not None}) + [None] * (None in by)
    members = [[text for text, label in zip(texts, by, strict=True) if label == group] for group in groups]
    totals = [counter.totals(texts) for texts in members]
    return (
        groups,
        [t.counts.tolist() for t in totals],
        [t.documents.tolist() for t in totals],
        list(map(len, members)),
    )


def check(totals, texts=TEXTS, by=BY, label=lambda label: label):
    groups, counts, documents, sizes = expected(texts, by)
    assert [None if group is None else label(group) for group in totals.groups] == groups
    assert totals.counts.tolist() == counts
    assert totals.documents.tolist() == documents
    assert totals.sizes.tolist() == sizes
    assert {totals.counts.dtype, totals.documents.dtype, totals.sizes.dtype} == {np.dtype(np.int64)}


@pytest.mark.parametrize(
    "labels",
    [
        BY,
        tuple(BY),
        iter(BY),
        np.array(BY, object),
        pd.Series(BY),
        pd.Series(BY, dtype="category"),
        pd.Series(BY, dtype="string"),
        pd.Index(BY),
        pd.Categorical(BY),
        pa.array(BY),
        pa.chunked_array([BY[:2], BY[2:]]),
        pa.array(BY).dictionary_encode(),
        np.ma.array(["b", "a", "b", "x", "a"], mask=[0, 0, 0, 1, 0]),
        np.array(["b", "a", "b", None, "a"], np.dtypes.StringDType(na_object=None)),
    ],
    ids=lambda labels: type(labels).__name__,
)
def test_labels_of_each_kind(counter, labels):
    check(counter.totals(TEXTS, by=labels))


def test_labels_of_polars(counter):
    polars = pytest.importorskip("polars")
    check(counter.totals(TEXTS, by=polars.Series(BY)))
    check(counter.totals(TEXTS, by=polars.Series(BY, dtype=polars.Categorical)))


@pytest.mark.parametrize(
    ("labels", "by"),
    [
        (np.array([2, 1, 2, 3, 1]), [2, 1, 2, 3, 1]),
        (np.array([2, 1, 2, np.nan, 1]), [2, 1, 2, None, 1]),
        (np.array([True, False, True, True, False]), [True, False, True, True, False]),
        ([2, 1, 2, float("nan"), 1], [2, 1, 2, None, 1]),
        ([2, 1, 2, pd.NA, 1], [2, 1, 2, None, 1]),
        (pd.Series([2, 1, 2, None, 1], dtype="Int64"), [2, 1, 2, None, 1]),
        (pa.array([2.0, 1.0, 2.0, float("nan"), 1.0]), [2, 1, 2, None, 1]),
        ([("x", 2), ("x", 1), ("x", 2), ("y", 0), ("x", 1)], [("x", 2), ("x", 1), ("x", 2), ("y", 0), ("x", 1)]),
    ],
)
def test_numbers_and_missing_labels(counter, labels, by):
    check(counter.totals(TEXTS, by=labels), by=by)


def test_dates(counter):
    months = np.array(["2024-02", "2024-01", "2024-02", "NaT", "2024-01"], "datetime64[M]")
    for labels in (months, months.astype("datetime64[ns]"), pd.Series(months.astype("datetime64[s]"))):
        totals = counter.totals(TEXTS, by=labels)
        check(totals, label=lambda label: {1: "a", 2: "b"}[pd.Timestamp(label).month])
    dates = [None if pd.isna(month) else month.item() for month in months]
    assert counter.totals(TEXTS, by=dates).groups == [datetime.date(2024, 1, 1), datetime.date(2024, 2, 1), None]


@given(
    st.lists(
        st.tuples(
            st.none() | st.sampled_from(["the cat", "dog the the", "", "cat " * 300]), st.none() | st.integers(0, 5)
        ),
        max_size=60,
    ),
    st.integers(1, 2),
)
def test_groups_counted_apart(rows, workers):
    texts, by = [text for text, _ in rows], [label for _, label in rows]
    counter = cg.TermCounter(TERMS)
    for documents in (texts, pa.array(texts, pa.string()).dictionary_encode()):
        check(counter.totals(documents, by=by, workers=workers), texts, by)


def test_many_groups_and_columns():
    terms = [f"w{i}" for i in range(2000)]
    texts = [f"w{i % 2000} w{i % 7} " * 3 for i in range(30_000)]
    by = np.arange(30_000) % 500
    totals = cg.TermCounter(terms).totals(texts, by=by)
    counts = cg.count(texts, terms)
    expected = np.zeros((500, 2000), np.int64)
    np.add.at(expected, by, counts)
    np.testing.assert_array_equal(totals.counts, expected)
    np.add.at(expected := np.zeros((500, 2000), np.int64), by, counts > 0)
    np.testing.assert_array_equal(totals.documents, expected)


def test_rates_by_group(counter):
    totals = counter.totals(TEXTS, by=BY, per_words=100)
    assert totals.words.tolist() == [3, 2, 3]
    assert totals.counts.tolist() == [[0, 100 / 3, 100 / 3], [50, 50, 0], [200 / 3, 0, 100 / 3]]
    assert totals.per_words == 100
    assert counter.totals(["😀", "the"], by=[1, 2], per_words=10).counts.tolist() == [[0, 0, 0], [10, 0, 0]]


def test_a_stream_by_the_name_of_its_column(counter):
    table = pa.table({"text": TEXTS * 50, "month": BY * 50})
    for stream in (table, table.to_reader(max_chunksize=3), table.select(["month", "text"])):
        check(counter.totals(stream, by="month"), TEXTS * 50, BY * 50)
    empty = counter.totals(table.slice(0, 0), by="month")
    assert (empty.groups, empty.counts.shape) == ([], (0, 3))
    rates = counter.totals(table.to_reader(), by="month", per_words=100)
    assert rates.counts.tolist() == counter.totals(TEXTS, by=BY, per_words=100).counts.tolist()


def test_a_long_stream_is_read_in_batches(counter, monkeypatch):
    monkeypatch.setattr("countgrid._grouping._STREAM_BYTES", 100)
    table = pa.table({"text": TEXTS * 50, "month": BY * 50})
    seen = []
    totals = counter.totals(table.to_reader(max_chunksize=4), by="month", progress=lambda *bytes: seen.append(bytes))
    check(totals, TEXTS * 50, BY * 50)
    assert seen == sorted(seen, key=lambda done: done[0])
    assert {total for _, total in seen} == {None}


@pytest.mark.parametrize(
    ("documents", "by", "error", "message"),
    [
        (TEXTS, ["a"], ValueError, "by has 1 labels for 5 documents"),
        (TEXTS, "month", TypeError, "by is 'month', but documents is list"),
        (TEXTS, {"a": 1}, TypeError, "by is dict"),
        (TEXTS, {"a", "b"}, TypeError, "by is set"),
        (TEXTS, 5, TypeError, "by is int"),
        (TEXTS, np.zeros((5, 1)), ValueError, r"by has shape \(5, 1\)"),
        (TEXTS, [1, "a", 2, 3, 4], TypeError, "labels of types int, str, which cannot be sorted"),
        (TEXTS, [[1], [2], [3], [4], [5]], TypeError, r"by\[0\] is list"),
        (
            pa.table({"text": TEXTS, "month": BY}),
            "day",
            ValueError,
            "expected the name of one of the columns 'text', 'm",
        ),
        (pa.table({"text": TEXTS, "m": BY, "x": BY}), "m", ValueError, "expected 'm' and one of text"),
    ],
)
def test_wrong_labels(counter, documents, by, error, message):
    with pytest.raises(error, match=message):
        counter.totals(documents, by=by)


def test_options(counter):
    with pytest.raises(ValueError, match=r"documents\[2\] is missing"):
        counter.totals(TEXTS, by=BY, missing="raise")
    with pytest.raises(ValueError, match="workers"):
        counter.totals(TEXTS, by=BY, workers=0)
    assert counter.totals([], by=[]).groups == []
    assert cg.TermCounter([]).totals(TEXTS, by=BY).counts.shape == (3, 0)


def test_rows_and_names(counter):
    totals = counter.totals(TEXTS, by=BY)
    assert len(totals) == 3
    assert [(row.group, row.size, row.counts.tolist()) for row in totals] == [
        ("a", 2, [0, 1, 1]),
        ("b", 2, [1, 1, 0]),
        (None, 1, [2, 0, 1]),
    ]
    assert totals["dog"].tolist() == [1, 0, 1]
    assert "dog" in totals
    assert "bird" not in totals
    with pytest.raises(KeyError):
        totals["bird"]
    assert totals.to_dict()["b"] == {"the": 1, "cat": 1, "dog": 0}
    assert pickle.loads(pickle.dumps(totals)).to_dict() == totals.to_dict()


def test_tables(counter):
    totals = counter.totals(TEXTS, by=BY)
    frame = totals.to_frame()
    assert frame.index.name == "group"
    assert frame.loc["a"].to_dict() == {"the": 0, "cat": 1, "dog": 1}
    assert frame.columns.tolist() == TERMS
    table = pa.table(totals)
    assert table.column_names == ["group", "documents", *TERMS]
    assert table["group"].to_pylist() == ["a", "b", None]
    assert table["documents"].to_pylist() == [2, 2, 1]
    assert "<th>group</th>" in totals._repr_html_()
    numbers = counter.totals(TEXTS, by=[1, 2, 1, 2, 1])
    assert pa.table(numbers)["group"].to_pylist() == [1, 2]
    assert repr(numbers).splitlines()[0].split() == ["group", "documents", *TERMS]


def test_large_tables_are_shortened():
    totals = cg.TermCounter([f"w{i}" for i in range(30)]).totals(["w1"] * 100, by=range(100))
    lines = repr(totals).splitlines()
    assert len(lines) == 33
    assert "..." in lines
    assert lines[-1] == "[100 groups, 30 columns]"


def test_sums(counter):
    parts = [(TEXTS[:2], BY[:2]), (TEXTS[2:], BY[2:]), ([], [])]
    check(sum(counter.totals(texts, by=by) for texts, by in parts))
    rates = sum(counter.totals(texts, by=by, per_words=100) for texts, by in parts)
    assert rates.to_dict() == counter.totals(TEXTS, by=BY, per_words=100).to_dict()
    with pytest.raises(ValueError, match="cannot add totals over 3 and 1 columns"):
        counter.totals(TEXTS, by=BY) + cg.TermCounter(["x"]).totals(TEXTS, by=BY)
    with pytest.raises(TypeError):
        counter.totals(TEXTS, by=BY) + counter.totals(TEXTS)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: pd.Series(pd.arrays.ArrowExtensionArray(pa.array([1.0, float("nan"), None]))), [1.0, None]),
        (lambda: pa.array([0.0, -0.0, None]), [0.0, None]),
        (lambda: pa.array([1.5, float("nan"), None], pa.float32()), [1.5, None]),
        (lambda: pa.array(np.array([1, np.nan, 2], np.float16)), [1.0, 2.0, None]),
        (lambda: pa.array([b"x", b"y", None], pa.binary_view()), [b"x", b"y", None]),
        (lambda: pd.Series([1, None, 2], dtype="Int64"), [1, 2, None]),
    ],
)
def test_labels_of_unusual_types(make, expected):
    groups = cg.TermCounter(["the"]).totals(["the", "cat", "the"], by=make()).groups
    assert groups == expected
    assert [type(group) for group in groups] == [type(label) for label in expected]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: pa.array([[1], [2], [1]]), "list"),
        (lambda: pa.array([{"a": 1}] * 3), "dict"),
        (lambda: [np.array([1, 2])] * 3, "ndarray"),
    ],
)
def test_labels_that_cannot_be_hashed(make, kind):
    with pytest.raises(TypeError, match=rf"by\[0\] is {kind} .*; expected a label that can be hashed, such as str"):
        cg.TermCounter(["the"]).totals(["the", "cat", "the"], by=make())


PAIRS = [("b", 1), ("a", 2), ("b", None), (None, 1), ("b", 1), ("a", float("nan")), (None, None), ("a", None)]


@pytest.mark.parametrize("make", [list, iter, lambda pairs: pd.Series(pairs)])
def test_pairs_of_labels(make):
    """They are sorted item by item, missing ones last, and become a MultiIndex."""
    totals = cg.TermCounter(["x"]).totals(["x"] * len(PAIRS), by=make(PAIRS))
    expected = [("a", 2), ("a", None), ("b", 1), ("b", None), (None, 1), (None, None)]
    assert totals.groups == expected
    assert totals["x"].tolist() == [1, 2, 2, 1, 1, 1]
    frame = totals.to_frame()
    assert frame.index.nlevels == 2
    assert frame.loc[("b", 1), "x"] == 2
    assert (totals + totals).groups == expected


def test_groups_that_are_not_all_tuples():
    totals = cg.TermCounter(["x"]).totals(["x", "x", "y"], by=[("a", 1), ("a", 1), None])
    assert totals.groups == [("a", 1), None]
    assert totals.to_frame().index.tolist() == [("a", 1), None]


@pytest.mark.parametrize(
    "by",
    [
        [pd.Series(["a", "b"]), pd.Series([1, 2])],
        pd.DataFrame({"year": [1, 2], "month": [3, 4]}),
        [["a", "b"], [1, 2]],
        np.array([["a", "b"], ["c", "d"]]),
    ],
)
def test_several_columns_of_labels_are_zipped(by):
    with pytest.raises((TypeError, ValueError), match=r"pass tuples: list\(zip\(a, b\)\)$"):
        cg.TermCounter(["x"]).totals(["x", "x"], by=by)
