"""What a case must count, found without countgrid.

Small cases are judged span by span by the naive twin of the tests (`tests/rules.py`), large ones by `str.count` and
the package `regex`: all columns of single words by one pass over the words, a sample of the others.
"""

import random
from collections import Counter

import regex
import rules
from cases import Case

#: Columns of a large case that are judged one by one.
SAMPLE = 12


def spans(case: Case) -> list[tuple[int, int, int, int]]:
    """The matches of a small case: document, start, end, column. Raises ValueError for terms that are invalid."""
    rules.spans("", case.terms, **case.options)
    return [
        (row, start, end, column)
        for row, document in enumerate(case.documents)
        for start, end, column in rules.spans(document, case.terms, **case.options)
    ]


def columns(case: Case) -> dict[int, list[int]]:
    """Some columns of a large case: the count in each document."""
    source = random.Random(case.seed)
    chosen = sorted(source.sample(range(len(case.terms)), min(SAMPLE, len(case.terms))))
    if case.options.get("overlap") == "longest":
        counts = rules.matrix(case.documents, case.terms, **case.options)
        return {column: [row[column] for row in counts] for column in range(len(case.terms))}
    if case.options == {"match": "substring"}:
        return {column: [document.count(case.terms[column]) for document in case.documents] for column in chosen}
    judged = {
        column: [rules.occurrences(document, case.terms[column], **case.options) for document in case.documents]
        for column in chosen
    }
    if case.kind == "lexicon" and case.options == {"match": "word"}:
        judged |= words(case)
    return judged


def words(case: Case) -> dict[int, list[int]]:
    """The columns of terms that are one word each, by one pass over the words of the documents."""
    one_word = regex.compile(r"[\w\u200c\u200d]+")
    counts = [Counter(one_word.findall(document)) for document in case.documents]
    single = [column for column, term in enumerate(case.terms) if one_word.fullmatch(term)]
    return {column: [count[case.terms[column]] for count in counts] for column in single}
