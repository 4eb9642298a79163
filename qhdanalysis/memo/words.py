"""How a value looks in a memo, and how numbers are found again among its words."""

import math
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from qhdanalysis.errors import SourceError, UnitError
from qhdanalysis.memo.evidence import Value, unknown
from qhdanalysis.memo.measure import kind_of
from qhdanalysis.plots.style import label
from qhdanalysis.rounding import number

_FORMAT = re.compile(r"(\w+?)(_range)?(?:\((\d)\))?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_PLACES = {"percent": 1, "points": 1, "amount": 1, "money": 2, "count": 0}
_HUNDRED = re.compile(r"\*\s*100(?!\d)(?:\.0*)?(?!\d)|(?<![\d.])100(?:\.0*)?\s*\*(?!\*)")
_FITS = {"percent": ("",), "points": ("", "个百分点")}  # base units that a form is for
_FORMS = (*_PLACES, "written", "quote", "number", "date", "year", "text", "label")

_COUNTED = "个百分点|万亿元|亿元|万元|元|万亩|亩|万人|人|成|倍|年|月|日|项|个|家|件|户|亿|万"
_ENGLISH_UNITS = "trillion|billion|million|percentage points?|points?|percent|mu|years?"
# A line of a PDF may end inside a unit.
_UNITS = re.sub(r"(?<=[^|])(?=[^|])", r"\\s*", _COUNTED)
_UNITS = rf"[%‰]|{_UNITS}|\s(?:{_ENGLISH_UNITS})\b".replace("percentage ", r"percentage\s+")
_HAN = "〇零一二三四五六七八九十百千万亿两点"
_ENGLISH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = rf"\d{{1,2}}\s*(?:{_ENGLISH})"
_MONTHS = r"\d{1,2}\s*[-—\N{EN DASH}]\s*\d{1,2}\s*月"
_NUMBER = re.compile(
    rf"(?<![\d.])(?:{_MONTHS}|{_DAY})"
    r"|(?<![A-Za-z0-9_.])(?:(?<![A-Za-z0-9%)\]])-)?\d+(?:,\d{3})*(?:\.\d+)?"
    rf"(?:\s*(?:{_UNITS}))?(?![A-Za-z_]|\.\d)"
    rf"|百分之[{_HAN}]+|[{_HAN}]{{2,}}(?:亿元|万元|元|亩|个百分点|成|倍)"
)
# Dates are no figures: a year, a month or day, and a span of months.
_DATE = re.compile(rf"(?:19|20)\d\d年?|\d\d?[月日]|{_MONTHS}|{_DAY}")


class Token(NamedTuple):
    """A number among words, its unit with it, and the words before it."""

    text: str
    before: str
    start: int


def clean(text: str) -> str:
    r"""Drop control and invisible characters, fold white space to single spaces.

    >>> clean("甲县\x0b专项\u200b资金 5.2亿元")
    '甲县 专项资金 5.2亿元'
    """
    spaced = re.sub(r"[\s\x0b\x0c\x1c-\x1f]+", " ", text)
    return _CONTROL.sub("", spaced).strip()


def tokens(text: str) -> Iterator[Token]:
    """Find the numbers among visible words.

    >>> [token.text for token in tokens("2022年630.5 亿元，占33.02%，GB9704不算")]
    ['2022年', '630.5亿元', '33.02%']
    """
    text = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    for found in _NUMBER.finditer(text):
        before = re.sub(r"\s", "", text[max(0, found.start() - 24) : found.start()])[-8:]
        yield Token(re.sub(r"\s", "", found[0]), before, found.start())


def is_date(text: str) -> bool:
    """Say whether a number is a date, which prose may hold without a citation."""
    return _DATE.fullmatch(text) is not None


def show(item: Value, form: str, lang: str) -> str:
    """Write a value as a memo shows it.

    Parameters
    ----------
    item : Value
        The value with its unit and bounds.
    form : str
        ``written`` (with the digits of the source), ``quote`` (its very words), ``money(2)``,
        ``percent(1)``, ``points(1)``, ``number(2)``, ``amount(1)`` (for a column whose title has
        the unit: 亿元 or CNY billion, hundredths of a ratio), ``count``, ``date``, ``year``,
        ``text``, ``label``; the number counts the decimals. With ``_range`` after the word, the
        bounds: ``percent_range(1)``.
    lang : {"zh", "en"}
        Money is in 亿元, or in millions or billions of CNY.

    Raises
    ------
    SourceError
        If there is no such form, or it does not fit the value.

    Examples
    --------
    >>> show(Value("gdp", 6.305e10, "元"), "money(1)", "zh")
    '630.5亿元'
    >>> show(Value("gdp", 6.305e10, "元"), "money(1)", "en")
    'CNY 63.05 billion'
    >>> show(Value("share", 0.33, "", 0.325, 0.335), "percent_range(1)", "en")
    '32.5% to 33.5%'
    """
    parsed = _FORMAT.fullmatch(form)
    if not parsed or parsed[1] not in _FORMS:
        raise SourceError(unknown("format", form, _FORMS))
    kind, digits = parsed[1], int(parsed[3]) if parsed[3] else None
    if kind == "label":
        return clean(item.label.get(lang) or item.label.get("zh") or item.name)
    if kind == "quote":
        return clean(item.quote)
    if kind == "written":
        return _written(item, lang)
    if isinstance(item.value, str):
        text = clean(item.value)
        return _date(text, lang) if kind == "date" else label(text, lang)
    if kind in ("text", "date"):
        raise SourceError(f"{item.name} is a number: it cannot be shown as {kind}.")
    if math.isinf(item.value):
        raise SourceError(f"{item.name} is {item.value}: it divides by zero.")
    if parsed[2]:
        if not item.low <= item.high:
            raise SourceError(f"{item.name} has no bounds: it cannot be shown as {form}.")
        low, high = (_number(x, kind, digits, item, lang) for x in (item.low, item.high))
        if kind == "money":  # the unit once, if both ends have the same
            unit = re.search(r"[^\d.,]*$", high)[0]  # type: ignore[index]
            if low.endswith(unit):
                low, high = low.removesuffix(unit), high.removeprefix("CNY ")
        return f"{low}至{high}" if lang == "zh" else f"{low} to {high}"
    return _number(item.value, kind, digits, item, lang)


def _number(value: float, kind: str, digits: int | None, item: Value, lang: str) -> str:
    if value != value:
        return "—"
    if kind == "year":
        return f"{value:.0f}"
    if math.isinf(value):  # a bound; the digits of a divisor may allow zero
        return "∞" if value > 0 else "\N{MINUS SIGN}∞"
    unit = kind_of(item.unit)
    fits = _FITS.get(kind)
    if fits is not None and unit.base not in fits:
        raise SourceError(f"{_in_unit(item)}: it cannot be shown as {kind}.")
    if kind in ("number", "count") and unit.base == "元":
        raise SourceError(
            f"{_in_unit(item)}: show it as money(1), as amount(1) in a column whose "
            "title has the unit, or as it is written."
        )
    if fits and _HUNDRED.search(item.formula):
        raise SourceError(
            f"{item.name} is 100-fold by its formula {item.formula!r}: show a fraction."
        )
    ratio = value * float(unit.factor)
    places = _PLACES.get(kind, _decimals(value)) if digits is None else digits
    if kind == "money":
        return _money(_yi(value, item), places, lang)
    if kind == "amount" and unit.base:
        yi = _yi(value, item)
        return number(yi, lang, places) if lang == "zh" else number(yi / 10, lang, places + 1)
    if kind in ("amount", "percent"):
        return number(100 * ratio, lang, places) + ("%" if kind == "percent" else "")
    if kind == "points":  # ahead or behind is a gap of fractions; 个百分点 are points already
        points = number(ratio if unit.base else 100 * ratio, lang, places)
        return points + ("" if lang == "zh" else " ") + label("points", lang)
    return number(value, lang, places)


def _in_unit(item: Value) -> str:
    return f"{item.name} {'is in ' + item.unit if item.unit else 'has no unit'}"


def takes_unit(item: Value, form: str, typed: str) -> bool:
    """Say whether a unit that stands after a citation is the one that its number is shown in.

    >>> plan = Value("plan", 3.24e9, "元")
    >>> takes_unit(plan, "amount(1)", "亿元"), takes_unit(plan, "amount(1)", "万元")
    (True, False)
    """
    amount = form.startswith("amount") and kind_of(item.unit).base == "元"
    if typed in ("trillion", "billion", "million", "万", "亿"):
        return amount and typed == "billion"
    have = kind_of("亿元" if amount else item.unit)
    try:
        want = kind_of("个百分点" if "point" in typed else typed)
    except UnitError:
        return True  # 月, years
    if want.family == have.family:
        return want.size == have.size
    if want.family == want.base:  # counts of things
        return have.family == have.base or not have.base
    return not have.base and want.factor == 1 and want.base not in ("元", "个百分点")


def _decimals(value: float, significant: int = 4) -> int:
    """Count the decimals that the significant digits need, trailing zeros left out."""
    if not value or not math.isfinite(value):
        return 0
    text = f"{value:.{max(0, significant - 1 - math.floor(math.log10(abs(value))))}f}"
    return len(text.rstrip("0").partition(".")[2])


def _money(yi: float, places: int, lang: str) -> str:
    if lang == "zh":
        return number(yi, lang, places) + "亿元"
    if abs(yi) < 10:
        return f"CNY {number(100 * yi, lang, max(places - 2, 0))} million"
    return f"CNY {number(yi / 10, lang, places + 1)} billion"


def _yi(value: float, item: Value) -> float:
    """Give money in 亿元."""
    unit = kind_of(item.unit)
    if unit.base != "元":
        raise SourceError(f"{_in_unit(item)}: it cannot be shown as money.")
    return value * float(unit.factor) / 1e8


def _written(item: Value, lang: str) -> str:
    """Write a leaf with the digits of its source, and a derived value with a plain number."""
    quote = re.sub(r"\s", "", clean(item.quote))
    if isinstance(item.value, str):
        return clean(item.value)
    if lang == "zh" and quote:
        return quote
    decimals = re.search(r"\d\.(\d+)", quote)
    places = len(decimals[1]) if decimals else 0 if quote else None
    unit = kind_of(item.unit)
    if not unit.base:
        kind = "percent" if (quote or item.unit).endswith(("%", "％")) else "number"
        return _number(item.value, kind, places, item, lang)
    if unit.base == "元":
        yi = _yi(item.value, item)
        return _money(yi, _decimals(yi) if places is None else places, lang)
    text = number(item.value, lang, _decimals(item.value, 8 if quote else 4))
    if unit.counted and unit.factor == 1:  # what is counted has its noun in the sentence
        return text
    if lang == "zh":
        return f"{text}{item.unit}"
    ratio = item.value * float(unit.factor)
    words = "/".join(label(part, lang) for part in unit.base.split("/"))
    return f"{number(ratio, lang, _decimals(ratio, 8 if quote else 4))} {words}"


def _date(text: str, lang: str) -> str:
    """Write an ISO date: 2023年9月30日 without leading zeros, or 30 September 2023."""
    parts = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text)
    if not parts:
        return text
    year, month, day = map(int, parts.groups())
    if lang == "zh":
        return f"{year}年{month}月{day}日"
    return f"{day} {_ENGLISH.split('|')[month - 1]} {year}"
