"""Charts of delivery: execution against plan and calendar, financing, and the audit."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from qhdanalysis.plots import canvas, style
from qhdanalysis.plots.style import COLOURS, INK, QUIET
from qhdanalysis.rounding import like

BESIDE = ("axes fraction", "data")  # a small table right of the bars
AUDIT_ROWS = 25  # claims drawn; those that do not hold come first


def _why_undefined(row: pd.Series, planned: str, done: str) -> str:
    if planned in row and not row[planned]:
        return "plan_zero"
    if planned in row and np.isnan(row[planned]):
        return "plan_missing"
    return "done_missing" if done in row and np.isnan(row[done]) else "undefined"


def plot_execution(
    table: pd.DataFrame, *, value: str = "completion_rate", area: str = "area",
    planned: str = "planned", done: str = "done", elapsed: float | None = None, unit: str = "",
    ax: Axes | None = None, lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
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
        If the table is empty or lacks a column.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "乙县"], "planned": [80.0, 0.0], "done": [105.7, 3.2],
    ...     "completion_rate": [1.32125, float("nan")]})
    >>> ax = plot_execution(toy, elapsed=8 / 12, unit="亿元", lang="en")
    >>> [text.get_text() for text in ax.texts[:4]]
    ['Done / plan (billion yuan)', '132.1%', '10.57 / 8.00', 'plan is zero, undefined']
    """
    data = canvas.need(table, area, numeric=[value])
    rates, top = data[value].to_numpy(float), len(data) - 0.4
    with canvas.chart(ax, lang, title, source, (6.3, 1.25 + 0.34 * len(data))) as drawing:
        places = drawing.rows(data[area])
        due = 1.0 if elapsed is None else elapsed
        for mask, look in ((rates >= due, (COLOURS[0], "")), (rates < due, (COLOURS[2], "////"))):
            colour, hatch = look
            drawing.ax.barh(places[mask], rates[mask], height=0.58, color=colour, hatch=hatch)
        if (rates < due).any():
            drawing.note("hatched_plan" if elapsed is None else "hatched_calendar")
        amounts = {planned, done} <= set(data.columns)
        if amounts:
            both = canvas.need(data, numeric=[done, planned])[[done, planned]].to_numpy(float)
            scale, words = style.shown_unit(both.ravel(), unit, lang)
            write = like(both.ravel(), lang, scale, significant=5)
            head = drawing.measure(drawing.say("of_plan"), words)
            drawing.write(head, (1, top), (46, 3), BESIDE, va="bottom")
        for i, (place, rate) in enumerate(zip(places, rates, strict=True)):
            if np.isnan(rate):
                text = drawing.say(_why_undefined(data.iloc[i], planned, done))
                drawing.write(text, (0, place), color=QUIET)
            else:
                drawing.write(drawing.percent(rate), (1, place), (4, 0), BESIDE, weight="bold")
            if amounts:
                text = " / ".join("—" if np.isnan(v) else write(v) for v in both[i])
                drawing.write(text, (1, place), (46, 0), BESIDE)
        for at, key, dash, side in ((1.0, "plan", "-", 1), (elapsed, "calendar", "--", -1)):
            if at is not None:
                text = drawing.say(key, value=drawing.percent(at, 0 if at == 1 else 1))
                drawing.ax.axvline(at, color=INK, linewidth=1.0, linestyle=dash, zorder=2.5)
                align = "left" if side > 0 else "right"
                drawing.write(text, (at, top), (2 * side, 3), ha=align, va="bottom")
        drawing.axis("x", "completion_rate", "percent")
        drawing.ax.set_xlim(min(0.0, np.nanmin(rates)), max(1.3, 1.04 * np.nanmax(rates)))
    return drawing.ax


def plot_credit_funnel(
    table: pd.DataFrame, *, stage: str = "stage", value: str = "value", share: str = "share",
    unit: str = "", ax: Axes | None = None, lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
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
        If the table is empty or lacks a column.

    Examples
    --------
    >>> toy = pd.DataFrame({"stage": ["credit_line", "loans_granted"], "value": [5.0, 2.0],
    ...     "share": [None, 0.4]})
    >>> [t.get_text() for t in plot_credit_funnel(toy, unit="亿元").get_yticklabels()]
    ['授信额度', '累计放款']
    """
    data = canvas.need(table, stage, numeric=[value])
    amounts = data[value].to_numpy(float)
    passed = data[share].to_numpy(float) if share in data else np.full(len(data), np.nan)
    with canvas.chart(ax, lang, title, source, (6.3, 0.9 + 0.55 * len(data))) as drawing:
        write = drawing.axis("x", "", unit, amounts, significant=5)
        places = drawing.rows(data[stage])
        bars = drawing.ax.barh(places, amounts, height=0.5, color=COLOURS[5])
        words = ["" if np.isnan(v) else write(v) for v in amounts]
        for place in places[np.isnan(amounts)]:
            drawing.write(drawing.say("no_value"), (0, place), color=QUIET)
        drawing.ax.bar_label(bars, words, padding=4, fontsize=8.5)
        for place, part in zip(places, passed, strict=True):
            if not np.isnan(part):
                text = "↓ " + drawing.percent(part)
                drawing.write(text, (0, place + 0.5), (6, 0), color=QUIET, fontsize=style.SMALL)
        drawing.ax.set_xlim(min(0.0, np.nanmin(amounts)), 1.15 * max(np.nanmax(amounts), 0.0) or 1)
    return drawing.ax


def plot_audit(
    checks: pd.DataFrame, *, ax: Axes | None = None, lang: str = "zh", title: str = "",
    source: str = "",
) -> Axes:  # fmt: skip
    """Overview of an audit: for each claim, the range recomputed, as a deviation from the claim.

    A claim holds if its bar meets the range that its stated digits allow, which lies around zero
    and is not drawn. A difference to published records (``source`` is not '') is no inconsistency
    of the text and has a mark of its own. At most 25 claims are drawn, those that do not hold
    first; the note counts all of them.

    Parameters
    ----------
    checks : DataFrame
        What `audit` returns: claim, stated, low, high, verdict and, if there, source.
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
        If there is no check, or a column is missing.

    Examples
    --------
    >>> toy = pd.DataFrame({"claim": "共270项", "stated": [270.0], "low": 275.0, "high": 275.0,
    ...     "verdict": "inconsistent"})
    >>> plot_audit(toy).texts[0].get_text()
    '不符 +1.9%'
    """
    data = canvas.need(checks, "claim", "verdict", numeric=["stated", "low", "high"])
    across = data["source"].ne("") if "source" in data else pd.Series(False, index=data.index)
    state = np.where(data["verdict"].eq("consistent"), 2, np.where(across, 1, 0))
    shown = data.assign(state=state).sort_values("state", kind="stable").head(AUDIT_ROWS)
    counts = dict(zip(("failed", "apart", "held"), np.bincount(state, minlength=3), strict=True))
    with canvas.chart(ax, lang, title, source, (6.3, 1.2 + 0.36 * len(shown))) as drawing:
        drawing.note("audited", n=len(data), **counts)
        if counts["apart"]:
            drawing.note("audit_across", n=counts["apart"])
        if len(shown) < len(data):
            drawing.note("audit_drawn", n=len(shown))
        places = drawing.rows(_short(claim) for claim in shown["claim"])
        ends = shown[["low", "high"]].div(shown["stated"].where(shown["stated"] != 0), axis=0) - 1
        low, high = np.sort(ends.to_numpy(float), axis=1).T
        near = np.where(np.abs(low) < np.abs(high), low, high)
        for i, (place, kind) in enumerate(zip(places, shown["state"], strict=True)):
            colour, marker = COLOURS[(1, 2, 0)[kind]], ("X", "D", "o")[kind]
            drawing.ax.plot(
                [low[i], high[i]], [place] * 2, color=colour, lw=5, solid_capstyle="butt"
            )
            drawing.ax.plot((low[i] + high[i]) / 2, place, marker, color=colour, ms=5)
            text = drawing.say(("differs", "apart", "holds")[kind])
            if kind < 2 and not np.isnan(near[i]):
                text += f" {'+' if near[i] > 0 else ''}{drawing.percent(near[i])}"
            drawing.write(
                text, (1, place), (6, 0), BESIDE, weight="bold" if kind == 0 else "normal"
            )
        drawing.ax.axvline(0, color=INK, linewidth=1.0)
        drawing.axis("x", "deviation", "percent")
        drawing.ax.margins(x=0.08)
    return drawing.ax


def _short(claim: str, width: float = 30) -> str:
    first = style.wrapped(" ".join(claim.split()), width).partition("\n")
    return first[0] + ("…" if first[2] else "")
