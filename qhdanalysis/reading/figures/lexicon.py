"""The words the reader knows: ``_assets/lexicon.toml`` and the unit table, as patterns."""

import re
import tomllib
from collections.abc import Iterable
from csv import DictReader
from functools import cache
from typing import Any

from qhdanalysis._assets import ASSETS


@cache
def words(section: str) -> dict[str, Any]:
    """Give one section of the word lists."""
    return dict(tomllib.loads((ASSETS / "lexicon.toml").read_text(encoding="utf-8"))[section])


def any_of(options: Iterable[str]) -> str:
    """Give a pattern for the longest of ``options``."""
    return "|".join(re.escape(word) for word in sorted(set(options), key=lambda w: (-len(w), w)))


@cache
def one_of(section: str, *names: str, start: str = "", end: str = "") -> re.Pattern[str]:
    """Compile the words of some lists of a section, with what must stand before and after."""
    lists = words(section)
    return re.compile(f"{start}(?:{any_of(word for name in names for word in lists[name])}){end}")


@cache
def measure_words() -> str:
    """Give a pattern for one unit of prose: measure words not cut out of a longer word."""
    known = words("measure")
    with (ASSETS / "units.csv").open(encoding="utf-8", newline="") as file:
        names = {row["unit"] for row in DictReader(file)} - set(known["not_in_prose"])
    parts = []
    for name in sorted((name for name in names if " " not in name), key=lambda name: -len(name)):
        bar = "A-Za-z" if name.isascii() and name[-1].isalpha() else known["not_before"].get(name)
        parts.append(re.escape(name) + (f"(?![{bar}])" if bar else ""))
    return "|".join(parts)
