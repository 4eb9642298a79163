"""Projections that add up: shares that stay at one, parts that stay at their total.

Shares move in logarithms against the mean of all parts (centred log-ratio, Aitchison 1986), so that
no part can turn negative; parts are the projected total times the projected shares. `reconcile`
makes separate projections of parts and totals agree by least squares (Wickramasuriya,
Athanasopoulos and Hyndman 2019, Journal of the American Statistical Association 114, 804-819).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators.matrix import listed
from qhdanalysis.projection.batch import Floats, recent_deviation
from qhdanalysis.projection.breaks import start_after_breaks
from qhdanalysis.projection.intervals import FAR, half_width
from qhdanalysis.projection.series import (
    LEAST,
    Breaks,
    Levels,
    Panel,
    Paths,
    add_note,
    read_panel,
    say_gaps,
    warn,
)
from qhdanalysis.projection.trend import options, project_panel, tidy

#: Part of the past drift of the log-ratios that is carried on. On county and country series the
#: whole drift is 5 to 26 percent less accurate.
DRIFT = 0.2


def project_shares(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    horizon: int = 5,
    level: Levels = (80, 95),
    drift: float = DRIFT,
    breaks: Breaks = "declared",
) -> pd.DataFrame:
    """Project each area's share in the sum of all areas given; the shares add to one.

    With ``z = ln s`` minus its mean over the parts, ``s_(n+h) = softmax(z_n + h * drift * mean
    change of z)``. Intervals are those of `intervals.half_width` on the logit of the share, so they
    lie between 0 and 1; on the counties of Iowa 83 and 97% of later shares fell into those of 80
    and 95%.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year, all areas of one total in one unit, or shares. All positive.
    value : str, default "value"
        Column of amounts, in one unit for all areas.
    area : str, default "area"
        Column of names or codes, one for each part of the total.
    year : str, default "year"
        Column of years: whole numbers or floats, dates, or text like 2023年.
    horizon : int, default 5
        Years to project beyond the last year that all areas have, 1 to 100.
    level : number or sequence, default (80, 95)
        Levels of the intervals in percent, between 50 and 99.
    drift : float, default 0.2
        Part of the past drift that is carried on: 0 keeps the last shares, 1 goes on unabated.
    breaks : DataFrame, "declared" or None, default "declared"
        Level breaks, as in `project`; a break in one area is one for all.

    Returns
    -------
    DataFrame
        As `project`, with fractions in ``estimate``, ``lower`` and ``upper``.

    Raises
    ------
    PanelError
        As `project`; and if there is one area only, a value is not positive, or fewer than four
        years have all areas.

    Warns
    -----
    UserWarning
        Names the years that are left out because an area lacks them, gaps and breaks.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": list("甲乙") * 5, "year": np.repeat(range(2019, 2024), 2),
    ...                     "value": [3.0, 7.0] * 5})
    >>> project_shares(toy, horizon=1, level=95)["estimate"].round(3).tolist()
    [0.3, 0.7]
    """
    levels = options(horizon, level)
    panel, notes = _complete(table, value, area, year, breaks)
    return tidy(panel, _shares(panel, horizon, levels, drift), levels, "shares", notes, area, year)


def project_parts(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    horizon: int = 5,
    level: Levels = (80, 95),
    method: str = "auto",
    drift: float = DRIFT,
    breaks: Breaks = "declared",
) -> pd.DataFrame:
    """Project areas that make up a total: first their sum, by ``method``, then its division.

    The estimates of the areas add to what `project` gives for the summed series. An interval joins
    the relative widths of total and share as independent ones: by the root of the sum of squares.
    On groups of countries that is right (77 and 94% of later values inside the 80 and 95% ones), on
    the counties of Iowa too careful (92 and 99%): ``benchmarks/coverage_shares.py``.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year, all parts of the total and none twice. All positive.
    value : str, default "value"
        Column of amounts, in one unit for all areas.
    area : str, default "area"
        Column of names or codes, one for each part of the total.
    year : str, default "year"
        Column of years: whole numbers or floats, dates, or text like 2023年.
    horizon : int, default 5
        Years to project beyond the last year that all areas have, 1 to 100.
    level : number or sequence, default (80, 95)
        Levels of the intervals in percent, between 50 and 99.
    method : str, default "auto"
        Method for the total, as in `project`.
    drift : float, default 0.2
        Part of the past drift of the shares that is carried on, as in `project_shares`.
    breaks : DataFrame, "declared" or None, default "declared"
        Level breaks, as in `project`; a break in one area is one for all.

    Returns
    -------
    DataFrame
        As `project`.

    Raises
    ------
    PanelError
        As `project_shares`.

    Warns
    -----
    UserWarning
        As `project_shares`.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": list("甲乙") * 5, "year": np.repeat(range(2019, 2024), 2),
    ...                     "value": [3.0, 7.0] * 5})
    >>> project_parts(toy, horizon=1, level=95)["estimate"].round(3).tolist()
    [3.0, 7.0]
    """
    levels = options(horizon, level)
    panel, notes = _complete(table, value, area, year, breaks)
    when, code = np.unique(panel.year, return_inverse=True)
    sums = np.bincount(code, panel.value).astype(np.float64)
    alone = np.zeros_like(when)
    whole = Panel(pd.Index(["total"]), alone, when, sums, sums, sums, alone == 0)
    total = project_panel(whole, horizon, levels, method)
    if not (total.lower > 0).all():
        raise PanelError(f'method "{method}" lets the total fall below zero. Use method="auto".')
    share = _shares(panel, horizon, levels, drift)
    logs = [[np.log(path) for path in paths] for paths in (total, share)]
    down, rise = (
        np.hypot(*(path[side] - path[0] for path in logs)).clip(max=FAR) for side in (1, 2)
    )
    estimate = total.estimate * share.estimate
    paths = Paths(estimate, estimate * np.exp(-down), estimate * np.exp(rise))
    return tidy(panel, paths, levels, method, notes, area, year)


def reconcile(base: Floats, summing: Floats, weight: Floats | None = None) -> Floats:
    """Make separate projections of totals and parts agree: ``S (S' W^-1 S)^-1 S' W^-1 base``.

    Parameters
    ----------
    base : array, shape (series, horizon)
        Separate projections, totals and parts.
    summing : array, shape (series, parts)
        S: row i says which parts make up series i.
    weight : array, shape (series, series), optional
        W, the covariance of the errors of ``base``: its estimate (MinT), a diagonal of variances
        (WLS), or by default the identity (OLS).

    Returns
    -------
    array, shape (series, horizon)
        Projections that add up. They can turn negative, which `project_parts` cannot.

    Raises
    ------
    PanelError
        If the shapes do not fit.

    Examples
    --------
    >>> reconcile(np.array([[10.0], [4.0], [5.0]]), np.array([[1, 1], [1, 0], [0, 1]])).round(3)
    array([[9.667],
           [4.333],
           [5.333]])
    """
    weight = np.eye(len(base)) if weight is None else weight
    if not len(base) == len(summing) == len(weight):
        raise PanelError(
            f"{len(base)} projections, {len(summing)} rows of sums, {len(weight)} of W"
        )
    inverse = np.linalg.solve(weight, summing).T
    agreed: Floats = summing @ np.linalg.solve(inverse @ summing, inverse @ base)
    return agreed


def _complete(
    table: pd.DataFrame, value: str, area: str, year: str, breaks: Breaks
) -> tuple[Panel, list[str]]:
    """Give the series of all areas over the years that all of them have."""
    panel = read_panel(table, value, area, year)
    if len(panel.areas) < 2:
        raise PanelError(f"{panel.areas[0]} is the only area: a share needs at least two parts")
    if len(bad := np.unique(panel.code[panel.value <= 0])):
        raise PanelError(
            f"{listed(panel.areas[bad])}: shares are projected in logarithms "
            "and need positive values. Join such a part with another."
        )
    panel, notes = start_after_breaks(panel, table, breaks, area=area)
    years, times = np.unique(panel.year, return_counts=True)
    whole, partial = years[times == len(panel.areas)], years[times < len(panel.areas)]
    if len(whole) < LEAST:
        raise PanelError(f"only {len(whole)} years have all areas; {LEAST} are needed")
    if len(partial):
        warn(f"years {listed(partial)} are left out: not all areas have a value there")
    panel = panel.keep(np.isin(panel.year, whole))
    add_note(notes, say_gaps(panel), "missing years bridged")
    return panel, notes


def _shares(panel: Panel, horizon: int, levels: Sequence[float], drift: float) -> Paths:
    # Sums run over sorted values, so that the order of the parts does not touch the last digits.
    stack, order = panel.bridged().stack()
    share = stack.values / np.sort(stack.values, axis=1).sum(axis=1, keepdims=True)
    ratio = np.log(share)
    ratio -= np.sort(ratio, axis=1).mean(axis=1, keepdims=True)
    pace = drift * (ratio[-1] - ratio[0]) / (len(ratio) - 1)
    ahead = np.exp(ratio[-1] + np.arange(1, horizon + 1)[:, None] * pace)
    estimate = ahead / np.sort(ahead, axis=1).sum(axis=1, keepdims=True)
    change = np.diff(logit(share), axis=0)
    size = np.abs(change).mean(axis=0)
    scales = (size, recent_deviation(change, stack.length) + 0.1 * size, stack.length, horizon)
    width = np.stack([half_width(*scales, x, share=True) for x in levels])
    lower, upper = (expit(logit(estimate) + side * width) for side in (-1, 1))
    return Paths(*(path[..., np.argsort(order)] for path in (estimate, lower, upper)))
