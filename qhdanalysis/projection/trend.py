"""Trend projections with honest intervals, and trend growth rates.

``project`` takes a table of any number of yearly series; its default method is the four-part mean
of `batch` with the calibrated intervals of `intervals`. The models of statsmodels stand beside it
by their own names, so that a reader can open the fitted result.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators.matrix import listed
from qhdanalysis.projection.batch import Stack, four_parts
from qhdanalysis.projection.breaks import start_after_breaks
from qhdanalysis.projection.intervals import bounds, half_width
from qhdanalysis.projection.models import MODELS, by_model, fit_one
from qhdanalysis.projection.series import (
    FEW,
    Breaks,
    Levels,
    Panel,
    Paths,
    add_note,
    read_panel,
    say_gaps,
    warn,
)

# Series worked on at a time: small enough for the processor's cache.
_CHUNK = 4096
_MIXED = "the rate mixes growth with a change of level and should not be quoted"


def project(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    horizon: int = 5,
    level: Levels = (80, 95),
    method: str = "auto",
    low: str | None = None,
    high: str | None = None,
    breaks: Breaks = "declared",
) -> pd.DataFrame:
    """Project yearly series, with intervals for a new observation.

    ``method="auto"`` is the plain mean of four projections: theta of ``ln y``, dynamic optimised
    theta of ``y``, and the last value carried on by the median and by the mean yearly change
    (`batch.four_parts`). It is a median-type projection without a lognormal mean correction. Its
    intervals are calibrated on public series with known futures (`intervals`).

    Intervals are per area: under a common shock all areas of a panel can miss together.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year, in any order; at least four years an area.
    value : str, default "value"
        Column of amounts, in one unit an area.
    area : str, default "area"
        Column of names or codes: each is a series of its own.
    year : str, default "year"
        Column of years: whole numbers or floats, dates, or text like 2023年.
    horizon : int, default 5
        Years to project beyond each area's last value, 1 to 100.
    level : number or sequence, default (80, 95)
        Levels of the intervals in percent, between 50 and 99.
    method : str, default "auto"
        "auto", or a model of statsmodels: "ols", "theta", "ets", "local_linear_trend", "arima",
        "drift" (see `fit_trend`).
    low, high : str, optional
        Columns with the two ends of an interval in which a value is known to lie. The interval of
        the last value is carried into the bounds; an earlier one is represented by its middle.
    breaks : DataFrame, "declared" or None, default "declared"
        Level breaks, as `find_breaks` gives them: columns ``area`` (or ``area_code``) and ``year``,
        the first year on the new level; ``code`` limits a break to one indicator if the table has
        that column too. "declared" takes the shipped ``qhd_breaks``. A projection starts after the
        last break that leaves at least eight values, and crosses later ones.

    Returns
    -------
    DataFrame, shape (areas * horizon * levels, 8)
        ``area``, ``year`` (under the caller's names), ``estimate``, ``lower``, ``upper``,
        ``level``, ``method`` and ``note`` (short or constant series, gaps, breaks; '' if nothing).

    Raises
    ------
    PanelError
        If a column is missing, years cannot be read or stand twice, an area has fewer than four
        values or more missing years than known ones, or an option is unknown.
    UnitError
        If the table has a column ``unit`` and an area has values in more than one.

    Warns
    -----
    UserWarning
        Names areas with missing years, declared breaks, four or five values, or constant values;
        for a model of statsmodels, says what its nominal intervals really cover.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "昌黎县", "year": range(2012, 2024),
    ...                     "value": [100 * 1.05**i for i in range(12)]})
    >>> project(toy, horizon=2, level=80, breaks=None).round(1).drop(columns="note")
      area  year  estimate  lower  upper  level method
    0  昌黎县  2024     177.3  169.6  185.1     80   auto
    1  昌黎县  2025     183.6  170.6  197.0     80   auto
    """
    levels = options(horizon, level)
    panel = read_panel(table, value, area, year, low, high)
    panel, notes = start_after_breaks(panel, table, breaks, area=area)
    skips = method in MODELS and MODELS[method].skips
    gaps = say_gaps(panel, skips=skips)
    paths = project_panel(panel, horizon, levels, method)

    add_note(notes, gaps, f"missing years {'left out' if skips else 'bridged'}")
    ends = np.cumsum(panel.sizes()) - 1
    add_note(notes, panel.low[ends] < panel.high[ends], "last value known as an interval")
    constant = np.ones(len(notes), dtype=bool)
    constant[panel.code[1:][(panel.steps() > 0) & (np.diff(panel.value) != 0)]] = False
    for flagged, word in (
        (panel.sizes() <= FEW, f"no more than {FEW} values: its interval is little tested"),
        (constant, "constant so far: an interval without width says nothing of the future"),
    ):
        add_note(notes, flagged, word)
        if flagged.any():
            warn(f"{listed(panel.areas[flagged])}: {word}.")
    return tidy(panel, paths, levels, method, notes, area, year)


def options(horizon: int, level: Levels) -> list[float]:
    """Check the horizon and give the levels as a list."""
    if not (isinstance(horizon, int | np.integer) and 1 <= horizon <= 100):
        raise PanelError(f"horizon={horizon!r}: give a whole number of years from 1 to 100")
    levels = pd.to_numeric(pd.Series(level, dtype="object"), errors="coerce").astype(float)
    if not (len(levels) and levels.between(50, 99).all() and levels.is_unique):
        raise PanelError(
            f"level={level!r}: give levels in percent between 50 and 99, each once, such as 80"
        )
    return [float(x) for x in levels]


def tidy(
    panel: Panel,
    paths: Paths,
    levels: Sequence[float],
    method: str,
    notes: Sequence[str],
    area: str = "area",
    year: str = "year",
) -> pd.DataFrame:
    """Lay paths out as rows: areas, then years, then levels."""
    rows, years, areas = paths.lower.shape
    which = np.repeat(np.arange(areas), years * rows)
    ahead = panel.span()[1][:, None] + np.arange(1, years + 1)
    columns = {
        area: panel.areas.take(which),
        year: ahead.repeat(rows, axis=1).ravel(),
        "estimate": paths.estimate.T.repeat(rows, axis=1).ravel(),
        "lower": paths.lower.T.ravel(),
        "upper": paths.upper.T.ravel(),
        "level": np.tile([int(x) if x == int(x) else x for x in levels], areas * years),
        "method": pd.Series([method]).repeat(len(which)).array,
        "note": pd.Index(notes, dtype="str").take(which),
    }
    result = pd.DataFrame(columns)
    if areas > 1:
        result.attrs["note"] = (
            "Intervals are per area; under a common shock many areas miss together "
            "(backtest with by='origin' shows how many did)."
        )
    return result


def project_panel(panel: Panel, horizon: int, levels: Sequence[float], method: str) -> Paths:
    """Project checked series; columns of the result follow ``panel.areas``.

    Where the last value is only known to lie in an interval, the series is projected from both of
    its ends as well, and the bounds cover all of it.
    """
    if method != "auto" and method not in MODELS:
        raise PanelError(f"method {method!r} is unknown. There are: auto, {', '.join(MODELS)}.")
    engine = _auto if method == "auto" else by_model
    paths = engine(panel.bridged(), horizon, levels, method)
    ends = np.cumsum(panel.sizes()) - 1
    if (panel.low[ends] < panel.high[ends]).any():
        for side in (panel.low, panel.high):
            values = panel.value.copy()
            values[ends] = side[ends]
            other = engine(panel._replace(value=values).bridged(), horizon, levels, method)
            lower = np.minimum(paths.lower, other.lower)
            paths = Paths(paths.estimate, lower, np.maximum(paths.upper, other.upper))
    return paths


def _auto(panel: Panel, horizon: int, levels: Sequence[float], method: str) -> Paths:
    """Take the mean of the four parts, with the calibrated bounds."""
    stack, order = panel.stack()
    size = np.abs(stack.values).max(axis=0)
    size = np.where(size > 0, size, 1.0)  # squares of huge or tiny values stay in range
    pieces = []
    for i in range(0, len(order), _CHUNK):
        part = slice(i, i + _CHUNK)
        length = stack.length[part]
        parts = four_parts(Stack(stack.values[:, part] / size[part], length), horizon)
        estimate = (parts.theta + parts.dynamic + parts.median + parts.mean) / 4
        scales = (parts.size, parts.recent, length, horizon)
        sides = [bounds(estimate, half_width(*scales, x), parts.positive) for x in levels]
        pieces.append((estimate, *(np.stack(side) for side in zip(*sides, strict=True))))
    back = np.argsort(order)
    paths = (np.concatenate(piece, axis=-1) * size for piece in zip(*pieces, strict=True))
    return Paths(*(path[..., back] for path in paths))


def fit_trend(
    table: pd.DataFrame,
    method: str = "ols",
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
) -> Any:
    """Fit one of the statsmodels models to the series of one area and hand out its result.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        Rows of one area. Level breaks are not looked at.
    method : str, default "ols"
        "ols" (``ln y`` on the year, HAC errors), "theta" (theta = 2 on the level), "ets" (additive
        errors, damped additive trend), "local_linear_trend", "arima" (0,1,1 with drift) or "drift"
        (0,1,0 with drift).
    value : str, default "value"
        Column of amounts, in one unit.
    area : str, default "area"
        Column of names or codes: one of them only.
    year : str, default "year"
        Column of years: whole numbers or floats, dates, or text like 2023年.

    Returns
    -------
    statsmodels result
        With its own ``summary()``, ``params`` and diagnostics.

    Raises
    ------
    PanelError
        If the table holds more than one area, or the model cannot be fitted to it.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "甲县", "year": range(2014, 2024),
    ...                     "value": [100 * 1.05**i for i in range(10)]})
    >>> float(np.exp(fit_trend(toy).params["year"]).round(4))
    1.05
    """
    panel = read_panel(table, value, area, year)
    if len(panel.areas) > 1:
        raise PanelError(f"the table holds {listed(panel.areas)}: fit one area at a time")
    return fit_one(panel.bridged(), method)


def trend_growth(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    level: float = 95,
    breaks: Breaks = "declared",
) -> pd.DataFrame:
    """Trend growth a year, ``exp(b) - 1`` with ``ln y = a + b year``, and its interval.

    Least squares of statsmodels with autocorrelation-robust (HAC, Newey and West 1987) errors,
    ``floor(4 (n / 100)^(2/9))`` lags, small-sample correction and the t distribution.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year; positive values.
    value : str, default "value"
        Column of amounts, in one unit an area.
    area : str, default "area"
        Column of names or codes: each is a series of its own.
    year : str, default "year"
        Column of years: whole numbers or floats, dates, or text like 2023年.
    level : number, default 95
        Level of the interval in percent, between 50 and 99.
    breaks : DataFrame, "declared" or None, default "declared"
        Level breaks, as in `project`.

    Returns
    -------
    DataFrame, shape (areas, 9)
        ``area``, ``first_year``, ``last_year``, ``n``, ``growth``, ``lower``, ``upper``
        (fractions), ``level``, ``note``. A note that a break is crossed means that the rate mixes
        growth with a change of level and should not be quoted.

    Raises
    ------
    PanelError
        As `project`; and if a value is not positive.

    Warns
    -----
    UserWarning
        Names areas with missing years (they are left out, not filled) and breaks.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "甲县", "year": range(2014, 2024),
    ...                     "value": [100 * 1.05**i for i in range(10)]})
    >>> trend_growth(toy, breaks=None)[["area", "n", "growth"]].round(4)
      area   n  growth
    0   甲县  10    0.05
    """
    options(1, [level])
    panel = read_panel(table, value, area, year)
    panel, notes = start_after_breaks(panel, table, breaks, area=area)
    say_gaps(panel, skips=True)
    rows = []
    for i, (label, first, last) in enumerate(zip(panel.areas, *panel.span(), strict=True)):
        fit = fit_one(panel, "ols", i)
        ends = fit.conf_int(alpha=1 - level / 100).loc["year"]
        mixed = f": {_MIXED}" if "crosses" in notes[i] else ""
        growth = np.expm1([fit.params["year"], *ends])
        rows.append([label, first, last, int(fit.nobs), *growth, level, notes[i] + mixed])
    columns = [area, "first_year", "last_year", "n", "growth", "lower", "upper", "level", "note"]
    return pd.DataFrame(rows, columns=columns)
