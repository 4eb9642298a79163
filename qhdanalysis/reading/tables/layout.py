"""How a grid is laid out: title, header, what each column and row holds, where a table ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

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
    is_place,
    is_unit,
    matches,
    said,
    squeeze,
    tidy,
    words,
    year_of,
)
from qhdanalysis.records import record_column

_ROLES = ("unit", "area_code", "id", "year", "broad", "indicator", "area")
# Headings of the record contract: a column under one of them is that column.
_RECORD = ("price_basis", "level", "note", "source", "source_url", "place", "code")


@dataclass(frozen=True)
class Head:
    """What stands over one column of values."""

    parts: tuple[str, ...] = ()
    unit: str = ""
    year: int | None = None
    area: str = ""
    note: str = ""


@dataclass
class Block:
    """One table: data rows under one header."""

    rows: np.ndarray
    header: list[int]
    titles: list[str]
    sections: dict[int, str]
    roles: dict[int, str] = field(default_factory=dict)
    heads: dict[int, Head] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    area: str = ""
    basis: str = ""
    notes: list[str] = field(default_factory=list)

    def having(self, *roles: str) -> list[int]:
        """Give the columns of these roles, left to right."""
        return [column for column, role in sorted(self.roles.items()) if role in roles]


@cache
def role_of(text: str) -> str:
    """Name what a column holds by the words over it, or ''."""
    if (column := record_column(text)) in _RECORD:
        return column
    candidates = [text, chinese(text), *tidy(text).split("\n")]
    return next(
        (role for role in _ROLES for each in candidates if matches(f"column.{role}", each)), ""
    )


def find_blocks(cells: Cells, header_rows: int | None = None) -> tuple[list[Block], list[str]]:
    """Cut a grid into tables; give also the lines that belong to none."""
    kind = cells.kind
    years = _year_rows(cells)
    number, word = kind == NUMBER, kind == WORDS
    single = (kind != BLANK).sum(axis=1) == 1
    data = (
        number.any(axis=1) & ~years & ~_numbering(cells) & ~(single & _yearish(cells).any(axis=1))
    )
    data |= ~years & word.any(axis=1) & (kind == MISSING).any(axis=1)
    if header_rows is not None:
        data[:header_rows] = False
        data[header_rows:] |= number[header_rows:].any(axis=1)
    blocks: list[Block] = []
    notes: list[str] = []
    between: list[int] = []
    rows: list[int] = []
    sections: dict[int, str] = {}
    section = ""
    following = np.flatnonzero(data)
    for row in np.flatnonzero((kind != BLANK).any(axis=1)).tolist():
        if not data[row]:
            between.append(row)
            continue
        if between or not rows:
            columns = _value_columns(cells, rows[-50:]) if rows else set()
            if not rows or any(_is_header(cells, b, columns, years) for b in between):
                if rows:
                    blocks[-1].rows = np.array(rows)
                at = int(np.searchsorted(following, row))
                columns = _value_columns(cells, following[at : at + 50])
                tail, titles, header, heading = _split(cells, between, columns, years, header_rows)
                notes += tail
                blocks.append(Block(np.array([], int), header, titles, {}))
                rows, section = [], heading
                sections = blocks[-1].sections
            else:
                for b in between:
                    text = _line(cells, b)
                    if len(text) > 25 or _is_note(text):
                        notes.append(text)
                    else:
                        section = text
            between = []
        rows.append(row)
        if section:
            sections[row] = section
    if rows:
        blocks[-1].rows = np.array(rows)
    notes += [_line(cells, row) for row in between]
    return blocks, notes


def _yearish(cells: Cells) -> np.ndarray:
    value = cells.value
    with np.errstate(invalid="ignore"):
        plain = (value >= 1900) & (value <= 2060) | (value >= 30_000) & (value < 55_000)
        return (cells.kind == NUMBER) & plain & (value % 1 == 0)


def _year_rows(cells: Cells) -> np.ndarray:
    """Mark rows of numbers that stand over the columns and are no data: years, or counted ages."""
    number = cells.kind == NUMBER
    found = np.zeros(len(number), dtype=bool)
    whole = (np.abs(cells.value) < 60_000) & (cells.value % 1 == 0)
    for row in np.flatnonzero(number.any(axis=1) & (whole | ~number).all(axis=1)).tolist():
        values = cells.value[row][number[row]]
        texts = [str(text) for text in cells.text[row][cells.kind[row] == WORDS]]
        steps = set(np.diff(values).tolist())
        read = [year_of(cells.word(row, int(column))) for column in np.flatnonzero(number[row])]
        if len(values) > 3 and steps == {1.0} and values[0] in (0, 1):
            found[row] = any(role_of(text) for text in texts)
        elif not all(read) or (cells.kind[row] == MISSING).any():
            continue
        elif len(values) > 2 and (min(steps) > 0 or max(steps) < 0):
            found[row] = True
        elif texts or len(values) > 1:
            found[row] = all(role_of(t) or year_of(t) or said(t).year or is_unit(t) for t in texts)
    return found


def _numbering(cells: Cells) -> np.ndarray:
    """Mark rows that only number the columns: 甲 1 2 3."""
    number = cells.kind == NUMBER
    counted = number.sum(axis=1)
    first = np.where(number, np.cumsum(number, axis=1), 0)
    same = (np.where(number, cells.value, 0) == first).all(axis=1) & (counted > 2)
    for row in np.flatnonzero(same):
        texts = cells.text[row][cells.kind[row] == WORDS]
        same[row] = all(re.fullmatch("[甲乙丙丁A-F]", str(text).strip()) for text in texts)
    return same


def _value_columns(cells: Cells, rows: Sequence[int] | np.ndarray) -> set[int]:
    """Give the columns that hold numbers in some of these rows."""
    counts = (cells.kind[np.asarray(rows)] == NUMBER).sum(axis=0)
    return set(np.flatnonzero(counts >= max(1, 0.2 * counts.max(initial=0))).tolist())


def _line(cells: Cells, row: int) -> str:
    """Give the words of a row as one line, each merged cell once."""
    parts = [cells.word(row, c) for c in np.flatnonzero(cells.kind[row] != BLANK)]
    return " ".join(tidy(part).replace("\n", " ") for part in parts)


def _is_note(text: str) -> bool:
    return matches("notes.footer", text) or matches("notes.advert", text)


def _spans_most(cells: Cells, row: int, column: int) -> bool:
    text = cells.text[row, column]
    return bool((cells.text[row] == text).mean() > 0.6) and cells.text.shape[1] > 2


def _is_header(cells: Cells, row: int, columns: set[int], years: np.ndarray) -> bool:
    """Tell whether a row without data stands over columns of values."""
    if years[row]:
        return True
    anchors = np.flatnonzero(cells.kind[row] != BLANK).tolist()
    texts = {c: cells.word(row, c) for c in anchors}
    if all(_is_unit_line(text) for text in texts.values()):
        return False
    over = [c for c in anchors if c in columns and cells.kind[row, c] == WORDS]
    if len(anchors) > 1 or not over:
        return bool(over)
    column, text = anchors[0], texts[anchors[0]]
    if role_of(text):
        return True
    beside = cells.text[row, column + 1 : column + 2]
    merged = len(beside) and beside[0] == text and not _spans_most(cells, row, column)
    short = len(squeeze(text)) <= 8 and not said(text).year and column > min(columns)
    return bool(merged or short)


def _is_unit_line(text: str) -> bool:
    """Tell a line that only names the table's unit."""
    told = said(text)
    return bool(re.match(r"(计量)?单位[:：]|units?:", squeeze(text))) or bool(told.unit and not told.words)


def _split(
    cells: Cells, between: list[int], columns: set[int], years: np.ndarray, fixed: int | None
) -> tuple[list[str], list[str], list[int], str]:
    """Part the rows before a table into notes of the last one, titles, header and a section."""
    header: list[int] = []
    section = ""
    rest = list(between)
    if fixed is not None:
        header = [row for row in between if row < fixed]
        while len(header) > 1 and not _is_header(cells, header[0], columns, years):
            rest = [header.pop(0)]
        return [], [_line(cells, row) for row in rest if row not in header], header, ""
    while rest:
        row = rest[-1]
        text = _line(cells, row)
        if _is_header(cells, row, columns, years):
            header.insert(0, row)
        elif header and role_of(text):
            header.insert(0, row)
        elif header or _is_note(text):
            break
        elif any(_is_header(cells, r, columns, years) for r in rest):
            section = section or text
        else:
            break
        rest.pop()
    lines = [_line(cells, row) for row in rest]
    cut = 0
    for i, (row, text) in enumerate(zip(rest, lines, strict=True)):
        follows = cut == i and i and rest[i - 1] == row - 1 and not matches("notes.continued", text)
        if row > 2 and (_is_note(text) and not re.match("本表", text) or (follows and cut)):
            cut = i + 1
    return lines[:cut], lines[cut:], header, section


def find_roles(cells: Cells, block: Block, default: str, area_column: str | int | None) -> None:
    """Name what each column of a table holds, by its header and by what stands in it."""
    rows, width = block.rows, cells.kind.shape[1]
    kind = cells.kind[rows]
    numbers, texts, marks = ((kind == k).sum(axis=0) for k in (NUMBER, WORDS, MISSING))
    open_columns = []
    for column in range(width):
        names = [cells.word(h, column) for h in block.header if cells.word(h, column)]
        names = [
            n for n in _without_translation(names)
            if record_column(n) or not (is_unit(n) or matches("unit.none", n))
        ]  # fmt: skip
        found = list(map(role_of, names))
        role = next(filter(None, reversed(found)), "") or role_of("".join(map(chinese, names)))
        if numbers[column] > texts[column] and not all(found):
            role = ""
        if area_column in (column, *names):
            role = "area"
        block.roles[column] = _role(cells, block, column, role, "".join(names), numbers, texts, marks)
        if block.roles[column] == "label":
            open_columns.append(column)
    _settle_labels(cells, block, open_columns, default)


def _role(
    cells: Cells, block: Block, column: int, role: str, head: str,
    numbers: np.ndarray, texts: np.ndarray, marks: np.ndarray,
) -> str:  # fmt: skip
    """Name what one column holds."""
    count, worded = numbers[column], texts[column]
    sample = [cells.word(row, column) for row in block.rows[:200]]
    filled = [text for text in sample if text]
    if role in _RECORD or role == "id" and (count or worded):
        return role
    if role == "area_code" and filled:
        return role
    if role == "unit":
        return "unit" if sum(map(is_unit, filled)) * 2 > len(filled) else "label" if worded else ""
    all_years = bool(filled) and sum(bool(year_of(t)) for t in filled) > 0.8 * len(filled)
    early = column < 6 and len(filled) > 4 and len(set(filled)) < max(len(filled), 6)
    if all_years and (role == "year" or worded > count or ("年" in head) or early):
        return "year"
    if count * 2 < worded or (worded and not count):
        return role if role in ("area", "broad", "indicator") else "label"
    if not count:
        return "value" if marks[column] and not role else ""
    if role in ("area", "broad", "indicator"):
        return "id"
    values = cells.value[block.rows, column]
    values = values[~np.isnan(values)]
    if not head and len(values) > 1:
        if (np.diff(values) == 1).all() and values[0] in (0, 1):
            return "id"
        if ((values > 110_000) & (values < 830_000) & (values % 1 == 0)).all():
            return "area_code"
        if all_years and (numbers > 0).sum() > 1 and column < 3:
            return "year"
    return "value"


def _settle_labels(cells: Cells, block: Block, columns: list[int], default: str) -> None:
    """Tell area names from indicators where no header does."""
    if default and columns and not block.having(default):
        block.roles[columns.pop(0)] = default
    worded = any(
        not year_of(text) and not role_of(text)
        for row in block.header
        for column in block.having("value")
        if (text := cells.word(row, column))
    )
    for column in columns:
        first = min(block.having("value"), default=column + 1)
        filled = [t for t in (cells.word(row, column) for row in block.rows[:200]) if t]
        share = sum(map(is_place, filled)) / max(len(filled), 1)
        placed = bool(block.having("area", "broad"))
        bare = not any(cells.word(row, column) for row in block.header)
        if share > 0.5 and (bare or not placed):
            block.roles[column] = "area"
        elif column > first and placed:
            block.roles[column] = "other"
        elif placed:
            block.roles[column] = "other" if worded else "indicator"
        elif share > 0.2 or (
            worded and column < first and not block.having("indicator") and not block.area
        ):
            block.roles[column] = "area"
        else:
            block.roles[column] = "indicator"
    areas = block.having("area")
    han = {
        c: bool(re.search("[一-龥]", "".join(map(str, cells.text[block.rows[:50], c]))))
        for c in areas
    }
    for column in areas:
        if any(han.values()) and not han[column]:
            block.roles[column] = "other"
    if not block.having("area"):
        for column in block.having("broad"):
            block.roles[column] = "area"


def find_heads(cells: Cells, block: Block) -> None:
    """Read what stands over each column of values, level by level."""
    columns = block.having("value")
    table = {row: {c: cells.word(row, c) for c in columns} for row in block.header}
    merged = any(
        cells.kind[row, c] == BLANK and text
        for row, line in table.items()
        for c, text in line.items()
    )
    for level, row in enumerate(block.header[:-1] if not merged else []):
        for left, column in zip(columns, columns[1:], strict=False):
            below = any(table[lower][column] for lower in block.header[level + 1 :])
            beside = any(table[lower][left] for lower in block.header[level + 1 :])
            if (
                not table[row][column]
                and below
                and beside
                and not re.search("[:：]", table[row][left])
            ):
                table[row][column] = table[row][left]
    translated = _translation_rows(table)
    placed = [
        row
        for row, line in table.items()
        if (named := [t for t in line.values() if t])
        and sum(is_place(said(t).words) for t in named) > 0.6 * len(named)
    ]
    placed = [] if block.having("area") else placed
    for column in columns:
        parts: list[str] = []
        unit, year, area = "", None, ""
        seen = set()
        for row in block.header:
            text = table[row][column]
            if not text or text in seen or row in translated or _is_numbering(text):
                continue
            seen.add(text)
            if found := year_of(text):
                year = found[0]
                if found[1] and cells.kind[row, column] != BLANK:
                    cells.repairs[row, column] = Repair(row, column, text, str(year), "year")
                continue
            told = said(text)
            if row in placed and is_place(told.words):
                area = told.words
                continue
            unit, year = told.unit or unit, told.year or year
            if told.words and not matches("unit.none", told.words):
                parts.append(told.words)
        block.heads[column] = Head(_without_translation(parts), unit, year, area)
    _share_with_neighbours(block, columns)


def _translation_rows(table: dict[int, dict[int, str]]) -> set[int]:
    """Give header rows that say in English, or in codes, what the Chinese ones say."""
    latin, han = set(), set()
    for row, line in table.items():
        texts = [text for text in line.values() if text and not year_of(text)]
        if any(re.search("[一-龥]", text) for text in texts):
            han.add(row)
        elif texts and all(re.search("[A-Za-z]", text) for text in texts):
            latin.add(row)
    return latin if han else set()


def _is_numbering(text: str) -> bool:
    return bool(re.fullmatch(r"[(（]?\d{1,2}[)）]?|[甲乙丙丁]", text.strip()))


def _without_translation(parts: list[str]) -> tuple[str, ...]:
    """Drop English words below Chinese ones, and what is said twice."""
    if any(re.search("[一-龥]", part) for part in parts):
        parts = [
            p
            for p in parts
            if re.search("[一-龥]", p) or not re.search("[a-z]{2}|_|[A-Z]+\\d{2}", p)
        ]
    return tuple(dict.fromkeys(parts))


def _share_with_neighbours(block: Block, columns: list[int]) -> None:
    """Give a unit or a year to columns beside, where the words above them are one."""
    latest: dict[str, int] = {}
    first: dict[str, str] = {}
    for column in columns:
        head = block.heads[column]
        top = head.parts[0] if head.parts else ""
        if head.year:
            latest[top] = max(head.year, latest.get(top, 0))
            latest[""] = max(head.year, latest.get("", 0))
        if head.unit and len(head.parts) <= 1:
            first.setdefault(top, head.unit)
    named: tuple[str, ...] = ()
    for column in columns:
        head = block.heads[column]
        top = head.parts[0] if head.parts else ""
        year, unit, note = head.year, head.unit, ""
        if not all(matches("column.relative", p) or matches("column.measure", p) for p in head.parts):
            named = head.parts
        elif named and not block.having("indicator"):
            head = Head((*named, *head.parts), unit, year, head.area)
        if year is None and latest and not block.having("year"):
            year, note = latest.get(top) or latest[""], "year inferred from the columns beside"
        ratio = any(matches(f"find.{n}", "".join(head.parts)) for n in ("growth", "index", "share"))
        if not unit and len(head.parts) > 1 and first.get(top) and not ratio:
            unit, note = first[top], "unit inferred from the column beside"
        block.heads[column] = Head(head.parts, unit, year, head.area, note)


def read_titles(block: Block, page: str = "") -> None:
    """Find unit, year, area, indicator and prices in the lines over a table."""
    unit, english, year, indicator = "", "", None, ""
    plain: list[str] = []
    for line in block.titles:
        folded = squeeze(line)
        if found := re.search(
            r"(?:地区|区域|城市|省份|region|area|city|province)s?[:：](.+)", folded
        ):
            block.area = chinese(re.split("[:：]", line, maxsplit=1)[1]).strip()
        if found := re.match(r"(?:指标|indicators?)[:：]", folded):
            told = said(re.split("[:：]", line, maxsplit=1)[1])
            indicator, unit = told.words, told.unit or unit
        elif found := re.search(r"(?:单位|units?)\s*[:：]\s*([^;；。]+)", line, re.IGNORECASE):
            unit = _one_unit(found[1]) or unit
        elif not found and not re.match(r"(数据库|时间|database|time|注|note)[:：]", folded):
            told = said(line)
            if re.search("[一-龥]", line) or not any(re.search("[一-龥]", t) for t in block.titles):
                plain.append(line)
                unit = unit or told.unit
            else:
                inside = re.search(r"[(（]([^()（）]+)[)）]\s*$", line)
                english = english or (_one_unit(inside[1]) if inside else "")
    for line in [*reversed(block.titles), page]:
        if year is None and not re.search(r"\d月\d+日|^时间|^time|^20\d\d$注", squeeze(line)):
            year = said(line).year
            for name, census in words().items():
                if name.startswith("census.") and name[7:] in line and year is None:
                    year = census
    for line in [*reversed(block.titles), page]:
        for found in words()["places.in_title"].finditer(re.sub(r"\s", "", _unnumbered(line))):
            if not block.area and not matches("places.not_named", found[1]):
                block.area = found[1]
    told = said(_subject(plain)) if plain else Said()
    block.said = Said(indicator or told.words, unit or english, year)
    text = "".join(block.titles)
    found = [basis for basis in ("current", "comparable") if matches(f"find.{basis}", text)]
    block.basis = "index" if "=100" in squeeze(text) else found[0] if found else ""


def _one_unit(text: str) -> str:
    """Give the unit of a list that names one, beside percentages."""
    text = chinese(text).strip(" )）")
    if is_unit(text):
        return text
    parts = [part for part in re.split(r"[、,，和\s]+", text) if is_unit(part)]
    amounts = [part for part in parts if part.strip("±+-") not in ("%", "％")]
    return amounts[0] if len(amounts) == 1 else ""


def _subject(lines: list[str]) -> str:
    """Give the words of a title that name an indicator."""
    line = next(
        (
            t
            for t in reversed(lines)
            if not matches("notes.continued", t) and not re.match("本表|[(（]?at |单位", t)
        ),
        lines[0],
    )
    line = chinese(_unnumbered(line))
    line = re.sub(
        r"[(（](?:19|20)\d\d(?:\s*[-—~至]\s*(?:19|20)?\d\d)?年?[)）]|(?:19|20)\d\d年?[-—~至](?:19|20)\d\d年?",
        "",
        line,
    )
    line = re.sub(
        r"^(?:全国|全省|全市)?(?:历年|主要年份|[各分][省市县区地]+[区县市]*(?:[(（][省市州县区、]+[)）])?)的?",
        "",
        line.strip(),
    )
    return line.strip()


def _unnumbered(line: str) -> str:
    """Drop the number of a table before its title."""
    number = r"(?:\d{1,2}(?:\s*[-\u2010-\u2015.\uff0e]\s*\d+)*|[一二三四五六七八九十]+)"
    return re.sub(rf"^(?:附?表\s*)?{number}(?:[、.:：\uff0e]|\s+)\s*(?=\D)", "", tidy(line))
