"""Who is alive, and who holds the one lease: the two small tables that our engine adds to the ones it brings.

A process is known by an id that lives exactly as long as it does; nobody ever takes over another's id.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from casework.store import Base

EXECUTOR_LENGTH = 48


class JobSlot(Base):
    """One running engine and its last heartbeat; without a fresh one its work is taken up by the others."""

    __tablename__ = "job_slot"

    executor_id: Mapped[str] = mapped_column(String(EXECUTOR_LENGTH), primary_key=True)
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class JobLease(Base):
    """The right to do something that only one process may do, until `expires_at`."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(EXECUTOR_LENGTH))
    expires_at: Mapped[datetime]
