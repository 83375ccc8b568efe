"""Count a hundred terms in the documentation of Python's own standard library.

The documents are its docstrings, read from the .py files of the Python that runs this; nothing is downloaded.
Run by `make demo`, or `python demo/demo.py --output terms.png`.
"""

import argparse
import ast
import os
import sys
import sysconfig
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # a picture in a file, no window
import countgrid as cg
import matplotlib.pyplot as plt
import numpy as np
from tqdm import tqdm

WORDS = """
    argument arguments array attribute bool boolean buffer byte bytes call callable character
    characters class code comment context count data date default descriptor dict dictionary directory
    encoding error event example exception false file filename float format function generator handle handler
    header import index input instance int integer interface item iterable iterator key keyword length line
    lines list lock loop message method mode module name new None number object option order output
    package parameter path pattern process property queue raise read return returns sequence server set signal
    size socket stack stream string thread time true tuple type value values variable warning write zero
"""
PHRASES = ["file descriptor", "regular expression", "return value"]
TERMS = [*WORDS.split(), *PHRASES, "Python", "C++", "e.g.", "i.e.", "__init__"]
NOT_LIBRARY = {"site-packages", "dist-packages", "test", "tests", "idle_test"}
REPEATS = 20
MARGIN = "  "


def docstrings(root: Path) -> Iterator[tuple[str, str]]:
    """Name and docstring of each module, class and function under `root`, in the order of the paths, private last."""
    paths = [path for path in root.rglob("*.py") if not NOT_LIBRARY & set(path.relative_to(root).parts)]
    paths.sort(key=lambda path: (path.relative_to(root).parts[0].startswith("_"), path))
    for path in tqdm(paths, desc="Reading the standard library", unit="file", leave=False, disable=None):
        try:
            with warnings.catch_warnings(action="ignore"):
                module = ast.parse(path.read_bytes())
        except SyntaxError:  # the library keeps a few examples of it
            continue
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        yield from documented(module, name)


def documented(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Name and docstring of a node of the syntax tree, where it has one, and of all below it."""
    match node:
        case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            if text := ast.get_docstring(node):
                yield name, text
    for child in ast.iter_child_nodes(node):
        yield from documented(child, f"{name}.{child.name}" if hasattr(child, "name") else name)


def print_head(matrix: np.ndarray, names: list[str], columns: list[str], rows: int = 10, shown: int = 6) -> None:
    """The first rows of the count matrix, in the columns that count most there."""
    most = np.argsort(-matrix[:rows].sum(axis=0), kind="stable")[:shown]
    table = [["", *(columns[j] for j in most)]]
    table += [[name, *map(str, row[most])] for name, row in zip(names[:rows], matrix, strict=False)]
    table += [["..."] * (1 + len(most))]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    for name, *cells in table:
        counts = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        print(f"{MARGIN}{name:<{widths[0]}}", *counts, sep="   ")


def draw(columns: list[str], counts: np.ndarray, title: str, output: Path, bars: int = 25) -> None:
    """Save a picture of the most frequent terms."""
    top = np.argsort(-counts, kind="stable")[:bars][::-1]
    figure, axes = plt.subplots(figsize=(8, 7), layout="constrained")
    drawn = axes.barh([columns[j] for j in top], [counts[j] for j in top], color="#2f6f9f", height=0.72)
    axes.bar_label(drawn, labels=[f"{counts[j]:,}" for j in top], padding=4, fontsize=9, color="#333333")
    axes.set_title(title, loc="left", fontsize=12, pad=12)
    axes.margins(x=0.09, y=0.01)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.xaxis.set_visible(False)
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description="Count terms in the standard library's docstrings.")
    parser.add_argument("--output", type=Path, default=Path("build/demo.png"), help="where the picture goes")
    output = parser.parse_args().output

    named = list(docstrings(Path(sysconfig.get_path("stdlib"))))
    names, documents = [name for name, _ in named], [text for _, text in named]
    size = sum(len(document.encode(errors="surrogatepass")) for document in documents)
    library = f"Python {sys.version_info.major}.{sys.version_info.minor}'s standard library"
    print(f"{len(documents):,} docstrings ({size / 1e6:.1f} MB) of {library}; {len(TERMS)} terms, ignoring case\n")

    started = time.perf_counter()
    counter = cg.TermCounter(TERMS, ignore_case=True)
    built = time.perf_counter() - started

    matrix = counter.count(documents)
    totals = counter.totals(documents)
    print(f"counter.count(documents), {matrix.shape[0]:,} x {matrix.shape[1]} {matrix.dtype}; its first rows:\n")
    print_head(matrix, names, counter.columns)
    print("\ncounter.totals(documents):\n")
    print(totals)

    many = cg.Documents(documents * REPEATS)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        counter.count(many)
        seconds.append(time.perf_counter() - started)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    median = sorted(seconds)[2]
    print(f"\nSpeed on {cores} cores, the docstrings {REPEATS} times over:")
    rate = f"{many.nbytes / median / 1e6:,.0f} MB/s"
    print(f"{MARGIN}{many.nbytes / 1e6:.1f} MB in {median * 1e3:.0f} ms: {rate} (median of 5)")
    print(f"{MARGIN}the plan was built before, once, in {built * 1e3:.2f} ms")

    draw(counter.columns, totals.counts, f"Docstrings of {library}: the most frequent of {len(TERMS)} terms", output)
    print(f"\nPicture of the most frequent terms: {output}")


if __name__ == "__main__":
    main()
