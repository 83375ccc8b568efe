r"""The correct count matrix, in plain Python that shares no code with any engine.

Whole words: a term of one word is looked up among a document's words. Every other term is counted by a regular
expression, in the documents that contain all of its words or, without words, its first character. Word characters are
the `\w` of UTS #18: that of the package `regex`, and joiners. Case folding is simple, one character to one.

Substrings: `str.count`. It takes half a minute for a thousand terms, so its results are stored under build/.
"""

import hashlib
from collections import Counter, defaultdict
from functools import cache

import regex
import sources
from libraries.question import Question
from scipy import sparse
from texts import Text

WORD = regex.compile(r"[\w\u200c\u200d]+")


def answer(question: Question, text: Text) -> sparse.csr_array:
    """The correct count matrix."""
    if question.match == "word":
        return _words(question, text)
    key = repr((question.terms, question.ignore_case, text.fingerprint, len(text.documents)))
    file = sources.CACHE / "answers" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        sparse.save_npz(file, _substrings(question, text))
    return sparse.load_npz(file)


def _words(question: Question, text: Text) -> sparse.csr_array:
    terms = [folded(term) for term in question.terms] if question.ignore_case else list(question.terms)
    single = {term: column for column, term in enumerate(terms) if WORD.fullmatch(term)}
    by_word: dict[str, list[int]] = defaultdict(list)
    by_mark: dict[str, list[int]] = defaultdict(list)
    for column, term in enumerate(terms):
        if term not in single:
            words = WORD.findall(term)
            (by_word[max(words, key=len)] if words else by_mark[term[0]]).append(column)
    others = {
        column: _expression(terms[column]) for group in (by_word, by_mark) for c in group.values() for column in c
    }
    needed = {column: set(WORD.findall(terms[column])) for column in others}

    def counts(document: str) -> dict[int, int]:
        if question.ignore_case:
            document = folded(document)
        words = Counter(WORD.findall(document))
        found = {single[word]: count for word, count in words.items() if word in single}
        candidates = [column for word in words.keys() & by_word.keys() for column in by_word[word]]
        candidates += [column for mark, columns in by_mark.items() if mark in document for column in columns]
        for column in candidates:
            if needed[column] <= words.keys() and (count := len(others[column].findall(document))):
                found[column] = count
        return found

    return _matrix(question, text, {document: counts(document) for document in dict.fromkeys(text.documents)})


def _substrings(question: Question, text: Text) -> sparse.csr_array:
    terms = [folded(term) for term in question.terms] if question.ignore_case else question.terms

    def counts(document: str) -> dict[int, int]:
        if question.ignore_case:
            document = folded(document)
        return {column: count for column, term in enumerate(terms) if (count := document.count(term))}

    return _matrix(question, text, {document: counts(document) for document in dict.fromkeys(text.documents)})


def _matrix(question: Question, text: Text, counts: dict[str, dict[int, int]]) -> sparse.csr_array:
    starts, columns, cells = [0], list[int](), list[int]()
    for document in text.documents:
        columns += counts[document].keys()
        cells += counts[document].values()
        starts.append(len(columns))
    return sparse.csr_array((cells, columns, starts), shape=(len(text.documents), len(question.terms)))


def _expression(term: str) -> regex.Pattern[str]:
    written = r"\s+".join(regex.escape(part) for part in term.split())
    return regex.compile(rf"(?<![\w\u200c\u200d]){written}(?![\w\u200c\u200d])")


def folded(text: str) -> str:
    return text.translate(_folding()) if not text.isascii() else text.lower()


@cache
def _folding() -> dict[int, str]:
    """Simple case folding. If full folding gives several characters, the lower case, if that is one character."""
    table = {}
    for code in (*range(0xD800), *range(0xE000, 0x110000)):
        character = chr(code)
        folded = next((way for way in (character.casefold(), character.lower()) if len(way) == 1), character)
        if folded != character:
            table[code] = folded
    return table
