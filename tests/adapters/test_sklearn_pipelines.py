"""The vectorizers replace scikit-learn's in pipelines, searches and its own checks of estimators."""

import countgrid.sklearn as ours
import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
import sklearn.feature_extraction.text as theirs
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster import MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF, LatentDirichletAllocation, TruncatedSVD
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils import estimator_checks, get_tags
from vectorizing import PYTHON_DOCS, described

NAMES = ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"]
LINES = [line for line in PYTHON_DOCS if len(line.split()) > 5][:600]
LABELS = np.array(["the" in line.lower().split() for line in LINES])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        LinearSVC(random_state=0),
        SGDClassifier(random_state=0),
        RidgeClassifier(random_state=0),
        MultinomialNB(),
        ComplementNB(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_classifiers_learn_the_same(name: str, model) -> None:
    options = {"ngram_range": (1, 2)}
    if name == "HashingVectorizer":
        options |= {"n_features": 5000, "alternate_sign": False}
    learned = []
    for module in (ours, theirs):
        pipeline = make_pipeline(getattr(module, name)(**options), clone(model)).fit(LINES, LABELS)
        fitted = pipeline[-1]
        weights = fitted.coef_ if hasattr(fitted, "coef_") else fitted.feature_log_prob_
        learned.append((weights.tolist(), pipeline.predict(PYTHON_DOCS).tolist()))
    assert learned[0] == learned[1]


@pytest.mark.parametrize(
    "model",
    [
        TruncatedSVD(3, random_state=0),
        NMF(3, random_state=0, max_iter=500),
        LatentDirichletAllocation(3, random_state=0, max_iter=3),
        SelectKBest(chi2, k=5),
        MiniBatchKMeans(3, random_state=0, n_init=1),
    ],
    ids=lambda model: type(model).__name__,
)
def test_other_models_learn_the_same(model) -> None:
    learned = [
        make_pipeline(module.TfidfVectorizer(min_df=2), clone(model)).fit_transform(LINES, LABELS)
        for module in (ours, theirs)
    ]
    assert described(learned[0]) == described(learned[1])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_grid_search(n_jobs: int) -> None:
    results = []
    for module in (ours, theirs):
        pipeline = Pipeline([("words", module.CountVectorizer()), ("classify", MultinomialNB())])
        choices = {
            "words__ngram_range": [(1, 1), (1, 2)],
            "words__min_df": [1, 3],
            "words__binary": [False, True],
            "words__stop_words": [None, "english"],
            "words__token_pattern": [r"(?u)\b\w\w+\b", r"\S+"],
        }
        search = GridSearchCV(pipeline, choices, cv=3, n_jobs=n_jobs, error_score="raise").fit(LINES, LABELS)
        results.append((search.best_params_, search.cv_results_["mean_test_score"].tolist()))
        assert isinstance(search.best_estimator_["words"].vocabulary_, dict)
    assert results[0] == results[1]


def test_cross_validation_of_missing_texts() -> None:
    column = pd.Series(LINES, dtype="str").where(np.arange(len(LINES)) % 10 != 0)
    model = make_pipeline(ours.TfidfVectorizer(missing="zero"), LogisticRegression())
    expected = make_pipeline(theirs.TfidfVectorizer(), LogisticRegression())
    scores = cross_val_score(model, column, LABELS, cv=3, error_score="raise")
    assert scores.tolist() == cross_val_score(expected, column.fillna(""), LABELS, cv=3).tolist()


def test_with_other_columns() -> None:
    frame = pd.DataFrame(
        {"text": LINES, "length": [float(len(line)) for line in LINES]}, index=range(5, len(LINES) + 5)
    )
    results = []
    for module in (ours, theirs):
        features = ColumnTransformer(
            [("words", module.CountVectorizer(min_df=3), "text"), ("scaled", StandardScaler(), ["length"])]
        )
        results.append((described(features.fit_transform(frame)), features.get_feature_names_out().tolist()))
        union = FeatureUnion(
            [("words", module.CountVectorizer()), ("hashed", module.HashingVectorizer(n_features=8))]
        )
        results[-1] += (described(union.fit_transform(LINES)),)
    assert results[0] == results[1]


@pytest.mark.parametrize("name", NAMES)
def test_threads_and_processes(name: str, tmp_path) -> None:
    vectorizer = getattr(ours, name)(ngram_range=(1, 2)).fit(LINES)
    parts = [LINES[start : start + 100] for start in range(0, 600, 100)]
    expected = [described(vectorizer.transform(part)) for part in parts]
    joblib.dump(vectorizer, tmp_path / "vectorizer")
    for backend in ("threading", "loky"):
        run = joblib.Parallel(n_jobs=3, backend=backend)
        for one in (vectorizer, joblib.load(tmp_path / "vectorizer")):
            assert [
                described(matrix) for matrix in run(joblib.delayed(one.transform)(part) for part in parts)
            ] == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.skipif("sparse_interface" not in sklearn.get_config(), reason="this version always returns matrices")
@pytest.mark.parametrize("interface", ["spmatrix", "sparray"])
def test_the_kind_of_matrix(name: str, interface: str) -> None:
    with sklearn.config_context(sparse_interface=interface):
        made, expected = (getattr(module, name)() for module in (ours, theirs))
        assert described(made.fit_transform(LINES)) == described(expected.fit_transform(LINES))
        assert described(made.transform(LINES)) == described(expected.transform(LINES))
        assert isinstance(made.transform(LINES), sparse.csr_array if interface == "sparray" else sparse.csr_matrix)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_tags_are_theirs(name: str) -> None:
    made, expected = getattr(ours, name)(), getattr(theirs, name)()
    assert made.get_params() == expected.get_params() | {"missing": "raise", "workers": None}
    assert list(made.get_params()) == sorted(made.get_params())
    assert get_tags(made) == get_tags(expected)
    assert isinstance(made, getattr(theirs, name))
    assert not hasattr(made, "set_output")
    requests = {request for request in dir(made) if request.endswith("_request")}
    assert requests == {request for request in dir(expected) if request.endswith("_request")}
    assert type(made).__module__ == "countgrid.sklearn"
    changed = getattr(ours, name)(lowercase=False, workers=2)
    assert repr(changed) == f"{name}(lowercase=False, workers=2)"
    assert clone(changed).get_params() == changed.get_params()
    assert changed.fit(LINES)._repr_html_()


def test_inverse_transform() -> None:
    made, expected = (module.CountVectorizer().fit(LINES) for module in (ours, theirs))
    counts = expected.transform(LINES[:20])
    for given in (counts, counts.toarray(), counts.tocsc()):
        both = made.inverse_transform(given), expected.inverse_transform(given)
        assert [words.tolist() for words in both[0]] == [words.tolist() for words in both[1]]


# scikit-learn's checks


def as_texts(rows) -> list[str]:
    """Rows of numbers as texts."""
    return [" ".join(f"n{number:.1f}" for number in row) for row in np.asarray(rows)]


def checks_of(vectorizer) -> dict:
    """scikit-learn's checks pass numbers, so a pipeline converts them to texts first."""
    # The last step is one that scikit-learn recognises as a transformer.
    pipeline = make_pipeline(FunctionTransformer(as_texts, validate=True), vectorizer, MaxAbsScaler())
    checks = estimator_checks.estimator_checks_generator(pipeline)
    return {getattr(check, "func", check).__name__: (made, check) for made, check in checks}


def passes(made, check) -> bool:
    try:
        check(clone(made))
    except Exception:
        return False
    return True


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_checks_that_theirs_passes(name: str) -> None:
    options = {"token_pattern": r"\S+"}
    made, expected = checks_of(getattr(ours, name)(**options)), checks_of(getattr(theirs, name)(**options))
    assert made.keys() == expected.keys()
    passed = {check for check in expected if passes(*expected[check])}
    assert len(passed) > 30
    assert passed == {check for check in made if passes(*made[check])}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_mixin_order,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_set_params,
        estimator_checks.check_valid_tag_types,
    ],
    ids=lambda check: check.__name__,
)
def test_checks_without_documents(name: str, check) -> None:
    check(name, getattr(ours, name)())
