"""The shape of places: what a home, a spot in a house, a street, a vague "that home in town" look like in Chinese.

Pure patterns over short texts; which home of the directory is meant is triage's business.
"""

import re

_HOME = re.compile(
    r"(?:院|中心|公寓|之家|驿站|食堂|服务站|护理站|福利所|民政所|民政局|镇政府|村委会|村委|公司|老年房|院子)$"
)
_EXACT = re.compile(
    r"楼|层|室|屋|房|床|单元|栋|病区|食堂|厨房|院子|走廊|[东西南北]头|路|街|巷|村|组|庄|寨|屯|沟|洼|湾|坡|岭|社区|小区|大门|平房|[前后东西南北]院|[0-9]{3,4}"
)
_WHEN = re.compile(r"[年月日号天周点]|星期|礼拜|早上|上午|中午|下午|晚上|夜里|刚才|以前|去年|前年|春|夏|秋|冬|节")
_BESIDE = r"(?:隔壁|对面|旁边|后头|后面|前头|前面|边上)"
_WARD = "失能|失智|半失能|自理|护理|特护|康复|认知症?|重症"
_ROOM = (
    f"(?:{_WARD}|东|西|南|北)?区|厕所|卫生间|食堂|饭厅|餐厅|厨房|灶房|走廊|过道|活动室|病房|楼梯口|大厅|阳台|水房|澡堂"
)
_RELATION = (
    "(?:正|斜)?(?:对过|对面|对门|隔壁|旁边|边上|后头|后面|后边|前头|前面|前边|跟前|门口|附近|[东西南北]边|[东西南北]头)"
)
_LANDMARKS = (
    "供销社|车站|学校|小学|中学|幼儿园|卫生院|卫生室|医院|粮[站所库]|加油站|村委会?|大队部?|镇政府|乡政府|派出所|超市|市场|集市"
    "|桥头?|路口|庙|水塔|信用社|邮局|银行|广场|公园|水库|戏台|祠堂|变电站|护士站|保安室|门卫|电梯|楼梯"
)
_LANDMARK = re.compile(
    rf"(?:(?![在是就那个这我俺从到的住搁])[一-龥]){{0,4}}?(?:{_LANDMARKS})(?:的)?{_RELATION}|(?:电梯|楼梯)(?:口|拐角)"
    r"|(?<=在)(?:[一-龥]{0,2}桥头|[一-龥]{0,3}路口)"
    rf"|(?:(?![在是就那个这我俺从到的住搁])[一-龥]){{0,2}}[庄村屯寨](?:的)?(?:{_RELATION})(?=[那这个的,。!? ]|$)"
)
"""By what stands beside it, as people of the country say where (供销社对过)."""

_ELSEWHERE = re.compile(
    r"(?:[老小][一-龥]|[他她]们?|院长|所长|书记|主任|会计|自己|自个儿?)家(?:的|里)?$|(?:盖|建|起|修|总共|一共|共|有|高)(?:了|着)?$"
)
"""A house of somebody's own, and how many floors one has: nowhere that it happened."""

_NOT_THERE = re.compile(r"比|价钱|价格|工资|单价")
_BESIDE_IT = re.compile(rf"(?:的)?{_RELATION}")
_INDOORS = re.compile(
    rf"(?:(?<=[在搁到进])|^)(?:[前后东西]院的?|[0-9一二三四五六七八九十]{{1,2}}楼的?|大门口的?)?"
    rf"(?:{_ROOM}|地下室|传达室|锅炉房|门卫室?|值班室|仓库|院子|洗衣房|储物间|[男女](?:寝|区|宿舍))(?:里头?|那边|那头)?(?=$|[,。!?])"
)
"""A room that is said to be where it is; 食堂的饭 tells no place."""

_VILLAGE = re.compile(
    r"(?:就|是|在|住|俺们?是?|我们?是?|咱){0,6}([一-龥]{1,4}(?:庄|屯|寨|营|洼|集|堡|沟|坝|圩|塘|[王李张赵刘陈杨孙马高]楼))(?:的|上|里|哩)?"
)
_SPOT = re.compile(
    r"(?:[0-9一二三四五六七八九十]{1,3}(?:号楼|栋|单元|病区|号院|区))?"
    rf"(?:(?:{_WARD})区)?(?:(?:[0-9一二三四五六七八九十]{{1,2}}|顶|底)(?:楼|层(?!小?楼))"
    r"(?:[东西南北]头|[东西南北]边|最里头|尽头|拐角|楼道)?(?:那屋|那间)?(?:[0-9零〇一二三四五六七八九]{2,4}(?:号|房|室|屋|床)?(?:间|房)?)?"
    rf"(?:{_ROOM})?"
    r"|[0-9一二三四五六七八九十]{1,2}(?:号楼|栋)(?:[0-9]{3,4}(?:室|号)?)?"
    r"|[东西南北]{1,2}(?:边|头|侧|面)?(?:的|那)?(?:一?排)?(?:平房(?:第?[一二三四五六七八九十两]间)?|大门|厢房|排房|侧门|小楼)"
    rf"|(?:后|前|东|西|南|北)院(?!长|方|里的?人)(?:{_ROOM}|平房|仓库)?"
    r"|(?:[0-9]{3,4}|[零〇一二三四五六七八九]{3,4})(?:号房间?|房间?|室|屋)"
    r"|[0-9]{1,3}号?床"
    r"|[东西南北]头(?:那屋|那间|第?[一二三四五六七八九十两]间)"
    rf"|(?:灶房|厨房|食堂|厕所|茅房|澡堂|活动室|门卫|锅炉房|仓库|楼梯口|传达室|大门){_BESIDE}(?:的|那){{0,3}}(?:间|屋|平房|小?屋|仓库|院子|楼)?"
    r"|(?<=[院心寓家])[0-9]{3}(?![0-9元块个人张万])"
    r"|[东西南北]屋)"
)
_KINDS = (
    r"(?:(?:敬老|养老|福利|幸福|互助|护理|颐养|养护|托老)院|(?:养老|老年|老人|银龄)公寓"
    r"|(?:养老|照料|托养|颐养|康养|护理)(?:服务)?中心|(?:老年|幸福|助老|长者)食堂|民政所|福利所)"
)
_OURS = r"(?:俺们?|我们?|咱们?|这|那)"
_SOME_HOME = re.compile(
    rf"(?:{_OURS}?(?:镇|村|庄|街|县|乡|屯)(?:上|里|头)?(?:的|那)?(?:个|家)?|[那这](?:个|家))?{_KINDS}"
)
_VAGUE = re.compile(
    rf"(?:{_OURS}|他们?|你们|一|某|个|家|里|的|上|头|镇|村|庄|街|县|乡|是|就|在|叫|老|{_BESIDE}|附近){{0,12}}(?:{_KINDS}|院里|院)"
)
_STREET = re.compile(
    r"(?<![一-龥])(?:就|是|在|到|住|从|沿){0,6}([一-龥]{2,4}(?:路|街|巷|胡同|大道)(?:[0-9]{1,4}号)?)"
    r"(?=[上边口的,。 南北东西]|$)"
)
_NO_STREET = re.compile(r"^(?:.{0,2}[马走半一出门道电线网水公铁逃上绕赶]路|.{0,2}[大上逛满]街|.{0,3}一条街)")
_A_SENTENCE = re.compile(r"[了过着吗呢吧没不就都还很太,。!]|老人|院长|护工|(?:我|俺|他|她)(?!们?(?:村|镇|庄|家|县|们))")
_TOWNISH = re.compile(
    r"[镇村乡庄寨屯营洼湾滩沟堡桥店集塘坡岭街路巷县区市]|社区|附近|旁边|对面|隔壁",
)


def is_home(words: str) -> bool:
    """Whether these words end like the name of a home or an office."""
    return bool(_HOME.search(words))


def is_vague(words: str) -> bool:
    """Whether a home is named by its kind alone (镇上那个敬老院), so that nobody could go there."""
    return bool(_VAGUE.fullmatch(words))


def is_spot(words: str) -> bool:
    """Whether this is a spot inside a house and nothing else (三楼东头)."""
    return bool(_SPOT.fullmatch(words) or _INDOORS.fullmatch(words))


def is_exact(words: str) -> bool:
    """Whether a spot, a street or a village is told, not a town alone."""
    return bool(_EXACT.search(words) or _LANDMARK.search(words))


def is_time(words: str) -> bool:
    """Whether these words tell a time."""
    return bool(_WHEN.search(words))


def can_be_place(words: str) -> bool:
    """Whether an answer to the question where may be a place; a sentence of the story is none."""
    return bool(_TOWNISH.search(words)) or not _A_SENTENCE.search(words)


def find_spot(text: str) -> str | None:
    """The first spot told: inside a house, beside what everybody knows, or the village alone."""
    village = _VILLAGE.fullmatch(text.strip("，。 ！"))
    inside = (hit.group() for hit in _SPOT.finditer(text) if not _ELSEWHERE.search(text[: hit.start()]))
    near = next(inside, None) or _first(_LANDMARK, text) or _first(_INDOORS, text)
    return near or (village.group(1) if village else None)


def is_compared(place: str, text: str) -> bool:
    """Whether it is only named to compare with (比超市贵)."""
    start = text.find(place)
    return bool(_NOT_THERE.search(place)) or text[:start].endswith(("比", "跟"))


def is_landmark(unit: str, text: str) -> bool:
    """Whether a unit is only named to say what is beside it (卫生院隔壁)."""
    start = text.find(unit)
    return start >= 0 and bool(_BESIDE_IT.match(text, start + len(unit)))


def find_some_home(text: str) -> str | None:
    """A home named by its kind, with what leads to it."""
    return _first(_SOME_HOME, text)


def find_street(text: str) -> str | None:
    """A street that is named."""
    hit = _STREET.search(text)
    return hit.group(1) if hit and not _NO_STREET.search(hit.group(1)) else None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    hit = pattern.search(text)
    return hit.group() if hit else None
