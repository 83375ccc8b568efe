"""Files of all formats, and what is expected of their counts."""

import json
from pathlib import Path

import countgrid as cg
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.fs
import pyarrow.ipc
import pyarrow.parquet as pq

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


def damaged(name: str, data: bytes) -> bytes:
    if name.endswith(".jsonl"):
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:500], b"{broken\n", *lines[501:]])
    if name.endswith(".csv"):
        lines = data.splitlines(keepends=True)
        return b"".join([*lines[:501], b"1,2,3,4,5\n", *lines[502:]])
    half = len(data) // 2
    return data[:half] + bytes(2000) + data[half + 2000 :]
