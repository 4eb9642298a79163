"""The shipped data, catalogued and checksummed: what there is, its records, and how to cite them.

``data/catalog.toml`` says of each file where it comes from, under which licence, and which sum its
bytes must have; nothing is loaded that does not match.
"""

import csv
import gzip
import hashlib
import io
import tomllib
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from qhdanalysis._assets import DATA
from qhdanalysis.errors import PanelError, SourceError
from qhdanalysis.records import RECORD_COLUMNS, indicator_names, standard_code

__all__ = ["about", "datasets", "document_path", "load_dataset", "provenance"]

# In a catalogued file, columns of these names hold numbers and all others text.
_NUMBERS = ("year", "value", "start", "end")
_MAX_BYTES = 30_000_000
_NEEDED = ("area", "year", "indicator", "value", "unit", "source")


@cache
def _catalog() -> dict[str, dict[str, Any]]:
    return tomllib.loads((DATA / "catalog.toml").read_text(encoding="utf-8"))


def about(name: str) -> dict[str, Any]:
    """Give what ``data/catalog.toml`` says of one file: title, source, licence, caveats, sha256.

    Raises
    ------
    SourceError
        If there is no such entry.

    Examples
    --------
    >>> about("us_iowa_county_gdp_2001_2021")["licence"]
    'US federal work, public domain; credit to BEA asked for'
    """
    if name not in _catalog():
        raise SourceError(f"There is no dataset {name!r}. There are: {', '.join(_catalog())}.")
    return dict(_catalog()[name])


def _bytes(path: Path, remedy: str = "") -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = getattr(error, "strerror", error)
        raise SourceError(f"{path}: cannot be read ({why}). {remedy}".strip()) from error


def _unpacked(content: bytes, file: str) -> bytes:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise SourceError(f"{file}: holds more than {_MAX_BYTES:,} bytes. Leave out other rows.")
    return content


def _checked_bytes(name: str) -> bytes:
    """Give the bytes of a shipped file, or say that they are not those of the catalogue."""
    file = DATA / about(name)["file"]
    content = _bytes(file, "Install qhdanalysis again, or pass path= with a file of your own.")
    if hashlib.sha256(content).hexdigest() != about(name)["sha256"]:
        raise SourceError(
            f"{file}: the file is not the one that the catalogue describes (its sha256 differs). "
            f"Restore it from the release; or, if the change is meant, load it as your own with "
            f"load_dataset({name!r}, path={str(file)!r}), or run tools/update_checksums.py."
        )
    return content


def _table(content: bytes, file: str) -> pd.DataFrame:
    """Give csv bytes, plain or gzipped, as text columns, and those of `_NUMBERS` as numbers."""
    rows: list[list[str]] = []
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            plain = _unpacked(content, file).decode(encoding)
            rows = list(csv.reader(io.StringIO(plain, newline="")))
            break
        except UnicodeDecodeError:
            continue
        except (csv.Error, OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{file}: the file is damaged ({error}). Save it anew.") from error
    if not rows:
        raise SourceError(f"{file}: is empty or no csv file in UTF-8 or GB 18030. Save it as csv.")
    for line, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise SourceError(
                f"{file}, line {line}: {len(row)} cells under {len(rows[0])} headings. Put text "
                "that holds a comma into quotation marks."
            )
    if len(set(rows[0])) < len(rows[0]):
        twice = next(name for n, name in enumerate(rows[0]) if name in rows[0][:n])
        raise SourceError(f"{file}: the heading {twice!r} stands twice. Rename or delete one.")
    table = pd.DataFrame(rows[1:], columns=rows[0], dtype="str")
    numbers = {}
    for name in table.columns.intersection(list(_NUMBERS)):
        numbers[name] = pd.to_numeric(table[name], errors="coerce")
        wrong = numbers[name].isna() & (table[name].ne("") | (name != "value"))
        wrong |= numbers[name].abs().eq(float("inf"))
        if name != "value":
            wrong |= numbers[name].mod(1).ne(0) | numbers[name].abs().gt(1e15)
        if wrong.any():
            raise SourceError(
                f"{file}, line {wrong.idxmax() + 2}: {name} is {table.at[wrong.idxmax(), name]!r}, "
                f"no {'' if name == 'value' else 'whole '}number. Correct the cell, or use "
                "read_table, which repairs numbers."
            )
    types = {name: "float64" if name == "value" else "int64" for name in numbers}
    return table.assign(**numbers).astype(types)


def datasets() -> pd.DataFrame:
    """List the shipped data.

    Returns
    -------
    DataFrame
        One row a file: ``name`` (for `load_dataset`), ``title``, ``rows`` (missing for a
        document), ``licence``, ``caveats``, ``source``, ``retrieved``.

    Examples
    --------
    >>> "qhd_gdp" in set(datasets()["name"])
    True
    """
    counted = {
        name: None if entry["kind"] == "document" else len(_table(_checked_bytes(name), name))
        for name, entry in _catalog().items()
    }
    table = pd.DataFrame(_catalog().values()).assign(
        name=list(counted), rows=pd.array(list(counted.values()), dtype="Int64")
    )
    return table[["name", "title", "rows", "licence", "caveats", "source", "retrieved"]]


def load_dataset(name: str, *, path: str | Path | None = None) -> pd.DataFrame:
    """Load one of the shipped files, or your own in its place.

    Parameters
    ----------
    name : str
        A name that `datasets` lists.
    path : str or Path, optional
        A csv or csv.gz file of the same columns that stands in for the shipped one, for example a
        cleaner copy of your own. Its sum is not checked.

    Returns
    -------
    DataFrame
        For an entry of kind "records", the record contract: ``area, area_code, year, indicator,
        code, value, unit, price_basis, source, source_url, place, level, note``, one row a
        published value, units as published, ``place`` the file and line. For kind "table" the
        file's own columns. Text columns are never missing.

    Raises
    ------
    SourceError
        If the name is unknown, the file's sum is not that of the catalogue, or a cell or heading
        of your own file does not fit.

    Examples
    --------
    >>> gdp = load_dataset("qhd_gdp")
    >>> counties = gdp["code"].eq("gdp") & gdp["year"].eq(2022) & gdp["value"].eq(630.5)
    >>> gdp.loc[counties, ["value", "unit"]].to_numpy().tolist()
    [[630.5, '亿元']]
    """
    entry = about(name)
    if entry["kind"] == "document":
        raise SourceError(
            f"{name} is a document: read it with read_document(document_path({name!r}))."
        )
    content = _checked_bytes(name) if path is None else _bytes(Path(path))
    file = str(entry["file"] if path is None else path)
    table = _table(content, file)
    if entry["kind"] == "records":
        table = _as_records(table, file)
    table.attrs["title"] = (str(entry["title"]),)
    return table


def _as_records(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """Fill the columns of the record contract that a file of published values leaves out."""
    if missing := [name for name in _NEEDED if name not in table.columns]:
        raise SourceError(
            f"{file}: the column {missing[0]!r} is missing. Records need "
            f"{', '.join(_NEEDED)}; read_table reads tables of other shapes."
        )
    if "code" not in table.columns:
        table["code"] = standard_code(table["indicator"], table["unit"])
    table["place"] = [f"{Path(file).name}:{line}" for line in range(2, len(table) + 2)]
    filled = {"price_basis": "na", "level": "area"} | dict(table.items())
    return pd.DataFrame(filled).reindex(columns=list(RECORD_COLUMNS), fill_value="")


def document_path(name: str) -> Path:
    """Give the path of a shipped document, its bytes checked against the catalogue.

    Parameters
    ----------
    name : str
        A name of kind "document" that `datasets` lists.

    Returns
    -------
    Path
        The file, for ``read_document``.

    Raises
    ------
    SourceError
        If there is no such document, or its bytes are not those of the catalogue.

    Examples
    --------
    >>> document_path("qinhuangdao_reply_2023").suffix
    '.txt'
    """
    documents = [key for key, entry in _catalog().items() if entry["kind"] == "document"]
    if name not in documents:
        raise SourceError(f"There is no document {name!r}. There are: {', '.join(documents)}.")
    _checked_bytes(name)
    return DATA / str(about(name)["file"])


def provenance(row: pd.Series | pd.DataFrame, *, lang: str = "zh") -> str:
    """Cite the source of one record in words fit for a memo.

    Parameters
    ----------
    row : Series, or DataFrame of one row
        A record: one row of what `load_dataset`, ``read_table`` or `select` gives.
    lang : {"zh", "en"}, default "zh"
        Language of the sentence; what the publisher wrote stays as it is.

    Returns
    -------
    str
        Area, year, indicator, value and unit as published, then the source, its address, the place
        of the figure in the file, and the caveat in ``note``.

    Raises
    ------
    PanelError
        If more than one row is given, or a column of the record contract is missing.

    Examples
    --------
    >>> gdp = load_dataset("qhd_gdp")
    >>> print(provenance(gdp[gdp["value"].eq(630.5)], lang="en").split(";")[0])
    2022 gross domestic product of 昌黎+卢龙+青龙: 630.5 亿元
    """
    if isinstance(row, pd.DataFrame):
        if len(row) != 1:
            raise PanelError(f"provenance cites one record, not {len(row)}: pick one row.")
        row = row.iloc[0]
    if missing := [name for name in RECORD_COLUMNS if name not in row.index]:
        raise PanelError(f"The row is no record: it has no {missing[0]!r}.")
    if lang not in ("zh", "en"):
        raise PanelError(f"lang is {lang!r}; it must be 'zh' or 'en'.")
    said = {key: str(row[key]) for key in RECORD_COLUMNS}
    value = f"{row['value']:.15g}"
    if lang == "zh":
        head = f"{said['area']}{said['year']}年{said['indicator']}：{value}{said['unit']}"
        labels, stop, end = ("来源：", "", "位置：", "注："), "；", "。"
    else:
        name = indicator_names("en").get(said["code"], said["indicator"])
        head = f"{said['year']} {name} of {said['area']}: {value} {said['unit']}".rstrip()
        labels, stop, end = ("source: ", "", "place: ", "note: "), "; ", "."
    facts = (said["source"], said["source_url"], said["place"], said["note"])
    tail = [label + fact for label, fact in zip(labels, facts, strict=True) if fact]
    return stop.join([head, *tail]) + end
