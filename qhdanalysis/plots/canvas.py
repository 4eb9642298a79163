"""What a chart is drawn on: axes in our style, their labels, and the lines under the figure.

Nothing global changes. `chart` opens a matplotlib context for as long as one chart is drawn; what
matplotlib makes later, when the figure is saved, is told to the axes themselves.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedFormatter, FixedLocator, Formatter, MaxNLocator
from scipy.optimize import isotonic_regression

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError
from qhdanalysis.indicators import matrix
from qhdanalysis.plots import style
from qhdanalysis.plots.style import COLOURS, FAINT, INK, QUIET, label, wrapped
from qhdanalysis.rounding import like, number

_RC: dict[Any, Any] = {
    "font.family": [style.FAMILY, "DejaVu Sans"],
    "font.size": 9.0,
    "text.parse_math": False,  # a $ in a name is a $
    "text.color": INK,
    "hatch.linewidth": 0.6,
    "hatch.color": "white",
    "legend.frameon": False,
    "legend.fontsize": 8.0,
}
for _path in sorted((ASSETS / "fonts").glob("*.otf")):
    fontManager.addfont(_path)


class Numbers(Formatter):
    """Tick labels in the language's way, all of an axis with the same number of decimals."""

    def __init__(self, lang: str, scale: float = 1.0) -> None:
        self.lang, self.scale = lang, scale

    def format_ticks(self, values: Any) -> list[str]:
        """Give the labels of all ticks of an axis."""
        return list(map(like(values, self.lang, self.scale, significant=9), values))

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Give one label."""
        return like([x], self.lang, self.scale)(x)


def need(table: pd.DataFrame, *columns: str, numeric: Sequence[str] = ()) -> pd.DataFrame:
    """Give the table with a plain index and floats, or say what is missing or no number."""
    matrix.need(table, *columns, *numeric)
    values = {name: matrix.numbers(table, name, *columns, signed=True) for name in numeric}
    if table.empty or (values and np.isnan(list(values.values())).all()):
        held = f"number in {', '.join(map(repr, numeric))}" if len(table) else "row"
        raise PanelError(f"the table to draw has no {held}; there is nothing to draw")
    return table.reset_index(drop=True).assign(**values)


def once(table: pd.DataFrame, keys: list[str], remedy: str) -> None:
    """Refuse a table in which a combination of keys stands twice."""
    if len(twice := table[table.duplicated(keys)]):
        first = twice[keys].iloc[0]
        found = ", ".join(f"{key:g}" if isinstance(key, float) else str(key) for key in first)
        raise PanelError(f"{found} stands twice in the table to draw: {remedy}")


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

    def say(self, key: object, **values: object) -> str:
        """Give a word of the label table in the chart's language."""
        return label(str(key), self.lang, **values)

    def measure(self, name: str, unit: str) -> str:
        """Give a name with its unit in brackets, or whichever of the two there is."""
        words = self.say(name or unit)
        return self.say("measure", name=words, unit=unit) if name and unit else words

    def percent(self, value: float, digits: int = 1) -> str:
        """Write a fraction as a percentage."""
        return number(100 * value, self.lang, digits) + "%"

    def note(self, key: str, **values: object) -> None:
        """Add a note to the lines under the figure, once."""
        if (text := self.say(key, **values)) not in self.notes:
            self.notes.append(text)

    def note_missing(self, given: pd.Series, drawn: Iterable[object]) -> None:
        """Name the areas that are in the table but have no value to draw."""
        names = [self.say(name) for name in dict.fromkeys(given) if name not in set(drawn)]
        if names:
            more = self.say("and_more", n=len(names) - 8) if len(names) > 8 else ""
            self.note("no_data", names=self.say("comma").join(names[:8]) + more)

    def write(
        self, text: str, at: tuple[float, float], shift: tuple[float, float] = (4, 0),
        coords: Any = "data", **look: Any,
    ) -> None:  # fmt: skip
        """Write a text some points away from a place."""
        look = dict[str, Any](va="center", fontsize=8, textcoords="offset points") | look
        self.ax.annotate(text, at, shift, xycoords=coords, annotation_clip=False, **look)

    def axis(
        self, which: Literal["x", "y"], name: str, unit: str = "", values: Iterable[float] = (),
        significant: int = 4,
    ) -> Callable[[float], str]:  # fmt: skip
        """Name an axis with its unit and give the function that writes its values in words."""
        scale, unit = style.shown_unit(values, unit, self.lang)
        target = self.ax.xaxis if which == "x" else self.ax.yaxis
        target.set_major_formatter(Numbers(self.lang, scale))
        target.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        self.ax.grid(axis=which, color=FAINT, linewidth=0.6)
        if which == "x":
            self.ax.set_xlabel(self.measure(name, unit), color=QUIET, fontsize=9, loc="left")
        else:  # upright above the axis: Chinese is not read sideways
            look: Any = {"rotation": 0, "ha": "left", "va": "bottom"}
            self.ax.set_ylabel(self.measure(name, unit), color=QUIET, fontsize=9, **look)
            target.set_label_coords(0, 1.02)
        if unit == "%" and scale == 100:
            return self.percent
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

    def rows(self, names: Iterable[object]) -> Any:
        """Give each name its row, the first one on top, and write it."""
        words = [wrapped(self.say(name), 16) for name in names]
        places = np.arange(len(words), dtype=float)[::-1]
        self.ax.set_yticks(places, words)
        self.ax.tick_params(axis="y", length=0)
        self.ax.set_ylim(-0.6, len(words) - 0.4)
        return places

    def stack(self, parts: pd.DataFrame, total: pd.Series | None, *, across: bool) -> None:
        """Stack columns over the places in the index, negative parts below zero."""
        ends = np.zeros((2, len(parts)))
        for i, name in enumerate(parts):
            size = np.nan_to_num(parts[name].to_numpy(float))
            start = np.where(size < 0, *ends)
            ends += np.minimum(size, 0), np.maximum(size, 0)
            look: Any = {"color": COLOURS[i % 8], "hatch": style.HATCHES[(i + i // 8) % 8]}
            look |= {"label": wrapped(self.say(name), 14)}
            if across:
                self.ax.barh(parts.index, size, left=start, height=0.6, **look)
            else:
                self.ax.bar(parts.index, size, bottom=start, width=0.7, **look)
        if total is not None:
            x, y = (total, parts.index) if across else (parts.index, total)
            self.ax.plot(x, y, "D", color=INK, mec="white", ms=5.5, label=self.say("total"))
        (self.ax.axvline if across else self.ax.axhline)(0, color=QUIET, linewidth=0.8)
        self.ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.02), handlelength=1.4)

    def name_points(self, x: Iterable[float], y: Iterable[float], names: Iterable[object]) -> None:
        """Write names beside their points, as many as fit without overlap, and note the rest."""
        self.figure.draw_without_rendering()  # settles limits and layout
        points = list(zip(x, y, strict=True))
        spots = self.ax.transData.transform(points) * 72 / self.figure.dpi
        taken = [(px - 2, px + 2, py) for px, py in spots]
        hidden, edge = 0, self.ax.bbox.x0 * 72 / self.figure.dpi
        for (px, py), at, name in zip(spots, points, map(self.say, names), strict=True):
            wide = 8 * style.ems(name) + 3
            for side, left in (("left", px + 2.1), ("right", px - 2.1 - wide)):
                apart = (left > b or left + wide < a or abs(py - c) > 9 for a, b, c in taken)
                if left > edge and all(apart):
                    taken.append((left, left + wide, py))
                    self.write(name, at, (4 if side == "left" else -4, 0), ha=side, fontsize=7.5)
                    break
            else:
                hidden += 1
        if hidden:
            self.note("points_unnamed", n=hidden)

    def end_labels(self, ends: Sequence[tuple[float, float, str, str]]) -> None:
        """Write (x, y, text, colour) right of the axes, moved apart until none overlaps."""
        low, high = self.ax.get_ylim()
        self.figure.draw_without_rendering()  # settles the layout
        tall = self.ax.get_window_extent().height * 72 / self.figure.dpi
        right = self.ax.get_xlim()[1]
        size = min(8.5, 0.78 * tall / len(ends))
        gap, ends = 1.25 * size / tall, sorted(ends, key=lambda end: end[1])
        shift = gap * np.arange(len(ends))
        wishes = [(y - low) / (high - low) for _, y, _, _ in ends]
        # The nearest places that keep the order and the gap, inside the height of the axes.
        places = np.clip(isotonic_regression(wishes - shift).x, 0, 1 - shift[-1]) + shift
        for place, (x, y, text, colour) in zip(places, ends, strict=True):
            line = {"arrowstyle": "-", "color": colour, "lw": 0.8, "shrinkA": 1, "shrinkB": 3}
            if right - x > 1:  # over later years it would be read as a flat series
                line |= {"color": QUIET, "linestyle": (0, (1, 3))}
            self.write(
                text, (x, y), (1.03, place), textcoords="axes fraction", fontsize=size,
                linespacing=1.4, arrowprops=line | {"relpos": (0, 0.5)},
            )  # fmt: skip


def _layout(figure: Figure, **options: Any) -> None:
    cast(ConstrainedLayoutEngine, figure.get_layout_engine()).set(**options)


@contextmanager
def chart(
    ax: Axes | None, lang: str, title: str, source: str, size: tuple[float, float] = (6.3, 3.4)
) -> Iterator[Chart]:
    """Draw inside our style; on leaving, write the title, the notes and the source.

    Parameters
    ----------
    ax : Axes or None
        Where to draw; None opens a figure of ``size`` inches with constrained layout, made taller
        by the notes under it.
    lang : {"zh", "en"}
        Language of all words and numbers.
    title, source : str
        Above and under the chart; '' writes nothing.
    """
    label("source", lang)  # refuses an unknown language before anything is opened
    if not isinstance(ax, Axes | None):
        raise PanelError(
            f"ax is {type(ax).__name__}; pass one Axes, such as axes[0, 1] of subplots()"
        )
    # Outside the context: a notebook's backend turns interactive at its first figure, which leaving
    # the context would undo, and no later figure would be shown.
    opened = plt.figure(figsize=size, layout="constrained") if ax is None else None
    with mpl.rc_context(_RC):
        if opened:  # room for the name over the axis, whose height the layout leaves out
            _layout(opened, h_pad=9 / 72)
        drawing = Chart(opened.subplots() if opened else cast(Axes, ax), lang)
        drawing.ax.spines[["top", "right"]].set_visible(False)
        drawing.ax.spines[["left", "bottom"]].set(color=QUIET, linewidth=0.6)
        drawing.ax.tick_params(color=QUIET, width=0.6, length=3, labelsize=8.5)
        drawing.ax.tick_params(labelfontfamily=style.FAMILY)
        drawing.ax.set_axisbelow(True)
        look: dict[str, Any] = {"fontsize": 10.5, "weight": "bold"}
        if opened and title:  # from edge to edge, since names may leave the axes little room
            title = wrapped(title, 0.97 * size[0] * 72 / 10.5)
            opened.suptitle(title, x=0.01, ha="left", **look)
            opened.set_figheight(size[1] + 0.2 * (1 + title.count("\n")))
        heading = drawing.ax.set_title("" if opened else title, loc="left", pad=22, **look)
        for text in (heading, drawing.ax.xaxis.label, drawing.ax.yaxis.label):
            text.set(fontfamily=_RC["font.family"], parse_math=False)  # made in the caller's style
        try:
            yield drawing
        except Exception:
            plt.close(opened)
            raise
        for text in [*drawing.ax.get_xticklabels(), *drawing.ax.get_yticklabels()]:
            text.set_parse_math(False)
        _write_under(drawing, source, opened)


def _write_under(drawing: Chart, source: str, opened: Figure | None) -> None:
    words = {"note": drawing.say("list").join(drawing.notes), "source": source}
    lines = [drawing.say(key) + text for key, text in words.items() if text]
    width, height = drawing.figure.get_size_inches()
    room = width * 72 / style.SMALL * (0.98 if opened else drawing.ax.get_position().width)
    text = "\n".join(wrapped(line, room) for line in lines)
    look: Any = {"fontsize": style.SMALL, "color": QUIET, "linespacing": 1.4, "va": "top"}
    if opened is None:  # the caller's own figure: under what stands below the axis
        drawing.write(text, (0, 0), (0, -6), ("axes fraction", drawing.ax.xaxis.label), **look)
    elif text:
        deep = (1 + text.count("\n")) * style.SMALL * 1.5 / 72 + 0.04
        below = deep / (height + deep)
        opened.set_figheight(height + deep)
        _layout(opened, rect=(0, below, 1, 1 - below))
        opened.text(0.01, below, text, **look)


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
    stamps = {".png": ["Software"], ".svg": ["Date", "Creator"]}
    stamps |= {".pdf": ["CreationDate", "Creator", "Producer"]}
    if path.suffix not in stamps:
        raise PanelError(f"{path}: a chart is written as .png, .svg or .pdf")
    whole = io.BytesIO()
    metadata: dict[str, Any] = dict.fromkeys(stamps[path.suffix])
    edges = None if figure.get_layout_engine() else "tight"  # text may lie outside the edges
    with mpl.rc_context({"svg.hashsalt": "qhdanalysis", "svg.fonttype": "path"}):
        figure.savefig(whole, format=path.suffix[1:], dpi=dpi, bbox_inches=edges, metadata=metadata)
    part = path.with_name(path.name + ".part")
    part.write_bytes(whole.getvalue())
    part.replace(path)
    return path
