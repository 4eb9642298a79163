"""The evidence inside a memo, and the words that a reader sees: HTML, DOCX and PDF alike."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from qhdanalysis.errors import SourceError
from qhdanalysis.memo.words import Token, tokens

ATTACHMENT = "evidence.json"
_NAMESPACE = "urn:qhdanalysis:evidence"
_PART = "customXml/item1.xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What Word and LibreOffice ask of a custom part to keep it: its properties, and who points to whom.
_BESIDE = {
    "customXml/itemProps1.xml": f'{_XML}<ds:datastoreItem ds:itemID="{{5D0C6B0E-7C0B-4E57-9C86-'
    f'0F6E6A1D2023}}" xmlns:ds="{_OFFICE}/customXml"><ds:schemaRefs><ds:schemaRef ds:uri="'
    f'{_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>',
    "customXml/_rels/item1.xml.rels": f'{_XML}<Relationships xmlns="{_RELATIONS}"><Relationship '
    f'Id="rId1" Type="{_OFFICE}/relationships/customXmlProps" Target="itemProps1.xml"/>'
    "</Relationships>",
}
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BLOCKS = {"p", "div", "tr", "td", "th", "li", "caption", "figcaption", "figure", "table", "br"}
_BLOCKS |= {f"h{n}" for n in range(1, 7)}
_HIDDEN = {"script", "style", "head", "title"}
_SHORT = 17  # rows, with the head: what is longer may go over pages
_MAX_BYTES = 64_000_000


@dataclass
class Words:
    """Visible text with the stretches of it that belong to a mark or lead to an evidence row."""

    kind: str
    text: str = ""
    marks: list[tuple[int, int, str]] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)  # sha256 of each; a PDF draws, it holds none

    def add(self, text: str) -> None:
        """Add words, folded to their plain forms so that places keep."""
        self.text += unicodedata.normalize("NFKC", text)

    def tokens(self) -> Iterator[tuple[Token, str]]:
        """Find the numbers, each with the innermost mark around it ('' if none)."""
        for token in tokens(self.text):
            inside = [m for m in self.marks if m[0] <= token.start < m[1]]
            yield token, min(inside, key=lambda m: m[1] - m[0])[2] if inside else ""


def packed(evidence: dict[str, Any]) -> str:
    """Write the evidence as JSON that is safe inside HTML and XML and the same on each run."""
    text = json.dumps(evidence, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def put_in_html(page: str, evidence: str) -> str:
    """Add the evidence to a page as a JSON block that browsers do not run."""
    head, end, tail = page.rpartition("</body>")
    block = f'<script type="application/json" id="{ATTACHMENT}">{evidence}</script>\n'
    return head + block + end + tail


def put_in_docx(data: bytes, evidence: str, stamp: tuple[int, ...]) -> bytes:
    """Add the evidence to a DOCX as a custom XML part; all parts get one date."""
    out = io.BytesIO()
    relation = (
        f'<Relationship Id="rIdEvidence" Type="{_OFFICE}/relationships/customXml" '
        f'Target="../{_PART}"/></Relationships>'
    )
    override = (
        '<Override PartName="/customXml/itemProps1.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.customXmlProperties+xml"/></Types>'
    )
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        parts = {name: old.read(name) for name in old.namelist()}
        rels = "word/_rels/document.xml.rels"
        # A row stays on one page.
        body = parts["word/document.xml"].replace(b"<w:trPr>", b"<w:trPr><w:cantSplit />")
        cut = b"<w:tr><w:trPr><w:cantSplit /></w:trPr>"
        body = body.replace(b"<w:tr><w:tc>", cut + b"<w:tc>")
        parts["word/document.xml"] = re.sub(rb"<w:tbl>.*?</w:tbl>", _kept, body, flags=re.DOTALL)
        parts[rels] = parts[rels].replace(b"</Relationships>", relation.encode())
        types = "[Content_Types].xml"
        parts[types] = parts[types].replace(b"</Types>", override.encode())
        parts[_PART] = f'{_XML}<evidence xmlns="{_NAMESPACE}">{evidence}</evidence>'.encode()
        parts |= {name: text.encode() for name, text in _BESIDE.items()}
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, stamp[:6])  # type: ignore[arg-type]
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()


def _kept(table: "re.Match[bytes]") -> bytes:
    """Keep the rows of a short table on one page: each but the last with the next one."""
    *rows, last = table[0].split(b"<w:tr>")
    if len(rows) > _SHORT:
        return table[0]
    style = b'<w:pStyle w:val="Compact" />'
    return b"<w:tr>".join([*(row.replace(style, style + b"<w:keepNext />") for row in rows), last])


def unpack(path: Path) -> tuple[dict[str, Any] | None, Words]:
    """Give the evidence inside a memo (None if there is none) and its visible words.

    Raises
    ------
    SourceError
        If the file is missing, too large, damaged or of another kind.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= _MAX_BYTES else b""
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = getattr(error, "strerror", error)
        raise SourceError(f"{path}: cannot be read ({why}). Check the path.") from None
    if not data:
        raise SourceError(f"{path}: is empty, or larger than {_MAX_BYTES / 1e6:.0f} MB.")
    readers = {b"PK\x03\x04": _from_docx, b"%PDF": _from_pdf}
    read = readers.get(data[:4], _from_html)
    try:
        evidence, words = read(data)
        return (json.loads(evidence) if evidence else None), words
    except SourceError as error:
        raise SourceError(f"{path}: {error}") from None
    except Exception as error:  # parsers of three formats; each has its own errors
        raise SourceError(
            f"{path}: cannot be read as a memo in HTML, DOCX or PDF ({type(error).__name__}: "
            f"{error}). Build it again with `qhd memo`."
        ) from None


def from_page(page: str) -> Words:
    """Give the visible words of an HTML page; the mark of a stretch is its number."""
    from lxml import html

    return _html_words(html.fromstring(page))


def _html_words(root: Any) -> Words:
    words = Words("html")

    def walk(element: Any) -> None:
        if not isinstance(element.tag, str) or element.tag in _HIDDEN:
            return
        start = len(words.text)
        if element.tag == "img":
            words.pictures.add(sha256(element.get("src", "").encode()).hexdigest())
        if element.tag in _BLOCKS:
            words.add("\n")
        words.add(element.text or "")
        for child in element:
            walk(child)
            words.add(child.tail or "")
        mark = element.get("data-n") or ("n" if element.get("class") == "n" else "")
        target = element.get("href", "")
        mark = mark or (target[1:] if target.startswith("#ev-") else "")
        if mark:
            words.marks.append((start, len(words.text), mark))
        if element.tag in _BLOCKS:
            words.add("\n")

    walk(root)
    return words


def _from_html(data: bytes) -> tuple[str, Words]:
    from lxml import html

    text = data.decode("utf-8-sig")
    if "<html" not in text[:2000].lower():
        raise SourceError("is none of HTML, DOCX or PDF. Give a memo that `qhd memo` built.")
    root = html.fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    block = root.find(f".//script[@id='{ATTACHMENT}']")
    return (block.text or "") if block is not None else "", _html_words(root)


def _from_docx(data: bytes) -> tuple[str, Words]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    evidence, words = "", Words("docx")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > 2 * _MAX_BYTES:
            raise SourceError("unpacks to more than a memo can hold. Do not open it.")
        names = archive.namelist()
        for name in names:
            content = archive.read(name) if re.fullmatch(r"customXml/\w+\.xml", name) else b""
            if f'<evidence xmlns="{_NAMESPACE}"'.encode() in content[:300]:
                evidence = etree.fromstring(content, parser).text or ""
        media = (archive.read(name) for name in names if name.startswith("word/media/"))
        words.pictures = {sha256(picture).hexdigest() for picture in media}
        notes = [name for name in ("word/footnotes.xml", "word/endnotes.xml") if name in names]
        roots = [etree.fromstring(archive.read(n), parser) for n in ("word/document.xml", *notes)]
    for paragraph in (p for root in roots for p in root.iter(f"{_W}p")):
        words.add("\n")
        for run in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br"):
            if next(run.iterancestors(f"{_W}p")) is not paragraph:
                continue
            start = len(words.text)
            words.add((run.text or "") if run.tag == f"{_W}t" else " ")
            link = next(run.iterancestors(f"{_W}hyperlink"), None)
            if link is not None and (anchor := link.get(f"{_W}anchor")):
                words.marks.append((start, len(words.text), anchor))
    return evidence, words


def _from_pdf(data: bytes) -> tuple[str, Words]:
    import pypdfium2

    evidence, words = "", Words("pdf")
    document = pypdfium2.PdfDocument(data)
    try:
        for index in range(document.count_attachments()):
            attachment = document.get_attachment(index)
            if attachment.get_name() == ATTACHMENT:
                evidence = bytes(attachment.get_data()).decode("utf-8")
        for page in document:
            # The page number below the text block is no word of the memo.
            text = page.get_textpage().get_text_bounded(bottom=60.0)
            words.add("\n" + text.replace("\ufffe", "").replace("\r", ""))
    finally:
        document.close()
    return evidence, words
