"""Shares of a total, sectors, values per head and per km², ratios to a reference, ranks."""

import warnings
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from qhdanalysis.areas import warn_of_zones
from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.indicators._breaks import warn_of_breaks
from qhdanalysis.indicators._ratio import Op, Table, derive
from qhdanalysis.indicators.matrix import Flags, Floats, Grid, grid, lagged, listed, ratio

Total: TypeAlias = str | Series | None


def gdp_share(
    table: DataFrame, *, value: str = "value", area: str = "area", by: str | Sequence[str] = "year",
    total: Total = None,
) -> Series:  # fmt: skip
    """Share of each row in its total: ``value / sum of value within by``.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and ``by``, holding ``value`` in one unit.
    value : str, default "value"
        Column to divide.
    area : str, default "area"
        Column that names the parts.
    by : str or list of str, default "year"
        Rows with the same value here are parts of one total.
    total : str or Series, optional
        The official total: a column that holds it, the name of the area whose rows are it,
        ``"city"`` or ``"province"`` (the row whose ``area_code`` is the area's city or province),
        or a Series labelled by ``by``. Without it the total is the sum over the rows given, which
        is not the city's: districts and functional zones do not add up to it.

    Returns
    -------
    Series, shape (n,)
        Fractions on the index of ``table``; NaN where the total is zero or a part is missing, or
        has no row in a year between two that it has. The row of the total itself is 1.

    Raises
    ------
    PanelError
        If an area stands twice within one ``by``, a value is negative, a row stands beside the
        areas that it contains, or ``total`` is nothing in the table.
    UnitError
        If the values are in several units.

    Warns
    -----
    UserWarning
        Names the areas whose share is undefined; says where the parts exceed the official total
        (nothing is rescaled then), and where functional zones stand beside their host districts.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "year": 2022, "value": [3.0, 1.0]})
    >>> gdp_share(toy).tolist()
    [0.75, 0.25]
    >>> gdp_share(toy.assign(city=5.0), total="city").tolist()
    [0.6, 0.2]
    """
    if area == "area" and "area_code" in table:
        once = table.drop_duplicates("area_code")
        warn_of_zones(once["area_code"].astype("str"), once["area"])
    panel, whole, is_part = resolve(table, value, area, by, total)
    share = ratio(panel.cells, whole)
    matrix.warn_cells("share", panel, np.isnan(share), "total zero or a part missing")
    if total is not None:
        _warn_excess(panel, whole, is_part)
    return panel.rows(share, "share")


def share_remainder(
    table: DataFrame, *, total: Total, value: str = "value", area: str = "area",
    by: str | Sequence[str] = "year",
) -> DataFrame:  # fmt: skip
    """Remainder that the areas leave of the official total: ``total - sum of value within by``.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and ``by``.
    total : str or Series
        The official total, as in `gdp_share`; it has to be given.
    value : str, default "value"
        Column of amounts, in the unit of the total.
    area : str, default "area"
        Column that names the parts.
    by : str or list of str, default "year"
        Rows with the same value here are parts of one total.

    Returns
    -------
    DataFrame
        ``by``, ``parts`` (their sum), ``total``, ``remainder`` (negative where the parts exceed
        the total), ``remainder_share`` of the total, ``n`` and ``n_missing`` (areas of the table
        with and without a value there). Missing parts are in the remainder.

    Raises
    ------
    PanelError
        As `gdp_share`; if no total is given.

    Warns
    -----
    UserWarning
        As `gdp_share`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "year": 2022, "value": [3.0, 1.0]})
    >>> share_remainder(toy.assign(city=5.0), total="city")
       year  parts  total  remainder  remainder_share  n  n_missing
    0  2022    4.0    5.0        1.0              0.2  2          0
    """
    if total is None:
        raise PanelError("without a total there is no remainder: pass total=")
    panel, whole, is_part = resolve(table, value, area, by, total)
    keys = [by] if isinstance(by, str) else list(by)
    known = ~np.isnan(panel.cells) & is_part
    parts = np.where(known, panel.cells, 0.0).sum(-1)
    whole, n = whole[..., 0], known.sum(-1)
    columns = {"parts": parts, "total": whole, "remainder": whole - parts}
    columns |= {
        "remainder_share": ratio(whole - parts, whole),
        "n": n,
        "n_missing": is_part.sum() - n,
    }
    return matrix.tidy(panel.labels[:-1], keys, columns)


def sector_share(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    sector: str = "sector", total: Total = None,
) -> Series:  # fmt: skip
    """Share of each sector in its area and year: the three-sector structure (三次产业结构).

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area, year and sector.
    value, area, year, sector : str
        Columns.
    total : str, optional
        Column with the area's official total, or the name in ``sector`` of the row that is it.

    Returns
    -------
    Series, shape (n,)
        Fractions on the index of ``table``.

    Raises
    ------
    PanelError, UnitError
        As `gdp_share`.

    Warns
    -----
    UserWarning
        As `gdp_share`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "昌黎县", "year": 2022, "sector": ["一产", "二产", "三产"]})
    >>> sector_share(toy.assign(value=[2.0, 5.0, 3.0])).tolist()
    [0.2, 0.5, 0.3]
    """
    return gdp_share(table, value=value, area=sector, by=[year, area], total=total)


def relative_level(
    table: DataFrame, *, reference: Total, value: str = "gdp_per_head", area: str = "area",
    by: str | Sequence[str] = "year",
) -> Series:  # fmt: skip
    """Ratio of each row to a reference: GDP per head over that of the city or the province.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and ``by``.
    reference : str or Series
        A column, the name of an area, ``"city"``, ``"province"`` or a Series: as ``total`` of
        `gdp_share`.
    value : str, default "gdp_per_head"
        Column of levels, in the unit of the reference.
    area : str, default "area"
        Column that names the areas.
    by : str or list of str, default "year"
        Rows with the same value here are compared.

    Returns
    -------
    Series, shape (n,)
        1 is the level of the reference; on the index of ``table``.

    Raises
    ------
    PanelError, UnitError
        As `gdp_share`.

    Warns
    -----
    UserWarning
        As `gdp_share`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "秦皇岛市"], "year": 2022})
    >>> relative_level(toy.assign(gdp_per_head=[4.0, 5.0]), reference="秦皇岛市").tolist()
    [0.8, 1.0]
    """
    if reference is None:
        raise PanelError("relative_level needs a reference: a column, an area or a Series")
    panel, whole, _ = resolve(table, value, area, by, reference, add_up=False)
    level = ratio(panel.cells, whole)
    matrix.warn_cells(
        "relative level", panel, np.isnan(level), "no value, or reference zero or missing"
    )
    return panel.rows(level, "relative_level")


def gdp_per_head(
    table: Table = None, *, gdp: Op = "gdp", population: Op = "population", area: str = "area"
) -> Any:
    """GDP per head: ``gdp / population``.

    Population is that of the whole year, the mean of two year ends, in official figures; residents
    (常住人口), not the registered (户籍人口).

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    gdp, population : str, number, Series, array or Interval
        Column names, or values: 亿元 and 万人 give 万元 per head.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        NaN where the population is zero or a value is missing.

    Raises
    ------
    PanelError, UnitError
        As `completion_rate`.

    Warns
    -----
    UserWarning
        As `completion_rate`.

    Examples
    --------
    >>> gdp_per_head(gdp=200.0, population=50.0)
    4.0
    """
    operands = {"gdp": gdp, "population": population}
    return derive("gdp_per_head", table, area, operands, alike=False)


def gdp_density(
    table: Table = None, *, gdp: Op = "gdp", land: Op = "land_km2", area: str = "area"
) -> Any:
    """GDP per km² of land: ``gdp / land``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    gdp, land : str, number, Series, array or Interval
        Column names, or values; land in km².
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In the unit of ``gdp``, a km².

    Raises
    ------
    PanelError, UnitError
        As `completion_rate`.

    Warns
    -----
    UserWarning
        As `completion_rate`.

    Examples
    --------
    >>> gdp_density(gdp=242.0, land=1210.0)
    0.2
    """
    return derive("gdp_density", table, area, {"gdp": gdp, "land": land}, alike=False)


def rank(
    table: DataFrame, *, value: str = "value", area: str = "area", by: str | Sequence[str] = "year",
    ascending: bool = False,
) -> Series:  # fmt: skip
    """Rank within each ``by``: 1 is the largest; equal values share the better rank.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and ``by``.
    value : str, default "value"
        Column to rank, in one unit; negative values are welcome (growth rates).
    area : str, default "area"
        Column that names the areas.
    by : str or list of str, default "year"
        Rows with the same value here are compared.
    ascending : bool, default False
        Make 1 the smallest.

    Returns
    -------
    Series, shape (n,)
        On the index of ``table``; NaN, with a warning that names the area, where there is no value.

    Raises
    ------
    PanelError, UnitError
        As `gdp_share`.

    Warns
    -----
    UserWarning
        As `gdp_share`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "year": 2022, "value": [3.0, 1.0]})
    >>> rank(toy).tolist()
    [1.0, 2.0]
    """
    keys = [by] if isinstance(by, str) else list(by)
    panel = grid(table, value, *keys, area, signed=True)
    matrix.warn_cells("rank", panel, np.isnan(panel.cells), "no value")
    cells = panel.cells.reshape(-1, panel.cells.shape[-1])
    order = DataFrame(cells).rank(axis=1, method="min", ascending=ascending)
    return panel.rows(order.to_numpy().reshape(panel.cells.shape), "rank")


def rank_change(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year", lag: int = 1,
    ascending: bool = False,
) -> Series:  # fmt: skip
    """Count the places gained in ``lag`` years, ``rank[t - lag] - rank[t]``: up is positive.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    value : str, default "value"
        Column to rank, as in `rank`.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.
    lag : int, default 1
        Years back, by the number of the year.
    ascending : bool, default False
        Make 1 the smallest.

    Returns
    -------
    Series, shape (n,)
        On the index of ``table``; NaN where one of the two ranks is missing.

    Raises
    ------
    PanelError, UnitError
        As `rank`.

    Warns
    -----
    UserWarning
        As `rank`; and names level breaks between the years compared (see `growth_rate`).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"] * 2, "year": [2021, 2021, 2022, 2022]})
    >>> rank_change(toy.assign(value=[3.0, 1.0, 3.0, 4.0])).tolist()
    [nan, nan, -1.0, 1.0]
    """
    order = rank(table, value=value, area=area, by=year, ascending=ascending)
    panel = grid(table.assign(**{value: order}), value, area, year=year)
    change = lagged(panel, lag) - panel.cells
    since = panel.labels[0] - lag
    warn_of_breaks("the rank", table, panel, ~np.isnan(change), since, area=area, year=year)
    return panel.rows(change, "rank_change")


def resolve(
    table: DataFrame, value: str, area: str, by: str | Sequence[str], total: Total,
    year: str | None = None, signed: bool = False, add_up: bool = True,
) -> tuple[Grid, Floats, Flags]:  # fmt: skip
    """Put the table on axes ``([year], *by, area)``; give the totals and which areas are parts."""
    keys = [by] if isinstance(by, str) else list(by)
    panel = grid(table, value, *keys, area, year=year, signed=signed)
    keys = [year, *keys] if year else keys
    is_part, name = np.ones(len(panel.labels[-1]), bool), None
    if total is None:
        number = [i for i, key in enumerate(keys) if pd.api.types.is_numeric_dtype(table[key])]
        known = panel.given | (matrix.gaps(panel, number[0]) if number else False)
        whole = np.where(known, panel.cells, 0.0).sum(-1, keepdims=True)
    elif isinstance(total, Series):
        if len(keys) > 1 or total.index.has_duplicates:
            raise PanelError(f"a Series of totals needs one label for each {listed(keys)}")
        whole = total.reindex(panel.labels[0]).to_numpy(dtype=np.float64)[:, None]
    elif total in table:
        official = grid(table, total, *(k for k in keys if k != year), area, year=year).cells
        whole, least = (f.reduce(official, -1, keepdims=True) for f in (np.fmax, np.fmin))
        if (whole > least).any():
            spots = listed(matrix.names_of(panel, (whole > least)[..., 0]))
            raise PanelError(f"column {total!r} holds two totals for {spots}: keep one")
    else:
        name = _named(table, area, panel.labels[-1], total)
        is_part = np.asarray(panel.labels[-1] != name)
        whole = panel.cells[..., ~is_part]
    if add_up:
        refuse_own_part(table, area, name)
    return panel, whole, is_part


def _named(table: DataFrame, area: str, parts: pd.Index, total: str) -> Any:
    """Give the area that is the total: that name, or the row of the city or province."""
    digits = {"city": 4, "province": 2}.get(total)
    if total in parts:
        return total
    if digits and "area_code" in table:
        code = table["area_code"].astype("str")
        inside = code[(code.str.len() == 6) & ((digits == 2) | ~code.str.endswith("0000"))]
        upper = inside.str[:digits].str.ljust(6, "0").unique()
        names = table.loc[code.isin(upper), area].unique()
        if len(upper) == len(names) == 1:
            return names[0]
        raise PanelError(
            f"one area has to be the {total}, but of code {listed(upper)} there is "
            f"{listed(names) or 'none'}: keep one with its parts, or pass a column or Series"
        )
    raise PanelError(
        f"total {total!r} is neither a column nor one of the areas {listed(parts)}: name one"
    )


def refuse_own_part(table: DataFrame, area: str, without: Any = None) -> None:
    """Raise `PanelError` if a row is a subtotal of others, by ``level`` or ``area_code``."""
    if area == "area" and "level" in table:
        added = (~table["level"].isin(["area", ""]) & (table["area"] != without)).to_numpy()
        what, remedy = "a subtotal would be its own part", "keep the rows of level 'area'"
        matrix.refuse(table, added, ["area"], what, remedy)
    if area != "area" or "area_code" not in table:
        return
    own = table.loc[table["area"] == without, "area_code"]
    codes = set(map(str, set(table["area_code"].unique()) - set(own)))
    joint = {part: code for code in codes if "+" in code for part in code.split("+")}
    for code in codes:
        above = [] if "+" in code else [code[:n].ljust(6, "0") for n in (2, 4, 6)]
        for whole in (*above, joint.get(code, "")):
            if code and whole != code and whole in codes:
                text = table["area_code"].astype("str")
                names = [table.loc[text == c, "area"].iloc[0] for c in (whole, code)]
                raise PanelError(
                    f"{names[0]} ({whole}) contains {names[1]} ({code}) and would be its own part: "
                    f"leave it out, or pass it by name as the total or reference"
                )


def _warn_excess(panel: Grid, whole: Floats, is_part: Flags) -> None:
    excess = ratio(np.nansum(panel.cells[..., is_part], -1), whole[..., 0]) - 1
    names = matrix.names_of(panel, excess > 1e-12)
    if names:
        over = listed(
            f"{n} by {100 * e:.3g}%" for n, e in zip(names, excess[excess > 1e-12], strict=False)
        )
        message = f"the parts exceed the official total in {over}; nothing is rescaled"
        warnings.warn(message, UserWarning, stacklevel=3)
