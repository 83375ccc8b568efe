"""Objects that are almost columns: they are counted, or the error says what to pass instead."""

import itertools
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


#: Objects with a method that reads them. The error names the method; the test calls it.
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
    # DuckDB 2 needs a connection without a pending result, so the query is passed to the connection.
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


#: Arrow scalars, and the count of "the" in each.
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


#: Mappings, each with the count of "the" in the object that the error says to pass.
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
def test_the_advice_for_mappings_works(mapping, expected):
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


# Columns of structs, which look like tables


STRUCTS = [{"text": "the"}]
STRUCT = pd.ArrowDtype(pa.struct([("text", pa.string())]))
OF_STRUCTS = {
    "array": lambda: pa.array(STRUCTS),
    "slice": lambda: pa.array(STRUCTS * 3)[1:],
    "of two fields": lambda: pa.array([{"text": "the", "other": "the"}]),
    "chunked": lambda: pa.chunked_array([pa.array(STRUCTS), pa.array(STRUCTS)]),
    "within a table": lambda: pa.table({"column": pa.array(STRUCTS)}),
    "pandas": lambda: pd.Series(STRUCTS, dtype=STRUCT),
    "pandas array": lambda: pd.array(STRUCTS, STRUCT),
    "DataFrame": lambda: pd.DataFrame({"type": pd.Series(STRUCTS, dtype=STRUCT)}),
}
if HAS_POLARS:
    OF_STRUCTS["polars"] = lambda: pl.Series(STRUCTS)
    OF_STRUCTS["within polars"] = lambda: pl.DataFrame({"column": STRUCTS})
if HAS_DUCKDB:
    OF_STRUCTS["within DuckDB"] = lambda: duckdb.sql("SELECT {'text': 'the'} AS type")

USES = [lambda column: cg.count(column, ["the"]), cg.TermCounter(["the"]).totals, cg.Documents, cg.TermCounter]
USES += [lambda column: cg.TermCounter({"a": column})]


@pytest.mark.parametrize("make", OF_STRUCTS.values(), ids=OF_STRUCTS)
def test_columns_of_structs(make):
    for use in USES:
        said = message(make(), use)
        assert " is an Arrow column of type Struct(" in said
        assert said.endswith("; expected text; pass one of its fields")


#: Tables of one column, with any name.
TABLES = {
    "table": pa.table,
    "batch": pa.record_batch,
    "reader": lambda columns: pa.table(columns).to_reader(),
    "pandas": pd.DataFrame,
}
if HAS_POLARS:
    TABLES["polars"] = pl.DataFrame
if HAS_DUCKDB:
    TABLES["duckdb"] = lambda columns: duckdb.from_arrow(pa.table(columns))


@pytest.mark.parametrize("name", ["text", "type", "dtype", "columns"])
@pytest.mark.parametrize("make", TABLES.values(), ids=TABLES)
def test_tables_of_one_column(make, name):
    columns = {name: ["the cat", "the the", None]}
    assert cg.count(make(columns), ["the"]).tolist() == [[1], [2], [0]]
    assert cg.TermCounter(["the"]).totals(make(columns)).counts.tolist() == [3]
    assert cg.TermCounter(make({name: ["the", "cat"]})).columns == ["the", "cat"]


@pytest.mark.parametrize("fields", [["a"], ["a", "b"]])
def test_structs_that_are_all_missing(fields):
    column = pa.array([None, None], pa.struct([(field, pa.string()) for field in fields]))
    assert cg.count(column, ["the"]).tolist() == [[0], [0]]
    assert cg.count(pa.chunked_array([column, column[:0]]), ["the"]).tolist() == [[0], [0]]
    assert cg.TermCounter(["the"]).totals(pa.chunked_array([column])).counts.tolist() == [0]
    assert cg.count(column[:0], ["the"]).shape == (0, 1)


# Several tables or columns, groups, and tables without columns


BATCH = pa.record_batch({"text": TEXTS})
ONE_COLUMN = ", and pass one column of text"
PIECES = {
    "DataFrames": ([TABLE.to_pandas()], f"concatenate the tables, such as by pd.concat{ONE_COLUMN}"),
    "Series": ([pd.Series(TEXTS)], "concatenate the columns, such as by pd.concat"),
    "Index": ([pd.Index(TEXTS)], "concatenate the columns, such as by pd.concat"),
}


@pytest.mark.parametrize(("pieces", "advice"), PIECES.values(), ids=PIECES)
@pytest.mark.parametrize("container", [list, tuple, iter])
def test_several_tables_or_columns(pieces, advice, container):
    for use in USES:
        said = message(container(pieces), use)
        assert f"; {advice}" in said
        of_tokens = "columns" in advice and said.startswith("documents")
        assert said.endswith("""join them by " ".join(tokens)""" if of_tokens else advice)


def test_an_index_is_not_a_column():
    frame = TABLE.to_pandas()
    for rows in (frame[1:], frame.set_index(pd.Index(["x", "y", "z"], name="name")), pd.concat([frame, frame])):
        assert cg.count(rows, ["the"]).sum() == cg.TermCounter(["the"]).totals(rows).counts.sum() > 1
        assert cg.TermCounter(["the"]).totals(rows.text).counts.sum() > 1


def test_pieces_joined_as_advised():
    totals = cg.TermCounter(["the"]).totals
    assert totals(pa.Table.from_batches([BATCH, BATCH])).counts.tolist() == [6]
    assert totals(pa.concat_tables([TABLE, TABLE])).counts.tolist() == [6]
    assert totals(pd.concat([TABLE.to_pandas()] * 2)).counts.tolist() == [6]
    assert totals(pa.chunked_array([pa.array(TEXTS)] * 2)).counts.tolist() == [6]


@pytest.mark.parametrize("column", [[3], [pd.Series(TEXTS)]], ids=["numbers", "Series"])
def test_an_iterator_that_failed_is_not_empty_the_next_time(column):
    documents = (document for document in column)
    message(documents)
    for use in USES[:2]:
        with pytest.raises(ValueError, match="documents was read to its end before"):
            use(documents)


FRAME = pd.DataFrame({"text": ["the"], "group": ["a"]}, index=pd.to_datetime(["2024-01-01"]))
GROUPS = {
    "pandas": lambda: FRAME.groupby("group"),
    "Series of pandas": lambda: FRAME.groupby("group").text,
    "resampled": lambda: FRAME.resample("1D"),
    "itertools": lambda: itertools.groupby(["the"]),
}
if HAS_POLARS:
    GROUPS["polars"] = lambda: pl.DataFrame({"text": ["the"]}).group_by("text")


@pytest.mark.parametrize("make", GROUPS.values(), ids=GROUPS)
def test_groups(make):
    for use in USES:
        assert message(make(), use).endswith(
            "; pass the column of text before it is grouped, and add up the counts of each group"
        )


EMPTY = {"pandas": lambda: pd.DataFrame(index=[0, 1]), "pyarrow": lambda: pa.table({})}
if HAS_POLARS:
    EMPTY["polars"] = lambda: pl.DataFrame()


@pytest.mark.parametrize("make", EMPTY.values(), ids=EMPTY)
def test_tables_without_columns(make):
    for use in USES[:3]:
        with pytest.raises(ValueError, match=r"^documents has no columns; pass a column of text$"):
            use(make())


@pytest.mark.skipif(not HAS_POLARS or not hasattr(pl, "Int128"), reason="needs polars with Int128")
def test_types_that_arrow_does_not_have():
    column = pl.Series("n", [1], dtype=pl.Int128)
    frame = pl.DataFrame({"text": ["the"]}).with_columns(column)
    of_lists = pl.Series([[1]], dtype=pl.List(pl.Int128))
    for type_, unknown in {"Int128": column, "List(Int128)": of_lists, "'_pli128'": frame}.items():
        for use in USES[:2]:
            assert message(unknown, use) == f"documents has the unknown Arrow type {type_}; pass a column of text"
