"""How a grid is laid out: where a table ends, its title and header, what each column holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from qhdanalysis.reading.tables.cells import BLANK, MISSING, NUMBER, WORDS, Cells
from qhdanalysis.reading.tables.wording import (
    Said,
    chinese,
    dated,
    is_place,
    is_unit,
    matches,
    remember,
    said,
    squeeze,
    tidy,
    year_of,
)
from qhdanalysis.records import RECORD_COLUMNS, record_column, standard_code

_ROLES = ("unit", "area_code", "id", "year", "broad", "indicator", "area")
# Under one of these headings a column is that column of the record contract.
PRINTED = tuple(RECORD_COLUMNS[i] for i in (4, 7, 8, 9, 10, 11, 12))


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
    place: str = ""
    rows: list[int] = field(default_factory=list)
    sections: dict[int, str] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=dict)
    heads: dict[int, Head] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    area: str = ""
    basis: str = ""
    part: str = ""
    note: str = ""
    sheet: str = ""
    units: list[str] = field(default_factory=list)
    unit_before: str = ""
    unit_of_words: str = ""
    carried: dict[str, np.ndarray] = field(default_factory=dict)
    contract: bool = False  # its headings are those of records

    def having(self, *roles: str) -> list[int]:
        """Give the columns of these roles, left to right."""
        return [column for column, role in sorted(self.roles.items()) if role in roles]

    def enter(self, text: str) -> None:
        """Open a section; an area that one names holds until the next area."""
        self.section, self.place = text, text if is_place(text) else self.place


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
    data = number.any(axis=1)
    for row in np.flatnonzero(data & (filled.sum(axis=1) == 1)).tolist():
        data[row] = not year_of(_line(cells, row))
    data &= ~over
    notes = _leave_statistics(cells, data, filled)
    _add_rows_without_numbers(cells, data)
    if header_rows is not None:
        data[:header_rows] = False
        data[header_rows:] = number[header_rows:].any(axis=1)
    following = np.flatnonzero(data)
    blocks: list[Block] = []
    between: list[int] = []
    for row in np.flatnonzero(filled.any(axis=1)).tolist():
        if not data[row]:
            between.append(row)
            continue
        if between or not blocks:
            at = int(np.searchsorted(following, row))
            coming = _value_columns(cells, following[at : at + 50].tolist())
            columns = _value_columns(cells, blocks[-1].rows[-50:]) if blocks else coming
            columns = columns or coming
            if not blocks or any(_is_header(cells, b, columns, over) for b in between):
                columns = coming
                tail, block = _split(cells, between, columns, over, header_rows)
                notes += tail
                blocks.append(block)
            else:
                for text in (_line(cells, b) for b in between):
                    if len(chinese(text)) > 25 or is_note(text):
                        notes.append(text)
                    else:
                        blocks[-1].enter(text)
            between = []
        blocks[-1].rows.append(row)
        blocks[-1].sections[row], blocks[-1].places[row] = blocks[-1].section, blocks[-1].place
    for block in blocks if cells.grid.kind == "text" else ():
        notes += _drop_uneven(cells, block)
    return blocks, notes + [_line(cells, row) for row in between]


def _leave_statistics(cells: Cells, data: np.ndarray, filled: np.ndarray) -> list[str]:
    """Leave out rows of means and extremes before the first of several years at the left."""
    top = np.flatnonzero(data)[:20].tolist()
    labels = [cells.word(row, 0) for row in top]
    first = next((i for i, text in enumerate(labels) if year_of(text)), 0)
    if not first or not all(matches("row.statistic", text) for text in labels[:first]):
        return []
    lines = [_line(cells, row) for row in top[:first]]
    data[top[:first]] = filled[top[:first]] = False
    return [f"statistics of the whole series were left out: {line}" for line in lines]


def _add_rows_without_numbers(cells: Cells, data: np.ndarray) -> None:
    """Mark rows of data that hold marks, a unit beside blanks, a word such as 持平, or 1,0O5."""
    words, number, filled = cells.kind == WORDS, cells.kind == NUMBER, cells.kind != BLANK
    for row in np.flatnonzero(words.any(axis=1) & ~number.any(axis=1)).tolist():
        columns = np.flatnonzero(filled[row])
        texts = [cells.word(row, column) for column in columns.tolist()]
        spoken = [text for text, column in zip(texts, columns, strict=True) if words[row, column]]
        if role_of(spoken[0]) or is_unit(spoken[0]):
            continue
        spoilt = [matches("row.spoilt", text) and not year_of(text) for text in texts]
        if len(spoilt) > 1 and not spoilt[0] and all(spoilt[1:]):
            data[row] = True
            continue
        near = slice(max(row - 50, 0), row + 50)
        if len(spoken) < len(texts) or not data[near].any():
            data[row] = len(spoken) < len(texts)
            continue
        counted = number[near][data[near]].sum(axis=0)
        label = words[near][data[near]].sum(axis=0)[columns] > counted[columns]
        value = counted[columns] > 0.2 * counted.max(initial=1)
        blank = label.all() and len(texts) > 1 and is_unit(texts[-1])
        word = row and data[row - 1] and not value[0] and value.sum() == 1 and not is_note(texts[0])
        data[row] = blank or word


def _drop_uneven(cells: Cells, block: Block) -> Iterator[str]:
    """Leave out lines with more cells than the header: a comma within a number has cut it in two.

    A header without the name of its first column is too short for all lines: none is read.
    """
    lines = cells.grid.rows
    width = max((len(lines[row]) for row in block.header), default=0)
    uneven = [row for row in block.rows if width and any(map(str.strip, lines[row][width:]))]
    block.rows = sorted(set(block.rows) - set(uneven))
    for row in uneven:
        yield (
            f"line {row + 1} has {len(lines[row])} cells under a header of {width} and was not "
            "read (a comma in a number without quotes, or a column without a name?)"
        )


def _rows_over_columns(cells: Cells) -> np.ndarray:
    """Mark rows of numbers that are no data: years or ages over columns, 甲 1 2 3 below them."""
    number = cells.kind == NUMBER
    found = np.zeros(len(number), dtype=bool)
    low = np.where(number, cells.value, np.inf).min(axis=1, initial=np.inf)
    high = np.where(number, cells.value, -np.inf).max(axis=1, initial=-np.inf)
    counted = np.isin(low, (0, 1)) & (high == low + number.sum(axis=1) - 1)
    dates = (low >= 1900) & (high < 55_000) | (low > 190_000) & (high < 210_000)
    dates &= number.any(axis=1)
    worded = cells.kind == WORDS
    first = np.where(worded, np.arange(len(worded))[:, None], len(worded))
    first = first.min(axis=0, initial=len(worded))  # the row of the first words in a column
    left = int((cells.kind != BLANK).any(axis=0).argmax()) if cells.kind.size else 0
    for row in np.flatnonzero(counted | dates).tolist():
        columns = np.flatnonzero(number[row])
        values = cells.value[row, columns]
        texts = [str(text) for text in cells.text[row][cells.kind[row] == WORDS]]
        steps = np.diff(values)
        numbered = all(re.fullmatch("[甲乙丙丁A-F]", text.strip()) for text in texts)
        several = len(values) > 2 or (numbered and "甲" in map(str.strip, texts))
        # 1999, 2010, 2021 enterprises under 2020年, 2021年, 2022年 are no years
        under = (first[columns] < row).all() and not any(map(role_of, texts))
        named = any(not (is_unit(text) or year_of(text)) for text in texts)
        under &= named or cells.kind[row, left] != BLANK
        under &= not (texts and len(steps) and (abs(steps) == 1).all())
        if several and (steps == 1).all() and values[0] in (0, 1):
            found[row] = numbered or (len(values) > 3 and any(map(role_of, texts)))
        elif not under and (cells.kind[row] != MISSING).all():
            found[row] = _are_years(cells, row, columns, texts)
            first[columns] = np.where(found[row], 0, first[columns])
    return found


def _are_years(cells: Cells, row: int, columns: np.ndarray, texts: list[str]) -> bool:
    """Tell numbers that stand over columns of others as their years, beside these texts."""
    years = (cells.word(row, column) for column in columns.tolist())
    if not all(year_of(text) or dated(text) for text in years):
        return False
    steps = np.diff(cells.value[row, columns])
    if len(columns) > 2 and ((steps > 0).all() or (steps < 0).all()):
        return True
    # so are the first numbers of a sheet over columns of others, under nothing else
    above, below = cells.kind[:row], cells.value[row + 1 :, columns]
    if not (above == NUMBER).any() and not (above[:, columns] == WORDS).any():
        known = below[~np.isnan(below)]
        if ((known < 1900) | (known > 2060)).any():
            return True
    if all(role_of(t) or year_of(t) or said(t).year or is_unit(t) for t in texts):
        return bool(texts) or len(columns) > 1
    # 2019 beside "2020年", over numbers of whatever kind
    spoken = [text for text in texts if not year_of(text)]
    return len(spoken) < len(texts) and len(spoken) < 3 and not any(map(is_place, spoken))


def _value_columns(cells: Cells, rows: list[int]) -> set[int]:
    """Give the columns that hold numbers in some of these rows."""
    counts = (cells.kind[rows] == NUMBER).sum(axis=0)
    return set(np.flatnonzero(counts >= max(1, 0.2 * counts.max(initial=0))).tolist())


def _line(cells: Cells, row: int) -> str:
    """Give the words of a row as one line, each merged cell once."""
    return " ".join(_parts(cells, row))


def _parts(cells: Cells, row: int) -> list[str]:
    parts = [cells.word(row, c) for c in np.flatnonzero(cells.kind[row] != BLANK).tolist()]
    return [tidy(part).replace("\n", " ") for part in parts]


def is_note(text: str) -> bool:
    """Tell a footnote, a source or an advertisement."""
    return matches("notes.footer", text) or matches("notes.advert", text)


def _is_header(cells: Cells, row: int, columns: set[int], over: np.ndarray) -> bool:
    """Tell whether a row without data stands over columns of values."""
    if over[row]:
        return True
    texts = {c: cells.word(row, c) for c in np.flatnonzero(cells.kind[row] != BLANK).tolist()}
    named = [c for c in texts if c in columns and cells.kind[row, c] == WORDS]
    if (
        _pair(cells, row)
        or _has_unit_line(cells, row)
        or (len(named) < 2 and all(map(_is_unit_line, texts.values())))
    ):
        return False
    if len(texts) > 1 or not named:
        spans = len(texts) > 1 and any(cells.word(row, c) for c in columns)  # merged over them
        return bool(named) or spans or _heads_sides(cells, row, sorted(texts), columns)
    column, text = named[0], texts[named[0]]
    if year_of(text) and len(columns) == 1:
        return True
    if standard_code(said(text).words) and (cells.text[row] == text).sum() == 1:
        return False  # what the table is about, wherever it stands
    same = cells.text[row] == text
    group = same.sum() > 1 and same.mean() < 0.6
    short = len(squeeze(text)) <= 8 and not said(text).year and column > min(columns)
    return bool(role_of(text)) or bool(group) or short


def _heads_sides(cells: Cells, row: int, filled: list[int], columns: set[int]) -> bool:
    """Tell words that stand each over the names and values of one of several tables in a row."""
    sides = [any(left < c < right for c in columns) for left, right in pairwise([*filled, 1 << 20])]
    return len(filled) > 1 and all(sides) and (cells.kind[row, filled] == WORDS).all()


def _is_unit_line(text: str) -> bool:
    return matches("title.unit", text) or bool(said(text).unit and not said(text).words)


def _pair(cells: Cells, row: int) -> str:
    """Give a line such as Unit of measure | Million euro with a colon between the two, or ''."""
    parts = _parts(cells, row)
    pair = len(parts) == 2 and (
        matches("title.name", parts[0])
        or (cells.kind.shape[1] > 2 and role_of(parts[0]) == "unit" and is_unit(parts[1]))
    )
    return f"{parts[0].rstrip(' :：')}: {parts[1]}" if pair else ""


def _has_unit_line(cells: Cells, row: int) -> bool:
    """Tell a line such as (按当年价格计算) ... 单位：亿元, which stands over a header."""
    texts = set(_parts(cells, row))
    others = [text for text in texts if not matches("title.unit", text)]
    words = [text for text in others if not matches("title.other", text)]
    return len(others) < len(texts) and len(words) < 2 and not any(map(role_of, words))


def _split(
    cells: Cells, rest: list[int], columns: set[int], over: np.ndarray, fixed: int | None
) -> tuple[list[str], Block]:
    """Part the rows before a table into notes of the one before, titles, header and a section."""
    heads = [row for row in rest if _is_header(cells, row, columns, over)]
    header: list[int] = []
    over_rows: list[str] = []
    while rest and heads:
        text = _line(cells, rest[-1])
        # units that stand alone between the header and the data belong to the header
        units = _is_unit_line(text) and not matches("title.unit", text)
        fits = rest[-1] in heads or (rest[-1] > heads[0] and (units or fixed))
        fits = fits or bool(role_of(text) and (header or rest[-1] > heads[0]))
        if not fits and (header or is_note(text)):
            break
        if fits:
            header.insert(0, rest[-1])
        else:
            over_rows.insert(0, text)
        rest = rest[:-1]
    lines = [_line(cells, row) for row in rest]
    cut = 0
    for i, (row, text) in enumerate(zip(rest, lines, strict=True)):
        goes_on = 0 < cut == i and rest[i - 1] == row - 1 and not matches("find.continued", text)
        if row > 2 and ((is_note(text) and not text.startswith("本表")) or goes_on):
            cut = i + 1
    titles = []
    for row, line in zip(rest[cut:], lines[cut:], strict=True):
        titles += _parts(cells, row) if _has_unit_line(cells, row) else [_pair(cells, row) or line]
    block = Block(header, titles)
    for text in over_rows:
        block.enter(text)
    return lines[:cut], block
