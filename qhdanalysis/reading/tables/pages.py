"""Tables of web pages and Word documents, each with the lines that stand before it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.markup import docx_parts, docx_words
from qhdanalysis.reading.tables.grids import MAX_CELLS, MAX_COLUMNS, Grid

_MAX_SPREAD = 300_000
_BREAK = "\u2028"  # a line separator, which XML allows, stands for <br> until spaces are folded
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _spread(name: str, rows: Iterable[Iterable[tuple[str, int, int]]], above: list[str]) -> Grid:
    """Lay out cells (text, columns and rows covered); each text stands once, at its corner."""
    taken: set[tuple[int, int]] = set()
    placed: list[list[str]] = []
    spans = []
    for r, cells in enumerate(rows):
        placed.append([])
        for text, across, down in cells:
            while (r, len(placed[r])) in taken:
                placed[r].append("")
            left, across, down = len(placed[r]), min(across, 1000), min(down, 1000)
            placed[r] += [text] + [""] * (across - 1)
            if across > 1 or down > 1:
                spans.append((r, left, r + down - 1, left + across - 1))
                taken |= {(r + i, left + j) for i in range(1, down) for j in range(across)}
            if len(taken) > _MAX_SPREAD or len(placed[r]) > MAX_COLUMNS:
                raise SourceError(
                    f"table {name} spreads over more than {_MAX_SPREAD:,} cells or "
                    f"{MAX_COLUMNS:,} columns; split it"
                )
        if r * len(placed[r]) > MAX_CELLS:
            raise SourceError(f"table {name} has more than {MAX_CELLS:,} cells; split it")
    return Grid(name, placed, spans, above=above, kind="page")


def html_grids(path: Path, text: str) -> list[Grid]:
    """Give each table of a page with the lines that stand before it."""
    from lxml import etree, html

    def words(node: Any) -> str:
        text = re.sub(r"[ \t\r\n\xa0]+", " ", "".join(node.itertext()))
        return text.replace(_BREAK, "\n").strip(" \n")

    def cells(row: Any) -> Iterator[tuple[str, int, int]]:
        for cell in row.iterchildren("td", "th"):
            spans = [re.match(r"\d+", cell.get(name, "")) for name in ("colspan", "rowspan")]
            across, down = (max(int(span[0]), 1) if span else 1 for span in spans)
            yield words(cell), across, down

    try:
        page = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError) as problem:
        raise SourceError(f"{path}: the page cannot be read ({problem}); save it anew") from None
    etree.strip_elements(page, "script", "style", "noscript", with_tail=False)
    for end in page.iter("br"):
        end.tail = _BREAK + (end.tail or "")
    lines: list[str] = []
    grids: list[Grid] = []
    # a table that only arranges other tables and text on the page is none itself
    leaves = set(page.xpath("//table[not(.//table)]"))
    for node in page.iter("title", "table", "p", "h1", "h2", "h3", "h4", "li", "div", "td"):
        if node in leaves:
            above = lines + [words(caption) for caption in node.iterchildren("caption")]
            grids.append(_spread(str(len(grids) + 1), map(cells, node.iter("tr")), above))
            lines = []
        elif node.tag == "table" or not leaves.isdisjoint(node.iterancestors("table")):
            continue
        elif words(node) and not node.xpath(".//table|.//p|.//div|.//li|.//h1|.//h2|.//h3"):
            lines.append(words(node))
    return [*grids, Grid("", [], above=lines, kind="page")]


def docx_grids(path: Path, data: bytes) -> list[Grid]:
    """Give each table of a Word document with the paragraphs before it."""
    grids: list[Grid] = []
    lines: list[str] = []
    parts = docx_parts(data, str(path))
    for node in next(iter(parts.values())).iter(f"{_WORD}p", f"{_WORD}tbl"):
        if next(node.iterancestors(f"{_WORD}tbl"), None) is not None:
            continue
        if node.tag == f"{_WORD}tbl":
            grids.append(_spread(str(len(grids) + 1), _docx_rows(node), lines))
            lines = []
        else:
            lines += filter(None, ["".join(docx_words(node)[0]).strip()])
    return [*grids, Grid("", [], above=lines, kind="page")]


def _docx_rows(table: Any) -> list[list[tuple[str, int, int]]]:
    """Lay out a table; a cell that continues the one above is counted to that one."""
    rows: list[dict[int, tuple[Any, int]]] = []
    for row in table.iterchildren(f"{_WORD}tr"):
        at = _docx_number(row, "trPr/gridBefore", 0)
        rows.append({0: (None, at)} if at else {})
        for cell in row.iterchildren(f"{_WORD}tc"):
            across = _docx_number(cell, "tcPr/gridSpan", 1)
            rows[-1][at] = (cell, across)
            at += across

    def goes_on(row: int, column: int) -> bool:
        cell = rows[row].get(column, (None, 1))[0] if row < len(rows) else None
        merge = None if cell is None else cell.find(f"{_WORD}tcPr/{_WORD}vMerge")
        return merge is not None and merge.get(f"{_WORD}val", "continue") == "continue"

    laid: list[list[tuple[str, int, int]]] = []
    for r, cells in enumerate(rows):
        laid.append([])
        for column, (cell, across) in cells.items():
            if r and goes_on(r, column):
                continue
            down = next(d for d in range(1, len(rows) + 1) if not goes_on(r + d, column))
            paragraphs = () if cell is None else cell.iter(f"{_WORD}p")
            words = ("".join(docx_words(paragraph)[0]) for paragraph in paragraphs)
            laid[-1].append(("\n".join(words).strip(), across, down))
    return laid


def _docx_number(node: Any, name: str, least: int) -> int:
    found = node.find("/".join(_WORD + part for part in name.split("/")))
    value = "" if found is None else found.get(f"{_WORD}val", "")
    return max(int(value), least) if value.isdecimal() else least
