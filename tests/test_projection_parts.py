"""Shares and parts that add up, and what projections were worth in the past."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import PanelError, backtest, project, project_parts, project_shares, reconcile

REFERENCE = json.loads(
    (Path(__file__).parent / "projection_reference.json").read_text(encoding="utf-8")
)


def long(rows: list[list[float]], last: int = 2023) -> pd.DataFrame:
    """One area a row, named 甲, 乙, 丙, ..."""
    years = range(last - len(rows[0]) + 1, last + 1)
    return pd.concat(
        pd.DataFrame({"area": name, "year": years, "value": row})
        for name, row in zip("甲乙丙丁戊", rows, strict=False)
    )


def grid(result: pd.DataFrame, column: str = "estimate", level: int = 95) -> np.ndarray:
    """Areas down, years across."""
    rows = result[result["level"] == level]
    return rows.pivot(index="area", columns="year", values=column).loc[rows["area"].unique()].values


# A public trouble: parts and total disagree, or agreement drives a dying part below zero.
DYING = [
    [300.0, 318, 335, 349, 371, 390, 402, 421],
    [120.0, 126, 131, 140, 149, 151, 158, 166],
    [2.0, 1.6, 1.3, 1.0, 0.8, 0.6, 0.5, 0.4],
]


@pytest.mark.parametrize(("drift", "key"), [(0, "0"), (0.2, "0p2"), (1, "1")])
def test_shares_agree_with_the_reference(drift, key):
    shares = REFERENCE["shares"]
    result = project_shares(long(shares["y"]), horizon=3, drift=drift)
    assert np.allclose(grid(result), shares[f"drift_fraction_{key}"], rtol=1e-8)


def test_a_dying_part_stays_positive_and_parts_stay_at_the_total():
    table = long(DYING)
    parts = project_parts(table, horizon=6)
    total = project(long([[sum(column) for column in zip(*DYING, strict=True)]]), horizon=6)
    assert np.allclose(grid(parts).sum(axis=0), grid(total)[0], rtol=1e-9)
    assert (parts[["estimate", "lower"]] > 0).all(axis=None)
    shares = project_shares(table, horizon=6)
    assert np.allclose(grid(shares).sum(axis=0), 1, rtol=1e-9)
    assert (shares["lower"] > 0).all()
    assert (shares["upper"] < 1).all()
    other = project_parts(table[::-1], horizon=6).set_index(["area", "year", "level"])
    assert other.loc[list(parts.set_index(other.index.names).index), "upper"].tolist() == (
        parts["upper"].tolist()
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.floats(0.01, 1e4), min_size=6, max_size=6), min_size=2, max_size=5),
    st.sampled_from([1e-6, 1e4, 3.0]),
)
def test_parts_add_up_in_any_unit(rows, unit):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        plain = project_parts(long(rows))
        scaled = project_parts(long([[unit * x for x in row] for row in rows]))
        shares = project_shares(long(rows))
    assert np.allclose(scaled["estimate"], unit * plain["estimate"], rtol=1e-6)
    assert np.allclose(grid(shares).sum(axis=0), 1, rtol=1e-9)
    assert (shares["lower"] <= shares["estimate"]).all()
    assert (shares["estimate"] <= shares["upper"]).all()
    assert shares[["lower", "upper"]].stack().between(0, 1).all()


def test_constant_shares_stay():
    growing = [[share * 1.07**i for i in range(9)] for share in (5.0, 3.0, 2.0)]
    result = project_shares(long(growing))
    assert np.allclose(grid(result), np.array([[0.5], [0.3], [0.2]]))


def test_shares_refuse_what_cannot_be_a_share():
    with pytest.raises(PanelError, match="甲 is the only area"):
        project_shares(long(DYING[:1]))
    with pytest.raises(PanelError, match=r"乙: shares are projected in logarithms.*Join such"):
        project_shares(long([DYING[0], [0.0, *DYING[1][1:]]]))
    table = long(DYING)
    apart = table[~((table["area"] == "甲") & (table["year"] > 2019))]
    apart = apart[~((apart["area"] == "乙") & (apart["year"] < 2020))]
    with pytest.raises(PanelError, match="only 0 years have all areas"):
        project_shares(apart)
    falling = long([[90.0, 70, 50, 30, 10, 1]] * 2)
    with (
        pytest.raises(PanelError, match="lets the total fall below zero"),
        pytest.warns(UserWarning, match="calibrated"),
    ):
        project_parts(falling, method="drift")


def test_years_without_all_areas_are_left_out_aloud():
    table = long(DYING)
    partial = table[~((table["area"] == "丙") & (table["year"] == 2016))]
    with pytest.warns(UserWarning, match="years 2016 are left out: not all areas"):
        result = project_shares(partial)
    assert np.allclose(grid(result), grid(project_shares(table[table["year"] > 2016])))


def test_a_common_gap_is_said_in_the_notes():
    table = long(DYING)
    with pytest.warns(UserWarning, match="missing years: 甲 2019, 乙 2019, 丙 2019"):
        result = project_parts(table[table["year"] != 2019])
    assert result["note"].eq("missing years bridged").all()


@pytest.mark.parametrize("weights", ["ols", "wls_struct", "wls_var", "mint_shrink"])
def test_reconciliation_agrees_with_the_reference(weights):
    case = REFERENCE["reconciliation"]
    summing = np.array(case["S"])
    residuals = np.array(case["y_insample"]) - np.array(case["fitted"])
    weight = {
        "ols": None,
        "wls_struct": np.diag(summing.sum(axis=1)),
        "wls_var": np.diag((residuals**2).mean(axis=1)),
        "mint_shrink": np.array(case["W_mint_shrink"]),
    }[weights]
    agreed = reconcile(np.array(case["base"]), summing, weight)
    assert np.allclose(agreed, case["expected"][weights], rtol=1e-6)
    assert np.allclose(agreed, summing @ agreed[1:])
    with pytest.raises(PanelError, match="4 projections, 3 rows of sums"):
        reconcile(np.array(case["base"]), summing[1:])


# Backtest


def test_scores_of_the_last_value_agree_with_a_hand_sum():
    # 1, 2, ..., 12: at each origin the last value misses by 1 after one year and by 2 after two;
    # the mean yearly change is 1.
    table = long([[float(i) for i in range(1, 13)]])
    scores = backtest(table, methods=["drift"], horizon=2, origins=3).set_index("method")
    last = scores.loc["last_value"]
    assert (last["areas"], last["origins"], last["n"]) == (1, 3, 5)
    assert np.isclose(last["mase"], (3 * 1 + 2 * 2) / 5)
    misses = [
        2 / 19,
        2 / 21,
        2 / 23,
        4 / 20,
        4 / 22,
    ]  # from 9: 10, 11; from 10: 11, 12; from 11: 12
    assert np.isclose(last["smape"], 100 * np.mean(misses))
    assert last["skill"] == 0
    assert np.isclose(scores.loc["drift", "skill"], 1, atol=1e-6)


def test_backtest_uses_nothing_of_the_future():
    y = [100.0, 104, 109, 113, 120, 124, 130, 137, 141, 150, 155]
    before = backtest(long([y]), methods=["auto"], horizon=1, by="origin")
    changed = backtest(long([[*y[:-1], 999.0]]), methods=["auto"], horizon=1, by="origin")
    early = before["origin"] < before["origin"].max()
    assert before[early].equals(changed[early])


def test_backtest_counts_by_horizon_and_by_origin():
    table = long([[float(i + j) for i in range(14)] for j in (1, 5, 20)])
    by_h = backtest(table, methods=["auto"], horizon=3, by="horizon")
    assert by_h.query("method == 'auto'")["h"].tolist() == [1, 2, 3]
    joint = backtest(table, methods=["auto"], horizon=3, by="origin", origins=2)
    assert joint.query("method == 'auto'")[["origin", "h", "areas"]].to_numpy().tolist() == [
        [2021, 1, 3],
        [2021, 2, 3],
        [2022, 1, 3],
    ]


def test_a_common_shock_shows_in_the_joint_view():
    table = long([[*np.linspace(10, 20, 12) * k, 60 * k] for k in (1, 2, 3)])
    joint = backtest(table, methods=["auto"], horizon=1, by="origin", origins=3)
    shown = joint.query("method == 'auto'").set_index("origin")["coverage95"]
    assert shown.tolist() == [1, 1, 0]


def test_skill_has_an_interval_from_eight_areas_or_four_origins():
    rng = np.random.default_rng(1)
    rows = np.cumsum(rng.normal(2, 1, (5, 16)), axis=1) + 50
    scores = backtest(long(rows.tolist()), methods=["auto"], horizon=2).set_index("method")
    auto = scores.loc["auto"]
    assert auto["skill_low"] < auto["skill"] < auto["skill_high"]
    few = backtest(long(rows.tolist()), methods=["auto"], horizon=2, origins=3)
    assert few["skill_low"].isna().all()


def test_backtest_refuses_and_names_what_is_too_short():
    table = long([[1.0, 2, 3, 4, 5, 6], [2.0, 3, 4, 5, 6, 8]])
    with pytest.raises(PanelError, match="no origin has 8 values before it and one after"):
        backtest(table)
    with pytest.raises(PanelError, match="by='year': give one of method, horizon, origin"):
        backtest(table, by="year")
    longer = pd.concat([table, long([[float(i) for i in range(12)]]).assign(area="丙")])
    with pytest.warns(UserWarning, match="甲, 乙: not tested, fewer than 8 values"):
        backtest(longer, methods=["auto"])
