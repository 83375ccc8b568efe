r"""Warns about literal terms that look like regular expressions, such as `\d+`, if they are found nowhere.

Unlike a glob, such a term may be meant as it is: a path, LaTeX, or source code. So a search must have failed first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from countgrid import _core
from countgrid._errors import option
from countgrid._lexicon.file import shown
from countgrid._warnings import warn

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Each sign of a regular expression contains one of these characters.
_MAY = r"\[|.{(^?"
_MAY_BE = re.compile(f"[{re.escape(_MAY)}]")
_DRIVE = re.compile(r"[A-Za-z]:\\")
#: (?i), (?:...), (?P<name>...), (?=...), (?<!...)
_GROUP = re.compile(r"\(\?(?:[a-zA-Z-]+[:)]|:|P?<[A-Za-z_]|[=!][^)]|<[=!])")
_SIGN = re.compile(
    r"""
    # \d+, \s{2}, \w. LaTeX has \sum and \d{o}.
    (?<!\\) \\[dDsSwWpP] (?: [+*?] | \{\d | \{\^?\w+\}[+*] )
    | (?<!\\) \\[dsw] (?! [A-Za-z{] )
    | (?<!\\) \\b (?! [A-Za-z{] )
    | \A \\b (?! (?: ar|ecause|eta|egin|f\w*|i[bg]\w*|inom|la\w*|m|mod|o\w+|ra|reve|ullet|ye ) \b ) \w
    # example\.com
    | \w\\\.\w
    # [a-z], [A-Z_], [^"]+, [1-9]{2}. Source code has a[i]+1. Lengths are limited, as the time would be quadratic.
    | \[ [^\[\]\s]{0,60}? (?: a-z | A-Z | 0-9 ) [^\[\]\s]{0,60} \]
    | \[ [^\[\]\s]{0,60}? (?: [a-z]-[a-z] | [A-Z]-[A-Z] | \d-\d ) [^\[\]\s]{0,60} \] (?: \+ | \{\d )
    | \[\^ [^\]]{1,60} \] (?: [+*] | \{\d )
    # But ions are [M+H]+.
    | (?<!\w) \[ (?! \d?M[+-] ) [^\]\s]{1,60} \] (?: \+ | \{\d )
    # [Cc]at
    | \[ ([A-Za-z]) (?!\1) (?i:\1) \]
    # colou?r, https?://. The query of a URL follows a ?, too.
    | \A [^\W\d_]{2,}+ \? [^\W\d_]+ \Z | \w\?://
    # a.*b, .+x, .{2,5}, vaccin.*. Packages end with .*, too.
    | \A [\w?]{3,}+ \.[*+] \Z
    | (?<![.*]) \.[*+]\?? (?= [\w\\\[(^$\ ] )
    | \.\*\? | \.\{\d+(?:,\d*)?\}
    # (GET|POST), error|warning. Probabilities are P(A|B), and emoticons (o|o).
    | (?<!\w) \( \w{2,}+ [^()|]*+ \| \w\w
    | \A (?:\\b)? [\w\ ]*\w\w (?: \| (?:\\b)? \w[\w\ ]* )+ (?:\\b)? \Z
    # x{2,}, ^start.*end$
    | [^\W_] \{\d+,\d*\}
    | \A \^ .*\w\$ \Z
    """,
    re.VERBOSE | re.DOTALL,
)


def looks_like_regex(term: str | bytes) -> bool:
    r"""Whether a term is plainly a regular expression. Windows' paths, such as `C:\d`, are not."""
    text = term if isinstance(term, str) else term.decode(errors="replace")
    if _MAY_BE.search(text) is None or _DRIVE.match(text):
        return False
    group = _GROUP.search(text)
    # The emoticon (?: is not closed.
    return _SIGN.search(text) is not None or (group is not None and text.rfind(")") >= group.end() - 1)


class LikeRegexes(NamedTuple):
    """Literal terms that look like regular expressions."""

    terms: list[str | bytes]
    #: By term: its column.
    of: np.ndarray
    #: The columns that contain such terms, in order.
    columns: np.ndarray
    #: By column: whether all its terms look like regular expressions.
    alone: np.ndarray
    #: How the user chooses the syntax, such as "pass".
    does: str

    def found_in(self, columns: np.ndarray) -> np.ndarray:
        """By column: whether it is among those given, which have matches."""
        return np.isin(self.columns, columns)

    def counted_in(self, counts: np.ndarray | csr_array) -> np.ndarray:
        """By column: whether it has a count in a matrix. A dense matrix is read in parts, since parts are copied."""
        if not isinstance(counts, np.ndarray):
            return self.found_in(counts.indices)
        found = np.zeros(len(self.columns), bool)
        for start in range(0, len(counts), _ROWS):
            found |= counts[start : start + _ROWS, self.columns].any(axis=0)
        return found

    def advice(self, found: np.ndarray) -> str | None:
        """What to say of columns without matches; None if one of these terms has matches, so all are meant literally.

        Matches in a category with other terms show nothing.
        """
        if (found & self.alone).any() or found.all():
            return None
        is_absent = np.isin(self.of, self.columns[~found])
        absent = [term for term, absent in zip(self.terms, is_absent, strict=True) if absent]
        first = shown(absent[0]) if isinstance(absent[0], str) else repr(absent[0][:80])
        if len(absent) == 1:
            what, nothing = f"{first} looks like a regular expression", "it occurs nowhere as literal text"
        else:
            what = f"{len(absent)} terms look like regular expressions, such as {first}"
            nothing = "none occurs as literal text"
        choice = f"{option('syntax', 'regex')} for regular expressions, or {option('syntax', 'literal')}"
        return f"{what}, and {nothing}; {self.does} {choice} for literal text"

    def warn_of(self, found: np.ndarray) -> None:
        if advice := self.advice(found):
            warn(advice)


_ROWS = 4096


def like_regexes(plan: _core.Plan, does: str = "pass") -> LikeRegexes | None:
    """The terms of a plan that look like regular expressions; None if none do."""
    packed = plan.packed()
    if not any(byte in packed for byte in _MAY.encode()):
        return None
    terms = plan.terms()
    if isinstance(terms, dict):
        listed = [(column, term) for column, some in enumerate(terms.values()) for term in some]
    else:
        listed = list(enumerate(terms))
    found = [(column, term) for column, term in listed if looks_like_regex(term)]
    if not found:
        return None
    of = np.array([column for column, _ in found])
    columns, sizes = np.unique(of, return_counts=True)
    alone = np.bincount([column for column, _ in listed])[columns] == sizes
    return LikeRegexes([term for _, term in found], of, columns, alone, does)
