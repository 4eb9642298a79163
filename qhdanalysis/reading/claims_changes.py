"""Rules for changes: growth, gaps, balances, the calendar, pulls.

A rule sees one figure and yields candidates, the likeliest first; `claims` decides which hold.
"""

import re
from collections.abc import Iterator
from itertools import product
from math import inf

from qhdanalysis.reading.claims import (
    AMOUNTS,
    CHANGES,
    PERCENT,
    Claim,
    Page,
    alike,
    core,
    lexicon,
    says,
)
from qhdanalysis.reading.claims_parts import plus, total
from qhdanalysis.reading.figures.rules import change_end, goes_on
from qhdanalysis.units import Interval

_THAN_YEAR = re.compile(r"(?:比|较)(\d{4})年(?!以来)")


def _against(page: Page, i: int) -> set[str]:
    """Say what a change is measured against: year, start of year or month, if it is told."""
    if than := _THAN_YEAR.search(page.lead[i]):
        return {than[1]}
    for base in ("start", "year", "month"):
        if says(f"against_{base}", page.lead[i]):
            return {base}
    return set()


def growths(page: Page, i: int) -> Iterator[Claim]:
    """Growth from a level and its increment, or from two levels."""
    # A number repeated in another unit in brackets, and 预算10亿元 in 完成预算10亿元的42%, are
    # not what grows.
    all_levels = page.before(i, AMOUNTS)
    beside = [j for j in all_levels if page.bracket[j] == page.bracket[i]]
    past = [j for j in all_levels if page.past[j]]
    for change, j in product(page.before(i, ("difference",)), page.after(i, AMOUNTS)):
        same = page.name[change].startswith(page.name[j])  # 增加3亿元,增幅15%,达到23亿元
        if same and says("reached", page.phrase[j]) and page.unit[change] == page.unit[j]:
            yield Claim("growth", i, (change, j), "x0/(x1-x0)", not says("real", page.said[j]), 0)
    levels = [j for j in beside or all_levels if page.gap(j).strip() != "的" and j not in past]
    if not levels or says("mean_growth", page.phrase[i]):
        return
    run = page.run[i]
    if len(run) > 1:  # 同比分别增加13个、29.6亿元,增幅为31.7%和27.4%
        changed = page.before(run[0], ("difference",))[: len(run)][::-1]
        over = page.before(changed[0], AMOUNTS)[: len(run)][::-1] if changed else []
        if len(changed) == len(over) == len(run) and changed[-1] == run[0] - 1:
            j, k = changed[run.index(i)], over[run.index(i)]
            if page.unit[j] == page.unit[k]:
                yield Claim("growth", i, (j, k), "x0/(x1-x0)", True)
    level = levels[0]
    real = says("real", page.name[level] + page.said[i])  # levels at current prices do not show it
    around = [*page.after(i, ("difference",)), *page.before(i, ("difference",), 2)]
    changes = [j for j in around if page.unit[j] == page.unit[level]]
    for j in changes:
        agree = len(_against(page, i) | _against(page, j)) < 2
        near = level < j <= i + 1 and "growth" not in page.kind[level + 1 : min(i, j)]
        near = near and agree and page.sentence[i] == page.sentence[j]
        # 增长5%,比年初增加2亿元 need not be of one base; 比年初增加2亿元,增长5% are
        same = j < i or _against(page, i) == _against(page, j)
        sure = near and same and not real and alike(page.name[i], page.name[level])
        yield Claim("growth", i, (j, level), "x0/(x1-x0)", sure, 0 if near else len(changes))
    pairs = [
        (level, old, old + 1 == level == i - 1)
        for old in levels[1:]
        if says("old", page.phrase[old])
    ]
    pairs += [(level, old, True) for old in past]
    than = _THAN_YEAR.search(page.phrase[i])
    if than:
        then = [j for j in levels if page.period[j] == than[1]]
        named = [j for j in then if alike(page.name[j], page.name[level])]
        pairs += [(level, old, True) for old in named]
    if len(levels) > 1 and not than:
        old, new = sorted(levels[:2], key=lambda j: page.period[j])
        years = [page.period[old], page.period[new]]
        if all(map(str.isdigit, years)) and int(years[1]) == int(years[0]) + 1:
            pairs.append((new, old, alike(page.name[new], page.name[old])))
        if level == i - 1 and says("last_year", page.phrase[level]):
            pairs.append((levels[1], level, levels[1] == i - 2))
    for new, old, near in pairs:
        if page.unit[new] == page.unit[old]:
            sure = near and not real
            yield Claim("growth", i, (new, old), "x0/x1-1", sure, 0 if near else 2)


def _root(x: Interval, years: int) -> Interval:
    if x.low <= 0:
        return Interval(-inf, inf)
    return Interval(x.low ** (1 / years) - 1, x.high ** (1 / years) - 1)


def mean_growths(page: Page, i: int) -> Iterator[Claim]:
    """Geometric mean growth: from two levels, two growth rates, or one over both years."""
    if not says("mean_growth", page.phrase[i]):
        return
    rates = page.before(i, ("growth",))
    both = [j for j in rates if re.search(r"(?:比|较)(?:20\d\d年|前年)", page.lead[j])]
    if "两年" in page.phrase[i] and both:
        formula, rule = "(1+x0)**(1/2)-1", lambda g: _root(1 + g, 2)
        yield Claim("mean_growth", i, (both[0],), formula, True, rule=rule)
    elif "两年" in page.phrase[i] and len(rates) > 1:
        formula, mean = "((1+x0)*(1+x1))**(1/2)-1", lambda g, h: _root((1 + g) * (1 + h), 2)
        yield Claim("mean_growth", i, (rates[1], rates[0]), formula, False, 0, mean)
    levels = page.before(i, AMOUNTS)[:2]
    years = [page.period[j] for j in levels]
    span = re.fullmatch(r"(\d{4})/(\d{4})", years[0]) if len(set(years)) == 1 else None
    if span and len(levels) == 2 and says("old", page.phrase[levels[1]]):
        years = [span[2], span[1]]  # 2017年至2022年,由97亿元增加到148亿元
        if int(span[1]) % 5 == 1 and int(span[2]) - int(span[1]) == 4:  # 十三五 begins in 2015
            years[1] = str(int(span[1]) - 1)
    if len(levels) == 2 and all(re.fullmatch(r"\d{4}", year) for year in years):
        count = int(years[0]) - int(years[1])
        if count > 1 and page.unit[levels[0]] == page.unit[levels[1]]:
            near = levels[1] + 1 == levels[0] == i - 1
            sure = near and not says("real", page.name[levels[0]] + page.said[i])
            formula, over = f"(x0/x1)**(1/{count})-1", lambda new, old: _root(new / old, count)
            yield Claim("mean_growth", i, tuple(levels), formula, sure, 0 if near else 1, over)


_THAN = re.compile(
    r"(?:高于|高出|快于|大于|低于|慢于|跑赢|领先于?|优于|好于|落后于?|超过|超|(?:比|较)(?!上年|去年|年初|同期))"
    r"(?P<other>[^,，。;；]{1,16}?)(?:平均)?(?:增速|增幅|水平|的)*"
    r"(?:高出?|加?快|低|放?慢|多|少|提高|提升|[上回]升|回落|放缓|收窄|扩大)?约?$"
)


def differences(page: Page, i: int) -> Iterator[Claim]:
    """Gaps between two stated numbers."""
    points = page.unit[i] == "个百分点"
    lead = page.head(i)
    other = _GAP.fullmatch(page.phrase[i]) is not None
    if says("mean_growth", page.phrase[i]) and not other:  # 年均提高0.8个百分点
        return
    if says("calendar", lead):
        yield from _calendar(page, i, points)
        return
    kinds = PERCENT if points else ("rank",) if page.unit[i] == "位" else CHANGES
    some = [j for j in page.before(i, kinds, 5) if points or page.unit[j] == page.unit[i]]
    pairs: list[tuple[int, int]] = []
    told = True
    if not some:
        return
    past = [j for j in some if page.past[j]]
    if past and not (_THAN.search(lead) and past[0] != i - 1):
        now = [j for j in some if j not in past and page.gap(j).strip() != "的"]
        pairs = [(j, past[0]) for j in now[:1]]
        told = page.sentence[i] == page.sentence[past[0]]
    elif says("than_plan", page.phrase[i]) and not points:
        plans = [j for j in some if page.role(j) == "plan"]
        plans = plans or [j for j in some if page.gap(j).strip() == "的"]
        done = [j for j in some if j not in plans and page.kind[j] in AMOUNTS]
        pairs = list(product(done[:1], plans[:1]))
        told = page.sentence[i] in [page.sentence[j] for j in plans[:1]]
    elif some[0] == i - 1 and (
        goes_on(page.phrase[i - 1], page.gap(i - 1))
        or (
            says("than_other", page.phrase[i - 1])
            and (other or change_end().fullmatch(page.gap(i - 1)))
        )
    ):
        pairs = [(own, i - 1) for own in some[1:2] if page.unit[own] == page.unit[i - 1]]
    elif than := _THAN.search(lead):
        named, run = re.split("[、和与]", than["other"]), page.run[i]
        name = named[run.index(i)] if len(named) == len(run) > 1 else than["other"]
        later = [j for j in page.after(i, kinds) if points or page.unit[j] == page.unit[i]]
        others = [j for j in dict.fromkeys(some + later) if page.meant(i, name, j)]
        others = [j for j in others if core(page.name[j]) == core(name)] or others
        own = next((j for j in some if j not in others[:1]), some[0])
        same = not says("span", name)  # 比一季度加快: of the same thing
        pairs = [(own, j) for j in others if j != own and (same or page.name[j] == page.name[own])]
    elif len(some) > 1 and says("old", page.phrase[some[1]]):
        pairs = [(some[0], some[1])]
        told = some[1] + 1 == some[0] == i - 1 and says("new", page.phrase[some[0]])
    for pair in pairs:
        a, b = pair[::-1] if kinds == ("rank",) else pair
        formula = "(x0-x1)*100" if points else "x0-x1"
        yield Claim("difference", i, (a, b), formula, told and len(pairs) == 1, 0 if told else 1)


_GAP = re.compile("的(?:平均)?(?:增速|增幅|涨幅|水平)(?:高|快|低|慢)出?")  # 比全市4.7%的增速高
_ELAPSED = re.compile(r"(\w{4})-01/\1-(?P<last>\d\d)|\w{4}-(?P<end>\d\d)-(?:28|29|30|31)")


def _calendar(page: Page, i: int, points: bool) -> Iterator[Claim]:
    """Compare with the elapsed part of the year: 超时序进度3个百分点, 比时序进度短收2亿元."""
    near = page.before(i, ("rate", "share") if points else AMOUNTS, 1)
    months = [m for j in near if (m := _ELAPSED.fullmatch(page.period[j]))]
    passed = int(months[0]["end"] or months[0]["last"]) if months else 0
    if not passed:
        return
    if points:
        operand, formula = page.counterpart(i, near)[0], f"(x0-{passed}/12)*100"
        ahead = lambda rate: (rate - passed / 12) * 100  # noqa: E731
        yield Claim("difference", i, (operand,), formula, True, rule=ahead)
        return
    plans = [j for j in near if page.role(j) == "plan" and page.unit[j] == page.unit[i]]
    done = [j for j in near if j not in plans and page.unit[j] == page.unit[i]]
    for a, b in product(done[:1], plans[:1]):
        formula, short = f"x0-x1*{passed}/12", lambda a, b: a - b * (passed / 12)
        yield Claim("difference", i, (a, b), formula, False, 0, short)


def balances(page: Page, i: int) -> Iterator[Claim]:
    """Balances by name: exports less imports, births less deaths, receipts less spending."""
    for balance in lexicon()["balance"]:
        if balance["name"].search(page.phrase[i]):
            some = [
                j for j in page.before(i, (*CHANGES, *PERCENT), 2) if page.unit[j] == page.unit[i]
            ]
            more = [j for j in some if page.is_called(j, balance["more"])]
            less = [j for j in some if page.is_called(j, balance["less"])]
            for pair in product(more[:1], less[:1]):
                yield Claim("difference", i, pair, "x0-x1", True)


def pulls(page: Page, i: int) -> Iterator[Claim]:
    """Points by which the parts pull a growth add up to it."""
    some = [
        j
        for j in page.after(i, ("difference",), 3)
        if says("pull", page.head(j)) and page.unit[j] == "个百分点"
    ]
    sectors = lexicon()["exhaustive"][0][1]
    if page.gap(i).startswith("的") or any(sector.search(page.name[i]) for sector in sectors):
        return  # the growth of another, or of a part
    if page.after(i, ("difference",))[:1] == some[:1] and not _all_sectors(page, some[:3]):
        return  # the growth of a part, which is what it pulls by
    for count in range(2, len(some) + 1):
        formula, parts = f"({plus(count)})/100", some[:count]
        sure = count == 3 and _all_sectors(page, parts)
        yield Claim("sum", i, tuple(parts), formula, sure, 0, lambda *x: total(*x) / 100)


def _all_sectors(page: Page, parts: list[int]) -> bool:
    names = [page.name[j] for j in parts]
    return all(any(map(sector.search, names)) for sector in lexicon()["exhaustive"][0][1])


def cancelling(page: Page, i: int) -> Iterator[Claim]:
    """Check that changes of all shares in a structure cancel: one wins what the others lose."""
    group = [i, *page.after(i, ("difference",))[:2]]
    points = all(page.unit[j] == "个百分点" and says("weight", page.name[j]) for j in group)
    if len(group) == 3 and points and _all_sectors(page, group):
        yield Claim("sum", i, tuple(group[1:]), "-(x0+x1)", True)
