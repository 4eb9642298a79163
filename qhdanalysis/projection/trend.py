"""Trend projections with honest intervals, and trend growth rates.

``project`` takes a table of any number of yearly series; its default method is the four-part mean
of `batch` with the calibrated intervals of `intervals`. The models of statsmodels stand beside it
by their own names, so that a reader can open the fitted result.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError
from qhdanalysis.projection.batch import Floats, Stack, four_parts
from qhdanalysis.projection.breaks import start_after_breaks
from qhdanalysis.projection.intervals import bounds, half_width
from qhdanalysis.projection.models import MODELS, by_model, fit_ols, fit_one
from qhdanalysis.projection.series import FEW, Panel, names, read_panel, say_gaps, stack_panel, warn

# Series worked on at a time: small enough for the processor's cache.
_CHUNK = 4096


class Paths(NamedTuple):
    """Projected paths: estimates (horizon, series) and bounds (levels, horizon, series)."""

    estimate: Floats
    lower: Floats
    upper: Floats


def project(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    horizon: int = 5,
    level: float | Sequence[float] = (80, 95),
    method: str = "auto",
    low: str | None = None,
    high: str | None = None,
    breaks: pd.DataFrame | str | None = "declared",
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
    value, area, year : str
        Columns of the table. Years are whole numbers, whole floats, dates, or text like 2023年.
    horizon : int, default 5
        Years to project beyond each area's last value.
    level : number or sequence, default (80, 95)
        Levels of the intervals in percent, between 50 and 99.
    method : str, default "auto"
        "auto", or a model of statsmodels: "ols", "theta", "ets", "local_linear_trend", "arima",
        "drift" (see `fit_trend`).
    low, high : str, optional
        Columns with the two ends of an interval in which a value is known to lie. The interval of
        the last value is carried into the bounds; an earlier one is represented by its middle.
    breaks : DataFrame, "declared" or None
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
        values, or an option is unknown.

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
    levels = [float(x) for x in np.atleast_1d(np.asarray(level, dtype=float))]
    if int(horizon) != horizon or not 1 <= horizon <= 100:
        raise PanelError(f"horizon={horizon}: give a whole number of years from 1 to 100")
    panel = read_panel(table, value=value, area=area, year=year, low=low, high=high)
    panel, notes = start_after_breaks(panel, table, breaks, area=area)
    skips = method in MODELS and MODELS[method].skips
    gaps = say_gaps(panel, skips)
    paths = project_panel(panel, int(horizon), levels, method)
    last = panel.span()[1]

    count = panel.sizes()
    few = count <= FEW
    constant = np.ones(len(last), dtype=bool)
    constant[panel.code[1:][(np.diff(panel.value) != 0) & (np.diff(panel.code) == 0)]] = False
    for flagged, words in (
        (gaps, "missing years left out" if skips else "missing years bridged"),
        (few, "very few values"),
        (constant, "constant so far: width 0 says nothing of the future"),
    ):
        for i in np.flatnonzero(flagged):
            notes[i] = "; ".join(filter(None, (notes[i], words)))
    if few.any():
        warn(
            f"{names(f'{panel.areas[i]} ({count[i]})' for i in np.flatnonzero(few))}: projected "
            "from four or five values, where no interval has been checked well."
        )
    if constant.any():
        warn(
            f"{names(panel.areas[constant])}: constant so far, so the interval has no width. That "
            "says nothing of the future."
        )
    # Rows run over areas, then years, then levels.
    areas, years, rows = len(last), int(horizon), len(levels)
    which = np.repeat(np.arange(areas), years * rows)
    tidy = [np.moveaxis(x, (0, 1, 2), (2, 1, 0)).ravel() for x in (paths.lower, paths.upper)]
    shown = [int(x) if x == int(x) else x for x in levels]
    result = pd.DataFrame(
        {
            area: panel.areas.take(which),
            year: (last[:, None] + np.arange(1, years + 1)).repeat(rows, axis=1).ravel(),
            "estimate": paths.estimate.T.repeat(rows, axis=1).ravel(),
            "lower": tidy[0],
            "upper": tidy[1],
            "level": np.tile(shown, areas * years),
            "method": pd.Series([method]).repeat(len(which)).array,
            "note": pd.Index(notes, dtype="str").take(which),
        }
    )
    if areas > 1:
        result.attrs["note"] = (
            "Intervals are per area; under a common shock many areas miss together "
            "(joint_coverage shows how many did)."
        )
    return result


def project_panel(panel: Panel, horizon: int, levels: Sequence[float], method: str) -> Paths:
    """Project checked series; columns of the result follow ``panel.areas``.

    Where the last value is only known to lie in an interval, the series is projected from both of
    its ends as well, and the bounds cover all of it.
    """
    if method != "auto" and method not in MODELS:
        raise PanelError(f"method {method!r} is unknown. There are: auto, {', '.join(MODELS)}.")
    paths = _project_values(panel, horizon, levels, method)
    ends = np.cumsum(panel.sizes()) - 1
    if (panel.low[ends] < panel.high[ends]).any():
        for side in (panel.low, panel.high):
            values = panel.value.copy()
            values[ends] = side[ends]
            other = _project_values(panel._replace(value=values), horizon, levels, method)
            paths = paths._replace(
                lower=np.minimum(paths.lower, other.lower),
                upper=np.maximum(paths.upper, other.upper),
            )
    return paths


def _project_values(panel: Panel, horizon: int, levels: Sequence[float], method: str) -> Paths:
    stack, order, known = stack_panel(panel)
    if method == "auto":
        pieces = []
        for i in range(0, len(order), _CHUNK):
            part = slice(i, i + _CHUNK)
            pieces.append(_auto(Stack(stack.values[:, part], stack.length[part]), horizon, levels))
        paths = Paths(*(np.concatenate(piece, axis=-1) for piece in zip(*pieces, strict=True)))
    else:
        paths = Paths(*by_model(stack, known, panel.areas[order], horizon, levels, method))
    back = np.argsort(order)
    return Paths(*(x[..., back] for x in paths))


def _auto(stack: Stack, horizon: int, levels: Sequence[float]) -> Paths:
    """Take the mean of the four parts, with the calibrated bounds."""
    size = np.abs(stack.values).max(axis=0)
    size = np.where(size > 0, size, 1.0)  # squares of huge or tiny values stay in range
    parts = four_parts(Stack(stack.values / size, stack.length), horizon)
    estimate = (parts.theta + parts.dynamic + parts.median + parts.mean) / 4
    sides = [
        bounds(
            estimate,
            half_width(parts.size, parts.recent, stack.length, horizon, level),
            parts.positive,
        )
        for level in levels
    ]
    lower, upper = (np.stack(side) for side in zip(*sides, strict=True))
    return Paths(estimate * size, lower * size, upper * size)


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
    panel = read_panel(table, value=value, area=area, year=year)
    if method not in MODELS:
        raise PanelError(f"method {method!r} is unknown. There are: {', '.join(MODELS)}.")
    if len(panel.areas) > 1:
        raise PanelError(f"the table holds {names(panel.areas)}: fit one area at a time")
    stack, _, known = stack_panel(panel)
    return fit_one(
        stack.values[:, 0], known[:, 0], method, panel.areas[0], first_year=int(panel.year[0])
    )


def trend_growth(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    level: float = 95,
    breaks: pd.DataFrame | str | None = "declared",
) -> pd.DataFrame:
    """Trend growth a year, ``exp(b) - 1`` with ``ln y = a + b year``, and its interval.

    Least squares of statsmodels with autocorrelation-robust (HAC, Newey and West 1987) errors,
    ``floor(4 (n / 100)^(2/9))`` lags, small-sample correction and the t distribution.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year; positive values.
    level : number, default 95
        Level of the interval in percent.
    value, area, year, breaks
        As in `project`.

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
    from scipy.stats import t

    panel = read_panel(table, value=value, area=area, year=year)
    panel, notes = start_after_breaks(panel, table, breaks, area=area)
    say_gaps(panel, skips=True)
    rows = []
    for i, label in enumerate(panel.areas):
        own = panel.keep(panel.code == i)
        fit = fit_ols(pd.Series(own.value, index=own.year), str(label))
        slope, error = float(fit.params["year"]), float(fit.bse["year"])
        reach = float(t.ppf(0.5 + level / 200, fit.df_resid)) * error
        note = notes[i]
        if "crosses" in note:
            note += ": the rate mixes growth with a change of level"
        growth = [float(np.expm1(x)) for x in (slope, slope - reach, slope + reach)]
        rows.append([label, own.year[0], own.year[-1], len(own.year), *growth, level, note])
    columns = [area, "first_year", "last_year", "n", "growth", "lower", "upper", "level", "note"]
    return pd.DataFrame(rows, columns=columns)
