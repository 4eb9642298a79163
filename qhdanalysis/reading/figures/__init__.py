"""Figures of a prose text: from characters to a table, in one pass.

The stations, in order:

1. ``numerals`` cleans the text (full-width forms, traditional characters, pinyin, stray white
   space; every character keeps its old place) and cuts out tokens: numbers with their units,
   ranges, structures, ranks, dates, durations, and names that only look like numbers.
2. ``periods`` turns dates into ISO periods, ``places`` names into areas; both are carried along.
3. ``rules`` tell what a number is from the words before it: kind, sign, bound, or that it defines
   a class (5亿元以上项目) and reports nothing.
4. ``naming`` gives the indicator, with the subject that the text carries from clause to clause.
5. ``values`` works out base units and the interval of the written digits, and the unit of a number
   that lost it; ``lists`` deals out what a 分别 list was told about.
6. ``assembly`` walks over the tokens, asks the others, and gives the table.

The words are data (``_assets/lexicon.toml``, ``_assets/units.csv``), the rules are code. Whatever
is inferred is said in ``note``; what cannot be read, in ``attrs["damage"]``.
"""

import re

import pandas as pd

from qhdanalysis.reading.figures.assembly import Reader
from qhdanalysis.reading.figures.numerals import HAN, traditional
from qhdanalysis.reading.figures.values import COLUMNS

__all__ = ["read_figures"]

_LOST = re.compile(f"(?<=[{HAN}])%")
_DAMAGES = 50  # places of damage that are told


def read_figures(
    text: str, *, year: int | None = None, area: str | None = None, issued: str = ""
) -> pd.DataFrame:
    """Read the figures of a Chinese text, with all that it says about each.

    Parameters
    ----------
    text : str
        A reply, bulletin, progress notice or work report.
    year : int, optional
        The year that the text is about where it names none.
    area : str, optional
        The place that the text is about where it names none.
    issued : str, default ""
        The document's own date, ISO; 今年 is its year.

    Returns
    -------
    DataFrame, one row a figure, in the order of the text
        ``indicator, value, unit, base_value, base_unit, low, high, bound, kind, period, area,
        area_code, start, end, note``; offsets point into ``text``. A figure before the first date
        of the text takes its period, and ``note`` says so. ``attrs["damage"]`` tells what could
        not be read (lost digits, garbled dates), up to 50 places.

    Examples
    --------
    >>> table = read_figures("2023年,全市粮食产量98.7万吨,同比下降2.1%。")
    >>> table[["indicator", "base_value", "base_unit", "kind", "period"]].values.tolist()
    [['粮食产量', 987000.0, '吨', 'level', '2023'], ['粮食产量', -0.021, '', 'growth', '2023']]
    """
    reader = Reader(text, year, area, issued)
    figures = reader.read()
    if back := traditional(text):
        for figure in figures:
            figure.indicator = figure.indicator.translate(back)
            figure.area = figure.area.translate(back)
    table = pd.DataFrame({
        name: pd.array([getattr(one, name) for one in figures], dtype=dtype)
        for name, dtype in COLUMNS.items()
    })  # fmt: skip
    lost = [f"digits lost at {found.start()}" for found in _LOST.finditer(text)]
    table.attrs["damage"] = (*reader.damage, *lost)[:_DAMAGES]
    return table
