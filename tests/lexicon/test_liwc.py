"""LIWC's dictionaries: .dic, with conditional entries, and .dicx."""

import re
import warnings

import countgrid as cg
import pytest

DIC = """%
1\tposemo
2\tnegemo
10\tfunction (Function Words)
%
"""

LIKE = "like\t(02 134)125/464\t(02 134)126\t253\nlike*\t2\nkind\t<of>131/125\t1 2\nonly\t(02)1/2\nrun\t1\n"
CATEGORIES = "%\n1\tfunct\n2\tpronoun\n253\tdiscrep\n%\n"


#: The file's name, its content, and the result.
READ = {
    "dic": (
        "a.dic",
        DIC + "happy\t1\nbittersweet\t1\t2\n\nNew York\t10\n",
        {"posemo": ["happy", "bittersweet"], "negemo": ["bittersweet"], "function (Function Words)": ["New York"]},
    ),
    "dic with spaces": (
        "a.DIC",
        "\n%\n  1  posemo\n02 negemo\n%\nhappy   1\n  bitter sweet 1 2\n42 2\nroute 66\t1\n",
        {"posemo": ["happy", "bitter sweet", "route 66"], "negemo": ["bitter sweet", "42"]},
    ),
    "dic with a category twice in a line": ("a.dic", "%\n1\ta\n%\nx\t1\t01 1\nx\t1\n", {"a": ["x", "x"]}),
    "dic with an unused category": ("a.dic", "%\n2\tb\n1\ta\n%\nx\t1\n", {"b": [], "a": ["x"]}),
    "dic with other signs": (
        "a.dic",
        "%\n1\ta\n%\nwhy?\t1\n*cat\t1\na*b\t1\n\\*x\t1\n:)\t1\n#tag\t1\n%\t1\n",
        {"a": ["why?", "*cat", "a*b", "\\*x", ":)", "#tag", "%"]},
    ),
    "dic of Windows": ("a.dic", "%\r\n1\ta\r\n%\r\nx\t1\r\n", {"a": ["x"]}),
}


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_valid_files(reads, name, content, expected):
    reads(name, content, expected)


#: The file's name, its content, the line, and parts of the message.
REFUSED = {
    "dic: nothing": ("a.dic", "", 1, ["header", "%"]),
    "dic: no header": ("a.dic", "\nhappy\t1\n", 2, ["'happy\\t1'", "%"]),
    "dic: a header without an end": ("a.dic", "%\n1\ta\n2\tb\n", 3, ["%"]),
    "dic: only a number": ("a.dic", "%\n1\ta\n2\n%\n", 3, ["2", "name"]),
    "dic: only a name": ("a.dic", "%\n1\ta\nposemo\n%\n", 3, ["'posemo'", "digits"]),
    "dic: a number twice": ("a.dic", "%\n1\ta\n1\tb\n%\n", 3, ["1", "twice"]),
    "dic: a name twice": ("a.dic", "%\n1\ta\n2\ta\n%\n", 3, ["'a'", "twice"]),
    "dic: an unknown category": ("a.dic", DIC + "x\t1\ny\t1\t3\n", 7, ["category 3", "header"]),
    "dic: no category": ("a.dic", DIC + "happy\n", 6, ["'happy'", "category", "tab"]),
    "dic: no category after a tab": ("a.dic", DIC + "x\t1\n42\t\n", 7, ["'42'", "category", "tab"]),
    "dic: no term": ("a.dic", DIC + "x\t1\n \t1\n", 7, ["'1'"]),
    "dic: a name for a number": ("a.dic", DIC + "x\tposemo\n", 6, ["'posemo'", "digits"]),
    "dic: a condition": ("a.dic", DIC + "like\t(02 134)125/464\n", 6, ["(02 134)125/464", "condition", "skip"]),
    "dic: a condition of words": ("a.dic", DIC + "kind\t<of>131/125\t1\n", 6, ["<of>131/125", "on_unsupported="]),
    "dic: a condition before": ("a.dic", DIC + "(i) like*\t1\n", 6, ["(i) like*", "condition", "on_unsupported="]),
    "dic: a number before a tab": ("a.dic", DIC + "happy 1\t2\n", 6, ["'happy 1\\t2'", "number", "tabs"]),
    "dic: a condition after spaces": ("a.dic", DIC + "like (02 134)125/464\n", 6, ["(02 134)125/464", "condition"]),
    "dic: a huge number": ("a.dic", DIC + "x\t" + "1" * 5000 + "\n", 6, ["1111", "digits"]),
    "dic: numbers without a header": ("a.dic", "%\n1\ta\n%\n\nx " + "1 " * 300_000 + "x\n", 5, ["category"]),
    "NUL in dic": ("a.dic", DIC + "x\0\t1\n", 6, ["NUL", "encoding="]),
    "lines of Windows": ("a.dic", "%\r\n1\ta\r\n%\r\nx\t2\r\n", 4, ["category 2"]),
    "dicx: no header": ("a.dicx", "happ*,X\n", 1, ["'happ*'", "DicTerm"]),
    "dicx: nothing": ("a.dicx", "\n", 1, ["DicTerm"]),
    "dicx: another mark": ("a.dicx", "DicTerm,a,b\nhappy,X,\nsad,,Y\n", 3, ["'Y'", "'b'"]),
    "dicx: a row that is too short": ("a.dicx", "DicTerm,a,b\nhappy,X\n", 2, ["length 2", "3"]),
    **{
        f"{what}: {entry}": (
            name,
            content.format(entry),
            line,
            [repr(entry)[1:-1], "condition", "on_unsupported='skip'"],
        )
        for entry in [
            "(i) like",
            "(a b) like",
            "(did) (not) like",
            "(did)(not) like",
            "(53) like",
            "(i think) so it is",
            "kind <of>",
            "kind <of the>",
            "kind<of>",
            "<a> kind",
            "a <b> kind <of>",
        ]
        for what, name, content, line in [
            ("dic", "a.dic", DIC + "{}\t1\n", 6),
            ("dic of spaces", "a.dic", DIC + "x 1\n{}  1 2\n", 7),
            ("dicx", "a.dicx", "DicTerm,a\n{},X\n", 2),
        ]
    },
    "dicx: a weight": (
        "wrad.dicx",
        "DicTerm,WRAD\na,0.5\nb,-1\n",
        2,
        ["'0.5'", "'WRAD'", "expected X", "format='csv'"],
    ),
    "dicx: weights": ("vad.dicx", "DicTerm,v,a\nx,0.5,0.1\n", 2, ["'0.5'", "'v'", "expected X or nothing"]),
    "dicx: a count": ("a.dicx", "DicTerm,joy\na,1\nb,2\n", 3, ["'2'", "'joy'", "expected X", "format='csv'"]),
    "dicx: too large a weight": ("a.dicx", "DicTerm,joy\na,1e999\n", 2, ["'1e999'", "expected X"]),
    "dic: a condition among others": (
        "a.dic",
        CATEGORIES + "run\t1\n" + LIKE,
        7,
        ["(02 134)125/464", "on_unsupported='skip'"],
    ),
    "dic: a number before the tab": ("a.dic", CATEGORIES + "happy 1\t2\n", 6, ["'happy 1\\t2'", "tabs"]),
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_invalid_input(refuses, name, content, line, parts):
    refuses(name, content, line, parts)


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


def test_conditions_of_several_words_are_skipped(write):
    entries = ["(a b) like", "kind <of>", "(did) (not) like", "run"]
    dic = "%\n1\ta\n%\n" + "".join(f"{entry}\t1\n" for entry in entries)
    dicx = "DicTerm,a\n" + "".join(f"{entry},X\n" for entry in entries)
    for path, line in ((write("a.dic", dic), 4), (write("a.dicx", dicx), 2)):
        with pytest.warns(UserWarning, match=f"skipped 3 conditional entries, the first in line {line}"):
            assert cg.read_lexicon(path, on_unsupported="skip") == {"a": ["run"]}


#: Terms with brackets that are not conditions.
BRACKETS = [
    "(s)he",
    "World Bank (IBRD)",
    "f(x) is",
    "(i)",
    "(a b)",
    "<br>",
    "<3",
    "i <3 you",
    "a < b",
    "a > b",
    "(8)",
    ":( :)",
    "(: x :)",
    "( : ) x",
    "<> x",
    ">:( ok",
    "(a b",
    "a) b",
]


@pytest.mark.parametrize("term", BRACKETS)
def test_brackets_that_are_not_conditions(write, term):
    assert cg.read_lexicon(write("a.dic", f"%\n1\ta\n%\n{term}\t1\n")) == {"a": [term]}
    assert cg.read_lexicon(write("a.dicx", f"DicTerm,a\n{term},X\n")) == {"a": [term]}


def test_there_is_no_warning_without_conditions(write):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cg.read_lexicon(write("a.dic", "%\n1\ta\n%\nx\t1\n"), on_unsupported="skip") == {"a": ["x"]}


def test_a_wrong_category_is_not_skipped(write):
    path = write("a.dic", CATEGORIES + "like\t(02 134)125/464\t9\n")
    with pytest.raises(ValueError, match="line 6: category 9 is not in the header"):
        cg.read_lexicon(path, on_unsupported="skip")
