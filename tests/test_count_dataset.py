"""`count_dataset`: equal to `count` for all formats, resumed after any interruption, shared by machines."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import countgrid as cg
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.fs
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

TEXTS = ["the cat sat", None, "the the", "", "a dog, the dog", "日本 the naïve", "cat C++, the C++"]
TERMS = ["the", "cat", "dog", "C++", "zebra"]


def table(texts=TEXTS, **columns) -> pa.Table:
    ids = pa.array(range(100, 100 + len(texts)))
    kinds = pa.array([["a", "b", None][i % 3] for i in range(len(texts))])
    return pa.table({"id": ids, "kind": kinds, "text": pa.array(texts, pa.string()), **columns})


def write_csv(some: pa.Table, path: Path) -> None:
    pa.csv.write_csv(some, path)


def write_json_lines(some: pa.Table, path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in some.to_pylist()), encoding="utf-8")


def write_arrow(some: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, some.schema) as writer:
        writer.write_table(some, max_chunksize=2)


def write_stream(some: pa.Table, path: Path) -> None:
    with pa.ipc.new_stream(path, some.schema) as writer:
        writer.write_table(some)


def write_text(some: pa.Table, path: Path) -> None:
    path.write_text("".join((text or "") + "\n" for text in some["text"].to_pylist()), encoding="utf-8")


def write_gzip(some: pa.Table, path: Path) -> None:
    plain = path.with_suffix("")
    write_csv(some, plain)
    with pa.output_stream(str(path), compression="gzip") as stream:
        stream.write(plain.read_bytes())
    plain.unlink()


WRITERS = {
    "a.parquet": lambda some, path: pq.write_table(some, path, row_group_size=3),
    "a.csv": write_csv,
    "a.csv.gz": write_gzip,
    "a.jsonl": write_json_lines,
    "a.arrow": write_arrow,
    "a.arrows": write_stream,
    "a.txt": write_text,
}


def results(out: Path) -> list[pa.Table]:
    """The results, by the name of the output file."""
    return [pq.read_table(path) for path in sorted(out.glob("*.parquet"))]


def cells(out: Path, columns=("filename", "document", "term", "count")) -> list[tuple]:
    rows = [row for one in results(out) for row in one.to_pylist()]
    return sorted(tuple(row[name] for name in columns) for row in rows)


def expected(texts, terms=TERMS, file="a", **options) -> list[tuple]:
    counter = cg.TermCounter(terms, **options)
    matrix = counter.count(texts)
    names = counter.columns
    return sorted((file, int(i), names[j], int(matrix[i, j])) for i, j in np.argwhere(matrix))


def content(out: Path) -> dict[str, bytes]:
    """Every file, also hidden ones."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Nine files of three formats in partitions."""
    for i in range(9):
        folder = tmp_path / "lake" / f"year={2024 + i // 3}" / f"month={i % 3}"
        folder.mkdir(parents=True)
        texts = TEXTS[i % 4 :] * (i + 1)
        name = ["a.parquet", "a.csv", "a.jsonl"][i % 3]
        WRITERS[name](table(texts), folder / name.replace("a", f"part{i}", 1))
    return tmp_path / "lake"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


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
        for cells in (1 << 20, -1):
            monkeypatch.setattr(groups, "_CELLS", cells)
            cg.count_dataset(lake, terms, tmp_path / f"{len(terms)} {cells}", column="text", by=["kind", "filename"])
            written.append(content(tmp_path / f"{len(terms)} {cells}"))
        assert written[0] == written[1]


@pytest.fixture
def small_units(monkeypatch):
    """Units of a few row groups, as if files were large."""
    from countgrid._dataset import units

    monkeypatch.setattr(units, "_MOST", 3000)


def test_row_groups(tmp_path, out, small_units):
    texts = [f"the cat {'the ' * (i % 5)}{random.Random(i).random()}" for i in range(1000)]
    path = tmp_path / "a.parquet"
    pq.write_table(table(texts), path, row_group_size=37)
    counts = cg.count_dataset(path, TERMS, out, column="text", keep=["filename", "id"])
    assert counts.units > 5
    assert counts.documents == 1000
    assert cells(out) == expected(texts, file=str(path))
    assert all(row["id"] == 100 + row["document"] for one in results(out) for row in one.to_pylist())
    # Fewer row groups: results of the others are removed.
    before = content(out)
    pq.write_table(table(texts[:300]), path, row_group_size=37)
    counts = cg.count_dataset(path, TERMS, out, column="text", keep=["filename", "id"])
    assert cells(out) == expected(texts[:300], file=str(path))
    assert len(content(out)) < len(before)
    # A whole small file.
    pq.write_table(table(), path)
    cg.count_dataset(path, TERMS, out, column="text", keep=["filename", "id"])
    assert cells(out) == expected(TEXTS, file=str(path))
    assert len(results(out)) == 1


@pytest.mark.parametrize("form", ["long", "wide"])
def test_three_machines_make_the_same_directory_as_one(tmp_path, lake, out, form, small_units):
    options = {"column": "text", "keep": ["filename", "year"], "format": form}
    whole = cg.count_dataset(lake, TERMS, out, **options)
    parts = [cg.count_dataset(lake, TERMS, tmp_path / "shared", part=(i, 3), **options) for i in range(3)]
    assert content(tmp_path / "shared") == content(out)
    for name in ("units", "documents", "bytes"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


def test_two_runs_write_equal_bytes(tmp_path, lake, out):
    cg.count_dataset(lake, TERMS, out, column="text", workers=1)
    cg.count_dataset(lake, TERMS, tmp_path / "again", column="text", workers=3)
    assert content(tmp_path / "again") == content(out)


RUN = """
import sys, countgrid as cg
cg.count_dataset(sys.argv[1], ["the", "cat", "sat"], sys.argv[2], column="text", keep=["filename", "year"])
"""


@pytest.mark.skipif(os.name != "posix", reason="the system has no SIGKILL")
def test_killed_at_any_time(tmp_path, lake, out):
    for i in range(40):
        folder = lake / "year=2030" / f"month={i}"
        folder.mkdir(parents=True)
        pq.write_table(table([f"the cat sat {i} {j % 777}" for j in range(40_000)]), folder / "a.parquet")
    start = time.monotonic()
    subprocess.run([sys.executable, "-c", RUN, lake, tmp_path / "whole"], check=True)
    took = time.monotonic() - start
    dice = random.Random(7)
    killed, done = 0, []
    for _ in range(8):
        process = subprocess.Popen([sys.executable, "-c", RUN, lake, out])
        try:
            process.wait(dice.uniform(0.2, 0.6) * took)
        except subprocess.TimeoutExpired:
            killed += 1
        process.send_signal(signal.SIGKILL)
        process.wait()
        done.append({path.name: path.stat().st_mtime_ns for path in (out / "_countgrid" / "units").glob("*.json")})
    assert killed
    subprocess.run([sys.executable, "-c", RUN, lake, out], check=True)
    assert content(out) == content(tmp_path / "whole")
    # What had a record was not counted again.
    last = {path.name: path.stat().st_mtime_ns for path in (out / "_countgrid" / "units").glob("*.json")}
    for earlier in done:
        assert earlier.items() <= last.items()


def test_results_without_a_record_are_counted_again(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text")
    before = content(out)
    records = sorted((out / "_countgrid" / "units").iterdir())
    records[0].unlink()
    (out / records[1].name.removesuffix(".json")).unlink()
    counts = cg.count_dataset(lake, TERMS, out, column="text")
    assert (counts.units, counts.skipped) == (2, 7)
    assert content(out) == before


def test_leftovers_are_removed(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text")
    before = content(out)
    name = next(out.glob("*.parquet")).name
    (out / f".{name}.0123abcd.part").write_bytes(b"half")
    (out / "_countgrid" / "units" / f".{name}.json.0123abcd.part").write_bytes(b"half")
    (out / "_countgrid" / ".counting.json.0123abcd.part").write_bytes(b"half")
    (out / ".other.parquet.0123abcd.part").write_bytes(b"of another machine, or not ours")
    cg.count_dataset(lake, TERMS, out, column="text")
    assert content(out) == {**before, ".other.parquet.0123abcd.part": b"of another machine, or not ours"}


def test_changed_and_vanished_inputs(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text", keep="filename")
    path = lake / "year=2024" / "month=0" / "part0.parquet"
    pq.write_table(table(["cat cat"]), path)
    counts = cg.count_dataset(lake, TERMS, out, column="text", keep="filename")
    assert (counts.units, counts.skipped, counts.others, counts.documents) == (1, 8, 0, 1)
    assert [cell for cell in cells(out) if cell[0] == str(path)] == [(str(path), 0, "cat", 2)]
    # The same size at another time.
    os.utime(path, ns=(1, 1))
    assert cg.count_dataset(lake, TERMS, out, column="text", keep="filename").units == 1
    path.unlink()
    counts = cg.count_dataset(lake, TERMS, out, column="text", keep="filename")
    assert (counts.units, counts.skipped, counts.others) == (0, 8, 1)
    assert repr(counts) == "DatasetCounts: 0 counted (0 documents, 0.0 MB), 8 skipped, 1 of other inputs"
    assert [cell for cell in cells(out) if cell[0] == str(path)] == [(str(path), 0, "cat", 2)]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"terms": ["the"]}, r"has results of other terms \(5 columns; now 1\); pass another directory"),
        ({"terms": [*TERMS[:4], "lion"]}, r"has results of other terms \(5 columns; now 5\)"),
        ({"ignore_case": True}, "other options: ignore_case was False and is now True; pass another directory"),
        ({"format": "wide"}, "other options: format was 'long' and is now 'wide'"),
        ({"keep": ["id"]}, r"other options: keep was \[\] and is now \['id'\]"),
        ({"by": "kind"}, r"other options: by was \[\] and is now \['kind'\]"),
        ({"column": "kind"}, "other options: column was 'text' and is now 'kind'"),
    ],
)
def test_other_terms_or_options(lake, out, other, message):
    options = {"terms": TERMS, "column": "text"}
    cg.count_dataset(lake, out=out, **options)
    before = content(out)
    with pytest.raises(ValueError, match=message):
        cg.count_dataset(lake, out=out, **options | other)
    assert content(out) == before


def test_without_resume(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text", resume=False, part=(0, 2))
    cg.count_dataset(lake, TERMS, out, column="text", resume=False, part=(1, 2))
    with pytest.raises(FileExistsError, match=r"out already has results; pass resume=True to continue"):
        cg.count_dataset(lake, TERMS, out, column="text", resume=False)


def test_missing_and_empty_documents(tmp_path, out):
    pq.write_table(table([None, None, ""]), tmp_path / "a.parquet")
    cg.count_dataset(tmp_path / "a.parquet", ["the"], out, column="text", format="wide")
    assert results(out)[0]["the"].to_pylist() == [0, 0, 0]


@pytest.mark.parametrize("name", sorted({*WRITERS} - {"a.csv.gz"}))
@pytest.mark.parametrize("options", [{}, {"format": "wide"}, {"by": "filename"}])
def test_files_without_documents(tmp_path, out, name, options):
    WRITERS[name](table([]), tmp_path / name)
    counts = cg.count_dataset(tmp_path / name, ["the"], out, column="text", **options)
    assert (counts.units, counts.documents) == (1, 0)
    assert results(out)[0].num_rows == 0


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.arrow"])
def test_files_of_no_bytes(tmp_path, out, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ValueError, match=rf"{name}: is empty"):
        cg.count_dataset(tmp_path / name, ["the"], out, column="text")


def damaged(name: str, data: bytes) -> bytes:
    if name.endswith(".jsonl"):
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:500], b"{broken\n", *lines[501:]])
    if name.endswith(".csv"):
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:501], b"1,2,3,4,5\n", *lines[502:]])
    half = len(data) // 2
    return data[:half] + bytes(2000) + data[half + 2000 :]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.parquet", "a.csv.gz"])
def test_a_damaged_file(tmp_path, out, name):
    """The error names the file. Other results stay, and the run continues when the file is whole."""
    folder = tmp_path / "in"
    folder.mkdir()
    texts = [f"the cat {random.Random(i).random()}" for i in range(1000)]
    WRITERS["a.parquet"](table(texts), folder / "0.parquet")
    WRITERS[name](table(texts), folder / name)
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(damaged(name, whole))
    place = rf"{name}: row 501" if name in ("a.jsonl", "a.csv") else name
    with pytest.raises((ValueError, OSError), match=place) as caught:
        cg.count_dataset(folder, TERMS, out, column="text", keep="filename")
    assert str(folder / name) in str(caught.value)
    assert len(results(out)) == 1
    assert not [path for path in content(out) if path.endswith(".part")]
    (folder / name).write_bytes(whole)
    counts = cg.count_dataset(folder, TERMS, out, column="text", keep="filename")
    assert (counts.units, counts.skipped) == (1, 1)
    assert cells(out) == sorted(
        [row for one in ("0.parquet", name) for row in expected(texts, file=f"{folder}/{one}")]
    )


def test_faulty_rows_are_skipped(tmp_path, out):
    (tmp_path / "a.csv").write_text("id,text\n1,the\n2,b,c\n3,the the\n")
    with pytest.raises(ValueError, match=r"pass on_error='skip' to skip such rows"):
        cg.count_dataset(tmp_path / "a.csv", ["the"], out, column="text")
    with pytest.warns(UserWarning, match=r"a.csv: skipped 1 row; the first: row 2 \(line 3\)"):
        cg.count_dataset(tmp_path / "a.csv", ["the"], tmp_path / "other", column="text", on_error="skip")
    assert cells(tmp_path / "other", ["document", "count"]) == [(0, 1), (1, 2)]


def test_options_of_csv(tmp_path, out):
    (tmp_path / "a.data").write_bytes("1;'the;café'\n2;cafe\n".encode("latin-1"))
    options = {"input_format": "csv", "encoding": "latin-1", "delimiter": ";", "quote": "'", "header": False}
    cg.count_dataset(tmp_path / "a.data", ["café", "the"], out, column="2", keep="1", format="wide", **options)
    assert results(out)[0].to_pylist() == [{"1": "1", "café": 1, "the": 1}, {"1": "2", "café": 0, "the": 0}]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"column": "texts"}, ValueError, "no column 'texts'; there are 'id', 'kind', 'text'"),
        ({"column": "text.inner"}, ValueError, "no column 'text.inner'"),
        ({"column": None}, ValueError, "pass column= to say which column has the documents"),
        ({"column": "id"}, ValueError, "part0.parquet: column 'id' is int64; expected text"),
        ({"keep": "nothing"}, ValueError, "no column 'nothing'"),
        ({"keep": "count"}, ValueError, "two columns of the results would be named 'count'"),
        ({"keep": ["id", "id"]}, ValueError, "two columns of the results would be named 'id'"),
        ({"keep": [1]}, TypeError, "keep contains int"),
        ({"by": "term"}, ValueError, "two columns of the results would be named 'term'"),
        ({"by": []}, ValueError, "by names no column"),
        ({"by": "kind", "keep": "id"}, ValueError, "by gives totals by group, in which keep has no meaning"),
        ({"by": "kind", "format": "wide"}, ValueError, "in which format='wide' has no meaning"),
        ({"format": "npz"}, ValueError, "format is 'npz'; expected 'long' or 'wide'"),
        ({"terms": ["the", "the"]}, ValueError, "terms 0 and 1 are both 'the'; leave one out"),
        ({"terms": ["kind"], "keep": "kind", "format": "wide"}, ValueError, "would be named 'kind'"),
        ({"terms": cg.TermCounter(["a"]), "ignore_case": True}, TypeError, "a TermCounter has its own options"),
        ({"ignorecase": True}, TypeError, "unknown option 'ignorecase'"),
        ({"part": (3, 3)}, ValueError, r"part is \(3, 3\); expected \(i, n\) with 0 <= i < n"),
        ({"part": 3}, TypeError, "part is 3; expected"),
        ({"delimiter": ";;"}, ValueError, "delimiter is ';;'; expected one ASCII character"),
        ({"delimiter": ";"}, ValueError, "delimiter= is for CSV and TSV, not for"),
        ({"encoding": "klingon"}, ValueError, "encoding is 'klingon'"),
        ({"encoding": "latin-1"}, ValueError, "encoding= is for CSV, TSV, JSON and text, not for"),
        ({"on_error": "ignore"}, ValueError, "on_error is 'ignore'"),
        ({"input_format": "xml"}, ValueError, "input_format is 'xml'"),
        ({"workers": 0}, ValueError, "workers"),
        ({"filesystem": "s3"}, TypeError, "filesystem is str; expected a pyarrow.fs.FileSystem"),
        ({"inputs": []}, ValueError, "inputs is empty; expected at least one path"),
        ({"inputs": "none.csv"}, FileNotFoundError, "no such file: 'none.csv'"),
        ({"inputs": "none*.csv"}, FileNotFoundError, "no file matches"),
        ({"inputs": "nowhere://x"}, ValueError, "nowhere://x: cannot be used as a URI"),
    ],
)
def test_errors(lake, out, options, error, message):
    given = {"inputs": lake / "year=2024" / "month=0", "terms": TERMS, "column": "text"} | options
    with pytest.raises(error, match=message):
        cg.count_dataset(out=out, **given)
    assert not results(out)


def test_results_and_inputs_are_apart(lake):
    with pytest.raises(ValueError, match="the directory of results is in the input"):
        cg.count_dataset(lake, TERMS, lake / "counts", column="text")
    with pytest.raises(ValueError, match="is in the directory of results"):
        cg.count_dataset(lake, TERMS, lake.parent, column="text")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_cannot_be_read_again(tmp_path, out):
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(ValueError, match=r"a.txt is not a regular file"):
        cg.count_dataset(tmp_path / "a.txt", TERMS, out)


def test_an_input_that_is_named_twice(lake, out):
    counts = cg.count_dataset([lake, str(lake / "**" / "*.csv")], TERMS, out, column="text", keep="filename")
    assert counts.units == 9
    cg.count_dataset(lake, TERMS, lake.parent / "once", column="text", keep="filename")
    assert content(out) == content(lake.parent / "once")


def test_unknown_suffixes_warn(lake, out):
    (lake / "notes.xyz").write_text("x")
    with pytest.warns(UserWarning, match="skipped files with an unknown suffix: 1, such as") as caught:
        cg.count_dataset(lake, TERMS, out, column="text")
    assert caught[0].filename == __file__


def test_names_that_readers_ignore(tmp_path, out):
    for name in ("_a.csv", "..b.csv", "é ü.csv"):
        write_csv(table(), tmp_path / name)
    cg.count_dataset([tmp_path / name for name in ("_a.csv", "..b.csv", "é ü.csv")], TERMS, out, column="text")
    assert pq.read_table(out).num_rows == 3 * len(expected(TEXTS))


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


@pytest.mark.parametrize("uri", [False, True])
def test_local_files_by_uri_or_file_system(lake, out, uri):
    cg.count_dataset(lake, TERMS, lake.parent / "plain", column="text")
    if uri:
        cg.count_dataset(lake.as_uri(), TERMS, out.as_uri(), column="text")
    else:
        cg.count_dataset(lake, TERMS, out, column="text", filesystem=pa.fs.LocalFileSystem())
    assert content(out) == content(lake.parent / "plain")


def test_another_file_system(lake, tmp_path):
    """Files of a file system that is not local, and results in it, equal those of local ones."""
    elsewhere = pa.fs.SubTreeFileSystem(str(tmp_path), pa.fs.LocalFileSystem())
    options = {"column": "text", "filesystem": elsewhere, "keep": ["filename", "year"]}
    for inputs in (
        "lake",
        "lake/**/part*.*",
        "lake/year=20*/month=[0-2]/*",
        ["lake/year=2024", "lake/year=202[!4]/**"],
    ):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        counts = cg.count_dataset(inputs, TERMS, "out", **options)
        assert counts.units == 9, inputs
        assert cells(tmp_path / "out", ["year", "document", "term", "count"]) == sorted(
            (str(2024 + i // 3), *cell[1:]) for i in range(9) for cell in expected(TEXTS[i % 4 :] * (i + 1))
        )
    before = content(tmp_path / "out")
    assert cg.count_dataset("lake", TERMS, "out", **options).skipped == 9
    assert content(tmp_path / "out") == before
    with pytest.raises(FileNotFoundError, match="no such file"):
        cg.count_dataset("none.csv", TERMS, "out", **options)
    with pytest.raises(FileNotFoundError, match="no file matches"):
        cg.count_dataset("lake/*.csv", TERMS, "out", **options)


MEASURED = """
import resource, sys, countgrid as cg
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
files = sys.argv[3:]
cg.count_dataset(files[:1], ["the", "cat"], sys.argv[1], column="text", keep="id", by=None)
first = peak()
cg.count_dataset(files, ["the", "cat"], sys.argv[2], column="text", keep="id")
print(first, peak())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss has other units elsewhere")
def test_memory_does_not_grow(tmp_path):
    text = " ".join(["the lazy cat sat on the mat"] * 20)
    pq.write_table(table([f"{text} {i}" for i in range(60_000)]), tmp_path / "0.parquet", row_group_size=10_000)
    files = [str(tmp_path / f"{i}.parquet") for i in range(12)]
    for path in files[1:]:
        os.link(files[0], path)
    arguments = [sys.executable, "-c", MEASURED, str(tmp_path / "one"), str(tmp_path / "all"), *files]
    first, last = map(int, subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split())
    assert last < first + 60_000, "kB, while the texts of all files are 400 MB"


COMMAND = str(Path(sys.executable).with_name("countgrid"))


def command(*arguments: object) -> tuple[int, str]:
    done = subprocess.run([COMMAND, "count", *map(str, arguments)], capture_output=True, text=True)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_the_command(lake, out, tmp_path):
    terms = [argument for term in TERMS for argument in ("-t", term)]
    options = ["-c", "text", *terms, "--long", "--keep", "filename", "--keep", "year"]
    assert command(lake, "-o", f"{out}/", *options, "--part", "0/2") == (0, "")
    assert command(lake, "-o", f"{out}/", *options, "--part", "1/2") == (0, "")
    cg.count_dataset(lake, TERMS, tmp_path / "same", column="text", keep=["filename", "year"])
    assert cells(out) == cells(tmp_path / "same")
    assert command(lake, "-o", out, *options, "--resume") == (0, "")
    name = f"countgrid: {out}"
    assert command(lake, "-o", out, *options) == (
        1,
        f"{name} already has results; pass --resume to continue, or another directory\n",
    )
    advice = "pass another directory, or delete this one to count again"
    assert command(lake, "-o", out, *options, "--resume", "--ignore-case") == (
        1,
        f"{name} has results of other options: --ignore-case was False and is now True; {advice}\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x.csv", "--resume"], "--resume and --part are for a directory"),
        (["-o", "out/", "--part", "2/2"], "'2/2' is not I/N with I from 0 to N - 1"),
        (["-o", "out/", "--with-file"], "pass --keep filename"),
        (["-o", "out/", "--output-format", "csv"], "are for an output file, not for a directory"),
        (["-o", "out/", "-"], "standard input cannot be read again"),
    ],
)
def test_errors_of_the_command(lake, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, error = command(lake, "-c", "text", "-t", "the", *arguments)
    assert code == 2
    assert message in error
    assert error.count("\n") == 1


def test_the_command_reads_partitions_and_nested_fields(lake, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"meta": {"text": "the cat"}}\n')
    for arguments, expected in (
        ([lake / "year=2025" / "month=1" / "part4.csv", "-c", "text", "--keep", "year"], "year,the\n2025,1\n2025,\n"),
        ([tmp_path / "a.jsonl", "-c", "meta.text", "--keep", "meta.text"], "meta.text,the\nthe cat,1\n"),
        ([(tmp_path / "a.jsonl").as_uri(), "-c", "meta.text"], "the\n1\n"),
    ):
        done = subprocess.run([COMMAND, "count", *map(str, arguments), "-t", "the"], capture_output=True, text=True)
        assert done.stderr == ""
        assert done.stdout.startswith(expected)


PATTERNS = [
    "*",
    "*.csv",
    "a/*",
    "a/*.csv",
    "*/*.csv",
    "**/*.csv",
    "**",
    "a/**",
    "**/b/*",
    "*/b/?.csv",
    "a/[bc]/*",
    "a/[!b]/*",
    "[a-b]/**",
    "**/[.]x.csv",
    "a/.h/*",
    ".h/*",
    "a/b/[x].csv",
    "a/b/[]x].csv",
    "a/b/x[^y]csv",
    "**/**/x.csv",
    "a/**/x.csv",
    "**/.h/*",
    "a/b/x?csv",
    "a/b/x+.csv",
    "a/b/[",
    "a/b/(x).csv",
    "?/?/?.csv",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_globs_match_as_in_python(tmp_path, pattern):
    import glob

    from countgrid._reading.remote import Place, remote_files

    names = ["x.csv", "y.csv", ".x.csv", "x+.csv", "(x).csv", "x", "[", "]x].csv"]
    for folder in (".", "a", "a/b", "a/c", "a/.h", ".h", "a/b/c/d", "e"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            (tmp_path / folder / name).write_text("x")
    expected = [path for path in glob.glob(pattern, root_dir=tmp_path, recursive=True) if (tmp_path / path).is_file()]
    elsewhere = pa.fs.SubTreeFileSystem(str(tmp_path), pa.fs.LocalFileSystem())
    try:
        found = [info.path for info in remote_files(Place(elsewhere, pattern), lambda name, paths: paths)]
    except FileNotFoundError:
        found = []
    assert found == sorted(set(expected))
