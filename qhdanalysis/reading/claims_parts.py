"""Rules for wholes and parts: sums, structures, shares, rates and lists of names.

A rule sees one figure and yields candidates, the likeliest first; `claims` decides which hold.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from qhdanalysis.reading.claims import AMOUNTS, CHANGES, Claim, Page, alike, core, lexicon, says
from qhdanalysis.reading.claims_quotients import quotients
from qhdanalysis.units import Interval, number


def total(*x: Interval) -> Interval:
    """Add intervals."""
    result = x[0]
    for part in x[1:]:
        result = result + part
    return result


def plus(count: int) -> str:
    """Write the formula of a sum."""
    return "+".join(f"x{k}" for k in range(count))


def _sum(page: Page, whole: int, parts: list[int], sure: bool, tries: int = 1) -> Claim:
    kind = "count" if page.kind[whole] == "count" else "sum"
    return Claim(kind, whole, tuple(parts), plus(len(parts)), sure, tries, total)


def sums(page: Page, whole: int) -> Iterator[Claim]:
    """Totals of parts whose names leave nothing out, of what follows, or of what stands before."""
    if page.kind[whole] not in CHANGES or page.past[whole] or page.unit[whole] in ("", "个百分点"):
        return
    if page.gap(whole).strip() == "的":  # 完成年度预算11亿元的97%
        return
    if re.search("[由从][^,，。;；]{0,14}$", page.phrase[whole]):  # what it was before a change
        return
    yield from _made_of(page, whole)
    yield from _known_parts(page, whole)
    inside, own = page.inside(whole), page.bracket[whole]
    following = page.after(whole, CHANGES, 3)
    scopes = [
        (scope, [j for j in following if page.bracket[j] == scope]) for scope in (inside, own)
    ]
    for scope, row in scopes:
        if scope == own:
            row = [j for j in row if page.paragraph[j] == page.paragraph[whole]]
        parts = [j for j in row if page.addable(whole, j) and j not in page.whole_of]
        for first, last in _sums_to(page, whole, parts):
            between = page.text[page.end[whole] : page.start[parts[first]]]
            told = scope == inside or says("split", between)
            weighed = [page.kind[j + 1] == "share" for j in (whole, *parts[first : last - 1])]
            if told or not all(weighed):  # A 49件,占22%;B 31件,占14%;其他18件,占8%
                told = told or says("rest", page.lead[parts[last - 1]])
                yield _sum(page, whole, parts[first:last], False, 0 if told else last - 1)
        yield from _closed_list(page, whole, parts)
        yield from _damaged_list(page, whole, parts)
        if scope == inside and len(parts) > 1:
            head = page.text[page.end[whole] : page.start[parts[0]]]
            # A bracket may also name only the largest parts: only one that nearly adds up errs.
            gap = abs(sum(page.value[j] for j in parts) - page.value[whole])
            nearly = gap < 0.1 * abs(page.value[whole])
            yield _sum(page, whole, parts, nearly and not says("among", head))
    if says("together", page.lead[whole]):
        near = page.before(whole, CHANGES)
        far = page.before(whole, CHANGES, 2) if len(near) < 2 else near
        near, parts = (
            [j for j in row if page.addable(whole, j) and page.bracket[j] == own]
            for row in (near, far)
        )
        for _, last in _sums_to(page, whole, parts):
            yield _sum(page, whole, parts[:last][::-1], False, 0)
        if near and says("on_top", page.lead[near[-1]]):  # 收入9亿元。加上补助8亿元,合计17亿元
            more = [j for j in page.before(whole, AMOUNTS, 2) if page.addable(whole, j)]
            for j in more[len(near) :]:
                yield _sum(page, whole, [j, *near[::-1]], False, 0)
        elif len(near) > 1:
            yield _sum(page, whole, near[::-1], not says("loosely", page.lead[whole]))


def _made_of(page: Page, whole: int) -> Iterator[Claim]:
    """Parts that a whole is said to be made of: 企业30家,由甲类10家和乙类20家构成."""
    if re.fullmatch(r"[,，]?\s*由", page.gap(whole)):
        parts = page.after(whole, CHANGES)
        ends = [k for k, j in enumerate(parts, 1) if says("made_of", page.tail[j])]
        if ends and all(page.addable(whole, j) for j in parts[: ends[0]]):
            yield _sum(page, whole, parts[: ends[0]], True, 0)


def _closed_list(page: Page, whole: int, parts: list[int]) -> Iterator[Claim]:
    """Find lists that say that nothing is left: 其余, or shares that make up the whole."""
    for last, j in enumerate(parts[1:], 2):
        if says("remainder", page.lead[j]):
            yield _sum(page, whole, parts[:last], page.sentence[j] == page.sentence[whole])
    weighed = [j for j in parts if j + 1 < page.count and page.kind[j + 1] == "share"]
    if len(weighed) > 2 and total(*(page.of(j + 1) for j in weighed)).meets(1.0):
        yield _sum(page, whole, weighed, True)


def _damaged_list(page: Page, whole: int, parts: list[int]) -> Iterator[Claim]:
    """Find lists that would add up but for a damaged unit (2.78元 among 亿元)."""
    wrong = {j for j in parts if "doubtful" in page.note[j]}
    for last in range(2, len(parts) + 1):
        row = parts[:last]
        for scale in () if wrong.isdisjoint(row) else (number("一亿"), number("一万")):
            meant = total(*(page.of(j) * (scale if j in wrong else 1.0) for j in row))
            if meant.meets(page.of(whole)):
                yield _sum(page, whole, row, True)


def _sums_to(page: Page, whole: int, parts: list[int]) -> Iterator[tuple[int, int]]:
    """Slices of parts that could add up to the whole; each begins with a sentence."""
    for first in range(len(parts) - 1):
        if first and page.sentence[parts[first]] == page.sentence[parts[first - 1]]:
            continue
        low, high = 0.0, 0.0
        for last, j in enumerate(parts[first:], first + 1):
            low, high = low + page.low[j], high + page.high[j]
            slack = 1e-9 * abs(high)  # only a first look: the verdict is of the intervals
            near = low - slack <= page.high[whole] and page.low[whole] <= high + slack
            if last - first > 1 and near:
                yield first, last


def _known_parts(page: Page, whole: int) -> Iterator[Claim]:
    said = page.name[whole] + page.phrase[whole]
    mean = says("mean", said)  # means do not add up, but the parts of one do
    lists = [e for e in lexicon()["exhaustive"] if e[0].search(said) and (e[2] or not mean)]
    if lists:
        known = list(_known_among(page, whole, lists, page.after(whole, CHANGES, 4), True))
        before = page.before(whole, CHANGES, 2)
        yield from known or _known_among(page, whole, lists, before, False)
    if not mean:
        yield from _named_parts(page, whole)


def _named_parts(page: Page, whole: int) -> Iterator[Claim]:
    """Parts that the whole's own name lists: 新建、改建公路25公里,其中新建10公里、改建15公里."""
    names = re.split("[、和与及]", page.phrase[whole])
    parts = page.after(whole, CHANGES)[: len(names)]
    called = [re.sub(".*其中|的?有?$", "", page.phrase[j]).strip(" 、") for j in parts]
    if 1 < len(names) == len(parts) and all(page.addable(whole, j) for j in parts):
        same = called[1:-1] == names[1:-1] and names[0].endswith(called[0])
        if same and names[-1].startswith(called[-1]):
            yield _sum(page, whole, parts, all(says("works", name) for name in called), 0)


def _known_among(
    page: Page, whole: int, lists: list[Any], around: list[int], first: bool
) -> Iterator[Claim]:
    """Parts known to leave nothing out; those before their whole (``first`` false) may only fit."""
    near = [
        j
        for j in around
        if page.addable(whole, j)
        and page.area[j] in ("", page.area[whole])
        and page.bracket[j] in (page.bracket[whole], page.inside(whole))
        and not says("mean", page.said[j])
    ]
    for whole_words, part_words, _, open_list in lists:
        found: dict[int, int] = {}
        strange = False
        for j in near:
            hits = [
                (k, name)
                for name in (page.phrase[j], page.name[j])
                for k, part in enumerate(part_words)
                if part.search(name)
            ]
            kinds = {k for k, _ in hits}
            if len(kinds) == 1 and kinds.isdisjoint(found):
                found |= dict.fromkeys(kinds, j)
                rests = [_rest(part_words[k], name) for k, name in hits]
                strange |= not any(rest in page.said[whole] for rest in rests)
            elif not hits:  # a third kind of project beside the begun and the resumed ones
                strange |= bool(whole_words.search(page.name[j]))
            if len(found) == len(part_words):
                parts = [found[k] for k in sorted(found)]
                # 项目9个,其中新建3个,续建5个: some may be of a third kind, but never too many
                less = sum(page.value[j] for j in parts) < page.value[whole]
                some = open_list and less and says("among", page.lead[parts[0]])
                yield _sum(page, whole, parts, first and not strange and not some)
                break


def _rest(part: re.Pattern[str], name: str) -> str:
    """Give what a part's name says besides: 笔记本电脑 of 笔记本电脑出口, nothing of 税收收入."""
    return core(lexicon()["words"]["filler"].sub("", part.sub("", name)))


_COLON = re.compile(r"\s*%?\s*[:：\u2236\ufe30]\s*")


def structures(page: Page, i: int) -> Iterator[Claim]:
    """Parts of a structure a:b:c are the whole together."""
    if i and _COLON.fullmatch(page.gap(i - 1)):
        return
    parts = [i]
    while _COLON.fullmatch(page.gap(parts[-1])):
        parts.append(parts[-1] + 1)
    if len(parts) > 2 and all(page.kind[j] == "share" for j in parts):
        yield Claim("sum", None, tuple(parts), plus(len(parts)), True, rule=total)


_OF = re.compile(r"占(?:了|到)?(?P<whole>[^,，。;；占]{0,24})$")
_IS = re.compile(
    r"的?(?:比重|比例|份额|比)?(?:分别|已|仅)?(?:提高|上升|下降|降低|回落)?"
    r"(?:为|达到|达|到|约|近|超过|超|的)*$"
)


def of_previous(page: Page, i: int) -> Iterator[Claim]:
    """Take a share or rate of the amount before it: 完成投资18亿元, 占年计划24亿元的75%."""
    beyond = "超" in page.phrase[i - 1]  # 超额完成目标3万人的8.7%
    if i and not beyond and page.unit[i] == "" and re.fullmatch(r"\s*的\s*", page.gap(i - 1)):
        tops = [j for j in page.before(i - 1, CHANGES, 1) if page.unit[j] == page.unit[i - 1]]
        times = page.written_unit[i] == "倍"
        kind = "ratio" if times or says("plan", page.phrase[i - 1]) else "share"
        tops.sort(key=lambda j: kind == "ratio" and page.kind[j] == "difference")
        yield from quotients(page, kind, i, [(j, i - 1) for j in tops[:1]], True)


def whole_named(page: Page, i: int) -> str | None:
    """Words for the whole that a share is of; '' if it only says 占, None if it does not."""
    of = _OF.search(page.head(i).rstrip())
    return _IS.sub("", of["whole"]) if of else None


def shares(page: Page, i: int) -> Iterator[Claim]:
    """Shares: the amount before, over the whole that the words name."""
    whole = whole_named(page, i)
    if page.unit[i] != "" or (whole and says("plan", whole)):
        return
    own, weighs, _ = page.phrase[i].partition("占比")
    if whole is None or (weighs and core(own)):
        # A structure, or 税收占比: the part is named by the indicator.
        own = core(re.sub("占.*|比重.*|所占.*", "", page.name[i]))
        around = [*page.before(i, AMOUNTS, 3), *page.after(i, AMOUNTS, 1)]
        parts = [(j, page.phrase[j].strip("、和及 ")) for j in around]
        tops = [
            j for j, said in parts if own in page.name[j] or (weighs and said[1:] and said in own)
        ]
        tops = [j for j in tops if j in page.whole_of]
        tops.sort(key=lambda j: not page.name[j].startswith(own))
        pairs = [(top, page.whole_of[top]) for top in tops[:1]]
        yield from quotients(page, "share", i, pairs, True)
        return
    kinds = CHANGES if says("increment", whole) else AMOUNTS
    run = page.run[i]
    around = [j for j in page.before(run[0], kinds, len(run) > 1) if page.gap(j).strip() != "的"]
    tops = page.counterpart(i, around)
    part = core(page.phrase[i].partition("占")[0])  # 出口8亿元、进口4亿元,出口占…
    if len(run) > 1 and tops and "share" in page.kind[tops[0] : run[0]]:
        return  # the amounts before have their shares already
    own = core(page.name[i].partition("占")[0])
    if not part and tops and not alike(own, page.name[tops[0]]):
        part = own  # 农业6亿吨、工业2亿吨,农业仍是大户,占75%
    called = [j for j in page.before(i, kinds) if alike(part, page.name[j])]
    called.sort(key=lambda j: part not in page.name[j] and page.name[j] not in part)
    if not (called or tops):
        return
    top = (called or tops)[0]
    like = ("difference",) if page.kind[top] == "difference" else AMOUNTS
    bases = [
        j
        for j in [*page.before(i, like, 8), *page.after(i, like, 1)]
        if j != top and page.unit[j] == page.unit[top] and page.value[j] >= page.value[top]
    ]
    named = [j for j in bases if core(whole) and page.meant(top, whole, j)]
    named = [j for j in named if core(page.name[j]) == core(whole)] or named
    totals = [j for j in named if j in page.totals and j not in page.whole_of]
    if top in page.whole_of and (not core(whole) or page.whole_of[top] in named):
        yield from quotients(page, "share", i, [(top, page.whole_of[top])], True)
    elif named:
        close = page.sentence[i] - page.sentence[named[0]] < 5
        told = [j for j in named if j < i]  # the whole stands before its share, as a rule
        some = totals or told or named
        yield from quotients(page, "share", i, [(top, j) for j in some], close, True)
        yield from quotients(page, "share", i, [(top, j) for j in named if j not in told], False)
    else:
        whole_before = [(top, j) for j in page.before(top, like)[:1]]
        picked = says("picked", page.phrase[top])
        if not core(whole) and top == i - 1 and says("bare", whole):  # 90个,其中甲30个,占三分之一
            pairs = whole_before if picked else page.among(i)
            yield from quotients(page, "share", i, pairs, True)
        group = [j for j in page.before(i, like) if page.addable(top, j) and j != top]
        if called and group and not any(says("picked", page.phrase[j]) for j in (top, *group)):
            formula = f"x0/({plus(len(group) + 1)})"
            yield Claim("share", i, (top, *group), formula, False, 1, _part_of_all)
        pairs = [(top, j) for j in bases]
        if top and page.kind[top - 1] in like and not page.gap(top - 1).strip():
            # 612户1523人,占71.5%
            pairs += [(top - 1, j) for j in page.before(i, like, 8)]
        yield from quotients(page, "share", i, pairs, False)


def _part_of_all(part: Interval, *others: Interval) -> Interval:
    return 1 / (total(*others) / part + 1)


def rates(page: Page, i: int) -> Iterator[Claim]:
    """Completion, start and other rates: what was done over what was planned or is there."""
    said = page.name[i] + page.phrase[i]
    stems = re.findall(r"([\u4e00-\u9fff]{2})(?:率|面|进度)", said)
    ends = re.findall(r"([\u4e00-\u9fff]{2})(?:达到?|为|约)?$", page.phrase[i])
    called = [done for name, done in lexicon()["rates"] if name in (*stems, *ends)]
    called = called or [re.compile(stem) for stem in stems]
    planned = says("plan", page.phrase[i])
    if not (called or planned):
        return
    near = [*page.before(i, AMOUNTS, 1), *page.after(i, AMOUNTS)[:1]]
    plans = [j for j in near if page.role(j) == "plan"]
    # 完成预算9.2亿元的105.9% is told of that plan; it is not that of the next amount too.
    plans = [j for j in plans if j == i - 1 or page.gap(j).strip() != "的"]
    others = [j for j in near if j not in plans]
    done = [j for j in others if any(words.search(page.said[j]) for words in called)]
    own = [j for j in others if page.sentence[j] == page.sentence[i]]
    own.sort(key=lambda j: page.role(j) != "done")
    if not planned:
        kind = "share" if page.kind[i] == "share" else "ratio"
        if done[:1] == [i - 1] and i - 2 in own and page.phrase[i - 1].startswith("已"):
            some = [(i - 1, i - 2)] if page.value[i - 2] >= page.value[i - 1] else []
            yield from quotients(page, kind, i, some, True)  # 建成9套,已分配8套,分配率89%
        close = [j for j in plans if page.unit[j] == page.unit[done[0]]] if done else []
        yield from quotients(page, kind, i, product(done[:1], close[:1]), True)
        yield from quotients(page, kind, i, product(done, plans), False, True)
        yield from quotients(page, kind, i, product(done, others), False)
    elif page.phrase[i].startswith("超"):  # 超出计划7.5%
        for a, b in product(own[:1], plans[:1]):
            if page.unit[a] == page.unit[b]:
                yield Claim("growth", i, (a, b), "x0/x1-1", False, 0)
    elif own:
        yield from quotients(page, "ratio", i, product(own[:1], plans), True)
    else:
        plan = lexicon()["words"]["plan"]
        pairs = product(others, plans)
        same = [(a, b) for a, b in pairs if alike(page.name[a], plan.sub("", page.name[b]))]
        yield from quotients(page, "ratio", i, same[:1], True)


_NAMES = r"((?:[\u4e00-\u9fff]{2,8}、)+[\u4e00-\u9fff]{2,8}?(?:[和及与][\u4e00-\u9fff]{2,8}?)?)"
_LISTED = re.compile(r"(?:^|[,，。;；:：、中(（\s])" + _NAMES + r"等?\s*$")
_LISTING = re.compile(
    r"(?:[\u4e00-\u9fff]{0,6}[(:]|[^。;:()]{0,24}?(?:分别|依次)(?:是|为))"
    + _NAMES.replace("8", "14")
    + "[),。;]"
)


def enumerations(page: Page, i: int) -> Iterator[Claim]:
    """Names that stand beside their number: 甲、乙、丙等3个县."""
    hit = _LISTED.search(page.lead[i]) or _LISTING.match(page.text, page.end[i])
    if hit and page.low[i] == page.high[i]:
        number = float(
            len(re.findall("、|[\u4e00-\u9fff]{2}[和及与](?=[\u4e00-\u9fff]{2})", hit[1])) + 1
        )
        yield Claim("count", i, (), "enum", False, 0, lambda: Interval(number, number))
