"""Level breaks of yearly series: found from evidence that is named, or declared; then respected."""

from functools import cache

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError
from qhdanalysis.projection.series import Breaks, Panel, names, warn

#: Values that must remain after a break for a projection to start there.
ENOUGH = 8


def start_after_breaks(
    panel: Panel, table: pd.DataFrame, breaks: Breaks, *, area: str
) -> tuple[Panel, list[str]]:
    """Drop what lies before the last break that leaves eight values; say it, and what is crossed.

    Returns
    -------
    panel, notes
        ``notes`` has one text an area, '' where no break lies within the series.
    """
    notes = [""] * len(panel.areas)
    frame = _breaks_of(panel, table, breaks, area)
    ends = np.cumsum(panel.sizes())
    first, last = panel.span()
    code, year = frame["position"].to_numpy(), frame["year"].to_numpy()
    within = (year > first[code]) & (year <= last[code])
    code, year = code[within], year[within]
    if not len(code):
        return panel, notes
    wide = int(panel.year.max()) + 2
    left = ends[code] - np.searchsorted(panel.code * wide + panel.year, code * wide + year)
    start = first.copy()
    np.maximum.at(start, code[left >= ENOUGH], year[left >= ENOUGH])
    cut = np.flatnonzero(start > first)
    crossed: dict[int, list[int]] = {}
    for position, when in sorted(zip(code.tolist(), year.tolist(), strict=True)):
        if when > start[position]:
            crossed.setdefault(position, []).append(when)
    for i in cut.tolist():
        notes[i] = f"starts after the break of {start[i]}"
    for i, years in crossed.items():
        words = f"crosses the break of {', '.join(map(str, years))}"
        notes[i] = "; ".join(filter(None, (notes[i], words)))
    said = sorted({*cut.tolist(), *crossed})
    warn(
        f"level breaks: {names(f'{panel.areas[i]} {notes[i]}' for i in said)}. A projection starts "
        f"after the last break that leaves {ENOUGH} values; pass breaks=None to ignore breaks."
    )
    return panel.keep(panel.year >= start[panel.code]), notes


@cache
def _declared() -> pd.DataFrame:
    from qhdanalysis.catalog import load_dataset

    return load_dataset("qhd_breaks")


def _breaks_of(panel: Panel, table: pd.DataFrame, breaks: Breaks, area: str) -> pd.DataFrame:
    """Give the breaks of the panel's areas: ``position`` in ``panel.areas`` and ``year``."""
    nothing = pd.DataFrame({"position": np.array([], int), "year": np.array([], int)})
    if breaks is None:
        return nothing
    if isinstance(breaks, str) and breaks != "declared":
        raise PanelError(f'breaks={breaks!r}: give a table, "declared" or None')
    frame: pd.DataFrame = _declared() if isinstance(breaks, str) else breaks
    if lacking := {"area", "year"} - set(frame.columns):
        raise PanelError(f"the breaks have no column {names(sorted(lacking))}; see find_breaks")
    if "code" in frame.columns and "code" in table.columns:
        frame = frame[frame["code"].isin(["", *table["code"].unique()])]
    position = pd.Series(panel.areas.get_indexer(frame["area"]), index=frame.index)
    if area != "area_code" and {"area_code"} <= set(frame.columns) & set(table.columns):
        pairs = table.drop_duplicates([area, "area_code"]).query("area_code != ''")
        by_code = pd.Series(panel.areas.get_indexer(pairs[area]), index=pairs["area_code"])
        by_code = by_code[~by_code.index.duplicated()]
        position = frame["area_code"].map(by_code).fillna(position).astype(int)
    elif area == "area_code" and "area_code" in frame.columns:
        position = pd.Series(panel.areas.get_indexer(frame["area_code"]), index=frame.index)
    found = pd.DataFrame({"position": position, "year": frame["year"]})
    return found[found["position"] >= 0].drop_duplicates()
