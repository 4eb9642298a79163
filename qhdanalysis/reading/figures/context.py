"""What the text says once and means for many figures: the period and the place.

`Calendar` turns date words into ISO periods and carries them; `Places` does so for areas. A date or
place that something is compared with (比上年, 占全市) is not what the figure is about.
"""

import re
from calendar import monthrange
from functools import cache

from qhdanalysis.reading.figures.lexicon import any_of, words
from qhdanalysis.units import number

_SPANS = {"上": (1, 6), "下": (7, 12), "首": (1, 3), "一": (1, 3), "1": (1, 3), "二": (4, 6), "2": (4, 6),
          "三": (7, 9), "3": (7, 9), "四": (10, 12), "4": (10, 12)}
_FIRST = {"三": 9, "两": 6, "二": 6}
_COMPARED = re.compile("(?:比|较|与|同|于|占|从|自|和|超|完成|由)$")
_AIM = re.compile("的?(?:计划|任务|目标|预算|预期|进度)")


class Calendar:
    """The period that holds at the place reached, as ISO 8601."""

    def __init__(self, year: int | None, issued: str) -> None:
        self.now = issued[:4] if issued[:4].isdigit() else str(year) if year else "XXXX"
        self.year = str(year) if year else "XXXX"
        self.period = str(year) if year else ""

    def read(self, match: re.Match[str], before: str, after: str) -> None:
        """Take in a date unless it is one that the text compares with."""
        relative, parts = match["relative"], match.groupdict()
        compared = bool(_COMPARED.search(before))
        if parts["year"] and not compared:
            self.year = _digits(parts["year"])
        if relative in ("今年", "本年", "本年度") and not compared:
            self.year = self.now
        if compared or relative in ("上年", "年度") or (parts["edge"] or "").endswith("初"):
            return
        if relative in ("全年", "当年") and _AIM.match(after):
            return
        if relative in ("去年", "前年", "明年"):
            self.period = ""
            return
        if match["plan"]:
            first = 2001 + 5 * "一二三四五".index(match["plan"][1])
            self.period = f"{first}/{first + 4}" if match["plan"][1] != "五" else "2026/2030"
            first = {"一": 2006, "二": 2011, "三": 2016, "四": 2021, "五": 2026}[match["plan"][1]]
            self.period = f"{first}/{first + 4}"
        elif match["from"]:
            self.period = f"{_digits(match['from'])}/{_digits(match['until'])}"
        else:
            self.period = self._part(match)

    def _part(self, match: re.Match[str]) -> str:
        year = self.year
        if match["day"]:
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
            return f"{year}-{first:02}/{year}-{last:02}"
        if match["month"]:
            month = _month(match["month"])
            return self._end(month) if match["end"] else f"{year}-{month:02}"
        if match["edge"]:
            return f"{year}-12-31"
        return f"{year}/.." if match["since"] else year

    def _end(self, month: int) -> str:
        days = monthrange(int(self.year), month)[1] if self.year.isdigit() else monthrange(2023, month)[1]
        return f"{self.year}-{month:02}-{days}"

    def month(self) -> None:
        """Take in 当月: the last month of the period that holds."""
        self.period = self.period.rpartition("/")[2][:7]

    def point(self) -> str:
        """Give the end of a cumulative period, for stocks counted at its end."""
        first, bar, last = self.period.partition("/")
        return self._end(int(last[5:7])) if bar and len(last) == 7 else self.period


def _digits(year: str) -> str:
    return str(int(number(year)))


def _month(text: str) -> int:
    return min(12, int(number(text)))


@cache
def _names() -> tuple[frozenset[str], re.Pattern[str], re.Pattern[str], frozenset[str]]:
    known = words()["areas"]
    short = [*known["provinces"], *known["cities"].split()]
    full = {name + end for name in known["provinces"] for end in ("省", "市", "自治区")}
    full |= {name + end for name in known["cities"].split() for end in ("市", "州", "地区")}
    start = re.compile(
        f"(?P<local>{any_of(known['local'])})"
        "|(?P<list>[\u4e00-\u9fff]{2,4}(?:[、和及][\u4e00-\u9fff]{2,4}){1,8})(?:等)?[两二三四五六七八九十0-9]+个?[县市区镇乡]"
        "|(?P<named>(?:[\u4e00-\u9fff]{2,3}[省市州])?[\u4e00-\u9fff]{1,4}?(?:自治[区州县]|新区|[省市县区旗盟])(?![长级委政场域际直属管])"
        "(?:[、和及][\u4e00-\u9fff]{1,4}?[市县区旗])*)"
    )
    return frozenset(short) | full, start, re.compile("[省市县区州]"), frozenset(known["not_places"])


class Places:
    """The area that holds at the place reached, as the text names it."""

    def __init__(self, text: str, area: str | None) -> None:
        self.main = area or self._first(text)
        self.area = self.main

    def _first(self, text: str) -> str:
        known, start, _, _ = _names()
        local = ""
        for clause in re.split("[,;。!?:\n()]", text):
            if (name := self._leading(clause)) :
                if start.match(name) and start.match(name)["local"]:
                    local = local or name
                else:
                    return name
            for place in range(len(clause) - 1):
                for size in (5, 4, 3, 2):
                    if (name := clause[place : place + size]) in known and len(name) == size:
                        return name
        return local

    def _leading(self, clause: str) -> str:
        known, start, _, not_places = _names()
        found = start.match(clause)
        if found:
            name = found["list"] or found[0]
            if found["local"] or found["list"] or not any(name.endswith(word) for word in not_places):
                return name
        for size in (4, 3, 2):
            if clause[:size] in known and len(clause) > size:
                return clause[:size]
        return ""

    def read(self, clause: str) -> str:
        """Take in the place at the head of a clause; give the rest of the clause."""
        name = self._leading(clause)
        if not name:
            return clause
        self.area = self._resolve(name)
        return clause[len(name) :]

    def _resolve(self, name: str) -> str:
        level = name[1:]
        if name[0] in "全我本该" and level in ("省", "市", "县", "区", "州"):
            ends = {"县": "县市区", "区": "区", "市": "市州", "州": "州"}.get(level, level)
            if self.main and (self.main[-1] in ends or self.main + level in _names()[0]):
                return self.main
        return name

    def paragraph(self) -> None:
        """Return to the place of the document."""
        self.area = self.main or self.area
