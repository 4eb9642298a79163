"""Checks a memo against the evidence inside it, and the evidence against its sources."""

import difflib
import math
import re
import warnings
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis import catalog
from qhdanalysis._assets import DATA
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.memo import carry
from qhdanalysis.memo.evidence import Evidence, Value
from qhdanalysis.memo.formula import parse
from qhdanalysis.memo.render import words_of
from qhdanalysis.memo.words import Token, is_date
from qhdanalysis.reading.claims import opened
from qhdanalysis.reading.documents import read_document
from qhdanalysis.units import Interval, lookup, number

# Two computers may differ in the last digits of an optimised projection, never in what is shown.
_RELATIVE = 1e-6
_DAMAGED = (
    *(KeyError, TypeError, ValueError, IndexError, AttributeError),
    *(ArithmeticError, RuntimeError),  # numbers without measure, nesting without end
)
_FAILING = ("edited", "unknown", "wrong")
_DIGITS = re.compile(
    r"[-+\N{MINUS SIGN}]?\d[\d,，\s]*(?:\.\d+)?|[〇零一二三四五六七八九十百千万亿点两]+"
)


@dataclass(frozen=True)
class Verification:
    """What the check of a memo found; as a truth value, whether the memo holds.

    Parameters
    ----------
    holds : bool
        True if every number that the memo shows follows from its evidence and no source differs.
    table : DataFrame
        One row a finding: ``shown`` (the number in the memo), ``expected`` (by the evidence),
        ``name`` (of the value), ``finding``, ``reason``. Findings ``edited``, ``unknown`` and
        ``wrong`` mean that the memo does not hold; ``missing`` (a number of the memo is no longer
        there) and ``unchecked`` (a source is not at hand) do not.
    checked : int
        Count of the visible numbers that were compared.

    Examples
    --------
    >>> from qhdanalysis import Verification
    >>> print(Verification(True, pd.DataFrame({"reason": []}), 57))
    57 numbers checked: all hold
    """

    holds: bool
    table: pd.DataFrame
    checked: int

    def __bool__(self) -> bool:
        return self.holds

    def _repr_html_(self) -> str:
        head, *_ = str(self).splitlines()
        return f"<p>{head}</p>" + (self.table.to_html(index=False) if len(self.table) else "")

    def __str__(self) -> str:
        head = f"{self.checked} numbers checked: " + ("all hold" if self.holds else "does not hold")
        return "\n".join([head, *self.table["reason"]])


def verify_memo(path: str | Path, *, sources: str | Path | None = None) -> Verification:
    """Recompute a memo from the evidence inside it and compare it with the words a reader sees.

    Parameters
    ----------
    path : str or Path
        A memo in HTML, DOCX or PDF.
    sources : str or Path, optional
        Folder with the documents and tables that the memo was made from. The shipped data, the
        memo's folder and the one above it are searched in any case.

    Returns
    -------
    Verification
        Overall verdict and one row a finding.

    Raises
    ------
    SourceError
        If the file cannot be read as a memo. A memo without evidence is a finding, not an error.

    Notes
    -----
    The check sees numbers, and whether a chart is the one that was built. It does not see words
    ("rose" turned into "fell") or English numbers in words. Who rewrites text, evidence and quotes
    together, and holds back the sources, is not found out either; give ``sources`` to check the
    quotes.

    Examples
    --------
    >>> from qhdanalysis import build_memo, verify_memo
    >>> from qhdanalysis._assets import ASSETS
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [page] = build_memo(ASSETS / "memo/new", lang="en", formats="html", out=folder)
    ...     print(verify_memo(page, sources=ASSETS / "memo/new").holds)
    True
    """
    path = Path(path)
    data, words = carry.unpack(path)
    check = _Check()
    if data is None:
        check.add("wrong", "", f"{path.name} carries no evidence: nothing can be checked")
        return check.done(0)
    folders = [path.parent, path.parent.parent, *([Path(sources)] if sources else [])]
    try:
        check.evidence = Evidence.from_dict(data)
        with warnings.catch_warnings():  # what there is to warn of was said when it was built
            warnings.simplefilter("ignore")
            check.sources(folders)
            check.values()
            check.tables()
        check.cites()
        check.pictures(words)
        return check.done(check.words(words))
    except (*_DAMAGED, QhdError) as error:
        raise SourceError(f"{path}: the evidence inside is damaged ({error}).") from None


class _Check:
    """Collects what is wrong with a memo."""

    def __init__(self) -> None:
        self.evidence = Evidence()
        self.rows: list[tuple[str, str, str, str, str]] = []

    def add(
        self, finding: str, name: str, reason: str, shown: Any = "", expected: Any = ""
    ) -> None:
        """Note one finding."""
        told = [f"{x:.10g}" if isinstance(x, float) else str(x) for x in (shown, expected)]
        self.rows.append((told[0], told[1], name, finding, reason))

    def done(self, checked: int) -> Verification:
        """Give the verdict."""
        columns = ["shown", "expected", "name", "finding", "reason"]
        table = pd.DataFrame(self.rows, columns=columns, dtype="str").drop_duplicates()
        holds = not table["finding"].isin(_FAILING).any()
        return Verification(holds, table.reset_index(drop=True), checked)

    def sources(self, folders: list[Path]) -> None:
        """Compare sources at hand with their sum, and leaves with what stands at their place."""
        for key, source in self.evidence.sources.items():
            name = Path(source["file"]).name
            shipped = [DATA / name, DATA / "documents" / name] if source.get("dataset") else []
            places = [*(folder / name for folder in folders), *shipped]
            file = next((place for place in places if place.is_file()), None)
            if file is None:
                self.add("unchecked", key, f"{name} is not at hand: not compared")
            elif sha256(file.read_bytes()).hexdigest() != source["sha256"]:
                reason = f"{name} is not the file that the memo was made from (sha256 differs)"
                self.add("wrong", key, reason)
            elif source["kind"] == "document":
                self._document(key, file)
            else:
                self._dataset(key, source, file)

    def _document(self, key: str, file: Path) -> None:
        document = read_document(file)
        for leaf in self.evidence.values.values():
            if leaf.source != key:
                continue
            if leaf.place:
                start, end = map(int, leaf.place.split(":"))
                there: Any = document.text[start:end]
                said: Any = leaf.quote
            else:
                there, said = getattr(document, leaf.name.removeprefix(f"{key}_")), leaf.value
            if there != said:
                reason = f"{leaf.name}: {file.name} has {there!r} there, not {said!r}"
                self.add("wrong", leaf.name, reason, said, there)

    def _dataset(self, key: str, source: dict[str, Any], file: Path) -> None:
        if source.get("dataset"):
            records = catalog.load_dataset(source["dataset"])
        else:
            from qhdanalysis.reading.tables import read_table

            records = read_table(file)
        for table in self.evidence.tables.values():
            if table.source == key:
                there = set(map(tuple, records[list(table.frame)].astype("str").to_numpy()))
                for row in map(tuple, table.frame.astype("str").to_numpy()):
                    if row not in there:
                        reason = f"{table.name}: {file.name} has no row {', '.join(row[:6])}"
                        self.add("wrong", table.name, reason)
        if "place" in records:
            quotes = records["value"].map("{:.15g}".format) + records["unit"]
            known = dict(zip(records["place"], quotes, strict=True))
            for leaf in self.evidence.values.values():
                if leaf.source == key and leaf.quote != known.get(leaf.place):
                    reason = f"{leaf.name}: {leaf.quote!r} does not stand at {leaf.place}"
                    self.add("wrong", leaf.name, reason, leaf.quote)

    def values(self) -> None:
        """Recompute every value: leaves from their quotes, derived ones from their formulas."""
        for value in self.evidence.values.values():
            if isinstance(value.value, str):
                continue
            if value.formula:
                *got, unit = self._again(value.name, value.formula, value.unit)
                same = map(_near, (value.value, value.low, value.high), got)
                if not all(same) or unit != value.unit:
                    reason = (
                        f"{value.name}: {value.formula} gives {got[0]}{unit}, "
                        f"not {value.value:.10g}{value.unit}"
                    )
                    self.add("wrong", value.name, reason, value.value, got[0])
            elif value.quote and not _quote_gives(value, value.value):
                reason = f"{value.name}: the quoted words {value.quote!r} do not give "
                self.add("wrong", value.name, f"{reason}{value.value:.10g}", value.value)

    def tables(self) -> None:
        """Recompute every derived table, and every claim of an audit with its verdict."""
        for table in self.evidence.tables.values():
            if table.formula == "audit":
                for row in table.frame.to_dict("records"):
                    self._claim(row)
            elif table.formula:
                made = self._again(table.name, table.formula)[0]
                if not (isinstance(made, pd.DataFrame) and _same(table.frame, made)):
                    reason = f"{table.name}: {table.formula} does not give the table shown"
                    self.add("wrong", table.name, reason)

    def _claim(self, row: dict[str, Any]) -> None:
        if not parse(row["formula"])[1]:
            return  # names counted in the text: nothing to compute from
        *got, _ = self._again("audit", row["formula"], measured=False)
        if not all(map(_near, (row["recomputed"], row["low"], row["high"]), got)):
            reason = f"claim {row['claim']!r}: {row['formula']} gives {got[0]}"
            self.add("wrong", "audit", reason, row["recomputed"], got[0])
        if (stated := self.evidence.values.get(row["claimed"])) is not None:
            digits = Interval(stated.low, stated.high)
            said = opened(float(stated.value), digits, row["bound"])
            fits = said.meets(Interval(row["low"], row["high"]))
            found = "consistent" if fits else "inconsistent"
            if found != row["verdict"]:
                reason = f"claim {row['claim']!r} is {found}"
                self.add("wrong", "audit", reason, row["verdict"], found)

    def _again(self, name: str, formula: str, unit: str = "", *, measured: bool = True) -> Any:
        try:
            return self.evidence.evaluate(formula, unit, measured=measured)[:4]
        except QhdError as error:
            self.add("wrong", name, f"{name}: {error}")
            return np.nan, np.nan, np.nan, unit

    def cites(self) -> None:
        """Write each citation again from its value."""
        for ref, form, unit, text in self.evidence.cites:
            try:
                made = words_of(self.evidence, [ref, form, unit], self.evidence.about["lang"])
            except QhdError as error:
                self.add("wrong", ref, f"{ref}: {error}", text)
                continue
            if made != text:
                reason = f"{ref}: the evidence shows {text!r}, its value gives {made!r}"
                self.add("wrong", ref, reason, text, made)

    def pictures(self, words: carry.Words) -> None:
        """Look for charts that are no longer those that were built; a PDF holds no pictures."""
        built = set(self.evidence.about["pictures"].get(words.kind, words.pictures))
        if strange := len(words.pictures - built):
            lost = not built <= words.pictures
            reason = f"{strange} picture(s) in the memo were not built with it"
            reason += "; a chart was replaced" if lost else ": numbers in them are not compared"
            self.add("edited" if lost else "unchecked", "", reason)

    def words(self, words: carry.Words) -> int:
        """Align the numbers that a reader sees with those that the evidence accounts for."""
        cites = self.evidence.cites
        wanted = [(text, cites[n - 1][0] if n else "", b) for text, n, b in self.evidence.words]
        actual = list(words.tokens())
        texts = [text for text, *_ in wanted], [token.text for token, _ in actual]
        matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
        blocks = [block for block in matcher.get_opcodes() if block[0] != "equal"]
        # A number that was moved with its words, or still leads to its row of evidence, holds. In
        # a PDF the head of a table stands on each of its pages.
        lost = Counter((row[0], row[2][-5:]) for _, i, i2, *_ in blocks for row in wanted[i:i2])
        heads = {(text, before) for text, _, before in wanted} if words.kind == "pdf" else set()
        linked = {(f"ev-{ref.partition('[')[0]}", text) for text, ref, _ in wanted}
        moved, strange = Counter[tuple[str, str]](), set()
        for place in (place for *_, j, j2 in blocks for place in range(j, j2)):
            token, mark = actual[place]
            key = (token.text, token.before[-5:])
            if moved[key] < lost[key]:
                moved[key] += 1
            elif (mark, token.text) not in linked and token[:2] not in heads:
                strange.add(place)
        for _, i, i2, j, j2 in blocks:
            gone = [row for row in wanted[i:i2] if not moved[row[0], row[2][-5:]]]
            new = [actual[place][0] for place in range(j, j2) if place in strange]
            for (text, ref, _), token in zip(gone, new, strict=False):
                name = ref or self._only(text)
                reason = f"{_around(words.text, token)} shows {token.text}; the memo was built "
                self.add("edited", name, f"{reason}with {text}{self._said(name)}", token.text, text)
            for token in new[len(gone) :]:
                if not is_date(token.text):
                    where = _around(words.text, token)
                    reason = f"{where} shows {token.text}, which belongs to no row of evidence"
                    self.add("unknown", "", reason, token.text)
            for text, ref, before in gone[len(new) :]:
                if ref:
                    reason = f"{text} after “{before}” is no longer in the memo{self._said(ref)}"
                    self.add("missing", ref, reason, "", text)
        return len(actual)

    def _only(self, text: str) -> str:
        """Name the one value that shows a number, where the words carry no mark."""
        found = {
            ref.partition("[")[0]
            for ref, form, _, shown in self.evidence.cites
            if form != "typed" and text in re.sub(r"\s", "", shown)
        }
        return found.pop() if len(found) == 1 else ""

    def _said(self, ref: str) -> str:
        """Say in words which value is meant."""
        name, language = ref.partition("[")[0], self.evidence.about["lang"]
        known = name in self.evidence.values or name in self.evidence.tables
        words = words_of(self.evidence, [name, "name", ""], language) if known else name
        return f" ({ref}: {words})" if words not in ("", ref) else f" ({ref})" if ref else ""


def _around(text: str, token: Token) -> str:
    """Quote the words around a number, within its sentence or cell."""
    start, end = max(0, token.start - 30), token.start + len(token.text) + 12
    before = re.split(r"[\n。；]|\. ", text[start : token.start])[-1].lstrip()
    after = re.split(r"[\n。；]|\. ", text[token.start : end])[0].rstrip()
    return f"“{before}{after}”"


def _quote_gives(value: Value, stated: float) -> bool:
    """Read the quoted words again; where the text has lost the unit, any power of ten will do."""
    quote = value.quote.strip()
    digits = _DIGITS.match(quote)
    unit = re.sub(r"[\s余多]", "", quote[digits.end() :]) if digits else ""
    try:
        factor = float(lookup(unit).factor) if unit else 0.0
    except QhdError:
        return True  # a range, or words that only the reader of documents understands
    got = abs(number(digits[0])) if digits else math.nan
    if factor or not got > 0:
        return not got >= 0 or _near(abs(stated), got * factor)
    power = math.log10(abs(stated) / got) if stated else math.nan
    return _near(power, round(power))


def _near(a: Any, b: Any) -> bool:
    return bool(np.isclose(a, b, rtol=_RELATIVE, atol=1e-12, equal_nan=True))


def _same(kept: pd.DataFrame, made: pd.DataFrame) -> bool:
    """Compare two tables, numbers within the tolerance."""
    try:
        pd.testing.assert_frame_equal(
            kept.astype(made.dtypes), made, check_dtype=False, rtol=_RELATIVE, atol=1e-12
        )
    except (AssertionError, KeyError, TypeError, ValueError):
        return False
    return True
