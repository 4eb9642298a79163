"""How a grid is laid out: where a table ends, its title and header, what each column holds."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from qhdanalysis.reading.tables.cells import (
    BLANK,
    MISSING,
    NUMBER,
    WORDS,
    Cells,
    Repair,
    Said,
    chinese,
    has_han,
    is_place,
    is_unit,
    matches,
    remember,
    said,
    squeeze,
    tidy,
    without,
    words,
    year_of,
)
from qhdanalysis.records import RECORD_COLUMNS, record_column

_ROLES = ("unit", "area_code", "id", "year", "broad", "indicator", "area")
# Under one of these headings a column is that column of the record contract.
PRINTED = tuple(RECORD_COLUMNS[i] for i in (4, 7, 8, 9, 10, 11, 12))
_PERCENT = ("%", "\uff05")


@dataclass(frozen=True)
class Head:
    """What stands over one column of values."""

    parts: tuple[str, ...] = ()
    unit: str = ""
    year: int | None = None
    area: str = ""
    note: str = ""

    def is_about(self, *names: str) -> bool:
        """Tell whether every part is in one of these lists."""
        return all(any(matches(name, part) for name in names) for part in self.parts)


@dataclass
class Block:
    """One table: rows of data under one header."""

    header: list[int]
    titles: list[str]
    section: str = ""
    rows: list[int] = field(default_factory=list)
    sections: dict[int, str] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)
    heads: dict[int, Head] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    area: str = ""
    basis: str = ""

    def having(self, *roles: str) -> list[int]:
        """Give the columns of these roles, left to right."""
        return [column for column, role in sorted(self.roles.items()) if role in roles]


@remember
def role_of(text: str) -> str:
    """Name what a column holds by the words over it, or ''."""
    if (column := record_column(text)) in PRINTED:
        return column
    texts = [text, chinese(text), *tidy(text).split("\n")]
    return next((role for role in _ROLES for t in texts if matches(f"column.{role}", t)), "")


def find_blocks(cells: Cells, header_rows: int | None = None) -> tuple[list[Block], list[str]]:
    """Cut a grid into tables; give also the lines that belong to none."""
    number, filled = cells.kind == NUMBER, cells.kind != BLANK
    over = _rows_over_columns(cells)
    data = number.any(axis=1) | (cells.kind == WORDS).any(axis=1) & (cells.kind == MISSING).any(
        axis=1
    )
    for row in np.flatnonzero(data & (filled.sum(axis=1) == 1)).tolist():
        data[row] = not year_of(_line(cells, row))
    data &= ~over
    if header_rows is not None:
        data[:header_rows] = False
        data[header_rows:] = number[header_rows:].any(axis=1)
    following = np.flatnonzero(data)
    blocks: list[Block] = []
    notes: list[str] = []
    between: list[int] = []
    for row in np.flatnonzero(filled.any(axis=1)).tolist():
        if not data[row]:
            if blocks and not between and _is_unread(cells, row, blocks[-1].rows):
                blocks[-1].rows.append(row)
            else:
                between.append(row)
            continue
        if between or not blocks:
            columns = _value_columns(cells, blocks[-1].rows[-50:]) if blocks else set()
            if not blocks or any(_is_header(cells, b, columns, over) for b in between):
                at = int(np.searchsorted(following, row))
                columns = _value_columns(cells, following[at : at + 50].tolist())
                tail, block = _split(cells, between, columns, over, header_rows)
                notes += tail
                blocks.append(block)
            else:
                for text in (_line(cells, b) for b in between):
                    if len(chinese(text)) > 25 or _is_note(text):
                        notes.append(text)
                    else:
                        blocks[-1].section = text
            between = []
        blocks[-1].rows.append(row)
        if blocks[-1].section:
            blocks[-1].sections[row] = blocks[-1].section
    return blocks, notes + [_line(cells, row) for row in between]


def _rows_over_columns(cells: Cells) -> np.ndarray:
    """Mark rows of numbers that are no data: years or ages over columns, 甲 1 2 3 below them."""
    number = cells.kind == NUMBER
    found = np.zeros(len(number), dtype=bool)
    whole = (np.abs(cells.value) < 60_000) & (cells.value % 1 == 0)
    for row in np.flatnonzero(number.any(axis=1) & (whole | ~number).all(axis=1)).tolist():
        values = cells.value[row][number[row]]
        texts = [str(text) for text in cells.text[row][cells.kind[row] == WORDS]]
        steps = np.diff(values)
        if len(values) > 2 and (steps == 1).all() and values[0] in (0, 1):
            numbered = all(re.fullmatch("[甲乙丙丁A-F]", text.strip()) for text in texts)
            found[row] = numbered or (len(values) > 3 and any(map(role_of, texts)))
        elif (cells.kind[row] != MISSING).all() and all(
            year_of(cells.word(row, column)) for column in np.flatnonzero(number[row]).tolist()
        ):
            ordered = len(values) > 2 and bool((steps > 0).all() or (steps < 0).all())
            # so are the first numbers of a sheet over columns of others, under nothing else
            above, below = cells.kind[:row, number[row]], cells.value[row + 1 :, number[row]]
            known = below[~np.isnan(below)]
            bare = not number[:row].any() and not (above == WORDS).any()
            ordered |= bare and bool(((known < 1900) | (known > 2060)).any())
            heads = all(role_of(t) or year_of(t) or said(t).year or is_unit(t) for t in texts)
            found[row] = ordered or (heads and (bool(texts) or len(values) > 1))
    return found


def _value_columns(cells: Cells, rows: list[int]) -> set[int]:
    """Give the columns that hold numbers in some of these rows."""
    counts = (cells.kind[rows] == NUMBER).sum(axis=0)
    return set(np.flatnonzero(counts >= max(1, 0.2 * counts.max(initial=0))).tolist())


def _line(cells: Cells, row: int) -> str:
    """Give the words of a row as one line, each merged cell once."""
    parts = [cells.word(row, c) for c in np.flatnonzero(cells.kind[row] != BLANK).tolist()]
    return " ".join(tidy(part).replace("\n", " ") for part in parts)


def _is_note(text: str) -> bool:
    return matches("notes.footer", text) or matches("notes.advert", text)


def _is_header(cells: Cells, row: int, columns: set[int], over: np.ndarray) -> bool:
    """Tell whether a row without data stands over columns of values."""
    if over[row]:
        return True
    texts = {c: cells.word(row, c) for c in np.flatnonzero(cells.kind[row] != BLANK).tolist()}
    if all(
        matches("title.unit", t) or (said(t).unit and not said(t).words) for t in texts.values()
    ):
        return False
    named = [c for c in texts if c in columns and cells.kind[row, c] == WORDS]
    if len(texts) > 1 or not named:
        return bool(named)
    column, text = named[0], texts[named[0]]
    same = cells.text[row] == text
    group = same.sum() > 1 and same.mean() < 0.6
    short = len(squeeze(text)) <= 8 and not said(text).year and column > min(columns)
    return bool(role_of(text)) or bool(group) or short


def _is_unread(cells: Cells, row: int, rows: list[int]) -> bool:
    """Tell a row of data whose only value is a word, such as 持平."""
    columns = _value_columns(cells, rows[-50:])
    filled = np.flatnonzero(cells.kind[row] != BLANK).tolist()
    label = cells.word(row, filled[0])
    named = [column for column in filled if column in columns]
    beside = row - 1 == rows[-1] and filled[0] not in columns
    return beside and len(named) == 1 and not role_of(label) and not _is_note(label)


def _split(
    cells: Cells, rest: list[int], columns: set[int], over: np.ndarray, fixed: int | None
) -> tuple[list[str], Block]:
    """Part the rows before a table into notes of the one before, titles, header and a section."""
    heads = [row for row in rest if _is_header(cells, row, columns, over)]
    header: list[int] = []
    section = ""
    while rest and heads:
        text = _line(cells, rest[-1])
        fits = rest[-1] in heads or (header and role_of(text)) or (fixed and rest[-1] >= heads[0])
        if not fits and (header or _is_note(text)):
            break
        if fits:
            header.insert(0, rest[-1])
        else:
            section = section or text
        rest = rest[:-1]
    lines = [_line(cells, row) for row in rest]
    cut = 0
    for i, (row, text) in enumerate(zip(rest, lines, strict=True)):
        goes_on = 0 < cut == i and rest[i - 1] == row - 1 and not matches("notes.continued", text)
        if row > 2 and ((_is_note(text) and not text.startswith("本表")) or goes_on):
            cut = i + 1
    return lines[:cut], Block(header, lines[cut:], section)


def find_roles(cells: Cells, block: Block, default: str, area_column: str | int | None) -> None:
    """Name what each column of a table holds, by its header and by what stands in it."""
    kinds = [(cells.kind[block.rows] == k).sum(axis=0) for k in (NUMBER, WORDS, MISSING)]
    for column in range(cells.kind.shape[1]):
        parts = [cells.word(row, column) for row in block.header]
        names = [
            n for n in _untranslated([part for part in parts if part])
            if record_column(n) or not (is_unit(n) or matches("unit.none", n))
        ]  # fmt: skip
        roles = [role_of(name) for name in names]
        role = next(filter(None, reversed(roles)), "") or role_of("".join(map(chinese, names)))
        if kinds[0][column] > kinds[1][column] and not all(roles):
            role = ""
        counts = [int(count[column]) for count in kinds]
        role = _role(cells, block, column, role, "".join(names), *counts)
        block.roles[column] = "area" if area_column in (column, *names) else role
    _settle_labels(cells, block, default)


def _role(
    cells: Cells,
    block: Block,
    column: int,
    role: str,
    head: str,
    count: int,
    worded: int,
    gaps: int,
) -> str:
    """Name what one column holds."""
    filled = [t for t in (cells.word(row, column) for row in block.rows[:200]) if t]
    if role in PRINTED or (role in ("id", "area_code") and count + worded):
        return role
    years = sum(bool(year_of(text)) for text in filled) > 0.8 * len(filled)
    if role == "unit" and sum(map(is_unit, filled)) * 2 > len(filled):
        return role
    # a year stands in many rows of a panel, whatever its column is called
    panel = column < 6 and len(filled) > 4 and (len(set(filled)) < len(filled) or not head)
    if years and (role == "year" or worded > count or "年" in head or panel):
        return "year"
    if count * 2 < worded:
        return role if role in ("area", "broad", "indicator") else "label"
    if not count:
        return "value" if gaps and not role else ""
    values = cells.value[block.rows, column]
    values = values[~np.isnan(values)]
    if not head and len(values) > 1 and (np.diff(values) == 1).all() and values[0] in (0, 1):
        return "id"
    if not head and ((values > 110_000) & (values < 830_000) & (values % 1 == 0)).all():
        return "area_code"
    # a number for each region is no value, a price index for 城市 and 农村 is
    few = len(values) > 1 and (values % 1 == 0).all() and len(set(values.tolist())) < len(values)
    return "id" if role in ("area", "broad", "indicator") and few else "value"


def _settle_labels(cells: Cells, block: Block, default: str) -> None:
    """Tell area names from indicators where no header does."""
    labels = block.having("label")
    if default and labels and not block.having(default):
        block.roles[labels.pop(0)] = default
    values = block.having("value")
    over = [cells.word(row, column) for row in block.header for column in values]
    worded = any(text and not year_of(text) and not role_of(text) for text in over)
    for column in labels:
        filled = [t for t in (cells.word(row, column) for row in block.rows[:200]) if t]
        share = sum(map(is_place, filled)) / max(len(filled), 1)
        placed = block.having("area", "broad")
        bare = not any(cells.word(row, column) for row in block.header)
        first = column < min(values, default=0)
        alone = worded and first and not block.having("indicator") and not block.area
        if share > 0.5 and (bare or not placed):
            role = "area"
        elif placed:
            role = "other" if worded or not first else "indicator"
        else:
            role = "area" if share > 0.2 or alone else "indicator"
        block.roles[column] = role
    areas = block.having("area") or block.having("broad")
    chosen = [c for c in areas if any(map(has_han, cells.text[block.rows[:50], c]))] or areas
    for column in areas:
        block.roles[column] = "area" if column in chosen else "other"


def find_heads(cells: Cells, block: Block) -> None:
    """Read what stands over each column of values, level by level."""
    columns = block.having("value")
    table = {row: {c: cells.word(row, c) for c in columns} for row in block.header}
    kinds = cells.kind[np.ix_(block.header, columns)]
    if not ((kinds == BLANK) & (cells.text[np.ix_(block.header, columns)] != "")).any():
        for level, (row, line) in enumerate(table.items()):
            lower = [table[below] for below in block.header[level + 1 :]]
            for left, c in pairwise(columns):
                if not line[c] and any(x[c] for x in lower) and any(x[left] for x in lower):
                    table[row][c] = line[left]
    texts = {row: [t for t in line.values() if t and not year_of(t)] for row, line in table.items()}
    named = {row for row, line in texts.items() if any(map(has_han, line))}
    latin = {
        row for row, line in texts.items() if line and all(re.search("[A-Za-z]", t) for t in line)
    }
    placed = {
        row for row, line in texts.items()
        if sum(is_place(said(t).words) for t in line) > 0.6 * len(line) and not block.having("area")
    }  # fmt: skip
    for column in columns:
        parts: list[str] = []
        unit, year, area = "", None, ""
        for row, line in table.items():
            text = line[column]
            # English, or codes, below Chinese words say the same once more
            if not text or (named and row in latin - named) or matches("title.number", text):
                continue
            if found := year_of(text):
                year = found[0]
                if found[1] and cells.kind[row, column] != BLANK:
                    cells.repairs[row, column] = Repair(text, str(year), "year")
                continue
            told = said(text)
            unit, year = told.unit or unit, told.year or year
            if row in placed and is_place(told.words):
                area = told.words
            elif told.words and not matches("unit.none", told.words):
                parts.append(told.words)
        block.heads[column] = Head(_untranslated(parts), unit, year, area)
    _share_with_neighbours(block, columns)


def _untranslated(parts: list[str]) -> tuple[str, ...]:
    """Drop English words and codes below Chinese ones, and what is said twice."""
    if any(map(has_han, parts)):
        parts = [p for p in parts if has_han(p) or not re.search(r"[a-z]{2}|_|[A-Z]+\d{2}", p)]
    return tuple(dict.fromkeys(parts))


def _share_with_neighbours(block: Block, columns: list[int]) -> None:
    """Give words, a unit or a year to a column beside, where the words above them are one."""
    latest: dict[str, int] = {}
    units: dict[str, str] = {}
    for head in block.heads.values():
        top = "".join(head.parts[:1])
        for key in (top, "") if head.year else ():
            latest[key] = max(head.year or 0, latest.get(key, 0))
        if head.unit and len(head.parts) <= 1:
            units.setdefault(top, head.unit)
    named: tuple[str, ...] = ()
    for column in columns:
        head = block.heads[column]
        top, parts, year, unit, note = "".join(head.parts[:1]), head.parts, head.year, head.unit, ""
        if not head.is_about("column.relative", "column.measure"):
            named = parts
        elif parts and not block.having("indicator"):
            parts = (*named, *parts)
        if year is None and latest and not block.having("year"):
            year, note = latest.get(top) or latest[""], "year inferred from the columns beside"
        if (
            not unit
            and len(parts) > 1
            and units.get(top)
            and not matches("find.ratio", "".join(parts))
        ):
            unit, note = units[top], "unit inferred from the column beside"
        block.heads[column] = Head(parts, unit, year, head.area, note)


def read_titles(block: Block, page: str = "") -> None:
    """Find unit, year, area, indicator and prices in the lines over a table."""
    unit, english, year, indicator, subject = "", "", None, "", ""
    for line in block.titles:
        name, _, rest = line.replace("：", ":").partition(":")
        if matches("title.area", name) and rest:
            block.area = chinese(rest).strip()
        elif matches("title.indicator", name) and rest:
            indicator, unit = said(rest).words, said(rest).unit or unit
        elif found := re.search(r"(?:单位|units?)\s*[:：]\s*([^;；。]+)", line, re.IGNORECASE):
            unit = _one_unit(found[1]) or unit
        elif not has_han(line) and any(map(has_han, block.titles)):
            found = re.search(r"[(（]([^()（）]+)[)）]\s*$", line)
            english = english or (_one_unit(found[1]) if found else "")
        elif not matches("title.other", line):
            unit = unit or said(line).unit
            if not matches("notes.continued", line) and not matches("notes.basis", line):
                subject = without("find.scope", chinese(_unnumbered(line))) or subject
    for line in [*reversed(block.titles), page]:
        if year is None and not matches("find.undated", line):
            counts = [
                n for name, n in words().items() if name.startswith("census.") and name[7:] in line
            ]
            year = next(iter(counts), said(line).year)
        for place in words()["places.in_title"].finditer(re.sub(r"\s", "", _unnumbered(line))):
            if not block.area and not matches("places.not_named", place[1]):
                block.area = place[1]
    block.said = Said(
        indicator or without("find.scope", said(subject).words), unit or english, year
    )
    text = "".join(block.titles)
    found_basis = [name for name in ("current", "comparable") if matches(f"find.{name}", text)]
    block.basis = "index" if "=100" in squeeze(text) else "".join(found_basis[:1])


def _one_unit(text: str) -> str:
    """Give the unit of a list that names one, beside percentages."""
    text = chinese(text).strip(" )）")
    parts = [text] if is_unit(text) else filter(is_unit, re.split(r"[、,，和\s]+", text))
    amounts = [part for part in parts if part.strip("±+-") not in _PERCENT] or [text] * is_unit(
        text
    )
    return amounts[0] if len(amounts) == 1 else ""


def _unnumbered(line: str) -> str:
    """Drop the number of a table before its title."""
    number = r"(?:\d{1,2}(?:\s*[-\u2010-\u2015.\uff0e]\s*\d+)*|[一二三四五六七八九十]+)"
    return re.sub(rf"^(?:附?表\s*)?{number}(?:[、.:：\uff0e]|\s+)\s*(?=\D)", "", tidy(line))
