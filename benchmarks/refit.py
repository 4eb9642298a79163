"""Find the constants of the interval rule again, from the two sets they were fitted on.

    python benchmarks/refit.py TOURISM.csv.gz GDP.csv.gz

The files hold yearly series with columns ``series_id, split (train or test), t, value``: the 259
series of the tourism forecasting competition and the GDP of 105 countries. The half width is
``K exp(c / n) h^p A^q R^(1-q)`` (see `qhdanalysis.projection.intervals`).

1. p: least squares of the log error on log h over all origins with at least six years before them.
2. c and q: regression of the 95 percent quantile of the log error of the held-back years, projected
   from the last 6, the last 10 and all training years, each series with the same weight.
3. K: the factor with the least mean interval score (MSIS) on the held-back years.

The exponents are not sharply determined: other reasonable fits of the same files give c between 1
and 4 with K smaller in turn. Exit code 1 if a constant is not found within 10 percent.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.quantile_regression import QuantReg

from qhdanalysis.projection import intervals
from qhdanalysis.projection.batch import Stack, four_parts

Case = tuple[str, np.ndarray, np.ndarray]  # series, years known, years to come


def errors(cases: list[Case], horizon: int = 6) -> pd.DataFrame:
    """Project every case and set the scales of the interval rule beside the errors."""
    cases = sorted(cases, key=lambda case: -len(case[1]))
    length = np.array([len(known) for _, known, _ in cases])
    values = np.zeros((length.max(), len(cases)))
    for i, (_, known, _) in enumerate(cases):
        values[: len(known), i] = known / known.max()
    parts = four_parts(Stack(values, length), horizon)
    estimate = (parts.theta + parts.dynamic + parts.median + parts.mean) / 4
    rows = [
        (name, h + 1, length[i], parts.size[i], parts.recent[i], estimate[h, i], y / known.max(),
         np.abs(np.diff(known)).mean() / known.max())
        for i, (name, known, later) in enumerate(cases)
        for h, y in enumerate(later[:horizon])
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["series", "h", "n", "size", "recent", "f", "y", "step"])
    frame = frame[(frame["size"] > 0) & (frame["step"] > 0)]
    miss = np.maximum((frame["y"] - frame["f"]).abs(), 1e-3 * frame["size"])
    return frame.assign(log=np.log(miss / frame["recent"]))


def main(paths: list[str]) -> int:
    """Refit, print the constants side by side, and say whether they agree."""
    rolling: list[Case] = []
    cut: list[Case] = []
    held: list[Case] = []
    for path in paths:
        data = pd.read_csv(Path(path)).sort_values(["series_id", "t"])
        for name, rows in data.groupby("series_id"):
            y, train = rows["value"].to_numpy(), int(rows["split"].eq("train").sum())
            rolling += [(str(name), y[:o], y[o:]) for o in range(6, len(y))]
            lengths = {min(n, train) for n in (6, 10, train)}
            cut += [(str(name), y[train - n : train], y[train:]) for n in lengths]
            held.append((str(name), y[:train], y[train:]))

    frame = errors(rolling)
    ratio = np.log(frame["size"] / frame["recent"])
    design = np.column_stack([np.ones(len(frame)), np.log(frame["h"]), 1 / frame["n"], ratio])
    power = OLS(frame["log"].to_numpy(), design).fit().params[1]

    frame = errors(cut)
    weight = 1 / frame.groupby("series")["h"].transform("size").to_numpy()
    ratio = np.log(frame["size"] / frame["recent"])
    design = np.column_stack([np.ones(len(frame)), 1 / frame["n"], ratio])
    target = (frame["log"] - power * np.log(frame["h"])).to_numpy()
    fit = QuantReg(target * weight, design * weight[:, None]).fit(q=0.95, max_iter=5000)
    short, size_power = fit.params[1:]

    frame = errors(held)
    found = {"HORIZON_POWER": power, "SHORT": short, "SIZE_POWER": size_power}
    shape = np.exp(intervals.SHORT / frame["n"]) * frame["h"] ** intervals.HORIZON_POWER
    shape *= frame["size"] ** intervals.SIZE_POWER * frame["recent"] ** (1 - intervals.SIZE_POWER)
    for level in intervals.FACTOR:
        penalty = 2 / (1 - level / 100)

        def score(k: float, penalty: float = penalty) -> float:
            low, high = frame["f"] * np.exp(-k * shape / frame["f"]), frame["f"] + k * shape
            outside = (low - frame["y"]).clip(lower=0) + (frame["y"] - high).clip(lower=0)
            return float(((high - low + penalty * outside) / frame["step"]).mean())

        found[f"FACTOR[{level}]"] = minimize_scalar(score, bounds=(0.5, 4)).x

    shipped = {
        "HORIZON_POWER": intervals.HORIZON_POWER,
        "SHORT": intervals.SHORT,
        "SIZE_POWER": intervals.SIZE_POWER,
        **{f"FACTOR[{level}]": value for level, value in intervals.FACTOR.items()},
    }
    worst = 0.0
    print(f"{'constant':15} {'shipped':>8} {'found':>8} {'apart':>8}")
    for name, value in shipped.items():
        apart = found[name] / value - 1
        worst = max(worst, abs(apart))
        print(f"{name:15} {value:8.3f} {found[name]:8.3f} {apart:+8.1%}")
    return int(worst > 0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
