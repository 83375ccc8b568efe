"""Reads JSON. Python's parser checks the file, but gives no line numbers, so a second pass over the tokens does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from countgrid._lexicon.file import Content, File, shown
from countgrid._lexicon.nodes import Node, read_nodes

#: A token of valid JSON: a string, a bracket, or a number or other name.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]|[^][{}",:\s]+')


def read_json(file: File) -> Content:
    try:
        # As str, because int raises for very long numbers. Numbers are not terms anyway.
        json.loads(file.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise file.error(error.lineno, f"{error.msg} at column {error.colno}; expected JSON") from None
    except RecursionError:
        pass  # nested so deeply that the second pass will raise, and name the line
    return read_nodes(file, _nodes(file))


def _nodes(file: File) -> Iterator[Node]:
    for token in _TOKEN.finditer(file.text):
        text, line = token[0], file.line_at(token.start())
        if text[0] == '"':
            yield Node("scalar", line, json.loads(text))
        elif text == "[":
            yield Node("list", line)
        elif text == "{":
            yield Node("mapping", line)
        elif text in "]}":
            yield Node("end", line)
        else:
            raise file.error(line, f"{shown(text)[1:-1]} is not a string; expected a quoted term or a list")
