"""Errors of the package: each names the place and the remedy, and all are `QhdError`."""


class QhdError(Exception):
    """Base of all errors that the package raises on purpose."""


class SourceError(QhdError):
    """A file, document or dataset cannot be read or is not what it says it is."""


class UnitError(QhdError):
    """A unit is unknown, was only inferred, or does not fit the other one."""


class AreaError(QhdError):
    """An area name or code is unknown, ambiguous, or did not exist in the year asked for."""


class PanelError(QhdError):
    """A table lacks columns, holds duplicates, or has values that cannot be."""
