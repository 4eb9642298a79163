"""Convergence of areas: beta (the poorer grow faster) and sigma (the spread narrows)."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from pandas import DataFrame

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.indicators._breaks import warn_of_breaks
from qhdanalysis.indicators.matrix import Floats


def beta_convergence(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    start: int | None = None, end: int | None = None, controls: Sequence[str] = (),
    cov_type: Literal["HC1", "HC0", "HC2", "HC3", "nonrobust"] = "HC1",
) -> DataFrame:  # fmt: skip
    """Regress growth on the initial level: ``ln(y1 / y0) / T = a + b ln(y0) + c controls``.

    The estimates are those of statsmodels' OLS. Speed is ``-ln(1 + b T) / T`` a year, half-life
    ``ln 2 / speed``. ``b`` is per year here, so it has to be multiplied by T first: R's REAT does
    not, and its speed comes out about T times too small.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    value : str, default "value"
        GDP per head, at constant prices unless inflation is common to all areas.
    area, year : str
        Columns.
    start, end : int, optional
        Years; by default the first and the last of the table.
    controls : list of str, optional
        Numeric columns, taken in ``start``: conditional convergence.
    cov_type : str, default "HC1"
        Standard errors, in the words of statsmodels; "nonrobust" are the classical ones.

    Returns
    -------
    DataFrame
        One row a term ("intercept", "log_initial", the controls): ``term``, ``estimate``,
        ``std_error``, ``t``, ``p_value`` (t distribution), ``lower``, ``upper`` (95%); the same
        in each row: ``r_squared``, ``f``, ``speed``, ``half_life``, ``start``, ``end``, ``n`` and
        ``n_missing`` (areas used and left out).

    Raises
    ------
    PanelError
        If the table is refused (duplicates, negative values, text), or fewer areas than terms
        plus one are complete.

    Warns
    -----
    UserWarning
        Names the areas left out and level breaks between the two years (see `growth_rate`); says
        where there is no half-life (no convergence).

    References
    ----------
    R. Barro and X. Sala-i-Martin, "Convergence", Journal of Political Economy 100 (1992).

    Examples
    --------
    >>> toy = pd.DataFrame({"area": list("甲乙丙丁") * 2, "year": [2010] * 4 + [2020] * 4})
    >>> result = beta_convergence(toy.assign(value=[1.0, 2.0, 3.0, 4.0, 3.0, 4.1, 5.0, 5.6]))
    >>> result.set_index("term").loc["log_initial", ["estimate", "speed"]].round(3).tolist()
    [-0.055, 0.079]
    """
    from statsmodels.api import OLS

    panel = matrix.grid(table, value, area, year=year)
    first, last = matrix.year_ends(panel, start, end)
    begin, finish = (int(panel.labels[0][at]) for at in (first, last))
    span = finish - begin
    y0, y1 = _logs(panel.cells[[first, last]])
    given = [matrix.grid(table, name, area, year=year, signed=True) for name in controls]
    x = np.column_stack([np.ones_like(y0), y0, *(control.cells[first] for control in given)])
    growth = (y1 - y0) / span
    known = ~np.isnan(np.column_stack([x, growth])).any(1)
    if known.sum() <= x.shape[1]:
        raise PanelError(
            f"{known.sum()} areas have all values in {begin} and {finish}, for {x.shape[1]} terms: "
            "choose other years, or fewer controls"
        )
    _warn_left_out("beta_convergence", panel.labels[1][~known])
    warn_of_breaks("beta", table, panel, known, begin, area=area, year=year, until=finish)
    fit = OLS(growth[known], x[known]).fit(cov_type=cov_type, use_t=True)
    shrink = 1 + fit.params[1] * span
    speed = -math.log(shrink) / span if shrink > 0 else math.nan
    half_life = math.log(2) / speed if speed > 0 else math.nan
    if math.isnan(half_life):
        matrix.warn_undefined("the half-life", [f"{begin} to {finish} (no convergence)"])
    lower, upper = fit.conf_int().T
    terms = {"term": ["intercept", "log_initial", *controls], "estimate": fit.params}
    terms |= {"std_error": fit.bse, "t": fit.tvalues, "p_value": fit.pvalues}
    whole = {"r_squared": fit.rsquared, "f": float(fit.fvalue), "speed": speed}
    whole |= {"half_life": half_life, "start": begin, "end": finish}
    whole |= {"n": int(known.sum()), "n_missing": int((~known).sum())}
    return DataFrame(terms | {"lower": lower, "upper": upper} | whole)


def sigma_convergence(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year", ddof: int = 0
) -> DataFrame:
    """Spread between areas in each year: standard deviation of logs, and of levels over the mean.

    Only areas with a value in every year are used, so that the spread does not move because areas
    come and go.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year.
    value, area, year : str
        Columns; ``value`` per head, positive.
    ddof : int, default 0
        0 divides by n (the areas are all there are), 1 by n - 1.

    Returns
    -------
    DataFrame
        ``year``, ``sigma``, ``cv``, ``n`` and ``n_missing`` (areas used and left out).

    Raises
    ------
    PanelError
        If the table is refused (duplicates, negative values, text).

    Warns
    -----
    UserWarning
        Names the areas left out.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": list("甲乙") * 2, "year": [2010] * 2 + [2020] * 2})
    >>> sigma_convergence(toy.assign(value=[1.0, 4.0, 2.0, 4.0]))["sigma"].round(4).tolist()
    [0.6931, 0.3466]
    """
    panel, logs, known = _complete("sigma_convergence", table, value, area, year)
    levels = np.exp(logs)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = {"sigma": _std(logs, ddof), "cv": _std(levels, ddof) / levels.mean(1)}
        columns |= {"n": known.sum(keepdims=True), "n_missing": (~known).sum(keepdims=True)}
    return matrix.tidy(panel.labels[:1], [year], columns)


def sigma_test(
    table: DataFrame, *, value: str = "value", area: str = "area", year: str = "year",
    start: int | None = None, end: int | None = None,
) -> DataFrame:  # fmt: skip
    """Test whether the spread of logs changed between two years, in the same areas.

    The two years hold the same areas, so their variances are not independent and the usual F test
    does not apply. The paired ones are Pitman and Morgan's, the t of ``corr(l0 + l1, l0 - l1)``
    with n - 2 degrees of freedom, and Carree and Klomp's T2, ``(n - 2.5) ln(1 + (v0 - v1)**2 /
    (4 (v0 v1 - c**2)))``, chi-squared with 1; v are variances of the logs, c their covariance.

    Parameters
    ----------
    table : DataFrame, shape (n, k)
        One row per area and year; areas need values in all its years from start to end.
    value : str, default "value"
        Column of amounts per head, positive.
    area : str, default "area"
        Column that names the areas.
    year : str, default "year"
        Column of years, whole numbers.
    start, end : int, optional
        Years; by default the first and the last of the table.

    Returns
    -------
    DataFrame, one row
        ``start``, ``end``, ``ratio`` (sigma first over last: above 1 is convergence),
        ``variance_ratio``, ``pitman_t``, ``pitman_p`` (two-sided), ``carree_klomp``,
        ``carree_klomp_p``, ``unpaired_p`` (of the F test, for comparison with other programs
        only), ``trend`` and ``trend_t`` (OLS slope of sigma on the year), ``log_trend`` (of its
        logarithm: proportional change a year), ``n`` and ``n_missing`` areas.

    Raises
    ------
    PanelError
        As `sigma_convergence`; with fewer than 3 areas.

    Warns
    -----
    UserWarning
        As `sigma_convergence`; and names level breaks (see `growth_rate`).

    References
    ----------
    M. Carree and L. Klomp, "Testing the convergence hypothesis: a comment", Review of Economics
    and Statistics 79 (1997), 683-686.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": list("甲乙丙丁") * 2, "year": [2010] * 4 + [2020] * 4})
    >>> result = sigma_test(toy.assign(value=[1.0, 2.0, 3.0, 4.0, 3.0, 4.1, 5.0, 5.6]))
    >>> result[["ratio", "pitman_p"]].round(4).values.tolist()
    [[2.1982, 0.0005]]
    """
    from scipy import stats

    first, last = matrix.year_ends(matrix.grid(table, value, area, year=year), start, end)
    years = np.unique(table[year])[first : last + 1]
    table = table[table[year].isin(years)]
    panel, logs, known = _complete("sigma_test", table, value, area, year)
    since, until = int(years[0]), int(years[-1])
    warn_of_breaks("sigma", table, panel, known, since, area=area, year=year, until=until)
    n = int(known.sum())
    if n < 3:
        raise PanelError(f"{n} areas have values in all years: a test needs at least 3")
    l0, l1 = logs[0], logs[-1]
    covariance = np.cov(l0, l1, bias=True)
    (v0, c), (_, v1) = covariance
    paired = stats.pearsonr(l0 + l1, l0 - l1)
    t = paired.statistic * math.sqrt((n - 2) / (1 - paired.statistic**2))
    klomp = (n - 2.5) * math.log1p((v0 - v1) ** 2 / (4 * (v0 * v1 - c**2)))
    sigma = _std(logs, 0)
    trend = stats.linregress(years, sigma)
    one_sided = (tail(v0 / v1, n - 1, n - 1) for tail in (stats.f.sf, stats.f.cdf))
    row = {"start": since, "end": until, "ratio": math.sqrt(v0 / v1)}
    row |= {"variance_ratio": v0 / v1, "pitman_t": t, "pitman_p": paired.pvalue}
    row |= {"carree_klomp": klomp, "carree_klomp_p": stats.chi2.sf(klomp, 1)}
    row |= {"unpaired_p": 2 * min(one_sided), "trend": trend.slope}
    row |= {"trend_t": trend.slope / trend.stderr if trend.stderr else math.nan}
    row |= {"log_trend": stats.linregress(years, np.log(sigma)).slope}
    return DataFrame([row | {"n": n, "n_missing": int((~known).sum())}])


def _logs(levels: Floats) -> Floats:
    return np.log(np.where(levels > 0, levels, np.nan))


def _std(values: Floats, ddof: int) -> Floats:
    squares = np.square(values - values.mean(1, keepdims=True)).sum(1)
    return np.asarray(np.sqrt(squares / (values.shape[1] - ddof)), dtype=np.float64)


def _complete(
    what: str, table: DataFrame, value: str, area: str, year: str
) -> tuple[matrix.Grid, Floats, matrix.Flags]:
    """Give the panel, the logs of areas that have a value in every year, and which these are."""
    panel = matrix.grid(table, value, area, year=year)
    logs = _logs(panel.cells)
    known = np.asarray(~np.isnan(logs).any(0))
    if not known.any():
        raise PanelError("no area has a positive value in every year: take fewer years or areas")
    _warn_left_out(what, panel.labels[1][~known])
    return panel, logs[:, known], known


def _warn_left_out(what: str, areas: pd.Index) -> None:
    reasons = (f"{name} (a value zero or missing: left out)" for name in areas)
    matrix.warn_undefined(what, reasons, 5)
