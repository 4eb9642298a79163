"""The four-part mean projection, for all series at once.

Series stand side by side in one array, time down and the longest series first, so that the series
that still run at time t are the first ones: every recursion is a short loop over years with one
plain array operation for all series, and no series can touch another.

Sources: Assimakopoulos and Nikolopoulos (2000), International Journal of Forecasting 16, 521-530
(theta method); Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler (2016), the same journal 32,
1151-1161 (dynamic optimised theta).
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Search range of the smoothing constants: the open unit interval of statsmodels' ThetaModel, and
#: the range of the authors' own code for the dynamic optimised theta.
THETA_RANGE = (1e-4, 1 - 1e-4)
DYNAMIC_RANGE = (0.1, 0.99)


class Stack(NamedTuple):
    """Series of any lengths, side by side and longest first."""

    values: Floats  #: shape (longest, series), zeros after the end of a series
    length: NDArray[np.int64]  #: shape (series,), never increasing

    def steps(self) -> Iterator[tuple[int, int]]:
        """Each time but the first, with the number of series that have a value there."""
        running = np.searchsorted(-self.length, -np.arange(1, len(self.values)), side="left")
        return zip(range(1, len(self.values)), running.tolist(), strict=True)

    def inside(self) -> NDArray[np.bool_]:
        """Where a series has a value, shape (longest, series)."""
        inside: NDArray[np.bool_] = np.arange(len(self.values))[:, None] < self.length
        return inside


class Parts(NamedTuple):
    """The four components, shape (horizon, series), and the two scales of the interval rule."""

    theta: Floats
    dynamic: Floats
    median: Floats
    mean: Floats
    size: Floats  #: A of the interval rule: the typical yearly change
    recent: Floats  #: R of the interval rule: how far the last four changes lay from the usual one
    positive: NDArray[np.bool_]


def four_parts(stack: Stack, horizon: int) -> Parts:
    """Project every series by the four components.

    For a positive series: (1) theta forecast of ``ln y`` with theta = 3, taken back by ``exp``;
    (2) dynamic optimised theta of ``y``; (3) ``y_n + h * median change``; (4) ``y_n + h * mean
    change``. In (3) and (4) a falling slope b gives ``y_n exp(b h / y_n)``, and where (2) is not
    positive the smaller of (1) and ``y_n`` stands for it; (1) is held below ten times the largest
    of the others and ``y_n``. With values at or below zero, (1) is the theta forecast of y itself
    with theta = 2 and all lines are straight.
    """
    inside = stack.inside()
    n = stack.length
    last = np.take_along_axis(stack.values, n[None] - 1, axis=0)[0]
    positive = np.where(inside, stack.values, 1.0).min(axis=0) > 0
    steps = np.arange(1.0, horizon + 1)[:, None]
    inner = inside[1:]
    change = np.where(inner, np.diff(stack.values, axis=0), 0.0)

    mean, median = _total(change) / (n - 1), _median(change, n)
    by_median, by_mean = (_line(last, slope, steps, positive) for slope in (median, mean))

    logs = np.log(np.where(inside & positive, stack.values, 1.0))
    theta = theta_forecast(
        Stack(np.where(positive, logs, stack.values), n), horizon, np.where(positive, 3.0, 2.0)
    )
    theta = np.exp(np.minimum(theta, 700.0), out=theta, where=positive)
    dynamic = dynamic_theta_forecast(stack, horizon)
    # A jump of many powers of ten in the past (a wrong unit) would send (1) to infinity.
    most = 10 * np.maximum(np.maximum(by_median, by_mean), np.maximum(dynamic, last))
    theta = np.where(positive, np.minimum(theta, most), theta)
    dynamic = np.where(positive & (dynamic <= 0), np.minimum(theta, last), dynamic)

    size = _total(np.abs(change)) / (n - 1)
    relative = _total(np.abs(np.where(inner, np.diff(logs, axis=0), 0.0))) / (n - 1)
    size = np.where(positive, np.sqrt(size * np.where(positive, last, 0.0) * relative), size)
    recent = recent_deviation(change, n) + 0.1 * size
    return Parts(theta, dynamic, by_median, by_mean, size, recent, positive)


def recent_deviation(change: Floats, length: NDArray[np.int64]) -> Floats:
    """Mean distance of the last four changes (or of all, if fewer) from the median change."""
    back = np.arange(min(4, len(change)))[:, None]
    latest = np.take_along_axis(change, np.maximum(length - 2 - back, 0), axis=0)
    known = back < length - 1
    distance = (np.abs(latest - _median(change, length)) * known).sum(axis=0)
    mean: Floats = distance / known.sum(axis=0)
    return mean


def theta_forecast(stack: Stack, horizon: int, theta: Floats) -> Floats:
    """Theta forecasts as statsmodels' ``ThetaModel`` defines them, shape (horizon, series).

    Simple exponential smoothing from the first value, plus ``(theta - 1) / theta`` of the slope of
    a straight line through all values. The smoothing constant has the least sum of squares.
    """
    n = stack.length
    time = np.arange(len(stack.values))[:, None]
    slope = _total(np.where(stack.inside(), (time - (n - 1) / 2) * stack.values, 0.0))
    slope /= n * (n * n - 1.0) / 12
    change = np.diff(stack.values, axis=0)

    def errors(rest: Floats) -> tuple[Floats, Floats]:
        error, squares = np.zeros_like(rest), np.zeros_like(rest)
        for t, k in stack.steps():
            now = error[:, :k]
            now *= rest[:, :k]
            now += change[t - 1, :k]
            squares[:, :k] += now * now
        return squares, error

    alpha = least(lambda a: errors(1 - a)[0], len(n), THETA_RANGE, halvings=8)
    rest = 1 - alpha
    level = np.take_along_axis(stack.values, n[None] - 1, axis=0)[0] - rest * errors(rest[None])[1]
    reach = np.arange(horizon)[:, None] + (1 - rest**n) / alpha
    forecast: Floats = level + (1 - 1 / theta) * slope * reach
    return forecast


def dynamic_theta_forecast(stack: Stack, horizon: int) -> Floats:
    """Forecasts of the dynamic optimised theta model, shape (horizon, series).

    One-step errors are linear in the first level and in ``1 - 1 / theta``: for a given smoothing
    constant both follow from two normal equations, and only the constant is searched for.
    """
    values, n = stack.values, stack.length
    change = np.diff(values, axis=0)
    # Straight line through the first t values, for every t: `line` is its end, `slope` its slope.
    total, slope, average = values[0].copy(), np.zeros(len(n)), values[0].copy()
    lines = np.zeros((2, *values.shape))
    lines[0, 0] = values[0]
    for t, k in stack.steps():
        now = values[t, :k]
        slope[:k] = ((t - 1) * slope[:k] + 6 / (t + 1) * (now - average[:k])) / (t + 2)
        total[:k] += now
        average[:k] = total[:k] / (t + 1)
        lines[:, t, :k] = average[:k] - (t + 2) / 2 * slope[:k], slope[:k]

    def sums(alpha: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Sum of squares at the best (first error, weight), the two, and the last error."""
        rest = 1 - alpha
        error, power = np.zeros_like(rest), np.ones_like(rest)
        ee, ep, ec, pp, pc, cc = np.zeros((6, *rest.shape))
        for t, k in stack.steps():
            b, p, e = rest[:, :k], power[:, :k], error[:, :k]
            p *= b
            e *= b
            e += change[t - 1, :k]
            c = p * lines[0, t - 1, :k] + (1 - p * b) / alpha[:, :k] * lines[1, t - 1, :k]
            ee[:, :k] += e * e
            ep[:, :k] += e * p
            ec[:, :k] += e * c
            pp[:, :k] += p * p
            pc[:, :k] += p * c
            cc[:, :k] += c * c
        # Residual e + first * p - weight * c, weight between 0 and 1.
        flat = cc * pp - pc * pc
        with np.errstate(divide="ignore", invalid="ignore"):
            weight = np.where(flat > 1e-12 * cc * pp, (ec * pp - ep * pc) / flat, 0.0)
        weight = np.clip(weight, 0.0, 1.0)
        first = (weight * pc - ep) / pp
        squares = (
            ee + first * (first * pp + 2 * (ep - weight * pc)) + weight * (weight * cc - 2 * ec)
        )
        return squares, first, weight, error + first * power

    alpha = least(lambda a: sums(a)[0], len(n), DYNAMIC_RANGE, halvings=4)
    _, _, weight, error = (x[0] for x in sums(alpha[None]))
    rest = 1 - alpha
    level = np.take_along_axis(values, n[None] - 1, axis=0)[0] - rest * error
    power = rest ** (n - 1)
    end = lines[:, n - 1, np.arange(len(n))]
    forecast = np.empty((horizon, len(n)))
    for h in range(horizon):
        ahead = n + h
        power = power * rest
        now = level + weight * (power * end[0] + (1 - power * rest) / alpha * end[1])
        forecast[h] = now
        level = alpha * now + rest * level
        slope = ((ahead - 1) * end[1] + 6 / (ahead + 1) * (now - average)) / (ahead + 2)
        average = average + (now - average) / (ahead + 1)
        end = np.stack([average - (ahead + 2) / 2 * slope, slope])
    return forecast


def least(
    cost: Callable[[Floats], Floats], series: int, limits: tuple[float, float], halvings: int
) -> Floats:
    """Where each series' cost is least within the limits: a grid, halved steps, one parabola."""
    grid = np.linspace(*limits, 11)
    step = float(grid[1] - grid[0])
    column = np.arange(series)
    costs = cost(np.repeat(grid[:, None], series, axis=1))
    best = costs.argmin(axis=0)
    place, value = grid[best], costs[best, column]
    sides = np.array([[-1.0], [1.0]])
    for _ in range(halvings):
        step /= 2
        tries = np.clip(place + step * sides, *limits)
        costs = cost(tries)
        best = costs.argmin(axis=0)
        lower = costs[best, column] < value
        place = np.where(lower, tries[best, column], place)
        value = np.where(lower, costs[best, column], value)
    below, above = cost(np.clip(place + step * sides, *limits))
    bend = below + above - 2 * value
    shift = np.divide(below - above, 2 * bend, out=np.zeros(series), where=bend > 0)
    last = np.clip(place + step * np.clip(shift, -1, 1), *limits)
    best_place: Floats = np.where(cost(last[None])[0] < value, last, place)
    return best_place


def _total(values: Floats) -> Floats:
    """Sum over time, term by term: unlike ``sum``, the same to the last digit in any company."""
    total: Floats = np.cumsum(values, axis=0)[-1]
    return total


def _median(change: Floats, length: NDArray[np.int64]) -> Floats:
    """Median change of each series; a series has one change fewer than values."""
    ranked = np.sort(np.where(np.arange(len(change))[:, None] < length - 1, change, np.inf), axis=0)
    middle = np.stack([(length - 2) // 2, (length - 1) // 2])
    median: Floats = np.take_along_axis(ranked, middle, axis=0).mean(axis=0)
    return median


def _line(last: Floats, slope: Floats, steps: Floats, positive: NDArray[np.bool_]) -> Floats:
    """``last + slope * h``; a falling positive series decays exponentially instead."""
    decays = positive & (slope < 0)
    rate = np.divide(slope, last, out=np.zeros_like(last), where=decays)
    line: Floats = np.where(decays, last * np.exp(rate * steps), last + slope * steps)
    return line
