"""The unit of a formula's result, worked out from the units of its operands.

Inside a formula every amount is in its base unit (元, 亩, 吨, 人, 项). A sum or difference wants
operands of one unit; products and quotients multiply and divide the units too, so that 元 over 元
is a pure number and 元 over 亩 is 元/亩. Counts of things are one kind in quotients: 19个 over 31项
is a ratio; in sums their measure words have to agree.
"""

import ast
import itertools
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qhdanalysis.errors import SourceError, UnitError
from qhdanalysis.units import Unit, convert, lookup

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_AMOUNT = re.compile(r"value|estimate|(lower|upper)[\d.]*")


class Quantity(NamedTuple):
    """A number, table, text or list inside a formula, and the powers of its base units."""

    value: Any
    powers: Mapping[str, int] = {}


_NO_UNIT = Quantity("")


def entered(value: Any, unit: str) -> Quantity:
    """Bring a value into a formula, in its base unit."""
    known = kind_of(unit)
    if isinstance(value, str):
        return Quantity(value)
    above, _, below = known.base.partition("/")
    powers = {word: power for word, power in ((above, 1), (below, -1)) if word}
    return Quantity(value * float(known.factor), powers)


def kind_of(unit: str) -> Unit:
    """Look a unit up; none is that of a pure number."""
    return lookup(unit or "倍")


def row_unit(row: Mapping[str, Any], column: str) -> str:
    """Give the unit of one cell of a table: amounts are in that of the row, all else has none."""
    return str(row.get("unit") or "") if is_amount(column) else ""


def is_amount(column: str) -> bool:
    """Say whether a column holds amounts in the unit of its row: value, estimate, lower80 ..."""
    return _AMOUNT.fullmatch(column) is not None


def arithmetic(
    op: ast.operator, left: Quantity, right: Quantity, *, literal: Any = None
) -> Quantity:
    """Do one step of arithmetic with numbers and their units; ``literal`` is a typed operand."""
    if not all(isinstance(x.value, int | float | np.ndarray) for x in (left, right)):
        raise SourceError("A formula may only do arithmetic with numbers.")
    powers = dict(left.powers)
    if powers and isinstance(op, ast.Mult | ast.Div) and literal in (1e4, 1e8):
        raise UnitError(
            f"A formula takes {_said(left)} with its unit: leave the {literal:,.0f} out, and ask "
            'for the unit wanted, unit = "亿元".'
        )
    if isinstance(op, ast.Add | ast.Sub):
        if left.powers != right.powers:
            raise UnitError(
                f"A formula cannot add or subtract {_said(left)} and {_said(right)}. Counts take "
                'one word by a value of their own, { formula = "x", unit = "项" }; an index '
                'becomes a ratio by unit = "%".'
            )
    elif isinstance(op, ast.Pow):
        if left.powers or right.powers:
            raise UnitError(f"A formula takes powers of pure numbers only, not of {_said(left)}.")
    else:
        sign = 1 if isinstance(op, ast.Mult) else -1
        powers = _times(left.powers, {word: sign * n for word, n in right.powers.items()})
    values = (np.asarray(x.value, dtype=float) for x in (left, right))
    return Quantity(_OPERATORS[type(op)](*values), powers)


def _times(left: Mapping[str, int], right: Mapping[str, int]) -> dict[str, int]:
    powers = {word: left.get(word, 0) + right.get(word, 0) for word in {**left, **right}}
    things = {word: n for word, n in powers.items() if _is_count(word)}
    if sum(things.values()) == 0:  # 个 over 项 is a ratio
        powers |= dict.fromkeys(things, 0)
    return {word: n for word, n in powers.items() if n}


def _is_count(unit: str) -> bool:
    known = lookup(unit)
    return known.family == known.base


def _said(item: Quantity) -> str:
    return "·".join(f"{word}{n if n != 1 else ''}" for word, n in item.powers.items()) or (
        "a pure number"
    )


def unit_of(item: Quantity) -> str:
    """Write the unit of a result: '' for a pure number, 元, 元/亩."""
    above = [word for word, n in item.powers.items() if n == 1]
    below = [word for word, n in item.powers.items() if n == -1]
    if len(above) + len(below) < len(item.powers) or len(below) > len(above) or len(above) > 1:
        raise UnitError(f"A result in {_said(item)} has no unit that a memo can show.")
    return "/".join(above + below)


def plain(item: Any, change: Callable[[Quantity], Any] = lambda item: item.value) -> Any:
    """Give what a function takes: values without their units, inside lists too."""
    if isinstance(item.value, list):
        return [plain(part, change) for part in item.value]
    return change(item)


def units_in(items: list[Quantity]) -> list[str]:
    """Name the base units of arguments, inside lists too."""
    found: dict[str, int] = {}
    for item in items:
        plain(item, lambda part: found.update(part.powers))
    return list(found)


def powers_of_call(name: str, call: Callable[..., Any], items: list[Quantity]) -> dict[str, int]:
    """Work out the unit of what a function gives, whatever its formula is.

    Amounts in one unit are doubled: a result that doubles with them has this unit, one that stays
    is free of it, one that does neither adds what cannot be added. The amounts are other ones than
    the memo's, so that the unit follows from the formula and not from a zero in the data.
    """

    def at(unit: str) -> float:
        sizes = itertools.count(1)

        def probe(item: Quantity) -> Any:
            if not item.powers:
                return item.value
            return 0.9 ** next(sizes) * 2.0 ** item.powers.get(unit, 0)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = call([plain(item, probe) for item in items])
        return float(np.ravel(np.asarray(result, dtype=float))[0])

    first, units = at(""), units_in(items)
    powers = {unit: float(np.log2(at(unit) / first)) for unit in units}
    if not all(abs(n - np.rint(n)) < 1e-9 for n in powers.values()):
        raise UnitError(f"{name} does not take operands in {' and '.join(units)}.")
    return _times({unit: round(n) for unit, n in powers.items()}, {})


def table(*, unit: Quantity = _NO_UNIT, **columns: Quantity) -> pd.DataFrame:
    """Make a table of single values; amounts are put into the unit of their row."""
    made, units = {}, plain(unit)
    for name, column in columns.items():
        words = units if isinstance(units, list) else [units] * len(column.value)
        pairs = zip(column.value, words, strict=True)
        made[name] = [_placed(name, cell, word) for cell, word in pairs]
    return pd.DataFrame(made | ({"unit": units} if units else {}))


def _placed(name: str, item: Quantity, unit: str) -> Any:
    value = np.ravel(item.value)[0] if isinstance(item.value, np.ndarray) else item.value
    have = unit_of(item)
    if not have or _is_count(have):
        return value
    if not unit:
        raise UnitError(f"{name} is in {have}: say in which unit the table holds it, unit='亿元'.")
    return convert(float(value), have, unit)


def factor(have: str, want: str, *, open_to_any: bool) -> float:
    """Give the factor from the unit of a result to the one that the spec asks for.

    A number that nothing gives a unit to (a cell of a table without units, years to double) is what
    the spec says that it is.
    """
    made, asked = kind_of(have), lookup(want)
    if made.family == "index" and asked.family == "ratio":  # 105.2 is 105.2%
        return float(1 / (100 * asked.size))
    if not have and open_to_any and asked.family != made.family:
        return 1.0
    if made.family != asked.family and not (_is_count(have or "倍") and _is_count(want)):
        raise UnitError(
            f"The formula gives {'a value in ' + have if have else 'a pure number'}, which cannot "
            f"be shown in {want!r}: name a unit of the same kind, or none."
        )
    return float(made.size / asked.size)
