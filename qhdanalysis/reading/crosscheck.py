"""Figures of a document against published records of the same place, year and indicator.

Two sources differ for good reasons: scope, revision, comparable prices. A comparison made here says
so and names the source; it is not a contradiction within the text.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from qhdanalysis.errors import PanelError, QhdError
from qhdanalysis.names import standard_code
from qhdanalysis.reading.claims import AMOUNTS, Page
from qhdanalysis.reading.claims_parts import whole_named
from qhdanalysis.reading.documents import Document, area_codes
from qhdanalysis.records import RECORD_COLUMNS
from qhdanalysis.units import Interval, written

_OWN = "|[全我本该][省市县区州]"
_YEAR = re.compile(r"(\d{4})(?:-12-31)?")


@dataclass(frozen=True)
class Comparison:
    """A stated figure, and what a record (r0) makes of it, alone or with a figure of the text."""

    type: str
    stated: int
    operands: tuple[int, ...]
    formula: str
    got: Interval
    record: Any


class _Published:
    """Records by place, indicator and year, each under its code and its name."""

    def __init__(self, records: pd.DataFrame) -> None:
        if missing := [name for name in RECORD_COLUMNS if name not in records]:
            raise PanelError(
                f"records lack {', '.join(missing)}. Pass what read_table or load_dataset gives."
            )
        self.rows = records[records["value"].notna() & records["level"].isin(["area", ""])]
        self.places: dict[tuple[str, str, int], list[int]] = {}
        for place, row in enumerate(self.rows.itertuples()):
            for who in {row.area_code, _plain(row.area)} - {""}:
                for what in {row.code, _plain(row.indicator)} - {""}:
                    self.places.setdefault((who, what, int(row.year)), []).append(place)

    def find(
        self, who: tuple[str, ...], name: str, unit: str, year: int, bases: tuple[str, ...]
    ) -> Iterator[tuple[Any, Interval]]:
        """Yield the records of one thing from all sources, each with the interval of its digits."""
        what = (standard_code(name, unit), _plain(name))
        keys = [(one, word, year) for one in who for word in what if one and word]
        for place in dict.fromkeys(place for key in keys for place in self.places.get(key, ())):
            record = self.rows.iloc[place]
            if record["price_basis"] in bases:
                try:
                    yield record, written(f"{record['value']:.15g}", record["unit"])
                except QhdError:  # a unit that nobody knows compares with nothing
                    continue


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", name).replace("(", "（").replace(")", "）")


def _names(page: Page, j: int) -> list[str]:
    """Name of a figure, and with the bracket that the text puts behind it: it changes the scope."""
    scope = re.search(r"[(（][^()（）]{2,12}[)）](?=[^,，。;；]{0,4}$)", page.lead[j])
    return [f"{page.name[j]}{_plain(scope[0])}", page.name[j]] if scope else [page.name[j]]


def compare(document: Document, page: Page, records: pd.DataFrame) -> Iterator[Comparison]:
    """Compare each figure of a whole year with the first record that it meets, else the nearest.

    Parameters
    ----------
    document : Document
        What was read; 全市 and 我县 are its ``area``.
    page : Page
        Its figures.
    records : DataFrame
        Published values (Records contract).
    """
    published = _Published(records)
    areas = pd.Series([*page.area, document.area], dtype="str")
    areas = areas.mask(areas.str.fullmatch(_OWN), document.area)
    places = list(zip(area_codes(areas), areas.map(_plain), strict=True))
    for i in range(page.count):
        if year := _YEAR.fullmatch(page.period[i]):
            options = list(_options(page, published, places, i, int(year[1])))
            if options:
                want = page.bounded(i)
                gaps = [max(want.low - o.got.high, o.got.low - want.high, 0.0) for o in options]
                yield options[gaps.index(min(gaps))]


def _whole(who: tuple[str, str], level: str) -> tuple[str, str]:
    """Give the code and name of 全市 in the document of a place: of a county, the city above it."""
    code, name = who
    if name.endswith(level):
        return who
    above = {"市": f"{code[:4]}00", "省": f"{code[:2]}0000"}
    return (above.get(level, "") if code else "", "")


def _share_in(part: Interval) -> Callable[[Interval], Interval]:
    return lambda whole: part / whole


def _growth_over(level: Interval) -> Callable[[Interval], Interval]:
    return lambda before: level / before - 1


def _options(
    page: Page, published: _Published, places: list[tuple[str, str]], i: int, year: int
) -> Iterator[Comparison]:
    current, growth = ("current", "na"), ("growth", "na", "comparable")

    def ask(
        type_: str,
        formula: str,
        rule: Callable[[Interval], Interval],
        operands: tuple[int, ...],
        who: tuple[str, str],
        *what: Any,
    ) -> Iterator[Comparison]:
        for record, value in published.find(who, *what):
            yield Comparison(type_, i, operands, formula, rule(value), record)

    if page.kind[i] in AMOUNTS:
        for name in _names(page, i):
            unit = page.written_unit[i]
            yield from ask("sum", "r0", lambda r: r, (), places[i], name, unit, year, current)
    elif page.kind[i] == "growth" and page.unit[i] == "":
        name = page.name[i] + "增长率"
        yield from ask("growth", "r0", lambda r: r, (), places[i], name, "%", year, growth)
        for j in page.before(i, AMOUNTS)[:1]:
            for name in _names(page, j):
                unit = page.written_unit[j]
                yield from ask(
                    "growth",
                    "x0/r0-1",
                    _growth_over(page.of(j)),
                    (j,),
                    places[i],
                    name,
                    unit,
                    year - 1,
                    ("current",),
                )
    elif page.kind[i] == "share" and (whole := whole_named(page, i)):
        city = re.match("全[市县省]", whole)
        for j in page.before(i, AMOUNTS)[:1]:
            who = _whole(places[-1], city[0][-1]) if city else places[i]
            unit = page.written_unit[j]
            name = whole[len(city[0]) :] if city else whole
            yield from ask(
                "share",
                "x0/r0",
                _share_in(page.of(j)),
                (j,),
                who,
                name,
                unit,
                year,
                current,
            )
