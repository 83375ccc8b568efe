"""Arrow arrays and tables of what is counted.

`pyarrow.array` and `pyarrow.table` would import pandas where it is there, which takes longer than many a count, and
must not happen in two threads at once. So arrays are made of their buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def numbers(values: np.ndarray, missing: np.ndarray | None = None) -> Any:
    """A contiguous array of numbers or bools, null where ``missing`` says so."""
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, pa.py_buffer(data)])


def texts(values: Sequence[bytes | None]) -> Any:
    """An array of texts in UTF-8, which is not checked, null where there is None."""
    ends = np.cumsum([0, *(len(value or b"") for value in values)], dtype=np.int32)
    valid = (
        pa.py_buffer(np.packbits([value is not None for value in values], bitorder="little"))
        if None in values
        else None
    )
    data = [valid, pa.py_buffer(ends), pa.py_buffer(b"".join(filter(None, values)))]
    return pa.Array.from_buffers(pa.string(), len(values), data)


def names(values: Sequence[str]) -> Any:
    return texts([value.encode() for value in values])


def table(columns: Sequence[Any], names: Sequence[str]) -> Any:
    return pa.Table.from_arrays(list(columns), names=list(names))


def bytes_of(some: Any) -> int:
    """Bytes of a batch or table."""
    try:
        return int(some.nbytes)
    except pa.ArrowException:  # of views, in older versions of Arrow
        return int(some.get_total_buffer_size())
