"""Find the numbers of a text: what may be a figure, what a date, what only looks like a number.

`clean` takes noise out of the text and remembers where each character stood; `scan` walks once over
the cleaned text and gives the tokens in order. No pattern repeats a repetition and each is tried at
one place at a time, so time grows with the length of the text.
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from qhdanalysis.reading.figures.lexicon import any_of, measure_words, words
from qhdanalysis.units import fold

HAN = "\u4e00-\u9fff"
_CHINESE = "[一二两三四五六七八九十][零〇一二两三四五六七八九十百千]*"
_DECIMAL = f"{_CHINESE}(?:点[零〇一二三四五六七八九]+)?"
_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_YEAR = "(?:(?:19|20)[0-9]{2}|二[〇零○][〇零○一二三四五六七八九]{2})"
TO = "[-—~至到]"

_NOISE = re.compile(
    rf"(?P<pinyin>(?<=[{HAN}])\([a-zü\u00e0-\u01dc]{{1,7}}\))"
    r"|(?P<space>[\s\u200b-\u200f\ufeff\x00-\x1f]+)"
)
_HEADING = re.compile(
    r"[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十0-9]{1,3}\)|[0-9]{1,2}[.、](?![0-9])"
    r"|第.{1,3}[章节条]"
)
_GROUP = re.compile("[0-9]{3}(?![0-9])")
_REST = re.compile(r"[0-9]{1,6}(?:\.[0-9]+)?")
_HEAD = re.compile(rf"(?<=[{HAN}])[0-9]{{1,3}}(?P<point>\.[0-9]*)?$")

PERIOD = re.compile(
    rf"(?:截至|截止|到|至)?(?:(?P<from>{_YEAR})年?{TO}(?P<until>{_YEAR})年|(?P<plan>十[一二三四五]五)(?!规)"
    rf"|(?P<whole>(?P<year>{_YEAR})年度?|(?P<relative>今年|去年|上年|前年|本年度?|当年|明年|全年|年度))"
    rf"?的?(?:(?P<day_month>{_MONTH})月(?P<day>[0-9]{{1,2}})日"
    rf"|(?P<first>{_MONTH})(?:月份?)?{TO}(?P<last>{_MONTH})月(?P<last_end>份?[末底])?份?"
    "|前(?P<count>[0-9]{1,2}|[两二三四五六七八九十]{1,2})个?月"
    "|(?P<span>[上下]半年|前[三两二]个?季度|首季度?|第?[一二三四1-4]季度)"
    f"|(?P<month>{_MONTH})月(?:(?P<end>份?[末底])|份|[上中下]旬)?"
    "|(?P<edge>年?[末底初]))?)(?P<since>以来|起)?"
)
_DURATION = re.compile(
    f"(?P<recent>近|最近|过去)?(?:[0-9]+(?:\\.[0-9]+)?|{_CHINESE})[多余来]?"
    "(?:个(?:多)?月|个?季度|个?星期|年(?![末底初])|月(?![0-9末底份])|周|个?小时|分钟|天|日)"
)
_ARABIC = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?(?:[万亿][0-9]+)*"
_HAN_NUMBER = f"{_DECIMAL}(?:[万亿][零一二两三四五六七八九十][零一二两三四五六七八九十百千]*)*"
_STRUCTURE = re.compile(r"[0-9]+(?:\.[0-9]+)?(?::[0-9]+(?:\.[0-9]+)?)+(?![:0-9])")
_ORDINAL = re.compile(f"第(?P<number>[0-9]{{1,4}}|{_CHINESE})(?P<unit>位|名(?!单))?")
_FRACTION = re.compile(
    f"(?P<below>百|千|万|[0-9]+|{_CHINESE})分之(?P<above>{_ARABIC}|{_DECIMAL})"
)
_DOUBLING = re.compile("翻(?:了)?(?P<number>[0-9一二两三四五])?(?:番|倍)")
_START = re.compile(
    r"(?P<code>[A-Za-z][A-Za-z&]*[-./]?(?=[0-9]))"
    r"|(?P<iso>(?:19|20)[0-9]{2}[-./](?:0?[1-9]|1[0-2])[-./][0-9]{1,2}(?![0-9]))"
    r"|(?P<name>[\[〔(](?:19|20)[0-9]{2}[\]〕)][0-9]*号?|第?[0-9]+号|[0-9]+(?:[+×*][0-9]+)+)"
    rf"|(?P<date>(?=截[至止]|[到至]?{_YEAR}年|{_YEAR}[-—~至到]{_YEAR}年|[今去上前本当明]年|全年|年度|年[末底初]"
    rf"|[上下]半年|前[^,。]{{1,2}}个?月|前[三两二]个?季度|第?[一二三四1-4]季度|首季|{_MONTH}月"
    rf"|{_MONTH}(?:月份?)?{TO}{_MONTH}月|十[一二三四五]五))"
    f"|(?P<duration>(?=(?:近|最近|过去)(?:[0-9]|[一二两三四五六七八九十])))"
    f"|(?P<ordinal>(?=第[0-9一二三四五六七八九十]))|(?P<top>首位)"
    f"|(?P<fraction>(?=(?:百|千|万|[0-9]+|{_CHINESE})分之))|(?P<doubling>(?=翻[了0-9一二两三四五]?[番倍]))"
    r"|(?P<arabic>[0-9])|(?P<chinese>[一二两三四五六七八九十])"
)


@dataclass(slots=True)
class Token:
    """A stretch of the cleaned text that holds a number or a date."""

    start: int
    end: int
    what: str  # figure, structure, rank, date, duration, garbled or name (not a figure)
    numbers: tuple[str, ...] = ()  # one number, or both ends of a range, or the parts of a structure
    unit: str = ""
    more: bool = False  # 余 or 多 stands inside
    match: re.Match[str] | None = None
    note: str = ""


def clean(text: str) -> tuple[str, npt.NDArray[np.int64]]:
    """Fold the text, drop pinyin and stray white space; give also each character's old place.

    A line break stays where a paragraph seems to end, a space where it parts columns or numbers.
    """
    folded = fold(text)
    pieces, keep, last = [], np.ones(len(folded), dtype=bool), 0
    for found in _NOISE.finditer(folded):
        start, end = found.span()
        stays = "" if found.lastgroup == "pinyin" else _meaning(folded, start, end)
        pieces += (folded[last:start], stays)
        keep[start + len(stays) : end] = False
        last = end
    pieces.append(folded[last:])
    return "".join(pieces), np.flatnonzero(keep)


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
    if before.isdigit() and lines < 2 and _measure().match(text, end):
        return ""
    ended = not before or before in "。;!?…:" or lines > 1
    short = start - text.rfind("\n", max(0, start - 80), start) < 12
    return "\n" if ended or short or _HEADING.match(text, end) else ""


def _cut_number(text: str, start: int, end: int) -> bool:
    """Say whether white space between two digits has cut one number in two (12 34.5亿元)."""
    if not (after := _REST.match(text, end)) or not (before := _HEAD.search(text, max(0, start - 8), start)):
        return False
    if before["point"]:
        return False
    return bool(_GROUP.match(text, end)) or bool(_measure().match(text, after.end()))


@cache
def _measure() -> re.Pattern[str]:
    return re.compile(f"[万亿千百]*(?:{measure_words()})")


@cache
def _unit() -> re.Pattern[str]:
    """Give the pattern of what may follow the digits: 余, multipliers, a measure word, a second one."""
    unit = measure_words()
    return re.compile(
        rf"(?P<more>[余多来])?(?:(?P<scale>[十百千万亿]*)(?P<inner>[余多])?(?P<atom>{unit})(?:/(?P<per>{unit}|年|日))?"
        r"|(?P<only>[十百千万亿]+)(?P<inner2>[余多])?)?"
    )


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    names = words()["numbers"]
    return re.compile(f"(?:{_ARABIC})"), re.compile(_HAN_NUMBER), re.compile(any_of(names["names_after"]))


def scan(text: str) -> list[Token]:
    """Give the tokens of a cleaned text in order."""
    tokens: list[Token] = []
    place, size = 0, len(text)
    acronyms = set(words()["numbers"]["acronyms"])
    while place < size:
        found = _START.search(text, place)
        if not found:
            break
        start, kind = found.start(), found.lastgroup
        token = None
        if kind == "code":
            word = found[0].rstrip("-./")
            if word.upper().replace("&", "") in acronyms:
                place = found.end()
                continue
            end = _skip(text, found.end())
            token = Token(start, end, "name")
        elif kind in ("iso", "name"):
            token = Token(start, found.end(), "name")
        elif kind == "top":
            token = Token(start, found.end(), "rank", ("1",), "位")
        elif kind == "date":
            token = _date(text, start)
        elif kind == "ordinal":
            match = _ORDINAL.match(text, start)
            token = Token(match.start("number"), match.end(), "rank", (match["number"],),
                          match["unit"] or "", match=match)
        elif kind == "fraction":
            token = _fraction(text, start)
        elif kind == "doubling":
            match = _DOUBLING.match(text, start)
            token = Token(start, match.end(), "figure", (match["number"] or "1",), "番")
        if token is None and kind != "name":
            token = _duration(text, start) or _number(text, start)
        if token is None:
            place = max(found.end(), start + 1)
            continue
        tokens.append(token)
        place = token.end
    return tokens


def _skip(text: str, place: int) -> int:
    """Give the end of a code such as PM2.5 or E03643767/2023-801."""
    while place < len(text) and text[place].isascii() and (text[place].isalnum() or text[place] in "./+-"):
        place += 1
    return place


def _date(text: str, start: int) -> Token | None:
    match = PERIOD.match(text, start)
    if not match or match.lastindex is None:
        return None
    return Token(start, match.end(), "date", match=match)


def _duration(text: str, start: int) -> Token | None:
    match = _DURATION.match(text, start)
    if not match:
        return None
    if match[0][-1] == "日" and match[0][:-1].isdigit():
        return Token(start, match.end(), "garbled")
    if match[0].endswith("天") and re.search("优良|达标|空气|天数|蓝天", text[max(0, start - 12) : start]):
        return None
    return Token(start, match.end(), "duration", match=match)


def _fraction(text: str, start: int) -> Token | None:
    match = _FRACTION.match(text, start)
    if not match:
        return None
    unit = {"百": "%", "千": "‰"}.get(match["below"], "分之")
    numbers = (match["above"],) if unit != "分之" else (match["above"], match["below"])
    return Token(start, match.end(), "figure", numbers, unit)


def _number(text: str, start: int) -> Token | None:
    """Read a number with its unit, or the range or structure that starts here."""
    arabic, chinese, names_after = _patterns()
    before = text[start - 1] if start else ""
    digits = text[start].isdigit()
    if digits and (found := _STRUCTURE.match(text, start)):
        return Token(start, found.end(), "structure", tuple(found[0].split(":")))
    number = (arabic if digits else chinese).match(text, start)
    if number is None:
        return None
    unit = _unit().match(text, number.end())
    digits_text, unit_text, more, end = _join(number[0], unit)
    if digits and (before in ".?" and before or text[end : end + 1] == "." and text[end + 1 : end + 2].isdigit()):
        return Token(start, _skip(text, end), "name", note="lost" if before in ".?" else "")
    if not digits and (not unit_text or unit_text in "个项家件人名种次类处所条批位户大级块门团组队场座支套台部起户次人次"):
        if not re.search("[百千万亿].|[百千万亿]$", digits_text + unit_text) or len(number[0]) < 2 and digits_text[-1:] not in "万亿" and not (unit_text[:1] in "万亿" and unit_text[1:]):
            return Token(start, number.end(), "name")
    follows = text[end : end + 1]
    if not unit_text and digits and (follows.isascii() and follows.isalpha() or names_after.match(text, end)):
        return Token(start, _skip(text, end), "name")
    token = Token(start, end, "figure", (digits_text,), unit_text, more)
    return _range(text, token) if follows and follows in "-—~至到" else token


def _join(number: str, unit: re.Match[str] | None) -> tuple[str, str, bool, int]:
    """Split digits and unit: 1万8900元 keeps its multiplier in the number, 1.2万元 in the unit."""
    assert unit is not None
    scale = unit["scale"] or unit["only"] or ""
    atom = (unit["atom"] or "") + (f"/{unit['per']}" if unit["per"] else "")
    more = bool(unit["more"] or unit["inner"] or unit["inner2"])
    number = number.replace(",", "")
    if any(mark in number for mark in "万亿"):
        number, scale = number + scale, ""
    return number, scale + atom, more, unit.end()


def _range(text: str, first: Token) -> Token:
    place = first.end + 1
    arabic, chinese, _ = _patterns()
    if place >= len(text) or text[max(0, first.start - 1)] in "由从":
        return first
    number = (arabic if text[place].isdigit() else chinese).match(text, place)
    if number is None:
        return first
    digits, unit, more, end = _join(number[0], _unit().match(text, number.end()))
    if not unit or (first.unit and first.unit[-1] != unit[-1]):
        return first
    return Token(first.start, end, "figure", (*first.numbers, digits), unit, more,
                 note=first.unit if first.unit != unit else "")
