"""Economic structure of areas: location quotient, specialisation, concentration, shift-share.

All take one row per area, year and sector. A sector without a row in one area, while other areas
have it in that year, is missing like NaN: that area is left out of the year, from the sums of all
areas too, and named, for its total is unknown. Where an absent row means zero, pass ``fill=0``.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.indicators._breaks import warn_of_breaks
from qhdanalysis.indicators.matrix import Flags, Floats, Grid, ratio
from qhdanalysis.indicators.shares import refuse_own_part

Method = Literal["classical", "esteban-marquillas", "dynamic", "gerfin"]


def location_quotient(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    sector: str = "sector", total: str | None = None, reference: str | None = None,
    fill: float = np.nan,
) -> Series:  # fmt: skip
    """Location quotient (区位商) of each row: ``(e[a,s] / e[a]) / (E[s] / E)``.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area, year and sector.
    value : str, default "value"
        Employment, value added or another amount, in one unit.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.
    sector : str, default "sector"
        Column that names the sectors.
    total : str, optional
        The name in ``sector`` of the official total. Without it the totals are the sums over the
        sectors given, which are less where some are withheld; the two give other values.
    reference : str, optional
        The area that the others are compared with (the nation, the province). Without it the sum
        over the areas given.
    fill : float, default NaN
        What an absent row stands for: missing, or 0 where no row means nothing there.

    Returns
    -------
    Series, shape (n,)
        1 is the reference's own structure; on the index of ``table``. NaN in areas that are empty
        or incomplete, and in sectors that the reference does not have. Weighted by the areas'
        shares in all sectors, the quotients of a sector add up to 1.

    Raises
    ------
    PanelError
        If a combination stands twice, a value is negative or text, ``total`` or ``reference`` is
        not in the table, or an area stands beside one that it contains.

    Warns
    -----
    UserWarning
        Names the areas and years without a result.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "甲县", "乙县", "乙县"], "sector": ["农", "工"] * 2})
    >>> location_quotient(toy.assign(year=2022, value=[30.0, 10.0, 10.0, 50.0])).round(3).tolist()
    [1.875, 0.417, 0.417, 1.389]
    """
    panel, amounts, sums, _ = _read(table, value, area, year, sector, fill, reference, total)
    base, base_sum = _reference(panel, amounts, sums, reference)
    quotient = ratio(ratio(amounts, sums), ratio(base, base_sum))
    _warn("location quotient", panel, (np.isnan(sums) | (sums == 0))[..., 0], base[:, 0] == 0)
    return panel.rows(quotient, "location_quotient")


def specialisation(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    sector: str = "sector", reference: str | None = None, fill: float = np.nan,
) -> DataFrame:  # fmt: skip
    """How far the structure of each area leans on few sectors, or off that of the reference.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area, year and sector.
    value : str, default "value"
        Employment, value added or another amount, in one unit.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.
    sector : str, default "sector"
        Column that names the sectors.
    reference : str, optional
        For ``krugman``: the name of an area, or "others" (the plain mean of the structures of the
        other areas, as in the original paper and in R's REAT). Without it all areas together,
        the area itself among them.
    fill : float, default NaN
        What an absent row stands for: missing, or 0 where no row means nothing there.

    Returns
    -------
    DataFrame
        ``year``, ``area`` and, with ``s`` the share of a sector in the area: ``herfindahl``
        (sum of ``s ** 2``), ``herfindahl_normalised`` (``(H - 1/n) / (1 - 1/n)``, n with the
        empty sectors), ``effective_number`` (``1 / H``), ``entropy`` (``-sum(s * ln s)``, natural
        logarithm: divide by ln 2 for bits), ``krugman`` (sum of ``|s - s_ref|``, 0 to 2),
        ``coefficient`` of specialisation (half of that, 0 to 1), ``n`` and ``n_missing``
        (sectors with and without a value).

    Raises
    ------
    PanelError, UnitError
        As `location_quotient`.

    Warns
    -----
    UserWarning
        As `location_quotient`.

    References
    ----------
    P. Krugman, Geography and Trade (1991).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "甲县", "乙县", "乙县"], "sector": ["农", "工"] * 2})
    >>> table = specialisation(toy.assign(year=2022, value=[30.0, 10.0, 10.0, 50.0]))
    >>> table.set_index("area")[["herfindahl", "krugman"]].round(3).loc["甲县"].tolist()
    [0.625, 0.7]
    """
    panel, amounts, sums, active = _read(table, value, area, year, sector, fill, reference)
    share, number = ratio(amounts, sums), active.sum(-1).astype(float)
    if reference == "others":
        known = ~np.isnan(share).any(-1, keepdims=True)
        whole = np.where(known, share, 0).sum(1, keepdims=True)
        structure = ratio(whole - share, known.sum(1, keepdims=True) - 1.0)
    else:
        structure = ratio(*_reference(panel, amounts, sums, reference))
    herfindahl = np.square(share).sum(-1)
    krugman = np.abs(share - structure).sum(-1)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    _warn("specialisation", panel, np.isnan(krugman))
    n = (~np.isnan(panel.cells)).sum(-1)
    columns = {"herfindahl": herfindahl}
    columns["herfindahl_normalised"] = ratio(herfindahl - 1 / number, 1 - 1 / number)
    columns |= {"effective_number": 1 / herfindahl, "entropy": -(share * logs).sum(-1)}
    columns |= {"krugman": krugman, "coefficient": krugman / 2}
    columns |= {"n": n, "n_missing": number.astype(int) - n}
    return matrix.tidy(panel.labels[:2], [year, area], columns, np.asarray(panel.given.any(-1)))


def concentration(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    sector: str = "sector", largest: int = 4, fill: float = np.nan,
) -> DataFrame:  # fmt: skip
    """How far each sector is gathered in few areas, or apart from all sectors together.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area, year and sector.
    value : str, default "value"
        Employment, value added or another amount, in one unit.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.
    sector : str, default "sector"
        Column that names the sectors.
    largest : int, default 4
        Number of areas in the concentration ratio.
    fill : float, default NaN
        What an absent row stands for: missing, or 0 where no row means nothing there.

    Returns
    -------
    DataFrame
        ``year``, ``sector`` and, with ``c`` the share of an area in the sector and ``a`` in all
        sectors: ``locational_gini`` (Gini of the location quotients with weights ``a``, 0 to 1;
        the area under the curve that R's REAT and some books give is half of it),
        ``localisation`` (half the sum of ``|c - a|``, the coefficient of localisation, 0 to 1),
        ``herfindahl`` (sum of ``c ** 2``), ``concentration_ratio`` (sum of the ``largest``
        greatest ``c``), ``n`` and ``n_missing`` (areas in the sums and left out).

    Raises
    ------
    PanelError, UnitError
        As `location_quotient`.

    Warns
    -----
    UserWarning
        As `location_quotient`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "甲县", "乙县", "乙县"], "sector": ["农", "工"] * 2})
    >>> table = concentration(toy.assign(year=2022, value=[30.0, 10.0, 10.0, 50.0]), largest=1)
    >>> table.set_index("sector")[["localisation", "concentration_ratio"]].loc["农"].tolist()
    [0.35, 0.75]
    """
    panel, amounts, sums, active = _read(table, value, area, year, sector, fill)
    known = ~np.isnan(sums[..., 0])
    amounts = np.ascontiguousarray(amounts.swapaxes(1, 2))  # (year, sector, area)
    amounts = np.where(known[:, None], amounts, 0.0)
    weight = np.where(known, sums[..., 0], 0.0)[:, None]
    share = ratio(amounts, amounts.sum(-1, keepdims=True))
    weight = ratio(weight, weight.sum(-1, keepdims=True))
    order = np.argsort(share * ratio(np.ones_like(weight), weight), axis=-1)  # by the quotients
    row = np.arange(0, order.size, order.shape[-1]).reshape(*order.shape[:2], 1)
    rise = share.ravel().take(order + row)
    step = weight.ravel().take(order + row // order[0].size * order.shape[-1])
    twice_below = np.einsum("...a,...a", step, 2 * np.cumsum(rise, axis=-1) - rise)
    most = max(share.shape[-1] - largest, 0)
    _warn("a part in concentration", panel, ~known, (amounts == 0).all(-1))
    columns = {"locational_gini": np.maximum(1 - twice_below, 0)}
    columns["localisation"] = np.abs(share - weight).sum(-1) / 2
    columns["herfindahl"] = np.square(share).sum(-1)
    columns["concentration_ratio"] = np.partition(share, most, axis=-1)[..., most:].sum(-1)
    columns |= {"n": known.sum(-1, keepdims=True), "n_missing": (~known).sum(-1, keepdims=True)}
    return matrix.tidy(panel.labels[::2], [year, sector], columns, np.asarray(active[:, 0]))


def shift_share(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    sector: str = "sector", start: int | None = None, end: int | None = None,
    reference: str | None = None, method: Method = "classical", by_sector: bool = False,
    fill: float = np.nan,
) -> DataFrame:  # fmt: skip
    """Change of each area split into national, structural and regional parts (偏离份额).

    With ``e`` in the area, ``E`` in the reference, ``G`` its growth and ``g`` that of a sector:
    ``national = e0 * G``, ``mix = e0 * (g - G)``, ``regional = e1 - e0 * (1 + g)``. This form of
    the regional part needs no growth rate of the area, so the three add up to the change with
    empty, new and vanished sectors too.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area, year and sector.
    value : str, default "value"
        Employment, value added or another amount, in one unit.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.
    sector : str, default "sector"
        Column that names the sectors.
    start, end : int, optional
        Years; by default the first and the last of the table.
    reference : str, optional
        The area that the others are compared with. Without it the sum over the areas given.
    method : str, default "classical"
        "classical" (Dunn 1960); "esteban-marquillas" (1972), which splits the regional part into
        that on the base the area would have with the reference's structure (``regional``) and
        the rest (``allocation``), a sector new to the area staying in ``regional``;
        "dynamic", the yearly classical parts added up; "gerfin", ratios whose product is
        growth against the reference: ``mix = sum(e0 (1 + g)) / (sum(e0) (1 + G))``,
        ``regional = sum(e1) / sum(e0 (1 + g))``, ``net = mix * regional``.
    by_sector : bool, default False
        One row a sector too (not with "gerfin"). REAT's shifti() gives another national part by
        sector, since it decomposes each sector by itself and so loses the mix.
    fill : float, default NaN
        What an absent row stands for: missing, or 0 where no row means nothing there.

    Returns
    -------
    DataFrame
        ``area`` (and ``sector``), ``change``, ``national``, ``mix``, ``regional``
        (``allocation``), or ``mix``, ``regional``, ``net``; ``start``, ``end``, ``n`` and
        ``n_missing`` (sectors with and without the values).

    Raises
    ------
    PanelError, UnitError
        As `location_quotient`; if a year is not in the table.

    Warns
    -----
    UserWarning
        As `location_quotient`; and names level breaks between the years (see `growth_rate`).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": list("甲甲乙乙") * 2, "sector": list("农工") * 4})
    >>> toy = toy.assign(year=[2020] * 4 + [2022] * 4, value=[30, 10, 10, 50, 30, 20, 10, 60])
    >>> parts = shift_share(toy).set_index("area")
    >>> parts.loc["甲", ["change", "national", "mix", "regional"]].round(2).tolist()
    [10.0, 8.0, -4.67, 6.67]
    """
    panel, amounts, sums, active = _read(table, value, area, year, sector, fill, reference)
    matrix.one_of("method", method, get_args(Method))
    first, last = matrix.year_ends(panel, start, end)
    used = np.arange(first, last + 1) if method == "dynamic" else np.array([first, last])
    amounts, sums = amounts[used], sums[used]
    base, base_sum = _reference(panel, amounts, sums, reference)
    e0, e1, r0, r1 = amounts[:-1], amounts[1:], base[:-1], base[1:]
    whole = ratio(base_sum[1:], base_sum[:-1])  # 1 + G
    # a sector that the reference lacks at first has no growth; it is all regional if e0 is 0 too
    factor = np.where((r0 == 0) & (e0 == 0), whole, ratio(r1, r0))  # 1 + g
    parts = {"change": e1 - e0, "national": e0 * (whole - 1), "mix": e0 * (factor - whole)}
    parts["regional"] = e1 - e0 * factor
    if method == "esteban-marquillas":
        homothetic = sums[:-1] * ratio(r0, base_sum[:-1])
        same_base = homothetic * (ratio(e1, e0) - factor)
        parts["allocation"] = np.where(e0 == 0, 0.0, parts["regional"] - same_base)
        parts["regional"] = np.where(e0 == 0, parts["regional"], same_base)
    if method == "gerfin":
        expected = (e0 * factor).sum(-1, keepdims=True)
        mix, regional = ratio(expected, sums[:-1] * whole), ratio(sums[1:], expected)
        parts = {"mix": mix, "regional": regional, "net": mix * regional}
    columns = {name: part.sum(0) for name, part in parts.items()}
    if not by_sector:
        columns = {name: part.sum(-1, keepdims=True) for name, part in columns.items()}
    lost = (np.isnan(panel.cells[used]) & active[used]).any(0).sum(-1, keepdims=True)
    undefined = np.isnan(columns["regional"]).any(-1) & panel.given.any((0, 2))
    reasons = (f"{name} (a sector or year missing)" for name in panel.labels[1][undefined])
    matrix.warn_undefined("shift-share", reasons)
    begin, finish = panel.labels[0].to_numpy()[[first, last]]
    known = panel.given[last].any(-1) & ~undefined
    warn_of_breaks("shift-share", table, panel, known, begin, area=area, year=year, until=finish)
    n = active[used].any(0).sum(-1, keepdims=True) - lost
    columns |= {"start": begin, "end": finish, "n": n, "n_missing": lost}
    axes = [panel.labels[1], panel.labels[2] if by_sector else pd.RangeIndex(1)]
    frame = matrix.tidy(axes, [area, sector], columns)
    return frame if by_sector else frame.drop(columns=sector)


def _read(
    table: DataFrame, value: str, area: str, year: str, sector: str, fill: float,
    reference: str | None = None, total: str | None = None,
) -> tuple[Grid, Floats, Floats, Flags]:  # fmt: skip
    """Give the panel; amounts with incomplete areas as NaN; their sums; the sectors of a year.

    Shapes (year, area, sector), the sums (year, area, 1), the sectors (year, 1, sector).
    """
    panel = matrix.grid(table, value, area, sector, year=year, fill=fill)
    if reference in (None, "others"):
        refuse_own_part(table, area)
    active: Flags = np.asarray(panel.given.any(1, keepdims=True))
    amounts = panel.cells if active.all() else np.where(active, panel.cells, 0.0)
    if total is None:
        sums = amounts.sum(-1, keepdims=True)  # NaN where a sector is missing
        if np.isnan(sums).any():
            amounts = np.where(np.isnan(sums), np.nan, amounts)
    elif total in panel.labels[2]:
        sums = amounts[..., panel.labels[2] == total]
    else:
        raise PanelError(
            f"total {total!r} is no sector of the table, which has {matrix.listed(panel.labels[2])}"
        )
    return panel, amounts, sums, active


def _reference(
    panel: Grid, amounts: Floats, sums: Floats, reference: str | None
) -> tuple[Floats, Floats]:
    """Give sectors and total that the areas are compared with: an area, or the sum of all."""
    areas = panel.labels[1]
    if reference is None:
        known = ~np.isnan(sums)
        return (
            np.where(known, amounts, 0.0).sum(1, keepdims=True),
            np.where(known, sums, 0.0).sum(1, keepdims=True),
        )
    if reference not in areas:
        raise PanelError(f"reference {reference!r} is no area of the table: {matrix.listed(areas)}")
    return amounts[:, areas == reference], sums[:, areas == reference]


def _warn(what: str, panel: Grid, areas: Flags, sectors: Flags | None = None) -> None:
    """Warn of undefined areas (year, area) and of sectors that are empty (year, sector)."""
    names = matrix.names_of(panel, areas & panel.given.any(-1))
    reasons = [f"{name} (empty, or a sector missing)" for name in names]
    if sectors is not None:
        year, sector = panel.labels[::2]
        empty = np.argwhere(sectors & panel.given.any(1))[: matrix.SOME]
        reasons += [f"{sector[s]} {year[y]} (an empty sector)" for y, s in empty]
    matrix.warn_undefined(what, reasons, 4)
