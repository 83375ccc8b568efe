"""Lexicons that were written are read back, and any content is read or raises ValueError."""

import json
import re

import countgrid as cg
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

CONTROLS = "".join(map(chr, range(32))) + "".join(map(chr, range(0x7F, 0xA0))) + "\ufeff"
TERMS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=CONTROLS.replace("\n", "")), min_size=1
).filter(str.strip)
NAMES = TERMS.filter(lambda name: "." not in name)
#: Text that fits on a line, and in YAML.
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
    # Lists in which most terms end in numbers raise an error.
    assume(len(terms) < 2 or 2 * sum(re.search(r"\d", term) is not None for term in terms) <= len(terms))
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
    # A YAML wildcard is an error for literal terms.
    assert cg.read_lexicon(folder / "a.yaml", syntax="glob") == expected


#: Text with parts of each format, so that readers get far.
SIGNS = st.lists(
    st.sampled_from(
        [*"%*?#\\\"'[]{}:,-&!|>@`~<", *" \t\n\r\x00\x85\u2028", "1", "a", "- ", ": ", "*a", "&a ", "%\n", "1\ta\n"]
    )
    | st.characters(exclude_categories=["Cs"]),
    max_size=30,
).map("".join)


@pytest.mark.parametrize("kind", ["text", "csv", "tsv", "json", "dic", "dicx", "yaml"])
@given(content=SIGNS.map(str.encode) | st.binary(), syntax=st.sampled_from(["literal", "glob"]))
def test_any_content_is_read_or_raises(folder, kind, content, syntax):
    path = folder / "any"
    path.write_bytes(content)
    message = ""
    try:
        lexicon = cg.read_lexicon(path, syntax=syntax, format=kind)
    except ValueError as error:
        message = str(error)
    if message:
        assert re.match(f"{re.escape(str(path))}(, line [1-9][0-9]*: |: (is|looks like) )", message)
    else:
        assert isinstance(lexicon, list | dict)
        terms = [term for some in lexicon.values() for term in some] if isinstance(lexicon, dict) else lexicon
        assert not any(set(term) & set(CONTROLS) - {"\n"} for term in terms)
        assert lexicon.weights is None or list(lexicon.weights) == lexicon
