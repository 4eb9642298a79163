"""From a county government's document or yearbook table to a checked policy memo.

Every public name is reached as ``qhdanalysis.NAME``; the module that holds it is imported at first
use, so that ``import qhdanalysis`` costs almost nothing.

The examples of the docstrings run as they stand after these lines::

    from pathlib import Path

    import numpy as np
    import pandas as pd

    from qhdanalysis import *
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "errors": "QhdError SourceError UnitError AreaError PanelError",
    "units": "Interval convert written",
    "areas": "resolve_area resolve_areas match_areas children parents events",
    "records": "select to_panel standard_code",
    "checks": "check_records",
    "vintages": "merge_records",
    "writing": "template export",
    "catalog": "datasets load_dataset provenance document_path",
    "reading.documents": "Document read_document read_documents read_text to_records",
    "reading.audit": "audit",
    "reading.tables": "read_table describe_table read_repairs",
    "projection.trend": "project trend_growth fit_trend",
    "projection.coherent": "project_shares project_parts reconcile",
    "projection.evaluate": "backtest",
    "projection.breaks": "find_breaks",
    "projection.wording": "describe_projection",
    "memo": "build_memo verify_memo Verification",
    "plots": "plot_share plot_contribution plot_projection plot_execution plot_credit_funnel "
    "plot_audit plot_location_quotient plot_shift_share plot_lorenz plot_convergence plot_tile_map "
    "plot_series",
    "indicators.shares": "gdp_share share_remainder sector_share relative_level gdp_per_head"
    " gdp_density rank rank_change",
    "indicators.growth": "growth_rate cagr index_numbers real_value implied_deflator"
    " contribution_to_growth growth_decomposition cluster_growth doubling_time",
    "indicators.delivery": "completion_rate schedule_gap run_rate start_rate resumption_rate"
    " conversion_rate permits_per_project resolution_rate credit_drawdown implied_repayment"
    " loans_to_gdp loan_to_deposit_ratio loans_to_investment funding_gap fiscal_self_sufficiency"
    " icor investment_efficiency revenue_per_used_mu tax_per_used_mu value_added_per_used_mu"
    " implied_total",
    "indicators.structure": "location_quotient specialisation concentration shift_share",
    "indicators.inequality": "gini theil generalised_entropy atkinson cv hoover inequality"
    " urban_rural_ratio",
    "indicators.convergence": "beta_convergence sigma_convergence sigma_test",
    "indicators.composite": "composite_index",
    "scale": "read_corpus apply_by",
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in {room.partition(".")[0] for room in _ROOMS}:
        return import_module(f"{__name__}.{name}")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
