"""Administrative divisions by date: names to codes, what lies in what, and what changed when.

A year means the state at its end. A boundary change ends one area and starts another; a new code,
name or rank for the same territory does not. Hebei is known for every year since 1980, the rest of
the country as of 2019 and 2026 (``load_dataset("areas")`` says so row by row).
"""

import difflib
import re
import unicodedata
import warnings
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from qhdanalysis._assets import DATA
from qhdanalysis.errors import AreaError
from qhdanalysis.spelling import Near
from qhdanalysis.units import fold

__all__ = [
    *("children", "events", "is_functional_zone", "match_areas", "near_areas"),
    *("parents", "resolve_area", "resolve_areas", "settle_codes", "squeeze", "warn_of_zones"),
]

_OPEN = 9999  # the year in which an area ends that still stands
_LEAD = re.compile(r"^(?:其中:?|[#*·•]|[一二三四五六七八九十]+、)+")
_Inside = tuple[frozenset[str], ...]


def squeeze(text: str) -> str:
    """Fold full-width forms and case and drop white space: the form in which words are compared.

    Examples
    --------
    >>> squeeze("地区 生产总值（亿元）")
    '地区生产总值(亿元)'
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


class _Row(NamedTuple):
    """One line of ``areas.csv``; ``line`` holds its own code and those above it."""

    at: int
    code: str
    name: str
    key: str
    kind: str
    since: int
    until: int
    place: str
    line: frozenset[str]

    def __str__(self) -> str:
        ended = f" to {self.until}" if self.until != _OPEN else ""
        return f"{self.name} ({self.code}){f' from {self.since}' if self.since else ''}{ended}"


@cache
def _csv(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv", dtype="str", keep_default_na=False, encoding="utf-8")


@cache
def _rows() -> tuple[_Row, ...]:
    table = _csv("areas")
    above = dict(zip(table["code"], table["parent"], strict=True))
    rows = []
    for at, item in enumerate(table.itertuples(index=False)):
        line, code = {item.code}, item.parent
        while code:
            line.add(code)
            code = above[code]
        since, until, key = (
            int(item.valid_from or 0),
            int(item.valid_to or _OPEN),
            squeeze(item.name),
        )
        place, above_it = item.place, frozenset(line)
        rows.append(_Row(at, item.code, item.name, key, item.kind, since, until, place, above_it))
    return tuple(rows)


@cache
def _index() -> dict[str, list[_Row]]:
    """Give the rows that a name, a short name, another name or a code can mean."""
    index: dict[str, list[_Row]] = {}
    for row, aliases in zip(_rows(), _csv("areas")["aliases"], strict=True):
        for word in {row.key, row.code, *map(squeeze, filter(None, aliases.split("|")))}:
            index.setdefault(word, []).append(row)
    return index


def _key(name: object) -> str:
    """Give the form in which a name is looked up; a code read as a number loses its ``.0``."""
    text = _LEAD.sub("", squeeze(fold(str(name)))).replace("巿", "市")
    return re.sub(r"^(\d{6})\.0+$", r"\1", text)


def _pool(key: str, inside: _Inside) -> list[_Row]:
    """Give the rows that ``key`` can mean within each of ``inside``, also "河北省昌黎县"."""
    rows = [r for r in _index().get(key, ()) if not any(r.line.isdisjoint(c) for c in inside)]
    for cut in range(2, len(key) - 1):
        if not rows and (head := _index().get(key[:cut])):
            rows = _pool(key[cut:], (*inside, frozenset(row.code for row in head)))
    return rows


def _match(
    key: str, inside: _Inside, year: int | None, kind: str | None
) -> tuple[_Row | None, str, list[_Row]]:
    """Resolve one name to a row, or give the status and the rows that it could mean."""
    pool = [row for row in _pool(key, inside) if kind in (None, row.kind)]
    valid = [row for row in pool if year is None or row.since <= year < row.until]
    # A full name goes before a short one; a short name that a province has means the province.
    chosen = [row for row in valid if key == row.key] or valid
    chosen = [row for row in chosen if row.kind == "province"] or chosen
    places = {row.place for row in chosen}
    if len(places) == 1:
        return max((r for r in valid if r.place in places), key=lambda r: r.since), "ok", []
    if chosen:
        return None, "ambiguous", chosen
    return None, "not in that year" if pool else "unmatched" if key else "blank", pool


def _inside(within: str | None) -> _Inside:
    """Give the codes that the area ``within`` has had."""
    if within is None:
        return ()
    row, status, rivals = _match(_key(within), (), None, None)
    if row is None:
        raise AreaError(f"within={within!r}: {_reason(str(within), status, rivals, (), None)}")
    return (frozenset(each.code for each in _rows() if each.place == row.place),)


def _near(key: str, inside: _Inside) -> str:
    """Give up to three known names like ``key``, those of the same first character first."""
    letters = set(key) - set("省市县区旗") or set(key)
    words = {
        word: row
        for word, rows in _index().items()
        if not letters.isdisjoint(word)
        for row in sorted(rows, key=lambda row: row.until)
        if not any(row.line.isdisjoint(codes) for codes in inside)
    }
    # Letters of the alphabet are few, so that any two words of them share half.
    close = difflib.get_close_matches(key, words, n=12, cutoff=0.8 if key.isascii() else 0.5)
    close.sort(key=lambda word: word[0] != key[0])
    return ", ".join(list(dict.fromkeys(f"{words[w].name} ({words[w].code})" for w in close))[:3])


def _reason(
    name: str, status: str, rivals: list[_Row], inside: _Inside, year: int | None, near: bool = True
) -> str:
    """Say why a name was not resolved, and what to do."""
    if status == "ambiguous":
        latest = {row.place: row for row in sorted(rivals, key=lambda row: row.since)}
        more = f" and {len(latest) - 5} more" if len(latest) > 5 else ""
        some = ", ".join(map(str, list(latest.values())[:5]))
        return f"{name} can be {some}{more}. Say which with within=, year= or kind=."
    if year is not None and status == "not in that year":
        row = max(rivals, key=lambda row: row.until)
        if year < row.since:
            row = min(rivals, key=lambda row: row.since)
        ended, log = year >= row.until, _csv("area_events")
        turn, side = (row.until, "before") if ended else (row.since, "after")
        told = log.loc[log["year"].eq(str(turn)) & log[side].str.contains(row.code), "note"]
        said = f" In {turn}: {'; '.join(told)}." if len(told) else ""
        remedy = f"up to {turn - 1}, or ask for what followed" if ended else f"from {turn} on"
        fact = f"{row.name} ({row.code}) did not stand at the end of {year}."
        return f"{fact}{said} Pass a year {remedy}."
    close = _near(_key(name), inside) if near else ""
    remedy = "Give it in Chinese" if name and name.isascii() else "Correct the name"
    hint = f" Near: {close}." if close else f" {remedy} or give the code."
    return f"{name!r} is no area known{' there' if inside else ''}.{hint}"


def resolve_area(
    name: str, *, within: str | None = None, year: int | None = None, kind: str | None = None
) -> pd.Series:
    """Find the administrative division that a name or code means.

    Parameters
    ----------
    name : str
        Full or short name ("昌黎", "河北省昌黎县"), or a six-digit code; a code of the statistics
        lists (139001 for 定州市) is known as another name of the area.
    within : str, optional
        Name or code of an area that holds it.
    year : int, optional
        The state at the end of this year. Without it the name may be of any time, and the latest
        row under that name is given.
    kind : str, optional
        "province", "prefecture", "city" (county level), "district", "county", "functional zone" or
        "aggregate".

    Returns
    -------
    Series
        ``code, name, aliases, parent, kind, valid_from, valid_to, place, source, note``; the last
        year of an area that still stands is ''.

    Raises
    ------
    AreaError
        If the name is unknown (near ones are named), means several places, or no area of that name
        stood at the end of ``year`` (the change is told).

    Notes
    -----
    A short name of a province ("河北", "吉林") means the province, unless ``within`` or ``kind``
    says otherwise; every other doubt is an error.

    Examples
    --------
    >>> resolve_area("昌黎", within="秦皇岛市", year=2010).code
    '130322'
    >>> resolve_area("抚宁", year=2010).code, resolve_area("抚宁", year=2020).code
    ('130323', '130306')
    """
    inside = _inside(within)
    row, status, rivals = _match(_key(name), inside, year, kind)
    if row is None:
        raise AreaError(_reason(str(name), status, rivals, inside, year))
    return _csv("areas").iloc[row.at].rename(row.name)


def match_areas(
    names: pd.Series,
    *,
    within: str | None = None,
    year: int | pd.Series | None = None,
    kind: str | None = None,
) -> pd.DataFrame:
    """Report how each distinct name of a column is resolved.

    Parameters
    ----------
    names : Series of str
        Names or codes.
    within : str, optional
        Name or code of an area that holds them all.
    year : int or Series of int, optional
        The state at the end of this year: one for all, or one for each name on the same index.
    kind : str, optional
        Kind of area wanted, as in `resolve_area`.

    Returns
    -------
    DataFrame
        One row per distinct name and year: ``name``, ``year`` (missing if not given), ``area_code``
        ('' if not resolved), ``area`` (the full name), ``status`` ("ok", "unmatched", "ambiguous",
        "not in that year", "blank"), ``reason`` (with near names for the first 20 failures).

    Examples
    --------
    >>> match_areas(pd.Series(["昌黎", "昌犁县"]))["status"].tolist()
    ['ok', 'unmatched']
    """
    return _matched(names, within, year, kind, len(names))[0]


def _matched(
    names: "pd.Series[Any]",
    within: str | None,
    year: "int | pd.Series[int] | None",
    kind: str | None,
    reasons: int,
) -> tuple[pd.DataFrame, Any]:
    """Give the report, reasons for the first failures, and each name's row in the report."""
    inside, names = _inside(within), pd.Series(names)
    years = year if isinstance(year, pd.Series) else pd.Series(year, names.index, dtype="Int64")
    keys = pd.DataFrame({"name": names.fillna("").astype(str), "year": years.astype("Int64")})
    groups = keys.reset_index(drop=True).groupby(["name", "year"], sort=False, dropna=False)
    distinct = groups.head(1).reset_index(drop=True)
    lines, failures = [], 0
    for name, at in zip(distinct["name"], distinct["year"], strict=True):
        when = None if at is pd.NA else int(at)
        row, status, rivals = _match(_key(name), inside, when, kind)
        code, area, why = (row.code, row.name, "") if row else ("", "", "")
        if status not in ("ok", "blank"):
            failures += 1
            if failures <= reasons:  # looking for near names takes most of the time
                why = _reason(name, status, rivals, inside, when, near=failures <= 20)
        lines.append((code, area, status, why))
    told = pd.DataFrame(lines, columns=["area_code", "area", "status", "reason"], dtype="str")
    return distinct.join(told), groups.ngroup().to_numpy()


def resolve_areas(
    names: pd.Series,
    *,
    within: str | None = None,
    year: int | pd.Series | None = None,
    kind: str | None = None,
) -> pd.Series:
    """Find the codes of a whole column of names at once.

    Parameters
    ----------
    names : Series of str
        Names or codes.
    within : str, optional
        Name or code of an area that holds them all.
    year : int or Series of int, optional
        The state at the end of this year: one for all, or one for each name on the same index.
    kind : str, optional
        Kind of area wanted, as in `resolve_area`.

    Returns
    -------
    Series of str
        Six-digit codes on the index of ``names``; '' where a name is not resolved.

    Warns
    -----
    UserWarning
        Counts and names what was not resolved, with near candidates; `match_areas` tells all.

    Examples
    --------
    >>> resolve_areas(pd.Series(["昌黎县", "卢龙"]), within="秦皇岛市").tolist()
    ['130322', '130324']
    """
    report, places = _matched(names, within, year, kind, 3)
    failed = report.loc[~report["status"].isin(["ok", "blank"]), "reason"]
    if len(failed):
        more = " match_areas() lists all." if len(failed) > 3 else ""
        warnings.warn(
            f"{len(failed)} of {len(report)} distinct area names are not resolved. "
            f"{' '.join(failed.head(3))}{more}",
            stacklevel=2,
        )
    return report["area_code"].take(places).set_axis(pd.Series(names).index)


def is_functional_zone(codes: "pd.Series[str]") -> "pd.Series[bool]":
    """Mark the codes of functional zones, which overlap the districts and counties that host them.

    Examples
    --------
    >>> is_functional_zone(pd.Series(["130302", "130371"])).tolist()
    [False, True]
    """
    return codes.isin([row.code for row in _rows() if row.kind == "functional zone"])


def warn_of_zones(codes: "pd.Series[str]", names: "pd.Series[str]", *, stacklevel: int = 3) -> None:
    """Warn where functional zones stand beside the districts and counties that host them.

    Examples
    --------
    >>> warn_of_zones(pd.Series(["130300", "130371"]), pd.Series(["秦皇岛市", "开发区"]))
    """
    city, zone = codes.str[:4], is_functional_zone(codes)
    beside = zone & city.isin(city[~zone & ~codes.str.endswith("00")].unique())
    if beside.any():
        warnings.warn(
            f"{', '.join(names[beside].unique()[:5])}: functional zones overlap the districts and "
            "counties that host them. Do not sum them with these.",
            stacklevel=stacklevel,
        )


@cache
def _near_names() -> Near:
    """Give the full names of the areas that stand today."""
    return Near(row.key for row in _rows() if row.until == _OPEN and len(row.key) > 2)


def near_areas(names: "pd.Series[str]", codes: "pd.Series[str]") -> "pd.Series[str]":
    """Give the areas one letter away from names without a code that are not known, '' for others.

    Those of the prefectures that the codes of the other rows name come first.

    Examples
    --------
    >>> near_areas(pd.Series(["卢农县", "昌黎县"]), pd.Series(["", "130322"])).tolist()
    ['卢龙县, 卢氏县', '']
    """
    found: dict[str, str] = {}
    beside = set(codes.str[:4])
    for name in names[codes.eq("")].unique():
        key = _key(name)
        if len(key) < 3 or _match(key, (), None, None)[1] != "unmatched":
            continue
        rows = [row for near in _near_names()(key) for row in _index()[near] if row.key == near]
        rows.sort(key=lambda row: row.code[:4] not in beside)
        found[name] = ", ".join(list(dict.fromkeys(row.name for row in rows))[:3])
    return names.map(lambda name: found.get(name, "")).where(codes.eq(""), "").astype("str")


def settle_codes(codes: "pd.Series[str]", years: "pd.Series[int]") -> "pd.Series[str]":
    """Replace the other code of an area by its own; codes that are not known stay as they are.

    Examples
    --------
    >>> settle_codes(pd.Series(["139001", "130682.0", "19001"]), pd.Series([2016] * 3)).tolist()
    ['130682', '130682', '19001']
    """
    report, places = _matched(codes, None, years, None, 0)
    own = report["area_code"].where(report["status"].eq("ok"), report["name"])
    return own.take(places).set_axis(codes.index)


def _standing(year: int | None) -> pd.DataFrame:
    """Give the rows of ``areas.csv`` at the end of ``year``, by default today."""
    kept = [r.at for r in _rows() if r.until == _OPEN or (year is not None and r.until > year)]
    return _csv("areas").iloc[[at for at in kept if year is None or _rows()[at].since <= year]]


def children(area: str, *, year: int | None = None, zones: bool = False) -> pd.DataFrame:
    """List the areas directly below one.

    Parameters
    ----------
    area : str
        Name or code.
    year : int, optional
        The state at the end of this year; by default today's.
    zones : bool, default False
        Also list functional zones, which overlap the districts and counties that host them, and the
        aggregate of the urban districts. Never add them to the others.

    Returns
    -------
    DataFrame
        The rows of ``areas.csv``, ordered by code.

    Raises
    ------
    AreaError
        As `resolve_area` does.

    Examples
    --------
    >>> children("秦皇岛市", year=2014)["name"].tolist()
    ['海港区', '山海关区', '北戴河区', '青龙满族自治县', '昌黎县', '抚宁县', '卢龙县']
    """
    table = _standing(year)
    below = table["parent"].eq(resolve_area(area, year=year)["code"])
    outside = table["kind"].isin(["functional zone", "aggregate"])
    return table[below & (zones | ~outside)].reset_index(drop=True)


def parents(area: str, *, year: int | None = None) -> pd.DataFrame:
    """List the areas above one, the nearest first.

    Parameters
    ----------
    area : str
        Name or code.
    year : int, optional
        The state at the end of this year; by default today's, or the last of an area that ended.

    Returns
    -------
    DataFrame
        The rows of ``areas.csv``.

    Raises
    ------
    AreaError
        As `resolve_area` does.

    Examples
    --------
    >>> parents("昌黎县", year=1982)["name"].tolist()
    ['唐山地区', '河北省']
    """
    row = resolve_area(area, year=year)
    if year is None and row["valid_to"]:
        year = int(row["valid_to"]) - 1
    line = next(each.line for each in _index()[row["code"]] if each.name == row["name"])
    table = _standing(year)
    above = table["code"].isin(line - {row["code"]})
    return table[above].sort_values("code", ascending=False, ignore_index=True)


def events(area: str | None = None) -> pd.DataFrame:
    """List what changed, with the evidence: all of it, or what an area had part in.

    Parameters
    ----------
    area : str, optional
        Name or code.

    Returns
    -------
    DataFrame
        ``year, date, kind, before, after, note, evidence`` in order of time. The kinds recode,
        rename and status keep the territory; boundary, merge, abolish and establish do not.

    Raises
    ------
    AreaError
        As `resolve_area` does.

    Examples
    --------
    >>> events("抚宁县")[["year", "kind"]].to_numpy().tolist()
    [[1983, 'recode'], [2015, 'boundary']]
    """
    log = _csv("area_events").astype({"year": "int64"})
    if area is None:
        return log
    place = resolve_area(area)["place"]
    return log[log["places"].str.split("|").map(lambda places: place in places)].reset_index(
        drop=True
    )
