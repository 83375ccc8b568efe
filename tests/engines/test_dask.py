"""`countgrid.dask`, with threads and with processes, equal to `countgrid.count`."""

import os
import pickle
import signal

import countgrid as cg
import countgrid.dask
import countgrid.pandas
import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from distributed import Client, LocalCluster
from pages import DOCS, check_docstrings, check_page

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog", "Émile's cat", "the the"] * 5
LEXICON = {"pets": ["cat", "dog"], "the": ["the"], "none": ["zebra"]}


@pytest.fixture(scope="module")
def processes():
    """A client of two worker processes."""
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(params=["threads", "processes"])
def scheduler(request):
    if request.param == "threads":
        with dask.config.set(scheduler="threads"):
            yield request.param
    else:
        client = request.getfixturevalue("processes")
        with client.as_current():
            yield request.param


def column(texts=TEXTS, npartitions=4, dtype=None):
    series = pd.Series(texts, index=range(10, 10 + len(texts)), name="text", dtype=dtype)
    return dd.from_pandas(series, npartitions=npartitions)


@pytest.mark.parametrize("dtype", [None, object, "category", "string"])
@pytest.mark.parametrize("npartitions", [1, 4, len(TEXTS)])
def test_counts(scheduler, npartitions, dtype):
    series = column(npartitions=npartitions, dtype=dtype)
    counts = countgrid.dask.count(series, LEXICON, prefix="n_")
    assert counts.divisions == series.divisions
    expected = column().compute().countgrid.count(LEXICON, prefix="n_")
    pd.testing.assert_frame_equal(counts.compute(), expected)
    assert counts.dtypes.to_dict() == expected.dtypes.to_dict()


@pytest.mark.parametrize(
    "options",
    [
        {"missing": "zero"},
        {"per_words": 100},
        {"per_words": 100, "missing": "zero"},
        {"workers": 2},
        {"workers": None},
        {"names": ["a", "b", "c"]},
        {"ignore_case": True, "strip_accents": True, "match": "substring"},
    ],
)
def test_options(options):
    counts = countgrid.dask.count(column(), LEXICON, **options)
    expected = column().compute().countgrid.count(LEXICON, **options)
    pd.testing.assert_frame_equal(counts.compute(scheduler="threads"), expected)
    assert counts.dtypes.to_dict() == expected.dtypes.to_dict()


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of Dask
def test_counts_can_be_written(tmp_path):
    countgrid.dask.count(column(), LEXICON).to_parquet(tmp_path / "counts")
    written = pd.read_parquet(tmp_path / "counts").astype("Int32")
    pd.testing.assert_frame_equal(written, column().compute().countgrid.count(LEXICON), check_names=False)


@pytest.mark.parametrize("per_words", [None, 100])
def test_sparse(scheduler, per_words):
    counts = countgrid.dask.count(column(), LEXICON, sparse=True, per_words=per_words)
    assert isinstance(counts, da.Array)
    assert counts.shape[1] == 3
    result = counts.compute()
    assert isinstance(result, scipy.sparse.csr_array)
    expected = cg.count(TEXTS, LEXICON, sparse=True, per_words=per_words)
    assert result.dtype == expected.dtype == counts.dtype
    assert (result != expected).nnz == 0
    assert result.shape == expected.shape


def test_an_estimator_takes_the_blocks():
    from sklearn.linear_model import SGDClassifier

    texts = ["a cat", "a dog"] * 20
    counts = countgrid.dask.count(column(texts), ["cat", "dog"], sparse=True)
    model = SGDClassifier(random_state=0)
    for block, labels in zip(counts.blocks, np.array_split(np.array([0, 1] * 20), 4), strict=True):
        model.partial_fit(block.compute(), labels, classes=[0, 1])
    assert (model.predict(counts.compute()) == [0, 1] * 20).all()


@pytest.mark.parametrize("per_words", [None, 100])
@pytest.mark.parametrize("npartitions", [1, 3, len(TEXTS)])
def test_totals(scheduler, npartitions, per_words):
    totals = countgrid.dask.totals(column(npartitions=npartitions), LEXICON, per_words=per_words).compute()
    expected = cg.TermCounter(LEXICON).totals(TEXTS, per_words=per_words)
    assert totals.columns == expected.columns
    np.testing.assert_array_equal(totals.counts, expected.counts)
    np.testing.assert_array_equal(totals.documents, expected.documents)
    assert totals.counts.dtype == expected.counts.dtype
    assert totals.words == expected.words


@pytest.mark.parametrize("per_words", [None, 100])
def test_grouped_totals(scheduler, per_words):
    frame = pd.DataFrame({"text": TEXTS, "month": [f"2026-{i % 5 + 1:02}" for i in range(len(TEXTS))]})
    ddf = dd.from_pandas(frame, npartitions=4)
    totals = countgrid.dask.totals(ddf["text"], LEXICON, by=ddf["month"], per_words=per_words).compute()
    expected = cg.TermCounter(LEXICON).totals(frame["text"], by=frame["month"], per_words=per_words)
    assert totals.groups == expected.groups
    np.testing.assert_array_equal(totals.counts, expected.counts)
    np.testing.assert_array_equal(totals.documents, expected.documents)
    np.testing.assert_array_equal(totals.sizes, expected.sizes)


def test_totals_of_many_terms_send_only_what_was_found():
    words = [f"word{i}" for i in range(50_000)]
    counter = cg.TermCounter(words)
    part = countgrid.dask._totals(pd.Series(["word7 word9 word9"]), counter, None)
    assert len(pickle.dumps(part)) < 2000
    totals = countgrid.dask.totals(column(["word7 word9 word9"] * 9, 9), counter).compute(scheduler="threads")
    assert totals["word9"].count == 18
    assert totals["word8"].count == 0


def test_empty_partitions():
    series = column()
    none = series[series == "no such text"]
    assert len(countgrid.dask.count(none, LEXICON).compute(scheduler="threads")) == 0
    assert countgrid.dask.count(none, LEXICON, sparse=True).compute(scheduler="threads").shape == (0, 3)
    assert countgrid.dask.totals(none, LEXICON).compute(scheduler="threads").to_dict() == dict.fromkeys(LEXICON, 0)


def test_missing_raises_where_it_is_computed():
    counts = countgrid.dask.count(column(), LEXICON, missing="raise")
    with pytest.raises(ValueError, match="missing"):
        counts.compute(scheduler="threads")


def test_invalid_arguments_raise_at_once():
    with pytest.raises(TypeError, match="series is DataFrame; expected a Dask Series, such as ddf"):
        countgrid.dask.count(column().to_frame(), LEXICON)
    with pytest.raises(TypeError, match="series is Series; expected a Dask Series"):
        countgrid.dask.totals(pd.Series(["cat"]), LEXICON)
    with pytest.raises(ValueError, match="both be named 'cat'"):
        countgrid.dask.count(column(), ["cat", "cat"])
    with pytest.raises(ValueError, match="missing is 'drop'"):
        countgrid.dask.count(column(), LEXICON, missing="drop")
    with pytest.raises(ValueError, match="a sparse array cannot contain missing counts"):
        countgrid.dask.count(column(), LEXICON, sparse=True, missing="keep")
    with pytest.raises(ValueError, match="per_words is 0"):
        countgrid.dask.totals(column(), LEXICON, per_words=0)
    with pytest.raises(ValueError, match="by has 2 partitions, series has 4"):
        countgrid.dask.totals(column(), LEXICON, by=column(npartitions=2))
    with pytest.raises(TypeError, match="unknown option 'ignorecase'"):
        countgrid.dask.count(column(), LEXICON, ignorecase=True)


def compiles(_):
    """How many plans this process has compiled for pickles, at least."""
    from countgrid import _plans

    return os.getpid(), len(_plans._plans)


def test_each_process_compiles_once(processes):
    processes.run(cg.clear_cache)
    terms = [f"term{i}" for i in range(1000)]
    with processes.as_current():
        countgrid.dask.count(column(npartitions=len(TEXTS)), terms).sum().compute()
        countgrid.dask.totals(column(npartitions=len(TEXTS)), terms).compute()
    assert all(kept == 1 for _, kept in processes.run(compiles, None).values())


def slow_end(part, parent):
    """Kill the worker the first time."""
    marker = f"{parent}/killed"
    if not os.path.exists(marker):
        open(marker, "w", encoding="utf-8").close()
        os.kill(os.getpid(), signal.SIGKILL)
    return part


@pytest.mark.skipif(os.name != "posix", reason="the system has no SIGKILL")
@pytest.mark.filterwarnings("ignore")
def test_a_worker_is_killed(tmp_path):
    expected = cg.TermCounter(LEXICON).totals(TEXTS).to_dict()
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        series = column(npartitions=8).map_partitions(slow_end, str(tmp_path), meta=("text", "object"))
        assert countgrid.dask.totals(series, LEXICON).compute().to_dict() == expected
    assert (tmp_path / "killed").exists()


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_page((DOCS / "dask.md").read_text(encoding="utf-8"), "dask.md")
    check_docstrings(countgrid.dask)
