"""Evidence: every number of a memo, where it comes from, and how it follows from the others.

A value is either a leaf, which stands in a source at a place (characters of a document, a line of
a file), or derived, which follows from other values by a formula. Formulas are small: arithmetic,
a few functions, and calls of the library's own indicators and projections. They are read by a
grammar of their own (never by ``eval``), so that the evidence of a file from elsewhere can be
recomputed without trusting it.
"""

import ast
import difflib
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis.errors import PanelError, SourceError

MAX_FORMULA = 400
MAX_UNCERTAIN = 12
_ROOMS = ("indicators", "projection")
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


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
    formula, inputs : str, tuple of str
        How it follows from other values; '' and () for a leaf.
    source, place, quote : str
        For a leaf: key of the source, the place in it (``start:end`` in characters, or
        ``file:line``), and the words that stand there.
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


def _cell(table: pd.DataFrame, column: str, **where: object) -> Any:
    """Give the one cell of ``column`` where the other columns have these values."""
    kept = table
    for name, wanted in where.items():
        if name not in kept:
            raise PanelError(f"The table has no column {name!r}; it has {', '.join(kept)}.")
        kept = kept[kept[name].eq(wanted)]
    if len(kept) != 1 or column not in kept:
        raise PanelError(f"{len(kept)} rows, not one, have {where} and a column {column!r}.")
    return kept[column].iloc[0]


def rows(table: pd.DataFrame, **where: Any) -> pd.DataFrame:
    """Keep the rows whose columns have these values, or one of them."""
    for name, wanted in where.items():
        if name not in table:
            raise PanelError(f"The table has no column {name!r}; it has {', '.join(table)}.")
        many = wanted if isinstance(wanted, list | tuple) else [wanted]
        table = table[table[name].isin(many)]
    return table.reset_index(drop=True)


def _add_up(table: pd.DataFrame, *, by: str = "year", value: str = "value", name: str) -> Any:
    """Add the areas to one called ``name``, for each ``by`` in which all have a value."""
    wide = table.pivot(index=by, columns="area", values=value).dropna()
    total = wide.sum(axis=1).rename(value).reset_index()
    return total.assign(area=name, unit=table["unit"].iloc[0])


def _put(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Fill columns with one value each; rows that are then of one area and year become one."""
    made = table.assign(**columns)
    return made.drop_duplicates([key for key in ("area", "year", "level") if key in made])


def _series(table: pd.DataFrame, value: str, area: str, unit: str = "") -> pd.DataFrame:
    """Take one column of a table by year as the values of one area."""
    return pd.DataFrame({"area": area, "year": table["year"], "value": table[value], "unit": unit})


def _levels(table: pd.DataFrame, *others: pd.DataFrame) -> pd.DataFrame:
    """Put the levels of a projection side by side, and further projections of the same areas."""
    made = None
    for number, frame in enumerate((table, *others), 1):
        tail = "" if number == 1 else f"_{number}"
        for level, part in frame.groupby("level"):
            ends = {end: f"{end}{level:g}{tail}" for end in ("lower", "upper")}
            part = part.rename(columns={**ends, "estimate": f"estimate{tail}"})
            kept = part[["area", "year", f"estimate{tail}", *ends.values()]]
            made = kept if made is None else made.merge(kept)
    if made is None:
        raise PanelError("there is no projection to show")
    return made


def _table(**columns: list[Any]) -> pd.DataFrame:
    """Make a table of single values."""
    plain = {k: [x[0] if isinstance(x, np.ndarray) else x for x in v] for k, v in columns.items()}
    return pd.DataFrame(plain)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ln": np.log,
    "exp": np.exp,
    "abs": np.abs,
    "cell": _cell,
    "rows": rows,
    "add_up": _add_up,
    "between": lambda table, first, last: table[table["year"].between(first, last)],
    "put": _put,
    "series": _series,
    "count": len,
    "table": _table,
    "levels": _levels,
    "stack": lambda *tables: pd.concat(tables, ignore_index=True),
}


def _function(name: str) -> Callable[..., Any]:
    """Find a function that formulas may call: one of ours above, or of the computing rooms."""
    import qhdanalysis

    room = qhdanalysis._HOME.get(name, "").split(".")[0]
    if name == "convert" or room in _ROOMS:
        function: Callable[..., Any] = getattr(qhdanalysis, name)
        return function
    if name not in _FUNCTIONS:
        raise SourceError(f"A formula calls {name!r}, which is no function of the library.")
    return _FUNCTIONS[name]


def _compute(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """Compute one node of a formula; anything but the grammar's own nodes is refused."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_compute(inner, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            pair = [_compute(side, names) for side in (left, right)]
            numbers = [float(x) if isinstance(x, int | float) else x for x in pair]
            if not all(isinstance(x, float | np.ndarray) for x in numbers):
                raise SourceError("A formula may only do arithmetic with numbers.")
            with np.errstate(all="ignore"):
                return _OPERATORS[type(op)](*(np.asarray(x, dtype=float) for x in numbers))
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_compute(part, names) for part in parts]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            positional = [_compute(arg, names) for arg in args]
            options = {str(word.arg): _compute(word.value, names) for word in keywords}
            return _call(name, positional, options)
    raise SourceError(f"A formula may not hold {type(node).__name__}.")


def _call(name: str, args: list[Any], options: dict[str, Any]) -> Any:
    """Call a function; a Series that it gives for a table becomes a column of that table."""
    function = _function(name)
    result = function(*args, **options)
    if isinstance(result, pd.Series) and args and isinstance(args[0], pd.DataFrame):
        return args[0].assign(**{name: result})
    return result


def _parse(formula: str) -> tuple[ast.AST, tuple[str, ...]]:
    """Parse a formula and give the names of its inputs."""
    try:
        if len(formula) > MAX_FORMULA:
            raise SyntaxError(f"longer than {MAX_FORMULA} characters")
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"The formula {formula[:80]!r} cannot be read: {error}.") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = (n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
    return tree, tuple(dict.fromkeys(found))


class Evidence:
    """Named values and tables with their sources, in the order in which they were made.

    Attributes
    ----------
    sources : dict
        Key to what is known of a source: kind, title, file, sha256, licence, caveats.
    values, tables : dict
        Name to `Value` and to `Table`.
    cites, words : list
        What a memo shows: each citation with its format and its text, and every number among the
        visible words in their order with the citation that it belongs to.
    """

    def __init__(self) -> None:
        self.sources: dict[str, dict[str, str]] = {}
        self.values: dict[str, Value] = {}
        self.tables: dict[str, Table] = {}
        self.about: dict[str, Any] = {}
        self.cites: list[list[str]] = []
        self.words: list[list[Any]] = []

    def value(self, name: str) -> Value:
        """Give one value by name; an unknown name lists near ones."""
        if name not in self.values:
            raise SourceError(unknown("named value", name, self.values))
        return self.values[name]

    def evaluate(self, formula: str) -> tuple[Any, float, float, tuple[str, ...]]:
        """Compute a formula and the bounds that its inputs allow.

        The formula is computed at the values and at every corner of the inputs' intervals at once;
        the bounds are the least and the greatest result. They are exact for formulas that rise or
        fall in each input, which is true of sums, products and ratios of positive amounts.

        Returns
        -------
        tuple
            The number or DataFrame, its lower and upper bound (NaN for a table), and the names of
            the inputs.
        """
        tree, inputs = _parse(formula)
        names: dict[str, Any] = {}
        ranges: dict[str, tuple[float, float]] = {}
        for name in inputs:
            if name in self.tables:
                names[name] = self.tables[name].frame
                continue
            item = self.value(name)
            if isinstance(item.value, str):
                names[name] = item.value
            elif np.isinf([item.low, item.high]).any():
                names[name] = np.asarray([item.value])
            elif item.low < item.high:
                ranges[name] = (item.low, item.high)
            else:
                names[name] = np.asarray([item.value])
        if len(ranges) > MAX_UNCERTAIN:
            raise SourceError(f"{formula[:80]!r} has more than {MAX_UNCERTAIN} rounded inputs.")
        corners = np.array(list(itertools.product(*ranges.values())), ndmin=2)
        for column, name in enumerate(ranges):
            names[name] = np.r_[float(self.values[name].value), corners[:, column]]
        size = 1 + len(corners)
        names = {
            n: np.resize(x, size) if isinstance(x, np.ndarray) else x for n, x in names.items()
        }
        result = _compute(tree, names)
        if isinstance(result, pd.DataFrame):
            return result.reset_index(drop=True), np.nan, np.nan, inputs
        numbers = np.atleast_1d(np.asarray(result, dtype=float))
        return float(numbers[0]), float(numbers.min()), float(numbers.max()), inputs

    def derive(self, name: str, formula: str, unit: str = "", **more: Any) -> None:
        """Add the value or table that a formula gives under ``name``."""
        result, low, high, inputs = self.evaluate(formula)
        if isinstance(result, pd.DataFrame):
            self.tables[name] = Table(name, result, formula, inputs, label=more.get("label", {}))
        else:
            self.values[name] = Value(
                name, result, unit, low, high, formula=formula, inputs=inputs, **more
            )

    def needed(self, names: Iterable[str]) -> list[str]:
        """Give the names with all that they follow from, leaves first."""
        seen: dict[str, None] = {}

        def visit(name: str) -> None:
            item = self.values.get(name) or self.tables.get(name)
            if item is None or name in seen:
                return
            for inner in item.inputs:
                visit(inner)
            seen[name] = None

        for name in names:
            visit(name)
        return list(seen)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain data for JSON."""
        tables = {
            name: {**{k: v for k, v in vars(table).items() if k != "frame"}, **_packed(table.frame)}
            for name, table in self.tables.items()
        }
        return {
            "format": "qhdanalysis-evidence/1",
            "about": self.about,
            "sources": self.sources,
            "values": {name: asdict(value) for name, value in self.values.items()},
            "tables": tables,
            "cites": self.cites,
            "words": self.words,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Evidence":
        """Take it back from plain data; what is not of this form is a `SourceError`."""
        made = cls()
        try:
            if data["format"] != "qhdanalysis-evidence/1":
                raise SourceError(f"The evidence has the unknown format {data['format']!r}.")
            for key in ("about", "sources", "cites", "words"):
                setattr(made, key, data[key])
            for name, row in data["values"].items():
                made.values[name] = Value(**{**row, "inputs": tuple(row["inputs"])})
            for name, row in data["tables"].items():
                rest = {k: v for k, v in row.items() if k not in ("columns", "rows", "name")}
                frame = pd.DataFrame(row["rows"], columns=row["columns"])
                made.tables[name] = Table(name, frame, **{**rest, "inputs": tuple(rest["inputs"])})
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SourceError(f"The evidence is damaged: {error!r}.") from None
        return made


def _packed(frame: pd.DataFrame) -> dict[str, Any]:
    plain = frame.astype(object).where(frame.notna(), None)
    rows = [[x.item() if isinstance(x, np.generic) else x for x in row] for row in plain.to_numpy()]
    return {"columns": list(frame.columns), "rows": rows}


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Say that there is no such name, and which ones are near."""
    names = list(names)
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.4)
    tail = f" Near names: {', '.join(near)}." if near else f" There are: {', '.join(names[:12])}."
    return f"There is no {what} {name!r}.{tail}"
