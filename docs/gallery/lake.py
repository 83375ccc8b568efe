"""
Count over a Parquet lake
=========================

A data lake is a folder of Parquet files that together may be larger than
memory. ``totals`` reads it as an Arrow stream, batch by batch. Only one batch
and the totals are in memory.
"""

# %%
# Make a small lake
# -----------------
#
# This lake contains every line of every source file of Python's standard
# library. It has one folder per package, named after it:
# ``package=asyncio/part-0.parquet``.

import sysconfig
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

library = Path(sysconfig.get_path("stdlib"))
columns = {"package": [], "path": [], "line": []}
for path in sorted(library.rglob("*.py")):
    relative = path.relative_to(library)
    if {"site-packages", "test", "tests", "lib2to3"} & set(relative.parts):
        continue
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    columns["package"] += [relative.parts[0].removesuffix(".py")] * len(lines)
    columns["path"] += [str(relative)] * len(lines)
    columns["line"] += lines

folder = tempfile.TemporaryDirectory()
lake = Path(folder.name, "lake")
ds.write_dataset(
    pa.table(columns),
    lake,
    format="parquet",
    partitioning=["package"],
    partitioning_flavor="hive",
    max_partitions=1000,
)
files = sorted(lake.rglob("*.parquet"))
size = sum(file.stat().st_size for file in files)
print(
    f"{len(files)} files, {size / 1e6:.1f} MB, {len(columns['line']):,} lines"
)

# %%
# Get totals of the whole lake
# ----------------------------
#
# The dataset's scanner returns a stream of record batches with only the column
# you need. pyarrow decodes the next batches while countgrid counts.

import countgrid as cg
import numpy as np

keywords = cg.TermCounter(
    [
        "def",
        "class",
        "async def",
        "yield",
        "yield from",
        "lambda",
        "try",
        "raise",
        "match",
        "global",
    ]
)
dataset = ds.dataset(lake, partitioning="hive")
totals = keywords.totals(dataset.scanner(columns=["line"]).to_reader())
totals

# %%
# With a filter on the partition, only the matching files are read:

is_asyncio = ds.field("package") == "asyncio"
keywords.totals(
    dataset.scanner(columns=["line"], filter=is_asyncio).to_reader()
)

# %%
# Get totals of each package
# --------------------------
#
# ``by`` names a column of the stream. You get a row for each of its values, here
# for each package, and see which packages use the most coroutines:

stream = dataset.scanner(columns=["package", "line"]).to_reader()
packages = keywords.totals(stream, by="package")
packages.to_frame().nlargest(8, "async def")

# %%
# The rows add up to the totals of the stream. The heatmap shows the largest
# packages, per thousand lines:

import countgrid.plot
import matplotlib.pyplot as plt
import pandas as pd

assert (packages.counts.sum(axis=0) == totals.counts).all()
lines = pd.Series(packages.sizes, packages.groups).nlargest(15)
rates = 1000 * packages.to_frame().loc[lines.index].div(lines, axis=0)
axes = countgrid.plot.heatmap(rates, rows=rates.index, log=True)
axes.images[0].colorbar.set_label("per thousand lines")
axes.set(xlabel="", ylabel="")
plt.show()

# %%
# Store counts with each row
# --------------------------
#
# If you need the counts of each line, loop over the batches and write each one
# before the next. Then only one batch and its counts are in memory. Write
# outside the lake: otherwise the next run would read the counts as a part of it.

import pyarrow.parquet as pq

names = keywords.columns
schema = pa.schema(
    [("path", pa.string()), *((name, pa.int32()) for name in names)]
)
target = Path(folder.name, "counted.parquet")
with pq.ParquetWriter(target, schema) as writer:
    for batch in dataset.to_batches(columns=["path", "line"]):
        counts = keywords.count(
            batch["line"], out=np.empty((len(batch), len(names)), np.int32, "F")
        )
        writer.write_batch(pa.record_batch([batch["path"], *counts.T], schema))

counted = pq.read_table(target)
by_file = counted.group_by("path").aggregate(
    [("lambda", "sum"), ("class", "sum")]
)
by_file.sort_by([("lambda_sum", "descending")]).slice(0, 5).to_pandas()

# %%
# Measure the speed
# -----------------
#
# Decoding Parquet often takes longer than counting. ``progress`` reports the
# bytes done: ``True`` shows a bar. A function gets the bytes done and the
# total, which is ``None`` for a stream.

import time

seen = []
started = time.perf_counter()
keywords.totals(
    dataset.scanner(columns=["line"]).to_reader(),
    progress=lambda done, total: seen.append(done),
)
seconds = time.perf_counter() - started
print(f"{seen[-1] / 1e6:.0f} MB of text in {seconds:.2f} s, decoding included")

started = time.perf_counter()
table = dataset.to_table(columns=["line"])
decoding = time.perf_counter() - started
started = time.perf_counter()
keywords.totals(table)
counting = time.perf_counter() - started
print(f"only decoding {decoding:.2f} s, only counting {counting:.2f} s")

# %%
# Remove the temporary folder:

folder.cleanup()
