"""An escaped text matches the same as the literal text."""

import countgrid as cg
import pytest
from hypothesis import given
from hypothesis import strategies as st

ODD = st.text(st.sampled_from("ab*?\\.+^$|()[]{}-&~#/<>'\"% \té😍\n"), min_size=1, max_size=6)


@given(
    ODD | st.text(min_size=1, max_size=6),
    st.lists(ODD, max_size=3),
    st.sampled_from(["word", "adaptive", "substring", "token"]),
)
def test_globs_and_regexes(text, others, match):
    try:
        text.encode()
        literal = cg.TermCounter([text], match=match, syntax="literal")
    except ValueError:
        return
    documents = [text, f"{text} {text}", f"a{text}b", *others, "".join(others) + text]
    counts = literal.count(documents).tolist()
    assert cg.count(documents, [cg.escape(text)], match=match, syntax="glob").tolist() == counts
    assert cg.count(documents, [cg.escape(text, syntax="literal")], match=match, syntax="literal").tolist() == counts
    if match == "substring":
        assert cg.count(documents, [cg.escape(text, "regex")], match=match, syntax="regex").tolist() == counts


def test_bytes():
    for text in [b"a*b?", b"\\", b"plain"]:
        for syntax in ["glob", "regex"]:
            escaped = cg.escape(text, syntax=syntax)
            assert isinstance(escaped, bytes)
            assert cg.count([text, b"axb"], [escaped], match="substring", syntax=syntax).tolist() == [[1], [0]]


def test_errors():
    with pytest.raises(TypeError, match="text is int"):
        cg.escape(3)
    with pytest.raises(ValueError, match="syntax is 'sql'"):
        cg.escape("a", syntax="sql")
