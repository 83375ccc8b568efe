"""Warns about literal terms that look like globs, such as `happ*`. They would match almost nothing."""

from __future__ import annotations

import sys
import unicodedata
import warnings

from countgrid import _core
from countgrid._errors import option
from countgrid._lexicon.file import shown
from countgrid._lexicon.lexicon import Lexicon, lexicons_in

#: Packages between the user's code and here. The warning points to the line that called them.
_BETWEEN = ("countgrid", "sklearn", "joblib")


def looks_like_glob(term: str | bytes) -> bool:
    """Whether a word of a term starts or ends with `*` next to a word character, and has at least two of these.

    `C*`, `:*`, `***`, `**bold**` and `f*ck` do not.
    """
    text = term if isinstance(term, str) else term.decode(errors="replace")
    for word in text.split():
        if len(word) < 3 or "*" not in (word[0], word[-1]):
            continue
        in_words = [_is_word_character(character) for character in word]
        if sum(in_words) > 1 and ((word[0] == "*" and in_words[1]) or (word[-1] == "*" and in_words[-2])):
            return True
    return False


def _is_word_character(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc", "Me", "Pc")


def advice_about_globs(plan: _core.Plan, does: str = "pass") -> str | None:
    """The warning about literal terms that look like globs; None if none do."""
    if b"*" not in plan.packed():
        return None
    terms = plan.terms()
    listed = [term for some in terms.values() for term in some] if isinstance(terms, dict) else terms
    found = [term for term in listed if looks_like_glob(term)]
    if not found:
        return None
    first = shown(found[0]) if isinstance(found[0], str) else repr(found[0][:80])
    what = f"{first} looks like a glob" if len(found) == 1 else f"{len(found)} terms look like globs, such as {first}"
    choice = f"{option('syntax', 'glob')} if * is a wildcard, or {option('syntax', 'literal')} if it is not"
    return f"{what}, but literal terms have no wildcards; {does} {choice}"


def warn_about_globs(plan: _core.Plan, terms: object) -> None:
    sources = [lexicon.source for lexicon in (terms, *lexicons_in(terms).values()) if isinstance(lexicon, Lexicon)]
    does = f"read {' and '.join(dict.fromkeys(sources))} with" if sources else "pass"
    if message := advice_about_globs(plan, does):
        warnings.warn(message, UserWarning, stacklevel=level_of_user())


def level_of_user() -> int:
    """The `stacklevel` of the user's line, as seen from the caller."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _BETWEEN:
        frame, level = frame.f_back, level + 1
    return level
