"""What is reached as qhdanalysis.NAME."""

import subprocess
import sys

import qhdanalysis


def test_dir_lists_the_public_names_and_no_tool_of_the_package_itself():
    shown = {name for name in dir(qhdanalysis) if not name.startswith("__")}
    assert shown == set(qhdanalysis.__all__)
    assert "__version__" in dir(qhdanalysis)


def test_the_rooms_are_reached_right_after_the_import():
    code = "import qhdanalysis as q; print(q.errors.QhdError is q.QhdError, q.units.lookup)"
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("True <functools"), done.stderr
