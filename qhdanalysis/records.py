"""The record contract: one row a published value, with its unit, vintage and place.

One source is chosen (`select`), and records become a panel to compute on (`to_panel`). No value is
changed, averaged or joined without a word.
"""

import difflib
import re
import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis._assets import DATA
from qhdanalysis.areas import squeeze, warn_of_zones
from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.names import indicator_names, standard_code
from qhdanalysis.units import INFERRED, lookup

__all__ = [
    "EXAMPLE_AREA",
    "EXAMPLE_NOTE",
    "RECORD_COLUMNS",
    "RECORD_HEADINGS",
    "declared_breaks",
    "indicator_names",
    "record_column",
    "select",
    "standard_code",
    "to_panel",
    "unguard",
]

RECORD_HEADINGS = {
    "area": "地区", "area_code": "地区代码", "year": "年份", "indicator": "指标",
    "code": "指标代码", "value": "数值", "unit": "单位", "price_basis": "价格口径",
    "source": "来源", "source_url": "网址", "place": "位置", "level": "层级", "note": "备注",
}  # fmt: skip
"""The columns with their Chinese headings, as `export` and `template` write them."""

RECORD_COLUMNS = tuple(RECORD_HEADINGS)

EXAMPLE_AREA = "示例县"
"""The area of a template's example rows; who reads a table leaves such rows out and says so."""

EXAMPLE_NOTE = "示例行"
"""How the note of such a row begins: a row without it is the user's."""

PRICE_BASES = ("current", "comparable", "index", "growth", "na")

# A csv cell that begins so gets an apostrophe; one that has it already gets another.
GUARDED = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SUFFIXES = {
    "亿元": "yi", "万元": "wan", "元": "yuan", "亩": "mu", "万亩": "wan_mu", "公顷": "ha",
    "平方公里": "km2", "人": "persons", "万人": "wan_persons", "吨": "t", "万吨": "wan_t",
    "元/人": "yuan_per_person", "万元/人": "wan_per_person", "万美元": "wan_usd",
    "thousand USD": "thousand_usd", "上年=100": "", "个": "", "项": "", "家": "", "户": "",
}  # fmt: skip


def record_column(heading: str) -> str:
    """Give the column of the record contract that a heading names in either language, or ''.

    Examples
    --------
    >>> record_column("价格口径"), record_column("Price basis"), record_column("增速")
    ('price_basis', 'price_basis', '')
    """
    word = squeeze(heading).replace("_", "")
    return next((c for c, zh in RECORD_HEADINGS.items() if word in (zh, c.replace("_", ""))), "")


def unguard(text: str) -> str:
    """Take off the apostrophe that `export` sets before text that a spreadsheet would run.

    Examples
    --------
    >>> unguard("'=SUM(A1)"), unguard("'90年代")
    ('=SUM(A1)', "'90年代")
    """
    return text[1:] if text[:1] == "'" and GUARDED.match(text[1:]) else text


def conform(records: pd.DataFrame) -> pd.DataFrame:
    """Give the contract's columns in their types, rows numbered, '' where a text is missing."""
    if missing := [name for name in RECORD_COLUMNS if name not in records.columns]:
        raise PanelError(
            f"The table has no column {', '.join(map(repr, missing))}. Records have "
            f"{', '.join(RECORD_COLUMNS)}; read_table and load_dataset give them."
        )
    table = records[list(RECORD_COLUMNS)].reset_index(drop=True)
    texts = [name for name in RECORD_COLUMNS if name not in ("year", "value")]
    try:
        typed = table.astype({"year": "int64", "value": "float64"} | dict.fromkeys(texts, "str"))
    except (ValueError, TypeError) as error:
        raise PanelError(f"A year or a value of the records is no number: {error}.") from error
    if (typed["year"].astype("str").ne(table["year"].astype("str").str.removesuffix(".0"))).any():
        raise PanelError("A year of the records is no whole number.")
    return typed.fillna(dict.fromkeys(texts, ""))


def keys_of(records: pd.DataFrame) -> pd.DataFrame:
    """Give what a value is of: the area's code or name, the indicator's code or words, the year."""
    who = records["area_code"].where(records["area_code"].ne(""), records["area"])
    what = records["code"].where(records["code"].ne(""), records["indicator"])
    return pd.DataFrame({"who": who, "what": what, "year": records["year"]})


def refuse_twice(rows: pd.DataFrame, keys: pd.DataFrame, remedy: str) -> None:
    """Raise if several rows have one key, and name them with their sources."""
    if (twice := keys.duplicated(keep=False)).any():
        first = keys[twice].iloc[0]
        same = rows[keys.eq(first).all(axis=1)]
        said = [
            f"{row.value:.15g} {row.unit} [{row.price_basis}] in {row.source}"
            + (f" ({row.note})" if row.note else "")
            for row in same.head(4).itertuples()
        ]
        raise PanelError(
            f"{first['what']} of {same['area'].iloc[0]} in {first['year']} has {len(same)} values: "
            f"{'; '.join(said)}{'; and more' if len(same) > 4 else ''}. {remedy}"
        )


def unit_factor(unit: str, to: str) -> float:
    """Give the factor between two units, NaN where they do not convert.

    Examples
    --------
    >>> unit_factor("万元", "亿元"), unit_factor("万元", "人")
    (0.0001, nan)
    """
    try:
        have, want = lookup(unit), lookup(to)
        return float(have.size / want.size) if have.family == want.family else np.nan
    except UnitError:
        return 1.0 if unit == to else np.nan


def select(
    records: pd.DataFrame,
    *,
    code: str | Sequence[str] | None = None,
    area: str | Sequence[str] | None = None,
    prefer: str | Sequence[str] = (),
    years: int | Iterable[int] | None = None,
    price_basis: str | None = None,
) -> pd.DataFrame:
    """Take one published value for each area, year and indicator, in an order that you give.

    Parameters
    ----------
    records : DataFrame
        Records, several sources side by side.
    code, area : str or list of str, optional
        Codes or names of indicators; names or codes of areas.
    prefer : str or list of str, default ()
        Words of ``source`` or ``note`` in any case, best first. Where several rows stand for one
        value, the row is taken that holds the earliest of these words.
    years : int or iterable of int, optional
        The years wanted, for example ``range(2000, 2023)``.
    price_basis : str, optional
        "current", "comparable", "index", "growth" or "na".

    Returns
    -------
    DataFrame
        Rows of ``records`` as they are, at most one for each area, year and indicator.

    Raises
    ------
    PanelError
        If nothing fits (what there is is named), or several rows fit equally well; they are named
        with their sources.

    Warns
    -----
    UserWarning
        Names the series that the choice joins from several sources: their levels may not fit.

    Examples
    --------
    >>> from qhdanalysis.catalog import load_dataset
    >>> gdp = load_dataset("qhd_gdp")
    >>> city = select(gdp, code="gdp", area="秦皇岛市", prefer=["CSMAR"], years=[2017, 2018])
    >>> city["value"].tolist()
    [1500.3351, 1507.33]
    """
    kept = conform(records)
    if code is not None:
        named = kept["code"].where(kept["code"].ne(""), kept["indicator"])
        own = {*kept["code"]}
        codes = [word if word in own else standard_code(word) or word for word in _each(code)]
        kept = _only(kept, named, codes, "code")
    if area is not None:
        own_code = kept["area_code"].isin(_each(area))
        kept = _only(kept, kept["area"], _each(area), "area", own_code)
    if years is not None:
        kept = _only(kept, kept["year"], _each(years), "year")
    if price_basis is not None:
        kept = _only(kept, kept["price_basis"], [price_basis], "price basis")
    words = _each(prefer)
    # A word of the source counts before the same word of a note, which may name another source.
    rank = pd.Series(2 * len(words), index=kept.index)
    for place, word in reversed(list(enumerate(words))):
        for step, text in ((1, kept["note"]), (0, kept["source"])):
            found = text.str.casefold().str.contains(word.casefold(), regex=False)
            rank = rank.mask(found, 2 * place + step)
    keys = keys_of(kept)
    groups = [keys[name] for name in keys]
    best = rank.groupby(groups).transform("min")
    chosen = kept[rank.eq(best)]
    same = keys.loc[chosen.index].assign(
        value=chosen["value"], unit=chosen["unit"], basis=chosen["price_basis"]
    )
    chosen = chosen[~same.duplicated()]
    keys = keys.loc[chosen.index]
    held = kept["source"] + " " + kept["note"]
    lost = [w for w in words if not held.str.contains(w, case=False, regex=False).any()]
    strange = f"prefer={lost} matches no source and no note. " if lost else ""
    remedy = "Order them with prefer=[...], words of source or note, best first."
    refuse_twice(chosen, keys, strange + remedy)
    joined = chosen["source"].groupby([keys["who"], keys["what"]]).transform("nunique").gt(1)
    if joined.any():
        series = dict.fromkeys(keys["what"][joined] + " of " + chosen["area"][joined])
        some = ", ".join(list(series)[:5])
        warnings.warn(
            f"{len(series)} series are joined from several sources ({some}): a step between two of "
            "them may be no growth. The column source tells which year is whose.",
            stacklevel=2,
        )
    return records.iloc[chosen.index]


@cache
def _shipped_breaks() -> pd.DataFrame:
    path = DATA / "qhd_breaks.csv"
    return pd.read_csv(path, dtype={"area_code": "str"}, keep_default_na=False, encoding="utf-8")


def declared_breaks(codes: Iterable[str], breaks: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give the level breaks of some indicators, by default those that are shipped.

    Each stands twice, ``who`` being once the area's code and once its name: a table may have
    either.

    Examples
    --------
    >>> declared_breaks(["gdp"]).query("who == '秦皇岛市'")["year"].tolist()
    [2009, 2018]
    """
    table = _shipped_breaks() if breaks is None else breaks
    table = table[table["code"].isin(list(codes))].astype({"year": "int64", "kind": "str"})
    names = [name for name in ("area_code", "area") if name in table]
    twice = pd.concat([table.assign(who=table[name].astype("str")) for name in names])
    return twice[["who", "year", "kind"]].drop_duplicates()


def _break_at(keys: pd.DataFrame, breaks: pd.DataFrame) -> "pd.Series[str]":
    """Give the kinds of break at the first year of each series that is on the new level."""
    rows = keys[["who", "year"]].sort_values("year").assign(at=lambda table: table["year"])
    own = breaks.sort_values("year", kind="stable")
    first = own["who"].map(rows.groupby("who")["year"].min()).astype("float64")
    found = pd.merge_asof(own[own["year"] >= first], rows, "year", by="who", direction="forward")
    found = found.dropna(subset="at").astype({"at": "int64"})
    kinds = found.groupby(["who", "at"])["kind"].agg(lambda words: ", ".join(words.unique()))
    return kinds.rename("break").rename_axis(["who", "year"])


def _each(wanted: Any) -> list[Any]:
    return [wanted] if isinstance(wanted, str | int | np.integer) else list(wanted)


def _only(
    kept: pd.DataFrame,
    names: "pd.Series[Any]",
    wanted: list[Any],
    what: str,
    also: "pd.Series[bool] | bool" = False,
) -> pd.DataFrame:
    """Keep the rows whose name is wanted, or say which names there are."""
    found = kept[names.isin(wanted) | also]
    if found.empty:
        there = sorted(set(names))
        if what == "year":
            first = [year for year in there if year - 1 not in there]
            last = [year for year in there if year + 1 not in there]
            some = [f"{a} to {b}" if b > a else str(a) for a, b in zip(first, last, strict=True)]
        else:  # near ones first
            near = difflib.get_close_matches(str(*wanted[:1]), there)
            some = list(dict.fromkeys([*near, *there]))
        more = f" and {len(some) - 12} more" if len(some) > 12 else ""
        raise PanelError(
            f"No record has {what} {', '.join(map(str, wanted))}. There are: "
            f"{', '.join(some[:12]) or 'none'}{more}."
        )
    return found


def panel_columns(name: str) -> tuple[str, str]:
    """Take the name of a panel column apart into indicator and unit.

    Examples
    --------
    >>> panel_columns("gdp_yi"), panel_columns("share_primary")
    (('gdp', '亿元'), ('share_primary', ''))
    """
    units = {suffix: unit for unit, suffix in _SUFFIXES.items() if suffix}
    known = indicator_names()
    for suffix in sorted(units, key=len, reverse=True):
        if (code := name.removesuffix(f"_{suffix}")) != name and code in known:
            return code, units[suffix]
    return name, ""


def _column(code: str, unit: str) -> str:
    """Name a panel column after its indicator and unit: ``gdp_yi``."""
    same = [suffix for other, suffix in _SUFFIXES.items() if unit_factor(unit, other) == 1]
    suffix = "" if _per(unit) > 1 else (same or [re.sub(r"\W+", "_", unit)])[0]
    return f"{code}_{suffix}" if suffix else code


def _per(unit: str) -> int:
    """Give by what a ratio is divided to become a fraction; 1 for any other unit."""
    return {"%": 100, "％": 100, "‰": 1000}.get(unit, 1)


def to_panel(
    records: pd.DataFrame,
    *,
    wide: bool = False,
    breaks: pd.DataFrame | None = None,
    accept_inferred: bool = False,
) -> pd.DataFrame:
    """Turn records into a table to compute on: one row per area and year, one column per unit.

    Parameters
    ----------
    records : DataFrame
        One value for each area, year and indicator, as `select` gives; one unit per indicator, as
        ``convert`` gives.
    wide : bool, default False
        For one indicator: areas down and years across.
    breaks : DataFrame, optional
        Declared level breaks (``area_code`` or ``area``, ``year, code, kind``); by default those
        of "qhd_breaks".
    accept_inferred : bool, default False
        Take units that a reader inferred or that are missing.

    Returns
    -------
    DataFrame
        ``area, area_code, year``, one column for each indicator named after its unit (``gdp_yi``;
        a percentage becomes a fraction and keeps its name), and ``break``: the kinds of break
        declared for that area and year, or for a missing year just before it; '' if none. With
        ``wide``, areas as index and years as columns (their codes, where two areas share a name).
        ``attrs`` tell ``units`` and ``breaks`` in words.

    Raises
    ------
    PanelError
        If an area has two values for one year and indicator, or price bases are mixed.
    UnitError
        If an indicator stands in several units, or its unit is missing or inferred.

    Warns
    -----
    UserWarning
        If subtotals are left out, or if functional zones stand beside the districts and counties
        that host them: they overlap and must not be summed.

    Examples
    --------
    >>> from qhdanalysis.catalog import load_dataset
    >>> gdp = load_dataset("qhd_gdp")
    >>> rows = select(gdp, code="gdp", area="昌黎县", prefer=["CSMAR"], years=[2020, 2021])
    >>> to_panel(rows)[["year", "gdp_wan"]].to_numpy().tolist()
    [[2020.0, 3020765.0], [2021.0, 3372471.0]]
    """
    records = conform(records)
    rows = records[records["level"].isin(["area", ""])]
    if rows.empty:
        raise PanelError("There is no record of an area: the table is empty or holds sums only.")
    if len(out := records[records["level"].eq("subtotal")]):
        some = ", ".join(list(dict.fromkeys(out["area"]))[:5])
        warnings.warn(f"Subtotals are left out of the panel: {some}.", stacklevel=2)
    keys = keys_of(rows)
    refuse_twice(rows, keys, "Take one of them with select().")
    units = rows["unit"].groupby(keys["what"]).unique()
    bases = rows["price_basis"].groupby(keys["what"]).unique()
    for what, found in units.items():
        if len(found) > 1:
            raise UnitError(
                f"{what} stands in {', '.join(found)}: convert(records, to={found[0]!r}) first."
            )
        if len(bases[what]) > 1:
            raise PanelError(
                f"{what} has price bases {', '.join(bases[what])}: select(price_basis=...), or set "
                "the column price_basis where you know it."
            )
    guessed = rows["unit"].eq("") | rows["note"].str.contains(INFERRED, regex=False)
    if guessed.any() and not accept_inferred:
        row = rows[guessed].iloc[0]
        state, remedy = "inferred", "check it, then pass accept_inferred=True"
        if not row["unit"]:
            state, remedy = "missing", "give it: read_table(..., unit='亿元'), or the column 'unit'"
        raise UnitError(f"The unit of {row['indicator']} is {state} ({row['place']}): {remedy}.")
    names = {what: _column(what, found[0]) for what, found in units.items()}
    per = rows["unit"].map({unit: _per(unit) for unit in rows["unit"].unique()})
    tidy = keys.assign(value=rows["value"] / per, column=keys["what"].map(names))
    panel = tidy.pivot(index=["who", "year"], columns="column", values="value")
    panel = panel[[names[what] for what in dict.fromkeys(keys["what"])]].rename_axis(columns=None)
    called = rows[["area", "area_code"]].assign(who=keys["who"], year=rows["year"])
    called = called.sort_values("year").drop_duplicates("who", keep="last").set_index("who")
    panel = panel.reset_index().join(called[["area", "area_code"]], on="who")
    warn_of_zones(called["area_code"], called["area"])
    joined = _break_at(panel, declared_breaks(names, breaks))
    panel = panel.join(joined, on=["who", "year"]).fillna({"break": ""})
    order = ["area", "area_code", "year", *names.values(), "break"]
    panel = panel[order].sort_values(["area_code", "area", "year"], ignore_index=True)
    marked = panel[panel["break"].ne("")]
    said = tuple(f"{row.area} {row.year}: {row[-1]}" for row in marked.itertuples(index=False))
    if wide:
        if len(names) != 1:
            raise PanelError(f"wide=True takes one indicator, not {len(names)}: select(code=...).")
        label = "area" if called["area"].is_unique else "area_code"
        panel = panel.pivot(index=label, columns="year", values=order[3])
    panel.attrs = {
        "units": tuple(f"{names[what]}: {found[0]}" for what, found in units.items()),
        "breaks": said,
    }
    return panel
