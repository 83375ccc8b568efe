"""The Axes of a picture: given, or of a figure of its own."""

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
    yield "trend", lambda **options: cp.trend(COUNTS, TERMS, WHEN, **options)


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


def test_what_users_set_stays() -> None:
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
