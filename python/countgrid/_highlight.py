"""A self-contained HTML page of texts with highlighted matches."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from typing import NamedTuple

#: The golden angle: hues in these steps differ, however many there are.
_HUE_STEP = 137.508

#: The legend folds away columns beyond this number.
_LEGEND = 40

#: The most columns that a highlight names, and the most characters of each name.
_NAMED = 8
_NAME = 60

_STYLE = """\
:root { color-scheme: light dark; --light: 86%; --line: #8886; }
@media (prefers-color-scheme: dark) { :root { --light: 28%; } }
body { display: flex; flex-direction: column; max-width: 50rem; margin: 0 auto; padding: 1rem;
  font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 1.25rem; order: -2; overflow-wrap: anywhere; }
nav { order: -1; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem .75rem; margin: .5rem 0; padding: 0; list-style: none; }
mark { color: inherit; background: hsl(var(--hue) 75% var(--light)); border-radius: .2em; padding: .05em .1em;
  overflow-wrap: anywhere; }
mark.several { outline: 1px solid; }
article { border-top: 1px solid var(--line); padding: .5rem 0; }
article h2 { font-size: .8rem; font-weight: normal; opacity: .7; margin: 0; }
article p { margin: .25rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""

#: Replacements for control characters, which HTML does not allow: their Unicode pictures. Tabs and line ends stay.
_PICTURES = (
    {code: 0x2400 + code for code in range(32) if code not in (9, 10)}
    | {127: 0x2421}
    | dict.fromkeys(range(128, 160), 65533)
)


#: HTML has only one line end.
_LINE_END = re.compile("\r\n?")


class Span(NamedTuple):
    """A match in a document."""

    column: int
    start: int
    end: int


class Page:
    """A page that is written document by document. Its legend is written last and shown first."""

    def __init__(self, columns: list[str], title: str) -> None:
        self._columns, self._title = columns, title
        self._counts: Counter[int] = Counter()

    def head(self) -> str:
        """Return the beginning of the page."""
        return (
            '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{_text(self._title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{_text(self._title)}</h1>\n"
        )

    def document(self, heading: str, text: str | bytes, spans: Iterable[Span]) -> Iterator[str]:
        """Yield the HTML of a document with its matches, in parts. The spans are sorted by start."""
        yield f'<article>\n<h2>{_text(heading)}</h2>\n<p dir="auto">'
        for start, end, columns in segments(len(text), spans):
            part = _text(text[start:end])
            yield self._mark(part, columns) if columns else part
        yield "</p>\n</article>\n"

    def count(self, spans: Iterable[Span]) -> None:
        """Add matches to the counts of the legend."""
        self._counts.update(span.column for span in spans)

    def foot(self) -> str:
        """Return the legend, the most frequent column first, and the end of the page."""
        entries = [
            f"<li>{self._mark(_text(self._columns[column]), [column])} {count:,}</li>\n"
            for column, count in sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        ]
        rest = len(entries) - _LEGEND
        legend = f"<ul>\n{''.join(entries[:_LEGEND])}</ul>\n"
        if rest > 0:
            more = f"<ul>\n{''.join(entries[_LEGEND:])}</ul>\n"
            legend += f"<details><summary>{rest:,} more columns</summary>\n{more}</details>\n"
        return f'<nav aria-label="Columns">\n{legend}</nav>\n</body>\n</html>\n'

    def _mark(self, text: str, columns: list[int]) -> str:
        # Limited, since the page repeats the names at each match.
        names = ", ".join(_shortened(self._columns[column]) for column in columns[:_NAMED])
        if len(columns) > _NAMED:
            names += f" and {len(columns) - _NAMED} more"
        several = ' class="several"' if len(columns) > 1 else ""
        return (
            f'<mark{several} style="--hue: {columns[0] * _HUE_STEP % 360:.0f}" title="{_text(names)}">{text}</mark>'
        )


def segments(length: int, spans: Iterable[Span]) -> Iterator[tuple[int, int, list[int]]]:
    """Split a text where matches start and end: each segment with the columns that match there, if any.

    The spans are sorted by start. Time depends on their number and on how many overlap at one place.
    """
    at = 0
    covering: list[Span] = []
    for span in [*spans, Span(-1, length, length)]:
        while covering and at < span.start:
            end = min(span.start, *(other.end for other in covering))
            yield at, end, sorted({other.column for other in covering})
            at = end
            covering = [other for other in covering if other.end > at]
        if at < span.start:
            yield at, span.start, []
            at = span.start
        covering.append(span)


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"


def _text(text: str | bytes) -> str:
    """Text as escaped HTML. Invalid bytes and lone surrogates become Python escapes."""
    if isinstance(text, bytes):
        text = text.decode(errors="backslashreplace")
    else:
        text = text.encode(errors="backslashreplace").decode()
    return escape(_LINE_END.sub("\n", text).translate(_PICTURES))
