"""What is nearly a column: it is counted, or the error names something that works."""

import re
from collections import UserDict

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest
from containers import HAS_DUCKDB, HAS_POLARS, duckdb

if HAS_POLARS:
    import polars as pl

TEXTS = ["the cat", "the the", None]
TABLE = pa.table({"text": TEXTS})
QUERY = "SELECT unnest(['the cat', 'the the', NULL]) AS text"


def message(column, use=lambda column: cg.count(column, ["the"])):
    with pytest.raises(TypeError) as raised:
        use(column)
    assert "\n" not in str(raised.value)
    return str(raised.value)


#: Objects that are read by a method of their own; the error names the method, which is then called.
READ_BY_A_METHOD = {
    "a dataset": (lambda: pa.dataset.dataset(TABLE), r".scanner(columns=[...]).to_reader()"),
    "a scanner": (lambda: pa.dataset.dataset(TABLE).scanner(), ".to_reader()"),
}
if HAS_POLARS:
    READ_BY_A_METHOD["a LazyFrame"] = lambda: pl.DataFrame({"text": TEXTS}).lazy(), ".collect()"
if HAS_DUCKDB:
    READ_BY_A_METHOD["a result of DuckDB"] = lambda: duckdb.connect().execute(QUERY), ".sql(query)"


@pytest.mark.parametrize(("make", "method"), READ_BY_A_METHOD.values(), ids=READ_BY_A_METHOD)
def test_the_method_to_read_it_by_is_named(make, method):
    column = make()
    for use in (lambda column: cg.count(column, ["the"]), cg.TermCounter(["the"]).totals, cg.TermCounter):
        assert f"what its {method} returns" in message(column, use)
    call = method.replace("[...]", "['text']").replace("query", "QUERY")
    # A connection takes the query itself: not one that holds a result, as DuckDB 2 insists.
    column = duckdb.connect() if "QUERY" in call else make()
    read = eval(f"column{call}", {"column": column, "QUERY": QUERY})
    assert cg.count(read, ["the"]).tolist() == [[1], [2], [0]]


def test_one_level_of_a_multi_index():
    index = pd.MultiIndex.from_tuples([("the cat", 1), ("the the", 2)])
    assert "index.get_level_values(0)" in message(index)
    assert "index.get_level_values(0)" in message(index[:0])
    assert cg.count(index.get_level_values(0), ["the"]).tolist() == [[1], [2]]


@pytest.mark.parametrize("tokens", [["the", "cat"], ("the", "cat"), np.array(["the", "cat"])])
@pytest.mark.parametrize("container", [list, tuple, iter, pd.Series])
def test_lists_of_tokens(tokens, container):
    said = message(container([tokens, tokens]))
    assert said.startswith(f"documents[0] is {type(tokens).__name__} (")
    assert said.endswith("""; join the tokens of each document by " ".join(tokens), and pass match="token\"""")
    assert cg.count([" ".join(tokens)], ["the"], match="token").tolist() == [[1]]
    assert message([tokens], cg.TermCounter).endswith("""; join the words of a term by " ".join(words)""")


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.string()), pa.list_(pa.string(), 2)])
def test_columns_of_lists_of_tokens(kind):
    assert message(pa.array([["the", "cat"]], kind)).endswith(
        """join the tokens of each document by spaces, and pass match="token\""""
    )


def test_other_items_get_no_advice_about_tokens():
    assert message(["the", 3]) == "documents[1] is int (3); expected str, bytes or a missing value"


#: Arrow scalars, and what "the" counts in each.
SCALARS = {
    "string": (pa.scalar("the cat"), 1),
    "large string": (pa.scalar("the cat", pa.large_string()), 1),
    "string view": (pa.scalar("the cat", pa.string_view()), 1),
    "binary": (pa.scalar(b"the the"), 2),
    "null": (pa.scalar(None), 0),
    "null string": (pa.scalar(None, pa.string()), 0),
    "NaN": (pa.scalar(float("nan")), 0),
    "of a dictionary": (pa.array(["the"]).dictionary_encode()[0], 1),
    "json": (pa.ExtensionArray.from_storage(pa.json_(), pa.array(["the"]))[0], 1),
    "masked": (np.ma.masked, 0),
}


@pytest.mark.parametrize("make", [list, tuple, iter, lambda items: pd.Series(items, dtype=object), cg.Documents])
def test_lists_of_scalars(make):
    scalars, expected = zip(*SCALARS.values(), strict=True)
    assert cg.count(make([*scalars, "the"]), ["the"])[:, 0].tolist() == [*expected, 1]
    assert cg.TermCounter(["the"]).totals(make(scalars)).counts.tolist() == [sum(expected)]


def test_scalars_among_arrays_of_objects_and_terms():
    items = np.empty(2, object)
    items[:] = pa.scalar("the cat"), pa.scalar("cat")
    assert cg.count(items, ["the"]).tolist() == [[1], [0]]
    assert cg.count(["the cat"], list(pa.array(["the", "cat"]))).tolist() == [[1, 1]]
    with pytest.raises(ValueError, match=r"terms\[1\] is missing"):
        cg.TermCounter(["the", np.ma.masked])


def test_scalars_that_are_not_text():
    opaque = pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "a", "b"), pa.array([b"the"]))[0]
    uuid = pa.array([bytes(16)], pa.uuid())[0]
    for scalar in (pa.scalar(3), pa.scalar(["the"]), opaque, uuid):
        assert message(["the", scalar]).startswith(f"documents[1] is {type(scalar).__name__} (")


SETS = [{"the", "cat", "a"}, frozenset({"the", "cat", "a"}), dict.fromkeys(["a", "cat", "the"]).keys()]


@pytest.mark.parametrize("terms", SETS, ids=lambda terms: type(terms).__name__)
def test_the_terms_of_a_category_may_be_a_set(terms):
    counter = cg.TermCounter({"x": terms, "y": ["dog"]})
    assert counter.count(["the cat, a dog", "no"]).tolist() == [[3, 1], [0, 0]]
    assert counter == cg.TermCounter({"x": ["a", "cat", "the"], "y": ["dog"]})


def test_sets_of_str_and_bytes():
    assert cg.TermCounter({"x": {b"b", "a", "b"}})._plan.terms() == {"x": ["a", "b", b"b"]}
    assert cg.TermCounter({"x": set()}).count(["a"]).tolist() == [[0]]
    with pytest.raises(TypeError, match=r"terms\['x'\]\[0\] is int \(3\)"):
        cg.TermCounter({"x": {3}})


@pytest.mark.parametrize("terms", SETS[:2], ids=lambda terms: type(terms).__name__)
def test_a_set_is_no_column(terms):
    assert "a set has no order; pass a list" in message(terms)
    assert "a set has no order; pass a list" in message(terms, cg.TermCounter)


#: Mappings, each with how often "the" occurs in what the error advises to pass.
MAPPINGS = [
    ({1: "the", 2: "the cat"}, 2),
    ({"a": ["the", "cat"], "b": ["the"]}, 2),
    ({"a": {"the"}, "b": ("the",)}, 2),
    ({"the": 1.5, "bad": -2}, 1),
    ({"the": {"x": 1}}, 1),
    ({}, 0),
    (UserDict({"a": ["the"]}), 1),
]


@pytest.mark.parametrize(("mapping", "expected"), MAPPINGS)
def test_what_a_mapping_is_advised_to_pass_can_be_passed(mapping, expected):
    for name, use in (
        ("documents", lambda column: cg.count(column, ["the"])),
        ("terms['x']", lambda terms: cg.TermCounter({"x": terms})),
    ):
        said = message(mapping, use)
        assert said.startswith(f"{name} is {type(mapping).__name__} (")
        advice = re.search("pass a list, such as (.*)$", said)[1]
        advised = eval(advice, {"mapping": mapping})
        assert use(advised) is not None
        assert cg.count(advised, ["the"]).sum() == expected
