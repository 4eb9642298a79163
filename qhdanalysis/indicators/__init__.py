"""Indicators of county economics: plain functions, tidy table in, labelled result out."""
