"""What one message says to the desk: a wish, a number, a name, a danger, and whether something is left that is told.

Pure. Triage judges what people complain of; here stands what they want of the talk itself.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.perils import Call, find_peril, hear_calls, is_of_the_past, leave_quiet_out, leave_sayings_out
from bot.words import Intent, Words
from casework.types import Danger
from intake.screening import RARE_SURNAMES
from triage.entities.names import load_names
from triage.types import Assessment, IdentifierKind

NOT_COMPLAINTS = frozenset({"inquiry", "out_of_scope"})
INACTION = "inaction"
_SURE = 0.5
_TOLD, _TOLD_OF_UNIT, _TOLD_OF_OFFICES = 7, 4, 16
"""So many characters make a complaint: of anything, of a unit that is named, of offices that don't act."""

_SPOKEN = "零〇洞一幺二两三四五六七拐八九勾壹贰叁肆伍陆柒捌玖"
_DIGITS = str.maketrans(_SPOKEN, "0001122345677899123456789")
_TRIM = "。.!！?？,，、~～…:：;；\"'“”‘’()（）[]【】 "
_PHONE = re.compile(r"(?<!\d)(?:\+?86)?(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|(?<=[话码机打是:])[2-8]\d{6,7})(?!\d)")
_SPOKEN_PHONE = re.compile(
    rf"(?<![{_SPOKEN}\d])[一幺壹1](?:[-‐–—·.,、\s]{{0,2}}[{_SPOKEN}\d]){{10}}(?![-‐–—·.\s]?[{_SPOKEN}\d])"
)
"""Eleven digits, spoken or written, in groups as one likes."""

_BREATH = re.compile(r"(?<=[一-龥])\s{1,8}(?=[一-龥])")
"""Whoever types without signs puts a space where he draws breath."""

_SEPARATORS = re.compile(r"[-‐–—·.,、\s]")
_BETWEEN_DIGITS = re.compile(
    rf"(?<=[\d{_SPOKEN}])[-‐–—·.\s]{{1,8}}(?=[\d{_SPOKEN}])|(?<=\b1\d\d)[,、](?=\d{{4}}[,、]\d{{4}})|(?<=\d{{4}})[,、](?=\d{{4}}(?!\d))"
)
_TAIL = re.compile(
    r"(?:尾号|最后|末尾|后面?|后头)(?:[一二两俩三四1-4])?(?:位|个)?(?:数字?|号码?)?(?:打|写|记|说|弄)?(?:反|错|岔)?了?,?"
    r"(?:应该|应当)?(?:是|改成|为)?(\d{2,4})(?![\d号日月年点天块元个楼次])"
)
_CODE = re.compile(r"(?<!\d)(\d{4}[-\s]?\d{4}[-\s]?\d{4}[-\s]?\d{4})(?!\d)")
_OTHERS = re.compile(
    r"(?:他|她|他们|对方|骗子|护工|院里|院长|公司|老板|业务员|客服|那边|人家|所里|经理)(?:的|留的|给的|用的)?(?:电话|手机|号码|号)?(?:是|:)?$"
)
_CONTACT_TOLD = re.compile(
    r"[,，。 ]?(?:请|可以)?(?:打|回|联系)?(?:我|俺)?(?:的|哩)?(?:联系)?(?:电话|手机号?|号码|联系方式)?[是为:：]?\s?"
    r"(?<![0-9])1[3-9][0-9](?:[- ]?[0-9]){8}(?![0-9])"
)
_DEAD = re.compile(
    "[,。 ]?(?:这个|那个|这号)?(?:已经|早就|都)?(?:停机|停了|欠费|不用了|不能用|打不通|打不了|丢了|坏了|换了|注销)"
)
_ENDS_NAME = r"(?=$|[,。!;、.:]|电话|手机|联系|住|今年|1\d|0\d)"
_NEVER_CALLED = r"[啥什甭谁哪名他她它你您不没了过来去救护院医保大车天苦屈冤得警急孩儿女老人爹娘爸妈半几两三]|护工|院长"
_NOT_A_NAME = re.compile(
    r"血压|血糖|[庄屯营洼镇村乡县市区院局所的人事楼]$|^(?:马上|高龄|常年|万一|方便|于是|时候|应该|安全|金额|全家|全部|都是)"
)
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
    `name` is the writer's own, where he gave it; `hears` says that a machine listens to recordings.
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


def is_complaint(assessment: Assessment | None, text: str) -> bool:
    """Whether triage sees a complaint in these words, and there is enough of them to believe it.

    A few words of talk (说来话长) are classed as something too; a home named, or a verdict that is sure, makes it one.
    """
    if assessment is None or assessment.category in NOT_COMPLAINTS:
        return False
    unit = assessment.institution.text if assessment.institution else ""
    told = len(flatten(text)) - len(unit)
    if unit and told >= _TOLD_OF_UNIT:
        return True
    sure = assessment.categories[0].score >= _SURE
    return sure and told >= (_TOLD_OF_OFFICES if assessment.category == INACTION else _TOLD)


def read_utterance(text: str, words: Words) -> Utterance:
    """Read one message by the desk's own words; never fails, whatever was typed."""
    flat = flatten(text)
    bare, tight = flat.strip(_TRIM), _tighten(text)
    whole = frozenset(
        intent
        for intent, patterns in words.intents.items()
        if patterns.cover(bare) or (tight != flat and patterns.cover(tight.strip(_TRIM)))
    )
    joined = frozenset(i for i, patterns in words.intents.items() if tight != flat and patterns.find(tight))
    spans = {intent: found for intent, patterns in words.intents.items() if (found := patterns.find(flat))}
    phone = _find_phone(flat)
    code = _CODE.search(text)
    choice = _CHOICE.fullmatch(bare)
    corrected = _corrected(flat)
    corrects = frozenset({Intent.CORRECTION}) if corrected and _NOT_THIS.fullmatch(bare) else frozenset()
    alarm = find_peril(text, words.perils)
    told = None if alarm and alarm.is_special else _find_danger(leave_quiet_out(text, words.perils), words)
    return Utterance(
        text=text,
        intents=_weigh_death(whole | frozenset(spans) | joined | corrects, (flat, tight), words),
        choice=_CHOICE_NUMBERS[choice.group(1)] if choice else None,
        phone=phone,
        phone_tail=_first_group((_TAIL,), flat) if phone is None else None,
        name=_first_name(flat),
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
        rest=_without(flat, [span for found in spans.values() for span in found]),
    )


def flatten(text: str) -> str:
    """Half-width signs, small letters, a comma for a space between words: only for matching, never stored."""
    return _tighten(_BREATH.sub(",", unicodedata.normalize("NFKC", text).strip()))


def _tighten(text: str) -> str:
    """The same without any space, for wishes that are said with a space in their midst (让你们领导 来接电话)."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def is_sticker(text: str) -> bool:
    """Whether the message is nothing but stickers: bracketed words or pictograms."""
    bare = text.strip()
    return bool(bare) and bool(_BRACKETED.fullmatch(bare) or _PICTOGRAMS.fullmatch(bare))


def as_place(text: str) -> str:
    """An answer to the question where, without what leads up to it."""
    return _TAIL_WORDS.sub("", _LABEL.sub("", text.strip(_TRIM)).strip(_TRIM))


def blank_contact(text: str) -> str:
    """The text without how to reach the writer, of equal length: a number beside a complaint is no part of it."""
    return _CONTACT_TOLD.sub(lambda hit: "，" + " " * (len(hit.group()) - 1), text)


def own_name(assessment: Assessment | None) -> str | None:
    """The writer's own name, as triage found it."""
    if assessment is None:
        return None
    names = [found.text for found in assessment.identifiers if found.kind is IdentifierKind.REPORTER_NAME]
    return names[-1] if names else None


def is_no_name(words: str) -> bool:
    """Whether what looks like a name is a place, an illness, a turn of speech."""
    return bool(_NOT_A_NAME.search(words))


def _find_phone(flat: str) -> str | None:
    """The last number that isn't somebody else's; spoken digits (幺五四…) count."""
    spoken = _SPOKEN_PHONE.sub(lambda hit: _SEPARATORS.sub("", hit.group()).translate(_DIGITS), flat)
    spoken = _BETWEEN_DIGITS.sub("", spoken)
    own = [hit for hit in _PHONE.finditer(spoken) if not _is_no_use(spoken, hit)]
    return own[-1].group(1).replace("-", "") if own else None


def _is_no_use(spoken: str, hit: re.Match[str]) -> bool:
    """A number that is somebody else's, or one that nobody can be reached at."""
    return bool(_OTHERS.search(spoken[: hit.start()]) or _DEAD.match(spoken, hit.end()))


def speak_digits(flat: str) -> str:
    """Spoken digits as figures (幺五四 is 154)."""
    return flat.translate(_DIGITS)


def _first_name(flat: str) -> str | None:
    for pattern in _name_patterns():
        hit = pattern.search(flat)
        if hit and not _NOT_A_NAME.search(hit.group(1)):
            return hit.group(1)
    return None


@lru_cache(maxsize=1)
def _name_patterns() -> tuple[re.Pattern[str], ...]:
    """How people give their own name; every one begins with a surname that triage knows."""
    known = load_names().persons
    single = "".join(sorted({name for name in known.surnames if len(name) == 1} | RARE_SURNAMES))
    surname = rf"(?:{'|'.join(known.compound_surnames)}|[{single}])"
    full = rf"{surname}[一-龥]{{1,2}}"
    kin = "闺女|儿子|女儿|儿媳妇?|孙女|孙子|侄女|侄子|外甥女?|老伴|邻居|家属|妹妹|姐姐|弟弟|哥哥|村民|职工"
    titles = "大爷|大娘|大姐|大哥|师傅|老师|阿姨|叔|姐|哥|婶|大妈|奶奶|爷爷|女士|先生"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?:我|俺|本人|名字|姓名)(?:的名字|名字)?(?:就)?(?:叫|是|名叫|:){{1,4}}({full}){_ENDS_NAME}",
            rf"(?:我|俺|本人)(?:是)?[一-龥]{{0,8}}?(?:{kin}),?(?:叫|我叫|名叫)?({full}){_ENDS_NAME}",
            rf"(?:我|俺|免贵|本人|鄙人|^|[,。])(?:们)?家?姓({surname})",
            rf"(?:我|俺)(?:名字)?叫(?!{_NEVER_CALLED})([一-龥]{{2,3}}){_ENDS_NAME}",
            rf"(?:我|俺)(?:就)?(?:是[一-龥]{{0,6}}?|(?=老))([老小]{surname}(?:头|家的?|太太|婆子)?){_ENDS_NAME}",
            rf"就?(?:说|写|当)是?([老小]{surname})(?:说的|反映的|报的|举报的)",
            rf"(?:就)?(?:写|登记|记)(?:上|下)?({full})(?:吧|就行|就中|即可)",
            rf"(?:我|俺|本人)是[一-龥]{{2,8}}的({surname}[一-龥]{{2}}(?<![长员工人部记计师生友属户民者家的])){_ENDS_NAME}",
            rf"(?:^|[,。])(?:就)?(?:叫|名叫|名字写|登记|写)({full}){_ENDS_NAME}",
            rf"(?:叫我|喊我|叫俺|我是|俺是)([老小大]{surname}|{surname}(?:{titles}))(?:就|吧|即|{_ENDS_NAME})",
            rf"(?:^|[,。!])({full})[,:]?(?:电话|手机|联系电话)?(?:是|:)?1[3-9]\d{{9}}",
        )
    )


def _find_danger(flat: str, words: Words) -> Danger | None:
    """Danger that is there now by its own words; a sentence that speaks of the past or of fear doesn't count."""
    presses = any(pattern.search(flat) for pattern in words.urgent)
    clauses = (part for part in re.split(r"[。?;\n]", flat) if not any(each.search(part) for each in words.past))
    found = {
        _match_danger(clause, words.danger) or (_match_danger(clause, words.maybe) if presses else None)
        for clause in clauses
    }
    return next((danger for danger in words.danger if danger in found), None)


def _weigh_death(intents: frozenset[Intent], ways: tuple[str, ...], words: Words) -> frozenset[Intent]:
    """Talk of death that is a saying in anger (气得我想死), or of another's wish, is no wish of the writer's own."""
    own = any(words.intents[Intent.SELF_HARM].find(leave_sayings_out(way, words.perils)) for way in ways)
    return intents | {Intent.SELF_HARM} if own else intents - {Intent.SELF_HARM}


def _match_danger(clause: str, kinds: Mapping[Danger, tuple[re.Pattern[str], ...]]) -> Danger | None:
    hits = (danger for danger, patterns in kinds.items() if any(pattern.search(clause) for pattern in patterns))
    return next(hits, None)


DANGER_OF = {"fire_hazard": Danger.FIRE, "health_safety": Danger.MEDICAL, "elder_abuse": Danger.VIOLENCE}
"""Which number comes first where triage sees a life in danger and the words name no danger of their own."""


def name_danger(text: str, words: Words) -> Danger | None:
    """Which danger it is, where triage sees a life in danger.

    None where the text says that it is over, and where it names no danger and nothing presses: for these there is
    `suspect_danger`.
    """
    flat = flatten(text)
    presses = any(pattern.search(flat) for pattern in words.urgent)
    if not presses and any(pattern.search(flat) for pattern in words.past):
        return None
    named = _match_danger(flat, words.danger) or _match_danger(flat, words.maybe)
    alarm = find_peril(text, words.perils, trusted=True)
    return named or (alarm.danger if alarm else Danger.OTHER if presses else None)


def place_in_time(said: Utterance, told: str, words: Words) -> Utterance:
    """What was said without its danger, where only its shortness says that it is now and the story is an old one."""
    old = said.is_weak and is_of_the_past(told, words.perils)
    return replace(said, danger=None, occasion="", is_weak=False) if old else said


def suspect_danger(text: str, words: Words, category: str) -> Danger | None:
    """Which number comes first where triage alone sees a life in danger: by the category; None where it is over.

    Nobody is sent to the telephone over an old story, and nothing is filed over his head; but whoever stands beside it
    now has the number before anything else is asked.
    """
    flat = flatten(text)
    past = any(pattern.search(flat) for pattern in words.past)
    return None if past else DANGER_OF.get(category, Danger.OTHER)


def _first_group(patterns: tuple[re.Pattern[str], ...], flat: str) -> str | None:
    for pattern in patterns:
        hit = pattern.search(flat)
        if hit and hit.group(1):
            return hit.group(1)
    return None


def _corrected(flat: str) -> str:
    turned = _NOT_THIS.fullmatch(flat.strip(_TRIM))
    if turned:
        return turned.group(1)
    hits = list(_CORRECTED.finditer(flat))
    return flat[hits[-1].end() :].strip(_TRIM) if hits else ""


def _without(flat: str, spans: list[tuple[int, int]]) -> str:
    """What is told beside wishes, numbers, names and small words; too little of it tells nothing."""
    if _CORRECTED.search(flat) or _NOT_THIS.fullmatch(flat.strip(_TRIM)):
        spans = []
    kept = "".join(sign for place, sign in enumerate(flat) if not any(start <= place < end for start, end in spans))
    for pattern in (*_name_patterns(), _SPOKEN_PHONE, _PHONE, _CODE, _CONTACT_WORDS, _FILLERS):
        kept = pattern.sub("", kept)
    left = kept.strip(_TRIM)
    return left if len(left) >= (_BESIDE if spans else _FRAGMENT) else ""
