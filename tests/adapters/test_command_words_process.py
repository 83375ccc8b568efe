"""`countgrid words` as a process: memory, signals, closed pipes, terminals."""

import os
import re
import signal
import subprocess
from pathlib import Path

import countgrid as cg
import pytest
from process import COMMAND, run
from test_command_process import EVERY_STEP, on_a_terminal, peak, started


@pytest.mark.parametrize("ngrams", ["1", "1-2"])
def test_memory_does_not_grow_with_the_input(tmp_path: Path, ngrams: str) -> None:
    """The same words again and again."""
    lines = "".join(f"the cat number {i % 1000} sat on the mat, and the dog did not\n" * 4 for i in range(20_000))
    path = tmp_path / "in.txt"
    with open(path, "w", encoding="utf-8") as file:
        for _ in range(100):
            file.write(lines)
    assert path.stat().st_size > 400 << 20
    assert peak("words", path, "--ngrams", ngrams) < 320 << 20


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_no_files(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "out.csv").write_text("old")
    # It has read something, and is waiting for more.
    process = started("words", "-", "-o", "out.csv", cwd=tmp_path, stdin=subprocess.PIPE)
    process.stdin.write(b"the cat\n" * 3_000_000)
    process.stdin.flush()
    process.send_signal(number)
    assert process.wait(timeout=20) == -number
    assert process.stderr.read() == b""
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "old"
    process.stdin.close()
    process.stderr.close()


def test_a_closed_pipe_ends_it_quietly(tmp_path: Path) -> None:
    """It prints more than fits in a pipe, so it cannot finish before the pipe is closed."""
    path = tmp_path / "in.txt"
    path.write_text("".join(f"the {i:040}\n" for i in range(100_000)))
    shell = f"{COMMAND} words {path} | head -n 2; echo ${{PIPESTATUS[0]}}"
    for unbuffered in ("", "1"):
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(["bash", "-c", shell], capture_output=True, check=True, env=environment)
        assert done.stdout == b"term,count,documents\nthe,100000,100000\n141\n"
        assert done.stderr == b""


def test_closed_streams_and_full_disks(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("the\n")
    done = subprocess.run(["bash", "-c", f"{COMMAND} words {path} >&-"], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("countgrid: standard output is closed\n", 1)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([COMMAND, "words", path], stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.stderr, done.returncode) == (b"countgrid: standard output: No space left on device\n", 1)


def shown(*arguments: object) -> str:
    return on_a_terminal("words", *arguments, "--no-progress", stdout=True)[0]


def test_a_table_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("the cat the\n")
    table = "term  count  documents\r\nthe       2          1\r\ncat       1          1\r\n"
    assert shown(path) == table
    assert shown(path, "--top", 1) == "".join(table.splitlines(True)[:2])
    assert shown(path, "--output-format", "csv") == "term,count,documents\r\nthe,2,1\r\ncat,1,1\r\n"
    path.write_text(" ".join(f"w{i:04}" for i in range(1234)))
    lines = shown(path).splitlines()
    assert lines[1].split() == ["w0000", "1", "1"]
    assert lines[30].split() == ["w0029", "1", "1"]
    assert lines[31:] == [
        "countgrid: the 30 most frequent of 1,234 terms; pass --top N, or -o FILE for all",
    ]
    assert len(shown(path, "--top", 1234).splitlines()) == 1235


def test_the_progress_bar(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("".join(f"the {i % 100}\n" for i in range(4_000_000)))
    bar = re.compile(r"countgrid: +(\d+)%\|.*\| ([\d.]+)M/([\d.]+)M \[\d\d:\d\d<\d\d:\d\d, +[\d.]+MB/s\]")
    stages, out = on_a_terminal("words", path, "--top", 1, stdout=False, env=EVERY_STEP)
    percents = [int(percent) for percent, _, _ in bar.findall(stages)]
    assert percents
    assert percents == sorted(percents)
    assert out == run("words", path, "--top", 1) == "term,count,documents\nthe,4000000,4000000\n"
    assert cg.search(path, "the") == 4_000_000
    assert on_a_terminal("words", path, "--no-progress", stdout=False)[0] == ""
