"""How the writer may be reached: telephone numbers as people say them, in figures or in words, in groups, corrected.

Pure; everything here works on flattened words (`bot.flat`) and on nobody's number but the writer's own.
"""

import re

from triage.entities.numbers import SPELLED_DIGITS

_SPOKEN = "".join(SPELLED_DIGITS)
_DIGITS = str.maketrans(SPELLED_DIGITS)
PHONE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9}|\(?0\d{2,3}\)?-?\d{7,8}|(?<=[话码机打是:])[2-8]\d{6,7})(?!\d)")
SPOKEN_PHONE = re.compile(
    rf"(?<![{_SPOKEN}\d])[一幺壹1](?:[-‐–—·.,、\s]{{0,2}}[{_SPOKEN}\d]){{10}}(?![-‐–—·.\s]?[{_SPOKEN}\d])"
)
"""Eleven digits, spoken or written, in groups as one likes."""

_SEPARATORS = re.compile(r"[-‐–—·.,、\s]")
_BETWEEN_DIGITS = re.compile(
    rf"(?<=[\d{_SPOKEN}])[-‐–—·.\s]{{1,8}}(?=[\d{_SPOKEN}])|(?<=\b1\d\d)[,、](?=\d{{4}}[,、]\d{{4}})|(?<=\d{{4}})[,、](?=\d{{4}}(?!\d))"
)
_TAIL = re.compile(
    r"(?:尾号|最后|末尾|后面?|后头)(?:[一二两俩三四1-4])?(?:位|个)?(?:数字?|号码?)?(?:打|写|记|说|弄)?(?:反|错|岔)?了?,?"
    r"(?:应该|应当)?(?:是|改成|为)?(\d{2,4})(?![\d号日月年点天块元个楼次])"
)
_OTHERS = re.compile(
    r"(?:他|她|他们|对方|骗子|护工|院里|院长|公司|老板|业务员|客服|那边|人家|所里|经理)(?:的|留的|给的|用的|打来的|打过来的)?(?:电话|手机|号码|号){0,2}(?:是|:)?$|(?:叫|让|骗)(?:我|俺|我们|老人)?(?:往|给|打)[^,。]{0,4}$"
)
_CONTACT_TOLD = re.compile(
    r"[,，。 ]?(?:请|可以)?(?:打|回|联系)?(?:我|俺)?(?:的|哩)?(?:联系)?(?:电话|手机号?|号码|联系方式)?[是为:：]?\s?"
    r"(?<![0-9])1[3-9][0-9](?:[- ]?[0-9]){8}(?![0-9])"
)
_DEAD = re.compile(
    "[,。 ]?(?:这个|那个|这号)?(?:已经|早就|都)?(?:停机|停了|欠费|不用了|不能用|打不通|打不了|丢了|坏了|换了|注销)"
)
_PAYS = re.compile(
    "(?:这个号)?(?:里|上)?(?:打|转|汇|充|存|付)(?:[钱款账]|过去|了?[0-9一二三四五六七八九十百千万]{1,6}[块元万])"
)
"""Money was to go there: no number of his own."""


def blank_contact(text: str) -> str:
    """The text without how to reach the writer, of equal length: a number beside a complaint is no part of it."""
    return _CONTACT_TOLD.sub(lambda hit: "，" + " " * (len(hit.group()) - 1), text)


def find_phone(flat: str) -> str | None:
    """The last number that isn't somebody else's; spoken digits (幺五四…) count."""
    spoken = SPOKEN_PHONE.sub(lambda hit: _SEPARATORS.sub("", hit.group()).translate(_DIGITS), flat)
    spoken = _BETWEEN_DIGITS.sub("", spoken)
    own = [hit for hit in PHONE.finditer(spoken) if not _is_no_use(spoken, hit)]
    if not own:
        return None
    number, tail = re.sub(r"[-()]", "", own[-1].group(1)), _TAIL.search(spoken, own[-1].end())
    return number[: -len(tail.group(1))] + tail.group(1) if tail else number


def find_tail(flat: str) -> str | None:
    """The last figures of a number, told by themselves (最后两位是81)."""
    hit = _TAIL.search(flat)
    return hit.group(1) if hit else None


def _is_no_use(spoken: str, hit: re.Match[str]) -> bool:
    """A number that is somebody else's, or one that nobody can be reached at."""
    after = _DEAD.match(spoken, hit.end()) or _PAYS.match(spoken, hit.end())
    return bool(_OTHERS.search(spoken[: hit.start()]) or after)


def speak_digits(flat: str) -> str:
    """Spoken digits as figures (幺五四 is 154)."""
    return flat.translate(_DIGITS)
