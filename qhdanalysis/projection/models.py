"""The projection models of statsmodels, by their own names."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qhdanalysis.errors import PanelError
from qhdanalysis.projection.batch import Floats, Stack
from qhdanalysis.projection.intervals import nominal_coverage
from qhdanalysis.projection.series import names, warn

Forecast = tuple[Any, list[tuple[Any, Any]]]  # estimates, and (lower, upper) of each level


class Model(NamedTuple):
    """How a model is fitted to one series, and what it says of the next years."""

    fit: Callable[[pd.Series], Any]
    forecast: Callable[[Any, int, Sequence[float]], Forecast]
    skips: bool  #: whether it takes missing years as missing


def fit_ols(series: pd.Series, label: str = "the series") -> Any:
    """Fit ``ln y = a + b year`` with HAC errors; the index of the series holds the years."""
    from statsmodels.regression.linear_model import OLS

    known = series.dropna()
    if (known <= 0).any():
        raise PanelError(
            f"{label}: the log-linear trend needs positive values, and {known.min():g} is among "
            'them. Use method="drift" or "local_linear_trend".'
        )
    years = np.asarray(known.index, dtype=float)
    design = pd.DataFrame({"const": 1.0, "year": years - years[0]}, index=known.index)
    lags = int(4 * (len(known) / 100) ** (2 / 9))
    kinds = {"maxlags": lags, "use_correction": True}
    return OLS(np.log(known), design).fit(cov_type="HAC", cov_kwds=kinds, use_t=True)


def _ols_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    # The interval of a new observation rests on the residual variance: the classical formula.
    design = fit.model.exog
    ahead = np.column_stack([np.ones(horizon), design[-1, 1] + np.arange(1, horizon + 1)])
    prediction = fit.model.fit().get_prediction(ahead)
    ends = [np.exp(prediction.conf_int(obs=True, alpha=1 - x / 100)).T for x in levels]
    return np.exp(prediction.predicted), [(end[0], end[1]) for end in ends]


def _fit_theta(series: pd.Series) -> Any:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    return ThetaModel(series, period=1, deseasonalize=False).fit()


def _theta_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    ends = [fit.prediction_intervals(horizon, alpha=1 - x / 100) for x in levels]
    return fit.forecast(horizon), [(end["lower"], end["upper"]) for end in ends]


def _fit_ets(series: pd.Series) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    return ETSModel(series, error="add", trend="add", damped_trend=True).fit(disp=0)


def _ets_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    prediction = fit.get_prediction(start=fit.nobs, end=fit.nobs + horizon - 1)
    frames = [prediction.summary_frame(alpha=1 - x / 100) for x in levels]
    return frames[0]["mean"], [(f["pi_lower"], f["pi_upper"]) for f in frames]


def _fit_local_linear_trend(series: pd.Series) -> Any:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    return UnobservedComponents(series, "local linear trend").fit(disp=0)


def _fit_arima(series: pd.Series) -> Any:
    from statsmodels.tsa.arima.model import ARIMA

    return ARIMA(series, order=(0, 1, 1), trend="t").fit()


def _fit_drift(series: pd.Series) -> Any:
    from statsmodels.tsa.arima.model import ARIMA

    return ARIMA(series, order=(0, 1, 0), trend="t").fit()


def _state_space_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    forecast = fit.get_forecast(horizon)
    ends = [np.asarray(forecast.conf_int(alpha=1 - x / 100)).T for x in levels]
    return forecast.predicted_mean, [(end[0], end[1]) for end in ends]


MODELS = {
    "ols": Model(fit_ols, _ols_forecast, skips=True),
    "theta": Model(_fit_theta, _theta_forecast, skips=False),
    "ets": Model(_fit_ets, _ets_forecast, skips=False),
    "local_linear_trend": Model(_fit_local_linear_trend, _state_space_forecast, skips=True),
    "arima": Model(_fit_arima, _state_space_forecast, skips=True),
    "drift": Model(_fit_drift, _state_space_forecast, skips=True),
}


def fit_one(
    values: Floats, known: NDArray[np.bool_], method: str, label: Any, first_year: int | None = None
) -> Any:
    """Fit a model to one series, keeping statsmodels' own warnings and errors from the reader."""
    series = pd.Series(np.where(known, values, np.nan) if MODELS[method].skips else values)
    series.name = str(label)
    if first_year is not None and method == "ols":
        series.index = np.arange(first_year, first_year + len(series))
    elif first_year is not None:
        series.index = pd.period_range(f"{first_year:04d}", periods=len(series), freq="Y")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return MODELS[method].fit(series)
    except (ValueError, np.linalg.LinAlgError, IndexError, ZeroDivisionError) as error:
        raise PanelError(
            f'{label}: method "{method}" cannot be fitted to these {len(series)} values ({error}). '
            'Use method="auto".'
        ) from error


def by_model(
    stack: Stack,
    known: NDArray[np.bool_],
    areas: pd.Index,
    horizon: int,
    levels: Sequence[float],
    method: str,
) -> tuple[Floats, Floats, Floats]:
    """Project each column by a model of statsmodels; say what its intervals really cover."""
    estimate = np.empty((horizon, len(areas)))
    sides = np.empty((2, len(levels), horizon, len(areas)))
    for i, label in enumerate(areas):
        n = stack.length[i]
        fit = fit_one(stack.values[:n, i], known[:n, i], method, label)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            estimate[:, i], ends = MODELS[method].forecast(fit, horizon, levels)
        sides[:, :, :, i] = np.swapaxes(np.asarray(ends, dtype=float), 0, 1)
    if len(broken := np.flatnonzero(~np.isfinite(sides).all(axis=(0, 1, 2)))):
        raise PanelError(
            f'method "{method}" gives no finite interval for {names(areas[broken])}. '
            'Use method="auto".'
        )
    warn(nominal_coverage(method, int(np.median(stack.length))))
    return estimate, sides[0], sides[1]
