"""Types of the compiled module."""

from collections.abc import Callable
from typing import Any, final

import numpy as np

__all__ = [
    "Documents",
    "Learned",
    "Plan",
    "TermTable",
    "TokenRules",
    "Vectorizer",
    "arrow_stream",
    "default_workers",
    "hash_csr",
    "hash_csr_of_tokens",
    "learn",
    "learn_tokens",
    "search",
]

__version__: str

@final
class Documents:
    def __new__(cls, obj: Any) -> Documents: ...
    @staticmethod
    def from_buffer(data: Any, offsets: Any) -> Documents: ...
    @staticmethod
    def from_lines(source: Any, *, encoding: str | None = None) -> Documents: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def missing(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, key: int, /) -> str | bytes | None: ...

@final
class Plan:
    def __new__(
        cls,
        terms: Any,
        match: str,
        ignore_case: bool,
        strip_accents: bool,
        fold_punctuation: bool,
        word_chars: str,
        syntax: str,
        overlap: str,
    ) -> Plan: ...
    @staticmethod
    def unpacked(
        packed: bytes,
        match: str,
        ignore_case: bool,
        strip_accents: bool,
        fold_punctuation: bool,
        word_chars: str,
        syntax: str,
        overlap: str,
    ) -> Plan: ...
    def words(self) -> Plan: ...
    def packed(self) -> bytes: ...
    def count(
        self,
        documents: Any,
        dtype: Any,
        out: np.ndarray | None,
        sparse: bool,
        workers: int | None,
        missing: str,
        progress: Callable[[int, int | None], object] | None,
    ) -> Any: ...
    def totals(
        self,
        documents: Any,
        workers: int | None,
        missing: str,
        progress: Callable[[int, int | None], object] | None,
        words: Plan | None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]: ...
    def grouped_totals(
        self,
        documents: Any,
        groups: np.ndarray,
        n_groups: int,
        rows_before: int,
        workers: int | None,
        missing: str,
        progress: Callable[[int, int | None], object] | None,
        words: Plan | None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]: ...
    def score(
        self,
        documents: Any,
        weights: np.ndarray,
        workers: int | None,
        missing: str,
        progress: Callable[[int, int | None], object] | None,
    ) -> np.ndarray: ...
    def find(
        self, documents: Any, workers: int | None, missing: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]: ...
    def first_changed(
        self, documents: Documents, document: np.ndarray, column: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> int | None: ...
    def columns(self) -> tuple[str, ...]: ...
    def terms(self) -> list[str | bytes] | dict[str, list[str | bytes]]: ...
    def explain(self, documents: Any, workers: int | None) -> str: ...
    @property
    def n_terms(self) -> int: ...
    @property
    def n_columns(self) -> int: ...
    @property
    def has_categories(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def arrow_stream(columns: list[tuple[str, Any]]) -> Any: ...
def default_workers() -> int: ...
def search(
    path: str, term: list[str | bytes], match: str, ignore_case: bool, workers: int | None, encoding: str | None
) -> int: ...

@final
class TokenRules:
    @staticmethod
    def words(
        ignore_case: bool,
        strip_accents: bool,
        word_chars: str,
        across_punctuation: bool,
        stop_words: Any,
        ngrams: tuple[int, int],
    ) -> TokenRules: ...
    @staticmethod
    def of_tables(
        token_class: bytes,
        whole_class: bytes | None,
        min_chars: int,
        max_chars: int | None,
        mapped_codes: np.ndarray,
        mapped_texts: Any,
        sigma: tuple[bytes, bytes] | None,
        stop_words: Any,
        ngrams: tuple[int, int],
    ) -> TokenRules: ...

@final
class TermTable:
    def __new__(cls) -> TermTable: ...
    @staticmethod
    def unpacked(text: bytes, ends: np.ndarray) -> TermTable: ...
    def __len__(self) -> int: ...
    @property
    def n_documents(self) -> int: ...
    @property
    def counts(self) -> np.ndarray: ...
    @property
    def documents(self) -> np.ndarray: ...
    def add(self, other: TermTable) -> None: ...
    def order(self) -> np.ndarray: ...
    def ranking(self, top: int | None, min_documents: int) -> np.ndarray: ...
    def terms(self, kept: np.ndarray | None) -> list[str]: ...
    def fill(self, vocabulary: dict[str, int]) -> None: ...
    def packed(self, kept: np.ndarray | None) -> tuple[bytes, np.ndarray]: ...

@final
class Learned:
    @property
    def table(self) -> TermTable: ...
    def csr(
        self, kept: np.ndarray | None, dtype: Any, binary: bool, workers: int | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...

def learn(
    documents: Any,
    rules: TokenRules,
    rows: bool,
    missing: str,
    workers: int | None,
    progress: Callable[[int, int | None], object] | None,
) -> Learned: ...
def learn_tokens(
    tokens: Any,
    ends: np.ndarray,
    rows: bool,
    workers: int | None,
    progress: Callable[[int, int | None], object] | None,
) -> Learned: ...

@final
class Vectorizer:
    def __new__(
        cls, table: TermTable, columns: np.ndarray, order: np.ndarray | None, rules: TokenRules | None
    ) -> Vectorizer: ...
    def csr(
        self,
        documents: Any,
        dtype: Any,
        binary: bool,
        missing: str,
        workers: int | None,
        progress: Callable[[int, int | None], object] | None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...
    def csr_of_tokens(
        self,
        tokens: Any,
        ends: np.ndarray,
        dtype: Any,
        binary: bool,
        workers: int | None,
        progress: Callable[[int, int | None], object] | None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...

def hash_csr(
    documents: Any,
    rules: TokenRules,
    n_features: int,
    alternate_sign: bool,
    norm: str | None,
    missing: str,
    workers: int | None,
    progress: Callable[[int, int | None], object] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...
def hash_csr_of_tokens(
    tokens: Any,
    ends: np.ndarray,
    n_features: int,
    alternate_sign: bool,
    norm: str | None,
    workers: int | None,
    progress: Callable[[int, int | None], object] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...
