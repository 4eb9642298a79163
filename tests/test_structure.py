"""Location quotients, specialisation, concentration, shift-share."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis import (
    PanelError,
    UnitError,
    concentration,
    location_quotient,
    shift_share,
    specialisation,
)


def long(wide, year=2022):
    rows = wide.rename_axis("area").reset_index().melt("area", var_name="sector")
    return rows.assign(year=year)


# printed example of R's REAT (Farhauer and Kroell 2013): five countries, five industries
NORDIC = long(
    pd.DataFrame(
        {
            "i1": [45000.0, 35000, 40000, 30000, 40000],
            "i2": [15000.0, 12000, 10000, 11000, 6000],
            "i3": [32000.0, 30000, 25000, 18000, 11000],
            "i4": [10000.0, 8000, 9000, 3000, 2000],
            "i5": [30000.0, 22000, 18000, 13000, 12000],
        },
        index=["Sweden", "Norway", "Denmark", "Finland", "Iceland"],
    )
)
# the same book's region and nation, four industries
REGION = {2020: [90.0, 20, 10, 60], 2021: [100.0, 40, 10, 55]}
NATION = {2020: [400.0, 150, 150, 400], 2021: [440.0, 210, 135, 480]}


def region_and_nation():
    frames = [
        pd.DataFrame({"area": name, "year": year, "sector": list("abcd"), "value": values})
        for name, cells in (("region", REGION), ("nation", NATION))
        for year, values in cells.items()
    ]
    return pd.concat(frames, ignore_index=True)


@st.composite
def tables(draw, years=1, least=0.0):
    areas, sectors = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    n = areas * sectors * years
    cell = st.one_of(st.just(least), st.floats(max(least, 0.01), 1e6))
    axes = [range(2000, 2000 + years), [f"县{i}" for i in range(areas)], range(sectors)]
    keys = pd.MultiIndex.from_product(axes, names=["year", "area", "sector"])
    table = keys.to_frame(index=False).assign(value=draw(st.lists(cell, min_size=n, max_size=n)))
    return table.sample(frac=1, random_state=draw(st.integers(0, 9)))


def quiet(function, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **options)


def test_location_quotients_match_the_printed_ones():
    quotient = location_quotient(NORDIC)[NORDIC["area"] == "Sweden"]
    expected = [0.8738038277512, 1.024831649832, 1.01776384535, 1.152935606061, 1.165071770335]
    assert quotient.tolist() == pytest.approx(expected, rel=1e-9)


def test_official_totals_and_sums_give_other_quotients():
    # Farhauer/Kroell: 1714 of 79006 in the region, 879213 of 15593224 in the nation
    table = pd.DataFrame(
        {
            "area": ["region", "region", "nation", "nation"],
            "year": 2022,
            "sector": ["i", "all"] * 2,
            "value": [1714.0, 79006.0, 879213.0, 15593224.0],
        }
    )
    quotient = location_quotient(table, total="all", reference="nation")
    assert quotient.tolist() == pytest.approx([0.3847623423013, 1, 1, 1])
    assert location_quotient(table, reference="nation")[0] != pytest.approx(quotient[0], rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_shares_of_areas_times_quotients_add_up_to_one(table):
    quotient = quiet(location_quotient, table)
    size = table.groupby("area")["value"].transform("sum")
    whole = table["value"].sum()
    if whole:
        sums = (quotient * size / whole).groupby(table["sector"]).sum()
        there = table.groupby("sector")["value"].sum() > 0
        assert np.allclose(sums[there], 1)
    empty = size.eq(0) | table.groupby("sector")["value"].transform("sum").eq(0)
    assert quotient[empty].isna().all()


def test_empty_areas_and_sectors_are_nan_and_named():
    table = NORDIC.assign(value=NORDIC["value"].where(NORDIC["area"] != "Iceland", 0.0))
    table["value"] = table["value"].where(table["sector"] != "i5", 0.0)
    with pytest.warns(UserWarning, match=r"Iceland 2022 \(empty, or a sector missing\), i5 2022"):
        quotient = location_quotient(table)
    gone = table["area"].eq("Iceland") | table["sector"].eq("i5")
    assert quotient.isna().equals(gone)


def test_an_incomplete_area_is_left_out_of_all_sums_unless_absent_means_zero():
    table = NORDIC.drop(index=NORDIC.index[NORDIC["area"].eq("Iceland")][:1])
    with pytest.warns(UserWarning, match="Iceland 2022"):
        quotient = location_quotient(table)
    without = location_quotient(NORDIC[NORDIC["area"] != "Iceland"])
    assert quotient[table["area"] != "Iceland"].tolist() == without.tolist()
    zero = NORDIC.assign(value=NORDIC["value"].where(NORDIC.index != 4, 0.0))
    assert NORDIC.loc[4, ["area", "sector"]].tolist() == ["Iceland", "i1"]
    filled = location_quotient(table, fill=0.0)
    assert filled.tolist() == location_quotient(zero).drop(index=4).tolist()


def test_specialisation_matches_the_printed_values():
    result = specialisation(NORDIC).set_index("area")
    iceland = result.loc["Iceland"]
    assert iceland["herfindahl"] == pytest.approx(0.3779012100774)
    assert iceland["herfindahl_normalised"] == pytest.approx(0.2223765125967)
    assert iceland["effective_number"] == pytest.approx(1 / 0.3779012100774)
    assert iceland["krugman"] == pytest.approx(0.3464730890476)
    assert iceland["coefficient"] == pytest.approx(0.1732365445238)
    assert iceland["entropy"] / np.log(2) == pytest.approx(1.76298378692)
    assert result[["n", "n_missing"]].drop_duplicates().values.tolist() == [[5, 0]]


def test_krugman_against_the_others_and_against_one_area():
    result = specialisation(NORDIC, reference="others").set_index("area")
    assert result.loc["Sweden", "krugman"] == pytest.approx(0.1595017922686)
    apart = pd.DataFrame({"a": [20.0, 0], "b": [10.0, 0], "c": [70.0, 0], "d": [0, 60.0]})
    two = long(apart.assign(e=[0, 40.0]).set_axis(["x", "y"]))
    assert specialisation(two, reference="y").set_index("area").loc["x", "krugman"] == 2


def test_concentration_matches_the_printed_values():
    result = concentration(NORDIC, largest=2).set_index("sector")
    expected = [0.09526640008646, 0.08643242832155, 0.07475394746159, 0.1686986652977]
    assert result["locational_gini"].tolist()[:4] == pytest.approx(expected)
    assert result.loc["i4", "localisation"] == pytest.approx(0.143544661191)
    assert result.loc["i1", "concentration_ratio"] == pytest.approx(85 / 190)
    shares = np.array([45, 35, 40, 30, 40]) / 190
    assert result.loc["i1", "herfindahl"] == pytest.approx((shares**2).sum())
    assert result["n"].unique().tolist() == [5]


def test_shift_share_matches_the_printed_parts():
    table = region_and_nation()
    classical = shift_share(table, reference="nation").set_index("area").loc["region"]
    parts = ["change", "national", "mix", "regional"]
    assert classical[parts].tolist() == pytest.approx([25, 27, 1, -3])
    assert classical[["start", "end", "n", "n_missing"]].tolist() == [2020, 2021, 4, 0]
    esteban = shift_share(table, reference="nation", method="esteban-marquillas")
    esteban = esteban.set_index("area").loc["region", ["regional", "allocation"]]
    assert esteban.tolist() == pytest.approx([-0.6363636363636, -2.363636363636])
    gerfin = shift_share(table, reference="nation", method="gerfin").set_index("area")
    expected = [1.004830917874, 0.9855769230769, 0.9903381642512]
    assert gerfin.loc["region", ["mix", "regional", "net"]].tolist() == pytest.approx(expected)
    by = shift_share(table, reference="nation", by_sector=True).set_index(["area", "sector"])
    assert by.loc["region", "national"].tolist() == pytest.approx([13.5, 3, 1.5, 9])
    assert by.loc["region", "regional"].tolist() == pytest.approx([1, 12, 1, -17])


def test_dynamic_shift_share_adds_up_the_years():
    third = {"region": [105.0, 45, 15, 60], "nation": [460.0, 230, 155, 500]}
    more = [
        pd.DataFrame({"area": name, "year": 2022, "sector": list("abcd"), "value": values})
        for name, values in third.items()
    ]
    table = pd.concat([region_and_nation(), *more], ignore_index=True)
    parts = shift_share(table, reference="nation", method="dynamic").set_index("area").loc["region"]
    expected = [45, 39.96442687747, 0.1636996256562, 4.871873496873]
    assert parts[["change", "national", "mix", "regional"]].tolist() == pytest.approx(expected)


@settings(max_examples=80, deadline=None)
@given(tables(years=3), st.sampled_from(["classical", "esteban-marquillas", "dynamic"]))
def test_shift_share_adds_up_with_empty_new_and_vanished_sectors(table, method):
    before = table.copy(deep=True)
    result = quiet(shift_share, table, method=method, by_sector=True)
    parts = [name for name in ("national", "mix", "regional", "allocation") if name in result]
    whole = table.groupby("year")["value"].sum()
    if (whole.iloc[:-1] > 0).all():
        scale = table["value"].max() * whole.max() / whole[whole > 0].min()
        np.testing.assert_allclose(result[parts].sum(axis=1), result["change"], atol=1e-9 * scale)
    pd.testing.assert_frame_equal(table, before)


def test_a_sector_that_is_new_to_the_table_has_no_row_before():
    table = region_and_nation().query("not (sector == 'd' and year == 2020)")
    parts = shift_share(table, by_sector=True).set_index(["area", "sector"])
    assert parts.loc[("region", "d"), ["change", "regional"]].tolist() == [55, 55]


@settings(max_examples=30, deadline=None)
@given(tables(years=2, least=0.5), st.sampled_from([1e-4, 1e4]))
def test_the_order_of_rows_and_the_unit_change_no_index(table, unit):
    shuffled = table.sample(frac=1, random_state=5)
    scaled = table.assign(value=table["value"] * unit)
    for function in (specialisation, concentration):
        pd.testing.assert_frame_equal(function(shuffled), function(table))
        pd.testing.assert_frame_equal(function(scaled), function(table), rtol=1e-9, atol=1e-9)
    pd.testing.assert_series_equal(
        location_quotient(shuffled).reindex(table.index), location_quotient(table)
    )


def test_integers_give_what_floats_give():
    whole = NORDIC.assign(value=NORDIC["value"].astype("int64"))
    pd.testing.assert_frame_equal(specialisation(whole), specialisation(NORDIC))
    pd.testing.assert_frame_equal(concentration(whole), concentration(NORDIC))


@pytest.mark.parametrize("function", [location_quotient, specialisation, concentration])
def test_each_function_refuses_bad_tables(function):
    for table, words in [
        (pd.concat([NORDIC, NORDIC[:1]]), "area and sector and year stand .* Sweden i1 2022"),
        (NORDIC.assign(value=-NORDIC["value"]), r"'value' is negative .* Sweden i1 2022 \(row 0\)"),
        (NORDIC.assign(value="many"), "is no number"),
        (NORDIC.drop(columns="sector"), "no column 'sector'"),
        (NORDIC.assign(area_code=np.where(NORDIC["area"] == "Sweden", "130300", "130322")), "part"),
    ]:
        with pytest.raises(PanelError, match=words):
            function(table)
    with pytest.raises(UnitError, match="several units"):
        function(NORDIC.assign(unit=["人"] * 24 + ["万人"]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: location_quotient(NORDIC, reference="Finnland"), "'Finnland' is no area"),
        (lambda: location_quotient(NORDIC, total="all"), "'all' is no sector"),
        (lambda: shift_share(NORDIC), "2022 is not before end 2022"),
        (lambda: shift_share(region_and_nation(), method="dunn"), "method='dunn'.*classical"),
    ],
)
def test_unknown_options_are_refused(call, words):
    with pytest.raises(PanelError, match=words):
        call()


def test_text_kept_as_python_objects_gives_the_same():
    text = pd.StringDtype("python", na_value=np.nan)
    other = NORDIC.assign(area=NORDIC["area"].astype(text), sector=NORDIC["sector"].astype(text))
    assert location_quotient(other).tolist() == location_quotient(NORDIC).tolist()


def test_a_warning_of_very_many_areas_stays_short():
    table = pd.DataFrame({"area": [f"县{i}" for i in range(300)], "sector": "工", "year": 2022})
    with pytest.warns(UserWarning, match="县0 2022 .* and many more$") as caught:
        location_quotient(table.assign(value=0.0))
    assert len(str(caught[0].message)) < 600
