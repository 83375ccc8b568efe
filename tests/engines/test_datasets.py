"""Datasets of Hugging Face and their columns, by their Arrow data."""

import countgrid as cg
import datasets
import numpy as np
import pytest

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
