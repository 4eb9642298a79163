"""Charts in one style, in Chinese or English, from the tidy tables of the other rooms.

Names are resolved at first use: who only needs words and numbers (`style`) loads no matplotlib.
"""

from importlib import import_module
from typing import Any

_MODULES = {
    "canvas": "save",
    "delivery": "plot_audit plot_credit_funnel plot_execution",
    "structure": "plot_convergence plot_location_quotient plot_lorenz plot_shift_share "
    "plot_tile_map",
    "style": "label",
    "trends": "plot_contribution plot_projection plot_series plot_share",
}
_HOME = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
