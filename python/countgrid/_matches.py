"""What `TermCounter.find` gives."""

from __future__ import annotations

import operator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, overload

from countgrid._core import Documents
from countgrid._optional import require

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from countgrid._core import Plan


class Compiled(Protocol):
    """What holds the compiled terms: a `TermCounter`."""

    @property
    def _plan(self) -> Plan: ...


class Context(NamedTuple):
    """A match with the text around it (keyword in context)."""

    document: int
    column: str
    before: str | bytes
    match: str | bytes
    after: str | bytes


@dataclass(frozen=True, eq=False, repr=False)
class Matches:
    """Where terms occur: parallel arrays, sorted by document, start, end and column.

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
    Matches take 32 bytes each and hold no text. They keep the compiled terms, with which `context` checks the
    documents.
    """

    document: np.ndarray
    column: np.ndarray
    start: np.ndarray
    end: np.ndarray
    columns: list[str]
    n_documents: int
    _counter: Compiled | None = None

    def __len__(self) -> int:
        return len(self.document)

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
            The documents that were searched. Those with matches are searched again, to check that every match is
            still there.
        width : int, default 40
            At most so many characters of a text document, or bytes of a bytes document, on either side.
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
            A negative width; another number of documents than were searched; a document without a match where it
            was found, with the index of the first such document.
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
        width = _checked_width(width)
        taken = Documents(documents)
        if len(taken) != self.n_documents:
            raise ValueError(
                f"{len(taken)} documents were passed; expected the {self.n_documents} that were searched"
            )
        self._check(taken)
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

    def _check(self, documents: Documents) -> None:
        """Raise an exception unless every match is a match in these documents."""
        if self._counter is None:
            return
        places = self.document, self.column, self.start, self.end
        changed = self._counter._plan.first_changed(documents, *places)
        if changed is not None:
            raise _changed(changed)

    def _places(self) -> Iterator[tuple[int, int, int, int]]:
        """The matches as Python's integers, some at a time: a call of NumPy's cannot be interrupted."""
        arrays = self.document, self.column, self.start, self.end
        for at in range(0, len(self), 1 << 16):
            yield from zip(*(array[at : at + (1 << 16)].tolist() for array in arrays), strict=True)


def _checked_width(width: Any) -> int:
    try:
        checked = operator.index(width)
    except TypeError:
        raise TypeError(f"width is {type(width).__name__} ({width!r}); expected an int, 0 or more") from None
    if checked < 0:
        raise ValueError(f"width is {width}; expected 0 or more")
    return checked


def _changed(document: int) -> ValueError:
    return ValueError(
        f"documents[{document}] is not the document that was searched: a match is not there; pass the documents that "
        "were searched, in the same order"
    )


def _series(texts: list[str | bytes]) -> pd.Series:
    """Texts in the type that pandas has for them; bytes and lone surrogates, which it does not hold, as objects."""
    import pandas as pd

    if all(isinstance(text, str) for text in texts):
        with suppress(UnicodeEncodeError):
            return pd.Series(texts, dtype=str)
    return pd.Series(texts, dtype=object)
