"""Recognises token patterns that the core can follow by itself.

In such a pattern, one class of characters is repeated: ``\\w+``, ``(?u)\\b\\w\\w+\\b``, ``\\b[a-z]{3,}\\b``. All
other patterns are left to `re`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from countgrid.sklearn._unicode_tables import char_class

_REPEATED_CLASS = re.compile(
    r"""
    (?: \(\?u\) )?
    (?P<starts> \\b )?
    (?P<atoms>
        (?P<atom> \\[dDsSwW] | \[ \^? \]? (?: \\. | [^\\\]] )* \] )
        (?P=atom)*
    )
    (?P<repeat> \+ | \{ (?P<least> \d+ ) (?P<comma> , (?P<most> \d+ )? )? \} )?
    (?P<ends> \\b )?
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)


@dataclass(frozen=True)
class TokenShape:
    """Tokens are the longest runs of one class of characters, if they have the right length.

    ``run`` and ``whole`` are regular expressions for one character. With ``whole``, a token also contains no other
    characters than these.
    """

    run: str
    whole: str | None
    min_chars: int
    max_chars: int | None


@lru_cache(maxsize=64)
def token_shape(pattern: str) -> TokenShape | None:
    """The tokens that a valid pattern finds, unless only `re` can tell."""
    found = _REPEATED_CLASS.fullmatch(pattern)
    if found is None:
        return None
    atom = found["atom"]
    more = len(found["atoms"]) // len(atom) - 1
    min_chars, max_chars = _lengths(found)
    if max_chars is not None:
        max_chars += more
    min_chars += more
    if min_chars < 1 or (max_chars is not None and max_chars < min_chars):
        return None
    if found["starts"] and found["ends"]:
        # Between word boundaries, a run of word characters is matched whole or not at all.
        chars, words = char_class(atom), char_class(r"\w")
        if not chars[~words].any():
            whole = None if chars[words].all() else atom
            return TokenShape(r"\w", whole, min_chars, max_chars)
    elif max_chars is None and (atom == r"\w" or not (found["starts"] or found["ends"])):
        # The regular expression takes all of a run.
        return TokenShape(atom, None, min_chars, None)
    return None


def _lengths(found: re.Match[str]) -> tuple[int, int | None]:
    """How often the last atom is repeated."""
    if found["least"] is None:
        return 1, None if found["repeat"] else 1
    least = int(found["least"])
    return least, int(found["most"]) if found["most"] else None if found["comma"] else least
