"""`CountVectorizer`: scikit-learn's, counted by the core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from sklearn.base import _fit_context
from sklearn.feature_extraction import text as theirs
from sklearn.utils import metadata_routing
from sklearn.utils.validation import check_is_fitted

from countgrid._options import Column, Missing
from countgrid.sklearn._analysis import Analysis, check_is_supported
from countgrid.sklearn._limits import kept_terms
from countgrid.sklearn._matrices import Matrix, matrix_of, type_in_core, type_of_counts
from countgrid.sklearn._parameters import MORE
from countgrid.sklearn._vocabulary import GivenVocabulary, LearnedVocabulary, Statistics, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


class CountVectorizer(theirs.CountVectorizer):
    r"""Learn the words of documents, and count them.

    It does what scikit-learn's class of the same name does, on all cores: the same matrix, vocabulary, warnings and
    errors. Word characters are those of Python's ``re``, and lower case is that of ``str.lower``. The class is a
    subclass of scikit-learn's.

    Parameters
    ----------
    input : {"content", "filename", "file"}, default "content"
        Whether documents are texts, names of files, or files to read.
    encoding : str, default "utf-8"
        The encoding of bytes and files.
    decode_error : {"strict", "ignore", "replace"}, default "strict"
        What to do with bytes that are invalid in this encoding.
    strip_accents : {"ascii", "unicode"} or callable, optional
        Remove accents: decompose characters (NFKD), then drop all that are not ASCII, or only the combining ones. A
        callable is called for each document.
    lowercase : bool, default True
        Convert documents to lower case.
    preprocessor, tokenizer : None
        Callables raise `NotImplementedError`.
    stop_words : {"english"} or list of str, optional
        Words to leave out. ``"english"`` is scikit-learn's list. Words are compared after ``lowercase`` and
        ``strip_accents``, so write them that way.
    token_pattern : str
        A regular expression that matches a word. If it has a group, the group is the word. The default,
        ``(?u)\b\w\w+\b``, finds words of two characters or more. Patterns that repeat one class of characters are
        fast: ``\w+``, ``\S+``, ``\b[a-z]{3,}\b``. All others are matched by ``re``, on one core.
    ngram_range : tuple (least, most), default (1, 1)
        The smallest and the largest number of words of a term: (1, 2) finds words and pairs of words.
    analyzer : {"word"}, default "word"
        Others raise `NotImplementedError`.
    max_df, min_df : float or int, default 1.0 and 1
        Leave out terms that occur in more, or fewer, documents than this. An int is a number of documents, a float a
        fraction of all documents.
    max_features : int, optional
        Keep at most so many terms, the most frequent ones.
    vocabulary : mapping of str to int, or iterable of str, optional
        The terms and their columns, or the terms in the order of their columns. Then `fit` learns nothing.
    binary : bool, default False
        Count each term at most once in a document.
    dtype : type, default int64
        The type of the counts. None means int32, as in scikit-learn. A count that does not fit raises
        `OverflowError`.
    missing : {"raise", "zero"}, default "raise"
        A missing document (None, NaN, NA, null) raises what it raises in scikit-learn, or gives a row of zeros.
    workers : int, optional
        Threads, at least 1. Default: all cores open to this process. Never changes the result.

    Attributes
    ----------
    vocabulary_ : dict of str to int
        The terms and their columns. It is made when you first read it, since it costs more than learning the terms.
    fixed_vocabulary_ : bool
        Whether ``vocabulary`` was given.

    See Also
    --------
    TermCountTransformer : phrases, wildcards, regular expressions and categories that you choose.

    Examples
    --------
    >>> from countgrid.sklearn import CountVectorizer
    >>> vectorizer = CountVectorizer(min_df=2)
    >>> vectorizer.fit_transform(["The cat sat", "the dog", "A dog and a cat."]).toarray()
    array([[1, 0, 1],
           [0, 1, 1],
           [1, 1, 0]])
    >>> vectorizer.get_feature_names_out()
    array(['cat', 'dog', 'the'], dtype=object)
    """

    def __init__(
        self,
        *,
        input: Literal["content", "filename", "file"] = "content",  # noqa: A002 (scikit-learn's name)
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
        max_df: float = 1.0,
        min_df: float = 1,
        max_features: int | None = None,
        vocabulary: Mapping[str, int] | Iterable[str] | None = None,
        binary: bool = False,
        dtype: DTypeLike = np.int64,
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
            max_df=max_df,
            min_df=min_df,
            max_features=max_features,
            vocabulary=vocabulary,
            binary=binary,
            dtype=dtype,
        )
        self.missing = missing
        self.workers = workers

    # Documents are not metadata, and are never routed.
    __metadata_request__partial_fit: ClassVar[dict[str, Any]] = {"raw_documents": metadata_routing.UNUSED}
    _parameter_constraints: ClassVar[dict[str, Any]] = {**theirs.CountVectorizer._parameter_constraints, **MORE}
    #: The learned or given terms.
    _vocabulary: Vocabulary | None = None

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, raw_documents: Column, y: object = None) -> CountVectorizer:
        """Learn the vocabulary, without the matrix.

        Parameters
        ----------
        raw_documents : sequence or column of str or bytes
            What scikit-learn takes, and what `countgrid.TermCounter.count` takes. Iterators and Arrow streams are
            read block by block, so memory stays bounded.
        y
            Ignored.

        Returns
        -------
        CountVectorizer
            Itself.

        Raises
        ------
        NotImplementedError
            A parameter that only scikit-learn's class takes.
        ValueError, AttributeError, TypeError
            As scikit-learn's class. A note says which document it is about.
        """
        if self._is_given(raw_documents):
            self._count(raw_documents)
        else:
            self._vocabulary = self._limited(self._learn(raw_documents))
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def fit_transform(self, raw_documents: Column, y: object = None) -> Matrix:
        """Learn the vocabulary, and count its terms.

        Parameters
        ----------
        raw_documents, y
            As for `fit`. Iterators and streams are read into memory.

        Returns
        -------
        csr_matrix or csr_array of shape (n_documents, n_terms)
            What scikit-learn is set to return.

        Raises
        ------
        NotImplementedError, ValueError, AttributeError, TypeError
            As `fit`.
        OverflowError
            A count does not fit ``dtype``.
        """
        if self._is_given(raw_documents):
            return self._count(raw_documents)
        analysis = Analysis(self)
        learned = analysis.learn(analysis.all_at_once(raw_documents), rows=True)
        vocabulary = LearnedVocabulary(learned.table)
        kept, dtype = self._kept(vocabulary.statistics), type_of_counts(self.dtype)
        rows = learned.csr(kept, type_in_core(dtype), bool(self.binary), self.workers)
        self._vocabulary = vocabulary if kept is None else vocabulary.restricted(kept)
        return matrix_of([rows], len(self._vocabulary), dtype)

    def transform(self, raw_documents: Column) -> Matrix:
        """Count the terms of the vocabulary.

        Parameters
        ----------
        raw_documents : sequence or column of str or bytes
            As for `fit`.

        Returns
        -------
        csr_matrix or csr_array of shape (n_documents, n_terms)
            With sorted indices.

        Raises
        ------
        NotFittedError
            There is no vocabulary yet.
        NotImplementedError, ValueError, AttributeError, TypeError, OverflowError
            As `fit_transform`.
        """
        if isinstance(raw_documents, str):
            return super().transform(raw_documents)  # raises
        self._check_vocabulary()
        return self._count(raw_documents)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, raw_documents: Column, y: object = None) -> CountVectorizer:
        """Add a batch of documents to what was learned.

        Terms that are known keep their columns, and new terms get the next ones. ``min_df``, ``max_df`` and
        ``max_features`` take effect in `finalize`. In between, `transform` counts all terms. A classifier needs a
        fixed number of features: call `finalize` before you train it.

        Parameters
        ----------
        raw_documents, y
            As for `fit`.

        Returns
        -------
        CountVectorizer
            Itself.

        Raises
        ------
        ValueError
            You changed ``vocabulary_``. See also `fit`. After an error, nothing was added.

        Examples
        --------
        >>> from countgrid.sklearn import CountVectorizer
        >>> vectorizer = CountVectorizer()
        >>> vectorizer.partial_fit(["cat dog"]).partial_fit(["ant dog"]).vocabulary_
        {'cat': 0, 'dog': 1, 'ant': 2}
        >>> vectorizer.finalize().vocabulary_
        {'ant': 0, 'cat': 1, 'dog': 2}
        """
        if not self._is_given(raw_documents):
            known = self._learned("partial_fit") if self._vocabulary is not None else None
            vocabulary = self._learn(raw_documents)
            if known is None:
                self._vocabulary = vocabulary
            else:
                known.add(vocabulary.table)
        return self

    def finalize(self) -> CountVectorizer:
        """Sort the terms, and apply ``min_df``, ``max_df`` and ``max_features``.

        After that, the result equals one `fit` on all batches. You can go on with `partial_fit`; terms that were
        dropped start again.

        Returns
        -------
        CountVectorizer
            Itself.

        Raises
        ------
        NotFittedError
            Nothing was learned yet.
        ValueError
            No terms remain, or you changed ``vocabulary_``.
        """
        check_is_fitted(self)
        if not self.fixed_vocabulary_:
            self._vocabulary = self._limited(self._learned("finalize"))
        return self

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Return the terms in the order of their columns.

        Parameters
        ----------
        input_features
            Ignored.

        Returns
        -------
        ndarray of object, shape (n_terms,)
        """
        self._check_vocabulary()
        return np.array(self._current().names(), dtype=object)

    @property
    def vocabulary_(self) -> dict[str, int]:
        """The terms and their columns. The dict is made when you first read it, and may be changed."""
        if self._vocabulary is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute 'vocabulary_'")
        return self._vocabulary.columns()

    @vocabulary_.setter
    def vocabulary_(self, columns: Mapping[str, int]) -> None:
        self._vocabulary = GivenVocabulary(columns)

    @vocabulary_.deleter
    def vocabulary_(self) -> None:
        self._vocabulary = None

    def __dir__(self) -> list[str]:
        # scikit-learn's reads each attribute, and so would make the dict of `vocabulary_`.
        names = [name for name in object.__dir__(self) if name != "vocabulary_" and hasattr(self, name)]
        return names if self._vocabulary is None else [*names, "vocabulary_"]

    def _get_fitted_attr_html(self, doc_link: str = "") -> Any:
        """What notebooks show of the attributes. They show a few terms, for which no dict of all terms is made."""
        shown = copy(self)
        del shown.vocabulary_
        attributes = super(CountVectorizer, shown)._get_fitted_attr_html(doc_link)
        if self._vocabulary is not None:
            attributes["vocabulary_"] = {"type_name": "dict", "value": self._vocabulary.first_columns()}
        return attributes

    def _is_given(self, documents: Column) -> bool:
        """Check parameters, and return whether the vocabulary is given."""
        check_is_supported(self)
        if isinstance(documents, str) or self.vocabulary is not None:
            super().fit_transform(documents if isinstance(documents, str) else ())  # checks, warns and raises
            return True
        self._validate_ngram_range()
        self._warn_for_unused_params()
        self._validate_vocabulary()
        type_in_core(type_of_counts(self.dtype))  # raises
        return False

    def _check_vocabulary(self) -> None:
        if not self._vocabulary:
            super()._check_vocabulary()

    def _current(self) -> Vocabulary:
        """The terms, with the changes that the user made to the dict."""
        vocabulary = self._vocabulary
        assert vocabulary is not None
        if isinstance(vocabulary, LearnedVocabulary) and vocabulary.was_changed():
            self._vocabulary = vocabulary = GivenVocabulary(vocabulary.columns())
        return vocabulary

    def _learned(self, method: str) -> LearnedVocabulary:
        vocabulary = self._current()
        if not isinstance(vocabulary, LearnedVocabulary):
            raise ValueError(f"vocabulary_ was changed, and {method} needs a learned one; call fit first")
        return vocabulary

    def _count(self, documents: Column) -> Matrix:
        analysis, vocabulary, dtype = Analysis(self), self._current(), type_of_counts(self.dtype)
        how = vocabulary, type_in_core(dtype), bool(self.binary)
        parts = [analysis.count(block, *how) for block in analysis.blocks(documents)]
        return matrix_of(parts, len(vocabulary), dtype)

    def _learn(self, documents: Column) -> LearnedVocabulary:
        """All terms of the documents, block by block."""
        analysis, vocabulary = Analysis(self), None
        for block in analysis.blocks(documents):
            table = analysis.learn(block, rows=False).table
            if vocabulary is None:
                vocabulary = LearnedVocabulary(table)
            else:
                vocabulary.add(table)
        assert vocabulary is not None
        return vocabulary

    def _limited(self, vocabulary: LearnedVocabulary) -> LearnedVocabulary:
        """The terms in their order, without those that are too rare or too frequent."""
        order, statistics = vocabulary.order(), vocabulary.statistics
        kept = self._kept(statistics if order is None else statistics.of(order))
        if order is not None:
            kept = order if kept is None else order[kept]
        return vocabulary if kept is None else vocabulary.restricted(kept)

    def _kept(self, statistics: Statistics) -> np.ndarray | None:
        if not len(statistics.counts):
            raise ValueError("empty vocabulary; perhaps the documents only contain stop words")
        return kept_terms(
            statistics,
            min_df=self.min_df,
            max_df=self.max_df,
            max_features=self.max_features,
            binary=self.binary,
            dtype=type_of_counts(self.dtype),
        )
