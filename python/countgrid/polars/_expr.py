"""The namespace of expressions. polars evaluates them later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack

import polars as pl

from countgrid._columns import counter_of_batches
from countgrid._weights import weights_of
from countgrid.polars._batches import Missing, counting, names_of, naming, scoring, summing, word_counting

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms


@pl.api.register_expr_namespace("countgrid")
class CountgridExprNamespace:
    """The namespace ``Expr.countgrid``, for String, Binary, Categorical, Enum and Null columns.

    All methods take ``terms`` and matching options as `countgrid.count` does, or a `countgrid.TermCounter`. They
    return elementwise expressions, which you can use anywhere in a query.
    """

    def __init__(self, expr: pl.Expr) -> None:
        self._expr = expr

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
        **matching: Unpack[Matching],
    ) -> pl.Expr:
        """Count how often each term occurs in each value.

        Parameters
        ----------
        terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
            See `countgrid.TermCounter`. Compiled once, when you call this method.
        prefix : str, default ""
            Added before each column's name.
        names : sequence of str, optional
            Names for the columns, instead of the terms or categories.
        missing : {"keep", "zero", "raise"}, default "keep"
            ``"keep"``: a null gives a null. ``"zero"``: it gives zeros, or an empty list if sparse. ``"raise"``: a
            null raises `ValueError`.
        sparse : bool, default False
            Return a list of the nonzero counts instead of a field for each column. Use it for thousands of terms.
            Needs scipy.
        per_words : float, optional
            Return rates: counts per that many words of the value. See `countgrid.TermCounter.count`.
        workers : int, optional
            Threads for each batch that polars passes. Default: polars' own number, divided among the batches that
            are counted at the same time. Never changes the result.
        **matching
            See `countgrid.TermCounter`. Not allowed if ``terms`` is a `TermCounter`.

        Returns
        -------
        Expr
            With the name and length of this expression. A ``Struct`` with an ``Int32`` field for each term or
            category, for ``unnest``. With ``sparse=True``, a ``List`` of structs with ``column`` (its name,
            ``String``) and ``count`` (``Int32``), in the order of the columns, for ``explode`` and ``unnest``. With
            ``per_words``, counts are ``Float64``.

        Raises
        ------
        ValueError
            Two columns would have the same name. See also `countgrid.TermCounter`. When the expression is evaluated:
            nulls with ``missing="raise"``.
        TypeError
            See `countgrid.TermCounter`. When the expression is evaluated: a column that is not text.
        ImportError
            ``sparse=True`` without scipy.
        OverflowError, MemoryError
            See `countgrid.count`. Raised when the expression is evaluated.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"text": ["good, not bad", None, "BAD"]})
        >>> lexicon = {"positive": ["good"], "negative": ["bad"]}
        >>> df.select(pl.col("text").countgrid.count(lexicon, ignore_case=True)).unnest("text")
        shape: (3, 2)
        ┌──────────┬──────────┐
        │ positive ┆ negative │
        │ ---      ┆ ---      │
        │ i32      ┆ i32      │
        ╞══════════╪══════════╡
        │ 1        ┆ 1        │
        │ null     ┆ null     │
        │ 0        ┆ 1        │
        └──────────┴──────────┘
        >>> counts = pl.col("text").countgrid.count(lexicon, ignore_case=True, sparse=True)
        >>> df.with_row_index().select("index", counts).drop_nulls().explode("text").unnest("text")
        shape: (3, 3)
        ┌───────┬──────────┬───────┐
        │ index ┆ column   ┆ count │
        │ ---   ┆ ---      ┆ ---   │
        │ u32   ┆ str      ┆ i32   │
        ╞═══════╪══════════╪═══════╡
        │ 0     ┆ positive ┆ 1     │
        │ 0     ┆ negative ┆ 1     │
        │ 2     ┆ negative ┆ 1     │
        └───────┴──────────┴───────┘
        """
        counter = counter_of_batches(terms, matching)
        columns = names_of(counter, prefix, names)
        count, dtype = counting(counter, columns, sparse, missing, per_words, workers)
        return self._expr.map_batches(count, return_dtype=dtype, is_elementwise=True)

    def total(
        self,
        terms: Terms | TermCounter,
        *,
        missing: Missing = "keep",
        workers: int | None = None,
        **matching: Unpack[Matching],
    ) -> pl.Expr:
        """Count how often all terms together occur in each value: the sum over the columns of `count`.

        Parameters
        ----------
        terms, missing, workers, **matching
            As for `count`. Needs little memory for any number of terms.

        Returns
        -------
        Expr
            ``Int64``, with the name and length of this expression.

        Raises
        ------
        ValueError, TypeError, ImportError
            As for `count`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"text": ["the cat sat", None, "the the"], "by": ["x", "x", "y"]})
        >>> df.group_by("by", maintain_order=True).agg(pl.col("text").countgrid.total(["the", "cat"]).sum())
        shape: (2, 2)
        ┌─────┬──────┐
        │ by  ┆ text │
        │ --- ┆ ---  │
        │ str ┆ i64  │
        ╞═════╪══════╡
        │ x   ┆ 2    │
        │ y   ┆ 2    │
        └─────┴──────┘
        """
        sums = summing(counter_of_batches(terms, matching), missing, workers)
        return self._expr.map_batches(sums, return_dtype=pl.Int64(), is_elementwise=True)

    def score(
        self,
        terms: Terms | TermCounter,
        weights: Any = None,
        *,
        missing: Missing = "keep",
        per_words: float | None = None,
        workers: int | None = None,
        **matching: Unpack[Matching],
    ) -> pl.Expr:
        """Score each value: the weights of the terms found, added up.

        Parameters
        ----------
        terms, missing, workers, **matching
            As for `count`.
        weights : array of shape (n_columns,) or (n_columns, k), or mapping of column to number, optional
            See `countgrid.TermCounter.score`. Default: the weights of ``terms``, if it is a `countgrid.Lexicon`.
        per_words : float, optional
            Return scores per that many words of the value.

        Returns
        -------
        Expr
            ``Float64``, or for k weights for each column ``Array(Float64, k)``, with the name and length of this
            expression.

        Raises
        ------
        ValueError, TypeError
            As for `count` and `countgrid.TermCounter.score`; no weights.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"text": ["good, good", None, "bad"]})
        >>> df.select(pl.col("text").countgrid.score(["good", "bad"], [1, -2])).to_series().to_list()
        [2.0, None, -2.0]
        """
        of_columns = weights_of(terms) if weights is None else weights
        score, dtype = scoring(counter_of_batches(terms, matching), of_columns, missing, per_words, workers)
        return self._expr.map_batches(score, return_dtype=dtype, is_elementwise=True)

    def count_words(self, *, word_chars: str = "", missing: Missing = "keep", workers: int | None = None) -> pl.Expr:
        """Count the words of each value.

        Parameters
        ----------
        word_chars
            See `countgrid.count_words`.
        missing, workers
            As for `count`.

        Returns
        -------
        Expr
            ``Int64``, with the name and length of this expression.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"text": ["the cat", None, ""]})
        >>> df.select(pl.col("text").countgrid.count_words()).to_series().to_list()
        [2, None, 0]
        """
        count = word_counting(word_chars, missing, workers)
        return self._expr.map_batches(count, return_dtype=pl.Int64(), is_elementwise=True)

    def which(
        self,
        terms: Terms | TermCounter,
        *,
        prefix: str = "",
        names: Sequence[str] | None = None,
        missing: Missing = "keep",
        workers: int | None = None,
        **matching: Unpack[Matching],
    ) -> pl.Expr:
        """Return which terms each value contains.

        Parameters
        ----------
        terms, prefix, names, missing, workers, **matching
            As for `count`. Needs scipy.

        Returns
        -------
        Expr
            ``List(String)``, with the name and length of this expression: names in the order of the columns.

        Raises
        ------
        ValueError, TypeError, ImportError
            As for `count`.

        Examples
        --------
        >>> import polars as pl
        >>> import countgrid.polars
        >>> df = pl.DataFrame({"id": [1, 2, 3], "text": ["the cat sat", None, "no"]})
        >>> df.select("id", pl.col("text").countgrid.which(["cat", "the"])).rows()
        [(1, ['cat', 'the']), (2, None), (3, [])]
        """
        counter = counter_of_batches(terms, matching)
        name = naming(counter, names_of(counter, prefix, names), missing, workers)
        return self._expr.map_batches(name, return_dtype=pl.List(pl.String()), is_elementwise=True)
