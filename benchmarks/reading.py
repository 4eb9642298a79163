"""Speed of the reader of figures, and how it grows with the length of the text.

    python benchmarks/reading.py [FILE] [--megabytes 1 2 4]

Without a file the text is made here: sentences of a bulletin, about one figure in forty bytes, with
other digits in each. A file (txt, UTF-8) is repeated, the last digit of every number changed from
one copy to the next, so that no cache can help.
"""

import argparse
import itertools
import platform
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd

from qhdanalysis.reading.figures import read_figures

PATTERNS = (
    "{year}年1-{month}月,甲县规模以上工业增加值同比增长{a}.{b}%,比全市高0.{b}个百分点,居全市第{b}位。",
    "固定资产投资{c}.{b}亿元,下降{b}.{a}%,其中民间投资{a}.{b}亿元,占全部投资的{a}.{b}%。",
    "{year}年末,金融机构存款余额{c}.{b}亿元,较年初增加{a}.{b}亿元,同比少增{b}亿元。",
    "全年新建农村公路{c}公里,改造危房{c}户,惠及群众{a}.{b}万人,三次产业结构为12.1:39.7:48.2。",
    "省、市级重点工程分别完成投资{a}.{b}亿元、{c}.{b}亿元,分别增长{a}.{b}%和{b}.{a}%。",
)
HOSTILE = ("1", "1,", "增长", "一百", "1:", "(", "A1", "增长5%")


def made(size: int) -> str:
    """Make a text of about ``size`` bytes."""
    digits = np.random.default_rng(2023)
    parts, length = [], 0
    for pattern in itertools.cycle(PATTERNS):
        a, b, c = digits.integers(1, 90), digits.integers(1, 9), digits.integers(100, 9000)
        part = pattern.format(year=2000 + b, month=b + 1, a=a, b=b, c=c)
        parts.append(part)
        length += len(part.encode())
        if length >= size:
            return "\n".join(parts)
    raise AssertionError("cycle never ends")


def repeated(text: str, size: int) -> str:
    """Repeat a text to about ``size`` bytes with other digits in each copy."""
    copies = max(1, round(size / len(text.encode())))
    return "\n".join(
        re.sub(r"\d(?!\d)", lambda found, turn=turn: str((int(found[0]) + turn) % 10), text)
        for turn in range(copies)
    )


def measured(text: str) -> tuple[int, float]:
    """Give the number of figures and the processor time."""
    begin = time.process_time()
    count = len(read_figures(text))
    return count, time.process_time() - begin


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--megabytes", type=float, nargs="+", default=[0.5, 1, 2])
    args = parser.parse_args()
    given = args.file.read_text(encoding="utf-8") if args.file else None
    print(
        f"Python {platform.python_version()}, pandas {pd.__version__}, numpy {np.__version__}, "
        f"{platform.machine()} {platform.system()}, processor time"
    )
    measured(made(20_000))  # patterns are compiled and the areas read at first use
    print(f"{'MB':>6} {'figures':>9} {'s':>7} {'MB/s':>6} {'figures/s':>10}")
    for size in args.megabytes:
        text = repeated(given, int(size * 1e6)) if given else made(int(size * 1e6))
        count, seconds = measured(text)
        bulk = len(text.encode()) / 1e6
        print(f"{bulk:6.2f} {count:9} {seconds:7.2f} {bulk / seconds:6.2f} {count / seconds:10.0f}")
    print("one line of 100,000 pieces, and of 200,000:")
    for piece in HOSTILE:
        once, twice = measured(piece * 100_000)[1], measured(piece * 200_000)[1]
        print(f"  {piece:8} {once:6.2f} s {twice:6.2f} s  ratio {twice / once:.1f}")


if __name__ == "__main__":
    main()
