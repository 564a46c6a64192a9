"""Keys of the server that outlive a version of its secret: each lies under the secret, as every other row does.

A keyed hash can't be made anew without the words it was made of, so its key is kept and wrapped again instead.
"""

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class ServerKey(Base):
    """One key for one use. `version` is the server secret's version under which it was made, not where it lies."""

    __tablename__ = "server_key"
    __table_args__ = (UniqueConstraint("use", "version"),)

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    use: Mapped[str] = mapped_column(String(24))
    version: Mapped[int]
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
