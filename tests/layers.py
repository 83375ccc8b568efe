"""Check the direction of imports: `python tests/layers.py [ROOT]` prints faults, and exits with 1 if there are any.

The core's layers are the numbered list at the head of `src/core/mod.rs`. A file imports from its own layer and those
listed before it, and from nothing outside the core. In the core, the bindings and the Python package, no files import
each other in a cycle. Rust names distant modules by `crate::...`, never by `super::super::super`. Unit tests are
exempt.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

Imports = dict[str, set[str]]
Module = tuple[str, ...]

#: A comment, string or character. A quote that closes no character begins a lifetime.
NOT_CODE = re.compile(
    r"""
    //[^\n]* | /\*.*?\*/
    | \b(?:b|c)?r(?P<hashes>\#*)".*?"(?P=hashes)
    | \b[bc]?"(?:\\.|[^"\\])*" | "(?:\\.|[^"\\])*"
    | '(?:\\[^\n]*?'|[^'\\\n]')
    """,
    re.VERBOSE | re.DOTALL,
)
#: A layer in the list.
LAYER = re.compile(r"^//! *\d+\. +\[`(\w+)`\]", re.MULTILINE)
USE = re.compile(r"\buse\s+([^;]+);")
PATH = re.compile(r"(?<![\w:])[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)+")
MODULE = re.compile(r"\bmod\s+(\w+)\s*([;{])")
CLIMB = re.compile(r"\bsuper\s*::\s*super\s*::\s*super\b")


def without_comments(source: str) -> str:
    """Return Rust source with blanks in place of comments, strings and characters."""
    return NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def without_tests(code: str) -> str:
    """Return code without the items that only tests compile."""
    kept, at = [], 0
    for match in re.finditer(r"#\[cfg\(test\)\]", code):
        if match.start() >= at:
            kept.append(code[at : match.start()])
            at = end_of_item(code, match.end())
    return "".join([*kept, code[at:]])


def end_of_item(code: str, start: int) -> int:
    """Return where an item ends: after its semicolon, or after its closing brace."""
    depth = 0
    for at in range(start, len(code)):
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(code[at], 0)
        if depth == 0 and code[at] in ";}":
            return at + 1
    return len(code)


def paths_of(tree: str) -> Iterator[str]:
    """Expand the groups of a `use`, also nested ones."""
    tree = re.sub(r"\s+", "", re.sub(r"\s+as\s+\w+", "", tree))
    start, depth = tree.find("{") + 1, 0
    if start == 0:
        yield tree.removesuffix("::*").removesuffix("::self")
        return
    before = tree[: start - 1]
    for at in range(start - 1, len(tree)):
        depth += {"{": 1, "}": -1}.get(tree[at], 0)
        if (tree[at] == "," and depth == 1) or depth == 0:
            for path in paths_of(tree[start:at]) if start < at else ():
                yield before.removesuffix("::") if path in ("self", "*") else before + path
            start = at + 1


def inline_modules(code: str, place: int) -> Module:
    """Return the names of the modules with braces around a place in a file."""
    modules = [match for match in MODULE.finditer(code, 0, place) if match[2] == "{"]
    return tuple(module[1] for module in modules if end_of_item(code, module.start()) > place)


class Crate:
    """The modules below a folder of Rust sources, each with its file."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[Module, Path] = {}
        self.code: dict[Path, str] = {}
        self.climbing: list[Path] = []
        for file in sorted(folder.rglob("*.rs")):
            path = file.relative_to(folder)
            code = without_comments(file.read_text(encoding="utf-8"))
            self.code[path] = without_tests(code)
            if CLIMB.search(code):
                self.climbing.append(path)
            is_folder = path.name in ("mod.rs", "lib.rs")
            self.files[path.parts[:-1] if is_folder else (*path.parts[:-1], path.stem)] = path
        # A file that is declared nowhere else belongs to tests.
        declared = {()} | {
            (*module, match[1]) for module, path in self.files.items() for match in MODULE.finditer(self.code[path])
        }
        self.files = {
            module: path
            for module, path in self.files.items()
            if all(module[:length] in declared for length in range(len(module) + 1))
        }

    def imports(self) -> Imports:
        """Return which files each file imports from, by `use` or by a path in its code."""
        imports: Imports = {}
        for module, path in self.files.items():
            code = self.code[path]
            found = [(name, match.start()) for match in USE.finditer(code) for name in paths_of(match[1])]
            rest = USE.sub(lambda match: " " * len(match[0]), code)
            found += [(re.sub(r"\s+", "", match[0]), match.start()) for match in PATH.finditer(rest)]
            files = {self.file_of((*module, *inline_modules(code, place)), name) for name, place in found}
            imports[path.as_posix()] = {file.as_posix() for file in files if file not in (None, path)}
        return imports

    def file_of(self, module: Module, path: str) -> Path | None:
        """Return the file that a path in a module leads to; `None` for a path of another crate."""
        first, *rest = path.split("::")
        if first == "crate":
            at: Module = ()
        elif first == "self":
            at = module
        elif first == "super":
            at = module[:-1]
            while rest and rest[0] == "super":
                at, rest = at[:-1], rest[1:]
        elif (*module, first) in self.files:
            at = (*module, first)
        else:
            return None
        for name in rest:
            if (*at, name) not in self.files:
                break
            at = (*at, name)
        # A module with braces is in the file of the module around it.
        while at not in self.files:
            at = at[:-1]
        return self.files[at]


def cycles(imports: Imports) -> Iterator[list[str]]:
    """Find the groups of files that import each other, by Tarjan's algorithm."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []

    def visit(file: str) -> Iterator[list[str]]:
        number[file] = lowest[file] = len(number)
        stack.append(file)
        for other in sorted(imports.get(file, ())):
            if other not in number:
                yield from visit(other)
            if other in stack:
                lowest[file] = min(lowest[file], lowest[other])
        if lowest[file] == number[file]:
            group = stack[stack.index(file) :]
            del stack[stack.index(file) :]
            if len(group) > 1:
                yield sorted(group)

    for file in sorted(imports):
        if file not in number:
            yield from visit(file)


def layer_of(file: str, layers: list[str]) -> int | None:
    """Return the number of a file's layer, `None` outside the core. The core's `mod.rs` is above all layers."""
    folder, _, rest = file.partition("/")
    if folder != "core":
        return None
    name = rest.partition("/")[0].removesuffix(".rs")
    return layers.index(name) if name in layers else len(layers)


def rust_faults(folder: Path) -> Iterator[str]:
    """Find the faults in the core and in the bindings."""
    crate = Crate(folder)
    for path in crate.climbing:
        yield f"{path.as_posix()} climbs by super::super::super; name the path from crate:: on"
    layers = LAYER.findall((folder / "core/mod.rs").read_text(encoding="utf-8"))
    there = {module[1] for module in crate.files if module[:1] == ("core",) and len(module) > 1}
    for name in sorted(there - set(layers)):
        yield f"core/{name} is not in the list of layers at the head of core/mod.rs"
    for name in sorted(set(layers) - there):
        yield f"the list of layers at the head of core/mod.rs has {name}, which is not there"
    imports = crate.imports()
    for file in sorted(imports):
        layer = layer_of(file, layers)
        for other in sorted(imports[file]) if layer is not None else ():
            other_layer = layer_of(other, layers)
            if other_layer is None:
                yield f"{file} imports {other}, which is outside the core"
            elif layer is not None and layer < other_layer:
                yield f"{file} imports {other}, which is in a later layer"
    for cycle in cycles(imports):
        yield f"import cycle: {', '.join(cycle)}"


def python_imports(folder: Path) -> Imports:
    """Return which files of a package each of its files imports from, also within functions and for type checkers."""
    files = {}
    for file in sorted([*folder.rglob("*.py"), *folder.rglob("*.pyi")]):
        parts = file.relative_to(folder).with_suffix("").parts
        files[parts[:-1] if parts[-1] == "__init__" else parts] = file
    imports: Imports = {}
    for module, file in files.items():
        package = module if file.stem == "__init__" else module[:-1]
        found: set[Module] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(tuple(alias.name.split(".")) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                around = package[: len(package) + 1 - node.level] if node.level else ()
                base = (*around, *(node.module.split(".") if node.module else ()))
                names = [(*base, alias.name) for alias in node.names]
                found.update(name if name in files else base for name in names)
        others = {files[name] for name in found if name in files} - {file}
        imports[file.relative_to(folder).as_posix()] = {other.relative_to(folder).as_posix() for other in others}
    return imports


def faults(root: Path) -> list[str]:
    """Return all faults in a checkout."""
    python = cycles(python_imports(root / "python"))
    return [*rust_faults(root / "src"), *(f"import cycle: {', '.join(cycle)}" for cycle in python)]


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1])
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
