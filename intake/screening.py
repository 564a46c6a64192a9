"""Masking on the way in: the working text, equal in length to the original, with ▇ over what gives its writer away.

Equal length keeps every position of triage's evidence true in both texts.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from casework.clock import local_date
from casework.verdicts import MASK
from intake.types import Contact, IntakeDesk, ReportDraft
from triage.types import Assessment, Identifier, IdentifierKind

SHORTEST_NAME = 2
SHORTEST_ADDRESS = 4
SHORTEST_NUMBER = 5
DIGIT_FORMS = ("0０零〇", "1１一幺", "2２二两", "3３三", "4４四", "5５五", "6６六", "7７七", "8８八", "9９九")
LONG_NUMBER = re.compile(
    r"[0-9０-９](?:[ \-－—·]?[0-9０-９]){6,}(?![0-9０-９])(?!\s*(?:元|块|万|千|亿|平|斤|吨|％|%|\.))"
)
"""A safety net under triage's recognition: seven digits or more that are no sum, no measure."""
SELF_NAMED = re.compile(
    r"(?:(?:我|俺)(?:的?名字)?叫|(?:反映人|联系人|署名|本人姓名)[:：\s]*|本人(?=[\u4e00-\u9fff]{2,3}[，,]身份证))"
    r"(?P<own>[\u4e00-\u9fff]{2,3})(?=[，。,.；;！!、\s]|$|电话|手机|身份证)"
)
"""A second net: who says his own name in so many words."""
NO_NAME = re.compile(r"[不了他她它你您来去过没谁人护医院]")
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


def screen_draft(draft: ReportDraft, desk: IntakeDesk) -> Screened:
    """Assess a draft, then mask its text and what the verdict quotes. Pure but for the context's warm segmenter."""
    context = desk.context.with_received(local_date(draft.received_at), draft.channel.value)
    assessment = desk.assess(draft.text, context)
    working = mask_text(draft.text, assessment.identifiers, contact=draft.contact)
    masked = list_masked(draft.text, working)
    return Screened(replace(assessment, explanation=mask_pieces(assessment.explanation, masked)), working, masked)


def mask_text(text: str, identifiers: Iterable[Identifier], *, contact: Contact | None = None) -> str:
    """The working text: as many code points, with ▇ over every identifier and over every other place where it recurs.

    1. Phones, ID and bank numbers, accounts, the writer's own name and door as triage found them.
    2. The same words and numbers wherever else they stand, however spaced or written (１５４, 一五四).
    3. Name, phone and address that the writer gave as contact; of a name of three the given name alone too.
    4. Any other run of seven digits that is no sum or measure.
    """
    found = tuple(identifiers)
    hidden = [False] * len(text)
    own = [match.span("own") for net in (SELF_NAMED, OWN_DOOR) for match in net.finditer(text)]
    for start, end in own:
        if not NO_NAME.match(text, start):
            _hide(hidden, start, end)
    for identifier in found:
        _hide(hidden, identifier.start, identifier.end)
    for pattern in _list_patterns(found, contact):
        for match in pattern.finditer(text):
            _hide(hidden, match.start(), match.end())
    return "".join(MASK if masked else letter for letter, masked in zip(text, hidden, strict=True))


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


def _hide(hidden: list[bool], start: int, end: int) -> None:
    for place in range(max(start, 0), min(end, len(hidden))):
        hidden[place] = True


def _list_patterns(identifiers: tuple[Identifier, ...], contact: Contact | None) -> Iterator[re.Pattern[str]]:
    yield LONG_NUMBER
    given = contact or Contact()
    names = {each.text for each in identifiers if each.kind is IdentifierKind.REPORTER_NAME} | {given.name}
    others = {each.text for each in identifiers if each.kind is not IdentifierKind.REPORTER_NAME} | {given.phone}
    for name in names:
        yield from _name_patterns(name.strip())
    for number in others:
        digits = re.sub(r"\D", "", number)
        if len(digits) >= SHORTEST_NUMBER:
            yield _number_pattern(digits)
        elif len(number.strip()) >= SHORTEST_NUMBER:
            yield re.compile(re.escape(number.strip()))
    if len(given.address.strip()) >= SHORTEST_ADDRESS:
        yield re.compile(re.escape(given.address.strip()))


def _name_patterns(name: str) -> Iterator[re.Pattern[str]]:
    if len(name) >= SHORTEST_NAME:
        yield _spaced(name)
    if len(name) == SHORTEST_NAME + 1:
        yield _spaced(name[1:])


def _spaced(name: str) -> re.Pattern[str]:
    return re.compile(r"\s*".join(re.escape(letter) for letter in name))


def _number_pattern(digits: str) -> re.Pattern[str]:
    return re.compile(r"[\s\-－—·.]*".join(f"[{DIGIT_FORMS[int(digit)]}]" for digit in digits))
