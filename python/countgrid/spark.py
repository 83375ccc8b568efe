"""Apache Spark: counts and totals of the text column of a Spark DataFrame.

Executors need countgrid, pyarrow and scipy. Every Python process of an executor compiles the terms once, and each
task counts with one thread.

>>> from pyspark.sql import SparkSession
>>> import countgrid.spark
>>> spark = SparkSession.builder.master("local[1]").getOrCreate()
>>> df = spark.createDataFrame([(1, "the cat sat"), (2, None), (3, "the the")], ["id", "text"])
>>> counts = df.select("id", countgrid.spark.count("text", ["the", "cat"]).alias("n"))
>>> counts.select("id", "n.*").orderBy("id").show()
+---+----+----+
| id| the| cat|
+---+----+----+
|  1|   1|   1|
|  2|NULL|NULL|
|  3|   2|   0|
+---+----+----+
<BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeAlias, Unpack

import numpy as np

from countgrid import arrow
from countgrid._columns import counter_of, named
from countgrid._core import Documents
from countgrid._optional import not_installed
from countgrid._rates import checked_per_words, words_for

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyspark.sql import functions as F  # noqa: N812 - Spark's documentation calls it so
    from pyspark.sql import types as T  # noqa: N812 - likewise
    from pyspark.sql.window import Window
except ImportError as error:
    raise not_installed(error, __name__, "pyspark") from error

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import Column, DataFrame

    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms

__all__ = ["count", "totals"]

Missing: TypeAlias = Literal["keep", "zero", "raise"]

#: Spark takes seconds for a struct of this many fields, and minutes for 5,000.
_MOST_COLUMNS = 500

#: Names of the columns that `totals` returns, after those of ``by``.
_TOTALS = ("column", "count", "documents")

#: The group of all rows, if there is no ``by``.
_WHOLE = "whole"

#: Types of single values that PySpark or Arrow cannot group by.
_NOT_KEYS = (T.VariantType, T.YearMonthIntervalType)

#: A task adds up the totals of its groups until it has this many.
_MOST_SUMS = 1 << 20


def count(
    col: Column | str,
    terms: Terms | TermCounter,
    *,
    sparse: bool = False,
    prefix: str = "",
    names: Sequence[str] | None = None,
    missing: Missing = "keep",
    per_words: float | None = None,
    **matching: Unpack[Matching],
) -> Column:
    """Count how often each term occurs in each value of a column.

    Parameters
    ----------
    col : pyspark.sql.Column or str
        A column of strings or binary values, or its name.
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`.
    sparse : bool, default False
        Return arrays of names and counts that are not zero. Use it for hundreds of terms.
    prefix : str, default ""
        Added before each column's name.
    names : sequence of str, optional
        Names for the columns, instead of the terms or categories.
    missing : {"keep", "zero", "raise"}, default "keep"
        A null gives null, or counts of 0, or an error when Spark counts it.
    per_words : float, optional
        Return rates: counts per that many words of the value. See `countgrid.TermCounter.count`.
    **matching
        Options of `countgrid.TermCounter`.

    Returns
    -------
    pyspark.sql.Column
        Structs with a field for each term or category, int. With ``sparse=True``, arrays of structs ``column``
        (string) and ``count`` (int). With ``per_words``, counts are double.

    Raises
    ------
    ValueError
        Two columns would have the same name for Spark, which ignores case; more than 500 columns without
        ``sparse=True``. A name contains a lone surrogate. See also `countgrid.TermCounter`.

    Examples
    --------
    >>> from pyspark.sql import SparkSession
    >>> import countgrid.spark
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> df = spark.createDataFrame([("cat, cat",), ("no pets",)], ["text"])
    >>> df.select(countgrid.spark.count("text", ["cat", "dog"], sparse=True).alias("found")).show()
    +----------+
    |     found|
    +----------+
    |[{cat, 2}]|
    |        []|
    +----------+
    <BLANKLINE>
    """
    function = arrow.counter(
        terms, sparse=sparse, prefix=prefix, names=names, missing=missing, per_words=per_words, **matching
    )
    text = F.col(col) if isinstance(col, str) else col
    cell = T.IntegerType() if per_words is None else T.DoubleType()
    if sparse:
        item = T.StructType([T.StructField("column", T.StringType()), T.StructField("count", cell)])
        return _applied(function, text, T.ArrayType(item), missing)
    if len(function.columns) > _MOST_COLUMNS:
        what = f"{len(function.columns)} columns; Spark is slow with structs of more than {_MOST_COLUMNS} fields"
        raise ValueError(f"{what}; pass sparse=True")
    named(function.counter, prefix, names, fold=_folded)
    fields = [T.StructField(name, cell) for name in function.columns]
    return _applied(function, text, T.StructType(fields), missing)


def totals(
    df: DataFrame,
    col: Column | str,
    terms: Terms | TermCounter,
    *,
    by: str | Column | Sequence[str | Column] = (),
    per_words: float | None = None,
    **matching: Unpack[Matching],
) -> DataFrame:
    """Count how often each term occurs in all values of a column, and in how many, without the matrix.

    Each task counts its rows, and Spark adds up the totals of the tasks. Terms that do not occur have no row.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
    col, terms, **matching
        As for `count`.
    by : str, Column, or sequence of these, optional
        Columns of ``df``. Returns totals for each group of rows with equal values in them. Nulls are a group.
    per_words : float, optional
        Return rates: occurrences per that many words of all values, or of those of the group.

    Returns
    -------
    pyspark.sql.DataFrame
        The columns of ``by``, then ``column`` (string: the term or category), ``count`` (bigint: occurrences; double
        with ``per_words``) and ``documents`` (bigint: values that contain it). The rows have no order.

    Raises
    ------
    TypeError
        ``df`` is not a Spark DataFrame. A column of ``by`` contains arrays, maps, structs, variants or
        intervals of months.
    ValueError
        Two columns of the result, or of the terms, would have the same name; ``per_words`` that is not positive. See
        also `countgrid.TermCounter`.

    Examples
    --------
    >>> from pyspark.sql import SparkSession
    >>> import countgrid.spark
    >>> spark = SparkSession.builder.master("local[1]").getOrCreate()
    >>> df = spark.createDataFrame([("may", "cat, cat"), ("june", "a dog"), ("may", "a cat")], ["month", "text"])
    >>> countgrid.spark.totals(df, "text", ["cat", "dog"], by=["month"]).orderBy("column").show()
    +-----+------+-----+---------+
    |month|column|count|documents|
    +-----+------+-----+---------+
    |  may|   cat|    3|        2|
    | june|   dog|    1|        1|
    +-----+------+-----+---------+
    <BLANKLINE>
    """
    if not hasattr(df, "mapInArrow"):
        raise TypeError(f"df is {type(df).__name__}; expected a Spark DataFrame")
    counter = counter_of(terms, matching)
    per = None if per_words is None else checked_per_words(per_words)
    columns = arrow.counter(counter, sparse=True).columns
    # With strings instead of a dictionary, a task takes three times as long.
    function = arrow.ArrowCounter(counter, columns, True, "keep", None, 1, pa.dictionary(pa.int32(), pa.string()))
    groups = [by] if isinstance(by, str) or not isinstance(by, Sequence) else list(by)
    chosen = df.select(col, *groups)
    keys = chosen.schema.fields[1:]
    _check_keys(keys)

    # Names that need no quotes.
    short = [f"by{at}" for at in range(len(keys))]
    fields = [T.StructField(name, key.dataType) for name, key in zip(short, keys, strict=True)]
    # Rates of the whole column need a group too.
    whole = [T.StructField(_WHOLE, T.IntegerType())] if per is not None and not keys else []
    counted = [T.StructField("column", T.StringType()), *(T.StructField(name, T.LongType()) for name in _TOTALS[1:])]
    with_words = per is not None
    task = (
        partial(_grouped, function=function, keys=short, with_words=with_words)
        if keys
        else partial(_totals, counter=counter, with_words=with_words)
    )
    parts = chosen.toDF("text", *short).mapInArrow(task, T.StructType([*fields, *whole, *counted]))
    sums = parts.groupBy(*short, *(field.name for field in whole), "column").agg(
        *(F.sum(name).alias(name) for name in _TOTALS[1:])
    )
    if per is not None:
        sums = _rates(sums, short or [_WHOLE], per)
    return sums.select(*short, *_TOTALS).toDF(*(key.name for key in keys), *_TOTALS)


def _rates(sums: DataFrame, keys: list[str], per_words: float) -> DataFrame:
    """Divide counts by the words of their group, which are the count of its row without a column."""
    words = F.max(F.when(F.col("column").isNull(), F.col("count"))).over(Window.partitionBy(*keys))
    rate = F.col("count").cast("double") * F.lit(per_words) / F.col("words")
    rates = F.when(F.col("words") > 0, rate).otherwise(0.0)
    return sums.withColumn("words", words).where(F.col("column").isNotNull()).withColumn("count", rates)


def _applied(function: arrow.ArrowCounter, text: Column, returned: T.DataType, missing: Missing) -> Column:
    """The column of the function's results."""
    if not hasattr(F, "arrow_udf"):  # Spark before 4.1
        return _applied_to_pandas(function, text, returned, missing)

    def count_terms(text: pa.Array) -> pa.Array:
        return function(text)

    column: Column = F.arrow_udf(count_terms, returned)(text)
    return column


def _applied_to_pandas(function: arrow.ArrowCounter, text: Column, returned: T.DataType, missing: Missing) -> Column:
    """The same by a function of pandas Series. It cannot return null structs."""
    import pandas as pd

    def structs(text: pd.Series) -> pd.DataFrame:
        counts = function(pa.array(text, from_pandas=True))
        return pd.DataFrame(dict(enumerate(field.to_pandas() for field in counts.flatten())))

    def lists(text: pd.Series) -> pd.Series:
        return pd.Series(function(pa.array(text, from_pandas=True)).to_pylist(), dtype=object)

    count_terms, result = (structs, pd.DataFrame) if isinstance(returned, T.StructType) else (lists, pd.Series)
    # As strings, annotations would be looked up in this module, which does not import pandas.
    count_terms.__annotations__ = {"text": pd.Series, "return": result}
    counts: Column = F.pandas_udf(count_terms, returned)(text)
    return F.when(text.isNotNull(), counts) if missing == "keep" else counts


def _folded(name: str) -> str:
    """The same for names that are equal for Spark, which compares upper-case and lower-case characters."""
    upper = (char if len(char.upper()) > 1 else char.upper() for char in name)
    return "".join(char.lower()[0] for char in upper)


def _check_keys(keys: Sequence[T.StructField]) -> None:
    """Check the columns of ``by``."""
    seen = {name: f"the totals have a column {name!r}" for name in _TOTALS}
    for key in keys:
        if not isinstance(key.dataType, T.AtomicType) or isinstance(key.dataType, _NOT_KEYS):
            what = f"the column {key.name!r} of by is {key.dataType.simpleString()}"
            raise TypeError(f"{what}; expected strings, numbers, dates or other single values")
        if other := seen.get(_folded(key.name)):
            raise ValueError(f"by has a column {key.name!r}, but {other}; rename it with alias()")
        seen[_folded(key.name)] = f"also a column {key.name!r}"


def _totals(batches: Iterator[pa.RecordBatch], counter: TermCounter, with_words: bool) -> Iterator[pa.RecordBatch]:
    """The totals of a task's rows that are not 0, in one stream: a call for each batch is slow with many terms.

    With words, another row has their number as its count, and no column. All rows are of one group.
    """
    first = next(batches, None)
    if first is None:
        return
    stream = pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))
    found = counter.totals(stream, per_words=1 if with_words else None, workers=1)
    counts = found.occurrences()
    at = np.flatnonzero(counts)
    names = pa.array([found.columns[column] for column in at], pa.string())
    columns = [names, pa.array(counts[at]), pa.array(found.documents[at])]
    if not with_words:
        yield pa.record_batch(columns, _TOTALS)
        return
    words = [pa.nulls(1, pa.string()), pa.array([found.words]), pa.array([0])]
    for part in (columns, words):
        group = pa.array(np.zeros(len(part[0]), np.int32))
        yield pa.record_batch([group, *part], [_WHOLE, *_TOTALS])


def _grouped(
    batches: Iterator[pa.RecordBatch], function: arrow.ArrowCounter, keys: list[str], with_words: bool
) -> Iterator[pa.RecordBatch]:
    """The totals by group of a task's rows that are not 0. All groups and terms may be too many for a matrix.

    With words, each group has another row, with their number as its count, and no column.
    """
    pending: list[pa.Table] = []
    names = [*keys, *_TOTALS[:2]]
    for batch in batches:
        found = function(batch.column(0))
        rows, items = pc.list_parent_indices(found), found.flatten()
        columns = [batch[key].take(rows) for key in keys]
        pending.append(pa.table([*columns, items.field("column"), items.field("count").cast(pa.int64())], names))
        if with_words:
            words = words_for(function.counter._plan, Documents(batch.column(0)), 1)
            # With the same dictionary: Arrow cannot group by several.
            none = pa.nulls(len(words), pa.int32())
            columns = [pa.DictionaryArray.from_arrays(none, function._names), pa.array(words)]
            pending.append(pa.table([*(batch[key] for key in keys), *columns], names))
        if sum(map(len, pending)) >= _MOST_SUMS:
            yield from _added(pending, keys)
            pending = []
    if pending:
        yield from _added(pending, keys)


def _added(parts: list[pa.Table], keys: list[str]) -> list[pa.RecordBatch]:
    groups = pa.concat_tables(parts).group_by([*keys, "column"], use_threads=False)
    sums = groups.aggregate([("count", "sum"), ("count", "count")])
    columns = [*(sums[key] for key in keys), sums["column"].cast(pa.string()), sums["count_sum"], sums["count_count"]]
    batches: list[pa.RecordBatch] = pa.table(columns, [*keys, *_TOTALS]).to_batches()
    return batches
