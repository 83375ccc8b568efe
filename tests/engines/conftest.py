"""Tests with real engines: `make test-engines` installs them. Elsewhere, tests of engines that are missing are not
collected."""

from importlib.util import find_spec
from pathlib import Path

#: Each file is named after its engine, or needs this package.
PACKAGES = {"spark": "pyspark", "object_stores": "gcp_storage_emulator"}

collect_ignore = [
    path.name
    for path in Path(__file__).parent.glob("test_*.py")
    if find_spec(PACKAGES.get(engine := path.stem.removeprefix("test_"), engine)) is None
]


def pytest_configure(config):
    # Lance warns of any fork once it is imported, also of those with which Spark and Ray start programs.
    config.addinivalue_line("filterwarnings", "ignore:lance is not fork-safe:UserWarning")
