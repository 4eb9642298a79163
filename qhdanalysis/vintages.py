"""Two sources of the same values beside each other: what agrees, differs, stands alone."""

import numpy as np
import pandas as pd

from qhdanalysis.areas import settle_codes
from qhdanalysis.records import conform, keys_of, refuse_twice, unit_factor

__all__ = ["merge_records"]


def merge_records(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Lay the records of two sources beside each other and tell where they agree.

    Both rows of a value that both sources give are kept: `select` chooses. Other codes of an area
    (139001 for 定州市) are replaced by its own, and an area without a code takes the one that the
    other source gives for the same name; ``note`` says so.

    Parameters
    ----------
    first, second : DataFrame
        Records, each with one value for each area, year, indicator and price basis; "na" is
        compared with "current".

    Returns
    -------
    DataFrame
        The rows of both with the columns of the record contract and

        - ``match``: "agrees" (within the digits that both print), "differs", "other unit" (no
          common family), or "alone",
        - ``difference``: ``value / other value - 1``, a fraction,
        - ``other_value`` (in the row's own unit), ``other_source``, ``other_note`` (its vintage).

        ``attrs["report"]`` counts the matches.

    Raises
    ------
    PanelError
        If a source gives two values for one area, year, indicator and price basis.

    Examples
    --------
    >>> from qhdanalysis.records import RECORD_COLUMNS
    >>> row = dict.fromkeys(RECORD_COLUMNS, "") | {"area": "定州市", "code": "gdp", "unit": "亿元"}
    >>> one = pd.DataFrame([row | {"area_code": "139001", "year": 2017, "value": 322.9}])
    >>> two = pd.DataFrame([row | {"area_code": "130682", "year": 2017, "value": 323.4}])
    >>> merge_records(one, two)[["area_code", "match", "difference"]].round(4).to_numpy().tolist()
    [['130682', 'differs', -0.0015], ['130682', 'differs', 0.0015]]
    """
    both = pd.concat([conform(first), conform(second)], keys=["first", "second"])
    own = settle_codes(both["area_code"], both["year"])
    known = pd.DataFrame({"area": both["area"], "own": own})[own.ne("")].drop_duplicates()
    known = known.drop_duplicates("area", keep=False).set_index("area")["own"]
    own = own.mask(own.eq(""), both["area"].map(lambda area: known.get(area, "")))
    changed = own.ne(both["area_code"])
    said = "area code " + both["area_code"].replace("", "missing") + " read as " + own
    note = both["note"].mask(changed, (both["note"] + "; " + said).str.removeprefix("; "))
    both = both.assign(area_code=own, note=note)
    basis = both["price_basis"].replace("na", "current")  # a table that is silent prints levels
    keys = keys_of(both).assign(basis=basis, side=both.index.get_level_values(0))
    refuse_twice(both, keys, "One source gives them all: take one with select() first.")
    other = keys.assign(side=keys["side"].map({"first": "second", "second": "first"}))
    by = list(keys.columns)
    found = other.merge(keys.assign(at=range(len(keys))), how="left", on=by)["at"].to_numpy()
    paired = ~np.isnan(found)
    twin = both.iloc[np.where(paired, found, 0).astype(int)].set_index(both.index)
    pairs = pd.MultiIndex.from_arrays([twin["unit"], both["unit"]])
    factors = {pair: unit_factor(*pair) for pair in pairs.unique()}
    factor = pd.Series(pairs.map(factors), index=both.index, dtype="float64").where(paired)
    value = twin["value"] * factor
    within = (both["value"] - value).abs() <= (
        _half(both["value"]) + _half(twin["value"]) * factor
    ) * (1 + 1e-9)
    match = np.select(
        [~paired, factor.isna(), within], ["alone", "other unit", "agrees"], "differs"
    )
    both = both.assign(
        match=pd.array(match, dtype="str"),
        difference=both["value"] / value - 1,
        other_value=value,
        other_source=twin["source"].where(paired, ""),
        other_note=twin["note"].where(paired, ""),
    )
    both = both.sort_values(["area_code", "area", "code", "year"], kind="stable", ignore_index=True)
    both.attrs["report"] = tuple(f"{n} {word}" for word, n in both["match"].value_counts().items())
    return both


def _half(value: "pd.Series[float]") -> "pd.Series[float]":
    """Give half a unit of the last digit of each number."""
    digits = value.map(lambda number: len(f"{number:.15g}".partition(".")[2]))
    return 0.5 / 10.0**digits
