"""Records that break the contract, and values that cannot be right."""

import math

import numpy as np
import pandas as pd

from qhdanalysis.areas import near_areas
from qhdanalysis.errors import PanelError
from qhdanalysis.names import indicator_families, is_rate, near_names, standard_code, unit_fits
from qhdanalysis.records import PRICE_BASES, RECORD_COLUMNS, conform, keys_of, unit_factor

__all__ = ["check_records"]

_COUNTED = ("people", "area", "count", "mass", "length", "years", "people_per_household", "visits")


def check_records(records: pd.DataFrame) -> pd.DataFrame:
    """Check records against the contract and look for values that cannot be right.

    Nothing is changed. A breach of the contract is an error; what only looks wrong is a row of the
    report, because a publisher may mean it.

    Parameters
    ----------
    records : DataFrame
        The columns of the record contract.

    Returns
    -------
    DataFrame
        One row per problem: ``row`` (index label in ``records``), ``place``, ``area``, ``year``,
        ``indicator``, ``issue``, ``problem`` (in words), ``guess`` (what may be meant, or ''): a
        unit, a name one letter away. The issues are

        - unmapped: the words of an indicator are no standard name (told once for each),
        - area: no area of this name is known, but one that is one letter away (told once),
        - unit: it does not measure the indicator, such as 吨 for GDP (told once for each),
        - duplicate: a source gives a value of one area, year and indicator more than once,
        - unit, price_basis: a series of one source mixes them,
        - impossible: a negative count, a share outside 0 to 100%, growth below -100%, an index not
          above 0, a year outside 1900 to 2100,
        - scale: a power of ten away from its neighbours in time, such as 万元 under 亿元.

    Raises
    ------
    PanelError
        If a column is missing, a year is not a whole number, a value is not a number, a text is
        missing, or a price basis is unknown.

    Examples
    --------
    >>> from qhdanalysis.records import RECORD_COLUMNS
    >>> row = dict.fromkeys(RECORD_COLUMNS, "") | {"area": "甲县", "code": "gdp", "unit": "亿元"}
    >>> toy = pd.DataFrame([row] * 4).assign(year=range(2018, 2022), price_basis="current")
    >>> check_records(toy.assign(value=[338.7, 351.0, 3660500, 381.2]))[["year", "guess"]]
       year guess
    0  2020    万元
    """
    labels, table = records.index, conform(records)
    for name in RECORD_COLUMNS:
        bad = np.isinf(table["value"]) if name == "value" else records[name].isna().array
        if name == "price_basis":
            bad |= ~table[name].isin(PRICE_BASES)
        if np.any(bad):
            raise PanelError(
                f"{name} is {records[name][bad].iloc[0]!s} in row {labels[bad][0]}. A missing text "
                f"is '', a missing value NaN, a price basis one of {', '.join(PRICE_BASES)}."
            )
    records = table
    keys = keys_of(records).assign(source=records["source"])
    full = keys.assign(unit=records["unit"], basis=records["price_basis"])
    series = full.groupby(["who", "what", "source"])
    family, value = indicator_families(records["code"]), records["value"]
    percent = records["unit"].isin(["%", "％"]) & value.notna()
    share, rate = family.eq("share") & percent, family.eq("rate") & percent
    no_code, unit = records["code"].eq(""), records["unit"]
    meant = records["code"].where(~no_code, standard_code(records["indicator"]))
    wrong_unit = ~unit_fits(meant, unit)
    unmapped = no_code & (meant.eq("") | wrong_unit & is_rate(unit))  # 第一产业(%) has no name
    near_area = near_areas(records["area"], records["area_code"])
    problems = {
        ("unmapped", "no standard name has these words"): _first(unmapped, records["indicator"]),
        ("area", "no area of this name is known"): _first(near_area.ne(""), records["area"]),
        ("duplicate", "stands more than once in this source"): full.duplicated(keep=False),
        ("unit", "the series mixes units"): series["unit"].transform("nunique").gt(1),
        ("price_basis", "the series mixes price bases"): series["basis"].transform("nunique").gt(1),
        ("impossible", "a count cannot be negative"): family.isin(_COUNTED) & value.lt(0),
        ("impossible", "a share lies within 0 and 100%"): share & ~value.between(0, 100),
        ("impossible", "nothing falls by more than 100%"): rate & value.lt(-100),
        ("impossible", "an index is above 0"): family.eq("index") & value.le(0),
        ("impossible", "no year of a statistic"): ~records["year"].between(1900, 2100),
    }
    for which, rows in meant[wrong_unit & ~unmapped].groupby([meant, unit]):
        words = f"{which[1]} does not measure {which[0]} ({indicator_families(rows).iloc[0]})"
        problems["unit", words] = meant.index.isin(rows.index[:1])
    power = _scale(value, full)
    for n in power[power.ne(0)].unique():
        problems["scale", f"about 10^{n} times the values beside it in time"] = power.eq(n)
    guesses = {
        "unmapped": near_names(records["indicator"].where(meant.eq(""), "")),
        "area": near_area,
        "scale": pd.Series(
            [_other_unit(*pair) if pair[1] else "" for pair in zip(unit, power, strict=True)],
            power.index,
            dtype="str",
        ),
    }
    report = pd.concat(
        [
            records.assign(issue=issue, problem=words, guess=guesses.get(issue, ""))[rows]
            for (issue, words), rows in problems.items()
        ]
    ).sort_index(kind="stable")
    kept = ["place", "area", "year", "indicator", "issue", "problem", "guess"]
    report.insert(0, "row", labels[report.index])
    return report[["row", *kept]].reset_index(drop=True)


def _first(rows: "pd.Series[bool]", words: "pd.Series[str]") -> "pd.Series[bool]":
    """Keep the first of the rows that have the same words."""
    return rows & ~words.where(rows).duplicated()


def _scale(value: "pd.Series[float]", keys: pd.DataFrame) -> "pd.Series[int]":
    """Give the power of ten by which a value is away from those beside it in time, mostly 0.

    A value is compared with the median of the two before and the two after it, if these agree; a
    level that jumps by a thousand or more and stays is told at its first year.
    """
    log = np.log10(value.where(value > 0))
    order = keys.assign(log=log).sort_values("year", kind="stable")
    by = [order[name] for name in ("who", "what", "source", "unit", "basis")]
    series = order["log"].groupby(by)
    beside = pd.concat([series.shift(step) for step in (2, 1, -1, -2)], axis=1)
    middle = beside.median(axis=1)
    spread = beside.sub(middle, axis=0).abs().median(axis=1)
    away = order["log"] - middle
    power = away.round().fillna(0)
    # One digit can move by itself in a small series; two cannot.
    near = np.where(power.abs() > 1, 0.35, 0.1)
    agree = spread.lt(near) & beside.count(axis=1).ge(2)
    power = power.where((away - power).abs().lt(near) & agree, 0)
    kept = order["log"].where(power.eq(0))
    before = kept.groupby(by).ffill().groupby(by).shift(1)
    power = power.mask((kept - before).abs().gt(2.65), (kept - before).round())
    return power.astype("int64").reindex(value.index)


def _other_unit(unit: str, power: int) -> str:
    """Guess the unit in which a value would fit that is 10^power off in ``unit``."""
    bare = unit.lstrip("十百千万亿")
    units = [scale + bare for scale in ("", "千", "万", "百万", "千万", "亿", "万亿")]
    fits = [other for other in units if math.isclose(unit_factor(other, unit), 10.0**-power)]
    return fits[0] if fits else ""
