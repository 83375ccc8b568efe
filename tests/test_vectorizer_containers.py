"""scikit-learn's vectorizers, counted by the core, take every container of documents."""

# ruff: noqa: RUF001

import countgrid.sklearn as ours
import pytest
import sklearn.feature_extraction.text as theirs
from containers import CONTAINERS, Container
from scipy import sparse

TEXTS = ["The cat sat", "", "the dog", "Alle Menschen sind frei", "ΟΛΟΙ ΟΙ ΑΝΘΡΩΠΟΙ", "日本語 😀"]


def equal(made: sparse.csr_matrix, expected: sparse.csr_matrix) -> bool:
    arrays = ("indptr", "indices", "data")
    return all(getattr(made, name).tolist() == getattr(expected, name).tolist() for name in arrays)


@pytest.mark.parametrize("name", ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"])
# On the fast path, and in Python.
@pytest.mark.parametrize("token_pattern", [r"(?u)\b\w\w+\b", r"(?u)\b\w\w+?\b"])
@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.name)
def test_every_container(container: Container, token_pattern: str, name: str) -> None:
    items = [*TEXTS[:3], None, *TEXTS[3:]] if container.missing else TEXTS
    if not container.text:
        items = [item if item is None else item.encode() for item in items]
    if not container.holds(items):
        pytest.skip("the container cannot contain these texts")
    made = getattr(ours, name)(token_pattern=token_pattern, missing="zero")
    expected = getattr(theirs, name)(token_pattern=token_pattern)
    plain = ["" if item is None else item for item in items]
    assert equal(made.fit_transform(container.make(items)), expected.fit_transform(plain))
    assert equal(made.transform(container.make(items)), expected.transform(plain))
    assert equal(made.fit(container.make(items)).transform(plain), expected.transform(plain))
