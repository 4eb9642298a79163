"""Cross-checks that the publishers' own numbers allow, computed anew from the shipped files."""

import numpy as np
import pytest

from qhdanalysis.areas import resolve_area
from qhdanalysis.catalog import load_dataset
from qhdanalysis.names import indicator_names
from qhdanalysis.records import select, to_panel
from qhdanalysis.units import convert

COUNTIES = ["130321", "130322", "130324"]
SEVEN = ["130302", "130303", "130304", "130306", *COUNTIES]


def one(records, **where):
    for name, value in where.items():
        records = records[records[name].eq(value)]
    return records["value"].item()


@pytest.fixture(scope="module")
def gdp():
    return load_dataset("qhd_gdp")


@pytest.fixture(scope="module")
def projects():
    return load_dataset("qhd_projects_clusters")


@pytest.fixture(scope="module")
def census():
    return load_dataset("hebei_census_county_2010_2020")


def test_three_counties_are_33_percent_of_the_city_in_2022(gdp):
    rows = gdp[gdp["year"].eq(2022) & gdp["code"].eq("gdp")]
    counties = one(rows, area_code="130321+130322+130324")
    city = one(rows[rows["source"].str.contains("2000-2023 prefecture")], area_code="130300")
    assert (counties, city) == (630.5, 1909.52)
    assert round(100 * counties / city, 2) == 33.02
    assert one(gdp, year=2022, code="gdp_share_of_city") == 33


@pytest.mark.parametrize(
    ("year", "seven", "city"),
    [
        # SOURCES of the data, in 亿元; the rest fits the functional zones, which is an inference
        (2015, 929.6, 1250.4),
        (2016, 1018.4, 1349.4),
        (2017, 1153.4, 1500.3),
        (2019, 1298.1, 1612.0),
        (2020, 1339.4, 1685.8),
        (2021, 1442.4, 1843.8),
    ],
)
def test_the_seven_districts_and_counties_do_not_add_to_the_city(gdp, year, seven, city):
    rows = select(gdp, code="gdp", area=[*SEVEN, "130300"], years=[year], prefer=["CSMAR"])
    values = convert(rows, to="亿元").set_index("area_code")["value"]
    assert round(values[SEVEN].sum(), 1) == seven
    assert round(values["130300"], 1) == city


def test_the_seven_areas_leave_401_yi_of_2021(gdp):
    rows = select(gdp, code="gdp", area=[*SEVEN, "130300"], years=[2021], prefer=["CSMAR"])
    values = convert(rows, to="亿元").set_index("area_code")["value"]
    assert round(values["130300"] - values[SEVEN].sum()) == 401


def test_county_sectors_add_to_gdp_but_for_the_four_rows_that_say_so(gdp):
    county = gdp[gdp["source"].str.contains("CSMAR county")]
    wide = county.pivot(index=["area", "year"], columns="code", values="value")
    sectors = wide["va_primary"] + wide["va_secondary"] + wide["va_tertiary"]
    off = (sectors - wide["gdp"]).loc[lambda gap: gap.abs() > 2].to_dict()
    assert off == {
        ("青龙满族自治县", 2000): 943,
        ("海港区", 2021): -66,
        ("青龙满族自治县", 2021): 67,
    }


def test_the_preliminary_list_of_november_2021_adds_to_32_projects_and_328_04(projects):
    rows = projects[projects["year"].eq(2021)]
    for code, total in (("count", 32), ("total_investment", 328.04)):
        code = f"preliminary_projects_provincial_{code}"
        assert one(rows, code=code, area_code="130300") == total
        by_area = rows[rows["code"].eq(code) & rows["area_code"].ne("130300")]["value"]
        by_industry = rows[rows["code"].str.startswith(f"{code}__")]["value"]
        assert by_area.sum() == pytest.approx(total, abs=1e-9)
        assert by_industry.sum() == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize(
    ("code", "total", "parts"),
    [
        ("count", 257, [135, 86, 36]),
        ("total_investment", 1354.8, [500.7, 709.6, 144.5]),
        ("planned_investment", 374.0, [141.2, 200.4, 32.4]),
    ],
)
def test_the_plan_of_2022_adds_up(projects, code, total, parts):
    rows = projects[projects["year"].eq(2022)].set_index("code")["value"]
    found = [
        rows[f"key_projects_all_{code}__{p}"] for p in ("new_start", "continued", "completing")
    ]
    assert found == parts
    assert sum(found) == pytest.approx(total, abs=1e-9)
    assert rows[f"key_projects_all_{code}"] == total


def test_the_reply_of_2023_holds_what_its_words_say(projects):
    rows = projects[projects["year"].eq(2023) & projects["source"].str.contains("143277")]
    values = rows.set_index("code")["value"]
    assert (
        values["key_projects_all_started_count"] + values["key_projects_all_resumed_count"] == 275
    )
    assert values["key_projects_all_count"] == 270  # does not reconcile with 275
    done, plan = "key_projects_all_completed_investment", "key_projects_all_planned_investment"
    assert round(100 * values[done] / values[plan], 2) == 89.46


def test_the_parts_of_the_city_add_to_it_in_both_censuses(census):
    people = census[census["code"].eq("population_resident_census")]
    for year, total in ((2010, 2_987_605), (2020, 3_136_879)):
        rows = people[people["year"].eq(year)]
        parts = rows[rows["area_code"].str.fullmatch(r"1303(?!00)\d\d")]
        assert one(rows, area_code="130300") == parts["value"].sum() == total


def test_the_eleven_cities_add_to_the_province_in_both_censuses(census):
    people = census[census["code"].eq("population_resident_census")]
    for year, total in ((2010, 71_854_210), (2020, 74_610_235)):
        rows = people[people["year"].eq(year)]
        cities = rows[rows["area_code"].str.fullmatch(r"13(?!00)\d\d00")]
        assert len(cities) == 11
        assert one(rows, area_code="130000") == cities["value"].sum() == total


def test_the_census_of_2010_exchanges_two_names_and_its_codes_are_right(census):
    people = census[census["code"].eq("population_resident_census")]
    size = people.set_index(["area_code", "year"])["value"]
    for code in ("130207", "130208"):  # by code neither district changed by more than an eighth
        assert abs(size[code, 2020] / size[code, 2010] - 1) < 0.13
    named = people[people["year"].eq(2010)].set_index("area_code")["area"]
    assert (named["130207"], named["130208"]) == ("丰润区", "丰南区")  # as in the source
    assert resolve_area("丰润区", year=2010)["code"] == "130208"


def test_two_vintages_of_provincial_gdp_stand_side_by_side():
    rows = load_dataset("nbs_provinces_gdp")
    hebei = rows[rows["area"].eq("河北省") & rows["year"].eq(2018) & rows["code"].eq("gdp")]
    assert sorted(hebei["value"]) == [32494.6, 32947.0]
    after = select(rows, code="gdp", prefer=["vintage: after"], years=range(2006, 2025))
    assert after.groupby("year").size().eq(31).all()


def test_the_counties_of_iowa_add_to_the_state():
    rows = load_dataset("us_iowa_county_gdp_2001_2021")
    wide = rows[rows["code"].eq("gdp")].pivot(index="year", columns="area_code", values="value")
    counties = wide.drop(columns="19000")
    assert counties.shape == (21, 99)
    assert (counties.sum(axis=1) / wide["19000"] - 1).abs().max() < 4e-8


def test_the_sectors_of_an_iowa_county_add_to_its_total_where_all_are_published():
    rows = to_panel(load_dataset("us_iowa_county_gdp_2001_2021"))
    whole = rows.set_index(["area", "year"]).drop(columns=["area_code", "break"]).dropna()
    assert len(whole) == 1721  # of 2,100 area-years have all five indicators
    groups = ["private_goods", "private_services", "government"]
    parts = sum(whole[f"va_{name}_thousand_usd"] for name in groups)
    assert (parts - whole["gdp_thousand_usd"]).abs().max() <= 1


def test_every_code_in_the_data_is_a_standard_name():
    names = indicator_names()
    for name in ("qhd_gdp", "qhd_projects_clusters", "hebei_census_county_2010_2020"):
        records = load_dataset(name)
        assert set(records["code"]) <= set(names)
        same = records["indicator"].eq(records["code"].map(names))
        assert same.all()


def test_declared_breaks_are_of_areas_and_codes_in_the_data_and_give_evidence(gdp):
    breaks = load_dataset("qhd_breaks")
    known = set(zip(gdp["area_code"], gdp["code"], strict=True))
    assert set(zip(breaks["area_code"], breaks["code"], strict=True)) <= known
    assert breaks["evidence"].ne("").all()
    assert not breaks.duplicated(["area_code", "code", "year", "kind"]).any()


def test_aliases_of_indicators_are_unambiguous():
    table = load_dataset("indicators")
    words = (table["zh"] + "|" + table["en"] + "|" + table["aliases"]).str.split("|").explode()
    words = words[words.ne("")].str.casefold()
    twice = words[words.duplicated(keep=False)]
    assert twice.groupby(twice).apply(lambda same: len(set(same.index))).le(1).all()
    assert np.all(table["family"].ne(""))
