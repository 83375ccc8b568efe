"""`HashingVectorizer` and `TfidfVectorizer` return scikit-learn's numbers, bit for bit."""

import countgrid.sklearn as ours
import numpy as np
import pytest
import sklearn.feature_extraction.text as theirs
from hypothesis import given
from hypothesis import strategies as st
from vectorizing import DOCUMENTS, PARAMETERS, PIECES, PYTHON_DOCS, TEXTS, all_outcomes, described, outcome

ANALYSIS = {
    name: PARAMETERS[name] for name in ("lowercase", "strip_accents", "stop_words", "token_pattern", "ngram_range")
}
HASHING = st.fixed_dictionaries(
    {},
    optional=ANALYSIS
    | {
        "n_features": st.sampled_from([1, 2, 16, 1000, 2**20, 2**31 - 1]),
        "binary": st.booleans(),
        "norm": st.sampled_from([None, "l1", "l2"]),
        "alternate_sign": st.booleans(),
        "dtype": st.sampled_from([np.float64, np.float32, np.int64, np.int32, bool]),
    },
)
WEIGHTS = st.fixed_dictionaries(
    {},
    optional=PARAMETERS
    | {
        "dtype": st.sampled_from([np.float64, np.float32, np.int64]),
        "norm": st.sampled_from([None, "l1", "l2"]),
        "use_idf": st.booleans(),
        "smooth_idf": st.booleans(),
        "sublinear_tf": st.booleans(),
    },
)


@given(HASHING, st.lists(TEXTS, min_size=1, max_size=5))
def test_hashing_with_any_parameters(parameters: dict, texts: list[str]) -> None:
    hashing, expected = ours.HashingVectorizer(**parameters), theirs.HashingVectorizer(**parameters)
    assert outcome(hashing.transform, texts) == outcome(expected.transform, texts)
    assert outcome(hashing.fit_transform, texts) == outcome(expected.fit_transform, texts)


@given(WEIGHTS, st.lists(TEXTS, max_size=5), st.lists(TEXTS, max_size=3))
def test_weights_with_any_parameters(parameters: dict, train: list[str], test: list[str]) -> None:
    weighing, expected = ours.TfidfVectorizer(**parameters), theirs.TfidfVectorizer(**parameters)
    assert all_outcomes(weighing, train, test) == all_outcomes(expected, train, test)
    assert outcome(lambda: weighing.idf_) == outcome(lambda: expected.idf_)


@pytest.mark.parametrize("ngram_range", [(1, 1), (1, 2)])
@pytest.mark.parametrize("name", ["HashingVectorizer", "TfidfVectorizer"])
def test_real_text(name: str, ngram_range: tuple[int, int]) -> None:
    texts = [*PYTHON_DOCS, *PIECES]
    counted, expected = (
        getattr(module, name)(ngram_range=ngram_range).fit_transform(texts) for module in (ours, theirs)
    )
    for array in ("indptr", "indices", "data"):
        assert getattr(counted, array).dtype == getattr(expected, array).dtype
        assert np.array_equal(getattr(counted, array), getattr(expected, array))


@pytest.mark.parametrize(
    "parameters",
    [
        {"n_features": 0},
        {"n_features": 2**31},
        {"norm": "max"},
        {"ngram_range": (3, 1)},
        {"analyzer": "words"},
        {"token_pattern": "["},
        {"stop_words": ["you've"]},
    ],
    ids=str,
)
def test_invalid_and_odd_hashing(parameters: dict) -> None:
    for do in (
        lambda one: one.fit(DOCUMENTS) and None,
        lambda one: one.partial_fit(DOCUMENTS) and None,
        lambda one: one.transform(DOCUMENTS).shape,
        lambda one: one.fit_transform(DOCUMENTS).shape,
    ):
        if "n_features" in parameters and do(ours.HashingVectorizer()) == (len(DOCUMENTS), 2**20):
            continue  # transform does not check it
        hashing, expected = ours.HashingVectorizer(**parameters), theirs.HashingVectorizer(**parameters)
        assert outcome(do, hashing) == outcome(do, expected)


@pytest.mark.parametrize("n_features", [0, -1, 2**31, 2**32, 2**64])
def test_a_number_of_features_out_of_range(n_features: int) -> None:
    """Not compared with scikit-learn: with some of these values, it ends the process."""
    with pytest.raises(ValueError, match=f"n_features is {n_features}; expected 1 to 2147483647"):
        ours.HashingVectorizer(n_features=n_features).transform(DOCUMENTS)


@pytest.mark.parametrize("n_features", [True, 1.5, 2.0, "1", None, np.int64(3), np.uint8(3), np.True_])
def test_odd_numbers_of_features(n_features: object) -> None:
    for do in (lambda one: one.transform(DOCUMENTS), lambda one: one.fit_transform(DOCUMENTS)):
        made, expected = (module.HashingVectorizer(n_features=n_features) for module in (ours, theirs))
        assert outcome(do, made) == outcome(do, expected)


def test_hashing_is_stateless() -> None:
    hashing = ours.HashingVectorizer()
    expected = outcome(hashing.transform, DOCUMENTS)
    assert hashing.fit([3, 4]) is hashing
    assert hashing.partial_fit(None) is hashing
    assert outcome(hashing.transform, DOCUMENTS) == expected
    with pytest.raises(ValueError, match=r"^Cannot vectorize empty sequence\.$"):
        hashing.transform([])


def test_lone_surrogates() -> None:
    """scikit-learn raises `UnicodeEncodeError` for words that contain them."""
    texts = ["\ud800 a", "a\ud800b \ud800", "b"]
    hashed = [ours.HashingVectorizer(token_pattern=pattern).transform(texts) for pattern in (r"\S+", r"\S+?(?!\S)")]
    assert described(hashed[0]) == described(hashed[1])
    assert np.diff(hashed[0].indptr).tolist() == [2, 2, 1]
    with pytest.raises(UnicodeEncodeError):
        theirs.HashingVectorizer(token_pattern=r"\S+").transform(texts)


def test_sums_that_do_not_fit() -> None:
    texts = ["the " * 200]
    with pytest.raises(OverflowError, match="200 does not fit int8; pass a wider dtype"):
        ours.HashingVectorizer(dtype=np.int8, norm=None, alternate_sign=False).transform(texts)
    with pytest.raises(OverflowError):
        ours.CountVectorizer(dtype=np.int8).fit_transform(texts)
