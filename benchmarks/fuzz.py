"""Read thousands of broken files and say which of them broke the readers.

    python benchmarks/fuzz.py [--documents 20000] [--texts 5000] [--tables 5000] [--datasets 2000]
                              [--memos 2000] [--start 0] [--keep FOLDER]

Each case is one of the test fixtures with bytes, parts or values changed; it follows from its
number alone, so that a run can be cut into pieces (``--start``) and a fault found again. A fault is
an error that is none of ours, more than 2 seconds, more than 500 MB, or anything written or
connected to. The files of faults stay in FOLDER.
"""

import argparse
import collections
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

COUNTS = {"documents": 20000, "texts": 5000, "tables": 5000, "datasets": 2000, "memos": 2000}
PIECE = 500
ADDRESSES = 6_000_000_000


def run_piece(kind: str, folder: Path, start: int, count: int) -> None:
    """Run some cases in this process, which may not take all memory of the machine."""
    import fuzzing

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    for name, fault in fuzzing.cases(kind, folder, fuzzing.Guard(), start, count):
        print(f"{name}: {fault}".replace("\n", " "), flush=True)


def piece(kind: str, folder: Path, start: int, stop: int) -> list[str]:
    """Run some cases in another process; one that kills it is a fault, and the next goes on."""
    command = [sys.executable, __file__, "--keep", str(folder), "--piece", kind]
    faults: list[str] = []
    while start < stop:
        ran = subprocess.run(
            [*command, str(start), str(stop - start)],
            capture_output=True, encoding="utf-8", check=False,
            env={**os.environ, "RUST_BACKTRACE": "0"},
        )  # fmt: skip
        faults += ran.stdout.splitlines()
        if not ran.returncode:
            break
        files = {int(file.name.split("-")[1]): file.name for file in folder.glob(f"{kind}-*")}
        reached = {number: name for number, name in files.items() if start <= number < stop}
        if not reached:
            raise SystemExit(f"{kind} from {start}: {ran.stderr}")
        last = max(reached)
        told = " ".join(ran.stderr.split()[-30:])
        faults.append(f"{reached[last]}: the process died ({ran.returncode}): {told}")
        start = last + 1
    return faults


def main() -> int:
    """Run the cases and print the faults; return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for kind, count in COUNTS.items():
        parser.add_argument(f"--{kind}", type=int, default=count)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "qhd-fuzz")
    parser.add_argument("--piece", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.keep.mkdir(parents=True, exist_ok=True)
    if args.piece:
        run_piece(args.piece[0], args.keep, int(args.piece[1]), int(args.piece[2]))
        return 0
    failed = 0
    for kind in COUNTS:
        begin, faults, count = time.perf_counter(), [], getattr(args, kind)
        for start in range(args.start, args.start + count, PIECE):
            found = piece(kind, args.keep, start, min(start + PIECE, args.start + count))
            for fault in found:
                print(f"  {fault}", flush=True)
            faults += found
        told = (re.sub(r"\d+(\.\d+)?", "N", fault.partition(": ")[2])[:60] for fault in faults)
        seconds = time.perf_counter() - begin
        print(f"{kind}: {count:,} cases in {seconds:,.0f} s, {len(faults)} faults", flush=True)
        for what, often in collections.Counter(told).most_common():
            print(f"    {often} x {what}")
        failed += len(faults)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
