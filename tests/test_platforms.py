"""Other systems, simulated by removing what they lack. Everything must still work, or say why it cannot."""

import ctypes
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
from countgrid import _memory

GB = 10**9


@pytest.fixture
def no_control_groups(monkeypatch):
    monkeypatch.setattr(_memory, "_control_groups", list)


def without_sysconf(monkeypatch, how: str) -> None:
    if how == "missing":
        monkeypatch.delattr(os, "sysconf", raising=False)
        return

    def sysconf(name):
        if how == "untold":
            return -1
        raise {"unknown": ValueError, "failing": OSError}[how](name)

    monkeypatch.setattr(os, "sysconf", sysconf, raising=False)


def on_windows(monkeypatch, reported: int) -> None:
    """`GlobalMemoryStatusEx`, which rejects a structure of another length."""

    def status(pointer):
        structure = pointer._obj
        if reported and structure.length == ctypes.sizeof(structure) == 64:
            structure.total = reported
        return int(bool(reported))

    kernel32 = types.SimpleNamespace(GlobalMemoryStatusEx=status)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel32), raising=False)


def on_macos(monkeypatch, reported: int) -> None:
    def sysctlbyname(name, size, length, new, new_length):
        assert (name, length._obj.value, new, new_length.value) == (b"hw.memsize", 8, None, 0)
        size._obj.value = reported
        return 0 if reported else -1

    library = types.SimpleNamespace(sysctlbyname=sysctlbyname)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)


def without_libraries(monkeypatch) -> None:
    monkeypatch.delattr(ctypes, "windll", raising=False)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: types.SimpleNamespace())


@pytest.mark.parametrize("how", ["missing", "untold", "unknown", "failing"])
@pytest.mark.parametrize("system", [on_windows, on_macos])
@pytest.mark.usefixtures("no_control_groups")
def test_memory_is_known_without_sysconf(monkeypatch, how, system):
    without_libraries(monkeypatch)
    without_sysconf(monkeypatch, how)
    system(monkeypatch, 7 * GB)
    assert _memory.limit() == 7 * GB
    _memory.check(10**6, 7000, 1)
    with pytest.raises(MemoryError, match=r"takes 7\.0 GB, more than the 7\.0 GB"):
        _memory.check(10**6 + 1, 7000, 1)
    system(monkeypatch, 0)
    assert _memory.limit() is None, "a call that fails tells nothing"


@pytest.mark.usefixtures("no_control_groups")
def test_memory_is_known_here():
    """The system's own call agrees with `sysconf`, if there is one."""
    here = _memory.limit()
    assert here > GB // 4
    if sys.platform == "win32":
        assert here == _memory._windows()
    if sys.platform == "darwin":
        assert here == _memory._sysctl()


@pytest.mark.parametrize("module", [True, False])
@pytest.mark.usefixtures("no_control_groups")
def test_no_size_is_an_error_if_memory_is_unknown(monkeypatch, module):
    without_sysconf(monkeypatch, "missing")
    without_libraries(monkeypatch)
    if not module:
        monkeypatch.setitem(sys.modules, "ctypes", None)
    assert _memory.limit() is None
    _memory.check(10**9, 10**9, 8)


def test_control_groups_of_any_name(tmp_path):
    own = tmp_path / "cgroup"
    name = os.fsdecode(b"/a \xff:b")
    own.write_bytes(b"0::" + os.fsencode(name) + b"\n3:cpu,memory:/c\n2:cpu:/d\n")
    for path, limit in [(f"top{name}/memory.max", "5000"), ("top/memory.max", "max"), ("top/memory/c/none", "7")]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(limit, encoding="ascii")
    (tmp_path / "top/memory/memory.limit_in_bytes").write_text("6000\n", encoding="ascii")
    assert _memory._control_groups(tmp_path / "top", own) == [5000, 6000]
    assert _memory._control_groups(tmp_path / "top", tmp_path / "no such file") == []


#: Removed after importing pytest and the libraries, since these have other code for Windows.
ELSEWHERE = """
import multiprocessing, os, select, signal, sys
import click, matplotlib.font_manager, numpy, pandas, polars, pyarrow, pytest, scipy.sparse, sklearn

class Elsewhere:
    def pytest_collection(self):
        for name in ["fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"]:
            sys.modules[name] = None
        for module, names in {
            os: "fork forkpty wait4 killpg getpgid setsid sysconf sched_getaffinity openpty mkfifo geteuid getuid",
            signal: "SIGHUP SIGALRM SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGXFSZ SIGXCPU SIGCHLD "
            "SIGCONT ITIMER_REAL pthread_kill pthread_sigmask setitimer getitimer alarm pause sigwait",
            select: "poll epoll kqueue",
        }.items():
            for name in names.split():
                vars(module).pop(name, None)
        multiprocessing.get_all_start_methods = lambda: ["spawn"]
        sys.platform = "win32"

sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *sys.argv[1:]], [Elsewhere()]))
"""


def test_every_test_is_collected_elsewhere():
    tests = Path(__file__).parent
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, tests], cwd=tests.parent, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert "error" not in ran.stdout.splitlines()[-1]


def test_the_control_sees_a_leak(tmp_path):
    for name, line in [("imports", "import fcntl"), ("uses", "import os; fork = os.fork")]:
        (tmp_path / f"test_{name}.py").write_text(line, encoding="ascii")
        ran = subprocess.run([sys.executable, "-c", ELSEWHERE, tmp_path], capture_output=True, text=True, check=False)
        assert ran.returncode == 2, ran.stdout
        assert "ERROR collecting" in ran.stdout
