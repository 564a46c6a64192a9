"""The ledger's tables: entries that are never changed, and the blocks that chain them.

An entry is written in the transaction of the act it tells; a sequencer links committed entries afterwards, in a table
of its own, so that no entry is ever updated and no writer waits for the chain.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, ForeignKey, LargeBinary, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column

from casework.models.columns import ID_LENGTH, closed_set
from casework.store import Base
from casework.types import ActorKind


class LedgerEntry(Base):
    """Who did what to what, when and why: ids, field names and hashes, no content."""

    __tablename__ = "ledger_entry"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor: Mapped[ActorKind] = mapped_column(closed_set(ActorKind, "ledger_actor"))
    actor_id: Mapped[str | None] = mapped_column(String(48))
    verb: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(48), index=True)
    case_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    details: Mapped[dict[str, Any]]
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerBlock(Base):
    """A run of entries linked at once; `hash` covers the block before it, the entries' hashes and the count."""

    __tablename__ = "ledger_block"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    entries: Mapped[int]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)


class LedgerLink(Base):
    """Where in the chain an entry stands."""

    __tablename__ = "ledger_link"
    __table_args__ = (UniqueConstraint("block_id", "position"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True)
    block_id: Mapped[int] = mapped_column(ForeignKey("ledger_block.id"))
    position: Mapped[int]


APPEND_ONLY = ("ledger_entry", "ledger_block", "ledger_link")


def append_only_statements(table: str, dialect: str) -> tuple[str, ...]:
    """The triggers that make a table refuse every change and removal; migrations run the same statements."""
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("UPDATE", "DELETE")
        )
    return (
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $refuse$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $refuse$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    )


def remove_append_only_statements(table: str, dialect: str) -> tuple[str, ...]:
    """What takes those triggers away again; only migrations run it."""
    if dialect == "sqlite":
        return tuple(f"DROP TRIGGER {table}_no_{act}" for act in ("update", "delete"))
    return (f"DROP TRIGGER {table}_append_only ON {table}", f"DROP FUNCTION {table}_refuse()")


for _model in (LedgerEntry, LedgerBlock, LedgerLink):
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only_statements(_model.__tablename__, _dialect):
            _ddl = DDL(_statement)  # type: ignore[no-untyped-call]
            event.listen(_model.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
