"""How all pictures look: colours, sizes, names and numbers along an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axis import Axis, XAxis
from matplotlib.ticker import Formatter, FuncFormatter, Locator, MaxNLocator

from countgrid.plot import _labels
from countgrid.plot._labels import Labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Told apart by all, colour-blind or not (after Okabe and Ito).
COLOURS = ["#2f6f9f", "#d9622b", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"]
ZERO = "#eeeeee"

#: Points. Names are drawn smaller where they are many, down to what can just be read.
LARGEST, SMALLEST = 9.0, 6.0

#: Of more labels, only some of which are ever drawn, the longest is not looked for.
MOST_LABELS = 500


def own_axes(width: float, height: float) -> Axes:
    from matplotlib import pyplot

    axes: Axes = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return axes


def plain(ax: Axes, *, grid: bool = False) -> None:
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.xaxis.label.set_fontsize(LARGEST)
    ax.yaxis.label.set_fontsize(LARGEST)
    if grid:
        ax.grid(axis="y", color=ZERO, linewidth=1)
        ax.set_axisbelow(True)


def points(axis: Axis) -> float:
    """How long it is."""
    box = axis.axes.bbox
    return float(box.width if isinstance(axis, XAxis) else box.height) / axis.axes.figure.dpi * 72


def inches(labels: Labels) -> float:
    """The length of the longest, about."""
    return 0.65 * LARGEST * _letters(labels) / 72


def _letters(labels: Labels) -> int:
    """Of the longest label, about; of many that are short or not, only some of which are ever drawn."""
    return _labels.LONGEST if len(labels) > MOST_LABELS else max(map(_labels.width, labels), default=0)


def size_of_names(room: float) -> float:
    """The size of names that have so many points each."""
    return min(max(0.75 * room, SMALLEST), LARGEST)


def write_names(axis: Axis, labels: Labels, size: float) -> None:
    """Names at 0, 1, 2 and so on; below the picture upright, if all are narrow enough, else turned."""
    spacing = 1.25 * size
    if isinstance(axis, XAxis):
        per_name = points(axis) / max(len(labels), 1)
        upright = 0.65 * size * _letters(labels) + 6
        if upright <= per_name:
            spacing = upright
        else:
            axis.set_tick_params(labelrotation=90)
    axis.set_tick_params(labelsize=size)
    axis.set_major_locator(_Places(len(labels), spacing))
    axis.set_major_formatter(_Names(labels))


def write_numbers(axis: Axis, *, whole: bool = True) -> None:
    axis.set_tick_params(labelsize=LARGEST)
    axis.set_major_locator(number_locator(whole=whole))
    axis.set_major_formatter(number_formatter())


def number_locator(*, whole: bool) -> Locator:
    return MaxNLocator("auto", integer=whole, min_n_ticks=1, steps=[1, 2, 2.5, 5, 10])


def number_formatter() -> FuncFormatter:
    return FuncFormatter(lambda x, _: f"{x:,.6g}" if x < 1e6 else f"{x:,.0f}")


class _Places(Locator):
    """Ticks at whole numbers, as many as there is room for when the picture is drawn."""

    def __init__(self, n: int, spacing: float) -> None:
        self._n = n
        self._spacing = spacing

    def __call__(self) -> Sequence[float]:
        return self.tick_values(*self._axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        low, high = sorted((vmin, vmax))
        step = max(1, math.ceil((high - low) * self._spacing / points(self._axis)))
        first, last = max(math.ceil(low), 0), min(math.floor(high), self._n - 1)
        return range(-(-first // step) * step, last + 1, step)

    @property
    def _axis(self) -> Axis:
        assert isinstance(self.axis, Axis)
        return self.axis


class _Names(Formatter):
    """Writes labels at whole numbers."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def __call__(self, x: float, pos: int | None = None) -> str:
        i = round(x)
        return self._labels[i] if 0 <= i < len(self._labels) else ""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Called when as many ticks are there; how their texts are drawn is no setting of the axis."""
        assert isinstance(self.axis, Axis)
        for tick in self.axis.get_major_ticks(len(values)):
            self._labels.dress(tick.label1)
            self._labels.dress(tick.label2)
        return [self(value) for value in values]
