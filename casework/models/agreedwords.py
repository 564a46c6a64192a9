"""The word that a caller agreed on with the operator, as far as it is kept: a verifier, never the word."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.store import Base


class AgreedWord(Base):
    """One word for one case: Argon2id over its sound, keyed by the server's secret, with a keyed mark that binds it to
    this case; and the failures against it.
    """

    __tablename__ = "agreed_word"

    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    verifier: Mapped[str] = mapped_column(String(256))
    agreed_on: Mapped[date]
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
