"""Scores, words and rates in the adapters."""

from datetime import date

import countgrid as cg
import countgrid.duckdb
import countgrid.pandas
import countgrid.polars
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

TEXTS = ["good, good bad", None, "", "bad fine"]
TERMS = ["good", "bad", "fine"]
WEIGHTS = {"good": 1, "bad": -2, "fine": 0.5}
INDEX = ["w", "x", "y", "z"]


@pytest.fixture(name="series")
def fixture_series():
    return pd.Series(TEXTS, index=INDEX, name="text")


@pytest.fixture(name="lexicon")
def fixture_lexicon(tmp_path):
    path = tmp_path / "mood.tsv"
    path.write_text("".join(f"{term}\t{weight}\n" for term, weight in WEIGHTS.items()))
    return cg.read_lexicon(path)


@pytest.mark.parametrize("per_words", [None, 100])
def test_scores_in_pandas(series, lexicon, per_words):
    expected = pd.Series(cg.TermCounter(TERMS).score(TEXTS, WEIGHTS, per_words=per_words), INDEX, name="text")
    zeros = series.countgrid.score(TERMS, WEIGHTS, missing="zero", per_words=per_words)
    pd.testing.assert_series_equal(zeros, expected)
    expected["x"] = np.nan
    for terms, weights in [(TERMS, WEIGHTS), (cg.TermCounter(TERMS), [1, -2, 0.5]), (lexicon, None)]:
        pd.testing.assert_series_equal(series.countgrid.score(terms, weights, per_words=per_words), expected)


def test_several_scores_in_pandas(series):
    weights = pd.DataFrame({"polarity": [1, -2, 0.5], "number": [1, 1, 1]}, index=TERMS)
    scores = series.countgrid.score(TERMS, weights)
    assert scores.columns.tolist() == ["polarity", "number"]
    assert scores.index.tolist() == INDEX
    assert scores["number"].fillna(-1).tolist() == [3, -1, 0, 2]


def test_lexicons_with_several_weights(series, con, tmp_path):
    path = tmp_path / "vad.txt"
    path.write_text("word\tvalence\tarousal\ngood\t1\t0.5\nbad\t-2\t1\nfine\t0.5\t0\n")
    vad = cg.read_lexicon(path)
    expected = cg.score(TEXTS, vad).tolist()
    assert expected == [[0, 2], [0, 0], [0, 0], [-1.5, 1]]
    frame = series.countgrid.score(vad, missing="zero")
    assert (frame.columns.tolist(), frame.index.tolist()) == (["valence", "arousal"], INDEX)
    assert frame.to_numpy().tolist() == expected
    assert pl.Series(TEXTS).countgrid.score(vad, missing="zero").to_list() == expected
    countgrid.duckdb.register_score(con, "vad", vad)
    assert of_texts(con, "vad") == ("DOUBLE[2]", [(0, 2), None, (0, 0), (-1.5, 1)])


def test_words_and_rates_in_pandas(series):
    words = series.countgrid.count_words()
    assert (words.dtype, words.index.tolist()) == ("Int32", INDEX)
    assert words.fillna(-1).tolist() == [3, -1, 0, 2]
    zeros = series.countgrid.count_words(missing="zero")
    assert (zeros.dtype, zeros.tolist()) == ("int32", [3, 0, 0, 2])
    with pytest.raises(ValueError, match="missing"):
        series.countgrid.count_words(missing="raise")
    assert pd.Series(["don't"]).countgrid.count_words(word_chars="'").tolist() == [1]
    rates = series.countgrid.count(TERMS, per_words=6)
    assert set(rates.dtypes) == {pd.Float64Dtype()}
    assert rates["good"].isna().tolist() == [False, True, False, False]
    assert rates["good"].fillna(-1).tolist() == [4, -1, 0, 0]
    zeros = series.countgrid.count(TERMS, per_words=6, missing="zero")
    assert zeros["bad"].tolist() == [2, 0, 0, 3]
    assert zeros["bad"].dtype == np.float64
    sparse = series.countgrid.count(TERMS, per_words=6, missing="zero", sparse=True)
    assert sparse["bad"].tolist() == [2, 0, 0, 3]


def test_groups_in_pandas(series):
    by = pd.Series(["b", "a", "b", "a"], index=INDEX, name="half")
    grouped = series.countgrid.totals(TERMS, by=by)
    assert grouped.index.tolist() == ["a", "b"]
    assert grouped.index.name == "half"
    assert grouped.to_dict("list") == {"good": [0, 2], "bad": [1, 1], "fine": [1, 0]}
    assert series.countgrid.totals(TERMS, by=["b", "a", "b", "a"], per_words=6)["bad"].tolist() == [3, 2]
    assert series.countgrid.totals(TERMS, per_words=5)["count"].tolist() == [2, 2, 1]
    months = pd.Series(pd.to_datetime(["2024-02-01", "2024-01-01"] * 2), index=INDEX)
    assert series.countgrid.totals(TERMS, by=months).index.tolist() == sorted(set(months))
    with pytest.raises(ValueError, match="by has another index"):
        series.countgrid.totals(TERMS, by=by.reset_index(drop=True))


@pytest.mark.parametrize("per_words", [None, 100])
def test_scores_in_polars(lexicon, per_words):
    series = pl.Series("text", TEXTS)
    expected = cg.TermCounter(TERMS).score(TEXTS, WEIGHTS, per_words=per_words).tolist()
    zeros = series.countgrid.score(TERMS, WEIGHTS, missing="zero", per_words=per_words)
    assert zeros.to_list() == expected
    expected[1] = None
    for terms, weights in [(TERMS, WEIGHTS), (cg.TermCounter(TERMS), [1, -2, 0.5]), (lexicon, None)]:
        scores = series.countgrid.score(terms, weights, per_words=per_words)
        assert (scores.to_list(), scores.dtype, scores.name) == (expected, pl.Float64, "text")
        lazy = series.to_frame().lazy().select(pl.col("text").countgrid.score(terms, weights, per_words=per_words))
        assert lazy.collect_schema() == {"text": pl.Float64}
        assert lazy.collect()["text"].to_list() == expected


def test_several_scores_in_polars():
    frame = pl.DataFrame({"text": TEXTS})
    scores = frame.select(pl.col("text").countgrid.score(TERMS, [[1, 1], [-2, 1], [0.5, 1]]))["text"]
    assert scores.dtype == pl.Array(pl.Float64, 2)
    assert scores.to_list() == [[0, 3], None, [0, 0], [-1.5, 2]]


def test_rates_in_polars():
    series = pl.Series("text", TEXTS)
    expected = cg.count(TEXTS, TERMS, per_words=6).tolist()
    rows = [dict(zip(TERMS, row, strict=True)) for row in expected]
    lists = [[{"column": term, "count": rate} for term, rate in row.items() if rate] for row in rows]
    assert rows[0] == {"good": 4, "bad": 2, "fine": 0}
    for zero in (False, True):
        missing = "zero" if zero else "keep"
        for sparse, found in ((False, rows), (True, lists)):
            options = {"per_words": 6, "missing": missing, "sparse": sparse}
            rates = series.countgrid.count(TERMS, **options)
            assert rates.to_list() == found if zero else [found[0], None, *found[2:]]
            lazy = series.to_frame().lazy().select(pl.col("text").countgrid.count(TERMS, **options))
            assert lazy.collect_schema() == {"text": rates.dtype}
            assert lazy.collect()["text"].equals(rates)
    assert series.countgrid.count(TERMS, per_words=6).dtype == pl.Struct(dict.fromkeys(TERMS, pl.Float64))
    assert pl.Series([], dtype=pl.String).countgrid.count(TERMS, per_words=6).to_list() == []
    for per_words, error in ((0, ValueError), ("6", TypeError)):
        with pytest.raises(error, match="per_words is"):
            pl.col("text").countgrid.count(TERMS, per_words=per_words)


HALVES = ["b", "a", "b", "a"]


@pytest.mark.parametrize(
    ("by", "name", "groups"),
    [
        (HALVES, "group", ["a", "b"]),
        (np.array(HALVES), "group", ["a", "b"]),
        (pl.Series("half", HALVES), "half", ["a", "b"]),
        (pl.Series("half", HALVES, dtype=pl.Categorical), "half", ["a", "b"]),
        (pl.Series("half", HALVES, dtype=pl.Enum(["b", "a"])), "half", ["a", "b"]),
        (pl.Series("day", [2, 1, 2, 1]).cast(pl.Date), "day", [date(1970, 1, 2), date(1970, 1, 3)]),
        (pl.Series([2, 1, 2, 1]), "group", [1, 2]),
        (pl.Series("half", [None, "a", None, "a"]), "half", ["a", None]),
    ],
    ids=str,
)
def test_groups_in_polars(by, name, groups):
    series = pl.Series(TEXTS)
    grouped = series.countgrid.totals(TERMS, by=by)
    assert grouped.columns == [name, *TERMS]
    assert grouped.dtypes[0] == (by.dtype if isinstance(by, pl.Series) else pl.String)
    assert grouped.dtypes[1:] == [pl.Int64] * 3
    assert grouped[name].to_list() == groups
    assert grouped[TERMS].rows() == [(0, 1, 1), (2, 1, 0)]
    rates = series.countgrid.totals(TERMS, by=by, per_words=6)
    assert rates["bad"].to_list() == [3, 2]
    assert rates.dtypes[1:] == [pl.Float64] * 3
    assert series.countgrid.totals(TERMS, by=by, prefix="n_").columns == [name, "n_good", "n_bad", "n_fine"]


def test_invalid_groups_in_polars():
    series = pl.Series(TEXTS)
    assert series.countgrid.totals(TERMS, per_words=5)["count"].to_list() == [2, 2, 1]
    assert pl.Series([], dtype=pl.String).countgrid.totals(TERMS, by=[]).shape == (0, 4)
    with pytest.raises(ValueError, match="would both be named 'good'; pass prefix="):
        series.countgrid.totals(TERMS, by=pl.Series("good", HALVES))
    with pytest.raises(ValueError, match="label"):
        series.countgrid.totals(TERMS, by=["a"])


def test_words_in_polars():
    frame = pl.DataFrame({"text": TEXTS})
    words = frame.select(pl.col("text").countgrid.count_words())["text"]
    assert (words.to_list(), words.dtype) == ([3, None, 0, 2], pl.Int64)
    assert frame["text"].countgrid.count_words(missing="zero").to_list() == [3, 0, 0, 2]
    assert pl.Series(["don't"]).countgrid.count_words(word_chars="'").to_list() == [1]


@pytest.mark.parametrize("column", [pd.Series(TEXTS), pl.Series(TEXTS)], ids=["pandas", "polars"])
def test_progress(column):
    space = column.countgrid
    n_bytes = sum(len(text or "") for text in TEXTS)
    for method, arguments in [
        (space.count, [TERMS]),
        (space.which, [TERMS]),
        (space.score, [TERMS, WEIGHTS]),
        (space.totals, [TERMS]),
        (space.count_words, []),
        *([(space.total, [TERMS])] if hasattr(space, "total") else []),
    ]:
        told = []
        method(*arguments, progress=lambda done, total, told=told: told.append((done, total)))
        assert told[-1] == (n_bytes, n_bytes), method


@pytest.mark.parametrize("column", [pd.Series(TEXTS), pl.Series(TEXTS)], ids=["pandas", "polars"])
def test_errors(column, tmp_path):
    with pytest.raises(ValueError, match="terms have no weights; pass weights="):
        column.countgrid.score(TERMS)
    path = tmp_path / "words.txt"
    path.write_text("good\n")
    with pytest.raises(ValueError, match=r"words\.txt has no weights"):
        column.countgrid.score(cg.read_lexicon(path))
    with pytest.raises(ValueError, match="weights lack the column 'fine'"):
        column.countgrid.score(TERMS, {"good": 1, "bad": 2})
    with pytest.raises(ValueError, match="missing"):
        column.countgrid.score(TERMS, WEIGHTS, missing="raise")
    with pytest.raises(ValueError, match="missing is 'no'"):
        column.countgrid.score(TERMS, WEIGHTS, missing="no")
    with pytest.raises(ValueError, match="per_words"):
        column.countgrid.score(TERMS, WEIGHTS, per_words=0)
    with pytest.raises(ValueError, match="word_chars"):
        column.countgrid.count_words(word_chars=" ")


@pytest.fixture(name="con")
def fixture_con():
    with duckdb.connect() as con:
        texts = pa.table({"id": range(len(TEXTS)), "text": TEXTS})  # noqa: F841 (DuckDB finds it by its name)
        con.execute("CREATE TABLE texts AS SELECT * FROM texts")
        yield con


def of_texts(con, function):
    """The type that a function in SQL returns, and its results for `TEXTS`."""
    relation = con.sql(f"SELECT {function}(text) FROM texts ORDER BY id")
    return str(relation.types[0]), [row for (row,) in relation.fetchall()]


@pytest.mark.parametrize("per_words", [None, 100, 0.5])
def test_scores_in_duckdb(con, lexicon, per_words):
    expected = cg.TermCounter(TERMS).score(TEXTS, WEIGHTS, per_words=per_words).tolist()
    expected[1] = None
    for terms, weights in [(TERMS, WEIGHTS), (cg.TermCounter(TERMS), [1, -2, 0.5]), (lexicon, None)]:
        countgrid.duckdb.register_score(con, "mood", terms, weights, per_words=per_words, replace=True)
        assert of_texts(con, "mood") == ("DOUBLE", expected)
    assert con.sql("SELECT count(*) FROM texts WHERE mood(text) < 0").fetchall() == [(2 - (expected[0] == 0),)]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_several_scores_in_duckdb(con, k):
    weights = np.arange(3 * k).reshape(3, k) - 2.5
    expected = [tuple(row) for row in cg.TermCounter(TERMS).score(TEXTS, weights).tolist()]
    countgrid.duckdb.register_score(con, "mood", TERMS, weights)
    assert of_texts(con, "mood") == (f"DOUBLE[{k}]", [expected[0], None, *expected[2:]])
    assert con.sql("SELECT mood(text)[1] FROM texts WHERE id = 3").fetchall() == [(expected[3][0],)]
    # More rows than a batch.
    many = con.sql("SELECT sum(mood(text)[1]) FROM texts, range(5000)").fetchall()
    assert many == [(pytest.approx(5000 * (expected[0][0] + expected[3][0])),)]


def test_scores_in_duckdb_without_columns(con):
    countgrid.duckdb.register_score(con, "mood", [], [])
    assert of_texts(con, "mood")[1] == [0, None, 0, 0]


def test_rates_in_duckdb(con):
    expected = [dict(zip(TERMS, row, strict=True)) for row in cg.count(TEXTS, TERMS, per_words=6).tolist()]
    countgrid.duckdb.register(con, "rates", TERMS, per_words=6)
    assert of_texts(con, "rates") == (
        "STRUCT(good DOUBLE, bad DOUBLE, fine DOUBLE)",
        [expected[0], None, *expected[2:]],
    )
    countgrid.duckdb.register(con, "found", TERMS, per_words=6, sparse=True)
    lists = [[{"column": term, "count": rate} for term, rate in row.items() if rate] for row in expected]
    assert of_texts(con, "found") == ('STRUCT("column" VARCHAR, count DOUBLE)[]', [lists[0], None, *lists[2:]])
    # Neither is mistaken for the function of counts.
    countgrid.duckdb.register(con, "counts", TERMS)
    assert of_texts(con, "counts")[1][0] == {"good": 2, "bad": 1, "fine": 0}
    countgrid.duckdb.register(con, "rates", TERMS, per_words=600, replace=True)
    assert of_texts(con, "rates")[1][0] == {"good": 400, "bad": 200, "fine": 0}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, ValueError, "terms have no weights; pass weights="),
        ({"weights": [1, 2]}, ValueError, r"weights have shape \(2,\); expected \(3,\)"),
        ({"weights": np.ones((3, 0))}, ValueError, "at least one weight for each column"),
        ({"weights": {"good": 1, "bad": 2}}, ValueError, "weights lack the column 'fine'"),
        ({"weights": WEIGHTS, "per_words": True}, TypeError, "per_words is bool"),
        ({"weights": WEIGHTS, "per_words": 0}, ValueError, "per_words is 0"),
        ({"weights": WEIGHTS, "workers": 0}, ValueError, "workers is 0"),
        ({"weights": WEIGHTS, "sparse": True}, TypeError, "unknown option 'sparse'"),
        ({"weights": WEIGHTS, "name": ""}, ValueError, "name is ''"),
        ({"weights": WEIGHTS, "name": "contains"}, ValueError, "there is already a function 'contains'"),
        ({"weights": WEIGHTS, "con": None}, TypeError, "con is NoneType"),
    ],
)
def test_invalid_scores_in_duckdb_raise_when_registered(con, options, error, message):
    with pytest.raises(error, match=message):
        countgrid.duckdb.register_score(**{"con": con, "name": "mood", "terms": TERMS, **options})


def test_invalid_rates_in_duckdb_raise_when_registered(con):
    with pytest.raises(ValueError, match="per_words= without which=True"):
        countgrid.duckdb.register(con, "rates", TERMS, per_words=6, which=True)
    for per_words, error in ((0, ValueError), ([6], TypeError)):
        with pytest.raises(error, match="per_words is"):
            countgrid.duckdb.register(con, "rates", TERMS, per_words=per_words)
