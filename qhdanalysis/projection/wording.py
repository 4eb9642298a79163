"""What a projection says, in one plain line an area, in Chinese or English."""

import csv
from functools import cache

import pandas as pd

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError
from qhdanalysis.rounding import like, number


@cache
def _words() -> list[tuple[str, str]]:
    """Give the lines and notes of projections, English and Chinese."""
    with (ASSETS / "projection_words.csv").open(encoding="utf-8", newline="") as file:
        return [(row["en"], row["zh"]) for row in csv.DictReader(file)]


def say_note(note: str, lang: str) -> str:
    """Give a note of a projection in the reader's language.

    >>> say_note("starts after the break of 2011", "zh")
    '自断点之后起算：2011'
    """
    for english, chinese in _words()[3:]:
        note = note.replace(english, chinese if lang == "zh" else english)
    return note


def describe_projection(
    result: pd.DataFrame,
    *,
    lang: str = "zh",
    unit: str = "",
    area: str = "area",
    year: str = "year",
) -> str:
    """Say what a projection says of its last year, one line an area.

    Parameters
    ----------
    result : DataFrame
        What `project`, `project_shares` or `project_parts` gave; its widest interval is told.
    lang : {"zh", "en"}
        Language of the words.
    unit : str, optional
        Unit of the values; with "%" fractions are told in percent.
    area, year : str
        Columns of ``result``.

    Returns
    -------
    str
        One line an area; a last line for more than one says that they can miss together.

    Raises
    ------
    PanelError
        If the language is neither, or columns are missing.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县"], "year": [2028], "estimate": [143.4], "lower": [96.8],
    ...                     "upper": [199.7], "level": [95], "note": [""]})
    >>> print(describe_projection(toy, unit="亿元"))
    甲县：按以往走势，2028年约为143.4亿元；同类序列的实际值有95%落在96.8至199.7亿元之间。
    """
    needed = {area, year, "estimate", "lower", "upper", "level", "note"}
    if lang not in ("zh", "en") or needed - {*result.columns}:
        raise PanelError(
            f'lang={lang!r} must be "zh" or "en", and the table one that project() gave: '
            f"it needs the columns {', '.join(sorted(needed))}"
        )
    words = [zh if lang == "zh" else en for en, zh in _words()]
    line, brackets, joint = words[:3]
    told = result[result["level"] == result["level"].max()].drop_duplicates(area, keep="last")
    lines = []
    space = " " if lang == "en" and unit not in ("", "%") else ""
    for row in told.to_dict("records"):
        note = say_note(row["note"], lang)
        ends = {end: row[end] for end in ("estimate", "lower", "upper")}
        alike = like(ends.values(), lang)
        said = {
            end: number(100 * value, lang, 1) if unit == "%" else alike(value)
            for end, value in ends.items()
        }
        said |= {"area": row[area], "year": row[year], "level": row["level"], "unit": space + unit}
        lines.append(line.format(note=note and brackets.format(note=note), **said))
    return "\n".join([*lines, joint] if len(lines) > 1 else lines)
