"""countgrid: a compiled plan, documents in an Arrow column, a dense or sparse matrix."""

import countgrid as cg
from texts import Text

from .question import Bind, Engine, Question, Run


def build(question: Question) -> Bind:
    if question.match == "regex":
        counter = cg.TermCounter(question.terms, match="substring", syntax="regex", ignore_case=question.ignore_case)
    else:
        counter = cg.TermCounter(question.terms, match=question.match, ignore_case=question.ignore_case)

    def bind(text: Text) -> Run:
        return lambda: counter.count(text.column, sparse=question.sparse)

    return bind


ENGINES = [Engine("countgrid", "countgrid", build)]
