"""What vouches for the words of a sealed case's talk: the officers' signing keys, and the bond of its two ends.

Public halves and keyed marks alone; whoever writes into these tables without a private half is found out on reading.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class SigningKey(Base):
    """An officer's Ed25519 public half. An older one stays, for what he signed with it; the ledger has its print."""

    __tablename__ = "signing_key"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class TalkBond(Base):
    """The keys of both ends of a sealed case's talk, marked under the private half of each.

    Words up to `unsigned_until` were said while the case was open and have no signature; the marks cover them.
    `reporter_mark` is missing until the reporter has opened a case that was sealed late.
    """

    __tablename__ = "talk_bond"
    __table_args__ = (
        CheckConstraint("(reporter_public_key IS NULL) = (reporter_signing_key IS NULL)", name="whole_end"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    case_public_key: Mapped[bytes] = mapped_column(LargeBinary)
    reporter_public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    reporter_signing_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    unsigned_until: Mapped[int]
    case_mark: Mapped[bytes] = mapped_column(LargeBinary)
    reporter_mark: Mapped[bytes | None] = mapped_column(LargeBinary)
