"""The number of workers if none is given: from the environment, else all cores."""

import os
import subprocess
import sys

import countgrid as cg
import pytest
from countgrid import _core

VARIABLES = ("COUNTGRID_WORKERS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS")
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, CORES),
        ({"COUNTGRID_WORKERS": "3"}, 3),
        ({"COUNTGRID_WORKERS": ""}, CORES),
        ({"COUNTGRID_WORKERS": "5", "RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}, 5),
        ({"RAYON_NUM_THREADS": "1"}, 1),
        ({"RAYON_NUM_THREADS": "0"}, CORES),
        ({"RAYON_NUM_THREADS": "4096"}, CORES),
        ({"OMP_NUM_THREADS": "1"}, 1),
        ({"OMP_NUM_THREADS": "1,4"}, 1),
        ({"OMP_NUM_THREADS": "all"}, CORES),
    ],
)
def test_the_environment(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert _core.default_workers() == expected
    assert cg.count(["a cat"], ["cat"]).tolist() == [[1]]


@pytest.mark.parametrize("value", ["0", "-1", "all", "2.5", "4097"])
def test_an_invalid_number(monkeypatch, value):
    monkeypatch.setenv("COUNTGRID_WORKERS", value)
    message = f'COUNTGRID_WORKERS is "{value}"; expected a number of workers from 1 to 4096'
    with pytest.raises(ValueError, match=message):
        cg.count(["a cat"], ["cat"])
    assert cg.count(["a cat"], ["cat"], workers=1).tolist() == [[1]]


THREADS = """
import os, threading, countgrid as cg
documents = cg.Documents(["a cat"] * 200_000)
cg.count(documents, ["cat"])
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="the system does not list threads")
@pytest.mark.parametrize("workers", [1, 7])
def test_as_many_threads_are_started(workers):
    environment = {**os.environ, "COUNTGRID_WORKERS": str(workers), "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-c", THREADS], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert int(run.stdout) == 1 + workers
