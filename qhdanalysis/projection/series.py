"""From a table to yearly series: years read, order made, gaps and short series said."""

import re
import sys
import unicodedata
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.projection.batch import Floats, Stack

#: Below this many values there is nothing to project from, and up to `FEW` values it is flagged.
LEAST, FEW = 4, 5


class Panel(NamedTuple):
    """Observed values of all areas, sorted by area (in order of first appearance) and year."""

    areas: pd.Index  #: labels of the areas
    code: NDArray[np.int64]  #: position in `areas`, shape (values,)
    year: NDArray[np.int64]
    value: Floats
    low: Floats  #: the interval that a value is known to lie in; the value itself where exact
    high: Floats

    def keep(self, rows: NDArray[np.bool_]) -> "Panel":
        """Only these rows; areas left without any keep their place in `areas`."""
        columns: list[Any] = [column[rows] for column in self[1:]]
        return Panel(self.areas, *columns)

    def sizes(self) -> NDArray[np.int64]:
        """Values of each area."""
        return np.bincount(self.code, minlength=len(self.areas))

    def span(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First and last year of each area; every area must have a value."""
        ends = np.cumsum(self.sizes())
        return self.year[np.r_[0, ends[:-1]]], self.year[ends - 1]


def names(labels: Iterable[Any], most: int = 5) -> str:
    """Name at most five, then count the others.

    Examples
    --------
    >>> names(["昌黎县", "卢龙县"])
    '昌黎县, 卢龙县'
    >>> names(range(2000, 2012))
    '2000, 2001, 2002, 2003, 2004 and 7 more'
    """
    words = [str(label) for label in labels]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def warn(message: str) -> None:
    """Warn at the line of the caller outside this package."""
    depth, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("qhdanalysis."):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=depth)


def whole_years(column: pd.Series) -> NDArray[np.int64]:
    """Read years from integers, whole floats, dates, or text such as 2023年."""
    if pd.api.types.is_integer_dtype(column) and not column.hasnans:
        whole: NDArray[np.int64] = column.to_numpy(np.int64)
        return whole
    if hasattr(column, "dt") and hasattr(column.dt, "year"):
        numbers = column.dt.year
    elif pd.api.types.is_float_dtype(column):
        numbers = column
    else:
        pattern = re.compile(r"\s*(\d{1,4})(?:\.0*)?\s*(?:年度?|-\d\d?-\d\d?(?:[ T][0-9:.]*)?)?\s*")
        found = {
            cell: pattern.fullmatch(unicodedata.normalize("NFKC", str(cell)))
            for cell in column.unique()
        }
        numbers = column.map({cell: int(m[1]) if m else np.nan for cell, m in found.items()})
    years: Floats = numbers.to_numpy(np.float64, na_value=np.nan)
    if (bad := ~(np.mod(years, 1) == 0)).any():
        raise PanelError(
            f"column {column.name!r}: {names(column[bad].map(repr).unique())} cannot be read as "
            "years. Give whole numbers such as 2023, dates, or text such as 2023年."
        )
    return years.astype(np.int64)


def read_panel(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    low: str | None = None,
    high: str | None = None,
) -> Panel:
    """Check a table and sort it into series.

    Raises
    ------
    PanelError
        If a column is missing, a year or value cannot be read, an area stands twice in a year, an
        area has fewer than four values, or more of its years are missing than known.
    UnitError
        If the table has a column ``unit`` and an area has values in more than one.
    """
    given = [name for name in (value, area, year, low, high) if name is not None]
    if lacking := [name for name in given if name not in table.columns]:
        raise PanelError(
            f"the table has no column {names(map(repr, lacking))}; its columns are "
            f"{names(table.columns, 12)}. Name yours: value=, area=, year=."
        )
    if table.empty:
        raise PanelError("the table has no rows, so there is nothing to project")
    if "unit" in table.columns and table.groupby(area)["unit"].nunique().max() > 1:
        mixed = table.groupby(area)["unit"].nunique().loc[lambda n: n > 1].index
        raise UnitError(f"{names(mixed)}: values in more than one unit. Use convert() first.")
    years = whole_years(table[year])
    code, areas = pd.factorize(table[area])
    if (code < 0).any():
        raise PanelError(f"column {area!r}: {int((code < 0).sum())} rows have no area. Fill it.")
    main = _numbers(table[value])
    ends = [_numbers(table[name]) if name else main for name in (low, high)]
    ends = [np.where(np.isnan(end), main, end) for end in ends]
    main = np.where(np.isnan(main), (ends[0] + ends[1]) / 2, main)
    if (wrong := ~(np.isnan(main) | ((ends[0] <= main) & (main <= ends[1])))).any():
        raise PanelError(
            f"columns {low!r}, {high!r}: the value of {names(_places(areas, code, years, wrong))} "
            "does not lie between its two ends"
        )
    order = np.lexsort((years, code))
    panel = Panel(areas, *(x[order] for x in (code, years, main, *ends)))
    twice = np.r_[False, (np.diff(panel.code) == 0) & (np.diff(panel.year) == 0)]
    if twice.any():
        raise PanelError(
            f"{names(_places(areas, panel.code, panel.year, twice))}: more than one row for an "
            "area and year. Choose one source first, for example with select()."
        )
    panel = panel.keep(~np.isnan(panel.value))
    if (count := panel.sizes()).min() < LEAST:
        short = np.flatnonzero(count < LEAST)
        raise PanelError(
            f"{names(f'{areas[i]} ({count[i]} values)' for i in short)}: a projection needs at "
            f"least {LEAST} yearly values. Leave these areas out or add years."
        )
    return panel


def stack_panel(panel: Panel) -> tuple[Stack, NDArray[np.int64], NDArray[np.bool_]]:
    """Set the series side by side; missing years are bridged and marked.

    A missing year within a series lies on the line between its neighbours: in logarithms (equal
    growth) if the whole series is positive, else straight.

    Returns
    -------
    stack, order, known
        ``order`` gives the area of each column, ``known`` where the value was observed.
    """
    first, last = panel.span()
    length = last - first + 1
    if (sparse := panel.sizes() * 2 < length).any():
        raise PanelError(
            f"{names(panel.areas[sparse])}: more years are missing than known, so this is not a "
            "yearly series. Leave the early years out."
        )
    order = np.argsort(-length, kind="stable")
    column = np.empty_like(order)
    column[order] = np.arange(len(order))
    values = np.zeros((int(length.max()), len(order)))
    known = np.zeros(values.shape, dtype=bool)
    place = (panel.year - first[panel.code], column[panel.code])
    values[place], known[place] = panel.value, True
    stack = Stack(values, length[order])
    gaps = np.flatnonzero(panel.sizes()[order] < stack.length)
    if len(gaps):
        values[:, gaps] = _bridge(values[:, gaps], known[:, gaps], stack.length[gaps])
    return stack, order, known


def say_gaps(panel: Panel, skips: bool = False) -> NDArray[np.bool_]:
    """Warn of missing years inside the series and what is done, and return which areas have any."""
    step = np.diff(panel.year) * (np.diff(panel.code) == 0)
    at = np.flatnonzero(step > 1)
    if len(at):
        spans = (
            f"{panel.areas[panel.code[i]]} {panel.year[i] + 1}"
            + (f" to {panel.year[i + 1] - 1}" if step[i] > 2 else "")
            for i in at
        )
        taken = (
            "The method leaves them out."
            if skips
            else "They are taken to lie on the line between their neighbours (equal growth each "
            "year if all values are positive)."
        )
        warn(f"missing years: {names(spans)}. {taken}")
    return np.bincount(panel.code[at], minlength=len(panel.areas)) > 0


def _bridge(values: Floats, known: NDArray[np.bool_], length: NDArray[np.int64]) -> Floats:
    time = np.arange(len(values))[:, None]
    before = np.maximum.accumulate(np.where(known, time, 0), axis=0)
    after = np.minimum.accumulate(np.where(known, time, len(values))[::-1], axis=0)[::-1]
    after = np.minimum(after, length - 1)
    positive = np.where(known, values, 1.0).min(axis=0) > 0
    scaled = np.where(positive, np.log(np.where(known & positive, values, 1.0)), values)
    left = np.take_along_axis(scaled, before, axis=0)
    right = np.take_along_axis(scaled, after, axis=0)
    share = (time - before) / np.maximum(after - before, 1)
    line = left + share * (right - left)
    line = np.exp(line, out=line, where=positive)
    bridged: Floats = np.where(known | (time >= length), values, line)
    return bridged


def _numbers(column: pd.Series) -> Floats:
    try:
        numbers: Floats = column.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise PanelError(
            f"column {column.name!r} holds text ({error}). Read the file with read_table, which "
            "turns written numbers into numbers."
        ) from error
    if np.isinf(numbers).any():
        raise PanelError(f"column {column.name!r} holds infinite values. Mark them as missing.")
    return numbers


def _places(
    areas: pd.Index, code: NDArray[np.int64], year: NDArray[np.int64], rows: NDArray[np.bool_]
) -> list[str]:
    """Area and year of the rows, in words."""
    return [f"{areas[c]} {y}" for c, y in zip(code[rows], year[rows], strict=True)]
