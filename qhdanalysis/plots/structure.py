"""Charts of structure: specialisation, shift and share, inequality, convergence, tile map."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError, SourceError
from qhdanalysis.plots import canvas, style
from qhdanalysis.plots.style import COLOURS, DASHES, INK, QUIET
from qhdanalysis.rounding import number


def plot_location_quotient(
    table: pd.DataFrame, *, value: str = "lq", area: str = "area", sector: str = "sector",
    ax: Axes | None = None, lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Heat map of location quotients: 1 is white, twice and half are equally far from it.

    Parameters
    ----------
    table : DataFrame
        One row per area and sector. Sectors become the rows, or more than 14 areas do.
    value : str, default "lq"
        Location quotients; missing ones are grey and marked with a dash. Colours end at 1/4 and
        4, the numbers in the cells do not.
    area, sector : str
        Columns of names.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty, lacks a column or has an area twice within a sector.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "sector": "第一产业", "lq": [1.6, 0.8]})
    >>> [text.get_text() for text in plot_location_quotient(toy).texts]
    ['1.60', '0.80', '区位商']
    """
    from seaborn import heatmap

    data = canvas.need(table, area, sector, numeric=[value])
    canvas.once(data, [area, sector], "choose one year")
    grid = data.pivot(index=sector, columns=area, values=value)
    grid = grid.loc[data[sector].unique(), data[area].unique()]
    grid = grid.T if grid.shape[1] > max(14, len(grid)) else grid
    tall, wide = grid.shape
    with canvas.chart(ax, lang, title, source, (6.3, 1.8 + 0.27 * tall)) as drawing:
        few = wide <= 14
        words = grid.map(lambda v: "—" if np.isnan(v) else number(v, lang, 2))
        heatmap(
            grid.fillna(1.0).clip(0.25, 4.0), ax=drawing.ax, cmap="PuOr_r", norm=LogNorm(0.25, 4),
            annot=words if few else False, fmt="", annot_kws={"fontsize": 7.5}, linewidths=0.6,
            mask=grid.isna() & (not few),
            cbar_kws={"ticks": [0.25, 0.5, 1, 2, 4], "shrink": min(1.0, 12 / tall), "aspect": 18},
            xticklabels=True, yticklabels=True,
        )  # fmt: skip
        shades: Any = drawing.ax.collections[0].get_facecolor()
        for text, shade in zip(drawing.ax.texts, shades, strict=few):
            text.set_color(style.ink_on(shade[:3]))  # seaborn writes white on light colours too
        room = 300 / wide / 8.5  # ems that a column label may take
        names = [style.wrapped(drawing.say(name), max(room, 6)) for name in grid.columns]
        if max(map(style.ems, "\n".join(names).split("\n"))) > room:
            names = [style.wrapped(drawing.say(name), 12) for name in grid.columns]
            drawing.ax.tick_params(axis="x", labelrotation=90)
        drawing.ax.set_xticklabels(names)
        rows = [style.wrapped(drawing.say(name), 16) for name in grid.index]
        drawing.ax.set_yticklabels(rows, rotation=0)  # seaborn turns them where rows are low
        drawing.ax.set(xlabel="", ylabel="")
        drawing.ax.tick_params(length=0)
        bar = drawing.ax.collections[0].colorbar
        assert bar is not None
        bar.ax.set_yticklabels(["≤1/4", "1/2", "1", "2", "≥4"], fontsize=8)
        drawing.write(drawing.say("lq"), (0, 1), (0, 9), "axes fraction", color=QUIET, fontsize=9)
        bar.ax.minorticks_off()
        if grid.isna().any(axis=None):
            drawing.note("lq_missing")
    return drawing.ax


def plot_shift_share(
    table: pd.DataFrame, *, area: str = "area",
    parts: Sequence[str] = ("national", "mix", "regional", "allocation"), total: str = "change",
    unit: str = "", ax: Axes | None = None, lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Shift-share parts as stacked bars, one row an area, with the total change as a diamond.

    Parameters
    ----------
    table : DataFrame
        One row per area, as `shift_share` gives it summed over sectors.
    area : str
        Names of the rows.
    parts : sequence of str
        Columns that add up to the change, those of them that the table has; negative parts go
        left of zero.
    total : str, default "change"
        Column of the whole change.
    unit : str
        Unit of the parts; ``"percent"`` for fractions of the start.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty or lacks a column.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县"], "national": 8.0, "mix": -1.5,
    ...     "regional": 2.0, "change": 8.5})
    >>> [float(bar.get_width()) for bar in plot_shift_share(toy, unit="亿元").patches]
    [8.0, -1.5, 2.0]
    """
    parts = [part for part in parts if part in table]
    data = canvas.need(table, area, numeric=[*parts, total])
    with canvas.chart(ax, lang, title, source, (6.3, 1.2 + 0.36 * len(data))) as drawing:
        drawing.axis("x", "change", unit, data[parts].to_numpy(float).ravel())
        places = drawing.rows(data[area])
        drawing.stack(data[parts].set_index(places), data[total], across=True)
        for place in places[data[total].isna()]:
            drawing.write(drawing.say("undefined"), (0, place), color=QUIET)
    return drawing.ax


def plot_lorenz(
    table: pd.DataFrame, *, value: str = "value", weights: str | None = None,
    by: str | None = None, ax: Axes | None = None, lang: str = "zh", title: str = "",
    source: str = "",
) -> Axes:  # fmt: skip
    """Lorenz curves with the Gini coefficient of each.

    Parameters
    ----------
    table : DataFrame
        One row per area (and ``by``).
    value : str
        Amount of each area; with ``weights`` the amount per head.
    weights : str, optional
        Population. Without it each area counts the same.
    by : str, optional
        Column that tells the curves apart, such as the year.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty or lacks a column, or a value is negative.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "乙县"], "value": [1.0, 3.0]})
    >>> plot_lorenz(toy, lang="en").lines[1].get_label()
    'Gini 0.250'
    """
    from qhdanalysis.indicators.inequality import gini

    numeric = [value, *([weights] if weights else [])]
    given = canvas.need(table, *([by] if by else []), numeric=numeric)
    data = given.dropna(subset=numeric)
    groups = list(data.groupby(by)) if by else [("", data)]
    with canvas.chart(ax, lang, title, source, (4.2, 4.0)) as drawing:
        if len(data) < len(given):
            drawing.note("rows_left_out", n=len(given) - len(data))
        drawing.axis("x", "lorenz_people" if weights else "lorenz_areas", "percent")
        drawing.axis("y", "lorenz_value", "percent")
        drawing.ax.plot([0, 1], [0, 1], color=QUIET, lw=0.8, label=drawing.say("equality"))
        for i, (group, rows) in enumerate(groups):
            held = rows[weights].to_numpy(float) if weights else np.ones(len(rows))
            level = rows[value].to_numpy(float)
            order = np.argsort(level, kind="stable")
            people, amount = np.cumsum(held[order]), np.cumsum((held * level)[order])
            words = drawing.say("gini", value=number(gini(level, weights=held), lang, 3))
            drawing.ax.plot(
                np.r_[0, people / people[-1]], np.r_[0, amount / amount[-1]],
                color=COLOURS[i % len(COLOURS)], linestyle=DASHES[i % len(DASHES)], lw=1.6,
                label=drawing.say("named", name=group, value=words) if by else words,
            )  # fmt: skip
        drawing.ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        drawing.ax.legend(loc="upper left", fontsize=8)
    return drawing.ax


def plot_convergence(
    table: pd.DataFrame, *, initial: str = "first", growth: str = "cagr", area: str = "area",
    fit: pd.DataFrame | None = None, name: str = "initial", unit: str = "", ax: Axes | None = None,
    lang: str = "zh", title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    """Scatter of growth against the initial level (log scale), with the fitted line if given.

    Parameters
    ----------
    table : DataFrame
        One row per area, as `cagr` gives it.
    initial, growth : str
        Columns of the first level (positive) and of the compound growth a year (fraction).
    area : str
        Names; as many are written as fit without overlap.
    fit : DataFrame, optional
        What `beta_convergence` returns, without controls. Its growth is in logarithms, so the
        line is ``exp(intercept + b ln(initial)) - 1``.
    name, unit : str
        What the level is and its unit.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty, lacks a column, a level is not positive, or ``fit`` has controls.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["甲县", "乙县"], "first": [10, 40], "cagr": [0.08, 0.05]})
    >>> ax = plot_convergence(toy, unit="亿元")
    >>> [text.get_text() for text in ax.texts]
    ['甲县', '乙县']
    """
    given = canvas.need(table, area, numeric=[initial, growth])
    data = given.dropna(subset=[initial, growth])
    if len(wrong := data.loc[data[initial] <= 0, area]):
        raise PanelError(f"{wrong.iloc[0]} has no positive {initial!r}, so it has no logarithm")
    with canvas.chart(ax, lang, title, source, (6.3, 4.0)) as drawing:
        drawing.note_missing(given[area], data[area])
        drawing.ax.set_xscale("log")
        drawing.axis("x", name, unit, data[initial])
        drawing.axis("y", "growth_a_year", "percent")
        ends = np.array([data[initial].min(), data[initial].max()])
        span = ends[1] / ends[0]
        subs = (1, 1.5, 2, 3, 5, 7) if span < 20 else (1, 2, 5) if span < 500 else (1,)
        drawing.ax.xaxis.set_major_locator(LogLocator(subs=subs))
        drawing.ax.xaxis.set_minor_locator(NullLocator())
        each_alone = FuncFormatter(cast(Any, drawing.ax.xaxis.get_major_formatter()))
        drawing.ax.xaxis.set_major_formatter(each_alone)  # 0.1, 1, 10: not 0.1, 1.0, 10.0
        drawing.ax.scatter(data[initial], data[growth], s=16, color=COLOURS[0], alpha=0.8, lw=0)
        drawing.ax.margins(0.08)
        if fit is not None:
            terms = canvas.need(fit, "term", numeric=["estimate"]).set_index("term")["estimate"]
            if set(terms.index) != {"intercept", "log_initial"}:
                raise PanelError(
                    f"fit has the terms {', '.join(terms.index)}; a line can be drawn only for "
                    "beta_convergence without controls"
                )
            steps = np.geomspace(ends[0], ends[1], 50)
            line = np.expm1(terms["intercept"] + terms["log_initial"] * np.log(steps))
            drawing.ax.plot(steps, line, color=COLOURS[1], linestyle=DASHES[1], lw=1.4)
        drawing.name_points(data[initial], data[growth], data[area])
    return drawing.ax


def _outlines(path: Path, key: str) -> dict[str, Outline]:
    """Read the outlines of a reader's own GeoJSON file, by the names under ``key``."""
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        found = {}
        for feature in features:
            shape = feature["geometry"]
            several = shape["type"] == "MultiPolygon"
            whole = shape["coordinates"] if several else [shape["coordinates"]]
            rings = [np.asarray(ring, float)[:, :2] for polygon in whole for ring in polygon]
            outline = Outline.make_compound_path(*(Outline(r, closed=True) for r in rings))
            found[str(feature["properties"][key])] = outline
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise SourceError(
            f"{path}: no outlines can be read ({type(error).__name__}: {error}); boundaries= takes "
            f"a GeoJSON file of polygons with the property {key!r}, or the one that key= names"
        ) from error
    return found


def _tiles(
    drawing: canvas.Chart, names: pd.Index, tiles: pd.DataFrame | None
) -> dict[str, Outline]:
    """Give each area its square: where the layout puts it, else in a row of its own below."""
    if tiles is None:
        tiles = pd.read_csv(ASSETS / "tiles.csv", encoding="utf-8")
    places = canvas.need(tiles, "area", numeric=["row", "column"])
    canvas.once(places, ["area"], "give each area one place")
    places = places.set_index("area")
    known = [name for name in names if name in places.index]
    spots = {name: tuple(places.loc[name, ["row", "column"]].astype(float)) for name in known}
    others = [name for name in names if name not in spots]
    across = int(np.clip(np.ceil(np.sqrt(len(others) * 1.6)), 4, 8))
    below = max((row for row, _ in spots.values()), default=-1.3) + 1.3
    spots |= {name: (below + i // across, float(i % across)) for i, name in enumerate(others)}
    if others:
        drawing.note("tiles_unplaced" if known else "tiles_unknown")
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * 0.94
    moved = {name: square + np.array([column, -row]) for name, (row, column) in spots.items()}
    return {name: Outline(corners, closed=True) for name, corners in moved.items()}


def plot_tile_map(
    table: pd.DataFrame, *, value: str = "value", area: str = "area",
    tiles: pd.DataFrame | None = None, boundaries: str | Path | None = None, key: str = "name",
    name: str = "value", unit: str = "", ax: Axes | None = None, lang: str = "zh",
    title: str = "", source: str = "",
) -> Axes:  # fmt: skip
    r"""Map of equal squares, or of a reader's own boundaries, coloured by value.

    No boundaries are shipped: a published map needs its approval number. Squares keep the rough
    position of the seven districts and counties of Qinhuangdao; other areas stand in rows.

    Parameters
    ----------
    table : DataFrame
        One row per area. A missing value is hatched and marked with a dash.
    value, area : str
        Columns.
    tiles : DataFrame, optional
        Columns area, row and column (0 is top and left): a layout of your own.
    boundaries : path, optional
        GeoJSON file of polygons in longitude and latitude; areas without one are named in the note.
    key : str, default "name"
        Property of the file that holds the names of ``area`` (or its codes).
    name, unit : str
        What is drawn and its unit; ``unit="percent"`` for fractions.
    ax : Axes, optional
        Where to draw; without it a figure is opened.
    lang : {"zh", "en"}, default "zh"
        Language of words and numbers.
    title, source : str, optional
        Above the chart and under it.

    Returns
    -------
    Axes
        What was drawn on: ``ax``, or the axes of the new figure.

    Raises
    ------
    PanelError
        If the table is empty, lacks a column or has an area twice.
    SourceError
        If the boundary file cannot be read or holds none of the areas.

    Examples
    --------
    >>> toy = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "value": [351.1, 140.2]})
    >>> [text.get_text() for text in plot_tile_map(toy, unit="亿元", lang="en").texts[1:]]
    ['Changli\n35.11', 'Lulong\n14.02']
    """
    data = canvas.need(table, area, numeric=[value])
    values = data.set_index(data[area].astype(str))[value]
    canvas.once(data, [area], "choose one year")
    many = len(values) > 16
    size = (6.3, 0.5 + 0.62 * len(values) / 8) if len(values) > 48 else (5.6, 4.0)
    with canvas.chart(ax, lang, title, source, size) as drawing:
        write = drawing.axis("y", name, unit, values)
        words = drawing.ax.get_ylabel()  # not shown with the axes off
        drawing.write(words, (0, 1), (0, 6), "axes fraction", color=QUIET, fontsize=9)
        if boundaries is None:
            shapes, aspect = _tiles(drawing, values.index, tiles), 1.0
        else:
            shapes = _outlines(Path(boundaries), key)
            if absent := [each for each in values.index if each not in shapes]:
                drawing.note("no_outline", names=drawing.say("comma").join(absent[:10]))
            shapes = {each: shapes[each] for each in values.index if each in shapes}
            if not shapes:
                raise SourceError(f"{boundaries}: no {key!r} in it is one of the table's areas")
            north = np.mean([outline.get_extents().y0 for outline in shapes.values()])
            aspect = 1 / np.cos(np.radians(north))
        colours = LinearSegmentedColormap.from_list("", ["#DCE6F0", COLOURS[0]])
        norm = Normalize(values.min(), values.max())
        for each, outline in shapes.items():
            missing, shade = np.isnan(values[each]), colours(norm(values[each]))
            look = {"fc": "white", "ec": QUIET, "hatch": "////"} if missing else {"fc": shade}
            with mpl.rc_context({"hatch.color": style.FAINT}):
                drawing.ax.add_patch(PathPatch(outline, **({"ec": "white", "lw": 0.8} | look)))
            text = "—" if missing else write(values[each])
            text = f"{style.wrapped(drawing.say(each), 6 if many else 5)}\n{text}"
            box = outline.get_extents()
            drawing.write(
                text, ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), (0, 0), ha="center",
                color=INK if missing else style.ink_on(shade[:3]), fontsize=6 if many else 8,
                bbox={"fc": "white", "ec": "none", "pad": 0.5} if missing else None,
            )  # fmt: skip
        drawing.ax.autoscale_view()
        drawing.ax.set_aspect(aspect)
        drawing.ax.set_axis_off()
        bar = drawing.figure.colorbar(
            mpl.cm.ScalarMappable(norm, colours), ax=drawing.ax, shrink=0.6, aspect=14,
            format=drawing.ax.yaxis.get_major_formatter(),
        )  # fmt: skip
        bar.outline.set_visible(False)
        bar.ax.tick_params(labelsize=8, labelfontfamily=style.FAMILY, length=2)
    return drawing.ax
