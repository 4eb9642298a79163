"""How time and memory grow: each dimension doubled four times, with the fitted exponent.

    python benchmarks/scaling.py [--only documents text areas years sectors] [--repeats 3]

    python benchmarks/scaling.py --partitions

Each size runs in a process of its own; time is processor time (the least of the repeats), memory
the peak above what the process held after its imports. With ``--partitions``: from which size on
``scale.py`` is quicker than one process. The exponent is the slope of the logarithm over the
logarithm of the size: 1 is linear. Above 1.1 the exit code is 1.
"""

import argparse
import gc
import multiprocessing
import os
import platform
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

BOUND = 1.1
STEPS = (1, 2, 4, 8, 16)


def documents(size: int, folder: Path) -> Callable[[], object]:
    """Read and audit a folder of documents of 2 kB."""
    from reading import made

    from qhdanalysis import audit, read_documents

    text = made(2_000)
    for number in range(size):
        (folder / f"{number:05d}.txt").write_text(f"{text}\n第{number}号", encoding="utf-8")

    def run() -> object:
        corpus = read_documents(folder, progress=False)
        return corpus.figures, [audit(document) for document in corpus.documents]

    return run


def text(size: int, folder: Path) -> Callable[[], object]:
    """Read and audit one long text."""
    from reading import made

    from qhdanalysis import audit, read_text

    content = made(size)
    return lambda: audit(read_text(content))


def _structure(areas: int, years: int, sectors: int) -> Callable[[], object]:
    from indicators import make_table

    import qhdanalysis as qa

    table = make_table(areas, sectors, years)
    return lambda: [
        f(table)
        for f in (qa.location_quotient, qa.specialisation, qa.concentration, qa.shift_share)
    ]


def _panel(areas: int, years: int) -> pd.DataFrame:
    dice = np.random.default_rng(3)
    steps = dice.normal(1, 2, (areas, years)).cumsum(axis=1)
    return pd.DataFrame({
        "area": np.repeat([f"县{i:05d}" for i in range(areas)], years),
        "year": np.tile(np.arange(2024 - years, 2024), areas),
        "value": (80 + steps).clip(1).ravel(),
    })  # fmt: skip


def areas(size: int, folder: Path) -> Callable[[], object]:
    """Structure indicators, 12 years and 20 sectors."""
    return _structure(size, 12, 20)


def areas_projected(size: int, folder: Path) -> Callable[[], object]:
    """Projections and inequality, 24 years."""
    import qhdanalysis as qa

    panel = _panel(size, 24)
    return lambda: (qa.project(panel), qa.inequality(panel))


def years(size: int, folder: Path) -> Callable[[], object]:
    """Structure indicators, 300 areas and 20 sectors."""
    return _structure(300, size, 20)


def years_projected(size: int, folder: Path) -> Callable[[], object]:
    """Projections and inequality, 1,000 areas."""
    import qhdanalysis as qa

    panel = _panel(1000, size)
    return lambda: (qa.project(panel), qa.inequality(panel))


def sectors(size: int, folder: Path) -> Callable[[], object]:
    """Structure indicators, 300 areas and 12 years."""
    return _structure(300, 12, size)


TASKS = {
    "documents": (documents, 60), "text": (text, 60_000), "areas": (areas, 500),
    "areas, projected": (areas_projected, 2_000), "years": (years, 15),
    "years, projected": (years_projected, 12), "sectors": (sectors, 20),
}  # fmt: skip


def held() -> float:
    """Memory that this process holds now, in MB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return float("nan")


def measure(name: str, size: int, repeats: int) -> tuple[float, float]:
    """Give the least processor time and the peak of memory of one size."""
    warnings.simplefilter("ignore")
    make, smallest = TASKS[name]
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        import qhdanalysis  # noqa: F401

        before = held()
        make(max(smallest // 4, 10), Path(small))()  # what is loaded at first use does not count
        run = make(size, Path(large))
        gc.collect()
        peaks, done = [0.0], threading.Event()

        def watch() -> None:
            while not done.wait(0.002):
                peaks.append(held() - before)

        watcher = threading.Thread(target=watch)
        watcher.start()
        times = []
        for _ in range(repeats):
            begin = time.process_time()
            run()
            times.append(time.process_time() - begin)
        done.set()
        watcher.join()
    return min(times), max(peaks)


def slope(sizes: list[int], values: list[float]) -> float:
    """Fit the exponent."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def partitions() -> None:
    """Print wall times of one process and of dask on the same work."""
    from indicators import make_table
    from reading import made

    import qhdanalysis as qa
    from qhdanalysis.scale import apply_by, read_corpus

    warnings.simplefilter("ignore")

    def wall(run: Callable[[], object]) -> float:
        begin = time.perf_counter()
        run()
        return time.perf_counter() - begin

    print("| work | size | one process s | on='processes' s | on='threads' s |")
    print("|---|---:|---:|---:|---:|")
    content = made(4_000)
    for count in (50, 200, 800, 3200):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(count):
                path = Path(folder) / f"{number:05d}.txt"
                path.write_text(f"{content}\n第{number}号", encoding="utf-8")
            alone = wall(lambda folder=folder: qa.read_documents(folder, progress=False).figures)
            times = [
                wall(lambda on=on, folder=folder: read_corpus(folder, on=on).figures)
                for on in ("processes", "threads")
            ]
        print(f"| documents of 4 kB | {count:,} | {alone:.1f} | {times[0]:.1f} | {times[1]:.1f} |")
    for areas in (2_844, 28_440):
        for name, table, function in (
            ("project", _panel(areas, 24), qa.project),
            ("location_quotient", make_table(areas, 20, 6), qa.location_quotient),
        ):
            alone = wall(lambda table=table, function=function: function(table))
            times = [
                wall(lambda on=on, table=table, f=function: apply_by(f, table, on=on))
                for on in ("processes", "threads")
            ]
            print(
                f"| {name} | {len(table):,} rows | {alone:.2f} | {times[0]:.2f} | {times[1]:.2f} |"
            )


def main() -> int:
    """Print the tables; return 1 if an exponent is above the bound."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--partitions", action="store_true")
    args = parser.parse_args()
    if args.partitions:
        partitions()
        return 0
    print(f"Python {platform.python_version()}, pandas {pd.__version__}, numpy {np.__version__}, ")
    print(f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores\n")
    print("| dimension | sizes | seconds | exponent | MB at peak | exponent |")
    print("|---|---|---|---:|---|---:|")
    failed = False
    spawn = multiprocessing.get_context("spawn")
    for name in args.only:
        sizes = [TASKS[name][1] * step for step in STEPS]
        results = []
        for size in sizes:
            with spawn.Pool(1) as pool:
                results.append(pool.apply(measure, (name, size, args.repeats)))
        seconds, peaks = (list(column) for column in zip(*results, strict=True))
        slopes = slope(sizes, seconds), slope(sizes, [max(peak, 0.1) for peak in peaks])
        told = " ".join(f"{s:.2f}" for s in seconds), " ".join(f"{p:.0f}" for p in peaks)
        print(
            f"| {name} | {sizes[0]:,} to {sizes[-1]:,} | {told[0]} | {slopes[0]:.2f} | {told[1]} | "
            f"{slopes[1]:.2f} |",
            flush=True,
        )
        failed |= max(slopes) > BOUND
    print(f"\nexponents {'above' if failed else 'at most'} {BOUND}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
