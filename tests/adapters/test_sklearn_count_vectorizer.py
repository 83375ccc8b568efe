"""`CountVectorizer` does what scikit-learn's does, to the last index, warning and message."""

# ruff: noqa: RUF001

import re

import countgrid.sklearn
import numpy as np
import pytest
import scipy
import sklearn.feature_extraction.text
from countgrid.sklearn._patterns import token_shape
from hypothesis import example, given
from hypothesis import strategies as st
from vectorizing import (
    ARTICLE_1,
    DOCUMENTS,
    FAST_PATTERNS,
    OTHER_PATTERNS,
    PARAMETERS,
    PIECES,
    PYTHON_DOCS,
    TEXTS,
    all_outcomes,
    outcome,
)

OURS, THEIRS = countgrid.sklearn.CountVectorizer, sklearn.feature_extraction.text.CountVectorizer

ITERATOR = object()
SOME_PARAMETERS = st.fixed_dictionaries({}, optional=PARAMETERS)


def check(parameters: dict, train: list, test: list) -> None:
    assert all_outcomes(OURS(**parameters), train, test) == all_outcomes(THEIRS(**parameters), train, test)


@given(SOME_PARAMETERS, st.lists(TEXTS, max_size=6), st.lists(TEXTS, max_size=3))
def test_any_parameters_and_texts(parameters: dict, train: list[str], test: list[str]) -> None:
    check(parameters, train, test)


@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=3))
@example(PIECES, ["".join(PIECES)])
def test_default_parameters(train: list[str], test: list[str]) -> None:
    check({}, train, test)


@pytest.mark.parametrize("pattern", [r"\S+", r"[^\s,]{2,}", r"[^ ]+", r"[^,]+", r"[\x00-\x08a-z]+", r"[^\x01\s]+"])
@pytest.mark.parametrize("ngram_range", [(1, 2), (2, 3)])
def test_ngrams_of_words_with_control_characters(pattern: str, ngram_range: tuple[int, int]) -> None:
    """Their order differs from that of their words."""
    plain = ["b a c, b", "a  b\xa0c\u2003d", "a\nb\tc", *ARTICLE_1]
    control = ["b a\x01 a b", "a\x01 b a b\x00", "\x02 \x7f a", "a\x01 b, c, d a"]
    for train, test in ((plain, plain), (control, plain), (plain, control), (plain + control, control + plain)):
        for strip_accents in (None, "unicode"):
            parameters = {"token_pattern": pattern, "ngram_range": ngram_range, "strip_accents": strip_accents}
            check(parameters, train, test)
            made, expected = (cls(**parameters).fit(train) for cls in (OURS, THEIRS))
            counted = [made.transform(iter([text])).toarray().tolist() for text in test]
            assert counted == [expected.transform([text]).toarray().tolist() for text in test]


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("strip_accents", [None, "ascii", "unicode"])
def test_every_character(lowercase: bool, strip_accents: str | None) -> None:
    """Each between letters, so that the tokens show whether it is a word character, and what it becomes."""
    chars = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    words = [f"a{char}b{char}" for char in chars]
    texts = [" ".join(words[i : i + 1000]) for i in range(0, len(words), 1000)]
    check({"lowercase": lowercase, "strip_accents": strip_accents}, texts, texts[:1])


@pytest.mark.parametrize("pattern", FAST_PATTERNS + OTHER_PATTERNS)
@pytest.mark.parametrize("lowercase", [True, False])
def test_every_pattern(pattern: str, lowercase: bool) -> None:
    texts = [*DOCUMENTS, "".join(PIECES), " ".join(PIECES), *PYTHON_DOCS[:200]]
    check({"token_pattern": pattern, "lowercase": lowercase}, texts, DOCUMENTS)


@pytest.mark.parametrize(
    "pattern", [re.compile(r"\w+"), re.compile(r"(?i)[A-Z]+"), re.compile(r"the", re.IGNORECASE)]
)
def test_compiled_patterns(pattern: re.Pattern) -> None:
    """`fit` rejects them, but `transform` does not check parameters."""
    made, expected = (cls(token_pattern=pattern, vocabulary=["the", "cat"]) for cls in (OURS, THEIRS))
    assert outcome(made.transform, DOCUMENTS) == outcome(expected.transform, DOCUMENTS)
    assert outcome(made.fit, DOCUMENTS) == outcome(expected.fit, DOCUMENTS)


def test_which_patterns_are_fast() -> None:
    assert all(token_shape(pattern) for pattern in FAST_PATTERNS)
    assert not any(token_shape(pattern) for pattern in OTHER_PATTERNS)


@pytest.mark.parametrize("pattern", [r"\S+", r"[^ ]+", r"\w+", r"."])
def test_lone_surrogates(pattern: str) -> None:
    texts = ["a \ud800 b", "a\udfffb \ud83d\ude00 😀", "\ud800", "é\udcffé"]
    for ngram_range in ((1, 1), (1, 2)):
        check({"token_pattern": pattern, "ngram_range": ngram_range}, texts, texts[::-1])


@given(st.text(st.sampled_from("aAΣσ\u0301\u00ad'. ǅ𐐀ßͅ"), max_size=12))
def test_final_sigma(text: str) -> None:
    check({"token_pattern": r"\S+"}, [text], [text[::-1]])


@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 2), (2, 3)])
@pytest.mark.parametrize("limits", [{}, {"min_df": 2}, {"max_df": 0.01}, {"max_features": 500}], ids=str)
def test_real_text(ngram_range: tuple[int, int], limits: dict) -> None:
    check({"ngram_range": ngram_range, **limits}, PYTHON_DOCS, DOCUMENTS)


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint16, np.uint64, np.float32, np.float64, bool])
@pytest.mark.parametrize("binary", [False, True])
def test_ties_among_features(dtype: type, binary: bool) -> None:
    """Which of equally frequent terms are kept depends on numpy's argsort."""
    words = np.random.default_rng(7).integers(0, 400, (60, 40))
    texts = [" ".join(f"w{word}" for word in row) for row in words]
    for max_features in (1, 17, 100, 250, 399, 400):
        check({"max_features": max_features, "dtype": dtype, "binary": binary}, texts, texts[:5])


@pytest.mark.parametrize(
    "parameters",
    [
        {"ngram_range": (2, 1)},
        {"ngram_range": [1, 2]},
        {"ngram_range": (1, 2, 3)},
        {"ngram_range": (0, 2)},
        {"token_pattern": "("},
        {"token_pattern": r"(\w)(\w)"},
        {"strip_accents": "latin"},
        {"stop_words": "german"},
        {"stop_words": ["you've", "The"]},
        {"stop_words": {"the"}},
        {"vocabulary": {"a": 0, "b": 0}},
        {"vocabulary": {"a": 0, "b": 2}},
        {"vocabulary": {"the": np.int64(0)}},
        {"vocabulary": ["a", "b", "a"]},
        {"vocabulary": 3},
        {"vocabulary": [1, 2]},
        {"vocabulary": ["Upper"]},
        {"vocabulary": ITERATOR},
        {"min_df": 5, "max_df": 2},
        {"min_df": 100},
        {"min_df": 1.5},
        {"max_df": -1},
        {"max_features": 0},
        {"lowercase": "yes"},
        {"analyzer": "words"},
        {"dtype": "float16"},
        {"dtype": object},
        {"dtype": "U3"},
        {"dtype": "no type"},
        {"input": "text"},
        {"decode_error": "ignored"},
    ],
    ids=str,
)
def test_invalid_and_odd_parameters(parameters: dict) -> None:
    def made(cls: type) -> object:
        return cls(**{name: iter(["the"]) if value is ITERATOR else value for name, value in parameters.items()})

    if parameters.get("dtype") in ("float16", object, "U3") and old_scipy():
        for method in (made(OURS).fit, made(OURS).fit_transform):
            with pytest.raises(ValueError, match=r"does not support dtype|not supported"):
                method(DOCUMENTS)
        return
    assert all_outcomes(made(OURS), DOCUMENTS, DOCUMENTS[:3]) == all_outcomes(made(THEIRS), DOCUMENTS, DOCUMENTS[:3])
    for do in (lambda one: one.fit(DOCUMENTS) and None, lambda one: one.transform(DOCUMENTS)):
        assert outcome(do, made(OURS)) == outcome(do, made(THEIRS))


def old_scipy() -> bool:
    """Before 1.15, SciPy's messages depend on what a matrix contains."""
    return tuple(map(int, scipy.__version__.split(".")[:2])) < (1, 15)


def test_two_documents_of_stop_words_only() -> None:
    check({"stop_words": "english"}, ["the of and", "to be"], ["the"])
    check({"stop_words": "english", "ngram_range": (1, 2)}, ["the cat of dogs", "of"], ["the cat dogs"])


def test_warnings_come_once_for_each_list_of_stop_words() -> None:
    for cls in (OURS, THEIRS):
        vectorizer = cls(stop_words=["don't"])
        counted = [len(outcome(method, ["a text"])[1]) for method in (vectorizer.fit, vectorizer.transform)]
        assert counted == [1, 0]


def test_vocabulary_order_and_types() -> None:
    vectorizer = OURS().fit(["bb aa", "cc"])
    assert list(vectorizer.vocabulary_.items()) == [("aa", 0), ("bb", 1), ("cc", 2)]
    assert {type(column) for column in vectorizer.vocabulary_.values()} == {int}
    assert vectorizer.vocabulary_ is vectorizer.vocabulary_
