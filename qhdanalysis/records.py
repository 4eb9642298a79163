"""The record contract: one row a published value, with its unit, vintage and place."""

import re
from functools import cache
from typing import overload

import pandas as pd

from qhdanalysis._assets import DATA
from qhdanalysis.areas import squeeze

RECORD_COLUMNS = (
    "area",
    "area_code",
    "year",
    "indicator",
    "code",
    "value",
    "unit",
    "price_basis",
    "source",
    "source_url",
    "place",
    "level",
    "note",
)

# Ratios: a percentage can be any of these, and never a level.
_RATIOS = frozenset({"rate", "share", "index"})
_UNIT = (
    r"(?:[十百千万亿]*(?:人民币|人民|美|港|欧|日)?(?:元|人|户|吨|公斤|斤|亩|公顷|公里|平方公里|平方米|米|个|家|张|"
    r"项|辆|件|次|人次|千瓦时|度|标准煤|岁|年)(?:/(?:元|人|户|亩|平方公里|公里|年))?"
    r"|[%‰]|[万亿]|(?:(?:\d+|hundred|thousand|million|billion)\s*)*"
    r"(?:yuan|rmb|cny|usd|dollars?|persons?|people|households|tons|hectares|mu|unit)"
    r"(?:/(?:person|household|unit|ton))?)"
)
_PRICES = r"(?:按?(?:当年|现行|可比|不变)价格?(?:计算)?|按?现价(?:计算)?|(?:at)?currentprices)"
_BRACKET = re.compile(rf"\((?:单位:?)?(?:{_UNIT}|{_PRICES}|[,、，;]|\.)+\)")
_TAIL = re.compile(rf"(?:[_:,，\-—]|单位:?)*(?:{_UNIT}|{_PRICES})$")
_HEAD = re.compile(
    r"^(?:其中:?|[#*·•]|\d+[.、](?!\d)|[一二三四五六七八九十]+、|\([一二三四五六七八九十\d]+\)"
    r"|全[市县区省国]|本[市县区省]|我[市县区省]|(?:19|20)\d\d年?)+"
)
_FOOT = re.compile(r"(?:\d/|\[\d+\]|[①-⑳*]+)$")


@cache
def _indicators() -> pd.DataFrame:
    """Give ``data/indicators.csv``, one row a standard name."""
    return pd.read_csv(
        DATA / "indicators.csv", dtype="str", keep_default_na=False, encoding="utf-8"
    ).set_index("code")


@cache
def indicator_names(lang: str = "zh") -> dict[str, str]:
    """Give the standard name of each code in ``lang`` ("zh" or "en").

    Examples
    --------
    >>> indicator_names("zh")["gdp"]
    '地区生产总值'
    """
    return dict(_indicators()[lang])


@cache
def _words() -> dict[str, str]:
    """Give the code that each squeezed name or alias stands for."""
    table = _indicators()
    words = {}
    for code, zh, en, aliases in zip(
        table.index, table["zh"], table["en"], table["aliases"], strict=True
    ):
        for word in (code, zh, en, *filter(None, aliases.split("|"))):
            words[squeeze(word)] = code
    return words


def _code(words: str, unit: str) -> str:
    """Map one header to its code, trying the words as they are before stripping anything."""
    squeezed = squeeze(words)
    folded = _FOOT.sub("", squeezed)
    bare = _BRACKET.sub("", folded)
    # "国内生产总值(GDP)" says one thing twice.
    if (twice := re.fullmatch(r"(.+)\((.+)\)", bare)) and len(
        set(map(_words().get, twice.groups()))
    ) == 1:
        bare = twice[1]
    inner = "".join(_BRACKET.findall(folded)).strip("()")
    said = squeeze(unit) or inner or "".join(re.findall(r"[%‰]", folded))
    tries = [squeezed, folded, bare, _HEAD.sub("", bare), _TAIL.sub("", _HEAD.sub("", bare))]
    code = next((code for word in tries if (code := _words().get(word))), "")
    if not code:
        return ""
    # "第一产业 (%)" is a share or a growth rate, never value added: a ratio needs a ratio's code,
    # and "第一产业 (万人)" is employment.
    family = _indicators().at[code, "family"]
    percent = said.strip("()") in ("%", "‰", "百分比", "percent")
    people = re.fullmatch(r"[十百千万亿]*人", said) is not None
    fits = not (percent and family not in _RATIOS) and not (people and family != "people")
    return code if fits else ""


@overload
def standard_code(words: str, unit: str = "") -> str: ...
@overload
def standard_code(
    words: "pd.Series[str]", unit: "pd.Series[str] | str" = ""
) -> "pd.Series[str]": ...
def standard_code(
    words: "str | pd.Series[str]", unit: "str | pd.Series[str]" = ""
) -> "str | pd.Series[str]":
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
