"""Figures told in a list: 2021年、2022年分别为…, 甲县、乙县分别增长…, each takes its own."""

import re

from qhdanalysis.reading.figures.lexicon import words
from qhdanalysis.reading.figures.naming import attribute_at
from qhdanalysis.reading.figures.places import Places
from qhdanalysis.reading.figures.values import Figure

# Joiners of names, tried in turn: 文化旅游体育与传媒支出 is one name of three.
_LONGEST = 200  # characters of a list of names that is dealt out
_JOINERS = ("[、和与及]", "、|[和与及](?!.*[、和与及])", "、")


class Lists:
    """The list of figures that is being read, and what it was told about."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.members: list[Figure] = []
        self.before: list[Figure] = []  # the figures before the list
        self.dates: list[str] = []  # periods told before the list
        self.joined = ""  # what that was called
        self.names: list[str] = []  # what the last list of the sentence was about

    def add(self, figure: Figure, listed: bool, figures: list[Figure], dates: list[str]) -> None:
        """Take a figure into the list, or begin a new one with it."""
        if not listed:
            self.deal()
            self.members, self.before, self.dates = [], figures[-9:-1], dates
        self.members.append(figure)

    def close(self) -> None:
        """Come to the end of a sentence, where what a list was told about ends."""
        self.deal()
        self.members, self.names = [], []

    def deal(self) -> None:
        """Deal out what the list was told about: dates, places or names, one each."""
        count = len(self.members)
        if count < 2:
            return
        first = self.members[0]
        told, own = "分别" in first.clause, first.sense.tail
        ends = first.period.split("/")
        if told and len(ends) == 2 and all(map(str.isdigit, ends)):  # 2021-2023年分别为
            years = [str(year) for year in range(int(ends[0]), int(ends[1]) + 1)]
            self.dates = years if len(years) == count else self.dates
        if len(self.dates) == count:
            for index, figure in enumerate(self.members):
                figure.period = self.dates[index]
        before = [one for one in self.before if one.kind in ("level", "count", "rate", "share")]
        before = before[-count:]
        names, areas = _split(first.indicator, count), _split(first.area, count)
        if (told and len(areas) == count) or areas == self.names:
            self.names = areas
            for index, figure in enumerate(self.members):
                figure.area, figure.area_code = areas[index], self.places.code(areas[index])
            return
        for whole, parts in words("phrase")["spelled"].items():
            if whole in first.indicator:
                names = [first.indicator.replace(whole, part) for part in parts]
        if names[0][:1] == "第":  # 第一、二产业
            names = [name if name[:1] == "第" else f"第{name}" for name in names]
        if told and len(names) == count and not own:
            self.joined = first.indicator
            begin = attribute_at(names[-1])
            noun = names[-1].rfind(names[0][-2:])  # 企业贷款、住房贷款利率 share what follows 贷款
            if begin < 1 <= noun:
                begin = noun + 2
            own = names[-1][begin:] if begin > 0 else ""
            end = names[-1].removesuffix(own)
            # 省、市级重点工程, 城镇、农村居民: a short first name shares the rest of the last
            short = 3 if count == 2 or names[0][:1] == "第" else 2
            self.names = [name + end[len(name) :] if len(name) < short else name for name in names]
            self.names[-1] = end
            shared = _shared_end(end, self.before)
            self.names = [n if n.endswith(shared) else n + shared for n in self.names]
        elif len(self.names) == count:
            same = first.indicator == self.joined
            own = own or first.indicator[max(0, attribute_at(first.indicator)) :] * (not same)
        elif len(before) == count and first.indicator.startswith(before[-1].indicator):
            self.names = [one.indicator for one in before]
            own = first.indicator[len(self.names[-1]) :]
        else:
            return
        for index, figure in enumerate(self.members):
            tail = own if figure.kind == first.kind else figure.sense.tail
            figure.indicator = self.names[index] + tail


def _split(names: str, count: int) -> list[str]:
    """Split joined names into so many, if one way of joining gives that."""
    ways = [re.split(joiner, names[:_LONGEST]) for joiner in _JOINERS]
    return next((way for way in ways if len(way) == count), ways[0])


def _shared_end(name: str, before: list[Figure]) -> str:
    """Give the end that a name shares with what was told before (快递业务量)."""
    parts = (name[begin:] for begin in range(1, len(name) - 1))
    return next((end for end in parts if any(one.indicator.endswith(end) for one in before)), "")
