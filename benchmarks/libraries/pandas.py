r"""pandas' `Series.str.count` with a regular expression for each term, on the dtypes `str` (Arrow) and `object`."""

import re

import pandas as pd
from texts import Text

from .question import Bind, Engine, Question, Run

RULE = r"`re`'s or RE2's \b instead of neighbours"


def _count(question: Question, dtype: str) -> Bind:
    def pattern(term: str) -> str:
        return rf"\b{re.escape(term)}\b" if question.match == "word" else re.escape(term)

    patterns = [pattern(term) for term in question.terms]
    flags = re.IGNORECASE if question.ignore_case else 0

    def bind(text: Text) -> Run:
        series = pd.Series(text.documents, dtype=dtype)
        return lambda: pd.concat([series.str.count(pattern, flags=flags) for pattern in patterns], axis=1)

    return bind


ENGINES = [
    Engine("pandas str.count per term", "pandas", lambda question: _count(question, "str"), RULE),
    Engine("pandas str.count, object", "pandas", lambda question: _count(question, "object"), RULE),
]
