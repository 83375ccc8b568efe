"""Draw the README's chart from a record: MB/s of each engine, and how many times as fast countgrid is.

Run by `run.py`; alone: `python benchmarks/chart.py benchmarks/records/NAME.json docs/images/speed.png`.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from record import significant

OURS, PEER, TEXT, QUIET = "#d9622b", "#9fb3c1", "#222222", "#6b6b6b"
# The chart compares libraries; ways of calling ours are in the record.
LEFT_OUT = {"countgrid, one call", "countgrid, workers=1", "countgrid, list of str"}


def draw(kept: dict[str, Any], output: Path) -> None:
    rows = [[row for row in w["engines"] if row["engine"] not in LEFT_OUT] for w in kept["workloads"]]
    figure, panels = plt.subplots(
        len(rows),
        figsize=(8, 0.235 * sum(map(len, rows)) + 0.7 * len(rows) + 0.5),
        height_ratios=[len(engines) for engines in rows],
        layout="constrained",
        squeeze=False,
    )
    for panel, workload, engines in zip(panels[:, 0], kept["workloads"], rows, strict=True):
        draw_workload(panel, workload, sorted(engines, key=lambda row: row["mb_per_second"]))
    versions = kept["versions"]
    peers = ", ".join(f"{name} {versions[name]}" for name in ("polars", "scikit-learn", "pandas"))
    cpu = kept["cpu"].split(" (")[0]
    figure.supxlabel(
        f"{cpu}, {kept['cores']} cores; {peers}; {kept['date']}, commit {kept['commit']}\n"
        f"MB of text a second, median of {kept['rounds']} rounds side by side; {kept['command']}",
        fontsize=7.5,
        color=QUIET,
        x=0.01,
        ha="left",
    )
    output.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(output, dpi=110)
    plt.close(figure)


def draw_workload(panel: Axes, workload: dict[str, Any], engines: list[dict[str, Any]]) -> None:
    names = [row["engine"] for row in engines]
    rates = [row["mb_per_second"] for row in engines]
    bars = panel.barh(names, rates, color=[OURS if row["ours"] else PEER for row in engines], height=0.74)
    labels = []
    for row in engines:
        rate = f"{significant(row['mb_per_second'])} MB/s"
        ratio = row["countgrid_is_faster_by"]
        compared = f"{significant(ratio)} x slower" if ratio >= 1 else f"{significant(1 / ratio)} x faster"
        labels.append(rate if row["ours"] else f"{rate}   {compared}")
    panel.bar_label(bars, labels=labels, padding=5, fontsize=8.5, color=TEXT)
    title = workload["title"]
    panel.set_title(title[0].upper() + title[1:], loc="left", fontsize=10, color=TEXT)
    panel.set_xlim(0, max(rates) * 1.18)
    panel.spines[:].set_visible(False)
    panel.tick_params(length=0, labelsize=9, labelcolor=TEXT)
    panel.xaxis.set_visible(False)
    for label in panel.get_yticklabels():
        label.set_fontweight("bold" if label.get_text() == "countgrid" else "normal")


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
