"""How a vectorizer finds the terms of documents: in the core, or in Python for what only `re` can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numpy as np

from countgrid import _core
from countgrid._options import Column
from countgrid.sklearn._documents import blocks, column_of, is_missing, is_stream, one_by_one
from countgrid.sklearn._packing import packed_texts
from countgrid.sklearn._rules import rules_of
from countgrid.sklearn._vocabulary import Vocabulary

T = TypeVar("T")
#: data, indices and indptr of a sparse matrix.
Csr = tuple[np.ndarray, np.ndarray, np.ndarray]

#: Tokens of so many documents are packed at once.
PACKED_DOCUMENTS = 4096


def check_is_supported(vectorizer: Any) -> None:
    """Raise for parameters that only scikit-learn's class takes."""
    name = type(vectorizer).__name__
    for parameter in ("analyzer", "preprocessor", "tokenizer"):
        value = getattr(vectorizer, parameter)
        if callable(value):
            kind = f"a callable {parameter}"
        elif parameter == "analyzer" and value in ("char", "char_wb"):
            kind = f"analyzer={value!r}"
        else:
            continue
        raise NotImplementedError(
            f"countgrid.sklearn.{name} does not take {kind}; use sklearn.feature_extraction.text.{name}"
        )


class Analysis:
    """The terms of documents, with the parameters that a vectorizer has now.

    Warns and raises as scikit-learn's `build_analyzer` does.
    """

    def __init__(self, vectorizer: Any) -> None:
        check_is_supported(vectorizer)
        self._analyze: Callable[[Any], list[str]] = vectorizer.build_analyzer()
        self._decode: Callable[[Any], str] = vectorizer.decode
        self._is_content = vectorizer.input == "content"
        self._missing: str = vectorizer.missing
        self._workers: int | None = vectorizer.workers
        self._rules = rules_of(vectorizer)
        self._rows_before = 0

    def blocks(self, documents: Column) -> Iterator[Column]:
        """The documents of a stream in blocks that fit in memory; other documents as one block."""
        for block in blocks(self._contents(documents)):
            yield block
            self._rows_before += len(block) if hasattr(block, "__len__") else 0

    def all_at_once(self, documents: Column) -> Column:
        """All documents in memory."""
        documents = self._contents(documents)
        return list(documents) if is_stream(documents) else column_of(documents)

    def learn(self, documents: Column, rows: bool) -> _core.Learned:
        """The terms, and with ``rows`` also those of each document."""
        rules = self._rules_for(documents)
        if rules is None:
            return _core.learn_tokens(*self._tokens(documents), rows, self._workers, None)
        return self._read(documents, lambda column, *how: _core.learn(column, rules, rows, *how))

    def count(self, documents: Column, vocabulary: Vocabulary, dtype: np.dtype, binary: bool) -> Csr:
        """Count the terms of a vocabulary in each document."""
        rules = self._rules_for(documents)
        vectorizer = vocabulary.counting(rules)
        if rules is None:
            return vectorizer.csr_of_tokens(*self._tokens(documents), dtype, binary, self._workers, None)
        return self._read(documents, lambda column, *how: vectorizer.csr(column, dtype, binary, *how))

    def hash(self, documents: Column, n_features: int, alternate_sign: bool, norm: str | None) -> Csr:
        """Count the terms of each document in columns that their hashes choose, and divide each row by its norm."""
        rules = self._rules_for(documents)
        if rules is None:
            tokens = self._tokens(documents)
            return _core.hash_csr_of_tokens(*tokens, n_features, alternate_sign, norm, self._workers, None)
        return self._read(
            documents, lambda column, *how: _core.hash_csr(column, rules, n_features, alternate_sign, norm, *how)
        )

    def _rules_for(self, documents: Column) -> _core.TokenRules | None:
        """The rules for these documents, or None if their terms are found in Python."""
        rules = self._rules
        if rules is not None and rules.unsortable is not None:
            unsortable = rules.unsortable
            found = self._read(documents, lambda column, *how: _core.learn(column, unsortable, False, *how))
            return None if len(found.table) else rules.words
        return None if rules is None else rules.words

    def _contents(self, documents: Column) -> Column:
        """Documents from files are read one by one, by the analyzer if that is in Python."""
        if self._is_content or self._rules is None:
            return documents
        return (None if self._is_left_out(one) else self._decode(one) for one in one_by_one(documents))

    def _is_left_out(self, document: Any) -> bool:
        return self._missing == "zero" and is_missing(document)

    def _read(self, documents: Column, read: Callable[..., T]) -> T:
        """Let the core read documents."""
        how = (self._missing, self._workers, None)
        try:
            return read(documents, *how)
        except (TypeError, ValueError) as error:
            if "row" not in vars(error):
                raise
        # There are bytes, or scikit-learn raises.
        return read([self._text(*one) for one in enumerate(one_by_one(documents))], *how)

    def _text(self, row: int, document: Any) -> str | None:
        if isinstance(document, str):
            return document
        if self._is_left_out(document):
            return None
        try:
            text = self._decode(document)
            if not isinstance(text, str):
                self._analyze(text)
            return text
        except Exception as error:
            self._add_note(error, row, document)
            raise

    def _add_note(self, error: Exception, row: int, document: Any) -> None:
        """Add to an exception of scikit-learn which document it is about."""
        if is_missing(document):
            what = 'is missing; pass missing="zero" to count it as zeros'
        else:
            what = f"is {type(document).__name__}"
        error.add_note(f"documents[{self._rows_before + row}] {what}")

    def _tokens(self, documents: Column) -> tuple[_core.Documents, np.ndarray]:
        """The terms of all documents, found in Python, and where those of each document end."""
        parts: list[bytes] = []
        lengths: list[np.ndarray] = []
        counts: list[int] = []
        terms: list[str] = []

        def pack() -> None:
            text, ends = packed_texts(terms)
            parts.append(text)
            lengths.append(np.diff(ends, prepend=0))
            terms.clear()

        for row, document in enumerate(one_by_one(documents)):
            try:
                found = [] if self._is_left_out(document) else self._analyze(document)
            except Exception as error:
                self._add_note(error, row, document)
                raise
            terms.extend(found)
            counts.append(len(found))
            if len(counts) % PACKED_DOCUMENTS == 0:
                pack()
        pack()
        offsets = np.append(0, np.concatenate(lengths).cumsum())
        return _core.Documents.from_buffer(b"".join(parts), offsets), np.array(counts, np.int64).cumsum()
