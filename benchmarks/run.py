"""All comparisons in one table: ours against the peers, with versions, machine and ratios.

    python benchmarks/run.py [--text FILE] [--table FILE] [--series FILE ...] [--rounds 5]
                             [--peers PYTHON] [--only reading tables ...]

The peers live in an environment of their own (``build/peers``, made at the first run from
``benchmarks/requirements.txt``), since one of them needs a pandas older than ours; PYTHON names
another. Ours and a peer take turns, and the table gives the median of their times: a shared machine
is noisy, so read ratios within one run only. Without files, seeded inputs are made here.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
Row = tuple[str, str, float, float, str]
VERSIONS = ("qhdanalysis", "pandas", "numpy", "python-calamine", "statsmodels")
PEERS = ("jionlp", "statsforecast", "pandas", "numpy", "inequality", "openpyxl")


# ---- the peers' side: runs in their environment, which does not know our library


def peer(task: str, folder: Path) -> dict[str, object]:
    """Run one task of a peer on the files of a folder; give its seconds and what it found."""
    run, finish = {"money": peer_money, "inequality": peer_inequality, "openpyxl": peer_excel}[
        task
    ](folder)
    run()  # what is loaded at first use does not count
    begin = time.perf_counter()
    found = run()
    return {"seconds": time.perf_counter() - begin, "found": finish(found)}


def peer_money(folder: Path) -> tuple[Callable, Callable]:  # type: ignore[type-arg]
    """Find amounts of money in each text by JioNLP."""
    sys.stdout = sys.stderr  # it greets
    import jionlp

    texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))

    def amounts(found: list[list[dict]]) -> list[list[float]]:  # type: ignore[type-arg]
        return [[_number(each["detail"]["num"]) for each in one] for one in found]

    return (
        lambda: [jionlp.ner.extract_money(text, with_parsing=True) or [] for text in texts]
    ), amounts


def _number(value: object) -> float:
    """Give an amount as a number; a range is its middle."""
    ends = value if isinstance(value, list) else [value]
    return sum(float(end) for end in ends) / len(ends)


def peer_inequality(folder: Path) -> tuple[Callable, Callable]:  # type: ignore[type-arg]
    """Give Gini, Theil and Theil by groups, year by year, by PySAL."""
    from inequality.gini import Gini
    from inequality.theil import Theil, TheilD

    panel = pd.read_csv(folder / "panel.csv")
    years = [
        (year, frame["value"].to_numpy(), frame["province"].to_numpy())
        for year, frame in panel.groupby("year")
    ]

    def run() -> list[tuple[int, float, float, float]]:
        return [
            (int(y), float(Gini(x).g), float(Theil(x).T), float(np.ravel(TheilD(x, g).bg)[0]))
            for y, x, g in years
        ]

    return run, list


def peer_excel(folder: Path) -> tuple[Callable, Callable]:  # type: ignore[type-arg]
    """Read the workbook as frames by pandas and openpyxl."""
    return (
        lambda: pd.read_excel(folder / "panel.xlsx", sheet_name=None, engine="openpyxl"),
        lambda sheets: sum(map(len, sheets.values())),
    )


# ---- our side


class Bench:
    """Takes turns with the peers and keeps the rows."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        self.args, self.folder = args, folder

    def ask(self, task: str) -> tuple[float, object]:
        """Run a peer's task in its environment."""
        command = [self.args.peers, __file__, "--peer", task, str(self.folder)]
        ran = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
        told = json.loads(ran.stdout.splitlines()[-1])
        return told["seconds"], told["found"]

    def turns(self, *runs: Callable[[], float]) -> list[float]:
        """Give the median seconds of each, taken in turns."""
        times = [[run() for run in runs] for _ in range(self.args.rounds)]
        return [statistics.median(column) for column in zip(*times, strict=True)]


def timed(run: Callable[[], object]) -> Callable[[], float]:
    """Give a function that runs and tells its seconds."""

    def clock() -> float:
        begin = time.perf_counter()
        run()
        return time.perf_counter() - begin

    return clock


def money_texts(count: int) -> tuple[list[str], list[list[float]]]:
    """Make texts of ten sentences, and the amounts in yuan that stand in them."""
    dice = np.random.default_rng(2023)
    units = {"亿元": 1e8, "万元": 1e4, "元": 1.0, "千万元": 1e7, "万亿元": 1e12}
    forms = (
        "2023年，甲县完成固定资产投资{}。", "争取上级资金{}，惠及群众3.2万人。",
        "截至9月末，各项存款余额{}，同比增长6.5%。", "安排重点项目64项，总投资{}。",
        "兑现奖补资金{}，兑现率100%。",
    )  # fmt: skip
    written = {
        "三千二百万元": 3.2e7, "二百五十点三亿元": 2.503e10, "五十万元": 5e5,
        "一千九百零九点五亿元": 1.9095e11,
    }  # fmt: skip
    texts, truth = [], []
    for _ in range(count):
        sentences, amounts = [], []
        for k in range(10):
            unit = str(dice.choice(list(units)))
            value = round(float(dice.uniform(1, 9000)), int(dice.integers(0, 3)))
            shown = f"{value:,}" if dice.random() < 0.2 else f"{value}"
            if dice.random() < 0.1:
                words = str(dice.choice(list(written)))
                shown, unit, value = words, "", written[words]
                amounts.append(value)
            else:
                amounts.append(value * units[unit])
            sentences.append(forms[k % len(forms)].format(shown + unit))
        texts.append("".join(sentences))
        truth.append(amounts)
    return texts, truth


def found_share(found: list[list[float]], truth: list[list[float]]) -> float:
    """Give the share of texts' amounts that were found with their value."""
    hits = sum(
        any(np.isclose(amount, value, rtol=1e-6) for value in one)
        for one, amounts in zip(found, truth, strict=True)
        for amount in amounts
    )
    return hits / sum(map(len, truth))


def reading(bench: Bench) -> Iterator[Row]:
    """Amounts of money in prose, against JioNLP."""
    from qhdanalysis.reading.figures import read_figures

    truth: list[list[float]] = []
    if bench.args.text:
        texts = bench.args.text.read_text(encoding="utf-8").split("\n")
        texts = ["\n".join(texts[i : i + 20]) for i in range(0, len(texts), 20)]
    else:
        texts, truth = money_texts(60)
    (bench.folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    tables = [read_figures(text) for text in texts]
    peers: list[list[list[float]]] = []

    def ask() -> float:
        seconds, found = bench.ask("money")
        peers.append(found)  # type: ignore[arg-type]
        return seconds

    ours, theirs = bench.turns(timed(lambda: [read_figures(text) for text in texts]), ask)
    mine = [t.loc[t["base_unit"].eq("元"), "base_value"].tolist() for t in tables]
    note = f"amounts found: ours {sum(map(len, mine))}, JioNLP {sum(map(len, peers[-1]))}"
    if truth:
        right, other = found_share(mine, truth), found_share(peers[-1], truth)
        note = f"right amounts: ours {right:.1%}, JioNLP {other:.1%}; ours reads all figures"
    yield f"money in {len(texts)} texts", "JioNLP extract_money", ours, theirs, note
    texts = ["\n".join(texts * 4)]
    (bench.folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    ours, theirs = bench.turns(timed(lambda: read_figures(texts[0])), ask)
    size = len(texts[0].encode()) / 1e3
    note = f"ours {len(read_figures(texts[0])):,} figures, JioNLP {len(peers[-1][0]):,} amounts"
    yield f"money in a text of {size:.0f} kB", "JioNLP extract_money", ours, theirs, note


def tables(bench: Bench) -> Iterator[Row]:
    """Read a workbook into records, against plain reading."""
    import python_calamine
    from tables import make

    from qhdanalysis import read_table

    path = bench.folder / "panel.xlsx"
    if bench.args.table:
        shutil.copy(bench.args.table, path)
    else:
        make(path, 10_000)

    def plain() -> object:
        book = python_calamine.load_workbook(path)
        return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]

    def frames() -> object:
        return pd.read_excel(path, sheet_name=None, engine="calamine")

    ours, cells, frame, other = bench.turns(
        timed(lambda: read_table(path)),
        timed(plain),
        timed(frames),
        lambda: bench.ask("openpyxl")[0],
    )
    note = f"{len(read_table(path)):,} records with unit, code and cell; the peer gives cells"
    yield "workbook to records", "calamine, cells only", ours, cells, note
    yield "workbook to records", "pandas.read_excel, calamine", ours, frame, note
    yield "workbook to records", "pandas.read_excel, openpyxl", ours, other, note


def indicators(bench: Bench) -> Iterator[Row]:
    """Structure and inequality, against one groupby and PySAL."""
    from indicators import make_panel, make_table

    import qhdanalysis as qa

    table = make_table(2844, 20, 24)
    panel = make_panel(table)
    panel.to_csv(bench.folder / "panel.csv", index=False, encoding="utf-8")
    runs = {
        "location quotient": lambda: qa.location_quotient(table),
        "specialisation": lambda: qa.specialisation(table),
        "concentration": lambda: qa.concentration(table),
        "shift-share": lambda: qa.shift_share(table),
    }
    group = timed(lambda: table.groupby(["year", "area"])["value"].transform("sum"))
    for run in runs.values():
        run()
    times = bench.turns(group, *map(timed, runs.values()))
    for name, seconds in zip(runs, times[1:], strict=True):
        yield name, "one groupby-transform", seconds, times[0], f"{len(table):,} rows"
    peers: list[object] = []

    def ask() -> float:
        seconds, found = bench.ask("inequality")
        peers.append(found)
        return seconds

    ours, theirs = bench.turns(timed(lambda: qa.inequality(panel, group="province")), ask)
    names = ["year", "gini", "theil_t", "theil_t_between"]
    there = pd.DataFrame(peers[-1], columns=names).set_index("year")
    here = qa.inequality(panel, group="province").set_index("year")[names[1:]]
    apart = (there - here).abs().to_numpy().max()
    note = f"{len(panel):,} rows; greatest difference {apart:.0e}; ours gives all indices"
    yield "inequality by year", "PySAL Gini, Theil, TheilD", ours, theirs, note


def synthetic(path: Path) -> Path:
    """Write 200 seeded random walks with drift of 30 years, six of them held back."""
    dice = np.random.default_rng(8)
    steps = dice.normal(dice.uniform(0, 3, (200, 1)), 2, (200, 30))
    values = (60 + steps.cumsum(axis=1)).clip(1)
    frame = pd.DataFrame({
        "series_id": np.repeat([f"s{i:03d}" for i in range(200)], 30),
        "split": np.tile(["train"] * 24 + ["test"] * 6, 200),
        "t": np.tile(np.arange(1994, 2024), 200), "value": values.ravel(),
    })  # fmt: skip
    frame.to_csv(path, index=False, encoding="utf-8")
    return path


def projection(bench: Bench) -> Iterator[Row]:
    """Projections with intervals, against statsforecast and statsmodels."""
    from projection import PEERS as MODELS
    from projection import run_ours, score, split

    for path in bench.args.series or [synthetic(bench.folder / "synthetic.csv")]:
        train, test, horizon = split(path)
        run_ours(train, horizon, "auto")
        results: dict[str, pd.DataFrame] = {}

        def ours(
            method: str = "auto", train: pd.DataFrame = train, horizon: int = horizon
        ) -> float:
            results[method] = run_ours(train, horizon, method)  # noqa: B023
            return float(results[method]["seconds"].iloc[0])  # noqa: B023

        def theirs(name: str, path: Path = path) -> float:
            out = bench.folder / "peer.csv"
            script = Path(__file__).with_name("projection.py")
            command = [bench.args.peers, str(script), str(path), "--run-peer", name, str(out)]
            subprocess.run(command, check=True)
            results[name] = pd.read_csv(out)  # noqa: B023
            return float(results[name]["seconds"].iloc[0])  # noqa: B023

        runs = [lambda name=name: theirs(name) for name in MODELS]
        times = bench.turns(ours, *runs, lambda: ours("ets"))
        names = [f"statsforecast {name}" for name in MODELS] + ["statsmodels ETS, one by one"]
        mine = score(results["auto"], train, test)
        for name, key, seconds in zip(names, [*MODELS, "ets"], times[1:], strict=True):
            other = score(results[key], train, test)
            note = (
                f"{path.stem}: MASE {mine['MASE']:.2f} / {other['MASE']:.2f}, 95% interval holds "
                f"{mine['cov95']:.0f}% / {other['cov95']:.0f}%, MSIS {mine['MSIS95']:.1f} / "
                f"{other['MSIS95']:.1f}"
            )
            yield "projection", name, times[0], seconds, note


def imports(bench: Bench) -> Iterator[Row]:
    """Time of an import, against pandas alone."""

    def start(code: str) -> Callable[[], float]:
        return timed(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    ours, theirs = bench.turns(
        start("import pandas, qhdanalysis; qhdanalysis.gdp_share"), start("import pandas")
    )
    note = f"adds {ours - theirs:+.3f} s, one indicator loaded"
    yield "import", "import pandas", ours, theirs, note


def memos(bench: Bench) -> Iterator[Row]:
    """Whole memos and notebooks: no peer does this, so times only."""
    import nbclient
    import nbformat

    from qhdanalysis import build_memo, verify_memo

    out = bench.folder / "memo"
    files = build_memo(out=out)
    build, verify = bench.turns(
        timed(lambda: build_memo(out=out)), timed(lambda: [verify_memo(file) for file in files])
    )
    nothing = float("nan")
    yield "memo, six files", "", build, nothing, "three formats, two languages"
    yield "verify six memos", "", verify, nothing, "against the shipped sources"
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        seconds = timed(
            nbclient.NotebookClient(
                book, resources={"metadata": {"path": str(path.parent)}}
            ).execute
        )()
        yield f"notebook {path.stem}", "", seconds, nothing, "kernel included"


TASKS = {
    "reading": reading, "tables": tables, "indicators": indicators, "projection": projection,
    "imports": imports, "memos": memos,
}  # fmt: skip


def peers_python(given: str | None) -> str:
    """Give the interpreter of the peers' environment, made at the first run."""
    if given:
        return given
    folder = ROOT / "build" / "peers"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "done").exists():
        needed = ["-r", str(Path(__file__).with_name("requirements.txt"))]
        beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        if uv := shutil.which("uv", path=beside):
            subprocess.run([uv, "venv", "-q", "--allow-existing", str(folder)], check=True)
            install = [uv, "pip", "install", "-q", "--python", str(python), *needed]
        else:
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            install = [str(python), "-m", "pip", "install", "-q", *needed]
        subprocess.run(install, check=True)
        (folder / "done").touch()
    return str(python)


def machine() -> str:
    """Name the processor and the system."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--text", type=Path, help="prose to read, UTF-8")
    parser.add_argument("--table", type=Path, help="workbook to read")
    parser.add_argument("--series", type=Path, nargs="+", help="yearly series, as projection.py")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", help="python of an environment with the peers")
    parser.add_argument("--only", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        out, told = sys.stdout, peer(args.peer[0], Path(args.peer[1]))
        print(json.dumps(told), file=out)
        return
    args.peers = peers_python(args.peers)
    warnings.simplefilter("ignore", UserWarning)
    code = "import sys; from importlib.metadata import version as v; "
    code += "print(*(n + ' ' + v(n) for n in sys.argv[1:]), sep=', ')"
    told = subprocess.run(
        [args.peers, "-c", code, *PEERS], capture_output=True, encoding="utf-8", check=True
    )
    print(f"machine: {machine()}")
    print(f"ours: Python {platform.python_version()}, ", end="")
    print(", ".join(f"{name} {version(name)}" for name in VERSIONS))
    print(f"peers: {told.stdout.strip()}")
    print(
        f"seconds are medians of {args.rounds} turns; a ratio below 1 means that ours is faster\n"
    )
    print("| what | peer | ours s | peer s | ours / peer | |\n|---|---|---:|---:|---:|---|")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(args, Path(folder))
        for name in args.only:
            for what, other, ours, theirs, note in TASKS[name](bench):
                shown = "" if np.isnan(theirs) else f"{theirs:.3f} | {ours / theirs:.2f}"
                shown = shown or " | "
                print(f"| {what} | {other} | {ours:.3f} | {shown} | {note} |", flush=True)


if __name__ == "__main__":
    main()
