"""Compares a run with the directory of results: what is done, what is left over, and whether the options are equal.

The directory has a Parquet file for each unit. Next to them, `_countgrid/` contains `counting.json` (the terms and
options of all results) and `units/` with a record for each unit, written after its results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from countgrid._dataset.store import Store, read_all_json, read_json, write_json
from countgrid._dataset.units import Unit, is_in
from countgrid._errors import about, option

_FOLDER = "_countgrid"
_COUNTING = f"{_FOLDER}/counting.json"
_UNITS = f"{_FOLDER}/units"


def record_of(name: str) -> str:
    """The path of the record of an output file."""
    return f"{_UNITS}/{name}.json"


@dataclass(frozen=True)
class Plan:
    #: The units to count.
    todo: list[Unit]
    #: Whether no run had the directory before, and other machines do not share it.
    is_own: bool
    #: How many units are done, and how many results are of inputs that are not among the units.
    done: int
    others: int


def prepared(
    store: Store, counting: Mapping[str, Any], units: Iterable[Unit], part: tuple[int, int], *, resume: bool
) -> Plan:
    """Prepare the directory for this machine's units, and return which are left to count."""
    # Listed first: options are written before any record.
    records = _records(store)
    is_new = _COUNTING.removeprefix(f"{_FOLDER}/") not in store.names(_FOLDER)
    if not is_new:
        _check_equal(store, counting)
    units = list(units)
    own = {unit.name: unit for unit in units if unit.is_in(part)}
    if is_new and records:
        lost = f"{store.name} has results, but no {_COUNTING} with their options"
        raise about(ValueError(f"{lost}; pass another directory, or delete this one to count again"), path=store.name)
    if not resume and not records.isdisjoint(own):
        advice = f"pass {option('resume', True)} to continue, or another directory"
        raise FileExistsError(f"{store.name} already has results; {advice}")
    if is_new:
        write_json(store, _COUNTING, counting)
    if part[1] == 1:  # else another machine may be writing it
        store.remove_leftovers(_FOLDER, {_COUNTING.removeprefix(f"{_FOLDER}/")})
    store.remove_leftovers("", set(own))
    store.remove_leftovers(_UNITS, {f"{name}.json" for name in own})
    others = _without_outdated(store, records - {unit.name for unit in units}, units, part)
    written = store.names()
    there = [name for name in own if name in records and name in written]
    found = dict(zip(there, read_all_json(store, map(record_of, there)), strict=True))
    todo = [
        unit
        for name, unit in own.items()
        if any(found.get(name, {}).get(key, "") != value for key, value in unit.record().items())
    ]
    return Plan(todo, is_new and part[1] == 1, len(own) - len(todo), others)


def _records(store: Store) -> set[str]:
    """The output files that have records."""
    return {name.removesuffix(".json") for name in store.names(_UNITS) if name.endswith(".parquet.json")}


@contextmanager
def released_on_failure(store: Store, plan: Plan) -> Iterator[None]:
    """If this run fails before its first result, its options do not bind the next one."""
    try:
        yield
    except BaseException:
        with suppress(OSError):  # the first error tells more
            if plan.is_own and not _records(store):
                store.delete(_COUNTING)
        raise


def _without_outdated(store: Store, names: Iterable[str], units: Iterable[Unit], part: tuple[int, int]) -> int:
    """Delete results of row groups that an input no longer has. Returns how many results other inputs have."""
    inputs = {unit.path for unit in units}
    names = sorted(names)
    others = 0
    for name, record in zip(names, read_all_json(store, map(record_of, names)), strict=True):
        if record["input"] not in inputs:
            others += 1
        elif is_in(part, record["input"], record["row_groups"]):
            store.delete(record_of(name))
            store.delete(name)
    return others


def _check_equal(store: Store, counting: Mapping[str, Any]) -> None:
    """Raise if the directory has results of other terms or options."""
    there = read_json(store, _COUNTING)
    advice = "pass another directory, or delete this one to count again"
    for name, value in counting.items():
        if there.get(name) == value:
            continue
        if name in ("terms", "columns"):
            what = f"has results of other terms{_first_difference(there.get('columns'), counting['columns'])}"
        else:
            changed = f"{option(name).removesuffix('=')} was {there.get(name)!r} and is now {value!r}"
            what = f"has results of other options: {changed}"
        raise about(ValueError(f"{store.name} {what}; {advice}"), path=store.name)


def _first_difference(there: object, names: Sequence[str]) -> str:
    """The first column that differs. The terms of equal categories may still differ."""
    if not isinstance(there, list):  # written by an older version
        return ""
    if there == names:
        return ": the categories have the same names, but other terms"
    for at, (was, name) in enumerate(zip_longest(there, names)):
        if was != name:
            shown = ["none" if one is None else repr(one[:60]) for one in (was, name)]
            return f": column {at} was {shown[0]} and is now {shown[1]} ({len(there)} columns; now {len(names)})"
    raise AssertionError("equal lists")
