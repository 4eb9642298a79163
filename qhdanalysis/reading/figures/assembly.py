"""Put figures together: numbers, the words around them, and what the text carries along."""

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pandas as pd

from qhdanalysis.errors import UnitError
from qhdanalysis.reading.figures import rules
from qhdanalysis.reading.figures.context import Calendar, Places
from qhdanalysis.reading.figures.lexicon import any_of, words
from qhdanalysis.reading.figures.numerals import HAN, Token, clean, scan
from qhdanalysis.units import INFERRED, Unit, lookup, numeral, spread

COLUMNS = (
    "indicator value unit base_value base_unit low high bound kind period area area_code start end note"
).split()
_SPLIT = re.compile("([,;。!?:\n()])")
_LIST = re.compile("(?:[、,]|和|与|及|以及|、和)?(?:约|近|超)?$")
_CLASS_AFTER = re.compile(f"(?:及)?(?:以上|以下|以内)(?:的(?!增|速|幅|比|水平|目标)|[{HAN}](?<![左右和并且或]))")
_AGE = re.compile("寿命|平均年龄|均龄")
_RANK = re.compile("居|列|排|位|名|全国|全省|全市|全区|全县|第$|夺|获")
_INDUSTRY = ("第一产业占比", "第二产业占比", "第三产业占比")


@cache
def _unit(unit: str) -> Unit | None:
    try:
        return lookup(unit)
    except UnitError:
        return None


class Reader:
    """One pass over the tokens of a text; rows of the figures table come out."""

    def __init__(self, text: str, year: int | None, area: str | None, issued: str) -> None:
        self.original = text
        self.text, self.places_in_text = clean(text)
        self.tokens = scan(self.text)
        self.calendar = Calendar(year, issued)
        self.places = Places(self.text, area)
        self.rows: list[dict[str, Any]] = []
        self.subject = self.topic = ""
        self.outer: list[tuple[str, str]] = []
        self.per = ""
        self.done = 0  # text up to here is read
        self.lead: list[str] = []

    def read(self) -> list[dict[str, Any]]:
        clause = ""
        for index, token in enumerate(self.tokens):
            clause = self.walk(clause, self.text[self.done : token.start])
            if token.what == "date":
                after = self.text[token.end : token.end + 4]
                if token.match is not None:
                    self.calendar.read(token.match, self.text[max(0, token.start - 2) : token.start], after)
            elif token.what == "duration":
                if token.match is not None and token.match["recent"]:
                    self.calendar.period = ""
            elif token.what in ("name", "garbled"):
                clause += self.text[token.start : token.end] if token.what == "name" else ""
            elif token.what in ("figure", "structure", "rank"):
                if self.figure(index, token, clause):
                    clause = ""
                else:
                    clause += self.text[token.start : token.end]
            self.done = max(self.done, token.end)
        return self.rows

    def walk(self, clause: str, gap: str) -> str:
        """Go on through the words between two tokens; give the clause that is open at the end."""
        if "当月" in gap or "本月" in gap:
            self.calendar.month()
        for piece in _SPLIT.split(gap):
            if len(piece) == 1 and piece in ",;。!?:\n()":
                if piece == "(":
                    self.outer.append((self.subject, self.topic))
                    self.outer = self.outer[-8:]
                    self.subject = rules.strip(clause) or self.subject
                elif piece == ")" and self.outer:
                    self.subject, self.topic = self.outer.pop()
                elif piece == "\n":
                    self.places.paragraph()
                clause = ""
            elif piece:
                opening = rules.patterns().opening.match(piece) if not clause else None
                start = opening.end() if opening else 0
                if not clause:
                    piece = self.places.read(piece[start:])
                clause += piece
        return clause[-80:]

    def figure(self, index: int, token: Token, clause: str) -> bool:
        """Make rows of a token; False where it is no figure."""
        text = self.text
        after = text[token.end : token.end + 30]
        if token.what == "rank":
            return self.rank(token, clause)
        if token.what == "structure":
            return self.structure(token, clause)
        unit, note = token.unit, ""
        if unit and self.is_class(token, clause, after):
            return False
        following = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
        core = rules.strip(clause)
        listed = bool(self.rows) and self.rows[-1]["_end"] >= token.start - 2 and not core and "(" not in text[self.rows[-1]["_end"]:token.start] and bool(_LIST.fullmatch(text[self.rows[-1]["_end"] : token.start]))
        if not unit or (unit[-1] in "十百千万亿"):
            unit, note = self.infer(token, core, after, following, listed)
            if not unit:
                return False
        elif following and False:
            pass
        if following and following.unit and text[token.end : following.start] in ("、", "和", "及", "与"):
            shared = _unit(following.unit)
            if shared and shared.family == "points" and unit == "个":
                unit, note = following.unit, f"{INFERRED}: {following.unit}"
        measure = _unit("倍" if unit in ("番", "分之") else unit)
        if measure is None:
            return False
        family = measure.family if measure.family in ("ratio", "points") else "count" if measure.counted or measure.family in ("days",) else "measure"
        last = self.rows[-1] if listed else None
        noun = rules.counted_noun(after) if family == "count" else ""
        alone = family == "ratio" and not core and bool(re.match(f"(?:以上|以内|左右)?的?[{HAN}]", after)) and unit != "倍"
        if last is not None and last["_family"] == family and not noun:
            kind, sign, phrase = last["kind"], last["_sign"], last["indicator"]
            bound = rules.bound_of(clause, after, token.more) or last["_before"]
        else:
            kind, sign = rules.kind_of(clause, core, family, unit, alone)
            phrase = self.name(kind, family, core, noun, after)
            bound = rules.bound_of(clause, after, token.more)
        if measure.family == "mass" and not measure.factor > 1 and re.search("单产|亩产|每亩|每公顷", clause + self.subject) and unit in ("公斤", "千克", "斤", "吨"):
            self.per = "公顷" if "每公顷" in clause else "亩" if "每亩" in clause or "亩产" in clause else self.per or "亩"
            measure = lookup(f"{unit}/{self.per}")
        self.add(token, unit, measure, kind, sign, phrase, bound, note, family, clause)
        if noun and text.startswith(noun, token.end):
            self.done = token.end + len(noun)
        return True

    def is_class(self, token: Token, clause: str, after: str) -> bool:
        """Say whether the number defines a class (5亿元以上项目) instead of reporting something."""
        if token.unit.endswith("岁"):
            return not _AGE.search(clause)
        if token.unit == "%" or token.unit.endswith("百分点"):
            return False
        if _CLASS_AFTER.match(after):
            return True
        nouns = any_of(words()["bounds"]["class_nouns"])
        if len(token.numbers) == 2 and re.match(f"的?(?:{nouns})", after):
            return True
        starts = words()["bounds"]["class_before"]
        return clause.endswith(tuple(starts)) or bool(re.search("(?:单户|单笔|单宗|单体).{0,6}$", clause) and re.match("以|的|及", after))

    def infer(self, token: Token, core: str, after: str, following: Token | None, listed: bool) -> tuple[str, str]:
        """Find the unit of a number that lost it, or whose next number carries it."""
        text, scale = self.text, token.unit
        gap = text[token.end : following.start] if following else ""
        if following and following.unit and re.fullmatch("、|和|与|及|,|至|到", gap) and not scale and following.what == "figure":
            return following.unit, f"{INFERRED}: {following.unit}"
        if scale:
            noun = rules.counted_noun(after)
            unit = next((rules.unit_hint(noun[:size]) for size in range(1, 8) if rules.unit_hint(noun[:size])), "") or rules.unit_hint(core)
            if not unit and scale[-1] in "亿" and "." in token.numbers[-1]:
                unit = "元"
            return (scale + unit, f"{INFERRED}: {scale + unit}") if unit else ("", "")
        follows = after[:1]
        if not core or token.numbers[0][:1] == "0" and len(token.numbers[0]) > 1 or len(token.numbers) > 1:
            return "", ""
        if not re.match(f"[{HAN}]", core[-1]) or (follows and not re.match(f"[{HAN},。;、()\n]", follows)):
            return "", ""
        number = token.numbers[0]
        if re.fullmatch("(?:19|20)[0-9]{2}", number):
            return "", ""
        nearby = [row for row in self.rows[-4:] if token.start - row["_end"] < 80]
        if "." in number:
            unit = next((row["unit"] for row in reversed(nearby) if row["kind"] == "level" and row["unit"]), "")
        else:
            near = [row["unit"] for row in reversed(nearby) if row["kind"] == "count" and row["unit"]]
            ahead = following.unit if following and following.what == "figure" and following.start - token.end < 24 else ""
            measure = _unit(ahead) if ahead else None
            unit = rules.unit_hint(core) or (ahead if measure and measure.counted else "") or (near[0] if near else "")
        return (unit, f"{INFERRED}: {unit}") if unit else ("", "")

    def name(self, kind: str, family: str, core: str, noun: str, after: str) -> str:
        """Give the indicator, and remember what the next figures may be about."""
        rest = rules.noun_of(core) if kind in ("growth", "difference") else core
        rest = rules.strip(rest)
        if kind == "growth":
            if rest and not rest.startswith(("占", "比", "较", "对")):
                self.subject = rest
            return self.subject or rest
        if kind == "difference":
            if core.startswith(("比", "较", "同比", "高", "低", "超", "快", "慢", "与", "拉", "上拉", "下拉", "环比", "对")) or not rest:
                return self.subject + core
            if family != "points":
                self.subject = rest
            return core
        if kind == "share" or (kind == "rate" and core.startswith("占")):
            if not core:
                return rules.counted_noun(re.sub("^(?:以上|以内|左右)?的?", "", after)) or self.subject
            if core.startswith(("占", "对", "比重", "贡献率")):
                return self.subject + core
            return core
        if family == "count" and noun and not (rules.patterns().heads.search(core) and core != noun):
            self.subject = self.topic = noun
            return noun
        if rules.is_attribute(core) and self.topic and self.topic != core:
            self.subject = self.topic + core
            return self.subject
        if not core:
            return noun or self.subject
        self.subject = core
        if family == "count":
            self.topic = core
        return core

    def rank(self, token: Token, clause: str) -> bool:
        if not _RANK.search(clause[-8:]) and token.unit != "位":
            return False
        self.add(token, token.unit, lookup(token.unit) if token.unit else None, "rank", 1,
                 self.subject + rules.strip(clause), "", "", "rank", clause)
        return True

    def structure(self, token: Token, clause: str) -> bool:
        parts = [Decimal(part) for part in token.numbers]
        place = token.start
        if len(parts) > 2 or abs(sum(parts) - 100) <= 2:
            if not 98 <= sum(parts) <= 102:
                return False
            names = _INDUSTRY if "产业" in clause and len(parts) == 3 else [rules.strip(clause)] * len(parts)
            for part, label in zip(token.numbers, names, strict=False):
                one = Token(place, place + len(part), "figure", (part,))
                self.add(one, "", lookup("%"), "share", 1, label, "", f"{INFERRED}: %", "ratio", clause)
                place += len(part) + 1
            return True
        if token.numbers[-1] == "1" and re.search("比|率", clause):
            self.add(Token(place, token.end, "figure", token.numbers[:1]), "", lookup("倍"), "rate", 1,
                     rules.strip(clause), "", "", "ratio", clause)
            return True
        return False

    def add(self, token: Token, unit: str, measure: Unit | None, kind: str, sign: int, phrase: str,
            bound: str, note: str, family: str, clause: str) -> None:
        """Work out value and interval and append the row."""
        ends = [part for part in map(numeral, token.numbers) if part is not None]
        if len(ends) != len(token.numbers):
            return
        value, place = ends[0]
        factor = measure.factor if measure else Fraction(1)
        start = token.start
        negative = start and self.text[start - 1] == "-" and kind in ("growth", "share", "difference", "rate", "level") and not self.text[start - 2 : start - 1].isdigit()
        if negative:
            sign, start = -1, start - 1
        if unit == "番":
            base = low = high = float(2 ** int(value) - 1)
        elif unit == "分之":
            part, whole = ends[0][0], ends[1][0]
            base = float(part / whole)
            low, high = float(part / (whole + Decimal("0.5"))), float(part / (whole - Decimal("0.5")))
            value = part / whole
        elif kind == "rank":
            base = low = high = float(value)
        elif len(ends) == 2:
            first = _unit(token.note) if token.note else measure
            one, two = (float(end[0] * (m or measure).factor.numerator / (m or measure).factor.denominator) for end, m in zip(ends, (first, measure), strict=True))
            low, high = min(one, two), max(one, two)
            base = (low + high) / 2
        else:
            base = float(value * factor.numerator / factor.denominator)
            low, high = spread(value, place, measure)
        if sign < 0:
            base, low, high = -base, -high, -low
        period = self.calendar.period
        if re.search("存栏|余额|保有量", phrase) and kind in ("level", "count"):
            period = self.calendar.point()
        where = self.places_in_text
        shown = float(value) if not negative else -float(value)
        self.rows.append({
            "indicator": phrase, "value": shown, "unit": unit if not note else "" if INFERRED in note and unit[:1] not in "万亿千百十" else unit,
            "base_value": base, "base_unit": measure.base if measure else "",
            "low": low, "high": high, "bound": bound, "kind": kind, "period": period,
            "area": self.places.area, "area_code": "", "start": int(where[start]),
            "end": int(where[token.end - 1]) + 1, "note": note,
            "_end": token.end, "_sign": sign, "_family": family,
            "_before": rules.bound_of(clause, "", False),
        })


def read_figures(
    text: str, *, year: int | None = None, area: str | None = None, issued: str = ""
) -> pd.DataFrame:
    """Read the figures of a Chinese text."""
    rows = Reader(text, year, area, issued).read()
    return pd.DataFrame(rows, columns=COLUMNS)
