"""Lexicons as they are published: the layouts of well-known files."""

import importlib.util
from pathlib import Path

import countgrid as cg
import pytest
from afinn import Afinn
from published import AFINN, NRC, VADER
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

#: The file's name, its content, the options, and the result: terms or categories, and weights.
READ = {
    "AFINN": ("AFINN-111.tsv", AFINN, {}, ["abandon", "can't stand", "fun"], [-2, -3, 4]),
    "AFINN as it is named": (
        "AFINN-111.txt",
        AFINN,
        {"format": "tsv"},
        ["abandon", "can't stand", "fun"],
        [-2, -3, 4],
    ),
    "AFINN, detected": ("AFINN-111.txt", AFINN, {}, ["abandon", "can't stand", "fun"], [-2, -3, 4]),
    "emoticons of AFINN": ("AFINN-emoticon-8.tab", ":)\t2\n:(\t-2\n=3\t1\n", {}, [":)", ":(", "=3"], [2, -2, 1]),
    "VADER with a header": (
        "vader.tsv",
        "term\tvalence\t\t\r\n" + VADER.replace("\n", "\r\n"),
        {},
        ["$:", "(-:", "abandon"],
        [-1.5, 1.6, -1.9],
    ),
    "VADER": ("vader_lexicon.txt", VADER, {}, ["$:", "(-:", "abandon"], [-1.5, 1.6, -1.9]),
    "VADER with columns": (
        "vader_lexicon.txt",
        VADER,
        {"columns": ["term", "weight", None, None]},
        ["$:", "(-:", "abandon"],
        [-1.5, 1.6, -1.9],
    ),
    "NRC VAD": (
        "NRC-VAD-Lexicon.txt",
        "Word\tValence\tArousal\tDominance\naaaaaaah\t0.479\t0.606\t0.291\nhot dog\t0.5\t0.4\t1\n",
        {},
        ["aaaaaaah", "hot dog"],
        [(0.479, 0.606, 0.291), (0.5, 0.4, 1)],
    ),
    "NRC as text": (
        "NRC-Emotion-Lexicon-Wordlevel-v0.92.txt",
        NRC,
        {},
        {"anger": [], "joy": [], "fear": ["abandon"], "positive": ["abba"]},
        None,
    ),
    "NRC": (
        "nrc.tsv",
        NRC,
        {},
        {"anger": [], "joy": [], "fear": ["abandon"], "positive": ["abba"]},
        None,
    ),
    "NRC, wide": (
        "nrc.tsv",
        "English Word\tanger\tjoy\naback\t0\t0\nhappy\t0\t1\nbittersweet\t1\t1\n",
        {},
        {"anger": ["bittersweet"], "joy": ["happy", "bittersweet"]},
        None,
    ),
    "NRC, intensity": (
        "nrc.tsv",
        "term\tscore\tAffectDimension\noutraged\t0.964\tanger\nglad\t.5\tjoy\n",
        {},
        {"anger": ["outraged"], "joy": ["glad"]},
        None,
    ),
    "NRC, intensity, later": (
        "nrc.tsv",
        "English Word\tEmotion\tEmotion-Intensity-Score\noutraged\tanger\t0.964\n",
        {},
        {"anger": ["outraged"]},
        None,
    ),
    "Bing Liu": (
        "positive-words.txt",
        b";;;;;;;;;;;;;;;\r\n; \r\n; Opinion Lexicon: Positive\r\n;\r\n;;;;;;;;\r\n\r\na+\r\nna\xefve\r\n2-faced\r\n",
        {"encoding": "latin-1"},
        ["a+", "naïve", "2-faced"],
        None,
    ),
    "Loughran-McDonald, only its marks": (
        "lm.csv",
        "Word,,Negative,Positive\nAARDVARK,354,0,0\nABANDON,9,1,0\n",
        {},
        {"Negative": ["ABANDON"], "Positive": []},
        None,
    ),
    "LIWC 2007": (
        "LIWC2007_English.dic",
        "%\r\n1\tfunct\r\n02\tpronoun\tpersonal and others\r\n%\r\na\t1\r\nI\t1\t2\r\nhe'd\t01\t02\r\n\x1a",
        {},
        {"funct": ["a", "I", "he'd"], "pronoun": ["I", "he'd"]},
        None,
    ),
    "LIWC 2015": (
        "LIWC2015.dic",
        "%\n1\tfunction (Function Words)\n\t2\tpronoun (Pronouns)\n%\na lot\t1\nhappy*     2\n",
        {"syntax": "glob"},
        {"function (Function Words)": ["a lot"], "pronoun (Pronouns)": ["happy*"]},
        None,
    ),
    "LIWC-22": (
        "mood.dicx",
        '\ufeffDicTerm,joy,calm\r\nhapp*,X,\r\n"so, so",,x\r\nserene,X,X\r\nwhy?,,X\r\nnone,,\r\n',
        {"syntax": "glob"},
        {"joy": ["happ*", "serene"], "calm": ["so, so", "serene", "why\\?"]},
        None,
    ),
    "LIWC-22 with categories of known names": (
        "LIWC-22.dicx",
        "DicTerm,affect,emotion,word,value\nhappy,X,X,,\nclass,,,X,X\n",
        {},
        {"affect": ["happy"], "emotion": ["happy"], "word": ["class"], "value": ["class"]},
        None,
    ),
    "LIWC-22 with weights": ("wrad.dicx", "DicTerm,WRAD\na,0.5\nb,-1\n", {"format": "csv"}, ["a", "b"], [0.5, -1]),
    "quanteda": (
        "laver-garry.yml",
        "ECONOMY:\n  '+STATE+': [accommodation, age]\n",
        {},
        {"ECONOMY.+STATE+": ["accommodation", "age"]},
        None,
    ),
}


@pytest.mark.parametrize(("name", "content", "options", "expected", "weights"), READ.values(), ids=READ)
def test_published_layouts(write, name, content, options, expected, weights):
    lexicon = cg.read_lexicon(write(name, content), **options)
    assert lexicon == expected
    assert lexicon.weights == (weights and dict(zip(lexicon, weights, strict=True)))
    assert cg.TermCounter(lexicon).columns == list(expected)


# The files as their own packages install them


def installed(package: str, name: str) -> Path:
    return Path(importlib.util.find_spec(package).origin).parent / name


def test_vaders_own_file():
    lexicon = cg.read_lexicon(installed("vaderSentiment", "vader_lexicon.txt"))
    expected = SentimentIntensityAnalyzer().lexicon
    assert lexicon.weights == expected
    assert lexicon == list(expected)
    assert {"( '}{' )", "can't stand", ";-*"} <= set(lexicon)
    assert len(lexicon) > 7000
    counter = cg.TermCounter(lexicon, match="adaptive", ignore_case=True)
    assert len(counter) == len(lexicon)


@pytest.mark.parametrize("name", ["AFINN-111.txt", "AFINN-en-165.txt", "AFINN-emoticon-8.txt", "AFINN-da-32.txt"])
def test_afinns_own_files(name):
    path = installed("afinn", f"data/{name}")
    lexicon = cg.read_lexicon(path)
    assert lexicon.weights == Afinn.read_word_file(path)
    assert len(lexicon) == len(lexicon.weights) > 90


def test_an_old_file_of_afinn_has_terms_with_two_numbers():
    with pytest.raises(ValueError, match=r"AFINN-96\.txt, line \d+: 'cheers' has 2, and 3 before"):
        cg.read_lexicon(installed("afinn", "data/AFINN-96.txt"))
