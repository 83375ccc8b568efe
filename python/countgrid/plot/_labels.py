"""Names for plots: on one line, shortened, in fonts that have their characters.

matplotlib draws each cluster of characters with the first font family that has it, but only uses families that it is
given. So this module searches the installed fonts for the characters that the default fonts lack. If no font has a
cluster, it is written as an escape. Otherwise all would look the same, as boxes, and each draw would warn again.

matplotlib itself draws right-to-left text, joined letters and conjuncts (with libraqm, since 3.11).
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager, ft2font
from matplotlib.font_manager import FontEntry, FontProperties
from matplotlib.text import Text

#: Names are shortened to about this many letters. An ideograph counts as two.
LONGEST = 32

#: Fonts of matplotlib that map characters to wrong glyphs, or all characters to boxes.
_NO_TEXT_FONT = re.compile(r"cm[a-z]+\d+|STIXNonUnicode|STIXSize.*|Last ?Resort.*")

#: Scripts that are wrong if drawn letter by letter: right-to-left scripts, and those of South and South-East Asia.
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufefc]")

_MIDNIGHT = time()

#: The warnings that have been shown.
_warned: set[str] = set()


class Labels:
    """The labels of an axis or a legend, created on access.

    ``families`` are the font families of matplotlib's settings, then others that the names need.
    """

    def __init__(self, names: Sequence[object]) -> None:
        self._names = names
        characters = {char for char in {"…"}.union(*map(str, names)) if not _is_escaped(char)}
        self.families, self._fonts = _fonts_for(characters)
        _warn(characters, characters.difference(*self._fonts))

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, i: int) -> str:
        """The name as it is drawn."""
        name = str(self._names[i])
        if not name.strip():
            name = repr(name)
        pieces = [piece for cluster in _clusters(name) for piece in self._shown(cluster)]
        return shortened(pieces)

    def dress(self, text: Text) -> None:
        """Make matplotlib draw a text in these fonts, and not as a formula."""
        text.set(fontfamily=self.families, parse_math=False, usetex=False)

    def _shown(self, cluster: str) -> Iterator[str]:
        """The cluster if one font has all its characters, else escapes."""
        needed = {char for char in cluster if not _is_invisible(char)}
        if not any(_is_escaped(char) for char in cluster) and any(needed <= has for has in self._fonts):
            yield "".join(char for char in cluster if any(char in has for has in self._fonts))
        else:
            yield from (char if char.isascii() and not _is_escaped(char) else _escape(char) for char in cluster)


def commonly_written(labels: Sequence[Any]) -> Sequence[object]:
    """Midnights as days, and floats without rounding errors, unless two labels would become the same."""
    texts: list[str] = []
    times = [label.astype("M8[us]").item() if isinstance(label, np.datetime64) else label for label in labels]
    if all(isinstance(when, datetime) for when in times):
        are_days = all(when.time() == _MIDNIGHT for when in times)
        texts = [str(when.date() if are_days else when) for when in times]
    elif all(isinstance(label, float | np.floating) and -1e6 < float(label) < 1e6 for label in labels):
        texts = [f"{label:.6g}" for label in labels]
    return texts if len(set(texts)) == len(labels) else labels


def shortened(pieces: Sequence[str], longest: int = LONGEST) -> str:
    """The pieces joined, up to about ``longest`` letters. Pieces are not cut."""
    taken = 0
    end = 0  # where the ellipsis would go
    for at, piece in enumerate(pieces):
        taken += _width(piece)
        if taken <= longest - 1:
            end = at + 1
        elif taken > longest:
            return "".join(pieces[:end]).rstrip() + "…"
    return "".join(pieces)


def width(label: str) -> int:
    """The approximate width of a label in letters."""
    return sum(_width(cluster) for cluster in _clusters(label))


def _width(cluster: str) -> int:
    """The width of a cluster in letters. Marks and joiners do not add to it."""
    if len(cluster) > 1 and cluster.isascii():  # an escape
        return len(cluster)
    return 2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1


def _clusters(name: str) -> list[str]:
    """Characters with their marks, and sequences with joiners."""
    clusters: list[str] = []
    for char in name:
        joined = char == "\u200d" or unicodedata.category(char)[0] == "M" or "\U0001f3fb" <= char <= "\U0001f3ff"
        if clusters and (joined or clusters[-1][-1] == "\u200d"):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _is_escaped(char: str) -> bool:
    """Whether no font can draw it on a line: control characters, line and paragraph ends, lone surrogates."""
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")


def _is_invisible(char: str) -> bool:
    """Whether a character is invisible: format characters, joiners, variation selectors."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _fonts_for(characters: set[str]) -> tuple[list[str], list[set[str]]]:
    """Font families for these characters, and the characters that each of their fonts has."""
    families = list(matplotlib.rcParams["font.family"])
    fonts = [has for family in families for has in _of_family(family, characters)]
    if lacking := characters.difference(*fonts):
        for family in _further_families(frozenset(lacking), len(font_manager.fontManager.ttflist)):
            families.append(family)
            fonts += _of_family(family, characters)
    return families, fonts


def _of_family(family: str, characters: Iterable[str]) -> Iterator[set[str]]:
    """The characters that matplotlib's font for a family has; nothing if there is no font."""
    try:
        # A list, since a str is parsed as a pattern.
        path = font_manager.findfont(FontProperties(family=[family]), fallback_to_default=False)
    except ValueError:
        return
    font = font_manager.get_font(path)
    yield {char for char in characters if font.get_char_index(ord(char))}


@lru_cache(16)
def _further_families(lacking: frozenset[str], n_fonts: int) -> tuple[str, ...]:
    """A few installed families that together have these characters, as far as possible.

    ``n_fonts`` is part of the cache's key, so that new fonts are found.
    """
    has: dict[str, set[str]] = {}
    for entry in sorted(font_manager.fontManager.ttflist, key=_rank(lacking)):
        if entry.style == "normal" and not _NO_TEXT_FONT.fullmatch(entry.name):
            try:
                font = ft2font.FT2Font(entry.fname)
            except (OSError, RuntimeError):  # deleted since matplotlib listed it, or broken
                continue
            if found := {char for char in lacking if font.get_char_index(ord(char))}:
                has.setdefault(entry.name, found)
    chosen = []
    left = set(lacking)
    while has:
        best = max(has, key=lambda family: len(has[family] & left))
        if not has[best] & left:
            break
        chosen.append(best)
        left -= has.pop(best)
    return tuple(chosen)


def _rank(characters: frozenset[str]) -> Callable[[FontEntry], tuple[object, ...]]:
    """A sort key that prefers regular sans-serif fonts, and the right language's font for ideographs."""
    kana = any("\u3040" <= char <= "\u30ff" for char in characters)
    hangul = any("\uac00" <= char <= "\ud7a3" for char in characters)
    language = "JP" if kana else "KR" if hangul else "SC"

    def rank(entry: FontEntry) -> tuple[object, ...]:
        name = entry.name
        return (
            re.search(r"Serif|Mono\b|Display|Looped|Unifont", name) is not None,
            "Sans" not in name,
            "CJK" in name and not name.endswith(language),
            entry.weight != 400 or entry.stretch != "normal",
            name,
        )

    return rank


def _warn(characters: set[str], lacking: set[str]) -> None:
    """Warn, once, about characters that cannot be drawn correctly."""
    lacking = {char for char in lacking if not _is_invisible(char)}
    if new := sorted(lacking - _warned):
        _warned.update(new)
        some = ", ".join(f"{char!r} ({unicodedata.name(char, 'no name')})" for char in new[:3])
        warnings.warn(
            f"no installed font has {some}{f' and {len(new) - 3} other characters' if len(new) > 3 else ''}: names "
            "are drawn with escapes instead. Install a font that has them, such as Noto, and delete matplotlib's "
            f"font cache (fontlist-*.json in {matplotlib.get_cachedir()})",
            stacklevel=4,
        )
    if (
        not hasattr(ft2font, "__libraqm_version__")
        and "shaping" not in _warned
        and _SHAPED.search("".join(characters))
    ):
        _warned.add("shaping")
        warnings.warn(
            f"matplotlib {matplotlib.__version__} draws all scripts from left to right, with unjoined letters; "
            "matplotlib 3.11 draws them correctly",
            stacklevel=4,
        )
