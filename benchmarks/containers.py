"""The same documents in every container: the time of a count compared with an Arrow column.

Documents are cut to twice their mean length, since a NumPy array of `U` stores every document at the longest length.
"""

import statistics
from collections.abc import Callable
from functools import partial
from typing import Any

import countgrid as cg
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import timing
from workloads import WORKLOADS, Workload

ROWS = ("medium-100-words", "short-10-substrings")
CONTAINERS: dict[str, Callable[[list[str]], Any]] = {
    "pyarrow": lambda documents: pa.array(documents, pa.large_utf8()),
    "polars Series": pl.Series,
    "pandas Series, str": lambda documents: pd.Series(documents, dtype="str"),
    "pandas Series, object": lambda documents: pd.Series(documents, dtype="object"),
    "list of str": list,
    "NumPy StringDType": lambda documents: np.array(documents, np.dtypes.StringDType()),
    "NumPy U": np.array,
    "NumPy S": lambda documents: np.array([document.encode() for document in documents]),
}


def containers(rounds: int, quick: bool) -> dict[str, Any]:
    columns = [_measured(row, rounds, quick) for row in WORKLOADS if row.name in ROWS]
    rows = [[name, *(cell for column in columns for cell in column[name])] for name in CONTAINERS]
    return {
        "name": "containers",
        "title": "the same documents in other containers, compared with the Arrow column",
        "columns": ["container", *(cell for name in ROWS for cell in (f"{name}, ms", "x Arrow"))],
        "rows": rows,
        "notes": ["Documents cut to twice their mean length."],
    }


def _measured(workload: Workload, rounds: int, quick: bool) -> dict[str, list[str]]:
    text = workload.text(quick)
    question = workload.question(text)
    limit = 2 * sum(map(len, text.documents)) // len(text.documents)
    documents = [document[:limit] for document in text.documents]
    counter = cg.TermCounter(question.terms, match=question.match)
    held = {name: make(documents) for name, make in CONTAINERS.items()}
    expected = counter.count(held["pyarrow"])
    for name, container in held.items():
        if not np.array_equal(counter.count(container), expected):
            raise SystemExit(f"the counts of {workload.name} from {name} differ from those of the Arrow column")
    seconds = timing.turns({name: partial(counter.count, container) for name, container in held.items()}, rounds)
    base = seconds["pyarrow"]
    return {
        name: [f"{statistics.median(times) * 1e3:,.1f}", f"{timing.ratio(times, base):.2f}"]
        for name, times in seconds.items()
    }
