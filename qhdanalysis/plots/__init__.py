"""Charts in one style, in Chinese or English, from the tidy tables of the other rooms."""

from qhdanalysis.plots.delivery import plot_credit_funnel, plot_execution
from qhdanalysis.plots.style import label, save
from qhdanalysis.plots.trends import plot_projection, plot_share

__all__ = ["label", "plot_credit_funnel", "plot_execution", "plot_projection", "plot_share", "save"]
