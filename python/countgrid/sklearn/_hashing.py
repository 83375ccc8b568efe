"""`HashingVectorizer`: scikit-learn's, hashed by the core."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from sklearn.base import _fit_context
from sklearn.feature_extraction import text as theirs
from sklearn.preprocessing import normalize

from countgrid._options import Column, Missing
from countgrid.sklearn._analysis import Analysis, check_is_supported
from countgrid.sklearn._matrices import Matrix, matrix_of, of_type
from countgrid.sklearn._parameters import MORE

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


#: Columns are indices of 32 bits.
MOST_FEATURES = 2**31 - 1


class HashingVectorizer(theirs.HashingVectorizer):
    """Count words in columns that their hashes choose.

    It does what scikit-learn's class of the same name does, with the same columns and signs, on all cores. It learns
    nothing, so it stores no words, and you need not call `fit`.

    Parameters
    ----------
    input, encoding, decode_error, strip_accents, lowercase, preprocessor, tokenizer, stop_words
        See `CountVectorizer`.
    token_pattern, ngram_range, analyzer, missing, workers
        See `CountVectorizer`.
    n_features : int, default 2**20
        The number of columns.
    binary : bool, default False
        Set every stored sum to 1, before ``norm``.
    norm : {"l1", "l2"} or None, default "l2"
        Divide each row by its sum, or by its length.
    alternate_sign : bool, default True
        Give half of the words a negative sign, so that words in the same column cancel out on average.
    dtype : type, default float64
        The type of the counts. A sum that does not fit raises `OverflowError`.

    Examples
    --------
    >>> from countgrid.sklearn import HashingVectorizer
    >>> HashingVectorizer(n_features=4, norm=None).transform(["the cat sat", "the dog"]).toarray()
    array([[ 1.,  0., -1.,  1.],
           [ 0., -1., -1.,  0.]])
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
        stop_words: Any = None,
        token_pattern: str | None = r"(?u)\b\w\w+\b",
        ngram_range: tuple[int, int] = (1, 1),
        analyzer: Any = "word",
        n_features: int = 2**20,
        binary: bool = False,
        norm: Literal["l1", "l2"] | None = "l2",
        alternate_sign: bool = True,
        dtype: DTypeLike = np.float64,
        missing: Missing = "raise",
        workers: int | None = None,
    ) -> None:
        super().__init__(
            input=input,
            encoding=encoding,
            decode_error=decode_error,
            strip_accents=strip_accents,
            lowercase=lowercase,
            preprocessor=preprocessor,
            tokenizer=tokenizer,
            stop_words=stop_words,
            token_pattern=token_pattern,
            ngram_range=ngram_range,
            analyzer=analyzer,
            n_features=n_features,
            binary=binary,
            norm=norm,
            alternate_sign=alternate_sign,
            dtype=dtype,
        )
        self.missing = missing
        self.workers = workers

    _parameter_constraints: ClassVar[dict[str, Any]] = {**theirs.HashingVectorizer._parameter_constraints, **MORE}

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Column, y: object = None) -> HashingVectorizer:
        """Check the parameters.

        Parameters
        ----------
        X, y
            Ignored, except that a single str raises `ValueError`.

        Returns
        -------
        HashingVectorizer
            Itself.

        Raises
        ------
        NotImplementedError
            A parameter that only scikit-learn's class takes.
        ValueError
            An invalid parameter.
        """
        check_is_supported(self)
        super().fit(X, y)
        return self

    def transform(self, X: Column) -> Matrix:
        """Count words.

        Parameters
        ----------
        X : sequence or column of str or bytes
            As for `CountVectorizer.fit`.

        Returns
        -------
        csr_matrix or csr_array of shape (n_documents, n_features)
            What scikit-learn is set to return.

        Raises
        ------
        NotImplementedError, ValueError, AttributeError, TypeError, OverflowError
            As `CountVectorizer.fit_transform`.
        """
        if isinstance(X, str):
            return super().transform(X)  # raises
        self._validate_ngram_range()
        n_features = operator.index(self.n_features)
        if not 1 <= n_features <= MOST_FEATURES:
            raise ValueError(f"n_features is {n_features}; expected 1 to {MOST_FEATURES}")
        analysis = Analysis(self)
        # The core divides float64 by the norm while it writes them.
        is_float64 = np.dtype(self.dtype) == np.float64
        norm_in_core = self.norm if is_float64 and not self.binary and self.norm in ("l1", "l2") else None
        how = n_features, bool(self.alternate_sign), norm_in_core
        parts = [analysis.hash(block, *how) for block in analysis.blocks(X)]
        counts = matrix_of([of_type(part, self.dtype) for part in parts], n_features, self.dtype)
        if not counts.shape[0]:
            raise ValueError("Cannot vectorize empty sequence.")
        if self.binary:
            counts.data.fill(1)
        return counts if self.norm == norm_in_core else normalize(counts, norm=self.norm, copy=False)
