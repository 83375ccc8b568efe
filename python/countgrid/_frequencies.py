"""`countgrid.frequencies`: the words or n-grams of documents, and how often each occurs."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from countgrid import _core
from countgrid._options import Column, Missing, Progress
from countgrid._progress import watched
from countgrid._stop_words import stop_words_of
from countgrid._totals import Totals


def frequencies(
    documents: Column,
    *,
    ngrams: tuple[int, int] = (1, 1),
    top: int | None = None,
    min_documents: int = 1,
    stop_words: Iterable[str] | Literal["english"] = (),
    ignore_case: bool = False,
    strip_accents: bool = False,
    word_chars: str = "",
    across_punctuation: bool = True,
    workers: int | None = None,
    missing: Missing = "zero",
    progress: Progress = False,
) -> Totals:
    """Find the words of documents, or their n-grams, and count how often each occurs.

    A word is a maximal run of word characters, as in `count_words`. An Arrow stream, or an iterable of Arrow batches,
    is read batch by batch, so that memory is bounded by the terms found, not by the length of the stream.

    Parameters
    ----------
    documents : sequence or column of str or bytes
        As for `TermCounter.totals`.
    ngrams : tuple of int, default (1, 1)
        The smallest and the largest number of words of a term. ``(1, 1)`` finds words, ``(2, 2)`` pairs of
        consecutive words, ``(1, 2)`` both. An n-gram is written with single spaces, and never crosses documents.
    top : int, optional
        Return at most this many terms. Default: all.
    min_documents : int, default 1
        Leave out terms that occur in fewer documents.
    stop_words : iterable of str, or "english", default ()
        Words to leave out before n-grams are made: in ``state of the art``, ``state`` and ``art`` become neighbours.
        They are compared under ``ignore_case`` and ``strip_accents``. ``"english"`` is countgrid's list of 175
        function words, in lower case and with a capital first letter. If ``word_chars`` contains the apostrophe, it
        includes 51 contractions such as ``don't``. In an iterable, ``"english"`` raises: to extend the list, pass
        ``{*countgrid.ENGLISH_STOP_WORDS, "word"}``.
    ignore_case, strip_accents, word_chars
        How words are compared, and which characters are part of words: see `TermCounter`. With ``ignore_case``, terms
        are case-folded, which is nearly always lower case; with ``strip_accents``, they have no accents.
    across_punctuation : bool, default True
        Whether an n-gram may contain words with punctuation between them. If False, only whitespace, or whitespace
        and stop words, may be between its words.
    workers, missing, progress
        As for `TermCounter.totals`. A missing document has no words, or raises.

    Returns
    -------
    Totals
        The most frequent terms first; terms with equal counts are sorted by code point. ``terms`` is
        the list of terms, for a `TermCounter`. With the same options, a `TermCounter` finds the same counts of words.
        Pairs made with stop words, or across punctuation, are not found by a `TermCounter`.

    Raises
    ------
    TypeError
        Documents that `TermCounter.totals` does not accept; an option of the wrong type.
    ValueError
        ``ngrams`` that are not positive or not in order; ``top < 0``; ``min_documents < 1``; a name
        other than ``"english"`` as ``stop_words``, or ``"english"`` in an iterable; whitespace in ``word_chars``; a
        missing document with ``missing="raise"``.

    Warns
    -----
    UserWarning
        Stop words that are not one word each, such as ``don't`` if the apostrophe is not a word character. They have
        no effect.

    See Also
    --------
    TermCounter : counts terms that you choose, in each document.

    Examples
    --------
    >>> from countgrid import TermCounter, frequencies
    >>> reviews = ["Good sound, good price", "The sound is not good", None]
    >>> words = frequencies(reviews, ignore_case=True, stop_words="english")
    >>> words
    term   count  documents
    good       3          2
    sound      2          2
    price      1          1
    >>> TermCounter(words.terms[:2], ignore_case=True).count(reviews)
    array([[2, 1],
           [1, 1],
           [0, 0]], dtype=int32)
    >>> frequencies(reviews, ngrams=(2, 2), across_punctuation=False, top=3).to_dict()
    {'Good sound': 1, 'The sound': 1, 'good price': 1}
    """
    most, fewest = checked_top(top), checked_min_documents(min_documents)
    learning = Learning(
        ngrams=ngrams,
        stop_words=stop_words,
        ignore_case=ignore_case,
        strip_accents=strip_accents,
        word_chars=word_chars,
        across_punctuation=across_punctuation,
    )
    with watched(progress) as callback:
        learning.add(documents, workers=workers, missing=missing, progress=callback)
    return learning.totals(learning.ranking(top=most, min_documents=fewest))


class Learning:
    """Terms of documents that are added batch by batch. The options are those of `frequencies`."""

    def __init__(
        self,
        *,
        ngrams: tuple[int, int],
        stop_words: Iterable[str] | Literal["english"],
        ignore_case: bool,
        strip_accents: bool,
        word_chars: str,
        across_punctuation: bool,
        are_words: bool = False,
    ) -> None:
        sizes = checked_ngrams(ngrams)
        # Raises for invalid options, before stop words are read with them.
        transform = ignore_case, strip_accents, word_chars, across_punctuation
        _core.TokenRules.words(*transform, [], sizes)
        self._rules = _core.TokenRules.words(
            *transform, stop_words_of(stop_words, word_chars, are_words=are_words), sizes
        )
        self._table = _core.TermTable()

    def add(self, documents: Column, *, workers: int | None, missing: Missing, progress: Any) -> None:
        found = _core.learn(documents, self._rules, False, missing, workers, progress).table
        if len(self._table) == 0:
            self._table = found
        else:
            self._table.add(found)

    def ranking(self, *, top: int | None, min_documents: int) -> np.ndarray:
        """The numbers of the terms, the most frequent first."""
        most = None if top is None else min(top, len(self._table))
        return self._table.ranking(most, min(min_documents, self._table.n_documents + 1))

    def totals(self, numbers: np.ndarray) -> Totals:
        """The totals of terms with these numbers."""
        terms = self._table.terms(numbers)
        return Totals(terms, self._table.counts[numbers], self._table.documents[numbers], _are_terms=True)


def checked_ngrams(ngrams: Any) -> tuple[int, int]:
    expected = "expected the smallest and the largest number of words, such as (1, 2)"
    is_pair = isinstance(ngrams, (tuple, list)) and len(ngrams) == 2
    if not is_pair or not all(map(_is_integer, ngrams)):
        raise TypeError(f"ngrams is {type(ngrams).__name__} ({ngrams!r:.80}); {expected}")
    low, high = map(operator.index, ngrams)
    if not 1 <= low <= high:
        raise ValueError(f"ngrams is {(low, high)}; {expected}")
    return min(low, sys.maxsize), min(high, sys.maxsize)


def checked_top(top: Any) -> int | None:
    if top is None:
        return None
    if not _is_integer(top):
        raise TypeError(f"top is {type(top).__name__} ({top!r:.80}); expected an int, or None for all terms")
    if top < 0:
        raise ValueError(f"top is {top}; expected at least 0, or None for all terms")
    return operator.index(top)


def checked_min_documents(fewest: Any) -> int:
    if not _is_integer(fewest):
        what = f"min_documents is {type(fewest).__name__} ({fewest!r:.80})"
        raise TypeError(f"{what}; expected a number of documents, as an int")
    if fewest < 1:
        raise ValueError(f"min_documents is {fewest}; expected at least 1")
    return operator.index(fewest)


def _is_integer(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
