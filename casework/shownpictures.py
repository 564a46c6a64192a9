"""A handling body may see a picture: one clean copy of an open case, by an officer's click, taken back by another.

The body sees that picture and no other, never an original, and nothing once the case is sealed, the letter withdrawn,
or the body itself kept out of the case.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Verb, by_officer, record
from casework.models.attachments import Attachment
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.models.referrals import Referral
from casework.models.secrecy import Exclusion
from casework.models.shownpictures import ShownPicture
from casework.referral_rules import refuse_the_accused
from casework.types import AttachmentKind, BodyKind, CaseStatus, ReferralStatus, Role
from casework.visibility import NOT_SENT, require_role

SUBJECT = "attachment"
SHOWERS = (Role.DISPATCHER, Role.SUPERVISOR)
"""Who has seen the picture himself and knows who handles the matter."""
UNDER_WAY = (
    ReferralStatus.ISSUED,
    ReferralStatus.DELIVERED,
    ReferralStatus.ACKNOWLEDGED,
    ReferralStatus.ANSWERED,
)
OVER = (CaseStatus.CLOSED, CaseStatus.WITHDRAWN)


def list_handling_bodies(session: Session, case: Case) -> list[Body]:
    """Who handles an open case: the body it was sent to, and those that it was referred to; no discipline organ.

    The caller has got the case through the door.
    """
    if case.sealed or case.status in OVER:
        return []
    own = {case.body_code} if case.body_code and case.status not in NOT_SENT else set()
    query = select(Referral.body_code).where(Referral.case_id == case.id, Referral.status.in_(UNDER_WAY))
    codes = own | set(session.scalars(query))
    bodies = session.scalars(select(Body).where(Body.code.in_(codes), Body.kind != BodyKind.DISCIPLINE))
    return sorted(bodies, key=lambda body: body.name)


def show_picture(
    session: Session, case: Case, attachment_id: str, body_code: str, *, by: Officer, now: datetime
) -> ShownPicture:
    """Let a handling body see the clean copy of one picture; a second click changes nothing.

    Raises NotAllowed for another role or a sealed case, NotFound where the case has no such picture with a copy,
    InvalidField(body, unknown_choice) for a body that does not handle it, ConflictOfInterest for one complained of.
    """
    require_role(by, *SHOWERS, act="show_picture")
    if case.sealed:
        raise NotAllowed("show_picture")
    row = session.get(Attachment, attachment_id)
    if row is None or row.case_id != case.id or row.kind is not AttachmentKind.PICTURE or row.copy_wrap is None:
        raise NotFound(SUBJECT, attachment_id)
    body = next((each for each in list_handling_bodies(session, case) if each.code == body_code), None)
    if body is None:
        raise InvalidField("body", "unknown_choice")
    refuse_the_accused(session, case, body)
    known = session.scalar(_standing(case.id).where(_is_for(attachment_id, body_code)))
    if known is not None:
        return known
    shown = ShownPicture(
        case_id=case.id, attachment_id=attachment_id, body_code=body_code, shown_by=by.id, shown_at=now
    )
    session.add(shown)
    session.flush()
    _record(session, shown, Verb.PICTURE_SHOWN, by=by, now=now)
    return shown


def take_picture_back(session: Session, case: Case, shown_id: str, *, by: Officer, now: datetime) -> None:
    """The body sees it no longer. Raises NotAllowed, NotFound."""
    require_role(by, *SHOWERS, act="show_picture")
    shown = session.scalar(_standing(case.id).where(ShownPicture.id == shown_id))
    if shown is None:
        raise NotFound("shown_picture", shown_id)
    shown.taken_back_by, shown.taken_back_at = by.id, now
    _record(session, shown, Verb.PICTURE_TAKEN_BACK, by=by, now=now)


def list_shown(session: Session, case: Case) -> Sequence[ShownPicture]:
    """What bodies may see of a case that was got through the door, oldest first."""
    return session.scalars(_standing(case.id).order_by(ShownPicture.shown_at, ShownPicture.id)).all()


def list_shown_to(session: Session, case_id: str, body_code: str | None) -> list[str]:
    """The ids of the pictures that this body may see of this case, oldest first; none where it is kept out."""
    query = _standing(case_id).where(ShownPicture.body_code == body_code, ~_is_kept_out())
    return [row.attachment_id for row in session.scalars(query.order_by(ShownPicture.shown_at, ShownPicture.id))]


def list_shown_with(session: Session, referral: Referral) -> list[str]:
    """The ids of the pictures that the receiver of a referral may see: of an open one that is under way."""
    if referral.sealed or referral.status not in UNDER_WAY:
        return []
    return list_shown_to(session, referral.case_id, referral.body_code)


def get_shown_with(session: Session, referral: Referral, attachment_id: str) -> Attachment:
    """One of them. Raises NotFound for any other, whether there is one or not."""
    if attachment_id not in list_shown_with(session, referral):
        raise NotFound(SUBJECT, attachment_id)
    return session.get_one(Attachment, attachment_id)


def _standing(case_id: str) -> Select[ShownPicture]:
    """What was shown and not taken back, of a case that is not sealed."""
    open_case = exists().where(Case.id == ShownPicture.case_id, ~Case.sealed)
    return select(ShownPicture).where(ShownPicture.case_id == case_id, ShownPicture.taken_back_at.is_(None), open_case)


def _is_for(attachment_id: str, body_code: str) -> ColumnElement[bool]:
    return (ShownPicture.attachment_id == attachment_id) & (ShownPicture.body_code == body_code)


def _is_kept_out() -> ColumnElement[bool]:
    return exists().where(
        Exclusion.case_id == ShownPicture.case_id,
        Exclusion.body_code == ShownPicture.body_code,
        Exclusion.cleared_at.is_(None),
    )


def _record(session: Session, shown: ShownPicture, verb: Verb, *, by: Officer, now: datetime) -> None:
    record(
        session,
        actor=by_officer(by),
        verb=verb,
        subject=SUBJECT,
        subject_id=shown.attachment_id,
        case_id=shown.case_id,
        details={"shown": shown.id},
        now=now,
    )
    session.flush()
