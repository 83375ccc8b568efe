"""The time spans that counts are summed over: pandas periods, or several of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from countgrid._optional import require

if TYPE_CHECKING:
    import pandas as pd

#: More spans than this mean a mistake in ``freq`` or a wrong date.
MOST_SPANS = 100_000

#: The names of common periods.
UNITS = {
    "Y": "year",
    "Q": "quarter",
    "M": "month",
    "W": "week",
    "D": "day",
    "h": "hour",
    "min": "minute",
    "s": "second",
}

#: Offsets that correspond to periods: the start (S) or end (E) of a month, quarter or year, of business days too.
_OFFSET = re.compile(r"(\d*)B?([MQY])([SE])(?:-([A-Z]{3}))?")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

#: Multiples of these start at midnight, as in pandas.
_PARTS_OF_A_DAY = ("h", "min", "s", "ms", "us", "ns")

#: The documents seem to have ended if the gap after the last one is longer than every earlier gap, or longer than
#: `_SILENT` times the mean gap. It must also be longer than at the end of other periods, except for some of them.
_SILENT = 3
_EXCEPTIONS = 0.1
#: ``until`` may be before the end of a period by this share of the period.
_TOLERANCE = 0.01


@dataclass(frozen=True)
class Spans:
    """All spans from the first to the last, each of ``step`` periods."""

    #: The first period of each span.
    periods: pd.PeriodIndex
    step: int
    #: The span of each document, or of each group of documents; -1 without a time.
    of_document: np.ndarray
    #: When the documents end, if that is before the end of the last span.
    end: str | None = None

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def freq(self) -> str:
        """The name of one period."""
        return self.periods.freqstr

    @property
    def starts(self) -> np.ndarray:
        starts: np.ndarray = self.periods.to_timestamp().to_numpy()
        return starts

    @property
    def unit(self) -> str:
        """The name of a span: month, 2 weeks."""
        name = UNITS.get(self.freq.partition("-")[0], self.freq)
        return name if self.step == 1 else f"{self.step} {name}s"

    def starts_between(self, low: datetime, high: datetime, most: int) -> np.ndarray:
        """The first ``most`` starts of spans in an interval, which may extend beyond the documents."""
        import pandas as pd

        zero = self.periods[0].ordinal
        first, last = (pd.Period(time.replace(tzinfo=None), self.freq).ordinal for time in (low, high))
        ordinals = np.arange(first - (first - zero) % self.step, last + 1, self.step)[:most]
        index: Any = pd.PeriodIndex  # whose stub lacks it
        starts: np.ndarray = index.from_ordinals(ordinals, freq=self.freq).to_timestamp().to_numpy()
        return starts

    @classmethod
    def of(
        cls,
        when: Any,
        freq: str | None,
        n_timed: int,
        until: Any = None,
        *,
        what: str = "document",
        name: str = "when",
    ) -> Spans:
        """``name`` is where the times are from, for messages: ``when``, or the labels of groups."""
        pd = require("pandas", "trend", "pandas")
        if freq is not None and not isinstance(freq, str):
            expected = "expected str, such as 'D', 'W', 'ME', 'Q' or 'Y'"
            raise TypeError(f"freq is {type(freq).__name__} ({freq!r}); {expected}")
        starts, ends, own = _times(when, n_timed, what, name)
        freq = freq or own or "M"
        base, step = _period(freq)
        firsts, lasts = starts.to_period(base), ends.to_period(base)
        is_missing = np.asarray(firsts.isna())
        if is_missing.all():
            return cls(firsts[:0], step, np.full(n_timed, -1))
        longest = int((lasts.asi8 - firsts.asi8)[~is_missing].max()) + 1
        if longest >= max(2 * step, 3):
            raise ValueError(f"freq is {freq!r}, which is shorter than the periods in when; pass a longer one")
        latest = ends.max()
        stop = latest if until is None else _stop(until, latest)
        first, last = firsts.min(), max(lasts.max(), pd.Period(stop, base))
        begin = first.ordinal
        if step > 1 and base in _PARTS_OF_A_DAY:
            midnight = pd.Period(first.start_time.normalize(), base).ordinal
            begin = midnight + (begin - midnight) // step * step
        n = (last.ordinal - begin) // step + 1
        if n > MOST_SPANS:
            raise ValueError(
                f"freq is {freq!r}: {n:,} periods from {first} to {last}; expected at most {MOST_SPANS:,}"
            )
        periods = pd.PeriodIndex.from_ordinals(begin + step * np.arange(n + 1), freq=base)
        bounds = periods.to_timestamp().as_unit("us").asi8
        of_document = np.where(is_missing, -1, (firsts.asi8 - begin) // step)
        if until is None:
            is_cut = _seems_cut(bounds, of_document, ends.as_unit("us").asi8)
        else:
            rest = bounds[-1] - stop.to_datetime64().astype("M8[us]").astype(np.int64)
            is_cut = bool(rest > _TOLERANCE * (bounds[-1] - bounds[-2]))
        has_time = base in _PARTS_OF_A_DAY
        end = f"{stop:%Y-%m-%d %H:%M}" if has_time else f"{stop:%Y-%m-%d}"
        return cls(periods[:n], step, of_document, end if is_cut else None)


def _times(when: Any, n_timed: int, what: str, name: str) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex, str | None]:
    """The start and end of each time, and the name of the period if times are periods."""
    import pandas as pd

    if isinstance(when, str | bytes) or not hasattr(when, "__len__"):
        raise TypeError(f"when is {type(when).__name__}; expected a sequence with a time for each {what}")
    if len(when) != n_timed:
        raise ValueError(f"when has {len(when)} times; expected one for each of {n_timed} {what}s")
    # The conversions of polars and pyarrow keep the time zone.
    times = pd.Index(when.to_pandas() if hasattr(when, "to_pandas") else when)
    if isinstance(times, pd.PeriodIndex):
        return times.to_timestamp(), times.to_timestamp(how="end"), times.freqstr
    if pd.api.types.is_numeric_dtype(times.dtype) and not times.isna().all():
        raise TypeError(
            f"{name} contains {times.dtype}; expected times. pandas.to_datetime({name}, format='%Y') reads years, "
            "unit='s' seconds since 1970"
        )
    if not isinstance(times, pd.DatetimeIndex):
        try:
            times = pd.DatetimeIndex(pd.to_datetime(times))
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{name} contains an item that is not a time: {error}") from error
    times = times.tz_localize(None)
    return times, times, None


def _period(freq: str) -> tuple[str, int]:
    """The name of the period for a pandas frequency, and its multiple."""
    import pandas as pd

    for name in filter(None, (freq, _of_offset(freq))):
        try:
            found: Any = pd.PeriodIndex([], freq=name)
        except ValueError:
            continue
        if found.freq.n > 0:
            return found.freqstr.lstrip("0123456789"), found.freq.n
    expected = "expected a pandas period, or an offset that corresponds to a period, such as 'D', '2W', 'ME' or 'QS'"
    raise ValueError(f"freq is {freq!r}; {expected}")


def _of_offset(freq: str) -> str | None:
    """The period for an offset such as "ME" (month end) or "QS-OCT" (start of quarters, one of which is October)."""
    if (found := _OFFSET.fullmatch(freq)) is None:
        return None
    number, unit, at, month = found.groups()
    if unit == "M":
        return None if month else f"{number}M"
    if month is not None and month not in _MONTHS:
        return None
    # Periods are named after their last month.
    last = _MONTHS[_MONTHS.index(month) - (at == "S")] if month else "DEC"
    return f"{number}{unit}-{last}"


def _stop(until: Any, latest: pd.Timestamp) -> pd.Timestamp:
    """When the documents end. A date includes the whole day."""
    import pandas as pd

    try:
        stop = until.end_time if isinstance(until, pd.Period) else pd.Timestamp(until)
    except (TypeError, ValueError) as error:
        raise ValueError(f"until is {until!r}; expected a time") from error
    if pd.isna(stop):
        raise ValueError(f"until is {until!r}; expected a time")
    stop = stop.tz_localize(None)
    if stop == stop.normalize():
        stop += pd.Timedelta(days=1) - pd.Timedelta(1, "us")
    if stop < latest:
        raise ValueError(f"until is {until!r}, which is before the latest time in when, {latest}")
    return stop


def _seems_cut(bounds: np.ndarray, of_document: np.ndarray, times: np.ndarray) -> bool:
    """Whether the documents seem to end before the end of the last span. All times are in microseconds."""
    kept = of_document >= 0
    latest = np.full(len(bounds) - 1, np.iinfo(np.int64).min)
    np.maximum.at(latest, of_document[kept], times[kept])
    there = np.unique(of_document[kept])
    before, gaps = (latest - bounds[:-1])[there], (bounds[1:] - latest)[there]
    if len(there) < 2:
        return False
    distinct = np.unique(times[kept])
    between = np.diff(distinct)
    is_silent = gaps[-1] > min(between.max(), _SILENT * between.mean())
    exceptions = int(_EXCEPTIONS * (len(there) - 1))
    # Both sides must be unusual. Months differ in length, so gaps differ even if all documents are from first days.
    usual_before, usual_gaps = np.sort(before[:-1])[exceptions], np.sort(gaps[:-1])[::-1][exceptions]
    return bool(is_silent and before[-1] < usual_before and gaps[-1] > usual_gaps)
