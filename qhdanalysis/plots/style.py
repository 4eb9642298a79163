"""Words, units, colours and type of every chart: what can be told without drawing."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.names import indicator_names
from qhdanalysis.units import lookup

FAMILY = "Qhd Sans SC"
# Tol's "high contrast" and "muted" colours, told apart with colour-blind eyes; the first three
# are also far apart in grey. Lines add dashes and markers, areas add hatches.
COLOURS = ("#004488", "#BB5566", "#DDAA33", "#117733", "#882255", "#44AA99", "#999933", "#555555")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "----", "++++", "oooo")
INK, QUIET, FAINT = "#222222", "#666666", "#DDDDDD"
SMALL = 7.5  # points; the size of notes

_LABELS = pd.read_csv(ASSETS / "labels.csv", encoding="utf-8", keep_default_na=False)
_WORDS = _LABELS.set_index("key").to_dict("index")


@cache
def _words(lang: str) -> dict[str, str]:
    """Give each key of the label table, code and Chinese name of an indicator its word."""
    names = {code: name[:1].upper() + name[1:] for code, name in indicator_names(lang).items()}
    by_name = {chinese: names[code] for code, chinese in indicator_names("zh").items()}
    return by_name | names | {key: words[lang] for key, words in _WORDS.items()}


def label(key: str, lang: str, **values: object) -> str:
    """Give a word of the label table in Chinese or English; an unknown word is its own label.

    Parameters
    ----------
    key : str
        Key of ``_assets/labels.csv``, code or Chinese name of an indicator, or any text.
    lang : {"zh", "en"}
        Language of the reader.
    **values
        What the label's braces name.

    Returns
    -------
    str

    Raises
    ------
    PanelError
        If the language is another one.

    Examples
    --------
    >>> label("calendar", "en", value="66.7%")
    'Calendar 66.7%'
    >>> label("甲县", "en"), label("va_primary", "en")
    ('甲县', 'Value added of the primary sector')
    """
    if lang not in ("zh", "en"):
        raise PanelError(f"lang is {lang!r}; it must be 'zh' or 'en'")
    text = _words(lang).get(key, key)
    return text.format(**values) if values else text


def shown_unit(values: Iterable[float], unit: str, lang: str) -> tuple[float, str]:
    """Give the factor and the words in which an axis shows values of a unit.

    A unit is kept unless its values would need six digits or vanish, or it counts in 万 or 亿 and
    the reader in thousands; ``"percent"`` and ``"points"`` are for fractions.

    >>> shown_unit([630.5], "亿元", "en"), shown_unit([18190000.0], "万元", "zh")
    ((0.1, 'billion yuan'), (0.0001, '亿元'))
    """
    if unit in ("", "percent", "points"):
        return 100.0 if unit else 1.0, label(unit, lang)
    try:
        base, factor = lookup(unit).base, float(lookup(unit).factor)
    except UnitError:
        return 1.0, label(unit, lang)
    largest, shown = max((abs(v) for v in values if v and np.isfinite(v)), default=1.0), factor
    if not 0.01 <= largest < 1e5 or (lang == "en" and factor in (1e4, 1e8)):
        steps = (1e12, 1e8, 1e4) if lang == "zh" else (1e12, 1e9, 1e6, 1e3)
        shown = next((step for step in steps if largest * factor >= step), 1.0)
    if (times := f"times_{shown:.0f}") not in _WORDS:
        return 1.0, label(unit, lang)
    words = "/".join(label(part, lang) for part in base.split("/"))
    return factor / shown, label(times, lang) + words


def ink_on(shade: Iterable[float]) -> str:
    """Choose black or white for text on a colour (red, green, blue from 0 to 1).

    The one with more contrast after WCAG 2.2, relative luminance; it is never below 4.5 to 1.

    >>> ink_on((0.35, 0.54, 0.72)), ink_on((0.0, 0.27, 0.53))
    ('black', 'white')
    """
    light = [((c + 0.055) / 1.055) ** 2.4 if c > 0.04045 else c / 12.92 for c in shade]
    luminance = np.dot(light, (0.2126, 0.7152, 0.0722))
    return "black" if luminance + 0.05 > (1.05 * 0.05) ** 0.5 else "white"


def ems(text: str) -> float:
    """Say how wide a text is: a Chinese character is one, a Latin letter about half."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in text)


def wrapped(text: str, width: float) -> str:
    """Break a text into lines of at most ``width`` ems.

    >>> wrapped("资料来源：统计年鉴", 5).split()
    ['资料来源：', '统计年鉴']
    """
    lines = [""]
    for part in re.findall(r"\s*[!-~]+|\s*\S", text):
        full = lines[-1] and ems(lines[-1] + part) > width and part not in "，。；：、）》”,.;:)"
        lines = [*lines, part.lstrip()] if full else [*lines[:-1], lines[-1] + part]
    return "\n".join(lines)
