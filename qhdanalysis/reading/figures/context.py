"""What the text says once and means for many figures: the period and the place.

`Calendar` turns date words into ISO periods and carries them; `Places` does so for areas. A date or
place that something is compared with (比上年, 占全市) is not what the figure is about.
"""

import re
from calendar import monthrange
from contextlib import suppress
from csv import DictReader
from functools import cache
from typing import NamedTuple

from qhdanalysis._assets import DATA
from qhdanalysis.areas import resolve_area
from qhdanalysis.errors import AreaError
from qhdanalysis.reading.figures.lexicon import any_of, words
from qhdanalysis.reading.figures.naming import opening
from qhdanalysis.units import number

_QUARTERS = {mark: n for n, marks in enumerate(("首一1", "二2", "三3", "四4")) for mark in marks}
_SPANS = {mark: (3 * n + 1, 3 * n + 3) for mark, n in _QUARTERS.items()}
_SPANS |= {"上": (1, 6), "下": (7, 12)}
_PLANS = dict(
    zip(
        ["八五", "九五", "十五", "十一五", "十二五", "十三五", "十四五", "十五五"],
        range(1991, 2031, 5),
        strict=True,
    )
)
_FIRST = {"三": 9, "两": 6, "二": 6}
_COMPARED = re.compile("(?:比|较|与|同|于|占|从|自|和|超|完成|由|恢复)$")
_SET = re.compile("等?(?:[两二三四五六七八九十0-9]+个?)?(?:县区|县市|县|市|区)(?![级域])|等地?")
_CLAUSES = re.compile("[,;。!?:\n()]")
_AFTER_DATE = re.compile("[年月度末底来](全[国省市县区]|我[省市县区])")
_THING = re.compile("港|站|湖|江|河|路|大学|学院|银行|机场|海关|口岸")  # 秦皇岛港 is no place
_ZONE = re.compile(
    "(?:经济技术|高新技术产业|经济|高新|工业|旅游)(?:开发区|园区|区)|临港新区|新区(?![建增])|开发区"
)
_FIRST_PART = 20_000  # characters in which a document says what place it is about
_THEN = re.compile("的$|”?(?:时期|期间)?的")
_AIM = re.compile("的?(?:计划|任务|目标|预算|预期|进度)")


class Calendar:
    """The period that holds at the place reached, as ISO 8601."""

    def __init__(self, year: int | None, issued: str) -> None:
        self.now = issued[:4] if issued[:4].isdigit() else str(year) if year else "XXXX"
        self.year = str(year) if year else "XXXX"
        self.period = str(year) if year else ""
        self.first = ""  # the first period set, which holds for figures before it too
        self.lasting = self.period  # what holds again when the sentence ends
        self.once = ""  # the period of the next figure only: 由2015年的38.2%
        self.plan = ""  # the last five-year plan named
        self.other = ""  # what the last date compared with
        self.told = ""  # what held in the last sentence
        self.dated = False  # the sentence has a period of its own
        self.went = False  # 由2015年的… was said, 到2020年的… may follow
        self.row: list[str] = []  # periods named one after another: 2021年、2022年和2023年分别

    def read(
        self, match: re.Match[str], before: str, after: str, listed: bool, passing: bool
    ) -> bool:
        """Take in a date; say whether it is one that the text only compares with."""
        relative, parts = match["relative"], match.groupdict()
        before = before.rstrip("“")
        compared = not match[0].startswith("截") and (
            after.startswith("同期")
            or (bool(_COMPARED.search(before)) and not listed)
            or (before[-1:] in ("是", "为") and _THEN.search(match[0] + after) is not None)
        )
        if parts["year"] and not compared:
            self.year = _digits(parts["year"])
        if relative in ("今年", "本年", "本年度") and not compared:
            self.year = self.now
        if compared and parts["year"]:
            self.other = self._part(match, _digits(parts["year"]))
        if compared and before[-1:] in ("由", "从") and parts["year"] and not match["since"]:
            self.once = self.other
            self.went = True
        went = parts["year"] and (self.went or after[:1] == "的") and match[0][0] in "到至"
        if went and self._spans_years():  # 十三五期间,由2015年的…到2020年的…
            self.once = self._part(match, self.year)
            return False
        if compared or relative in ("上年", "年度") or (parts["edge"] or "").endswith("初"):
            return True
        if (relative in ("全年", "当年") and _AIM.match(after)) or (
            match["month"] and match["since"]
        ):
            return True
        if relative in ("当月", "本月"):
            self.period = self.period.rpartition("/")[2][:7]
            return False
        if relative in ("去年", "前年", "明年"):
            self.period = self.lasting = ""
            return False
        if match["plan"]:
            first = _PLANS[match["plan"]]
            self.period = self.plan = f"{first}/{first + 4}"
        elif match["from"]:
            self.period = f"{_digits(match['from'])}/{_digits(match['until'])}"
        else:
            self.period = self._part(match, self.year)
        self.row = [*self.row, self.period] if listed else [self.period]
        # a bare 年末, or a month picked out of the period (其中8月份), holds for its sentence only
        bare = bool(parts["edge"] and not parts["whole"])
        # ... and so does a plan that follows a year (2005年…,“十五”期间年均增长…)
        bare |= bool(self.dated and (match["plan"] or self.lasting == self.plan))
        self.dated = True
        if (not bare or not self.lasting) and not passing and after[:1] != "前":
            self.lasting = self.period
            self.first = self.first or ("" if bare else self.period)
        return False

    def sentence(self) -> None:
        """Come to the end of a sentence."""
        self.told = self.period
        self.period, self.row, self.went, self.dated = self.lasting, [], False, False

    def go_on(self) -> None:
        """Tell of parts (其中) of what the sentence before told, in its period."""
        if not self.dated:
            self.period = self.told or self.period

    def years(self) -> None:
        """Speak of some years (近三年, 五年来): those of the plan, or of none that is named."""
        self.period = self.plan
        self.lasting = self.plan or self.lasting

    def today(self) -> None:
        """Leave a five-year plan where the text turns to the present (全县现有…)."""
        if self._spans_years() and self.lasting[-1] != ".":
            self.period = self.lasting = ""

    def _spans_years(self) -> bool:
        return "/" in self.lasting and "-" not in self.lasting

    def _part(self, match: re.Match[str], year: str) -> str:
        if match["day"] and 1 <= int(match["day"]) <= 31:
            return f"{year}-{_month(match['day_month']):02}-{int(match['day']):02}"
        if match["first"]:
            last = _month(match["last"])
            if match["last_end"] in ("末", "底"):
                return self._end(last)
            return f"{year}-{_month(match['first']):02}/{year}-{last:02}"
        if match["count"]:
            return f"{year}-01/{year}-{_month(match['count']):02}"
        if span := match["span"]:
            first, last = (1, _FIRST[span[1]]) if span[0] == "前" else _SPANS[span.lstrip("第")[0]]
            return self._end(last) if match["span_end"] else f"{year}-{first:02}/{year}-{last:02}"
        if match["month"] or match["day_month"]:
            month = _month(match["month"] or match["day_month"])
            return self._end(month) if match["end"] else f"{year}-{month:02}"
        if match["edge"]:
            return f"{year}-12-31"
        return f"{year}/.." if match["since"] else year

    def _end(self, month: int) -> str:
        days = (
            monthrange(int(self.year), month)[1]
            if self.year.isdigit()
            else monthrange(2023, month)[1]
        )
        return f"{self.year}-{month:02}-{days}"

    def take(self, stock: bool, planned: bool) -> str:
        """Give the period of a figure: of a stock the end of the months, of a plan the year."""
        if planned:
            return self.year
        period, self.once = self.once or self.period, ""
        _first, bar, last = period.partition("/")
        return self._end(int(last[5:7])) if stock and bar and len(last) == 7 else period


def _digits(year: str) -> str:
    return str(int(number(year)))


def _month(text: str) -> int:
    month = number(text)
    return int(month) if 1 <= month <= 12 else 12


class _Gazetteer(NamedTuple):
    full: frozenset[str]  # 昌黎县, 秦皇岛市, 河北省
    short: dict[str, str]  # 昌黎 -> its code
    wide: frozenset[str]  # short names of provinces and prefectures
    local: re.Pattern[str]
    unknown: re.Pattern[str]


@cache
def _gazetteer() -> _Gazetteer:
    known = words("areas")
    full, short, wide = set(), {}, set()
    with (DATA / "areas.csv").open(encoding="utf-8", newline="") as file:
        for row in DictReader(file):
            if len(row["name"]) > 2 and row["kind"] != "aggregate":
                full.add(row["name"])
            for name in row["aliases"].split("|"):
                if len(name) > 1 and not name.isascii() and name != row["name"]:
                    short[name] = row["code"]
                    if row["kind"] in ("province", "prefecture"):
                        wide.add(name)
    full -= set(known["not_places"])
    barred = known["not_in_names"]
    return _Gazetteer(
        frozenset(full),
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
        for clause in _CLAUSES.split(text[:_FIRST_PART]):
            name = self._leading(clause[opening(clause) :].removeprefix("在"))[0]
            if name and not names.local.match(name):
                return local if local and name[-1] in "乡镇" else name
            for place in range(len(clause) - 1):
                if clause[place - 1 : place] in comparing and clause[place - 2 : place] != "位于":
                    continue
                for size in range(9, 1, -1):
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
        offset = 1 if clause[:1] == "以" else 0
        ends: list[int] = []
        place = offset
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
        if not ends or (offset and not clause.startswith("为主", ends[-1])):
            return "", 0
        if len(ends) == 1 and (zone := _ZONE.match(clause, ends[0])):
            ends[0] = zone.end()
        end = ends[-1]
        tail = _SET.match(clause, end) if len(ends) > 1 else None
        if (
            len(ends) == 1
            and clause[end : end + 1] in tuple("、和与及")
            and clause[offset:end] in names.short
        ):
            return "", 0
        length = tail.end() if tail else end
        return clause[offset:end], length + (3 if offset else 0)

    def _name_at(self, clause: str, place: int, listed: bool, full: bool = False) -> int:
        """Give the length of the name of an area that starts here, 0 if none does."""
        names = _gazetteer()
        for size in range(min(9, len(clause) - place), 1, -1):
            name = clause[place : place + size]
            if name in names.full:
                return size
            if size > 4 or full or name not in names.short or _THING.match(clause, place + size):
                continue
            joined = clause[place + size : place + size + 1] in tuple("、和及")
            if listed or joined or name in names.wide or self._near(names.short[name]):
                return size
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
        if name[0] in "全我本该" and level in ("省", "市", "县", "区", "州"):
            ends = {"县": "县市区", "区": "区", "市": "市州", "州": "州"}.get(level, level)
            if self.main and (self.main[-1] in ends or self.main + level in _gazetteer().full):
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
            if name in names.full or name in names.short:
                within = (
                    self.main
                    if self.main != name and self._near(names.short.get(name, ""))
                    else None
                )
                with suppress(AreaError):
                    self.codes[name] = str(resolve_area(name, within=within)["code"])
        return self.codes[name]
