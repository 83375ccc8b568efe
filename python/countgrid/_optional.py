"""Imports optional packages."""

from __future__ import annotations

import importlib
from types import ModuleType


def require(module: str, what: str, package: str) -> ModuleType:
    """Import a module. The error says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise not_installed(error, what, package) from error


def not_installed(error: ImportError, what: str, package: str) -> ImportError:
    """An error that says which package is missing, or why it cannot be imported."""
    if isinstance(error, ModuleNotFoundError):
        why = f"which is not installed; pip install {package}"
    else:
        why = f"which cannot be imported: {error}"
    return type(error)(f"{what} needs {package}, {why}", name=error.name)


def scipy_sparse() -> ModuleType:
    """The module of `csr_array`."""
    return require("scipy.sparse", "sparse=True", "scipy")
