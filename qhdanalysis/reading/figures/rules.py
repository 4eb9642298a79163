"""What a number is: its kind, sign and bound, and whether it reports anything.

The last word of change before a number decides: 同比增长 makes a percentage growth, 占 a share;
with neither it is a rate. An amount is a difference if it is said to be a change, else a level.
"""

import re
from functools import cache

from qhdanalysis.reading.figures.lexicon import any_of, one_of, words

# Words that hold a word of change and mean none: 增加值 is an amount, 高新 a name.
_GUARD = re.compile(
    "增加值|高新|高质量|高标准|高技术|高端|高速|高铁|高效|高层|高[中校等]|最[高低多少]|减税|降费|减排|减负"
    "|降本|减免|多[式元种]|少数民族|少年|新增长|超市|超额|降[水雨]|低保|低碳|低收入|减灾"
)
_COMPARES = re.compile("比(?![例重率值])|较|同比|环比|年初")
_CHANGED = re.compile(
    "增产|减产|减贫|多增|少增|增收|减收|增支|减支|短收|超收|超支|净增|净减|多收|少收|压减|缩减|削减|减少|新增"
)
_BEYOND = re.compile("超过?[^,]*(?:计划|目标|任务|预算|进度)|超额(?:完成)?$")
_FLOW_OR_STOCK = re.compile("存款|贷款|余额|储蓄|库存")
_LESS = ("低于", "慢于", "少于", "下拉", "落后", "滞后")
_SIDE = re.compile("低于|慢于|少于|下拉|落后|滞后|高于|快于|多于|好于|高出|上拉")
_BESIDE = re.compile("[^,。;]{0,20}(?:低于|慢于|高于|快于|高出|超过)的[^,，。;；、]{1,12}")
_GOAL = re.compile("的[^,。;、0-9]{1,12}[0-9.]+个?百?分?点")
_TO = re.compile("(?:到|至|为)了?的?$")
_RATE = re.compile("(?:自然增长|(?<!贡献|增长|下降))率$|(?:系数|存贷比)$")
_REACHED = re.compile("完成|占|达|为|是")
_SHARE_BOUND = re.compile("(约|近|超过?|逾)占|占(约|近|超过?|逾)$")


def goes_on(clause: str, gap: str) -> bool:
    """Say whether a clause goes on behind its number: 占总量76万吨[的]57%, 低于4%[的目标]1点."""
    return gap == "的" or (gap[:1] == "的" and _BESIDE.fullmatch(clause + gap) is not None)


def ends_comparison(clause: str, gap: str) -> bool:
    """Say whether a change stands between two numbers: 比计划10亿元[少]1亿元."""
    return clause[:1] in tuple("比较与") and gap in words("change")["weak"]


@cache
def _change() -> re.Pattern[str]:
    lists = words("change")
    return re.compile(f"(?P<down>{any_of(lists['down'])})|(?P<up>{any_of(lists['up'])})")


@cache
def change_end() -> re.Pattern[str]:
    """Give the pattern of a change at the end of a phrase: 比上年大幅增长."""
    verbs = any_of([*words("change")["up"], *words("change")["down"]])
    comparing = any_of(words("phrase")["comparing"])
    return re.compile(f"(?:{comparing})*(?:{verbs})(?:{verbs})?$")


@cache
def _bounds(side: str, end: str = "") -> re.Pattern[str]:
    lists = words("bounds")
    groups = (
        f"(?P<{bound}>{any_of(lists[f'{bound}_{side}'])})"
        for bound in ("about", "near", "over", "upper")
        if f"{bound}_{side}" in lists
    )
    return re.compile(f"(?:{'|'.join(groups)}){end}")


def begins_with_change(after: str) -> bool:
    """Say whether the words after a number tell how it changed: 1286辆[压减到]658辆."""
    found = _change().match(after)
    return found is not None and len(found[0]) > 1


def is_speed(core: str) -> bool:
    """Say whether a phrase names a speed of change: 增速, 降幅."""
    return one_of("change", "speed", end="$").search(core) is not None


def is_rate_of(core: str) -> bool:
    """Say whether a phrase relates a result to its plan: 完成年度任务, 占年计划."""
    return bool(one_of("share", "rate_of", end="的?$").search(core) and _REACHED.search(core))


def kind_of(clause: str, core: str, family: str, unit: str, alone: bool) -> tuple[str, bool]:
    """Give the kind of a number, and whether it is a fall.

    ``clause`` is what stands before it in its clause, ``core`` the same without connectors and
    fillers, ``family`` ratio, points, count or measure; ``alone`` says that what it is a part of
    follows (三成企业).
    """
    masked = _GUARD.sub(lambda found: "□" * len(found[0]), core)
    falls = _falls(masked)
    if family == "points":
        return "difference", falls
    if unit == "番":
        return "growth", False
    to = bool(_TO.search(clause)) and not is_speed(core)
    changes = change_end().search(masked) is not None
    if family == "ratio":
        alone = (alone and not _SIDE.search(clause)) or _MAKES_UP.match(clause) is not None
        return _kind_of_ratio(core, falls, changes and not to, alone or unit in ("成", "分之"))
    base = {"count": "count", "number": "rate"}.get(family, "level")
    level = core.endswith("指数") or (
        unit == "天" and re.search("周转|回收|时长|时限|[用耗]时", core)
    )
    base = "level" if level else base
    base = "difference" if core.endswith(("顺差", "逆差")) else base
    if unit.endswith(("位", "位次", "名次")) and changes:
        return "difference", falls
    compared = _COMPARES.search(masked) is not None
    if (
        to
        or clause.endswith(("的有", "的共有"))
        or (family == "count" and clause.endswith("的"))  # 产值增长的52家
        or (
            "新增" in masked
            and not compared
            and (family == "count" or not _FLOW_OR_STOCK.search(masked))
        )
    ):
        return base, False
    weak = masked.endswith(tuple(words("change")["weak"])) and not compared
    if (
        _CHANGED.search(masked)
        or _BEYOND.match(core)
        or (changes and not weak)
        or (compared and _change().search(masked))
    ):
        return "difference", falls
    return base, False


def _kind_of_ratio(core: str, falls: bool, changes: bool, alone: bool) -> tuple[str, bool]:
    if _RATE.search(core) or is_rate_of(core):
        return "rate", False
    if is_speed(core) or changes:
        return "growth", falls
    noun = change_end().sub("", _TO.sub("", core))  # 份额升至
    if "占" in core or one_of("share", "words", end="$").search(noun) or alone:
        return "share", False
    return "rate", False


def _falls(core: str) -> bool:
    """Say whether the last word of change is one of less; a comparison with another goes before."""
    if compared := _SIDE.findall(core):
        return compared[-1] in _LESS
    changes = [found["up"] for found in _change().finditer(core)]
    changes = [up for up in changes if up not in ("增速", "增幅", "涨幅", "升幅")]
    return bool(changes) and changes[-1] is None


def bound_before(clause: str) -> str:
    """Give the bound that the last words before a number set: 约, 近, 超过, 不到."""
    found = _bounds("before", "[了为]?$").search(clause)
    return str(found.lastgroup) if found else ""


def bound_after(after: str) -> str:
    """Give the bound that the first words after a number set: 左右, 以上, 以内."""
    found = _bounds("after").match(after.removeprefix(")"))
    return str(found.lastgroup) if found else ""


def bound_of(clause: str, after: str, more: bool, share: bool = False) -> str:
    """Give the bound that the words beside a number set: about, near, over, upper or ''."""
    goal = _GOAL.match(after) and _SIDE.search(clause)  # 低于4.5%的目标1.2个百分点
    bound = bound_before(clause) or bound_after(after)
    if goal or bound:
        return "" if goal else bound
    if share and (found := _SHARE_BOUND.search(clause)):
        return {"约": "about", "近": "near"}.get(found[1] or found[2], "over")
    return "over" if more else ""


_CLASS_AFTER = re.compile(
    "(?:及)?(?:以上|以下|以内)(?:[0-9]+[个家项户]|的(?!增|速|幅|比|水平|目标)|[\u4e00-\u9fff](?<![左右和并且或占]))"
)
# a bound of a class after its measure: 人口超过2万人的镇, 容积率低于1.0的项目
_MAKES_UP = re.compile("(?:撑起|支撑|贡献|创造|吸纳|承担)了?.+的$")  # 支撑营收213亿元的29%
_MEASURE_OVER = re.compile("(?:人口|率|面积|产值|收入|规模)(?:超过?|不足|[低高大小少多]于)$")
_OF_CLASS = re.compile(
    "的(?:共?有|[\u4e00-\u9fff]{0,8}(?:项目|企业|镇|乡|村|户|单位|小区|园区|家庭|住房))"
)
_RATE_CLASS = re.compile(
    "(?:及?以[上下]|以内)的(?:企业|项目|单位|乡镇|镇|乡|村|社区|县区|县|地块|学校)"
)
_LIFE = re.compile("寿命|年龄|均龄")
_EACH = re.compile("(?:单户|单笔|单宗|单体).{0,6}$")


_CAPACITY = re.compile("(?:年|日)(?:产|处理|加工|供水|供热|屠宰)$")
_PLANT = re.compile("[\u4e00-\u9fffA-Za-z]{0,12}?(?:项目|生产线|工程|装置|基地|厂|机组)")


def defines_class(unit: str, ends: int, clause: str, after: str) -> bool:
    """Say whether a number defines a class (5亿元以上项目, 65岁以上) and reports nothing."""
    if unit.endswith("岁"):
        return _LIFE.search(clause) is None
    amount = unit not in ("%", "‰", "成", "分之") and not unit.endswith("点")
    noun = one_of("bounds", "class_nouns", start="的?(?:之间的)?(?:[0-9]+[个家项户])?").match(after)
    if clause.endswith("率") and _RATE_CLASS.match(after):  # 满意率98%以上的企业12家
        return True
    return amount and bool(
        _CLASS_AFTER.match(after)
        or one_of("bounds", "class_before", end="$").search(clause)
        or (_MEASURE_OVER.search(clause) and _OF_CLASS.match(after))
        or (_CAPACITY.search(clause) and _PLANT.match(after))
        or (noun and (ends == 2 or one_of("bounds", "class_over", end="$").search(clause)))
        or (_EACH.search(clause) and after.startswith(("以", "的", "及")))
    )
