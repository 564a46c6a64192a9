"""What remains of a sign-in that was ended from outside: enough to tell its owner kindly why his page closed.

Neither the token nor a key of it is here, and the row is forgotten when the sign-in would have run out by itself.
"""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import closed_set
from casework.store import Base
from casework.types import SignInEnd


class EndedSignIn(Base):
    """A sign-in that somebody or something else ended, by its token's SHA-256, until `until`."""

    __tablename__ = "ended_sign_in"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    why: Mapped[SignInEnd] = mapped_column(closed_set(SignInEnd, "sign_in_end"))
    until: Mapped[datetime] = mapped_column(index=True)
