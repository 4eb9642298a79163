"""From the bytes of a file to clean text: txt now, html, docx and pdf by their own rules.

The bytes decide what a file is, never its name. What is repaired on the way (control characters,
radical code points, pages without text) is said in the notes.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.markup import docx_text, html_text
from qhdanalysis.reading.pdf import pdf_text

MAX_BYTES = 100_000_000


@dataclass
class Extract:
    """Text of a file with what its format knows of it."""

    text: str
    notes: list[str] = field(default_factory=list)
    title: str = ""
    tables: bool = False


# Radical code points stand in PDF text layers for the characters they look like. NFKC maps the
# Kangxi block and the compatibility ideographs; the supplement needs Unicode's list of equivalents
# (EquivalentUnifiedIdeograph.txt), here for those that are whole characters.
_SUPPLEMENT = dict(
    zip(
        "⺁⺄⺈⺊⺌⺎⺒⺓⺕⺜⺝⺟⺠⺧⺩⺬⺮⺶⻁⻃⻄⻅⻆⻉⻋⻌⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻞⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "厂乙刀卜小兀巳幺彐日月母民牛王示竹羊虎覀西见角贝车辶長镸长门雨青韦页风飞食食马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
_PLAIN = {ord(c): plain for c, plain in _SUPPLEMENT.items()} | {
    code: plain
    for block in (range(0x2F00, 0x2FD6), range(0xF900, 0xFAFF))
    for code in block
    if len(plain := unicodedata.normalize("NFKC", chr(code))) == 1 and plain != chr(code)
}
_RADICAL = re.compile("[⺀-⿕豈-﫿]")
# Everything that prints nothing, but tab, line feed and carriage return; halves of surrogates too.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def clean(text: str) -> tuple[str, list[str]]:
    r"""Put plain characters for radicals and spaces for control characters, one for one.

    Returns
    -------
    tuple of (str, list of str)
        The text, as long as before, so that offsets hold; and what was done.

    Examples
    --------
    >>> clean("⽣产总值\x0b5亿元")
    ('生产总值 5亿元', ['1 control character replaced by a space (U+000B)',
                        '1 radical code point read as plain characters: 生'])
    """
    notes = []
    if found := _CONTROL.findall(text):
        codes = ", ".join(sorted({f"U+{ord(c):04X}" for c in found}))
        some = "1 control character replaced by a space"
        many = f"{len(found)} control characters replaced by spaces"
        notes.append(f"{some if len(found) == 1 else many} ({codes})")
        text = _CONTROL.sub(" ", text)
    if any(ord(c) in _PLAIN for c in _RADICAL.findall(text)):
        plain = text.translate(_PLAIN)
        changed = [(a, b) for a, b in zip(text, plain, strict=True) if a != b]
        which = "".join(sorted({b for _, b in changed}))
        word = "radical code point" if len(changed) == 1 else "radical code points"
        notes.append(f"{len(changed)} {word} read as plain characters: {which[:40]}")
        text = plain
    return text, notes


def extract(data: bytes, name: str) -> Extract:
    """Text of a file, whatever its name says: by its bytes txt, html, docx or pdf.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What errors call it.

    Raises
    ------
    SourceError
        If the file is empty, binary, in an old or foreign format, or cannot be decoded.
    """
    if not data.strip():
        raise SourceError(f"{name}: the file is empty. Save or download it again.")
    for magic, what in {**FOREIGN, b"\xd0\xcf\x11\xe0": _OLD}.items():
        if data.startswith(magic):
            raise SourceError(f"{name}: {what}")
    start = data[:1024].lstrip()
    if b"%PDF-" in start:
        return Extract(*pdf_text(data, name))
    marked = start.startswith(b"PK\x03\x04")
    if marked:
        text, title = docx_text(data, name)
    else:
        text, title = decode(data, name).replace("\r\n", "\n").replace("\r", "\n"), ""
        if marked := bool(_HTML.search(text[:2000])):
            text, title = html_text(text, name)
    if not text.strip():
        raise SourceError(
            f"{name}: holds no text (pictures only, or filled in by a script?). "
            "Open it and save its text."
        )
    return Extract(text, title=title, tables=marked and "\t" in text)  # cells stand apart by tabs


_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|div|table|p|meta|title)\b", re.IGNORECASE)
_OLD = (
    "an old Office file (Word 97-2003 .doc, whatever its name). "
    "Open it in Word or WPS and save it as .docx."
)
FOREIGN = {
    b"{\\rtf": "a rich text file (RTF). Open it in Word or WPS and save it as .docx.",
    b"\x89PNG": "a picture (PNG), not text. Run text recognition (OCR) on it first.",
    b"\xff\xd8\xff": "a picture (JPEG), not text. Run text recognition (OCR) on it first.",
    b"Rar!": "an archive (RAR). Unpack it and read the files in it.",
    b"7z\xbc\xaf": "an archive (7z). Unpack it and read the files in it.",
    b"\x1f\x8b": "an archive (gzip). Unpack it and read the file in it.",
    b"MIME-Version": "a web archive (.mht). Open it in Word, WPS or Excel and save it anew.",
}


def decode(data: bytes, name: str) -> str:
    """Decode strictly: UTF-16 with BOM, UTF-8 with or without, then GB 18030.

    Short Chinese files fool every detector of encodings; three strict trials do not guess.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What errors call it.

    Raises
    ------
    SourceError
        Naming the first byte that fits none of the encodings.

    Examples
    --------
    >>> decode("增长5%".encode("gb18030"), "a.txt")
    '增长5%'
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise SourceError(
                f"{name}: begins as UTF-16, but byte {error.start} does not fit. "
                "The file is cut or damaged: fetch it again, or save it as UTF-8."
            ) from None
    if (nul := data.find(0)) >= 0:
        raise SourceError(
            f"{name}: a binary file (zero byte at {nul}), neither text nor a workbook. "
            "If it is UTF-16 text without byte order mark, save it as UTF-8."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = error.start
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name}: neither UTF-8 (byte {place} does not fit) nor GB 18030 (byte {error.start}). "
            "Open it in the program that made it and save it as UTF-8."
        ) from None
    letters = [c for c in text[:20_000] if c > "\x7f" and unicodedata.category(c)[0] in "LC"]
    hanzi = sum("\u4e00" <= c <= "\u9fff" and bool(c.encode("gb2312", "ignore")) for c in letters)
    if 2 * hanzi < len(letters):  # Big5, a Latin code page or noise, which GB 18030 also decodes
        raise SourceError(
            f"{name}: not UTF-8 (byte {place} does not fit), and no Chinese text as GB 18030. "
            "Open it in the program that made it and save it as UTF-8."
        )
    return text
