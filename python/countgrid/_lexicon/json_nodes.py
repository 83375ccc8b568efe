"""JSON. Python's parser checks the file; its values come without lines, so a walk over the tokens finds those."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from countgrid._lexicon.file import Content, File, shown
from countgrid._lexicon.nodes import Node, read_nodes

#: In JSON that is known to be valid: a string, a bracket, or a number or other name.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[][{}]|[^][{}",:\s]+')


def read_json(file: File) -> Content:
    try:
        # Numbers are not terms anyway, and int raises for very long ones.
        json.loads(file.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise file.error(error.lineno, f"{error.msg} at column {error.colno}; expected JSON") from None
    except RecursionError:
        pass  # So deep that the walk will stop before the end, and name the line.
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
            raise file.error(line, f"{shown(text)[1:-1]} is no string; expected a term in quotes, or a list of terms")
