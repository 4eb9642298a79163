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
    cagr,
    cluster_growth,
    contribution_to_growth,
    doubling_time,
    growth_decomposition,
    growth_rate,
    implied_deflator,
    index_numbers,
    real_value,
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
    values = draw(st.lists(st.floats(0, 1e6), min_size=2 * n, max_size=2 * n))
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
        (lambda: doubling_time("growth"), PanelError, "names no column"),
    ],
)
def test_bad_input_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
