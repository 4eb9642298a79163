"""Make the package's two fonts out of Debian's fonts-noto-cjk, and write the licence beside them.

    python tools/make_fonts.py [FOLDER_OF_THE_TTC_FILES]

The result is a renamed subset (the SIL Open Font License reserves the original's names): the
Simplified Chinese face, Regular and Bold, without hinting, with GB 2312, the symbols that official
documents use, and every character of ``data/`` and of the shipped labels. Running it again on the
same originals gives the same bytes. Needs fonttools (extra ``dev``).
"""

import argparse
import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "qhdanalysis" / "_assets" / "fonts"
FAMILY = "Qhd Sans SC"
FACE = "CJK SC"  # the Simplified Chinese face among the ten of a collection

# County-level names of the country with a character outside GB 2312.
NAMES_OUTSIDE_GB2312 = "湾沚 埇桥 瀍河 浉河 硚口 猇亭 鄠邑"

# Blocks of signs that documents and charts use beside GB 2312: first and last code point.
SIGNS = [
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1: é, ², ·
    (0x2010, 0x2027),  # dashes, quotation marks, bullet, ellipsis
    (0x2030, 0x203B),  # per mille, prime, reference mark
    (0x2070, 0x209C),  # superscripts and subscripts: CO₂, PM₂.₅
    (0x20AC, 0x20AC),  # euro
    (0x2100, 0x2122),  # ℃ № ™
    (0x2150, 0x2182),  # fractions, Roman numerals
    (0x2190, 0x2199),  # arrows
    (0x2212, 0x2212),  # minus
    (0x2248, 0x2265),  # ≈ ≠ ≤ ≥
    (0x2460, 0x249B),  # ① ⑴ ⒈
    (0x25A0, 0x25EF),  # ■ ▲ ○ ◆
    (0x2605, 0x2606),  # ★ ☆
    (0x2713, 0x2717),  # ✓ ✗
    (0x3000, 0x303F),  # 、。《》【】 and the ideographic zero
    (0x3220, 0x3229),  # ㈠
    (0x338E, 0x33D5),  # ㎡ ㎞ ㎏
    (0xFF01, 0xFF5E),  # full-width forms
    (0xFFE0, 0xFFE6),  # ￥
]


def gb2312() -> Iterator[str]:
    """Give every character of GB 2312: 7,445 with its symbols."""
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            yield bytes([lead, trail]).decode("gb2312", errors="ignore")


def shipped_text() -> Iterator[str]:
    """Give the text of the data, of the word lists and of the code that draws and writes."""
    kinds = {".csv", ".toml", ".md", ".txt", ".html", ".py", ".lua", ".typ"}
    library = [ROOT / "qhdanalysis" / name for name in ("_assets", "plots", "memo")]
    for folder in (ROOT / "data", *library):
        for path in sorted(folder.rglob("*")):
            if path.name == "lexicon_characters.csv":
                continue  # traditional characters, which are recognised and never drawn
            packed = path.suffix == ".gz"
            if (path.with_suffix("") if packed else path).suffix in kinds:
                content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
                yield content.decode("utf-8-sig")


def wanted() -> set[int]:
    """Give the code points that the fonts must hold, control characters left out."""
    text = set("".join(gb2312())) | set(NAMES_OUTSIDE_GB2312) | set("".join(shipped_text()))
    signs = {code for first, last in SIGNS for code in range(first, last + 1)}
    return signs | {ord(char) for char in text if char.isprintable()}


def subset(original: TTFont, codes: set[int]) -> None:
    """Keep the wanted characters, horizontal layout and kerning; drop hints and all else."""
    options = Options(
        hinting=False,
        layout_features=["ccmp", "kern", "mark", "mkmk"],
        drop_tables=["BASE", "VORG", "vhea", "vmtx"],
        name_IDs=["*"],
        name_languages=["*"],
        notdef_outline=True,
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(original)


def rename(font: TTFont, style: str) -> None:
    """Give the font our family name everywhere a program may look for one."""
    postscript = f"{FAMILY.replace(' ', '')}-{style}"
    table = font["name"]
    kept = {i: table.getDebugName(i) for i in (0, 9, 10, 13, 14)}  # rights, authors, licence
    table.names = []
    names = kept | {
        1: FAMILY,
        2: style,
        3: f"1.000;{postscript}",
        4: FAMILY if style == "Regular" else f"{FAMILY} {style}",
        5: "Version 1.000",
        6: postscript,
    }
    for number, text in sorted(names.items()):
        table.setName(text, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    top = cff.topDictIndex[0]
    top.FullName, top.FamilyName = names[4], FAMILY
    top.Notice = kept[0]  # without the trademark of the name that is no longer ours to use
    for private in top.FDArray:
        private.FontName = f"{postscript}-{private.FontName.rpartition('-')[2]}"


def licence(copyright_file: Path, notice: str) -> str:
    """Take the licence's text out of Debian's copyright file, under the notice of our subset."""
    text = copyright_file.read_text(encoding="utf-8")
    found = re.search(r"^License: SIL-1\.1\n((?: .*\n)+)", text, flags=re.MULTILINE)
    if found is None:
        raise SystemExit(f"{copyright_file}: the paragraph 'License: SIL-1.1' is missing")
    body = re.sub(r"^ \.$", "", found[1], flags=re.MULTILINE)
    return notice + "\n" + dedent(body)


def main() -> None:
    """Write both weights and the licence, and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", default="/usr/share/fonts/opentype/noto")
    parser.add_argument("--copyright", default="/usr/share/doc/fonts-noto-cjk/copyright")
    options = parser.parse_args()
    FONTS.mkdir(parents=True, exist_ok=True)
    codes = wanted()
    for style in ("Regular", "Bold"):
        collection = TTCollection(
            Path(options.folder, f"NotoSansCJK-{style}.ttc"), lazy=True, recalcTimestamp=False
        )
        font = next(f for f in collection.fonts if f["name"].getDebugName(1).endswith(FACE))
        rights = font["name"].getDebugName(0)
        missing = codes - set(font.getBestCmap())
        subset(font, codes)
        rename(font, style)
        path = FONTS / f"QhdSansSC-{style}.otf"
        font.save(path)
        print(f"{path.name}: {len(font.getBestCmap()):,} characters, {path.stat().st_size:,} bytes")
        unexpected = {c for c in missing if c > 0x2E80}
        if unexpected:
            print("  not in the original:", "".join(map(chr, sorted(unexpected))))
    notice = (
        f"{rights}\n\n"
        f'"{FAMILY}" is a Modified Version: a renamed subset of Noto Sans CJK SC (version 2.004),\n'
        "made by tools/make_fonts.py. It is licensed under the SIL Open Font License, Version\n"
        "1.1, as follows.\n"
    )
    (FONTS / "OFL.txt").write_text(licence(Path(options.copyright), notice), encoding="utf-8")


if __name__ == "__main__":
    main()
