"""Compare the indicators with the values that other packages and published pages give.

``python benchmarks/golden_indicators.py --golden DIR`` reads ``DIR/indicators.json`` and the tables
beside it, runs every case that is in scope, names those that differ and ends with
``golden: N of M cases pass``. A case is only put into the form that our function takes; every
number that is compared comes from the library.
"""

import argparse
import json
import math
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import qhdanalysis as qa

# Optional by the page that comes with the cases, or another subject (plants; clusters by density).
OUT_OF_SCOPE = {
    "cluster_index", "coulter", "dalton", "duranton_puga", "ellison_glaeser", "gini_of_lq",
    "hachman", "markov_mobility", "markov_transitions", "rank_mobility", "rosenbluth", "wolfson",
}  # fmt: skip
REGION, NATION, ALL = "region", "nation", "all"


class Case:
    """Inputs of one case, in the forms that the functions take."""

    def __init__(self, case: dict, datasets: dict, folder: Path) -> None:
        self.id, self.indicator, self.expected = case["id"], case["indicator"], case["expected"]
        self.given, self.convention = case["inputs"], case["convention"]
        self.inline = self.given.get("inline", {})
        self.name = self.id.partition(".")[0]
        self.columns = self.given.get("columns", {})
        if "dataset" in self.given:
            path = folder / datasets[self.given["dataset"]]["file"]
            text = {"area": "str"} if self.given["dataset"] == "de_counties" else None
            self.data = pd.read_csv(path, dtype=text, encoding="utf-8")
            for column, wanted in self.given.get("where", {}).items():
                self.data = self.data[self.data[column].isin(np.atleast_1d(wanted))]

    def vector(self, name: str = "x") -> pd.Series | None:
        """Values of ``name``; None where the case has none."""
        if name in self.inline:
            return pd.Series(self.inline[name], dtype=float)
        if name not in self.columns:
            return None
        column = self.data[self.columns[name]]
        whole = name == "w" and "rounded to whole" in self.given.get("transform", "")
        return column.round() if whole else column

    def panel(self) -> pd.DataFrame:
        """Rows of area, year, value and group; from a panel, or from y0 and y1."""
        if "panel" in self.given:
            area, columns = self.given["panel"]["area"], self.given["panel"]["years"]
        else:
            area = "area" if "area" in self.data else self.columns["label"]
            first = [self.columns.get(key, self.columns.get(f"v{key[1]}")) for key in ("y0", "y1")]
            columns = {2000: first[0], 2000 + self.given.get("years", 14): first[1]}
        frames = [
            pd.DataFrame({"area": self.data[area], "year": int(year), "value": self.data[column]})
            for year, column in columns.items()
        ]
        extra = {"group": self.given.get("group", area), "part": "part"}
        extra = {name: self.data[source] for name, source in extra.items() if source in self.data}
        return pd.concat([frame.assign(**extra) for frame in frames], ignore_index=True)

    def sectors(self) -> pd.DataFrame:
        """Rows of area, sector, year and value."""
        if "inline_matrix" in self.given:
            matrix = self.given["inline_matrix"]
            wide = pd.DataFrame(matrix["values"], matrix["rows"], matrix["columns"])
        elif "matrix" in self.given:
            names = self.given["matrix"]
            wide = self.data.pivot_table(names["values"], names["rows"], names["columns"])
        else:
            return self._region_and_nation()
        return (
            wide.stack()
            .rename_axis(["area", "sector"])
            .rename("value")
            .reset_index()
            .assign(year=0)
        )

    def _region_and_nation(self) -> pd.DataFrame:
        years = self.given.get("years", [0])
        if self.given.get("dataset") == "de_states_employment":
            names = self.columns
            table = self.data.rename(columns={names[key]: key for key in names}).rename(
                columns={"industry": "sector"}
            )
            wanted = table["area"].isin([self.given["area"], self.given["nation"]])
            table = table[wanted & table["sector"].isin(self.given["industries"])].copy()
            table["area"] = table["area"].map(
                {self.given["area"]: REGION, self.given["nation"]: NATION}
            )
            return table[table["year"].between(*years)]
        source = self.inline or self.columns
        rows = []
        if "label" in source and "{year}" in source.get(REGION, ""):
            span = range(years[0], years[-1] + 1)
            cells = {
                (a, y): self.data[source[a].format(year=y)] for a in (REGION, NATION) for y in span
            }
        elif f"{REGION}_t" in source:
            cells = {
                (a, y): self.data[source[f"{a}_t{t}"]] if self.columns else source[f"{a}_t{t}"]
                for a in (REGION, NATION)
                for y, t in ((0, ""), (1, "1"))
            }
        elif isinstance(source.get(REGION), list):
            cells = {
                (a, y): [row[y] for row in source[a]]
                for a in (REGION, NATION)
                for y in range(len(source[a][0]))
            }
        elif REGION in source:
            cells = {(a, 0): self.data[source[a]] for a in (REGION, NATION)}
        else:
            cells = {(REGION, 0): source["area"], (NATION, 0): source["reference"]}
        for (area, year), values in cells.items():
            labels = self.data[source["label"]] if self.columns else None
            names = [f"i{i + 1}" for i in range(len(values))] if labels is None else labels
            rows.append(
                pd.DataFrame({"sector": names, "value": values, "area": area, "year": year})
            )
        table = pd.concat(rows, ignore_index=True)
        return table[table["sector"] != source.get("exclude")]


def one_area(case: Case) -> pd.DataFrame:
    """Parts of one whole: the sectors of an area, or the areas of a sector."""
    weights = case.vector("w")
    values = case.vector() * (1 if weights is None else weights)
    return pd.DataFrame(
        {"sector": values.index.astype(str), "area": ALL, "year": 0, "value": values}
    )


def vector_index(case: Case) -> object:
    """Give the indices of one vector, or of each year."""
    x, w = case.vector(), case.vector("w")
    if x is None:
        by_year = qa.inequality(case.panel(), group="group").set_index("year")
        if "ddof" in case.given:
            wide = case.panel().pivot(index="area", columns="year", values="value")
            return {year: qa.cv(wide[year], ddof=1) for year in wide}
        return by_year[case.indicator]
    options = {**case.inline, **case.given}
    if case.indicator == "gini":
        return qa.gini(x, w, bias_corrected=options.get("bias_corrected", False))
    if case.indicator in ("theil_t", "theil_l"):
        return qa.theil(x, w, kind=case.indicator[-1].upper())
    if case.indicator == "generalised_entropy":
        return qa.generalised_entropy(x, options["alpha"], w)
    if case.indicator == "atkinson":
        said = re.search(r"epsilon = ([\d.]+)", case.convention)
        return qa.atkinson(x, w, epsilon=options["epsilon"] if not said else float(said[1]))
    if case.indicator == "hoover":
        people = case.vector("ref")
        return qa.hoover(x, w) if people is None else qa.hoover(x / people, people)
    return qa.cv(x, w, ddof=options.get("ddof", 0))


def groups(case: Case) -> object:
    """Theil between and within groups."""
    if "panel" in case.given:
        return qa.inequality(case.panel(), group="group").set_index("year")[case.indicator]
    table = pd.DataFrame({"area": case.data["area"], "year": 0, "value": case.vector()})
    table["group"], people = (
        case.data[case.given.get("group", case.columns.get("group"))],
        case.vector("w"),
    )
    if people is not None:
        table["people"] = people
    weights = None if people is None else "people"
    return qa.inequality(table, group="group", weights=weights)[case.indicator].item()


def parts(case: Case) -> object:
    """Give the indices of the structure of an area (or of one whole)."""
    options = {**case.inline, **case.given}
    if case.indicator == "concentration_ratio":
        table = one_area(case).rename(columns={"area": "sector", "sector": "area"})
        return qa.concentration(table, largest=options["k"])["concentration_ratio"].item()
    column = {"krugman": "krugman", "coefficient_of_specialisation": "coefficient"}.get(
        case.indicator, case.indicator
    )
    if options.get("normalised"):
        column = "herfindahl_normalised"
    if case.vector() is not None:
        return qa.specialisation(one_area(case))[column].item()
    reference = "others" if "unweighted mean" in case.convention else None
    if not ({"matrix", "inline_matrix"} & set(case.given)):
        reference = NATION
    if "pair" in case.given:
        reference = case.given["pair"][1]
    result = qa.specialisation(case.sectors(), reference=reference).set_index("area")[column]
    if case.indicator == "entropy":
        result = result / math.log(case.given["base"])
    if isinstance(case.expected, dict):
        return result
    return result[options.get("row") or (options["pair"][0] if "pair" in options else REGION)]


def localisation(case: Case) -> object:
    """Give the indices of the location of a sector."""
    column = (
        "localisation" if case.indicator == "coefficient_of_localisation" else "locational_gini"
    )
    if "industry" in case.inline:
        rest = np.subtract(case.inline["total"], case.inline["industry"])
        wide = pd.DataFrame({"industry": case.inline["industry"], "rest": rest})
        table = (
            wide.rename_axis("area").reset_index().melt("area", var_name="sector").assign(year=0)
        )
        result = qa.concentration(table).set_index("sector").loc["industry", column]
    else:
        result = qa.concentration(case.sectors()).set_index("sector")[column]
    return result / 2 if case.name == "locational_gini" else result


def quotients(case: Case) -> object:
    """Location quotients."""
    if "e_ij" in case.inline:
        e = case.inline
        rest = [e["e_j"] - e["e_ij"], e["e"] - e["e_i"]]
        table = pd.DataFrame({"value": [e["e_ij"], e["e_i"], *rest], "area": [REGION, NATION] * 2})
        table = table.assign(sector=["i", "i", "rest", "rest"], year=0)
        return qa.location_quotient(table, reference=NATION)[0]
    table, official = case.sectors(), "A-R" if "totals" in case.given else None
    pair = not ({"matrix", "inline_matrix"} & set(case.given))
    table["q"] = qa.location_quotient(table, total=official, reference=NATION if pair else None)
    if "column" in case.given:
        return table[table["sector"] == case.given["column"]].set_index("area")["q"]
    return table[table["area"] == case.given.get("row", REGION)].set_index("sector")["q"]


def shifts(case: Case) -> object:
    """Shift-share parts of the region."""
    method = next((m for m in ("dynamic", "gerfin") if m in case.name), "classical")
    method = "esteban-marquillas" if "esteban" in case.name else method
    by_sector = "by_industry" in case.name
    table = qa.shift_share(case.sectors(), reference=NATION, method=method, by_sector=by_sector)
    table = table[table["area"] == REGION].rename(
        columns={
            "change": "total change", "national": "national share", "mix": "industry mix",
            "regional": "regional share", "allocation": "allocation effect", "net": "net shift",
        }
    )  # fmt: skip
    if not by_sector:
        return table.iloc[0]
    by = table.set_index("sector")
    short = {"NS": "national share", "IM": "industry mix", "RS": "regional share"}
    if any("." in key for key in case.expected):
        return {f"{key}.{s}": by.loc[s, name] for key, name in short.items() for s in by.index}
    return by["regional share" if "regional" in case.name else "national share"]


def growth(case: Case) -> object:
    """Growth rates, plain and compound."""
    if case.indicator == "cagr":
        return qa.cagr(case.panel()).set_index("area")["cagr"]
    table = case.panel()
    table["growth"] = qa.growth_rate(table, lag=int(np.ptp(table["year"])))
    return table.dropna().set_index("area")["growth"]


def contribution(case: Case) -> object:
    """Points of growth, from the published shares."""
    if "points" in case.inline:
        added = [p / 100 for p in case.inline["points"]]
    else:
        part = case.inline["contribution_share"] * case.inline["growth_rate"]
        added = [part, case.inline["growth_rate"] - part]
    names = [f"part {i}" for i in range(len(added))]
    before = pd.DataFrame({"area": names, "year": 2022, "value": 1 / len(added)})
    after = before.assign(year=2023, value=before["value"] + added)
    result = qa.contribution_to_growth(pd.concat([before, after], ignore_index=True))
    if "points" in case.inline:
        return 100 * result["points"].sum()
    return result.set_index("area").loc["part 0", "points"]


def convergence(case: Case) -> object:
    """Sigma and beta convergence."""
    what = case.name
    if case.indicator == "sigma_convergence":
        if what in ("sigma_sdlog", "sigma_sdlog_sample", "sigma_cv"):
            spread = qa.sigma_convergence(case.panel(), ddof=case.given.get("ddof", 0))
            return spread.set_index("year")["cv" if what == "sigma_cv" else "sigma"]
        column = {
            "sigma_trend_slope": "trend", "sigma_trend_t": "trend_t", "sigma_log_trend_slope":
            "log_trend", "sigma_ratio": "ratio", "sigma_f": "variance_ratio", "sigma_f_p":
            "unpaired_p", "sigma_pitman_t": "pitman_t", "sigma_pitman_p": "pitman_p",
            "sigma_carree_klomp_t2": "carree_klomp",
        }[what]  # fmt: skip
        return qa.sigma_test(case.panel())[column].item()
    controls = ["east"] if "controls" in case.columns else []
    table = case.panel()
    table["east"] = (table["part"] == "East").astype(float)
    fit = qa.beta_convergence(
        table, controls=controls, cov_type="HC1" if "hc1" in what else "nonrobust"
    ).set_index("term")
    term, column = {
        "beta_slope": ("log_initial", "estimate"), "beta_intercept": ("intercept", "estimate"),
        "beta_slope_se": ("log_initial", "std_error"), "beta_r2": ("log_initial", "r_squared"),
        "beta_slope_se_hc1": ("log_initial", "std_error"), "beta_slope_t": ("log_initial", "t"),
        "beta_f": ("log_initial", "f"), "beta_speed": ("log_initial", "speed"),
        "beta_halflife": ("log_initial", "half_life"),
        "beta_conditional_east": ("east", "estimate"),
        "beta_conditional_slope": ("log_initial", "estimate"),
    }[what]  # fmt: skip
    return fit.loc[term, column]


def delivery(case: Case) -> object:
    """Ratios of project delivery."""
    given = case.inline
    if case.indicator == "completion_rate":
        return qa.completion_rate(done=given["completed"], planned=given["planned"])
    if case.indicator == "schedule_gap":
        return qa.schedule_gap(
            done=given["completed"], planned=given["planned"], elapsed=given["elapsed"]
        )
    if case.indicator == "start_rate":
        return qa.start_rate(started=given["started"], planned=given["planned"])
    function = qa.icor if case.indicator == "icor" else qa.investment_efficiency
    return function(investment=given["investment"], gdp=given["gdp1"], previous_gdp=given["gdp0"])


RUN = {
    **dict.fromkeys(
        ["gini", "theil_t", "theil_l", "generalised_entropy", "atkinson", "hoover", "cv",
         "cv_weighted"], vector_index),
    **dict.fromkeys(["theil_t_between", "theil_t_within"], groups),
    **dict.fromkeys(
        ["herfindahl", "effective_number", "concentration_ratio", "krugman", "entropy",
         "coefficient_of_specialisation"], parts),
    **dict.fromkeys(["locational_gini", "coefficient_of_localisation"], localisation),
    "location_quotient": quotients,
    "shift_share": shifts,
    **dict.fromkeys(["growth_rate", "cagr"], growth),
    "contribution_to_growth": contribution,
    **dict.fromkeys(["beta_convergence", "sigma_convergence"], convergence),
    **dict.fromkeys(
        ["completion_rate", "schedule_gap", "start_rate", "icor", "investment_efficiency"],
        delivery),
}  # fmt: skip


def differences(case: Case, tolerance: dict) -> list[str]:
    """Name each value that is further from the expected one than the tolerance allows."""
    result = RUN[case.indicator](case)
    if isinstance(case.expected, dict):
        found = {str(key): value for key, value in dict(result).items()}
    else:
        found, case.expected = {"": result}, {"": case.expected}
    wrong = []
    for label, expected in case.expected.items():
        allowed = max(tolerance.get("abs", 0), tolerance.get("rel", 0) * abs(expected))
        if not abs(found[label] - expected) <= allowed:
            wrong.append(f"{label} {found[label]!r} instead of {expected!r}".strip())
    return wrong


def main() -> int:
    """Run the cases; return 0 if all pass."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--golden", type=Path, required=True, help="folder with indicators.json")
    folder = parser.parse_args().golden
    golden = json.loads((folder / "indicators.json").read_text(encoding="utf-8"))
    warnings.simplefilter("ignore")
    passed = run = 0
    for case in golden["cases"]:
        if case["indicator"] in OUT_OF_SCOPE:
            continue
        run += 1
        try:
            wrong = differences(Case(case, golden["datasets"], folder), case["tolerance"])
        except Exception as error:  # a case that cannot run is a case that fails
            wrong = [f"{type(error).__name__}: {error}"]
        passed += not wrong
        for line in wrong[:3]:
            print(f"{case['id']}: {line}")
    print(f"out of scope: {len(golden['cases']) - run} cases ({', '.join(sorted(OUT_OF_SCOPE))})")
    print(f"golden: {passed} of {run} cases pass")
    return passed != run


if __name__ == "__main__":
    sys.exit(main())
