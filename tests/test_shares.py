"""Shares, levels against a reference, ranks."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import (
    PanelError,
    UnitError,
    convert,
    gdp_density,
    gdp_per_head,
    gdp_share,
    load_dataset,
    rank,
    rank_change,
    relative_level,
    sector_share,
    share_remainder,
)

# five areas whose values add to more than the published 1286.4 of their city
OVER = pd.DataFrame(
    {
        "area": ["甲县", "乙县", "丙县", "丁区", "戊区"],
        "year": 2023,
        "value": [471.3, 357.2, 277.6, 189.1, 119.7],
        "city": 1286.4,
    }
)
COUNTIES = pd.DataFrame(
    {
        "area": ["昌黎县", "卢龙县", "秦皇岛市"] * 2,
        "area_code": ["130322", "130324", "130300"] * 2,
        "year": [2021] * 3 + [2022] * 3,
        "value": [30.0, 10.0, 80.0, 36.0, 9.0, 90.0],
    }
)


@st.composite
def panels(draw):
    areas, years = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    values = draw(st.lists(st.floats(0.01, 1e9), min_size=areas * years, max_size=areas * years))
    table = pd.DataFrame(
        {
            "area": [f"县{i}" for i in range(areas)] * years,
            "year": np.repeat(np.arange(2000, 2000 + years), areas),
            "value": values,
        }
    )
    return table.sample(frac=1, random_state=draw(st.integers(0, 9)))


@settings(max_examples=50, deadline=None)
@given(panels())
def test_shares_sum_to_one_in_every_year(table):
    sums = gdp_share(table).groupby(table["year"]).sum()
    assert np.allclose(sums, 1, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(panels(), st.sampled_from([1e-4, 1e4, 1e8]))
def test_neither_the_order_of_rows_nor_the_unit_of_money_changes_a_share(table, unit):
    before = table.copy(deep=True)
    share = gdp_share(table)
    shuffled = table.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(gdp_share(shuffled).reindex(table.index), share)
    scaled = gdp_share(table.assign(value=table["value"] * unit))
    np.testing.assert_allclose(scaled, share, rtol=1e-12)
    pd.testing.assert_frame_equal(table, before)


def test_integers_and_floats_give_the_same():
    whole = COUNTIES.assign(value=COUNTIES["value"].astype(int))
    for function in (lambda t: gdp_share(t, total="city"), rank):
        pd.testing.assert_series_equal(function(whole), function(COUNTIES))


def test_an_excess_by_rounding_is_told_as_small_as_it_is():
    table = pd.DataFrame({"area": ["甲县", "乙县"], "year": 2021, "value": [2.0, 1.0]})
    with pytest.warns(UserWarning, match=r"in 2021 by 1e-05%"):  # 3 / 2.9999997 - 1 = 1.0e-7
        gdp_share(table.assign(city=2.9999997), total="city")


def test_parts_above_the_published_total_are_shown_and_not_rescaled():
    assert gdp_share(OVER).sum() == pytest.approx(1, abs=1e-12)
    with pytest.warns(UserWarning, match=r"exceed the official total in 2023 by 9\.99%"):
        share = gdp_share(OVER, total="city")
    assert share.round(4).tolist() == [0.3664, 0.2777, 0.2158, 0.1470, 0.0931]
    assert share.sum() == pytest.approx(1.0999, abs=5e-5)
    left = share_remainder(OVER, total="city").iloc[0]
    assert left["remainder"] == pytest.approx(-128.5)
    assert left["remainder_share"] == pytest.approx(-0.0999, abs=5e-5)
    assert (left["n"], left["n_missing"]) == (5, 0)


def test_the_total_can_be_a_column_a_row_a_code_or_a_series():
    city = pd.Series({2021: 80.0, 2022: 90.0})
    expected = [30 / 80, 10 / 80, 1, 36 / 90, 9 / 90, 1]
    by_name = gdp_share(COUNTIES, total="秦皇岛市")
    by_code = gdp_share(COUNTIES, total="city")
    parts = COUNTIES[COUNTIES["area"] != "秦皇岛市"]
    assert by_name.tolist() == by_code.tolist() == expected
    by_series = gdp_share(parts, total=city)
    by_column = gdp_share(parts.assign(whole=parts["year"].map(city)), total="whole")
    assert by_series.tolist() == by_column.tolist() == [e for e in expected if e != 1]
    left = share_remainder(COUNTIES, total="秦皇岛市")
    assert left["remainder"].tolist() == [40.0, 45.0]


def test_the_three_counties_make_a_third_of_the_city_in_2021():
    # 昌黎 337.2471, 卢龙 132.1261, 青龙 132.3856 of 1843.7555 亿元: 601.7588 / 1843.7555
    records = load_dataset("qhd_gdp")
    of_2021 = records["code"].eq("gdp") & records["year"].eq(2021)
    gdp = convert(records[of_2021 & records["source"].str.startswith("CSMAR")], to="亿元")
    share = gdp_share(gdp, total="city").groupby(gdp["area"]).sum()
    three = share[["昌黎县", "卢龙县", "青龙满族自治县"]].sum()
    assert three == pytest.approx(0.32638, abs=1e-5)


def test_a_missing_part_leaves_the_year_without_shares_and_is_named():
    gap = pd.DataFrame(
        {
            "area": ["甲县", "乙县", "甲县", "乙县"],
            "year": [2020, 2020, 2021, 2021],
            "value": [1.0, 3.0, np.nan, 3.0],
        }
    )
    with pytest.warns(UserWarning, match=r"甲县 2021 \(total zero or a part missing\)") as caught:
        share = gdp_share(gap)
    assert len(caught) == 1
    assert share.tolist()[:2] == [0.25, 0.75]
    assert share.isna().tolist()[2:] == [True, True]


def test_a_year_that_lacks_an_area_between_two_others_has_no_total():
    gap = pd.DataFrame(
        {"area": list("甲甲乙乙乙"), "year": [2016, 2018, 2016, 2017, 2018], "value": 1.0}
    )
    with pytest.warns(UserWarning, match="乙 2017"):
        share = gdp_share(gap)
    assert share.isna().tolist() == [False, False, False, True, False]


def test_a_total_of_zero_has_no_shares():
    zero = pd.DataFrame({"area": list("甲乙"), "year": 2020, "value": 0.0})
    with pytest.warns(UserWarning, match="total zero"):
        assert gdp_share(zero).isna().all()


def test_sector_shares_are_of_the_area_or_of_its_official_total():
    table = pd.DataFrame(
        {
            "area": "昌黎县",
            "year": 2022,
            "sector": ["一产", "二产", "三产"],
            "value": [3.0, 4.0, 3.0],
        }
    )
    assert sector_share(table).tolist() == [0.3, 0.4, 0.3]
    assert sector_share(table.assign(gdp=20.0), total="gdp").tolist() == [0.15, 0.2, 0.15]


def test_gdp_per_head_against_city():
    table = COUNTIES.assign(population=[6.0, 5.0, 40.0] * 2)
    table["gdp_per_head"] = gdp_per_head(table, gdp="value")
    assert table["gdp_per_head"].tolist()[:3] == [5.0, 2.0, 2.0]
    assert relative_level(table, reference="city").tolist()[:3] == [2.5, 1.0, 1.0]
    province = pd.DataFrame({"area": ["河北省"], "area_code": "130000", "year": 2021})
    table = pd.concat([table, province.assign(gdp_per_head=4.0)], ignore_index=True)
    table = table[table["year"] == 2021]
    assert relative_level(table, reference="city").tolist() == [2.5, 1.0, 1.0, 2.0]
    assert relative_level(table, reference="province").tolist() == [1.25, 0.5, 0.5, 1.0]
    assert gdp_density(gdp=242.0, land=1210.0) == 0.2


def test_ranks_share_the_better_place_and_changes_count_upwards():
    table = pd.DataFrame(
        {
            "area": list("甲乙丙") * 2,
            "year": [2021] * 3 + [2022] * 3,
            "value": [3.0, 2.0, 2.0, 1.0, 2.0, np.nan],
        }
    )
    full = table.dropna()
    assert rank(full).tolist() == [1, 2, 2, 2, 1]
    assert rank(full, ascending=True).tolist()[:3] == [3, 1, 1]
    with pytest.warns(UserWarning, match=r"rank is undefined \(NaN\) for 丙 2022 \(no value\)"):
        change = rank_change(table).tolist()
    assert change[3:5] == [-1, 1]
    assert np.isnan(change[:3]).all()
    assert np.isnan(change[5])


def bad(**columns):
    return pd.DataFrame({"area": list("甲乙"), "year": 2022, "value": [1.0, 2.0]} | columns)


@pytest.mark.parametrize(
    ("table", "options", "error", "words"),
    [
        (
            bad(area="甲"),
            {},
            PanelError,
            r"area and year stand more than once.*甲 2022.*select\(\)",
        ),
        (
            bad(value=[1.0, -2.0]),
            {},
            PanelError,
            r"'value' is negative \(-2.0\) at 乙 2022.*correct",
        ),
        (bad(value=[1.0, "2,5"]), {}, PanelError, r"'value' is no number \(2,5\) at 乙 2022"),
        (bad(value=[1.0, np.inf]), {}, PanelError, "infinite at 乙"),
        (bad(unit=["亿元", "万元"]), {}, UnitError, "several units: '亿元'.*'万元'.*convert"),
        (bad(unit=""), {}, UnitError, "no unit: fill"),
        (bad(unit="亿元", note=["", "unit inferred"]), {}, UnitError, "only inferred at 乙 2022"),
        (bad(area=["甲", ""]), {}, PanelError, "'area' is empty at row 1"),
        (bad().drop(columns="area"), {}, PanelError, "no column 'area', only year, value: rename"),
        (bad(), {"total": "city"}, PanelError, "'city' is neither a column nor one of the areas"),
        (bad(city=[3.0, 4.0]), {"total": "city"}, PanelError, "two totals for 2022: keep one"),
        (COUNTIES, {}, PanelError, r"秦皇岛市 \(130300\) contains .* its own part: leave it out"),
        ([1, 2], {}, PanelError, "a list is no table"),
        (bad().iloc[:0], {}, PanelError, "no rows: check the filter"),
        (bad(level=["area", "subtotal"]), {}, PanelError, "a subtotal would be its own part at 乙"),
    ],
)
def test_bad_input_is_refused_with_rows_and_remedy(table, options, error, words):
    with pytest.raises(error, match=words):
        gdp_share(table, **options)


def test_a_published_sum_may_not_stand_beside_its_parts():
    table = pd.DataFrame(
        {
            "area": ["昌黎县", "昌黎+卢龙"],
            "area_code": ["130322", "130322+130324"],
            "year": 2022,
            "value": [3.0, 4.0],
        }
    )
    with pytest.raises(PanelError, match=r"昌黎\+卢龙 .* contains 昌黎县"):
        gdp_share(table)


def test_two_cities_at_once_need_a_named_total():
    table = COUNTIES.assign(area_code=["130322", "130124", "130300"] * 2)
    with pytest.raises(PanelError, match="one area has to be the city"):
        gdp_share(table, total="city")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gdp_share(pd.concat([bad(), bad()[["value"]]], axis=1)), "'value' stands twice"),
        (lambda: share_remainder(bad(), total=None), "no remainder: pass total="),
        (lambda: relative_level(bad(), reference=None, value="value"), "needs a reference"),
        (
            lambda: gdp_share(bad(), total=pd.Series([1.0, 2.0], index=[2022, 2022])),
            "one label for each year",
        ),
        (
            lambda: gdp_share(
                pd.DataFrame({"area": range(9000), "year": range(9000), "value": 1.0})
            ),
            "9000 rows on 9000 x 9000 labels leave almost all cells empty: check the columns",
        ),
    ],
)
def test_calls_that_cannot_mean_anything_are_refused(call, words):
    with pytest.raises(PanelError, match=words):
        call()


def test_a_plain_table_gives_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gdp_share(COUNTIES, total="秦皇岛市")
        rank_change(COUNTIES)


def test_the_room_hands_on_its_indicators_and_nothing_else():
    import qhdanalysis

    assert qhdanalysis.indicators.gdp_share is gdp_share
    with pytest.raises(AttributeError, match="no attribute 'read_table'"):
        qhdanalysis.indicators.read_table  # noqa: B018
