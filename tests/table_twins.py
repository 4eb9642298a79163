"""Small invented tables with the faults of real ones, written where a test wants them."""

import base64
import csv
import datetime as dt
import io
import zipfile
import zlib
from pathlib import Path

import xlsxwriter

# An old workbook (2023年各县主要指标, two counties, two indicators) whose code-page record says 936
# although its text is UTF-16: calamine reads rubbish from it.
LYING_XLS = r"""
c-rk)O-PhM7=C8HT~}>gS6u@QOayH;52lyMbo-$^wXAKRNtAyJg|f<`hq|blP=_Fh4n+hDLUpma^h3qgtwW&XAqaxqJa!5SI
=K7w&b!}7T6=Jzq@Q^{=AC!mnP+~!nRjNsZ)veC8Glfn!Vl<#fs9#%f;Bclp~y~nLHVYsR68!DU~2qTC@Q3hEO6p!$!nLILp
9$iNZfb4Bnf<=a0259jzuH2n}`F{`W<6Hs6KR%6u3zi530CV<t&F-R<OLsC7-d}$Ck@1JE&|@^kFd&Y}#$D;$B(Dc^;^GA2H
`0TXvxmuhc4@x+1b=o!B2cGcfvRX4E*`m<P>US0oyV4U8t?qY0eH7qb@lY<ud9T5aE4y8zk0uD82#*sn?lFb%Vx7x*09NE<3
git$KvXcc|zjw)<{XhjQJ(T0hWj$?^%dvNBGYsht)h%G&P!o}HW`{eCld;i{$ABo_>?nYWC;#Tj}H9zXns1|$cWFkz_@nC`&
w3)N>d)GOC2|I<G<S<HEFJss6()PZ3_tTprgQ37FwoLPepFI}p)kt7sMlp!&;T#7`HKZnH>|}YKYu(0rHA^3Ll;Va^rKKF6<
uVsIw}IMeV=M=DtkM0X&wcEETr;;4Xe521D|ODd@HP-f9UW7{#8=NOnnkm?ab4j_z>bBrg}i53_0x7zD81I$OzZ3`MH<Ddma
$YN1dncg3Be_l%%<%3mrY4Z85UdSU`uAJ_x7B7sMsrUWvif*S2EAY!84fWw0H*ddM+y4a@sT{I%PQ?s>*3|{ElL1XlQ6?XlQ
6?{AW-XRcT$))wR=UeFnI!|2lMgG&A})$v=yu7^7!`K1>fGN^uNl^IAV!;S_dVVuKv}f1yGTwI0I=2Du+2d9PpkND^zuvtgq
5*SS!>?Pv1o=WlNR8;#@J9s
"""


def lying_xls(path: Path) -> Path:
    """Write the old workbook whose code page lies."""
    path.write_bytes(zlib.decompress(base64.b85decode("".join(LYING_XLS.split()))))
    return path


def text(path: Path, rows: list[list[object]], encoding: str = "utf-8", mark: str = ",") -> Path:
    """Write separated text."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=mark).writerows(rows)
    return path


def book(
    path: Path,
    sheets: dict[str, list[list[object]]],
    merged: dict[str, list[tuple[int, int, int, int]]] | None = None,
) -> Path:
    """Write a workbook; a text that begins with = is a formula without a stored result."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as out:
        day = out.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = out.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        sheet.write_datetime(
                            i, j, dt.datetime(cell.year, cell.month, cell.day), day
                        )
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(i, j, cell, None, "")
                    elif cell != "":
                        sheet.write(i, j, cell)
            for top, left, bottom, right in (merged or {}).get(name, []):
                sheet.merge_range(top, left, bottom, right, rows[top][left])
    return path


def changed(path: Path, source: Path, member: str, old: bytes, new: bytes) -> Path:
    """Copy a workbook with one of its parts changed."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(name, part.replace(old, new) if name.endswith(member) else part)
    return path


EXCEL_2003 = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet"'


def excel_2003(path: Path, rows: str) -> Path:
    """Write the XML that Excel 2003 and many government sites call .xls, around some rows."""
    space = 'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
    text = f"""<?xml version="1.0" encoding="GBK"?><?mso-application progid="Excel.Sheet"?>
        <Workbook {EXCEL_2003} {space}><Worksheet ss:Name="表1"><Table>{rows}</Table></Worksheet>
        </Workbook>"""
    path.write_bytes(text.encode("gb18030"))
    return path


def word(path: Path, before: list[str], rows: list[list[str | tuple[str, str]]]) -> Path:
    """Write the least document that Word opens: paragraphs and one table.

    A cell is its words, or its properties and its words.
    """
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def paragraph(line: str) -> str:
        return f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>"

    def cell(given: str | tuple[str, str]) -> str:
        merged, words = ("", given) if isinstance(given, str) else given
        return f"<w:tc><w:tcPr>{merged}</w:tcPr>{paragraph(words)}</w:tc>"

    cells = "".join(f"<w:tr>{''.join(map(cell, row))}</w:tr>" for row in rows)
    body = f"{''.join(map(paragraph, before))}<w:tbl>{cells}</w:tbl>"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(
            "word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>"
        )
    return path


def bomb(path: Path) -> Path:
    """Write an archive that would unpack to a hundred million bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", "<x/>")
        out.writestr("xl/worksheets/sheet1.xml", b" " * 100_000_000)
    path.write_bytes(buffer.getvalue())
    return path
