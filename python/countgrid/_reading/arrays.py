"""Arrow arrays and tables, made from buffers.

`pyarrow.array` and `pyarrow.table` import pandas if it is installed. That takes longer than most counts, and must not
happen in two threads at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa


def numbers(values: np.ndarray, missing: np.ndarray | None = None) -> Any:
    """An array of contiguous numbers or bools, null where ``missing`` is True."""
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else values
    valid = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, pa.py_buffer(data)])


def texts(values: Sequence[bytes | None]) -> Any:
    """An array of UTF-8 texts, null for None. The UTF-8 is not checked."""
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


def labels(values: Sequence[Any]) -> Any:
    """An array of the labels of groups, of the type that they have in common."""
    return pa.array(values)


def table(columns: Sequence[Any], names: Sequence[str]) -> Any:
    return pa.Table.from_arrays(list(columns), names=list(names))


def bytes_of(some: Any) -> int:
    """The size of a record batch or table."""
    try:
        return int(some.nbytes)
    except pa.ArrowException:  # older versions of Arrow cannot tell for views
        return int(some.get_total_buffer_size())
