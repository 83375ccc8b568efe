"""Recognizes column names in a table's header."""

from __future__ import annotations

import re

#: In lower case, with spaces for other characters.
_TERM = {"term", "word", "token", "phrase", "pattern", "keyword", "expression", "lemma", "lexeme", "ngram", "n gram"}
_TERM |= {"entry", "entries", "dicterm", "english word"}
_CATEGORY = {"category", "sentiment", "label", "class", "emotion", "polarity", "topic", "affectdimension"}
_NUMBER = {"weight", "score", "valence", "value", "intensity", "association", "emotion intensity score"}
_NUMBER |= {"arousal", "dominance"}
_ROLES = dict.fromkeys(_TERM, "term") | dict.fromkeys(_CATEGORY, "category") | dict.fromkeys(_NUMBER, "number")
#: A column with such a name contains terms if all other columns have known names. Otherwise the name is more likely a
#: term itself.
_MAY_BE_TERM = {
    "rule",
    "regex",
    "regexp",
    "regular expression",
    "glob",
    "query",
    "search term",
    "name",
    "text",
    "string",
}
#: Category names that a column of numbers can have too. In a column `category`, numbers are names of categories.
EITHER = _CATEGORY - {"category", "topic"}


def role_of(name: str) -> str | None:
    """What a column with this name contains: "term", "category" or "number"; None for other names."""
    name = plain(name)
    return _ROLES.get(name) or _ROLES.get(name.removesuffix("s"))


def roles_of(names: list[str]) -> list[str | None]:
    """The role of each column. A `rule` is a column of terms if there is no other, and all names are known."""
    roles = [role_of(name) for name in names]
    known = [at for at, role in enumerate(roles) if role is not None]
    likely = [
        at
        for at, name in enumerate(names)
        if plain(name) in _MAY_BE_TERM or plain(name).removesuffix("s") in _MAY_BE_TERM
    ]
    if known and "term" not in roles and len(likely) == 1 and len(known) + names.count("") == len(names) - 1:
        roles[likely[0]] = "term"
    return roles


def plain(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name).strip().lower()


def is_header(cells: list[str]) -> bool:
    """Whether there are several cells and all are known column names."""
    return len(cells) > 1 and all(roles_of(cells))
