"""Charts over time: values, shares, contributions to growth, and projections with their history."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.indicators import matrix
from qhdanalysis.plots import canvas, style
from qhdanalysis.plots.canvas import Chart
from qhdanalysis.plots.style import COLOURS, DASHES, MARKERS, QUIET
from qhdanalysis.projection.series import whole_years
from qhdanalysis.projection.wording import say_note

NAMED_LINES = 20  # more lines than this cannot be told apart by their names
MOST_OF_A_WHOLE = 1.5  # a part may exceed its total where their scopes differ, but not by more


def _series(table: pd.DataFrame, value: str, area: str, year: str) -> pd.DataFrame:
    """Give area, year and value, sorted; two values for one area and year are an error."""
    data = canvas.need(table, area, year, numeric=[value])
    years = whole_years(data[year])
    data = pd.DataFrame({"area": data[area].astype(str), "year": years, "value": data[value]})
    canvas.once(data, ["area", "year"], "choose one source and indicator with select()")
    return data.dropna().sort_values(["area", "year"])


def _cuts(drawing: Chart, breaks: pd.DataFrame | None, data: pd.DataFrame) -> dict[str, list[int]]:
    """Mark the breaks of the areas and years shown, note their kinds, and give them by area."""
    if breaks is None or breaks.empty:
        return {}
    marks = canvas.need(breaks, "area", "year")
    marks = marks.assign(year=whole_years(marks["year"]))
    span = marks["year"].between(data["year"].min() + 1, data["year"].max())
    marks = marks[marks["area"].isin(data["area"]) & span]
    marks = marks.assign(kind=marks.get("kind", ""))
    words = []
    for at, kinds in marks.groupby("year")["kind"]:
        drawing.ax.axvline(at, color=QUIET, linewidth=0.6, linestyle=(0, (1, 3)), zorder=0.6)
        named = drawing.say("comma").join(drawing.say(kind) for kind in kinds.unique() if kind)
        words.append(drawing.say("break_kind" if named else "year", year=at, kind=named))
    if words:
        drawing.note("break", years=drawing.say("comma").join(words))
    return {area: those.tolist() for area, those in marks.groupby("area")["year"]}


def _line(
    drawing: Chart, data: pd.DataFrame, cuts: list[int], colour: str, dash: object, marker: str
) -> None:
    """Draw one series: cut at its breaks, dotted across years without data."""
    years, values = data["year"].to_numpy(), data["value"].to_numpy()
    cut = np.array([any(a < c <= b for c in cuts) for a, b in pairwise(years)], dtype=bool)
    gap = (np.diff(years) > 1) & ~cut
    piece = np.concatenate([[0], np.cumsum(cut | gap)])
    size = 3.2 if len(years) < 15 else 2.2
    for part in np.unique(piece):
        drawing.ax.plot(
            years[piece == part], values[piece == part], color=colour, linestyle=dash,
            linewidth=1.5, marker=marker, markersize=size,
        )  # fmt: skip
    for i in np.flatnonzero(gap):
        drawing.ax.plot(years[i : i + 2], values[i : i + 2], color=colour, lw=0.8, ls=":")
        drawing.note("gap")


def plot_share(
    table: pd.DataFrame, *, value: str = "share", area: str = "area", year: str = "year",
    breaks: pd.DataFrame | None = None, name: str = "share", ax: Axes | None = None,
    lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Draw shares over time, one line an area, its latest value written at its end.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year. Of more than 20 areas the ten largest are named and the rest
        are grey.
    value : str, default "share"
        Column of fractions (0.33 is drawn as 33%).
    area, year : str
        Columns of names and whole years.
    breaks : DataFrame, optional
        Columns area, year (first year of the new level) and, if there, kind. A line is cut where
        its area has a break; a vertical line marks the year, and the note under the figure says
        the kind. Breaks of areas not drawn are left out.
    name : str, default "share"
        What is drawn, above the axis: a key of the label table or any text.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty, lacks a column, has two values for one area and year, or its values
        are no shares: above 1.5, or records with a unit.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "昌黎县", "year": [2021, 2022], "share": [0.183, 0.184]})
    >>> ax = plot_share(toy, source="example")
    >>> ax.get_ylabel(), ax.texts[0].get_text()
    ('占比（%）', '昌黎县 18.4%')
    """
    data = _series(table, value, area, year)
    units = table["unit"].astype(str) if value == "value" and "unit" in table else pd.Series("")
    if units.ne("").any():
        raise PanelError(
            f"{value!r} is in {matrix.listed(units)}, and a share is a fraction: compute it first, "
            "as gdp_share does, or draw the values themselves with plot_series"
        )
    wrong = data["value"].abs().gt(MOST_OF_A_WHOLE).to_numpy()
    matrix.refuse(
        data, wrong, ("area", "year"), f"{value!r} is no share ({data['value'].abs().max():g})",
        "give fractions, as 0.33 for 33%; plot_series draws values of any size",
    )  # fmt: skip
    return _lines(table, data, area, breaks, name, "percent", ax, lang, title, source)


def plot_series(
    table: pd.DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    breaks: pd.DataFrame | None = None, name: str = "", unit: str = "", ax: Axes | None = None,
    lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Draw values over time, one line an area, its latest value written at its end.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year: records of one indicator, as `select` gives them, or any table.
        Of more than 20 areas the ten largest are named and the rest are grey.
    value : str, default "value"
        Column of numbers in one unit.
    area, year : str
        Columns of names and whole years.
    breaks : DataFrame, optional
        As in `plot_share`.
    name : str, optional
        What is drawn, above the axis: a key of the label table or any text. Without it the
        indicator, where the table has one in a column ``code``.
    unit : str, optional
        Unit of the values; ``"percent"`` for fractions. Records (column ``value``) bring their own
        in a column ``unit``. A large or small unit is shown as its reader counts: 亿元 are drawn
        as 亿元 in Chinese and as billion yuan in English.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty, lacks a column, or has two values for one area and year.
    UnitError
        If records have several units or none, one that was only inferred, or another than ``unit``.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "昌黎县", "year": [2021, 2022], "value": [337.2, 351.1]})
    >>> ax = plot_series(toy.assign(code="gdp", unit="亿元"), lang="en", source="example")
    >>> ax.get_ylabel(), ax.texts[0].get_text()
    ('GDP (billion yuan)', 'Changli 35.11')
    """
    data = _series(table, value, area, year)
    if value == "value" and "unit" in table:
        matrix.one_unit(table)
        held = str(table["unit"].iloc[0])
        if unit not in ("", held):
            raise UnitError(f"the values are in {held}: use convert(table, to={unit!r}) first")
        unit = held
    codes = list(table["code"].unique()) if "code" in table else []
    name = name or (str(codes[0]) if len(codes) == 1 else "")
    return _lines(table, data, area, breaks, name, unit, ax, lang, title, source)


def _lines(
    table: pd.DataFrame, data: pd.DataFrame, area: str, breaks: pd.DataFrame | None, name: str,
    unit: str, ax: Axes | None, lang: str, title: str, source: str,
) -> Axes:  # fmt: skip
    """Draw one line an area, and write the latest values beside their ends."""
    latest = data.drop_duplicates("area", keep="last").set_index("area")["value"]
    names = data["area"].unique()
    if len(names) > NAMED_LINES:
        names = latest.nlargest(NAMED_LINES // 2).index
    tall = 3.4 + 0.09 * max(len(names) - 8, 0)
    with canvas.chart(ax, lang, title, source, (6.3, tall)) as drawing:
        drawing.note_missing(table[area].astype(str), latest.index)
        write = drawing.axis("y", name, unit, data["value"])
        cuts = _cuts(drawing, breaks, data)
        for each in latest.index.difference(names):
            series = data[data["area"].eq(each)]
            drawing.ax.plot(series["year"], series["value"], color=style.FAINT, lw=0.8, zorder=0.8)
        if len(latest) > len(names):
            drawing.note("unnamed", n=len(latest) - len(names))
        ends, last = [], data["year"].max()
        for i, each in enumerate(names):
            series = data[data["area"].eq(each)]
            colour, dash = COLOURS[i % len(COLOURS)], DASHES[(i + i // len(COLOURS)) % len(DASHES)]
            _line(drawing, series, cuts.get(each, []), colour, dash, MARKERS[i % len(MARKERS)])
            at, end = int(series["year"].iloc[-1]), float(series["value"].iloc[-1])
            key = "named" if at == last else "named_year"
            text = drawing.say(key, name=drawing.say(each), value=write(end), year=at)
            ends.append((at, end, text, colour))
        drawing.year_axis(data["year"])
        drawing.end_labels(ends)
    return drawing.ax


def plot_contribution(
    table: pd.DataFrame, *, value: str = "points", area: str = "area", year: str = "year",
    total: str = "total_growth", name: str = "contribution", ax: Axes | None = None,
    lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Draw contributions to growth: bars by area for one year, stacked columns for several.

    Parameters
    ----------
    table : DataFrame
        One row per area and year, as `contribution_to_growth` gives it.
    value : str, default "points"
        Contribution as a fraction of the total before: 0.012 is drawn as 1.2 points.
    area, year : str
        Columns of names and whole years.
    total : str, default "total_growth"
        Column with the growth of the total, if the table has it: a diamond on stacked columns.
    name : str, default "contribution"
        What is drawn, above the axis: a key of the label table or any text.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        As in `plot_share`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "year": 2022, "points": [0.03, -0.004]})
    >>> [text.get_text() for text in plot_contribution(toy, lang="en").texts][0]
    '3.0'
    """
    data = _series(table, value, area, year)
    years = np.sort(data["year"].unique())
    wide = data.pivot(index="year", columns="area", values="value")[data["area"].unique()]
    order = [each for each in dict.fromkeys(table[area].astype(str)) if each in wide]
    one = wide[order].iloc[0]
    size = (6.3, 1.2 + 0.3 * len(order)) if len(years) == 1 else (6.3, 3.4)
    with canvas.chart(ax, lang, title, source, size) as drawing:
        drawing.note_missing(table[area].astype(str), order)
        if len(years) == 1:
            write = drawing.axis("x", name, "points", one, significant=3)
            colours = np.where(one < 0, COLOURS[1], COLOURS[0])
            bars = drawing.ax.barh(drawing.rows(order), one, height=0.58, color=colours)
            drawing.ax.bar_label(bars, list(map(write, one)), padding=3, fontsize=8)
            drawing.ax.axvline(0, color=QUIET, linewidth=0.8)
            drawing.ax.margins(x=0.12)
        else:
            drawing.axis("y", name, "points")
            ends = (
                table.groupby(whole_years(table[year]))[total].first() if total in table else None
            )
            drawing.stack(wide[order], None if ends is None else ends.loc[years], across=False)
            drawing.year_axis(years)
    return drawing.ax


def plot_projection(
    projection: pd.DataFrame, history: pd.DataFrame, *, value: str = "value", area: str = "area",
    year: str = "year", breaks: pd.DataFrame | None = None, name: str = "value", unit: str = "",
    ax: Axes | None = None, lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Projection as a fan that begins at the last observed value, with its history.

    Parameters
    ----------
    projection : DataFrame
        What `project` returns: area, year, estimate, lower, upper, level, method.
    history : DataFrame
        The observed values, one row per area and year.
    value, area, year : str
        Columns of ``history``; area and year also of ``projection``.
    breaks : DataFrame, optional
        As in `plot_share`.
    name, unit : str
        What is drawn and its unit; ``unit="percent"`` for fractions.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If a table is empty or lacks a column, an area has no history or is projected for years
        already observed, or more than six areas are given: their fans would hide each other.

    Examples
    --------
    >>> past = pd.DataFrame({"area": "昌黎县", "year": [2021, 2022], "value": [337.2, 351.1]})
    >>> fan = pd.DataFrame({"area": "昌黎县", "year": 2023, "estimate": 360.0, "lower": [350, 340],
    ...     "upper": [371, 381], "level": [80, 95], "method": "auto"})
    >>> ax = plot_projection(fan, past, unit="亿元", lang="en")
    >>> [band.get_label() for band in ax.collections]
    ['95% interval', '80% interval']
    """
    past = _series(history, value, area, year)
    fan = canvas.need(projection, area, year, numeric=["estimate", "lower", "upper", "level"])
    fan = fan.assign(area=fan[area].astype(str), year=whole_years(fan[year]))
    fan = fan.sort_values(["level", "year"])
    names = projection[area].astype(str).unique()
    canvas.once(fan, ["area", "year", "level"], "choose one method")
    if len(names) > 6:
        raise PanelError(
            f"{len(names)} projections would hide each other; choose at most six areas"
        )
    last = past.drop_duplicates("area", keep="last").set_index("area")
    unknown = [each for each in names if each not in last.index]
    if unknown:
        raise PanelError(f"history has no rows for {', '.join(unknown)}; give the observed values")
    past = past[past["area"].isin(names)]
    with canvas.chart(ax, lang, title, source) as drawing:
        write = drawing.axis("y", name, unit, [*past["value"], *fan["upper"]])
        cuts = _cuts(drawing, breaks, past)
        ends = []
        for i, each in enumerate(names):
            ahead, colour = fan[fan["area"].eq(each)], COLOURS[i]
            _line(drawing, past[past["area"].eq(each)], cuts.get(each, []), colour, "-", MARKERS[i])
            begin, start = last.loc[each, ["year", "value"]]
            if ahead["year"].min() <= begin:
                raise PanelError(
                    f"{each} is projected for {ahead['year'].min()} but observed to {begin:.0f}; "
                    "give projection and history of the same run"
                )
            widest = ahead["level"].max()
            for rank, level in enumerate(sorted(ahead["level"].unique(), reverse=True)):
                band = ahead[ahead["level"].eq(level)]
                drawing.ax.fill_between(
                    [begin, *band["year"]], [start, *band["lower"]], [start, *band["upper"]],
                    color=colour, linewidth=0, alpha=0.18 + 0.14 * rank, zorder=0.9,
                    label=drawing.say("interval", level=f"{level:g}") if i == 0 else None,
                )  # fmt: skip
            drawing.ax.plot(
                [begin, *band["year"]], [start, *band["estimate"]], color=colour, markersize=3,
                linestyle=DASHES[1], linewidth=1.5, marker=MARKERS[i], markerfacecolor="white",
                label=drawing.say("estimate") if i == 0 else None,
            )  # fmt: skip
            end = ahead[ahead["level"].eq(widest)].iloc[-1]
            text = drawing.say("projected", year=int(end["year"]), value=write(end["estimate"]))
            if len(names) > 1:
                text = drawing.say("named", name=drawing.say(each), value=text)
            else:
                low, high = write(end["lower"]), write(end["upper"])
                text += "\n" + drawing.say("range", level=f"{widest:g}", lower=low, upper=high)
            ends.append((float(end["year"]), float(end["estimate"]), text, colour))
        for said, rows in fan.groupby("note", sort=False) if "note" in fan else ():
            areas = drawing.say("comma").join(map(drawing.say, rows["area"].unique()))
            if said:
                drawing.note("named_note", name=areas, note=say_note(said, lang))
        drawing.year_axis([*past["year"], *fan["year"]])
        drawing.end_labels(ends)
        drawing.ax.legend(loc="best", handlelength=2.4)
    return drawing.ax
