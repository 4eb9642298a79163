"""Accuracy, coverage and seconds of projections, ours and the peers', on yearly series.

    python benchmarks/projection.py FILE.csv.gz ... [--peers PYTHON] [--skip-models]

The files hold yearly series with columns ``series_id, split (train or test), t, value``. PYTHON is
the interpreter of another environment with statsforecast (benchmarks/requirements.txt), which needs
a pandas older than ours. Means over series of the means over horizons; sMAPE in percent, MASE and
MSIS scaled by the mean yearly change of the training years; coverage in percent of held-back years;
seconds of a second call, so that imports and compilation do not count. At the end the speed on
2,844 series of 24 years, and what nominal intervals hold by length (the table of
``qhdanalysis.projection.intervals``, from the tourism and the GDP file).
"""

import argparse
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

PEERS = ("AutoETS", "DynamicOptimizedTheta")
LEVELS = [80, 95]


def split(path: Path) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Training rows, held-back rows and the horizon of a file."""
    data = pd.read_csv(path)[["series_id", "split", "t", "value"]]
    test = data[data["split"] == "test"].drop(columns="split")
    train = data[data["split"] == "train"].drop(columns="split")
    return train, test, int(test.groupby("series_id").size().max())


def run_peer(path: Path, name: str, out: Path) -> None:
    """Project by a model of statsforecast, in its own environment; long rows to a csv file."""
    from statsforecast import StatsForecast, models

    train, _, horizon = split(path)
    frame = train.rename(columns={"series_id": "unique_id", "t": "ds", "value": "y"})
    engine = StatsForecast(models=[getattr(models, name)(season_length=1)], freq=1, n_jobs=1)
    few = frame[frame["unique_id"].isin(frame["unique_id"].unique()[:3])]
    engine.forecast(df=few, h=horizon, level=LEVELS)
    start = time.perf_counter()
    wide = engine.forecast(df=frame, h=horizon, level=LEVELS)
    seconds = time.perf_counter() - start
    rows = [
        pd.DataFrame({
            "series_id": wide["unique_id"], "t": wide["ds"], "estimate": wide[name], "level": level,
            "lower": wide[f"{name}-lo-{level}"], "upper": wide[f"{name}-hi-{level}"],
        })
        for level in LEVELS
    ]  # fmt: skip
    pd.concat(rows).assign(seconds=seconds).to_csv(out, index=False)


def run_ours(train: pd.DataFrame, horizon: int, method: str) -> pd.DataFrame:
    """Project by a method of ours."""
    import qhdanalysis as qhd

    names = {"area": "series_id", "year": "t"}
    if method == "auto":
        qhd.project(train, horizon=horizon, method=method, **names)
    start = time.perf_counter()
    result = qhd.project(train, horizon=horizon, method=method, **names)
    return result.assign(seconds=time.perf_counter() - start)


def score(result: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame) -> dict[str, float]:
    """Accuracy and coverage of projections against the held-back years."""
    scale = train.groupby("series_id")["value"].apply(lambda y: y.diff().abs().mean())
    rows = test.merge(result, on=["series_id", "t"]).assign(
        scale=lambda r: r["series_id"].map(scale),
        miss=lambda r: (r["value"] - r["estimate"]).abs(),
        inside=lambda r: 100.0 * r["value"].between(r["lower"], r["upper"]),
    )
    rows["smape"] = 200 * rows["miss"] / (rows["value"].abs() + rows["estimate"].abs())
    rows["mase"] = rows["miss"] / rows["scale"]
    outside = (rows["lower"] - rows["value"]).clip(0) + (rows["value"] - rows["upper"]).clip(0)
    rows["msis"] = (rows["upper"] - rows["lower"] + 40 * outside) / rows["scale"]
    wide = rows[rows["level"] == 95]
    means = wide.groupby("series_id")[["smape", "mase", "msis"]].mean().mean()
    seconds = float(result["seconds"].iloc[0])
    return {
        "sMAPE": means["smape"],
        "MASE": means["mase"],
        "MSIS95": means["msis"],
        "cov95": wide["inside"].mean(),
        "cov80": rows.loc[rows["level"] == 80, "inside"].mean(),
        "seconds": seconds,
        "series/s": test["series_id"].nunique() / seconds,
    }


def nominal(rows: pd.DataFrame, train: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    """Whether each held-back year lay within its interval, with the length of its series."""
    length = train.groupby("series_id").size()
    both = test.merge(rows, on=["series_id", "t"])
    inside = both["value"].between(both["lower"], both["upper"])
    group = pd.cut(both["series_id"].map(length), [0, 15, 25, np.inf], labels=["-15", "-25", "26-"])
    return both.assign(inside=100 * inside, values=group)[["method", "level", "values", "inside"]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--peers", help="python of an environment with statsforecast")
    parser.add_argument("--skip-models", action="store_true", help="only auto and the peers")
    parser.add_argument("--run-peer", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run_peer:
        run_peer(args.files[0], args.run_peer[0], Path(args.run_peer[1]))
        return
    import qhdanalysis as qhd
    from qhdanalysis.projection.models import MODELS

    warnings.simplefilter("ignore", UserWarning)
    print(", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "statsmodels")))
    if args.peers:
        code = "from importlib.metadata import version as v;"
        code += "print('peers:', *(n + ' ' + v(n) for n in ('statsforecast', 'pandas', 'numpy')))"
        subprocess.run([args.peers, "-c", code], check=True)
    covered = []
    for path in args.files:
        train, test, horizon = split(path)
        table = {}
        for method in ["auto", *([] if args.skip_models else MODELS)]:
            result = run_ours(train, horizon, method)
            covered.append(nominal(result, train, test))
            table[method if method == "auto" else f"statsmodels {method}"] = score(
                result, train, test
            )
        for name in PEERS if args.peers else ():
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "peer.csv"
                command = [args.peers, __file__, str(path), "--run-peer", name, str(out)]
                subprocess.run(command, check=True)
                table[f"statsforecast {name}"] = score(pd.read_csv(out), train, test)
        print(f"\n{path.name}: {test['series_id'].nunique()} series, {horizon} years")
        print(pd.DataFrame(table).T.round(2).to_string())

    steps = np.random.default_rng(0).normal(1.0, 2.0, (2844, 24))
    walk = 50 + np.cumsum(steps, axis=1).clip(-40)
    many = pd.DataFrame({
        "area": np.repeat(np.arange(2844), 24), "year": np.tile(np.arange(2000, 2024), 2844),
        "value": walk.ravel(),
    })  # fmt: skip
    best = min(_seconds(qhd.project, many) for _ in range(5))
    print(f"\n2,844 series of 24 years: {best:.3f} s, {2844 / best:,.0f} series/s (best of 5)")
    table = pd.concat(covered).pivot_table(
        index="method", columns=["level", "values"], values="inside", observed=True
    )
    print("\nHeld by nominal intervals, percent, by number of values")
    print(table.round(0).to_string())


def _seconds(function: object, *args: object) -> float:
    start = time.perf_counter()
    function(*args)  # type: ignore[operator]
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
