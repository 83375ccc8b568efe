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
    described,
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


DTYPES = [
    *[None, "int", "i2", "<i4", "uint8", "l", "longlong", "float", "f4", "float64", "bool", "?", "complex64"],
    *[int, float, bool, complex, np.int8, np.uint64, np.float32, np.intc, np.longlong],
    *[np.dtype("i2"), np.dtype("u4"), np.dtype(None), np.dtype(np.intc)],
]


@pytest.mark.parametrize("dtype", DTYPES, ids=repr)
@pytest.mark.parametrize("parameters", [{}, {"binary": True}, {"max_features": 3}, {"vocabulary": ["the", "cat"]}])
@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
def test_each_way_to_write_a_type(dtype: object, parameters: dict, name: str) -> None:
    ours, theirs = getattr(countgrid.sklearn, name), getattr(sklearn.feature_extraction.text, name)
    if name == "HashingVectorizer":
        parameters = {"binary": "binary" in parameters, "n_features": 32, "alternate_sign": False}

    def do(one: object) -> list:
        return [one.fit(DOCUMENTS) and None, one.fit_transform(DOCUMENTS), one.transform(DOCUMENTS[:3])]

    def described_all(one: object) -> list:
        return [described(result) for result in do(one)]

    made, expected = (cls(dtype=dtype, **parameters) for cls in (ours, theirs))
    assert outcome(described_all, made) == outcome(described_all, expected)


HUGE = 2**64
RANGES = [
    *[(2, 1), (0, 0), (-1, 1), (1, -1), (1, HUGE), (2, HUGE), (HUGE, HUGE), (HUGE, 1), (1, 2**63), (1, 10**30)],
    *[(True, True), (True, 2), (False, 1), (1.0, 1.0), (1, 2.0), (1.5, 2), (1, float("nan")), (1, float("inf"))],
    *[(np.int64(1), np.int64(2)), (np.uint8(2), np.uint8(1)), (np.float64(1), np.float64(2)), np.array([1, 2])],
    *[[1, 2], [2, 1], (1,), (1, 2, 3), (), None, 2, "12", ("1", "2"), (None, 2), (1, None), {1, 2}],
]
LIMITS = [
    *[0, 1, -1, True, False, 1.0, 0.5, 0.0, -0.5, 1.5, 2.0, HUGE, 10**30, -HUGE, 2**63, None],
    *[float("nan"), float("inf"), np.int64(2), np.uint8(2), np.float32(0.5), np.bool_(True), "1", (1,), np.array(1)],
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("ngram_range", value) for value in RANGES),
        *((limit, value) for limit in ("min_df", "max_df", "max_features") for value in LIMITS),
    ],
    ids=repr,
)
def test_odd_numbers(name: str, value: object) -> None:
    for more in ({}, {"vocabulary": ["the", "the cat"]}, {"token_pattern": r"\w(?=\w)\w+"}):
        made, expected = (cls(**{name: value}, **more) for cls in (OURS, THEIRS))
        # The classes have different names in messages of checked parameters only.
        assert all_outcomes(made, DOCUMENTS, DOCUMENTS[:3]) == all_outcomes(expected, DOCUMENTS, DOCUMENTS[:3])


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
