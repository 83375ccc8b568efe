"""Lexicons in JSON: lists, objects, and objects within objects."""

import json

import pytest

#: The file's name, its content, and the result.
READ = {
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
}


@pytest.mark.parametrize(("name", "content", "expected"), READ.values(), ids=READ)
def test_valid_files(reads, name, content, expected):
    reads(name, content, expected)


#: The file's name, its content, the line, and parts of the message.
REFUSED = {
    "nothing": ("a.json", "", 1, ["JSON"]),
    "malformed": ("a.json", '{"a": [\n"x"\n"y"]}', 3, ["column 1", "JSON"]),
    "more after the end": ("a.json", '["a"]\n["b"]', 2, ["JSON"]),
    "only a string": ("a.json", '\n"a"', 2, ["'a'", "list of terms"]),
    "a number": ("a.json", '["a",\n 3.5]', 2, ["3.5", "string"]),
    "a long number": ("a.json", "[" + "1" * 10_000 + "]", 1, ["1111", "string"]),
    "null": ("a.json", '{"a":\n null}', 2, ["null", "string"]),
    "a boolean": ("a.json", '{"a": ["x",\ntrue]}', 2, ["true", "string"]),
    "no number": ("a.json", "\nNaN", 2, ["NaN", "string"]),
    "a list in a list": ("a.json", '{"a": [\n["x"]]}', 2, ["list in a list", "term"]),
    "an object in a list": ("a.json", '{"a": ["x",\n{"b": "y"}]}', 2, ["mapping in a list", "term"]),
    "objects in the list": ("a.json", '[\n{"term": "y"}]', 2, ["mapping in a list", "term"]),
    "an empty term": ("a.json", '["a",\n""]', 2, ["empty term"]),
    "a blank term": ("a.json", '{"a":\n" \\n"}', 2, ["empty term"]),
    "an empty category": ("a.json", '{"a": {\n"": ["x"]}}', 2, ["empty category"]),
    "a category twice": ("a.json", '{"a": ["x"],\n"b": "z",\n"a": ["y"]}', 3, ["'a'", "line 1"]),
    "an outer category twice": ("a.json", '{"a": {"x": "1"},\n"a": {"y": "1"}}', 2, ["'a'", "line 1"]),
    "the same name flattened": ("a.json", '{"a.b": ["x"],\n"a": {\n"b": ["y"]}}', 3, ["'a.b'", "line 1"]),
    "too deep": ("a.json", "\n" + "[" * 100_000 + "]" * 100_000, 2, ["deep", "100"]),
    "too deep in categories": ("a.json", '{"a":\n' * 100 + '["x"]' + "}" * 100, 101, ["deep", "100"]),
    "names within a long name": (
        "a.json",
        json.dumps({"a" * 50_000: {str(i): [] for i in range(2000)}}),
        1,
        ["names", "too many characters"],
    ),
    "nested too deep for Python": ("a.json", "[" * 3_000_000, 1, ["deep", "100"]),
    "NUL in JSON": ("a.json", '["a",\n"b\0c"]', 2, ["NUL", "encoding="]),
    "a tab": ("a.json", '["a",\n"happy\\t3"]', 2, ["tab", "space"]),
    "a control character": ("a.json", '["a",\n"\\u0007"]', 2, ["U+0007"]),
    "numbers": ("a.json", '{"happy":\n3}', 2, ["3"]),
}


@pytest.mark.parametrize(("name", "content", "line", "parts"), REFUSED.values(), ids=REFUSED)
def test_invalid_input(refuses, name, content, line, parts):
    refuses(name, content, line, parts)
