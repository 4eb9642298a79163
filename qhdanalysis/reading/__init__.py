"""Documents and tables into figures, records and checks."""
