"""Python sequences larger than a load block: items are looked up block by block while earlier ones are counted."""

import gc
import sys
import threading

import countgrid as cg
import numpy as np
import pandas as pd
import pytest

N = 60_000
TERMS = ["the", "on", "cat", "ж"]
SEQUENCES = {
    "list": list,
    "tuple": tuple,
    "generator": lambda items: (item for item in items),
    "object array": lambda items: np.array([*items, None], dtype=object)[:-1],
    "object array, reversed": lambda items: np.array([None, *items[::-1]], dtype=object)[:0:-1],
    "pandas object": lambda items: pd.Series(items, dtype=object),
}
every_sequence = pytest.mark.parametrize("sequence", SEQUENCES.values(), ids=SEQUENCES)


class Name(str):
    """A `str` that runs code when it is freed."""

    __slots__ = ()
    let_go = 0

    def __del__(self):
        Name.let_go += 1


def item_of(i):
    """Every kind of item, short and long, with changes of kind now and then."""
    match i % 5003:
        case 7:
            return None
        case 11:
            return float("nan")
        case 100:
            return "the cat on the mat " * 500
        case 200:
            return b"the \xff on" * (i % 7)
        case 300:
            return "ж the \ud800 on" + str(i)
        case 400:
            return "\u00fc the on"
        case 500:
            return "\U0001d11e the cat ж"
        case 600:
            return Name("the cat")
        case 700:
            return ""
    return "the cat on " * (i % 4) + str(i)


ITEMS = {
    "of all kinds": [item_of(i) for i in range(N)],
    "short": ["the " * (i % 3) + "ab" * (i % 20) for i in range(N)],
    "long": ["the cat " * 100 + str(i) for i in range(N // 4)],
    "Cyrillic": ["ж the " * (i % 9) + str(i) for i in range(N)],
    "long, then short": ["the cat " * (100 if i < N // 6 else 1) + str(i) for i in range(N)],
}


@pytest.fixture(scope="module")
def counter():
    return cg.TermCounter(TERMS)


def utf8(item):
    if isinstance(item, str):
        return item.encode("utf-8", "surrogatepass")
    return item if isinstance(item, bytes) else b""


def in_one_buffer(items):
    """The same texts as bytes, not in a Python sequence."""
    items = [utf8(item) for item in items]
    return cg.Documents.from_buffer(b"".join(items), np.cumsum([0, *map(len, items)]))


@pytest.mark.parametrize("items", ITEMS.values(), ids=ITEMS)
@every_sequence
def test_every_result_is_that_of_one_buffer(counter, sequence, items):
    expected = counter.count(in_one_buffer(items))
    assert np.array_equal(counter.count(sequence(items)), expected)
    assert np.array_equal(counter.count(sequence(items), workers=1, sparse=True).toarray(), expected)
    out = np.full((len(TERMS), len(items)), 77, dtype="int16").T
    assert np.array_equal(counter.count(sequence(items), out=out), expected)
    totals = counter.totals(sequence(items))
    assert totals.counts.tolist() == expected.sum(axis=0).tolist()
    assert totals.documents.tolist() == (expected > 0).sum(axis=0).tolist()


def test_offsets_have_the_units_of_each_item(counter):
    items = ITEMS["of all kinds"]
    found, same = counter.find(items), counter.find(cg.Documents(items))
    for name in ("document", "column", "start", "end"):
        assert np.array_equal(getattr(found, name), getattr(same, name))
    for i in range(0, len(found.document), 997):
        item = items[found.document[i]]
        term = TERMS[found.column[i]]
        assert item[found.start[i] : found.end[i]] in (term, term.encode())


@pytest.mark.parametrize("at", [0, 1, N // 2, N - 1], ids=["first", "second", "middle", "last"])
@every_sequence
def test_an_item_that_is_not_text_is_named_and_nothing_is_written(counter, sequence, at):
    items = list(ITEMS["short"])
    items[at] = 5
    out = np.full((N, len(TERMS)), 77, dtype="int8")
    for call in (
        lambda items: counter.count(items, out=out),
        counter.totals,
        counter.find,
        cg.Documents,
    ):
        with pytest.raises(
            TypeError, match=rf"documents\[{at}\] is int \(5\); expected str, bytes or a missing value"
        ):
            call(sequence(items))
    assert (out == 77).all()


@every_sequence
def test_the_first_missing_item_is_named(counter, sequence):
    with pytest.raises(ValueError, match=r"documents\[7\] is missing"):
        counter.count(sequence(ITEMS["of all kinds"]), missing="raise")
    whole = ITEMS["short"]
    assert np.array_equal(counter.count(sequence(whole), missing="raise"), counter.count(in_one_buffer(whole)))


def test_an_iterator_that_fails(counter):
    def items():
        yield from ITEMS["short"]
        raise RuntimeError("no more of them")

    with pytest.raises(RuntimeError, match="no more of them"):
        counter.count(items())


def references(items):
    return [sys.getrefcount(item) for item in items]


@every_sequence
def test_no_reference_is_leaked(counter, sequence):
    items = [str(i) + " the cat" * (100 if i % 3000 == 0 else 1) for i in range(N)]
    items[N // 2] = Name("the cat")
    before = references(items)
    counter.count(sequence(items))
    counter.count(cg.Documents(sequence(items)))

    def stop(done, total):
        if done:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        counter.count(sequence(items), progress=stop)
    with pytest.raises(TypeError, match=rf"documents\[{N}\] is int"):
        counter.count(sequence([*items, 5]))
    gc.collect()
    assert references(items) == before


def test_items_that_run_code_when_they_are_let_go(counter):
    Name.let_go = 0
    counts = counter.count(Name("the cat" if i % 2 else "on") for i in range(N))
    assert counts.sum(axis=0).tolist() == [N // 2, N // 2, N // 2, 0]
    gc.collect()
    assert Name.let_go == N


def counts_or_error(counter, items, progress):
    try:
        return counter.count(items, progress=progress)
    except TypeError as error:
        return str(error)


@pytest.mark.parametrize("kind", ["list", "object array"])
def test_other_threads_may_change_it_meanwhile(counter, kind):
    """The call counts the items that the list contained when it started, and keeps them alive."""
    stop = threading.Event()
    started = threading.Event()
    given = []

    def change():
        while not stop.is_set():
            started.wait()
            for items in given:
                if kind == "list":
                    items.clear()
                else:
                    items[:] = 5

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for turn in range(10):
            made = [f"the cat {i + turn}" for i in range(N)]
            items = made if kind == "list" else np.array(made, dtype=object)
            del made
            given.append(items)
            progress = (lambda *_: started.set()) if turn % 2 else None
            if progress is None:
                threading.Timer(0.002, started.set).start()
            counts = counts_or_error(counter, items, progress)
            if isinstance(counts, str):
                assert "is int (5)" in counts, "changed before it was taken"
            else:
                assert counts[:, 0].tolist() == [1] * len(counts)
                assert len(counts) in (0, N)
            started.clear()
            given.clear()
    finally:
        stop.set()
        started.set()
        thread.join()


def test_prepared_documents_are_counted_by_many_threads_at_once(counter):
    items = ITEMS["of all kinds"]
    documents = cg.Documents(items)
    expected = counter.count(in_one_buffer(items))
    found = []
    threads = [threading.Thread(target=lambda: found.append(counter.count(documents))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(np.array_equal(counts, expected) for counts in found)


@pytest.mark.parametrize("items", [ITEMS["of all kinds"], ["\u00fc" * 50 for _ in range(N)]], ids=["any", "Latin-1"])
def test_progress_goes_on_over_load_blocks(counter, items):
    calls = []
    counter.count(items, progress=lambda done, total: calls.append((done, total)))
    done = [done for done, _ in calls]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, cg.Documents(items).nbytes)
    assert {total for _, total in calls} == {cg.Documents(items).nbytes}
