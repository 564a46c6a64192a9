"""A sealed referral waiting to be picked up by the receiving body's own people (自取); the server can read none of it.

Which body it is stands nowhere in plain: only who of its officers may open it, as the allow-list of a sealed case does.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class Pickup(Base):
    """The papers of one sealed referral, under a key of their own; beside it the package for the body's age key."""

    __tablename__ = "pickup"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"), unique=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
    age_package: Mapped[bytes | None] = mapped_column(LargeBinary)
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]


class PickupKey(Base):
    """One officer of the body; `wrapped_key` opens the papers in his sign-in, without one he takes the age package."""

    __tablename__ = "pickup_key"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    pickup_id: Mapped[str] = mapped_column(ForeignKey("pickup.id"), index=True)
    officer_id: Mapped[str] = mapped_column(ForeignKey("officer.id"), index=True)
    wrapped_key: Mapped[bytes | None] = mapped_column(LargeBinary)
