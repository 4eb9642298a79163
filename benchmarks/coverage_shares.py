"""Coverage of projected shares and parts on the counties of Iowa, 2001 to 2021 (shipped data).

    python benchmarks/coverage_shares.py

Origins 2005 to 2015, one to six years ahead, 99 counties: the percentage of later values inside
their intervals, of the counties' shares in their sum, of the counties projected with the sum held
(`project_parts`), and of each county by itself (`project`). The constants come from elsewhere
(see ``benchmarks/refit.py``); nothing is fitted here.
"""

import warnings

import pandas as pd

import qhdanalysis as qhd


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore", UserWarning)
    data = qhd.load_dataset("us_iowa_county_gdp_2001_2021")
    data = data[data["code"].eq("gdp") & data["area"].ne("Iowa (state)")]
    came = data[["area", "year", "value"]]
    shares = came.assign(value=came["value"] / came.groupby("year")["value"].transform("sum"))
    runs = {
        "shares": (qhd.project_shares, shares),
        "parts": (qhd.project_parts, came),
        "each county by itself": (qhd.project, came),
    }
    for name, (function, truth) in runs.items():
        pieces = [
            function(came[came["year"] <= origin], horizon=6)
            .merge(truth, on=["area", "year"])
            .assign(h=lambda r, origin=origin: r["year"] - origin)
            for origin in range(2005, 2016)
        ]
        rows = pd.concat(pieces)
        rows["inside"] = 100.0 * rows["value"].between(rows["lower"], rows["upper"])
        miss = (rows["value"] - rows["estimate"]).abs()
        rows["smape"] = 200 * miss / (rows["value"].abs() + rows["estimate"].abs())
        table = rows.pivot_table(index="level", columns="h", values="inside", margins=True)
        print(f"\n{name}: sMAPE {rows['smape'].mean():.2f}, percent inside by years ahead")
        print(table.drop(index="All").round(1).to_string())


if __name__ == "__main__":
    main()
