"""Checks a memo against the evidence inside it, and the evidence against its sources."""

import difflib
import math
import re
import warnings
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qhdanalysis import catalog
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.memo import carry
from qhdanalysis.memo.evidence import Evidence, Value, _parse
from qhdanalysis.memo.render import words_of
from qhdanalysis.reading.documents import read_document
from qhdanalysis.units import lookup, number

# Two computers may differ in the last digits of an optimised projection, never in what is shown.
_RELATIVE = 1e-6
_FAILING = ("edited", "unknown", "wrong")


@dataclass(frozen=True)
class Verification:
    """What the check of a memo found.

    Attributes
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
    """

    holds: bool
    table: pd.DataFrame
    checked: int

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
    The check sees numbers. It does not see words: "rose" turned into "fell", or a number spelt out
    in words, passes. Who rewrites text, evidence and quotes together, and holds back the sources,
    is not found out either; give ``sources`` to check the quotes.

    Examples
    --------
    >>> from qhdanalysis import verify_memo
    >>> verify_memo("no_such_memo.html")
    Traceback (most recent call last):
    qhdanalysis.errors.SourceError: no_such_memo.html: cannot be read (No such file or directory). Check the path.
    """
    path = Path(path)
    data, words = carry.unpack(path)
    check = _Check()
    if data is None:
        check.add("wrong", "", "", "", f"{path.name} carries no evidence: nothing can be checked")
        return check.done(0)
    evidence = Evidence.from_dict(data)
    folders = [path.parent, path.parent.parent, *([Path(sources)] if sources else [])]
    try:
        _check_sources(evidence, folders, check)
        with warnings.catch_warnings():  # what there is to warn of was said when it was built
            warnings.simplefilter("ignore")
            _check_values(evidence, check)
        _check_cites(evidence, check)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise SourceError(f"{path}: the evidence inside is damaged ({error!r}).") from None
    return check.done(_check_words(evidence, words, check))


class _Check:
    """Collects findings."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []

    def add(self, finding: str, name: str, shown: str, expected: str, reason: str) -> None:
        row = {"shown": shown, "expected": expected, "name": name, "finding": finding}
        self.rows.append(row | {"reason": reason})

    def done(self, checked: int) -> Verification:
        columns = ["shown", "expected", "name", "finding", "reason"]
        table = pd.DataFrame(self.rows, columns=columns, dtype="str").drop_duplicates()
        holds = not table["finding"].isin(_FAILING).any()
        return Verification(holds, table.reset_index(drop=True), checked)


def _check_sources(evidence: Evidence, folders: list[Path], check: _Check) -> None:
    """Compare sources at hand with their sum, and leaves with what stands at their place."""
    for key, source in evidence.sources.items():
        found = [folder / Path(source["file"]).name for folder in folders]
        if source.get("dataset"):
            found.append(catalog.DATA / source["file"])
            found.append(catalog.DATA / "documents" / source["file"])
        file = next((path for path in found if path.is_file()), None)
        if file is None:
            check.add("unchecked", key, "", "", f"{source['file']} is not at hand: not compared")
            continue
        if sha256(file.read_bytes()).hexdigest() != source["sha256"]:
            reason = (
                f"{source['file']} is not the file that the memo was made from (sha256 differs)"
            )
            check.add("wrong", key, "", "", reason)
            continue
        try:
            _check_places(evidence, key, source, file, check)
        except QhdError as error:
            check.add("wrong", key, "", "", str(error))


def _check_places(
    evidence: Evidence, key: str, source: dict[str, str], file: Path, check: _Check
) -> None:
    """Read a source again and look at each place that a leaf names."""
    leaves = [v for v in evidence.values.values() if v.source == key and v.place]
    if source["kind"] == "document":
        document = read_document(file)
        text = document.text
        for leaf in leaves:
            start, end = map(int, leaf.place.split(":"))
            if text[start:end] != leaf.quote:
                reason = (
                    f"{leaf.name}: {file.name} has {text[start:end]!r} there, not {leaf.quote!r}"
                )
                check.add("wrong", leaf.name, leaf.quote, text[start:end], reason)
        for leaf in evidence.values.values():
            about = getattr(document, leaf.name.removeprefix(f"{key}_"), leaf.value)
            if leaf.source == key and not leaf.place and about != leaf.value:
                reason = f"{leaf.name}: {file.name} says {about!r}, not {leaf.value!r}"
                check.add("wrong", leaf.name, str(leaf.value), str(about), reason)
        return
    if source.get("dataset"):
        records = catalog.load_dataset(source["dataset"])
    else:
        from qhdanalysis.reading.tables import read_table

        records = read_table(file)
    for table in evidence.tables.values():
        if table.source == key:
            kept = records[list(table.frame)].astype("str")
            known = set(map(tuple, kept.to_numpy()))
            for row in table.frame.astype("str").to_numpy():
                if tuple(row) not in known:
                    reason = f"{table.name}: {file.name} has no row {', '.join(row[:6])}"
                    check.add("wrong", table.name, "", "", reason)
    places = {} if "place" not in records else records.set_index("place").to_dict("index")
    for leaf in leaves:
        row = places.get(leaf.place)
        if row is None or leaf.quote != f"{row['value']:.15g}{row['unit']}":
            reason = f"{leaf.name}: {leaf.quote!r} does not stand at {leaf.place}"
            check.add("wrong", leaf.name, leaf.quote, "", reason)


def _check_values(evidence: Evidence, check: _Check) -> None:
    """Recompute every value: leaves from their quotes, derived ones from their formulas."""
    for value in evidence.values.values():
        if isinstance(value.value, str):
            continue
        if value.formula:
            result, low, high, inputs = _again(evidence, value.name, value.formula, check)
            same = inputs == value.inputs and all(
                _near(a, b)
                for a, b in ((value.value, result), (value.low, low), (value.high, high))
            )
            if not same:
                reason = (
                    f"{value.name}: {value.formula} gives {result:.10g}, not {value.value:.10g}"
                )
                check.add("wrong", value.name, f"{value.value:.10g}", f"{result:.10g}", reason)
        elif value.quote and not _quote_gives(value):
            reason = (
                f"{value.name}: the quoted words {value.quote!r} do not give {value.value:.10g}"
            )
            check.add("wrong", value.name, f"{value.value:.10g}", value.quote, reason)
    for table in evidence.tables.values():
        if table.formula == "audit":
            _check_audit(evidence, table.frame, check)
        elif table.formula:
            result, *_ = _again(evidence, table.name, table.formula, check)
            if not (isinstance(result, pd.DataFrame) and _same_table(table.frame, result)):
                reason = f"{table.name}: {table.formula} does not give the table in the evidence"
                check.add("wrong", table.name, "", "", reason)


def _again(evidence: Evidence, name: str, formula: str, check: _Check) -> Any:
    try:
        return evidence.evaluate(formula)
    except QhdError as error:
        check.add("wrong", name, "", "", f"{name}: {error}")
        return np.nan, np.nan, np.nan, ()


def _quote_gives(value: Value) -> bool:
    """Read the quoted words again; a range that is written, or a lost unit, is not judged."""
    digits = re.match(
        r"[-−+]?[\d.,，\s]*\d|[〇零一二三四五六七八九十百千万亿点两]+", value.quote.strip()
    )
    if not digits or not isinstance(value.value, float | int):
        return True
    unit = re.sub(r"[\s余多]", "", value.quote.strip()[digits.end() :])
    try:
        factor = float(lookup(unit).factor) if unit else None
    except QhdError:
        return True
    got = abs(number(digits[0]))
    if factor is None:
        ratio = abs(value.value) / got if got else 0.0
        return value.value == got or ratio in (0.01, 0.001) or math.log10(ratio or 2) % 1 == 0
    return _near(abs(value.value), got * factor)


def _check_audit(evidence: Evidence, frame: pd.DataFrame, check: _Check) -> None:
    """Recompute the claims that follow from figures by a formula, and their verdicts."""
    for row in frame.to_dict("records"):
        try:
            if not _parse(row["formula"])[1]:
                continue
            result, low, high, _ = evidence.evaluate(row["formula"])
        except QhdError:
            continue
        if not _near(result, row["recomputed"]):
            reason = f"claim {row['claim']!r}: {row['formula']} gives {result:.10g}"
            check.add("wrong", "audit", f"{row['recomputed']:.10g}", f"{result:.10g}", reason)


def _near(a: Any, b: Any) -> bool:
    return bool(np.isclose(a, b, rtol=_RELATIVE, atol=1e-12, equal_nan=True))


def _same_table(kept: pd.DataFrame, made: pd.DataFrame) -> bool:
    if list(kept.columns) != list(made.columns) or len(kept) != len(made):
        return False
    for name in kept.columns:
        old, new = kept[name], made[name]
        numeric = pd.api.types.is_numeric_dtype(new) and not pd.api.types.is_bool_dtype(new)
        if numeric:
            same = np.allclose(
                old.astype(float), new.astype(float), rtol=_RELATIVE, atol=1e-12, equal_nan=True
            )
        else:
            same = (old.fillna("").astype(str) == new.fillna("").astype(str)).all()
        if not same:
            return False
    return True


def _check_cites(evidence: Evidence, check: _Check) -> None:
    """Write each citation again from its value."""
    lang = evidence.about["lang"]
    for ref, form, unit, text in evidence.cites:
        try:
            made = words_of(evidence, [ref, form, unit], lang)
        except QhdError as error:
            check.add("wrong", ref, text, "", f"{ref}: {error}")
            continue
        if made != text:
            reason = f"{ref}: the evidence shows {text!r}, its value gives {made!r}"
            check.add("wrong", ref, text, made, reason)


def _check_words(evidence: Evidence, words: carry.Words, check: _Check) -> int:
    """Align the numbers that a reader sees with those that the evidence accounts for."""
    expected = [
        (text, evidence.cites[n - 1][0] if n else "", before) for text, n, before in evidence.words
    ]
    actual = list(words.tokens())
    where = {(text, before[-5:]) for text, _, before in expected}
    linked = {(f"ev-{ref.partition('[')[0]}", text) for text, ref, _ in expected}
    matcher = difflib.SequenceMatcher(
        None, [text for text, *_ in expected], [token.text for token, _ in actual], autojunk=False
    )
    blocks = [block for block in matcher.get_opcodes() if block[0] != "equal"]
    moved = {(t.text, t.before[-5:]) for *_, j, j2 in blocks for t, _ in actual[j:j2]} & where
    for _, i, i2, j, j2 in blocks:
        gone = [row for row in expected[i:i2] if (row[0], row[2][-5:]) not in moved]
        # A number that was moved with its words, or still leads to its row of evidence, holds.
        new = [
            token
            for token, mark in actual[j:j2]
            if (mark, token.text) not in linked and (token.text, token.before[-5:]) not in where
        ]
        for (text, ref, before), token in zip(gone, new, strict=False):
            reason = f"the memo shows {token.text} after {token.before!r}; the evidence has {text}"
            check.add("edited", ref, token.text, text, reason + (f" ({ref})" if ref else ""))
        for token in new[len(gone) :]:
            reason = f"{token.text} after {token.before!r} belongs to no row of the evidence"
            check.add("unknown", "", token.text, "", reason)
        for text, ref, before in gone[len(new) :]:
            if ref:
                reason = f"{text} after {before!r} ({ref}) is no longer in the memo"
                check.add("missing", ref, "", text, reason)
    return len(actual)
