"""Figures in running text: numerals, lexicon, context, assembly."""
