"""The command never overwrites a file that it reads."""

import os
import subprocess
from pathlib import Path

import pytest
from click import UsageError
from countgrid._command.commands import countgrid
from process import COMMAND, run

COMMANDS = [["count", "-o"], ["count", "--long", "-o"], ["totals", "-o"], ["find", "--html"]]
INPUTS = ["lake/a.csv", "lake", "lake/*.csv", "./lake/../lake/a.csv", "b.csv lake"]
OUTPUTS = ["lake/a.csv", "lake/../lake/a.csv", "symbolic.csv", "hard.csv"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "a.csv").write_text("text\nthe\n")
    (tmp_path / "b.csv").write_text("text\nthe\n")
    (tmp_path / "terms.csv").write_text("term\nthe\n")
    (tmp_path / "symbolic.csv").symlink_to("lake/a.csv")
    os.link(tmp_path / "lake" / "a.csv", tmp_path / "hard.csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*typed: str) -> str:
    """Run the command in this process. Returns the error about the command line."""
    with pytest.raises(UsageError) as caught:
        countgrid.main(list(typed), "countgrid", standalone_mode=False)
    return caught.value.message


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_output_that_is_an_input(folder: Path, command: list[str], inputs: str, output: str) -> None:
    before = contents(folder)
    name, *options, option = command
    said = refused(name, *inputs.split(), "-t", "the", *options, option, output)
    assert said.startswith(f"{'--output' if option == '-o' else option} {output} would overwrite the input ")
    assert said.endswith("a.csv; write to another file")
    assert contents(folder) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_output_that_is_the_file_of_terms(folder: Path, command: list[str]) -> None:
    before = contents(folder)
    name, *options, option = command
    said = refused(name, "b.csv", "--terms", "terms.csv", *options, option, "./terms.csv")
    assert said.endswith(" ./terms.csv would overwrite the file of --terms, terms.csv; write to another file")
    assert contents(folder) == before


def test_nothing_is_read_before(folder: Path) -> None:
    (folder / "lake" / "a.csv").write_text("a,b\n1\n")
    (folder / "terms.csv").write_text("")
    said = run("count", "lake/a.csv", "--terms", "terms.csv", "-o", "lake/a.csv", code=2)
    assert said.startswith("countgrid: --output lake/a.csv would overwrite the input lake/a.csv; write to another")


@pytest.mark.parametrize(
    ("typed", "mode"),
    [("count b.csv -t the", "ab"), ("count b.csv -t the -o -", "wb"), ("find b.csv -t the --html -", "r+b")],
)
def test_standard_output_that_is_an_input(folder: Path, typed: str, mode: str) -> None:
    with open(folder / "b.csv", mode) as file:
        done = subprocess.run([COMMAND, *typed.split()], stdout=file, stderr=subprocess.PIPE, cwd=folder, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"countgrid: standard output is the input b.csv; write to another file")
    assert (folder / "b.csv").read_bytes() == (b"" if mode == "wb" else b"text\nthe\n")


def test_standard_input_that_is_the_output(folder: Path) -> None:
    typed = [COMMAND, "count", "-", "--format", "csv", "-t", "the", "-o", "b.csv"]
    with open(folder / "b.csv", "rb") as file:
        done = subprocess.run(typed, stdin=file, stderr=subprocess.PIPE, cwd=folder, check=False)
    assert done.returncode == 2
    assert b"--output b.csv would overwrite the input standard input; write to another file" in done.stderr
    assert (folder / "b.csv").read_bytes() == b"text\nthe\n"


def test_names_that_can_be_equal(folder: Path) -> None:
    """Devices, files that are not inputs, and totals appended to their own input."""
    run("count", "/dev/null", "--format", "text", "-t", "the", "-o", "/dev/null", "--output-format", "csv")
    (folder / "lake" / "a.bin").write_bytes(b"")
    typed = [COMMAND, "count", "lake", "-t", "the", "-o", "lake/a.bin", "--output-format", "csv"]
    subprocess.run(typed, cwd=folder, check=True, stderr=subprocess.PIPE)
    assert (folder / "lake" / "a.bin").read_bytes() == b"the\n1\n"
    with open(folder / "b.csv", "ab") as file:
        subprocess.run([COMMAND, "totals", "b.csv", "-t", "the"], stdout=file, cwd=folder, check=True)
    assert (folder / "b.csv").read_bytes() == b"text\nthe\ncolumn  count  documents\nthe         1          1\n"
