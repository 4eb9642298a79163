"""A table that is laid out becomes records: one row a printed value."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.reading.tables.cells import (
    LEAD,
    NUMBER,
    WORDS,
    Cells,
    Repair,
    chinese,
    dated,
    matches,
    remember,
    said,
    squeeze,
    tidy,
    words,
    year_of,
)
from qhdanalysis.reading.tables.layout import PRINTED, Block, Head
from qhdanalysis.records import RECORD_COLUMNS, standard_code

_FOOT = re.compile(r"(?:[①-⑳*\uff0a†‡]+|\[\d+\]|(?<=[一-龥])\d[)）])$")
_POINTS = ("%", "‰", "个百分点", "百分点")


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
    while (shorter := _FOOT.sub("", LEAD.sub("", text)).strip()) != text:
        text = shorter
    return text


def _taken(texts: list[str], codes: np.ndarray) -> Any:
    """Repeat a few texts many times over."""
    return pd.array(texts, dtype="str").take(codes)


def build(cells: Cells, block: Block, hints: Hints) -> pd.DataFrame:
    """Give the records of one table, in the order of its rows."""
    rows, columns = np.array(block.rows), np.array(block.having("value"), dtype=int)
    values = cells.value[np.ix_(rows, columns)]
    r, c = np.nonzero(_readable(cells, block, rows, columns))
    if not len(r):
        return pd.DataFrame(columns=list(RECORD_COLUMNS))
    row_codes, labels = _row_labels(cells, block, r, c)
    head_codes, heads = _column_heads(block)
    codes, pairs = pd.factorize(row_codes * len(heads) + head_codes[c])
    told = [_describe(labels[p // len(heads)], heads[p % len(heads)], block, hints) for p in pairs]
    indicator, unit, basis, note, code = (_taken([one[i] for one in told], codes) for i in range(5))
    area_codes, areas = _areas(cells, block, r, c, hints)
    sums = [matches("row.sums", block.sections.get(row, "")) for row in block.rows]
    under = np.array(
        [
            matches("row.subtotal", a)
            and not (matches("places.provinces", a) or matches("row.area", a))
            for a in areas
        ]
    )
    # 全国 over a whole file is its area; as one row among others it adds them up
    whole = len(areas) == 1 and (hints.area is not None or not block.having("area", "broad"))
    level = ((under[area_codes] & (not whole)) | np.array(sums)[r]).astype(int)
    table = pd.DataFrame(
        {
            "area": _taken(areas, area_codes),
            "area_code": _area_codes(cells, block, r),
            "year": _years(cells, block, r, c, hints),
            "indicator": indicator,
            "code": code,
            "value": values[r, c],
            "unit": unit,
            "price_basis": basis,
            "source": "",
            "source_url": "",
            "place": _places(cells, rows, columns, r, c),
            "level": _taken(["area", "subtotal"], level),
            "note": note,
        },
        columns=list(RECORD_COLUMNS),
    )
    for name in PRINTED:
        for column in block.having(name):
            printed = np.array([tidy(str(t)) for t in cells.text[rows, column]], object)[r]
            table[name] = np.where(printed == "", table[name], printed)
    _mark_cells(cells, table, rows[r], columns[c])
    return _part_equal_rows(cells, block, table, r)


def _readable(cells: Cells, block: Block, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Mark the numbers that can be records; list what stands in their place, or has no name."""
    kinds = cells.kind[np.ix_(rows, columns)]
    labels = block.having("area", "broad", "indicator", "year")
    named = np.full(len(rows), not labels)
    for column in labels:
        named |= cells.labels(block.rows, column) != ""
    numbers: np.ndarray = (kinds == NUMBER) & named[:, None]
    for i, j in np.argwhere((kinds == WORDS) | (kinds == NUMBER) & ~numbers).tolist():
        row, column = int(rows[i]), int(columns[j])
        found = tidy(cells.word(row, column))
        date = re.fullmatch(r"\d{4}-\d\d-\d\d", found)
        why = "a date where a number is expected" if date else "no number"
        why = why if kinds[i, j] == WORDS else "its row has no name"
        cells.repairs[row, column] = Repair(found, "", why)
    return numbers


def _side_by_side(block: Block, *roles: str) -> tuple[list[list[int]], np.ndarray]:
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


def _row_labels(
    cells: Cells, block: Block, r: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Factorise what each value's row says of it: its unit, its section, then its words."""
    n = len(block.rows)
    section = [block.sections.get(row, "") for row in block.rows]
    groups, nearest = _side_by_side(block, "indicator")
    periods = _periods(cells, block)[1]
    joined: list[str] = []
    for group in groups or [[]]:
        units = [column for column in block.having("unit") if not group or column > group[0]]
        columns = [*(units or block.having("unit"))[:1], *group]
        texts = [_filled(cells, block, column) for column in columns]
        if len(columns) == len(group):
            texts.insert(0, np.full(n, "", dtype=object))
        joined += map("\x1f".join, zip(texts[0], section, *texts[1:], periods, strict=True))
    codes, uniques = pd.factorize(np.array(joined, dtype=object))
    return codes[nearest[c] * n + r], [tuple(text.split("\x1f")) for text in uniques]


def _filled(cells: Cells, block: Block, column: int) -> np.ndarray:
    """Give a column of labels; a blank below one repeats it where another kind of label stands."""
    texts = cells.labels(block.rows, column)
    blank = texts == ""
    if not blank.any():
        return texts
    same, other = np.zeros((2, len(texts)), dtype=bool)
    for beside in block.having("area", "indicator", "year"):
        into = same if block.roles[beside] == block.roles[column] else other
        into |= cells.labels(block.rows, beside) != ""
    filled = pd.Series(texts, dtype=object).mask(blank).ffill().fillna("")
    return np.where(other & ~same, filled.to_numpy(object), texts)


def _column_heads(block: Block) -> tuple[np.ndarray, list[Head]]:
    """Factorise the columns by what they say beside year and area."""
    keyed: dict[Head, int] = {}
    heads = [block.heads[column] for column in block.having("value")]
    bare = [Head(head.parts, head.unit, None, "", head.note) for head in heads]
    return np.array([keyed.setdefault(head, len(keyed)) for head in bare]), list(keyed)


def _describe(
    label: tuple[str, ...], head: Head, block: Block, hints: Hints
) -> tuple[str, str, str, str, str]:
    """Give indicator, unit, price basis, note and code of a kind of row under a kind of head."""
    section, told = said(label[1]), [said(part) for part in label[2:] if part]
    if not told and (section.unit or (section.words and standard_code(section.words))):
        told = [section]
    rowed = list(dict.fromkeys(t.words for t in told if t.words))
    over = [
        p for p in head.parts if p not in rowed and not (rowed and matches("column.measure", p))
    ]
    relative = Head(tuple(over)).is_about("column.relative", "column.measure")
    subject = [block.said.words or block.sheet] if not rowed and relative else []
    over = [p for p in over if not (subject and subject[0].endswith(p))]
    over = [] if Head(tuple(over)).is_about("column.measure") else over
    indicator = " ".join(filter(None, dict.fromkeys([*rowed, *subject, *over])))
    if hints.indicator:
        indicator = " ".join([hints.indicator, *(over if relative else [])])
    index = block.basis == "index" and not matches("find.index", indicator)
    indicator += " 指数" * index
    own = "".join([*rowed, *over, "指数" * index])
    note = [text for text in (head.note, block.note) if text]
    if subject and not block.said.words and block.sheet:
        note.append("indicator inferred from the sheet's name")
    growth, ratio = matches("find.growth", own), matches("find.ratio", own)
    printed = "" if matches("unit.none", label[0]) else label[0]
    units = [printed, *(t.unit for t in told), section.unit]
    unit = next(filter(None, units), "")
    if head.unit and (squeeze(head.unit).strip("±+-") in _POINTS or not unit):
        unit = head.unit
    elif matches("find.growth", "".join(over)):
        unit = ""
    loose = block.said.unit
    if len(block.units) > 1:
        bare = [(u, squeeze(u).lstrip("十百千万亿")) for u in block.units]
        fits = [u for u, b in bare if f"find.fit_{b}" in words() and matches(f"find.fit_{b}", own)]
        loose = fits[0] if len(fits) == 1 else ""
    loose = "" if matches("find.rank", own) else loose
    if hints.unit and (hints.unit in _POINTS if ratio else unit not in _POINTS):
        unit = hints.unit
    elif not unit and loose and (not ratio or loose in _POINTS):
        large = matches("find.per_head", own) and re.search("[万亿]|llion", loose)
        if large or (matches("find.count", own) and matches("find.money", loose)):
            note.append(f"the table's unit {loose} does not fit this measure")
        else:
            unit = loose
    money, basis = matches("find.money", unit), "na"
    stated = [
        name for name in ("comparable", "current") if matches(f"find.{name}", own + indicator)
    ]
    if ratio and not money:
        basis = "growth" if growth else "index" if matches("find.index", own) else "na"
    elif unit in _POINTS and matches("find.growth", block.said.words):
        basis = "growth"
    elif money or not unit:
        basis = next(iter(stated), block.basis or "na")
    code = standard_code(indicator, unit) if indicator else ""
    return indicator, unit, basis, "; ".join(note), code


def _areas(
    cells: Cells, block: Block, r: np.ndarray, c: np.ndarray, hints: Hints
) -> tuple[np.ndarray, list[str]]:
    """Give each value's area, factorised: the caller's, the row's, the column's or the title's."""
    columns, labels = block.having("value"), block.having("area")
    if hints.area or not labels:
        heads = [hints.area or block.heads[column].area or block.area for column in columns]
        codes, names = pd.factorize(np.array(heads, dtype=object))
        return codes[c], [str(name) for name in names]
    groups, nearest = _side_by_side(block, "area", "broad")
    named = [_finest(cells, block, group) for group in groups]
    codes, names = pd.factorize(np.concatenate(named))
    clean, uniques = pd.factorize(np.array([clean_area(name) for name in names], dtype=object))
    return clean[codes][nearest[c] * len(block.rows) + r], list(uniques)


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


def _area_codes(cells: Cells, block: Block, r: np.ndarray) -> Any:
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
    return _taken(plain, codes[r])


def _years(cells: Cells, block: Block, r: np.ndarray, c: np.ndarray, hints: Hints) -> Any:
    """Give each value's year: the caller's, the row's, its section's, the column's, the title's."""
    sections = [block.sections.get(row, "") for row in block.rows]
    over = [(year_of(t) or (said(t).year or np.nan,))[0] for t in sections]
    years = np.full(len(r), float(hints.year or np.nan))
    for each in (_periods(cells, block)[0], np.array(over, dtype=float)):
        years = np.where(np.isnan(years), each[r], years)
    heads = [block.heads[column].year or np.nan for column in block.having("value")]
    years = np.where(np.isnan(years), np.array(heads, dtype=float)[c], years)
    years = np.where(np.isnan(years), block.said.year or np.nan, years)
    return np.where(years > 0, years, np.nan)


def _periods(cells: Cells, block: Block) -> tuple[np.ndarray, list[str]]:
    """Give each row's year, 0 where its words are none, and the months of its year in words."""
    column = next(iter(block.having("year")), None)
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
    parts = [read[code][1] for code in codes]
    return years.ffill().to_numpy() if any(parts) else years.to_numpy(), parts


def _letters(column: int) -> str:
    return (_letters(column // 26 - 1) if column > 25 else "") + chr(65 + column % 26)


def place_of(cells: Cells, row: int, column: int) -> str:
    """Name a cell so that a person finds it."""
    return _places(cells, np.array([row]), np.array([column]), np.zeros(1, int), np.zeros(1, int))[
        0
    ]


def _places(
    cells: Cells, rows: np.ndarray, columns: np.ndarray, r: np.ndarray, c: np.ndarray
) -> list[str]:
    """Name the cells of values: by sheet and cell, by line, or by the table of a page."""
    grid = cells.grid
    downs, acrosses = (rows + grid.origin[0] + 1).tolist(), (columns + grid.origin[1]).tolist()
    if grid.kind == "sheet":
        before, after = [f"{grid.name}!{_letters(k)}" for k in acrosses], list(map(str, downs))
        return [before[j] + after[i] for i, j in zip(r.tolist(), c.tolist(), strict=True)]
    where = "line {}" if grid.kind == "text" else f"table {grid.name}, row {{}}"
    left, right = [where.format(k) for k in downs], [f", column {k + 1}" for k in acrosses]
    return [left[i] + right[j] for i, j in zip(r.tolist(), c.tolist(), strict=True)]


def _mark_cells(cells: Cells, table: pd.DataFrame, rows: np.ndarray, columns: np.ndarray) -> None:
    """Write into a record that its cell was repaired or brought its own unit."""
    if not cells.repairs and not cells.unit:
        return
    at = {place: i for i, place in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))}
    notes, units = table["note"].tolist(), table["unit"].tolist()
    for place, repair in cells.repairs.items():
        if (i := at.get(place)) is not None:
            added = f"repaired: {repair.found!r} read as {repair.read} ({repair.why})"
            notes[i] = f"{notes[i]}; {added}" if notes[i] else added
    for place, unit in cells.unit.items():
        if (i := at.get(place)) is not None:
            units[i] = unit
    table["note"], table["unit"] = notes, units


def _part_equal_rows(
    cells: Cells, block: Block, table: pd.DataFrame, r: np.ndarray
) -> pd.DataFrame:
    """Tell rows of one name apart by the words that they stand under or beside."""
    same = table.duplicated(["area", "area_code", "year", "indicator", "unit"], keep=False)
    if not same.any():
        return table
    beside = [map(chinese, cells.labels(block.rows, column)) for column in block.having("other")]
    under = pd.Series([said(block.sections.get(row, "")).words for row in block.rows], dtype="str")
    for column in block.having("indicator")[:1]:
        labels = [said(text).words for text in cells.labels(block.rows, column)]
        alone = ~np.isin(np.arange(len(block.rows)), r[same])
        parent = pd.Series(labels, dtype="str").where(alone).ffill().fillna("")
        under = under.where(under != "", parent)
    more = np.array([" ".join(filter(None, t)) for t in zip(under, *beside, strict=True)], object)
    parted = pd.Series(more[r], dtype="str") + " " + table["indicator"]
    table["indicator"] = table["indicator"].mask(same, parted.str.strip())
    return table
