"""`frequencies` of pandas and polars columns: the same terms and counts as `cg.frequencies`."""

import countgrid as cg
import countgrid.pandas
import countgrid.plot
import numpy as np
import pandas as pd
import pytest

TEXTS = ["Good sound, good price", None, "the sound is not good", "", "naïve 日本 naïve"]
OPTIONS = [
    {},
    {"top": 2},
    {"ngrams": (1, 2), "across_punctuation": False, "ignore_case": True},
    {"min_documents": 2, "stop_words": "english"},
    {"strip_accents": True, "word_chars": ",", "workers": 1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("dtype", ["object", "str", "string[python]", "string[pyarrow]", "category"])
def test_pandas(dtype, options):
    expected = cg.frequencies(TEXTS, **options)
    text = pd.Series(TEXTS, dtype=dtype, index=list("abcde"))
    found = text.countgrid.frequencies(**options)
    assert found.index.name == "term"
    assert list(found.columns) == ["count", "documents"]
    assert (found.dtypes == np.int64).all()
    assert list(found.itertuples(name=None)) == [tuple(row) for row in expected]
    cg.TermCounter(found.index)


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("dtype", ["String", "Categorical", "Binary"])
def test_polars(dtype, options):
    pl = pytest.importorskip("polars")
    import countgrid.polars as _  # noqa: F401 (registers the namespace)

    expected = cg.frequencies(TEXTS, **options)
    text = pl.Series("text", TEXTS).cast(getattr(pl, dtype))
    found = text.countgrid.frequencies(**options)
    assert found.schema == {"term": pl.String, "count": pl.Int64, "documents": pl.Int64}
    assert found.rows() == [tuple(row) for row in expected]
    cg.TermCounter(found["term"])


def test_columns_without_text():
    assert pd.Series([], dtype="str").countgrid.frequencies().shape == (0, 2)
    with pytest.raises(TypeError, match="column 'n'"):
        pd.Series([1, 2], name="n").countgrid.frequencies()
    pl = pytest.importorskip("polars")
    assert pl.Series([None, None]).countgrid.frequencies().shape == (0, 3)
    assert pl.Series([], dtype=pl.String).countgrid.frequencies().schema["term"] == pl.String
    with pytest.raises(TypeError, match="column 'n' is Int64"):
        pl.Series("n", [1, 2]).countgrid.frequencies()


def test_frames_that_are_passed_as_terms():
    totals = cg.frequencies(TEXTS)
    found = pd.Series(TEXTS).countgrid.frequencies()
    with pytest.raises(ValueError, match=r"whose index contains the terms; pass its \.index$"):
        cg.TermCounter(found)
    assert cg.TermCounter(found.index).columns == totals.terms
    frames = [totals.to_frame()]
    try:
        import countgrid.polars as _  # noqa: F401 (registers the namespace)
        import polars as pl
    except ImportError:
        pass
    else:
        frames.append(pl.Series(TEXTS).countgrid.frequencies())
    for frame in frames:
        with pytest.raises(ValueError, match=r"terms is a table of counts; pass its column 'term'$"):
            cg.TermCounter(frame)
        assert cg.TermCounter(frame["term"]).columns == totals.terms
    with pytest.raises(ValueError, match=r"terms has 2 columns \('a', 'b'\); pass one of them"):
        cg.TermCounter(pd.DataFrame({"a": ["x"], "b": ["y"]}))


def test_unknown_options():
    with pytest.raises(TypeError, match="syntax"):
        pd.Series(TEXTS).countgrid.frequencies(syntax="glob")


def test_plots_of_frequencies():
    """Totals and both kinds of DataFrame give the same bars."""
    totals = cg.frequencies(TEXTS)
    frames = [pd.Series(TEXTS).countgrid.frequencies(), totals.to_frame()]
    try:
        import polars as pl
    except ImportError:
        pass
    else:
        frames.append(pl.Series(TEXTS).countgrid.frequencies())
    for drawn in (totals, *frames):
        ax = countgrid.plot.totals(drawn, top=2)
        assert [label.get_text() for label in ax.get_yticklabels()] == ["good", "naïve"]
        assert [bar.get_width() for bar in ax.patches] == [2, 2]
        assert ax.get_xlabel() == f"occurrences (2 of {len(totals)} terms)"
    counted = cg.TermCounter(["term"]).totals(TEXTS)
    assert countgrid.plot.totals(counted).get_xlabel() == "occurrences (1 column)"
