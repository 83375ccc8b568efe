"""Warns about literal terms that look like globs, such as `happ*`. They would match almost nothing."""

from __future__ import annotations

import unicodedata

from countgrid import _core
from countgrid._errors import option
from countgrid._lexicon.file import shown
from countgrid._regexes import looks_like_regex


def looks_like_glob(term: str | bytes) -> bool:
    r"""Whether a word of a term starts or ends with `*` next to a word character, and has at least two of these.

    `C*`, `:*`, `***`, `**bold**` and `f*ck` do not, and neither does the regular expression `(?i)error\w*`.
    """
    text = term if isinstance(term, str) else term.decode(errors="replace")
    for word in text.split():
        if len(word) < 3 or "*" not in (word[0], word[-1]):
            continue
        in_words = [_is_word_character(character) for character in word]
        if sum(in_words) > 1 and ((word[0] == "*" and in_words[1]) or (word[-1] == "*" and in_words[-2])):
            return not looks_like_regex(term)
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
