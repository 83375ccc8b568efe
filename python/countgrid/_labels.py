"""Labels of documents, as the numbers of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np

from countgrid._optional import require


def groups_of(by: Any) -> tuple[np.ndarray, list[Any]]:
    """Return the number of each document's group, as uint32, and the groups' labels.

    Groups are the sorted unique labels; a group of missing labels is the last and has the label None.

    Raises
    ------
    TypeError
        ``by`` is not a 1-D array or sequence of labels, or its labels cannot be sorted.
    ValueError
        ``by`` has several dimensions.
    """
    if isinstance(by, (str, bytes, Mapping, Set)) or not (isinstance(by, Iterable) or hasattr(by, "__array__")):
        raise TypeError(f"by is {type(by).__name__} ({by!r}); expected a label for each document")
    if len(shape := getattr(by, "shape", (0,))) != 1:
        raise ValueError(
            f"by has shape {tuple(shape)}; expected one label for each document; to group by"
            " several columns, pass tuples: list(zip(a, b))"
        )
    library = type(by).__module__.partition(".")[0]
    if library == "pandas":
        codes, labels = _of_pandas(by)
    elif library == "polars":
        codes, labels = _of_polars(by)
    elif hasattr(by, "__arrow_c_stream__") or hasattr(by, "__arrow_c_array__"):
        codes, labels = _of_arrow(by)
    elif isinstance(by, np.ndarray) and by.dtype.kind in "biufMmSU":
        codes, labels = _of_numpy(by)
    else:
        codes, labels = _of_objects(by.tolist() if isinstance(by, np.ndarray) else by)
    return _sorted(codes, labels)


def _of_pandas(by: Any) -> tuple[np.ndarray, list[Any]]:
    pandas = require("pandas", "by", "pandas")
    codes, labels = pandas.factorize(by)
    if any(type(label) is tuple for label in labels):
        return _of_objects(by)
    labels = [label.item() if isinstance(label, np.number) else label for label in labels]
    # A column of Arrow floats can contain NaN as well as missing values.
    missing = np.array([_is_missing(label) for label in labels], bool)
    if missing.any():
        numbers = np.append(np.cumsum(~missing) - 1, -1)
        numbers[:-1][missing] = -1
        codes, labels = numbers[codes], [label for label in labels if not _is_missing(label)]
    return codes, labels


def _of_polars(by: Any) -> tuple[np.ndarray, list[Any]]:
    """As Arrow, with the types of old versions: pyarrow 16 cannot convert views, polars 1.10 streams wrong dates."""
    require("pyarrow", "polars labels", "pyarrow")
    oldest = require("polars", "by", "polars").CompatLevel.oldest()
    return _of_arrow(by.to_arrow(compat_level=oldest))


def _of_arrow(by: Any) -> tuple[np.ndarray, list[Any]]:
    pyarrow = require("pyarrow", "Arrow labels", "pyarrow")
    compute = require("pyarrow.compute", "Arrow labels", "pyarrow")
    array = pyarrow.chunked_array(by) if hasattr(by, "__arrow_c_stream__") else pyarrow.array(by)
    chunks = [_plain(chunk, pyarrow) for chunk in getattr(array, "chunks", [array])]
    array = pyarrow.chunked_array(chunks or [pyarrow.nulls(0)])
    if pyarrow.types.is_floating(array.type):
        return _of_numpy(array.cast(pyarrow.float64()).to_numpy())
    try:
        labels = array.unique().drop_null()
        codes = compute.index_in(array, value_set=labels).fill_null(-1)
    except pyarrow.ArrowNotImplementedError:
        # A type that Arrow cannot look up.
        return _of_objects(array.to_pylist())
    return codes.to_numpy(), labels.to_pylist()


def _plain(array: Any, pyarrow: Any) -> Any:
    """An array of a type that Arrow can look up: neither a dictionary nor views."""
    if pyarrow.types.is_dictionary(array.type):
        return _plain(array.dictionary, pyarrow).take(array.indices)
    return array.cast(pyarrow.large_string()) if array.type == pyarrow.string_view() else array


def _of_numpy(by: np.ndarray) -> tuple[np.ndarray, list[Any]]:
    missing = np.ma.getmaskarray(by) if isinstance(by, np.ma.MaskedArray) else np.zeros(len(by), bool)
    labels = np.asarray(by)
    if labels.dtype.kind == "f":
        missing = missing | np.isnan(labels)
    elif labels.dtype.kind in "Mm":
        missing = missing | np.isnat(labels)
    unique, inverse = np.unique(labels[~missing], return_inverse=True)
    codes = np.full(len(labels), -1)
    codes[~missing] = inverse
    return codes, list(unique) if labels.dtype.kind in "Mm" else unique.tolist()


def _of_objects(by: Iterable[Any]) -> tuple[np.ndarray, list[Any]]:
    numbers: dict[Any, int] = {}
    codes = []
    for at, label in enumerate(by):
        try:
            if type(label) is tuple:  # NaN is not equal to itself, and would be a group each time
                label = tuple(None if _is_missing(item) else item for item in label)
            codes.append(-1 if _is_missing(label) else numbers.setdefault(label, len(numbers)))
        except TypeError:
            what = f"by[{at}] is {type(label).__name__} ({label!r})"
            advice = "expected a label that can be hashed, such as str"
            if hasattr(label, "__len__"):
                advice += "; to group by several columns, pass tuples: list(zip(a, b))"
            raise TypeError(f"{what}; {advice}") from None
    return np.array(codes, np.int64), list(numbers)


def _is_missing(label: Any) -> bool:
    if label is None or label is np.ma.masked:
        return True
    # pandas' NA does not even equal itself with a truth value.
    return type(label).__name__ in ("NAType", "NaTType") or (
        isinstance(label, (float, np.floating)) and label != label
    )


def _sort_key(label: Any) -> Any:
    """The label, or for a tuple its items, with missing ones last."""
    if type(label) is not tuple:
        return label
    return tuple((True, 0) if item is None else (False, item) for item in label)


def _sorted(codes: np.ndarray, labels: list[Any]) -> tuple[np.ndarray, list[Any]]:
    """Number the groups in the order of their labels, missing ones (-1) last."""
    try:
        order = sorted(range(len(labels)), key=lambda at: _sort_key(labels[at]))
    except TypeError:
        kinds = sorted({type(label).__name__ for label in labels})
        raise TypeError(f"by has labels of types {', '.join(kinds)}, which cannot be sorted; convert them") from None
    numbers = np.empty(len(labels) + 1, np.uint32)
    numbers[order] = np.arange(len(labels))
    numbers[-1] = len(labels)
    groups = [labels[at] for at in order]
    if (codes < 0).any():
        groups.append(None)
    return numbers[codes], groups
