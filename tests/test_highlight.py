"""Matches highlighted in HTML: texts are complete, every match is marked, nothing is executed."""

from html.parser import HTMLParser

import countgrid as cg
import pytest
from countgrid._highlight import Span, segments
from hypothesis import given
from hypothesis import strategies as st


class Shown(HTMLParser):
    """The content of a page: each document's text, with the marked parts and their titles."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.texts, self.marks, self.tags, self.legend = [], [], [], []
        self._within = None
        self._title = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag in {"p", "li"}:
            self._within = tag
            (self.texts if tag == "p" else self.legend).append("")
        if tag == "mark":
            self._title = attrs["title"]
            if self._within == "p":
                self.marks.append((len(self.texts) - 1, len(self.texts[-1]), self._title))

    def handle_endtag(self, tag):
        if tag == self._within:
            self._within = None
        if tag == "mark":
            self._title = None

    def handle_data(self, data):
        if self._within == "p":
            self.texts[-1] += data
        elif self._within == "li":
            self.legend[-1] += data


ALLOWED = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "article", "p", "mark", "nav", "ul", "li"}


@given(
    st.lists(st.text(st.sampled_from("ab <>&\"'é😍\n")), max_size=6),
    st.lists(st.text(st.sampled_from("ab<&é😍"), min_size=1, max_size=3), max_size=5),
)
def test_pages_show_whole_texts_with_every_match(documents, terms):
    counter = cg.TermCounter(terms, match="substring")
    matches = counter.find(documents)
    page = Shown(matches.to_html(documents, title="<script>alert(1)</script>"))
    assert set(page.tags) <= ALLOWED
    assert page.texts == [documents[i] for i in sorted(set(matches.document.tolist()))]
    counts = counter.totals(documents).counts.tolist()
    assert sorted(page.legend) == sorted(
        f"{term} {count}" for term, count in zip(terms, counts, strict=True) if count
    )


@given(
    st.integers(0, 30), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 29), st.integers(1, 10)), max_size=12)
)
def test_segments_cover_the_text_once(length, raw):
    spans = sorted(
        (Span(column, start, min(start + size, length)) for column, start, size in raw if start < length),
        key=lambda span: (span.start, span.end, span.column),
    )
    at = 0
    for start, end, columns in segments(length, spans):
        assert start == at < end
        at = end
        for position in range(start, end):
            assert columns == sorted({span.column for span in spans if span.start <= position < span.end})
    assert at == length


def test_bytes_and_characters_that_html_lacks():
    documents = [b"caf\xe9 cat\x00", "\ud800 cat \x1b[1m", None]
    terms = ["cat"]
    text = Shown(cg.TermCounter(terms).find(documents[:1]).to_html(documents[:1])).texts
    assert text == ["caf\\xe9 cat\u2400"]
    text = Shown(cg.TermCounter(terms).find(documents[1:]).to_html(documents[1:])).texts
    assert text == ["\\ud800 cat \u241b[1m"]


def test_long_legends_unfold():
    terms = [f"t{i}" for i in range(60)]
    documents = [" ".join(terms), "t59"]
    page = cg.TermCounter(terms).find(documents).to_html(documents)
    assert "<summary>20 more columns</summary>" in page
    shown = Shown(page)
    assert len(shown.legend) == 60
    assert shown.legend[0] == "t59 2"


def test_other_documents_are_an_error():
    matches = cg.TermCounter(["cat"]).find(["a cat", "dog"])
    for documents in [["a dog", "cat"], ["a cat"], ["", ""], [None, None]]:
        for call in [matches.to_html, matches.show]:
            with pytest.raises(ValueError, match="documents"):
                call(documents)
    with pytest.raises(TypeError, match=r"title is int \(3\)"):
        matches.to_html(["a cat", "dog"], title=3)


def test_notebooks_show_the_first_documents():
    documents = [f"cat {i}" for i in range(30)]
    matches = cg.TermCounter(["cat"]).find(documents)

    def shown(**options):
        page = matches.show(documents, **options)
        assert Shown(page._repr_html_()).tags == ["iframe"]
        return len(Shown(str(page)).texts)

    assert [shown(), shown(limit=3), shown(limit=None), shown(limit=0)] == [20, 3, 30, 0]
    assert "30 matches" in str(matches.show(documents, limit=3))
    assert str(matches.show(documents, limit=None)) == matches.to_html(documents)
    with pytest.raises(ValueError, match="limit is -1"):
        matches.show(documents, limit=-1)
    with pytest.raises(TypeError, match="limit is str"):
        matches.show(documents, limit="all")


def test_ends_of_lines():
    documents = ["a cat\r\nsat\rdown\n"]
    assert Shown(cg.TermCounter(["cat"]).find(documents).to_html(documents)).texts == ["a cat\nsat\ndown\n"]


def test_pages_stay_small_however_many_matches_overlap():
    documents = ["a" * 1000]
    terms = ["a" * length for length in range(1, 200)]
    page = cg.TermCounter(terms, match="substring").find(documents).to_html(documents)
    marks = Shown(page).marks
    assert len(page) < 1000 * len(marks)
    assert marks[0][2].endswith("more")
    assert "…" in page
