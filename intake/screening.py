"""Masking on the way in: the working text, equal in length to the original, with ▇ over what gives its writer away.

Equal length keeps every position of triage's evidence true in both texts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from casework.clock import local_date
from casework.folding import fold_name
from casework.roster import Roster
from casework.verdicts import MASK
from intake.types import Contact, IntakeDesk, ReportDraft
from triage.entities.names import load_names
from triage.entities.numbers import SPELLED_DIGITS
from triage.types import Assessment, Identifier, IdentifierKind

SHORTEST_NAME = 2
SHORTEST_ADDRESS = 4
SHORTEST_NUMBER = 5
FIGURES = {form: str(digit) for digit in range(10) for form in (str(digit), chr(ord("０") + digit))}
DIGIT_OF = FIGURES | SPELLED_DIGITS
SPOKEN_NUMBER = re.compile(r"[{0}](?:[\s\-－—·.]*[{0}])+".format("".join(DIGIT_OF)))
LONG_NUMBER = re.compile(
    r"[0-9０-９](?:[ \-－—·]?[0-9０-９]){6,}(?![0-9０-９])(?!\s*(?:元|块|万|千|亿|平|斤|吨|％|%|\.))"
)
"""A safety net under triage's recognition: seven digits or more that are no sum, no measure."""
SELF_NAMED = re.compile(
    r"(?:(?:我|俺)(?:的?名字)?叫|(?:反映人|联系人|署名|本人姓名)[:：\s]*|本人(?=[\u4e00-\u9fff]{2,3}[，,]身份证))"
    r"(?P<own>[\u4e00-\u9fff]{2,3})(?=[，。,.；;！!、\s]|$|电话|手机|身份证)"
)
"""A second net: who says his own name in so many words."""
INTRODUCES = r"(?:我|俺|本人)(?:的?(?:名字|姓名|全名|真名|大名))?(?:就?是|就?叫|系|名叫|[:：])[:：\s]*"
NO_NAME = re.compile(r"[不了他她它你您来去过没谁人护医院]")
LABELS = (
    "(?:姓名|名字|署名|落款|收件人|市民|来电人|来信人|来访人|(?<!被)(?:反映|举报|投诉|检举)人|联系人|真名|大名|户口本上写的)"
    r"(?:是|叫|为)?[:：\s]*"
)
STOPS = r"(?=女士|先生|同志|来信|来电|来访|[，。,.；;！!、\s]|$|电话|手机|身份证|住)"
GATED = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"{LABELS}(?P<own>[\u4e00-\u9fff]{{2,4}}?){STOPS}",
        rf"(?:我|俺|本人)(?:就?是|系|[，,])(?P<own>[\u4e00-\u9fff]{{2,3}}){STOPS}",
        rf"(?:我|俺|本人|是)[^，。；\n▇]{{0,4}}(?:护工|护理员|职工|党员|家属|邻居|教师|会计)(?P<own>[\u4e00-\u9fff]{{2,3}}){STOPS}",
        rf"姓[\u4e00-\u9fff]{{1,2}}[，,\s]*(?:名|全名)?叫(?P<own>[\u4e00-\u9fff]{{2,4}}?){STOPS}",
        r"(?<![\u4e00-\u9fff])(?P<own>[\u4e00-\u9fff]{2,3})[，,\s]{0,2}(?=▇{7})",
        r"▇{7}[，,\s]{0,2}(?P<own>[\u4e00-\u9fff]{2,3})(?=收)",
        r"(?<![\u4e00-\u9fff])(?P<own>[\u4e00-\u9fff]{2,3})(?=敬上|敬启|敬呈|谨上|上书|叩谢)",
        r"^[ \t]*(?P<own>[\u4e00-\u9fff]{2,3})[ \t]*(?=\n\s*(?:20)?\d{2,4}[年.\-/]|\Z)",
        r"^[ \t]*(?P<own>[\u4e00-\u9fff]{2,3})[ \t]*(?=(?:19|20)\d\d *[年.\-/] *\d{1,2} *[月.\-/] *\d{1,2}日?\s*$)",
    )
)
"""More nets, over the text that is masked so far; they hold only what begins with a surname."""
RARE_SURNAMES = frozenset(
    "芮鄢逄汝卞戚巩隗璩栾亓昝逯仝亓邰郗郄麹麴妫奚佘佴禚訾綦綪蔺阚阙晁瞿濮淳鞠蒯郏郜鄯郇邸笪钭亢仉仇厍缑呙冼宓嵇嵩"
    "庹忻揭杭柏桑殷汲浦湛滑牟甄申皮盖窦竺糜翟胥臧舒艾芦苑苟茅茹荀荆荣莘莫菅葛蓝蔚虞衣褚解訚谌谭谷贝贺贾越路车轩辛"
    "边迟连逢邓邢那邬邱邵邹郁郎郝郭都鄂酆钟钱铁银阎阮阳阴隋隆雍雷霍靳韶韩项须顾风饶马骆高魏鱼鲁鲍鹿麦麻黄黎齐龙龚"
)
OWN_DOOR = re.compile(
    r"(?:^|(?<=[，。；,;\s我俺家])|(?<=本人))住(?:在|址)?[^，。；,;\n]{0,20}?"
    r"(?P<own>[0-9０-９]{1,4}号(?:[楼栋单元层室号0-9０-９]*[0-9０-９]+(?:室|户|号)?)?)"
)
"""A third: the number of the door where the writer says he lives."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A text made ready: what triage says of it, the working text, and the pieces that were masked."""

    assessment: Assessment
    working_text: str
    masked: tuple[str, ...] = field(default=(), repr=False)


def screen_draft(draft: ReportDraft, desk: IntakeDesk, roster: Roster) -> Screened:
    """Assess a draft, then mask its text and what the verdict quotes. Pure but for the context's warm segmenter.

    The names of officers, and of those they are tied to, are not taken for the writer's own.
    """
    context = desk.context.with_received(local_date(draft.received_at), draft.channel.value)
    assessment = desk.assess(draft.text, context)
    working = mask_text(draft.text, assessment.identifiers, contact=draft.contact, staff=roster.names.exact)
    masked = list_masked(draft.text, working)
    return Screened(replace(assessment, explanation=mask_pieces(assessment.explanation, masked)), working, masked)


def mask_text(
    text: str,
    identifiers: Iterable[Identifier],
    *,
    contact: Contact | None = None,
    staff: frozenset[str] = frozenset(),
) -> str:
    """The working text: as many code points, with ▇ over every identifier and over every other place where it recurs.

    1. Phones, ID and bank numbers, accounts, the writer's own name and door as triage found them.
    2. The same words and numbers wherever else they stand, however spaced or written (１５４, 一五四).
    3. Name, phone and address that the writer gave as contact; of a name of three the given name alone too.
    4. Any other run of seven digits that is no sum or measure.
    A name in `staff` is the writer's own only where he says so in so many words (我叫…); 联系人：… or a phone behind it
    is as often said of an officer complained of.
    """
    found = tuple(each for each in identifiers if not _is_staff(each, text, staff))
    hidden = [False] * len(text)
    own = [match.span("own") for net in (SELF_NAMED, OWN_DOOR) for match in net.finditer(text)]
    own = [(start, end) for start, end in own if not NO_NAME.match(text, start)]
    own = [(start, end) for start, end in own if not _is_of_staff(text[start:end], text, staff)]
    for start, end in [*own, *((each.start, each.end) for each in found)]:
        _hide(hidden, start, end)
    _hide_all(hidden, _list_places(text, found, contact))
    names = {*_find_gated(_cover(text, hidden)), *(text[start:end] for start, end in own)}
    for name in {name for name in names if not _is_of_staff(name, text, staff)}:
        _hide_all(hidden, _find_name(text, name) if name[0] in _list_surnames() else ())
    return _cover(text, hidden)


def list_masked(text: str, working_text: str) -> tuple[str, ...]:
    """The pieces of the original that lie under ▇, longest first."""
    pieces = {text[match.start() : match.end()] for match in re.finditer(f"{MASK}+", working_text)}
    return tuple(sorted(pieces, key=lambda piece: (-len(piece), piece)))


def mask_pieces(text: str, pieces: Iterable[str]) -> str:
    """Another text with the same pieces under ▇, such as the sentence that explains the verdict."""
    for piece in pieces:
        if len(piece) >= SHORTEST_NAME:
            text = text.replace(piece, MASK * len(piece))
    return text


def _is_staff(each: Identifier, text: str, staff: frozenset[str]) -> bool:
    return each.kind is IdentifierKind.REPORTER_NAME and _is_of_staff(each.text, text, staff)


def _is_of_staff(name: str, text: str, staff: frozenset[str]) -> bool:
    """Whether it is an officer's name and the writer doesn't plainly introduce himself by it."""
    return fold_name(name) in staff and not re.search(INTRODUCES + _spaced(name), text)


def _find_gated(covered: str) -> Iterator[str]:
    """Own names that are told by where they stand; without a surname it is some other word."""
    for net in GATED:
        for match in net.finditer(covered):
            name = match["own"]
            if name[0] in _list_surnames() and not NO_NAME.search(name, 1) and name[:2] not in _list_not_names():
                yield name


@cache
def _list_surnames() -> frozenset[str]:
    return frozenset(one for one in load_names().persons.surnames if len(one) == 1) | RARE_SURNAMES


@cache
def _list_not_names() -> frozenset[str]:
    return frozenset(load_names().persons.not_names)


def _cover(text: str, hidden: list[bool]) -> str:
    return "".join(MASK if masked else letter for letter, masked in zip(text, hidden, strict=True))


def _hide_all(hidden: list[bool], places: Iterable[tuple[int, int]]) -> None:
    for start, end in places:
        _hide(hidden, start, end)


def _hide(hidden: list[bool], start: int, end: int) -> None:
    for place in range(max(start, 0), min(end, len(hidden))):
        hidden[place] = True


def _list_places(text: str, identifiers: tuple[Identifier, ...], contact: Contact | None) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in LONG_NUMBER.finditer(text))
    given = contact or Contact()
    names = {each.text for each in identifiers if each.kind is IdentifierKind.REPORTER_NAME} | {given.name}
    others = {each.text for each in identifiers if each.kind is not IdentifierKind.REPORTER_NAME} | {given.phone}
    for name in names:
        yield from _find_name(text, name.strip())
    for number in others:
        digits = re.sub(r"\D", "", number)
        if len(digits) >= SHORTEST_NUMBER:
            yield from _find_number(text, "".join(str(int(digit)) for digit in digits))
        elif len(number.strip()) >= SHORTEST_NUMBER:
            yield from _find_word(text, number.strip())
    if len(given.address.strip()) >= SHORTEST_ADDRESS:
        yield from _find_word(text, given.address.strip())


def _find_name(text: str, name: str) -> Iterator[tuple[int, int]]:
    """A name however spaced, and of three signs the given name alone."""
    parts = [name] if len(name) >= SHORTEST_NAME else []
    parts += [name[1:]] if len(name) == SHORTEST_NAME + 1 else []
    for part in parts:
        yield from (match.span() for match in re.finditer(_spaced(part), text))


def _spaced(name: str) -> str:
    return r"\s*".join(map(re.escape, name))


def _find_number(text: str, digits: str) -> Iterator[tuple[int, int]]:
    """A number however spaced or written; without a pattern of its own, which would cost milliseconds to compile."""
    for run in SPOKEN_NUMBER.finditer(text):
        places = [at for at in range(*run.span()) if text[at] in DIGIT_OF]
        told = "".join(DIGIT_OF[text[at]] for at in places)
        at = told.find(digits)
        while at >= 0:
            yield places[at], places[at + len(digits) - 1] + 1
            at = told.find(digits, at + len(digits))


def _find_word(text: str, word: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in re.finditer(re.escape(word), text))
