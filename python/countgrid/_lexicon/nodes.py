"""What JSON and YAML share: lists and mappings within each other, flattened to categories.

A reader of either gives its file as a run of `Node`s: scalars, beginnings of lists and mappings, and their ends. They
are put together here, without recursion, so that no depth of nesting can exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from countgrid._lexicon.file import File, Lexicon, shown

#: Far deeper than any lexicon; below it, flattening may recurse.
_DEEPEST = 100
#: Only aliases within aliases make more categories than a file has characters, and a few lines of them billions.
_MOST_CATEGORIES = 1_000_000


@dataclass
class Node:
    """A scalar, a list of nodes, or a mapping, whose items are keys and values in turn.

    Two kinds are only passed on the way here: the end of a list or mapping, and an alias of the node that has the
    alias's text for its anchor.
    """

    kind: Literal["scalar", "list", "mapping", "end", "alias"]
    line: int
    text: str = ""
    anchor: str | None = None
    items: list[Node] = field(default_factory=list)


def read_nodes(file: File, nodes: Iterable[Node]) -> Lexicon:
    """A list of terms, or categories: one for each name that has terms of its own, or nothing in it."""
    root = _tree(file, nodes)
    if root.kind == "scalar":
        raise file.error(root.line, f"{shown(root.text)} alone; expected a list of terms, or categories")
    if root.kind == "list":
        return [_term(file, node) for node in root.items]
    categories: dict[str, list[str]] = {}
    lines: dict[str, int] = {}

    def add(outer: str, mapping: Node) -> None:
        for key, value in zip(mapping.items[::2], mapping.items[1::2], strict=True):
            if key.kind != "scalar":
                raise file.error(key.line, f"a {key.kind} as the name of a category; expected text")
            name = outer + file.category(key.line, key.text)
            if name in lines:
                raise file.error(key.line, f"the category {shown(name)} is in line {lines[name]} already")
            if len(lines) >= max(_MOST_CATEGORIES, len(file.text)):
                raise file.error(key.line, f"aliases make too many categories; expected at most {_MOST_CATEGORIES}")
            lines[name] = key.line
            members = value.items if value.kind == "list" else [value]
            inner = [node for node in members if node.kind == "mapping"]
            if inner and value.kind == "list" and file.format == "json":
                raise file.error(inner[0].line, "a mapping in a list; expected a term")
            if len(inner) < len(members) or not any(node.items for node in inner):
                categories[name] = [_term(file, node) for node in members if node.kind != "mapping"]
            for node in inner:
                add(f"{name}.", node)

    add("", root)
    return categories


def _term(file: File, node: Node) -> str:
    if node.kind != "scalar":
        raise file.error(node.line, f"a {node.kind} in a list; expected a term")
    return file.term(node.line, node.text)


def _tree(file: File, nodes: Iterable[Node]) -> Node:
    roots: list[Node] = []
    unfinished: list[Node] = []
    anchors: dict[str, Node] = {}
    for node in nodes:
        if node.kind == "end":
            node = unfinished.pop()
        elif node.kind == "alias":
            # Only what is complete has its anchor here, so nothing can hold itself.
            if node.text not in anchors:
                advice = "expected an anchor before it; quote a term that begins with *"
                raise file.error(node.line, f"the alias *{node.text} stands for nothing complete; {advice}")
            node = anchors[node.text]
        elif node.kind != "scalar":
            unfinished.append(node)
            if len(unfinished) > _DEEPEST:
                raise file.error(node.line, f"nested too deeply; expected at most {_DEEPEST} levels")
            continue
        if node.anchor is not None:
            anchors[node.anchor] = node
        (unfinished[-1].items if unfinished else roots).append(node)
    if not roots:
        raise file.error(1, "nothing here; expected a list of terms, or categories")
    return roots[0]
