"""Tables to files: xlsx, csv and Stata, and templates to type yearbook figures into."""

import difflib
import os
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError, SourceError
from qhdanalysis.names import indicator_families, indicator_names
from qhdanalysis.records import (
    EXAMPLE_AREA,
    GUARDED,
    RECORD_COLUMNS,
    RECORD_HEADINGS,
    panel_columns,
)

__all__ = ["export", "template"]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_RETURN = re.compile(r"\r\n?")  # bare, it would end a csv line that is not quoted
_EXCEL_ROWS, _EXCEL_TEXT = 1_048_575, 32_767
_CHECK_HEADINGS = {
    "document": "文件", "claim": "原文表述", "type": "类型", "formula": "算式",
    "stated": "原文数值", "recomputed": "重算数值", "low": "下限", "high": "上限",
    "verdict": "结论", "near_miss": "相差无几", "figure": "所在行", "operands": "运算行",
    "reason": "理由",
}  # fmt: skip
_EXAMPLE_UNITS = {
    "money": "亿元", "money_per_person": "元", "people": "万人", "rate": "%", "share": "%",
    "index": "上年=100", "area": "公顷", "count": "个", "mass": "吨", "length": "公里",
    "energy": "万千瓦时", "visits": "万人次",
}  # fmt: skip
_EXAMPLE_BASES = {
    "money": "current",
    "money_per_person": "current",
    "rate": "growth",
    "index": "index",
}


def export(table: pd.DataFrame, path: str | Path, *, lang: str = "zh") -> Path:
    """Write a table for Excel, WPS or Stata, with headings in words.

    Parameters
    ----------
    table : DataFrame
        Records, a panel, indicators, checks: any table. Its index is not written.
    path : str or Path
        Ends in .xlsx, .csv (UTF-8 with a byte order mark, so that Excel shows Chinese) or .dta.
    lang : {"zh", "en"}, default "zh"
        Language of the headings of record, check and panel columns; Stata gets them as labels.

    Returns
    -------
    Path
        The file. It replaces an older one only when it is whole.

    Raises
    ------
    SourceError
        If the ending is another one, the folder is missing, or the file cannot be written.
    PanelError
        If a number is infinite, or the table does not fit into a worksheet.

    Notes
    -----
    Text that a spreadsheet would run as a formula stays text: a text cell in xlsx, an apostrophe
    before it in csv, which ``read_table`` takes off again. Numbers stay numbers, negative ones
    too. Control characters are left out. `read_table` reads the files back; for pandas alone
    it is ``pd.read_excel(path, engine="calamine")``, since openpyxl is not installed with this
    package. A name that Stata keeps for itself (break, end) gets an underscore before it.

    Examples
    --------
    >>> import tempfile
    >>> toy = pd.DataFrame({"area": ["昌黎县", "=1+1"], "year": 2022, "value": [351.05, -0.5]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(export(toy, f"{folder}/toy.csv").read_text(encoding="utf-8-sig"))
    地区,年份,数值
    昌黎县,2022,351.05
    '=1+1,2022,-0.5
    """
    target = Path(path)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise SourceError(f"{target}: name a file that ends in {', '.join(_WRITERS)}.")
    if lang not in ("zh", "en"):
        raise PanelError(f"lang is {lang!r}; it must be 'zh' or 'en'.")
    if not target.parent.is_dir():
        raise SourceError(f"{target.parent}: there is no such folder. Create it first.")
    plain = pd.DataFrame({str(name): _plain(str(name), table[name]) for name in table.columns})
    part = target.with_name(f".{target.stem}.{os.getpid()}.part{target.suffix}")
    # Short words such as type and low are headings of checks only where checks are.
    known = RECORD_HEADINGS | (_CHECK_HEADINGS if {"claim", "verdict"} <= {*plain.columns} else {})
    try:
        write(plain, part, [_printable(_heading(name, lang, known)) for name in plain.columns])
        os.replace(part, target)
    except OSError as error:
        raise SourceError(
            f"{target}: cannot be written ({error.strerror}). Close it in Excel, or name another."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target


def _plain(name: str, column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give a column as numbers with NaN, or as text without control characters."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.astype("str")
    if pd.api.types.is_numeric_dtype(column.dtype):
        if np.isinf(column.to_numpy("float64", na_value=np.nan)).any():
            raise PanelError(f"{name} holds an infinite number: put NaN where nothing is defined.")
        return column if column.notna().all() else column.astype("float64")
    text = ["" if cell is pd.NA or cell is None or cell != cell else str(cell) for cell in column]
    return pd.Series(map(_printable, text), column.index, dtype="str")


def _printable(text: str) -> str:
    return _RETURN.sub("\n", _CONTROL.sub("", text))


def _heading(name: str, lang: str, known: dict[str, str]) -> str:
    """Put a column's name into words where it is a record's, a check's or a panel's."""
    if name in known:
        return known[name] if lang == "zh" else name.replace("_", " ").capitalize()
    code, unit = panel_columns(name)
    words = indicator_names(lang).get(code, name)
    return words if not unit else f"{words}（{unit}）" if lang == "zh" else f"{words} ({unit})"


def _guard(cell: str) -> str:
    return "'" + cell if GUARDED.match(cell) else cell


def _to_csv(table: pd.DataFrame, path: Path, headings: list[str]) -> None:
    text = table.select_dtypes("str").columns
    guarded = table.assign(**{name: table[name].map(_guard) for name in text})
    guarded.columns = pd.Index([_guard(word) for word in headings])
    guarded.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _to_xlsx(table: pd.DataFrame, path: Path, headings: list[str]) -> None:
    widths = pd.DataFrame({name: table[name].astype("str").str.len() for name in table})
    if len(table) > _EXCEL_ROWS or widths.gt(_EXCEL_TEXT).to_numpy().any():
        raise PanelError(
            f"A worksheet takes {_EXCEL_ROWS:,} rows and {_EXCEL_TEXT:,} characters a cell: "
            "export to .csv."
        )
    inert = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    engine: dict[str, Any] = {"engine": "xlsxwriter", "engine_kwargs": {"options": inert}}
    with pd.ExcelWriter(path, **engine) as writer:
        table.set_axis(headings, axis=1).to_excel(writer, index=False, freeze_panes=(1, 0))
        writer.book.set_properties({"created": datetime(2000, 1, 1)})  # the same bytes every time
        for column, word in enumerate(headings):
            width = max(len(word) * 2, widths.iloc[:200, column].max() if len(table) else 0) + 2
            writer.sheets["Sheet1"].set_column(column, column, min(width, 48))


# The words that Stata does not take as names.
_RESERVED = re.compile(
    "aggregate|array|boolean|break|byte|case|catch|class|colvector|complex|const|continue|default"
    "|delegate|delete|do|double|else|eltypedef|end|enum|explicit|export|external|float|for|friend"
    "|function|global|goto|if|in|inline|int|local|long|NULL|pragma|protected|quad|rowvector|short"
    "|str(?:L|[0-9]*)|typedef|typename|using|virtual|with|_(?:all|b|coef|cons|n|N|pi|pred|rc|se|skip)"
)


def _to_stata(table: pd.DataFrame, path: Path, headings: list[str]) -> None:
    names = [re.sub(r"\W|^(?=\d)", "_", name)[:32] for name in table.columns]
    names = [f"_{name}" if _RESERVED.fullmatch(name) else name for name in names]
    if len(set(names)) < len(names):
        raise PanelError(f"Stata's 32 characters make columns the same: rename {names}.")
    plain = table.set_axis(names, axis=1)
    plain.to_stata(
        path,
        write_index=False,
        version=118,
        variable_labels={name: word[:80] for name, word in zip(names, headings, strict=True)},
        convert_strl=[
            name for name in plain.select_dtypes("str") if plain[name].str.len().max() > 500
        ],
        time_stamp=datetime(2000, 1, 1),
    )


_WRITERS = {".xlsx": _to_xlsx, ".csv": _to_csv, ".dta": _to_stata}


def template(code: str | Sequence[str], path: str | Path, *, lang: str = "zh") -> Path:
    """Write an empty table to type yearbook figures into; ``read_table`` reads it back.

    Two rows of 示例县 show how an indicator is filled in. ``read_table`` leaves them out and says
    so in the notes, whether they were deleted or not.

    Parameters
    ----------
    code : str or list of str
        Indicator codes of ``data/indicators.csv``.
    path : str or Path
        Ends in .xlsx or .csv.
    lang : {"zh", "en"}, default "zh"
        Language of the headings.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    PanelError
        If a code is no standard name.
    SourceError
        As `export` does.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     text = template("gdp", f"{folder}/gdp.csv").read_text(encoding="utf-8-sig")
    >>> print(text.splitlines()[1])
    示例县,,2022,地区生产总值,100.0,亿元,current,统计年鉴名称与表号,,示例行，读取时略去
    """
    codes = [code] if isinstance(code, str) else list(code)
    names = indicator_names("zh")
    if unknown := [each for each in codes if each not in names]:
        near = difflib.get_close_matches(unknown[0], names, n=3) or list(names)[:3]
        raise PanelError(f"{unknown[0]!r} is no standard name. Near: {', '.join(near)}.")
    rows = pd.DataFrame({"code": codes}).loc[lambda t: t.index.repeat(2)].reset_index(drop=True)
    family = indicator_families(rows["code"])
    rows = rows.assign(
        area=EXAMPLE_AREA, area_code="", year=[2022, 2023] * len(codes),
        indicator=rows["code"].map(names), value=[100.0, 105.5] * len(codes),
        unit=family.map(_EXAMPLE_UNITS).fillna(""),
        price_basis=family.map(_EXAMPLE_BASES).fillna("na"),
        source="统计年鉴名称与表号", source_url="", note="示例行，读取时略去",
    )  # fmt: skip
    left = ["code", "place", "level"]
    return export(rows[[name for name in RECORD_COLUMNS if name not in left]], path, lang=lang)
