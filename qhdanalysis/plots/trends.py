"""Charts over time: shares, contributions to growth, and projections with their history."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qhdanalysis.errors import PanelError
from qhdanalysis.plots.style import (
    COLOURS,
    DASHES,
    FAINT,
    MARKERS,
    QUIET,
    Chart,
    chart,
    need,
    whole_years,
)

NAMED_LINES = 20  # more lines than this cannot be told apart by their names


def _series(table: pd.DataFrame, value: str, area: str, year: str) -> pd.DataFrame:
    """Give area, year and value, sorted; two values for one area and year are an error."""
    data = need(table, area, year, numeric=[value])
    data = pd.DataFrame(
        {"area": data[area].astype(str), "year": whole_years(data, year), "value": data[value]}
    )
    twice = data[data.duplicated(["area", "year"])]
    if len(twice):
        raise PanelError(
            f"{twice['area'].iloc[0]} has two values for {twice['year'].iloc[0]}; "
            "choose one source with select() before drawing"
        )
    return data.dropna().sort_values(["area", "year"])


def _breaks(drawing: Chart, breaks: pd.DataFrame | None, shown: pd.DataFrame) -> pd.DataFrame:
    """Mark the breaks of the areas shown, inside the years shown, and note their kinds."""
    if breaks is None or breaks.empty:
        return pd.DataFrame({"area": pd.Series(dtype=str), "year": pd.Series(dtype=int)})
    marks = need(breaks, "area", "year")
    marks["year"] = whole_years(marks, "year")
    first, last = shown["year"].min(), shown["year"].max()
    marks = marks[marks["area"].isin(shown["area"]) & marks["year"].between(first + 1, last)]
    kinds = marks["kind"] if "kind" in marks else pd.Series("", index=marks.index)
    words = []
    for at, those in kinds.groupby(marks["year"]):
        drawing.ax.axvline(at, color=QUIET, linewidth=0.6, linestyle=(0, (1, 3)), zorder=0.6)
        named = drawing.join(drawing.say(kind) for kind in those.unique() if kind)
        key = "break_kind" if named else "break_year"
        words.append(drawing.say(key, years=at, kind=named))
    if words:
        drawing.note("break", years=drawing.join(words))
    return marks


def _line(
    drawing: Chart, data: pd.DataFrame, cuts: Sequence[int], colour: str, dash: object, marker: str
) -> None:
    """Draw one series: cut at its breaks, dotted across years without data."""
    years, values = data["year"].to_numpy(), data["value"].to_numpy()
    cut = np.array([any(a < c <= b for c in cuts) for a, b in pairwise(years)])
    gap = (np.diff(years) > 1) & ~cut if len(years) > 1 else cut
    piece = np.concatenate([[0], np.cumsum(cut | gap)]) if len(years) > 1 else np.zeros(1)
    small = 3.2 if len(years) < 15 else 2.2
    for part in np.unique(piece):
        drawing.ax.plot(
            years[piece == part], values[piece == part], color=colour, linestyle=dash,
            linewidth=1.5, marker=marker, markersize=small,
        )  # fmt: skip
    for i in np.flatnonzero(gap):
        drawing.ax.plot(years[i : i + 2], values[i : i + 2], color=colour, lw=0.8, ls=":")
        drawing.note("gap")


def plot_share(
    table: pd.DataFrame,
    *,
    value: str = "share",
    area: str = "area",
    year: str = "year",
    breaks: pd.DataFrame | None = None,
    name: str = "share",
    ax: Axes | None = None,
    lang: str = "zh",
    title: str = "",
    source: str = "",
) -> Axes:
    """Shares over time, one line an area, its latest value written at its end.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
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
    lang : {"zh", "en"}
        Language of words and numbers.
    title, source : str
        Above the chart and under it.

    Returns
    -------
    Axes

    Raises
    ------
    PanelError
        If the table is empty, lacks a column, or has two values for one area and year.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "昌黎县", "year": [2021, 2022], "share": [0.183, 0.184]})
    >>> plot_share(toy, source="example").texts[0].get_text()
    '占比（%）'
    """
    data = _series(table, value, area, year)
    names = data["area"].unique()
    if len(names) > NAMED_LINES:
        latest = data.drop_duplicates("area", keep="last").set_index("area")["value"]
        names = latest.nlargest(NAMED_LINES // 2).index
    tall = 3.4 + 0.09 * max(len(names) - 8, 0)
    with chart(ax, lang, title=title, source=source, size=(6.3, tall)) as drawing:
        write = drawing.axis("y", drawing.say(name), "percent")
        marks = _breaks(drawing, breaks, data)
        rest = data[~data["area"].isin(names)]
        for _, series in rest.groupby("area"):
            drawing.ax.plot(series["year"], series["value"], color=FAINT, lw=0.8, zorder=0.8)
        if len(rest):
            drawing.note("unnamed", n=rest["area"].nunique())
        ends, last = [], data["year"].max()
        for i, each in enumerate(names):
            series = data[data["area"].eq(each)]
            colour, dash = COLOURS[i % len(COLOURS)], DASHES[(i + i // len(COLOURS)) % len(DASHES)]
            cuts = marks.loc[marks["area"].eq(each), "year"].tolist()
            _line(drawing, series, cuts, colour, dash, MARKERS[i % len(MARKERS)])
            at, end = int(series["year"].iloc[-1]), float(series["value"].iloc[-1])
            key = "named" if at == last else "named_year"
            text = drawing.say(key, name=drawing.say(each), value=write(end), year=at)
            ends.append((at, end, text, colour))
        drawing.year_axis(data["year"])
        drawing.end_labels(ends)
    return drawing.ax


def plot_projection(
    projection: pd.DataFrame,
    history: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    breaks: pd.DataFrame | None = None,
    name: str = "value",
    unit: str = "",
    ax: Axes | None = None,
    lang: str = "zh",
    title: str = "",
    source: str = "",
) -> Axes:
    """Projection as a fan that begins at the last observed value, with its history.

    Parameters
    ----------
    projection : DataFrame
        What ``project`` returns: area, year, estimate, lower, upper, level, method.
    history : DataFrame
        The observed values, one row per area and year.
    value, area, year : str
        Columns of ``history``; area and year also of ``projection``.
    breaks : DataFrame, optional
        As in `plot_share`.
    name, unit : str
        What is drawn and its unit; ``unit="percent"`` for fractions.
    ax, lang, title, source
        As in `plot_share`.

    Returns
    -------
    Axes

    Raises
    ------
    PanelError
        If a table is empty or lacks a column, an area has no history, or more than six areas are
        given: fans that overlap cannot be read.

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
    fan = need(projection, area, year, "method", numeric=["estimate", "lower", "upper", "level"])
    fan = fan.assign(area=fan[area].astype(str), year=whole_years(fan, year))
    names = fan["area"].unique()
    if len(names) > 6:
        raise PanelError(
            f"{len(names)} projections in one chart hide each other; choose at most six areas"
        )
    unknown = sorted(set(names) - set(past["area"]))
    if unknown:
        raise PanelError(f"history has no rows for {', '.join(unknown)}; give the observed values")
    past = past[past["area"].isin(names)]
    with chart(ax, lang, title=title, source=source) as drawing:
        marks = _breaks(drawing, breaks, past)
        write = drawing.axis("y", drawing.say(name), unit, [*past["value"], *fan["upper"]])
        ends = []
        for i, each in enumerate(names):
            series, ahead = past[past["area"].eq(each)], fan[fan["area"].eq(each)]
            colour = COLOURS[i]
            start = (series["year"].iloc[-1], series["value"].iloc[-1])
            cuts = marks.loc[marks["area"].eq(each), "year"].tolist()
            _line(drawing, series, cuts, colour, "-", MARKERS[i])
            levels = sorted(ahead["level"].unique(), reverse=True)
            for rank, level in enumerate(levels):
                band = ahead[ahead["level"].eq(level)].sort_values("year")
                drawing.ax.fill_between(
                    [start[0], *band["year"]], [start[1], *band["lower"]],
                    [start[1], *band["upper"]], color=colour, linewidth=0,
                    alpha=0.18 + 0.14 * rank, zorder=0.9,
                    label=drawing.say("interval", level=f"{level:g}") if i == 0 else None,
                )  # fmt: skip
            middle = ahead.drop_duplicates("year").sort_values("year")
            drawing.ax.plot(
                [start[0], *middle["year"]], [start[1], *middle["estimate"]], color=colour,
                linestyle=DASHES[1], linewidth=1.5, marker=MARKERS[i], markersize=3,
                markerfacecolor="white", label=drawing.say("estimate") if i == 0 else None,
            )  # fmt: skip
            end = ahead[ahead["level"].eq(levels[0])].sort_values("year").iloc[-1]
            text = drawing.say("projected", year=int(end["year"]), value=write(end["estimate"]))
            if len(names) > 1:
                text = drawing.say("named", name=drawing.say(each), value=text)
            else:
                text += "\n" + drawing.say(
                    "projected_range", level=f"{levels[0]:g}", lower=write(end["lower"]),
                    upper=write(end["upper"]),
                )  # fmt: skip
            ends.append((float(end["year"]), float(end["estimate"]), text, colour))
        drawing.year_axis([*past["year"], *fan["year"]])
        drawing.end_labels(ends)
        drawing.ax.legend(loc="upper left", fontsize=8, handlelength=2.4)
    return drawing.ax
