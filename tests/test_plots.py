"""What a reader sees on a chart: words, numbers, places of marks, and the fonts they need.

The accepted pictures in ``tests/images`` are renewed with ``QHD_ACCEPT_IMAGES=1``, after looking.
"""

import json
import os
import re
import runpy
import warnings
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.testing.compare import compare_images
from seaborn.utils import relative_luminance

import qhdanalysis as qa
from qhdanalysis import rounding
from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import PanelError, SourceError, UnitError
from qhdanalysis.plots import label, save, style

mpl.use("agg")
ROOT = Path(__file__).resolve().parent.parent
IMAGES = Path(__file__).resolve().parent / "images"
FONT_FILES = sorted((ASSETS / "fonts").glob("*.otf"))
COUNTIES = ["青龙满族自治县", "昌黎县", "卢龙县", "抚宁区", "海港区", "山海关区", "北戴河区"]
SECTORS = ["农、林、牧、渔业", "采矿业", "电力、热力、燃气及水生产和供应业", "教育"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def shares(years=range(2000, 2023), areas=("三县合计", "昌黎县"), without=(2018,)):
    rows = [
        (area, year, 0.3 / (1 + i) + 0.002 * (year - 2000))
        for i, area in enumerate(areas)
        for year in years
        if year not in without
    ]
    return pd.DataFrame(rows, columns=["area", "year", "share"])


def history(years=range(2000, 2023)):
    return pd.DataFrame(
        {"area": "昌黎县", "year": years, "value": 35 * 1.11 ** np.arange(len(years))}
    )


def fan(past, area="昌黎县"):
    last = past.iloc[-1]
    rows = [
        (area, last["year"] + h, last["value"] * 1.05**h, level, last["value"] * width * h**0.8)
        for h in range(1, 6)
        for level, width in ((80, 0.05), (95, 0.08))
    ]
    table = pd.DataFrame(rows, columns=["area", "year", "estimate", "level", "half"])
    return table.assign(
        lower=table["estimate"] - table["half"], upper=table["estimate"] + table["half"], method="x"
    )


BREAKS = pd.DataFrame(
    {"area": ["昌黎县", "昌黎县"], "year": [2009, 2019], "kind": ["accounting", "vintage"]}
)
EXECUTION = pd.DataFrame(
    {
        "area": ["甲县", "乙县", "丙县", "丁县"],
        "planned": [80.0, 0.0, 45.0, 120.0],
        "done": [105.7, 3.2, np.nan, 70.9],
        "completion_rate": [1.32125, np.nan, np.nan, 0.590833],
    }
)
QUOTIENTS = pd.DataFrame(
    [
        (a, s, 0.2 * 1.35 ** (i + 2 * j))
        for i, a in enumerate(COUNTIES)
        for j, s in enumerate(SECTORS)
    ],
    columns=["area", "sector", "lq"],
)
PARTS = pd.DataFrame(
    {
        "area": COUNTIES[:3],
        "national": [8.0, 12.0, 6.0],
        "mix": [-1.5, 2.0, -0.5],
        "regional": [2.0, -3.0, 1.0],
        "change": [8.5, 11.0, 6.5],
    }
)
CHECKS = pd.DataFrame(
    {
        "claim": ["152项 + 123项，共270项", "占年度计划的89.5%"],
        "stated": [270.0, 0.895],
        "low": [275.0, 0.8946],
        "high": [275.0, 0.8947],
        "verdict": ["inconsistent", "consistent"],
    }
)
POINTS = pd.DataFrame(
    [
        (a, y, 0.01 * (i - 1) + 0.004 * (y - 2020))
        for y in (2020, 2021)
        for i, a in enumerate(COUNTIES)
    ],
    columns=["area", "year", "points"],
).assign(total_growth=0.07)
LEVELS = pd.DataFrame(
    {"area": COUNTIES, "value": [125.3, 337.2, 140.2, 210.6, 520.1, 83.9, np.nan]}
)
GROWTH = pd.DataFrame(
    {"area": COUNTIES, "first": [30, 80, 40, 65, 150, 22, 18], "cagr": np.linspace(0.11, 0.05, 7)}
)
FIT = pd.DataFrame({"term": ["intercept", "log_initial"], "estimate": [0.16, -0.02]})
RECORDS = pd.concat(
    history().assign(area=area, value=lambda t, k=k: t["value"] * k, code="gdp", unit="亿元")
    for area, k in (("昌黎县", 1.0), ("卢龙县", 0.4))
)

SOURCE = "秦皇岛统计年鉴 2023"
CHARTS = {
    "share": lambda **o: qa.plot_share(shares(), breaks=BREAKS, **o),
    "share_20": lambda **o: qa.plot_share(
        shares(areas=[f"名称很长的示例自治县{i}" for i in range(20)]), **o
    ),
    "share_99": lambda **o: qa.plot_share(shares(areas=[f"County {i}" for i in range(99)]), **o),
    "series": lambda **o: qa.plot_series(RECORDS, breaks=BREAKS, **o),
    "contribution": lambda **o: qa.plot_contribution(POINTS[POINTS["year"].eq(2021)], **o),
    "contribution_years": lambda **o: qa.plot_contribution(POINTS, **o),
    "projection": lambda **o: qa.plot_projection(
        fan(history()), history(), breaks=BREAKS, unit="亿元", name="gdp", **o
    ),
    "execution": lambda **o: qa.plot_execution(EXECUTION, elapsed=8 / 12, unit="亿元", **o),
    "execution_behind": lambda **o: qa.plot_execution(
        EXECUTION[3:].assign(completion_rate=0.62), elapsed=0.9, unit="亿元", **o
    ),
    "projection_falling": lambda **o: qa.plot_projection(
        fan(history()[::-1].assign(year=range(2000, 2023))),
        history()[::-1].assign(year=range(2000, 2023)),
        **o,
    ),
    "funnel": lambda **o: qa.plot_credit_funnel(
        pd.DataFrame(
            {
                "stage": ["credit_line", "loans_granted", "loan_balance"],
                "value": [106.7, 41.83, 41.17],
                "share": [np.nan, 0.392, 0.984],
            }
        ),
        unit="亿元",
        **o,
    ),
    "audit": lambda **o: qa.plot_audit(CHECKS, **o),
    "quotient": lambda **o: qa.plot_location_quotient(QUOTIENTS, **o),
    "shift_share": lambda **o: qa.plot_shift_share(PARTS, unit="亿元", **o),
    "lorenz": lambda **o: qa.plot_lorenz(LEVELS, **o),
    "convergence": lambda **o: qa.plot_convergence(GROWTH, fit=FIT, unit="亿元", name="gdp", **o),
    "tile_map": lambda **o: qa.plot_tile_map(LEVELS, unit="亿元", name="gdp", **o),
}

MORE = {"share_20", "share_99", "execution_behind", "projection_falling"}  # no picture of their own
ACCEPTED = [name for name in CHARTS if name not in MORE]


def drawn_texts(figure):
    """Give every text that is really drawn with the box it takes, in pixels."""
    found = []
    draw = mpl.text.Text.draw

    def watched(self, renderer, *args, **kwargs):
        if self.get_visible() and self.get_text().strip():
            found.append((self.get_text(), mpl.text.Text.get_window_extent(self, renderer)))
        return draw(self, renderer, *args, **kwargs)

    figure.canvas.draw()  # settles the layout
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mpl.text.Text, "draw", watched)
        figure.canvas.draw()
    return found


def ticks(ax):
    ax.figure.canvas.draw()
    return [(t.get_position()[0], t.get_text()) for t in ax.get_xticklabels()]


# Fonts


@pytest.mark.parametrize("path", FONT_FILES, ids=lambda path: path.stem)
def test_the_fonts_hold_every_character_of_data_labels_and_library(path):
    held = set(TTFont(path).getBestCmap())
    make_fonts = runpy.run_path(str(ROOT / "tools" / "make_fonts.py"))
    used = {c for text in make_fonts["shipped_text"]() for c in text if c.isprintable()}
    used |= set(make_fonts["NAMES_OUTSIDE_GB2312"])
    assert len(used) > 1500
    assert "".join(sorted(c for c in used if ord(c) not in held)) == ""


@pytest.mark.parametrize("path", FONT_FILES, ids=lambda path: path.stem)
def test_the_fonts_hold_gb2312_the_minus_sign_and_full_width_forms(path):
    held = set(TTFont(path).getBestCmap())
    gb2312 = [
        bytes([a, b]).decode("gb2312", "ignore") for a in range(161, 248) for b in range(161, 255)
    ]
    wanted = {c for c in gb2312 if c} | set("\N{MINUS SIGN}②Ⅷ〇㎡³") | set(map(chr, range(33, 127)))
    wanted |= set(map(chr, range(0xFF01, 0xFF5F)))
    assert sum(map(bool, gb2312)) == 7445
    assert {c for c in wanted if ord(c) not in held} == set()


def test_the_fonts_bear_our_own_name_and_their_licence():
    fonts = [TTFont(path) for path in FONT_FILES]
    assert [font["OS/2"].usWeightClass for font in fonts] == [700, 400]
    for font in fonts:
        names = {str(record) for record in font["name"].names}
        assert font["name"].getDebugName(1) == "Qhd Sans SC"
        assert not any("noto" in name.lower() or "source" in name.lower() for name in names)
        assert "SIL Open Font License" in font["name"].getDebugName(13)
        assert "Noto" not in font["CFF "].cff[0].Notice + font["CFF "].cff.fontNames[0]
    licence = (ASSETS / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence


def test_matplotlib_and_typst_find_both_weights(tmp_path):
    from matplotlib.font_manager import FontProperties, findfont

    for weight, name in (("normal", "QhdSansSC-Regular"), ("bold", "QhdSansSC-Bold")):
        assert name in findfont(FontProperties(family="Qhd Sans SC", weight=weight))
    typst = pytest.importorskip("typst")
    source = tmp_path / "page.typ"
    source.write_text(
        '#set text(font: "Qhd Sans SC", fallback: false)\n昌黎县 \N{MINUS SIGN}6.06% *粗体*',
        encoding="utf-8",
    )
    pdf = typst.compile(
        str(source), format="pdf", font_paths=[str(ASSETS / "fonts")], ignore_system_fonts=True
    )
    assert b"QhdSansSC-Regular" in pdf
    assert b"QhdSansSC-Bold" in pdf


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/usr/share/fonts/opentype/noto").is_dir(), reason="needs Debian's fonts-noto-cjk"
)
def test_the_script_makes_the_same_fonts_again(tmp_path):
    make_fonts = runpy.run_path(str(ROOT / "tools" / "make_fonts.py"))
    make_fonts["main"].__globals__["FONTS"] = tmp_path
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["make_fonts.py"])
        make_fonts["main"]()
    for path in FONT_FILES:
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


# Every chart, in both languages


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_whole_and_readable(name, lang, tmp_path):
    before = dict(mpl.rcParams)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        ax = CHARTS[name](
            lang=lang,
            source=SOURCE,
            title="一个很长的标题，写给中文和英文的读者 with many words in it, " * 2,
        )
        found = drawn_texts(ax.figure)
    assert dict(mpl.rcParams) == before
    words = [text for text, _ in found]
    assert any(text.startswith(label("source", lang)) or SOURCE in text for text in words)
    width, height = ax.figure.bbox.width, ax.figure.bbox.height
    cut = [t for t, b in found if b.x0 < 0 or b.y0 < 0 or b.x1 > width or b.y1 > height]
    assert cut == []
    clash = [
        (t, u)
        for i, (t, b) in enumerate(found)
        for u, c in found[:i]
        if b.x0 + 1 < c.x1 and c.x0 + 1 < b.x1 and b.y0 + 2 < c.y1 and c.y0 + 2 < b.y1
    ]
    assert clash == []
    assert ax.has_data() or ax.patches


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_chart_looks_as_accepted(name, tmp_path):
    accepted, made_with = IMAGES / f"{name}.png", IMAGES / "matplotlib.txt"
    version = mpl.__version__.rpartition(".")[0]
    if os.environ.get("QHD_ACCEPT_IMAGES"):
        save(CHARTS[name](lang="zh", source=SOURCE).figure, accepted, dpi=36)
        made_with.write_text(version + "\n", encoding="utf-8")
    elif (other := made_with.read_text(encoding="utf-8").strip()) != version:
        pytest.skip(f"accepted with matplotlib {other}, whose letters are set otherwise")
    drawn = save(CHARTS[name](lang="zh", source=SOURCE).figure, tmp_path / f"{name}.png", dpi=36)
    assert compare_images(str(accepted), str(drawn), tol=8) is None


def test_the_comparison_notices_a_changed_picture(tmp_path):
    accepted = tmp_path / "accepted.png"
    accepted.write_bytes((IMAGES / "execution.png").read_bytes())
    other = EXECUTION.assign(completion_rate=[1.32, np.nan, np.nan, 0.2])
    ax = qa.plot_execution(other, elapsed=8 / 12, unit="亿元", source=SOURCE)
    drawn = save(ax.figure, tmp_path / "drawn.png", dpi=36)
    assert compare_images(str(accepted), str(drawn), tol=8) is not None


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_second_run_gives_the_same_bytes_without_date_or_version(kind, tmp_path):
    for name in ("share", "tile_map"):
        first, second = (
            save(CHARTS[name](source=SOURCE).figure, tmp_path / f"{i}.{kind}").read_bytes()
            for i in range(2)
        )
        assert first == second
        assert b"matplotlib" not in first.replace(b"matplotlib.axis", b"").lower()
    assert not list(tmp_path.glob("*.part"))


def test_a_chart_draws_into_the_axes_it_is_given():
    figure, axes = plt.subplots(1, 2, figsize=(12, 4))  # in the style of the caller
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert qa.plot_share(shares(), ax=axes[1], source=SOURCE) is axes[1]
    assert len(plt.get_fignums()) == 1
    assert not axes[0].has_data()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.canvas.draw()  # outside our style: tick labels still find the font
    assert axes[1].get_xticklabels()[0].get_fontfamily()[0] == "Qhd Sans SC"


def test_a_backend_that_turns_interactive_at_its_first_figure_stays_so(monkeypatch):
    # as the one of notebooks does, which shows no figure otherwise
    def resolving(*args, figure=plt.figure, **options):
        mpl.rcParams["interactive"] = True
        return figure(*args, **options)

    with mpl.rc_context({"interactive": False}):
        monkeypatch.setattr(plt, "figure", resolving)
        qa.plot_share(pd.DataFrame({"area": "甲县", "year": [2021, 2022], "share": [0.1, 0.2]}))
        assert mpl.is_interactive()


def test_names_of_few_and_long_rows_of_a_heat_map_stay_upright():
    sectors = ["primary sector", "secondary sector", "tertiary sector"]
    table = pd.DataFrame({"area": ["甲县", "乙县"] * 3, "sector": np.repeat(sectors, 2), "lq": 1.2})
    ax = qa.plot_location_quotient(table, lang="en")
    assert [text.get_rotation() for text in ax.get_yticklabels()] == [0, 0, 0]


def test_a_notebook_that_trims_its_pictures_keeps_the_lines_under_them():
    figure = qa.plot_share(shares(), source=SOURCE).figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    trimmed = figure.get_tightbbox(renderer).y0 * figure.dpi
    assert trimmed <= figure.texts[0].get_window_extent(renderer).y0 + 1


# Axes of years (case 35)


@pytest.mark.parametrize("years", [range(2017, 2021), range(2000, 2023), range(2022, 2023)])
@pytest.mark.parametrize("chart", ["share", "projection"])
def test_year_labels_are_whole_years_at_their_place(years, chart):
    if chart == "share":
        ax = qa.plot_share(shares(years, without=()), breaks=BREAKS)
    else:
        ax = qa.plot_projection(fan(history(years)), history(years), breaks=BREAKS)
    shown = ticks(ax)
    assert shown
    assert [text for _, text in shown] == [str(int(place)) for place, _ in shown]
    assert all(place == int(place) for place, _ in shown)
    assert len({text for _, text in shown}) == len(shown)


def test_the_fan_begins_at_the_last_observed_point():
    past = history(range(2017, 2021))
    ax = qa.plot_projection(fan(past), past)
    last = past.iloc[-1]
    assert len(ax.collections) == 2
    for band in ax.collections:
        corners = band.get_paths()[0].vertices
        assert corners[:, 0].min() == 2020
        assert np.allclose(corners[corners[:, 0] == 2020, 1], last["value"])
    middle = ax.lines[-1]
    assert (middle.get_xdata()[0], middle.get_ydata()[0]) == (2020, last["value"])


def test_breaks_stand_on_whole_years_and_cut_the_line_of_their_area():
    ax = qa.plot_share(shares(without=()), breaks=BREAKS, lang="en")
    vertical = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1]
    assert [x for x in vertical if x in (2009, 2019)] == [2009, 2019]
    pieces = [list(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) > 2]
    assert list(range(2000, 2023)) in pieces  # 三县合计 has no break of its own
    assert list(range(2000, 2009)) in pieces
    assert list(range(2009, 2019)) in pieces
    note = ax.figure.texts[0].get_text().replace("\n", " ")
    assert "2009 (accounting), 2019 (vintage)" in note


def test_breaks_of_other_areas_and_years_are_left_out():
    other = pd.DataFrame({"area": ["昌黎县", "卢龙县"], "year": [1999, 2010]})
    ax = qa.plot_share(shares(without=()), breaks=other, source=SOURCE)
    assert "断点" not in ax.figure.texts[0].get_text()


def test_a_year_without_data_is_crossed_by_a_dotted_line_and_said():
    ax = qa.plot_share(shares(areas=["昌黎县"]))
    dotted = [line for line in ax.lines if line.get_linestyle() == ":"]
    assert [list(line.get_xdata()) for line in dotted] == [[2017, 2019]]
    assert "虚线跨过缺少数据的年份" in ax.figure.texts[0].get_text()


def test_the_latest_share_is_written_with_its_year_if_it_is_older():
    table = pd.concat([shares(areas=["三县合计"]), shares(range(2000, 2022), ["昌黎县"])])
    written = [text.get_text() for text in qa.plot_share(table, lang="en").texts]
    assert sorted(written) == ["Changli 34.2% (2021)", "Three counties 34.4%"]


def test_a_projection_says_what_its_table_notes():
    past = history()
    table = fan(past).assign(note="starts after the break of 2011; crosses the break of 2019")
    ax = qa.plot_projection(table, past, lang="zh")
    note = ax.figure.texts[0].get_text().replace("\n", "")
    assert note == "注：昌黎县：自断点之后起算：2011；跨越断点：2019"
    ax = qa.plot_projection(table, past, lang="en")
    assert "Changli: starts after the break of 2011" in ax.figure.texts[0].get_text()


def test_of_many_areas_the_largest_are_named_and_the_rest_counted():
    ax = CHARTS["share_99"](lang="en")
    assert len(ax.texts) == 10
    assert ax.texts[-1].get_text().startswith("County 0 ")
    assert "the other 89 areas" in ax.figure.texts[0].get_text()


def test_values_are_drawn_in_the_unit_of_their_records_as_each_language_counts():
    ax = qa.plot_series(RECORDS, lang="zh")
    assert ax.get_ylabel() == "地区生产总值（亿元）"
    assert [text.get_text() for text in ax.texts][-1] == "昌黎县 347.7"  # 35 * 1.11 ** 22
    ax = qa.plot_series(RECORDS, lang="en")
    assert ax.get_ylabel() == "GDP (billion yuan)"
    assert [text.get_text() for text in ax.texts][-1] == "Changli 34.77"
    rate = RECORDS.assign(value=6.5, unit="%", code="gdp_growth")
    ax = qa.plot_series(rate, lang="en")
    assert [text.get_text() for text in ax.texts] == ["Lulong 6.5", "Changli 6.5"]
    panel = RECORDS.rename(columns={"value": "gdp_wan"}).drop(columns=["unit", "code"])
    assert qa.plot_series(panel, value="gdp_wan", unit="万元").get_ylabel() == "万元"
    ratio = RECORDS.drop(columns=["unit", "code"]).assign(ratio=1.8)
    ax = qa.plot_series(ratio, value="ratio", name="loans over GDP", unit="percent")
    assert (ax.get_ylabel(), ax.texts[0].get_text()) == ("loans over GDP（%）", "卢龙县 180.0%")


def test_records_of_several_units_or_another_than_named_are_not_drawn():
    mixed = RECORDS.assign(unit=["亿元"] * 23 + ["万元"] * 23)
    with pytest.raises(UnitError, match=r"several units.*convert\(table, to=...\)"):
        qa.plot_series(mixed)
    with pytest.raises(UnitError, match=r"are in 亿元: use convert\(table, to='万元'\) first"):
        qa.plot_series(RECORDS, unit="万元")
    with pytest.raises(UnitError, match="the values have no unit"):
        qa.plot_series(RECORDS.assign(unit=""))
    with pytest.raises(PanelError, match="choose one source and indicator with select"):
        qa.plot_series(pd.concat([RECORDS, RECORDS.assign(code="va_primary")]))
    assert plt.get_fignums() == []


def test_what_is_no_share_is_not_drawn_as_percent():
    with pytest.raises(
        PanelError, match=r"'value' is in 亿元, and a share is a fraction.*gdp_share"
    ):
        qa.plot_share(RECORDS, value="value")
    with pytest.raises(PanelError, match="'value' is in 亿元, 万元"):
        qa.plot_share(RECORDS.assign(unit=["亿元"] * 23 + ["万元"] * 23), value="value")
    with pytest.raises(
        PanelError, match=r"no share \(771.7\) at 三县合计 2000.*0.33 for 33%; plot_s"
    ):
        qa.plot_share(shares().assign(share=lambda t: t["share"].where(t["year"] > 2000, 771.7)))
    with pytest.raises(PanelError, match="'share' is no share"):
        qa.plot_share(shares().assign(share=lambda t: 100 * t["share"]))
    inside = RECORDS.assign(share=0.18)  # beside money, a share is one
    assert qa.plot_share(inside).texts[0].get_text() == "卢龙县 18.0%"
    over = qa.plot_share(shares(years=[2022], without=()).assign(share=[1.02, 0.4]))
    assert over.texts[-1].get_text() == "三县合计 102.0%"


# Execution (case 29)


def test_an_overrun_passes_the_plan_line_and_the_undefined_are_named():
    ax = qa.plot_execution(EXECUTION, elapsed=8 / 12, unit="亿元")
    widths = {round(float(bar.get_width()), 5): bar for bar in ax.patches}
    assert sorted(widths) == [0.59083, 1.32125]  # no bar at all for the two undefined ones
    assert ax.get_xlim()[1] > 1.32125
    assert widths[0.59083].get_hatch()
    assert not widths[1.32125].get_hatch()
    rows = dict(zip([t.get_text() for t in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    written = {(round(t.xy[1], 3), t.get_text()) for t in ax.texts}
    assert (rows["甲县"], "132.1%") in written
    assert (rows["甲县"], "105.7 / 80.0") in written
    assert (rows["乙县"], "计划为零，无法计算") in written
    assert (rows["丙县"], "缺完成数，无法计算") in written
    lines = {round(float(line.get_xdata()[0]), 4) for line in ax.lines}
    assert lines == {1.0, 0.6667}


def test_execution_without_amounts_still_names_the_undefined():
    ax = qa.plot_execution(EXECUTION[["area", "completion_rate"]], lang="en")
    assert [t.get_text() for t in ax.texts].count("undefined") == 2


def test_an_audit_tells_a_contradiction_from_another_source():
    table = pd.concat([CHECKS, CHECKS[:1].assign(claim="100亿元", source="2019年公报")])
    table["source"] = table["source"].fillna("")
    ax = qa.plot_audit(table)
    assert [text.get_text() for text in ax.texts] == ["不符 +1.9%", "与来源有差 +1.9%", "相符"]
    assert [t.get_text() for t in ax.get_yticklabels()][1] == "100亿元"
    note = ax.figure.texts[0].get_text().replace("\n", "")
    assert "可核算表述3条，相符1条，不符1条" in note
    assert "另1条与已公布数据有差" in note


def test_an_audit_draws_what_fails_first_and_counts_the_rest():
    table = pd.concat([CHECKS[1:]] * 30 + [CHECKS[:1]], ignore_index=True)
    ax = qa.plot_audit(table, lang="en")
    assert len(ax.get_yticks()) == 25
    assert ax.texts[0].get_text() == "differs +1.9%"
    note = ax.figure.texts[0].get_text().replace("\n", " ")
    assert "31 claims can be checked, 30 hold, 1 do not" in note
    assert "25 are drawn" in note


# Words and numbers


def test_units_follow_the_language_and_the_size():
    assert style.shown_unit([630.5], "亿元", "zh") == (1.0, "亿元")
    assert style.shown_unit([630.5], "亿元", "en") == (0.1, "billion yuan")
    assert style.shown_unit([309.81], "万人", "en") == (0.01, "million persons")
    assert style.shown_unit([12.5], "万亩", "en") == (10.0, "thousand mu")
    assert style.shown_unit([309.81], "万人", "zh") == (1.0, "万人")
    assert style.shown_unit([94837806.0], "thousand USD", "en") == (1e-6, "billion US dollars")
    factor, words = style.shown_unit([94837806.0], "thousand USD", "zh")
    assert (94837806.0 * factor, words) == (pytest.approx(948.37806), "亿美元")
    assert style.shown_unit([2.0], "元/人", "en") == (1.0, "yuan/persons")
    assert style.shown_unit([2.0], "分", "zh") == (1.0, "分")


@pytest.mark.parametrize(
    ("largest", "unit", "tick"), [(4e-7, "亿元", "40"), (4e9, "万元", "40"), (0.04, "", "0.04")]
)
def test_tiny_and_huge_values_get_a_readable_axis(largest, unit, tick):
    past = history(range(2010, 2023))
    past["value"] *= largest / past["value"].max()
    ax = qa.plot_projection(fan(past), past, unit=unit)
    ax.figure.canvas.draw()
    labels = [t.get_text() for t in ax.get_yticklabels()]
    assert max(map(len, labels)) <= 5
    assert any(text.startswith(tick[:1]) for text in labels)


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e12, 1e12), st.integers(0, 4), st.sampled_from(["zh", "en"]))
def test_a_written_number_reads_back_as_itself(value, digits, lang):
    text = rounding.number(value, lang, digits)
    back = float(text.replace(",", "").replace("\N{MINUS SIGN}", "-"))
    assert back == pytest.approx(value, abs=0.5 * 10.0**-digits + 1e-4)
    assert not text.startswith("\N{MINUS SIGN}0") or float(back) != 0
    assert ("," in text) == (lang == "en" and abs(back) >= 1000)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-9, 1e12), min_size=1, max_size=8))
def test_no_value_of_a_set_is_written_as_zero_and_the_largest_keeps_four_digits(values):
    write = rounding.like(values, "en")
    written = [float(write(value).replace(",", "")) for value in values]
    assert all(number > 0 for number in written)
    assert max(written) == pytest.approx(max(values), rel=5e-4)


@settings(max_examples=60, deadline=None)
@given(st.text("甲乙，。（）ab c1.,", max_size=60), st.integers(3, 20))
def test_wrapping_keeps_every_letter_and_the_width(text, width):
    lines = style.wrapped(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:  # one word may be wider, and closing marks may hang over
        held = line.rstrip("，。；：、）》”,.;:)")
        assert style.ems(held) <= width or re.fullmatch("[!-~]+", held)


def test_a_dollar_in_a_name_is_no_formula():
    ax = qa.plot_share(shares(areas=["$专项$", "a_b^2"]), title="$x$")
    assert any(text.get_text().startswith("$专项$") for text in ax.texts)
    assert ax.figure.get_suptitle() == "$x$"
    assert not any(text.get_parse_math() for text in [*ax.texts, *ax.figure.texts])
    ax = qa.plot_share(shares(), title="$x$", ax=plt.subplots()[1])
    assert ax.get_title(loc="left") == "$x$"
    assert not ax._left_title.get_parse_math()


def test_negative_numbers_bear_a_true_minus_sign():
    ax = qa.plot_contribution(POINTS[POINTS["year"].eq(2020)])
    ax.figure.canvas.draw()
    words = [t.get_text() for t in [*ax.texts, *ax.get_xticklabels()]]
    assert "\N{MINUS SIGN}1" in words
    assert not any(text.startswith("-") for text in words)


def test_areas_without_a_value_are_named_in_the_note():
    table = shares(areas=["昌黎县", "卢龙县"])
    table.loc[table["area"].eq("卢龙县"), "share"] = np.nan
    assert "缺数据未画：卢龙县" in qa.plot_share(table).figure.texts[0].get_text()
    ax = qa.plot_convergence(GROWTH.assign(cagr=[np.nan, *GROWTH["cagr"][1:]]), lang="en")
    assert "no data to draw: Qinglong" in ax.figure.texts[0].get_text()
    stages = pd.DataFrame({"stage": ["credit_line", "loans_granted"], "value": [5.0, np.nan]})
    assert "缺数据" in [text.get_text() for text in qa.plot_credit_funnel(stages).texts]
    ax = qa.plot_shift_share(PARTS.assign(change=[np.nan, 11.0, 6.5]))
    assert [text.get_text() for text in ax.texts] == ["无法计算"]


def test_every_label_stands_in_both_languages_with_the_same_blanks():
    table = pd.read_csv(ASSETS / "labels.csv", encoding="utf-8", keep_default_na=False)
    assert not table["key"].duplicated().any()
    for row in table.itertuples():
        blanks = [
            sorted(set(pd.Series(text).str.findall(r"{(\w+)}")[0])) for text in (row.zh, row.en)
        ]
        assert blanks[0] == blanks[1], row.key
        assert (row.zh == "") == (row.en == ""), row.key


# Structure


def test_shift_share_bars_and_diamond_agree():
    ax = qa.plot_shift_share(PARTS)
    diamonds = ax.lines[0].get_xdata()
    by_row = {}
    for bar in ax.patches:
        by_row.setdefault(round(bar.get_y(), 3), []).append(bar.get_width())
    assert sorted(map(sum, by_row.values())) == pytest.approx(sorted(diamonds))


def test_the_lorenz_curve_of_one_and_three_bends_at_a_half_and_a_quarter():
    ax = qa.plot_lorenz(pd.DataFrame({"value": [3.0, 1.0]}))
    curve = ax.lines[1]
    assert curve.get_xdata().tolist() == [0, 0.5, 1]
    assert curve.get_ydata().tolist() == [0, 0.25, 1]
    assert curve.get_label() == "基尼系数 0.250"


def test_the_fitted_line_passes_through_what_the_regression_says():
    ax = qa.plot_convergence(GROWTH, fit=FIT)
    x, y = ax.lines[0].get_data()
    assert y[0] == pytest.approx(np.exp(0.16 - 0.02 * np.log(18)) - 1)
    assert x[-1] == pytest.approx(150)


def test_the_heat_map_keeps_numbers_beyond_its_colours():
    table = QUOTIENTS.assign(lq=[55.0, 0.0, np.nan, *QUOTIENTS["lq"][3:]])
    ax = qa.plot_location_quotient(table)
    words = [text.get_text() for text in ax.texts]
    assert {"55.00", "0.00", "—"} <= set(words)
    assert "— 为缺数据" in ax.figure.texts[0].get_text()


def contrast(text, shade):
    light = sorted(relative_luminance(colour) + 0.05 for colour in (text.get_color(), shade[:3]))
    return light[1] / light[0]


def test_words_on_a_coloured_ground_have_the_contrast_that_wcag_asks_for():
    steps = pd.DataFrame({"area": [f"县{i}" for i in range(40)], "value": np.arange(40.0)})
    ax = qa.plot_tile_map(steps)
    pairs = list(zip(ax.texts[1:], [patch.get_facecolor() for patch in ax.patches], strict=True))
    table = pd.DataFrame({"area": "昌黎县", "sector": steps["area"]})
    ax = qa.plot_location_quotient(table.assign(lq=2 ** np.linspace(-3, 3, 40)))
    shades = ax.collections[0].get_facecolor()
    pairs += zip(ax.texts[: len(shades)], shades, strict=True)
    assert len(pairs) == 80
    assert min(contrast(text, shade) for text, shade in pairs) >= 4.5
    assert {text.get_color() for text, _ in pairs} == {"black", "white"}


def test_sectors_are_named_in_the_language_by_their_codes_or_chinese_names():
    table = pd.DataFrame({"area": "昌黎县", "lq": [1.6, 0.8, 1.1, 0.9]})
    table["sector"] = ["第一产业", "va_secondary", "工业增加值", "第四产业"]
    ax = qa.plot_location_quotient(table, lang="en")
    words = [text.get_text().replace("\n", " ") for text in ax.get_yticklabels()]
    known = ["Primary sector", "Value added of the secondary sector", "Value added of industry"]
    assert words == [*known, "第四产业"]
    ax = qa.plot_location_quotient(table, lang="zh")
    words = [text.get_text() for text in ax.get_yticklabels()]
    assert words == ["第一产业", "第二产业增加值", "工业增加值", "第四产业"]


def test_areas_without_a_fixed_place_stand_below_and_that_is_said():
    table = pd.concat([LEVELS, pd.DataFrame({"area": ["北戴河新区"], "value": [50.0]})])
    ax = qa.plot_tile_map(table)
    lowest = min(patch.get_extents().y0 for patch in ax.patches)
    assert ax.patches[-1].get_extents().y0 == lowest
    assert "没有固定位置" in ax.figure.texts[0].get_text()
    other = qa.plot_tile_map(pd.DataFrame({"area": ["A", "B"], "value": [1.0, 2.0]}), lang="en")
    assert "not in their places" in other.figure.texts[0].get_text()


def test_a_layout_of_ones_own_places_the_tiles():
    layout = pd.DataFrame({"area": ["A", "B"], "row": [0, 1], "column": [3, 0]})
    ax = qa.plot_tile_map(pd.DataFrame({"area": ["A", "B"], "value": [1, 2]}), tiles=layout)
    corners = [patch.get_path().get_extents().p0.tolist() for patch in ax.patches]
    assert corners == [[3, 0], [0, -1]]


def boundary_file(path, names, key="name"):
    ring = [[118, 39], [119, 39], [119, 40], [118, 39]]
    shapes = [
        {
            "type": "Feature",
            "properties": {key: name},
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        }
        for name in names
    ]
    path.write_text(json.dumps({"features": shapes}), encoding="utf-8")
    return path


def test_boundaries_of_the_reader_are_drawn_and_missing_ones_named(tmp_path):
    path = boundary_file(tmp_path / "b.geojson", ["昌黎县", "卢龙县"])
    ax = qa.plot_tile_map(LEVELS[:3], boundaries=path)
    assert len(ax.patches) == 2
    assert "边界文件中没有：青龙满族自治县" in ax.figure.texts[0].get_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "no outlines can be read"),
        ('{"features": [{"geometry": null, "properties": {}}]}', "no outlines can be read"),
        ('{"features": []}', "is one of the table's areas"),
    ],
)
def test_a_broken_boundary_file_is_named(tmp_path, content, message):
    path = tmp_path / "b.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        qa.plot_tile_map(LEVELS, boundaries=path)
    assert "b.geojson" in str(caught.value)
    with pytest.raises(SourceError, match="no outlines can be read"):
        qa.plot_tile_map(LEVELS, boundaries=tmp_path / "absent.geojson")
    good = boundary_file(tmp_path / "good.geojson", ["昌黎县"], key="NAME")
    with pytest.raises(SourceError, match="property 'name'"):
        qa.plot_tile_map(LEVELS, boundaries=good)


# Bad input


def test_tables_that_cannot_be_drawn_are_refused_by_name():
    table = shares()
    with pytest.raises(PanelError, match="no column 'share', only area, year"):
        qa.plot_share(table.drop(columns="share"))
    with pytest.raises(PanelError, match="has no row"):
        qa.plot_share(table[:0])
    with pytest.raises(PanelError, match="has no number in 'share'"):
        qa.plot_share(table.assign(share=np.nan))
    with pytest.raises(PanelError, match=r"'share' is no number \(33%\)"):
        qa.plot_share(pd.DataFrame({"area": ["a"], "year": [2020], "share": ["33%"]}))
    with pytest.raises(PanelError, match="'share' is infinite"):
        qa.plot_share(table.assign(share=np.inf))
    with pytest.raises(PanelError, match=r"三县合计, 2000 stands twice .*: choose one source"):
        qa.plot_share(pd.concat([table, table[:1]]))
    with pytest.raises(PanelError, match=r"column 'year': 2017.5 cannot be read as years"):
        qa.plot_share(table.assign(year=2017.5))
    with pytest.raises(PanelError, match="'zh' or 'en'"):
        qa.plot_share(table, lang="fr")
    with pytest.raises(PanelError, match="昌黎县, 采矿业 stands twice"):
        qa.plot_location_quotient(pd.concat([QUOTIENTS, QUOTIENTS[5:6]]))
    with pytest.raises(PanelError, match="昌黎县 stands twice"):
        qa.plot_tile_map(pd.concat([LEVELS, LEVELS[1:2]]))
    with pytest.raises(PanelError, match="no positive 'first'"):
        qa.plot_convergence(GROWTH.assign(first=0.0))
    with pytest.raises(PanelError, match="without controls"):
        qa.plot_convergence(GROWTH, fit=pd.concat([FIT, FIT.assign(term="x")[:1]]))
    with pytest.raises(PanelError, match="negative"):
        qa.plot_lorenz(LEVELS.assign(value=-1.0))
    layout = pd.DataFrame({"area": ["昌黎县"] * 2, "row": [0, 1], "column": [0, 0]})
    with pytest.raises(PanelError, match=r"昌黎县 stands twice .*: give each area one place"):
        qa.plot_tile_map(LEVELS, tiles=layout)
    with pytest.raises(PanelError, match="ax is list; pass one Axes"):
        qa.plot_share(table, ax=[1, 2])
    assert plt.get_fignums() == []  # a refused chart leaves no figure open


def test_projections_that_do_not_fit_their_history_are_refused():
    past = history()
    with pytest.raises(PanelError, match="history has no rows for 卢龙县"):
        qa.plot_projection(fan(past, "卢龙县"), past)
    with pytest.raises(PanelError, match=r"projected for 2022 but observed to 2022"):
        qa.plot_projection(fan(past[:-1]), past)
    with pytest.raises(PanelError, match=r"昌黎县, 2023, 80 stands twice .*: choose one method"):
        qa.plot_projection(pd.concat([fan(past), fan(past)]), past)
    seven = pd.concat([fan(past, f"县{i}") for i in range(7)])
    with pytest.raises(PanelError, match="choose at most six areas"):
        qa.plot_projection(seven, past)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(14.85, 1, "14.9"), (100 * 0.2885, 1, "28.9"), (2.675, 2, "2.68"), (14.84, 1, "14.8")],
)
def test_halves_are_rounded_up_as_they_are_read(value, digits, shown):
    assert rounding.number(value, "zh", digits) == shown
    assert rounding.number(-value, "zh", digits) == "\N{MINUS SIGN}" + shown


def test_the_leader_of_a_series_that_ends_early_is_no_line_of_its_colour():
    early = shares(range(2000, 2015), ["昌黎县"])
    ax = qa.plot_share(pd.concat([shares(range(2000, 2022), ["卢龙县"]), early]))
    look = {t.get_text()[:3]: t.arrow_patch for t in ax.texts if t.arrow_patch is not None}
    assert look["昌黎县"].get_edgecolor() == to_rgba(style.QUIET)
    assert look["昌黎县"].get_linestyle() != "-"
    assert look["卢龙县"].get_edgecolor() == to_rgba(style.COLOURS[0])


@pytest.mark.parametrize("write", ["{}", "{}年", "{}-12-31"])
def test_years_are_read_as_a_projection_reads_them(write):
    whole = qa.plot_contribution(POINTS)
    told = POINTS.assign(year=[write.format(year) for year in POINTS["year"]])
    told = told.assign(year=pd.to_datetime(told["year"])) if "-" in write else told
    ax = qa.plot_contribution(told)
    assert [bar.get_x() for bar in ax.patches] == [bar.get_x() for bar in whole.patches]
    assert np.array_equal(ax.lines[0].get_xydata(), whole.lines[0].get_xydata())
