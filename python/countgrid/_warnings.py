"""Warnings that point to the user's line."""

from __future__ import annotations

import sys
import warnings

#: Packages between the user's code and here. The warning points to the line that called them.
_BETWEEN = ("countgrid", "sklearn", "joblib")


def warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=_level_of_user())


def _level_of_user() -> int:
    """The `stacklevel` of the user's line, as seen from the caller."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _BETWEEN:
        frame, level = frame.f_back, level + 1
    return level
