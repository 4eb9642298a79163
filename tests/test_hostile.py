"""Broken and hostile input: only our own errors, bounded time and memory, nothing written."""

import csv
import errno
import http.server
import io
import itertools
import json
import shutil
import socket
import struct
import sys
import threading
import time
import zipfile
import zlib

import fuzzing
import numpy as np
import pandas as pd
import pytest
import python_calamine
import table_twins as twins
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from test_documents import docx, html, words
from test_memo import NOTICE, forged, write_case

import qhdanalysis
from qhdanalysis import (
    audit,
    build_memo,
    datasets,
    describe_table,
    export,
    load_dataset,
    read_document,
    read_table,
    read_text,
    verify_memo,
)
from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.memo.place import put_in_place
from qhdanalysis.reading import markup
from qhdanalysis.reading.tables.compound import is_sound

READERS = [read_document, read_table, verify_memo]
GUARD = fuzzing.Guard()
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TABLE = [["地区", "2022年（亿元）"], ["甲县", 5.5]]


def put(path, content):
    path.write_bytes(content)
    return path


def zipped(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def watched(run):
    """Run under the guard; what it says is wrong, '' where nothing is."""
    return GUARD.fault(run)


# ---- fuzzing


@pytest.mark.parametrize(
    ("kind", "count"),
    [("documents", 120), ("texts", 60), ("tables", 120), ("datasets", 80), ("memos", 60)],
)
def test_broken_fixtures_are_read_or_refused_in_our_words(tmp_path, kind, count):
    assert fuzzing.cases(kind, tmp_path, GUARD, 0, count) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(fuzzing.KINDS))
def test_a_thousand_more_broken_fixtures(tmp_path, kind):
    assert fuzzing.cases(kind, tmp_path, GUARD, 1_000_000, 1000) == []


def too_long():
    begin = time.process_time()
    while time.process_time() - begin < fuzzing.SECONDS + 0.1:
        pass


def test_the_guard_sees_each_kind_of_fault(tmp_path):
    assert watched(lambda: 1 / 0) == "ZeroDivisionError: division by zero"
    assert "wrote" in watched(lambda: (tmp_path / "a").write_bytes(b""))
    assert watched(too_long).endswith(" s")
    if fuzzing._peak():
        assert watched(lambda: b"x" * 700_000_000).endswith(" MB")


pieces = st.sampled_from(fuzzing.PIECES) | st.sampled_from(fuzzing.HALVES) | st.text(max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.lists(pieces, max_size=30))
def test_any_string_of_pieces_keeps_its_length_and_every_figure_its_place(parts):
    text = "".join(parts)
    document = read_text(text)
    audit(document)
    assert len(document.text) == len(text)
    places = document.figures[["start", "end"]].to_numpy()
    assert ((places >= 0) & (places <= len(text))).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(fuzzing.PIECES), min_size=2, max_size=4), max_size=6))
def test_any_table_of_pieces_is_read_or_refused(tmp_path_factory, rows):
    path = twins.text(tmp_path_factory.mktemp("t") / "a.csv", [["地区", "2022年"], *rows])
    try:
        assert read_table(path)["value"].notna().all()
    except SourceError as error:
        assert "a.csv" in str(error)  # noqa: PT017


# ---- faults that fuzzing found, each with its least case


def test_a_word_part_whose_compression_is_damaged_is_refused(tmp_path):
    data = bytearray(docx(words("甲" * 3000)))
    data[len("word/document.xml") + 45] ^= 0xFF  # within the compressed stream
    with pytest.raises(SourceError, match="the DOCX is damaged"):
        read_document(put(tmp_path / "a.docx", bytes(data)))


def test_a_pdf_whose_page_is_none_is_refused(tmp_path):
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"[1 2]",  # where a page should be
    ]
    body = b"".join(b"%d 0 obj%b endobj\n" % (n, part) for n, part in enumerate(parts, 1))
    path = put(tmp_path / "a.pdf", b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF")
    with pytest.raises(SourceError, match="a page of the PDF is damaged"):
        read_document(path)


def test_an_archive_whose_directory_points_before_the_file_is_refused(tmp_path):
    data = bytearray(docx(words("甲")))
    end = data.rindex(b"PK\x05\x06")
    data[end + 16 : end + 20] = struct.pack("<I", end + 900)  # where the directory begins
    for reader in READERS:
        with pytest.raises(SourceError, match=r"a\.docx"):
            reader(put(tmp_path / "a.docx", bytes(data)))


def test_an_old_workbook_whose_sectors_run_in_a_circle_is_refused_at_once(tmp_path):
    data = bytearray(twins.lying_xls(tmp_path / "a.xls").read_bytes())
    assert is_sound(bytes(data))
    fat, directory = struct.unpack_from("<I", data, 76)[0], struct.unpack_from("<I", data, 48)[0]
    struct.pack_into("<I", data, 512 * (fat + 1) + 4 * directory, directory)
    assert not is_sound(bytes(data))
    path = put(tmp_path / "circle.xls", bytes(data))
    with pytest.raises(SourceError, match="damaged, or the code page"):
        read_table(path)
    assert watched(lambda: read_table(path)) == ""


@pytest.mark.parametrize(
    ("place", "value"),
    [(30, 99), (44, 1 << 30), (48, 1 << 20), (68, 1 << 20), (76, 1 << 20), (60, 1 << 20)],
)
def test_an_old_workbook_that_points_beyond_its_end_is_not_followed(tmp_path, place, value):
    data = bytearray(twins.lying_xls(tmp_path / "a.xls").read_bytes())
    struct.pack_into("<I", data, place, value)
    path = put(tmp_path / "far.xls", bytes(data))
    assert watched(lambda: read_table(path)) == ""


def test_a_cell_beyond_the_last_column_of_a_sheet_is_refused_at_once(tmp_path):
    plain = twins.book(tmp_path / "plain.xlsx", {"s": TABLE})
    path = twins.changed(tmp_path / "far.xlsx", plain, "sheet1.xml", b'r="B2"', b'r="NAZZ2"')
    with pytest.raises(SourceError, match="or 16,384 columns"):
        read_table(path)
    assert watched(lambda: read_table(path)) == ""


def test_two_values_of_one_name_in_no_year_are_no_traceback(tmp_path):
    rows = [["地区", "生产总值（亿元）"], ["甲县", 1.5], ["甲县", 2.5], ["甲县", 3.5]]
    with pytest.raises(SourceError, match=r"a\.csv"):
        read_table(twins.text(tmp_path / "a.csv", rows))


@pytest.mark.parametrize("value", [10**400, -(10**400), [[]], {"a": 1}])
def test_a_memo_whose_evidence_holds_an_impossible_number_is_refused(tmp_path, value):
    write_case(tmp_path)
    [page] = build_memo(tmp_path, lang="zh", formats="html", out=tmp_path / "out")

    def change(data):
        data["values"]["plan"]["value"] = value

    bad = forged(page, tmp_path / "bad.html", change)
    with pytest.raises(SourceError, match=r"bad\.html: the evidence inside is damaged"):
        verify_memo(bad)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x1f\x8b\x08\x00" + bytes(6) + b"\xff" * 40, "the file is damaged"),
        (b"area,year,area\na,1,b\n", "the heading 'area' stands twice"),
        (b"area,year\na,inf\n", "year is 'inf', no whole number"),
        (b"area,year\na,2020.5\n", "year is '2020.5', no whole number"),
        (b"area,year\na,1e300\n", "year is '1e300', no whole number"),
        (b"area,year,value\na,2020,1e999\n", "value is '1e999', no number"),
        (b"", "is empty"),
    ],
)
def test_a_dataset_of_ones_own_that_is_broken_is_refused(tmp_path, content, said):
    with pytest.raises(SourceError, match=r"own\.csv") as error:
        load_dataset("qhd_gdp", path=put(tmp_path / "own.csv", content))
    assert said in str(error.value)


# ---- size: what unpacks, expands, nests and spreads


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    bomb = zipped(tmp_path / "a.docx", {"word/document.xml": b" " * (markup.MAX_UNPACKED + 1)})
    with pytest.raises(SourceError, match="zip bomb"):
        read_document(bomb)
    with pytest.raises(SourceError, match="would unpack to"):
        read_table(bomb)
    with pytest.raises(SourceError, match="unpacks to more than a memo"):
        verify_memo(bomb)
    for reader in READERS:
        assert watched(lambda reader=reader: reader(bomb)) == ""


def test_a_bomb_that_lies_about_its_size_is_no_table(tmp_path):
    plain = twins.book(tmp_path / "plain.xlsx", {"s": TABLE})
    filling = b"<si><t>" + b"a" * 60_000_001 + b"</t></si></sst>"
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sst>", filling))
        sizes = {entry.file_size for entry in new.infolist()}
    lie = bomb.read_bytes().replace(struct.pack("<I", max(sizes)), struct.pack("<I", 500))
    assert watched(lambda: read_table(bomb)) == ""
    bomb.write_bytes(lie)
    with pytest.raises(SourceError, match=r"bomb\.xlsx"):
        read_table(bomb)


def test_a_packed_dataset_is_not_unpacked_past_its_bound(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(zlib.compress(b"," * 80_000_000, wbits=31))
    with pytest.raises(SourceError, match="holds more than 30,000,000 bytes"):
        load_dataset("qhd_gdp", path=path)


def test_entities_are_not_expanded(tmp_path):
    names = "abcdefghi"
    inner = "".join(f'<!ENTITY {b} "{f"&{a};" * 12}">' for a, b in itertools.pairwise(names))
    head = f'<!DOCTYPE x [<!ENTITY a "{"a" * 40}">{inner}]>'
    body = f'<w:document {W}><w:body><w:p><w:r><w:t w:x="&i;">&i;</w:t></w:r></w:p></w:body>'
    word = zipped(tmp_path / "a.docx", {"word/document.xml": f"{head}{body}</w:document>"})
    for reader in READERS:
        with pytest.raises(SourceError, match=r"a\.docx"):
            reader(word)
        assert watched(lambda reader=reader: reader(word)) == ""
    plain = twins.book(tmp_path / "plain.xlsx", {"s": TABLE})
    book = twins.changed(
        tmp_path / "a.xlsx", plain, "sharedStrings.xml", b"<sst", f"{head}<sst".encode()
    )
    assert watched(lambda: read_table(book)) == ""


def test_deep_nesting_is_read_or_refused(tmp_path):
    page = put(tmp_path / "a.html", b"<html><body>" + b"<div><table><tr><td>" * 40_000 + b"5")
    word = put(tmp_path / "a.docx", docx("<w:tbl><w:tr><w:tc>" * 20_000))
    evidence = b'<html><body><script id="evidence.json">' + b"[" * 200_000 + b"</script>"
    memo = put(tmp_path / "memo.html", evidence)
    for path in (page, word, memo):
        for reader in READERS:
            assert watched(lambda reader=reader, path=path: reader(path)) == ""
            with pytest.raises(SourceError, match=path.name):
                reader(path)


def test_cells_that_spread_over_a_million_others_are_refused(tmp_path):
    row = "<tr>" + "<td colspan=1000 rowspan=1000>2022年" * 20
    page = put(tmp_path / "a.html", html(f"<table>{row * 20}</table>"))
    with pytest.raises(SourceError, match="spreads over more than 300,000 cells"):
        read_table(page)
    assert watched(lambda: read_table(page)) == ""


@pytest.mark.parametrize(
    "line", ["1" * 400_000, "甲" * 400_000, "5.2亿元" * 10_000, "（" * 100_000]
)
def test_a_very_long_line_takes_its_share_of_time_and_no_more(line):
    assert watched(lambda: audit(read_text(line))) == ""


def test_a_cell_of_a_very_long_line_is_refused(tmp_path):
    path = put(tmp_path / "a.csv", "地区,2022年\n甲县,".encode() + b"1" * 200_000)
    with pytest.raises(SourceError, match="field larger than field limit"):
        read_table(path)


# ---- what reaches out


def test_path_names_in_an_archive_write_nothing(tmp_path):
    plain = twins.book(tmp_path / "plain.xlsx", {"s": TABLE})
    parts = {"../../up.txt": b"x", "/tmp/root.txt": b"x", "C:\\win.txt": b"x"}
    with zipfile.ZipFile(plain) as archive:
        book = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(io.BytesIO(docx(words("甲县完成投资5.2亿元。")))) as archive:
        word = {name: archive.read(name) for name in archive.namelist()}
    table = zipped(tmp_path / "a.xlsx", book | parts)
    document = zipped(tmp_path / "a.docx", word | parts)
    before = sorted(tmp_path.rglob("*"))
    assert watched(lambda: read_table(table)) == ""
    assert watched(lambda: read_document(document)) == ""
    assert read_table(table)["value"].tolist() == [5.5]
    assert read_document(document).figures["value"].tolist() == [5.2]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.fixture
def server():
    """A server on this machine, and what was asked of it."""
    asked = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}", asked
        made.shutdown()


def test_references_to_elsewhere_are_not_followed(tmp_path, server):
    address, asked = server
    page = put(
        tmp_path / "a.html",
        f'<!DOCTYPE html SYSTEM "{address}/dtd"><html><head><base href="{address}">'
        f'<link rel=stylesheet href="{address}/css"><meta http-equiv=refresh '
        f'content="0;{address}/meta"><script src="{address}/js"></script></head><body>'
        f'<iframe src="{address}/frame"></iframe><img src="{address}/img">'
        "<table><tr><td>地区<td>2022年（亿元）<tr><td>甲县<td>5.5</table></body></html>".encode(),
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="t" TargetMode="External" Target="{address}/x"/>'
        "</Relationships>"
    )
    doctype = f'<!DOCTYPE d SYSTEM "{address}/dtd" [<!ENTITY % p SYSTEM "{address}/p"> %p;]>'
    body = words("甲县完成投资5.2亿元。")
    with zipfile.ZipFile(io.BytesIO(docx(body))) as archive:
        inner = archive.read("word/document.xml").decode()
    parts = {"word/document.xml": inner, "word/_rels/document.xml.rels": relation}
    word = zipped(tmp_path / "a.docx", parts)
    dtd = zipped(tmp_path / "b.docx", parts | {"word/document.xml": doctype + inner})
    plain = twins.book(tmp_path / "plain.xlsx", {"s": TABLE})
    with zipfile.ZipFile(plain) as archive:
        book = {name: archive.read(name) for name in archive.namelist()}
    link = "xl/externalLinks/_rels/externalLink1.xml.rels"
    table = zipped(tmp_path / "a.xlsx", book | {link: relation})
    for reader in READERS:
        for path in (page, word, dtd, table):
            try:
                reader(path)
            except QhdError as error:
                assert path.name in str(error)  # noqa: PT017
    assert read_table(page)["value"].tolist() == [5.5]
    assert asked == []


def test_the_suite_has_no_network(no_network):
    with pytest.raises(ConnectionRefusedError, match="without network"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(ConnectionRefusedError, match="without network"):
        socket.getaddrinfo("example.org", 80)
    assert len(no_network) == 2
    no_network.clear()


# ---- what gets in: script, formulas, marks that do not show

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_script_in_text_and_area_names_stays_text(tmp_path):
    document = read_text(f"2023年，{SCRIPT}县完成投资5.2亿元。", area=f"{SCRIPT}县")
    rows = [["地区", "2022年（亿元）"], [f"{SCRIPT}县", 5.5]]
    table = twins.text(tmp_path / "a.csv", [[f"{SCRIPT}情况"], *rows])
    broken = put(tmp_path / "m.html", f"<html><body>{SCRIPT}5.2</body></html>".encode())
    for shown in (document, describe_table(table), verify_memo(broken)):
        page = shown._repr_html_()
        assert "<script" not in page
        assert "<img" not in page
    assert read_table(table)["area"].tolist() == [f"{SCRIPT}县"]


def test_script_in_a_document_runs_in_no_memo(tmp_path):
    write_case(tmp_path)
    notice = NOTICE.replace("示例县重点", f"示例县{SCRIPT}</script>重点", 1)
    (tmp_path / "notice.txt").write_text(notice, encoding="utf-8")
    [page] = build_memo(tmp_path, lang="zh", formats="html", out=tmp_path / "out")
    root = lxml_html.fromstring(page.read_text(encoding="utf-8"))
    assert [each.get("id") for each in root.iter("script")] == ["evidence.json"]
    assert not root.xpath("//img[@onerror] | //*[@onload]")
    assert "alert(1)" in root.text_content()
    assert verify_memo(page).holds


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C x'!A0"]
)
def test_a_formula_in_a_cell_is_text_on_export(tmp_path, cell):
    table = pd.DataFrame({"area": [cell], cell: ["x"], "value": [-1.5]})
    lines = export(table, tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(lines, newline="")) for cell in row]
    assert len(cells) == 6
    assert not any(cell[0] in "=+-@\t\r\n" for cell in cells if cell != "-1.5")
    book = export(table, tmp_path / "a.xlsx")
    with zipfile.ZipFile(book) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    read = python_calamine.load_workbook(book).get_sheet_by_index(0).to_python()
    assert str(read[1][0]).strip() == cell.strip()


def test_marks_that_do_not_show_become_spaces_and_are_said():
    odd = "2023年，甲县\u202e完成\x00投资\u2066\ud83d5.2亿元\x1b，增长\u200f6%。"
    document = read_text(odd)
    assert len(document.text) == len(odd)
    assert document.figures["value"].tolist() == [5.2, 6.0]
    assert document.notes == (
        "6 control characters replaced by spaces (U+0000, U+001B, U+200F, U+202E, U+2066, U+D83D)",
    )


def test_a_null_byte_is_no_text_and_no_name(tmp_path):
    text = put(tmp_path / "a.txt", "投资5亿元\0".encode())
    with pytest.raises(SourceError, match="zero byte"):
        read_document(text)
    with pytest.raises(SourceError, match="neither text nor a workbook"):
        read_table(text)
    for reader in (*READERS, lambda path: load_dataset("qhd_gdp", path=path)):
        with pytest.raises(SourceError, match="null byte"):
            reader("a\0b.txt")


# ---- what a memo states, and what a build leaves behind


def test_a_memo_states_versions_and_checksums(tmp_path):
    write_case(tmp_path)
    [page] = build_memo(tmp_path, lang="en", formats="html", out=tmp_path / "out")
    root = lxml_html.fromstring(page.read_text(encoding="utf-8"))
    evidence = json.loads(root.find(".//script").text)
    made = evidence["about"]["made_with"]
    assert made["qhdanalysis"] == qhdanalysis.__version__
    assert made["pandas"] == pd.__version__
    assert made["numpy"] == np.__version__
    assert made["python"] == sys.version.split()[0]
    assert len(evidence["sources"]["notice"]["sha256"]) == 64


def test_the_shipped_memo_names_its_library_in_words(tmp_path):
    folder = shutil.copytree(ASSETS / "memo" / "new", tmp_path / "new")
    text = (folder / "memo.en.md").read_text(encoding="utf-8")
    if "{{ table sources }}" not in text:
        (folder / "memo.en.md").write_text(f"{text}\n\n{{{{ table sources }}}}\n", encoding="utf-8")
    [page] = build_memo(folder, lang="en", formats="html", out=tmp_path / "out")
    words_there = lxml_html.fromstring(page.read_text(encoding="utf-8")).text_content()
    assert f"qhdanalysis {qhdanalysis.__version__}" in words_there
    assert verify_memo(page, sources=folder).holds


def test_every_shipped_file_has_its_checksum():
    assert len(datasets()) > 5  # reads each file against the sum in the catalogue


def full_disk(*args, **more):
    raise OSError(errno.ENOSPC, "No space left on device", "the disk")


def test_a_full_disk_leaves_the_former_output_whole(tmp_path, monkeypatch):
    write_case(tmp_path)
    out = tmp_path / "out"
    build_memo(tmp_path, lang="zh", formats=["html", "docx"], out=out)
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    copy, calls = shutil.copyfile, []

    def second_fails(source, target):
        calls.append(target)
        return copy(source, target) if len(calls) < 2 else full_disk()

    monkeypatch.setattr(shutil, "copyfile", second_fails)
    with pytest.raises(SourceError, match="No space left on device"):
        build_memo(tmp_path, lang="zh", formats=["html", "docx"], out=out)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    target = export(pd.DataFrame({"value": [1.0]}), tmp_path / "a.csv")
    monkeypatch.setattr(pd.DataFrame, "to_csv", full_disk)
    with pytest.raises(SourceError, match="No space left on device"):
        export(pd.DataFrame({"value": [2.0]}), target)
    assert "1.0" in target.read_text(encoding="utf-8-sig")
    assert not list(tmp_path.glob(".*"))


def test_two_builds_into_one_folder_do_not_mix(tmp_path):
    names = [f"memo.{k}.html" for k in range(20)]
    out = tmp_path / "out"
    out.mkdir()

    def build(which):
        work = tmp_path / which
        work.mkdir()
        for name in names:
            (work / name).write_text(which * 20_000, encoding="ascii")
        for _ in range(20):
            put_in_place(work, out, names)

    threads = [threading.Thread(target=build, args=(which,)) for which in "abc"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for file in out.glob("*.html"):
            assert len(set(file.read_text(encoding="ascii"))) == 1
        time.sleep(0.002)
    assert len({(out / name).read_text(encoding="ascii") for name in names}) == 1
    assert sorted(file.name for file in out.iterdir()) == sorted(names)


def test_the_lock_of_a_dead_build_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("qhdanalysis.memo.place._STALE", 0.05)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".memo.lock").touch()
    (tmp_path / "a").write_text("x", encoding="ascii")
    assert put_in_place(tmp_path, tmp_path / "out", ["a"]) == [tmp_path / "out" / "a"]
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["a"]
