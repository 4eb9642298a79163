"""The promises that the project's own files make."""

import doctest
import json
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
import warnings
import zipfile
from inspect import isfunction
from pathlib import Path

import pytest

import qhdanalysis

ROOT = Path(__file__).resolve().parent.parent
UV = [sys.executable, "-m", "uv"]
TEST_TOOL = re.compile("fonttools|hypothesis|nbmake|numpydoc|pytest|typst")
MEMO = "import sys, qhdanalysis.cli as c; sys.argv[1:] = ['memo', '--out', sys.argv[1]]; c.app()"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def bounds(requirements):
    return {re.split(r"[<>=\[]", line)[0].strip(): line.partition(">=")[2] for line in requirements}


def test_environment_yml_names_the_packages_and_bounds_of_pyproject():
    lines = re.findall(
        r"^ +- ([\w\[\],.-]+>=[\d.]+)$",
        (ROOT / "environment.yml").read_text(encoding="utf-8"),
        re.M,
    )
    extras = PROJECT["optional-dependencies"]
    wanted = bounds([*PROJECT["dependencies"], *extras["memo"], *extras["pdf"], *extras["lab"]])
    wanted["python"] = PROJECT["requires-python"].removeprefix(">=")
    assert bounds(lines) == wanted


def test_the_lock_pins_every_dependency_with_hashes_and_holds_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.M))
    extras = PROJECT["optional-dependencies"].values()
    wanted = bounds([*PROJECT["dependencies"], *(line for extra in extras for line in extra)])
    assert set(wanted) <= pinned
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > len(pinned)


def public_docstrings():
    for name in qhdanalysis.__all__:
        thing = getattr(qhdanalysis, name)
        if module := getattr(thing, "__module__", None):  # a constant has none
            yield f"{module}.{thing.__qualname__}"
            methods = vars(thing).items() if isinstance(thing, type) else ()
            yield from (
                f"{module}.{name}.{part}"
                for part, value in methods
                if not part.startswith("_") and getattr(value, "__doc__", None) and callable(value)
            )


@pytest.mark.parametrize("path", list(public_docstrings()))
def test_every_public_docstring_is_whole(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from numpydoc.validate import validate

        found = [e for e in validate(path)["errors"] if e[0] not in {"ES01", "SA01", "EX01"}]
    assert found == []


def test_every_public_function_has_an_example():
    things = {name: getattr(qhdanalysis, name) for name in qhdanalysis.__all__}
    functions = {name: f for name, f in things.items() if isfunction(f)}
    assert len(functions) > 80
    assert [name for name, f in functions.items() if ">>>" not in f.__doc__] == []


def test_the_examples_run_after_the_imports_that_the_package_names():
    # --doctest-modules runs them inside their modules, where other names are at hand
    imports = textwrap.dedent(qhdanalysis.__doc__.partition("::\n")[2])
    known, failed = {}, []
    exec(imports, known)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for name in qhdanalysis.__all__:
        thing = getattr(qhdanalysis, name)
        for example in doctest.DocTestFinder(recurse=False).find(thing, name, globs=dict(known)):
            runner.run(example, out=failed.append)
    assert runner.tries > 200
    assert "".join(failed) == ""


def test_the_reference_is_built_without_a_warning(tmp_path):
    pdoc = pytest.importorskip("pdoc")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", EncodingWarning)  # pdoc's own
        pdoc.render.configure(docformat="numpy")
        pdoc.pdoc("qhdanalysis", output_directory=tmp_path)
    assert "plot_series" in (tmp_path / "qhdanalysis.html").read_text(encoding="utf-8")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'gdp'"):
        qhdanalysis.gdp  # noqa: B018


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, qhdanalysis; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout.split()
    assert not {"pandas", "numpy", "matplotlib", "statsmodels", "scipy"} & set(loaded)


def test_every_file_in_data_has_a_catalogue_entry():
    catalog = tomllib.loads((ROOT / "data/catalog.toml").read_text(encoding="utf-8"))
    listed = {entry["file"] for entry in catalog.values()}
    there = {
        path.relative_to(ROOT / "data").as_posix()
        for path in (ROOT / "data").rglob("*")
        if path.is_file() and path.name not in {"catalog.toml", "README.md"}
    }
    assert there == listed


def test_the_readmes_give_the_same_commands():
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")
    )
    commands = ["make memo", "make test", "py -m venv .venv", "pip install .[memo,lab]", "qhd memo"]
    commands += [
        "source .venv/bin/activate",
        "qhd new mine",
        "qhd run 01_gdp_share",
        "make exercises",
    ]
    assert [c for c in commands if c not in english or c not in chinese] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_code_in_the_readme_gives_what_it_says(name, monkeypatch):
    (code,) = re.findall("```python\n(.+?)```", (ROOT / name).read_text(encoding="utf-8"), re.S)
    monkeypatch.chdir(ROOT)
    names = {}
    exec(code, names)
    wrong = names["checks"][names["checks"]["verdict"].eq("inconsistent")]
    assert str(wrong["reason"].tolist()) in code
    assert (round(names["city"].low, 1), round(names["city"].high, 1)) == (1881.9, 1940.2)


def test_the_changelog_has_the_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {qhdanalysis.__version__}" in text


@pytest.mark.slow
def test_a_built_wheel_makes_the_memo_from_another_folder(tmp_path):
    # the wheel lies over the installed package, so that its own copies of assets and data are used
    subprocess.run(
        [*UV, "build", "--wheel", "--quiet", "--no-build-isolation", "--out-dir", tmp_path, ROOT],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r});"
        "import qhdanalysis.cli as cli; assert 'installed' in cli.__file__;"
        "sys.argv = ['qhd', 'memo', '--out', 'memo']; cli.app()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert {path.suffix for path in (tmp_path / "memo").iterdir()} >= {".html", ".docx", ".pdf"}


@pytest.mark.slow
def test_the_fast_tests_pass_at_the_lower_bounds_of_the_dependencies(tmp_path):
    python = tmp_path / "lowest/bin/python"
    tools = [line for line in PROJECT["optional-dependencies"]["dev"] if TEST_TOOL.match(line)]
    subprocess.run(
        [*UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "lowest"], check=True
    )
    lowest = [*UV, "pip", "install", "--quiet", "--resolution", "lowest-direct", "--python", python]
    subprocess.run([*lowest, f"{ROOT}[memo,pdf,lab,scale]", *tools], check=True)
    subprocess.run([python, "-m", "pytest", "-q", "-x", "tests"], cwd=ROOT, check=True)
    (words, evidence), (own_words, own) = memos([python, sys.executable], tmp_path)
    assert words == own_words
    for name, value in own["values"].items():
        exact = isinstance(value["value"], str)
        told = value["value"] if exact else pytest.approx(value["value"], rel=1e-9)
        assert evidence["values"][name]["value"] == told, name


@pytest.mark.slow
def test_the_newest_python_gives_the_same_words_and_numbers(tmp_path):
    named = (shutil.which(f"python3.{minor}") for minor in range(30, 10, -1))
    found = (python for python in named if python and not subprocess.run([python, "-V"]).returncode)
    newest = tmp_path / "newest/bin/python"
    into = ["--quiet", "--python", newest]
    subprocess.run([*UV, "venv", "--quiet", "--python", next(found), newest.parents[1]], check=True)
    subprocess.run([*UV, "pip", "install", *into, "-r", "requirements.lock"], cwd=ROOT, check=True)
    subprocess.run([*UV, "pip", "install", *into, "--no-deps", ROOT], check=True)
    there, here = memos([newest, sys.executable], tmp_path)
    assert there == here


def memos(pythons, folder):
    """The visible words, and the evidence but for versions, of the memo that each Python makes."""
    for name, python in enumerate(pythons):
        out = folder / str(name)
        subprocess.run([python, "-c", MEMO, out], cwd=folder, check=True)
        page = (out / "memo.zh.html").read_text(encoding="utf-8")
        (evidence,) = re.findall('<script[^>]*id="evidence.json".*?>(.+?)</script>', page, re.S)
        evidence = json.loads(evidence)
        evidence["about"].pop("made_with")
        yield re.sub("(?s)<(style|script).+?</\\1>|<[^>]+>", "", page), evidence
