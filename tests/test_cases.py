"""The table of cases, through every container, dtype and kind of result."""

import re
import tomllib
from pathlib import Path

import countgrid as cg
import numpy as np
import pytest
from containers import containers_of


def with_bytes(written: list[str]) -> list[bytes]:
    """UTF-8, in which a written `\\xNN` stands for that byte."""
    return [
        re.sub(rb"\\x([0-9a-f]{2})", lambda escape: bytes.fromhex(escape[1].decode()), text.encode())
        for text in written
    ]


class Case:
    def __init__(self, table: dict):
        self.name = table["name"]
        self.documents = table["documents"] if "documents" in table else with_bytes(table["documents_bytes"])
        if "categories" in table:
            self.terms = {category["name"]: category["terms"] for category in table["categories"]}
        else:
            self.terms = table["terms"] if "terms" in table else with_bytes(table["terms_bytes"])
        self.options = {option: table[option] for option in ("match", "ignore_case") if option in table}
        self.plan = cg.TermCounter(self.terms, **self.options)
        self.counts = np.array(table["counts"], np.int32).reshape(len(self.documents), len(self.terms))


TABLE = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]


@pytest.fixture(scope="module", params=TABLE, ids=lambda table: table["name"])
def case(request):
    return Case(request.param)


# One of each way in; `test_inputs.py` goes through them all.
TERM_CONTAINERS = {
    "tuple",
    "list-bytes",
    "numpy-U",
    "numpy-S",
    "numpy-string",
    "pandas-category",
    "arrow-string_view",
    "arrow-binary",
    "polars-string",
}


def test_names_are_unique():
    names = [table["name"] for table in TABLE]
    assert len(set(names)) == len(names)


def test_one_liner(case):
    assert cg.count(case.documents, case.terms, **case.options).tolist() == case.counts.tolist()


def test_every_container_of_documents(case):
    containers = containers_of(case.documents)
    found = {container.name: case.plan.count(container.of(case.documents)).tolist() for container in containers}
    assert found == dict.fromkeys(found, case.counts.tolist())
    assert "list" in found or "list-bytes" in found


def test_every_container_of_terms(case):
    by_category = isinstance(case.terms, dict)
    members = [term for terms in case.terms.values() for term in terms] if by_category else case.terms

    def held(container):
        if by_category:
            return {name: container.of(list(terms)) for name, terms in case.terms.items()}
        return container.of(case.terms)

    found = {
        container.name: cg.count(case.documents, held(container), **case.options).tolist()
        for container in containers_of(members)
        if container.name in TERM_CONTAINERS
    }
    assert found == dict.fromkeys(found, case.counts.tolist())
    assert found


@pytest.mark.parametrize(
    "dtype", ["int8", "uint16", ">i4", "int64", "uint64", "float16", "float32", "float64", "bool"]
)
def test_every_kind_of_result(case, dtype):
    expected = case.counts.astype(dtype)
    counts = case.plan.count(case.documents, dtype=dtype)
    assert counts.dtype == expected.dtype
    assert np.array_equal(counts, expected)
    if dtype not in (">i4", "float16"):  # scipy knows neither
        sparse = case.plan.count(case.documents, dtype=dtype, sparse=True)
        assert np.array_equal(sparse.toarray(), expected)
        assert sparse.nnz == np.count_nonzero(expected)
    for order in "CF":
        out = np.full(expected.shape, 3, dtype, order=order)
        assert case.plan.count(case.documents, out=out) is out
        assert np.array_equal(out, expected)


@pytest.mark.parametrize("workers", [1, None])
def test_totals(case, workers):
    totals = case.plan.totals(case.documents, workers=workers)
    assert totals.columns == case.plan.columns
    assert totals.counts.tolist() == case.counts.sum(axis=0).tolist()
    assert totals.documents.tolist() == (case.counts > 0).sum(axis=0).tolist()


@pytest.mark.parametrize("workers", [1, 3])
def test_among_many_documents(case, workers):
    """Between documents that hold no term, so many that workers share them."""
    filler = [b"q\x01zq\x01" * 10_000]
    documents = [document for each in case.documents for document in (each, *filler)]
    counts = case.plan.count(documents + filler * 10, workers=workers)
    assert counts[: len(documents) : 2].tolist() == case.counts.tolist()
    assert not counts[1 : len(documents) : 2].any()
    assert not counts[len(documents) :].any()
