"""The audit: what a text claims is recomputed; it accuses only where the words leave no doubt."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qhdanalysis.errors import PanelError
from qhdanalysis.reading.audit import audit
from qhdanalysis.reading.documents import read_document, read_text
from qhdanalysis.records import RECORD_COLUMNS
from qhdanalysis.rounding import like

# Texts of our own wording; each claim as type, stated number ("-" for an implicit total) and
# verdict, recomputed by hand. c is consistent, i inconsistent, n inconsistent by a near miss.
CLAIMS = [
    (
        "2023年1-6月，全县进出口总额18.6亿元，其中出口12.4亿元，进口6.2亿元，贸易顺差6.2亿元。",
        ["sum 18.6亿元 c", "difference 6.2亿元 c"],
    ),
    (
        "2023年1-6月，全县进出口总额18.6亿元，其中出口12.4亿元，进口5.2亿元，贸易顺差6.2亿元。",
        ["sum 18.6亿元 i", "difference 6.2亿元 i"],
    ),
    (
        "2023年，一般公共预算收入10.52亿元，其中税收收入6.31亿元，非税收入4.21亿元，税收占比60.0%。",
        ["sum 10.52亿元 c", "share 60.0% c"],
    ),
    (
        "年末全县常住人口41.5万人，其中城镇人口22.4万人，乡村人口19.1万人，常住人口城镇化率53.98%，比上年提高1.2个百分点。",
        ["count 41.5万人 c", "ratio 53.98% c"],
    ),
    ("全年人口出生率6.21‰，死亡率7.85‰，自然增长率-1.64‰。", ["difference -1.64‰ c"]),
    ("全年人口出生率8.21‰，死亡率6.85‰，人口自然增长率1.46‰。", ["difference 1.46‰ i"]),
    (
        "2022年财政收入比上年增加3.5亿元，其中税收收入增加2.1亿元，非税收入增加1.4亿元。",
        ["sum 3.5亿元 c"],
    ),
    ("年末金融机构贷款余额320.5亿元，比年初增加25.5亿元，增长8.6%。", ["growth 8.6% c"]),
    ("年末金融机构贷款余额320.5亿元，比年初增加25.5亿元，增长9.6%。", ["growth 9.6% i"]),
    ("高新技术企业由52家增加到64家，增长23.1%。", ["growth 23.1% c"]),
    ("城镇化率由51.2%提高到53.9%，提高2.7个百分点。", ["difference 2.7个百分点 c"]),
    (
        "2023年1-8月，全县完成税收8.2亿元，占年度计划的72.3%，超时序进度5.6个百分点。",
        ["difference 5.6个百分点 c"],
    ),
    (
        "2023年1-8月，全县完成税收8.2亿元，占年度计划的62.3%，慢于时序进度4.4个百分点。",
        ["difference 4.4个百分点 c"],
    ),
    (
        "2023年1-6月，全县一般公共预算收入4.2亿元，完成年初预算10亿元的42%，比时序进度短收0.8亿元。",
        ["ratio 42% c", "difference 0.8亿元 c"],
    ),
    ("我县综合排名由第9位上升到第5位，提升4位。", ["difference 4位 c"]),
    ("2022年三次产业结构由12.1:45.3:42.6调整为11.8:45.9:43.4。", ["sum - c", "sum - i"]),
    ("全市粮食生产形势好，昌黎、卢龙、青龙3个县均获丰收。", ["count 3个 c"]),
    ("涉及5个乡镇（甲镇、乙镇、丙乡、丁乡、戊镇），新建管网20公里。", ["count 5个 c"]),
    ("小麦播种面积12.4万亩，总产量4.96万吨，平均亩产400公斤。", ["ratio 400公斤 c"]),
    ("累计发放补贴340万元，惠及农户1700户，户均2000元。", ["ratio 2000元 c"]),
    ("快递业务量2.4亿件，业务收入21.6亿元，件均收入9元。", ["ratio 9元 c"]),
    ("2021年全縣糧食種植面積40.0萬畝，總產量16.4萬噸，畝產410公斤。", ["ratio 410公斤 c"]),
    (
        "1-11月，税收完成10.86亿元，占年初预算11.2亿元的97.0%，比上年同期9.92亿元增收0.94亿元，增长9.5%。其中国税7.06亿元，地税3.80亿元。",
        ["sum 10.86亿元 c", "ratio 97.0% c", "difference 0.94亿元 c", "growth 9.5% c"],
    ),
    (
        "2019年旅游收入42.6亿元，2022年33.1亿元，2023年58.9亿元，比上年增长77.9%，比2019年增长48.3%。",
        ["growth 77.9% c", "growth 48.3% i"],
    ),
    (
        "2022年城镇化率58.36%，比2020年的56.84%提高1.52个百分点，年均提高0.76个百分点。",
        ["difference 1.52个百分点 c"],
    ),
    ("全县入园率92.6%，比全省平均水平高2.3个百分点（全省90.3%）。", ["difference 2.3个百分点 c"]),
    ("1-5月税收完成5亿元，完成预算的44.2%，超进度2.5个百分点。", ["difference 2.5个百分点 c"]),
    ("全省4个市增速较快，分别是石家庄、唐山、保定和邯郸。", ["count 4个 c"]),
    ("城镇新增就业3.26万人，超额完成年度目标3万人的8.7%。", []),
    (
        "监测对象856户2136人，消除风险612户1500人，占71.5%。",
        ["share 71.5% c"],
    ),
    ("新登记企业8632户，注销企业2136户，净增6496户。", ["difference 6496户 c"]),
    ("三市进出口3256亿元，占全省的65.2%。全省进出口4993亿元。", ["share 65.2% c"]),
    ("养老机构床位520张，入住老人338人，入住率65.0%。", ["ratio 65.0% c"]),
    ("在校生9360人，专任教师520人，生师比18.0:1。", ["ratio 18.0:1 c"]),
    ("1-6月税收4.8亿元，同比减收0.2亿元，完成年初预算9.6亿元的50.0%。", ["ratio 50.0% c"]),
    (
        "接待游客40.0万人次，其中过夜游客10.0万人次，占游客总量的28.0%；景区接待游客20.0万人次。",
        ["share 28.0% i"],
    ),
    ("一般公共预算支出218.4亿元，其中民生支出17.69亿元，占总支出的81.0%。", ["share 81.0% i"]),
    (
        "财政收入12.36亿元，增收0.9亿元。分部门看，税务部门完成9.58亿元，财政部门完成2.78元。",
        ["sum 12.36亿元 i"],
    ),
    (
        "第三产业比重提高2.2个百分点，第一、二产业比重分别下降0.8个和1.4个百分点。",
        ["sum 2.2个百分点 c"],
    ),
    (
        "全国收入增长6.5%；全省增长6.1%；我市增长7.2%，分别快于全国、全省0.7和1.1个百分点。",
        ["difference 0.7 c", "difference 1.1个百分点 c"],
    ),
    (
        "全县用电量20.0亿千瓦时，第一产业用电1.0亿千瓦时，第二产业用电12.0亿千瓦时，第三产业用电3.0亿千瓦时，居民生活用电4.0亿千瓦时。",
        ["sum 20.0亿千瓦时 c"],
    ),
    (
        "全县常住人口48.0万人，与2010年的50.0万人相比，减少2.0万人，下降4.0%。",
        ["difference 2.0万人 c", "growth 4.0% c"],
    ),
    ("全县评出A类企业15家、B类企业32家、C类企业41家、D类企业12家，共100家。", ["count 100家 c"]),
    ("参评企业100家，其中A类15家、B类32家、C类41家、D类13家。", ["count 100家 i"]),
    ("项目总投资8.5亿元（中央资金3.2亿元、省级资金2.8亿元、自筹资金2.1亿元）。", ["sum 8.5亿元 i"]),
    (
        "2022年全县生产总值88.0亿元，第一、二、三产业增加值分别为10.2亿元、35.6亿元、42.2亿元，占生产总值的比重分别为11.6%、40.5%和48.0%。",
        ["sum 88.0亿元 c", "share 11.6% c", "share 40.5% c", "share 48.0% c"],
    ),
    ("1-9月完成投资52.3亿元，上年同期为48.1亿元，增长8.7%。", ["growth 8.7% c"]),
    (
        "1-9月全县规上工业增加值增长7.2%，全市增长5.9%，我县高于全市1.3个百分点。",
        ["difference 1.3个百分点 c"],
    ),
    ("2023年计划投资50亿元，1-9月完成投资36亿元，投资完成率78%。", ["ratio 78% i"]),
    (
        "2022年城镇居民人均可支配收入38200元，农村居民人均可支配收入18000元，城乡居民收入比为2.12:1。",
        ["ratio 2.12:1 c"],
    ),
    ("全县规上工业企业156家，其中高新技术企业43家，专精特新企业28家。", []),
    ("全市完成投资80亿元，增长5%，其中工业投资30亿元，房地产投资20亿元。", []),
    (
        "2022年，全县城镇居民人均可支配收入30000元，农村居民人均可支配收入18000元，全体居民人均可支配收入24500元。",
        [],
    ),
    ("今年共安排项目50个，其中新开工20个，续建25个，前期5个。", ["count 50个 c"]),
    ("全年出口10亿元，增长5%，占进出口总额的62.5%。", []),
    ("规上企业由20家增加到60家，增长2倍。", ["growth 2倍 c"]),
    ("规上工业增加值2021年增长8.1%，2022年增长3.0%，两年平均增长5.5%。", ["mean_growth 5.5% c"]),
    ("1-9月完成投资18.2亿元，占年计划24亿元的75.8%。", ["ratio 75.8% c"]),
    ("全县现有规上企业120家，其中高新技术企业36家，占30%。", ["share 30% c"]),
    ("共办理代表建议75件，其中议案5件、建议70件。", ["count 75件 c"]),
    (
        "收到测评意见74件，满意64件，基本满意8件，不满意2件，满意率86.5%。",
        ["count 74件 c", "ratio 86.5% c"],
    ),
    ("2023年，甲县新建道路12公里，改建道路30公里，合计42公里。", ["sum 42公里 c"]),
    ("2023年，甲县新建道路12公里，改建道路30公里，合计45公里。", ["sum 45公里 i"]),
    ("第一产业占比由10.2%下降到9.8%，下降0.4个百分点。", ["difference 0.4个百分点 c"]),
    (
        "2022年，全县财政收入12.5亿元，财政支出30.2亿元，收支差额17.7亿元。",
        ["difference 17.7亿元 c"],
    ),
    (
        "全市银行支持项目32个，授信额度125.15亿元，累计发放贷款49.09亿元，占授信额度的39.2%。",
        ["share 39.2% c"],
    ),
    (
        "全县54个贫困村全部出列，建档立卡贫困户12800户，已脱贫12650户，脱贫率98.8%。",
        ["ratio 98.8% c"],
    ),
    ("规上工业总产值150亿元，销售产值144亿元，产销率96.0%。", ["ratio 96.0% c"]),
    ("甲县税收收入占一般公共预算收入的比重为63.5%，比上年提高2.1个百分点。", []),
    ("甲镇有村民小组28个，其中已完成改造的21个，完成率75%。", ["ratio 75% c"]),
    ("今年1-10月，全县空气优良天数256天，占比84.2%，同比提高3.1个百分点。", []),
    (
        "今年我县共实施省市重点项目36个，总投资215.6亿元，年度计划投资48.3亿元。截至9月底，累计完成投资41.2亿元，占年度计划的85.3%，超时序进度10.3个百分点；已开工32个，开工率88.9%；已竣工8个。",
        ["ratio 85.3% c", "ratio 88.9% c", "difference 10.3个百分点 c"],
    ),
    (
        "今年我县共实施省市重点项目36个，总投资215.6亿元，年度计划投资48.3亿元。截至9月底，累计完成投资41.2亿元，占年度计划的88.3%。",
        ["ratio 88.3% i"],
    ),
    (
        "全县承担省级民生实事20项，已完成12项，完成率60%；正在推进8项。",
        ["ratio 60% c", "count 20项 c"],
    ),
    ("2023年下达棚户区改造任务1500套，已开工1380套，开工率92%，基本建成960套。", ["ratio 92% c"]),
    (
        "共排查安全隐患865处，已整改832处，整改率96.2%，其余33处正在整改。",
        ["ratio 96.2% c", "count 865处 c"],
    ),
    (
        "共排查安全隐患865处，已整改832处，整改率98.2%，其余33处正在整改。",
        ["ratio 98.2% i", "count 865处 c"],
    ),
    (
        "全年地区生产总值186.4亿元，比上年增长5.6%。其中，第一产业增加值32.1亿元，增长4.2%；第二产业增加值61.7亿元，增长5.1%；第三产业增加值92.6亿元，增长6.4%。三次产业增加值占地区生产总值的比重分别为17.2%、33.1%和49.7%。",
        ["sum 186.4亿元 c", "share 17.2% c", "share 33.1% c", "share 49.7% c"],
    ),
    (
        "全年地区生产总值186.4亿元，比上年增长5.6%。其中，第一产业增加值32.1亿元，增长4.2%；第二产业增加值66.7亿元，增长5.1%；第三产业增加值92.6亿元，增长6.4%。",
        ["sum 186.4亿元 i"],
    ),
    (
        "年末户籍总人口52.36万人，其中男性26.75万人，女性25.61万人。全年出生人口3120人，出生率5.94‰；死亡人口4560人，死亡率8.68‰；人口自然增长率为-2.74‰。",
        ["count 52.36万人 c", "difference -2.74‰ c"],
    ),
    (
        "全年社会消费品零售总额62.8亿元，增长7.4%。其中，城镇消费品零售额45.2亿元，增长7.0%；乡村消费品零售额17.6亿元，增长8.5%。",
        ["sum 62.8亿元 c"],
    ),
    (
        "全年社会消费品零售总额62.8亿元，增长7.4%。按经营地分，城镇消费品零售额45.2亿元，乡村消费品零售额16.9亿元；按消费类型分，商品零售56.1亿元，餐饮收入6.7亿元。",
        ["sum 62.8亿元 i"],
    ),
    (
        "全年粮食总产量38.6万吨，其中夏粮15.2万吨，秋粮23.4万吨。粮食播种面积95.2万亩，平均亩产405公斤。",
        ["sum 38.6万吨 c", "ratio 405公斤 c"],
    ),
    (
        "全年接待国内外游客486.5万人次，其中国内游客485.1万人次，入境游客1.4万人次；旅游总收入38.9亿元，人均花费800元。",
        ["count 486.5万人次 c", "ratio 800元 c"],
    ),
    (
        "年末全县金融机构各项存款余额412.6亿元，比年初增加38.5亿元，增长10.3%；各项贷款余额268.3亿元，比年初增加21.7亿元，增长8.8%，存贷比65.0%。",
        ["growth 10.3% c", "growth 8.8% c", "ratio 65.0% c"],
    ),
    (
        "全县财政总收入25.64亿元，同比增收2.13亿元，增长9.1%。其中，一般公共预算收入13.52亿元，同比增收0.98亿元，增长7.8%。",
        ["growth 9.1% c", "growth 7.8% c"],
    ),
    ("全县一般公共预算收入13.52亿元，同比减收0.98亿元，下降6.8%。", ["growth 6.8% c"]),
    (
        "全县一般公共预算支出35.2亿元，其中民生支出28.5亿元，占一般公共预算支出的81.0%。",
        ["share 81.0% c"],
    ),
    (
        "全县一般公共预算支出35.2亿元，其中民生支出28.5亿元，占一般公共预算支出的84.0%。",
        ["share 84.0% i"],
    ),
    (
        "城镇居民人均可支配收入36520元，增长5.1%；农村居民人均可支配收入18640元，增长7.2%，增速快于城镇居民2.1个百分点，城乡居民收入比为1.96。",
        ["difference 2.1个百分点 c", "ratio 1.96 c"],
    ),
    (
        "全市PM2.5平均浓度38微克/立方米，同比下降9.5%；优良天数比例为78.4%，同比提高2.7个百分点。",
        [],
    ),
    ("全年城镇新增就业8650人，完成年度目标任务8000人的108.1%。", ["ratio 108.1% c"]),
    ("计划脱贫1.2万人，实际脱贫1.26万人，完成计划的105%。", ["ratio 105% c"]),
    (
        "共收到人大代表建议126件、政协提案158件，共计284件，目前已办复270件，办复率95.1%。",
        ["count 284件 c", "ratio 95.1% c"],
    ),
    ("政协提案158件，其中经济类68件、社会类52件、文化类21件、生态类17件。", ["count 158件 c"]),
    ("政协提案158件，其中经济类68件、社会类52件、文化类21件。", []),
    (
        "全县完成营造林5.2万亩，其中人工造林2.8万亩，封山育林1.6万亩，退化林修复0.8万亩。",
        ["sum 5.2万亩 c"],
    ),
    (
        "争取上级资金3.85亿元，其中中央资金2.13亿元，省级资金1.24亿元，市级资金0.48亿元。",
        ["sum 3.85亿元 c"],
    ),
    ("R&D经费支出2.35亿元，占地区生产总值的1.26%。", []),
    (
        "2022年，全县地区生产总值186.4亿元，R&D经费支出2.35亿元，占地区生产总值的1.26%。",
        ["share 1.26% c"],
    ),
    ("新增规上企业15家，总数达到128家；新增高新技术企业9家，总数达到46家。", []),
    (
        "工业用电量12.5亿千瓦时，增长6.8%，占全社会用电量的61.2%；全社会用电量20.4亿千瓦时，增长5.9%。",
        ["share 61.2% c"],
    ),
    (
        "规上工业增加值增长6.3%，增速比一季度提高1.1个百分点，比全省平均水平高0.8个百分点，居全省第5位，比上年同期前移3位。",
        [],
    ),
    (
        "固定资产投资完成96.3亿元，增长8.1%，其中项目投资72.5亿元，占75.3%，房地产开发投资23.8亿元，占24.7%。",
        ["sum 96.3亿元 c", "share 75.3% c", "share 24.7% c"],
    ),
    (
        "固定资产投资完成96.3亿元，增长8.1%，其中民间投资52.5亿元，占54.5%，工业投资43.8亿元，占45.5%。",
        ["sum 96.3亿元 c", "share 54.5% c", "share 45.5% c"],
    ),
    (
        "1至6月，全市外贸进出口125.6亿元，同比增长3.2%。其中出口98.4亿元，增长5.6%；进口27.2亿元，下降4.5%。贸易顺差71.2亿元，扩大10.2%。",
        ["sum 125.6亿元 c", "difference 71.2亿元 c"],
    ),
    ("全市机动车保有量58.3万辆，其中私人汽车45.6万辆，比上年末增长6.2%。", []),
    ("医疗卫生机构床位4860张，其中医院床位3250张，乡镇卫生院床位1120张。", []),
    (
        "全县共有小学86所，在校生3.2万人，专任教师1950人；初中28所，在校生1.6万人，专任教师1320人。",
        [],
    ),
    ("昌黎县、卢龙县、青龙县、抚宁区4个县区财政收入均实现增长。", ["count 4个 c"]),
    (
        "一季度完成投资12亿元，二季度完成投资18亿元，上半年累计完成投资30亿元，占全年计划60亿元的50%。",
        ["ratio 50% c"],
    ),
    ("2022年完成投资52.6亿元，2021年完成投资48.3亿元，增长8.9%。", ["growth 8.9% c"]),
    (
        "两年来，全县累计新建高标准农田15.6万亩，其中2022年7.2万亩，2023年8.4万亩。",
        ["sum 15.6万亩 c"],
    ),
    ("申报省级专精特新企业23家，通过18家，通过率78.3%。", ["ratio 78.3% c"]),
    (
        "全县12345热线受理群众诉求15620件，办结15230件，办结率97.5%，满意率96.3%。",
        ["ratio 97.5% c"],
    ),
    ("学前三年毛入园率92.3%，义务教育巩固率99.2%，高中阶段毛入学率94.5%。", []),
    ("城市污水处理率97.5%，生活垃圾无害化处理率100%，建成区绿化覆盖率41.2%。", []),
    (
        "全县耕地面积68.5万亩，其中水浇地42.3万亩，旱地26.2万亩。农作物播种面积96.8万亩，增长1.2%。",
        ["sum 68.5万亩 c"],
    ),
    ("规上工业企业利润总额8.6亿元，同比下降12.4%；亏损企业21家，亏损面13.5%。", []),
    (
        "规上工业企业156家，实现利润总额8.6亿元，同比下降12.4%；亏损企业21家，亏损面13.5%。",
        ["share 13.5% c"],
    ),
    ("全市新设市场主体1.8万户，其中企业0.6万户，个体工商户1.2万户。", ["count 1.8万户 c"]),
    (
        "争取地方政府专项债券12.6亿元，支持项目18个；已支出9.8亿元，支出进度77.8%。",
        ["ratio 77.8% c"],
    ),
    ("2020年1-8月全市规上工业营业收入下降6.06%，三县产业集群营业收入增长14.72%。", []),
    (
        "其中，第二产业增加值61.7亿元，增长5.1%，拉动经济增长1.7个百分点；工业增加值50.3亿元，建筑业增加值11.4亿元。",
        ["sum 61.7亿元 c"],
    ),
    (
        "规模以上工业增加值增速由一季度的4.2%提高到上半年的5.6%，加快1.4个百分点。",
        ["difference 1.4个百分点 c"],
    ),
    (
        "全市银行业不良贷款余额12.3亿元，各项贷款余额1025亿元，不良贷款率1.2%，比年初下降0.15个百分点。",
        ["ratio 1.2% c"],
    ),
    (
        "10月份，全市发电量3.72亿千瓦时，日均发电量1200万千瓦时，增长9.3%。",
        ["ratio 1200万千瓦时 c"],
    ),
    (
        "全县小麦产量12.5万吨(2.5亿斤)，比上年增加0.5万吨(0.1亿斤)，增长4.2%。",
        ["growth 4.2% c"],
    ),
    (
        "1-4月，基金支出累计完成5308万元，完成年初预算24710万元的21.5%，比上年减支27580万元，"
        "下降83.9%。",
        ["ratio 21.5% c", "growth 83.9% c"],
    ),
    (
        "2022年地区生产总值105.0亿元，2021年地区生产总值95.0亿元，按可比价格计算增长4.1%。",
        [],
    ),
    (
        "2022年，甲公司利润-2.0亿元，2020年利润3.0亿元，年均增长5.0%。",
        [],
    ),
    (
        "项目总投资8.5亿元（一期3.2亿元、二期2.8亿元）。",
        [],
    ),
    (
        "共排查隐患120处，已整改97处，其余25处正在整改。",
        ["count 120处 i"],
    ),
    (
        "收到提案428件。其中经济类197件，占46.0%；政治类34件，占7.9%；文化类70件，占16.4%；"
        "社会类137件，占29.7%。",
        ["count 428件 i", "share 46.0% c", "share 7.9% c", "share 16.4% c"],
    ),
    (
        "上半年生产总值增长4.8%。第一产业拉动经济增长0.3个百分点，第二产业拉动2.8个百分点，"
        "第三产业拉动1.1个百分点。",
        ["sum 4.8% i"],
    ),
    (
        "上半年生产总值增长4.2%。第一产业拉动经济增长0.3个百分点，第二产业拉动2.8个百分点，"
        "第三产业拉动1.1个百分点。",
        ["sum 4.2% c"],
    ),
    ("全年改建、扩建农村公路38公里，其中改建21公里、扩建17公里。", ["sum 38公里 c"]),
    ("全年改建、扩建农村公路38公里，其中改建21公里、扩建12公里。", ["sum 38公里 i"]),
    ("全市参加养老、医疗保险20万人，其中养老12万人、医疗15万人。", []),  # many have both
    (
        "早稻登场。夏粮产量12.4万吨，增长0.1%。秋粮产量47.6万吨。粮食产量60.0万吨。",
        ["sum 60.0万吨 c"],
    ),
    ("年末登记失业率3.2%，低于4%的控制目标0.8个百分点。", ["difference 0.8个百分点 c"]),
    ("年末登记失业率3.2%，低于4.5%的控制目标1.8个百分点。", ["difference 1.8个百分点 i"]),
    (
        "基金收入6.2亿元，为预算9亿元的68.9%，短收2.8亿元。",
        ["ratio 68.9% c", "difference 2.8亿元 c"],
    ),
    (
        "基金收入6.2亿元，为预算9亿元的68.9%，短收3.8亿元。",
        ["ratio 68.9% c", "difference 3.8亿元 i"],
    ),
    (
        "1至6月，完成年計劃的53%，快于時(shí)序進(jìn)度3個百分點。",
        ["difference 3個百分點 c"],
    ),
    ("法律援助1500人次，支出120万元，人次均支出800元。", ["ratio 800元 c"]),
    (
        "总投资720万元，其中中央资金300万元，省级资金250万元，县级配套170万，改造水渠24条，"
        "每条投资30万元。",
        ["sum 720万元 c"],
    ),
    (
        "全市有园区4个，分别是甲河县特种玻璃、乙山县中药材、丙水区电子元件和丁原县食用油产业园区，共用地5万亩。",
        ["count 4个 c"],
    ),
    ("计划改造的30个小区已完工24完工率80%。", ["ratio 80% c"]),
    (
        "新增城镇就业4850人，完成全年目标4500人的107.8%，超额完成350人。",
        ["ratio 107.8% c", "difference 350人 c"],
    ),
    ("全县计划投资32亿元，实际完成34.4亿元，超计划3.4亿元。", ["difference 3.4亿元 i"]),
    ("全县计划投资32亿元，实际完成34.4亿元，超出计划7.5%。", ["growth 7.5% c"]),
    ("旅游收入较上年增加3.2亿元，增幅达16.0%，达到23.2亿元。", ["growth 16.0% c"]),
    ("旅游收入较上年增加3.2亿元，增长16.0%，实现利润4.2亿元。", []),
    ("全县流转土地2.5万亩，流转费总额2000万元，每亩800元。", ["ratio 800元 c"]),
    ("医院床位2400张，每千人口床位6.0张，常住人口40万人。", ["ratio 6.0张 c"]),
    ("医院床位2700张，每千人口床位6.0张，常住人口40万人。", []),
    ("全县286个行政村，通自来水的264个，自来水普及率92.3%。", ["ratio 92.3% c"]),
    ("全县286个行政村，通自来水的264个，农户满意率95.1%。", []),
    ("争取政府债券12.5亿元，其中一般债券3.2亿元，专项债券9.8亿元。", ["sum 12.5亿元 i"]),
    (
        "争取政府债券12.5亿元，其中新增一般债券3.2亿元，新增专项债券5.1亿元，再融资债券4.2亿元。",
        ["sum 12.5亿元 c"],
    ),
    ("在建项目90个，其中省级重点项目30个，占三分之一。", ["share 三分之一 c"]),
    ("在建项目90个，其中省级重点项目30个，占全部的38%。", ["share 38% i"]),
    ("在建项目90个，其中省级重点项目30个，占全市的12.5%。", []),
    ("全县出口8.4亿元、进口3.6亿元，出口占进出口总额的70%。", ["share 70% c"]),
    ("全县出口8.4亿元、进口3.6亿元，出口占全省的2.3%。", []),
    (
        "上半年收入7.2亿元，上年同期6.3亿元，同比增收0.9亿元，增长14.3%。",
        ["difference 0.9亿元 c", "growth 14.3% c"],
    ),
    ("上半年收入7.2亿元，去年同期6.3亿元，增长16.3%。", ["growth 16.3% i"]),
    ("全年出生人口2150人，死亡人口2480人，自然减少330人。", ["difference 330人 c"]),
    ("平均浓度由48微克/立方米降至42微克/立方米，改善12.5%。", ["growth 12.5% c"]),
    (
        "2021年、2022年、2023年分别投入1.2亿元、1.5亿元、1.8亿元，三年累计投入4.5亿元。",
        ["sum 4.5亿元 c"],
    ),
    ("2021年投入1.2亿元、2022年投入1.5亿元，两年累计投入2.9亿元。", []),
    (
        "工业投资增长12.4%，高于全部投资增速4.3个百分点，全部投资增长8.1%。",
        ["difference 4.3个百分点 c"],
    ),
    (
        "重点项目128个，其中续建58个、新建70个，新建项目占比54.7%。",
        ["count 128个 c", "share 54.7% c"],
    ),
    (
        "重点项目128个，其中续建58个、新建70个，新建项目占比64.7%。",
        ["count 128个 c", "share 64.7% i"],
    ),
    (
        "农业、工业、服务业用电量分别为0.8亿千瓦时、4.2亿千瓦时、1.4亿千瓦时，合计6.4亿千瓦时，其中工业用电占65.6%。",
        ["sum 6.4亿千瓦时 c", "share 65.6% c"],
    ),
    (
        "增值税2.4亿元、企业所得税1.1亿元、个人所得税0.5亿元，三项主体税种共完成4.0亿元。",
        ["sum 4.0亿元 c"],
    ),
    ("增值税2.4亿元、企业所得税1.1亿元，三项主体税种共完成4.0亿元。", []),
    ("上半年工业增加值增长6.8%，比全省平均水平4.5%高2.3个百分点。", ["difference 2.3个百分点 c"]),
    ("上半年工业增加值增长6.8%，比全省平均水平4.5%高3.3个百分点。", ["difference 3.3个百分点 i"]),
    (
        "工业增加值一季度增长5.1%，上半年增长6.8%，比一季度加快1.7个百分点。",
        ["difference 1.7个百分点 c"],
    ),
    ("一季度工业增加值增长5.1%，上半年零售额增长6.8%，比一季度加快2.7个百分点。", []),
    ("外贸进出口1.05亿美元，增长10.5%，比上年多0.1亿美元。", ["growth 10.5% c"]),
    ("外贸进出口1.05亿美元，同比增长10.5%，比年初多0.3亿美元。", []),
    ("全县186个行政村中，已有164个建成卫生室，达标率86.2%。", ["ratio 86.2% i"]),
    ("全县186个行政村中，已有164个建成卫生室，群众满意率96.2%。", []),
    ("87家规上企业中，产值增长的52家，增长面59.8%。", ["share 59.8% c"]),
    ("力争年底开工率达到95%以上，目前开工项目41个，未开工11个。", []),
    ("52个项目中，已开工41个，未开工11个，年底开工率达到95%以上。", ["count 52个 c"]),
    (
        "收入9.74亿元，完成预算9.2亿元的105.9%；基金支出8.91亿元，为预算的97.3%。",
        ["ratio 105.9% c"],
    ),
    ("2017年至2022年，零售额由31.5亿元增加到46.9亿元，年均增长8.3%。", ["mean_growth 8.3% c"]),
    ("2017年至2022年，零售额由31.5亿元增加到46.9亿元，年均增长7.6%。", ["mean_growth 7.6% i"]),
    ("2017年至2022年，零售额由31.5亿元增加到46.9亿元，增长48.9%。", ["growth 48.9% c"]),
    (
        "收到建议107件。经济方面49件，占45.8%；财政方面31件，占29.0%；其他方面18件，占16.8%。",
        ["share 45.8% c", "share 29.0% c", "share 16.8% c"],
    ),
    (
        "收到建议107件。按内容分，经济方面49件，占45.8%；财政方面31件，占29.0%；其他方面27件，占25.2%。",
        ["count 107件 c", "share 45.8% c", "share 29.0% c", "share 25.2% c"],
    ),
    (
        "农民人均可支配收入14872元，其中工资性收入6247元，经营净收入5126元，财产净收入238元，转移净收入3261元。",
        ["sum 14872元 c"],
    ),
    (
        "农民人均可支配收入14872元，其中工资性收入6247元，经营净收入5126元，财产净收入238元，转移净收入3561元。",
        ["sum 14872元 i"],
    ),
    (
        "商品房销售面积21.4万平方米，其中住宅19.2万平方米，销售额10.7亿元，销售均价5000元/平方米。",
        ["ratio 5000元/平方米 c"],
    ),
    (
        "统筹资金2.64亿元，其中中央资金1.52亿元、省级资金0.67亿元、市级资金1800元、县级资金0.27亿元。",
        ["sum 2.64亿元 i"],
    ),
    ("投入中央资金1.52亿元、省级资金0.67亿元，每户补助1800元，县级资金0.27亿元。", []),
    ("累计投入扶持资金3.15亿元，扶持项目村630个，每村50万元。", ["ratio 50万元 c"]),
    (
        "前11个月投资增长5.2%，其中第一、第二、第三产业投资分别拉动0.4、3.7、1.0个百分点。",
        ["sum 5.2% c"],
    ),
    ("投资增长5.2%，拉动全市增长0.4个百分点，比上年多1.0个百分点。", []),
    (
        "黄精6.3万亩、天麻2.1万亩，采收面积4.6万亩，产量1.38万吨，平均亩产300公斤。",
        ["ratio 300公斤 c"],
    ),
    ("核桃面积32.6万亩，总产量5万吨，盛果期亩产150至180公斤。", []),
    ("改造428户，拨付补助资金1137.6万，户均补助2.66万元。", ["ratio 2.66万元 c"]),
]


def told(text):
    """Claims of a text, as in the table above."""
    document = read_text(text)
    figures, rows = document.figures, []
    for check in audit(document).itertuples():
        span = slice(None) if pd.isna(check.figure) else figures.loc[check.figure, ["start", "end"]]
        stated = "-" if pd.isna(check.figure) else text[slice(*span)]
        verdict = "n" if check.near_miss else check.verdict[0]
        rows.append(f"{check.type} {stated} {verdict}")
    return rows


@pytest.mark.parametrize(("text", "claims"), CLAIMS, ids=range(len(CLAIMS)))
def test_each_claim_of_a_text_is_found_and_judged_and_no_other(text, claims):
    assert sorted(told(text)) == sorted(claims)


def test_the_reason_says_in_words_what_was_compared():
    document = read_text("今年安排重点项目270项。1-8月已开工152项，已复工123项。")
    assert audit(document)["reason"].tolist() == ["已开工152项 + 已复工123项 = 275项, 与270项不符"]
    english = "已开工152项 + 已复工123项 = 275项, but the text says 270项"
    assert audit(document, lang="en")["reason"].tolist() == [english]


def test_a_check_carries_rows_intervals_and_the_stated_value():
    document = read_text("2023年计划投资50.0亿元，1-9月完成投资36.0亿元，投资完成率72%。")
    (check,) = audit(document).itertuples()
    rows = document.figures.loc[list(check.operands), "value"].tolist()
    assert rows == [36.0, 50.0]
    assert document.figures.loc[check.figure, "value"] == 72.0
    assert (check.type, check.formula, check.stated, check.source) == ("ratio", "x0/x1", 0.72, "")
    # half a unit of the last digit each way: 35.95/50.05 and 36.05/49.95
    assert (check.low, check.high) == pytest.approx((35.95 / 50.05, 36.05 / 49.95), rel=1e-12)
    assert check.recomputed == pytest.approx(0.72)


def test_rounding_of_the_operands_excuses_a_number_and_a_truncated_one_is_a_near_miss():
    # 61.4/84.9 is 72.3%; 1/3 printed as 33% of counts is exact, 34% is wrong by less than a point
    checks = audit(read_text("年计划投资84.9亿元，已完成投资61.4亿元，完成率72.3%。"))
    assert checks["verdict"].tolist() == ["consistent"]
    checks = audit(read_text("计划开工项目300个，实际开工项目200个，开工率66%。"))
    assert checks[["verdict", "near_miss"]].values.tolist() == [["inconsistent", True]]


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("超过60%", "consistent"),
        ("超过65%", "inconsistent"),
        ("近65%", "consistent"),
        ("近70%", "inconsistent"),
        ("不到65%", "consistent"),
        ("约64%", "consistent"),
    ],
)
def test_a_bound_opens_the_stated_interval_on_its_side(said, verdict):
    # 640 of 1000 is 64%; 近 allows one unit of the last written digit below, here one point
    checks = audit(read_text(f"计划开工项目1000个，实际开工项目640个，开工率{said}。"))
    assert checks["verdict"].tolist() == [verdict]


def test_growth_over_two_years_is_geometric():
    text = "2021年1-2月，全市规上工业利润11.2亿元，同比增长1.64倍，"
    text += "比2019年同期增长68.9%，两年平均增长{}。"
    right, wrong = audit(read_text(text.format("30.0%"))), audit(read_text(text.format("34.5%")))
    for checks in (right, wrong):
        assert checks["type"].tolist() == ["mean_growth"]
        # sqrt(1.6885) - 1 and sqrt(1.6895) - 1
        assert checks["low"].item() == pytest.approx(0.29942, abs=5e-6)
        assert checks["high"].item() == pytest.approx(0.29981, abs=5e-6)
    assert right["verdict"].tolist() == ["consistent"]
    assert wrong["verdict"].tolist() == ["inconsistent"]
    assert "**(1/2)" in wrong["reason"].item().replace(" ", "")


def test_a_part_introduced_by_qizhong_makes_no_claim():
    text = "2024年前两个月，全市进出口总值42.6亿元，其中2月份19.8亿元；近3个月新增贷款7.2亿元。"
    assert audit(read_text(text)).empty


def record(**values):
    return dict.fromkeys(RECORD_COLUMNS, "") | {"price_basis": "current", "unit": "亿元"} | values


def test_growth_that_the_levels_of_records_do_not_show_is_a_comparison_across_sources():
    document = read_text("2020年，甲市固定资产投资（不含农户）431.9亿元，比上年增长1.1%。")
    assert audit(document).empty
    name = "固定资产投资（不含农户）"
    records = pd.DataFrame(
        [record(area="甲市", year=2019, indicator=name, value=452.7, source="2019年公报")]
    )
    (check,) = audit(document, records).itertuples()
    assert check.type == "growth"
    assert check.stated == pytest.approx(0.011)
    assert -0.0462 < check.low < check.recomputed < check.high < -0.0457  # 431.9/452.7 - 1
    assert "2019年公报" in check.source
    assert "2019" in check.source
    assert "口径" in check.reason
    assert "scope" in audit(document, records, lang="en")["reason"].item()


def test_a_share_is_checked_against_the_city_in_the_records_and_the_fitting_vintage_is_named():
    text = "对政协秦皇岛市委员会提案的答复\n"
    text += "2022年，三县地区生产总值达到630.5亿元，占全市地区生产总值的33%。"
    city = {"area": "秦皇岛市", "area_code": "130300", "year": 2022, "indicator": "地区生产总值"}
    rows = [
        record(**city, code="gdp", value=1507.33, source="old bulletin"),
        record(**city, code="gdp", value=1909.52, source="yearbook", note="revised"),
    ]
    (check,) = audit(read_text(text), pd.DataFrame(rows)).itertuples()
    assert (check.type, check.verdict) == ("share", "consistent")
    assert check.recomputed == pytest.approx(630.5 / 1909.52, abs=1e-5)
    assert check.source.startswith("yearbook (2022; revised")


def test_levels_and_published_growth_are_compared_with_records_of_the_same_year_only():
    document = read_text("昌黎县2022年统计公报\n2022年，全县地区生产总值305.2亿元，增长5.1%。")
    county = {"area": "昌黎县", "area_code": "130322", "source": "yearbook"}
    rows = [
        record(**county, year=2022, code="gdp", indicator="GDP", value=305.9),
        record(**county, year=2021, code="gdp", indicator="GDP", value=305.2),
        record(**county, year=2022, code="gdp_growth", indicator="x", value=5.1, unit="%")
        | {"price_basis": "growth"},
        record(**county, year=2022, code="gdp", indicator="GDP", value=1.0, unit="无此单位"),
    ]
    checks = audit(document, pd.DataFrame(rows))
    assert checks[["type", "verdict"]].values.tolist() == [
        ["sum", "inconsistent"],
        ["growth", "consistent"],
    ]
    assert checks["source"].str.startswith("yearbook").all()


def test_records_without_their_columns_are_refused():
    with pytest.raises(PanelError, match=r"records lack area, area_code.*read_table"):
        audit(read_text("2022年甲县投资5亿元。"), pd.DataFrame({"value": [1.0]}))


def test_an_audit_of_nothing_has_all_columns():
    checks = audit(read_text("全县上下团结一心。"))
    assert checks.empty
    assert {"claim", "type", "verdict", "near_miss", "figure", "operands", "reason"} <= set(checks)
    assert checks["figure"].dtype == "Int64"


WORDS = (
    "计划 完成 其中 占 的 增长 下降 比年初 分别 和 、 ， 。 ； （ ） : 第一产业 出口 进口 进出口 "
    "项目 5项 0 3.2亿元 7% 100% 0.5个百分点 2倍 12.1:45.3:42.6 近三成 超5万人 由 到 年均 两年平均 "
    "时序进度 高于全市 超 顺差 日均 占比 其余 拉动 第3位 合计 人均 "
    "城镇 农村 开工 复工 率 2022年 1-8月 \n"
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split(" ")), max_size=40).map("".join))
def test_the_audit_never_raises_and_its_rows_point_at_figures(text):
    document = read_text(text)
    checks = audit(document)
    for check in checks.itertuples():
        assert set(check.operands) <= set(document.figures.index)
        assert check.low <= check.recomputed + 1e-9 * abs(check.recomputed)
        assert check.recomputed <= check.high + 1e-9 * abs(check.high)
        assert check.verdict in ("consistent", "inconsistent")


@pytest.mark.parametrize("space", [" ", "\u3000", "\n"])
def test_white_space_between_sentences_and_order_of_paragraphs_change_no_verdict(space):
    texts = [text for text, _ in CLAIMS[:12]]
    alone = sorted(claim for text in texts for claim in told(text))
    for some in (texts, texts[::-1]):
        assert sorted(told(f"{space}\n\n".join(some))) == alone


def test_prose_is_held_against_the_tables_of_its_own_file(tmp_path):
    page = (
        "<html><body><h1>甲县2023年统计公报</h1><p>2023年，全县地区生产总值103.6亿元，"
        "第一产业增加值20.1亿元。</p><p>表1 主要指标</p><table>"
        "<tr><th>指标</th><th>单位</th><th>2023年</th></tr>"
        "<tr><td>地区生产总值</td><td>亿元</td><td>103.6</td></tr>"
        "<tr><td>第一产业增加值</td><td>亿元</td><td>21.0</td></tr></table></body></html>"
    )
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    document = read_document(tmp_path / "a.html")
    assert document.tables["value"].tolist() == [103.6, 21.0]
    checks = audit(document)
    assert checks["verdict"].tolist() == ["consistent", "inconsistent"]
    assert checks["source"].str.startswith("a.html (2023; ").all()
    assert "与本文件中的表格比较" in checks["reason"][1]
    assert "a table of the same file" in audit(document, lang="en")["reason"][1]


def test_a_text_without_tables_has_none(tmp_path):
    (tmp_path / "a.txt").write_text("2023年\t甲县生产总值5.2亿元。", encoding="utf-8")
    assert read_document(tmp_path / "a.txt").tables.empty


def test_a_reason_writes_large_and_halved_results_as_a_reader_rounds_them():
    told = audit(read_text("2023年，全县进出口总额1234560元，其中出口700001元，进口534565元。"))
    assert told["reason"].tolist() == ["出口700001元 + 进口534565元 = 1234566元, 与1234560元不符"]
    # By hand 123.4535, whose binary fraction lies below the half.
    told = audit(
        read_text("2023年，全县进出口总额123.9900亿元，其中出口61.2344亿元，进口62.2191亿元。")
    )
    assert "= 123.454亿元," in told["reason"][0]


def lines(checks, document):
    """Write each check as one line; the words of the reason name the operands in their order."""
    return [
        f"{check.type} {check.formula} | {check.claim} | {check.low:.6g}..{check.high:.6g} "
        f"{check.verdict}{' by less than a digit' * check.near_miss} | {check.reason}"
        for check in checks.itertuples()
        if set(check.operands) <= set(document.figures.index)
    ]


BULLETIN = (
    "昌黎县2022年国民经济和社会发展统计公报\n"
    "1-6月，全县社会消费品零售总额32.0亿元。"
    "2022年，全县地区生产总值305.2亿元，增长5.1%，占全市地区生产总值的16.0%。"
    "全县固定资产投资（不含农户）80.4亿元，比上年增长7.2%。"
    "卢龙县地区生产总值150.0亿元。粮食产量50.0万吨，增长1.5倍。"
    "我县财政收入20.5亿元。年末全县户籍人口56.1万人。"
)
COUNTY = {"area": "昌黎县", "area_code": "130322", "year": 2022}
PUBLISHED = [
    # another unit, other bases, levels and places are passed over
    record(**COUNTY, code="gdp", indicator="GDP", value=1.0, unit="无此单位", source="no unit"),
    record(**COUNTY, code="gdp", indicator="GDP", value=float("nan"), source="no value"),
    record(**COUNTY, code="gdp", indicator="GDP", value=305.2, level="zone", source="no area"),
    record(**COUNTY, code="gdp", indicator="GDP", value=305.2, source="base")
    | {"price_basis": "comparable"},
    record(**COUNTY, code="gdp", indicator="GDP", value=300.0, level="area", source="first"),
    record(area="昌 黎县", year=2022, indicator="地区 生产总值", value=305.24, source="second")
    | {"note": "preliminary", "place": "p. 3"},
    record(**COUNTY | {"year": 2021}, code="gdp", indicator="GDP", value=290.4, source="before"),
    record(**COUNTY | {"year": 2021}, code="gdp", indicator="GDP", value=290.38, source="base")
    | {"price_basis": "comparable"},
    record(area="秦皇岛市", area_code="130300", year=2022, code="gdp", value=1909.5, source="city"),
    # neither fits 80.4: the nearer one is told, from above and from below
    record(**COUNTY, indicator="固定资产投资 (不含农户)", value=79.3, source="far below"),
    record(**COUNTY, indicator="固定资产投资 (不含农户)", value=81.3, source="near above"),
    record(**COUNTY, indicator="社会消费品零售总额", value=32.0, source="whole year"),
    record(**COUNTY, indicator="户籍人口", value=56.04, unit="万人", source="police"),
    record(area="卢龙县", year=2022, indicator="地区生产总值", value=155.2, source="far above"),
    record(area="卢龙县", year=2022, indicator="地区生产总值", value=149.3, source="near below"),
    record(**COUNTY, indicator="财政收入", value=20.6, source="treasury"),
]


def test_figures_are_compared_with_the_nearest_record_of_their_place_year_and_scope():
    document = read_text(BULLETIN)
    checks = audit(document, pd.DataFrame(PUBLISHED), lang="en")
    assert checks["source"].tolist() == [
        *("second (2022; preliminary; p. 3)", "before (2021)", "city (2022)", "near above (2022)"),
        *("near below (2022)", "treasury (2022)", "police (2022)"),
    ]
    same = " (compared with another source: {}; scope, comparable prices or revision may differ)"
    said = [
        # 305.24 to its last digit; 305.15/290.45 - 1 and 305.25/290.35 - 1; 305.15/1909.55
        "sum r0 | 全县地区生产总值305.2亿元 | 3.05235e+10..3.05245e+10 consistent | "
        "昌 黎县 2022 地区 生产总值 305.24 亿元, in line with 305.2亿元",
        "growth x0/r0-1 | 增长5.1% | 0.0506111..0.0513174 consistent | 地区生产总值305.2亿元 / "
        "昌黎县 2021 GDP 290.4 亿元 - 1 = 5.09642%, in line with 5.1%",
        "share x0/r0 | 占全市地区生产总值的16.0% | 0.159802..0.159863 consistent | "
        "地区生产总值305.2亿元 / 秦皇岛市 2022  1909.5 亿元 = 15.9832%, in line with 16.0%",
        "sum r0 | 80.4亿元 | 8.125e+09..8.135e+09 inconsistent | "
        "昌黎县 2022 固定资产投资 (不含农户) 81.3 亿元, but the text says 80.4亿元",
        "sum r0 | 卢龙县地区生产总值150.0亿元 | 1.4925e+10..1.4935e+10 inconsistent | "
        "卢龙县 2022 地区生产总值 149.3 亿元, but the text says 150.0亿元",
        "sum r0 | 我县财政收入20.5亿元 | 2.055e+09..2.065e+09 consistent | "
        "昌黎县 2022 财政收入 20.6 亿元, in line with 20.5亿元",
        "sum r0 | 年末全县户籍人口56.1万人 | 560350..560450 inconsistent by less than a digit | "
        "昌黎县 2022 户籍人口 56.04 万人, but the text says 56.1万人",
    ]
    told = lines(checks, document)
    assert told == [line + same.format(s) for line, s in zip(said, checks["source"], strict=True)]


ROWS = [
    block.split("\n")
    for block in (Path(__file__).parent / "audit_rows.txt")
    .read_text(encoding="utf-8")
    .strip()
    .split("\n\n")
]


@pytest.mark.parametrize("block", ROWS, ids=range(len(ROWS)))
def test_every_check_of_a_passage_names_its_operands_and_interval(block):
    # type, formula | words | interval by hand from the last digits, verdict | sum with its operands
    document = read_text(block[0].removeprefix("# ").replace("\\n", "\n"))
    assert [f"  {line}" for line in lines(audit(document), document)] == block[1:]


@pytest.mark.parametrize("value", [1e-13, 5e-13, 1e-300, 7.4e-33])
def test_a_number_too_small_for_twelve_decimals_is_written_as_zero(value):
    assert like([value], "zh")(value) == "0"
    assert like([1.0], "zh")(value) == "0"
    assert like([value], "zh", significant=6)(value) == "0"
