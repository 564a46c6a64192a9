"""The writer's own name and own door, where he gives them: an introduction, a label, a signature, an address.

Names of other people stay, for they are what the report is about; a relative named to say who is writing counts as own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from triage.entities.names import PersonWords, any_of, load_names
from triage.types import IdentifierKind

Found = tuple[int, int, IdentifierKind]

_HAN = "\u3400-\u9fff"
_STOP = r"[\s,，.。;；:：!！?？、()（）\[\]【】\"“”'’<>《》/|-]"
_NUMBER = r"[0-9一二三四五六七八九十百零〇]{1,5}"
_OWN_HOME = r"(?:我家(?:是|在|住)?|俺家(?:是|在|住)?|咱家(?:是|在|住)?|家住|家在|我住|俺住|我们住|本人住|现住|住址|地址|家庭地址|家庭住址|户籍|户口|老家|本人(?:现)?住)"
_UNIT = rf"{_NUMBER}(?:号楼|号院|幢|栋|座|楼|#楼|#)?"
_TAIL = 100
_AFTER_SIGNATURE = re.compile(
    r"(?:[\s。.,，]+|(?:[0-9二〇零一三四五六七八九十]{2,4}[年./\-])?[0-9一二三四五六七八九十]{1,3}[月./\-][0-9一二三四五六七八九十]{1,3}[日号]?"
    r"|(?:电话|手机号?码?|联系方式|联系电话|微信)?[:： ]{0,2}[0-9\- ]{7,20})\Z"
)
_DOOR = (
    rf"(?:{_NUMBER}(?:号楼|号院|幢|栋|座|#楼?|号)[ ,，\-]?)?"
    rf"(?:{_NUMBER}(?:单元|门|梯)[ ,，\-]?)?"
    rf"(?:{_NUMBER}(?:楼|层)[ ,，\-]?)?"
    rf"(?:{_NUMBER}(?:室|号房|房间|房|户|号|床|号床))"
)


def find_own_names(text: str) -> Iterator[Found]:
    """The spans of names that give the writer away."""
    for pattern in _name_patterns():
        for found in pattern.finditer(text):
            start, end = found.span("name")
            if _could_be_name(text[start:end]):
                yield start, end, IdentifierKind.REPORTER_NAME


def find_signature(text: str) -> Iterator[Found]:
    """The name at the end of a letter, with or without a role before it and a date or a phone after it."""
    end = len(text.rstrip())
    tail = text[max(0, end - _TAIL) : end]
    while (shorter := _AFTER_SIGNATURE.sub("", tail)) != tail:
        tail = shorter
    found = _signature_pattern().search(tail)
    if found and _could_be_name(found["name"]):
        start = max(0, end - _TAIL) + found.start("name")
        yield start, start + len(found["name"]), IdentifierKind.REPORTER_NAME


def find_own_doors(text: str) -> Iterator[Found]:
    """The spans of door and room numbers at which the writer can be found."""
    for pattern in _door_patterns():
        for found in pattern.finditer(text):
            start, end = found.span("door")
            if end > start:
                yield start, end, IdentifierKind.DOOR_NUMBER


def _could_be_name(name: str) -> bool:
    words = load_names().persons
    return bool(name) and name[:2] not in words.not_names


@lru_cache(maxsize=1)
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    words = load_names().persons
    name, after = _name_pattern(words), any_of(words.after_own_name)
    open_end = rf"(?={_STOP}|$|{after}|\d)"
    return tuple(
        re.compile(pattern, re.MULTILINE)
        for pattern in (
            rf"(?:我|俺|本人|鄙人|咱)(?:的)?(?:全名|真名|大名|名字|姓名|名)?(?:就|是)?(?:叫做|叫作|名叫|叫|名为)(?:个)?[:： “\"]?(?P<name>{name}){open_end}",
            rf"(?:我|俺|本人|鄙人)的?(?:全名|真名|大名|名字|姓名)(?:是|叫)?[:： “\"]?(?P<name>{name}){open_end}",
            rf"(?:我|俺|本人|鄙人|在下)(?:就是|是|系|乃)?[ ,，(（“\"]?(?P<name>{name})(?={_STOP}|$|的?(?:儿子|女儿|闺女|家属|孙子|孙女|儿媳|女婿|侄子|外甥|老伴|妻子|丈夫|爱人)|今年|现年|家住|身份证|电话|手机|男|女[,，])",
            rf"(?<!被)(?:{any_of(words.self_labels)})(?:姓名)?(?:\(签名\)|（签名）|\(签字\)|（签字）)?(?:是|为|叫)?[:： \t“\"]{{1,3}}(?P<name>[{_HAN}·]{{2,4}}?|[{_HAN}]{{2,6}}·[{_HAN}]{{2,6}}){open_end}",
            rf"(?<!被)(?:{any_of(words.self_labels)})(?P<name>{name}){open_end}",
            rf"(?:免贵|敝)?(?:我|俺|本人|免贵|敝)姓(?P<name>[{_surname_class(words)}])",
            rf"(?:市民|来电人|来访人|来电|反映人|群众|网民|网友|村民|居民|当事人|家属|本人|我是|叫我|喊我)(?P<name>[{_surname_class(words)}]{any_of(words.titles)}|[老小][{_surname_class(words)}](?=就行|就可以|吧|即可|{_STOP}))",
            rf"(?:^|[\n。.!！?？;；,， (（])(?P<name>{name})[ ,，:：(（]{{0,2}}(?:男|女|电话|手机|联系电话|联系方式|身份证号?码?|微信)?[ ,，:：(（]{{0,2}}(?=1[3-9]\d[\d \-]{{8,10}}|\d{{17}}[\dXx])",
        )
    )


def _surname_class(words: PersonWords) -> str:
    return "".join(sorted(words.surnames))


def _name_pattern(words: PersonWords) -> str:
    single = f"[{_surname_class(words)}]"
    compound = any_of(words.compound_surnames)
    return rf"(?:{compound}[{_HAN}]{{1,2}}?|{single}[ ]?[{_HAN}][ ]?[{_HAN}]??)"


@lru_cache(maxsize=1)
def _signature_pattern() -> re.Pattern[str]:
    words = load_names().persons
    return re.compile(
        rf"(?:^|[\n.。!！?？;；,，:： (（])(?:{any_of(words.sign_off_roles)}[:： ,，]{{0,3}})?"
        rf"(?P<name>{_name_pattern(words)})[ \t]{{0,4}}(?:{any_of(words.sign_off_ends)})?[)）。. ]{{0,3}}\Z"
    )


@lru_cache(maxsize=1)
def _door_patterns() -> tuple[re.Pattern[str], ...]:
    inner = rf"[{_HAN}A-Za-z0-9 ]{{0,24}}?"
    return (
        re.compile(rf"{_OWN_HOME}[:： ]?{inner}(?P<door>{_DOOR})"),
        re.compile(rf"{_OWN_HOME}[:： ]?{inner}(?P<door>\d{{1,3}}-\d{{1,2}}(?:-\d{{1,4}})?)"),
        re.compile(
            rf"(?P<door>{_NUMBER}(?:号楼|幢|栋|座|#楼?)[ ,，\-]?{_NUMBER}(?:单元|门)[ ,，\-]?{_NUMBER}(?:室|号|户|房)?)"
        ),
        re.compile(r"(?:小区|花园|家园|公寓|新村|苑|城)(?P<door>\d{1,3}-\d{1,2}-\d{2,4})"),
        re.compile(
            rf"(?:我|俺|本人)(?:就|自己|一直)?(?:住|在|的房间(?:号)?是|房间(?:号)?是?|是)[{_HAN}]{{0,12}}?(?P<door>(?:{_NUMBER}(?:楼|层)[ ]?)?{_NUMBER}(?:室|号房|房间|房|床|号床|屋)(?:{_NUMBER}号?床)?)"
        ),
    )
