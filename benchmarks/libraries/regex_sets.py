"""The crates regex-filtered and regex: a set tells which regular expressions match, and these are counted one by one.

`benchmarks/regex_sets` is how a user would write it in Rust, with documents in parallel on all cores.
"""

from collections.abc import Callable
from typing import Any

import regex_sets
from scipy import sparse
from texts import Text

from .question import Bind, Engine, Question, Run


def _build(question: Question, compiled: Callable[[list[str]], Any]) -> Bind:
    expressions = compiled(list(question.terms))

    def bind(text: Text) -> Run:
        texts = regex_sets.Texts(text.documents)
        shape = (len(text.documents), len(question.terms))

        def run() -> Any:
            document, expression, count = expressions.count(texts)
            found = sparse.coo_array((count, (document, expression)), shape=shape)
            return found.tocsr() if question.sparse else found.toarray()

        return run

    return bind


ENGINES = [
    Engine("regex-filtered, rayon", "regex_sets", lambda question: _build(question, regex_sets.Filtered)),
    Engine("RegexSet, rayon", "regex_sets", lambda question: _build(question, regex_sets.Set)),
]
