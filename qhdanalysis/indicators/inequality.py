"""Inequality between areas: Gini, Theil, Atkinson, variation, Hoover; by year and by group.

Weights are populations: an index with weights is the index of the population in which each area
stands once for each of its inhabitants. Values are amounts per head. Where a value or a weight is
missing, the two are left out together.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.indicators._ratio import Op, Table, derive
from qhdanalysis.indicators.matrix import Floats, ratio


class _Sets:
    """Values and weights in sets (years, groups), with sums of sets."""

    def __init__(self, x: Floats, weights: Floats, code: NDArray[np.intp], number: int) -> None:
        self.x, self.weights, self.code, self.number = x, weights, code, number
        self.people = self.sum(weights)
        self.mean = ratio(self.sum(weights * x), self.people)

    def sum(self, amounts: Floats) -> Floats:
        return np.bincount(self.code, amounts, self.number).astype(np.float64)

    def average(self, amounts: Floats) -> Floats:
        return ratio(self.sum(self.weights * amounts), self.people)

    @property
    def relative(self) -> Floats:
        return ratio(self.x, self.mean[self.code])


def _gini(sets: _Sets) -> Floats:
    order = np.lexsort((sets.x, sets.code))
    x, weights, code = sets.x[order], sets.weights[order], sets.code[order]
    lowest = np.full(sets.number, np.inf)
    np.minimum.at(lowest, code, x)
    up_to = np.cumsum(weights) - (np.cumsum(sets.people) - sets.people)[code]
    # differences from the lowest value keep equal values at exactly 0
    spread = weights * (x - lowest[code]) * (2 * up_to - weights - sets.people[code])
    summed = np.bincount(code, spread, sets.number).astype(np.float64)
    return np.maximum(ratio(summed, sets.mean * sets.people**2), 0.0)


def _entropy(sets: _Sets, alpha: float) -> Floats:
    r = sets.relative
    with np.errstate(divide="ignore", invalid="ignore"):
        if alpha == 1:
            result = sets.average(np.where(r == 0, 0.0, r * np.log(r)))
        elif alpha == 0:
            result = -sets.average(np.log(r))
        else:
            result = (sets.average(r**alpha) - 1) / (alpha * (alpha - 1))
    return np.where(np.isfinite(result), np.maximum(result, 0.0), np.nan)


def _atkinson(sets: _Sets, epsilon: float) -> Floats:
    with np.errstate(divide="ignore"):
        if epsilon == 1:
            level = np.exp(sets.average(np.log(sets.relative)))
        else:
            level = sets.average(sets.relative ** (1 - epsilon)) ** (1 / (1 - epsilon))
    return np.asarray(np.maximum(1 - level, 0.0), dtype=np.float64)


def _variation(sets: _Sets, ddof: int = 0) -> Floats:
    square = sets.sum(sets.weights * np.square(sets.x - sets.mean[sets.code]))
    return ratio(np.sqrt(ratio(square, sets.people - ddof)), sets.mean)


def _hoover(sets: _Sets) -> Floats:
    return sets.average(np.abs(sets.relative - 1)) / 2


def _vector(
    what: str, x: ArrayLike, weights: ArrayLike | None, index: Callable[[_Sets], Floats]
) -> float:
    """Apply an index to one vector, after the checks that all of them share."""
    values, labels = matrix.vector(x)
    mass = np.ones(len(values))
    if weights is not None:
        mass, other = matrix.vector(weights, "weights")
        if labels is not None and other is not None and not labels.equals(other):
            lost = labels.symmetric_difference(other)
            if len(lost) or labels.has_duplicates:
                raise PanelError(
                    f"x and weights differ in the labels {matrix.listed(lost)}: reindex one"
                )
            mass = mass[other.get_indexer(labels)]
        elif len(mass) != len(values):
            raise PanelError(f"{len(values)} values but {len(mass)} weights: give one for each")
    known = ~np.isnan(values) & ~np.isnan(mass)
    if not known.all():
        message = f"{what} leaves out {(~known).sum()} of {len(known)} values that are missing"
        warnings.warn(message, UserWarning, stacklevel=3)
    values, mass = values[known], mass[known]
    result = float(index(_Sets(values, mass, np.zeros(len(values), np.intp), 1))[0])
    if np.isnan(result):
        reason = "no value" if not mass.any() else "zeros" if (values == 0).any() else "few values"
        matrix.warn_undefined(what, [f"this vector ({reason})"], 4)
    return result


def gini(x: ArrayLike, weights: ArrayLike | None = None, *, bias_corrected: bool = False) -> float:
    """Gini coefficient: mean absolute difference over twice the mean.

    Parameters
    ----------
    x : array, shape (n,)
        Amounts per head, not negative. Missing values are left out with a warning.
    weights : array, shape (n,), optional
        Populations. R's REAT sorts the values without the weights, and IneqPy ranks otherwise:
        theirs is not the Gini of the expanded population, ours is.
    bias_corrected : bool, default False
        Multiply by ``n / (n - 1)``, n the number (with weights the sum of weights), as IneqPy
        does always. Areas are the whole population, so the default is the plain form.

    Returns
    -------
    float
        0 (equal) to ``1 - 1/n``; NaN with a warning where the sum is zero.

    Raises
    ------
    PanelError
        If a value is negative (the index then leaves 0 to 1), text or infinite, ``x`` has two
        dimensions, or the weights do not fit.

    Warns
    -----
    UserWarning
        How many missing values are left out; why the index is undefined.

    Examples
    --------
    >>> round(gini([1, 1, 10], weights=[3, 0, 1]), 4)  # as gini([1, 1, 1, 10])
    0.5192
    """

    def index(sets: _Sets) -> Floats:
        return _gini(sets) * (ratio(sets.people, sets.people - 1) if bias_corrected else 1.0)

    return _vector("gini", x, weights, index)


def generalised_entropy(x: ArrayLike, alpha: float, weights: ArrayLike | None = None) -> float:
    """Generalised entropy index GE(alpha), natural logarithms.

    ``mean((x/m) ** alpha - 1) / (alpha (alpha - 1))``, m the mean; 1 is Theil's T, 0 his L, 2
    half the squared coefficient of variation. The smaller alpha, the more the poor count.

    Parameters
    ----------
    x : array, shape (n,)
        Amounts per head, not negative. Missing values are left out with a warning.
    alpha : float
        Weight of the upper end.
    weights : array, shape (n,), optional
        Populations.

    Returns
    -------
    float
        0 is equal; NaN with a warning where zeros have no logarithm (alpha 0 or less).

    Raises
    ------
    PanelError
        As `gini`.

    Warns
    -----
    UserWarning
        As `gini`.

    Examples
    --------
    >>> round(generalised_entropy([10, 10, 10, 20, 50], 2), 4)
    0.3
    """
    return _vector(f"generalised entropy {alpha:g}", x, weights, lambda sets: _entropy(sets, alpha))


def theil(x: ArrayLike, weights: ArrayLike | None = None, *, kind: str = "T") -> float:
    """Theil index T, ``mean(x/m ln(x/m))``, or L (mean log deviation), ``mean(ln(m/x))``.

    Parameters
    ----------
    x : array, shape (n,)
        Amounts per head, not negative. Missing values are left out with a warning.
    weights : array, shape (n,), optional
        Populations; both mean and sum are then weighted (REAT mixes the two).
    kind : str, default "T"
        "T" (generalised entropy 1; zeros count as 0) or "L" (0; undefined with zeros).

    Returns
    -------
    float
        0 is equal, ``ln n`` (T) all in one place.

    Raises
    ------
    PanelError
        As `gini`; if ``kind`` is neither.

    Warns
    -----
    UserWarning
        As `gini`.

    Examples
    --------
    >>> round(theil([10, 10, 10, 20, 50]), 4), round(theil([10, 10, 10, 20, 50], kind="L"), 4)
    (0.2502, 0.2326)
    """
    if kind not in ("T", "L"):
        raise PanelError(f'kind={kind!r} is no Theil index: pass "T" or "L"')
    return _vector(f"theil {kind}", x, weights, lambda sets: _entropy(sets, float(kind == "T")))


def atkinson(x: ArrayLike, weights: ArrayLike | None = None, *, epsilon: float = 0.5) -> float:
    """Atkinson index: ``1 - mean((x/m) ** (1-e)) ** (1/(1-e))``, at e = 1 the geometric mean.

    Parameters
    ----------
    x : array, shape (n,)
        Amounts per head, not negative. Missing values are left out with a warning.
    weights : array, shape (n,), optional
        Populations.
    epsilon : float, default 0.5
        Aversion to inequality, above 0. From 1 on one zero makes the index 1. IneqPy's value at 1
        subtracts the log mean once per observation and comes out near 1 always; ours once.

    Returns
    -------
    float
        0 to 1: the part of the total that could go without loss if all had the same.

    Raises
    ------
    PanelError
        As `gini`; if ``epsilon`` is not positive.

    Warns
    -----
    UserWarning
        As `gini`.

    Examples
    --------
    >>> round(atkinson([10, 20, 30, 40, 50], epsilon=1), 4)
    0.1316
    """
    if epsilon <= 0:
        raise PanelError(f"epsilon={epsilon} is not positive: 0.5, 1 and 2 are usual")
    return _vector("atkinson", x, weights, lambda sets: _atkinson(sets, epsilon))


def cv(x: ArrayLike, weights: ArrayLike | None = None, *, ddof: int = 0) -> float:
    """Coefficient of variation: standard deviation over mean; weighted: the Williamson index.

    Parameters
    ----------
    x : array, shape (n,)
        Amounts per head, not negative. Missing values are left out with a warning.
    weights : array, shape (n,), optional
        Populations. Deviations are then from the weighted mean, as in Williamson (1965);
        REAT's default takes them from the plain mean.
    ddof : int, default 0
        1 for the standard deviation of a sample.

    Returns
    -------
    float
        0 is equal.

    Raises
    ------
    PanelError
        As `gini`.

    Warns
    -----
    UserWarning
        As `gini`.

    Examples
    --------
    >>> cv([1.0, 3.0])
    0.5
    """
    return _vector("cv", x, weights, lambda sets: _variation(sets, ddof))


def hoover(x: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Hoover (Robin Hood) index: half the sum of ``|share of income - share of people|``.

    Parameters
    ----------
    x : array, shape (n,)
        Amounts per head, not negative: of totals and people pass the totals per head. Missing
        values are left out with a warning.
    weights : array, shape (n,), optional
        Populations.

    Returns
    -------
    float
        0 to 1: the part of the total that would have to move. IneqPy's passes 1.

    Raises
    ------
    PanelError
        As `gini`.

    Warns
    -----
    UserWarning
        As `gini`.

    Examples
    --------
    >>> hoover([1.0, 3.0])
    0.25
    """
    return _vector("hoover", x, weights, _hoover)


def inequality(
    table: DataFrame, *, value: str = "value", area: str = "area", by: str = "year",
    weights: str | None = None, group: str | None = None, epsilon: float = 0.5,
) -> DataFrame:  # fmt: skip
    """All indices within each ``by``, and Theil's between and within groups of areas.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and ``by``.
    value : str, default "value"
        Amounts per head.
    area, by : str
        Columns.
    weights : str, optional
        Column of populations.
    group : str, optional
        Column of groups (province, coast and inland). Between: all areas of a group at its mean;
        within: the groups' own indices, weighted by income (T) or people (L). The two are
        computed apart and add up to the index.
    epsilon : float, default 0.5
        Of the Atkinson index.

    Returns
    -------
    DataFrame
        ``by``, ``mean``, ``gini``, ``theil_t``, ``theil_l``, ``atkinson``, ``cv``, ``hoover``,
        with groups ``theil_t_between``, ``theil_t_within``, ``theil_l_between``,
        ``theil_l_within``; ``n`` and ``n_missing`` (rows with and without value and weight).

    Raises
    ------
    PanelError
        If an area stands twice within one ``by``, a value or weight is negative or text, or a row
        has no group.

    Warns
    -----
    UserWarning
        Names each ``by`` where an index is undefined.

    Examples
    --------
    >>> import pandas as pd
    >>> toy = pd.DataFrame({"area": ["甲县", "乙县"], "year": 2022, "value": [1.0, 3.0]})
    >>> inequality(toy)[["year", "gini", "cv", "n"]].values.tolist()
    [[2022.0, 0.25, 0.5, 2.0]]
    """
    panel = matrix.grid(table, value, by, area)
    period = panel.at // len(panel.labels[1])
    x = panel.cells.ravel()[panel.at]
    people = np.ones(len(x)) if weights is None else matrix.numbers(table, weights, area, by)
    known = ~np.isnan(x) & ~np.isnan(people)
    number, n_rows = len(panel.labels[0]), np.bincount(period, minlength=len(panel.labels[0]))
    x, people, code = x[known], people[known], period[known]
    sets = _Sets(x, people, code, number)
    columns = {"mean": sets.mean, "gini": _gini(sets), "theil_t": _entropy(sets, 1)}
    columns |= {"theil_l": _entropy(sets, 0), "atkinson": _atkinson(sets, epsilon)}
    columns |= {"cv": _variation(sets), "hoover": _hoover(sets)}
    if group is not None:
        group_code, groups = matrix.codes(table, group)
        inner = _Sets(x, people, code * len(groups) + group_code[known], number * len(groups))
        there = inner.people > 0
        outer = np.repeat(np.arange(number), len(groups))[there]
        between = _Sets(inner.mean[there], inner.people[there], outer, number)
        for name, alpha in (("theil_t", 1), ("theil_l", 0)):
            own = np.where(between.x == 0, 0.0, _entropy(inner, alpha)[there])
            columns[f"{name}_between"] = _entropy(between, alpha)
            columns[f"{name}_within"] = between.average(between.relative**alpha * own)
    undefined = np.isnan(np.stack(list(columns.values()))).any(0)
    names = panel.labels[0][undefined]
    matrix.warn_undefined(
        "an index of inequality", (f"{name} (zeros or no value)" for name in names)
    )
    n = np.bincount(code, minlength=number)
    return matrix.tidy([panel.labels[0]], [by], columns | {"n": n, "n_missing": n_rows - n})


def urban_rural_ratio(
    table: Table = None, *, urban: Op = "urban", rural: Op = "rural", area: str = "area"
) -> Any:
    """Urban over rural disposable income per head (城乡居民收入比): ``urban / rural``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    urban, rural : str, number, Series, array or Interval
        Column names, or values in one unit.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        1 is parity.

    Raises
    ------
    PanelError, UnitError
        As `completion_rate`.

    Warns
    -----
    UserWarning
        As `completion_rate`.

    Examples
    --------
    >>> urban_rural_ratio(urban=45000.0, rural=20000.0)
    2.25
    """
    return derive("urban_rural_ratio", table, area, {"urban": urban, "rural": rural})
