"""What a text announces and does not report: targets, plans and forecasts among its figures.

A word such as 力争 or 预计 holds for the figures after it in its sentence (a heading, 主要目标, in
its paragraph), as long as these are of one year and the text does not go on to what was done
(已完成). A word that a result is measured by announces nothing (完成年度计划的75%, 高于目标), but
an amount that stands with it is planned.
"""

import re

import pandas as pd

from qhdanalysis.units import fold

FORECAST = "a forecast, not a result"
TARGET = "a target, not a result"
OPEN = "the year was not over"

_DOING = "达|实现|完成|突破|超过|新增|新建|建成|增长"
_AIM = (
    f"力争(?!上游)|确保(?!了)|争取(?=在|{_DOING}|全年|年[底内]|今年|到20\\d\\d年)"
    "|拟(?=建|新|投|实施|引进|于|安排)"
)
_FORESEEN = f"预计|预测(?=全年|今年|20)|预期(?=全年|今年|可?{_DOING})|将(?=全部|再?(?:{_DOING}))"
_WORDS = re.compile(
    f"(?P<aim>{_AIM})|(?P<foreseen>{_FORESEEN})"
    f"|(?P<plan>目标(?=任?务?[值数]?(?:[是为约:\\d]|$|{_DOING}|控制|保持))"
    "|(?<!行动)计划(?!生育|单列|执行|外|内|实施以来|[的,;”]))"
    "|(?<![年达高少低升降止至加])到(?P<by>20\\d\\d)年"
    "|(?P<over>已|实际(?=[完达为开□])|目前|截[至止]|[成到现]了)|(?P<done>完成|实现)"
)
_MEASURE = re.compile(
    "(?:完成|实现|达到|超|[高低快慢好优多少]于|符合|占|[为比较距按]|根据|围绕)了?"
    "[^,;:\\d]{0,8}(?:预期|计划|目标|任务)+|《[^》]{0,60}》"
)
_PLANNED = re.compile("(?:计划|目标|任务)[数量]?[为是]?约?$")
_AIM_AFTER = re.compile("(?:以上|左右|以内)?的[^,;。\\d]{0,6}(?:目标|计划|任务)(?!的)")
_CLAUSE = re.compile(r"(?:[^,;:。!?()\n]|(?<=\d),(?=\d{3}))*(?:[:;,、]\s*\n|[,;:。!?()\n]|$)")
_TIME_ONLY = re.compile(f"(?:{_AIM}|预计|计划|[到在今明本全]|20\\d\\d|[年月底末内,:])+")
_REACH = 200  # characters before a figure that are looked at within its clause


def outlook(
    text: str, figures: pd.DataFrame, *, issued: str = "", year: int | None = None
) -> "pd.Series[str]":
    """Say of each figure how the text announces it; '' where it reports a result.

    Parameters
    ----------
    text : str
        The text that the figures point into.
    figures : DataFrame
        The Figures contract, in the order of the text.
    issued : str, default ""
        ISO date of the text: a year that was not over by then has no result.
    year : int, optional
        The year that a text without date is about.

    Examples
    --------
    >>> from qhdanalysis.reading.figures import read_figures
    >>> text = "2024年，完成投资5亿元，为年度计划的83%。2025年，力争完成投资6亿元。"
    >>> outlook(text, read_figures(text)).tolist()
    ['', '', 'a target, not a result']
    """
    notes: list[str] = []
    text, dated = fold(text), issued or (f"{year}-12-31" if year else "")
    rows = list(figures[["start", "end", "period", "kind"]].itertuples(index=False))
    note = kind = of_year = ""
    outside: list[tuple[str, str, str]] = []  # what holds outside the bracket
    for clause in _CLAUSE.finditer(text):
        fresh = ""  # year of the first figure that the clause itself announces
        before_it = len(notes)
        while len(notes) < len(rows) and rows[len(notes)].start < clause.end():
            row = rows[len(notes)]
            before = text[max(clause.start(), row.start - _REACH) : row.start]
            told, _, anew = _read(before, note, kind, dated)
            amount = row.kind in ("level", "count")
            if _AIM_AFTER.match(text, row.end) or (amount and _PLANNED.search(before)):
                told = TARGET
            elif told and anew:
                fresh = fresh or row.period[:4]
                told = told if fresh == row.period[:4] else ""
            elif told:
                of_year = of_year or row.period[:4]
                told = told if of_year == row.period[:4] else ""
            notes.append(told)
        words = clause[0].rstrip()
        note, kind, anew = _read(words, note, kind, dated)
        of_year = fresh if anew else of_year
        if anew and words.endswith((":", "目标")):
            kind = "heading"
        line_ends = clause[0][-1:] == "\n" and words[-1:] not in tuple(",;:、")
        over = line_ends or words[-1:] in tuple(";。!?" if kind == "plan" else "。!?")
        if kind == "heading":
            over = line_ends and bool(of_year)
        elif anew and len(notes) == before_it and not _TIME_ONLY.fullmatch(words):
            over = True  # 确保粮食安全,产量50万吨
        if over:
            note = kind = of_year = ""
        if words[-1:] == "(":
            outside.append((note, kind, of_year))
        elif words[-1:] == ")" and outside:
            note, kind, of_year = outside.pop()
        elif line_ends:
            outside.clear()
    said = pd.Series(notes, index=figures.index, dtype="str")
    ends = figures["period"].str.extract(r"(\d{4})(?:-12(?:-31)?)?$")[0].fillna("") + "-12-31"
    return said.mask(said.eq("") & ends.gt(issued) & bool(issued), OPEN)


def _read(words: str, note: str, kind: str, dated: str) -> tuple[str, str, bool]:
    """Give the note and kind of announcement after some words, and whether these announce anew."""
    anew, since = False, 0
    words = _MEASURE.sub(lambda found: "□" * len(found[0]), words)
    for found in _WORDS.finditer(words):
        what = found.lastgroup or ""
        if what == "over" or (
            what == "done"
            and kind == "plan"
            and (not anew or re.search(r"\d", words[since : found.start()]))
        ):
            note = kind = ""
        elif what != "done" and not (what == "by" and f"{found['by']}-12-31" <= dated):
            note, kind = FORECAST if what == "foreseen" else TARGET, what
            anew, since = True, found.end()
    return note, kind, anew
