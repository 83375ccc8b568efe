"""Words of documents, and counts per so many words."""

import countgrid as cg
import numpy as np
import pyarrow as pa
import pytest
import regex
from containers import CONTAINERS, as_bytes
from hypothesis import given
from hypothesis import strategies as st
from rules import Characters, matrix

TEXTS = ["the cat sat", "It's 5 o'clock.", "", None, "— … 😀", "naïve Straße, x_1", "日本語 テスト"]
ALPHABET = "ab_1 -'.é\u0301\u200d日本😀\ud800\n\u00a0"


def words_of(text: str | None, word_chars: str = "") -> int:
    return len(regex.findall(Characters("word", word_chars).one + "+", text or ""))


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.name)
def test_words_of_each_container(container):
    texts = [text for text in TEXTS if text is not None or container.missing]
    if container.one_width:
        texts = ["the cat", "a 1 b c", "a-b-c-d"]
    words = cg.count_words(container.make(texts if container.text else as_bytes(texts)))
    assert words.dtype == np.int32
    assert words.tolist() == [words_of(text) for text in texts]


@given(st.lists(st.none() | st.text(ALPHABET, max_size=200), max_size=8), st.text("-'😀日.", max_size=2))
def test_words_by_the_definition(texts, word_chars):
    expected = [words_of(text, word_chars) for text in texts]
    for workers in (1, 2):
        assert cg.count_words(texts, word_chars=word_chars, workers=workers).tolist() == expected


def test_words_of_a_long_document():
    text = "word, naïve-日本 " * 400_000 + "x" * 3_000_000
    for workers in (1, 3):
        assert cg.count_words([text, "a b", text.encode()], workers=workers).tolist() == [1_200_001, 2, 1_200_001]


def test_invalid_bytes_are_no_words():
    assert cg.count_words([b"a\xffb", b"\xff", b"\xe6\x97 \xe6\x97\xa5"]).tolist() == [2, 0, 1]


def test_options_of_count_words():
    seen = []
    assert cg.count_words(["a b"] * 3, progress=lambda done, total: seen.append((done, total))).tolist() == [2] * 3
    assert seen[0] == (0, 9)
    assert seen[-1] == (9, 9)
    with pytest.raises(ValueError, match=r"documents\[1\] is missing"):
        cg.count_words(["a", None], missing="raise")
    with pytest.raises(ValueError, match="word_chars"):
        cg.count_words(["a"], word_chars=" ")
    with pytest.raises(TypeError, match="pass a list"):
        cg.count_words("a b c")
    assert cg.count_words([]).shape == (0,)


TERMS = ["the", "cat", "é"]
OPTIONS = {"match": "substring", "ignore_case": True}


def rates_of(texts, per_words: float, word_chars: str = "") -> np.ndarray:
    counts = np.array(matrix(texts, TERMS, **OPTIONS), float).reshape(len(texts), len(TERMS))
    words = np.array([words_of(text, word_chars) for text in texts], float)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(words > 0, counts * per_words / words, 0)


@given(
    st.lists(st.none() | st.text("the cat é.", max_size=60), max_size=8),
    st.sampled_from([1, 100, 1000.0, np.int32(7)]),
)
def test_rates(texts, per_words):
    expected = rates_of(texts, float(per_words))
    counter = cg.TermCounter(TERMS, **OPTIONS)
    for rates in (
        counter.count(texts, per_words=per_words),
        cg.count(texts, TERMS, **OPTIONS, per_words=per_words),
        counter.count(iter(texts), per_words=per_words, out=np.full((len(texts), 3), 7.0, order="F")),
        counter.count(texts, per_words=per_words, sparse=True).toarray(),
    ):
        assert rates.dtype == np.float64
        np.testing.assert_array_equal(rates, expected)


def test_rates_in_other_types():
    texts = ["the cat", "the the the"] * 40_000
    exact = cg.count(texts, ["the", "cat"], per_words=100)
    assert exact[:2].tolist() == [[50, 50], [100, 0]]
    for dtype in ("float32", "float16", ">f8"):
        rates = cg.count(texts, ["the", "cat"], per_words=100, dtype=dtype)
        assert rates.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(rates, exact.astype(dtype))
    out = np.empty((len(texts), 2), np.float32)[::-1]
    assert cg.count(texts, ["the", "cat"], per_words=100, out=out) is out
    np.testing.assert_array_equal(out, exact)
    assert cg.count(texts, ["the", "cat"], per_words=100, dtype=np.float32, sparse=True).dtype == np.float32


def test_rates_use_the_counters_word_chars():
    assert cg.count(["don't stop"], ["stop"], word_chars="'", per_words=100).tolist() == [[50]]
    assert cg.count(["don't stop"], ["stop"], per_words=99).tolist() == [[33]]
    folded = cg.TermCounter(["stop"], word_chars="'", fold_punctuation=True, overlap="first")
    assert folded.count(["don\u2019t stop"], per_words=100).tolist() == [[50]]
    assert folded.totals(["don\u2019t stop"], per_words=100).words == 2
    # A half becomes 1, a fraction slash and 2.
    assert cg.count(["½ cup"], ["cup"], strip_accents=True, per_words=3).tolist() == [[1]]
    for match in ("token", "substring"):
        assert cg.count(["it's a"], ["a"], match=match, per_words=3).tolist() == [[1]]


@pytest.mark.parametrize("per_words", [0, -1, float("nan"), float("inf")])
def test_per_words_is_positive(per_words):
    counter = cg.TermCounter(["a"])
    for call in (
        lambda: counter.count(["a"], per_words=per_words),
        lambda: counter.totals(["a"], per_words=per_words),
        lambda: counter.score(["a"], [1], per_words=per_words),
    ):
        with pytest.raises(ValueError, match=r"per_words is .*; expected a positive number"):
            call()


def test_wrong_types_of_rates():
    counter = cg.TermCounter(["a"])
    with pytest.raises(TypeError, match="per_words is str"):
        counter.count(["a"], per_words="1000")
    with pytest.raises(TypeError, match="per_words is bool"):
        counter.count(["a"], per_words=True)
    with pytest.raises(TypeError, match="dtype is int64, but per_words gives rates"):
        counter.count(["a"], per_words=1, dtype=np.int64)
    out = np.full((1, 1), 9)
    with pytest.raises(TypeError, match="out has dtype int64, but per_words gives rates"):
        counter.count(["a"], per_words=1, out=out)
    assert out[0, 0] == 9
    with pytest.raises(OverflowError, match="the rate 1e\\+06 in row 1, column 0 does not fit float16"):
        counter.count(["b", "a"], per_words=1_000_000, dtype=np.float16)


def test_rates_of_totals():
    texts = ["the cat", None, "the the the dog"]
    totals = cg.TermCounter(["the", "cat"]).totals(texts, per_words=100)
    assert totals.counts.dtype == np.float64
    assert totals.counts.tolist() == [400 / 6, 100 / 6]
    assert (totals.documents.tolist(), totals.words, totals.per_words) == ([2, 1], 6, 100)
    assert totals["cat"].count == 100 / 6
    assert "66.67" in repr(totals)
    plain = cg.TermCounter(["the", "cat"]).totals(texts)
    assert (plain.words, plain.per_words, plain.counts.dtype) == (None, None, np.int64)
    with pytest.raises(ValueError, match="per_words=None and per_words=100"):
        plain + totals


def test_sums_of_rates_are_rates_of_all():
    counter = cg.TermCounter(["the", "cat"])
    batches = [["the cat", "dog"], [], ["😀"], ["the the the dog"] * 3]
    together = counter.totals([text for batch in batches for text in batch], per_words=1000)
    added = sum(counter.totals(batch, per_words=1000) for batch in batches)
    assert added.to_dict() == together.to_dict()
    assert added.words == together.words == 15


def test_rates_of_a_stream_are_counted_in_one_pass():
    texts = ["the cat sat"] * 1000 + [None]
    reader = pa.table({"text": texts}).to_reader(max_chunksize=7)
    totals = cg.TermCounter(["cat"]).totals(reader, per_words=1)
    assert (totals.counts.tolist(), totals.words) == ([1 / 3], 3000)
