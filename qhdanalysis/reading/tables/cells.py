"""What a cell holds: a number, a missing mark or words."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.reading.tables.grids import Grid
from qhdanalysis.reading.tables.wording import is_unit, matches

BLANK, NUMBER, MISSING, WORDS = range(4)

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_SPACED = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?: \d{3}|\.\d+)|[+-]?[\d ]+(?:\. | \.)\d[\d ]*")
_RAISED = re.compile(r"(?<=[\d%\uff05)）])\s*[①-⒇²³¹⁰-⁹]+$")  # they fold to digits
_DASHES = dict.fromkeys([0x2212, 0x2013, 0x2014, 0xFF0D, 0xFE63, 0x2015], "-")


@dataclass
class Repair:
    """One cell that was not read as it stands."""

    found: str
    read: str
    why: str


@dataclass
class Cells:
    """The cells of a grid by kind; words spread over merged ranges."""

    grid: Grid
    text: np.ndarray
    kind: np.ndarray
    value: np.ndarray
    unit: dict[tuple[int, int], str] = field(default_factory=dict)
    repairs: dict[tuple[int, int], Repair] = field(default_factory=dict)

    def word(self, row: int, column: int) -> str:
        """Give a cell as words: as stored if it is text, a whole number without its point."""
        text = str(self.text[row, column])
        if not text and self.kind[row, column] == NUMBER:
            return f"{self.value[row, column]:.15g}"
        return text

    def labels(self, rows: list[int], column: int) -> np.ndarray:
        """Give many cells of a column as words."""
        texts: np.ndarray = self.text[rows, column]
        bare = np.flatnonzero((texts == "") & (self.kind[rows, column] == NUMBER))
        keys, uniques = pd.factorize(self.value[rows, column][bare])
        texts[bare] = np.array([f"{number:.15g}" for number in uniques], dtype=object)[keys]
        return texts


def read_number(text: str) -> tuple[float, str, str] | None:
    """Read a number as text: its value, a unit beside it, and why it needed repair.

    A blank inside is closed only where the digits prove that it is one number: beside the decimal
    point, or between groups of three of which there are several.

    Examples
    --------
    >>> read_number("986 1. 56"), read_number("12.5 13.6"), read_number("1,048.5")
    ((9861.56, '', 'blanks inside the number'), None, (1048.5, '', ''))
    >>> read_number("12①"), read_number("1,0O5")
    ((12.0, '', 'footnote mark ①'), None)
    """
    plain = text.strip().strip("'")
    bare = _RAISED.sub("", plain)
    if any(unicodedata.category(mark) == "No" for mark in bare):  # ½, or 1² of who knows what
        return None
    folded = unicodedata.normalize("NFKC", bare).translate(_DASHES).strip()
    why = "" if folded == bare.translate(_DASHES) else "full-width forms"
    why = f"footnote mark {plain[len(bare) :]}" if bare != plain else why
    folded = re.sub(r"^([+-])\s+(?=\d)", r"\1", folded.replace("\xa0", " "))
    unit = ""
    if tail := re.fullmatch(r"([+-]?[\d., ]*\d)( *[^\d\s.,].*)", folded):
        if re.fullmatch(r" *[*†‡a-d]| +[a-z]{1,3}| *\(\d\)| *\[\d+\]", tail[2]):
            folded, why = tail[1], f"footnote mark {tail[2].strip()}"
        elif is_unit(tail[2]) and re.search(r"[%‰元吨亩顷里米时]|[万亿].", tail[2]):
            folded, unit = tail[1], tail[2].strip()
    if _NUMBER.fullmatch(folded):
        return float(folded), unit, why
    if _GROUPED.fullmatch(folded):
        return float(folded.replace(",", "")), unit, why
    if _SPACED.fullmatch(folded):
        return float(folded.replace(" ", "")), unit, "blanks inside the number"
    return None


def read_cells(grid: Grid) -> Cells:
    """Tell numbers, missing marks and words apart; each distinct text is looked at once."""
    height, width = len(grid.rows), max(map(len, grid.rows), default=0)
    rows = (row if len(row) == width else [*row, *[""] * (width - len(row))] for row in grid.rows)
    flat = np.empty(height * width, dtype=object)
    flat[:] = list(chain.from_iterable(rows))
    types = np.fromiter(map(_TYPES.get, map(type, flat), repeat(2)), np.uint8, len(flat))
    value, kind = np.full(len(flat), np.nan), np.full(len(flat), BLANK, dtype=np.uint8)
    text = np.full(len(flat), "", dtype=object)
    value[types == 0] = flat[types == 0].astype(float)
    kind[np.isfinite(value)] = NUMBER
    places = np.flatnonzero(types)
    raw = [v if type(v) is str else _as_text(v) for v in flat[places]]
    codes, uniques = pd.factorize(np.array(raw, dtype=object))
    numbers = pd.to_numeric(pd.Series(uniques, dtype=object), errors="coerce").to_numpy(float)
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    kinds = np.full(len(uniques), NUMBER, dtype=np.uint8)
    told: dict[int, tuple[float, str, str]] = {}
    for i in np.flatnonzero(np.isnan(numbers)).tolist():
        if not uniques[i].strip():
            kinds[i], uniques[i] = BLANK, ""
        elif matches("missing.marks", uniques[i]):
            kinds[i] = MISSING
        elif found := read_number(uniques[i]):
            numbers[i], told[i] = found[0], found
        else:
            kinds[i] = WORDS
    value[places], kind[places], text[places] = numbers[codes], kinds[codes], uniques[codes]
    shape = (height, width)
    cells = Cells(grid, text.reshape(shape), kind.reshape(shape), value.reshape(shape))
    odd = [i for i, (_, unit, why) in told.items() if unit or why]
    for at in np.flatnonzero(np.isin(codes, odd)).tolist():
        row, column = divmod(int(places[at]), width)
        number, unit, why = told[int(codes[at])]
        why = why or f"its own unit {unit}"
        cells.repairs[row, column] = Repair(uniques[codes[at]], f"{number:.15g}", why)
        if unit:
            cells.unit[row, column] = unit
    down, across = grid.origin
    for top, left, bottom, right in grid.spans:
        corner = (top - down, left - across)
        if 0 <= corner[0] < height and 0 <= corner[1] < width and cells.word(*corner):
            area = (slice(corner[0], bottom - down + 1), slice(corner[1], right - across + 1))
            blank = cells.kind[area] == BLANK
            cells.text[area] = np.where(blank, cells.word(*corner), cells.text[area])
    return cells


_TYPES: dict[type, int] = {float: 0, int: 0, str: 1}


def _as_text(value: Any) -> str:
    """Write a date or a truth value as text; only its year can be used."""
    if isinstance(value, dt.datetime | dt.date):
        return f"{value:%Y-%m-%d}"
    return "" if value is None else str(value)
