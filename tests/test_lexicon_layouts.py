"""Lexicons as they are published: the layouts of well-known files, headers of tables, and what is refused."""

import copy
import json
import pickle
import re
import warnings
from pathlib import Path

import countgrid as cg
import pytest


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


AFINN = "abandon\t-2\ncan't stand\t-3\nfun\t4\n"
VADER = "$:\t-1.5\t0.80623\t[-1, -1, -1, -1]\n(-:\t1.6\t0.48990\t[2, 2, 1, 2]\nabandon\t-1.9\t0.5\t[-1, -2]\n"
NRC = "aback\tanger\t0\naback\tjoy\t0\nabandon\tanger\t0\nabandon\tfear\t1\nabba\tpositive\t1\nabbey\tjoy\t0\n"
LIKE = "like\t(02 134)125/464\t(02 134)126\t253\nlike*\t2\nkind\t<of>131/125\t1 2\nonly\t(02)1/2\nrun\t1\n"
CATEGORIES = "%\n1\tfunct\n2\tpronoun\n253\tdiscrep\n%\n"

# The file's name, its content, the options, and what is read: terms or categories, and weights
READ = {
    "AFINN": ("AFINN-111.tsv", AFINN, {}, ["abandon", "can't stand", "fun"], [-2, -3, 4]),
    "AFINN as it is named": (
        "AFINN-111.txt",
        AFINN,
        {"format": "tsv"},
        ["abandon", "can't stand", "fun"],
        [-2, -3, 4],
    ),
    "emoticons of AFINN": ("AFINN-emoticon-8.tab", ":)\t2\n:(\t-2\n=3\t1\n", {}, [":)", ":(", "=3"], [2, -2, 1]),
    "VADER with a header": (
        "vader.tsv",
        "term\tvalence\t\t\r\n" + VADER.replace("\n", "\r\n"),
        {},
        ["$:", "(-:", "abandon"],
        [-1.5, 1.6, -1.9],
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
    "Loughran-McDonald, its marks alone": (
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
    "LIWC-22 with weights": ("wrad.dicx", "DicTerm,WRAD\na,0.5\nb,-1\n", {}, ["a", "b"], [0.5, -1]),
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


# Headers: of columns by any of their names, and not taken for terms


@pytest.mark.parametrize("term", ["term", "Word", "TOKEN", "phrase", "Pattern", " word "])
@pytest.mark.parametrize("category", ["category", "Sentiment", "LABEL", "class", "emotion"])
@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_header_of_terms_and_categories(write, term, category, sign):
    rows = [(term, category), ("happy", "pos"), ("sad", "neg"), ("glad", "pos")]
    for order in (1, -1):
        content = "".join(sign.join(row[::order]) + "\n" for row in rows)
        assert cg.read_lexicon(write("a.csv", content)) == {"pos": ["happy", "glad"], "neg": ["sad"]}


@pytest.mark.parametrize("term", ["term", "Word", "TOKEN", "phrase", "Pattern"])
@pytest.mark.parametrize("number", ["weight", "Score", "VALENCE", "sentiment", "happiness average"])
def test_a_header_of_terms_and_numbers(write, term, number):
    rows = [(term, number), ("happy", "3"), ("sad", "-2.5"), ("1984", "+.5e1")]
    for order in (1, -1):
        content = "".join(",".join(row[::order]) + "\n" for row in rows)
        lexicon = cg.read_lexicon(write("a.csv", content))
        assert lexicon == ["happy", "sad", "1984"]
        assert lexicon.weights == {"happy": 3, "sad": -2.5, "1984": 5}


@pytest.mark.parametrize("marks", [("x", ""), ("X", " "), ("1", "0"), ("TRUE", "FALSE"), ("x", "0")])
def test_a_column_for_each_category(write, marks):
    one, no = marks
    content = f"word,joy,calm,none\nhappy,{one},{no},{no}\nserene,{one},{one},{no}\nbland,{no},{no},{no}\n"
    expected = {"joy": ["happy", "serene"], "calm": ["serene"], "none": []}
    assert cg.read_lexicon(write("a.csv", content)) == expected
    assert cg.read_lexicon(write("a.tsv", content.replace(",", "\t"))) == expected


TABLES = {
    "a header of one column": ("Word\nhappy\nword\n", ["happy", "word"]),
    "a header of one column in the plural": ("Words\nhappy\n", ["happy"]),
    "a header of one column in quotes": ('"word"\n"happy"\n', ["happy"]),
    "numbers with a header": ("term\nroute 66\ncatch 22\n", ["route 66", "catch 22"]),
    "years": ("1984\n2001\n", ["1984", "2001"]),
    "numbers for category names": ("term,category\nhappy,1\nsad,2\n", {"1": ["happy"], "2": ["sad"]}),
    "names of columns that are categories": (
        "love,emotion\nhate,emotion\ntax,topic\nlevy,topic\n",
        {"emotion": ["love", "hate"], "topic": ["tax", "levy"]},
    ),
    "a row without any name": ("happy,pos\nsad,neg\n", {"pos": ["happy"], "neg": ["sad"]}),
    "an index of pandas": (",word,label\n0,happy,pos\n1,sad,neg\n", {"pos": ["happy"], "neg": ["sad"]}),
    "terms alone, others skipped": ("word,,\nhappy,a,b\nsad,a,b\n", ["happy", "sad"]),
    "a zero is no member": ("term,class,weight\na,x,0\na,y,2\nb,x,0.0\n", {"x": [], "y": ["a"]}),
    "a number again": ("term,weight\na,1\na,1.0\nb,2\n", ["a", "b"]),
    "marks below known names": (
        "word,joy,emotion,topic\nhappy,1,1,0\nsad,0,1,0\n",
        {"joy": ["happy"], "emotion": ["happy", "sad"], "topic": []},
    ),
    "names that look like marks": ("term,class,weight\na,x,0\nb,x,1\n", {"x": ["b"]}),
    "a quoted separator of Excel's": ('"sep=;"\nword;label\nso, so;pos\n', {"pos": ["so, so"]}),
    "a separator of Excel's": ("sep=;\nword;label\nso, so;pos\n", {"pos": ["so, so"]}),
    "emoticons with semicolons": (";)\n;-)\n:;\n", [";)", ";-)", ":;"]),
}


@pytest.mark.parametrize(("content", "expected"), TABLES.values(), ids=TABLES)
def test_tables(write, content, expected):
    assert cg.read_lexicon(write("a.csv", content)) == expected


# What is refused: the file's name, its content, the line or None, and what the message says

REFUSED = {
    "text: a number after a tab": ("AFINN-111.txt", AFINN, 1, ["tab", "'abandon\\t-2'", "format='tsv'"]),
    "text: VADER's": ("vader_lexicon.txt", VADER, 1, ["tab", "format='tsv'"]),
    "text: NRC's": ("NRC.txt", NRC, 1, ["tab", "format='tsv'"]),
    "text: a tab further down": ("a.txt", "a\nb\tc\n", 2, ["tab", "'b\\tc'"]),
    "text: numbers after spaces": ("a.txt", "happy 3\nso sad  -2.5\n", 1, ["'happy 3'", "number", "tsv"]),
    "text: numbers after commas": ("a.txt", "# a\nhappy,3\nsad, 2\n", 2, ["'happy,3'", "number"]),
    "text: numbers below a header": ("a.txt", "word score\nhappy 3\nsad -2\n", 2, ["'happy 3'", "number"]),
    "text: a header": ("a.txt", "word,sentiment\nhappy,pos\n", 1, ["'word,sentiment'", "header", "format='csv'"]),
    "text: quotes": ("a.txt", '"happy"\n"so, sad"\n', 1, ["quotes", "format='csv'"]),
    "text: quotes and commas": ("a.txt", "'happy',\n'sad',\n'glad'\n", 1, ["quotes", "JSON list"]),
    "text: a control character": ("a.txt", "a\nb\x1bc\n", 2, ["U+001B"]),
    "text: a control character of Latin 1": ("a.txt", "a\nb\x85c\n", 2, ["U+0085"]),
    "text: a mark in the middle": ("a.txt", "a\n\ufeffb\n", 2, ["U+FEFF"]),
    "text: MPQA": (
        "subjclues.txt",
        "type=strongsubj len=1 word1=abandoned pos1=adj stemmed1=n priorpolarity=negative\n",
        1,
        ["MPQA"],
    ),
    "text: LIWC's": ("LIWC2007.txt", CATEGORIES + "a\t1\n", 1, ["LIWC", "format='dic'"]),
    "text: XML": ("mary.txt", '<?xml version="1.0"?>\n<dictionary/>\n', 1, ["XML"]),
    "text: JSON": ("a.txt", '{"a":\n ["b"]}\n', 1, ["JSON", "format='json'"]),
    "text: JSON in a line": ("a.txt", '["b"]', 1, ["JSON", "format='json'"]),
    "TSV: MPQA": ("a.tsv", "type=weaksubj len=1 word1=a pos1=adj\n", 1, ["MPQA"]),
    "TSV: VADER": ("vader.tsv", VADER, 1, ["length 4", "first row of names", "skip"]),
    "CSV: Loughran-McDonald": (
        "lm.csv",
        "Word,Seq_num,Word Count,Negative,Positive\nAARDVARK,1,664,0,0\nABANDON,2,100,2009,0\n",
        3,
        ["'2'", "'Seq_num'", "0", "x"],
    ),
    "CSV: years for marks": (
        "lm.csv",
        "Word,Negative,Positive\nA,0,0\nB,2009,0\nC,-2020,0\n",
        3,
        ["'2009'", "'Negative'"],
    ),
    "CSV: several numbers": ("vad.csv", "word,valence,arousal\nhappy,0.5,0.9\n", 2, ["'0.9'", "'arousal'"]),
    "CSV: two columns of numbers": ("a.csv", "word,valence,score\nhappy,1,2\n", 1, ["'valence'", "'score'"]),
    "CSV: two columns of terms": ("a.csv", "word,phrase\nhappy,so happy\n", 1, ["'word'", "'phrase'"]),
    "CSV: categories in a column and in columns": ("a.csv", "word,label,pos\na,b,x\n", 1, ["'label'", "'pos'"]),
    "CSV: an unknown column": ("a.csv", "word,kind\nhappy,pos\n", 2, ["'pos'", "'kind'", "category"]),
    "CSV: no column of terms": ("a.csv", "ngram,sentiment\nhappy,pos\nsad,neg\n", 1, ["'sentiment'", "term"]),
    "CSV: an unknown name above numbers": ("a.csv", "a,b\nhappy,1\nsad,2\n", 1, ["'b'", "numbers", "weight"]),
    "CSV: a number among categories": ("a.csv", "happy,pos\nsad,2\nglad,pos\n", 2, ["2", "categories"]),
    "CSV: numbers first": ("a.csv", "-2,abandon\n3,happy\n", 1, ["'-2'", "number", "first row"]),
    "CSV: terms in columns by category": (
        "a.csv",
        "positive,negative\nhappy,sad\nglad,mad\n",
        1,
        ["'negative'", "rows", "column", "first row of names"],
    ),
    "CSV: terms in short columns": (
        "a.csv",
        "Positive,Negative\nhappy,sad\n",
        1,
        ["'Negative'", "rows", "column", "first row of names"],
    ),
    "CSV: a tab in a category": ("a.csv", 'happy,"pos\t3"\n', 1, ["tab", "'pos\\t3'"]),
    "TSV: commas": ("a.tsv", "word,sentiment\nhappy,pos\n", 1, ["header", "format='csv'"]),
    "CSV: terms in three columns": (
        "a.csv",
        "joy,calm,anger\nhappy,serene,mad\n",
        1,
        ["length 3", "first row of names"],
    ),
    "CSV: no number": ("a.csv", "word,weight\na,1\nb,\n", 3, ["''", "number"]),
    "CSV: a word for a number": ("a.csv", "word,weight\na,1\nb,high\n", 3, ["'high'", "number"]),
    "CSV: a decimal comma": ("a.csv", "word;weight\na;0,5\n", 2, ["'0,5'", "number"]),
    "CSV: not a number": ("a.csv", "word,weight\na,nan\n", 2, ["'nan'", "number"]),
    "CSV: two numbers for a term": ("a.csv", "word,weight\na,1\nb,1\na,2\n", 4, ["'a'", "2", "1"]),
    "CSV: numbers in one column": ("a.csv", "happy 3\nsad -2\n", 1, ["'happy 3'", "number"]),
    "CSV: a category twice": ("a.csv", "word,a,a\nhappy,x,\n", 1, ["'a'", "twice"]),
    "CSV: a tab": ("a.csv", 'happy,pos\n"a\tb",neg\n', 2, ["tab"]),
    "JSON: a tab": ("a.json", '["a",\n"happy\\t3"]', 2, ["tab", "space"]),
    "JSON: a control character": ("a.json", '["a",\n"\\u0007"]', 2, ["U+0007"]),
    "JSON: numbers": ("a.json", '{"happy":\n3}', 2, ["3"]),
    "YAML: numbers": ("a.yaml", "happy: 3\nsad: -2\n", 1, ["3", "'happy'", "list"]),
    "dicx: no header": ("a.dicx", "happ*,X\n", 1, ["'happ*'", "DicTerm"]),
    "dicx: nothing": ("a.dicx", "\n", 1, ["DicTerm"]),
    "dicx: another mark": ("a.dicx", "DicTerm,a,b\nhappy,X,\nsad,,Y\n", 3, ["'Y'", "'b'"]),
    "dicx: a row that is too short": ("a.dicx", "DicTerm,a,b\nhappy,X\n", 2, ["length 2", "3"]),
    "dic: a condition": ("a.dic", CATEGORIES + "run\t1\n" + LIKE, 7, ["(02 134)125/464", "on_unsupported='skip'"]),
    "dic: a number before the tab": ("a.dic", CATEGORIES + "happy 1\t2\n", 6, ["'happy 1\\t2'", "tabs"]),
    "JSON Lines": ("a.jsonl", '{"a": "b"}\n', None, [".jsonl", "JSON Lines", "format="]),
    "a spreadsheet": ("a.XLSX", b"PK\x03\x04", None, [".xlsx", "spreadsheet", "CSV", "format="]),
    "Lexicoder": ("a.lc3", "+A\nmore\n", None, [".lc3", "Lexicoder", "format="]),
    "WordStat": ("a.cat", "SOUTH\n\tBW (1)\n", None, [".cat", "WordStat", "format="]),
    "Yoshikoder": ("a.ykd", "<?xml?>", None, [".ykd", "Yoshikoder", "format="]),
    "MPQA": ("subjclues.tff", "type=weaksubj len=1 word1=a\n", None, [".tff", "MPQA", "format="]),
    "another suffix": ("words.lst", "happy\n", None, [".lst", "format=", "text"]),
}


@pytest.mark.parametrize("syntax", ["literal", "glob"])
@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_refused(write, name, content, line, parts, syntax):
    path = write(name, content)
    place = f"{path}, line {line}: " if line else f"{path}: "
    with pytest.raises(ValueError, match="^" + re.escape(place)) as caught:
        cg.read_lexicon(path, syntax=syntax)
    said = str(caught.value)[len(str(path)) :]
    assert all(part in said for part in parts), said
    assert len(said) < 400, "told in short"


def test_a_format_reads_another_suffix(write):
    assert cg.read_lexicon(write("words.lst", "happy\nsad\n"), format="text") == ["happy", "sad"]
    assert cg.read_lexicon(write("a.cat", "a,b\n"), format="csv") == {"b": ["a"]}
    with pytest.raises(FileNotFoundError):
        cg.read_lexicon("none/of/these.txt")


# LIWC's conditions


def test_conditions_are_skipped_with_one_warning(write):
    path = write("LIWC2007.dic", CATEGORIES + LIKE + "(i) like\t1\n\x1a")
    with pytest.warns(
        UserWarning, match=re.escape(f"{path}: skipped 4 conditional entries, the first in line 6")
    ) as said:
        lexicon = cg.read_lexicon(path, syntax="glob", on_unsupported="skip")
    assert len(said) == 1
    assert said[0].filename == __file__
    assert lexicon == {"funct": ["kind", "run"], "pronoun": ["like*", "kind"], "discrep": ["like"]}


def test_conditions_after_spaces(write):
    path = write("a.dic", CATEGORIES + "like  1 (02 134)125/464  253\nkind (1)2\n")
    with pytest.warns(UserWarning, match="skipped 2 conditional entries"):
        lexicon = cg.read_lexicon(path, on_unsupported="skip")
    assert lexicon == {"funct": ["like"], "pronoun": [], "discrep": ["like"]}


def test_nothing_is_said_without_conditions(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cg.read_lexicon(write("a.dic", "%\n1\ta\n%\nx\t1\n"), on_unsupported="skip") == {"a": ["x"]}


def test_a_wrong_category_is_not_skipped(write):
    path = write("a.dic", CATEGORIES + "like\t(02 134)125/464\t9\n")
    with pytest.raises(ValueError, match="line 6: category 9 is not in the header"):
        cg.read_lexicon(path, on_unsupported="skip")


# The lexicon


def test_a_lexicon_says_where_it_comes_from(write):
    path = write("a.json", '{"a": ["b*"]}')
    lexicon = cg.read_lexicon(path, syntax="glob")
    assert isinstance(lexicon, cg.Lexicon)
    assert isinstance(lexicon, dict)
    assert (lexicon.syntax, lexicon.weights, lexicon.source) == ("glob", None, str(path))
    assert json.loads(json.dumps(lexicon)) == lexicon
    terms = cg.read_lexicon(write("a.tsv", AFINN))
    assert isinstance(terms, cg.Lexicon)
    assert isinstance(terms, list)
    assert (terms.syntax, terms.source) == ("literal", str(path.with_name("a.tsv")))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_a_lexicon(write, copied):
    for name, content in {"a.csv": "term,weight\nhapp*,1\n", "b.json": '{"a": ["b*"]}'}.items():
        lexicon = cg.read_lexicon(write(name, content), syntax="glob")
        other = copied(lexicon)
        assert other == lexicon
        assert type(other) is type(lexicon)
        assert vars(other) == vars(lexicon)


def test_a_counter_uses_the_syntax_of_a_lexicon(write):
    path = write("a.txt", "happ*\n")
    globs, literal = cg.read_lexicon(path, syntax="glob"), cg.read_lexicon(path)
    assert cg.TermCounter(globs) == cg.TermCounter(globs, syntax="glob") == cg.TermCounter(["happ*"], syntax="glob")
    assert cg.TermCounter(literal) == cg.TermCounter(literal, syntax="literal") == cg.TermCounter(["happ*"])
    assert "syntax='glob'" in repr(cg.TermCounter(globs))
    assert pickle.loads(pickle.dumps(cg.TermCounter(globs))) == cg.TermCounter(globs)
    assert cg.count(["happy happ*"], globs).tolist() == [[2]]
    assert cg.count(["happy happ*"], literal).tolist() == [[1]]
    assert cg.count(["happy happ*"], list(literal), syntax="glob").tolist() == [[2]]


@pytest.mark.parametrize(("read", "said"), [("glob", "literal"), ("literal", "glob"), ("glob", "regex")])
@pytest.mark.parametrize(
    ("name", "content", "kind"), [("a.txt", "happ*\n", "list"), ("a.json", '{"a": "b"}', "dict")]
)
def test_another_syntax_than_the_lexicons(write, read, said, name, content, kind):
    path = write(name, content)
    lexicon = cg.read_lexicon(path, syntax=read)
    for call in (cg.TermCounter, lambda terms, syntax: cg.count(["a"], terms, syntax=syntax)):
        with pytest.raises(ValueError, match=f"^syntax is '{said}', but .*syntax='{read}'") as caught:
            call(lexicon, syntax=said)
        assert all(part in str(caught.value) for part in (str(path), f"syntax='{said}'", f"{kind}(lexicon)"))
