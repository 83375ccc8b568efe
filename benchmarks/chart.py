"""Draw two charts from a record: all workloads for the page on performance, and one workload for the README.

`run.py` runs it. By itself: `python benchmarks/chart.py benchmarks/records/NAME.json docs/images`.
"""

import json
import sys
from itertools import zip_longest
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from record import faster, significant
from timing import TOLERATED

OURS, OTHER, TEXT, QUIET = "#d9622b", "#9fb3c1", "#222222", "#6b6b6b"
OTHERS = 3
COLUMNS = 2
#: The workload of the small chart, and the libraries that it compares with the names that their users know.
SMALL = "medium-100-words"
KNOWN = {
    "polars": "polars",
    "DuckDB": "DuckDB",
    "pyahocorasick": "pyahocorasick",
    "flashtext2": "flashtext2",
    "scikit-learn": "CountVectorizer",
    "pandas": "Series.str.count",
}


def draw(kept: dict[str, Any], folder: Path) -> None:
    """`speed.png` shows all workloads, `speed-small.png` one."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_all(kept, folder / "speed.png")
    draw_small(kept, folder / "speed-small.png")


def draw_all(kept: dict[str, Any], output: Path) -> None:
    """One panel per workload, with its own scale, since the workloads differ a hundredfold."""
    workloads = [workload for workload in kept["workloads"] if len(best_ways(workload)) > 1]
    n_rows = -(-len(workloads) // COLUMNS)
    figure, panels = plt.subplots(
        n_rows, COLUMNS, figsize=(12, 1.45 * n_rows + 0.5), layout="constrained", squeeze=False
    )
    for panel, workload in zip_longest(panels.flat, workloads):
        if workload:
            draw_workload(panel, workload, list(best_ways(workload).values())[: 1 + OTHERS], 1 + OTHERS)
        else:
            panel.set_axis_off()
    foot(
        figure,
        f"MB of text per second, including the result, median of {kept['rounds']} rounds in turns: countgrid and the "
        f"fastest way of each of the three fastest other libraries (* some counts differ).\n{machine(kept)}",
    )
    figure.savefig(output, dpi=100)
    plt.close(figure)


def draw_small(kept: dict[str, Any], output: Path) -> None:
    """One workload, if the record has it, and the libraries that the README compares."""
    workload = next((workload for workload in kept["workloads"] if workload["name"] == SMALL), None)
    if workload is None:
        return
    engines = [
        {**row, "package": KNOWN.get(package, package)}
        for package, row in best_ways(workload).items()
        if row["ours"] or package in KNOWN
    ]
    figure, panel = plt.subplots(figsize=(8, 3.0), layout="constrained")
    draw_workload(panel, workload, engines, len(engines))
    lines = ["MB of text per second, the fastest way measured of each library (* some counts differ)."]
    lines += [
        f"{row['package']}: one pass with a regular expression for each of the {workload['terms']} words, on every "
        f"{row['every_nth_document']}th document."
        for row in engines
        if row["package"] == KNOWN["pandas"]
    ]
    foot(figure, "\n".join([*lines, machine(kept)]))
    figure.savefig(output, dpi=100)
    plt.close(figure)


def machine(kept: dict[str, Any]) -> str:
    return f"{kept['cpu'].split(' (')[0]}, {kept['cores']} cores; {kept['date']}, commit {kept['commit']}"


def foot(figure: Figure, text: str) -> None:
    figure.supxlabel(text, fontsize=8, color=QUIET, x=0.005, ha="left")


def draw_workload(panel: Axes, workload: dict[str, Any], engines: list[dict[str, Any]], room: int) -> None:
    """Bars, the fastest on top; each says how much slower or faster than countgrid it is. `room` is the most bars."""
    engines = sorted(engines, key=lambda row: row["mb_per_second"])
    rates = [row["mb_per_second"] for row in engines]
    colours = [OURS if row["ours"] else OTHER for row in engines]
    bars = panel.barh([label(row) for row in engines], rates, color=colours, height=0.76)
    panel.bar_label(bars, labels=[compared(row) for row in engines], padding=5, fontsize=9, color=TEXT)
    title = workload["title"]
    panel.set_title(title[0].upper() + title[1:], loc="left", fontsize=9, color=TEXT)
    panel.set_xlim(0, max(rates) * 1.5)
    # The height of a bar does not depend on their number.
    panel.set_ylim(len(engines) - room - 0.5, len(engines) - 0.5)
    panel.spines[:].set_visible(False)
    panel.tick_params(length=0, labelsize=9, labelcolor=TEXT)
    panel.xaxis.set_visible(False)
    for tick in panel.get_yticklabels():
        tick.set_fontweight("bold" if tick.get_text() == "countgrid" else "normal")


def best_ways(workload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By library: countgrid, then the fastest engine of each other library that does the job."""
    ranked = sorted(workload["engines"], key=lambda row: (not row["ours"], row["countgrid_is_faster_by"]))
    best: dict[str, dict[str, Any]] = {}
    for row in ranked:
        if row["engine"] == "countgrid" or (not row["ours"] and row["wrong_cells"] <= TOLERATED):
            best.setdefault(row["package"], row)
    return best


def label(row: dict[str, Any]) -> str:
    return row["package"] + (" *" if row["wrong_cells"] else "")


def compared(row: dict[str, Any]) -> str:
    rate = f"{significant(row['mb_per_second'])} MB/s"
    return rate if row["ours"] else f"{rate}   {faster(1 / row['countgrid_is_faster_by'])}"


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
