"""`countgrid.arrow.counter`: a function from an Arrow array to an Arrow array of counts."""

import pickle
import threading

import countgrid as cg
import countgrid.arrow
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog"]
LEXICON = {"pets": ["cat", "dog"], "the": ["the"], "none": ["zebra"]}


def arrays(texts):
    """The same texts as Arrow arrays of different types and layouts."""
    plain = pa.array(texts, pa.string())
    padded = pa.array(["cat", *texts, "dog"], pa.string())
    half = len(texts) // 2
    yield plain
    yield plain.cast(pa.large_string())
    yield plain.cast(pa.binary())
    yield pa.array(texts, pa.string_view())
    yield plain.dictionary_encode()
    yield padded.slice(1, len(texts))
    yield pa.chunked_array([plain[:half], plain[half:]], pa.string())
    yield pa.chunked_array([padded.slice(1, half), plain[half:]], pa.string())


def expected(texts, terms, **options):
    columns = cg.TermCounter(terms, **options).columns
    rows = cg.count(texts, terms, **options).tolist()
    return [
        None if text is None else dict(zip(columns, row, strict=True)) for text, row in zip(texts, rows, strict=True)
    ]


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("texts", [TEXTS, [], [None], [None] * 9 + ["the cat"] * 9])
def test_every_type_and_layout(texts, number):
    array = list(arrays(texts))[number]
    dense = countgrid.arrow.counter(LEXICON)
    counts = dense(array)
    counts.validate(full=True)
    assert counts.type == dense.type == pa.struct([(name, pa.int32()) for name in LEXICON])
    assert counts.to_pylist() == expected(texts, LEXICON)
    # DataFusion reads a field without looking at the nulls of its struct.
    assert counts.field("pets").to_pylist() == [row and row["pets"] for row in expected(texts, LEXICON)]

    sparse = countgrid.arrow.counter(LEXICON, sparse=True)
    lists = sparse(array)
    lists.validate(full=True)
    assert lists.type == sparse.type == pa.list_(pa.struct([("column", pa.string()), ("count", pa.int32())]))
    assert lists.to_pylist() == [
        row and [{"column": name, "count": count} for name, count in row.items() if count]
        for row in expected(texts, LEXICON)
    ]


def test_a_null_in_the_dictionary_is_null_too():
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0], pa.int8()), pa.array(["cat", None]))
    assert countgrid.arrow.counter(["cat"])(array).to_pylist() == [{"cat": 1}, None, None, {"cat": 1}]


def test_a_column_of_only_nulls():
    assert countgrid.arrow.counter(["cat"])(pa.nulls(2)).to_pylist() == [None, None]
    assert countgrid.arrow.counter(["cat"], sparse=True)(pa.nulls(2)).to_pylist() == [None, None]


def test_missing():
    array = pa.array(["cat", None])
    zero = countgrid.arrow.counter(["cat"], missing="zero")(array)
    assert zero.null_count == 0
    assert zero.to_pylist() == [{"cat": 1}, {"cat": 0}]
    assert countgrid.arrow.counter(["cat"], missing="zero", sparse=True)(array).to_pylist()[1] == []
    with pytest.raises(ValueError, match=r"documents\[1\] is missing"):
        countgrid.arrow.counter(["cat"], missing="raise")(array)
    with pytest.raises(ValueError, match="missing is 'drop'; expected 'keep', 'zero' or 'raise'"):
        countgrid.arrow.counter(["cat"], missing="drop")


def test_rates():
    count = countgrid.arrow.counter(["cat"], per_words=100)
    assert count(pa.array(["a cat", "", None])).to_pylist() == [{"cat": 50.0}, {"cat": 0.0}, None]
    lists = countgrid.arrow.counter(["cat"], per_words=100, sparse=True)(pa.array(["a cat", ""]))
    assert lists.to_pylist() == [[{"column": "cat", "count": 50.0}], []]


def test_names():
    count = countgrid.arrow.counter(["cat", "dog"], prefix="n_", names=["a", "b"], ignore_case=True)
    assert count(pa.array(["Cat"])).to_pylist() == [{"n_a": 1, "n_b": 0}]
    with pytest.raises(ValueError, match="both be named 'cat'"):
        countgrid.arrow.counter(["cat", "cat"])
    with pytest.raises(ValueError, match=r"the name of column 0 is '\\ud800'; Arrow does not allow lone surrogates"):
        countgrid.arrow.counter(["\ud800"])


def test_no_terms():
    assert countgrid.arrow.counter([])(pa.array(["cat", None])).to_pylist() == [{}, None]
    assert countgrid.arrow.counter([], sparse=True)(pa.array(["cat", None])).to_pylist() == [[], None]


@pytest.mark.parametrize("text", [["cat"], "cat", None, pa.table({"text": ["cat"]}), np.array(["cat"])])
def test_only_arrow_arrays(text):
    with pytest.raises(TypeError, match="expected a pyarrow Array or ChunkedArray"):
        countgrid.arrow.counter(["cat"])(text)


def test_an_array_that_is_not_text():
    with pytest.raises(TypeError, match="Int64"):
        countgrid.arrow.counter(["cat"])(pa.array([1]))


def test_the_text_is_not_copied():
    array = pa.array(["cat " * 1000] * 20_000)
    before = pa.total_allocated_bytes()
    counts = countgrid.arrow.counter(["cat"])(array)
    assert pa.total_allocated_bytes() - before < array.nbytes / 100
    assert counts.field(0).to_pylist() == [1000] * 20_000


def test_equal_by_value():
    one = countgrid.arrow.counter(["cat"], sparse=True)
    for other in (
        countgrid.arrow.counter(["cat"]),
        countgrid.arrow.counter(["dog"], sparse=True),
        countgrid.arrow.counter(["cat"], sparse=True, missing="zero"),
        countgrid.arrow.counter(["cat"], sparse=True, per_words=1),
        countgrid.arrow.counter(["cat"], sparse=True, workers=2),
        countgrid.arrow.counter(["cat"], sparse=True, prefix="n_"),
        countgrid.arrow.counter(["cat"], sparse=True, ignore_case=True),
        "cat",
    ):
        assert one != other
    for same in (countgrid.arrow.counter(["cat"], sparse=True), pickle.loads(pickle.dumps(one))):
        assert one == same
        assert hash(one) == hash(same)
        assert same(pa.array(["a cat"])) == one(pa.array(["a cat"]))
    assert repr(one).startswith("<ArrowCounter of TermCounter(['cat']), sparse=True")


def test_from_many_threads():
    count = countgrid.arrow.counter(LEXICON)
    array = pa.array(TEXTS * 100)
    results = [None] * 8

    def run(i):
        results[i] = count(array)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result == count(array) for result in results)


@given(st.lists(st.none() | st.text("ab ä.", max_size=8)), st.lists(st.text("abä", min_size=1), unique=True))
def test_random_texts_and_terms(texts, terms):
    array = pa.array(texts, pa.string())
    assert countgrid.arrow.counter(terms)(array).to_pylist() == expected(texts, terms)
