"""A case as data: which documents and datasets, which values they give, what prose cites them.

A spec is a TOML file; beside it lies one Markdown text a language. Words for readers are one
string, or ``{ zh = "...", en = "..." }``. A key that is not listed here is refused.

====================  =====================================================================
``title, author``     Words, or a citation: ``"{{ reply_title }}"``. The title is needed.
``date``              ISO date of the data; else that of the first document.
``sections``          Which sections of the text to keep, by the ``{#id}`` of their headings.
``prose``             Files of the text; else ``memo.zh.md`` and ``memo.en.md``.
``[documents.NAME]``  ``file``, or ``dataset`` for a shipped one; ``year``, ``area``, ``label``.
``[values]``          Named values, see below.
``[words]``           Words of tables in the languages of readers.
``[sources]``         Caveats of a source in place of those of the catalogue.
``[tables.NAME]``     ``columns``, ``caption``; ``table``, the table of values, if not NAME.
``[charts.NAME]``     ``plot``, ``table``, ``caption``, ``alt``, ``options``.
====================  =====================================================================

Values stand in the order in which they follow from each other, each with one of four origins::

    plan  = { figure = "年计划投资", after = "省、市重点", zh = "年计划投资", en = "planned" }
    gdp   = { dataset = "qhd_gdp", where = { code = "gdp" }, zh = "地区生产总值", en = "GDP" }
    gdp22 = { cell = "gdp", where = { area = "秦皇岛市", year = 2022 }, zh = "...", en = "..." }
    left  = { formula = "plan - done", unit = "亿元", zh = "尚需", en = "left" }

``figure`` is a pattern for the indicator, ``after`` the words right before the figure (or a list of
words in their order); ``document``, ``period``, ``kind``, ``unit`` and ``area`` narrow it down.
Each document ``reply`` also gives ``reply_title``, ``reply_publisher``, ``reply_issued`` and the
table ``reply_audit``. ``dataset`` is a shipped one or a file beside the spec (``file``, if its name
is to be another); ``where`` keeps rows with these values, ``prefer`` takes one source a year, as
`select` does.

A formula holds names above it, numbers, ``+ - * / **`` and calls of the library's indicators and
projections (``completion_rate(done=done, planned=plan)``, ``project(gdp, horizon=5)``), or of

====================================  =====================================================
``rows(table, area=.., year=..)``     Rows that have these values, or one of a list.
``cell(table, 'column', year=..)``    The one cell; a value, in the unit of its row.
``count(table)``                      Number of rows.
``between(table, 2000, 2022)``        Rows of these years.
``convert(table, to='亿元')``         The table in another unit.
``add_up(table, name='三县合计')``    Sum of the areas, for years in which all have a value.
``put(table, area='三县合计')``       One value for a column.
``series(table, 'column', 'area')``   A column as the values of one area.
``levels(projection, ..)``            Intervals side by side: ``estimate, lower80, upper80``.
``stack(table, ..)``                  Tables below each other.
``table(area=[..], x=[..])``          A table of single values; amounts in its ``unit='亿元'``.
``ln, exp, abs``                      Of a number.
====================================  =====================================================

Formulas compute in base units (元, 亩, 人), and the result has the unit that follows: 元 less 元 is
元, 元 over 元 a pure number, 元 over 亩 元/亩; 元 plus 项 is refused. ``unit`` is the one to show
the result in: one of the same kind, or, where nothing in the formula has a unit, what it is in. A
projection is in the unit of its series.

The text cites ``{{ name }}`` or ``{{ name | percent(1) }}``, or a cell, ``{{ table[0].column }}``;
``{{ table NAME }}``, ``{{ chart NAME }}``, ``{{ table evidence }}`` and ``{{ table sources }}``;
``{{ "words" }}`` are words that hold a number which is no figure. The number in brackets counts the
decimals; ``percent_range(1)`` and ``money_range(1)`` give the bounds.

===================  ======================================================================
``written``          As the source has it; a computed value with its unit. Also without a format.
``quote, label``     The source's very words; the name of the value.
``money(2)``         630.5亿元, CNY 63.05 billion.
``percent(1)``       Of a fraction: 0.33 is 33.0%. Not of an amount, a count or a ``* 100``.
``points(1)``        A difference of such: 0.228 is 22.8个百分点.
``amount(1)``        For a column whose title has the unit: 亿元 or CNY billion, or %.
``number(1)``        In its unit, which the sentence has to say; not of money.
``count, year``      A whole number; a year.
``date, text``       A date or words from a source.
``formula``          For a column of formulas: labels in place of names.
===================  ======================================================================

A unit that the sentence puts after a number has to be the one that the number is shown in.

A column is ``{ column, title, format, unit, width, align }``: ``column = "low:high"`` gives a
range, ``format = "@form"`` and ``unit = "@unit"`` take those that stand in that column of the row,
``width`` is a part of 1, ``align`` left or right. An option of a chart is a word, a number, words
for readers, or ``{ from = "NAME" }``, a table or value of this spec.
"""

import re
import tomllib
import warnings
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from qhdanalysis import catalog
from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.memo.evidence import Evidence, Table, Value, among, unknown
from qhdanalysis.memo.formula import rows
from qhdanalysis.memo.words import clean
from qhdanalysis.plots.style import label
from qhdanalysis.reading.audit import audit
from qhdanalysis.reading.documents import Document, read_document
from qhdanalysis.units import lookup, written

LANGUAGES = ("zh", "en")
SHIPPED = ASSETS / "memo" / "case" / "spec.toml"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_KEYS = {  # of each kind of table; ! marks what must be there
    "spec": "title! author date sections prose documents values words sources tables charts",
    "document": "file dataset year area label",
    "table": "columns! table caption",
    "column": "column! title! format unit width align",
    "chart": "plot! table! caption alt options",
    "formula": "formula unit zh en",
    "figure": "figure after document period kind unit area zh en",
    "dataset": "dataset file where prefer zh en",
    "cell": "cell where zh en",
}
_NEAR = 12  # a figure stands at most so many characters after the words that lead to it


@dataclass(frozen=True)
class Case:
    """A spec that has been read: its settings, its folder, and the evidence it leads to."""

    settings: dict[str, Any]
    folder: Path
    evidence: Evidence
    documents: dict[str, Document]

    def text(self, key: str, lang: str) -> str:
        """Give a text of the spec in one language."""
        return in_language(self.settings.get(key, ""), lang)

    def languages(self) -> list[str]:
        """Give the languages that there is a text in, or Chinese."""
        return [lang for lang in LANGUAGES if self._file(lang).is_file()] or ["zh"]

    def _file(self, lang: str) -> Path:
        return self.folder / (self.text("prose", lang) or f"memo.{lang}.md")

    def prose(self, lang: str) -> str:
        """Read the Markdown source of one language."""
        path = self._file(lang)
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                f"{path}: the memo's text cannot be read ({error}). Name it in the spec with "
                f'prose = {{ {lang} = "FILE.md" }} and save it as UTF-8.'
            ) from None


def in_language(text: Any, lang: str) -> str:
    """Give the words of one language; a plain str serves both."""
    if isinstance(text, dict):
        for key in text:
            among("language", key, LANGUAGES)
        return str(text.get(lang) or next(iter(text.values()), ""))
    return str(text)


def load_case(spec: str | Path | None = None) -> Case:
    """Read a spec and compute everything that its values ask for.

    Parameters
    ----------
    spec : str or Path, optional
        A TOML file, or a folder with a ``spec.toml``; without it the shipped case.

    Raises
    ------
    SourceError
        If the spec, a document or a dataset cannot be read, or a value cannot be found or
        computed; the message names the value.
    """
    path = SHIPPED if spec is None else Path(spec)
    path = path / "spec.toml" if path.is_dir() else path
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(f"{path}: no such spec. `qhd new FOLDER` writes one.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}: the spec cannot be read as TOML in UTF-8 ({error}).") from None
    _check_keys(settings, path.name)
    case = Case(settings, path.parent, Evidence(), {})
    case.evidence.about["words"] = settings.get("words", {})
    for name in (*settings.get("documents", {}), *settings.get("values", {})):
        if not _NAME.fullmatch(name):
            raise SourceError(f"{path}: {name!r} cannot name a value: letters, digits and _ only.")
    for name, entry in settings.get("documents", {}).items():
        _document(name, entry, case)
    for name, entry in settings.get("values", {}).items():
        try:
            _add(name, entry, case)
        except QhdError as error:
            raise type(error)(f"{path.name}, value {name}: {error}") from None
    for name in case.documents:
        _alias(name, case.evidence)
    return case


def _check_keys(settings: dict[str, Any], file: str) -> None:
    """Name a key that a table of the spec does not know, or that it lacks."""

    def check(kind: str, entry: Any, place: str, keys: str = "") -> None:
        keys = keys or _KEYS[kind]
        known = keys.replace("!", "").split()
        if not isinstance(entry, dict):
            raise SourceError(f"{place}: give keys and values, of {', '.join(known)}.")
        for key in entry:
            if key not in known:
                raise SourceError(f"{place}: {unknown('key', key, known)}")
        if lost := [key for key in re.findall(r"(\w+)!", keys) if key not in entry]:
            raise SourceError(f"{place}: the key {lost[0]!r} is missing.")

    check("spec", settings, file)
    for kind in ("document", "table", "chart"):
        for name, entry in settings.get(f"{kind}s", {}).items():
            place = f"{file}, [{kind}s.{name}]"
            check(kind, entry, place)
            for column in entry.get("columns", ()) if kind == "table" else ():
                check("column", column, f"{place}, a column")
    for name, entry in settings.get("values", {}).items():
        # The keys of its origin; of all, if there is none.
        held = set(entry) if isinstance(entry, dict) else set()
        origin = next((kind for kind in ("formula", "dataset", "cell") if kind in held), "figure")
        found = held & {"figure", "after"} or origin != "figure"
        every = " ".join(_KEYS[kind] for kind in ("formula", "figure", "dataset", "cell"))
        check(origin, entry, f"{file}, value {name}", "" if found else every)


def _document(name: str, entry: dict[str, Any], case: Case) -> None:
    """Read a document and note what it says of itself, and what its audit finds."""
    shipped = entry.get("dataset", "")
    path = catalog.document_path(shipped) if shipped else case.folder / entry.get("file", "")
    document = read_document(path, year=entry.get("year"), area=entry.get("area"))
    case.documents[name] = document
    about = {key: clean(getattr(document, key)) for key in ("title", "publisher", "issued")}
    case.evidence.sources[name] = about | {
        "kind": "document",
        "file": path.name,
        "dataset": shipped,
        "label": entry.get("label", ""),
        "sha256": sha256(path.read_bytes()).hexdigest(),
        "caveats": "; ".join(clean(note) for note in document.notes),
    }
    for key in about:
        leaf, text = f"{name}_{key}", str(getattr(document, key))
        case.evidence.values[leaf] = Value(leaf, text, label=_both(key), source=name)
    _audit(name, document, case.evidence)


def _both(key: str) -> dict[str, str]:
    return {lang: label(key, lang) for lang in LANGUAGES}


def _figure(
    name: str, row: "pd.Series[Any]", document: Document, source: str, names: dict[str, str]
) -> Value:
    """Make a leaf of one figure of a document."""
    start, end = int(row["start"]), int(row["end"])
    value, low, high = (float(row[key]) for key in ("base_value", "low", "high"))
    place, quote = f"{start}:{end}", document.text[start:end]
    note = clean(str(row["note"]))
    unit = str(row["base_unit"])
    return Value(name, value, unit, low, high, names, "", (), source, place, quote, note)


def _audit(name: str, document: Document, evidence: Evidence) -> None:
    """Add the audit of a document as a table whose rows follow from figures by formulas."""
    figures = document.figures
    checks = audit(document).assign(reason_en=audit(document, lang="en")["reason"])

    def leaf(row: int) -> str:
        made = f"{name}_{figures.at[row, 'start']}"
        words = _both(clean(str(figures.at[row, "indicator"])))
        evidence.values[made] = _figure(made, figures.loc[row], document, name, words)
        return made

    rows = []
    for check in checks.itertuples():
        operands = [leaf(row) for row in check.operands]
        claimed = "" if pd.isna(check.figure) else leaf(check.figure)
        unit = evidence.values[claimed].unit if claimed else ""
        quote = clean(evidence.values[claimed].quote) if claimed else "100%"
        ratio = check.type not in ("sum", "count", "difference") or quote.endswith(("%", "％"))
        form = "percent(2)" if ratio and not unit else "money(2)" if unit == "元" else "number"
        ends = figures.loc[[*check.operands, *([check.figure] if claimed else [])], "end"]
        rows.append(
            {
                "formula": _with_names(str(check.formula), operands),
                "claimed": claimed,
                "bound": str(figures.at[check.figure, "bound"]) if claimed else "",
                "quote": quote,
                "unit": unit,
                "form": form,
                "claim": _in_words(str(check.claim), document.text, int(ends.max())),
            }
        )
    made = pd.DataFrame(
        rows, checks.index, ["formula", "claimed", "bound", "quote", "unit", "form", "claim"]
    )
    frame = checks.drop(columns=["formula", "figure", "operands", "source"])
    frame = frame.assign(claim=made.pop("claim")).join(made)
    table = f"{name}_audit"
    evidence.tables[table] = Table(table, frame, "audit", (), name, _both("audit_table"))


def _in_words(claim: str, text: str, end: int) -> str:
    """Give a claim that is hardly more than a number the words before it in its clause."""
    at = text.rfind(claim, 0, end + 1)
    if at < 0 or re.search("[\u4e00-\u9fff]{3}", claim):
        return claim
    return re.split(r"[，,。；;、：:（(\s]", text[max(0, at - 16) : at])[-1] + claim


def _with_names(formula: str, names: list[str]) -> str:
    return re.sub(r"\bx(\d+)\b", lambda m: names[int(m[1])], formula)


def _alias(document: str, evidence: Evidence) -> None:
    """Let the audit speak of a figure by the name that the spec gives to it."""
    leaves = [v for v in evidence.values.values() if v.source == document and v.place]
    named = {v.place: v.name for v in leaves if not v.name.startswith(f"{document}_")}
    same = {v.name: named[v.place] for v in leaves if named.get(v.place, v.name) != v.name}
    table = evidence.tables[f"{document}_audit"]
    frame, inputs = table.frame.copy(), set()
    for column in ("formula", "claimed"):
        spoken = [re.sub(r"\w+", lambda m: same.get(m[0], m[0]), x) for x in frame[column]]
        inputs |= {word for x in spoken for word in re.findall(r"\w+", x)}
        frame[column] = pd.array(spoken, dtype="str")
    known = tuple(sorted(inputs & set(evidence.values)))
    evidence.tables[table.name] = replace(table, frame=frame, inputs=known)
    for name in same:
        del evidence.values[name]


def _add(name: str, entry: dict[str, Any], case: Case) -> None:
    """Add one value or table of the spec to the evidence."""
    names: dict[str, str] = {lang: str(entry[lang]) for lang in LANGUAGES if lang in entry}
    evidence = case.evidence
    if "formula" in entry:
        evidence.derive(name, entry["formula"], entry.get("unit", ""), names)
    elif "figure" in entry or "after" in entry:
        given = entry.get("document") or next(iter(case.documents), "")
        source = among("document", given, case.documents)
        row = _find(case.documents[source], entry)
        evidence.values[name] = _figure(name, row, case.documents[source], source, names)
    elif "dataset" in entry:
        _dataset(name, entry, case, names)
    elif "cell" in entry:
        _cell(name, entry, evidence, names)
    else:
        raise SourceError("give it one of: figure, after, dataset, cell, formula.")


def _find(document: Document, entry: dict[str, Any]) -> "pd.Series[Any]":
    """Find the one figure whose indicator, period, kind and unit are those asked for.

    ``after`` holds words of the text, or a list of them in their order: the figure is the first
    that follows closely.
    """
    found = document.figures
    found = found[found["indicator"].str.contains(entry.get("figure", ""), regex=True)]
    for key in ("period", "kind", "unit", "area"):
        if key in entry:
            found = found[found[key].eq(entry[key])]
    if after := entry.get("after"):
        place = 0
        for words in [after] if isinstance(after, str) else after:
            at = document.text.find(words, place)
            if at < 0:
                raise SourceError(
                    f"the document does not say {words!r} (in this order). "
                    "`qhd figures FILE` lists what can be cited."
                )
            place = at + len(words)
        found = found[found["start"].between(place, place + _NEAR)]
    if found.empty:
        names = document.figures["indicator"].unique()
        raise SourceError(unknown("figure", entry.get("figure", str(after)), names))
    if len(found) > 1 and not after:
        some = ", ".join(f"{r.indicator} {r.value:g}{r.unit}" for r in found.head(5).itertuples())
        raise SourceError(f"{len(found)} figures fit ({some}): add period, kind, unit or after.")
    return found.iloc[0]


def _dataset(name: str, entry: dict[str, Any], case: Case, names: dict[str, str]) -> None:
    """Add the rows of a shipped dataset, or of a file beside the spec, as a leaf table."""
    evidence, key = case.evidence, entry["dataset"]
    about: dict[str, str]
    if "file" in entry or key not in set(catalog.datasets()["name"]):
        from qhdanalysis.reading.tables import read_table

        path = case.folder / entry.get("file", key)
        records = read_table(path)
        about = {"file": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}
        if repairs := records.attrs.get("repairs"):
            about["caveats"] = "; ".join(map(clean, repairs))
            warnings.warn(f"{path.name}: {about['caveats']}", UserWarning, stacklevel=2)
    else:
        records = catalog.load_dataset(key)
        words = ("file", "title", "title_zh", "source", "licence", "caveats", "sha256")
        about = {word: str(text) for word, text in catalog.about(key).items() if word in words}
        about["dataset"] = key
    evidence.sources[key] = {"kind": "dataset", **about}
    held, where = records, entry.get("where", {})
    records = rows(records, **where)
    if "prefer" in entry:
        from qhdanalysis.records import select

        records = select(records, prefer=entry["prefer"])
    if records.empty:
        there = "; ".join(_held(held, where) or ["no row"])
        told = "".join(f" {note}." for note in held.attrs.get("notes", ()))
        raise SourceError(f"no row of {key} has {where}. There are: {there}.{told}")
    kept = ["area", "year", "code", "value", "unit", "source", "place", "note"]
    kept = kept if set(kept) <= set(records) else list(records)
    frame = records[kept].reset_index(drop=True)
    evidence.tables[name] = Table(name, frame, source=key, label=names)


def _held(records: pd.DataFrame, where: dict[str, Any]) -> list[str]:
    """Say which values the columns asked for hold."""
    found = ((key, map(str, records[key].unique()[:8])) for key in where if len(records))
    return [f"{key} {', '.join(values)}" for key, values in found]


def _cell(name: str, entry: dict[str, Any], evidence: Evidence, names: dict[str, str]) -> None:
    """Add one published value of a leaf table as a leaf of its own."""
    table = evidence.tables.get(entry["cell"])
    if table is None or not table.source:
        raise SourceError(unknown("table of records", entry["cell"], evidence.tables))
    found, where = rows(table.frame, **entry.get("where", {})), entry.get("where", {})
    if len(found) != 1:
        there = "; ".join(_held(table.frame, where))
        raise SourceError(
            f"{len(found)} rows of {entry['cell']} have {where}, not one. There are: "
            f"{there or f'{len(found)} rows; name area and year in where'}."
        )
    row = found.iloc[0]
    quote, unit = f"{row['value']:.15g}", str(row["unit"])
    bounds, base = written(quote, unit), lookup(unit)
    value = row["value"] * float(base.factor)
    origin = (table.source, str(row["place"]), quote + unit)
    note = clean(f"{row['source']}; {row['note']}".strip("; "))
    low, high = bounds.low, bounds.high
    evidence.values[name] = Value(name, value, base.base, low, high, names, "", (), *origin, note)
