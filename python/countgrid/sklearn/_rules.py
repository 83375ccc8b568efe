"""The rules by which the core finds terms, if it can find all terms that scikit-learn's analyzer finds."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from countgrid import _core
from countgrid.sklearn._patterns import TokenShape, token_shape
from countgrid.sklearn._unicode_tables import N_CODES, char_class, mapping, packed, sigma_context

#: Methods of scikit-learn's classes that decide about terms. If a subclass overrides one, it is called.
STEPS = ("decode", "build_preprocessor", "build_tokenizer", "build_analyzer", "_word_ngrams")

#: Whitespace among the characters up to the space.
WHITESPACE = (*range(0x09, 0x0E), *range(0x1C, 0x21))


class Rules(NamedTuple):
    """Rules for the core.

    It sorts n-grams by their words, which works if no word has a space or a character before it. ``\\S`` includes
    control characters, which texts hardly ever have. If the rules ``unsortable`` find some in documents, their
    n-grams are left to Python.
    """

    words: _core.TokenRules
    unsortable: _core.TokenRules | None


def rules_of(vectorizer: Any) -> Rules | None:
    """The rules that a vectorizer's parameters amount to, or None if its terms are found in Python."""
    theirs = next(cls for cls in type(vectorizer).__mro__ if cls.__module__.startswith("sklearn."))
    overridden = (
        step in vars(vectorizer) or getattr(type(vectorizer), step) is not getattr(theirs, step) for step in STEPS
    )
    pattern = vectorizer.token_pattern
    if any(overridden) or callable(vectorizer.strip_accents) or not isinstance(pattern, str):
        return None
    shape = token_shape(pattern)
    least, most = vectorizer.ngram_range
    if most == 1:
        least = 1
    if shape is None or not (isinstance(least, int) and isinstance(most, int) and 1 <= least <= most):
        return None
    least, most = (min(number, sys.maxsize) for number in (least, most))
    stop_words = frozenset(word for word in vectorizer.get_stop_words() or () if isinstance(word, str))
    options = bool(vectorizer.lowercase), vectorizer.strip_accents or None, stop_words, (least, most)
    before_words = char_class(shape.run)[: ord(" ") + 1]
    if most == 1 or not before_words.any():
        return Rules(_words(shape, *options), None)
    # Files are read once, so nothing can look at them first.
    if before_words[list(WHITESPACE)].any() or vectorizer.input != "content":
        return None
    return Rules(_words(shape, *options), _control_characters())


@lru_cache(maxsize=16)
def _words(
    shape: TokenShape,
    lowercase: bool,
    strip_accents: str | None,
    stop_words: frozenset[str],
    ngrams: tuple[int, int],
) -> _core.TokenRules:
    run = char_class(shape.run)
    if ngrams[1] > 1:
        run = run.copy()
        run[: ord(" ") + 1] = False
    codes, texts = mapping(lowercase, strip_accents)
    # Without other than ASCII characters, there are no sigmas.
    has_sigma = lowercase and strip_accents != "ascii"
    return _core.TokenRules.of_tables(
        packed(run),
        None if shape.whole is None else packed(char_class(shape.whole)),
        shape.min_chars,
        shape.max_chars,
        codes,
        texts,
        (packed(sigma_context()[0]), packed(sigma_context()[1])) if has_sigma else None,
        sorted(stop_words),
        ngrams,
    )


@lru_cache(maxsize=1)
def _control_characters() -> _core.TokenRules:
    """Finds control characters that are not whitespace."""
    control = np.zeros(N_CODES, bool)
    control[: ord(" ")] = True
    control[list(WHITESPACE)] = False
    nothing = np.zeros(0, np.uint32)
    return _core.TokenRules.of_tables(packed(control), None, 1, None, nothing, [], None, [], (1, 1))
