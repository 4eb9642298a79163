"""Check what a document claims against its own numbers, and against published records."""

import re
from itertools import count
from typing import Any

import pandas as pd

from qhdanalysis.reading.claims import Claim, Page, find_claims
from qhdanalysis.reading.crosscheck import Comparison, compare
from qhdanalysis.reading.documents import Document
from qhdanalysis.rounding import like
from qhdanalysis.units import Interval, lookup

COLUMNS = [
    *("claim", "type", "formula", "stated", "recomputed", "low", "high", "verdict", "near_miss"),
    *("figure", "operands", "reason", "source"),
]


def audit(
    document: Document, records: pd.DataFrame | None = None, *, lang: str = "zh"
) -> pd.DataFrame:
    """Recompute each claim of a document that can be checked from its own figures.

    Every written number is the interval that its digits allow, and a claim is consistent if the
    interval recomputed from the operands meets the one stated; there is no tolerance besides.

    Parameters
    ----------
    document : Document
        What was read.
    records : DataFrame, optional
        Published values (Records contract) to compare the figures with. The tables of the
        document itself (``document.tables``) are compared in any case.
    lang : {"zh", "en"}, default "zh"
        Language of ``reason``.

    Returns
    -------
    DataFrame
        One row a claim: ``claim`` (the words), ``type`` (ratio, share, sum, count, growth,
        difference, mean_growth), ``formula`` in x0, x1 ..., ``stated`` and ``recomputed`` (signed,
        in base units, a percentage as fraction), ``low`` and ``high`` (recomputed from the
        intervals of the operands), ``verdict`` ('consistent' or 'inconsistent'), ``near_miss``
        (off by less than one unit of the last stated digit), ``figure`` (row of the stated figure
        in ``document.figures``, missing for an implicit total), ``operands`` (rows), ``reason`` in
        words, and ``source``: '' for a check within the text, or the source and vintage of the
        record it was compared with, whose scope may differ.

    Raises
    ------
    PanelError
        If ``records`` lack a column.

    Examples
    --------
    >>> from qhdanalysis import read_text
    >>> checks = audit(read_text("2023年全市粮食产量50.0吨，其中夏粮20.0吨，秋粮31.0吨。"))
    >>> checks[["verdict", "reason"]].values.tolist()
    [['inconsistent', '夏粮20.0吨 + 秋粮31.0吨 = 51吨, 与50.0吨不符']]
    """
    page, claims = find_claims(document.text, document.figures)
    rows = [_row(page, claim, page.recompute(claim), lang) for claim in claims]
    for published, kind in ((document.tables, "own"), (records, "other")):
        if published is not None and not published.empty:
            rows += [
                _row(page, c, c.got, lang, c.record, _ACROSS[lang, kind])
                for c in compare(document, page, published)
                if kind == "other" or "\t" not in _line(page, c.stated)  # a cell is its own record
            ]
    checks = pd.DataFrame(rows, columns=COLUMNS)
    return checks.astype({"figure": "Int64", "near_miss": bool})


def _row(
    page: Page,
    claim: Claim | Comparison,
    got: Interval,
    lang: str,
    record: Any = None,
    across: str = "",
) -> dict[str, Any]:
    i = claim.stated
    want = Interval(1.0, 1.0) if i is None else page.bounded(i)
    fits = bool(got.meets(want))
    gap = max(want.low - got.high, got.low - want.high)
    middle = (got.low + got.high) / 2 if isinstance(claim, Comparison) else page.point(claim)
    source = "" if record is None else _cited(record)
    return {
        "claim": _words(page, claim),
        "type": claim.type,
        "formula": claim.formula,
        "stated": 1.0 if i is None else page.value[i],
        "recomputed": middle,
        "low": got.low,
        "high": got.high,
        "verdict": "consistent" if fits else "inconsistent",
        "near_miss": not fits and i is not None and bool(gap < (page.high[i] - page.low[i] or 1.0)),
        "figure": i,
        "operands": claim.operands,
        "reason": _reason(page, claim, middle, fits, lang, record) + across.format(source),
        "source": source,
    }


def _line(page: Page, i: int) -> str:
    return page.original[: page.start[i]].rpartition("\n")[2]


def _cited(record: Any) -> str:
    vintage = [str(record["year"]), record["note"], record["place"]]
    return f"{record['source']} ({'; '.join(part for part in vintage if part)})"


def _words(page: Page, claim: Claim | Comparison) -> str:
    i = claim.stated
    if i is None:
        return page.original[page.start[claim.operands[0]] : page.end[claim.operands[-1]]]
    return page.phrase[i].translate(page.back) + _shown(page, i)


def _shown(page: Page, i: int) -> str:
    return re.sub(r"\s+", "", page.original[page.start[i] : page.end[i]])


def _number(value: float, lang: str) -> str:
    return like([value], lang, significant=6)(value)


def _reason(
    page: Page, claim: Claim | Comparison, value: float, fits: bool, lang: str, record: Any
) -> str:
    """Say the sum in words: 已开工152项 + 已复工123项 = 275项, 与270项不符."""
    i, names = claim.stated, {}
    for k, j in enumerate(claim.operands):
        said, name = page.phrase[j], page.name[j]
        own = next(said[k:] for k in count() if name.endswith(said[k:]))
        names[f"x{k}"] = ((own[1:] and own) or name or said).translate(page.back) + _shown(page, j)
    if record is not None:
        named = [f"{record[column]}" for column in ("area", "year", "indicator", "value", "unit")]
        names["r0"] = "{}{}年{}{}{}".format(*named) if lang == "zh" else " ".join(named)
    left = re.sub(r"(?<=[\w)])([-+*/]+)(?=[\w(])", r" \1 ", claim.formula)
    left = re.sub(r"[xr]\d+", lambda m: names[m[0]], left)
    if claim.formula == "enum":
        left = "列举的名称" if lang == "zh" else "the names listed"
    if i is None:
        said, result = "100%", f"{_number(100 * value, lang)}%"
    else:
        unit = page.written_unit[i].replace("分之", "%")
        if page.value[i] and unit != "%":
            factor = abs(page.value[i] / page.written[i])
        else:
            factor = float(lookup(unit or "个").factor)
        sign = "-" if value * page.value[i] < 0 else ""
        said, result = (
            _words(page, claim) if page.bound[i] else _shown(page, i),  # 与下降超5%相符
            f"{sign}{_number(abs(value) / factor, lang)}{unit}",
        )
    result = "" if claim.formula == "r0" else f" = {result}"
    return f"{left}{result}, {_VERDICTS[lang, fits].format(said)}"


_VERDICTS = {
    ("zh", True): "与{}相符",
    ("zh", False): "与{}不符",
    ("en", True): "in line with {}",
    ("en", False): "but the text says {}",
}
_ACROSS = {
    ("zh", "own"): "(与本文件中的表格比较: {})",
    ("en", "own"): " (compared with a table of the same file: {})",
    ("zh", "other"): "(与另一来源比较: {}; 口径、可比价格或数据修订可能不同)",
    ("en", "other"): " (compared with another source: {}; scope, comparable prices or revision may "
    "differ)",
}
