"""Delivery, financing and yields: tables, values, intervals."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qhdanalysis as qa
from qhdanalysis import Interval, PanelError, UnitError, written

# an overrun, a plan of zero, a result not reported; after eight months
PLANS = pd.DataFrame(
    {"area": ["甲县", "乙县", "丙县"], "planned": [80.0, 0.0, 45.0], "done": [105.7, 3.2, np.nan]}
)


def test_an_overrun_is_not_cut_and_undefined_rates_are_named():
    with pytest.warns(UserWarning, match="completion_rate") as caught:
        rate = qa.completion_rate(PLANS)
    words = "completion_rate is undefined (NaN) for 乙县 (planned is 0), 丙县 (no done)"
    assert [str(w.message) for w in caught] == [words]
    assert rate.tolist()[0] == pytest.approx(1.32125)
    assert rate.isna().tolist() == [False, True, True]
    assert rate.index.equals(PLANS.index)


def test_the_gap_to_the_calendar_and_to_the_money_keep_their_signs():
    with pytest.warns(UserWarning, match="乙县"):
        gap = qa.schedule_gap(PLANS, elapsed=8 / 12)
    assert gap.tolist()[0] == pytest.approx(0.65458, abs=1e-5)
    with pytest.warns(UserWarning, match=r"for 丙县 \(no secured\)$"):
        money = qa.funding_gap(PLANS)
    assert money.tolist()[:2] == pytest.approx([-25.7, -3.2])


@pytest.mark.parametrize(
    ("done", "planned", "printed", "digits"),
    [  # published completion rates of county governments, in percent as printed
        (77.57, 63.27, 122.6, 1),
        (28.78, 19.0, 151.47, 2),
        (26.4, 22.67, 116.45, 2),
        (21.01, 98.5, 21.3, 1),
        (629.0, 647.4, 97.2, 1),
        (340.43, 380.52, 89.5, 1),
        (50.64, 85.7, 59.1, 1),
    ],
)
def test_published_completion_rates(done, planned, printed, digits):
    assert round(100 * qa.completion_rate(done=done, planned=planned), digits) == printed


def test_the_figures_of_the_reply_of_2023():
    ahead = qa.schedule_gap(done=340.43, planned=380.52, elapsed=8 / 12)
    behind = qa.schedule_gap(done=50.64, planned=85.7, elapsed=8 / 12)
    assert (round(100 * ahead, 1), round(100 * behind, 1)) == (22.8, -7.6)
    assert qa.run_rate(done=50.64, elapsed=8 / 12) == pytest.approx(75.96)
    assert qa.credit_drawdown(granted=49.09, line=125.15) == pytest.approx(0.392, abs=5e-4)
    assert qa.implied_repayment(granted=49.09, outstanding=48.43) == pytest.approx(0.66)
    assert qa.loans_to_investment(granted=49.09, done=340.43) == pytest.approx(0.144, abs=5e-4)
    assert qa.resolution_rate(solved=19, raised=31) == pytest.approx(19 / 31)
    assert qa.conversion_rate(started=38, listed=238) == pytest.approx(0.1597, abs=5e-5)
    assert (
        qa.start_rate(started=152, planned=152) == qa.resumption_rate(resumed=20, planned=20) == 1
    )


def test_bounds_of_the_city_gdp_that_a_share_implies():
    total = qa.implied_total(part=written("630.5"), share=written("33", "%"))
    assert (round(total.low, 1), round(total.high, 1)) == (1881.9, 1940.2)


def test_a_rate_of_written_figures_has_bounds_that_hold_the_published_one():
    rate = qa.completion_rate(done=written("50.64"), planned=written("85.7"))
    assert isinstance(rate, Interval)
    assert rate.low == pytest.approx(50.635 / 85.75)
    assert rate.high == pytest.approx(50.645 / 85.65)
    assert rate.meets(written("59.1", "%"))
    assert not rate.meets(written("59.2", "%"))
    gap = qa.schedule_gap(done=written("50.64"), planned=written("85.7"), elapsed=8 / 12)
    assert gap.low < 50.64 / 85.7 - 8 / 12 < gap.high < 0


def test_intervals_of_whole_columns_come_back_on_their_labels():
    low = pd.Series([9.5, 0.0], index=["甲", "乙"])
    planned = Interval(pd.Series([19.5, 0.0], low.index), pd.Series([20.5, 1.0], low.index))
    with pytest.warns(UserWarning, match=r"for 乙 \(planned may be 0\)"):
        rate = qa.completion_rate(done=Interval(low, low + 1), planned=planned)
    assert rate.low.tolist()[0] == pytest.approx(9.5 / 20.5)
    assert rate.high["甲"] == pytest.approx(10.5 / 19.5)
    assert np.isnan(rate.low["乙"])
    assert np.isnan(rate.high["乙"])


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.floats(0, 1e3), st.floats(0, 10), st.floats(0, 1)),
    st.tuples(st.floats(10, 1e4), st.floats(0, 10), st.floats(0, 1)),
)
def test_an_interval_holds_the_rate_of_every_value_in_it(done, planned):
    (d, wide_d, at_d), (p, wide_p, at_p) = done, planned
    rate = qa.completion_rate(done=Interval(d, d + wide_d), planned=Interval(p, p + wide_p))
    inside = qa.completion_rate(done=d + at_d * wide_d, planned=p + at_p * wide_p)
    assert rate.low * (1 - 1e-12) <= inside <= rate.high * (1 + 1e-12)


def test_numbers_series_arrays_and_columns_give_the_same():
    table = pd.DataFrame(
        {"area": ["甲", "乙"], "done": [3, 5], "planned": [4.0, 4.0]}, index=[7, 3]
    )
    expected = [0.75, 1.25]
    assert qa.completion_rate(table).to_dict() == dict(zip([7, 3], expected, strict=True))
    assert qa.completion_rate(table, planned=4).tolist() == expected
    found = qa.completion_rate(done=table["done"], planned=table["planned"][::-1])
    assert found.to_dict() == {7: 0.75, 3: 1.25}
    assert qa.completion_rate(done=np.array([3, 5]), planned=4).tolist() == expected
    assert qa.completion_rate(done=table["done"], planned=np.array([4, 4])).tolist() == expected
    assert qa.completion_rate(done=3, planned=4) == 0.75
    assert isinstance(qa.completion_rate(done=3, planned=4), float)


def test_the_other_ratios():
    assert qa.permits_per_project(permits=227, projects=238) == pytest.approx(227 / 238)
    assert qa.loans_to_gdp(loans=250, gdp=200) == 1.25
    assert qa.loan_to_deposit_ratio(loans=150, deposits=250) == 0.6
    assert qa.fiscal_self_sufficiency(revenue=12, expenditure=40) == 0.3
    years = {"gdp": 10.8, "previous_gdp": 10.0, "investment": 4.0}
    assert qa.icor(**years) == pytest.approx(5)
    assert qa.investment_efficiency(**years) == pytest.approx(0.2)
    with pytest.warns(UserWarning, match="icor is undefined"):
        assert np.isnan(qa.icor(gdp=10.0, previous_gdp=10.0, investment=4.0))
    # 2 公顷 are 30 亩
    land = qa.convert(2.0, "公顷", "亩")
    assert qa.revenue_per_used_mu(revenue=6000, used_mu=land) == 200
    assert qa.tax_per_used_mu(tax=300, used_mu=land) == 10
    assert qa.value_added_per_used_mu(value_added=900, used_mu=land) == 30


def test_what_cannot_belong_together_is_said():
    with pytest.warns(UserWarning, match="more is outstanding than was granted"):
        assert qa.implied_repayment(granted=40.0, outstanding=48.43) == pytest.approx(-8.43)
    with pytest.warns(UserWarning, match="completion_rate is 1,000-fold .* different units"):
        qa.completion_rate(done=105700.0, planned=80.0)
    with pytest.raises(UnitError, match="share holds 33: pass fractions"):
        qa.implied_total(part=630.5, share=33)


def test_a_table_is_not_changed_and_a_sound_one_gives_no_warning():
    table = PLANS.iloc[:1]
    before = table.copy(deep=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        qa.completion_rate(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: qa.completion_rate(), PanelError, "no table, so done='done' names no column"),
        (
            lambda: qa.completion_rate(PLANS, done="spent"),
            PanelError,
            "no column 'spent', only area",
        ),
        (lambda: qa.completion_rate(done=-1, planned=2), PanelError, "done=-1 is negative"),
        (
            lambda: qa.completion_rate(PLANS.assign(done=-1.0)),
            PanelError,
            r"negative \(-1.0\) at 甲县",
        ),
        (
            lambda: qa.completion_rate(PLANS.assign(done="十")),
            PanelError,
            r"no number \(十\) at 甲县",
        ),
        (lambda: qa.completion_rate(done=None, planned=2), PanelError, "done=None is not a number"),
        (lambda: qa.completion_rate(done=[[1, 2]], planned=2), PanelError, "done has 2 dimensions"),
        (
            lambda: qa.completion_rate(
                done=pd.Series([1, 2], index=list("甲乙")), planned=pd.Series([1], index=["甲"])
            ),
            PanelError,
            "differ in the labels 乙: reindex",
        ),
        (
            lambda: qa.completion_rate(
                done=pd.Series([1, 2], index=["甲", "甲"]), planned=pd.Series([1], index=["甲"])
            ),
            PanelError,
            "labels that stand twice",
        ),
        (
            lambda: qa.completion_rate(done=pd.Series([1, 2]), planned=np.array([1, 2, 3])),
            PanelError,
            "2 values of done, 3 values of planned: give one for each row",
        ),
        (lambda: qa.schedule_gap(PLANS, elapsed=8), PanelError, "elapsed is above 1: .* 8 / 12"),
        (
            lambda: qa.loans_to_gdp(
                pd.DataFrame({"loan_wan": [1.0], "gdp_yi": 1.0}), loans="loan_wan", gdp="gdp_yi"
            ),
            UnitError,
            "loan_wan, gdp_yi are in different units",
        ),
        (
            lambda: qa.tax_per_used_mu(
                pd.DataFrame({"tax": [1.0], "land_ha": 1.0}), used_mu="land_ha"
            ),
            UnitError,
            "land_ha is not in mu",
        ),
    ],
)
def test_bad_input_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
