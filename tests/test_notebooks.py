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


def run_cells(path):
    """Run the code cells in this process, and give what they print."""
    said = io.StringIO()
    sys.path.insert(0, str(path.parent))
    try:
        with contextlib.redirect_stdout(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            room = {"__name__": "__main__"}
            for cell in cells(path):
                exec(compile(cell["source"], path.name, "exec"), room)
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
