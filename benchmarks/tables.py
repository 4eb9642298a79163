"""Time `read_table` against calamine's own reading of the same workbook, in one run.

    python benchmarks/tables.py [--rows 50000] [--file PATH] [--repeat 3]

Without a file, a workbook is made: one row an area and year, a code, and ten indicators, the shape
of a vendor's panel. Memory is the peak of Python's own allocations, against the size of the cells.
"""

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import python_calamine
import xlsxwriter

from qhdanalysis import read_table


def make(path: Path, rows: int) -> None:
    """Write a panel of invented numbers."""
    rng = np.random.default_rng(7)
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("面板")
        names = [f"指标{k}（亿元）" for k in range(1, 11)]
        sheet.write_row(0, 0, ["年份", "地区", "地区代码", *names])
        for i in range(rows):
            values = rng.lognormal(3, 1, 10).round(2).tolist()
            sheet.write_row(i + 1, 0, [2000 + i % 24, f"第{i // 24}县", 130_000 + i // 24, *values])


def best(run: Callable[[], object], repeat: int) -> float:
    """Give the shortest time of several runs, in seconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print both times, their ratio, and the memory that reading takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.file or Path(folder) / "panel.xlsx"
        if args.file is None:
            make(path, args.rows)

        def plain() -> list[object]:
            book = python_calamine.load_workbook(path)
            return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]

        own, ours = best(plain, args.repeat), best(lambda: read_table(path), args.repeat)
        tracemalloc.start()
        records = len(read_table(path))
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        size = path.stat().st_size / 1e6
    print(f"{records:,} records from {size:.1f} MB: calamine {own:.2f} s, read_table {ours:.2f} s")
    print(f"ratio {ours / own:.2f} (target below 3), peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
