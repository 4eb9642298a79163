"""A figure as a row of the table, and what its digits are worth in base units."""

import re
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from qhdanalysis.errors import UnitError
from qhdanalysis.reading.figures.naming import counted_noun, unit_hint
from qhdanalysis.reading.figures.numerals import HAN, Token
from qhdanalysis.units import Unit, lookup, numeral, spread

PURE = "比"
"""Stands for the unit of numbers that have none: ratios and index numbers."""

_AS_NUMBER = {"番": "倍", "分之": "倍", PURE: "倍"}
_PURE = re.compile(
    "(?:[入距出别]比|系数|比例|指数|倍数|容积率|PMI)(?:$|[比较由从提上增升下降达为]|同比)"
)
_NO_UNIT = re.compile(f"[{HAN},。;、()\n]|$")
_YEAR_OR_CODE = re.compile("(?:19|20)[0-9]{2}|0[0-9]+")
_BASE = {"面积": "亩", "产量": "吨", "总产": "吨"}
_MOST_DOUBLINGS = 64
_MONEY = re.compile("(?:资金|投资|补助|补贴|贷款|收入|支出|产值|税收|[款额])$")
_PER_HEAD = re.compile("人均|均价|单价|每|价格|工资|标准")


def noted(note: str, more: str) -> str:
    """Join two notes on one figure."""
    return f"{note}; {more}" if note else more


class Sense(NamedTuple):
    """What a number means in its sentence."""

    kind: str
    name: str
    falls: bool = False
    bound: str = ""
    note: str = ""
    tail: str = ""  # the part of the name that leans on a subject


class Value(NamedTuple):
    """The number as written, and in base units with the ends of its interval, unsigned."""

    shown: float
    base: float
    low: float
    high: float


@dataclass(slots=True)
class Figure:
    """A row of the table (down to ``note``), and what the next figures need to know of it."""

    indicator: str
    value: float
    unit: str
    base_value: float
    base_unit: str
    low: float
    high: float
    bound: str
    kind: str
    period: str
    area: str
    area_code: str
    start: int
    end: int
    note: str
    sense: Sense
    begin: int  # place in the cleaned text
    stop: int  # ... where reading went on after it
    sentence: int
    family: str = "rank"  # or ratio, points, count, measure, number
    clause: str = ""  # the words before it


_DTYPES = {str: "str", float: "float64", int: "int64"}
COLUMNS = {field.name: _DTYPES[field.type] for field in fields(Figure)[:15]}  # type: ignore[index]


@cache
def measure_of(unit: str) -> Unit | None:
    """Look a unit of prose up; None if it is not known."""
    try:
        return lookup(_AS_NUMBER.get(unit, unit)) if unit else None
    except UnitError:
        return None


def family_of(unit: str, measure: Unit) -> str:
    """Sort units by how the words around them are read."""
    if unit == PURE:
        return "number"
    if measure.family in ("ratio", "points"):
        return measure.family
    return "count" if measure.counted or measure.family == "days" else "measure"


def infer_unit(token: Token, core: str, after: str, near: list[Figure]) -> str:
    """Find the unit of a number that lost it, '' if nothing tells.

    ``near`` are the figures before, the nearest first.
    """
    if scale := token.unit:  # 142.78万农户
        hints = map(unit_hint, accumulate(counted_noun(after)))
        unit = next(filter(None, hints), "") or unit_hint(core)
        if not unit and not re.match(f"[{HAN}]", after):
            if scale[-1] == "亿" or (scale == "万" and _MONEY.search(core)):
                unit = "元"
            elif near and near[0].unit.startswith(scale):
                unit = near[0].unit.removeprefix(scale)
        return scale + unit if unit else ""
    number = token.numbers[0]
    if len(token.numbers) > 1 or _YEAR_OR_CODE.fullmatch(number) or not _NO_UNIT.match(after):
        return ""
    if not re.search(f"[{HAN}I]$", core):
        return ""
    if _PURE.search(core) or (near and near[0].family == "number" and "." in number):
        return PURE
    if "." in number:
        base = _BASE.get(core[-2:])
        amounts = (one for one in near if one.kind == "level" and one.unit)
        return next((one.unit for one in amounts if base in (None, one.base_unit)), "")
    ahead = measure_of(token.close)
    if ahead and ahead.counted and ahead.factor == 1:
        return token.close
    count = next((one.unit for one in near if one.kind == "count" and one.unit), "")
    hint = unit_hint(core)
    if unit_hint(core[:2]) and {hint, count} == {"个", "项"}:
        return count  # 28个项目已开工24: 项目 goes with both, and was just counted
    return hint or count


def value_of(token: Token, unit: str, measure: Unit | None, rank: bool) -> Value | None:
    """Work out what the digits of a token are worth; None where they are no number."""
    ends = [parsed for parsed in map(numeral, token.numbers) if parsed]
    if len(ends) < len(token.numbers):
        return None
    value, place = ends[0]
    if unit == "番":
        times = 2.0 ** min(float(value), _MOST_DOUBLINGS) - 1
        return Value(float(value), times, times, times)
    if unit == "分之":
        whole, half = ends[1][0], Decimal("0.5")
        if not whole:
            return None
        part = float(value / whole)
        return Value(part, part, float(value / (whole + half)), float(value / (whole - half)))
    if len(ends) == 2:
        first = measure_of(token.first_unit) if token.first_unit else measure
        if not token.first_unit and value > ends[1][0]:  # 3000至1.2万元
            first = measure_of(unit.lstrip("十百千万亿")) or measure
        low, high = sorted((_exact(value, first), _exact(ends[1][0], measure)))
        if first and measure:  # the unit shown is that of the second end
            scale = first.factor / measure.factor
            value = value * scale.numerator / scale.denominator
        return Value(float(value), (low + high) / 2, low, high)
    low, high = spread(value, Decimal(0) if rank else place, measure)
    return Value(float(value), _exact(value, measure), low, high)


def _exact(value: Decimal, measure: Unit | None) -> float:
    return spread(value, Decimal(0), measure)[0]


def mark_doubtful(figures: list[Figure]) -> None:
    """Note amounts like 57.2元 among 亿元: the unit, or the decimal point, may be damaged."""
    for index, figure in enumerate(figures):
        if figure.unit == "元" and figure.kind == "level":
            around = [one.unit for one in figures[max(0, index - 3) : index + 4]]
            beside = [one.indicator[-2:] for one in figures[max(0, index - 1) : index + 2]]
            if figure.value % 1 == 0 and (len(beside) < 3 or len(set(beside)) > 1):
                continue  # 1800元 is doubtful only as 市级资金 between 省级资金 and 县级资金
            scale = max(("亿元", "万元"), key=around.count)
            if around.count(scale) > 1 and not _PER_HEAD.search(figure.indicator):
                figure.note = f"unit doubtful: {scale} stands around it"
