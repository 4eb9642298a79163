"""Rules for quotients: rates by name, means over people, land or days, multiples of what is named.

A rule sees one figure and yields candidates, the likeliest first; `claims` decides which hold.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from itertools import pairwise, product

from qhdanalysis.reading.claims import AMOUNTS, CHANGES, Claim, Page, alike, core, lexicon, says


def quotients(
    page: Page,
    kind: str,
    i: int,
    pairs: Iterable[tuple[int, int]],
    sure: bool,
    told: bool | None = None,
    people: bool = False,
    times: str = "",
) -> Iterator[Claim]:
    """Candidates x0/x1 whose units give that of the stated figure; ``people``: or two counts.

    ``told`` (else as ``sure``): words name the two, so that any fit is one. ``times`` is what the
    formula goes on with (每千人口: *1000).
    """
    per = page.unit[i].split("/")[0]
    fitting = []
    for top, base in dict.fromkeys(pairs):
        if top == base or i in (top, base):
            continue
        alone = page.unit[top] == page.unit[base]
        alone |= people and {page.kind[top], page.kind[base]} == {"count"}
        alone |= {page.unit[top], page.unit[base]} == {"人", "人次"}
        if (per == "" and alone) or (per and page.unit[top] == per and not alone):
            fitting.append((top, base, f"x0/x1{times}"))
        elif per == "公斤" and page.unit[top] == "吨":
            fitting.append((top, base, "x0/x1*1000"))
    tries = 0 if (sure if told is None else told) else len(fitting)
    for top, base, formula in fitting:
        yield Claim(kind, i, (top, base), formula, sure and len(fitting) == 1, tries)


def plain_rates(page: Page, i: int) -> Iterator[Claim]:
    """Rates of a name that tells no more: of the nearest amounts, the less over the more."""
    if page.value[i] != 1 and re.search("[率面]$", page.name[i]):
        kind = "share" if page.kind[i] == "share" else "ratio"
        sure = says("covering", page.name[i])  # not 满意率, which is asked of others
        yield from quotients(page, kind, i, page.among(i), sure)
        near = page.before(i, AMOUNTS)[:3]
        pairs = [(a, b) for a, b in product(near, near) if page.value[a] < page.value[b]]
        yield from quotients(page, kind, i, pairs, False)


_PER = {"村": "个", "次": "人次", "名": "人", "平方公里": "平方米"}
_TIMES = {"百": "*100", "千": "*1000", "万": "*10000", "平方公里": "*1000000"}


def named_quotients(page: Page, i: int) -> Iterator[Claim]:
    """Quotients with a name of their own, and means over people, households, days or land."""
    around = [*page.before(i, CHANGES, 2), *page.after(i, CHANGES, 2)]
    said = page.said[i]
    if i and says("old", page.phrase[i - 1]) and says("new", page.phrase[i]):
        said = page.said[i - 1]  # 城乡收入比由2.00缩小到1.96
    for quotient in lexicon()["quotient"]:
        old = says("old", page.phrase[i])
        if page.unit[i] == "" and not old and quotient["name"].search(said):
            kinds = ("difference",) if says("increment", page.phrase[i]) else AMOUNTS
            some = [j for j in around if page.kind[j] in kinds]
            tops = [j for j in some if quotient["top"].search(page.name[j])]
            bases = [j for j in some if quotient["base"].search(page.name[j])]
            yield from quotients(page, "ratio", i, product(tops, bases), True, people=True)
    to_one = page.text[page.start[i] : page.end[i]].endswith(":1")
    if page.unit[i] == "" and page.kind[i] == "rate" and (to_one or page.name[i].endswith("比")):
        some = [j for j in around if page.kind[j] in AMOUNTS]
        if says("both", page.said[i]):
            yield from quotients(page, "ratio", i, pairwise(some[1::-1]), True)
        yield from quotients(page, "ratio", i, product(some, some), False)
    if page.unit[i] and says("mean", page.said[i]):
        if "平方公里" in said:  # its land stands far from its people
            around = page.before(i, CHANGES, 5)
        tops = [j for j in around if page.kind[j] in AMOUNTS and not says("mean", page.said[j])]
        tops = [j for j in tops if not page.past[j] and page.gap(j).strip() != "的"]
        unit = re.search(
            "(人次|[次人户亩件单头家村笔])均|每([百千万]?)(平方公里|[个项家户亩人台件头村套辆名])",
            said,
        )
        units = (
            (_PER.get(unit[1] or unit[3], unit[1] or unit[3]), "人次", "户次")
            if unit
            else ("人", "人次", "户", "亩", "天")
        )
        times = _TIMES.get(unit[2] or unit[3] or "", "") if unit else ""
        per = [j for j in tops if page.unit[j] in units]
        own, _, area = page.unit[i].partition("/")  # 销售均价5000元/平方米
        own = "吨" if own == "公斤" else own
        over = [j for j in tops if page.unit[j] == own and j not in page.whole_of]
        if area:
            per = [j for j in tops if page.unit[j] == area and not says("picked", page.phrase[j])]
        if not (unit or area) and says("price", said):  # over whatever is sold
            per = [j for j in tops if page.unit[j] != own and j not in page.whole_of]
        per.sort(key=lambda j: j in page.whole_of)
        beside = product(over[:1], per[:1]) if unit or area else []
        heads = [j for j in per if page.sentence[j] == page.sentence[i]]
        told = over and over[0] < i and set(page.kind[over[0] + 1 : i]) <= {"growth"}
        sure = bool(told) and len(heads) == 1 and says("bare_mean", page.phrase[i])
        wide = re.search("[至到~—-]", page.text[page.start[i] : page.end[i]])  # 150至180公斤
        yield from quotients(page, "ratio", i, beside, sure, wide is None, times=times)
        yield from quotients(page, "ratio", i, product(tops, per), False, times=times)


_OF_OTHER = re.compile(
    r"(?P<top>[^,，。;；]*?)(?:是|为|相当于|完成|撑起)(?P<base>[^,，。;；]{2,16}?)的$"
)
_THEN = re.compile(r"(?P<year>\d{4})年[末底]?|.{1,3}年前|上年(?:同期)?|去年(?:同期)?")


def multiples(page: Page, i: int) -> Iterator[Claim]:
    """Numbers told as a multiple or a part of another: 城镇收入是农村的2.28倍, 相当于收入的69%."""
    of = _OF_OTHER.fullmatch(page.phrase[i].rstrip("约近超过了"))
    if page.unit[i] != "" or not of or says("plan", of["base"]):
        return
    before = page.before(i, AMOUNTS, 3)
    if (of["top"], of["base"]) == ("前者", "后者"):
        yield from quotients(page, "ratio", i, pairwise(before[1::-1]), True)
        return
    tops = sorted(before, key=lambda j: -_likeness(core(of["top"]), page.name[j]))[:1]
    if not tops or _likeness(core(of["top"]), page.name[tops[0]]) < 0.5:
        return
    top = tops[0]
    others = [j for j in before if j != top and page.unit[j] == page.unit[top]]
    if then := _THEN.fullmatch(of["base"]):
        olds = [j for j in others if page.past[j] or says("old", page.phrase[j])]
        olds = [j for j in others if then["year"] and page.period[j][:4] == then["year"]] or olds
        bases = [j for j in olds if alike(page.name[j], page.name[top])]
    else:
        bases = [j for j in others if page.meant(top, of["base"], j) and not page.past[j]]
        bases.sort(key=lambda j: page.name[j][:2] != page.name[top][:2])  # of the same people
    near = bool(bases) and page.sentence[bases[0]] == page.sentence[i]
    yield from quotients(page, "ratio", i, [(top, j) for j in bases[:1]], near, True)


def _likeness(said: str, name: str) -> float:
    """Share of the pairs of characters that a name holds: 城镇居民收入 of 城镇居民人均收入."""
    pairs = {said[k : k + 2] for k in range(len(said) - 1)}
    return len({pair for pair in pairs if pair in name}) / len(pairs) if pairs else 1.0


def daily_means(page: Page, i: int) -> Iterator[Claim]:
    """Means a day: the amount of a month, or of some, over its days."""
    if not says("daily", page.said[i]):
        return
    for j in [k for k in page.before(i, AMOUNTS) if page.unit[k] == page.unit[i]][:1]:
        if span := re.fullmatch(r"(\w{4})(?:-(\d\d))?(?:/\1-(\d\d))?", page.period[j]):
            year = int(span[1]) if span[1].isdigit() else 2023  # any without a leap day
            months = range(int(span[2] or 1), int(span[3] or span[2] or 12) + 1)
            days = sum(monthrange(year, month)[1] for month in months)
            rule = lambda amount, days=days: amount / days  # noqa: E731
            yield Claim("ratio", i, (j,), f"x0/{days}", False, 0, rule)
