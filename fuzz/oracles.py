"""The expected counts of a case, computed without countgrid.

Small cases are checked match by match with the naive implementation of the tests (`tests/rules.py`). Large cases are
checked with `str.count` and the package `regex`: all columns of single words in one pass over the words, and a sample
of the others.
"""

import random
from collections import Counter

import regex
import rules
from cases import Case

#: The number of columns of a large case that are checked one by one.
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
    """The counts per document in some columns of a large case."""
    source = random.Random(case.seed)
    chosen = sorted(source.sample(range(len(case.terms)), min(SAMPLE, len(case.terms))))
    if case.options.get("overlap") in ("longest", "first"):
        counts = rules.matrix(case.documents, case.terms, **case.options)
        return {column: [row[column] for row in counts] for column in range(len(case.terms))}
    if case.options == {"match": "substring"}:
        return {column: [document.count(case.terms[column]) for document in case.documents] for column in chosen}
    expected = {
        column: [rules.occurrences(document, case.terms[column], **case.options) for document in case.documents]
        for column in chosen
    }
    if case.kind == "lexicon" and case.options == {"match": "word"}:
        expected |= words(case)
    return expected


def words(case: Case) -> dict[int, list[int]]:
    """The columns of terms of one word, by one pass over the words of the documents."""
    one_word = regex.compile(r"[\w\u200c\u200d]+")
    counts = [Counter(one_word.findall(document)) for document in case.documents]
    single = [column for column, term in enumerate(case.terms) if one_word.fullmatch(term)]
    return {column: [count[case.terms[column]] for count in counts] for column in single}
