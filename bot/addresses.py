"""Addresses as people tell them: a town with its village, a quarter with its building, a home by a name nobody listed.

Pure patterns over what was written; which town or home of the directory is meant is triage's business.
"""

import re

_NUMBER = "[0-9零〇一二两三四五六七八九十]"
_VILLAGE_END = (
    "行政村|自然村|新村|村|庄|寨|屯|营|洼|湾|滩|沟|堡|桥|店|塘|坡|岭|崖|峪|坝|圩|庙|铺|坊|胡同|路|街|巷|大道"
    "|社区|小区|家园|花园|新城|公寓楼|家属院"
)
_KINDS = (
    "养老院|敬老院|老年公寓|养老公寓|护理院|颐养院|养护院|福利院|幸福院|老人院|托老所|日间照料中心|照料中心|养老中心"
    "|便民服务(?:大厅|中心)|便民大厅|政务服务(?:大厅|中心)|政务大厅|民政[所办局]|居委会|村委会|颐养中心|护理中心|康养中心|康养基地|养老服务中心|颐养园|颐年院|老年院"
)
_NOT_A_VILLAGE = "(?!中心|民政|敬老|养老|卫生|政府|便民|福利|幸福|颐|护理|老年|供养)"
_STOP = "的了在是个家那这我俺你他她们住送去到从给被让把说有和跟和、，。！？；：,.!?;: \n"
_TOWN_REST = re.compile(
    rf"(?:镇|乡|街道办?|办事处|县|区)?(?:[,， ])?(?:{_NOT_A_VILLAGE}[一-龥]{{1,4}}?(?:{_VILLAGE_END})(?!{_KINDS})"
    r"|(?:街|集|镇)(?:上|里)|[一-龥]{1,5}?(?:底下?|旁边|对面|隔壁|门口|后头|后面|边上|跟前)(?:的|那个?|那)?(?:院子?|屋)?)?"
)
_BUILDING = re.compile(
    rf"(?:的|里)?(?:{_NUMBER}{{1,3}}(?:号楼|号院|栋|单元|排|号|组|队))*(?:{_NUMBER}{{1,2}}(?:楼|层))?(?:[0-9]{{2,4}}(?:室|户|号)?)?"
)
_QUARTER = re.compile(
    rf"(?:^|(?<=[{_STOP}]))[一-龥]{{2,8}}?(?:小区|家园|花园|社区|家属院)(?:{_NUMBER}{{1,3}}(?:号楼|栋|单元|号))*(?:[0-9]{{2,4}}室?)?"
)
_NICKNAME = re.compile(
    r"(?:庄|村|屯|寨|地方|地儿|这儿|那儿|大名)[^。!?]{0,14}?(?:叫|喊)(?:它|他|做|作|成)?([一-龥]{2,5})(?=$|[,。!? \n])"
)
_NAMED_HOME = re.compile(rf"([一-龥]{{2,10}}?)({_KINDS})")
_LEADS = re.compile(
    r"^(?:(?:就|都|也|又)?(?:是|在|叫|搁)|这都是?|俺们?|我们?|咱们?|那个?|这个?|一个|镇上|村里|庄上|县里?|附近|有个|老"
    r"|俺?(?:妈|爸|娘|爹|奶奶|爷爷|姥姥|姥爷|老伴|婆婆|公公)(?:住)?(?:在|搁)?)+"
)
_NO_PLACE = re.compile(
    rf"(?:{_NUMBER}|[百千万半几多来])+(?:块|元|万|平方?米?|个|斤|口|位|个?人|岁|天|年)?(?:钱|的房子)?|.*(?:块钱|万块|千块|平的|平米).*"
)


def widen_town(text: str, start: int, end: int, stop: int | None = None) -> str:
    """The town at this span with the village, street or landmark and the building that follow it (麦陇镇前郭庄), not
    beyond `stop`, where the name of a home begins.
    """
    rest = text[end : stop if stop is not None and stop >= end else len(text)]
    more = _TOWN_REST.match(rest)
    reach = more.end() if more else 0
    built = _BUILDING.match(rest, reach) if reach else None
    reach = built.end() if built else reach
    return (text[start:end] + rest[:reach]).strip(" ,，的")


def find_quarter(text: str) -> str | None:
    """A housing quarter with what follows it, or the name by which a village goes (都叫它…)."""
    hit = _QUARTER.search(text)
    if hit:
        return hit.group()
    called = _NICKNAME.search(text)
    return called.group(1) if called else None


def find_named_home(text: str) -> str | None:
    """A home that has a name of its own, known to the directory or not; the last one told."""
    found = None
    for hit in _NAMED_HOME.finditer(text):
        name = hit.group(1)
        cut = max((name.rfind(sign) for sign in _STOP), default=-1)
        name = _LEADS.sub("", name[cut + 1 :])
        if len(name) > 1:
            found = name + hit.group(2)
    return found


def can_be_spot(words: str) -> bool:
    """Whether these words may tell a place at all: no bare number, no sum, no size."""
    return not _NO_PLACE.fullmatch(words)
