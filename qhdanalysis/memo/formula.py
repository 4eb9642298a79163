"""Formulas of a memo: a small grammar of their own, never ``eval``.

Arithmetic, a few functions on tables, and the library's own indicators and projections. Whoever
receives a memo can recompute it without trusting whoever wrote it.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError, QhdError, SourceError, UnitError
from qhdanalysis.memo import measure
from qhdanalysis.memo.measure import Quantity
from qhdanalysis.units import convert

MAX_LENGTH = 400
MAX_INTEGER = 10_000  # horizons, years, origins: whatever decides how long a call takes
_ROOMS = ("indicators", "projection")
_KEEP_UNIT = ("project", "project_parts")  # estimates in the unit of the values
_ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow


def rows(table: pd.DataFrame, **where: Any) -> pd.DataFrame:
    """Keep the rows whose columns have these values, or one of them."""
    for name, wanted in where.items():
        if name not in table:
            raise PanelError(f"The table has no column {name!r}; it has {', '.join(table)}.")
        table = table[table[name].isin(wanted if isinstance(wanted, list | tuple) else [wanted])]
    return table.reset_index(drop=True)


def _cell(table: pd.DataFrame, column: str, **where: Any) -> Quantity:
    """Give the one cell of ``column`` where the other columns have these values, with its unit."""
    kept = rows(table, **where)
    if len(kept) != 1 or column not in kept:
        raise PanelError(f"{len(kept)} rows, not one, have {where} and a column {column!r}.")
    return measure.entered(kept[column].iloc[0], measure.row_unit(kept.iloc[0], column))


def _count(table: pd.DataFrame) -> Quantity:
    return measure.entered(len(table), "个")


def _convert(table: pd.DataFrame, to: str) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        raise UnitError('convert takes a table here; give a value another unit by unit = "亿元".')
    return convert(table, to=to)


def _add_up(table: pd.DataFrame, *, name: str, value: str = "value") -> pd.DataFrame:
    """Add the areas to one called ``name``, for each year in which all have a value."""
    unit = _one_unit("add_up", table)
    wide = table.pivot(index="year", columns="area", values=value).dropna()
    total = wide.sum(axis=1).rename(value).reset_index()
    return total.assign(area=name, unit=unit)


def _one_unit(name: str, table: pd.DataFrame) -> str:
    """Give the unit of a table's amounts, '' if it has none; two are refused."""
    units = list(map(str, table["unit"].unique())) if "unit" in table else []
    if len(units) > 1:
        raise UnitError(f"{name} takes one unit, not {', '.join(units)}: convert the table first.")
    return units[0] if units else ""


def _put(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Fill columns with one value each; rows that are then of one area and year become one."""
    if "unit" in columns:
        raise UnitError("put does not change a unit: convert(table, to='亿元') does.")
    return table.assign(**columns).drop_duplicates(["area", "year"])


def _series(table: pd.DataFrame, value: str, area: str, unit: str = "") -> pd.DataFrame:
    """Take one column of a table by year as the values of one area."""
    own = _one_unit("series", table) if measure.is_amount(value) else ""
    if own and unit not in ("", own):
        raise UnitError(f"series: {value} is in {own}, not in {unit}: convert the table first.")
    made = {"area": area, "year": table["year"], "value": table[value], "unit": unit or own}
    return pd.DataFrame(made)


def _levels(*tables: pd.DataFrame) -> pd.DataFrame:
    """Put projections side by side, and the levels of each: ``lower80``, ``upper80_2`` ..."""
    keys, made = ["area", "year"], tables[0][["area", "year"]].drop_duplicates()
    for tail, table in zip(("", "_2", "_3"), tables, strict=False):
        for level, part in table.groupby("level"):
            ends = {end: f"{end}{level:g}{tail}" for end in ("lower", "upper")}
            made = made.merge(part[[*keys, *ends]].rename(columns=ends), on=keys)
        middle = table[[*keys, "estimate"]].drop_duplicates(keys)
        made = made.merge(middle.rename(columns={"estimate": f"estimate{tail}"}), on=keys)
    unit = _one_unit("levels", tables[0])
    return made.assign(unit=unit) if unit else made


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ln": np.log,
    "exp": np.exp,
    "abs": np.abs,
    "count": _count,
    "cell": _cell,
    "convert": _convert,
    "rows": rows,
    "between": lambda table, first, last: table[table["year"].between(first, last)],
    "add_up": _add_up,
    "put": _put,
    "series": _series,
    "levels": _levels,
    "table": measure.table,
    "stack": lambda *tables: pd.concat(tables, ignore_index=True),
}


def parse(formula: str) -> tuple[ast.AST, tuple[str, ...]]:
    """Parse a formula and give the names of its inputs in their order.

    >>> parse("completion_rate(done=done, planned=plan) - 8 / 12")[1]
    ('done', 'plan')
    """
    try:
        if len(formula) > MAX_LENGTH:
            raise SyntaxError(f"longer than {MAX_LENGTH} characters")
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"The formula {formula[:80]!r} cannot be read: {error}.") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
    return tree, tuple(dict.fromkeys(found))


def compute(tree: ast.AST, names: Mapping[str, Quantity]) -> Quantity:
    """Compute a parsed formula; whatever a call raises is an error of the package.

    >>> compute(parse("a / 4")[0], {"a": Quantity(1.0, {"元": 1})})
    Quantity(value=np.float64(0.25), powers={'元': 1})
    """
    try:
        with np.errstate(all="ignore"):
            return _compute(tree, names)
    except QhdError:
        raise
    except Exception as error:  # a call with the wrong arguments can raise anything
        raise SourceError(f"It cannot be computed ({type(error).__name__}: {error}).") from None


def _compute(node: ast.AST, names: Mapping[str, Quantity]) -> Quantity:
    match node:
        case ast.Constant(value=int() as value) if abs(value) > MAX_INTEGER:
            raise SourceError(f"A formula may not hold the whole number {value}: over 10,000.")
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return Quantity(value)
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            item = _compute(inner, names)
            return item._replace(value=-item.value)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC):
            sides = _compute(left, names), _compute(right, names)
            return measure.arithmetic(op, *sides, literal=getattr(right, "value", None))
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return Quantity([_compute(part, names) for part in parts])
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            given = [_compute(arg, names) for arg in args]
            options = {str(word.arg): _compute(word.value, names) for word in keywords}
            return _called(name, given, options)
    raise SourceError(f"A formula may not hold {type(node).__name__}.")


def _called(name: str, given: list[Quantity], options: dict[str, Quantity]) -> Quantity:
    function, items = _function(name), [*given, *options.values()]

    def call(values: list[Any]) -> Any:
        return function(
            *values[: len(given)], **dict(zip(options, values[len(given) :], strict=True))
        )

    if function is measure.table:
        return Quantity(call(items))
    values = measure.plain(Quantity(items))
    units = measure.units_in(items)
    if units and any(isinstance(value, pd.DataFrame) for value in values):
        raise UnitError(f"{name} takes tables and pure numbers, no amount in {', '.join(units)}.")
    result = call(values)
    if isinstance(result, Quantity):
        return result
    if name in _KEEP_UNIT and (unit := _one_unit(name, values[0])):
        result = result.assign(unit=unit)
    if isinstance(result, pd.Series) and values and isinstance(values[0], pd.DataFrame):
        result = values[0].assign(**{name: result})  # a row-wise indicator of a table
    return Quantity(result, measure.powers_of_call(name, call, items) if units else {})


def _function(name: str) -> Callable[..., Any]:
    """Find a function that formulas may call: one of those above, or of the computing rooms."""
    import qhdanalysis

    if qhdanalysis._HOME.get(name, "").split(".")[0] in _ROOMS:
        function: Callable[..., Any] = getattr(qhdanalysis, name)
        return function
    if name not in FUNCTIONS:
        raise SourceError(
            f"A formula calls {name!r}, which it may not. It may call the library's indicators and "
            f"projections, and {', '.join(FUNCTIONS)}."
        )
    return FUNCTIONS[name]
