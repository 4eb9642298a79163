"""Indices of inequality, weighted, by year and by group."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import (
    PanelError,
    atkinson,
    cv,
    generalised_entropy,
    gini,
    hoover,
    inequality,
    theil,
    urban_rural_ratio,
)

# six income classes with their people; the values that ineq, laeken and PySAL agree on
CLASSES = [500, 1500, 2500, 4000, 7500, 15000]
PEOPLE = [1000, 1200, 1600, 400, 200, 600]

INDICES = [
    gini,
    theil,
    lambda x, weights=None: theil(x, weights, kind="L"),
    lambda x, weights=None: generalised_entropy(x, 2, weights),
    lambda x, weights=None: generalised_entropy(x, 0.5, weights),
    atkinson,
    lambda x, weights=None: atkinson(x, weights, epsilon=1),
    lambda x, weights=None: atkinson(x, weights, epsilon=2),
    cv,
    hoover,
]
amounts = st.lists(st.floats(0.1, 1e4), min_size=1, max_size=8)


def quiet(function, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **options)


def test_weighted_indices_match_other_packages():
    assert gini(CLASSES, PEOPLE) == pytest.approx(0.5278260869565, rel=1e-12)
    assert theil(CLASSES, PEOPLE) == pytest.approx(0.5265059353374)
    assert theil(CLASSES, PEOPLE, kind="L") == pytest.approx(0.5345518343036)
    assert atkinson(CLASSES, PEOPLE) == pytest.approx(0.237030962566)
    assert cv(CLASSES, PEOPLE) == pytest.approx(1.202352766002)
    assert hoover(CLASSES, PEOPLE) == pytest.approx(0.4176086956522)


def test_plain_indices_match_printed_values():
    # REAT manual (Störmann 2009), PySAL's documentation
    incomes = [10, 10, 10, 20, 50]
    assert theil(incomes) == pytest.approx(0.2502012117691)
    assert theil(incomes, kind="L") == pytest.approx(0.2326301619611)
    assert generalised_entropy(incomes, 2) == pytest.approx(cv(incomes) ** 2 / 2)
    assert generalised_entropy(incomes, 0.5) == pytest.approx(0.2380326610849)
    assert gini([20, 50, 20, 10]) == pytest.approx(0.3)
    assert gini([20, 50, 20, 10], bias_corrected=True) == pytest.approx(0.4)
    tens = [10, 20, 30, 40, 50]
    found = [atkinson(tens, epsilon=e) for e in (0.5, 1, 2)]
    assert found == pytest.approx([0.06315339222709, 0.1316096384342, 0.2700729927007])
    assert atkinson([100, 0, 0, 0], epsilon=0.8) == pytest.approx(0.99609375)
    assert cv([1, 3], ddof=1) == pytest.approx(np.sqrt(2) / 2)


def test_gini_at_the_edges():
    assert gini([3, 3, 3, 3]) == 0
    assert gini([7]) == 0
    assert gini([0.1] * 7, weights=[0.3] * 7) == 0
    assert gini([1, 1, 10], weights=[3, 0, 1]) == pytest.approx(27 / 52)
    with pytest.warns(UserWarning, match=r"gini is undefined \(NaN\) for this vector \(zeros\)"):
        assert np.isnan(gini([0, 0]))
    with pytest.warns(UserWarning, match="no value"):
        assert np.isnan(gini([]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.1, 1e4), st.integers(1, 9)), min_size=1, max_size=7))
def test_a_weighted_index_is_that_of_the_expanded_population(pairs):
    x, people = (np.array(column) for column in zip(*pairs, strict=True))
    for index in INDICES:
        assert index(x, weights=people) == pytest.approx(index(np.repeat(x, people)), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(amounts, st.sampled_from([1e-4, 1e4]), st.randoms(use_true_random=False))
def test_order_and_unit_change_no_index_and_equal_is_zero(x, unit, random):
    mixed = random.sample(x, len(x))
    for index in INDICES:
        assert index(mixed) == pytest.approx(index(x), rel=1e-9, abs=1e-9)
        assert index(np.multiply(x, unit)) == pytest.approx(index(x), rel=1e-9, abs=1e-9)
        assert index([x[0]] * 3) == pytest.approx(0, abs=1e-7)
        assert index(x) >= 0
    assert gini(x) <= 1 - 1 / len(x) + 1e-12


def test_missing_pairs_are_left_out_together_and_counted():
    with pytest.warns(UserWarning, match="gini leaves out 2 of 5 values that are missing"):
        found = gini([1, 1, 10, np.nan, 4], weights=[3, 0, 1, 2, np.nan])
    assert found == gini([1, 1, 10], weights=[3, 0, 1])


def test_weights_are_matched_by_label():
    x = pd.Series([1.0, 10.0], index=["甲", "乙"])
    people = pd.Series([1, 3], index=["乙", "甲"])
    assert gini(x, people) == gini([1, 10], [3, 1])


def test_zeros_have_no_mean_log_deviation():
    with pytest.warns(UserWarning, match=r"theil L .* \(zeros\)"):
        assert np.isnan(theil([0, 1], kind="L"))
    assert theil([0, 1]) == pytest.approx(np.log(2))
    assert atkinson([0, 1], epsilon=1) == 1


PANEL = pd.DataFrame(
    {
        "area": list("甲乙丙丁") * 2,
        "year": [2010] * 4 + [2020] * 4,
        "value": [1.0, 2, 3, 6, 2, 2, 5, 7],
        "people": [4.0, 3, 2, 1] * 2,
        "coast": ["内", "沿", "沿", "内"] * 2,
    }
)


def test_a_table_gives_what_the_vectors_give_in_each_year():
    result = inequality(PANEL, weights="people").set_index("year")
    first = PANEL[PANEL["year"] == 2010]
    x, people = first["value"], first["people"]
    assert result.loc[2010, "gini"] == pytest.approx(gini(x, people))
    assert result.loc[2010, "theil_t"] == pytest.approx(theil(x, people))
    assert result.loc[2010, "theil_l"] == pytest.approx(theil(x, people, kind="L"))
    assert result.loc[2010, "atkinson"] == pytest.approx(atkinson(x, people))
    assert result.loc[2010, "cv"] == pytest.approx(cv(x, people))
    assert result.loc[2010, "hoover"] == pytest.approx(hoover(x, people))
    assert result.loc[2010, "mean"] == pytest.approx(np.average(x, weights=people))


def test_between_and_within_match_pysal():
    # 甲丁 and 乙丙, unweighted, 2010: means 3.5 and 2.5 of 3; T of the means, and the mean of T's
    result = inequality(PANEL, group="coast").set_index("year").loc[2010]
    between = (3.5 / 3 * np.log(3.5 / 3) + 2.5 / 3 * np.log(2.5 / 3)) / 2
    inner = [theil([1, 6]), theil([2, 3])]
    assert result["theil_t_between"] == pytest.approx(between)
    assert result["theil_t_within"] == pytest.approx((7 * inner[0] + 5 * inner[1]) / 12)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.1, 1e4), st.floats(0.1, 100), st.sampled_from("东西中")),
        min_size=1,
        max_size=10,
    )
)
def test_between_and_within_add_up(rows):
    table = pd.DataFrame(rows, columns=["value", "people", "part"]).assign(year=2020)
    table["area"] = [f"县{i}" for i in range(len(table))]
    row = inequality(table, weights="people", group="part").iloc[0]
    for name in ("theil_t", "theil_l"):
        added = row[f"{name}_between"] + row[f"{name}_within"]
        assert added == pytest.approx(row[name], abs=1e-9)


def test_missing_rows_are_counted_and_the_order_of_rows_does_not_matter():
    gap = PANEL.assign(value=PANEL["value"].where(PANEL.index != 2))
    before = gap.copy(deep=True)
    result = inequality(gap, group="coast")
    assert result[["n", "n_missing"]].values.tolist() == [[3, 1], [4, 0]]
    shuffled = gap.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(inequality(shuffled, group="coast"), result, rtol=1e-12)
    pd.testing.assert_frame_equal(gap, before)


def test_a_year_of_zeros_is_nan_and_named():
    table = PANEL.assign(value=PANEL["value"].where(PANEL["year"] != 2020, 0.0))
    with pytest.warns(UserWarning, match=r"index of inequality is undefined .* for 2020"):
        result = inequality(table, group="coast").set_index("year")
    assert np.isnan(result.loc[2020, "gini"])
    assert result.loc[2010].notna().all()


def test_urban_over_rural():
    table = pd.DataFrame({"area": ["甲", "乙"], "urban": [45000.0, 40000], "rural": [20000.0, 0]})
    with pytest.warns(UserWarning, match=r"for 乙 \(rural is 0\)"):
        assert urban_rural_ratio(table).tolist()[0] == 2.25


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gini([-4, 1, 9]), r"'x' is negative \(-4.0\) at row 0: correct it"),
        (lambda: gini([[1, 2], [3, 4]]), "x has 2 dimensions: pass one column, or .*inequality"),
        (lambda: gini(["一", 2]), r"'x' is no number \(一\)"),
        (lambda: gini([1, 2], weights=[1]), "2 values but 1 weights"),
        (lambda: gini([1, 2], weights=[1, -1]), r"'weights' is negative"),
        (
            lambda: gini(pd.Series([1, 2], list("甲乙")), pd.Series([1, 2], list("甲丙"))),
            "differ in the labels 丙, 乙|differ in the labels 乙, 丙",
        ),
        (lambda: theil([1, 2], kind="t"), "kind='t'"),
        (lambda: atkinson([1, 2], epsilon=0), "epsilon=0 is not positive"),
        (lambda: inequality(pd.concat([PANEL, PANEL[:1]])), "甲 2010.*select"),
        (lambda: inequality(PANEL, weights="population"), "no column 'population'"),
        (lambda: inequality(PANEL.assign(coast=""), group="coast"), "'coast' is empty"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(PanelError, match=words):
        call()
