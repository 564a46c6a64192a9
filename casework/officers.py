"""Officers (经办人): staff as rows, added, changed and removed by an administrator; nothing of their sign-in.

Whatever changes who a person is or belongs to (name, alias, post, body, tie) is followed by a new conflict test.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bodies import get_body
from casework.errors import InvalidField, NotFound
from casework.ledger import Actor, Verb, record
from casework.memberships import note_leaving
from casework.models.accounts import EndedSignIn
from casework.models.people import Officer, OfficerSession, OfficerTie
from casework.passwords import check_strength, hash_password
from casework.screenings import screen_for
from casework.types import Role, SignInEnd

SUBJECT = "officer"


def add_officer(
    session: Session,
    *,
    username: str,
    name: str,
    body_code: str,
    roles: Iterable[Role],
    password: str,
    post: str = "",
    aliases: Iterable[str] = (),
    towns: Iterable[str] = (),
    leads: bool = False,
    totp_secret: bytes | None = None,
    initial_until: datetime | None = None,
    by: Actor,
    now: datetime,
) -> Officer:
    """Add a member of staff; the cases are screened for him before he can see one.

    `totp_secret` is already encrypted; without one he can't sign in, unless his password is an initial one, which opens
    the first sign-in until `initial_until`. Raises InvalidField for a user name that is taken
    or a weak password, NotFound for an unknown body.
    """
    if get_officer_by_username(session, username) is not None:
        raise InvalidField("username", "taken")
    check_strength(password, username)
    officer = Officer(
        username=username,
        name=name,
        aliases=list(aliases),
        post=post,
        body_code=get_body(session, body_code).code,
        roles=[role.value for role in roles],
        towns=list(towns),
        leads=leads,
        password_hash=hash_password(password),
        totp_secret=totp_secret,
        initial_until=initial_until,
        created_at=now,
    )
    session.add(officer)
    session.flush()
    record_on_officer(session, officer, Verb.OFFICER_ADDED, by=by, now=now)
    screen_for(session, officer, now=now)
    return officer


def change_officer(
    session: Session,
    officer: Officer,
    *,
    name: str | None = None,
    post: str | None = None,
    aliases: Iterable[str] | None = None,
    body_code: str | None = None,
    roles: Iterable[Role] | None = None,
    towns: Iterable[str] | None = None,
    leads: bool | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Change what is given; the ledger keeps the names of the fields, and the cases are screened anew.

    Where he was, and as what, is kept when body or post changes: exclusions of the body he leaves go with him.
    """
    changes = {
        "name": name,
        "post": post,
        "aliases": None if aliases is None else list(aliases),
        "body_code": None if body_code is None else get_body(session, body_code).code,
        "roles": None if roles is None else [role.value for role in roles],
        "towns": None if towns is None else list(towns),
        "leads": leads,
    }
    changed = {field: value for field, value in changes.items() if value is not None}
    if any(changed.get(field, getattr(officer, field)) != getattr(officer, field) for field in ("body_code", "post")):
        note_leaving(session, officer, now=now)
    for field, value in changed.items():
        setattr(officer, field, value)
    session.flush()
    record_on_officer(session, officer, Verb.OFFICER_CHANGED, by=by, now=now, fields=sorted(changed))
    screen_for(session, officer, now=now)


def set_password(
    session: Session,
    officer: Officer,
    password: str,
    *,
    initial_until: datetime | None = None,
    keep: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """A new password; every live sign-in of his ends but `keep`. His ring key hangs on another secret.

    With `initial_until` it is one that somebody else has seen: it opens the first sign-in alone, and only until then.
    """
    check_strength(password, officer.username)
    keep_verifier(session, officer, hash_password(password), initial_until=initial_until, keep=keep, by=by, now=now)


def keep_verifier(
    session: Session,
    officer: Officer,
    verifier: str,
    *,
    initial_until: datetime | None = None,
    keep: str | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """The same where the password was checked and hashed before, outside the unit of work."""
    officer.password_hash = verifier
    officer.initial_until = initial_until
    end_sessions(session, officer, SignInEnd.RENEWED, keep=keep)
    record_on_officer(session, officer, Verb.OFFICER_CHANGED, by=by, now=now, fields=["password"])


def set_second_factor(
    session: Session, officer: Officer, secret: bytes | None, *, step: int | None = None, by: Actor, now: datetime
) -> None:
    """A new TOTP secret, already encrypted; codes of the old one are worth nothing any more.

    `step` is that of the code by which he proved that he has it, so that it is not taken twice; without a secret he
    enrols anew at his next, first sign-in.
    """
    officer.totp_secret, officer.totp_last_step = secret, step
    record_on_officer(session, officer, Verb.OFFICER_CHANGED, by=by, now=now, fields=["second_factor"])


def remove_officer(session: Session, officer: Officer, *, by: Actor, now: datetime) -> None:
    """He leaves: sign-ins end and he sees nothing; the row stays, for the ledger names it.

    His place in the rings is taken away by `rings.remove_member` before.
    """
    officer.removed_at = now
    end_sessions(session, officer, SignInEnd.REMOVED)
    record_on_officer(session, officer, Verb.OFFICER_REMOVED, by=by, now=now)


def restore_officer(session: Session, officer: Officer, *, by: Actor, now: datetime) -> None:
    """He comes back: the cases are screened for him before he can see one; his old keys do not come back."""
    officer.removed_at = None
    session.flush()
    record_on_officer(session, officer, Verb.OFFICER_RESTORED, by=by, now=now)
    screen_for(session, officer, now=now)


def declare_tie(
    session: Session, officer: Officer, *, name: str, relation: str, by: Actor, now: datetime
) -> OfficerTie:
    """A relative, interest or unit that he declares, so that he stands aside (公务员法 art. 74, 76)."""
    if not name.strip():
        raise InvalidField("name", "empty")
    tie = OfficerTie(officer_id=officer.id, name=name.strip(), relation=relation)
    session.add(tie)
    session.flush()
    record_on_officer(session, officer, Verb.TIE_DECLARED, by=by, now=now)
    screen_for(session, officer, now=now)
    return tie


def withdraw_tie(session: Session, officer: Officer, tie_id: str, *, by: Actor, now: datetime) -> None:
    """A tie of his that is no more. What he was kept out of by it stays closed: rows of exclusion are only added.

    Raises NotFound for a tie that is not his.
    """
    tie = session.get(OfficerTie, tie_id)
    if tie is None or tie.officer_id != officer.id:
        raise NotFound("tie", tie_id)
    session.delete(tie)
    session.flush()
    record_on_officer(session, officer, Verb.TIE_WITHDRAWN, by=by, now=now)


def list_ties(session: Session, officer_id: str) -> list[OfficerTie]:
    """What an officer declared; shown to him alone."""
    query = select(OfficerTie).where(OfficerTie.officer_id == officer_id).order_by(OfficerTie.name, OfficerTie.id)
    return list(session.scalars(query))


def get_officer(session: Session, officer_id: str) -> Officer:
    """The officer with that id, also one who has left. Raises NotFound."""
    officer = session.get(Officer, officer_id)
    if officer is None:
        raise NotFound(SUBJECT, officer_id)
    return officer


def get_officer_by_username(session: Session, username: str) -> Officer | None:
    """The officer with that user name, if any."""
    return session.scalar(select(Officer).where(Officer.username == username))


def list_officers(session: Session, *, body_code: str | None = None) -> list[Officer]:
    """Those in service, by user name; of one body if given."""
    query = select(Officer).where(Officer.removed_at.is_(None)).order_by(Officer.username)
    if body_code is not None:
        query = query.where(Officer.body_code == body_code)
    return list(session.scalars(query))


def end_sessions(session: Session, officer: Officer, why: SignInEnd, *, keep: str | None = None) -> int:
    """End every live sign-in of an officer but `keep`, and with it every ring that is open in one; how many.

    What is left of each tells its page why it closed.
    """
    query = select(OfficerSession).where(OfficerSession.officer_id == officer.id, OfficerSession.id != (keep or ""))
    ended = session.scalars(query).all()
    for row in ended:
        session.merge(EndedSignIn(token_sha256=row.token_sha256, why=why, until=row.expires_at))
        session.delete(row)
    session.flush()
    return len(ended)


def record_on_officer(
    session: Session, officer: Officer, verb: Verb, *, by: Actor, now: datetime, fields: list[str] | None = None
) -> None:
    """A ledger entry about an officer: which fields, never their values."""
    details = {"fields": fields} if fields else {}
    record(session, actor=by, verb=verb, subject=SUBJECT, subject_id=officer.id, details=details, now=now)
    session.flush()
