"""How the command reads delimited text, JSON, standard input and directories, and what it does with faulty rows."""

import csv
import gzip
import io
import json
import os
import random
import socket
import subprocess
from pathlib import Path

import countgrid as cg
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from countgrid._reading import delimited, json_rows
from countgrid._reading.columns import Wanted
from countgrid._reading.faults import Faults
from countgrid._reading.inputs import Input
from process import COMMAND, TEXTS, run, written


class Chunks:
    """Content that arrives in chunks of a few bytes."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size = io.BytesIO(data), size

    def text(self) -> "Chunks":
        return self

    def read(self, size: int = -1) -> bytes:
        return self._data.read(self._size)


def rows(reader, data: bytes, size: int, *, skip: bool = False, kind: str = "csv", **options) -> list[dict] | str:
    """The result of a reader, or its error message."""
    types = {"i": pa.int64()} if reader is json_rows.read_json else {}
    wanted = Wanted(**{"column": "t", "kept": ["i"], "types": types} | options)
    try:
        _, tables = reader(Input("x", kind, None), Chunks(data, size), wanted, Faults(skip=skip))
        return [row for table in tables for row in table.to_pylist()]
    except ValueError as error:
        return str(error)


PIECES = ["a", '"', ",", "\n", "\r\n", "\r", '""', '"a"', "é", "x y", ',"', " ", '"\n', '",', "1,", "b\n"]


def random_csv(dice: random.Random) -> bytes:
    """Rows that are valid or nearly valid."""
    text = io.StringIO()
    text.write("i,t\n")
    writer = csv.writer(text, quoting=dice.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    for i in range(dice.randrange(4)):
        writer.writerow([i, "".join(dice.choices(PIECES, k=dice.randrange(4)))])
    if dice.random() < 0.5:
        text.write("".join(dice.choices(PIECES, k=dice.randrange(9))))
    return text.getvalue().encode()


def by_csv(data: bytes, quote: str | None) -> list[tuple[str, str]] | None:
    """The rows as Python's `csv` reads them; None for an error or a wrong number of fields."""
    quoting = csv.QUOTE_NONE if quote == "" else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(data.decode(), newline=""), quoting=quoting, strict=True)
    try:
        found = [tuple(row) for row in reader if row][1:]
    except csv.Error:
        return None
    return found if all(len(row) == 2 for row in found) else None


@pytest.mark.parametrize("quote", [None, ""])
def test_random_csv(quote: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without Arrow, in chunks of any size, compared with `csv`."""
    dice = random.Random(7)
    valid = 0
    for _ in range(150):
        data = random_csv(dice)
        expected = by_csv(data, quote)
        valid += expected is not None
        for skip in (False, True):
            found = []
            for parsed in (delimited.parsed, lambda block, rows: None):
                with monkeypatch.context() as patch:
                    patch.setattr(delimited, "parsed", parsed)
                    found += [
                        rows(delimited.read_delimited, data, size, skip=skip, quote=quote) for size in (4, 7, 1 << 20)
                    ]
            assert found == found[:1] * 6, data
        if expected is not None:
            assert [(row["i"] or "", row["t"] or "") for row in found[0]] == expected, data
        else:
            assert isinstance(rows(delimited.read_delimited, data, 1 << 20, quote=quote), str), data
    assert 25 < valid < 125


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", ["", "\r", "\n\r\n"], ids=repr)
@pytest.mark.parametrize("parsed", [delimited.parsed, lambda block, rows: None], ids=["Arrow", "csv"])
def test_ends_of_lines(end: str, before: str, parsed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these ends a line. Delimiters in later lines and at the end of a line do not matter."""
    monkeypatch.setattr(delimited, "parsed", parsed)

    def read(*lines: str, kind: str = "csv", **options) -> list[dict] | str:
        data = (before + end.join(lines)).encode()
        return rows(delimited.read_delimited, data, 1 << 20, kind=kind, **options)

    assert read("t,i", "a;b,1", "") == [{"t": "a;b", "i": "1"}]
    if not before:
        assert read("sep=;", "t;i", "a,b;1") == [{"t": "a,b", "i": "1"}]
    assert read("a,b\tt\t", "c,d\te\tf", kind="tsv", column="t", kept=[]) == [{"t": "e"}]
    assert read("t,t\t", "c,d\te", kind="tsv", column="t,t", kept=[]) == [{"t,t": "c,d"}]
    assert read('"t"\t"i"', '"a\tb"\t1', kind="tsv") == [{"t": "a\tb", "i": "1"}]
    lines = len((before + "t,i").splitlines())
    assert str(read("t,i", "a,1", "b", "c,2")).startswith(f"row 2 (line {lines + 2}): the number of fields is 1")


OBJECTS = [{"i": 1, "t": "the cat"}, {"t": None, "x": [1, {"t": "no"}]}, {"i": 3, "t": 'é"]}, \ud800'}, {"i": 4}]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    "text",
    [
        "\n".join(map(json.dumps, OBJECTS)),
        "\r\n\r\n".join(json.dumps(one) for one in OBJECTS) + "\r\n",
        "\n".join(json.dumps(one, indent=2) for one in OBJECTS),
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=1) + "\n",
        " [\n" + ",\n".join(map(json.dumps, OBJECTS)) + "\n]",
    ],
)
def test_layouts_of_json(text: str, size: int) -> None:
    expected = [(1, "the cat"), (None, None), (3, 'é"]}, \ufffd'), (4, None)]
    found = rows(json_rows.read_json, text.encode(), size)
    assert [(row["i"], row["t"]) for row in found] == expected


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("first", ['{"t": "a"', '{"t": "a', "{", "x", '{"t": 1}'])
def test_a_faulty_first_line_is_not_the_beginning_of_the_next(first: str, size: int) -> None:
    data = f'{first}\n{{"t": "b"}}\n{{"t": "c"}}'.encode()
    assert [row["t"] for row in rows(json_rows.read_json, data, size, skip=True)] == ["b", "c"]
    assert str(rows(json_rows.read_json, data, size)).startswith("row 1: ")


@pytest.mark.parametrize("text", ["[]", " [ ]\n", ""])
def test_no_objects(text: str) -> None:
    assert rows(json_rows.read_json, text.encode(), 100) == []


FAULTY = {
    "a.csv": 'id,text\n1,the\n2,"x"y\n3\n\n4,the the\n5,a,b\n6,\xff\n7,""\n',
    "a.jsonl": '{"id":"1","text":"the"}\nfoo\n{"text":3}\n{"id":"4","text":"the the"}\n[]\n{"text":"\xff"}\n'
    '{"id":"7","text":""}\n',
    "a.json": '[{"id":"1","text":"the"}, 5, {"text":["the"]}, {"id":"4","text":"the the"}, [], null,'
    '{"id":"7","text":""}]',
}


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_rows_are_left_out_and_counted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FAULTY[name].encode("latin-1"))
    first = {"a.csv": "row 2 (line 3): text after", "a.jsonl": "row 2: not JSON", "a.json": "row 2: 5; expected"}
    options = [name, "-c", "text", "-t", "the", "--on-error", "skip"]
    for command, expected in {
        "count --keep id": "id,the\n1,1\n4,2\n7,0\n",
        "find --width 0": "1: the\n4: the\n4: the\n",
        "totals -o -": "column,count,documents\nthe,3,2\n",
    }.items():
        typed = [COMMAND, *command.split(), *options]
        done = subprocess.run(typed, capture_output=True, check=True, cwd=tmp_path, text=True)
        assert done.stdout == expected
        assert done.stderr.startswith(f"countgrid: {name}: skipped 4 rows; the first: {first[name]}")
        assert done.stderr.count("\n") == 1
    said = run("count", *options[:-1], "stop", cwd=tmp_path, code=1)
    assert said.startswith(f"countgrid: {name}: {first[name]}")
    assert said.endswith("; or pass --on-error skip to skip such rows\n")


DIALECTS = {
    'id\ttext\n1\t"Hello the world\n2\tthe cat" said\n': (".tsv", ["-c", "text"], ["1", "1"]),
    '"id"\t"text"\n"1"\t"the\tcat ""the"""\n': (".tsv", ["-c", "text"], ["2"]),
    'id\ttext\n1\t"the\ncat the"\n': (".tsv", ["-c", "text", "--quote", '"'], ["2"]),
    "id,text\n1,'the, the'\n": (".csv", ["-c", "text", "--quote", "'"], ["2"]),
    '1,"the\n2,the the"\n': (".csv", ["-c", "2", "--no-header", "--quote", "none"], ["1", "2"]),
    '"the"\nthe the\n': (".csv", ["--no-header"], ["1", "2"]),
    '"the; cat"\nthe the; dog\n': (".csv", ["--no-header"], ["1", "2"]),
    '"the; ""cat""\n|the"\nthe; the\n': (".csv", ["--no-header"], ["2", "2"]),
    'sep=;\n"the", cat\nthe, the\n': (".csv", ["--no-header", "--quote", "none"], ["1", "2"]),
    "the; cat\nthe; the\n": (".csv", ["--no-header", "--delimiter", ","], ["1", "2"]),
    '"a;b"\nthe\nthe the\n': (".csv", [], ["1", "2"]),
    "sep=;\nid;text\n1;the, the\n": (".csv", ["-c", "text"], ["2"]),
    '\ufeff"sep=|"\r\nid|text\r\n1|the, the\r\n': (".csv", ["-c", "text"], ["2"]),
    "id;text\n1;the, the\n": (".csv", ["-c", "text", "--delimiter", ";"], ["2"]),
    "sep=;\nid,text\n1,the; the\n": (".csv", ["-c", "text", "--delimiter", ","], ["2"]),
    "a;b\nthe;the\n": (".csv", ["--delimiter", ","], ["2"]),
    "id,text\r1,the\r2,the the\r": (".csv", ["-c", "text"], ["1", "2"]),
    'id,text\n1,5" the\n2,the 3"\n': (".csv", ["-c", "text"], ["1", "1"]),
}


@pytest.mark.parametrize("content", DIALECTS)
def test_dialects(tmp_path: Path, content: str) -> None:
    suffix, options, expected = DIALECTS[content]
    (tmp_path / f"in{suffix}").write_bytes(content.encode())
    assert run("count", f"in{suffix}", *options, "-t", "the", cwd=tmp_path).split() == ["the", *expected]


def test_arrow_streams_without_a_magic_word(tmp_path: Path) -> None:
    """Streams as written by Arrow before version 0.15."""
    table = pa.table({"text": ["the", None]})
    options = pa.ipc.IpcWriteOptions(use_legacy_format=True)
    with pa.ipc.new_stream(tmp_path / "a.arrows", table.schema, options=options) as stream:
        stream.write_table(table)
    assert not (tmp_path / "a.arrows").read_bytes().startswith(b"\xff")
    assert run("count", "a.arrows", "-t", "the", "--missing", "zero", cwd=tmp_path) == "the\n1\n0\n"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
@pytest.mark.parametrize("arguments", [["lake"], ["lake/**/*.txt"], ["lake", "--format", "text"]], ids=" ".join)
def test_special_files_are_skipped(tmp_path: Path, arguments: list[str]) -> None:
    """A pipe that is named is read. In a directory or glob, pipes are skipped."""
    lake = tmp_path / "lake"
    (lake / "below").mkdir(parents=True)
    (lake / "a.txt").write_text("the\n")
    (lake / "link.txt").symlink_to("a.txt")
    (lake / "gone.txt").symlink_to("none.txt")
    (lake / "loop.txt").symlink_to("loop.txt")
    (lake / "null.txt").symlink_to("/dev/zero")
    os.mkfifo(lake / "below" / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as some:
        some.bind(os.path.relpath(lake / "z.txt"))  # a socket's path has at most 107 bytes
    command = [COMMAND, "count", *arguments, "-t", "the"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True)
    assert done.stdout == "the\n1\n1\n"
    name = arguments[0]
    assert done.stderr.splitlines() == [
        f"countgrid: {name}: skipped broken links: 2, such as lake/gone.txt",
        f"countgrid: {name}: skipped pipes, sockets and devices: 3, such as lake/below/pipe.txt",
    ]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_a_directory_without_readable_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    command = [COMMAND, "count", tmp_path, "-t", "the"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[1].endswith(
        ": no file in this directory has a known suffix; pass --format or other files"
    )


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("suffix", "column"),
    [
        (".txt", None),
        (".csv", None),
        (".csv", "text"),
        (".tsv", "text"),
        (".jsonl", "text"),
        (".parquet", None),
        (".arrow", None),
        (".arrows", None),
    ],
)
def test_standard_input_says_its_format(tmp_path: Path, suffix: str, column: str | None, packed: bool) -> None:
    data = written(tmp_path, "in", {"text": TEXTS}, suffix).read_bytes()
    options = ["-c", column] if column else []
    printed = run("totals", "-", *options, "-t", "the", "-o", "-", stdin=gzip.compress(data) if packed else data)
    totals = cg.TermCounter(["the"]).totals(TEXTS)
    assert printed.splitlines()[1] == f"the,{totals.counts[0]},{totals.documents[0]}"


def test_standard_input_is_text(tmp_path: Path) -> None:
    assert run("count", "-", "-t", "ERROR", stdin=b"1,ERROR\n{ERROR}\n\n") == "ERROR\n1\n1\n0\n"
    assert run("count", "-", "-t", "a", "-c", "t", stdin='{"t": "a"}'.encode("utf-16")) == "a\n1\n"
    assert run("count", "-", "-t", "a", "-c", "t", stdin=b'\xef\xbb\xbf[{"t": "a"}]') == "a\n1\n"
    assert run("count", "-", "-t", "a", "-c", "t", stdin=b"i\tt\n1\ta\n") == "a\n1\n"
    assert run("count", "-", "-t", "a", "-c", "2", "--no-header", stdin=b"1,a\n") == "a\n1\n"


def test_a_pipe_without_a_suffix_is_like_standard_input(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,text\n1,the\n")
    shell = f"{COMMAND} totals <(cat in.csv) -t the -t id -o -; {COMMAND} count <(cat in.csv) -c text -t the"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=True, cwd=tmp_path, text=True)
    assert done.stdout == "column,count,documents\nthe,1,1\nid,1,1\nthe\n1\n"


@pytest.mark.parametrize(("command", "expected"), [("count", "1\n2\n4\n"), ("totals -o -", "7,3\n"), ("find", None)])
def test_directories(tmp_path: Path, command: str, expected: str | None) -> None:
    """Files with known suffixes at any depth, sorted by path, without hidden files."""
    lake = tmp_path / "lake"
    for i, path in enumerate(["a/b/part.jsonl.gz", "a/part.csv", "b.parquet", ".hidden/part.csv", ".part.csv"]):
        (lake / path).parent.mkdir(parents=True, exist_ok=True)
        text = "the " * 2**i
        if path.endswith("parquet"):
            written(lake, "b", {"text": [text]}, ".parquet")
        else:
            data = (f'{{"text": "{text}"}}' if "json" in path else f"text\n{text}\n").encode()
            (lake / path).write_bytes(gzip.compress(data) if path.endswith(".gz") else data)
    (lake / "_SUCCESS").touch()
    printed = run(*command.split(), "lake", "-t", "the", cwd=tmp_path)
    if expected is not None:
        assert printed.endswith(f",{expected}" if command != "count" else f"the\n{expected}")
    else:
        names = ["lake/a/b/part.jsonl.gz", *["lake/a/part.csv"] * 2, *["lake/b.parquet"] * 4]
        assert [line.split(":")[0] for line in printed.splitlines()] == names
    every = run("totals", "lake/a", "--format", "text", "-t", "text", "-o", "-", cwd=tmp_path)
    assert every.endswith("text,2,2\n")


@pytest.mark.parametrize(
    "lines",
    [
        "null",
        'null\n{"t": "x"}',
        '{"t": "x"}\nnull',
        '{"t": "x"}null',
        '{"t": "x"} {"t": "x"}',
        '{"t": "x"}\t5',
    ],
)
def test_a_line_is_one_object(tmp_path: Path, lines: str) -> None:
    (tmp_path / "in.jsonl").write_text(f'{lines}\n{{"t": "x"}}\n')
    said = run("count", "in.jsonl", "-c", "t", "-t", "x", cwd=tmp_path, code=1)
    assert "expected an object" in said or "expected one object per line" in said
    valid = 1 + lines.split("\n").count('{"t": "x"}')
    command = [COMMAND, "count", "in.jsonl", "-c", "t", "-t", "x", "--on-error", "skip"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, text=True)
    assert done.stdout == "x\n" + "1\n" * valid
    assert "1 row" in done.stderr


@pytest.mark.parametrize("space", ["", "\n"])
def test_a_column_begins_after_long_objects(tmp_path: Path, space: str) -> None:
    objects = [{"u": "a " * 100_000}] * 3 + [{"t": "a"}]
    (tmp_path / "in.json").write_text("[" + f",{space}".join(map(json.dumps, objects)) + "]")
    assert run("count", "in.json", "-c", "t", "-t", "a", cwd=tmp_path) == "a\n\n\n\n1\n"


def test_rotated_logs_are_text_and_skipped_files_are_reported(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ["a.log", "a.log.1", "a.log.2.gz", "b.csv.1.bak", "syslog", "_SUCCESS"]:
        (logs / name).write_bytes(gzip.compress(b"ERROR\n") if name.endswith(".gz") else b"ERROR\n")
    command = [*COMMAND.split(), "totals", "logs", "-t", "ERROR", "-o", "-"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, text=True)
    assert done.stdout.splitlines()[1] == "ERROR,3,3"
    assert done.stderr == (
        "countgrid: logs: skipped files with an unknown suffix: 2, such as logs/b.csv.1.bak; "
        "pass --format to read them too\n"
    )


def test_missing_counts_in_one_column(tmp_path: Path) -> None:
    """An empty field, so that readers see numbers. By default, pandas skips blank lines."""
    path = written(tmp_path, "in", {"text": ["a", None, "b"]}, ".parquet")
    run("count", path, "-t", "a", "-o", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "a\n1\n\n0\n"
    assert pl.read_csv(tmp_path / "out.csv")["a"].to_list() == [1, None, 0]
    found = pd.read_csv(tmp_path / "out.csv", skip_blank_lines=False)["a"]
    assert found.to_list() == [1, pytest.approx(np.nan, nan_ok=True), 0]


def test_rows_of_csv_across_blocks() -> None:
    """A long row reads the blocks that it needs, and no more."""
    blocks = iter([b'i,t\n1,"a\n', b"b\n", b'c"\n2,d\n', b"3,e\n"])

    class Source:
        def text(self):
            return self

        def read(self, size: int = -1) -> bytes:
            return next(blocks, b"")

    _, tables = delimited.read_delimited(Input("x", "csv", None), Source(), Wanted("t", ["i"]), Faults(skip=False))
    found = []
    while len(found) < 2:
        found += next(tables).to_pylist()
    assert found == [{"t": "a\nb\nc", "i": "1"}, {"t": "d", "i": "2"}]
    assert next(blocks) == b"3,e\n"
