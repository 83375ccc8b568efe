"""The check of imports, on small trees with faults."""

from __future__ import annotations

from pathlib import Path

import pytest
from layers import cycles, faults, paths_of

#: A tree without faults: three layers, a binding, a Python package.
GOOD = {
    "src/lib.rs": "mod core;\nmod bindings;\npub use core::high::Top;",
    "src/core/mod.rs": """
        //! The core.
        //!
        //! 1. [`base`]: errors
        //! 2. [`middle`]: texts
        //! 3. [`high`]: counts
        pub mod base;
        pub mod high;
        pub mod middle;
        pub use high::Top;
    """,
    "src/core/base/mod.rs": "pub mod error;\nmod leaf;",
    "src/core/base/error.rs": "pub struct Error;",
    "src/core/base/leaf.rs": "pub fn fail() {}",
    "src/core/middle/mod.rs": "mod a;\nmod b;\npub use a::A;",
    "src/core/middle/a.rs": "use super::b::B;\nuse crate::core::{base::{self, error::{Error}}};",
    "src/core/middle/b.rs": "pub struct B;",
    "src/core/high.rs": "use crate::core::middle::A;\npub struct Top(A);",
    "src/bindings/mod.rs": "mod run;\nuse crate::core::Top;",
    "src/bindings/run.rs": "use crate::core::base;",
    "python/pack/__init__.py": "from pack.one import f",
    "python/pack/one.py": "from pack import _core\nfrom pack.two import g",
    "python/pack/two.py": "def g(): ...",
    "python/pack/_core.pyi": "def count(): ...",
}

LATER = "core/base/leaf.rs imports core/high.rs, which is in a later layer"
CYCLE = "import cycle: core/middle/a.rs, core/middle/b.rs"

#: A file that is added to the tree or replaces one, and the faults that it causes.
BAD = [
    ("src/core/base/leaf.rs", "use crate::core::high::Top;", [LATER]),
    ("src/core/base/leaf.rs", "use super::super::high::Top;", [LATER]),
    (
        "src/core/base/leaf.rs",
        "use crate::{core::{middle::{A, a}, high::{self, Top as T}}};",
        [LATER, "core/middle/a.rs", "core/middle/mod.rs"],
    ),
    ("src/core/base/leaf.rs", "pub fn fail() { crate::core::high::Top::new(); }", [LATER]),
    ("src/core/base/leaf.rs", "pub fn fail() -> super :: super :: high :: Top { 'x: loop {} }", [LATER]),
    ("src/core/base/leaf.rs", "mod x86 { use self::super::Top; use crate::core::high::Top; }", [LATER]),
    ("src/core/base/leaf.rs", "const A: &[char] = &['\"', '\\'']; use super::super::high::Top; // '\"'", [LATER]),
    ("src/core/base/leaf.rs", "#[cfg(test)]\nmod tests { fn f() {} }\nuse super::super::high::Top;", [LATER]),
    ("src/core/base/leaf.rs", "#[cfg(test)]\nuse std::fmt;\nuse super::super::high::*;", [LATER]),
    (
        "src/core/base/leaf.rs",
        "use crate::core::Top;",
        ["core/base/leaf.rs imports core/mod.rs, which is in a later layer"],
    ),
    (
        "src/core/base/leaf.rs",
        "use crate::bindings::run;",
        ["core/base/leaf.rs imports bindings/run.rs, which is outside the core"],
    ),
    ("src/core/middle/b.rs", "use super::a::A;", [CYCLE]),
    ("src/core/middle/b.rs", "fn f(a: super::a::A) {}", [CYCLE]),
    (
        "src/core/middle/b.rs",
        "fn f(a: super::A) {}",
        ["import cycle: core/middle/a.rs, core/middle/b.rs, core/middle/mod.rs"],
    ),
    ("src/bindings/run.rs", "use super::f;\nfn g() {}", []),
    ("src/bindings/mod.rs", "mod run;\nuse run::g;", []),
    ("src/core/middle/a.rs", "use super::b::B;\nmod x { mod y { use super::super::super::b; } }", ["climb"]),
    ("src/core/mod.rs", "//! 1. [`base`]\n//! 2. [`middle`]\npub mod base; pub mod high; pub mod middle;", ["list"]),
    ("src/core/mod.rs", "//! 1. [`base`]\n//! 2. [`middle`]\npub mod base; pub mod middle;", []),
    ("python/pack/two.py", "from pack.one import f", ["import cycle: pack/one.py, pack/two.py"]),
    ("python/pack/two.py", "def g():\n    from . import one", ["import cycle: pack/one.py, pack/two.py"]),
    ("python/pack/two.py", "import pack", ["import cycle: pack/__init__.py, pack/one.py, pack/two.py"]),
]

#: Code that is allowed in the first layer, since it imports nothing.
FINE = [
    "// use super::super::high::Top;\n/* use super::super::high::Top; */",
    "/// See [`super::high`].\npub struct Error;",
    'const A: &str = "use super::super::high::Top;";\nconst B: &str = r#"use "super::super::high::Top;"#;',
    "#[cfg(test)]\nmod tests { use crate::core::high::Top; fn f() { [1, 2]; } }\npub struct Error;",
    "#[cfg(test)]\nmod tests;\npub struct Error;",
    "pub fn f<'a>(a: &'a str) -> std::fmt::Result { high::Top }",
    "mod x86 { use super::fail; use std::arch::x86_64::*; }",
]


def made(root: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = (line.strip() if name.endswith(".rs") else line for line in text.splitlines())
        file.write_text("\n".join(lines), encoding="utf-8")
    return faults(root)


def test_a_good_tree_has_no_faults(tmp_path: Path) -> None:
    assert made(tmp_path, GOOD) == []


@pytest.mark.parametrize(("name", "text", "expected"), BAD)
def test_each_fault_is_found(tmp_path: Path, name: str, text: str, expected: list[str]) -> None:
    found = made(tmp_path, {**GOOD, name: text})
    assert len(found) == len(expected)
    assert all(part in fault for part, fault in zip(expected, found, strict=True)), found


@pytest.mark.parametrize("text", FINE)
def test_comments_strings_and_tests_import_nothing(tmp_path: Path, text: str) -> None:
    assert made(tmp_path, {**GOOD, "src/core/base/leaf.rs": text}) == []


def test_groups_are_expanded() -> None:
    tree = "crate::{a::{self, B as C, d::{E, *}}, f::*, g}"
    assert [*paths_of(tree)] == ["crate::a", "crate::a::B", "crate::a::d::E", "crate::a::d", "crate::f", "crate::g"]


def test_several_cycles_are_distinguished() -> None:
    imports = {"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}, "e": {"e", "a"}}
    assert [*cycles(imports)] == [["c", "d"], ["a", "b"]]


def test_this_project_has_no_faults() -> None:
    assert faults(Path(__file__).parents[1]) == []
