"""`countgrid.arrow.counter` for new columns of Lance, and its batches as streams."""

import countgrid as cg
import countgrid.arrow
import lance
import pyarrow as pa
import pytest
from expected import LEXICON, ROWS, TEXTS, dense
from pages import DOCS, check_section


@pytest.fixture(name="texts")
def fixture_texts(tmp_path):
    """A dataset of several files."""
    table = pa.table({"id": range(len(TEXTS)), "text": TEXTS})
    return lance.write_dataset(table, tmp_path / "texts.lance", max_rows_per_file=8)


@pytest.mark.parametrize("typed", [False, True])
@pytest.mark.parametrize("size", [1, 4, None])
@pytest.mark.parametrize("sparse", [False, True])
def test_counts(texts, sparse, size, typed):
    count = countgrid.arrow.counter(LEXICON, sparse=sparse)
    sizes = []

    @lance.batch_udf(output_schema=pa.schema([("n", count.type)]) if typed else None)
    def add(batch):
        sizes.append(len(batch))
        return pa.record_batch([count(batch["text"])], ["n"])

    texts.add_columns(add, read_columns=["text"], batch_size=size)
    assert texts.schema.field("n").type == count.type
    assert texts.to_table(columns=["n"]).to_pydict() == {"n": ROWS[sparse]}
    assert sum(sizes) == len(TEXTS) + (not typed)
    assert max(sizes) == (size or 8)


def test_fields_of_nulls_are_null(texts):
    count = countgrid.arrow.counter(LEXICON)
    texts.add_columns(
        lambda batch: pa.record_batch([count(batch["text"])], ["n"]),
        read_columns=["text"],
    )
    pets = [row and row["pets"] for row in dense()]
    assert texts.to_table(columns={"pets": "n.pets"}).to_pydict() == {"pets": pets}
    assert texts.to_table(columns=["id"], filter="n.pets IS NULL").to_pydict() == {
        "id": [at for at, text in enumerate(TEXTS) if text is None]
    }


def test_a_run_that_was_interrupted_goes_on(texts, tmp_path):
    count = countgrid.arrow.counter(LEXICON)
    rows = 0

    def counted(batch, fails=False):
        nonlocal rows
        if fails and rows:
            raise RuntimeError("interrupted")
        rows += len(batch)
        return pa.record_batch([count(batch["text"])], ["n"])

    options = {"output_schema": pa.schema([("n", count.type)]), "checkpoint_file": tmp_path / "done.sqlite"}
    with pytest.raises(Exception, match="interrupted"):
        texts.add_columns(
            lance.batch_udf(**options)(lambda batch: counted(batch, fails=True)), read_columns=["text"], batch_size=4
        )
    texts.add_columns(lance.batch_udf(**options)(counted), read_columns=["text"], batch_size=4)
    assert texts.to_table(columns=["n"]).to_pydict() == {"n": dense()}
    assert rows == len(TEXTS)


STREAMS = {
    "batches": lambda dataset: dataset.to_batches(columns=["text"], batch_size=3),
    "reader": lambda dataset: dataset.scanner(columns=["text"]).to_reader(),
    "table": lambda dataset: dataset.to_table(columns=["text"]),
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_streams(texts, stream):
    counter = cg.TermCounter(LEXICON)
    assert counter.totals(stream(texts)).to_dict() == counter.totals(TEXTS).to_dict()
    assert counter.count(stream(texts)).tolist() == counter.count(TEXTS).tolist()


def test_a_filter(texts):
    batches = texts.to_batches(columns=["text"], filter="id >= 10")
    assert cg.count(batches, LEXICON).tolist() == cg.count(TEXTS[10:], LEXICON).tolist()


def test_a_dataset_itself(texts):
    with pytest.raises(TypeError, match="it is a dataset; pass what its"):
        cg.count(texts, LEXICON)
    with pytest.raises(TypeError, match="documents is LanceScanner"):
        cg.count(texts.scanner(columns=["text"]), LEXICON)


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "Lance")
