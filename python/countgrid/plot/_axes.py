"""The look of all plots: colours, sizes, names and numbers along an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axis import Axis, XAxis
from matplotlib.ticker import Formatter, FuncFormatter, Locator, MaxNLocator

from countgrid.plot import _labels
from countgrid.plot._labels import Labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

#: Distinct for colour-blind readers too (after Okabe and Ito).
COLOURS = ["#2f6f9f", "#d9622b", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222"]
ZERO = "#eeeeee"

#: Font sizes in points. Many names are drawn smaller, down to the smallest legible size.
LARGEST, SMALLEST = 9.0, 6.0

#: Beyond this many labels, only some are drawn, and the longest is not searched for.
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
    """The length of an axis in points."""
    box = axis.axes.bbox
    return float(box.width if isinstance(axis, XAxis) else box.height) / axis.axes.figure.dpi * 72


def sharing(axis: Axis) -> list[Axis]:
    """The axes of other plots, if not empty, that share this axis with its limits, ticks and names."""
    ax = axis.axes
    is_x = isinstance(axis, XAxis)
    others = (ax.get_shared_x_axes() if is_x else ax.get_shared_y_axes()).get_siblings(ax)
    return [other.xaxis if is_x else other.yaxis for other in others if other is not ax and other.has_data()]


def upper_limit(axis: Axis, own: float) -> float:
    """``own``, or a larger limit of a plot that shares the axis, so that all plots are fully visible."""
    return max([own, *(max(other.get_view_interval()) for other in sharing(axis))])


def check_names(axis: Axis, labels: Labels | None) -> None:
    """Raise if other plots that share the axis have different names."""
    formatter = axis.get_major_formatter()
    shown = list(formatter.labels) if isinstance(formatter, _Names) else None
    if sharing(axis) and (labels is None or list(labels) != shown):
        which = "x" if isinstance(axis, XAxis) else "y"
        raise ValueError(
            f"ax shares its {which} axis with a plot whose names would change; expected Axes with their own {which} "
            f"axis (share{which}=False)"
        )


def inches(labels: Labels) -> float:
    """The approximate length of the longest label."""
    return 0.65 * LARGEST * _letters(labels) / 72


def _letters(labels: Labels) -> int:
    """The approximate number of letters of the longest label. Assumes the maximum if there are many labels."""
    return _labels.LONGEST if len(labels) > MOST_LABELS else max(map(_labels.width, labels), default=0)


def size_of_names(room: float) -> float:
    """The font size of names that have this many points each."""
    return min(max(0.75 * room, SMALLEST), LARGEST)


def write_names(axis: Axis, labels: Labels, numbers: Sequence[Text] = ()) -> Places:
    """Write names at 0, 1, 2 and so on, with optional numbers next to them."""
    places = Places(len(labels), _letters(labels), numbers)
    axis.set_major_locator(places)
    axis.set_major_formatter(_Names(labels))
    places.fit()  # now, so that later settings by the user stay
    return places


def write_numbers(axis: Axis, locator: Locator) -> None:
    axis.set_tick_params(labelsize=LARGEST)
    axis.set_major_locator(locator)
    axis.set_major_formatter(number_formatter())


class Numbers(MaxNLocator):
    """Ticks at round numbers."""

    def __init__(self, *, whole: bool = True) -> None:
        super().__init__("auto", integer=whole, min_n_ticks=1, steps=[1, 2, 2.5, 5, 10])


def number_formatter() -> FuncFormatter:
    return FuncFormatter(lambda x, _: number(x))


def number(x: float) -> str:
    return f"{x:,.6g}" if x < 1e6 else f"{x:,.0f}"


class Places(Locator):
    """Ticks at whole numbers, as many as there is room for when the plot is drawn.

    Names also get their size then, and are rotated unless all are narrow enough. Layout, zooming and resizing change
    the room after everything else.
    """

    def __init__(self, n: int, letters: int, numbers: Sequence[Text]) -> None:
        self._n = n
        self._letters = letters
        self._numbers = numbers
        self._style: dict[str, Any] = {}

    def __call__(self) -> Sequence[float]:
        return self.tick_values(*self._axis.get_view_interval())

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        step = self.fit()
        low, high = sorted((vmin, vmax))
        first, last = max(math.ceil(low), 0), min(math.floor(high), self._n - 1)
        return range(-(-first // step) * step, last + 1, step)

    @property
    def are_numbered(self) -> bool:
        """Whether each bar has a visible number."""
        return bool(self._numbers) and self.fit() == 1

    def fit(self) -> int:
        """Fit the style of names and numbers to the room. Returns n if there is room for every n-th name."""
        low, high = sorted(self._axis.get_view_interval())
        shared = sharing(self._axis)
        room = min(map(points, (self._axis, *shared))) / (high - low)
        size = size_of_names(room)
        step = max(1, math.ceil(1.25 * size / room))
        style: dict[str, Any] = {"labelsize": size}
        if isinstance(self._axis, XAxis):
            upright = 0.65 * size * self._letters + 6 <= room
            style["rotation"] = 0 if upright else 90
            step = 1 if upright else step
        # A setting that changed since the last call is the user's.
        by_now = self._axis.get_tick_params()
        ours = {key: style[key] for key in style if self._style.get(key, by_now.get(key)) == by_now.get(key)}
        if ours != {key: by_now.get(key) for key in ours}:
            for axis in (self._axis, *shared):
                axis.set_tick_params(**ours)
        for number in self._numbers:
            if number.get_fontsize() == self._style.get("labelsize", number.get_fontsize()):
                number.set_fontsize(size)
            number.set_visible(step == 1)
        self._style = style
        return step

    @property
    def _axis(self) -> Axis:
        assert isinstance(self.axis, Axis)
        return self.axis


class _Names(Formatter):
    """Writes labels at whole numbers."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels

    def __call__(self, x: float, pos: int | None = None) -> str:
        i = round(x)
        return self.labels[i] if 0 <= i < len(self.labels) else ""

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Format ticks. Sets their fonts too: the ticks exist by now, and an axis has no such setting."""
        assert isinstance(self.axis, Axis)
        for axis in (self.axis, *sharing(self.axis)):
            for tick in axis.get_major_ticks(len(values)):
                self.labels.dress(tick.label1)
                self.labels.dress(tick.label2)
        return [self(value) for value in values]
