"""Claims of a text: which stated number can be recomputed from which others.

The rules of `claims_parts`, `claims_changes` and `claims_quotients` propose candidates for each
stated figure; this module holds what they look at (`Page`), and says which candidates are claims.
Where the words leave no doubt (`sure`), a number that does not fit is an accusation; where they do
not, only a number that fits, and would hardly fit by chance, is a claim.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise
from math import inf, isfinite
from typing import Any

import pandas as pd

from qhdanalysis._assets import ASSETS
from qhdanalysis.reading.figures.numerals import PINYIN, traditional
from qhdanalysis.units import Interval, fold

WINDOW = 40  # figures on each side that may be operands: bounds the work for each figure
CHANCE = 0.05  # a fit that is likelier than this by accident is no claim
AMOUNTS = ("level", "count")
CHANGES = (*AMOUNTS, "difference")
PERCENT = ("growth", "share", "rate")
_SENTENCE = re.compile(r"[。！？!?]\s*|\n\s*\n|[；;:：][^\S\n]*\n")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_PINYIN = re.compile(PINYIN)
_BRACKET = re.compile(r"([(（\[【])|([)）\]】])|\n[^\S\n]*\n")
_PAUSE = re.compile(r"[,，。;；:：(（)）\n]")


@dataclass(frozen=True)
class Claim:
    """A number that the text states (row ``stated``) and lets one recompute (rows ``operands``)."""

    type: str
    stated: int | None
    operands: tuple[int, ...]
    formula: str
    sure: bool
    tries: int = 1  # combinations looked at, which raise the chance of a fit; 0: words suffice
    rule: Callable[..., Interval] | None = None  # for a formula that is not in FORMULAS

    def compute(self, x: Iterable[Interval]) -> Interval:
        """Give the formula over intervals, each operand standing once, so that it stays narrow."""
        return (self.rule or FORMULAS[self.formula])(*x)


FORMULAS: dict[str, Callable[..., Interval]] = {
    "x0/x1": lambda a, b: a / b,
    "x0/x1*100": lambda a, b: a / b * 100,
    "x0/x1*1000": lambda a, b: a / b * 1000,
    "x0/x1*10000": lambda a, b: a / b * 10000,
    "x0/x1*1000000": lambda a, b: a / b * 1000000,
    "x0/x1-1": lambda new, old: new / old - 1,
    "x0/(x1-x0)": lambda change, level: 1 / (level / change - 1),
    "x0-x1": lambda a, b: a - b,
    "(x0-x1)*100": lambda a, b: (a - b) * 100,
    "-(x0+x1)": lambda a, b: -(a + b),
}


@cache
def lexicon() -> dict[str, Any]:
    """Word lists of `claims.toml`, patterns compiled."""
    lists = tomllib.loads((ASSETS / "claims.toml").read_text(encoding="utf-8"))
    return {
        "words": {name: re.compile(p) for name, p in lists["words"].items()},
        "rates": [(name, re.compile(p)) for name, p in lists["rates"].items()],
        **{
            table: [{key: re.compile(p) for key, p in entry.items()} for entry in lists[table]]
            for table in ("quotient", "balance")
        },
        "exhaustive": [
            (
                re.compile(e["whole"]),
                [re.compile(p) for p in e["parts"]],
                e.get("mean"),
                e.get("open"),
            )
            for e in lists["exhaustive"]
        ],
    }


def says(name: str, text: str) -> bool:
    """Whether a text holds one of the words of a list."""
    return bool(lexicon()["words"][name].search(text))


def opened(value: float, digits: Interval, bound: str) -> Interval:
    """Open the interval of written digits by the word before them.

    超 allows what is larger, 不到 what is smaller, 近 one unit of the last written digit below.
    The bound speaks of the size: 下降超5% is -0.05 or lower.
    """
    size, below = abs(value), value < 0
    if bound == "over":
        low, high = size, inf
    elif bound == "upper":
        low, high = -inf, size
    elif bound == "near":
        low, high = size - _last_unit(size, digits), size
    else:
        return digits
    return Interval(-high, -low) if below else Interval(low, high)


def _last_unit(size: float, digits: Interval) -> float:
    """One unit of the last written digit; of a whole count the last that is not zero."""
    if digits.high > digits.low:
        return float(digits.high - digits.low)
    whole = str(int(size))
    return float(10 ** (len(whole) - len(whole.rstrip("0"))))


def core(name: str) -> str:
    """Strip a name of the words that name nothing: 全部贷款余额 is 贷款."""
    return str(lexicon()["words"]["vague"].sub("", name)).strip()


def alike(a: str, b: str) -> bool:
    """Whether one name holds the other, apart from words that name nothing."""
    a, b = core(a), core(b)
    return bool(a and b) and (a in b or b in a)


class Page:
    """The figures of a text, with the words, sentences and brackets around them."""

    def __init__(self, text: str, figures: pd.DataFrame) -> None:
        self.original, self.back, self.count = text, traditional(text), len(figures)
        self.text = text = fold(text) + "。"
        column = {name: figures[name].tolist() for name in figures.columns}
        self.start, self.end = column["start"], column["end"]
        self.unit, self.kind, self.value = column["base_unit"], column["kind"], column["base_value"]
        self.low, self.high, self.bound = column["low"], column["high"], column["bound"]
        self.name = [fold(name) for name in column["indicator"]]
        self.area, self.period, self.note = column["area"], column["period"], column["note"]
        self.written, self.written_unit = column["value"], column["unit"]
        stops = [0, *(m.end() for m in _SENTENCE.finditer(text))]
        blanks = [m.end() for m in _PARAGRAPH.finditer(text)]
        self.sentence = [bisect_right(stops, place) - 1 for place in self.start]
        self.paragraph = [bisect_right(blanks, place) for place in self.start]
        self.bracket = self._brackets()
        self.lead, self.phrase, self.tail, self.said = [], [], [], []
        self.run: list[
            list[int]
        ] = []  # figures of one kind joined by 、, 和 or the like around one
        for i, (start, before) in enumerate(zip(self.start, [0, *self.end], strict=False)):
            begin = max(before, stops[self.sentence[i]])
            self.lead.append(_PINYIN.sub("", text[begin:start]))
            self.phrase.append(_PAUSE.split(self.lead[i])[-1].strip())
            self.tail.append(_PAUSE.split(self.gap(i))[0])
            self.said.append(f"{self.area[i]}{self.name[i]} {self.phrase[i]} {self.tail[i]}")
            self.run.append(self.run[-1] if i and self._joined(i - 1) else [])
            self.run[i].append(i)
        names = [entry["name"] for entry in lexicon()["balance"]]
        self.balance = [any(words.search(name) for words in names) for name in self.name]
        # 与2010年的55万人相比, 比上年同期9.9亿元增收: what was, not what is told of
        self.past = [
            self.tail[i].startswith("相比") or says("than_then", self.phrase[i])
            for i in range(self.count)
        ]
        self.whole_of: dict[int, int] = {}  # part -> total, of the sums found so far
        self.totals: set[int] = set()

    def _brackets(self) -> list[float]:
        """Place of the innermost bracket that is open at each figure, -inf outside of all."""
        marks = list(_BRACKET.finditer(self.text))
        result, nest, k = list[float](), list[int](), 0
        for place in self.start:
            while k < len(marks) and marks[k].start() < place:
                if marks[k][1]:
                    nest.append(marks[k].start())
                elif marks[k][2]:
                    nest = nest[:-1]
                else:  # a bracket that nobody closes ends with its paragraph
                    nest = []
                k += 1
            result.append([-inf, *nest][-1])
        return result

    def before(self, i: int, kinds: Sequence[str], sentences: int = 0) -> list[int]:
        """Figures of some kinds before one, nearest first, within so many sentences."""
        return self._around(range(i - 1, max(i - WINDOW, 0) - 1, -1), i, kinds, sentences)

    def after(self, i: int, kinds: Sequence[str], sentences: int = 0) -> list[int]:
        """Figures of some kinds after one, nearest first, within so many sentences."""
        return self._around(range(i + 1, min(i + WINDOW, self.count)), i, kinds, sentences)

    def _around(self, order: range, i: int, kinds: Sequence[str], sentences: int) -> list[int]:
        near = [j for j in order if abs(self.sentence[i] - self.sentence[j]) <= sentences]
        return [j for j in near if self.kind[j] in kinds]

    def addable(self, whole: int, j: int) -> bool:
        """Whether a figure can be part of another: one unit, both amounts or both changes."""
        same = (self.kind[whole] in AMOUNTS) == (self.kind[j] in AMOUNTS)
        alone = not self.balance[j] and self.gap(j).strip() != "的"  # 完成目标4500人的107.8%
        return self.unit[whole] == self.unit[j] and same and alone

    def among(self, i: int) -> list[tuple[int, int]]:
        """Part and whole right before a rate: 186个村中,已有164个达标,达标率88.2%."""
        near = pairwise(self.before(i, AMOUNTS)[:2])
        return [(part, whole) for part, whole in near if self.tail[whole].endswith("中")]

    def role(self, j: int) -> str | None:
        """Say whether a figure is what was planned or what was done, by the nearest words."""
        if says("really", self.phrase[j]):
            return "done"
        if re.match("的(?:计划|任务|目标|预算)", self.tail[j]):  # 完成全年6000人的目标
            return "plan"
        for said in (self.phrase[j], self.tail[j], self.name[j]):
            for role in ("plan", "done"):
                if says(role, said):
                    return role
        return None

    def is_called(self, j: int, pattern: re.Pattern[str]) -> bool:
        """Whether the words before a figure, or else its indicator, fit a pattern."""
        return bool(pattern.search(self.phrase[j]) or pattern.search(self.name[j]))

    def meant(self, own: int, name: str, j: int) -> bool:
        """Whether a name means figure j: 全市 that of the city, 一季度 that of the quarter."""
        area = re.match("全[国省市县区州]", name)
        if area and area[0] != self.area[own] and area[0] != self.area[j]:
            return False
        if core(name):
            every = core(name.replace("各项", "")) == core(self.name[j])  # 各项贷款 is 贷款余额
            return every or alike(name, self.said[j] + self.lead[j])
        return area is not None and alike(self.name[own], self.name[j])

    def inside(self, i: int) -> int | None:
        """Place of the bracket that opens right behind a figure and holds the next one."""
        if i + 1 == self.count or self.bracket[i + 1] < self.end[i]:
            return None
        return int(self.bracket[i + 1])

    def gap(self, i: int) -> str:
        """Text between a figure and the next one, or the end."""
        return self.text[self.end[i] : [*self.start[i + 1 : i + 2], len(self.text)][0]]

    def head(self, i: int) -> str:
        """Words before a figure, or before the 分别 list that it stands in."""
        first = self.run[i][0]
        return str(self.lead[first] if says("list", self.lead[first]) else self.lead[i])

    def counterpart(self, i: int, candidates: list[int]) -> list[int]:
        """Find the figure that one speaks of: the nearest, or that at its place in a 分别 list."""
        run = self.run[i]
        if len(run) > 1 and says("list", self.lead[run[0]]) and len(candidates) >= len(run):
            return [candidates[run[-1] - i]]
        return candidates[:1]

    def _joined(self, i: int) -> bool:
        same = self.kind[i] == self.kind[i + 1]
        return same and re.fullmatch(r"\s*[、,，和及与]\s*", self.gap(i)) is not None

    def of(self, i: int) -> Interval:
        """Interval of the written digits of a figure."""
        return Interval(self.low[i], self.high[i])

    def recompute(self, claim: Claim) -> Interval:
        """Interval of the formula over the intervals of the operands."""
        return claim.compute(map(self.of, claim.operands))

    def point(self, claim: Claim) -> float:
        """Give the formula over the operands as written."""
        at = claim.compute(Interval(self.value[j], self.value[j]) for j in claim.operands)
        return float((at.low + at.high) / 2)

    def stated(self, claim: Claim) -> Interval:
        """Interval of what is stated; an implicit total is one."""
        return Interval(1.0, 1.0) if claim.stated is None else self.bounded(claim.stated)

    def bounded(self, i: int) -> Interval:
        """Interval of the written digits of a figure, opened by 超, 近 or 不到."""
        return opened(self.value[i], self.of(i), self.bound[i])

    def accepts(self, claim: Claim) -> bool:
        """Whether a candidate is a claim: it fits beyond chance, or its words leave no doubt."""
        got, said = self.recompute(claim), self.stated(claim)
        if not (isfinite(got.low) and isfinite(got.high)):
            return False
        i = claim.stated
        if bool(got.meets(said)):
            if claim.sure or claim.tries == 0 or i is None:
                return True
            size = 1.0 if self.unit[i] == "" else max(abs(self.value[i]), 1e-12)
            if isfinite(said.low + said.high) or got.meets(self.of(i) * Interval(0.9, 1.1)):
                exact = 1.0 if self.low[i] == self.high[i] else 0.0
            else:  # 95%以上 is met by much
                return False
            width = got.high - got.low + self.high[i] - self.low[i] + exact
            return bool(claim.tries * width / size < CHANCE)
        # More than twice off rather says that other things were meant than that the text errs,
        # but a lost or shifted point is ten or a hundred times off.
        want, value = self.value[i] if i is not None else 1.0, (got.low + got.high) / 2
        hedged = any(self.bound[j] in ("over", "near", "upper") for j in claim.operands)
        if not claim.sure or hedged or want * value <= 0:
            return False
        shifted = any((got * factor).meets(said) for factor in (0.01, 0.1, 10.0, 100.0))
        if claim.type == "difference":  # a gap is small beside what it parts
            size = max(abs(self.value[j]) for j in claim.operands)
            shifted |= abs(value - want) < size * (25 if "*100" in claim.formula else 0.25)
        return 0.5 < value / want < 2 or shifted

    def fits(self, claim: Claim) -> bool:
        """Whether the recomputed interval meets the stated one."""
        return bool(self.recompute(claim).meets(self.stated(claim)))

    def choose(self, candidates: Iterable[Claim]) -> list[Claim]:
        """Claims among the candidates for one figure: those that fit, else one that does not.

        A total may have several lists of parts, if they share none.
        """
        accepted = [claim for claim in candidates if self.accepts(claim)]
        fitting = [claim for claim in accepted if self.fits(claim)]
        fitting.sort(key=lambda claim: not claim.sure)
        chosen: list[Claim] = []
        for claim in fitting or accepted[:1]:
            used = {j for other in chosen for j in other.operands}
            if not chosen or ("+" in claim.formula and not used & set(claim.operands)):
                chosen.append(claim)
        return chosen


def find_claims(text: str, figures: pd.DataFrame) -> tuple[Page, list[Claim]]:
    """All claims of a text, in the order in which it makes them."""
    from qhdanalysis.reading import claims_changes as changes
    from qhdanalysis.reading import claims_parts as parts
    from qhdanalysis.reading import claims_quotients as quotients

    share = (
        parts.of_previous,
        parts.shares,
        parts.rates,
        quotients.multiples,
        quotients.named_quotients,
        quotients.plain_rates,
    )
    growth = (changes.mean_growths, changes.growths)
    rules = {  # by kind of the stated figure; one group gives one claim
        "share": [(parts.structures,), share],
        "rate": [share, (changes.balances,)],
        "growth": [growth, (changes.pulls,), (changes.balances,)],
        "difference": [(changes.balances, changes.differences), (changes.cancelling,)],
        "level": [(quotients.named_quotients, quotients.daily_means), (changes.balances,)],
        "count": [(quotients.named_quotients, quotients.daily_means), (parts.enumerations,)],
    }
    page = Page(text, figures)
    found: list[Claim] = []
    open_totals: list[Claim] = []
    for i in range(page.count - 1, -1, -1):  # inner totals first: their parts are not the outer's
        if sums := page.choose(parts.sums(page, i)):
            if page.fits(sums[0]):
                page.whole_of |= {j: i for claim in sums for j in claim.operands}
                page.totals.add(i)
                found += sums
            else:
                open_totals += sums
    # of a list that does not add up, no part is held against the parts after it
    parts_told = page.whole_of.keys() | {j for claim in open_totals for j in claim.operands}
    found += [claim for claim in open_totals if claim.stated not in parts_told]
    for i in range(page.count):
        for group in rules.get(page.kind[i], ()):
            found += page.choose(chain.from_iterable(rule(page, i) for rule in group))
    found.sort(key=lambda c: c.stated if c.stated is not None else c.operands[-1])
    return page, found
