"""Figures of a prose text: from characters to a table, in one pass.

The stations, in order:

1. ``numerals`` cleans the text (full-width forms, traditional characters, pinyin, stray white
   space; every character keeps its old place) and cuts out tokens: numbers with their units,
   ranges, structures, ranks, dates, durations, and names that only look like numbers.
2. ``context`` turns dates into ISO periods and names into areas, and carries both along.
3. ``rules`` tell what a number is from the words before it: kind, sign, bound, or that it defines
   a class (5亿元以上项目) and reports nothing.
4. ``naming`` gives the indicator, with the subject that the text carries from clause to clause.
5. ``values`` works out base units and the interval of the written digits, and the unit of a number
   that lost it; ``lists`` deals out what a 分别 list was told about.
6. ``assembly`` walks over the tokens, asks the others, and gives the table.

The words are data (``_assets/lexicon.toml``, ``_assets/units.csv``), the rules are code. Whatever
is inferred is said in ``note``; what cannot be read, in ``attrs["damage"]``.
"""

from qhdanalysis.reading.figures.assembly import read_figures

__all__ = ["read_figures"]
