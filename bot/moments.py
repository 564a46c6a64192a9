"""When something happened, in the words that triage leaves out or cuts short: seasons, festivals, lengths of time.

Pure; the words are kept as they were said, which day they mean is for whoever reads them.
"""

import re

_TERMS = (
    "立春|雨水|惊蛰|春分|清明|谷雨|立夏|小满|芒种|夏至|小暑|大暑|立秋|处暑|白露|秋分|寒露|霜降|立冬|小雪|大雪|冬至|小寒|大寒"
    "|(?:头|中|末|三)伏天?|麦收|收麦|割麦|过麦|麦口|秋收|收秋|年根(?:底下)?|年底|年初|年前|年后|过年|春节|元宵节?|正月|端午节?"
    "|七夕|中秋节?|八月十五|重阳节?|国庆节?|五一|元旦|清明节?|腊月|春上|开春|入春|入夏|入秋|入冬|打上冻|上冻|今春|今夏|今秋|今冬"
)
_AROUND = "(?:那阵(?:子|儿)?|那会儿|那时候|那几天|那两天|那天|前后|左右|时候|前|后|以来|起)"
_NUMBER = "[0-9零〇一二两三四五六七八九十半几]"
_LENGTH = (
    rf"(?:有|快|都|足足|整整|将近|差不多)?{_NUMBER}{{1,4}}(?:来|多)?(?:个)?(?:半)?(?:多)?(?:月|年|天|星期|礼拜|周)(?:半)?(?:多)?"
    rf"(?:零{_NUMBER}{{1,2}}个?(?:多)?月)?"
)
_WEEKDAY = "(?:上上?个?|这个?|本)?(?:周|星期|礼拜)[一二三四五六日天](?:早上|上午|中午|晌午|下午|晚上|夜里)?"
_DAY = "今天|今儿个?|昨天|昨儿个?|前天|前儿个?|大前天|夜儿个?"
_PART = "凌晨|清早|早上|上午|中午|晌午|下午|后晌|傍晚|晚上|夜里|半夜"
_OWN = (
    re.compile(
        rf"(?:去年|今年|前年|大前年|头年)?(?:{_TERMS}){_AROUND}?(?![^,。!? ]{{0,5}}(?:给|发|退|还钱|再|结清|付))"
    ),
    re.compile(rf"(?:{_DAY})?(?:{_PART})?{_NUMBER}{{1,3}}点(?:半|多|来钟|多钟|钟)?"),
    re.compile(rf"(?:{_DAY})(?:{_PART})?"),
    re.compile(rf"{_LENGTH}(?=了|没|不|都|还|以前|之前|[一-龥]{{1,2}}了|$|[,。!? ])"),
    re.compile(_WEEKDAY),
)
_LATER_HEARD = re.compile(r"[^,。!? ]{0,16}?才(?:跟|和|对|告诉|知道|听说|晓得|发现)[^,。!? ]{0,8}[,。!? ]?")
_FEE = re.compile(
    r"[,， ]?(?:收|交|要|给|发|领|拿|挣|该|得|花|扣|就|才|只)?[0-9一二三四五六七八九两几]+(?:百|千|万|块|元|[0-9])"
)
_BARE_MONTH = re.compile("(?:每|[一1])个?月")
_VAGUE = frozenset({"现在", "到现在", "如今", "眼下", "这会儿", "目前", "冬", "夏", "春", "秋", "时候"})
_BEFORE = re.compile(r"(?:每个?|打从|打|从|自从|自)$")
_AFTER = re.compile(
    r"(?:份|里(?![面头])|初[一二三四五六七八九十]|的?那?(?:几|两|一)?天|(?:的)?那阵(?:子|儿)?|(?:的)?那会儿|(?:的)?时候|前后|左右|[以之]前|[以之过]后|前(?![年天后头面院台门边任几])|后(?![年天来勤院头面边厨]))?"
    r"(?:(?:[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])(?:号|日)?(?![0-9一二三四五六七八九十个多来块元点百千万直样般起次回])|[0-9]{1,2}(?:号|日))?"
    r"(?:早上|上午|中午|晌午|下午|晚上|夜里|凌晨)?(?:的)?(?:[0-9一二两三四五六七八九十]{1,3}点(?:半|多|来钟|多钟|钟)?)?"
    r"(?:就?(?:到|至)(?:现在|如今|今天|今))?"
)
_TODAY = re.compile("今天|今儿个?|今日")
_UNTIL = re.compile("(?:到|至|截止|截至|直到)$")
_YEAR = re.compile("(?:[0-9]{4}|[零〇一二三四五六七八九]{4})年|去年|前年|大前年|头年|往年|上年")
_COMPARED = re.compile("(?:比|跟|和|较|不如|不像|像)$")
_OTHERWISE = re.compile(
    "(?:的时候|那会儿|那时候)?(?:还(?:是|好|行|能|有)|没这么|不这样|不是这样|(?:才|只|就)(?:是|要|收|交)?[0-9一二三四五六七八九])"
)
"""A year that is told for comparison: things were otherwise then."""

_MADE = re.compile("(?:生产|出厂|制造|造|产|印|装|建|盖|修|购置|置办|买)[^,，。!\n]{0,3}(?:的|[,，。!\n]|$)")
_OF_A_THING = re.compile(
    "的(?:$|[,，。!\n]|(?:老|旧)?(?:灭火器|消防栓|锅炉|电梯|合同|协议|车|设备|床|冰箱|楼|房子?|空调|管子|药|米|面|油|货|证|标准|价))"
)
_THING = re.compile("[^,，。!\n]{2,16}?(?:也|都|还|就|可)?是$")
_OF_MATTER = re.compile("事|[那这]次|[那这]回|[我俺他她]|发生|出的|[打骂摔]")
_MONTH_MORE = re.compile("月(?:里|份|初|底|[上中下]旬)?")
_MONTH = re.compile(
    "(?:去年|今年|前年|大前年|头年)?(?:[一二三四五六七八九十]{1,2}|1[0-2]|[1-9]|正|腊|冬)月(?:份|里|初|底|[上中下]旬)?"
)
_ENDS = re.compile(r"(?:了|没|都|不|的)+$")


def find_moment(text: str, known: tuple[int, int] | None) -> str | None:
    """The best telling of when: what triage found at `known`, as far as it was said; else by the words here.

    Who says that he was told only today (今天中午才跟我说，是礼拜天的事) tells of what comes after.
    """
    heard = _LATER_HEARD.search(text)
    if heard is not None and (known is None or heard.start() <= known[0] < heard.end()):
        later = _find_own(text[heard.end() :])
        if later is not None:
            return later
    if known is not None and _is_no_date(text, known):
        return _find_own(text) or _find_month(text)
    if known is not None and not _is_fee(text, known):
        whole = _widen(text, *known)
        own = _find_own(text) if whole in _VAGUE else None
        return own or whole
    return _find_own(text)


def _find_own(text: str) -> str | None:
    for pattern in _OWN:
        for hit in pattern.finditer(text):
            if not (_is_fee(text, hit.span()) or _is_no_date(text, hit.span())):
                return _ENDS.sub("", hit.group())
    return None


def _find_month(text: str) -> str | None:
    hits = (hit for hit in _MONTH.finditer(text) if not _is_fee(text, hit.span()))
    return next((hit.group() for hit in hits), None)


def _is_no_date(text: str, span: tuple[int, int]) -> bool:
    """The moment of the talk (到今天没退), a year to compare with (比去年贵), the year of a thing."""
    told, before, after = text[slice(*span)], text[: span[0]], text[span[1] :]
    if _TODAY.fullmatch(told):
        return bool(_UNTIL.search(before)) or after.startswith("为止")
    if not _YEAR.fullmatch(told):
        return False
    thing = _THING.search(before)
    is_thing = bool(_OF_A_THING.match(after)) and (after[1:2] not in ("", *",，。!\n") or _is_of_thing(thing))
    return bool(_COMPARED.search(before) or _OTHERWISE.match(after) or _MADE.match(after)) or is_thing


def _is_of_thing(subject: re.Match[str] | None) -> bool:
    return subject is not None and not _OF_MATTER.search(subject.group())


def _is_fee(text: str, span: tuple[int, int]) -> bool:
    """一月收一千二 tells what is paid, not when."""
    return bool(_BARE_MONTH.fullmatch(text[slice(*span)])) and bool(_FEE.match(text, span[1]))


def _widen(text: str, start: int, end: int) -> str:
    before = _BEFORE.search(text[:start])
    after = _AFTER.match(text, end)
    more = _MONTH_MORE.match(text, end) if text[end - 1 : end] in "一二三四五六七八九十" else None
    stop = more.end() if more else after.end() if after else end
    first = before.start() if before and before.group().startswith("每") else start
    return _ENDS.sub("", text[first:stop]).strip("，,。 ") or text[start:end]
