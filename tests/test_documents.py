"""Documents: every format gives the text that a person reads, or says why it cannot."""

import io
import time
import warnings
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import SourceError
from qhdanalysis.reading import documents, formats, markup
from qhdanalysis.reading.documents import read_document, read_documents, read_text, to_records

PARAGRAPHS = [
    "关于2023年甲县重点项目建设情况的答复",
    "2023年1-8月，甲县完成固定资产投资31.72亿元，同比增长6.5%；其中工业投资18.4亿元，"
    "占全部投资的58.0%。年内安排重点项目64项，已开工57项，开工率89.1%。",
    "全县实现一般公共预算收入9.86亿元，下降1.2%，完成年初预算的61.4%。",
    "甲县发展和改革局",
    "2023年9月12日",
]
VALUES = [31.72, 6.5, 18.4, 58.0, 64.0, 57.0, 89.1, 9.86, 1.2, 61.4]
SENTENCE = "2023年，全县完成投资5.2亿元。"


def values(document):
    return document.figures["value"].tolist()


def docx(body, **parts):
    """A minimal Word file around the XML of its body."""
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    names += ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {names}><w:body>{body}</w:body></w:document>"
        )
        for name, xml in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {names}>{xml}</w:{name}>")
    return file.getvalue()


def words(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def pdf(markup, page="width: 12cm, height: 9cm, margin: 1.5cm"):
    typst = pytest.importorskip("typst")
    head = f'#set page({page})\n#set text(font: "Qhd Sans SC", size: 10.5pt, lang: "zh")\n'
    fonts = [str(ASSETS / "fonts")]
    return typst.compile((head + markup).encode(), font_paths=fonts, ignore_system_fonts=True)


def html(body):
    return (
        f"<!DOCTYPE html><html><head><title>某页</title></head><body>{body}</body></html>".encode()
    )


FORMATS = {
    "utf8.txt": "\n\n".join(PARAGRAPHS).encode(),
    "bom.txt": "\ufeff".encode() + "\n\n".join(PARAGRAPHS).encode(),
    "utf16.txt": "\n\n".join(PARAGRAPHS).encode("utf-16"),
    "gbk.txt": "\r\n\r\n".join(PARAGRAPHS).encode("gb18030"),
    "page.html": html(
        "<nav><a href=1>首页 100</a></nav><script>var a = '投资7亿元'</script>"
        "<style>p{top:3px}</style>"
        + "".join(f"<p>{text}</p>" for text in PARAGRAPHS).replace(
            "31.72亿元", "31.<b>72</b>亿\n元"
        )
        + "<div class=footer>备案号130300 <a href=2>联系我们</a></div>"
    ),
    "file.docx": docx("".join(map(words, PARAGRAPHS))),
}


@pytest.mark.parametrize("name", [*FORMATS, "file.pdf"])
def test_every_format_gives_the_same_figures_and_metadata(tmp_path, name):
    content = pdf("\n\n".join(PARAGRAPHS)) if name == "file.pdf" else FORMATS[name]
    (tmp_path / name).write_bytes(content)
    document = read_document(tmp_path / name, year=2023)
    assert values(document) == VALUES
    plain = read_text("\n\n".join(PARAGRAPHS))
    columns = ["indicator", "base_value", "kind", "period", "area"]
    assert document.figures[columns].equals(plain.figures[columns])
    assert document.issued == "2023-09-12"
    assert document.publisher == "甲县发展和改革局"
    assert document.area == "甲县"
    assert document.source == name
    for start, end, value in document.figures[["start", "end", "value"]].itertuples(index=False):
        assert f"{value:.15g}" in document.text[start:end]


@pytest.mark.parametrize("name", FORMATS)
def test_the_bytes_decide_the_format_never_the_name(tmp_path, name):
    (tmp_path / "wrong.xls").write_bytes(FORMATS[name])
    assert values(read_document(tmp_path / "wrong.xls")) == VALUES


def test_tables_of_a_page_stand_apart_from_the_prose(tmp_path):
    table = "<tr><th>县</th><th>值</th></tr><tr><td>甲县</td><td>3</td></tr>"
    page = f"<p>投资5亿元</p><table>{table}</table>"
    text, title = markup.html_text(f"<h1>公 报</h1>{page}<ul><li><a>上一篇 8亿元</a></li></ul>")
    assert text == "公 报\n投资5亿元\n县\t值\n甲县\t3"
    assert title == "公 报"


def test_hidden_elements_and_menus_are_no_text_but_a_long_block_of_that_class_is():
    long = "本县完成投资。" * 80
    page = "<p style='display: none'>9亿元</p><div class='menu'>1亿元</div>"
    page += f"<div id=share-1>{long}</div>"
    assert markup.html_text(page)[0] == long


def test_word_tables_text_boxes_footnotes_and_deletions_are_in_their_places(tmp_path):
    box = f"<w:r><w:pict><w:txbxContent>{words('文本框投资2亿元。')}</w:txbxContent></w:pict></w:r>"
    body = (
        "<w:p><w:r><w:t>投资5</w:t></w:r><w:r><w:t>.2亿元</w:t></w:r>"
        '<w:r><w:footnoteReference w:id="3"/></w:r><w:r><w:t>，增长3%。</w:t></w:r>'
        "<w:del><w:r><w:delText>旧9亿元</w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏8亿元</w:t></w:r></w:p>"
        f"<mc:AlternateContent><mc:Choice><w:p>{box}</w:p></mc:Choice>"
        f"<mc:Fallback><w:p>{box}</w:p></mc:Fallback></mc:AlternateContent>"
        f"<w:tbl><w:tr><w:tc>{words('甲县')}</w:tc><w:tc>{words('3')}</w:tc></w:tr></w:tbl>"
    )
    notes = f'<w:footnote w:id="3">{words("含开发区。")}</w:footnote>'
    (tmp_path / "a.docx").write_bytes(docx(body, footnotes=notes))
    text = read_document(tmp_path / "a.docx", area="甲县").text
    assert text == "投资5.2亿元，增长3%。\n含开发区。\n\n文本框投资2亿元。\n甲县\t3"


def test_a_pdf_loses_furniture_and_footnote_marks_and_keeps_numbers_whole(tmp_path):
    body = "".join(
        f"2023年，甲县第{k}批项目完成投资{k}1.25亿元#footnote[含开发区的部分项目。]，"
        f"比上年增长{k}.5%，累计带动就业{k}260人，项目储备库继续扩大，各项工作有序推进。\n\n"
        for k in range(1, 7)
    )
    page = 'width: 12cm, height: 8cm, margin: 1.5cm, header: [甲县人民政府公报], numbering: "— 1 —"'
    (tmp_path / "a.pdf").write_bytes(pdf(body, page))
    document = read_document(tmp_path / "a.pdf")
    found = document.figures.loc[document.figures["unit"].eq("亿元"), "value"].tolist()
    assert found == [11.25, 21.25, 31.25, 41.25, 51.25, 61.25]
    assert "公报" not in document.text
    assert "— 2 —" not in document.text
    assert "亿元，比上年增长" in document.text


def test_lines_of_a_pdf_that_stop_within_a_number_are_joined_and_rows_of_a_table_are_not(tmp_path):
    body = (
        "2023年，甲县完成固定资产投资31. \\\n72亿元，比上年增长6 \\\n.5%。\n\n"
        "#table(columns: (4cm, 4cm), [甲县], [12.5], [乙县], [8.1])"
    )
    (tmp_path / "a.pdf").write_bytes(pdf(body))
    text = read_document(tmp_path / "a.pdf").text
    assert "投资31.72亿元，比上年增长6.5%。" in text
    assert "甲县\t12.5\n乙县\t8.1" in text


def test_radical_code_points_are_read_as_plain_characters_one_for_one():
    # Unicode 15, CJK Radicals Supplement and Kangxi Radicals: the same words typed both ways
    odd, plain = (
        "⼀季度，全县⽣产总值58.4亿元，同⽐增⻓6.3%，居⺠⼈均7480元。",
        "一季度，全县生产总值58.4亿元，同比增长6.3%，居民人均7480元。",
    )
    document = read_text(odd, year=2023)
    assert document.text == plain
    assert document.figures.equals(read_text(plain, year=2023).figures)
    assert "radical" in document.notes[0]


def test_control_characters_become_spaces_so_that_offsets_hold():
    odd = "甲县\x0b资金5.2亿元，\x0c第\u200b二笔1.3亿元"
    document = read_text(odd)
    assert len(document.text) == len(odd)
    assert [
        odd[a:b] for a, b in zip(document.figures["start"], document.figures["end"], strict=True)
    ] == [
        "5.2亿元",
        "1.3亿元",
    ]
    assert document.notes == ("3 control characters replaced by spaces (U+000B, U+000C, U+200B)",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b" \r\n", "the file is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "save it as .docx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "OCR"),
        (b"{\\rtf1 abc}", "save it as .docx"),
        (bytes(range(256)) * 4, "a binary file (zero byte at 0)"),
        ("投资".encode("utf-16")[:-1], "begins as UTF-16"),
        ("投资".encode() + b"\xff\xff", "neither UTF-8 (byte 6 does not fit) nor GB 18030"),
        ("經濟發展與財政收入增長情況".encode("big5"), "no Chinese text as GB 18030"),
        (b"PK\x03\x04" + bytes(40), "the DOCX is damaged"),
        (docx(words("甲"))[:-40], "the DOCX is damaged"),
        (b"<!DOCTYPE html>", "holds no text"),
        (b"<html><body><script>load()</script></body></html>", "holds no text"),
        (b"%PDF-1.7\nbroken", "the PDF cannot be opened"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(tmp_path, content, said):
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(SourceError, match=r"^a\.txt: ") as error:
        read_document(tmp_path / "a.txt")
    assert said in str(error.value)


def test_a_missing_file_and_a_folder_are_source_errors(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(SourceError, match="cannot be read"):
        read_document(tmp_path)
    with pytest.raises(SourceError, match="Pass a file's path to read_document"):
        read_text(b"bytes")


def test_what_is_too_large_or_hostile_is_refused(tmp_path, monkeypatch):
    bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><w:document xmlns:w='x'>&b;</w:document>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", bomb)
    (tmp_path / "a.docx").write_bytes(file.getvalue())
    with pytest.raises(SourceError, match="declares entities"):
        read_document(tmp_path / "a.docx")
    (tmp_path / "b.docx").write_bytes(docx(words("甲" * 5000)))
    monkeypatch.setattr(markup, "MAX_UNPACKED", 1000)
    with pytest.raises(SourceError, match="unpacks to more"):
        read_document(tmp_path / "b.docx")
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    with pytest.raises(SourceError, match="Split the document"):
        read_document(tmp_path / "b.docx")


def test_deep_nesting_loses_nothing_or_is_refused():
    assert markup.html_text("<div>" * 1000 + "投资5亿元")[0] == "投资5亿元"
    with pytest.raises(SourceError, match="nested too deeply"):
        markup.html_text("<div>" * 5000 + "投资5亿元")


@pytest.mark.parametrize("line", ["和" * 9000, " " * 50_000, "；  " * 9000, "<p>" + "\n" * 50_000])
def test_no_line_takes_more_than_its_share_of_time(line):
    begin = time.process_time()
    read_text(f"{line}5个")._repr_html_()
    markup.html_text(line)
    assert time.process_time() - begin < 5  # a quadratic pattern would take minutes


def test_a_zip_that_is_a_workbook_points_to_read_table(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    (tmp_path / "a.docx").write_bytes(file.getvalue())
    with pytest.raises(SourceError, match="use read_table"):
        read_document(tmp_path / "a.docx")


def scan(pages):
    """A PDF of pages without text, and one with, drawn by hand."""
    pypdfium2 = pytest.importorskip("pypdfium2")
    pdf_file = pypdfium2.PdfDocument.new()
    for content in pages:
        if content is None:
            pdf_file.new_page(300, 200)
        else:
            pdf_file.import_pages(pypdfium2.PdfDocument(pdf(content)))
    file = io.BytesIO()
    pdf_file.save(file)
    return file.getvalue()


def test_pages_without_text_are_named_and_a_scan_asks_for_ocr(tmp_path):
    (tmp_path / "scan.pdf").write_bytes(scan([None, None]))
    with pytest.raises(SourceError, match=r"no text layer.*OCR"):
        read_document(tmp_path / "scan.pdf")
    (tmp_path / "half.pdf").write_bytes(scan([SENTENCE, None]))
    with pytest.warns(UserWarning, match="half.pdf: page 2 holds no text"):
        document = read_document(tmp_path / "half.pdf")
    assert values(document) == [5.2]
    assert any("page 2" in warning for warning in document.warnings)


def test_bad_files_are_reported_beside_the_figures_of_the_others(tmp_path):
    (tmp_path / "1.txt").write_text(SENTENCE, encoding="utf-8")
    (tmp_path / "2.txt").write_bytes(b"")
    (tmp_path / "3.txt").write_text(SENTENCE.replace("5.2", "7.3"), encoding="gb18030")
    (tmp_path / ".hidden").write_bytes(b"\x00")
    read = read_documents(tmp_path)
    assert read.figures[["document", "value"]].values.tolist() == [["1.txt", 5.2], ["3.txt", 7.3]]
    assert read.problems["document"].tolist() == ["2.txt"]
    assert "empty" in read.problems["problem"].item()
    none = read_documents([tmp_path / "2.txt"], progress=True)
    assert none.figures.columns[0] == "document"
    assert none.figures.empty
    (tmp_path / "sub").mkdir()
    with pytest.raises(SourceError, match="holds no files"):
        read_documents(tmp_path / "sub")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2022年卢龙县公报", "2022"),
        ("青龙满族自治县2023年公报", "青龙满族自治县"),
        ("2023年昌黎县", None),
        ("公报", None),
    ],
)
def test_a_file_name_that_speaks_of_another_year_or_place_is_said(tmp_path, name, said):
    text = f"昌黎县2023年国民经济和社会发展统计公报\n{SENTENCE}"
    (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    if said:
        with pytest.warns(UserWarning, match=f"the name speaks of {said}"):
            read_document(tmp_path / f"{name}.txt")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert read_document(tmp_path / f"{name}.txt").area == "昌黎县"


@pytest.mark.parametrize(
    ("last", "issued"),
    [
        ("2023年9月30日", "2023-09-30"),
        ("（2023年9月30日）", "2023-09-30"),
        ("2023930", "2023-09-30"),
        ("20231013", "2023-10-13"),
        ("2023111", "2023-11-09"),  # January 11 or November 1: the day of publication instead
        ("2023年13月1日", "2023-11-09"),
        ("20231230", "2023-11-09"),  # signed after it was published: not to be believed
    ],
)
def test_the_date_is_that_of_the_signature_if_it_is_safe(last, issued):
    head = "对第12号提案的答复\n发布时间:2023-11-09  发布机构:市发改委  文号:  索引号E036/2023-8\n"
    document = read_text(f"{head}\n正文。\n\n某某市发展和改革委员会\n\n{last}")
    assert document.issued == issued
    assert document.number == "E036/2023-8"
    assert document.publisher == "市发改委"
    assert document.title == "对第12号提案的答复"


def test_a_text_without_title_or_head_claims_none():
    document = read_text("全县完成投资5亿元。\n增长3%。")
    assert (document.title, document.number, document.publisher, document.issued) == (
        "",
        "",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("对政协秦皇岛市第十四届委员会第三次会议提案的答复", "秦皇岛市"),
        ("河北省秦皇岛市昌黎县2023年政府工作报告", "昌黎县"),
        ("关于甲县重点项目建设情况的通报", "甲县"),
        ("关于加快推进开发区建设的通知", ""),
    ],
)
def test_the_place_is_the_one_that_the_title_names(title, area):
    assert read_text(f"{title}\n{SENTENCE}").area == area
    assert read_text(f"{title}\n{SENTENCE}", area="乙县").area == "乙县"


def test_a_document_is_shown_in_one_short_line():
    text = "昌黎县2022年统计公报\n" + SENTENCE * 400
    document = read_text(text)
    assert repr(document) == f"<Document '昌黎县2022年统计公报' (昌黎县): {len(text):,} characters>"
    assert len(repr(read_text("长" * 5000))) < 100
    assert "figures" not in vars(document)  # nothing is read for it
    assert repr(read_documents([])) == "<Documents: 0 read, 0 not>"


def test_a_document_without_figures_has_an_empty_table_and_says_so():
    document = read_text("全县上下团结一心。")
    assert document.figures.empty
    assert {"indicator", "value", "start", "note"} <= set(document.figures.columns)
    assert document.warnings == ("no figures in this document",)


def test_find_takes_part_of_a_name_and_the_beginning_of_a_period():
    document = read_text("2023年1-8月，昌黎县完成投资5.2亿元，增长3%；2022年完成投资4.9亿元。")
    assert document.find(indicator="投资", unit="亿元")["value"].tolist() == [5.2, 4.9]
    assert document.find(period="2023", kind="level")["value"].tolist() == [5.2]
    assert document.find(area="130322", period="2022")["value"].tolist() == [4.9]
    assert document.find(indicator="(").empty


def test_figures_of_whole_years_become_records_with_code_and_place():
    text = "昌黎县2022年统计公报\n2022年，全县生产总值305.2亿元，下降1.3%，1-6月完成投资5亿元。"
    records = to_records(read_text(text))
    rows = records[["area", "area_code", "year", "code", "value", "unit", "price_basis"]]
    assert rows.values.tolist() == [
        ["昌黎县", "130322", 2022, "gdp", 305.2, "亿元", "current"],
        ["昌黎县", "130322", 2022, "gdp_growth", -1.3, "%", "growth"],
    ]
    start, end = map(int, records["place"].iloc[0].split(":"))
    assert text[start:end] == "305.2亿元"


def test_a_notebook_shows_the_text_marked_and_safe():
    text = "<script>$x$</script>粮食产量50.0吨，其中夏粮20.0吨，秋粮31.0吨。总投资57.2"
    shown = read_text(text)._repr_html_()
    assert "<script" not in shown
    assert "<span>$</span>x<span>$</span>" in shown  # no formula for the notebook
    assert shown.count("<mark") == 4
    assert "</mark><sup>≠</sup>" in shown  # readable without colour
    assert "20.0吨 + 秋粮31.0吨 = 51吨" in shown


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_kept_as_long_as_it_is(text):
    assert len(read_text(text).text) == len(text)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>"]))
def test_any_bytes_are_read_or_refused_in_our_words(data, head):
    try:
        text = formats.extract(head + data, "x").text
    except SourceError as error:
        text = str(error).removeprefix("x: ")
        data = b""
    assert isinstance(text, str)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("甲县发展和改革局\n关于第12号建议的答复\n张代表：\n项目3项。", "关于第12号建议的答复"),
        ("甲县统计局\n2023年统计公报\n总产值3亿元。", "2023年统计公报"),
        ("甲县统计局\n全县有项目3项。\n关于项目的报告另发。", "甲县统计局"),
        ("关于支持甲公司发展的答复\n关于项目的情况\n项目3项。", "关于支持甲公司发展的答复"),
    ],
)
def test_the_heading_below_the_name_of_an_office_is_the_title(text, title):
    assert read_text(text).title == title
