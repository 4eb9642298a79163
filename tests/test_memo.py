"""Memos: what they say, that they verify, and that nothing wrong in them passes."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from lxml import html

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError, QhdError, SourceError, UnitError
from qhdanalysis.memo import build_memo, spec, verify_memo
from qhdanalysis.memo.evidence import Evidence, Table, Value
from qhdanalysis.memo.formula import FUNCTIONS
from qhdanalysis.memo.render import words_of
from qhdanalysis.memo.words import _FORMS, show, tokens
from qhdanalysis.units import convert

NOTICE = """示例县重点项目进展情况的通报（虚构）

2024年，全县安排重点建设项目40项，年计划投资32.4亿元。1-9月，完成投资25.3亿元，投资完成率78.1%。其中，已开工25项，已复工15项。

2024年10月12日
"""
SPEC = """
title = { zh = "{{ notice_title }}", en = "{{ notice_title }}" }
author = { zh = "示例县", en = "Example" }
[documents.notice]
file = "notice.txt"
year = 2024
[values]
plan = { after = "年计划投资", zh = "年计划投资", en = "planned investment" }
done = { after = "完成投资", zh = "完成投资", en = "completed investment" }
rate = { formula = "completion_rate(done=done, planned=plan)", zh = "完成率", en = "completion" }
gap = { formula = "rate - 9 / 12", zh = "超时序进度", en = "ahead" }
[tables.audit]
table = "notice_audit"
caption = { zh = "核验", en = "Audit" }
columns = [
  { column = "claim", title = { zh = "表述", en = "Claim" } },
  { column = "formula", format = "formula", title = { zh = "算式", en = "Formula" } },
  { column = "recomputed", format = "@form", title = { zh = "重算", en = "Again" } },
  { column = "verdict", title = { zh = "结论", en = "Verdict" } },
]
"""
ZH = """# 主要发现 {#findings}

年计划投资{{ plan }}，1—9月完成{{ done }}，占{{ rate | percent(2) }}，快{{ gap | points(1) }}。

另一段文字写到2024年。

# 明细 {#detail}

{{ table audit }}

{{ table evidence }}

{{ table sources }}
"""
EN = """# Findings {#findings}

{{ done }} of {{ plan }} was completed by September 2024, {{ rate | percent(2) }}.

# Detail {#detail}

{{ table audit }}

{{ table evidence }}
"""


def write_case(folder):
    files = {"spec.toml": SPEC, "notice.txt": NOTICE, "memo.zh.md": ZH, "memo.en.md": EN}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    write_case(folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    write_case(folder)
    build_memo(folder, out=folder / "out")
    return folder / "out"


def edited(path, target, *changes):
    """Write a copy of a HTML or DOCX memo with words changed in what a reader sees."""

    def change(text):
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        return text

    if path.suffix == ".html":
        seen, mark, evidence = path.read_text(encoding="utf-8").rpartition("<script")
        target.write_text(change(seen) + mark + evidence, encoding="utf-8")
        return target
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                part = change(part.decode()).encode()
            new.writestr(name, part)
    target.write_bytes(out.getvalue())
    return target


def forged(path, target, change):
    """Write a copy of a HTML memo whose evidence, and not only its words, is changed."""
    seen, mark, evidence = path.read_text(encoding="utf-8").rpartition("<script")
    start, end = evidence.index(">") + 1, evidence.index("</script>")
    data = json.loads(evidence[start:end])
    change(data)
    body = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    target.write_text(seen + mark + evidence[:start] + body + evidence[end:], encoding="utf-8")
    return target


def findings(path, **more):
    return verify_memo(path, **more).table[["finding", "shown", "expected"]].to_numpy().tolist()


# What a memo says


def test_all_six_files_verify_with_their_source_at_hand(built):
    files = sorted(built.iterdir())
    assert [f.name for f in files] == sorted(
        f"memo.{lang}.{kind}" for lang in ("zh", "en") for kind in ("html", "docx", "pdf")
    )
    for file in files:
        assert findings(file) == [], file


def test_numbers_of_the_memo_are_those_of_a_hand_calculation(built):
    # 25.3 / 32.4 = 0.780864; less 9 / 12 = 0.030864
    text = html.parse(built / "memo.zh.html").getroot().text_content()
    assert "年计划投资32.4亿元，1—9月完成25.3亿元，占78.09%，快3.1个百分点" in text
    english = html.parse(built / "memo.en.html").getroot().text_content()
    assert "CNY 2.53 billion of CNY 3.24 billion was completed" in english


def test_each_number_leads_to_its_row_of_evidence(built):
    page = html.parse(built / "memo.zh.html").getroot()
    link = next(a for a in page.iter("a") if a.text_content() == "78.09%")
    row = next(page.get_element_by_id(link.get("href")[1:]).iterancestors("tr"))
    assert "completion_rate(done=完成投资, planned=年计划投资)" in row.text_content()


def test_a_figure_row_quotes_its_place_in_the_document(built):
    start = NOTICE.index("32.4亿元")
    page = html.parse(built / "memo.zh.html").getroot()
    row = next(page.get_element_by_id("ev-plan").iterancestors("tr")).text_content()
    assert f"第{start}至{start + 6}字" in row
    assert "32.3500至32.4500亿元" in row  # half a unit of the last digit either way


def test_building_twice_gives_the_same_bytes(case, built):
    again = build_memo(case, out=case / "out")
    for file in again:
        assert file.read_bytes() == (built / file.name).read_bytes(), file.name


def test_sections_can_be_chosen(case):
    spec = (case / "spec.toml").read_text(encoding="utf-8")
    (case / "spec.toml").write_text('sections = ["findings"]\n' + spec, encoding="utf-8")
    (page,) = build_memo(case, lang="zh", formats="html", out=case)
    text = page.read_text(encoding="utf-8")
    assert "主要发现" in text
    assert "明细" not in text


def test_html_is_one_accessible_file_without_network(built):
    page = html.parse(built / "memo.zh.html").getroot()
    assert page.get("lang") == "zh-Hans"
    assert len(page.findall(".//h1")) == 1
    assert all(th.get("scope") == "col" for th in page.findall(".//thead//th"))
    assert all(table.find("caption") is not None for table in page.iter("table"))
    assert not page.xpath("//@src[starts-with(., 'http')] | //link | //iframe")
    assert [s.get("type") for s in page.iter("script")] == ["application/json"]


def test_chinese_docx_has_the_page_and_faces_of_gbt_9704(built):
    import docx

    document = docx.Document(str(built / "memo.zh.docx"))
    section = document.sections[0]
    page = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert [round(x.mm) for x in page] == [210, 297, 37, 28]
    body = document.styles["Body Text"]
    assert (body.font.size.pt, body.paragraph_format.line_spacing.pt) == (16, 29)
    faces = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia"
    for style, face in {"Body Text": "仿宋", "Heading 1": "黑体", "Heading 2": "楷体"}.items():
        assert document.styles[style].element.rPr.rFonts.get(faces) == face
    assert "一、主要发现" in [p.text for p in document.paragraphs]


def test_a_short_table_of_a_docx_stays_on_one_page_and_ranges_stand_under_each_other(case):
    import docx

    column = '{ column = "low:high", format = "percent(1)", title = "范围" },'
    spec = (case / "spec.toml").read_text(encoding="utf-8")
    spec = spec.replace('  { column = "verdict"', f'  {column}\n  {{ column = "verdict"')
    (case / "spec.toml").write_text(spec, encoding="utf-8")
    (file,) = build_memo(case, lang="zh", formats="docx", out=case / "out")
    audit, *_ = docx.Document(str(file)).tables
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in audit.rows]
    assert kept == [True] * (len(kept) - 1) + [None]
    assert audit.rows[1].cells[3].paragraphs[0].alignment == 2  # right


def test_a_long_table_of_a_docx_may_go_over_pages(shipped):
    import docx

    evidence = docx.Document(str(shipped / "memo.en.docx")).tables[-1]
    assert len(evidence.rows) > 18
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in evidence.rows]
    assert not any(kept)


def test_pdf_has_bookmarks_title_and_only_our_fonts(built):
    import pypdfium2

    document = pypdfium2.PdfDocument(built / "memo.zh.pdf")
    assert document.get_metadata_value("Title") == "示例县重点项目进展情况的通报(虚构)".replace(
        "(", "（"
    ).replace(")", "）")
    assert [mark.get_title() for mark in document.get_toc()] == ["一、主要发现", "二、明细"]
    assert b"QhdSansSC" in (built / "memo.zh.pdf").read_bytes()


# What verify catches


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_an_edited_number_is_named(built, tmp_path, kind):
    file = edited(built / f"memo.zh.{kind}", tmp_path / f"m.{kind}", ("78.09%", "87.09%"))
    found = verify_memo(file, sources=built.parent)
    assert not found.holds
    assert found.table[["finding", "name", "shown", "expected"]].to_numpy().tolist() == [
        ["edited", "rate", "87.09%", "78.09%"]
    ]


def test_an_edited_number_in_a_pdf_is_named(case, monkeypatch):
    import typst

    real = typst.compile

    def compile_edited(source, **options):
        markup = Path(source).read_text(encoding="utf-8")
        Path(source).write_text(markup.replace("78.09%", "87.09%", 1), encoding="utf-8")
        return real(source, **options)

    monkeypatch.setattr(typst, "compile", compile_edited)
    (file,) = build_memo(case, lang="zh", formats="pdf", out=case)
    assert findings(file) == [["edited", "87.09%", "78.09%"]]


def test_an_edited_unit_is_named(built, tmp_path):
    file = edited(built / "memo.zh.html", tmp_path / "m.html", ("32.4亿元", "32.4万元"))
    assert findings(file, sources=built.parent) == [["edited", "32.4万元", "32.4亿元"]]


def test_two_numbers_that_changed_places_are_named(built, tmp_path):
    changes = ("32.4亿元", "甲"), ("25.3亿元", "32.4亿元"), ("甲", "25.3亿元")
    for kind in ("html", "docx"):
        file = edited(built / f"memo.zh.{kind}", tmp_path / f"m.{kind}", *changes)
        found = verify_memo(file, sources=built.parent)
        assert not found.holds
        assert {"plan", "done"} & set(found.table["name"])


@pytest.mark.parametrize("number", ["88.8亿元", "12.5%", "八十八亿元"])
def test_a_number_that_was_added_is_named(built, tmp_path, number):
    file = edited(built / "memo.zh.docx", tmp_path / "m.docx", ("另一段文字", f"新增{number}，"))
    assert findings(file, sources=built.parent) == [["unknown", number, ""]]


def test_an_edited_year_is_named(built, tmp_path):
    file = edited(built / "memo.zh.html", tmp_path / "m.html", ("写到2024年", "写到2021年"))
    assert findings(file, sources=built.parent) == [["edited", "2021年", "2024年"]]


def test_prose_may_change_and_paragraphs_may_move(built, tmp_path):
    page = (built / "memo.zh.html").read_text(encoding="utf-8")
    paragraph = re.search(r"<p>年计划.*?</p>", page, re.S)[0]
    rest = (paragraph, ""), ("另一段文字", "2025年改写的一段文字")
    for place in ("<h2", "</main>"):
        changes = (*rest, (place, paragraph + place))
        file = edited(built / "memo.zh.html", tmp_path / "m.html", *changes)
        found = verify_memo(file, sources=built.parent)
        assert found.table.empty, str(found)


def test_a_number_that_was_taken_out_is_noted_and_the_rest_holds(built, tmp_path):
    change = ("，快", "。<!--"), ("。</p>", "--></p>")
    file = edited(built / "memo.zh.html", tmp_path / "m.html", *change)
    found = verify_memo(file, sources=built.parent)
    assert found.holds
    assert found.table["finding"].tolist() == ["missing"]


def test_a_value_changed_together_with_its_words_does_not_follow(built, tmp_path):
    def change(data):
        data["values"]["rate"]["value"] = 0.8709

    file = edited(built / "memo.zh.html", tmp_path / "m.html", ("78.09%", "87.09%"))
    file = forged(file, file, change)
    found = verify_memo(file, sources=built.parent)
    assert "rate: completion_rate(done=done, planned=plan) gives 0.7808641975" in str(found)


def test_a_leaf_must_agree_with_its_quote_and_the_quote_with_the_source(built, tmp_path):
    def leaf(data):
        data["values"]["plan"] |= {"value": 42.4e8, "low": 42.35e8, "high": 42.45e8}

    def quote(data):
        leaf(data)
        data["values"]["plan"]["quote"] = "42.4亿元"

    file = forged(built / "memo.zh.html", tmp_path / "leaf.html", leaf)
    assert "plan: the quoted words '32.4亿元' do not give 4240000000" in str(verify_memo(file))
    file = forged(built / "memo.zh.html", tmp_path / "quote.html", quote)
    found = verify_memo(file, sources=built.parent)
    assert "plan: notice.txt has '32.4亿元' there, not '42.4亿元'" in str(found)


def test_another_source_file_is_named_and_an_absent_one_is_unchecked(built, tmp_path):
    (tmp_path / "a").mkdir()
    file = shutil.copy(built / "memo.zh.html", tmp_path / "a" / "memo.html")
    found = verify_memo(file)
    assert (found.holds, found.table["finding"].tolist()) == (True, ["unchecked"])
    (tmp_path / "notice.txt").write_text(NOTICE + "另有一句。\n", encoding="utf-8")
    found = verify_memo(file)
    assert not found.holds
    assert "notice.txt is not the file that the memo was made from" in str(found)


def test_a_memo_without_evidence_says_so(built, tmp_path):
    page = (built / "memo.zh.html").read_text(encoding="utf-8")
    file = tmp_path / "m.html"
    file.write_text(re.sub(r"<script.*</script>", "", page, flags=re.S), encoding="utf-8")
    found = verify_memo(file)
    assert not found.holds
    assert "carries no evidence" in str(found)


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('true')",
        "().__class__",
        "[x for x in (1, 2)]",
        "open('x')",
        "export(notice_audit, 'x.csv')",
        "lambda: 1",
        "1 if 1 else 2",
        "'a' * 1000000",
        "1" + "+1" * 400,
    ],
)
def test_evidence_from_elsewhere_cannot_run_code(built, tmp_path, formula):
    file = forged(
        built / "memo.zh.html",
        tmp_path / "m.html",
        lambda data: data["values"]["gap"].update(formula=formula),
    )
    found = verify_memo(file, sources=built.parent)
    assert not found.holds
    assert "gap: " in str(found)


@pytest.mark.parametrize("content", [b"", b"no memo", b"PK\x03\x04broken", b"%PDF-1.7 broken"])
def test_what_is_no_memo_is_refused_by_name(tmp_path, content):
    file = tmp_path / "x.bin"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"x\.bin"):
        verify_memo(file)


def test_damaged_evidence_is_refused_by_name(built, tmp_path):
    file = forged(built / "memo.zh.html", tmp_path / "m.html", lambda data: data.pop("values"))
    with pytest.raises(SourceError, match="evidence is damaged"):
        verify_memo(file)


# What a build refuses


def build_with(case, name, old, new):
    path = case / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return build_memo(case, lang="zh", formats="html", out=case / "out")


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("memo.zh.md", "{{ plan }}", "{{ plam }}", "no named value 'plam'.*Near names: plan"),
        ("memo.zh.md", "percent(2)", "precent(2)", "no format 'precent.*percent"),
        ("memo.zh.md", "{{ plan }}", "32.4亿元", r"typed numbers: 32\.4亿元.*Cite a named value"),
        ("memo.zh.md", "table audit", "table audits", "no table 'audits'.*audit"),
        ("memo.zh.md", "{{ table audit }}", "{{ chart pie }}", "no chart 'pie'"),
        (
            "spec.toml",
            '"年计划投资", zh',
            '"年度投资", zh',
            "value plan: the document does not say",
        ),
        ("spec.toml", "done=done,", "done=dune,", "value rate: There is no named value 'dune'"),
        (
            "spec.toml",
            "completion_rate(",
            "complete(",
            "calls 'complete', which it may not.*and ln,",
        ),
        ("spec.toml", "plan = {", "pl-an = {", "cannot name a value"),
        ("spec.toml", "plan = {", "plan = ", "cannot be read as TOML"),
        ("spec.toml", 'after = "年计划投资"', 'figure = "投资"', "figures fit.*add period"),
        ("spec.toml", 'after = "年计划投资", ', "", "give it one of"),
    ],
)
def test_a_wrong_spec_or_text_is_named(case, name, old, new, message):
    with pytest.raises(SourceError, match=message):
        build_with(case, name, old, new)
    assert not list((case / "out").iterdir())


def test_lists_footnotes_and_brackets_of_the_author_are_words_in_every_format(case):
    prose = """# 发现 {#findings}

3. 完成{{ done }}[^a]，约10~20天。

   附带说明。

4. 计划{{ plan }}。

[^a]: 见{{ rate | percent(1) }}。

{{ table evidence }}
"""
    (case / "memo.zh.md").write_text(prose.replace("10~20", '{{ "10~20" }}'), encoding="utf-8")
    for file in build_memo(case, lang="zh", out=case / "out"):
        assert verify_memo(file).table.empty, str(verify_memo(file))
    text = html.parse(case / "out" / "memo.zh.html").getroot().text_content()
    assert "3\N{FULLWIDTH FULL STOP}完成25.3亿元（见78.1%。），约10~20天" in text
    assert "4\N{FULLWIDTH FULL STOP}计划32.4亿元" in text


def test_pictures_without_evidence_are_refused(case):
    with pytest.raises(SourceError, match="a picture is a chart of the spec"):
        build_with(case, "memo.zh.md", "另一段", "![图](x.png)")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[documents.notice]", "charts = 3\n[documents.notice]"),
        ('file = "notice.txt"', "file = 3"),
    ],
)
def test_an_entry_of_a_wrong_form_is_no_traceback_of_ours(case, old, new):
    with pytest.raises(SourceError, match=r"the form that a spec needs|no such spec|cannot be"):
        build_with(case, "spec.toml", old, new)


def test_without_a_language_each_that_has_a_text_is_written(case):
    (case / "memo.en.md").unlink()
    made = build_memo(case, formats="html", out=case / "out")
    assert [file.name for file in made] == ["memo.zh.html"]


def test_a_missing_text_is_named(case):
    (case / "memo.zh.md").unlink()
    with pytest.raises(SourceError, match=r"memo\.zh\.md: the memo's text cannot be read"):
        build_memo(case, lang="zh", out=case)


def test_a_build_that_is_stopped_leaves_the_old_memo_whole(case):
    before = {f: f.read_bytes() for f in build_memo(case, formats="html", out=case / "out")}
    (case / "memo.zh.md").write_text(ZH.replace("另一段", "又一段"), encoding="utf-8")

    def stop(words):
        if words == "en: html":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_memo(case, formats="html", out=case / "out", progress=stop)
    assert {f: f.read_bytes() for f in (case / "out").iterdir()} == before


# Words from outside


def test_markup_and_control_characters_of_a_document_stay_words(case):
    title = (
        "关于#3号$专项$@乙方*配套*<b>答复</b>_一_`80`~~x~~ [a](b) 1. //c --- ... {{ plan }} #import"
    )
    claims = "2023年，甲县1. #let专项$资金$年计划投资5.2亿元，完成投资1.3亿元，完成率25.0%。"
    text = f"{title}\x0b\x0c\u200b\n\n{claims}\n"
    (case / "notice.txt").write_text(text, encoding="utf-8")
    for file in build_memo(case, out=case / "out"):
        found = verify_memo(file)
        assert found.holds, str(found)
    page = html.parse(case / "out" / "memo.zh.html").getroot()
    heading = page.find(".//h1")
    assert heading.text_content() == title
    assert not page.xpath("//b | //em | //strong | //del | //ol | //math")
    with zipfile.ZipFile(case / "out" / "memo.zh.docx") as archive:
        words = archive.read("word/document.xml").decode()
    assert "&lt;b&gt;答复&lt;/b&gt;_一_`80`~~x~~" in words
    import pypdfium2

    document = pypdfium2.PdfDocument(case / "out" / "memo.zh.pdf")
    seen = re.sub(r"\s", "", "".join(p.get_textpage().get_text_bounded() for p in document))
    assert re.sub(r"\s", "", title) in seen
    for text in (page.text_content(), words, seen):
        assert not re.search("[\x0b\x0c\u200b]", text)


# Values and their bounds


def leaves(**values):
    evidence = Evidence()
    for name, (value, low, high) in values.items():
        evidence.values[name] = Value(name, value, "", low, high)
    return evidence


def test_bounds_of_a_ratio_come_from_the_rounding_of_both():
    # 630.45 / 0.335 = 1881.94 and 630.55 / 0.325 = 1940.15
    evidence = leaves(part=(630.5, 630.45, 630.55), share=(0.33, 0.325, 0.335))
    value, low, high, _, inputs = evidence.evaluate("part / share")
    assert (round(value, 2), round(low, 2), round(high, 2)) == (1910.61, 1881.94, 1940.15)
    assert inputs == ("part", "share")


def test_exact_values_have_no_bounds():
    evidence = leaves(a=(152, 152, 152), b=(123, 123, 123))
    assert evidence.evaluate("a + b")[:3] == (275, 275, 275)


def test_a_cell_must_be_one():
    evidence = Evidence()
    evidence.derive("t", "table(area=['a', 'a'], value=[1, 2])", "", {})
    with pytest.raises(PanelError, match="2 rows, not one"):
        evidence.evaluate("cell(t, 'value', area='a')")


# Units of formulas


def amounts():
    evidence = leaves(
        plan=(3.24e9, 3.24e9, 3.24e9), done=(2.53e9, 2.53e9, 2.53e9), land=(500, 500, 500),
        people=(4000, 4000, 4000), listed=(40, 40, 40), started=(25, 25, 25), rate=(0.8, 0.8, 0.8),
    )  # fmt: skip
    units = {"plan": "元", "done": "元", "land": "亩", "people": "人", "listed": "项"}
    for name, unit in (units | {"started": "个"}).items():
        evidence.values[name] = replace(evidence.values[name], unit=unit)
    evidence.values["index"] = Value("index", 105.2, "上年=100", 105.2, 105.2)
    columns = {"area": ["甲县"] * 3, "year": [2021, 2022, 2023]}
    table = pd.DataFrame(columns | {"value": [85.7, 90.0, 5.2], "unit": ["亿元", "亿元", "%"]})
    evidence.tables["gdp"] = Table("gdp", table)
    bare = table.drop(columns=["unit", "value"]).assign(estimate=95.0)
    evidence.tables["ahead"] = Table("ahead", bare)
    return evidence


@pytest.mark.parametrize(
    ("formula", "unit", "value", "made"),
    [
        # 32.4 - 25.3 = 7.1; 25.3 / 32.4 = 0.78086; 2.53e9 / 500 = 5.06e6; 2.53e9 / 4000 = 632500
        ("plan - done", "亿元", 7.1, "亿元"),
        ("plan - done", "", 7.1e8, "元"),
        ("done / plan", "", 0.7808641975, ""),
        ("done / plan", "%", 78.08641975, "%"),
        ("rate", "%", 80, "%"),
        ("index", "%", 105.2, "%"),
        ("index", "倍", 1.052, "倍"),
        ("index / index", "", 1, ""),
        ("rate * 2", "倍", 1.6, "倍"),
        ("2 * done * rate", "万元", 404800, "万元"),
        ("done * done / plan", "", 2.53e9 * 2.53 / 3.24, "元"),
        ("done / land", "", 5.06e6, "元/亩"),
        ("done / land * land", "亿元", 25.3, "亿元"),
        ("done / people", "万元/人", 63.25, "万元/人"),
        ("-land", "公顷", -500 / 15, "公顷"),
        ("started / listed", "", 0.625, ""),
        ("abs(done - plan)", "", 7.1e8, "元"),
        ("listed - 0 * listed", "个", 40, "个"),
        # the units of a call follow from its formula, whatever the values are
        ("funding_gap(needed=plan, secured=plan)", "", 0, "元"),
        ("completion_rate(done=done, planned=plan)", "", 0.7808641975, ""),
        ("run_rate(done=done, elapsed=9 / 12)", "亿元", 33.7333333, "亿元"),
        ("implied_total(part=done, share=rate)", "亿元", 31.625, "亿元"),
        ("value_added_per_used_mu(value_added=done, used_mu=land)", "", 5.06e6, "元/亩"),
        ("gdp_per_head(gdp=done, population=people)", "", 632500, "元/人"),
        ("icor(investment=done, gdp=plan, previous_gdp=done)", "", 2.53 / 0.71, ""),
        ("resolution_rate(solved=started, raised=listed)", "", 0.625, ""),
        # a cell is in the unit of its row; a table without units has what the spec says
        ("cell(gdp, 'value', year=2022)", "", 9e9, "元"),
        ("cell(gdp, 'value', year=2023)", "", 0.052, ""),
        ("plan / cell(gdp, 'value', year=2022)", "", 0.36, ""),
        ("cell(gdp, 'year', value=90.0)", "", 2022, ""),
        ("cell(ahead, 'estimate', year=2022)", "亿元", 95, "亿元"),
        ("cell(gdp, 'year', value=90.0)", "年", 2022, "年"),
        (
            "cell(series(rows(gdp, unit='亿元'), 'value', 'x'), 'value', year=2021)",
            "",
            8.57e9,
            "元",
        ),
        ("doubling_time(growth=0.1472)", "年", 5.0475242, "年"),
        ("count(gdp)", "", 3, "个"),
        ("cell(table(year=[1], value=[plan], unit='亿元'), 'value', year=1)", "", 3.24e9, "元"),
        ("cell(table(year=[1], planned=[plan], unit='亿元'), 'planned', year=1)", "", 32.4, ""),
    ],
)
def test_the_unit_of_a_result_follows_from_its_operands(formula, unit, value, made):
    got, low, high, got_unit, _ = amounts().evaluate(formula, unit)
    assert (got, low, high) == pytest.approx((value, value, value))
    assert got_unit == made


@pytest.mark.parametrize("unit", ["亿元", "万元"])
def test_a_projection_is_in_the_unit_of_its_series(unit):
    # 100, 110, ... 210 rise by 10 a year; a drift goes on from the last one: 220
    values = pd.DataFrame({"value": [100.0 + 10 * n for n in range(12)], "unit": "亿元"})
    kept = convert(values, to=unit).assign(area="甲县", year=range(2012, 2024))
    evidence = Evidence()
    evidence.tables["gdp"] = Table("gdp", kept)
    evidence.derive("ahead", "project(gdp, horizon=2, method='drift')", "", {})
    evidence.derive("side", "levels(ahead)", "", {})
    first = "cell(rows(ahead, year=2024, level=80), 'estimate', year=2024)"
    for formula in (first, "cell(side, 'estimate', year=2024)"):
        value, *_, made, _ = evidence.evaluate(formula, "亿元")
        assert (round(value), made) == (220, "亿元")
    shown = words_of(evidence, ["side[0].estimate", "money(0)", ""], "zh")
    assert shown == "220亿元"


@pytest.mark.parametrize("unit", ["元", "万元", "亿元"])
@pytest.mark.parametrize("land", ["亩", "万亩", "公顷"])
@pytest.mark.parametrize(
    "formula",
    [
        "plan - done", "done / plan", "done / land", "plan * land / done", "-plan + 2 * done",
        "run_rate(done=done, elapsed=9 / 12)", "tax_per_used_mu(tax=done, used_mu=land)",
        "plan / cell(gdp, 'value', year=2022) - 0.2", "plan - cell(gdp, 'value', year=2021)",
        "cell(table(year=[1], value=[done], unit='亿元'), 'value', year=1) / done",
        "cell(add_up(rows(gdp, unit='亿元'), name='x'), 'value', year=2021) - plan",
    ],
)  # fmt: skip
def test_a_result_does_not_depend_on_the_units_that_its_operands_are_kept_in(formula, unit, land):
    same, other = amounts(), amounts()
    for name, to in (("plan", unit), ("done", unit), ("land", land)):
        value = other.values[name]
        kept = convert(value.value, value.unit, to)
        other.values[name] = replace(value, value=kept, low=kept, high=kept, unit=to)
    assert other.evaluate(formula)[:3] == pytest.approx(same.evaluate(formula)[:3])
    assert other.evaluate(formula)[3] == same.evaluate(formula)[3]


@pytest.mark.parametrize(
    ("formula", "unit", "message"),
    [
        ("plan + listed", "", "cannot add or subtract 元 and 项"),
        (
            "index - 100",
            "",
            "subtract 上年=100 and a pure number.* an index becomes a ratio",
        ),
        ("plan - 1", "", "cannot add or subtract 元 and a pure number"),
        ("started + listed", "", "cannot add or subtract 个 and 项.*one word"),
        ("done / land - done", "", "cannot add or subtract 元·亩-1 and 元"),
        ("plan * done", "", "A result in 元2 has no unit that a memo can show"),
        ("plan * land", "", "A result in 元·亩 has no unit"),
        ("1 / plan", "", "A result in 元-1 has no unit"),
        ("plan ** 2", "", "powers of pure numbers only, not of 元"),
        ("ln(plan)", "", "ln does not take operands in 元"),
        ("funding_gap(needed=plan, secured=listed)", "", "does not take operands in 元 and 项"),
        ("plan - done", "万亩", "gives a value in 元, which cannot be shown in '万亩'"),
        ("done / plan", "亿元", "gives a pure number, which cannot be shown in '亿元'"),
        ("rate", "亿元", "gives a pure number, which cannot be shown in '亿元'"),
        ("rate * 5", "年", "gives a pure number, which cannot be shown in '年'"),
        ("(plan - done) / 1e8", "亿元", "takes 元 with its unit: leave the 100,000,000 out"),
        ("people / 10000", "", "takes 人 with its unit: leave the 10,000 out"),
        ("plan", "亿圆", "'亿圆' is not in the table of units"),
        ("doubling_time(growth=0.1)", "yeers", "'yeers' is not in the table of units"),
        ("table(value=[plan])", "", "value is in 元: say in which unit the table holds it"),
        ("table(value=[plan], unit='公顷')", "", "does not convert to 公顷"),
        ("convert(plan, to='亿元')", "", "convert takes a table here"),
        ("put(gdp, value=plan)", "", "put takes tables and pure numbers, no amount in 元"),
        ("add_up(gdp, name='全县')", "", "add_up takes one unit, not 亿元, %: convert"),
        ("put(gdp, unit='万元')", "", "put does not change a unit: convert"),
        (
            "series(rows(gdp, unit='亿元'), 'value', 'x', '万元')",
            "",
            "series: value is in 亿元, not in 万元",
        ),
        ("gdp", "亿元", "gives a table: it takes no unit"),
    ],
)
def test_what_has_no_common_unit_is_refused(formula, unit, message):
    with pytest.raises(UnitError, match=message):
        amounts().evaluate(formula, unit)


@pytest.mark.parametrize(
    ("values", "cite", "shown"),
    [
        ('formula = "plan - done", unit = "亿元"', "money(1)", "7.1亿元"),
        ('formula = "plan - done", unit = "亿元"', "written", "7.1亿元"),
        ('formula = "plan - done", unit = "万元"', "money(1)", "7.1亿元"),
        ('formula = "plan - done"', "written", "7.1亿元"),
        ('formula = "plan - done"', "amount(2)", "7.10"),
        ('formula = "done / plan", unit = "%"', "percent(1)", "78.1%"),
        ('formula = "done / plan", unit = "%"', "written", "78.1%"),
        ('formula = "done / plan - 0.75", unit = "%"', "points(1)", "3.1个百分点"),
        ('formula = "done / projects", unit = "万元/项"', "written", "6325万元/项"),
    ],
)
def test_a_difference_is_shown_in_its_unit_and_verifies(case, values, cite, shown):
    projects = 'projects = { after = "重点建设项目" }\n'
    added = f"[values]\n{projects}"
    spec = (case / "spec.toml").read_text(encoding="utf-8").replace("[values]\n", added)
    spec = spec.replace("[tables.audit]", f"left = {{ {values} }}\n[tables.audit]")
    (case / "spec.toml").write_text(spec, encoding="utf-8")
    text = ZH.replace("另一段", f"尚需{{{{ left | {cite} }}}}。另一段")
    (case / "memo.zh.md").write_text(text, encoding="utf-8")
    (page,) = build_memo(case, lang="zh", formats="html", out=case / "out")
    assert f"尚需{shown}。" in html.parse(page).getroot().text_content()
    assert verify_memo(page).table.empty


def test_a_unit_that_was_changed_in_the_evidence_is_told(case, tmp_path):
    left = '\nleft = { formula = "plan - done" }\n[tables.audit]'
    spec = (case / "spec.toml").read_text(encoding="utf-8").replace("\n[tables.audit]", left)
    (case / "spec.toml").write_text(spec, encoding="utf-8")
    (case / "memo.zh.md").write_text(ZH.replace("另一段", "尚需{{ left }}"), encoding="utf-8")
    (page,) = build_memo(case, lang="zh", formats="html", out=case / "out")
    for unit in ("亿元", ""):
        change = partial(_with_unit, unit=unit)
        found = verify_memo(forged(page, tmp_path / "m.html", change), sources=case)
        assert not found.holds
        assert "left: plan - done gives" in str(found)


def _with_unit(data, unit):
    data["values"]["left"]["unit"] = unit


@pytest.mark.parametrize(
    ("value", "cite", "message"),
    [
        ("", "plan | percent(1)", "plan is in 元: it cannot be shown as percent"),
        ("", "projects | percent(1)", "projects is in 项: it cannot be shown as percent"),
        ("", "plan | points(1)", "plan is in 元: it cannot be shown as points"),
        ("", "plan | number(1)", r"plan is in 元: show it as money\(1\)"),
        ("", "plan | count", r"plan is in 元: show it as money\(1\)"),
        ("count(notice_audit)", "x | percent", "x is in 个: it cannot be shown as percent"),
        ("done / plan * 100", "x | percent(1)", "x is 100-fold by its formula 'done / plan"),
        ("100 * rate", "x | points(1)", "x is 100-fold by its formula '100"),
        ("rate", "x | money(1)", "x has no unit: it cannot be shown as money"),
        ("notice_issued", "x", "value x: The formula gives '2024-10-12', no number"),
        ("plan + projects", "x", "value x: A formula cannot add or subtract 元 and 项"),
        ("plan / 0", "x", "x is inf: its formula 'plan / 0' divides by zero"),
        ("0 * plan / 0", "x", r"x is nan: its formula '0 \* plan / 0' divides by zero"),
        ("done / (plan - plan)", "gap2 | percent", "gap2 is inf"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_value(case, value, cite, message):
    name = cite.partition(" ")[0]
    more = f'{name} = {{ formula = "{value}" }}\n' if value else ""
    spec = (case / "spec.toml").read_text(encoding="utf-8")
    projects = '[values]\nprojects = { after = "重点建设项目" }\n'
    spec = spec.replace("[values]\n", projects)
    spec = spec.replace("[tables.audit]", f"{more}[tables.audit]")
    (case / "spec.toml").write_text(spec, encoding="utf-8")
    with pytest.raises(QhdError, match=message):
        build_with(case, "memo.zh.md", "另一段", f"{{{{ {cite} }}}}另一段")


@pytest.mark.parametrize(
    ("sentence", "refused"),
    [
        ("计划{{ plan | amount(1) }}亿元", ""),
        ("计划{{ plan | amount(1) }}万元", "32.4万元”: plan is not shown in 万元 by amount"),
        ("安排{{ projects | count }}项", ""),
        ("安排{{ projects | count }}个", ""),
        ("安排{{ projects | count }}万人", "40万人”: projects is not shown in 万人"),
        ("占{{ rate | number(2) }}%", "0.78%”: rate is not shown in % by number"),
        ("为{{ rate | number(2) }}倍", ""),
        ("为{{ rate | number(2) }}亿元", "0.78亿元”: rate is not shown in 亿元"),
        ("快{{ gap | number(3) }}个百分点", "0.031个百分点”: gap is not shown in 个百分点"),
        ("后{{ months | count }}年", ""),
        ("后{{ months | count }}月", ""),
        ("在{{ spent | number(1) }}万亩", ""),
        ("在{{ spent | number(1) }}亩", "3.2亩”: spent is not shown in 亩 by number"),
        ("{{ plan | amount(1) }} billion", ""),
        ("{{ plan | amount(1) }} million", "32.4million”: plan is not shown in million"),
        ("{{ rate | number(1) }} points", "0.8points”: rate is not shown in points"),
    ],
)
def test_a_unit_typed_after_a_number_is_the_one_it_is_shown_in(case, sentence, refused):
    spec = (case / "spec.toml").read_text(encoding="utf-8")
    more = 'projects = { after = "重点建设项目" }\nmonths = { formula = "3" }\n'
    more += 'spent = { formula = "3.24", unit = "万亩" }\n'
    (case / "spec.toml").write_text(spec.replace("[values]\n", f"[values]\n{more}"), "utf-8")
    if refused:
        with pytest.raises(SourceError, match=refused):
            build_with(case, "memo.zh.md", "另一段", f"{sentence}，另一段")
    else:
        build_with(case, "memo.zh.md", "另一段", f"{sentence}，另一段")


def test_an_axis_in_another_unit_than_its_table_is_refused(case):
    chart = (
        '[charts.pie]\nplot = "plot_execution"\ntable = "done_all"\noptions = { unit = "万元" }\n'
    )
    table = "table(area=['甲县'], planned=[plan], done=[done], completion_rate=[rate], unit='亿元')"
    spec = (case / "spec.toml").read_text(encoding="utf-8")
    new = f'done_all = {{ formula = "{table}" }}\n{chart}[tables.audit]'
    (case / "spec.toml").write_text(spec.replace("[tables.audit]", new), encoding="utf-8")
    with pytest.raises(SourceError, match="chart pie: its table is in 亿元, its option unit in 万"):
        build_with(case, "memo.zh.md", "另一段", "\n\n{{ chart pie }}\n\n另一段")
    build_with(case, "spec.toml", 'unit = "万元"', 'unit = "亿元"')


def test_english_says_a_unit_in_its_words_and_without_wan_and_yi():
    value = Value("x", 0.81, "亿元/项")
    assert show(value, "written", "en") == "81,000,000 yuan/projects"
    assert show(value, "written", "zh") == "0.81亿元/项"
    assert show(Value("x", 12.3, "万亩"), "written", "en") == "123,000 mu"
    assert show(Value("x", 12.3, "万人"), "written", "zh") == "12.3万人"
    assert show(Value("x", 5.0475, "年"), "written", "en") == "5.048 years"


def test_a_cell_of_a_table_is_shown_in_the_unit_of_its_row():
    evidence = amounts()
    assert words_of(evidence, ["gdp[1].value", "money(1)", ""], "zh") == "90.0亿元"
    assert words_of(evidence, ["gdp[1].value", "amount(0)", "元"], "zh") == "90"
    assert words_of(evidence, ["gdp[2].value", "percent(1)", ""], "zh") == "5.2%"
    with pytest.raises(UnitError, match="cannot be shown in '万亩'"):
        words_of(evidence, ["gdp[1].value", "number(1)", "万亩"], "zh")


@pytest.mark.parametrize(
    ("form", "zh", "en"),
    [
        ("money(2)", "0.66亿元", "CNY 66 million"),
        ("amount(2)", "0.66", "0.066"),
        ("money_range(2)", "0.65至0.67亿元", "CNY 65 to 67 million"),
        ("label", "偿还", "repaid"),
    ],
)
def test_money_is_written_as_each_language_does(form, zh, en):
    value = Value("x", 6.6e7, "元", 6.5e7, 6.7e7, {"zh": "偿还", "en": "repaid"})
    assert (show(value, form, "zh"), show(value, form, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("quote", "value", "unit", "zh", "en"),
    [
        ("-6.06%", -0.0606, "", "-6.06%", "\N{MINUS SIGN}6.06%"),
        ("340.43 亿元", 34.043e9, "元", "340.43亿元", "CNY 34.043 billion"),
        ("511.05亩", 511.05, "亩", "511.05亩", "511.05 mu"),
        ("270项", 270.0, "项", "270项", "270"),
        ("17", 17.0, "家", "17", "17"),
    ],
)
def test_a_leaf_keeps_the_digits_of_its_source(quote, value, unit, zh, en):
    leaf = Value("x", value, unit, value, value, quote=quote)
    assert (show(leaf, "written", "zh"), show(leaf, "written", "en")) == (zh, en)


def test_a_bound_may_be_without_limit_but_no_value():
    evidence = leaves(top=(10, 10, 10), rest=(0.4, 0.0, 0.9))  # 10 / 0.9 = 11.11
    evidence.derive("open", "top / rest", "", {})
    assert words_of(evidence, ["open", "number_range(1)", ""], "zh") == "11.1至∞"
    assert words_of(evidence, ["open", "bounds", ""], "en") == "11.11 to ∞"
    with pytest.raises(SourceError, match="x is -inf: it divides by zero"):
        show(Value("x", float("-inf")), "number(1)", "zh")


def test_a_date_has_no_leading_zeros():
    assert show(Value("d", "2023-09-05"), "date", "zh") == "2023年9月5日"
    assert show(Value("d", "2023-09-05"), "date", "en") == "5 September 2023"


def test_what_does_not_fit_a_value_is_refused():
    with pytest.raises(SourceError, match="cannot be shown as money"):
        show(Value("x", 3.0, "项"), "money(1)", "zh")
    with pytest.raises(SourceError, match="has no bounds"):
        show(Value("x", 3.0), "percent_range(1)", "zh")


def test_tokens_take_signs_units_and_line_ends_but_not_codes():
    text = "变动\N{MINUS SIGN}6.06%，1-8月共12.5\n亿\n元，GB9704、item9、v2.0.1不算，2012-2017"
    assert [t.text for t in tokens(text)] == ["-6.06%", "1-8月", "12.5亿元", "2012", "2017"]


# The shipped case


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shipped")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        build_memo(out=folder)
    assert any("break of 2011" in str(warning.message) for warning in said)
    return folder


def test_the_shipped_memo_says_what_the_reply_gives(shipped):
    # from the reply itself and the yearbook totals, by hand: 340.43/380.52, 50.64/85.7, 8/12,
    # 630.5/1909.52, 601.7588/1843.7555, 74.1335/285.39, 49.09/125.15, 49.09-48.43, 49.09/340.43,
    # ln 2/ln 1.1472
    page = html.parse(shipped / "memo.zh.html").getroot()
    text = page.text_content()
    for words in (
        "89.46%", "22.8个百分点", "59.09%", "7.6个百分点", "33.02%", "32.64%", "25.98%",
        "630.5亿元", "39.2%", "0.66亿元", "14.4%", "19个", "31个", "56个", "99个", "合计270项",
        "14.72%", "5.05年", "\N{MINUS SIGN}6.06%", "1307亿元", "1881.9至1940.2亿元", "134.2%",
        "88.6%",
    ):  # fmt: skip
        assert words in text, words
    first = page.find(".//main").find("p").text_content()
    assert "275项" in first
    assert "“561.02”" in first


def test_the_shipped_memo_verifies_in_both_languages(shipped):
    for file in sorted(shipped.iterdir()):
        found = verify_memo(file)
        assert found.table.empty, str(found)
        assert found.checked > 500


def test_charts_have_alternative_text(shipped):
    page = html.parse(shipped / "memo.en.html").getroot()
    pictures = page.findall(".//img")
    assert len(pictures) == 4
    assert all(len(picture.get("alt")) > 40 for picture in pictures)
    assert all(picture.get("src").startswith("data:image/svg+xml") for picture in pictures)


def test_a_chart_that_was_replaced_is_named(shipped, tmp_path):
    page = (shipped / "memo.zh.html").read_text(encoding="utf-8")
    file = tmp_path / "m.html"
    file.write_text(page.replace("svg+xml;base64,PD94", "svg+xml;base64,PD95", 1), encoding="utf-8")
    found = verify_memo(file)
    assert not found.holds
    assert "a chart was replaced" in str(found)
    # A letterhead that somebody adds is no chart of ours and only noted.
    file.write_text(page.replace("<h2", '<img src="data:," alt="x"><h2', 1), encoding="utf-8")
    found = verify_memo(file)
    assert (found.holds, found.table["finding"].tolist()) == (True, ["unchecked"])


@pytest.mark.slow
def test_the_six_shipped_files_verify_and_are_the_same_bytes_on_a_second_build(tmp_path):
    for folder in ("a", "b"):
        code = "import sys; from qhdanalysis.memo import build_memo; build_memo(out=sys.argv[1])"
        subprocess.run([sys.executable, "-c", code, str(tmp_path / folder)], check=True)
    files = sorted((tmp_path / "a").iterdir())
    assert len(files) == 6
    for file in files:
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
        assert verify_memo(file).table.empty, file.name


@pytest.mark.slow
def test_a_killed_build_leaves_the_old_memo_whole(case):
    before = {f: f.read_bytes() for f in build_memo(case, out=case / "out")}
    (case / "memo.zh.md").write_text(ZH.replace("另一段", "又一段"), encoding="utf-8")
    code = (
        "import os, sys; from qhdanalysis.memo import build_memo\n"
        "tell = lambda words: words == 'en: pdf' and os._exit(9)\n"
        "build_memo(sys.argv[1], out=sys.argv[1] + '/out', progress=tell)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(case)], check=False)
    assert done.returncode == 9
    assert {f: f.read_bytes() for f in before} == before
    build_memo(case, out=case / "out")
    assert {f.name for f in (case / "out").iterdir()} == {f.name for f in before}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_evidence_survives_libreoffice(built, tmp_path):
    command = ["soffice", "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir"]
    subprocess.run([*command, str(tmp_path), str(built / "memo.zh.docx")], check=True, timeout=120)
    found = verify_memo(tmp_path / "memo.zh.docx", sources=built.parent)
    assert found.table.empty, str(found)
    assert found.checked > 20


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Chromium")
def test_the_page_fits_a_phone_and_asks_nothing_of_the_network(shipped, tmp_path):
    from playwright.sync_api import sync_playwright

    asked = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.on("request", lambda request: asked.append(request.url))
        page.goto((shipped / "memo.zh.html").as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.click("a.v >> nth=0")
        target = page.evaluate("location.hash")
        browser.close()
    assert wide <= 360
    assert target.startswith("#ev-")
    assert all(url.startswith(("file:", "data:")) for url in asked)


def test_templates_of_a_new_case_build(tmp_path):
    shutil.copytree(ASSETS / "memo" / "new", tmp_path / "new")
    files = build_memo(tmp_path / "new", out=tmp_path / "new" / "memo", formats="html")
    assert [verify_memo(file).holds for file in files] == [True, True]


def test_an_edited_number_is_told_in_words_with_its_place_and_what_it_was(built, tmp_path):
    file = edited(built / "memo.zh.docx", tmp_path / "m.docx", ("78.09%", "87.09%"))
    (reason,) = verify_memo(file, sources=built.parent).table["reason"]
    assert "完成25.3亿元,占87.09%,快" in reason
    assert reason.endswith("shows 87.09%; the memo was built with 78.09% (rate: 完成率)")


def test_each_warning_of_a_build_is_given_once(case):
    spec = case / "spec.toml"
    text = spec.read_text(encoding="utf-8")
    twice = "".join(
        f"again{n} = {{ formula = \"trend_growth(put(gdp_{n}, area='秦皇岛市'))\" }}\n"
        for n in "ab"
    )
    prefer = 'prefer = ["CSMAR", "industry structure"]'
    leaf = f'{{ dataset = "qhd_gdp", where = {{ code = "gdp", area = "秦皇岛市" }}, {prefer} }}'
    more = f"[values]\ngdp_a = {leaf}\ngdp_b = {leaf}\n{twice}"
    spec.write_text(text.replace("[values]\n", more, 1), encoding="utf-8")
    with pytest.warns(UserWarning, match="break") as said:
        build_memo(case, lang="zh", formats="html", out=case / "out")
    words = [str(each.message) for each in said]
    assert any("break" in each for each in words)
    assert len(words) == len(set(words))


# What a reader of a verification relies on


def test_a_verification_is_true_or_false_and_shows_its_findings_in_a_notebook(built, tmp_path):
    good = verify_memo(built / "memo.zh.html", sources=built.parent)
    assert good
    assert re.fullmatch(r"<p>\d+ numbers checked: all hold</p>", good._repr_html_())
    file = edited(built / "memo.zh.html", tmp_path / "m.html", ("78.09%", "87.09%"))
    bad = verify_memo(file, sources=built.parent)
    assert not bad
    assert "does not hold" in bad._repr_html_()
    assert "<td>87.09%</td>" in bad._repr_html_()


@pytest.fixture
def with_table(case):
    """Give a memo from a table of the author's own, beside the document."""
    gdp = "地区生产总值"
    rows = f"area,year,indicator,value,unit\n甲县,2022,{gdp},85.7,亿元\n甲县,2023,{gdp},90,亿元\n"
    (case / "own.csv").write_text(rows, encoding="utf-8")
    values = (
        'gdp = { dataset = "own", file = "own.csv" }\n'
        'gdp23 = { cell = "gdp", where = { year = 2023 } }\n'
        'growth = { formula = "growth_rate(gdp)" }\n'
    )
    spec = (case / "spec.toml").read_text(encoding="utf-8")
    (case / "spec.toml").write_text(spec.replace("[values]\n", f"[values]\n{values}", 1), "utf-8")
    text = ZH.replace(
        "另一段", "产值{{ gdp23 }}，增速{{ growth[1].growth_rate | percent(1) }}。另一段"
    )
    (case / "memo.zh.md").write_text(text, encoding="utf-8")
    (made,) = build_memo(case, lang="zh", formats="html", out=case / "out")
    return made


def test_a_table_beside_the_spec_is_cited_and_verified(with_table, case):
    # 90 / 85.7 - 1 = 0.05018
    words = html.parse(with_table).getroot().text_content()
    assert "产值90亿元，增速5.0%" in words
    assert verify_memo(with_table).table.empty
    (case / "own.csv").unlink()
    assert findings(with_table) == [["unchecked", "", ""]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["tables"]["gdp"]["frame"]["data"][1].__setitem__(3, 95.0), "has no row"),
        (lambda d: d["values"]["gdp23"].update(quote="95亿元"), "'95亿元' does not stand at"),
        (lambda d: d["tables"]["growth"].update(formula="gdp"), "does not give the table shown"),
        (lambda d: d["tables"]["growth"].update(formula="12"), "does not give the table shown"),
        (lambda d: d["cites"][0].__setitem__(0, "gone"), "There is no named value 'gone'"),
        (lambda d: d["values"]["gdp23"].update(value=9.1e9), "do not give 9100000000"),
    ],
)
def test_evidence_that_was_changed_is_told_by_name(with_table, tmp_path, change, message):
    found = verify_memo(forged(with_table, tmp_path / "m.html", change), sources=tmp_path / "case")
    assert not found.holds
    assert message in str(found)


@pytest.mark.parametrize("said", ["超70%", "不到80%", "近79%", "超80%", "不到70%"])
def test_a_claim_with_a_bound_holds_as_the_audit_found_it(tmp_path, said):
    write_case(tmp_path)
    text = NOTICE.replace("投资完成率78.1%", f"投资完成率{said}")
    (tmp_path / "notice.txt").write_text(text, encoding="utf-8")
    (memo,) = build_memo(tmp_path, lang="zh", formats="html", out=tmp_path / "out")
    assert verify_memo(memo, sources=tmp_path).holds


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("recomputed", 0.9, "gives 0.78"),
        ("claimed", "plan", "is inconsistent"),
        ("verdict", "inconsistent", "is consistent"),
    ],
)
def test_an_audit_that_was_changed_is_told(built, tmp_path, column, value, message):
    def change(data):
        frame = data["tables"]["notice_audit"]["frame"]
        (row,) = (r for r in frame["data"] if r[frame["columns"].index("type")] == "ratio")
        row[frame["columns"].index(column)] = value

    found = verify_memo(forged(built / "memo.zh.html", tmp_path / "m.html", change))
    assert not found.holds
    assert message in str(found)


def test_a_structure_that_adds_up_is_shown_in_percent_and_by_its_words(case):
    text = NOTICE.replace("1-9月，", "三次产业结构为9.2:39.0:51.8。1-9月，")
    (case / "notice.txt").write_text(text, encoding="utf-8")
    (page,) = build_memo(case, lang="zh", formats="html", out=case / "out")
    cells = [cell.text_content() for cell in html.parse(page).getroot().iter("td", "th")]
    at = cells.index("三次产业结构为9.2:39.0:51.8")
    assert cells[at + 2] == "100.00%"
    assert verify_memo(page).table.empty


@pytest.mark.parametrize(
    ("claim", "text", "shown"),
    [
        ("的75%", "完成投资占年计划的75%", "完成投资占年计划的75%"),
        ("39.0", "其中：第二产业占39.0", "第二产业占39.0"),
        ("270项", "已解决19个。270项", "270项"),
        ("投资完成率59.1%", "甲县投资完成率59.1%", "投资完成率59.1%"),
        ("别处5%", "没有", "别处5%"),
    ],
)
def test_a_claim_that_is_a_bare_number_takes_the_words_before_it(claim, text, shown):
    assert spec._in_words(claim, text, len(text)) == shown


def test_evidence_of_another_format_is_refused(built, tmp_path):
    file = forged(
        built / "memo.zh.html", tmp_path / "m.html", lambda data: data.update(format="other/2")
    )
    with pytest.raises(SourceError, match="unknown format 'other/2'"):
        verify_memo(file)


def test_a_docx_that_unpacks_to_more_than_a_memo_holds_is_not_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 130_000_000)
    with pytest.raises(SourceError, match="more than a memo can hold"):
        verify_memo(tmp_path / "m.docx")


# More that a build refuses, and how files come into their place


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[values]", '[values]\nx = { cell = "gdp" }', "no table of records 'gdp'"),
        ("[values]", '[values]\nx = { figure = "产值" }', "no figure '产值'"),
        ("[values]", '[values]\nx = { after = "投资", document = "reply" }', "document 'reply'"),
        (
            "[values]",
            '[values]\nx = { dataset = "qhd_gdp", where = { year = 1066 } }',
            "no row of qhd_gdp has",
        ),
        (
            "[values]",
            '[values]\nx = { dataset = "qhd_gdp", where = { town = "甲" } }',
            "no column 'town'",
        ),
        (
            "[values]",
            '[values]\ng = { dataset = "qhd_gdp" }\nx = { cell = "g" }',
            "name area and year in where",
        ),
        (
            "[values]",
            '[values]\nx = { formula = "8 / 10001" }',
            "whole number 10001: over 10,000",
        ),
        ('table = "notice_audit"', 'table = "notice_audits"', "no table of values"),
        ("[documents", 'sections = ["findings", "detials"]\n[documents', "section 'detials'"),
        ('column = "claim"', 'column = "claims"', "has no cell"),
        (
            "[tables.audit]",
            '[charts.pie]\nplot = "plot_pie"\ntable = "notice_audit"\n[tables.audit]',
            "no plot 'plot_pie'",
        ),
        (
            "[tables.audit]",
            '[charts.pie]\nplot = "plot_lorenz"\ntable = "notice_audit"\n[tables.audit]',
            "chart pie: the table has no column 'value'",
        ),
    ],
)
def test_an_entry_that_leads_nowhere_is_named(case, old, new, message):
    if "charts.pie" in new:
        text = ZH.replace("{{ table audit }}", "{{ chart pie }}")
        (case / "memo.zh.md").write_text(text, encoding="utf-8")
    with pytest.raises(QhdError, match=message):
        build_with(case, "spec.toml", old, new)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title = {", "titel = {", r"spec\.toml: There is no key 'titel'\. Near names: title"),
        ("title = {", "date = {", r"spec\.toml: the key 'title' is missing"),
        ("[documents.notice]", "[document.notice]", "no key 'document'.* documents"),
        ("author =", "autor =", "no key 'autor'.* author"),
        ("year = 2024", "yaer = 2024", r"\[documents.notice\]: There is no key 'yaer'.* year"),
        ("caption =", "captoin =", r"\[tables.audit\]: There is no key 'captoin'.* caption"),
        ("columns = [", "colums = [", r"\[tables.audit\]: There is no key 'colums'.* columns"),
        ('format = "formula"', 'fromat = "formula"', "a column: There is no key 'fromat'.* format"),
        ('{ column = "claim",', "{", "a column: the key 'column' is missing"),
        (
            "[tables.audit]",
            '[charts.c]\nplot = "plot_audit"\ntable = "notice_audit"\noption = 1\n[tables.audit]',
            r"\[charts.c\]: There is no key 'option'.* options",
        ),
        (
            'formula = "rate - 9 / 12",',
            'formula = "rate - 9 / 12", uint = "%",',
            "value gap: There is no key 'uint'.* unit",
        ),
        (
            'after = "年计划投资",',
            'aftre = "年计划投资",',
            "value plan: There is no key 'aftre'.* after",
        ),
        ('zh = "核验"', 'cn = "核验"', "There is no language 'cn'"),
        ("[values]", "[values]\nx = 3", "value x: give keys and values, of formula, unit"),
    ],
)
def test_a_misspelt_or_missing_key_is_named_with_its_table(case, old, new, message):
    with pytest.raises(SourceError, match=message):
        build_with(case, "spec.toml", old, new)


def test_the_page_on_specs_lists_every_key_format_and_function():
    page = spec.__doc__
    keys = " ".join(spec._KEYS.values()).replace("!", "").split()
    for word in {*keys, *_FORMS, *FUNCTIONS, "percent_range", "money_range", "from", "formula"}:
        assert re.search(rf"\b{word}\b", page), word


def test_a_row_that_is_not_in_a_table_is_told_with_those_that_are_and_those_left_out(case):
    rows = "地区,年份,指标,数值,单位,备注\n示例县,2023,地区生产总值,100,亿元,示例行，读取时略去\n"
    gdp = '[values]\ngdp = { dataset = "own.csv", where = { code = "gdp", area = "乙县" } }'
    (case / "own.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(SourceError, match=r"no row\. 1 example rows .*left out"):
        build_with(case, "spec.toml", "[values]", gdp)
    (case / "own.csv").write_text(rows + "甲县,2023,地区生产总值,90,亿元,\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"There are: code gdp; area 甲县\. 1 example rows"):
        build_memo(case, out=case / "out")


def test_an_unknown_language_or_format_lists_those_there_are(case):
    with pytest.raises(SourceError, match=r"no language 'fr'\. There are: zh, en"):
        build_memo(case, lang="fr", out=case / "out")
    with pytest.raises(SourceError, match=r"no format 'pdx'\. Near names: pdf"):
        build_memo(case, formats=["pdx"], out=case / "out")


def test_a_citation_of_a_table_that_is_not_there_is_named(case):
    with pytest.raises(SourceError, match="no table 'audits'"):
        build_with(case, "memo.zh.md", "{{ plan }}", "{{ audits[0].stated }}")


def test_an_output_that_is_a_file_is_named(case):
    (case / "out").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match="out: cannot be written to"):
        build_memo(case, out=case / "out")


def test_a_memo_that_is_open_elsewhere_leaves_the_others_and_is_named(case):
    (case / "out" / "memo.zh.html").mkdir(parents=True)
    with pytest.raises(SourceError, match=r"memo\.zh\.html: cannot be written .*Close it"):
        build_memo(case, lang="zh", formats="html", out=case / "out")
    assert [path.name for path in (case / "out").iterdir()] == ["memo.zh.html"]


def test_of_two_builds_one_waits_and_a_dead_one_is_not_waited_for(case):
    lock = case / "out" / ".memo.lock"
    lock.parent.mkdir()
    lock.touch()
    build = partial(build_memo, case, lang="zh", formats="html", out=case / "out")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(build)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=1.5)
        lock.unlink()
        assert waiting.result(timeout=60) == [case / "out" / "memo.zh.html"]
    lock.touch()
    os.utime(lock, (0, 0))
    assert build() == [case / "out" / "memo.zh.html"]
    assert not lock.exists()


def test_a_character_outside_the_font_is_warned_of_and_set(case):
    text = ZH.replace("另一段", "\N{LINEAR B SYLLABLE B008 A}另一段")
    (case / "memo.zh.md").write_text(text, encoding="utf-8")
    with pytest.warns(UserWarning, match=r"memo\.zh\.pdf: .*could not be displayed"):
        (file,) = build_memo(case, lang="zh", formats="pdf", out=case / "out")
    assert verify_memo(file).holds
