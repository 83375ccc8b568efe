"""`countgrid.arrow.counter` in tasks and actors of Ray, and its batches as a stream."""

import os
import secrets
import sys

import countgrid as cg
import countgrid.arrow
import pyarrow as pa
import pytest
import ray
from expected import LEXICON, ROWS, TEXTS
from pages import DOCS, check_section

# Functions of this file are sent to the workers, which cannot import it.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

# Of Ray itself.
pytestmark = [pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("DeprecationWarning", "ResourceWarning")]


@pytest.fixture(scope="module", autouse=True)
def session():
    """Two CPUs, with a token in the environment, so that Ray writes none in the user's folder."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="error",
            object_store_memory=100_000_000,
        )
        ray.data.DataContext.get_current().enable_progress_bars = False
        yield
        ray.shutdown()


@pytest.fixture
def texts():
    """Five blocks."""
    table = pa.table({"id": range(len(TEXTS)), "text": TEXTS})
    return ray.data.from_arrow([table.slice(at, 7) for at in range(0, len(TEXTS), 7)])


class Add:
    """A function of tables, also as a class of actors. Says in which process it ran, and how."""

    def __init__(self, counter):
        self.functions = [countgrid.arrow.counter(counter, sparse=sparse) for sparse in (False, True)]

    def __call__(self, table):
        dense, sparse = (function(table["text"]) for function in self.functions)
        ran = [[os.getpid(), id(function.counter._plan)] for function in self.functions]
        return pa.table(
            {
                "id": table["id"],
                "dense": dense,
                "sparse": sparse,
                "ran": [ran] * len(table),
                "threads": [os.environ.get("OMP_NUM_THREADS")] * len(table),
            }
        )


def check(counts):
    rows = sorted(counts.take_all(), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == list(range(len(TEXTS)))
    assert [row["dense"] for row in rows] == ROWS[False]
    assert [row["sparse"] for row in rows] == ROWS[True]
    return rows


@pytest.mark.parametrize("size", [None, 3])
def test_tasks(texts, size):
    add = Add(cg.TermCounter(LEXICON))
    rows = check(texts.map_batches(lambda table: add(table), batch_format="pyarrow", batch_size=size))
    ran = {tuple(one) for row in rows for one in row["ran"]}
    assert len(ran) == len({process for process, _ in ran}), "a process compiles once"
    assert {row["threads"] for row in rows} == {"1"}, "a task of one CPU has one thread"


def test_an_actor(texts):
    options = {"fn_constructor_args": [cg.TermCounter(LEXICON)], "compute": ray.data.ActorPoolStrategy(size=1)}
    check(texts.map_batches(Add, batch_format="pyarrow", **options))


def test_totals(texts):
    batches = texts.select_columns("text").iter_batches(batch_format="pyarrow", batch_size=None)
    counter = cg.TermCounter(LEXICON)
    assert counter.totals(batches).to_dict() == counter.totals(TEXTS).to_dict()


def test_other_formats_of_batches(texts):
    count = countgrid.arrow.counter(LEXICON)
    with pytest.raises(
        ray.exceptions.RayTaskError, match="text is ndarray; expected a pyarrow Array or ChunkedArray"
    ):
        texts.map_batches(lambda batch: {"n": count(batch["text"])}).take_all()


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "Ray")
