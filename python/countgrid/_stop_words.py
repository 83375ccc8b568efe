"""Stop words: words that `frequencies` leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from countgrid._counter import TermCounter
from countgrid._errors import option
from countgrid._lexicon.file import shown
from countgrid._warnings import warn

#: English function words: articles, pronouns, auxiliary verbs, prepositions, conjunctions, and a few adverbs. The
#: list is countgrid's own. Published lists also contain nouns and verbs, or do not fit how countgrid splits words.
_WORDS = """
    a an the this that these those each every either neither both all any some no such other another same own few
    more most
    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves who whom whose which what
    am is are was were be been being have has had having do does did doing will would shall should can cannot could
    may might must ought
    about above across after against along among around as at before behind below between beyond by down during for
    from in into of off on onto out over since than through throughout to toward towards under until up upon with
    within without
    and but or nor so if because although though unless while whereas whether
    not only just then there here when where why how too very also
"""
#: What remains of contractions if the apostrophe is not a word character: `don` and `t`. `won` is a verb too.
_PARTS = """
    d ll m re s t ve aren couldn didn doesn don hadn hasn haven isn shouldn wasn weren wouldn
"""
#: Contractions, for texts in which the apostrophe is a word character.
_CONTRACTIONS = """
    i'm you're he's she's it's we're they're i've you've we've they've i'd you'd he'd she'd it'd we'd they'd i'll
    you'll he'll she'll it'll we'll they'll that's there's here's what's who's where's when's why's how's let's aren't
    can't couldn't didn't doesn't don't hadn't hasn't haven't isn't mustn't shouldn't wasn't weren't won't wouldn't
"""

APOSTROPHES = "'\u2019"

#: The words that ``stop_words="english"`` of `frequencies` leaves out if the apostrophe is not a word character: in
#: lower case, and with a capital first letter.
ENGLISH_STOP_WORDS = frozenset(chain.from_iterable((w, w.capitalize()) for w in f"{_WORDS} {_PARTS}".split()))


def english(word_chars: str) -> list[str]:
    """The English stop words, in lower case and with a capital first letter."""
    joined = "".join(_CONTRACTIONS.replace("'", mark) for mark in APOSTROPHES if mark in word_chars)
    words = f"{_WORDS} {_PARTS} {joined}".split()
    return list(chain.from_iterable((word, word.capitalize()) for word in words))


def stop_words_of(stop_words: Any, word_chars: str, *, are_words: bool = False) -> list[str]:
    """The stop words that the caller passed. Warns about those that are not words.

    With ``are_words``, ``english`` in an iterable is the word, as in a file.
    """
    if isinstance(stop_words, str):
        if stop_words != "english":
            raise ValueError(f"stop_words is {stop_words!r}; expected 'english' or an iterable of str")
        return english(word_chars)
    if not isinstance(stop_words, Iterable) or isinstance(stop_words, (bytes, bytearray, Mapping)):
        what = f"stop_words is {type(stop_words).__name__} ({stop_words!r:.80})"
        raise TypeError(f"{what}; expected 'english' or an iterable of str")
    words = list(stop_words)
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"stop_words contains {type(word).__name__} ({word!r:.80}); expected str")
    words = [str(word) for word in words]
    if "english" in words and not are_words:
        raise ValueError(
            "stop_words contains 'english', which names a list only by itself; pass stop_words='english' alone, or"
            " the words themselves (for the word, 'English' with ignore_case=True)"
        )
    if message := advice_about(words, word_chars):
        warn(message)
    return words


def advice_about(words: list[str], word_chars: str) -> str | None:
    """The warning about stop words that are not one word each, and so are never left out; None if all are."""
    # A glob of any word. Its matches in a word are the whole word.
    found = TermCounter(["*"], syntax="glob", word_chars=word_chars).find(words)
    whole = {
        document
        for document, start, end in zip(
            found.document.tolist(), found.start.tolist(), found.end.tolist(), strict=True
        )
        if start == 0 and end == len(words[document])
    }
    others = [word for at, word in enumerate(words) if at not in whole]
    if not others:
        return None
    marks = "".join(mark for mark in APOSTROPHES if any(mark in word for word in others))
    joined = f", or pass {option('word_chars', word_chars + marks)}" if marks else ""
    if len(others) == 1:
        return f"the stop word {shown(others[0])} is not one word, so it has no effect; split it{joined}"
    what = f"{len(others)} stop words are not one word each, such as {shown(others[0])}"
    return f"{what}, so they have no effect; split them{joined}"
