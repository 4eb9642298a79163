"""Check what a document claims against its own numbers, and against published records."""

import re
from decimal import Decimal
from typing import Any

import pandas as pd

from qhdanalysis.reading.claims import Claim, Page, find_claims
from qhdanalysis.reading.documents import Document
from qhdanalysis.units import Interval

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
    got, want = page.recompute(claim), page.stated(claim)
    fits = bool(got.meets(want))
    point = claim.rule([Interval(page.value[j], page.value[j]) for j in claim.operands])
    middle = (point.low + point.high) / 2
    gap = max(want.low - got.high, got.low - want.high)
    i = claim.stated
    unit = 0.0 if i is None else (page.high[i] - page.low[i] or 1.0)
    return {
        "claim": _claim(page, claim),
        "type": claim.type,
        "formula": claim.formula,
        "stated": 1.0 if i is None else page.value[i],
        "recomputed": middle,
        "low": got.low,
        "high": got.high,
        "verdict": "consistent" if fits else "inconsistent",
        "near_miss": not fits and gap < unit,
        "figure": i,
        "operands": claim.operands,
        "reason": _reason(page, claim, middle, fits, lang),
        "source": "",
    }


def _claim(page: Page, claim: Claim) -> str:
    i = claim.stated
    if i is None:
        return page.text[page.start[claim.operands[0]] : page.end[claim.operands[-1]]]
    return page.phrase[i].strip() + page.shown(i)


def _reason(page: Page, claim: Claim, middle: float, fits: bool, lang: str) -> str:
    if claim.formula == "enum":
        left = "列举的名称" if lang == "zh" else "the names listed"
    else:
        signs = str.maketrans({"*": "×", "/": "÷", "-": "−"})
        left = re.sub(
            r"x(\d+)|[-+*/]+",
            lambda m: (
                page.quote(claim.operands[int(m[1])]) if m[1] else f" {m[0].translate(signs)} "
            ),
            claim.formula,
        )
    i = claim.stated
    said = "100%" if i is None else page.shown(i)
    result = page.shown_as(i, middle)
    if lang == "zh":
        return f"{left} = {result}, 与{said}{'相符' if fits else '不符'}"
    return f"{left} = {result}, {'in line with' if fits else 'but the text says'} {said}"
