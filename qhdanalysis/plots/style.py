"""The look of every chart: fonts, colours, words, numbers and the lines under the figure.

Nothing global changes. `chart` opens a matplotlib context for as long as one chart is drawn; what
matplotlib makes later, when the figure is saved, is told to the axes themselves.
"""

import csv
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedFormatter, FixedLocator, Formatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError, UnitError
from qhdanalysis.units import lookup

FAMILY = "Qhd Sans SC"
FONTS = ASSETS / "fonts"

# Tol's "high contrast" and "muted" colours, told apart with colour-blind eyes; the first three
# are also far apart in grey. Lines add dashes and markers, areas add hatches.
COLOURS = ("#004488", "#BB5566", "#DDAA33", "#117733", "#882255", "#44AA99", "#999933", "#555555")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "----", "++++", "oooo")
INK, QUIET, FAINT = "#222222", "#666666", "#DDDDDD"
SMALL = 7.5  # points; the size of notes

_RC: dict[Any, Any] = {
    "font.family": [FAMILY, "DejaVu Sans"],
    "font.size": 9.0,
    "text.parse_math": False,  # a $ in a name is a $
    "text.color": INK,
    "hatch.linewidth": 0.6,
    "hatch.color": "white",
    "legend.frameon": False,
}


def darker(colour: str) -> str:
    """Give a colour dark enough for text on white."""
    red, green, blue = to_rgb(colour)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    factor = min(1.0, 0.42 / light)
    return to_hex((red * factor, green * factor, blue * factor))


@cache
def _register_fonts() -> None:
    for path in sorted(FONTS.glob("*.otf")):
        fontManager.addfont(path)


@cache
def _labels() -> dict[str, dict[str, str]]:
    with (ASSETS / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def label(key: str, lang: str, **values: object) -> str:
    """Give a word of the label table in Chinese or English; an unknown word is its own label.

    Parameters
    ----------
    key : str
        Key of ``_assets/labels.csv``, or any text.
    lang : {"zh", "en"}
        Language of the reader.
    **values
        What the label's braces name.

    Returns
    -------
    str

    Examples
    --------
    >>> label("calendar", "en", value="66.7%")
    'Calendar 66.7%'
    >>> label("昌黎县", "zh")
    '昌黎县'
    """
    if lang not in ("zh", "en"):
        raise PanelError(f"lang is {lang!r}; it must be 'zh' or 'en'")
    row = _labels().get(key)
    if row is None:
        return key
    return row[lang].format(**values) if values else row[lang]


def number(value: float, lang: str, digits: int | None = None) -> str:
    """Write a number as the language does: thousands marks in English only, a true minus sign.

    Without ``digits``, at least four significant digits are kept and trailing zeros dropped.

    >>> number(-18190.04, "en"), number(18190.04, "zh"), number(0.00031, "zh")
    ('\N{MINUS SIGN}18,190', '18190', '0.00031')
    """
    if digits is None:
        digits = 3 - math.floor(math.log10(abs(value))) if value and math.isfinite(value) else 0
        text = f"{value:,.{min(max(digits, 0), 12)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = f"{value:,.{digits}f}"
    if not float(text.replace(",", "")):
        text = text.removeprefix("-")
    return (text if lang == "en" else text.replace(",", "")).replace("-", "\N{MINUS SIGN}")


def like(
    values: Iterable[float], lang: str, scale: float = 1.0, significant: int = 4
) -> Callable[[float], str]:
    """Give a function that writes numbers with the decimals that suit all of ``values``.

    The largest gets ``significant`` digits unless fewer say it whole; a value too small for that
    many decimals gets its own.

    >>> [like([30.0, 340.43, 0.02], "zh")(v) for v in (30.0, 340.43, 0.02)]
    ['30.0', '340.4', '0.02']
    """
    known = np.abs([v * scale for v in values if np.isfinite(v)] or [0.0])
    digits = 0
    if known.max():
        digits = int(np.clip(significant - 1 - np.floor(np.log10(known.max())), 0, 12))
        written = (f"{v:.{digits}f}".rstrip("0").partition(".")[2] for v in known)
        digits = max(map(len, written))
    small = 0.5 * 10.0**-digits
    return lambda value: number(
        value * scale, lang, digits if abs(value * scale) >= small or not value else None
    )


def percent(value: float, lang: str, digits: int = 1) -> str:
    """Write a fraction as a percentage.

    >>> percent(0.3302, "zh")
    '33.0%'
    """
    return number(100 * value, lang, digits) + "%"


def shown_unit(values: Iterable[float], unit: str, lang: str) -> tuple[float, str]:
    """Give the factor and the words in which an axis shows values of a unit.

    >>> shown_unit([630.5], "亿元", "en"), shown_unit([18190000.0], "万元", "zh")
    ((1.0, '100 million yuan'), (0.0001, '亿元'))
    """
    if unit in ("", "percent"):
        return (100.0, "%") if unit else (1.0, "")
    try:
        base, factor = lookup(unit).base, float(lookup(unit).factor)
    except UnitError:
        return 1.0, label(unit, lang)
    largest = max((abs(v) for v in values if np.isfinite(v)), default=1.0) or 1.0
    shown = factor
    if not 0.01 <= largest < 1e5:
        steps = (1e8, 1e4) if lang == "zh" else (1e9, 1e6, 1e3)
        shown = next((s for s in steps if largest * factor >= s), 1.0)
    key = f"times_{shown:.0f}"
    if shown != 1 and key not in _labels():
        return 1.0, label(unit, lang)
    words = "/".join(label(part, lang) for part in base.split("/"))
    return factor / shown, (label(key, lang) if shown != 1 else "") + words


class Numbers(Formatter):  # type: ignore[misc, unused-ignore]
    """Tick labels in the language's way, all of an axis with the same number of decimals."""

    def __init__(self, lang: str, scale: float = 1.0) -> None:
        self.lang, self.scale = lang, scale

    def format_ticks(self, values: Any) -> list[str]:
        """Give the labels of all ticks of an axis."""
        shown = [float(v) * self.scale for v in values]
        step = min((abs(b - a) for a, b in pairwise(shown) if b != a), default=1)
        places = (f"{v:.{max(0, 3 - math.floor(math.log10(step)))}f}".rstrip("0") for v in shown)
        digits = max((len(text.partition(".")[2]) for text in places), default=0)
        return [number(v, self.lang, digits) for v in shown]

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Give one label."""
        return number(x * self.scale, self.lang)


def wrapped(text: str, width: float) -> str:
    """Break a text into lines of at most ``width`` ems; a Chinese character is one em wide.

    >>> wrapped("资料来源：统计年鉴", 5).split()
    ['资料来源：', '统计年鉴']
    """
    lines, line, room = [], "", 0.0
    for part in re.findall(r"\s*[!-~]+|\s*\S", text):
        wide = sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in part)
        if line and room + wide > width and part not in "，。；：、）》”":
            lines.append(line)
            line, room, part = "", 0.0, part.lstrip()
        line, room = line + part, room + wide
    return "\n".join([*lines, line])


def need(table: pd.DataFrame, *columns: str, numeric: Sequence[str] = ()) -> pd.DataFrame:
    """Give the columns asked for as a fresh table, or say which one is missing or not numbers."""
    missing = [c for c in (*columns, *numeric) if c not in table.columns]
    if missing:
        raise PanelError(
            f"the table to draw lacks {', '.join(map(repr, missing))}; "
            f"it has {', '.join(map(repr, table.columns))}. Name the columns by keyword"
        )
    if table.empty:
        raise PanelError("the table to draw has no rows; nothing can be drawn from it")
    for column in numeric:
        if not pd.api.types.is_numeric_dtype(table[column]):
            wrong = table.loc[pd.to_numeric(table[column], errors="coerce").isna(), column]
            shown = repr(wrong.iloc[0]) if len(wrong) else "text"
            raise PanelError(f"column {column!r} holds {shown}; convert it to numbers first")
    if numeric and not np.isfinite(table[list(numeric)].to_numpy(float)).any():
        raise PanelError(f"no row has a number in {', '.join(map(repr, numeric))}; nothing to draw")
    return table.reset_index(drop=True)


def whole_years(table: pd.DataFrame, year: str) -> pd.Series:
    """Give the year column as integers; a year that is no whole number is an error."""
    years = pd.to_numeric(table[year], errors="coerce")
    wrong = table.loc[years.isna() | (years % 1 != 0), year]
    if len(wrong):
        raise PanelError(f"column {year!r} holds {wrong.iloc[0]!r}, which is no whole year")
    return years.astype(int)


@dataclass
class Chart:
    """One chart under way: its axes, its language, and the notes that go under it."""

    ax: Axes
    lang: str
    notes: list[str] = field(default_factory=list)

    @property
    def figure(self) -> Figure:
        """The whole figure, also where the axes lie in a part of it."""
        return cast(Figure, self.ax.get_figure(root=True))

    def say(self, key: str, **values: object) -> str:
        """Give a word of the label table in the chart's language."""
        return label(key, self.lang, **values)

    def join(self, words: Iterable[object]) -> str:
        """Join words as an enumeration."""
        return self.say("comma").join(map(str, words))

    def note(self, key: str, **values: object) -> None:
        """Add a note to the lines under the figure, once."""
        text = self.say(key, **values)
        if text not in self.notes:
            self.notes.append(text)

    def percent(self, value: float, digits: int = 1) -> str:
        """Write a fraction as a percentage in the chart's language."""
        return percent(value, self.lang, digits)

    def axis(
        self,
        which: Literal["x", "y"],
        name: str,
        unit: str,
        values: Iterable[float] = (),
        *,
        significant: int = 4,
    ) -> Callable[[float], str]:
        """Name an axis with its unit and give the function that writes its values in words.

        ``unit="percent"`` shows fractions as percentages. Other units are kept unless the values
        would need six digits or vanish: then 18,190,000 万元 is shown as 1819 亿元.
        """
        scale, unit = shown_unit(values, unit, self.lang)
        words = self.say("measure", name=name, unit=unit) if name and unit else name or unit
        target = self.ax.xaxis if which == "x" else self.ax.yaxis
        target.set_major_formatter(Numbers(self.lang, scale))
        target.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        self.ax.grid(axis=which, color=FAINT, linewidth=0.6)
        if which == "x":
            self.ax.set_xlabel(words, color=QUIET, loc="left")
        else:  # upright above the axis: Chinese is not read sideways
            self.ax.annotate(
                words, (0, 1), xycoords="axes fraction", xytext=(0, 6),
                textcoords="offset points", ha="left", va="bottom", color=QUIET,
            )  # fmt: skip
        if unit == "%":
            return lambda value: percent(value, self.lang)
        return like(values, self.lang, scale, significant)

    def year_axis(self, years: Iterable[int]) -> None:
        """Put ticks on whole years only, few enough to be read."""
        first, last = min(years), max(years)
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000) if (last - first) / s <= 8)
        ticks = list(range(-(-first // step) * step, last + 1, step))
        self.ax.xaxis.set_major_locator(FixedLocator(ticks))
        self.ax.xaxis.set_major_formatter(FixedFormatter([str(t) for t in ticks]))
        margin = max(0.4, 0.02 * (last - first))
        self.ax.set_xlim(first - margin, last + margin)

    def legend_below(self) -> None:
        """Put the legend under the axis label, where it covers nothing."""
        below = ScaledTranslation(0, -31 / 72, self.figure.dpi_scale_trans)
        self.ax.legend(
            loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=self.ax.transAxes + below,
            ncols=4, fontsize=8, handlelength=1.4, borderaxespad=0, borderpad=0,
        )  # fmt: skip

    def end_labels(self, ends: Sequence[tuple[float, float, str, str]]) -> None:
        """Write (x, y, text, colour) right of the axes, moved apart until none overlaps."""
        low, high = self.ax.get_ylim()
        box = self.ax.get_position()
        tall = self.figure.get_figheight() * 72 * box.height
        size = min(8.5, 0.98 * tall / (1.25 * max(len(ends), 1)))
        gap = 1.25 * size / tall
        order = sorted(range(len(ends)), key=lambda i: ends[i][1])
        places: list[float] = []
        for rank, index in enumerate(order):
            wish = (ends[index][1] - low) / (high - low)
            places.append(max(wish, places[-1] + gap if rank else 0.0))
        for rank in range(len(places) - 1, -1, -1):
            ceiling = places[rank + 1] - gap if rank + 1 < len(places) else 1.0
            places[rank] = min(places[rank], ceiling)
        for place, index in zip(places, order, strict=True):
            x, y, text, colour = ends[index]
            self.ax.annotate(
                text, (x, y), xytext=(1.03, place), textcoords="axes fraction", va="center",
                fontsize=size, color=darker(colour), annotation_clip=False, linespacing=1.4,
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.5, "alpha": 0.6,
                            "shrinkA": 1, "shrinkB": 3, "relpos": (0, 0.5)},
            )  # fmt: skip


@contextmanager
def chart(
    ax: Axes | None,
    lang: str,
    *,
    title: str = "",
    source: str = "",
    size: tuple[float, float] = (6.3, 3.6),
) -> Iterator[Chart]:
    """Draw inside our style; on leaving, write title, notes and source and fix the fonts.

    Parameters
    ----------
    ax : Axes or None
        Where to draw; None opens a figure of ``size`` inches with constrained layout.
    lang : {"zh", "en"}
        Language of all words and numbers.
    title, source : str
        Above and under the chart; '' writes nothing.
    """
    label("source", lang)  # refuses an unknown language before anything is drawn
    _register_fonts()
    with mpl.rc_context(_RC):
        opened = None
        if ax is None:
            opened, ax = plt.subplots(figsize=size, layout="constrained")
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set(color=QUIET, linewidth=0.6)
        ax.tick_params(color=QUIET, width=0.6, length=3, labelsize=8.5, labelfontfamily=FAMILY)
        ax.set_axisbelow(True)
        drawing = Chart(ax, lang)
        try:
            yield drawing
        except Exception:
            if opened is not None:
                plt.close(opened)
            raise
        if title:
            ax.set_title(title, loc="left", fontsize=10.5, fontweight="bold", pad=22)
        _write_under(drawing, source, opened)


def _write_under(drawing: Chart, source: str, opened: Figure | None) -> None:
    ax, lines = drawing.ax, []
    if drawing.notes:
        lines.append(drawing.say("note") + drawing.say("list").join(drawing.notes))
    if source:
        lines.append(drawing.say("source") + source)
    if not lines:
        return
    width, height = drawing.figure.get_size_inches()
    share = 0.98 if opened else ax.get_position().width
    text = "\n".join(wrapped(line, share * width * 72 / SMALL) for line in lines)
    look: dict[str, Any] = {"fontsize": SMALL, "color": QUIET, "linespacing": 1.4}
    if opened is None:  # the caller's own figure: right under what stands below the axis
        ax.annotate(
            text, (0, 0), xycoords=("axes fraction", ax.xaxis.label), xytext=(0, -6),
            textcoords="offset points", va="top", ha="left", **look,
        )  # fmt: skip
        return
    deep = (1 + text.count("\n")) * SMALL * 1.5 / 72 + 0.08
    opened.set_figheight(height + deep)
    below = deep / (height + deep)
    cast(ConstrainedLayoutEngine, opened.get_layout_engine()).set(rect=(0, below, 1, 1 - below))
    opened.text(0.01, below - 0.02, text, va="top", in_layout=False, **look)


def save(figure: Figure, path: str | Path, *, dpi: int = 200) -> Path:
    """Write a figure to PNG, SVG or PDF so that a second run gives the same bytes.

    The file is replaced only when the new one is whole, and holds no date and no version.

    Parameters
    ----------
    figure : Figure
        What to write.
    path : str or Path
        Its ending chooses the format: .png, .svg or .pdf.
    dpi : int, default 200
        Dots an inch of a PNG.

    Returns
    -------
    Path
        Where the file lies.

    Raises
    ------
    PanelError
        If the ending is another one.

    Examples
    --------
    >>> figure = Figure(figsize=(1, 1))
    >>> save(figure, "chart.bmp")
    Traceback (most recent call last):
    qhdanalysis.errors.PanelError: chart.bmp: a chart is written as .png, .svg or .pdf
    """
    path = Path(path)
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None},
        ".svg": {"Date": None, "Creator": None},
        ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    if path.suffix not in metadata:
        raise PanelError(f"{path}: a chart is written as .png, .svg or .pdf")
    _register_fonts()
    whole = io.BytesIO()
    with mpl.rc_context({**_RC, "svg.hashsalt": "qhdanalysis", "svg.fonttype": "path"}):
        figure.savefig(
            whole, format=path.suffix[1:], dpi=dpi, metadata=metadata[path.suffix],
            bbox_inches=None if figure.get_layout_engine() else "tight",
        )  # fmt: skip
    part = path.with_name(path.name + ".part")
    part.write_bytes(whole.getvalue())
    part.replace(path)
    return path
