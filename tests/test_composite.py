"""Composite index: entropy weights, scores, ranks and how much they hang on the weights."""

import math

import numpy as np
import pandas as pd
import pytest

from qhdanalysis import PanelError, composite_index

TABLE = pd.DataFrame(
    {
        "area": list("甲乙丙丁"),
        "year": 2022,
        "income": [10.0, 20.0, 30.0, 40.0],
        "energy": [4.0, 4.0, 4.0, 2.0],
    }
)
BOTH = {"income": 1, "energy": -1}


def test_entropy_weights_match_a_hand_computation():
    # min-max: income 0, 1/3, 2/3, 1 with shares 0, 1/6, 1/3, 1/2; energy 0, 0, 0, 1
    entropy = -sum(p * math.log(p) for p in (1 / 6, 1 / 3, 1 / 2)) / math.log(4)
    spread = 1 - entropy, 1.0
    result = composite_index(TABLE, indicators=BOTH).set_index("area")
    weight = spread[0] / sum(spread)
    assert result["weight_income"].unique() == pytest.approx([weight])
    assert result["weight_energy"].unique() == pytest.approx([1 - weight])
    assert result["score"].reindex(list("甲乙丙丁")).tolist() == pytest.approx(
        [0, weight / 3, 2 * weight / 3, 1]
    )
    assert result["rank"].reindex(list("甲乙丙丁")).tolist() == [4, 3, 2, 1]


def test_given_weights_are_divided_by_their_sum_and_directions_turn_the_scale():
    weights = {"income": 3, "energy": 1}
    result = composite_index(TABLE, indicators=BOTH, weights=weights).set_index("area")
    assert result.loc["丁", "score"] == 1
    assert result.loc["丙", "score"] == pytest.approx(0.5)
    less = composite_index(TABLE, indicators={"income": -1}, weights="equal").set_index("area")
    assert less["rank"].reindex(list("甲乙丙丁")).tolist() == [1, 2, 3, 4]


def test_the_range_of_ranks_shows_what_hangs_on_the_weights():
    table = TABLE.assign(energy=[1.0, 2.0, 3.0, 4.0])  # the richest use most
    result = composite_index(table, indicators=BOTH, weights="equal").set_index("area")
    # with income alone 丁 is first, with energy alone last
    assert result.loc["丁", ["rank_best", "rank_worst"]].tolist() == [1, 4]
    agreed = composite_index(TABLE.assign(energy=[4.0, 3, 2, 1]), indicators=BOTH)
    assert (agreed["rank_best"] == agreed["rank_worst"]).all()


def test_z_scores_have_mean_zero():
    result = composite_index(TABLE, indicators=BOTH, weights="equal", standardise="zscore")
    income = (TABLE["income"] - 25) / TABLE["income"].std(ddof=0)
    energy = -(TABLE["energy"] - 3.5) / TABLE["energy"].std(ddof=0)
    expected = dict(zip(TABLE["area"], (income + energy) / 2, strict=True))
    assert result.set_index("area")["score"].to_dict() == pytest.approx(expected)


def test_ranks_are_within_a_year_and_scores_comparable_between_years():
    later = TABLE.assign(year=2023, income=TABLE["income"] + 40)
    result = composite_index(pd.concat([TABLE, later]), indicators={"income": 1})
    ranks = result.groupby("year")["rank"].apply(sorted)
    assert ranks.tolist() == [[1, 2, 3, 4]] * 2
    assert result.groupby("year")["score"].max().tolist() == pytest.approx([3 / 7, 1])


def test_a_row_without_an_indicator_has_no_score_and_is_named():
    table = TABLE.assign(income=TABLE["income"].where(TABLE["area"] != "乙"))
    with pytest.warns(UserWarning, match=r"score .* for 乙 2022 \(an indicator missing\)"):
        result = composite_index(table, indicators=BOTH).set_index("area")
    assert np.isnan(result.loc["乙", "score"])
    assert result.loc["乙", ["n", "n_missing"]].tolist() == [1, 1]
    assert result.loc[["甲", "丙", "丁"], "rank"].tolist() == [3, 2, 1]


def test_neither_the_order_of_rows_nor_the_unit_changes_the_index():
    other = TABLE.assign(income=TABLE["income"] * 1e4).sample(frac=1, random_state=1)
    expected = composite_index(TABLE, indicators=BOTH)
    pd.testing.assert_frame_equal(composite_index(other, indicators=BOTH), expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"indicators": {"income": 2}}, "give each column a direction, 1 or -1"),
        ({"indicators": ["income"]}, "give each column a direction"),
        ({"indicators": {"jobs": 1}}, "no column 'jobs'"),
        ({"indicators": {"year": 1}}, "year is the same in all complete rows"),
        ({"indicators": BOTH, "weights": {"income": 1}}, "one weight of 0 or more"),
        ({"indicators": BOTH, "weights": "熵"}, "weights='熵' is not known: pass one of entropy"),
        ({"indicators": BOTH, "standardise": "rank"}, "standardise='rank'"),
    ],
)
def test_bad_options_are_refused(options, words):
    with pytest.raises(PanelError, match=words):
        composite_index(TABLE, **options)


def test_an_area_may_not_stand_twice_in_a_year():
    with pytest.raises(PanelError, match="甲 2022"):
        composite_index(pd.concat([TABLE, TABLE[:1]]), indicators=BOTH)
