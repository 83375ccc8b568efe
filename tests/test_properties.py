"""Properties of counts, for any documents and terms."""
# ruff: noqa: RUF001 (ambiguous letters are intended)

import countgrid as cg
import numpy as np
import pytest
from containers import CONTAINERS
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rules import matrix

# Terms such as `.+0` and `*00`.
pytestmark = pytest.mark.filterwarnings("ignore:.* looks? like (a )?(glob|regular expression):UserWarning")

# Few characters, so that terms are found: letters in both cases with folds of their own, marks, joiners, whitespace
# of several kinds, punctuation, characters of 2 to 4 bytes, a lone surrogate.
ALPHABET = "aabbAB sſKk\u212aéE\u0301ßΣσς  \t\n\u3000'-.+_0²日本𝄞\u200d\0\ud800"
texts = st.text(st.sampled_from(ALPHABET), max_size=30)
documents_lists = st.lists(st.none() | texts, max_size=12)
# In every mode, a term with a character that is not whitespace is valid.
terms_lists = st.lists(
    st.text(st.sampled_from(ALPHABET), min_size=1, max_size=4).filter(lambda term: term.strip()), max_size=12
)
rules = st.sampled_from(["word", "adaptive", "token", "substring"])
matching = st.fixed_dictionaries({"match": rules, "ignore_case": st.booleans()})


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return (one.shape, one.dtype, one.tobytes()) == (other.shape, other.dtype, other.tobytes())


@given(documents_lists, terms_lists, rules)
def test_counts_agree_with_the_rules(documents, terms, match):
    assert cg.count(documents, terms, match=match).tolist() == matrix(documents, terms, match)


@given(documents_lists, terms_lists, matching)
def test_a_column_does_not_depend_on_the_other_terms(documents, terms, options):
    together = cg.count(documents, terms, **options)
    for column, term in zip(together.T, terms, strict=True):
        assert cg.count(documents, [term], **options)[:, 0].tolist() == column.tolist()


@given(documents_lists, terms_lists, matching, st.randoms(use_true_random=False))
def test_shuffled_documents_give_shuffled_rows_and_shuffled_terms_shuffled_columns(documents, terms, options, random):
    counts = cg.count(documents, terms, **options)
    rows, columns = list(range(len(documents))), list(range(len(terms)))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = cg.count([documents[i] for i in rows], [terms[j] for j in columns], **options)
    assert same(shuffled, np.ascontiguousarray(counts[rows][:, columns]))


@given(documents_lists, documents_lists, terms_lists, matching)
def test_stacked_halves_give_the_whole(one, other, terms, options):
    plan = cg.TermCounter(terms, **options)
    assert same(np.vstack([plan.count(one), plan.count(other)]), plan.count(one + other))


@pytest.mark.parametrize("container", CONTAINERS, ids=repr)
@settings(max_examples=15)
@given(documents=documents_lists, terms=terms_lists, options=matching, workers=st.sampled_from([None, 1, 2, 3]))
def test_any_container_and_any_workers_give_the_same_bytes(container, documents, terms, options, workers):
    # The documents that the container can represent; only one if they must have equal widths.
    if not container.holds(documents):
        documents = [document for document in documents if container.holds([document])]
    if not container.holds(documents):
        documents = documents[:1] or ["a"]
    expected = cg.count(documents, terms, **options)
    assert same(cg.count(container.of(documents), terms, workers=workers, **options), expected)


@given(
    documents=st.lists(st.none() | texts, min_size=1, max_size=6),
    terms=terms_lists,
    options=matching,
    workers=st.sampled_from([None, 1, 2, 3, 8]),
    size=st.integers(1, 3000),
)
def test_documents_cut_for_workers_count_alike(documents, terms, options, workers, size):
    """Enough text that it is split among workers, also within a document."""
    documents = [None if document is None else (document + "b a") * size for document in documents] * 20
    plan = cg.TermCounter(terms, **options)
    assert same(plan.count(documents, workers=workers), plan.count(documents, workers=1))


@settings(max_examples=25)
@given(texts, st.sampled_from(["a", "b ", "\n", "é", "", "a\u3000"]), terms_lists, matching)
def test_a_long_document_is_split_without_losing_matches(text, between, terms, options):
    """One document of several megabytes, which workers share."""
    unit = text + between
    assume(unit)
    document = unit * ((3 << 20) // len(unit.encode("utf-8", "surrogatepass")))
    plan = cg.TermCounter(terms, **options)
    assert same(plan.count([document], workers=3), plan.count([document], workers=1))


@given(documents_lists, st.lists(terms_lists, max_size=5), matching)
def test_a_category_is_the_sum_of_its_distinct_terms(documents, lists, options):
    categories = {f"category {i}": terms for i, terms in enumerate(lists)}
    counts = cg.count(documents, categories, **options)
    assert counts.shape == (len(documents), len(lists))
    for column, terms in zip(counts.T, lists, strict=True):
        distinct = {form(term, **options): term for term in terms}
        alone = cg.count(documents, list(distinct.values()), **options)
        assert alone.sum(axis=1).tolist() == column.tolist()


# Characters in `ALPHABET` that differ only in case, by their representative.
FOLDS = str.maketrans({"A": "a", "B": "b", "ſ": "s", "K": "k", "\u212a": "k", "E": "e", "É": "é", "Σ": "σ", "ς": "σ"})


def form(term: str, match: str, ignore_case: bool) -> str:
    """Terms with equal forms match the same spans."""
    term = term if match == "substring" else " ".join(term.split())
    return term.translate(FOLDS) if ignore_case else term


@given(documents_lists, terms_lists, rules)
def test_ignoring_case_equals_counting_folded_text(documents, terms, match):
    folded = [document and document.translate(FOLDS) for document in documents]
    expected = cg.count(folded, [term.translate(FOLDS) for term in terms], match=match)
    assert same(cg.count(documents, terms, match=match, ignore_case=True), expected)


@given(documents_lists, terms_lists, matching, st.sampled_from(["int8", "uint16", "int64", "float32", "bool"]))
def test_dense_and_sparse_and_totals_and_out_agree(documents, terms, options, dtype):
    plan = cg.TermCounter(terms, **options)
    dense = plan.count(documents)
    assert same(plan.count(documents, sparse=True).toarray(), dense)
    assert same(plan.count(documents, dtype=dtype), dense.astype(dtype))
    totals = plan.totals(documents)
    assert totals.counts.tolist() == dense.sum(axis=0).tolist()
    assert totals.documents.tolist() == (dense > 0).sum(axis=0).tolist()
    for order in "CF":
        out = np.full(dense.shape, 9, dtype, order=order)
        assert np.array_equal(plan.count(documents, out=out), dense.astype(dtype))


@given(st.lists(st.binary(max_size=12), max_size=8), st.lists(st.binary(min_size=1, max_size=3), max_size=8))
def test_bytes_that_are_no_text_count_as_bytes(documents, terms):
    expected = [[document.count(term) for term in terms] for document in documents]
    assert cg.count(documents, terms, match="substring").tolist() == expected


@given(st.lists(st.binary(max_size=12), max_size=8), terms_lists, matching)
def test_bytes_that_are_no_text_never_stop_a_count(documents, terms, options):
    counts = cg.count(documents, terms, **options)
    assert same(cg.count(np.array(documents, object), terms, workers=2, **options), counts)
