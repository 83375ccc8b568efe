r"""How each library learns a vocabulary.

countgrid gets an Arrow column and, in rows of their own, a list of `str`; scikit-learn gets the list, polars a frame.
A matrix of polars is the long table of document, column and count, with the sorted terms. Its pattern selects the
characters of `re`'s \w, and the streaming engine is used where it can be. Of its other ways, grouping strings instead
of categories, casting to an Enum, and counting the documents with `n_unique` or by a second group took longer.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import countgrid as cg
import countgrid.sklearn as ours
import numpy as np
import polars as pl
import sklearn.feature_extraction.text as theirs
from judge import WORD, folded
from scipy import sparse
from texts import Text

Kind = Literal["fit", "transform", "hash", "frequencies"]
Ngrams = tuple[int, int]
RULE = "lower case of another Unicode version, or instead of case folding"


@dataclass(frozen=True)
class Answer:
    """Sorted terms, and a matrix: documents in rows, or for frequencies a row of counts and a row of documents."""

    terms: list[str]
    counts: sparse.csr_array


@dataclass(frozen=True)
class Learner:
    name: str
    package: str
    #: Returns the function that is timed.
    bind: Callable[[Ngrams, Text], Callable[[], Any]]
    #: What the timed function returned, as an answer.
    answer: Callable[[Any], Answer]


def right(kind: Kind, ngrams: Ngrams, text: Text) -> Answer:
    """The correct answer: scikit-learn's, or for frequencies that of plain Python."""
    if kind == "frequencies":
        return frequent(ngrams, text)
    learner = next(learner for learner in LEARNERS[kind] if learner.package == "scikit-learn")
    return learner.answer(learner.bind(ngrams, text)())


def frequent(ngrams: Ngrams, text: Text) -> Answer:
    """Counts and document frequencies of the words or n-grams, in plain Python."""
    counts, documents = Counter[str](), Counter[str]()
    for document, times in Counter(text.documents).items():
        words = WORD.findall(folded(document))
        found = Counter(
            " ".join(words[start : start + size])
            for size in range(ngrams[0], ngrams[1] + 1)
            for start in range(len(words) - size + 1)
        )
        for term, count in found.items():
            counts[term] += count * times
            documents[term] += times
    return _frequencies((list(counts), list(counts.values()), [documents[term] for term in counts]))


def _fit(
    package: Any, documents: Callable[[Text], Any], reads: bool, ngrams: Ngrams, text: Text
) -> Callable[[], Any]:
    given = documents(text)

    def run() -> Any:
        vectorizer = package.CountVectorizer(ngram_range=ngrams)
        counts = vectorizer.fit_transform(given)
        if reads:
            vectorizer.vocabulary_  # noqa: B018 (reading it makes the dict, which is timed)
        return vectorizer, counts

    return run


def _transform(package: Any, documents: Callable[[Text], Any], ngrams: Ngrams, text: Text) -> Callable[[], Any]:
    given = documents(text)
    vectorizer = package.CountVectorizer(ngram_range=ngrams).fit(given)
    return lambda: (vectorizer, vectorizer.transform(given))


def _hash(package: Any, documents: Callable[[Text], Any], ngrams: Ngrams, text: Text) -> Callable[[], Any]:
    given = documents(text)
    return lambda: package.HashingVectorizer(ngram_range=ngrams).transform(given)


def _words(documents: Callable[[Text], Any], ngrams: Ngrams, text: Text) -> Callable[[], Any]:
    given = documents(text)
    return lambda: cg.frequencies(given, ngrams=ngrams, ignore_case=True)


def _polars_fit(ngrams: Ngrams, text: Text) -> Callable[[], Any]:
    frame = _frame(text)

    def run() -> Any:
        words = _grams(frame, r"[\p{L}\p{N}_]{2,}", ngrams).with_columns(pl.col("term").cast(pl.Categorical))
        found = words.collect(engine="streaming")
        terms = found.select(code=pl.col("term").unique()).select("code", term=pl.col("code").cast(pl.String))
        terms = terms.sort("term").with_row_index("column").with_columns(pl.col("code").to_physical())
        cells = (
            found.lazy()
            .select(cell=pl.col("document").cast(pl.Int64) * 2**32 + pl.col("term").to_physical())
            .group_by("cell")
            .len("count")
            .select("count", document=pl.col("cell") // 2**32, code=(pl.col("cell") % 2**32).cast(pl.UInt32))
            .join(terms.lazy().select("code", "column"), on="code")
            .select("document", "column", "count")
        )
        return terms["term"], cells.collect(engine="streaming"), len(text.documents)

    return run


def _polars_frequencies(ngrams: Ngrams, text: Text) -> Callable[[], Any]:
    """Words: each document's distinct words are grouped too. Pairs cross lists, so their documents are `n_unique`."""
    frame = _frame(text)
    term, count, documents = pl.col("term"), pl.len().alias("count"), pl.col("document").n_unique()

    def run() -> Any:
        if ngrams == (1, 1):
            found = frame.select(term=_extracted(r"\w+"))
            counts = found.explode("term").drop_nulls().group_by("term").agg(count)
            within = found.with_columns(term.list.unique()).explode("term").drop_nulls()
            totals = counts.join(within.group_by("term").agg(pl.len().alias("documents")), on="term")
        else:
            totals = _grams(frame, r"\w+", ngrams).group_by("term").agg(count, documents.alias("documents"))
        ranked = totals.sort("count", "term", descending=[True, False])
        return ranked.collect(engine="streaming")

    return run


def _frame(text: Text) -> pl.LazyFrame:
    return pl.DataFrame({"text": pl.Series(pl.from_arrow(text.column))}).with_row_index("document").lazy()


def _extracted(pattern: str) -> pl.Expr:
    return pl.col("text").str.to_lowercase().str.extract_all(pattern)


def _grams(frame: pl.LazyFrame, pattern: str, ngrams: Ngrams) -> pl.LazyFrame:
    """A row for each occurrence of a word, or of a word or a pair."""
    words = frame.select("document", term=_extracted(pattern)).explode("term").drop_nulls()
    if ngrams == (1, 1):
        return words
    found = words.collect(engine="streaming").lazy()
    pairs = found.select(
        "document",
        term=pl.concat_str("term", pl.col("term").shift(-1), separator=" "),
        same=pl.col("document") == pl.col("document").shift(-1),
    )
    return pl.concat([found, pairs.filter("same").drop("same")])


def _fitted(result: Any) -> Answer:
    vectorizer, counts = result
    return Answer(vectorizer.get_feature_names_out().tolist(), sparse.csr_array(counts))


def _read(result: Any) -> Answer:
    vectorizer, counts = result
    vocabulary = vectorizer.vocabulary_
    return Answer(sorted(vocabulary, key=vocabulary.__getitem__), sparse.csr_array(counts))


def _hashed(result: Any) -> Answer:
    return Answer([], sparse.csr_array(result))


def _polars_fitted(result: Any) -> Answer:
    terms, cells, n_documents = result
    places = cells["document"].to_numpy(), cells["column"].to_numpy()
    counts = sparse.coo_array((cells["count"].to_numpy().astype(np.int64), places), (n_documents, len(terms)))
    return Answer(terms.to_list(), counts.tocsr())


def _frequencies(result: tuple[Any, Any, Any]) -> Answer:
    terms, counts, documents = result
    order = sorted(range(len(terms)), key=terms.__getitem__)
    values = np.array([counts, documents], np.int64)[:, order]
    return Answer([terms[index] for index in order], sparse.csr_array(values))


def _totals(totals: cg.Totals) -> Answer:
    return _frequencies((totals.terms, totals.counts, totals.documents))


def _ranked(frame: pl.DataFrame) -> Answer:
    return _frequencies((frame["term"].to_list(), frame["count"].to_numpy(), frame["documents"].to_numpy()))


def column(text: Text) -> Any:
    return text.column


def strings(text: Text) -> Any:
    return text.documents


LEARNERS: dict[Kind, list[Learner]] = {
    "fit": [
        Learner("countgrid", "countgrid", partial(_fit, ours, column, False), _fitted),
        Learner("countgrid, vocabulary_ read", "countgrid", partial(_fit, ours, column, True), _read),
        Learner("countgrid, list of str", "countgrid", partial(_fit, ours, strings, False), _fitted),
        Learner("CountVectorizer", "scikit-learn", partial(_fit, theirs, strings, True), _fitted),
        Learner("polars extract_all, group", "polars", _polars_fit, _polars_fitted),
    ],
    "transform": [
        Learner("countgrid", "countgrid", partial(_transform, ours, column), _fitted),
        Learner("countgrid, list of str", "countgrid", partial(_transform, ours, strings), _fitted),
        Learner("CountVectorizer", "scikit-learn", partial(_transform, theirs, strings), _fitted),
    ],
    "hash": [
        Learner("countgrid", "countgrid", partial(_hash, ours, column), _hashed),
        Learner("countgrid, list of str", "countgrid", partial(_hash, ours, strings), _hashed),
        Learner("HashingVectorizer", "scikit-learn", partial(_hash, theirs, strings), _hashed),
    ],
    "frequencies": [
        Learner("countgrid", "countgrid", partial(_words, column), _totals),
        Learner("countgrid, list of str", "countgrid", partial(_words, strings), _totals),
        Learner("polars extract_all, group", "polars", _polars_frequencies, _ranked),
    ],
}
