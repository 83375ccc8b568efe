"""The Axes of a plot: given, or of a new figure."""

import countgrid as cg
import countgrid.plot as cp
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from pictures import COUNTS, TERMS, TEXTS, WHEN, apart, many, names


def pictures():
    totals = cg.TermCounter(TERMS).totals(TEXTS)
    yield "totals", lambda **options: cp.totals(totals, **options)
    yield "heatmap", lambda **options: cp.heatmap(COUNTS, TERMS, **options)
    yield "trend", lambda **options: cp.trend(COUNTS, WHEN, TERMS, **options)


@pytest.mark.parametrize("draw", [pytest.param(draw, id=name) for name, draw in pictures()])
def test_ax(draw) -> None:
    ax = Figure(figsize=(4, 3)).add_subplot()
    assert draw(ax=ax) is ax
    assert plt.get_fignums() == [], "pyplot is not asked for"
    ax.figure.canvas.draw()
    _, (left, right) = plt.subplots(1, 2, layout="constrained")
    assert draw(ax=left) is left
    assert not right.has_data()
    own = draw()
    assert own.figure not in (left.figure, ax.figure)
    assert plt.gca() is not right, "a figure of its own is the current one"
    half = plt.figure().subfigures(1, 2)[1]
    assert draw(ax=half.subplots()).figure is half
    half.figure.canvas.draw()


def test_a_figure_of_its_own_has_the_size_of_its_content() -> None:
    heights = [cp.totals(many(100), top=top).figure.get_figheight() for top in (5, 20, 60)]
    assert heights == sorted(set(heights))
    wide = [cp.heatmap(np.ones((3, n)), ["x"] * n).figure.get_figwidth() for n in (5, 30)]
    assert wide == sorted(set(wide))


@pytest.mark.parametrize(("height", "all_named"), [(8, True), (7, True), (6, False), (4, False)])
def test_names_and_numbers_are_as_large_as_the_layout_leaves_room_for(height: float, all_named: bool) -> None:
    long = [f"a very long name of column {i}" for i in range(20)]
    figure = plt.figure(figsize=(12, height), layout="constrained")
    above, below = figure.subplots(2, 2)
    bars = cp.totals(cg.Totals(long, np.arange(20) * 1000, np.arange(20)), ax=above[0])
    cp.heatmap(np.ones((20, 20)), long, rows=long, ax=below[0])
    figure.canvas.draw()
    numbers = [text for text in bars.texts if text.get_visible()]
    assert (len(names(bars.yaxis)) == 20) == (len(numbers) == 20) == all_named
    assert bool(numbers) != bool(len(names(bars.xaxis))), "a number at each bar, or a scale"
    for texts in (bars.get_yticklabels(), numbers, below[0].get_yticklabels()):
        assert apart([text.get_window_extent().intervaly for text in texts])
    assert {text.get_fontsize() for text in numbers} <= {bars.get_yticklabels()[0].get_fontsize()}


def test_names_are_turned_when_their_axes_gets_too_narrow() -> None:
    ax = cp.heatmap(COUNTS, TERMS)
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {0}
    ax.figure.set_figwidth(2.2)
    assert names(ax.xaxis) == TERMS
    assert {label.get_rotation() for label in ax.get_xticklabels()} == {90}


def test_settings_by_users_stay() -> None:
    ax = cp.totals(many(20), ax=plt.figure(figsize=(6, 4), layout="constrained").subplots())
    ax.tick_params(axis="y", labelsize=4)
    ax.texts[0].set_fontsize(12)
    heat = cp.heatmap(COUNTS, TERMS)
    heat.tick_params(axis="x", rotation=45)
    for axes, sizes in ((ax, (6, 2.6)), (heat, (2.2, 4))):
        axes.figure.set_size_inches(sizes)
        axes.figure.canvas.draw()
    assert {label.get_fontsize() for label in ax.get_yticklabels()} == {4}
    assert ax.texts[0].get_fontsize() == 12
    assert ax.texts[1].get_fontsize() < 7, "the others are fitted"
    assert {label.get_rotation() for label in heat.get_xticklabels()} == {45}


def test_pictures_that_share_an_x_axis_have_one_scale() -> None:
    for first, second in ((100, 30), (30, 100), (100, 7_000_000)):
        figure, axes = plt.subplots(1, 2, sharex=True)
        for ax, most in zip(axes, (first, second), strict=True):
            cp.totals(cg.Totals(["a", "b"], np.array([most, 10]), np.ones(2)), ax=ax)
        figure.canvas.draw()
        for ax in axes:
            inside = ax.get_window_extent()
            assert len(ax.texts) == len([text for text in ax.texts if text.get_visible()]) == 2
            assert all(inside.x0 <= text.get_window_extent().x1 <= inside.x1 for text in ax.texts)
            assert names(ax.xaxis) == []
    cp.totals(many(500), top=None, ax=axes[1])
    assert len(names(axes[0].xaxis)) == len(names(axes[1].xaxis)) > 2, "one of them has no numbers"


def test_plots_that_share_an_axis_have_the_same_names() -> None:
    _, (left, right) = plt.subplots(1, 2, sharey=True)
    totals = cg.TermCounter(TERMS).totals(TEXTS)
    cp.totals(totals, ax=left)
    for draw in (lambda: cp.totals(totals, ax=right), lambda: cp.heatmap(COUNTS, TERMS, rows=TEXTS, ax=right)):
        with pytest.raises(
            ValueError, match=r"ax shares its y axis with a plot whose names would change; .*sharey=False"
        ):
            draw()
    assert not right.has_data()
    _, (above, below) = plt.subplots(2, 1, sharex=True)
    odd = ["$a$", "_b", "$x^2", "d"]
    cp.heatmap(COUNTS, odd, ax=above)
    with pytest.raises(ValueError, match="shares its x axis"):
        cp.heatmap(COUNTS, TERMS, ax=below)
    cp.heatmap(COUNTS[:2], odd, ax=below)
    assert (names(above.xaxis), names(below.xaxis)) == (odd, odd), "of the same names both may be"
    for ax in (above, below):
        assert not any(label.get_parse_math() for label in ax.get_xticklabels())


def test_trends_that_share_a_y_axis_are_all_seen() -> None:
    for counts in ((COUNTS, 1000 * COUNTS), (1000 * COUNTS, COUNTS)):
        _, axes = plt.subplots(1, 2, sharey=True)
        for ax, matrix in zip(axes, counts, strict=True):
            cp.trend(matrix, WHEN, TERMS, ax=ax)
        assert axes[0].get_ylim()[1] == axes[1].get_ylim()[1] > 2000
