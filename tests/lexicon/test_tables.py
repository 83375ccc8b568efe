"""Lexicons in CSV and TSV: columns with and without names."""

import countgrid as cg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published import VADER

#: The file's name, its content, and the result.
READ = {
    "CSV": ("a.csv", "happy,pos\nsad,neg\nglad,pos\n", {"pos": ["happy", "glad"], "neg": ["sad"]}),
    "CSV with a header": ("a.csv", "term,category\nhappy,pos\n", {"pos": ["happy"]}),
    "CSV with a header the other way": ("a.csv", "\n Category , TERM\npos,happy\n", {"pos": ["happy"]}),
    "CSV with only a header": ("a.csv", "term,category\n", {}),
    "CSV with other words above": (
        "a.csv",
        "a,b\nterm,kind\nword,kind\nc,b\n",
        {"b": ["a", "c"], "kind": ["term", "word"]},
    ),
    "CSV with the header's words below": (
        "a.csv",
        "a,b\nterm,category\nc,b\nd,category\n",
        {"b": ["a", "c"], "category": ["term", "d"]},
    ),
    "CSV of one column": ("a.csv", "happy\nsad\n", ["happy", "sad"]),
    "CSV of one column with a header": ("a.csv", "Term\nhappy\n", ["happy"]),
    "CSV with quotes": (
        "a.csv",
        '"so, so",pos\n"say ""so""", pos\n5" disk,neg\n',
        {"pos": ["so, so", 'say "so"'], "neg": ['5" disk']},
    ),
    "CSV with a line end in a cell": ("a.csv", '"New\r\nYork",city\r\nRome,city', {"city": ["New\nYork", "Rome"]}),
    "CSV with blank rows": ("a.csv", "\na,b\n\n   \nc,b\n", {"b": ["a", "c"]}),
    "CSV with signs": ("a.csv", '#tag,a\n"# b",a\n*,a\n', {"a": ["#tag", "# b", "*"]}),
    "CSV with comments": ("a.csv", '# a, b\n;;; c\n;\na,"b\n# c"\nd,"b\n# c"\n', {"b\n# c": ["a", "d"]}),
    "empty CSV": ("a.csv", "\n\n", []),
    "TSV": ("a.tsv", "so, so\tpos\nsad\tneg", {"pos": ["so, so"], "neg": ["sad"]}),
    "TSV of one column": ("a.TSV", "term\na,b", ["a,b"]),
    "several categories": (
        "a.csv",
        "a,x\na,y\nb,x\nc,y\n",
        {"x": ["a", "b"], "y": ["a", "c"]},
    ),
}


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_valid_files(reads, name, content, expected):
    reads(name, content, expected)


# Headers: of columns by any of their names, and not taken for terms


@pytest.mark.parametrize("term", ["term", "Word", "TOKEN", "phrase", "Pattern", " word ", "Keyword", "n-gram"])
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


#: Less usual names of a column of terms.
MORE_NAMES = [
    *("keyword", "Keywords", "entry", "Entries", "lemma", "LEMMAS", "lexeme", "terms", "words", "tokens", "phrases"),
    *("patterns", "expression", "expressions", "ngram", "n-gram", "N-Grams"),
]

#: The content of a CSV, and the result.
TABLES = {
    "a header of one column": ("Word\nhappy\nword\n", ["happy", "word"]),
    "a header of one column in the plural": ("Words\nhappy\n", ["happy"]),
    "a header of one column in quotes": ('"word"\n"happy"\n', ["happy"]),
    **{f"a header {name}": (f"{name}\nhappy\n{name}s\n", ["happy", f"{name}s"]) for name in MORE_NAMES},
    "numbers with a header": ("term\nroute 66\ncatch 22\n", ["route 66", "catch 22"]),
    "names that look like numbers": (
        "term,category\na,nan\nb,inf\nc,1_000\nd,2\n",
        {"nan": ["a"], "inf": ["b"], "1_000": ["c"], "2": ["d"]},
    ),
    "infinitives": ("to go,INF\nto do,INF\ngone,PP\ndone,PP\n", {"INF": ["to go", "to do"], "PP": ["gone", "done"]}),
    "polarities in two rows": ("happy,pos\nsad,neg\n", {"pos": ["happy"], "neg": ["sad"]}),
    "one polarity": ("happy,Positive\n", {"Positive": ["happy"]}),
    "the largest and the smallest number": ("a,1e308\nb,5e-324\n", ["a", "b"]),
    "years": ("1984\n2001\n", ["1984", "2001"]),
    "numbers for category names": ("term,category\nhappy,1\nsad,2\n", {"1": ["happy"], "2": ["sad"]}),
    "names of columns that are categories": (
        "love,emotion\nhate,emotion\ntax,topic\nlevy,topic\n",
        {"emotion": ["love", "hate"], "topic": ["tax", "levy"]},
    ),
    "a row without any name": ("happy,pos\nsad,neg\n", {"pos": ["happy"], "neg": ["sad"]}),
    "an index of pandas": (",word,label\n0,happy,pos\n1,sad,neg\n", {"pos": ["happy"], "neg": ["sad"]}),
    "only terms, others skipped": ("word,,\nhappy,a,b\nsad,a,b\n", ["happy", "sad"]),
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


#: The file's name, its content, the line, and parts of the message.
REFUSED = {
    "CSV: three cells": ("a.csv", "\na,b,c\n", 2, ["length 3", "category"]),
    "CSV: numbers of rows": ("a.csv", "id,term\n1,a\n2,b\n", 1, ["'id'", "weight", "empty"]),
    "CSV: how often terms occur": ("a.csv", "term,Freq\na,1\nb,1\n", 1, ["'Freq'", "weight", "empty"]),
    "CSV: another number of cells": ("a.csv", "a,b\n\nc\n", 3, ["length 1", "expected 2"]),
    "CSV: more than the header": ("a.csv", "term\na\nb,c\n", 3, ["length 2", "expected 1"]),
    "CSV: an empty term": ("a.csv", "a,b\n ,b\n", 2, ["empty term"]),
    "CSV: an empty term in one column": ("a.csv", 'a\n""\n', 2, ["empty term"]),
    "CSV: an empty category": ("a.csv", "a,b\nc,b\nd,b\na,\n", 4, ["empty category"]),
    "CSV: an open quote": ("a.csv", 'a,b\n"c,b\n', 2, ['no " ends it']),
    "CSV: text after a quote": ("a.csv", 'a,b\nc,d\n"c"d,b\n', 3, ["CSV"]),
    "CSV: lines in quotes count": ("a.csv", '"a\nb",c\n,c\n', 3, ["empty term"]),
    "TSV: another number of cells": ("a.tsv", "a\tb\nc,d\n", 2, ["length 1", "expected 2"]),
    "TSV: an open quote": ("a.tsv", 'a\tb\n"c\tb\nd\tb\n', 2, ['no " ends it']),
    "CSV: a field without an end": ("a.csv", 'a,b\n"' + "c,d\n" * 100_000, 2, ["131072", "quote"]),
    "NUL in CSV": ("a.csv", "a,b\nb\0c,d\n", 2, ["NUL", "encoding="]),
    "TSV: MPQA": ("a.tsv", "type=weaksubj len=1 word1=a pos1=adj\n", 1, ["MPQA"]),
    "TSV: VADER without its ratings": (
        "vader.tsv",
        VADER.replace("[", "").replace("]", ""),
        1,
        ["length 4", "first row of names", "skip"],
    ),
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
    "CSV: several numbers, of which one has another name": (
        "vad.csv",
        "word,valence,liking\nhappy,0.5,0.9\n",
        2,
        ["'0.9'", "'liking'"],
    ),
    "CSV: two columns of numbers and one of categories": (
        "a.csv",
        "word,topic,valence,score\nhappy,mood,1,2\n",
        1,
        ["'valence'", "'score'", "categories"],
    ),
    "CSV: other numbers for a term": ("a.csv", "a,1,2\nb,1,2\na,1,3\n", 3, ["'a' has 1, 3, and 1, 2 before"]),
    "CSV: a word among several numbers": ("a.csv", "a,1,2,3\nb,1,high,3\n", 1, ["length 4", "first row of names"]),
    "CSV: two columns of terms": ("a.csv", "word,phrase\nhappy,so happy\n", 1, ["'word'", "'phrase'"]),
    "CSV: categories in a column and in columns": ("a.csv", "word,label,pos\na,b,x\n", 1, ["'label'", "'pos'"]),
    "CSV: an unknown column": ("a.csv", "word,kind\nhappy,pos\n", 2, ["'pos'", "'kind'", "category"]),
    "CSV: no column of terms": ("a.csv", "stem,sentiment\nhappy,pos\nsad,neg\n", 1, ["'sentiment'", "term"]),
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
    "CSV: a tab in a category": ("a.csv", 'happy,"pos\t3"\nglad,"pos\t3"\n', 1, ["tab", "'pos\\t3'"]),
    "TSV: commas": ("a.tsv", "word,sentiment\nhappy,pos\n", 1, ["header", "format='csv'"]),
    "CSV: a word in two rows of a column": (
        "a.csv",
        "joy,anger\nhappy,mad\nglad,mad\n",
        1,
        ["'anger'", "rows", "column", "first row of names", "columns="],
    ),
    "CSV: a word in two rows of long columns": (
        "a.csv",
        "joy,anger\n" + "".join(f"glad{i},mad{i % 20}\n" for i in range(30)),
        1,
        ["'anger'", "column", "columns="],
    ),
    "CSV: categories first": ("a.csv", "joy,happy\njoy,glad\nanger,mad\n", 1, ["'happy'", "columns="]),
    "CSV: categories first, a word in two": (
        "a.csv",
        "joy,glad\njoy,happy\njoy,mad\nanger,mad\nanger,cross\n",
        1,
        ["'glad'", "columns="],
    ),
    "CSV: polarities first": ("a.csv", "positive,happy\nnegative,sad\n", 1, ["'happy'", "columns="]),
    "CSV: as many categories as terms": ("a.csv", "a,x\na,y\nb,x\nb,y\n", 1, ["'x'", "columns="]),
    "CSV: two rows": ("a.csv", "glad,joy\nmad,anger\n", 1, ["'joy'", "columns="]),
    "CSV: one row": ("a.csv", "glad,joy\n", 1, ["'joy'", "columns="]),
    "CSV: a header of other words": (
        "a.csv",
        "wort,klasse\nfroh,gut\nmatt,schlecht\nheiter,gut\nöde,schlecht\n",
        1,
        ["'klasse'", "columns="],
    ),
    "CSV: numbers and categories first": (
        "a.csv",
        "joy,happy,1\njoy,glad,1\nanger,mad,1\n",
        1,
        ["'happy'", "columns="],
    ),
    "CSV: terms in three columns": (
        "a.csv",
        "joy,calm,anger\nhappy,serene,mad\n",
        1,
        ["length 3", "first row of names"],
    ),
    "CSV: no number": ("a.csv", "word,weight\na,1\nb,\n", 3, ["''", "number"]),
    "CSV: a word for a number": ("a.csv", "word,weight\na,1\nb,high\n", 3, ["'high'", "number"]),
    "CSV: a decimal comma": ("a.csv", "word;weight\na;0,5\n", 2, ["'0,5'", "number"]),
    "CSV: too large a number": ("a.csv", "word,weight\na,1\nb,1e999\n", 3, ["'1e999'", "too large"]),
    "CSV: too large a number without a header": ("a.csv", "a,1\nb,-1e999\n", 2, ["'-1e999'", "too large"]),
    "CSV: too small a number": ("a.csv", "word,class,weight\na,x,0e0\nb,x,-.01e-999\n", 3, ["'-.01e-999'", "small"]),
    **{
        f"CSV: {what} as a number {where}": ("a.csv", content.format(number), 3, [repr(number), "number"])
        for what, number in {
            "underscores": "1_000",
            "a hexadecimal": "0x1F",
            "a decimal comma": "0,5",
            "a thousands separator": "1,000.5",
            "a percentage": "5%",
            "a minus sign of typography": "\u22122",
            "Arabic digits": "\u0663",
            "not a number": "nan",
            "infinity": "-inf",
        }.items()
        for where, content in {
            "under weight": 'word,weight\na,1\nb,"{}"\n',
            "under sentiment": 'word,sentiment\na,1\nb,"{}"\nc,-2\n',
            "without a header": 'a,1\nc,2\nb,"{}"\n',
            "with categories": 'word,category,score\na,x,1\nb,x,"{}"\n',
        }.items()
    },
    **{
        f"CSV: only numbers like {number}": ("a.csv", f'a,"{number}"\nb,"{number}"\n', 1, [repr(number), "-1.5"])
        for number in ("1_000", "0x1F", "0,5", "1,000.5", "5%", "\u22122", "\u0663")
    },
    "CSV: some numbers among labels": ("a.csv", "word,label\na,x\nb,1\nc,y\n", 3, ["number 1", "weight", "category"]),
    "CSV: not a number": ("a.csv", "word,weight\na,nan\n", 2, ["'nan'", "number"]),
    "CSV: two numbers for a term": ("a.csv", "word,weight\na,1\nb,1\na,2\n", 4, ["'a'", "2", "1"]),
    "CSV: numbers in one column": ("a.csv", "happy 3\nsad -2\n", 1, ["'happy 3'", "number"]),
    **{
        f"{name}: most lines end in a number, but not {place}": (
            f"a.{name}",
            "\n".join(lines) + "\n",
            1 + (place == 1),
            [
                repr(lines[place == 1]),
                "number",
                "2 of 3 lines",
                f"line {place}, 'fun'",
                "tsv",
                "begin a CSV with 'term'",
            ]
            if place > 1
            else [repr(lines[1]), "number", "tsv"],
        )
        for name in ("csv", "tsv", "txt")
        for place, lines in {
            1: ["fun", "abandon -2", "can't stand -3"],
            2: ["abandon -2", "fun", "can't stand -3"],
            3: ["abandon -2", "can't stand -3", "fun"],
        }.items()
    },
    "CSV: numbers with exponents": ("a.csv", "happy 3e-05\nsad -2.5E+1\nfun\n", 1, ["'happy 3e-05'", "line 3"]),
    "CSV: a category twice": ("a.csv", "word,a,a\nhappy,x,\n", 1, ["'a'", "twice"]),
    "CSV: a tab": ("a.csv", 'happy,pos\n"a\tb",neg\n', 2, ["tab"]),
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_invalid_input(refuses, name, content, line, parts):
    refuses(name, content, line, parts)


# Columns that the caller names


COLUMNS = {
    "one row": (["term", "category"], "joy,glad\n", {"glad": ["joy"]}, None),
    "categories first": (
        ["category", "term"],
        "joy,glad\nanger,mad\njoy,happy\n",
        {"joy": ["glad", "happy"], "anger": ["mad"]},
        None,
    ),
    "rows that could be columns": (
        ("term", "category"),
        "joy,anger\nhappy,mad\n",
        {"anger": ["joy"], "mad": ["happy"]},
        None,
    ),
    "numbers first": (["weight", "term"], "-2,abandon\n3,happy\n", ["abandon", "happy"], [-2, 3]),
    "skipped": ([None, "term", None, "weight"], "1,a,x,2\n2,b,y,-1\n", ["a", "b"], [2, -1]),
    "terms only": (["term"], "word\n7\n", ["word", "7"], None),
    "terms that are numbers": (
        ["term", "category"],
        "1984,book\n7,prime\n",
        {"book": ["1984"], "prime": ["7"]},
        None,
    ),
    "categories that are numbers": (["term", "category"], "a,1\nb,2\n", {"1": ["a"], "2": ["b"]}, None),
    "three": (["category", "weight", "term"], "x,1,a\ny,0,a\n", {"x": ["a"], "y": []}, None),
    "nothing": (["term", "weight"], "", [], None),
}


@pytest.mark.parametrize(("columns", "content", "expected", "weights"), COLUMNS.values(), ids=COLUMNS)
def test_columns_that_the_caller_names(write, columns, content, expected, weights):
    for path in (write("a.csv", content), write("a.tsv", content.replace(",", "\t"))):
        lexicon = cg.read_lexicon(path, columns=columns)
        assert lexicon == expected
        assert lexicon.weights == (weights and dict(zip(lexicon, weights, strict=True)))


#: The file's name, its content, the caller's columns, the weights, and their names.
DIMENSIONS = {
    "a header": (
        "vad.csv",
        "Word,Valence,Arousal,Dominance\na,1,.5,0\nb,0,0,-1\n",
        None,
        ["Valence", "Arousal", "Dominance"],
    ),
    "a header in another order": (
        "vad.tsv",
        "arousal\tvalence\tterm\n.5\t1\ta\n0\t0\tb\n",
        None,
        ["arousal", "valence"],
    ),
    "no header": ("vad.tsv", "a\t1\t.5\t0\nb\t0\t0\t-1\n", None, None),
    "no header, in text": ("vad.txt", "# VAD\n\na\t1\t.5\t0\nb\t0\t0\t-1\n", None, None),
    "columns of the caller": ("mood.csv", "a,x,1,.5\nb,y,0,0\n", ["term", None, "weight", "weight"], None),
    "their names": (
        "mood.csv",
        "id,name,joy,calm\n1,a,1,.5\n2,b,0,0\n",
        [None, "term", "weight", "weight"],
        ["joy", "calm"],
    ),
    "known names": (
        "mood.csv",
        "word,score,valence\na,1,.5\nb,0,0\n",
        ["term", "weight", "weight"],
        ["score", "valence"],
    ),
    "names of text": (
        "mood.txt",
        "word\tjoy\tcalm\na\t1\t.5\nb\t0\t0\n",
        ["term", "weight", "weight"],
        ["joy", "calm"],
    ),
}


@pytest.mark.parametrize(("name", "content", "columns", "dimensions"), DIMENSIONS.values(), ids=DIMENSIONS)
def test_several_weights(write, name, content, columns, dimensions):
    lexicon = cg.read_lexicon(write(name, content), columns=columns)
    assert lexicon == ["a", "b"]
    assert lexicon.dimensions == dimensions
    assert sorted(lexicon.weights["a"], reverse=True)[:2] == [1, 0.5]
    scores = cg.score(["a b", "b b", "", "a a"], lexicon)
    assert (
        scores.tolist()
        == np.add(np.outer([1, 0, 0, 2], lexicon.weights["a"]), np.outer([1, 2, 0, 0], lexicon.weights["b"])).tolist()
    )


def test_one_weight_has_no_dimensions(write):
    lexicon = cg.read_lexicon(write("a.csv", "word,valence\na,1\n"))
    assert (lexicon.weights, lexicon.dimensions) == ({"a": 1}, None)
    lexicon = cg.read_lexicon(write("a.csv", "name,joy\na,1\n"), columns=["term", "weight"])
    assert (lexicon.weights, lexicon.dimensions) == ({"a": 1}, None)


def test_columns_that_the_file_contradicts(refuses):
    refuses("a.csv", "a,b\nc,b\n", 1, ["length 2", "expected 1", "columns="], columns=["term"])
    refuses("a.csv", "a\nc\n", 1, ["length 1", "expected 2", "columns="], columns=["term", "weight"])
    refuses("a.csv", "word,label\na,b\n", 1, ["'word'", "columns=", "header"], columns=["term", "category"])
    refuses("a.csv", "a,1\nb,high\n", 2, ["'high'", "number"], columns=["term", "weight"])
    refuses("a.txt", "a\n", None, ["columns=", "text", "format="], columns=["term"])
    refuses("a.dicx", "DicTerm,a\n", None, ["columns=", "dicx", "format="], columns=["term", None])


@pytest.mark.parametrize(
    "columns",
    [
        [],
        ["category"],
        ["term", "term"],
        ["term", "word"],
        [None],
        ["term", "category", "weight", "weight"],
        ["term", 1],
    ],
)
def test_wrong_names_of_columns(write, columns):
    with pytest.raises(ValueError, match=r"^columns .*expected one 'term'"):
        cg.read_lexicon(write("a.csv", "a,b\n"), columns=columns)


@pytest.mark.parametrize("columns", ["term", b"term", 1, {"term", None}, {"term": 0}])
def test_columns_of_another_type(write, columns):
    with pytest.raises(TypeError, match=r"^columns is .*expected a sequence"):
        cg.read_lexicon(write("a.csv", "a,b\n"), columns=columns)


# Categories in rows, in columns, or in the first column: tables without a header, with words in several places

WORDS = st.sampled_from([f"t{i}" for i in range(26)])


@given(first=st.lists(WORDS, min_size=2, max_size=12, unique=True), data=st.data())
def test_columns_of_terms_are_not_taken_for_categories(tmp_path_factory, first, data):
    """Each column has the name of a category, and then its terms; some may be repeated."""
    second = data.draw(st.lists(WORDS, min_size=len(first), max_size=len(first)))
    if 2 * len(set(second)) <= len(second):
        return
    path = tmp_path_factory.mktemp("tables", numbered=True) / "a.csv"
    path.write_text("".join(f"{a},{b}\n" for a, b in zip(["joy", *first], ["anger", *second], strict=True)))
    with pytest.raises(ValueError, match="columns="):
        cg.read_lexicon(path)


@given(terms=st.lists(WORDS, min_size=4, max_size=20, unique=True), n_categories=st.integers(1, 5))
def test_categories_in_rows_are_read(tmp_path_factory, terms, n_categories):
    """Each category has at least two terms, and is in the second column."""
    n_categories = min(n_categories, len(terms) // 2)
    path = tmp_path_factory.mktemp("tables", numbered=True) / "a.csv"
    path.write_text("".join(f"{term},c{i % n_categories}\n" for i, term in enumerate(terms)))
    expected = {f"c{i}": terms[i::n_categories] for i in range(n_categories)}
    assert cg.read_lexicon(path) == cg.read_lexicon(path, columns=["term", "category"]) == expected
    path.write_text("".join(f"c{i % n_categories},{term}\n" for i, term in enumerate(terms)))
    with pytest.raises(ValueError, match="columns="):
        cg.read_lexicon(path)
    assert cg.read_lexicon(path, columns=["category", "term"]) == expected


# Headers with names that are terms only among known names

UNUSUAL = {
    "rule and topic": (
        "Rule,Topic\nrefund,money\nbroke,trouble\npaid,money\n",
        {"money": ["refund", "paid"], "trouble": ["broke"]},
    ),
    "topic and rules": ("Topic,Rules\nmoney,refund\n", {"money": ["refund"]}),
    "regex, label, skipped": ("regex,label,\na+,x,1\nb,x,2\n", {"x": ["a+", "b"]}),
    "name and weight": ("Name,Weight\nglad,1\nmad,-1\n", ["glad", "mad"]),
    "term and rule": ("term,topic,weight\nrule,law,1\n", {"law": ["rule"]}),
    # Not headers
    "a term": ("rule\nlaw\n", ["rule", "law"]),
    "a term with a number": ("rule,1\nlaw,2\n", ["rule", "law"]),
    "a term in a category": (
        "rule,law\ncourt,law\nball,game\ngoal,game\n",
        {"law": ["rule", "court"], "game": ["ball", "goal"]},
    ),
}


@pytest.mark.parametrize(("content", "expected"), UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_names_of_terms(reads, content, expected):
    reads("a.csv", content, expected)


@pytest.mark.parametrize(
    ("columns", "content", "said"),
    [
        (["term", "category"], "Rule,Topic\na,x\nb,y\n", ["'Rule' is the name of a column", "leave columns= out"]),
        (["term", "category"], "Muster,Topic\na,x\n", ["'Topic'", "rename 'Muster' to term", "leave columns= out"]),
        (["category", "term"], "Emotion,Muster\nx,a\n", ["'Emotion'", "rename 'Muster' to term"]),
        (["term", None, "category"], "Muster,Nr,Topic\na,1,x\n", ["'Topic'", "name the columns term, category and"]),
        (None, "Muster,Topic\na,x\nb,x\nc,y\nd,y\n", ["'Topic'", "rename 'Muster' to term in this row"]),
        (None, "rule,regex,topic\na,b,x\n", ["'topic'", "name the columns term, category and weight"]),
    ],
)
def test_headers_are_not_read_as_terms(refuses, columns, content, said):
    refuses("a.csv", content, 1, said, columns=columns)


def test_a_category_may_be_named_like_a_column(write):
    path = write("a.csv", "essay,topic\nword,unit\nparagraph,unit\nthesis,topic\n")
    expected = {"topic": ["essay", "thesis"], "unit": ["word", "paragraph"]}
    assert cg.read_lexicon(path, columns=["term", "category"]) == expected
