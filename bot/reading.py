"""What one message says to the desk: a wish, a number, a name, a danger, and whether something is left that is told.

Pure. Triage judges what people complain of; here stands what they want of the talk itself.
"""

import re
from dataclasses import dataclass, replace

from bot.dangers import find_danger
from bot.flat import TRIM, flatten, tighten
from bot.names import find_name, name_patterns
from bot.perils import Call, find_peril, hear_calls, is_of_the_past, leave_quiet_out, leave_sayings_out
from bot.phones import PHONE, SPOKEN_PHONE, find_phone, find_tail
from bot.selves import OwnWishes, hear_wishes
from bot.words import Intent, Words
from casework.types import Danger
from triage.types import Assessment

ELSEWHERE = "out_of_scope"
NOT_COMPLAINTS = frozenset({"inquiry", ELSEWHERE})
INACTION = "inaction"
_SURE = 0.5
_TOLD, _TOLD_OF_UNIT, _TOLD_OF_OFFICES, _TOLD_IN_SCRAPS = 7, 4, 16, 16
"""So many characters make a complaint: of anything, of a unit that is named, of offices that don't act, of a unit in
words that triage can't place."""

_CODE = re.compile(r"(?<!\d)(\d{4}[-\s]?\d{4}[-\s]?\d{4}[-\s]?\d{4})(?!\d)")
_CONTACT_WORDS = re.compile(
    r"(?:你们?)?(?:可以|能)?(?:打|记|留)?(?:一下|下|个)?(?:我|俺)?(?:的)?(?:联系)?(?:电话|手机号?|号码|联系方式|微信号?)(?:号码|号)?(?:就)?(?:是|为|:|,)?"
    r"|(?:每天|平时|周末)?(?:早上|上午|中午|下午|晚上|白天|夜里)?(?:[0-9一二三四五六七八九十]{1,3}点)?(?:以后|之后|以前|之前|后|前)?(?:再)?(?:给我|给俺)?(?:打|联系)(?:我|俺|给我|就行|吧)?$"
)
_FILLERS = re.compile(
    r"^(?:嗯|哦|噢|啊|哎|唉|那|就|好|行|可以|对|是的|是|不用|不要|不){1,8}[,。]|[,。!?、~]|(?:吧|啊|呀|呢|哈|啦|嘛|了){1,8}$"
)
_CHOICE = re.compile(r"(?:我?选|第|就)?(?:第)?([1-4一二两三四])(?:个|条|项|号|种)?(?:吧|。|、|\.|那个)?")
_CHOICE_NUMBERS = {"1": 1, "2": 2, "3": 3, "4": 4, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_BRACKETED = re.compile(r"(?:\[[^\[\]]{1,8}\]|【[^【】]{1,8}】){1,64}")
_PICTOGRAMS = re.compile("[\u2190-\u2bff\u3030\u303d\ufe0f\u200d\U0001f000-\U0001faff\\s]{1,256}")
_CORRECTED = re.compile(
    r"(?:(?:不是|不在|没在|并非)[^,。?!]{1,16}?[,。 ]?(?:而?是|应该是|是在|在|应该在)"
    r"|(?:应该|应当|其实|实际|确切|准确)(?:地)?(?:说)?(?:是|在)|改成|改为|换成|更正为"
    r"|^(?:哦|噢|啊|哎|唉|哎呀|嗯)?,?(?:不对|错了|说错了|打错了|写错了|记错了|弄错了|口误|更正|搞错了)[,。!]{0,8}(?:我说的)?(?:是|在)?"
    r"|(?:说|打|写|记|弄|报|输)(?:错|岔|反)(?:了)?[,。!]{0,8}(?:不是[^,。]{1,16}[,。])?(?:是|在|应该是)?)"
)
_SPOT_END = r"(?:楼|层|室|屋|房间?|床|那间|号|院|中心|公寓|村|镇|社区|[0-9一二三四五六七八九十]月|日|天|年|[0-9]{2,4})"
_NOT_THIS = re.compile(rf"(?:是|在)?([^,。?!]{{1,12}}?{_SPOT_END}),?(?:不是|不在|可不是)[^,。?!]{{0,10}}?{_SPOT_END}?")
"""四楼不是三楼: what is right stands first."""

_LABEL = re.compile(r"^(?:就|是|在|那是|我说的是|说的是|住|叫|(?:我|俺|咱)(?=是|在|住|就)){1,8}")
_TAIL_WORDS = re.compile(r"(?:哩|咧|嘞|呀|啊|吧|那个|那边|那里|这边|的){1,8}$")
BITS, JOINED = 3, 60
"""So many of the last messages, of so many characters together, may be one cry for help in pieces."""
_FRAGMENT = 3
_BESIDE = 6
"""Fewer characters than this tell nothing; beside a wish it takes more."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message, read. `corrected` is what follows a correction's marker; `rest` is what is told beside wishes."""

    text: str
    intents: frozenset[Intent] = frozenset()
    choice: int | None = None
    phone: str | None = None
    phone_tail: str | None = None
    name: str | None = None
    code: str | None = None
    relation: str | None = None
    safe_time: str | None = None
    danger: Danger | None = None
    occasion: str = ""
    is_weak: bool = False
    calls: frozenset[Call] = frozenset()
    is_sticker: bool = False
    is_control: bool = False
    corrected: str = ""
    rest: str = ""

    def wants(self, *intents: Intent) -> bool:
        """Whether one of these wishes is in it."""
        return not self.intents.isdisjoint(intents)

    def calls_for(self, *calls: Call) -> bool:
        """Whether one of these is called for, or said of death."""
        return not self.calls.isdisjoint(calls)

    @property
    def tells(self) -> bool:
        """Whether something is told beside wishes, numbers and names."""
        if self.is_control or self.is_sticker:
            return False
        if self.rest:
            return True
        return not (self.intents or self.phone or self.phone_tail or self.name or self.code or self.safe_time)


@dataclass(frozen=True, slots=True)
class Reading:
    """A message with what triage says of it alone and of the whole story with it (None: nothing told).

    `danger` is which one triage sees with words that press, `suspected` which one triage alone sees; `complains` and
    `story_complains` say whether message and story are a complaint. `asked` is the message made flat, to look up an
    answer. Of the house it says whether somebody is in, when he will be, and which home the scanned picture names;
    `name` is the writer's own, where he gave it; `hears` says that a machine listens, `bypasses` that a written
    authority lets matters of the bureau's own leaders go past it.
    """

    said: Utterance
    message: Assessment | None = None
    story: Assessment | None = None
    danger: Danger | None = None
    suspected: Danger | None = None
    asked: str = ""
    office_open: bool = True
    opening: str = ""
    superior: str = ""
    scene_name: str | None = None
    name: str | None = None
    complains: bool = False
    story_complains: bool = False
    hears: bool = False
    bypasses: bool = False


def is_complaint(assessment: Assessment | None, text: str) -> bool:
    """Whether triage sees a complaint in these words, and there is enough of them to believe it.

    A few words of talk (说来话长) are classed as something too; a home named, or a verdict that is sure, makes it one.
    What is told of a home in scraps counts as well, where triage only can't make out what it is.
    """
    if assessment is None:
        return False
    unit = assessment.institution.text if assessment.institution else ""
    told = len(flatten(text)) - len(unit)
    sure = assessment.categories[0].score >= _SURE
    if assessment.category in NOT_COMPLAINTS:
        return bool(unit) and assessment.category == ELSEWHERE and not sure and told >= _TOLD_IN_SCRAPS
    if unit and told >= _TOLD_OF_UNIT:
        return True
    return sure and told >= (_TOLD_OF_OFFICES if assessment.category == INACTION else _TOLD)


def read_utterance(text: str, words: Words) -> Utterance:
    """Read one message by the desk's own words; never fails, whatever was typed."""
    flat = flatten(text)
    bare, tight = flat.strip(TRIM), tighten(text)
    whole = frozenset(
        intent
        for intent, patterns in words.intents.items()
        if patterns.cover(bare) or (tight != flat and patterns.cover(tight.strip(TRIM)))
    )
    joined = frozenset(i for i, patterns in words.intents.items() if tight != flat and patterns.find(tight))
    spans = {intent: found for intent, patterns in words.intents.items() if (found := patterns.find(flat))}
    own = hear_wishes(flat, words.selves)
    wishes = _wish(own) or (_wish(hear_wishes(tight, words.selves)) if tight != flat else frozenset())
    phone = find_phone(flat)
    code = _CODE.search(text)
    choice = _CHOICE.fullmatch(bare)
    corrected = _corrected(flat)
    corrects = frozenset({Intent.CORRECTION}) if corrected and _NOT_THIS.fullmatch(bare) else frozenset()
    alarm = find_peril(text, words.perils)
    told = None if alarm and alarm.is_special else find_danger(leave_quiet_out(text, words.perils), words.perils)
    return Utterance(
        text=text,
        intents=_weigh_death(whole | frozenset(spans) | joined | corrects | wishes, (flat, tight), words),
        choice=_CHOICE_NUMBERS[choice.group(1)] if choice else None,
        phone=phone,
        phone_tail=find_tail(flat) if phone is None else None,
        name=find_name(flat),
        code=re.sub(r"\D", "", code.group(1)) if code else None,
        relation=_first_group(words.relation, flat),
        safe_time=_first_group(words.safe_time, flat),
        danger=told or (alarm.danger if alarm else None),
        occasion=alarm.say if alarm and told in (None, alarm.danger) else "",
        is_weak=told is None and alarm is not None and alarm.is_weak,
        calls=hear_calls(text, words.perils),
        is_sticker=is_sticker(text),
        is_control=bool(whole) or choice is not None or not bare,
        corrected=corrected,
        rest=_without(flat, [*own.unnamed, *own.named, *(span for found in spans.values() for span in found)]),
    )


def is_sticker(text: str) -> bool:
    """Whether the message is nothing but stickers: bracketed words or pictograms."""
    bare = text.strip()
    return bool(bare) and bool(_BRACKETED.fullmatch(bare) or _PICTOGRAMS.fullmatch(bare))


def as_place(text: str) -> str:
    """An answer to the question where, without what leads up to it."""
    return _TAIL_WORDS.sub("", _LABEL.sub("", text.strip(TRIM)).strip(TRIM))


def place_in_time(said: Utterance, told: str, words: Words) -> Utterance:
    """What was said without its danger, where only its shortness says that it is now and the story is an old one."""
    old = said.is_weak and is_of_the_past(told, words.perils)
    return replace(said, danger=None, occasion="", is_weak=False) if old else said


def join_danger(said: Utterance, told: tuple[str, ...], words: Words) -> Utterance:
    """What was said with the danger that only shows when the last messages are read as one (在澡堂, 摔了, 不动了)."""
    if said.danger is not None or not said.tells or not told:
        return said
    tail = (*told[-BITS:], said.text.strip())
    if sum(map(len, tail)) > JOINED or any(find_peril(line, words.perils) for line in told[-BITS:]):
        return said
    alarm = find_peril("，".join(tail), words.perils)
    strong = alarm is not None and not alarm.is_weak
    return replace(said, danger=alarm.danger, occasion=alarm.say) if alarm and strong else said


def _wish(own: OwnWishes) -> frozenset[Intent]:
    """What is wanted done with the name; 匿名 said later takes the number back too, 别写我名 doesn't."""
    wishes = {Intent.ANONYMOUS} if own.unnamed else {Intent.REAL_NAME} if own.named else set()
    wishes |= {Intent.NAME_HIDDEN} if own.unnamed and not own.is_whole else set()
    wishes |= {Intent.SECRECY} if own.is_secret else set()
    wishes |= {Intent.FEAR} if own.asks_secrecy else {Intent.REAL_NAME_QUESTION} if own.asks_name else set()
    return frozenset(wishes)


def _weigh_death(intents: frozenset[Intent], ways: tuple[str, ...], words: Words) -> frozenset[Intent]:
    """Talk of death that is a saying in anger (气得我想死), or of another's wish, is no wish of the writer's own."""
    own = any(words.intents[Intent.SELF_HARM].find(leave_sayings_out(way, words.perils)) for way in ways)
    return intents | {Intent.SELF_HARM} if own else intents - {Intent.SELF_HARM}


def _first_group(patterns: tuple[re.Pattern[str], ...], flat: str) -> str | None:
    for pattern in patterns:
        hit = pattern.search(flat)
        if hit and hit.group(1):
            return hit.group(1)
    return None


def _corrected(flat: str) -> str:
    turned = _NOT_THIS.fullmatch(flat.strip(TRIM))
    if turned:
        return turned.group(1)
    hits = list(_CORRECTED.finditer(flat))
    return flat[hits[-1].end() :].strip(TRIM) if hits else ""


def _without(flat: str, spans: list[tuple[int, int]]) -> str:
    """What is told beside wishes, numbers, names and small words; too little of it tells nothing."""
    if _CORRECTED.search(flat) or _NOT_THIS.fullmatch(flat.strip(TRIM)):
        spans = []
    kept = "".join(sign for place, sign in enumerate(flat) if not any(start <= place < end for start, end in spans))
    for pattern in (*name_patterns(), SPOKEN_PHONE, PHONE, _CODE, _CONTACT_WORDS, _FILLERS):
        kept = pattern.sub("", kept)
    left = kept.strip(TRIM)
    return left if len(left) >= (_BESIDE if spans else _FRAGMENT) else ""
