"""Bytes to grids of cells: what a file is, whatever its name says, and what stands where in it."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.tables.compound import is_sound
from qhdanalysis.records import unguard

# A county's yearbook is some 10 MB; what is far beyond is no table that somebody typed.
_MAX_BYTES, _MAX_UNPACKED, _MAX_CELLS = 400_000_000, 2_000_000_000, 30_000_000
_MAX_COLUMNS, _MAX_SHEETS, _MAX_SPREAD = 16_384, 1_000, 300_000

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
_INSIDE = {  # names within a compound file, as they are stored
    "EncryptedPackage": "is protected by a password: save a copy without one and read that",
    "WordDocument": "is an old Word document: save it as .docx",
}
_BROKEN = (
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
)
_FAR = re.compile(rb' r="(?:[A-Z]{3}\d+|[A-Z]{1,2}\d{6,})"')
_NO_RESULT = re.compile(rb' r="([A-Z]+\d+)"[^<>]*><f[^<]*(?:</f>|(?<=/)>)?(?:<v\s*/>|<v></v>)?</c>')


@dataclass
class Grid:
    """One sheet, table of a page, or text: its cells, merged ranges, and the lines before it.

    ``spans`` hold first row, first column, last row and last column from 0, as in the file;
    ``origin`` is the row and column of the file where the cells begin.
    """

    name: str
    rows: list[list[Any]]
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)
    origin: tuple[int, int] = (0, 0)
    above: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kind: str = "sheet"


def read_grids(path: Path, sheet: str | int | None = None) -> list[Grid]:
    """Read every sheet or table of a file, told apart by its bytes and never by its extension."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
    except (OSError, ValueError) as problem:  # a name with a zero byte is a ValueError
        why = getattr(problem, "strerror", problem)
        raise SourceError(f"{path}: cannot be opened: {why}; check the path") from None
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise SourceError(f"{path}: is empty, or larger than {_MAX_BYTES:,} bytes; get it again")
    for mark, what in _FOREIGN.items():
        if data.startswith(mark):
            raise SourceError(f"{path}: is {what}")
    if data.startswith(_ZIP):
        names = _check_zip(path, data)
        if "word/document.xml" in names:
            return _chosen(path, list(_docx_grids(path, data)), sheet)
        return _workbook(path, data, names, sheet)
    if data.startswith(_OLE):
        for name, what in _INSIDE.items():
            if name.encode("utf-16-le") in data and "Workbook".encode("utf-16-le") not in data:
                raise SourceError(f"{path}: {what}")
        return _workbook(path, data, [], sheet)
    text = _decode(path, data)
    head = text[:4000].lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise SourceError(f"{path}: is Excel 2003 XML: open it in Excel or WPS and save as .xlsx")
    if head.lstrip().startswith("<") and re.search(r"<(table|html|!doctype|body|meta|p|div)", head):
        return _chosen(path, list(_html_grids(path, text)), sheet)
    return [_text_grid(path, text)]


def _chosen(path: Path, grids: list[Grid], sheet: str | int | None) -> list[Grid]:
    """Keep the sheet that the caller named, by name or by position from 0."""
    named = [grid for i, grid in enumerate(grids) if sheet in (None, i, grid.name)]
    if sheet is not None and not named:
        names = ", ".join(grid.name for grid in grids[:20])
        raise SourceError(f"{path}: has no sheet {sheet!r}; it has {names}")
    return named


def _decode(path: Path, data: bytes) -> str:
    """Decode strictly: UTF-16 by its mark, UTF-8, then GB 18030."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not marked:
        raise SourceError(f"{path}: is neither text nor a workbook; save it as .xlsx or .csv")
    place = 0
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as problem:
            place = problem.start
    raise SourceError(
        f"{path}: its text is neither UTF-8 nor GB 18030 (byte {place}); save it as UTF-8"
    )


def _text_grid(path: Path, text: str) -> Grid:
    """Read separated text: the separator is the mark that cuts most lines alike."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in ",\t;|，"}
    common = {m: max(set(n) - {0}, key=n.count, default=0) for m, n in counts.items()}
    mark = max(counts, key=lambda m: counts[m].count(common[m]) * common[m])
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
        rows = [[unguard(cell) for cell in row] for row in reader]
    except csv.Error as problem:
        raise SourceError(f"{path}: broken separated text: {problem}; save it anew") from None
    _check_size(path, "the text", len(rows), max(map(len, rows), default=0))
    return Grid("", rows, kind="text")


def _check_size(path: Path, name: str, height: int, width: int) -> None:
    if height * width > _MAX_CELLS or width > _MAX_COLUMNS:
        raise SourceError(
            f"{path}: {name} spans {height:,} rows by {width:,} columns, more than {_MAX_CELLS:,} "
            f"cells or {_MAX_COLUMNS:,} columns; delete empty rows and columns and save again"
        )


def _check_zip(path: Path, data: bytes) -> list[str]:
    """Refuse broken and bloated archives before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except _BROKEN:
        raise SourceError(f"{path}: is cut off or damaged; copy or download it again") from None
    size = sum(member.file_size for member in members)
    if size > min(_MAX_UNPACKED, 1_000_000 + 300 * len(data)):
        raise SourceError(
            f"{path}: would unpack to {size:,} bytes from {len(data):,}; it is not opened. "
            "Save it anew from the program that made it"
        )
    return [member.filename for member in members]


def _scan_sheets(path: Path, data: bytes, names: list[str]) -> Iterator[str]:
    """Look at the raw sheets for what calamine would not tell: huge extents, empty formulas."""
    sheets = [name for name in names if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name)]
    archive = zipfile.ZipFile(io.BytesIO(data)) if sheets else None
    for name in sheets:
        try:
            xml = archive.read(name) if archive else b""
        except _BROKEN:
            raise SourceError(f"{path}: {name} is damaged; download it again") from None
        if _FAR.search(xml):
            cells = re.findall(rb' r="([A-Z]+)(\d+)"', xml)
            width = max(sum(26**i * (b - 64) for i, b in enumerate(x[::-1])) for x, _ in cells)
            _check_size(path, name, max(int(row) for _, row in cells), width)
        if b"<f" in xml and (empty := _NO_RESULT.findall(xml)):
            yield (
                f"{Path(name).stem}: {len(empty)} formulas without a stored result, read as "
                f"missing ({b', '.join(empty[:5]).decode()}); open the file in Excel and save it"
            )


def _workbook(path: Path, data: bytes, names: list[str], sheet: str | int | None) -> list[Grid]:
    """Read a workbook by calamine; an old one whose code page lies by xlrd."""
    import python_calamine as calamine

    notes = list(_scan_sheets(path, data, names))
    if any(name.endswith("vbaProject.bin") for name in names):
        notes.append("the workbook holds macros; they are not run")
    grids: list[Grid] = []
    problem: BaseException | None = None
    if data.startswith(_OLE) and not is_sound(data):
        return _chosen(path, _xlrd_grids(path, data), sheet)
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        if len(book.sheet_names) > _MAX_SHEETS:
            raise SourceError(f"{path}: has {len(book.sheet_names):,} sheets; split it")
        cells = 0
        for grid in _chosen(path, [Grid(name, []) for name in book.sheet_names], sheet):
            page = book.get_sheet_by_name(grid.name)
            cells += page.height * page.width
            _check_size(path, grid.name, cells, 1)
            _check_size(path, grid.name, page.height, page.width)
            grid.rows, grid.origin = page.to_python(skip_empty_area=True), page.start or (0, 0)
            grid.spans = [(*first, *last) for first, last in page.merged_cell_ranges or []]
            grids.append(grid)
    except calamine.PasswordError:
        raise SourceError(f"{path}: {_INSIDE['EncryptedPackage']}") from None
    except (SourceError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # calamine has a dozen errors, and its panics are no Exception
        problem = error
    if data.startswith(_OLE) and (problem or _spoiled(grids)):
        grids, problem = _chosen(path, _xlrd_grids(path, data), sheet), None
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
            if len(taken) > _MAX_SPREAD or len(placed[r]) > _MAX_COLUMNS:
                raise SourceError(
                    f"table {name} spreads over more than {_MAX_SPREAD:,} cells or "
                    f"{_MAX_COLUMNS:,} columns; split it"
                )
        if r * len(placed[r]) > _MAX_CELLS:
            raise SourceError(f"table {name} has more than {_MAX_CELLS:,} cells; split it")
    return Grid(name, placed, spans, above=above, kind="page")


def _html_grids(path: Path, text: str) -> Iterator[Grid]:
    """Give each table of a page with the lines that stand before it."""
    from lxml import etree, html

    def words(node: Any) -> str:
        text = re.sub(r"[ \t\r\n\xa0]+", " ", "".join(node.itertext()))
        return text.replace("\v", "\n").strip(" \n")

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
        end.tail = "\v" + (end.tail or "")
    lines: list[str] = []
    number = 0
    # a table that only arranges other tables and text on the page is none itself
    leaves = set(page.xpath("//table[not(.//table)]"))
    for node in page.iter("title", "table", "p", "h1", "h2", "h3", "h4", "li", "div", "td"):
        if node in leaves:
            number += 1
            above = lines + [words(caption) for caption in node.iterchildren("caption")]
            yield _spread(str(number), map(cells, node.iter("tr")), above)
            lines = []
        elif node.tag == "table" or not leaves.isdisjoint(node.iterancestors("table")):
            continue
        elif words(node) and not node.xpath(".//table|.//p|.//div|.//li|.//h1|.//h2|.//h3"):
            lines.append(words(node))
    if lines:
        yield Grid("", [], above=lines, kind="page")


def _docx_grids(path: Path, data: bytes) -> Iterator[Grid]:
    """Give each table of a Word document with the paragraphs before it."""
    from lxml import etree

    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

    def words(node: Any) -> str:
        return "".join(t.text or "" for t in node.iter(f"{space}t")).strip()

    def cells(row: Any) -> Iterator[tuple[str, int, int]]:
        for cell in row.iterchildren(f"{space}tc"):
            across = cell.find(f"{space}tcPr/{space}gridSpan")
            yield words(cell), 1 if across is None else int(across.get(f"{space}val", 1)), 1

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = etree.fromstring(archive.read("word/document.xml"), parser)[0]
    except (etree.LxmlError, IndexError, *_BROKEN) as problem:
        raise SourceError(f"{path}: damaged Word document ({problem}); save it again") from None
    lines: list[str] = []
    number = 0
    for node in body:
        if node.tag == f"{space}tbl":
            number += 1
            yield _spread(str(number), map(cells, node.iterchildren(f"{space}tr")), lines)
            lines = []
        elif words(node):
            lines.append(words(node))
    yield Grid("", [], above=lines, kind="page")
