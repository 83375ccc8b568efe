"""The warning about literal terms that look like globs: for which terms, when, and for which line."""

import copy
import inspect
import pickle
import warnings
from pathlib import Path

import countgrid as cg
import pytest
from countgrid._globs import looks_like_glob
from hypothesis import given
from hypothesis import strategies as st

LIKE_GLOBS = [
    "happ*",
    "*ness",
    "*happ*",
    "refund*",
    "un*",
    "naï*",
    "日本*",
    "tax* cut",
    "no tax*",
    "in *tion mode",
    "don't*",
    "e-mail*",
    "snake_*",
    "abandon*\tand",
    "19*",
    "x*yz*",
    "*args",
    "cafe\u0301*",
    b"happ*",
    "naï*".encode(),
]
UNLIKE_GLOBS = [
    "happy",
    "C*",
    "A* search",
    "*x",
    "*x*",
    "*",
    "**",
    "***",
    ":*",
    ":-*",
    "*<|:-)",
    "(*v*)",
    "f*ck",
    "f***",
    "sh**",
    "**bold**",
    "**kwargs",
    "a*b",
    "2 * 3",
    "10 * x",
    "happ *",
    "* happ",
    "happ\\*",
    "happ*!",
    r"(?i)error\w*",
    r"error\d*",
    "[a-z]+ing*",
    "why?",
    "un?appy",
    "[a-z]*",
    "(happ*)",
    b"C*",
    b"\xff\xff*",
    "",
]


@pytest.mark.parametrize("term", LIKE_GLOBS, ids=repr)
def test_terms_that_look_like_globs(term):
    assert looks_like_glob(term)
    with pytest.warns(UserWarning, match="looks like a glob"):
        cg.TermCounter(["the", term])
    with pytest.warns(UserWarning, match="looks like a glob"):
        cg.TermCounter({"a": ["the"], "b": [term, "cat"]})


@pytest.mark.parametrize("term", UNLIKE_GLOBS, ids=repr)
def test_terms_that_do_not(term):
    assert not looks_like_glob(term)
    if term:
        cg.TermCounter(["the", term])


@given(term=st.text() | st.text("ab *_é.", max_size=8))
def test_only_a_star_looks_like_a_glob(term):
    assert not looks_like_glob(term.replace("*", "?"))
    words = term.replace("*", "").split()
    assert not looks_like_glob(" * ".join(words))
    if words and words[0].isalpha() and len(words[0]) > 1:
        assert looks_like_glob(f"{words[0]}*")
        assert looks_like_glob(f"x *{words[0]}")


def warned(make) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True, action="always") as caught:
        make()
    return caught


MATCHING = [{}, {"match": "substring"}, {"match": "token"}, {"ignore_case": True}, {"overlap": "longest"}]


@pytest.mark.parametrize("matching", MATCHING, ids=repr)
def test_it_is_said_once_for_a_counter(matching):
    terms = ["happ*", "sad*", "*ness", "happy"]
    said = warned(lambda: cg.TermCounter(terms, **matching).count(["happy"]))
    assert [str(warning.message) for warning in said] == [
        "3 terms look like globs, such as 'happ*', but literal terms have no wildcards;"
        " pass syntax='glob' if * is a wildcard, or syntax='literal' if it is not"
    ]
    assert said[0].category is UserWarning
    assert len(warned(lambda: cg.count(["happy"], terms, **matching))) == 1


def test_the_line_is_the_users():
    here = inspect.currentframe().f_lineno
    said = [
        *warned(lambda: cg.TermCounter(["happ*"])),
        *warned(lambda: cg.count(["a"], ["happ*"])),
    ]
    assert [(warning.filename, warning.lineno) for warning in said] == [(__file__, here + 2), (__file__, here + 3)]


def test_an_explicit_syntax_is_silent():
    for syntax in ("literal", "glob"):
        assert not warned(lambda syntax=syntax: cg.TermCounter(["happ*"], syntax=syntax))
        assert not warned(lambda syntax=syntax: cg.count(["a"], {"a": ["happ*"]}, syntax=syntax))
    assert not warned(lambda: cg.TermCounter(["happ*", ".*happ*"], syntax="regex"))


def test_copies_and_pickles_are_silent():
    with pytest.warns(UserWarning, match="looks like a glob"):
        counter = cg.TermCounter(["happ*"])
    assert not warned(lambda: copy.deepcopy(counter))
    data = pickle.dumps(counter)
    assert not warned(lambda: pickle.loads(data))
    assert counter == cg.TermCounter(["happ*"], syntax="literal") == pickle.loads(data)
    assert repr(counter) == "TermCounter(['happ*'])"


def test_as_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match=r"'happ\*' looks like a glob"):
            cg.TermCounter(["happ*"])


def test_long_terms_are_cut():
    for term in ("x" * 5000 + "*", b"x" * 5000 + b"*"):
        (said,) = warned(lambda term=term: cg.TermCounter([term]))
        assert len(str(said.message)) < 300


@pytest.mark.parametrize(("name", "content"), [("a.txt", "happ*\nsad\n"), ("a.json", '{"joy": ["happ*"]}')])
def test_lexicons(tmp_path: Path, name: str, content: str):
    path = tmp_path / name
    path.write_text(content)
    lexicon = cg.read_lexicon(path)
    assert lexicon.syntax == "literal"
    for same in (lexicon, copy.deepcopy(lexicon), pickle.loads(pickle.dumps(lexicon))):
        (said,) = warned(lambda same=same: cg.TermCounter(same))
        assert f"read {path} with syntax='glob'" in str(said.message)
        assert not warned(lambda same=same: cg.TermCounter(same, syntax="literal"))
    for syntax in ("literal", "glob"):
        chosen = cg.read_lexicon(path, syntax=syntax)
        assert not warned(lambda chosen=chosen: cg.TermCounter(chosen))
