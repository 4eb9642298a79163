"""Builds a memo: values from a spec, prose with citations, then HTML, DOCX and PDF.

Everything is written into a temporary folder and put into place when all of it is whole, so that a
build that is stopped leaves the old memo as it was.
"""

import base64
import json
import os
import platform
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from qhdanalysis._assets import ASSETS
from qhdanalysis.errors import QhdError, SourceError
from qhdanalysis.memo import carry
from qhdanalysis.memo.evidence import among, unknown
from qhdanalysis.memo.measure import kind_of
from qhdanalysis.memo.place import put_in_place
from qhdanalysis.memo.render import Renderer, resolve
from qhdanalysis.memo.spec import LANGUAGES, Case, in_language, load_case
from qhdanalysis.memo.words import clean, is_date, takes_unit, tokens
from qhdanalysis.plots.style import label

FORMATS = ("html", "docx", "pdf")
_TEMPLATES = ASSETS / "memo"
_SHAPING = (
    *("qhdanalysis", "numpy", "pandas", "scipy", "statsmodels", "matplotlib"),
    *("pypandoc-binary", "typst"),
)
# What authors write is plain Markdown: no raw HTML, no TeX, no citations of books.
_MARKDOWN = (
    "markdown-raw_html-raw_tex-raw_attribute-tex_math_dollars-citations-smart"
    "-subscript-superscript-example_lists"
)


@contextmanager
def _said_once() -> Iterator[None]:
    """Give each warning once: formulas that share their inputs repeat what there is to say."""
    said: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", UserWarning)
            yield
    finally:
        for words, kind in dict.fromkeys((str(each.message), each.category) for each in said):
            warnings.warn(words, kind, stacklevel=4)  # past contextlib, at the caller's line


@_said_once()
def build_memo(
    spec: str | Path | None = None,
    *,
    lang: str | Sequence[str] | None = None,
    out: str | Path = "build/memo",
    formats: str | Sequence[str] = FORMATS,
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Build a memo whose every number comes from a named value, with the evidence inside the file.

    Parameters
    ----------
    spec : str or Path, optional
        A TOML file, or a folder with a ``spec.toml``; without it the shipped case.
    lang : {"zh", "en"} or both, optional
        Languages to write; without it those that the case has a text in.
    out : str or Path, default "build/memo"
        Folder for ``memo.zh.html``, ``memo.zh.docx`` and so on. Other files in it stay.
    formats : of "html", "docx", "pdf", default all
        Formats to write.
    progress : callable, optional
        Told in a few words what is under way.

    Returns
    -------
    list of Path
        The files written. Built twice from the same spec and data they are the same bytes.

    Raises
    ------
    SourceError
        If the spec, the prose or a source cannot be used; a citation of an unknown name lists near
        ones, and a number that is typed into the prose is named.

    Examples
    --------
    >>> from qhdanalysis import build_memo
    >>> from qhdanalysis._assets import ASSETS
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = build_memo(ASSETS / "memo/new", lang="en", formats="docx", out=folder)
    ...     print([file.name for file in files])
    ['memo.en.docx']
    """
    langs = _chosen("language", lang or (), LANGUAGES)
    kinds = _chosen("format", formats, FORMATS)
    tell = progress or (lambda words: None)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"{folder}: cannot be written to ({error.strerror}).") from None
    work = Path(tempfile.mkdtemp(prefix="qhd-memo-"))
    try:
        tell("reading sources, computing values")
        case = load_case(spec)
        names = []
        for one in langs or case.languages():
            tell(f"{one}: words and charts")
            made = _Builder(case, one, work)
            for kind in kinds:
                tell(f"{one}: {kind}")
                name = f"memo.{one}.{kind}"
                (work / name).write_bytes(getattr(made, kind)())
                names.append(name)
        return put_in_place(work, folder, names)
    except ModuleNotFoundError as error:
        raise SourceError(
            f"Building a memo needs {error.name}: pip install 'qhdanalysis[memo]'."
        ) from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SourceError(
            f"{spec or 'shipped case'}: an entry is missing or has not the form that a spec needs "
            f"({type(error).__name__}: {error}). Compare it with one that `qhd new` writes."
        ) from error
    except OSError as error:
        raise SourceError(
            f"{error.filename or work}: cannot be written ({error.strerror}). Make room on the "
            "disk."
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _chosen(what: str, given: str | Sequence[str], known: Sequence[str]) -> list[str]:
    return [among(what, word, known) for word in ([given] if isinstance(given, str) else given)]


def _versions() -> dict[str, str]:
    """Versions of all that shapes the numbers, words and pages of a memo."""
    found = {"python": platform.python_version()}
    for name in _SHAPING:
        with suppress(PackageNotFoundError):  # pandoc may come from elsewhere
            found[name] = version(name)
    return found


def _check_axis(chart: str, table: Any, unit: str) -> None:
    """Refuse a chart whose axis names another unit than that of the table's column ``unit``."""
    for have in table["unit"].unique() if "unit" in table and unit not in ("", "percent") else ():
        made, said = kind_of(have), kind_of(unit)
        if made.family == said.family and made.size != said.size:
            raise SourceError(f"chart {chart}: its table is in {have}, its option unit in {unit}.")


class _Builder:
    """One language of a memo: the words and charts once, then each format from them."""

    def __init__(self, case: Case, lang: str, work: Path) -> None:
        self.case, self.lang, self.work = case, lang, work
        render = Renderer(case, lang)
        self.markdown = render.markdown()
        self.data = render.data()
        when = datetime.fromisoformat(render.date() or "1980-01-02").replace(tzinfo=UTC)
        self.when = max(when, datetime(1980, 1, 2, tzinfo=UTC))  # zip knows nothing earlier
        self.charts = {name: self._chart(name) for name in render.charts}
        self.page = self._page()
        self.evidence = carry.packed(self._evidence(render))

    def _chart(self, name: str) -> dict[str, Any]:
        """Draw a chart as SVG and PNG."""
        import matplotlib.pyplot as plt

        from qhdanalysis import plots

        entry = self.case.settings["charts"][name]
        function = getattr(plots, str(entry.get("plot")), None)
        if function is None or not str(entry["plot"]).startswith("plot_"):
            known = [word for word in dir(plots) if word.startswith("plot_")]
            raise SourceError(f"chart {name}: {unknown('plot', str(entry.get('plot')), known)}")
        options = {k: self._option(v) for k, v in entry.get("options", {}).items()}
        table = self._option({"from": entry["table"]})
        _check_axis(name, table, options.get("unit", ""))
        try:
            axes = function(table, lang=self.lang, **options)
        except (QhdError, TypeError) as error:
            raise SourceError(f"chart {name}: {error}") from None
        pictures = {
            kind: plots.save(axes.figure, self.work / f"{name}.{self.lang}.{kind}").read_bytes()
            for kind in ("svg", "png")
        }
        plt.close(axes.figure)
        return {
            "uri": "data:image/svg+xml;base64," + base64.b64encode(pictures["svg"]).decode(),
            "png": sha256(pictures["png"]).hexdigest(),
            "caption": clean(in_language(entry.get("caption", ""), self.lang)),
            "alt": clean(in_language(entry.get("alt") or entry.get("caption", ""), self.lang)),
        }

    def _option(self, given: Any) -> Any:
        """Give an option of a chart: ``{ from = NAME }`` is a table or a number of the evidence."""
        if not isinstance(given, dict):
            return given
        if "from" not in given:
            return in_language(given, self.lang)
        evidence = self.case.evidence
        if given["from"] not in evidence.tables:
            return resolve(evidence, given["from"], "", self.lang).value
        words = self.case.settings.get("words", {})
        known = {key: in_language(entry, self.lang) for key, entry in words.items()}
        return evidence.tables[given["from"]].frame.replace(known)

    def _pandoc(self, to: str, *options: str) -> bytes:
        """Run the bundled pandoc on the Markdown, with the filter that puts the words in."""
        import pypandoc

        charts = {}
        for name, chart in self.charts.items():
            svg = chart["uri"] if to == "html5" else f"{name}.{self.lang}.svg"
            charts[name] = {**chart, "uri": "", "svg": svg, "png": f"{name}.{self.lang}.png"}
        (self.work / "data.json").write_text(
            json.dumps(self.data | {"charts": charts}, ensure_ascii=False), encoding="utf-8"
        )
        packed = Path(pypandoc.__file__).parent / "files"
        bundled = [str(path) for path in packed.glob("pandoc*") if path.stem == "pandoc"]
        program = bundled[0] if bundled else pypandoc.get_pandoc_path()
        chinese = "zh-CN" if to == "docx" else "zh-Hans"  # Word knows no zh-Hans
        language = chinese if self.lang == "zh" else "en-GB"
        command = [program, "-f", _MARKDOWN, "-t", to, "--wrap=none", "-M", "memo-data=data.json"]
        command += ["-M", f"lang={language}"]
        command += ["--lua-filter", str(_TEMPLATES / "memo.lua"), *options]
        ran = subprocess.run(
            command,
            input=self.markdown.encode(),
            capture_output=True,
            cwd=self.work,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(int(self.when.timestamp()))},
            check=False,
        )
        if ran.returncode:
            said = ran.stderr.decode("utf-8", "replace").strip()
            raise SourceError(f"memo.{self.lang}.md: pandoc cannot turn it into {to}: {said}")
        return ran.stdout

    def _page(self) -> str:
        style = (_TEMPLATES / "memo.css").read_text(encoding="utf-8")
        (self.work / "head.html").write_text(f"<style>\n{style}</style>", encoding="utf-8")
        words = ("-H", "head.html", "-V", f"skip={label('skip', self.lang)}")
        return self._pandoc("html5", "--template", str(_TEMPLATES / "memo.html"), *words).decode()

    def _evidence(self, render: Renderer) -> dict[str, Any]:
        """Give the evidence with each visible number; one that belongs to nothing is refused."""
        evidence, typed = render.evidence, []
        evidence.cites, evidence.words = render.cites, []
        for token, mark in carry.from_page(self.page).tokens():
            if not mark and not is_date(token.text):
                typed.append(f"{token.text} after “{token.before}”")
            if mark.isdigit():
                self._check_unit(render.cites[int(mark) - 1], token.text)
            evidence.words.append([token.text, int(mark) if mark.isdigit() else 0, token.before])
        if typed:
            raise SourceError(
                f"memo.{self.lang}.md: typed numbers: {', '.join(typed[:6])}. Cite a named value, "
                '{{ name | percent(1) }}, or write {{ "words" }} for words that are no figure.'
            )
        evidence.about |= {"lang": self.lang, "title": self.data["title"], "date": render.date()}
        evidence.about["made_with"] = _versions()
        uris = [sha256(chart["uri"].encode()).hexdigest() for chart in self.charts.values()]
        pngs = [chart["png"] for chart in self.charts.values()]
        evidence.about["pictures"] = {"html": uris, "docx": pngs}
        cited = (cite[0].partition("[")[0] for cite in evidence.cites)
        return evidence.to_dict(evidence.needed(cited))

    def _check_unit(self, cite: list[str], text: str) -> None:
        """Refuse a unit that the prose puts after a number which is shown in another one."""
        ref, form, unit, shown = cite
        typed = next((text[len(t.text) :] for t in tokens(shown) if text.startswith(t.text)), "")
        if typed and form not in ("typed", "written", "quote"):
            item = resolve(self.case.evidence, ref, unit, self.lang)
            if not takes_unit(item, form, typed):
                raise SourceError(
                    f"memo.{self.lang}.md: “{text}”: {ref} is not shown in {typed} by {form}. Cite "
                    "it as money(1), percent(1) or points(1), or give it this unit in the spec."
                )

    def html(self) -> bytes:
        """Give the page with its evidence."""
        return carry.put_in_html(self.page, self.evidence).encode()

    def docx(self) -> bytes:
        """Give the DOCX with its evidence, in the layout of the reference document."""
        reference = _TEMPLATES / f"reference.{self.lang}.docx"
        made = self._pandoc("docx", "--reference-doc", str(reference), "-o", "-")
        return carry.put_in_docx(made, self.evidence, self.when.timetuple())

    def pdf(self) -> bytes:
        """Give the PDF, accessible, with its evidence attached."""
        import typst

        flags = ["-V", "zh=true"] if self.lang == "zh" else []
        markup = self._pandoc("typst", "--template", str(_TEMPLATES / "memo.typ"), *flags)
        (self.work / "memo.typ").write_bytes(markup)
        (self.work / carry.ATTACHMENT).write_text(self.evidence, encoding="utf-8")
        # A character outside our font takes one of this machine's, or is shown as a box.
        attempts: tuple[tuple[bool, Any], ...] = ((True, "ua-1"), (False, "ua-1"), (False, "1.7"))
        for ours, standard in attempts:
            try:
                made: bytes = typst.compile(
                    str(self.work / "memo.typ"),
                    root=str(self.work),
                    font_paths=[str(ASSETS / "fonts")],
                    ignore_system_fonts=ours,
                    timestamp=self.when,
                    pdf_standards=standard,
                )
                return made
            except RuntimeError as error:
                said = str(error)
            if "could not be displayed" not in said:
                break
            warnings.warn(f"memo.{self.lang}.pdf: {said}", UserWarning, stacklevel=2)
        raise SourceError(f"memo.{self.lang}.md: typst cannot set it as PDF: {said}")
