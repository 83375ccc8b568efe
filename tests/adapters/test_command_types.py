"""Columns of Parquet and Arrow files that are text, and those that only look like it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from process import run

JSON = pa.array(['{"the": "the"}'])
TEXT = [(JSON, 2), (pa.array([b"the"]), 1)]
NO_TEXT = []
if hasattr(pa, "json_"):  # pyarrow has extension types of its own from 19 on
    TEXT.append((pa.ExtensionArray.from_storage(pa.json_(), JSON), 2))
    NO_TEXT.append((pa.array([bytes(16)], pa.uuid()), "uuid"))
    NO_TEXT.append(
        (pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "bit", "DuckDB"), pa.array([b"the"])), "opaque")
    )


def save(path: Path, column: pa.Array) -> None:
    table = pa.table({"x": column})
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
def test_bytes_with_another_meaning_are_refused(tmp_path: Path, suffix: str, column: pa.Array, kind: str) -> None:
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
