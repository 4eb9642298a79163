"""The projection models of statsmodels, by their own names."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError
from qhdanalysis.indicators.matrix import listed
from qhdanalysis.projection.intervals import nominal_coverage
from qhdanalysis.projection.series import Panel, Paths, warn

Forecast = tuple[Any, list[Any]]  # estimates, and lower and upper bounds of each level


class Model(NamedTuple):
    """How a model is fitted to one series, and what it says of the next years."""

    fit: Callable[[pd.Series], Any]
    forecast: Callable[[Any, int, Sequence[float]], Forecast]
    skips: bool  #: whether it takes missing years as missing


def _fit_ols(series: pd.Series) -> Any:
    from statsmodels.regression.linear_model import OLS

    known = series.dropna()
    if (known <= 0).any():
        raise PanelError(
            f"{series.name}: the log-linear trend needs values above zero, and not all are. "
            'Use method="drift" or "local_linear_trend".'
        )
    years = np.asarray(known.index, dtype=float)
    design = pd.DataFrame({"const": 1.0, "year": years - years[0]}, index=known.index)
    kinds = {"maxlags": int(4 * (len(known) / 100) ** (2 / 9)), "use_correction": True}
    return OLS(np.log(known), design).fit(cov_type="HAC", cov_kwds=kinds, use_t=True)


def _ols_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    # The interval of a new observation rests on the residual variance: the classical formula.
    ahead = fit.model.exog[-1] + np.arange(1, horizon + 1)[:, None] * [0, 1]
    prediction = fit.model.fit().get_prediction(ahead)
    ends = [np.exp(prediction.conf_int(obs=True, alpha=1 - x / 100)).T for x in levels]
    return np.exp(prediction.predicted), ends


def _fit_theta(series: pd.Series) -> Any:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    return ThetaModel(series, period=1, deseasonalize=False).fit()


def _theta_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    ends = [fit.prediction_intervals(horizon, alpha=1 - x / 100).to_numpy().T for x in levels]
    return fit.forecast(horizon), ends


def _fit_ets(series: pd.Series) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    return ETSModel(series, error="add", trend="add", damped_trend=True).fit(disp=0)


def _ets_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    prediction = fit.get_prediction(start=fit.nobs, end=fit.nobs + horizon - 1)
    frames = [prediction.summary_frame(alpha=1 - x / 100) for x in levels]
    return frames[0]["mean"], [f[["pi_lower", "pi_upper"]].to_numpy().T for f in frames]


def _fit_local_linear_trend(series: pd.Series) -> Any:
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    return UnobservedComponents(series, "local linear trend", use_exact_diffuse=True).fit(disp=0)


def _fit_arima(series: pd.Series, averages: int = 1) -> Any:
    from statsmodels.tsa.arima.model import ARIMA

    return ARIMA(series, order=(0, 1, averages), trend="t").fit()


def _state_space_forecast(fit: Any, horizon: int, levels: Sequence[float]) -> Forecast:
    forecast = fit.get_forecast(horizon)
    ends = [np.asarray(forecast.conf_int(alpha=1 - x / 100)).T for x in levels]
    return forecast.predicted_mean, ends


MODELS = {
    "ols": Model(_fit_ols, _ols_forecast, skips=True),
    "theta": Model(_fit_theta, _theta_forecast, skips=False),
    "ets": Model(_fit_ets, _ets_forecast, skips=False),
    "local_linear_trend": Model(_fit_local_linear_trend, _state_space_forecast, skips=True),
    "arima": Model(_fit_arima, _state_space_forecast, skips=True),
    "drift": Model(partial(_fit_arima, averages=0), _state_space_forecast, skips=True),
}


def fit_one(panel: Panel, method: str, area: int = 0, unit: float = 1.0) -> Any:
    """Fit a model to one area, keeping statsmodels' own warnings and errors from the reader."""
    if method not in MODELS:
        raise PanelError(f"method {method!r} is unknown. There are: {', '.join(MODELS)}.")
    own = panel.keep(panel.code == area)
    left_out = MODELS[method].skips & ~own.known
    values = np.where(left_out, np.nan, own.value / unit)
    start = pd.Period(year=int(own.year[0]), freq="Y")
    index = own.year if method == "ols" else pd.period_range(start, periods=len(own.year))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return MODELS[method].fit(pd.Series(values, index=index, name=str(panel.areas[area])))
    except (ValueError, np.linalg.LinAlgError, IndexError, ZeroDivisionError) as error:
        raise PanelError(
            f'{panel.areas[area]}: method "{method}" cannot be fitted to these {len(own.year)} '
            f'values ({error}). Use method="auto".'
        ) from error


def by_model(panel: Panel, horizon: int, levels: Sequence[float], method: str) -> Paths:
    """Project each area by a model of statsmodels; say what its intervals really cover."""
    estimate = np.empty((horizon, len(panel.areas)))
    ends = np.empty((len(levels), 2, horizon, len(panel.areas)))
    for i in range(len(panel.areas)):
        # In a unit that brings it between 1,000 and 10,000: optimisers stop at absolute steps, and
        # ARIMA starts from a variance of 1e6, which for larger values is far from diffuse.
        size = np.abs(panel.value[panel.code == i]).max()
        unit = 10.0 ** (np.floor(np.log10(size or 1.0)) - 3)
        fit = fit_one(panel, method, i, unit)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            ahead, sides = MODELS[method].forecast(fit, horizon, levels)
        estimate[:, i], ends[..., i] = np.asarray(ahead) * unit, np.asarray(sides) * unit
    if len(broken := np.flatnonzero(~np.isfinite(ends).all(axis=(0, 1, 2)))):
        raise PanelError(
            f'method "{method}" gives no finite interval for {listed(panel.areas[broken])}. '
            'Use method="auto".'
        )
    warn(nominal_coverage(method, int(np.median(panel.sizes()))))
    return Paths(estimate, ends[:, 0], ends[:, 1])
