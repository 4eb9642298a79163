"""A table that is laid out becomes records: one row a printed value."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.reading.tables.cells import (
    NUMBER,
    WORDS,
    LEAD,
    Cells,
    Repair,
    chinese,
    is_unit,
    matches,
    said,
    squeeze,
    tidy,
    year_of,
)
from qhdanalysis.reading.tables.layout import Block, Head
from qhdanalysis.records import RECORD_COLUMNS, standard_code

_FOOT = re.compile(r"(?:[①-⑳*＊†‡]+|\[\d+\]|(?<=[一-龥])\d[)）])$")


@dataclass
class Hints:
    """What the caller says and the file does not; it overrides what is found."""

    unit: str | None = None
    indicator: str | None = None
    area: str | None = None
    year: int | None = None


@cache
def clean_area(text: str) -> str:
    """Give an area's name as printed, without marks and inner blanks."""
    text = chinese(text)
    while (shorter := _FOOT.sub("", LEAD.sub("", text)).strip()) != text:
        text = shorter
    return text


def build(cells: Cells, block: Block, hints: Hints) -> pd.DataFrame:
    """Give the records of one table, in the order of its rows."""
    rows, columns = block.rows, np.array(block.having("value"), dtype=int)
    values = cells.value[np.ix_(rows, columns)]
    r, c = np.nonzero(~np.isnan(values) & (cells.kind[np.ix_(rows, columns)] == NUMBER))
    _report_words(cells, rows, columns)
    n = len(r)
    label_keys, labels = _row_labels(cells, block)
    head_keys, heads = _head_keys(block, columns)
    pairs = label_keys[r].astype(np.int64) * len(heads) + head_keys[c]
    codes, uniques = pd.factorize(pairs)
    told = [
        _describe(labels[pair // len(heads)], heads[pair % len(heads)], block, hints)
        for pair in uniques
    ]
    text = {
        name: np.array([one[i] for one in told], dtype=object)[codes]
        if told
        else np.array([], object)
        for i, name in enumerate(("indicator", "unit", "price_basis", "note", "code"))
    }
    area, broad_note = _areas(cells, block, columns, r, c, hints)
    areas, names = pd.factorize(area)
    clean = np.array([clean_area(name) for name in names], dtype=object)
    level = np.array(["subtotal" if _is_subtotal(n) else "area" for n in clean], dtype=object)
    level = level[areas] if n else np.array([], object)
    sums = np.array([matches("row.sums", block.sections.get(int(row), "")) for row in rows], bool)
    level[sums[r]] = "subtotal"
    table = pd.DataFrame(
        {
            "area": clean[areas] if n else np.array([], object),
            "area_code": _codes(cells, block)[r],
            "year": _years(cells, block, columns, r, c, hints),
            "indicator": text["indicator"],
            "code": text["code"],
            "value": values[r, c],
            "unit": text["unit"],
            "price_basis": text["price_basis"],
            "source": "",
            "source_url": "",
            "place": _places(cells, rows, columns, r, c),
            "level": level,
            "note": text["note"],
        },
        columns=list(RECORD_COLUMNS),
    )
    for name in ("price_basis", "level", "note", "source", "source_url", "place", "code"):
        for column in block.having(name):
            printed = np.array([tidy(str(t)) for t in cells.text[rows, column]], object)[r]
            table[name] = np.where(printed == "", table[name], printed)
    _mark_cells(cells, table, rows[r], columns[c])
    _part_equal_rows(cells, block, table, rows[r])
    return table


def _report_words(cells: Cells, rows: np.ndarray, columns: np.ndarray) -> None:
    """List words and dates that stand where a number is expected."""
    for i, j in zip(*np.nonzero(cells.kind[np.ix_(rows, columns)] == WORDS), strict=True):
        at = (int(rows[i]), int(columns[j]))
        found = tidy(str(cells.text[at]))
        date = re.fullmatch(r"\d{4}-\d\d-\d\d", found)
        why = "a date where a number is expected" if date else "no number"
        cells.repairs[at] = Repair(*at, found, "", f"{why}")


def _row_labels(cells: Cells, block: Block) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Factorise what each row says of itself: its unit, then its words."""
    units, worded = block.having("unit"), block.having("indicator")
    columns = units[:1] + worded
    if not columns:
        return np.zeros(len(block.rows), dtype=np.intp), [("",)]
    texts = []
    for column in columns:
        texts.append(_filled(cells, block, column))
    if not units:
        texts.insert(0, np.full(len(block.rows), "", dtype=object))
    keys, uniques = pd.factorize(
        np.array(["\x1f".join(t) for t in zip(*texts, strict=True)], object)
    )
    return keys, [tuple(key.split("\x1f")) for key in uniques]


def _filled(cells: Cells, block: Block, column: int) -> np.ndarray:
    """Give a column of labels; a blank below one repeats it where another kind of label stands."""
    texts = cells.labels(block.rows, column)
    blank = texts == ""
    if blank.any():
        role = block.roles[column]
        beside = {
            c: cells.labels(block.rows, c) != "" for c in block.having("area", "indicator", "year")
        }
        same = [beside[c] for c in beside if block.roles[c] == role]
        other = [beside[c] for c in beside if block.roles[c] != role]
        if other:
            fill = np.logical_or.reduce(other) & ~np.logical_or.reduce(same)
            filled = pd.Series(np.where(blank, None, texts), dtype=object).ffill().fillna("")
            texts = np.where(fill, filled.to_numpy(object), texts)
    return texts


def _head_keys(block: Block, columns: np.ndarray) -> tuple[np.ndarray, list[Head]]:
    """Factorise the columns by what they say beside year and area."""
    keyed: dict[Head, int] = {}
    keys = []
    for column in columns.tolist():
        head = block.heads[column]
        bare = Head(head.parts, head.unit, None, "", head.note)
        keys.append(keyed.setdefault(bare, len(keyed)))
    return np.array(keys, dtype=np.int64), list(keyed) or [Head()]


def _describe(
    label: tuple[str, ...], head: Head, block: Block, hints: Hints
) -> tuple[str, str, str, str, str]:
    """Give indicator, unit, price basis, note and code of one kind of row under one kind of head."""
    told = [said(part) for part in label[1:] if part]
    rowed = list(dict.fromkeys(t.words for t in told if t.words))
    over = [p for p in head.parts if not (rowed and matches("column.measure", p))]
    over = [p for p in over if p not in rowed]
    relative = bool(over) and all(
        matches("column.relative", p) or matches("column.measure", p) for p in over
    )
    subject = (
        [block.said.words] if block.said.words and not rowed and (not over or relative) else []
    )
    if all(matches("column.measure", p) for p in over):
        over = []
    parts = rowed + over if rowed else subject + over
    indicator = hints.indicator or " ".join(dict.fromkeys(parts))
    if hints.indicator and over and relative:
        indicator = " ".join([hints.indicator, *over])
    if block.basis == "index" and not matches("find.index", indicator):
        indicator = f"{indicator} 指数"
    own = "".join([*rowed, *over, "指数" * (block.basis == "index")])
    ratio = {name: matches(f"find.{name}", own) for name in ("growth", "index", "share")}
    note = [head.note] if head.note else []
    printed = (
        label[0] if label[0] and is_unit(label[0]) else next((t.unit for t in told if t.unit), "")
    )
    percent = squeeze(head.unit).strip("±+-") in ("%", "‰", "个百分点", "百分点")
    headed = bool(over) and matches("find.growth", "".join(over))
    unit = head.unit if head.unit and (percent or not printed) else "" if headed else printed
    if not unit and hints.unit:
        unit = hints.unit
    elif not unit and block.said.unit and not any(ratio.values()):
        large = matches("find.per_head", own) and re.search("[万亿]|llion", block.said.unit)
        if large or (matches("find.count", own) and matches("find.money", block.said.unit)):
            note.append(f"the table's unit {block.said.unit} does not fit this measure")
        else:
            unit = block.said.unit
    money = matches("find.money", unit) or not unit
    basis = "na"
    if ratio["growth"] and (not matches("find.money", unit)):
        basis = "growth"
    elif ratio["index"] and not matches("find.money", unit):
        basis = "index"
    elif money and not ratio["share"]:
        stated = [b for b in ("comparable", "current") if matches(f"find.{b}", own + indicator)]
        basis = stated[0] if stated else block.basis or "na"
    return (
        indicator,
        unit,
        basis,
        "; ".join(note),
        standard_code(indicator, unit) if indicator else "",
    )


@cache
def _is_subtotal(name: str) -> bool:
    return matches("row.subtotal", name) and not matches("places.provinces", name)


def _areas(
    cells: Cells, block: Block, columns: np.ndarray, r: np.ndarray, c: np.ndarray, hints: Hints
) -> tuple[np.ndarray, str]:
    """Give each value's area: the caller's, the row's, the column's or the title's."""
    if hints.area:
        return np.full(len(r), hints.area, dtype=object), ""
    labels = block.having("area")
    if not labels:
        heads = np.array([block.heads[k].area for k in columns.tolist()], dtype=object)
        areas = heads[c] if len(columns) else np.array([], object)
        return np.where(areas == "", block.area, areas), ""
    named = {
        k: _filled(cells, block, k) if k == labels[0] else cells.labels(block.rows, k)
        for k in labels
    }
    out = np.full(len(r), "", dtype=object)
    nearest = np.searchsorted(labels, columns) - 1
    for group in np.unique(nearest):
        here = np.isin(c, np.flatnonzero(nearest == group))
        text = named[labels[max(group, 0)]]
        beside = max(group, 0)
        while beside > 0 and labels[beside - 1] == labels[beside] - 1:
            beside -= 1
            text = np.where(text == "", named[labels[beside]], text)
        out[here] = text[r[here]]
    return out, ""


def _codes(cells: Cells, block: Block) -> np.ndarray:
    """Give each row's area code as text; one stored as 130682.0 is repaired and said."""
    out = np.full(len(block.rows), "", dtype=object)
    for column in block.having("area_code")[:1]:
        keys, uniques = pd.factorize(cells.labels(block.rows, column))
        plain = [re.sub(r"^(\d+)\.0+$", r"\1", text.strip()) for text in uniques]
        out = np.array(plain, dtype=object)[keys]
        for i in np.flatnonzero([a != b.strip() for a, b in zip(plain, uniques, strict=True)]):
            for row in block.rows[keys == i].tolist():
                cells.repairs[row, column] = Repair(row, column, uniques[i], plain[i], "area code")
    return out


def _years(
    cells: Cells, block: Block, columns: np.ndarray, r: np.ndarray, c: np.ndarray, hints: Hints
) -> pd.array:
    """Give each value's year: the caller's, the row's, the column's or the title's."""
    years = np.full(len(r), np.nan)
    if hints.year:
        years[:] = hints.year
        return pd.array(years, dtype="Int64")
    for column in block.having("year")[:1]:
        texts = _filled(cells, block, column)
        keys, uniques = pd.factorize(texts)
        read = np.array([(year_of(t) or (said(t).year or np.nan,))[0] for t in uniques], float)
        years = read[keys][r]
    heads = np.array([block.heads[k].year or np.nan for k in columns.tolist()], dtype=float)
    if len(columns):
        years = np.where(np.isnan(years), heads[c], years)
    years[np.isnan(years)] = block.said.year or np.nan
    return pd.array(years, dtype="Int64")


def _letters(column: int) -> str:
    text = ""
    while column >= 0:
        text, column = chr(65 + column % 26) + text, column // 26 - 1
    return text


def place_of(cells: Cells, row: int, column: int) -> str:
    """Name a cell so that a person finds it."""
    top, left = cells.grid.origin
    if cells.grid.kind == "text":
        return f"line {row + 1}, column {column + 1}"
    if cells.grid.kind == "page":
        return f"table {cells.grid.name}, row {row + 1}, column {column + 1}"
    return f"{cells.grid.name}!{_letters(column + left)}{row + top + 1}"


def _places(
    cells: Cells, rows: np.ndarray, columns: np.ndarray, r: np.ndarray, c: np.ndarray
) -> list[str]:
    top, left = cells.grid.origin
    if cells.grid.kind == "sheet":
        before = [f"{cells.grid.name}!{_letters(k + left)}" for k in columns.tolist()]
        after = [str(row + top + 1) for row in rows.tolist()]
        return [before[j] + after[i] for i, j in zip(r.tolist(), c.tolist(), strict=True)]
    return [place_of(cells, rows[i], columns[j]) for i, j in zip(r, c, strict=True)]


def _mark_cells(cells: Cells, table: pd.DataFrame, rows: np.ndarray, columns: np.ndarray) -> None:
    """Write into a record that its cell was repaired or brought its own unit."""
    if not cells.repairs and not cells.unit:
        return
    at = {place: i for i, place in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))}
    for place, repair in cells.repairs.items():
        if (i := at.get(place)) is not None:
            before = table.at[i, "note"]
            added = f"repaired: {repair.found!r} read as {repair.read} ({repair.why})"
            table.at[i, "note"] = f"{before}; {added}" if before else added
    for place, unit in cells.unit.items():
        if (i := at.get(place)) is not None:
            table.at[i, "unit"] = unit


def _part_equal_rows(cells: Cells, block: Block, table: pd.DataFrame, rows: np.ndarray) -> None:
    """Tell rows of one name apart by the words that they stand under."""
    key = ["area", "area_code", "year", "indicator", "unit"]
    same = table.duplicated(key, keep=False).to_numpy()
    if not same.any():
        return
    under = [block.sections.get(int(row), "") for row in block.rows]
    more = [said(chinese(text)).words if block.having("indicator") else "" for text in under]
    for column in block.having("other"):
        texts = map(chinese, cells.labels(block.rows, column))
        more = [f"{a} {b}".strip() for a, b in zip(more, texts, strict=True)]
    added = np.array(more, dtype=object)[np.searchsorted(block.rows, rows)] + " "
    names = added + table["indicator"].to_numpy(object)
    table["indicator"] = np.where(same, names, table["indicator"].to_numpy(object))
    table["indicator"] = table["indicator"].str.strip()
