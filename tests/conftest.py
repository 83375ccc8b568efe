"""Settings that all tests share."""

import ast
import importlib.util
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No deadline: a slow machine is not a bug. Examples stay random; a failing one is printed, so you can repeat it.
# COUNTGRID_EXAMPLES changes the number of examples of a property, for a quick or a long run.
settings.register_profile(
    "countgrid",
    deadline=None,
    max_examples=int(os.environ.get("COUNTGRID_EXAMPLES", "60")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("countgrid")


LEFT_OUT = []
TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser):
    parser.addoption(
        "--skip-missing", action="store_true", help="skip tests whose imports are not installed, instead of failing"
    )


def missing(script: str, folder: Path = TESTS) -> set[str]:
    """The modules that a script in a folder imports at its top, and that are neither installed nor tests' own."""
    names = set()
    for statement in ast.parse(script).body:
        if isinstance(statement, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            names.add(statement.module.partition(".")[0])
    absent = set()
    for name in names:
        own = next((path for at in (folder, TESTS) if (path := at / f"{name}.py").exists()), None)
        if own is not None:
            absent |= missing(own.read_text(encoding="utf-8"), own.parent)
        elif importlib.util.find_spec(name) is None:
            absent.add(name)
    return absent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.suffix != ".py" or not config.getoption("--skip-missing"):
        return None
    if absent := missing(collection_path.read_text(encoding="utf-8"), collection_path.parent):
        LEFT_OUT.append(f"left out: {collection_path.name}, which needs {', '.join(sorted(absent))}")
        return True
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter):
    for line in LEFT_OUT:
        terminalreporter.write_line(line)


def pytest_runtest_teardown():
    """Closes the figures of a test. Matplotlib keeps them, and warns of more than twenty."""
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def skip_missing(request: pytest.FixtureRequest):
    """A function that skips the test if a script imports a module that is not installed."""

    def skip(script: str):
        if request.config.getoption("--skip-missing") and (absent := missing(script)):
            pytest.skip(f"needs {', '.join(sorted(absent))}")

    return skip
