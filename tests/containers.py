"""The containers that documents and terms can come in, each as a function of a list.

Tests that say "whatever the container" run over these. A list contains `str` or `bytes`, not both, and `None` for a
missing document. Some containers cannot represent some lists: NumPy's `S` drops zeros at the end, Arrow's text must
be valid UTF-8. `Container.holds` says which.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import countgrid as cg
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.dtypes import StringDType

# These two have no wheels for some Pythons (free-threaded ones) and some systems (musl).
HAS_POLARS, HAS_DUCKDB = find_spec("polars") is not None, find_spec("duckdb") is not None
if HAS_POLARS:
    import polars as pl
if HAS_DUCKDB:
    import duckdb

Items = list


def has_missing(items: Items) -> bool:
    return any(item is None for item in items)


def present(items: Items) -> Items:
    return [item for item in items if item is not None]


def is_valid_utf8(item) -> bool:
    try:
        item.encode() if isinstance(item, str) else item.decode()
    except UnicodeError:
        return False
    return True


def as_text(items: Items) -> Items:
    return [item.decode() if isinstance(item, bytes) else item for item in items]


def as_bytes(items: Items) -> Items:
    return [item.encode("utf-8", "surrogatepass") if isinstance(item, str) else item for item in items]


@dataclass(frozen=True)
class Container:
    """`make` turns a list into the container; `text` says whether its documents are `str`."""

    name: str
    make: Callable[[Items], object]
    text: bool = True
    missing: bool = True
    surrogates: bool = False
    zeros_at_end: bool = True
    one_width: bool = False

    def holds(self, items: Items) -> bool:
        found = present(items)
        if len(found) < len(items) and not self.missing:
            return False
        if self.one_width:
            widths = {len(item) for item in as_bytes(found)}
            if len(widths) != 1:
                return False
        if self.text and not self.surrogates and not all(map(is_valid_utf8, found)):
            return False
        if self.text and not all(isinstance(item, str) or is_valid_utf8(item) for item in found):
            return False
        zero = tuple(item for item in found if item[-1:] in ("\0", b"\0"))
        return self.zeros_at_end or not zero

    def of(self, items: Items) -> object:
        """The container of these items, converted to text or bytes as it needs."""
        return self.make(as_text(items) if self.text else as_bytes(items))

    def __repr__(self) -> str:
        return self.name


def swapped(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder("S"))


def strided(array: np.ndarray) -> np.ndarray:
    """The same items with a negative stride of three cells."""
    spread = np.empty((len(array), 3), dtype=array.dtype)
    spread[:] = "?" if array.dtype.kind in "UT" else b"?" if array.dtype.kind == "S" else 0
    spread[:, 1] = array[::-1]
    return spread[::-1, 1]


def unaligned(array: np.ndarray) -> np.ndarray:
    """The same items as a field of a packed record, at an odd address."""
    records = np.zeros(len(array), dtype=[("pad", "u1"), ("field", array.dtype)])
    records["field"] = array
    return records["field"]


def masked(items: Items, kind: str) -> np.ma.MaskedArray:
    """Masked where missing. The values under the mask would count."""
    mask = [item is None for item in items]
    filler = "a the cat" if kind == "U" else b"a the cat"
    data = [filler if item is None else item for item in items]
    return np.ma.masked_array(np.array(data, dtype=object if kind == "O" else kind), mask=mask)


def string_array(items: Items, na_object: object) -> np.ndarray:
    return np.array([na_object if item is None else item for item in items], dtype=StringDType(na_object=na_object))


def object_array(items: Items) -> np.ndarray:
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array


def dictionary(items: Items, values: pa.DataType, index: pa.DataType) -> pa.Array:
    return pa.array(items, type=values).dictionary_encode().cast(pa.dictionary(index, values))


def dictionary_of_views(items: Items, values: pa.DataType) -> pa.Array:
    distinct = list(dict.fromkeys(present(items)))
    index = [None if item is None else distinct.index(item) for item in items]
    return pa.DictionaryArray.from_arrays(pa.array(index, pa.int32()), pa.array(distinct, values))


def chunked(items: Items, values: pa.DataType) -> pa.ChunkedArray:
    """Chunks of one, two, none, and the rest."""
    chunks = [items[:1], items[1:3], [], items[3:]]
    return pa.chunked_array([pa.array(chunk, values) for chunk in chunks], values)


def sliced(items: Items, values: pa.DataType) -> pa.Array:
    """A slice that does not start at a multiple of eight, so that the validity bitmap is shifted too."""
    filler = "the cat a" if pa.types.is_string(values) or pa.types.is_large_string(values) else b"the cat a"
    return pa.array([filler] * 5 + items + [None, filler], values).slice(5, len(items))


def fixed_size(items: Items) -> pa.Array:
    return pa.array(items, pa.binary(len(present(items)[0])))


def duckdb_relation(items: Items):
    table = pa.table({"document": pa.array(items, pa.string()), "row": range(len(items))})
    return duckdb.connect().from_arrow(table).order("row").project("document")


def buffer_and_offsets(items: Items) -> cg.Documents:
    return cg.Documents.from_buffer(b"".join(items), np.cumsum([0] + [len(item) for item in items]))


def arrow(name: str, values: pa.DataType, text: bool) -> list[Container]:
    return [
        Container(f"arrow-{name}", lambda items: pa.array(items, values), text),
        Container(f"arrow-{name}-chunked", lambda items: chunked(items, values), text),
    ]


POLARS = [
    Container("polars-string", lambda items: pl.Series(items, dtype=pl.String)),
    Container("polars-binary", lambda items: pl.Series(items, dtype=pl.Binary), text=False),
    Container("polars-categorical", lambda items: pl.Series(items, dtype=pl.Categorical)),
    Container("polars-dataframe", lambda items: pl.DataFrame({"document": pl.Series(items, dtype=pl.String)})),
]
DUCKDB = [
    Container("duckdb", duckdb_relation, zeros_at_end=True),
]
CONTAINERS = [
    Container("list", list, surrogates=True),
    Container("list-bytes", list, text=False),
    Container("tuple", tuple, surrogates=True),
    Container("generator", iter, surrogates=True),
    Container("deque", deque, surrogates=True),
    Container("documents", cg.Documents, surrogates=True),
    Container("buffer", buffer_and_offsets, text=False, missing=False),
    Container("numpy-U", lambda items: np.array(items, "U"), surrogates=True, missing=False, zeros_at_end=False),
    Container(
        "numpy-U-swapped",
        lambda items: swapped(np.array(items, "U")),
        surrogates=True,
        missing=False,
        zeros_at_end=False,
    ),
    Container(
        "numpy-U-strided",
        lambda items: strided(np.array(items, "U")),
        surrogates=True,
        missing=False,
        zeros_at_end=False,
    ),
    Container(
        "numpy-U-unaligned",
        lambda items: unaligned(np.array(items, "U")),
        surrogates=True,
        missing=False,
        zeros_at_end=False,
    ),
    Container("numpy-U-masked", lambda items: masked(items, "U"), surrogates=True, zeros_at_end=False),
    Container("numpy-S", lambda items: np.array(items, "S"), text=False, missing=False, zeros_at_end=False),
    Container(
        "numpy-S-strided", lambda items: strided(np.array(items, "S")), text=False, missing=False, zeros_at_end=False
    ),
    Container("numpy-S-masked", lambda items: masked(items, "S"), text=False, zeros_at_end=False),
    Container("numpy-object", object_array, surrogates=True),
    Container("numpy-object-bytes", object_array, text=False),
    Container("numpy-object-strided", lambda items: strided(object_array(items)), surrogates=True),
    Container("numpy-object-masked", lambda items: masked(items, "O"), text=False),
    Container("numpy-string", lambda items: np.array(items, StringDType()), missing=False),
    Container("numpy-string-None", lambda items: string_array(items, None)),
    Container("numpy-string-nan", lambda items: string_array(items, np.nan)),
    Container("numpy-string-NA", lambda items: string_array(items, pd.NA)),
    Container("numpy-string-strided", lambda items: strided(np.array(items, StringDType())), missing=False),
    Container("pandas-str", lambda items: pd.Series(items, dtype="str")),
    Container("pandas-string[python]", lambda items: pd.Series(items, dtype="string[python]")),
    Container("pandas-string[pyarrow]", lambda items: pd.Series(items, dtype="string[pyarrow]")),
    Container("pandas-object", lambda items: pd.Series(items, dtype=object), surrogates=True),
    Container("pandas-object-bytes", lambda items: pd.Series(items, dtype=object), text=False),
    Container("pandas-category", lambda items: pd.Series(items, dtype="category")),
    Container("pandas-arrow", lambda items: pd.Series(items, dtype=pd.ArrowDtype(pa.large_string()))),
    Container("pandas-index", lambda items: pd.Index(items, dtype="str")),
    Container("pandas-index-object", lambda items: pd.Index(items, dtype=object), surrogates=True),
    Container("pandas-categorical", pd.Categorical),
    Container("pandas-dataframe", lambda items: pd.DataFrame({"document": pd.Series(items, dtype="str")})),
    *arrow("string", pa.string(), True),
    *arrow("large_string", pa.large_string(), True),
    *arrow("string_view", pa.string_view(), True),
    *arrow("binary", pa.binary(), False),
    *arrow("large_binary", pa.large_binary(), False),
    *arrow("binary_view", pa.binary_view(), False),
    Container("arrow-string-sliced", lambda items: sliced(items, pa.string())),
    Container("arrow-binary-sliced", lambda items: sliced(items, pa.binary()), text=False),
    Container("arrow-fixed_size_binary", fixed_size, text=False, one_width=True),
    Container("arrow-dictionary", lambda items: dictionary(items, pa.string(), pa.int8())),
    Container("arrow-dictionary-large", lambda items: dictionary(items, pa.large_string(), pa.uint64())),
    Container("arrow-dictionary-binary", lambda items: dictionary(items, pa.binary(), pa.int32()), text=False),
    Container("arrow-dictionary-view", lambda items: dictionary_of_views(items, pa.string_view())),
    Container("arrow-table", lambda items: pa.table({"document": pa.array(items, pa.string())})),
    Container("arrow-stream", lambda items: pa.table({"document": pa.array(items, pa.string())}).to_reader(2)),
    *(POLARS if HAS_POLARS else []),
    *(DUCKDB if HAS_DUCKDB else []),
]
BY_NAME = {container.name: container for container in CONTAINERS}


def containers_of(items: Items) -> list[Container]:
    """The containers that can hold these items."""
    return [container for container in CONTAINERS if container.holds(items)]
