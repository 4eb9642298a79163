"""Trend projections: what the past of a series allows to say about its next years."""
