"""`Lexicon`, the result of `read_lexicon`: a list of terms or a dict of categories that knows its syntax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countgrid._errors import option
from countgrid._lexicon.file import Syntax


class Lexicon:
    """Terms, or categories of terms, that `read_lexicon` read from a file.

    A lexicon is a list or a dict, and equals a plain one. Slices such as ``lexicon[:10]`` are plain lists.

    Attributes
    ----------
    syntax : {"literal", "glob", "regex"}
        How the terms are matched. `TermCounter` and `count` use it, also if the lexicon is a category of a mapping.
        A different ``syntax=`` raises `ValueError`.
    weights : dict of str to float or to a tuple of floats, or None
        The number of each term, or its numbers, if the file has numbers and no categories.
    dimensions : list of str or None
        The names of several numbers, if the file has a header.
    source : str
        The file's path, as you passed it.

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
    weights: dict[str, float] | dict[str, tuple[float, ...]] | None
    dimensions: list[str] | None
    source: str


class TermList(Lexicon, list[str]):
    """A lexicon without categories."""


class CategoryDict(Lexicon, dict[str, list[str]]):
    """A lexicon of categories."""


class Default(str):
    """A default value. Equals the same value passed by the caller, but has another type."""

    __slots__ = ()


#: The default syntax. It does not conflict with a lexicon's syntax.
LITERAL: Any = Default("literal")


def syntax_of(terms: Any, chosen: Any) -> Any:
    """The syntax to match terms with: the caller's, or that of the lexicons. Raises if they differ.

    It is a `Default` if no syntax was passed, neither here nor to `read_lexicon`.
    """
    within = lexicons_in(terms)
    if isinstance(terms, Lexicon):
        _refuse_another_syntax(terms, chosen, "", "dict(lexicon)" if isinstance(terms, Mapping) else "list(lexicon)")
    for category, lexicon in within.items():
        place = f"terms[{category!r}]"
        _refuse_another_syntax(lexicon, chosen, f"{place} from ", f"list({place})")
    own = terms.syntax if isinstance(terms, Lexicon) else LITERAL
    if not isinstance(chosen, Default):
        return chosen
    return _common_syntax(within, terms, own) if within else own


def _common_syntax(lexicons: dict[Any, TermList], categories: Mapping[Any, Any], own: Any) -> Any:
    """The syntax of all categories of a mapping. `own` is the syntax of categories that are not lexicons."""
    first, syntax = next((category, lexicon.syntax) for category, lexicon in lexicons.items())
    read = f"terms[{first!r}] from {lexicons[first].source} was read with {option('syntax', syntax)}"
    for category, lexicon in lexicons.items():
        if lexicon.syntax != syntax:
            what = f"terms[{category!r}] from {lexicon.source} with {option('syntax', lexicon.syntax)}"
            raise ValueError(f"{read}, but {what}; read both with the same syntax")
    plain = next((category for category in categories if category not in lexicons), None)
    if plain is not None and own != syntax:
        what = f"terms[{plain!r}] is not a lexicon"
        raise ValueError(f"{read}, but {what}; pass {option('syntax', syntax)} if it has the same syntax")
    syntaxes = [lexicon.syntax for lexicon in lexicons.values()] + ([] if plain is None else [own])
    return next((syntax for syntax in syntaxes if isinstance(syntax, Default)), syntax)


def lexicons_in(terms: Any) -> dict[Any, TermList]:
    """The categories of a mapping whose terms are a lexicon."""
    if not isinstance(terms, Mapping):
        return {}
    return {category: members for category, members in terms.items() if isinstance(members, TermList)}


def choosing_syntax(terms: Any) -> str:
    """What to do with another `syntax=`, for a warning: pass it, or read the lexicons with it."""
    sources = [lexicon.source for lexicon in (terms, *lexicons_in(terms).values()) if isinstance(lexicon, Lexicon)]
    return f"read {' and '.join(dict.fromkeys(sources))} with" if sources else "pass"


def _refuse_another_syntax(lexicon: Lexicon, chosen: Any, place: str, copied: str) -> None:
    if isinstance(chosen, Default) or chosen == lexicon.syntax:
        return
    advice = f"read it with syntax={chosen!r}, or pass {copied}"
    what = f"{place}{lexicon.source} was read with syntax={lexicon.syntax!r}"
    raise ValueError(f"syntax is {chosen!r}, but {what}; {advice}")
