"""What a number is called: the phrase beside it, and the subject that the text carries along."""

import re
from functools import cache

from qhdanalysis.reading.figures.lexicon import any_of, one_of, words
from qhdanalysis.reading.figures.rules import begins_with_change, change_end, is_rate_of, is_speed

_COMPARISON = re.compile(
    "扣除价格因素|剔除价格因素|同比|环比|按可比|可比|同口径|年均|相?比(?![重例率值由从]|$)"
    "|较(?![快好大高低多少强])|(?:与|^).{1,8}相比|是[0-9]{4}年|[由从].*"
)
# A phrase that begins so leans on what was spoken of before.
_LEANING = re.compile(
    "比(?![重例率值])|较|[同环]比|[高低快慢](?:[于出]|$)|超(?![市高大导长])|与|[上下]拉|拉动|对(?![口外])"
    "|[增涨]速|[增涨降跌]幅|占|为|是|恢复|相当于|比重$|贡献率$|[落滞]后|份额$"
)
# Points that a speed or a progress is ahead by, not those by which a share has moved.
_BESIDE = re.compile("[上下]?拉|超|快|慢")
_STOP = re.compile(r"[,。;:!?()0-9%\s]")
_MAINLY = re.compile("以[^,。;]{1,24}为主的|[1-5]?A{1,5}级(?:及?以上)?的?")
_YEARLY = re.compile("^年(?:生?产|加工)(?![值量能])(.+)")
_AGAINST = re.compile("(?:比|较)(?:[0-9]{4}年|[0-9X].{0,3}?[-—~至][0-9]{1,2}月)份?(?:同期)?")
_VERB_FIRST = re.compile(
    "(?:约|近|超过?|逾|只|仅|就)(?=占)|(?:完成|实现)(?!投资|率|.*(?:计划|任务|预算|目标|进度)数?$)"
)
_BOUND_FIRST = re.compile("^(?:以上|以内|左右)?的?")
_NEXT = re.compile("(?:[\u4e00-\u9fff]{2,12}|[A-Z][类级档])(?<![^初高]中)[0-9]")  # 小学10所初中5所
_DONE = re.compile("(?:累计|实际|共|已)*完成$")
_MOST = re.compile("(?<=[率额量值资])(?:最[高低多大快]|居首)$")  # 完成率最高,达98%
_REMAINS = re.compile(
    "(?<=^[\u4e00-\u9fff]{2})(?:仍|依然|依旧|继续|始终)(?:是|为).*"
)  # 农业仍是大户
_REACHING = re.compile("^(?:完成了?|占|为|达到?)+")
_FEAST = "“?[\u4e00-\u9fff]{2,6}”?(?:假期|期间)"
NUMBERED = re.compile(  # 四、一般公共预算收入, but 一、二产业
    "[一二三四五六七八九十]{1,3}[、.](?![一二三四五六七八九十]+[、产季次])|[0-9]{1,2}[.、](?![0-9])"
)
_OF_TOPIC = re.compile("级$|^(?:[新续扩改迁重]建|改扩建)$")
_WORKS = re.compile("^(?:(?:[新续扩改迁重]建|改扩建|实施|安排)[、和及]?)+")
_WITHIN = re.compile("在(.{2,12}?)中占")
_UNDER_WAY = ("已", "正在", "尚", "未")
_SAME_STOCK = ("余额", "总量", "总额")


def opening(clause: str) -> int:
    """Give where the connectors at the head of a clause end."""
    begin = found.end() if (found := NUMBERED.match(clause)) else 0
    found = one_of("phrase", "opening", start=f"(?:{_FEAST}|份(?!额)|共(?!计)|", end=")+").match(
        clause, begin
    )
    return found.end() if found else begin


def strip(clause: str) -> str:
    """Take connectors off the head of a clause and fillers off its end."""
    return one_of("phrase", "closing", start="(?:", end=")+$").sub("", clause[opening(clause) :])


def core_of(clause: str) -> str:
    """Give the phrase in a clause before a number that says what the number is."""
    core = re.sub("占[到了]$", "占", strip(clause.replace("分别", "")))
    found = _VERB_FIRST.match(core)
    core = core[found.end() :] if found else core
    return "" if core in ("向", "对", "给", "让", "使", "从") else core


def noun_of(core: str) -> str:
    """Give what changes: a phrase without its comparison and its words of change."""
    if found := _COMPARISON.search(core):
        core = core[: found.start()]
    if found := change_end().search(core):
        core = core[: found.start()]
    return strip(core)


def predicate(after: str) -> str:
    """Give the words after a number up to the next stop: 6项[正在办理开工手续]."""
    return _STOP.split(after)[0]


@cache
def _noun_stops() -> re.Pattern[str]:
    return re.compile(f"(?<!规模)以上|以下|以内|左右|{any_of(words('phrase')['stops'])}")


def counted_noun(after: str) -> str:
    """Give the noun that stands after a count: 24个[项目]需国家解决."""
    if main := _MAINLY.match(after):
        after = after[main.end() :]
    noun = predicate(after.removeprefix("的"))
    if found := _noun_stops().search(noun):
        noun = noun[: found.start()]
    if heads := list(one_of("phrase", "heads").finditer(noun)):
        return noun[: heads[-1].end()]
    found = one_of("phrase", "verbs").search(noun)
    return noun[: found.start()] if found else noun


def noun_after(family: str, core: str, clause: str, after: str) -> str:
    """Give the noun after the number if that is what the number counts or measures."""
    bare = not core or core in words("phrase")["transitive"]
    wanted = family == "count" or (family == "measure" and (bare or after.startswith("的")))
    closed = one_of("phrase", "heads", "doings", end="$").search(core) and clause[-1:] != "的"
    goes_on = after.startswith(tuple("、和与及")) or begins_with_change(after)
    goes_on = goes_on or (not bare and _NEXT.match(after) is not None)
    return counted_noun(after) if wanted and not closed and not goes_on else ""


@cache
def _unit_by_noun() -> tuple[dict[str, str], re.Pattern[str]]:
    units = {noun: unit for unit, nouns in words("unit_of").items() for noun in nouns}
    return units, re.compile(f"(?:{any_of(units)})$")


def unit_hint(core: str) -> str:
    """Give the measure word that goes with the noun at the end of a phrase, '' if not known."""
    units, ends = _unit_by_noun()
    found = ends.search(core)
    return units[found[0]] if found else ""


def attribute_at(core: str) -> int:
    """Give where the name of an attribute (总投资, 完成率) begins at the end of a phrase, or -1."""
    found = one_of("phrase", "attributes", end="$").search(core)
    return found.start() if found else -1


class Talk:
    """What the text talks about: the subject of the last figure, and the topic it belongs to."""

    def __init__(self) -> None:
        self.subject = ""
        self.topic = ""  # the thing whose attributes are told: 项目27项,总投资…,完成投资…
        self.whole = ""  # the topic that parts are being picked out of
        self.ratio = ""  # the share or rate just told, whose points of change may follow
        self.tail = ""  # the part of the last name that leans on the subject

    def pick_out(self) -> None:
        """Begin to tell of parts of the topic (其中)."""
        self.whole = self.whole or self.topic

    def come_back(self) -> None:
        """Return to the topic that parts were picked out of."""
        self.topic, self.whole = self.whole or self.topic, ""

    def introduce(self, clause: str, fresh: bool) -> None:
        """Take in a clause without a figure, which may say what the next ones are about."""
        if found := _MOST.search(clause) or _REMAINS.search(clause):
            self.subject = clause[: found.start()]
        if len(clause) > 5:
            self.topic = self.ratio = ""
            noun = counted_noun(clause)
            if fresh and noun.endswith(tuple(words("phrase")["measures"])):
                self.subject = noun

    def name(self, kind: str, family: str, core: str, noun: str, after: str, clause: str) -> str:
        """Give the indicator of a figure."""
        ratio, self.ratio, self.tail = self.ratio, "", ""
        leaning = _LEANING.match(core) is not None
        if kind in ("growth", "difference"):
            return self._change(kind, family, core, leaning, ratio)
        if kind == "share" and not core:
            return predicate(_BOUND_FIRST.sub("", after)).partition("、")[0] or self.subject
        if clause.endswith(("到", "至")) or "由" in core:
            core = noun_of(core)
        of_it = leaning or is_rate_of(core)
        then = kind in ("level", "count") or core[:1] in tuple("比较与")
        then = then and leaning and not noun_of(core)
        if self.subject and (then or after.startswith("相比")):  # 比上年9亿元增加, 与9亿元相比
            return self.subject
        if family in ("measure", "count") and after.startswith("的") and of_it:
            return self.subject + _REACHING.sub("", core)  # 完成年初预算11亿元的75%
        if kind in ("share", "rate") and core and of_it:
            core += "比" if core[-1] == "占" else ""
            self.ratio, self.tail = self.subject + core, core
            return self.ratio
        if noun and one_of("share", "rate_of", end="$").search(noun):  # 完成全年6000人的目标
            return f"{self.subject}{core}{noun}"
        if noun:
            return self._counted(family, core, noun, after, clause)
        if not core:
            doing = predicate(after)
            under_way = family == "count" and doing.startswith(_UNDER_WAY)
            return doing if under_way else self.subject or doing
        topic = self.whole or self.topic
        part = kind == "count" and topic and _OF_TOPIC.search(core)
        if family == "count" and core in words("phrase")["transitive"] and not part:
            return core + (predicate(after) or self.topic)
        if kind != "rate":
            core = _DONE.sub("", core) or self.subject or core
            core = _YEARLY.sub(r"\1产量", core)
        if core in _SAME_STOCK and self.subject and not self.subject.endswith(core):
            return self.subject.removeprefix("新增") + core  # 新增主体2万户,总量12万户
        core = self.subject if not part and core and self.subject.startswith(core) else core
        begin = attribute_at(core)
        if begin == 0 and self.topic:
            core = self.topic + core
        elif kind == "share" and (within := _WITHIN.match(core)):  # 在全市盘子中占
            return f"{self.subject}占{within[1]}比"
        elif kind == "share" and "占" in core:
            core += "比" if core[-1] == "占" else ""
            self.ratio, whose = core, core.partition("占")[0]
            self.subject = self.subject if whose in _SAME_STOCK else whose
            return core
        elif part:  # 示范村镇29个,其中国家级4个
            core += _WORKS.sub("", topic)
        elif kind == "count" and begin != 0:
            self.topic = core
        elif begin > 2:
            self.topic = core[:begin]
        self._turn_to(core)
        return self.subject

    def _change(self, kind: str, family: str, core: str, leaning: bool, ratio: str) -> str:
        rest = noun_of(core)
        against = _AGAINST.search(core)
        if kind == "difference":
            core = core.replace(against[0], "") if against and "月" in against[0] else core
            if leaning or not rest:
                of_ratio = family == "points" and ratio and not _BESIDE.match(core)
                self.tail = core
                return (ratio if of_ratio else self.subject) + core
            if family != "points":
                self._turn_to(rest)
            # 余额比年初增加 is said of the 贷款余额 just told
            return self.subject + core.removeprefix(rest) if rest in _SAME_STOCK else core
        if rest and not leaning:
            self._turn_to(rest)
            return self.subject
        self.tail = core if is_speed(core) else against[0] if against else ""
        self.tail = "年均增长" if "年均" in core else self.tail
        return self.subject + self.tail

    def _counted(self, family: str, core: str, noun: str, after: str, clause: str) -> str:
        rest = predicate(after.partition(noun)[2])
        if clause.endswith("的"):
            noun = core + noun
        self.subject = noun
        if family == "count":
            self.topic = noun
            if rest.startswith(_UNDER_WAY) and not re.search("[0-9]", after):
                return noun + rest
        return noun

    def _turn_to(self, phrase: str) -> None:
        """Change the subject; a shorter name of the same (余额) keeps it."""
        if not (phrase in _SAME_STOCK and self.subject.endswith(phrase)):
            self.subject = phrase
