"""Lexicons in CSV and TSV: columns with and without names."""

import countgrid as cg
import pytest
from published import VADER

#: The file's name, its content, and what is read.
READ = {
    "CSV": ("a.csv", "happy,pos\nsad,neg\nglad,pos\n", {"pos": ["happy", "glad"], "neg": ["sad"]}),
    "CSV with a header": ("a.csv", "term,category\nhappy,pos\n", {"pos": ["happy"]}),
    "CSV with a header the other way": ("a.csv", "\n Category , TERM\npos,happy\n", {"pos": ["happy"]}),
    "CSV with a header alone": ("a.csv", "term,category\n", {}),
    "CSV with other words above": (
        "a.csv",
        "a,b\nterm,kind\nc,d\nc,b\n",
        {"b": ["a", "c"], "kind": ["term"], "d": ["c"]},
    ),
    "CSV with the header's words below": ("a.csv", "a,b\nterm,category\n", {"b": ["a"], "category": ["term"]}),
    "CSV of one column": ("a.csv", "happy\nsad\n", ["happy", "sad"]),
    "CSV of one column with a header": ("a.csv", "Term\nhappy\n", ["happy"]),
    "CSV with quotes": (
        "a.csv",
        '"so, so",pos\n"say ""so""", pos\n5" disk,neg\n',
        {"pos": ["so, so", 'say "so"'], "neg": ['5" disk']},
    ),
    "CSV with a line end in a cell": ("a.csv", '"New\r\nYork",city\r\n', {"city": ["New\nYork"]}),
    "CSV with blank rows": ("a.csv", "\na,b\n\n   \nc,b\n", {"b": ["a", "c"]}),
    "CSV with signs": ("a.csv", '#tag,a\n"# b",a\n*,a\n', {"a": ["#tag", "# b", "*"]}),
    "CSV with comments": ("a.csv", '# a, b\n;;; c\n;\na,"b\n# c"\n', {"b\n# c": ["a"]}),
    "empty CSV": ("a.csv", "\n\n", []),
    "TSV": ("a.tsv", "so, so\tpos\nsad\tneg", {"pos": ["so, so"], "neg": ["sad"]}),
    "TSV of one column": ("a.TSV", "term\na,b", ["a,b"]),
    "several categories": ("a.csv", "a,x\na,y\n", {"x": ["a"], "y": ["a"]}),
}


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_what_is_read(reads, name, content, expected):
    reads(name, content, expected)


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


#: The content of a CSV, and what is read.
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


#: The file's name, its content, the line, and what the message says.
REFUSED = {
    "CSV: three cells": ("a.csv", "\na,b,c\n", 2, ["length 3", "category"]),
    "CSV: numbers of rows": ("a.csv", "id,term\n1,a\n2,b\n", 1, ["'id'", "weight", "empty"]),
    "CSV: how often terms occur": ("a.csv", "term,Freq\na,1\nb,1\n", 1, ["'Freq'", "weight", "empty"]),
    "CSV: another number of cells": ("a.csv", "a,b\n\nc\n", 3, ["length 1", "expected 2"]),
    "CSV: more than the header": ("a.csv", "term\na\nb,c\n", 3, ["length 2", "expected 1"]),
    "CSV: an empty term": ("a.csv", "a,b\n ,b\n", 2, ["empty term"]),
    "CSV: an empty term in one column": ("a.csv", 'a\n""\n', 2, ["empty term"]),
    "CSV: an empty category": ("a.csv", "a,b\na,\n", 2, ["empty category"]),
    "CSV: an open quote": ("a.csv", 'a,b\n"c,b\n', 2, ["CSV"]),
    "CSV: text after a quote": ("a.csv", 'a,b\nc,d\n"c"d,b\n', 3, ["CSV"]),
    "CSV: lines in quotes count": ("a.csv", '"a\nb",c\n,d\n', 3, ["empty term"]),
    "TSV: another number of cells": ("a.tsv", "a\tb\nc,d\n", 2, ["length 1", "expected 2"]),
    "TSV: an open quote": ("a.tsv", 'a\tb\n"c\tb\n', 2, ["TSV"]),
    "CSV: a field without an end": ("a.csv", 'a,b\n"' + "c,d\n" * 100_000, 2, ["131072", "quote"]),
    "NUL in CSV": ("a.csv", "a,b\nb\0c,d\n", 2, ["NUL", "encoding="]),
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
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(refuses, name, content, line, parts):
    refuses(name, content, line, parts)
