"""Cases that cannot be in `cases.toml`, whose documents are surrounded by filler.

Wildcards at the edge of a match, patterns with document boundaries, syntax that Python's `regex` lacks, invalid
options and terms; and equality of plans with every option.
"""

import copy
import pickle
import re
import time
from itertools import product

import countgrid as cg
import numpy as np
import pytest
from rules import spans
from test_errors import saying


def found_in(document, terms, **options) -> list[tuple[int, ...]]:
    """The spans found, with their column if there are several. Counting must agree."""
    plan = cg.TermCounter(terms, **options)
    found = plan.find([document])
    assert not found.document.any()
    counts = np.bincount(found.column, minlength=len(terms)).tolist()
    assert plan.count([document]).tolist() == [counts]
    assert plan.totals([document]).counts.tolist() == counts
    arrays = (found.start, found.end) + ((found.column,) if len(terms) > 1 else ())
    return list(zip(*(array.tolist() for array in arrays), strict=True))


# Wildcards at the edges of globs

GLOBS = [
    # term, document, options, spans
    ("*", "ab c-d", {}, [(0, 2), (3, 4), (5, 6)]),
    ("**", "ab c-d", {}, [(0, 2), (3, 4), (5, 6)]),
    ("?", "ab c-d", {}, [(3, 4), (5, 6)]),
    ("??", "ab c-d", {}, [(0, 2)]),
    ("*?", "ab c", {}, [(0, 2), (3, 4)]),
    ("?*", "ab c", {}, [(0, 2), (3, 4)]),
    ("*", "", {}, []),
    ("*", " -- \n", {}, []),
    ("?", "é e\u0301", {}, [(0, 1)]),
    ("??", "é e\u0301", {}, [(2, 4)]),
    ("?", "é e\u0301", {"strip_accents": True}, [(0, 1), (2, 4)]),
    ("*", "\u0301 ﬁ½", {"strip_accents": True}, [(2, 4), (3, 4)]),
    ("*", "don't", {}, [(0, 3), (4, 5)]),
    ("*", "don't", {"word_chars": "'"}, [(0, 5)]),
    ("*", "- ' .", {"word_chars": "-'"}, [(0, 1), (2, 3)]),
    ("* *", "a b c d e", {}, [(0, 3), (4, 7)]),
    ("* *", "a b c", {"overlap": "all"}, [(0, 3), (2, 5)]),
    ("* *", "a  b", {}, [(0, 4)]),
    ("the *", "the cat the", {}, [(0, 7)]),
    ("* the", "a the the", {}, [(0, 5)]),
    ("* the", "a the the", {"overlap": "all"}, [(0, 5), (2, 9)]),
    ("? the", "a the b, the ab the", {}, [(0, 5)]),
    (" * ", "ab c", {}, [(0, 2), (3, 4)]),
    ("*ing", "sing -ing ring", {}, [(0, 4), (6, 9), (10, 14)]),
    ("*.*", "a.b .c d. . e", {}, [(0, 3), (4, 6), (7, 9), (10, 11)]),
    ("*", "\ud800a\ud800 b", {}, [(1, 2), (4, 5)]),
    # between whitespace
    ("*", "a, b\n--", {"match": "token"}, [(0, 2), (3, 4), (5, 7)]),
    ("?", "a, b", {"match": "token"}, [(3, 4)]),
    ("??", "a, b", {"match": "token"}, [(0, 2)]),
    ("*,", "a, b, ,", {"match": "token"}, [(0, 2), (3, 5), (6, 7)]),
    ("?,", "a, b, ,", {"match": "token"}, [(0, 2), (3, 5)]),
    ("* *", "a, b c", {"match": "token"}, [(0, 4)]),
    ("* *", "a, b c", {"match": "token", "overlap": "all"}, [(0, 4), (3, 6)]),
    ("* b *", "a b b b", {"match": "token"}, [(0, 5)]),
    ("*", "\u3000a\u200bb\u00a0", {"match": "token"}, [(1, 4)]),
    ("*", "\ud800 a\ud800b", {"match": "token"}, [(0, 1), (2, 5)]),
    ("?", "\U00010000 \x01", {"match": "token"}, [(0, 1), (2, 3)]),
    ("?", "\u0301 é", {"match": "token", "strip_accents": True}, [(2, 3)]),
    # anywhere
    ("*", "ab c-d", {"match": "substring"}, [(0, 2), (3, 4), (5, 6)]),
    ("?", "ab c", {"match": "substring"}, [(0, 1), (1, 2), (3, 4)]),
    ("*ing", "singing -ing", {"match": "substring"}, [(0, 7), (9, 12)]),
    ("*ing", "inging", {"match": "substring", "overlap": "all"}, [(0, 6), (1, 6), (2, 6), (3, 6)]),
    ("?at", "cat hat at 1at", {"match": "substring"}, [(0, 3), (4, 7), (11, 14)]),
    ("a*", "a banana", {"match": "substring"}, [(0, 1), (3, 8)]),
    ("a?", "aaa", {"match": "substring"}, [(0, 2)]),
    ("a?", "aaa", {"match": "substring", "overlap": "all"}, [(0, 2), (1, 3)]),
    ("*a*", "bab b cac", {"match": "substring"}, [(0, 3), (6, 9)]),
    ("*", "abc", {"match": "substring", "overlap": "all"}, [(0, 3), (1, 3), (2, 3)]),
    ("?", "a-b", {"match": "substring", "overlap": "all"}, [(0, 1), (2, 3)]),
    ("*b", "aabb", {"match": "substring", "overlap": "all"}, [(0, 4), (1, 4), (2, 4), (3, 4)]),
    ("* *", "ab cd ef", {"match": "substring"}, [(0, 5)]),
    ("a *", "a bc a  d", {"match": "substring"}, [(0, 4)]),
    (" *", " a  b", {"match": "substring"}, [(0, 2), (3, 5)]),
    ("* ", "ab  c ", {"match": "substring"}, [(0, 3), (4, 6)]),
    ("*b*", "xabxbx", {"match": "substring"}, [(0, 6)]),
    ("?", "e\u0301", {"match": "substring"}, [(0, 1), (1, 2)]),
    ("?", "e\u0301ﬁ", {"match": "substring", "strip_accents": True}, [(0, 2), (2, 3), (2, 3)]),
    ("*", "東京。都", {"match": "substring"}, [(0, 2), (3, 4)]),
    ("*", "👍🏽a", {"match": "substring"}, [(2, 3)]),
]


@pytest.mark.parametrize(("term", "document", "options", "expected"), GLOBS, ids=ascii)
def test_wildcards_at_the_edges(term, document, options, expected):
    assert found_in(document, [term], syntax="glob", **options) == expected
    assert [span[:2] for span in spans(document, [term], syntax="glob", **options)] == expected, "the twin"


def test_a_lone_surrogate_is_one_character_for_a_wildcard():
    """In text, it is a character that equals itself. In bytes, its encoding also counts as one character."""
    options = {"syntax": "glob", "match": "token"}
    assert found_in("a\ud800b \udcff", ["a?b", "a??b", "?"], **options) == [(0, 3, 0), (4, 5, 2)]
    assert found_in(b"a\xed\xa0\x80b", ["a?b", "a??b", "a???b"], **options) == [(0, 5, 0)]


COMPETING = [
    (["*", "the *"], "the cat sat", {}, [(0, 7, 1), (8, 11, 0)]),
    (["*", "the", "t*"], "the to a", {}, [(0, 3, 0), (0, 3, 1), (0, 3, 2), (4, 6, 0), (4, 6, 2), (7, 8, 0)]),
    (["*", "* *", "c"], "a b c", {}, [(0, 3, 1), (4, 5, 0), (4, 5, 2)]),
    (["?", "??", "???"], "abcde", {"match": "substring"}, [(0, 3, 2), (3, 5, 1)]),
    (["*ing", "sing*"], "singings", {"match": "substring"}, [(0, 8, 1)]),
    (["a*", "*b"], "aabab -b", {"match": "substring"}, [(0, 5, 0), (0, 5, 1), (7, 8, 1)]),
    (["*,", "*", "a, b"], "a, b a,", {"match": "token"}, [(0, 4, 2), (5, 7, 0), (5, 7, 1)]),
]


@pytest.mark.parametrize(("terms", "document", "options", "expected"), COMPETING, ids=ascii)
def test_wildcards_at_the_edges_compete(terms, document, options, expected):
    options = {"syntax": "glob", "overlap": "longest", **options}
    assert found_in(document, terms, **options) == expected
    assert spans(document, terms, **options) == expected, "the twin"


# Patterns

PATTERNS = [
    # pattern, document, options, spans
    ("^the", "the the", {}, [(0, 3)]),
    ("^the", "the\nthe", {}, [(0, 3)]),
    ("^the", " the", {}, []),
    ("the$", "the the", {}, [(4, 7)]),
    ("the$", "the\n", {}, []),
    ("(?m)^the", "the\nthe the", {}, [(0, 3), (4, 7)]),
    ("(?m)the$", "the the\nthe", {}, [(4, 7), (8, 11)]),
    (r"\Athe", "the\nthe", {}, [(0, 3)]),
    (r"the\z", "the the", {}, [(4, 7)]),
    ("^the$", "the", {"match": "token"}, [(0, 3)]),
    ("^a|b$", "a a b b", {"match": "substring"}, [(0, 1), (6, 7)]),
    (r"\A.", "aa", {"match": "substring"}, [(0, 1)]),
    # flags
    ("(?x)the # comment", "the other the", {}, [(0, 3), (10, 13)]),
    ("(?x) t h e # one\n | cat # two", "the cat", {}, [(0, 3), (4, 7)]),
    ("(?i)THE", "the The", {}, [(0, 3), (4, 7)]),
    ("(?i)a|b", "A B", {}, [(0, 1), (2, 3)]),
    ("(?:(?i)a)b", "Ab AB", {}, [(0, 2)]),
    ("(?-i)a", "A a", {"ignore_case": True}, [(2, 3)]),
    ("(?s).", "a\nb", {"match": "substring"}, [(0, 1), (1, 2), (2, 3)]),
    (".", "a\nb", {"match": "substring"}, [(0, 1), (2, 3)]),
    ("(?U)a+", "aaa", {"match": "substring"}, [(0, 1), (1, 2), (2, 3)]),
    ("(?U)a+?", "aaa", {"match": "substring"}, [(0, 3)]),
    ("(?R)a$", "a\r\n", {"match": "substring"}, []),
    # would match filler
    (".*x", "a x b x c", {}, [(0, 7)]),
    (".*?x", "a x b x c", {}, [(0, 3), (4, 7)]),
    (r"\w+", "ab c-d", {}, [(0, 2), (3, 4), (5, 6)]),
    (r"\w", "ab c", {}, [(3, 4)]),
    (r"\w+", "a\u200db", {}, [(0, 3)]),
    (r"[\w']+", "don't", {}, [(0, 5)]),
    (r"\w+", "don't a", {"word_chars": "'"}, [(6, 7)]),
    (r"[^,]+", "a b, c", {}, [(0, 3), (4, 6)]),
    (r"\S+", "a, b", {"match": "token"}, [(0, 2), (3, 4)]),
    (".+", "a, b\nc", {"match": "token"}, [(0, 4), (5, 6)]),
    (r"\W", "a-b", {"match": "substring"}, [(1, 2)]),
    (r"\W", "a - b", {}, [(2, 3)]),
    (r"\s", "a  b", {"match": "substring"}, [(1, 2), (2, 3)]),
    # leftmost-first, under the boundaries
    ("the|the cat", "the cat", {}, [(0, 3)]),
    ("the cat|the", "the cat", {}, [(0, 7)]),
    ("a|ab|abc", "abc ab", {}, [(0, 3), (4, 6)]),
    # not in Python's `regex`
    (r"\b{start}the", "the other bathe", {"match": "substring"}, [(0, 3)]),
    (r"the\b{end}", "the other bathe", {"match": "substring"}, [(0, 3), (12, 15)]),
    ("[[:alpha:]]+", "ab 12", {}, [(0, 2)]),
    ("[a-z&&[^b]]+", "ab ac", {}, [(3, 5)]),
    (r"[\w--[0-9]]+", "ab ab1", {}, [(0, 2)]),
    (r"\x{1F600}", "😀", {}, [(0, 1)]),
    (r"\u{e9}", "é", {}, [(0, 1)]),
    (r"\p{sc=Greek}+", "ab αβ", {}, [(3, 5)]),
    (r"\pL+", "ab 12", {}, [(0, 2)]),
    (r"(?<name>a)b", "ab", {}, [(0, 2)]),
    ("a{2}{2}", "aaaa", {}, [(0, 4)]),
]


@pytest.mark.parametrize(("term", "document", "options", "expected"), PATTERNS, ids=ascii)
def test_patterns_at_the_edges(term, document, options, expected):
    assert found_in(document, [term], syntax="regex", **options) == expected
    # `^` and `$` match only at the document's own boundaries, not at those of its neighbours.
    options = {"syntax": "regex", **options}
    plan = cg.TermCounter([term], **options)
    assert plan.count([document, "", document, None], workers=2)[:, 0].tolist() == [len(expected), 0] * 2
    for container in (np.array([document, document]), cg.Documents([document, document])):
        assert plan.count(container)[:, 0].tolist() == [len(expected)] * 2


@pytest.mark.parametrize("match", ["word", "token", "substring"])
def test_an_anchored_pattern_in_a_long_document(match):
    """However a document is split for workers, it has one start and one end."""
    document = "the \n" * 1_000_000 + "the"
    terms = ["^the", "the$", "(?m)^the", "(?m)the.?$", r"\Athe", r"the\z", "the"]
    n = 1_000_001
    for workers in (1, 3):
        counts = cg.count([document, "the"], terms, match=match, syntax="regex", workers=workers)
        assert counts.tolist() == [[1, 1, n, n, 1, 1, n], [1] * 7]


def test_patterns_and_lone_surrogates():
    """A pattern matches characters. A lone surrogate is not one."""
    assert cg.count(["a\ud800b", "ab"], ["a.b", "a", "b"], syntax="regex").tolist() == [[0, 1, 1], [0, 0, 0]]


# Invalid UTF-8

CHOICES = {
    "match": ["word", "adaptive", "token", "substring"],
    "syntax": ["literal", "glob", "regex"],
    "overlap": ["per-term", "all", "longest", "first"],
    "ignore_case": [False, True],
    "strip_accents": [False, True],
    "fold_punctuation": [False, True],
    "word_chars": ["", "-'"],
}


def is_refused(options: dict) -> bool:
    transforms = options["strip_accents"] or options["fold_punctuation"]
    regex_with = transforms or options["overlap"] in ("all", "longest")
    has_words = options["match"] in ("word", "adaptive")
    return (options["syntax"] == "regex" and regex_with) or (options["word_chars"] and not has_words)


EVERY_OPTION = [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]
ALLOWED = [options for options in EVERY_OPTION if not is_refused(options)]


def described(options: dict) -> str:
    """The options that differ from their defaults."""
    return (
        ", ".join(f"{name}={value!r}" for name, value in options.items() if value != CHOICES[name][0]) or "defaults"
    )


@pytest.mark.parametrize("options", ALLOWED, ids=described)
def test_a_byte_outside_utf8_among_text(options):
    documents = [b"\xffthe", b"the\xff", b"th\xffe", b"\xff", b"\xc3\xa9\xff the \xe2\x82", b"the\xed\xa0\x80the"]
    found = cg.TermCounter(["the"], **options).find(documents)
    starts = {0: [1], 1: [0], 4: [4], 5: [0, 6]} if options["match"] != "token" else {4: [4]}
    expected = [(row, start, start + 3) for row, starts in starts.items() for start in starts]
    assert list(zip(found.document, found.start, found.end, strict=True)) == expected
    counts = [len(starts.get(row, [])) for row in range(len(documents))]
    assert cg.count(documents, ["the"], **options)[:, 0].tolist() == counts
    totals = cg.TermCounter(["the"], **options).totals(documents, workers=2)
    assert (totals.counts.tolist(), totals.documents.tolist()) == ([sum(counts)], [sum(map(bool, counts))])


@pytest.mark.parametrize("options", ALLOWED, ids=described)
def test_nothing_and_missing(options):
    plan = cg.TermCounter(["a", "b"], **options)
    assert plan.count([]).shape == (0, 2)
    assert plan.count(["", None, "a"]).tolist() == [[0, 0], [0, 0], [1, 0]]
    assert cg.TermCounter([], **options).count(["a", None]).shape == (2, 0)
    assert len(plan.find(["", None])) == len(cg.TermCounter([], **options).find(["a"])) == 0


# Errors


@pytest.mark.parametrize("options", [options for options in EVERY_OPTION if is_refused(options)], ids=described)
def test_options_that_do_not_go_together(options):
    for take in (lambda: cg.TermCounter(["a"], **options), lambda: cg.count(["a"], ["a"], **options)):
        with pytest.raises(ValueError, match=r"regex|word_chars"):
            take()


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"syntax": "regex", "strip_accents": True}, ["regex", "strip_accents"]),
        ({"syntax": "regex", "fold_punctuation": True}, ["regex", "fold_punctuation"]),
        ({"syntax": "regex", "overlap": "all"}, ["regex", "overlap", "all"]),
        ({"syntax": "regex", "overlap": "longest"}, ["regex", "overlap", "longest"]),
        ({"word_chars": "-", "match": "token"}, ["word_chars", "match", "token", "word"]),
        ({"word_chars": "-", "match": "substring"}, ["word_chars", "match", "substring", "word"]),
        ({"word_chars": "- "}, ["word_chars", "whitespace"]),
        ({"word_chars": "\u3000"}, ["word_chars", "whitespace"]),
        ({"word_chars": "\n-'"}, ["word_chars", "whitespace"]),
        ({"syntax": "globs"}, ["syntax", "'globs'", "'literal'", "'glob'", "'regex'"]),
        ({"syntax": ""}, ["syntax", "''", "'literal'"]),
        ({"syntax": "Glob"}, ["syntax", "'Glob'", "'glob'"]),
        ({"overlap": "longest-match"}, ["overlap", "'longest-match'", "'per-term'", "'all'", "'longest'"]),
        ({"overlap": ""}, ["overlap", "''", "'per-term'"]),
    ],
    ids=repr,
)
def test_a_refusal_names_the_options(options, parts):
    for terms in (["a"], {"x": ["a"]}, []):
        with pytest.raises(ValueError, match=saying(*parts)):
            cg.TermCounter(terms, **options)


@pytest.mark.parametrize("wrong", [3, b"-", ["-"], None, True], ids=repr)
def test_word_chars_is_a_str(wrong):
    with pytest.raises(TypeError, match=saying("word_chars", "str")):
        cg.TermCounter(["a"], word_chars=wrong)


@pytest.mark.parametrize("wrong", [3, None, b"glob", True], ids=repr)
@pytest.mark.parametrize("option", ["syntax", "overlap"])
def test_syntax_and_overlap_are_str(option, wrong):
    with pytest.raises((TypeError, ValueError), match=option):
        cg.TermCounter(["a"], **{option: wrong})


@pytest.mark.parametrize("flag", ["yes", 3.5, None, []], ids=repr)
def test_strip_accents_takes_a_bool(flag):
    with pytest.raises((TypeError, ValueError), match="strip_accents"):
        cg.TermCounter(["a"], strip_accents=flag)
    assert cg.count(["é"], ["e"], strip_accents=np.True_).tolist() == [[1]]


def test_options_belong_to_the_plan():
    for option in ({"syntax": "glob"}, {"overlap": "all"}, {"strip_accents": True}, {"word_chars": "-"}):
        for take in (cg.TermCounter(["a"]).count, cg.TermCounter(["a"]).find, cg.TermCounter(["a"]).totals):
            with pytest.raises(TypeError):
                take(["a"], **option)


PLACES = [(lambda term: ["x", term], r"terms\[1\]"), (lambda term: {"y": [], "x": [term]}, r"terms\['x'\]\[0\]")]


@pytest.mark.parametrize(("wrap", "place"), PLACES, ids=["list", "categories"])
@pytest.mark.parametrize("match", ["word", "token", "substring"])
class TestTermsThatAreRefused:
    @pytest.mark.parametrize("term", ["a\\", "\\", "a*\\", "a\\\\\\", b"a\\"], ids=repr)
    def test_a_glob_that_ends_in_an_escape(self, wrap, place, match, term):
        with pytest.raises(ValueError, match=saying(place, r"(\\|escape)")):
            cg.TermCounter(wrap(term), syntax="glob", match=match)
        assert cg.TermCounter(wrap(term), match=match).count(["a"]).shape == (1, 2)

    @pytest.mark.parametrize(
        ("term", "reason", "position"),
        [
            ("(a", "unclosed group", 0),
            ("ab(c", "unclosed group", 2),
            ("a)", "unopened group", 1),
            ("a[b", "unclosed character class", 1),
            ("*a", "repetition operator missing expression", 0),
            (r"a\q", "unrecognized escape sequence", 1),
            ("a(?=b)", "look-around", 1),
            (r"(a)\1", "backreference", 3),
            (r"a\p{Nothing}", "Unicode property not found", 1),
        ],
    )
    def test_an_invalid_pattern(self, wrap, place, match, term, reason, position):
        with pytest.raises(ValueError, match=saying(place, reason)) as caught:
            cg.TermCounter(wrap(term), syntax="regex", match=match)
        message = re.sub(place, "", str(caught.value))
        assert re.search(rf"\b({position}|{position + 1})\b|\^", message), "where in the pattern"

    @pytest.mark.parametrize(
        "term", ["a*", "a?", "a|", "(?:)", r"\b", "^", "$", r"\b|a", "a{0,3}", "(a*)*", "(?i)", "a*?", ".*", b"a*"]
    )
    def test_a_pattern_that_can_match_nothing(self, wrap, place, match, term):
        with pytest.raises(ValueError, match=saying(place, "empty")):
            cg.TermCounter(wrap(term), syntax="regex", match=match)

    @pytest.mark.parametrize("syntax", ["literal", "glob", "regex"])
    @pytest.mark.parametrize("term", ["", b""], ids=repr)
    def test_an_empty_term(self, wrap, place, match, syntax, term):
        with pytest.raises(ValueError, match=saying(place, "empty")):
            cg.TermCounter(wrap(term), syntax=syntax, match=match)

    @pytest.mark.parametrize("term", [r"(\w{200}){200}", r"\w{1000}{1000}{1000}", r"[\p{L}\p{N}]{100000}"])
    def test_a_pattern_beyond_the_size_bound(self, wrap, place, match, term):
        begun = time.perf_counter()
        with pytest.raises(ValueError, match=saying(place, "(size|large|limit|bound)")):
            cg.TermCounter(wrap(term), syntax="regex", match=match)
        assert time.perf_counter() - begun < 10

    @pytest.mark.parametrize("term", [b"a\xff", b"\xc3", "a\ud800", r"(?-u:\xff)"], ids=repr)
    def test_a_pattern_that_is_not_utf8(self, wrap, place, match, term):
        with pytest.raises(ValueError, match=saying(place, "(UTF-8|surrogate)")):
            cg.TermCounter(wrap(term), syntax="regex", match=match)

    @pytest.mark.parametrize("syntax", ["literal", "glob"])
    @pytest.mark.parametrize("term", ["\u0301", "\u0301\u0302", "\u094d", b"\xcc\x81"], ids=ascii)
    def test_a_term_that_is_empty_after_stripping(self, wrap, place, match, syntax, term):
        with pytest.raises(ValueError, match=saying(place)):
            cg.TermCounter(wrap(term), syntax=syntax, match=match, strip_accents=True)

    @pytest.mark.parametrize("syntax", ["literal", "glob"])
    def test_a_term_of_which_stripping_leaves_white_space(self, wrap, place, match, syntax):
        options = {"syntax": syntax, "match": match, "strip_accents": True}
        if match == "substring":
            assert cg.TermCounter(wrap("\u00b4"), **options).count(["a b"]).tolist()[0][-1] == 1
        else:
            with pytest.raises(ValueError, match=saying(place)):
                cg.TermCounter(wrap("\u00b4"), **options)

    def test_a_glob_of_white_space(self, wrap, place, match):
        for term in (" ", "\\ ", " \\\n "):
            if match == "substring":
                cg.TermCounter(wrap(term), syntax="glob", match=match)
            else:
                with pytest.raises(ValueError, match=saying(place)):
                    cg.TermCounter(wrap(term), syntax="glob", match=match)


def test_white_space_is_a_pattern_like_others():
    assert cg.count(["a b", "-  -"], [" ", r"\s+"], syntax="regex").tolist() == [[0, 0], [2, 1]]
    assert cg.count(["a b"], [" "], syntax="regex", match="substring").tolist() == [[1]]


def test_the_bound_leaves_room_for_patterns_of_the_usual_kind():
    terms = [
        r"\w{1,30}",
        "|".join(f"word{i}" for i in range(2000)),
        r"\b\d{1,3}(?:,\d{3})*(?:\.\d+)?\b",
        r"[\w.+-]+@\w+",
    ]
    assert cg.count(["word7 1,234.5 a.b@c"], terms, syntax="regex").tolist() == [[7, 1, 1, 1]]


def test_many_patterns_at_once():
    terms = [rf"(?i)w{i}\w*" for i in range(500)]
    counts = cg.count(["w17 W170x w499", "w4999"], terms, syntax="regex")
    expected = [{1, 17, 170, 4, 49, 499}, {4, 49, 499}]
    assert [set(np.flatnonzero(row).tolist()) for row in counts] == expected
    assert counts[0, 1] == counts[0, 17] == 2


# Bytes as patterns and globs


@pytest.mark.parametrize("syntax", ["literal", "glob", "regex"])
def test_bytes_terms_are_text_terms(syntax):
    for text in ("caf\u00e9", "a b", "日本"):
        plans = [cg.TermCounter([term], syntax=syntax) for term in (text, text.encode())]
        assert plans[0].columns == plans[1].columns == [text]
        for documents in ([text, "x"], [text.encode(), b"\xff"]):
            assert [plan.count(documents)[:, 0].tolist() for plan in plans] == [[1, 0]] * 2


# Plans as values


@pytest.mark.parametrize("options", ALLOWED, ids=described)
@pytest.mark.parametrize("terms", [["a", "b c"], {"x": ["a", b"b"], "y": []}], ids=["list", "categories"])
def test_a_plan_with_options_is_a_value(terms, options):
    plan = cg.TermCounter(terms, **options)
    documents = ["a b c a-b É", None, "B c"] * 3
    same = [cg.TermCounter(terms, **options), copy.copy(plan), copy.deepcopy(plan)]
    same += [pickle.loads(pickle.dumps(plan, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    same.append(eval(repr(plan), {"TermCounter": cg.TermCounter}))
    for other in same:
        assert other == plan
        assert hash(other) == hash(plan)
        assert repr(other) == repr(plan)
        assert other.columns == plan.columns
        assert other.count(documents).tolist() == plan.count(documents).tolist()
    shown = described(options)
    assert all((name in repr(plan)) == (f"{name}=" in shown) for name in options)


def test_plans_of_different_options_differ():
    plans = [cg.TermCounter(["a"], **options) for options in ALLOWED]
    assert len(set(plans)) == len(ALLOWED)
    assert all((one == other) == (i == j) for i, one in enumerate(plans) for j, other in enumerate(plans))
    assert all(plan != cg.TermCounter(["b"], **options) for plan, options in zip(plans, ALLOWED, strict=True))


def test_default_options_may_be_said():
    said = cg.TermCounter(["a"], syntax="literal", overlap="per-term", strip_accents=False, word_chars="")
    assert said == cg.TermCounter(["a"])
    assert hash(said) == hash(cg.TermCounter(["a"]))


def test_repr_shows_the_options_that_differ_from_their_defaults():
    assert repr(cg.TermCounter(["a"])) == "TermCounter(['a'])"
    assert repr(cg.TermCounter(["a*"], syntax="glob")) == "TermCounter(['a*'], syntax='glob')"
    text = repr(cg.TermCounter({"x": ["a"]}, word_chars="-'", overlap="longest", strip_accents=True))
    for part in ("TermCounter({'x': ['a']}, ", """word_chars="-'\"""", "overlap='longest'", "strip_accents=True"):
        assert part in text
    assert "match" not in text
    assert "ignore_case" not in text


@pytest.mark.parametrize("options", ALLOWED, ids=described)
def test_explain_serves_every_option(options):
    text = cg.TermCounter(["a", "b.c", "d"], **options).explain()
    assert "engine" in text
    assert "3" in text
