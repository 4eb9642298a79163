"""Prose with citations becomes Markdown with numbered marks, and the words that belong to them.

Nothing that comes from a document or a dataset is ever put into Markdown. The Markdown that pandoc
reads holds only numbered marks; their words travel beside it as JSON, and a pandoc filter puts them
into the parsed document as plain text. No character in them can be taken for markup.
"""

import math
import re
from typing import Any

from qhdanalysis import __version__
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.memo import measure
from qhdanalysis.memo.evidence import Evidence, Table, Value, among
from qhdanalysis.memo.spec import Case, in_language
from qhdanalysis.memo.words import clean, show
from qhdanalysis.plots.style import label
from qhdanalysis.units import INFERRED

_MARK = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_BLOCK = re.compile(r"(table|chart)\s+(\w+)")
_TYPED = re.compile(r'"(.*)"')
_REF = re.compile(r"(\w+)\[(\d+)\]\.(\w+)(?::(\w+))?")
_SECTION = re.compile(r"^(# .*\{#([\w-]+).*\n)", re.MULTILINE)
_IDENTIFIER = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*=[^=])")


def resolve(evidence: Evidence, ref: str, unit: str, lang: str) -> Value:
    """Give a value by name, or a cell of a table by ``table[row].column``.

    ``table[row].low:high`` gives a cell whose bounds stand in two columns.
    """
    parts = _REF.fullmatch(ref)
    if not parts:
        value = evidence.value(ref)
        if not isinstance(value.value, str) and not math.isfinite(value.value):
            raise SourceError(
                f"{ref} is {value.value}: its formula {value.formula!r} divides by zero or lacks a "
                "number."
            )
        return value
    name, row, low, high = parts.groups()
    frame = evidence.tables[among("table", name, evidence.tables)].frame
    try:
        cells = frame.iloc[int(row)]
        first, last = cells[low], cells[high or low]
    except (KeyError, IndexError):
        raise SourceError(f"The table {name} has no cell {ref!r}.") from None
    if first is None or first != first:
        first = last = float("nan")
    if isinstance(first, str):
        return Value(ref, said(evidence, first, lang))
    if own := measure.row_unit(cells, low):
        scale, unit = measure.factor(own, unit or own, open_to_any=False), unit or own
        first, last = first * scale, last * scale
    return Value(ref, float(first), unit, float(first), float(last))


def said(evidence: Evidence, text: str, lang: str) -> str:
    """Say a word of a table in the language of the memo, where the spec gives it."""
    return in_language(evidence.about.get("words", {}).get(text, text), lang)


def words_of(evidence: Evidence, cite: list[str], lang: str) -> str:
    """Write what a citation shows; ``cite`` holds reference, format and unit."""
    ref, form, unit = cite[:3]
    if form == "typed":
        return ref
    if form in ("origin", "bounds", "name"):
        return {"origin": _origin, "bounds": _bounds, "name": _name}[form](evidence, ref, lang)
    item = resolve(evidence, ref, unit, lang)
    if form == "formula":
        return _spoken(evidence, str(item.value), lang)
    if form == "default":
        form = "money(3)" if _is_money(item) and not item.quote else "written"
    return show(item, form, lang)


def _is_money(item: Value) -> bool:
    return measure.kind_of(item.unit).base == "元" and not isinstance(item.value, str)


def _name(evidence: Evidence, ref: str, lang: str) -> str:
    item: Table | Value = evidence.tables.get(ref) or evidence.value(ref)
    return in_language(item.label, lang) if item.label else ref


def _bounds(evidence: Evidence, ref: str, lang: str) -> str:
    item = evidence.values.get(ref)
    if item is None or isinstance(item.value, str) or not item.low < item.high:
        return "—"
    form = "money" if _is_money(item) else "number"
    digits = "(4)" if form == "money" else ""
    return show(item, f"{form}_range{digits}", lang)


def _origin(evidence: Evidence, ref: str, lang: str) -> str:
    """Say where a leaf stands, or how a derived value follows, with labels in place of names."""
    item: Table | Value = evidence.tables.get(ref) or evidence.value(ref)
    if item.formula and item.formula != "audit":
        return _spoken(evidence, item.formula, lang)
    source = evidence.sources.get(item.source, {})
    title = in_language(source.get("label") or source.get("file") or item.source, lang)
    if not isinstance(item, Value) or not item.place:
        return title
    place, note = item.place, item.note
    if source.get("kind") == "document":
        start, end = item.place.split(":")
        place = label("characters", lang, start=start, end=end)
        lost = re.search(f"{INFERRED}: ([^;]+)", item.note)
        note = label("unit_inferred", lang, unit=lost[1]) if lost else ""
    elif place.startswith(title):
        title = ""
    quote = label("quoted", lang, words=clean(item.quote))
    return clean(f"{title} {place} {quote} {note}")


def _spoken(evidence: Evidence, formula: str, lang: str) -> str:
    """Put labels for names into a formula; words in quotes and option names stay."""
    names = {name: _name(evidence, name, lang) for name in (*evidence.values, *evidence.tables)}
    parts = re.split(r"('[^']*')", formula)
    for i in range(0, len(parts), 2):
        parts[i] = _IDENTIFIER.sub(lambda m: names.get(m[0], m[0]), parts[i])
    return "".join(parts)


def _side(column: str) -> str:
    return "right" if ":" in column else "left"  # a range stands under numbers


class Renderer:
    """Turns the prose of one language into Markdown and data for the pandoc filter."""

    def __init__(self, case: Case, lang: str) -> None:
        self.case, self.lang = case, lang
        self.evidence = case.evidence
        self.cites: list[list[str]] = []
        self.tables: dict[str, Any] = {}
        self.charts: list[str] = []
        self._annex_from = 0

    def markdown(self) -> str:
        """Give the Markdown with a numbered mark for each citation, the evidence table last."""
        prose = self._chosen(self.case.prose(self.lang))
        if "![" in prose:
            raise SourceError(
                f"memo.{self.lang}: a picture is a chart of the spec, {{{{ chart NAME }}}}; other "
                "pictures (![...]) carry no evidence and are not taken."
            )
        prose = _MARK.sub(self._mark, prose)
        return re.sub(r"@@(\w+)@@", lambda m: self._late(m[1]), prose)

    def data(self) -> dict[str, Any]:
        """Give what the filter needs: the words of each mark, the tables, the titles."""
        date = show(Value("date", self.date()), "date", self.lang)
        heads = {key: self._cite(self.case.text(key, self.lang)) for key in ("title", "author")}
        heads["date"] = [date, "typed", ""]
        self._annex_from = self._annex_from or len(self.cites)
        about = {key: self._number(cite, key) for key, cite in heads.items()}
        return {
            "lang": self.lang,
            "title": self.cites[about["title"] - 1][3],
            "about": about,
            "cites": [
                {"text": cite[3], "to": self._target(cite[0]) if n < self._annex_from else ""}
                for n, cite in enumerate(self.cites)
            ],
            "tables": self.tables,
            "words": {key: label(key, self.lang) for key in ("table_n", "figure_n")},
        }

    def date(self) -> str:
        """Give the date of the memo's data: the spec's, else that of its first document."""
        issued = [document.issued for document in self.case.documents.values()]
        return str(self.case.settings.get("date") or next(filter(None, issued), ""))

    def _chosen(self, prose: str) -> str:
        """Keep the sections that the spec asks for, in its order."""
        wanted = self.case.settings.get("sections")
        if not wanted:
            return prose
        head, *parts = _SECTION.split(prose)
        known = {
            name: heading + body
            for heading, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        }
        return head + "".join(known[among("section", name, known)] for name in wanted)

    def _cite(self, text: str) -> list[str]:
        """Read ``name | format``; a text without a mark is cited as it was typed."""
        inner = _MARK.fullmatch(text.strip())
        if not inner:
            return [text, "typed", ""]
        if typed := _TYPED.fullmatch(inner[1]):
            return [typed[1], "typed", ""]
        ref, _, form = (part.strip() for part in inner[1].partition("|"))
        return [ref, form or "written", ""]

    def _mark(self, found: "re.Match[str]") -> str:
        block = _BLOCK.fullmatch(found[1])
        if block and block[1] == "chart":
            self.charts.append(among("chart", block[2], self.case.settings.get("charts", {})))
            return f"\n::: {{.chart n={block[2]}}}\n:::\n"
        if block and block[2] in ("evidence", "sources"):
            return f"@@{block[2]}@@"  # after all others, when all citations are known
        if block:
            self._table(block[2])
            return f"\n::: {{.table n={block[2]}}}\n:::\n"
        return f"[]{{.v n={self._number(self._cite(found[0]), found[0])}}}"

    def _number(self, cite: list[str], place: str) -> int:
        try:
            text = words_of(self.evidence, cite, self.lang)
        except QhdError as error:
            raise SourceError(f"memo.{self.lang}, {place}: {error}") from None
        self.cites.append([*cite, text])
        return len(self.cites)

    def _cell(self, ref: str, form: str, unit: str = "", **more: Any) -> dict[str, Any]:
        return {"n": self._number([ref, form, unit], ref), **more}

    def _target(self, ref: str) -> str:
        name, known = ref.partition("[")[0], (self.evidence.values, self.evidence.tables)
        return f"ev-{name}" if "evidence" in self.tables and any(name in x for x in known) else ""

    def _table(self, name: str) -> None:
        """Make a table of the memo from the rows and columns that the spec names."""
        shown = self.case.settings.get("tables", {})
        entry = shown[among("table", name, [*shown, "evidence", "sources"])]
        source = among("table of values", entry.get("table", name), self.evidence.tables)
        frame, columns = self.evidence.tables[source].frame, entry["columns"]
        rows = [
            [self._data_cell(source, at, row, column) for column in columns]
            for at, row in enumerate(frame.to_dict("records"))
        ]
        self._put(name, in_language(entry.get("caption", ""), self.lang), columns, rows)

    def _data_cell(self, table: str, at: int, row: dict[str, Any], column: dict[str, Any]) -> Any:
        """Make a cell; a format or unit that begins with @ stands in that column of the row."""
        form, unit = column.get("format", "text"), column.get("unit", "")
        form, unit = (str(row[x[1:]]) if x.startswith("@") else x for x in (form, unit))
        if ":" in column["column"]:
            form = re.sub(r"(\(\d\))?$", r"_range\1", form, count=1)
        return self._cell(f"{table}[{at}].{column['column']}", form, unit)

    def _put(self, name: str, caption: str, columns: list[Any], rows: list[Any]) -> None:
        self.tables[name] = {
            "caption": caption,
            "titles": [in_language(column["title"], self.lang) for column in columns],
            "align": [column.get("align", _side(column.get("column", ""))) for column in columns],
            "widths": [column.get("width", 0) for column in columns],
            "rows": rows,
        }

    def _late(self, name: str) -> str:
        """Make the evidence table from all that is cited, or the table of sources."""
        self._annex_from = self._annex_from or len(self.cites)
        titles = label(f"{name}_columns", self.lang).split("|")
        widths = (0.3, 0.15, 0.2, 0.35) if name == "evidence" else (0.3, 0.35, 0.35)
        columns = [{"title": t, "width": w} for t, w in zip(titles, widths, strict=True)]
        if name == "evidence":
            cited = [cite[0].partition("[")[0] for cite in self.cites if cite[1] != "typed"]
            rows = [
                [
                    self._cell(ref, "name", id=f"ev-{ref}"),
                    self._cell(ref, "default") if ref in self.evidence.values else self._typed("—"),
                    self._cell(ref, "bounds"),
                    self._cell(ref, "origin"),
                ]
                for ref in self.evidence.needed(cited)
            ]
        else:
            rows = [self._source(key) for key in self.evidence.sources]
            told = label("software", self.lang).split("|")
            rows.append([self._typed(x) for x in (told[0], f"qhdanalysis {__version__}", told[1])])
        self._put(name, label(f"{name}_caption", self.lang), columns, rows)
        return f"\n::: {{.table .annex n={name}}}\n:::\n"

    def _typed(self, text: str) -> dict[str, Any]:
        return {"n": self._number([clean(text), "typed", ""], text)}

    def _source(self, key: str) -> list[dict[str, Any]]:
        source = self.evidence.sources[key]
        title = source.get(f"title_{self.lang}") or source.get("title") or source["file"]
        told = self.case.settings.get("sources", {}).get(key)
        # What the catalogue says of a source is English; the spec has the Chinese words.
        english = source.get("source") if self.lang == "en" or not told else ""
        where = "; ".join(filter(None, (source.get("publisher"), english)))
        caveats = in_language(told, self.lang) if told else ""
        caveats = caveats or "; ".join(filter(None, (source.get("licence"), source.get("caveats"))))
        file = f"{source['file']}, sha256 {source['sha256'][:12]}"
        where = label("in_file", self.lang, where=where, file=file) if where else file
        return [self._typed(text) for text in (title, where, caveats or "—")]
