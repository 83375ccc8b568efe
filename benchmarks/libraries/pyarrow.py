r"""pyarrow's `count_substring` and `count_substring_regex`, one pass for each term, on one core.

Its regular expressions are RE2's, whose `\b` knows only ASCII.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc
from texts import Text

from .question import Bind, Engine, Question, Run


def build(question: Question) -> Bind:
    def count(column: pa.Array, term: str) -> pa.Array:
        if question.match == "substring":
            return pc.count_substring(column, term, ignore_case=question.ignore_case)
        return pc.count_substring_regex(column, rf"\b{re.escape(term)}\b", ignore_case=question.ignore_case)

    def bind(text: Text) -> Run:
        names = [str(j) for j in range(len(question.terms))]
        return lambda: pa.table([count(text.column, term) for term in question.terms], names)

    return bind


ENGINES = [Engine("pyarrow count_substring per term", "pyarrow", build, r"\b of ASCII")]
