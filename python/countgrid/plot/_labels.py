"""Names as a picture can show them: on one line, not too long, in fonts that have their characters.

matplotlib draws each cluster of characters with the first font of a text's families that has it, but knows of no
families beyond those that it is told. So those installed are asked which have what the usual ones lack. A cluster
that none has is written as an escape, since boxes all look alike, and each draw would warn once more of each.

Drawing from right to left, joined letters and conjuncts are matplotlib's (libraqm, since 3.11).
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

#: A name is shortened to about so many letters; an ideograph takes the place of two.
LONGEST = 32

#: Fonts of matplotlib that hold signs under the codes of others, or boxes for all there is.
_NO_TEXT_FONT = re.compile(r"cm[a-z]+\d+|STIXNonUnicode|STIXSize.*|Last ?Resort.*")

#: Scripts that are drawn wrongly letter by letter: those from right to left, and those of South and South-East Asia.
_SHAPED = re.compile("[\u0590-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\ufb1d-\ufdff\ufe70-\ufefc]")

_MIDNIGHT = time()

#: What users have been told already.
_told: set[str] = set()


class Labels:
    """The labels of an axis or a legend, made as they are asked for.

    ``families`` are those of the settings, and after them those needed for the names.
    """

    def __init__(self, names: Sequence[object]) -> None:
        self._names = names
        characters = {char for char in {"…"}.union(*map(str, names)) if not _is_escaped(char)}
        self.families, self._fonts = _fonts_for(characters)
        _tell(characters, characters.difference(*self._fonts))

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, i: int) -> str:
        """The name, or what stands for it."""
        name = str(self._names[i])
        if not name.strip():
            name = repr(name)
        pieces = [piece for cluster in _clusters(name) for piece in self._shown(cluster)]
        return shortened(pieces)

    def dress(self, text: Text) -> None:
        """Have a text drawn as it is: in these fonts, without a formula in it."""
        text.set(fontfamily=self.families, parse_math=False, usetex=False)

    def _shown(self, cluster: str) -> Iterator[str]:
        """The cluster, if one font has all of it; else its characters, as escapes."""
        needed = {char for char in cluster if not _is_invisible(char)}
        if not any(_is_escaped(char) for char in cluster) and any(needed <= has for has in self._fonts):
            yield "".join(char for char in cluster if any(char in has for has in self._fonts))
        else:
            yield from (char if char.isascii() and not _is_escaped(char) else _escape(char) for char in cluster)


def commonly_written(labels: Sequence[Any]) -> Sequence[object]:
    """Times as days, if all are, and floats without what rounding added; unless two would become the same."""
    texts: list[str] = []
    times = [label.astype("M8[us]").item() if isinstance(label, np.datetime64) else label for label in labels]
    if all(isinstance(when, datetime) for when in times):
        are_days = all(when.time() == _MIDNIGHT for when in times)
        texts = [str(when.date() if are_days else when) for when in times]
    elif all(isinstance(label, float | np.floating) and -1e6 < float(label) < 1e6 for label in labels):
        texts = [f"{label:.6g}" for label in labels]
    return texts if len(set(texts)) == len(labels) else labels


def shortened(pieces: Sequence[str], longest: int = LONGEST) -> str:
    """The pieces in one string, of about ``longest`` letters at most; pieces are left out whole."""
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
    """How many letters' room a label takes, about."""
    return sum(_width(cluster) for cluster in _clusters(label))


def _width(cluster: str) -> int:
    """Marks and joiners need no room of their own, unless there is nothing else."""
    if len(cluster) > 1 and cluster.isascii():  # an escape
        return len(cluster)
    return 2 if unicodedata.east_asian_width(cluster[0]) in "WF" else 1


def _clusters(name: str) -> list[str]:
    """Characters with the marks on them, and what joiners join."""
    clusters: list[str] = []
    for char in name:
        joined = char == "\u200d" or unicodedata.category(char)[0] == "M" or "\U0001f3fb" <= char <= "\U0001f3ff"
        if clusters and (joined or clusters[-1][-1] == "\u200d"):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _is_escaped(char: str) -> bool:
    """No place in a line, whatever the font: control characters, ends of lines and paragraphs, lone surrogates."""
    return unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs")


def _is_invisible(char: str) -> bool:
    """Asks for something and shows nothing: formats, joiners, variation selectors."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _fonts_for(characters: set[str]) -> tuple[list[str], list[set[str]]]:
    """Families for these characters, and which of them each of their fonts has."""
    families = list(matplotlib.rcParams["font.family"])
    fonts = [has for family in families for has in _of_family(family, characters)]
    if lacking := characters.difference(*fonts):
        for family in _further_families(frozenset(lacking), len(font_manager.fontManager.ttflist)):
            families.append(family)
            fonts += _of_family(family, characters)
    return families, fonts


def _of_family(family: str, characters: Iterable[str]) -> Iterator[set[str]]:
    """What the font has that matplotlib takes for a family; nothing if it finds none."""
    try:
        # In a list, since a single str is read as a pattern.
        path = font_manager.findfont(FontProperties(family=[family]), fallback_to_default=False)
    except ValueError:
        return
    font = font_manager.get_font(path)
    yield {char for char in characters if font.get_char_index(ord(char))}


@lru_cache(16)
def _further_families(lacking: frozenset[str], n_fonts: int) -> tuple[str, ...]:
    """Few installed families that together have what can be had. ``n_fonts``: another answer when fonts are added."""
    has: dict[str, set[str]] = {}
    for entry in sorted(font_manager.fontManager.ttflist, key=_rank(lacking)):
        if entry.style == "normal" and not _NO_TEXT_FONT.fullmatch(entry.name):
            try:
                font = ft2font.FT2Font(entry.fname)
            except (OSError, RuntimeError):  # gone since matplotlib made its list, or broken
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
    """The order of equals: upright and regular, without serifs, and for ideographs of the language at hand."""
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


def _tell(characters: set[str], lacking: set[str]) -> None:
    """Say what will not look as it should, the first time."""
    lacking = {char for char in lacking if not _is_invisible(char)}
    if new := sorted(lacking - _told):
        _told.update(new)
        some = ", ".join(f"{char!r} ({unicodedata.name(char, 'no name')})" for char in new[:3])
        warnings.warn(
            f"no installed font has {some}{f' and {len(new) - 3} other characters' if len(new) > 3 else ''}: names "
            "are drawn with escapes instead. Install a font that has them, such as Noto, and delete matplotlib's "
            f"list of fonts (fontlist-*.json in {matplotlib.get_cachedir()})",
            stacklevel=4,
        )
    if not hasattr(ft2font, "__libraqm_version__") and "shaping" not in _told and _SHAPED.search("".join(characters)):
        _told.add("shaping")
        warnings.warn(
            f"matplotlib {matplotlib.__version__} draws letters from left to right and unjoined, in scripts that are "
            "written otherwise too; matplotlib 3.11 draws them as they are written",
            stacklevel=4,
        )
