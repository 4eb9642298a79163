"""Charts in one style, in Chinese or English, from the tidy tables of the other rooms."""

from qhdanalysis.plots.delivery import plot_audit, plot_credit_funnel, plot_execution
from qhdanalysis.plots.structure import (
    plot_convergence,
    plot_location_quotient,
    plot_lorenz,
    plot_shift_share,
    plot_tile_map,
)  # fmt: skip
from qhdanalysis.plots.style import label, save
from qhdanalysis.plots.trends import plot_contribution, plot_projection, plot_share

__all__ = [
    "label", "plot_audit", "plot_contribution", "plot_convergence", "plot_credit_funnel",
    "plot_execution", "plot_location_quotient", "plot_lorenz", "plot_projection", "plot_share",
    "plot_shift_share", "plot_tile_map", "save",
]  # fmt: skip
