"""The recipes of the documentation run. A slow computation without countgrid finds the same numbers."""

import re
import runpy
from fnmatch import fnmatchcase
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
RECIPES = sorted(GALLERY.glob("*.py"))


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_recipe(recipe, tmp_path, monkeypatch, skip_missing):
    skip_missing(recipe.read_text(encoding="utf-8"))
    plt.switch_backend("Agg")
    monkeypatch.setattr(plt, "show", lambda: None)
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(recipe), run_name="__main__")
    assert not list(tmp_path.iterdir()), "a recipe leaves nothing behind"
    plt.close("all")
    if recipe.stem in CHECKS:
        CHECKS[recipe.stem](names)


def percentages(recipe):
    """Each word of a review is compared with each entry of the dictionary."""
    for review, percent in zip(recipe["reviews"]["review"][:300], recipe["percent"], strict=False):
        words = re.findall(r"[\w']+", review.lower().replace("\u2019", "'"))
        expected = [
            100 * sum(any(fnmatchcase(word, term) for term in terms) for word in words) / len(words)
            for terms in recipe["lexicon"].values()
        ]
        np.testing.assert_allclose(percent, expected)


def sentiment(recipe):
    """At each position of a review, the longest term of the lexicon that has its boundaries counts."""
    weights = recipe["weights"]
    longest = max(map(len, weights))

    def term_at(text, start):
        for end in range(min(start + longest, len(text)), start, -1):
            term = text[start:end]
            if term in weights and not (
                (word(term[0]) and word(text[start - 1 : start])) or (word(term[-1]) and word(text[end : end + 1]))
            ):
                return term
        return None

    def tone(text):
        text, total, at = " ".join(text.lower().split()), 0, 0
        while at < len(text):
            term = term_at(text, at)
            total += weights.get(term, 0)
            at += len(term or "x")
        return 100 * total / len(re.findall(r"\w+", text))

    reviews = recipe["reviews"][:500]
    np.testing.assert_allclose(reviews["tone"], [tone(review) for review in reviews["review"]], atol=1e-9)


def negation(recipe):
    """Regular expressions, the phrases with most words first."""
    denial = r"(?:not|no|never|nothing|hardly|cannot|\w*n['\u2019]t)"
    any_word = "|".join(recipe["words"])
    pattern = re.compile(rf"(?<!\w)({denial}(?:\s+\w+){{0,2}}\s+)?({any_word})(?!\w)", re.IGNORECASE)
    found = {"great": [], "other": []}
    for rating, review in recipe["reviews"][["score", "review"]].itertuples(index=False):
        found[rating] += [(match[2].lower(), match[1] is not None) for match in pattern.finditer(review)]
    for rating, matches in found.items():
        for word, share in recipe["share"].loc[rating].items():
            negated = [is_negated for other, is_negated in matches if other == word]
            assert share == pytest.approx(100 * np.mean(negated)), (rating, word)
    areas = recipe["areas"]
    assert areas["with negation"] > areas["without negation"] + 0.02


def word(text):
    return re.fullmatch(r"\w", text) is not None


CHECKS = {check.__name__: check for check in [negation, percentages, sentiment]}
