"""Texts, and their counts as rows of Python objects, for engines that call `countgrid.arrow.counter`."""

import countgrid as cg

TEXTS = ["the cat", None, "", "cat, cat and dog", "a dog", "Émile's cat", "the the"] * 5
LEXICON = {"pets": ["cat", "dog"], "the": ["the"], "none": ["zebra"]}


def dense(texts=TEXTS) -> list[dict[str, int] | None]:
    counts = cg.count(texts, LEXICON).tolist()
    return [
        None if text is None else dict(zip(LEXICON, row, strict=True))
        for text, row in zip(texts, counts, strict=True)
    ]


def sparse(texts=TEXTS) -> list[list[dict] | None]:
    return [
        None if row is None else [{"column": name, "count": count} for name, count in row.items() if count]
        for row in dense(texts)
    ]


#: By the argument `sparse` of the counter.
ROWS = {False: dense(), True: sparse()}
