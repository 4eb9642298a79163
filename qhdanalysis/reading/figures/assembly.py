"""Put figures together: numbers, the words around them, and what the text carries along."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import pandas as pd

from qhdanalysis.errors import UnitError
from qhdanalysis.reading.figures import rules
from qhdanalysis.reading.figures.context import Calendar, Places
from qhdanalysis.reading.figures.lexicon import one_of, words
from qhdanalysis.reading.figures.numerals import HAN, Token, clean, scan
from qhdanalysis.units import INFERRED, Unit, fold, lookup, numeral, spread

COLUMNS = {
    "indicator": "str",
    "value": "float64",
    "unit": "str",
    "base_value": "float64",
    "base_unit": "str",
    "low": "float64",
    "high": "float64",
    "bound": "str",
    "kind": "str",
    "period": "str",
    "area": "str",
    "area_code": "str",
    "start": "int64",
    "end": "int64",
    "note": "str",
}
_MARKS = re.compile("([,;。!?:\n()])")
_JOINED = re.compile("、|和|与|及|以及|至|到")
_LISTED = re.compile("(?:、|和|与|及|以及|、和)(?:约|近|超)?")
_AND = re.compile("[、和与及]")
_GLUED = re.compile(f"(?!以上|以内|以下|左右|上下|之多|[的和与及或至到、以])[{HAN}]")
_PART_OF = re.compile(f"(?:以上|以内|左右)?的?(?!增|涨|降)[{HAN}]")
_AFTER_BOUND = re.compile("^(?:以上|以内|左右)?的?")
_VERB_FIRST = re.compile(
    "^(?:约|近|超过?|逾)(?=占)|^(?:完成|实现)(?!投资|率|[^,]*(?:计划|任务|预算|目标|进度))"
)
_YIELD = re.compile("单产|亩产|每亩|每公顷")
_PURE = re.compile("(?:[入距出]比|系数|比例|指数|倍数|PMI)(?:$|比|较|同比)")
_PLAN = re.compile("[年度](?:计划|目标|预期)(?!的)")
_STOCK = re.compile("存栏|余额|保有量|在册")
_UNDER_WAY = ("已", "正在", "尚", "未")
_RANKING = re.compile("[居列排位名获夺]|全国|全[省市区县]")
_ORDERED = re.compile("[批产次届期季条章节轮回代个步部大阶一二三四五六七八九十]")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_BROKEN = re.compile(r"[0-9]\s+[0-9.]|\.\s+[0-9]")
_LOST = re.compile(f"(?<=[{HAN}])%")
_PER_HEAD = re.compile("人均|均价|单价|每|价格|工资|标准")
_INDUSTRIES = ["第一产业占比", "第二产业占比", "第三产业占比"]
_LONGEST = 18  # digits of a number that is still an amount


@cache
def _unit(unit: str) -> Unit | None:
    try:
        return lookup({"番": "倍", "分之": "倍", "比": "倍"}.get(unit, unit))
    except UnitError:
        return None


@dataclass(slots=True)
class Figure:
    """A row of the table, and what the next figures need to know of it."""

    indicator: str
    value: float
    unit: str
    base_value: float
    base_unit: str
    low: float
    high: float
    bound: str
    kind: str
    period: str
    area: str
    area_code: str
    start: int
    end: int
    note: str
    sign: int
    family: str
    clause: str
    tail: str  # the part of the indicator that leans on a subject
    begin: int  # place in the cleaned text
    stop: int  # ... where reading went on after it
    sentence: int


class Reader:
    """One pass over the tokens of a text, with what the text says once for many figures."""

    def __init__(self, text: str, year: int | None, area: str | None, issued: str) -> None:
        self.original = text
        self.text, self.at = clean(text)
        self.calendar = Calendar(year, issued)
        self.places = Places(self.text, area)
        self.figures: list[Figure] = []
        self.group: list[Figure] = []  # figures listed one after another
        self.damage: list[str] = []
        self.subject = ""  # what the last figure was about
        self.topic = ""  # the thing whose attributes are told
        self.names: list[str] = []  # what the last 分别 list was about
        self.outer: list[tuple[str, str, str]] = []  # subject, topic, clause outside brackets
        self.group_start = 0
        self.row: list[str] = []  # dates told before the group
        self.per = ""
        self.done = 0  # the cleaned text is read up to here
        self.compared = self.dated = -1  # ends of the last date compared with, and of the last date
        self.first_date = len(self.text)
        self.sentence = 0

    def read(self) -> list[Figure]:
        """Walk over the tokens in order."""
        clause, text = "", self.text
        tokens = scan(text)
        for index, token in enumerate(tokens):
            begin = token.match.start() if token.match else token.start
            if begin < self.done:
                continue  # inside a noun that was read already
            clause = self._walk(clause, text[self.done : begin])
            self.done = token.end
            words_of_it = text[begin : token.end]
            if token.what == "date":
                kept = self._date(token)
                to = clause and words_of_it[0] in "到至"
                clause += words_of_it if kept else words_of_it[0] if to else ""
            elif token.what == "duration" and token.match and token.match["recent"]:
                self.calendar.period = ""
            elif token.what in ("duration", "garbled"):
                clause += words_of_it if text[token.end : token.end + 1] in ("期", "龄") else ""
                if token.what == "garbled":
                    self._damaged("garbled date", token.start, token.end)
            elif token.what == "name":
                clause += words_of_it
                if token.note:
                    self._damaged(token.note, token.start, token.end)
            else:
                following = tokens[index + 1] if index + 1 < len(tokens) else None
                clause = "" if self._figure(token, following, clause) else clause + words_of_it
        self._walk(clause, text[self.done :])
        self._deal()
        self._look_back()
        return self.figures

    def _damaged(self, what: str, start: int, end: int) -> None:
        place = int(self.at[start])
        self.damage.append(
            f"{what} at {place}: {self.original[place - 4 if place > 4 else 0 : int(self.at[end - 1]) + 1]!r}"
        )

    def _date(self, token: Token) -> bool:
        """Take in a date; True where it belongs to the indicator (比2022年)."""
        assert token.match is not None
        text, start = self.text, token.start
        before = "比" if start == self.compared else text[max(0, start - 2) : start]
        listed = start > 0 and text[self.dated : start] in ("、", "和", "及", "与")
        passing = bool(self.outer) or "其中" in text[max(0, start - 3) : start]
        self.dated = token.end
        if self.calendar.read(
            token.match, before, text[token.end : token.end + 4], listed, passing
        ):
            self.compared = token.end
            return True
        if not passing:
            self.first_date = min(self.first_date, start)
        return False

    def _walk(self, clause: str, gap: str) -> str:
        """Go on through the words between two tokens; give the clause that is open at the end."""
        for piece in _MARKS.split(gap):
            if piece == "(":
                self.outer = [*self.outer[-7:], (self.subject, self.topic, clause)]
                self.subject = rules.strip(clause) or self.subject
                clause = ""
            elif piece == ")" and self.outer:
                self.subject, self.topic, clause = self.outer.pop()
                self.calendar.sentence()
            elif _MARKS.fullmatch(piece):
                self._leave(clause, piece)
                clause = ""
            elif piece and clause:
                clause += piece
            elif piece:
                found = rules.opening().match(piece)
                clause = self.places.read(piece[found.end() :] if found else piece)
        return clause[-80:]

    def _leave(self, clause: str, mark: str) -> None:
        """Come to the end of a clause without a figure, which may say what the next are about."""
        if len(clause) > 5:
            self.topic = ""
            noun = rules.counted_noun(clause)
            fresh = not self.figures or self.figures[-1].sentence < self.sentence
            if fresh and noun.endswith(tuple(words("phrase")["measures"])):
                self.subject = noun
        if mark == "\n":
            self.places.paragraph()
            self.topic = ""
        if mark in "。!?\n":
            self.sentence += 1
            self.names = []
            self.calendar.sentence()

    def _figure(self, token: Token, following: Token | None, clause: str) -> bool:
        """Read one token as figures; False where it is none."""
        text, last = self.text, self.figures[-1] if self.figures else None
        after = text[token.end : token.end + 40]
        gap = text[last.stop : token.start] if last else "。"
        if token.what == "rank":
            return self._rank(token, clause, gap)
        if token.what == "structure":
            return self._structure(token, clause)
        if token.unit and rules.defines_class(token.unit, len(token.numbers), clause, after):
            return False
        if gap == "的" and last:  # 占总量76万吨的57%
            clause = f"{last.clause}{text[last.begin : token.start]}"
        core = _VERB_FIRST.sub("", rules.strip(clause.replace("分别", "")))
        listed = bool(last) and not core and _LISTED.fullmatch(gap) is not None
        unit, note = self._unit_of(token, core, after, following)
        measure = _unit(unit) if unit else None
        if measure is None or len(token.numbers[0]) > _LONGEST:
            return False
        if token.unit in ("公斤", "千克", "斤") and _YIELD.search(clause + self.subject):
            self.per = "公顷" if "公顷" in clause else "亩" if "亩" in clause else self.per or "亩"
            measure = lookup(f"{unit}/{self.per}")
        family = _family(unit, measure)
        noun = self._noun(family, core, clause, after)
        bound = rules.bound_of(clause, after, token.more, family == "ratio")
        tail = ""
        if last and listed and last.family == family and not noun:
            kind, sign, name, tail = last.kind, last.sign, last.indicator, last.tail
            bound = bound or rules.bound_of(last.clause, "", False)
            if bound and not last.bound and rules.bound_of("", after, False):
                for member in self.group:
                    member.bound = bound
        else:
            listed = False
            alone = family == "ratio" and not core and unit != "倍" and bool(_PART_OF.match(after))
            kind, sign = rules.kind_of(clause, core, family, unit, alone)
            name, tail = self._name(kind, family, core, noun, after, clause)
        if not note and not noun and kind != "count" and _GLUED.match(after):
            note = "no separator after it"
        figure = self._add(token, unit, measure, kind, sign, name, bound, note)
        if figure is None:
            return False
        figure.family, figure.clause, figure.tail = (
            family,
            clause or (last.clause if listed and last else ""),
            tail,
        )
        self._join_group(figure, listed)
        if noun and (place := text.find(noun, token.end, token.end + 48)) >= 0:
            self.done = figure.stop = place + len(noun)
        return True

    def _noun(self, family: str, core: str, clause: str, after: str) -> str:
        """Give the noun after the number if that is what the number counts or measures."""
        bare = not core or core in words("phrase")["transitive"]
        if after[:1] in tuple("、和与及") or not (
            family == "count" or (family == "measure" and (bare or after[:1] == "的"))
        ):
            return ""
        if rules.ends_in_head(core) and after[:1] != "的" and not clause.endswith("的"):
            return ""
        return rules.counted_noun(after)

    def _unit_of(
        self, token: Token, core: str, after: str, following: Token | None
    ) -> tuple[str, str]:
        """Give the unit, and a note where it does not stand with the number."""
        ahead = following.unit if following and following.what == "figure" else ""
        gap = self.text[token.end : following.start] if following else ""
        points = token.unit == "个" and ahead.endswith("点")
        if ahead and (not token.unit or points) and _JOINED.fullmatch(gap):
            return ahead, f"{INFERRED}: {ahead}"
        scale = token.unit
        if scale and scale[-1] not in "十百千万亿":
            return scale, ""
        if scale:  # 142.78万农户
            noun = rules.counted_noun(after)
            unit = next(filter(None, (rules.unit_hint(noun[:n]) for n in range(1, 8))), "")
            unit = unit or rules.unit_hint(core) or ("元" if scale[-1] == "亿" else "")
            return (scale + unit, f"{INFERRED}: {scale + unit}") if unit else ("", "")
        number = token.numbers[-1]
        if (
            not core
            or not re.match(f"[{HAN}]", core[-1])
            or _YEAR.fullmatch(number)
            or len(token.numbers) > 1
        ):
            return "", ""
        if (number[0] == "0" and len(number) > 1 and number[1] != ".") or not re.match(
            f"[{HAN},。;、()\n]|$", after
        ):
            return "", ""
        if _PURE.search(core):
            return "比", ""
        near = [one for one in self.figures[-4:] if token.start - one.stop < 80 and one.unit]
        if "." in number:
            unit = next((one.unit for one in reversed(near) if one.kind == "level"), "")
        else:
            near = [one for one in near if one.kind == "count"]
            close = ahead and len(gap) < 12 and (measure := _unit(ahead)) and measure.counted
            unit = ahead if close else rules.unit_hint(core) or (near[-1].unit if near else "")
        return (unit, f"{INFERRED}: {unit}") if unit else ("", "")

    def _name(
        self, kind: str, family: str, core: str, noun: str, after: str, clause: str
    ) -> tuple[str, str]:
        """Give the indicator and the part of it that leans on a subject; remember the subject."""
        leaning = core.startswith(tuple(words("phrase")["leaning"]))
        last = self.figures[-1] if self.figures else None
        if kind == "growth":
            rest = rules.noun_of(core)
            if rest and not leaning:
                self._about(rest)
                return self.subject, ""
            tail = core if rules.is_speed(core) else ""
            return self.subject + tail, tail
        if kind == "difference":
            rest = rules.noun_of(core)
            if leaning or not rest:
                parted = (
                    family == "points"
                    and last
                    and last.kind in ("share", "rate")
                    and last.sentence == self.sentence
                    and "拉" not in core[:2]
                )
                return (last.indicator if parted and last else self.subject) + core, core
            if family != "points":
                self._about(rest)
            return core, ""
        if kind == "share" and not core:
            return rules.predicate(_AFTER_BOUND.sub("", after)) or self.subject, ""
        if kind in ("share", "rate") and (
            leaning or rules.is_rate_of(core) or core in ("占比", "比重", "贡献率", "份额")
        ):
            return self.subject + core, core
        if kind == "share":
            return core, ""
        core = (
            rules.noun_of(core)
            if core and (clause.endswith(("到", "至")) or "由" in core)
            else core
        )
        if noun:
            if clause.endswith("的") and 1 < len(core) < 17:
                noun = core + noun
            self.subject = noun
            if family == "count":
                self.topic = noun
                rest = rules.predicate(after.partition(noun)[2])
                if rest.startswith(_UNDER_WAY) and not re.search("[0-9]", after[:30]):
                    return noun + rest, ""
            return noun, ""
        if not core:
            doing = rules.predicate(after)
            if family == "count" and doing.startswith(_UNDER_WAY):
                return doing, ""
            return self.subject or doing, ""
        if family == "count" and core in words("phrase")["transitive"]:
            return core + rules.predicate(after), ""
        core = core.removesuffix("完成") or self.subject
        begin = rules.attribute_at(core)
        if begin == 0 and self.topic and self.topic != core:
            self.subject = self.topic + core
            return self.subject, ""
        self._about(core)
        if kind == "count" and begin != 0:
            self.topic = core
        elif begin > 2:
            self.topic = core[:begin]
        return self.subject, ""

    def _about(self, phrase: str) -> None:
        """Change the subject; a shorter name of the same (余额) keeps it."""
        if not (phrase in ("余额", "总量", "总额") and self.subject.endswith(phrase)):
            self.subject = phrase

    def _join_group(self, figure: Figure, listed: bool) -> None:
        if not listed:
            self._deal()
            self.group, self.row = [], self.calendar.row
            self.group_start = len(self.figures) - 1
        self.group.append(figure)

    def _deal(self) -> None:
        """Deal out what a list of figures was told about: dates, places or names, one each."""
        group, count = self.group, len(self.group)
        if count < 2:
            return
        first = group[0]
        if len(self.row) == count:
            for figure, period in zip(group, self.row, strict=True):
                figure.period = period
        if "分别" not in first.clause and len(self.names) != count:
            return
        index = self.group_start
        before = [
            one
            for one in self.figures[max(0, index - count) : index]
            if one.sentence == first.sentence
        ]
        names, areas = _AND.split(first.indicator), _AND.split(first.area)
        if len(areas) == count and "分别" in first.clause or areas == self.names:
            self.names = areas
            for figure, area in zip(group, areas, strict=True):
                figure.area, figure.area_code = area, self.places.code(area)
        elif len(names) == count and not first.tail:
            begin = rules.attribute_at(names[-1])
            shared = names[-1][begin:] if begin > 0 else ""
            rest = names[-1].removesuffix(shared)
            self.names = [
                name + rest[len(name) :] if len(rest) - len(name) < 6 and len(name) < 3 else name
                for name in names[:-1]
            ] + [rest]
            for figure, name in zip(group, self.names, strict=True):
                figure.indicator = name + shared
        elif len(self.names) == count:
            own = first.tail or first.indicator[max(0, rules.attribute_at(first.indicator)) :]
            for figure, name in zip(group, self.names, strict=True):
                figure.indicator = name + own
        elif len(before) == count and first.indicator.startswith(before[-1].indicator):
            for figure, one in zip(group, before, strict=True):
                figure.indicator = one.indicator + first.tail

    def _rank(self, token: Token, clause: str, gap: str) -> bool:
        """Read 第3位, 居全省第2; an ordinal that only orders things (第二批) is none."""
        after, last = (
            self.text[token.end : token.end + 1],
            self.figures[-1] if self.figures else None,
        )
        if token.unit != "位" and (not _RANKING.search(clause[-12:]) or _ORDERED.match(after)):
            return False
        core = rules.strip(clause)
        same = last is not None and last.sentence == self.sentence
        if last and same and last.kind == "rank":
            name = last.indicator
        elif last and same:
            speed = "增幅" if "增幅" in core + last.indicator else "增速"
            changed = last.kind == "growth" or last.family == "points"
            name = self.subject + (speed if changed and speed not in self.subject else "") + "排名"
        else:
            name = core
        measure = lookup(token.unit) if token.unit else None
        figure = self._add(token, token.unit, measure, "rank", 1, name, "", "")
        if figure:
            figure.family, figure.clause = "rank", clause
            self._join_group(figure, bool(_LISTED.match(gap)) and same)
        return figure is not None

    def _structure(self, token: Token, clause: str) -> bool:
        """Read 12.5:40.1:47.4 as shares of one whole, and 2.35:1 as a rate."""
        parts = [Decimal(part) for part in token.numbers]
        core = rules.strip(clause)
        if 98 <= sum(parts) <= 102:
            last = [one.indicator for one in self.figures[-len(parts) :]]
            names = [core] * len(parts) if core else last
            if len(parts) == 3 and "产业" in clause:
                names = _INDUSTRIES
            place = token.start
            for part, name in zip(token.numbers, names, strict=False):
                one = Token(place, place + len(part), "figure", (part,))
                self._add(one, "%", lookup("%"), "share", 1, name, "", f"{INFERRED}: %")
                place += len(part) + 1
            return True
        if len(parts) == 2 and parts[1] == 1 and re.search("比|率", clause + self.subject):
            self._about(rules.noun_of(core) or self.subject)
            one = Token(token.start, token.end, "figure", token.numbers[:1])
            self._add(one, "", lookup("倍"), "rate", 1, self.subject, "", "")
            return True
        return False

    def _add(
        self,
        token: Token,
        unit: str,
        measure: Unit | None,
        kind: str,
        sign: int,
        name: str,
        bound: str,
        note: str,
    ) -> Figure | None:
        """Work out value and interval, and append the figure."""
        ends = [parsed for parsed in map(numeral, token.numbers) if parsed]
        if len(ends) < len(token.numbers):
            return None
        start, (value, place) = token.start, ends[0]
        minus = (
            self.text[start - 1 : start] in ("-", "负")
            and not self.text[max(0, start - 2)].isdigit()
        )
        if minus:
            start, sign = start - 1, -1
        if kind == "rank":
            base = low = high = float(value)
        elif unit == "番":
            base = low = high = 2.0 ** float(value) - 1
        elif unit == "分之":
            part, whole = ends[0][0], ends[1][0]
            if not whole:
                return None
            value = part / whole
            base, half = float(value), Decimal("0.5")
            low, high = float(part / (whole + half)), float(part / (whole - half))
        elif len(ends) == 2:
            one = spread(
                value, Decimal(0), _unit(token.first_unit) if token.first_unit else measure
            )
            two = spread(ends[1][0], Decimal(0), measure)
            low, high = min(one[0], two[0]), max(one[0], two[0])
            base = (low + high) / 2
        else:
            base = spread(value, Decimal(0), measure)[0]
            low, high = spread(value, place, measure)
        if sign < 0:
            base, low, high = -base, -high, -low
        begin, end = int(self.at[start]), int(self.at[token.end - 1]) + 1
        if _BROKEN.search(self.original, begin, end):
            note = "; ".join(filter(None, (note, "white space inside the number")))
        if INFERRED in note or unit == "比":
            unit = token.unit
        period, self.calendar.once = self.calendar.once or self.calendar.period, ""
        if kind in ("level", "count", "growth") and _PLAN.search(name):
            period = self.calendar.year
        stock = kind in ("level", "count") and _STOCK.search(name)
        figure = Figure(
            name.strip('“”"、'),
            float(-value if minus else value),
            unit,
            base,
            measure.base if measure else "",
            low,
            high,
            bound,
            kind,
            self.calendar.point() if stock else period,
            self.places.area,
            self.places.code(self.places.area),
            begin,
            end,
            note,
            sign,
            "",
            "",
            "",
            start,
            token.end,
            self.sentence,
        )
        self.figures.append(figure)
        return figure

    def _look_back(self) -> None:
        """Give figures before the first date its period, and mark a unit that fits no neighbour."""
        years = self.calendar.years
        for figure in self.figures:
            if figure.begin < self.first_date:
                figure.period = figure.period or self.calendar.first
            if len(years) == 1:
                figure.period = figure.period.replace("XXXX", *years)
        for index, figure in enumerate(self.figures):
            if (
                figure.unit == "元"
                and figure.kind == "level"
                and figure.value < 10_000
                and figure.value % 1
            ):
                around = [one.unit for one in self.figures[max(0, index - 3) : index + 4]]
                scale = max(("亿元", "万元"), key=around.count)
                if around.count(scale) > 1 and not _PER_HEAD.search(figure.indicator):
                    figure.note = f"unit doubtful: {scale} stands around it"


def _family(unit: str, measure: Unit) -> str:
    if measure.family in ("ratio", "points"):
        return "number" if unit == "比" else measure.family
    return "count" if measure.counted or measure.family == "days" else "measure"


def _traditional(original: str, folded: str) -> dict[int, str]:
    """Map simplified characters back to the traditional ones that a text uses throughout."""
    pairs = {new: old for old, new in zip(original, folded, strict=True) if old != new > "\u4e00"}
    return {ord(new): old for new, old in pairs.items() if new not in original}


def read_figures(
    text: str, *, year: int | None = None, area: str | None = None, issued: str = ""
) -> pd.DataFrame:
    """Read the figures of a Chinese text, with all that it says about each.

    Parameters
    ----------
    text : str
        A reply, bulletin, progress notice or work report.
    year : int, optional
        The year that the text is about where it names none.
    area : str, optional
        The place that the text is about where it names none.
    issued : str, default ""
        The document's own date, ISO; 今年 is its year.

    Returns
    -------
    DataFrame, one row a figure, in the order of the text
        ``indicator, value, unit, base_value, base_unit, low, high, bound, kind, period, area,
        area_code, start, end, note``. Offsets point into ``text``. ``attrs["damage"]`` tells what
        could not be read (lost digits, garbled dates), up to 50 places.

    Examples
    --------
    >>> table = read_figures("2023年,全市粮食产量98.7万吨,同比下降2.1%。")
    >>> table[["indicator", "base_value", "base_unit", "kind", "period"]].values.tolist()
    [['粮食产量', 987000.0, '吨', 'level', '2023'], ['粮食产量', -0.021, '', 'growth', '2023']]
    """
    reader = Reader(text, year, area, issued)
    figures = reader.read()
    if back := _traditional(text, fold(text)):
        for figure in figures:
            figure.indicator = figure.indicator.translate(back)
            figure.area = figure.area.translate(back)
    table = pd.DataFrame({name: [getattr(one, name) for one in figures] for name in COLUMNS})
    table = table.astype(COLUMNS)
    lost = [f"digits lost at {found.start()}" for found in _LOST.finditer(text)]
    table.attrs["damage"] = (*reader.damage, *lost)[:50]
    return table
