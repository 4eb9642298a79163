"""Claims of a text: which stated number can be recomputed from which others.

Each kind of claim has a generator. It walks once over the figures and looks at a bounded window
around each, so that the work grows with the number of figures. A generator says of a candidate
whether its words leave no doubt (`certain`). Where they do, a number that does not fit is an
accusation; where they do not, only a number that fits, and would hardly fit by chance, is a claim.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import pandas as pd

from qhdanalysis._assets import ASSETS
from qhdanalysis.units import Interval

WINDOW = 40  # figures around a stated number that may be its operands
CHANCE = 0.05  # a fit that is likelier than this by accident is no claim
AMOUNTS = ("level", "count")
PERCENT = ("growth", "share", "rate")
_SENTENCE = re.compile(r"[。！？!?]|\n\s*\n|(?<=[。；;:：])[^\S\n]*\n")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_BRACKET = re.compile(r"([(（\[【])|([)）\]】])|\n[^\S\n]*\n")
_PAUSE = re.compile(r"[,，。;；:：(（)）\n]")

Rule = Callable[[Sequence[Interval]], Interval]


@dataclass(frozen=True)
class Claim:
    """A number that the text states (row ``stated``) and lets one recompute (rows ``operands``)."""

    type: str
    stated: int | None
    operands: tuple[int, ...]
    formula: str
    rule: Rule
    certain: bool = False
    tries: int = 1  # combinations looked at: the more there are, the likelier one fits by chance
    whole: Interval | None = None  # what an implicit total must be


@cache
def words() -> dict[str, re.Pattern[str]]:
    """Patterns of `claims.toml` by name."""
    lists = tomllib.loads((ASSETS / "claims.toml").read_text(encoding="utf-8"))
    return {name: re.compile(pattern) for name, pattern in lists["words"].items()}


@cache
def _exhaustive() -> list[tuple[re.Pattern[str], list[re.Pattern[str]]]]:
    lists = tomllib.loads((ASSETS / "claims.toml").read_text(encoding="utf-8"))
    return [
        (re.compile(entry["whole"]), [re.compile(part) for part in entry["parts"]])
        for entry in lists["exhaustive"]
    ]


@cache
def _rates() -> list[tuple[str, re.Pattern[str]]]:
    lists = tomllib.loads((ASSETS / "claims.toml").read_text(encoding="utf-8"))
    return [(name, re.compile(done)) for name, done in lists["rates"].items()]


def alike(a: str, b: str) -> float:
    """Share of the shorter name's character pairs that the other name holds too."""
    a, b = words()["vague"].sub("", a), words()["vague"].sub("", b)
    if not a or not b:
        return 0.0
    if a in b or b in a:
        return 1.0
    first, second = ({name[k : k + 2] for k in range(len(name) - 1)} for name in (a, b))
    return len(first & second) / max(min(len(first), len(second)), 1)


class Page:
    """The figures of a text, with the words, sentences and brackets around them."""

    def __init__(self, text: str, figures: pd.DataFrame) -> None:
        self.text, self.count = text, len(figures)
        column = {name: figures[name].tolist() for name in figures.columns}
        self.start, self.end = column["start"], column["end"]
        self.unit, self.kind, self.value = column["base_unit"], column["kind"], column["base_value"]
        self.written, self.written_unit = column["value"], column["unit"]
        self.low, self.high, self.bound = column["low"], column["high"], column["bound"]
        self.name, self.area, self.period = column["indicator"], column["area"], column["period"]
        stops = [0, *(m.end() for m in _SENTENCE.finditer(text))]
        blanks = [m.end() for m in _PARAGRAPH.finditer(text)]
        self.sentence = [bisect_right(stops, place) - 1 for place in self.start]
        self.paragraph = [bisect_right(blanks, place) for place in self.start]
        self.bracket = self._brackets()
        self.lead, self.phrase, self.said = [], [], []
        for i in range(self.count):
            begin = max(self.end[i - 1] if i else 0, stops[self.sentence[i]], self.start[i] - 80)
            after = self.start[i + 1] if i + 1 < self.count else len(text)
            tail = _PAUSE.split(text[self.end[i] : min(after, self.end[i] + 20)])[0]
            self.lead.append(text[begin : self.start[i]])
            self.phrase.append(_PAUSE.split(self.lead[i])[-1])
            self.said.append(f"{self.name[i]} {self.phrase[i]} {tail}")
        self.child: set[int] = set()
        self.whole_of: dict[int, int] = {}

    def _brackets(self) -> list[int]:
        """Place of the innermost bracket that is open at each figure, -1 outside of all."""
        marks = [(m.start(), m) for m in _BRACKET.finditer(self.text)]
        result, nest, k = [], [-1], 0
        for place in self.start:
            while k < len(marks) and marks[k][0] < place:
                at, mark = marks[k]
                if mark[1]:
                    nest.append(at)
                elif mark[2]:
                    nest = nest[:-1] or [-1]
                else:  # a bracket that nobody closes ends with its paragraph
                    nest = [-1]
                k += 1
            result.append(nest[-1])
        return result

    def of(self, i: int) -> Interval:
        return Interval(self.low[i], self.high[i])

    def before(self, i: int, kinds: Sequence[str], sentences: int = 0) -> list[int]:
        """Figures of some kinds before one, nearest first, within so many sentences."""
        return self._around(range(i - 1, max(i - WINDOW, 0) - 1, -1), i, kinds, sentences)

    def after(self, i: int, kinds: Sequence[str], sentences: int = 0) -> list[int]:
        """Figures of some kinds after one, nearest first, within so many sentences."""
        return self._around(range(i + 1, min(i + WINDOW, self.count)), i, kinds, sentences)

    def _around(self, order: range, i: int, kinds: Sequence[str], sentences: int) -> list[int]:
        result = []
        for j in order:
            if abs(self.sentence[i] - self.sentence[j]) > sentences:
                break
            if self.kind[j] in kinds:
                result.append(j)
        return result

    def addable(self, i: int, j: int) -> bool:
        """True for two figures in one unit that are both amounts or both changes."""
        return self.unit[i] == self.unit[j] != "" and (
            (self.kind[i] in AMOUNTS) == (self.kind[j] in AMOUNTS)
        )

    def inside(self, i: int) -> int | None:
        """Place of the bracket that opens right behind a figure and holds the next one."""
        if i + 1 == self.count or self.bracket[i + 1] < self.end[i]:
            return None
        return self.bracket[i + 1]

    def shown(self, i: int) -> str:
        """The figure as written, without the spaces in it."""
        return re.sub(r"\s+", "", self.text[self.start[i] : self.end[i]])

    def quote(self, i: int) -> str:
        """Name and number of a figure."""
        return self.name[i] + self.shown(i)

    def shown_as(self, i: int | None, value: float) -> str:
        """A recomputed value in the unit of the figure it is compared with."""
        if i is None:
            return f"{value * 100:.6g}%"
        written = self.written[i]
        factor = abs(self.value[i] / written) if written and self.value[i] else 1.0
        return f"{abs(value) / factor:.6g}{self.written_unit[i]}"

    def recompute(self, claim: Claim) -> Interval:
        return claim.rule([self.of(j) for j in claim.operands])

    def stated(self, claim: Claim) -> Interval:
        """Interval of what is stated: its written digits, opened by 超, 近 or 不到."""
        if claim.stated is None:
            assert claim.whole is not None
            return claim.whole
        i = claim.stated
        return opened(self.value[i], self.low[i], self.high[i], self.bound[i])

    def accepts(self, claim: Claim) -> bool:
        """True if the claim is one: it fits beyond chance, or its words leave no doubt."""
        got, said = self.recompute(claim), self.stated(claim)
        if not (abs(got.low) < float("inf") and abs(got.high) < float("inf")):
            return False
        middle, want = (got.low + got.high) / 2, (said.low + said.high) / 2
        if bool(got.meets(said)):
            if claim.certain or claim.stated is None:
                return True
            unit = 1.0 if self.unit[claim.stated] == "" else max(abs(want), 1e-12)
            width = (got.high - got.low) + (said.high - said.low)
            return bool(claim.tries * max(width, 1e-9 * unit) / unit < CHANCE)
        # More than twice off says rather that other things were meant than that the text errs.
        fair = claim.stated is None or (want * middle > 0 and 0.5 < middle / want < 2)
        hedged = any(self.bound[j] in ("over", "near", "upper") for j in claim.operands)
        return claim.certain and fair and not hedged


def opened(value: float, low: float, high: float, bound: str) -> Interval:
    """Interval that a stated number allows with its bound.

    超 allows what is larger, 不到 what is smaller, 近 one unit of the last written digit below.
    The bound speaks of the size: 下降超5% is -0.05 or lower.
    """
    far = float("inf") if value >= 0 else float("-inf")
    if bound == "over":
        ends = (value, far)
    elif bound == "upper":
        ends = (-far, value)
    elif bound == "near":
        ends = (value - (1 if value >= 0 else -1) * _last_unit(value, low, high), value)
    else:
        ends = (low, high)
    return Interval(min(ends), max(ends))


def _last_unit(value: float, low: float, high: float) -> float:
    if high > low:
        return high - low
    whole = int(abs(value))
    return float(10 ** (len(str(whole)) - len(str(whole).rstrip("0")))) if whole else 1.0


def _total(x: Sequence[Interval]) -> Interval:
    result = x[0]
    for part in x[1:]:
        result = result + part
    return result


def _sum(page: Page, whole: int, parts: Sequence[int], certain: bool, tries: int = 1) -> Claim:
    kind = "count" if page.kind[whole] == "count" else "sum"
    formula = "+".join(f"x{k}" for k in range(len(parts)))
    return Claim(kind, whole, tuple(parts), formula, _total, certain, tries)


def known_parts(page: Page) -> Iterator[Claim]:
    """Sums over parts that leave nothing out: exports and imports, sectors, town and country."""
    kinds = (*AMOUNTS, "difference")
    for whole_words, part_words in _exhaustive():
        for whole in range(page.count):
            said = page.name[whole] + page.phrase[whole]
            if page.kind[whole] not in kinds or page.unit[whole] in ("", "个百分点"):
                continue
            if not whole_words.search(said) or words()["mean"].search(said):
                continue
            found: dict[int, int] = {}
            for j in [*page.after(whole, kinds, 4), *page.before(whole, kinds)]:
                if not page.addable(whole, j) or page.area[j] not in ("", page.area[whole]):
                    continue
                if page.bracket[j] not in (page.bracket[whole], page.inside(whole)):
                    continue
                for name in (page.name[j], page.phrase[j]):
                    hits = [k for k, part in enumerate(part_words) if part.search(name)]
                    if len(hits) == 1 and not words()["mean"].search(page.said[j]):
                        found.setdefault(hits[0], j)
                        break
            if len(found) == len(part_words):
                yield _sum(page, whole, [found[k] for k in sorted(found)], certain=True)


def listed_parts(page: Page) -> Iterator[Claim]:
    """Sums over the figures behind a total, in brackets or side by side; inner totals first."""
    kinds = (*AMOUNTS, "difference")
    for whole in range(page.count - 1, -1, -1):
        if page.kind[whole] not in kinds or page.unit[whole] in ("", "个百分点"):
            continue
        inside = page.inside(whole)
        for scope in (inside, page.bracket[whole]):
            parts: list[int] = []
            low = high = 0.0
            for j in page.after(whole, kinds, 3):
                if page.bracket[j] != scope or j in page.child or not page.addable(whole, j):
                    continue
                if scope is not inside and page.paragraph[j] != page.paragraph[whole]:
                    break
                parts.append(j)
                low, high = low + page.low[j], high + page.high[j]
                if len(parts) < 2 or not (low <= page.high[whole] and page.low[whole] <= high):
                    continue
                claim = _sum(page, whole, parts, certain=False, tries=len(parts) - 1)
                if page.accepts(claim):
                    yield claim
                    break
            else:
                if inside is not None and scope == inside and len(parts) > 1:
                    head = page.text[inside : page.start[parts[0]]]
                    yield _sum(page, whole, parts, not words()["inclusive"].search(head))


def structures(page: Page) -> Iterator[Claim]:
    """Parts of a structure a:b:c, which are the whole together, and what they are shares of."""
    run: list[int] = []
    for i in range(page.count + 1):
        joined = (
            i < page.count
            and run
            and re.fullmatch(r"\s*%?\s*[:：∶]\s*", page.text[page.end[i - 1] : page.start[i]])
        )
        if joined:
            run.append(i)
            continue
        if len(run) > 2 and all(page.kind[j] == "share" for j in run):
            formula = "+".join(f"x{k}" for k in range(len(run)))
            one = Interval(1.0, 1.0)
            yield Claim("sum", None, tuple(run), formula, _total, True, whole=one)
        run = [i]


def _ratio(type_: str, stated: int, top: int, base: int, certain: bool, tries: int) -> Claim:
    return Claim(type_, stated, (top, base), "x0/x1", lambda x: x[0] / x[1], certain, tries)


_SHARE = re.compile(r"占(?:了|到)?(?P<whole>[^,，。;；占]{0,24})$")
_SHARE_END = re.compile(
    r"的?(?:比重|比例|份额|比)?(?:分别|已|仅)?(?:提高|上升|下降|降低|回落)?(?:为|达到|达|到|约|近|超过|超|的)*$"
)
_TOP = re.compile(r"(?:.{0,2}(?:全国|全省|全市|全县|全区))?")


def shares(page: Page) -> Iterator[Claim]:
    """Shares: the amount that stands before, over the whole that the words name."""
    for i in range(page.count):
        if page.kind[i] not in ("share", "rate") or page.unit[i] != "":
            continue
        hit = _SHARE.search(page.lead[i].rstrip())
        structure = not hit
        if page.kind[i] == "rate" and not hit or hit and words()["planned"].search(hit["whole"]):
            continue
        whole_name = _SHARE_END.sub("", hit["whole"]) if hit else ""
        tops = page.before(i, AMOUNTS)
        if structure:
            own = re.sub("占比.*|比重.*|所占.*", "", page.name[i])
            tops = [j for j in page.before(i, AMOUNTS, 3) if own and own in page.name[j]]
        if not tops:
            continue
        top = _respective(page, i, tops)
        bases = [
            j
            for j in dict.fromkeys([*page.before(i, AMOUNTS, 4), *page.after(i, AMOUNTS)])
            if j != top and page.unit[j] == page.unit[top] and page.value[j] >= page.value[top] > 0
        ]
        named = [j for j in bases if alike(whole_name, page.said[j]) >= 0.6]
        linked = [j for j in bases if page.whole_of.get(top) == j]
        vague = not words()["vague"].sub("", whole_name)
        for j in linked if vague and linked else (named or linked or bases[:6]):
            sure = len(named) == 1 or (vague and bool(linked))
            yield _ratio("share", i, top, j, sure, 1 if sure else len(bases[:6]))


def _respective(page: Page, i: int, tops: list[int]) -> int:
    """The amount that a figure speaks of: the nearest, or its counterpart in a 分别 list."""
    first = i
    while (
        first > 0
        and page.kind[first - 1] == page.kind[i]
        and re.fullmatch(r"\s*[、,，和及与]\s*", page.text[page.end[first - 1] : page.start[first]])
    ):
        first -= 1
    last = i
    while (
        last + 1 < page.count
        and page.kind[last + 1] == page.kind[i]
        and re.fullmatch(r"\s*[、,，和及与]\s*", page.text[page.end[last] : page.start[last + 1]])
    ):
        last += 1
    count = last - first + 1
    if count == 1 or not words()["respective"].search(page.lead[first]):
        return tops[0]
    run = tops[:count][::-1]
    return run[i - first] if len(run) == count else tops[0]


def rates(page: Page) -> Iterator[Claim]:
    """Completion and start rates: what was done over what was planned."""
    for i in range(page.count):
        if page.kind[i] not in ("share", "rate") or page.unit[i] != "":
            continue
        said = page.name[i] + page.phrase[i]
        called = [done for name, done in _rates() if name in said]
        if not called and not words()["planned"].search(page.phrase[i]):
            continue
        near = [*page.before(i, AMOUNTS, 1)[:8], *page.after(i, AMOUNTS)[:1]]
        roles = {j: _role(page, j) for j in near}
        pairs = [
            (a, b)
            for a, b in product(near, near)
            if (roles[a], roles[b]) == ("done", "plan") and page.unit[a] == page.unit[b]
        ]
        fitting = [(a, b) for a, b in pairs if any(c.search(page.said[a]) for c in called)]
        for a, b in fitting or ([] if page.value[i] == 1 else pairs):
            sure = len(fitting or pairs) == 1 and page.sentence[a] == page.sentence[i]
            yield _ratio("ratio", i, a, b, sure, len(pairs))


def _role(page: Page, j: int) -> str:
    """Whether a figure is what was planned or what was done; the name decides before the words."""
    for said in (page.name[j], page.phrase[j]):
        for role, pattern in (("plan", words()["planned"]), ("done", words()["done"])):
            if pattern.search(said):
                return role
    return ""


def _against(page: Page, i: int) -> str:
    """What a change is measured against: year, start of year or month; '' if not said."""
    for name in ("start", "year", "month"):
        if words()[f"against_{name}"].search(page.lead[i]):
            return name
    return ""


def growths(page: Page) -> Iterator[Claim]:
    """Growth from a level and its increment, or from two levels."""
    for i in range(page.count):
        if page.kind[i] != "growth" or page.unit[i] != "":
            continue
        levels = page.before(i, AMOUNTS)
        if not levels:
            continue
        level = levels[0]
        near = [j for j in range(level + 1, min(i + 2, page.count)) if j != i]
        for j in near:
            if page.kind[j] != "difference" or page.unit[j] != page.unit[level]:
                continue
            if page.sentence[j] != page.sentence[i]:
                continue
            bases = {_against(page, i), _against(page, j)} - {""}
            same = alike(page.name[i], page.name[level]) >= 0.5
            same = same and "年均" not in page.said[i] and "年均" not in page.lead[i]
            rest = page.kind[level + 1 : i].count("growth") == 0
            yield Claim(
                "growth",
                i,
                (j, level),
                "x0/(x1-x0)",
                lambda x: 1 / (x[1] / x[0] - 1),
                certain=len(bases) < 2 and same and rest,
            )
        for old in levels[1:3]:
            if page.unit[old] != page.unit[level]:
                continue
            from_to = words()["from"].search(page.lead[old]) and words()["to"].search(
                page.lead[level]
            )
            if from_to or words()["last_year"].search(page.phrase[old]):
                yield Claim(
                    "growth",
                    i,
                    (level, old),
                    "x0/x1-1",
                    lambda x: x[0] / x[1] - 1,
                    certain=bool(from_to) and old + 1 == level and level + 1 == i,
                )


_THAN = re.compile(
    r"(?:高于|高出|快于|大于|低于|慢于|超过|超|(?:比|较)(?!上年|去年|年初|同期))(?P<other>[^,，。;；]{1,16})$"
)
_MORE = re.compile(r"(?:平均|增速|增幅|水平|的|高出?|快|低|慢|约)*$")


def differences(page: Page) -> Iterator[Claim]:
    """Gaps between two stated numbers, and how far a rate is ahead of the calendar."""
    for i in range(page.count):
        if page.kind[i] != "difference":
            continue
        lead, points = page.lead[i], page.unit[i] == "个百分点"
        kinds = PERCENT if points else AMOUNTS
        if points and words()["ahead"].search(lead):
            yield from _calendar(page, i)
            continue
        befores = [j for j in page.before(i, kinds, 1) if points or page.unit[j] == page.unit[i]]
        scale = 100.0 if points else 1.0
        formula = "(x0-x1)*100" if points else "x0-x1"

        def rule(x: Sequence[Interval], scale: float = scale) -> Interval:
            return (x[0] - x[1]) * scale

        pairs = []
        if hit := _THAN.search(lead):
            other = _MORE.sub("", hit["other"])
            pairs = [
                (befores[0], j, alike(other, page.said[j]) >= 0.9 and bool(other))
                for j in befores[1:]
                if alike(other, page.said[j]) >= 0.5
            ]
        elif re.search("顺差", page.said[i]):
            out = [j for j in befores if re.search("(?<!进)出口", page.said[j])]
            back = [j for j in befores if re.search("(?<!净)进口", page.said[j])]
            pairs = [(a, b, True) for a in out[:1] for b in back[:1]]
        elif len(befores) > 1 and befores[0] == befores[1] + 1:
            new, old = befores[:2]
            if words()["from"].search(page.lead[old]) and words()["to"].search(page.lead[new]):
                pairs = [(new, old, new + 1 == i)]
        for a, b, sure in pairs[:3]:
            yield Claim("difference", i, (a, b), formula, rule, sure, len(pairs))


def _calendar(page: Page, i: int) -> Iterator[Claim]:
    """超时序进度 n points: a completion rate less the elapsed part of the year."""
    rates = page.before(i, ("rate", "share"), 1)
    months = re.fullmatch(r"(\w{4})-01/\1-(\d\d)", page.period[rates[0]]) if rates else None
    if months:
        passed = int(months[2]) / 12
        yield Claim(
            "difference",
            i,
            (rates[0],),
            f"(x0-{int(months[2])}/12)*100",
            lambda x: (x[0] - passed) * 100,
            certain=True,
        )


def points(page: Page) -> Iterator[Claim]:
    """Points by which the parts pull growth, against the growth; and changes that must cancel."""
    for i in range(page.count):
        pulls = []
        if page.kind[i] == "growth":
            for j in page.after(i, ("difference",), 2):
                if words()["points"].search(page.lead[j]) and page.unit[j] == "个百分点":
                    pulls.append(j)
        if len(pulls) > 1:
            formula = "(" + "+".join(f"x{k}" for k in range(len(pulls))) + ")/100"
            yield Claim("sum", i, tuple(pulls), formula, lambda x: _total(x) * 0.01, tries=1)
    sectors = _exhaustive()[4][1]
    for i in range(page.count):
        group = [i, *page.after(i, ("difference",))[:2]]
        if len(group) < 3 or any(page.unit[j] != "个百分点" for j in group):
            continue
        said = [page.name[j] for j in group]
        if all("占比" in s or "比重" in s or "占" in s for s in said) and all(
            sum(bool(part.search(s)) for s in said) == 1 for part in sectors
        ):
            yield Claim("sum", i, tuple(group[1:]), "-(x0+x1)", lambda x: -_total(x), True)


def means(page: Page) -> Iterator[Claim]:
    """Means and yields: a total over the people, households, days or land it is spread on."""
    for i in range(page.count):
        if page.kind[i] not in (*AMOUNTS, "rate"):
            continue
        if re.search("人均|户均|亩均|日均|单产|亩产", page.said[i]) and page.unit[i]:
            unit, scale = page.unit[i].split("/")[0], 1.0
            tops = [j for j in page.before(i, AMOUNTS, 2) if page.unit[j] == unit][:4]
            bases = [
                j for j in page.before(i, AMOUNTS, 2) if page.unit[j] in ("人", "人次", "户", "亩")
            ]
            if unit == "公斤":
                tops = [j for j in page.before(i, AMOUNTS, 2) if page.unit[j] == "吨"][:4]
                scale = 1000.0
            pairs = [(a, b) for a in tops for b in bases[:4] if page.value[b] > 0]
            for a, b in pairs:
                formula = "x0/x1" if scale == 1 else "x0/x1*1000"
                yield Claim(
                    "ratio",
                    i,
                    (a, b),
                    formula,
                    lambda x, s=scale: x[0] / x[1] * s,
                    tries=len(pairs),
                )
        elif "城乡" in page.said[i] and "比" in page.said[i]:
            town = [j for j in page.before(i, AMOUNTS, 2) if "城镇" in page.name[j]]
            land = [j for j in page.before(i, AMOUNTS, 2) if re.search("农村|农民", page.name[j])]
            if town and land and page.unit[town[0]] == page.unit[land[0]]:
                yield _ratio("ratio", i, town[0], land[0], True, 1)


def mean_growths(page: Page) -> Iterator[Claim]:
    """Mean growth over two years from the growth on the year before the last."""
    for i in range(page.count):
        if page.kind[i] != "growth" or not re.search("两年平均|两年年均", page.lead[i]):
            continue
        for j in page.before(i, ("growth",))[:2]:
            if re.search(r"(?:比|较)(?:20\d\d年|前年)", page.lead[j]):
                yield Claim(
                    "mean_growth",
                    i,
                    (j,),
                    "(1+x0)**(1/2)-1",
                    lambda x: Interval((1 + x[0].low) ** 0.5 - 1, (1 + x[0].high) ** 0.5 - 1),
                    certain=True,
                )
                break


_LIST = re.compile(r"((?:[\u4e00-\u9fff]{2,8}[、和及])+[\u4e00-\u9fff]{2,8}?)等?\s*$")


def enumerations(page: Page) -> Iterator[Claim]:
    """Names that stand before their number: 甲、乙、丙等3个县."""
    for i in range(page.count):
        if page.kind[i] != "count" or page.unit[i] not in (
            "个",
            "家",
            "项",
            "县",
            "市",
            "省",
            "区",
        ):
            continue
        hit = _LIST.search(page.lead[i])
        if not hit or hit.start() and page.lead[i][hit.start() - 1] not in ",，。;；:：、中 (（":
            continue
        names = re.split("[、和及]", hit[1])
        number = Interval(float(len(names)), float(len(names)))
        yield Claim("count", i, (), "enum", lambda x, n=number: n, certain=False)


GENERATORS = (
    known_parts,
    listed_parts,
    structures,
    shares,
    rates,
    growths,
    differences,
    points,
    means,
    mean_growths,
    enumerations,
)
_FAMILY = {"count": "sum", "share": "ratio", "mean_growth": "growth"}


def find_claims(text: str, figures: pd.DataFrame) -> tuple[Page, list[Claim]]:
    """All claims of a text, in the order of the stated figures.

    A number that fits one way is not also accused another way; a total may have several lists of
    parts, if they share none.
    """
    page = Page(text, figures)
    kept: list[Claim] = []
    taken: dict[tuple[int, str], list[Claim]] = {}
    for generator in GENERATORS:
        for claim in generator(page):
            if not page.accepts(claim):
                continue
            if claim.stated is None:
                kept.append(claim)
                continue
            key = (claim.stated, _FAMILY.get(claim.type, claim.type))
            others = taken.setdefault(key, [])
            fits = bool(page.recompute(claim).meets(page.stated(claim)))
            lists = key[1] == "sum" and all(
                not set(o.operands) & set(claim.operands) for o in others
            )
            if others and not (lists and fits):
                if fits and not page.recompute(others[0]).meets(page.stated(others[0])):
                    kept[kept.index(others[0])] = claim
                    others[0] = claim
                continue
            others.append(claim)
            kept.append(claim)
            if key[1] == "sum":
                page.child.update(claim.operands)
                page.whole_of.update(dict.fromkeys(claim.operands, claim.stated))
    kept.sort(
        key=lambda claim: min(
            (claim.stated, *claim.operands) if claim.stated is not None else claim.operands
        )
    )
    return page, kept
