"""`TfidfVectorizer`: scikit-learn's weights for the core's counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from sklearn.base import _fit_context
from sklearn.feature_extraction import text as theirs

from countgrid._options import Column, Missing
from countgrid.sklearn._count_vectorizer import CountVectorizer
from countgrid.sklearn._parameters import MORE

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


# scikit-learn's class calls the methods of the next class in this order for the counts.
class TfidfVectorizer(theirs.TfidfVectorizer, CountVectorizer):
    """Learn the words of documents, and weigh their counts by how rare they are.

    It does what scikit-learn's class of the same name does: `CountVectorizer`, then ``TfidfTransformer``.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, analyzer, stop_words
        See `CountVectorizer`.
    token_pattern, ngram_range, max_df, min_df, max_features, vocabulary, missing, workers
        See `CountVectorizer`.
    binary : bool, default False
        Count each term at most once in a document, before the weights.
    dtype : {float64, float32}, default float64
        The type of the weights.
    norm : {"l1", "l2"} or None, default "l2"
        Divide each row by its sum, or by its length.
    use_idf : bool, default True
        Multiply by the inverse document frequency.
    smooth_idf : bool, default True
        Compute it as if one more document contained every term.
    sublinear_tf : bool, default False
        Use ``1 + log(count)``.

    Notes
    -----
    The attributes are those of scikit-learn's class: ``vocabulary_``, ``fixed_vocabulary_`` and ``idf_``.

    Examples
    --------
    >>> from countgrid.sklearn import TfidfVectorizer
    >>> TfidfVectorizer().fit_transform(["the cat", "the dog"]).toarray().round(2)
    array([[0.81, 0.  , 0.58],
           [0.  , 0.81, 0.58]])
    """

    def __init__(
        self,
        *,
        input: Literal["content", "filename", "file"] = "content",  # noqa: A002
        encoding: str = "utf-8",
        decode_error: Literal["strict", "ignore", "replace"] = "strict",
        strip_accents: Any = None,
        lowercase: bool = True,
        preprocessor: Any = None,
        tokenizer: Any = None,
        analyzer: Any = "word",
        stop_words: Any = None,
        token_pattern: str | None = r"(?u)\b\w\w+\b",
        ngram_range: tuple[int, int] = (1, 1),
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Mapping[str, int] | Iterable[str] | None = None,
        binary: bool = False,
        dtype: DTypeLike = np.float64,
        norm: Literal["l1", "l2"] | None = "l2",
        use_idf: bool = True,
        smooth_idf: bool = True,
        sublinear_tf: bool = False,
        missing: Missing = "raise",
        workers: int | None = None,
    ) -> None:
        super().__init__(  # type: ignore[call-arg]  # scikit-learn's, which has no types
            input=input,
            encoding=encoding,
            decode_error=decode_error,
            strip_accents=strip_accents,
            lowercase=lowercase,
            preprocessor=preprocessor,
            tokenizer=tokenizer,
            analyzer=analyzer,
            stop_words=stop_words,
            token_pattern=token_pattern,
            ngram_range=ngram_range,
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            binary=binary,
            dtype=dtype,
            norm=norm,
            use_idf=use_idf,
            smooth_idf=smooth_idf,
            sublinear_tf=sublinear_tf,
        )
        self.missing = missing
        self.workers = workers

    _parameter_constraints: ClassVar[dict[str, Any]] = {**theirs.TfidfVectorizer._parameter_constraints, **MORE}

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, raw_documents: Column, y: object = None) -> TfidfVectorizer:
        """Add a batch of documents to what was learned, and compute the weights again.

        Parameters
        ----------
        raw_documents, y
            As for `CountVectorizer.partial_fit`.

        Returns
        -------
        TfidfVectorizer
            Itself.

        Raises
        ------
        ValueError
            There is a given ``vocabulary``. See also `CountVectorizer.partial_fit`.
        """
        if self.vocabulary is not None:
            raise ValueError("partial_fit cannot learn weights for a given vocabulary; call fit with all documents")
        self._check_params()
        super().partial_fit(raw_documents)
        self._weigh()
        return self

    def finalize(self) -> TfidfVectorizer:
        """Sort the terms, apply the limits, and compute the weights again.

        Returns
        -------
        TfidfVectorizer
            Itself.

        Raises
        ------
        NotFittedError, ValueError
            As `CountVectorizer.finalize`.
        """
        super().finalize()
        if not self.fixed_vocabulary_:
            self._weigh()
        return self

    def _weigh(self) -> None:
        """Compute what `TfidfTransformer.fit` computes from all rows."""
        _, documents, n_documents = self._learned("partial_fit").statistics
        self._tfidf = theirs.TfidfTransformer(
            norm=self.norm, use_idf=self.use_idf, smooth_idf=self.smooth_idf, sublinear_tf=self.sublinear_tf
        )
        self._tfidf.n_features_in_ = len(documents)
        if self.use_idf:
            frequency = documents.astype(self.dtype if self.dtype in (np.float32, np.float64) else np.float64)
            frequency += float(self.smooth_idf)
            idf = np.full_like(frequency, n_documents + int(self.smooth_idf))
            idf /= frequency
            self._tfidf.idf_ = np.log(idf, out=idf)
            idf += 1
