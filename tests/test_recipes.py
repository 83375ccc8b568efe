"""The recipes of the documentation run. A slow computation without countgrid finds the same numbers."""

import html
import itertools
import re
import runpy
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
RECIPES = sorted(GALLERY.glob("*.py"))


#: Parameters that scikit-learn's class does not have.
ADDED = {"missing", "workers"}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.stem)
def test_recipe(recipe, tmp_path, monkeypatch, skip_missing):
    skip_missing(recipe.read_text(encoding="utf-8"))
    plt.switch_backend("Agg")
    monkeypatch.setattr(plt, "show", lambda: None)
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(recipe), run_name="__main__")
    assert not list(tmp_path.iterdir()), "a recipe leaves nothing behind"
    if recipe.stem in CHECKS:
        CHECKS[recipe.stem](names)


def percentages(recipe):
    """Each word of a review is compared with each entry of the dictionary."""
    for i, (review, percent) in enumerate(zip(recipe["reviews"]["review"][:300], recipe["percent"], strict=False)):
        words = re.findall(r"[\w']+", review.lower().replace("\u2019", "'"))
        assert recipe["words"][i] == len(words)
        expected = [
            100 * sum(any(fnmatchcase(word, term) for term in terms) for word in words) / len(words)
            for terms in recipe["lexicon"].values()
        ]
        np.testing.assert_allclose(percent, expected)


def lake(recipe):
    """The counts are not written into the lake."""
    assert recipe["target"].suffix == ".parquet"
    assert recipe["lake"] not in recipe["target"].parents


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
        text, total, at = " ".join(text.lower().replace("\u2019", "'").split()), 0, 0
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


def trends(recipe):
    """Regular expressions and pandas."""
    found = pd.DataFrame(
        {
            animal: recipe["texts"].str.count(
                r"(?i)\b(?:" + "|".join(term.replace("*", r"\w*") for term in terms) + r")\b"
            )
            for animal, terms in recipe["animals"].items()
        }
    )
    month = recipe["when"].dt.to_period("M")
    assert (found.groupby(month).sum() == recipe["monthly"].to_frame()).all(axis=None)
    assert ((found > 0).groupby(month).sum() == recipe["reports"]).all(axis=None)
    assert (month.value_counts().sort_index() == recipe["monthly"].sizes).all()
    in_month = (found > 0).groupby(recipe["when"].dt.month).sum()
    np.testing.assert_allclose(recipe["season"], 100 * in_month / in_month.sum())


def cooccurrence(recipe):
    """Sets of documents, and their intersections."""
    reviews = recipe["reviews"]
    documents = {
        topic: set(
            reviews.index[
                reviews.str.contains(r"(?i)\b(?:" + "|".join(term.replace("*", r"\w*") for term in terms) + r")\b")
            ]
        )
        for topic, terms in recipe["topics"].items()
    }
    for one, other in itertools.product(documents, repeat=2):
        both = len(documents[one] & documents[other])
        assert recipe["together"].loc[one, other] == both
        chance = len(documents[one]) * len(documents[other]) / len(reviews)
        assert recipe["lift"].loc[one, other] == pytest.approx(both / chance)
    assert recipe["wrong"].dtype == bool
    first = recipe["table"].nlargest(1, "reviews").iloc[0]
    has = [reviews.str.contains(rf"\b{first[name]}\b", case=False) for name in ("first", "second")]
    assert first["reviews"] == (has[0] & has[1]).sum()


def vocabulary(recipe):
    """Words and pairs of neighbours from regular expressions, and the reviews that contain them."""
    texts = recipe["texts"].str.lower()
    by_word = Counter(word for text in texts for word in re.findall(r"[\w']+", text))
    assert all(count == by_word[word] for word, count, _ in recipe["words"])
    assert not {"the", "and", "it's"} & set(recipe["words"].terms)
    assert min(recipe["words"].documents) >= 50
    by_pair = Counter(
        " ".join(pair) for text in texts for pair in re.findall(r"(?<![\w'])([\w']+)\s+(?=([\w']+))", text)
    )
    assert all(count == by_pair[pair] for pair, count, _ in recipe["pairs"])
    assert recipe["counts"].sum(axis=0).tolist() == [
        (by_pair if " " in term else by_word)[term] for term in recipe["counter"].columns
    ]
    great = recipe["reviews"]["score"] == "great"
    for term in ("disappointed", "great taste", "well worth"):
        has = texts.str.contains(rf"(?<![\w']){term}(?![\w'])")
        assert recipe["ratio"][term] == pytest.approx(np.log2(has[great].mean() / has[~great].mean()))
    assert recipe["edited"] == recipe["words"].terms


def topics(recipe):
    """scikit-learn's own class finds the same words and weights."""
    ours = recipe["vectorizer"]
    theirs = TfidfVectorizer(**{name: value for name, value in ours.get_params().items() if name not in ADDED})
    weights = theirs.fit_transform(recipe["texts"])
    assert (recipe["weights"] != weights).nnz == 0
    assert recipe["growing"].vocabulary_ == theirs.vocabulary_ == ours.vocabulary_
    assert recipe["great"]["size"].sum() == len(recipe["reviews"])


def hours(recipe):
    """Line by line. The command gives the same counts, but cannot tell the hour of lines without a time."""
    expected = {}
    for line in recipe["lines"]:
        if line.startswith("2024"):
            hour = expected.setdefault(line[:13], dict.fromkeys(recipe["terms"], 0))
        for term in hour:
            hour[term] += term in line
    assert recipe["hourly"].to_dict() == expected
    header, *rows = map(str.split, recipe["done"].stdout.splitlines())
    assert header == ["group", "documents", *recipe["terms"]]
    assert [int(row[-3]) for row in rows[:-1]] == [counts["ERROR"] for counts in expected.values()]
    assert rows[-1][0] == "None"
    assert int(rows[-1][-1]) == sum(counts["timeout"] for counts in expected.values())


def names(recipe):
    """Where several forms begin, the longest counts. The page highlights the same parts of the texts."""
    matches, texts = recipe["matches"], recipe["texts"]
    forms = {" ".join(form.split()) for forms in recipe["companies"].values() for form in forms}
    first = {form[0] for form in forms}
    lengths = sorted({len(form) for form in forms}, reverse=True)
    expected = []
    for text in texts:
        at = 0
        while at < len(text):
            found = None
            if text[at] in first and not (word(text[at]) and word(text[at - 1 : at])):
                found = next(
                    (
                        text[at : at + length]
                        for length in lengths
                        if text[at : at + length] in forms
                        and not word(text[at - 1 : at])
                        and not word(text[at + length : at + length + 1])
                    ),
                    None,
                )
            if found:
                expected.append(found)
            at += len(found or "x")
    found = [match.match for match in matches.context(texts)]
    assert found == expected
    assert len(expected) > 60
    marked = re.findall("<mark[^>]*>(.*?)</mark>", recipe["page"].partition("<nav")[0])
    assert [html.unescape(part) for part in marked] == expected


def word(text):
    return re.fullmatch(r"\w", text) is not None


CHECKS = {
    check.__name__: check
    for check in [cooccurrence, hours, lake, names, negation, percentages, sentiment, topics, trends, vocabulary]
}
