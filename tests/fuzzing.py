"""Broken and hostile copies of the project's own fixtures, and a guard that watches what they cost.

The tests take a few hundred of them, ``benchmarks/fuzz.py`` as many as are asked for.
"""

import contextlib
import io
import json
import os
import random
import re
import sys
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import table_twins as twins
from test_documents import FORMATS, PARAGRAPHS, docx, html, pdf, words
from test_memo import write_case
from test_tables import bureau, yearbook

from qhdanalysis import audit, build_memo, load_dataset, read_document, read_table, read_text
from qhdanalysis._assets import DATA
from qhdanalysis.errors import QhdError
from qhdanalysis.memo import verify_memo

SECONDS, MEGABYTES = 2.0, 500.0

# What breaks readers: marks of the formats, numbers at the edge of what a type holds, characters
# without a width or that turn the line round, and halves of Chinese figures.
PIECES = [
    *"<>&\"'=,;\t\n\r\0\x0b\x1b\x7f\x85\ufeff\ufffd\u202e\u2066\u200b\u2028亿万%％年月日（：、",
    "]]>", "<!--", "<![CDATA[", "<table>", "</td>", "<td colspan=99999 rowspan=99999>", "<script>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "&#0;", "&#xD800;", "&#x110000;",
    "<?xml version='9'?>",
    "<w:p>" * 40, "</w:p>", '<w:gridSpan w:val="x"/>', '<w:gridSpan w:val="-7"/>', "<w:tc>",
    "1e999", "-1e-999", "nan", "inf", "9" * 400, "1" * 40 + "亿元", "0x10",
    "\u0663\u066b\u0665", "½", "²", "\u3007", "1,2,3",
    "零点", "点五", "百万亿", "一" * 60, "两三个", "几十", "2023年", "0000年", "9999年13月45日",
    "2023-02-30", "1-8月", "十四五", "增长", "下降", "占", "其中", "同比", "分别",
    "5.2亿元", "个百分点",
    "为100%",
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "'", '"', '""', "\\N", "#REF!", "#DIV/0!",
    "...", "…", "../../etc/passwd", "file:///etc/passwd", "{{ plan }}", "__import__('os')",
    "9**9**9", "null", "true", "[]", "{}", "-0.0", "1e308", '"NaN"',
]  # fmt: skip
HALVES = ["\ud800", "\udfff", "\ud83d", "\udc00\ud800"]


def document_seeds(folder: Path) -> dict[str, bytes]:
    """Give documents of every format: the fixtures of the tests, and the document that we ship."""
    table = "<w:tbl><w:tr><w:tc>" + words("甲县") + "</w:tc><w:tc>" + words("5.2亿元")
    box = "<w:txbxContent>" + words("投资3亿元") + "</w:txbxContent>"
    note = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    body = words(PARAGRAPHS[0]) + f"<w:p><w:r>{box}</w:r>{note}</w:p>" + table
    body += "</w:tc></w:tr></w:tbl>"
    notes = '<w:footnote w:id="1">' + words("按可比价，增长5%") + "</w:footnote>"
    cells = "".join(f"<tr><td>{k}<td>{k}.5亿元" for k in range(9))
    seeds = dict(FORMATS)
    seeds["rich.docx"] = docx(body, footnotes=notes)
    seeds["table.html"] = html(f"<div>{PARAGRAPHS[1]}</div><table>{cells}</table>")
    seeds["plain.pdf"] = pdf("\n\n".join(PARAGRAPHS))
    seeds["reply.txt"] = (DATA / "documents" / "qinhuangdao_reply_2023_277.txt").read_bytes()
    return seeds


def table_seeds(folder: Path) -> dict[str, bytes]:
    """Give tables of every format: yearbooks, exports, pages, old and new workbooks."""
    rows = [["地区", "2021年", "2022年"], ["甲县", "1,234.5", "…"], ["乙县", "2 345.6", 7]]
    head = [["2-1 各县生产总值（亿元）"], *rows, ["注：本表按当年价格计算。"]]
    words_only = [list(map(str, row)) for row in rows]
    second = [["年份", "值（万元）"], [2020, "=1+1"]]
    data = '<Cell ss:MergeDown="0"><Data ss:Type="String">'
    xml = "".join(
        f"<Row>{data}{f'</Data></Cell>{data}'.join(row)}</Data></Cell></Row>" for row in words_only
    )
    files = [
        yearbook(folder / "yearbook.xlsx"),
        bureau(folder / "bureau.csv"),
        twins.lying_xls(folder / "lying.xls"),
        twins.text(folder / "utf8.csv", head),
        twins.text(folder / "tab.txt", head, "utf-16", "\t"),
        twins.book(folder / "two.xlsx", {"一": head, "二": second}),
        twins.word(folder / "word.docx", ["各县生产总值（亿元）"], words_only),
        twins.excel_2003(folder / "excel_2003.xls", xml),
    ]
    cells = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    page = folder / "page.html"
    page.write_bytes(html(f"<p>生产总值（亿元）<table><tr><td colspan=3>表{cells}</table>"))
    return {file.name: file.read_bytes() for file in [*files, page]}


def dataset_seeds(folder: Path) -> dict[str, bytes]:
    """Give files that can stand in for a shipped one, plain and packed."""
    gdp = (DATA / "qhd_gdp.csv").read_bytes()
    short = b"\n".join(gdp.splitlines()[:30])
    packed = (DATA / "nbs_provinces_gdp.csv.gz").read_bytes()
    return {"gdp.csv": short, "nbs.csv.gz": packed, "areas.csv": b"area,year\na,1\nb,2\n"}


def memo_seeds(folder: Path) -> dict[str, bytes]:
    """Give a memo in every format."""
    write_case(folder)
    files = build_memo(folder, lang="zh", out=folder / "out")
    return {file.name: file.read_bytes() for file in files}


def mutated(seed: bytes, dice: random.Random) -> bytes:
    """Break a file: in the parts of an archive, in the values of its evidence, or in its bytes."""
    way = dice.random()
    if seed.startswith(b"PK\x03\x04") and way < 0.7:
        return _mutated_archive(seed, dice)
    if b'id="evidence.json">' in seed and way < 0.7:
        head, mark, rest = seed.partition(b'id="evidence.json">')
        body, end, tail = rest.partition(b"</script>")
        return head + mark + _mutated_json(body, dice) + end + tail
    return _mutated_bytes(seed, dice)


def _mutated_bytes(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 12))):
        at = dice.randrange(len(changed) + 1)
        length = dice.choice((1, 2, 7, 60, 400))
        match dice.randrange(7):
            case 0:
                changed[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[at : at + length]
            case 2:
                there = dice.randrange(len(changed) + 1)
                changed[at:at] = changed[there : there + length]
            case 3:
                changed[at:at] = dice.choice(PIECES).encode() * dice.choice((1, 1, 3, 50))
            case 4:
                changed[at : at + length] = dice.choice(PIECES).encode()
            case 5 if dice.random() < 0.3:
                del changed[at:]
            case _:
                numbers = list(re.finditer(rb"\d+", changed))
                if numbers:
                    found = dice.choice(numbers)
                    changed[found.start() : found.end()] = dice.choice(PIECES).encode()
    return bytes(changed)


def _mutated_archive(data: bytes, dice: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        parts = {name: old.read(name) for name in names}
        chosen = dice.choice([name for name in names if parts[name]])
        part = parts[chosen]
        if b"<evidence" in part[:400]:
            head, mark, rest = part.partition(b'evidence">')
            body, end, tail = rest.partition(b"</evidence>")
            parts[chosen] = head + mark + _mutated_json(body, dice) + end + tail
        else:
            parts[chosen] = _mutated_bytes(part, dice)
        if dice.random() < 0.1:
            parts["../" + chosen] = parts.pop(chosen)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, content in parts.items():
                new.writestr(name, content, dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
    return out.getvalue()


def _mutated_json(body: bytes, dice: random.Random) -> bytes:
    if dice.random() < 0.2:
        return _mutated_bytes(body, dice)
    data = json.loads(body)
    for _ in range(dice.choice((1, 1, 2, 5))):
        places = [
            (box, key)
            for box in _boxes(data)
            for key in (range(len(box)) if isinstance(box, list) else list(box))
        ]
        box, key = dice.choice(places)
        match dice.randrange(4):
            case 0:
                del box[key]
            case 1:
                box[key] = dice.choice(
                    [None, True, [], {}, -1, 0, 10**400, 1e308, float("nan"), "", [[1]], {"a": {}}]
                )
            case _:
                box[key] = dice.choice(PIECES)
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").encode()


def _boxes(data: object) -> list:  # type: ignore[type-arg]
    found, stack = [], [data]
    while stack:
        if isinstance(node := stack.pop(), dict | list):
            found.append(node)
            stack += node.values() if isinstance(node, dict) else node
    return found


def broken_text(seed: str, dice: random.Random) -> str:
    """Break a text, with surrogate halves too, which no file can hold."""
    for _ in range(dice.choice((1, 3, 12))):
        at = dice.randrange(len(seed) + 1)
        piece = dice.choice(PIECES + HALVES) * dice.choice((1, 1, 1, 30))
        seed = seed[:at] + piece + seed[at + dice.choice((0, 0, 1, 9)) :]
    return seed


class Guard:
    """Watches one case: what it raises, how long it takes, what it holds, what it writes."""

    def __init__(self) -> None:
        self.watching = False
        self.written: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if not self.watching:
            return
        opened = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
        made = event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "subprocess.Popen")
        if opened or made or event in ("socket.connect", "socket.getaddrinfo"):
            self.written.append(f"{event} {args[0]}")

    def fault(self, run: Callable[[], object]) -> str:
        """Run one case and say what is wrong with it, '' if nothing is."""
        self.written.clear()
        before, begin = _peak(reset=True), time.process_time()
        self.watching, said = True, ""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                run()
        except QhdError as error:
            if not str(error).strip():
                said = "an error without words"
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            said = f"{type(error).__name__}: {str(error)[:200]}"
        finally:
            self.watching = False
        seconds, held = time.process_time() - begin, _peak() - before
        if seconds > SECONDS:
            said = said or f"{seconds:.1f} s"
        if held > MEGABYTES:
            said = said or f"{held:.0f} MB"
        if self.written:
            said = said or f"wrote or connected: {self.written[0]}"
        return said


def _peak(*, reset: bool = False) -> float:
    """Greatest memory of this process since the last reset, in MB; 0 where Linux does not tell."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


def _document(path: Path) -> None:
    document = read_document(path)
    audit(document)
    assert len(document.warnings) >= 0


def _text(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    document = read_text(text)
    assert len(document.text) == len(text)
    audit(document)


def _dataset(path: Path) -> None:
    name = "qhd_gdp" if path.suffix == ".csv" else "nbs_provinces_gdp"
    load_dataset(name, path=path)
    load_dataset("qhd_areas", path=path)


def text_seeds(folder: Path) -> dict[str, bytes]:
    """Give texts for `read_text`."""
    reply = document_seeds(folder)["reply.txt"].decode()
    return {"own.txt": "\n".join(PARAGRAPHS).encode(), "reply.txt": reply[:1500].encode()}


KINDS: dict[str, tuple[Callable[[Path], dict[str, bytes]], Callable[[Path], object]]] = {
    "documents": (document_seeds, _document),
    "texts": (text_seeds, _text),
    "tables": (table_seeds, read_table),
    "datasets": (dataset_seeds, _dataset),
    "memos": (memo_seeds, verify_memo),
}


def cases(kind: str, folder: Path, guard: Guard, start: int, count: int) -> list[tuple[str, str]]:
    """Run the cases from ``start`` of one kind; give the name and the fault of each bad one.

    Each case has a number of its own and follows from it alone; its file stays in ``folder`` where
    a fault was found.
    """
    (folder / "seeds").mkdir(exist_ok=True)
    make, run = KINDS[kind]
    seeds = make(folder / "seeds")
    names = sorted(seeds)
    for name in names:  # warm: what loads a library is no fault of a case
        _try(run, _put(folder / f"warm-{name}", seeds[name]))
    faults = []
    for number in range(start, start + count):
        dice = random.Random(f"{kind} {number}")
        name = dice.choice(names)
        path = folder / f"{kind}-{number}-{name}"
        if kind == "texts":
            content = broken_text(seeds[name].decode(), dice).encode("utf-8", "surrogatepass")
        else:
            content = mutated(seeds[name], dice)
        _put(path, content)
        if fault := guard.fault(lambda path=path: run(path)):
            faults.append((path.name, fault))
        else:
            os.unlink(path)
    return faults


def _put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _try(run: Callable[[Path], object], path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(QhdError):
            run(path)
    os.unlink(path)
