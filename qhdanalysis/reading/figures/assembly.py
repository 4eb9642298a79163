"""Put figures together: numbers, the words around them, and what the text carries along."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import takewhile, zip_longest
from typing import Any

from qhdanalysis.reading.figures import naming, rules
from qhdanalysis.reading.figures.lists import Lists
from qhdanalysis.reading.figures.numerals import HAN, Token, clean, scan
from qhdanalysis.reading.figures.periods import Calendar
from qhdanalysis.reading.figures.places import Places
from qhdanalysis.reading.figures.values import (
    PURE,
    Figure,
    Sense,
    family_of,
    infer_unit,
    mark_doubtful,
    measure_of,
    noted,
    value_of,
)
from qhdanalysis.units import INFERRED, Unit, lookup

_MARKS = re.compile("([,;。!?:\n()])")
_LISTED = re.compile("(?:、|和|与|及|以及|、和)(?:约|近|超)?[-负]?")
_RANKS = re.compile("(?:、|和|与|及|以及)(?:全[国省市区县])?第")  # 居全市第1、全省第3
_GLUED = re.compile(f"(?!以上|以内|以下|左右|上下|之多|相比|[的和与及或至到、以])[{HAN}]")
_PART_OF = re.compile(f"(?:以上|以内|左右)?的?(?!增|涨|降)[{HAN}]")
_YIELD = re.compile("单产|亩产|每亩|每公顷")
_MINUS = re.compile("(?<![0-9])-|(?<=[为率达是至到])负")
_FROM, _WENT = re.compile("[由从].{0,9}$"), re.compile("[到至为]的?$")
_STOCK = re.compile("存栏|余额|保有量|在册")
_SPEED_AFTER = re.compile("的(?:平均)?(?:增速|增幅|涨幅)")  # 比全市4.7%的平均增速高
_PLAN = re.compile("(?:年[度初]?|全年|当年)(?:计划|目标|预期|预算|任务)(?!的)")
_RANKING = re.compile(
    "(?:[分位]?[居列]|名列|排[名在全]|[获夺在])[^,]{0,11}$|全[国省市区县][^,]{0,5}$|[位名]第?$"
)
_NOW = re.compile("目前|眼下|如今|(?<![实发出体])现[有已在]")
_OWN_NAME = 4  # characters of a name that needs no subject: 税收质量, but 增速
_ORDERED = re.compile("[批产次届期季条章节轮回代个步部大阶一二三四五六七八九十]")
_BROKEN = re.compile(r"[0-9]\s+[0-9.]|\.\s+[0-9]")
_INDUSTRIES = ["第一产业占比", "第二产业占比", "第三产业占比"]
_NEARBY = 80  # characters within which neighbours tell a dropped unit
_LONGEST = 18  # digits of a number that is still an amount


class Reader:
    """One pass over the tokens of a text, with what the text says once for many figures."""

    def __init__(self, text: str, year: int | None, area: str | None, issued: str) -> None:
        self.original = text
        self.text, self.at = clean(text)
        self.calendar = Calendar(year, issued)
        self.places = Places(self.text, area)
        self.talk = naming.Talk()
        self.figures: list[Figure] = []
        self.damage: list[str] = []
        self.outer: list[tuple[str, str, str]] = []  # subject, topic, clause outside the brackets
        self.lists = Lists(self.places)
        self.per = ""  # area of a yield: 亩 or 公顷
        self.done = 0  # the cleaned text is read up to here
        self.sentence = 0
        # ends of the last date compared with, and of the last date
        self.compared: int | None = None
        self.dated: int | None = None
        self.early: list[Figure] | None = None  # the figures before the first date
        # the sentence that tells of single years or months (其中2021年…,2022年…)
        self.picked: int | None = None

    def read(self) -> list[Figure]:
        """Walk over the tokens in order."""
        clause, text = "", self.text
        for token in scan(text):
            if token.start < self.done:
                continue  # inside a noun that was read already
            clause = self._walk(clause, text[self.done : token.start])
            self.done, said = token.end, text[token.start : token.end]
            if token.what == "date" and token.match:
                clause = clause.removesuffix("“")
                if self._date(token.match):
                    clause += said
                elif clause and said.startswith(("到", "至")):
                    clause += said[0]
            elif token.what == "duration":
                recent = token.match and token.match["recent"]
                if recent or text.startswith("来", token.end):
                    self.calendar.years()
                aged = text.startswith(("期", "龄", "岁"), token.end)  # 一年期
                if aged or text.endswith(("比", "较"), None, token.start):  # 较五年前
                    clause += said
            elif token.what in ("name", "garbled"):
                number = naming.NUMBERED.match(text, token.start) if not clause else None
                if number and text[token.start - 1 : token.start] in ("", "\n", "。", ";"):
                    self.done = number.end()  # 四、
                elif token.what == "name":
                    clause += said
                if token.note:
                    start, end = int(self.at[token.start]), int(self.at[token.end - 1]) + 1
                    self.damage.append(f"{token.note} at {start}: {self.original[start:end]!r}")
            else:
                clause = "" if self._figure(token, clause) else clause + said
        self.lists.deal()
        self._look_back()
        return self.figures

    def _date(self, match: re.Match[str]) -> bool:
        """Take in a date; True where it belongs to the indicator (比2022年)."""
        text, start = self.text, match.start()
        listed = text[self.dated : start] in ("、", "和", "及", "与")
        if text.endswith(("其中", "其中:", "其中,"), None, start):
            self.picked = self.sentence
        passing = bool(self.outer) or self.picked == self.sentence
        self.dated = match.end()
        kept = self.calendar.read(match, start == self.compared, listed, passing)
        if kept:
            self.compared = self.dated
        elif self.early is None and not passing:
            self.early = list(self.figures)
        return kept

    def _walk(self, clause: str, gap: str) -> str:
        """Go on through the words between two tokens; give the clause that is open at the end."""
        talk, pieces = self.talk, _MARKS.split(gap)
        for piece, mark in zip_longest(pieces[::2], pieces[1::2], fillvalue=""):
            if _NOW.search(piece):
                self.calendar.today()
            if clause:
                clause += piece
            else:
                begin = naming.opening(piece)
                if "其中" in piece[:begin]:
                    talk.pick_out()
                    self.calendar.go_on()
                clause = self.places.read(piece[begin:], closed=bool(mark))
            if mark == "(":
                self.outer.append((talk.subject, talk.topic, clause))
                talk.subject, clause = naming.strip(clause) or talk.subject, ""
            elif mark == ")" and self.outer:
                talk.subject, talk.topic, clause = self.outer.pop()
                self.calendar.sentence()
            elif mark:
                self._leave(clause, mark)
                clause = ""
        return clause[-80:]

    def _leave(self, clause: str, mark: str) -> None:
        """Come to the end of a clause without a figure."""
        self.talk.introduce(clause, not self.figures or self.figures[-1].sentence < self.sentence)
        if mark == "\n":
            self.places.paragraph()
            self.talk.topic = ""
        if mark in ";。!?\n":
            self.talk.come_back()
        if mark in "。!?\n":
            self.sentence += 1
            self.lists.close()
            self.outer.clear()  # a bracket left open ends with its sentence
            self.calendar.sentence()

    def _figure(self, token: Token, clause: str) -> Figure | None:
        """Read one token as a figure or figures, and give the last; None where it is none."""
        text, last = self.text, self.figures[-1] if self.figures else None
        after = text[token.end : token.end + 40]
        gap = text[last.stop if last else None : token.start]
        if token.what == "rank":
            return self._rank(token, clause, gap)
        if token.what == "structure":
            return self._structure(token, clause)
        if rules.defines_class(token.unit, len(token.numbers), clause, after):
            return None
        if last and rules.goes_on(last.clause, gap):
            clause = last.clause + gap
        elif last and rules.ends_comparison(last.clause, gap):
            clause = last.clause.removesuffix("的") + gap
        core = naming.core_of(clause)
        told = core or (clause and self.talk.subject)
        unit, note = self._unit(token, told, after)
        measure = measure_of(unit)
        if measure is None or len(token.numbers[0]) > _LONGEST:
            return None
        if token.unit in ("公斤", "千克", "斤") and _YIELD.search(clause + self.talk.subject):
            self.per = "公顷" if "公顷" in clause else "亩" if "亩" in clause else self.per or "亩"
            measure = lookup(f"{unit}/{self.per}")
        family = family_of(unit, measure)
        lost = note and core and not token.unit
        noun = "" if lost else naming.noun_after(family, core, clause, after)
        bound = rules.bound_of(clause, after, token.more, family == "ratio")
        same = last is not None and last.family == family
        mixed = last is not None and last.kind == "difference" and "分别" in last.clause
        listed = (same or mixed) and not noun and not core and bool(_LISTED.fullmatch(gap))
        moved = bool(last and same and _FROM.search(last.clause) and _WENT.search(clause))
        moved = moved and not naming.noun_of(core)
        if not note and not noun and _GLUED.match(after) and not rules.begins_with_change(after):
            note = "no separator after it"
        if listed and last:
            clause, sense = last.clause, last.sense
            if bound and not last.bound and rules.bound_after(after):
                for member in self.lists.members:
                    member.bound = bound
            bound = bound or rules.bound_before(clause)
            sense = sense._replace(name=last.indicator, bound=bound, note=note)
        elif moved and last:  # 占比由28.6%升至32.1%
            sense = last.sense._replace(bound=bound, note=note)
        else:
            alone = family == "ratio" and not core and unit != "倍" and bool(_PART_OF.match(after))
            kind, falls = rules.kind_of(clause, core, family, unit, alone)
            kind = "growth" if family == "ratio" and _SPEED_AFTER.match(after) else kind
            name = self.talk.name(kind, family, core, noun, after, clause)
            if last and last.kind == "rank" and kind == "difference" and unit[-1] in "位次":
                name = last.indicator + self.talk.tail
            if after.startswith("相比"):  # 与2010年的55万人相比
                self.calendar.once = self.calendar.other
            sense = Sense(kind, name, falls, bound, note, self.talk.tail)
        also = gap[:1] in tuple("、和与及")
        also = also and rules.change_end().fullmatch(gap[1:]) is not None  # 分别上升8.2%和下降0.6%
        figure = self._add(token, unit, measure, sense, listed or also)
        if figure is None:
            return None
        figure.family, figure.clause = family, clause
        if noun:
            self.done = figure.stop = text.index(noun, token.end) + len(noun)
        return figure

    def _unit(self, token: Token, core: str, after: str) -> tuple[str, str]:
        """Give the unit, and a note where it does not stand with the number."""
        if token.shared:
            return token.shared, f"{INFERRED}: {token.shared}"
        if token.unit and token.unit[-1] not in "十百千万亿":
            return token.unit, ""
        near = takewhile(lambda one: token.start - one.stop < _NEARBY, reversed(self.figures))
        unit = infer_unit(token, core, after, list(near))
        return unit, f"{INFERRED}: {unit}" if unit and unit != PURE else ""

    def _rank(self, token: Token, clause: str, gap: str) -> Figure | None:
        """Read 第3位, 居全省第2; an ordinal that only orders things (第二批) is none."""
        last = self.figures[-1] if self.figures else None
        if last and last.sentence != self.sentence:
            last = None
        listed = last is not None and last.kind == "rank" and _RANKS.fullmatch(gap) is not None
        ordered = _ORDERED.match(self.text, token.end)
        if token.unit != "位" and (ordered or not (listed or _RANKING.search(clause))):
            return None
        head = naming.strip(_RANKING.split(clause)[0])
        head = head if rules.is_speed(head) else naming.noun_of(head)
        if last and last.kind == "rank" and not head:
            name = last.indicator
        else:
            if not head and last and (last.kind == "growth" or last.family == "points"):
                head = "增幅" if "增幅" in last.indicator else "增速"
            subject = self.talk.subject if last and len(head) < _OWN_NAME else ""
            if last and not head and last.kind in ("share", "rate"):
                subject = last.indicator
            name = subject.removesuffix(head) + head + "排名"
        return self._add(token, token.unit, measure_of(token.unit), Sense("rank", name), listed)

    def _structure(self, token: Token, clause: str) -> Figure | None:
        """Read 12.5:40.1:47.4 as shares of one whole, and 2.35:1 as a rate."""
        parts = [Decimal(part[:_LONGEST]) for part in token.numbers]
        count, core = len(parts), naming.strip(clause)
        figure = None
        if 98 <= sum(parts) <= 102:
            names = [core] * count if core else [one.indicator for one in self.figures[-count:]]
            names = _INDUSTRIES if count == 3 and "产业" in clause else names
            place, once = token.start, self.calendar.once
            for part, name in zip(token.numbers, names, strict=False):
                one = replace(token, start=place, end=place + len(part), numbers=(part,))
                sense = Sense("share", name, note=f"{INFERRED}: %")
                self.calendar.once = once  # 由2010年的24:42:34 dates all three
                figure = self._add(one, token.unit, lookup("%"), sense)
                place = one.end + 1
        elif count == 2 and parts[1] == 1 and re.search("比|率", clause + self.talk.subject):
            self.talk.subject = naming.noun_of(core) or self.talk.subject
            one = replace(token, numbers=token.numbers[:1])
            sense = Sense("rate", self.talk.subject, bound=rules.bound_before(clause))
            figure = self._add(one, PURE, lookup("倍"), sense)
            if figure:
                figure.family, figure.clause = "number", clause
        return figure

    def _add(
        self, token: Token, unit: str, measure: Unit | None, sense: Sense, listed: bool = False
    ) -> Figure | None:
        """Append the figure; None where its digits are no number."""
        value = value_of(token, unit, measure, sense.kind == "rank")
        if value is None:
            return None
        start, note = token.start, sense.note
        minus = _MINUS.match(self.text, start - 1, start) is not None
        start -= minus
        shown, base, low, high = value
        if minus or sense.falls:
            base, low, high = -base, -high, -low
        begin, end = int(self.at[start]), int(self.at[token.end - 1]) + 1
        if _BROKEN.search(self.original, begin, end):
            note = noted(note, "white space inside the number")
        if "亿万" in token.unit:
            note = noted(note, "multiplier doubled: 亿万")
        amount = sense.kind in ("level", "count")
        stock = amount and _STOCK.search(sense.name) is not None
        planned = (amount or sense.kind == "growth") and _PLAN.search(sense.name) is not None
        written = token.unit if INFERRED in note or unit == PURE else unit
        numbers: tuple[Any, ...] = (base, measure.base if measure else "", low, high)
        area = self.places.area
        place = (self.calendar.take(stock, planned), area, self.places.code(area), begin, end)
        name = sense.name.strip('“”"、')
        where = (note, sense, start, token.end, self.sentence)
        said: tuple[Any, ...] = (sense.bound, sense.kind, *place, *where)
        figure = Figure(name, -shown if minus else shown, written, *numbers, *said)
        self.figures.append(figure)
        self.lists.add(figure, listed, self.figures, self.calendar.row)
        return figure

    def _look_back(self) -> None:
        """Give figures before the first date its period, and say so."""
        for figure in self.early or ():
            if self.calendar.first and not figure.period:
                figure.period = self.calendar.first
                figure.note = noted(figure.note, "period inferred")
        mark_doubtful(self.figures)
