"""The command `countgrid` as a process: memory, signals, closed pipes, terminals."""

import io
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import countgrid as cg
import pyarrow as pa
import pytest
import scipy.sparse
from process import COMMAND, TEXTS, WRITERS, run, written

LACKING = "Windows has neither these signals and terminals nor limits of a process"
fcntl = pytest.importorskip("fcntl", reason=LACKING)
pty = pytest.importorskip("pty", reason=LACKING)
resource = pytest.importorskip("resource", reason=LACKING)
termios = pytest.importorskip("termios", reason=LACKING)

#: Starts the command as its only child, and prints the child's peak memory, on Linux without pages of mapped files.
#: (For a direct child of the tests, the peak would include the tests' own memory.)
MEASURED = """
import re, resource, subprocess, sys, time
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
most = 0
while child.poll() is None:
    if sys.platform == "linux":
        found = re.search(r"RssAnon:\\s*(\\d+) kB", open(f"/proc/{child.pid}/status").read())
        most = max(most, int(found[1]) * 1024 if found else 0)
    time.sleep(0.005)
if sys.platform != "linux":
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(most)
sys.exit(child.returncode)
"""


def peak(*arguments: object) -> int:
    """The command's peak memory in bytes. Its standard output is discarded."""
    command = [sys.executable, "-c", MEASURED, COMMAND, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    return int(done.stdout)


def write_in_groups(table: pa.Table, path: Path) -> None:
    pa.parquet.write_table(table, path, row_group_size=4000, compression="none", use_dictionary=False)


def write_as_one_batch(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)


@pytest.mark.parametrize(
    ("suffix", "write"),
    [
        (".parquet", write_in_groups),
        pytest.param(
            ".arrow",
            write_as_one_batch,
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="only Linux tells mapped pages from other memory"
            ),
        ),
        *((suffix, WRITERS[suffix]) for suffix in (".csv", ".jsonl", ".txt")),
    ],
)
def test_memory_does_not_grow_with_the_input(tmp_path: Path, suffix: str, write: Callable) -> None:
    """A million documents, which no format needs to store in memory."""
    texts = [f"{i} the cat sat on the mat, {i * 7919 % 10_007} times. " * 10 for i in range(125_000)]
    path = tmp_path / f"in{suffix}"
    write(pa.table({"text": texts * 8}), path)
    assert path.stat().st_size > 400 << 20
    for output in ("out.parquet", "out.npz"):
        assert peak("count", path, "-t", "cat", "-t", "7", "--missing", "zero", "-o", tmp_path / output) < 320 << 20


def heed_signals() -> None:
    """Reset signals that the parent of the tests ignores (nohup), since processes inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def started(*arguments: object, preexec_fn=heed_signals, **options) -> subprocess.Popen:
    return subprocess.Popen([COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, preexec_fn=preexec_fn, **options)


def wait_for_part(folder: Path) -> None:
    """Wait until there is a half-written output."""
    until = time.monotonic() + 30
    while not any(folder.glob(".out*")):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("output", ["out.csv", "out.parquet", "out.npz"])
def test_a_signal_leaves_no_files(tmp_path: Path, number: signal.Signals, output: str) -> None:
    (tmp_path / output).write_text("old")
    # It has counted something, and is waiting for more.
    process = started(
        "count", "-", "--format", "text", "-t", "the", "-o", output, cwd=tmp_path, stdin=subprocess.PIPE
    )
    process.stdin.write(b"the cat\n" * 3_000_000)
    process.stdin.flush()
    wait_for_part(tmp_path)
    process.send_signal(number)
    assert process.wait(timeout=20) == -number
    assert process.stderr.read() == b""
    assert [path.name for path in tmp_path.iterdir()] == [output]
    assert (tmp_path / output).read_text() == "old"
    process.stdin.close()
    process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_tells_how_to_continue(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "in.txt").write_text("the cat sat on the mat\n" * 300_000)
    (tmp_path / "terms.txt").write_text("\n".join(f"(a|b|c|[d-f])+x{i}" for i in range(3000)))
    options = ("--terms", "terms.txt", "--syntax", "regex", "--no-progress", "-o", "out/")
    process = started("count", "in.txt", *options, cwd=tmp_path)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("out/.in.txt*")):
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=20) == -number
    said = b"countgrid: interrupted; run the same command with --resume to continue\n"
    assert process.stderr.read() == said
    process.stderr.close()


#: A NumPy package that sends Ctrl-C when it is imported.
CTRL_C_AT_NUMPY = """
import os, signal, sys

class Finder:
    def find_spec(name, path=None, target=None):
        if name == "numpy":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder)
"""


def test_ctrl_c_while_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text(CTRL_C_AT_NUMPY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = started("totals", "-", "--format=text", "--term=the", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert process.communicate() == (b"", b"")
    assert process.returncode == -signal.SIGINT
    # A program that imports the library handles signals itself.
    program = "try: import countgrid\nexcept KeyboardInterrupt: print('interrupted')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, preexec_fn=heed_signals)
    assert (done.stdout, done.stderr, done.returncode) == (b"interrupted\n", b"", 0)


def test_ctrl_c_while_counting(tmp_path: Path) -> None:
    """A regular expression for each of many terms takes minutes."""
    path = tmp_path / "in.txt"
    path.write_text("the cat sat on the mat\n" * 300_000)
    (tmp_path / "terms.txt").write_text("\n".join(f"(a|b|c|[d-f])+x{i}" for i in range(3000)))
    process = started(
        "count", path, "--terms", tmp_path / "terms.txt", "--syntax", "regex", "-o", tmp_path / "out.csv"
    )
    wait_for_part(tmp_path)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == -signal.SIGINT
    assert time.monotonic() - began < 10
    assert process.stderr.read() == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.txt", "terms.txt"]
    process.stderr.close()


def test_an_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    process = started(
        "totals",
        "-",
        "--format=text",
        "--term=the",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    process.stdin.write(b"the\n" * 3_000_000)
    process.send_signal(signal.SIGHUP)
    out, errors = process.communicate()
    assert process.returncode == 0
    assert errors == b""
    assert b"3000000" in out


@contextmanager
def followed(command: str, form: str) -> Iterator[subprocess.Popen]:
    """Run the command on a pipe that stays open. After the pipe is closed, there is no more output and no error."""
    arguments = [command, "-", "-c", "text", "--format", form, "-t", "cat"]
    process = started(*arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    try:
        yield process
        assert process.communicate(timeout=20) == (b"", b"")
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def next_line(process: subprocess.Popen) -> list[bytes]:
    assert select.select([process.stdout], [], [], 20)[0], "nothing comes"
    return process.stdout.readline().split()


@pytest.mark.parametrize("form", ["text", "jsonl", "csv"])
@pytest.mark.parametrize(
    ("command", "expected"),
    [("count", [[b"cat"], [b"1"], [b"0"], [b"1"]]), ("find", [[], [b"1:", b"a", b"cat"], [], [b"3:", b"cat"]])],
)
def test_a_pipe_is_followed(command: str, expected: list[list[bytes]], form: str) -> None:
    """Each line is counted at once, even if more may follow."""
    with followed(command, form) as process:
        if form == "csv":
            process.stdin.write(b"text\n")
        for text, lines in zip(["a cat", "dog", "cat"], [expected[:2], expected[2:3], expected[3:]], strict=True):
            process.stdin.write(f"{json.dumps({'text': text}) if form == 'jsonl' else text}\n".encode())
            for line in filter(None, lines):
                assert next_line(process) == line


def test_of_json_a_column_is_waited_for() -> None:
    with followed("count", "jsonl") as process:
        for line in (b'{"level": 1}\n', b'{"text": "cat"}\n'):
            process.stdin.write(line)
            time.sleep(0.5)
        assert [next_line(process) for _ in range(3)] == [[b"cat"], [], [b"1"]]


@pytest.mark.parametrize("form", ["csv", "npz"])
def test_paths_that_refer_to_a_pipe_are_written_to(tmp_path: Path, form: str) -> None:
    (tmp_path / "in.txt").write_text("the\n")
    shell = f"{COMMAND} count in.txt -t the -o >(cat) --output-format {form} | cat"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=tmp_path)
    assert done.stderr == b""
    if form == "npz":
        assert scipy.sparse.load_npz(io.BytesIO(done.stdout)).toarray().tolist() == [[1]]
    else:
        assert done.stdout == b"the\n1\n"


@pytest.mark.parametrize(
    "command", ["count in.txt -t the", "totals in.txt -t the", "find in.txt -t the", "search in.txt the"]
)
def test_closed_streams(tmp_path: Path, command: str) -> None:
    (tmp_path / "in.txt").write_text("the\n")
    closed = "countgrid: standard output is closed\n"
    for redirection, errors, code in [(">&-", closed, 1), ("2>&-", "", 0)]:
        shell = f"{COMMAND} {command} {redirection}"
        done = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=tmp_path, text=True)
        assert (done.stderr, done.returncode) == (errors, code)
        assert bool(done.stdout) == (code == 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["count", "--term", "the"],
        ["count", "--term", "the", "--keep", "text", "--output-format", "parquet"],
        ["find", "--term", "the"],
    ],
)
def test_a_closed_pipe_ends_it_quietly(tmp_path: Path, arguments: list[str]) -> None:
    """They print more than fits in a pipe, so they cannot finish before it is closed."""
    path = tmp_path / "in.txt"
    path.write_text("".join(f"the {i}\n" for i in range(2_000_000)))
    process = started(*arguments, path, stdout=subprocess.PIPE)
    process.stdout.read(4)
    process.stdout.close()
    assert process.wait(timeout=30) == -signal.SIGPIPE
    assert process.stderr.read() == b""
    process.stderr.close()
    shell = f"{COMMAND} {' '.join(arguments)} {path} | head -c 4 | wc -c; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=True)
    assert done.stdout.split() == [b"4", b"141"]
    assert done.stderr == b""


def test_a_closed_pipe_with_little_to_say() -> None:
    done = subprocess.run(["bash", "-c", f"{COMMAND} --help | true"], capture_output=True, check=True)
    assert done.stderr == b""


@pytest.mark.parametrize("command", [["count"], ["count", "--output-format", "npz"], ["totals"], ["find"]])
def test_a_full_disk_under_standard_output(tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "in.txt"
    path.write_text("the\n" * 10)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [COMMAND, *command, path, "-t", "the"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr == b"countgrid: standard output: No space left on device\n"


@pytest.mark.parametrize("command", ["count", "find"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_standard_output_that_cannot_grow(tmp_path: Path, command: str, unbuffered: str) -> None:
    """The system writes the first part of what it gets."""
    path = tmp_path / "in.txt"
    path.write_text("the cat sat on the mat\n" * 1000)

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    with open(tmp_path / "out", "wb") as file:
        done = subprocess.run(
            [COMMAND, command, path, "-t", "the"],
            stdout=file,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            preexec_fn=limited,
            check=False,
        )
    assert done.stderr == b"countgrid: standard output: File too large\n"
    assert done.returncode == 1


def test_a_file_that_cannot_grow(tmp_path: Path) -> None:
    """A full disk while writing."""
    path = tmp_path / "in.txt"
    path.write_text("".join(f"the {i}\n" for i in range(1_000_000)))

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    for output in ["out.csv", "out.parquet", "out.arrow", "out.npz"]:
        (tmp_path / output).write_text("old")
        arguments = ["count", "in.txt", "-t", "the", "--keep", "text", "-o", output]
        arguments = arguments if output != "out.npz" else ["count", "in.txt", "-t", "the", "-o", output]
        said = run(*arguments, cwd=tmp_path, code=1, preexec_fn=limited)
        assert said == f"countgrid: {output}: File too large\n"
        assert (tmp_path / output).read_text() == "old"
    assert not list(tmp_path.glob(".*"))


# tqdm then also shows the steps of a run that ends before its first interval.
EVERY_STEP = {"TQDM_MININTERVAL": "0"}


def on_a_terminal(*arguments: object, stdout: bool, env: dict[str, str] | None = None) -> tuple[str, str]:
    """The output on a terminal, and standard output if that is not the terminal."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen(
        [COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=terminal if stdout else subprocess.PIPE,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", **(env or {})},
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            some = os.read(controller, 65536)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        shown += some
    out = b"" if stdout else process.stdout.read()
    assert process.wait() == 0
    os.close(controller)
    if not stdout:
        process.stdout.close()
    return shown.decode(), out.decode()


def test_the_progress_bar(tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("".join(f"the {i}\n" for i in range(6_000_000)))
    size = path.stat().st_size
    bar = re.compile(r"countgrid: +(\d+)%\|.*\| ([\d.]+)M/([\d.]+)M \[\d\d:\d\d<\d\d:\d\d, +[\d.]+MB/s\]")
    shown, out = on_a_terminal("totals", path, path, "-t", "the", stdout=False, env=EVERY_STEP)
    stages = bar.findall(shown)
    assert stages, shown
    percents = [int(percent) for percent, _, _ in stages]
    assert percents == sorted(percents)
    assert {total for _, _, total in stages} == {f"{2 * size / 1e6:.3g}"}
    assert shown.endswith("\r")
    assert out == run("totals", path, path, "-t", "the")
    # Not with --no-progress, and not in a pipe, unless with --progress.
    assert on_a_terminal("totals", path, "-t", "the", "--no-progress", stdout=False)[0] == ""
    done = subprocess.run(
        [COMMAND, "totals", path, "-t", "the", "--progress"],
        capture_output=True,
        check=True,
        env={**os.environ, **EVERY_STEP},
    )
    assert bar.search(done.stderr.decode())
    # The bar does not mix with a result on the same terminal.
    small = written(tmp_path, "small", {"text": ["the"]}, ".txt")
    assert on_a_terminal("count", small, "-t", "the", stdout=True)[0] == "the\r\n1\r\n"


def test_colours(tmp_path: Path) -> None:
    path = written(tmp_path, "in", {"text": ["on the mat"]}, ".txt")
    find = ["find", path, "-t", "the", "--width", "3"]
    coloured = "1: on \x1b[31m\x1b[1mthe\x1b[0m ma\r\n"
    assert on_a_terminal(*find, stdout=True)[0] == coloured
    assert on_a_terminal(*find, stdout=True, env={"NO_COLOR": "1"})[0] == "1: on the ma\r\n"
    assert on_a_terminal(*find, "--color", stdout=True, env={"NO_COLOR": "1"})[0] == coloured
    assert on_a_terminal(*find, "--no-color", stdout=True)[0] == "1: on the ma\r\n"
    assert on_a_terminal(*find, stdout=False)[1] == "1: on the ma\n"


def test_binary_formats_are_not_for_a_terminal(tmp_path: Path) -> None:
    path = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    controller, terminal = pty.openpty()
    command = [COMMAND, "count", str(path), "-t", "the", "--output-format", "parquet"]
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, check=False)
    os.close(terminal)
    os.close(controller)
    assert done.returncode == 2
    assert b"parquet is not for a terminal" in done.stderr


def test_other_locales(tmp_path: Path) -> None:
    """CSV is always UTF-8. On a terminal, characters that the encoding lacks are escapes."""
    path = written(tmp_path, "in", {"text": TEXTS}, ".parquet")
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    assert run("count", path, "-t", "日本", "--missing", "zero", env=env).startswith("日本\n0\n")
    done = subprocess.run([COMMAND, "find", path, "-t", "日本"], env=env, capture_output=True, check=True)
    assert rb"\u65e5\u672c" in done.stdout


@pytest.mark.parametrize("output", ["/dev/stdout", "/dev/fd/1"])
def test_open_files_are_not_replaced(tmp_path: Path, output: str) -> None:
    path = written(tmp_path, "in", {"text": ["the"]}, ".txt")
    count = f"{COMMAND} count {path} -t the -o {output} --output-format csv"
    subprocess.run(["bash", "-c", f"{{ {count}; echo end; }} >> {tmp_path / 'out'}"], check=True)
    assert (tmp_path / "out").read_text() == "the\n1\nend\n"


def test_completion() -> None:
    """Click's completion, by an environment variable."""
    env = {**os.environ, "_COUNTGRID_COMPLETE": "bash_complete", "COMP_WORDS": "countgrid to", "COMP_CWORD": "1"}
    done = subprocess.run([COMMAND], env=env, capture_output=True, check=False)
    assert done.stdout == b"plain,totals\n"
    assert done.stderr == b""


def test_a_pipe_between_two_commands(tmp_path: Path) -> None:
    path = written(tmp_path, "in", {"text": TEXTS * 20_000}, ".csv")
    carried = f"{COMMAND} count {path} -c text -t the --keep text --output-format arrows"
    counted = f"{COMMAND} totals - --format arrow -c text -t the -t cat -o -"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", f"{carried} | {counted}"], capture_output=True, check=True)
    # A blank line of CSV is not a row.
    totals = cg.TermCounter(["the", "cat"]).totals(TEXTS * 20_000)
    expected = "".join(
        f"{row[0]},{row[1]},{row[2]}\n" for row in zip(totals.columns, totals.counts, totals.documents, strict=True)
    )
    assert done.stdout.decode() == "column,count,documents\n" + expected
    assert pa.ipc.open_stream(run_bytes(carried)).schema.names == ["text", "the"]


def run_bytes(shell: str) -> bytes:
    return subprocess.run(["bash", "-c", shell], capture_output=True, check=True).stdout
