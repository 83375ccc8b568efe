"""Draw the README's chart from a record: for each workload, countgrid and the best way of its three fastest peers.

Run by `run.py`; alone: `python benchmarks/chart.py benchmarks/records/NAME.json docs/images/speed.png`.
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
from record import significant
from timing import TOLERATED

OURS, PEER, TEXT, QUIET = "#d9622b", "#9fb3c1", "#222222", "#6b6b6b"
PEERS = 3
COLUMNS = 2


def draw(kept: dict[str, Any], output: Path) -> None:
    """A panel for each workload, each with a scale of its own, since they differ a hundredfold."""
    workloads = [workload for workload in kept["workloads"] if workload["fastest_peer"]]
    n_rows = -(-len(workloads) // COLUMNS)
    figure, panels = plt.subplots(
        n_rows, COLUMNS, figsize=(12, 1.45 * n_rows + 0.5), layout="constrained", squeeze=False
    )
    for panel, workload in zip_longest(panels.flat, workloads):
        if workload:
            draw_workload(panel, workload)
        else:
            panel.set_axis_off()
    cpu = kept["cpu"].split(" (")[0]
    figure.supxlabel(
        f"MB of text a second, result included, median of {kept['rounds']} rounds taken in turn: countgrid and the "
        f"best way of each of the three fastest other libraries (* counts some cells otherwise).\n"
        f"{cpu}, {kept['cores']} cores; {kept['date']}, commit {kept['commit']}",
        fontsize=8,
        color=QUIET,
        x=0.005,
        ha="left",
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=100)
    plt.close(figure)


def draw_workload(panel: Axes, workload: dict[str, Any]) -> None:
    """Bars, the longest on top; a peer's says how many times as fast countgrid is."""
    engines = sorted(chosen(workload), key=lambda row: row["mb_per_second"])
    rates = [row["mb_per_second"] for row in engines]
    colours = [OURS if row["ours"] else PEER for row in engines]
    bars = panel.barh([label(row) for row in engines], rates, color=colours, height=0.76)
    panel.bar_label(bars, labels=[compared(row) for row in engines], padding=5, fontsize=9, color=TEXT)
    title = workload["title"]
    panel.set_title(title[0].upper() + title[1:], loc="left", fontsize=9, color=TEXT)
    panel.set_xlim(0, max(rates) * 1.5)
    # Bars of one height, however many there are.
    panel.set_ylim(len(engines) - PEERS - 1.5, len(engines) - 0.5)
    panel.spines[:].set_visible(False)
    panel.tick_params(length=0, labelsize=9, labelcolor=TEXT)
    panel.xaxis.set_visible(False)
    for tick in panel.get_yticklabels():
        tick.set_fontweight("bold" if tick.get_text() == "countgrid" else "normal")


def chosen(workload: dict[str, Any]) -> list[dict[str, Any]]:
    """countgrid, and of each other library the fastest engine that does the job, three at most."""
    ranked = sorted(workload["engines"], key=lambda row: row["countgrid_is_faster_by"])
    best: dict[str, dict[str, Any]] = {}
    for row in ranked:
        if row["engine"] == "countgrid" or (not row["ours"] and row["wrong_cells"] <= TOLERATED):
            best.setdefault(row["package"], row)
    ours = best.pop("countgrid")
    return [ours, *list(best.values())[:PEERS]]


def label(row: dict[str, Any]) -> str:
    return row["package"] + (" *" if row["wrong_cells"] else "")


def compared(row: dict[str, Any]) -> str:
    rate = f"{significant(row['mb_per_second'])} MB/s"
    ratio = row["countgrid_is_faster_by"]
    if row["ours"]:
        return rate
    return f"{rate}   {significant(ratio)} x slower" if ratio >= 1 else f"{rate}   {significant(1 / ratio)} x faster"


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
