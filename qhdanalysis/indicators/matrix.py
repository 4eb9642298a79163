"""The shared step of all indicators: rows of a table become one labelled array, and back.

Every function here checks what all indicators refuse (missing columns, text, negative or infinite
values, duplicates, mixed or inferred units), so that each of them says it in the same words.
"""

import itertools
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame, Series

from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.units import INFERRED

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
SOME = 200
"""Most places that are looked up for one message: a million undefined cells take no time."""


@dataclass(frozen=True)
class Grid:
    """Values of a table on the axes of its keys; a cell without a row is NaN.

    Attributes
    ----------
    cells : ndarray, one dimension a key
        Values, each axis in the sorted order of its labels.
    labels : tuple of Index
        Labels of each axis.
    given : ndarray of bool, shape of ``cells``
        True where the table has a row, with a value or without.
    at : ndarray of int, shape (n,)
        Flat position in ``cells`` of each row of the table.
    index : Index
        Index of the table.
    """

    cells: Floats
    labels: tuple[pd.Index, ...]
    given: Flags
    at: NDArray[np.intp]
    index: pd.Index

    def rows(self, cells: NDArray[Any], name: str | None = None) -> Series:
        """Give one entry of ``cells`` for each row of the table, on its index."""
        flat = np.broadcast_to(cells, self.cells.shape).reshape(-1)
        return Series(flat[self.at], index=self.index, name=name)


def need(table: DataFrame, *names: str | None) -> None:
    """Raise `PanelError` if ``table`` is no table or lacks one of the columns."""
    if not isinstance(table, DataFrame):
        raise PanelError(f"a {type(table).__name__} is no table: pass a pandas DataFrame")
    lost = [name for name in names if name is not None and name not in table]
    if lost:
        raise PanelError(
            f"the table has no column {', '.join(map(repr, lost))}, only "
            f"{', '.join(map(str, table.columns))}: rename it, or name yours by keyword"
        )


def listed(items: Iterable[Any], most: int = 5) -> str:
    """Join the first items and say how many more there are (of `SOME`, how many is not known)."""
    words = list(dict.fromkeys(str(item) for item in itertools.islice(items, SOME)))
    rest = "many" if len(words) == SOME else len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if words[most:] else "")


def places(table: DataFrame, wrong: Flags, keys: Iterable[str | None]) -> str:
    """Name the rows where ``wrong`` is true: their keys and their index label."""
    rows = table.iloc[np.flatnonzero(wrong)[:SOME]]
    columns = [rows[key].astype("str") for key in dict.fromkeys(keys) if key in table]
    names = [" ".join(words) for words in zip(*columns, strict=True)] or [""] * len(rows)
    spots = zip(names, rows.index, strict=True)
    return listed(f"{name} (row {label})" if name else f"row {label}" for name, label in spots)


def numbers(
    table: DataFrame, name: str, *keys: str | None, signed: bool = False, unit: bool = False
) -> Floats:
    """Give a column as floats; text, infinite and (unless ``signed``) negative values raise."""
    need(table, name)
    column = table[name]
    if isinstance(column, DataFrame):
        raise PanelError(f"column {name!r} stands twice in the table: leave one of the two out")
    if unit:
        one_unit(table)
    if not pd.api.types.is_numeric_dtype(column):
        is_text = column.map(lambda cell: isinstance(cell, str)).to_numpy(dtype=bool, copy=True)
        column = pd.to_numeric(column.mask(is_text), errors="coerce")
        is_text |= column.isna().to_numpy() & table[name].notna().to_numpy()
        words = listed(table.loc[is_text, name])
        refuse(table, is_text, keys, f"{name!r} is no number ({words})", "convert it, or use NaN")
    array: Floats = column.to_numpy(dtype=np.float64, na_value=np.nan)
    refuse(table, np.isinf(array), keys, f"{name!r} is infinite", "use NaN where it is unknown")
    if not signed:
        words = listed(array[array < 0])
        refuse(table, array < 0, keys, f"{name!r} is negative ({words})", "correct it, or use NaN")
    return array


def refuse(
    table: DataFrame, wrong: Flags, keys: Iterable[str | None], what: str, remedy: str
) -> None:
    """Raise `PanelError` that names the rows where ``wrong`` is true, if there are any."""
    if wrong.any():
        raise PanelError(f"{what} at {places(table, wrong, keys)}: {remedy}")


def fractions(values: Any, name: str, most: float = 3.0) -> Any:
    """Give the values back, or raise `UnitError` if they look like percent."""
    largest = np.max(np.abs(np.nan_to_num(np.asarray(values, dtype=np.float64))), initial=0.0)
    if largest > most:
        raise UnitError(f"{name} holds {largest:g}: pass fractions, as 0.05 for 5%")
    return values


def one_unit(table: DataFrame) -> None:
    """Raise `UnitError` if the rows carry several units, none, or one that was only inferred."""
    if "unit" not in table:
        return
    counts = table["unit"].value_counts(dropna=False)
    if len(counts) > 1:
        raise UnitError(
            f"the values have several units: {listed(f'{u!r} ({n})' for u, n in counts.items())}; "
            "convert them to one first: convert(table, to=...)"
        )
    if len(counts) and (counts.index[0] == "" or pd.isna(counts.index[0])):
        raise UnitError("the values have no unit: fill the column 'unit', or leave it out")
    if "note" in table:
        inferred = table["note"].str.contains(INFERRED, regex=False, na=False).to_numpy()
        if inferred.any():
            raise UnitError(
                f"the unit is only inferred at {places(table, inferred, ('area', 'year'))}: check "
                "the source, then convert(table, to=..., accept_inferred=True)"
            )


def codes(table: DataFrame, name: str) -> tuple[NDArray[np.intp], pd.Index]:
    """Give the position of each row's label among the sorted labels of a column."""
    need(table, name)
    keys = table[name]
    if getattr(keys.dtype, "storage", "") == "python":  # twice as fast as on the string array
        keys = keys.to_numpy(dtype=object)
    code, labels = pd.factorize(keys, sort=True)
    lost = code < 0
    if len(labels) and labels[0] == "":
        lost |= code == 0
    refuse(table, lost, (), f"{name!r} is empty", "fill it in or drop the rows")
    return code, pd.Index(labels)


def years(table: DataFrame, name: str) -> tuple[NDArray[np.intp], pd.Index]:
    """Give the position of each row's year among the sorted whole years of a column."""
    need(table, name)
    if not pd.api.types.is_numeric_dtype(table[name]):
        raise PanelError(
            f"{name!r} holds {listed(table[name], 3)}, not years as numbers: convert it first, "
            f"as in table[{name!r}].str[:4].astype(int)"
        )
    code, labels = codes(table, name)
    if not (labels == np.floor(labels)).all():
        refuse(table, (table[name] % 1 != 0).to_numpy(), (), f"{name!r} is no whole year", "round")
    return code, labels.astype(int)


def grid(
    table: DataFrame, value: str, *keys: str, year: str | None = None, signed: bool = False,
    fill: float = np.nan,
) -> Grid:  # fmt: skip
    """Put the rows of ``table`` on the axes ``([year], *keys)``.

    Each combination may stand once. Labels are sorted, so that the order of the rows changes
    nothing, down to the last bit of a sum. A cell without a row is ``fill``.
    """
    need(table, *keys, year)
    if not len(table):
        raise PanelError("the table has no rows: check the filter before it")
    named = [key for key in (*keys, year) if key]
    named.sort(key=lambda key: pd.api.types.is_numeric_dtype(table[key]))  # the year last
    array = numbers(table, value, *named, signed=signed, unit=True)
    axes = [years(table, year)] if year else []
    axes += [codes(table, key) for key in keys]
    shape = tuple(len(labels) for _, labels in axes)
    if math.prod(shape) > max(50_000_000, 100 * len(table)):
        raise PanelError(
            f"{len(table)} rows on {' x '.join(map(str, shape))} labels leave almost all cells "
            f"empty: check the columns {listed(named)}, or take fewer rows at once"
        )
    at = np.ravel_multi_index([code for code, _ in axes], shape)
    given = np.zeros(math.prod(shape), bool)
    given[at] = True
    if given.sum() < len(table):
        twice = (np.bincount(at) > 1)[at]
        raise PanelError(
            f"{' and '.join(named)} stand more than once together: {places(table, twice, named)}; "
            "choose one row of each with select(), or if two areas share a name, pass "
            "area='area_code'"
        )
    cells = np.full(given.size, fill)
    cells[at] = array
    labels = tuple(index for _, index in axes)
    return Grid(cells.reshape(shape), labels, given.reshape(shape), at, table.index)


def lagged(panel: Grid, lag: int) -> Floats:
    """Give the cells ``lag`` years before, by the number of the year; NaN where there are none."""
    if lag < 1:
        raise PanelError(f"lag={lag} looks ahead: pass a whole number of years of 1 or more")
    at = panel.labels[0].get_indexer(panel.labels[0] - lag)
    before: Floats = panel.cells[at]
    before[at < 0] = np.nan
    return before


def gaps(panel: Grid, axis: int = 0) -> Flags:
    """Tell the cells without a row that lie between two that have one, along an axis."""
    seen = np.maximum.accumulate(panel.given, axis)
    ahead = np.flip(np.maximum.accumulate(np.flip(panel.given, axis), axis), axis)
    inner: Flags = seen & ahead & ~panel.given
    return inner


def one_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise `PanelError` if an option is none of the choices."""
    if value not in choices:
        raise PanelError(f"{name}={value!r} is not known: pass one of {', '.join(choices)}")


def position(panel: Grid, year: int) -> int:
    """Give the place of a year on the first axis, or raise `PanelError`."""
    if year not in panel.labels[0]:
        raise PanelError(f"no rows for {year}: the table has {listed(panel.labels[0], 8)}")
    return int(panel.labels[0].get_loc(year))


def warn_undefined(what: str, reasons: Iterable[str], level: int = 3) -> None:
    """Warn once that ``what`` is NaN, naming the areas with the reason; silent without any."""
    text = listed(reasons, 10)
    if text:
        warnings.warn(f"{what} is undefined (NaN) for {text}", UserWarning, stacklevel=level)


def names_of(panel: Grid, where: Flags) -> list[str]:
    """Give the labels of the cells where it holds, the first axis (the year) last."""
    labels = panel.labels[: where.ndim]
    spots = np.argwhere(where)[:SOME]
    words = [[str(axis[i]) for i, axis in zip(spot, labels, strict=True)] for spot in spots]
    return [" ".join([*word[1:], word[0]]) for word in words]


def warn_cells(what: str, panel: Grid, undefined: Flags, why: str) -> None:
    """Warn once that ``what`` is NaN in some of the cells that have a row."""
    names = names_of(panel, undefined & panel.given)
    warn_undefined(what, (f"{name} ({why})" for name in names), 4)


def ratio(top: Floats, bottom: Floats) -> Floats:
    """Divide; NaN where the divisor is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(bottom == 0, np.nan, np.divide(top, bottom))
    return result


def tidy(
    labels: Sequence[pd.Index], names: Sequence[str], columns: Mapping[str, NDArray[Any]],
    keep: Flags | None = None,
) -> DataFrame:  # fmt: skip
    """Give one row a cell: its labels, then the columns, each broadcast to the cells."""
    shape = tuple(map(len, labels))
    spots = np.nonzero(np.ones(shape, bool) if keep is None else keep)
    keys = {name: axis[spot] for name, axis, spot in zip(names, labels, spots, strict=True)}
    cells = {name: np.broadcast_to(column, shape)[spots] for name, column in columns.items()}
    return DataFrame(keys | cells)


def vector(
    x: ArrayLike, name: str = "x", *, signed: bool = False
) -> tuple[Floats, pd.Index | None]:
    """Give one-dimensional numbers and, of a Series, its labels; two dimensions raise."""
    series = x if isinstance(x, Series) else None
    shape = np.shape(x)
    if len(shape) != 1:
        raise PanelError(
            f"{name} has {len(shape)} dimensions: pass one column, or a table to inequality()"
        )
    frame = DataFrame({name: x if series is None else series.to_numpy()})
    return numbers(frame, name, signed=signed), None if series is None else series.index


def year_ends(panel: Grid, start: int | None, end: int | None) -> tuple[int, int]:
    """Give the positions of two years on the first axis, by default its ends."""
    axis = panel.labels[0]
    first = position(panel, axis[0] if start is None else start)
    last = position(panel, axis[-1] if end is None else end)
    if first >= last:
        raise PanelError(f"start {axis[first]} is not before end {axis[last]}: give two years")
    return first, last
