"""Properties of the options `syntax`, `overlap`, `strip_accents` and `word_chars`, and of `find`, on random texts.

`rules.py` gives the expected results. Each example uses a few of many awkward characters, so that terms match,
overlap and nearly match. Handwritten cases are in `cases.toml` and `test_option_edges.py`.
"""
# ruff: noqa: RUF001 (ambiguous letters are intended)

import re
import sys
import unicodedata
from functools import cache
from random import Random

import countgrid as cg
import numpy as np
import pytest
import regex
from containers import BY_NAME, as_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules import expression, fold, matrix, spans, strip, transformed

MATCHES = ["word", "adaptive", "token", "substring"]
OVERLAPS = ["per-term", "all", "longest", "first"]

# Letters with accents composed and not, with folds of their own, of 1 to 4 bytes, that come apart under NFKD or
# become whitespace; marks, a joiner, and the signs of globs.
CHARACTERS = "aaabbAefis1éÉế\u0301\u0301\u0323ßẞſσςΣİıﬁ…½²\u00b4한하\u1112𝐚𐐀𐐨😀日\u212a--''._+*?\\\u200d"
SPACES = "   \n\t\u3000"
WILDCARDS = "**??\\"


def is_term(term: str, options: dict) -> bool:
    try:
        expression(term, **options)
    except ValueError:
        return False
    return True


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


@st.composite
def inputs(draw, match: str, syntax: str, most: int = 6):
    """Documents, terms (or categories) and matching options."""
    options = {
        "match": match,
        "syntax": syntax,
        "ignore_case": draw(st.booleans()),
        "strip_accents": draw(st.booleans()),
        "fold_punctuation": draw(st.booleans()),
        "word_chars": draw(st.text(st.sampled_from("-'.+é…😀]^\\"), max_size=2))
        if match in ("word", "adaptive")
        else "",
    }
    letters = draw(st.lists(st.sampled_from(CHARACTERS), min_size=1, max_size=4))
    space = draw(st.sampled_from(SPACES))
    in_terms = [*letters, *letters, space, *(WILDCARDS if syntax == "glob" else "")]
    term = st.text(st.sampled_from(in_terms), min_size=1, max_size=5).filter(lambda term: is_term(term, options))
    terms = draw(st.lists(term, min_size=1, max_size=most))
    # Documents consist of the terms' parts, also in other spellings, and of text that the terms may match.
    spellings = [change(letter) for letter in letters for change in (str, str.swapcase, decomposed)]
    matches = [term.replace("*", draw(st.sampled_from(["", *letters]))).replace("?", letters[0]) for term in terms]
    pieces = [*spellings, *matches, *(match.replace("\\", "") for match in matches), *[space, " "] * 2]
    short, longer = (st.lists(st.sampled_from(pieces), min_size=n, max_size=n + 8).map("".join) for n in (0, 7))
    documents = [draw(longer), *draw(st.lists(st.none() | short, max_size=3))]
    if draw(st.booleans()):
        names = draw(st.lists(st.sampled_from("xyw"), min_size=len(terms), max_size=len(terms)))
        of_name = {name: [t for t, n in zip(terms, names, strict=True) if n == name] for name in "xyw"}
        return documents, of_name, options
    return documents, terms, options


def places(found) -> list[tuple[int, int, int, int]]:
    """The result of `find` as tuples (document, start, end, column), in its order."""
    arrays = (found.document, found.start, found.end, found.column)
    assert {array.dtype for array in arrays} == {np.dtype(np.int64)}
    return list(zip(*(array.tolist() for array in arrays), strict=True))


def expected_places(documents, terms, options) -> list[tuple[int, int, int, int]]:
    return [(row, *span) for row, document in enumerate(documents) for span in spans(document, terms, **options)]


def counted(found, shape) -> list[list[int]]:
    counts = np.zeros(shape, int)
    np.add.at(counts, (found.document, found.column), 1)
    return counts.tolist()


def every_kind(test):
    """Each `match`, `syntax` and `overlap`, and an example for each of them drawn by `data`."""
    for name, values in [("match", MATCHES), ("syntax", ["literal", "glob"]), ("overlap", OVERLAPS)]:
        test = pytest.mark.parametrize(name, values)(test)
    return test


lenient = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@every_kind
@settings(lenient, max_examples=120)
@given(data=st.data())
def test_counts_agree_with_the_rules(match, syntax, overlap, data):
    documents, terms, options = data.draw(inputs(match, syntax))
    options["overlap"] = overlap
    assert cg.count(documents, terms, **options).tolist() == matrix(documents, terms, **options)


@every_kind
@settings(lenient, max_examples=40)
@given(data=st.data())
def test_where_it_is_found(match, syntax, overlap, data):
    documents, terms, options = data.draw(inputs(match, syntax))
    options["overlap"] = overlap
    plan = cg.TermCounter(terms, **options)
    counts = plan.count(documents)
    expected = expected_places(documents, terms, options)
    for name in ("list", "numpy-U", "arrow-string", "polars-string", "pandas-category"):
        if BY_NAME[name].holds(documents):
            found = plan.find(BY_NAME[name].of(documents))
            assert places(found) == expected, name
            assert counted(found, counts.shape) == counts.tolist(), name

    found = plan.find(as_bytes(documents))
    offsets = [[len(as_bytes([text[:i]])[0]) for i in range(len(text) + 1)] for text in (d or "" for d in documents)]
    in_bytes = [(row, offsets[row][start], offsets[row][end], column) for row, start, end, column in expected]
    assert places(found) == in_bytes
    assert counted(found, counts.shape) == counts.tolist()


@every_kind
@settings(lenient, max_examples=30)
@given(data=st.data())
def test_bytes_outside_utf8(match, syntax, overlap, data):
    """Each is neither a word character nor whitespace, in documents and in terms."""
    documents, terms, options = data.draw(inputs(match, syntax))
    options["overlap"] = overlap
    # Documents and terms contain bytes that are part of a character, such as a mark.
    awkward = data.draw(
        st.sampled_from([b"\xff", b"\xe2", b"\xc3", b"\xcc", b"\xc3\xcc\x81\xa9", b"\xe1\xcc\x81\xbb\xbf"])
    )
    documents = [d and awkward.join(as_bytes(list(d))[: data.draw(st.integers(2, 9))]) for d in documents]
    if isinstance(terms, list):
        # A glob's literals of bytes that begin or end within a character are for `test_option_edges`.
        in_glob = match == "substring" and syntax == "glob"
        others = [b"\xff"] if in_glob else [b"\xff", awkward, b"\xa9", b"\xbb\xbf", b"\x83", b"\x81"]
        other = data.draw(st.sampled_from(others))
        terms = [*terms, other, other + terms[0].encode(), terms[0][:1].encode() + other]
    plan = cg.TermCounter(terms, **options)
    assert plan.count(documents).tolist() == matrix(documents, terms, **options)
    assert places(plan.find(documents)) == expected_places(documents, terms, options)


@every_kind
@settings(lenient, max_examples=30)
@given(data=st.data())
def test_stripping_equals_counting_transformed_text(match, syntax, overlap, data):
    documents, terms, options = data.draw(inputs(match, syntax))
    options |= {"overlap": overlap, "strip_accents": True}
    members = terms if isinstance(terms, list) else [term for terms in terms.values() for term in terms]
    if not all(is_term(term, {k: v for k, v in options.items() if k != "overlap"}) for term in members):
        return

    def ahead(texts):
        return [text and transformed(text, options["ignore_case"], True) for text in texts]

    terms_ahead = {k: ahead(v) for k, v in terms.items()} if isinstance(terms, dict) else ahead(terms)
    plain = options | {"strip_accents": False, "ignore_case": False}
    expected = cg.count(ahead(documents), terms_ahead, **plain)
    assert cg.count(documents, terms, **options).tolist() == expected.tolist()


@every_kind
@settings(lenient, max_examples=25)
@given(data=st.data())
def test_dense_and_sparse_and_totals_agree_with_find(match, syntax, overlap, data):
    documents, terms, options = data.draw(inputs(match, syntax))
    options["overlap"] = overlap
    plan = cg.TermCounter(terms, **options)
    counts = np.array(counted(plan.find(documents), (len(documents), len(terms))))
    assert plan.count(documents).tolist() == counts.tolist()
    assert plan.count(documents, sparse=True).toarray().tolist() == counts.tolist()
    assert plan.count(documents, dtype=bool).tolist() == (counts > 0).tolist()
    totals = plan.totals(documents)
    assert totals.counts.tolist() == counts.sum(axis=0).tolist()
    assert totals.documents.tolist() == (counts > 0).sum(axis=0).tolist()


@every_kind
@settings(lenient, max_examples=20)
@given(data=st.data())
def test_containers_and_workers_change_nothing(match, syntax, overlap, data):
    documents, terms, options = data.draw(inputs(match, syntax))
    options["overlap"] = overlap
    plan = cg.TermCounter(terms, **options)
    documents = documents * data.draw(st.sampled_from([1, 300]))
    expected = plan.count(documents, workers=1)
    found = places(plan.find(documents, workers=1))
    for container in (list, as_bytes, cg.Documents, lambda documents: np.array(documents, object)):
        assert plan.count(container(documents), workers=3).tolist() == expected.tolist()
    assert places(plan.find(documents, workers=3)) == found


@every_kind
@settings(lenient, max_examples=20)
@given(data=st.data())
def test_a_column_of_per_term_or_all_does_not_depend_on_the_others(match, syntax, overlap, data):
    documents, terms, options = data.draw(inputs(match, syntax))
    options["overlap"] = overlap
    together = cg.count(documents, terms, **options)
    if overlap not in ("longest", "first"):
        columns = terms.values() if isinstance(terms, dict) else [[term] for term in terms]
        for column, members in zip(together.T, columns, strict=True):
            alone = cg.count(documents, {"alone": members}, **options)
            assert column.tolist() == alone[:, 0].tolist()
    else:
        # No term counts more often than on its own, and no character is used twice.
        most = cg.count(documents, terms, **options | {"overlap": "all"})
        assert (together <= most).all()
        assert ((together > 0).any(axis=1) == (most > 0).any(axis=1)).all()


@given(st.lists(st.text("ab ", max_size=20)), st.lists(st.text("ab ", min_size=1, max_size=4)))
def test_all_counts_every_start(documents, terms):
    starts = [[sum(text.startswith(term, i) for i in range(len(text))) for term in terms] for text in documents]
    assert cg.count(documents, terms, match="substring", overlap="all").tolist() == starts


@given(st.lists(st.text("ab-é", max_size=20)), st.text("-'é", max_size=2))
def test_words_of_further_characters_against_a_split(documents, word_chars):
    terms = ["a", "ab", "-", "a-b", "é", "b-", "--"]
    kept = "abé" + word_chars
    words = [re.split(f"[^{re.escape(kept)}]", document) for document in documents]
    counts = cg.count(documents, terms, word_chars=word_chars)
    for column, term in zip(counts.T, terms, strict=True):
        if set(term) <= set(kept):
            assert column.tolist() == [document.count(term) for document in words]


# Regular expressions

ATOMS = [("a", 1), ("b", 1), ("é", 1), (".", 1), ("[ab]", 1), ("[^a]", 1), (r"\w", 1), (r"\W", 1), (r"\s", 1)]
ATOMS += [("-", 1), ("ab", 2), ("A", 1), (r"\d", 1), (r"\b", 0), (r"\B", 0)]
REPETITIONS = [("+", 1), ("+?", 1), ("{2}", 2), ("{1,2}", 1), ("{1,2}?", 1), ("?", 0), ("??", 0), ("*", 0), ("*?", 0)]


def larger(inner):
    """Nested patterns, each with the length of the shortest text that it can match.

    A pattern that can match nothing is not repeated: engines differ there.
    """
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda parts: ("".join(p for p, _ in parts), sum(n for _, n in parts))),
        several.map(lambda parts: (f"(?:{'|'.join(p for p, _ in parts)})", min(n for _, n in parts))),
        st.tuples(inner.filter(lambda part: part[1]), st.sampled_from(REPETITIONS)).map(
            lambda drawn: (f"(?:{drawn[0][0]}){drawn[1][0]}", drawn[0][1] * drawn[1][1])
        ),
    )


patterns = st.recursive(st.sampled_from(ATOMS), larger, max_leaves=6)


@pytest.mark.parametrize("match", ["word", "token", "substring"])
@settings(lenient, max_examples=500)
@given(
    patterns=st.lists(patterns, min_size=1, max_size=3),
    documents=st.lists(st.text("aabbAé- \n1", max_size=14), min_size=1, max_size=4),
    ignore_case=st.booleans(),
    word_chars=st.sampled_from(["", "", "-"]),
)
def test_patterns(match, patterns, documents, ignore_case, word_chars):
    options = {"match": match, "syntax": "regex", "ignore_case": ignore_case}
    options["word_chars"] = word_chars if match == "word" else ""
    for term, shortest in patterns:
        if shortest == 0:
            with pytest.raises(ValueError, match=r"terms\[0\](?s:.*)empty"):
                cg.TermCounter([term], **options)
    terms = [term for term, shortest in patterns if shortest]
    plan = cg.TermCounter(terms, **options)
    expected = expected_places(documents, terms, options)
    assert plan.count(documents).tolist() == matrix(documents, terms, **options)
    assert places(plan.find(documents)) == expected
    categories = {"all of them": terms}
    assert places(cg.TermCounter(categories, **options).find(documents)) == expected_places(
        documents, categories, options
    )


@settings(lenient, max_examples=100)
@given(patterns, st.lists(st.text("abé- \n1", max_size=20), max_size=4))
def test_patterns_in_substring_mode_match_as_finditer(drawn, documents):
    term, shortest = drawn
    if shortest:
        expected = [[len([*regex.finditer(term, document)])] for document in documents]
        assert cg.count(documents, [term], match="substring", syntax="regex").tolist() == expected


# Long documents

LONG = [
    {"terms": ["ab", "a b", "-", "--", "a"]},
    {"terms": ["ab", "a b", "--", "é"], "match": "token", "overlap": "all"},
    {"terms": ["aa", "aba", "ab", "b a", "--"], "match": "substring", "overlap": "all"},
    {"terms": ["a a", "--", "a - a", "é é"], "overlap": "all"},
    {"terms": ["a", "ab", "a b", "a b a", "-", "b -"], "overlap": "longest"},
    {"terms": ["a", "ab", "aba", "b a", "--", "-", "E"], "match": "substring", "overlap": "longest"},
    {"terms": {"x": ["a", "ab"], "y": ["a b", "ab"], "w": ["b"]}, "match": "token", "overlap": "longest"},
    {"terms": ["a*", "*b", "?", "a* b*", "a * b", "*-*"], "syntax": "glob"},
    {"terms": ["a*", "a* b*", "*-*"], "syntax": "glob", "overlap": "all"},
    {"terms": ["a*", "a* b*", "*-*", "ab", "?"], "syntax": "glob", "overlap": "longest"},
    {"terms": ["a*", "*b", "a* b*", "a?*"], "syntax": "glob", "match": "token"},
    {"terms": ["a*b", "a?b", "a*", "*b*"], "syntax": "glob", "match": "substring"},
    {"terms": ["a*b", "a?b", "a*", "*b*"], "syntax": "glob", "match": "substring", "overlap": "longest"},
    {"terms": ["a+b?", "a|ab", r"\w+", "-+?", r"a\s+b", "é."], "syntax": "regex"},
    {"terms": ["a+b?", "a|ab", "-+?", r"a\s+b"], "syntax": "regex", "match": "token"},
    {"terms": ["a+b?", "a|ab", r"\w+", "-{2}", "[ab]{3}"], "syntax": "regex", "match": "substring"},
    {"terms": ["e", "é", "a e", "ae", "-"], "strip_accents": True},
    {"terms": ["ee", "é", "a e", "ae"], "strip_accents": True, "match": "substring", "overlap": "all"},
    {
        "terms": ["e*", "é", "a* e*"],
        "strip_accents": True,
        "syntax": "glob",
        "overlap": "longest",
        "ignore_case": True,
    },
    {"terms": ["a-b", "a", "-", "b", "a b-"], "word_chars": "-'"},
    {"terms": ["a*", "-*", "?"], "word_chars": "-'", "syntax": "glob", "ignore_case": True},
]


@cache
def long_document(separator: str) -> tuple[list[str], str]:
    """Short texts of few characters, and one of some megabytes that joins them with `separator`."""
    random = Random(7)
    few = [
        "".join(random.choices("aaabbbA   \n--'éEe\u0301\u3000", k=random.choice([0, 1, 3, 10, 100, 1000, 5000])))
        for _ in range(400)
    ]
    texts = random.choices(few, k=3000)
    return texts, separator.join(texts)


@pytest.mark.parametrize("given", LONG, ids=str)
def test_long_documents(given):
    """The separator is in no term, so the whole text has the sum of their counts."""
    options = {name: value for name, value in given.items() if name != "terms"}
    separator = "\x01\x01" if options.get("match") == "substring" else "\n\x01\n"
    texts, document = long_document(separator)
    assert len(document) > 2_000_000
    plan = cg.TermCounter(given["terms"], **options)
    apart, found_apart = plan.count(texts, workers=1), plan.find(texts, workers=1)
    assert apart.any(axis=0).all(), "each is found"

    starts = np.cumsum([0, *(len(text) + len(separator) for text in texts)])[found_apart.document]
    for workers in (1, 3):
        assert plan.count([document], workers=workers)[0].tolist() == apart.sum(axis=0).tolist()
        found = plan.find([document], workers=workers)
        assert not found.document.any()
        assert np.array_equal(found.start, found_apart.start + starts)
        assert np.array_equal(found.end, found_apart.end + starts)
        assert np.array_equal(found.column, found_apart.column)
    in_bytes = plan.find([document.encode()], workers=3)
    assert np.array_equal(in_bytes.column, found_apart.column)
    assert (in_bytes.end - in_bytes.start >= found_apart.end - found_apart.start).all()
    few = texts[:30]
    assert plan.count(few).tolist() == matrix(few, given["terms"], **options)


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize(
    ("unit", "terms", "options", "expected"),
    [
        ("a", ["aa", "a"], {"match": "substring", "overlap": "all"}, lambda n: [n - 1, n]),
        ("a", ["aa", "aaa"], {"match": "substring", "overlap": "longest"}, lambda n: [n % 3 == 2, n // 3]),
        ("a ", ["a a", "a"], {"overlap": "all"}, lambda n: [n - 1, n]),
        ("a ", ["a a", "a", "a a a"], {"overlap": "longest"}, lambda n: [n % 3 == 2, n % 3 == 1, n // 3]),
        ("a ", ["a a", "a"], {"overlap": "longest", "match": "token"}, lambda n: [n // 2, n % 2]),
        ("a ", ["a* a*", "?"], {"syntax": "glob"}, lambda n: [n // 2, n]),
        ("a ", ["a* a*", "?"], {"syntax": "glob", "overlap": "all"}, lambda n: [n - 1, n]),
        ("a ", ["a* a*", "a* a* b"], {"syntax": "glob", "overlap": "longest"}, lambda n: [n // 2, 0]),
        ("-", ["--", "-"], {"overlap": "all"}, lambda n: [n - 1, n]),
        ("-", ["--", "-"], {"word_chars": "-"}, lambda n: [0, 0]),
        ("a", ["a*", "*b", "*a"], {"syntax": "glob"}, lambda n: [1, 0, 1]),
        ("a", ["a*", "*"], {"syntax": "glob", "match": "substring"}, lambda n: [1, 1]),
        ("a", ["a*", "a"], {"syntax": "glob", "match": "substring", "overlap": "longest"}, lambda n: [1, 0]),
        ("e\u0301", ["ee", "é"], {"strip_accents": True, "match": "substring"}, lambda n: [n // 2, n]),
        ("\u0301", ["a"], {"strip_accents": True}, lambda n: [0]),
        ("a\u0301\u0301 ", ["a a"], {"strip_accents": True, "overlap": "all"}, lambda n: [n - 1]),
        ("ab", ["a|ab", "(?:ab)+", "a"], {"syntax": "regex"}, lambda n: [0, 1, 0]),
        ("ab", ["a|ab", "ab|a", "b"], {"syntax": "regex", "match": "substring"}, lambda n: [n, n, n]),
        ("ab ", ["a|ab", r"ab\sab"], {"syntax": "regex", "match": "token"}, lambda n: [n, n // 2]),
    ],
    ids=str,
)
def test_a_document_that_cannot_be_cut(unit, terms, options, expected, workers):
    for n in (1_000_000, 1_000_001):
        assert cg.count([unit * n], terms, workers=workers, **options).tolist() == [[*map(int, expected(n))]]


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_a_glob_that_could_be_slow(overlap):
    """A run of letters. Each one starts an attempt that reads to the end of the run."""
    n = 20_000
    for text, count in [("a" * n, 0), ("a" * n + "b", n if overlap == "all" else 1)]:
        assert cg.count([text], ["a*b"], match="substring", syntax="glob", overlap=overlap).tolist() == [[count]]
    assert cg.count(["a" * n], ["*a*a*b", "a*a*a*b"], syntax="glob", overlap=overlap).tolist() == [[0, 0]]


# Every character
#
# Those that both Python and countgrid know, since their versions of Unicode can differ. Assigned characters keep
# their fold and decomposition in later versions.

KNOWN_TO_PYTHON = [
    c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) not in ("Cn", "Co", "Cs")
]
IS_KNOWN = cg.count(KNOWN_TO_PYTHON, [r"\P{Unassigned}"], syntax="regex", match="substring")[:, 0]
ASSIGNED = [c for c, is_known in zip(KNOWN_TO_PYTHON, IS_KNOWN, strict=True) if is_known]
assert len(ASSIGNED) > 140_000


def test_every_character_folds_as_unicode_says():
    """Each character matches exactly the characters with the same simple fold."""
    cased = [c for c in ASSIGNED if fold(c) != c]
    cased += sorted({fold(c) for c in cased})
    assert len(cased) > 2000
    found = cg.TermCounter(cased, match="substring", ignore_case=True).find(cased)
    of_fold: dict[str, list[int]] = {}
    for i, character in enumerate(cased):
        of_fold.setdefault(fold(character), []).append(i)
    expected = [(i, j) for i, character in enumerate(cased) for j in of_fold[fold(character)]]
    assert list(zip(found.document.tolist(), found.column.tolist(), strict=True)) == expected


def test_every_character_folds_as_in_unicode():
    """Bytes terms match the bytes of the folded character."""
    cased = sorted({c for c in ASSIGNED if fold(c) != c} | {fold(c) for c in ASSIGNED if fold(c) != c})
    terms = [bytes([byte]) for byte in range(0x80, 0xF5)]
    counts = cg.count(cased, terms, match="substring", ignore_case=True)
    assert counts.tolist() == [[fold(c).encode().count(term) for term in terms] for c in cased]


@pytest.mark.parametrize("options", [{}, {"ignore_case": True}, {"strip_accents": True}])
@pytest.mark.parametrize("overlap", OVERLAPS)
@settings(lenient, max_examples=60)
@given(data=st.data())
def test_parts_of_characters(options, overlap, data):
    """In substring mode, bytes terms are compared byte for byte with the transformed text."""
    characters = st.text(st.sampled_from("aAσςΣéÉﬁ€日😀𐐀\u212a\u0301"), max_size=8)
    bits = st.lists(st.sampled_from([*b"\xc3\xa9\xcf\x83\x82\xe2\xac\x80a"]), max_size=8).map(bytes)
    documents = data.draw(st.lists(characters | bits, min_size=1, max_size=4))
    pieces = [as_bytes([document])[0] if isinstance(document, str) else document for document in documents]
    parts = st.sampled_from(pieces).flatmap(
        lambda piece: st.tuples(st.integers(0, len(piece)), st.integers(1, 4)).map(lambda at: piece[at[0] : sum(at)])
    )
    options = {"match": "substring", **options}
    terms = data.draw(st.lists(parts, min_size=1, max_size=5))
    terms = [term for term in terms if is_term(term.decode("utf-8", "surrogateescape"), options)] or [b"a"]
    options["overlap"] = overlap
    plan = cg.TermCounter(terms, **options)
    assert plan.count(documents).tolist() == matrix(documents, terms, **options)
    assert places(plan.find(documents)) == expected_places(documents, terms, options)


def test_every_character_folds_as_casefold_if_that_is_one_character():
    folds = [c.casefold() for c in ASSIGNED]
    pairs = [(c, folded) for c, folded in zip(ASSIGNED, folds, strict=True) if len(folded) == 1]
    terms = sorted({folded for _, folded in pairs})
    column = {term: j for j, term in enumerate(terms)}
    found = cg.TermCounter(terms, match="substring", ignore_case=True).find([c for c, _ in pairs])
    expected = [(i, column[folded]) for i, (_, folded) in enumerate(pairs)]
    # Some terms are equal: several characters can have the same fold.
    assert set(expected) <= set(zip(found.document.tolist(), found.column.tolist(), strict=True))
    wrong = {(i, j) for i, j in zip(found.document.tolist(), found.column.tolist(), strict=True)} - set(expected)
    assert all(fold(pairs[i][0]) == fold(terms[j]) for i, j in wrong)


@pytest.mark.parametrize(
    "equal",
    ["sSſ", "ßẞ", "σΣς", "kK\u212a", "åÅ\u212b", "\u13a0\uab70", "ǆǅǄ", "iI", "İ", "ı", "ﬁ"],
)
@pytest.mark.parametrize("match", MATCHES)
def test_documented_folds(equal, match):
    everything = "sSſßẞσΣςkK\u212aåÅ\u212b\u13a0\uab70ǆǅǄiIİıﬁ"
    counts = cg.count(list(everything), list(equal), match=match, ignore_case=True)
    assert counts.tolist() == [[int(character in equal)] * len(equal) for character in everything]


@pytest.mark.parametrize("ignore_case", [False, True])
def test_every_character_is_stripped_as_unicode_says(ignore_case):
    """Between unchanged characters, so that characters that become nothing or whitespace can match too."""
    stripped = [f"\ue000{transformed(c, ignore_case, True)}\ue001" for c in ASSIGNED]
    terms = sorted(set(stripped))
    column = {term: j for j, term in enumerate(terms)}
    plan = cg.TermCounter(terms, match="substring", strip_accents=True, ignore_case=ignore_case)
    found = plan.find([f"\ue000{c}\ue001" for c in ASSIGNED])
    assert found.document.tolist() == list(range(len(ASSIGNED)))
    assert found.column.tolist() == [column[term] for term in stripped]
    assert (found.start == 0).all()
    assert (found.end == 3).all()


def test_every_character_is_stripped_in_a_term_too():
    """In token mode, characters that do not become nothing or whitespace."""
    terms = [c for c in ASSIGNED if strip(c) and not any(map(str.isspace, strip(c)))]
    documents = sorted({strip(c) for c in terms})
    row = {document: i for i, document in enumerate(documents)}
    found = cg.TermCounter(terms, match="token", strip_accents=True).find(documents)
    expected = sorted((row[strip(c)], j) for j, c in enumerate(terms))
    assert list(zip(found.document.tolist(), found.column.tolist(), strict=True)) == expected


def test_dropped_characters_change_nothing():
    dropped = [c for c in ASSIGNED if not strip(c)]
    assert len(dropped) > 800
    documents = [f"a{c}b {c}c d{c}" for c in dropped]
    counts = cg.count(documents, ["ab", "c", "d", "ab c d"], strip_accents=True)
    assert (counts == 1).all()
    found = cg.TermCounter(["d"], strip_accents=True).find(documents)
    assert (found.start == 7).all()
    assert (found.end == 9).all()
