"""How all pictures look: colours, sizes, names and numbers along an axis."""

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


def sharing(axis: Axis) -> list[Axis]:
    """The axes of other pictures that share its limits, its ticks and their names; of those that show something."""
    ax = axis.axes
    is_x = isinstance(axis, XAxis)
    others = (ax.get_shared_x_axes() if is_x else ax.get_shared_y_axes()).get_siblings(ax)
    return [other.xaxis if is_x else other.yaxis for other in others if other is not ax and other.has_data()]


def upper_limit(axis: Axis, own: float) -> float:
    """``own``, or that of the pictures it shares the axis with, so that all of each is seen."""
    return max([own, *(max(other.get_view_interval()) for other in sharing(axis))])


def check_names(axis: Axis, labels: Labels | None) -> None:
    """Names of one picture may not stand beside another, unless they are its names, too."""
    formatter = axis.get_major_formatter()
    shown = list(formatter.labels) if isinstance(formatter, _Names) else None
    if sharing(axis) and (labels is None or list(labels) != shown):
        which = "x" if isinstance(axis, XAxis) else "y"
        raise ValueError(
            f"ax shares its {which} axis with Axes that are drawn in already, and whose names would change; expected "
            f"Axes with a {which} axis of their own (share{which}=False)"
        )


def inches(labels: Labels) -> float:
    """The length of the longest, about."""
    return 0.65 * LARGEST * _letters(labels) / 72


def _letters(labels: Labels) -> int:
    """Of the longest label, about; of many that are short or not, only some of which are ever drawn."""
    return _labels.LONGEST if len(labels) > MOST_LABELS else max(map(_labels.width, labels), default=0)


def size_of_names(room: float) -> float:
    """The size of names that have so many points each."""
    return min(max(0.75 * room, SMALLEST), LARGEST)


def write_names(axis: Axis, labels: Labels, numbers: Sequence[Text] = ()) -> Places:
    """Names at 0, 1, 2 and so on, and the numbers beside them, if there are."""
    places = Places(len(labels), _letters(labels), numbers)
    axis.set_major_locator(places)
    axis.set_major_formatter(_Names(labels))
    places.fit()  # now, so that what the user sets later stays
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
    """Ticks at whole numbers, as many as there is room for when the picture is drawn.

    That is when names get their size, too, and are written upright, if all are narrow enough, or turned: the layout
    of a figure, zooming and resizing change the room, and come after all else.
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
        """Whether there is a number at each."""
        return bool(self._numbers) and self.fit() == 1

    def fit(self) -> int:
        """Dress names and numbers for the room there is; every how many there is room for."""
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
        # What is not as it was left is the user's.
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
        """Called when as many ticks are there; how their texts are drawn is no setting of the axis."""
        assert isinstance(self.axis, Axis)
        for axis in (self.axis, *sharing(self.axis)):
            for tick in axis.get_major_ticks(len(values)):
                self.labels.dress(tick.label1)
                self.labels.dress(tick.label2)
        return [self(value) for value in values]
