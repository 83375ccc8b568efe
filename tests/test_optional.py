"""Optional packages: adapters load on first use, and errors say what to install."""

import subprocess
import sys
import textwrap

import countgrid as cg
import pytest

ADAPTERS = ["arrow", "duckdb", "pandas", "plot", "polars", "sklearn"]


def run(script: str, *blocked: str) -> list[str]:
    """The lines that a script prints in a new process, in which some packages cannot be imported."""
    head = f"""
    import sys

    class Blocked:
        def find_spec(name, path=None, target=None):
            if name.partition(".")[0] in {blocked!r}:
                raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

    sys.meta_path.insert(0, Blocked)
    import countgrid as cg
    """
    code = textwrap.dedent(head) + textwrap.dedent(script)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("name", ADAPTERS)
def test_adapters_load_when_they_are_used(name):
    pytest.importorskip({"arrow": "pyarrow", "plot": "matplotlib"}.get(name, name))
    script = f"""
    print({name!r} in dir(cg), "countgrid.{name}" in sys.modules)
    print(cg.{name}.__name__, cg.{name} is sys.modules["countgrid.{name}"])
    """
    assert run(script) == ["True False", f"countgrid.{name} True"]


def test_other_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module 'countgrid' has no attribute 'numpy'"):
        _ = cg.numpy
    assert not hasattr(cg, "_no_such_name")
    assert {"count", "TermCounter", "__version__"} <= set(dir(cg))


ATTEMPT = """
try:
    {}
except ImportError as error:
    print(error)
"""

#: What fails without a package, and the error.
WITHOUT = [
    ("pandas", "cg.pandas", "countgrid.pandas needs pandas"),
    ("pandas", "import countgrid.pandas", "countgrid.pandas needs pandas"),
    ("polars", "cg.polars", "countgrid.polars needs polars"),
    ("duckdb", "cg.duckdb", "countgrid.duckdb needs duckdb"),
    ("pyarrow", "cg.duckdb", "countgrid.duckdb needs pyarrow"),
    ("pyarrow", "cg.arrow", "countgrid.arrow needs pyarrow"),
    ("dask", "cg.dask", "countgrid.dask needs dask"),
    ("pandas", "cg.dask", "countgrid.pandas needs pandas"),
    ("daft", "cg.daft", "countgrid.daft needs daft"),
    ("pyarrow", "cg.daft", "countgrid.arrow needs pyarrow"),
    ("pyspark", "cg.spark", "countgrid.spark needs pyspark"),
    ("pyarrow", "cg.spark", "countgrid.arrow needs pyarrow"),
    ("sklearn", "from countgrid import sklearn", "countgrid.sklearn needs scikit-learn"),
    ("matplotlib", "cg.plot", "countgrid.plot needs matplotlib"),
    ("pyarrow", "cg.count_dataset('a.txt', ['a'], 'out')", "count_dataset needs pyarrow"),
    ("scipy", "cg.count_dataset('a.txt', ['a'], 'out')", "format='long' needs scipy"),
    ("scipy", "cg.count_dataset('a.txt', ['a'], 'out', by='filename')", "by needs scipy"),
    ("scipy", "cg.count(['a'], ['a'], sparse=True)", "sparse=True needs scipy"),
    ("tqdm", "cg.count(['a'], ['a'], progress=True)", "progress=True needs tqdm"),
    ("pandas", "cg.TermCounter(['a']).find(['a']).context(['a'], as_frame=True)", "as_frame=True needs pandas"),
]


@pytest.mark.parametrize(("package", "code", "said"), WITHOUT)
def test_the_missing_package_is_named(package, code, said):
    if package in ("duckdb", "pyarrow"):
        pytest.importorskip("duckdb")
    name = said.rpartition(" ")[2]
    assert run(ATTEMPT.format(code), package) == [f"{said}, which is not installed; pip install {name}"]


def test_packages_that_are_broken_are_not_called_missing():
    script = """
    import types

    class Broken:
        def find_spec(name, path=None, target=None):
            if name == "pandas":
                raise ImportError("libbroken.so: cannot open shared object file")

    sys.meta_path.insert(0, Broken)
    """
    said = run(textwrap.dedent(script) + ATTEMPT.format("cg.pandas"))
    assert said == [
        "countgrid.pandas needs pandas, which cannot be imported: libbroken.so: cannot open shared object file"
    ]


def test_adapters_without_their_package_are_not_offered():
    script = """
    import inspect
    print("polars" in dir(cg), "pandas" in dir(cg), len(inspect.getmembers(cg)) > 5)
    """
    assert run(script, "polars") == ["False True True"]


def test_results_are_exported_without_pyarrow():
    pytest.importorskip("polars")
    script = """
    import polars as pl
    counter = cg.TermCounter(["the", "cat", "é"])
    texts = ["the cat", "the é", None]
    print(pl.DataFrame(counter.totals(texts)).rows())
    print(pl.DataFrame(counter.totals(texts, per_words=100))["count"].to_list())
    print(pl.DataFrame(counter.find(texts)).rows()[:2])
    print(pl.DataFrame(counter.totals(texts, by=["x", "y", None])).rows())
    print(pl.DataFrame(counter.totals(texts, by=[2, 1, 2])).rows())
    print(*pl.DataFrame(counter.totals([])).dtypes)
    """
    assert run(script, "pyarrow") == [
        "[('the', 2, 2), ('cat', 1, 1), ('é', 1, 1)]",
        "[50.0, 25.0, 25.0]",
        "[(0, 'the', 0, 3), (0, 'cat', 4, 7)]",
        "[('x', 1, 1, 1, 0), ('y', 1, 1, 0, 1), (None, 1, 0, 0, 0)]",
        "[(1, 1, 1, 0, 1), (2, 2, 1, 1, 0)]",
        "String Int64 Int64",
    ]


def test_dates_as_groups_need_pyarrow():
    script = """
    import datetime
    totals = cg.TermCounter(["a"]).totals(["a"], by=[datetime.date(2026, 11, 30)])
    try:
        totals.__arrow_c_stream__()
    except ImportError as error:
        print(error)
    """
    assert run(script, "pyarrow") == ["Arrow export needs pyarrow, which is not installed; pip install pyarrow"]
