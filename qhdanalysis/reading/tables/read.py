"""Read a table file, tell beforehand what will be read, and list what was repaired."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.tables.assemble import Hints, build, place_of
from qhdanalysis.reading.tables.cells import Cells, matches, read_cells, said
from qhdanalysis.reading.tables.grids import read_grids
from qhdanalysis.reading.tables.layout import (
    Block,
    find_blocks,
    find_heads,
    find_roles,
    read_titles,
)
from qhdanalysis.records import EXAMPLE_AREA

_SHOWN = 200  # repairs kept in attrs, which pandas copies at every selection
_ORIENTATIONS = {"areas": "area", "indicators": "indicator"}


@dataclass
class _Done:
    """All that was read from one file."""

    path: Path
    tables: list[tuple[Cells, Block, pd.DataFrame]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repairs: list[tuple[str, int, int, str, str, str, str]] = field(default_factory=list)


def read_table(
    path: str | Path,
    *,
    sheet: str | int | None = None,
    header_rows: int | None = None,
    unit: str | None = None,
    indicator: str | None = None,
    area: str | None = None,
    year: int | None = None,
    area_column: str | int | None = None,
    orientation: str | None = None,
) -> pd.DataFrame:
    """Read every table of a file into records: one row a printed value.

    Reads csv and tab text, xls, xlsx, Excel 2003 XML, and the tables of html and docx files, told
    apart by their bytes. Every hint overrides what the file says; `describe_table` shows what is
    found without hints.

    Parameters
    ----------
    path : str or Path
        The file. Text is UTF-8, UTF-16 with a mark, or GB 18030.
    sheet : str or int, optional
        Name of one sheet (for pages the number of the table, as text), or its position from 0.
    header_rows : int, optional
        How many rows from the top stand over the first row of data, titles included.
    unit : str, optional
        Unit of the values that the file prints no unit for.
    indicator : str, optional
        Indicator of all values; words such as 同比增长 over a column stay.
    area : str, optional
        Area of all values.
    year : int, optional
        Year of all values.
    area_column : str or int, optional
        Header, or position from 0, of the column of area names.
    orientation : {"areas", "indicators"}, optional
        What the names at the left of the rows are.

    Returns
    -------
    DataFrame, shape (n_values, 13)
        The columns of the record contract. Blank cells, marks such as … and (D), and words give
        no row. ``attrs`` hold tuples of text: ``title``, ``notes`` (footnotes, sources,
        advertisements) and ``repairs`` (at most 200; `read_repairs` gives all).

    Raises
    ------
    SourceError
        If the file cannot be read, holds no table, or prints no year and none is given.

    Warns
    -----
    UserWarning
        Names tables that were left out because no year stands in or over them.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = file.write_text("地区,2022年,2023年\\n昌黎县,329.1,341.5\\n", encoding="utf-8")
    >>> records = read_table(file, indicator="地区生产总值", unit="亿元")
    >>> records[["area", "year", "code", "value", "unit"]]
        area  year code  value unit
    0  昌黎县  2022  gdp  329.1   亿元
    1  昌黎县  2023  gdp  341.5   亿元
    """
    done = _read(
        path, sheet, header_rows, area_column, orientation, Hints(unit, indicator, area, year)
    )
    table = _one_each(done)
    if (examples := table["area"].eq(EXAMPLE_AREA)).any():
        table = table[~examples].reset_index(drop=True)
        done.notes.append(f"{examples.sum()} example rows ({EXAMPLE_AREA}) of a template left out")
    shown = [
        f"{r[3]}: {r[4]!r} read as {r[5] or 'missing'} ({r[6]})" for r in done.repairs[:_SHOWN]
    ]
    if len(done.repairs) > _SHOWN:
        shown.append(f"{len(done.repairs) - _SHOWN} more: see read_repairs")
    table.attrs = {
        "title": tuple(dict.fromkeys(done.titles))[:20],
        "notes": tuple(dict.fromkeys(done.notes))[:_SHOWN],
        "repairs": tuple(shown),
    }
    return table


def read_repairs(
    path: str | Path,
    *,
    sheet: str | int | None = None,
    header_rows: int | None = None,
    area_column: str | int | None = None,
    orientation: str | None = None,
) -> pd.DataFrame:
    """List every cell that `read_table` does not read as it stands.

    Parameters
    ----------
    path, sheet, header_rows, area_column, orientation
        As for `read_table`.

    Returns
    -------
    DataFrame, shape (n_repairs, 7)
        ``sheet``, ``row``, ``column`` (from 1), ``place``, ``found``, ``read`` ('' where the cell
        counts as missing) and ``why``.

    Raises
    ------
    SourceError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = file.write_text("地区,2023年\\n昌黎县,341. 5\\n卢龙县,不变\\n", encoding="utf-8")
    >>> read_repairs(file)[["place", "found", "read"]].values.tolist()
    [['line 2, column 2', '341. 5', '341.5'], ['line 3, column 2', '不变', '']]
    """
    done = _read(path, sheet, header_rows, area_column, orientation, Hints())
    names = ["sheet", "row", "column", "place", "found", "read", "why"]
    return pd.DataFrame(done.repairs, columns=names)


@dataclass(frozen=True)
class TableDescription:
    """What `read_table` finds in a file: one row a table, and the hints that correct it."""

    path: Path
    tables: pd.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        parts = [f"{self.path.name}: {len(self.tables)} table(s)"]
        for number, row in enumerate(self.tables.to_dict("records"), 1):
            parts.append(f"table {number}")
            parts += [f"  {name:<12}{value}" for name, value in row.items() if value != ""]
        parts += [f"note: {line}" for line in self.notes[:10]]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.notes[:10])
        table = self.tables.to_html(escape=True, index=False)
        return f"<b>{escape(self.path.name)}</b>{table}<ul>{lines}</ul>"


def describe_table(
    path: str | Path,
    *,
    sheet: str | int | None = None,
    header_rows: int | None = None,
    area_column: str | int | None = None,
    orientation: str | None = None,
) -> TableDescription:
    """Tell what `read_table` finds, so that a hint can correct it before reading.

    Parameters
    ----------
    path, sheet, header_rows, area_column, orientation
        As for `read_table`.

    Returns
    -------
    TableDescription
        Its ``tables`` has one row a table: where it stands, title, header rows, what its rows and
        columns are, unit, years, areas, indicators, number of records, and the hint that a person
        has to give. It displays itself in a notebook.

    Raises
    ------
    SourceError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = file.write_text("地区,2022年,2023年\\n昌黎县,329.1,341.5\\n", encoding="utf-8")
    >>> describe_table(file).tables.loc[0, ["rows_are", "years", "to_hint"]].tolist()
    ['areas', '2022-2023', 'indicator=, unit=']
    """
    done = _read(path, sheet, header_rows, area_column, orientation, Hints())
    rows = [_described(*table) for table in done.tables if not table[2].empty]
    if not rows:
        raise _no_table(done)
    return TableDescription(done.path, pd.DataFrame(rows), tuple(dict.fromkeys(done.notes)))


def _described(cells: Cells, block: Block, table: pd.DataFrame) -> dict[str, str | int]:
    """Describe one table in words."""
    areas, names = table["area"].unique(), table["indicator"].unique()
    years = table["year"].dropna()
    columns = {role: [cells.word(block.header[-1], c) or c + 1 for c in block.having(role)]
               for role in dict.fromkeys(block.roles.values()) if role and block.header}  # fmt: skip
    empty = {"area": areas, "year": years, "indicator": names, "unit": table["unit"].unique()}
    return {
        "sheet": cells.grid.name,
        "rows": f"{block.rows[0] + 1}-{block.rows[-1] + 1}",
        "title": " / ".join(block.titles[:3]),
        "header_rows": ", ".join(str(row + 1) for row in block.header),
        "rows_are": "areas" if block.having("area") else "indicators" if block.having("indicator")
        else "years" if block.having("year") else "",
        "columns": "; ".join(
            f"{role}: {', '.join(map(str, texts[:4]))}{' ...' if len(texts) > 4 else ''}"
            for role, texts in columns.items()
        ).replace("\n", " "),
        "unit": _few(table["unit"].unique()),
        "years": "" if years.empty else f"{years.min()}-{years.max()}",
        "areas": _few(areas),
        "indicators": _few(names),
        "records": len(table),
        "to_hint": ", ".join(f"{k}=" for k, v in empty.items() if not any(x != "" for x in v)),
    }  # fmt: skip


def _few(texts: Iterable[str]) -> str:
    known = [text for text in texts if text]
    more = f" ... ({len(known)})" if len(known) > 4 else ""
    return ", ".join(known[:4]) + more


def _read(
    path: str | Path,
    sheet: str | int | None,
    header_rows: int | None,
    area_column: str | int | None,
    orientation: str | None,
    hints: Hints,
) -> _Done:
    """Take a file through all its sheets and tables."""
    if orientation not in (None, *_ORIENTATIONS):
        raise SourceError(f"orientation={orientation!r}: give 'areas' or 'indicators'")
    done = _Done(Path(path))
    default = _ORIENTATIONS.get(orientation or "", "")
    page = ""
    for grid in read_grids(done.path, sheet):
        done.notes += grid.notes
        if grid.kind == "page" and not page:
            page = next((t for t in grid.above if "公报" in t or said(t).year and _short(t)), "")
            done.titles += [page] if page else []
        cells = read_cells(grid)
        blocks, notes = find_blocks(cells, header_rows)
        done.notes += notes if blocks or grid.kind != "page" else [*grid.above[-10:], *notes]
        basis = "current" if any(matches("find.current", line) for line in notes) else ""
        before: Block | None = None
        for block in blocks:
            if block is blocks[0]:
                block.titles[:0] = [line for line in grid.above if _short(line)][-3:]
            read_titles(block, page or grid.name)
            block.basis = block.basis or basis
            if before is not None:
                _continue(block, before)
            find_roles(cells, block, default, area_column)
            find_heads(cells, block)
            table = build(cells, block, hints)
            table["source"] = table["source"].where(table["source"] != "", done.path.name)
            done.tables.append((cells, block, table))
            if table.empty:
                done.notes += block.titles
            else:
                done.titles += block.titles
                before = block
        for repair in sorted(cells.repairs.values(), key=lambda r: (r.row, r.column)):
            place = place_of(cells, repair.row, repair.column)
            at = (repair.row + grid.origin[0] + 1, repair.column + grid.origin[1] + 1)
            done.repairs.append((grid.name, *at, place, repair.found, repair.read, repair.why))
    return done


def _short(line: str) -> bool:
    """Tell a title over a table from a sentence of the page."""
    return len(line) < 60 and not matches("find.prose", line)


def _continue(block: Block, before: Block) -> None:
    """Let a table that goes on take what only its first part says."""
    block.header = block.header or before.header
    block.said = replace(block.said, year=block.said.year or before.said.year)
    if not block.titles:
        block.said, block.basis = before.said, before.basis
    block.area = block.area or before.area


def _no_table(done: _Done) -> SourceError:
    return SourceError(
        f"{done.path}: no table with numbers was found; see describe_table, or pass sheet=, "
        "header_rows= or orientation="
    )


def _one_each(done: _Done) -> pd.DataFrame:
    """Join the tables; a record that two sheets repeat stands once."""
    found = [(cells.grid.name, table) for cells, _, table in done.tables if not table.empty]
    if not found:
        raise _no_table(done)
    table = (
        pd.concat([each for _, each in found], ignore_index=True) if len(found) > 1 else found[0][1]
    )
    undated = table["year"].isna()
    if undated.all():
        raise SourceError(
            f"{done.path}: no year stands in the title, the header or the rows; pass year="
        )
    if undated.any():
        places = ", ".join(table.loc[undated, "place"].iloc[[0, -1]])
        text = f"{undated.sum()} values have no year and were left out ({places}); pass year="
        warnings.warn(f"{done.path.name}: {text} and sheet=", stacklevel=3)
        done.notes.append(text)
    table["year"] = table["year"].astype("Int64")
    if len({name for name, _ in found}) > 1:
        key = ["area", "year", "indicator", "unit", "level", "value"]
        sheet = pd.Series(np.repeat([name for name, _ in found], [len(each) for _, each in found]))
        again = table.duplicated(key) & ~pd.concat([table[key], sheet], axis=1).duplicated(
            keep=False
        )
        for name in sheet[again].unique():
            done.notes.append(f"{(again & (sheet == name)).sum()} records of {name} repeat others")
        table = table[~again]
    table = table[table["year"].notna()].reset_index(drop=True)
    return table.astype({"year": "int64"})
