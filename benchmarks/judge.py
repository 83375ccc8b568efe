r"""The correct count matrix, in plain Python that shares no code with any engine.

Whole words: a term of one word is looked up among a document's words. Every other term is counted by a regular
expression, in the documents that contain all of its words or, without words, its first character. Word characters are
the `\w` of UTS #18: that of the package `regex`, and joiners. Case folding is simple, one character to one.

Substrings: `str.count`. Regular expressions: Python's `re`, in the documents that contain the longest word of the
expression. Both take minutes for thousands of terms, so their results are stored under build/.
"""

import hashlib
import re
from collections import Counter, defaultdict
from functools import cache

import regex
import sources
from libraries.question import Question
from scipy import sparse
from texts import Text

LETTERS = re.compile("[A-Za-z]+")
WORD = regex.compile(r"[\w\u200c\u200d]+")


def answer(question: Question, text: Text) -> sparse.csr_array:
    """The correct count matrix."""
    if question.match == "word":
        return _words(question, text)
    key = repr((question.terms, question.ignore_case, text.fingerprint, len(text.documents)))
    if question.match == "regex":
        key += "regex"
    file = sources.CACHE / "answers" / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        count = _expressions if question.match == "regex" else _substrings
        sparse.save_npz(file, count(question, text))
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


def _expressions(question: Question, text: Text) -> sparse.csr_array:
    documents = list(dict.fromkeys(text.documents))
    by_token: dict[str, list[int]] = defaultdict(list)
    for i, document in enumerate(documents):
        for token in set(LETTERS.findall(document)):
            by_token[token].append(i)
    tokens = " ".join(by_token)
    counts: list[dict[int, int]] = [{} for _ in documents]
    for column, term in enumerate(question.terms):
        expression = re.compile(term, re.IGNORECASE if question.ignore_case else 0)
        word = "" if question.ignore_case else needed_word(term)
        found = set(re.findall(rf"[A-Za-z]*{word}[A-Za-z]*", tokens)) if word else set()
        candidates = {i for token in found for i in by_token[token]} if word else range(len(documents))
        for i in candidates:
            if count := sum(1 for _ in expression.finditer(documents[i])):
                counts[i][column] = count
    return _matrix(question, text, dict(zip(documents, counts, strict=True)))


def needed_word(expression: str) -> str:
    """The longest run of letters that each match must contain, if the expression is simple enough to tell."""
    if re.search(r"\(\?[a-zA-Z]", expression):
        return ""
    plain = re.sub(r"\\.|\[[^\]]*\]", " ", expression)
    while (without := re.sub(r"\([^()]*\)", "#", plain)) != plain:
        plain = without
    plain = re.sub(r"\{[^{}]*\}|[A-Za-z](?=[?*{])", " ", plain)
    return "" if "|" in plain else max(LETTERS.findall(plain), key=len, default="")


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
