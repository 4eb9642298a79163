"""Units, written numbers and the intervals of their digits."""

import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis.errors import UnitError
from qhdanalysis.spelling import Near
from qhdanalysis.units import (
    INFERRED,
    Interval,
    Unit,
    base_unit,
    convert,
    fold,
    lookup,
    number,
    numeral,
    written,
)

DIGITS = "零一二三四五六七八九"


def in_chinese(value: int) -> str:
    """Write a whole number below 10^12 in Chinese numerals, the way a school book does."""

    def below_ten_thousand(part: int) -> str:
        text, gap = "", False
        for size, mark in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = part // size % 10
            if digit:
                text += ("零" if gap and text else "") + DIGITS[digit] + mark
            gap = not digit
        return text

    result = ""
    for size, mark in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part = value // size % 10**4
        if part:
            if result and part < 1000:
                result += "零"
            result += below_ten_thousand(part) + mark
    return result or "零"


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (1500, "亩", "平方公里", 1.0),
        (100, "公顷", "亩", 1500.0),
        (3000, "平方米", "亩", 4.5),
        (1, "万元/亩", "亿元/平方公里", 0.15),
        (89.46, "亿元", "万元", 894600.0),
        (500, "公斤", "吨", 0.5),
        (2, "公里", "米", 2000.0),
        (36, "元/人", "万元/人", 0.0036),
        (25, "基点", "个百分点", 0.25),
        (3, "成", "%", 30.0),
        (7, "thousand USD", "万美元", 0.7),
        (2.5, "million EUR", "万欧元", 250.0),
        (3, "100 million yuan", "亿元", 3.0),
        (420, "Thousands of dollars", "美元", 420000.0),
        (10, "吨/公顷", "公斤/亩", 2000 / 3),
        (6, "亿千瓦时", "万千瓦时", 60000.0),
    ],
)
def test_units_of_one_family_convert(value, unit, to, expected):
    assert convert(value, unit, to) == pytest.approx(expected, rel=1e-12)


def test_arrays_and_series_convert_at_once():
    assert np.allclose(convert(np.array([15.0, 30.0]), "亩", "公顷"), [1.0, 2.0])
    series = pd.Series([1.0, 2.0], index=["甲县", "乙县"])
    assert convert(series, "亿元", "万元").to_dict() == {"甲县": 10000.0, "乙县": 20000.0}


def test_land_does_not_become_money():
    with pytest.raises(UnitError, match=r"亩 \(area\) does not convert to 亿元 \(money CNY\)"):
        convert(1, "亩", "亿元")


def test_currencies_do_not_convert_without_a_rate():
    with pytest.raises(UnitError, match="same family"):
        convert(1, "亿美元", "亿元")


def test_an_unknown_unit_is_named():
    with pytest.raises(UnitError, match="'斛' is not in the table of units"):
        lookup("斛")


def test_bare_numbers_need_their_unit_and_the_unit_wanted():
    with pytest.raises(UnitError, match="bare numbers carry no unit"):
        convert(5, to="亿元")
    with pytest.raises(UnitError, match="needs the unit wanted"):
        convert(5, "亩")


RECORDS = pd.DataFrame(
    {"value": [3.0, 20000.0], "unit": ["亿元", "万元"], "note": ["", ""], "area": ["甲县", "乙县"]}
)


def test_records_in_two_units_become_one():
    result = convert(RECORDS, to="亿元")
    assert result["value"].tolist() == [3.0, 2.0]
    assert result["unit"].eq("亿元").all()
    assert RECORDS["unit"].tolist() == ["亿元", "万元"], "the caller's table is not changed"


def test_an_inferred_unit_needs_permission():
    guessed = RECORDS.assign(note=["", f"{INFERRED}: 万元"])
    with pytest.raises(UnitError, match=r"only inferred in rows 1: .* accept_inferred=True"):
        convert(guessed, to="亿元")
    assert convert(guessed, to="亿元", accept_inferred=True)["value"].tolist() == [3.0, 2.0]


def test_a_missing_unit_is_refused_with_its_rows():
    with pytest.raises(UnitError, match="no unit in rows 0, 1: fill column 'unit'"):
        convert(RECORDS.assign(unit=""), to="亿元", accept_inferred=True)


def test_a_table_that_is_no_records_is_refused():
    with pytest.raises(UnitError, match=r"missing: \['unit'\]"):
        convert(RECORDS.drop(columns="unit"), to="亿元")


@pytest.mark.parametrize(
    ("unit", "base"),
    [
        ("亿元", "元"),
        ("万亿元人民币", "元"),
        ("億元", "元"),
        ("千公顷", "亩"),
        ("平方公里", "平方米"),
        ("万美元", "美元"),
        ("%", ""),
        ("％", ""),
        ("公斤/亩", "公斤/亩"),
        ("万人次", "人次"),
        ("人/户", "人/户"),
        ("上年=100", "上年=100"),
    ],
)
def test_base_units(unit, base):
    assert base_unit(unit) == base


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,909.52", 1909.52),
        ("".join(chr(ord(mark) + 0xFEE0) for mark in "380.52"), 380.52),
        ("二百五十点三亿", 250.3e8),
        ("一千九百零九点五亿", 1909.5e8),
        ("1.2万亿", 1.2e12),
        ("1万8900", 18900),
        ("三亿五千万", 3.5e8),
        ("二〇二三", 2023),
        ("十", 10),
        ("一万五", 15000),
        ("百分之五", 0.05),
        ("五分之一", 0.2),
        ("-12.4", -12.4),
    ],
)
def test_numbers_are_read(text, value):
    assert number(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("text", ["", "十四五", "三农", "千", "1.2.3", "abc", "第3", "12-13", "—"])
def test_what_is_no_number_is_missing(text):
    assert np.isnan(number(text))


@given(st.integers(min_value=0, max_value=10**12 - 1))
@settings(max_examples=300, deadline=None)
def test_chinese_numerals_are_read_back(value):
    assert number(in_chinese(value)) == value


@given(st.integers(0, 10**9), st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_written_digits_hold_what_rounds_to_them(digits, decimals):
    text = f"{Decimal(digits).scaleb(-decimals):f}"
    interval = written(text)
    assert interval.low <= float(text) <= interval.high
    assert interval.high - interval.low == pytest.approx(10.0**-decimals, rel=1e-6, abs=1e-6)


def test_the_interval_is_half_a_unit_of_the_last_digit_in_base_units():
    assert written("33", "%") == Interval(0.325, 0.335)
    assert written("1,909.52", "亿元") == Interval(190_951_500_000.0, 190_952_500_000.0)
    assert written("二百五十点三", "亿元") == Interval(25_025_000_000.0, 25_035_000_000.0)
    assert written("-12.4", "%") == Interval(-0.1245, -0.1235)


def test_whole_counts_of_unscaled_things_are_exact():
    assert written("270", "项") == Interval(270.0, 270.0)
    assert written("1.2", "万人") == Interval(11500.0, 12500.0)


def test_a_text_without_digits_has_no_interval():
    with pytest.raises(UnitError, match="'约三成' is not a written number"):
        written("约三成")


def test_630_5_and_33_percent_imply_the_citys_output():
    # 630.5 = 33% of X: X from 630.45 / 0.335 to 630.55 / 0.325, worked by hand
    implied = written("630.5") / written("33", "%")
    assert round(implied.low, 1) == 1881.9
    assert round(implied.high, 1) == 1940.2
    assert implied.meets(1909.52)


ENDS = st.tuples(st.integers(-1000, 1000), st.integers(0, 1000)).map(
    lambda pair: Interval(pair[0] / 8, (pair[0] + pair[1]) / 8)
)


@given(ENDS, ENDS, st.integers(0, 8), st.integers(0, 8))
@settings(max_examples=300, deadline=None)
def test_results_of_points_lie_in_results_of_intervals(a, b, i, j):
    x = Fraction(a.low) + (Fraction(a.high) - Fraction(a.low)) * i / 8
    y = Fraction(b.low) + (Fraction(b.high) - Fraction(b.low)) * j / 8
    for result, exact in ((a + b, x + y), (a - b, x - y), (a * b, x * y)):
        assert Fraction(result.low) <= exact <= Fraction(result.high)
    if y and not b.low <= 0 <= b.high:
        quotient = a / b
        assert Fraction(quotient.low) <= x / y <= Fraction(quotient.high)


def test_a_divisor_that_may_be_zero_gives_the_whole_line():
    quotient = 1 / Interval(-1.0, 1.0)
    assert (quotient.low, quotient.high) == (-np.inf, np.inf)


def test_intervals_of_columns_work_element_by_element():
    plan = Interval(pd.Series([9.5, 19.5]), pd.Series([10.5, 20.5]))
    done = Interval(pd.Series([4.5, 20.0]), pd.Series([5.5, 21.0]))
    rate = done / plan
    assert rate.low.round(4).tolist() == [0.4286, 0.9756]
    assert rate.meets(1.0).tolist() == [False, True]
    assert (1 - rate).high.round(4).tolist() == [0.5714, 0.0244]


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_folding_keeps_the_length(text):
    assert len(fold(text)) == len(text)


def test_a_multiplier_with_a_gap_is_one_number():
    # 万人 in the English tables of the Bureau; 10 times 000 would make every value 0
    for unit in ("10 000 persons", "10,000 persons", "10000 persons"):
        assert convert(309.81, unit, "万人") == 309.81


def test_a_missing_value_stays_missing():
    column = Interval(pd.Series([1.0, np.nan]), pd.Series([2.0, np.nan]))
    for result in (column + 1, column * 2, column / 2, 2 / column):
        assert result.low.isna().tolist() == [False, True]
        assert result.high.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("text", "value", "place"),
    [
        ("7", "7", "1"),
        ("1.20", "1.20", "0.01"),
        (".5", "0.5", "0.1"),
        ("1,909.5", "1909.5", "0.1"),
        ("\uff11\uff12", "12", "1"),
        ("十", "10", "10"),
        ("十五", "15", "1"),
        ("十二点五", "12.5", "0.1"),
        ("十万", "100000", "100000"),
        ("十万亿", "10000000000000", "10000000000000"),
        ("二十", "20", "10"),
        ("两百零七", "207", "1"),
        ("一千零五", "1005", "1"),
        ("一千零五十", "1050", "10"),
        ("一百五", "150", "10"),
        ("一千五", "1500", "100"),
        ("一万五", "15000", "1000"),
        ("三亿五", "350000000", "10000000"),
        ("1万5", "10005", "1"),  # only Chinese numerals leave out their last place
        ("一万零五", "10005", "1"),
        ("1万8900", "18900", "1"),
        ("1.5千", "1500", "100"),
        ("2.35万", "23500", "100"),
        ("1.2万亿", "1200000000000", "100000000000"),
        ("一万二千亿", "1200000000000", "100000000000"),
        ("三亿五千万", "350000000", "10000000"),
        ("三千五百万", "35000000", "1000000"),
        ("四万万", "400000000", "100000000"),
        ("二亿零三十万四千", "200304000", "1000"),
        ("壹亿贰仟叁佰肆拾伍万陆仟柒佰捌拾玖", "123456789", "1"),
        ("二〇○零", "2000", "1"),
    ],
)
def test_a_numeral_has_its_value_and_the_place_of_its_last_digit(text, value, place):
    assert numeral(text) == (Decimal(value), Decimal(place))


@pytest.mark.parametrize(
    "text", ["十四五", "拾肆伍", "3千45", "百", "5点", "1.2.3", "-5", "+5", "万5", "5%", ""]
)
def test_what_is_no_unsigned_numeral_has_no_value(text):
    assert numeral(text) is None


def test_signs_and_fractions_are_read():
    read = {
        "负五": -5, "+12.4": 12.4, "- 3": -3, "－3": -3, "三分之二": 2 / 3,
        "负百分之十二点五": -0.125, "百分之一百二十": 1.2, "千分之五": 0.005,
        "万分之三": 0.0003, "十分之一": 0.1,
    }  # fmt: skip
    assert {text: number(text) for text in read} == read
    assert np.isnan([number(text) for text in ("零分之一", "分之一", "三分之", "5%")]).all()


def test_intervals_of_whole_numbers_are_exact():
    a, b = Interval(-2, 3), Interval(-5, 7)
    assert -a == Interval(-3, 2)
    assert a + b == Interval(-7, 10)
    assert a - b == Interval(-9, 8)
    assert a * b == Interval(-15, 21)
    assert 4 - a == Interval(1, 6)
    assert 2 * a == Interval(-4, 6)
    assert b / Interval(1, 2) == Interval(-5, 7)
    assert 8 / Interval(-4, -2) == Interval(-4, -2)
    assert all(type(end) is float for r in (a + b, a * b, a / 5) for end in (r.low, r.high))


def test_a_bound_that_is_not_whole_is_moved_by_one_float_step():
    one_tenth = Interval(0.1, 0.1)
    third = np.float64(0.1 + 0.2)
    expected = Interval(np.nextafter(third, -1), np.nextafter(third, 1))
    assert one_tenth + 0.2 == expected
    assert 0.1 - Interval(-0.2, -0.2) == expected
    product = 0.1 * 0.7
    assert one_tenth * 0.7 == Interval(np.nextafter(product, -1), np.nextafter(product, 1))


@pytest.mark.parametrize("divisor", [(0, 2), (-2, 0), (0, 0), (-1, 3)])
def test_a_divisor_that_may_be_zero_says_nothing(divisor):
    for top in (Interval(1, 2), Interval(-2, -1), Interval(0, 0)):
        assert top / Interval(*divisor) == Interval(-np.inf, np.inf)
    many = Interval(np.array([1.0, 1.0]), np.array([2.0, 2.0])) / Interval(
        np.array([divisor[0], 1.0]), np.array([divisor[1], 1.0])
    )
    assert many.low.tolist() == [-np.inf, 1.0]
    assert many.high.tolist() == [np.inf, 2.0]


def test_ranges_meet_where_they_touch_and_not_beside():
    middle = Interval(2, 4)
    assert [middle.meets(x) for x in (1.9, 2, 3, 4, 4.1)] == [False, True, True, True, False]
    ranges = [(0, 1.9), (0, 2), (3, 3), (4, 9), (4.1, 9)]
    met = [middle.meets(Interval(*ends)) for ends in ranges]
    assert met == [False, True, True, True, False]


def test_full_width_and_traditional_forms_are_folded_and_nothing_beside_them():
    assert fold("！\uff5e\u3000\xa0，％") == "!~  ,%"
    assert fold("億萬") == "亿万"
    assert fold("\uff00\uff5f。亩") == "\uff00\uff5f。亩"


@pytest.mark.parametrize(
    ("unit", "base", "factor", "family", "size"),
    [
        ("元", "元", 1, "money CNY", 1),
        ("亿元", "元", 10**8, "money CNY", 10**8),
        ("公顷", "亩", 15, "area", 10**4),
        ("平方 公里", "平方米", 10**6, "area", 10**6),
        ("万元/人/亩", "元/人/亩", 10**4, "money CNY/person/area", 15),
        ("万亩", "亩", 10**4, "area", Fraction(10**8, 15)),
        ("万元/亩", "元/亩", 10**4, "money CNY/area", 15),
        ("元/万亩", "元/亩", Fraction(1, 10**4), "money CNY/area", Fraction(15, 10**8)),
        ("hundred million yuan", "元", 10**8, "money CNY", 10**8),
        ("100 million yuan", "元", 10**8, "money CNY", 10**8),
        ("Billions of  dollars", "美元", 10**9, "money USD", 10**9),
        ("trillion USD", "美元", 10**12, "money USD", 10**12),
        ("thousand hectares", "亩", 15_000, "area", 10**7),
    ],
)
def test_a_unit_says_how_it_becomes_its_base(unit, base, factor, family, size):
    assert lookup(unit) == Unit(base, Fraction(factor), family, Fraction(size))


def test_things_people_and_households_are_counted_and_money_is_not():
    counted = {
        unit: lookup(unit).counted for unit in ("项", "家", "人", "户", "万人", "元", "亩", "%")
    }
    assert [unit for unit, yes in counted.items() if yes] == ["项", "家", "人", "户", "万人"]


@pytest.mark.parametrize(
    ("unit", "remedy"),
    [
        ("忆元", "Near: 亿元, 万元, 美元, 欧元."),
        ("thousand tonn", "Near: tonne."),
        ("万平方公理", "Near: 平方公里."),
        ("", "Give one such as 亿元, 万人, 公顷, % or 元/人."),
        ("斛斛", "Give one such as 亿元, 万人, 公顷, % or 元/人."),
        ("元/斛斛", "Give one such as 亿元, 万人, 公顷, % or 元/人."),
    ],
)
def test_the_refusal_of_a_unit_says_what_to_give(unit, remedy):
    with pytest.raises(UnitError) as caught:
        lookup(unit)
    last = unit.rpartition("/")[2]
    assert str(caught.value) == f"unit {last!r} is not in the table of units. {remedy}"


@pytest.mark.parametrize("unit", ["万", "万斛", "亩x"])
def test_no_part_of_a_unit_is_a_unit(unit):
    with pytest.raises(UnitError, match=f"unit '{unit}' is not in the table of units"):
        lookup(unit)


@pytest.mark.parametrize(
    ("text", "unit", "low", "high"),
    [
        ("270", "", 269.5, 270.5),
        ("270", "元", 269.5, 270.5),
        ("270", "人", 270, 270),
        ("-270", "项", -270, -270),
        ("+270", "户", 270, 270),
        ("27", "万人", 265_000, 275_000),
        ("1.5", "人", 1.45, 1.55),
        ("－3", "亿元", -3.5e8, -2.5e8),
        ("一万五", "元", 14_500, 15_500),
        (" 0 ", "", -0.5, 0.5),
    ],
)
def test_written_digits_leave_half_a_place_open_unless_things_are_counted(text, unit, low, high):
    assert written(text, unit) == Interval(low, high)


def test_accepted_units_are_noted_and_other_notes_stay():
    notes = [f"revised; {INFERRED}: 万元", np.nan, "revised"]
    records = pd.DataFrame(
        {"value": [1.0, 2.0, np.nan], "unit": "万元", "note": notes, "year": 2022}
    )
    with pytest.raises(UnitError) as caught:
        convert(records, to="元")
    assert str(caught.value) == (
        "unit only inferred in rows 0: check them against the source, then pass "
        "accept_inferred=True"
    )
    result = convert(records, to="元", accept_inferred=True)
    expected = records.assign(
        value=[10_000.0, 20_000.0, np.nan],
        unit="元",
        note=["revised; unit accepted: 万元", np.nan, "revised"],
    )
    pd.testing.assert_frame_equal(result, expected)
    bare = records.drop(columns="note")
    pd.testing.assert_frame_equal(convert(bare, to="元"), expected.drop(columns="note"))
    sure = records.assign(note=["", np.nan, "revised"])
    assert convert(sure, to="元")["value"].equals(expected["value"])


def test_records_that_cannot_be_converted_are_refused_with_rows_and_remedy():
    records = pd.DataFrame({"value": 1.0, "unit": ["万元", np.nan, "", "", "", "", "", ""]})
    ask = "records carry their own unit: pass convert(records, to=...) and a table with columns "
    bare = 'bare numbers carry no unit: convert(1500, "亩", "平方公里")'
    wanted = 'convert needs the unit wanted: convert(1500, "亩", "平方公里")'
    family = "ask for a unit of the same family"
    for call, message in [
        (
            lambda: convert(records, to="元"),
            "no unit in rows 1, 2, 3, 4, 5 and 2 more: fill column 'unit' first",
        ),
        (
            lambda: convert(records[:6], to="元"),
            "no unit in rows 1, 2, 3, 4, 5: fill column 'unit' first",
        ),
        (lambda: convert(records[:1], "万元", "元"), f"{ask}'value' and 'unit'"),
        (
            lambda: convert(pd.DataFrame({"a": [1]}), to="元"),
            f"{ask}'value' and 'unit' (missing: ['unit', 'value'])",
        ),
        (lambda: convert(records[:1]), wanted),
        (lambda: convert(1.0, to="元"), bare),
        (
            lambda: convert(records[:1], to="亩"),
            f"万元 (money CNY) does not convert to 亩 (area): {family}",
        ),
    ]:
        with pytest.raises(UnitError) as caught:
            call()
        assert str(caught.value) == message


def test_a_word_longer_than_any_known_has_no_near_one_and_costs_nothing():
    near = Near(["昌黎县", "昌江县", "卢龙县"])
    assert near("昌犁县") == ["昌黎县", "昌江县"]
    assert near("昌黎县城") == ["昌黎县"]
    begin = time.process_time()
    assert near("昌" * 200_000) == []
    assert time.process_time() - begin < 1
