"""Notebooks: stored empty, run elsewhere, students' copies. nbmake runs them as they are stored."""

import ast
import contextlib
import io
import json
import runpy
import sys
import warnings
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qhdanalysis.cli import app
from qhdanalysis.errors import QhdError, SourceError

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks" / "teaching").glob("T*.ipynb"))
NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("*.ipynb")), *LESSONS]
every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:6])


def cells(path, kind="code", tag=None):
    """Give the cells of a notebook, each with its source as one text."""
    book = json.loads(path.read_text(encoding="utf-8"))
    found = [cell | {"source": "".join(cell["source"])} for cell in book["cells"]]
    found = [cell for cell in found if cell["cell_type"] == kind]
    return [c for c in found if tag is None or tag in c["metadata"].get("tags", [])]


def test_the_notebooks_and_lessons_of_the_readme_are_there():
    assert [path.stem[:2] for path in NOTEBOOKS] == [
        "00", "01", "02", "03", "04", "05", "06", "T1", "T2", "T3", "T4", "T5", "T6",
    ]  # fmt: skip


@every_notebook
def test_a_notebook_is_stored_without_outputs_or_traces_of_a_run(path):
    for cell in cells(path):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)
        assert set(cell["metadata"]) <= {"tags"}
    assert (
        "version" not in json.loads(path.read_text(encoding="utf-8"))["metadata"]["language_info"]
    )


@every_notebook
def test_a_notebook_asks_one_question_and_answers_it_at_once(path):
    first = cells(path, "markdown")[0]["source"]
    title, answer = first.splitlines()[0], first.split("**")[1]
    assert title.startswith("# ")
    assert title.endswith("?")
    assert answer.endswith((".", ":"))


@every_notebook
def test_the_one_cell_of_parameters_only_assigns_plain_values(path):
    [cell] = cells(path, tag="parameters")
    for node in ast.parse(cell["source"]).body:
        assert isinstance(node, ast.Assign)
        ast.literal_eval(node.value)


@every_notebook
def test_the_last_cell_asserts_what_the_prose_says(path):
    last = ast.parse(cells(path)[-1]["source"])
    assert sum(isinstance(node, ast.Assert) for node in ast.walk(last)) >= 3


@every_notebook
def test_no_function_of_a_notebook_is_longer_than_three_lines(path):
    for cell in cells(path):
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < 3


@pytest.fixture(scope="module")
def exercises(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exercises")
    runpy.run_path(str(ROOT / "tools" / "make_exercises.py"))["make"](folder)
    return folder


def run_cells(path, **parameters):
    """Run the code cells in this process, and give what they print."""
    said = io.StringIO()
    others = "".join(f"\n{name} = {value!r}" for name, value in parameters.items())
    sys.path.insert(0, str(path.parent))
    try:
        with contextlib.redirect_stdout(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            room = {"__name__": "__main__", "display": print}
            for cell in cells(path):
                source = cell["source"] + others * (
                    "parameters" in cell["metadata"].get("tags", [])
                )
                exec(compile(source, path.name, "exec"), room)
    finally:
        sys.path.remove(str(path.parent))
        sys.modules.pop("checks", None)
    return said.getvalue().splitlines()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem[:2])
def test_a_students_copy_runs_whole_and_reports_each_check_as_not_yet_right(
    lesson, exercises, monkeypatch
):
    monkeypatch.setenv("MPLBACKEND", "agg")
    copy = exercises / lesson.name
    asked = [
        node.args[0].value
        for cell in cells(lesson)
        for node in ast.walk(ast.parse(cell["source"]))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check"
    ]
    assert len(asked) >= 4
    assert len(set(asked)) == len(asked)
    reported = [line for line in run_cells(copy) if ": not yet right: " in line]
    assert [line.partition(":")[0] for line in reported] == asked
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem[:2])
def test_a_students_copy_holds_the_names_and_hints_but_no_solution(lesson, exercises):
    pairs = zip(
        cells(lesson, tag="solution"), cells(exercises / lesson.name, tag="solution"), strict=True
    )
    for solved, left in pairs:
        lines = left["source"].splitlines()
        assert lines[0].startswith("# hint: ")
        assert all(line.startswith("# hint: ") or line.endswith("...") for line in lines)
        assert solved["source"] != left["source"]


def test_a_wrong_answer_is_answered_with_what_is_not_yet_right(capsys):
    check = runpy.run_path(str(ROOT / "notebooks" / "teaching" / "checks.py"))["check"]
    check("1", lambda: 0.3 == 0.25, "divide by the total of the city")
    check("2", lambda: (...).low > 0, "use written()")
    assert capsys.readouterr().out.splitlines() == [
        "1: not yet right: divide by the total of the city",
        "2: not yet right: use written()",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS[:7], ids=lambda path: path.stem[:2])
def test_the_asserts_run_for_the_parameters_that_are_stored(path):
    def assigned(cell):
        for node in ast.parse(cell["source"]).body:
            if isinstance(node, ast.Assign):
                [target], value = node.targets, node.value
                several = isinstance(target, ast.Tuple)
                yield from (
                    zip(target.elts, value.elts, strict=True) if several else [(target, value)]
                )

    stored = {
        name.id: ast.literal_eval(v) for name, v in assigned(cells(path, tag="parameters")[0])
    }
    last = {name.id: value for name, value in assigned(cells(path)[-1])}
    asked = [name.id for name in last["asked"].elts]
    told = [ast.literal_eval(last.get(getattr(v, "id", ""), v)) for v in last["told"].elts]
    assert told == [stored[name] for name in asked]
    assert set(stored) - set(asked) <= {"own_table", "notice", "lang", "out"}


@pytest.fixture
def quiet_charts(monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setenv("MPLBACKEND", "agg")
    yield
    plt.close("all")


IOWA = {"data": "us_iowa_county_gdp_2001_2021", "prefer": [], "whole": "Iowa (state)"}
IOWA |= {"parts": ["Polk County", "Linn County"], "unit": "million USD", "first_year": 2001}
DISTRICTS = ["山海关区", "海港区", "抚宁区"]  # three, as in the text, but others
OTHERS = [
    ("00", {"counties": DISTRICTS}),
    ("00", {"last_year": 2015}),
    ("01", {"parts": DISTRICTS}),
    ("01", {"unit": "万元"}),
    ("02", {"city": "唐山市", "peers": ["河北省"]}),
    ("02", {"counties": ["昌黎县"], "census_year": 2010}),
    ("04", {"parts": DISTRICTS, "horizon": 3, "unit": "万元"}),
    ("04", IOWA),
    ("05", {"first_year": 2010, "unit": "亿美元"}),
    ("05", {"data": "qhd_gdp", "prefer": ["CSMAR"], "whole": "秦皇岛市", "unit": "亿元"}),
    ("06", {"lang": "zh"}),
]
WRONG = [
    ("00", {"city": "唐山市"}, "No record has area 唐山市. There are: .*秦皇岛市"),
    ("01", {"whole": "唐山市"}, "No record has area 唐山市. There are: .*秦皇岛市"),
    ("01", {"parts": ["卢龙县", "卢农县"]}, "No record has area 卢农县"),
    ("01", {"last_year": 2025}, r"No record.*2025"),
    ("01", {"data": "absent.csv"}, "absent.csv: cannot be opened"),
    ("02", {"census_year": 2015}, "no census of 2015, only of"),
    ("02", {"data": "qhd_gdp"}, "qhd_gdp has no record of the code cluster_revenue_growth"),
    ("03", {"months": 6}, "2 plans of the year and 0 sums spent in its first 6 months"),
    ("04", {"whole": "唐山市"}, "No record has area 唐山市"),
    ("05", {"whole": "Iowa"}, "No record has area Iowa"),
    ("05", {"months": 8}, "2 plans of the year and 0 sums spent in its first 8 months"),
]


def named(number):
    return next(path for path in NOTEBOOKS if path.stem.startswith(number))


@pytest.mark.parametrize(("number", "parameters"), OTHERS, ids=str)
def test_a_notebook_runs_with_other_parameters_and_says_that_its_words_are_not_theirs(
    number, parameters, tmp_path, quiet_charts
):
    written = {"out": str(tmp_path)} if number == "06" else {}
    said = run_cells(named(number), **parameters, **written)
    words = [line for line in said if "the words above quote the figures of" in line]
    assert len(words) == (number != "06")


@pytest.mark.parametrize(("number", "parameters", "message"), WRONG, ids=str)
def test_a_parameter_that_does_not_fit_is_told_in_words(number, parameters, message, quiet_charts):
    with pytest.raises(QhdError, match=message):
        run_cells(named(number), **parameters)


@pytest.mark.parametrize("number", ["00", "03"])
def test_a_document_without_the_figures_of_the_reply_is_told_what_it_lacks(
    number, tmp_path, quiet_charts
):
    path = tmp_path / "own.txt"
    path.write_text(
        "关于投资的通报\n2024年，昌黎县完成投资15.5亿元。\n2024年12月1日", encoding="utf-8"
    )
    with pytest.raises(SourceError, match=r"own.txt (has too few figures of 地区|gives 0 plans)"):
        run_cells(named(number), document=str(path))


@pytest.mark.parametrize("layout", ["long", "wide"])
def test_the_notebook_on_shares_takes_a_table_of_ones_own(layout, tmp_path, quiet_charts):
    values = {"秦皇岛市": (1843.76, 1909.52), "昌黎县": (337.2, 351.1), "卢龙县": (130.5, 135.6)}
    lines = ["地区,年份,指标,数值,单位"]
    for area, pair in values.items():
        lines += [f"{area},{2021 + i},地区生产总值,{pair[i]},亿元" for i in range(2)]
    if layout == "wide":
        lines = ["地区生产总值（亿元）,,", "地区,2021年,2022年"]
        lines += [f"{area},{one},{two}" for area, (one, two) in values.items()]
    path = tmp_path / "yearbook.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    said = run_cells(
        named("01"), data=str(path), prefer=[], parts=["昌黎县", "卢龙县"], first_year=2021,
        last_year=2022,
    )  # fmt: skip
    # (337.2 + 130.5) / 1843.76 and (351.1 + 135.6) / 1909.52
    assert {"2021    25.37%", "2022    25.49%"} <= set(said)


def run(notebook, out, **parameters):
    options = [word for name, value in parameters.items() for word in ("-p", f"{name}={value!r}")]
    done = CliRunner().invoke(app, ["run", str(notebook), *options, "--out", str(out)])
    assert done.exit_code == 0, done.output
    book = json.loads(out.read_text(encoding="utf-8"))
    return [output for cell in book["cells"] for output in cell.get("outputs", [])]


def test_the_notebook_on_shares_runs_for_another_country_and_shows_each_chart(tmp_path):
    outputs = run(
        ROOT / "notebooks" / "01_gdp_share.ipynb", tmp_path / "iowa.ipynb",
        data="us_iowa_county_gdp_2001_2021", prefer=[], whole="Iowa (state)", unit="million USD",
        parts=["Polk County", "Linn County"], first_year=2001, last_year=2021,
    )  # fmt: skip
    words = "".join(line for output in outputs for line in output.get("text", []))
    # CAGDP2: (19730403 + 8458914) / 94837806 and (50539505 + 17868409) / 216860235
    assert "2001    29.72%\n2021    31.54%" in words
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3


@pytest.mark.slow
def test_the_first_notebook_runs_for_fewer_counties_and_years(tmp_path):
    outputs = run(
        ROOT / "notebooks" / "00_start_here.ipynb", tmp_path / "two.ipynb",
        counties=["昌黎县", "卢龙县"], first_year=2005,
    )  # fmt: skip
    assert not [output for output in outputs if output["output_type"] == "error"]
