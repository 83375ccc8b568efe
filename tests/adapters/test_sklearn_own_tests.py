"""scikit-learn's own tests of its vectorizers, from the installed package, with countgrid's classes instead."""

import importlib.util
import inspect
from types import ModuleType

import pytest
from countgrid.sklearn import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_extraction import text

pytestmark = pytest.mark.filterwarnings("default")

CALLABLE = "a callable analyzer, preprocessor or tokenizer is left to scikit-learn's class"
CHARS = "character n-grams are left to scikit-learn's class"

#: The tests that do not apply, and why. They must fail.
REFUSED = (NotImplementedError, AssertionError, pytest.fail.Exception)
LEFT_OUT = {
    "test_callable_analyzer_change_behavior": CALLABLE,
    "test_callable_analyzer_error": CALLABLE,
    "test_callable_analyzer_reraise_error": CALLABLE,
    "test_count_binary_occurrences": CHARS,
    "test_hashed_binary_occurrences": CHARS,
    "test_pickling_vectorizer": CALLABLE,
    "test_stop_word_validation_custom_preprocessor": CALLABLE,
    "test_unused_parameters_warn": "each case has a callable or character n-grams",
    "test_vectorizer_max_df": CHARS,
    "test_vectorizer_min_df": CHARS,
}


def with_our_classes(name: str) -> ModuleType:
    """A new copy of a module that imports countgrid's classes from where scikit-learn's are."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        for ours in (CountVectorizer, HashingVectorizer, TfidfVectorizer):
            patch.setattr(text, ours.__name__, ours)
        spec.loader.exec_module(module)
    return module


theirs = with_our_classes("sklearn.feature_extraction.tests.test_text")
globals().update(
    {
        name: test
        for name, test in vars(theirs).items()
        if name.startswith("test_") and "Vectorizer" in inspect.getsource(test)
    }
)


@pytest.fixture(autouse=True)
def left_out(request: pytest.FixtureRequest) -> None:
    reason = LEFT_OUT.get(request.node.originalname)
    if reason is not None:
        request.node.add_marker(pytest.mark.xfail(reason=reason, raises=REFUSED, strict=True))


def test_what_is_left_out_is_there() -> None:
    assert set(LEFT_OUT) <= set(globals())
