"""The command line, ``qhd``: read, audit, compose and check from a shell."""

import ast
import shutil
import warnings
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from typer.core import TyperGroup

from qhdanalysis._assets import ASSETS, NOTEBOOKS
from qhdanalysis.errors import QhdError, SourceError

out, err = Console(), Console(stderr=True)
Files = Annotated[list[Path], typer.Argument(help="Documents: txt, html, docx or pdf.")]
Year = Annotated[int | None, typer.Option(help="Year of what the text does not date (今年).")]
Area = Annotated[str | None, typer.Option(help="Place of what the text does not place (全市).")]
ENDINGS = (".csv", ".xlsx", ".dta", ".json")
Save = Annotated[Path | None, typer.Option("--out", help=f"Write the table: {', '.join(ENDINGS)}.")]
Lang = Annotated[str, typer.Option(help="zh or en.")]


class _Group(TyperGroup):
    """Shows an error of the package as one line, and each warning once."""

    def invoke(self, ctx: Any) -> Any:
        said: set[str] = set()

        def show(message: Any, *rest: Any, **more: Any) -> None:
            if str(message) not in said:
                said.add(str(message))
                err.print(f"[dim]note: {escape(str(message))}[/dim]", soft_wrap=True)

        with warnings.catch_warnings():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = show
            try:
                return super().invoke(ctx)
            except QhdError as error:
                err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
                raise typer.Exit(2) from None


app = typer.Typer(
    cls=_Group,
    name="qhd",
    help="From a county government's document or yearbook table to a checked policy memo.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def memo(
    spec: Annotated[Path | None, typer.Argument(help="Spec or its folder; else ours.")] = None,
    lang: Annotated[
        list[str] | None, typer.Option(help="zh or en; default each that there is a text in.")
    ] = None,
    to: Annotated[Path, typer.Option("--out", help="Folder to write to.")] = Path("build/memo"),
) -> None:
    """Build a memo as HTML, DOCX and PDF, its evidence inside."""
    from qhdanalysis.memo import build_memo

    with err.status("starting") as status:
        made = build_memo(spec, lang=lang, out=to, progress=lambda words: status.update(words))
    for path in made:
        out.print(str(path), soft_wrap=True, highlight=False)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A memo in HTML, DOCX or PDF.")],
    sources: Annotated[Path | None, typer.Option(help="Folder with the sources.")] = None,
) -> None:
    """Recompute every number of a memo; exit 1 when one does not hold."""
    from qhdanalysis.memo import verify_memo

    with err.status(f"recomputing {file.name}"):
        found = verify_memo(file, sources=sources)
    if len(found.table):
        _print(found.table[["finding", "shown", "expected", "name", "reason"]])
    verdict = "[green]all hold[/green]" if found.holds else "[red]does not hold[/red]"
    counted = f"{found.checked} numbers compared" if found.checked else "nothing can be compared"
    out.print(f"{escape(file.name)}: {counted}, {verdict}")
    raise typer.Exit(0 if found.holds else 1)


@app.command()
def audit(
    files: Files, year: Year = None, area: Area = None, save: Save = None, lang: Lang = "zh"
) -> None:
    """Check what documents claim against their own numbers; exit 1 when something is wrong."""
    import qhdanalysis as qhd

    read = qhd.read_documents(files, year=year, area=area)
    parts = [
        qhd.audit(document, lang=lang).assign(document=document.source)
        for document in read.documents
    ]
    checks = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    if checks.empty and read.documents:
        out.print("No claim that can be checked.")
    elif not checks.empty:
        kept = ["document", "claim", "type", "stated", "recomputed", "low", "high"]
        _give(checks[[*kept, "verdict", "near_miss", "reason"]], save, "claim verdict reason")
    _problems(read.problems)
    wrong = not checks.empty and checks["verdict"].eq("inconsistent").any()
    raise typer.Exit(1 if wrong else 2 if len(read.problems) else 0)


@app.command()
def figures(files: Files, year: Year = None, area: Area = None, save: Save = None) -> None:
    """Show every figure of documents with unit, period, place and rounding interval."""
    import qhdanalysis as qhd

    read = qhd.read_documents(files, year=year, area=area)
    shown = read.figures
    if save is None:  # a fall is one by its words, and its number is read without them
        falls = shown["base_value"].lt(0) & shown["value"].map(lambda v: isinstance(v, float | int))
        shown = shown.assign(value=shown["value"].where(~falls, -shown["value"][falls].abs()))
    if len(shown) or save:
        _give(shown, save, "indicator value unit kind period area note")
    elif read.documents:
        out.print("No figure that can be read.")
    _problems(read.problems)
    raise typer.Exit(2 if len(read.problems) else 0)


@app.command()
def run(
    notebook: Annotated[Path, typer.Argument(help="A notebook, or the name of one of ours.")],
    to: Annotated[Path, typer.Option("--out", help="Notebook to write, with outputs.")],
    parameter: Annotated[list[str] | None, typer.Option("-p", help="name=value")] = None,
) -> None:
    """Run a notebook with other parameters; one that stops is written as far as it came."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

    path = notebook if notebook.exists() else NOTEBOOKS / notebook.with_suffix(".ipynb")
    try:
        book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SourceError(f"{notebook}: cannot be read as a notebook ({error}).") from None
    _set_parameters(book, dict(_pair(text) for text in parameter or []), path)
    cell, stopped = [""], ""
    with err.status(path.name) as status:

        def begin(cell_index: int, **_: Any) -> None:
            cell[0] = f"cell {cell_index + 1} of {len(book.cells)}"
            status.update(f"{path.name}: {cell[0]}")

        client = NotebookClient(
            book,
            timeout=600,
            record_timing=False,
            extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(path.resolve().parent)}},
            on_cell_start=begin,
        )
        try:
            client.execute()
        except CellExecutionError as error:
            stopped = f"{error.ename}: {error.evalue}"
        except (CellControlSignal, DeadKernelError) as error:  # ten minutes, or no memory left
            stopped = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    to.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, to)  # type: ignore[no-untyped-call]
    if stopped:
        raise SourceError(f"{path.name} stops in {cell[0]} with {stopped}. So far: {to}")
    out.print(str(to), soft_wrap=True, highlight=False)


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to make.")]) -> None:
    """Write a spec, its text, a data template and a notebook for a case of your own."""
    from qhdanalysis import template

    # The notebook carries another ending there, lest it be taken for one of ours and run.
    made = {p.name.removesuffix(".template"): p for p in (ASSETS / "memo" / "new").iterdir()}
    if taken := [name for name in (*made, "data.csv") if (folder / name).exists()]:
        raise SourceError(f"{folder}: already holds {taken[0]}. Name a new folder.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in made.items():
        shutil.copyfile(path, folder / name)
    template("gdp", folder / "data.csv")
    out.print(f"{folder}: {', '.join([*sorted(made), 'data.csv'])}")
    out.print(f"Next: qhd memo {folder} --out {folder / 'memo'}", soft_wrap=True)


def _pair(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise SourceError(f"-p {text}: give a parameter as name=value.")
    try:
        return name.strip(), ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name.strip(), value


def _set_parameters(book: Any, wanted: dict[str, Any], path: Path) -> None:
    """Set parameters at the end of the cell that has the tag ``parameters``."""
    cell = next((c for c in book.cells if "parameters" in c.metadata.get("tags", [])), None)
    if cell is None:
        raise SourceError(f"{path.name}: no cell has the tag 'parameters'.")
    nodes = ast.walk(ast.parse(cell.source))
    known = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    if unknown := sorted(set(wanted) - set(known)):
        raise SourceError(f"{path.name} has no parameter {unknown[0]!r}: {', '.join(known)}.")
    changed = [f"{name} = {value!r}" for name, value in wanted.items()]
    cell.source = "\n".join([cell.source, *changed])
    if changed:
        words = (
            f"**Parameters changed:** `{'; '.join(changed)}`. The words of this notebook were "
            f"written for its own, which stand before these in cell {book.cells.index(cell) + 2}, "
            "and may not fit the numbers below."
        )
        first = {"cell_type": "markdown", "id": "changed", "metadata": {}, "source": words}
        book.cells.insert(0, type(cell)(first))


def _give(table: pd.DataFrame, save: Path | None, columns: str) -> None:
    """Print a table, or write all of it to a file."""
    if save is None:
        several = ["document"] if len(set(table.get("document", ()))) > 1 else []
        _print(table[[name for name in (*several, *columns.split()) if name in table]])
    elif save.suffix.lower() not in ENDINGS:
        raise SourceError(f"{save}: name a file that ends in {', '.join(ENDINGS)}.")
    elif save.suffix.lower() == ".json":
        table.to_json(save, orient="records", force_ascii=False, indent=1)
        out.print(str(save))
    else:
        from qhdanalysis import export

        out.print(str(export(table.replace([float("inf"), float("-inf")], float("nan")), save)))


def _print(table: pd.DataFrame) -> None:
    """Print a table; what is the same in all rows is said once, over it."""
    same = [name for name in table if len(table) > 1 and table[name].astype("str").nunique() == 1]
    for name in same:
        if said := str(table[name].iloc[0]):
            out.print(f"[dim]{name}:[/dim] {escape(said)}", highlight=False)
    table = table.drop(columns=same)
    # Words may break, numbers and periods may not.
    fixed = ("value", "unit", "period")
    columns = (Column(name, overflow="fold", no_wrap=name in fixed) for name in table)
    shown = Table(*columns, header_style="bold", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for row in table.itertuples(index=False):
        cells = (f"{cell:.10g}" if isinstance(cell, float) else str(cell) for cell in row)
        shown.add_row(*(escape(cell) for cell in cells))
    out.print(shown)


def _problems(problems: pd.DataFrame) -> None:
    for row in problems.itertuples():
        err.print(f"[red]error:[/red] {escape(str(row.problem))}", soft_wrap=True)
