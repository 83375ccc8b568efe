"""
Count over a Parquet lake
=========================

A lake is a folder of Parquet files, together larger than memory. An Arrow stream goes
through ``totals`` portion by portion; what stays in memory is one portion and the totals.
"""

# %%
# A lake to count
# ---------------
#
# Ours holds each line of each source file of Python's standard library, a folder for each
# package, with the package's name in the folder's: ``package=asyncio/part-0.parquet``.

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
lake = Path(folder.name)
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
print(f"{len(files)} files, {size / 1e6:.1f} MB, {len(columns['line']):,} lines")

# %%
# Totals of all of it
# -------------------
#
# A dataset's scanner gives a stream of record batches, of the one column that is wanted;
# pyarrow decodes the next ones while countgrid counts.

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
# A filter on the partitions reads only the files that it needs:

is_asyncio = ds.field("package") == "asyncio"
keywords.totals(dataset.scanner(columns=["line"], filter=is_asyncio).to_reader())

# %%
# Totals of each file
# -------------------
#
# One ``TermCounter`` serves all files. Here a row for each file, and with it where
# generators and coroutines are at home.

import pandas as pd
import pyarrow.parquet as pq

rows = {
    file.parent.name.removeprefix("package="): keywords.totals(
        pq.read_table(file, columns=["line"])
    )
    for file in files
}
by_package = pd.DataFrame(
    {package: totals.counts for package, totals in rows.items()}, index=keywords.columns
).T
by_package.nlargest(8, "async def")

# %%
# The rows add up to the totals of the stream. In a thousand lines of the largest packages:

import countgrid.plot
import matplotlib.pyplot as plt

assert (by_package.sum() == totals.counts).all()
lines = pd.Series(columns["package"]).value_counts().head(15)
rates = 1000 * by_package.loc[lines.index].div(lines, axis=0)
axes = countgrid.plot.heatmap(rates, rows=rates.index, log=True)
axes.set_title("keywords in a thousand lines", loc="left")
plt.show()

# %%
# Counts beside each row
# ----------------------
#
# Where counts of each line are wanted rather than totals, go through the batches, and write
# as you go: a batch and its counts are all that is in memory.

names = keywords.columns
schema = pa.schema([("path", pa.string()), *((name, pa.int32()) for name in names)])
with pq.ParquetWriter(lake / "counted.parquet", schema) as writer:
    for batch in dataset.to_batches(columns=["path", "line"]):
        counts = keywords.count(
            batch["line"], out=np.empty((len(batch), len(names)), np.int32, "F")
        )
        writer.write_batch(pa.record_batch([batch["path"], *counts.T], schema))

counted = pq.read_table(lake / "counted.parquet")
by_file = counted.group_by("path").aggregate([("lambda", "sum"), ("class", "sum")])
by_file.sort_by([("lambda_sum", "descending")]).slice(0, 5).to_pandas()

# %%
# How fast is it?
# ---------------
#
# Decoding Parquet often takes longer than counting. ``progress`` tells how far it is, in
# bytes: ``True`` shows a bar, a function is called with the bytes done and, for a stream,
# no total.

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
print(
    f"decoding alone {decoding:.2f} s, counting alone {time.perf_counter() - started:.2f} s"
)

# %%
# The folder was made for this page:

folder.cleanup()
