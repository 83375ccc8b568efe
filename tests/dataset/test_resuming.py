"""`count_dataset` continues after any interruption, shares units with other machines, and bounds memory."""

import os
import random
import signal
import subprocess
import sys
import time

import countgrid as cg
import pyarrow.parquet as pq
import pytest
from lakes import TERMS, TEXTS, cells, content, expected, results, table


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
        (
            {"terms": ["the"]},
            r"has results of other terms: column 1 was 'cat' and is now none \(5 columns; now 1\); pass another",
        ),
        ({"terms": [*TERMS[:4], "lion"]}, "other terms: column 4 was 'zebra' and is now 'lion'"),
        ({"terms": [*TERMS, "lion"]}, r"other terms: column 5 was none and is now 'lion' \(5 columns; now 6\)"),
        ({"terms": ["a" * 99, *TERMS[1:]]}, f"column 0 was 'the' and is now '{'a' * 60}' "),
        ({"terms": {term: ["x"] for term in TERMS}}, "other terms: the categories have the same names, but other"),
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


@pytest.mark.parametrize("wrong", [{"column": "txt"}, {"keep": ["yaer"]}])
def test_a_run_that_fails_at_once_binds_nobody(lake, out, wrong):
    options = {"column": "text", "keep": ["year"]}
    with pytest.raises(ValueError, match="no column"):
        cg.count_dataset(lake, TERMS, out, **{**options, **wrong})
    cg.count_dataset(lake, TERMS, out, **options)
    assert len(results(out)) == 9
    with pytest.raises(ValueError, match="has results of other options"):
        cg.count_dataset(lake, TERMS, out, **{**options, **wrong})


def test_a_machine_that_fails_at_once_binds_others(lake, out):
    """They may be at work."""
    with pytest.raises(ValueError, match="no column"):
        cg.count_dataset(lake, TERMS, out, column="txt", part=(0, 2))
    with pytest.raises(ValueError, match="has results of other options"):
        cg.count_dataset(lake, TERMS, out, column="text", part=(1, 2))


def test_lost_options_are_not_replaced(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text")
    (out / "_countgrid" / "counting.json").unlink()
    with pytest.raises(ValueError, match="has results, but no"):
        cg.count_dataset(lake, ["zebra"], out, column="text")


def test_a_run_that_fails_later_binds_others(lake, out):
    """Its first results are there."""
    (lake / "year=2026" / "month=2" / "zzz.parquet").write_bytes(b"PAR1 damaged")
    with pytest.raises(ValueError, match="zzz"):
        cg.count_dataset(lake, TERMS, out, column="text", workers=1)
    assert results(out)
    with pytest.raises(ValueError, match="has results of other"):
        cg.count_dataset(lake, ["zebra"], out, column="text")


def test_without_resume(lake, out):
    cg.count_dataset(lake, TERMS, out, column="text", resume=False, part=(0, 2))
    cg.count_dataset(lake, TERMS, out, column="text", resume=False, part=(1, 2))
    with pytest.raises(FileExistsError, match=r"out already has results; pass resume=True to continue"):
        cg.count_dataset(lake, TERMS, out, column="text", resume=False)


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
