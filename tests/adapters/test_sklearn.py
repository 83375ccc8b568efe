"""The transformer returns the counts of `cg.count`, works everywhere in scikit-learn, and follows its rules."""

import argparse
import pickle
import re
import time

import countgrid as cg
import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from countgrid.sklearn import TermCountTransformer
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF, LatentDirichletAllocation, TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils import estimator_checks, get_tags

TEXTS = ["the cat sat", None, "the the", "", "Cat, the naïve cat", "日本 the"]
TERMS = ["the", "cat", "日本"]
WORDS = ["alpha", "beta", "gamma", "delta", "epsilon"]


def some_texts(n: int = 80) -> tuple[list[str], np.ndarray]:
    """Texts of eight words, and which of them contain the first word more than once."""
    drawn = np.random.default_rng(0).choice(WORDS, (n, 8))
    return [" ".join(row) for row in drawn], ((drawn == WORDS[0]).sum(axis=1) > 1).astype(int)


# Counts

CONTAINERS = {
    "list": list,
    "tuple": tuple,
    "object array": lambda texts: np.array(texts, dtype=object),
    "array of one column": lambda texts: np.array(texts, dtype=object)[:, None],
    "U": lambda texts: np.array([text or "" for text in texts]),
    "str": lambda texts: pd.Series(texts, dtype="str"),
    "string[pyarrow]": lambda texts: pd.Series(texts, dtype="string[pyarrow]"),
    "category": lambda texts: pd.Series(texts, dtype="category"),
    "frame": lambda texts: pd.DataFrame({"a text": texts}),
    "polars": lambda texts: pl.Series(texts),
    "Documents": cg.Documents,
}


@pytest.mark.parametrize("container", CONTAINERS)
def test_counts_are_those_of_count(container: str) -> None:
    counted = TermCountTransformer(TERMS).fit_transform(CONTAINERS[container](TEXTS))
    assert counted.dtype == np.int32
    assert counted.tolist() == cg.count(TEXTS, TERMS).tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"match": "substring"},
        {"match": "token"},
        {"ignore_case": True},
        {"strip_accents": True},
        {"word_chars": ","},
        {"syntax": "glob"},
        {"syntax": "regex"},
        {"match": "substring", "overlap": "all"},
        {"match": "substring", "overlap": "longest"},
    ],
    ids=str,
)
def test_every_matching_option(options: dict) -> None:
    terms = ["ca*", "ca[ts]+", "cat", "ana", "banana", "naive"]
    texts = [*TEXTS[:1], "cat, CAT bananana naïve ca* ca*,"]
    plain = {"syntax": "literal"} | ({"match": "substring"} if "overlap" in options else {})
    options = plain | options
    counted = TermCountTransformer(terms, **options).fit_transform(texts)
    assert counted.tolist() == cg.count(texts, terms, **options).tolist()
    assert counted.tolist() != cg.count(texts, terms, **plain).tolist()


def test_result_options() -> None:
    terms = TermCountTransformer(TERMS, dtype=bool, workers=1)
    assert terms.fit_transform(TEXTS).dtype == np.bool_
    assert terms.transform(TEXTS).tolist() == (cg.count(TEXTS, TERMS) > 0).tolist()
    with pytest.raises(OverflowError, match="row 0, column 0"):
        TermCountTransformer(["a"], dtype="int8").fit_transform(["a " * 200])
    with pytest.raises(ValueError, match="workers"):
        TermCountTransformer(["a"], workers=0).fit_transform(["a"])
    with pytest.raises(ValueError, match=r"documents\[1\] is missing"):
        TermCountTransformer(TERMS, missing="raise").fit_transform(TEXTS)
    counted = TermCountTransformer(TERMS, sparse_output=True, dtype="float32").fit_transform(TEXTS)
    assert isinstance(counted, sparse.csr_array)
    assert (counted.dtype, counted.indices.dtype, counted.indptr.dtype) == (np.float32, np.int32, np.int32)
    assert counted.toarray().tolist() == cg.count(TEXTS, TERMS).tolist()


def test_categories_and_counters() -> None:
    lexicon = {"good, or so": ["good", "fine"], 'the "bad"': ["bad*"]}
    options = {"ignore_case": True, "syntax": "glob"}
    texts = ["Good and badly", "FINE"]
    counter = cg.TermCounter(lexicon, **options)
    of_lexicon, of_counter = TermCountTransformer(lexicon, **options), TermCountTransformer(counter)
    assert of_lexicon.fit_transform(texts).tolist() == [[1, 1], [1, 0]]
    assert of_counter.fit_transform(texts).tolist() == [[1, 1], [1, 0]]
    assert of_lexicon.counter_ == counter
    assert of_counter.get_feature_names_out().tolist() == list(lexicon)
    assert of_counter.counter_ is counter
    changed = TermCountTransformer(counter, ignore_case=False, syntax="literal")
    assert changed.fit_transform(["Good and bad", "bad*"]).tolist() == [[0, 0], [0, 1]]
    assert changed.counter_ == counter.replace(ignore_case=False, syntax="literal")


def test_a_large_column_mostly_missing() -> None:
    column = pd.Series(["the cat" if i % 10 == 0 else None for i in range(1_000_000)], dtype="str")
    counted = TermCountTransformer(["the", "dog"]).fit_transform(column)
    assert counted.sum(axis=0).tolist() == [100_000, 0]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {"token_pattern": r"\w+", "lowercase": False}),
        ({"ignore_case": True}, {"token_pattern": r"\w+"}),
        ({"match": "token"}, {"token_pattern": r"\S+", "lowercase": False}),
        ({"strip_accents": True}, {"token_pattern": r"\w+", "lowercase": False, "strip_accents": "unicode"}),
        ({"dtype": bool}, {"token_pattern": r"\w+", "lowercase": False, "binary": True}),
        ({"match": "substring", "overlap": "all"}, {"analyzer": "char", "ngram_range": (1, 6), "lowercase": False}),
    ],
    ids=str,
)
def test_counts_are_those_of_count_vectorizer(ours: dict, theirs: dict) -> None:
    texts = [
        re.sub(r"\s+", " ", argparse.__doc__),
        "naive naïve Naïve",
        "a aa aaa aaaa",
        "def",
        re.__doc__.split("\n")[0],
    ]
    texts += re.sub(r"[ \n]+", " ", re.__doc__).split(". ")
    # In lower case, since CountVectorizer lowers the case of texts and not of its vocabulary.
    terms = ["the", "a", "aa", "re", "string", "naive", "in", "of", "python", "match"]
    theirs_counted = CountVectorizer(vocabulary=terms, **theirs).transform(texts)
    counted = TermCountTransformer(terms, **ours).transform(texts)
    assert counted.sum() > 50
    assert counted.tolist() == theirs_counted.toarray().tolist()


# Pipelines and searches


def test_in_a_pipeline() -> None:
    texts, y = some_texts()
    model = make_pipeline(TermCountTransformer(WORDS, sparse_output=True), TfidfTransformer(), LogisticRegression())
    model.fit(texts, y)
    assert model.score(texts, y) == 1
    assert model[:-1].get_feature_names_out().tolist() == WORDS
    assert pickle.loads(pickle.dumps(model)).predict(texts).tolist() == model.predict(texts).tolist()


@pytest.mark.parametrize("key", ["a text", ["a text"]], ids=str)
def test_in_a_column_transformer(key: str | list[str]) -> None:
    frame = pd.DataFrame({"a text": TEXTS, "n": range(6)}, index=[f"row {i}" for i in range(6)][::-1])
    columns = ColumnTransformer([("count", TermCountTransformer(TERMS), key), ("scaled", StandardScaler(), ["n"])])
    expected = np.column_stack([cg.count(TEXTS, TERMS), StandardScaler().fit_transform(frame[["n"]])])
    assert columns.fit_transform(frame).tolist() == expected.tolist()
    names = [*(f"count__{term}" for term in TERMS), "scaled__n"]
    assert columns.get_feature_names_out().tolist() == names
    as_frame = columns.set_output(transform="pandas").fit_transform(frame)
    assert as_frame.index.equals(frame.index)
    assert as_frame.columns.tolist() == names
    assert as_frame["count__cat"].dtype == np.int32
    assert as_frame.to_numpy().tolist() == expected.tolist()


@pytest.mark.parametrize("key", ["a text", ["a text"]], ids=str)
def test_in_a_column_transformer_of_polars(key: str | list[str]) -> None:
    frame = pl.DataFrame({"a text": TEXTS, "n": [float(i) for i in range(6)]})
    columns = ColumnTransformer([("count", TermCountTransformer(TERMS), key)], remainder="passthrough")
    counted = columns.set_output(transform="polars").fit_transform(frame)
    assert counted.columns == [*(f"count__{term}" for term in TERMS), "remainder__n"]
    assert counted[:, :3].to_numpy().tolist() == cg.count(TEXTS, TERMS).tolist()
    assert counted["count__the"].dtype == pl.Int32


def test_in_a_feature_union() -> None:
    texts, _ = some_texts()
    for output in (False, True):
        union = FeatureUnion(
            [
                ("words", TermCountTransformer(WORDS, sparse_output=output)),
                ("parts", TermCountTransformer(["a", "ta"], match="substring", sparse_output=output)),
                ("learnt", CountVectorizer(vocabulary=WORDS)),
            ]
        )
        counted = union.fit_transform(texts)
        assert counted.indices.dtype == np.int32
        words, parts = cg.count(texts, WORDS), cg.count(texts, ["a", "ta"], match="substring")
        assert counted.toarray().tolist() == np.column_stack([words, parts, words]).tolist()
        assert union.get_feature_names_out()[5:7].tolist() == ["parts__a", "parts__ta"]


def test_in_a_grid_search() -> None:
    texts, y = some_texts()
    texts = [text.upper() for text in texts]
    model = Pipeline([("count", TermCountTransformer(WORDS)), ("classify", MultinomialNB())])
    choices = [
        WORDS[2:],
        WORDS,
        {"first": WORDS[:1], "others": WORDS[1:]},
        np.array(WORDS[:3]),
    ]
    search = GridSearchCV(model, {"count__terms": choices, "count__ignore_case": [False, True]}, cv=3)
    search.fit(pd.Series(texts), y)
    assert len(search.cv_results_["params"]) == 8
    scores = dict(
        zip(
            [repr(found) for found in search.cv_results_["params"]],
            search.cv_results_["mean_test_score"],
            strict=True,
        )
    )
    best = search.best_params_
    assert best["count__ignore_case"]
    assert scores[repr(best)] > scores[repr({"count__ignore_case": False, "count__terms": WORDS})]
    assert search.best_estimator_["count"].terms is not best["count__terms"]
    counters = [cg.TermCounter(WORDS, match=match, ignore_case=True) for match in ("word", "token")]
    search = GridSearchCV(model, {"count__terms": counters, "count__dtype": [bool, "int32"]}, cv=3, n_jobs=2)
    assert search.fit(texts, y).best_params_["count__dtype"] == "int32"


@pytest.mark.parametrize("kind", ["list", "dict", "TermCounter", "Lexicon"])
def test_a_grid_search_over_options_of_any_terms(kind: str, tmp_path) -> None:
    texts, y = some_texts()
    texts = [text.upper() for text in texts]
    (tmp_path / "words.txt").write_text("".join(f"{word}\n" for word in WORDS))
    terms = {
        "list": lambda: WORDS,
        "dict": lambda: {word: [word] for word in WORDS},
        "TermCounter": lambda: cg.TermCounter(WORDS, match="token"),
        "Lexicon": lambda: cg.read_lexicon(tmp_path / "words.txt"),
    }[kind]()
    model = Pipeline([("count", TermCountTransformer(terms)), ("classify", MultinomialNB())])
    choices = {
        "count__match": ["word", "substring"],
        "count__ignore_case": [False, True],
        "count__strip_accents": [False, True],
    }
    search = GridSearchCV(model, choices, cv=3, error_score="raise").fit(texts, y)
    assert len(search.cv_results_["params"]) == 8
    assert search.best_params_["count__ignore_case"]
    for params in search.cv_results_["params"]:
        fitted = clone(model).set_params(**params).fit(texts, y)["count"].counter_
        expected = {name.removeprefix("count__"): value for name, value in params.items()}
        assert fitted.options | expected == fitted.options
        assert fitted.terms == cg.TermCounter(terms).terms if kind != "TermCounter" else terms.terms
    # Options that are not set come from the counter.
    assert clone(model).fit(texts, y)["count"].counter_.options["match"] == (
        "token" if kind == "TermCounter" else "word"
    )


def test_cross_validation_with_missing_texts() -> None:
    texts, y = some_texts()
    column = pd.Series(texts, dtype="str").where(np.arange(80) % 10 != 0)
    model = make_pipeline(TermCountTransformer(WORDS), LogisticRegression())
    assert cross_val_score(model, column, y, error_score="raise").mean() > 0.8
    filled = make_pipeline(SimpleImputer(strategy="constant", fill_value="alpha alpha"), TermCountTransformer(WORDS))
    counted = filled.fit_transform(column.astype(object).to_frame())
    assert counted.tolist() == cg.count(column.fillna("alpha alpha"), WORDS).tolist()


@pytest.mark.parametrize(
    "estimator",
    [
        LinearSVC(),
        SVC(),
        SGDClassifier(),
        LogisticRegression(),
        RidgeClassifier(),
        RandomForestClassifier(n_estimators=5),
        KNeighborsClassifier(),
        ComplementNB(),
        KMeans(2),
        TruncatedSVD(2),
        NMF(2, max_iter=1000),
        LatentDirichletAllocation(2),
        TfidfTransformer(),
        MaxAbsScaler(),
        StandardScaler(with_mean=False),
        SelectKBest(chi2, k=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_estimators_take_sparse_counts(estimator) -> None:
    texts, y = some_texts()
    results = []
    for sparse_output in (True, False):
        if "random_state" in estimator.get_params():
            estimator = clone(estimator).set_params(random_state=0)
        model = make_pipeline(TermCountTransformer(WORDS, sparse_output=sparse_output), clone(estimator)).fit(
            texts, y
        )
        result = model.transform(texts) if hasattr(model, "transform") else model.predict(texts)
        results.append(result.toarray() if sparse.issparse(result) else result)
    np.testing.assert_allclose(*results, atol=1e-5)


# scikit-learn's rules


def test_set_output() -> None:
    column = pd.Series(TEXTS, index=[f"row {i}" for i in range(6)])
    expected = cg.count(TEXTS, TERMS)
    counts = TermCountTransformer(TERMS, prefix="n ").set_output(transform="pandas")
    for documents in (column, column.to_frame()):
        frame = counts.fit_transform(documents)
        assert isinstance(frame, pd.DataFrame)
        assert frame.columns.tolist() == ["n the", "n cat", "n 日本"]
        assert frame.index.equals(column.index)
        assert frame.to_numpy().tolist() == expected.tolist()
    assert counts.transform(TEXTS).index.equals(pd.RangeIndex(6))
    frame = counts.set_output(transform="polars").transform(TEXTS)
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns == ["n the", "n cat", "n 日本"]
    assert frame.to_numpy().tolist() == expected.tolist()
    assert isinstance(counts.set_output(transform="default").transform(TEXTS), np.ndarray)
    with pytest.raises(ValueError, match=r"sparse .* to a dense array or disable Pandas output"):
        clone(counts).set_params(sparse_output=True).set_output(transform="pandas").fit_transform(TEXTS)


def test_feature_names() -> None:
    counts = TermCountTransformer([b"\xff", "a,b"], prefix="- ")
    names = counts.fit(TEXTS).get_feature_names_out()
    assert (names.dtype, names.tolist()) == (object, ["- \\xff", "- a,b"])
    assert counts.get_feature_names_out(["text"]).tolist() == names.tolist()
    named = TermCountTransformer(["a", "a"], names=pd.Index(["one", "two"])).fit(TEXTS)
    assert named.get_feature_names_out().tolist() == ["one", "two"]
    assert named.transform(["a b a"]).tolist() == [[2, 2]]
    assert TermCountTransformer([]).fit_transform(TEXTS).shape == (6, 0)
    assert TermCountTransformer([]).get_feature_names_out().shape == (0,)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"terms": ["a", "b", "a"]}, ValueError, "columns 0 and 2 would both be named 'a'; pass other names="),
        ({"terms": ["a", "b"], "names": ["x"]}, ValueError, "names has 1 names; expected one for each of 2 columns"),
        ({"terms": ["a"], "prefix": 1}, TypeError, "prefix is int"),
        ({"terms": "a"}, TypeError, "pass a list"),
        ({"terms": ["a", ""]}, ValueError, r"terms\[1\] is empty"),
        ({"terms": ["a"], "match": "whole"}, ValueError, "match is 'whole'; expected"),
        ({"terms": ["("], "syntax": "regex"}, ValueError, r"terms\[0\] '\(' is not a valid regular expression"),
        (
            {"terms": iter(["a"])},
            TypeError,
            "terms is list_iterator, which can be read only once; expected a sequence",
        ),
        ({"terms": ["a"], "names": iter(["b"])}, TypeError, "names is list_iterator, which can be read only once"),
        ({"terms": ["a"], "names": {"a": "b"}}, TypeError, "names is dict .* expected a sequence of str"),
        ({"terms": ["a"], "dtype": "U3"}, TypeError, "dtype is <U3; expected an integer, float or bool type"),
        ({"terms": ["a"], "workers": 0}, ValueError, "workers is 0; expected 1 to"),
        ({"terms": ["a"], "missing": "keep"}, ValueError, "missing is 'keep'; expected 'zero' or 'raise'"),
    ],
    ids=str,
)
def test_invalid_parameters_raise_at_fit(wrong: dict, error: type[Exception], message: str) -> None:
    counts = TermCountTransformer(**wrong)
    with pytest.raises(error, match=message):
        counts.fit(TEXTS)


def test_columns_that_are_not_text_are_an_error() -> None:
    counts = TermCountTransformer(["a"]).fit([])
    with pytest.raises(TypeError, match=r"documents\[1\] is float \(3\.5\)"):
        counts.transform(["a", 3.5])
    with pytest.raises(TypeError, match="pass a list"):
        counts.fit_transform("a")
    with pytest.raises(ValueError, match="2 columns"):
        counts.transform(pd.DataFrame({"text": ["a"], "title": ["b"]}))
    with pytest.raises(ValueError, match="dimensions"):
        counts.transform(np.array([["a", "b"]]))


def test_fit_is_not_needed_and_fixes_the_terms() -> None:
    counts = TermCountTransformer(["the"])
    assert counts.transform(["the THE"]).tolist() == [[1]]
    assert not hasattr(counts, "counter_")
    assert counts.set_params(ignore_case=True).transform(["the THE"]).tolist() == [[2]]
    # As everywhere in scikit-learn, changes after `fit` take effect at the next `fit`.
    counts.fit([]).set_params(ignore_case=False, prefix="n_")
    assert counts.transform(["the THE"]).tolist() == [[2]]
    assert counts.get_feature_names_out().tolist() == ["the"]
    assert counts.fit([]).transform(["the THE"]).tolist() == [[1]]
    assert counts.get_feature_names_out().tolist() == ["n_the"]


TERMS_OF_ALL_KINDS = {
    "list": ["the", "cat"],
    "tuple": ("the", "cat"),
    "dict": {"the": ["the"], "cat": ["cat", "cats"]},
    "array": np.array(["the", "cat"]),
    "Series": pd.Series(["the", "cat"]),
    "categories of Series": {"the": pd.Series(["the"]), "cat": pd.Series(["cat", "cats"])},
    "polars": pl.Series(["the", "cat"]),
    "counter": cg.TermCounter(["the", "cat"]),
}


@pytest.mark.parametrize("kind", TERMS_OF_ALL_KINDS)
def test_terms_are_kept_cloned_pickled_and_printed(kind: str, tmp_path) -> None:
    terms = TERMS_OF_ALL_KINDS[kind]
    counts = TermCountTransformer(terms, prefix="n_")
    assert counts.get_params()["terms"] is terms
    assert counts.fit(TEXTS).terms is terms
    expected = counts.transform(TEXTS).tolist()
    assert expected == cg.count(TEXTS, ["the", "cat"]).tolist()
    for made in (clone(counts), pickle.loads(pickle.dumps(counts))):
        assert type(made.terms) is type(terms)
        assert made.transform(TEXTS).tolist() == expected
        assert made.get_feature_names_out().tolist() == ["n_the", "n_cat"]
    assert not hasattr(clone(counts), "counter_")
    joblib.dump(counts, tmp_path / "counts")
    assert joblib.load(tmp_path / "counts").transform(TEXTS).tolist() == expected
    halves = joblib.Parallel(n_jobs=2)(joblib.delayed(counts.transform)(half) for half in (TEXTS[:3], TEXTS[3:]))
    assert np.vstack(halves).tolist() == expected
    assert repr(counts).startswith("TermCountTransformer(prefix='n_',")
    assert "cat" in counts._repr_html_()


@pytest.mark.parametrize("kind", ["list", "array", "Series", "category", "counter"])
def test_a_large_lexicon_is_printed_in_short(kind: str) -> None:
    words = [f"term{i}" for i in range(100_000)]
    make = {"list": list, "array": np.array, "Series": pd.Series, "category": lambda words: {"all": words}}
    counts = TermCountTransformer(make.get(kind, cg.TermCounter)(words), sparse_output=True).fit(TEXTS)
    started = time.monotonic()
    assert len(repr(counts)) < 1_000
    assert len(counts._repr_html_()) < 60_000
    assert time.monotonic() - started < 5


def test_tags() -> None:
    tags = get_tags(TermCountTransformer(["a"]))
    assert (tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array) == (True, True, False)
    assert tags.input_tags.allow_nan
    assert not get_tags(TermCountTransformer(["a"], missing="raise")).input_tags.allow_nan
    assert not tags.requires_fit
    assert not tags.target_tags.required
    assert tags.estimator_type is None


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_estimators_unfitted,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
    ids=lambda check: check.__name__,
)
def test_checks_of_scikit_learn_without_documents(check) -> None:
    check("TermCountTransformer", TermCountTransformer(["a"]))


def as_text(rows) -> np.ndarray:
    """Rows of numbers as a column of texts."""
    return np.array([[" ".join(f"{number:.1f}" for number in row)] for row in np.asarray(rows)], dtype=object)


def one_name(transformer, names) -> np.ndarray:
    return np.array(["text"], dtype=object)


#: The checks of scikit-learn that do not apply to this pipeline.
LEFT_OUT = {
    "check_estimators_overwrite_params": "a Pipeline fits its steps in place",
    "check_dont_overwrite_parameters": "the same",
    "check_transformers_unfitted": "fit is not needed, but a Pipeline does not pass that tag on",
    "check_fit_check_is_fitted": "the same",
    "check_array_api_input": "texts are not arrays of numbers",
}


def checks_of_scikit_learn() -> list:
    """scikit-learn's checks pass numbers, so the pipeline converts them to texts first."""
    counts = TermCountTransformer(["0.1", "0.2", "-0.1", "1.0"], match="token")
    text = FunctionTransformer(as_text, validate=True, feature_names_out=one_name)
    found = []
    for pipeline, check in estimator_checks.estimator_checks_generator(make_pipeline(text, counts)):
        name = getattr(check, "func", check).__name__
        if name not in LEFT_OUT:
            found.append(pytest.param(pipeline, check, id=name))
    return found


@pytest.mark.parametrize(("pipeline", "check"), checks_of_scikit_learn())
def test_checks_of_scikit_learn(pipeline, check) -> None:
    check(pipeline)


def test_a_lexicon_has_its_syntax(tmp_path) -> None:
    (tmp_path / "a.txt").write_text("happ*\n")
    lexicon = cg.read_lexicon(tmp_path / "a.txt", syntax="glob")
    transformer = clone(TermCountTransformer(lexicon))
    assert transformer.fit_transform(["happy happ*", "sad"]).tolist() == [[2], [0]]
    with pytest.raises(ValueError, match=r"^syntax is .regex."):
        TermCountTransformer(lexicon, syntax="regex").fit([])


def test_an_explicit_syntax_differs_from_the_default(tmp_path) -> None:
    """Also after `clone`, pickling, `set_params` and in a grid search."""
    (tmp_path / "a.txt").write_text("happ*\n")
    globs, default = (cg.read_lexicon(tmp_path / "a.txt", **options) for options in ({"syntax": "glob"}, {}))
    copies = [
        lambda one: one,
        clone,
        lambda one: pickle.loads(pickle.dumps(one)),
        lambda one: TermCountTransformer(**one.get_params()),
        lambda one: clone(one).set_params(**one.get_params()),
    ]
    for copied in copies:
        assert copied(TermCountTransformer(globs)).fit_transform(["happy happ*"]).tolist() == [[2]]
        with pytest.raises(ValueError, match=r"^syntax is 'literal', but"):
            copied(TermCountTransformer(globs, syntax="literal")).fit([])
        for terms in (["happ*"], default):
            with pytest.warns(UserWarning, match="looks like a glob") as said:
                copied(TermCountTransformer(terms)).fit([])
            assert [warning.filename for warning in said] == [__file__]
            assert copied(TermCountTransformer(terms, syntax="literal")).fit_transform(["happ*"]).tolist() == [[1]]
    counter = cg.TermCounter(globs)
    assert TermCountTransformer(counter).fit_transform(["happy"]).tolist() == [[1]]
    assert TermCountTransformer(counter, syntax="literal").fit_transform(["happy", "happ*"]).tolist() == [[0], [1]]
    with pytest.warns(UserWarning, match="looks like a glob") as said:
        make_pipeline(TermCountTransformer(["happ*"]), MaxAbsScaler()).fit(["happ*"])
    assert [warning.filename for warning in said] == [__file__]
    search = GridSearchCV(
        make_pipeline(TermCountTransformer(["happ*"]), LogisticRegression()),
        {"termcounttransformer__syntax": ["literal", "glob"]},
        cv=2,
    ).fit(["happy", "sad"] * 4, [1, 0] * 4)
    assert search.best_params_ == {"termcounttransformer__syntax": "glob"}
