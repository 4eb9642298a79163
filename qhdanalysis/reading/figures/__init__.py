"""Figures of a prose text: numerals, lexicon, context, rules, assembly."""

from qhdanalysis.reading.figures.assembly import read_figures

__all__ = ["read_figures"]
