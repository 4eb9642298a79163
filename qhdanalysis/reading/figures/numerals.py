"""Find the numbers of a text: what may be a figure, what a date, what only looks like a number.

`clean` takes noise out of the text and remembers where each character stood; `scan` walks once over
the cleaned text and gives the tokens in order. No pattern repeats a repetition and each is tried at
one place at a time, so time grows with the length of the text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from qhdanalysis.reading.figures.lexicon import measure_words, one_of, words
from qhdanalysis.units import fold, lookup

HAN = "\u4e00-\u9fff"
_CHINESE = "[一二两三四五六七八九十][零〇一二两三四五六七八九十百千]*"
_DECIMAL = f"{_CHINESE}(?:点[零〇一二三四五六七八九]+)?"
_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_YEAR = "(?:(?:19|20)[0-9]{2}|二[〇零○][〇零○一二三四五六七八九]{2})"
TO = "[-—~至到]"

PINYIN = rf"(?<=[{HAN}])\([a-zü\u00e0-\u01dc]{{1,7}}\)"
_NOISE = re.compile(
    rf"(?P<pinyin>{PINYIN})"
    r"|(?P<mark>(?<![0-9])[`*]+(?=[0-9])|(?<=[0-9])[`*]+(?![0-9]))"
    r"|(?P<space>[\s\u200b-\u200f\ufeff\x00-\x1f]+)"
)
_HEADING = re.compile(
    r"[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十0-9]{1,3}\)|[0-9]{1,2}[.、](?![0-9])"
    r"|第.{1,3}[章节条]"
)
_JOINED, _UNSHARED = re.compile("、|和|与|及|以及|至|到"), ("分之", "番")
_SHORT_LINE = 12  # characters of a line that is a heading: it ends where its line does
_CLOSE = 12  # characters within which the next number tells a dropped unit
_GROUP = re.compile("[0-9]{3}(?![0-9])")
_REST = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?")
_HEAD = re.compile(rf"[{HAN}](?P<apart>[ \n]?)[0-9]{{1,3}}(?P<point>\.[0-9]*)?$")

PERIOD = re.compile(
    rf"(?:截至|截止|到|至)?(?:(?P<from>{_YEAR})年?{TO}(?P<until>{_YEAR})(?:年|(?=[两二三四五]年))|(?P<plan>十[一二三四五]五|[八九十]五(?=”?(?:期间|时期|以来|末)))(?!规)"
    rf"|(?P<whole>(?P<year>{_YEAR})年度?|(?P<relative>今年|去年|上年|前年|本年度?|当年|明年|全年|年度|当月|本月)(?:全年)?)"
    rf"?的?(?:(?P<day_month>{_MONTH})月(?P<day>[0-9]{{1,2}})日"
    rf"|(?P<first>{_MONTH})(?:月份?)?{TO}(?P<last>{_MONTH})月(?P<last_end>份?[末底])?份?"
    f"|前(?P<count>{_MONTH}|两)个?月"
    "|(?P<span>[上下]半年|前[三两二]个?季度|首季度?|第?[一二三四1-4]季度)(?P<span_end>[末底])?"
    f"|(?P<month>{_MONTH})月(?:(?P<end>份?[末底])|份|[上中下]旬)?"
    "|(?P<edge>年?[末底初]))?)(?P<since>以来|起)?(?P<ahead>前(?![0-9一二两三四五六七八九十]))?"
)
_DURATION = re.compile(
    f"(?P<recent>近|最近|过去)?(?:[0-9]+(?:\\.[0-9]+)?|{_CHINESE})[多余来]?"
    "(?:个(?:多)?月|个?季度|个?星期|年(?![末底初])|月(?![0-9末底份])|周|个?小时|分钟|天|日)(?!游)"
)
_DIGITS = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?(?:[万亿][0-9]+)*"
_ARABIC = re.compile(_DIGITS)
_HAN_NUMBER = re.compile(
    f"{_DECIMAL}(?:[万亿][零一二两三四五六七八九十][零一二两三四五六七八九十百千]*)*"
)
_TENTH = re.compile("[一二三四五六七八九半](?![个家项户成分百千十万])")
_PHONE = re.compile("(?:电话|热线|传真|邮编):?$")
_CODE = re.compile("[A-Za-z0-9./+-]*")
_GARBLED = re.compile("[0-9]+日")
# days and hours that are told, and do not only date something
_TOLD_TIME = re.compile(
    "(?:优良|达标|空气|天数|小时数|蓝天|回收|周转|周期|时长|时限|[用耗]时)[^。;\n]*$"
    "|(?<!连续)(?:增加|减少|缩短|延长|拉长|多|少)了?$"
)
_STRUCTURE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?::[0-9]+(?:\.[0-9]+)?)+")
_ORDINAL = re.compile(f"第(?P<number>[0-9]{{1,4}}|{_CHINESE})(?P<unit>位|名(?!单))?")
_FRACTION = re.compile(
    f"(?P<below>百|千|万|[0-9]+|{_CHINESE})分之(?P<above>百(?!分)|{_DIGITS}|{_DECIMAL})"
)
_DOUBLING = re.compile("翻(?:了)?(?P<number>[0-9一二两三四五])?(?:番|倍)(?P<more>[多余])?")
_START = re.compile(
    r"(?P<code>[A-Za-z][A-Za-z&]{0,15}[-./]?(?=[0-9]))"
    r"|(?P<iso>(?:19|20)[0-9]{2}[-./](?:0?[1-9]|1[0-2])[-./][0-9]{1,2}(?![0-9]))"
    r"|(?P<name>[\[\u3014(](?:19|20)[0-9]{2}[\]\u3015)][0-9]*号?|第?[0-9]+号|[0-9]+(?:[+\u00d7*][0-9]+)+)"
    rf"|(?P<date>(?=截[至止]|[到至]?{_YEAR}年|{_YEAR}[-—~至到]{_YEAR}[年两二三四五]|[今去上前本当明]年|[当本]月|全年|年度|年[末底初]"
    rf"|[上下]半年|前[^,。]{{1,2}}个?月|前[三两二]个?季度|第?[一二三四1-4]季度|首季|{_MONTH}月"
    rf"|{_MONTH}(?:月份?)?{TO}{_MONTH}月|十[一二三四五]五|[八九十]五”?[期时以末]))"
    f"|(?P<duration>(?=(?:近|最近|过去)(?:[0-9]|[一二两三四五六七八九十])))"
    f"|(?P<ordinal>(?=第[0-9一二三四五六七八九十]))|(?P<top>首位)"
    f"|(?P<fraction>(?=(?:百|千|万|[0-9]+|{_CHINESE})分之))|(?P<doubling>(?=翻了?[0-9一二两三四五]?[番倍]))"
    r"|(?P<arabic>[0-9])|(?P<chinese>[一二两三四五六七八九十])"
)


@dataclass(slots=True)
class Token:
    """A stretch of the cleaned text that holds a number or a date."""

    start: int
    end: int
    what: str  # figure, structure, rank, date, duration, garbled or name (not a figure)
    numbers: tuple[
        str, ...
    ] = ()  # one number, or both ends of a range, or the parts of a structure
    unit: str = ""
    more: bool = False  # 余 or 多 stands inside
    match: re.Match[str] | None = None
    note: str = ""
    first_unit: str = ""  # of the first end of a range, where it differs
    shared: str = ""  # the unit that stands with the last number of a list only
    close: str = ""  # the unit of a number that follows closely


def clean(text: str) -> tuple[str, npt.NDArray[np.int64]]:
    """Fold the text, drop pinyin and stray white space; give also each character's old place.

    A line break stays where a paragraph seems to end, a space where it parts columns or numbers.
    """
    folded = fold(text)
    pieces: list[str] = []
    keep, last = np.ones(len(folded), dtype=bool), 0
    for found in _NOISE.finditer(folded):
        start, end = found.span()
        stays = "" if found.lastgroup != "space" else _meaning(folded, start, end)
        pieces += (folded[last:start], stays)
        keep[start + len(stays) : end] = False
        last = end
    pieces.append(folded[last:])
    return "".join(pieces), np.flatnonzero(keep)


def traditional(text: str) -> dict[int, str]:
    """Map simplified characters back to the traditional ones that a text uses throughout."""
    both = zip(text, fold(text), strict=True)
    pairs = {new: old for old, new in both if old != new > "\u4e00"}
    return {ord(new): old for new, old in pairs.items() if new not in text}


def _meaning(text: str, start: int, end: int) -> str:
    """Say what a run of white space stands for: a paragraph's end, a column's end or nothing."""
    space, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
    lines = space.count("\n")
    if before.isdigit() and after.isdigit():
        cut = lines < 2 and _cut_number(text, start, end)
        return "" if cut else "\n" if lines else " "
    if (before == "." and after.isdigit()) or (before.isdigit() and after == "."):
        return ""
    if not lines:
        return " " if len(space) > 2 else ""
    if before and before in "0123456789万亿千百" and lines < 2 and _measure().match(text, end):
        return ""
    ended = not before or before in "。;!?…:" or lines > 1
    short = start - text.rfind("\n", 0, start) < _SHORT_LINE and not after.isdigit()
    return "\n" if ended or short or _HEADING.match(text, end) else ""


def _cut_number(text: str, start: int, end: int) -> bool:
    """Say whether white space between two digits has cut one number in two (12 34.5亿元)."""
    after, before = _REST.match(text, end), _HEAD.search(text, start - 8, start)
    measured = after is not None and bool(
        _measure().match(text, after.end() + text.startswith(" ", after.end()))
    )
    group = bool(_GROUP.match(text, end))
    cut = before and (group and measured if before["apart"] else group or measured)
    return bool(cut and before and not before["point"])


@cache
def _measure() -> re.Pattern[str]:
    return re.compile(f"[万亿千百]*(?:{measure_words()})")


@cache
def _after_digits() -> re.Pattern[str]:
    """Give the pattern of what may follow digits: 余, multipliers, a measure word, 每 another."""
    unit = measure_words()
    return re.compile(
        rf"(?P<more>[余多来])?(?:(?P<scale>[十百千万亿]*)(?P<inner>[余多])?"
        rf"(?P<atom>{unit})(?:[/每](?P<per>[万亿]?(?:{unit})|年|日))?|(?P<only>[十百千万亿]+)(?P<last>[余多])?)?"
    )


def scan(text: str) -> list[Token]:
    """Give the tokens of a cleaned text in order."""
    tokens: list[Token] = []
    acronyms = set(words("numbers")["acronyms"])
    place = 0
    while found := _START.search(text, place):
        start, kind = found.start(), found.lastgroup
        token = None
        if kind == "code":
            if found[0].rstrip("-./").upper().replace("&", "") not in acronyms:
                token = Token(start, _code_end(text, found.end()), "name")
        elif kind in ("iso", "name"):
            token = Token(start, found.end(), "name")
        else:
            token = _READERS[kind](text, start) if kind in _READERS else None
            if token is None and kind != "ordinal":
                token = _duration(text, start) or _number(text, start)
        if token:
            tokens.append(token)
        place = token.end if token else max(found.end(), start + 1)
    _share_units(text, tokens)
    return tokens


def _share_units(text: str, tokens: list[Token]) -> None:
    """Give the numbers of a list the unit that its last one has: 1.7、3.2个、4.0个百分点."""
    figures = [token for token in tokens if token.what == "figure"]
    for one, other in reversed([*pairwise(figures)]):
        unit = other.shared or other.unit
        if unit not in _UNSHARED and (not one.unit or (one.unit == "个" and unit.endswith("点"))):
            gap = text[one.end : other.start]
            one.shared = unit if _JOINED.fullmatch(gap) else ""
            one.close = unit if len(gap) < _CLOSE else ""


def _code_end(text: str, place: int) -> int:
    """Give the end of a code such as PM2.5 or E03643767/2023-801."""
    found = _CODE.match(text, place)
    return found.end() if found else place


def _date(text: str, start: int) -> Token | None:
    match = PERIOD.match(text, start)
    if not match or match.lastindex is None:
        return None
    return Token(start, match.end(), "date", match=match)


def _duration(text: str, start: int) -> Token | None:
    match = _DURATION.match(text, start)
    if not match:
        return None
    if _GARBLED.fullmatch(match[0]):
        return Token(start, match.end(), "garbled", note="garbled date")
    timed = match[0].endswith(("天", "小时", "分钟", "个月"))
    if timed and _TOLD_TIME.search(text[max(0, start - 20) : start]):
        return None
    return Token(start, match.end(), "duration", match=match)


def _rank(text: str, start: int) -> Token | None:
    match = _ORDINAL.match(text, start)
    if not match:
        return None
    return Token(match.start(1), match.end(), "rank", (match[1],), match[2] or "", match=match)


def _top(text: str, start: int) -> Token | None:
    return Token(start, start + 2, "rank", ("1",), "位")


def _fraction(text: str, start: int) -> Token | None:
    match = _FRACTION.match(text, start)
    if not match:
        return None
    unit = {"百": "%", "千": "‰"}.get(match["below"], "分之")
    above = "100" if match["above"] == "百" else match["above"]  # 百分之百
    numbers = (above, match["below"]) if unit == "分之" else (above,)
    return Token(start, match.end(), "figure", numbers, unit)


def _doubling(text: str, start: int) -> Token | None:
    match = _DOUBLING.match(text, start)
    if match is None:
        return None
    return Token(start, match.end(), "figure", (match[1] or "1",), "番", match["more"] is not None)


def _number(text: str, start: int) -> Token | None:
    """Read a number with its unit, or the range or structure that starts here."""
    arabic = text[start].isdigit()
    if arabic and (found := _STRUCTURE.match(text, start)):
        return Token(start, found.end(), "structure", tuple(found[0].split(":")))
    number = (_ARABIC if arabic else _HAN_NUMBER).match(text, start)
    if number is None:
        return None
    digits, unit, more, end = _join(text, number)
    before, after = text[start - 1 : start], text[end : end + 2]
    if arabic and before and before in ".?":
        return Token(start, _code_end(text, end), "name", note="digits lost")
    if arabic and not unit and _PHONE.search(text, start - 4, start):
        return Token(start, _code_end(text, end), "name")
    if arabic and not unit:
        dotted = after[:1] == "." and after[1:].isdigit()
        if dotted or (after[:1].isascii() and after[:1].isalpha()) or _named(text, end):
            return Token(start, _code_end(text, end), "name")
    if not arabic and not _reported(number[0], unit):
        return Token(start, number.end(), "name")
    token = Token(start, end, "figure", (digits,), unit, more)
    return _range(text, token) if after[:1] and after[0] in "-—~至到" else token


def _named(text: str, place: int) -> bool:
    return one_of("numbers", "names_after").match(text, place) is not None


def _reported(number: str, unit: str) -> bool:
    """Say whether a Chinese numeral reports something: 三成, 两万人, not 三县, 一公里, 五个方面."""
    if not unit.strip("十百千万亿"):
        return not {"万", "亿"}.isdisjoint(unit)
    measure = lookup(unit)
    if measure.family in ("ratio", "points"):
        return True
    large = unit[0] in "百千万亿" or (len(number) > 1 and not {*number}.isdisjoint("百千万亿"))
    return large or (not measure.counted and len(number) > 1)


def _join(text: str, number: re.Match[str]) -> tuple[str, str, bool, int]:
    """Split digits and unit: 1万8900元 keeps its multiplier in the number, 1.2万元 in the unit."""
    unit = _after_digits().match(text, number.end())
    assert unit is not None  # every part of the pattern may be missing
    scale = unit["scale"] or unit["only"] or ""
    atom = (unit["atom"] or "") + (f"/{unit['per']}" if unit["per"] else "")
    digits = number[0].replace(",", "")
    if "万" in digits or "亿" in digits:
        digits, scale = digits + scale, ""
    beyond = text[unit.end() : unit.end() + 1] in tuple("多余") and atom in ("成", "倍")  # 六成多
    more = bool(unit["more"] or unit["inner"] or unit["last"] or beyond)
    if atom == "成" and (part := _TENTH.match(text, unit.end())):  # 三成五
        return f"{digits}点{part[0].replace('半', '五')}", atom, more, part.end()
    end = unit.end() if scale or atom or (more and unit["more"] != "来") else number.end()
    end += beyond
    return digits, scale + atom, more and end > number.end(), end


def _range(text: str, first: Token) -> Token:
    """Read the second end of 7%-7.5% or 30至50万元, if there is one."""
    place = first.end + 1
    from_to = text.endswith(("由", "从"), None, first.start)
    moved = from_to and text.startswith(("到", "至"), first.end)  # 由5家到8家
    number = (_ARABIC if text[place : place + 1].isdigit() else _HAN_NUMBER).match(text, place)
    if number is None or moved:
        return first
    digits, unit, more, end = _join(text, number)
    if not unit or (first.unit and first.unit[-1] != unit[-1]):
        return first
    numbers, other = (*first.numbers, digits), first.unit if first.unit != unit else ""
    return Token(first.start, end, "figure", numbers, unit, more, first_unit=other)


_READERS: dict[str, Callable[[str, int], Token | None]] = {
    "date": _date,
    "duration": _duration,
    "ordinal": _rank,
    "top": _top,
    "fraction": _fraction,
    "doubling": _doubling,
}
