"""Text of a PDF as it would be typed: whole paragraphs, no page furniture, no footnote marks."""

import ctypes
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from qhdanalysis.errors import SourceError

MAX_PAGES = 2_000
_FURNITURE = re.compile(
    r"[-—\u2013·\s]*第?\s*\d{1,4}\s*页?(?:\s*[/／共]\s*共?\s*\d{1,4}\s*页?)?[-—\u2013·\s]*"
)
_NUMBERING = re.compile(r"第?\s*\d+\s*页|^\W*\d+\W*|\W*\d+\W*$")


@dataclass
class _Line:
    text: str
    size: float
    left: float
    right: float
    page: int


def pdf_text(data: bytes, name: str) -> tuple[str, list[str]]:
    """Text and notes of a PDF.

    Lines are joined to paragraphs where they are full; lines that return at the top or foot of the
    pages, page numbers and raised footnote marks are dropped, and footnotes put at the end.

    Raises
    ------
    SourceError
        If the file is damaged, encrypted or too long, or no page holds text.
    """
    try:
        import pypdfium2
    except ImportError:
        raise SourceError(
            f"{name}: reading PDF needs pypdfium2. Install it with pip install 'qhdanalysis[pdf]'."
        ) from None
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        why = "it asks for a password" if "assword" in str(error) else "damaged or cut"
        raise SourceError(
            f"{name}: the PDF cannot be opened ({why}). "
            "Save an unprotected copy, or fetch it again."
        ) from None
    with pdf:
        if len(pdf) > MAX_PAGES:
            raise SourceError(f"{name}: {len(pdf)} pages, more than {MAX_PAGES}. Split the PDF.")
        try:
            pages = [_lines(page, n) for n, page in enumerate(pdf)]
        except pypdfium2.PdfiumError as error:
            raise SourceError(
                f"{name}: a page of the PDF is damaged ({error}). Fetch it again."
            ) from None
    empty = [n for n, lines in enumerate(pages, 1) if not lines]
    if len(empty) == len(pages):
        raise SourceError(
            f"{name}: the PDF has no text layer (scanned pages). Run text recognition (OCR) on it "
            "first, for example with OCRmyPDF, or ask the office for the original."
        )
    notes = [f"page {n} holds no text (a scan?): what it says is missing here" for n in empty]
    body, footnotes = _without_furniture(pages)
    return "\n".join([*_paragraphs(body), *_paragraphs(footnotes)]), notes


def _lines(page: Any, number: int) -> list[_Line]:
    """Lines of a page; marks in small raised print are left out, narrow gaps are no spaces."""
    from pypdfium2 import raw

    text = page.get_textpage()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    lines: list[list[tuple[str, float, float, float, float]]] = [[]]
    for i in range(text.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text, i))
        if char in "\r\n":
            if lines[-1]:
                lines.append([])
            continue
        raw.FPDFText_GetCharBox(text, i, left, right, bottom, top)
        size = raw.FPDFText_GetFontSize(text, i) or top.value - bottom.value
        lines[-1].append((char, size, left.value, right.value, bottom.value))
    result = []
    for chars in lines:
        if not "".join(c[0] for c in chars).strip():
            continue
        size = statistics.median(c[1] for c in chars)
        floor = statistics.median(c[4] for c in chars)
        kept = [c for c in chars if not (c[1] < 0.8 * size and c[4] > floor + 0.15 * size)]
        kept = kept or chars
        joined = "".join(_space(kept, k) if c[0].isspace() else c[0] for k, c in enumerate(kept))
        joined = joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if joined.strip():
            result.append(_Line(joined.strip(), size, kept[0][2], kept[-1][3], number))
    readable = sum(c.isprintable() and c != "\ufffd" for line in result for c in line.text)
    return result if readable > 0.5 * sum(len(line.text) for line in result) else []


def _space(chars: list[tuple[str, float, float, float, float]], k: int) -> str:
    """Read a gap: half a character beside a Chinese one is typography, a wide one a column."""
    if not 0 < k < len(chars) - 1:
        return ""
    before, after = chars[k - 1], chars[k + 1]
    gap = after[2] - before[3]
    if gap > 2 * before[1]:
        return "\t"
    return "" if gap < 0.5 * before[1] and max(before[0], after[0]) > "\u2e7f" else " "


def _without_furniture(pages: list[list[_Line]]) -> tuple[list[_Line], list[_Line]]:
    """Part body and footnotes (small print at the foot); drop page numbers and what returns."""

    def key(line: _Line) -> str:
        return _NUMBERING.sub("", line.text[:100])

    edges = [{key(line) for line in (*lines[:2], *lines[-2:])} for lines in pages if lines]
    often = {k for k, n in Counter(k for edge in edges for k in edge).items() if 2 * n > len(edges)}
    often = often if len(edges) > 2 else set()
    size = statistics.median(line.size for lines in pages for line in lines for _ in line.text)
    body, footnotes = [], []
    for lines in pages:
        kept = [
            line
            for k, line in enumerate(lines)
            if 2 <= k < len(lines) - 2
            or not (_FURNITURE.fullmatch(line.text[:100]) or key(line) in often)
        ]
        last = len(kept)
        while last > 1 and kept[last - 1].size < 0.9 * size:
            last -= 1
        body += kept[:last]
        footnotes += kept[last:]
    return body, footnotes


_CUT_NUMBER = re.compile(r"[\u4e00-\u9fff].*[\d.,]\n[\d.%％‰亿万千百元]")


def _paragraphs(lines: list[_Line]) -> list[str]:
    """Join lines that run to the right edge, or stop within a number or clause, with the next."""
    if not lines:
        return []
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    for line in lines:
        left[line.page] = min(line.left, left.get(line.page, line.left))
        right[line.page] = max(line.right, right.get(line.page, line.right))
    result = [lines[0].text]
    for before, line in pairwise(lines):
        start, edge = left[before.page], right[before.page]
        full = before.right > edge - 2.5 * before.size
        open_end = before.text[-1] not in "。！？!?：:；;" and before.right > start + 0.6 * (
            edge - start
        )
        indented = line.left > left[line.page] + 1.2 * line.size
        new = indented or abs(line.size - before.size) > 0.1 * line.size
        row = "\t" in before.text or "\t" in line.text
        cut = _CUT_NUMBER.search(f"{before.text[-40:]}\n{line.text[:1]}")
        if not new and (cut or ((full or open_end) and not row)):
            latin = (
                before.text[-1].isascii() and before.text[-1].isalpha() and line.text[0].isalpha()
            )
            result[-1] += (" " if latin else "") + line.text
        else:
            result.append(line.text)
    return result
