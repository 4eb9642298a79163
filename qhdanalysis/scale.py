"""The same functions for a corpus or a table that one machine's memory does not hold, on dask.

A function that compares areas within a year must see the whole year, one that follows an area over
time the whole series. `apply_by` moves the rows so that no key is split between partitions; a plain
``map_partitions`` over a split year gives wrong numbers without a word. dask comes with the extra:
``pip install qhdanalysis[scale]``.
"""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd

from qhdanalysis.errors import PanelError, QhdError, SourceError
from qhdanalysis.reading.documents import Documents, listed_files, read_documents

_BY_AREA = (
    "cagr growth_decomposition growth_rate implied_deflator index_numbers project real_value"
    " trend_growth"
)
_BY_YEAR = (
    "concentration gdp_share inequality location_quotient rank relative_level sector_share"
    " share_remainder sigma_convergence specialisation"
)
KEYS = dict.fromkeys(_BY_AREA.split(), "area") | dict.fromkeys(_BY_YEAR.split(), "year")
"""Which column must stay whole for which function."""

_ORDER = ("area", "year", "sector", "level")


def read_corpus(
    paths: str | Path | Iterable[str | Path], *, on: str = "processes", batch: int = 32, **told: Any
) -> Documents:
    """Read a folder or list of documents side by side; as `read_documents`, in the same order.

    Parameters
    ----------
    paths : path or iterable of paths
        A folder, whose files are read in the order of their names, or the files.
    on : str, default "processes"
        ``"threads"``, ``"processes"``, or the address of a dask cluster (``"tcp://host:8786"``)
        that sees the same paths.
    batch : int, default 32
        Files in one task.
    **told
        ``year`` and ``area``, as in `read_documents`.

    Returns
    -------
    Documents
        The documents, their figures in one table, and the files that could not be read.

    Raises
    ------
    SourceError
        If a folder holds no file, or dask is not installed.

    Examples
    --------
    >>> from qhdanalysis import document_path
    >>> corpus = read_corpus([document_path("qinhuangdao_reply_2023")], on="threads")
    >>> len(corpus.figures)
    57
    """
    dask = _dask()
    files = listed_files(paths)
    batches = [files[i : i + batch] for i in range(0, len(files), batch)] or [[]]
    read = dask.delayed(read_documents, pure=True)
    parts = _compute([read(part, progress=False, **told) for part in batches], on)
    return Documents(
        tuple(document for part in parts for document in part.documents),
        pd.concat([part.problems for part in parts], ignore_index=True),
    )


def apply_by(
    function: Callable[..., pd.Series | pd.DataFrame],
    table: Any,
    *,
    key: str | None = None,
    on: str = "processes",
    partitions: int | None = None,
    out: str | Path | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Apply an indicator or projection to a table in partitions that keep each key whole.

    Parameters
    ----------
    function : callable
        ``project``, ``inequality``, ``location_quotient`` ...: takes a table first.
    table : DataFrame, dask DataFrame, or path
        A path is a parquet folder or file, or csv files (``"panel-*.csv"``).
    key : str, optional
        Column whose equal values must stay together; by default the one that the function needs.
    on : str, default "processes"
        ``"threads"``, ``"processes"``, or the address of a dask cluster.
    partitions : int, optional
        How many; by default as many as the table has, and at least four.
    out : path, optional
        Folder for one parquet file a partition, for results that memory does not hold; the result
        then lists the files.
    **options
        Passed to the function.

    Returns
    -------
    DataFrame
        What the function gives for the whole table, sorted by area, year, sector and level. A
        function that gives a Series comes back as its rows with a column of the function's name.

    Raises
    ------
    PanelError
        If the function needs the whole table at once, or the key is no column.
    SourceError
        If the table cannot be read, or dask is not installed.

    Examples
    --------
    >>> from qhdanalysis import gdp_share
    >>> toy = pd.DataFrame({"area": ["甲县", "乙县"] * 2, "year": [2021, 2021, 2022, 2022],
    ...                     "value": [3.0, 1.0, 2.0, 2.0]})
    >>> apply_by(gdp_share, toy, on="threads", partitions=2)["gdp_share"].tolist()
    [0.25, 0.5, 0.75, 0.5]
    """
    dask = _dask()
    name = getattr(function, "__name__", "function")
    if key is None:
        if name not in KEYS:
            raise PanelError(
                f"{name} is not known to work on one area or one year at a time, so the table is "
                f"not cut. Pass key= if you know that it does; these do: {', '.join(sorted(KEYS))}."
            )
        key = options.get("by", options.get(KEYS[name], KEYS[name]))
    frame = _frame(table, partitions)
    if not isinstance(key, str) or key not in frame.columns:
        raise PanelError(f"{key!r} is no column of the table. It has: {', '.join(frame.columns)}.")
    # left to itself, dask takes the way of whatever cluster the session is connected to
    method = "disk" if on in ("threads", "processes") else "tasks"
    count = partitions or max(4, frame.npartitions)
    whole = frame.shuffle(on=key, npartitions=count, shuffle_method=method)
    order = [options.get(column, column) for column in _ORDER]
    folder = Path(out) if out is not None else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    task = dask.delayed(_apply, pure=True)
    parts = [
        task(function, part, number, order, folder, options)
        for number, part in enumerate(whole.to_delayed())
    ]
    filled = [part for part in _compute(parts, on) if part is not None]
    if not filled:
        raise PanelError("The table has no rows.")
    result = pd.concat(filled, ignore_index=True)
    by = [column for column in order if column in result.columns]
    return result.sort_values(by, kind="stable", ignore_index=True) if by else result


def _apply(
    function: Callable[..., pd.Series | pd.DataFrame],
    part: pd.DataFrame,
    number: int,
    order: list[str],
    folder: Path | None,
    options: dict[str, Any],
) -> pd.DataFrame | None:
    """Run one partition, its rows in one order, so that sums do not depend on how they came."""
    if part.empty:
        return None
    part = part.astype(dict.fromkeys(part.select_dtypes("string"), "str"))  # dask has its own
    by = [column for column in order if column in part.columns]
    part = part.sort_values(by, kind="stable", ignore_index=True) if by else part
    result = function(part, **options)
    if isinstance(result, pd.Series):
        result = part.assign(**{getattr(function, "__name__", "result"): result})
    if folder is None:
        return result
    path = folder / f"part-{number:05d}.parquet"
    unfinished = path.with_suffix(".tmp")
    result.to_parquet(unfinished)
    unfinished.replace(path)
    return pd.DataFrame({"file": [str(path)], "rows": [len(result)]})


def _frame(table: Any, partitions: int | None) -> Any:
    import dask.dataframe as dd

    if isinstance(table, pd.DataFrame):
        return dd.from_pandas(table, npartitions=partitions or 4, sort=False)  # type: ignore[no-untyped-call]
    if not isinstance(table, str | Path):
        return table
    try:
        if str(table).endswith((".csv", ".csv.gz")):
            return dd.read_csv(str(table), dtype={"area_code": "str"})
        return dd.read_parquet(str(table))
    except Exception as error:  # dask hands on what pandas, pyarrow or the file system raise
        raise SourceError(
            f"{table}: the table cannot be read ({error}). Pass csv files or parquet."
        ) from error


def _dask() -> Any:
    try:
        import dask
    except ImportError:
        raise SourceError("dask is not installed: pip install qhdanalysis[scale]") from None
    return dask


def _compute(tasks: list[Any], on: str) -> tuple[Any, ...]:
    """Run the tasks where the caller says."""
    with ExitStack() as stack:
        if on in ("threads", "processes"):
            return tuple(_dask().compute(*tasks, scheduler=on))
        from distributed import Client

        try:
            client = stack.enter_context(Client(on, timeout="10s"))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise QhdError(
                f"on={on!r}: no dask cluster answers there ({error}). Pass 'threads', "
                "'processes' or the address of a running scheduler."
            ) from error
        return tuple(client.gather(client.compute(tasks)))
