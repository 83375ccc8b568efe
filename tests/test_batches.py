"""Iterables of Arrow arrays, record batches and tables as documents."""

import itertools
import signal
import sqlite3
import threading
from contextlib import closing

import countgrid as cg
import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog", "the the"]
TERMS = ["cat", "dog", "the"]
COUNTER = cg.TermCounter(TERMS)


def arrays():
    return [pa.array(TEXTS[:2]), pa.array(TEXTS[2:2], pa.string()), pa.array(TEXTS[2:])]


def of_types():
    """The same texts in arrays of several types."""
    return [pa.array(TEXTS[:2], pa.large_string()), pa.array(TEXTS[2:4]), pa.array(TEXTS[4:], pa.string_view())]


def dictionaries():
    return [array.dictionary_encode() for array in arrays()]


def batches():
    return [pa.record_batch({"text": array}) for array in arrays()]


def tables():
    return [pa.table({"text": pa.chunked_array([array, array[:0]])}) for array in arrays()]


def chunked():
    return [pa.chunked_array([array]) for array in arrays()]


KINDS = [arrays, of_types, dictionaries, batches, tables, chunked]
AS = [list, tuple, iter, lambda items: (item for item in items)]


@pytest.mark.parametrize("make", AS)
@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_batches(kind, make):
    expected = COUNTER.totals(TEXTS)
    totals = COUNTER.totals(make(kind()))
    np.testing.assert_array_equal(totals.counts, expected.counts)
    np.testing.assert_array_equal(totals.documents, expected.documents)
    assert totals.counts.dtype == np.int64
    np.testing.assert_array_equal(COUNTER.count(make(kind())), COUNTER.count(TEXTS))
    np.testing.assert_array_equal(COUNTER.score(make(kind()), [1, 2, 3]), COUNTER.score(TEXTS, [1, 2, 3]))
    assert COUNTER.which(make(kind())) == COUNTER.which(TEXTS)
    assert len(COUNTER.find(make(kind()))) == expected.counts.sum()
    assert [cg.Documents(make(kind()))[i] for i in range(len(TEXTS))] == TEXTS


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("per_words", [None, 100])
def test_totals_of_large_batches(workers, per_words):
    """Large enough for the pool, so that batches are read while others are counted."""
    texts = ["the cat sat on the mat"] * 20_000 + [None]
    parts = (pa.array(texts) for _ in range(5))
    totals = COUNTER.totals(parts, workers=workers, per_words=per_words)
    expected = COUNTER.totals(texts * 5, per_words=per_words)
    np.testing.assert_array_equal(totals.counts, expected.counts)
    np.testing.assert_array_equal(totals.documents, expected.documents)
    assert totals.words == expected.words


def test_polars_frames():
    pl = pytest.importorskip("polars")
    frames = [pl.DataFrame({"text": TEXTS[:3]}), pl.DataFrame({"text": TEXTS[3:]})]
    assert COUNTER.totals(iter(frames)).to_dict() == COUNTER.totals(TEXTS).to_dict()
    assert COUNTER.totals([frame["text"] for frame in frames]).to_dict() == COUNTER.totals(TEXTS).to_dict()


def test_readers_of_pyarrow(tmp_path):
    path = tmp_path / "texts.parquet"
    pa.parquet.write_table(pa.table({"text": TEXTS, "n": range(6)}), path, row_group_size=2)
    expected = COUNTER.totals(TEXTS).to_dict()
    assert COUNTER.totals(pa.parquet.ParquetFile(path).iter_batches(2, columns=["text"])).to_dict() == expected
    assert COUNTER.totals(pa.dataset.dataset(path).to_batches(columns=["text"])).to_dict() == expected
    with pytest.raises(ValueError, match=r"documents has 2 columns \('text', 'n'\); pass one of them"):
        COUNTER.totals(pa.parquet.ParquetFile(path).iter_batches())


def test_groups():
    months = ["may", "may", "june", "june", "june", "may"]
    parts = [
        pa.record_batch({"text": TEXTS[:2], "month": months[:2]}),
        pa.record_batch({"text": TEXTS[2:], "month": months[2:]}),
    ]
    expected = COUNTER.totals(TEXTS, by=months)
    for iterable in (parts, iter(parts), [pa.Table.from_batches([part]) for part in parts]):
        totals = COUNTER.totals(iterable, by="month")
        assert totals.groups == expected.groups
        np.testing.assert_array_equal(totals.counts, expected.counts)


def test_batches_are_read_by_the_calling_thread():
    def of_a_cursor():
        with closing(sqlite3.connect(":memory:")) as connection:
            for (text,) in connection.execute("SELECT 'the cat' UNION ALL SELECT 'a dog'"):
                readers.add(threading.get_ident())
                yield pa.array([text] * 50_000)

    readers = set()
    assert COUNTER.totals(of_a_cursor(), workers=2).counts.tolist() == [50_000, 50_000, 50_000]
    assert readers == {threading.get_ident()}


def test_only_few_batches_are_in_memory():
    before = pa.total_allocated_bytes()
    most = 0

    def parts():
        nonlocal most
        for _ in range(50):
            part = pa.array(["the cat sat on the mat " * 40] * 1000)
            most = max(most, pa.total_allocated_bytes() - before)
            yield part

    assert COUNTER.totals(parts()).counts.tolist() == [2_000_000, 0, 4_000_000]
    assert most < 5 * 40 * 23 * 1000


def test_rows_in_errors_count_from_the_first_batch():
    parts = [pa.array(["a", "b"]), pa.array(["c", None])]
    for documents in (parts, iter(parts)):
        with pytest.raises(ValueError, match=r"documents\[3\] is missing") as caught:
            COUNTER.totals(documents, missing="raise")
        assert caught.value.row == 3


def test_an_error_of_the_iterator_is_raised():
    def failing():
        yield pa.array(["the cat"] * 30_000)
        raise OSError("the disk is gone")

    for call in (COUNTER.totals, COUNTER.count):
        with pytest.raises(OSError, match="the disk is gone"):
            call(failing())


def test_an_iterator_that_was_read_before():
    parts = (array for array in arrays())
    COUNTER.totals(parts)
    with pytest.raises(ValueError, match="documents was read to its end before"):
        COUNTER.totals(parts)


def test_no_batches():
    assert COUNTER.totals(iter([])).counts.tolist() == [0, 0, 0]
    assert COUNTER.totals(pa.array([], pa.string()) for _ in range(2)).counts.tolist() == [0, 0, 0]
    assert COUNTER.count(pa.array([], pa.string()) for _ in range(2)).shape == (0, 3)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([pa.array(["a"]), "b"], "item 1 is str, those before it are Arrow data; expected the same"),
        ([pa.array(["a"]), None], "item 1 is NoneType"),
        ([pa.array(["a"]), pa.array([1])], "Arrow column of type Int64; expected text"),
        (["a", pa.array(["b"])], r"documents\[1\] is StringArray"),
    ],
)
def test_items_of_several_kinds(items, message):
    for call in (COUNTER.totals, COUNTER.count):
        for documents in (items, iter(items)):
            with pytest.raises(TypeError, match=message):
                call(documents)


def test_progress():
    told = []
    texts = ["the cat"] * 10_000
    COUNTER.totals((pa.array(texts) for _ in range(3)), progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, None)
    assert told[-1] == (3 * 70_000, None)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_terms_in_batches():
    assert cg.TermCounter(iter([pa.array(["cat"]), pa.array(["dog"])])).columns == ["cat", "dog"]


@pytest.mark.parametrize("first", [0, 1])
def test_dictionaries_beside_other_arrays(first):
    items = [pa.array(["cat", None]).dictionary_encode(), pa.array(["dog", None, "cat"]), pa.nulls(1)]
    items = items[first:] + items[:first]
    texts = [text for item in items for text in item.to_pylist()]
    np.testing.assert_array_equal(COUNTER.count(items), COUNTER.count(texts))
    assert COUNTER.totals(items).to_dict() == COUNTER.totals(texts).to_dict()
    documents = cg.Documents(items)
    assert [documents[i] for i in range(len(documents))] == texts


def with_groups():
    yield pa.record_batch({"text": ["the cat", None], "n": [1, 2]})
    yield pa.record_batch({"n": [2], "text": ["a dog"]})
    yield pa.record_batch({"n": pa.array([], pa.int8()), "text": pa.array([], pa.string())})


def test_columns_of_groups_are_found_by_name():
    expected = COUNTER.totals(["the cat", None, "a dog"], by=[1, 2, 2])
    totals = COUNTER.totals(with_groups(), by="n")
    assert totals.groups == expected.groups
    np.testing.assert_array_equal(totals.counts, expected.counts)


def test_groups_of_polars_frames():
    pl = pytest.importorskip("polars")
    frames = [pl.DataFrame({"n": [1], "text": ["the cat"]}), pl.DataFrame({"n": [2], "text": ["a dog"]})]
    assert COUNTER.totals(frames, by="n").to_dict() == COUNTER.totals(["the cat", "a dog"], by=[1, 2]).to_dict()


def test_groups_of_no_batches():
    assert COUNTER.totals(iter([]), by="n").counts.shape == (0, 3)
    empty = pa.table({"text": pa.array([], pa.string()), "m": pa.array([], pa.int8())})
    for documents in (empty.to_reader(), [empty], empty):
        assert COUNTER.totals(documents, by="m").counts.shape == (0, 3)
        with pytest.raises(ValueError, match="by is 'n'; expected the name of one of the columns 'text', 'm'"):
            COUNTER.totals(documents if isinstance(documents, list) else empty.to_reader(), by="n")


def test_rows_in_errors_of_groups_count_from_the_first_batch():
    def batches():
        for n in range(3):
            texts = ["the cat " * 200] * 20_000
            yield pa.record_batch({"text": [*texts, None] if n == 2 else texts, "n": [n] * (20_000 + (n == 2))})

    with pytest.raises(ValueError, match=r"documents\[60000\] is missing") as caught:
        COUNTER.totals(batches(), by="n", missing="raise")
    assert caught.value.row == 60_000


def test_many_small_batches_of_groups():
    batch = pa.record_batch({"text": ["the cat"], "n": [1]})
    assert COUNTER.totals((batch for _ in range(20_000)), by="n")["cat"].tolist() == [20_000]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="the system has no timers")
@pytest.mark.parametrize("call", [COUNTER.count, COUNTER.find, COUNTER.totals, cg.Documents])
def test_ctrl_c_while_batches_are_read(call):
    """The iterator is written in C and never lets Python handle signals."""

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            call(itertools.repeat(pa.array([], pa.string()), 50_000_000))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
