"""Shared by JSON and YAML: flattens nested lists and mappings to categories.

The readers turn a file into a sequence of `Node`s: scalars, and starts and ends of lists and mappings. This module
builds the tree without recursion, so that deep nesting cannot exhaust the stack.

A short file can describe a huge lexicon: an alias repeats a list, nested aliases multiply it, and inner categories
repeat the names of outer ones. So the size of the result is bounded by the size of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from countgrid._lexicon.file import Content, File, looks_like_number, shown

#: Far deeper than any lexicon. Up to this depth, flattening can recurse.
_DEEPEST = 100
#: Without aliases, a file has fewer terms and categories than characters.
_MOST_MADE = 1_000_000
#: The most characters in names of categories: this total, or this many for each character of the file.
_MOST_NAMED = 50_000_000
_MOST_NAMED_EACH = 10


@dataclass(slots=True)
class Node:
    """A scalar, a list of nodes, or a mapping with alternating keys and values.

    Two kinds do not become part of the tree: the end of a list or mapping, and an alias. An alias's text is the
    anchor of another node.
    """

    kind: Literal["scalar", "list", "mapping", "end", "alias"]
    line: int
    text: str = ""
    anchor: str | None = None
    #: An unquoted YAML scalar, which may be a number.
    plain: bool = False
    items: list[Node] = field(default_factory=list)


def read_nodes(file: File, nodes: Iterable[Node]) -> Content:
    """A list of terms, or categories: one for each name with terms of its own, or with no content."""
    root = _tree(file, nodes)
    if root.kind == "scalar":
        raise file.error(root.line, f"only {shown(root.text)}; expected a list of terms, or categories")
    flattening = _Flattening(file)
    if root.kind == "list":
        return [flattening.term(node) for node in root.items]
    flattening.add("", root, 1)
    return flattening.categories


class _Flattening:
    """Flattens nested categories."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.categories: dict[str, list[str]] = {}
        self.lines: dict[str, int] = {}
        self.limits = {
            "categories": max(_MOST_MADE, len(file.text)),
            "terms": max(_MOST_MADE, len(file.text)),
            "characters in names": max(_MOST_NAMED, _MOST_NAMED_EACH * len(file.text)),
        }
        self.made = dict.fromkeys(self.limits, 0)

    def add(self, outer: str, mapping: Node, depth: int) -> None:
        if depth > _DEEPEST:
            raise self.file.error(mapping.line, f"aliases nested too deeply; expected at most {_DEEPEST} levels")
        for key, value in zip(mapping.items[::2], mapping.items[1::2], strict=True):
            if key.kind != "scalar":
                raise self.file.error(key.line, f"a {key.kind} as the name of a category; expected text")
            self.account(key, "categories")
            self.account(key, "characters in names", len(outer) + len(key.text))
            name = outer + self.file.category(key.line, key.text)
            if name in self.lines:
                raise self.file.error(key.line, f"the category {shown(name)} is already in line {self.lines[name]}")
            self.lines[name] = key.line
            if value.plain and looks_like_number(value.text):
                advice = "expected a list of terms; a table of terms and numbers may be CSV"
                raise self.file.error(value.line, f"the number {value.text} for the category {shown(name)}; {advice}")
            members = value.items if value.kind == "list" else [value]
            self.account(value, "terms", len(members))
            inner = [node for node in members if node.kind == "mapping"]
            if inner and value.kind == "list" and self.file.format == "json":
                raise self.file.error(inner[0].line, "a mapping in a list; expected a term")
            if len(inner) < len(members) or not any(node.items for node in inner):
                self.categories[name] = [self.term(node) for node in members if node.kind != "mapping"]
            for node in inner:
                self.add(f"{name}.", node, depth + 1)

    def term(self, node: Node) -> str:
        if node.kind != "scalar":
            raise self.file.error(node.line, f"a {node.kind} in a list; expected a term")
        return self.file.term(node.line, node.text)

    def account(self, node: Node, what: str, count: int = 1) -> None:
        """Count items about to be created. Raises if there are too many."""
        self.made[what] += count
        if self.made[what] > self.limits[what]:
            cause = "nested names make" if what == "characters in names" else "aliases make"
            raise self.file.error(node.line, f"{cause} too many {what}; expected at most {self.limits[what]}")


def _tree(file: File, nodes: Iterable[Node]) -> Node:
    roots: list[Node] = []
    unfinished: list[Node] = []
    anchors: dict[str, Node] = {}
    for node in nodes:
        if node.kind == "end":
            node = unfinished.pop()
        elif node.kind == "alias":
            # Only complete nodes are in `anchors`, so no node can contain itself.
            if node.text not in anchors:
                advice = "expected an anchor before it; quote a term that begins with *"
                raise file.error(node.line, f"the alias *{node.text} refers to nothing complete; {advice}")
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
        raise file.error(1, "no content; expected a list of terms, or categories")
    return roots[0]
