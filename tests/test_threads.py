"""Threads and processes: counts release the GIL, and a forked child can count. For Ctrl-C see `test_interrupts.py`.

Times are compared with a control, since the machine may be busy.
"""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import countgrid as cg
import numpy as np
import pytest

TEXT = "the cat sat on the mat, and the dog did not. " * 1000
TERMS = ["the", "cat", "dog"]


def seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def longer_than(least: float, call) -> int:
    """A size for which `call(size)` takes at least `least` seconds."""
    size = 100
    while (taken := seconds(partial(call, size))) < least:
        size = int(size * max(2, min(20, 1.3 * least / max(taken, 1e-4))))
    return size


class Ticks:
    """A Python thread that requests the GIL every millisecond, and how often it got it."""

    def __enter__(self):
        self.count = 0
        self.ended = False
        self.thread = threading.Thread(target=self.tick)
        self.thread.start()
        return self

    def tick(self):
        while not self.ended:
            self.count += 1
            time.sleep(0.001)

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()


def ticks_a_second(call) -> float:
    with Ticks() as ticks:
        time.sleep(0.01)
        before, start = ticks.count, time.perf_counter()
        call()
        return (ticks.count - before) / (time.perf_counter() - start)


CALLS = {
    "list": lambda plan, size: plan.count([TEXT] * size, workers=1),
    "one document": lambda plan, size: plan.count([TEXT * size], workers=1),
    "numpy": lambda plan, size: plan.count(np.broadcast_to(np.array(TEXT), size), workers=1),
    "sparse": lambda plan, size: plan.count([TEXT] * size, workers=1, sparse=True),
    "totals": lambda plan, size: plan.totals([TEXT] * size, workers=1),
    "a small row for each": lambda plan, size: plan.totals(
        np.broadcast_to(np.array(b"the cat"), size * 1000), workers=1
    ),
}


needs_a_gil = pytest.mark.skipif(
    not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="it compares with a thread that holds the GIL"
)


@needs_a_gil
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_other_threads_run_during_a_count(call, hold_the_gil):
    plan = cg.TermCounter(TERMS)
    size = longer_than(0.3, lambda size: call(plan, size))
    free = max(ticks_a_second(lambda: call(plan, size)) for _ in range(3))  # other processes may take the cores
    held = ticks_a_second(hold_the_gil)
    assert free > 5 * held


@pytest.fixture(scope="module")
def hold_the_gil():
    """A call that holds the GIL for a while."""
    size = longer_than(0.3, lambda size: (b"ab" * size * 1000).count(b"ba"))
    data = b"ab" * size * 1000
    return lambda: data.count(b"ba")


@needs_a_gil
def test_a_file_is_searched_without_the_gil(tmp_path, hold_the_gil):
    path = tmp_path / "text"

    def search(size):
        if not path.exists() or path.stat().st_size < len(TEXT) * size:
            path.write_text(TEXT * size)
        return cg.search(path, "the", match="word", workers=1)

    size = longer_than(0.3, search)
    free = max(ticks_a_second(lambda: search(size)) for _ in range(3))
    assert free > 5 * ticks_a_second(hold_the_gil)


def test_counts_at_the_same_time_share_the_cores():
    """Two equal counts that start together end together: neither waits for the other to end."""
    plan = cg.TermCounter(TERMS)
    size = longer_than(0.3, lambda size: plan.totals([TEXT] * size))
    ended = []

    def count():
        plan.totals([TEXT] * size)
        ended.append(time.perf_counter())

    start = time.perf_counter()
    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, last = sorted(end - start for end in ended)
    assert first > 0.55 * last


def test_a_small_count_does_not_wait_for_a_long_one():
    plan = cg.TermCounter(TERMS)
    size = longer_than(1.0, lambda size: plan.totals([TEXT] * size))
    long = threading.Thread(target=lambda: plan.totals([TEXT] * size))
    long.start()
    time.sleep(0.1)
    plan.totals([TEXT] * 10)
    assert long.is_alive()
    long.join()


def test_many_threads_at_once():
    documents = [["the cat " * (i % 9), TEXT] * 100 for i in range(64)]
    expected = [[[i % 9, i % 9, 0], [3000, 1000, 1000]] * 100 for i in range(64)]
    with ThreadPoolExecutor(16) as threads:
        found = threads.map(lambda some: cg.count(some, TERMS, workers=3).tolist(), documents)
        assert list(found) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process within a limit of address space")
def test_more_workers_than_the_system_gives_threads():
    script = """
import resource
import countgrid as cg
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
documents = ["the cat " * 1000] * 1000
try:
    print(cg.count(documents, ["the"], workers=4000).sum())
except Exception as error:
    print(cg.count(documents, ["the"], workers=2).sum())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout, ran.returncode) == ("1000000\n", 0), ran.stderr


def test_counts_from_short_lived_threads():
    for _ in range(50):
        found = []
        thread = threading.Thread(target=lambda found=found: found.append(cg.count([TEXT] * 20, TERMS).tolist()))
        thread.start()
        thread.join()
        assert found == [[[3000, 1000, 1000]] * 20]


def test_a_count_while_another_thread_imports_pandas():
    """At that point, the module is only half imported, and no object of its types exists."""
    script = """
import sys, threading
import countgrid as cg

halfway, counted = threading.Event(), threading.Event()

class Finder:
    def find_spec(name, path=None, target=None):
        if name == "pandas.core.api":
            halfway.set()
            counted.wait(20)

sys.meta_path.insert(0, Finder)
importing = threading.Thread(target=lambda: __import__("pandas"))
importing.start()
assert halfway.wait(20)
print("pandas" in sys.modules, cg.count(["the cat", None], ["the"]).tolist())
counted.set()
importing.join()
print(cg.count(sys.modules["pandas"].Series(["the cat"]), ["the"]).tolist())
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout, ran.stderr) == ("True [[1], [0]]\n[[1]]\n", "")


# Fork

FORKED = """
import contextlib, os, sys, threading, time, warnings
import countgrid as cg

warnings.simplefilter("ignore")  # Python warns about forks in a process with threads
text = "the cat sat on the mat, and the dog did not. " * 1000
plan = cg.TermCounter(["the", "cat", "dog"])
expected = [[3000, 1000, 1000]] * 200

def threads():
    names = []
    for task in os.listdir("/proc/self/task"):
        # A thread of the pool of two may end just now.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            names.append(open(f"/proc/self/task/{task}/comm").read())
    return names

def check():
    assert plan.count([text] * 200).tolist() == expected
    assert plan.count([text] * 200, workers=3).tolist() == expected
    if os.path.exists("/proc/self/task"):
        # A thread gives itself its name, which a busy machine may let it do late.
        for _ in range(100):
            own = sum("countgrid" in name for name in threads())
            if own >= 3:
                break
            time.sleep(0.05)
        assert own >= 3, "the child has workers of its own"

def fork():
    child = os.fork()
    if child == 0:
        try:
            check()
        except BaseException as error:
            print("in the child:", repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return child

def joined(child):
    assert os.waitpid(child, 0)[1] == 0

if sys.argv[1] == "after":
    check()
    joined(fork())
elif sys.argv[1] == "before":
    joined(fork())
    check()
elif sys.argv[1] == "twice":
    check()
    child = os.fork()
    if child == 0:
        check()
        joined(fork())
        os._exit(0)
    joined(child)
elif sys.argv[1] == "during":
    stop = threading.Event()
    def count():
        while not stop.is_set():
            plan.totals([text] * 2000)
    others = [threading.Thread(target=count, daemon=True) for _ in range(2)]
    for other in others:
        other.start()
    time.sleep(0.1)
    for _ in range(10):
        joined(fork())
        time.sleep(0.01)
    stop.set()
    for other in others:
        other.join()
    check()
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows cannot fork a process")
@pytest.mark.parametrize("when", ["before", "after", "during", "twice"])
def test_a_forked_child_counts(when):
    ran = subprocess.run(
        [sys.executable, "-c", FORKED, when], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("done\n", "", 0)


MULTIPROCESSING = """
import multiprocessing, sys, warnings
import countgrid as cg

warnings.simplefilter("ignore")
plan = cg.TermCounter(["the", "cat"])

def count(documents):
    return plan.count(documents).tolist()

if __name__ == "__main__":
    lists = [["the cat " * 10_000] * 20] * 8
    assert [count(documents) for documents in lists] == [[[10_000, 10_000]] * 20] * 8
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        assert pool.map(count, lists) == [[[10_000, 10_000]] * 20] * 8
    print("done")
"""


# joblib adds methods of its own.
@pytest.mark.parametrize(
    "method", sorted({"fork", "forkserver", "spawn"} & {*multiprocessing.get_all_start_methods()})
)
def test_multiprocessing(tmp_path, method):
    script = tmp_path / "script.py"
    script.write_text(MULTIPROCESSING)
    ran = subprocess.run([sys.executable, script, method], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout, ran.returncode) == ("done\n", 0), ran.stderr


def test_a_count_that_python_ends_with():
    """A daemon thread in a count does not keep the process from exiting, and does not crash it."""
    script = """
import threading, time
import countgrid as cg
plan = cg.TermCounter(["the"])
threading.Thread(target=lambda: plan.totals(["the cat " * 10_000] * 1_000_000), daemon=True).start()
time.sleep(0.2)
print("done")
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert (ran.stdout, ran.returncode) == ("done\n", 0), ran.stderr


def test_threads_that_share_everything():
    """Runs `stress.py` for `COUNTGRID_STRESS` seconds. Rare faults need minutes."""
    seconds = os.environ.get("COUNTGRID_STRESS", "3")
    command = [sys.executable, Path(__file__).with_name("stress.py"), seconds]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=float(seconds) + 120, check=False)
    assert ran.returncode == 0, ran.stderr
    print(ran.stdout)


MANY_COUNTS = """
import os, threading
import countgrid as cg

documents = cg.Documents(["the cat sat on the mat"] * 200_000)
counter = cg.TermCounter(["the", "cat"])
counts, most, is_done = [], [0], threading.Event()

def watch():
    while not is_done.wait(0.002):
        most[0] = max(most[0], len(os.listdir("/proc/self/task")))

def count():
    counts.append(counter.totals(documents, workers=16).counts.tolist())

watching = threading.Thread(target=watch)
threads = [threading.Thread(target=count) for _ in range(16)]
watching.start()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
is_done.set()
watching.join()
assert counts == [[400_000, 200_000]] * 16, counts
print(most[0])
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the system does not list threads")
def test_counts_at_the_same_time_share_threads():
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-c", MANY_COUNTS], env=environment, capture_output=True, text=True, check=True, timeout=300
    )
    # The first count starts with 16 threads, the second with 8, then 6, 4, ..., 1. Python has 18 more. Without
    # sharing there would be 16 * 16.
    assert int(run.stdout) < 18 + 16 * 6
