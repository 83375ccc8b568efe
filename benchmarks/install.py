"""Install the dependency group `bench`, except libraries that this Python cannot run.

Many of the libraries are compiled packages with wheels for only some Python versions and machines. If one cannot be
installed, `libraries/` leaves it out, and the record says so. The packages that all benchmarks need must be
installed.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

NEEDED = ("matplotlib", "pandas", "polars", "pyarrow", "regex", "scikit-learn", "scipy", "vaderSentiment")


def main() -> None:
    project = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text())
    group = project["dependency-groups"]["bench"]
    if install(group).returncode == 0:
        return
    needed = [requirement for requirement in group if requirement.startswith(NEEDED)]
    if (failed := install(needed)).returncode:
        raise SystemExit(failed.stderr)
    for requirement in group:
        if requirement not in needed and (failed := install([requirement])).returncode:
            reason = failed.stderr.strip().splitlines()[-1]
            print(f"left out: {requirement}, which cannot be installed here: {reason}")


def install(requirements: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--prefer-binary", *requirements]
    return subprocess.run(command, capture_output=True, text=True)


if __name__ == "__main__":
    main()
