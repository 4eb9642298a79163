"""Growth of areas and sectors: rates, indices, real values and what contributed to them.

Years are matched by their number, never by position, so a gap in a series is not bridged: growth
into and across a missing year is NaN, and one warning says which year is missing.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.indicators._breaks import warn_of_breaks
from qhdanalysis.indicators._ratio import Op, derive, over
from qhdanalysis.indicators.matrix import Floats, Grid, grid, lagged, listed, ratio
from qhdanalysis.indicators.shares import Total, refuse_own_part, resolve
from qhdanalysis.units import Interval


def growth_rate(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year", lag: int = 1
) -> Series:
    """Growth of each row over the same area ``lag`` years before: ``v[t] / v[t - lag] - 1``.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year, holding ``value`` in one unit.
    value, area, year : str
        Columns.
    lag : int, default 1
        Years back. Growth over several years is not made annual: see `cagr`.

    Returns
    -------
    Series, shape (n,)
        Fractions on the index of ``table``; NaN in the first year of an area, where the year
        ``lag`` before is missing, and where its value is zero or negative: a loss that becomes a
        profit has no growth rate.

    Raises
    ------
    PanelError
        If an area stands twice within a year, or a value is text.

    Warns
    -----
    UserWarning
        Names the areas whose year before is missing or not positive (except where they begin), and
        those that grew or fell 100-fold, as a row in 万元 among rows in 亿元 does; and names the
        level breaks between years compared: those of a column ``break``, as `to_panel` gives it,
        or of records the declared ones.

    Notes
    -----
    Nominal where the values are nominal: for real growth see `real_value`. A published rate is on
    a comparable scope and can differ from the one that two published levels give.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "卢龙县", "year": [2020, 2021], "value": [100.0, 108.0]})
    >>> growth_rate(toy).round(4).tolist()
    [nan, 0.08]
    """
    panel = grid(table, value, area, year=year, signed=True)
    before = lagged(panel, lag)
    _warn_gaps("growth", panel, before, lag)
    growth = np.where(before > 0, ratio(panel.cells, before), np.nan)
    known = ~np.isnan(growth)
    warn_of_breaks("growth", table, panel, known, panel.labels[0] - lag, area=area, year=year)
    leaps = matrix.names_of(panel, (growth >= 100) | (growth <= 0.01) & (growth > 0))
    if leaps:
        message = f"100-fold and more: growth of {listed(leaps)} looks like another unit"
        warnings.warn(message, UserWarning, stacklevel=2)
    return panel.rows(growth - 1, "growth_rate")


def cagr(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    start: int | None = None, end: int | None = None,
) -> DataFrame:  # fmt: skip
    """Compound annual growth rate: ``(v[end] / v[start]) ** (1 / (end - start)) - 1``.

    The exponent counts calendar years, not rows: a missing year between changes nothing.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    value, area, year : str
        Columns.
    start, end : int, optional
        Years; by default the first and the last of the table.

    Returns
    -------
    DataFrame
        ``area``, ``start``, ``end``, ``first``, ``last``, ``cagr`` (fraction a year), ``n`` and
        ``n_missing`` (years of the table from start to end with and without a value).

    Raises
    ------
    PanelError
        As `growth_rate`; if a year is not in the table or they are not in order.

    Warns
    -----
    UserWarning
        Names the areas whose value in one of the two years is missing, negative, or zero at first,
        and level breaks between the two (see `growth_rate`).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "卢龙县", "year": [2020, 2022], "value": [100.0, 121.0]})
    >>> cagr(toy)["cagr"].round(4).tolist()
    [0.1]
    """
    panel = grid(table, value, area, year=year, signed=True)
    first, last = matrix.year_ends(panel, start, end)
    begin, finish = panel.labels[0].to_numpy()[[first, last]]
    v0, v1 = panel.cells[first], panel.cells[last]
    factor = np.where((v0 > 0) & (v1 >= 0), ratio(v1, v0), np.nan)
    span, lost = ~np.isnan(panel.cells[first : last + 1]), np.isnan(factor)
    warn_of_breaks("CAGR", table, panel, ~lost, begin, area=area, year=year, until=finish)
    values = zip(panel.labels[1][lost], v0[lost], v1[lost], strict=True)
    reasons = (f"{name} ({a:g} in {begin}, {b:g} in {finish})" for name, a, b in values)
    matrix.warn_undefined("CAGR", reasons)
    columns = {"start": begin, "end": finish, "first": v0, "last": v1}
    columns |= {"cagr": factor ** (1 / (finish - begin)) - 1}
    columns |= {"n": span.sum(0), "n_missing": (~span).sum(0)}
    return matrix.tidy(panel.labels[1:], [area], columns)


def index_numbers(
    table: DataFrame, *, base: int, value: str = "value", area: str = "area", year: str = "year",
    growth: str | None = None, base_value: float = 100.0,
) -> Series:  # fmt: skip
    """Index of each area with ``base`` = ``base_value``; an index given is rebased.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    base : int
        Base year.
    value, area, year : str
        Columns; ``value`` holds levels or an index on another base.
    growth : str, optional
        Column of annual growth rates, fractions (0.083 for an index of the previous year of 108.3).
        Then the index is chained from them, ``I[t] = I[t - 1] * (1 + g[t])``, in both
        directions from the base, and ``value`` is not read.
    base_value : float, default 100.0
        What the index is in the base year.

    Returns
    -------
    Series, shape (n,)
        On the index of ``table``; NaN where the base year, or a link of the chain, is missing.

    Raises
    ------
    PanelError
        As `growth_rate`; if ``base`` is no year of the table.

    Warns
    -----
    UserWarning
        Names the areas without a value in the base year, and level breaks between it and the
        years compared with it (see `growth_rate`).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "卢龙县", "year": [2020, 2021], "value": [50.0, 55.0]})
    >>> index_numbers(toy, base=2020).round(4).tolist()
    [100.0, 110.0]
    >>> rates = toy.assign(growth=[0.02, 0.1])
    >>> index_numbers(rates, base=2021, growth="growth").round(2).tolist()
    [90.91, 100.0]
    """
    if growth is not None:
        panel = grid(table, growth, area, year=year, signed=True)
        level = _chain(panel, matrix.position(panel, base))
    else:
        panel = grid(table, value, area, year=year)
        level = ratio(panel.cells, panel.cells[matrix.position(panel, base)])
        warn_of_breaks("the index", table, panel, ~np.isnan(level), base, area=area, year=year)
    matrix.warn_cells(
        "the index", panel, np.isnan(level) & ~np.isnan(panel.cells), f"no {base} or gap"
    )
    return panel.rows(base_value * level, "index")


def real_value(
    table: DataFrame, *, base: int, value: str = "value", area: str = "area", year: str = "year",
    deflator: str | None = None, growth: str | None = None,
) -> Series:  # fmt: skip
    """Value at the prices of ``base``, from a price index or from published real growth.

    With ``deflator``: ``v[t] * p[base] / p[t]``. With ``growth``, the published rate at
    comparable prices: ``v[base]`` chained by ``1 + g[t]``.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    base : int
        Year whose prices are used.
    value, area, year : str
        Columns; ``value`` at current prices.
    deflator : str, optional
        Column of a fixed-base price index, on any base.
    growth : str, optional
        Column of annual real growth rates (fractions).

    Returns
    -------
    Series, shape (n,)
        In the unit of ``value``, on the index of ``table``.

    Raises
    ------
    PanelError
        As `index_numbers`; unless exactly one of ``deflator`` and ``growth`` is given.

    Warns
    -----
    UserWarning
        Names the areas and years without a value, a price, or a link to the base year.

    Examples
    --------
    >>> toy = pd.DataFrame(
    ...     {"area": "卢龙县", "year": [2020, 2021], "value": [100, 110], "growth": [0.02, 0.05]}
    ... )
    >>> real_value(toy, base=2020, growth="growth").round(4).tolist()
    [100.0, 105.0]
    """
    if (deflator is None) == (growth is None):
        raise PanelError("pass either deflator= (a price index) or growth= (real growth rates)")
    panel = grid(table, value, area, year=year)
    if growth is None:
        price = grid(table, deflator or "", area, year=year)
        at = matrix.position(price, base)
        real = panel.cells * ratio(price.cells[at], price.cells)
    else:
        chain = grid(table, growth, area, year=year, signed=True)
        at = matrix.position(panel, base)
        real = panel.cells[at] * _chain(chain, at)
    matrix.warn_cells("the real value", panel, np.isnan(real), f"no {base} or gap")
    return panel.rows(real, "real_value")


def implied_deflator(
    table: DataFrame, *, base: int, growth: str = "growth", value: str = "value",
    area: str = "area", year: str = "year",
) -> Series:  # fmt: skip
    """Price index that nominal values and published real growth imply, ``base`` = 1.

    ``nominal / real``, with `real_value` from ``growth``. It is a residue: a revised level or a
    changed scope shows up in it as a jump of prices.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    base : int
        Year whose prices are 1.
    growth : str, default "growth"
        Column of real annual growth, fractions.
    value : str, default "value"
        Column of values at current prices, in one unit.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.

    Returns
    -------
    Series, shape (n,)
        On the index of ``table``.

    Raises
    ------
    PanelError, UnitError
        As `real_value`.

    Warns
    -----
    UserWarning
        As `real_value`.

    Examples
    --------
    >>> toy = pd.DataFrame(
    ...     {"area": "卢龙县", "year": [2020, 2021], "value": [100, 110], "growth": [0.02, 0.05]}
    ... )
    >>> implied_deflator(toy, base=2020).round(4).tolist()
    [1.0, 1.0476]
    """
    real = real_value(table, base=base, growth=growth, value=value, area=area, year=year)
    return (matrix.numbers(table, value, area, year) / real).rename("implied_deflator")


def contribution_to_growth(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    sector: str | None = None, total: Total = None, lag: int = 1, least_growth: float = 0.001,
) -> DataFrame:  # fmt: skip
    """Contribution of each part to the growth of the total (拉动与贡献率).

    ``points = (v[t] - v[t-lag]) / V[t-lag]``, which add up to the growth of the total, and
    ``share = (v[t] - v[t-lag]) / (V[t] - V[t-lag])``, which add up to 1.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year (and sector).
    value, area, year : str
        Columns.
    sector : str, optional
        Column of sectors: then these are the parts, and each area is a total. Without it areas
        are the parts of one total.
    total : str or Series, optional
        The official total, as in `gdp_share`. Without it a year in which an area has no value
        has no total.
    lag : int, default 1
        Years back.
    least_growth : float, default 0.001
        ``share`` is NaN where the total grew or fell by less than this fraction: shares in
        almost nothing are huge and of either sign. The points stay.

    Returns
    -------
    DataFrame
        ``area`` (and ``sector``), ``year``, ``change``, ``points``, ``share``, ``total_growth``,
        ``n`` and ``n_missing`` (parts of that year with and without a change); years that have
        a year before.

    Raises
    ------
    PanelError
        As `gdp_share`.

    Warns
    -----
    UserWarning
        Names parts whose contribution is undefined, and level breaks (see `growth_rate`).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"] * 2, "year": [2021, 2021, 2022, 2022]})
    >>> parts = contribution_to_growth(toy.assign(value=[60.0, 40.0, 66.0, 44.0]))
    >>> parts[["area", "points", "share"]].values.tolist()
    [['卢龙县', 0.04, 0.4], ['昌黎县', 0.06, 0.6]]
    """
    by = [area] if sector else []
    panel, whole, is_part = resolve(table, value, sector or area, by, total, year, signed=True)
    is_part = panel.given & is_part
    before, whole_before = lagged(panel, lag), lagged(replace(panel, cells=whole), lag)
    if total is None:  # the sums of two different sets of parts tell nothing of growth
        other_parts = (np.isnan(panel.cells) != np.isnan(before)).any(-1, keepdims=True)
        whole_before = np.where(other_parts, np.nan, whole_before)
    whole_before = np.where(whole_before > 0, whole_before, np.nan)
    change, growth = panel.cells - before, ratio(whole, whole_before) - 1
    points = ratio(change, whole_before)
    share = np.where(np.abs(growth) < least_growth, np.nan, ratio(change, whole - whole_before))
    has_before = np.isin(panel.labels[0] - lag, panel.labels[0])
    keep = is_part & has_before[(...,) + (None,) * (panel.cells.ndim - 1)]
    known = keep & ~np.isnan(points)
    lost = matrix.names_of(panel, keep & np.isnan(change))
    reasons = [f"{name} (no value in one of the two years)" for name in lost]
    since = panel.labels[0] - lag
    warn_of_breaks("the contribution", table, panel, known, since, area=area, year=year)
    lost = matrix.names_of(panel, keep & ~known & ~np.isnan(change))
    reasons += [f"{name} (no total: another part is missing)" for name in lost]
    still = matrix.names_of(panel, known & np.isnan(share))
    reasons += [f"the share of {name} (the total stood still)" for name in still]
    matrix.warn_undefined("contribution", reasons)
    n, n_missing = (flags.sum(-1, keepdims=True) for flags in (known, keep & ~known))
    columns = {"change": change, "points": points, "share": share, "total_growth": growth}
    columns |= {"n": n, "n_missing": n_missing}
    return matrix.tidy(panel.labels, [year, *by, sector or area], columns, keep)


def growth_decomposition(
    table: DataFrame, *, factors: Sequence[str], area: str = "area", year: str = "year",
    start: int | None = None, end: int | None = None,
) -> DataFrame:  # fmt: skip
    """Change of a product of factors, split by logarithmic mean weights (LMDI).

    For ``Y = x1 * x2 * ...`` (GDP = people x output per head) the effect of a factor is
    ``L(Y1, Y0) * ln(x[end] / x[start])`` with ``L(a, b) = (a - b) / ln(a / b)``, ``L(a, a) = a``.
    The effects add up to ``Y1 - Y0`` exactly and do not hang on the order of the factors.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    factors : list of str
        Columns, positive.
    area, year : str
        Columns.
    start, end : int, optional
        Years; by default the first and the last of the table.

    Returns
    -------
    DataFrame
        ``area``, ``factor``, ``effect`` (in the unit of the product), ``points`` (over the
        product in ``start``), ``change`` of the product, ``start``, ``end``, ``n`` and
        ``n_missing`` (factors with and without both values).

    Raises
    ------
    PanelError
        As `growth_rate`.

    Warns
    -----
    UserWarning
        Names areas where a factor is zero or missing, and level breaks (see `growth_rate`).

    References
    ----------
    B. W. Ang, "The LMDI approach to decomposition analysis: a practical guide", Energy Policy 33
    (2005), 867-871.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "卢龙县", "year": [2020, 2021]})
    >>> split = growth_decomposition(
    ...     toy.assign(people=[10.0, 11.0], per_head=[4.0, 5.0]), factors=["people", "per_head"]
    ... )
    >>> split["effect"].round(3).tolist(), round(float(split["effect"].sum()), 9)
    ([4.489, 10.511], 15.0)
    """
    panels = [grid(table, factor, area, year=year) for factor in factors]
    first, last = matrix.year_ends(panels[0], start, end)
    x = np.stack([panel.cells[[first, last]] for panel in panels], axis=-1)
    x[x == 0] = np.nan
    y0, y1 = np.prod(x, axis=-1)[..., None]
    mean = np.where(y0 == y1, y0, ratio(y1 - y0, np.log(y1 / y0)))
    effect = mean * np.log(x[1] / x[0])
    known = ~np.isnan(x).any(axis=0)
    areas, whole = panels[0].labels[1], np.asarray(known.all(-1))
    reasons = (f"{name} (a factor zero or missing)" for name in areas[~whole])
    matrix.warn_undefined("the decomposition", reasons)
    n, lost = (flags.sum(-1, keepdims=True) for flags in (known, ~known))
    begin, finish = panels[0].labels[0].to_numpy()[[first, last]]
    columns = {"effect": effect, "points": effect / y0, "change": y1 - y0}
    columns |= {"start": begin, "end": finish, "n": n, "n_missing": lost}
    warn_of_breaks("the split", table, panels[0], whole, begin, area=area, year=year, until=finish)
    return matrix.tidy([areas, pd.Index(factors)], [area, "factor"], columns)


def cluster_growth(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    growth: str | None = None, scope: str | None = None, growth_scope: str | None = None,
    lag: int = 1,
) -> DataFrame:  # fmt: skip
    """Growth of industrial clusters (县域特色产业集群): rate, contribution, share, doubling time.

    Published levels and rates often count different sets (all clusters, those of a provincial
    list, those of three counties; a year, nine months). What belongs to different sets is never
    joined: growth is taken from two levels of one scope, else from the published rate, and
    ``note`` says which, and where level and rate do not belong together.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per cluster (or area) and year.
    value : str, default "value"
        Revenue or another level; NaN where only a rate is published.
    area, year : str
        Columns.
    growth : str, optional
        Column of published growth rates (fractions).
    scope, growth_scope : str, optional
        Columns that say which set the level and the published rate count.
    lag : int, default 1
        Years back.

    Returns
    -------
    DataFrame
        ``area``, ``year``, ``value``, ``growth``, ``points`` (contribution to the growth of all
        clusters given), ``share`` of all and its change ``share_change`` (these are NaN where a
        cluster given has no level, one area contains another, or the clusters of the two years
        differ), ``doubling_time`` in years, ``note``, ``n`` and ``n_missing`` (clusters of that
        year with and without level).

    Raises
    ------
    PanelError
        As `growth_rate`.

    Warns
    -----
    UserWarning
        Names clusters whose level and rate belong to different sets, and level breaks (see
        `growth_rate`).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "三县", "year": [2022], "value": [float("nan")]})
    >>> cluster_growth(toy.assign(rate=0.1472), growth="rate")[["doubling_time", "note"]].round(2)
       doubling_time            note
    0           5.05  published rate
    """
    panel = grid(table, value, area, year=year)
    whole = np.where(panel.given, panel.cells, 0.0).sum(-1, keepdims=True)
    try:
        refuse_own_part(table, area)
    except PanelError:  # a city among its province's clusters: they are not parts of one total
        whole = np.full_like(whole, np.nan)
    sets = _text(table, scope), _text(table, growth_scope)
    set_code = np.full(panel.cells.shape, np.nan)
    set_code.flat[panel.at] = pd.factorize(sets[0])[0]
    same_set = set_code == lagged(replace(panel, cells=set_code), lag)
    before = np.where(same_set, lagged(panel, lag), np.nan)
    share, change = ratio(panel.cells, whole), panel.cells - before
    since = panel.labels[0] - lag
    warn_of_breaks("growth", table, panel, ~np.isnan(change), since, area=area, year=year)
    same_parts = (np.isnan(change) == np.isnan(panel.cells)).all(-1, keepdims=True)
    whole_before = np.where(same_parts, lagged(replace(panel, cells=whole), lag), np.nan)
    frame = table[[area, year]].assign(
        value=panel.rows(panel.cells),
        growth=panel.rows(ratio(panel.cells, before) - 1),
        points=panel.rows(ratio(change, whole_before)),
        share=panel.rows(share),
        share_change=panel.rows(share - ratio(before, whole_before)),
    )
    note = Series(np.where(frame["growth"].notna(), "two levels", ""), index=table.index)
    if growth is not None:
        rate = Series(matrix.numbers(table, growth, area, year, signed=True), index=table.index)
        matrix.fractions(rate, growth)
        only_rate = frame["growth"].isna() & rate.notna()
        frame["growth"] = frame["growth"].where(~only_rate, rate)
        apart = (sets[0] != sets[1]) & rate.notna() & frame["value"].notna() & bool(growth_scope)
        note = note.mask(only_rate, "published rate")
        level_of, rate_of = (names.replace("", "all") for names in sets)
        words = "; level of " + level_of + ", rate of " + rate_of + ": not joined"
        note = note.where(~apart, note + words)
        if apart.any():
            names = listed(table.loc[apart, area] + " " + table.loc[apart, year].astype(str))
            message = f"level and published rate belong to different sets: {names}"
            warnings.warn(message, UserWarning, stacklevel=2)
    known = ~np.isnan(panel.cells)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shrinking clusters do not double: their growth says so
        doubling = doubling_time(frame["growth"])
    return frame.assign(
        doubling_time=doubling,
        note=note.str.removeprefix("; "),
        n=panel.rows(known.sum(-1, keepdims=True)),
        n_missing=panel.rows((panel.given & ~known).sum(-1, keepdims=True)),
    )


def doubling_time(growth: Op) -> Any:
    """Give the years until a value doubles if its growth lasts: ``ln 2 / ln(1 + growth)``.

    Parameters
    ----------
    growth : number, Series, array or Interval
        Annual growth, a fraction.

    Returns
    -------
    float, Series, array or Interval
        Years; NaN where growth is not positive.

    Raises
    ------
    PanelError, UnitError
        As `completion_rate`.

    Warns
    -----
    UserWarning
        Names the rows without a result.

    Examples
    --------
    >>> round(doubling_time(0.1472), 2)
    5.05
    """
    return derive("doubling_time", None, "area", {"growth": growth}, _doubling, signed=True)


def _doubling(growth: Any) -> Any:
    if isinstance(growth, Interval):
        fast, slow = _doubling(growth.high), _doubling(growth.low)
        return Interval(fast + 0 * slow, slow)
    positive = matrix.fractions(growth, "growth") * np.where(growth > 0, 1, np.nan)
    return over(math.log(2), np.log1p(positive))


def _chain(panel: Grid, base: int) -> Floats:
    """Chain annual growth to an index of 1 at ``base``; a missing link or year ends the chain."""
    matrix.fractions(panel.cells, "the growth")
    steps = np.log1p(np.where(panel.cells > -1, panel.cells, np.nan))
    steps[1:][np.diff(panel.labels[0]) > 1] = np.nan
    broken = np.cumsum(np.isnan(steps), axis=0)
    level = np.exp(np.cumsum(np.nan_to_num(steps), axis=0))
    chained: Floats = np.where(broken == broken[base], level / level[base], np.nan)
    return chained


def _text(table: DataFrame, column: str | None) -> Series:
    if column is None:
        return Series("", index=table.index, dtype="str")
    matrix.need(table, column)
    return table[column].fillna("").astype("str")


def _warn_gaps(what: str, panel: Grid, before: Floats, lag: int) -> None:
    """Warn of rows without growth, except in the years in which an area only begins."""
    axis, areas = panel.labels
    known = ~np.isnan(panel.cells)
    first_year = np.where(known.any(0), axis.to_numpy()[known.argmax(0)], np.inf)
    bad = panel.given & ~(known & (before > 0)) & (axis.to_numpy()[:, None] - lag >= first_year)
    reasons = []
    for y, a in np.argwhere(bad)[: matrix.SOME]:
        cause = "no value" if np.isnan(before[y, a]) else f"{before[y, a]:g}"
        cause = f"{cause} in {axis[y] - lag}" if known[y, a] else "no value"
        reasons.append(f"{areas[a]} {axis[y]} ({cause})")
    matrix.warn_undefined(what, reasons, 4)
