"""Who may know of a case: one condition, in the query, so that it holds for pages, lists, counts, search and exports.

There is no second check afterwards; a case that is not visible does not exist for the officer who asks.
"""

from sqlalchemy import CTE, ColumnElement, Date, and_, exists, false, null, or_, select, true, type_coerce
from sqlalchemy.orm import aliased

from casework.errors import NotAllowed
from casework.models.cases import Case
from casework.models.memberships import Membership, Screening
from casework.models.people import Body, Officer
from casework.models.secrecy import Allowance, Exclusion
from casework.types import CaseStatus, Role

SEES_ALL_OPEN = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
SEES_OWN_BODY = frozenset({Role.HANDLER, Role.TOWNSHIP, Role.RECEIVER})
READS_WORDS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.OPERATOR, Role.CLUE_OFFICER})
ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.WITHDRAWN})
"""Nothing more is done with these; the queue of what is closed is the same list."""
NOT_SENT = frozenset({CaseStatus.RECEIVED, CaseStatus.RETURNED})
"""While a case is with the dispatcher its body is only a proposal, and that body does not see it yet."""


def visible_cases(officer: Officer) -> ColumnElement[bool]:
    """THE condition on `Case`: which cases this officer may know of (信访工作条例 art. 28, 30).

    - A sealed case: only with an `Allowance`, whatever the role.
    - An open case: not where an uncleared `Exclusion` names him, his body, one that he was of since the matter began,
      or a body that one of these is part of; not one that is over while those are still held against him; and then
      - dispatcher, supervisor and leader: every one;
      - operator: those that are still being taken in;
      - handler, township office, receiving body: those sent to their own body;
      - inspector: those of his own towns that are no discipline matter;
      - clue officer: those marked as a discipline matter, and those with an uncertain exclusion for him to decide.
    - Administrator and log auditor: none, nor anyone who has left.
    """
    if officer.removed_at is not None:
        return false()
    allowed = exists().where(Allowance.case_id == Case.id, Allowance.officer_id == officer.id)
    return or_(
        and_(Case.sealed, allowed),
        and_(
            ~Case.sealed,
            _open_to_roles(officer),
            ~is_excluded(officer),
            or_(Case.status.not_in(ENDED), ~_is_new(officer)),
        ),
    )


def can_read_words(officer: Officer) -> bool:
    """Whether he reads the reporter's own words; a handling body gets the part rewritten for it (rules 5.1, 5.2)."""
    return has_role(officer, *READS_WORDS)


def has_role(officer: Officer, *roles: Role) -> bool:
    """Whether the officer holds one of the roles."""
    return not {role.value for role in roles}.isdisjoint(officer.roles)


def require_role(officer: Officer, *roles: Role, act: str) -> None:
    """Raise NotAllowed(act) where he holds none of the roles or has left."""
    if officer.removed_at is not None or not has_role(officer, *roles):
        raise NotAllowed(act)


def _open_to_roles(officer: Officer) -> ColumnElement[bool]:
    if has_role(officer, *SEES_ALL_OPEN):
        return true()
    ways: list[ColumnElement[bool]] = [false()]
    if has_role(officer, Role.OPERATOR):
        ways.append(Case.status == CaseStatus.RECEIVED)
    if has_role(officer, *SEES_OWN_BODY):
        ways.append(and_(Case.body_code == officer.body_code, Case.status.not_in(NOT_SENT)))
    if has_role(officer, Role.INSPECTOR):
        ways.append(and_(Case.town_code.in_(officer.towns), Case.discipline.is_(False)))
    if has_role(officer, Role.CLUE_OFFICER):
        ways += [Case.discipline.is_(True), has_doubtful_exclusion()]
    return or_(*ways)


def has_doubtful_exclusion() -> ColumnElement[bool]:
    """Whether somebody is kept out of the case by an uncertain hit that nobody has looked at yet."""
    return exists().where(Exclusion.case_id == Case.id, Exclusion.certain.is_(False), Exclusion.cleared_at.is_(None))


def is_excluded(officer: Officer) -> ColumnElement[bool]:
    """The condition on `Case`: an exclusion that stands names him, a body of his, or one that such a body is part of.

    Whoever moves takes the exclusions of the body he leaves along, as far as he was of it since the matter began.
    """
    bodies = _bodies_above(officer)
    with_his_body = exists().where(
        bodies.c.code == Exclusion.body_code,
        or_(bodies.c.ended_on.is_(None), Exclusion.since.is_(None), bodies.c.ended_on >= Exclusion.since),
    )
    return exists().where(
        Exclusion.case_id == Case.id,
        Exclusion.cleared_at.is_(None),
        or_(Exclusion.officer_id == officer.id, with_his_body),
    )


def _is_new(officer: Officer) -> ColumnElement[bool]:
    """Whether the cases that are over are still being held against him (`casework.screenings`)."""
    return exists().where(Screening.officer_id == officer.id, Screening.finished_at.is_(None))


def _bodies_above(officer: Officer) -> CTE:
    """His own body, those he was of until a day, and every body that one of these is part of."""
    now = select(Body.code, Body.part_of_code, type_coerce(null(), Date).label("ended_on"))
    once = select(Body.code, Body.part_of_code, Membership.ended_on).join(Membership, Membership.body_code == Body.code)
    his = now.where(Body.code == officer.body_code).union(once.where(Membership.officer_id == officer.id)).subquery()
    own = select(his).cte("bodies_above", recursive=True)
    above = aliased(Body)
    return own.union(select(above.code, above.part_of_code, own.c.ended_on).where(above.code == own.c.part_of_code))
