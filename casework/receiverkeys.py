"""Keys of those who receive (收件单位的钥匙): a body's age key, its officers' own, who heard their fingerprints.

Whoever enters a key pins it in the ledger; before anything is locked to it, somebody else of the ring has typed in the
fingerprint that the receiver read out to him. What was heard counts for that body and that name alone.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bodies import get_body
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.ledger import Actor, Verb, by_officer, record
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.packing import read_age_key
from casework.pins import (
    SUBJECT,
    Pin,
    digest_age_key,
    find_body_pins,
    find_officer_pins,
    name_body,
    name_officer,
    pin_body,
    print_age_key,
    short_print,
    trusted_key,
)
from casework.rings import SignedIn, is_holder, officer_private_key
from casework.trust import trust_key
from casework.types import Role
from casework.visibility import has_role


@dataclass(frozen=True, slots=True)
class BodyKey:
    """A body's age key: its fingerprint, since when, who heard it and when; `changed` where another was heard before.

    `broken` where the row is not the key that the ledger has.
    """

    body: Body
    digits: str
    since: datetime | None
    heard_by: str = ""
    heard_at: datetime | None = None
    changed: bool = False
    broken: bool = False
    entered_by: str | None = None

    @property
    def usable(self) -> bool:
        """Whether a package may be locked to it."""
        return bool(self.heard_by) and not self.broken


@dataclass(frozen=True, slots=True)
class ReceiverKey:
    """A receiving officer's own key, and who of the ring heard its fingerprint."""

    officer: Officer
    body_name: str
    heard_by: str = ""
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Heard:
    """The newest fingerprint heard; `since` when the first of those heard for the same body without a break."""

    public: str
    by: str
    at: datetime
    body: str
    name: str
    since: datetime

    def is_of(self, public: bytes, body: Body, officer: Officer | None = None) -> bool:
        """Whether it was this key that was heard, of this body and under this name."""
        return (self.public, self.body, self.name) == (public.hex(), body.code, _digest_name(body, officer))


def set_body_key(session: Session, body: Body, key: str, *, by: Actor, now: datetime) -> None:
    """Keep the public key that a body gave us and pin it; nothing is locked to it before another has heard it.

    Raises InvalidField(key, not_an_age_key).
    """
    key = key.strip()
    read_age_key(key)
    body.age_public_key = key
    pin_body(session, body, by=by, now=now)
    details = {"field": "age_public_key", "sha256": digest_age_key(key).hex()}
    record(session, actor=by, verb=Verb.BODY_CHANGED, subject="body", subject_id=body.code, details=details, now=now)
    session.flush()


def find_body_key(session: Session, body: Body) -> BodyKey | None:
    """How it stands with a body's key; None where it gave none."""
    return next(iter(_describe(session, [body])), None)


def list_body_keys(session: Session) -> list[BodyKey]:
    """The same of every active body with a key, by name."""
    query = select(Body).where(Body.active, Body.age_public_key.is_not(None)).order_by(Body.name)
    return _describe(session, session.scalars(query).all())


def find_age_key(session: Session, body: Body) -> str | None:
    """The key that a package may be locked to; None without one, or while nobody has heard its fingerprint."""
    found = find_body_key(session, body)
    return body.age_public_key if found is not None and found.usable else None


def require_age_key(session: Session, body: Body) -> str:
    """The same. Raises InvalidField(key): `not_an_age_key` without one, `key_swapped` where the row is not the
    ledger's, `key_not_heard` while nobody has heard its fingerprint.
    """
    found = find_body_key(session, body)
    if found is None or body.age_public_key is None:
        raise InvalidField("key", "not_an_age_key")
    if found.broken:
        raise InvalidField("key", "key_swapped")
    if not found.usable:
        raise InvalidField("key", "key_not_heard")
    read_age_key(body.age_public_key)
    return body.age_public_key


def confirm_body_key(
    session: Session, code: str, typed: str, *, signed: SignedIn, token: str, now: datetime
) -> BodyKey:
    """One of the ring types in the fingerprint that the body read out to him; not whoever entered the key.

    Raises NotFound for a body without a key, NotAllowed, VaultLocked, InvalidField(fingerprint, not_its_fingerprint),
    InvalidField(fingerprint, key_swapped). Of a key that came from nobody in particular (`unknown_hand`) no one can say
    who else it was.
    """
    body = get_body(session, code)
    found = find_body_key(session, body)
    if found is None:
        raise NotFound("body", code)
    _require_hearer(session, signed, token, body.code)
    if found.entered_by == signed.officer.id:
        raise NotAllowed("second_person")
    if found.broken or body.age_public_key is None:
        raise InvalidField("fingerprint", "key_swapped")
    if found.entered_by is None:
        raise NotAllowed("unknown_hand")
    if _fold(typed) != _fold(found.digits):
        raise InvalidField("fingerprint", "not_its_fingerprint")
    note_heard(session, body, by=signed.officer, now=now)
    trust_key(session, signed.officer, officer_private_key(signed, token), name_body(code), now=now)
    return found


def list_receiver_keys(session: Session) -> list[ReceiverKey]:
    """The receiving officers with a key of their own, by body and name."""
    query = (
        select(Officer, Body)
        .join(Body, Body.code == Officer.body_code)
        .where(Officer.removed_at.is_(None), Officer.public_key.is_not(None))
        .order_by(Body.name, Officer.username)
    )
    rows = [(officer, body) for officer, body in session.execute(query) if has_role(officer, Role.RECEIVER)]
    pins = find_officer_pins(session, [officer.id for officer, _ in rows])
    heard = _find_heard(session, [name_officer(officer.id) for officer, _ in rows])
    names = _list_names(session, [each.by for each in heard.values()])
    keys = []
    for officer, body in rows:
        said = heard.get(name_officer(officer.id))
        pin = pins.get(officer.id)
        if said is not None and pin is not None and said.is_of(pin.public, body, officer):
            keys.append(ReceiverKey(officer, body.name, names.get(said.by, ""), said.at))
        else:
            keys.append(ReceiverKey(officer, body.name))
    return keys


def receiver_key(session: Session, officer: Officer) -> bytes | None:
    """The public half that something for a receiving officer may be sealed to: the ledger's, once it was heard of him
    where he is now, under the name that he has now.
    """
    public = trusted_key(session, officer)
    return public if public is not None and _find_said(session, officer, public) is not None else None


def heard_since(session: Session, officer: Officer) -> datetime | None:
    """Since when somebody of the ring has known this receiving officer's voice at his body; None where nobody does.

    What was made ready before is not his: he may have been of another body then.
    """
    public = trusted_key(session, officer)
    said = _find_said(session, officer, public) if public is not None else None
    return said.since if said is not None else None


def confirm_receiver(
    session: Session, officer_id: str, typed: str, *, signed: SignedIn, token: str, now: datetime
) -> Officer:
    """One of the ring types in the fingerprint that a receiving officer read out: an administrator can make an account
    of any body, but not the voice of its officer.

    Raises NotFound, NotAllowed, VaultLocked, InvalidField(fingerprint, not_his_fingerprint).
    """
    officer = session.get(Officer, officer_id)
    if officer is None or officer.removed_at is not None or not has_role(officer, Role.RECEIVER):
        raise NotFound("officer", officer_id)
    _require_hearer(session, signed, token, officer.body_code)
    public = trusted_key(session, officer)
    if public is None or _fold(typed) != _fold(short_print(public)):
        raise InvalidField("fingerprint", "not_his_fingerprint")
    note_heard(session, officer, by=signed.officer, now=now)
    return officer


def note_heard(session: Session, of: Officer | Body, *, by: Officer, now: datetime) -> None:
    """Write into the ledger that this officer heard the fingerprint of the key of a receiving officer or body, of which
    body and under which name (its SHA-256); whoever calls it has seen to that.
    """
    officer, body = (of, session.get_one(Body, of.body_code)) if isinstance(of, Officer) else (None, of)
    if officer is not None:
        subject, public = name_officer(officer.id), trusted_key(session, officer) or b""
    else:
        subject, public = name_body(body.code), digest_age_key(body.age_public_key or "")
    details = {"public_key": public.hex(), "body": body.code, "name": _digest_name(body, officer)}
    actor = by_officer(by)
    record(session, actor=actor, verb=Verb.KEY_HEARD, subject=SUBJECT, subject_id=subject, details=details, now=now)
    session.flush()


def _require_hearer(session: Session, signed: SignedIn, token: str, body_code: str) -> None:
    """One of the ring with his vault open, who is not of the receiving body himself."""
    officer_private_key(signed, token)
    if not is_holder(session, signed.officer.id) or signed.officer.body_code == body_code:
        raise NotAllowed("confirm_key")


def _describe(session: Session, bodies: Iterable[Body]) -> list[BodyKey]:
    with_key = [body for body in bodies if body.age_public_key]
    pins = find_body_pins(session, [body.code for body in with_key])
    heard = _find_heard(session, [name_body(body.code) for body in with_key])
    names = _list_names(session, [each.by for each in heard.values()])
    return [
        _describe_one(session, body, pins.get(body.code), heard.get(name_body(body.code)), names) for body in with_key
    ]


def _describe_one(session: Session, body: Body, pin: Pin | None, said: _Heard | None, names: dict[str, str]) -> BodyKey:
    key = body.age_public_key or ""
    whole = digest_age_key(key)
    entry = session.get(LedgerEntry, pin.entry) if pin is not None else None
    heard = said is not None and said.is_of(whole, body)
    return BodyKey(
        body,
        print_age_key(key),
        pin.at if pin is not None else None,
        heard_by=names.get(said.by, "") if said is not None and heard else "",
        heard_at=said.at if said is not None and heard else None,
        changed=said is not None and said.public != whole.hex(),
        broken=pin is None or pin.public != whole,
        entered_by=entry.actor_id if entry is not None else None,
    )


def _find_heard(session: Session, of: list[str]) -> dict[str, _Heard]:
    """The newest fingerprint heard of each."""
    query = select(LedgerEntry).where(
        LedgerEntry.subject == SUBJECT, LedgerEntry.subject_id.in_(of), LedgerEntry.verb == Verb.KEY_HEARD.value
    )
    found: dict[str, _Heard] = {}
    for entry in session.scalars(query.order_by(LedgerEntry.id)):
        public, body, name = (str(entry.details.get(key)) for key in ("public_key", "body", "name"))
        before = found.get(entry.subject_id)
        since = before.since if before is not None and before.body == body else entry.at
        found[entry.subject_id] = _Heard(public, str(entry.actor_id), entry.at, body, name, since)
    return found


def _find_said(session: Session, officer: Officer, public: bytes) -> _Heard | None:
    said = _find_heard(session, [name_officer(officer.id)]).get(name_officer(officer.id))
    body = session.get(Body, officer.body_code)
    return said if said is not None and body is not None and said.is_of(public, body, officer) else None


def _digest_name(body: Body, officer: Officer | None) -> str:
    """SHA-256 of the name that the voice belonged to: the ledger holds no names (pure)."""
    said = f"{body.name}|{officer.name}" if officer is not None else body.name
    return hashlib.sha256(said.encode()).hexdigest()


def _list_names(session: Session, ids: list[str]) -> dict[str, str]:
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _fold(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())
