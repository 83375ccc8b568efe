"""Installs countgrid from a folder of wheels, or with a source distribution, into a clean environment and tests it.

    python .ci/test_wheel.py dist

pip chooses the wheel for the current Python, so this also tests the wheels' tags.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ["tests/test_cases.py", "tests/test_threads.py"]
#: The packages that the tests import. Tests of optional packages without a wheel are skipped.
NEEDED = [
    "numpy>=2.0",
    "hypothesis>=6.100",
    "pandas>=2.2.2",
    "pyarrow>=16",
    "pytest>=8",
    "regex>=2024.4",
    "scipy>=1.13",
]
OPTIONAL = ["duckdb>=1.2", "polars>=1.10"]

WHERE = """
import sys, countgrid
print(countgrid.__version__, countgrid.__file__)
assert countgrid.__file__.startswith(sys.prefix), "imported another countgrid than the installed one"
assert countgrid.count(["the cat the"], ["the"]).tolist() == [[2]]
if "free-threading" in sys.version:
    assert not sys._is_gil_enabled(), "importing countgrid has enabled the GIL"
"""


def main(folder: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = Path(place, "Scripts/python.exe" if os.name == "nt" else "bin/python")

        def run(*arguments: str, check: bool = True) -> None:
            subprocess.run([python, "-m", *arguments], cwd=ROOT, check=check)

        install = ["pip", "install", "--quiet"]
        if list(Path(folder).glob("*.whl")):
            run(*install, "--no-index", "--no-deps", "--find-links", folder, "countgrid")
        else:
            (sdist,) = Path(folder).glob("*.tar.gz")
            run(*install, str(sdist))
        run(*install, *NEEDED)
        for requirement in OPTIONAL:
            run(*install, "--only-binary", ":all:", requirement, check=False)
        subprocess.run([python, "-c", WHERE], cwd=place, check=True)
        run("pytest", "-q", "-p", "no:cacheprovider", *TESTS)


main(*sys.argv[1:])
