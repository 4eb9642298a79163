"""Tables of yearbooks, bulletins, exports and vendors, read as records with their place."""

from qhdanalysis.reading.tables.read import (
    TableDescription,
    describe_table,
    read_repairs,
    read_table,
)

__all__ = ["TableDescription", "describe_table", "read_repairs", "read_table"]
