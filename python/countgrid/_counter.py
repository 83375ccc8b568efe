"""`TermCounter`: its docstrings, and calls into the compiled core."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sized
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Unpack, overload

import numpy as np

from countgrid import _core
from countgrid._globs import advice_about_globs
from countgrid._grouped import GroupedTotals
from countgrid._grouping import GroupedCount
from countgrid._lexicon.lexicon import LITERAL, Default, choosing_syntax, syntax_of
from countgrid._matches import Matches, kind_of_first
from countgrid._optional import require
from countgrid._options import Column, DenseResult, Match, Matching, Missing, Overlap, Progress, Result, Syntax, Terms
from countgrid._plans import digest_of, shared_plan
from countgrid._progress import watched
from countgrid._rates import checked_per_words, rate_dtype, rates, to_rates, words_for
from countgrid._regexes import LikeRegexes, like_regexes
from countgrid._result_as_terms import advice_about_result
from countgrid._totals import Totals
from countgrid._warnings import warn
from countgrid._weights import weights_by_column

if TYPE_CHECKING:
    from numpy.typing import DTypeLike
    from scipy.sparse import csr_array


class TermCounter:
    """Terms compiled once, to count them in any number of documents.

    A counter is immutable, can be used from many threads at once, and can be pickled. Two counters are equal if they
    have the same columns, of the same terms, in the same order, with the same options. A set of terms is sorted: it
    equals the sorted list, with ``str`` before ``bytes``.

    Parameters
    ----------
    terms : sequence of str or bytes, or mapping of str to such sequences
        Each term gets a column, in order; repeated terms get equal columns. A mapping ``{category: terms}`` gets a
        column for each category. A category counts a span of text once, however many of its terms match exactly
        there. Terms can be of every type that documents can be, and the terms of a category can be a set. A term
        must not be missing. A bytes term is transformed by ``ignore_case`` and ``strip_accents`` like text, then
        matched byte for byte. As a substring it may match part of a character; as a word or token it may not.
    match : {"word", "adaptive", "substring", "token"}, default "word"
        - ``"word"``: whole words, ``(?<!\\w)term(?!\\w)``: neither neighbour is a word character. Word characters are
          ``\\w`` of UTS #18: alphabetic, mark, decimal digit, connector punctuation, join control. A space inside
          a term matches any run of whitespace; whitespace around a term is dropped.
        - ``"adaptive"``: as ``"word"``, but a boundary is required only at an end of the term that is itself a word
          character. So ``!``, ``%``, ``:)`` and emoji count anywhere, and ``C++`` counts in ``C++11``. A wildcard at
          an end of a glob is a word character. For a regular expression, the first and last characters of each
          match decide.
        - ``"substring"``: anywhere, exactly, as ``str.count`` does.
        - ``"token"``: between whitespace, ``(?<!\\S)term(?!\\S)``. Whitespace in a term is as with ``"word"``.
    ignore_case : bool, default False
        Compare terms and documents under Unicode simple case folding (CaseFolding.txt, C and S: one character to
        one).
    strip_accents : bool, default False
        Compare terms and documents without accents: apply NFKD (UAX #15), then drop every character with a nonzero
        combining class, as scikit-learn's ``strip_accents="unicode"`` does. Case is folded afterwards. Boundaries,
        whitespace and wildcards are those of the transformed text.
    fold_punctuation : bool, default False
        Compare typographic punctuation as ASCII, in terms and documents: U+2018, U+2019, U+201A, U+201B, U+02BC,
        U+2032 and U+FF07 as ``'``; U+201C, U+201D, U+201E, U+201F, U+2033 and U+FF02 as ``"``; U+2010, U+2011,
        U+2212, U+FE63 and U+FF0D as ``-``. So ``don't`` also matches what phones type.
    word_chars : str, default ""
        More characters to treat as word characters, such as ``"-'"``. Their order does not matter. Only for
        ``match="word"`` and ``"adaptive"``.
    syntax : {"literal", "glob", "regex"}, default that of a `Lexicon`, else "literal"
        - ``"literal"``: terms as they are. If you leave the syntax at its default, terms that look like globs or
          regular expressions warn: see Warns.
        - ``"glob"``: ``*`` matches any run of word characters, ``?`` exactly one; ``word_chars`` are included. With
          ``match="token"`` both match anything but whitespace. ``\\`` makes the next character literal. A word that
          is only ``*`` needs at least one character.
        - ``"regex"``: regular expressions of Rust's ``regex`` (https://docs.rs/regex/latest/regex/#syntax), as if in
          ``(?<!\\w)(?:...)(?!\\w)`` or, for tokens, ``(?<!\\S)(?:...)(?!\\S)``. Whitespace in them is literal.
    overlap : {"per-term", "all", "longest", "first"}, default "per-term"
        - ``"per-term"``: terms are counted independently, left to right; matches of a term do not overlap.
        - ``"all"``: matches of a term may overlap, with one match for each start.
        - ``"longest"``: terms compete. Only matches with valid boundaries take part; the leftmost wins, then the
          longest, and no character belongs to two matches. Terms that match the same span all count there.
        - ``"first"``: as ``"longest"``, but of several matches with the same start, that of the term earlier in the
          list wins (leftmost-first). Each regular expression offers its first match after the last winner.

    Raises
    ------
    TypeError
        A single str or bytes instead of a sequence; an item that is not text.
    ValueError
        A term that is empty or missing, or contains only whitespace (unless ``match="substring"``); an unknown option
        value; a glob or regular expression that is invalid, can match the empty string, or compiles to more than
        10 MB; whitespace in ``word_chars``; ``word_chars`` with ``match="substring"`` or
        ``"token"``; ``syntax="regex"`` with ``strip_accents``, ``fold_punctuation``, or ``overlap="all"`` or
        ``"longest"``; a `Lexicon` that was read with a different syntax.

    Warns
    -----
    UserWarning
        Literal terms look like globs, and you left the syntax at its default. In such a term, a word starts or ends
        with ``*`` next to a word character, and has at least two word characters. ``happ*``, ``*ness`` and
        ``tax* cut`` warn; ``C*``, ``:*``, ``**bold**`` and ``f*ck`` do not. There is one warning per counter.
        Terms that look like regular expressions, such as ``\\d+``, ``(?i)error``, ``[a-z]+`` and ``error|warning``,
        warn when `count`, `totals`, `find` or `which` finds none of them in any document, again if you left the
        syntax at its default. Tools that count batches of documents do not warn about them.

    See Also
    --------
    count : the same in one call.
    read_lexicon : terms from a file.

    Examples
    --------
    >>> from countgrid import TermCounter
    >>> counter = TermCounter({"animal": ["cat", "dog"], "verb": ["sat", "ran"]}, ignore_case=True)
    >>> counter
    TermCounter({'animal': ['cat', 'dog'], 'verb': ['sat', 'ran']}, ignore_case=True)
    >>> counter.columns
    ['animal', 'verb']
    >>> counter.count(["The cat sat.", "Cat and dog"])
    array([[1, 1],
           [2, 0]], dtype=int32)
    >>> TermCounter(["happi*", "un*"], syntax="glob").count(["happily unhappy happiness"])
    array([[2, 1]], dtype=int32)
    """

    __slots__ = ("__weakref__", "_like_regexes", "_matching", "_plan")
    #: If the syntax is the default: the terms to warn about if they are not found. Unpickled counters do not warn.
    _like_regexes: LikeRegexes | None
    _matching: dict[str, Any]
    _plan: _core.Plan

    def __init__(
        self,
        terms: Terms,
        *,
        match: Match = "word",
        ignore_case: bool = False,
        strip_accents: bool = False,
        fold_punctuation: bool = False,
        word_chars: str = "",
        syntax: Syntax = LITERAL,
        overlap: Overlap = "per-term",
    ) -> None:
        if hasattr(self, "_plan"):
            raise AttributeError("a TermCounter is immutable; make another one")
        matching: dict[str, Any] = {
            "match": match,
            "ignore_case": ignore_case,
            "strip_accents": strip_accents,
            "fold_punctuation": fold_punctuation,
            "word_chars": word_chars,
            "syntax": syntax_of(terms, syntax),
            "overlap": overlap,
        }
        try:
            plan = _core.Plan(terms, *matching.values())
        except (TypeError, ValueError) as error:
            if advice := advice_about_result(terms):
                raise ValueError(advice) from error
            raise
        in_doubt = None
        if isinstance(matching["syntax"], Default):
            does = choosing_syntax(terms)
            if advice := advice_about_globs(plan, does):
                warn(advice)
            in_doubt = like_regexes(plan, does)
            matching["syntax"] = "literal"
        object.__setattr__(self, "_plan", plan)
        object.__setattr__(self, "_like_regexes", in_doubt)
        # NumPy's bools have a different repr.
        matching |= {name: bool(matching[name]) for name in ("ignore_case", "strip_accents", "fold_punctuation")}
        object.__setattr__(self, "_matching", matching)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a TermCounter is immutable; cannot set {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a TermCounter is immutable; cannot delete {name!r}")

    @overload
    def count(
        self, documents: Column, *, sparse: Literal[False] = False, **result: Unpack[DenseResult]
    ) -> np.ndarray: ...
    @overload
    def count(self, documents: Column, *, sparse: Literal[True], **result: Unpack[Result]) -> csr_array: ...
    @overload
    def count(self, documents: Column, *, sparse: bool, **result: Unpack[DenseResult]) -> np.ndarray | csr_array: ...
    def count(
        self,
        documents: Column,
        *,
        dtype: DTypeLike | None = None,
        out: np.ndarray | None = None,
        sparse: bool = False,
        workers: int | None = None,
        missing: Missing = "zero",
        progress: Progress = False,
        per_words: float | None = None,
    ) -> np.ndarray | csr_array:
        """Count how often each term occurs in each document.

        Cell ``[i, j]`` counts the matches of column ``j``'s terms in ``documents[i]``. ``overlap`` decides which
        matches count.

        Parameters
        ----------
        documents : sequence or column of str or bytes, length n_documents
            List, tuple, iterable; NumPy, pandas, polars, pyarrow; anything with the Arrow PyCapsule protocol, or an
            iterable of such; `Documents`. Invalid UTF-8 is searched too. Binary Arrow columns are bytes documents,
            unless they have an extension type.
        dtype : NumPy integer, float or bool type of at most 64 bits, default the type of ``out``, else int32
            Signed by default, so that columns can be subtracted. ``bool`` means present or not.
        out : ndarray of shape (n_documents, n_columns), optional
            Filled and returned. It can have any of these dtypes and any memory order, and can be a memmap. Its
            content is undefined after an error. It must not share memory with the documents or be a masked array.
        sparse : bool, default False
            Return a ``scipy.sparse.csr_array`` with sorted indices. They are int32 unless int64 is needed.
        workers : int, optional
            Threads, at least 1. Default: the environment variable ``COUNTGRID_WORKERS``, else all cores open to this
            process, or fewer if ``RAYON_NUM_THREADS`` or ``OMP_NUM_THREADS`` says so. Never changes the result.
        missing : {"zero", "raise"}, default "zero"
            A missing document (None, NaN, NA, null, masked) gives a row of zeros, or raises.
        progress : bool or callable, default False
            True shows a tqdm bar of the bytes done. A callable gets ``(bytes_done, bytes_total)``; if it raises,
            counting stops and the exception propagates.
        per_words : float, optional
            Return rates: counts per that many words of the document. Words are those of `count_words`, with the
            counter's ``word_chars``, ``strip_accents`` and ``fold_punctuation``. Rates are float64, unless a float
            ``dtype`` or ``out`` is given. A document without words has 0.

        Returns
        -------
        ndarray of shape (n_documents, n_columns), C order, or csr_array of that shape

        Raises
        ------
        TypeError
            A single str or bytes, a mapping or a set as documents; an item or a column that is not text, such as a
            column of UUIDs; a dtype that cannot represent counts.
        ValueError
            A missing document with ``missing="raise"``; ``workers < 1``; ``out`` has the wrong shape, is read-only or
            shares memory with the documents; documents with several columns or dimensions; an iterator or stream that
            has already been read.
        OverflowError
            A count that the dtype cannot represent exactly. The error names the first row, then column.
        MemoryError
            A dense matrix would be larger than the available memory (pass ``sparse=True``), or memory runs out.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> counter = TermCounter(["the", "New York", "C++"])
        >>> counter.count(["the New\\nYork of the C++ folk", None])
        array([[2, 1, 1],
               [0, 0, 0]], dtype=int32)
        """
        counts: np.ndarray | csr_array = self._count(
            documents, dtype, out, sparse, workers, missing, progress, per_words
        )
        return counts

    def _count(
        self,
        documents: Column,
        dtype: DTypeLike | None,
        out: np.ndarray | None,
        sparse: bool,
        workers: int | None,
        missing: Missing,
        progress: Progress,
        per_words: float | None,
    ) -> Any:
        per = None if per_words is None else checked_per_words(per_words)
        if per is not None:
            # Read twice, which an iterator cannot be.
            documents = _core.Documents(documents)
            dtype = rate_dtype(dtype, out)
        with watched(progress) as callback:
            counts = self._plan.count(documents, dtype, out, sparse, workers, missing, callback)
        if self._like_regexes and counts.shape[0]:
            self._like_regexes.warn_of(self._like_regexes.counted_in(counts))
        if per is None:
            return counts
        return to_rates(counts, words_for(self._plan, documents, workers), per)

    @overload
    def totals(
        self,
        documents: Column,
        *,
        by: None = None,
        per_words: float | None = None,
        workers: int | None = None,
        missing: Missing = "zero",
        progress: Progress = False,
    ) -> Totals: ...
    @overload
    def totals(
        self,
        documents: Column,
        *,
        by: Column,
        per_words: float | None = None,
        workers: int | None = None,
        missing: Missing = "zero",
        progress: Progress = False,
    ) -> GroupedTotals: ...
    def totals(
        self,
        documents: Column,
        *,
        by: Column = None,
        per_words: float | None = None,
        workers: int | None = None,
        missing: Missing = "zero",
        progress: Progress = False,
    ) -> Totals | GroupedTotals:
        """Count how often each term occurs in all documents, and in how many, without the matrix.

        An Arrow stream, or an iterable of Arrow batches, is read batch by batch, so that memory stays bounded however
        long it is. The calling thread reads the next batch while the workers count.

        Parameters
        ----------
        documents : sequence or column of str or bytes
            As for `count`.
        by : 1-D array or sequence of labels, length n_documents, optional
            Return totals for each group of documents with equal labels. Labels can be strings, numbers, dates or
            categories. For an Arrow stream, table or batches of two columns, the name of the column with the labels.
        per_words : float, optional
            Return rates: counts per that many words of all documents, or of the group (see `count_words`).
        workers, missing, progress
            As for `count`. For a stream, progress is called with a total of None.

        Returns
        -------
        Totals or, with ``by``, GroupedTotals
            With ``columns``, ``counts`` (int64; with ``per_words`` float64) and ``documents`` (int64).

        Raises
        ------
        TypeError
            Labels that cannot be hashed or sorted.
        ValueError
            As many labels as there are not documents; ``per_words`` that is not positive.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> TermCounter(["the", "at"]).totals(["the cat sat", "the the", None])
        column  count  documents
        the         3          2
        at          0          0
        """
        per = None if per_words is None else checked_per_words(per_words)
        words = None if per is None else self._plan.words()
        columns = self._plan.columns()
        with watched(progress) as callback:
            if by is None:
                counts, documents_with, n_words = self._plan.totals(documents, workers, missing, callback, words)
                in_words = None if n_words is None else int(n_words[0])
                found: Totals | GroupedTotals = Totals.of(columns, counts, documents_with, in_words, per)
                is_empty = isinstance(documents, Sized) and len(documents) == 0
            else:
                by_group = GroupedCount(self._plan, words, per, workers, missing, callback)
                found = by_group.of_stream(documents, by) if isinstance(by, str) else by_group(documents, by)
                is_empty = len(found) == 0
        if self._like_regexes and not is_empty:
            self._like_regexes.warn_of(self._like_regexes.counted_in(np.atleast_2d(found.documents)))
        return found

    def score(
        self,
        documents: Column,
        weights: Any,
        *,
        per_words: float | None = None,
        workers: int | None = None,
        missing: Missing = "zero",
        progress: Progress = False,
    ) -> np.ndarray:
        """Score documents: ``count(documents) @ weights``, without the count matrix.

        Parameters
        ----------
        documents : sequence or column of str or bytes, length n_documents
            As for `count`.
        weights : array of shape (n_columns,) or (n_columns, k), or mapping of column to number
            The weight of each column, or k weights for k scores. A mapping must contain every column. A pandas
            object whose index has strings is read by name, other arrays by position. They must be finite.
        per_words : float, optional
            Return scores per that many words of the document (see `count_words`); 0 for a document without words.
        workers, missing, progress
            As for `count`. A missing document scores 0.

        Returns
        -------
        ndarray of float64, shape (n_documents,) or (n_documents, k)
            Summed in the order of the columns, so that ``workers`` never changes the result.

        Raises
        ------
        TypeError
            Weights that are not numbers.
        ValueError
            Weights of another shape; an unknown or missing column; a weight that is not finite.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> counter = TermCounter(["good", "bad"])
        >>> counter.score(["good, good, bad", "bad", None], {"good": 1, "bad": -2})
        array([ 0., -2.,  0.])
        >>> counter.score(["good, good, bad"], [[1, 0], [-2, 1]], per_words=100)
        array([[ 0.        , 33.33333333]])
        """
        per = None if per_words is None else checked_per_words(per_words)
        by_column = weights_by_column(weights, self.columns)
        if per is not None:
            documents = _core.Documents(documents)
        with watched(progress) as callback:
            scores: np.ndarray = self._plan.score(documents, np.atleast_2d(by_column.T).T, workers, missing, callback)
        if per is not None:
            words = words_for(self._plan, documents, workers)
            scores = rates(scores, words[:, None], per)
        return scores[:, 0] if by_column.ndim == 1 else scores

    def find(self, documents: Column, *, workers: int | None = None, missing: Missing = "zero") -> Matches:
        """Find where each term matches: every match that `count` counts.

        Parameters
        ----------
        documents : sequence or column of str or bytes
            As for `count`.
        workers, missing
            As for `count`. A missing document has no matches.

        Returns
        -------
        Matches
            With ``document``, ``column``, ``start`` and ``end``: int64 arrays of equal length, sorted by document,
            start, end and column. Offsets count characters in text documents, so that ``document[start:end]`` is the
            match, and bytes in bytes documents. With ``strip_accents``, the span is the smallest part of the original
            text that covers the match, including dropped accents that follow it.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> matches = TermCounter(["the", "at"], match="substring").find(["the cat sat", None, "the the"])
        >>> matches.document, matches.column
        (array([0, 0, 0, 2, 2]), array([0, 1, 1, 0, 0]))
        >>> matches.start, matches.end
        (array([0, 5, 9, 0, 4]), array([ 3,  7, 11,  3,  7]))
        """
        document, column, start, end, n_documents = self._plan.find(documents, workers, missing)
        if self._like_regexes and n_documents:
            self._like_regexes.warn_of(self._like_regexes.found_in(column))
        return Matches(
            document, column, start, end, self.columns, n_documents, self, kind_of_first(documents, document)
        )

    def which(
        self,
        documents: Column,
        *,
        workers: int | None = None,
        missing: Missing = "zero",
        progress: Progress = False,
    ) -> list[list[str]]:
        """Return which terms each document contains: the names of the columns with a count above 0.

        Parameters
        ----------
        documents : sequence or column of str or bytes
            As for `count`.
        workers, missing, progress
            As for `count`. A missing document contains nothing.

        Returns
        -------
        list of list of str
            A list for each document, in the order of the columns.

        Raises
        ------
        ImportError
            scipy is not installed.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> TermCounter({"pet": ["cat", "dog"], "place": ["mat"]}).which(["a cat on a mat", "a dog", None])
        [['pet', 'place'], ['pet'], []]
        """
        found = present(self, documents, workers=workers, missing=missing, progress=progress)
        columns = self.columns
        names = [columns[column] for column in found.indices.tolist()]
        ends = found.indptr.tolist()
        return [names[start:end] for start, end in pairwise(ends)]

    @property
    def columns(self) -> list[str]:
        """The columns' names, in matrix order: terms (bytes decoded with ``backslashreplace``) or categories."""
        return list(self._plan.columns())

    @property
    def terms(self) -> list[str | bytes] | dict[str, list[str | bytes]]:
        """The terms as compiled: a list, or for categories a dict of lists."""
        return self._plan.terms()

    @property
    def options(self) -> dict[str, Any]:
        """The matching options by name, defaults included."""
        return dict(self._matching)

    def replace(self, **options: Unpack[Matching]) -> TermCounter:
        """Return a counter of the same terms with some options changed.

        Parameters
        ----------
        **options
            Matching options: see `TermCounter`.

        Returns
        -------
        TermCounter

        Raises
        ------
        TypeError
            An option that does not exist.
        ValueError
            An option value that `TermCounter` does not accept for these terms.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> TermCounter(["cat", "dog"]).replace(ignore_case=True)
        TermCounter(['cat', 'dog'], ignore_case=True)
        """
        check_names(options)
        changed: dict[str, Any] = {**self._matching, **options}
        return self if changed == self._matching else type(self)(self.terms, **changed)

    def __len__(self) -> int:
        """Number of columns."""
        return self._plan.n_columns

    def explain(self, documents: Column | None = None, *, workers: int | None = None) -> str:
        """Explain which engine searches for which terms, and why; with documents, which expressions are slow.

        Parameters
        ----------
        documents : sequence or column of str or bytes, optional
            A sample of your documents, as for `count`: thousands are enough, more if other programs keep the cores
            busy, as times are measured. They are counted twice, to measure each regular expression: its share of the
            time, in which part of the documents it had to be searched for, and which part it matches. The 20 slowest
            are listed. Literal terms and globs share one pass, so none of them has a time of its own.
        workers : int, optional
            As for `count`.

        Returns
        -------
        str

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> print(TermCounter(["one", "two*", "three", "one, two"], syntax="glob").explain())
        4 terms in 4 columns, 4 distinct patterns to search for
        engine words: 4 terms as 4 patterns, 1 of them with wildcards; one lookup per word of the text serves any
        number; wildcards are matched once per distinct word
        >>> rules = [rf"error {i}" for i in range(20)] + [r"\\d+ms"]
        >>> print(TermCounter(rules, syntax="regex").explain(["error 7", "error 12 after 5ms"]))
        21 terms in 21 columns, 21 distinct patterns to search for
        ...
        measured in 2 documents: ...
           time  searched   matched  expression
        ...
        expressions not searched for in any of these documents: 17
        """
        return self._plan.explain(documents, workers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TermCounter):
            return NotImplemented
        return self._plan == other._plan

    def __hash__(self) -> int:
        return hash(self._plan)

    def __reduce__(self) -> tuple[Any, ...]:
        # The options, and the terms as one object, because pickle ignores Ctrl-C while it processes millions of
        # objects. Unpickling compiles them, once in a process.
        packed = self._plan.packed()
        return _unpickled, (type(self), self._matching, packed, digest_of(packed))

    def __copy__(self) -> TermCounter:
        return self

    def __deepcopy__(self, memo: object) -> TermCounter:
        return self

    def __repr__(self) -> str:
        """The terms, and the options that are not the defaults."""
        parts = [_shortened(self._plan)]
        parts += [f"{name}={value!r}" for name, value in self._matching.items() if value != DEFAULTS[name]]
        return f"{type(self).__name__}({', '.join(parts)})"


def present(
    counter: TermCounter,
    documents: Column,
    *,
    workers: int | None = None,
    missing: Missing = "zero",
    progress: Progress = False,
) -> csr_array:
    """Return a boolean matrix of the columns that each document contains."""
    require("scipy.sparse", "which", "scipy")
    return counter.count(documents, dtype=bool, sparse=True, workers=workers, missing=missing, progress=progress)


def _unpickled(
    cls: type[TermCounter], matching: dict[str, Any], packed: bytes, digest: bytes | None = None
) -> TermCounter:
    """The counter that `TermCounter.__reduce__` describes. Older versions pickled no digest."""
    matching = DEFAULTS | matching
    plan = shared_plan(packed, digest_of(packed) if digest is None else digest, matching)
    return _counter(cls, plan, matching)


def without_warnings(counter: TermCounter) -> TermCounter:
    """An equal counter that does not warn about terms that it does not find."""
    return counter if counter._like_regexes is None else _counter(type(counter), counter._plan, counter._matching)


def _counter(cls: type[TermCounter], plan: _core.Plan, matching: dict[str, Any]) -> TermCounter:
    counter = cls.__new__(cls)
    object.__setattr__(counter, "_plan", plan)
    object.__setattr__(counter, "_like_regexes", None)
    object.__setattr__(counter, "_matching", matching)
    return counter


# Pickles find it there.
_unpickled.__module__ = "countgrid._api"


#: The matching options and their defaults.
DEFAULTS: dict[str, Any] = {
    name: parameter.default
    for name, parameter in inspect.signature(TermCounter).parameters.items()
    if parameter.default is not parameter.empty
}


def check_names(options: Mapping[str, object]) -> None:
    """Raise if an option is not a matching option."""
    for name in options:
        if name not in DEFAULTS:
            raise TypeError(f"unknown option {name!r}; expected one of {', '.join(DEFAULTS)}")


def _shortened(plan: _core.Plan, most: int = 6) -> str:
    """The terms of a plan as Python source, or their number if there are many."""
    if plan.n_terms <= most and plan.n_columns <= most:
        return repr(plan.terms())
    kind = "categories" if plan.has_categories else "columns"
    return f"<{plan.n_terms} terms in {plan.n_columns} {kind}>"
