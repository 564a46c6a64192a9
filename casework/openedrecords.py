"""Search, look-alikes and counts over sealed cases, in memory, over what one officer has opened in one request.

Nothing of it is stored: no index, no hint, no figure. Whoever is not on a case's allow-list never has it among these.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models.cases import Case
from casework.models.people import Officer
from casework.sealing import SealedContent
from casework.types import SealedKind
from casework.verdicts import unpack_assessment
from casework.visibility import visible_cases
from triage.similarity import SAME_INCIDENT, Fingerprint, Match, fingerprint, score_pair
from triage.types import Assessment

MOST_OPENED = 300
"""So many at once, the newest: each is opened by itself and its reading stands in the ledger."""
AROUND = 18


class SealedGrouping(StrEnum):
    """By what opened records are counted."""

    CATEGORY = "category"
    CHANNEL = "channel"
    MONTH = "month"
    STATUS = "status"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What is looked at of an opened case; it lives no longer than the request."""

    case_id: str
    number: str
    opened_on: date
    status: str
    channel: str
    text: str = field(repr=False)
    said: Assessment = field(repr=False)

    @property
    def place(self) -> str:
        """The home or place that is spoken of, as told or by its name; "" where none is."""
        if self.said.institution is not None:
            return self.said.institution.name or self.said.institution.text
        return self.said.place.text if self.said.place else ""


@dataclass(frozen=True, slots=True)
class Found:
    """A record with the words wanted, and what stands around the first of them."""

    record: OpenedRecord
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may tell of the same, how alike they are and why."""

    one: OpenedRecord
    other: OpenedRecord
    match: Match


def list_sealed_for(session: Session, officer: Officer) -> Sequence[str]:
    """The ids of the sealed cases that he may know of, closed ones too, the newest first."""
    query = select(Case.id).where(visible_cases(officer), Case.sealed)
    return session.scalars(query.order_by(Case.opened_on.desc(), Case.number.desc()).limit(MOST_OPENED)).all()


def read_record(opened: SealedContent) -> OpenedRecord:
    """What is looked at, out of an opened case: the record with everything that was added later (pure)."""
    record, case = opened.record, opened.case
    more = [str(item.payload.get("text", "")) for item in opened.items if item.kind is SealedKind.ADDITION]
    return OpenedRecord(
        case_id=case.id,
        number=case.number,
        opened_on=case.opened_on,
        status=case.status.value,
        channel=str(record.get("channel", "")),
        text="\n".join([str(record["text"]), *more]),
        said=unpack_assessment(record["assessment"]),
    )


def find_words(records: Sequence[OpenedRecord], wanted: str) -> list[Found]:
    """The records in which every one of the words stands, letter for letter; also by their number (pure)."""
    words = wanted.split()
    found = []
    for record in records:
        if words and all(word in record.text or word == record.number for word in words):
            hit = next((word for word in words if word in record.text), "")
            at = record.text.find(hit)
            text = record.text.replace("\n", " ")
            before, after = text[max(0, at - AROUND) : at], text[at + len(hit) : at + len(hit) + AROUND]
            found.append(Found(record, before, hit, after))
    return found


def find_alike(records: Sequence[OpenedRecord]) -> list[Pair]:
    """The pairs that may tell of one incident, the most alike first; a suggestion, never a link (pure)."""
    prints = [(record, fingerprint(record.text, record.said)) for record in records]
    pairs = [
        Pair(one, other, score_pair(mine, theirs))
        for (one, mine), (other, theirs) in combinations(prints, 2)
        if _share(mine, theirs)
    ]
    alike = [pair for pair in pairs if pair.match.score >= SAME_INCIDENT]
    return sorted(alike, key=lambda pair: -pair.match.score)


def count_records(records: Sequence[OpenedRecord], by: SealedGrouping) -> Mapping[str, int]:
    """How many of the opened records there are of each group, the largest first (pure)."""
    return dict(Counter(_key(each, by) for each in records).most_common())


def _key(record: OpenedRecord, by: SealedGrouping) -> str:
    keys = {
        SealedGrouping.CATEGORY: record.said.category or "",
        SealedGrouping.CHANNEL: record.channel,
        SealedGrouping.MONTH: f"{record.opened_on:%Y-%m}",
        SealedGrouping.STATUS: record.status,
        SealedGrouping.PLACE: record.place,
    }
    return keys[by]


def _share(one: Fingerprint, other: Fingerprint) -> bool:
    return not set(one.tokens).isdisjoint(other.tokens)
