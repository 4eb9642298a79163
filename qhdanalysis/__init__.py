"""From a county government's document or yearbook table to a checked policy memo.

Every public name is reached as ``qhdanalysis.NAME``; the module that holds it is imported at first
use, so that ``import qhdanalysis`` costs almost nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_ROOMS = {
    "errors": "QhdError SourceError UnitError AreaError PanelError",
    "units": "convert",
    "areas": "resolve_area resolve_areas match_areas children parents events",
    "records": "check_records select to_panel merge_records standard_code",
    "writing": "template export",
    "catalog": "datasets load_dataset provenance document_path",
    "reading.documents": "Document read_document read_documents read_text",
    "reading.audit": "audit",
    "reading.tables": "read_table describe_table read_repairs",
    "projection.trend": "project trend_growth fit_trend",
    "projection.coherent": "project_shares project_parts reconcile",
    "plots": "plot_share plot_execution plot_credit_funnel plot_projection",
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
