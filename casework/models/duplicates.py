"""The index by which a new report finds those that may tell of the same incident, however many are stored.

It holds keyed hashes and numbers, never a word: what a hash stands for, only the server's secret tells.
"""

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH
from casework.store import Base


class DuplicatePrint(Base):
    """One open case in the index; a higher `position` is newer. A sealed case has none."""

    __tablename__ = "duplicate_print"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(String(ID_LENGTH), ForeignKey("case_file.id"), unique=True)


class DuplicateToken(Base):
    """One telling thing that a case says (a name with a meaning, a rare word), as a keyed hash of eight bytes."""

    __tablename__ = "duplicate_token"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - the shape the mapper wants

    token: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(
        ForeignKey("duplicate_print.position"), primary_key=True, autoincrement=False, index=True
    )
