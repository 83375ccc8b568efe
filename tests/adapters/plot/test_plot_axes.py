"""The Axes of a picture: given, or of a figure of its own."""

import countgrid as cg
import countgrid.plot as cp
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from pictures import COUNTS, TERMS, TEXTS, WHEN, many


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
