"""From a table to yearly series: years read, order made, gaps and short series said."""

import re
import sys
import unicodedata
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.indicators.matrix import Flags, Floats, listed, need, numbers
from qhdanalysis.projection.batch import Stack

Ints = NDArray[np.int64]
Levels = float | Sequence[float]
Breaks = pd.DataFrame | str | None

#: Below this many values there is nothing to project from, and up to `FEW` values it is flagged.
LEAST, FEW = 4, 5
_YEAR = re.compile(r"\s*(\d{1,4})(?:\.0*)?\s*(?:年度?|-\d\d?-\d\d?(?:[ T][0-9:.]*)?)?\s*")


class Panel(NamedTuple):
    """Values of all areas, sorted by area (in order of first appearance) and year."""

    areas: pd.Index  #: labels of the areas
    code: Ints  #: position in ``areas``, shape (values,)
    year: Ints
    value: Floats
    low: Floats  #: the interval that a value is known to lie in; the value itself where exact
    high: Floats
    known: Flags  #: whether the value was observed, not bridged

    def keep(self, rows: Flags) -> "Panel":
        """Only these rows; areas left without any keep their place in ``areas``."""
        columns: list[Any] = [column[rows] for column in self[1:]]
        return Panel(self.areas, *columns)

    def only(self, areas: Flags) -> "Panel":
        """Only these areas, renumbered."""
        rows = self.keep(areas[self.code])
        return rows._replace(areas=self.areas[areas], code=(np.cumsum(areas) - 1)[rows.code])

    def sizes(self) -> Ints:
        """Values of each area."""
        sizes: Ints = np.bincount(self.code, minlength=len(self.areas))
        return sizes

    def span(self) -> tuple[Ints, Ints]:
        """First and last year of each area; every area must have a value."""
        ends = np.cumsum(self.sizes())
        return self.year[np.r_[0, ends[:-1]]], self.year[ends - 1]

    def steps(self) -> Ints:
        """Years from each value to the next of the same area; 0 from one area to another."""
        steps: Ints = np.diff(self.year) * (np.diff(self.code) == 0)
        return steps

    def bridged(self) -> "Panel":
        """Give each missing year between two values the value on the line between them.

        The line is one of equal growth if all values of the area are positive, else straight.
        """
        missing = np.maximum(self.steps() - 1, 0)
        left = np.repeat(np.arange(len(missing)), missing)
        ahead = 1 + np.arange(len(left)) - np.repeat(np.cumsum(missing) - missing, missing)
        share = ahead / (missing[left] + 1)
        start, end = self.value[left], self.value[left + 1]
        positive = np.bincount(self.code, self.value <= 0)[self.code[left]] == 0
        growth = np.abs(start) ** (1 - share) * np.abs(end) ** share
        line = np.where(positive, growth, start + share * (end - start))
        unknown = np.zeros_like(left, bool)
        new = (self.code[left], self.year[left] + ahead, line, line, line, unknown)
        columns: list[Any] = [
            np.insert(old, left + 1, more) for old, more in zip(self[1:], new, strict=True)
        ]
        return Panel(self.areas, *columns)

    def stack(self) -> tuple[Stack, Ints]:
        """Set the series side by side, and give the area of each column; no year may be missing."""
        sizes, first = self.sizes(), self.span()[0]
        order = np.argsort(-sizes, kind="stable")
        values = np.zeros((int(sizes.max()), len(order)))
        values[self.year - first[self.code], np.argsort(order)[self.code]] = self.value
        return Stack(values, sizes[order]), order


class Paths(NamedTuple):
    """Projected paths: estimates (horizon, series) and bounds (levels, horizon, series)."""

    estimate: Floats
    lower: Floats
    upper: Floats


def warn(message: str) -> None:
    """Warn at the line of the caller outside this package."""
    depth, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("qhdanalysis."):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=depth)


def whole_years(column: pd.Series) -> Ints:
    """Read years from integers, whole floats, dates, or text such as 2023年."""
    if hasattr(column, "dt") and hasattr(column.dt, "year"):
        found = column.dt.year
    elif pd.api.types.is_numeric_dtype(column):
        found = column
    else:
        plain = {cell: unicodedata.normalize("NFKC", str(cell)) for cell in column.unique()}
        dates = {cell: _YEAR.fullmatch(text) for cell, text in plain.items()}
        found = column.map({cell: int(m[1]) if m else np.nan for cell, m in dates.items()})
    years: Floats = found.to_numpy(np.float64, na_value=np.nan)
    if (bad := ~((np.mod(years, 1) == 0) & (years >= 1) & (years <= 9999))).any():
        raise PanelError(
            f"column {column.name!r}: {listed(column[bad].map(repr).unique())} cannot be read as "
            "years. Give whole numbers such as 2023, dates, or text such as 2023年."
        )
    return years.astype(np.int64)


def read_panel(
    table: pd.DataFrame,
    value: str,
    area: str,
    year: str,
    low: str | None = None,
    high: str | None = None,
) -> Panel:
    """Check a table and sort it into series; `project` tells what is refused."""
    need(table, value, area, year, low, high)
    if table.empty or table[area].isna().any():
        lack = "has no rows" if table.empty else f"has rows without {area!r}"
        raise PanelError(f"the table {lack}. Give one row per area and year.")
    if "unit" in table.columns and (mixed := table.groupby(area)["unit"].nunique() > 1).any():
        raise UnitError(
            f"{listed(mixed.index[mixed])}: values in more than one unit. Use convert() first."
        )
    code, areas = pd.factorize(table[area])
    years, main = whole_years(table[year]), numbers(table, value, area, year, signed=True)
    ends = [numbers(table, name, area, year, signed=True) if name else main for name in (low, high)]
    ends = [np.where(np.isnan(end), main, end) for end in ends]
    main = np.where(np.isnan(main), (ends[0] + ends[1]) / 2, main)
    order = np.lexsort((years, code))
    every = (code, years, main, *ends, ~np.isnan(main))
    columns: list[Any] = [column[order] for column in every]
    panel = Panel(areas, *columns)
    twice = np.r_[(np.diff(panel.year) == 0) & (np.diff(panel.code) == 0), False]
    outside = (panel.value < panel.low) | (panel.value > panel.high)
    for rows, wrong in (
        (twice, "more than one row. Choose one source first, for example with select()."),
        (outside, f"the value does not lie between {low!r} and {high!r}. Correct the row."),
    ):
        if rows.any():
            places = [f"{areas[panel.code[i]]} {panel.year[i]}" for i in np.flatnonzero(rows)]
            raise PanelError(f"{listed(places)}: {wrong}")
    panel = panel.keep(panel.known)
    sizes = panel.sizes()
    if len(short := np.flatnonzero(sizes < LEAST)):
        raise PanelError(
            f"{listed(f'{areas[i]} ({sizes[i]} values)' for i in short)}: a projection needs at "
            f"least {LEAST} yearly values. Leave these areas out or add years."
        )
    first, last = panel.span()
    if (sparse := sizes * 2 < last - first + 1).any():
        raise PanelError(
            f"{listed(areas[sparse])}: more years are missing than known, so this is not a yearly "
            "series. Leave the early years out."
        )
    return panel


def say_gaps(panel: Panel, *, skips: bool = False) -> Flags:
    """Warn of missing years and what is done about them; return which areas have any."""
    steps = panel.steps()
    at = np.flatnonzero(steps > 1)
    if len(at):
        spans = (
            f"{panel.areas[panel.code[i]]} {panel.year[i] + 1}"
            + (f" to {panel.year[i + 1] - 1}" if steps[i] > 2 else "")
            for i in at
        )
        line = "They are taken to lie between their neighbours, on a line of equal growth."
        warn(f"missing years: {listed(spans)}. {'They are left out.' if skips else line}")
    return np.bincount(panel.code[at], minlength=len(panel.areas)) > 0


def add_note(notes: list[str], where: Flags, word: str) -> None:
    """Add a word to the notes of the areas it holds for."""
    for i in np.flatnonzero(where):
        notes[i] = "; ".join(filter(None, (notes[i], word)))
