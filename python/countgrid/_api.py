"""The public functions `count` and `search`: their docstrings, and calls into the compiled core."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from countgrid import _core
from countgrid._counter import TermCounter
from countgrid._counter import _unpickled as _unpickled
from countgrid._lexicon.lexicon import LITERAL
from countgrid._options import Call, Column, DenseCall, Match, Missing, Overlap, Progress, Syntax, Terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import DTypeLike
    from scipy.sparse import csr_array


@overload
def count(
    documents: Column, terms: Terms, *, sparse: Literal[False] = False, **options: Unpack[DenseCall]
) -> np.ndarray: ...
@overload
def count(documents: Column, terms: Terms, *, sparse: Literal[True], **options: Unpack[Call]) -> csr_array: ...
@overload
def count(
    documents: Column, terms: Terms, *, sparse: bool, **options: Unpack[DenseCall]
) -> np.ndarray | csr_array: ...
def count(
    documents: Column,
    terms: Terms,
    *,
    match: Match = "word",
    ignore_case: bool = False,
    strip_accents: bool = False,
    fold_punctuation: bool = False,
    word_chars: str = "",
    syntax: Syntax = LITERAL,
    overlap: Overlap = "per-term",
    dtype: DTypeLike | None = None,
    out: np.ndarray | None = None,
    sparse: bool = False,
    workers: int | None = None,
    missing: Missing = "zero",
    progress: Progress = False,
    per_words: float | None = None,
) -> np.ndarray | csr_array:
    """Count how often each term occurs in each document.

    The same as ``TermCounter(terms, match=..., ...).count(documents, ...)``. To count the same terms more than once,
    create the `TermCounter` once.

    Parameters
    ----------
    documents : sequence or column of str or bytes, length n_documents
        See `TermCounter.count`.
    terms : sequence of str or bytes, or mapping of str to such sequences
        See `TermCounter`.
    match, ignore_case, strip_accents, fold_punctuation, word_chars, syntax, overlap
        How terms are matched: see `TermCounter`.
    dtype, out, sparse, workers, missing, progress, per_words
        The form of the result: see `TermCounter.count`.

    Returns
    -------
    ndarray of shape (n_documents, n_columns), C order, or csr_array of that shape

    Raises
    ------
    TypeError, ValueError, OverflowError, MemoryError
        See `TermCounter` and `TermCounter.count`.

    Examples
    --------
    >>> from countgrid import count
    >>> count(["the cat sat", "the the", None], ["the", "at"])
    array([[1, 0],
           [2, 0],
           [0, 0]], dtype=int32)
    >>> count(["the cat sat", "the the", None], ["the", "at"], match="substring")
    array([[1, 2],
           [2, 0],
           [0, 0]], dtype=int32)
    """
    counter = TermCounter(
        terms,
        match=match,
        ignore_case=ignore_case,
        strip_accents=strip_accents,
        fold_punctuation=fold_punctuation,
        word_chars=word_chars,
        syntax=syntax,
        overlap=overlap,
    )
    counts: np.ndarray | csr_array = counter._count(
        documents, dtype, out, sparse, workers, missing, progress, per_words
    )
    return counts


def search(
    path: str | bytes | os.PathLike[Any],
    term: str | bytes,
    *,
    match: Match = "token",
    ignore_case: bool = False,
    workers: int | None = None,
    encoding: str | None = None,
) -> int:
    """Count the matches of one term in a file, never across lines.

    The file is memory-mapped and searched in parallel, with the GIL released. Truncating it during the search crashes
    the process. The file is opened as by `Documents.from_lines`: a byte-order mark is dropped, UTF-16 and UTF-32 with
    a mark are decoded, and gzip, zstd, bzip2 and lz4 are decompressed. The result is kept in memory.

    Parameters
    ----------
    path : str, bytes or os.PathLike
        The file, or a pipe. Its lines end with ``\\n`` or ``\\r\\n``.
    term : str or bytes
        The term. Bytes are compared with the UTF-8 text.
    match : {"token", "word", "adaptive", "substring"}, default "token"
        How the term is matched: see `TermCounter`, whose default is ``"word"``. As a token, ``ERROR`` does not count
        in ``ERROR:``.
    ignore_case : bool, default False
        See `TermCounter`.
    workers : int, optional
        Threads; 1 is the sequential version. Default: all cores open to this process. Never changes the result.
    encoding : str, optional
        The encoding of text without a byte-order mark. Default: UTF-8, valid or not.

    Returns
    -------
    int

    Raises
    ------
    OSError
        The file cannot be opened or read.
    TypeError
        A term that is neither str nor bytes; an encoding that is not str.
    ValueError
        A term that is empty or contains only whitespace; a file that is not text, is damaged or has another encoding;
        an unknown encoding.
    ImportError
        A compression that needs pyarrow, which is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from countgrid import search
    >>> with tempfile.NamedTemporaryFile("w") as file:
    ...     _ = file.write("the cat\\nsat on the mat\\n")
    ...     file.flush()
    ...     search(file.name, "the"), search(file.name, "at", match="substring")
    (2, 3)
    """
    if not isinstance(term, (str, bytes)):
        raise TypeError(f"term is {type(term).__name__} ({term!r}); expected str or bytes")
    return _core.search(os.fsdecode(path), [term], match, ignore_case, workers, encoding)
