"""Lexicons in plain text: one term per line."""

import pytest
from published import AFINN

#: The file's name, its content, and the result.
READ = {
    "text": ("a.txt", "happy\n  New York  \n\nhappy\n", ["happy", "New York", "happy"]),
    "text without a suffix": ("lexicon", "happy", ["happy"]),
    "text of another suffix": ("a.TEXT", "happy, sad", ["happy, sad"]),
    "empty text": ("a.txt", "", []),
    "comments": (
        "a.txt",
        "# a comment\n#\n# \n#tag\n## b\n # c\n#\td\na # b\n",
        ["#tag", "## b", "a # b"],
    ),
    "comments of semicolons": (
        "a.txt",
        ";;;;;;;;\n; \n;   Opinion Lexicon\n;\n;;; a\n;;;b\n;)\n;-)\n;;a\na ; b\n",
        [";)", ";-)", ";;a", "a ; b"],
    ),
    "lines of Windows": ("a.txt", "a\r\n# b\r\n\r\nc d\r\n", ["a", "c d"]),
    "lines of old Macs": ("a.txt", "a\rb", ["a", "b"]),
    "only those end lines": ("a.txt", "a\u2029b\u2028c\n", ["a\u2029b\u2028c"]),
    "the end of a text of DOS": ("a.txt", "a\r\nb\r\n\x1a", ["a", "b"]),
    "numbers in half of the lines": (
        "a.txt",
        "route 66\ncatch 22\nfun\nabandon\n",
        ["route 66", "catch 22", "fun", "abandon"],
    ),
    "a number in one of two lines": ("a.txt", "route 66\nfun\n", ["route 66", "fun"]),
    "numbers in text": ("a.txt", "route 66\n7\ncatch 22\n:3\n", ["route 66", "7", "catch 22", ":3"]),
    "a number in brackets": ("a.txt", "[1]\n", ["[1]"]),
    "quotes in text": ("a.txt", '"a"\nb\n', ['"a"', "b"]),
    "brackets in text": ("a.txt", "[a]\n{b\n[sic]", ["[a]", "{b", "[sic]"]),
    "signs of globs in text": ("a.txt", "why?\nhapp*\n\\d", ["why?", "happ*", "\\d"]),
}


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_valid_files(reads, name, content, expected):
    reads(name, content, expected)


#: The file's name, its content, the line, and parts of the message.
REFUSED = {
    "NUL in text": ("a.txt", "a\nb\0c\n", 2, ["NUL", "encoding="]),
    "a number after a tab": ("AFINN-111.txt", AFINN + "happy\n", 1, ["tab", "'abandon\\t-2'", "format='tsv'"]),
    "tabs in all terms": ("a.txt", "New\tYork\nLos\tAngeles\n", 1, ["'York'", "term", "columns="]),
    "a table with a row of another length": ("a.txt", "a\t1\nb\t1\t2\n", 2, ["length 3", "expected 2"]),
    "a table of words": ("a.txt", "glad\tfroh\nsad\ttraurig\nmad\tzornig\n", 1, ["'froh'", "columns="]),
    "a tab further down": ("a.txt", "a\nb\tc\n", 2, ["tab", "'b\\tc'"]),
    "numbers after spaces": ("a.txt", "happy 3\nso sad  -2.5\n", 1, ["'happy 3'", "number", "tsv"]),
    "numbers after commas": ("a.txt", "# a\nhappy,3\nsad, 2\n", 2, ["'happy,3'", "number"]),
    "numbers below a header": ("a.txt", "word score\nhappy 3\nsad -2\n", 2, ["'happy 3'", "number"]),
    "a header": ("a.txt", "word,sentiment\nhappy,pos\n", 1, ["'word,sentiment'", "header", "format='csv'"]),
    "quotes": ("a.txt", '"happy"\n"so, sad"\n', 1, ["quoted", "format='csv'"]),
    "quotes and commas": ("a.txt", "'happy',\n'sad',\n'glad'\n", 1, ["quoted", "JSON list"]),
    "a control character": ("a.txt", "a\nb\x1bc\n", 2, ["U+001B"]),
    "a control character of Latin 1": ("a.txt", "a\nb\x85c\n", 2, ["U+0085"]),
    "a mark in the middle": ("a.txt", "a\n\ufeffb\n", 2, ["U+FEFF"]),
    "MPQA": (
        "subjclues.txt",
        "type=strongsubj len=1 word1=abandoned pos1=adj stemmed1=n priorpolarity=negative\n",
        1,
        ["MPQA"],
    ),
    "LIWC's": ("LIWC2007.txt", "%\n1\tfunct\n%\na\t1\n", 1, ["LIWC", "format='dic'"]),
    "XML": ("mary.txt", '<?xml version="1.0"?>\n<dictionary/>\n', 1, ["XML"]),
    "JSON": ("a.txt", '{"a":\n ["b"]}\n', 1, ["JSON", "format='json'"]),
    "JSON in a line": ("a.txt", '["b"]', 1, ["JSON", "format='json'"]),
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_invalid_input(refuses, name, content, line, parts):
    refuses(name, content, line, parts)
