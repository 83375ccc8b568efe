"""Series and DataFrames of narwhals."""

import countgrid as cg
import countgrid.arrow
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from expected import LEXICON, ROWS, TEXTS
from pages import DOCS, check_section

COUNTER = cg.TermCounter(LEXICON)
COLUMNS = {"id": list(range(len(TEXTS))), "text": TEXTS}
LIBRARIES = {
    "pandas": pd.DataFrame(COLUMNS),
    "pandas, objects": pd.DataFrame(COLUMNS, dtype=object),
    "polars": pl.DataFrame(COLUMNS),
    "pyarrow": pa.table(COLUMNS),
}


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES)
def frame(request):
    return nw.from_native(request.param)


PASSED = {
    "series": lambda frame: frame["text"],
    "native series": lambda frame: frame["text"].to_native(),
    "arrow": lambda frame: frame["text"].to_arrow(),
    "frame": lambda frame: frame.select("text"),
}


@pytest.mark.parametrize("passed", PASSED.values(), ids=PASSED)
def test_counts(frame, passed):
    assert COUNTER.count(passed(frame)).tolist() == COUNTER.count(TEXTS).tolist()
    assert COUNTER.count(passed(frame), sparse=True).toarray().tolist() == COUNTER.count(TEXTS).tolist()
    assert COUNTER.totals(passed(frame)).to_dict() == COUNTER.totals(TEXTS).to_dict()


@pytest.mark.parametrize("sparse", [False, True])
def test_arrow_keeps_nulls(frame, sparse):
    assert countgrid.arrow.counter(LEXICON, sparse=sparse)(frame["text"].to_arrow()).to_pylist() == ROWS[sparse]


def test_an_index_of_pandas():
    frame = nw.from_native(pd.DataFrame(COLUMNS, index=[at % 3 for at in COLUMNS["id"]]))
    assert COUNTER.count(frame["text"]).tolist() == COUNTER.count(TEXTS).tolist()
    test_columns_of_the_same_library(frame)


def test_columns_of_the_same_library(frame):
    counts = nw.from_numpy(COUNTER.count(frame["text"]), COUNTER.columns, backend=frame.implementation)
    together = nw.concat([frame, counts], how="horizontal")
    assert together.columns == [*COLUMNS, *LEXICON]
    assert together["id"].to_list() == COLUMNS["id"]
    assert together.select(*LEXICON).to_numpy().tolist() == COUNTER.count(TEXTS).tolist()


def test_a_lazy_frame():
    lazy = nw.from_native(pl.LazyFrame(COLUMNS)).select("text")
    with pytest.raises(TypeError, match=r"not computed yet; pass what its \.collect\(\) returns"):
        COUNTER.count(lazy)
    assert COUNTER.count(lazy.collect()).tolist() == COUNTER.count(TEXTS).tolist()


def test_several_columns(frame):
    with pytest.raises(ValueError, match=r"documents has 2 columns \('id', 'text'\); pass one of them"):
        COUNTER.count(frame)


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "narwhals")
