"""Project execution, financing and the yield of money and land, from a table or from values.

Every function takes either a table and the names of its columns, or no table and values: numbers,
Series, arrays or intervals (`qhdanalysis.units.written`). With an interval the result is the
interval of all values that the written digits allow. A Series comes back for a table or Series,
a number for numbers. Shares and rates are fractions; those above 1 are normal (a plan can be
overfulfilled) and never clipped. Undefined is NaN with one warning that names the areas.
"""

import operator
import warnings
from typing import Any

import numpy as np

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators._ratio import Op, Table, derive, ends, over
from qhdanalysis.indicators.matrix import fractions


def completion_rate(
    table: Table = None, *, done: Op = "done", planned: Op = "planned", area: str = "area"
) -> Any:
    """Completed over planned investment of the year (投资完成率): ``done / planned``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    done, planned : str, number, Series, array or Interval
        Completed and planned investment: column names, or values, in one unit (亿元).
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions; 1.2 is 20% over plan. NaN where the plan is zero or a value is missing.

    Raises
    ------
    PanelError
        If a value is negative, text or infinite, or labels do not match.
    UnitError
        If the columns' names end in different units (``_yi``, ``_wan``).

    Warns
    -----
    UserWarning
        Names the areas without a result, with the reason.

    Examples
    --------
    >>> round(completion_rate(done=340.43, planned=380.52), 4)
    0.8946
    """
    return derive("completion_rate", table, area, {"done": done, "planned": planned})


def schedule_gap(
    table: Table = None, *, elapsed: Op, done: Op = "done", planned: Op = "planned",
    area: str = "area",
) -> Any:  # fmt: skip
    """Completion rate less the elapsed part of the year: ``done / planned - elapsed``.

    A yardstick, no forecast: it takes work to be spread evenly over the year, while building
    slows in a northern winter.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    elapsed : number, str, Series, array or Interval
        Elapsed fraction of the year: 8 / 12 after August.
    done, planned : str, number, Series, array or Interval
        Completed and planned investment of the year, in one unit.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        A difference of fractions; positive is ahead of the calendar.

    Raises
    ------
    PanelError
        As `completion_rate`; if ``elapsed`` is above 1 (months in place of a fraction).

    Warns
    -----
    UserWarning
        As `completion_rate`.

    Examples
    --------
    >>> round(schedule_gap(done=50.64, planned=85.7, elapsed=8 / 12), 4)
    -0.0758
    """
    operands = {"done": done, "planned": planned, "elapsed": elapsed}
    return derive("schedule_gap", table, area, operands, lambda d, p, e: over(d, p) - _fraction(e))


def run_rate(table: Table = None, *, elapsed: Op, done: Op = "done", area: str = "area") -> Any:
    """Level at the year's end if the pace so far holds: ``done / elapsed``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    elapsed : number, str, Series, array or Interval
        Elapsed fraction of the year: 8 / 12 after August.
    done : str, number, Series, array or Interval
        What is done so far this year.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In the unit of ``done``.

    Raises
    ------
    PanelError
        As `schedule_gap`.

    Warns
    -----
    UserWarning
        As `completion_rate`.

    Examples
    --------
    >>> round(run_rate(done=50.64, elapsed=8 / 12), 2)
    75.96
    """
    operands = {"done": done, "elapsed": elapsed}
    return derive("run_rate", table, area, operands, lambda d, e: over(d, _fraction(e)))


def start_rate(
    table: Table = None, *, started: Op = "started", planned: Op = "planned", area: str = "area"
) -> Any:
    """Give projects started over planned ones (开工率): ``started / planned``.

    The plan is that of the projects to be started (new ones), not of all projects: in a document
    that reports 100%, the rate over all projects is smaller.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    started, planned : str, number, Series, array or Interval
        Number of projects.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> round(start_rate(started=206, planned=255), 4)
    0.8078
    """
    return derive("start_rate", table, area, {"started": started, "planned": planned})


def resumption_rate(
    table: Table = None, *, resumed: Op = "resumed", planned: Op = "planned", area: str = "area"
) -> Any:
    """Give projects resumed over planned ones (复工率), of those continued from the year before.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    resumed, planned : str, number, Series, array or Interval
        Number of projects.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> resumption_rate(resumed=123, planned=123)
    1.0
    """
    return derive("resumption_rate", table, area, {"resumed": resumed, "planned": planned})


def conversion_rate(
    table: Table = None, *, started: Op = "started", listed: Op = "listed", area: str = "area"
) -> Any:
    """Part of the preliminary list that has started early (前期项目转化率): ``started / listed``.

    Once with projects and once with investment. Completed investment of the early starters over
    the list's total investment mixes a part of one year with the total of all: it measures money
    spent, not projects turned.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    started, listed : str, number, Series, array or Interval
        Number of projects, or their investment in one unit.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> round(conversion_rate(started=38, listed=238), 4)
    0.1597
    """
    return derive("conversion_rate", table, area, {"started": started, "listed": listed})


def permits_per_project(
    table: Table = None, *, permits: Op = "permits", projects: Op = "projects", area: str = "area"
) -> Any:
    """Count the permits obtained for each project of the list: ``permits / projects``.

    No share of projects: one project needs several (approval or filing, land, construction).

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    permits, projects : str, number, Series, array or Interval
        Numbers of each.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Permits a project.

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
    >>> round(permits_per_project(permits=227, projects=238), 4)
    0.9538
    """
    return derive("permits_per_project", table, area, {"permits": permits, "projects": projects})


def resolution_rate(
    table: Table = None, *, solved: Op = "solved", raised: Op = "raised", area: str = "area"
) -> Any:
    """Solved over raised problems or needs (问题解决率): ``solved / raised``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    solved, raised : str, number, Series, array or Interval
        Numbers of each.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> round(resolution_rate(solved=19, raised=31), 4)
    0.6129
    """
    return derive("resolution_rate", table, area, {"solved": solved, "raised": raised})


def credit_drawdown(
    table: Table = None, *, granted: Op = "granted", line: Op = "line", area: str = "area"
) -> Any:
    """Give loans granted over the credit line (授信使用率): ``granted / line``.

    ``granted`` is cumulative; what has been repaid still counts as drawn.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    granted, line : str, number, Series, array or Interval
        Loans granted and the credit line, in one unit (亿元).
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> round(credit_drawdown(granted=49.09, line=125.15), 3)
    0.392
    """
    return derive("credit_drawdown", table, area, {"granted": granted, "line": line})


def implied_repayment(
    table: Table = None, *, granted: Op = "granted", outstanding: Op = "outstanding",
    area: str = "area",
) -> Any:  # fmt: skip
    """Repaid loans that the two published values imply: ``granted - outstanding``.

    Holds if both cover the same loans; write-offs and sales count as repaid.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    granted, outstanding : str, number, Series, array or Interval
        Loans granted, cumulative, and the balance, in one unit (亿元).
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In their unit; negative, with a warning, if the two cannot belong together.

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
    >>> round(implied_repayment(granted=49.09, outstanding=48.43), 2)
    0.66
    """
    operands = {"granted": granted, "outstanding": outstanding}
    repaid = derive("implied_repayment", table, area, operands, operator.sub)
    if np.any(np.asarray(ends(repaid)[1]) < 0):
        message = "more is outstanding than was granted: the two cover different loans or days"
        warnings.warn(message, UserWarning, stacklevel=2)
    return repaid


def loans_to_gdp(
    table: Table = None, *, loans: Op = "loans", gdp: Op = "gdp", area: str = "area"
) -> Any:
    """Outstanding loans at the year's end over the year's GDP: ``loans / gdp``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    loans, gdp : str, number, Series, array or Interval
        The balance of loans and the year's GDP, in one unit (亿元).
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Years of GDP.

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
    >>> loans_to_gdp(loans=250.0, gdp=200.0)
    1.25
    """
    return derive("loans_to_gdp", table, area, {"loans": loans, "gdp": gdp})


def loan_to_deposit_ratio(
    table: Table = None, *, loans: Op = "loans", deposits: Op = "deposits", area: str = "area"
) -> Any:
    """Outstanding loans over deposits (存贷比): ``loans / deposits``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    loans, deposits : str, number, Series, array or Interval
        Balances of the same day, in one unit.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> loan_to_deposit_ratio(loans=150.0, deposits=250.0)
    0.6
    """
    return derive("loan_to_deposit_ratio", table, area, {"loans": loans, "deposits": deposits})


def loans_to_investment(
    table: Table = None, *, granted: Op = "granted", done: Op = "done", area: str = "area"
) -> Any:
    """Give loans granted over completed investment: ``granted / done``.

    Loans are often cumulative and of some projects, investment of all projects and of this year:
    say the two scopes beside the ratio.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    granted, done : str, number, Series, array or Interval
        Loans granted and completed investment, in one unit (亿元).
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> round(loans_to_investment(granted=49.09, done=340.43), 3)
    0.144
    """
    return derive("loans_to_investment", table, area, {"granted": granted, "done": done})


def funding_gap(
    table: Table = None, *, needed: Op = "planned", secured: Op = "done", area: str = "area"
) -> Any:
    """Money needed and not there yet: ``needed - secured``; a surplus is negative.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    needed, secured : str, number, Series, array or Interval
        In one unit; by default the planned and the completed investment.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In their unit.

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
    >>> round(funding_gap(needed=80.0, secured=105.7), 1)
    -25.7
    """
    return derive("funding_gap", table, area, {"needed": needed, "secured": secured}, operator.sub)


def fiscal_self_sufficiency(
    table: Table = None, *, revenue: Op = "revenue", expenditure: Op = "expenditure",
    area: str = "area",
) -> Any:  # fmt: skip
    """General public budget revenue over expenditure (财政自给率): ``revenue / expenditure``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    revenue, expenditure : str, number, Series, array or Interval
        Of the general public budget, in one unit; revenue without transfers from above.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> fiscal_self_sufficiency(revenue=12.0, expenditure=40.0)
    0.3
    """
    operands = {"revenue": revenue, "expenditure": expenditure}
    return derive("fiscal_self_sufficiency", table, area, operands)


def icor(
    table: Table = None, *, investment: Op = "investment", gdp: Op = "gdp",
    previous_gdp: Op = "previous_gdp", area: str = "area",
) -> Any:  # fmt: skip
    """Incremental capital-output ratio: ``investment / (gdp - previous_gdp)``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    investment, gdp, previous_gdp : str, number, Series, array or Interval
        In one unit and at one year's prices; nominal growth makes the ratio too small.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Investment for one more unit of GDP; negative where GDP fell, NaN where it stood still.

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
    >>> round(icor(investment=4.0, gdp=10.8, previous_gdp=10.0), 4)
    5.0
    """
    operands = {"investment": investment, "gdp": gdp, "previous_gdp": previous_gdp}
    return derive("icor", table, area, operands, lambda i, g, p: over(i, g - p))


def investment_efficiency(
    table: Table = None, *, investment: Op = "investment", gdp: Op = "gdp",
    previous_gdp: Op = "previous_gdp", area: str = "area",
) -> Any:  # fmt: skip
    """More GDP for one unit of investment (投资效果系数), the inverse of `icor`.

    ``(gdp - previous_gdp) / investment``

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    investment, gdp, previous_gdp : str, number, Series, array or Interval
        In one unit and at one year's prices; at current prices inflation counts as growth.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        Fractions.

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
    >>> round(investment_efficiency(investment=4.0, gdp=10.8, previous_gdp=10.0), 4)
    0.2
    """
    operands = {"gdp": gdp, "previous_gdp": previous_gdp, "investment": investment}
    return derive("investment_efficiency", table, area, operands, lambda g, p, i: over(g - p, i))


def revenue_per_used_mu(
    table: Table = None, *, revenue: Op = "revenue", used_mu: Op = "used_mu", area: str = "area"
) -> Any:
    """Revenue on each mu of land in use (亩均营业收入): ``revenue / used_mu``.

    Land in use is what the firms occupy, not the planned or approved area of the zone, which is
    larger and makes the yield look smaller. In mu: 1 公顷 = 15 亩, 1 平方公里 = 1,500 亩
    (``convert(values, "公顷", "亩")``).

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    revenue, used_mu : str, number, Series, array or Interval
        Money, and land in use in mu.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In the unit of ``revenue``, a mu.

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
    >>> revenue_per_used_mu(revenue=6000.0, used_mu=30.0)
    200.0
    """
    return derive(
        "revenue_per_used_mu", table, area, {"revenue": revenue, "used_mu": used_mu}, alike=False
    )


def tax_per_used_mu(
    table: Table = None, *, tax: Op = "tax", used_mu: Op = "used_mu", area: str = "area"
) -> Any:
    """Tax paid on each mu of land in use (亩均税收): ``tax / used_mu``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    tax, used_mu : str, number, Series, array or Interval
        Money, and land in use in mu, as in `revenue_per_used_mu`.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In the unit of ``tax``, a mu.

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
    >>> tax_per_used_mu(tax=300.0, used_mu=20.0)
    15.0
    """
    return derive("tax_per_used_mu", table, area, {"tax": tax, "used_mu": used_mu}, alike=False)


def value_added_per_used_mu(
    table: Table = None, *, value_added: Op = "value_added", used_mu: Op = "used_mu",
    area: str = "area",
) -> Any:  # fmt: skip
    """Value added on each mu of land in use (亩均增加值): ``value_added / used_mu``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    value_added, used_mu : str, number, Series, array or Interval
        Money, and land in use in mu, as in `revenue_per_used_mu`.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In the unit of ``value_added``, a mu.

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
    >>> value_added_per_used_mu(value_added=900.0, used_mu=20.0)
    45.0
    """
    return derive(
        "value_added_per_used_mu",
        table,
        area,
        {"value_added": value_added, "used_mu": used_mu},
        alike=False,
    )


def implied_total(
    table: Table = None, *, part: Op = "part", share: Op = "share", area: str = "area"
) -> Any:
    """Total that a part and its published share imply: ``part / share``.

    Parameters
    ----------
    table : DataFrame, shape (n, k), optional
        One row per area and period, with the columns named here; without it pass values.
    part, share : str, number, Series, array or Interval
        The part, and its share as a fraction. Pass `qhdanalysis.units.written` values for bounds:
        a share of two digits leaves a wide range.
    area : str, default "area"
        Column whose names stand in the warning.

    Returns
    -------
    Series, float, array or Interval
        In the unit of ``part``.

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
    >>> from qhdanalysis.units import written
    >>> total = implied_total(part=written("630.5"), share=written("33", "%"))
    >>> round(total.low, 1), round(total.high, 1)
    (1881.9, 1940.2)
    """
    operands = {"part": part, "share": share}
    return derive("implied_total", table, area, operands, _total, alike=False)


def _fraction(elapsed: Any) -> Any:
    if np.any(np.asarray(ends(elapsed)[1]) > 1):
        raise PanelError("elapsed is above 1: give the elapsed fraction of the year, as 8 / 12")
    return elapsed


def _total(part: Any, share: Any) -> Any:
    fractions(ends(share)[1], "share", most=2.0)
    return over(part, share)
