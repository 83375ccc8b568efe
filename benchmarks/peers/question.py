"""What every engine is asked, how it answers, and how its answer becomes a count matrix.

An engine's `build` takes a question (terms and rules) and gives back a function that takes a text and gives back the
function that is timed. What a user does once is so done before the clock runs: a plan or an automaton is built in the
first step, the text laid out in the engine's own best container in the second. The function timed gives the whole
result in the engine's natural form: a count matrix, dense or sparse, a table with a column for each term, or the long
table of document, column and count; in any order, where a row says which document it is. `matrix` turns each of these
into a scipy array, to be compared and not timed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from scipy import sparse
from texts import Text

Run = Callable[[], Any]
Bind = Callable[[Text], Run]


@dataclass(frozen=True)
class Question:
    """These terms, by this rule, as this kind of result."""

    terms: tuple[str, ...]
    match: Literal["word", "substring"]
    sparse: bool
    ignore_case: bool = False

    @property
    def phrases(self) -> bool:
        """Whether white space is part of a term, and so must be compared run by run."""
        return self.match == "word" and any(" " in term for term in self.terms)


@dataclass(frozen=True)
class Engine:
    name: str
    package: str
    build: Callable[[Question], Bind]
    #: The rule of its own by which it may count otherwise; without one, a wrong cell ends the run.
    rule: str = ""
    #: Whether it lives in a process of its own.
    apart: bool = False

    @property
    def ours(self) -> bool:
        return self.package == "countgrid"


def matrix(question: Question, text: Text, result: Any) -> sparse.csr_array:
    """Any engine's result as a sparse count matrix."""
    shape = (len(text.documents), len(question.terms))
    names = result.column_names if isinstance(result, pa.Table) else getattr(result, "columns", ())
    if "count" in names:
        document, column, count = (
            result[name].to_numpy().astype(np.int64) for name in ("document", "column", "count")
        )
        found = sparse.coo_array((count, (document, column)), shape=shape).tocsr()
    elif "document" in names:
        rows = result.sort_by("document").drop_columns("document")
        found = sparse.csr_array(np.column_stack([column.to_numpy() for column in rows.columns]))
    elif isinstance(result, pa.Table):
        found = sparse.csr_array(np.column_stack([column.to_numpy() for column in result.columns]))
    elif isinstance(result, pl.DataFrame | pd.DataFrame):
        found = sparse.csr_array(result.to_numpy())
    else:
        found = sparse.csr_array(result)
    if found.shape != shape:
        raise AssertionError(f"a count matrix of shape {found.shape} instead of {shape}")
    return found.astype(np.int64)
