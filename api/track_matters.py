"""One code, two cases: which of them the page of `/track` shows, and the way to the other.

A report may have been parted: what stands open is shown first, the sealed part is said to have been handed on.
"""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from api.wiring import House
from casework.models.cases import Case
from casework.openings import judge_report
from casework.progress import SEALED_WORD, WORDS
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


def route_words(house: House, hit: ReceiptHit, words: str, matter: str) -> tuple[ReceiptHit, str]:
    """Where words go that he writes at one of his matters: there, but what would have to be sealed to the sealed one.

    `hit` comes from `choose_matter`; the place of the matter comes back with it.
    """
    if not words or not hit.links:
        return hit, matter
    now = house.now()
    with house.store.read() as session:
        sealed = [place for place, link in enumerate(hit.links) if session.get_one(Case, link.case_id).sealed]
        if not sealed or hit.links[sealed[0]].case_id == hit.case_id:
            return hit, matter
        draft = ReportDraft(text=words, channel=Channel.WEB, received_at=now)
        screened = screen_draft(draft, house.intake_desk)
        judged = judge_report(session, screened.assessment, screened.working_text, office=house.office)
    if judged.sealing.outcome is SealingOutcome.OPEN and not screened.assessment.discipline:
        return hit, matter
    link = hit.links[sealed[0]]
    return replace(hit, case_id=link.case_id, reporter_key=link.key), str(sealed[0])


def list_others(session: Session, hit: ReceiptHit) -> list[OtherMatter]:
    """The further cases beside the one shown; `hit` comes from `choose_matter`."""
    others = []
    for place, link in enumerate(hit.links):
        case = session.get(Case, link.case_id)
        if case is not None and link.case_id != hit.case_id:
            others.append(OtherMatter(str(place), SEALED_WORD if case.sealed else WORDS[case.status][0]))
    return others
