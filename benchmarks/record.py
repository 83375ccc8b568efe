"""Records of runs: the machine, the versions, the commit, the date, all times, and the printed tables.

Each run adds two files to `benchmarks/records/`: JSON for programs, Markdown for people.
"""

import json
import math
import os
import platform
import re
import statistics
import subprocess
import textwrap
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

from libraries import LIBRARIES

ROOT = Path(__file__).resolve().parent.parent
RECORDS = ROOT / "benchmarks" / "records"
PACKAGES = ["countgrid", "numpy", "scipy", *(name for name in LIBRARIES if name != "countgrid")]
# Uncommitted changes in these paths are noted in the record, since they can change the code that is timed.
TIMED = ["Cargo.toml", "Cargo.lock", "pyproject.toml", "src", "python", "benchmarks/*.py"]
TIMED += ["benchmarks/word_count", "benchmarks/regex_sets"]


def environment() -> dict[str, Any]:
    return {
        "date": date.today().isoformat(),
        "commit": commit(),
        "cpu": cpu(),
        "cores": cores(),
        "load_before": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu() -> str:
    try:
        info = dict(
            re.findall(
                r"(?m)^([^\t\n]+)\t*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
            )
        )
        name = info["model name"]
    except (OSError, KeyError):
        return platform.processor() or "unknown CPU"
    vector = next((flag for flag in ("avx512bw", "avx2") if flag in info.get("flags", "").split()), None)
    model = f"family {info.get('cpu family')}, model {info.get('model')}"
    return f"{' '.join(name.split())} ({', '.join(filter(None, [model, vector]))})"


def commit() -> str:
    def git(*arguments: str) -> str:
        ran = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--", *TIMED)
        return git("rev-parse", "--short", "HEAD") + (" + changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def heading(kept: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    lines = [f"{kept['date']}, commit {kept['commit']}", f"{kept['cpu']}, {kept['cores']} cores, {kept['system']}"]
    return "\n".join([*lines, *textwrap.wrap(versions, 100)])


def printed(result: dict[str, Any]) -> str:
    """The table of a workload or a figure."""
    return _race(result) if "engines" in result else _figure(result)


def checked(result: dict[str, Any]) -> str:
    """One line for a run that only checks the answers."""
    wrong = [
        f"{row['engine']} {percent(row['wrong_cells'])}" for row in result.get("engines", []) if row["wrong_cells"]
    ]
    answers = f"correct; different rules, so some cells differ: {', '.join(wrong)}" if wrong else "correct"
    left_out = f"; left out: {', '.join(result['left_out'])}" if result.get("left_out") else ""
    return f"{result['name']}: {answers}{left_out}"


def _race(result: dict[str, Any]) -> str:
    """The engines of a workload, the fastest first."""
    text = result["text"]
    density = result["matches"] / text["bytes"] * 1e3
    lines = [
        f"{result['name']}: {result['title']}",
        f"{text['documents']:,} documents, {text['bytes'] / 1e6:.1f} MB ({text['note']}, {text['fingerprint']}); "
        f"{result['terms']:,} terms, {significant(density)} matches per KB",
        "",
        f"{'engine':<36} {'MB/s':>9} {'median ms':>10} {'spread':>7} {'countgrid is':>15}  wrong cells",
    ]
    for row in sorted(result["engines"], key=lambda row: row["countgrid_is_faster_by"]):
        step = row["every_nth_document"]
        name = row["engine"] if step == 1 else f"{row['engine']} /{step}"
        rate = significant(row["mb_per_second"])
        compared = "" if row["engine"] == "countgrid" else faster(row["countgrid_is_faster_by"])
        wrong = f"  {percent(row['wrong_cells'])}: {row['rule']}" if row["wrong_cells"] else ""
        median = f"{row['median'] * 1e3:,.1f}"
        lines.append(f"{name:<36} {rate:>9} {median:>10} {row['spread']:>7.0%} {compared:>15}{wrong}".rstrip())
    if any(row["every_nth_document"] > 1 for row in result["engines"]):
        lines.append("/n: too slow for all documents, timed on every n-th")
    if result["left_out"]:
        lines.append(f"left out: {', '.join(result['left_out'])}")
    if "note" in result:
        lines.append(result["note"])
    if result["fastest_other"]:
        compared = faster(result["ratio_to_fastest_other"])
        lines.append(f"fastest other library: {result['fastest_other']}; countgrid is {compared}")
    return "\n".join(lines)


def _figure(result: dict[str, Any]) -> str:
    """The rows of a figure with the names of its columns."""
    rows = [result["columns"], *result["rows"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(result["columns"]))]
    lines = [f"{result['name']}: {result['title']}", ""]
    for row in rows:
        first, *others = (
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *others]).rstrip())
    return "\n".join([*lines, *result.get("notes", [])])


def geometric_mean(ratios: list[float]) -> str:
    mean = math.exp(statistics.fmean(map(math.log, ratios)))
    return f"Geometric mean: countgrid is {mean:.1f}x faster than the fastest other library"


def significant(value: float) -> str:
    """Two digits below 10, whole numbers above."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.995 else f"{value:.2g}"


def faster(ratio: float) -> str:
    return f"{significant(ratio)}x faster" if ratio >= 1 else f"{significant(1 / ratio)}x slower"


def percent(share: float) -> str:
    return f"{share * 100:.2g}%"


def summary(kept: dict[str, Any]) -> str:
    """The table of all workloads."""
    lines = ["| workload | countgrid, MB/s | fastest other library, MB/s | ratio |", "| --- | ---: | ---: | ---: |"]
    for result in kept["workloads"]:
        rows = {row["engine"]: row for row in result["engines"]}
        if other := rows.get(result["fastest_other"]):
            ours, theirs = (significant(row["mb_per_second"]) for row in (rows["countgrid"], other))
            wrong = f", {percent(other['wrong_cells'])} of cells wrong" if other["wrong_cells"] else ""
            ratio = significant(result["ratio_to_fastest_other"])
            lines.append(f"| {result['title']} | {ours} | {theirs} ({other['engine']}{wrong}) | {ratio}x |")
    return "\n".join(lines)


def save(kept: dict[str, Any]) -> tuple[str, str]:
    """Write both files, named by date, commit and, if needed, a number. Returns their names."""
    stem = f"{kept['date']}-{kept['commit'].split()[0]}"
    RECORDS.mkdir(parents=True, exist_ok=True)
    taken = {path.stem for path in RECORDS.iterdir()}
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 1000))
    file = RECORDS / next(name for name in names if name not in taken)
    parts = [heading(kept), *kept["notes"], *map(printed, kept["workloads"])]
    if ratios := [result["ratio_to_fastest_other"] for result in kept["workloads"] if result["fastest_other"]]:
        parts.append(geometric_mean(ratios))
    tables = "\n\n".join([*parts, *map(printed, kept["figures"])])
    paths = file.with_suffix(".json"), file.with_suffix(".md")
    paths[0].write_text(json.dumps(kept, indent=1) + "\n")
    command = f"`{kept['command']}`, {kept['rounds']} rounds"
    summaries = [summary(kept)] if kept["workloads"] else []
    paths[1].write_text("\n\n".join([command, *summaries, f"```\n{tables}\n```\n"]))
    return str(paths[0].relative_to(ROOT)), str(paths[1].relative_to(ROOT))
