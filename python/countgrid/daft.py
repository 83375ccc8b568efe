"""Daft: counts of the text column of a Daft DataFrame.

Daft counts in its own process, many batches at once, each with one thread.

>>> import daft
>>> import countgrid.daft
>>> df = daft.from_pydict({"text": ["the cat sat", None, "the the"]})
>>> df.select(countgrid.daft.count(df["text"], ["the", "cat"], unnest=True)).to_pydict()
{'the': [1, None, 2], 'cat': [1, None, 0]}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, Unpack

from countgrid import arrow
from countgrid._optional import not_installed

try:
    import daft
except ImportError as error:
    raise not_installed(error, __name__, "daft") from error

if TYPE_CHECKING:
    import pyarrow as pa

    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms

__all__ = ["count"]

Missing: TypeAlias = Literal["keep", "zero", "raise"]


def count(
    expression: daft.Expression,
    terms: Terms | TermCounter,
    *,
    unnest: bool = False,
    sparse: bool = False,
    prefix: str = "",
    names: Sequence[str] | None = None,
    missing: Missing = "keep",
    per_words: float | None = None,
    **matching: Unpack[Matching],
) -> daft.Expression:
    """Count how often each term occurs in each value of a column.

    Parameters
    ----------
    expression : daft.Expression
        A column of strings or binary values, such as ``df["text"]`` or ``daft.col("text")``.
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`.
    unnest : bool, default False
        Return several columns instead of one column of structs. If the DataFrame has a column of the same name, Daft
        does not notice: pass ``prefix``.
    sparse : bool, default False
        Return lists of names and counts that are not zero. Use it for thousands of terms.
    prefix : str, default ""
        Added before each column's name.
    names : sequence of str, optional
        Names for the columns, instead of the terms or categories.
    missing : {"keep", "zero", "raise"}, default "keep"
        A null gives null, or counts of 0, or an error when Daft counts it.
    per_words : float, optional
        Return rates: counts per that many words of the value. See `countgrid.TermCounter.count`.
    **matching
        Options of `countgrid.TermCounter`.

    Returns
    -------
    daft.Expression
        Structs with a field for each term or category, Int32. With ``unnest=True``, these fields as columns. With
        ``sparse=True``, lists of structs ``column`` (String) and ``count`` (Int32). With ``per_words``, counts are
        Float64.

    Raises
    ------
    TypeError
        ``expression`` is not a Daft expression.
    ValueError
        Two columns would have the same name; ``unnest=True`` with ``sparse=True``; a name with a lone surrogate or a
        null character. See also `countgrid.TermCounter`.

    Examples
    --------
    >>> import daft
    >>> import countgrid.daft
    >>> df = daft.from_pydict({"text": ["cat, cat", "no pets"]})
    >>> df.select(countgrid.daft.count(df["text"], ["cat", "dog"]).alias("n")).to_pydict()
    {'n': [{'cat': 2, 'dog': 0}, {'cat': 0, 'dog': 0}]}
    """
    if not isinstance(expression, daft.Expression):
        raise TypeError(f"expression is {type(expression).__name__}; expected a Daft expression, such as df['text']")
    if unnest and sparse:
        raise ValueError("sparse=True returns one column of lists, without structs to unnest; drop unnest=True")
    function = arrow.counter(
        terms, sparse=sparse, prefix=prefix, names=names, missing=missing, per_words=per_words, **matching
    )
    for column, name in enumerate(function.columns):
        if "\0" in name and not sparse:
            raise ValueError(f"the name of column {column} is {name!r}; Daft does not allow null characters")

    def count_terms(text: daft.Series) -> pa.Array:
        return function(text.to_arrow())

    returned = daft.DataType.from_arrow_type(function.type)
    applied = daft.func.batch(return_dtype=returned, unnest=bool(unnest), use_process=False)(count_terms)
    counts: daft.Expression = applied(expression)
    return counts
