"""`TermCountTransformer`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from countgrid._columns import named
from countgrid._counter import DEFAULTS, TermCounter

if TYPE_CHECKING:
    from numpy.typing import DTypeLike
    from scipy.sparse import csr_array

    from countgrid._options import Column, Match, Missing, Overlap, Syntax, Terms


class TermCountTransformer(TransformerMixin, BaseEstimator):
    """Count how often each term occurs in each document.

    Nothing is learned from documents. `fit` compiles the terms, and raises if they are invalid. Without `fit`, each
    call of `transform` compiles them.

    Parameters
    ----------
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`. ``clone`` does not copy a `TermCounter`.
    match, ignore_case, strip_accents, fold_punctuation, word_chars, syntax, overlap
        How terms are matched: see `countgrid.TermCounter`. None, the default, takes the option from a `TermCounter`
        (or the syntax from a `countgrid.Lexicon`) passed as ``terms``, else the default of `countgrid.TermCounter`.
        So a grid search can try options for all kinds of ``terms``.
    prefix : str, default ""
        Added before each feature's name.
    names : sequence of str, optional
        Names for the features, instead of the terms or categories.
    dtype : NumPy integer, float or bool type of at most 64 bits, default int32
        See `countgrid.TermCounter.count`; ``bool`` means present or not.
    sparse_output : bool, default False
        Return a ``scipy.sparse.csr_array``. Use it for thousands of terms. ``set_output`` needs dense counts.
    missing : {"zero", "raise"}, default "zero"
        A missing document gives a row of zeros, or raises `ValueError`.
    workers : int, optional
        Threads, at least 1. Default: all cores open to this process. Never changes the result.

    Attributes
    ----------
    counter_ : TermCounter
        The compiled terms.

    Examples
    --------
    >>> from countgrid.sklearn import TermCountTransformer
    >>> counts = TermCountTransformer({"praise": ["great", "superb"], "trouble": ["broke*"]}, syntax="glob")
    >>> counts.fit_transform(["great sound, great price", "broken", None])
    array([[2, 0],
           [0, 1],
           [0, 0]], dtype=int32)
    >>> counts.get_feature_names_out()
    array(['praise', 'trouble'], dtype=object)
    """

    def __init__(
        self,
        terms: Terms | TermCounter,
        *,
        match: Match | None = None,
        ignore_case: bool | None = None,
        strip_accents: bool | None = None,
        fold_punctuation: bool | None = None,
        word_chars: str | None = None,
        syntax: Syntax | None = None,
        overlap: Overlap | None = None,
        prefix: str = "",
        names: Sequence[str] | None = None,
        dtype: DTypeLike = np.int32,
        sparse_output: bool = False,
        missing: Missing = "zero",
        workers: int | None = None,
    ) -> None:
        self.terms = terms
        self.match = match
        self.ignore_case = ignore_case
        self.strip_accents = strip_accents
        self.fold_punctuation = fold_punctuation
        self.word_chars = word_chars
        self.syntax = syntax
        self.overlap = overlap
        self.prefix = prefix
        self.names = names
        self.dtype = dtype
        self.sparse_output = sparse_output
        self.missing = missing
        self.workers = workers

    def fit(self, X: Column, y: object = None) -> TermCountTransformer:
        """Compile the terms.

        Parameters
        ----------
        X, y
            Ignored.

        Returns
        -------
        TermCountTransformer
            Itself.

        Raises
        ------
        TypeError, ValueError
            Two features would have the same name. See also `countgrid.TermCounter` and its ``count``.
        """
        self.counter_, self._feature_names = self._compiled()
        self._count(self.counter_, [])  # raises if another parameter is invalid
        return self

    def transform(self, X: Column) -> np.ndarray | csr_array:
        """Count the terms.

        Parameters
        ----------
        X : sequence or column of str or bytes, length n_documents
            As for `countgrid.TermCounter.count`, or an array or DataFrame with one column.

        Returns
        -------
        ndarray or csr_array of shape (n_documents, n_columns)
            Or a DataFrame, depending on ``set_output``.

        Raises
        ------
        TypeError, ValueError, OverflowError, MemoryError
            See `countgrid.TermCounter.count`.
        """
        counter, _ = self._fitted()
        if isinstance(X, np.ndarray) and X.ndim == 2 and X.shape[1] == 1:
            X = X[:, 0]  # imputers return a column like this
        return self._count(counter, X)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the features' names: ``prefix``, then the term or category, or its name in ``names``.

        Parameters
        ----------
        input_features
            Ignored: the name of the text column is not part of the features' names.

        Returns
        -------
        ndarray of object, shape (n_columns,)
        """
        _, names = self._fitted()
        return np.array(names, dtype=object)

    def _fitted(self) -> tuple[TermCounter, list[str]]:
        return (self.counter_, self._feature_names) if hasattr(self, "counter_") else self._compiled()

    def _count(self, counter: TermCounter, documents: Column) -> np.ndarray | csr_array:
        return counter.count(
            documents, dtype=self.dtype, sparse=self.sparse_output, missing=self.missing, workers=self.workers
        )

    def _compiled(self) -> tuple[TermCounter, list[str]]:
        matching: Any = {name: value for name in DEFAULTS if (value := getattr(self, name)) is not None}
        for name in ("terms", "names"):
            if isinstance(given := getattr(self, name), Iterator):
                raise TypeError(f"{name} is {type(given).__name__}, which can be read only once; expected a sequence")
        if isinstance(self.terms, TermCounter):
            counter = self.terms.replace(**matching)
        else:
            counter = TermCounter(self.terms, **matching)
        return counter, named(counter, self.prefix, self.names)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = self.missing == "zero"
        tags.transformer_tags.preserves_dtype = []
        tags.requires_fit = False
        return tags
