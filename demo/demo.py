"""Count a dozen topics in the documentation of Python's own standard library.

The documents are its docstrings, read from the .py files of the Python that runs this; nothing is downloaded.
Run by `make demo`, or `python demo/demo.py --output topics.png`.
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

import countgrid as cg
import countgrid.plot
import numpy as np
from matplotlib.figure import Figure
from tqdm import tqdm

TOPICS = {
    "text": "string* text character* word* letter* whitespace encod* decod* unicode",
    "numbers": "number* int integer* float* decimal* digit* fraction* sum mean",
    "containers": "list* dict dictionar* tuple* mapping* sequence* iterable* item* key*",
    "files": "file* filename* path* director* folder* archive*",
    "time": "time date* day* month* year* second* timezone* timestamp*",
    "threads": "thread* lock* process* task* queue* future* coroutine* semaphore*",
    "network": "socket* server* client* host* port* connect* url* request* response*",
    "mail": "mail* message* header* mime multipart attachment*",
    "markup": "xml html tag* element* attribute* parser* namespace*",
    "windows": "window* widget* button* mouse color* colour* pixel* screen canvas",
    "errors": "error* exception* rais* fail* traceback* warning*",
    "tests": "test* assert* mock* suite* expected",
}
SHOWN = ["configparser", "doctest.DocTestRunner", "fileinput", "http.server.BaseHTTPRequestHandler", "os.walk", "re"]
SHOWN += ["socketserver", "traceback.TracebackException", "unittest.mock.Mock"]
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
    """Name and docstring of a node of the syntax tree, if it has one, and of all nodes below it."""
    match node:
        case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            if text := ast.get_docstring(node):
                yield name, text
    for child in ast.iter_child_nodes(node):
        yield from documented(child, f"{name}.{child.name}" if hasattr(child, "name") else name)


def print_some(matrix: np.ndarray, names: list[str], columns: list[str], shown: int = 6) -> None:
    """Some rows of the count matrix, in the columns that count most there."""
    rows = [names.index(name) for name in SHOWN if name in names]
    most = np.argsort(-matrix[rows].sum(axis=0), kind="stable")[:shown]
    table = [["", *(columns[j] for j in most)]]
    table += [[names[i], *map(str, matrix[i, most])] for i in rows]
    widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
    for name, *cells in table:
        counts = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        print(f"{MARGIN}{name:<{widths[0]}}", *counts, sep="  ")


def by_count(totals: cg.Totals) -> cg.Totals:
    """The same totals, the largest count first."""
    order = np.argsort(-totals.counts, kind="stable")
    return cg.Totals([totals.columns[i] for i in order], totals.counts[order], totals.documents[order])


def rates(matrix: np.ndarray, words: np.ndarray, modules: list[str]) -> tuple[list[str], np.ndarray]:
    """The public modules with at least 800 words of docstrings, and their occurrences per 1,000 words."""
    names, module_of = np.unique(modules, return_inverse=True)
    n_words = np.bincount(module_of, words)
    counts = np.zeros((len(names), matrix.shape[1]))
    np.add.at(counts, module_of, matrix)
    kept = [i for i, name in enumerate(names) if n_words[i] >= 800 and not name.startswith("_")]
    return [names[i] for i in kept], 1000 * counts[kept] / n_words[kept, None]


def most_typical(rate: np.ndarray, of_each: int = 2) -> list[int]:
    """For each topic, the modules that write most about it.

    A module belongs to the one topic whose average it exceeds most.
    """
    topic_of = (rate / rate.mean(axis=0)).argmax(axis=1)
    chosen = []
    for topic in range(rate.shape[1]):
        own = np.flatnonzero(topic_of == topic)
        chosen += own[np.argsort(-rate[own, topic], kind="stable")][:of_each].tolist()
    return chosen


def draw(names: list[str], rate: np.ndarray, topics: list[str], library: str, output: Path) -> None:
    """Save a heatmap of the modules that are most typical of each topic."""
    rows = most_typical(rate)
    figure = Figure(figsize=(7.5, 6.6), layout="constrained")
    axes = figure.subplots()
    countgrid.plot.heatmap(rate[rows], topics, rows=[names[i] for i in rows], cmap="YlGnBu", ax=axes)
    axes.images[0].colorbar.set_label("occurrences per 1,000 words")
    axes.set(xlabel="", ylabel="")
    axes.set_xticks(range(len(topics)), topics, rotation=35, ha="right", rotation_mode="anchor")
    title = f"What the modules of {library} write about"
    figure.suptitle(title, x=0.02, ha="left", fontsize=13, fontweight="bold")
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description="Count topics in the standard library's docstrings.")
    parser.add_argument("--output", type=Path, default=Path("build/demo.png"), help="where the picture goes")
    output = parser.parse_args().output

    named = list(docstrings(Path(sysconfig.get_path("stdlib"))))
    names, documents = [name for name, _ in named], [text for _, text in named]
    size = sum(len(document.encode(errors="surrogatepass")) for document in documents)
    library = f"Python {sys.version_info.major}.{sys.version_info.minor}'s standard library"
    lexicon = {topic: terms.split() for topic, terms in TOPICS.items()}
    n_terms = sum(map(len, lexicon.values()))
    print(f"{len(documents):,} docstrings ({size / 1e6:.1f} MB) of {library}")
    print(f"{n_terms} terms in {len(lexicon)} topics, such as {', '.join(lexicon['threads'][:3])} for 'threads'\n")

    started = time.perf_counter()
    counter = cg.TermCounter(lexicon, syntax="glob", ignore_case=True)
    built = time.perf_counter() - started

    matrix = counter.count(documents)
    print(f"counter.count(documents): {matrix.shape[0]:,} x {matrix.shape[1]} {matrix.dtype}; some of its cells:\n")
    print_some(matrix, names, counter.columns)
    print("\ncounter.totals(documents), sorted by count:\n")
    print(by_count(counter.totals(documents)))

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
    print(f"{MARGIN}the terms were compiled before, once, in {built * 1e3:.2f} ms")

    words = cg.count(documents, ["*"], syntax="glob")[:, 0]
    modules, per_thousand = rates(matrix, words, [name.partition(".")[0] for name in names])
    draw(modules, per_thousand, counter.columns, library, output)
    print(f"\nPicture of the topics by module: {output}")


if __name__ == "__main__":
    main()
