"""A small invented office for the tests: a bureau with two sections, a hotline desk, a clue desk, towns and homes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.keepingout import exclude
from casework.ledger import SYSTEM, by_officer
from casework.limits import load_rules
from casework.models import Body, Institution, Officer, Town
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.secrecy import Ring, RingMember
from casework.office import Office
from casework.openings import CaseOpening, Opened, open_case
from casework.pins import pin_officer, pin_ring
from casework.recovery import create_recovery_key
from casework.rings import IDENTITY_RING
from casework.types import BodyKind, Channel, ExclusionReason, Role
from casework.vault import generate_key_pair
from casework.workdays import load_calendar
from triage.types import (
    Assessment,
    CategoryScore,
    Evidence,
    InstitutionKind,
    InstitutionMention,
    Keys,
    OperatorKind,
    PersonMention,
    PlaceMention,
    Urgency,
)

NOW = datetime(2026, 10, 8, 2, 52, tzinfo=UTC)
"""Thursday 8 October 2026, 10:52 in Shanghai: the first day after National Day, before a make-up Saturday."""

COUNTY_RING = "ring-of-the-county"

TEXT = "麦陇镇敬老院的饭是馊的，吃了拉肚子。"


def an_office(**changes: Any) -> Office:
    """The bureau, with our rules and calendar and the authority to bypass it."""
    known: dict[str, Any] = {
        "name": "望桐县民政局",
        "district": "望桐县",
        "calendar": load_calendar(),
        "rules": load_rules(),
        "bypass_authority": "望桐县纪委监委批复",
    }
    return Office(**(known | changes))


def a_body(session: Session, code: str, name: str, kind: BodyKind = BodyKind.CIVIL_AFFAIRS, **more: Any) -> Body:
    body = Body(**({"code": code, "name": name, "kind": kind, "aliases": [], "accepts": []} | more))
    session.add(body)
    session.flush()
    return body


def an_officer(
    session: Session, username: str, name: str, body_code: str, *roles: Role, keys: bool = False, **more: Any
) -> Officer:
    """A member of staff who can't sign in (no verifier); with `keys` he can be let into sealed cases."""
    known: dict[str, Any] = {
        "username": username,
        "name": name,
        "body_code": body_code,
        "roles": [role.value for role in roles],
        "aliases": [],
        "towns": [],
        "password_hash": "",
        "created_at": NOW,
    }
    if keys:
        pair = generate_key_pair()
        known |= {"public_key": pair.public, "wrapped_private_key": pair.private}
    officer = Officer(**(known | more))
    session.add(officer)
    session.flush()
    pin_officer(session, officer, by=SYSTEM, now=NOW)
    return officer


def _make_ring(session: Session) -> None:
    """A ring that only says who stands in it: nothing that these tests seal to it is opened again."""
    ring = Ring(id=COUNTY_RING, name=IDENTITY_RING, generation=1, public_key=generate_key_pair().public, created_at=NOW)
    session.add(ring)
    session.flush()
    pin_ring(session, ring, by=SYSTEM, now=NOW)


def the_county(session: Session, *, recovery: bool = True) -> None:
    """Two towns, the bureau with its parts, a township office, fire rescue, discipline inspection, two homes."""
    if recovery:
        create_recovery_key(session, now=NOW)
        _make_ring(session)
    session.add_all(
        [
            Town(code="mailong", name="麦陇镇", aliases=["麦陇"], villages=[]),
            Town(code="luzhu", name="芦渚镇", aliases=["芦渚"], villages=[]),
        ]
    )
    session.flush()
    a_body(session, "up", "云梧市民政局")
    a_body(session, "bureau", "望桐县民政局", aliases=["县民政局", "民政局"], internal=True, superior_code="up")
    part: dict[str, Any] = {"internal": True, "part_of_code": "bureau", "superior_code": "bureau"}
    a_body(session, "civil_affairs", "养老服务科", aliases=["养老科"], **part)
    a_body(session, "assistance", "社会救助科", BodyKind.ASSISTANCE, **part)
    a_body(session, "hotline", "热线中心", **part)
    a_body(session, "clue_desk", "线索管理岗", **part)
    a_body(session, "fire", "望桐县消防救援大队", BodyKind.FIRE, aliases=["消防大队"], accepts=["mail"])
    a_body(session, "police", "望桐县公安局", BodyKind.POLICE)
    a_body(session, "market", "望桐县市场监督管理局", BodyKind.MARKET)
    a_body(session, "discipline", "望桐县纪委监委", BodyKind.DISCIPLINE, aliases=["县纪委"])
    a_body(session, "township-mailong", "麦陇镇民政办", BodyKind.TOWNSHIP, town_code="mailong", superior_code="bureau")
    session.add_all(
        [
            Institution(
                code="mailong-home",
                name="麦陇镇敬老院",
                aliases=["麦陇敬老院"],
                town_code="mailong",
                operator_kind=OperatorKind.PUBLIC,
                operator_name="麦陇镇人民政府",
                director_name="崔广田",
                run_by_code="township-mailong",
                beds=120,
            ),
            Institution(
                code="luzhu-home",
                name="芦渚颐年院",
                aliases=[],
                town_code="luzhu",
                operator_kind=OperatorKind.PRIVATE,
                operator_name="芦渚颐年养老公司",
                director_name="滕守业",
            ),
        ]
    )
    session.flush()


def a_dispatcher(session: Session, name: str = "周建禾") -> Officer:
    return an_officer(session, f"dispatcher-{name}", name, "hotline", Role.DISPATCHER)


def a_supervisor(session: Session, name: str = "戚望舒") -> Officer:
    return an_officer(session, f"supervisor-{name}", name, "hotline", Role.SUPERVISOR)


def a_handler(session: Session, name: str = "贺小满", body: str = "civil_affairs", **more: Any) -> Officer:
    return an_officer(session, f"handler-{name}", name, body, Role.HANDLER, **more)


def a_clue_officer(session: Session, name: str = "宁致远", **more: Any) -> Officer:
    """One with a key; in `the_county` colleagues have let him into the ring, in a house with a vault nobody has yet."""
    officer = an_officer(session, f"clue-{name}", name, "clue_desk", Role.CLUE_OFFICER, keys=True, **more)
    if session.get(Ring, COUNTY_RING) is not None:
        session.add(RingMember(id=new_id(), ring_id=COUNTY_RING, officer_id=officer.id, wrapped_key=b"no ring key"))
        session.flush()
    return officer


def see_to_four_eyes(session: Session) -> None:
    """A second clue officer, where a test has but one: one alone may neither answer nor end a sealed case."""
    staff = session.scalars(select(Officer).where(Officer.removed_at.is_(None)))
    if sum(Role.CLUE_OFFICER in officer.roles for officer in staff) < 2:
        a_clue_officer(session, "万俟同")


def a_leader(session: Session, name: str = "项云帆", post: str = "局长") -> Officer:
    return an_officer(session, f"leader-{name}", name, "bureau", Role.LEADER, post=post, leads=True)


def keep_out_by_hand(session: Session, case: Case, officer: Officer, *, by: Officer) -> None:
    """A clue officer kept out of an open case as it comes back from a sealed one, where two decided it."""
    row = exclude(
        session,
        case,
        officer.id,
        None,
        reason=ExclusionReason.BY_HAND,
        certain=True,
        by=by_officer(by),
        now=NOW,
    )
    row.made_by = by.id
    session.flush()


def an_assessment(
    text: str = TEXT,
    *,
    category: str = "food_safety",
    body: str = "market",
    urgency: Urgency = Urgency.NORMAL,
    discipline: bool = False,
    who: bool = False,
    what: bool = False,
    home: str | None = "mailong-home",
    unit: str | None = None,
    town: str | None = None,
    persons: Iterable[PersonMention] = (),
    evidence: Iterable[str] = (),
    danger: Iterable[str] = (),
    **more: Any,
) -> Assessment:
    """What triage might have said of `text`; quoted words are looked up in it."""
    institution = None
    if unit is not None:
        start, end = _where(text, unit)
        institution = InstitutionMention(unit, start, end, unit, None, InstitutionKind.OFFICE)
    elif home is not None:
        institution = InstitutionMention(text[:6], 0, 6, None, home, InstitutionKind.HOME)
    place = PlaceMention(text[:3], 0, 3, town) if town else None
    return Assessment(
        categories=(CategoryScore(category, 0.9, tuple(some_evidence(text, *evidence))),),
        urgency=urgency,
        discipline=discipline,
        keys=Keys(who=who, what=what),
        body=body,
        co_bodies=(),
        explanation="反映食品问题。",
        institution=institution,
        place=place,
        persons=tuple(persons),
        urgency_evidence=tuple(some_evidence(text, *danger)),
        lexicon_version="test",
        **more,
    )


def some_evidence(text: str, *phrases: str) -> list[Evidence]:
    return [Evidence(phrase, *_where(text, phrase), why="测试") for phrase in phrases]


def a_person(text: str, words: str, *, name: str | None = None, post: str | None = None, unit: str | None = None):
    """Somebody whom the text names by `words`."""
    start, end = _where(text, words)
    return PersonMention(words, start, end, name, post, unit)


def an_opening(text: str = TEXT, *, assessment: Assessment | None = None, **more: Any) -> CaseOpening:
    known: dict[str, Any] = {
        "assessment": assessment or an_assessment(text),
        "working_text": text,
        "channel": Channel.WEB,
        "received_at": NOW,
    }
    return CaseOpening(**(known | more))


def opened(session: Session, text: str = TEXT, *, office: Office | None = None, **assessed: Any) -> Opened:
    """Open the case of a text with what triage might have said of it."""
    opening = an_opening(text, assessment=an_assessment(text, **assessed))
    return open_case(session, opening, office=office or an_office(), now=NOW)


def an_open_case(session: Session, text: str = TEXT, **assessed: Any) -> Case:
    case = opened(session, text, **assessed).case
    assert case is not None
    return case


def _where(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)
