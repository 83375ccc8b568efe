"""Whole words and counts per document, which bindings of Aho-Corasick automata and Hyperscan lack.

They only report matches in one text: term, start and end. Documents are joined to batches of about a megabyte, with
line feeds between them, which is faster than one call per document. Matches are assigned to documents by their
starts. For whole words, matches next to word characters are dropped. All of this is vectorised with NumPy and part of
the time, since users must do it too.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray
from scipy import sparse
from texts import Text

from .question import Bind, Question, Run

BATCH = 1_000_000
#: A row for each match in a text: term, start and end.
Matches = NDArray[np.int64]


def by_bytes(question: Question, find: Callable[[bytes], Matches], checked: bool = True) -> Bind:
    """Counts by an automaton that searches bytes and reports positions in bytes."""
    _word_table()
    changed = question.ignore_case or question.phrases

    def bind(text: Text) -> Run:
        # Text that need not be changed is encoded in advance.
        given = text.documents if changed else [document.encode() for document in text.documents]
        batches = list(_batches(given))

        def run() -> Any:
            counts = []
            for documents in batches:
                texts = [text.encode() for text in _changed(question, documents)] if changed else documents
                data = b"\n" + b"\n".join(texts) + b"\n"
                words = _word_bytes(data) if checked and question.match == "word" else None
                counts.append(_counted(question, find(data), list(map(len, texts)), words))
            return _stacked(question, counts)

        return run

    return bind


def by_characters(question: Question, find: Callable[[str], Matches]) -> Bind:
    """Counts by an automaton that searches `str` and reports positions in characters."""
    _word_table()

    def bind(text: Text) -> Run:
        batches = list(_batches(text.documents))

        def run() -> Any:
            counts = []
            for documents in batches:
                texts = _changed(question, documents)
                joined = "\n" + "\n".join(texts) + "\n"
                words = _word_characters(joined) if question.match == "word" else None
                counts.append(_counted(question, find(joined), list(map(len, texts)), words))
            return _stacked(question, counts)

        return run

    return bind


def rows(matches: Iterable[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    """Tuples of `width` integers as the rows of an array."""
    return np.fromiter(chain.from_iterable(matches), np.int64).reshape(-1, width)


def written(question: Question) -> list[str]:
    """The terms as they occur in the transformed text."""
    return [term.lower() for term in question.terms] if question.ignore_case else list(question.terms)


def _batches(documents: list[Any]) -> Iterator[list[Any]]:
    size, first = 0, 0
    for i, document in enumerate(documents):
        size += len(document)
        if size >= BATCH:
            yield documents[first : i + 1]
            size, first = 0, i + 1
    if first < len(documents):
        yield documents[first:]


def _changed(question: Question, documents: list[str]) -> list[str]:
    if question.phrases:
        documents = [re.sub(r"\s+", " ", document) for document in documents]
    if question.ignore_case:
        documents = [document.lower() for document in documents]
    return documents


def _counted(question: Question, matches: Matches, lengths: list[int], words: NDArray[np.bool_] | None) -> Any:
    if words is not None:
        matches = matches[~(words[matches[:, 1] - 1] | words[matches[:, 2]])]
    starts = np.cumsum([1, *(length + 1 for length in lengths[:-1])])
    places = np.searchsorted(starts, matches[:, 1], side="right") - 1
    shape = (len(lengths), len(question.terms))
    ones = np.ones(len(matches), np.int32)
    if question.sparse:
        return sparse.coo_array((ones, (places, matches[:, 0])), shape=shape).tocsr()
    cells = np.bincount(places * shape[1] + matches[:, 0], minlength=shape[0] * shape[1])
    return cells.reshape(shape).astype(np.int32)


def _stacked(question: Question, counts: list[Any]) -> Any:
    return sparse.vstack(counts, format="csr") if question.sparse else np.concatenate(counts)


@cache
def _word_table() -> NDArray[np.bool_]:
    table = np.zeros(0x110000, np.bool_)
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x110000)]))
    table[[ord(character) for character in regex.findall(r"[\w\u200c\u200d]", everything)]] = True
    return table


def _word_characters(text: str) -> NDArray[np.bool_]:
    return _word_table()[np.frombuffer(text.encode("utf-32-le"), np.uint32)]


def _word_bytes(data: bytes) -> NDArray[np.bool_]:
    """For each byte, whether the character that it is part of is a word character."""
    if data.isascii():
        return _word_table()[:128][np.frombuffer(data, np.uint8)]
    codes = np.frombuffer(data.decode().encode("utf-32-le"), np.uint32)
    widths = 1 + (codes > 0x7F).astype(np.int8) + (codes > 0x7FF) + (codes > 0xFFFF)
    return np.repeat(_word_table()[codes], widths)
