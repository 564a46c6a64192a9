"""The writer's own name, where he gives it: an introduction, a label, a signature, a name beside his own number.

Names of other people stay, for they are what the report is about; a relative named to say who is writing counts as own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from triage.entities.names import PersonWords, any_of, load_names
from triage.matching import Finder
from triage.types import IdentifierKind

Found = tuple[int, int, IdentifierKind]
Gated = tuple[str, tuple[str, ...]]

_HAN = "\u3400-\u9fff"
_STOP = r"[\s,，.。;；:：!！?？、()（）\[\]【】\"“”'’<>《》/|\-]"
_SELF = r"(?:我|俺|本人|鄙人|咱|在下)"
_SELVES = ("我", "俺", "本人", "鄙人", "咱", "在下")
_CALLS = ("叫", "名为")
_CALLED = r"(?:就|是|也)?(?:叫做|叫作|名叫|叫|名为)个?[:： “\"]?"
_KIN = (
    r"的?亲?(?:儿子|女儿|闺女|家属|孙子|孙女|儿媳妇?|女婿|侄子|侄女|外甥女?|老伴|妻子|丈夫|爱人|妹妹|姐姐|弟弟|哥哥"
    r"|大爷|大娘|老乡)"
)
_ROLE_OF_SELF = (
    r"(?:护工|护理员|护士|会计|出纳|厨师|保洁|保安|门卫|职工|员工|志愿者|义工|住户|村民|居民|党员|教师|家属|邻居|大夫"
    r"|医生|司机)"
)
_NO_GIVEN_NAME = "他她它们来去了着过不都就也还没什么你您咱一个人送拉接给上下车医救护大家谁"
_NOT_GIVEN = re.compile("[谢他她它们了着过不都就也还没您咱送拉接给到查是的吗呢吧啊在]")
_ROLE_TAIL = r"(?:老人)?(?:家属|村民|职工|党员|居民|住户|护工|护理员|老兵|教师|院民|业主)"
_DATE = (
    r"(?:(?:(?:19|20|二[〇零])?[0-9〇零一二三四五六七八九]{2}[年./\-])?"
    r"[0-9一二三四五六七八九十]{1,3}[月./\-][0-9一二三四五六七八九十]{1,3}[日号]?"
    r"|(?:20|二[〇零])?[0-9〇零一二三四五六七八九]{2}年(?:[0-9一二三四五六七八九十]{1,3}月)?)"
)
_DIGIT = "[0-9零幺一二三四五六七八九]"
_NUMBER = rf"(?:联系)?(?:电话|手机|方式|微信)?号?码?[:： (（]{{0,2}}\+?{_DIGIT}(?:[\- ]{{0,2}}{_DIGIT}){{6,14}}[)）]?"
_DATE_OR_NUMBER = re.compile(rf"(?:{_DATE}|{_NUMBER})\Z")
_BLANK = re.compile(r"[\s。.,，]")
_END_OF_NUMBER = re.compile(r"[0-9零〇幺一二三四五六七八九十年月日号)）]")
_TAIL, _MOST_AFTER_SIGNATURE = 100, 40


def find_own_names(text: str) -> Iterator[Found]:
    """The spans of a plain view that name the writer."""
    finder, patterns = _name_patterns()
    told = {finder.words[number] for number, _, _ in finder.find(text)}
    for pattern, needed in patterns:
        for found in pattern.finditer(text) if not needed.isdisjoint(told) else ():
            start, end = found.span("name")
            if _could_be_name(text[start:end]):
                yield start, end, IdentifierKind.REPORTER_NAME
    yield from _signature(text)


def _signature(text: str) -> Iterator[Found]:
    """The name at the end of a letter, with or without a role before it and a date or a phone after it."""
    end = len(text.rstrip())
    offset = max(0, end - _TAIL)
    tail = _without_ending(text[offset:end])
    found = _signature_pattern().search(tail)
    if found and _could_be_name(found["name"]):
        yield offset + found.start("name"), offset + found.end("name"), IdentifierKind.REPORTER_NAME


def _without_ending(tail: str) -> str:
    """The end of a text without the date, the phone and the signs behind a signature."""
    for _ in range(_MOST_AFTER_SIGNATURE):
        if _BLANK.match(tail[-1:]):
            tail = tail[:-1]
            continue
        shorter = _DATE_OR_NUMBER.sub("", tail) if _END_OF_NUMBER.match(tail[-1:]) else tail
        if shorter == tail:
            break
        tail = shorter
    return tail


def _could_be_name(name: str) -> bool:
    return bool(name) and name[:2] not in load_names().persons.not_names and _NOT_GIVEN.search(name, 1) is None


@lru_cache(maxsize=1)
def _name_patterns() -> tuple[Finder, tuple[tuple[re.Pattern[str], frozenset[str]], ...]]:
    """Each pattern with words of which a text must hold one before it is worth trying, and a finder of all of them."""
    words = load_names().persons
    patterns = (*_introductions(words), *_labels(words), *_callers(words), *_beside_number(words))
    finder = Finder(word for _, needed in patterns for word in needed)
    return finder, tuple((re.compile(pattern, re.MULTILINE), frozenset(needed)) for pattern, needed in patterns)


def _introductions(words: PersonWords) -> Iterator[Gated]:
    """我叫X; 我的名字是X; 我是X, (的儿子); 我姓X; 姓X,叫X."""
    name, surname = _name(words), _surname(words)
    after = rf"(?={_STOP}|$|\d|{any_of(words.after_own_name)})"
    title, given = r"(?:全名|真名|大名|名字|姓名)", rf"[^\W\d_{_NO_GIVEN_NAME}]"
    yield rf"{_SELF}的?(?:{title}|名)?{_CALLED}(?P<name>{name}){after}", _CALLS
    yield rf"{_SELF}的?(?:名字|姓名)?{_CALLED}(?P<name>[{surname}]{given}{given})", _CALLS
    yield rf"{_SELF}的?{title}(?:是|为)?[:： “\"]?(?P<name>{name}){after}", ("名",)
    yield (
        (
            rf"{_SELF}(?:就是|是|系|乃)?[ ,，:：(（“\"]{{0,2}}(?P<name>{name})"
            rf"(?={_STOP}|$|{_KIN}|今年|现年|家住|身份证|电话|手机|反映|举报|投诉|男|女[,，])"
        ),
        _SELVES,
    )
    role = rf"[{_HAN}]{{0,8}}?(?:{_ROLE_OF_SELF}|{_KIN})[ :：]?"
    yield rf"{_SELF}(?:是|系){role}(?P<name>{name})(?={_STOP}|$)", ("我是", "我系", "俺是", "人是", "人系")
    yield rf"^[ \t]{{0,4}}(?P<name>{name})[,，、 (（]{{1,2}}[男女](?={_STOP})", ("男", "女")
    yield rf"\d{{4}}[^\n。]{{0,14}}[找寻](?P<name>{name})(?={_STOP}|$)", ("找", "寻")
    yield rf"姓[{surname}][,， ]{{0,2}}{_SELF}?{_CALLED}(?P<name>{name}){after}", ("姓",)
    yield rf"(?:{_SELF}|免贵|敝)姓(?P<name>[{surname}])", ("姓",)


def _labels(words: PersonWords) -> Iterator[Gated]:
    """举报人:X, 姓名 X, 家属:X; never 被举报人."""
    label, after = any_of(words.self_labels), rf"(?={_STOP}|$|\d|{any_of(words.after_own_name)})"
    foreign = rf"[{_HAN}]{{1,6}}·[{_HAN}]{{1,6}}"
    yield (
        (
            rf"(?<!被){label}(?:姓名)?(?:[(（]签[名字][)）])?(?:是|为|叫)?[:： \t“\"]{{1,3}}"
            rf"(?P<name>{foreign}|[{_HAN}]{{2,4}}?){after}"
        ),
        words.self_labels,
    )
    yield rf"(?<!被){label}(?P<name>{_name(words)}){after}", words.self_labels
    yield rf"(?:^|{_STOP}){any_of(words.sign_off_roles)}[:：][ \t]?(?P<name>{_name(words)}){after}", (":",)


def _callers(words: PersonWords) -> Iterator[Gated]:
    """What a telephone clerk writes: 来电人X女士, 市民X先生; and 叫我老X就行."""
    surname = _surname(words)
    caller = r"(?:市民|来电人|来访人|来电|反映人|群众|网民|网友|村民|居民|当事人|家属|本人|我是)"
    yield rf"{caller}(?P<name>[{surname}][{_HAN}]{{0,2}}?{any_of(words.titles)})", words.titles
    elder = "(?:姐|哥|姨|叔|婶|大爷|大娘|阿姨|师傅|老师)"
    called = r"(?:叫我|喊我|找我|联系人|我是|我就是)(?:叫)?[:： ]?"
    yield rf"{called}(?P<name>[老小][{surname}]|[{surname}]{elder})", ("我", "联系人")


def _beside_number(words: PersonWords) -> Iterator[Gated]:
    """A name right before a telephone or ID number; after a post (院长X 154...) it is somebody else's."""
    between = r"[ ,，:：(（]{0,2}(?:男|女|联系电话|联系方式|电话|手机号?|身份证号?码?|微信)?[ ,，:：(（]{0,2}"
    number = r"(?=1[3-9]\d[\d \-]{8,10}|\d{17}[\dXx])"
    yield rf"(?:^|{_STOP})(?P<name>{_name(words)}){between}{number}", ("1", "2", "3", "4", "5", "6")


@lru_cache(maxsize=1)
def _signature_pattern() -> re.Pattern[str]:
    words = load_names().persons
    role = rf"(?:{any_of(words.sign_off_roles)}|[{_HAN}]{{0,8}}{_ROLE_TAIL})[:： ,，]{{0,3}}"
    ending = rf"[ \t]{{0,4}}{any_of(words.sign_off_ends)}?[)）。. ]{{0,3}}"
    return re.compile(rf"(?:^|{_STOP})(?:{role})?(?P<name>{_name(words)}){ending}\Z")


def _surname(words: PersonWords) -> str:
    return "".join(sorted(words.surnames))


def _name(words: PersonWords) -> str:
    single = rf"[{_surname(words)}] ?[{_HAN}](?: ?[{_HAN}])??"
    return rf"(?:{any_of(words.compound_surnames)}[{_HAN}]{{1,2}}?|{single})"
