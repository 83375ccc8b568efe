"""Count many terms in many documents at once.

>>> import countgrid as cg
>>> cg.count(["the cat sat", "the the", None], ["the", "at"])
array([[1, 0],
       [2, 0],
       [0, 0]], dtype=int32)
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from countgrid._api import count, search
from countgrid._core import Documents
from countgrid._core import __version__ as __version__
from countgrid._counter import TermCounter
from countgrid._dataset.result import DatasetCounts
from countgrid._datasets import count_dataset
from countgrid._escape import escape
from countgrid._frequencies import frequencies
from countgrid._grouped import GroupedTotals
from countgrid._lexicon import read_lexicon
from countgrid._lexicon.lexicon import Lexicon
from countgrid._matches import Matches
from countgrid._plans import clear_cache
from countgrid._rates import count_words
from countgrid._scores import score
from countgrid._stop_words import ENGLISH_STOP_WORDS
from countgrid._totals import Totals

if TYPE_CHECKING:
    from countgrid import arrow as arrow
    from countgrid import daft as daft
    from countgrid import dask as dask
    from countgrid import duckdb as duckdb
    from countgrid import pandas as pandas
    from countgrid import plot as plot
    from countgrid import polars as polars
    from countgrid import sklearn as sklearn
    from countgrid import spark as spark

__all__ = [
    "ENGLISH_STOP_WORDS",
    "DatasetCounts",
    "Documents",
    "GroupedTotals",
    "Lexicon",
    "Matches",
    "TermCounter",
    "Totals",
    "clear_cache",
    "count",
    "count_dataset",
    "count_words",
    "escape",
    "frequencies",
    "read_lexicon",
    "score",
    "search",
]

# Pickles and error messages name the public module.
for _public in (
    DatasetCounts,
    GroupedTotals,
    Lexicon,
    Matches,
    TermCounter,
    Totals,
    clear_cache,
    count,
    count_dataset,
    count_words,
    escape,
    frequencies,
    read_lexicon,
    score,
    search,
):
    _public.__module__ = __name__

#: Adapters and the packages that they need. They are imported on first use.
_ADAPTERS = {
    "arrow": "pyarrow",
    "daft": "daft",
    "dask": "dask",
    "duckdb": "duckdb",
    "pandas": "pandas",
    "plot": "matplotlib",
    "polars": "polars",
    "sklearn": "sklearn",
    "spark": "pyspark",
}


def __getattr__(name: str) -> ModuleType:
    if name in _ADAPTERS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    usable = [name for name, package in _ADAPTERS.items() if _is_there(package)]
    return sorted([*__all__, *usable, "__version__"])


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False
