"""The clue desk's own knowledge: who is kept out and why, to whom a clue belongs, what a bare accusation still lacks.

Pure but for the look-ups; nothing here decides, the clue officers do.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.conflicts import Conflict, find_conflicts, read_mentions
from casework.errors import ConflictOfInterest, DataError, InvalidField, NotFound
from casework.foureyes import find_consent
from casework.ledger import Verb
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Officer
from casework.models.secrecy import Exclusion
from casework.rings import is_holder
from casework.roster import Roster, RosterBody, build_roster
from casework.sealing import SealedContent, share_case
from casework.types import BodyKind, ConsentKind, ExclusionReason, ReceiverLevel, Role, SealedKind
from casework.verdicts import unpack_assessment
from casework.words import list_words
from triage.types import Assessment

DATA_FILE = Path(__file__).parent / "data" / "clues.toml"
PERSONAL = frozenset({ExclusionReason.NAMED, ExclusionReason.POST_NAMED, ExclusionReason.UNIT_NAMED})
"""Hits on the one complained of himself, not on those who must only stand aside."""


class Level(StrEnum):
    """Why a clue belongs to the body proposed (facts of 检举控告规则 art. 15, by analogy)."""

    DISCIPLINE = "discipline"
    LEADERSHIP = "leadership"
    OWN_HOUSE = "own_house"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A receiver with the reason; the officer may take another."""

    body_code: str
    level: Level


@dataclass(frozen=True, slots=True)
class KeptOut:
    """One who is kept out: an officer or a whole body, why, by which words; `exclusion_id` where a row says so."""

    reason: ExclusionReason
    certain: bool
    phrase: str = ""
    officer_id: str | None = None
    body_code: str | None = None
    exclusion_id: str | None = None
    cleared_by: str | None = None
    made_by: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A ready question to a reporter, `label` for the officer who picks it."""

    code: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Questions:
    """All of them, with the words before and after."""

    intro: str
    outro: str
    questions: tuple[Question, ...]


@cache
def load_questions(path: Path = DATA_FILE) -> Questions:
    """The ready questions. Raises DataError where the file is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        listed = tuple(Question(each["code"], each["label"], each["text"]) for each in raw["questions"])
        return Questions(raw["intro"], raw["outro"], listed)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DataError(path.name, f"{type(error).__name__}: {error}") from error


def list_gaps(said: Assessment) -> tuple[str, ...]:
    """Which of the questions a report leaves open, by their codes; how he knows it is always worth asking (pure)."""
    open_points = {
        "when": said.when is None,
        "where": said.institution is None and said.place is None,
        "who": not said.keys.who,
        "how_much": not said.amounts,
        "how_known": True,
    }
    return tuple(code for code, lacks in open_points.items() if lacks)


def is_bare(said: Assessment) -> bool:
    """Whether it accuses without a person or without a deed: to be asked about, never refused for it (pure)."""
    return not (said.keys.who and said.keys.what)


def propose_receiver(conflicts: Iterable[Conflict], roster: Roster) -> Proposal | None:
    """To which discipline organ a clue belongs, by who is complained of (pure); None where the office knows none.

    1. Somebody of the discipline organ: the one above it. 2. Bureau leadership: the county organ, past the bureau and
    past the group stationed in it. 3. Others of our own house: the stationed group. 4. Everybody else: the county.
    """
    county = _find_county_organ(roster)
    if county is None:
        return None
    hits = [hit for hit in conflicts if hit.reason in PERSONAL]
    bodies = [body for body in (_body_of(hit, roster) for hit in hits) if body is not None]
    if any(hit.discipline_leader for hit in hits) or any(body.kind is BodyKind.DISCIPLINE for body in bodies):
        return Proposal(county.superior_code or county.code, Level.DISCIPLINE)
    if any(hit.leadership for hit in hits):
        return Proposal(county.code, Level.LEADERSHIP)
    stationed = _find_stationed(county, roster)
    if stationed is not None and any(body.internal for body in bodies):
        return Proposal(stationed.code, Level.OWN_HOUSE)
    return Proposal(county.code, Level.OTHERS)


def tell_level(body: RosterBody, roster: Roster) -> ReceiverLevel | None:
    """To what kind of organ a case would go, without naming it (pure); None for one to which no clue is handed on."""
    county = _find_county_organ(roster)
    if body.kind is BodyKind.DISCIPLINE:
        above = county is not None and body.code == county.superior_code
        return ReceiverLevel.DISCIPLINE_ABOVE if above else ReceiverLevel.DISCIPLINE
    if body.kind is BodyKind.POLICE:
        return ReceiverLevel.POLICE
    return ReceiverLevel.ABOVE if body.code.endswith("_up") else None


def screen_words(session: Session, case: Case, opened: SealedContent | None = None) -> tuple[Conflict, ...]:
    """The conflict test over a case as it stands, with the people of today; of a sealed one over the opened record."""
    said, text = read_words(session, case, opened)
    return find_conflicts(read_mentions(said, text), build_roster(session))


def read_words(session: Session, case: Case, opened: SealedContent | None = None) -> tuple[Assessment, str]:
    """Assessment and words of a case, what was added later included."""
    if opened is not None:
        record = opened.record
        more = [str(item.payload.get("text", "")) for item in opened.items if item.kind is SealedKind.ADDITION]
        return unpack_assessment(record["assessment"]), "\n".join([str(record["text"]), *more])
    return get_assessment(session, case), "\n".join(each.text for each in list_words(session, [case.id]))


def list_kept_out(session: Session, case: Case, opened: SealedContent | None = None) -> list[KeptOut]:
    """Who is kept out of a case and why: of an open one its rows, of a sealed one today's test and what lay inside.

    For clue officers alone; the caller has the case through the door.
    """
    hits = screen_words(session, case, opened)
    if opened is not None:
        found = [KeptOut(hit.reason, hit.certain, hit.phrase, hit.officer_id, hit.body_code) for hit in hits]
        known = {(each.officer_id, each.body_code) for each in found}
        found += [each for each in _list_packed(opened) if (each.officer_id, each.body_code) not in known]
        return [each for each in found if each.officer_id or each.body_code]
    phrases = {(hit.officer_id, hit.body_code): hit.phrase for hit in hits}
    rows = session.scalars(select(Exclusion).where(Exclusion.case_id == case.id).order_by(Exclusion.made_at))
    return [
        KeptOut(
            reason=row.reason,
            certain=row.certain,
            phrase=phrases.get((row.officer_id, row.body_code), ""),
            officer_id=row.officer_id,
            body_code=row.body_code,
            exclusion_id=row.id,
            cleared_by=row.cleared_by,
            made_by=row.made_by,
            why=row.why,
        )
        for row in rows
    ]


def list_doubtful_colleagues(
    session: Session, kept_out: Iterable[KeptOut], allowed: Sequence[Officer]
) -> list[Officer]:
    """Clue officers of the ring whom no certain hit keeps out of a sealed case: a colleague may let them in."""
    inside = {officer.id for officer in allowed}
    kept = tuple(kept_out)
    roster = build_roster(session)
    query = select(Officer).where(Officer.removed_at.is_(None), Officer.public_key.is_not(None))
    return [
        officer
        for officer in session.scalars(query.order_by(Officer.username))
        if Role.CLUE_OFFICER in officer.roles
        and officer.id not in inside
        and is_holder(session, officer.id)
        and not _is_surely_out(officer, kept, roster)
    ]


def let_in(
    session: Session, officer: Officer, private_key: bytes, opened: SealedContent, other_id: str, *, now: datetime
) -> None:
    """Let a colleague into a sealed case: one whom the test hit uncertainly, or who came later.

    Whom a hit means in person is not let in by one alone, however uncertain it is: a third agrees first
    (`consents.ask_letting_in`), once for each time. Raises NotFound for no clue officer with a key, ConflictOfInterest
    where a certain hit or a person keeps him out, InvalidField("officer", needs_third), and for one whom no colleague
    let into the ring.
    """
    other = session.get(Officer, other_id)
    if other is None or other.removed_at is not None or Role.CLUE_OFFICER not in other.roles or not other.public_key:
        raise NotFound("officer", other_id)
    kept = list_kept_out(session, opened.case, opened)
    for each in kept:
        if each.certain and _is_him(each, other, build_roster(session)):
            raise ConflictOfInterest(other.id, each.reason)
    if is_meant(other, kept):
        consent = find_consent(session, opened.case, ConsentKind.LETTING_IN, by=officer, officer_id=other.id, now=now)
        third = session.get(Officer, consent.decided_by) if consent is not None else None
        if consent is None or third is None or is_kept_out(third, kept, build_roster(session)):
            raise InvalidField("officer", "needs_third")
        consent.used_at = now
    share_case(session, officer, private_key, opened.case.id, other, now=now)


def is_meant(officer: Officer, kept: Iterable[KeptOut]) -> bool:
    """Whether one of them means this officer in person, certainly or not (pure): he may be the one complained of."""
    return any(each.officer_id == officer.id and not each.cleared_by for each in kept)


def is_kept_out(officer: Officer, kept: Iterable[KeptOut], roster: Roster) -> bool:
    """Whether one of them means this officer, certainly or not, in person or by his body (pure)."""
    return any(_is_him(each, officer, roster) for each in kept)


def find_confirmation(session: Session, case_id: str) -> LedgerEntry | None:
    """The newest entry by which a clue officer said that both keys are met."""
    query = select(LedgerEntry).where(LedgerEntry.case_id == case_id, LedgerEntry.verb == Verb.CONFIRMED)
    return session.scalars(query.order_by(LedgerEntry.id.desc()).limit(1)).first()


def _list_packed(opened: SealedContent) -> Iterator[KeptOut]:
    """What the originals said at intake, exclusions of the time when the case stood open, those made inside by hand."""
    told = (item.payload for item in opened.items if item.kind in (SealedKind.RECORD, SealedKind.ADDITION))
    for hit in (hit for each in told for hit in each.get("conflicts", ())):
        reason = ExclusionReason(hit["reason"])
        yield KeptOut(reason, bool(hit["certain"]), hit["phrase"], hit["officer_id"], hit["body_code"])
    for row in opened.record.get("open", {}).get("rows", {}).get("exclusion", ()):
        if not row.get("cleared_at"):
            reason = ExclusionReason(row["reason"])
            yield KeptOut(
                reason,
                bool(row["certain"]),
                "",
                row["officer_id"],
                row["body_code"],
                made_by=row.get("made_by"),
                why=row.get("why", ""),
            )
    for item in opened.items:
        said = item.payload.get("kept_out")
        if said:
            yield KeptOut(
                ExclusionReason.BY_HAND, True, officer_id=said["officer_id"], made_by=said["by"], why=said["why"]
            )


def _is_surely_out(officer: Officer, kept: Iterable[KeptOut], roster: Roster) -> bool:
    return any(each.certain and _is_him(each, officer, roster) for each in kept)


def _is_him(each: KeptOut, officer: Officer, roster: Roster) -> bool:
    return each.officer_id == officer.id or each.body_code in roster.bodies_of_id(officer.id)


def _body_of(hit: Conflict, roster: Roster) -> RosterBody | None:
    code = hit.body_code
    if hit.officer_id is not None:
        code = next((officer.body_code for officer in roster.officers if officer.id == hit.officer_id), None)
    return roster.bodies.get(code or "")


def _find_county_organ(roster: Roster) -> RosterBody | None:
    """The body that bears the kind as its code, else the first of the kind that has one above it."""
    organs = [body for body in roster.bodies.values() if body.kind is BodyKind.DISCIPLINE]
    return min(organs, key=lambda body: (body.code != BodyKind.DISCIPLINE, not body.superior_code), default=None)


def _find_stationed(county: RosterBody, roster: Roster) -> RosterBody | None:
    """The group that the county organ has stationed in our house."""
    return next(
        (
            body
            for body in roster.bodies.values()
            if body.kind is BodyKind.DISCIPLINE and body.superior_code == county.code
        ),
        None,
    )
