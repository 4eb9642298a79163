"""Figures told in a list: 2021年、2022年分别为…, 甲县、乙县分别增长…, each takes its own."""

import re

from qhdanalysis.reading.figures.context import Places
from qhdanalysis.reading.figures.naming import attribute_at
from qhdanalysis.reading.figures.values import Figure

_AND = re.compile("[、和与及]")


class Lists:
    """The list of figures that is being read, and what it was told about."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.members: list[Figure] = []
        self.before: list[Figure] = []  # the figures before the list
        self.dates: list[str] = []  # periods told before the list
        self.names: list[str] = []  # what the last list of the sentence was about

    def add(self, figure: Figure, listed: bool, figures: list[Figure], dates: list[str]) -> None:
        """Take a figure into the list, or begin a new one with it."""
        if not listed:
            self.deal()
            self.members, self.before, self.dates = [], figures[-9:-1], dates
        self.members.append(figure)

    def deal(self) -> None:
        """Deal out what the list was told about: dates, places or names, one each."""
        count = len(self.members)
        if count < 2:
            return
        first = self.members[0]
        if len(self.dates) == count:
            for figure, period in zip(self.members, self.dates, strict=True):
                figure.period = period
        told, own = "分别" in first.clause, first.sense.tail
        before = self.before[-count:] if told else []
        names, areas = _AND.split(first.indicator), _AND.split(first.area)
        if (told and len(areas) == count) or areas == self.names:
            self.names = areas
            for figure, area in zip(self.members, areas, strict=True):
                figure.area, figure.area_code = area, self.places.code(area)
            return
        if told and len(names) == count and not own:
            own = names[-1][begin:] if (begin := attribute_at(names[-1])) > 0 else ""
            end = names[-1].removesuffix(own)
            # 省、市级重点工程, 城镇、农村居民: a short first name shares the rest of the last
            short = 3 if count == 2 else 2
            self.names = [name + end[len(name) :] if len(name) < short else name for name in names]
            self.names[-1] = end
        elif len(self.names) == count:
            own = own or first.indicator[max(0, attribute_at(first.indicator)) :]
        elif (
            len(before) == count
            and before[0].sentence == first.sentence
            and first.indicator.startswith(before[-1].indicator)
        ):
            self.names = [one.indicator for one in before]
            own = first.indicator[len(self.names[-1]) :]
        else:
            return
        for figure, name in zip(self.members, self.names, strict=True):
            figure.indicator = name + own
