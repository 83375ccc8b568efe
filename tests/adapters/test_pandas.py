"""The pandas accessor returns the counts of `cg.count` in columns, with pandas' missing values."""

import countgrid as cg
import countgrid.pandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

TEXTS = ["the cat sat", None, "the the", "", "Cat, the naïve cat", "日本 the"]
TERMS = ["the", "cat", "日本"]
DTYPES = ["object", "str", "string[python]", "string[pyarrow]", "category"]


def series(dtype: str, texts: list[str | None] = TEXTS) -> pd.Series:
    return pd.Series(texts, dtype=dtype, index=[f"row {i}" for i in range(len(texts))], name="text")


@pytest.mark.parametrize("dtype", DTYPES)
def test_counts_are_those_of_count(dtype: str) -> None:
    text = series(dtype)
    expected = cg.count(TEXTS, TERMS)
    kept = text.countgrid.count(TERMS)
    assert list(kept.columns) == TERMS
    assert kept.index.equals(text.index)
    assert (kept.dtypes == "Int32").all()
    assert kept.isna().to_numpy().tolist() == [[missing] * 3 for missing in text.isna()]
    assert kept.fillna(0).to_numpy(np.int32).tolist() == expected.tolist()
    zeros = text.countgrid.count(TERMS, missing="zero")
    assert (zeros.dtypes == np.int32).all()
    assert zeros.to_numpy().tolist() == expected.tolist()
    with pytest.raises(ValueError, match=r"documents\[1\] is missing"):
        text.countgrid.count(TERMS, missing="raise")


@pytest.mark.parametrize("dtype", ["object", "str", "string[python]"])
def test_missing_is_kept_as_by_str_count(dtype: str) -> None:
    text = series(dtype)
    counted = text.countgrid.count(["the"], match="substring")["the"]
    pd.testing.assert_series_equal(counted, text.str.count("the").rename("the").astype("Int32"))


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.dictionary(pa.int32(), pa.string())]
)
def test_arrow_columns_in_chunks(kind: pa.DataType) -> None:
    chunks = [TEXTS[:2], [], TEXTS[2:]]
    if pa.types.is_dictionary(kind):
        column = pa.chunked_array([pa.array(chunk, pa.string()).dictionary_encode() for chunk in chunks], kind)
    else:
        column = pa.chunked_array([pa.array(chunk, pa.string()).cast(kind) for chunk in chunks])
    text = pd.Series(pd.arrays.ArrowExtensionArray(column))
    expected = cg.count(TEXTS, TERMS)
    assert text.countgrid.count(TERMS, missing="zero").to_numpy().tolist() == expected.tolist()
    every_second = text[1::2]
    counted = every_second.countgrid.count(TERMS)
    assert counted.index.tolist() == [1, 3, 5]
    assert counted.isna().to_numpy().tolist() == [[True] * 3, [False] * 3, [False] * 3]
    assert counted.fillna(0).to_numpy(np.int32).tolist() == expected[1::2].tolist()


def test_each_value_of_a_category_is_searched_once() -> None:
    text = pd.Series(["the cat", "dog"] * 1000, dtype="category")
    seen = []
    text.countgrid.count(TERMS, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len("the cat") + len("dog"),) * 2


def test_a_frame_larger_than_memory_is_an_error() -> None:
    text = pd.Series(["a"], dtype="category").take(np.zeros(5_000_000, np.int8))
    terms = [f"term {i}" for i in range(100_000)]
    for missing in ("keep", "zero"):
        with pytest.raises(MemoryError, match=r"5000000 documents x 100000 columns takes 2000\.0 GB.*sparse=True"):
            text.countgrid.count(terms, missing=missing)


def test_without_missing_values_the_type_is_the_same() -> None:
    counted = pd.Series(["the cat"]).countgrid.count(TERMS)
    assert (counted.dtypes == "Int32").all()
    assert counted.to_numpy().tolist() == [[1, 1, 0]]


def test_sparse_columns() -> None:
    text = series("str")
    with pytest.raises(ValueError, match="missing='zero'"):
        text.countgrid.count(TERMS, sparse=True)
    counted = text.countgrid.count(TERMS, sparse=True, missing="zero", prefix="n ")
    assert list(counted.columns) == ["n the", "n cat", "n 日本"]
    assert counted.index.equals(text.index)
    assert all(dtype == pd.SparseDtype(np.int32, 0) for dtype in counted.dtypes)
    assert counted.to_numpy().tolist() == cg.count(TEXTS, TERMS).tolist()
    assert text.dropna().countgrid.count(TERMS, sparse=True).to_numpy().sum() == cg.count(TEXTS, TERMS).sum()


@pytest.mark.parametrize("missing", ["keep", "zero"])
@pytest.mark.parametrize("dtype", [*DTYPES, "float64"])
def test_an_empty_series(dtype: str, missing: str) -> None:
    counted = pd.Series([], dtype=dtype).countgrid.count(TERMS, missing=missing)
    assert counted.shape == (0, 3)
    assert list(counted.columns) == TERMS


def test_no_terms_and_no_values() -> None:
    text = series("str")
    assert text.countgrid.count([]).shape == (6, 0)
    assert text.countgrid.count([]).index.equals(text.index)
    all_missing = pd.Series([None, np.nan]).countgrid.count(["a"])
    assert all_missing["a"].isna().all()


def test_every_index() -> None:
    frame = pd.DataFrame({"text": ["the cat", "cat", "the"], "other": [1, 2, 3]})
    for index in (["x", "x", "y"], pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])):
        indexed = frame.set_axis(index)
        counted = indexed["text"].countgrid.count(TERMS, missing="zero")
        assert counted.index.equals(indexed.index)
        assert counted.to_numpy().tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
    joined = frame[1:].join(frame["text"][1:].countgrid.count(["the", "cat"], prefix="n_"))
    assert joined.columns.tolist() == ["text", "other", "n_the", "n_cat"]
    assert joined["n_cat"].tolist() == [1, 0]


def test_categories_are_columns_and_counters_are_taken() -> None:
    lexicon = {"good, or so": ["good", "fine"], 'the "bad"': ["bad"]}
    counter = cg.TermCounter(lexicon, ignore_case=True)
    text = pd.Series(["Good and bad", "FINE"])
    counted = text.countgrid.count(counter)
    pd.testing.assert_frame_equal(counted, text.countgrid.count(lexicon, ignore_case=True))
    assert counted.columns.tolist() == list(lexicon)
    assert counted.to_numpy().tolist() == [[1, 1], [1, 0]]
    with pytest.raises(TypeError, match=r"has its own options; pass terms\.replace\(ignore_case=\.\.\.\)"):
        text.countgrid.count(counter, ignore_case=True)


def test_names_and_terms_as_they_come() -> None:
    terms = ['say "no"', "one, two", "it's", "New York", "a;b\tc"]
    frame = pd.DataFrame({"the text": [" ".join(terms), "one"], "New York": [1, 2]})
    counted = frame["the text"].countgrid.count(terms)
    assert counted.columns.tolist() == terms
    assert counted.to_numpy().tolist() == [[1] * 5, [0] * 5]
    with pytest.raises(ValueError, match="columns overlap"):
        frame.join(counted)
    joined = frame.join(frame["the text"].countgrid.count(terms, prefix="n "))
    assert joined["n New York"].tolist() == [1, 0]


def test_names() -> None:
    text = pd.Series(["a b a"])
    assert text.countgrid.count(["a", "b"], names=["x y", "z"], prefix="- ").columns.tolist() == ["- x y", "- z"]
    assert text.countgrid.count(["a", "a"], names=["one", "two"]).to_numpy().tolist() == [[2, 2]]
    with pytest.raises(ValueError, match="columns 0 and 2 would both be named 'n_a'; pass other names="):
        text.countgrid.count(["a", "b", "a"], prefix="n_")
    with pytest.raises(ValueError, match="names has 1 names; expected one for each of 2 columns"):
        text.countgrid.count(["a", "b"], names=["x"])
    for names in ("ab", {"b": "x", "a": "y"}, {"x", "y"}, 5, ["x", 1]):
        with pytest.raises(
            TypeError, match=f"names is {type(names).__name__} .*; expected a sequence of str, one for"
        ):
            text.countgrid.count(["a", "b"], names=names)
    assert text.countgrid.count(["a", "b"], names=(name for name in "xy")).columns.tolist() == ["x", "y"]
    with pytest.raises(TypeError, match="prefix is int"):
        text.countgrid.count(["a"], prefix=1)
    with pytest.raises(ValueError, match="missing is 'drop'"):
        text.countgrid.count(["a"], missing="drop")


@pytest.mark.parametrize("method", ["count", "totals", "find", "context"])
def test_options_that_are_none(method: str) -> None:
    with pytest.raises(TypeError, match="unknown option 'ignorecase'; expected one of match, ignore_case"):
        getattr(pd.Series(["a"]).countgrid, method)(["a"], ignorecase=True)


@pytest.mark.parametrize("options", [{}, {"missing": "zero"}, {"missing": "zero", "sparse": True}], ids=str)
def test_lone_surrogates(options: dict) -> None:
    text = pd.Series(["a \ud800 b", "b"], dtype=object)
    counted = text.countgrid.count(["\ud800", "b"], **options)
    assert counted.columns.tolist() == ["\ud800", "b"]
    assert counted.to_numpy().tolist() == [[1, 1], [0, 1]]
    assert text.countgrid.totals(["\ud800"])["count"].to_dict() == {"\ud800": 1}
    assert text.countgrid.find(["\ud800"])["column"].tolist() == ["\ud800"]
    shown = text.countgrid.context(["\ud800", "b"], width=3)
    assert shown["column"].tolist() == shown["match"].tolist() == ["\ud800", "b", "b"]
    assert shown["before"].tolist() == ["a ", " \ud800 ", ""]


def test_totals() -> None:
    totals = series("category").countgrid.totals(TERMS, prefix="n_")
    expected = cg.TermCounter(TERMS).totals(TEXTS)
    assert totals.index.tolist() == ["n_the", "n_cat", "n_日本"]
    assert totals.index.name == "column"
    assert totals["count"].tolist() == expected.counts.tolist()
    assert totals["documents"].tolist() == expected.documents.tolist()


def test_find_and_context() -> None:
    text = series("object")
    matches = cg.TermCounter(TERMS).find(TEXTS)
    found = text.countgrid.find(TERMS)
    assert found.index.tolist() == [f"row {i}" for i in matches.document]
    assert found["column"].tolist() == [TERMS[i] for i in matches.column]
    assert found["column"].cat.categories.tolist() == TERMS
    assert (found["start"].tolist(), found["end"].tolist()) == (matches.start.tolist(), matches.end.tolist())
    shown = text.countgrid.context(TERMS, width=3)
    assert shown.index.equals(found.index)
    assert shown.columns.tolist() == ["column", "before", "match", "after"]
    expected = matches.context(TEXTS, width=3)
    assert shown["column"].tolist() == [match.column for match in expected]
    assert shown[["before", "match", "after"]].to_numpy().tolist() == [list(match[2:]) for match in expected]
    assert pd.Series(["x"]).countgrid.context(["a"]).empty


def test_a_large_column_mostly_missing() -> None:
    values = ["the cat" if i % 10 == 0 else None for i in range(1_000_000)]
    counted = pd.Series(values, dtype="str").countgrid.count(["the", "dog"])
    assert counted["the"].sum() == 100_000
    assert counted["the"].isna().sum() == 900_000
    assert counted["dog"].max() == 0


def test_columns_that_are_not_text_are_an_error() -> None:
    text = pd.Series(["a", 3.5], name="some text")
    for method in (text.countgrid.count, text.countgrid.totals, text.countgrid.find, text.countgrid.context):
        with pytest.raises(TypeError, match=r"column 'some text' \(object\): documents\[1\] is float \(3\.5\)"):
            method(["a"])
    with pytest.raises(TypeError, match=r"column 'price' \(Int64\): .* expected text"):
        pd.Series([1, 2], name="price", dtype="Int64").countgrid.count(["a"])


def test_lexicons_know_their_syntax(tmp_path):
    (tmp_path / "a.txt").write_text("happ*\n")
    globs, default = (cg.read_lexicon(tmp_path / "a.txt", **options) for options in ({"syntax": "glob"}, {}))
    texts = pd.Series(["happy happ*"])
    for method in (texts.countgrid.count, texts.countgrid.totals):
        assert method(globs).iloc[0, 0] == 2
        with pytest.raises(ValueError, match="syntax is 'literal', but"):
            method(globs, syntax="literal")
        with pytest.warns(UserWarning, match="looks like a glob") as said:
            assert method(default).iloc[0, 0] == 1
        assert [warning.filename for warning in said] == [__file__]
        assert method(default, syntax="literal").iloc[0, 0] == 1
