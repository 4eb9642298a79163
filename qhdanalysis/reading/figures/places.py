"""The place that a text speaks of: areas are named once and hold for many figures.

A place that something is compared with (占全市) is not what the figure is about.
"""

import re
from contextlib import suppress
from csv import DictReader
from functools import cache
from typing import NamedTuple

from qhdanalysis._assets import DATA
from qhdanalysis.areas import resolve_area
from qhdanalysis.errors import AreaError
from qhdanalysis.reading.figures.lexicon import any_of, words
from qhdanalysis.reading.figures.naming import opening

_SET = re.compile("等?(?:[两二三四五六七八九十0-9]+个?)?(?:县区|县市|县|市|区)(?![级域])|等地?")
_CLAUSES = re.compile("[,;。!?:\n()]")
_AFTER_DATE = re.compile("[年月度末底来](全[国省市县区]|我[省市县区])")
_MAINLY = re.compile("以(?P<places>[^以]{2,40})为主的?")
_THING = re.compile("港|站|湖|江|河|路|大学|学院|银行|机场|海关|口岸")  # 秦皇岛港 is no place
_ZONE = re.compile(
    "(?:经济技术|高新技术产业|经济|高新|工业|旅游)(?:开发区|园区|区)|临港新区|新区(?![建增])|开发区"
)
_NO_COUNTY = re.compile("[长级委政场域际直属管民内外城道乡处]")  # 新县城, 通县道


class _Gazetteer(NamedTuple):
    full: frozenset[str]  # 昌黎县, 秦皇岛市, 河北省
    tiny: frozenset[str]  # 陇县: a name only at the head of a clause, not in 建成县道
    longest: int  # characters of one
    short: dict[str, str]  # 昌黎 -> its code
    wide: frozenset[str]  # short names of provinces and prefectures
    local: re.Pattern[str]
    unknown: re.Pattern[str]


@cache
def _gazetteer() -> _Gazetteer:
    known = words("areas")
    full, tiny, short, wide = set[str](), set[str](), dict[str, str](), set[str]()
    with (DATA / "areas.csv").open(encoding="utf-8", newline="") as file:
        for row in DictReader(file):
            if row["kind"] != "aggregate":
                (full if len(row["name"]) > 2 else tiny).add(row["name"])
            for name in row["aliases"].split("|"):
                if len(name) > 1 and not name.isascii() and name != row["name"]:
                    short[name] = row["code"]
                    if row["kind"] in ("province", "prefecture"):
                        wide.add(name)
    full -= set(known["not_places"])
    barred = known["not_in_names"]
    return _Gazetteer(
        frozenset(full),
        frozenset(tiny),
        max(map(len, full)),
        short,
        frozenset(wide),
        re.compile(any_of(known["local"])),
        re.compile(
            f"(?:[甲乙丙丁戊己]|[^{barred}\\W\\da-zA-Z]{{2,3}})[市县区旗镇乡](?![长级委政场域际直属管民内外])"
        ),
    )


class Places:
    """The area that holds at the place reached, as the text names it."""

    def __init__(self, text: str, area: str | None) -> None:
        self.codes: dict[str, str] = {}
        self.main = ""
        self.main = area or self._first(text)
        self.area = self.main

    def _first(self, text: str) -> str:
        """Find the place that the document is about: the first named, or else 全市 and the like."""
        names, local = _gazetteer(), ""
        comparing = tuple(words("areas")["comparing"])
        for clause in _CLAUSES.split(text):
            name = self._leading(clause[opening(clause) :].removeprefix("在"))[0]
            if name and not names.local.match(name):
                return local if local and name[-1] in "乡镇" else name
            for place in range(len(clause) - 1):
                if clause[place - 1 : place] in comparing and clause[place - 2 : place] != "位于":
                    continue
                for size in range(names.longest, 1, -1):
                    part = clause[place : place + size]
                    if part in names.full or part in names.wide:
                        return part
            found = _AFTER_DATE.search(clause)
            local = local or name or (found[1] if found else "")
        return local

    def _leading(self, clause: str) -> tuple[str, int]:
        """Give the place or list of places at the head of a clause, and its length."""
        names = _gazetteer()
        if local := names.local.match(clause):
            return local[0], local.end()
        if main := _MAINLY.match(clause):
            name, length = self._leading(main["places"])
            return (name, main.end()) if length == len(main["places"]) else ("", 0)
        ends: list[int] = []
        place = 0
        while True:
            size = self._name_at(clause, place, bool(ends))
            if not size:
                break
            if clause[place : place + size] in names.wide:  # 浙江温州
                size += self._name_at(clause, place + size, True)
            place += size
            while more := self._name_at(clause, place, True, full=True):
                place += more
            ends.append(place)
            if clause[place : place + 1] not in tuple("、和及与"):
                break
            place += 1
        if not ends:
            return "", 0
        end = ends[-1]
        if len(ends) > 1:
            tail = _SET.match(clause, end)
            return clause[:end], tail.end() if tail else end
        if zone := _ZONE.match(clause, end):
            return zone.string[: zone.end()], zone.end()
        alone = clause[:end] in names.short and clause.startswith(tuple("、和与及"), end)
        return ("", 0) if alone else (clause[:end], end)

    def _name_at(self, clause: str, place: int, listed: bool, full: bool = False) -> int:
        """Give the length of the name of an area that starts here, 0 if none does."""
        names = _gazetteer()
        for size in range(names.longest, 1, -1):
            name = clause[place : place + size]
            end = place + len(name)
            if name in names.full or (name in names.tiny and not _NO_COUNTY.match(clause, end)):
                return len(name)
            if not full and name in names.short and not _THING.match(clause, end):
                joined = clause.startswith(("、", "和", "及"), end)
                if listed or joined or name in names.wide or self._near(names.short[name]):
                    return len(name)
        if full:
            return 0
        unknown = names.unknown.match(clause, place)
        if unknown and not unknown[0].endswith(tuple(words("areas")["not_places"])):
            return unknown.end() - place
        return 0

    def _near(self, code: str) -> bool:
        """Say whether an area lies in the document's prefecture, so that its short name may do."""
        main = _gazetteer().short.get(self.main.rstrip("省市县区州"), "")
        return bool(main) and code[:4] == main[:4]

    def read(self, clause: str, closed: bool) -> str:
        """Take in the place at the head of a clause (``closed`` if all of it); give the rest."""
        within = clause[:1] == "在"  # 在昌黎县,… but not 在全省排第3
        name, length = self._leading(clause[within:])
        rest = clause[within + length :]
        if not name or rest[:1] == "第" or (within and (rest or not closed)):
            return clause
        self.area = self._resolve(name)
        return rest

    def _resolve(self, name: str) -> str:
        if self.main.endswith(name):  # 新区 of 北戴河新区
            return self.main
        level = name[1:]
        if name[0] in "全我本该" and level in ("省", "市", "县", "区", "州", "旗"):
            same = tuple("县市区") if level == "县" else level  # 潜江市 may call itself 全县
            if self.main.endswith(same) or self.main + level in _gazetteer().full:
                return self.main
        return name

    def paragraph(self) -> None:
        """Return to the place of the document."""
        self.area = self.main or self.area

    def code(self, name: str) -> str:
        """Give the code of an area; '' for a list, a name of several areas or an unknown one."""
        if name not in self.codes:
            self.codes[name] = ""
            names = _gazetteer()
            chain = any(name[k:] in names.full for k in range(len(name)))  # 河北省秦皇岛市昌黎县
            if chain or name in names.tiny or name in names.short:
                within = (
                    self.main
                    if self.main != name and self._near(names.short.get(name, ""))
                    else None
                )
                with suppress(AreaError):
                    self.codes[name] = str(resolve_area(name, within=within)["code"])
        return self.codes[name]
