"""The polars namespaces return the counts of `cg.count` in structs, lists and sums, however polars evaluates them."""

import io
import os
import pickle
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable

import countgrid as cg
import countgrid.polars
import numpy as np
import polars as pl
import pytest

TEXTS = ["the cat sat", None, "the the", "", "Cat, the naïve cat", "日本 the"]
TERMS = ["the", "cat", "日本"]
MISSING = [text is None for text in TEXTS]
DTYPES = {
    "String": pl.String,
    "Categorical": pl.Categorical,
    "Enum": pl.Enum([text for text in TEXTS if text is not None]),
    "Binary": pl.Binary,
}
if hasattr(pl, "Categories"):
    DTYPES["Categorical of its own"] = pl.Categorical(pl.Categories("of countgrid's tests"))
#: Older versions of polars turn every exception into this one, with the original text.
FAILED = pl.exceptions.ComputeError
VERSION = tuple(int(part) for part in pl.__version__.split(".")[:2])


def streamed(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="streaming") if VERSION >= (1, 23) else frame.collect(streaming=True)


#: The ways to evaluate an expression.
WAYS: dict[str, Callable[[pl.DataFrame, pl.Expr], pl.Series]] = {
    "eager": lambda frame, expr: frame.select(expr).to_series(),
    "lazy": lambda frame, expr: frame.lazy().select(expr).collect().to_series(),
    "streaming": lambda frame, expr: streamed(frame.lazy().select(expr)).to_series(),
    "two at once": lambda frame, expr: frame.select(expr, expr.alias("again"))["again"].alias("text"),
}


def series(dtype: str = "String") -> pl.Series:
    return pl.Series("text", TEXTS, pl.String).cast(DTYPES[dtype])


def structs(counts: np.ndarray, missing: list[bool], names: list[str] = TERMS) -> list[dict[str, int] | None]:
    """Rows of a count matrix as polars' structs."""
    rows = [dict(zip(names, row, strict=True)) for row in counts.tolist()]
    return [None if is_missing else row for row, is_missing in zip(rows, missing, strict=True)]


def lists(counts: np.ndarray, missing: list[bool], names: list[str] = TERMS) -> list[list[dict] | None]:
    """The nonzero counts in rows of a count matrix, as polars' lists of structs."""
    rows = [
        [{"column": name, "count": n} for name, n in zip(names, row, strict=True) if n] for row in counts.tolist()
    ]
    return [None if is_missing else row for row, is_missing in zip(rows, missing, strict=True)]


NO = [False] * len(TEXTS)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_counts_are_those_of_count(dtype: str, way: Callable) -> None:
    frame, text = pl.DataFrame({"text": series(dtype)}), pl.col("text").countgrid
    expected = cg.count(TEXTS, TERMS)
    sums = expected.sum(axis=1).tolist()
    counted = way(frame, text.count(TERMS))
    assert counted.name == "text"
    assert counted.dtype == pl.Struct(dict.fromkeys(TERMS, pl.Int32))
    assert counted.to_list() == structs(expected, MISSING)
    assert way(frame, text.count(TERMS, missing="zero")).to_list() == structs(expected, NO)
    sparse = way(frame, text.count(TERMS, sparse=True))
    assert sparse.name == "text"
    assert sparse.dtype == pl.List(pl.Struct({"column": pl.String, "count": pl.Int32}))
    assert sparse.to_list() == lists(expected, MISSING)
    assert way(frame, text.count(TERMS, sparse=True, missing="zero")).to_list() == lists(expected, NO)
    total = way(frame, text.total(TERMS))
    assert (total.name, total.dtype) == ("text", pl.Int64)
    assert total.to_list() == [None if gone else n for n, gone in zip(sums, MISSING, strict=True)]
    assert way(frame, text.total(TERMS, missing="zero")).to_list() == sums


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_series_gives_what_an_expression_gives(dtype: str) -> None:
    text = series(dtype)
    frame = text.to_frame()
    for missing in ("keep", "zero"):
        for sparse in (False, True):
            options = {"missing": missing, "sparse": sparse, "prefix": "n ", "ignore_case": True}
            counted = text.countgrid.count(TERMS, **options)
            assert counted.equals(
                frame.select(pl.col("text").countgrid.count(TERMS, **options)).to_series(), check_names=True
            )
        counted = text.countgrid.total(TERMS, missing=missing, ignore_case=True)
        assert counted.sum() == cg.count(TEXTS, TERMS, ignore_case=True).sum()
        assert counted.null_count() == (missing == "keep")


def test_missing_is_kept_as_by_count_matches() -> None:
    text = series()
    counted = text.countgrid.count(["the"], match="substring").struct.field("the")
    assert counted.to_list() == text.str.count_matches("the").to_list()
    unnested = text.to_frame().with_columns(pl.col("text").countgrid.count(TERMS).alias("n")).unnest("n")
    assert [unnested[term].is_null().to_list() for term in TERMS] == [MISSING] * 3
    assert unnested.filter(pl.col("the") == 0).height == 1


@pytest.mark.parametrize("way", [*WAYS, "series"])
def test_missing_can_raise(way: str) -> None:
    message = "column 'text' has 1 nulls; expected none with missing='raise'"
    for method, options in (("count", {}), ("count", {"sparse": True}), ("total", {})):

        def run(text: pl.Series, method: str = method, options: dict = options) -> pl.Series:
            if way == "series":
                return getattr(text.countgrid, method)(TERMS, missing="raise", **options)
            expr = getattr(pl.col("text").countgrid, method)(TERMS, missing="raise", **options)
            return WAYS[way](text.to_frame(), expr)

        with pytest.raises((ValueError, FAILED), match=message):
            run(series())
        assert run(series().drop_nulls()).null_count() == 0


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    "texts", [pl.Series([], dtype=pl.String), pl.Series([], dtype=pl.Categorical), pl.Series([None, None])], ids=str
)
def test_empty_and_all_null_columns(texts: pl.Series, way: Callable) -> None:
    frame, text = pl.DataFrame({"text": texts}), pl.col("text").countgrid
    nothing = [None] * len(texts)
    counted = way(frame, text.count(TERMS))
    assert counted.dtype == pl.Struct(dict.fromkeys(TERMS, pl.Int32))
    assert counted.to_list() == nothing
    assert way(frame, text.count(TERMS, sparse=True)).to_list() == nothing
    assert way(frame, text.total(TERMS)).to_list() == nothing
    assert way(frame, text.count(TERMS, missing="zero")).to_list() == [dict.fromkeys(TERMS, 0)] * len(texts)
    assert way(frame, text.count(TERMS, sparse=True, missing="zero")).to_list() == [[]] * len(texts)
    assert way(frame, text.total(TERMS, missing="zero")).to_list() == [0] * len(texts)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_terms(way: Callable) -> None:
    frame, text = series().to_frame(), pl.col("text").countgrid
    counted = way(frame, text.count([]))
    assert counted.dtype == pl.Struct([])
    assert counted.to_list() == [None if gone else {} for gone in MISSING]
    assert way(frame, text.count([], missing="zero")).to_list() == [{}] * len(TEXTS)
    assert way(frame, text.count([], sparse=True)).to_list() == [None if gone else [] for gone in MISSING]
    assert way(frame, text.total([])).to_list() == [None if gone else 0 for gone in MISSING]
    assert frame.with_columns(text.count([]).alias("n")).unnest("n").columns == ["text"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2], "Int64"),
        ([0.5], "Float64"),
        ([["a"]], r"List\(String\)"),
        ([True], "Boolean"),
        ([object()], "Object"),
    ],
)
def test_columns_that_are_not_text_are_an_error(values: list, dtype: str) -> None:
    text = pl.Series("some numbers", values, pl.Object if dtype == "Object" else None)
    message = f"column 'some numbers' is {dtype}.*; expected String, Binary, Categorical, Enum or Null"
    for method in ("count", "total", "totals", "find", "context"):
        with pytest.raises(TypeError, match=message):
            getattr(text.countgrid, method)(["a"])
    for way in ("eager", "lazy", "streaming"):
        for method in ("count", "total"):
            with pytest.raises((TypeError, FAILED), match=message):
                WAYS[way](text.to_frame(), getattr(pl.col("some numbers").countgrid, method)(["a"]))


def test_chunks_and_slices() -> None:
    text = pl.concat([series()[:2], series()[:0], series()[2:]], rechunk=False)
    assert text.n_chunks() > 1
    expected = cg.count(TEXTS, TERMS)
    assert text.countgrid.count(TERMS).to_list() == structs(expected, MISSING)
    for part in (slice(1, 4), slice(None, None, 2), slice(None, None, -1)):
        assert text[part].countgrid.count(TERMS).to_list() == structs(expected[part], MISSING[part])
        assert text[part].countgrid.count(TERMS, sparse=True).to_list() == lists(expected[part], MISSING[part])
        assert text[part].countgrid.total(TERMS, missing="zero").to_list() == expected[part].sum(axis=1).tolist()


def test_categories_are_columns_and_counters_are_taken() -> None:
    lexicon = {"good, or so": ["good", "fine"], 'the "bad"': ["bad"]}
    counter = cg.TermCounter(lexicon, ignore_case=True)
    text = pl.Series("the text", ["Good and bad", "FINE", "it's"])
    counted = text.countgrid.count(counter)
    assert counted.equals(text.countgrid.count(lexicon, ignore_case=True))
    assert counted.struct.unnest().rows() == [(1, 1), (1, 0), (0, 0)]
    assert counted.struct.fields == list(lexicon)
    assert text.countgrid.total(counter).to_list() == [2, 1, 0]
    for space in (text.countgrid, pl.col("the text").countgrid):
        for method in (space.count, space.total):
            with pytest.raises(TypeError, match=r"has its own options; pass terms\.replace\(ignore_case=\.\.\.\)"):
                method(counter, ignore_case=True)


def test_names_and_terms_as_they_come() -> None:
    terms = ['say "no"', "one, two", "it's", "New York", "a;b\tc", "हिन्दी"]
    frame = pl.DataFrame({"the text": [" ".join(terms), "one"], "New York": [1, 2]})
    count = pl.col("the text").countgrid.count
    counted = frame.select(count(terms)).unnest("the text")
    assert counted.columns == terms
    assert counted.rows() == [(1,) * 6, (0,) * 6]
    exploded = frame.select(count(terms, sparse=True)).head(1).explode("the text").unnest("the text")
    assert exploded["column"].to_list() == terms
    with pytest.raises(pl.exceptions.DuplicateError, match="New York"):
        frame.with_columns(count(terms).alias("n")).unnest("n")
    assert frame.with_columns(count(terms, prefix="n ").alias("n")).unnest("n")["n New York"].to_list() == [1, 0]


def test_names() -> None:
    text = pl.Series(["a b a"])
    assert text.countgrid.count(["a", "b"], names=["x y", "z"], prefix="- ").to_list() == [{"- x y": 2, "- z": 1}]
    sparse = text.countgrid.count(["a", "b"], names=["x y", "z"], prefix="- ", sparse=True)
    assert [entry["column"] for entry in sparse[0]] == ["- x y", "- z"]
    assert text.countgrid.count(["a", "a"], names=["one", "two"]).to_list() == [{"one": 2, "two": 2}]
    assert text.countgrid.total(["a", "a"]).to_list() == [4]
    with_empty = pl.col("text").countgrid.count(["a", "b"], names=["", "column_0"])
    assert text.alias("text").to_frame().select(with_empty).to_dicts() == [{"text": {"": 2, "column_0": 1}}]
    assert text.countgrid.count(["a", "\udc80"], names=["one", "two"]).to_list() == [{"one": 2, "two": 0}]


def test_invalid_options_raise_without_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    for space in (pl.col("text").countgrid, pl.Series("text", [1]).countgrid):
        with pytest.raises(ValueError, match="columns 0 and 2 would both be named 'n_a'; pass other names="):
            space.count(["a", "b", "a"], prefix="n_")
        with pytest.raises(ValueError, match="names has 1 names; expected one for each of 2 columns"):
            space.count(["a", "b"], names=["x"])
        with pytest.raises(TypeError, match="prefix is int"):
            space.count(["a"], prefix=1)
        for sparse in (False, True):
            with pytest.raises(ValueError, match=r"column 1 would be named '\\udc80'; .* pass other names="):
                space.count(["a", "\udc80"], sparse=sparse)
        for method in (space.count, space.total):
            with pytest.raises(ValueError, match="missing is 'drop'; expected 'keep', 'zero' or 'raise'"):
                method(["a"], missing="drop")
            with pytest.raises(ValueError, match="workers is 0; expected 1 to"):
                method(["a"], workers=0)
            with pytest.raises(TypeError, match="workers is str"):
                method(["a"], workers="2")
            with pytest.raises(ValueError, match=r"term.* 1 .*empty|terms\[1\]"):
                method(["a", ""])
            with pytest.raises(TypeError, match="list"):
                method("a")
        with monkeypatch.context() as without:
            without.setitem(sys.modules, "scipy.sparse", None)
            with pytest.raises(
                ImportError, match="sparse=True needs scipy, which is not installed; pip install scipy"
            ):
                space.count(["a"], sparse=True)
            with pytest.raises(ImportError, match="which needs scipy"):
                space.which(["a"])
            pl.Series(["a"]).countgrid.count(["a"])


def test_contexts() -> None:
    frame = pl.DataFrame({"by": ["x", "y", "x", "y", "x", "y"], "text": series(), "other": series().reverse()})
    text = pl.col("text").countgrid
    expected = cg.count(TEXTS, TERMS)
    rows, entries, total = structs(expected, MISSING), lists(expected, MISSING), text.total(TERMS)
    grouped = frame.group_by("by", maintain_order=True)
    assert grouped.agg(text.count(TERMS))["text"].to_list() == [rows[::2], rows[1::2]]
    assert grouped.agg(text.count(TERMS, sparse=True))["text"].to_list() == [entries[::2], entries[1::2]]
    assert grouped.agg(total.sum())["text"].to_list() == [6, 2]
    assert grouped.agg(pl.col("text").filter(pl.col("other") == "").countgrid.total(TERMS))["text"].to_list() == [
        [2],
        [],
    ]
    assert frame.lazy().group_by("by").agg(total.sum()).sort("by").collect()["text"].to_list() == [6, 2]
    assert frame.select(total.sum().over("by")).to_series().to_list() == [6, 2, 6, 2, 6, 2]
    assert frame.select(text.count(TERMS).over("by")).to_series().to_list() == rows
    the = text.count(TERMS).struct.field("the")
    assert frame.filter(the > 1)["text"].to_list() == ["the the"]
    assert streamed(frame.lazy().filter(the > 1))["text"].to_list() == ["the the"]
    assert frame.sort(total, descending=True, nulls_last=True, maintain_order=True)["text"].to_list()[:1] == [
        TEXTS[0]
    ]
    assert frame.group_by(total.alias("n")).len().sort("n").rows() == [(None, 1), (0, 1), (2, 4)]
    both = frame.select(pl.col("text", "other").countgrid.count(TERMS))
    assert both["text"].to_list() == rows
    assert both["other"].to_list() == rows[::-1]
    assert pl.select(pl.lit("the cat").countgrid.count(TERMS)).item() == {"the": 1, "cat": 1, "日本": 0}
    nested = pl.DataFrame({"texts": [["the cat", "no"], [], None]})
    inside = pl.col("texts").list.eval(pl.element().countgrid.total(TERMS))
    assert nested.select(inside).to_series().to_list() == [[2, 0], [], None]
    assert frame.lazy().with_columns(the.alias("n")).head(3).collect()["n"].to_list() == [1, None, 2]


def test_lists_work_in_polars_list_functions() -> None:
    frame = pl.DataFrame({"id": range(6), "text": series()})
    counted = frame.select("id", pl.col("text").countgrid.count(TERMS, sparse=True).alias("n"))
    entries = lists(cg.count(TEXTS, TERMS), MISSING)
    assert counted.sort("id", descending=True)["n"].to_list() == entries[::-1]
    assert counted.join(frame, on="id").sort("id")["n"].to_list() == entries
    assert pl.concat([counted, counted]).rechunk()["n"].to_list() == entries * 2
    long = counted.explode("n").unnest("n").drop_nulls()
    assert long.rows() == [(i, e["column"], e["count"]) for i, row in enumerate(entries) for e in row or []]
    lexicon = pl.DataFrame({"column": TERMS, "weight": [0.5, 2.0, 1.0]})
    weighted = long.join(lexicon, on="column").group_by("id").agg((pl.col("count") * pl.col("weight")).sum())
    assert weighted.sort("id").rows() == [(0, 2.5), (2, 1.0), (4, 2.5), (5, 1.5)]
    file = io.BytesIO()
    counted.write_parquet(file)
    file.seek(0)
    assert pl.read_parquet(file)["n"].to_list() == entries


EXPRESSIONS = {
    "count": pl.col("text").countgrid.count(TERMS, prefix="n_", ignore_case=True),
    "sparse": pl.col("text").countgrid.count({"a": ["cat"], "b": [b"the"]}, sparse=True, missing="zero"),
    "total": pl.col("text").countgrid.total(["c*"], syntax="glob", workers=1),
}


@pytest.mark.parametrize("expr", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_is_like_others(expr: pl.Expr) -> None:
    frame = series().to_frame()
    expected = frame.select(expr)
    assert expr.meta.output_name() == "text"
    assert expr.alias("n").meta.output_name() == "n"
    assert expr.meta.root_names() == ["text"]
    assert 'col("text")' in frame.lazy().select(expr).explain()
    # Were it run, it would fail.
    numbers = pl.LazyFrame({"text": [1]}).select(expr)
    assert numbers.collect_schema() == expected.schema
    for again in (pickle.loads(pickle.dumps(expr)), pl.Expr.deserialize(io.BytesIO(expr.meta.serialize()))):
        assert frame.select(again).equals(expected)
    plan = frame.lazy().select(expr).serialize()
    assert pl.LazyFrame.deserialize(io.BytesIO(plan)).collect().equals(expected)


def test_an_expression_is_understood_by_another_process(tmp_path) -> None:
    (tmp_path / "plan").write_bytes(series().to_frame().lazy().select(EXPRESSIONS["count"]).serialize())
    script = "import sys, polars; print(polars.LazyFrame.deserialize(sys.argv[1]).collect().to_series().to_list())"
    ran = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "plan"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == str(series().to_frame().select(EXPRESSIONS["count"]).to_series().to_list())


def test_counts_stay_where_they_were_written() -> None:
    for text in (series(), series().drop_nulls()):
        fields = text.countgrid.count(TERMS).struct.unnest()
        arrays = [field.to_arrow() for field in fields]
        places = [array.buffers()[1].address + 4 * array.offset for array in arrays]
        assert np.diff(places).tolist() == [4 * len(text)] * 2, "columns of one matrix"


def test_totals() -> None:
    expected = cg.TermCounter(TERMS).totals(TEXTS)
    totals = series("Categorical").countgrid.totals(TERMS, prefix="n_", workers=2)
    assert totals.schema == {"column": pl.String, "count": pl.Int64, "documents": pl.Int64}
    assert totals["column"].to_list() == ["n_the", "n_cat", "n_日本"]
    assert totals["count"].to_list() == expected.counts.tolist()
    assert totals["documents"].to_list() == expected.documents.tolist()
    assert series().countgrid.totals([]).shape == (0, 3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_find_and_context(dtype: str) -> None:
    text = series(dtype)
    documents = [text.encode() if dtype == "Binary" and text is not None else text for text in TEXTS]
    matches = cg.TermCounter(TERMS).find(documents)
    found = text.countgrid.find(TERMS, names=["x", "y", "z"])
    kind = pl.Binary if dtype == "Binary" else pl.String
    places = {"index": pl.get_index_type(), "column": pl.String, "start": pl.Int64, "end": pl.Int64}
    assert found.schema == places
    names = np.array(["x", "y", "z"])[matches.column].tolist()
    assert found["column"].to_list() == names
    for column, array in (("index", matches.document), ("start", matches.start), ("end", matches.end)):
        assert found[column].to_list() == array.tolist()
    shown = text.countgrid.context(TERMS, width=3)
    assert shown.schema == {**dict(list(places.items())[:2]), "before": kind, "match": kind, "after": kind}
    assert shown.rows() == [tuple(match) for match in matches.context(documents, width=3)]
    assert text.to_frame().with_row_index().join(found, on="index").height == len(matches)
    nowhere = pl.Series(["x"], dtype=pl.String).cast(kind)
    assert nowhere.countgrid.context(["a"]).schema == shown.schema
    assert nowhere.countgrid.context(["a"]).is_empty()
    assert nowhere.countgrid.find(["a"]).schema == places


def test_progress_is_reported_and_each_category_is_searched_once() -> None:
    text = pl.Series(["the cat", "dog"] * 1000, dtype=pl.Categorical)
    # Categories of older versions of polars are read as text.
    size = len("the cat" + "dog") * (1 if VERSION >= (1, 34) else 1000)
    for options in ({}, {"sparse": True}):
        seen = []
        text.countgrid.count(TERMS, progress=lambda done, total, seen=seen: seen.append((done, total)), **options)
        assert seen[-1] == (size, size)
    seen = []
    text.countgrid.totals(TERMS, progress=lambda done, total: seen.append(done))
    assert seen[-1] == size


def test_a_total_beyond_int32() -> None:
    total = pl.Series(["a " * 2_200_000, "a"]).countgrid.total(["a"] * 1000)
    assert total.to_list() == [2_200_000_000, 1000]


def test_structs_larger_than_memory_are_an_error() -> None:
    text = pl.Series(["a"], dtype=pl.Categorical).gather(np.zeros(5_000_000, np.int64))
    with pytest.raises(MemoryError, match=r"5000000 documents x 100000 columns takes 2000\.0 GB.*sparse=True"):
        text.countgrid.count([f"term {i}" for i in range(100_000)])


def test_a_total_over_thousands_of_terms_takes_little_memory() -> None:
    words = np.array([f"w{i:x}" for i in range(10_000)])
    chosen = np.random.default_rng(5).integers(0, len(words), (300_000, 8))
    text = pl.DataFrame(words[chosen]).select(pl.concat_str(pl.all(), separator=" ").alias("text"))
    total = pl.col("text").countgrid.total(words)
    tracemalloc.start()
    try:
        counted = text.select(total)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.clear_traces()
        sparse = text.to_series().countgrid.count(words, sparse=True)
        whole = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert counted["text"].to_list() == [8] * 300_000
    assert sparse.explode().struct.field("count").sum() == 8 * 300_000
    # The counts of some rows, and the sums. All counts take 19 MB, all cells would take 12 GB.
    assert peak < 16 << 20 < whole


def test_a_large_column_mostly_missing() -> None:
    text = pl.select(
        pl.when(pl.int_range(1_000_000) % 10 == 0).then(pl.format("the cat {}", pl.int_range(1_000_000)))
    ).to_series()
    frame = text.alias("text").to_frame()
    words = ["the", "dog", "999990"]
    expr = pl.col("text").countgrid
    counts = streamed(frame.lazy().select(expr.count(words))).unnest("text")
    assert counts.null_count().row(0) == (900_000,) * 3
    assert counts.sum().row(0) == (100_000, 0, 1)
    long = streamed(frame.lazy().select(expr.count(words, sparse=True))).drop_nulls().explode("text").unnest("text")
    assert long.group_by("column").agg(pl.col("count").sum()).sort("column").rows() == [
        ("999990", 1),
        ("the", 100_000),
    ]
    assert streamed(frame.lazy().select(expr.total(words).sum())).item() == 100_001


def test_workers_are_shared_by_the_counts_that_run() -> None:
    threads = pl.thread_pool_size()
    with countgrid.polars._threads.share(None) as first:
        assert first == threads
        with countgrid.polars._threads.share(3) as wished, countgrid.polars._threads.share(None) as third:
            assert (wished, third) == (3, max(1, threads // 3))
        with countgrid.polars._threads.share(None) as second:
            assert second == max(1, threads // 2)
    for workers in (1, 2, 7, None):
        counted = pl.concat([series()] * 20_000).countgrid.count(TERMS, workers=workers).struct.unnest()
        assert counted.sum().row(0) == tuple((20_000 * cg.count(TEXTS, TERMS).sum(axis=0)).tolist())


def run(script: str, threads: int) -> str:
    """The output of a process in which polars has this many threads."""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


AT_ONCE = """
import threading, time
import countgrid.polars, polars as pl

together = threading.Barrier(2, timeout=60)
def wait(series):
    together.wait()
    return series
expressions = [
    pl.col("text").map_batches(wait, return_dtype=pl.String)
    .countgrid.count([f"[a-z]{{1,{i}}}" for i in range(1, 6)], syntax="regex", match="substring").alias(letter)
    for letter in "ab"
]
frame = pl.DataFrame({"text": ["some text of a few words"] * 100_000})
most = turns = 0
over = False
def watch():
    global most, turns
    while not over:
        running = len(countgrid.polars._threads._running)
        most = max(most, running)
        turns += running > 0
        time.sleep(0.001)
watcher = threading.Thread(target=watch)
watcher.start()
frame.select(expressions)
over = True
watcher.join()
print(most, turns)
"""


def test_two_expressions_are_counted_at_once_and_python_goes_on() -> None:
    most, turns = map(int, run(AT_ONCE, threads=2).split())
    assert most == 2
    assert turns >= 10, "another thread of Python looks on meanwhile"


MANY = """
import sys, threading
import countgrid as cg, countgrid.polars, numpy as np, polars as pl

version = tuple(int(part) for part in pl.__version__.split(".")[:2])
def streamed(frame):
    return frame.collect(engine="streaming") if version >= (1, 23) else frame.collect(streaming=True)
words = ["the", "cat", "w7", "w1 w2"]
texts = ["the cat w%d w%d" % (i % 9, i % 7) if i % 5 else None for i in range(60_000)]
frame = pl.concat([pl.DataFrame({"text": texts[i : i + 7_000]}) for i in range(0, 60_000, 7_000)], rechunk=False)
counts = cg.count(texts, words)
sums = [None if text is None else n for text, n in zip(texts, counts.sum(axis=1).tolist())]
frames = []
def work(workers):
    text = pl.col("text").countgrid
    exprs = [
        text.count(words, workers=workers).alias("dense"),
        text.count(words, workers=workers, sparse=True).alias("sparse"),
        text.total(words, workers=workers).alias("total"),
    ]
    for collect in (streamed, lambda frame: frame.collect(), streamed):
        frames.append(collect(frame.lazy().select(exprs)))
threads = [threading.Thread(target=work, args=[workers]) for workers in (None, 1, 2, 3, None, 5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
# Only now: some versions of polars hold the GIL in DataFrame.to_numpy and wait there for threads that wait for it.
for got in frames:
    assert got["total"].to_list() == sums
    assert np.array_equal(got["dense"].struct.unnest().fill_null(0).to_numpy(), counts)
    long = got.select("sparse").explode("sparse").unnest("sparse").drop_nulls()
    assert long["count"].sum() == counts.sum()
print(len(frames))
"""


def test_many_threads_of_polars_and_of_python_at_once() -> None:
    assert int(run(MANY, threads=4)) == 18


def test_another_thread_is_not_kept_waiting_by_a_series() -> None:
    seen, begun, over = [], threading.Event(), threading.Event()

    def look() -> None:
        begun.wait()
        while not over.wait(0.001):
            seen.append(len(countgrid.polars._threads._running))

    thread = threading.Thread(target=look)
    thread.start()
    text = pl.Series(["some text of a few words"] * 100_000)
    begun.set()
    # Nearly every character is a match of each.
    text.countgrid.count([rf"\w{{1,{i}}}" for i in range(1, 6)], syntax="regex", match="substring")
    over.set()
    thread.join()
    assert sum(seen) >= 10


def test_lexicons_know_their_syntax(tmp_path):
    (tmp_path / "a.txt").write_text("happ*\n")
    globs, default = (cg.read_lexicon(tmp_path / "a.txt", **options) for options in ({"syntax": "glob"}, {}))
    texts = pl.Series(["happy happ*"])

    def evaluated(*terms, **options) -> pl.Series:
        return pl.select(pl.lit(texts).countgrid.total(*terms, **options)).to_series()

    for method in (texts.countgrid.total, evaluated):
        assert method(globs)[0] == 2
        with pytest.raises(ValueError, match="syntax is 'literal', but"):
            method(globs, syntax="literal")
        with pytest.warns(UserWarning, match="looks like a glob") as said:
            assert method(default)[0] == 1
        assert [warning.filename for warning in said] == [__file__]
        assert method(default, syntax="literal")[0] == 1
