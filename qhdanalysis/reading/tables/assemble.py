"""A table that is laid out becomes records: one row a printed value."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from qhdanalysis.errors import UnitError
from qhdanalysis.reading.tables.cells import BLANK, MISSING, NUMBER, WORDS, Cells, Repair
from qhdanalysis.reading.tables.layout import PRINTED, Block, Head
from qhdanalysis.reading.tables.rows import (
    Hints,
    carried_notes,
    printed_codes,
    row_areas,
    row_labels,
    row_years,
    taken,
)
from qhdanalysis.reading.tables.wording import (
    chinese,
    is_percent,
    matches,
    part_of_year,
    said,
    squeeze,
    tidy,
    words,
)
from qhdanalysis.records import RECORD_COLUMNS, standard_code
from qhdanalysis.units import INFERRED, lookup


def build(cells: Cells, block: Block, hints: Hints) -> pd.DataFrame:
    """Give the records of one table, in the order of its rows."""
    rows, columns = np.array(block.rows), np.array(block.having("value"), dtype=int)
    values = cells.value[np.ix_(rows, columns)]
    r, c = np.nonzero(_readable(cells, block, rows, columns))
    places, areas = row_areas(cells, block, r, c, hints)
    if "" in areas and block.having("area"):
        lost = np.array([name == "" for name in areas])[places]
        _refuse(cells, rows[r[lost]], columns[c[lost]], "its row has no area")
        r, c, places = r[~lost], c[~lost], places[~lost]
    if not len(r):
        return pd.DataFrame(columns=list(RECORD_COLUMNS))
    row_codes, labels = row_labels(cells, block, r, c)
    head_codes, heads = _column_heads(block)
    codes, pairs = pd.factorize(row_codes * len(heads) + head_codes[c])
    told = [_describe(labels[p // len(heads)], heads[p % len(heads)], block, hints) for p in pairs]
    indicator, unit, basis, note, code = (taken([one[i] for one in told], codes) for i in range(5))
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
    level = ((under[places] & (not whole)) | np.array(sums)[r]).astype(int)
    table = pd.DataFrame(
        {
            "area": taken(areas, places),
            "area_code": printed_codes(cells, block, r),
            "year": row_years(cells, block, r, c, hints),
            "indicator": indicator,
            "code": code,
            "value": values[r, c],
            "unit": unit,
            "price_basis": basis,
            "source": "",
            "source_url": "",
            "place": _places(cells, rows, columns, r, c),
            "level": taken(["area", "subtotal"], level),
            "note": note,
        },
        columns=list(RECORD_COLUMNS),
    )
    for name in PRINTED:
        for column in block.having(name):
            printed = np.array([tidy(str(t)) for t in cells.text[rows, column]], object)[r]
            table[name] = np.where(printed == "", table[name], printed)
    added = carried_notes(block)[r]
    if block.having("note") or (added != "").any():  # a printed note stands beside ours
        printed = table["note"].where(table["note"] != note, "") if block.having("note") else added
        texts = zip(note, added, printed, strict=True)
        table["note"] = ["; ".join(dict.fromkeys(filter(None, text))) for text in texts]
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
    for kind, why in ((WORDS, "no number"), (NUMBER, "its row has no name")):
        r, c = np.nonzero((kinds == kind) & ~numbers)
        _refuse(cells, rows[r], columns[c], why)
    return numbers


def _refuse(cells: Cells, rows: np.ndarray, columns: np.ndarray, why: str) -> None:
    """List cells that stand in the place of a value and are not read as one."""
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        found = tidy(cells.word(row, column))
        date = re.fullmatch(r"\d{4}-\d\d-\d\d", found)
        told = "a date where a number is expected" if date else why
        cells.repairs[row, column] = Repair(found, "", told)


def gaps(cells: Cells, block: Block) -> Iterator[str]:
    """Name the rows that hold marks for missing values and no value."""
    kinds = cells.kind[np.ix_(block.rows, block.having("value"))]
    empty = np.flatnonzero(((kinds == MISSING) | (kinds == BLANK)).all(axis=1)).tolist()
    columns = block.having("area", "broad", "indicator", "year")
    names = [" ".join(filter(None, (cells.word(block.rows[i], c) for c in columns))) for i in empty]
    if names:
        more = ", ..." * (len(names) > 5)
        where = cells.grid.name or "text"
        yield f"{where}: {len(names)} rows hold no value: {', '.join(names[:5])}{more}"


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
    printed, above, over_rows, *texts, period = label
    section, told = said(over_rows), [said(part) for part in texts if part]
    if not told and (section.unit or (section.words and standard_code(section.words))):
        told = [section]
    rowed = list(dict.fromkeys(t.words for t in told if t.words))
    period = " ".join([*(word for word in rowed if part_of_year(word) == word), period]).strip()
    rowed = [word for word in rowed if word not in period]
    over = [p for p in head.parts if not (rowed and matches("column.measure", p))]
    over = [p for p in dict.fromkeys([*over, period]) if p and p not in rowed]
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
    printed = "" if matches("unit.none", printed) else printed
    unit = next(filter(None, (printed, *(t.unit for t in told), section.unit)), "")
    if head.unit and (is_percent(head.unit) or not unit):
        unit = head.unit
    elif matches("find.growth", "".join(over)):
        unit = ""
    ratio = matches("find.ratio", own)
    if hints.unit and (is_percent(hints.unit) if ratio else not is_percent(unit)):
        unit = hints.unit
    elif not unit:
        unit, why = _common_unit(own, above, block)
        note += [why] * bool(why)
    before = block.unit_of_words if any(subject) and not (ratio or hints.indicator) else ""
    if before and unit and _measure(unit) != _measure(before):
        indicator = " ".join(over)
        note.append(f"indicator unknown: {subject[0]} before this part of the table is in {before}")
    part = part_of_year(indicator)
    if block.part and not part and not any(matches("find.whole", p) for p in head.parts):
        part, indicator = block.part, f"{indicator} {block.part}".strip()
    note += [f"covers {part}, not the whole year"] * bool(part)
    doubt = part or head.note.startswith("indicator inferred")
    code = standard_code(indicator, unit) if indicator and not doubt else ""
    return indicator, unit, _basis(indicator, own, unit, block), "; ".join(note), code


def _measure(unit: str) -> str:
    """Give what a unit measures, or the unit itself where it is not known."""
    try:
        return lookup(unit).family
    except UnitError:
        return squeeze(unit)


def _common_unit(own: str, above: str, block: Block) -> tuple[str, str]:
    """Give the unit of the row above, the table, or the one it continues, and a note on it."""
    unit = above or block.said.unit or block.unit_before
    amounts = [(u, squeeze(u).lstrip("十百千万亿")) for u in block.units if not is_percent(u)]
    if len(amounts) > 1 and not above:
        kinds = [(u, f"find.fit_{amount}") for u, amount in amounts]
        fitting = [u for u, kind in kinds if kind in words() and matches(kind, own)]
        unit = fitting[0] if len(fitting) == 1 else ""
    if matches("find.rank", own):
        return "", ""
    if matches("find.ratio", own) and not is_percent(unit):
        return next(filter(is_percent, block.units), ""), ""
    large = matches("find.per_head", own) and re.search("[万亿]|llion", unit)
    if large or (matches("find.count", own) and matches("find.money", unit)):
        return "", f"the table's unit {unit} does not fit this measure"
    place = "the row above" if above else "" if block.said.unit else "the table that goes on here"
    return unit, f"{INFERRED} from {place}" if unit and place else ""


def _basis(indicator: str, own: str, unit: str, block: Block) -> str:
    """Tell prices: levels are current or comparable where it is said, others growth or index."""
    money = matches("find.money", unit)
    if matches("find.ratio", own) and not money:
        index = "index" if matches("find.index", own) else "na"
        return "growth" if matches("find.growth", own) else index
    if is_percent(unit) and matches("find.growth", block.said.words):
        return "growth"
    if money or not (unit or matches("find.count", own)):
        said_of = own + indicator + unit
        stated = (n for n in ("comparable", "current") if matches(f"find.{n}", said_of))
        return next(stated, block.basis or "na")
    return "na"


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
