"""The namespace of Series. They are counted immediately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import polars as pl

from countgrid._columns import counter_of
from countgrid._core import Documents
from countgrid._frequencies import frequencies
from countgrid._weights import weights_of
from countgrid.polars._batches import (
    Missing,
    counting,
    names_of,
    naming,
    row_index,
    scoring,
    strings,
    summing,
    text_of,
    word_counting,
)
from countgrid.polars._threads import share

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Finding, Matching, Progress, Terms


@pl.api.register_series_namespace("countgrid")
class CountgridSeriesNamespace:
    """The namespace ``Series.countgrid``, for String, Binary, Categorical, Enum and Null Series.

    All methods take ``terms`` and matching options as `countgrid.count` does, or a `countgrid.TermCounter`. Each
    category of a Categorical or an Enum is searched once, however many rows have it.
    """

    def __init__(self, series: pl.Series) -> None:
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
    ) -> pl.Series:
        """Count how often each term occurs in each value.

        Parameters
        ----------
        terms, prefix, names, missing, sparse, per_words, workers, **matching
            As for `CountgridExprNamespace.count`.
        progress
            See `countgrid.TermCounter.count`.

        Returns
        -------
        Series
            ``Struct``, or ``List`` of ``Struct``, as for `CountgridExprNamespace.count`.

        Raises
        ------
        ValueError, TypeError, ImportError, OverflowError, MemoryError
            As for `CountgridExprNamespace.count`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", None]).countgrid.count(["the", "cat"]).struct.unnest()
        shape: (2, 2)
        ┌──────┬──────┐
        │ the  ┆ cat  │
        │ ---  ┆ ---  │
        │ i32  ┆ i32  │
        ╞══════╪══════╡
        │ 1    ┆ 1    │
        │ null ┆ null │
        └──────┴──────┘
        """
        counter = counter_of(terms, matching)
        count, _ = counting(counter, names_of(counter, prefix, names), sparse, missing, per_words, workers)
        return count(self._series, progress=progress)

    def total(
        self,
        terms: Terms | TermCounter,
        *,
        missing: Missing = "keep",
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[Matching],
    ) -> pl.Series:
        """Count how often all terms together occur in each value: the sum over the columns of `count`.

        Parameters
        ----------
        terms, missing, workers, progress, **matching
            As for `count`.

        Returns
        -------
        Series
            ``Int64``.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", None]).countgrid.total(["the", "cat"]).to_list()
        [2, None]
        """
        return summing(counter_of(terms, matching), missing, workers)(self._series, progress=progress)

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
    ) -> pl.Series:
        """Score each value: the weights of the terms found, added up.

        Parameters
        ----------
        terms, weights, missing, per_words, workers, **matching
            As for `CountgridExprNamespace.score`.
        progress
            See `countgrid.TermCounter.count`.

        Returns
        -------
        Series
            ``Float64``, or ``Array(Float64, k)`` for k weights for each column.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["good, good", None, "bad"]).countgrid.score(["good", "bad"], [1, -2]).to_list()
        [2.0, None, -2.0]
        """
        of_columns = weights_of(terms) if weights is None else weights
        score, _ = scoring(counter_of(terms, matching), of_columns, missing, per_words, workers)
        return score(self._series, progress=progress)

    def count_words(
        self,
        *,
        word_chars: str = "",
        missing: Missing = "keep",
        workers: int | None = None,
        progress: Progress = False,
    ) -> pl.Series:
        """Count the words of each value.

        Parameters
        ----------
        word_chars, missing, workers
            As for `CountgridExprNamespace.count_words`.
        progress
            See `countgrid.TermCounter.count`.

        Returns
        -------
        Series
            ``Int64``.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat", None, ""]).countgrid.count_words().to_list()
        [2, None, 0]
        """
        return word_counting(word_chars, missing, workers)(self._series, progress=progress)

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
    ) -> pl.Series:
        """Return which terms each value contains.

        Parameters
        ----------
        terms, prefix, names, missing, workers, progress, **matching
            As for `count`. Needs scipy.

        Returns
        -------
        Series
            ``List(String)``: names in the order of the columns.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", None, "no"]).countgrid.which(["cat", "the"]).to_list()
        [['cat', 'the'], None, []]
        """
        counter = counter_of(terms, matching)
        return naming(counter, names_of(counter, prefix, names), missing, workers)(self._series, progress=progress)

    def totals(
        self,
        terms: Terms | TermCounter,
        *,
        by: Any = None,
        prefix: str = "",
        names: Sequence[str] | None = None,
        per_words: float | None = None,
        workers: int | None = None,
        progress: Progress = False,
        **matching: Unpack[Matching],
    ) -> pl.DataFrame:
        """Count how often each term occurs in all values, and in how many.

        Parameters
        ----------
        terms, prefix, names, workers, progress, **matching
            As for `count`. A null counts 0.
        by : Series or sequence of labels, optional
            Return totals for each group of values with equal labels. Needs pyarrow.
        per_words : float, optional
            Return rates: counts per that many words of all values, or of the group.

        Returns
        -------
        DataFrame
            A row for each column of `count`: ``column`` (its name), ``count`` and ``documents`` (``Int64``). With
            ``by``, a row for each group, in order, null last: its label, in a column named after ``by`` or ``group``,
            and its counts, in the columns of `count`. With ``per_words``, counts are ``Float64``.

        Raises
        ------
        ValueError
            The column of labels has the name of a column of `count`. See also `countgrid.TermCounter.totals`.
        TypeError, OverflowError, MemoryError
            See `countgrid.TermCounter.totals`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> texts = pl.Series(["the cat", "the the"])
        >>> texts.countgrid.totals(["the", "cat"])
        shape: (2, 3)
        ┌────────┬───────┬───────────┐
        │ column ┆ count ┆ documents │
        │ ---    ┆ ---   ┆ ---       │
        │ str    ┆ i64   ┆ i64       │
        ╞════════╪═══════╪═══════════╡
        │ the    ┆ 3     ┆ 2         │
        │ cat    ┆ 1     ┆ 1         │
        └────────┴───────┴───────────┘
        >>> texts.countgrid.totals(["the", "cat"], by=["june", "may"]).rows()
        [('june', 1, 1), ('may', 2, 0)]
        """
        counter = counter_of(terms, matching)
        columns = names_of(counter, prefix, names)
        label = (by.name if isinstance(by, pl.Series) else "") or "group"
        if by is not None and label in columns:
            raise ValueError(
                f"the labels and a column of counts would both be named {label!r}; pass prefix= or names="
            )
        documents = Documents(text_of(self._series))
        with share(workers) as threads:
            totals = counter.totals(documents, by=by, per_words=per_words, workers=threads, progress=progress)
        if by is None:
            return pl.DataFrame({"column": strings(columns), "count": totals.counts, "documents": totals.documents})
        labels = pl.Series(label, totals.groups, dtype=by.dtype if isinstance(by, pl.Series) else None)
        return pl.DataFrame([labels, *(pl.Series(name, totals.counts[:, at]) for at, name in enumerate(columns))])

    def frequencies(
        self,
        *,
        top: int | None = None,
        workers: int | None = None,
        progress: Progress = False,
        **finding: Unpack[Finding],
    ) -> pl.DataFrame:
        """Find the words of all values, or their n-grams, and count how often each occurs.

        Parameters
        ----------
        top, progress, **finding
            See `countgrid.frequencies`: ``ngrams``, ``min_documents``, ``stop_words``, ``ignore_case``,
            ``strip_accents``, ``word_chars``, ``across_punctuation``. A null has no words.
        workers
            As for `count`.

        Returns
        -------
        DataFrame
            A row for each term, the most frequent first: ``term`` (``String``), ``count`` and ``documents``
            (``Int64``).

        Raises
        ------
        TypeError, ValueError
            See `countgrid.frequencies`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["The cat and the dog", "the Cat", None]).countgrid.frequencies(ignore_case=True, top=2)
        shape: (2, 3)
        ┌──────┬───────┬───────────┐
        │ term ┆ count ┆ documents │
        │ ---  ┆ ---   ┆ ---       │
        │ str  ┆ i64   ┆ i64       │
        ╞══════╪═══════╪═══════════╡
        │ the  ┆ 3     ┆ 2         │
        │ cat  ┆ 2     ┆ 2         │
        └──────┴───────┴───────────┘
        """
        documents = Documents(text_of(self._series))
        with share(workers) as threads:
            found = frequencies(documents, top=top, workers=threads, progress=progress, **finding)
        return pl.DataFrame({"term": strings(found.terms), "count": found.counts, "documents": found.documents})

    def find(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        workers: int | None = None,
        **matching: Unpack[Matching],
    ) -> pl.DataFrame:
        """Find where each term occurs.

        Parameters
        ----------
        terms, prefix, names, workers, **matching
            As for `count`. A null has no matches.

        Returns
        -------
        DataFrame
            A row for each match: ``index`` (the row of its value, as in ``DataFrame.with_row_index``), ``column`` (a
            name), ``start`` and ``end`` (``Int64``). Rows are sorted as in `countgrid.Matches`: by value, start, end
            and column.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat", "no", "the the"]).countgrid.find(["the", "cat"])
        shape: (4, 4)
        ┌───────┬────────┬───────┬─────┐
        │ index ┆ column ┆ start ┆ end │
        │ ---   ┆ ---    ┆ ---   ┆ --- │
        │ u32   ┆ str    ┆ i64   ┆ i64 │
        ╞═══════╪════════╪═══════╪═════╡
        │ 0     ┆ the    ┆ 0     ┆ 3   │
        │ 0     ┆ cat    ┆ 4     ┆ 7   │
        │ 2     ┆ the    ┆ 0     ┆ 3   │
        │ 2     ┆ the    ┆ 4     ┆ 7   │
        └───────┴────────┴───────┴─────┘
        """
        counter = counter_of(terms, matching)
        columns = names_of(counter, prefix, names)
        with share(workers) as threads:
            matches = counter.find(Documents(text_of(self._series)), workers=threads)
        return pl.DataFrame(
            {
                "index": row_index(matches.document),
                "column": strings(columns).gather(matches.column),
                "start": matches.start,
                "end": matches.end,
            }
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
    ) -> pl.DataFrame:
        """Show each match with the text around it (keyword in context).

        Parameters
        ----------
        terms, prefix, names, workers, **matching
            As for `find`.
        width : int, default 40
            The most characters (bytes for a Binary Series) to show on either side.

        Returns
        -------
        DataFrame
            As for `find`, with ``before``, ``match`` and ``after`` instead of ``start`` and ``end``. They are
            ``Binary`` for a Binary Series, else ``String``.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> pl.Series(["the cat sat", "a cat"]).countgrid.context(["cat"], width=4)
        shape: (2, 5)
        ┌───────┬────────┬────────┬───────┬───────┐
        │ index ┆ column ┆ before ┆ match ┆ after │
        │ ---   ┆ ---    ┆ ---    ┆ ---   ┆ ---   │
        │ u32   ┆ str    ┆ str    ┆ str   ┆ str   │
        ╞═══════╪════════╪════════╪═══════╪═══════╡
        │ 0     ┆ cat    ┆ the    ┆ cat   ┆  sat  │
        │ 1     ┆ cat    ┆ a      ┆ cat   ┆       │
        └───────┴────────┴────────┴───────┴───────┘
        """
        counter = counter_of(terms, matching)
        columns = names_of(counter, prefix, names)
        documents = Documents(text_of(self._series))
        with share(workers) as threads:
            matches = counter.find(documents, workers=threads)
        shown = matches.context(documents, width=width)
        text = pl.Binary if self._series.dtype == pl.Binary else pl.String
        return pl.DataFrame(
            {
                "index": row_index(matches.document),
                "column": strings(columns).gather(matches.column),
                "before": pl.Series([match.before for match in shown], dtype=text),
                "match": pl.Series([match.match for match in shown], dtype=text),
                "after": pl.Series([match.after for match in shown], dtype=text),
            }
        )
