"""Read a table file, tell beforehand what will be read, and list what was repaired."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.errors import SourceError
from qhdanalysis.reading.tables.assemble import build, gaps, place_of
from qhdanalysis.reading.tables.cells import Cells, read_cells, read_number
from qhdanalysis.reading.tables.columns import find_heads, find_roles
from qhdanalysis.reading.tables.files import read_grids
from qhdanalysis.reading.tables.layout import Block, find_blocks, is_note
from qhdanalysis.reading.tables.rows import Hints
from qhdanalysis.reading.tables.titles import read_titles
from qhdanalysis.reading.tables.wording import is_place, matches, said
from qhdanalysis.records import EXAMPLE_AREA, EXAMPLE_NOTE, standard_code

_SHOWN = 200  # lines kept in attrs, which pandas copies at every selection
_REPAIR = ("sheet", "row", "column", "place", "found", "read", "why")


@dataclass
class _Done:
    """All that was read from one file."""

    path: Path
    tables: list[tuple[Cells, Block, pd.DataFrame]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repairs: list[tuple[str, int, int, str, str, str, str]] = field(default_factory=list)


def read_table(path: str | Path, **hints: Any) -> pd.DataFrame:
    r"""Read every table of a file into records: one row a printed value.

    Reads csv and tab text, xls, xlsx, Excel 2003 XML, and the tables of html and docx files, told
    apart by their bytes. `describe_table` shows what is found without hints.

    Parameters
    ----------
    path : str or Path
        The file. Text is UTF-8, UTF-16 with a mark, or GB 18030.
    **hints
        What the file does not say, or what goes before that which is found:

        - ``sheet``: name of one sheet (for pages the number of the table, as text), or its
          position from 0;
        - ``header_rows``: how many rows from the top stand over the first row of data, titles
          included;
        - ``unit``: unit of all values but percentages and indices;
        - ``indicator``: indicator of all values; words such as 同比增长 over a column stay;
        - ``area``: area of all values that do not stand beside names of several areas;
        - ``year``: year of all values;
        - ``area_column``: header, or position from 0, of the column of area names;
        - ``orientation``: "areas" or "indicators", what the names at the left of the rows are.

    Returns
    -------
    DataFrame, shape (n_values, 13)
        The columns of the record contract. Blank cells, marks such as … and (D), and words give
        no row. A value for a part of the year (1-8月, 上半年) says so in ``indicator`` and
        ``note`` and has no ``code``, so that it is never taken for a year's. ``attrs`` hold
        tuples of text: ``title``, ``notes`` (footnotes, sources, advertisements) and ``repairs``
        (at most 200; `read_repairs` gives all).

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
    >>> _ = file.write_text("地区,2022年,2023年\n昌黎县,329.1,341.5\n", encoding="utf-8")
    >>> records = read_table(file, indicator="地区生产总值", unit="亿元")
    >>> records[["area", "year", "code", "value", "unit"]]
        area  year code  value unit
    0  昌黎县  2022  gdp  329.1   亿元
    1  昌黎县  2023  gdp  341.5   亿元
    """
    done = _read(path, hints)
    table = _one_each(done)
    repairs = [f"{r[3]}: {r[4]!r} read as {r[5] or 'missing'} ({r[6]})" for r in done.repairs]
    table.attrs = {
        "title": tuple(dict.fromkeys(done.titles))[:20],
        "notes": tuple(dict.fromkeys(done.notes))[:_SHOWN],
        "repairs": tuple(repairs[:_SHOWN])
        + (f"{len(repairs) - _SHOWN} more: see read_repairs",) * (len(repairs) > _SHOWN),
    }
    return table


def read_repairs(path: str | Path, **hints: Any) -> pd.DataFrame:
    r"""List every cell that `read_table` does not read as it stands.

    Parameters
    ----------
    path : str or Path
        The file.
    **hints
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
    >>> _ = file.write_text("地区,2023年\n昌黎县,341. 5\n卢龙县,不变\n", encoding="utf-8")
    >>> read_repairs(file)[["place", "found", "read"]].to_numpy().tolist()
    [['line 2, column 2', '341. 5', '341.5'], ['line 3, column 2', '不变', '']]
    """
    return pd.DataFrame(_read(path, hints).repairs, columns=list(_REPAIR))


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
        return "\n".join(parts + [f"note: {line}" for line in self.notes[:10]])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self.notes[:10])
        table = self.tables.to_html(escape=True, index=False)
        return f"<b>{escape(self.path.name)}</b>{table}<ul>{lines}</ul>"


def describe_table(path: str | Path, **hints: Any) -> TableDescription:
    r"""Tell what `read_table` finds, so that a hint can correct it before reading.

    Parameters
    ----------
    path : str or Path
        The file.
    **hints
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
    >>> _ = file.write_text("地区,2022年,2023年\n昌黎县,329.1,341.5\n", encoding="utf-8")
    >>> describe_table(file).tables.loc[0, ["rows_are", "years", "to_hint"]].tolist()
    ['areas', '2022-2023', 'indicator=, unit=']
    """
    done = _read(path, hints)
    rows = [_described(*table) for table in done.tables if not table[2].empty]
    if not rows:
        raise _no_table(done)
    return TableDescription(done.path, pd.DataFrame(rows), tuple(dict.fromkeys(done.notes)))


def _described(cells: Cells, block: Block, table: pd.DataFrame) -> dict[str, str | int]:
    """Describe one table in words."""
    years = table["year"].dropna().astype(int)
    down = [name for name in ("area", "indicator", "year") if block.having(name)]
    columns = []
    for role in dict.fromkeys(filter(None, block.roles.values())):
        heads = [_over(cells, block, column) or "?" for column in block.having(role)]
        columns.append(f"{role}: {_few(heads)}")
    needed = [c for c in ("area", "year", "indicator", "unit") if table[c].isin(["", np.nan]).all()]
    return {
        "sheet": cells.grid.name,
        "rows": f"{block.rows[0] + 1}-{block.rows[-1] + 1}",
        "title": " / ".join(block.titles[:3]),
        "header_rows": ", ".join(str(row + 1) for row in block.header),
        "rows_are": f"{down[0]}s" if down else "",
        "columns": "; ".join(columns),
        "unit": _few(table["unit"].unique()),
        "years": "" if years.empty else f"{years.min()}-{years.max()}",
        "areas": _few(table["area"].unique()),
        "indicators": _few(table["indicator"].unique()),
        "records": len(table),
        "to_hint": ", ".join(f"{name}=" for name in needed),
    }


def _over(cells: Cells, block: Block, column: int) -> str:
    """Give the lowest words over a column, but 甲 or 1."""
    texts = (cells.word(row, column) for row in reversed(block.header))
    return " ".join(next((t for t in texts if t and not matches("title.number", t)), "").split())


def _few(texts: Iterable[str]) -> str:
    known = [text for text in texts if text]
    return ", ".join(known[:4]) + (f" ... ({len(known)})" if len(known) > 4 else "")


def _hints(given: dict[str, Any]) -> Hints:
    """Check the names and values of hints."""
    known = [each.name for each in fields(Hints)]
    for name in given:
        if name not in known:
            raise SourceError(f"there is no hint {name}=; the hints are {', '.join(known)}")
    if given.get("orientation") not in (None, "areas", "indicators"):
        raise SourceError(f"orientation={given['orientation']!r}: give 'areas' or 'indicators'")
    return Hints(**given)


def _read(path: str | Path, given: dict[str, Any]) -> _Done:
    """Take a file through all its sheets and tables."""
    hints = _hints(given)
    done = _Done(Path(path))
    page, carried = "", list[str]()
    for grid in read_grids(done.path, hints.sheet):
        done.notes += grid.notes
        grid.above[:0] = carried
        if grid.kind == "page" and not page:
            dated = (line for line in grid.above if said(line).year and _short(line))
            first = next(dated, "")
            page = next((t for t in grid.above if "公报" in t and said(t).year), first)
            done.titles += [page] if page else []
        if grid.kind == "text" and _is_prose(grid.rows):
            raise SourceError(f"{done.path}: this is prose, not a table; use read_document")
        cells = read_cells(grid)
        blocks, notes = find_blocks(cells, hints.header_rows)
        done.notes += notes
        blocks = [b for b in blocks if b.rows]
        blocks = [b for b in blocks if grid.kind != "page" or b.header or len(b.rows) > 1]
        carried = [*grid.above, *notes] if grid.kind == "page" and not blocks else []
        done.notes += filter(is_note, grid.above if blocks else [])
        basis = "current" if any(matches("find.current", line) for line in notes) else ""
        before: Block | None = None
        for block in blocks:
            if block is blocks[0]:
                block.titles[:0] = [line for line in grid.above if _short(line)][-3:]
            read_titles(block, page)
            if grid.kind == "sheet":
                _name(block, grid.name)
            block.basis = block.basis or basis
            if before is not None:
                _continue(block, before)
            find_roles(cells, block, (hints.orientation or "").removesuffix("s"), hints.area_column)
            find_heads(cells, block)
            if block.having("year") or any(head.year for head in block.heads.values()):
                block.note = ""
            table = build(cells, block, hints)
            done.tables.append((cells, block, table))
            done.notes += gaps(cells, block)
            unread = [_over(cells, block, c) for c in block.having("id", "other", "label")]
            if any(unread):
                names = ", ".join(filter(None, unread))
                done.notes.append(f"{grid.name or 'text'}: not read as values: {names}")
            if table.empty:
                done.notes += block.titles
            else:
                table["source"] = table["source"].replace("", done.path.name)
                bare = [line for line in block.titles if matches("title.unit", line)]
                done.titles += [line for line in block.titles if line not in bare]
                before = block
        for at, repair in sorted(cells.repairs.items()):
            where = (at[0] + grid.origin[0] + 1, at[1] + grid.origin[1] + 1, place_of(cells, *at))
            done.repairs.append((grid.name, *where, repair.found, repair.read, repair.why))
    done.notes += carried[-10:]
    return done


def _is_prose(rows: list[list[Any]]) -> bool:
    """Tell sentences from the lines of a table, which hold numbers behind a first cell."""
    behind = (cell for row in rows for cell in row[1:])
    if any(read_number(str(cell)) for cell in behind):
        return False
    lines = ["".join(map(str, row)) for row in rows if any(row)]
    sentences = [line for line in lines if len(line) > 40 and line.rstrip('”"').endswith("。")]
    return len(sentences) * 3 >= len(lines) > 0


def _short(line: str) -> bool:
    """Tell a title over a table from a sentence of the page."""
    return len(line) < 60 and not matches("find.prose", line)


def _name(block: Block, sheet: str) -> None:
    """Take from a sheet's name what its titles do not say."""
    year = said(sheet).year
    if year and not block.said.year:
        block.said, block.note = (
            replace(block.said, year=year),
            "year inferred from the sheet's name",
        )
    block.area = block.area or (sheet if is_place(sheet) else "")
    block.sheet = said(sheet).words if standard_code(said(sheet).words) else ""


def _continue(block: Block, before: Block) -> None:
    """Let a table that goes on take what only its first part says."""
    block.header = block.header or before.header
    block.said = replace(block.said, year=block.said.year or before.said.year)
    if not block.titles:
        block.said, block.basis = before.said, before.basis
        block.unit_of_words = before.unit_of_words or before.said.unit
    elif any(matches("find.continued", line) for line in block.titles):
        own = block.said.words
        if is_place(own) or matches("column.group", own):
            block.area, own = block.area or (own if is_place(own) else ""), ""
        if own[:1] in ("", "(", "（"):  # (城镇) narrows the subject that goes on
            own = before.said.words + own
            block.unit_of_words = before.unit_of_words or before.said.unit
        block.said = replace(block.said, words=own)
        # another subject may well have another unit, and a line 单位 that is not understood has
        if own.startswith(before.said.words) and not any(
            matches("title.unit", line) for line in block.titles
        ):
            block.unit_before = before.said.unit or before.unit_before
    block.area = block.area or before.area


def _no_table(done: _Done) -> SourceError:
    why = next((note for note in done.notes if "was not read" in note), "")
    return SourceError(
        f"{done.path}: no table with numbers was found; {why or 'see describe_table'}; or pass "
        "sheet=, header_rows= or orientation="
    )


def _one_each(done: _Done) -> pd.DataFrame:
    """Join the tables; a record that two sheets repeat stands once."""
    found = [(cells.grid.name, table) for cells, _, table in done.tables if not table.empty]
    if not found:
        raise _no_table(done)
    table = pd.concat([each for _, each in found], ignore_index=True)
    examples = table["area"].eq(EXAMPLE_AREA) & table["note"].str.startswith(EXAMPLE_NOTE)
    if examples.any():
        done.notes.append(f"{examples.sum()} example rows ({EXAMPLE_AREA}) of a template left out")
    _refuse_clashes(done, table[~examples])
    keep = table["year"].notna()
    if not keep.any():
        raise SourceError(
            f"{done.path}: no year stands in the title, the header or the rows; pass year="
        )
    if not keep.all():
        places = " to ".join(table.loc[~keep, "place"].iloc[[0, -1]])
        done.notes.append(f"{(~keep).sum()} values have no year and were left out ({places})")
        text = f"{done.path.name}: {done.notes[-1]}; pass sheet= and year="
        warnings.warn(text, stacklevel=3)
    if len({name for name, _ in found}) > 1:
        key = ["area", "year", "indicator", "unit", "level", "value"]
        sheet = np.repeat([name for name, _ in found], [len(each) for _, each in found])
        within = table[key].assign(sheet=sheet).duplicated(keep=False)
        again = table.duplicated(key) & ~within
        for name, count in zip(*np.unique(sheet[again], return_counts=True), strict=True):
            done.notes.append(f"{count} records of {name} repeat those of other sheets")
        keep &= ~again
    keep &= ~examples
    table = table if keep.all() else table[keep].reset_index(drop=True)
    return table.astype({"year": "int64"})


def _refuse_clashes(done: _Done, table: pd.DataFrame) -> None:
    """Refuse a file in which most values share all their words with another value."""
    key = ["area", "area_code", "year", "indicator", "unit", "level", "source"]
    table = table[table["year"].notna()]  # a missing year equals no other one
    same = table[key].duplicated(keep=False)
    if not same.any():
        return
    again = table[same]
    clash = again[~again.duplicated([*key, "value"], keep=False)]
    if clash.empty:
        return
    first = clash.iloc[0]
    other = clash[clash[key].eq(first[key]).all(axis=1)]["place"].iloc[-1]
    where = f"{first['place']} and {other}"
    said_of = f"{first['area']} {first['year']:.0f} {first['indicator']}".strip()
    if len(clash) * 2 > len(table):
        raise SourceError(
            f"{done.path}: {len(clash)} of {len(table)} values share area, year and indicator with "
            f"another one ({where}: {said_of}), and no words that part them were found; read one "
            "part with sheet=, or correct the layout with header_rows=, area_column= or indicator="
        )
    done.notes.append(f"{len(clash)} values have another beside them of the same name ({where})")
