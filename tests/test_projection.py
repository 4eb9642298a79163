"""Projections of yearly series: reference values, properties, refusals, breaks, gaps."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import (
    PanelError,
    UnitError,
    describe_projection,
    find_breaks,
    fit_trend,
    load_dataset,
    project,
    trend_growth,
)
from qhdanalysis.projection.batch import Stack, dynamic_theta_forecast, four_parts
from qhdanalysis.projection.intervals import bounds, factor, half_width, nominal_coverage
from qhdanalysis.projection.models import MODELS

REFERENCE = json.loads(
    (Path(__file__).parent / "projection_reference.json").read_text(encoding="utf-8")
)
SERIES = REFERENCE["series"]


def long(series: dict[str, list[float]], last: int = 2023) -> pd.DataFrame:
    """One table of series that all end in the same year."""
    return pd.concat(
        pd.DataFrame({"area": name, "year": range(last - len(y) + 1, last + 1), "value": y})
        for name, y in series.items()
    )


def one(y: list[float], **more: object) -> pd.DataFrame:
    return long({"甲县": y}).assign(**more)


def at(result: pd.DataFrame, level: int, column: str) -> np.ndarray:
    return result.loc[result["level"] == level, column].to_numpy()


def silent(*args: object, **kwargs: object) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return project(*args, **kwargs)


# Reference values


@pytest.mark.parametrize("name", SERIES)
def test_four_parts_and_bounds_agree_with_the_reference(name):
    y, quad = np.array(SERIES[name]["y"]), SERIES[name]["quad"]
    parts = four_parts(Stack(y[:, None], np.array([len(y)])), 6)
    assert np.allclose(parts.median[:, 0], quad["median_drift"], rtol=1e-7)
    assert np.allclose(parts.mean[:, 0], quad["mean_drift"], rtol=1e-7)
    assert np.allclose(parts.theta[:, 0], quad["theta3_log"], rtol=1e-3)
    assert np.isclose(parts.size[0], quad["A"], rtol=1e-7)
    assert np.isclose(parts.recent[0], quad["R"], rtol=1e-7)
    result = project(one(SERIES[name]["y"]), horizon=6)
    assert np.allclose(at(result, 80, "estimate"), quad["mean"], rtol=2.5e-2)
    for level in (80, 95):
        assert np.allclose(at(result, level, "upper"), quad[f"hi{level}"], rtol=2.5e-2)
        # The bounds formula itself, given the reference's own mean and scales.
        width = half_width(
            np.array([quad["A"]]), np.array([quad["R"]]), np.array([len(y)]), 6, level
        )
        low, high = bounds(np.array(quad["mean"])[:, None], width, np.array([True]))
        assert np.allclose(low[:, 0], quad[f"lo{level}"], rtol=1e-6)
        assert np.allclose(high[:, 0], quad[f"hi{level}"], rtol=1e-6)


@pytest.mark.parametrize(
    ("level", "share", "width"),
    [  # K exp(1.13 / 12) h^p 10^0.77 4^0.23 by hand, with K and p of the two kinds
        (80, False, [11.747455, 20.171918, 27.675685]),
        (95, False, [21.448005, 36.829032, 50.529091]),
        (80, True, [12.548418, 19.690578, 25.628181]),
        (95, True, [23.227923, 36.448517, 47.4394]),
    ],
)
def test_the_half_width_is_the_published_formula(level, share, width):
    size, recent, length = np.array([10.0, 10.0]), np.array([4.0, 4.0]), np.array([12, 12])
    got = half_width(size, recent, length, 3, level, share)
    assert np.allclose(got, np.array([width, width]).T, rtol=1e-6)


@pytest.mark.parametrize("share", [False, True])
def test_factors_between_the_fitted_levels_lie_on_one_student_distribution(share):
    levels = [50, 80, 90, 95, 99]
    quantiles = scipy.stats.t.ppf([0.75, 0.9, 0.95, 0.975, 0.995], 3.8)
    factors = [factor(level, share) for level in levels]
    assert np.allclose(factors / quantiles, factors[1] / quantiles[1], rtol=0.013)
    assert factor(80.5, share) == pytest.approx(factor(80, share), rel=0.02)


def test_an_estimate_of_zero_or_a_series_with_negatives_has_bounds():
    estimate, width = np.array([[0.0, 2.0, 1e-3]]), np.array([[3.0, 3.0, 1.0]])
    low, high = bounds(estimate, width, np.array([True, False, True]))
    assert low.tolist()[0][:2] == [0.0, -1.0]
    assert 0 < low[0, 2] < 1e-300  # exp(-1000) is no zero
    assert high.tolist() == [[3.0, 5.0, 1.001]]


@pytest.mark.parametrize(
    ("method", "of80", "of95"),
    [  # as benchmarks/projection.py measured them
        ("ols", (65, 44, 55), (82, 69, 79)),
        ("theta", (37, 58, 53), (53, 73, 70)),
        ("ets", (31, 55, 61), (46, 71, 81)),
        ("local_linear_trend", (39, 60, 66), (61, 75, 86)),
        ("arima", (36, 60, 66), (51, 76, 82)),
        ("drift", (46, 60, 63), (67, 79, 78)),
    ],
)
def test_a_model_says_what_its_nominal_intervals_held_at_this_length(method, of80, of95):
    groups = [("up to 15", 15), ("16 to 25", 16), ("16 to 25", 25), ("more than 25", 26)]
    for (years, length), k in zip(groups, (0, 1, 1, 2), strict=True):
        assert nominal_coverage(method, length) == (
            f'method "{method}": on 364 public series with {years} values its 80% intervals held '
            f'{of80[k]}% and its 95% intervals {of95[k]}% of what came. "auto" is calibrated.'
        )


@pytest.mark.parametrize("name", SERIES)
def test_models_agree_with_statsmodels(name):
    table, reference = one(SERIES[name]["y"]), SERIES[name]
    assert np.allclose(
        at(silent(table, horizon=6, method="theta"), 80, "estimate"), reference["theta"], rtol=1e-3
    )
    drift = silent(table, horizon=6, method="drift")
    assert np.allclose(at(drift, 80, "estimate"), reference["drift"]["mean"], rtol=2e-6)
    assert np.allclose(at(drift, 95, "upper"), reference["drift"]["hi95"], rtol=1e-3)
    ols = silent(table, horizon=6, method="ols")
    assert np.allclose(at(ols, 80, "estimate"), reference["ols"]["median"], rtol=1e-7)
    assert np.allclose(at(ols, 80, "lower"), reference["ols"]["lo80"], rtol=1e-7)
    assert np.allclose(at(ols, 95, "upper"), reference["ols"]["hi95"], rtol=1e-7)


def dynamic_squares(y: list[float], alpha: float, theta: float, level: float) -> float:
    """Sum of squares of the published recursion of the dynamic optimised theta model, in words."""
    average, slope, start = y[0], 0.0, y[0]
    now, total = alpha * y[0] + (1 - alpha) * level, 0.0
    for n in range(1, len(y)):
        line = (1 - alpha) ** n * start + (1 - (1 - alpha) ** (n + 1)) / alpha * slope
        total += (y[n] - now - (1 - 1 / theta) * line) ** 2
        now = alpha * y[n] + (1 - alpha) * now
        slope = ((n - 1) * slope + 6 / (n + 1) * (y[n] - average)) / (n + 2)
        average = (n * average + y[n]) / (n + 1)
        start = average - (n + 2) / 2 * slope
    return total


@pytest.mark.parametrize("name", ["g02_m3_n6", "g05_m3_n17", "g09_tourism_n12"])
def test_dynamic_theta_forecast_is_near_the_grid_reference(name):
    y, quad = np.array(SERIES[name]["y"]), SERIES[name]["quad"]
    forecast = dynamic_theta_forecast(Stack(y[:, None], np.array([len(y)])), 6)[:, 0]
    assert np.allclose(forecast, quad["dot_grid"], rtol=8e-2)


def test_dynamic_theta_reaches_the_least_sum_of_squares(monkeypatch):
    import qhdanalysis.projection.batch as batch

    found = {}

    def spy(cost, series, limits, halvings):
        place = least(cost, series, limits, halvings)
        found["squares"] = float(cost(place[None])[0, 0])
        return place

    least = batch.least
    monkeypatch.setattr(batch, "least", spy)
    y = SERIES["g09_tourism_n12"]["y"]
    dynamic_theta_forecast(Stack(np.array(y)[:, None], np.array([len(y)])), 1)
    grid = [
        dynamic_squares(y, alpha, theta, level)
        for alpha in np.linspace(0.1, 0.99, 30)
        for theta in (1.0, 1.3, 2.0, 3.0, 5.0, 20.0, 1e6)
        for level in np.linspace(-2 * y[0], 4 * y[0], 40)
    ]
    assert found["squares"] <= min(grid) * (1 + 1e-9)


def test_levels_between_the_fitted_ones_lie_between_them():
    assert factor(80) == 1.32
    assert factor(95) == 2.41
    assert 1.32 < factor(90) < 2.41 < factor(99)
    with pytest.raises(PanelError, match="in percent between 50 and 99"):
        project(one([1.0, 2, 3, 4, 5, 6]), level=0.95)


# Properties

lists = st.lists(st.floats(1, 1000), min_size=6, max_size=15)


@settings(max_examples=40, deadline=None)
@given(lists, st.sampled_from([1e-9, 1e-3, 7.0, 1e4, 1e9]))
def test_scale_changes_nothing(y, scale):
    plain, scaled = silent(one(y)), silent(one([v * scale for v in y]))
    for column in ("estimate", "lower", "upper"):
        assert np.allclose(scaled[column], plain[column] * scale, rtol=1e-6, atol=0)


@pytest.mark.parametrize(
    ("method", "scale"), [(m, 10.0 ** (9 - 18 * (len(m) % 2))) for m in MODELS]
)
def test_the_unit_changes_nothing_for_the_models_of_statsmodels(method, scale):
    y = SERIES["g09_tourism_n12"]["y"]
    plain, scaled = (
        silent(one(y), method=method),
        silent(one([v * scale for v in y]), method=method),
    )
    # Its optimisers turn a difference in the last digit into one in the third.
    assert np.allclose(scaled["lower"], plain["lower"] * scale, rtol=5e-3)


@settings(max_examples=25, deadline=None)
@given(lists, lists, lists, st.randoms())
def test_order_and_company_change_nothing(a, b, c, random):
    table = long({"甲县": a, "乙县": b, "丙县": c})
    rows = list(range(len(table)))
    random.shuffle(rows)
    both = silent(table.iloc[rows]).set_index(["area", "year", "level"]).sort_index()
    alone = silent(table[table["area"] == "甲县"]).set_index(["area", "year", "level"])
    assert np.array_equal(both.loc[["甲县"], "upper"].sort_index(), alone["upper"].sort_index())


def test_working_in_chunks_changes_nothing(monkeypatch):
    table = long({name: SERIES[name]["y"] for name in SERIES})
    whole = project(table)
    monkeypatch.setattr("qhdanalysis.projection.trend._CHUNK", 2)
    assert project(table).equals(whole)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1e-6, 1e12), min_size=4, max_size=12))
def test_positive_series_get_finite_bounds_in_order(y):
    result = silent(one(y), horizon=10)
    assert np.isfinite(result[["estimate", "lower", "upper"]]).all(axis=None)
    assert (result["lower"] >= 0).all()
    assert (result["lower"] <= result["estimate"]).all()
    assert (result["estimate"] <= result["upper"]).all()


def test_constant_series_keeps_its_value_without_width_and_says_so():
    with pytest.warns(UserWarning, match="甲县: constant so far"):
        result = project(one([7.0] * 9))
    assert np.allclose(result[["estimate", "lower", "upper"]], 7)
    assert result["note"].str.contains("constant").all()


def test_zero_and_negative_series_are_projected_straight():
    assert np.allclose(silent(one([0.0] * 8))["estimate"], 0)
    falling = project(one([float(-2 * i) for i in range(12)]), horizon=3)
    assert np.all(np.diff(at(falling, 80, "estimate")) < 0)
    assert np.isfinite(falling["lower"]).all()


def test_a_wrong_unit_in_the_past_does_not_send_the_projection_to_infinity():
    # 13,800 dollars in a series of billions: the theta part alone would multiply by 10,000.
    y = [1.38e4, 1.40e4, 7.5e9, 6.4e9, 3.73e9, 2.7e9, 2.5e9, 2.7e9]
    assert at(project(one(y)), 80, "estimate").max() < 10 * max(y)


def test_huge_and_tiny_values_stay_finite():
    for size in (1e-150, 1e150):
        result = project(one([size * (1 + i) for i in range(10)]))
        assert np.isfinite(result["upper"]).all()


def test_short_series_are_refused_or_flagged():
    with pytest.raises(PanelError, match=r"甲县 \(3 values\).*at least 4 yearly values"):
        project(one([1.0, 2.0, 3.0]))
    with pytest.warns(UserWarning, match="甲县: no more than 5 values"):
        result = project(one([1.0, 2.0, 3.0, 5.0]))
    assert result["note"].str.contains("no more than 5 values").all()


def test_five_names_then_a_count():
    with pytest.raises(PanelError, match=r"县4 \(2 values\) and 7 more"):
        project(long({f"县{i}": [1.0, 2.0] for i in range(12)}))


# Years


def test_newest_first_float_and_text_years_give_the_same():
    # A public trouble: yearly dates read in reverse, as 1970, or off by one.
    y = [61.0, 64.5, 70.1, 73.0, 79.4, 85.5, 88.2, 92.6, 103.8, 110.2]
    table = one(y).iloc[::-1].reset_index(drop=True)
    result = project(table)
    assert result["year"].unique().tolist() == [2024, 2025, 2026, 2027, 2028]
    assert pd.api.types.is_integer_dtype(result["year"])
    assert at(result, 80, "estimate")[0] > 110.2
    text = table["year"].astype(str) + "年"
    dates = pd.to_datetime(table["year"].astype(str) + "-12-31")
    for years in (table["year"].astype(float), text, dates, text.str.replace("2", chr(0xFF12))):
        assert project(table.assign(year=years)).equals(result)
    moved = table.set_axis(range(7, 7 + len(table)))
    assert project(moved).equals(result)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        project(table)


@pytest.mark.parametrize("bad", ["去年", 2020.5, np.nan, 202301])
def test_years_that_cannot_be_read_name_the_column(bad):
    table = one([1.0, 2, 3, 4, 5, 6]).astype({"year": object})
    table.iloc[2, 1] = bad
    with pytest.raises(PanelError, match=r"column 'year'.*cannot be read as years"):
        project(table)


def test_duplicate_years_are_refused():
    table = one([1.0, 2, 3, 4, 5, 6])
    with pytest.raises(PanelError, match="甲县 2020: more than one row"):
        project(pd.concat([table, table[table["year"] == 2020]]))


def test_gaps_are_said_and_bridged_by_equal_growth():
    table = one([100 * 1.1**i for i in range(10)])
    gap = table[table["year"] != 2018]
    with pytest.warns(UserWarning, match="missing years: 甲县 2018. They are taken to lie"):
        result = project(gap)
    assert result["note"].eq("missing years bridged").all()
    assert np.allclose(result["upper"], project(table)["upper"])
    with pytest.warns(UserWarning, match="missing years: 甲县 2017 to 2018"):
        project(table[~table["year"].isin([2017, 2018])])
    missing = table.assign(value=table["value"].where(table["year"] != 2018))
    with pytest.warns(UserWarning, match="2018"):
        assert np.allclose(project(missing)["upper"], result["upper"])


def test_models_that_can_skip_a_missing_year_do():
    table = one([3.0, 5.0, 4.0, 8.0, 9.0, 12.0, 11.0, 16.0])
    gap = table[table["year"] != 2019]
    with pytest.warns(UserWarning, match="left out|calibrated"):
        result = project(gap, method="drift", horizon=1)
    # Random walk with drift: the drift is (last - first) / years between, gap or not.
    assert np.isclose(result["estimate"].iloc[0], 16 + 13 / 7, rtol=1e-4)
    assert result["note"].str.contains("left out").all()


def test_sparse_series_are_refused():
    with pytest.raises(PanelError, match="more years are missing than known"):
        project(pd.DataFrame({"area": "甲", "year": range(1980, 2024, 5), "value": 1.0}))


# What is refused, and why


def test_tables_that_cannot_be_projected_say_why():
    table = one([1.0, 2, 3, 4, 5, 6])
    with pytest.raises(PanelError, match="no column 'gdp', only area, year, value"):
        project(table, value="gdp")
    with pytest.raises(PanelError, match="has no rows"):
        project(table[:0])
    with pytest.raises(PanelError, match="rows without 'area'"):
        project(table.assign(area=[None, *["甲"] * 5]))
    with pytest.raises(PanelError, match="'value' is no number"):
        project(table.assign(value=["1", "2", "…", "4", "5", "6"]))
    with pytest.raises(PanelError, match="infinite"):
        project(table.assign(value=[1, 2, np.inf, 4, 5, 6]))
    with pytest.raises(PanelError, match=r"method 'prophet' is unknown\. There are: auto, ols"):
        project(table, method="prophet")
    with pytest.raises(PanelError, match="whole number of years"):
        project(table, horizon=0)
    with pytest.raises(UnitError, match="甲县: values in more than one unit"):
        project(table.assign(unit=["万元"] * 3 + ["亿元"] * 3))
    with pytest.raises(PanelError, match="甲县: the log-linear trend needs values above zero"):
        project(one([-1.0, 2, 3, 4, 5, 6]), method="ols")


# Values known as intervals


def test_an_interval_as_last_value_widens_the_bounds():
    y = [100.0, 104, 109, 113, 120, 124, 130, 137, 141]
    table = one([*y, np.nan])
    table["low"], table["high"] = table["value"], table["value"]
    table.loc[table["year"] == 2023, ["low", "high"]] = [145.0, 155.0]
    result = project(table, low="low", high="high")
    low, middle, high = (project(one([*y, end])) for end in (145.0, 150.0, 155.0))
    assert np.allclose(result["estimate"], middle["estimate"])
    assert result["note"].eq("last value known as an interval").all()
    assert np.allclose(result["lower"], np.minimum(low["lower"], high["lower"]))
    assert np.allclose(result["upper"], np.maximum(low["upper"], high["upper"]))
    with pytest.raises(PanelError, match="甲县 2023: the value does not lie between 'low'"):
        project(table.assign(value=[*y, 160.0]), low="low", high="high")


# Breaks

STEP = [10.0, 10.5, 11, 11.6, 12.1, 30, 31, 33, 34, 36, 37, 39, 41]  # new level in 2016


def breaks(*years: int, **more: object) -> pd.DataFrame:
    return pd.DataFrame({"area": "甲县", "year": list(years)}).assign(**more)


def test_projection_starts_after_a_declared_break_if_eight_values_remain():
    with pytest.warns(UserWarning, match="甲县 starts after the break of 2016"):
        result = project(one(STEP), breaks=breaks(2016))
    assert np.allclose(result["upper"], project(one(STEP[5:]))["upper"])
    assert result["note"].eq("starts after the break of 2016").all()


def test_projection_crosses_a_late_break_and_says_so():
    with pytest.warns(
        UserWarning, match="starts after the break of 2016; crosses the break of 202"
    ):
        result = project(one(STEP), breaks=breaks(2016, 2021))
    assert np.allclose(result["upper"], project(one(STEP[5:]))["upper"])
    with pytest.warns(UserWarning, match="甲县 crosses the break of 2020"):
        assert np.allclose(
            project(one(STEP), breaks=breaks(2020))["upper"], project(one(STEP))["upper"]
        )


def test_breaks_of_other_areas_codes_or_years_do_not_count():
    table = one(STEP, code="population")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        project(table, breaks=breaks(2016, code="gdp"))
        project(table, breaks=breaks(2016).assign(area="乙县"))
        project(table, breaks=breaks(2011, 1980))
    named = one(STEP, area_code="130999").assign(area="Jia")
    with pytest.warns(UserWarning, match="Jia starts after"):
        project(named, breaks=breaks(2016, area_code="130999"))
    with pytest.raises(PanelError, match="the breaks have no column year"):
        project(table, breaks=pd.DataFrame({"area": ["甲县"]}))
    with pytest.raises(PanelError, match='give a table, "declared" or None'):
        project(table, breaks="all")
    with pytest.raises(PanelError, match="breaks=3: give a table"):
        project(table, breaks=3)


def test_the_city_has_its_declared_breaks():
    city = load_dataset("qhd_gdp").query("area == '秦皇岛市' and code == 'gdp'")
    city = city[city["source"].str.contains("industry structure")]
    with pytest.warns(UserWarning, match="秦皇岛市 starts after the break of 2009; crosses.* 2018"):
        result = project(city)
    assert result["year"].min() == 2024


def test_implied_deflator_finds_2009_and_2018_in_the_city_since_2000():
    found = find_breaks(load_dataset("qhd_gdp"))
    city = found.query("area == '秦皇岛市' and kind == 'accounting' and year >= 2000")
    assert city["year"].tolist() == [2009, 2018]
    # 804.54 / 808.95 = 0.9945 at current prices against +9.5% real: 0.9945 / 1.095 - 1 = -9.2%
    assert "implied deflator -9.2%" in city["evidence"].iloc[0]
    assert "real +9.5%" in city["evidence"].iloc[0]


def records(**more: object) -> pd.DataFrame:
    table = one([100 * 1.06**i for i in range(12)], code="gdp", unit="亿元", source="年鉴")
    return table.assign(**{"area_code": "130999"} | more)


def test_breaks_are_found_from_source_code_jump_and_boundary():
    assert find_breaks(records()).empty
    later = records()["year"] >= 2018
    found = find_breaks(records(source=np.where(later, "新年鉴", "年鉴")))
    assert found[["year", "kind"]].to_numpy().tolist() == [[2018, "vintage"]]
    assert found["evidence"].item() == "the source changes from 年鉴 to 新年鉴"
    found = find_breaks(records(area_code=np.where(later, "130998", "130999")))
    assert found[["year", "kind"]].to_numpy().tolist() == [[2018, "code"]]
    table = records()
    found = find_breaks(table.assign(value=table["value"] * np.where(later, 1.5, 1)))
    assert found[["year", "kind"]].to_numpy().tolist() == [[2018, "statistical"]]
    assert "+59.0% in one year, usually +6.0%" in found["evidence"].item()
    found = find_breaks(table.assign(area="海港区", area_code="130302"))
    assert found[["year", "kind"]].to_numpy().tolist() == [[2015, "boundary"]]
    with pytest.raises(PanelError, match="the records have no column unit"):
        find_breaks(table.drop(columns="unit"))


def test_a_source_that_moves_against_another_is_a_change_of_vintage():
    table = records()
    other = table.assign(
        source="旧年鉴", value=table["value"] * np.where(table["year"] < 2018, 1.1, 1)
    )
    found = find_breaks(pd.concat([table, other.iloc[2:]]))
    assert found[["year", "kind"]].to_numpy().tolist() == [[2018, "vintage"]]
    assert "moves by +10.0% in one year against 旧年鉴" in found["evidence"].item()


def test_breaks_are_found_across_units():
    table = records()
    early = table["year"] < 2018
    mixed = table.assign(
        unit=np.where(early, "万元", "亿元"), value=table["value"] * np.where(early, 1e4, 1)
    )
    assert find_breaks(mixed).empty
    with pytest.raises(UnitError, match="unit '斗'"):
        find_breaks(mixed.assign(unit=np.where(early, "斗", "亿元")))


def test_what_is_found_can_be_given_to_project():
    table = records()
    table["value"] *= np.where(table["year"] >= 2016, 2.0, 1.0)
    with pytest.warns(UserWarning, match="甲县 starts after the break of 2016"):
        project(table, breaks=find_breaks(table))


# Models of statsmodels


def test_models_say_what_their_intervals_really_cover():
    with pytest.warns(UserWarning, match='"ets".*its 95% intervals|"ets".*95% intervals 46%'):
        project(one([1.0, 2, 4, 3, 5, 6, 8, 7, 9, 10, 12]), method="ets")


def test_a_fitted_result_can_be_opened():
    table = one([100 * 1.05**i * (1 + 0.01 * (-1) ** i) for i in range(12)])
    assert "year" in str(fit_trend(table).summary())
    assert fit_trend(table).cov_type == "HAC"
    for method in MODELS:
        assert fit_trend(table, method) is not None
    with pytest.raises(PanelError, match="one area at a time"):
        fit_trend(long({"甲": [1.0] * 6, "乙": [1.0] * 6}))
    with pytest.raises(PanelError, match="method 'auto' is unknown"):
        fit_trend(table, "auto")


def newey_west(y: np.ndarray, x: np.ndarray, lags: int) -> tuple[float, float]:
    """Slope and its HAC error with small-sample correction, from the textbook formula."""
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ design)
    b = inverse @ design.T @ y
    scores = design * (y - design @ b)[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    cov = inverse @ middle @ inverse * len(y) / (len(y) - 2)
    return b[1], float(np.sqrt(cov[1, 1]))


def test_trend_growth_is_the_log_linear_slope_with_newey_west_errors():
    y = np.array(SERIES["g05_m3_n17"]["y"])
    slope, error = newey_west(np.log(y), np.arange(17.0), 2)
    row = trend_growth(one(y.tolist())).iloc[0]
    assert np.isclose(row["growth"], np.exp(slope) - 1, rtol=1e-9)
    # t quantile of 0.975 with 15 degrees of freedom, from a printed table
    assert np.isclose(row["upper"], np.exp(slope + 2.13145 * error) - 1, rtol=1e-5)
    assert (row["first_year"], row["last_year"], row["n"]) == (2007, 2023, 17)


def test_trend_growth_says_when_a_break_mixes_in():
    with pytest.warns(UserWarning, match="crosses the break of 2020"):
        growth = trend_growth(one(STEP), breaks=breaks(2020))
    assert growth["note"].str.endswith("change of level and should not be quoted").all()


def test_trend_growth_leaves_missing_years_out():
    table = one([100 * 1.05**i for i in range(10)])
    with pytest.warns(UserWarning, match="甲县 2018. They are left out"):
        growth = trend_growth(table[table["year"] != 2018])
    assert np.isclose(growth["growth"].item(), 0.05)
    assert growth["n"].item() == 9


# Words


def test_a_projection_reads_in_two_languages():
    result = project(long({"甲县": [100 * 1.05**i for i in range(12)], "乙县": [3.0] * 11 + [4.0]}))
    zh = describe_projection(result, unit="亿元").splitlines()
    assert zh[0].startswith("甲县：按以往走势，2028年约为")
    assert "95%落在" in zh[0]
    assert zh[-1].startswith("各地区的区间各自成立")
    en = describe_projection(result, lang="en").splitlines()
    assert en[1].startswith("乙县: if the past goes on, about ")
    assert len(en) == 3
    with pytest.raises(PanelError, match='must be "zh" or "en"'):
        describe_projection(result, lang="fr")


def test_a_told_projection_rounds_halves_up_and_marks_thousands_in_english_only():
    row = {"area": "甲县", "year": 2028, "level": 95, "note": ""}
    amounts = pd.DataFrame([row | {"estimate": 12345.5, "lower": 9000.4, "upper": 20001.0}])
    assert "约为12346亿元" in describe_projection(amounts, unit="亿元")
    assert "about 12,346 in 2028" in describe_projection(amounts, lang="en")
    # 14.85 and 28.85 percent lie below their halves in binary
    shares = pd.DataFrame([row | {"estimate": 0.1485, "lower": 0.0, "upper": 0.2885}])
    told = describe_projection(shares, unit="%", lang="en")
    assert "about 14.9% in 2028" in told
    assert "between 0.0 and 28.9%" in told


def test_notes_are_told_in_the_reader_s_language():
    result = silent(one(STEP), breaks=breaks(2016, 2021))
    zh = describe_projection(result)
    assert "自断点之后起算：2016；跨越断点：2021" in zh
    assert not any(letter.isascii() and letter.isalpha() for letter in zh)
    assert "starts after the break of 2016" in describe_projection(result, lang="en")


def test_a_panel_says_that_its_intervals_are_per_area():
    result = project(long({"甲县": [1.0, 2, 3, 4, 5, 6], "乙县": [1.0, 2, 3, 4, 5, 7]}))
    assert "per area" in result.attrs["note"]


@pytest.mark.parametrize("level", ["wide", None, [], 49, (80, "x"), (80, 80), [[80, 95]]])
def test_a_level_that_is_no_percentage_is_refused_by_projection_and_trend(level):
    table = one([1.0, 2, 3, 4, 5, 6])
    with pytest.raises(PanelError, match="give levels in percent between 50 and 99"):
        project(table, level=level)
    with pytest.raises(PanelError, match="give levels in percent between 50 and 99"):
        trend_growth(table, level=level)


def test_a_trend_has_one_level():
    with pytest.raises(PanelError, match=r"level=\[\(80, 95\)\]"):
        trend_growth(one([1.0, 2, 3, 4, 5, 6]), level=(80, 95))


def test_a_model_that_cannot_be_fitted_or_is_unknown_is_named():
    with pytest.raises(PanelError, match=r"method 'prophet' is unknown\. There are: ols, theta"):
        fit_trend(one([1.0, 2, 3, 4, 5, 6]), "prophet")


def test_a_model_without_a_finite_interval_names_the_area():
    with pytest.raises(PanelError, match='"ets" gives no finite interval for 甲县'):
        project(one([1e308, 1e308, 1e308, 1e308, 1.5e308]), method="ets")
