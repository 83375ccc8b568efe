"""Install a wheel and the packages that its tests use, on a Python for which some packages have no wheel.

    python .ci/install_for_tests.py WHEEL

Packages that cannot be installed are left out with a note. `pytest --skip-missing` skips the tests that import them.
"""

import subprocess
import sys
import tomllib
from pathlib import Path


def main(wheel: str) -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"].values()
    optional = {requirement for extra in extras for requirement in extra if not requirement.startswith("countgrid")}
    needed = [wheel, *groups["test"]]
    if (failed := install(["--force-reinstall", "--no-deps", wheel]) or install(needed)) is not None:
        raise SystemExit(failed)
    if install([*optional, *groups["pages"]]) is None:
        return
    for requirement in sorted({*optional, *groups["pages"]}):
        if (failed := install([requirement])) is not None:
            print(f"left out: {requirement}, which cannot be installed here: {failed.strip().splitlines()[-1]}")


def install(requirements: list[str]) -> str | None:
    """Install with pip. Returns its error message, or `None`."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--prefer-binary", *requirements]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else None


if __name__ == "__main__":
    main(sys.argv[1])
