"""How a lexicon's terms are matched: wildcards of each format, globs, regular expressions."""

import copy
import json
import pickle
import re
from types import MappingProxyType

import countgrid as cg
import pytest

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
    "TSV": ("a.tsv", "happ*\ta\nsad\ta\n", {"a": ["happ*", "sad"]}, None),
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


# The lexicon


def test_a_lexicon_says_where_it_comes_from(write):
    path = write("a.json", '{"a": ["b*"]}')
    lexicon = cg.read_lexicon(path, syntax="glob")
    assert isinstance(lexicon, cg.Lexicon)
    assert isinstance(lexicon, dict)
    assert (lexicon.syntax, lexicon.weights, lexicon.source) == ("glob", None, str(path))
    assert json.loads(json.dumps(lexicon)) == lexicon
    terms = cg.read_lexicon(write("a.tsv", "fun\t4\n"))
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
    globs, literal = cg.read_lexicon(path, syntax="glob"), cg.read_lexicon(path, syntax="literal")
    assert cg.TermCounter(globs) == cg.TermCounter(globs, syntax="glob") == cg.TermCounter(["happ*"], syntax="glob")
    assert cg.TermCounter(literal) == cg.TermCounter(literal, syntax="literal")
    assert cg.TermCounter(literal) == cg.TermCounter(["happ*"], syntax="literal")
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


# Lexicons as categories of a mapping


@pytest.fixture
def read(write):
    """A lexicon of `happ*` and `joy`, read with a syntax."""

    def read(name, **options):
        return cg.read_lexicon(write(name, "happ*\njoy\n"), **options)

    return read


@pytest.mark.parametrize("syntax", ["glob", "literal", "regex"])
def test_a_mapping_has_the_syntax_of_its_lexicons(read, syntax):
    joy, more = read("joy.txt", syntax=syntax), read("more.txt", syntax=syntax)
    document = ["happiness joy happ* happppp"]
    expected = cg.TermCounter({"joy": ["happ*", "joy"], "more": ["happ*", "joy"]}, syntax=syntax)
    terms = {"joy": joy, "more": more}
    assert cg.TermCounter(terms) == cg.TermCounter(terms, syntax=syntax) == expected
    assert cg.count(document, terms).tolist() == expected.count(document).tolist()
    assert cg.TermCounter(MappingProxyType(terms)) == expected
    assert cg.TermCounter({**terms, "sad": ["grief*"]}, syntax=syntax).columns == ["joy", "more", "sad"]
    for other in {"glob", "literal", "regex"} - {syntax}:
        said = rf"^syntax is '{other}', but terms\['joy'\] from .*joy.txt was read with syntax='{syntax}'; .*"
        with pytest.raises(ValueError, match=said + r"list\(terms\['joy'\]\)$"):
            cg.TermCounter(terms, syntax=other)
    assert cg.count(["happiness joy"], {"joy": list(joy)}, syntax="glob").tolist() == [[2]]


def test_lexicons_of_a_mapping_that_differ(read):
    terms = {"joy": read("joy.txt", syntax="glob"), "fun": read("fun.txt", syntax="glob"), "sad": read("sad.txt")}
    said = r"^terms\['joy'\] from .*joy.txt was read with syntax='glob', but terms\['sad'\] from .*sad.txt with"
    with pytest.raises(ValueError, match=said + " syntax='literal'"):
        cg.TermCounter(terms)
    for syntax in ("glob", "literal"):
        with pytest.raises(ValueError, match=f"^syntax is '{syntax}', but terms"):
            cg.TermCounter(terms, syntax=syntax)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("plain", [["grief*"], ("grief",), {"grief"}, []], ids=repr)
def test_a_plain_list_next_to_a_lexicon(read, plain, order):
    for syntax in ("glob", "regex"):
        terms = dict([("joy", read("joy.txt", syntax=syntax)), ("sad", plain)][::order])
        said = (
            rf"joy.txt was read with syntax='{syntax}', but terms\['sad'\] is not a lexicon; pass syntax='{syntax}'"
        )
        with pytest.raises(ValueError, match=said):
            cg.TermCounter(terms)
        assert cg.TermCounter(terms, syntax=syntax).columns == list(terms)
    terms = dict([("joy", cg.read_lexicon(read("a.txt").source)), ("sad", ["grief"])][::order])
    with pytest.warns(UserWarning, match="looks like a glob, .*read .*a.txt with syntax='glob'"):
        assert cg.count(["happ* joy, happiness"], terms).tolist() == [[2, 0][::order]]


def test_a_lexicon_of_categories_with_another_lexicon_in_it(read, write):
    for syntax in ("glob", "regex"):
        categories = cg.read_lexicon(write("a.json", '{"a": ["b+"]}'), syntax=syntax)
        categories["joy"] = read("joy.txt", syntax=syntax)
        assert cg.TermCounter(categories) == cg.TermCounter(dict(categories), syntax=syntax)
        categories["sad"] = read("sad.txt", syntax="literal")
        with pytest.raises(ValueError, match=r"but terms\['sad'\] from .*sad.txt with syntax='literal'"):
            cg.TermCounter(categories)


def test_chosen_literal_lexicons_in_a_mapping_do_not_warn(read):
    terms = {"joy": read("joy.txt", syntax="literal")}
    assert cg.count(["happ* happiness"], terms).tolist() == [[1]]
    terms["fun"] = read("fun.txt")
    with pytest.warns(UserWarning, match="look like globs"):
        assert cg.count(["happ* happiness"], terms).tolist() == [[1, 1]]
