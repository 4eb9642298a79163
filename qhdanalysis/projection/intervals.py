"""How wide a projection's interval must be for what it says to come true.

The rule and its constants were fitted on two public sets of yearly series whose futures are known:
259 series of the 2010 tourism forecasting competition (Athanasopoulos, Hyndman, Song and Wu 2011,
International Journal of Forecasting 27, 822-844) and the gross domestic product of 105 countries in
current dollars (World Bank, CC BY 4.0). ``benchmarks/refit.py`` finds the constants again from
those files. The M3 competition's series judged the result and had no part in it.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Factor of the half width at the two fitted levels (percent).
FACTOR = {80: 1.32, 95: 2.41}
#: Exponents: of the horizon, of the typical change A (the recent deviation R has the rest), and the
#: widening of short series exp(SHORT / n).
HORIZON_POWER = 0.78
SIZE_POWER = 0.77
SHORT = 1.13
#: Degrees of freedom of the Student distribution whose 95 and 80 percent quantiles stand to each
#: other as the two factors do.
FREEDOM = 3.8
#: Logarithms beyond this would leave the range of floating-point numbers.
FAR = 700.0


#: What the nominal intervals of the models of statsmodels held of the futures of those two sets, in
#: percent, for series of up to 15, 16 to 25 and more values (``benchmarks/projection.py``).
NOMINAL = {
    "ols": {80: (65, 44, 55), 95: (82, 69, 79)},
    "theta": {80: (37, 58, 53), 95: (53, 73, 70)},
    "ets": {80: (31, 55, 61), 95: (46, 71, 81)},
    "local_linear_trend": {80: (39, 60, 66), 95: (61, 75, 86)},
    "arima": {80: (36, 60, 66), 95: (51, 76, 82)},
    "drift": {80: (46, 60, 63), 95: (67, 79, 78)},
}
#: Factor and horizon exponent for the logit of a share, fitted on shares of ten countries in their
#: sum (second set, rolling origins).
SHARE_FACTOR = {80: 1.41, 95: 2.61}
SHARE_POWER = 0.65


@cache
def factor(level: float, share: bool = False) -> float:
    """Factor of the half width at any level: as fitted, elsewhere along the Student distribution.

    >>> factor(80), factor(95), round(factor(90), 2)
    (1.32, 2.41, 1.84)
    """
    fitted = SHARE_FACTOR if share else FACTOR
    if level in fitted:
        return fitted[int(level)]
    from scipy.stats import t

    return float(fitted[80] * t.ppf(0.5 + level / 200, FREEDOM) / t.ppf(0.9, FREEDOM))


def half_width(
    size: Floats,
    recent: Floats,
    length: NDArray[np.int64],
    horizon: int,
    level: float,
    share: bool = False,
) -> Floats:
    """Half width of the interval for a new observation, shape (horizon, series).

    ``w_h = K exp(1.13 / n) h^0.78 A^0.77 R^0.23`` with A the typical yearly change and R the mean
    deviation of the last four changes; K is 1.32 for 80 and 2.41 for 95 percent.
    """
    scale = (
        factor(level, share)
        * np.exp(SHORT / length)
        * size**SIZE_POWER
        * recent ** (1 - SIZE_POWER)
    )
    power = SHARE_POWER if share else HORIZON_POWER
    width: Floats = np.arange(1, horizon + 1)[:, None] ** power * scale
    return width


def bounds(estimate: Floats, width: Floats, positive: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Lower and upper bound: ``F exp(-w / F)`` and ``F + w``; ``F - w`` if not all positive.

    Examples
    --------
    >>> low, high = bounds(np.array([[2.0]]), np.array([[2.0]]), np.array([True]))
    >>> low.round(4).item(), high.item()
    (0.7358, 4.0)
    """
    ratio = np.divide(width, estimate, out=np.zeros_like(width), where=positive & (estimate > 0))
    low = np.where(positive, estimate * np.exp(-np.minimum(ratio, FAR)), estimate - width)
    return low, estimate + width


def nominal_coverage(method: str, length: int) -> str:
    """Say what the nominal intervals of a model of statsmodels really cover at this length."""
    group = int(np.searchsorted([15, 25], length))
    of80, of95 = (NOMINAL[method][level][group] for level in (80, 95))
    years = ("up to 15", "16 to 25", "more than 25")[group]
    return (
        f'method "{method}": on 364 public series with {years} values its 80% intervals '
        f'held {of80}% and its 95% intervals {of95}% of what came. "auto" is calibrated.'
    )
