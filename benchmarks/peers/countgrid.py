"""countgrid: the plan built once, the documents from an Arrow column, the count matrix as asked for."""

import countgrid as cg
from texts import Text

from .question import Bind, Engine, Question, Run


def build(question: Question) -> Bind:
    counter = cg.TermCounter(question.terms, match=question.match, ignore_case=question.ignore_case)

    def bind(text: Text) -> Run:
        return lambda: counter.count(text.column, sparse=question.sparse)

    return bind


ENGINES = [Engine("countgrid", "countgrid", build)]
