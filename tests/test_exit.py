"""A process that has counted exits cleanly, however it exits.

Each way is tried in many processes: `COUNTGRID_EXITS` for each number of workers.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

TIMES = int(os.environ.get("COUNTGRID_EXITS", "3"))

BEGIN = """
import atexit, os, sys, threading, time, warnings
import countgrid as cg
import numpy as np

warnings.simplefilter("ignore")  # Python warns about forks in a process with threads
workers = int(sys.argv[1]) or None
plan = cg.TermCounter(["the", "cat"])
documents = ["the cat sat. " * 1000] * 40
strings = np.array(documents, dtype=np.dtypes.StringDType())
endless = ["the cat sat. " * 10_000] * 1_000_000

def check():
    for texts in (documents, strings):
        counts = plan.count(texts, workers=workers)
        assert counts.tolist() == [[1000, 1000]] * 40, counts
"""

# Python has torn down its modules, so imports and global names do not work.
LAST = """
class Last:
    def __init__(self):
        self.count, self.workers, self.is_finalizing, self.write = plan.count, workers, sys.is_finalizing, os.write
        self.documents = [documents, cg.Documents(documents)]
        self.out = np.empty((40, 2), np.int32)

    def __del__(self):
        for texts in self.documents:
            self.out[:] = 0
            counts = self.count(texts, out=self.out, workers=self.workers)
            assert counts.tolist() == [[1000, 1000]] * 40, counts
        self.write(1, b"done\\n" if self.is_finalizing() else b"too soon\\n")
"""

# Ways to count and exit. Each process prints a line, so that forked ones are seen too.
WAYS = {
    "in the main thread": """
check()
print("done")
""",
    "in the main thread, then sys.exit": """
check()
print("done")
sys.exit(0)
""",
    "in a thread that has ended": """
thread = threading.Thread(target=check)
thread.start()
thread.join()
print("done")
""",
    "in a thread that outlives the main thread": """
def later():
    threading.main_thread().join()
    check()
    print("done")

threading.Thread(target=later).start()
""",
    "in an executor that is left open": """
from concurrent.futures import ThreadPoolExecutor
executor = ThreadPoolExecutor(4)
[future.result() for future in [executor.submit(check) for _ in range(8)]]
print("done")
""",
    "in atexit": """
atexit.register(lambda: (check(), print("done")))
""",
    "in atexit, and before": """
check()
atexit.register(lambda: (check(), print("done")))
""",
    "while modules are taken down": LAST
    + """
last = Last()
""",
    "while modules are taken down, and before": LAST
    + """
check()
last = Last()
""",
    "in a daemon thread": """
threading.Thread(target=lambda: plan.totals(endless, workers=workers), daemon=True).start()
time.sleep(0.1)
print("done")
""",
    "in a daemon thread that calls back": """
def count():
    plan.totals(endless, workers=workers, progress=lambda *_: time.sleep(0.001))

threading.Thread(target=count, daemon=True).start()
time.sleep(0.1)
print("done")
""",
    "in many daemon threads": """
def count():
    while True:
        check()

for _ in range(6):
    threading.Thread(target=count, daemon=True).start()
time.sleep(0.1)
check()
print("done")
""",
    "in a forked child": """
check()
child = os.fork()
check()
if child:
    assert os.waitpid(child, 0)[1] == 0
print("done")
""",
    "in a child that was forked during a count": """
def count():
    while True:
        check()

threading.Thread(target=count, daemon=True).start()
time.sleep(0.05)
child = os.fork()
check()
if child:
    assert os.waitpid(child, 0)[1] == 0
print("done")
""",
}


if sys.version_info < (3, 14):
    # Python unwinds the stack of a daemon thread that returns from a callback, which can end the process.
    del WAYS["in a daemon thread that calls back"]


@pytest.mark.parametrize("way", WAYS)
def test_a_process_that_has_counted_ends(way):
    forks = "os.fork" in WAYS[way]
    if forks and not hasattr(os, "fork"):
        pytest.skip("Windows cannot fork a process")

    def run(workers: int) -> tuple[str, str, int]:
        command = [sys.executable, "-c", BEGIN + WAYS[way], str(workers)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return ran.stdout, ran.stderr, ran.returncode

    workers = [0, 1, 4] * TIMES
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(run, workers))
    assert results == [("done\n" * (2 if forks else 1), "", 0)] * len(workers)
