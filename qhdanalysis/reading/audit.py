"""Check what a document claims against its own numbers, and against published records."""

import re
from typing import Any

import pandas as pd

from qhdanalysis.reading.claims import Claim, Page, find_claims
from qhdanalysis.reading.documents import Document

COLUMNS = [
    *("claim", "type", "formula", "stated", "recomputed", "low", "high", "verdict", "near_miss"),
    *("figure", "operands", "reason", "source"),
]


def audit(
    document: Document, records: pd.DataFrame | None = None, *, lang: str = "zh"
) -> pd.DataFrame:
    """Claims of a document that can be checked, recomputed from its own figures.

    Every written number is the interval that its digits allow, and a claim is consistent if the
    interval recomputed from the operands meets the one stated; there is no tolerance besides.

    Parameters
    ----------
    document : Document
        What was read.
    records : DataFrame, optional
        Published values (Records contract) to compare the figures with.
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

    Examples
    --------
    >>> from qhdanalysis import read_text
    >>> checks = audit(read_text("2023年全市粮食产量50吨，其中夏粮20吨，秋粮31吨。"))
    >>> checks[["verdict", "reason"]].values.tolist()
    [['inconsistent', '夏粮20吨 + 秋粮31吨 = 51吨, 与50吨不符']]
    """
    page, claims = find_claims(document.text, document.figures)
    checks = pd.DataFrame([_check(page, claim, lang) for claim in claims], columns=COLUMNS)
    return checks.astype({"figure": "Int64", "near_miss": bool})


def _check(page: Page, claim: Claim, lang: str) -> dict[str, Any]:
    got, want, i = page.recompute(claim), page.stated(claim), claim.stated
    fits = bool(got.meets(want))
    gap = max(want.low - got.high, got.low - want.high)
    return {
        "claim": _words(page, claim),
        "type": claim.type,
        "formula": claim.formula,
        "stated": 1.0 if i is None else page.value[i],
        "recomputed": page.point(claim),
        "low": got.low,
        "high": got.high,
        "verdict": "consistent" if fits else "inconsistent",
        "near_miss": not fits and i is not None and bool(gap < (page.high[i] - page.low[i] or 1.0)),
        "figure": i,
        "operands": claim.operands,
        "reason": _reason(page, claim, fits, lang),
        "source": "",
    }


def _words(page: Page, claim: Claim) -> str:
    i = claim.stated
    if i is None:
        return page.text[page.start[claim.operands[0]] : page.end[claim.operands[-1]]]
    return page.phrase[i] + _shown(page, i)


def _shown(page: Page, i: int) -> str:
    return re.sub(r"\s+", "", page.text[page.start[i] : page.end[i]])


def _reason(page: Page, claim: Claim, fits: bool, lang: str) -> str:
    """Say the sum in words: 已开工152项 + 已复工123项 = 275项, 与270项不符."""
    i, value = claim.stated, page.point(claim)
    if claim.formula == "enum":
        left = "列举的名称" if lang == "zh" else "the names listed"
    else:
        left = re.sub(r"(?<=[\w)])([-+*/]+)(?=[\w(])", r" \1 ", claim.formula)
        left = re.sub(
            r"x(\d+)", lambda m: page.name[j := claim.operands[int(m[1])]] + _shown(page, j), left
        )
    if i is None:
        said, result = "100%", f"{100 * value:.6g}%"
    else:
        factor = abs(page.value[i] / page.written[i]) if page.written[i] and page.value[i] else 1.0
        said, result = _shown(page, i), f"{abs(value) / factor:.6g}{page.written_unit[i]}"
    if lang == "zh":
        return f"{left} = {result}, 与{said}{'相符' if fits else '不符'}"
    return f"{left} = {result}, {'in line with' if fits else 'but the text says'} {said}"
