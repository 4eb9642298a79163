"""Level breaks of yearly series: found from evidence that is named, or declared; then respected."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd

from qhdanalysis.areas import events
from qhdanalysis.errors import PanelError
from qhdanalysis.indicators.matrix import listed
from qhdanalysis.projection.series import Breaks, Panel, warn
from qhdanalysis.units import lookup

#: An implied deflator this far below zero speaks of changed accounts, not of prices; a shift this
#: large of one source against another, of a new vintage in one of them.
FALL = 0.05
#: A jump lies this many robust standard deviations, and this far, from the usual change of ln y.
JUMP, LEAST_JUMP = 3.5, 0.1
_COLUMNS = ["area", "area_code", "year", "code", "kind", "evidence", "source"]
_RATE = r"_(?:growth|index_prev_year_100)$"
#: Values that must remain after a break for a projection to start there.
ENOUGH = 8


def find_breaks(records: pd.DataFrame) -> pd.DataFrame:
    """Report level breaks of yearly levels, each with its evidence.

    Kinds: "accounting" (the level falls against the real growth rate of the year, from any source:
    implied deflator ``(1 + nominal growth) / (1 + real growth) - 1`` below -5%), "vintage" (the
    source changes, or moves by over 5% against another source of the same values), "code" (the
    area's code changes), "boundary" (`areas.events`), "statistical" (a change of ``ln y`` far from
    the usual one, which a real shock can be as well: Hubei in 2020). They are candidates, not
    verdicts: read the evidence.

    Parameters
    ----------
    records : DataFrame
        The record contract. Where sources stand side by side, a series is followed in the source
        with most values; `select` first to follow another. Real growth is taken from records whose
        code is that of the level with ``_growth`` or ``_index_prev_year_100`` after it. Records
        without a code are passed over.

    Returns
    -------
    DataFrame
        ``area, area_code, year`` (the first on the new level), ``code, kind, evidence, source``:
        what `project` takes as ``breaks``.

    Raises
    ------
    PanelError
        If a column is missing.
    UnitError
        If the values of one series are in several units and one of them is unknown.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "甲县", "area_code": "", "year": [2008, 2009, 2009],
    ...     "code": ["gdp", "gdp", "gdp_growth"], "value": [100.0, 99.0, 9.5],
    ...     "unit": ["亿元", "亿元", "%"], "source": "年鉴"})
    >>> find_breaks(toy)[["year", "kind", "evidence"]].to_numpy().tolist()
    [[2009, 'accounting', 'nominal -1.0%, real +9.5% (年鉴): implied deflator -9.6%']]
    """
    if lacking := {*_COLUMNS, "value", "unit"} - {"kind", "evidence"} - {*records.columns}:
        raise PanelError(f"the records have no column {listed(sorted(lacking))}")
    rate = records["code"].str.contains(_RATE)
    real = records[rate].assign(code=records["code"].str.replace(_RATE, "", regex=True))
    real["value"] -= 100.0 * records["code"].str.endswith("_100")
    levels = records[~rate & records["code"].ne("") & records["value"].gt(0)]
    rates = dict(list(real.groupby(["area", "code"])))
    rows = []
    for (area, code), own in levels.groupby(["area", "code"], sort=False):
        units = dict.fromkeys(own["unit"], 1.0)
        if len(units) > 1:
            units = {unit: float(lookup(unit).factor) for unit in units}
        own = own.assign(log=np.log(own["value"] * own["unit"].map(units)))
        counts = own.groupby("source")["year"].transform("nunique")
        most = own["source"] == own.loc[counts.idxmax(), "source"]
        several = own.duplicated("year").any()
        main = (own[most] if several else own).drop_duplicates("year").sort_values("year")
        evidence = _evidence(main, own[~most] if several else own[:0], rates.get((area, code)))
        for when, kind, words in evidence:
            at = main.loc[main["year"] == when].iloc[0]
            rows.append([area, at["area_code"], when, code, kind, words, at["source"]])
    found = pd.DataFrame(rows, columns=_COLUMNS).drop_duplicates(_COLUMNS[:5])
    return found.sort_values(["area", "code", "year"], kind="stable", ignore_index=True)


def _evidence(
    main: pd.DataFrame, others: pd.DataFrame, real: pd.DataFrame | None
) -> Iterator[tuple[int, str, str]]:
    """Year, kind and evidence of the breaks in one series."""
    main = main.set_index("year")
    change = main["log"].diff().where(np.diff(main.index, prepend=main.index[0]) == 1).dropna()
    for _, r in (main[:0] if real is None else real[real["year"].isin(change.index)]).iterrows():
        nominal, rate = float(np.expm1(change[r["year"]])), r["value"] / 100
        if (deflator := (1 + nominal) / (1 + rate) - 1) < -FALL:
            words = f"nominal {nominal:+.1%}, real {rate:+.1%} ({r['source']}): implied deflator "
            yield r["year"], "accounting", f"{words}{deflator:.1%}"
    last = main.shift()
    for when in main.index[1:][(main["source"] != last["source"])[1:]]:
        words = f"from {last.at[when, 'source']} to {main.at[when, 'source']}"
        yield when, "vintage", f"the source changes {words}"
    for source, other in others.drop_duplicates(["source", "year"]).groupby("source"):
        gap = (main["log"] - other.set_index("year")["log"]).dropna()
        move = gap.diff()[np.diff(gap.index, prepend=gap.index[:1]) == 1]
        for when, size in move[move.abs() > FALL].items():
            yield when, "vintage", f"moves by {np.expm1(size):+.1%} in one year against {source}"
    codes = main["area_code"]
    for when in codes.index[1:][
        (codes.ne("") & last["area_code"].ne("") & codes.ne(last["area_code"]))[1:]
    ]:
        yield when, "code", f"the code changes from {last.at[when, 'area_code']} to {codes[when]}"
    log = events()
    log = log[~log["kind"].isin(["recode", "rename", "status"])]
    for event in log[log["year"].isin(main.index[1:])].itertuples():
        if {*codes} & {*f"{event.before}|{event.after}".split("|")} - {""}:
            yield event.year, "boundary", f"{event.note} ({event.evidence})"
    apart = change - change.median()
    limit = max(JUMP * 1.4826 * apart.abs().median(), LEAST_JUMP)
    for when, size in change[apart.abs() > limit].items():
        usual = np.expm1(change.median())
        yield when, "statistical", f"{np.expm1(size):+.1%} in one year, usually {usual:+.1%}"


def start_after_breaks(
    panel: Panel, table: pd.DataFrame, breaks: Breaks, *, area: str
) -> tuple[Panel, list[str]]:
    """Drop what lies before the last break that leaves eight values; say it, and what is crossed.

    Returns
    -------
    panel, notes
        ``notes`` has one text an area, '' where no break lies within the series.
    """
    notes = [""] * len(panel.areas)
    code, year = _breaks_of(panel, table, breaks, area).sort_values("year").to_numpy(np.int64).T
    first, last = panel.span()
    within = (year > first[code]) & (year <= last[code])
    if not within.any():
        return panel, notes
    code, year = code[within], year[within]
    wide = int(panel.year.max()) + 2
    place = np.searchsorted(panel.code * wide + panel.year, code * wide + year)
    enough = np.cumsum(panel.sizes())[code] - place >= ENOUGH
    start = first.copy()
    np.maximum.at(start, code[enough], year[enough])
    for i in np.unique(code).tolist():
        crossed = ", ".join(map(str, year[(code == i) & (year > start[i])]))
        begun = f"starts after the break of {start[i]}" if start[i] > first[i] else ""
        notes[i] = "; ".join(filter(None, (begun, crossed and f"crosses the break of {crossed}")))
    said = listed(f"{label} {note}" for label, note in zip(panel.areas, notes, strict=True) if note)
    warn(
        f"level breaks: {said}. A projection starts after the last break that leaves {ENOUGH} "
        "values; pass breaks=None to ignore breaks."
    )
    return panel.keep(panel.year >= start[panel.code]), notes


@cache
def _declared() -> pd.DataFrame:
    from qhdanalysis.catalog import load_dataset

    return load_dataset("qhd_breaks")


def _breaks_of(panel: Panel, table: pd.DataFrame, breaks: Breaks, area: str) -> pd.DataFrame:
    """Give the breaks of the panel's areas: ``position`` in ``panel.areas`` and ``year``."""
    if breaks is None:
        frame = pd.DataFrame({"area": [], "year": []})
    elif isinstance(breaks, pd.DataFrame):
        frame = breaks
    elif breaks == "declared":
        frame = _declared()
    else:
        raise PanelError(f'breaks={breaks!r}: give a table, "declared" or None')
    if lacking := {"area", "year"} - {*frame.columns}:
        raise PanelError(f"the breaks have no column {listed(sorted(lacking))}; see find_breaks")
    if {"code"} <= {*frame.columns} & {*table.columns}:
        frame = frame[frame["code"].isin(["", *table["code"].unique()])]
    by_code = {"area_code"} <= {*frame.columns} & {*table.columns}
    label = frame["area_code" if by_code and area == "area_code" else "area"]
    if by_code and area != "area_code":
        pairs = table[table["area_code"].ne("")].drop_duplicates("area_code")
        known = pairs.set_index("area_code")[area]
        label = frame["area_code"].map(known).where(frame["area_code"].isin(known.index), label)
    found = pd.DataFrame({"position": panel.areas.get_indexer(label), "year": frame["year"]})
    return found[found["position"] >= 0].drop_duplicates()
