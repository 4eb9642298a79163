"""What a document says of itself: title, number, publisher, date of issue, and its place."""

import re
from datetime import date

import pandas as pd

from qhdanalysis.areas import match_areas

_LABEL = (
    "(?:发布时间|发布日期|发文日期|成文日期|发布机构|发布单位|发文机关|发文单位|信息来源|来源|"
    "体裁分类|主题分类|文号|发文字号|索引号|字体|浏览|标题|名称)"
)
_VALUE = rf"[:：]?[ \t\u3000]*((?!{_LABEL})[^\s:：]\S*)"
_NUMBER = re.compile(r"(?:文号|发文字号)" + _VALUE)
_INDEX = re.compile(r"索引号" + _VALUE)
_MARK = re.compile(r"[\u4e00-\u9fff]{1,10}[\u3014\[\uff3b(（]\d{4}[\u3015\]\uff3d)）]第?\d{1,5}号")
_PUBLISHER = re.compile(r"(?:发布机构|发布单位|发文机关|发文单位|信息来源|来源)" + _VALUE)
_DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)"
_PUBLISHED = re.compile(r"(?:发布时间|发布日期|发文日期|成文日期)[:：]?\s*" + _DATE)
_SIGNED = re.compile(r"[(（]?\s*" + _DATE + r"\s*日?\s*[)）]?")
_HEADING = re.compile(
    "关于.+(?:答复|报告|通报|通知|意见|建议|函|公告|情况)|(?:公报|报告|答复|通报|简报)$"
)
_TITLE_END = "。；;，,！!：:"
_OFFICE = re.compile(
    r"[\u4e00-\u9fff()（）·\s]{4,60}(?:局|委|会|府|厅|院|室|办|部|中心|队|社|公司)"
    r"[\u4e00-\u9fff()（）]{0,14}"
)
_PLACE = re.compile(
    r"[\u4e00-\u9fff]{1,12}?(?:自治县|自治州|自治区|新区|地区|省|市|州|盟|县|区|旗)"
)
_BEFORE_PLACE = re.compile("^(?:.*(?:关于|政协|中共|对|致|在|和|与|年))?")
_NO_PLACE = re.compile(
    "(?:[我本全各该省市县]|开发|园|社|辖|灾|景|小|城|新|保税|试验|示范|合作)[省市县区]+$"
)


def _iso(year: str, month: str, day: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _signature(line: str) -> str:
    """Date of a signature line; also of one whose 年, 月, 日 are lost, if only one date fits."""
    if whole := _SIGNED.fullmatch(line):
        return _iso(*whole.groups())
    digits = line.strip("()（） 日")
    if not (digits.isascii() and digits.isdigit() and digits[:2] in ("19", "20")):
        return ""
    rest = digits[4:]
    fits = {_iso(digits[:4], rest[:cut], rest[cut:]) for cut in (1, 2) if 0 < len(rest) - cut < 3}
    # With the last sign lost as well, the day may have had one digit more: not a date for certain.
    return fits.pop() if len(fits := fits - {""}) == 1 else ""


def _last_lines(text: str) -> list[str]:
    return [line.strip() for line in text[-2000:].splitlines() if line.strip()][:-6:-1]


def offices(text: str) -> list[str]:
    """Who signs at the end of the text."""
    return [line for line in _last_lines(text) if _OFFICE.fullmatch(line)]


def _title(head: str) -> str:
    """Find the heading: the first line, or below the name of an office 关于…的答复 or the like."""
    lines = [line.strip() for line in head.splitlines() if line.strip()]
    short = [
        1 < len(line) <= 80 and line[-1] not in _TITLE_END and "。" not in line for line in lines
    ]
    if len(lines) < 2 or not short[0]:
        return ""
    if _OFFICE.fullmatch(lines[0]) and not _HEADING.search(lines[0]):
        until = short[:6].index(False) if False in short[:6] else 6
        return next((line for line in lines[1:until] if _HEADING.search(line)), lines[0])
    return lines[0]


def metadata(text: str, title: str = "") -> dict[str, str]:
    """Title, number, publisher and date of issue, as far as the text gives them."""
    head = text[:3000]
    title = title or _title(head)
    published = _PUBLISHED.search(head)
    issued = _iso(*published.groups()) if published else ""
    signed = next(filter(None, map(_signature, _last_lines(text))), "")
    mark = _NUMBER.search(head) or _INDEX.search(head)
    number = mark[1] if mark else (m[0] if (m := _MARK.search(head[:400])) else "")
    publisher = _PUBLISHER.search(head)
    signed_by = offices(text)[:1]
    return {
        "title": re.sub(r"\s+", " ", title[:200]),
        "number": number,
        "publisher": publisher[1] if publisher else re.sub(r"\s+", "", "".join(signed_by)),
        "issued": signed if signed and (not issued or signed <= issued) else issued,
    }


def places(words: str) -> list[str]:
    """Names of places in a title or file name; of a chain (省, 市, 县) the last."""
    found: list[str] = []
    end = -1
    for hit in _PLACE.finditer(words):
        chain = hit.start() == end
        end = hit.end()
        tails = [hit[0][k:] for k in range(len(hit[0]) - 1)]
        known = match_areas(pd.Series(tails))["status"].isin(
            ["ok", "ambiguous", "not in that year"]
        )
        plain = _BEFORE_PLACE.sub("", hit[0])
        name = next((tail for tail, ok in zip(tails, known, strict=True) if ok), "")
        if not name and 1 < len(plain) < 6:
            name = plain
        if name and not _NO_PLACE.search(name):
            found[-1:] = [name] if chain and found else [*found[-1:], name]
    return found
