"""Pictures, recordings, films and papers that belong to a case.

The content lies encrypted under keys of its own; who may open them decides where those keys are wrapped, so that
sealing a case late rewrites a few bytes and not the file.
"""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set, new_id
from casework.store import Base
from casework.types import AttachmentKind, AttachmentProblem


class Attachment(Base):
    """One file. Of a sealed case nothing but its existence and its day stands here in plain.

    `original` is what was sent, byte for byte: its key is wrapped to the identity ring, in a sealed case under the
    case's key besides. `copy` and `thumbnail` are a picture made anew without its metadata: their key lies under the
    server's secret while the case is open (`copy_wrap`), and inside the case once it is sealed, with what the plain
    columns said. A file that never came is a stub with its `problem`.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint(
            "NOT sealed OR (kind IS NULL AND media_type IS NULL AND size IS NULL AND problem IS NULL"
            " AND copy_wrap IS NOT NULL)",
            name="sealed_is_bare",
        ),
        CheckConstraint("sealed OR kind IS NOT NULL", name="open_is_whole"),
        CheckConstraint("(original IS NULL) = (original_wrap IS NULL)", name="content_with_key"),
        CheckConstraint("copy IS NULL OR copy_wrap IS NOT NULL", name="copy_with_key"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    sealed: Mapped[bool]
    received_on: Mapped[date]
    kind: Mapped[AttachmentKind | None] = mapped_column(closed_set(AttachmentKind, "attachment_kind"))
    media_type: Mapped[str | None] = mapped_column(String(96))
    size: Mapped[int | None]
    problem: Mapped[AttachmentProblem | None] = mapped_column(closed_set(AttachmentProblem, "attachment_problem"))
    ring_id: Mapped[str] = mapped_column(ForeignKey("ring.id"))
    original_wrap: Mapped[bytes | None] = mapped_column(LargeBinary)
    copy_wrap: Mapped[bytes | None] = mapped_column(LargeBinary)
    original: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    copy: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    thumbnail: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
