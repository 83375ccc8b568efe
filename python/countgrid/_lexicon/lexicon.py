"""What `read_lexicon` returns: a list of terms, or a dict of categories, that knows how its terms are matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countgrid._lexicon.file import Syntax


class Lexicon:
    """Terms, or categories of terms, that `read_lexicon` read from a file.

    A lexicon is also the list or the dict that it contains, and equals it. Whatever you make of it, such as
    ``lexicon[:10]``, is a plain list or dict.

    Attributes
    ----------
    syntax : {"literal", "glob", "regex"}
        How the terms are matched. `TermCounter` and `count` use it; another ``syntax=`` raises `ValueError`.
    weights : dict of str to float, or None
        The number of each term, if the file has numbers and no categories.
    source : str
        The file's path, as it was given.

    See Also
    --------
    read_lexicon : makes one.

    Examples
    --------
    >>> import tempfile
    >>> from countgrid import read_lexicon
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    ...     _ = file.write("word,score\\nhappy,3\\nsad,-2\\n")
    ...     file.flush()
    ...     lexicon = read_lexicon(file.name)
    >>> lexicon, lexicon.syntax, lexicon.weights
    (['happy', 'sad'], 'literal', {'happy': 3.0, 'sad': -2.0})
    """

    syntax: Syntax
    weights: dict[str, float] | None
    source: str


class TermList(Lexicon, list[str]):
    """A lexicon without categories."""


class CategoryDict(Lexicon, dict[str, list[str]]):
    """A lexicon of categories."""


class Default(str):
    """An option's default value, told apart from the same value if the caller passes it. Copies are alike."""

    __slots__ = ()


#: The default syntax of terms. A lexicon that was read with another one does not conflict with it.
LITERAL: Any = Default("literal")


def syntax_of(terms: Any, chosen: Any) -> Any:
    """The syntax to match terms with: the caller's choice, or the lexicon's, which must not differ.

    It is a `Default` if nobody chose, neither here nor when the lexicon was read.
    """
    said = not isinstance(chosen, Default)
    if not isinstance(terms, Lexicon):
        return chosen
    if said and chosen != terms.syntax:
        advice = (
            f"read it with syntax={chosen!r}, or pass {'dict' if isinstance(terms, Mapping) else 'list'}(lexicon)"
        )
        raise ValueError(f"syntax is {chosen!r}, but {terms.source} was read with syntax={terms.syntax!r}; {advice}")
    return chosen if said else terms.syntax
