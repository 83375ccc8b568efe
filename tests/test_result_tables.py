"""Results as tables: rows, names, and conversion by other libraries."""

import html
import pickle
import re

import countgrid as cg
import numpy as np
import pytest

DOCUMENTS = ["The cat sat on the <mat>.", None, "a cat & a dog", ""]
TERMS = ["cat", "the", "<", "dog", "cat"]


@pytest.fixture(name="counter")
def fixture_counter():
    return cg.TermCounter(TERMS, ignore_case=True, match="substring")


def test_rows_of_totals(counter):
    totals = counter.totals(DOCUMENTS)
    assert len(totals) == len(TERMS)
    assert [tuple(row) for row in totals] == [("cat", 2, 2), ("the", 2, 1), ("<", 1, 1), ("dog", 1, 1), ("cat", 2, 2)]
    assert totals["the"] == ("the", 2, 1)
    assert (totals["the"].column, totals["the"].count, totals["the"].documents) == ("the", 2, 1)
    assert type(totals["the"].count) is int
    assert totals.to_dict() == {"cat": 2, "the": 2, "<": 1, "dog": 1}
    with pytest.raises(KeyError, match="bird"):
        totals["bird"]


def test_rows_of_matches(counter):
    matches = counter.find(DOCUMENTS)
    rows = list(matches)
    assert len(rows) == len(matches) == 8
    for row in rows:
        assert DOCUMENTS[row.document][row.start : row.end].lower() == row.column
    assert matches.to_dict() == {
        "document": [row.document for row in rows],
        "column": [row.column for row in rows],
        "start": [row.start for row in rows],
        "end": [row.end for row in rows],
    }
    # Both columns with this name.
    assert [tuple(row) for row in matches["cat"]] == [tuple(row) for row in rows if row.column == "cat"]
    assert len(matches["cat"].context(DOCUMENTS)) == 4
    assert len(cg.TermCounter(["cat", "bird"]).find(DOCUMENTS)["bird"]) == 0
    with pytest.raises(KeyError, match="bird"):
        matches["bird"]


def results(counter, documents=DOCUMENTS):
    return [counter.totals(documents), counter.find(documents)]


@pytest.mark.parametrize("documents", [DOCUMENTS, [], [None]])
@pytest.mark.parametrize("kind", [0, 1])
def test_other_libraries_read_the_same_rows(counter, kind, documents):
    pd, pl, pa, duckdb = (pytest.importorskip(name) for name in ["pandas", "polars", "pyarrow", "duckdb"])
    result = results(counter, documents)[kind]
    rows = [tuple(row) for row in result]
    frame = result.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.itertuples(index=False, name=None)) == rows
    assert list(frame.dtypes[1 - kind :: 2][:1]) != [object]
    assert pl.DataFrame(result).rows() == rows
    table = pa.table(result)
    assert list(zip(*table.to_pydict().values(), strict=True)) == rows
    assert pa.table(result, schema=table.schema).equals(table)
    assert duckdb.sql("select * from result").fetchall() == rows


@pytest.mark.parametrize("kind", [0, 1])
def test_notebooks_show_escaped_cells(counter, kind):
    result = results(counter)[kind]
    shown = result._repr_html_()
    cells = [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", shown)]
    assert cells == [str(value) for row in result for value in row]


def test_long_tables_are_shortened():
    counter = cg.TermCounter([f"term{i}" for i in range(100)])
    shown = counter.totals(["term7 term99"])._repr_html_()
    assert shown.count("<tr>") == 1 + 15 + 1 + 15
    assert "&hellip;" in shown
    assert "100 columns" in shown
    assert ">term99<" in shown
    assert ">term50<" not in shown
    assert cg.TermCounter(["a\n<b>"], match="substring").totals([])._repr_html_().count("a\\n&lt;b&gt;") == 1


@pytest.mark.parametrize(
    "options",
    [{"match": "token"}, {"ignore_case": False}, {"strip_accents": True}, {"overlap": "all"}, {"syntax": "glob"}],
)
def test_replace_changes_one_option(counter, options):
    changed = counter.replace(**options)
    assert changed.options == counter.options | options
    assert changed.terms == counter.terms == TERMS
    assert changed == cg.TermCounter(TERMS, **({"ignore_case": True, "match": "substring"} | options))
    assert changed.replace(**counter.options) == counter


def test_a_counter_tells_its_terms_and_options(counter):
    assert len(counter) == len(counter.columns) == len(TERMS)
    counter.options["match"] = "word"
    assert counter.options["match"] == "substring"
    grouped = cg.TermCounter({"animal": ["cat", b"dog\xff"], "none": []})
    assert grouped.terms == {"animal": ["cat", b"dog\xff"], "none": []}
    assert len(grouped) == 2
    assert cg.TermCounter(grouped.terms, **grouped.options) == grouped
    with pytest.raises(TypeError, match="unknown option 'colour'; expected one of match"):
        counter.replace(colour="red")
    with pytest.raises(TypeError, match="unknown option 'terms'"):
        counter.replace(terms=["a"])
    assert counter.replace() is counter.replace(match="substring") is counter
    with pytest.raises(ValueError, match="match"):
        counter.replace(match="words")


def test_numpy_takes_the_arrays(counter):
    totals = counter.totals(DOCUMENTS)
    assert np.asarray(totals.counts).dtype == np.int64


def test_totals_add_up(counter):
    parts = [DOCUMENTS[:1], DOCUMENTS[1:3], [], DOCUMENTS[3:]]
    whole = counter.totals(DOCUMENTS)
    added = sum(counter.totals(part) for part in parts)
    assert list(added) == list(whole)
    assert added.counts.dtype == added.documents.dtype == np.int64
    # Addition creates new arrays.
    assert not np.shares_memory((whole + whole).counts, whole.counts)


@pytest.mark.parametrize(
    ("others", "message"),
    [(["cat"], "over 5 and 1 columns"), (["cat", "the", ">", "dog", "cat"], "column 2 is '<' and '>'")],
)
def test_totals_over_other_columns_do_not_add_up(counter, others, message):
    with pytest.raises(ValueError, match=message):
        counter.totals(DOCUMENTS) + cg.TermCounter(others).totals(DOCUMENTS)


@pytest.mark.parametrize("other", [1, None, [1, 2], False, np.ones(5)])
def test_other_things_are_not_totals(counter, other):
    totals = counter.totals(DOCUMENTS)
    with pytest.raises(TypeError):
        totals + other
    with pytest.raises(TypeError):
        other + totals


def test_names_are_looked_up(counter):
    for result in results(counter):
        assert "the" in result
        assert "bird" not in result
        assert 0 not in result


def test_empty_results_keep_their_types():
    pd, pl, pa = (pytest.importorskip(name) for name in ["pandas", "polars", "pyarrow"])
    empty, some = cg.TermCounter(["a"]).find(["x"]), cg.TermCounter(["a"]).find(["a"])
    for none in [empty, cg.TermCounter([]).totals(["x"])]:
        assert pa.table(none).schema.field("column").type == pa.string()
        assert pl.DataFrame(none).schema["column"] == pl.String
        assert pd.api.types.is_string_dtype(none.to_frame()["column"])
    assert pl.concat([pl.DataFrame(empty), pl.DataFrame(some)]).rows() == [(0, "a", 0, 1)]
    assert empty.to_frame().dtypes.tolist() == some.to_frame().dtypes.tolist()


def test_lone_surrogates():
    pa = pytest.importorskip("pyarrow")
    for result in results(cg.TermCounter(["\ud800"]), ["\ud800"]):
        assert result.to_frame()["column"].tolist() == ["\ud800"]
        assert result.to_dict()
        with pytest.raises(ValueError, match=r"the name '\\ud800' has a lone surrogate"):
            pa.table(result)


@pytest.mark.parametrize("per_words", [None, 1000])
def test_totals_are_pickled_without_zeros(per_words):
    counter = cg.TermCounter([f"term{i}" for i in range(10_000)])
    texts = ["term7 term9 term9", "and term9", None]
    for totals in (
        counter.totals(texts, per_words=per_words),
        counter.totals(texts, by=["a", "b", "a"], per_words=per_words),
    ):
        pickled = pickle.dumps(totals)
        # The names take 11 to 13 bytes each.
        assert len(pickled) < 150_000
        again = pickle.loads(pickled)
        assert type(again) is type(totals)
        assert again.columns == totals.columns
        assert again.words == totals.words if isinstance(totals, cg.Totals) else again.groups == totals.groups
        for name in ("counts", "documents"):
            one, other = getattr(again, name), getattr(totals, name)
            np.testing.assert_array_equal(one, other)
            assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal((again + totals).counts.shape, totals.counts.shape)
        np.testing.assert_array_equal((again + totals).documents, 2 * totals.documents)


def test_results_do_not_share_their_list_of_columns():
    counter = cg.TermCounter(["a", "b"])
    totals, grouped = counter.totals(["a"]), counter.totals(["a"], by=["x"])
    totals.columns.append("c")
    grouped.columns.clear()
    assert counter.columns == counter.totals(["a"]).columns == ["a", "b"]
    assert counter.totals(["a"], by=["x"]).columns == ["a", "b"]
