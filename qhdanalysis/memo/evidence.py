"""Evidence: every number of a memo, where it comes from, and how it follows from the others.

A value is either a leaf, which stands in a source at a place (characters of a document, a line of
a file), or derived, which follows from other values by a formula.
"""

import ast
import difflib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.errors import SourceError, UnitError
from qhdanalysis.memo import measure
from qhdanalysis.memo.formula import compute, parse

FORMAT = "qhdanalysis-evidence/2"
MAX_UNCERTAIN = 12


@dataclass(frozen=True)
class Value:
    """One named value of a memo.

    Attributes
    ----------
    name : str
        Name that prose and formulas use.
    value : float or str
        In ``unit``; a str for words taken from a source.
    low, high : float
        What the written digits of the leaves behind it allow; both equal ``value`` if exact.
    label : mapping
        What it is, by language.
    formula, inputs : str, tuple of str
        How it follows from other values; '' and () for a leaf.
    source, place, quote : str
        For a leaf: key of the source, the place in it (``start:end`` in characters, or
        ``file:line``), and the words that stand there.
    note : str
        What was inferred, or what the source says about it.
    """

    name: str
    value: float | str
    unit: str = ""
    low: float = float("nan")
    high: float = float("nan")
    label: Mapping[str, str] = field(default_factory=dict)
    formula: str = ""
    inputs: tuple[str, ...] = ()
    source: str = ""
    place: str = ""
    quote: str = ""
    note: str = ""


@dataclass(frozen=True)
class Table:
    """One named table: a leaf from a dataset, or derived by a formula."""

    name: str
    frame: pd.DataFrame
    formula: str = ""
    inputs: tuple[str, ...] = ()
    source: str = ""
    label: Mapping[str, str] = field(default_factory=dict)


class Evidence:
    """Named values and tables with their sources, in the order in which they were made.

    Attributes
    ----------
    sources : dict
        Key to what is known of a source: kind, title, file, sha256, licence, caveats.
    values, tables : dict
        Name to `Value` and to `Table`.
    about : dict
        Language, title and date of the memo, and the words that its tables are said in.
    cites, words : list
        What a memo shows: each citation with format, unit and text, and every number among the
        visible words in their order, with the citation that it belongs to.
    """

    def __init__(self) -> None:
        self.sources: dict[str, dict[str, Any]] = {}
        self.values: dict[str, Value] = {}
        self.tables: dict[str, Table] = {}
        self.about: dict[str, Any] = {}
        self.cites: list[list[str]] = []
        self.words: list[list[Any]] = []

    def value(self, name: str) -> Value:
        """Give one value by name; an unknown name lists near ones."""
        return self.values[among("named value", name, self.values)]

    def evaluate(
        self, formula: str, unit: str = "", *, measured: bool = True
    ) -> tuple[Any, float, float, str, tuple[str, ...]]:
        """Compute a formula, the bounds that its inputs allow, and its unit.

        The formula is computed at the values and at every corner of the inputs' intervals at once;
        the bounds are the least and the greatest result. They are exact for formulas that rise or
        fall in each input, which is true of sums, products and ratios of positive amounts.

        Parameters
        ----------
        formula : str
            In the grammar of `qhdanalysis.memo.formula`; amounts enter it in their base units.
        unit : str, default ""
            Unit to give the result in; without it the one that follows from the inputs.
        measured : bool, default True
            Whether units count; an audit has compared those of its claims itself.

        Returns
        -------
        tuple
            The number or DataFrame, its lower and upper bound (NaN for a table), its unit, and the
            names of the inputs.

        Raises
        ------
        UnitError
            If unlike units are added, or the result cannot be shown in ``unit``.
        """
        tree, inputs = parse(formula)
        frames = {name: self.tables[name].frame for name in inputs if name in self.tables}
        names = {name: measure.Quantity(frame) for name, frame in frames.items()}
        items = [self.value(name) for name in inputs if name not in names]
        open_to = [v for v in items if v.low < v.high and np.isfinite([v.low, v.high]).all()]
        if len(open_to) > MAX_UNCERTAIN:
            raise SourceError(f"{formula[:80]!r} has more than {MAX_UNCERTAIN} rounded inputs.")
        corners = list(itertools.product(*((v.low, v.high) for v in open_to)))
        for item in items:
            value: Any = item.value
            if not isinstance(value, str):
                at = open_to.index(item) if item in open_to else -1
                ends = [corner[at] if at >= 0 else value for corner in corners]
                value = np.asarray([value, *ends], dtype=float)
            names[item.name] = measure.entered(value, item.unit if measured else "")
        result = compute(tree, names)
        if isinstance(result.value, pd.DataFrame):
            if unit:
                raise UnitError(f"The formula gives a table: it takes no unit ({unit}).")
            return result.value.reset_index(drop=True), np.nan, np.nan, "", inputs
        made = measure.unit_of(result) if measured else ""
        if not isinstance(result.value, int | float | np.number | np.ndarray):
            raise SourceError(f"The formula gives {result.value!r}, no number and no table.")
        numbers = np.atleast_1d(np.asarray(result.value, dtype=float))
        if unit:
            tables = any("unit" in frame for frame in frames.values())
            bare = isinstance(tree, ast.Call) or not (items or tables)
            bare = bare and not any(item.unit for item in items)
            numbers = numbers * measure.factor(made, unit, open_to_any=bare)
        first, low, high = map(float, (numbers[0], numbers.min(), numbers.max()))
        return first, low, high, unit or made, inputs

    def derive(self, name: str, formula: str, unit: str, label: Mapping[str, str]) -> None:
        """Add the value or table that a formula gives under ``name``."""
        result, low, high, unit, inputs = self.evaluate(formula, unit)
        if isinstance(result, pd.DataFrame):
            self.tables[name] = Table(name, result, formula, inputs, label=label)
        else:
            self.values[name] = Value(name, result, unit, low, high, label, formula, inputs)

    def needed(self, names: Iterable[str]) -> list[str]:
        """Give the names with all that they follow from, leaves first."""
        seen: dict[str, None] = {}

        def visit(name: str) -> None:
            item = self.values.get(name) or self.tables.get(name)
            if item is not None and name not in seen:
                for inner in item.inputs:
                    visit(inner)
                seen[name] = None

        for name in names:
            visit(name)
        return list(seen)

    def to_dict(self, names: Iterable[str]) -> dict[str, Any]:
        """Give the values and tables of these names, and all else, as plain data for JSON."""
        kept = set(names)
        tables = {}
        for name in kept & set(self.tables):
            frame = self.tables[name].frame.astype(object)
            packed = frame.where(frame.notna(), None).to_dict("split", index=False)
            tables[name] = vars(self.tables[name]) | {"frame": packed}
        values = {name: asdict(self.values[name]) for name in kept & set(self.values)}
        rest = {key: getattr(self, key) for key in ("sources", "about", "cites", "words")}
        return {"format": FORMAT, "values": values, "tables": tables, **rest}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Evidence":
        """Take it back from plain data; what is not of this form is a `SourceError`."""
        made = cls()
        try:
            if data["format"] != FORMAT:
                raise SourceError(
                    f"The evidence has the unknown format {data['format']!r}: build the memo "
                    "again or verify it with the version that built it."
                )
            for key in ("about", "sources", "cites", "words"):
                setattr(made, key, data[key])
            for name, row in data["values"].items():
                made.values[name] = Value(**{**row, "inputs": tuple(row["inputs"])})
            for name, row in data["tables"].items():
                frame = pd.DataFrame(**row["frame"])
                made.tables[name] = Table(**row | {"frame": frame, "inputs": tuple(row["inputs"])})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SourceError(f"The evidence is damaged: {error!r}.") from None
        return made


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Say that there is no such name, and which ones are near.

    >>> unknown("value", "plam", ["plan", "rate"])
    "There is no value 'plam'. Near names: plan."
    """
    names = list(names)
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.4)
    tail = f" Near names: {', '.join(near)}." if near else f" There are: {', '.join(names[:12])}."
    return f"There is no {what} {name!r}.{tail}"


def among(what: str, name: str, names: Iterable[str]) -> str:
    """Give the name back, if it is one of ``names``."""
    if name not in names:
        raise SourceError(unknown(what, name, names))
    return name
