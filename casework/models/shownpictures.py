"""Which picture of an open case an officer lets a handling body see (给承办单位看), and until when."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, new_id
from casework.store import Base


class ShownPicture(Base):
    """One picture for one body. Gone as a whole when the case is sealed: a sealed case names no body."""

    __tablename__ = "shown_picture"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    attachment_id: Mapped[str] = mapped_column(ForeignKey("attachment.id"), index=True)
    body_code: Mapped[str] = mapped_column(ForeignKey("body.code"))
    shown_by: Mapped[str] = mapped_column(ForeignKey("officer.id"))
    shown_at: Mapped[datetime]
    taken_back_by: Mapped[str | None] = mapped_column(ForeignKey("officer.id"))
    taken_back_at: Mapped[datetime | None]
