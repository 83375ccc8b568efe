"""LIWC's conditional entries.

`like` with `(02 134)125/464` belongs to one category after certain words, else to another. `(i) like` is a term only
after `i`, `kind <of>` only before `of`. countgrid does not evaluate conditions: they raise an error, or the entry is
skipped.
"""

from __future__ import annotations

import re

from countgrid._errors import option
from countgrid._lexicon.file import File, shown

#: Possessive: backtracking would take quadratic time for long entries.
_GROUP = re.compile(r"\(([^()]*+)\)\s*+")
_ANGLES = re.compile(r"<([^<>]*+)>")
_WORD = re.compile(r"\w")


def is_conditional(entry: str) -> bool:
    """Whether a term has a condition: words in parentheses before it, or in angle brackets anywhere.

    `(s)he`, `World Bank (IBRD)`, `(8)`, `(: x :)` and `<br>` are terms.
    """
    end = 0
    while (group := _GROUP.match(entry, end)) and _WORD.search(group[1]):
        end = group.end()
    if 0 < end < len(entry) and entry[end - 1].isspace():
        return True
    return any(_WORD.search(group[1]) and group[0] != entry for group in _ANGLES.finditer(entry))


def skip_or_raise(file: File, line: int, text: str) -> None:
    if file.on_unsupported == "raise":
        advice = f"pass {option('on_unsupported', 'skip')} to skip such entries"
        raise file.error(line, f"{shown(text)} has a condition, which countgrid does not support; {advice}")
    file.skipped.append(line)
