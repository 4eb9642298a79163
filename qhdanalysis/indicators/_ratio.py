"""The shared step of all ratios: operands from columns, numbers or intervals; result alike."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.indicators.matrix import SOME, Floats, listed, numbers, vector, warn_undefined
from qhdanalysis.units import Interval

Op: TypeAlias = str | float | Series | Floats | Interval
"""A column of the table, or a value: number, Series, array, `qhdanalysis.units.Interval`."""

Table: TypeAlias = DataFrame | None

_MONEY = {"yuan", "wan", "yi"}
_OTHER_LAND = {"ha", "km2", "m2"}


def over(top: Any, bottom: Any) -> Any:
    """Divide; NaN where the divisor is zero or, as an interval, may be."""
    if isinstance(bottom, Interval):
        zero = (bottom.low <= 0) & (bottom.high >= 0)
        return top / Interval(_blank(bottom.low, zero), _blank(bottom.high, zero))
    return top / _blank(bottom, bottom == 0)


def derive(
    what: str, table: Table, area: str, operands: Mapping[str, Op],
    formula: Callable[..., Any] = over, *, signed: bool = False, alike: bool = True,
) -> Any:  # fmt: skip
    """Compute ``formula`` of the operands; NaN where it is undefined, with one warning.

    Parameters
    ----------
    what : str
        Name of the result, for the warning and the Series.
    table, area, operands
        As the caller got them.
    formula : callable, default `over`
        Takes the operands in their order; divides with `over`.
    signed : bool, default False
        Whether operands may be negative.
    alike : bool, default True
        Whether all columns have to be in one unit of money.

    Returns
    -------
    float, ndarray, Series or Interval
        Series if a table or a Series is given; Interval if one of the operands is one.
    """
    _check_names(operands, alike)
    read = {name: _read(table, area, name, op, signed) for name, op in operands.items()}
    index = _index(table, read)
    if index is not None:
        read = {name: _align(name, op, index) for name, op in read.items()}
    sizes = {name: len(ends(op)[0]) for name, op in read.items() if np.ndim(ends(op)[0])}
    if len(set(sizes.values())) > 1:
        counts = listed(f"{size} values of {name}" for name, size in sizes.items())
        raise PanelError(f"{counts}: give one for each row")
    is_range = any(isinstance(op, Interval) for op in read.values())
    if is_range:
        read = {k: op if isinstance(op, Interval) else Interval(op, op) for k, op in read.items()}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = formula(*read.values())
    names = index if table is None or area not in table else table[area]
    _warn(what, result, read, names)
    if alike and formula is over and np.any(np.asarray(ends(result)[0]) >= 1000):
        message = f"{what} is 1,000-fold and more: the two look like different units"
        warnings.warn(message, UserWarning, stacklevel=3)
    if is_range:
        return result if np.ndim(result.low) else Interval(float(result.low), float(result.high))
    if isinstance(result, Series):
        return result.rename(what)
    return result if np.ndim(result) else float(result)


def ends(operand: Any) -> tuple[Any, Any]:
    """Give the two ends of an interval; a number is both of its ends."""
    return (operand.low, operand.high) if isinstance(operand, Interval) else (operand, operand)


def _blank(values: Any, where: Any) -> Any:
    if isinstance(values, Series):
        return values.mask(where)
    return np.where(where, np.nan, values)[()]


def _read(table: Table, area: str, name: str, operand: Op, signed: bool) -> Any:
    if isinstance(operand, Interval):
        parts = [_read(table, area, name, end, signed) for end in (operand.low, operand.high)]
        return Interval(*parts)
    if isinstance(operand, str):
        if table is None:
            raise PanelError(f"no table, so {name}={operand!r} names no column: pass values")
        return Series(numbers(table, operand, area, "year", signed=signed), index=table.index)
    if np.ndim(operand):
        array, index = vector(operand, name, signed=signed)
        return array if index is None else Series(array, index=index)
    if not isinstance(operand, int | float | np.number) or np.isinf(operand):
        raise PanelError(f"{name}={operand!r} is not a number: pass one, or a table and a column")
    if operand < 0 and not signed:
        raise PanelError(f"{name}={operand} is negative: correct it, or use NaN")
    return np.float64(operand)


def _index(table: Table, operands: dict[str, Any]) -> pd.Index | None:
    """Give the labels of the result: of the table, or of the first Series."""
    if table is not None:
        return table.index
    parts = (ends(op)[0] for op in operands.values())
    return next((part.index for part in parts if isinstance(part, Series)), None)


def _align(name: str, operand: Any, index: pd.Index) -> Any:
    """Put a Series on ``index`` by label; its labels must be those of the index."""
    if isinstance(operand, Interval):
        return Interval(_align(name, operand.low, index), _align(name, operand.high, index))
    if isinstance(operand, np.ndarray) and operand.ndim and len(operand) == len(index):
        return Series(operand, index=index)
    if not isinstance(operand, Series) or operand.index.equals(index):
        return operand
    if operand.index.has_duplicates or index.has_duplicates:
        raise PanelError(f"{name} has labels that stand twice: it cannot be aligned by label")
    lost = index.symmetric_difference(operand.index)
    if len(lost):
        raise PanelError(f"{name} and the rest differ in the labels {listed(lost)}: reindex them")
    return operand.reindex(index)


def _check_names(operands: Mapping[str, Op], alike: bool) -> None:
    """Raise `UnitError` if the units in the columns' names do not fit the formula."""
    columns = {name: op.rsplit("_", 1)[-1] for name, op in operands.items() if isinstance(op, str)}
    if alike and len(_MONEY & set(columns.values())) > 1:
        names = listed(operands[name] for name, unit in columns.items() if unit in _MONEY)
        raise UnitError(f"{names} are in different units: convert one of them first")
    if columns.get("used_mu") in _OTHER_LAND:
        raise UnitError(f"{operands['used_mu']} is not in mu: convert it first (1 公顷 = 15 亩)")


def _warn(what: str, result: Any, operands: dict[str, Any], names: Any) -> None:
    undefined = np.isnan(np.atleast_1d(np.asarray(ends(result)[0], dtype=float)))
    if not undefined.any():
        return
    reasons = []
    for spot in np.flatnonzero(undefined)[:SOME]:
        cause = "not defined"
        for name, operand in operands.items():
            low, high = (np.broadcast_to(end, undefined.shape)[spot] for end in ends(operand))
            if np.isnan(low):
                cause = f"no {name}"
                break
            if low <= 0:
                cause = f"{name} is {low:g}" if low == high else f"{name} may be 0"
        reasons.append(cause if names is None else f"{np.asarray(names)[spot]} ({cause})")
    warn_undefined(what, reasons, level=5)
