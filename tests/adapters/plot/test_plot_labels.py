"""Names are drawn unchanged, in any script, and do not touch each other."""

import warnings
from itertools import pairwise

import countgrid as cg
import countgrid.plot as cp
import matplotlib
import numpy as np
import pytest
from countgrid.plot import _labels
from matplotlib import font_manager, ft2font
from matplotlib.figure import Figure
from pictures import many, names

#: No font has a glyph for this.
PRIVATE = "\U0010fffd"
ODD = [
    "US$5 $x$",
    "$\\frac$",
    "50% off",
    "%s {0} {x:d}",
    "a\\b",
    "_hidden",
    "x^{2}_i",
    "tab\tnew\nline",
    "",
    " ",
    "\ud800",
    "'",
]
SHOWN = {"tab\tnew\nline": "tab\\tnew\\nline", "": "''", " ": "' '", "\ud800": "\\ud800"}


@pytest.mark.parametrize("usetex", [False, True])
def test_odd_names_are_drawn_as_they_are(usetex: bool) -> None:
    shown = [SHOWN.get(name, name) for name in ODD]
    n = len(ODD)
    with matplotlib.rc_context({"text.usetex": usetex}):
        bars = cp.totals(cg.Totals(ODD, np.arange(n)[::-1], np.arange(n)))
        heat = cp.heatmap(np.ones((n, n)), ODD, rows=ODD)
        trend = cp.trend(np.tile(np.arange(n)[::-1], (2, 1)), ["2024-01-01", "2024-02-01"], ODD, top=None)
    texts = [
        *bars.get_yticklabels(),
        *heat.get_xticklabels(),
        *heat.get_yticklabels(),
        *trend.get_legend().get_texts(),
    ]
    assert [text.get_text() for text in texts] == shown * 4
    assert not any(text.get_usetex() or text.get_parse_math() for text in texts)
    if not usetex:
        for ax in (bars, heat, trend):
            ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x" * 32, "x" * 32),
        ("x" * 33, "x" * 31 + "…"),
        ("two words that are far too long for it", "two words that are far too long…"),
        ("日" * 16, "日" * 16),
        ("日" * 17, "日" * 15 + "…"),
        ("x" * 30 + "e\u0301\u0302" * 3, "x" * 30 + "e\u0301\u0302" + "…"),
        ("x" * 31 + "👩\u200d🚀" * 9, "x" * 31 + "…"),
    ],
)
def test_long_names_are_shortened(name: str, expected: str, monkeypatch) -> None:
    monkeypatch.setattr(_labels, "_fonts_for", lambda characters: (["DejaVu Sans"], [characters]))
    assert _labels.Labels([name])[0] == expected


SCRIPTS = [
    "Größe",
    "Ελληνικά",
    "русский",
    "日本語",
    "한국어",
    "العربية",
    "עברית",
    "हिन्दी",
    "ไทย",
    "🚀",
    "👩\u200d🚀",
    "ა",
]


@pytest.mark.parametrize("fonts", ["all", "of matplotlib"])
def test_every_script_is_drawn_without_a_warning_of_matplotlib(fonts: str, monkeypatch) -> None:
    """With any fonts: characters that no font has are drawn as escapes, with one warning."""
    if fonts == "of matplotlib":
        there = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in str(entry.fname)]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", there)
    n = len(SCRIPTS)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        bars = cp.totals(cg.Totals(SCRIPTS, np.arange(n)[::-1], np.arange(n)))
        first = len(warned)
        heat = cp.heatmap(np.ones((n, n)), SCRIPTS, rows=SCRIPTS)
        trend = cp.trend(np.tile(np.arange(n)[::-1], (2, 1)), ["2024-01-01", "2024-02-01"], SCRIPTS, top=None)
        for ax in (bars, heat, trend):
            ax.figure.canvas.draw()
    assert len(warned) == first <= 2
    for name, label in zip(SCRIPTS, names(bars.yaxis), strict=True):
        assert label == name or name.encode("unicode_escape").decode().startswith(label.rstrip("…"))
    assert names(bars.yaxis)[:3] == SCRIPTS[:3]
    if fonts == "of matplotlib":
        assert "\\u65e5\\u672c\\u8a9e" in names(heat.xaxis)
        said = str(warned[0].message)
        assert all(part in said for part in ("no installed font has", "DEVANAGARI", "other characters"))


def test_characters_without_a_font_warn_once() -> None:
    totals = cg.Totals([f"rocket {PRIVATE}", "x"], np.array([2, 1]), np.array([1, 1]))
    with pytest.warns(
        UserWarning, match=r"no installed font has '\\U0010fffd' .*Install a font that has them"
    ) as warned:
        ax = cp.totals(totals)
    assert [warning.filename for warning in warned] == [__file__]
    assert names(ax.yaxis) == ["rocket \\U0010fffd", "x"]
    cp.totals(totals).figure.canvas.draw()


def test_a_font_is_found_for_characters_that_the_default_lacks() -> None:
    has, lacks = (font_manager.get_font(font_manager.findfont(name)) for name in ("STIXGeneral", "DejaVu Sans"))
    there = set(has.get_charmap()) - set(lacks.get_charmap())
    name = "".join(chr(code) for code in sorted(there) if 0x2000 <= code < 0x3000)[:5]
    assert len(name) == 5
    ax = cp.totals(cg.Totals([name], np.array([1]), np.array([1])))
    assert names(ax.yaxis) == [name]
    families = ax.get_yticklabels()[0].get_fontfamily()
    assert families[0] == matplotlib.rcParams["font.family"][0]
    assert len(families) > 1
    plain = cp.totals(cg.Totals(["plain"], np.array([1]), np.array([1])))
    assert plain.get_yticklabels()[0].get_fontfamily() == matplotlib.rcParams["font.family"]


def test_fonts_of_the_settings_come_first() -> None:
    with matplotlib.rc_context({"font.family": ["STIXGeneral", "DejaVu Sans Mono"]}):
        ax = cp.totals(cg.Totals(["plain", "русский"], np.array([2, 1]), np.array([1, 1])))
        assert ax.get_yticklabels()[0].get_fontfamily()[:2] == ["STIXGeneral", "DejaVu Sans Mono"]
    with matplotlib.rc_context({"font.family": ["no such font"]}):
        assert names(cp.totals(cg.Totals(["plain"], np.array([1]), np.array([1]))).yaxis) == ["plain"]


def test_an_old_matplotlib_that_cannot_shape_is_named(monkeypatch) -> None:
    shapes = hasattr(ft2font, "__libraqm_version__")
    hebrew = cg.Totals(["שלום"], np.array([1]), np.array([1]))  # which DejaVu Sans has
    if shapes:
        cp.totals(hebrew)
        monkeypatch.delattr(ft2font, "__libraqm_version__")
    with pytest.warns(UserWarning, match="matplotlib 3.11 draws them correctly"):
        cp.totals(hebrew)
    cp.totals(hebrew)


def test_names_that_are_drawn_do_not_touch() -> None:
    many_terms = [f"a term named {i}" for i in range(500)]
    counts = np.ones((500, 500), int)
    figure = Figure(figsize=(6, 6), layout="constrained")
    for ax in (
        cp.totals(many(500), top=500),
        cp.heatmap(counts, many_terms, rows=many_terms, ax=figure.add_subplot()),
    ):
        for axis in (ax.xaxis, ax.yaxis):
            ax.figure.canvas.draw()
            boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
            ends = sorted((box.x0, box.x1) if axis is ax.xaxis else (box.y0, box.y1) for box in boxes)
            assert all(before[1] <= after[0] for before, after in pairwise(ends))
            assert len(ends) > 5
