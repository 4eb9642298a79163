"""Growth, indices, real values, contributions and decompositions."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import (
    Interval,
    PanelError,
    UnitError,
    beta_convergence,
    cagr,
    cluster_growth,
    contribution_to_growth,
    doubling_time,
    growth_decomposition,
    growth_rate,
    implied_deflator,
    index_numbers,
    rank_change,
    real_value,
    shift_share,
    sigma_test,
    written,
)

# 甲县 has no row for 2018
GAP = pd.DataFrame(
    {
        "area": ["甲县"] * 3 + ["乙县"] * 4,
        "year": [2016, 2017, 2019, 2016, 2017, 2018, 2019],
        "value": [100, 110, 130, 50, 55, 60, 66],
    }
)


def test_growth_is_not_bridged_over_a_missing_year():
    with pytest.warns(
        UserWarning, match=r"growth .* for 甲县 2019 \(no value in 2018\)$"
    ) as caught:
        growth = growth_rate(GAP)
    assert len(caught) == 1
    assert growth.round(4).tolist()[1] == 0.1
    assert growth.round(4).tolist()[4:] == [0.1, 0.0909, 0.1]
    assert growth.isna().tolist() == [True, False, True, True, False, False, False]


def test_cagr_counts_calendar_years():
    result = cagr(GAP, start=2016, end=2019).set_index("area")
    assert result["cagr"].round(5).to_dict() == {"甲县": 0.09139, "乙县": 0.09696}
    assert result.loc["甲县", ["n", "n_missing"]].tolist() == [3, 1]


def test_a_total_with_a_missing_part_does_not_grow():
    with pytest.warns(UserWarning, match="甲县 2019"):
        parts = contribution_to_growth(GAP).set_index(["year", "area"])
    assert parts.loc[2017, "share"].round(4).to_dict() == {"甲县": 0.6667, "乙县": 0.3333}
    assert parts.loc[2017, "total_growth"].round(4).tolist() == [0.1, 0.1]
    assert parts.loc[2019, "points"].isna().all()
    assert parts.loc[2019, "n_missing"].tolist() == [2, 2]


def test_the_order_of_rows_changes_nothing():
    shuffled = GAP.sample(frac=1, random_state=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert growth_rate(shuffled).reindex(GAP.index).equals(growth_rate(GAP))
        for function in (cagr, contribution_to_growth):
            pd.testing.assert_frame_equal(function(shuffled), function(GAP))


def test_an_area_that_only_begins_is_not_warned_of():
    begins = pd.concat([GAP[GAP["area"] == "乙县"], pd.DataFrame({"area": ["丙县"], "year": 2019})])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert growth_rate(begins.assign(value=1.0)).iloc[-1:].isna().all()


def test_growth_over_several_years_and_growth_of_nothing():
    table = pd.DataFrame({"area": "甲县", "year": [2019, 2020, 2021], "value": [2.0, 0.0, 3.0]})
    assert growth_rate(table, lag=2).tolist()[2] == 0.5
    with pytest.warns(UserWarning, match=r"甲县 2021 \(0 in 2020\)"):
        assert growth_rate(table).isna().tolist() == [True, False, True]


def test_a_loss_that_becomes_a_profit_has_no_rate_but_points():
    table = pd.DataFrame({"area": list("甲乙") * 2, "year": [2020] * 2 + [2021] * 2})
    table["value"] = [-5.0, 25.0, 10.0, 20.0]
    with pytest.warns(UserWarning, match=r"甲 2021 \(-5 in 2020\)$"):
        assert growth_rate(table).round(4).tolist()[3] == -0.2
    with pytest.warns(UserWarning, match=r"CAGR .* for 甲 \(-5 in 2020, 10 in 2021\)$"):
        assert cagr(table)["cagr"].isna().sum() == 1
    parts = contribution_to_growth(table).set_index("area")
    assert parts["points"].to_dict() == {"甲": 0.75, "乙": -0.25}


def test_a_row_in_another_unit_is_not_computed_without_a_word():
    # the middle value is in 万元 among 亿元
    table = pd.DataFrame({"area": "甲县", "year": [2019, 2020, 2021]})
    with pytest.warns(UserWarning, match="甲县 2020, 甲县 2021 looks like another unit"):
        growth_rate(table.assign(value=[351.05, 3660500.0, 381.2]))


def test_indices_are_rebased_and_chained_in_both_directions():
    table = pd.DataFrame({"area": "甲县", "year": [2019, 2020, 2021], "value": [50.0, 60.0, 66.0]})
    assert index_numbers(table, base=2020).round(6).tolist() == [83.333333, 100.0, 110.0]
    rebased = table.assign(value=index_numbers(table, base=2019))
    assert index_numbers(rebased, base=2020).round(6).tolist() == [83.333333, 100.0, 110.0]
    rates = table.assign(growth=[np.nan, 0.2, 0.1])
    chained = index_numbers(rates, base=2021, growth="growth")
    assert chained.round(4).tolist() == [75.7576, 90.9091, 100.0]


def test_a_chain_ends_at_a_missing_link():
    rates = pd.DataFrame({"area": "甲县", "year": [2018, 2019, 2020, 2022, 2023]})
    rates["growth"] = [0.1, np.nan, 0.1, 0.1, 0.1]
    with pytest.warns(UserWarning, match="甲县 2018"):
        chain = index_numbers(rates, base=2020, growth="growth")
    # 2019 is one link back; 2018 lies behind the missing rate, 2022 behind the missing year
    assert chain.round(4).tolist()[1:3] == [90.9091, 100.0]
    assert chain.isna().tolist() == [True, False, False, True, True]


def test_real_values_by_deflator_and_by_published_growth_agree():
    table = pd.DataFrame({"area": "甲县", "year": [2020, 2021], "value": [100.0, 110.0]})
    table = table.assign(price=[250.0, 262.5], growth=[np.nan, 110 / 1.05 / 100 - 1])
    by_price = real_value(table, base=2020, deflator="price")
    assert by_price.round(6).tolist() == [100.0, 104.761905]
    assert real_value(table, base=2020, growth="growth").tolist() == pytest.approx(
        by_price.tolist()
    )
    assert implied_deflator(table, base=2020).tolist() == pytest.approx([1.0, 1.05])


@st.composite
def two_years(draw):
    n = draw(st.integers(1, 6))
    amounts = st.just(0.0) | st.floats(1e-3, 1e6)
    values = draw(st.lists(amounts, min_size=2 * n, max_size=2 * n))
    areas = [f"县{i}" for i in range(n)]
    return pd.DataFrame({"area": areas * 2, "year": [2020] * n + [2021] * n, "value": values})


@settings(max_examples=60, deadline=None)
@given(two_years())
def test_contributions_add_up(table):
    sums = table.groupby("year")["value"].sum()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = contribution_to_growth(table)
    if sums[2020] == 0:
        assert parts["points"].isna().all()
        return
    growth = sums[2021] / sums[2020] - 1
    assert parts["points"].sum() == pytest.approx(growth, rel=1e-9, abs=1e-9)
    if abs(growth) > 0.001:
        assert parts["share"].sum() == pytest.approx(1, rel=1e-6)


def test_shares_in_almost_no_growth_are_undefined_and_points_stay():
    table = pd.DataFrame(
        {"area": list("甲乙") * 2, "year": [2020] * 2 + [2021] * 2, "value": [50.0, 50, 60, 40.01]}
    )
    with pytest.warns(UserWarning, match=r"the share of 乙 2021 \(the total stood still\)"):
        parts = contribution_to_growth(table)
    assert parts["share"].isna().all()
    assert sorted(parts["points"].round(4)) == [-0.0999, 0.1]


def test_sectors_contribute_to_their_area_and_an_official_total_is_used():
    table = pd.DataFrame(
        {
            "area": "甲县",
            "year": [2020] * 2 + [2021] * 2,
            "sector": ["工", "农"] * 2,
            "value": [60.0, 30.0, 66.0, 30.0],
            "gdp": [100.0, 100.0, 110.0, 110.0],
        }
    )
    plain = contribution_to_growth(table, sector="sector").set_index("sector")["share"]
    assert plain.to_dict() == {"工": 1.0, "农": 0.0}
    official = contribution_to_growth(table, sector="sector", total="gdp").set_index("sector")
    assert official.loc["工", ["points", "share"]].round(6).tolist() == [0.06, 0.6]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.01, 1e4), min_size=6, max_size=6))
def test_the_factors_of_a_product_add_up_to_its_change(values):
    table = pd.DataFrame({"area": "甲县", "year": [2010, 2020]})
    table[["people", "jobs", "output"]] = np.reshape(values, (2, 3))
    result = growth_decomposition(table, factors=["people", "jobs", "output"])
    change = math.prod(values[3:]) - math.prod(values[:3])
    scale = max(math.prod(values[3:]), math.prod(values[:3]))
    assert result["effect"].sum() == pytest.approx(change, abs=1e-9 * scale)


def test_logarithmic_mean_weights_match_a_hand_computation():
    table = pd.DataFrame({"area": "甲县", "year": [2010, 2020], "a": [10.0, 11.0], "b": [4.0, 5.0]})
    result = growth_decomposition(table, factors=["a", "b"]).set_index("factor")
    mean = 15 / math.log(55 / 40)
    assert result["effect"].tolist() == pytest.approx([mean * math.log(1.1), mean * math.log(1.25)])
    with pytest.warns(UserWarning, match=r"甲县 \(a factor zero or missing\)"):
        assert growth_decomposition(table.assign(a=0.0), factors=["a", "b"])["effect"].isna().all()


CLUSTERS = pd.DataFrame(
    {
        "area": ["甲集群", "乙集群"] * 2,
        "year": [2021] * 2 + [2022] * 2,
        "value": [60.0, 40.0, 72.0, 38.0],
    }
)


def test_clusters_grow_contribute_and_double():
    result = cluster_growth(CLUSTERS).set_index(["year", "area"]).loc[2022]
    assert result["growth"].round(4).tolist() == [0.2, -0.05]
    assert result["points"].round(4).tolist() == [0.12, -0.02]
    assert result["share_change"].round(6).tolist() == [0.054545, -0.054545]
    assert result["doubling_time"].round(2).tolist()[0] == 3.80
    assert math.isnan(result["doubling_time"].iloc[1])
    assert result["note"].tolist() == ["two levels", "two levels"]


def test_level_and_rate_of_different_sets_are_never_joined():
    table = CLUSTERS.assign(
        rate=[np.nan, np.nan, 0.1472, 0.1], scope="全部", rate_scope=["", "", "107个", "全部"]
    )
    table.loc[0, "scope"] = "107个"
    with pytest.warns(UserWarning, match="different sets: 甲集群 2022$"):
        result = cluster_growth(table, growth="rate", scope="scope", growth_scope="rate_scope")
    last = result.set_index(["year", "area"]).loc[2022]
    # 甲's level of 2021 counts another set than that of 2022: the published rate is all there is
    assert last["growth"].round(4).tolist() == [0.1472, -0.05]
    assert last.loc["甲集群", "note"] == "published rate; level of 全部, rate of 107个: not joined"
    assert last["points"].isna().all()


def test_a_city_beside_its_province_has_growth_but_no_share():
    table = CLUSTERS.assign(area_code=["130000", "130300"] * 2)
    result = cluster_growth(table)
    assert result["growth"].round(4).tolist()[2:] == [0.2, -0.05]
    assert result["share"].isna().all()


def test_doubling_times_of_numbers_series_and_published_rates():
    assert doubling_time(0.1472) == pytest.approx(5.0475, abs=1e-4)
    bounds = doubling_time(written("14.72", "%"))
    assert isinstance(bounds, Interval)
    assert bounds.low < doubling_time(0.1472) < bounds.high
    assert bounds.low == pytest.approx(5.0459, abs=1e-4)
    with pytest.warns(UserWarning, match=r"doubling_time .* for 乙 \(growth is -0.06\)"):
        times = doubling_time(pd.Series([0.07, -0.06], index=list("甲乙")))
    assert times.round(2).tolist()[0] == 10.24


def said(call):
    """Give the result of a call and its warnings, which all have to point at this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = call()
    assert {warning.filename for warning in caught} <= {__file__}
    return result, [str(warning.message) for warning in caught]


def frame(columns, rows, **types):
    return pd.DataFrame(rows, columns=columns.split()).astype(types)


def test_hundredfold_is_asked_about_and_less_or_a_fall_to_nothing_is_not():
    values = {"甲": (1, 100), "乙": (100, 1), "丙": (1000, 11), "丁": (5, 0), "戊": (0.5, 0.75)}
    values["己"] = (1, 99)
    table = frame("县 年 产值", [(a, 2020 + k, v[k]) for a, v in values.items() for k in (0, 1)])
    growth, messages = said(lambda: growth_rate(table, value="产值", area="县", year="年"))
    assert messages == ["100-fold and more: growth of 乙 2021, 甲 2021 looks like another unit"]
    expected = [99, -0.99, -0.989, -1, 0.5, 98]
    assert growth.tolist()[1::2] == pytest.approx(expected, rel=1e-12)
    assert growth.name == "growth_rate"


def test_missing_growth_is_explained_by_the_year_that_lacks_a_value():
    # 乙 begins in 2020 and 丙 never does: they lack nothing
    values = {"甲": [2, np.nan, 3, 4], "乙": [np.nan, 4, 5, 6], "丙": [np.nan] * 4}
    table = frame(
        "area year value", [(a, 2019 + k, v[k]) for a, v in values.items() for k in range(4)]
    )
    growth, messages = said(lambda: growth_rate(table))
    assert messages == [
        "growth is undefined (NaN) for 甲 2020 (no value), 甲 2021 (no value in 2020)"
    ]
    assert growth.dropna().to_dict() == pytest.approx({3: 1 / 3, 6: 0.25, 7: 0.2})
    growth, messages = said(lambda: growth_rate(table, lag=2))
    assert messages == ["growth is undefined (NaN) for 甲 2022 (no value in 2020)"]
    assert growth.dropna().to_dict() == {2: 0.5, 7: 0.5}


def test_cagr_gives_ends_counts_and_why_there_is_none():
    rows = [("甲", 2016, 100), ("甲", 2017, np.nan), ("甲", 2019, 133.1), ("甲", 2020, 999)]
    rows += [("乙", 2016, 0), ("乙", 2019, 5), ("丁", 2019, 4)]
    rows += [("丙", 2016, 8), ("丙", 2017, 4), ("丙", 2019, 0)]
    table = frame("县 年 产值", rows)
    result, messages = said(lambda: cagr(table, value="产值", area="县", year="年", end=2019))
    assert messages == [
        "CAGR is undefined (NaN) for 丁 (nan in 2016, 4 in 2019), 乙 (0 in 2016, 5 in 2019)"
    ]
    expected = frame(
        "县 start end first last cagr n n_missing",
        [
            ("丁", 2016, 2019, np.nan, 4.0, np.nan, 1, 2),
            ("丙", 2016, 2019, 8.0, 0.0, -1.0, 3, 0),
            ("乙", 2016, 2019, 0.0, 5.0, np.nan, 2, 1),
            ("甲", 2016, 2019, 100.0, 133.1, 0.1, 2, 1),
        ],
    )
    pd.testing.assert_frame_equal(result, expected)


def test_an_index_without_its_base_year_is_named():
    table = frame("县 年 产值", [("甲", 2020, 5), ("甲", 2021, 6), ("乙", 2021, 6)])
    names = {"value": "产值", "area": "县", "year": "年"}
    index, messages = said(lambda: index_numbers(table, base=2020, base_value=1, **names))
    assert messages == ["the index is undefined (NaN) for 乙 2021 (no 2020 or gap)"]
    pd.testing.assert_series_equal(index, pd.Series([1.0, 1.2, np.nan], name="index"))
    real, messages = said(lambda: real_value(table.assign(g=0.5), base=2020, growth="g", **names))
    assert messages == ["the real value is undefined (NaN) for 乙 2021 (no 2020 or gap)"]
    pd.testing.assert_series_equal(real, pd.Series([5, 7.5, np.nan], name="real_value"))
    prices = table.assign(p=[4, 6, 6])
    real, messages = said(lambda: real_value(prices, base=2020, deflator="p", **names))
    assert messages == ["the real value is undefined (NaN) for 乙 2021 (no 2020 or gap)"]
    pd.testing.assert_series_equal(real, pd.Series([5, 4, np.nan], name="real_value"))
    with pytest.warns(UserWarning, match="for 乙 2021"):
        implied = implied_deflator(table.assign(g=0.5), base=2020, growth="g", **names)
    pd.testing.assert_series_equal(implied, pd.Series([1, 0.8, np.nan], name="implied_deflator"))


def test_growth_of_minus_one_and_less_ends_a_chain():
    table = frame("area year g", [("甲", 2019, 0.5), ("甲", 2020, -1.0), ("甲", 2021, 0.5)])
    table = pd.concat([table, table.assign(area="乙", g=[0.5, -1.5, 0.5])], ignore_index=True)
    chain, messages = said(lambda: index_numbers(table, base=2019, growth="g"))
    assert chain.fillna(0).tolist() == [100, 0, 0] * 2
    assert len(messages) == 1
    assert messages[0].endswith("for 乙 2020 (no 2019 or gap), 甲 2020 (no 2019 or gap), "
                                "乙 2021 (no 2019 or gap), 甲 2021 (no 2019 or gap)")  # fmt: skip


def test_contributions_over_two_years_are_those_of_the_ends():
    rows = [("甲", 2019, 30), ("甲", 2020, 1), ("甲", 2021, 45)]
    rows += [("乙", 2019, 20), ("乙", 2020, 900), ("乙", 2021, 15)]
    table = frame("县 年 产值", rows)
    names = {"value": "产值", "area": "县", "year": "年"}
    result, messages = said(lambda: contribution_to_growth(table, lag=2, **names))
    columns = "年 县 change points share total_growth n n_missing"
    expected = [(2021, "乙", -5.0, -0.1, -0.5, 0.2, 2, 0), (2021, "甲", 15.0, 0.3, 1.5, 0.2, 2, 0)]
    pd.testing.assert_frame_equal(result, frame(columns, expected))
    assert not messages
    # against the whole of 2019 in one row of the table, which is no part of itself
    whole = pd.concat([table, frame("县 年 产值", [("市", 2019, 100), ("市", 2021, 125)])])
    result, messages = said(lambda: contribution_to_growth(whole, lag=2, total="市", **names))
    expected = [
        (2021, "乙", -5.0, -0.05, -0.2, 0.25, 2, 0),
        (2021, "甲", 15.0, 0.15, 0.6, 0.25, 2, 0),
    ]
    pd.testing.assert_frame_equal(result, frame(columns, expected))
    assert not messages


def test_each_contribution_that_is_undefined_has_its_reason():
    rows = [
        ("甲", "工", 60, 66, 100, 125),
        ("甲", "农", 30, 28, 100, 125),  # a growth of just least_growth has shares
        ("乙", "工", 10, np.nan, 20, 30),
        ("乙", "农", 5, 6, 20, 30),  # an official total needs no other part
        ("丙", "工", 1, 2, 0, 4),
        ("丁", "工", 1, 2, 100, 101),
    ]
    table = frame(
        "area sector year value gdp",
        [(a, s, 2020 + k, v[k], v[2 + k]) for a, s, *v in rows for k in (0, 1)],
    )
    result, messages = said(
        lambda: contribution_to_growth(table, sector="sector", total="gdp", least_growth=0.25)
    )
    assert messages == [
        "contribution is undefined (NaN) for 乙 工 2021 (no value in one of the two years), "
        "丙 工 2021 (no total: another part is missing), "
        "the share of 丁 工 2021 (the total stood still)"
    ]
    nan = np.nan
    expected = frame(
        "year area sector change points share total_growth n n_missing",
        [
            (2021, "丁", "工", 1.0, 0.01, nan, 0.01, 1, 0),
            (2021, "丙", "工", 1.0, nan, nan, nan, 0, 1),
            (2021, "乙", "农", 1.0, 0.05, 0.1, 0.5, 1, 1),
            (2021, "乙", "工", nan, nan, nan, 0.5, 1, 1),
            (2021, "甲", "农", -2.0, -0.02, -0.08, 0.25, 2, 0),
            (2021, "甲", "工", 6.0, 0.06, 0.24, 0.25, 2, 0),
        ],
    )
    pd.testing.assert_frame_equal(result, expected)


def test_a_decomposition_gives_each_factor_of_each_area_in_the_order_asked():
    rows = [("甲", 2009, 7, 7), ("甲", 2010, 2, 8), ("甲", 2020, 4, 4)]  # 16 stays 16
    rows += [("乙", 2010, 1, 0), ("乙", 2020, 2, 3), ("丙", 2010, 10, 4), ("丙", 2020, 11, 5)]
    table = frame("县 年 a b", rows)
    result, messages = said(
        lambda: growth_decomposition(table, factors=["b", "a"], area="县", year="年", start=2010)
    )
    assert messages == ["the decomposition is undefined (NaN) for 乙 (a factor zero or missing)"]
    two, mean, nan = math.log(2), 15 / math.log(55 / 40), np.nan
    b, a = mean * math.log(5 / 4), mean * math.log(11 / 10)
    ends = (2010, 2020)
    expected = frame(
        "县 factor effect points change start end n n_missing",
        [
            ("丙", "b", b, b / 40, 15.0, *ends, 2, 0),
            ("丙", "a", a, a / 40, 15.0, *ends, 2, 0),
            ("乙", "b", nan, nan, nan, *ends, 1, 1),
            ("乙", "a", nan, nan, nan, *ends, 1, 1),
            ("甲", "b", -16 * two, -two, 0.0, *ends, 2, 0),
            ("甲", "a", 16 * two, two, 0.0, *ends, 2, 0),
        ],
    )
    pd.testing.assert_frame_equal(result, expected)


def test_clusters_of_which_some_lack_a_level_keep_what_is_known():
    nan = np.nan
    rows = [("甲", 2021, 60, nan), ("乙", 2021, nan, nan), ("丙", 2021, nan, nan)]
    rows += [("甲", 2022, 72, nan), ("乙", 2022, 40, 0.25), ("丙", 2022, nan, nan)]
    rows += [("甲", 2023, 54, -0.3), ("乙", 2023, 50, nan)]
    rows += [("甲", 2024, 81, nan), ("乙", 2024, 25, nan)]
    labels = list("jihgfedcba")
    table = frame("县 年 营收 增速", rows).set_axis(labels)
    names = {"value": "营收", "area": "县", "year": "年"}
    result, messages = said(lambda: cluster_growth(table, growth="增速", **names))
    assert not messages, "that a shrinking cluster does not double needs no word"
    two = math.log(2)
    expected = frame(
        "县 年 value growth points share share_change doubling_time note n n_missing",
        [
            # without the level of 丙 there is no sum of all, so no share in it or in its growth
            ("甲", 2021, 60, nan, nan, nan, nan, nan, "", 1, 2),
            ("乙", 2021, nan, nan, nan, nan, nan, nan, "", 1, 2),
            ("丙", 2021, nan, nan, nan, nan, nan, nan, "", 1, 2),
            ("甲", 2022, 72, 0.2, nan, nan, nan, two / math.log(1.2), "two levels", 2, 1),
            ("乙", 2022, 40, 0.25, nan, nan, nan, two / math.log(1.25), "published rate", 2, 1),
            ("丙", 2022, nan, nan, nan, nan, nan, nan, "", 2, 1),
            ("甲", 2023, 54, -0.25, nan, 54 / 104, nan, nan, "two levels", 2, 0),
            ("乙", 2023, 50, 0.25, nan, 50 / 104, nan, two / math.log(1.25), "two levels", 2, 0),
            ("甲", 2024, 81, 0.5, 27 / 104, 81 / 106, 81 / 106 - 54 / 104, two / math.log(1.5),
             "two levels", 2, 0),
            ("乙", 2024, 25, -0.5, -25 / 104, 25 / 106, 25 / 106 - 50 / 104, nan,
             "two levels", 2, 0),
        ],
    ).set_axis(labels)  # fmt: skip
    pd.testing.assert_frame_equal(result, expected)
    two_years = cluster_growth(table, lag=2, **names)
    growth = {"d": -0.1, "b": 81 / 72 - 1, "a": 25 / 40 - 1}
    assert two_years["growth"].dropna().to_dict() == pytest.approx(growth)


def test_a_set_without_a_name_is_called_all():
    table = CLUSTERS.assign(rate=[np.nan, np.nan, 0.3, 0.1], of=["", "", "107个", ""])
    result, messages = said(lambda: cluster_growth(table, growth="rate", growth_scope="of"))
    assert messages == ["level and published rate belong to different sets: 甲集群 2022"]
    note = "two levels; level of all, rate of 107个: not joined"
    assert result["note"].tolist() == ["", "", note, "two levels"]
    table = table.assign(value=[np.nan, 1, 2, 3], of="", set="全部")[1:3]
    result, _ = said(lambda: cluster_growth(table, growth="rate", scope="set", growth_scope="of"))
    note = "published rate; level of 全部, rate of all: not joined"
    assert result["note"].tolist() == ["", note]


def test_what_may_not_grow_has_no_doubling_time():
    times, messages = said(lambda: doubling_time(Interval(-0.01, 0.02)))
    assert math.isnan(times.low)
    assert math.isnan(times.high)
    assert messages == ["doubling_time is undefined (NaN) for growth may be 0"]
    zero, messages = said(lambda: doubling_time(0.0))
    assert math.isnan(zero)
    assert messages == ["doubling_time is undefined (NaN) for growth is 0"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: growth_rate(pd.concat([GAP, GAP[:1]])), PanelError, "甲县 2016.*select"),
        (
            lambda: growth_decomposition(GAP.assign(value=-1), factors=["value"]),
            PanelError,
            "and 2 more",
        ),
        (
            lambda: growth_rate(GAP.assign(value="1,2")),
            PanelError,
            r"no number \(1,2\) at 甲县 2016",
        ),
        (
            lambda: index_numbers(GAP, base=2017, growth="value"),
            UnitError,
            "holds 130: pass fractions",
        ),
        (lambda: doubling_time(14.72), UnitError, "growth holds 14.72: pass fractions"),
        (
            lambda: growth_rate(GAP.assign(year=GAP["year"].astype(str) + "年")),
            PanelError,
            "2016年",
        ),
        (lambda: growth_rate(GAP.assign(year=GAP["year"] + 0.5)), PanelError, "no whole year"),
        (lambda: growth_rate(GAP, lag=0), PanelError, "lag=0"),
        (lambda: growth_rate(GAP.assign(unit="亿元", note="unit inferred")), UnitError, "inferred"),
        (lambda: cagr(GAP, start=2015), PanelError, "no rows for 2015: the table has 2016"),
        (lambda: cagr(GAP, start=2019, end=2017), PanelError, "2019 is not before end 2017"),
        (lambda: index_numbers(GAP, base=1999), PanelError, "no rows for 1999"),
        (lambda: real_value(GAP, base=2016), PanelError, "either deflator= .* or growth="),
        (
            lambda: real_value(GAP, base=2016, deflator="value", growth="value"),
            PanelError,
            r"^pass either deflator= \(a price index\) or growth= \(real growth rates\)$",
        ),
        (lambda: real_value(GAP, base=1999, growth="year"), PanelError, "no rows for 1999"),
        (
            lambda: cluster_growth(CLUSTERS.assign(rate=14), growth="rate"),
            UnitError,
            "^rate holds 14: pass fractions, as 0.05 for 5%$",
        ),
        (
            lambda: cluster_growth(CLUSTERS, scope="set"),
            PanelError,
            "^the table has no column 'set', only area, year, value: rename it",
        ),
        (
            lambda: index_numbers(GAP.assign(g=4.0), base=2017, growth="g"),
            UnitError,
            "^the growth holds 4: pass fractions",
        ),
        (lambda: doubling_time("growth"), PanelError, "names no column"),
    ],
)
def test_bad_input_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


# Level breaks between the years compared

BROKEN = pd.DataFrame({
    "area": ["甲县"] * 6 + ["乙县"] * 6,
    "year": [*range(2008, 2014)] * 2,
    "value": [100.0, 110.0, 120.0, 180.0, 190.0, 200.0] + [100.0] * 6,
    "break": ["", "", "", "statistical", "", ""] + [""] * 6,
})  # fmt: skip


def breaks_said(function, *args, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args, **options)
    return [str(one.message) for one in caught if "level breaks" in str(one.message)]


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (growth_rate, {}),
        (growth_rate, {"lag": 3}),
        (cagr, {}),
        (cagr, {"start": 2010, "end": 2011}),
        (index_numbers, {"base": 2008}),
        (index_numbers, {"base": 2013}),
        (contribution_to_growth, {}),
        (growth_decomposition, {"factors": ["value"]}),
        (cluster_growth, {}),
        (rank_change, {}),
    ],
)
def test_a_break_between_the_years_compared_is_told_whatever_the_order_of_the_rows(
    function, options
):
    said = breaks_said(function, BROKEN.sample(frac=1, random_state=1), **options)
    assert len(said) == 1
    assert "compared: 甲县 2011 (statistical). There" in said[0]
    assert "compare years on one side of a break" in said[0]


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (cagr, {"start": 2011}),  # the break year is the first on the new level
        (cagr, {"end": 2010}),
        (growth_decomposition, {"factors": ["value"], "start": 2011}),
    ],
)
def test_years_on_one_side_of_a_break_are_compared_in_silence(function, options):
    assert breaks_said(function, BROKEN, **options) == []
    late = BROKEN[BROKEN["year"] > 2010]
    assert breaks_said(growth_rate, late) == breaks_said(index_numbers, late, base=2012) == []


def test_a_break_without_a_result_across_it_is_not_told():
    gap = BROKEN.assign(value=BROKEN["value"].where(BROKEN["year"].ne(2010)))
    assert breaks_said(growth_rate, gap) == []
    assert len(breaks_said(cagr, gap)) == 1
    assert breaks_said(growth_rate, BROKEN.drop(columns="break")) == []


def test_records_are_held_against_the_declared_breaks_of_their_indicator():
    # data/qhd_breaks.csv: 秦皇岛市, gdp, 2009 (accounting) and 2018 (vintage)
    table = pd.DataFrame({"area": "秦皇岛市", "area_code": "130300", "year": [2008, 2009, 2010]})
    table = table.assign(value=[808.95, 804.54, 930.49], code="gdp")
    (said,) = breaks_said(growth_rate, table)
    assert "秦皇岛市 2009 (accounting)" in said
    (said,) = breaks_said(cagr, table[table["year"].ne(2009)], area="area_code")
    assert "130300 2009 (accounting)" in said
    for by_name in (table.assign(area_code=""), table.drop(columns="area_code")):
        assert "秦皇岛市 2009 (accounting)" in breaks_said(growth_rate, by_name)[0]
    assert breaks_said(growth_rate, table.assign(code="population")) == []


def test_breaks_are_told_in_shift_share_and_convergence_too():
    sectors = pd.concat([BROKEN.assign(sector=name) for name in ("农业", "工业")])
    assert len(breaks_said(shift_share, sectors)) == 1
    assert breaks_said(shift_share, sectors, start=2011) == []
    more = BROKEN.assign(area=BROKEN["area"].str[0] + "市", value=BROKEN["value"] * 3 + 1)
    many = pd.concat([BROKEN, more.assign(**{"break": ""})])
    for function in (beta_convergence, sigma_test):
        assert len(breaks_said(function, many)) == 1
        assert breaks_said(function, many, start=2011) == []
