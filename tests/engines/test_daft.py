"""`countgrid.daft`, equal to `countgrid.count`."""

import json
import os
import secrets
import subprocess
import sys

import countgrid as cg
import countgrid.daft
import daft
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pages import DOCS, check_docstrings, check_page

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog", "Émile's cat", "the the"] * 5
LEXICON = {"pets": ["cat", "dog"], "the": ["the"], "none": ["zebra"]}


def frame(texts=TEXTS):
    return daft.from_pydict({"id": list(range(len(texts))), "text": texts})


def expected(terms=LEXICON, missing="keep", names=None, **options):
    names = cg.TermCounter(terms).columns if names is None else names
    counts = cg.count(TEXTS, terms, **options).tolist()
    return [
        None if text is None and missing == "keep" else dict(zip(names, row, strict=True))
        for text, row in zip(TEXTS, counts, strict=True)
    ]


OPTIONS = [
    {},
    {"missing": "zero"},
    {"per_words": 100},
    {"missing": "zero", "per_words": 100},
    {"ignore_case": True, "strip_accents": True, "match": "substring"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_counts(options):
    counts = frame().select("id", countgrid.daft.count(daft.col("text"), LEXICON, **options))
    cell = pa.float64() if "per_words" in options else pa.int32()
    assert counts.schema()["text"].dtype.to_arrow_dtype() == pa.struct([(name, cell) for name in LEXICON])
    assert counts.sort("id").to_pydict()["text"] == expected(**options)


@pytest.mark.parametrize("texts", [TEXTS, [None if text is None else text.encode() for text in TEXTS]])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_batches(texts, size):
    df = frame(texts).into_batches(size)
    counts = df.select("id", countgrid.daft.count(df["text"], LEXICON).alias("n"))
    assert counts.sort("id").to_pydict()["n"] == expected()


@pytest.mark.parametrize("options", OPTIONS)
def test_columns(options):
    df = frame()
    counts = df.select(df["id"], countgrid.daft.count(df["text"], LEXICON, unnest=True, prefix="n_", **options))
    found = counts.sort("id").to_pydict()
    rows = expected(**options)
    assert found == {
        "id": list(range(len(TEXTS))),
        **{f"n_{name}": [row and row[name] for row in rows] for name in LEXICON},
    }


@pytest.mark.parametrize("options", OPTIONS)
def test_sparse(options):
    counts = frame().select(
        "id", countgrid.daft.count(daft.col("text"), LEXICON, sparse=True, **options).alias("found")
    )
    assert counts.sort("id").to_pydict()["found"] == [
        None if row is None else [{"column": name, "count": n} for name, n in row.items() if n]
        for row in expected(**options)
    ]


@pytest.mark.parametrize("names", [["a.b", "c d", "`"], ["", " ", "*"], ["US", "us", "Us"], ["日本", "😀", "text"]])
def test_names(tmp_path, names):
    df = frame()
    counts = df.select(df["id"], countgrid.daft.count(df["text"], LEXICON, names=names, unnest=True))
    counts.write_parquet(str(tmp_path))
    written = pq.read_table(tmp_path).sort_by("id").select(names).to_pylist()
    assert written == [row or dict.fromkeys(names) for row in expected(names=names)]


def test_no_rows():
    df = frame().where(daft.col("id") < 0)
    assert df.select(countgrid.daft.count(df["text"], LEXICON, unnest=True)).to_pydict() == {
        name: [] for name in LEXICON
    }
    assert df.select(countgrid.daft.count(df["text"], LEXICON, sparse=True)).to_pydict() == {"text": []}


def test_a_column_of_nulls():
    df = daft.from_pydict({"text": [None, None]})
    assert df.select(countgrid.daft.count(df["text"], LEXICON)).to_pydict() == {"text": [None, None]}


def test_totals_from_counts():
    df = frame()
    counts = df.select(countgrid.daft.count(df["text"], LEXICON, unnest=True))
    found = counts.sum(*LEXICON).to_pylist()
    assert found == [cg.TermCounter(LEXICON).totals(TEXTS).to_dict()]


def test_totals_from_the_frame():
    """A Daft DataFrame is an Arrow stream."""
    totals = cg.TermCounter(LEXICON).totals(frame().select("text"))
    assert totals.to_dict() == cg.TermCounter(LEXICON).totals(TEXTS).to_dict()


def test_invalid_arguments_raise_at_once():
    df = frame()
    with pytest.raises(TypeError, match=r"expression is str; expected a Daft expression, such as df\['text'\]"):
        countgrid.daft.count("text", LEXICON)
    with pytest.raises(TypeError, match="expression is DataFrame"):
        countgrid.daft.count(df, LEXICON)
    with pytest.raises(ValueError, match="both be named 'cat'"):
        countgrid.daft.count(df["text"], ["cat", "cat"])
    with pytest.raises(ValueError, match="sparse=True returns one column of lists"):
        countgrid.daft.count(df["text"], LEXICON, sparse=True, unnest=True)
    with pytest.raises(ValueError, match="missing is 'drop'"):
        countgrid.daft.count(df["text"], LEXICON, missing="drop")
    with pytest.raises(ValueError, match="column 1 is 'b\\\\x00'; Daft does not allow null characters"):
        countgrid.daft.count(df["text"], ["a", "b"], names=["a", "b\0"])
    with pytest.raises(TypeError, match="unknown option 'ignorecase'"):
        countgrid.daft.count(df["text"], LEXICON, ignorecase=True)


def test_errors_where_it_is_computed():
    df = frame()
    with pytest.raises(ValueError, match="is missing"):
        df.select(countgrid.daft.count(df["text"], LEXICON, missing="raise")).collect()
    with pytest.raises(TypeError, match="documents is an Arrow column of type Int64"):
        df.select(countgrid.daft.count(df["id"], LEXICON)).collect()


ON_RAY = """
import json, sys
import countgrid.daft, daft, ray
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100_000_000)
daft.set_runner_ray()
texts, lexicon = json.load(sys.stdin)
df = daft.from_pydict({"id": list(range(len(texts))), "text": texts}).into_partitions(3)
dense, sparse = (countgrid.daft.count(df["text"], lexicon, sparse=sparse) for sparse in (False, True))
counts = df.select("id", dense.alias("dense"), sparse.alias("sparse"))
print(json.dumps(counts.sort("id").to_pydict()))
"""


def test_on_ray():
    """In a process of its own: a process uses one runner."""
    done = subprocess.run(
        [sys.executable, "-c", ON_RAY],
        input=json.dumps([TEXTS, LEXICON]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "RAY_AUTH_TOKEN": secrets.token_hex(32)},
    )
    found = json.loads(done.stdout)
    rows = expected()
    assert found["id"] == list(range(len(TEXTS)))
    assert found["dense"] == rows
    assert found["sparse"] == [row and [{"column": name, "count": n} for name, n in row.items() if n] for row in rows]


def test_documentation(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_page((DOCS / "daft.md").read_text(encoding="utf-8"), "daft.md")
    check_docstrings(countgrid.daft)
