"""Columns of Parquet and Arrow files that are text, only look like text, or are copied to the output."""

import subprocess
import uuid
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from process import COMMAND, read_csv, run

JSON = pa.array(['{"the": "the"}'])
TEXT = [(JSON, 2), (pa.array([b"the"]), 1)]
NO_TEXT = []
if hasattr(pa, "json_"):  # pyarrow has extension types of its own from 19 on
    TEXT.append((pa.ExtensionArray.from_storage(pa.json_(), JSON), 2))
    NO_TEXT.append((pa.array([bytes(16)], pa.uuid()), "uuid"))
    NO_TEXT.append(
        (pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "bit", "DuckDB"), pa.array([b"the"])), "opaque")
    )


def save(path: Path, column: pa.Array, **others: pa.Array) -> None:
    table = pa.table({"x": column, **others})
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize(("column", "counted"), TEXT)
def test_text_of_any_type_is_counted(tmp_path: Path, suffix: str, column: pa.Array, counted: int) -> None:
    save(tmp_path / f"a.{suffix}", column)
    assert run("totals", f"a.{suffix}", "-t", "the", cwd=tmp_path).split()[-2] == str(counted)
    run("count", f"a.{suffix}", "-t", "the", "--keep", "x", "-o", "out.parquet", cwd=tmp_path)
    assert pa.parquet.read_table(tmp_path / "out.parquet")["the"].to_pylist() == [counted]


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
@pytest.mark.parametrize(("column", "kind"), NO_TEXT)
def test_bytes_with_another_meaning_are_an_error(tmp_path: Path, suffix: str, column: pa.Array, kind: str) -> None:
    save(tmp_path / f"a.{suffix}", column)
    said = run("count", f"a.{suffix}", "-t", "the", cwd=tmp_path, code=1)
    assert kind in said.lower()
    assert "expected text" in said


def test_bytes_that_only_parquet_gives_a_meaning(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "a.parquet"
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT INTERVAL 1 DAY AS x) TO '{path}'")
    assert "column 'x' is Interval in Parquet; expected text" in run("count", path, "-t", "the", code=1)


#: Copied columns, and their cells in CSV; None if they cannot be written.
CARRIED = {
    "decimal": (pa.array([Decimal("1.50"), None]), ["1.50", ""]),
    "time": (pa.array([1_500_000, None], pa.timestamp("us")), ["1970-01-01 00:00:01.500000", ""]),
    "null": (pa.nulls(2), ["", ""]),
    "bytes": (pa.array([b"a,b", None]), ["a,b", ""]),
    "fixed": (pa.array([b"ab", None], pa.binary(2)), ["ab", ""]),
    "categories": (pa.array(["a", None]).dictionary_encode(), ["a", ""]),
    "list": (pa.array([[1], None]), None),
    "struct": (pa.array([{"a": 1}, None]), None),
    "map": (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64())), None),
    "interval": (pa.array([(1, 2, 3), None], pa.month_day_nano_interval()), None),
}
if hasattr(pa, "json_"):
    SOME = uuid.UUID("00010203-0405-0607-0809-0a0b0c0d0e0f")
    LETTERS = uuid.UUID(bytes=b"abcdefghijklmnop")  # whose bytes are text
    CARRIED |= {
        "uuid": (pa.array([SOME.bytes, None], pa.uuid()), [str(SOME), ""]),
        "uuid of letters": (pa.array([LETTERS.bytes, None], pa.uuid()), [str(LETTERS), ""]),
        "json": (pa.ExtensionArray.from_storage(pa.json_(), pa.array(["[1]", None])), ["[1]", ""]),
        "opaque": (
            pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "bit", "DuckDB"), pa.array([b"a", None])),
            None,
        ),
    }


@pytest.mark.parametrize("form", [[], ["--long"], ["--output-format", "tsv"]], ids=" ".join)
@pytest.mark.parametrize(("column", "expected"), CARRIED.values(), ids=CARRIED)
def test_carried_columns_as_csv(
    tmp_path: Path, column: pa.Array, expected: list[str] | None, form: list[str]
) -> None:
    """Values are written in their usual notation, or else nothing is written, not even the names."""
    save(tmp_path / "a.arrow", pa.array(["the", "the"]), kept=column)
    arguments = ["count", "a.arrow", "-c", "x", "-t", "the", "--keep", "kept", *form]
    if expected is None:
        done = subprocess.run([COMMAND, *arguments], cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"column 'kept' is " in done.stderr
        assert b", which cannot be written as CSV; write Parquet or Arrow" in done.stderr
        return
    header, *rows = read_csv(run(*arguments, cwd=tmp_path), "\t" if "tsv" in form else ",")
    assert [row[header.index("kept")] for row in rows] == expected


def test_bytes_that_are_not_text_are_an_error_before_anything_is_written(tmp_path: Path) -> None:
    save(tmp_path / "a.arrow", pa.array(["the"]), kept=pa.array([b"\xff"]))
    done = subprocess.run(
        [COMMAND, "count", "a.arrow", "-c", "x", "-t", "the", "--keep", "kept"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"column 'kept' is binary, which cannot be written as CSV" in done.stderr
