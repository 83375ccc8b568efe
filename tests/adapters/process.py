"""Runs the installed command in a process, and writes files for it."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

TEXTS = ["the cat sat", None, "the the", "", 'Say "no", the\ncat', "日本 the naïve", "C++, the C++"]
IDS = [f"id {i}" for i in range(len(TEXTS))]
TERMS = ["the", "cat", "日本", "C++", 'no", the']
TERM_OPTIONS = [option for term in TERMS for option in ("--term", term)]

COMMAND = str(Path(sys.executable).with_name("countgrid"))


def run(*arguments: object, code: int = 0, stdin: bytes = b"", cwd: Path | None = None, **options) -> str:
    """Run the command. Returns standard output or, if it should fail, the line on standard error."""
    done = subprocess.run([COMMAND, *map(str, arguments)], input=stdin, capture_output=True, cwd=cwd, **options)
    errors = done.stderr.decode()
    assert done.returncode == code, errors
    assert "Traceback" not in errors
    if code == 0:
        assert errors == ""
        return done.stdout.decode()
    assert errors.startswith("countgrid: ")
    assert errors.count("\n") == 1
    return errors


def write_csv(table: pa.Table, path: Path, delimiter: str = ",") -> None:
    options = pa.csv.WriteOptions(delimiter=delimiter)
    pa.csv.write_csv(table, path, write_options=options)


def write_json_lines(table: pa.Table, path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()), encoding="utf-8")


def write_arrow(table: pa.Table, path: Path, open_writer: Callable = pa.ipc.new_file) -> None:
    with open_writer(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)


def write_text(table: pa.Table, path: Path) -> None:
    path.write_text(
        "".join((text or "").replace("\n", " ") + "\n" for text in table["text"].to_pylist()), encoding="utf-8"
    )


def compressed(write: Callable[[pa.Table, Path], None], compression: str) -> Callable[[pa.Table, Path], None]:
    def write_compressed(table: pa.Table, path: Path) -> None:
        plain = path.with_suffix("")
        write(table, plain)
        with pa.output_stream(str(path), compression=compression) as stream:
            stream.write(plain.read_bytes())
        plain.unlink()

    return write_compressed


#: A function to write each input format, by suffix.
WRITERS: dict[str, Callable[[pa.Table, Path], None]] = {
    ".parquet": pa.parquet.write_table,
    ".csv": write_csv,
    ".tsv": lambda table, path: write_csv(table, path, "\t"),
    ".jsonl": write_json_lines,
    ".arrow": write_arrow,
    ".arrows": lambda table, path: write_arrow(table, path, pa.ipc.new_stream),
    ".csv.gz": compressed(write_csv, "gzip"),
    ".jsonl.zst": compressed(write_json_lines, "zstd"),
    ".arrow.gz": compressed(write_arrow, "gzip"),
    ".txt": write_text,
    ".txt.zst": compressed(write_text, "zstd"),
}


def written(folder: Path, name: str, columns: dict[str, Sequence], suffix: str) -> Path:
    path = folder / f"{name}{suffix}"
    WRITERS[suffix](pa.table(columns), path)
    return path


def read_csv(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def read_table(path: Path) -> pa.Table:
    """Read a table that the command wrote, by suffix."""
    if path.suffix == ".parquet":
        return pa.parquet.read_table(path)
    if path.suffix == ".arrow":
        return pa.ipc.open_file(path.read_bytes()).read_all()
    if path.suffix == ".arrows":
        return pa.ipc.open_stream(path.read_bytes()).read_all()
    convert = pa.csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""])
    parse = pa.csv.ParseOptions(delimiter="\t" if path.suffixes[0] == ".tsv" else ",", newlines_in_values=True)
    return pa.csv.read_csv(path, convert_options=convert, parse_options=parse)


def cells(table: pa.Table) -> list[list[int | None]]:
    return [list(row.values()) for row in table.to_pylist()]


def with_nulls(counts: np.ndarray, texts: list[str | None]) -> list[list[int | None]]:
    return [
        [None] * counts.shape[1] if text is None else row for text, row in zip(texts, counts.tolist(), strict=True)
    ]
