"""Regular expressions of random parts against the rules, which use look-around of the package `regex`."""

import re

import countgrid as cg
import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from rules import expression, matrix, spans

ATOMS = [
    "a",
    "b",
    "a",
    "b",
    "ab",
    "é",
    "-",
    "!",
    " ",
    r"\w",
    r"\s",
    r"\S",
    r"\W",
    ".",
    "[ab]",
    "[^a]",
    "a|-",
    "ab|a",
    "a|!b",
]
REPEATS = ["", "", "", "?", "*", "+", "??", "+?", "{2}", "{1,2}?"]
LETTERS = "aabbAé -!\n😀"


@st.composite
def expressions(draw) -> str:
    """Repeated parts never match the empty string, since implementations differ there."""
    parts = st.tuples(st.sampled_from(ATOMS), st.sampled_from(REPEATS))
    alternatives = draw(st.lists(st.lists(parts, min_size=1, max_size=3), min_size=1, max_size=2))
    return "|".join("".join(f"(?:{atom}){repeat}" for atom, repeat in some) for some in alternatives)


def can_be_empty(pattern: str) -> bool:
    return re.fullmatch(pattern, "") is not None


TERMS = st.lists(expressions().filter(lambda pattern: not can_be_empty(pattern)), min_size=1, max_size=4)
DOCUMENTS = st.lists(st.none() | st.text(LETTERS, max_size=20), min_size=1, max_size=4)


@pytest.mark.parametrize("match", ["word", "adaptive", "substring", "token"])
@pytest.mark.parametrize("overlap", ["per-term", "first"])
@given(DOCUMENTS, TERMS, st.booleans(), st.sampled_from(["", "-", "!-"]), st.booleans())
def test_all_results_agree_with_the_rules(match, overlap, documents, terms, ignore_case, word_chars, as_categories):
    options = {"match": match, "syntax": "regex", "overlap": overlap, "ignore_case": ignore_case}
    if match in ("word", "adaptive"):
        options["word_chars"] = word_chars
    if as_categories:
        terms = {"x": terms[:2], "y": terms[2:], "z": terms[:1]}
    counter = cg.TermCounter(terms, **options)
    expected = matrix(documents, terms, **options)
    assert counter.count(documents).tolist() == expected
    found = counter.find(documents)
    places = zip(
        found.document.tolist(), found.start.tolist(), found.end.tolist(), found.column.tolist(), strict=True
    )
    assert list(places) == [
        (row, *span) for row, document in enumerate(documents) for span in spans(document, terms, **options)
    ]
    totals = np.array(expected)
    assert counter.totals(documents).counts.tolist() == totals.sum(axis=0).tolist()
    weights = np.arange(1, len(terms) + 1)
    assert counter.score(documents, weights).tolist() == (totals @ weights).tolist()
    names = [[name for name, count in zip(counter.columns, row, strict=True) if count] for row in expected]
    assert counter.which(documents) == names


def test_the_rules_require_boundaries_at_word_characters():
    pattern = regex.compile(expression("good|:[)]", "adaptive", "regex"))
    assert pattern.findall("good:) goods x:)good") == ["good", ":)", ":)", "good"]


@pytest.mark.parametrize("match", ["word", "adaptive", "substring", "token"])
def test_a_long_document_is_counted_alike_by_all_workers(match):
    line = "Great! it's good:) not so good, :-( 100% love😍\n"
    terms = [r"good|:\)|!", r"\W?good\W?", r"not \w+ \w+", r"\w+", r"[^\w\s]+", r"\S+"]
    for overlap in ("per-term", "first"):
        counter = cg.TermCounter(terms, match=match, syntax="regex", overlap=overlap)
        one = counter.count([line])
        many = 60_000
        assert counter.explain()
        for workers in (1, 3):
            assert counter.count([line * many], workers=workers).tolist() == (one * many).tolist()
        assert one.tolist() == matrix([line], terms, match=match, syntax="regex", overlap=overlap)


@pytest.mark.parametrize("match", ["word", "adaptive", "substring", "token"])
def test_many_expressions_compete(match):
    terms = [rf"w{i}\w?" for i in range(300)] + ["w1"] + [rf"w{i}+!" for i in range(300)]
    documents = [" ".join(f"w{i}{'!' * (i % 3 == 0)}" for i in range(k, 400, 7)) for k in range(7)]
    options = {"match": match, "syntax": "regex", "overlap": "first"}
    assert cg.count(documents, terms, **options).tolist() == matrix(documents, terms, **options)


@pytest.mark.parametrize("match", ["word", "adaptive", "substring", "token"])
def test_frequent_expressions_without_literals_are_counted_as_before(match):
    terms = [r"\w+", r"[a-z]+[.,]?", r"\d{1,2}", "[A-Z]{2,}", r"\bi\w", r"(?:\w+ )+\d", r"[^\w\s]+", r"\S+$"]
    terms += ["^[a-z]", "[aeiou]", r"\w\W\w|-", "[0-9]+(?:[.,][0-9]+)?", "[ab]*c"]
    documents = [f"is this {'é' * (i % 5 == 0)} no. {i % 100}.{i % 7}, AB-c ? {'a' * (i % 30)}" for i in range(3000)]
    options = {"match": match, "syntax": "regex"}
    expected = np.array(matrix(documents, terms, **options))
    counter = cg.TermCounter(terms, **options)
    for workers in (1, 3, 3):
        assert (counter.count(documents, workers=workers) == expected).all()
    assert (counter.totals(documents).counts == expected.sum(axis=0)).all()
    assert "measured in 3000 documents" in counter.explain(documents)
    assert counter.find(documents).column.tolist().count(0) == expected[:, 0].sum()
    by_category = cg.TermCounter({"x": terms[:3], "y": terms[3:4], "z": terms[4:]}, **options)
    assert (by_category.count(documents)[:, 1] == expected[:, 3]).all()


@pytest.mark.parametrize("overlap", ["per-term", "first"])
@pytest.mark.parametrize("begin", ["count", "find"])
def test_frequent_expressions_after_any_first_call(overlap, begin):
    """Enough documents to choose how frequent expressions are counted, with and without positions."""
    expressions = [rf"word{i}" for i in range(12)] + [r"\w+", r"\d", "[a-z]{2,}", r"\bw"]
    documents = ["the word1 word2 and 33 more " * 60] * 70 + ["", "x", "word11 1"]
    counter = cg.TermCounter(expressions, syntax="regex", match="substring", overlap=overlap)
    if begin == "find":
        counter.find(documents)
    counts = counter.count(documents)
    found = counter.find(documents)
    expected = np.zeros_like(counts)
    np.add.at(expected, (found.document, found.column), 1)
    assert (counts == expected).all()
    assert (counter.totals(documents).counts == counts.sum(axis=0)).all()
    if overlap == "per-term":
        for column, expression in enumerate(expressions):
            assert counts[:, column].tolist() == [len(re.findall(expression, text)) for text in documents]
