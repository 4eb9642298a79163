"""Projections of short yearly series, with intervals that cover what they say."""
