"""pandas: counts as columns of a DataFrame.

``import countgrid.pandas`` adds the accessor ``countgrid`` to every Series. Results have the Series' index, so you
can join them to its DataFrame.

>>> import pandas as pd
>>> import countgrid.pandas
>>> df = pd.DataFrame({"text": ["the cat sat", None, "the the"]})
>>> df.join(df["text"].countgrid.count(["the", "cat"], prefix="n_"))
          text  n_the  n_cat
0  the cat sat      1      1
1          NaN   <NA>   <NA>
2      the the      2      0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

import numpy as np

from countgrid._columns import count_by_column, counter_of, named
from countgrid._core import Documents
from countgrid._counter import present
from countgrid._errors import within
from countgrid._frequencies import frequencies
from countgrid._optional import not_installed
from countgrid._rates import ARE_GROUPS, PER_WORDS, count_words
from countgrid._weights import weights_of

try:
    import pandas as pd
except ImportError as error:
    raise not_installed(error, __name__, "pandas") from error

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Finding, Matching, Progress, Terms

Missing: TypeAlias = Literal["keep", "zero", "raise"]

__all__ = ["CountgridAccessor"]


@pd.api.extensions.register_series_accessor("countgrid")
class CountgridAccessor:
    """The accessor ``Series.countgrid``, for a Series of ``str``, ``bytes`` or categories of these.

    All methods take ``terms`` and matching options as `countgrid.count` does, or a `countgrid.TermCounter`. In a
    categorical Series, each category is searched once, however many rows have it.
    """

    def __init__(self, series: pd.Series) -> None:
        self._series = series

    def count(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        missing: Missing = "keep",
        sparse: bool = False,
        per_words: float | None = None,
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[Matching],
    ) -> pd.DataFrame:
        """Count how often each term occurs in each value.

        Parameters
        ----------
        terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
            See `countgrid.TermCounter`.
        prefix : str, default ""
            Added before each column's name.
        names : sequence of str, optional
            Names for the columns, instead of the terms or categories.
        missing : {"keep", "zero", "raise"}, default "keep"
            ``"keep"``: the counts of a missing value are missing, as with ``Series.str.count``. ``"zero"``: they are
            0. ``"raise"``: a missing value raises `ValueError`.
        sparse : bool, default False
            Return sparse columns (``Sparse[int32, 0]``). They cannot contain missing counts.
        per_words : float, optional
            Return rates: counts per that many words of the value. See `countgrid.TermCounter.count`.
            ``DataFrame.attrs`` marks them as rates, so that plots do not add them up.
        workers, progress
            See `countgrid.TermCounter.count`.
        **matching
            See `countgrid.TermCounter`. Not allowed if ``terms`` is a `TermCounter`.

        Returns
        -------
        DataFrame
            With the Series' index and a column for each term or category. Their type is ``Int32`` with
            ``missing="keep"``, even if no value is missing, else ``int32``. With ``per_words`` it is ``Float64`` or
            ``float64``.

        Raises
        ------
        ValueError
            Two columns would have the same name; a value is missing, with ``sparse=True`` and ``missing="keep"``. See
            also `countgrid.count`.
        TypeError, OverflowError, MemoryError
            See `countgrid.count`.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["good, not bad", "BAD"], index=["a", "b"]).countgrid.count(
        ...     {"positive": ["good"], "negative": ["bad"]}, ignore_case=True
        ... )
           positive  negative
        a         1         1
        b         0         1
        """
        in_core = _in_core(missing)
        counter = counter_of(terms, matching)
        columns = _index(named(counter, prefix, names))
        documents, index = self._documents(), self._series.index
        if sparse and missing == "keep" and documents.missing.any():
            raise ValueError("a sparse column cannot contain missing counts; pass missing='zero'")
        if missing == "keep" and not sparse:
            cells = count_by_column(counter, documents, workers=workers, progress=progress, per_words=per_words)
            is_missing = documents.missing
            array: Any = pd.arrays.IntegerArray if per_words is None else pd.arrays.FloatingArray
            arrays = {i: array(cells[:, i], is_missing.copy()) for i in range(len(columns))}
            frame = pd.DataFrame(arrays, index=index, copy=False)
            frame.columns = columns
            return _marked(frame, per_words)
        if sparse:
            counts = counter.count(
                documents, sparse=True, missing=in_core, workers=workers, progress=progress, per_words=per_words
            )
            accessor: Any = pd.DataFrame.sparse
            sparse_frame: pd.DataFrame = accessor.from_spmatrix(counts, index=index, columns=columns)
            return _marked(sparse_frame, per_words)
        dense = counter.count(documents, missing=in_core, workers=workers, progress=progress, per_words=per_words)
        return _marked(pd.DataFrame(dense, index=index, columns=columns, copy=False), per_words)

    def totals(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        progress: Progress = False,
        by: Any = None,
        per_words: float | None = None,
        **matching: Unpack[Matching],
    ) -> pd.DataFrame:
        """Count how often each term occurs in all values, and in how many.

        Parameters
        ----------
        terms, prefix, names, workers, progress, **matching
            As for `count`. A missing value counts 0.
        by : Series, array or sequence of labels, optional
            Return totals for each group of values with equal labels. A Series must have the same index.
        per_words : float, optional
            Return rates: counts per that many words of all values, or of the group. With ``by``,
            ``DataFrame.attrs`` marks them as rates, so that plots do not add them up.

        Returns
        -------
        DataFrame
            A row for each column of `count`, with ``count`` and ``documents``, both int64; with ``per_words``,
            ``count`` is float64. With ``by``, a row for each group, in order, and a column for each column of
            `count`.

        Raises
        ------
        ValueError
            ``by`` is a Series with another index.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["the cat", "the the"]).countgrid.totals(["the", "cat"])
                count  documents
        column
        the         3          2
        cat         1          1
        >>> pd.Series(["the cat", "the the"]).countgrid.totals(["the", "cat"], by=["june", "may"])
               the  cat
        group
        june     1    1
        may      2    0
        """
        counter = counter_of(terms, matching)
        index = _index(named(counter, prefix, names)).rename("column")
        documents = self._documents()
        if by is not None:
            if isinstance(by, pd.Series) and not by.index.equals(self._series.index):
                raise ValueError("by has another index than the Series; pass by.reindex(series.index) or an array")
            grouped = counter.totals(documents, by=by, per_words=per_words, workers=workers, progress=progress)
            groups = pd.Index(grouped.groups, name=getattr(by, "name", None) or "group")
            frame = pd.DataFrame(grouped.counts, index=groups, columns=index.rename(None))
            frame.attrs[ARE_GROUPS] = True
            return _marked(frame, per_words)
        totals = counter.totals(documents, per_words=per_words, workers=workers, progress=progress)
        return pd.DataFrame({"count": totals.counts, "documents": totals.documents}, index=index)

    def score(
        self,
        terms: Terms | TermCounter,
        weights: Any = None,
        *,
        missing: Missing = "keep",
        per_words: float | None = None,
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[Matching],
    ) -> pd.Series | pd.DataFrame:
        """Score each value: the weights of the terms found, added up.

        Parameters
        ----------
        terms, workers, progress, **matching
            As for `count`.
        weights : array of shape (n_columns,) or (n_columns, k), or mapping of column to number, optional
            See `countgrid.TermCounter.score`. Default: the weights of ``terms``, if it is a `countgrid.Lexicon`.
        missing : {"keep", "zero", "raise"}, default "keep"
            ``"keep"``: the score of a missing value is missing (NaN). ``"zero"``: it is 0. ``"raise"``: a missing
            value raises `ValueError`.
        per_words : float, optional
            Return scores per that many words of the value.

        Returns
        -------
        Series or, for k weights for each column, DataFrame
            ``float64``, with the Series' index. The DataFrame's columns are those of ``weights``, or the lexicon's
            dimensions.

        Raises
        ------
        ValueError, TypeError
            See `countgrid.TermCounter.score`; no weights.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["good, good", None, "bad"]).countgrid.score(["good", "bad"], [1, -2])
        0    2.0
        1    NaN
        2   -2.0
        dtype: float64
        """
        in_core = _in_core(missing)
        counter = counter_of(terms, matching)
        documents = self._documents()
        scores = counter.score(
            documents,
            weights_of(terms) if weights is None else weights,
            per_words=per_words,
            workers=workers,
            missing=in_core,
            progress=progress,
        )
        if missing == "keep":
            scores[documents.missing] = np.nan
        if scores.ndim == 2:
            columns = getattr(terms, "dimensions", None) if weights is None else getattr(weights, "columns", None)
            return pd.DataFrame(scores, index=self._series.index, columns=columns)
        return pd.Series(scores, index=self._series.index, name=self._series.name)

    def count_words(
        self,
        *,
        word_chars: str = "",
        missing: Missing = "keep",
        workers: int | None = None,
        progress: Progress = False,
    ) -> pd.Series:
        """Count the words of each value.

        Parameters
        ----------
        word_chars, workers, progress
            See `countgrid.count_words`.
        missing
            As for `count`.

        Returns
        -------
        Series
            ``Int32``, or ``Int64`` if needed, with the Series' index; ``int32`` or ``int64`` unless
            ``missing="keep"``.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["the cat", None, ""]).countgrid.count_words()
        0       2
        1    <NA>
        2       0
        dtype: Int32
        """
        in_core = _in_core(missing)
        documents = self._documents()
        words = count_words(documents, word_chars=word_chars, missing=in_core, workers=workers, progress=progress)
        array = pd.arrays.IntegerArray(words, documents.missing.copy()) if missing == "keep" else words
        return pd.Series(array, index=self._series.index, name=self._series.name)

    def frequencies(
        self,
        *,
        top: int | None = None,
        workers: int | None = None,
        progress: Progress = False,
        **finding: Unpack[Finding],
    ) -> pd.DataFrame:
        """Find the words of all values, or their n-grams, and count how often each occurs.

        Parameters
        ----------
        top, workers, progress, **finding
            See `countgrid.frequencies`: ``ngrams``, ``min_documents``, ``stop_words``, ``ignore_case``,
            ``strip_accents``, ``word_chars``, ``across_punctuation``. A missing value has no words.

        Returns
        -------
        DataFrame
            A row for each term, the most frequent first, with ``count`` and ``documents``, both int64.

        Raises
        ------
        TypeError, ValueError
            See `countgrid.frequencies`.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> texts = pd.Series(["The cat and the dog", "the Cat", None])
        >>> texts.countgrid.frequencies(ignore_case=True, top=2)
              count  documents
        term
        the       3          2
        cat       2          2
        """
        found = frequencies(self._documents(), top=top, workers=workers, progress=progress, **finding)
        index = _index(found.terms).rename("term")
        return pd.DataFrame({"count": found.counts, "documents": found.documents}, index=index)

    def which(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        missing: Missing = "keep",
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[Matching],
    ) -> pd.Series:
        """Return which terms each value contains.

        Parameters
        ----------
        terms, prefix, names, workers, progress, **matching
            As for `count`.
        missing : {"keep", "zero", "raise"}, default "keep"
            ``"keep"``: the list of a missing value is missing (None). ``"zero"``: it is empty. ``"raise"``: a missing
            value raises `ValueError`.

        Returns
        -------
        Series
            A list of names for each value, in the order of the columns.

        Raises
        ------
        ValueError
            As for `count`.
        ImportError
            scipy is not installed.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["the cat", None, "no"]).countgrid.which(["cat", "the"])
        0    [cat, the]
        1          None
        2            []
        dtype: object
        """
        in_core = _in_core(missing)
        counter = counter_of(terms, matching)
        columns = named(counter, prefix, names)
        documents = self._documents()
        found = present(counter, documents, workers=workers, missing=in_core, progress=progress)
        lists = np.empty(len(documents), dtype=object)
        in_order = [columns[column] for column in found.indices.tolist()]
        ends = found.indptr.tolist()
        for row, is_missing in enumerate(documents.missing.tolist()):
            lists[row] = None if is_missing and missing == "keep" else in_order[ends[row] : ends[row + 1]]
        return pd.Series(lists, index=self._series.index, name=self._series.name)

    def find(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        **matching: Unpack[Matching],
    ) -> pd.DataFrame:
        """Find where each term occurs.

        Parameters
        ----------
        terms, prefix, names, workers, **matching
            As for `count`. A missing value has no matches.

        Returns
        -------
        DataFrame
            A row for each match, with the index label of its value: ``column`` (a categorical), ``start`` and ``end``
            (int64). Rows are sorted as in `countgrid.Matches`: by value, start, end and column.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["the cat", "no", "the the"]).countgrid.find(["the", "cat"])
          column  start  end
        0    the      0    3
        0    cat      4    7
        2    the      0    3
        2    the      4    7
        """
        counter = counter_of(terms, matching)
        columns = _index(named(counter, prefix, names))
        matches = counter.find(self._documents(), workers=workers)
        return pd.DataFrame(
            {
                "column": pd.Categorical.from_codes(matches.column, columns),
                "start": matches.start,
                "end": matches.end,
            },
            index=self._series.index.take(matches.document),
        )

    def context(
        self,
        terms: Terms | TermCounter,
        *,
        width: int = 40,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        **matching: Unpack[Matching],
    ) -> pd.DataFrame:
        """Show each match with the text around it (keyword in context).

        Parameters
        ----------
        terms, prefix, names, workers, **matching
            As for `find`.
        width : int, default 40
            The most characters to show on either side.

        Returns
        -------
        DataFrame
            As for `find`, with ``before``, ``match`` and ``after`` instead of ``start`` and ``end``.

        Examples
        --------
        >>> import pandas as pd
        >>> import countgrid.pandas
        >>> pd.Series(["the cat sat", "a cat"], index=["x", "y"]).countgrid.context(["cat"], width=4)
          column before match after
        x    cat   the    cat   sat
        y    cat     a    cat
        """
        counter = counter_of(terms, matching)
        columns = _index(named(counter, prefix, names))
        documents = self._documents()
        matches = counter.find(documents, workers=workers)
        frame = matches.context(documents, width=width, as_frame=True)
        frame = frame.drop(columns="document").set_axis(self._series.index.take(matches.document))
        frame["column"] = pd.Categorical.from_codes(matches.column, columns)
        return frame

    def _documents(self) -> Documents:
        try:
            return Documents(self._series)
        except TypeError as error:
            raise within(f"column {self._series.name!r} ({self._series.dtype})", error) from None


def _marked(frame: pd.DataFrame, per_words: float | None) -> pd.DataFrame:
    """Mark a DataFrame as rates, if it contains rates."""
    if per_words is not None:
        frame.attrs[PER_WORDS] = float(per_words)
    return frame


def _in_core(missing: Missing) -> Literal["zero", "raise"]:
    """How the core treats missing values. If they are kept, it counts zero."""
    if missing not in ("keep", "zero", "raise"):
        raise ValueError(f"missing is {missing!r}; expected 'keep', 'zero' or 'raise'")
    return "raise" if missing == "raise" else "zero"


def _index(names: list[str]) -> pd.Index:
    """The names as an Index: of objects if one has a lone surrogate, which pandas' str type cannot contain."""
    try:
        return pd.Index(names)
    except UnicodeEncodeError:
        return pd.Index(names, dtype=object)
