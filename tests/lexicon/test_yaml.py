"""Lexicons in YAML, as quanteda writes them."""

import sys

import countgrid as cg
import pytest

#: The file's name, its content, and the result.
READ = {
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
def test_valid_files(reads, name, content, expected):
    reads(name, content, expected)


#: The file's name, its content, the line, and parts of the message.
REFUSED = {
    "nothing": ("a.yaml", "# a comment\n", 1, ["no content", "list of terms"]),
    "only a scalar": ("a.yaml", "---\nhappy\n", 2, ["'happy'", "list of terms"]),
    "malformed": ("a.yaml", "a: [x]\nb: [y\n\nc: d\n", 4, ["YAML"]),
    "a tab": ("a.yaml", "a:\n\t- x\n", 2, ["YAML"]),
    "a sign of YAML's": ("a.yaml", "- a\n- @b\n", 2, ["@", "YAML"]),
    "a character": ("a.yaml", "- a\n- b\x07\n", 2, ["U+0007", "YAML"]),
    "an escape": ("a.yaml", '- a\n- "\\UFFFFFFFF"\n', 2, ["YAML"]),
    "another escape": ("a.yaml", '- a\n- "\\U00110000"\n', 2, ["YAML"]),
    "a version": ("a.yaml", "\n%YAML 1." + "1" * 5000 + "\n---\na: b\n", 2, ["YAML"]),
    "documents": ("a.yaml", "- a\n---\n- b\n", 2, ["second document"]),
    "nothing for a category": ("a.yaml", "a: [x]\nb:\nc: [y]\n", 2, ["nothing", "[]"]),
    "nothing for a term": ("a.yaml", "- a\n- #tag\n- b\n", 2, ["nothing", "quote", "#"]),
    "an empty term": ("a.yaml", "- a\n- ''\n", 2, ["empty term"]),
    "an empty category": ("a.yaml", "a: [x]\n'': [y]\n", 2, ["empty category"]),
    "a list in a list": ("a.yaml", "a:\n- x\n- [y]\n", 3, ["list in a list"]),
    "a mapping in the list": ("a.yaml", "- x\n- a: y\n", 2, ["mapping in a list"]),
    "a list for a name": ("a.yaml", "a: x\n[b, c]: y\n", 2, ["list", "name of a category"]),
    "a category twice": ("a.yaml", "a: [x]\nb: [y]\na: [z]\n", 3, ["'a'", "line 1"]),
    "the same name flattened": ("a.yaml", "a:\n- b: [x]\n- c\n- b: [y]\n", 4, ["'a.b'", "line 2"]),
    "an unknown alias": ("a.yaml", "- a\n- *ly\n", 2, ["*ly", "quote"]),
    "a list in itself": ("a.yaml", "a: &a\n- x\n- *a\n", 3, ["*a", "complete"]),
    "a mapping in itself": ("a.yaml", "a: &a\n  b: x\n  c: *a\n", 3, ["*a", "complete"]),
    "too deep": ("a.yaml", "a:\n  " + "[" * 100_000, 2, ["deep", "100"]),
    "too deep in categories": ("a.yaml", "\n".join(" " * i + "a:" for i in range(120)), 101, ["deep", "100"]),
    "aliases of aliases": (
        "a.yaml",
        "a0: &a0 {x: y}\n"
        + "".join(f"a{i}: &a{i} {{{', '.join(f'{k}: *a{i - 1}' for k in range(10))}}}\n" for i in range(1, 12)),
        2,
        ["aliases", "too many categories"],
    ),
    "aliases of a list": (
        "a.yaml",
        f"a: &a [{', '.join('x' * 3000)}]\n" + "".join(f"a{i}: *a\n" for i in range(3000)),
        1,
        ["aliases", "too many terms"],
    ),
    "aliases of mappings": (
        "a.yaml",
        f"a: &a [{', '.join(['{}'] * 3000)}]\n" + "".join(f"a{i}: *a\n" for i in range(3000)),
        1,
        ["aliases", "too many terms"],
    ),
    "a chain of aliases": (
        "a.yaml",
        "a0: &a0 {x: y}\n" + "".join(f"a{i}: &a{i} {{x: *a{i - 1}}}\n" for i in range(1, 3000)),
        1,
        ["aliases", "deep", "100"],
    ),
    "NUL in YAML": ("a.yaml", "- a\n- b\0\n", 2, ["NUL", "encoding="]),
    "other line ends": ("a.yaml", "- a\u2028\n- 'b\x85'\n- ''\n", 3, ["empty term"]),
    "numbers": ("a.yaml", "happy: 3\nsad: -2\n", 1, ["3", "'happy'", "list"]),
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_invalid_input(refuses, name, content, line, parts):
    refuses(name, content, line, parts)


def test_yaml_without_its_package(write, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(
        ImportError, match="a lexicon in YAML needs pyyaml, which is not installed; pip install pyyaml"
    ):
        cg.read_lexicon(write("a.yaml", "- a"))
    assert cg.read_lexicon(write("a.json", '["a"]')) == ["a"]


def test_aliases_within_bounds(write):
    path = write("a.yaml", "a: &a [x, y]\nb: *a\nc:\n- *a\n- z\n".replace("- *a\n", "- d: *a\n"))
    assert cg.read_lexicon(path) == {"a": ["x", "y"], "b": ["x", "y"], "c": ["z"], "c.d": ["x", "y"]}
