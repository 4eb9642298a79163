"""The tool that breaks the library breaks it in the ways that it lists, one at a time."""

import ast
import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).resolve().parents[1] / "benchmarks" / "mutants.py"))
SOURCE = '''
def share(part: float, whole: float = 1) -> float:
    """Say nothing of this."""
    if whole <= 0 and part:
        raise ValueError("whole" + "some")
    return part / whole
'''
CHANGES = {
    "2: 1  ->  2": "whole: float=2",
    "4: if whole <= 0 and part:  ->  if not (whole <= 0 and part):": "if not (whole <= 0 and part)",
    "4: whole <= 0 and part  ->  whole <= 0 or part": "if whole <= 0 or part:",
    "4: whole <= 0  ->  whole < 0": "if whole < 0 and part:",
    "4: 0  ->  1": "if whole <= 1 and part:",
    "5: raise ValueError('whole' + 'some')  ->  pass": "pass",
    "6: return part / whole  ->  return None": "return None",
    "6: part / whole  ->  part * whole": "return part * whole",
}


def changed(number):
    changer = TOOL["Changer"](number)
    return ast.unparse(changer.visit(ast.parse(SOURCE))), changer.changes


def test_each_listed_change_is_found_and_words_of_errors_stay():
    same, listed = changed(-1)
    assert listed == list(CHANGES)
    assert same == ast.unparse(ast.parse(SOURCE))


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_a_mutant_differs_in_one_place(number):
    whole = ast.unparse(ast.parse(SOURCE)).splitlines()
    lines = changed(number)[0].splitlines()
    (differing,) = [new for old, new in zip(whole, lines, strict=True) if old != new]
    assert list(CHANGES.values())[number] in differing
