"""Government documents: text whose places never move, and what the document says of itself.

A `Document` keeps the text that was read, character for character, so that every figure can point
at the place it comes from. Its figures are read when first asked for.
"""

import re
import warnings
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.formats import MAX_BYTES, Extract, clean, extract


@dataclass(frozen=True, eq=False)
class Document:
    """A document as it was read.

    Attributes
    ----------
    text : str
        The text; figures point into it by character.
    title, number, publisher, issued : str
        What the document says of itself, '' where it does not. ``number`` is its 文号, or the
        索引号 where it has none; ``issued`` the date of signature, or of publication where that is
        missing or damaged, as ISO date.
    source : str
        File it was read from.
    area : str
        The place it speaks for: the caller's, or the one in title or publisher.
    year : int or None
        The year that the caller gave for what the text leaves open.
    notes : tuple of str
        What was repaired or left out on reading.
    """

    text: str
    title: str = ""
    number: str = ""
    publisher: str = ""
    issued: str = ""
    source: str = ""
    area: str = ""
    year: int | None = None
    notes: tuple[str, ...] = ()

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of the text, one a row, with the columns of the Figures contract."""
        from qhdanalysis.reading.figures import read_figures

        return read_figures(self.text, year=self.year, area=self.area or None, issued=self.issued)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know: the notes, and the damage in the figures, counted by kind."""
        found = self.figures
        if found.empty:
            return (*self.notes, "no figures in this document")
        kinds = found.loc[found["note"].ne(""), "note"].str.split("; ").explode().value_counts()
        return (*self.notes, *(f"{n} x {kind}" for kind, n in kinds.items()))


_LABEL = (
    "(?:发布时间|发布日期|发文日期|成文日期|发布机构|发布单位|发文机关|发文单位|信息来源|来源|"
    "体裁分类|主题分类|文号|发文字号|索引号|字体|浏览|标题|名称)"
)
_VALUE = rf"[:：]?[ \t\u3000]*((?!{_LABEL})[^\s:：]\S*)"
_NUMBER = re.compile(r"(?:文号|发文字号)" + _VALUE)
_INDEX = re.compile(r"索引号" + _VALUE)
_ISSUE_MARK = re.compile(
    r"[\u4e00-\u9fff]{1,10}[\u3014\[\uff3b(（]\d{4}[\u3015\]\uff3d)）]第?\d{1,5}号"
)
_PUBLISHER = re.compile(r"(?:发布机构|发布单位|发文机关|发文单位|信息来源|来源)" + _VALUE)
_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)"
_PUBLISHED = re.compile(r"(?:发布时间|发布日期|发文日期|成文日期)[:：]?\s*" + _DATE)
_SIGNED = re.compile(r"[(（]?\s*" + _DATE + r"\s*日?\s*[)）]?\s*")
_TITLE_END = "。；;，,！!：:"
_OFFICE = re.compile(
    r"[\u4e00-\u9fff()（）·\s]{4,60}(?:局|委|会|府|厅|院|室|办|部|中心|队|社|公司)[\u4e00-\u9fff()（）]{0,14}"
)
_PLACE = re.compile(
    r"(?:对政协|政协|中共|关于|对|致)?"
    r"([\u4e00-\u9fff]{2,7}?(?:自治县|自治州|自治区|地区|省|市|州|盟|县|区|旗))"
)


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _signature(line: str) -> str:
    """Date of a signature line; also of one whose 年, 月, 日 are lost, if only one date fits."""
    if whole := _SIGNED.fullmatch(line):
        return _iso(*whole.groups())
    digits = line.strip("()（） 日")
    if not (digits.isascii() and digits.isdigit() and digits[:2] in ("19", "20")):
        return ""
    rest = digits[4:]
    fits = {_iso(digits[:4], rest[:cut], rest[cut:]) for cut in (1, 2) if 0 < len(rest) - cut < 3}
    # With the last sign lost as well, the day may have had one digit more: not a date for certain.
    return fits.pop() if len(fits := fits - {""}) == 1 else ""


def _metadata(text: str, title: str = "") -> dict[str, str]:
    """Title, number, publisher and date of issue, as far as the text gives them."""
    head = text[:3000]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    if not title and len(lines) > 1 and len(first) <= 80 and first[-1] not in _TITLE_END:
        title = first if not re.search("[。；]", first) else ""
    published = _PUBLISHED.search(head)
    issued = _iso(*published.groups()) if published else ""
    signed = next(filter(None, (_signature(line) for line in lines[:-6:-1])), "")
    if signed and (not issued or signed <= issued):
        issued = signed
    mark = _NUMBER.search(head) or _INDEX.search(head)
    publisher = _PUBLISHER.search(head)
    office = next((line for line in lines[:-6:-1] if _OFFICE.fullmatch(line)), "")
    number = mark[1] if mark else (m[0] if (m := _ISSUE_MARK.search(head[:400])) else "")
    return {
        "title": re.sub(r"\s+", " ", title),
        "number": number,
        "publisher": publisher[1] if publisher else re.sub(r"\s+", "", office),
        "issued": issued,
    }


def _place(title: str, office: str) -> str:
    for words in (title, office):
        if found := _PLACE.search(words):
            return found[1]
    return ""


def _document(extracted: Extract, source: str, year: int | None, area: str | None) -> Document:
    text, notes = clean(extracted.text)
    about = _metadata(text, extracted.title)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    office = next((line for line in lines[:-6:-1] if _OFFICE.fullmatch(line)), "")
    return Document(
        text=text,
        source=source,
        area=area or _place(about["title"], office or about["publisher"]),
        year=year,
        notes=(*extracted.notes, *notes),
        **about,
    )


def read_text(text: str, *, year: int | None = None, area: str | None = None) -> Document:
    """Document from a text in memory.

    Parameters
    ----------
    text : str
        The text. It is kept as long as it is: control characters become spaces and radical code
        points plain characters, one for one, so that offsets also hold for the text given.
    year : int, optional
        Calendar year of what the text does not date (今年, 上半年).
    area : str, optional
        Place of what the text does not place (全市, 我县).

    Returns
    -------
    Document
        Its ``figures`` are read when first asked for.

    Raises
    ------
    SourceError
        If ``text`` is not a str.

    Examples
    --------
    >>> document = read_text("2023年，甲县完成投资5.2亿元。")
    >>> document.figures[["indicator", "value", "unit", "period"]].values.tolist()
    [['完成投资', 5.2, '亿元', '2023']]
    """
    if not isinstance(text, str):
        raise SourceError(
            f"read_text takes a str, not {type(text).__name__}. "
            "Pass a file's path to read_document."
        )
    return _document(Extract(text), "", year, area)


def read_document(
    path: str | Path, *, year: int | None = None, area: str | None = None
) -> Document:
    """Document from a file: txt, html, docx or pdf, as its bytes (not its name) say.

    Parameters
    ----------
    path : str or Path
        The file. Text is UTF-8, UTF-16 with byte order mark, or GB 18030.
    year : int, optional
        Calendar year of what the text does not date (今年, 上半年).
    area : str, optional
        Place of what the text does not place (全市, 我县).

    Returns
    -------
    Document
        With ``source`` the file's name.

    Raises
    ------
    SourceError
        If the file is missing, empty, too large, binary, damaged, in an old format or without a
        text layer; the message says what to do.

    Warns
    -----
    UserWarning
        If a page holds no text, or the file's name speaks of another year or place.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(
                f"{path}: {size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that are "
                "read. Split the document."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file. Check the path and the working folder.") from None
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read ({error.strerror}). Check that it is a file you may read."
        ) from None
    extracted = extract(data, path.name)
    document = _document(extracted, path.name, year, area)
    for note in extracted.notes:
        warnings.warn(f"{path.name}: {note}", UserWarning, stacklevel=2)
    return document
