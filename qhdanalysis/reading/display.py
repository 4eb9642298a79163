"""A document in a notebook: its text, each figure marked where it stands."""

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qhdanalysis.reading.documents import Document

# Shape and sign say what the colour says: readable in black and white.
_STYLES = {
    "plain": "color:#111;background:#e8f1fa;border-bottom:1px solid #4a7fb5",
    "damaged": "color:#111;background:#fdf3d0;border-bottom:2px dotted #a87500",
    "wrong": "color:#111;background:#fbdfdc;border-bottom:3px double #b3261e",
}
_SIGNS = {"plain": "", "damaged": "<sup>?</sup>", "wrong": "<sup>≠</sup>"}


def as_html(document: "Document") -> str:
    """Give the text with each figure marked; what was read shows on hover.

    A damaged or inferred figure is dotted and followed by ``?``, one that does not agree with the
    rest of the text doubly underlined and followed by ``≠``. Everything from the document is
    escaped.

    Parameters
    ----------
    document : Document
        What was read.

    Returns
    -------
    str
        One HTML element.

    Examples
    --------
    >>> from qhdanalysis import read_text
    >>> "&lt;b&gt;" in as_html(read_text("<b>2023年投资5亿元</b>"))
    True
    """
    from qhdanalysis.reading.audit import audit

    checks = audit(document)
    wrong = checks[checks["verdict"].eq("inconsistent") & checks["figure"].notna()]
    reasons = wrong.groupby("figure")["reason"].agg("; ".join).to_dict()
    text, pieces, at = document.text, [], 0
    for i, row in document.figures.iterrows():
        if row["start"] < at:
            continue
        bound, area, note = (str(row[name]) for name in ("bound", "area", "note"))
        told = [
            f"{row['indicator']}: {bound} {row['value']} {row['unit']}".replace(":  ", ": "),
            f"{row['base_value']:.10g} [{row['low']:.10g}, {row['high']:.10g}] {row['base_unit']}",
            *(part for part in (row["kind"], row["period"], area, note) if part),
            *([reasons[i]] if i in reasons else []),
        ]
        look = "wrong" if i in reasons else "damaged" if note else "plain"
        pieces += [
            _safe(text[at : row["start"]]),
            f'<mark style="{_STYLES[look]}" title="{escape(" | ".join(told))}">',
            f"{_safe(text[row['start'] : row['end']])}</mark>{_SIGNS[look]}",
        ]
        at = row["end"]
    pieces.append(_safe(text[at:]))
    about = (document.number, document.publisher, document.issued, document.source)
    head = escape(" | ".join(part for part in about if part))
    warned = "".join(f"<li>{escape(warning)}</li>" for warning in document.warnings)
    return (
        f"<div><strong>{_safe(document.title)}</strong><div>{head}</div><ul>{warned}</ul>"
        '<div style="white-space:pre-wrap;line-height:1.8;max-width:60em">'
        f"{''.join(pieces)}</div></div>"
    )


def _safe(text: str) -> str:
    """Escape markup, and keep a notebook from reading what stands between two $ as a formula."""
    return escape(text).replace("$", "<span>$</span>")
