"""`count_dataset` is equal to `count`, for all formats and forms of results."""

import countgrid as cg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.fs
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from lakes import TERMS, TEXTS, WRITERS, cells, content, expected, results, table


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("form", ["long", "wide"])
def test_equal_to_count(tmp_path, out, name, form):
    path = tmp_path / name
    WRITERS[name](table(), path)
    is_text = name.endswith(".txt")
    keep = ["filename"] if is_text else ["id", "filename"]
    counts = cg.count_dataset(path, TERMS, out, column="text", keep=keep, format=form)
    assert (counts.units, counts.skipped, counts.documents) == (1, 0, len(TEXTS))
    assert counts.bytes == path.stat().st_size
    (found,) = results(out)
    if form == "long":
        assert found.column_names == [*keep, "document", "term", "count"]
        assert cells(out) == expected(TEXTS, file=str(path))
        if not is_text:
            assert found["id"].cast("int64").to_pylist() == pc.add(found["document"], 100).to_pylist()
    else:
        assert found.column_names == [*keep, *TERMS]
        assert found["filename"].to_pylist() == [str(path)] * len(TEXTS)
        np.testing.assert_array_equal(found.select(TERMS).to_pandas(), cg.count(TEXTS, TERMS))


@pytest.mark.parametrize(
    ("terms", "options"),
    [
        ({"pets": ["cat", "dog"], "the": ["THE"]}, {"ignore_case": True}),
        (["ca*", "d?g"], {"syntax": "glob"}),
        (cg.TermCounter({"pets": ["cat", "dog"]}, match="substring"), {}),
        ([], {}),
        (["ü", "naïve"], {"strip_accents": True}),
    ],
)
def test_terms_and_options(lake, out, terms, options):
    cg.count_dataset([lake / "year=2024", str(lake / "year=2025")], terms, out, column="text", **options)
    counter = terms if isinstance(terms, cg.TermCounter) else cg.TermCounter(terms, **options)
    texts = [text for i in range(6) for text in TEXTS[i % 4 :] * (i + 1)]
    totals = dict.fromkeys(counter.columns, 0)
    for _, term, count in cells(out, ["document", "term", "count"]):
        totals[term] += count
    assert totals == counter.totals(texts).to_dict()


def test_results_are_read_as_one_table(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text", keep=["filename", "year", "month", "id"])
    found = pq.read_table(out)
    assert found.column_names == ["filename", "year", "month", "id", "document", "term", "count"]
    assert set(zip(found["year"].to_pylist(), found["month"].to_pylist(), strict=True)) == {
        (str(year), str(month)) for year in (2024, 2025, 2026) for month in range(3)
    }
    assert all(f"year={row['year']}/month={row['month']}/" in row["filename"] for row in found.to_pylist())


def test_partitions_are_decoded_and_can_be_missing(tmp_path, out):
    folder = tmp_path / "lake" / "city=S%C3%A3o Paulo" / "month=__HIVE_DEFAULT_PARTITION__"
    folder.mkdir(parents=True)
    pq.write_table(table(), folder / "a.parquet")
    cg.count_dataset(tmp_path / "lake", TERMS, out, column="text", keep=["city", "month"])
    (found,) = results(out)
    assert set(found["city"].to_pylist()) == {"São Paulo"}
    assert set(found["month"].to_pylist()) == {None}


def test_a_column_of_the_file_comes_before_its_path(tmp_path, out):
    folder = tmp_path / "kind=path"
    folder.mkdir()
    pq.write_table(table(), folder / "a.parquet")
    cg.count_dataset(folder, TERMS, out, column="text", keep="kind", format="wide")
    assert results(out)[0]["kind"].to_pylist() == table()["kind"].to_pylist()


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl", "a.arrow", "a.arrows"])
def test_nested_fields(tmp_path, out, name):
    inner = pa.StructArray.from_arrays(
        [pa.array(TEXTS), pa.StructArray.from_arrays([pa.array([i % 2 for i in range(len(TEXTS))])], ["code"])],
        ["text", "more"],
    )
    WRITERS[name](pa.table({"meta": inner, "other": ["cat"] * len(TEXTS)}), tmp_path / name)
    cg.count_dataset(
        tmp_path / name, TERMS, out, column="meta.text", keep=["filename", "meta.more.code"], format="long"
    )
    assert cells(out) == expected(TEXTS, file=str(tmp_path / name))
    assert all(row["meta.more.code"] == row["document"] % 2 for row in results(out)[0].to_pylist())


def test_a_nested_field_of_a_missing_object(tmp_path, out):
    (tmp_path / "a.jsonl").write_text('{"meta": {"text": "the"}}\n{"meta": null}\n{}\n{"meta": {}}\n')
    cg.count_dataset(tmp_path / "a.jsonl", ["the"], out, column="meta.text", format="wide")
    assert results(out)[0]["the"].to_pylist() == [1, 0, 0, 0]


@pytest.fixture(params=["dense", "sparse"])
def sums(request, monkeypatch):
    """Totals of batches with few groups, and with many."""
    from countgrid._dataset import groups

    if request.param == "sparse":
        monkeypatch.setattr(groups, "_CELLS", -1)


@pytest.mark.usefixtures("sums")
@pytest.mark.parametrize("by", ["kind", ["kind", "year"], ["month", "kind", "filename"]])
def test_totals_by_group(lake, out, by):
    cg.count_dataset(lake, TERMS, out, column="text", by=by)
    names = [by] if isinstance(by, str) else by
    found = pq.read_table(out)
    assert found.column_names == [*names, "term", "count", "documents"]
    totals: dict = {}
    for row in found.to_pylist():
        key = *(row[name] for name in names), row["term"]
        count, documents = totals.get(key, (0, 0))
        totals[key] = count + row["count"], documents + row["documents"]
    correct: dict = {}
    for i, path in enumerate(sorted(lake.rglob("*.*"))):
        for document, row in enumerate(cg.count(TEXTS[i % 4 :] * (i + 1), TERMS)):
            kind = ["a", "b", None][document % 3]
            there = {"kind": kind, "year": str(2024 + i // 3), "month": str(i % 3), "filename": str(path)}
            for term, n in zip(TERMS, row, strict=True):
                if n:
                    key = *(there[name] for name in names), term
                    count, documents = correct.get(key, (0, 0))
                    correct[key] = count + n, documents + 1
    assert totals == correct


@pytest.mark.usefixtures("sums")
def test_many_groups_are_added_up(tmp_path, out, monkeypatch):
    from countgrid._dataset import groups

    monkeypatch.setattr(groups, "_MORE", 100)
    labels = [i % 700 for i in range(50_000)]
    pq.write_table(pa.table({"text": ["the cat"] * len(labels), "label": labels}), tmp_path / "a.parquet")
    cg.count_dataset(tmp_path / "a.parquet", ["cat", "the"], out, column="text", by="label")
    (found,) = results(out)
    assert found["label"].to_pylist() == sorted(list(range(700)) * 2)
    assert pc.sum(found["count"]).as_py() == pc.sum(found["documents"]).as_py() == 100_000


def test_few_and_many_groups_give_the_same_bytes(lake, tmp_path, monkeypatch):
    from countgrid._dataset import groups

    for terms in ([], TERMS, [f"w{i}" for i in range(3000)] + TERMS):
        written = []
        for most in (1 << 20, -1):
            monkeypatch.setattr(groups, "_CELLS", most)
            cg.count_dataset(lake, terms, tmp_path / f"{len(terms)} {most}", column="text", by=["kind", "filename"])
            written.append(content(tmp_path / f"{len(terms)} {most}"))
        assert written[0] == written[1]


def test_progress(lake, out):
    told = []
    counts = cg.count_dataset(
        lake, TERMS, out, column="text", progress=lambda done, total: told.append((done, total))
    )
    assert told == sorted(told)
    assert told[-1] == (counts.bytes, counts.bytes)

    def stop(done: int, total: int | None) -> None:
        raise InterruptedError("enough")

    with pytest.raises(InterruptedError, match="enough"):
        cg.count_dataset(lake, TERMS, lake.parent / "stopped", column="text", progress=stop)
    assert not results(lake.parent / "stopped")


def test_results_are_read_by_pandas_polars_and_duckdb(lake, out):
    """Each as the page of datasets says."""
    pandas, polars, duckdb = (pytest.importorskip(name) for name in ("pandas", "polars", "duckdb"))
    cg.count_dataset(lake, TERMS, out, column="text", keep=["filename"])
    rows = sum(len(one) for one in results(out))
    assert len(pandas.read_parquet(out)) == rows
    assert len(polars.read_parquet(out / "*.parquet")) == rows
    assert duckdb.execute(f"SELECT count(*) FROM '{out}/*.parquet'").fetchall() == [(rows,)]
