"""The grid of cells that every kind of file becomes, and the sizes up to which one is read."""

import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qhdanalysis.errors import SourceError

# A county's yearbook is some 10 MB; what is far beyond is no table that somebody typed.
MAX_CELLS, MAX_COLUMNS = 30_000_000, 16_384
BROKEN = (  # what a damaged archive raises
    zlib.error,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
)


@dataclass
class Grid:
    """One sheet, table of a page, or text: its cells, merged ranges, and the lines before it.

    ``spans`` hold first row, first column, last row and last column from 0, as in the file;
    ``origin`` is the row and column of the file where the cells begin.
    """

    name: str
    rows: list[list[Any]]
    spans: list[tuple[int, int, int, int]] = field(default_factory=list)
    origin: tuple[int, int] = (0, 0)
    above: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kind: str = "sheet"


def check_size(path: Path, name: str, height: int, width: int) -> None:
    """Refuse a grid larger than anything that somebody typed."""
    if height * width > MAX_CELLS or width > MAX_COLUMNS:
        raise SourceError(
            f"{path}: {name} spans {height:,} rows by {width:,} columns, more than {MAX_CELLS:,} "
            f"cells or {MAX_COLUMNS:,} columns; delete empty rows and columns and save again"
        )


def chosen(path: Path, grids: list[Grid], sheet: str | int | None) -> list[Grid]:
    """Keep the sheet that the caller named, by name or by position from 0."""
    named = [grid for i, grid in enumerate(grids) if sheet in (None, i, grid.name)]
    if sheet is not None and not named:
        names = ", ".join(grid.name for grid in grids[:20])
        raise SourceError(f"{path}: has no sheet {sheet!r}; it has {names}")
    return named
