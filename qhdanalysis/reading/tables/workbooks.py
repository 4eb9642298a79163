"""Workbooks to grids: xlsx and xls by calamine, an xls whose code page lies by xlrd, Excel XML."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.tables.compound import is_sound
from qhdanalysis.reading.tables.grids import BROKEN, Grid, check_size, chosen

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAX_SHEETS = 1_000
_INSIDE = {  # names within a compound file, as they are stored
    "EncryptedPackage": "is protected by a password: save a copy without one and read that",
    "WordDocument": "is an old Word document: save it as .docx",
}
_FAR = re.compile(rb' r="(?:[A-Z]{3}\d+|[A-Z]{1,2}\d{6,})"')
_NO_RESULT = re.compile(rb' r="([A-Z]+\d+)"[^<>]*><f[^<]*(?:</f>|(?<=/)>)?(?:<v\s*/>|<v></v>)?</c>')


def _scan_sheets(path: Path, data: bytes, names: list[str]) -> Iterator[str]:
    """Look at the raw sheets for what calamine would not tell: huge extents, empty formulas."""
    sheets = [name for name in names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    archive = zipfile.ZipFile(io.BytesIO(data)) if sheets else None
    for name in sheets:
        try:
            xml = archive.read(name) if archive else b""
        except BROKEN:
            raise SourceError(f"{path}: {name} is damaged; download it again") from None
        if _FAR.search(xml):
            cells = re.findall(rb' r="([A-Z]+)(\d+)"', xml)
            width = max(sum(26**i * (b - 64) for i, b in enumerate(x[::-1])) for x, _ in cells)
            check_size(path, name, max(int(row) for _, row in cells), width)
        if b"<f" in xml and (empty := _NO_RESULT.findall(xml)):
            yield (
                f"{Path(name).stem}: {len(empty)} formulas without a stored result, read as "
                f"missing ({b', '.join(empty[:5]).decode()}); open the file in Excel and save it"
            )


def workbook_grids(
    path: Path, data: bytes, names: list[str], sheet: str | int | None
) -> list[Grid]:
    """Read a workbook by calamine; an old one whose code page lies by xlrd."""
    import python_calamine as calamine

    for name, what in _INSIDE.items() if data.startswith(OLE) else ():
        if name.encode("utf-16-le") in data and "Workbook".encode("utf-16-le") not in data:
            raise SourceError(f"{path}: {what}")
    notes = list(_scan_sheets(path, data, names))
    if any(name.endswith("vbaProject.bin") for name in names):
        notes.append("the workbook holds macros; they are not run")
    grids: list[Grid] = []
    problem: BaseException | None = None
    if data.startswith(OLE) and not is_sound(data):
        return chosen(path, _xlrd_grids(path, data), sheet)
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        if len(book.sheet_names) > _MAX_SHEETS:
            raise SourceError(f"{path}: has {len(book.sheet_names):,} sheets; split it")
        cells = 0
        for grid in chosen(path, [Grid(name, []) for name in book.sheet_names], sheet):
            page = book.get_sheet_by_name(grid.name)
            cells += page.height * page.width
            check_size(path, grid.name, cells, 1)
            check_size(path, grid.name, page.height, page.width)
            grid.rows, grid.origin = page.to_python(skip_empty_area=True), page.start or (0, 0)
            grid.spans = [(*first, *last) for first, last in page.merged_cell_ranges or []]
            grids.append(grid)
    except calamine.PasswordError:
        raise SourceError(f"{path}: {_INSIDE['EncryptedPackage']}") from None
    except (SourceError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine has a dozen errors, and its panics are no Exception
        problem = error
    if data.startswith(OLE) and (problem or _spoiled(grids)):
        grids, problem = chosen(path, _xlrd_grids(path, data), sheet), None
    if problem:
        raise SourceError(f"{path}: cannot be read ({problem}); open it in Excel and save as .xlsx")
    for grid in grids[:1]:
        grid.notes = notes
    return grids


def _spoiled(grids: Iterable[Grid]) -> bool:
    """Tell text that a lying code page has spoiled: control characters, or accents all over."""
    rows = [cell for grid in grids for row in grid.rows[:200] for cell in row if type(cell) is str]
    text = "".join(rows)
    accents = len(re.findall(r"[\x7f-\xff\ufffd]", text))
    control = re.search(r"[\x00-\x08\x0e-\x1f]", text)
    return bool(control) or (accents > 0.03 * len(text) and not re.search(r"[一-龥]", text))


def _xlrd_grids(path: Path, data: bytes) -> list[Grid]:
    """Read an old workbook under each encoding that its strings can have, until it makes sense."""
    import xlrd

    for encoding in (None, "utf_16_le", "gb18030"):
        grids = []
        try:
            book = xlrd.open_workbook(
                file_contents=data, encoding_override=encoding, logfile=io.StringIO()
            )
            for page in book.sheets():
                grids.append(Grid(page.name, [[""] * page.ncols for _ in range(page.nrows)]))
                for r, row in enumerate(grids[-1].rows):
                    for c, cell in enumerate(page.row(r)):
                        if cell.ctype == xlrd.XL_CELL_DATE:
                            row[c] = xlrd.xldate_as_datetime(cell.value, book.datemode)
                        elif cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER):
                            row[c] = cell.value
        except Exception:  # xlrd has errors of every kind for a damaged file
            continue
        if not _spoiled(grids):
            return grids
    raise SourceError(
        f"{path}: is damaged, or the code page that it states is wrong; open it in Excel or WPS "
        "and save it as .xlsx"
    )


def xml_grids(path: Path, text: str) -> list[Grid]:
    """Read Excel 2003 XML: cells follow each other, or say at which row and column they stand."""
    from lxml import etree

    space = "{urn:schemas-microsoft-com:office:spreadsheet}"

    def number(node: Any, name: str, least: int) -> int:
        return max(int(node.get(space + name, least)), least)

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    grids = []
    try:
        root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", text).encode(), parser)
        if root.getroottree().docinfo.doctype:
            raise SourceError(f"{path}: declares entities; save it as .xlsx")
        for sheet in root.iterfind(f"{space}Worksheet"):
            grid = Grid(sheet.get(f"{space}Name", ""), [])
            for row in sheet.iterfind(f"{space}Table/{space}Row"):
                top, line = number(row, "Index", len(grid.rows) + 1) - 1, list[Any]()
                for cell in row.iterfind(f"{space}Cell"):
                    left = number(cell, "Index", len(line) + 1) - 1
                    right = left + number(cell, "MergeAcross", 0)
                    bottom = top + number(cell, "MergeDown", 0)
                    check_size(path, grid.name, bottom + 1, right + 1)
                    if right > left or bottom > top:
                        grid.spans.append((top, left, bottom, right))
                    line += [""] * (left - len(line)) + [_xml_value(cell.find(f"{space}Data"))]
                    line += [""] * (right - left)
                    if cell.get(f"{space}Formula") and not len(cell):
                        where = f"row {top + 1}, column {left + 1}"
                        grid.notes.append(f"{grid.name}: a formula without a result in {where}")
                grid.rows += [[] for _ in range(top - len(grid.rows))] + [line]
            grids.append(grid)
    except (etree.LxmlError, ValueError) as problem:
        raise SourceError(f"{path}: damaged Excel XML ({problem}); save it as .xlsx") from None
    return grids


def _xml_value(data: Any) -> str | float:
    """Give a number as stored, everything else as words; a day without its time."""
    if data is None:
        return ""
    words = "".join(data.itertext())
    kind = data.get("{urn:schemas-microsoft-com:office:spreadsheet}Type")
    return float(words) if kind == "Number" else words.removesuffix("T00:00:00.000")
