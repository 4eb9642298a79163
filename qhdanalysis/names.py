"""Standard names of indicators: what the words of a header or a sentence are called everywhere.

The names stand in ``data/indicators.csv``: code, Chinese and English name, aliases, unit family.
"""

import re
from functools import cache
from typing import overload

import pandas as pd

from qhdanalysis._assets import DATA
from qhdanalysis.areas import squeeze
from qhdanalysis.errors import UnitError
from qhdanalysis.spelling import Near
from qhdanalysis.units import fold, lookup

__all__ = [
    *("indicator_families", "indicator_names", "is_rate", "near_names", "standard_code"),
    "unit_fits",
]

# Unit family in _assets/units.csv -> families of indicators that are measured so.
_FITS = {name: (name,) for name in ("mass", "area", "length", "energy", "power")} | {
    "money": ("money", "money_per_person"),
    "person": ("people", "visits"),
    "ratio": ("rate", "share", "index"),
    "points": ("rate", "share"),
    "index": ("index",),
}
_PRICES = re.compile(r"按?(当年|现行|可比|不变)价格?(计算)?|按?现价(计算)?|(at )?current prices")
_BRACKET = re.compile(r"\(([^()]*)\)")
_HEAD = re.compile(
    r"^(?:其中:?|[#*·•]|\d+[.、](?!\d)|[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)"
    r"|[全本我][市县区省]|全国|实现|完成|(?:19|20)\d\d年?)+"
)
_LONGEST_UNIT = 20  # characters at the end of a name in which a unit is looked for
_GROWTH = re.compile(
    r"(?:同比|[比较]上年(?:同期)?)?(?:名义|实际)?(?:增长|增减|增速|增幅)(?:率|速度)?$"
)
_FOOT = re.compile(r"(?:\d/|\[\d+\]|[①-⑳*]+)$")


@cache
def _indicators() -> pd.DataFrame:
    """Give ``data/indicators.csv``, one row a standard name."""
    path = DATA / "indicators.csv"
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8").set_index("code")


@cache
def indicator_names(lang: str = "zh") -> dict[str, str]:
    """Give the standard name of each code in ``lang`` ("zh" or "en").

    Examples
    --------
    >>> indicator_names("zh")["gdp"]
    '地区生产总值'
    """
    return dict(_indicators()[lang])


def indicator_families(codes: "pd.Series[str]") -> "pd.Series[str]":
    """Give the unit family of each code, '' where it is no standard name.

    Examples
    --------
    >>> indicator_families(pd.Series(["gdp", "share_primary"])).tolist()
    ['money', 'share']
    """
    return codes.map(_indicators()["family"]).fillna("")


@cache
def _words() -> dict[str, str]:
    """Give the code that each squeezed name or alias stands for."""
    table = _indicators()
    texts = table["zh"] + "|" + table["en"] + "|" + table["aliases"]
    known = {squeeze(word): code for code, text in texts.items() for word in text.split("|")}
    return known | dict(zip(table.index, table.index, strict=True)) | {"": ""}


def _unit(text: str) -> str:
    """Give the family of a unit, "prices" for a price basis, '' for other words."""
    if _PRICES.fullmatch(text):
        return "prices"
    try:
        return lookup(text).family.split(" ")[0]
    except UnitError:
        return ""


def _code(words: str, unit: str) -> str:
    """Map one header to its code, trying the words as they are before stripping anything."""
    known, said = _words(), [_unit(unit)]

    def strip(bracket: re.Match[str]) -> str:
        parts = [
            _unit(part.strip()) for part in re.split(r"[,、，;:]|单位", bracket[1]) if part.strip()
        ]
        before = known.get(squeeze(bracket.string[: bracket.start()]))
        if all(parts) or (before and before == known.get(squeeze(bracket[1]))):
            said.extend(parts)
            return ""
        return bracket[0]

    text = fold(words).strip()
    bare = squeeze(_BRACKET.sub(strip, _FOOT.sub("", text)))
    short = _HEAD.sub("", bare)
    code = next((known[word] for word in (squeeze(text), bare, short) if word in known), "")
    for cut in range(len(short) - 1, max(1, len(short) - _LONGEST_UNIT), -1):
        if not code and (tail := _unit(short[cut:])):
            code = known.get(short[:cut].rstrip("_:,-—、"), "")
            said += [tail] if code else []
    if not code and (base := known.get(_GROWTH.sub("", short))):
        code = known.get(f"{base}_growth", "")
    # "第一产业(%)" is a share or a growth rate, never value added; in 万人 it is employment.
    family = _indicators()["family"].get(code, "")
    return code if all(_fits(family, each) for each in said) else ""


def _fits(family: str, unit_family: str) -> bool:
    return family in _FITS.get(unit_family, (family,))


def unit_fits(codes: "pd.Series[str]", units: "pd.Series[str]") -> "pd.Series[bool]":
    """Tell where a unit can measure an indicator; also where one of the two is not known.

    Examples
    --------
    >>> unit_fits(pd.Series(["gdp", "gdp", ""]), pd.Series(["亿元", "万吨", "%"])).tolist()
    [True, False, True]
    """
    families, kinds = indicator_families(codes), units.map({u: _unit(u) for u in units.unique()})
    pairs = zip(families, kinds, strict=True)
    return pd.Series([not name or _fits(name, kind) for name, kind in pairs], codes.index, "bool")


def is_rate(units: "pd.Series[str]") -> "pd.Series[bool]":
    """Tell which units are those of rates, shares and indices.

    Examples
    --------
    >>> is_rate(pd.Series(["%", "上年=100", "亿元"])).tolist()
    [True, True, False]
    """
    return units.isin([u for u in units.unique() if _unit(u) in ("ratio", "points", "index")])


@cache
def _near() -> Near:
    return Near(word for word in _words() if len(word) > 4)


def near_names(words: "pd.Series[str]") -> "pd.Series[str]":
    """Give the standard names that are one letter away from header words, '' if there are none.

    In a word of four letters another one is another thing: 水稻产量 is no 水果产量.

    Examples
    --------
    >>> near_names(pd.Series(["地区生产总植", "地区生产总值", "啤酒产量"])).tolist()
    ['地区生产总值', '地区生产总值', '']
    """
    names = {}
    for word in words.unique():
        short = _HEAD.sub("", squeeze(_BRACKET.sub("", fold(word))))
        codes = [_words()[near] for near in _near()(short)] if len(short) > 4 else []
        names[word] = ", ".join(indicator_names()[code] for code in dict.fromkeys(codes[:3]))
    return words.map(names).astype("str")


@overload
def standard_code(words: str, unit: str = "") -> str: ...
@overload
def standard_code(
    words: "pd.Series[str]", unit: "pd.Series[str] | str" = ""
) -> "pd.Series[str]": ...
def standard_code(words: str | pd.Series, unit: str | pd.Series = "") -> str | pd.Series:
    """Map the words of a header to the code of the standard name in ``data/indicators.csv``.

    White space, full-width forms, brackets with a unit or a price basis, 其中, # and item numbers
    are passed over; a bracket with other words ("不含开发区") changes the scope and is not.

    Parameters
    ----------
    words : str or Series of str
        Header words as printed, in Chinese or English.
    unit : str or Series of str, default ""
        The unit that goes with them: 第一产业 in 亿元 is value added, in % it is not.

    Returns
    -------
    str or Series of str
        The code, or '' where the words are no standard name or the unit does not fit.

    Examples
    --------
    >>> standard_code("地区生产总值（亿元）"), standard_code("全市生产总值"), standard_code("GDP")
    ('gdp', 'gdp', 'gdp')
    >>> standard_code("第一产业", "%")
    ''
    """
    if isinstance(words, str):
        return _code(words, str(unit))
    units = unit if isinstance(unit, pd.Series) else pd.Series(unit, index=words.index)
    pairs = pd.MultiIndex.from_arrays([words.fillna("").astype(str), units.fillna("").astype(str)])
    places, distinct = pairs.factorize()
    codes = pd.array([_code(*pair) for pair in distinct], dtype="str")
    return pd.Series(codes.take(places), index=words.index)
