"""A naive implementation of the matching rules in Python. Tests compare countgrid with it.

Word characters come from the package `regex`, whose `\\w` is that of UTS #18 except for join controls. Patterns are
`regex` patterns, so only syntax that Rust's `regex` reads alike can be tested. Bytes are decoded as UTF-8; an invalid
byte becomes a lone surrogate, neither a word character nor whitespace. If documents or terms are bytes, literals and
globs are compared with the transformed text byte by byte (`Bytes`). Patterns are not for documents with invalid
bytes: here `.` matches such a byte, in Rust it does not.
"""

import unicodedata
from functools import lru_cache
from itertools import accumulate, chain, count, groupby, takewhile

import regex

WHITE_SPACE = regex.compile(r"\p{White_Space}+")
SYMBOL = regex.compile(r"(?s)\\?.")


def rust_lines(data: bytes) -> list[bytes]:
    """The lines of `data`, split as by Rust's `str::lines`."""
    *ended, last = data.split(b"\n")
    lines = [line.removesuffix(b"\r") for line in ended]
    return [*lines, last] if last else lines


# Terms as regular expressions


def glob_symbols(term: str, syntax: str) -> list[str]:
    """The characters of a glob, escaped ones with their backslash. A literal is a glob of escaped characters."""
    symbols = SYMBOL.findall(term) if syntax == "glob" else ["\\" + character for character in term]
    if "\\" in symbols:
        raise ValueError("nothing is escaped")
    return symbols


class Characters:
    """Regular expressions for the parts of a term, in a text."""

    #: Before a run of wildcards.
    boundary = ""
    space = r"\p{White_Space}+"

    def __init__(self, match: str, word_chars: str):
        word = r"[\w\u200c\u200d" + "".join(map(escaped, word_chars)) + "]"
        neighbour = {"word": word, "adaptive": word, "token": r"\P{White_Space}"}.get(match)
        self.before, self.after = (f"(?<!{neighbour})", f"(?!{neighbour})") if neighbour else ("", "")
        if match == "adaptive":
            # At an end without a wildcard: only if the match's own character there is a word character.
            self.free_before, self.free_after = f"(?:{self.before}|(?!{word}))", f"(?:{self.after}|(?<!{word}))"
        self.one = r"\P{White_Space}" if match == "token" else word

    def literal(self, character: str) -> str:
        return escaped(character)


class Bytes:
    """The same in bytes, written as characters up to U+00FF. A mark before each character says whether it is a word
    character, whitespace, or neither. The other bytes of a lone surrogate have another mark, since it is one
    character for the wildcards of tokens.
    """

    WORD, SPACE, OTHER, FURTHER = MARKS = "\ue000\ue001\ue002\ue003"
    SURROGATE = regex.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]")

    #: All bytes of a character, never some of them.
    rest = f"[^{MARKS}]++"
    boundary = f"(?=[{WORD}{SPACE}{OTHER}]|$)"
    space = f"(?:{SPACE}{rest})+"

    def __init__(self, match: str, word_chars: str):
        self.match = match
        self.is_word = regex.compile(Characters("word", word_chars).one).match
        neighbour = {"token": f"[{self.WORD}{self.OTHER}{self.FURTHER}]", "substring": ""}.get(match, self.WORD)
        self.before = f"(?<!{neighbour}[^{self.MARKS}]+)(?=[{self.MARKS}])" if neighbour else ""
        self.after = f"(?!{neighbour})(?=[{self.MARKS}]|$)" if neighbour else ""
        if match == "adaptive":
            self.free_before = f"(?:{self.before}|(?=[{self.SPACE}{self.OTHER}]))"
            self.free_after = f"(?:{self.after}|(?<=[{self.SPACE}{self.OTHER}][^{self.MARKS}]+)(?=[{self.MARKS}]|$))"
        self.one = f"(?:{self.WORD}{self.rest})"
        if match == "token":
            self.one = f"(?:[{self.WORD}{self.OTHER}]{self.rest}(?:{self.FURTHER}{self.rest})*)"

    def literal(self, character: str) -> str:
        return "".join(f"[{self.MARKS}]?{escaped(byte)}" for byte in bytewise(character))

    def marked(self, text: str) -> list[str]:
        """The text with a mark before the bytes of each character."""
        surrogates = self.SURROGATE.finditer(text) if self.match == "token" else ()
        further = {i for found in surrogates for i in range(found.start() + 1, found.end())}
        return [self.mark(c, i in further) + bytewise(c) for i, c in enumerate(text)]

    def mark(self, character: str, is_further: bool) -> str:
        if is_further:
            return self.FURTHER
        if WHITE_SPACE.match(character):
            return self.SPACE
        return self.WORD if self.is_word(character) else self.OTHER


def glob_words(symbols: list[str], match: str, parts: Characters | Bytes) -> list[str]:
    """Regular expressions for the words of a glob and for the whitespace between them."""
    words = []
    for blank, run in groupby(symbols, lambda symbol: bool(WHITE_SPACE.match(symbol[-1]))):
        run = list(run)
        if blank and match != "substring":
            words.append(parts.space)
        elif set(run) == {"*"}:
            words.append(parts.one + "+")
        else:
            wildcards = {"*": f"{parts.boundary}{parts.one}*", "?": parts.one}
            words.append("".join(wildcards.get(symbol) or parts.literal(symbol[-1]) for symbol in run))
    if match != "substring":
        words = words[words[:1] == [parts.space] :]
        words = words[:-1] if words[-1:] == [parts.space] else words
    return words


def escaped(character: str) -> str:
    return regex.escape(character, literal_spaces=True)


def expression(
    term: str,
    match: str = "word",
    syntax: str = "literal",
    ignore_case: bool = False,
    strip_accents: bool = False,
    word_chars: str = "",
    by_bytes: bool = False,
    fold_punctuation: bool = False,
) -> str:
    """The term with its boundaries, for a transformed text (unchanged text if the term is a regular expression).

    Raises ValueError for an empty term and, except in substring mode, for one that contains only whitespace.
    """
    parts = (Bytes if by_bytes else Characters)(match, word_chars)
    if syntax == "regex":
        before, after = (parts.before, parts.after) if match != "adaptive" else (parts.free_before, parts.free_after)
        return f"{'(?i)' if ignore_case else ''}{before}(?:{term}){after}"
    symbols = glob_symbols(transformed(term, ignore_case, strip_accents, fold_punctuation), syntax)
    words = glob_words(symbols, match, parts)
    if not words:
        raise ValueError("an empty term, or one with only whitespace")
    if match != "adaptive":
        return parts.before + "".join(words) + parts.after
    # A wildcard at an end is a word character, whatever it matches.
    ends = [symbol for symbol in symbols if not WHITE_SPACE.match(symbol[-1])]
    before = parts.before if ends[0] in ("*", "?") else parts.free_before
    after = parts.after if ends[-1] in ("*", "?") else parts.free_after
    return before + "".join(words) + after


@lru_cache(maxsize=10_000)
def pattern(*arguments) -> regex.Pattern:
    return regex.compile(expression(*arguments))


# The text that is compared


def simple_fold(character: str) -> str:
    """Unicode simple case folding of one character: C and S of CaseFolding.txt.

    `casefold` is C and F. If F gives several characters, S (if any) is the lowercase letter, except for three
    characters. (`İ` has no S, and its lowercase is two characters.)
    """
    exceptions = {"\ufb05": "\ufb06", "\u1fd3": "\u0390", "\u1fe3": "\u03b0"}
    choices = (exceptions.get(character, ""), character.casefold(), character.lower(), character)
    return next(choice for choice in choices if len(choice) == 1)


def fold(text: str) -> str:
    return "".join(map(simple_fold, text))


#: Inserted where dropped accents would make invalid bytes join into a character.
SEPARATOR = "\ufdd0"


def encoded(text: str) -> bytes:
    """The bytes of a text with lone surrogates for invalid bytes."""
    return b"".join(
        c.encode("utf-8", "surrogateescape" if "\udc80" <= c <= "\udcff" else "surrogatepass") for c in text
    )


def strip(text: str) -> str:
    """NFKD without characters of a nonzero combining class. Invalid bytes never join into a character."""
    return "".join(kept(text))


def kept(text: str) -> list[str]:
    """Each character without accents.

    NFKD reorders only characters that are dropped, so characters can be processed one by one.
    """
    left, before = [], b""
    for i, character in enumerate(text):
        made = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
        if "\udc80" <= character <= "\udcbf":
            after = encoded("".join(takewhile(lambda c: "\udc80" <= c <= "\udcbf", text[i : i + 3])))
            made = SEPARATOR + made if joins(before, after) else made
        left.append(made)
        before = (before + encoded(made))[-3:]
    return left


def joins(before: bytes, after: bytes) -> bool:
    """Whether the last bytes of `before` and the first bytes of `after` join into a character."""
    both = (before[-n:] + after[:m] for n in range(1, len(before) + 1) for m in range(1, len(after) + 1))
    return any(len(data.decode("utf-8", "surrogateescape")) == 1 for data in both)


#: Typographic punctuation as ASCII.
PUNCTUATION = str.maketrans(
    "\u2018\u2019\u201a\u201b\u02bc\u2032\uff07\u201c\u201d\u201e\u201f\u2033\uff02\u2010\u2011\u2212\ufe63\uff0d",
    "'" * 7 + '"' * 6 + "-" * 5,
)


def transformed(
    text: str, ignore_case: bool = False, strip_accents: bool = False, fold_punctuation: bool = False
) -> str:
    text = strip(text) if strip_accents else text
    text = text.translate(PUNCTUATION) if fold_punctuation else text
    return fold(text) if ignore_case else text


def origins(text: str) -> list[tuple[int, int]]:
    """For each character of the stripped text, the span of `text` that it comes from.

    Dropped characters belong to the character before them.
    """
    left = kept(text)
    ends = list(range(1, len(text) + 1))
    for i in reversed(range(1, len(text))):
        if not left[i]:
            ends[i - 1] = ends[i]
    return [(i, ends[i]) for i in range(len(text)) for _ in left[i]]


def bytewise(character: str) -> str:
    """A character for each byte."""
    return "\u0100" if character == SEPARATOR else encoded(character).decode("latin-1")


# Occurrences


def spans(
    document: str | bytes | None,
    terms,
    *,
    match: str = "word",
    syntax: str = "literal",
    overlap: str = "per-term",
    ignore_case: bool = False,
    strip_accents: bool = False,
    fold_punctuation: bool = False,
    word_chars: str = "",
) -> list[tuple[int, int, int]]:
    """The matches as (start, end, column), sorted, of a list of terms or of a mapping of categories."""
    if document is None:
        return []
    given = as_text(document)
    changes = (ignore_case and syntax != "regex", strip_accents, fold_punctuation)
    text = transformed(given, *changes)
    of = origins(given) if strip_accents else [(i, i + 1) for i in range(len(given))]
    columns = list(terms.values()) if isinstance(terms, dict) else [[term] for term in terms]
    by_bytes = syntax != "regex" and any(isinstance(one, bytes) for one in [document, *chain(*columns)])
    if by_bytes:
        marked = Bytes(match, word_chars).marked(text)
        of = [span for span, piece in zip(of, marked, strict=True) for _ in piece]
        text = "".join(marked)

    found = set()
    # By span: the number of the first term that matches it.
    ranks: dict[tuple[int, int], int] = {}
    numbers = count()
    for column, members in enumerate(columns):
        for term in members:
            number = next(numbers)
            looked_for = pattern(
                as_text(term), match, syntax, ignore_case, strip_accents, word_chars, by_bytes, fold_punctuation
            )
            for start, end in matched(looked_for, text, overlap):
                # A position at a mark is the same as one after it.
                start += by_bytes and text[start] in Bytes.MARKS
                found.add((start, end, column))
                ranks.setdefault((start, end), number)
    if overlap in ("longest", "first"):
        by_length = {"longest": lambda span: -span[1], "first": ranks.__getitem__}[overlap]
        chosen = winners(sorted(ranks, key=lambda span: (span[0], by_length(span))))
        found = {one for one in found if one[:2] in chosen}

    if by_bytes and isinstance(document, bytes) and not any(changes):
        at = [0, *accumulate(int(c not in Bytes.MARKS) for c in text)]
        return sorted((at[start], at[end], column) for start, end, column in found)
    places = [(of[start][0], of[end - 1][1], column) for start, end, column in found]
    if isinstance(document, bytes):
        at = [0, *accumulate(len(encoded(c)) for c in given)]
        places = [(at[start], at[end], column) for start, end, column in places]
    return sorted(places)


def as_text(given: str | bytes) -> str:
    return given.decode("utf-8", "surrogateescape") if isinstance(given, bytes) else given


def matched(looked_for: regex.Pattern, text: str, overlap: str) -> list[tuple[int, int]]:
    """Matches left to right without overlaps or, with overlaps, one per start."""
    if overlap == "per-term":
        return [one.span() for one in looked_for.finditer(text)]
    return [one.span() for start in range(len(text)) if (one := looked_for.match(text, start))]


def winners(candidates: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """The first candidate, and each later one that begins at the end of the last winner or after it."""
    chosen, free = set(), 0
    for start, end in candidates:
        if start >= free:
            chosen.add((start, end))
            free = end
    return chosen


def matrix(documents, terms, match: str = "word", **options) -> list[list[int]]:
    """The count matrix as rows."""
    rows = []
    for document in documents:
        columns = [column for _, _, column in spans(document, terms, match=match, **options)]
        rows.append([columns.count(column) for column in range(len(terms))])
    return rows


def occurrences(document: str | None, term: str, match: str = "word", **options) -> int:
    """How often `term` occurs in `document`."""
    return len(spans(document, [term], match=match, **options))
