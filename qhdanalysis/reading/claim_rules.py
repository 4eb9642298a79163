"""Rules that propose claims, one for each type: which figures could a stated one be made of.

A rule sees one figure and yields candidates in the order in which they are to be believed; `claims`
decides which of them hold.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from qhdanalysis.reading.claims import AMOUNTS, PERCENT, Claim, Page, alike, core, lexicon, says
from qhdanalysis.units import Interval

CHANGEABLE = (*AMOUNTS, "difference")
Rule = Callable[[Page, int], Iterator[Claim]]


def _total(*x: Interval) -> Interval:
    result = x[0]
    for part in x[1:]:
        result = result + part
    return result


def _plus(parts: Sequence[int]) -> str:
    return "+".join(f"x{k}" for k in range(len(parts)))


def _sum(page: Page, whole: int, parts: list[int], sure: bool, tries: int) -> Claim:
    kind = "count" if page.kind[whole] == "count" else "sum"
    return Claim(kind, whole, tuple(parts), _plus(parts), _total, sure, tries)


def sums(page: Page, whole: int) -> Iterator[Claim]:
    """Totals of parts that leave nothing out by their names, by a bracket, or by adding up."""
    if page.kind[whole] not in CHANGEABLE or page.unit[whole] in ("", "个百分点"):
        return
    yield from _known_parts(page, whole)
    inside, own = page.inside(whole), page.bracket[whole]
    for scope in (own,) if inside is None else (inside, own):
        parts: list[int] = []
        low = high = 0.0
        for j in page.after(whole, CHANGEABLE, 3):
            if scope == own and page.paragraph[j] != page.paragraph[whole]:
                break
            if page.bracket[j] != scope or j in page.whole_of or not page.addable(whole, j):
                continue
            parts.append(j)
            low, high = low + page.low[j], high + page.high[j]
            slack = 1e-9 * abs(high)
            if (
                len(parts) > 1
                and low - slack <= page.high[whole]
                and page.low[whole] <= high + slack
            ):
                between = page.text[page.end[whole] : page.start[parts[0]]]
                told = scope == inside or says("split", between) or says("rest", page.lead[j])
                yield _sum(page, whole, parts, False, 0 if told else len(parts) - 1)
        if scope == inside and len(parts) > 1:
            head = page.text[scope : page.start[parts[0]]]
            yield _sum(page, whole, parts, not says("among", head), 1)


def _known_parts(page: Page, whole: int) -> Iterator[Claim]:
    said = page.name[whole] + page.phrase[whole]
    if says("mean", said):
        return
    for whole_words, part_words in lexicon()["exhaustive"]:
        if not whole_words.search(said):
            continue
        found: dict[int, int] = {}
        others = 0
        for j in [*page.after(whole, CHANGEABLE, 4), *page.before(whole, CHANGEABLE)]:
            if not page.addable(whole, j) or page.area[j] not in ("", page.area[whole]):
                continue
            if page.bracket[j] not in (page.bracket[whole], page.inside(whole)):
                continue
            if says("mean", page.said[j]):
                continue
            for name in (page.name[j], page.phrase[j]):
                hits = [k for k, part in enumerate(part_words) if part.search(name)]
                if len(hits) == 1:
                    found.setdefault(hits[0], j)
                    break
            else:  # a third kind of project beside the begun and the resumed ones
                others += len(found) < len(part_words) and bool(whole_words.search(page.name[j]))
            if len(found) == len(part_words):
                yield _sum(page, whole, [found[k] for k in sorted(found)], others == 0, 1)
                break


def structures(page: Page, i: int) -> Iterator[Claim]:
    """Parts of a structure a:b:c are the whole together."""
    colon = re.compile(r"\s*%?\s*[:：\u2236\ufe30]\s*")
    if i and colon.fullmatch(page.gap(i - 1)):
        return
    parts = [i]
    while colon.fullmatch(page.gap(parts[-1])):
        parts.append(parts[-1] + 1)
    if len(parts) > 2 and all(page.kind[j] == "share" for j in parts):
        yield Claim("sum", None, tuple(parts), _plus(parts), _total, True)


def _quotients(
    page: Page, kind: str, i: int, pairs: list[tuple[int, int]], sure: bool, tries: int = -1
) -> Iterator[Claim]:
    """Candidates x0/x1 whose units give that of the stated figure."""
    per = page.unit[i].split("/")[0]
    fitting = []
    for top, base in pairs:
        if top == base or i in (top, base) or page.value[base] <= 0:
            continue
        alone = page.unit[top] == page.unit[base]
        if (per == "" and alone) or (page.unit[top] == per and not alone):
            fitting.append((top, base, 1))
        elif per == "公斤" and page.unit[top] == "吨":
            fitting.append((top, base, 1000))
    for top, base, scale in fitting:
        yield Claim(
            kind,
            i,
            (top, base),
            "x0/x1" if scale == 1 else f"x0/x1*{scale}",
            lambda a, b, scale=scale: a / b * scale,
            sure and len(fitting) == 1,
            len(fitting) if tries < 0 else tries,
        )


_OF = re.compile(r"占(?:了|到)?(?P<whole>[^,，。;；占]{0,24})$")
_IS = re.compile(
    r"的?(?:比重|比例|份额|比)?(?:分别|已|仅)?(?:提高|上升|下降|降低|回落)?"
    r"(?:为|达到|达|到|约|近|超过|超|的)*$"
)


def shares(page: Page, i: int) -> Iterator[Claim]:
    """Shares: the amount before, over the whole that the words name."""
    of = _OF.search(page.lead[i].rstrip())
    if page.unit[i] != "" or (of and says("plan", of["whole"])):
        return
    if not of:  # a structure, or 占比 in a list: the part is named by the indicator
        own = core(re.sub("占.*|比重.*|所占.*", "", page.name[i]))
        around = [*page.before(i, AMOUNTS, 3), *page.after(i, AMOUNTS, 1)]
        tops = [j for j in around if own and own in page.name[j]][:2]
        pairs = [(top, page.whole_of[top]) for top in tops if top in page.whole_of]
        yield from _quotients(page, "share", i, pairs, True)
        return
    whole = _IS.sub("", of["whole"])
    kinds = CHANGEABLE if says("increment", whole) else AMOUNTS
    run = page.run(i)
    tops = page.before(run[0], kinds)
    if len(run) > 1 and says("list", page.lead[run[0]]) and len(tops) >= len(run):
        top = tops[: len(run)][::-1][i - run[0]]
    elif tops:
        top = tops[0]
    else:
        return
    kinds = ("difference",) if page.kind[top] == "difference" else AMOUNTS
    bases = [
        j
        for j in [*page.before(i, kinds, 4), *page.after(i, kinds)]
        if j != top and page.unit[j] == page.unit[top] and page.value[j] >= page.value[top]
    ]
    named = [j for j in bases if core(whole) and _meant(page, top, whole, j)]
    totals = [j for j in named or bases if j in page.whole_of.values()]
    if top in page.whole_of and (not core(whole) or page.whole_of[top] in named):
        yield from _quotients(page, "share", i, [(top, page.whole_of[top])], True, 0)
    elif named:
        best = [j for j in totals if j not in page.whole_of] or named
        yield from _quotients(page, "share", i, [(top, j) for j in best], True, 0)
    else:
        yield from _quotients(page, "share", i, [(top, j) for j in bases[:6]], False)


def rates(page: Page, i: int) -> Iterator[Claim]:
    """Completion and start rates: what was done over what was planned."""
    if page.unit[i] != "":
        return
    said = page.name[i] + page.phrase[i]
    called = [done for name, done in lexicon()["rates"] if name in said]
    if not called and not says("plan", page.phrase[i]):
        return
    near = [*page.before(i, AMOUNTS, 1)[:8], *page.after(i, AMOUNTS)[:1]]
    plans = [j for j in near if _role(page, j) == "plan"]
    others = [j for j in near if j not in plans]
    same = [(a, b) for a in others for b in plans if alike(page.name[a], _unplanned(page, b)) == 1]
    if not says("plan", page.phrase[i]):
        done = [j for j in others if any(c.search(page.said[j]) for c in called)]
        yield from _quotients(page, "ratio", i, list(product(done, plans)), True, 0)
    elif same:
        yield from _quotients(page, "ratio", i, same, True, 0)
    elif own := [j for j in others if page.sentence[j] == page.sentence[i]]:
        yield from _quotients(page, "ratio", i, list(product(own[:1], plans)), True, 0)
    if page.value[i] != 1:  # a rate of 100% fits every pair of equal numbers
        yield from _quotients(page, "ratio", i, list(product(others, plans)), False)


def _unplanned(page: Page, j: int) -> str:
    return str(lexicon()["words"]["plan"].sub("", page.name[j]))


def _role(page: Page, j: int) -> str:
    """Whether a figure is what was planned or what was done; the name decides before the words."""
    for said in (page.name[j], page.phrase[j]):
        for role in ("plan", "done"):
            if says(role, said):
                return role
    return ""


def quotients(page: Page, i: int) -> Iterator[Claim]:
    """Quotients with a name of their own, and means over people, households, days or land."""
    around = [*page.before(i, CHANGEABLE, 2), *page.after(i, CHANGEABLE, 2)]
    for quotient in lexicon()["quotient"]:
        if quotient["name"].search(page.said[i]) and page.unit[i] == "":
            kinds = ("difference",) if says("increment", page.phrase[i]) else AMOUNTS
            some = [j for j in around if page.kind[j] in kinds]
            tops = [j for j in some if quotient["top"].search(page.name[j])][:2]
            bases = [j for j in some if quotient["base"].search(page.name[j])][:2]
            pairs = [(a, b) for a, b in product(tops, bases) if a != b]
            yield from _quotients(page, "ratio", i, pairs, True, 0)
    if says("mean", page.said[i]) and page.unit[i]:
        tops = [j for j in around if page.kind[j] in AMOUNTS and not says("mean", page.said[j])]
        per = [j for j in tops if page.unit[j] in ("人", "人次", "户", "亩", "天")]
        yield from _quotients(page, "ratio", i, list(product(tops[:6], per[:4])), False)


def _against(page: Page, i: int) -> str:
    """Say what a change is measured against: year, start of year or month; '' if not told."""
    for base in ("start", "year", "month"):
        if says(f"against_{base}", page.lead[i]):
            return base
    return ""


def growths(page: Page, i: int) -> Iterator[Claim]:
    """Growth from a level and its increment, from two levels, or from a growth over two years."""
    if "两年平均" in page.lead[i] or "两年年均" in page.lead[i]:
        for j in page.before(i, ("growth",))[:2]:
            if re.search(r"(?:比|较)(?:20\d\d年|前年)", page.lead[j]):
                yield Claim(
                    "mean_growth",
                    i,
                    (j,),
                    "(1+x0)**(1/2)-1",
                    lambda g: Interval((1 + g.low) ** 0.5 - 1, (1 + g.high) ** 0.5 - 1),
                    True,
                )
        return
    levels = page.before(i, AMOUNTS)
    if not levels or "年均" in page.phrase[i]:
        return
    level = levels[0]
    changes = [
        j
        for j in [*page.after(i, ("difference",)), *page.before(i, ("difference",), 2)]
        if page.unit[j] == page.unit[level]
    ]
    for j in changes[:6]:
        bases = {_against(page, i), _against(page, j)} - {""}
        between = page.kind[min(level, i) + 1 : max(i, j)]
        near = (
            level < j <= i + 1 and "growth" not in between and page.sentence[i] == page.sentence[j]
        )
        sure = near and len(bases) < 2 and alike(page.name[i], page.name[level]) == 1
        yield Claim(
            "growth",
            i,
            (j, level),
            "x0/(x1-x0)",
            lambda change, level: 1 / (level / change - 1),
            sure,
            0 if near and len(bases) < 2 else len(changes),
        )
    for old in levels[1:3]:
        if page.unit[old] == page.unit[level] and says("old", page.phrase[old]):
            near = old + 1 == level == i - 1
            yield Claim(
                "growth", i, (level, old), "x0/x1-1", lambda a, b: a / b - 1, near, 0 if near else 2
            )


_THAN = re.compile(
    r"(?:高于|高出|快于|大于|低于|慢于|超过|超|(?:比|较)(?!上年|去年|年初|同期))"
    r"(?P<other>[^,，。;；]{1,16}?)(?:平均)?(?:增速|增幅|水平|的)*(?:高出?|快|低|慢|多|少)?约?$"
)


def differences(page: Page, i: int) -> Iterator[Claim]:
    """Gaps between two stated numbers, and how far a rate is ahead of the calendar."""
    lead, points = page.lead[i], page.unit[i] == "个百分点"
    if points and says("calendar", lead):
        yield from _calendar(page, i)
        return
    kinds = PERCENT if points else ("rank",) if page.unit[i] == "位" else CHANGEABLE
    some = [j for j in page.before(i, kinds, 5) if points or page.unit[j] == page.unit[i]]
    if not some:
        return
    pairs: list[tuple[int, int]] = []
    told = True
    if than := _THAN.search(lead):
        pairs = [(some[0], j) for j in some[1:] if _meant(page, some[0], than["other"], j)]
    elif "顺差" in page.said[i]:
        out = [j for j in some if re.search("(?<!进)出口", page.name[j])]
        back = [j for j in some if re.search("(?<!净)进口", page.name[j])]
        pairs = list(zip(out[:1], back[:1], strict=False))
    elif len(some) > 1 and says("old", page.phrase[some[1]]):
        pairs = [(some[0], some[1])]
        told = some[1] + 1 == some[0] == i - 1 and says("new", page.phrase[some[0]])
    for pair in pairs:
        a, b = pair if kinds != ("rank",) else pair[::-1]
        yield Claim(
            "difference",
            i,
            (a, b),
            "(x0-x1)*100" if points else "x0-x1",
            (lambda a, b: (a - b) * 100) if points else (lambda a, b: a - b),
            told and len(pairs) == 1,
            0 if told else 1,
        )


def _meant(page: Page, own: int, name: str, j: int) -> bool:
    """Whether a name means figure j: 全市 the one of the city, 一季度 the one of that quarter."""
    area = re.match("全[国省市县区州]", name)
    if area and area[0] != page.area[own] and area[0] != page.area[j]:
        return False
    if core(name):
        return alike(name, page.said[j] + page.lead[j]) == 1
    return area is not None and alike(page.name[own], page.name[j]) == 1


def _calendar(page: Page, i: int) -> Iterator[Claim]:
    """Compare a completion rate with the elapsed part of the year: 超时序进度3个百分点."""
    rates = page.before(i, ("rate", "share"), 1)[:1]
    months = [re.fullmatch(r"(\w{4})-01/\1-(\d\d)", page.period[j]) for j in rates]
    if months and months[0]:
        passed = int(months[0][2])
        formula = f"(x0-{passed}/12)*100"
        yield Claim(
            "difference",
            i,
            (rates[0],),
            formula,
            lambda rate: (rate - passed / 12) * 100,
            True,
        )


def pulls(page: Page, i: int) -> Iterator[Claim]:
    """Points by which the parts pull a growth add up to it."""
    some = [j for j in page.after(i, ("difference",), 2) if says("pull", page.lead[j])]
    if len(some) > 1 and all(page.unit[j] == "个百分点" for j in some):
        formula = f"({_plus(some)})/100"
        yield Claim("sum", i, tuple(some), formula, lambda *x: _total(*x) / 100, False, 1)


def cancelling(page: Page, i: int) -> Iterator[Claim]:
    """Changes of all shares in a structure cancel: what one wins the others lose."""
    group = [i, *page.after(i, ("difference",))[:2]]
    sectors = lexicon()["exhaustive"][0][1]
    if len(group) == 3 and all(
        page.unit[j] == "个百分点" and says("weight", page.name[j]) for j in group
    ):
        names = [page.name[j] for j in group]
        if all(sum(bool(part.search(name)) for name in names) == 1 for part in sectors):
            yield Claim("sum", i, tuple(group[1:]), "-(x0+x1)", lambda a, b: -(a + b), True)


_NAMES = r"((?:[\u4e00-\u9fff]{2,8}[、和及])+[\u4e00-\u9fff]{2,8}?)"
_LISTED = re.compile(r"(?:^|[,，。;；:：、中(（\s])" + _NAMES + r"等?\s*$")
_LISTING = re.compile(r"[\u4e00-\u9fff]{0,6}[(（:：]" + _NAMES + r"[)）。;；]")


def enumerations(page: Page, i: int) -> Iterator[Claim]:
    """Names that stand beside their number: 甲、乙、丙等3个县."""
    behind = page.text[page.end[i] : page.end[i] + 80]
    hit = _LISTED.search(page.lead[i]) or _LISTING.match(behind)
    if hit and page.low[i] == page.high[i]:
        number = float(len(re.split("[、和及]", hit[1])))
        yield Claim("count", i, (), "enum", lambda: Interval(number, number), False, 0)


RULES: dict[str, tuple[Rule, ...]] = {
    "share": (structures, shares, rates),
    "rate": (shares, rates, quotients),
    "growth": (growths, pulls),
    "difference": (differences, cancelling),
    "level": (quotients,),
    "count": (quotients, enumerations),
}
