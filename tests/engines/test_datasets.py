"""Datasets of Hugging Face and their columns, by their Arrow data."""

import subprocess
import sys

import countgrid as cg
import countgrid.arrow
import datasets
import numpy as np
import pytest
from expected import LEXICON, ROWS
from expected import TEXTS as OTHERS
from pages import DOCS, check_section

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog", "the the"] * 50
TERMS = ["cat", "dog", "the"]
COUNTER = cg.TermCounter(TERMS)


@pytest.fixture(name="dataset")
def fixture_dataset():
    return datasets.Dataset.from_dict({"text": TEXTS, "n": list(range(len(TEXTS)))})


CHANGES = {
    "as it is": lambda dataset: dataset,
    "filtered": lambda dataset: dataset.filter(lambda row: row["n"] % 3 == 0),
    "shuffled": lambda dataset: dataset.shuffle(seed=1),
    "selected": lambda dataset: dataset.select([5, 3, 3, 0]),
    "sorted": lambda dataset: dataset.sort("n", reverse=True),
    "as arrays": lambda dataset: dataset.with_format("numpy"),
    "joined": lambda dataset: datasets.concatenate_datasets([dataset, dataset.select([1, 3])]),
    "none": lambda dataset: dataset.select([]),
}


@pytest.mark.filterwarnings("ignore:Specifying null_placement:FutureWarning")  # of datasets
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_column(dataset, change):
    changed = change(dataset)
    texts = changed.with_format(None)["text"][:]
    for column in (changed["text"], changed.select_columns(["text"])):
        np.testing.assert_array_equal(COUNTER.count(column), COUNTER.count(texts))
        assert COUNTER.totals(column).to_dict() == COUNTER.totals(texts).to_dict()
        assert len(cg.Documents(column)) == len(texts)


def test_no_item_is_read_alone(dataset, monkeypatch):
    def read(*_):
        raise AssertionError("an item was read")

    monkeypatch.setattr(datasets.arrow_dataset.Column, "__iter__", read)
    monkeypatch.setattr(datasets.arrow_dataset.Column, "__getitem__", read)
    assert COUNTER.totals(dataset["text"]).counts.tolist() == [150, 100, 150]


def test_a_stream(dataset):
    for stream in (dataset.to_iterable_dataset(), dataset.to_iterable_dataset(num_shards=3)):
        np.testing.assert_array_equal(COUNTER.count(stream["text"]), COUNTER.count(TEXTS))
        assert COUNTER.totals(stream.select_columns(["text"])).to_dict() == COUNTER.totals(TEXTS).to_dict()


def test_a_function_of_the_user_is_called(dataset):
    upper = dataset.with_transform(lambda rows: {"text": [(text or "").upper() for text in rows["text"]]})
    assert COUNTER.totals(upper["text"]).counts.tolist() == [0, 0, 0]
    assert cg.TermCounter(["CAT"]).totals(upper["text"]).counts.tolist() == [150]


def test_a_field_of_a_struct():
    dataset = datasets.Dataset.from_dict({"meta": [{"text": text} for text in TEXTS]})
    assert COUNTER.totals(dataset["meta"]["text"]).to_dict() == COUNTER.totals(TEXTS).to_dict()


def test_several_columns(dataset):
    with pytest.raises(ValueError, match=r"documents has 2 columns \('text', 'n'\); pass one of them"):
        COUNTER.count(dataset)


def test_a_column_that_is_not_text(dataset):
    with pytest.raises(TypeError, match="Arrow column of type Int64; expected text"):
        COUNTER.count(dataset["n"])


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("size", [1, 4, 1000])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_column_of_counts(sparse, size, streamed):
    dataset = datasets.Dataset.from_dict({"text": OTHERS})
    if streamed:
        dataset = dataset.to_iterable_dataset(num_shards=2)
    count = countgrid.arrow.counter(LEXICON, sparse=sparse)

    def add(table):
        return table.append_column("n", count(table["text"]))

    counts = dataset.with_format("arrow").map(add, batched=True, batch_size=size).with_format(None)
    assert [row["n"] for row in counts] == ROWS[sparse]


#: Prints the file in which the result of a `map` is cached.
CACHED = """
import sys
import countgrid.arrow
import datasets

datasets.disable_progress_bars()
count = countgrid.arrow.counter({"pets": ["cat", "dog"]}, ignore_case=sys.argv[2] == "yes")
dataset = datasets.load_from_disk(sys.argv[1]).with_format("arrow")
counts = dataset.map(lambda table: table.append_column("found", count(table["text"])), batched=True)
print(counts.cache_files[0]["filename"])
"""


def test_the_cache_is_found_by_other_processes(dataset, tmp_path):
    dataset.save_to_disk(tmp_path)

    def cached(ignore_case):
        return subprocess.check_output([sys.executable, "-c", CACHED, str(tmp_path), ignore_case], text=True)

    assert cached("no") == cached("no") != cached("yes")


def test_the_table_of_a_dataset_ignores_a_selection(dataset):
    """A trap that the documentation names."""
    assert len(cg.Documents(dataset.select([5, 3]).data.column("text"))) == len(TEXTS)


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_section(DOCS / "other-engines.md", "Hugging Face")
