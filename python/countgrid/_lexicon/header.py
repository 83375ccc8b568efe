"""The names of columns in a table's header."""

from __future__ import annotations

import re

#: In lower case and with spaces for other signs.
_TERM = {"term", "word", "token", "phrase", "pattern", "keyword", "expression", "lemma", "lexeme", "ngram", "n gram"}
_TERM |= {"entry", "entries", "dicterm", "english word"}
_CATEGORY = {"category", "sentiment", "label", "class", "emotion", "polarity", "topic", "affectdimension"}
_NUMBER = {"weight", "score", "valence", "value", "intensity", "association", "emotion intensity score"}
_ROLES = dict.fromkeys(_TERM, "term") | dict.fromkeys(_CATEGORY, "category") | dict.fromkeys(_NUMBER, "number")
#: A column of numbers may have these names of categories. A column `category` may not: its numbers are names.
EITHER = _CATEGORY - {"category", "topic"}


def role_of(name: str) -> str | None:
    """What a column of this name contains: "term", "category", "number", or None for any other name."""
    name = plain(name)
    return _ROLES.get(name) or _ROLES.get(name.removesuffix("s"))


def plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().lower()


def is_header(cells: list[str]) -> bool:
    """Whether all of several cells are names that a header has."""
    return len(cells) > 1 and all(role_of(cell) for cell in cells)
