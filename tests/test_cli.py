"""The command line: tables, exit codes, one clean line for an error."""

import json
import re

import pytest
from typer.testing import CliRunner

from qhdanalysis.cli import app

WRONG = "2023年，甲县年计划投资85.7亿元，完成投资50.64亿元，投资完成率69.1%。\n"
RIGHT = "2023年，甲县年计划投资85.7亿元，完成投资50.64亿元，投资完成率59.1%。\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.txt").write_text(WRONG, encoding="utf-8")
    (tmp_path / "right.txt").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"\x00\xff\x00\xfe" * 40)

    def call(*words):
        return CliRunner().invoke(app, [str(word) for word in words])

    return call


def test_audit_exits_1_on_a_claim_that_does_not_hold_and_0_otherwise(run):
    assert run("audit", "wrong.txt").exit_code == 1
    done = run("audit", "right.txt")
    assert (done.exit_code, "consistent" in done.stdout) == (0, True)


def test_audit_writes_all_columns_to_a_file(run, tmp_path):
    assert run("audit", "wrong.txt", "--out", "a.json").exit_code == 1
    row = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))[0]
    assert (row["stated"], row["verdict"]) == (0.691, "inconsistent")
    assert round(row["recomputed"], 4) == 0.5909  # 50.64 / 85.7
    for name in ("a.csv", "a.xlsx"):
        assert run("audit", "wrong.txt", "--out", name).exit_code == 1
        assert (tmp_path / name).stat().st_size > 100


def test_figures_of_several_files_are_one_table_with_bad_files_beside_it(run, tmp_path):
    done = run("figures", "right.txt", "bad.txt", "--out", "f.json")
    assert done.exit_code == 2
    assert re.search(r"error: bad\.txt", done.stderr)
    rows = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert {row["document"] for row in rows} == {"right.txt"}
    assert len(rows) == 3


def test_an_error_is_one_clean_line_and_exit_2(run):
    done = run("memo", "nowhere")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: nowhere: no such spec.")
    assert "Traceback" not in done.output
    assert run("verify", "nothing.html").exit_code == 2


def test_a_new_case_builds_verifies_and_is_not_overwritten(run, tmp_path):
    assert run("new", "mine").exit_code == 0
    names = {path.name for path in (tmp_path / "mine").iterdir()}
    assert names == {
        "spec.toml", "document.txt", "data.csv", "case.ipynb", "memo.zh.md", "memo.en.md",
    }  # fmt: skip
    again = run("new", "mine")
    assert (again.exit_code, "already holds" in again.stderr) == (2, True)
    done = run("memo", "mine", "--lang", "zh", "--out", "mine/out")
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 3)
    page = tmp_path / "mine" / "out" / "memo.zh.html"
    assert run("verify", page).exit_code == 0
    # 25.3 / 32.4 = 78.09%
    text = page.read_text(encoding="utf-8").replace(">78.09%<", ">87.09%<", 1)
    page.write_text(text, encoding="utf-8")
    done = run("verify", page)
    assert (done.exit_code, "87.09%" in done.stdout) == (1, True)


NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [],
            "execution_count": None, "source": 'city = "甲市"\nfirst, last = 2000, 2010',
        },
        {
            "cell_type": "code", "id": "b", "metadata": {}, "outputs": [], "execution_count": None,
            "source": "print(city, last - first)",
        },
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}},
    "nbformat": 4, "nbformat_minor": 5,
}  # fmt: skip


def test_run_replaces_parameters_and_keeps_the_others(run, tmp_path):
    (tmp_path / "n.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    done = run("run", "n.ipynb", "-p", "city=乙市", "-p", "last=2005", "--out", "o.ipynb")
    assert done.exit_code == 0, done.output
    book = json.loads((tmp_path / "o.ipynb").read_text(encoding="utf-8"))
    assert "".join(book["cells"][2]["outputs"][0]["text"]) == "乙市 5\n"
    first = "".join(book["cells"][0]["source"])
    assert "**Parameters changed:** `city = '乙市'; last = 2005`" in first
    assert "written for its own, which stand before these in cell 2, and may not fit" in first
    assert run("run", "n.ipynb", "--out", "p.ipynb").exit_code == 0
    book = json.loads((tmp_path / "p.ipynb").read_text(encoding="utf-8"))
    assert [cell["id"] for cell in book["cells"]] == ["a", "b"]


def test_run_names_an_unknown_parameter(run, tmp_path):
    (tmp_path / "n.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    done = run("run", "n.ipynb", "-p", "town=乙市", "--out", "o.ipynb")
    assert (done.exit_code, "no parameter 'town'" in done.stderr) == (2, True)
    assert not (tmp_path / "o.ipynb").exists()


@pytest.mark.slow
def test_the_notebook_of_a_new_case_runs(run, tmp_path):
    assert run("new", "mine").exit_code == 0
    done = run("run", "mine/case.ipynb", "--out", "mine/done.ipynb")
    assert done.exit_code == 0, done.output
    assert len(list((tmp_path / "mine" / "memo").iterdir())) == 6


def test_one_document_needs_no_column_and_its_indicators_are_readable_at_80_columns(
    run, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "80")
    one, two = run("figures", "right.txt").stdout, run("figures", "right.txt", "wrong.txt").stdout
    assert ("document" in one, "document" in two) == (False, True)
    assert re.search("完成投资 +50.64 +亿元", one)
    assert "right.txt" in two


FALLS = (
    "2023年，甲县固定资产投资同比下降4.2%，完成投资50.64亿元，环比回落1.5个百分点，"
    "争列省重点前期项目53项，总投资561.02，税收减少2.3亿元。\n"
)


@pytest.mark.parametrize("files", [["falls.txt"], ["falls.txt", "right.txt", "wrong.txt"]])
def test_a_fall_has_its_sign_and_no_word_of_a_note_is_cut_at_80_columns(
    run, tmp_path, monkeypatch, files
):
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "falls.txt").write_text(FALLS, encoding="utf-8")
    shown = run("figures", *files).stdout
    for number in ("-4.2 ", " 50.64 ", "-1.5 ", "-2.3 "):
        assert number in shown
    assert "inferred:" in shown.split()
    assert run("figures", "falls.txt", "--out", "f.json").exit_code == 0
    rows = json.loads((tmp_path / "f.json").read_text(encoding="utf-8"))
    assert (rows[0]["value"], rows[0]["base_value"]) == (4.2, -0.042)  # the columns' contract


def test_a_text_without_figures_says_so_and_a_missing_one_is_not_said_to_hold_none(run, tmp_path):
    (tmp_path / "plain.txt").write_text("没有数字。\n", encoding="utf-8")
    done = run("figures", "plain.txt")
    assert (done.exit_code, done.stdout.strip()) == (0, "No figure that can be read.")
    done = run("figures", "nothing.txt")
    assert (done.exit_code, done.stdout) == (2, "")


def test_what_is_the_same_in_all_rows_is_said_once(run):
    done = run("figures", "right.txt").stdout
    assert (done.count("甲县"), done.count("area:")) == (1, 1)


def test_a_table_is_written_by_its_ending_and_another_one_lists_them_all(run, tmp_path):
    for name in ("f.csv", "f.xlsx", "f.dta", "f.JSON"):
        assert run("figures", "right.txt", "--out", name).exit_code == 0
        assert (tmp_path / name).stat().st_size > 100
    done = run("figures", "right.txt", "--out", "f.txt")
    assert done.exit_code == 2
    assert "f.txt: name a file that ends in .csv, .xlsx, .dta, .json." in done.stderr
    assert ".csv, .xlsx, .dta, .json" in re.sub(r"[\s│]+", " ", run("figures", "--help").stdout)


def test_a_file_without_evidence_is_not_said_to_have_been_compared(run, tmp_path):
    (tmp_path / "m.html").write_text("<html><body>3.5亿元</body></html>", encoding="utf-8")
    done = run("verify", "m.html")
    assert done.exit_code == 1
    assert "m.html: nothing can be compared, does not hold" in done.stdout
    assert "carries no evidence" in re.sub(r"\s+", " ", done.stdout)


def test_a_missing_file_is_not_said_to_hold_no_claim(run):
    done = run("audit", "nothing.txt")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no such file" in done.stderr


def test_a_failing_notebook_names_the_cell_and_is_written_as_far_as_it_came(run, tmp_path):
    (tmp_path / "n.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    done = run("run", "n.ipynb", "-p", "last=x", "--out", "o.ipynb")
    assert done.exit_code == 2
    assert "stops in cell 3 of 3 with TypeError" in done.stderr
    assert "So far: o.ipynb" in done.stderr
    book = json.loads((tmp_path / "o.ipynb").read_text(encoding="utf-8"))
    assert book["cells"][2]["outputs"][0]["ename"] == "TypeError"


def test_figures_typed_into_the_template_are_cited_and_a_lost_one_is_told(run, tmp_path):
    assert run("new", "mine").exit_code == 0
    spec, data, text = (tmp_path / "mine" / n for n in ("spec.toml", "data.csv", "memo.zh.md"))
    commented = spec.read_text(encoding="utf-8")
    spec.write_text(commented.replace("# gdp", "gdp"), encoding="utf-8")
    words = text.read_text(encoding="utf-8")
    text.write_text(
        words.replace("{{ chart", "产值{{ gdp_2023 }}。\n\n{{ chart", 1), encoding="utf-8"
    )
    # 示例县 is the template's own example, which is left out.
    spec.write_text(
        spec.read_text(encoding="utf-8").replace('示例县", year', '甲县", year'), "utf-8"
    )
    rows = data.read_text(encoding="utf-8-sig") + "".join(
        f"甲县,,{year},地区生产总值,{value},亿元,current,年鉴,,\n"
        for year, value in ((2021, 337.2), (2022, 351.1), (2023, 362.8))
    )
    data.write_text(rows, encoding="utf-8")
    call = ("memo", "mine", "--lang", "zh", "--out", "mine/out")
    assert run(*call).exit_code == 0
    assert "362.8亿元" in (tmp_path / "mine" / "out" / "memo.zh.html").read_text(encoding="utf-8")
    data.write_text(rows.replace("362.8", "三百多"), encoding="utf-8")
    done = run(*call)
    assert done.exit_code == 2
    assert "'三百多' read as missing" in done.stderr
    assert "There are: area 甲县; year 2021, 2022" in done.stderr


def test_what_the_scaffold_says_of_own_figures_can_be_followed_to_the_letter(run, tmp_path):
    assert run("new", "mine").exit_code == 0
    spec, data, text = (tmp_path / "mine" / n for n in ("spec.toml", "data.csv", "memo.zh.md"))
    spec.write_text(spec.read_text(encoding="utf-8").replace("# gdp", "gdp"), encoding="utf-8")
    rows = data.read_text(encoding="utf-8-sig").replace("105.5", "345.6")
    data.write_text(rows.replace("示例行，读取时略去", ""), encoding="utf-8")
    text.write_text(text.read_text(encoding="utf-8") + "\n\n{{ gdp_2023 }}\n", encoding="utf-8")
    assert run("memo", "mine", "--lang", "zh", "--out", "o").exit_code == 0
    assert "345.6亿元" in (tmp_path / "o" / "memo.zh.html").read_text(encoding="utf-8")


def test_a_text_without_claims_says_so(run, tmp_path):
    (tmp_path / "plain.txt").write_text("2023年，甲县完成投资50.64亿元。\n", encoding="utf-8")
    done = run("audit", "plain.txt")
    assert (done.exit_code, done.stdout.strip()) == (0, "No claim that can be checked.")


def test_verify_shows_the_number_that_does_not_hold_and_exits_1(run, tmp_path):
    assert run("new", "case").exit_code == 0
    assert run("memo", "case", "--lang", "en", "--out", "memo").exit_code == 0
    page = tmp_path / "memo" / "memo.en.html"
    done = run("verify", page, "--sources", "case")
    assert (done.exit_code, "all hold" in done.stdout) == (0, True)
    seen, mark, evidence = page.read_text(encoding="utf-8").partition("<script")
    number = re.search(r"[\d.]+%", seen.partition("<body")[2])[0]
    page.write_text(seen.replace(number, "99.9%") + mark + evidence, encoding="utf-8")
    done = run("verify", page, "--sources", "case")
    assert done.exit_code == 1
    assert "does not hold" in done.stdout
    assert "99.9%" in done.stdout


def test_run_refuses_what_is_no_notebook_and_what_has_no_parameters(run, tmp_path):
    done = run("run", "right.txt", "--out", "o.ipynb")
    assert "right.txt: cannot be read as a notebook" in done.stderr
    book = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "empty.ipynb").write_text(json.dumps(book), encoding="utf-8")
    done = run("run", "empty.ipynb", "--out", "o.ipynb")
    assert "no cell has the tag 'parameters'" in done.stderr
    done = run("run", "empty.ipynb", "--out", "o.ipynb", "-p", "city")
    assert "-p city: give a parameter as name=value" in done.stderr
    assert not (tmp_path / "o.ipynb").exists()
