"""
Count errors by hour in a log
=============================

When did the errors start? The command ``countgrid totals --by-regex`` counts
terms in a log by hour. In Python, ``totals`` with ``by=`` does the same.
"""

# %%
# A log
# -----
#
# This log is made up. It covers two days of a service whose connections to a
# database fail from 14:20 to 16:40 on the second day. Each error is followed by
# two lines of traceback, which have no time.

import random
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "service.log")
chance = random.Random(7)
start = datetime(2024, 5, 2)
outage = start + timedelta(hours=38.33), start + timedelta(hours=40.67)
with path.open("w", encoding="utf-8") as log:
    for second in range(0, 2 * 24 * 3600, 10):
        now = start + timedelta(seconds=second)
        failing = outage[0] < now < outage[1] and chance.random() < 0.6
        if failing or chance.random() < 0.004:
            reason = "timeout" if chance.random() < 0.7 else "refused"
            log.write(f"{now} ERROR cannot save order\n")
            log.write("  File 'orders.py', line 41, in save\n")
            log.write(f"ConnectionError: database: {reason}\n")
        elif chance.random() < 0.02:
            log.write(f"{now} WARNING slow query, 1.4 s\n")
        else:
            log.write(f"{now} INFO order saved\n")
print(*path.read_text(encoding="utf-8").splitlines()[:3], sep="\n")
print(f"{path.stat().st_size / 1000:.0f} kB")

# %%
# Count in the shell
# ------------------
#
# A line belongs to the group of the text that the regular expression finds
# first in it. Here that is the date and the hour:
#
# .. code-block:: console
#
#    $ countgrid totals service.log --term ERROR --term WARNING --term timeout \
#        --by-regex '^\d{4}-\d\d-\d\d \d\d'
#
# To run the same command from Python:

import subprocess
import sys

terms = ["ERROR", "WARNING", "timeout"]
command = [sys.executable, "-m", "countgrid", "totals", str(path)]
for term in terms:
    command += ["--term", term]
command += ["--by-regex", r"^\d{4}-\d\d-\d\d \d\d"]
done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
table = done.stdout.splitlines()
print(*table[:1], *table[-12:], sep="\n")

# %%
# The last row matters: all timeouts are in lines without a time. The command
# looks at each line separately, so it cannot tell their hour. In Python, you
# can give such a line the hour of the line before it.
#
# Count in Python
# ---------------
#
# Each line needs a label. ``ffill`` fills in the hours of lines without a time:

import countgrid as cg
import pandas as pd

lines = pd.Series(path.read_text(encoding="utf-8").splitlines())
hour = lines.str.extract(r"^(\d{4}-\d\d-\d\d \d\d)", expand=False).ffill()
hourly = cg.TermCounter(terms).totals(lines, by=hour)
hourly.to_frame().loc["2024-05-03 12":"2024-05-03 18"]

# %%
# ``trend`` draws them. It reads the hours as times:

import countgrid.plot
import matplotlib.pyplot as plt

countgrid.plot.trend(hourly, freq="h")
plt.show()

# %%
# Find the first errors
# ---------------------
#
# ``find`` shows the lines themselves. These are the first errors of the worst
# hour:

worst = hourly.groups[hourly["ERROR"].argmax()]
there = lines[hour == worst]
cg.TermCounter(["ERROR"]).find(there).context(there, as_frame=True).head(3)

# %%
# Read large logs
# ---------------
#
# The command reads files in batches and decompresses them, so
# ``countgrid totals 'service.log*'`` also counts rotated logs that are larger
# than memory. :doc:`/command-line` lists its options. In Python,
# ``Documents.from_lines`` maps a file into memory and counts its lines without
# making a Python object for each:

cg.TermCounter(terms).totals(cg.Documents.from_lines(path))

# %%
# Giving each line the hour of the line before it, as above, needs all lines in
# memory. For a log that is too large for that, read it in parts and add up
# their totals. Each part starts with the last hour of the part before it:

counter = cg.TermCounter(terms)
in_parts, last = None, "before the first time"
with path.open(encoding="utf-8") as log:
    while part := log.readlines(100_000):  # about so many characters
        part = pd.Series(part)
        hours = part.str.extract(r"^(\d{4}-\d\d-\d\d \d\d)", expand=False)
        hours = hours.ffill().fillna(last)
        last = hours.iloc[-1]
        counted = counter.totals(part, by=hours)
        in_parts = counted if in_parts is None else in_parts + counted

assert in_parts.to_dict() == hourly.to_dict()
len(in_parts)

# %%
folder.cleanup()
