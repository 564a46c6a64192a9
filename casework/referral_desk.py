"""What a draft is made from: the facts that the house has of a case, none of them in the reporter's words.

Names come from the directory, days from the calendar, sentences from the wording; of a sealed case everything comes out
of the opened record and goes back under seal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from casework.cases import get_assessment
from casework.clock import local_date
from casework.documents import Typesetter
from casework.limits import ClockFacts
from casework.models.cases import Case
from casework.models.people import Body, Institution, Officer, Town
from casework.models.secrecy import EmergencySlip
from casework.notices import Accused, IdentityAnnex, NoticeFields, draft_fields, name_categories, write_date
from casework.office import Office
from casework.sealing import SealedContent
from casework.secrets import ServerSecrets
from casework.types import BodyKind, CaseKind, Channel
from casework.verdicts import list_phrases, unpack_assessment
from casework.wording import NoticeWording
from casework.words import list_words
from triage.taxonomy import DisciplineRule, Taxonomy
from triage.types import Assessment, Urgency

UNKNOWN_NAME = "姓名不详"


@dataclass(frozen=True)
class ReferralDesk:
    """What drafting and issuing need beside the session; built by the wiring."""

    office: Office
    wording: NoticeWording
    typesetter: Typesetter
    secrets: ServerSecrets
    taxonomy: Taxonomy

    @property
    def category_names(self) -> Mapping[str, str]:
        """What an outsider reads instead of a category's code."""
        return {category.code: category.name for category in self.taxonomy.categories}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of a case. `assessment` is None for an emergency slip, which tells no more than it shows."""

    assessment: Assessment | None
    text: str
    received_on: date
    named: bool
    reports: int
    channel: Channel | None = None


def gather_facts(session: Session, case: Case, opened: SealedContent | None = None) -> CaseFacts:
    """The facts of an open case from its rows, of a sealed one from its opened record."""
    if case.sealed:
        record = opened.record if opened and opened.case.id == case.id else {}
        return CaseFacts(
            assessment=unpack_assessment(record["assessment"]) if "assessment" in record else None,
            text=record.get("text", ""),
            received_on=local_date(datetime.fromisoformat(record["received_at"])) if record else case.opened_on,
            named=bool(record.get("named", False)),
            reports=1,
        )
    words = list_words(session, [case.id])
    return CaseFacts(
        assessment=None if case.kind is CaseKind.SLIP else get_assessment(session, case),
        text="\n".join(said.text for said in words),
        received_on=min((said.received_on for said in words), default=case.opened_on),
        named=any(said.named for said in words),
        reports=len(words),
        channel=words[0].channel if words else None,
    )


def gather_fields(
    session: Session, case: Case, body: Body, desk: ReferralDesk, *, by: Officer, opened: SealedContent | None = None
) -> NoticeFields:
    """The fields of a first draft to this body.

    Only the categories that are its business, and only for the discipline organ the persons named. A home that the
    directory doesn't know stays blank: its name would be the reporter's word for it.
    """
    facts = gather_facts(session, case, opened)
    said = facts.assessment
    institution, town = _find_place(session, case, said)
    secret = body.kind is BodyKind.DISCIPLINE
    slip = session.get(EmergencySlip, case.id)
    categories = _pick_categories(case, said, body, desk.taxonomy)
    drafted = draft_fields(
        NoticeFields(
            kind=desk.wording.kind_for(body.kind.value, categories),
            internal=body.internal,
            addressee=body.name,
            reference=case.number,
            received_on=facts.received_on,
            categories=categories,
            problems=(),
            measures=(),
            suggestions=(),
            accused=_list_accused(said) if secret and said else (),
            institution=institution.name if institution else "",
            place=slip.place if slip else _name_place(institution, town),
            happened=_say_when(said) if said else "",
            contact=by.name,
            named=facts.named if secret else None,
            identity=_start_identity(facts) if secret else "",
            repeated=facts.reports > 1,
            critical=case.urgency is Urgency.CRITICAL or (said is not None and said.urgency is Urgency.CRITICAL),
        ),
        desk.wording,
    )
    return name_categories(drafted, desk.category_names)


def gather_clock_facts(session: Session, case: Case, body: Body | None) -> ClockFacts:
    """What the limits may ask of a referral to this body; of a sealed case only that it is sealed."""
    if case.sealed:
        return ClockFacts(sealed=True, discipline=True, body_kind=body.kind if body else None)
    facts = gather_facts(session, case)
    said = facts.assessment
    return ClockFacts(
        urgency=case.urgency,
        categories=frozenset(score.code for score in said.categories) if said else frozenset(),
        body_kind=body.kind if body else None,
        channel=facts.channel,
        named=facts.named,
        discipline=bool(case.discipline),
        phrases=list_phrases(said) if said else (),
    )


def _start_identity(facts: CaseFacts) -> str:
    """A name stays here until an officer writes that its owner agreed (检举控告规则 art. 47)."""
    return IdentityAnnex.WITHHELD if facts.named else IdentityAnnex.NONE


def _find_place(session: Session, case: Case, said: Assessment | None) -> tuple[Institution | None, Town | None]:
    code = case.institution_code or (said.institution.code if said and said.institution else None)
    institution = session.get(Institution, code) if code else None
    town_code = case.town_code or (said.place.code if said and said.place else None)
    town_code = town_code or (institution.town_code if institution else None)
    return institution, session.get(Town, town_code) if town_code else None


def _name_place(institution: Institution | None, town: Town | None) -> str:
    return (institution.address if institution else "") or (town.name if town else "")


def _pick_categories(case: Case, said: Assessment | None, body: Body, taxonomy: Taxonomy) -> tuple[str, ...]:
    """The codes that are this body's business; all of them where none is."""
    codes = tuple(score.code for score in said.categories) if said else (case.category,) if case.category else ()
    known = [taxonomy.by_code[code] for code in codes if code in taxonomy.by_code]
    if body.kind is BodyKind.DISCIPLINE:
        own = tuple(category.code for category in known if category.discipline is not DisciplineRule.NO)
    else:
        own = tuple(category.code for category in known if body.kind in (category.lead, *category.co_bodies))
    return own or codes


def _list_accused(said: Assessment) -> tuple[Accused, ...]:
    people = (
        Accused(name=person.name or UNKNOWN_NAME, unit=person.unit or "", post=person.post or "")
        for person in said.persons
        if person.name or person.post
    )
    return tuple(dict.fromkeys(people))


def _say_when(said: Assessment) -> str:
    """The days it happened, as dates; nothing where the words don't amount to a date."""
    if said.when is None or said.when.from_ is None or said.when.to is None:
        return ""
    first, last = said.when.from_, said.when.to
    return write_date(first) if first == last else f"{write_date(first)}至{write_date(last)}"
