"""What is counted, restated in a few lines of Python: the judge where nothing from outside agrees in every detail.

It knows literal terms only, and takes what is a word character from `regex`, whose `\\w` is that of UTS #18 as well.
"""

import regex

WHITE_SPACE = regex.compile(r"\p{White_Space}+")
SURROUNDINGS = {
    "word": (r"(?<![\w\u200c\u200d])", r"(?![\w\u200c\u200d])"),
    "token": (r"(?<!\P{White_Space})", r"(?!\P{White_Space})"),
}


def rust_lines(data: bytes) -> list[bytes]:
    """The lines of `data` as Rust's `str::lines` cuts them."""
    *ended, last = data.split(b"\n")
    lines = [line.removesuffix(b"\r") for line in ended]
    return [*lines, last] if last else lines


def occurrences(document: str | None, term: str, match: str = "word") -> int:
    """How often `term` occurs in `document`, case-sensitively."""
    if document is None:
        return 0
    if match == "substring":
        return document.count(term)
    before, after = SURROUNDINGS[match]
    words = [regex.escape(word, literal_spaces=True) for word in WHITE_SPACE.split(term) if word]
    return len(regex.findall(before + r"\p{White_Space}+".join(words) + after, document))


def matrix(documents, terms, match: str = "word") -> list[list[int]]:
    return [[occurrences(document, term, match) for term in terms] for document in documents]
