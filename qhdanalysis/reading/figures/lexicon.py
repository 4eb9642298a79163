"""The words the reader knows, from ``_assets/lexicon.toml`` and the unit table, as patterns."""

import re
import tomllib
from collections.abc import Iterable
from csv import DictReader
from functools import cache
from typing import Any

from qhdanalysis._assets import ASSETS


@cache
def words() -> dict[str, Any]:
    """Give the word lists of ``lexicon.toml``."""
    return tomllib.loads((ASSETS / "lexicon.toml").read_text(encoding="utf-8"))


def any_of(options: Iterable[str]) -> str:
    """Give a pattern for the longest of ``options``."""
    return "|".join(re.escape(word) for word in sorted(set(options), key=lambda w: (-len(w), w)))


@cache
def measure_words() -> str:
    """Give a pattern for one unit of prose: measure words not cut out of a longer word."""
    known = words()["measure"]
    with (ASSETS / "units.csv").open(encoding="utf-8", newline="") as file:
        names = {row["unit"] for row in DictReader(file)} - set(known["not_in_prose"])
    cut = known["not_before"]
    units = sorted((name for name in names if " " not in name), key=lambda name: -len(name))
    parts = []
    for name in units:
        part = re.escape(name)
        if name.isascii() and name[-1].isalpha():
            part += "(?![A-Za-z])"
        elif cut.get(name):
            part += f"(?![{cut[name]}])"
        parts.append(part)
    return "|".join(parts)
