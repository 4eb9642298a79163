"""Composite index of several indicators, as county evaluations build it."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pandas import DataFrame

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.indicators.matrix import Floats, ratio


def composite_index(
    table: DataFrame, *, indicators: Mapping[str, int],
    weights: Literal["entropy", "equal"] | Mapping[str, float] = "entropy",
    standardise: Literal["minmax", "zscore"] = "minmax", area: str = "area", year: str = "year",
) -> DataFrame:  # fmt: skip
    """Score and rank of areas by year: the weighted sum of standardised indicators.

    Ranges and weights are taken over all areas and years together, so that scores can be compared
    between years; a year alone gives other scores.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year, one column an indicator.
    indicators : dict
        Column to direction: 1 where more is better, -1 where less is.
    weights : str or dict, default "entropy"
        "entropy" (熵权法): with ``p`` the share of a row in the sum of the min-max values and
        ``d = 1 + sum(p ln p) / ln n``, ``w = d / sum(d)``: what spreads more weighs more, whether
        it matters or not; ``0 ln 0`` is 0, no small number is added to the values. "equal"; or a
        weight for each column, divided by their sum.
    standardise : str, default "minmax"
        "minmax", ``(x - min) / (max - min)``, 0 to 1; "zscore", ``(x - mean) / sd`` (divisor n).
    area, year : str
        Columns.

    Returns
    -------
    DataFrame
        ``area``, ``year``, ``score``, ``rank`` (1 is best), ``rank_best`` and ``rank_worst`` (over
        entropy, equal and given weights, and with each indicator left out in turn: a wide range
        says that the rank hangs on the weights), ``weight_`` and the column's name, ``n`` and
        ``n_missing`` (indicators with and without a value). Rows with a missing indicator have no
        score.

    Raises
    ------
    PanelError
        If a direction is neither 1 nor -1, a weight is missing or negative, an indicator is text
        or the same everywhere, or an area stands twice within a year.

    Warns
    -----
    UserWarning
        Names the rows without a score.

    Examples
    --------
    >>> import pandas as pd
    >>> toy = pd.DataFrame({"area": list("甲乙丙"), "year": 2022, "income": [3.0, 2.0, 1.0]})
    >>> toy["energy"] = [5.0, 1.0, 4.0]
    >>> result = composite_index(toy, indicators={"income": 1, "energy": -1}, weights="equal")
    >>> result[["area", "score", "rank"]].values.tolist()
    [['丙', 0.125, 3.0], ['乙', 0.75, 1.0], ['甲', 0.5, 2.0]]
    """
    if not isinstance(indicators, Mapping) or set(indicators.values()) | {1, -1} != {1, -1}:
        raise PanelError(f"indicators={indicators!r}: give each column a direction, 1 or -1")
    names = list(indicators)
    matrix.one_of("standardise", standardise, ("minmax", "zscore"))
    panels = [matrix.grid(table, name, area, year=year, signed=True) for name in names]
    cells = np.stack(
        [panel.cells * indicators[n] for panel, n in zip(panels, names, strict=True)], -1
    )
    known, given = ~np.isnan(cells), panels[0].given
    whole = known.all(-1)
    values = cells[whole]
    spread = np.ptp(values, axis=0) if len(values) else np.zeros(len(names))
    if (spread == 0).any():
        flat = matrix.listed(name for name, s in zip(names, spread, strict=True) if s == 0)
        raise PanelError(f"{flat} is the same in all complete rows and ranks nothing: leave it out")
    unit = (values - values.min(0)) / spread
    scaled = unit if standardise == "minmax" else (values - values.mean(0)) / values.std(0)
    sets = [_entropy_weights(unit), np.full(len(names), 1 / len(names))]
    if isinstance(weights, str):
        matrix.one_of("weights", weights, ("entropy", "equal"))
        used = sets[["entropy", "equal"].index(weights)]
    else:
        used = _given_weights(weights, names)
        sets.append(used)
    sets += [ratio(used * left, (used * left).sum()) for left in 1 - np.eye(len(names))]
    scores = np.full((len(sets) + 1, *whole.shape), np.nan)
    scores[:, whole] = np.stack([used, *sets]) @ scaled.T
    ranks = DataFrame(scores.reshape(-1, whole.shape[1])).rank(
        axis=1, method="min", ascending=False
    )
    ranks = ranks.to_numpy().reshape(scores.shape)
    missing = matrix.names_of(panels[0], given & ~whole)
    matrix.warn_undefined("the score", (f"{name} (an indicator missing)" for name in missing))
    columns = {
        "score": scores[0],
        "rank": ranks[0],
        "rank_best": np.fmin.reduce(ranks),
        "rank_worst": np.fmax.reduce(ranks),
        **{f"weight_{name}": np.asarray(w) for name, w in zip(names, used, strict=True)},
        "n": known.sum(-1),
        "n_missing": (~known).sum(-1),
    }
    return matrix.tidy(panels[0].labels, [year, area], columns, given)


def _entropy_weights(unit: Floats) -> Floats:
    share = unit / unit.sum(0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = 1 + (share * logs).sum(0) / np.log(len(unit))
    return np.asarray(spread / spread.sum(), dtype=np.float64)


def _given_weights(weights: Mapping[str, float], names: list[str]) -> Floats:
    if set(weights) != set(names) or min(weights.values()) < 0 or sum(weights.values()) <= 0:
        raise PanelError(f"weights={dict(weights)}: give each of {names} one weight of 0 or more")
    given = np.array([weights[name] for name in names], dtype=np.float64)
    return np.asarray(given / given.sum(), dtype=np.float64)
