"""`escape`: a term that matches a text literally."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from countgrid._options import Syntax

Text = TypeVar("Text", str, bytes)


def escape(text: Text, syntax: Syntax = "glob") -> Text:
    r"""Return the term that matches a text literally.

    Parameters
    ----------
    text : str or bytes
    syntax : {"glob", "regex", "literal"}, default "glob"
        The syntax of the other terms. Literal terms need no escapes.

    Returns
    -------
    str or bytes
        In globs and literals, whitespace still matches any run of whitespace if ``match`` is ``"word"`` or
        ``"token"``.

    Raises
    ------
    TypeError
        A text that is neither str nor bytes.
    ValueError
        An unknown syntax.

    Examples
    --------
    >>> import countgrid as cg
    >>> cg.escape("why?"), cg.escape("3.5", syntax="regex")
    ('why\\?', '3\\.5')
    >>> cg.count(["why? whys"], [cg.escape("why?"), "why?"], syntax="glob")
    array([[1, 1]], dtype=int32)
    """
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"text is {type(text).__name__} ({text!r}); expected str or bytes")
    if syntax == "literal":
        return text
    if syntax == "regex":
        return re.escape(text)
    if syntax != "glob":
        raise ValueError(f"syntax is {syntax!r}; expected 'glob', 'regex' or 'literal'")
    if isinstance(text, bytes):
        return re.sub(rb"([*?\\])", rb"\\\1", text)
    return re.sub(r"([*?\\])", r"\\\1", text)
