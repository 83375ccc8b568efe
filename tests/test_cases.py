"""The table of cases, through every container, dtype and kind of result."""

import re
import tomllib
from functools import cached_property
from pathlib import Path

import countgrid as cg
import numpy as np
import pytest
from containers import BY_NAME, as_bytes, as_text, containers_of, is_valid_utf8
from rules import WHITE_SPACE, matrix, spans


def with_bytes(written: list[str]) -> list[bytes]:
    """Return UTF-8. In it, `\\xNN` stands for that byte."""
    return [
        re.sub(rb"\\x([0-9a-f]{2})", lambda escape: bytes.fromhex(escape[1].decode()), text.encode())
        for text in written
    ]


OPTIONS = ("match", "ignore_case", "syntax", "overlap", "strip_accents", "fold_punctuation", "word_chars")


class Case:
    def __init__(self, table: dict):
        self.name = table["name"]
        self.documents = table["documents"] if "documents" in table else with_bytes(table["documents_bytes"])
        if "categories" in table:
            self.terms = {category["name"]: category["terms"] for category in table["categories"]}
        else:
            self.terms = table["terms"] if "terms" in table else with_bytes(table["terms_bytes"])
        self.options = {option: table[option] for option in OPTIONS if option in table}
        self.counts = np.array(table["counts"], np.int32).reshape(len(self.documents), len(self.terms))

    @cached_property
    def plan(self) -> cg.TermCounter:
        return cg.TermCounter(self.terms, **self.options)

    @property
    def twin_knows(self) -> bool:
        """In `rules.py`, patterns treat an invalid byte as a character."""
        return "regex" not in self.options.values() or all(map(is_valid_utf8, self.documents))


TABLE = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]


@pytest.fixture(scope="module", params=TABLE, ids=lambda table: table["name"])
def case(request):
    return Case(request.param)


# One container per code path. `test_inputs.py` tests all of them.
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


KNOWN_TO_TWIN = [case for case in map(Case, TABLE) if case.twin_knows]


@pytest.mark.parametrize("case", KNOWN_TO_TWIN, ids=lambda case: case.name)
def test_the_twin_agrees_with_the_table(case):
    assert matrix(case.documents, case.terms, **case.options) == case.counts.tolist()


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
    """The case between documents without terms, so many that workers share them."""
    filler = [b"q\x01zq\x01" * 10_000]
    documents = [document for each in case.documents for document in (each, *filler)]
    counts = case.plan.count(documents + filler * 10, workers=workers)
    assert counts[: len(documents) : 2].tolist() == case.counts.tolist()
    assert not counts[1 : len(documents) : 2].any()
    assert not counts[len(documents) :].any()


# One container per code path and per unit of offsets.
FIND_IN = ["list", "numpy-U", "arrow-string", "polars-string", "list-bytes", "pandas-category"]


@pytest.mark.parametrize("workers", [1, None])
def test_find(case, workers):
    holding = [BY_NAME[name] for name in FIND_IN if BY_NAME[name].holds(case.documents)]
    assert holding
    for container in holding:
        check_find(case, container, workers)


def check_find(case, container, workers):
    found = case.plan.find(container.of(case.documents), workers=workers)
    arrays = (found.document, found.column, found.start, found.end)
    assert [array.dtype for array in arrays] == [np.int64] * 4
    assert {array.shape for array in arrays} == {(case.counts.sum(),)}
    assert len(found) == case.counts.sum()
    assert found.columns == case.plan.columns

    rebuilt = np.zeros_like(case.counts)
    np.add.at(rebuilt, (found.document, found.column), 1)
    assert rebuilt.tolist() == case.counts.tolist()

    places = [
        *zip(*(array.tolist() for array in (found.document, found.start, found.end, found.column)), strict=True)
    ]
    assert places == sorted(places)
    documents = as_text(case.documents) if container.text else as_bytes(case.documents)
    assert all(0 <= start < end <= len(documents[row]) for row, start, end, _ in places)
    if case.twin_knows:
        expected = [spans(document, case.terms, **case.options) for document in documents]
        assert places == [(row, *span) for row, of_row in enumerate(expected) for span in of_row]
    if container.text and not case.options.keys() - {"match"} and isinstance(case.terms, list):
        slices = [WHITE_SPACE.sub(" ", documents[row][start:end]) for row, start, end, _ in places]
        terms = [WHITE_SPACE.sub(" ", term) for term in as_text(case.terms)]
        strip = str if case.options.get("match") == "substring" else str.strip
        assert slices == [strip(terms[column]) for *_, column in places]
