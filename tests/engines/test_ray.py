"""`countgrid.arrow.counter` in tasks and actors of Ray, and its batches as a stream."""

import os
import secrets

import countgrid as cg
import countgrid.arrow
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import ray
from expected import LEXICON, ROWS, TEXTS
from pages import DOCS, check_section

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
def texts(tmp_path):
    """Five files."""
    table = pa.table({"id": range(len(TEXTS)), "text": TEXTS})
    for at in range(0, len(TEXTS), 7):
        pq.write_table(table.slice(at, 7), tmp_path / f"{at}.parquet")
    return ray.data.read_parquet(str(tmp_path))


class Add:
    """A function of tables, also as a class of actors. Says in which process it ran, and with which plan."""

    def __init__(self, count):
        self.count = count

    def __call__(self, table):
        plan = f"{os.getpid()} {id(self.count.counter._plan)}"
        return table.append_column("n", self.count(table["text"])).append_column(
            "plan", pa.array([plan] * len(table))
        )


@pytest.mark.parametrize("size", [None, 3])
@pytest.mark.parametrize("sparse", [False, True])
def test_tasks(texts, sparse, size):
    add = Add(countgrid.arrow.counter(LEXICON, sparse=sparse))
    counts = texts.map_batches(lambda table: add(table), batch_format="pyarrow", batch_size=size).take_all()
    counts.sort(key=lambda row: row["id"])
    assert [(row["id"], row["text"], row["n"]) for row in counts] == list(
        zip(range(len(TEXTS)), TEXTS, ROWS[sparse], strict=True)
    )
    assert len({row["plan"] for row in counts}) == len({row["plan"].split()[0] for row in counts})


def test_an_actor(texts):
    counts = texts.map_batches(
        Add,
        fn_constructor_args=[countgrid.arrow.counter(LEXICON)],
        compute=ray.data.ActorPoolStrategy(size=1),
        batch_format="pyarrow",
    ).take_all()
    counts.sort(key=lambda row: row["id"])
    assert [row["n"] for row in counts] == ROWS[False]


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


def test_tasks_of_one_cpu_use_one_thread(texts):
    threads = texts.map_batches(
        lambda _: pa.table({"threads": [os.environ.get("OMP_NUM_THREADS")]}), batch_format="pyarrow"
    )
    assert {row["threads"] for row in threads.take_all()} == {"1"}


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "Ray")
