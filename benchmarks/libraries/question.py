"""The interface of engines, and the conversion of their results to a count matrix.

An engine's `build` takes a question (terms and rules) and returns a function. That function takes a text and returns
the function that is timed. So everything that a user does once is done before: the first step builds a plan or an
automaton, the second stores the text in the engine's best container.

The timed function returns the complete result in the engine's natural form: a count matrix, dense or sparse, a table
with a column for each term, or the long table of document, column and count. Rows with a document number may be in
any order. `matrix` converts each of these to a SciPy array for the comparison, which is not timed.
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
    """Terms, the rules of matching, and the kind of result."""

    terms: tuple[str, ...]
    #: Terms are words, substrings, or regular expressions that match anywhere.
    match: Literal["word", "substring", "regex"]
    sparse: bool
    ignore_case: bool = False

    @property
    def phrases(self) -> bool:
        """Whether a term contains whitespace, which matches any run of whitespace."""
        return self.match == "word" and any(" " in term for term in self.terms)


@dataclass(frozen=True)
class Engine:
    name: str
    package: str
    build: Callable[[Question], Bind]
    #: The different rule that explains wrong cells. Without one, a wrong cell ends the run.
    rule: str = ""
    #: Whether it runs in its own process.
    apart: bool = False

    @property
    def ours(self) -> bool:
        return self.package == "countgrid"


def matrix(question: Question, text: Text, result: Any) -> sparse.csr_array:
    """An engine's result as a sparse count matrix."""
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
