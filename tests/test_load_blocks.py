"""Documents that are loaded block by block: a NumPy `StringDType` array larger than a load block of 4 MB."""

import threading

import countgrid as cg
import numpy as np
import pytest
from numpy.dtypes import StringDType

N = 60_000
FILLER = "so it goes on and on " * 30
TERMS = ["the", "on", "cat", "ж"]


def strings(**changed):
    """A list of 60,000 documents, about 38 MB, with some given by the caller."""
    items = [FILLER + "the " * (i % 5) + "ж" * (i % 3) for i in range(N)]
    for i, item in changed.items():
        items[int(i[1:])] = item
    return items


def missing_where(items, where, na_object):
    """An array and the equal list."""
    items = [None if where(i) else item for i, item in enumerate(items)]
    array = np.array([na_object if item is None else item for item in items], StringDType(na_object=na_object))
    return array, items


@pytest.fixture(scope="module")
def counter():
    return cg.TermCounter(TERMS)


@pytest.mark.parametrize("na_object", [None, np.nan, "nothing"], ids=repr)
def test_every_result_is_that_of_a_list(counter, na_object):
    array, items = missing_where(strings(), lambda i: i % 1000 == 7, na_object)
    expected = counter.count(items)
    for documents in (array, cg.Documents(array)):
        for workers in (1, 2):
            assert np.array_equal(counter.count(documents, workers=workers), expected)
        assert np.array_equal(counter.count(documents, dtype="uint8"), expected)
        out = np.full((len(TERMS), N), 77, dtype="int16").T
        assert np.array_equal(counter.count(documents, out=out), expected)
        assert np.array_equal(counter.count(documents, sparse=True).toarray(), expected)
        totals = counter.totals(documents)
        assert totals.counts.tolist() == expected.sum(axis=0).tolist()
        assert totals.documents.tolist() == (expected > 0).sum(axis=0).tolist()
    found, same = cg.TermCounter(["the", "ж"]).find(array), cg.TermCounter(["the", "ж"]).find(items)
    for name in ("document", "column", "start", "end"):
        assert np.array_equal(getattr(found, name), getattr(same, name))
    documents = cg.Documents(array)
    assert np.array_equal(documents.missing, [item is None for item in items])
    assert [documents[i] for i in (0, 7, 59_007, -1)] == [items[i] for i in (0, 7, 59_007, -1)]
    assert documents.nbytes == sum(len(item.encode()) for item in items if item is not None)


def test_nulls_without_an_na_object_are_empty(counter):
    array = np.empty(N, StringDType())
    array[1::2] = FILLER + FILLER
    expected = counter.count(["", FILLER + FILLER] * (N // 2))
    assert np.array_equal(counter.count(array), expected)
    assert not cg.Documents(array).missing.any()


@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_strided_and_masked(counter, step):
    array, items = missing_where(strings(), lambda i: i % 999 == 3, None)
    mask = np.arange(N) % 4 == 1
    masked = [None if hidden else item for item, hidden in zip(items, mask, strict=True)]
    assert np.array_equal(counter.count(array[::step]), counter.count(items[::step]))
    assert np.array_equal(counter.count(np.ma.masked_array(array, mask)[::step]), counter.count(masked[::step]))


def test_an_overflow_names_the_row_of_the_whole(counter):
    late, later = "cat " * 200 + FILLER, "the " * 300
    array = np.array(strings(_50000=late, _50001=later, _59000=later), StringDType())
    for workers in (1, 2):
        for sparse in (False, True):
            with pytest.raises(OverflowError, match=r"the count 200 in row 50000, column 2 .* int8"):
                counter.count(array, dtype="int8", sparse=sparse, workers=workers)
            with pytest.raises(OverflowError, match=r"the count 300 in row 50001, column 0 .* uint8"):
                counter.count(array, dtype="uint8", sparse=sparse, workers=workers)


def test_the_first_missing_row_is_that_of_the_whole(counter):
    array, _ = missing_where(strings(), lambda i: i in (50_003, 58_000), np.nan)
    with pytest.raises(ValueError, match=r"documents\[50003\] is missing"):
        counter.count(array, missing="raise")


def test_progress_goes_on_over_load_blocks(counter):
    array = np.array(strings(), StringDType())
    calls = []
    counter.count(array, progress=lambda done, total: calls.append((done, total)))
    done = [done for done, _ in calls]
    nbytes = cg.Documents(array).nbytes
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, nbytes)
    assert {total for _, total in calls} == {nbytes}

    def stop(done, total):
        if done:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        counter.count(array, progress=stop)


def test_terms_may_come_so_too():
    terms = [f"word{i:07}" + "x" * 200 for i in range(N)]
    assert cg.TermCounter(np.array(terms, StringDType())).columns == terms
    with pytest.raises(ValueError, match=r"terms\[2\] is missing"):
        cg.TermCounter(np.array(["a", "b", None], StringDType(na_object=None)))


def test_other_threads_may_write_meanwhile(counter):
    array = np.array(strings(), StringDType())
    stop = threading.Event()

    def write():
        i = 0
        while not stop.is_set():
            array[i % N] = "the cat " * (i % 200)
            i += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            counts = counter.count(array)
            assert counts.shape == (N, len(TERMS))
    finally:
        stop.set()
        writer.join()
