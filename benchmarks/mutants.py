"""Break the library in small ways and count how many of the breaks the tests see.

    python benchmarks/mutants.py [SUBJECT ...] [--count 300] [--seed 0] [--jobs 2] [--list]

A mutant is a module with one comparison, operator, constant, condition, return value or statement
changed: numbers grow by one, words are emptied. Names, docstrings, annotations, f-strings and the
words of errors and warnings stay. A sample of them is drawn by the seed. Each runs the tests of its
subject in a process of its own, which stops at the first failure; more than three times the time of
the whole module is a failure too. ``--list`` prints what survived. Nothing is written.
"""

import argparse
import ast
import copy
import importlib.abc
import importlib.util
import os
import platform
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis
import numpy as np
import pandas as pd  # noqa: F401  loaded once for all children
import pytest
import scipy.stats  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
READING = "qhdanalysis/reading"
SUBJECTS = {
    "units": (["qhdanalysis/units.py"], ["tests/test_units.py", "tests/test_figures.py"]),
    "figures": ([f"{READING}/figures/*.py"], ["tests/test_figures.py"]),
    "audit": (
        [f"{READING}/audit.py", f"{READING}/claims*.py", f"{READING}/crosscheck.py"],
        ["tests/test_audit.py"],
    ),
    "growth": (["qhdanalysis/indicators/growth.py"], ["tests/test_growth.py"]),
    "intervals": (
        ["qhdanalysis/projection/intervals.py"],
        ["tests/test_projection_parts.py", "tests/test_projection.py"],
    ),
}
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:nbmake", "-p", "no:pytest_cov",
           "-o", "addopts=--doctest-modules -m 'not slow'"]  # fmt: skip
OTHER = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
           "maximum": "minimum", "append": "extend", "floor": "ceil", "ceil": "floor"}  # fmt: skip


class Mutant(NamedTuple):
    """A file, and which of its possible changes is made."""

    path: Path
    number: int
    change: str


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """Give the nodes that may stand in the place of one."""

    def changed(**fields: object) -> ast.AST:
        new = copy.copy(node)
        for name, value in fields.items():
            setattr(new, name, value)
        return new

    match node:
        case ast.Compare(ops=ops):
            for k, op in enumerate(ops):
                yield changed(ops=[*ops[:k], OTHER[type(op)](), *ops[k + 1 :]])
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in OTHER:
            yield changed(op=OTHER[type(op)]())
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert(), operand=operand):
            yield operand
        case ast.Constant(value=bool() as value):
            yield changed(value=not value)
        case ast.Constant(value=int() | float() as value):
            yield changed(value=value + 1)
        case ast.Constant(value=str() as value):
            yield changed(value="" if value else "?")
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield changed(test=ast.UnaryOp(ast.Not(), test))
            if isinstance(node, ast.If) and node.orelse:
                yield changed(orelse=[])
        case ast.Return(value=value) if value and ast.unparse(value) != "None":
            yield changed(value=ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.comprehension(ifs=ifs):
            for k in range(len(ifs)):
                yield changed(ifs=ifs[:k] + ifs[k + 1 :])
        case ast.Name(id=name) if name in SWAPPED:
            yield changed(id=SWAPPED[name])
        case ast.Attribute(attr=name) if name in SWAPPED:
            yield changed(attr=SWAPPED[name])
    statement = isinstance(node, (ast.Raise, ast.Expr, ast.AugAssign, ast.Delete))
    if statement or (isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name)):
        yield ast.Pass()


class Changer(ast.NodeTransformer):
    """Counts the possible changes of a tree, and makes one of them."""

    def __init__(self, made: int = -1) -> None:
        self.made, self.changes = made, list[str]()

    def visit(self, node: ast.AST) -> ast.AST:
        """Offer the changes of a node, then those of what stands in it."""
        match node:
            case ast.Expr(value=ast.Constant()) | ast.JoinedStr():
                return node
            case ast.Call(func=ast.Attribute(attr="warn")):
                return node
        for new in alternatives(node):
            was, now = (ast.unparse(n).strip().splitlines()[0][:70] for n in (node, new))
            self.changes.append(f"{getattr(node, 'lineno', '?')}: {was}  ->  {now}")
            if len(self.changes) == self.made + 1:
                return new
        if isinstance(node, ast.Raise):
            return node
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list", "op", "ops", "ctx"}:
                continue
            if isinstance(value, list):
                setattr(
                    node, field, [self.visit(v) if isinstance(v, ast.AST) else v for v in value]
                )
            elif isinstance(value, ast.AST):
                setattr(node, field, self.visit(value))
        return node


def mutants(patterns: list[str]) -> list[Mutant]:
    """All mutants of some files."""
    found = []
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern)):
        changer = Changer()
        changer.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += [Mutant(path, k, change) for k, change in enumerate(changer.changes)]
    return found


class Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports the mutant in place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        parts = mutant.path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def find_spec(self, fullname, path, target=None):  # type: ignore[no-untyped-def]
        """Claim the one module."""
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.mutant.path, loader=self)
        return None

    def get_filename(self, fullname: str) -> str:
        """Path of the module."""
        return str(self.mutant.path)

    def get_data(self, path: str) -> bytes:
        """Nothing compiled may stand for the source."""
        raise OSError

    def get_code(self, fullname: str):  # type: ignore[no-untyped-def]
        """Compile the changed tree."""
        tree = ast.parse(self.mutant.path.read_text(encoding="utf-8"))
        tree = Changer(self.mutant.number).visit(tree)
        return compile(ast.fix_missing_locations(tree), str(self.mutant.path), "exec")


def start(mutant: Mutant | None, tests: list[str], limit: int) -> int:
    """Run the tests in a child process; its id."""
    if child := os.fork():
        return child
    signal.alarm(limit)  # ends the child, which counts as a failure
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1), os.dup2(quiet, 2)
    hypothesis.settings.register_profile(
        "once",
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
    )
    hypothesis.settings.load_profile("once")
    code = 1
    try:
        if mutant:
            sys.meta_path.insert(0, Finder(mutant))
            importlib.import_module(sys.meta_path[0].name)
        code = pytest.main([*OPTIONS, *tests])
    finally:
        os._exit(int(code))


def measure(subject: str, count: int, seed: int, jobs: int, listed: bool) -> str:
    """Run a sample of the mutants of a subject; one row of the table."""
    patterns, tests = SUBJECTS[subject]
    begin = time.perf_counter()
    tests = tests + [str(path) for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    status = os.waitpid(start(None, tests, 600), 0)[1]
    if status:
        raise SystemExit(f"{subject}: the tests fail without any change ({status})")
    whole = time.perf_counter() - begin
    every = mutants(patterns)
    sample = random.Random(seed).sample(every, min(count, len(every)))
    waiting, running, survived, slow = sample[::-1], dict[int, Mutant](), list[Mutant](), 0
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant, tests, int(10 + 3 * whole * jobs))] = mutant
        child, status = os.wait()
        mutant = running.pop(child)
        slow += os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        if status == 0:
            survived.append(mutant)
        elif os.WIFEXITED(status) and os.WEXITSTATUS(status) > 2:  # 1 failed, 2 could not be loaded
            raise SystemExit(f"{mutant}: pytest itself failed ({os.WEXITSTATUS(status)})")
    if listed:
        for mutant in sorted(survived):
            print(f"{mutant.path.relative_to(ROOT)}:{mutant.change}", flush=True)
    killed = len(sample) - len(survived)
    seconds = time.perf_counter() - begin
    return (
        f"| {subject} | {len(every)} | {len(sample)} | {killed} | {slow} | {len(survived)} "
        f"| {killed / len(sample):.1%} | {seconds:.0f} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subjects", nargs="*", default=list(SUBJECTS), metavar="SUBJECT")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    os.chdir(ROOT)
    sys.dont_write_bytecode = True
    rows = [measure(s, args.count, args.seed, args.jobs, args.list) for s in args.subjects]
    print(
        "| subject | possible | sampled | killed | of them too slow | survived | score | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|", *rows, sep="\n")
    print(f"seed {args.seed}; Python {platform.python_version()}, pytest {pytest.__version__}, "
          f"hypothesis {hypothesis.__version__}, numpy {np.__version__}, "
          f"{args.jobs} processes on {os.cpu_count()} cores ({platform.machine()})")  # fmt: skip


if __name__ == "__main__":
    main()
