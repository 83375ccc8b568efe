"""Packages that some calls need and others do not."""

from __future__ import annotations

import importlib
from types import ModuleType


def require(module: str, what: str, extra: str) -> ModuleType:
    """Import a module, or say how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"{what} needs {extra}, which is not installed; pip install 'countgrid[{extra}]'"
        raise ImportError(message, name=module) from error


def scipy_sparse() -> ModuleType:
    """The module that holds `csr_array`."""
    return require("scipy.sparse", "sparse=True", "scipy")
