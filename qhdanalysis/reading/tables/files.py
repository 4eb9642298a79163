"""What a file is by its bytes, whatever its name says, and its tables as grids."""

import csv
import io
import re
import zipfile
from pathlib import Path

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.formats import FOREIGN, decode
from qhdanalysis.reading.tables.grids import BROKEN, Grid, check_size, chosen
from qhdanalysis.reading.tables.pages import docx_grids, html_grids
from qhdanalysis.reading.tables.workbooks import OLE, workbook_grids, xml_grids
from qhdanalysis.records import unguard

_MAX_BYTES, _MAX_UNPACKED = 400_000_000, 2_000_000_000
_FORMULA = re.compile(r'^="([^"]*)"$')  # how some programs keep Excel from changing a text
_KEYS = re.compile(r"([\w ,]+)\\\w+\s*")
_PDF = "a PDF: use read_document, or export its table from the program that made it."


def read_grids(path: Path, sheet: str | int | None = None) -> list[Grid]:
    """Read every sheet or table of a file, told apart by its bytes and never by its extension."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
    except (OSError, ValueError) as problem:  # a name with a zero byte is a ValueError
        why = getattr(problem, "strerror", problem)
        raise SourceError(f"{path}: cannot be opened: {why}; check the path") from None
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise SourceError(f"{path}: is empty, or larger than {_MAX_BYTES:,} bytes; get it again")
    for mark, what in {**FOREIGN, b"%PDF": _PDF}.items():
        if data.startswith(mark):
            raise SourceError(f"{path}: {what}")
    names = _members(path, data) if data.startswith(b"PK\x03\x04") else []
    if names or data.startswith(OLE):
        if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
            return chosen(path, docx_grids(path, data), sheet)
        return workbook_grids(path, data, names, sheet)
    text = decode(data, str(path))
    head = text[:4000].lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head and "<html" not in head:
        return chosen(path, xml_grids(path, text), sheet)
    if head.lstrip().startswith("<") and re.search(r"<(table|html|!doctype|body|meta|p|div)", head):
        return chosen(path, html_grids(path, text), sheet)
    return [_text_grid(path, text)]


def _text_grid(path: Path, text: str) -> Grid:
    """Read separated text: the separator is the mark that cuts most lines alike."""
    text = text.replace("\t,", ",")  # some programs end a cell with both
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    counts = {mark: [line.count(mark) for line in lines] for mark in "\t,;|，"}
    common = {m: max(set(n) - {0}, key=n.count, default=0) for m, n in counts.items()}
    mark = max(counts, key=lambda m: counts[m].count(common[m]) * common[m])
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True)
        rows = [[unguard(_FORMULA.sub(r"\1", cell)) for cell in row] for row in reader]
    except csv.Error as problem:
        raise SourceError(f"{path}: broken separated text: {problem}; save it anew") from None
    keys = _KEYS.fullmatch(rows[0][0]) if rows and rows[0] else None
    more = keys[1].count(",") if keys else 0
    if keys:  # freq,unit,geo\\TIME_PERIOD over A,EUR_HAB,AT11: several columns in one
        rows[0][0] = keys[1]
        rows = [[*row[0].split(",", more), *row[1:]] for row in rows if row]
    check_size(path, "the text", len(rows), max(map(len, rows), default=0))
    return Grid("", rows, origin=(0, -more), kind="text")


def _members(path: Path, data: bytes) -> list[str]:
    """Refuse broken and bloated archives before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except BROKEN:
        raise SourceError(f"{path}: is cut off or damaged; copy or download it again") from None
    size = sum(member.file_size for member in members)
    if size > min(_MAX_UNPACKED, 1_000_000 + 300 * len(data)):
        raise SourceError(
            f"{path}: would unpack to {size:,} bytes from {len(data):,}; it is not opened. "
            "Save it anew from the program that made it"
        )
    return [member.filename for member in members]
