"""Charts of delivery: execution against plan and calendar, financing, and the audit."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qhdanalysis.plots.style import COLOURS, INK, QUIET, SMALL, Chart, chart, like, need, shown_unit


def _rows(drawing: Chart, names: list[str]) -> np.ndarray:
    """Give each row its place, the first one on top, and write its name."""
    places = np.arange(len(names))[::-1].astype(float)
    drawing.ax.set_yticks(places, names)
    drawing.ax.tick_params(axis="y", length=0)
    drawing.ax.set_ylim(-0.6, len(names) - 0.4)
    return places


def _why_undefined(drawing: Chart, row: pd.Series, planned: str, done: str) -> str:
    if planned in row and row[planned] == 0:
        return drawing.say("plan_zero")
    if planned in row and np.isnan(row[planned]):
        return drawing.say("plan_missing")
    if done in row and np.isnan(row[done]):
        return drawing.say("done_missing")
    return drawing.say("undefined")


def _beside(drawing: Chart, place: float, shift: float, text: str, **look: Any) -> None:
    """Write a cell of the small table right of the bars."""
    drawing.ax.annotate(
        text, (1, place), xycoords=("axes fraction", "data"), xytext=(shift, 3 * ("va" in look)),
        textcoords="offset points", fontsize=8, **({"va": "center"} | look),
    )  # fmt: skip


def plot_execution(
    table: pd.DataFrame,
    *,
    value: str = "completion_rate",
    area: str = "area",
    planned: str = "planned",
    done: str = "done",
    elapsed: float | None = None,
    unit: str = "",
    ax: Axes | None = None,
    lang: str = "zh",
    title: str = "",
    source: str = "",
) -> Axes:
    """Completed part of the year's plan against the plan and the elapsed part of the year.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area or group of projects, drawn in this order from the top.
    value : str, default "completion_rate"
        Fractions of the plan, as `completion_rate` gives them; above 1 the bar passes the plan
        line. NaN is written as a word in its row, never drawn as an empty bar.
    area : str
        Names of the rows.
    planned, done : str
        Amounts, if the table has them: they are written beside the bar and tell why a rate is
        undefined.
    elapsed : float, optional
        Elapsed fraction of the year, 8/12 at the end of August.
    unit : str
        Unit of the amounts.
    ax, lang, title, source
        As in `plot_share`.

    Returns
    -------
    Axes

    Raises
    ------
    PanelError
        If the table is empty or lacks a column.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "乙县"], "planned": [80.0, 0.0], "done": [105.7, 3.2],
    ...     "completion_rate": [1.32125, float("nan")]})
    >>> ax = plot_execution(toy, elapsed=8 / 12, unit="亿元", lang="en")
    >>> [text.get_text() for text in ax.texts[:4]]
    ['Done / plan (100 million yuan)', '132.1%', '105.7 / 80.0', 'plan is zero, undefined']
    """
    data = need(table, area, numeric=[value])
    size = (6.3, 1.25 + 0.34 * len(data))
    with chart(ax, lang, title=title, source=source, size=size) as drawing:
        places = _rows(drawing, data[area].astype(str).tolist())
        rates = data[value].to_numpy(float)
        ahead = rates >= (1.0 if elapsed is None else elapsed)
        states = ("reached", "unreached") if elapsed is None else ("ahead", "behind")
        for mask, colour, hatch, key in (
            (ahead, COLOURS[0], "", states[0]),
            (~ahead & ~np.isnan(rates), COLOURS[2], "////", states[1]),
        ):
            if mask.any():
                drawing.ax.barh(
                    places[mask], rates[mask], height=0.58, color=colour, hatch=hatch,
                    label=drawing.say(key),
                )  # fmt: skip
        top, amounts = len(data) - 0.4, {planned, done} <= set(data.columns)
        if amounts:
            both = data[[planned, done]].to_numpy(float).ravel()
            scale, words = shown_unit(both, unit, lang)
            write = like(both, lang, scale, significant=5)
            head = drawing.say("measure", name=drawing.say("of_plan"), unit=words)
            _beside(drawing, top, 46, head if words else drawing.say("of_plan"), va="bottom")
        for place, rate, (_, row) in zip(places, rates, data.iterrows(), strict=True):
            if np.isnan(rate):
                drawing.ax.annotate(
                    _why_undefined(drawing, row, planned, done), (0, place), xytext=(4, 0),
                    textcoords="offset points", va="center", fontsize=8, color=QUIET,
                )  # fmt: skip
            else:
                _beside(drawing, place, 4, drawing.percent(rate), fontweight="bold")
            if amounts:
                pair = (
                    drawing.say("none") if np.isnan(v) else write(v) for v in row[[done, planned]]
                )
                _beside(drawing, place, 46, " / ".join(pair))
        for at, key, dash, side in (
            (1.0, "plan", "-", "left"),
            (elapsed, "calendar", "--", "right"),
        ):
            if at is not None:
                drawing.ax.axvline(at, color=INK, linewidth=1.0, linestyle=dash, zorder=2.5)
                drawing.ax.annotate(
                    drawing.say(key, value=drawing.percent(at, 0 if at == 1 else 1)), (at, top),
                    xytext=(2 if side == "left" else -2, 3), textcoords="offset points",
                    ha=side, va="bottom", fontsize=8,
                )  # fmt: skip
        drawing.axis("x", drawing.say("completion_rate"), "percent")
        drawing.ax.set_xlim(min(0.0, np.nanmin(rates)), max(1.05, 1.04 * np.nanmax(rates)))
        drawing.legend_below()
    return drawing.ax


def plot_credit_funnel(
    table: pd.DataFrame,
    *,
    stage: str = "stage",
    value: str = "value",
    share: str = "share",
    unit: str = "",
    ax: Axes | None = None,
    lang: str = "zh",
    title: str = "",
    source: str = "",
) -> Axes:
    """Financing from the credit line over the loans granted to the balance, one bar a stage.

    Parameters
    ----------
    table : DataFrame
        One row a stage, in order.
    stage : str
        Names: keys of the label table (credit_line, loans_granted, loan_balance) or any text.
    value : str
        Amounts in one unit.
    share : str, default "share"
        Fraction of the stage before, written between the bars, if the table has the column.
    unit : str
        Unit of the amounts.
    ax, lang, title, source
        As in `plot_share`.

    Returns
    -------
    Axes

    Raises
    ------
    PanelError
        If the table is empty or lacks a column.

    Examples
    --------
    >>> toy = pd.DataFrame({"stage": ["credit_line", "loans_granted"], "value": [5.0, 2.0],
    ...     "share": [None, 0.4]})
    >>> [t.get_text() for t in plot_credit_funnel(toy, unit="亿元").get_yticklabels()]
    ['授信额度', '累计放款']
    """
    data = need(table, stage, numeric=[value])
    amounts = data[value].to_numpy(float)
    with chart(ax, lang, title=title, source=source, size=(6.3, 0.9 + 0.55 * len(data))) as drawing:
        write = drawing.axis("x", "", unit, amounts, significant=5)
        places = _rows(drawing, [drawing.say(str(name)) for name in data[stage]])
        colours = [COLOURS[0]] + [COLOURS[5]] * (len(data) - 1)
        drawing.ax.barh(places, amounts, height=0.5, color=colours)
        for i, (place, amount) in enumerate(zip(places, amounts, strict=True)):
            text = drawing.say("undefined") if np.isnan(amount) else write(amount)
            drawing.ax.annotate(
                text, (0 if np.isnan(amount) else amount, place), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=8.5,
            )  # fmt: skip
            if i and share in data and not np.isnan(data[share].astype(float).iloc[i]):
                drawing.ax.annotate(
                    "↓ " + drawing.percent(float(data[share].iloc[i])), (0, place + 0.5),
                    xytext=(6, 0), textcoords="offset points", va="center", fontsize=SMALL,
                    color=QUIET,
                )  # fmt: skip
        drawing.ax.set_xlim(min(0.0, np.nanmin(amounts)), 1.15 * max(np.nanmax(amounts), 0.0) or 1)
    return drawing.ax
