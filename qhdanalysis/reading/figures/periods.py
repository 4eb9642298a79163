"""The period that a text speaks of: dates become ISO periods, which hold for many figures.

A date that something is compared with (比上年) is not what the figure is about.
"""

import re
from calendar import monthrange

from qhdanalysis.units import number

_QUARTERS = {mark: n for n, marks in enumerate(("首一1", "二2", "三3", "四4")) for mark in marks}
_SPANS = {mark: (3 * n + 1, 3 * n + 3) for mark, n in _QUARTERS.items()}
_SPANS |= {"上": (1, 6), "下": (7, 12)}
_PLANS = {
    f"{ordinal}五": 1991 + 5 * past
    for past, ordinal in enumerate(["八", "九", "十", "十一", "十二", "十三", "十四", "十五"])
}
_FROM, _IS = ("由", "从"), ("是", "为")
_COMPARED = ("比", "较", "与", "同", "于", "占", "自", "和", "超", "完成", "恢复", *_FROM)
_THEN = re.compile("(?<=的)|”?(?:时期|期间)?的")
_OF_THEN = re.compile("(?:同期)?(?:仅|只)?[为是]?的?[0-9]")  # 比2019年的1200元, 去年同期为6.87亿元
_TIMES_THEN = re.compile("的?[0-9.]+[万亿]?[^,。;0-9]{1,4}的[0-9]")  # 是2019年末3.38万户的1.67倍
_AIM = re.compile("的?(?:计划|任务|目标|预算|预期|进度)")


class Calendar:
    """The period that holds at the place reached, as ISO 8601."""

    def __init__(self, year: int | None, issued: str) -> None:
        self.now = issued[:4] if issued[:4].isdigit() else str(year) if year else "XXXX"
        self.year = str(year) if year else "XXXX"
        self.period = str(year) if year else ""
        self.first = ""  # the first period set, which holds for figures before it too
        self.lasting = self.period  # what holds again when the sentence ends
        self.once: str | None = None  # the period of the next figure only: 由2015年的38.2%
        self.plan = ""  # the last five-year plan named
        self.other = ""  # what the last date compared with
        self.told = ""  # what held in the last sentence
        self.dated = False  # the sentence has a period of its own
        self.went = False  # 由2015年的… was said, 到2020年的… may follow
        self.row: list[str] = []  # periods named one after another: 2021年、2022年和2023年分别

    def read(self, match: re.Match[str], chained: bool, listed: bool, passing: bool) -> bool:
        """Take in a date; say whether it is one that the text only compares with.

        ``chained`` says that it follows such a date, ``listed`` that it follows another in a list,
        ``passing`` that it holds for a part only.
        """
        relative, parts, text, end = match["relative"], match.groupdict(), match.string, match.end()
        start = match.start() - text.endswith("“", None, match.start())
        compared = not match[0].startswith("截") and (
            chained
            or text.startswith("同期", end)
            or (text.endswith(_COMPARED, None, start) and not listed)
            or (text.endswith(_IS, None, start) and bool(_THEN.match(text, end)) and not self.went)
            or (text.endswith(_IS, None, start) and _TIMES_THEN.match(text, end) is not None)
        )
        if parts["year"] and not compared:
            self.year = _digits(parts["year"])
        if relative in ("今年", "本年", "本年度") and not compared:
            self.year = self.now
        if compared and parts["year"]:
            self.other = self._part(match, _digits(parts["year"]))
            if text.endswith(_FROM, None, start) and not match["since"]:
                self.once = self.other
                self.went = True
        same = text.startswith("同期", end)
        than = text.endswith(("比", "较", *_FROM), None, start)
        than |= same and not text.endswith(_COMPARED, None, start)
        if compared and ((than and _OF_THEN.match(text, end)) or _TIMES_THEN.match(text, end)):
            self.once = self._then(match, same)
        to = match[0].startswith(("到", "至")) or (self.went and text.endswith(_IS, None, start))
        went = parts["year"] and to
        went = went and (self.went or text.startswith("的", end)) and self._spans_years()
        kept = bool(
            compared
            or relative in ("上年", "年度")
            or "初" in match[0]
            or (relative in ("全年", "当年") and _AIM.match(text, end))
            or (match["month"] and match["since"] and text.startswith("的", end))
        )
        if went:  # 十三五期间,由2015年的…到2020年的…
            self.once = self._part(match, self.year)
        elif not kept:
            self._hold(match, listed, passing)
        return kept and not went

    def _then(self, match: re.Match[str], same: bool) -> str:
        """Give the period of 比2019年的…, 去年同期…; '' if its year is not known."""
        if not self.year.isdigit() and not match["year"]:
            return ""
        back = {"上年": 1, "去年": 1, "前年": 2}.get(match["relative"], 0)
        then = _digits(match["year"]) if match["year"] else str(int(self.year) - back)
        if same and "-" in self.period:  # the same months of that year
            return re.sub("[0-9]{4}(?=-)", then, self.period)
        return self._part(match, then)

    def _hold(self, match: re.Match[str], listed: bool, passing: bool) -> None:
        """Carry the period of a date on."""
        if match["relative"] in ("当月", "本月"):
            self.period = self.period.rpartition("/")[2][:7]
            return
        if match["relative"] in ("去年", "前年", "明年"):
            self.period = self.lasting = ""
            return
        if match["plan"]:
            first = _PLANS[match["plan"]]
            self.period = self.plan = f"{first}/{first + 4}"
        elif match["from"]:
            self.period = f"{_digits(match['from'])}/{_digits(match['until'])}"
        else:
            self.period = self._part(match, self.year)
        self.row = [*self.row, self.period] if listed else [self.period]
        # a bare 年末, or a month picked out of the period (其中8月份), holds for its sentence only
        bare = bool(match["edge"] and not match["whole"])
        # ... and so does a plan that follows a year (2005年…,“十五”期间年均增长…)
        bare |= bool(self.dated and (match["plan"] or self.lasting == self.plan))
        self.dated = True
        if (not bare or not self.lasting) and not passing and not match["ahead"]:
            self.lasting = self.period
            self.first = self.first or ("" if bare else self.period)

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
        if self._spans_years():
            self.period = self.lasting = ""

    def _spans_years(self) -> bool:
        return "/" in self.lasting and "-" not in self.lasting

    def _part(self, match: re.Match[str], year: str) -> str:
        if match["day"] and 1 <= int(match["day"]) <= 31:
            return f"{year}-{_month(match['day_month']):02}-{int(match['day']):02}"
        if match["first"]:
            last = _month(match["last"])
            if match["last_end"] in ("末", "底"):
                return self._end(last, year)
            return f"{year}-{_month(match['first']):02}/{year}-{last:02}"
        if match["count"]:
            return f"{year}-01/{year}-{_month(match['count']):02}"
        if span := match["span"]:
            head = span.lstrip("第")[0]
            first, last = (1, 9 if "三" in span else 6) if head == "前" else _SPANS[head]
            return (
                self._end(last, year)
                if match["span_end"]
                else f"{year}-{first:02}/{year}-{last:02}"
            )
        if match["month"] or match["day_month"]:
            month = _month(match["month"] or match["day_month"])
            since = "/.." if match["since"] else ""
            return self._end(month, year) if match["end"] else f"{year}-{month:02}{since}"
        if match["edge"]:
            return f"{year}-12-31"
        return f"{year}/.." if match["since"] else year

    @staticmethod
    def _end(month: int, year: str) -> str:
        days = monthrange(int(year) if year.isdigit() else 2023, month)[1]  # 2023: no leap year
        return f"{year}-{month:02}-{days}"

    def take(self, stock: bool, planned: bool) -> str:
        """Give the period of a figure: of a stock the end of the months, of a plan the year."""
        if planned:
            return self.year
        period, self.once = self.period if self.once is None else self.once, None
        _first, bar, last = period.partition("/")
        return self._end(int(last[5:]), last[:4]) if stock and bar and len(last) == 7 else period


def _digits(year: str) -> str:
    return str(int(number(year)))


def _month(text: str) -> int:
    return int(number(text))
