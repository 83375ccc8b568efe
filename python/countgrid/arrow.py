"""Count Arrow arrays: a function for engines that call Python with batches of a column.

Spark's ``arrow_udf``, Daft, DataFusion, Ray, Dask and Hugging Face ``datasets`` all call functions of this kind, and
DuckDB's functions are made of it:

>>> import pyarrow as pa
>>> import countgrid.arrow
>>> count = countgrid.arrow.counter({"good": ["good", "fine"], "bad": ["bad"]})
>>> count(pa.array(["good, not bad", None])).to_pylist()
[{'good': 1, 'bad': 1}, None]
>>> count.type
StructType(struct<good: int32, bad: int32>)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Unpack

import numpy as np

from countgrid import _memory
from countgrid._columns import counter_of_batches, named
from countgrid._core import Documents
from countgrid._optional import not_installed, scipy_sparse
from countgrid._rates import checked_per_words

try:
    import pyarrow as pa
except ImportError as error:
    raise not_installed(error, __name__, "pyarrow") from error

if TYPE_CHECKING:
    from countgrid._counter import TermCounter
    from countgrid._options import Matching, Terms

__all__ = ["ArrowCounter", "counter"]

Missing: TypeAlias = Literal["keep", "zero", "raise"]

#: The type of a column's name in lists.
_NAME = pa.string()


class ArrowCounter:
    """A function from an Arrow array of text to an Arrow array of counts. `counter` makes it.

    It can be pickled, is equal to others by value, and can be called from many threads at once. A process compiles
    equal counters once.

    Attributes
    ----------
    type : pyarrow.DataType
        The type of the arrays that it returns.
    counter : TermCounter
    columns : tuple of str
        The names of the columns.
    """

    __slots__ = ("_key", "_names", "_options", "columns", "counter", "type")
    #: The columns' names as an Arrow array, for lists.
    _names: pa.Array | None

    def __init__(
        self,
        counter: TermCounter,
        columns: tuple[str, ...],
        sparse: bool,
        missing: Missing,
        per_words: float | None,
        workers: int | None,
        name: pa.DataType = _NAME,
    ) -> None:
        self.counter = counter
        self.columns = columns
        self._options: dict[str, Any] = {
            "sparse": sparse,
            "missing": missing,
            "per_words": per_words,
            "workers": workers,
        }
        self._key = (counter, columns, *self._options.values(), name)
        self._names = pa.array(columns, _NAME) if sparse else None
        cell = pa.int32() if per_words is None else pa.float64()
        self.type: pa.DataType = (
            pa.list_(pa.struct([("column", name), ("count", cell)]))
            if sparse
            else pa.struct([pa.field(name, cell) for name in columns])
        )

    def __call__(self, text: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Count each text.

        Parameters
        ----------
        text : pyarrow.Array or pyarrow.ChunkedArray
            Text of any type that `countgrid.count` accepts. It is not copied.

        Returns
        -------
        pyarrow.Array
            Of the same length. A null is null, unless ``missing`` says otherwise.

        Raises
        ------
        TypeError
            ``text`` is not an Arrow array of text.
        ValueError
            A null with ``missing="raise"``.
        """
        if not isinstance(text, (pa.Array, pa.ChunkedArray)):
            raise TypeError(f"text is {type(text).__name__}; expected a pyarrow Array or ChunkedArray")
        documents = Documents(text)
        keep = self._options["missing"] == "keep"
        nulls = _validity(documents.missing) if keep else None
        return (self._structs if self._names is None else self._lists)(documents, nulls)

    def _run(self) -> dict[str, Any]:
        """The options of a count."""
        missing = "raise" if self._options["missing"] == "raise" else "zero"
        return {"missing": missing, "per_words": self._options["per_words"], "workers": self._options["workers"]}

    def _structs(self, documents: Documents, nulls: pa.Buffer | None) -> pa.Array:
        rows, columns = len(documents), len(self.columns)
        cell = pa.int32() if self._options["per_words"] is None else pa.float64()
        cells = np.empty((columns, rows), cell.to_pandas_dtype())
        self.counter.count(documents, out=cells.T, **self._run())
        # The fields of a null are null too: DataFusion reads a field without looking at the nulls of its struct.
        data, width = pa.py_buffer(cells), rows * cell.bit_width // 8
        fields = [
            pa.Array.from_buffers(cell, rows, [nulls, data.slice(column * width, width)]) for column in range(columns)
        ]
        return pa.StructArray.from_buffers(self.type, rows, [nulls], children=fields)

    def _lists(self, documents: Documents, nulls: pa.Buffer | None) -> pa.Array:
        counts = self.counter.count(documents, sparse=True, **self._run())
        if len(counts.indptr) and counts.indptr.dtype != np.int32:
            raise OverflowError(f"{counts.nnz} counts are too many for one Arrow array; pass fewer texts at a time")
        assert self._names is not None
        fields = list(self.type.value_type)
        found: pa.Array = pa.DictionaryArray.from_arrays(pa.array(counts.indices), self._names)
        names = found if pa.types.is_dictionary(fields[0].type) else found.dictionary_decode()
        items = pa.StructArray.from_arrays([names, pa.array(counts.data)], fields=fields)
        starts = pa.py_buffer(counts.indptr)
        return pa.ListArray.from_buffers(self.type, len(documents), [nulls, starts], children=[items])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._key

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, ArrowCounter) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in self._options.items())
        return f"<ArrowCounter of {self.counter!r}{options}>"


def counter(
    terms: Terms | TermCounter,
    *,
    sparse: bool = False,
    prefix: str = "",
    names: Sequence[str] | None = None,
    missing: Missing = "keep",
    per_words: float | None = None,
    workers: int | None = 1,
    **matching: Unpack[Matching],
) -> ArrowCounter:
    """Make a function that counts Arrow arrays.

    Parameters
    ----------
    terms : sequence of str or bytes, mapping of str to such sequences, or TermCounter
        See `countgrid.TermCounter`.
    sparse : bool, default False
        Return lists of names and counts that are not zero. Use it for thousands of terms. Needs scipy.
    prefix : str, default ""
        Added before each column's name.
    names : sequence of str, optional
        Names for the columns, instead of the terms or categories.
    missing : {"keep", "zero", "raise"}, default "keep"
        A null gives null, a row of zeros, or a ValueError.
    per_words : float, optional
        Return rates: counts per that many words of the text. See `countgrid.TermCounter.count`.
    workers : int or None, default 1
        Threads for each array. Engines call the function from all their threads or processes, so 1 is usually best.
        None uses all cores open to this process. Never changes the counts.
    **matching
        Options of `countgrid.TermCounter`.

    Returns
    -------
    ArrowCounter
        It returns structs with a field for each column, int32; with ``sparse=True``, lists of structs ``column``
        (string) and ``count`` (int32). With ``per_words``, counts are float64.

    Raises
    ------
    ValueError
        Two columns would have the same name. A name contains a lone surrogate. See also `countgrid.TermCounter`.
    MemoryError
        The counts of one row would not fit in memory.
    ImportError
        ``sparse=True`` without scipy.

    Examples
    --------
    >>> import pyarrow as pa
    >>> import countgrid.arrow
    >>> count = countgrid.arrow.counter(["cat", "dog"], sparse=True, ignore_case=True)
    >>> count(pa.array(["A dog, a Dog", "no pets", None])).to_pylist()
    [[{'column': 'dog', 'count': 2}], [], None]
    """
    if missing not in ("keep", "zero", "raise"):
        raise ValueError(f"missing is {missing!r}; expected 'keep', 'zero' or 'raise'")
    of_terms = counter_of_batches(terms, matching)
    columns = tuple(named(of_terms, prefix, names))
    for column, name in enumerate(columns):
        if any("\ud800" <= char <= "\udfff" for char in name):
            raise ValueError(f"the name of column {column} is {name!r}; Arrow does not allow lone surrogates")
    if sparse:
        scipy_sparse()
    else:
        _memory.check(1, len(columns), 8)
    per = None if per_words is None else checked_per_words(per_words)
    function = ArrowCounter(of_terms, columns, bool(sparse), missing, per, workers)
    # Raise errors that every call would raise here, not in a task.
    function(pa.array([], pa.string()))
    return function


def _validity(missing: np.ndarray) -> pa.Buffer | None:
    """The validity bitmap of a column; None if no row is missing."""
    return pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing.any() else None
