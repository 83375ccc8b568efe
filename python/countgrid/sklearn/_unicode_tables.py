"""What the running Python says about characters, as tables over all code points.

scikit-learn's tokens follow `re`, and its lower case follows `str.lower`, in the Unicode version of the running
Python. So the core gets these tables instead of using its own. Each is made once per process, when first needed.
"""

from __future__ import annotations

import re
import threading
import warnings
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

import numpy as np
from sklearn.feature_extraction.text import strip_accents_ascii, strip_accents_unicode

P = ParamSpec("P")
T = TypeVar("T")

N_CODES = 0x110000
#: The planes with characters that have a lower case, a decomposition or a combining class, or decide about a sigma.
#: Planes 4 to 13 are unassigned, 15 and 16 private.
PLANES = (0, 1, 2, 3, 14)

FINAL_SIGMA = ord("ς")

#: Texts by code point: the code points whose text is another, ascending, and these texts.
Mapping = tuple[np.ndarray, list[str]]

STRIP = {"ascii": strip_accents_ascii, "unicode": strip_accents_unicode}

_lock = threading.RLock()


def _once(make: Callable[P, T]) -> Callable[P, T]:
    """Cache results. Two threads never make the same table."""
    cached = lru_cache(maxsize=32)(make)

    @wraps(make)
    def locked(*args: P.args, **kwargs: P.kwargs) -> T:
        with _lock:
            return cached(*args, **kwargs)  # type: ignore[arg-type]

    return locked


def chars(first: int, last: int) -> str:
    """The characters from one code point up to, but not including, another; surrogates too."""
    return np.arange(first, last, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")


def codes_of(text: str) -> np.ndarray:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


@_once
def char_class(atom: str) -> np.ndarray:
    """Which code points a part of a regular expression matches that matches one character, such as ``[a-z]``."""
    found = np.zeros(N_CODES, bool)
    with warnings.catch_warnings():
        # scikit-learn compiles the whole pattern, and that gives the same warning.
        warnings.simplefilter("ignore", FutureWarning)
        runs = re.compile(f"{atom}+")
    for run in runs.finditer(chars(0, N_CODES)):
        found[run.start() : run.end()] = True
    found.flags.writeable = False
    return found


def packed(found: np.ndarray) -> bytes:
    """A bool for each code point as one bit."""
    return np.packbits(found, bitorder="little").tobytes()


@_once
def mapping(lowercase: bool, strip_accents: str | None) -> Mapping:
    """What each character becomes on its own, in lower case and then without accents."""
    transforms: list[Callable[[str], str]] = [str.lower] if lowercase else []
    if strip_accents is not None:
        transforms.append(STRIP[strip_accents])
    # Without accents in ASCII, all other characters are dropped, also unassigned ones.
    planes = range(17) if strip_accents == "ascii" else PLANES
    codes: list[np.ndarray] = []
    texts: list[str] = []
    for first in (plane << 16 for plane in planes):
        before = chars(first, first + 0x10000)
        if all(transform(before) == before for transform in transforms):
            continue
        separate = _separated(before)
        for transform in transforms:
            separate = transform(separate)
        after = separate.split("\n")
        changed = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new and old != "\n"]
        codes.append(np.array(changed, np.uint32) + np.uint32(first))
        texts.extend(after[i] for i in changed)
    return np.concatenate(codes) if codes else np.zeros(0, np.uint32), texts


@_once
def sigma_context() -> tuple[np.ndarray, np.ndarray]:
    """Which code points are cased, and which are ignored next to a sigma.

    `str.lower` makes U+03A3 a final sigma if the nearest character before it that is not ignored is cased, and the
    nearest after it is not. These properties are not in `unicodedata`, but follow from what `str.lower` does.
    """
    cased, ignored = np.zeros(N_CODES, bool), np.zeros(N_CODES, bool)
    for first in (plane << 16 for plane in PLANES):
        codes = slice(first, first + 0x10000)
        text = _separated(chars(first, first + 0x10000))
        # After a sigma, only a cased character that is not ignored keeps it from being final.
        after = codes_of(("AΣ" + text.replace("\n", "\nAΣ")).lower())
        line_starts = np.append(0, np.flatnonzero(after == 10) + 1)
        cased[codes] = after[line_starts + 1] != FINAL_SIGMA
        # Before a sigma, a character that is ignored or cased makes it final.
        before = codes_of(("A" + text.replace("\n", "Σ\nA") + "Σ\n").lower())
        line_ends = np.flatnonzero(before == 10)
        ignored[codes] = before[line_ends - 1] == FINAL_SIGMA
    ignored &= ~cased
    return cased, ignored


def _separated(text: str) -> str:
    """Characters on lines of their own. A line end is neither cased nor combining, and no transform changes it."""
    return "\n".join(text.replace("\n", " "))
