"""Targets, plans and forecasts are told from results."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis.reading.documents import read_text, to_records
from qhdanalysis.reading.outlook import outlook
from qhdanalysis.records import RECORD_COLUMNS

SHORT = {
    "": ".",
    "a target, not a result": "T",
    "a forecast, not a result": "F",
    "the year was not over": "O",
}


def marks(text, *, year=2024, issued=""):
    document = read_text(text, area="曹县", year=year)
    notes = outlook(document.text, document.figures, issued=issued, year=year)
    return "".join(notes.map(SHORT))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025年主要预期目标：生产总值增长6%左右，财政收入增长5%，粮食产量稳定在18万吨。", "TTT"),
        ("今年，力争实现地区生产总值600亿元，增长7%以上。", "TT"),
        ("到2027年，地区生产总值达到800亿元，年均增长6%。", "TT"),
        ("预计2024年全年地区生产总值568.3亿元，增长6.1%。", "FF"),
        ("2024年全年预计完成财政收入30亿元，同比增长5%。", "FF"),
        ("2024年预期增长6%。", "F"),
        ("预计到年底，全年生产总值达到500亿元，增长6%。", "FF"),
        ("力争到2027年，生产总值达到800亿元，增长6%。", "TT"),
        ("2024年目标任务：新增就业5万人，完成投资10亿元。", "TT"),
        ("2025年粮食总产将达到50万吨，增长2%。", "FF"),
        ("2023年底，确保脱贫人口1.2万人，实现就业5万人。", "TT"),
        ("主要预期目标是：\n生产总值增长6%；\n投资增长8%；\n2023年生产总值500亿元。", "TT."),
        ("一、2025年主要目标\n\n生产总值增长6%，财政收入增长5%。\n2024年投资50亿元。", "TT."),
        ("今年预期目标是：生产总值增长6.5%。实际利用外资增长15%。\n粮食产量500万吨。", "TT."),
        ("2025年，力争生产总值增长6%，完成投资100亿元，已完成投资50亿元。", "TT."),
    ],
)
def test_what_a_text_announces_is_told_by_its_words(text, expected):
    assert marks(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024年，完成投资12亿元，完成年度计划的75%，超额完成年度目标。财政收入5亿元。", "..."),
        ("2024年，生产总值增长5.5%，高于预期目标0.5个百分点，投资增长7%。", "..."),
        ("2023年完成投资100亿元，实现预期目标。财政收入20亿元，完成年初目标的101%。", "..."),
        ("人均预期寿命达到78.5岁，争取上级资金5亿元，确保了粮食安全，粮食产量50万吨。", "..."),
        ("2023年，实施《三年行动计划》，落实2023年行动计划，新增就业5万人。", "."),
        ("2023年，我们确保粮食安全，粮食产量50万吨。", "."),
        ("到2022年底，全县高新技术企业达到50家。", "."),
        ("2023年目标考核居全市第2位，生产总值300亿元。", ".."),
        ("按照到2025年基本建成的要求，2023年完成投资5亿元。", "."),
        ("预计2025年底竣工，2023年完成投资5亿元。", "."),
        ("“千企计划”带动新增企业50家，计划外投资5亿元，五年计划执行良好，投资增长5%。", "..."),
        ("2020年生产总值达到1685亿元，由2020年到2023年年均增长5%。", ".."),
    ],
)
def test_a_result_measured_by_its_plan_stays_a_result(text, expected):
    assert marks(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023年，计划投资50亿元，完成45亿元。", "T."),
        ("2024年，完成投资12亿元，为年计划16亿元的75%。", ".T."),
        ("2013年新增就业目标为500000人，实际完成目标任务的134%。", "T."),
        ("2024年失业率3.1%，控制在4.5%的预期目标以内。", ".T"),
        ("2024年生产总值增长5.6%（年度目标6%），投资增长8.2%（目标10%）。", ".T.T"),
        ("2024年预计完成生产总值500亿元，2023年为480亿元。", "F."),
        ("2024年，已建成充电桩500个，计划2025年新建300个。", ".T"),
    ],
)
def test_plan_and_result_in_one_sentence_are_told_apart(text, expected):
    assert marks(text) == expected


def test_a_year_that_was_not_over_when_the_text_was_signed_has_no_result():
    text = "2023年，完成投资5亿元。2022年，完成投资4亿元。"
    assert marks(text, issued="2023-09-30") == "O."
    assert marks(text, issued="2024-01-02") == ".."
    assert marks("到2025年，生产总值达到800亿元。", year=None, issued="2026-01-20") == "."


def test_targets_keep_their_words_but_get_no_code():
    text = "2024年，生产总值500.0亿元。2025年，力争实现生产总值530.0亿元，增长6%左右。"
    records = to_records(read_text(text, area="曹县"))
    assert records[["year", "indicator", "code", "note"]].values.tolist() == [
        [2024, "生产总值", "gdp", ""],
        [2025, "生产总值", "", "a target, not a result"],
        [2025, "生产总值增长率", "", "a target, not a result; about"],
    ]


@pytest.mark.parametrize("text", ["", "全县上下团结一心。", "2024年1—6月财政收入7.71亿元。"])
def test_a_document_without_a_whole_year_gives_an_empty_table_of_records(text):
    records = to_records(read_text(text))
    assert records.empty
    assert list(records.columns) == list(RECORD_COLUMNS)
    assert records["year"].dtype == "int64"
    assert records["area"].dtype == "str"


WORDS = [
    "力争",
    "预计",
    "目标",
    "计划",
    "5亿元",
    "6%",
    "2025年",
    "已",
    "完成",
    "增长",
    "的",
    *"，。；：（）\n",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS)))
def test_every_figure_gets_one_note_whatever_the_words(parts):
    document = read_text("".join(parts))
    assert outlook(document.text, document.figures).index.equals(document.figures.index)


def test_a_long_clause_takes_time_in_proportion():
    figures = read_text("粮食产量5万吨").figures

    def took(n):
        text = "力争预计目标计划《（" * n + "粮食产量5万吨"
        far = figures.assign(start=figures["start"] + 10 * n, end=figures["end"] + 10 * n)
        began = time.perf_counter()
        outlook(text, far)
        return time.perf_counter() - began

    assert took(16_000) < 12 * max(took(4_000), 0.02)
