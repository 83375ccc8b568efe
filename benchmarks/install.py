"""Install the dependency group `bench`, and go without those peers that this Python cannot have.

A peer is often a compiled package, with wheels for some versions of Python and some machines only. One that cannot
be installed must not keep the others from being timed: `peers/` then leaves it out, and the record says so. What all
benchmarks need is installed first, and must succeed.
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
