"""Make the reference documents whose styles and page settings pandoc gives to a memo in DOCX.

    python tools/make_reference_docx.py qhdanalysis/_assets/memo

`reference.zh.docx` follows GB/T 9704-2012 (layout of official documents): A4, top 37 mm, binding
side 28 mm, text block 156 x 225 mm; body 16 pt 仿宋 on exact 29 pt lines, first line indented two
characters; title 22 pt 小标宋; headings 黑体, 楷体, 仿宋; page numbers in 14 pt 宋体 between dashes
on the outer edge. The fonts are named, not shipped: Word and WPS supply them.
`reference.en.docx` is a plain house layout.
"""

import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import docx
import pypandoc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

BODY = ("Normal", "Body Text", "First Paragraph", "Block Text")
SMALL = ("Compact", "Table Caption", "Image Caption", "Caption")
FACES = {
    "zh": {
        "latin": "Times New Roman",
        "body": "仿宋",
        "title": "方正小标宋简体",
        1: "黑体",
        2: "楷体",
        3: "仿宋",
    },
    "en": {"latin": "Calibri", "body": "宋体", "title": "宋体", 1: "宋体", 2: "宋体", 3: "宋体"},
}


def face(style: Any, latin: str, chinese: str, size: float, *, bold: bool = False) -> None:
    """Set both fonts of a style; python-docx alone sets the Latin one."""
    style.font.name, style.font.size = latin, Pt(size)
    style.font.bold, style.font.italic = bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), chinese)
    fonts.set(qn("w:cs"), latin)


def space(style: Any, line: float, before: float = 0, after: float = 0, indent: int = 0) -> None:
    """Set line spacing (points if over 5, else lines) and the first-line indent in characters."""
    layout = style.paragraph_format
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY if line > 5 else WD_LINE_SPACING.MULTIPLE
    layout.line_spacing = Pt(line) if line > 5 else line
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    indents = style.element.get_or_add_pPr().get_or_add_ind()
    indents.set(qn("w:firstLineChars"), str(indent * 100))
    indents.set(qn("w:firstLine"), str(int(indent * 16 * 20)))


def page_number(footer: Any, side: Any, lang: str) -> None:
    """Put a page number between dashes into a footer."""
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    paragraph.style.paragraph_format.space_after = Pt(0)
    for kind, text in (
        ("text", "— "),
        ("begin", ""),
        ("instr", "PAGE"),
        ("end", ""),
        ("text", " —"),
    ):
        run = paragraph.add_run(text if kind == "text" else "")
        face(_Run(run), "宋体" if lang == "zh" else "Calibri", "宋体", 14 if lang == "zh" else 9)
        if kind in ("begin", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif kind == "instr":
            code = OxmlElement("w:instrText")
            code.text = text
            run._r.append(code)


class _Run:
    """A run with the two attributes that `face` asks of a style."""

    def __init__(self, run: Any) -> None:
        self.font, self.element = run.font, run._r


def grid(style: Any) -> None:
    """Rule a table: thicker lines above, below and under the header, thin ones between rows."""
    properties = style.element.find(qn("w:tblPr"))
    borders = OxmlElement("w:tblBorders")
    for side, size in (("top", 12), ("bottom", 12), ("insideH", 4)):
        line = OxmlElement(f"w:{side}")
        for key, value in (
            ("val", "single"),
            ("sz", str(size)),
            ("space", "0"),
            ("color", "808080"),
        ):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    properties.append(borders)


def make(lang: str) -> bytes:
    """Give the reference document of one language."""
    pandoc = Path(pypandoc.__file__).parent / "files" / "pandoc"
    import subprocess

    default = subprocess.run(
        [str(pandoc), "--print-default-data-file", "reference.docx"],
        capture_output=True,
        check=True,
    ).stdout
    document = docx.Document(io.BytesIO(default))
    styles, names = document.styles, FACES[lang]
    zh = lang == "zh"
    latin, size = names["latin"], 16 if zh else 11
    for name in BODY:
        face(styles[name], latin, names["body"], size)
        line, before, after = (29, 0, 0) if zh else (1.2, 6, 3)
        space(styles[name], line, before, after, indent=2 if zh and name != "Normal" else 0)
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    for name in SMALL:
        face(styles[name], latin, names["body"], 9, bold=False)
        space(styles[name], 1.1, before=1, after=1)
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    kept = styles.add_style("Table Kept", WD_STYLE_TYPE.PARAGRAPH)
    kept.base_style = styles["Compact"]
    kept.paragraph_format.keep_with_next = True
    for name in ("Table Caption", "Image Caption"):
        face(styles[name], latin, names[1], 10.5, bold=not zh)
        space(styles[name], 1.2, before=8, after=4)
        styles[name].paragraph_format.keep_with_next = name == "Table Caption"
    for name in ("Captioned Figure", "Figure"):
        space(styles[name], 1.0, before=6)
        styles[name].paragraph_format.keep_with_next = True
    face(styles["Title"], latin, names["title"], 22 if zh else 20, bold=not zh)
    space(styles["Title"], 35 if zh else 1.1, before=0, after=10)
    for name in ("Author", "Date"):
        face(styles[name], latin, names[2], 14 if zh else 11)
        space(styles[name], 24 if zh else 1.1, after=10 if name == "Date" else 0)
    for name in ("Title", "Author", "Date"):
        styles[name].paragraph_format.alignment = (
            WD_ALIGN_PARAGRAPH.CENTER if zh else WD_ALIGN_PARAGRAPH.LEFT
        )
    for level in range(1, 5):
        style = styles[f"Heading {level}"]
        face(style, latin, names[min(level, 3)], size if zh else 15 - 1.5 * level + 1, bold=not zh)
        space(
            style,
            29 if zh else 1.1,
            before=0 if zh else 12,
            after=0 if zh else 4,
            indent=2 if zh else 0,
        )
        style.paragraph_format.keep_with_next = True
    link = styles["Hyperlink"]
    link.font.color.rgb, link.font.underline = RGBColor(0, 0, 0), False
    grid(styles["Table"])
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = (Mm(37), Mm(35)) if zh else (Mm(25), Mm(25))
    section.left_margin, section.right_margin = (Mm(28), Mm(26)) if zh else (Mm(25), Mm(25))
    section.footer_distance = Mm(24 if zh else 12)
    if zh:
        document.settings.odd_and_even_pages_header_footer = True
        page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT, lang)
        page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, lang)
    else:
        page_number(section.footer, WD_ALIGN_PARAGRAPH.CENTER, lang)
    out = io.BytesIO()
    document.save(out)
    return _fixed(out.getvalue())


def _fixed(data: bytes) -> bytes:
    """Give all parts one date, so that the file is the same on each run."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (2012, 6, 29, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return out.getvalue()


if __name__ == "__main__":
    for language in ("zh", "en"):
        target = Path(sys.argv[1]) / f"reference.{language}.docx"
        target.write_bytes(make(language))
        print(target, target.stat().st_size)
