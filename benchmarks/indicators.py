"""Time the indicators against one pandas groupby-transform on the same table, and PySAL.

``python benchmarks/indicators.py`` makes a table of 2,844 areas x 20 sectors x 24 years with text
keys, in shuffled order, and prints for each function the best of several interleaved runs and its
ratio to ``table.groupby(["year", "area"])["value"].transform("sum")`` in the same process. PySAL's
``inequality`` is compared, in time and value, where it is installed (benchmarks/requirements.txt).
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd

import qhdanalysis as qa

BOUNDS = {"structure": 2.0, "inequality": 0.5}


def make_table(areas: int, sectors: int, years: int) -> pd.DataFrame:
    """Give one row per area, sector and year, text keys, shuffled; lognormal values."""
    random = np.random.default_rng(20240506)
    size = areas * sectors * years
    table = pd.DataFrame(
        {
            "area": np.tile(np.repeat([f"县{i:04d}" for i in range(areas)], sectors), years),
            "sector": np.tile([f"行业{i:02d}" for i in range(sectors)], areas * years),
            "year": np.repeat(np.arange(2000, 2000 + years), areas * sectors),
            "value": random.lognormal(3.0, 1.0, size),
        }
    )
    return table.sample(frac=1, random_state=1, ignore_index=True)


def make_panel(table: pd.DataFrame) -> pd.DataFrame:
    """Give one row per area and year with population and province, from the same table."""
    panel = table.groupby(["area", "year"], as_index=False)["value"].sum()
    panel["people"] = 1.0 + panel.groupby("year").cumcount() % 97
    panel["province"] = "省" + panel["area"].str[-2:].astype("int64").mod(31).astype("str")
    return panel


def best_times(runs: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Give the shortest time of each, the runs interleaved so that all meet the same machine."""
    times = dict.fromkeys(runs, float("inf"))
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name] = min(times[name], time.perf_counter() - start)
    return times


def pysal_runs(panel: pd.DataFrame) -> dict[str, Callable[[], dict[int, float]]]:
    """Give PySAL's Gini, Theil and Theil by groups, year by year; empty if it is not installed."""
    try:
        from inequality.gini import Gini
        from inequality.theil import Theil, TheilD
    except ImportError:
        return {}
    years = dict(iter(panel.groupby("year")))

    def over_years(measure: Callable[[pd.DataFrame], float]) -> Callable[[], dict[int, float]]:
        return lambda: {year: float(measure(frame)) for year, frame in years.items()}

    return {
        "gini": over_years(lambda f: Gini(f["value"].to_numpy()).g),
        "theil_t": over_years(lambda f: Theil(f["value"].to_numpy()).T),
        "theil_t_between": over_years(
            lambda f: np.ravel(TheilD(f["value"].to_numpy(), f["province"].to_numpy()).bg)[0]
        ),
    }


def installed(name: str) -> str:
    """Give the version of a package, or say that it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def main() -> int:
    """Print the tables; return 1 if a bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--areas", type=int, default=2844)
    parser.add_argument("--sectors", type=int, default=20)
    parser.add_argument("--years", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    table = make_table(options.areas, options.sectors, options.years)
    panel = make_panel(table)
    names = ("pandas", "numpy", "pyarrow", "inequality", "libpysal")
    versions = ", ".join(f"{name} {installed(name)}" for name in names)
    print(f"input: {len(table):,} rows, text keys {table['area'].dtype}; panel {len(panel):,} rows")
    print(f"versions: Python {platform.python_version()}, qhdanalysis {qa.__version__}, {versions}")
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, {platform.system()}")

    groupby = "one groupby-transform"
    runs: dict[str, Callable[[], object]] = {
        groupby: lambda: table.groupby(["year", "area"])["value"].transform("sum"),
        "location_quotient": lambda: qa.location_quotient(table),
        "specialisation": lambda: qa.specialisation(table),
        "concentration": lambda: qa.concentration(table),
        "shift_share": lambda: qa.shift_share(table),
        "shift_share dynamic": lambda: qa.shift_share(table, method="dynamic"),
        "inequality": lambda: qa.inequality(panel, weights="people", group="province"),
    }
    times = best_times(runs, options.repeats)
    print(f"\n| function | ms | of {groupby} | bound |\n|---|---:|---:|---:|")
    failed = False
    for name, seconds in times.items():
        ratio = seconds / times[groupby]
        bound = BOUNDS["inequality" if name == "inequality" else "structure"]
        shown = "" if name == groupby else f"{bound:g}"
        print(f"| {name} | {1e3 * seconds:.0f} | {ratio:.2f} | {shown} |")
        failed |= ratio > bound

    peers = pysal_runs(panel)
    if peers:
        ours = qa.inequality(panel, group="province").set_index("year")
        print(
            "\n| all years, unweighted | PySAL ms | ours (all indices) ms | greatest difference |"
        )
        print("|---|---:|---:|---:|")
        mine = best_times({"": lambda: qa.inequality(panel, group="province")}, options.repeats)[""]
        for name, seconds in best_times(peers, options.repeats).items():
            apart = (pd.Series(peers[name]()) - ours[name]).abs().max()
            print(f"| {name} | {1e3 * seconds:.0f} | {1e3 * mine:.0f} | {apart:.1e} |")
            failed |= not apart < 1e-9
    print(f"\nbounds {'do not hold' if failed else 'hold'}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
