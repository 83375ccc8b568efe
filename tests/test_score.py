"""Scores: counts times weights, without the count matrix."""

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

TEXTS = ["good, good bad", "", None, "bad fine"]
TERMS = ["good", "bad", "fine"]


@pytest.fixture(name="counter")
def fixture_counter():
    return cg.TermCounter(TERMS)


def test_a_score_for_each_document(counter):
    scores = counter.score(TEXTS, [1, -2, 0.5])
    assert (scores.dtype, scores.shape) == (np.float64, (4,))
    assert scores.tolist() == [0, 0, 0, -1.5]


@pytest.mark.parametrize(
    "weights",
    [
        {"fine": 0.5, "good": 1, "bad": -2},
        pd.Series({"bad": -2, "fine": 0.5, "good": 1.0}),
        pd.Series([1, -2, 0.5]),
        np.array([1, -2, 0.5], np.float32),
        pa.array([1, -2, 0.5]),
        (1, np.int8(-2), 0.5),
        [[1], [-2], [0.5]],
        pd.DataFrame({"polarity": [-2, 1, 0.5]}, index=["bad", "good", "fine"]),
    ],
    ids=lambda weights: type(weights).__name__,
)
def test_weights_by_name_or_position(counter, weights):
    scores = counter.score(TEXTS, weights)
    assert scores.ravel().tolist() == [0, 0, 0, -1.5]
    assert scores.ndim == np.ndim(np.asarray(weights) if not isinstance(weights, dict) else [1])


def test_several_scores(counter):
    weights = np.arange(12.0).reshape(3, 4)
    scores = counter.score(TEXTS, weights)
    np.testing.assert_array_equal(scores, counter.count(TEXTS) @ weights)
    assert counter.score(TEXTS, np.zeros((3, 0))).shape == (4, 0)
    by_name = {"good": (1, 2), "bad": (0, 1), "fine": (5, 5)}
    assert counter.score(TEXTS, by_name).tolist() == [[2, 5], [0, 0], [0, 0], [5, 6]]


@given(
    st.lists(st.none() | st.text("ab ", max_size=40), max_size=30),
    st.lists(st.sampled_from(["a", "b", "ab", "aa", "ba"]), max_size=100),
    st.integers(0, 3),
    st.randoms(use_true_random=False),
)
def test_scores_are_counts_times_weights(texts, terms, dimensions, random):
    counter = cg.TermCounter(terms, match="substring")
    # Multiples of a power of two: all sums are exact, in whatever order.
    weights = np.array([[random.randrange(-99, 99) / 8 for _ in range(dimensions)] for _ in terms])
    weights = weights.reshape(len(terms), dimensions)
    expected = counter.count(texts) @ weights
    for documents in (texts, pa.array(texts, pa.string()).dictionary_encode(), [t and t.encode() for t in texts]):
        for workers in (1, 2):
            np.testing.assert_array_equal(counter.score(documents, weights, workers=workers), expected)


def test_many_columns_and_rows():
    terms = [f"w{i}" for i in range(50_000)]
    texts = [f"w{i % 50_000} w7 w{i * 31 % 50_000} w7" for i in range(20_000)]
    counter = cg.TermCounter(terms)
    weights = np.random.default_rng(1).normal(size=len(terms))
    one = counter.score(texts, weights, workers=1)
    np.testing.assert_allclose(one, counter.count(texts, sparse=True) @ weights)
    # The order of the sum is that of the columns.
    np.testing.assert_array_equal(counter.score(texts, weights, workers=2), one)


def test_a_long_document_is_split():
    text = "good bad fine " * 300_000
    counter = cg.TermCounter(TERMS)
    assert counter.score([text, "good"], [1, -2, 0.5], workers=2).tolist() == [-150_000, 1]


def test_scores_per_words(counter):
    scores = counter.score(iter(TEXTS), [1, -2, 0.5], per_words=100)
    assert scores.tolist() == [0, 0, 0, -75]
    assert counter.score(TEXTS, [[1, 1]] * 3, per_words=1).tolist() == [[1, 1], [0, 0], [0, 0], [1, 1]]


def test_options(counter):
    with pytest.raises(ValueError, match=r"documents\[2\] is missing"):
        counter.score(TEXTS, [1, 1, 1], missing="raise")
    seen = []
    counter.score(TEXTS, [1, 1, 1], progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (22, 22)
    with pytest.raises(ValueError, match="workers"):
        counter.score(TEXTS, [1, 1, 1], workers=0)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1, 2], ValueError, r"weights have shape \(2,\); expected \(3,\) or \(3, k\)"),
        (np.zeros((1, 3)), ValueError, r"shape \(1, 3\)"),
        (5, ValueError, r"shape \(\)"),
        ([[1], [2, 3], [4]], ValueError, "weights have different lengths"),
        ({"good": 1, "bad": 2}, ValueError, "weights lack the column 'fine'"),
        ({"good": 1, "bad": 2, "fine": 3, "x": 4}, ValueError, "weights contain 'x', which is not a column"),
        ([1, float("nan"), 3], ValueError, "the weight of column 'bad' is nan"),
        ([1, 2, float("inf")], ValueError, "the weight of column 'fine' is inf"),
        (["1", "2", "3"], TypeError, "expected numbers"),
        ([True, False, True], TypeError, "weights have dtype bool"),
        ([1, 2, 3j], TypeError, "weights have dtype complex128"),
        (pd.Series([1, 2, 3, 4], ["good", "bad", "fine", "good"]), ValueError, "twice"),
    ],
)
def test_wrong_weights(counter, weights, error, message):
    with pytest.raises(error, match=message):
        counter.score(TEXTS, weights)


def test_no_documents_and_no_columns():
    assert cg.TermCounter(["a"]).score([], [1]).shape == (0,)
    assert cg.TermCounter([]).score(["a"], []).tolist() == [0]
    assert cg.TermCounter([]).score(["a"], {}).tolist() == [0]
    assert cg.TermCounter([]).score(["a"], np.zeros((0, 2))).tolist() == [[0, 0]]


@pytest.fixture(name="lexicon")
def fixture_lexicon(tmp_path):
    path = tmp_path / "afinn.tsv"
    path.write_text("good\t3\nnot good\t-2\nbad\t-3\n")
    return cg.read_lexicon(path)


def test_a_lexicon_with_weights(lexicon):
    texts = ["Good!", "not good", None]
    assert cg.score(texts, lexicon).tolist() == [0, 1, 0]
    assert cg.score(texts, lexicon, ignore_case=True, overlap="longest").tolist() == [3, -2, 0]
    assert cg.score(texts, lexicon, per_words=2).tolist() == [0, 1, 0]


def test_a_lexicon_without_weights(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("good\nbad\n")
    with pytest.raises(ValueError, match=r"words\.txt has no weights"):
        cg.score(["good"], cg.read_lexicon(path))
    with pytest.raises(TypeError, match="lexicon is dict; expected what read_lexicon returns"):
        cg.score(["good"], {"good": 1})
