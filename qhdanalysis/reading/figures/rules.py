"""What a number is: its kind, sign and bound, and the words around it that name it."""

import re
from functools import cache
from typing import Any, NamedTuple

from qhdanalysis.reading.figures.lexicon import any_of, words


class _Patterns(NamedTuple):
    opening: re.Pattern[str]
    closing: re.Pattern[str]
    change: re.Pattern[str]
    change_end: re.Pattern[str]
    speed_end: re.Pattern[str]
    share: re.Pattern[str]
    rate_of: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    stops: re.Pattern[str]
    verbs: re.Pattern[str]
    head: re.Pattern[str]
    heads: re.Pattern[str]


@cache
def patterns() -> _Patterns:
    """Compile the word lists, once."""
    change, phrase, share = words()["change"], words()["phrase"], words()["share"]
    closing = any_of(phrase["closing"])
    verbs = any_of([*change["up"], *change["down"]])
    comparing = any_of(phrase["comparing"])
    bounds = words()["bounds"]
    before = "|".join(f"(?P<{k}>{any_of(bounds[f'{k}_before'])})" for k in ("about", "near", "over", "upper"))
    after = "|".join(f"(?P<{k}>{any_of(bounds[f'{k}_after'])})" for k in ("about", "over", "upper"))
    return _Patterns(
        opening=re.compile(f"(?:{any_of(phrase['opening'])})+"),
        closing=re.compile(f"(?:{closing})+$"),
        change=re.compile(f"(?P<down>{any_of(change['down'])})|(?P<up>{any_of(change['up'])})"),
        change_end=re.compile(f"(?:{comparing})*(?:{verbs})(?:{verbs})?$"),
        speed_end=re.compile(f"(?:{any_of(change['speed'])})$"),
        share=re.compile(f"(?:{any_of(share['words'])})$|占"),
        rate_of=re.compile(f"(?:{any_of(share['rate_of'])})的?$"),
        before=re.compile(f"(?:{before})(?:了|为)?$"),
        after=re.compile(f"\\)?(?:{after})"),
        stops=re.compile(any_of(phrase["stops"])),
        verbs=re.compile(any_of(phrase["verbs"])),
        head=re.compile(any_of(phrase["heads"])),
        heads=re.compile(f"(?:{any_of(phrase['heads'])})$"),
    )


_GUARD = re.compile("增加值|高新|高质量|高标准|高技术|高端|高速|高铁|减税|降费|减排|减负|降本|减免|多式|少数民族|新增长|超市|降水|高中|高校|高等|高层|多元|提高到|超额")
_STOCK = re.compile("存款|贷款|余额|储蓄|库存|授信")
_COMPARED = re.compile("比|较|同比|环比|高于|低于|快于|慢于|超|净")
_STRONG = re.compile("增产|减产|多增|少增|增收|减收|增支|减支|短收|超收|净增|净减|多收|少收|减少|压减|缩减|削减")


def kind_of(clause: str, core: str, family: str, unit: str, alone: bool) -> tuple[str, int]:
    """Give kind and sign from the words before a number (``core``: without closing words)."""
    p = patterns()
    masked = _GUARD.sub(lambda m: "□" * len(m[0]), core)
    sign = _sign(masked)
    if family == "points":
        return "difference", sign
    if unit == "番":
        return "growth", 1
    to = bool(re.search("(?:到|至|为)(?:了)?$", clause)) and not p.speed_end.search(core)
    ends = p.change_end.search(masked)
    if family == "ratio":
        if core.endswith(("率", "系数")) and not core.endswith(("贡献率", "增长率", "下降率", "占有率")):
            return "rate", 1
        if p.rate_of.search(core) and ("完成" in core or "占" in core or "达" in core or "为" in core):
            return "rate", 1
        if p.speed_end.search(core) or (ends and not to):
            return "growth", sign
        if p.share.search(core) and not core.endswith("率") or core.endswith("贡献率"):
            return "share", 1
        if alone:
            return "share", 1
        return "rate", 1
    counted = family not in ("measure",)
    strong = _STRONG.search(masked)
    if unit in ("位", "名次") and ends:
        return "difference", sign
    base = "count" if counted else "level"
    if to:
        return base, 1
    new = "新增" in masked
    if new and not re.search("比|较", masked) and not (_STOCK.search(masked) and not counted):
        return base, 1
    if strong or new or (ends and not masked.endswith(("超", "多"))) or (p.change.search(masked) and re.search("比|较|同比", masked) and not to):
        return "difference", sign
    return base, 1


def _sign(core: str) -> int:
    """Give the direction of the last word of change; a named comparison goes before."""
    if compared := re.findall("低于|慢于|少于|下拉|落后|滞后|高于|快于|多于|高出|上拉", core):
        return -1 if compared[-1] in ("低于", "慢于", "少于", "下拉", "落后", "滞后") else 1
    last = 1
    for found in patterns().change.finditer(core):
        if found["up"] in ("增速", "增幅", "涨幅", "升幅"):
            continue
        last = -1 if found["down"] else 1
        if found["up"] in ("扩大",) and "降幅" in core:
            last = 1
    return last


def bound_of(clause: str, after: str, more: bool) -> str:
    """Give the bound that the words beside a number set."""
    p = patterns()
    if found := p.before.search(clause[-6:]):
        return str(found.lastgroup)
    if found := p.after.match(after):
        return str(found.lastgroup)
    return "over" if more else ""


def strip(clause: str) -> str:
    """Take connectors off the head of a clause and fillers off its end."""
    p = patterns()
    found = p.opening.match(clause)
    clause = clause[found.end() :] if found else clause
    return p.closing.sub("", clause)


_COMPARISON = re.compile(
    "同比|环比|按可比|可比|同口径|年均|比(?![重例率值])|较(?![快好大高低多少强])|与.{1,8}相比"
)


def noun_of(core: str) -> str:
    """Take comparisons and words of change off the end: what grows."""
    found = _COMPARISON.search(core)
    if found:
        core = core[: found.start()]
    found = patterns().change_end.search(core)
    return strip(core[: found.start()] if found else core)


def counted_noun(after: str) -> str:
    """Give the noun that a count stands before: 24个[项目]需…."""
    if main := _MAINLY.match(after):
        after = after[main.end() :]
    p = patterns()
    after = after.removeprefix("的")
    stop = _STOP.search(after)
    noun = after[: min(stop.start() if stop else 24, 24)]
    if (found := p.stops.search(noun)) :
        noun = noun[: found.start()]
    last = 0
    for found in p.head.finditer(noun):
        last = found.end()
    if last:
        return noun[:last]
    found = p.verbs.search(noun)
    return noun[: found.start()] if found else noun


_STOP = re.compile(r"[,。;:!?()\n0-9%\s]")
_MAINLY = re.compile("以[^,。;]{1,24}为主的")


def predicate(after: str) -> str:
    """Give the words after a number up to the next stop: 6项[正在办理开工手续]."""
    stop = _STOP.search(after)
    return after[: min(stop.start() if stop else 16, 16)]


@cache
def _hints() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((unit, tuple(ends)) for unit, ends in words()["unit_of"].items())


def unit_hint(noun: str) -> str:
    """Give the measure word that goes with a noun, '' if none is known."""
    best = max(((len(end), unit) for unit, ends in _hints() for end in ends if noun.endswith(end)), default=(0, ""))
    return best[1]


def is_attribute(core: str) -> bool:
    """Say whether a phrase means little without the thing it belongs to."""
    return core in _attributes()


@cache
def _attributes() -> frozenset[Any]:
    return frozenset(words()["phrase"]["attributes"])
