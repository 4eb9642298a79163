"""What each column of a table holds, and what stands over each column of values."""

import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np

from qhdanalysis.reading.tables.cells import BLANK, MISSING, NUMBER, WORDS, Cells, Repair
from qhdanalysis.reading.tables.layout import PRINTED, Block, Head, role_of
from qhdanalysis.reading.tables.rows import side_by_side
from qhdanalysis.reading.tables.titles import one_unit
from qhdanalysis.reading.tables.wording import (
    chinese,
    dated,
    fiscal_year,
    has_han,
    is_place,
    is_unit,
    matches,
    part_of_year,
    said,
    year_of,
)
from qhdanalysis.records import record_column, standard_code

_NO_NAMES = ("unit.none", "title.number", "column.unnamed")  # over a column, and not what it holds


def find_roles(cells: Cells, block: Block, default: str, area_column: str | int | None) -> None:
    """Name what each column of a table holds, by its header and by what stands in it."""
    kinds = [(cells.kind[block.rows] == k).sum(axis=0) for k in (NUMBER, WORDS, MISSING)]
    headings = {record_column(text) for row in block.header for text in cells.text[row]}
    block.contract = headings >= {"area", "year", "indicator", "value"}
    for column in range(cells.kind.shape[1]):
        parts = [cells.word(row, column) for row in block.header]
        names = [
            n for n in _untranslated([part for part in parts if part])
            if role_of(n) or not any((is_unit(n), *(matches(x, n) for x in _NO_NAMES)))
        ]  # fmt: skip
        roles = [role_of(name) for name in names]
        role = next(filter(None, reversed(roles)), "") or role_of("".join(map(chinese, names)))
        if kinds[0][column] > kinds[1][column] and not all(roles):
            role = ""
        if _name_rows(roles):
            role, names = "", []
        if matches("find.rank", "".join(names)) and block.having("value"):
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
    if block.contract and not record_column(head):
        return "id"  # what a user added to records is none
    if role == "code" and not block.contract:
        role = "area_code"
    elif role in ("place", "level") and not block.contract:
        role = "area" if role == "place" else ""
    if role == "id" and sum(map(is_place, filled)) * 2 > len(filled):
        role = "broad"  # 区域 over names of areas
    if not head and filled and all(re.fullmatch("[a-z]{1,3}", text) for text in filled):
        return "id"  # b, e and p beside values: a break, an estimate, provisional
    if role in PRINTED or (role in ("id", "area_code") and count + worded):
        return role
    years = sum(bool(year_of(text)) for text in filled) > 0.8 * len(filled)
    if role == "year" and filled:
        times = [year_of(t) or dated(t) or said(t).year or part_of_year(t) for t in filled]
        years = sum(map(bool, times)) * 2 > len(filled)
    units = sum(map(is_unit, filled)) * 2 > len(filled) or all(map(_may_be_unit, filled))
    if role == "unit" and filled and units:
        return role
    # a year stands in many rows of a panel, whatever its column is called
    panel = column < 6 and len(filled) > 4 and (len(set(filled)) < len(filled) or not head)
    # 1987 户 under 2021年 is none
    measure = said(head).unit or said(head).year or part_of_year(head)
    measure = measure or matches("column.measure", head) or matches("column.relative", head)
    first = not block.having("value") and (not head or role in ("area", "broad", "indicator"))
    if years and (
        role == "year" or worded > count or first or (("年" in head or panel) and not measure)
    ):
        return "year"
    if role == "year" and block.having("year") and matches("column.month", head):
        return "part"
    if count * 2 < worded:
        return role if role in ("area", "broad", "indicator") else "label"
    if not count:
        headed = head and any(block.roles.values())  # blank, and parts what stands beside it
        return "value" if (gaps or headed) and not role else ""
    values = cells.value[block.rows, column]
    values = values[~np.isnan(values)]
    if not head and len(values) > 1 and (np.diff(values) == 1).all() and values[0] in (0, 1):
        return "id"
    if not head and ((values > 110_000) & (values < 830_000) & (values % 1 == 0)).all():
        return "area_code"
    # a number for each region is no value, a price index for 城市 and 农村 is
    few = len(values) > 1 and (values % 1 == 0).all() and len(set(values.tolist())) < len(values)
    return "id" if role in ("area", "broad", "indicator") and few else "value"


def _may_be_unit(text: str) -> bool:
    """Tell what may stand under the heading unit: 万吨, tCO2/tce, EUR_HAB, -; no office."""
    return is_unit(text) or bool(
        re.fullmatch(r"[^\s\d]{0,3}[A-Za-z]+\d?(?:[/_]\w+)*|[-—/]+|\d+=100", text)
    )


def _settle_labels(cells: Cells, block: Block, default: str) -> None:
    """Tell area names from indicators where no header does."""
    labels = block.having("label")
    if default and labels and not block.having(default):
        block.roles[labels.pop(0)] = default
    values = block.having("value")
    over = [cells.word(row, column) for row in block.header for column in values]
    worded = any(
        text and not (year_of(text) or role_of(text) or is_place(said(text).words)) for text in over
    )
    for column in labels:
        filled = [t for t in (cells.word(row, column) for row in block.rows[:200]) if t]
        share = sum(map(is_place, filled)) / max(len(filled), 1)
        placed = block.having("area", "broad")
        bare = not any(cells.word(row, column) for row in block.header)
        first = column < min(values, default=0)
        alone = worded and first and not block.having("indicator") and not block.area
        coded = sum(bool(standard_code(said(text).words)) for text in filled) * 2 > len(filled)
        if share > 0.5 and (bare or not placed):
            role = "area"
        elif coded:
            role = "indicator"
        elif placed:
            role = "other" if worded or not first else "indicator"
        else:
            role = "area" if share > 0.2 or alone else "indicator"
        block.roles[column] = role
    for role, spare in (("area", "broad"), ("indicator", "indicator")):
        columns = block.having(role) or block.having(spare)
        texts = {c: [cells.word(row, c) for row in block.rows[:200]] for c in columns}
        named = [c for c in columns if not all(matches("places.regions", t) for t in texts[c] if t)]
        chosen = [c for c in named or columns if any(map(has_han, texts[c]))] or named or columns
        for column in columns:
            block.roles[column] = role if column in chosen else "other"


def find_heads(cells: Cells, block: Block) -> None:
    """Read what stands over each column of values, level by level."""
    columns = block.having("value")
    if not columns:
        return
    # a column of blanks under merged words hands them on
    wide = [c for c in range(columns[0], columns[-1] + 1) if not block.roles[c] or c in columns]
    header = _said_header(cells, block)
    table = {row: {c: cells.word(row, c) for c in wide} for row in header}
    kinds = cells.kind[np.ix_(header, columns)]
    groups, _ = side_by_side(block, "area", "broad", "indicator", "year")
    for group, row in product(groups if len(groups) > 1 else (), header):
        first = next((c for c in columns if c > group[-1]), columns[0])
        text = next(filter(None, (cells.word(row, c) for c in group)), "")
        if not table[row][first] and not role_of(text):
            table[row][first] = text
    if not ((kinds == BLANK) & (cells.text[np.ix_(header, columns)] != "")).any():
        for level, (row, line) in enumerate(table.items()):
            lower = [table[below] for below in header[level + 1 :]]
            for left, c in pairwise(wide):
                if not line[c] and any(x[c] for x in lower) and any(x[left] for x in lower):
                    table[row][c] = line[left]
    table = {row: {c: line[c] for c in columns} for row, line in table.items()}
    texts = {row: [t for t in line.values() if t and not year_of(t)] for row, line in table.items()}
    named = {row for row, line in texts.items() if any(map(has_han, line))}
    latin = {
        row for row, line in texts.items() if line and all(re.search("[A-Za-z]", t) for t in line)
    }
    placed = {
        row for row, line in texts.items()
        if sum(is_place(said(t).words) for t in line) > 0.6 * len(line) and not block.having("area")
    }  # fmt: skip
    fiscal = {
        row for row, line in table.items()
        if any(line.values()) and all(fiscal_year(t) for t in line.values() if t)
    }  # fmt: skip
    monthly = {
        row
        for row, line in table.items()
        if row not in fiscal and any(dated(t) and not year_of(t) for t in line.values())
    }
    for column in columns:
        parts: list[str] = []
        unit, year, area, note = "", None, "", ""
        for row, line in table.items():
            text = line[column]
            if row in monthly and (month := dated(text)):
                year = month[0]
                parts.append(month[1])
                continue
            if row in fiscal and (begins := fiscal_year(text)):
                year, note = begins, f"fiscal year {text}"
                continue
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
            place, _, rest = told.words.replace("：", ":").partition(":")
            if rest and is_place(place) and not block.having("area"):  # 云南:GDP:第一产业
                area, told = place, replace(told, words=rest)
            if row in placed and is_place(told.words):
                area = told.words
            elif not matches("unit.none", told.words) and not matches("column.group", told.words):
                parts.append(told.words)
        block.heads[column] = Head(_untranslated(parts), unit, year, area, note)
    _share_with_neighbours(block, columns)
    _read_corner(cells, block)


def _name_rows(roles: list[str]) -> bool:
    """Tell that the words over a column name the rows of the header: 指标, 频率, 单位."""
    return len(set(roles) - {""}) > 2 or {"unit", "id"} <= set(roles)


def _said_header(cells: Cells, block: Block) -> list[int]:
    """Give the rows of a header but those that their first word calls 频率, 指标ID or 来源."""
    first = next(iter(block.having("area", "broad", "indicator", "year")), None)
    roles = {row: role_of(cells.word(row, first)) for row in block.header if first is not None}
    if not _name_rows(list(roles.values())):
        return block.header
    return [
        row for row in block.header
        if roles[row] not in ("id", "area_code", *PRINTED)
        or any(is_place(cells.word(row, column)) for column in block.having("value"))
    ]  # fmt: skip


def _read_corner(cells: Cells, block: Block) -> None:
    """Take subject and unit from words over names or over nothing, if the columns have none."""
    worded = any(not head.is_about("column.relative") for head in block.heads.values())
    for row in block.header:
        for column in block.having("area", "year", ""):
            text = cells.word(row, column)
            told = said(text)
            if matches("title.unit", text):
                block.said = replace(block.said, unit=block.said.unit or one_unit(text))
            elif worded or role_of(text) or year_of(text) or is_place(told.words):
                continue
            elif (
                told.unit
                or standard_code(told.words)
                or (not block.said.words and re.fullmatch("[一-龥]{3,}", told.words))
            ):
                words = told.words or block.said.words
                block.said = replace(block.said, words=words, unit=told.unit or block.said.unit)


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
    named: list[tuple[str, ...]] = []  # columns of amounts since the last one of their growth
    several = len({head.year for head in block.heads.values() if head.year}) > 2
    for column in columns:
        head = block.heads[column]
        top, parts, year, unit = "".join(head.parts[:1]), head.parts, head.year, head.unit
        note = head.note
        if not head.is_about("column.relative", "column.measure"):
            named.append(tuple(part for part in parts if not matches("column.relative", part)))
        elif parts and not block.having("indicator"):
            # 生产总值, 第一产业, 第二产业, 第三产业, 增长: that of the whole
            sectors = [any(matches("find.part_of", part) for part in one) for one in named]
            whole = len(named) > 1 and not sectors[0] and all(sectors[1:])
            last, own = "".join(named[-1] if named else ()), "".join(parts)
            # no one knows what grows beside a density, or what is a share beside 人均
            doubt = matches("find.derived", last)
            doubt |= matches("find.per_head", last) and matches("find.share", own)
            note = "indicator inferred from the columns beside" if whole or doubt else note
            parts = (*(named[0 if whole else -1] if named else ()), *parts)
            named = named[:1] if whole else named[-1:]
        # a total of years, or a column under nothing, is of no single year
        single = bool(parts) and not (several and any(matches("column.several", p) for p in parts))
        if year is None and latest and not block.having("year") and (single or head.unit):
            year, added = latest.get(top) or latest[""], "year inferred from the columns beside"
            note = f"{note}; {added}" if note else added
        if (
            not unit
            and len(parts) > 1
            and units.get(top)
            and not matches("find.ratio", "".join(parts))
        ):
            unit, added = units[top], "unit inferred from the column beside"
            note = f"{note}; {added}" if note else added
        block.heads[column] = Head(parts, unit, year, head.area, note)
