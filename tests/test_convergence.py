"""Beta and sigma convergence."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from qhdanalysis import PanelError, beta_convergence, sigma_convergence, sigma_test

RNG = np.random.default_rng(20240506)
LOG_Y0 = RNG.normal(10, 0.4, 40)
COAST = RNG.integers(0, 2, 40).astype(float)
LOG_Y1 = LOG_Y0 + 10 * (0.3 - 0.02 * LOG_Y0 + 0.005 * COAST) + RNG.normal(0, 0.02, 40)


def panel(**columns):
    areas = [f"县{i:02d}" for i in range(40)]
    table = pd.DataFrame({"area": areas * 2, "year": [2010] * 40 + [2020] * 40})
    return table.assign(value=np.exp([*LOG_Y0, *LOG_Y1]), coast=[*COAST] * 2, **columns)


def test_the_slope_and_its_classical_error_are_those_of_scipy():
    expected = stats.linregress(LOG_Y0, (LOG_Y1 - LOG_Y0) / 10)
    fit = beta_convergence(panel(), cov_type="nonrobust").set_index("term")
    row = fit.loc["log_initial"]
    assert row["estimate"] == pytest.approx(expected.slope)
    assert row["std_error"] == pytest.approx(expected.stderr)
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert row["r_squared"] == pytest.approx(expected.rvalue**2)
    assert fit.loc["intercept", "estimate"] == pytest.approx(expected.intercept)
    assert (fit["n"].unique(), fit["n_missing"].unique()) == ([40], [0])


def test_the_default_error_is_hc1():
    growth, x = (LOG_Y1 - LOG_Y0) / 10, np.column_stack([np.ones(40), LOG_Y0])
    bread = np.linalg.inv(x.T @ x)
    residual = growth - x @ (bread @ x.T @ growth)
    meat = x.T @ (x * residual[:, None] ** 2)
    hc1 = math.sqrt((bread @ meat @ bread)[1, 1] * 40 / 38)
    assert beta_convergence(panel())["std_error"][1] == pytest.approx(hc1)


def test_speed_uses_the_span_and_half_life_the_speed():
    fit = beta_convergence(panel()).iloc[1]
    speed = -math.log(1 + 10 * fit["estimate"]) / 10
    assert fit["speed"] == pytest.approx(speed)
    assert fit["half_life"] == pytest.approx(math.log(2) / speed)


def test_a_control_takes_what_is_its_own():
    fit = beta_convergence(panel(), controls=["coast"]).set_index("term")["estimate"]
    x = np.column_stack([np.ones(40), LOG_Y0, COAST])
    expected = np.linalg.lstsq(x, (LOG_Y1 - LOG_Y0) / 10, rcond=None)[0]
    assert fit.tolist() == pytest.approx(expected.tolist())


def test_divergence_has_no_half_life():
    table = panel()
    apart = table.assign(
        value=table["value"].where(table["year"] == 2010, np.exp([*LOG_Y0] * 2) ** 2)
    )
    with pytest.warns(UserWarning, match=r"half-life .* 2010 to 2020 \(no convergence\)"):
        fit = beta_convergence(apart)
    assert fit["half_life"].isna().all()
    assert (fit["speed"] < 0).all()


def test_areas_without_both_values_are_left_out_named_and_counted():
    table = panel()
    table.loc[3, "value"] = np.nan
    table.loc[44, "value"] = 0.0
    with pytest.warns(UserWarning, match=r"县03 .*left out\), 县04"):
        fit = beta_convergence(table)
    assert fit[["n", "n_missing"]].iloc[0].tolist() == [38, 2]


def test_sigma_is_the_spread_of_logs_of_the_same_areas():
    result = sigma_convergence(panel())
    assert result["sigma"].tolist() == pytest.approx([LOG_Y0.std(), LOG_Y1.std()])
    assert result["cv"][0] == pytest.approx(np.exp(LOG_Y0).std() / np.exp(LOG_Y0).mean())
    assert sigma_convergence(panel(), ddof=1)["sigma"][0] == pytest.approx(LOG_Y0.std(ddof=1))
    with pytest.warns(UserWarning, match="县00"):
        fewer = sigma_convergence(panel().drop(index=40))
    assert fewer["sigma"].tolist() == pytest.approx([LOG_Y0[1:].std(), LOG_Y1[1:].std()])
    assert fewer[["n", "n_missing"]].values.tolist() == [[39, 1]] * 2


def test_the_paired_test_is_that_of_the_sums_and_differences():
    row = sigma_test(panel()).iloc[0]
    r, p = stats.pearsonr(LOG_Y0 + LOG_Y1, LOG_Y0 - LOG_Y1)
    assert row["pitman_p"] == pytest.approx(p)
    assert row["pitman_t"] == pytest.approx(r * math.sqrt(38 / (1 - r**2)))
    assert row["ratio"] == pytest.approx(LOG_Y0.std() / LOG_Y1.std())
    v0, v1 = LOG_Y0.var(), LOG_Y1.var()
    c = np.mean((LOG_Y0 - LOG_Y0.mean()) * (LOG_Y1 - LOG_Y1.mean()))
    t2 = 37.5 * math.log(1 + (v0 - v1) ** 2 / (4 * (v0 * v1 - c**2)))
    assert row["carree_klomp"] == pytest.approx(t2)
    assert row["carree_klomp_p"] == pytest.approx(stats.chi2.sf(t2, 1))
    f = 2 * stats.f.sf(v0 / v1, 39, 39)
    assert row["unpaired_p"] == pytest.approx(f)


def test_the_order_of_rows_and_the_unit_of_money_change_nothing():
    table = panel()
    other = table.assign(value=table["value"] * 1e4).sample(frac=1, random_state=1)
    for function in (sigma_convergence, sigma_test):
        pd.testing.assert_frame_equal(function(other), function(table), rtol=1e-6)
    slope = beta_convergence(other)["estimate"][1]
    assert slope == pytest.approx(beta_convergence(table)["estimate"][1])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: beta_convergence(panel().iloc[[0, 40]]), "1 areas have all values .* for 2 terms"),
        (lambda: beta_convergence(panel(), end=2025), "no rows for 2025: the table has 2010, 2020"),
        (lambda: beta_convergence(panel(name="东"), controls=["name"]), r"'name' is no number"),
        (lambda: sigma_test(panel().iloc[[0, 1, 40, 41]]), "2 areas .* at least 3"),
        (lambda: sigma_convergence(panel().assign(value=0.0)), "no area has a positive value"),
        (lambda: sigma_convergence(pd.concat([panel(), panel()[:1]])), "县00 2010"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(PanelError, match=words):
        call()
