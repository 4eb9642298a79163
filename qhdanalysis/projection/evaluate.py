"""What a projection would have been worth in the past, judged against holding the last value.

At each origin only what was known by then is used, breaks included. Measures as in the forecasting
competitions: sMAPE (percent), MASE (error over the mean yearly change before the origin) and MSIS
(width of the interval plus a penalty for misses, Gneiting and Raftery 2007, on the same scale).
"""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators.matrix import listed
from qhdanalysis.projection.batch import Floats
from qhdanalysis.projection.breaks import ENOUGH, start_after_breaks
from qhdanalysis.projection.models import MODELS
from qhdanalysis.projection.series import (
    Breaks,
    Levels,
    Panel,
    Paths,
    read_panel,
    say_gaps,
    warn,
)
from qhdanalysis.projection.trend import options, project_panel, tidy

#: Draws of the bootstrap behind the interval of the skill.
_DRAWS = 1000
#: So many areas make the bootstrap run over areas; with fewer it runs over origins.
_MANY = 8
_KEYS = {"method": ["method"], "horizon": ["method", "h"], "origin": ["method", "origin", "h"]}


def backtest(
    table: pd.DataFrame,
    *,
    value: str = "value",
    area: str = "area",
    year: str = "year",
    horizon: int = 5,
    level: Levels = (80, 95),
    methods: Sequence[str] = ("auto", *MODELS),
    origins: int = 10,
    min_years: int = ENOUGH,
    by: str = "method",
    breaks: Breaks = "declared",
) -> pd.DataFrame:
    """Score methods on rolling origins against holding the last value still.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    value : str, default "value"
        Column of amounts, in one unit an area.
    area : str, default "area"
        Column of names or codes: each is a series of its own.
    year : str, default "year"
        Column of years: whole numbers or floats, dates, or text like 2023年.
    horizon : int, default 5
        Years to project beyond each origin, 1 to 100.
    level : number or sequence, default (80, 95)
        Levels of the intervals in percent, between 50 and 99.
    methods : sequence of str, default all
        Methods of `project`; "last_value" is always added. The models of statsmodels take some
        hundredths of a second an area and origin, "auto" next to nothing.
    origins : int, default 10
        The latest so many years from which to project.
    min_years : int, default 8
        Values that an area must have up to an origin to be projected from there.
    by : {"method", "horizon", "origin"}, default "method"
        One row a method; or one a method and horizon ``h``; or one a method, ``origin`` and ``h``,
        the joint view: intervals are per area, and under a common shock the coverage over the areas
        is near one at most origins and near nothing at some.
    breaks : DataFrame, "declared" or None, default "declared"
        Level breaks, as in `project`; those after an origin are not yet known at it.

    Returns
    -------
    DataFrame
        ``method`` (``origin``, ``h``), ``areas``, ``origins``, ``n`` (projected values), ``smape``,
        ``mase``, then ``msis`` and ``coverage`` with the level in their name (``msis95``,
        ``coverage95``), ``skill`` = 1 - MAE / MAE of the last value (errors scaled by each area's
        mean yearly change), and ``skill_low``, ``skill_high``, its 95% bootstrap interval over
        areas (over origins if there are fewer than eight areas; missing below four of them).
        Areas share shocks and origins share years, so the interval is rather too narrow.

    Raises
    ------
    PanelError
        As `project`; and if no origin leaves enough years before and one after it.

    Warns
    -----
    UserWarning
        Names the areas that are too short to be tested.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": "甲县", "year": range(2004, 2024),
    ...                     "value": [100 * 1.05**i for i in range(20)]})
    >>> scores = backtest(toy, methods=["auto"], breaks=None).set_index("method")
    >>> bool(scores.loc["auto", "skill_low"] > 0.5)
    True
    """
    if by not in _KEYS:
        raise PanelError(f"by={by!r}: give one of {', '.join(_KEYS)}")
    levels = options(horizon, level)
    panel = read_panel(table, value, area, year)
    say_gaps(panel)
    pieces = []
    for origin, known in _origins(panel, origins, min_years):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            known, notes = start_after_breaks(known, table, breaks, area=area)
            scale = pd.Series(_mean_change(known), index=known.areas)
            for method in dict.fromkeys(["last_value", *methods]):
                run = _last_value if method == "last_value" else project_panel
                rows = tidy(known, run(known, horizon, levels, method), levels, method, notes)
                pieces.append(rows.assign(origin=origin, scale=rows["area"].map(scale)))
    came = {"area": panel.areas.take(panel.code), "year": panel.year, "value": panel.value}
    errors = pd.concat(pieces).merge(pd.DataFrame(came)) if pieces else pd.DataFrame()
    if errors.empty:
        raise PanelError(
            f"no origin has {min_years} values before it and one after; lower min_years"
        )
    errors = _measured(errors)
    tested = errors["area"].unique()
    if len(missing := panel.areas.difference(pd.Index(tested), sort=False)):
        warn(f"{listed(missing)}: not tested, fewer than {min_years} values before a later one")
    keys = _KEYS[by]
    first = errors[errors["level"] == levels[0]]
    scores = first.groupby(keys, sort=False).agg(
        areas=("area", "nunique"),
        origins=("origin", "nunique"),
        n=("value", "size"),
        smape=("smape", "mean"),
        mase=("mase", "mean"),
    )
    for x in levels:
        at = errors[errors["level"] == x].groupby(keys, sort=False)
        scores[[f"msis{x:g}", f"coverage{x:g}"]] = at[["msis", "inside"]].mean()
    place = ["area", "origin", "h"]
    held = first.loc[first["method"] == "last_value", [*place, "mase"]]
    both = first.merge(held, on=place, suffixes=("", "_held"))
    unit = "area" if len(tested) >= _MANY or by == "origin" else "origin"
    skill = [
        _skill(rows.groupby(unit)[["mase", "mase_held"]].sum())
        for _, rows in both.groupby(keys, sort=False)
    ]
    scores[["skill", "skill_low", "skill_high"]] = skill
    return scores.reset_index()


def _origins(panel: Panel, origins: int, min_years: int) -> Iterator[tuple[int, Panel]]:
    """Give the latest origins, each with what was known by then of the areas long enough."""
    for origin in np.unique(panel.year)[-origins - 1 : -1].tolist():
        known = panel.keep(panel.year <= origin)
        current = np.bincount(known.code, known.year == origin, len(panel.areas)) > 0
        enough = current & (known.sizes() >= min_years)
        if enough.any():
            yield origin, known.only(enough)


def _mean_change(panel: Panel) -> Floats:
    """Mean absolute change from value to value of each area."""
    steps = panel.steps() > 0
    moves = np.bincount(panel.code[1:][steps], np.abs(np.diff(panel.value))[steps])
    mean: Floats = moves / (panel.sizes() - 1)
    return mean


def _measured(errors: pd.DataFrame) -> pd.DataFrame:
    """Add the measures of each projected value."""
    y, low, high = errors["value"], errors["lower"], errors["upper"]
    miss, outside = (y - errors["estimate"]).abs(), (low - y).clip(0) + (y - high).clip(0)
    scale = errors["scale"].where(errors["scale"] > 0)
    return errors.assign(
        h=errors["year"] - errors["origin"],
        smape=200 * miss / (y.abs() + errors["estimate"].abs()),
        mase=miss / scale,
        msis=(high - low + 2 / (1 - errors["level"] / 100) * outside) / scale,
        inside=y.between(low, high),
    )


def _last_value(panel: Panel, horizon: int, levels: Sequence[float], method: str) -> Paths:
    """Hold the last value; bounds of a random walk with normal steps."""
    from scipy.stats import norm

    steps = panel.steps()
    squares = np.diff(panel.value) ** 2 / np.maximum(steps, 1) * (steps > 0)
    deviation = np.sqrt(np.bincount(panel.code[1:], squares) / (panel.sizes() - 1))
    reach = norm.ppf(0.5 + np.asarray(levels) / 200)[:, None, None]
    width = reach * np.sqrt(np.arange(1.0, horizon + 1))[:, None] * deviation
    estimate = np.repeat(panel.value[np.cumsum(panel.sizes()) - 1][None], horizon, axis=0)
    return Paths(estimate, estimate - width, estimate + width)


def _skill(errors: pd.DataFrame) -> list[float]:
    """1 - errors / errors of the last value, with its bootstrap interval over the rows."""
    draws = np.random.default_rng(0).integers(len(errors), size=(_DRAWS, len(errors)))
    with np.errstate(invalid="ignore", divide="ignore"):
        own, held = errors.to_numpy().T[:, draws].sum(axis=2)
        ends = np.quantile(1 - own / held, [0.025, 0.975]) if len(errors) >= 4 else [np.nan] * 2
        return [float(1 - np.divide(*errors.sum())), *map(float, ends)]
