"""Lexicons in files: each format, what its wildcards become, and errors that name the file and the line."""

import bz2
import gzip
import json
import os
import re
import sys
from pathlib import Path
from threading import Thread

import countgrid as cg
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st


@pytest.fixture
def write(tmp_path):
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


DIC = """%
1\tposemo
2\tnegemo
10\tfunction (Function Words)
%
"""

# The file's name, its content, and what is read
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
    "numbers in text": ("a.txt", "route 66\n7\ncatch 22\n:3\n", ["route 66", "7", "catch 22", ":3"]),
    "a number in brackets": ("a.txt", "[1]\n", ["[1]"]),
    "quotes in text": ("a.txt", '"a"\nb\n', ['"a"', "b"]),
    "brackets in text": ("a.txt", "[a]\n{b\n[sic]", ["[a]", "{b", "[sic]"]),
    "signs of globs in text": ("a.txt", "why?\nhapp*\n\\d", ["why?", "happ*", "\\d"]),
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
    "JSON list": (
        "a.json",
        '["happy", "#tag", "why?", "a\\\\b", "\\u00e9\\n"]',
        ["happy", "#tag", "why?", "a\\b", "é\n"],
    ),
    "JSON object": ("a.json", '{"pos": ["happy", "glad"], "neg": "sad"}', {"pos": ["happy", "glad"], "neg": ["sad"]}),
    "JSON in JSON": (
        "a.json",
        '{"b": {"y": ["1"], "x": {"deep": "2"}}, "a": ["3"], "c": {}, "d": []}',
        {"b.y": ["1"], "b.x.deep": ["2"], "a": ["3"], "c": [], "d": []},
    ),
    "JSON with dots": ("a.json", '{"a.b": ["x"], "a": {"c": ["y"]}}', {"a.b": ["x"], "a.c": ["y"]}),
    "JSON with brackets in strings": ("a.json", '{"[{": ["}]\\"", ":,", "\\\\"]}', {"[{": ['}]"', ":,", "\\"]}),
    "JSON without terms": ("a.json", " {} ", {}),
    "JSON without categories": ("a.json", "[]", []),
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
    "YAML list": ("a.yaml", "- happy\n- New York\n", ["happy", "New York"]),
    "YAML mapping": (
        "a.yml",
        "---\n# a comment\npos:\n  - happy\n  - glad # and another\nneg: [sad, 'so, so']\none: term\nnone: []\n",
        {"pos": ["happy", "glad"], "neg": ["sad", "so, so"], "one": ["term"], "none": []},
    ),
    "YAML scalars": (
        "a.yaml",
        "no: [no, yes, on, off, true, 1.5, 0x10, null, ~, 2001-01-01, 1_000, .inf, !!int 3]\n",
        {"no": ["no", "yes", "on", "off", "true", "1.5", "0x10", "null", "~", "2001-01-01", "1_000", ".inf", "3"]},
    ),
    "YAML in YAML": (
        "a.yaml",
        "outer:\n  inner:\n    - a\n  deep:\n    deeper: b\nlast: c\n",
        {"outer.inner": ["a"], "outer.deep.deeper": ["b"], "last": ["c"]},
    ),
    "YAML with categories among terms": (
        "a.yaml",
        "outer:\n  - inner: [a]\n  - b\n  - other: c\n  - d\nall:\n  - inner: [e]\n",
        {"outer": ["b", "d"], "outer.inner": ["a"], "outer.other": ["c"], "all.inner": ["e"]},
    ),
    "YAML with quotes": (
        "a.yaml",
        "- '#tag'\n- \"C++: \\u00e9\"\n- a\\b\n- it''s\n",
        ["#tag", "C++: é", "a\\b", "it''s"],
    ),
    "YAML over lines": ("a.yaml", "- New\n  York\n- |\n  a\n  b\n", ["New York", "a\nb\n"]),
    "YAML with aliases": (
        "a.yaml",
        "a: &a [x, &y y]\nb: *a\nc: [*y, z]\nd: {e: *a}\nf: &a [w]\ng: *a\n",
        {"a": ["x", "y"], "b": ["x", "y"], "c": ["y", "z"], "d.e": ["x", "y"], "f": ["w"], "g": ["w"]},
    ),
    "YAML that is JSON": ("a.yaml", '{"a": ["x", "y"]}', {"a": ["x", "y"]}),
    "YAML of Windows": ("a.yaml", "a:\r\n- x\r\n- y\r\n", {"a": ["x", "y"]}),
}


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_what_is_read(write, name, content, expected):
    lexicon = cg.read_lexicon(write(name, content))
    assert lexicon == expected
    if isinstance(expected, dict):
        assert list(lexicon) == list(expected), "categories in order"


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_a_byte_order_mark_is_skipped(write, name, content, expected):
    path = write(name, "\ufeff" + content)
    for encoding in ("utf-8", "UTF8", "utf-8-sig"):
        assert cg.read_lexicon(path, encoding=encoding) == expected
    for encoding in ("utf-16", "utf-16-le"):
        assert cg.read_lexicon(write(name, ("\ufeff" + content).encode("utf-16-le")), encoding=encoding) == expected


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_a_counter_takes_it(write, name, content, expected):
    counter = cg.TermCounter(cg.read_lexicon(write(name, content)))
    assert counter.columns == list(expected)


# What may be passed


def test_kinds_of_paths(write):
    path = write("a.csv", "a,b")
    for same in (path, str(path), os.fsencode(path)):
        assert cg.read_lexicon(same) == {"b": ["a"]}
    for wrong in (0, None, ["a.csv"]):
        with pytest.raises(TypeError):
            cg.read_lexicon(wrong)


def test_the_format_wins_over_the_suffix(write):
    path = write("a.csv", "a,b")
    assert cg.read_lexicon(path, format="text") == ["a,b"]
    assert cg.read_lexicon(path, format="csv") == cg.read_lexicon(path, format=None) == {"b": ["a"]}
    assert cg.read_lexicon(path, format="tsv") == ["a,b"]
    assert cg.read_lexicon(write("a.txt", "[x, y]"), format="yaml") == ["x", "y"]
    assert cg.read_lexicon(write("a.csv.txt", "a,b")) == ["a,b"]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"syntax": "globs"}, ["syntax", "'globs'", "'literal'", "'glob'", "'regex'"]),
        ({"syntax": None}, ["syntax", "None", "'literal'", "'glob'"]),
        ({"format": "yml"}, ["format", "'yml'", "'text'", "'csv'", "'tsv'", "'json'", "'dic'", "'dicx'", "'yaml'"]),
        ({"on_unsupported": "warn"}, ["on_unsupported", "'warn'", "'raise'", "'skip'"]),
        ({"format": ""}, ["format", "''"]),
        ({"encoding": "latin-99"}, ["encoding", "'latin-99'"]),
        ({"encoding": "hex"}, ["encoding", "'hex'"]),
    ],
    ids=repr,
)
def test_unknown_options(write, options, parts):
    with pytest.raises(ValueError, match=f"^{parts[0]} is ") as caught:
        cg.read_lexicon(write("a.txt", "a"), **options)
    assert all(part in str(caught.value) for part in parts)


def test_options_go_by_keyword(write):
    with pytest.raises(TypeError):
        cg.read_lexicon(write("a.txt", "a"), "literal")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.dic"):
        cg.read_lexicon(tmp_path / "none.dic")
    with pytest.raises(IsADirectoryError):
        cg.read_lexicon(tmp_path)


def test_yaml_without_its_package(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(
        ImportError, match="a lexicon in YAML needs pyyaml, which is not installed; pip install pyyaml"
    ):
        cg.read_lexicon(write("a.yaml", "- a"))
    assert cg.read_lexicon(write("a.json", '["a"]')) == ["a"]


# Encodings


def test_another_encoding(write):
    path = write("a.dic", "%\r\n1\tgefühl\r\n%\r\nfröhlich*\t1\r\n".encode("latin-1"))
    for encoding in ("latin-1", "cp1252"):
        assert cg.read_lexicon(path, syntax="glob", encoding=encoding) == {"gefühl": ["fröhlich*"]}


@pytest.mark.parametrize(
    ("content", "encoding", "line", "byte"),
    [
        (b"a\nb\ncaf\xe9\n", "utf-8", 3, "0xe9"),
        (b"\xef\xbb\xbfa\r\ncaf\xe9", "utf-8", 2, "0xe9"),
        (b"a\rb\r\xff", "utf-8", 3, "0xff"),
        (b"a\n\x81", "cp1252", 2, "0x81"),
        (b"a\n\xc3", "utf-8", 2, "0xc3"),
        ("a\n\u010ab\n".encode("utf-16-le") + b"\x00\xdc", "utf-16-le", 3, "0x00"),
    ],
)
def test_bytes_of_another_encoding(write, content, encoding, line, byte):
    path = write("a.txt", content)
    with pytest.raises(ValueError, match=re.escape(f"{path}, line {line}: ")) as caught:
        cg.read_lexicon(path, encoding=encoding)
    assert all(part in str(caught.value) for part in (byte, encoding, "encoding="))


# Errors about the content: the file's name, its content, the line, and what else the message says

WRONG = {
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
    "JSON: nothing": ("a.json", "", 1, ["JSON"]),
    "JSON: malformed": ("a.json", '{"a": [\n"x"\n"y"]}', 3, ["column 1", "JSON"]),
    "JSON: more after the end": ("a.json", '["a"]\n["b"]', 2, ["JSON"]),
    "JSON: a string alone": ("a.json", '\n"a"', 2, ["'a'", "list of terms"]),
    "JSON: a number": ("a.json", '["a",\n 3.5]', 2, ["3.5", "string"]),
    "JSON: a long number": ("a.json", "[" + "1" * 10_000 + "]", 1, ["1111", "string"]),
    "JSON: null": ("a.json", '{"a":\n null}', 2, ["null", "string"]),
    "JSON: a boolean": ("a.json", '{"a": ["x",\ntrue]}', 2, ["true", "string"]),
    "JSON: no number": ("a.json", "\nNaN", 2, ["NaN", "string"]),
    "JSON: a list in a list": ("a.json", '{"a": [\n["x"]]}', 2, ["list in a list", "term"]),
    "JSON: an object in a list": ("a.json", '{"a": ["x",\n{"b": "y"}]}', 2, ["mapping in a list", "term"]),
    "JSON: objects in the list": ("a.json", '[\n{"term": "y"}]', 2, ["mapping in a list", "term"]),
    "JSON: an empty term": ("a.json", '["a",\n""]', 2, ["empty term"]),
    "JSON: a blank term": ("a.json", '{"a":\n" \\n"}', 2, ["empty term"]),
    "JSON: an empty category": ("a.json", '{"a": {\n"": ["x"]}}', 2, ["empty category"]),
    "JSON: a category twice": ("a.json", '{"a": ["x"],\n"b": "z",\n"a": ["y"]}', 3, ["'a'", "line 1"]),
    "JSON: an outer category twice": ("a.json", '{"a": {"x": "1"},\n"a": {"y": "1"}}', 2, ["'a'", "line 1"]),
    "JSON: the same name flattened": ("a.json", '{"a.b": ["x"],\n"a": {\n"b": ["y"]}}', 3, ["'a.b'", "line 1"]),
    "JSON: too deep": ("a.json", "\n" + "[" * 100_000 + "]" * 100_000, 2, ["deep", "100"]),
    "JSON: too deep in categories": ("a.json", '{"a":\n' * 100 + '["x"]' + "}" * 100, 101, ["deep", "100"]),
    "dic: nothing": ("a.dic", "", 1, ["header", "%"]),
    "dic: no header": ("a.dic", "\nhappy\t1\n", 2, ["'happy\\t1'", "%"]),
    "dic: a header without an end": ("a.dic", "%\n1\ta\n2\tb\n", 3, ["%"]),
    "dic: a number alone": ("a.dic", "%\n1\ta\n2\n%\n", 3, ["2", "name"]),
    "dic: a name alone": ("a.dic", "%\n1\ta\nposemo\n%\n", 3, ["'posemo'", "digits"]),
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
    "dic: a condition after spaces": ("a.dic", DIC + "like (02 134)125/464\n", 6, ["(02 134)125/464", "category"]),
    "dic: a huge number": ("a.dic", DIC + "x\t" + "1" * 5000 + "\n", 6, ["1111", "digits"]),
    "YAML: nothing": ("a.yaml", "# a comment\n", 1, ["nothing", "list of terms"]),
    "YAML: a scalar alone": ("a.yaml", "---\nhappy\n", 2, ["'happy'", "list of terms"]),
    "YAML: malformed": ("a.yaml", "a: [x]\nb: [y\n\nc: d\n", 4, ["YAML"]),
    "YAML: a tab": ("a.yaml", "a:\n\t- x\n", 2, ["YAML"]),
    "YAML: a sign of YAML's": ("a.yaml", "- a\n- @b\n", 2, ["@", "YAML"]),
    "YAML: a character": ("a.yaml", "- a\n- b\x07\n", 2, ["U+0007", "YAML"]),
    "YAML: an escape": ("a.yaml", '- a\n- "\\UFFFFFFFF"\n', 2, ["YAML"]),
    "YAML: another escape": ("a.yaml", '- a\n- "\\U00110000"\n', 2, ["YAML"]),
    "YAML: a version": ("a.yaml", "\n%YAML 1." + "1" * 5000 + "\n---\na: b\n", 2, ["YAML"]),
    "YAML: documents": ("a.yaml", "- a\n---\n- b\n", 2, ["second document"]),
    "YAML: nothing for a category": ("a.yaml", "a: [x]\nb:\nc: [y]\n", 2, ["nothing", "[]"]),
    "YAML: nothing for a term": ("a.yaml", "- a\n- #tag\n- b\n", 2, ["nothing", "quote", "#"]),
    "YAML: an empty term": ("a.yaml", "- a\n- ''\n", 2, ["empty term"]),
    "YAML: an empty category": ("a.yaml", "a: [x]\n'': [y]\n", 2, ["empty category"]),
    "YAML: a list in a list": ("a.yaml", "a:\n- x\n- [y]\n", 3, ["list in a list"]),
    "YAML: a mapping in the list": ("a.yaml", "- x\n- a: y\n", 2, ["mapping in a list"]),
    "YAML: a list for a name": ("a.yaml", "a: x\n[b, c]: y\n", 2, ["list", "name of a category"]),
    "YAML: a category twice": ("a.yaml", "a: [x]\nb: [y]\na: [z]\n", 3, ["'a'", "line 1"]),
    "YAML: the same name flattened": ("a.yaml", "a:\n- b: [x]\n- c\n- b: [y]\n", 4, ["'a.b'", "line 2"]),
    "YAML: an unknown alias": ("a.yaml", "- a\n- *ly\n", 2, ["*ly", "quote"]),
    "YAML: a list in itself": ("a.yaml", "a: &a\n- x\n- *a\n", 3, ["*a", "complete"]),
    "YAML: a mapping in itself": ("a.yaml", "a: &a\n  b: x\n  c: *a\n", 3, ["*a", "complete"]),
    "YAML: too deep": ("a.yaml", "a:\n  " + "[" * 100_000, 2, ["deep", "100"]),
    "YAML: too deep in categories": ("a.yaml", "\n".join(" " * i + "a:" for i in range(120)), 101, ["deep", "100"]),
    "YAML: aliases of aliases": (
        "a.yaml",
        "a0: &a0 {x: y}\n"
        + "".join(f"a{i}: &a{i} {{{', '.join(f'{k}: *a{i - 1}' for k in range(10))}}}\n" for i in range(1, 12)),
        2,
        ["aliases", "too many categories"],
    ),
    "YAML: aliases of a list": (
        "a.yaml",
        f"a: &a [{', '.join('x' * 3000)}]\n" + "".join(f"a{i}: *a\n" for i in range(3000)),
        1,
        ["aliases", "too many terms"],
    ),
    "YAML: aliases of mappings": (
        "a.yaml",
        f"a: &a [{', '.join(['{}'] * 3000)}]\n" + "".join(f"a{i}: *a\n" for i in range(3000)),
        1,
        ["aliases", "too many terms"],
    ),
    "YAML: a chain of aliases": (
        "a.yaml",
        "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i} {{x: *a{i - 1}}}\n" for i in range(1, 3000)),
        1,
        ["aliases", "deep", "100"],
    ),
    "JSON: names within a long name": (
        "a.json",
        json.dumps({"a" * 50_000: {str(i): [] for i in range(2000)}}),
        1,
        ["names", "too many characters"],
    ),
    "JSON: nested too deep for Python": ("a.json", "[" * 3_000_000, 1, ["deep", "100"]),
    "dic: numbers without a header": ("a.dic", "%\n1\ta\n%\n\nx " + "1 " * 300_000 + "x\n", 5, ["category"]),
    "CSV: a field without an end": ("a.csv", 'a,b\n"' + "c,d\n" * 100_000, 2, ["131072", "quote"]),
    "NUL in text": ("a.txt", "a\nb\0c\n", 2, ["NUL", "encoding="]),
    "NUL in CSV": ("a.csv", "a,b\nb\0c,d\n", 2, ["NUL", "encoding="]),
    "NUL in JSON": ("a.json", '["a",\n"b\0c"]', 2, ["NUL", "encoding="]),
    "NUL in dic": ("a.dic", DIC + "x\0\t1\n", 6, ["NUL", "encoding="]),
    "NUL in YAML": ("a.yaml", "- a\n- b\0\n", 2, ["NUL", "encoding="]),
    "YAML: other line ends": ("a.yaml", "- a\u2028\n- 'b\x85'\n- ''\n", 3, ["empty term"]),
    "lines of Windows": ("a.dic", "%\r\n1\ta\r\n%\r\nx\t2\r\n", 4, ["category 2"]),
}


@pytest.mark.parametrize("syntax", ["literal", "glob"])
@pytest.mark.parametrize(("name", "content", "line", "parts"), WRONG.values(), ids=WRONG)
def test_wrong_content(write, name, content, line, parts, syntax):
    path = write(name, content)
    with pytest.raises(ValueError, match="^" + re.escape(f"{path}, line {line}: ")) as caught:
        cg.read_lexicon(path, syntax=syntax)
    said = str(caught.value)[len(str(path)) :]
    assert all(part in said for part in parts), said
    assert len(said) < 400, "told in short"


# Content that takes quadratic time where each line, word or category is compared with all before
LARGE = {
    "dic with a number again and again": ("a.dic", "%\n1\ta\n%\nx" + " 1" * 300_000, {"a": ["x"]}),
    "dic with numbers within": (
        "a.dic",
        "%\n1\ta\n%\nx" + " 1" * 300_000 + " x 1",
        {"a": ["x" + " 1" * 300_000 + " x"]},
    ),
    "dic with blanks within": ("a.dic", "%\n1\ta\n%\nx" + " " * 300_000 + "x 1", {"a": ["x" + " " * 300_000 + "x"]}),
    "dic with digits within": (
        "a.dic",
        "%\n1\ta\n%\nx " + "1" * 300_000 + "x 1",
        {"a": ["x " + "1" * 300_000 + "x"]},
    ),
    "dic with many categories": (
        "a.dic",
        "%\n" + "".join(f"{i}\tc{i}\n" for i in range(50_000)) + "%\n",
        {f"c{i}": [] for i in range(50_000)},
    ),
    "CSV with many categories": (
        "a.csv",
        "".join(f"t,c{i}\n" for i in range(50_000)),
        {f"c{i}": ["t"] for i in range(50_000)},
    ),
    "a long term": ("a.txt", "a " * 1_000_000, ["a " * 999_999 + "a"]),
    "JSON with a long term": ("a.json", '["' + '\\"' * 300_000 + '"]', ['"' * 300_000]),
}


@pytest.mark.parametrize(("name", "content", "expected"), LARGE.values(), ids=LARGE)
def test_large_content(write, name, content, expected):
    assert cg.read_lexicon(write(name, content)) == expected


def test_aliases_within_bounds(write):
    path = write("a.yaml", "a: &a [x, y]\nb: *a\nc:\n- *a\n- z\n".replace("- *a\n", "- d: *a\n"))
    assert cg.read_lexicon(path) == {"a": ["x", "y"], "b": ["x", "y"], "c": ["z"], "c.d": ["x", "y"]}


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device")
def test_a_device_without_an_end():
    with pytest.raises(ValueError, match=r"^/dev/zero: .*binary"):
        cg.read_lexicon("/dev/zero")


def test_a_small_file_of_much_text(tmp_path):
    path = tmp_path / "a.txt.gz"
    some = gzip.compress(b"happy\n" * (1 << 20))
    path.write_bytes(some * 64)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: more than 256 MB"):
        cg.read_lexicon(path)


def test_content_says_how_it_is_opened(write):
    content = "%\r\n1\tgefühl\r\n%\r\nfröhlich\t1\r\n"
    expected = {"gefühl": ["fröhlich"]}
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        data = content.encode(encoding)
        assert cg.read_lexicon(write("a.dic", data)) == expected
        assert cg.read_lexicon(write("a.dic", data), encoding="cp1252") == expected
    for suffix, compress in {"gz": gzip.compress, "bz2": bz2.compress}.items():
        assert cg.read_lexicon(write(f"a.dic.{suffix}", compress(data))) == expected
        assert cg.read_lexicon(write("a.dic", compress(data))) == expected
        with pytest.raises(ValueError, match=r"\.lst.*format="):
            cg.read_lexicon(write(f"a.lst.{suffix}", compress(data)))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\3\4 and more", "ZIP"),
        (b"PAR1\x15\0", "Parquet"),
        ("happy".encode("utf-16-le"), "encoding='utf-16-le'"),
        (bytes(range(256)), "binary"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "a.dic", "a"])
def test_content_that_is_no_text(write, content, what, name):
    path = write(name, content)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: .*{what}"):
        cg.read_lexicon(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = Thread(target=path.write_text, args=["happy\nsad\n"])
    writer.start()
    assert cg.read_lexicon(path) == ["happy", "sad"]
    writer.join()


def test_a_folder(tmp_path):
    with pytest.raises(OSError, match=re.escape(tmp_path.name)):
        cg.read_lexicon(tmp_path)


def test_an_error_has_the_path_as_given(write, monkeypatch):
    monkeypatch.chdir(write("a.json", "[3]").parent)
    for path in ("a.json", b"a.json", Path("a.json")):
        with pytest.raises(ValueError, match=r"^a\.json, line 1: "):
            cg.read_lexicon(path)


# Wildcards: the file, what is read for globs, and the line of the first wildcard

WILDCARDS = {
    "dic": (
        "a.dic",
        "%\n1\ta\n%\nwhy?\t1\nhapp* ab*\t1\n*cat\t1\na*b\\*\t1\nx** 1\n* y\t1\n",
        {"a": ["why\\?", "happ* ab*", "\\*cat", "a\\*b\\\\*", "x\\**", "* y"]},
        5,
    ),
    "YAML": (
        "a.yaml",
        "a:\n- plain\n- 'wh?'\n- b*c\n- '*'\n- \"why\\\\?\"\n- a\\b\n",
        {"a": ["plain", "wh?", "b*c", "*", "why\\?", "a\\b"]},
        3,
    ),
    "text": ("a.txt", "happ*\nwhy?\na\\b\nplain\n", ["happ*", "why?", "a\\b", "plain"], None),
    "CSV": ("a.csv", "happ*,a*\nwhy?,a*\n", {"a*": ["happ*", "why?"]}, None),
    "TSV": ("a.tsv", "happ*\ta\n", {"a": ["happ*"]}, None),
    "JSON": ("a.json", '{"a?": ["happ*", "\\\\d"]}', {"a?": ["happ*", "\\d"]}, None),
    "dicx": (
        "a.dicx",
        "DicTerm,a\nwhy?,X\nhapp* ab*,X\na*b\\,X\n",
        {"a": ["why\\?", "happ* ab*", "a\\*b\\\\"]},
        3,
    ),
}


@pytest.mark.parametrize(("name", "content", "expected", "line"), WILDCARDS.values(), ids=WILDCARDS)
def test_wildcards(write, name, content, expected, line):
    path = write(name, content)
    assert cg.read_lexicon(path, syntax="glob") == expected
    if line is None:
        cg.read_lexicon(path, syntax="literal")
    else:
        said = f"^{re.escape(str(path))}, line {line}: .*wildcard.*syntax='glob'"
        for options in ({}, {"syntax": "literal"}):
            with pytest.raises(ValueError, match=said):
                cg.read_lexicon(path, **options)


def test_globs_of_a_dic_count(write):
    lexicon = cg.read_lexicon(
        write("a.dic", "%\n1\tjoy\n2\tdoubt\n%\nhapp*\t1\nabandon*\t2\nwhy?\t2\nin a mo*\t1\n:*\t1\n"), syntax="glob"
    )
    documents = ["happily abandoned, why?", "whys, unhappy", "why happ? Just in a moment", "abandonment in a mo"]
    assert cg.count(documents, lexicon, syntax="glob").tolist() == [[1, 2], [0, 0], [2, 0], [1, 1]]


def test_globs_of_yaml_count(write):
    lexicon = cg.read_lexicon(write("a.yaml", "tax:\n  up: [tax*, 'ta?es']\n  down: no tax*\n"), syntax="glob")
    documents = ["no taxation, no", "takes taxes", "No taxes"]
    assert cg.count(documents, lexicon, syntax="glob").tolist() == [[1, 1], [2, 0], [1, 0]]


GLOBS = {
    "a.txt": "happ*\nun?appy\nwhy\\?\n",
    "a.csv": "term\nhapp*\nun?appy\nwhy\\?\n",
    "a.tsv": "happ*\nun?appy\nwhy\\?\n",
    "a.json": r'["happ*", "un?appy", "why\\?"]',
    "a.yaml": r"['happ*', 'un?appy', 'why\?']",
}


@pytest.mark.parametrize("name", GLOBS)
def test_globs_of_plain_formats_count(write, name):
    lexicon = cg.read_lexicon(write(name, GLOBS[name]), syntax="glob")
    documents = ["happily unhappy, why?", "happ unnappy whys", "why, un*appy"]
    expected = cg.count(documents, ["happ*", "un?appy", r"why\?"], syntax="glob").tolist()
    assert cg.count(documents, lexicon).tolist() == expected == [[1, 1, 1], [1, 1, 0], [0, 0, 0]]


@pytest.mark.parametrize("name", GLOBS)
def test_regexes_count(write, name):
    content = GLOBS[name].replace("un?appy", "(un)?happy").replace("happ*", "\\\\d+" if "json" in name else "\\d+")
    lexicon = cg.read_lexicon(write(name, content), syntax="regex")
    assert cg.count(["12 unhappy, happy", "3 happier"], lexicon).tolist() == [[1, 2, 0], [1, 0, 0]]


@pytest.mark.parametrize("name", ["a.dic", "a.dicx"])
def test_formats_without_regexes(write, name):
    with pytest.raises(ValueError, match=f"{re.escape(name)}: .*regular expressions.*'glob'"):
        cg.read_lexicon(write(name, "DicTerm,a\n"), syntax="regex")


# What was written is read

CONTROLS = "".join(map(chr, range(32))) + "".join(map(chr, range(0x7F, 0xA0))) + "\ufeff"
TERMS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=CONTROLS.replace("\n", "")), min_size=1
).filter(str.strip)
NAMES = TERMS.filter(lambda name: "." not in name)
#: What a line of its own can hold, and YAML as well.
PLAIN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"))
LINES = PLAIN.map(str.strip).filter(lambda term: not re.match(r"#?(\s|$)|;+(\s|$)|;;;", term))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lexicons")


@given(
    lexicon=st.lists(TERMS) | st.dictionaries(NAMES, st.lists(TERMS)),
    indent=st.none() | st.integers(0, 2),
    escaped=st.booleans(),
)
def test_json_round_trip(folder, lexicon, indent, escaped):
    path = folder / "a.json"
    path.write_text(json.dumps(lexicon, indent=indent, ensure_ascii=escaped), encoding="utf-8")
    assert cg.read_lexicon(path) == lexicon
    assert cg.read_lexicon(path, syntax="glob") == lexicon


@given(terms=st.lists(LINES), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_text_round_trip(folder, terms, end):
    path = folder / "a.txt"
    path.write_bytes(end.join(terms).encode())
    assume(len(terms) < 2 or not all(re.search(r"[0-9]", term) for term in terms))
    assert cg.read_lexicon(path) == cg.read_lexicon(path, syntax="glob") == terms


NESTED = st.recursive(
    st.lists(LINES),
    lambda inner: st.dictionaries(LINES.filter(lambda name: "." not in name), inner, min_size=1, max_size=3),
    max_leaves=8,
).filter(lambda nested: isinstance(nested, dict))


def flat(nested, outer=""):
    for name, inner in nested.items():
        if isinstance(inner, dict):
            yield from flat(inner, f"{outer}{name}.")
        else:
            yield outer + name, inner


@given(nested=NESTED)
def test_json_and_yaml_flatten_alike(folder, nested):
    expected = dict(flat(nested))
    written = json.dumps(nested, ensure_ascii=False)
    for name in ("a.json", "a.yaml"):
        (folder / name).write_text(written, encoding="utf-8")
    assert cg.read_lexicon(folder / "a.json") == expected
    # A wildcard of YAML's is an error for literal terms.
    assert cg.read_lexicon(folder / "a.yaml", syntax="glob") == expected


#: Text that has something of each format, so that readers get far with it.
SIGNS = st.lists(
    st.sampled_from(
        [*"%*?#\\\"'[]{}:,-&!|>@`~<", *" \t\n\r\x00\x85\u2028", "1", "a", "- ", ": ", "*a", "&a ", "%\n", "1\ta\n"]
    )
    | st.characters(exclude_categories=["Cs"]),
    max_size=30,
).map("".join)


@pytest.mark.parametrize("kind", ["text", "csv", "tsv", "json", "dic", "dicx", "yaml"])
@given(content=SIGNS.map(str.encode) | st.binary(), syntax=st.sampled_from(["literal", "glob"]))
def test_any_content_is_read_or_told_about(folder, kind, content, syntax):
    path = folder / "any"
    path.write_bytes(content)
    told = ""
    try:
        lexicon = cg.read_lexicon(path, syntax=syntax, format=kind)
    except ValueError as error:
        told = str(error)
    if told:
        assert re.match(f"{re.escape(str(path))}(, line [1-9][0-9]*: |: (is|looks like) )", told)
    else:
        assert isinstance(lexicon, list | dict)
        terms = [term for some in lexicon.values() for term in some] if isinstance(lexicon, dict) else lexicon
        assert not any(set(term) & set(CONTROLS) - {"\n"} for term in terms)
        assert lexicon.weights is None or list(lexicon.weights) == lexicon
