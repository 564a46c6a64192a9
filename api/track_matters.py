"""One code, two cases: which of them the page of `/track` shows, and the way to the other.

A report may have been parted: what stands open is shown first, the sealed part is said to have been handed on. What
is added goes to the sealed part, unless the reporter says himself that it is of the open one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from api.wiring import House
from casework.models.cases import Case
from casework.openings import judge_report
from casework.progress import SEALED_WORD, WORDS
from casework.roster import build_roster
from casework.sealing import SealingOutcome
from casework.types import Channel
from intake.links import list_linked, list_open_first
from intake.receipts import ReceiptHit
from intake.screening import screen_draft
from intake.types import ReportDraft


@dataclass(frozen=True, slots=True)
class OtherMatter:
    """The way to a further case of the same code: its place among them, and the word for where it is."""

    matter: str
    word: str
    sealed: bool = False


class Aim(StrEnum):
    """Which of his matters a reporter says that his words are of: the one that stands open before him, or the other."""

    SHOWN = "shown"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Route:
    """Where words and files go, the place of that matter, and whether it is another than he said or stood at."""

    hit: ReceiptHit
    matter: str
    moved: bool = False


def choose_matter(house: House, hit: ReceiptHit, wanted: str) -> ReceiptHit:
    """The hit for one of the code's cases, the first that stands open unless another is wanted.

    Its `links` are then all cases of the code, in the order in which they are shown; none for a report of one matter.
    """
    if not hit.links:
        return hit
    with house.store.read() as session:
        found = list_linked(session, hit.case_id, hit.reporter_key, hit.links)
        ordered = list_open_first(session, found)
    if len(ordered) == 1:
        return replace(hit, links=())
    place = int(wanted) if wanted.isdecimal() and int(wanted) < len(ordered) else 0
    chosen = ordered[place]
    return replace(hit, case_id=chosen.case_id, reporter_key=chosen.key, links=tuple(ordered))


def route_words(house: House, hit: ReceiptHit, words: str, matter: str, aim: str) -> Route:
    """Where words and files go that he adds at one of his matters: of a report in parts to the sealed one.

    Words that name nobody (他昨天又来要钱了) and pictures tell no machine which matter they are of, and whoever handles
    the open one reads what goes there; so only who says himself that they are of it (`aim`) sends them there, and even
    then not what would have to be sealed. `hit` comes from `choose_matter`.
    """
    if not hit.links:
        return Route(hit, matter)
    with house.store.read() as session:
        sealed = [place for place, link in enumerate(hit.links) if session.get_one(Case, link.case_id).sealed]
        at_sealed = any(hit.links[place].case_id == hit.case_id for place in sealed)
        if not sealed or at_sealed or (aim == Aim.SHOWN and not (words and _must_be_sealed(session, house, words))):
            return Route(hit, matter)
    link = hit.links[sealed[0]]
    return Route(replace(hit, case_id=link.case_id, reporter_key=link.key), str(sealed[0]), moved=aim != Aim.SEALED)


def _must_be_sealed(session: Session, house: House, words: str) -> bool:
    """Judged on the words as he wrote them, before anything is masked."""
    draft = ReportDraft(text=words, channel=Channel.WEB, received_at=house.now())
    roster = build_roster(session)
    screened = screen_draft(draft, house.intake_desk, roster)
    judged = judge_report(roster, screened.assessment, words, own=screened.masked, office=house.office)
    return judged.sealing.outcome is not SealingOutcome.OPEN or screened.assessment.discipline


def list_others(session: Session, hit: ReceiptHit) -> list[OtherMatter]:
    """The further cases beside the one shown; `hit` comes from `choose_matter`."""
    others = []
    for place, link in enumerate(hit.links):
        case = session.get(Case, link.case_id)
        if case is not None and link.case_id != hit.case_id:
            word = SEALED_WORD if case.sealed else WORDS[case.status][0]
            others.append(OtherMatter(str(place), word, case.sealed))
    return others
