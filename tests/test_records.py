"""Standard names, checks, selection, panels, merging, export and templates of records."""

import csv
import io
import time
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis.catalog import load_dataset
from qhdanalysis.checks import check_records
from qhdanalysis.errors import PanelError, SourceError, UnitError
from qhdanalysis.indicators.shares import gdp_share
from qhdanalysis.names import indicator_families, indicator_names, standard_code
from qhdanalysis.reading.tables import read_table
from qhdanalysis.records import (
    EXAMPLE_AREA,
    RECORD_COLUMNS,
    RECORD_HEADINGS,
    conform,
    panel_columns,
    record_column,
    select,
    to_panel,
    unguard,
)
from qhdanalysis.spelling import blanked
from qhdanalysis.units import convert
from qhdanalysis.vintages import merge_records
from qhdanalysis.writing import export, template

BASE = dict.fromkeys(RECORD_COLUMNS, "") | {
    **{"area": "甲县", "indicator": "地区生产总值", "code": "gdp", "unit": "亿元"},
    **{"price_basis": "current", "source": "年鉴", "level": "area"},
}


def records(*rows, **same):
    """Records from (area, year, value) or dicts, all else alike."""
    named = [
        row if isinstance(row, dict) else dict(zip(("area", "year", "value"), row, strict=True))
        for row in rows
    ]
    table = pd.DataFrame([BASE | same | row for row in named])[list(RECORD_COLUMNS)]
    return table.astype({"value": "float64"})


# Standard names


@pytest.mark.parametrize(
    "words",
    [
        *("地区生产总值", "生产总值", "GDP", "县域地区生产总值", "gdp", "国内生产总值 (GDP)"),
        *("地区生产总值（亿元）", "地 区\n生产总值(万元)", "全市生产总值", "2022年地区生产总值"),
        *("地区生产总值（按当年价格计算，亿元）", "GDP（单位：亿元）", "#地区生产总值", "GDP_亿元"),
        *("Gross Regional Product (100 million yuan)", "All industry total 1/", "地區生產總值"),
    ],
)
def test_these_words_are_gdp(words):
    assert standard_code(words) == "gdp"


@pytest.mark.parametrize(
    ("words", "unit", "code"),
    [
        ("第一产业", "亿元", "va_primary"),
        ("第一产业", "%", ""),  # a share or a growth rate, never value added
        ("第一产业(万人)", "", ""),  # employment
        ("地区生产总值", "%", ""),
        ("地区生产总值指数（上年=100）", "", "gdp_index_prev_year_100"),
        ("第一产业增加值（上年=100）", "", ""),
        ("地区生产总值增长（%）", "", "gdp_growth"),
        ("人均地区生产总值（元/人）", "", "gdp_per_capita"),
        ("人均GDP", "元", "gdp_per_capita"),
        ("生产总值（不含开发区）", "亿元", ""),  # another scope
        ("固定资产投资（不含农户）", "亿元", "fixed_asset_investment"),
        ("年末常住人口(万人)", "", "population_resident_yearend"),
        ("其中：第二产业增加值", "万元", "va_secondary"),
        ("城镇化率", "%", "urbanisation_rate"),
        ("", "", ""),
        ("亿元", "", ""),
        ("啤酒产量", "万吨", ""),
        ("第一产业 同比增长", "%", "va_primary_growth"),
        ("规上工业增加值比上年增长（%）", "", "industrial_va_above_scale_growth"),
        ("地区生产总值增长额", "亿元", ""),
        ("同比增长", "%", ""),
    ],
)
def test_words_and_unit_together_tell_the_code(words, unit, code):
    assert standard_code(words, unit) == code


def test_every_standard_name_is_known_under_each_of_its_names():
    table = load_dataset("indicators")
    for row in table.itertuples():
        for word in (row.code, row.zh, row.en, *filter(None, row.aliases.split("|"))):
            assert standard_code(word) == row.code


def test_a_column_of_words_keeps_its_index_and_gives_what_single_words_give():
    words = pd.Series(["GDP", "第一产业", "GDP", None], index=[3, 1, 4, 1])
    units = pd.Series(["亿元", "%", "%", ""], index=words.index)
    assert standard_code(words, units).to_numpy().tolist() == ["gdp", "", "", ""]
    assert standard_code(words, units).index.tolist() == [3, 1, 4, 1]
    assert indicator_families(pd.Series(["gdp", "?"])).tolist() == ["money", ""]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30), st.text(max_size=4))
def test_any_text_is_a_code_or_nothing(words, unit):
    assert standard_code(words, unit) in {"", *indicator_names()}


# Checks


def test_the_shipped_data_break_no_rule():
    for name in ("qhd_gdp", "qhd_projects_clusters", "hebei_census_county_2010_2020"):
        assert check_records(load_dataset(name)).empty


def test_one_row_in_wan_under_yi_is_named_with_the_guess_and_not_changed():
    values = [338.7, 351.05, 3660500, 381.2, 396.8]
    table = records(*(("甲县", 2018 + i, v) for i, v in enumerate(values)))
    table.index = list("abcde")
    before = table.copy()
    report = check_records(table)
    assert report[["row", "year", "issue", "guess"]].to_numpy().tolist() == [
        ["c", 2020, "scale", "万元"]
    ]
    assert "10^4" in report["problem"].item()
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize(
    ("factor", "unit", "guess"),
    [
        (1e4, "亿元", "万元"),
        (1e-4, "万元", "亿元"),
        (1e4, "万人", "人"),
        (1e8, "亿元", "元"),
        (100, "吨", ""),
    ],
)
def test_a_slip_of_scale_is_found_at_any_place_of_a_series(at, factor, unit, guess):
    values = [100.0 * 1.08**i for i in range(6)]
    values[at] *= factor
    code = {"万人": "population", "吨": "grain_output"}.get(unit, "gdp")
    table = records(*(("甲县", 2018 + i, v) for i, v in enumerate(values)), unit=unit, code=code)
    report = check_records(table.sample(frac=1, random_state=at))
    assert report["year"].tolist() == [2018 + at]
    assert report["guess"].tolist() == [guess]


def test_a_series_that_turns_to_another_unit_is_told_at_its_first_year():
    values = [100, 108, 115, 1250000, 1330000, 1410000]
    report = check_records(records(*(("甲县", 2018 + i, v) for i, v in enumerate(values))))
    assert report[["year", "guess"]].to_numpy().tolist() == [[2021, "万元"]]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-0.3, 0.4), min_size=2, max_size=20),
    st.floats(0.01, 1e6),
)
def test_a_series_that_only_grows_and_shrinks_has_no_slip_of_scale(steps, first):
    values = first * np.cumprod(1 + np.array(steps))
    report = check_records(records(*(("甲县", 2000 + i, v) for i, v in enumerate(values))))
    assert report.empty


@pytest.mark.parametrize(
    ("rows", "issue", "years"),
    [
        ([("甲县", 2020, 1), ("甲县", 2020, 1), ("甲县", 2021, 1)], "duplicate", [2020, 2020]),
        ([("甲县", 2020, 1), {"year": 2021, "value": 1.1, "unit": "万元"}], "unit", [2020, 2021]),
        (
            [("甲县", 2020, 1), {"year": 2021, "value": 1.1, "price_basis": "comparable"}],
            "price_basis",
            [2020, 2021],
        ),
        (
            [{"year": 2020, "value": -3, "code": "population", "unit": "人", "price_basis": "na"}],
            "impossible",
            [2020],
        ),
        (
            [{"year": 2020, "value": 103.2, "code": "share_primary", "unit": "%"}],
            "impossible",
            [2020],
        ),
        ([{"year": 2020, "value": -101, "code": "gdp_growth", "unit": "%"}], "impossible", [2020]),
        ([{"year": 2020, "value": 0, "code": "cpi", "unit": "上年=100"}], "impossible", [2020]),
        ([("甲县", 20201, 1)], "impossible", [20201]),
        (
            [{"year": y, "value": 1, "code": "", "indicator": "啤酒产量"} for y in (2020, 2021)],
            "unmapped",
            [2020],
        ),
    ],
)
def test_what_looks_wrong_is_a_row_of_the_report(rows, issue, years):
    report = check_records(records(*rows))
    assert set(report["issue"]) == {issue}
    assert report["year"].tolist() == years


def test_a_unit_that_cannot_measure_its_indicator_is_told_once():
    in_tons = [{"year": year, "value": 135.6, "unit": "万吨"} for year in (2021, 2022)]
    report = check_records(records(*in_tons))
    assert report[["year", "issue", "problem"]].to_numpy().tolist() == [
        [2021, "unit", "万吨 does not measure gdp (money)"]
    ]
    assert standard_code("地区生产总值", "万吨") == ""
    no_code = check_records(records(*in_tons, code=""))
    assert no_code["problem"].tolist() == ["万吨 does not measure gdp (money)"]


@pytest.mark.parametrize("code", ["gdp", ""])
def test_a_share_under_the_name_of_an_amount_is_a_wrong_unit_only_where_a_code_says_so(code):
    report = check_records(records({"year": 2022, "value": 5.6, "unit": "%", "code": code}))
    assert report["issue"].tolist() == ["unit" if code else "unmapped"]
    assert report["guess"].tolist() == [""]


def test_an_area_that_is_one_letter_away_from_a_known_one_is_told_with_it():
    known = {"area": "昌黎县", "area_code": "130322", "year": 2022, "value": 1}
    typed = [{"area": "卢农县", "year": year, "value": 1} for year in (2021, 2022)]
    report = check_records(records(known, *typed, ("示范县", 2022, 1), ("甲县", 2022, 1)))
    assert report[["row", "issue", "guess"]].to_numpy().tolist() == [
        [1, "area", "卢龙县, 卢氏县"]  # the one beside 昌黎县 first
    ]


def test_an_indicator_that_is_one_letter_away_from_a_standard_name_is_told_with_it():
    rows = [{"year": 2022, "value": 1, "code": "", "indicator": "其中：地区生产总植（亿元）"}]
    rows += [{"year": 2022, "value": 1, "code": "", "indicator": "啤酒产量", "unit": "吨"}]
    report = check_records(records(*rows))
    assert report[["issue", "guess"]].to_numpy().tolist() == [
        ["unmapped", "地区生产总值"],
        ["unmapped", ""],
    ]


def test_a_target_without_a_code_is_no_unknown_word():
    row = {"year": 2025, "value": 6, "code": "", "unit": "%", "note": "a target, not a result"}
    assert check_records(records(row, indicator="地区生产总值增长率")).empty


@settings(max_examples=100, deadline=None)
@given(st.text("昌黎县卢龙", max_size=5), st.text("昌黎县卢龙", max_size=5))
def test_two_words_share_a_blank_if_and_only_if_one_letter_sets_them_apart(one, other):
    def edits(a, b):
        if not a or not b:
            return len(a) + len(b)
        return min(edits(a[1:], b[1:]) + (a[0] != b[0]), edits(a[1:], b) + 1, edits(a, b[1:]) + 1)

    assert bool(blanked(one) & blanked(other)) == (edits(one, other) <= 1)


def test_two_sources_for_one_value_are_no_problem():
    assert check_records(
        records(("甲县", 2020, 1), {"year": 2020, "value": 1, "source": "公报"})
    ).empty


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="unit"), "no column 'unit'"),
        (lambda t: t.assign(year=2020.5), "no whole number"),
        (lambda t: t.assign(year="2020年"), "is no number.*2020年"),
        (lambda t: t.assign(value="1.5亿"), "is no number.*1.5亿"),
        (lambda t: t.assign(value=np.inf), "value is inf in row 0"),
        (lambda t: t.assign(unit=None), "unit is None in row 0. A missing text is ''"),
        (
            lambda t: t.assign(price_basis="nominal"),
            "price_basis is nominal.*current, comparable",
        ),
    ],
)
def test_a_breach_of_the_contract_is_an_error(change, words):
    with pytest.raises(PanelError, match=words):
        check_records(change(records(("甲县", 2020, 1))))


# Selection


def sources():
    return records(
        {"year": 2017, "value": 1500.3, "source": "年鉴 A"},
        {"year": 2017, "value": 1400.6, "source": "修订 B", "note": "equals none of A"},
        {"year": 2018, "value": 1507.3, "source": "修订 B"},
    )


def test_the_first_source_of_the_callers_order_is_taken():
    with pytest.warns(UserWarning, match=r"1 series are joined.*gdp of 甲县"):
        chosen = select(sources(), prefer=["A", "B"])
    assert chosen["value"].tolist() == [1500.3, 1507.3]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert select(sources(), prefer="修订")["value"].tolist() == [1400.6, 1507.3]


def test_a_choice_is_never_made_silently():
    with pytest.raises(
        PanelError, match=r"gdp of 甲县 in 2017 has 2 values: 1500.3 亿元.*年鉴 A; 1400.6.*prefer="
    ):
        select(sources())
    with pytest.raises(PanelError, match="has 2 values"):
        select(sources(), prefer=["公报"])


def test_a_word_of_the_source_counts_before_the_same_word_of_a_note():
    assert select(sources(), prefer=["A"], years=[2017])["source"].tolist() == ["年鉴 A"]


def test_a_note_can_tell_the_vintage():
    table = records(
        {"year": 2018, "value": 1, "note": "before the census"},
        {"year": 2018, "value": 2, "note": "After the census"},
    )
    assert select(table, prefer=["after"])["value"].tolist() == [2]


def test_price_bases_are_not_mixed_in_a_choice():
    table = records(("甲县", 2018, 1), {"year": 2018, "value": 2, "price_basis": "comparable"})
    with pytest.raises(PanelError, match=r"\[current\].*\[comparable\]"):
        select(table)
    assert select(table, price_basis="comparable")["value"].tolist() == [2]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"code": "gpd"}, "No record has code gpd. There are: gdp"),
        ({"area": ["乙县"]}, "No record has area 乙县. There are: 甲县"),
        ({"years": [1999]}, "No record has year 1999. There are: "),
        ({"price_basis": "index"}, "No record has price basis index. There are: current"),
    ],
)
def test_an_empty_selection_says_what_there_is(options, words):
    with pytest.raises(PanelError, match=words):
        select(sources(), **options)


def test_the_years_there_are_are_told_as_spans_and_near_names_first():
    table = records(*(("甲县", year, 1) for year in (2015, 2016, 2017, 2019, 2021, 2022)))
    with pytest.raises(
        PanelError, match=r"year 2018\. There are: 2015 to 2017, 2019, 2021 to 2022\."
    ):
        select(table, years=2018)
    table = records(*((f"{name}县", 2020, 1) for name in "甲乙丙丁戊己庚辛壬癸子丑寅卯昌"))
    table.loc[14, "area"] = "昌黎县"
    with pytest.raises(PanelError, match=r"area 昌犁县\. There are: 昌黎县, .* and 3 more"):
        select(table, area="昌犁县")


def test_one_year_is_a_number():
    table = records(("甲县", 2018, 1), ("甲县", 2019, 2))
    for year in (2019, np.int64(2019), [2019], (y for y in (2019,))):
        assert select(table, years=year)["value"].tolist() == [2]


def test_an_indicator_is_selected_by_name_or_code():
    target = {"year": 2025, "value": 9, "code": "", "note": "a target, not a result"}
    table = records(
        ("甲县", 2018, 1), {"code": "", "indicator": "啤酒产量", "year": 2018, "value": 3}
    )
    table = pd.concat([table, records(target)])
    for code in ("gdp", "地区生产总值", "GDP", ["生产总值"]):
        assert select(table, code=code)["value"].tolist() == [1]
    assert select(table, code="啤酒产量")["value"].tolist() == [3]


def test_a_preference_that_matches_nothing_is_told():
    with pytest.raises(
        PanelError, match=r"prefer=\['CSAMR'\] matches no source and no note. Order"
    ):
        select(sources(), prefer=["CSAMR"])


def test_areas_are_selected_by_name_or_code():
    gdp = load_dataset("qhd_gdp")
    by_name = select(gdp, code="gdp", area="昌黎县", prefer=["CSMAR"], years=[2021])
    by_code = select(gdp, code="gdp", area="130322", prefer=["CSMAR"], years=[2021])
    assert by_name["value"].tolist() == by_code["value"].tolist() == [3372471.0]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_rows_does_not_change_the_choice(order):
    rows = [
        {"area": area, "year": year, "value": value, "source": source}
        for (area, year), value in (
            ((a, y), 10.0 * y) for a in ("甲县", "乙县") for y in (2020, 2021)
        )
        for source in ("A", "B")
    ]
    table = records(*rows)
    chosen = select(table.iloc[list(order)], prefer=["B"]).sort_index()
    pd.testing.assert_frame_equal(chosen, select(table, prefer=["B"]))
    assert not chosen.duplicated(["area", "year"]).any()


# Panels


def test_a_panel_has_one_row_per_area_and_year_and_its_unit_in_the_name():
    share = {"code": "share_primary", "unit": "%", "price_basis": "na"}
    table = records(
        *(("甲县", 2020, 1.5), ("甲县", 2021, 1.6), ("乙县", 2021, 2.0)),
        {"year": 2021, "value": 12.5} | share,
    )
    panel = to_panel(table)
    assert panel.columns.tolist() == [
        *("area", "area_code", "year", "gdp_yi", "share_primary", "break")
    ]
    assert panel[["area", "year"]].to_numpy().tolist() == [
        ["乙县", 2021],
        ["甲县", 2020],
        ["甲县", 2021],
    ]
    assert panel["share_primary"].tolist()[2] == 0.125
    assert panel.attrs["units"] == ("gdp_yi: 亿元", "share_primary: %")
    wide = to_panel(table[table["code"].eq("gdp")], wide=True)
    assert wide.loc["甲县"].tolist() == [1.5, 1.6]
    assert wide.loc["乙县"].isna().tolist() == [True, False]


def test_a_panel_marks_the_declared_breaks():
    gdp = load_dataset("qhd_gdp")
    rows = select(
        gdp, code="gdp", area=["130300", "130322"], prefer=["CSMAR"], years=range(2005, 2022)
    )
    panel = to_panel(convert(rows, to="亿元"))
    marked = panel[panel["break"].ne("")]
    assert set(marked.loc[marked["area"].eq("昌黎县"), "year"]) == {2009, 2011, 2017, 2019}
    assert set(marked.loc[marked["area"].eq("秦皇岛市"), "year"]) == {2009, 2018}
    own = pd.DataFrame({"area_code": ["130322"], "year": [2010], "code": ["gdp"], "kind": ["mine"]})
    assert to_panel(convert(rows, to="亿元"), breaks=own)["break"].ne("").sum() == 1


def test_functional_zones_beside_their_hosts_warn():
    hosts = [{"area": "海港区", "area_code": "130302", "year": 2021, "value": 1}]
    zone = [{"area": "北戴河新区", "area_code": "130372", "year": 2021, "value": 1}]
    with pytest.warns(UserWarning, match="北戴河新区: functional zones overlap"):
        to_panel(records(*hosts, *zone))
    with pytest.warns(UserWarning, match="北戴河新区: functional zones overlap"):
        gdp_share(
            to_panel(records(*hosts)).merge(to_panel(records(*zone)), how="outer"), value="gdp_yi"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_panel(records(*zone))
        to_panel(
            records({"area": "秦皇岛市", "area_code": "130300", "year": 2021, "value": 9}, *zone)
        )


def test_subtotals_are_left_out_with_a_word():
    with pytest.warns(UserWarning, match="Subtotals are left out of the panel: 全市合计"):
        panel = to_panel(
            records(
                ("甲县", 2020, 1),
                {"area": "全市合计", "year": 2020, "value": 5, "level": "subtotal"},
            )
        )
    assert panel["area"].tolist() == ["甲县"]


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ([("甲县", 2020, 1), ("甲县", 2020, 2)], PanelError, r"has 2 values: .*select\(\)"),
        (
            [("甲县", 2020, 1), {"year": 2021, "value": 1, "unit": "万元"}],
            UnitError,
            "亿元, 万元: convert",
        ),
        (
            [("甲县", 2020, 1), {"year": 2021, "value": 1, "price_basis": "comparable"}],
            PanelError,
            r"price bases current, comparable: select\(price_basis",
        ),
        (
            [{"year": 2020, "value": 1, "unit": ""}],
            UnitError,
            r"地区生产总值 is missing .*read_table\(..., unit=",
        ),
        (
            [{"year": 2020, "value": 1, "note": "unit inferred"}],
            UnitError,
            "is inferred.*accept_inferred=True",
        ),
    ],
)
def test_a_panel_refuses_what_does_not_go_into_one_column(rows, error, words):
    with pytest.raises(error, match=words):
        to_panel(records(*rows))


def test_an_inferred_unit_is_taken_when_told():
    panel = to_panel(records({"year": 2020, "value": 1, "unit": ""}), accept_inferred=True)
    assert panel["gdp"].tolist() == [1]


@pytest.mark.parametrize(
    "function",
    [check_records, lambda t: conform(select(t)), to_panel, lambda t: merge_records(t, t)],
)
def test_types_and_index_of_the_table_given_do_not_matter(function):
    table = records(("甲县", 2019, 1.5), ("甲县", 2020, 2.0))
    others = [
        table.astype(object),
        table.astype({"year": "Int64", "value": "Float64", "area": "category"}),
        table.astype({"year": "float64", "value": "str"}),
        table.set_axis([7, 7]),
    ]
    expected = function(table).reset_index(drop=True)
    for other in others:
        got = function(other).reset_index(drop=True)
        pd.testing.assert_frame_equal(got.astype("str"), expected.astype("str"))


def test_a_break_in_a_year_that_is_missing_is_marked_at_the_next():
    declared = pd.DataFrame({
        "area_code": ["130322"] * 4,
        "year": [2009, 2011, 2012, 2016],
        "code": "gdp",
        "kind": ["before it begins", "vintage", "accounting", "after it ends"],
    })  # fmt: skip
    rows = records(*(("昌黎县", year, 1.0) for year in (2010, 2013, 2015)), area_code="130322")
    panel = to_panel(rows, breaks=declared)
    assert panel["break"].tolist() == ["", "vintage, accounting", ""]
    by_name = to_panel(rows.assign(area_code=""), breaks=declared.assign(area="昌黎县"))
    assert by_name["break"].tolist() == panel["break"].tolist()


def test_a_panel_of_nothing_is_refused():
    with pytest.raises(PanelError, match="no record of an area"):
        to_panel(records(("甲县", 2019, 1.5)).iloc[:0])


def test_wide_takes_one_indicator():
    two = records(("甲县", 2020, 1), {"year": 2020, "value": 2, "code": "va_primary"})
    with pytest.raises(PanelError, match="one indicator, not 2"):
        to_panel(two, wide=True)


def test_a_panel_column_is_taken_apart_again():
    for code, unit in (
        ("gdp", "亿元"),
        ("population_yearend", "万人"),
        ("gdp_per_capita", "元/人"),
    ):
        panel = to_panel(records({"year": 2020, "value": 1, "code": code, "unit": unit}))
        assert panel_columns(panel.columns[3]) == (code, unit)


# Two sources


def test_one_city_under_two_codes_is_one_series_without_a_break():
    statistics = records(("定州市", 2016, 310.2), ("定州市", 2017, 322.9), area_code="139001")
    civil = records(("定州市", 2018, 331.4), area_code="130682")
    typed = records(("定州市", 2019, 340.8), area_code="130682.0")
    merged = merge_records(statistics, pd.concat([civil, typed], ignore_index=True))
    assert merged["area_code"].tolist() == ["130682"] * 4
    assert merged["year"].tolist() == [2016, 2017, 2018, 2019]
    assert merged["match"].eq("alone").all()
    assert merged["note"].tolist() == [
        *["area code 139001 read as 130682"] * 2,
        "",
        "area code 130682.0 read as 130682",
    ]


def test_agreement_is_within_the_digits_that_both_print():
    one = records(
        ("甲县", 2020, 1685.8), ("甲县", 2021, 1843.7555), ("甲县", 2022, 100), source="A"
    )
    two = records(
        ("甲县", 2020, 1686), ("甲县", 2021, 1850.1), ("甲县", 2023, 1), source="B", note="revised"
    )
    merged = merge_records(one, two)
    first = merged[merged["source"].eq("A")].set_index("year")
    assert first["match"].to_dict() == {2020: "agrees", 2021: "differs", 2022: "alone"}
    assert first.loc[2021, "difference"] == pytest.approx(1843.7555 / 1850.1 - 1)
    assert first.loc[2021, ["other_value", "other_source", "other_note"]].tolist() == [
        1850.1,
        "B",
        "revised",
    ]
    assert first.loc[2022, "other_source"] == ""
    assert np.isnan(first.loc[2022, "other_value"])
    assert len(merged) == 6


def test_units_of_two_sources_are_compared_after_conversion():
    one = records(("甲县", 2020, 100.5), source="A")
    two = records(("甲县", 2020, 1005000), unit="万元", source="B")
    assert merge_records(one, two)["match"].tolist() == ["agrees", "agrees"]
    people = records(("甲县", 2020, 3), unit="万人", source="B")
    assert merge_records(one, people)["match"].tolist() == ["other unit"] * 2


def test_a_table_silent_about_prices_is_compared_with_current_ones_only():
    one = records(("甲县", 2020, 100.5), source="A", price_basis="na")
    current = records(("甲县", 2020, 100.5), source="B")
    growth = records(("甲县", 2020, 100.5), source="B", price_basis="comparable")
    assert merge_records(one, current).attrs["report"] == ("2 agrees",)
    assert merge_records(one, growth).attrs["report"] == ("2 alone",)
    assert merge_records(one, current.iloc[:0])["match"].tolist() == ["alone"]


def test_an_area_without_a_code_takes_that_of_the_other_source():
    one = records(("昌黎县", 2020, 1.0), area_code="", source="A")
    two = records(("昌黎县", 2020, 1.0), area_code="130322", source="B")
    merged = merge_records(one, two)
    assert merged["area_code"].tolist() == ["130322"] * 2
    assert merged["match"].tolist() == ["agrees"] * 2
    assert "area code missing read as 130322" in merged["note"].tolist()


def test_a_county_and_the_district_that_followed_it_stay_two_areas():
    county = records(("抚宁县", 2014, 100.0), area_code="130323", source="A")
    district = records(("抚宁区", 2015, 80.0), area_code="130306", source="B")
    assert merge_records(county, district)["area_code"].tolist() == ["130306", "130323"]


def test_two_values_of_one_source_cannot_be_merged():
    with pytest.raises(
        PanelError, match=r"gdp of 甲县 in 2020 has 2 values.*One source.*select\(\)"
    ):
        merge_records(records(("甲县", 2020, 1), ("甲县", 2020, 2)), records(("甲县", 2020, 1)))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(2000, 2020), st.floats(1, 1e6)), min_size=1, max_size=8))
def test_merging_is_symmetric_and_a_source_agrees_with_itself(pairs):
    rows = [("甲县", year, round(value, 2)) for year, value in dict(pairs).items()]
    one, two = records(*rows, source="A"), records(*rows, source="B")
    assert merge_records(one, two)["match"].eq("agrees").all()
    three = two.assign(value=two["value"] * 1.5)
    there, back = merge_records(one, three), merge_records(three, one)
    pd.testing.assert_frame_equal(
        there.sort_values(["year", "source"], ignore_index=True),
        back.sort_values(["year", "source"], ignore_index=True),
    )


# Files

HOSTILE = [
    '=HYPERLINK("http://example.invalid","甲县")',
    *("+乙县", "-未分配", "@小计", "\uff1d丙县", "丁县", "'=已加", "'90年代", "\t制表"),
]


def hostile():
    values = [-12.5, 4.1, -0.07, 8.0, 1.5, -3.0, 2.0, 1e-9, 1234567.891]
    return records(*((name, 2023, v) for name, v in zip(HOSTILE, values, strict=True)), note="-x")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_that_a_spreadsheet_would_run_come_back_and_numbers_stay_numbers(
    tmp_path, suffix, lang
):
    table = hostile().iloc[:8]
    back = read_table(export(table, tmp_path / f"out{suffix}", lang=lang))
    kept = ["area", "year", "indicator", "code", "value", "unit", "price_basis", "source", "note"]
    assert back[kept].to_numpy().tolist() == table[kept].to_numpy().tolist()


def test_a_csv_opens_in_a_chinese_excel_and_runs_nothing(tmp_path):
    content = export(hostile(), tmp_path / "out.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert header == list(RECORD_HEADINGS.values())
    for row in rows:
        for name, cell in zip(RECORD_COLUMNS, row, strict=True):
            if name in ("year", "value"):
                float(cell)
            else:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\uff1d"))
    assert [unguard(row[0]) for row in rows] == HOSTILE


def test_an_xlsx_holds_text_cells_and_no_formula(tmp_path):
    path = export(hostile(), tmp_path / "out.xlsx")
    with zipfile.ZipFile(path) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert "<f>" not in sheet
    assert 't="s"' in sheet
    assert "<v>-12.5</v>" in sheet
    assert "hyperlink" not in sheet


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12))
def test_the_guard_comes_off_as_it_went_on(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("guard") / "out.csv"
    content = export(pd.DataFrame({"area": [text, "x"]}), path).read_text(encoding="utf-8-sig")
    assert (
        unguard(list(csv.reader(io.StringIO(content, newline="")))[1][:1][0] if text else "")
        == text
    )


def test_stata_gets_labels_and_the_same_values(tmp_path):
    path = export(hostile().assign(**{"增 速%": 1.5}), tmp_path / "out.dta", lang="zh")
    back = pd.read_stata(path)
    assert back["area"].tolist() == HOSTILE
    assert back["value"].tolist() == hostile()["value"].tolist()
    with pd.io.stata.StataReader(path) as reader:
        labels = reader.variable_labels()
    assert labels["area_code"] == "地区代码"
    assert labels["增_速_"] == "增 速%"


def test_words_that_stata_keeps_for_itself_get_an_underscore_and_keep_their_label(tmp_path):
    table = pd.DataFrame({"area": ["甲县"], "break": ["vintage"], "end": [2020], "str8": [1]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = export(table, tmp_path / "out.dta")
    with pd.io.stata.StataReader(path) as reader:
        labels = reader.variable_labels()
    assert labels == {"area": "地区", "_break": "break", "_end": "end", "_str8": "str8"}


def test_pandas_reads_an_export_with_the_engine_that_the_docstring_names(tmp_path):
    path = export(records(("甲县", 2020, 1.5)), tmp_path / "out.xlsx")
    assert 'pd.read_excel(path, engine="calamine")' in export.__doc__
    assert pd.read_excel(path, engine="calamine")["数值"].tolist() == [1.5]


def test_a_panel_gets_headings_with_indicator_and_unit_and_reads_back(tmp_path):
    panel = to_panel(records(("昌黎县", 2020, 302.1), ("卢龙县", 2020, -0.5)))
    path = export(panel.drop(columns="break"), tmp_path / "panel.xlsx")
    back = read_table(path)
    assert set(back["unit"]) == {"亿元"}
    assert set(back["code"]) == {"gdp"}
    assert back.set_index("area")["value"].to_dict() == {"昌黎县": 302.1, "卢龙县": -0.5}
    english = export(panel, tmp_path / "panel.csv", lang="en").read_text(encoding="utf-8-sig")
    assert english.startswith("Area,Area code,Year,gross domestic product (亿元),break")


def test_other_cells_become_text_and_control_characters_go(tmp_path):
    table = pd.DataFrame(
        {"operands": [[1, 2], (), None], "ok": [True, False, True], "n": pd.array([1, None, 3])}
    )
    table["claim"] = ["a\x0bb\x00c", pd.NA, "d"]
    text = export(table, tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "operands,ok,n,claim", '"[1, 2]",True,1.0,abc', "(),False,,", ",True,3.0,d"
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".dta"])
def test_an_export_twice_is_the_same_bytes(tmp_path, suffix):
    one, two = (export(hostile(), tmp_path / f"{name}{suffix}").read_bytes() for name in "ab")
    assert one == two


def test_an_export_that_fails_leaves_the_old_file_and_no_rest(tmp_path):
    path = export(hostile(), tmp_path / "out.xlsx")
    before = path.read_bytes()
    with pytest.raises(PanelError, match=r"32,767 characters a cell: export to \.csv"):
        export(hostile().assign(note="长" * 40_000), path)
    with pytest.raises(PanelError, match="32 characters make columns the same"):
        export(pd.DataFrame([[1, 2]], columns=["a b", "a_b"]), tmp_path / "out.dta")
    with pytest.raises(PanelError, match="value holds an infinite number"):
        export(hostile().assign(value=np.inf), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["out.xlsx"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out.ods", r"out\.ods: name a file that ends in \.xlsx, \.csv, \.dta"),
        ("no/out.csv", "no such folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(tmp_path, name, words):
    with pytest.raises(SourceError, match=words):
        export(hostile(), tmp_path / name)


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(SourceError, match="cannot be written"):
        export(hostile(), tmp_path / "out.csv")
    with pytest.raises(PanelError, match="'fr'"):
        export(hostile(), tmp_path / "x.csv", lang="fr")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_template_reads_back_what_was_typed_and_not_its_examples(tmp_path, suffix):
    path = template("gdp", tmp_path / f"gdp{suffix}")
    shown = pd.read_csv(path) if suffix == ".csv" else pd.read_excel(path, engine="calamine")
    assert shown["地区"].tolist() == [EXAMPLE_AREA] * 2
    assert shown["指标"].tolist() == ["地区生产总值"] * 2
    assert shown["备注"].str.contains("示例").all()
    typed = shown.iloc[[0]].assign(地区="昌黎县", 年份=2021, 数值=337.2, 备注="表1-4")
    table = pd.concat([shown, typed])
    table.to_csv(tmp_path / "typed.csv", index=False, encoding="gb18030")
    back = read_table(tmp_path / "typed.csv")
    got = back[["area", "year", "code", "value", "unit", "price_basis"]].to_numpy().tolist()
    assert got == [["昌黎县", 2021, "gdp", 337.2, "亿元", "current"]]
    assert any(EXAMPLE_AREA in note for note in back.attrs["notes"])


def test_a_template_of_an_unknown_code_names_near_ones(tmp_path):
    with pytest.raises(PanelError, match=r"'gpd' is no standard name. Near: .*gdp"):
        template("gpd", tmp_path / "x.csv")


def test_headings_are_known_in_both_languages():
    for column, heading in RECORD_HEADINGS.items():
        english = column.replace("_", " ").capitalize()
        assert {record_column(word) for word in (column, heading, english)} == {column}
    assert record_column("增速") == ""


def test_checks_are_exported_with_headings_in_words(tmp_path):
    from qhdanalysis import audit, read_text

    checks = audit(read_text("2023年，甲县年计划投资85.7亿元，完成投资50.64亿元，完成率59.1%。"))
    zh = export(checks, tmp_path / "zh.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert zh.startswith("原文表述,类型,算式,原文数值,重算数值,下限,上限,结论,相差无几")
    en = export(checks, tmp_path / "en.csv", lang="en").read_text(encoding="utf-8-sig")
    assert en.startswith("Claim,Type,Formula,Stated,Recomputed,Low,High,Verdict,Near miss")


def test_a_name_as_long_as_a_page_is_no_indicator_and_takes_no_time():
    begin = time.process_time()
    assert standard_code("地区生产总值" + "9" * 20_000) == ""
    assert standard_code("地区生产总值_亿元") == "gdp"
    assert time.process_time() - begin < 1
