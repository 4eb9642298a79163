"""Make the students' copies of the lessons: cells tagged ``solution`` are emptied.

Of a solution there remains its ``# hint:`` lines and, for each name that it gives, ``name = ...``.

    python tools/make_exercises.py [FOLDER]     by default build/exercises
"""

import ast
import shutil
import sys
from pathlib import Path

import nbformat

LESSONS = Path(__file__).parents[1] / "notebooks" / "teaching"


def emptied(source: str) -> str:
    r"""Give a solution without its answers: the hints, the names and the heads of functions.

    >>> print(emptied("# hint: divide\nshare = part / total\ndef f(x):\n    return 2 * x"))
    # hint: divide
    share = ...
    def f(x):
        ...
    """
    lines = [line for line in source.splitlines() if line.startswith("# hint:")]
    given = len(lines)
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            lines += [f"def {node.name}({ast.unparse(node.args)}):", "    ..."]
        elif isinstance(node, ast.Assign):
            lines += [f"{ast.unparse(target)} = ..." for target in node.targets]
    return "\n".join(lines if len(lines) > given else [*lines, "..."])


def make(folder: Path) -> list[Path]:
    """Write every lesson without its solutions, and what the lessons import, to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(LESSONS / "checks.py", folder / "checks.py")
    made = []
    for path in sorted(LESSONS.glob("*.ipynb")):
        lesson = nbformat.read(path, as_version=4)
        for cell in lesson.cells:
            if "solution" in cell.metadata.get("tags", []):
                cell.source = emptied(cell.source)
        nbformat.write(lesson, folder / path.name)
        made.append(folder / path.name)
    return made


if __name__ == "__main__":
    for written in make(Path(sys.argv[1] if len(sys.argv) > 1 else "build/exercises")):
        print(written)
