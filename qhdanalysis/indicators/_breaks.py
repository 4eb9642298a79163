"""Level breaks between the years that an indicator compares: never spliced without a word."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from qhdanalysis.indicators.matrix import Grid, listed
from qhdanalysis.records import declared_breaks


def warn_of_breaks(
    what: str, table: DataFrame, panel: Grid, compared: NDArray[np.bool_], since: ArrayLike, *,
    area: str, year: str, until: int | None = None,
) -> None:  # fmt: skip
    """Warn if a level break lies between two years that were compared.

    Breaks are those of the table's own column ``break`` (as `to_panel` gives it, at the first year
    on the new level); a table without it that has a ``code``, as records do, is looked up among the
    declared ones.

    Parameters
    ----------
    what : str
        What was computed.
    table, area, year
        As the caller got them.
    panel : Grid
        The table on the axes year, area and any others.
    compared : ndarray of bool, shape of ``panel.cells``, or one an area
        Where there is a result.
    since : int or array of int, one a year of the panel
        The year with which each year was compared.
    until : int, optional
        The year that was compared with ``since``, if it is one only.
    """
    found = _breaks(table, area, year)
    if found.empty:
        return
    axis, when = panel.labels[0].to_numpy(), found["year"].to_numpy()[:, None]
    since = np.asarray(since)
    if until is not None:
        axis, compared = np.array([until]), compared[None]
    between = (np.minimum(axis, since) < when) & (when <= np.maximum(axis, since))
    at = panel.labels[1].get_indexer(found["area"])
    results = np.asarray(compared.reshape(*compared.shape[:2], -1).any(-1))[:, at].T
    crossed = found[(between & results & (at >= 0)[:, None]).any(1)]
    names = (f"{row.area} {row.year} ({row.kind})" for row in crossed.itertuples())
    if said := listed(names):
        message = (
            f"level breaks lie between the years compared: {said}. There {what} mixes growth with "
            "a change of level; compare years on one side of a break."
        )
        warnings.warn(message, UserWarning, stacklevel=3)


def _breaks(table: DataFrame, area: str, year: str) -> DataFrame:
    """Give the breaks of the areas of a table: ``area`` (its label), ``year`` and ``kind``."""
    found = pd.DataFrame({"area": [], "year": [], "kind": []})
    if "break" in table:
        rows = table[table["break"].notna() & table["break"].ne("")]
        found = pd.DataFrame({"area": rows[area], "year": rows[year], "kind": rows["break"]})
    elif "code" in table:
        who = table[area].astype("str")
        if "area_code" in table:
            who = table["area_code"].where(table["area_code"].ne(""), who)
        labels = pd.DataFrame({"who": who, "area": table[area]}).drop_duplicates()
        found = declared_breaks(table["code"].unique()).merge(labels, on="who")
    return found[["area", "year", "kind"]].drop_duplicates().astype({"year": "int64"})
