"""One code, two cases: which of them the page of `/track` shows, and the way to the other.

A report may have been parted: what stands open is shown first, the sealed part is said to have been handed on.
"""

from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from api.wiring import House
from casework.models.cases import Case
from casework.progress import SEALED_WORD, WORDS
from intake.links import list_linked, list_open_first
from intake.receipts import ReceiptHit


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


def list_others(session: Session, hit: ReceiptHit) -> list[OtherMatter]:
    """The further cases beside the one shown; `hit` comes from `choose_matter`."""
    others = []
    for place, link in enumerate(hit.links):
        case = session.get(Case, link.case_id)
        if case is not None and link.case_id != hit.case_id:
            others.append(OtherMatter(str(place), SEALED_WORD if case.sealed else WORDS[case.status][0]))
    return others
