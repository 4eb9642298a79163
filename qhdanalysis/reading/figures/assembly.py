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
from qhdanalysis.units import INFERRED, Unit, fold, lookup, numeral, spread

COLUMNS = (
    "indicator value unit base_value base_unit low high bound kind period area area_code start end note"
).split()
_NUMBERS = ("value", "base_value", "low", "high")
_SPLIT = re.compile("([,;。!?:\n()])")
_LIST = re.compile("(?:[、,]|和|与|及|以及|、和)(?:约|近|超)?$")
_CLASS_AFTER = re.compile(f"(?:及)?(?:以上|以下|以内)(?:的(?!增|速|幅|比|水平|目标)|[{HAN}](?<![左右和并且或]))")
_SUBJECT_AFTER = re.compile(f"(?:以上|以内|左右)?的?(?!(?:增|涨|降))[{HAN}]")
_AFTER_BOUND = re.compile("^(?:以上|以内|左右)?的?")
_GLUED = re.compile(f"(?!以上|以内|以下|左右|上下|之多|[的和与及或至到、以])[{HAN}]")
_JOINED = re.compile("、|和|与|及|以及|至|到")
_OPEN = re.compile("^(?:约|近|超过?|逾)(?=占)|^(?:完成|实现)(?!投资|率)")
_YIELD = re.compile("单产|亩产|每亩|每公顷")
_LEANING = ("比", "较", "同比", "环比", "高", "低", "超", "快", "慢", "与", "拉", "上拉", "下拉", "对", "增速", "增幅", "降幅", "涨幅", "跌幅")
_VERBS = frozenset("提供 投入 安排 发放 完成 实现 带动 吸纳 促进 解决 新增 达到 引进 筹集 下达 争取 支持 涉及 组织 开展 建成 新建 带动当地 拥有 取得 签约 引进".split())
_ATTRIBUTE = re.compile(f"(?:{any_of(words()['phrase']['attributes'])})$")
_ORDERED = re.compile("[批产次届期季条章节轮回代个一二三四五六七八九十类步部大阶季]")
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
        self.compared = -1  # end of the last date that something is compared with
        self.fresh = True  # no figure yet in this sentence

    def read(self) -> list[dict[str, Any]]:
        """Walk over the tokens in order."""
        clause, text = "", self.text
        for index, token in enumerate(self.tokens):
            begin = token.match.start() if token.what == "rank" and token.match else token.start
            clause = self.walk(clause, text[self.done : begin])
            if token.what == "date":
                assert token.match is not None
                before = "比" if token.start == self.compared else text[max(0, token.start - 2) : token.start]
                if self.calendar.read(token.match, before, text[token.end : token.end + 4]):
                    self.compared = token.end
                    clause += text[token.start : token.end]
            elif token.what == "duration":
                if token.match is not None and token.match["recent"]:
                    self.calendar.period = ""
            elif token.what == "name":
                clause += text[token.start : token.end]
            elif token.what in ("figure", "structure", "rank"):
                if self.figure(index, token, clause):
                    clause, self.fresh = "", False
                else:
                    clause += text[begin : token.end]
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
                else:
                    self.leave(clause, piece)
                clause = ""
            elif piece:
                if not clause:
                    opening = rules.patterns().opening.match(piece)
                    piece = self.places.read(piece[opening.end() :] if opening else piece)
                clause += piece
        return clause[-80:]

    def leave(self, clause: str, mark: str) -> None:
        """Come to the end of a clause without a figure: it may say what the next ones are about."""
        if mark == "\n":
            self.places.paragraph()
            self.topic = ""
        if len(clause) > 5:
            self.topic = ""
            noun = rules.counted_noun(clause)
            if self.fresh and noun.endswith(tuple(words()["phrase"]["measures"])):
                self.subject = noun
        if mark in "。!?\n":
            self.fresh = True

    def figure(self, index: int, token: Token, clause: str) -> bool:
        """Make rows of a token; False where it is no figure."""
        text = self.text
        after = text[token.end : token.end + 40]
        if token.what == "rank":
            return self.rank(token, clause)
        if token.what == "structure":
            return self.structure(token, clause)
        if token.unit and self.is_class(token, clause, after):
            return False
        following = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
        core = _OPEN.sub("", rules.strip(clause))
        gap = text[self.rows[-1]["_end"] : token.start] if self.rows else "。"
        listed = len(gap) < 6 and not core and bool(_LIST.fullmatch(gap))
        unit, note = self.unit(token, core, after, following)
        measure = _unit("倍" if unit in ("番", "分之") else unit) if unit else None
        if measure is None:
            return False
        if measure.family == "mass" and _YIELD.search(clause + self.subject) and token.unit in ("公斤", "千克", "斤", "吨"):
            self.per = "公顷" if "每公顷" in clause else "亩" if "亩" in clause else self.per or "亩"
            measure = lookup(f"{unit}/{self.per}")
        family = measure.family if measure.family in ("ratio", "points") else "count" if measure.counted or measure.family == "days" else "measure"
        last = self.rows[-1] if listed else None
        noun = ""
        if (family == "count" or (family == "measure" and (not core or after[:1] == "的" or core in _VERBS))) and not (core and rules.patterns().heads.search(core) and after[:1] != "的"):
            noun = rules.counted_noun(after)
        bound = rules.bound_of(clause, after, token.more)
        if last is not None and last["_family"] == family and not noun:
            kind, sign, phrase = last["kind"], last["_sign"], last["indicator"]
            bound = bound or last["_before"]
        else:
            alone = family == "ratio" and not core and unit != "倍" and bool(_SUBJECT_AFTER.match(after))
            kind, sign = rules.kind_of(clause, core, family, unit, alone)
            phrase = self.name(kind, family, core, noun, after, clause)
        if not note and after and _GLUED.match(after) and not noun and not listed:
            note = "no separator after it" if kind not in ("level", "count") or after[0] != "的" else ""
        self.add(token, unit, measure, kind, sign, phrase, bound, note, family, clause)
        if noun and (place := text.find(noun, token.end, token.end + 40)) >= 0:
            self.done = self.rows[-1]["_end"] = place + len(noun)
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

    def unit(self, token: Token, core: str, after: str, following: Token | None) -> tuple[str, str]:
        """Give the unit, and a note where it is not written with the number."""
        gap = self.text[token.end : following.start] if following else ""
        if following and following.what == "figure" and following.unit and _JOINED.fullmatch(gap):
            shared = following.unit
            if not token.unit or (token.unit == "个" and shared in ("个百分点", "个基点", "百分点", "基点")):
                return shared, f"{INFERRED}: {shared}"
        if token.unit and token.unit[-1] not in "十百千万亿":
            return token.unit, ""
        return self.infer(token, core, after, following)

    def infer(self, token: Token, core: str, after: str, following: Token | None) -> tuple[str, str]:
        """Find the unit of a number that lost it."""
        scale = token.unit
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

    def name(self, kind: str, family: str, core: str, noun: str, after: str, clause: str) -> str:
        """Give the indicator, and remember what the next figures may be about."""
        rest = rules.noun_of(core) if kind in ("growth", "difference") else core
        if kind == "growth":
            if rest and not rest.startswith(("占", "对")):
                self.subject = rest
                return rest
            return self.subject + core if rules.patterns().speed_end.search(core) else self.subject
        if kind == "difference":
            if not rest or core.startswith(_LEANING):
                return self.subject + core
            if family != "points":
                self.subject = rest
            return core
        if kind == "share" or (kind == "rate" and core.startswith("占")):
            if not core:
                return rules.predicate(_AFTER_BOUND.sub("", after)) or self.subject
            return self.subject + core if core.startswith(("占", "对", "比重", "贡献率", "份额")) else core
        if noun:
            if clause.endswith("的") and 1 < len(core) < 17:
                noun = core + noun
            self.subject = noun
            if family == "count":
                self.topic = noun
                tail = rules.predicate(after[after.find(noun) + len(noun) :]) if noun in after else ""
                if tail.startswith(("已", "正在", "尚", "未")) and not re.search("[0-9]", after[:30]):
                    return noun + tail
            return noun
        if not core or (family == "count" and core in _VERBS):
            return core + rules.predicate(after) or self.subject
        if rules.is_attribute(core) and self.topic and self.topic != core:
            self.subject = self.topic + core
            return self.subject
        self.subject = core
        if family == "count" and not rules.is_attribute(core):
            self.topic = core
        elif family == "measure" and (found := _ATTRIBUTE.search(core)) and found.start() > 2:
            self.topic = core[: found.start()]
        return core

    def rank(self, token: Token, clause: str) -> bool:
        """Read 第3位, 居全省第2; an ordinal that orders things (第二批) is none."""
        place = _RANK.search(clause[-12:])
        if token.unit != "位" and (not place or _ORDERED.match(self.text, token.end)):
            return False
        core, last = rules.strip(clause), self.rows[-1] if self.rows else None
        speed = "增幅" if "增幅" in core or last and last["indicator"].endswith("增幅") else "增速"
        grown = last is not None and not self.fresh and (last["kind"] == "growth" or last["_family"] == "points")
        phrase = self.subject + (speed if grown and speed not in self.subject else "") + "排名" if not self.fresh else core
        self.add(token, token.unit, lookup(token.unit) if token.unit else None, "rank", 1, phrase, "", "", "rank", clause)
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
            "indicator": phrase.strip("“”\"、"), "value": shown, "unit": unit if not note else "" if INFERRED in note and unit[:1] not in "万亿千百十" else unit,
            "base_value": base, "base_unit": measure.base if measure else "",
            "low": low, "high": high, "bound": bound, "kind": kind, "period": period,
            "area": self.places.area, "area_code": self.places.code(self.places.area), "start": int(where[start]),
            "end": int(where[token.end - 1]) + 1, "note": note,
            "_end": token.end, "_sign": sign, "_family": family,
            "_before": rules.bound_of(clause, "", False),
        })


def _traditional(original: str, folded: str) -> dict[int, str]:
    """Map simplified characters back to the traditional ones that a text uses throughout."""
    pairs = {b: a for a, b in zip(original, folded, strict=True) if a != b and "\u4e00" <= a <= "\u9fff"}
    return {ord(b): a for b, a in pairs.items() if b not in original}


def read_figures(
    text: str, *, year: int | None = None, area: str | None = None, issued: str = ""
) -> pd.DataFrame:
    """Read the figures of a Chinese text."""
    rows = Reader(text, year, area, issued).read()
    back = _traditional(text, fold(text))
    for row in rows if back else ():
        row["indicator"], row["area"] = row["indicator"].translate(back), row["area"].translate(back)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    kinds = {name: "float64" if name in _NUMBERS else "int64" if name in ("start", "end") else "str" for name in COLUMNS}
    return frame.astype(kinds)
