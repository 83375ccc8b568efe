"""`countgrid totals` by groups of documents, and per words."""

import countgrid as cg
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from process import run

REVIEWS = "month,text\n2024-02,good good\n2024-01,bad\n2024-02,\n,good bad\n2024-01,good\n"
LOG = (
    "2024-05-01 09:12 ERROR disk\n2024-05-01 09:59 INFO ok\n2024-05-01 10:00 ERROR ERROR net\n"
    "\tat line 5\n2024-05-02 09:00 ERROR\n"
)


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reviews.csv").write_text(REVIEWS)
    (tmp_path / "app.log").write_text(LOG)


def test_by_a_column():
    assert run("totals", "reviews.csv", "-c", "text", "--by", "month", "-t", "good", "-t", "bad").splitlines() == [
        "group    documents  good  bad",
        "2024-01          2     1    1",
        "2024-02          2     2    0",
        "None             1     1    1",
    ]


LAKE = {
    "year=2023/month=12/a.csv": "shop,text\nb,good\n,bad bad\n",
    "year=2024/month=01/a.csv": "shop,text\na,good good\nb,bad\n",
    "year=2024/month=01/b.csv": "shop,text\na,good\nb,\n",
}


@pytest.fixture
def lake(tmp_path):
    for name, content in LAKE.items():
        (tmp_path / "lake" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lake" / name).write_text(content)
    return "lake"


@pytest.mark.parametrize(
    "by", [["year", "month"], ["month", "year"], ["year", "shop"], ["shop", "month", "filename"]]
)
def test_by_several_columns(lake, by):
    """As pandas groups the rows, and as `count_dataset` does."""
    parts = [
        pd.read_csv(f"lake/{name}", keep_default_na=False).assign(
            year=name[5:9], month=name[16:18], filename=f"lake/{name}"
        )
        for name in LAKE
    ]
    rows = pd.concat(parts).replace({"shop": {"": None}})
    rows["documents"] = 1
    for term in ("good", "bad"):
        rows[term] = rows["text"].str.count(term)
    expected = rows.groupby(by, dropna=False)[["documents", "good", "bad"]].sum().reset_index()
    options = ("-c", "text", *(part for name in by for part in ("--by", name)), "-t", "good", "-t", "bad")
    lines = run("totals", lake, *options).splitlines()
    assert lines[0].split() == [*by, "documents", "good", "bad"]
    assert [line.split() for line in lines[1:]] == [
        ["None" if cell is None or cell != cell else str(cell) for cell in row]
        for row in expected.to_numpy().tolist()
    ]
    run("totals", lake, *options, "-o", "out.parquet")
    written = pq.read_table("out.parquet")
    assert written.column_names == list(expected.columns)
    assert list(map(str, written.to_pylist())) == [
        str({name: None if cell != cell else cell for name, cell in row.items()})
        for row in expected.to_dict("records")
    ]
    cg.count_dataset("lake", ["good", "bad"], "counts", column="text", by=by)
    cells = pq.read_table("counts").group_by([*by, "term"]).aggregate([("count", "sum")]).to_pylist()
    own = {
        (tuple(row[name] for name in by), term): row[term] for row in written.to_pylist() for term in ("good", "bad")
    }
    assert {(tuple(row[name] for name in by), row["term"]): row["count_sum"] for row in cells} == {
        key: count for key, count in own.items() if count
    }


def test_groups_without_documents_and_columns_named_like_them(lake, tmp_path):
    (tmp_path / "empty.csv").write_text("a,b,text\n")
    by = ("--by", "a", "--by", "b")
    assert run("totals", "empty.csv", "-c", "text", "-t", "x", *by).split() == ["a", "b", "documents", "x"]
    assert "two columns would be named 'a'" in run(
        "totals", "empty.csv", "-c", "text", "-t", "a", *by, "-o", "out.csv", code=2
    )
    years = ("--by", "year", "--by", "year")
    assert "--by names 'year' twice" in run("totals", lake, "-c", "text", "-t", "x", *years, code=2)
    assert "no column 'yaer'; there are 'shop', 'text', and 'filename', 'year', 'month' from the path" in run(
        "totals", lake, "-c", "text", "-t", "x", "--by", "yaer", "--by", "month", code=1
    )


def test_by_a_regex():
    per_hour = run("totals", "app.log", "--by-regex", r"^\S+ (\d\d)", "-t", "ERROR")
    assert [line.split() for line in per_hour.splitlines()] == [
        ["group", "documents", "ERROR"],
        ["09", "3", "2"],
        ["10", "1", "2"],
        ["None", "1", "0"],
    ]
    per_day = run("totals", "app.log", "--by-regex", r"^\d+-\d+-\d+", "-t", "ERROR").splitlines()
    assert [line.split()[0] for line in per_day[1:]] == ["2024-05-01", "2024-05-02", "None"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_groups_of_many_batches_and_kinds(tmp_path, suffix):
    rows = 30_000
    numbers = [i % 7 for i in range(rows)]
    table = pa.table({"n": numbers, "text": ["good bad good"] * rows})
    if suffix == ".parquet":
        pq.write_table(table, tmp_path / f"in{suffix}", row_group_size=1000)
    elif suffix == ".csv":
        table.to_pandas().to_csv(tmp_path / f"in{suffix}", index=False)
    else:
        table.to_pandas().to_json(tmp_path / f"in{suffix}", orient="records", lines=True)
    run("totals", f"in{suffix}", "-c", "text", "--by", "n", "-t", "bad", "-t", "good", "-o", "out.parquet")
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.column_names == ["group", "documents", "bad", "good"]
    sizes = [numbers.count(n) for n in range(7)]
    # CSV has no types.
    assert written["group"].to_pylist() == [str(n) if suffix == ".csv" else n for n in range(7)]
    assert written["documents"].to_pylist() == written["bad"].to_pylist() == sizes
    assert written["good"].to_pylist() == [2 * size for size in sizes]


def test_written_groups():
    options = ("totals", "reviews.csv", "-c", "text", "--by", "month", "-t", "good", "-t", "bad")
    assert run(*options, "-o", "-", "--output-format", "csv").splitlines() == [
        "group,documents,good,bad",
        "2024-01,2,1,1",
        "2024-02,2,2,0",
        ",1,1,1",
    ]
    top = run(*options, "--output-format", "tsv", "--top", 1).splitlines()
    assert top[:2] == ["group\tdocuments\tgood", "2024-01\t2\t1"]
    named = run(*options, "--name", "plus", "--name", "minus").splitlines()
    assert named[0].split() == ["group", "documents", "plus", "minus"]


def test_per_words():
    assert run("totals", "reviews.csv", "-c", "text", "-t", "good", "-t", "bad", "--per-words", 60).splitlines() == [
        "column  count  documents",
        "good       40          3",
        "bad        20          2",
    ]
    rates = run("totals", "reviews.csv", "-c", "text", "-t", "bad", "--by", "month", "--per-words", 100)
    assert [line.split() for line in rates.splitlines()[1:]] == [
        ["2024-01", "2", "50"],
        ["2024-02", "2", "0"],
        ["None", "1", "50"],
    ]
    run("totals", "reviews.csv", "-c", "text", "-t", "bad", "--per-words", 3, "-o", "out.csv")
    assert pd.read_csv("out.csv").to_dict("records") == [{"column": "bad", "count": 1.0, "documents": 2}]


def test_no_documents(tmp_path):
    (tmp_path / "empty.csv").write_text("month,text\n")
    for option in ("--by", "month"), ("--by-regex", "x"):
        assert run("totals", "empty.csv", "-c", "text", "-t", "a", *option).split() == ["group", "documents", "a"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--by", "month", "--by-regex", "x"], "two ways to group"),
        (["--by-regex", "("], "not a valid regular expression"),
        (["--per-words", "0"], "--per-words"),
    ],
)
def test_wrong_options(options, message):
    assert message in run("totals", "reviews.csv", "-c", "text", "-t", "a", *options, code=2)


def test_an_unknown_column():
    assert "no column 'day'" in run("totals", "reviews.csv", "-c", "text", "-t", "a", "--by", "day", code=1)


def test_columns_named_like_the_groups():
    options = ("totals", "reviews.csv", "-c", "text", "--by", "month", "-t", "group")
    assert "two columns would be named 'group'" in run(*options, "-o", "out.csv", code=2)
    assert run(*options, "--prefix", "n_", "-o", "out.csv") == ""
