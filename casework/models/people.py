"""Who handles and what is looked after: officers with their sign-ins, bodies, towns, institutions.

The staff side keeps address and device in a security log of its own; nothing here is about reporters.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import BodyKind
from triage.types import OperatorKind


class Town(Base):
    """A town or street of the office."""

    __tablename__ = "town"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    aliases: Mapped[list[str]]
    villages: Mapped[list[str]]


class Body(Base):
    """An organ that handles: a section of the bureau, another department, a township office, discipline inspection.

    `accepts` lists the delivery methods it takes, best first. `parts_of` names the body above it in the same house,
    whose officers are superiors of its own. `superior_code` is where a matter about itself goes.
    """

    __tablename__ = "body"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[BodyKind] = mapped_column(closed_set(BodyKind, "body_kind"), index=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    aliases: Mapped[list[str]]
    town_code: Mapped[str | None] = mapped_column(ForeignKey("town.code"))
    part_of_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    superior_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    internal: Mapped[bool] = mapped_column(default=False)
    accepts: Mapped[list[str]]
    address: Mapped[str] = mapped_column(String(256), default="")
    mail: Mapped[str | None] = mapped_column(String(256))
    webhook_url: Mapped[str | None] = mapped_column(String(512))
    webhook_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    age_public_key: Mapped[str | None] = mapped_column(String(128))
    active: Mapped[bool] = mapped_column(default=True)


class Institution(Base):
    """A care home in the directory; `run_by_code` is set for one that the bureau or a town runs itself."""

    __tablename__ = "institution"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    aliases: Mapped[list[str]]
    town_code: Mapped[str | None] = mapped_column(ForeignKey("town.code"), index=True)
    operator_kind: Mapped[OperatorKind] = mapped_column(closed_set(OperatorKind, "operator_kind"))
    operator_name: Mapped[str] = mapped_column(String(128), default="")
    director_name: Mapped[str] = mapped_column(String(64), default="")
    run_by_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    beds: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(256), default="")


class Officer(Base):
    """A member of staff.

    The sign-in verifier and the key that wraps his private half come of different secrets. `leads` marks bureau
    leadership; `roles` and `towns` are lists of codes. While `initial_until` is set, his password is one that the
    administrator was shown: it opens nothing but the page of the first sign-in, and only until then.
    """

    __tablename__ = "officer"
    __table_args__ = (CheckConstraint("(public_key IS NULL) = (wrapped_private_key IS NULL)", name="whole_key_pair"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    aliases: Mapped[list[str]]
    post: Mapped[str] = mapped_column(String(64), default="")
    body_code: Mapped[str] = mapped_column(ForeignKey("body.code"), index=True)
    roles: Mapped[list[str]]
    towns: Mapped[list[str]]
    leads: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(String(256))
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_last_step: Mapped[int | None]
    initial_until: Mapped[datetime | None]
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_private_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    trust_note: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class OfficerTie(Base):
    """A relative, interest or unit that an officer declared, so that he stands aside (公务员法 art. 74, 76)."""

    __tablename__ = "officer_tie"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    name: Mapped[str] = mapped_column(String(128))
    relation: Mapped[str] = mapped_column(String(64))


class OfficerSession(Base):
    """A live sign-in: the database has the token's SHA-256, only the cookie has the token.

    `wrapped_ring_key` is the officer's private half under HKDF of the token, there only while his ring is open.
    """

    __tablename__ = "officer_session"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    wrapped_ring_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInThrottle(Base):
    """Failures of one user name and when the next try is taken; nobody is shut out for good."""

    __tablename__ = "sign_in_throttle"

    username_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]


class SecurityEvent(Base):
    """The staff side's security log: sign-ins, refusals, exports, with address and device; for the log auditor."""

    __tablename__ = "security_event"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(48))
    officer_id: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    address: Mapped[str] = mapped_column(String(64), default="")
    device: Mapped[str] = mapped_column(String(256), default="")


class ApiKey(Base):
    """A bearer key of the integration API: its SHA-256, its scopes, the body it speaks for."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    label: Mapped[str] = mapped_column(Text)
    key_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]]
    body_code: Mapped[str | None] = mapped_column(ForeignKey("body.code"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
