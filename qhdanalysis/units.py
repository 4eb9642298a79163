"""Written numbers, units and the interval that written digits allow.

Three things that reading, indicators and memo share: the number a text means (`number`), the range
it leaves open (`written`, an `Interval`), and the unit table (`lookup`, `base_unit`, `convert`)
that stands in ``_assets/units.csv``. A unit there has a base (what figures are normalised to) and
a size within its family: 亩 and 平方米 are different bases of one family, so land converts.
"""

import re
from csv import DictReader
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, reduce
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import UnitError
from qhdanalysis.spelling import Near

INFERRED = "unit inferred"
"""What ``note`` says where a reader had to guess the unit; `convert` then asks for permission."""

_DIGITS = str.maketrans(
    "零〇○一二两三四五六七八九壹贰叁肆伍陆柒捌玖", "00012234567891234567" + "89"
)
_PLACES = dict(zip("十百千拾佰仟万亿", (10, 100, 1000, 10, 100, 1000, 10**4, 10**8), strict=True))
_WORDS = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALE = re.compile(rf"([十百千万亿]|\d+|(?:{'|'.join(_WORDS)})s?\b(?: of\b)?)\s*")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_RUN = re.compile(r"\d+(?:\.\d+)?|[十百千拾佰仟万亿]")
_NUMERAL = re.compile(r"[十拾]?\d[\d.十百千拾佰仟万亿]*|[十拾]万?亿?")


@dataclass(frozen=True)
class Interval:
    """The range of values that a written or derived number may stand for.

    Arithmetic gives the range of all results, rounded outward where floating point is inexact, so
    a bound is never too narrow. A divisor that may be zero gives the whole line.

    Parameters
    ----------
    low, high : number, array or Series
        Least and greatest value, in one unit.

    Examples
    --------
    >>> written("630.5") / written("0.33")
    Interval(low=1881.9402985074626, high=1940.1538461538462)
    """

    low: Any
    high: Any

    def __neg__(self) -> "Interval":
        return Interval(-self.high, -self.low)

    def __add__(self, other: Any) -> "Interval":
        other = _interval(other)
        return Interval(_outward(self.low + other.low, -1), _outward(self.high + other.high, 1))

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Interval":
        return self + -_interval(other)

    def __mul__(self, other: Any) -> "Interval":
        other = _interval(other)
        return _hull([a * b for a in _ends(self) for b in _ends(other)])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Interval":
        other = _interval(other)
        whole = np.where((other.low <= 0) & (other.high >= 0), np.inf, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            hull = _hull([a / b for a in _ends(self) for b in _ends(other)])
        return Interval(_plain(np.fmin(hull.low, -whole)), _plain(np.fmax(hull.high, whole)))

    def __rsub__(self, other: Any) -> "Interval":
        return _interval(other).__sub__(self)

    def __rtruediv__(self, other: Any) -> "Interval":
        return _interval(other).__truediv__(self)

    def meets(self, other: Any) -> Any:
        """Say where the two ranges share a value.

        Parameters
        ----------
        other : Interval, number, array or Series
            In the unit of this one.

        Returns
        -------
        bool, array or Series
            True where they do.

        Examples
        --------
        >>> written("630.5").meets(630.54), written("33", "%").meets(written("33.6", "%"))
        (True, False)
        """
        other = _interval(other)
        return (self.low <= other.high) & (other.low <= self.high)


def _interval(value: Any) -> Interval:
    return value if isinstance(value, Interval) else Interval(value, value)


def _ends(interval: Interval) -> tuple[Any, Any]:
    """Give both ends as numpy numbers, which divide by zero without an error."""
    return np.multiply(interval.low, 1.0), np.multiply(interval.high, 1.0)


def _hull(ends: list[Any]) -> Interval:
    """Give the interval from the least to the greatest of the ends."""
    return Interval(_outward(reduce(np.fmin, ends), -1), _outward(reduce(np.fmax, ends), 1))


def _outward(value: Any, side: int) -> Any:
    """Move one float step outward; whole numbers are taken as exact."""
    return _plain(
        np.nextafter(value, np.where(np.equal(value, np.rint(value)), value, side * np.inf))
    )


def _plain(value: Any) -> Any:
    return value if np.ndim(value) else float(value)


@cache
def _folding() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    table |= {ord("\u3000"): " ", ord("\xa0"): " "}
    with (ASSETS / "lexicon_characters.csv").open(encoding="utf-8", newline="") as file:
        return table | {ord(row["character"]): row["folded"] for row in DictReader(file)}


def fold(text: str) -> str:
    """Turn full-width forms into ASCII and the usual traditional characters into simplified ones.

    One character stays one character, so offsets hold.

    >>> fold("（35億元）")
    '(35亿元)'
    """
    return text.translate(_folding())


@cache
def _units() -> dict[str, tuple[str, Fraction, str]]:
    with (ASSETS / "units.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["unit"].casefold(): (row["base"], Fraction(_ratio(row["size"])), row["family"])
            for row in DictReader(file)
        }


@cache
def _near() -> Near:
    usual = (scale + unit for unit in ("元", "人", "吨", "亩") for scale in ("亿", "万", ""))
    return Near([*usual, *_units()])


def _ratio(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or 1)


class Unit(NamedTuple):
    """What a unit measures: base unit, factor to the base, family, and size within the family."""

    base: str
    factor: Fraction
    family: str
    size: Fraction

    @property
    def counted(self) -> bool:
        """True for discrete things (项, 家, 人, 户), of which a whole number is exact."""
        return self.family == self.base or self.family in ("person", "household")


@cache
def lookup(unit: str) -> Unit:
    """Look a unit up: multipliers (万, 亿, thousand ...), compounds (万元/亩), English names.

    Parameters
    ----------
    unit : str
        As printed: 亿元, 万亩, 元/人, thousand USD.

    Returns
    -------
    Unit
        ``value * factor`` is in ``base``; two units of one family convert by their ``size``.

    Raises
    ------
    UnitError
        If the unit is empty or not in the table; near ones are named.

    Examples
    --------
    >>> lookup("万亩").base, int(lookup("万亩").factor), lookup("千公顷").base
    ('亩', 10000, '亩')
    """
    table, scale = _units(), Fraction(1)
    text = re.sub(r"\s+", " ", fold(unit)).strip().casefold()
    text = re.sub(r"(?<=\d)[ ,](?=000)", "", text)  # the Bureau's "10 000 persons"
    while True:
        bare = next((form for form in (text, text.replace(" ", "")) if form in table), None)
        if bare is None and text.endswith("s") and text[:-1] in table:
            bare = text[:-1]
        if bare is not None:
            base, size, family = table[bare]
            whole = table[base.casefold()][1] if base else 1
            return Unit(base, scale * size / whole, family, scale * size)
        if "/" in text:
            above, below = (lookup(part) for part in text.rsplit("/", 1))
            factor, size = above.factor / below.factor, above.size / below.size
            family = f"{above.family}/{below.family}"
            return Unit(f"{above.base}/{below.base}", scale * factor, family, scale * size)
        found = _SCALE.match(text)
        if not found or found.end() == len(text):
            near = ", ".join(_near()(text)[:4]) if len(text) > 1 else ""
            remedy = f"Near: {near}." if near else "Give one such as 亿元, 万人, 公顷, % or 元/人."
            raise UnitError(f"unit {unit!r} is not in the table of units. {remedy}")
        word = found[1].removesuffix(" of").rstrip("s")
        scale *= _PLACES.get(word) or _WORDS.get(word) or int(word)
        text = text[found.end() :]


def base_unit(unit: str) -> str:
    """Give the unit to which figures in ``unit`` are normalised.

    >>> base_unit("亿元"), base_unit("公顷"), base_unit("%")
    ('元', '亩', '')
    """
    return lookup(unit).base


def numeral(text: str) -> tuple[Decimal, Decimal] | None:
    """Value of an unsigned numeral and the place of its last written digit; None if it is none.

    >>> numeral("二百五十点三亿")
    (Decimal('25030000000.0'), Decimal('10000000.0'))
    """
    if _PLAIN.fullmatch(text) and text.isascii():
        value = Decimal(text)
        return value, Decimal(1).scaleb(value.as_tuple().exponent)  # type: ignore[arg-type]
    text = re.sub(r"[\s,]", "", fold(text))
    plain = re.sub(r"(?<!\d)\.", "0.", text.translate(_DIGITS).replace("点", "."))
    if not _NUMERAL.fullmatch(plain):
        return None
    runs = _RUN.findall(plain)
    # 十四五 is a name, not 55: after 十 one digit may stand, or a zero and a digit (一千零五)
    if "".join(runs) != plain or any(
        len(after.partition(".")[0]) > 1 and after[0] != "0" and _PLACES.get(before, 10**4) < 10**4
        for before, after in pairwise(runs)
    ):
        return None
    total, section, place = Decimal(0), Decimal(0), Decimal(1)
    current: Decimal | None = None
    for index, run in enumerate(runs):
        size = _PLACES.get(run)
        if size is None:
            current, place = Decimal(run), Decimal(1)
            place = place.scaleb(current.as_tuple().exponent)  # type: ignore[arg-type]
            # 一万五 is 15,000: a lone last Chinese digit counts the next lower place
            lone = 0 < index == len(runs) - 1 and len(run) == 1 and text[-1] not in "0123456789零"
            if lone:
                place = Decimal(_PLACES[runs[index - 1]] // 10)
                current *= place
        elif size < 10**4:
            section += (Decimal(1) if current is None else current) * size
            place = place * size if current is not None else Decimal(size)
            current = None
        else:
            section += current or 0
            all_of_it = size == 10**8 or not section  # 1.2万亿, but 三亿五千万
            total = (total + section) * size if all_of_it else total + section * size
            place, section, current = place * size, Decimal(0), None
    return total + section + (current or 0), place


def number(text: str) -> float:
    """Read one number: Arabic or full-width digits, thousands marks, Chinese numerals, a sign.

    Returns NaN where the text is not a number; nothing is guessed.

    Examples
    --------
    >>> [number(text) for text in ("1,909.52", "-3.5", "二百五十点三亿", "1万8900")]
    [1909.52, -3.5, 25030000000.0, 18900.0]
    >>> number("百分之五"), number("三分之一"), number("十四五")
    (0.05, 0.3333333333333333, nan)
    """
    folded = re.sub(r"\s", "", fold(text))
    sign = -1.0 if folded[:1] in ("-", "负") else 1.0
    folded = folded.lstrip("-负+")
    below, dash, above = folded.rpartition("分之")
    below = str(_PLACES.get(below, below))
    parts = [numeral(part) for part in ((above, below) if dash else (above,))]
    if None in parts or (dash and not parts[1][0]):  # type: ignore[index]
        return float("nan")
    ends = [part[0] for part in parts if part is not None]
    return sign * float(ends[0] / ends[1] if dash else ends[0])


def written(value_text: str, unit: str = "") -> Interval:
    """Give the interval that written digits allow: half a unit of the last digit either way.

    Parameters
    ----------
    value_text : str
        The number as printed, since 33 and 33.0 differ: ``"1,909.52"``, ``"二百五十点三亿"``.
    unit : str, default ""
        As printed; the result is then in its base unit. Whole counts of unscaled things (270 项)
        are exact.

    Returns
    -------
    Interval
        Two floats.

    Raises
    ------
    UnitError
        If the text is not a number or the unit is unknown.

    Examples
    --------
    >>> written("33", "%")
    Interval(low=0.325, high=0.335)
    >>> written("270", "项")
    Interval(low=270.0, high=270.0)
    """
    text = fold(value_text).strip()
    sign = -1 if text.startswith("-") else 1
    parsed = numeral(text.lstrip("-+"))
    if parsed is None:
        raise UnitError(f"{value_text!r} is not a written number: pass the digits as printed")
    low, high = spread(*parsed, lookup(unit) if unit else None)
    return Interval(low, high) if sign > 0 else Interval(-high, -low)


def spread(value: Decimal, place: Decimal, unit: Unit | None) -> tuple[float, float]:
    """Give the ends of the interval of an unsigned numeral, in base units (see `written`)."""
    factor = unit.factor if unit else Fraction(1)
    half = Decimal(0) if unit and unit.counted and factor == 1 and place >= 1 else place / 2
    above, below = factor.numerator, factor.denominator
    return float((value - half) * above / below), float((value + half) * above / below)


def convert(
    values: Any, unit: str | None = None, to: str | None = None, *, accept_inferred: bool = False
) -> Any:
    """Convert numbers, or the ``value`` column of records, to another unit of the same family.

    Parameters
    ----------
    values : number, array, Series or DataFrame
        A DataFrame is a table of records with columns ``value``, ``unit`` and, if any, ``note``.
    unit : str, optional
        Unit of the numbers; not for records, which carry their own.
    to : str
        Unit wanted. All land units convert: 1 亩 = 10,000/15 m², 1 公顷 = 15 亩.
    accept_inferred : bool, default False
        Take units that a reader inferred (``note`` holds "unit inferred").

    Returns
    -------
    same type as ``values``
        For records a new DataFrame with ``value`` and ``unit`` converted; ``note`` then says
        "unit accepted" in place of "unit inferred", so that indicators take it.

    Raises
    ------
    UnitError
        If the units are of different families, unknown, missing, or only inferred.

    Examples
    --------
    >>> convert(1500, "亩", "平方公里"), convert(1, "万元/亩", "亿元/平方公里")
    (1.0, 0.15)
    """
    if to is None:
        raise UnitError('convert needs the unit wanted: convert(1500, "亩", "平方公里")')
    if not isinstance(values, pd.DataFrame):
        if unit is None:
            raise UnitError('bare numbers carry no unit: convert(1500, "亩", "平方公里")')
        factor = _factor(unit, to)
        return values * factor.numerator / factor.denominator
    missing = {"value", "unit"} - set(values.columns)
    if unit is not None or missing:
        raise UnitError(
            "records carry their own unit: pass convert(records, to=...) and a table with columns "
            f"'value' and 'unit'{f' (missing: {sorted(missing)})' if missing else ''}"
        )
    unknown = values["unit"].eq("") | values["unit"].isna()
    if unknown.any():
        raise UnitError(f"no unit in rows {_some(values.index[unknown])}: fill column 'unit' first")
    if not accept_inferred and "note" in values:
        guessed = values["note"].str.contains(INFERRED, regex=False, na=False)
        if guessed.any():
            raise UnitError(
                f"unit only inferred in rows {_some(values.index[guessed])}: check them against "
                "the source, then pass accept_inferred=True"
            )
    factors = {unit: _factor(unit, to) for unit in values["unit"].unique()}
    above = values["unit"].map({unit: float(f.numerator) for unit, f in factors.items()})
    below = values["unit"].map({unit: float(f.denominator) for unit, f in factors.items()})
    result = values.assign(value=values["value"] * above / below, unit=to)
    if "note" in result:
        result["note"] = result["note"].str.replace(INFERRED, "unit accepted", regex=False)
    return result


def _factor(unit: str, to: str) -> Fraction:
    have, want = lookup(unit), lookup(to)
    if have.family != want.family:
        raise UnitError(
            f"{unit} ({have.family}) does not convert to {to} ({want.family}): ask for a unit of "
            "the same family"
        )
    return have.size / want.size


def _some(labels: pd.Index) -> str:
    return ", ".join(map(str, labels[:5])) + (
        f" and {len(labels) - 5} more" if len(labels) > 5 else ""
    )
