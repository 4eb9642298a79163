"""Units, written numbers and the intervals of their digits."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis.errors import UnitError
from qhdanalysis.units import INFERRED, Interval, base_unit, convert, fold, lookup, number, written

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
