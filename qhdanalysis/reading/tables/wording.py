"""What words say: the lists they are looked up in, and the units, years and places in them."""

import datetime as dt
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import pandas as pd

from qhdanalysis._assets import ASSETS, DATA
from qhdanalysis.units import number

remember = lru_cache(maxsize=50_000)  # a file says the same words over and over

_HAN = "一-龥〇"
_NUMERALS = "\u3007○零一二三四五六七八九"
_DIGITS = str.maketrans(_NUMERALS, "000123456789")
_EPOCH = dt.date(1899, 12, 30)
_LOOK_ALIKE = str.maketrans("oil", "011")


@cache
def words() -> dict[str, Any]:
    """Give the word lists, each compiled; ``[find]`` matches parts of a text, others whole ones."""
    with (ASSETS / "table_words.toml").open("rb") as file:
        lists = tomllib.load(file)
    find = lists["find"]
    relative = rf"(({find['part']})(累计|同比|当月|累计同比)?)"
    lists["column"]["relative"] += f"|{relative}"
    find["ratio"] = "|".join(find[name] for name in ("growth", "index", "share"))
    return {
        f"{section}.{name}": re.compile(rule) if isinstance(rule, str) else rule
        for section, rules in lists.items()
        for name, rule in rules.items()
    }


@remember
def squeeze(text: str) -> str:
    """Fold full-width forms and case and drop white space: the form in which words compare."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


@remember
def matches(name: str, text: str) -> bool:
    """Tell whether a whole text (for ``find.`` lists, a part of it) is in a word list."""
    rule = words()[name]
    return bool((rule.search if name.startswith("find.") else rule.fullmatch)(squeeze(text)))


def without(name: str, text: str) -> str:
    """Take what a ``find.`` list matches out of a text."""
    return str(words()[name].sub("", text.strip())).strip()


def part_of_year(text: str) -> str:
    """Give the words for a part of a year, or ''.

    Examples
    --------
    >>> part_of_year("2024年1—8月"), part_of_year("前三季度"), part_of_year("12月末")
    ('1—8月', '前三季度', '')
    """
    found = words()["find.part"].search(squeeze(text))
    return found[0] if found else ""


def has_han(text: str) -> bool:
    """Tell whether a text has a Chinese character."""
    return bool(re.search(f"[{_HAN}]", text))


@remember
def tidy(text: str) -> str:
    """Clean white space: none between Chinese characters, one elsewhere, line ends kept."""
    text = re.sub(r"_x000[dD]_|\r\n?", "\n", text)
    text = re.sub(r"[\u200b-\u200f\ufeff\u2060]", "", text)
    text = re.sub(rf"[一二][{_NUMERALS}]{{3}}(?=\s*年)", lambda y: y[0].translate(_DIGITS), text)
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(rf"(?<=[{_HAN}（(]) (?=[{_HAN}（）()])", "", text)
    return re.sub(r" ?\n ?", "\n", text).strip()


@remember
def chinese(text: str) -> str:
    """Drop the English translation beside or below Chinese words; join lines."""
    text = tidy(text)
    if not has_han(text):
        return re.sub(r"\s+", " ", text)
    lines = text.split("\n")
    text = "".join(t for t in lines if has_han(t) or not re.search(r"[A-Za-z]{3}|=", t))
    text = re.sub(rf"(?<=[{_HAN}]) ?[(（][^{_HAN}()（）]*[a-z]{{3}}[^{_HAN}]*[)）]?$", "", text)
    return re.sub(rf"(?<=[{_HAN})）]) ?[A-Z][A-Za-z]*[a-z]{{2}}[A-Za-z ,.()&/'-]*$", "", text)


@cache
def _units() -> frozenset[str]:
    names = pd.read_csv(ASSETS / "units.csv", dtype=str, encoding="utf-8")["unit"]
    return frozenset(squeeze(n) for n in names if not matches("unit.ambiguous", n))


@remember
def is_unit(text: str) -> bool:
    """Tell whether a text is a unit and nothing else.

    Examples
    --------
    >>> [is_unit(text) for text in ("亿元", "±%", "元/人", "100 million yuan", "现价")]
    [True, True, True, True, False]
    """
    plain = squeeze(text)
    if not plain or len(plain) > 40:
        return False
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    if re.fullmatch(r"[±+\-]*[%‰]", plain) or words()["unit.english"].fullmatch(folded):
        return True
    return all(
        any(
            part[i:] in _units()
            for i in range(len(part))
            if not part[:i].strip("十百千万亿0123456789")
        )
        for part in re.split(r"[/·]|每", plain)
    )


def is_percent(unit: str) -> bool:
    """Tell % and its like, written in whatever way."""
    return squeeze(unit).strip("±+-") in ("%", "‰", "个百分点", "百分点")


LEAD = re.compile(r"^(?:其\s*中\s*[:：]?|[#\uff03]+|[·•▲★◆*\uff0a]+)\s*")
_BRACKET = re.compile(r"[(（\[【]\s*(?:计?量?单位\s*[:：]?)?\s*([^()（）\[\]【】]+?)\s*[)）\]】]")
_TAIL = re.compile(r"(.+?)[\s_/,，:：|—-]+([^\s_,，:：|]+)")
# a year that stands for itself: not 比2013年, 按2010年价格, 2013=100, or the first of a range
_YEAR = re.compile(
    r"(?<![\d比较为以按=])((?:19|20)\d\d)(?!\d)(?:\.0+)?\s*(?:年(?![末底初]))?度?"
    r"(?!\s*(?:年?度?价|不变|可比|=100|年?[-—~至到]\s*\d))"
)
_RANGE = re.compile(
    r"(?:19|20)\d\d\s*年?\s*(?:[-—~至到\uff5e\uff0d]+)\s*(?:19|20)?\d\d(?:\s*年|\b)"
)
FOOT = re.compile(
    r"(?<=.)(?:[①-⑳*\uff0a†‡]+|\s[#\uff03]|(?<=[一-龥])\d[)）]|\s\d/|\[\d+\]|[⑴-⑽]|(?<=[)）])[a-z\d]{1,2}|[¹²³⁴⁵])$"
)


def _all_units(text: str) -> bool:
    return all(map(is_unit, text.split("、")))


@dataclass(frozen=True)
class Said:
    """What the words of a header, label or title say."""

    words: str = ""
    unit: str = ""
    year: int | None = None


@remember
def said(text: str) -> Said:
    """Take the unit and the year out of a text.

    Examples
    --------
    >>> said("地区生产总值（亿元）i")
    Said(words='地区生产总值', unit='亿元', year=None)
    >>> said("2014年为2013年%")
    Said(words='为2013年%', unit='%', year=2014)
    """
    if len(text) > 200:  # a paragraph, no header
        return Said(text)
    left = re.sub(r"^[(（](.*)[)）]$", r"\1", text) if is_unit(text.strip("()（）")) else text
    left = FOOT.sub("", LEAD.sub("", LEAD.sub("", chinese(left)))).strip()
    # 千册、件 over one column is its unit; 亿元、% is a list of several
    if is_unit(left) or (re.fullmatch("[^元%]+、[^元%]+", left) and _all_units(left)):
        return Said(unit=left)
    unit = ""
    for bracket in _BRACKET.finditer(left):
        inside = bracket[1].strip().removesuffix("计")
        if (
            is_unit(inside)
            or matches("unit.bracketed", inside)
            or (is_unit(inside[-1:]) and inside[-1] in "%％" and len(inside) < 4)
        ):
            unit = inside
            rest = left[bracket.end() :].strip()
            left = left[: bracket.start()] + ("" if re.fullmatch(r"[A-Za-z\d]", rest) else rest)
            break
    tail = None if unit else _TAIL.fullmatch(left)
    if tail and is_unit(tail[2]) and not (tail[2].isascii() and matches("unit.noun", tail[2])):
        left, unit = tail[1], tail[2]
    left = re.sub(r"(?<=[%\uff05]) ?\d{4}=100$", "", left)
    if not unit and left[-1:] in ("%", "\uff05"):
        unit, left = left[-1], left if left[-2:-1] == "年" else left[:-1]
    if not unit and re.match("(?i)percent ", left):
        unit = "%"
    unit = re.sub(r"^[±+-]+(?=[%％])", "", unit)
    year = None
    plain = left.translate({0xFF10 + i: str(i) for i in range(10)})
    if not _RANGE.search(plain) and (found := _YEAR.search(plain)):
        year = int(found[1])
        left = re.sub(r"[(（]\s*[)）]", "", left[: found.start()] + left[found.end() :])
    return Said(FOOT.sub("", left.strip()).strip(" ,，:：、±_."), unit, year)


@remember
def year_of(text: str) -> tuple[int, bool] | None:
    """Read a header or label that is a year and nothing else, and tell whether it was repaired.

    Examples
    --------
    >>> year_of("2020年"), year_of("２０２１年"), year_of("2022-12-31"), year_of("2023.0")
    ((2020, False), (2021, True), (2022, True), (2023, True))
    >>> year_of("22年"), year_of("十三五末"), year_of("2O22年"), year_of("2022-03-31")
    ((2022, True), (2020, True), (2022, True), None)
    """
    plain = re.sub(r"[\u2018\u2019\u201c\u201d'\"]", "", squeeze(tidy(text)))
    plain = re.sub(r"^[xy](?=\d{4})", "", plain)  # X2010: a name that a program has made
    if found := re.fullmatch(
        r"(?:fy|公元)?((?:19|20)\d\d)(\.0+)?(?:年度?|财年)?(?:[末底]|全年)?(?:\[(?:yr\d{4}|[a-z])\])?",
        plain,
    ):
        return int(found[1]), bool(found[2]) or found[1] not in text
    if found := re.fullmatch(
        r"((?:19|20)\d\d)(?:[-/.]|年)(?:12(?:[-/.]|月)31|0?1(?:[-/.]|月)0?1)日?", plain
    ):
        return int(found[1]), True
    if re.fullmatch(r"[1il]9[\doil]{2}年?|2[0o][\doil]{2}年?", plain) and not plain[:4].isdecimal():
        return int(plain[:4].translate(_LOOK_ALIKE)), True
    if found := re.fullmatch(r"(?:民[国國])?(1[0-2]\d)年度?", plain):  # 1912 is the first
        return 1911 + int(found[1]), True
    if found := re.fullmatch(r"(\d\d)年[末底度]?", plain):
        return (1900 if int(found[1]) > 48 else 2000) + int(found[1]), True
    if found := re.fullmatch(r"([六七八九]|十[一二三四五]?)五(?:时期|期|规划)?末年?", plain):
        return 1955 + 5 * int(number(found[1])), True
    # a year-end as the number that Excel keeps for it, and 2022 shown as a date: 1905-07-14
    if re.fullmatch(r"[34]\d{4}|5[0-4]\d{3}", plain):
        day = _EPOCH + dt.timedelta(days=int(plain))
        return (day.year, True) if (day.month, day.day) in ((12, 31), (1, 1)) else None
    if re.fullmatch(r"1905-\d\d-\d\d", plain):
        return (dt.date.fromisoformat(plain) - _EPOCH).days, True
    return None


@remember
def fiscal_year(text: str) -> int | None:
    """Read a year that begins in one calendar year and ends in the next.

    Examples
    --------
    >>> fiscal_year("2012-13"), fiscal_year("2012/2013"), fiscal_year("2012-2020")
    (2012, 2012, None)
    """
    found = re.fullmatch(r"((?:19|20)\d\d)[-/\u2013]((?:19|20)?\d\d)", squeeze(text))
    ends = found and (int(found[1]) + 1) % 10 ** len(found[2]) == int(found[2])
    return int(found[1]) if found and ends else None


@remember
def dated(text: str) -> tuple[int, str] | None:
    """Read a day, or a year and a month, as the year and the month in words.

    Examples
    --------
    >>> dated("2022-03-31"), dated("2022/6"), dated("202209"), dated("2022年")
    ((2022, '3月'), (2022, '6月'), (2022, '9月'), None)
    """
    plain = squeeze(text)
    rule = r"((?:19|20)\d\d)(?:[-/.年](0?[1-9]|1[0-2])(?:[-/.月]\d{1,2}日?|月)?|(0[1-9]|1[0-2]))"
    found = re.fullmatch(rule, plain)
    return (int(found[1]), f"{int(found[2] or found[3])}月") if found else None


@remember
def is_place(text: str) -> bool:
    """Tell whether words look like the name of an area."""
    plain = LEAD.sub("", squeeze(text))
    if matches("places.kinds", plain):
        return False
    listed = ("row.subtotal", "places.provinces", "places.suffixed")
    return any(matches(name, plain) for name in listed) or plain in _known_places()


@cache
def _known_places() -> frozenset[str]:
    """Give the names and short names of the shipped divisions."""
    table = pd.read_csv(DATA / "areas.csv", dtype=str, keep_default_na=False, encoding="utf-8")
    names = chain(table["name"], chain.from_iterable(table["aliases"].str.split("|")))
    return frozenset(map(squeeze, names)) - {""}
