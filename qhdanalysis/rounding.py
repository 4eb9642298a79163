"""How numbers are written for readers: decimally rounded, in the way of the language."""

import math
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number as the language does: thousands marks in English only, a true minus sign.

    Halves are rounded up, as a reader does with the decimals that stand before the eye: binary
    fractions such as 14.85 lie below what they say.

    >>> number(-18190.04, "en"), number(18190.04, "zh", 1), number(-0.01, "zh", 1)
    ('\N{MINUS SIGN}18,190', '18190.0', '0.0')
    >>> number(14.85, "zh", 1), number(100 * 0.2885, "zh", 1)
    ('14.9', '28.9')
    """
    with localcontext(rounding=ROUND_HALF_UP):
        # A float holds 15 digits; the noise of 100 * 0.2885 lies beyond them.
        exact = Decimal(f"{value:.15g}") if abs(value) < 10.0 ** (11 - digits) else Decimal(value)
        text = f"{exact:,.{digits}f}"
    text = text if re.search("[1-9A-Za-z]", text) else text.removeprefix("-")
    return (text if lang == "en" else text.replace(",", "")).replace("-", "\N{MINUS SIGN}")


def like(
    values: Iterable[float], lang: str, scale: float = 1.0, significant: int = 4
) -> Callable[[float], str]:
    """Give a function that writes numbers with the decimals that suit all of ``values``.

    The largest gets ``significant`` digits unless fewer say it whole; a value too small for that
    many decimals gets its own.

    >>> [like([30.0, 340.43, 0.02], "zh")(v) for v in (30.0, 340.43, 0.02)]
    ['30.0', '340.4', '0.02']
    """
    known = np.abs([v * scale for v in values if np.isfinite(v)] or [0.0])
    most = significant - 1 - math.floor(math.log10(known.max() or 1.0))
    texts = [f"{v:.{min(max(most, 0), 12)}f}" for v in known]
    digits = max(len(text.partition(".")[2].rstrip("0")) for text in texts)

    def write(value: float) -> str:
        size = abs(value * scale)
        if 0 < size <= 0.5 * 10.0**-digits and size != known.max():
            return like([value], lang, scale)(value)
        return number(value * scale, lang, digits)

    return write
