"""Reads YAML, as quanteda writes dictionaries. Scalars stay text, even if they look like other YAML types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from countgrid._lexicon.file import Content, File
from countgrid._lexicon.nodes import Node, read_nodes
from countgrid._optional import require


def read_yaml(file: File) -> Content:
    return read_nodes(file, _nodes(file))


def _nodes(file: File) -> Iterator[Node]:
    yaml = require("yaml", "a lexicon in YAML", "pyyaml")
    documents = 0
    for event in _events(file, yaml):
        # Not the mark's own line: YAML has more line ends than editors show.
        line = file.line_at(event.start_mark.index)
        match event:
            case yaml.DocumentStartEvent():
                documents += 1
                if documents > 1:
                    raise file.error(line, "a second document; expected one")
            case yaml.ScalarEvent():
                # An empty value, which YAML reads as null. `- #tag` gives one.
                if event.value == "" and event.implicit[0]:
                    advice = "quote a term that begins with #; a category without terms is []"
                    raise file.error(line, f"nothing where a term or a list was expected; {advice}")
                yield Node("scalar", line, event.value, event.anchor, plain=event.implicit[0])
            case yaml.SequenceStartEvent():
                yield Node("list", line, anchor=event.anchor)
            case yaml.MappingStartEvent():
                yield Node("mapping", line, anchor=event.anchor)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                yield Node("end", line)
            case yaml.AliasEvent():
                yield Node("alias", line, event.anchor)


def _events(file: File, yaml: Any) -> Iterator[Any]:
    """PyYAML's events. They have positions, and scalars are not converted yet."""
    loader = None
    try:
        loader = yaml.BaseLoader(file.text)
        while loader.check_event():
            yield loader.get_event()
    except yaml.reader.ReaderError as error:
        position, what = error.position, f"the character U+{error.character:04X} is not allowed"
    except yaml.MarkedYAMLError as error:
        position, what = (error.problem_mark or error.context_mark).index, error.problem or error.context
    except (ValueError, OverflowError) as error:
        # PyYAML passes the numbers of escapes and versions to chr and int unchecked.
        position, what = loader.index if loader else 0, str(error)
    else:
        return
    raise file.error(file.line_at(position), f"{what}; expected YAML")
