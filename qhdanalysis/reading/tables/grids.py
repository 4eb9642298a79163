"""Bytes to grids of cells: what kind of file it is, whatever its name says, and what stands where."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qhdanalysis.errors import SourceError
from qhdanalysis.records import unguard

# A county's yearbook is some 10 MB; what is far beyond is no table that somebody typed.
MAX_BYTES = 400_000_000
MAX_UNPACKED = 2_000_000_000
MAX_CELLS = 30_000_000
MAX_SHEETS, MAX_COLUMNS = 1_000, 16_384

_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_FOREIGN = {
    b"%PDF": "a PDF: use read_document, or export its table from the program that made it",
    b"\x89PNG": "a picture: a table in a scan needs text recognition first",
    b"\xff\xd8\xff": "a picture: a table in a scan needs text recognition first",
    b"{\\rtf": "a rich-text document: save it as .docx",
    b"7z\xbc\xaf": "a 7z archive: unpack it first",
    b"Rar!": "a rar archive: unpack it first",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"MIME-Version": "a web archive (.mht): open it in Excel and save as .xlsx",
}
Span = tuple[int, int, int, int]  # first row, first column, last row, last column; from 0


@dataclass
class Grid:
    """One sheet, page table or text file: cells as stored, merged ranges, and where it stands."""

    name: str
    rows: list[list[Any]]
    spans: list[Span] = field(default_factory=list)
    origin: tuple[int, int] = (0, 0)
    above: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kind: str = "sheet"


def read_grids(path: Path, sheet: str | int | None = None) -> list[Grid]:
    """Read every sheet or table of a file, told apart by its bytes and never by its extension."""
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as problem:
        raise SourceError(f"{path}: cannot be opened: {problem.strerror}; check the path") from None
    if data is None:
        raise SourceError(f"{path}: larger than {MAX_BYTES:,} bytes; split it first")
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise SourceError(f"{path}: is empty; copy or download it again")
    for mark, what in _FOREIGN.items():
        if data.startswith(mark):
            raise SourceError(f"{path}: is {what}")
    if data.startswith(_ZIP):
        names = _check_zip(path, data)
        if "word/document.xml" in names:
            return _chosen(path, list(_docx_grids(path, data)), sheet)
        return _workbook(path, data, names, sheet)
    if data.startswith(_OLE):
        if "WordDocument".encode("utf-16-le") in data:
            raise SourceError(f"{path}: is an old Word document; save it as .docx")
        return _workbook(path, data, set(), sheet)
    text = _decode(path, data)
    head = text[:4000].lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        return _chosen(path, list(_xml_grids(path, text)), sheet)
    if head.lstrip().startswith("<") and re.search(r"<(table|html|!doctype|body|meta|p|div)", head):
        return _chosen(path, list(_html_grids(path, text)), sheet)
    return [_text_grid(path, text)]


def _chosen(path: Path, grids: list[Grid], sheet: str | int | None) -> list[Grid]:
    """Keep the sheet that the caller named, by name or by position from 0."""
    if sheet is None:
        return grids
    names = [grid.name for grid in grids]
    if isinstance(sheet, int) and -len(grids) <= sheet < len(grids):
        return [grids[sheet]]
    if sheet in names:
        return [grids[names.index(str(sheet))]]
    raise SourceError(f"{path}: has no sheet {sheet!r}; it has {', '.join(names[:20])}")


def _decode(path: Path, data: bytes) -> str:
    """Decode strictly: UTF-16 by its mark, UTF-8, then GB 18030."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data:
        raise SourceError(f"{path}: is neither text nor a workbook; save it as .xlsx or .csv")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as problem:
            place = problem.start
    raise SourceError(
        f"{path}: is not {' or '.join(encodings)} text (byte {place}); save it as UTF-8"
    )


def _text_grid(path: Path, text: str) -> Grid:
    """Read separated text: the separator is the mark that cuts most lines alike."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    best, mark = 0, ","
    for candidate in "\t,;|，":
        counts = [line.count(candidate) for line in lines]
        common = max(set(counts) - {0}, key=counts.count, default=0)
        if common and (score := counts.count(common) * common) > best:
            best, mark = score, candidate
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
        rows: list[list[Any]] = [[unguard(cell) for cell in row] for row in reader]
    except csv.Error as problem:
        raise SourceError(f"{path}: broken separated text: {problem}; save it anew") from None
    _check_size(path, path.name, len(rows), max(map(len, rows), default=0))
    return Grid("", rows, kind="text")


def _check_size(path: Path, name: str, height: int, width: int) -> None:
    if height * width > MAX_CELLS or width > MAX_COLUMNS:
        raise SourceError(
            f"{path}: {name} spans {height:,} rows by {width:,} columns, more than {MAX_CELLS:,} "
            f"cells or {MAX_COLUMNS:,} columns; delete empty rows and columns and save again"
        )


def _check_zip(path: Path, data: bytes) -> set[str]:
    """Refuse broken and bloated archives before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise SourceError(f"{path}: is cut off or damaged; copy or download it again") from None
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED or size > 1_000_000 + 300 * len(data):
        raise SourceError(
            f"{path}: would unpack to {size:,} bytes from {len(data):,}; it is not opened. "
            "Save it anew from the program that made it"
        )
    return {member.filename for member in members}


_REFERENCE = re.compile(rb' r="([A-Z]+)(\d+)"')
_FAR = re.compile(rb' r="(?:[A-Z]{3}\d+|[A-Z]{1,2}\d{6,})"')
_NO_RESULT = re.compile(rb' r="([A-Z]+\d+)"[^<>]*><f[^<]*(?:</f>|(?<=/)>)?(?:<v\s*/>|<v></v>)?</c>')


def _scan_sheets(path: Path, data: bytes, names: set[str]) -> list[str]:
    """Look at the raw sheets for what the reader would not tell: huge extents, empty formulas."""
    notes: list[str] = []
    if not names:
        return notes
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(n for n in names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n)):
            try:
                xml = archive.read(name)
            except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError):
                raise SourceError(f"{path}: {name} is damaged; download it again") from None
            if _FAR.search(xml):
                cells = _REFERENCE.findall(xml)
                width = 1 + max(_column(letters.decode()) for letters, _ in cells)
                _check_size(path, name, max(int(row) for _, row in cells), width)
            if b"<f" in xml and (empty := _NO_RESULT.findall(xml)):
                cells = ", ".join(cell.decode() for cell in empty[:5])
                notes.append(
                    f"{Path(name).stem}: {len(empty)} formulas without a stored result, read as "
                    f"missing ({cells}); open the file in Excel and save it"
                )
    return notes


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _workbook(path: Path, data: bytes, names: set[str], sheet: str | int | None) -> list[Grid]:
    """Read a workbook by calamine; an old one whose code page lies by xlrd."""
    import python_calamine as calamine

    notes = _scan_sheets(path, data, names)
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        seen = list(enumerate(book.sheet_names))
        if len(seen) > MAX_SHEETS:
            raise SourceError(f"{path}: has {len(seen):,} sheets; pass sheet= or split it")
        wanted = _chosen(path, [Grid(name, [[i]]) for i, name in seen], sheet)
        grids, cells = [], 0
        for index, name in [(grid.rows[0][0], grid.name) for grid in wanted]:
            if book.sheets_metadata[index].typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            page = book.get_sheet_by_index(index)
            cells += page.height * page.width
            _check_size(path, name, cells, 1)
            spans = [(a, b, c, d) for (a, b), (c, d) in page.merged_cell_ranges or []]
            origin = page.start or (0, 0)
            grids.append(Grid(name, page.to_python(skip_empty_area=True), spans, origin))
    except calamine.PasswordError:
        raise SourceError(
            f"{path}: is protected by a password; save a copy without one and read that"
        ) from None
    except SourceError:
        raise
    except Exception as problem:  # calamine has a dozen errors of its own, and panics
        raise SourceError(
            f"{path}: is no workbook that can be read ({problem}); save it as .xlsx"
        ) from None
    if data.startswith(_OLE) and _rubbish(grids):
        grids = _xlrd_grids(
            path, data, {grid.name for grid in grids} if sheet is not None else None
        )
    if grids:
        grids[0].notes += notes
    return grids


def _rubbish(grids: Iterable[Grid]) -> bool:
    """Tell text that a lying code page has spoiled: Latin letters with accents and no Chinese."""
    texts = "".join(
        cell for grid in grids for row in grid.rows[:200] for cell in row if type(cell) is str
    ) + "".join(grid.name for grid in grids)
    odd = len(re.findall(r"[\x00-\x08\x0e-\x1f\x7f-\xff]", texts))
    return odd > 0.03 * len(texts) and not re.search(r"[一-龥]", texts)


def _xlrd_grids(path: Path, data: bytes, wanted: set[str] | None) -> list[Grid]:
    """Read an old workbook under each encoding that its strings can have, until it makes sense."""
    import xlrd

    for encoding in (None, "utf_16_le", "gb18030"):
        try:
            book = xlrd.open_workbook(
                file_contents=data, encoding_override=encoding, logfile=io.StringIO()
            )
        except Exception:  # xlrd has errors of every kind for a damaged file
            continue
        grids = []
        for page in book.sheets():
            rows = [
                [
                    _xlrd_value(page.cell_type(r, c), page.cell_value(r, c), book.datemode)
                    for c in range(page.ncols)
                ]
                for r in range(page.nrows)
            ]
            grids.append(Grid(page.name, rows))
        if not _rubbish(grids):
            return grids
    raise SourceError(
        f"{path}: its text cannot be decoded (the code page of the file is wrong); open it in "
        "Excel or WPS and save it as .xlsx"
    )


def _xlrd_value(kind: int, value: Any, datemode: int) -> Any:
    import xlrd

    if kind == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(value, datemode)
    return "" if kind in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY) else value


Cells = Iterator[tuple[Any, int, int]]  # text, columns covered, rows covered


def _spread(name: str, rows: Iterable[Cells], kind: str) -> Grid:
    """Lay out cells that cover several columns or rows; each value stands once, at the corner."""
    taken: set[tuple[int, int]] = set()
    placed: dict[tuple[int, int], Any] = {}
    spans: list[Span] = []
    height = width = 0
    for r, cells in enumerate(rows):
        column = 0
        height = r + 1
        for value, across, down in cells:
            while (r, column) in taken:
                column += 1
            across, down = min(max(across, 1), 1000), min(max(down, 1), 1000)
            placed[r, column] = value
            if across > 1 or down > 1:
                spans.append((r, column, r + down - 1, column + across - 1))
                taken.update(
                    (r + i, column + j) for i in range(down) for j in range(across) if i or j
                )
            column += across
        width = max(width, column)
        if height * width > MAX_CELLS or len(taken) > MAX_CELLS:
            raise SourceError(f"{name}: a table with more than {MAX_CELLS:,} cells; split it")
    grid = [[placed.get((r, c), "") for c in range(width)] for r in range(height)]
    spans = [(a, b, min(c, height - 1), d) for a, b, c, d in spans]
    return Grid(name, grid, spans, kind=kind)


def _count(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1


def _html_grids(path: Path, text: str) -> Iterator[Grid]:
    """Give each table of a page with the lines that stand before it."""
    from lxml import etree, html

    try:
        page = html.document_fromstring(
            text.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=False)
        )
    except (etree.LxmlError, ValueError) as problem:
        raise SourceError(
            f"{path}: the page cannot be read ({problem}); save it as .xlsx"
        ) from None
    etree.strip_elements(page, "script", "style", "noscript", with_tail=False)
    lines: list[str] = [title.strip() for title in page.xpath("//title//text()") if title.strip()]
    number = 0
    for node in page.iter("table", "p", "h1", "h2", "h3", "h4", "li", "caption", "div"):
        if any(True for _ in node.iterancestors("table")):
            continue
        if node.tag == "table":
            # a table that only arranges other tables on the page holds none itself
            for table in node.xpath("descendant-or-self::table[not(.//table)]"):
                number += 1
                rows = (
                    (
                        (_words(cell), _count(cell.get("colspan")), _count(cell.get("rowspan")))
                        for cell in row.iterchildren("td", "th")
                    )
                    for row in table.iter("tr")
                )
                grid = _spread(f"{number}", rows, "page")
                grid.above = [*lines, *(_words(c) for c in table.iterchildren("caption"))]
                lines = []
                yield grid
        elif (line := _words(node)) and not node.xpath(".//table|.//p|.//div"):
            lines.append(line)
    if number and lines:
        yield Grid("", [], above=lines, kind="page")


def _words(node: Any) -> str:
    return re.sub(r"[ \t\r\n\xa0]+", " ", "".join(node.itertext())).strip(" ")


def _xml_grids(path: Path, text: str) -> Iterator[Grid]:
    """Read a workbook in the XML of Excel 2003."""
    from lxml import etree

    space = "{urn:schemas-microsoft-com:office:spreadsheet}"
    parser = etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        book = etree.fromstring(text.encode(), parser)
    except etree.LxmlError as problem:
        raise SourceError(
            f"{path}: broken Excel 2003 XML ({problem}); open it in Excel and save as .xlsx"
        ) from None

    def cells(row: Any) -> Cells:
        column = 1
        for cell in row.iter(f"{space}Cell"):
            start = _count(cell.get(f"{space}Index"))
            yield from (("", 1, 1) for _ in range(start - column if start > column else 0))
            across = int(cell.get(f"{space}MergeAcross", 0)) + 1
            column = max(column, start) + across
            data = cell.find(f"{space}Data")
            value: Any = "" if data is None else "".join(data.itertext())
            if data is not None and data.get(f"{space}Type") == "Number":
                value = float(value)
            yield value, across, int(cell.get(f"{space}MergeDown", 0)) + 1

    for sheet in book.iter(f"{space}Worksheet"):
        yield _spread(sheet.get(f"{space}Name", ""), map(cells, sheet.iter(f"{space}Row")), "sheet")


def _docx_grids(path: Path, data: bytes) -> Iterator[Grid]:
    """Give each table of a Word document with the paragraphs before it."""
    from lxml import etree

    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = etree.fromstring(archive.read("word/document.xml"), parser)[0]
    except (etree.LxmlError, zipfile.BadZipFile, IndexError, OSError, RuntimeError) as problem:
        raise SourceError(f"{path}: damaged Word document ({problem}); save it again") from None

    def words(node: Any) -> str:
        return "".join(t.text or "" for t in node.iter(f"{space}t")).strip()

    def cells(row: Any) -> Cells:
        for cell in row.iterchildren(f"{space}tc"):
            across = cell.find(f"{space}tcPr/{space}gridSpan")
            yield words(cell), _count(None if across is None else across.get(f"{space}val")), 1

    lines: list[str] = []
    number = 0
    for node in body:
        if node.tag == f"{space}tbl":
            number += 1
            grid = _spread(f"{number}", map(cells, node.iterchildren(f"{space}tr")), "page")
            grid.above, lines = lines, []
            yield grid
        elif line := words(node):
            lines.append(line)
    if number and lines:
        yield Grid("", [], above=lines, kind="page")
    if not number:
        raise SourceError(f"{path}: holds no table; use read_document for its text")
