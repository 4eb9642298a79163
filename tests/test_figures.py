"""The reader of figures, kind by kind, on sentences of our own.

The numbers say nothing about the places named.
"""

import re
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis.reading.figures import read_figures


def read(text, **known):
    return read_figures(text, **known).to_dict("records")


def told(text, *columns, **known):
    """Give for each figure its words in the text and the columns asked for."""
    return [
        (text[row["start"] : row["end"]], *(row[name] for name in columns))
        for row in read(text, **known)
    ]


def spans(text):
    return [span for (span,) in told(text)]


# ---- what is no figure


@pytest.mark.parametrize(
    "text",
    [
        "2023年3月15日召开第5次会议,文号秦政\u30142023\u301515号。",
        "“十四五”时期持续推进三农工作和第一产业发展。",
        "落实“1+9”文件和2+26城市要求,推进四个一批。",
        "上述三县两区围绕五个方面集中攻坚。",
        "65岁以上老人免费体检,女40岁、男50岁以上优先。",
        "支持单户授信500万元以内的小微企业。",
        "总投资超过5亿元的项目优先保障用地。",
        "建筑面积大于2万平方米的公共建筑应按二星级标准建设。",
        "连续7个月位居前列,近三年稳步提升,放假5天。",
        "拨打12345热线,或于15:30前到2号楼301室办理。",
        "新建4A级景区和5G基站,治理PM2.5。",
        "走好最后一公里,打造百强县、千亿园区。",
        "37日印发方案,98日、917日调度。",
        "收入.36亿元,占比达?0%,就业?58万人。",
        "1.压实责任。2.强化保障。(三)完善机制。",
        "推进年产20万吨钢管项目和日处理3万吨污水处理厂建设。",
    ],
)
def test_what_only_looks_like_a_figure_is_none(text):
    assert spans(text) == []


def test_a_class_is_none_but_what_it_counts_is_one():
    text = "引进亿元以上项目56个,其中5000万元至1亿元项目18个、5亿元以上项目3个。"
    assert told(text, "indicator") == [
        ("56个", "引进亿元以上项目"),
        ("18个", "5000万元至1亿元项目"),
        ("3个", "5亿元以上项目"),
    ]


def test_section_numbers_glued_to_amounts_are_none():
    text = "2023年,2.1一期投资1860.4万元2.2二期计划投资3512.09万元2.3三期尚未开工。"
    assert told(text, "base_value", "kind", "period") == [
        ("1860.4万元", 18_604_000.0, "level", "2023"),
        ("3512.09万元", 35_120_900.0, "level", "2023"),
    ]


# ---- numerals and units


@pytest.mark.parametrize(
    ("text", "span", "value", "unit", "base", "base_unit"),
    [
        ("总投资1372.23亿元。", "1372.23亿元", 1372.23, "亿元", 137_223_000_000.0, "元"),
        ("余额1.2万亿元。", "1.2万亿元", 1.2, "万亿元", 1.2e12, "元"),
        ("人均收入1万8900元。", "1万8900元", 18900, "元", 18900, "元"),
        ("投资二百五十点三亿元。", "二百五十点三亿元", 250.3, "亿元", 250.3e8, "元"),
        ("出口45.6亿美元。", "45.6亿美元", 45.6, "亿美元", 45.6e8, "美元"),
        ("播种面积6.2千公顷。", "6.2千公顷", 6.2, "千公顷", 93_000, "亩"),
        ("总面积18平方公里。", "18平方公里", 18, "平方公里", 18_000_000, "平方米"),
        ("产量3.2万公斤。", "3.2万公斤", 3.2, "万公斤", 32, "吨"),
        ("小麦单产423.5公斤/亩。", "423.5公斤/亩", 423.5, "公斤/亩", 423.5, "公斤/亩"),
        ("小麦单产每公顷6000公斤。", "6000公斤", 6000, "公斤", 400, "公斤/亩"),
        ("劳动生产率18.6万元/人。", "18.6万元/人", 18.6, "万元/人", 186_000, "元/人"),
        ("出生率6.1‰。", "6.1‰", 6.1, "‰", 0.0061, ""),
        ("完成率达百分之八十三点七。", "百分之八十三点七", 83.7, "%", 0.837, ""),
        ("三分之一的村庄受益。", "三分之一", 1 / 3, "分之", 1 / 3, ""),
        ("近八成企业开工。", "八成", 8, "成", 0.8, ""),
        ("停产面达到三成五。", "三成五", 3.5, "成", 0.35, ""),
        ("全市工业周转天数18.4天。", "18.4天", 18.4, "天", 18.4, "天"),
        ("苹果种植面积12.3万,长势良好。", "12.3万", 12.3, "万", 123_000, "亩"),
        ("总人口性别比为104.2。", "104.2", 104.2, "", 104.2, ""),
        ("产值翻两番。", "翻两番", 2, "番", 3, ""),
        ("利率下降25个基点。", "25个基点", 25, "个基点", -0.25, "个百分点"),
        ("共有1,286家企业。", "1,286家", 1286, "家", 1286, "家"),
        ("周转量286亿吨公里。", "286亿吨公里", 286, "亿吨公里", 286e8, "吨公里"),
        ("用电量5.6亿千瓦时。", "5.6亿千瓦时", 5.6, "亿千瓦时", 5.6e8, "千瓦时"),
        ("浓度32微克/立方米。", "32微克/立方米", 32, "微克/立方米", 32, "微克/立方米"),
        ("浓度28微克每立方米。", "28微克每立方米", 28, "微克/立方米", 28, "微克/立方米"),
        ("抽检食品3.2万批次。", "3.2万批次", 3.2, "万批次", 32_000, "批次"),
        ("用地6公顷,容积率1.8。"[6:], "1.8", 1.8, "", 1.8, ""),
        ("森林面积5.6 万\n亩。", "5.6 万\n亩", 5.6, "万亩", 56_000, "亩"),
    ],
)
def test_numerals_and_units(text, span, value, unit, base, base_unit):
    (row,) = read(text)
    assert text[row["start"] : row["end"]] == span
    assert row["value"] == pytest.approx(value)
    assert (row["unit"], row["base_unit"]) == (unit, base_unit)
    assert row["base_value"] == pytest.approx(base)


def test_full_width_text_reads_as_ascii():
    plain = "1-8月,完成投资340.43亿元,增长12.5%(其中工业36.8亿元)。"
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain)
    assert read_figures(wide).equals(read_figures(plain))


def test_traditional_text_with_pinyin_keeps_its_own_characters():
    text = "全縣完成農(nóng)業(yè)產(chǎn)值31.58億元,同比增長(zhǎng)2.86%。"
    assert told(text, "indicator", "base_value", "area") == [
        ("31.58億元", "農業產值", 3_158_000_000.0, "全縣"),
        ("2.86%", "農業產值", pytest.approx(0.0286), "全縣"),
    ]


def test_the_interval_is_that_of_the_written_digits():
    share, count, scaled, fall = read("占比33%,项目270项,就业1.2万人,下降5.0%。")
    assert (share["low"], share["high"]) == (0.325, 0.335)
    assert (count["low"], count["high"]) == (270, 270)
    assert (scaled["low"], scaled["high"]) == (11_500, 12_500)
    assert (fall["low"], fall["high"]) == (-0.0505, -0.0495)


def test_a_range_gives_its_ends_and_middle():
    (row,) = read("地区生产总值增长7%-7.5%。")
    assert (row["low"], row["base_value"], row["high"]) == pytest.approx((0.07, 0.0725, 0.075))
    (row,) = read("投入资金30至50万元。")
    assert (row["low"], row["high"]) == (300_000, 500_000)


# ---- kind and sign


@pytest.mark.parametrize(
    ("text", "kind", "base"),
    [
        ("财政收入8.6亿元。", "level", 8.6e8),
        ("新增商户15家。", "count", 15),
        ("较年初增加3亿元。", "difference", 3e8),
        ("贷款同比少增12.3亿元。", "difference", -12.3e8),
        ("税收短收2亿元。", "difference", -2e8),
        ("新增贷款5亿元。", "difference", 5e8),
        ("新增造林8万亩。", "level", 8e4),
        ("改造提升农田8万亩。", "level", 8e4),
        ("工业投资增长12%。", "growth", 0.12),
        ("房地产投资降幅5%。", "growth", -0.05),
        ("用电量减少5%。", "growth", -0.05),
        ("汽车产量增长27.4倍。", "growth", 27.4),
        ("工业占全市的比重为62%。", "share", 0.62),
        ("对增长的贡献率56.3%。", "share", 0.563),
        ("企业亏损面18.6%。", "share", 0.186),
        ("占年度计划的85.7%。", "rate", 0.857),
        ("完成年度任务的105%。", "rate", 1.05),
        ("城镇登记失业率3.7%。", "rate", 0.037),
        ("恩格尔系数30.2%。", "rate", 0.302),
        ("人口自然增长率-3.31‰。", "rate", -0.00331),
        ("失业率由4.2%下降到3.8%。", "rate", 0.042),
        ("失业率下降0.4个百分点。", "difference", -0.4),
        ("降幅收窄0.5个百分点。", "difference", -0.5),
        ("降幅扩大0.5个百分点。", "difference", 0.5),
        ("增速回落1.4个百分点。", "difference", -1.4),
        ("增速低于全国平均增长水平2.1个百分点。", "difference", -2.1),
        ("比全省高1.6个百分点。", "difference", 1.6),
        ("居全省第4位。", "rank", 4),
        ("排名居全市首位。", "rank", 1),
        ("排名提升12位。", "difference", 12),
        ("城乡居民收入比为2.35:1。", "rate", 2.35),
        ("贸易逆差3.2亿元。", "difference", 3.2e8),
        ("平均等待时间减少1.5天。", "difference", -1.5),
        ("产值实现增长的有27家。", "count", 27),
    ],
)
def test_kind_and_sign(text, kind, base):
    row = read(text)[0]
    assert (row["kind"], row["base_value"]) == (kind, pytest.approx(base))


def test_where_a_quantity_went_is_a_level():
    text = "企业由128家增加到165家,补助标准提高到640元。"
    assert told(text, "kind", "base_value") == [
        ("128家", "count", 128.0),
        ("165家", "count", 165.0),
        ("640元", "level", 640.0),
    ]


def test_a_ratio_that_moves_stays_what_it_was():
    text = "占比由28.6%升至32.1%,城乡居民收入比由2.08缩小为2.04。"
    assert told(text, "indicator", "kind", "base_value") == [
        ("28.6%", "占比", "share", pytest.approx(0.286)),
        ("32.1%", "占比", "share", pytest.approx(0.321)),
        ("2.08", "城乡居民收入比", "rate", 2.08),
        ("2.04", "城乡居民收入比", "rate", 2.04),
    ]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("投资约430亿元。", "about"),
        ("增长3%左右。", "about"),
        ("近19亿元投入使用。", "near"),
        ("超40个村庄受益。", "over"),
        ("就业45万人以上。", "over"),
        ("带动8000多个合作社。", "over"),
        ("惠及6000余户。", "over"),
        ("失业率4.5%以内。", "upper"),
        ("不到300人参加。", "upper"),
        ("总额突破2000亿元。", "over"),
        ("约占全市的57%。", "about"),
        ("收入35亿元。", ""),
    ],
)
def test_bounds(text, bound):
    assert [row["bound"] for row in read(text)] == [bound]


# ---- what is carried


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023年收入5亿元。", "2023"),
        ("2023年1-8月收入5亿元。", "2023-01/2023-08"),
        ("2024年前两个月收入5亿元。", "2024-01/2024-02"),
        ("2023年上半年收入5亿元。", "2023-01/2023-06"),
        ("前三季度收入5亿元。", "XXXX-01/XXXX-09"),
        ("二季度末余额5亿元。", "XXXX-06-30"),
        ("截至2023年9月底,收入5亿元。", "2023-09-30"),
        ("2024年2月末余额5亿元。", "2024-02-29"),
        ("2023年8月份收入5亿元。", "2023-08"),
        ("“十三五”期间投入5亿元。", "2016/2020"),
        ("“十五”期间投入5亿元。", "2001/2005"),
        ("“八五”时期投入5亿元。", "1991/1995"),
        ("“九五”期间投入5亿元。", "1996/2000"),
        ("“十一五”以来投入5亿元。", "2006/2010"),
        ("“十五五”时期投入5亿元。", "2026/2030"),
        ("2017年以来投入5亿元。", "2017/.."),
        ("2016年至2020年投入5亿元。", "2016/2020"),
        ("到2025年,收入达到5亿元。", "2025"),
        ("年末余额5亿元。", "XXXX-12-31"),
        ("今年收入5亿元。", "XXXX"),
        ("全年收入5亿元。", "XXXX"),
        ("去年收入5亿元。", ""),
        ("近3个月收入5亿元。", ""),
        ("收入5亿元。", ""),
    ],
)
def test_periods(text, period):
    assert read(text)[0]["period"] == period


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("“十四五”期间造林5万亩。全县现有林场23家。", ["2021/2025", ""]),
        ("“十三五”时期投资60亿元,是“十二五”时期的1.6倍,增长8%。", ["2016/2020"] * 3),
        (
            "“十三五”期间,税收由2015年的3亿元增加到2020年的5亿元,年均增长10.8%。",
            ["2015", "2020", "2016/2020"],
        ),
        ("2005年产值8亿元,“十五”期间年均增长9%。税收2亿元。", ["2005", "2001/2005", "2005"]),
        (
            "“十三五”时期产值年均增长6%,2020年达到18亿元。五年来投资60亿元。",
            ["2016/2020", "2020", "2016/2020"],
        ),
        ("2023年收入5亿元,恢复到2019年的93%,增长2%。", ["2023"] * 3),
        (
            "1-9月税收6亿元,为年初预算8亿元的75%,增长3%。",
            ["XXXX-01/XXXX-09", "XXXX"] + ["XXXX-01/XXXX-09"] * 2,
        ),
        ("年末人口9万人。其中,城镇人口5万人。", ["XXXX-12-31"] * 2),
        ("累计投入9亿元,其中2021年4亿元,2022年5亿元。", ["", "2021", "2022"]),
        ("2021-2023年产量分别为8吨、9吨、10吨。", ["2021", "2022", "2023"]),
        ("2020年人口48万人,与2010年的50万人相比,减少2万人。", ["2020", "2010", "2020"]),
    ],
)
def test_periods_of_plans_parts_and_comparisons(text, periods):
    assert [row["period"] for row in read(text)] == periods


def test_the_short_name_of_the_place_of_the_document_is_that_place():
    text = "北戴河新区签约项目23个。昌黎县签约项目8个。新区税收5亿元。"
    assert [row["area"] for row in read(text)] == ["北戴河新区", "昌黎县", "北戴河新区"]


def test_a_period_is_carried_until_the_next():
    text = "2023年1-8月,投资5亿元,增长3%。工业投资2亿元。9月末,贷款8亿元。"
    periods = ["2023-01/2023-08"] * 3 + ["2023-09-30"]
    assert [row["period"] for row in read(text)] == periods


def test_a_figure_before_the_first_date_takes_its_period_and_says_so():
    first, second = read("贷款余额5亿元。截至6月末,存款余额8亿元。")
    assert (first["period"], first["note"]) == ("XXXX-06-30", "period inferred")
    assert (second["period"], second["note"]) == ("XXXX-06-30", "")


def test_the_year_of_a_later_event_is_not_that_of_this_year():
    assert read("今年1-8月投资5亿元。该桥2020年开工。")[0]["period"] == "XXXX-01/XXXX-08"


def test_a_month_picked_out_holds_for_its_sentence_only():
    text = "2024年前两个月,出口42.6亿元,其中2月份19.8亿元。进口7.2亿元。"
    assert [row["period"] for row in read(text)] == [
        "2024-01/2024-02",
        "2024-02",
        "2024-01/2024-02",
    ]


def test_four_kinds_of_months_in_one_sentence():
    text = (
        "2024年前两个月,全市进出口总值42.6亿元,其中2月份19.8亿元;"
        "近3个月新增贷款7.2亿元,3月末余额318.5亿元。"
    )
    assert told(text, "period") == [
        ("42.6亿元", "2024-01/2024-02"),
        ("19.8亿元", "2024-02"),
        ("7.2亿元", ""),
        ("318.5亿元", "2024-03-31"),
    ]


def test_a_year_compared_with_is_not_the_period():
    text = "2023年,投资5亿元,比2019年增长8%,恢复到2018年同期的112%。"
    assert [row["period"] for row in read(text)] == ["2023"] * 3


def test_this_year_is_the_year_of_the_document():
    assert read("今年计划投资5亿元。", issued="2023-09-30")[0]["period"] == "2023"
    assert read("1-8月投资5亿元。", year=2022)[0]["period"] == "2022-01/2022-08"


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("秦皇岛市投资5亿元。", "秦皇岛市"),
        ("2023年,昌黎县投资5亿元。", "昌黎县"),
        ("昌黎、卢龙、青龙三个县生产总值630.5亿元。", "昌黎、卢龙、青龙"),
        ("江苏前三季度出口2万亿元。", "江苏"),
        ("前7个月我省出口1568.9亿元。", "我省"),
        ("园区产值126.8亿元。", "园区"),
        ("秦皇岛经济技术开发区产值586亿元。", "秦皇岛经济技术开发区"),
        ("青龙满族自治县板栗产量4.2万吨。", "青龙满族自治县"),
        ("银行支持荆门项目1876个。", "荆门"),
        ("永康市存款926亿元。全市贷款641亿元。", "永康市"),
        ("浙江温州:前三季度出口1856亿元。", "浙江温州"),
        ("该项目位于昌黎县产业园,总投资23亿元。", "昌黎县"),
        ("收入5亿元。", ""),
    ],
)
def test_areas(text, area):
    assert {row["area"] for row in read(text)} == {area}


def test_a_place_compared_with_is_not_the_area():
    text = "甲县投资增长7.6%,居全省第2位,超全省平均增速5.9个百分点,占全市投资的12%。"
    assert {row["area"] for row in read(text)} == {"甲县"}


def test_known_areas_get_their_code():
    assert read("昌黎县投资5亿元。")[0]["area_code"] == "130322"
    assert read("全市投资5亿元。")[0]["area_code"] == ""


def test_the_caller_may_say_the_place():
    assert read("全市投资5亿元。", area="秦皇岛市")[0]["area"] == "秦皇岛市"


@pytest.mark.parametrize(
    ("text", "indicators"),
    [
        ("省重点项目27项,总投资353亿元。", ["省重点项目", "省重点项目总投资"]),
        ("贷款余额81.92亿元,增长23.64%。", ["贷款余额", "贷款余额"]),
        ("工业增长8.3%,比全省高1.6个百分点。", ["工业", "工业比全省高"]),
        ("税收61亿元,占财政收入的62%。", ["税收", "税收占财政收入"]),
        ("提案36件,占41%。", ["提案", "提案占比"]),
        ("5月份税收3亿元,1-5月累计完成16亿元。", ["税收", "税收"]),
        ("新增商户2万户,总量达到12万户。", ["新增商户", "商户总量"]),
        ("规上工业36个行业中28个行业增长。", ["行业", "行业"]),
        ("各镇投资完成率最高,达98.6%。", ["各镇投资完成率"]),
        ("税收10亿元,比上年同期9亿元增收1亿元。", ["税收", "税收", "税收增收"]),
        ("新建学校18所其中小学10所初中5所高中3所。", ["新建学校", "小学", "初中", "高中"]),
        ("税收6亿元,完成年度预算8亿元的75%。", ["税收", "税收年度预算", "税收完成年度预算"]),
        ("年产干茶1.5万吨。", ["干茶产量"]),
        ("客流增长3%,按可比口径较2019年增长8%。", ["客流", "客流较2019年"]),
        ("省级示范村18个,其中国家级4个。", ["省级示范村", "国家级省级示范村"]),
        (
            "单位产值能耗降幅居全省第5位,比上年前移2位。",
            ["单位产值能耗降幅排名", "单位产值能耗降幅排名比上年前移"],
        ),
        ("24个项目需解决问题31个。", ["项目", "需解决问题"]),
        ("提供1.5亿元的创业贷款。", ["创业贷款"]),
        ("不良贷款率1.32%,较年初下降0.15个百分点。", ["不良贷款率", "不良贷款率较年初下降"]),
    ],
)
def test_indicators(text, indicators):
    assert [row["indicator"] for row in read(text)] == indicators


# ---- lists


def test_respectively_deals_out_names():
    text = "省、市级重点工程分别完成投资41.8亿元、107.5亿元,完成率分别为51.3%、46.1%。"
    assert told(text, "indicator") == [
        ("41.8亿元", "省级重点工程完成投资"),
        ("107.5亿元", "市级重点工程完成投资"),
        ("51.3%", "省级重点工程完成率"),
        ("46.1%", "市级重点工程完成率"),
    ]


def test_respectively_deals_out_what_was_told_before():
    text = "接待游客1532万人次,旅游收入128亿元,分别增长21.3%和25.8%。"
    assert [row["indicator"] for row in read(text)] == ["接待游客", "旅游收入"] * 2


@pytest.mark.parametrize(
    ("text", "indicators"),
    [
        (
            "教育、卫生、文化旅游体育与传媒支出分别增长5%、6%和7%。",
            ["教育", "卫生", "文化旅游体育与传媒支出"],
        ),
        ("第一、二产业比重分别下降0.8个和1.4个百分点。", ["第一产业比重下降", "第二产业比重下降"]),
        (
            "三次产业贡献率分别为9%、38%和53%。",
            ["第一产业贡献率", "第二产业贡献率", "第三产业贡献率"],
        ),
        ("城乡居民收入分别为4.1万元、2.2万元,增长5%和7%。", ["城镇居民收入", "农村居民收入"] * 2),
        ("企业贷款、住房贷款平均利率分别为3.4%、3.6%。", ["企业贷款平均利率", "住房贷款平均利率"]),
        (
            "快递业务量9亿件,同城、异地快递业务量分别为3亿件、6亿件,分别占33%、67%。",
            [
                "快递业务量",
                "同城快递业务量",
                "异地快递业务量",
                "同城快递业务量占比",
                "异地快递业务量占比",
            ],
        ),
        (
            "受理案件52件,审结48件,结案率92%,分别上升8%、7%和下降0.6个百分点。",
            ["受理案件", "审结", "结案率", "受理案件", "审结", "结案率下降"],
        ),
    ],
)
def test_respectively_splits_names_as_they_are_meant(text, indicators):
    assert [row["indicator"] for row in read(text)] == indicators


def test_a_unit_shared_by_three_stands_with_the_last():
    text = "分别拉动增长1.7个、3.2、4.0个百分点。"
    assert [row["base_unit"] for row in read(text)] == ["个百分点"] * 3


def test_a_number_without_unit_keeps_its_own_name():
    text = "共12个,新建开工项目14续建项目9前期项目8项,省重点项目5市重点项目6项。"
    assert told(text, "indicator", "base_unit")[1:] == [
        ("14", "新建开工项目", "项"),
        ("9", "续建项目", "项"),
        ("8项", "前期项目", "项"),
        ("5", "省重点项目", "项"),
        ("6项", "市重点项目", "项"),
    ]


def test_respectively_deals_out_places_and_years():
    text = "昌黎县、卢龙县分别完成投资35.6亿元、28.4亿元。"
    assert told(text, "area") == [("35.6亿元", "昌黎县"), ("28.4亿元", "卢龙县")]
    text = "2021年、2022年和2023年产量分别为85.6万吨、86.2万吨、88.1万吨。"
    assert [row["period"] for row in read(text)] == ["2021", "2022", "2023"]


def test_signs_in_a_list_are_their_own():
    text = "一产、二产、三产投资分别增长12.6%、-3.5%、8.9%。"
    values = [row["base_value"] for row in read(text)]
    assert values == pytest.approx([0.126, -0.035, 0.089])


def test_a_shared_unit_is_taken_from_the_next_number_and_said():
    first, second = read("分别比全省高0.5、0.9个百分点。")
    assert (first["base_value"], first["base_unit"], first["unit"]) == (0.5, "个百分点", "")
    assert first["note"] == "unit inferred: 个百分点"
    assert second["note"] == ""


def test_a_structure_is_shares_of_one_whole():
    text = "三次产业结构为12.5:40.1:47.4。"
    assert told(text, "indicator", "kind", "base_value") == [
        ("12.5", "第一产业占比", "share", pytest.approx(0.125)),
        ("40.1", "第二产业占比", "share", pytest.approx(0.401)),
        ("47.4", "第三产业占比", "share", pytest.approx(0.474)),
    ]


def test_details_in_brackets_do_not_change_the_subject():
    text = "财政收入3.5亿元(其中地方收入1.8亿元),同比增长9%。"
    assert [row["indicator"] for row in read(text)] == ["财政收入", "地方收入", "财政收入"]


def test_ranks_in_a_list_and_places_won():
    text = "甲县、乙县增速分列全市第1、第5位,乙县较上年前进3个名次。"
    assert told(text, "kind", "base_value") == [
        ("1", "rank", 1.0),
        ("5位", "rank", 5.0),
        ("3个名次", "difference", 3.0),
    ]


def test_parts_picked_out_leave_the_topic_as_it_was():
    text = "省重点项目16个,其中续建项目9个;总投资156.8亿元。"
    assert read(text)[-1]["indicator"] == "省重点项目总投资"


# ---- damage


def test_a_bracket_left_open_ends_with_its_sentence():
    text = "2021年投资5亿元(其中工业2亿元。2022年收入8亿元。产值3亿元。"
    assert [row["period"] for row in read(text)] == ["2021", "2021", "2022", "2022"]


def test_a_dropped_unit_is_inferred_and_said():
    first, second, third = read("入围项目29其中计划开工11项。高新技术企业达到64")
    assert (first["base_value"], first["base_unit"], first["unit"]) == (29, "项", "")
    assert first["note"] == "unit inferred: 项"
    assert second["note"] == ""
    assert (third["base_unit"], third["note"]) == ("家", "unit inferred: 家")


def test_a_dropped_unit_is_that_of_the_same_noun_or_of_none():
    text = "水稻面积36.2万亩,产量19.4万吨。果园面积8.3,产量12.2万吨。"
    assert told(text, "base_unit")[2] == ("8.3", "亩")
    assert spans("水稻产量19.4万吨。果园面积8.3,产量12.2万吨。") == ["19.4万吨", "12.2万吨"]
    assert told("园区有30个项目,其中项目已开工24。", "unit", "base_unit")[1] == ("24", "", "个")
    text = "其中中央资金300万元,县级配套170万,村自筹20万元。"
    assert told(text, "base_value")[1] == ("170万", 1_700_000)


def test_a_measure_word_is_not_cut_out_of_the_next_word():
    assert told("合作社17家庭作坊9个。", "base_unit") == [("17", "个"), ("9个", "个")]


def test_an_unlikely_unit_is_kept_and_marked():
    text = "完成投资57.2元,其中民间投资32.6亿元,工业投资21.3亿元。"
    assert told(text, "base_value", "note")[0] == (
        "57.2元",
        57.2,
        "unit doubtful: 亿元 stands around it",
    )


def test_white_space_inside_a_number_is_joined_and_said():
    text = "完成投资1 386.5亿元,增长12 .4%。"
    assert told(text, "base_value", "note") == [
        ("1 386.5亿元", 138_650_000_000.0, "white space inside the number"),
        ("12 .4%", pytest.approx(0.124), "white space inside the number"),
    ]


def test_a_number_in_groups_of_three_may_stand_apart():
    assert told("出口创汇 2 350 万美元。", "base_value") == [("2 350 万美元", 23_500_000)]


def test_a_gap_to_a_named_goal_has_the_sign_of_its_word():
    texts = ("登记失业率3.2%,低于4%的控制目标0.8个百分点。", "合格率98%,高于95%的目标3个百分点。")
    signs = [[(row["kind"], row["base_value"]) for row in read(text)][1:] for text in texts]
    assert signs[0] == [("rate", 0.04), ("difference", -0.8)]
    assert signs[1] == [("rate", 0.95), ("difference", 3)]


def test_a_denominator_may_have_a_multiplier():
    assert told("能耗强度0.52吨标准煤/万元。", "base_unit") == [
        ("0.52吨标准煤/万元", "吨标准煤/元")
    ]


def test_only_so_much_of_a_text_is_told():
    # an indicator has 80 characters, a number 18 digits; 50 places of damage are listed
    assert len(read("新" * 99 + "投资5亿元。")[0]["indicator"]) == 80
    assert spans(f"投资{'1' * 18}元。") == ["1" * 18 + "元"]
    assert spans(f"投资{'1' * 19}元。") == []
    assert len(read_figures("增长%。" * 60).attrs["damage"]) == 50


def test_a_dropped_unit_is_not_taken_from_80_characters_before():
    text = "投资5.2亿元。{}工业税收3.1。"
    assert told(text.format("顺" * 74), "base_unit")[1:] == [("3.1", "元")]
    assert told(text.format("顺" * 75), "base_unit")[1:] == []


def test_a_missing_separator_is_said():
    assert read("投资完成率89.5%已开工152项。")[0]["note"] == "no separator after it"


def test_lost_digits_and_garbled_dates_are_told_beside_the_table():
    table = read_figures("增长%。收入.36亿元。518日印发。")
    assert table.empty
    assert table.attrs["damage"] == (
        "digits lost at 7: '36亿元'",
        "garbled date at 12: '518日'",
        "digits lost at 2",
    )


# ---- the table


def test_an_empty_text_gives_an_empty_table_of_the_same_columns():
    empty, full = read_figures(""), read_figures("收入5亿元。")
    assert empty.empty
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_text_columns_are_never_missing():
    table = read_figures("2023年,全市收入5亿元,居第3位,三次产业比为1:2:97。")
    texts = table.select_dtypes("str")
    assert not texts.isna().any().any()


AMOUNTS = st.decimals(min_value=1, max_value=9999, places=2).map(lambda d: f"{d.normalize():f}")
STYLES = st.sampled_from(
    [
        ("2023年,全市完成投资{}亿元。", 1e8, "元"),
        ("完成投资{}万元,进展顺利。", 1e4, "元"),
        ("耕地面积{}万亩;林地增加。", 1e4, "亩"),
        ("粮食产量达到{}万吨。", 1e4, "吨"),
        ("同比增长{}%。", 0.01, ""),
        ("(其中税收{}亿元)", 1e8, "元"),
        ("城镇人口{}万人,老龄化加深。", 1e4, "人"),
    ]
)


@given(AMOUNTS, STYLES, st.sampled_from(["plain", "wide", "commas", "spaced"]))
@settings(max_examples=200, deadline=None)
def test_a_figure_written_in_any_style_is_read_back(digits, style, look):
    pattern, factor, base_unit = style
    shown = digits
    if look == "commas":
        whole, dot, rest = digits.partition(".")
        shown = f"{int(whole):,}{dot}{rest}"
    text = pattern.format(shown)
    if look == "wide":
        text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    if look == "spaced":
        text = re.sub(r"([0-9])([^0-9.,])", r"\1 \2", text)
    row = read(text)[-1]
    assert row["base_value"] == pytest.approx(float(digits) * factor)
    assert row["base_unit"] == base_unit
    assert row["low"] <= row["base_value"] <= row["high"]


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "增长",
                "下降",
                "比",
                "占",
                "的",
                "分别",
                "其中",
                "全市",
                "昌黎县",
                "项目",
                "投资",
                "由",
                "到",
                "约",
            ),
            *(
                "2023年",
                "1-8月",
                "去年",
                "截至6月底",
                "第3位",
                "十四五",
                "12.5:40.1:47.4",
                "三分之一",
                "翻番",
            ),
            *(
                "5.6%",
                "3亿元",
                "12个",
                "0.5",
                "个百分点",
                "1万8900元",
                "7%-7.5%",
                "一百二十亿",
                "-3",
                "04",
                "万",
            ),
            *(
                ",",
                "。",
                "、",
                "(",
                ")",
                ":",
                ";",
                "\n",
                " ",
                "“",
                "”",
                "%",
                ".",
                "?",
                "-",
                "/",
                "\x0b",
                "\u200b",
            ),
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(PIECES, st.text(max_size=80)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_and_offsets_point_at_it(text):
    table = read_figures(text)
    for row in table.itertuples():
        words = text[row.start : row.end]
        assert 0 <= row.start < row.end <= len(text)
        assert words == words.strip()
        assert re.search(r"[\d一二两三四五六七八九十首番倍]", words)
        assert row.low <= row.base_value <= row.high
    assert table["start"].is_monotonic_increasing
    assert (
        pd.Series(table["kind"])
        .isin(["level", "count", "difference", "growth", "share", "rate", "rank"])
        .all()
    )


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1,",
        ",",
        "增长",
        "一百",
        "1:",
        "1 ",
        "(",
        "约",
        "增长5%",
        "昌黎和",
        "甲县分别1%、2%和下降",
        "1个、",
        "比2020年",
        "1-",
        "第1",
        "A",
        "A1",
        "1+",
        "占",
    ],
)
def test_hostile_lines_take_linear_time(piece):
    begin = time.process_time()
    read_figures(piece * 20_000)
    assert time.process_time() - begin < 4, "a line of 20,000 pieces takes well under a second"


@pytest.mark.parametrize("text", ["投资一百二十亿万元。", "投资120亿万元。"])
def test_a_multiplier_written_twice_is_told(text):
    (row,) = read(text)
    assert "multiplier doubled" in row["note"]


@pytest.mark.parametrize(
    "text", ["投资1.2万亿元。", "投资12亿元。", "接待三十亿人次。", "投资1亿2000万元。"]
)
def test_a_proper_multiplier_is_no_damage(text):
    (row,) = read(text)
    assert "multiplier" not in row["note"]


def test_a_doubled_multiplier_without_a_unit_is_no_error():
    assert read("投资一百二十亿万。") == []


ROWS = [
    block.split("\n")
    for block in (Path(__file__).parent / "figure_rows.txt")
    .read_text(encoding="utf-8")
    .strip()
    .split("\n\n")
]


@pytest.mark.parametrize("block", ROWS, ids=range(len(ROWS)))
def test_every_column_of_a_passage_is_as_a_reader_would_fill_it(block):
    # words | indicator | bound kind value unit = base [low, high] | period | area, code | note
    text = block[0].removeprefix("# ").replace("\\n", "\n")
    assert [
        f"  {text[r.start : r.end]} | {r.indicator} | {r.bound + ' ' * bool(r.bound)}{r.kind} "
        f"{r.value:.6g} {r.unit or '-'} = {r.base_value:.6g} {r.base_unit or '-'} "
        f"[{r.low:.6g}, {r.high:.6g}] | {r.period} | {r.area} {r.area_code} | {r.note}".rstrip()
        for r in read_figures(text).itertuples()
    ] == block[1:]
