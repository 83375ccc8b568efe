"""Documents as scikit-learn's vectorizers and countgrid take them: which can be read twice, and one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import suppress
from itertools import chain
from typing import Any

import numpy as np

from countgrid._core import Documents
from countgrid._options import Column

#: Texts from an iterator are taken in blocks of at most so many texts and characters.
BLOCK_TEXTS = 1 << 16
BLOCK_CHARS = 1 << 24


def column_of(documents: Column) -> Column:
    """Documents as the core takes them: sets and mappings as lists."""
    return list(documents) if isinstance(documents, (Set, Mapping)) else documents


def blocks(documents: Column) -> Iterator[Column]:
    """Documents in blocks that fit in memory.

    Each Arrow batch of a stream is a block. Documents that are in memory already are one block.
    """
    if not is_stream(documents):
        yield column_of(documents)
        return
    items = iter(documents)
    first = list(next_of(items))
    if first and _is_arrow(first[0]):
        yield from chain(first, items)
    else:
        yield from _blocks_of_texts(chain(first, items))


def is_stream(documents: Column) -> bool:
    """Whether documents may be readable only once, one after the other."""
    return hasattr(documents, "__next__") or not (hasattr(documents, "__len__") or _is_arrow(documents))


def next_of(items: Iterator[Any]) -> Iterator[Any]:
    """The next item, if there is one."""
    for item in items:
        yield item
        return


def _blocks_of_texts(texts: Iterable[Any]) -> Iterator[list[Any]]:
    block: list[Any] = []
    n_chars = 0
    for text in texts:
        block.append(text)
        n_chars += len(text) if isinstance(text, (str, bytes)) else 0
        if len(block) == BLOCK_TEXTS or n_chars >= BLOCK_CHARS:
            yield block
            block, n_chars = [], 0
    yield block


def one_by_one(documents: Column) -> Any:
    """The documents as Python objects. The core reads columns of other libraries than NumPy and pandas."""
    column = column_of(documents)
    if isinstance(column, (list, tuple)):
        return Documents(column) if column and _is_arrow(column[0]) else column
    is_plain = isinstance(column, (np.ndarray, Documents)) or is_stream(column)
    return column if is_plain or (hasattr(column, "iloc") and column.ndim == 1) else Documents(column)


def is_missing(document: Any) -> bool:
    """Whether a document is None, NaN or another missing value."""
    with suppress(TypeError):
        return not isinstance(document, (str, bytes)) and bool(Documents([document]).missing[0])
    return False


def _is_arrow(column: Column) -> bool:
    return hasattr(column, "__arrow_c_stream__") or hasattr(column, "__arrow_c_array__")
