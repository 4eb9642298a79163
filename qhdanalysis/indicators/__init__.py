"""Indicators of county economics: plain functions, tidy table in, labelled result out.

Every indicator is ``qhdanalysis.indicators.NAME`` as well as ``qhdanalysis.NAME``.
"""

from typing import Any

import qhdanalysis


def __getattr__(name: str) -> Any:
    if not qhdanalysis._HOME.get(name, "").startswith("indicators."):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(qhdanalysis, name)
