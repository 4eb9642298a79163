"""`read_table`: what a person reads out of a table, and nothing else."""

import datetime as dt
import math
import time
import tracemalloc
import zipfile

import pytest
import table_twins as twins
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import SourceError, describe_table, export, read_repairs, read_table, template
from qhdanalysis.reading.tables.cells import read_number
from qhdanalysis.reading.tables.compound import is_sound
from qhdanalysis.reading.tables.layout import Block
from qhdanalysis.reading.tables.titles import read_titles
from qhdanalysis.reading.tables.wording import part_of_year, said, year_of
from qhdanalysis.records import RECORD_COLUMNS, record_column

COUNTIES = [["甲县", 103.6, 5.8], ["乙县", 87.25, -1.4]]


def told(path, *columns, **hints):
    """Give some columns of the records, one tuple a record."""
    return list(read_table(path, **hints)[list(columns)].itertuples(index=False, name=None))


# ---- exports of the Bureau


def bureau(path, encoding="gb18030"):
    rows = [
        ["数据库：分省年度数据"],
        ["指标：地区生产总值(亿元)"],
        ["时间：最近3年"],
        ["地区", "2023年", "2022年", "2021年"],
        ["甲省", "", "41.5", "40"],
        ["乙自治区", "0", "…", "7.25"],
        ["注：2022年数据按现行价格计算，"],
        ["　　以后将修订。"],
        ["数据来源：国家统计局", "", "", ""],
    ]
    return twins.text(path, rows, encoding)


def test_an_export_gives_area_year_indicator_and_unit_of_every_printed_value(tmp_path):
    assert told(bureau(tmp_path / "a.csv"), "area", "year", "indicator", "value", "unit") == [
        ("甲省", 2022, "地区生产总值", 41.5, "亿元"),
        ("甲省", 2021, "地区生产总值", 40.0, "亿元"),
        ("乙自治区", 2023, "地区生产总值", 0.0, "亿元"),
        ("乙自治区", 2021, "地区生产总值", 7.25, "亿元"),
    ]


def test_records_hold_the_columns_of_the_contract_and_no_missing_text(tmp_path):
    records = read_table(bureau(tmp_path / "a.csv"))
    assert tuple(records.columns) == RECORD_COLUMNS
    assert not records.drop(columns=["year", "value"]).isna().any().any()
    assert records["year"].dtype == "int64"
    assert set(records["source"]) == {"a.csv"}
    assert records["place"].iloc[0] == "line 5, column 3"


def test_notes_keep_every_line_below_a_table_and_tell_the_prices(tmp_path):
    records = read_table(bureau(tmp_path / "a.csv"))
    assert records.attrs["notes"] == (
        "注：2022年数据按现行价格计算，",
        "以后将修订。",
        "数据来源：国家统计局",
    )
    assert set(records["price_basis"]) == {"current"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_the_encoding_changes_nothing(tmp_path, encoding):
    assert told(bureau(tmp_path / "a.csv", encoding), "area", "value")[0] == ("甲省", 41.5)


def test_an_export_turned_round_takes_its_area_from_the_title(tmp_path):
    rows = [
        ["Database：Annual by Province"],
        ["Region：Inner Mongolia"],
        ["Indicator", "2022", "2021"],
        ["Gross Regional Product(100 million yuan)", 231.6, 211.7],
        ["Indices of Gross Regional Product (preceding year=100)", 104.2, ""],
        ["Source：National Bureau of Statistics"],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "year", "value", "unit", "code", "price_basis") == [
        ("Inner Mongolia", 2022, 231.6, "100 million yuan", "gdp", "na"),
        ("Inner Mongolia", 2021, 211.7, "100 million yuan", "gdp", "na"),
        ("Inner Mongolia", 2022, 104.2, "", "gdp_index_prev_year_100", "index"),
    ]


def test_months_stay_in_the_words_of_the_indicator(tmp_path):
    rows = [["指标：居民消费价格指数"], ["地区", "2023年12月", "2023年11月"], ["甲省", 100.2, 99.1]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "year", "indicator") == [
        (2023, "居民消费价格指数 12月"),
        (2023, "居民消费价格指数 11月"),
    ]


# ---- yearbooks


def yearbook(path):
    rows = [
        ["2-8  各市生产总值", "", "", "", "", "", ""],
        ["Gross Domestic Product by Region"],
        ["单位:亿元", "", "(100 million yuan)"],
        [
            "地   区",
            "Region",
            "生产总值\nGross Domestic Product",
            "",
            "",
            "人均生产总值(元)\n(yuan)",
        ],
        ["", "", 2013.0, 2014.0, "2014年为\n2013年%\n2013=100", 2013.0, 2014.0],
        ["全省总计", "Total", 552.3, 594.2, 108.7, 5688.5, 6087.9],
        ["甲 水 市", "Jiashui", 52.3, 57.7, 108.75, 7499.3, "8205. 2"],
        ["注:本表绝对额按当年价格计算,速度按可比价格计算。"],
    ]
    merged = [(0, 0, 0, 6), (3, 0, 4, 0), (3, 1, 4, 1), (3, 2, 3, 4), (3, 5, 3, 6)]
    return twins.book(path, {"s": rows}, {"s": merged})


def test_a_header_of_three_levels_gives_level_index_and_per_head_apart(tmp_path):
    columns = ("area", "year", "indicator", "value", "unit", "price_basis", "level")
    assert told(yearbook(tmp_path / "a.xlsx"), *columns)[:5] == [
        ("全省总计", 2013, "生产总值", 552.3, "亿元", "current", "subtotal"),
        ("全省总计", 2014, "生产总值", 594.2, "亿元", "current", "subtotal"),
        ("全省总计", 2014, "生产总值 为2013年%", 108.7, "%", "index", "subtotal"),
        ("全省总计", 2013, "人均生产总值", 5688.5, "元", "current", "subtotal"),
        ("全省总计", 2014, "人均生产总值", 6087.9, "元", "current", "subtotal"),
    ]


def test_a_number_broken_by_recognition_is_closed_and_said(tmp_path):
    path = yearbook(tmp_path / "a.xlsx")
    last = read_table(path).iloc[-1]
    assert (last["area"], last["value"]) == ("甲水市", 8205.2)
    assert "8205. 2" in last["note"]
    repairs = read_repairs(path)
    assert repairs[["place", "found", "read"]].to_numpy().tolist() == [
        ["s!G7", "8205. 2", "8205.2"]
    ]
    assert read_table(path).attrs["repairs"] == (
        "s!G7: '8205. 2' read as 8205.2 (blanks inside the number)",
    )


def test_a_header_that_is_not_merged_spreads_to_the_right(tmp_path):
    rows = [
        ["3-9 各市生产总值(2015年)"],
        ["本表按当年价格计算。"],
        ["市(县)", "City(County)", "生产总值", "", "人均生产总值"],
        ["", "", "(亿元)", "第一产业", "(元)"],
        ["", "", "Product", "Primary", "GDP"],
        ["省辖市", "City"],
        ["甲  水  市", "Jiashui", 731.1, 15.9, 77178.6],
        ["省直管县", "County"],
        ["乙县", "Yi", 23.4, 3.9, 37185.1],
    ]
    found = told(twins.book(tmp_path / "a.xlsx", {"s": rows}), "area", "indicator", "unit", "note")
    beside = "unit inferred from the column beside"
    assert found == [
        ("甲水市", "生产总值", "亿元", ""),
        ("甲水市", "生产总值 第一产业", "亿元", beside),
        ("甲水市", "人均生产总值", "元", ""),
        ("乙县", "生产总值", "亿元", ""),
        ("乙县", "生产总值 第一产业", "亿元", beside),
        ("乙县", "人均生产总值", "元", ""),
    ]


def test_stacked_tables_keep_each_its_own_header_and_unit(tmp_path):
    rows = [
        ["2-12 分市地区生产总值"],
        ["单位:亿元"],
        ["地 区", 2017, 2018],
        ["按地区分"],
        ["  甲 水", "986. 1", "1066.2"],
        ["按区域分"],
        ["  苏南", "2545.1", "2686.2"],
        [],
        ["2-12 续 表1"],
        ["单位:元"],
        ["地 区", "人均地区生产总值", ""],
        ["", 2017, 2018],
        ["  甲 水", "66132", "72000"],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows}, {"s": [(10, 1, 10, 2)]})
    assert told(path, "area", "year", "indicator", "value", "unit", "level") == [
        ("甲水", 2017, "地区生产总值", 986.1, "亿元", "area"),
        ("甲水", 2018, "地区生产总值", 1066.2, "亿元", "area"),
        ("苏南", 2017, "地区生产总值", 2545.1, "亿元", "subtotal"),
        ("苏南", 2018, "地区生产总值", 2686.2, "亿元", "subtotal"),
        ("甲水", 2017, "人均地区生产总值", 66132.0, "元", "area"),
        ("甲水", 2018, "人均地区生产总值", 72000.0, "元", "area"),
    ]


def test_section_rows_may_name_the_indicator_or_the_year(tmp_path):
    rows = [
        ["县区", "2021年"],
        ["地区生产总值（亿元）"],
        ["甲县", 1.5],
        ["年末总人口（万人）"],
        ["甲县", 9],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "indicator", "value", "unit") == [
        ("地区生产总值", 1.5, "亿元"),
        ("年末总人口", 9.0, "万人"),
    ]
    rows = [["县区", "人口（万人）"], ["2021年"], ["甲县", 1.5], ["2022年"], ["甲县", 1.6]]
    path = twins.book(tmp_path / "b.xlsx", {"s": rows})
    assert told(path, "year", "value") == [(2021, 1.5), (2022, 1.6)]


def test_years_down_and_tables_side_by_side(tmp_path):
    rows = [["2-1 甲水市主要年份地区生产总值"], ["年份", "地区生产总值(亿元)", "#工业(亿元)"]]
    rows += [[1978, 12.3, 4.4], [1980, 14.3, 5.4]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "year", "indicator", "value")[:2] == [
        ("甲水市", 1978, "地区生产总值", 12.3),
        ("甲水市", 1978, "工业", 4.4),
    ]
    rows = [
        ["2020年各县人口（人）"],
        ["县名", "总人口", "县名", "总人口"],
        ["甲县", 10, "丁县", 13],
    ]
    path = twins.book(tmp_path / "b.xlsx", {"s": rows})
    assert told(path, "area", "value", "unit") == [("甲县", 10.0, "人"), ("丁县", 13.0, "人")]


def test_a_census_header_keeps_households_people_and_ages_apart(tmp_path):
    first = [
        ["1-1 各地区户数、人口数和性别比"],
        ["地 区", "户 数", "", "人口数", "", "性别比"],
        ["", "合 计", "家庭户", "男", "女", ""],
        ["甲水市", 25, 24, 37, 36, 102.7],
    ]
    ages = [["1-2 分年龄人口"], ["地区", "0岁", "1-4岁"], ["甲水市", 6, 30]]
    merged = [(1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 1, 4), (1, 5, 2, 5)]
    path = twins.book(tmp_path / "a.xlsx", {"1-1": first, "1-2": ages}, {"1-1": merged})
    with pytest.raises(SourceError, match=r"no year stands .*pass year="):
        read_table(path)
    assert told(path, "indicator", "value", year=2020) == [
        ("户数 合计", 25.0),
        ("户数 家庭户", 24.0),
        ("人口数 男", 37.0),
        ("人口数 女", 36.0),
        ("性别比", 102.7),
        ("0岁", 6.0),
        ("1-4岁", 30.0),
    ]


# ---- vendors


def test_a_panel_reads_years_codes_and_units_from_its_columns(tmp_path):
    rows = [
        [
            "年度标识",
            "城市名称",
            "城市类别",
            "城市代码",
            "省份名称",
            "gdp（亿元）",
            "第一产业占GDP比重",
        ],
        [2022, "甲水市", "地级市", 130300.0, "甲省", "1909.5", 0.13],
        [2023, "甲水市", "地级市", "130300.0", "甲省", 2001.01, ""],
        ["", "", "", "", "", "更多数据，关注淘宝店【某某】", ""],
    ]
    again = [rows[0], [2023, "甲水市", "地级市", 130300, "甲省", "2001.010", ""]]
    source = [["数据来源：各省市统计年鉴"]]
    path = twins.book(tmp_path / "a.xlsx", {"来源": source, "面板": rows, "2023": again})
    assert told(path, "area", "area_code", "year", "indicator", "value", "unit") == [
        ("甲水市", "130300", 2022, "gdp", 1909.5, "亿元"),
        ("甲水市", "130300", 2022, "第一产业占GDP比重", 0.13, ""),
        ("甲水市", "130300", 2023, "gdp", 2001.01, "亿元"),
    ]
    records = read_table(path)
    assert "更多数据，关注淘宝店【某某】" in records.attrs["notes"]
    assert "数据来源：各省市统计年鉴" in records.attrs["notes"]
    assert "1 records of 2023 repeat those of other sheets" in records.attrs["notes"]
    assert "'130300.0' read as 130300 (area code)" in records.attrs["repairs"][0]
    assert len(read_table(path, sheet="2023")) == 1


def test_a_header_of_codes_over_names_over_units_is_read_by_its_names(tmp_path):
    rows = [
        ["Sgnyea", "Ctnm_id", "Ctnm", "Gdpct01"],
        ["统计年度", "城市编码", "城市名称", "地区生产总值"],
        ["没有单位", "没有单位", "没有单位", "万元"],
        ["2019", "130300", "甲水市", 161202],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "area_code", "year", "indicator", "unit") == [
        ("甲水市", "130300", 2019, "地区生产总值", "万元")
    ]


def test_hand_made_blocks_take_labels_from_merged_cells(tmp_path):
    rows = [
        ["", "", "", "", 2005, 2006, 2007],
        [1, "一般预算支出（亿元）i", "", "甲省", "", 12.5, 16.5],
        [2, "", "一般预算支出（亿元）i", "乙省", "", 6.5, 7.5],
        [3, "财政支出（亿元）i", "", "甲省", 10.5, "", ""],
        [4, "", "财政支出（亿元）i", "乙省", 4.5, "", ""],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows}, {"s": [(1, 1, 2, 1), (3, 1, 4, 1)]})
    assert told(path, "area", "year", "indicator", "value", "unit") == [
        ("甲省", 2006, "一般预算支出", 12.5, "亿元"),
        ("甲省", 2007, "一般预算支出", 16.5, "亿元"),
        ("乙省", 2006, "一般预算支出", 6.5, "亿元"),
        ("乙省", 2007, "一般预算支出", 7.5, "亿元"),
        ("甲省", 2005, "财政支出", 10.5, "亿元"),
        ("乙省", 2005, "财政支出", 4.5, "亿元"),
    ]


def test_suppressed_cells_are_missing_and_identifiers_no_indicators(tmp_path):
    head = ["GeoFIPS", "GeoName", "Region", "LineCode", "Description", "Unit", 2020, 2021]
    lines = [
        [' "19001"', "Adair, IA", 4, 1, " Utilities 2/", "Thousands of dollars", "(D)", 0],
        [' "19001"', "Adair, IA", 4, 2, "  Trade ", "Thousands of dollars", 17, 18],
        ["U.S. Bureau of Economic Analysis"],
    ]
    path = tmp_path / "a.csv"
    quoted = [[f'"{c}"' if isinstance(c, str) and "," in c else str(c) for c in r] for r in lines]
    path.write_text("\n".join(map(",".join, [list(map(str, head)), *quoted])), encoding="utf-8")
    assert told(path, "area", "area_code", "year", "indicator", "value", "unit") == [
        ("Adair, IA", "19001", 2021, "Utilities", 0.0, "Thousands of dollars"),
        ("Adair, IA", "19001", 2020, "Trade", 17.0, "Thousands of dollars"),
        ("Adair, IA", "19001", 2021, "Trade", 18.0, "Thousands of dollars"),
    ]


# ---- bulletins

PAGE = """<html><head><meta charset="gb2312"></head><body>
<p>2019年示例县国民经济和社会发展统计公报</p><table><tr><td>示例县统计局</td></tr></table>
<p>全年地区生产总值41.6亿元，比上年增长6.3%。</p><p>2019年地区生产总值</p><p>单位：亿元</p>
<table><tr><td>指 标</td><td colspan=2>指标值</td><td>同比增长（±%）</td></tr>
<tr><td>地区<span>生产总值</span></td><td><span>4</span><span>1.6</span></td><td></td><td>6.3</td></tr>
<tr><td>　#建筑业</td><td>&#65299;.4</td><td></td><td>-<span>1.8</span></td></tr></table>
<p>主要产品产量</p><table><tr><td>产品</td><td>单 位</td><td>产 量</td><td>同比增长（%）</td></tr>
<tr><td>蔬 菜</td><td>万吨</td><td>1,<span>048.5</span></td><td>持平</td></tr>
<tr><td>布</td><td>万米</td><td>2.5</td><td>1.5</td></tr></table>
<p>存贷款</p><p>单位：亿元</p><table><tr><td>指标</td><td>12月末</td><td>比年初增加额</td></tr>
<tr><td>存款余额</td><td>970.6</td><td>-66.0</td></tr></table>
<p>畜牧业</p><table><tr><td>指标名称</td><td>指标值</td></tr><tr><td>年末存栏</td><td></td></tr>
<tr><td>猪（万头）</td><td>44.0</td></tr></table><p>注：初步统计数。</p></body></html>"""


@pytest.mark.parametrize("name", ["a.html", "a.xls"])
def test_a_bulletin_page_gives_its_tables_and_nothing_of_its_prose(tmp_path, name):
    (tmp_path / name).write_bytes(PAGE.encode("gb18030"))
    columns = ("indicator", "value", "unit", "price_basis")
    assert told(tmp_path / name, *columns) == [
        ("地区生产总值", 41.6, "亿元", "na"),
        ("地区生产总值 同比增长", 6.3, "%", "growth"),
        ("建筑业", 3.4, "亿元", "na"),
        ("建筑业 同比增长", -1.8, "%", "growth"),
        ("蔬菜 产量", 1048.5, "万吨", "na"),
        ("布 产量", 2.5, "万米", "na"),
        ("布 同比增长", 1.5, "%", "growth"),
        ("存款余额 12月末", 970.6, "亿元", "na"),
        ("存款余额 比年初增加额", -66.0, "亿元", "na"),
        ("猪", 44.0, "万头", "na"),
    ]
    records = read_table(tmp_path / name)
    assert set(records["area"]) == {"示例县"}
    assert set(records["year"]) == {2019}
    assert "注：初步统计数。" in records.attrs["notes"]
    assert "示例县统计局" in records.attrs["notes"]
    assert [r for r in records.attrs["repairs"] if "持平" in r] == [
        "table 3, row 2, column 4: '持平' read as missing (no number)"
    ]


def test_word_tables_read_like_pages(tmp_path):
    rows = [["指标", "2022年", "比上年增长%"], ["财政收入", "12,345", "5.5"]]
    path = twins.word(tmp_path / "a.docx", ["示例县2022年统计公报", "单位：万元"], rows)
    assert told(path, "area", "year", "indicator", "value", "unit") == [
        ("示例县", 2022, "财政收入", 12345.0, "万元"),
        ("示例县", 2022, "财政收入 比上年增长", 5.5, "%"),
    ]


def test_areas_across_and_equal_labels_under_two_parents(tmp_path):
    rows = [
        ["2022年各县区主要指标"],
        ["指标", "计量单位", "全市", "甲县"],
        ["城镇人口", "万人", 60, 5],
        ["男", "万人", 31, 3],
        ["乡村人口", "万人", 40, 4],
        ["男", "万人", 20, 2],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "indicator", "value", "level")[2:4] == [
        ("全市", "城镇人口 男", 31.0, "subtotal"),
        ("甲县", "城镇人口 男", 3.0, "area"),
    ]
    assert told(path, "area", "indicator", "value")[-1] == ("甲县", "乡村人口 男", 2.0)


# ---- troubles met in public


@pytest.mark.parametrize(
    ("encoding", "mark"), [("gb18030", "\t"), ("utf-16", "\t"), ("utf-8", ";")]
)
def test_text_under_the_name_of_a_workbook_is_read_as_text(tmp_path, encoding, mark):
    rows = [["2023年各县主要指标"], ["地区", "地区代码", "地区生产总值(亿元)", "增长(%)"]]
    rows += [["甲县", "130999", "103.6", "5.8"], ["乙县", "130998", "…", "-1.4"], ["注：待核。"]]
    path = twins.text(tmp_path / "a.xls", rows, encoding, mark)
    assert told(path, "area", "area_code", "indicator", "value", "unit") == [
        ("甲县", "130999", "地区生产总值", 103.6, "亿元"),
        ("甲县", "130999", "地区生产总值 增长", 5.8, "%"),
        ("乙县", "130998", "地区生产总值 增长", -1.4, "%"),
    ]
    assert read_table(path).attrs["notes"] == ("注：待核。",)


def test_an_old_workbook_whose_code_page_lies_is_read_all_the_same(tmp_path):
    assert told(twins.lying_xls(tmp_path / "a.xls"), "area", "indicator", "year", "value") == [
        ("甲县", "地区生产总值", 2023, 103.6),
        ("甲县", "地区生产总值 增长", 2023, 5.8),
        ("乙县", "地区生产总值", 2023, 87.25),
        ("乙县", "地区生产总值 增长", 2023, -1.4),
    ]


@pytest.mark.parametrize("extent", [b"A1", b"A1:XFD1048576"])
def test_a_wrong_dimension_record_costs_neither_records_nor_memory(tmp_path, extent):
    rows = [["地区", "2022年", "2023年"], ["甲县", 96.4, 103.6], ["乙县", 88.5, 87.25]]
    plain = twins.book(tmp_path / "plain.xlsx", {"s": rows})
    path = twins.changed(
        tmp_path / "a.xlsx", plain, "sheet1.xml", b'ref="A1:C3"', b'ref="%s"' % extent
    )
    tracemalloc.start()
    start = time.process_time()
    assert told(path, "value") == [(96.4,), (103.6,), (88.5,), (87.25,)]
    assert time.process_time() - start < 10
    assert tracemalloc.get_traced_memory()[1] < 200e6
    tracemalloc.stop()


def test_years_in_five_kinds_of_cell(tmp_path):
    years = [2019, "2020年", "２０２１年", dt.date(2022, 12, 31), "2023.0", 45657]
    years.append(dt.date(1905, 7, 17))  # 2025 shown as a date
    rows = [
        ["地区生产总值(亿元)"],
        ["地区", *years],
        ["甲县", 90.1, 91.7, 95, 96.4, 103.6, 104.1, 7],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "year", "value", "unit") == [
        (2019, 90.1, "亿元"),
        (2020, 91.7, "亿元"),
        (2021, 95.0, "亿元"),
        (2022, 96.4, "亿元"),
        (2023, 103.6, "亿元"),
        (2024, 104.1, "亿元"),  # 45657 is 2024-12-31
        (2025, 7.0, "亿元"),
    ]
    found = read_repairs(path)["found"].tolist()
    assert found == ["２０２１年", "2022-12-31", "2023.0", "45657", "1905-07-17"]


def test_what_export_guards_comes_back_as_it_was(tmp_path):
    names = ['=HYPERLINK("http://example.invalid","甲县")', "+乙县", "-未分配", "@小计", "丁县"]
    rows = [
        [name, 2023, value]
        for name, value in zip(names, [-12.5, 4.1, -0.07, 8.0, -3.0], strict=True)
    ]
    records = read_table(
        twins.text(tmp_path / "a.csv", [["area", "year", "value"], *rows]), indicator="差额"
    )
    for name in ("out.csv", "out.xlsx"):
        export(records, tmp_path / name)
        back = read_table(tmp_path / name)
        assert back["area"].tolist() == names
        assert back["value"].tolist() == [-12.5, 4.1, -0.07, 8.0, -3.0]


def test_a_filled_template_is_read_back(tmp_path):
    path = tmp_path / "gdp.csv"
    template("gdp", path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    head = lines[0].split(",")
    mine = {"area": "昌黎县", "year": "2022", "value": "330.5", "unit": "亿元"}

    row = ",".join(mine.get(record_column(name), "") for name in head)
    path.write_text("\n".join([*lines, row]), encoding="utf-8-sig")
    assert told(path, "area", "year", "value", "unit") == [("昌黎县", 2022, 330.5, "亿元")]


# ---- hints and descriptions


def test_hints_go_before_what_is_found(tmp_path):
    rows = [["旧题", "", ""], ["名", "2021", "2022"], ["Alpha", 1, 2], ["Beta", 3, 4]]
    path = twins.text(tmp_path / "a.csv", rows)
    hints = {"orientation": "indicators", "area": "甲县", "unit": "万元"}
    assert told(path, "area", "year", "indicator", "unit", **hints)[0] == (
        "甲县", 2021, "Alpha", "万元"
    )  # fmt: skip
    with pytest.raises(SourceError, match="4 of 4 values share area, year and indicator"):
        read_table(path, year=2020, **hints)  # two years cannot both be 2020
    hints = {"area_column": "名", "indicator": "地区生产总值", "header_rows": 2}
    assert told(path, "area", "year", "indicator", "code", **hints)[0] == (
        "Alpha", 2021, "地区生产总值", "gdp"
    )  # fmt: skip


def test_a_hint_that_does_not_exist_is_refused_by_name(tmp_path):
    path = bureau(tmp_path / "a.csv")
    with pytest.raises(
        SourceError, match=r"no hint units=; the hints are sheet, header_rows, unit"
    ):
        read_table(path, units="亿元")
    with pytest.raises(SourceError, match="give 'areas' or 'indicators'"):
        read_table(path, orientation="down")
    book = yearbook(tmp_path / "b.xlsx")
    with pytest.raises(SourceError, match="has no sheet 'Sheet9'; it has s"):
        read_table(book, sheet="Sheet9")


def test_a_description_shows_what_is_read_and_what_a_person_must_say(tmp_path):
    path = twins.text(tmp_path / "a.csv", [["<b>地区</b>", "2022"], ["甲县", 1], ["乙县", 2]])
    shown = describe_table(path)
    assert shown.tables.loc[0, "to_hint"] == "indicator=, unit="
    assert shown.tables.loc[0, "areas"] == "甲县, 乙县"
    assert "to_hint" in repr(shown)
    assert "<b>地区</b>" not in shown._repr_html_()
    assert "&lt;b&gt;地区" in shown._repr_html_()


# ---- bad input


def test_files_that_are_no_tables_say_what_they_are(tmp_path):
    cases = {
        b"": "is empty",
        b"%PDF-1.7": "a PDF: use read_document",
        b"PK\x03\x04 cut": "cut off or damaged",
        b"\x89PNG....": "text recognition",
        b"MIME-Version: 1.0": "web archive",
        b"a,b\n\xff\xff\xff": r"neither UTF-8 \(byte 4 does not fit\) nor GB 18030",
        bytes(range(200)): "neither text nor a workbook",
        "只有文字。\n没有数。".encode(): "no table with numbers was found",
        f"<Workbook {twins.EXCEL_2003}><Worksheet>".encode(): "damaged Excel XML",
        f"<!DOCTYPE a><Workbook {twins.EXCEL_2003}/>".encode(): "declares entities",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"): "password",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"): "old Word",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken": "damaged, or the code page",
    }
    for number, (data, message) in enumerate(cases.items()):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(data)
        with pytest.raises(SourceError, match=message) as caught:
            read_table(path)
        assert path.name in str(caught.value)
    with pytest.raises(SourceError, match="cannot be opened"):
        read_table(tmp_path / "none.csv")


def test_hostile_sizes_are_refused_before_they_cost(tmp_path):
    start = time.process_time()
    with pytest.raises(SourceError, match="would unpack to 100,000,004 bytes"):
        read_table(twins.bomb(tmp_path / "bomb.xlsx"))
    plain = twins.book(tmp_path / "plain.xlsx", {"s": [["地区", "2022年"], ["甲县", 1]]})
    corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    far = twins.changed(tmp_path / "far.xlsx", plain, "sheet1.xml", b"</sheetData>", corner)
    with pytest.raises(SourceError, match="spans 1,048,576 rows by 16,384 columns"):
        read_table(far)
    (tmp_path / "wide.csv").write_text(",".join(["1"] * 1_000_000), encoding="utf-8")
    with pytest.raises(SourceError, match="1,000,000 columns"):
        read_table(tmp_path / "wide.csv")
    assert time.process_time() - start < 10


def test_three_hundred_sheets_are_all_read(tmp_path):
    sheets = {f"s{k}": [["地区", f"{1990 + k % 30}年"], [f"{k}号县", k + 0.5]] for k in range(300)}
    path = twins.book(tmp_path / "a.xlsx", sheets)
    start = time.process_time()
    assert read_table(path)["value"].tolist() == [k + 0.5 for k in range(300)]
    assert time.process_time() - start < 30


def test_formulas_without_results_and_dates_among_values_are_gaps_and_said(tmp_path):
    rows = [
        ["地区", "2021年", "2022年"],
        ["甲县", 5.1, "=B2*2"],
        ["乙县", dt.date(2022, 3, 4), 8.1],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "year", "value") == [("甲县", 2021, 5.1), ("乙县", 2022, 8.1)]
    records = read_table(path)
    assert "1 formulas without a stored result, read as missing (C2)" in records.attrs["notes"][0]
    assert records.attrs["repairs"] == (
        "s!B3: '2022-03-04' read as missing (a date where a number is expected)",
    )


def test_two_units_in_one_column_stay_each_with_its_value(tmp_path):
    rows = [
        ["地区", "2021年"],
        ["甲县", "5.1亿元"],
        ["乙县", "6100万元"],
        ["丙县", "3 4"],
        ["丁县", "1.2万"],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "value", "unit") == [("甲县", 5.1, "亿元"), ("乙县", 6100.0, "万元")]
    assert read_repairs(path)[["found", "read", "why"]].to_numpy().tolist() == [
        ["5.1亿元", "5.1", "its own unit 亿元"],
        ["6100万元", "6100", "its own unit 万元"],
        ["3 4", "", "no number"],
        ["1.2万", "", "no number"],
    ]


def test_a_table_without_a_year_beside_dated_ones_is_left_out_aloud(tmp_path):
    dated, undated = [["地区", "2022年"], ["甲县", 1]], [["地区", "人口"], ["甲县", 2]]
    path = twins.book(tmp_path / "a.xlsx", {"s": dated, "t": undated})
    with pytest.warns(
        UserWarning, match=r"1 values have no year and were left out \(t!B2 to t!B2\)"
    ):
        assert read_table(path)["value"].tolist() == [1.0]


# ---- the small readers


@settings(max_examples=150, deadline=None)
@given(st.floats(-1e9, 1e9, allow_nan=False), st.sampled_from(["{:.2f}", "{:,.3f}", " {:.1f} "]))
def test_a_printed_number_reads_back(number, form):
    printed = form.format(number)
    value = read_number(printed)
    assert value is not None
    assert math.isclose(value[0], float(printed.replace(",", "")))
    wide = printed.translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789,.-"})
    assert read_number(wide)[0] == value[0]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 999), st.integers(0, 99), st.integers(1, 999), st.integers(0, 99))
def test_two_numbers_in_one_cell_are_never_one(a, b, c, d):
    assert read_number(f"{a}.{b:02d} {c}.{d:02d}") is None
    assert read_number(f"{a} {c}") is None


@settings(max_examples=60, deadline=None)
@given(st.integers(1949, 2049), st.sampled_from(["{}", "{}年", "{}.0", "{}年度", "{}-12-31"]))
def test_a_year_is_read_in_every_form(year, form):
    assert year_of(form.format(year))[0] == year


def test_prices_of_another_year_are_no_year_of_the_value():
    assert said("地区生产总值(2010年价格)").year is None
    assert said("比2013年增长").year is None
    assert said("2010-2015年平均").year is None
    assert said("2014年比2013年增长(%)").year == 2014


# ---- more kinds of layout


def test_a_page_laid_out_in_tables_keeps_its_title_and_unit_lines(tmp_path):
    inner = (
        "<table><tr><td colspan=3>单位：万吨</td></tr><tr><td>品种</td><td>产量</td>"
        "<td>增长（%）</td></tr><tr><td>粮食</td><td>20.1</td><td>1.5</td></tr></table>"
    )
    page = (
        "<table><tr><td>首页 > 统计公报</td></tr><tr><td><h1>二○二一年示例县国民经济和社会发展"
        f"统计公报</h1><p>表1 主要农产品产量</p>{inner}</td></tr></table>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert told(tmp_path / "a.html", "area", "year", "indicator", "value", "unit") == [
        ("示例县", 2021, "粮食 产量", 20.1, "万吨"),
        ("示例县", 2021, "粮食 增长", 1.5, "%"),
    ]


def test_the_finest_of_province_city_and_county_names_the_row(tmp_path):
    rows = [
        ["年份", "省", "市", "县", "地区", "code", "GDP", "人口"],
        ["", "", "", "", "", "", "亿元", "万人"],
        [2020, "甲省", "甲水市", "乙县", "东部", 130322, 30.1, 5.1],
        [2020, "甲省", "甲水市", "", "东部", 130300, 168.5, 31.7],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "area_code", "indicator", "value", "unit") == [
        ("乙县", "130322", "GDP", 30.1, "亿元"),
        ("乙县", "130322", "人口", 5.1, "万人"),
        ("甲水市", "130300", "GDP", 168.5, "亿元"),
        ("甲水市", "130300", "人口", 31.7, "万人"),
    ]


def test_a_growth_column_takes_the_words_of_the_column_before_it(tmp_path):
    rows = [
        ["各县（市、区）生产总值（2023年）"],
        ["县（市、区）", "绝对值（亿元）", "增速（%）", "位次"],
        ["全市", 200.1, 5.5, ""],
        ["甲县", 34.1, 5.1, 3],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "indicator", "value", "unit", "level") == [
        ("全市", "生产总值", 200.1, "亿元", "subtotal"),
        ("全市", "生产总值 增速", 5.5, "%", "subtotal"),
        ("甲县", "生产总值", 34.1, "亿元", "area"),
        ("甲县", "生产总值 增速", 5.1, "%", "area"),
        ("甲县", "生产总值 位次", 3.0, "", "area"),
    ]


def test_a_table_wide_unit_is_not_given_to_measures_that_it_cannot_fit(tmp_path):
    rows = [
        ["2020年"],
        ["单位：亿元"],
        ["地区", "生产总值", "人均生产总值", "城镇化率", "年末人口"],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": [*rows, ["甲县", 34.1, 5100, 0.3, 60]]})
    assert told(path, "indicator", "unit") == [
        ("生产总值", "亿元"),
        ("人均生产总值", ""),
        ("城镇化率", ""),
        ("年末人口", ""),
    ]
    assert "does not fit" in read_table(path)["note"].iloc[1]


def test_a_value_without_a_name_is_left_out_and_said(tmp_path):
    rows = [["地区", "2022年"], ["甲县", 1.5], ["", 99], ["乙县", 2.5]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "value") == [("甲县", 1.5), ("乙县", 2.5)]
    assert read_repairs(path)[["place", "found", "why"]].to_numpy().tolist() == [
        ["s!B3", "99", "its row has no name"]
    ]


def test_a_year_from_a_sheets_name_is_marked_as_inferred(tmp_path):
    sheets = {f"{year}年": [["地区", "人口（人）"], ["甲县", year]] for year in (2021, 2022)}
    path = twins.book(tmp_path / "a.xlsx", sheets)
    note = "year inferred from the sheet's name"
    assert told(path, "year", "value", "note") == [(2021, 2021.0, note), (2022, 2022.0, note)]


@settings(max_examples=20, deadline=None)
@given(st.permutations([["甲县", 1.5, 2.5], ["乙县", 3.5, ""], ["丙县", "…", 4.5], ["丁县", 0, 5]]))
def test_reordering_rows_changes_nothing(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("t") / "a.csv"
    twins.text(path, [["2-1 各县生产总值（亿元）"], ["地区", 2021, 2022], *rows, ["注：无。"]])
    assert sorted(told(path, "area", "year", "indicator", "value", "unit")) == [
        ("丁县", 2021, "生产总值", 0.0, "亿元"),
        ("丁县", 2022, "生产总值", 5.0, "亿元"),
        ("丙县", 2022, "生产总值", 4.5, "亿元"),
        ("乙县", 2021, "生产总值", 3.5, "亿元"),
        ("甲县", 2021, "生产总值", 1.5, "亿元"),
        ("甲县", 2022, "生产总值", 2.5, "亿元"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8), st.floats(0, 1.4))
def test_a_damaged_file_is_read_or_refused_but_never_breaks(tmp_path_factory, changes, cut):
    folder = tmp_path_factory.mktemp("t")
    data = bytearray(yearbook(folder / "a.xlsx").read_bytes())
    for at, byte in changes:
        data[int(at * (len(data) - 1))] = byte
    (folder / "b.xlsx").write_bytes(data[: int(cut * len(data))])
    try:
        assert len(read_table(folder / "b.xlsx")) <= 14
    except SourceError as problem:
        assert "b.xlsx" in str(problem)  # noqa: PT017


def test_two_halves_of_a_list_of_products_keep_their_own_names(tmp_path):
    rows = [
        ["2022年主要产品产量"],
        ["产品名称", "单位", "产量", "产品名称", "单位", "产量"],
        ["粗钢", "万吨", 5.1, "布", "万米", 7.5],
        ["水泥", "万吨", 6.1, "", "", ""],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "indicator", "value", "unit") == [
        ("粗钢 产量", 5.1, "万吨"),
        ("布 产量", 7.5, "万米"),
        ("水泥 产量", 6.1, "万吨"),
    ]


def test_a_column_that_is_no_value_is_named_in_the_notes(tmp_path):
    rows = [["排名", "地区", "GDP(亿元)"], [2, "甲县", 1.5], [1, "乙县", 2.5]]
    records = read_table(twins.book(tmp_path / "a.xlsx", {"s": rows}), year=2022)
    assert records["value"].tolist() == [1.5, 2.5]
    assert records.attrs["notes"] == ("s: not read as values: 排名",)


def test_a_row_of_units_with_marks_is_no_row_of_data(tmp_path):
    rows = [["年份", "城市", "GDP", "比重"], ["-", "-", "亿元", "无"], [2020, "甲市", 1.5, 0.2]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "year", "indicator", "value", "unit") == [
        ("甲市", 2020, "GDP", 1.5, "亿元"),
        ("甲市", 2020, "GDP 比重", 0.2, ""),
    ]


# ---- numbers that are none, and rows that are cut in two


@pytest.mark.parametrize(
    "cell",
    ["1,0O5", "1O5", "l05", "12.3.4", "1,23", "1,23,456", "1,", "12.5e", "12.3亿", "(5.3)", "[12]",
     "\uff11\uff0c\uff12", "5-6", "<5", "12½", "1²3", "12⒈", "3 4", "1,0O5万元", "12:30", "3/4"],
)  # fmt: skip
def test_a_damaged_number_is_listed_and_never_read(tmp_path, cell):
    rows = [["地区", "2022年", "2023年"], ["甲县", 1.5, cell], ["乙县", 2.5, 3.5]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "year", "value") == [
        ("甲县", 2022, 1.5),
        ("乙县", 2022, 2.5),
        ("乙县", 2023, 3.5),
    ]
    assert read_repairs(path)[["place", "read"]].to_numpy().tolist() == [["s!C2", ""]]


@pytest.mark.parametrize("mark", ["①", " ②", "⑴", "¹", "²", "*", "†", "a", "[1]", "(2)"])
def test_a_footnote_mark_behind_a_number_is_no_digit(tmp_path, mark):
    rows = [["地区", "2022年"], ["甲县", f"1,234{mark}"]]
    records = read_table(twins.book(tmp_path / "a.xlsx", {"s": rows}))
    assert records["value"].tolist() == [1234.0]
    assert "footnote mark" in records["note"].item()


@pytest.mark.parametrize(
    "mark", ["--", "—", "――", "…", "...", "-", "N/A", "NA", "x", "X", "#", "(D)", "/", "※", "保密"]
)
def test_a_row_of_marks_alone_is_named_in_the_notes(tmp_path, mark):
    rows = [["指标", "2021年", "2022年"], ["产值", 1, 2], ["利润", mark, mark], ["税金", 3, mark]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "indicator", "year", "value") == [
        ("产值", 2021, 1.0),
        ("产值", 2022, 2.0),
        ("税金", 2021, 3.0),
    ]
    assert read_table(path).attrs["notes"] == ("text: 1 rows hold no value: 利润",)


def test_a_line_cut_by_a_comma_in_a_number_is_left_out_and_said(tmp_path):
    lines = ["乡镇,户数（户）,人口（人）", "甲镇,1,020,3010", "乙镇,980,2905", "丙镇,1130,3306,,"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    assert told(tmp_path / "a.csv", "area", "value", year=2023) == [
        ("乙镇", 980.0),
        ("乙镇", 2905.0),
        ("丙镇", 1130.0),
        ("丙镇", 3306.0),
    ]
    notes = read_table(tmp_path / "a.csv", year=2023).attrs["notes"]
    assert notes[0].startswith("line 2 has 4 cells under a header of 3 and was not read")
    # row names without a header: every line is too long, and nothing is under its own words
    (tmp_path / "b.csv").write_text("地区,2022年\n1,甲县,5.5\n2,乙县,6.5", encoding="utf-8")
    with pytest.raises(SourceError, match=r"line 2 has 3 cells .*a column without a name"):
        read_table(tmp_path / "b.csv")


def test_a_year_with_a_letter_for_a_digit_is_repaired_and_said(tmp_path):
    rows = [["地区", "2021年", "2O22年", "202l年"], ["甲县", 1, 2, 3]]
    path = twins.text(tmp_path / "a.csv", [rows[0][:3], rows[1][:3]])
    assert told(path, "year", "value") == [(2021, 1.0), (2022, 2.0)]
    assert read_repairs(path)[["found", "read"]].to_numpy().tolist() == [["2O22年", "2022"]]


# ---- what is taken from the row above


def test_what_a_blank_takes_from_above_is_noted_and_stops_at_a_section(tmp_path):
    rows = [
        ["县", "指标", "单位", "2022年"],
        ["甲县", "地区生产总值", "亿元", 5.5],
        ["", "#工业增加值", "", 1.5],
        ["", "城镇化率", "", 0.5],
        ["", "人口", "万人", 7.5],
        ["二、北部"],
        ["", "人口", "万人", 8.5],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    area = "area carried down from the row above"
    assert told(path, "area", "indicator", "value", "unit", "note") == [
        ("甲县", "地区生产总值", 5.5, "亿元", ""),
        ("甲县", "工业增加值", 1.5, "亿元", f"unit inferred from the row above; {area}"),
        ("甲县", "城镇化率", 0.5, "", area),
        ("甲县", "人口", 7.5, "万人", area),
    ]
    assert read_table(path).attrs["repairs"] == (
        "s!D7: '8.5' read as missing (its row has no area)",
    )


# ---- parts of a year


def test_parts_of_a_year_carry_no_code_and_say_what_they_cover(tmp_path):
    rows = [
        ["地区生产总值（亿元）"],
        ["地区", "2023年1—3月", "2023年上半年", "2023年前三季度", "2023年1-12月", "2024年"],
        ["甲县", 1.5, 2.5, 3.5, 4.5, 5.5],
    ]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "year", "indicator", "code", "note") == [
        (2023, "地区生产总值 1—3月", "", "covers 1—3月, not the whole year"),
        (2023, "地区生产总值 上半年", "", "covers 上半年, not the whole year"),
        (2023, "地区生产总值 前三季度", "", "covers 前三季度, not the whole year"),
        (2023, "地区生产总值", "gdp", ""),
        (2024, "地区生产总值", "gdp", ""),
    ]


def test_the_part_of_a_year_may_stand_in_the_title_the_rows_or_beside_the_whole(tmp_path):
    rows = [
        ["甲县2024年1-8月主要经济指标"],
        ["指标", "单位", "本期"],
        ["地区生产总值", "亿元", 2.5],
    ]
    path = twins.text(tmp_path / "a.csv", rows)
    part = "covers 1-8月, not the whole year"
    assert told(path, "year", "indicator", "code", "note") == [
        (2024, "地区生产总值 1-8月", "", part)
    ]
    rows = [["地区生产总值（亿元）"], ["时间", "甲县"], ["2023年", 1.5], ["2024年1-8月", 2.5]]
    path = twins.text(tmp_path / "b.csv", [*rows, ["12月", 3.5]])
    assert told(path, "year", "indicator", "code", "note") == [
        (2023, "地区生产总值", "gdp", ""),
        (2024, "地区生产总值 1-8月", "", part),
        (2024, "地区生产总值 12月", "", "covers 12月, not the whole year; "
         "year carried down from the row above"),
    ]  # fmt: skip
    rows = [["甲县地区生产总值季度数据（亿元）"], ["年份", "一季度", "全年"], [2023, 1.5, 6.5]]
    path = twins.text(tmp_path / "c.csv", rows)
    assert told(path, "indicator", "code") == [("地区生产总值 一季度", ""), ("地区生产总值", "gdp")]


@pytest.mark.parametrize(
    "words", ["1-12月", "12月末", "年末", "6月30日", "12个月", "全年", "月平均", "四季豆", "Market"]
)
def test_words_that_are_no_part_of_a_year(words):
    assert part_of_year(words) == ""


# ---- files of other programs


def test_cells_merged_down_in_a_word_table_hold_for_all_their_rows(tmp_path):
    down, more = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    rows = [
        [(down, "类别"), ('<w:gridSpan w:val="2"/>', "在校学生（人）")],
        [(more, ""), ("", "2021年"), ("", "2022年")],
        [(down, "小学"), ("", "12,050"), (down, "11,980")],
        [(more, ""), ("", "12,051"), (more, "")],
        [("", "中学"), ("", "6,020"), ("", "6,100")],
    ]
    path = twins.word(tmp_path / "a.docx", ["甲县教育事业"], rows)
    columns = ("indicator", "year", "value", "unit")
    with pytest.raises(SourceError, match="share area, year and indicator"):
        read_table(twins.word(tmp_path / "b.docx", ["甲县教育事业"], rows[:4]))
    assert told(path, *columns)[-2:] == [
        ("中学 在校学生", 2021, 6020.0, "人"),
        ("中学 在校学生", 2022, 6100.0, "人"),
    ]
    assert [v for *_, v, _ in told(path, *columns)] == [12050.0, 11980.0, 12051.0, 6020.0, 6100.0]


def test_the_xml_of_excel_2003_is_read_with_its_places_and_merged_cells(tmp_path):
    rows = """
        <Row><Cell ss:MergeAcross="2"><Data ss:Type="String">各县人口</Data></Cell></Row>
        <Row><Cell ss:MergeDown="1"><Data ss:Type="String">地区</Data></Cell>
         <Cell ss:MergeAcross="1"><Data ss:Type="String">人口（<B>万人</B>）</Data></Cell></Row>
        <Row><Cell ss:Index="2"><Data ss:Type="Number">2021</Data></Cell>
         <Cell><Data ss:Type="DateTime">2022-12-31T00:00:00.000</Data></Cell></Row>
        <Row ss:Index="6"><Cell><Data ss:Type="String">甲县</Data></Cell>
         <Cell ss:Index="3"><Data ss:Type="Number">4.1E1</Data></Cell></Row>
        <Row><Cell><Data ss:Type="String">乙县</Data></Cell>
         <Cell><Data ss:Type="String">1,020</Data></Cell><Cell ss:Formula="=R1C1"/></Row>"""
    path = twins.excel_2003(tmp_path / "a.xls", rows)
    assert told(path, "area", "year", "indicator", "value", "unit", "place") == [
        ("甲县", 2022, "人口", 41.0, "万人", "表1!C6"),
        ("乙县", 2021, "人口", 1020.0, "万人", "表1!B7"),
    ]
    assert "表1: a formula without a result in row 7, column 3" in read_table(path).attrs["notes"]
    far = '<Row ss:Index="9999999"><Cell ss:Index="16000"><Data>1</Data></Cell></Row>'
    with pytest.raises(SourceError, match="spans 9,999,999 rows by 16,000 columns"):
        read_table(twins.excel_2003(tmp_path / "b.xls", far))


@pytest.mark.parametrize("merged", [True, False])
def test_words_over_each_of_two_tables_side_by_side_part_them(tmp_path, merged):
    rows = [
        ["粮食产量（吨）", "", "", "", "肉类产量（吨）", "", ""],
        ["乡镇", "2022年", "2023年", "", "乡镇", "2022年", "2023年"],
        ["甲镇", 1, 2, "", "甲镇", 3, 4],
        ["乙镇", 5, 6, "", "乙镇", 7, 8],
    ]
    spans = {"s": [(0, 0, 0, 2), (0, 4, 0, 6)] * merged}
    path = twins.book(tmp_path / "a.xlsx", {"s": rows}, spans)
    assert told(path, "area", "year", "indicator", "value", "unit")[:4] == [
        ("甲镇", 2022, "粮食产量", 1.0, "吨"),
        ("甲镇", 2023, "粮食产量", 2.0, "吨"),
        ("甲镇", 2022, "肉类产量", 3.0, "吨"),
        ("甲镇", 2023, "肉类产量", 4.0, "吨"),
    ]


def test_the_hint_of_one_area_does_not_rename_the_areas_of_a_table(tmp_path):
    one = [["指标", "2022年"], ["人口", 5]]
    many = [["乡镇", "2022年"], ["甲镇", 2], ["乙镇", 3]]
    path = twins.book(tmp_path / "a.xlsx", {"s": one, "t": many})
    assert told(path, "area", "value", area="甲县") == [("甲县", 5.0), ("甲镇", 2.0), ("乙镇", 3.0)]


@pytest.mark.parametrize("name", ["成都平原经济区", "长株潭城市群", "环渤海地区", "川西生态经济区"])
def test_a_region_of_several_areas_is_a_subtotal(tmp_path, name):
    path = twins.text(tmp_path / "a.csv", [["地区", "2022年"], ["甲县", 1], [name, 2]])
    assert told(path, "area", "level") == [("甲县", "area"), (name, "subtotal")]


# ---- more of what yearbooks and sites do


def test_serial_numbers_over_a_row_of_letters_are_no_values(tmp_path):
    rows = [
        ["2022年各县区投资", "", ""],
        ["单位：万元", "", ""],
        ["序号", "县区", "完成投资"],
        ["甲", "乙", "1"],
        ["01", "甲县", "300,210"],
        ["02", "乙县", 180100],
        ["", "合　计", 480310],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "indicator", "value", "level") == [
        ("甲县", "完成投资", 300210.0, "area"),
        ("乙县", "完成投资", 180100.0, "area"),
        ("合计", "完成投资", 480310.0, "subtotal"),
    ]
    assert "s: not read as values: 序号" in read_table(path).attrs["notes"]


def test_formulas_that_keep_a_text_as_it_is_are_taken_off(tmp_path):
    text = '地区,="2021",="2022"\n="甲县","=""85.5""","=""1,092.8"""'
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    assert told(tmp_path / "a.csv", "area", "year", "value") == [
        ("甲县", 2021, 85.5),
        ("甲县", 2022, 1092.8),
    ]


def test_series_of_the_world_bank_keep_their_names_and_years(tmp_path):
    head = ["Country Name", "Country Code", "Series Name", "Series Code", "2019 [YR2019]"]
    rows = [["India", "IND", "GDP (current US$)", "A.B", "28"], ["India", "IND", "Land", "A.C", 5]]
    path = twins.text(tmp_path / "a.csv", [head, *rows])
    assert told(path, "area", "area_code", "year", "indicator", "value", "unit", "price_basis") == [
        ("India", "IND", 2019, "GDP", 28.0, "current US$", "current"),
        ("India", "IND", 2019, "Land", 5.0, "", "na"),
    ]


def test_a_blank_outer_label_is_carried_down_and_an_inner_one_is_not(tmp_path):
    rows = [
        ["2022年各乡镇粮食生产"],
        ["乡镇", "作物", "面积（亩）"],
        ["甲镇", "小麦", 12],
        ["", "玉米", 13],
        ["乙镇", "小麦", 10],
        ["全县合计", "", 35],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    carried = "area carried down from the row above"
    assert told(path, "area", "indicator", "value", "note") == [
        ("甲镇", "小麦 面积", 12.0, ""),
        ("甲镇", "玉米 面积", 13.0, carried),
        ("乙镇", "小麦 面积", 10.0, ""),
        ("全县合计", "面积", 35.0, ""),
    ]


def test_a_continued_table_takes_the_unit_of_its_first_part_and_says_so(tmp_path):
    rows = [
        ["3-1 2020年各乡镇分年龄人口"],
        ["单位：人"],
        ["地区", "0岁"],
        ["甲镇", 6],
        ["3-1 续表"],
        ["地区", "1-4岁", "性别比"],
        ["甲镇", 24, 101.5],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "year", "indicator", "unit", "note") == [
        (2020, "0岁", "人", ""),
        (2020, "1-4岁", "人", "unit inferred from the table that goes on here"),
        (2020, "性别比", "", ""),
    ]


def continued(path, title, unit, years=("2010年", "2011年")):
    """Read the second part of a table of power output."""
    rows = [
        ["8-3 各县（市）发电量"],
        ["单位：亿千瓦时"],
        ["县（市）", "2008年", "2009年"],
        ["甲县", 1.5, 2.5],
        [],
        [title],
        [unit],
        ["县（市）", *years],
        ["甲县", 10, 20],
    ]
    read = told(twins.book(path, {"s": rows}), "year", "indicator", "value", "unit", "note")
    assert read[:2] == [
        (2008, "发电量", 1.5, "亿千瓦时", ""),
        (2009, "发电量", 2.5, "亿千瓦时", ""),
    ]
    return read[2:]


@pytest.mark.parametrize(
    ("title", "indicator"),
    [
        ("8-3 续表2 各县（市）水泥产量", "水泥产量"),
        ("8-3续表2各县水泥产量", "水泥产量"),
        ("续表8-3 水泥产量", "水泥产量"),
        ("8-3 各县（市）水泥产量（续）", "水泥产量"),
        ("表8-3 续表一 水泥产量", "水泥产量"),
        ("续表2010年以来水泥产量", "以来水泥产量"),
        ("续表一般工业固体废物产生量", "一般工业固体废物产生量"),
        ("8-3 续表2 甲水市各县水泥产量", "水泥产量"),
        ("8-3 续表2 水泥产量 单位：万吨", "水泥产量"),
    ],
)
def test_a_continued_table_with_a_title_of_its_own_has_its_own_indicator(
    tmp_path, title, indicator
):
    assert continued(tmp_path / "a.xlsx", title, "单位：万吨") == [
        (2010, indicator, 10.0, "万吨", ""),
        (2011, indicator, 20.0, "万吨", ""),
    ]
    # nor is the unit of another subject taken for that of this one
    if "单位" not in title:
        assert continued(tmp_path / "b.xlsx", title, "")[0] == (2010, indicator, 10.0, "", "")


@pytest.mark.parametrize(
    ("title", "indicator"),
    [
        ("8-3 续表", "发电量"),
        ("8-3 续表1", "发电量"),
        ("续表（一）", "发电量"),
        ("(续)", "发电量"),
        ("8-3 各县（市）发电量（续完）", "发电量"),
        ("8-3 续表 按行业分", "发电量"),
        ("8-3 续表 甲水市", "发电量"),
        ("8-3 续表（火电）", "发电量（火电）"),
    ],
)
def test_a_bare_continuation_is_about_what_goes_on(tmp_path, title, indicator):
    assert [row[:4] for row in continued(tmp_path / "a.xlsx", title, "单位：万千瓦时")] == [
        (2010, indicator, 10.0, "万千瓦时"),
        (2011, indicator, 20.0, "万千瓦时"),
    ]


def test_a_continuation_in_another_kind_of_unit_does_not_keep_the_indicator(tmp_path):
    why = "indicator unknown: 发电量 before this part of the table is in 亿千瓦时"
    path = tmp_path / "a.xlsx"
    for unit in ("万吨", "%", "vehicles"):  # the last cannot be converted to anything
        assert continued(path, "8-3 续表1", f"单位：{unit}")[0][1::3] == ("", why), unit
    # a unit that is not understood is not replaced by the unit before
    assert continued(path, "8-3 续表1", "单位：标准箱次")[0][3:] == ("", "")
    years = ("2010年(万吨)", "2011年(万吨)")
    assert continued(path, "8-3 续表1", "", years)[0] == (2010, "", 10.0, "万吨", why)
    growth = ("2010年比上年增长", "2011年比上年增长")
    assert continued(path, "8-3 续表1", "单位：%", growth)[0][1:4] == (
        "发电量 比上年增长",
        10.0,
        "%",
    )


def test_spoilt_numbers_are_refused_and_listed_and_are_never_a_header(tmp_path):
    rows = [
        ["地区", "2022年工业产值（万元）", "2023年工业产值（万元）"],
        ["甲县", "1,0O5", "12x4"],
        ["乙县", "1,005", "4567 8.91"],
        ["丙县", "3l5", "12.3.4"],
        ["丁县", "--", "1234"],
        ["戊县", "1.2万", "约12"],
        ["己县", "12,34", "10.5"],
        ["庚县", 3, 4],
        ["辛县", 5, 6],
        ["壬县", 7, 8],
    ]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "year", "indicator", "value")[:3] == [
        ("乙县", 2022, "工业产值", 1005.0),
        ("丁县", 2023, "工业产值", 1234.0),
        ("己县", 2023, "工业产值", 10.5),
    ]
    listed = read_repairs(path)
    assert listed["found"].tolist() == [
        *("1,0O5", "12x4"),
        *("4567 8.91", "3l5", "12.3.4", "1.2万", "约12", "12,34"),
    ]
    assert set(listed["read"]) == {""}
    assert set(listed["why"]) == {"no number"}
    # years that are spoilt are still a header
    rows = [["甲组", "2O21年", "2O22年"], ["甲县", 1, 2]]
    assert told(twins.text(tmp_path / "b.csv", rows), "year", "value") == [(2021, 1.0), (2022, 2.0)]


def test_a_column_without_a_number_keeps_the_words_merged_over_it_and_its_neighbour(tmp_path):
    rows = [["地区", "财政收入（亿元）", ""], ["", 1995, 1996], ["甲县", "", ""], ["乙区", "", 7]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows}, {"s": [(0, 1, 0, 2), (0, 0, 1, 0)]})
    assert told(path, "area", "year", "indicator", "value") == [("乙区", 1996, "财政收入", 7.0)]


def test_a_second_header_without_a_title_goes_on_with_the_table(tmp_path):
    rows = [
        ["2-1 各县工业总产值"],
        ["单位：万元"],
        ["县", "2010年", "2011年"],
        ["甲县", 1, 2],
        [],
        ["县", "2012年", "2013年"],
        ["甲县", 3, 4],
        [],
        ["县", "2014年（人）", "2015年（人）"],
        ["甲县", 5, 6],
    ]
    why = "indicator unknown: 工业总产值 before this part of the table is in 万元"
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "year", "indicator", "value", "unit", "note")[1:5] == [
        (2011, "工业总产值", 2.0, "万元", ""),
        (2012, "工业总产值", 3.0, "万元", ""),
        (2013, "工业总产值", 4.0, "万元", ""),
        (2014, "", 5.0, "人", why),
    ]


def test_a_compound_file_that_cannot_be_followed_is_told_before_it_is_opened(tmp_path):
    data = twins.lying_xls(tmp_path / "a.xls").read_bytes()
    assert is_sound(data)

    def with_number(at, number):
        return is_sound(data[:at] + number.to_bytes(4, "little") + data[at + 4 :])

    assert not with_number(44, 0xFFFF)  # more tables of sectors than the file has sectors
    assert not with_number(76, 0xFFFF)  # a table of sectors behind the end of the file
    assert not with_number(68, 0)  # a list of tables that leads to itself or past the end
    first = 512 * (1 + int.from_bytes(data[76:80], "little"))  # the table of sectors
    assert not with_number(first, 0)  # a chain in a circle
    assert not with_number(first, 0xFFFF)  # a chain out of the file
    directory = 512 * (1 + int.from_bytes(data[48:52], "little"))
    assert not with_number(directory + 128 + 116, 0xFFFF)  # a stream that starts nowhere


def test_a_workbook_with_macros_or_a_damaged_sheet_is_told(tmp_path):
    rows = [["县", "2023年产值（万元）"], ["甲县", 5]]
    good = twins.book(tmp_path / "a.xlsx", {"s": rows})
    macros = tmp_path / "b.xlsx"
    macros.write_bytes(good.read_bytes())
    with zipfile.ZipFile(macros, "a") as out:
        out.writestr("xl/vbaProject.bin", b"")
    assert "the workbook holds macros; they are not run" in read_table(macros).attrs["notes"]
    whole = good.read_bytes()
    with zipfile.ZipFile(good) as parts:
        part = parts.getinfo("xl/worksheets/sheet1.xml")
    at = part.header_offset + 30 + len(part.filename) + 8
    broken = tmp_path / "c.xlsx"
    broken.write_bytes(whole[:at] + b"\xff" * 20 + whole[at + 20 :])
    with pytest.raises(SourceError, match=r"sheet1\.xml is damaged; download it again"):
        read_table(broken)


def test_a_page_whose_table_spreads_without_end_is_refused(tmp_path):
    path = tmp_path / "a.html"
    cell = "<td colspan=1000 rowspan=1000>1</td>"
    path.write_text(f"<table><tr>{cell * 20}</tr><tr><td>2</td></tr></table>", encoding="utf-8")
    with pytest.raises(SourceError, match=r"table 1 spreads over more than .* columns; split it"):
        read_table(path)


def test_a_list_of_units_gives_percent_to_ratios_and_the_amount_to_levels(tmp_path):
    rows = [["2022年各镇工业"], ["单位：万元、%"], ["镇", "产值", "增长", "占全县比重", "位次"]]
    path = twins.text(tmp_path / "a.csv", [*rows, ["甲镇", 5, 7.1, 40.5, 1]])
    assert told(path, "indicator", "unit") == [
        ("产值", "万元"),
        ("产值 增长", "%"),
        ("产值 占全县比重", "%"),
        ("产值 位次", ""),
    ]


def test_a_printed_note_stands_beside_what_the_reader_notes(tmp_path):
    rows = [["县", "指标", "2022年", "备注"], ["甲县", "产值", 1, ""], ["", "利润", 2, "估计数"]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "value", "note") == [
        (1.0, ""),
        (2.0, "area carried down from the row above; 估计数"),
    ]


@pytest.mark.parametrize(
    ("title", "area", "words"),
    [
        ("雄县地区生产总值", "雄县", "地区生产总值"),
        ("2024年一季度示例县主要指标", "示例县", "一季度主要指标"),
        ("2023年地区生产总值", "", "地区生产总值"),
        ("农村地区居民收入", "", "农村地区居民收入"),
        ("示例县一般公共预算收支", "示例县", "一般公共预算收支"),
    ],
)
def test_a_title_gives_its_area_once(title, area, words):
    block = Block([], [title])
    read_titles(block)
    assert (block.area, block.said.words) == (area, words)


# ---- downloads of data services


def test_a_series_a_column_under_rows_of_frequency_unit_and_id_is_read_by_its_place(tmp_path):
    rows = [
        ["指标名称", "甲县:GDP", "甲县:GDP:第一产业", "乙县:常住人口"],
        ["频率", "年", "年", "年"],
        ["单位", "亿元", "亿元", "万人"],
        ["指标ID", "M0000001", "M0000002", "M0000003"],
        ["来源", "统计局", "统计局", "统计局"],
        ["更新时间", *[dt.date(2023, 3, 1)] * 3],
        [dt.date(2021, 12, 31), 40.5, 7.25, ""],
        [dt.date(2022, 12, 31), 41.5, "", 33],
        ["数据来源：某数据商"],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "year", "indicator", "value", "unit") == [
        ("甲县", 2021, "GDP", 40.5, "亿元"),
        ("甲县", 2021, "GDP:第一产业", 7.25, "亿元"),
        ("甲县", 2022, "GDP", 41.5, "亿元"),
        ("乙县", 2022, "常住人口", 33.0, "万人"),
    ]


def test_a_download_with_flags_beside_values_and_a_unit_a_sheet_is_read(tmp_path):
    def sheet(unit, first, second):
        return [
            ["Data extracted on 15/01/2024 10:22:08 from [SERVICE]"],
            ["Dataset: ", "Gross domestic product (GDP) at current market prices by NUTS 2 region"],
            ["Last updated: ", "20/12/2023 23:00"],
            [],
            ["Time frequency", "Annual"],
            ["Unit of measure", unit],
            [],
            ["TIME", "2019", "", "2020", ""],
            ["GEO (Labels)"],
            ["Tirol", first, "e", ":", ""],
            ["Salzburg", second, "", 43.5, "p"],
            [],
            ["Special value"],
            [":", "not available"],
            ["Observation flags:"],
            ["p", "provisional"],
        ]

    sheets = {
        "Sheet 1": sheet("Million euro", 20.5, 41.25),
        "Sheet 2": sheet("Euro per inhabitant", 30, 38),
    }
    path = twins.book(tmp_path / "a.xlsx", sheets)
    assert told(path, "area", "year", "code", "value", "unit", "price_basis") == [
        ("Tirol", 2019, "gdp", 20.5, "Million euro", "current"),
        ("Salzburg", 2019, "gdp", 41.25, "Million euro", "current"),
        ("Salzburg", 2020, "gdp", 43.5, "Million euro", "current"),
        ("Tirol", 2019, "gdp", 30.0, "Euro per inhabitant", "current"),
        ("Salzburg", 2019, "gdp", 38.0, "Euro per inhabitant", "current"),
        ("Salzburg", 2020, "gdp", 43.5, "Euro per inhabitant", "current"),
    ]
    assert "p provisional" in read_table(path).attrs["notes"]


def test_a_table_with_revised_years_and_shorthand_marks_is_read(tmp_path):
    shorthand = "This worksheet contains one table. Some shorthand is used, [x] = not available."
    rows = [
        ["Table 2: Population by local authority"],
        [shorthand],
        ["", "", "", "", "thousand persons"],
        ["ITL1 region name", "LA code", "LA name", "2020 [r]", "2021 [p]"],
        ["North East", "E06000005", "Darlington", 107.4, "[x]"],
        ["Wales", "W06000022", "Newport", 158.7, 159.6],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"Table 2": rows})
    assert told(path, "area", "area_code", "year", "indicator", "value", "unit") == [
        ("Darlington", "E06000005", 2020, "Population", 107.4, "thousand persons"),
        ("Newport", "W06000022", 2020, "Population", 158.7, "thousand persons"),
        ("Newport", "W06000022", 2021, "Population", 159.6, "thousand persons"),
    ]


def test_two_measure_words_over_one_column_are_its_unit(tmp_path):
    rows = [
        ["地区", "图书藏量", "", "工资", ""],
        ["", "千册、件", "", "元", ""],
        ["", "2019", "2020", "2019", "2020"],
        ["甲市", 12.5, 13, 88464, 93226],
    ]
    assert told(twins.text(tmp_path / "a.csv", rows), "year", "indicator", "value", "unit") == [
        (2019, "图书藏量", 12.5, "千册、件"),
        (2020, "图书藏量", 13.0, "千册、件"),
        (2019, "工资", 88464.0, "元"),
        (2020, "工资", 93226.0, "元"),
    ]


def test_a_line_break_in_a_cell_of_a_page_ends_no_word(tmp_path):
    path = tmp_path / "a.html"
    rows = "<tr><th>地区<th>2019年<br>(亿元)<th>2020年<br/>(亿元)<tr><td>甲<br>县<td>1.5<td>2"
    path.write_text(f"<h3>生产<br>总值</h3><table>{rows}</table>", encoding="utf-8")
    assert told(path, "area", "year", "value", "unit") == [
        ("甲县", 2019, 1.5, "亿元"),
        ("甲县", 2020, 2.0, "亿元"),
    ]


# ---- what real files call their columns


@pytest.mark.parametrize(
    "head", ["", "Unnamed: 0", "指标", "年份（年）", "西暦（年）", "TIME_PERIOD"]
)
def test_a_column_of_years_at_the_left_is_known_by_what_it_holds(tmp_path, head):
    rows = [[head, "甲市", "乙市"], [2020, 361.5, 140.75], [2019, 353.5, 141.25]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "year", "value", indicator="产值", unit="亿元") == [
        ("甲市", 2020, 361.5),
        ("乙市", 2020, 140.75),
        ("甲市", 2019, 353.5),
        ("乙市", 2019, 141.25),
    ]


def test_counts_that_look_like_years_stay_counts(tmp_path):
    rows = [["地区", "企业数", "2020年"], ["甲县", 1950, 12.5], ["乙县", 2010, 13.5]]
    path = twins.text(tmp_path / "a.csv", rows)
    counts = [row for row in told(path, "indicator", "value") if row[0] == "企业数"]
    assert counts == [("企业数", 1950.0), ("企业数", 2010.0)]


def test_a_code_beside_areas_is_theirs_and_never_that_of_the_indicator(tmp_path):
    rows = [["Entity", "Code", "Year", "GDP"], ["China", "CHN", 2020, 5], ["Afar", "", 2020, 7]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "area_code", "code") == [("China", "CHN", "gdp"), ("Afar", "", "gdp")]


def test_a_month_beside_the_year_makes_a_value_one_of_a_part_of_it(tmp_path):
    rows = [
        ["地区", "年份", "月份", "地区生产总值"],
        ["甲县", 2018, 11, 90],
        ["甲县", 2018, 12, 99],
    ]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "year", "indicator", "code", "value", "note") == [
        (2018, "地区生产总值 11月", "", 90.0, "covers 11月, not the whole year"),
        (2018, "地区生产总值 12月", "", 99.0, "covers 12月, not the whole year"),
    ]
    rows = [["地区", "年份", "季度", "税收"], ["甲县", 2018, 2, 90]]
    assert told(twins.text(path, rows), "indicator") == [("税收 第2季度",)]


def test_years_that_begin_in_one_year_and_end_in_the_next_say_so(tmp_path):
    rows = [["State", "2011-12", "2012-13"], ["Goa", 40, 41]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "year", "value", "note", indicator="GDP", unit="亿元") == [
        (2011, 40.0, "fiscal year 2011-12"),
        (2012, 41.0, "fiscal year 2012-13"),
    ]


def test_the_last_word_of_a_name_is_not_its_unit(tmp_path):
    rows = [["LA name", "year", "gdp_per_head", "num_household", "output_tons", "popu_2019"]]
    path = twins.text(tmp_path / "a.csv", [*rows, ["Newport", 2020, 27, 44, 3, 5]])
    assert told(path, "year", "indicator", "unit") == [
        (2020, "gdp_per_head", ""),
        (2020, "num_household", ""),
        (2020, "output", "tons"),
        (2020, "popu", ""),
    ]


@pytest.mark.parametrize("head", ["区域", "行政区域", "city_name", "prov", "location"])
def test_the_column_of_areas_goes_by_many_names(tmp_path, head):
    rows = [["GDP rank", head, "2019年"], [1, "秦皇岛市", 1.5], [2, "唐山市", 3]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "value", indicator="产值") == [("秦皇岛市", 1.5), ("唐山市", 3.0)]


def test_growth_after_the_parts_of_a_whole_is_that_of_the_whole_and_says_so(tmp_path):
    rows = [
        ["2023年地区生产总值（亿元）"],
        ["地区", "地区生产总值", "第一产业", "第二产业", "第三产业", "比上年增长(%)"],
        ["甲县", 10, 1, 4, 5, 6.5],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "indicator", "code", "value", "note")[-1] == (
        "地区生产总值 比上年增长",
        "",
        6.5,
        "indicator inferred from the columns beside",
    )


def test_a_rate_beside_a_density_an_increase_or_an_average_is_uncertain_and_has_no_code(tmp_path):
    head = [
        "地区",
        "密度(人/平方公里)",
        "增速(%)",
        "人均GDP(元)",
        "比重(%)",
        "名义增量",
        "名义增速",
    ]
    path = twins.text(tmp_path / "a.csv", [head, ["甲县", 410, 1.5, 50321, 7.5, 12, 6.5]])
    doubt = "indicator inferred from the columns beside"
    assert told(path, "indicator", "code", "value", "note", year=2020) == [
        ("密度", "", 410.0, ""),
        ("密度 增速", "", 1.5, doubt),
        ("人均GDP", "gdp_per_capita", 50321.0, ""),
        ("人均GDP 比重", "", 7.5, doubt),
        ("名义增量", "", 12.0, ""),
        ("名义增量 名义增速", "", 6.5, doubt),
    ]


def test_a_series_below_its_source_and_its_statistics_is_read_without_them(tmp_path):
    rows = [
        ["", "人口"],
        ["区域", "中国"],
        ["频率", "年, 年终12月"],
        ["单位", "百万人"],
        ["数据来源", "某局"],
        ["平均 MEAN", 1039.9],
        ["方差 Variance", 5.2],
        [1949, 541.7],
        [1950, 551.9],
    ]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "indicator", "year", "value", "unit") == [
        ("中国", "人口", 1949, 541.7, "百万人"),
        ("中国", "人口", 1950, 551.9, "百万人"),
    ]
    left = "statistics of the whole series were left out: 平均 MEAN 1039.9"
    assert left in read_table(path).attrs["notes"]


def test_cells_that_end_in_a_tab_and_a_comma_are_parted_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("地区\t,2020年\t,2021年\t\n甲县\t,1.5\t,2.5\t\n", encoding="utf-8")
    assert told(path, "area", "year", "value") == [("甲县", 2020, 1.5), ("甲县", 2021, 2.5)]


def test_years_counted_from_1911_percent_in_words_and_a_mark_behind_a_name_are_read(tmp_path):
    rows = [["地区", "103年", "104年"], ["甲县 #", 5.5, 6.5]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "year", "value") == [("甲县", 2014, 5.5), ("甲县", 2015, 6.5)]
    rows = [["State", "Percent change 2018"], ["Goa #", 1.5], ["Kerala", 2.5]]
    path = twins.text(tmp_path / "b.csv", rows)
    assert told(path, "area", "indicator", "value", "unit", "price_basis") == [
        ("Goa", "Percent change", 1.5, "%", "growth"),
        ("Kerala", "Percent change", 2.5, "%", "growth"),
    ]


def test_prose_is_no_table(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"答复\n{'我县重点项目进展顺利' * 5}。\n2023年9月30日", encoding="utf-8")
    with pytest.raises(SourceError, match="this is prose, not a table; use read_document"):
        read_table(path)


def test_a_small_table_with_long_footnotes_is_no_prose(tmp_path):
    note = f"注：{'本表数据为快报数，以后将按年鉴修订' * 3}。"
    rows = [["地区", "2021年", "2022年", "2023年"], ["甲县", 1.5, 2, 3], ["乙县", 4, 5, 6]]
    path = twins.text(tmp_path / "a.csv", [*rows, [note], [note]])
    assert told(path, "area", "year", "value")[:2] == [("甲县", 2021, 1.5), ("甲县", 2022, 2.0)]


def test_what_a_user_adds_to_exported_records_is_not_read_as_a_value(tmp_path):
    rows = [["地区", "2022年", "2023年"], ["甲县", 1.5, 2]]
    records = read_table(
        twins.text(tmp_path / "a.csv", rows), indicator="地区生产总值", unit="亿元"
    )
    export(records.assign(share=0.25), tmp_path / "b.xlsx")
    again = read_table(tmp_path / "b.xlsx")
    assert again[["year", "value", "code"]].to_numpy().tolist() == [
        [2022, 1.5, "gdp"],
        [2023, 2.0, "gdp"],
    ]
    assert any(note.endswith("not read as values: share") for note in again.attrs["notes"])


def test_rows_of_the_sample_county_are_read_unless_their_note_calls_them_samples(tmp_path):
    path = template(["gdp"], tmp_path / "a.csv")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    mine = "示例县,,2022,地区生产总值,7.5,亿元,current,统计年鉴,,"
    path.write_text("\n".join([*lines, mine, mine.replace("统计年鉴", "公报")]), encoding="utf-8")
    assert told(path, "area", "value", "source") == [
        ("示例县", 7.5, "统计年鉴"),
        ("示例县", 7.5, "公报"),
    ]


def test_keys_joined_in_one_column_are_parted_and_flags_are_taken_off(tmp_path):
    lines = ["freq,unit,geo\\TIME_PERIOD\t2019 \t2020 ", "A,EUR_HAB,AT11\t26500 \t27000 p"]
    lines.append("A,EUR_HAB,BE\t: \t33300 b")
    path = tmp_path / "a.tsv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert told(path, "area", "year", "value", "unit", "place") == [
        ("AT11", 2019, 26500.0, "EUR_HAB", "line 2, column 2"),
        ("AT11", 2020, 27000.0, "EUR_HAB", "line 2, column 3"),
        ("BE", 2020, 33300.0, "EUR_HAB", "line 3, column 3"),
    ]


def test_a_column_of_units_may_hold_units_that_no_list_knows(tmp_path):
    rows = [
        ["指标", "单位", "X2019", "Y2020年"],
        ["排放", "万tCO2", 5, 6],
        ["强度", "tCO2/tce", 2, 1],
    ]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "indicator", "year", "unit") == [
        ("排放", 2019, "万tCO2"),
        ("排放", 2020, "万tCO2"),
        ("强度", 2019, "tCO2/tce"),
        ("强度", 2020, "tCO2/tce"),
    ]


def test_a_pivot_takes_its_unit_from_a_filter_and_gives_sums_of_years_no_year(tmp_path):
    rows = [
        ["计量单位", "万元"],
        [],
        ["", "列标签"],
        ["", 2019, "", 2020, "", 2021, "", "求和项:预算数汇总", "求和项:决算数汇总"],
        ["行标签", *["求和项:预算数", "求和项:决算数"] * 3],
        ["甲市", 10, 11, 12, 13, 14, 15, 36, 39],
        ["乙县", 20, 21, 22, 23, 24, 25, 66, 69],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    with pytest.warns(UserWarning, match="4 values have no year"):
        read = told(path, "area", "year", "value", "unit")
    assert read[:6] == [("甲市", 2019 + i // 2, 10.0 + i, "万元") for i in range(6)]
    assert len(read) == 12


# ---- values that look like years


@pytest.mark.parametrize("years", [[2020, 2021, 2022], ["2020年", "2021年", "2022年"]])
def test_counts_that_look_like_years_are_values(tmp_path, years):
    rows = [["指标", *years], ["学校数", 5, 6, 7], ["企业数", 1999, 2010, 2021], ["人数", 1, 2, 3]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows, "t": [rows[0], rows[2], rows[1]]})
    for sheet in "st":
        found = told(path, "indicator", "year", "value", sheet=sheet)
        assert [f for f in found if f[0] == "企业数"] == [
            ("企业数", 2020, 1999.0),
            ("企业数", 2021, 2010.0),
            ("企业数", 2022, 2021.0),
        ]


def test_a_column_of_counts_like_years_is_a_column_of_values(tmp_path):
    rows = [["地区", "2021年末户数（户）", "产值（万元）"], ["甲镇", 1987, 12], ["乙镇", 2034, 11]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "area", "year", "indicator", "value")[::2] == [
        ("甲镇", 2021, "年末户数", 1987.0),
        ("乙镇", 2021, "年末户数", 2034.0),
    ]
    rows = [
        ["各镇户数（户）"],
        ["地区", "2021年", "2022年"],
        ["甲镇", 1987, 2012],
        ["乙镇", 2034, 2001],
    ]
    path = twins.text(tmp_path / "b.csv", rows)
    assert told(path, "area", "year", "indicator", "value")[:2] == [
        ("甲镇", 2021, "户数", 1987.0),
        ("甲镇", 2022, "户数", 2012.0),
    ]


NAMES = ["甲县", "乙区", "丙镇", "丁乡", "昌黎县", "新华街道"]
MEASURES = [
    ("地区生产总值", "亿元"),
    ("户数", "户"),
    ("粮食产量", "吨"),
    ("森林覆盖率", "%"),
    ("学校数", "所"),
]
CELLS = st.one_of(
    st.sampled_from(["", "—", "x", 0, 1, 2, 3, 1999, 2010, 2021, 45657, 130301]),
    st.integers(-999, 10**7),
    st.floats(-99, 9999).map(lambda value: round(value, 2)),
)


def laid_out(layout, areas, measures, years, cell):
    """Lay a small table out in one of the ways of yearbooks; give also its merged cells."""
    heads, three = [f"{name}（{unit}）" for name, unit in measures], len(years)
    if layout == "one indicator":
        rows = [[f"3-1 各县{heads[0]}"], ["地区", *years]]
        return rows + [[a, *[cell(a, y, 0) for y in years]] for a in areas], []
    if layout == "one year":
        rows = [[f"{years[0]}年各县主要指标"], ["地区", *heads]]
        return rows + [[a, *[cell(a, years[0], i) for i in range(len(heads))]] for a in areas], []
    if layout == "long":
        rows = [["地区", "年份", "指标", "单位", "数值"]]
        return rows + [
            [a, y, *measures[i], cell(a, y, i)]
            for a in areas for y in years for i in range(len(heads))
        ], []  # fmt: skip
    if layout == "two levels":
        rows = [["主要指标"], ["地区", *[t for h in heads for t in [h, *[""] * (three - 1)]]]]
        rows.append(["", *[f"{y}年" for _ in heads for y in years]])
        rows += [[a, *[cell(a, y, i) for i in range(len(heads)) for y in years]] for a in areas]
        merged = [(1, 1 + k * three, 1, (k + 1) * three) for k in range(len(heads))]
        return rows, [(1, 0, 2, 0), *(merged if three > 1 else [])]
    rows = [["主要指标"], ["指标", "单位", *years]]
    for a in areas:
        rows += [[a], *[[*m, *[cell(a, y, i) for y in years]] for i, m in enumerate(measures)]]
    return rows, []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["one indicator", "one year", "long", "two levels", "sections"]),
    st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True),
    st.lists(st.sampled_from(MEASURES), min_size=1, max_size=4, unique=True),
    st.integers(1995, 2020),
    st.integers(1, 3),
    st.data(),
)
def test_every_value_keeps_its_area_year_and_indicator(
    tmp_path_factory, layout, areas, measures, first, several, data
):
    wanted = {}

    def cell(area, year, i):
        value = data.draw(CELLS)
        if not isinstance(value, str):
            wanted[area, year, measures[i][0]] = float(value)
        return value

    years = list(range(first, first + several))
    rows, merged = laid_out(layout, areas, measures, years, cell)
    path = twins.book(tmp_path_factory.mktemp("t") / "a.xlsx", {"s": rows}, {"s": merged})
    if not wanted:
        return
    found = told(path, "area", "year", "indicator", "value")
    assert {(a, y, i.split()[0]): v for a, y, i, v in found} == wanted
    assert len(found) == len(wanted)


def test_a_row_without_values_between_an_area_and_its_rows_does_not_hide_the_area(tmp_path):
    rows = [
        ["主要指标"],
        ["指标", "单位", "2021年"],
        ["甲县"],
        ["人口", "万人", 5.5],
        ["乙县"],
        ["人口", "万人", ""],
        ["户数", "户", 2010],
        ["二、农业"],
        ["粮食产量", "吨", 7.5],
    ]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows})
    assert told(path, "area", "indicator", "value") == [
        ("甲县", "人口", 5.5),
        ("乙县", "户数", 2010.0),
        ("乙县", "粮食产量", 7.5),
    ]
    assert read_table(path).attrs["notes"] == ("s: 1 rows hold no value: 人口",)


def test_a_column_that_is_blank_all_down_still_parts_what_stands_beside(tmp_path):
    rows = [["甲县主要指标"], ["指标", "单位", "2014年", "2013年", "增长%"]]
    path = twins.text(tmp_path / "a.csv", [*rows, ["公路里程", "公里", "", 317.8, -3.5]])
    assert told(path, "year", "indicator", "value") == [
        (2013, "公路里程", 317.8),
        (2014, "公路里程 增长", -3.5),
    ]
    rows = [["2010年各镇情况"], ["乡镇", "户数（户）", "乡镇", "户数（户）"]]
    path = twins.text(tmp_path / "b.csv", [*rows, ["甲镇", "", "乙镇", 36]])
    assert told(path, "area", "value") == [("乙镇", 36.0)]


def test_a_table_of_marks_between_two_others_keeps_their_words_apart(tmp_path):
    rows = []
    for name, value in (("地区生产总值", 5.5), ("粮食产量", "—"), ("户数", 7.5)):
        rows += [[f"各县{name}"], ["地区", "1996年"], ["甲县", value]]
    path = twins.text(tmp_path / "a.csv", rows)
    assert told(path, "year", "indicator", "value") == [
        (1996, "地区生产总值", 5.5),
        (1996, "户数", 7.5),
    ]


def test_a_year_over_one_column_holds_below_a_row_of_blanks(tmp_path):
    rows = [["地区", "户数（户）"], ["", "2010年"], ["甲县", 5], ["乙县", ""], ["丙县", 7]]
    path = twins.book(tmp_path / "a.xlsx", {"s": rows}, {"s": [(0, 0, 1, 0)]})
    assert told(path, "area", "year", "value") == [("甲县", 2010, 5.0), ("丙县", 2010, 7.0)]
