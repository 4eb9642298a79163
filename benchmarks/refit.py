"""Find the constants of the interval rule again, from the two sets they were fitted on.

    python benchmarks/refit.py TOURISM.csv.gz GDP.csv.gz

The files hold yearly series with columns ``series_id, split (train or test), t, value``: the 259
series of the tourism forecasting competition and the GDP of 105 countries. The half width is
``K exp(c / n) h^p A^q R^(1-q)`` (see `qhdanalysis.projection.intervals`).

1. p: least squares of the log error on log h over all origins with at least six years before them.
2. c and q: regression of the 95 percent quantile of the log error of the held-back years, projected
   from the last 6, the last 10 and all training years, each series with the same weight.
3. K: the factor with the least mean interval score (MSIS) on the held-back years.
4. Shares (GDP file): ten countries drawn at random are parts of their sum; origins every third year
   from the fifth on, with the whole past and with the last eight years. The exponent by least
   squares of the log error of the logit on log h, the factors as quantiles of error over shape.

The exponents are not sharply determined: other reasonable fits of the same files give c between 1
and 4 with K smaller in turn. Exit code 1 if a constant is not found within 10 percent.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import logit
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.quantile_regression import QuantReg

from qhdanalysis.projection import intervals
from qhdanalysis.projection.batch import Stack, four_parts, recent_deviation
from qhdanalysis.projection.coherent import DRIFT

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


def share_errors(path: str, draws: int = 15) -> pd.DataFrame:
    """Errors of the logit of projected shares, with the shape of the rule but for the horizon."""
    data = pd.read_csv(Path(path)).rename(columns={"year": "when"})
    wide = data.pivot(index="when", columns="series_id", values="value").loc[1994:].dropna(axis=1)
    rng, rows = np.random.default_rng(1), []
    for _ in range(draws):
        drawn = rng.permutation(wide.shape[1])
        for start in range(0, wide.shape[1] - 9, 10):
            values = wide.iloc[:, drawn[start : start + 10]].to_numpy()
            share = values / values.sum(axis=1, keepdims=True)
            for origin in range(5, len(share) - 1, 3):
                for first in {0, max(0, origin - 8)}:
                    z = np.log(share[first:origin])
                    n = len(z)
                    change = np.diff(logit(share[first:origin]), axis=0)
                    size = np.abs(change).mean(axis=0)
                    recent = recent_deviation(change, np.full(10, n)) + 0.1 * size
                    power = intervals.SIZE_POWER
                    shape = np.exp(intervals.SHORT / n) * size**power * recent ** (1 - power)
                    pace = DRIFT * (z[-1] - z[0] - (z[-1] - z[0]).mean()) / (n - 1)
                    for h in range(1, min(6, len(share) - origin) + 1):
                        ahead = np.exp(z[-1] + h * pace)
                        miss = logit(share[origin + h - 1]) - logit(ahead / ahead.sum())
                        rows.append(np.column_stack([np.full(10, h), shape, np.abs(miss), size]))
    return pd.DataFrame(np.vstack(rows), columns=["h", "shape", "miss", "size"])


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

    frame = share_errors(paths[-1])
    error = np.log(np.maximum(frame["miss"], 1e-3 * frame["size"]) / frame["shape"])
    design = np.column_stack([np.ones(len(frame)), np.log(frame["h"])])
    found["SHARE_POWER"] = OLS(error.to_numpy(), design).fit().params[1]
    scaled = frame["miss"] / (frame["shape"] * frame["h"] ** intervals.SHARE_POWER)
    for level in intervals.SHARE_FACTOR:
        found[f"SHARE_FACTOR[{level}]"] = scaled.quantile(level / 100)

    shipped = {
        "HORIZON_POWER": intervals.HORIZON_POWER,
        "SHORT": intervals.SHORT,
        "SIZE_POWER": intervals.SIZE_POWER,
        **{f"FACTOR[{level}]": value for level, value in intervals.FACTOR.items()},
        "SHARE_POWER": intervals.SHARE_POWER,
        **{f"SHARE_FACTOR[{level}]": value for level, value in intervals.SHARE_FACTOR.items()},
    }
    worst = 0.0
    print(f"{'constant':17} {'shipped':>8} {'found':>8} {'apart':>8}")
    for name, value in shipped.items():
        apart = found[name] / value - 1
        worst = max(worst, abs(apart))
        print(f"{name:17} {value:8.3f} {found[name]:8.3f} {apart:+8.1%}")
    return int(worst > 0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
