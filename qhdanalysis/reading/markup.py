"""Text of HTML pages and DOCX files: paragraphs one a line, table cells apart by tabs."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from qhdanalysis.errors import SourceError

MAX_UNPACKED = 200_000_000
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_BLOCK = re.compile(
    "address|article|blockquote|body|br|caption|center|dd|div|dl|dt|fieldset|figcaption|figure|form|"
    "h[1-6]|header|hr|li|main|ol|p|pre|section|table|tbody|tfoot|thead|tr|ul"
)
_DROPPED = re.compile(
    "aside|audio|button|canvas|datalist|footer|head|iframe|input|math|menu|nav|noscript|object|"
    "option|script|select|style|svg|template|textarea|title|video"
)
_MENU = re.compile(
    r"(?:^|[\s_-])(?:nav\w*|menu\w*|bread\w*|crumbs?|foot\w*|sidebar|copyright|share\w*|pag(?:er|ination)|"
    r"toolbar|friend\w*|related|hidden)(?=$|[\s_-])",
    re.IGNORECASE,
)
_TITLES = re.compile(r"[-_|—]\s*[^-_|—]{0,30}(?:政府|网站?|门户|平台|局|委员会)[^-_|—]{0,10}$")


def html_text(text: str, name: str = "the page") -> tuple[str, str]:
    r"""Text and title of a page, without navigation, scripts and what is hidden.

    Inline elements join what they cut in two; white space in the source is no white space between
    Chinese characters.

    Raises
    ------
    SourceError
        If the page is nested so deeply that a part would be lost.

    Examples
    --------
    >>> html_text("<nav>首页</nav><p>投资<b>5</b>.2\n亿元</p><table><tr><td>甲县<td>3</table>")[0]
    '投资5.2亿元\n甲县\t3'
    """
    from lxml import etree, html

    parser = html.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8", huge_tree=True
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing but a declaration or a comment
        return "", ""
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise SourceError(f"{name}: nested too deeply. Open it in a browser and save its text.")
    heads = [h for h in root.iter("h1") if h.text_content().strip()]
    title = heads[0] if len(heads) == 1 else root.find(".//title")
    called = "" if title is None else re.sub(r"\s+", " ", title.text_content()).strip()
    parts = "".join(_html_parts(root))
    # A line break in the source is nothing beside a Chinese character, elsewhere a space; \x01
    # stands for the breaks that count.
    parts = re.sub(rf"(?<=[{_CJK}\d%])[^\S\t\x01]+(?=[{_CJK}\d])", _soft_break, parts)
    parts = re.sub(r"[^\S\t\x01]+", " ", parts)
    parts = re.sub(r"[ \t\x01]+", lambda m: "\n" if "\x01" in m[0] else m[0], parts)
    return re.sub(r" *\t *", "\t", parts).strip(), _TITLES.sub("", called)


def _soft_break(space: re.Match[str]) -> str:
    around = space.string[space.start() - 1] + space.string[space.end()]
    return "" if "\n" in space[0] and not around.isascii() else space[0]


def _html_parts(root: Any) -> Iterator[str]:
    from lxml import etree

    walker = etree.iterwalk(root, events=("start", "end"))
    for event, node in walker:
        if event == "start":
            if _is_menu(node):
                walker.skip_subtree()
                continue
            yield ("\x01" if _BLOCK.fullmatch(node.tag) else "") + (node.text or "").replace(
                "\x01", " "
            )
        else:
            if not _is_menu(node):
                yield (
                    "\x01"
                    if _BLOCK.fullmatch(node.tag)
                    else "\t"
                    if node.tag in ("td", "th")
                    else ""
                )
            yield (node.tail or "").replace("\x01", " ")


def _is_menu(node: Any) -> bool:
    """Whether an element is no part of what the page says."""
    if not isinstance(node.tag, str) or _DROPPED.fullmatch(node.tag):
        return True
    style = (node.get("style") or "").replace(" ", "").lower()
    if node.get("hidden") is not None or "display:none" in style:
        return True
    called = f"{node.get('class') or ''} {node.get('id') or ''}"
    if node.tag in ("body", "html") or not (node.tag == "ul" or _MENU.search(called)):
        return False
    links = sum(len(a.text_content()) for a in node.iter("a"))
    words = len("".join(node.itertext()).strip())
    return (bool(_MENU.search(called)) and words < 400) or words < 2 * links


_STOP = frozenset({"Fallback", "del", "moveFrom", "instrText", "delText", "rt", "pict"})


def docx_parts(data: bytes, name: str) -> dict[str, Any]:
    """Give the parts of a DOCX that hold words, its body first.

    Raises
    ------
    SourceError
        If the file is damaged, no Word document, or would unpack to more than is safe.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parts: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise SourceError(
                    f"{name}: unpacks to more than is read (a zip bomb?). Not opened."
                )
            main = next((n for n in names if re.fullmatch(r"word/document\d*\.xml", n)), None)
            if main is None:
                kind = "a workbook: use read_table" if "xl/workbook.xml" in names else "no DOCX"
                raise SourceError(f"{name}: a zip archive, but {kind}. Save the text as .docx.")
            for part in (main, "word/footnotes.xml", "word/endnotes.xml", "docProps/core.xml"):
                if part in names:
                    parts[part] = etree.fromstring(archive.read(part), parser)
                    if parts[part].getroottree().docinfo.doctype:
                        raise SourceError(f"{name}: {part} declares entities. Not opened.")
    except (
        zipfile.BadZipFile,
        etree.LxmlError,
        zlib.error,
        EOFError,
        RuntimeError,
        ValueError,
        OSError,
    ) as error:
        raise SourceError(
            f"{name}: the DOCX is damaged, cut or encrypted ({error}). Open it in Word or WPS and "
            "save it again as .docx."
        ) from None
    return parts


def docx_text(data: bytes, name: str) -> tuple[str, str]:
    """Text and title of a DOCX: paragraphs, tables, text boxes and footnotes in their places.

    A text box or footnote follows the paragraph that it hangs on.
    """
    parts = docx_parts(data, name)
    notes = {
        (_local(note), _get(note, "id")): note
        for part in ("word/footnotes.xml", "word/endnotes.xml")
        if part in parts
        for note in parts[part]
        if _get(note, "type") in ("", "normal")
    }
    lines = list(_docx_lines(next(iter(parts.values())), notes))
    core = parts.get("docProps/core.xml")
    title = (
        next((n.text or "" for n in core.iter() if _local(n) == "title"), "")
        if core is not None
        else ""
    )
    return "\n".join(lines), title


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _get(node: Any, name: str) -> str:
    return next((value for key, value in node.items() if key.rpartition("}")[2] == name), "")


def _docx_lines(node: Any, notes: dict[tuple[str, str], Any]) -> Iterator[str]:
    """Lines of a body, a cell, a text box or a note."""
    for child in node:
        tag = _local(child)
        if tag == "p":
            words, hanging = docx_words(child)
            yield "".join(words)
            for other in hanging:
                found = notes.pop(
                    (_local(other).removesuffix("Reference"), _get(other, "id")), None
                )
                other = other if _local(other) == "txbxContent" else found
                if other is not None:
                    yield from _docx_lines(other, notes)
        elif tag == "tr":
            cells = [c for c in child.iter() if _local(c) == "tc" and c.getparent() is child]
            yield "\t".join(" ".join(_docx_lines(cell, notes)) for cell in cells)
        elif tag and tag not in _STOP:
            yield from _docx_lines(child, notes)


def docx_words(paragraph: Any) -> tuple[list[str], list[Any]]:
    """Words of a paragraph, and the text boxes and footnote marks that hang on it."""
    words: list[str] = []
    hanging: list[Any] = []
    stack = list(reversed(paragraph))
    while stack:
        node = stack.pop()
        tag = _local(node)
        if tag in ("txbxContent", "footnoteReference", "endnoteReference"):
            hanging.append(node)
        elif tag == "t":
            words.append(node.text or "")
        elif tag in ("tab", "br", "cr", "noBreakHyphen"):
            words.append({"tab": "\t", "noBreakHyphen": "-"}.get(tag, "\n"))
        elif (
            tag
            and tag not in _STOP - {"pict"}
            and not any(_local(n) == "vanish" for n in node.iterfind("{*}rPr/*"))
        ):
            stack.extend(reversed(node))
    return words, hanging
