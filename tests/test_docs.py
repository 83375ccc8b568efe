"""Runs the examples in README.md, docs/ and all public docstrings: see `pages`."""

import importlib.metadata
import inspect

import countgrid as cg
import countgrid.duckdb
import countgrid.pandas
import countgrid.plot
import countgrid.polars
import countgrid.sklearn
import matplotlib
import numpy as np
import pytest
from pages import BLOCK, PAGES, ROOT, check_doctest, check_page, public_objects

matplotlib.use("Agg")  # no windows


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page, tmp_path, monkeypatch, skip_missing):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        if block[1] == "python" and ">>>" not in block[2]:
            skip_missing(block[2])
    check_page(text, str(page))


MODULES = [
    cg,
    countgrid.duckdb,
    countgrid.pandas,
    countgrid.plot,
    countgrid.polars,
    countgrid.sklearn,
]
PUBLIC = {name: thing for module in MODULES for name, thing in public_objects(module)}


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring(name):
    text = inspect.getdoc(PUBLIC[name])
    assert text, "whatever is public says what it does"
    names = {"np": np, "cg": cg, "countgrid": cg, **{name: getattr(cg, name) for name in cg.__all__}}
    examples = check_doctest(text, names, name, 0)
    if name.removeprefix("countgrid.") in ("count", "TermCounter", "Documents", "search"):
        assert examples > 0, "an entry point shows an example"


def test_all_public_names_exist():
    assert {"count", "TermCounter", "Documents", "search", "Totals"} <= set(cg.__all__)
    assert cg.__version__ == importlib.metadata.version("countgrid")
