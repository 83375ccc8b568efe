"""scikit-learn: words and given terms as features.

`CountVectorizer`, `TfidfVectorizer` and `HashingVectorizer` do what scikit-learn's classes of the same names do, on
all cores. `TermCountTransformer` counts terms that you choose: phrases, wildcards, regular expressions and
categories. Use them in a ``Pipeline`` or a ``ColumnTransformer``.

>>> from countgrid.sklearn import TermCountTransformer
>>> from sklearn.naive_bayes import MultinomialNB
>>> from sklearn.pipeline import make_pipeline
>>> texts = ["win cash now", "cash prize, win big", "lunch at noon?", "see you at lunch"]
>>> model = make_pipeline(TermCountTransformer(["win", "cash", "lunch"]), MultinomialNB())
>>> model.fit(texts, ["spam", "spam", "ham", "ham"]).predict(["lunch, then cash for lunch"]).tolist()
['ham']
"""

from __future__ import annotations

from countgrid._optional import not_installed

try:
    import sklearn.base
except ImportError as error:
    raise not_installed(error, __name__, "scikit-learn") from error

del sklearn

# Imported after the check above, which tells users what to install.
from countgrid.sklearn._count_vectorizer import CountVectorizer  # noqa: E402 (scikit-learn is checked first)
from countgrid.sklearn._hashing import HashingVectorizer  # noqa: E402 (scikit-learn is checked first)
from countgrid.sklearn._term_counts import TermCountTransformer  # noqa: E402 (scikit-learn is checked first)
from countgrid.sklearn._tfidf import TfidfVectorizer  # noqa: E402 (scikit-learn is checked first)

__all__ = ["CountVectorizer", "HashingVectorizer", "TermCountTransformer", "TfidfVectorizer"]

# Pickles and error messages name the public module.
for _public in (CountVectorizer, HashingVectorizer, TermCountTransformer, TfidfVectorizer):
    _public.__module__ = __name__
