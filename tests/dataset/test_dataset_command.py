"""`countgrid count -o DIR/` does what `count_dataset` does."""

import re
import subprocess
import sys
from pathlib import Path

import countgrid as cg
import pytest
from lakes import TERMS, cells

COMMAND = str(Path(sys.executable).with_name("countgrid"))


def command(*arguments: object) -> tuple[int, str]:
    done = subprocess.run([COMMAND, "count", *map(str, arguments)], capture_output=True, text=True)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_the_command(lake, out, tmp_path):
    terms = [argument for term in TERMS for argument in ("-t", term)]
    options = ["-c", "text", *terms, "--long", "--keep", "filename", "--keep", "year"]
    parts = [command(lake, "-o", f"{out}/", *options, "--part", part) for part in ("0/2", "1/2")]
    summary = re.compile(
        r"countgrid: (\d+) counted \((\d+) documents, 0.0 MB\), 0 skipped(?:, \d+ of other inputs)?\n"
    )
    found = [summary.fullmatch(said) for code, said in parts if code == 0]
    same = cg.count_dataset(lake, TERMS, tmp_path / "same", column="text", keep=["filename", "year"])
    assert cells(out) == cells(tmp_path / "same")
    units = len(list(out.glob("*.parquet")))
    assert sum(int(each[1]) for each in found) == units
    assert sum(int(each[2]) for each in found) == same.documents
    code, said = command(lake, "-o", out, *options, "--resume")
    assert (code, said) == (0, f"countgrid: 0 counted (0 documents, 0.0 MB), {units} skipped\n")
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
