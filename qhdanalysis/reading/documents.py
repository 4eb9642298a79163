"""Government documents: text whose places never move, and what the document says of itself.

A `Document` keeps the text that was read, character for character, so that every figure can point
at the place it comes from. Its figures are read when first asked for.
"""

import re
import sys
import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track

from qhdanalysis.areas import match_areas
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.names import standard_code
from qhdanalysis.reading.formats import MAX_BYTES, Extract, clean, extract
from qhdanalysis.reading.headings import metadata, offices, places
from qhdanalysis.reading.outlook import outlook


@dataclass(frozen=True, eq=False, repr=False)
class Document:
    """A document as it was read.

    Parameters
    ----------
    text : str
        The text; figures point into it by character.
    title, number, publisher, issued : str
        What the document says of itself, '' where it does not. ``number`` is its 文号, or the
        索引号 where it has none; ``issued`` the date of signature, or of publication where that is
        missing or damaged, as ISO date.
    source : str
        File it was read from.
    area : str
        The place it speaks for: the caller's, or the one in title or publisher.
    year : int or None
        The year that the caller gave for what the text leaves open.
    notes : tuple of str
        What was repaired or left out on reading.
    tables_in : str
        Path of the file if it holds tables beside its text, else ''.

    Examples
    --------
    >>> document = read_text("2023年，甲县完成投资5亿元，为年计划10亿元的49%。")
    >>> document.figures["value"].tolist()
    [5.0, 10.0, 49.0]
    """

    text: str
    title: str = ""
    number: str = ""
    publisher: str = ""
    issued: str = ""
    source: str = ""
    area: str = ""
    year: int | None = None
    notes: tuple[str, ...] = ()
    tables_in: str = ""

    @cached_property
    def tables(self) -> pd.DataFrame:
        """Records of the tables in the same file, as `read_table` reads them; none is no row.

        Where the tables print no place or year, those of the document hold.
        """
        from qhdanalysis.reading.tables import read_table
        from qhdanalysis.records import RECORD_COLUMNS

        year = self.year or int(self.issued[:4] or 0)
        for hints in ({}, {"year": year} if year else {}) if self.tables_in else ():
            with suppress(SourceError), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                records = read_table(self.tables_in, **hints)
                return records.assign(area=records["area"].replace("", self.area))
        return pd.DataFrame(columns=RECORD_COLUMNS)

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of the text, one a row, with the columns of the Figures contract."""
        from qhdanalysis.reading.figures import read_figures

        return read_figures(self.text, year=self.year, area=self.area or None, issued=self.issued)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know: the notes, and the damage in figures and between them."""
        found = self.figures
        if found.empty:
            return (*self.notes, "no figures in this document")
        kinds = found.loc[found["note"].ne(""), "note"].str.split("; ").explode().value_counts()
        counted = (f"{n} x {kind}" for kind, n in kinds.items())
        return (*self.notes, *counted, *found.attrs.get("damage", ()))

    def find(
        self,
        *,
        indicator: str = "",
        area: str = "",
        period: str = "",
        unit: str = "",
        kind: str = "",
    ) -> pd.DataFrame:
        """Find the figures whose columns hold these words.

        Parameters
        ----------
        indicator, area : str, optional
            Part of the indicator, of the area's name; an area code fits whole.
        period : str, optional
            Beginning of the period: "2023" finds 2023-01/2023-08 too.
        unit : str, optional
            Part of the unit.
        kind : str, optional
            The kind itself: level, count, difference, growth, share, rate or rank.

        Returns
        -------
        DataFrame
            Rows of ``figures`` under their own labels; empty if there is none.

        Examples
        --------
        >>> read_text("2022年，甲县生产总值5.2亿元，增长3%。").find(kind="growth")["value"].tolist()
        [3.0]
        """
        figures = self.figures
        keep = figures["indicator"].str.contains(indicator, regex=False)
        keep &= figures["unit"].str.contains(unit, regex=False)
        keep &= figures["area"].str.contains(area, regex=False) | figures["area_code"].eq(area)
        keep &= figures["period"].str.startswith(period)
        return figures[keep & figures["kind"].isin([kind] if kind else KINDS)]

    def __repr__(self) -> str:
        begin = " ".join((self.title or self.text[:200]).split())
        name = begin if len(begin) <= 40 else begin[:39] + "…"
        about = ", ".join(part for part in (self.area, self.issued, self.source) if part)
        return f"<Document {name!r}{f' ({about})' if about else ''}: {len(self.text):,} characters>"

    def _repr_html_(self) -> str:
        from qhdanalysis.reading.display import as_html

        return as_html(self)


KINDS = ("level", "count", "difference", "growth", "share", "rate", "rank")


@dataclass(frozen=True, eq=False, repr=False)
class Documents:
    """Documents that were read together, and the files that could not be.

    Attributes
    ----------
    documents : tuple of Document
        Those that were read, in order.
    problems : DataFrame
        One row a file that was not: ``document`` and ``problem``.
    """

    documents: tuple[Document, ...]
    problems: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Documents: {len(self.documents)} read, {len(self.problems)} not>"

    @cached_property
    def figures(self) -> pd.DataFrame:
        """Figures of all documents in one table, with the file's name in ``document``."""
        tables = [d.figures.assign(document=d.source) for d in self.documents]
        tables = [table for table in tables if len(table)] or tables[:1]
        if not tables:
            tables = [read_text("").figures.assign(document="")]
        together = pd.concat(tables, ignore_index=True)
        return together[["document", *together.columns.drop("document")]]


def _document(extracted: Extract, source: str, year: int | None, area: str | None) -> Document:
    text, notes = clean(extracted.text)
    about = metadata(text, extracted.title)
    signed = offices(text)[:1] or [about["publisher"]]
    named = places(about["title"]) or places(signed[0])
    return Document(
        text=text,
        source=source,
        area=area or (named[0] if named else ""),
        year=year,
        notes=(*extracted.notes, *notes),
        **about,
    )


def read_text(text: str, *, year: int | None = None, area: str | None = None) -> Document:
    """Document from a text in memory.

    Parameters
    ----------
    text : str
        The text. It is kept as long as it is: control characters become spaces and radical code
        points plain characters, one for one, so that offsets also hold for the text given.
    year : int, optional
        Calendar year of what the text does not date (今年, 上半年).
    area : str, optional
        Place of what the text does not place (全市, 我县).

    Returns
    -------
    Document
        Its ``figures`` are read when first asked for.

    Raises
    ------
    SourceError
        If ``text`` is not a str.

    Examples
    --------
    >>> document = read_text("2023年，甲县完成投资5.2亿元。")
    >>> document.figures[["indicator", "value", "unit", "period"]].values.tolist()
    [['完成投资', 5.2, '亿元', '2023']]
    """
    if not isinstance(text, str):
        raise SourceError(
            f"read_text takes a str, not {type(text).__name__}. "
            "Pass a file's path to read_document."
        )
    return _document(Extract(text), "", year, area)


def read_document(
    path: str | Path, *, year: int | None = None, area: str | None = None
) -> Document:
    """Document from a file: txt, html, docx or pdf, as its bytes (not its name) say.

    Parameters
    ----------
    path : str or Path
        The file. Text is UTF-8, UTF-16 with byte order mark, or GB 18030.
    year : int, optional
        Calendar year of what the text does not date (今年, 上半年).
    area : str, optional
        Place of what the text does not place (全市, 我县).

    Returns
    -------
    Document
        With ``source`` the file's name.

    Raises
    ------
    SourceError
        If the file is missing, empty, too large, binary, damaged, in an old format or without a
        text layer; the message says what to do.

    Warns
    -----
    UserWarning
        If a page holds no text, or the file's name speaks of another year or place.

    Examples
    --------
    >>> from qhdanalysis import document_path
    >>> read_document(document_path("qinhuangdao_reply_2023")).issued
    '2023-09-30'
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SourceError(
                f"{path}: {size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that are "
                "read. Split the document."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file. Check the path and the working folder.") from None
    except (OSError, ValueError) as error:  # a name with a zero byte is a ValueError
        why = getattr(error, "strerror", error)
        raise SourceError(
            f"{path}: cannot be read ({why}). Check that it is a file you may read."
        ) from None
    extracted = extract(data, path.name)
    document = _document(extracted, path.name, year, area)
    document = replace(document, tables_in=str(path) if extracted.tables else "")
    for note in [*extracted.notes, *_strangers(path.stem, document)]:
        warnings.warn(f"{path.name}: {note}", UserWarning, stacklevel=2)
    return document


def _strangers(name: str, document: Document) -> list[str]:
    """Say where a file's name speaks of another year or place than what the file holds."""
    title, text = document.title or document.text[:200], document.text
    result = []
    years = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", name))
    told = set(re.findall(r"(?<!\d)(?:19|20)\d\d(?=\D|$)", title)) | {document.issued[:4]}
    if years and not years & told and (told - {""} or not any(year in text for year in years)):
        inside = ", ".join(sorted(told - {""})) or "another one or none"
        result.append(f"the name speaks of {', '.join(sorted(years))}, the content of {inside}")
    for place in places(name):
        others = places(title) or ([document.area] if document.area else [])
        stem = re.sub("(?:自治)?[省市县区州旗]$", "", place)
        if not any(stem in other for other in others) and (others or stem not in text):
            inside = "、".join(others) or "another place"
            result.append(f"the name speaks of {place}, the content of {inside}")
    return result


def listed_files(paths: str | Path | Iterable[str | Path]) -> list[Path]:
    """List the files of a folder in the order of their names, or the files given."""
    if not isinstance(paths, str | Path):
        return [Path(path) for path in paths]
    folder = Path(paths)
    if not folder.is_dir():
        return [folder]
    files = sorted(f for f in folder.iterdir() if f.is_file() and f.name[0] not in ".~")
    if not files:
        raise SourceError(f"{folder}: the folder holds no files. Check the path.")
    return files


def read_documents(
    paths: str | Path | Iterable[str | Path],
    *,
    year: int | None = None,
    area: str | None = None,
    progress: bool | None = None,
) -> Documents:
    """Read many documents; a bad one is reported beside the results, never instead of them.

    Parameters
    ----------
    paths : path or iterable of paths
        A folder, whose files are read in the order of their names, or the files.
    year, area : optional
        As in `read_document`, for all of them.
    progress : bool, optional
        Show a progress bar; by default on a terminal.

    Returns
    -------
    Documents
        ``figures`` of all in one table with a ``document`` column, ``problems`` with the files
        that were not read, and the ``documents`` themselves.

    Raises
    ------
    SourceError
        If there is no file to read.

    Examples
    --------
    >>> from qhdanalysis import document_path
    >>> together = read_documents(document_path("qinhuangdao_reply_2023").parent)
    >>> len(together.documents), len(together.problems)
    (1, 0)
    """
    files = listed_files(paths)
    documents, problems = [], []
    quiet = not (sys.stderr.isatty() if progress is None else progress)
    for file in track(files, "reading", console=Console(stderr=True), disable=quiet):
        try:
            document = read_document(file, year=year, area=area)
            document.figures  # noqa: B018  read now, so that the bar tells the truth
            documents.append(document)
        except QhdError as error:
            problems.append((file.name, str(error)))
    table = pd.DataFrame(problems, columns=["document", "problem"], dtype="str")
    return Documents(tuple(documents), table)


def to_records(document: Document) -> pd.DataFrame:
    """Turn figures of whole years into records, so that prose and yearbooks meet in one table.

    Levels, counts, shares, rates and growth rates are taken; figures of parts of a year, of no
    known year, changes and ranks are not. 全市 or 我县 is the document's area.

    A target, plan or forecast (目标, 力争, 预计), and a figure of a year that was not over when the
    document was written, says so in ``note`` and has no ``code``: it is no published result.

    Parameters
    ----------
    document : Document
        What was read.

    Returns
    -------
    DataFrame
        Records (see the contract), indexed by the row of the figure; ``value`` is signed and in
        the unit as written, ``place`` the span of characters, ``note`` tells bound and damage.

    Examples
    --------
    >>> records = to_records(read_text("2022年，昌黎县生产总值5.2亿元，增长3%。"))
    >>> records[["area_code", "year", "code", "value", "unit"]].values.tolist()
    [['130322', 2022, 'gdp', 5.2, '亿元'], ['130322', 2022, 'gdp_growth', 3.0, '%']]
    """
    figures = document.figures
    whole = figures["period"].str.fullmatch(r"\d{4}(?:-12-31)?|(\d{4})-01/\1-12")
    kept = figures[whole & figures["kind"].isin(["level", "count", "share", "rate", "growth"])]
    kept = kept[kept["value"].map(lambda value: isinstance(value, int | float)).astype("bool")]
    area = kept["area"].where(~kept["area"].str.fullmatch("|[全我本该][省市县区州]"), document.area)
    growth = kept["kind"].eq("growth")
    names = kept["indicator"].where(~growth, kept["indicator"] + "增长率")
    about = [document.publisher, document.title, document.issued, document.source]
    told = outlook(document.text, figures, issued=document.issued, year=document.year)[kept.index]
    note = told + "; " + kept["bound"] + "; " + kept["note"]
    note = note.str.replace("(?:; )+", "; ", regex=True).str.strip("; ")
    inferred = kept["note"].str.extract(r"unit inferred: ([^;\s]+)")[0]
    return pd.DataFrame(
        {
            "area": area,
            "area_code": kept["area_code"].where(kept["area_code"].ne(""), area_codes(area)),
            "year": kept["period"].str[:4].astype("int64"),
            "indicator": names,
            "code": standard_code(names, kept["unit"]).where(told.eq(""), ""),
            "value": kept["value"].astype("float64") * np.where(kept["base_value"] < 0, -1.0, 1.0),
            "unit": kept["unit"].where(kept["unit"].ne("") | inferred.isna(), inferred),
            "price_basis": np.select(
                [growth, kept["base_unit"].str.contains("元")], ["growth", "current"], "na"
            ),
            "source": ", ".join(part for part in about if part) or "text",
            "source_url": "",
            "place": kept["start"].astype("str") + ":" + kept["end"].astype("str"),
            "level": "area",
            "note": note,
        }
    ).astype({"price_basis": "str", "source": "str", "source_url": "str", "level": "str"})


def area_codes(areas: "pd.Series[str]") -> "pd.Series[str]":
    """Six-digit codes of area names; '' where a name is unknown or ambiguous."""
    names = areas.drop_duplicates()
    report = match_areas(names).set_index("name")["area_code"]
    return areas.map(report).fillna("").astype("str")
