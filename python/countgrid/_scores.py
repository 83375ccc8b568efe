"""`countgrid.score`: documents scored by a lexicon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from countgrid._counter import TermCounter
from countgrid._lexicon.lexicon import Lexicon
from countgrid._weights import weights_of

if TYPE_CHECKING:
    import numpy as np

    from countgrid._options import Missing, Progress


def score(
    documents: Any,
    lexicon: Lexicon,
    *,
    per_words: float | None = None,
    workers: int | None = None,
    missing: Missing = "zero",
    progress: Progress = False,
    **matching: Any,
) -> np.ndarray:
    """Score documents by a lexicon with weights: the weights of the terms found, added up.

    The same as ``TermCounter(lexicon, ...).score(documents, lexicon.weights, ...)``.

    Parameters
    ----------
    documents : sequence or column of str or bytes, length n_documents
        See `TermCounter.count`.
    lexicon : Lexicon
        What `read_lexicon` returns for a file with weights.
    per_words, workers, missing, progress
        See `TermCounter.score`.
    **matching
        How terms are matched: see `TermCounter`.

    Returns
    -------
    ndarray of float64, shape (n_documents,), or (n_documents, k) for a lexicon with k weights for each term

    Raises
    ------
    TypeError
        ``lexicon`` is not a `Lexicon`.
    ValueError
        A lexicon without weights.

    Examples
    --------
    >>> import tempfile
    >>> from countgrid import read_lexicon, score
    >>> with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
    ...     _ = file.write("good\\t2\\nbad\\t-3\\n")
    ...     file.flush()
    ...     lexicon = read_lexicon(file.name)
    >>> score(["Good, good!", "not bad", None], lexicon, ignore_case=True)
    array([ 4., -3.,  0.])
    """
    if not isinstance(lexicon, Lexicon):
        what = f"lexicon is {type(lexicon).__name__}; expected what read_lexicon returns"
        raise TypeError(f"{what}. For other terms use TermCounter(terms).score(documents, weights)")
    weights = weights_of(lexicon)
    counter: TermCounter = TermCounter(lexicon, **matching)
    return counter.score(documents, weights, per_words=per_words, workers=workers, missing=missing, progress=progress)
