"""`Matches`: the result of `TermCounter.find`."""

from __future__ import annotations

import operator
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, overload

import numpy as np

from countgrid._core import Documents
from countgrid._errors import about
from countgrid._highlight import Page, Span
from countgrid._optional import require
from countgrid._table import Series, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from countgrid._core import Plan


class Compiled(Protocol):
    """An object with compiled terms: a `TermCounter`."""

    @property
    def _plan(self) -> Plan: ...


class Context(NamedTuple):
    """A match with the text around it (keyword in context)."""

    document: int
    column: str
    before: str | bytes
    match: str | bytes
    after: str | bytes


class Match(NamedTuple):
    """A row of `Matches`: a document's index, a column's name, and the match's start and end in the document."""

    document: int
    column: str
    start: int
    end: int


@dataclass(frozen=True, eq=False, repr=False)
class Matches(Table):
    """Where terms occur: parallel arrays, sorted by document, start, end and column.

    A table with a row for each match. Iteration gives its rows as named tuples ``(document, column, start, end)``,
    where ``column`` is the name. ``matches[name]`` gives the matches of one column.

    Attributes
    ----------
    document : ndarray of int64, shape (n_matches,)
        Index of the document.
    column : ndarray of int64, shape (n_matches,)
        Index of the column: a term, or a category of terms.
    start, end : ndarray of int64, shape (n_matches,)
        ``document[start:end]`` is the match: counted in characters of a text document, in bytes of a bytes document.
    columns : list of str
        The names of all columns.
    n_documents : int
        How many documents were searched.

    Notes
    -----
    Matches take 32 bytes each and do not contain text. They keep a reference to the compiled terms, so that `context`
    can check the documents.
    """

    document: np.ndarray
    column: np.ndarray
    start: np.ndarray
    end: np.ndarray
    columns: list[str]
    n_documents: int
    _counter: Compiled | None = None
    #: The first document with a match, and its type, str or bytes; None if unknown.
    _first: tuple[int, type] | None = None

    def __len__(self) -> int:
        return len(self.document)

    def __iter__(self) -> Iterator[Match]:
        return (Match(document, self.columns[column], start, end) for document, column, start, end in self._places())

    def __contains__(self, column: object) -> bool:
        """Whether there is a column with this name. It need not have matches."""
        return column in self.columns

    def __getitem__(self, column: str) -> Matches:
        """Return the matches of a column, or of all columns with this name.

        Raises
        ------
        KeyError
            There is no such column.
        """
        named = [at for at, name in enumerate(self.columns) if name == column]
        if not named:
            raise KeyError(column)
        chosen = np.isin(self.column, named)
        parts = {name: getattr(self, name)[chosen] for name in ("document", "column", "start", "end")}
        return replace(self, **parts)

    def to_dict(self) -> dict[str, list[Any]]:
        """Return ``{"document": [...], "column": [...], "start": [...], "end": [...]}``, with the columns' names."""
        columns = [self.columns[column] for column in self.column.tolist()]
        return {
            "document": self.document.tolist(),
            "column": columns,
            "start": self.start.tolist(),
            "end": self.end.tolist(),
        }

    def _part(self, rows: slice | np.ndarray) -> Series:
        names = [self.columns[column] for column in self.column[rows].tolist()]
        return {"document": self.document[rows], "column": names, "start": self.start[rows], "end": self.end[rows]}

    def _size(self) -> str:
        return f"{len(self)} matches in {self.n_documents} documents, {len(self.columns)} columns"

    def __repr__(self) -> str:
        return f"<countgrid.Matches: {len(self)} in {self.n_documents} documents, {len(self.columns)} columns>"

    @overload
    def context(self, documents: Any, *, width: int = 40, as_frame: Literal[False] = False) -> list[Context]: ...
    @overload
    def context(self, documents: Any, *, width: int = 40, as_frame: Literal[True]) -> pd.DataFrame: ...
    def context(self, documents: Any, *, width: int = 40, as_frame: bool = False) -> list[Context] | pd.DataFrame:
        """Show each match with the text around it (keyword in context).

        Parameters
        ----------
        documents : sequence or column of str or bytes
            The documents that were searched. `context` compares their number, and searches those with matches again
            to check that every match is still there. For lists, NumPy arrays and Series, it also notices bytes
            instead of str. It does not notice other differences: in documents without matches, additional matches,
            or in the text around a match.
        width : int, default 40
            The most characters (bytes for a bytes document) to show on either side.
        as_frame : bool, default False
            Return a pandas DataFrame.

        Returns
        -------
        list of tuple, or DataFrame
            In order of the matches: ``document`` (its index), ``column`` (its name), ``before``, ``match`` and
            ``after``.

        Raises
        ------
        ValueError
            The width is negative. The number of documents differs from the number that was searched. A match is no
            longer there; the error names the first such document.
        ImportError
            ``as_frame=True`` without pandas.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> documents = ["The cat sat on the mat.", "A cat!"]
        >>> matches = TermCounter(["cat", "the"], ignore_case=True).find(documents)
        >>> for match in matches.context(documents, width=5):
        ...     print(tuple(match))
        (0, 'the', '', 'The', ' cat ')
        (0, 'cat', 'The ', 'cat', ' sat ')
        (0, 'the', 't on ', 'the', ' mat.')
        (1, 'cat', 'A ', 'cat', '!')
        """
        width = _checked_size(width, "width")
        taken = self._checked(documents)
        found = list(self._contexts(taken, width))
        if not as_frame:
            return found
        pandas = require("pandas", "as_frame=True", "pandas")
        texts = {name: _series([getattr(match, name) for match in found]) for name in Context._fields[1:]}
        frame: pd.DataFrame = pandas.DataFrame({"document": self.document, **texts})
        return frame

    def _contexts(self, documents: Documents, width: int) -> Iterator[Context]:
        row, text = -1, None
        for document, column, start, end in self._places():
            if document != row:
                row, text = document, documents[document]
            if text is None or end > len(text):
                raise _changed(document)
            before, after = text[max(start - width, 0) : start], text[end : end + width]
            yield Context(document, self.columns[column], before, text[start:end], after)

    def to_html(self, documents: Any, *, title: str | None = None) -> str:
        """Return an HTML page of the documents that have matches, with the matches highlighted by column.

        A legend shows how many matches each column has. Documents are numbered by position, from 0, also those of a
        Series with an index. Text is escaped. The page needs no other files, scripts or network, and follows the
        reader's light or dark mode.

        Parameters
        ----------
        documents : sequence or column of str or bytes
            The documents that were searched: see `context`.
        title : str, optional
            The page's title. Default: the number of matches and documents.

        Returns
        -------
        str

        Raises
        ------
        TypeError
            A title that is not str.
        ValueError
            The documents differ from the ones that were searched: see `context`.

        Examples
        --------
        >>> from countgrid import TermCounter
        >>> documents = ["The cat sat on the mat.", "A <b>cat</b>!"]
        >>> page = TermCounter(["cat", "mat"]).find(documents).to_html(documents, title="Cats & mats")
        >>> "A &lt;b&gt;<mark" in page, "<title>Cats &amp; mats</title>" in page
        (True, True)
        """
        return "".join(self._page(self._checked(documents), title, None))

    def show(self, documents: Any, *, title: str | None = None, limit: int | None = 20) -> Highlights:
        """Show the matches highlighted in a notebook: the page of `to_html` as the value of a cell.

        Parameters
        ----------
        documents, title
            See `to_html`.
        limit : int or None, default 20
            Show at most this many of the documents that have matches; None shows all.

        Returns
        -------
        Highlights
            Notebooks display it. Its ``str()`` is the page.

        Raises
        ------
        ValueError
            The limit is negative. See also `to_html`.
        """
        if limit is not None:
            limit = _checked_size(limit, "limit")
        return Highlights("".join(self._page(self._checked(documents), title, limit)))

    def _page(self, documents: Documents, title: str | None, limit: int | None) -> Iterator[str]:
        if title is None:
            title = f"{len(self):,} matches in {len(np.unique(self.document)):,} of {self.n_documents:,} documents"
        elif not isinstance(title, str):
            raise TypeError(f"title is {type(title).__name__} ({title!r}); expected str")
        page = Page(self.columns, title)
        yield page.head()
        yield from self._highlighted(page, documents, lambda document: f"Document {document}", limit)
        yield page.foot()

    def _highlighted(
        self, page: Page, documents: Documents, heading: Callable[[int], str], limit: int | None
    ) -> Iterator[str]:
        """Add the first ``limit`` documents that have matches to a page. Its legend counts all matches."""
        for at, (document, places) in enumerate(groupby(self._places(), key=lambda place: place[0])):
            spans = [Span(*place[1:]) for place in places]
            page.count(spans)
            if limit is not None and at >= limit:
                continue
            text = documents[document]
            if text is None or any(span.end > len(text) for span in spans):
                raise _changed(document)
            yield from page.document(heading(document), text, spans)

    def _checked(self, documents: Any) -> Documents:
        """The documents. Raises if a match is not in them."""
        taken = Documents(documents)
        if len(taken) != self.n_documents:
            raise ValueError(f"got {len(taken)} documents; expected the {self.n_documents} that were searched")
        if self._first is not None:
            row, kind = self._first
            text = taken[row]
            if text is not None and not isinstance(text, kind):
                what = f"documents[{row}] is {type(text).__name__}, but was {kind.__name__} when it was searched"
                raise about(ValueError(f"{what}; pass the documents that were searched"), row=row)
        if self._counter is not None:
            places = self.document, self.column, self.start, self.end
            changed = self._counter._plan.first_changed(taken, *places)
            if changed is not None:
                raise _changed(changed)
        return taken

    def _places(self) -> Iterator[tuple[int, int, int, int]]:
        """The matches as Python integers. Converted in chunks, since Ctrl-C does not interrupt a NumPy call."""
        arrays = self.document, self.column, self.start, self.end
        for at in range(0, len(self), 1 << 16):
            yield from zip(*(array[at : at + (1 << 16)].tolist() for array in arrays), strict=True)


class Highlights:
    """A page of highlighted matches that a notebook displays."""

    def __init__(self, page: str) -> None:
        self._page = page

    def __str__(self) -> str:
        return self._page

    def _repr_html_(self) -> str:
        # A frame, so that the page's style and the notebook's do not mix.
        return f'<iframe srcdoc="{escape(self._page)}" style="width: 100%; height: 30rem; border: 0"></iframe>'


#: The most bytes of documents to copy in order to look at one of them.
_LITTLE = 1 << 24


def kind_of_first(documents: Any, rows: np.ndarray) -> tuple[int, type] | None:
    """The first of these rows, and whether its document is str or bytes, if looking it up is cheap."""
    if len(rows) == 0:
        return None
    row = int(rows[0])
    item = None
    with suppress(IndexError):  # the list may have changed since
        if isinstance(documents, list | tuple | np.ndarray) or (
            # Looking up an item copies all of them.
            isinstance(documents, Documents) and documents.nbytes <= _LITTLE
        ):
            item = documents[row]
        elif hasattr(documents, "iloc") and documents.ndim == 1:
            item = documents.iloc[row]
    return next(((row, kind) for kind in (str, bytes) if isinstance(item, kind)), None)


def _checked_size(size: Any, name: str) -> int:
    try:
        checked = operator.index(size)
    except TypeError:
        raise TypeError(f"{name} is {type(size).__name__} ({size!r}); expected an int, 0 or more") from None
    if checked < 0:
        raise ValueError(f"{name} is {size}; expected 0 or more")
    return checked


def _changed(document: int) -> ValueError:
    error = ValueError(
        f"documents[{document}] is not the document that was searched: a match is missing; pass the documents that "
        "were searched, in the same order"
    )
    return about(error, row=document)


def _series(texts: list[str | bytes]) -> pd.Series:
    """Texts as pandas strings, or as objects if there are bytes or lone surrogates."""
    import pandas as pd

    if all(isinstance(text, str) for text in texts):
        with suppress(UnicodeEncodeError):
            return pd.Series(texts, dtype=str)
    return pd.Series(texts, dtype=object)
