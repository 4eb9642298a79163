"""What the rows of a table say of their values: area, year, unit and words."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.reading.tables.cells import Cells, Repair
from qhdanalysis.reading.tables.layout import Block
from qhdanalysis.reading.tables.wording import (
    FOOT,
    LEAD,
    chinese,
    dated,
    is_place,
    matches,
    remember,
    said,
    year_of,
)


@dataclass
class Hints:
    """What the caller says of a file; it goes before what is found."""

    sheet: str | int | None = None
    header_rows: int | None = None
    unit: str | None = None
    indicator: str | None = None
    area: str | None = None
    year: int | None = None
    area_column: str | int | None = None
    orientation: str | None = None


@remember
def clean_area(text: str) -> str:
    """Give an area's name as printed, without marks and inner blanks."""
    text = chinese(text)
    while (shorter := FOOT.sub("", LEAD.sub("", text)).strip()) != text:
        text = shorter
    return text


def taken(texts: list[str], codes: np.ndarray) -> Any:
    """Repeat a few texts many times over."""
    return pd.array(texts, dtype="str").take(codes)


def side_by_side(block: Block, *roles: str) -> tuple[list[list[int]], np.ndarray]:
    """Group columns of labels that values part; give also each value column's group."""
    columns = block.having("value")
    groups: list[list[int]] = []
    for column in block.having(*roles):
        if groups and not any(groups[-1][-1] < value < column for value in columns):
            groups[-1].append(column)
        else:
            groups.append([column])
    nearest = np.searchsorted([group[0] for group in groups], columns) - 1
    return groups, np.maximum(nearest, 0)


def row_labels(
    cells: Cells, block: Block, r: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Factorise what each value's row says of it: its unit, or the one above; section; words."""
    n = len(block.rows)
    section = [block.sections.get(row, "") for row in block.rows]
    if not block.having("area", "broad"):  # 甲县 over rows of indicators is their area
        section = ["" if is_place(text) else text for text in section]
    groups, nearest = side_by_side(block, "indicator")
    periods = _periods(cells, block)[1]
    joined: list[str] = []
    for group in groups or [[]]:
        units = [column for column in block.having("unit") if not group or column > group[0]]
        printed = above = np.full(n, "", dtype=object)
        for column in (units or block.having("unit"))[:1]:
            filled, printed = _filled(cells, block, column), cells.labels(block.rows, column)
            above = np.where(printed == "", filled, "")
        texts = [_filled(cells, block, column) for column in group]
        joined += map("\x1f".join, zip(printed, above, section, *texts, periods, strict=True))
    codes, uniques = pd.factorize(np.array(joined, dtype=object))
    return codes[nearest[c] * n + r], [tuple(text.split("\x1f")) for text in uniques]


def _filled(cells: Cells, block: Block, column: int) -> np.ndarray:
    """Give a column of labels; a blank below one repeats it where another kind of label stands.

    It does so within one section, and ``block.carried`` marks where.
    """
    texts = cells.labels(block.rows, column)
    blank = texts == ""
    # a label that does not stand in the first of its rows stands in the middle of them
    if not blank.any() or (blank[0] and block.roles[column] == "indicator"):
        return texts
    same, other = np.zeros((2, len(texts)), dtype=bool)
    role = block.roles[column]
    for beside in block.having("area", "indicator", "year", "other"):
        if role in ("unit", block.roles[beside]) or beside > column:
            into = same if block.roles[beside] == role else other
            into |= cells.labels(block.rows, beside) != ""
    over = [block.sections.get(row, "") for row in block.rows]
    parts = np.cumsum([
        a != b and not matches("column.group", b) for a, b in pairwise(["", *over])
    ])  # fmt: skip
    filled = pd.Series(texts, dtype=object).mask(blank).groupby(parts).ffill().fillna("")
    carried = blank & other & ~same & (filled != "").to_numpy()
    _mark(block, role, carried)
    return np.where(carried, filled.to_numpy(object), texts)


def _mark(block: Block, role: str, rows: np.ndarray) -> None:
    """Remember the rows that took a label of this role from above."""
    block.carried[role] = block.carried.get(role, False) | rows


def carried_notes(block: Block) -> np.ndarray:
    """Say of each row what it took from above; of units only where they are used."""
    notes = np.full(len(block.rows), "", dtype=object)
    for role, rows in block.carried.items():
        if role != "unit":
            added = f"{role.replace('broad', 'area')} carried down from the row above"
            notes[rows] = np.where(notes == "", added, notes + f"; {added}")[rows]
    return notes


def row_areas(
    cells: Cells, block: Block, r: np.ndarray, c: np.ndarray, hints: Hints
) -> tuple[np.ndarray, list[str]]:
    """Give each value's area, factorised: the section's, the row's, the column's or the title's.

    The caller's goes before that of a single area.
    """
    columns = block.having("value")
    if any(block.places.values()) and not block.having("area", "broad"):
        texts, where = [block.places.get(row, "") or block.area for row in block.rows], r
    elif not block.having("area"):
        texts, where = [block.heads[column].area or block.area for column in columns], c
    else:
        groups, nearest = side_by_side(block, "area", "broad")
        texts = np.concatenate([_finest(cells, block, group) for group in groups]).tolist()
        where = nearest[c] * len(block.rows) + r
    codes, names = pd.factorize(np.array(texts, dtype=object))
    clean, areas = pd.factorize(np.array([clean_area(name) for name in names], dtype=object))
    if hints.area and len(set(areas) - {""}) < 2:  # one area is not the area of several
        return np.zeros(len(r), dtype=int), [hints.area]
    return clean[codes][where], list(areas)


def _finest(cells: Cells, block: Block, group: list[int]) -> np.ndarray:
    """Give the names of the smallest areas of 省, 市 and 县 side by side.

    A blank 县 is the 市 itself.
    """
    texts = {column: cells.labels(block.rows, column) for column in group}
    texts[group[0]] = _filled(cells, block, group[0])
    areas = [column for column in group if block.roles[column] == "area"] or group
    main = max(areas, key=lambda column: len(set(texts[column])))
    names = texts[main]
    for column in sorted(group, key=lambda column: (column > main, abs(column - main))):
        names = np.where(names == "", texts[column], names)
    return names


def printed_codes(cells: Cells, block: Block, r: np.ndarray) -> Any:
    """Give each row's area code as text; one stored as 130682.0 is repaired and said."""
    columns = {k: cells.labels(block.rows, k) for k in block.having("area_code")}
    if not columns:
        return ""
    column = max(columns, key=lambda k: len(set(columns[k])))
    codes, uniques = pd.factorize(columns[column])
    plain = [re.sub(r"^(\d+)\.0+$", r"\1", text.strip()) for text in uniques]
    for i, row in zip(codes.tolist(), block.rows, strict=True):
        if plain[i] != uniques[i].strip():
            cells.repairs[row, column] = Repair(uniques[i], plain[i], "area code")
    return taken(plain, codes[r])


def row_years(cells: Cells, block: Block, r: np.ndarray, c: np.ndarray, hints: Hints) -> Any:
    """Give each value's year: the caller's, the row's, its section's, the column's, the title's."""
    sections = [block.sections.get(row, "") for row in block.rows]
    over = pd.Series([(year_of(t) or (said(t).year or np.nan,))[0] for t in sections]).ffill()
    years = np.full(len(r), float(hints.year or np.nan))
    for each in (_periods(cells, block)[0], over.to_numpy(float)):
        years = np.where(np.isnan(years), each[r], years)
    heads = [block.heads[column].year or np.nan for column in block.having("value")]
    years = np.where(np.isnan(years), np.array(heads, dtype=float)[c], years)
    years = np.where(np.isnan(years), block.said.year or np.nan, years)
    return np.where(years > 0, years, np.nan)


def _part(cells: Cells, block: Block, column: int) -> list[str]:
    """Give each row's month or quarter in words, of a column beside that of the years."""
    head = "".join(cells.word(row, column) for row in block.header)
    form = "第{}季度" if matches("find.quarter", head) else "{}月"
    texts = cells.labels(block.rows, column)
    return [form.format(text) if text.isdecimal() else text for text in texts]


def _periods(cells: Cells, block: Block) -> tuple[np.ndarray, list[str]]:
    """Give each row's year, 0 where its words are none, and the months of its year in words."""
    column = next(iter(block.having("year")), None)
    within = [_part(cells, block, each) for each in block.having("part")[:1]]
    if column is None:
        return np.full(len(block.rows), np.nan), [""] * len(block.rows)
    codes, texts = pd.factorize(_filled(cells, block, column))
    monthly = any(dated(text) and not year_of(text) for text in texts)
    read: list[tuple[float, str]] = []
    for text in texts:
        told = said(text)
        if found := dated(text) if monthly else None:
            read.append(found)
        elif whole := year_of(text):
            read.append((whole[0], ""))
        else:
            part = told.words if matches("column.relative", told.words) else ""
            read.append((told.year or (np.nan if part or not text else 0), part))
    years = pd.Series([read[code][0] for code in codes], dtype=float)
    parts = next(iter(within), [read[code][1] for code in codes])
    if any(parts):
        _mark(block, "year", (years.isna() & years.ffill().notna()).to_numpy())
        years = years.ffill()
    return years.to_numpy(), parts
