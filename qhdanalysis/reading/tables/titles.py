"""What the lines over a table say of all its values: unit, year, area, subject and prices."""

import re

from qhdanalysis.reading.tables.layout import Block
from qhdanalysis.reading.tables.wording import (
    Said,
    chinese,
    has_han,
    is_percent,
    is_unit,
    matches,
    part_of_year,
    said,
    squeeze,
    tidy,
    without,
    words,
)

_UNIT_LINE = r"(?i:单位|units?(?: of measure(?:ment)?)?)\s*[:：]\s*([^。]+)"


def read_titles(block: Block, page: str = "") -> None:
    """Find unit, year, area, indicator and prices in the lines over a table."""
    unit, english, year, indicator, subject = "", "", None, "", ""
    for line in block.titles:
        name, _, rest = line.replace("：", ":").partition(":")
        if matches("title.area", name) and rest:
            block.area = chinese(rest).strip()
        elif matches("title.indicator", name) and rest:
            about = said(without("find.scope", rest))
            indicator, unit = about.words, about.unit or unit
        elif re.search(_UNIT_LINE, line):
            unit, block.units = one_unit(line) or unit, listed_units(line)
            rest = re.sub(r"[(（]?(?:计量|计算)?(?i:单位|units?)\s*[:：].*", "", line)
            if has_han(rest) and not matches("title.other", rest):
                subject = _subject(rest) or subject
        elif not has_han(line) and any(map(has_han, block.titles)):
            found = re.search(r"[(（]([^()（）]+)[)）]\s*$", line)
            english = english or (one_unit(found[1]) if found else "")
        elif not matches("title.other", line):
            unit = unit or said(line).unit
            if not matches("notes.basis", line) and not (
                len(line) > 60 and matches("find.prose", line)
            ):
                subject = _subject(line) or subject
    for line in [*reversed(block.titles), page]:
        if not block.part and not matches("find.undated", line):
            block.part = part_of_year(line)
        if year is None and not matches("find.undated", line):
            counts = [
                n for name, n in words().items() if name.startswith("census.") and name[7:] in line
            ]
            year = next(iter(counts), said(line).year)
        timeless = without("find.part", re.sub(r"\s", "", _unnumbered(line)))
        for place in words()["places.in_title"].finditer(timeless):
            if not block.area and not matches("places.not_named", place[1]):
                block.area = place[1]
    subject = subject.replace(block.area, "", 1).removeprefix("的")
    block.said = Said(indicator or without("find.scope", subject), unit or english, year)
    text = "".join(block.titles)
    found_basis = [name for name in ("current", "comparable") if matches(f"find.{name}", text)]
    block.basis = "index" if "=100" in squeeze(text) else "".join(found_basis[:1])


def _subject(line: str) -> str:
    """Give what a title says that its table is about."""
    subject = said(without("find.scope", chinese(_unnumbered(line)))).words
    return subject if re.search(r"[^\W\d_]", subject) else ""


def one_unit(text: str) -> str:
    """Give the unit of a line, or of a list that names one beside percentages."""
    units = listed_units(text)
    units = [unit for unit in units if not is_percent(unit)] or units
    return units[0] if len(units) == 1 else ""


def listed_units(text: str) -> list[str]:
    """Give the units of a line."""
    if found := re.search(_UNIT_LINE, text):
        text = found[1]
    text = chinese(text).strip(" )）")
    return [text] if is_unit(text) else list(filter(is_unit, re.split(r"[、,，和;；\s]+", text)))


def _unnumbered(line: str) -> str:
    """Drop the number of a table before its title, and that it goes on: 8-3 续表2."""
    number = r"(?:\d{1,2}(?:\s*[-\u2010-\u2015.\uff0e]\s*\d+)*|[一二三四五六七八九十]+)"
    numbered = rf"^(?:附?表\s*|(?i:table)\s+)?{number}(?:[、.:：\uff0e]|\s+)\s*(?=\D)"
    own = words()["find.continued"].sub(" ", re.sub(numbered, "", tidy(line)))
    return re.sub(numbered, "", tidy(own))
