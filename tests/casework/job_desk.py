"""A tiny business table, handlers for every job, and an engine in a hurry, for the tests of the background work."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import ClassVar

from sqlalchemy import String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from casework.clock import now
from casework.jobs import (
    POLICIES,
    Handler,
    JobEngine,
    JobLease,
    JobName,
    JobSlot,
    Lane,
    LaneRhythm,
    Policy,
    Rhythm,
    Schedule,
    build_engine,
    deliver_once,
)
from casework.store import Store, UtcDateTime
from casework.types import DeliveryStatus

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
HURRY = Rhythm(beat=timedelta(seconds=0.2), stale=timedelta(seconds=1.5), bury=timedelta(seconds=0.5))
LANES = {lane: LaneRhythm(8, timedelta(seconds=0.1)) for lane in Lane}
IMPATIENT = Policy(Lane.INSIDE, 3, timedelta(seconds=0.1), timedelta(seconds=0.2))


class DeskBase(DeclarativeBase):
    """Apart from the product's tables, whose schema is compared with the migrations."""

    type_annotation_map: ClassVar[dict[type, type]] = {datetime: UtcDateTime, str: String}


class Letter(DeskBase):
    """Something that leaves the house."""

    __tablename__ = "test_letter"

    id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    attempt_id: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    error_code: Mapped[str | None]


def open_desk(url: str) -> Store:
    """A store with the letters' table beside the product's own."""
    store = Store(url)
    with store.write() as session:
        DeskBase.metadata.create_all(session.connection())
        for table in (JobSlot, JobLease):
            table.metadata.create_all(session.connection(), tables=[table.metadata.tables[table.__tablename__]])
    return store


def put_letter(store: Store, ident: str = "letter-1", **changes: object) -> str:
    with store.write() as session:
        session.add(Letter(id=ident, **changes))
    return ident


def load_letter(session: Session, ident: str) -> Letter | None:
    return session.get(Letter, ident, with_for_update=True)


def read_letter(store: Store, ident: str = "letter-1") -> Letter:
    with store.read() as session:
        letter = session.get(Letter, ident)
        assert letter is not None
        return letter


def send_letter(store: Store, ident: str, send: Callable[[str], None]) -> None:
    deliver_once(store, ident, load=load_letter, send=send, note=lambda _session, _row: None, clock=now)


def some_handlers(**others: Handler) -> dict[JobName, Handler]:
    """A handler for every job: those named, and for the rest one that does nothing."""
    return {name: others.get(name.value, lambda _ident: None) for name in JobName}


def an_engine(
    store: Store,
    handlers: Mapping[JobName, Handler] | None = None,
    schedules: Mapping[str, Schedule] | None = None,
    **changes: object,
) -> JobEngine:
    settings = {"slot": "test", "clock": now, "lanes": LANES, "rhythm": HURRY} | changes
    return build_engine(store, handlers or some_handlers(), schedules or {}, **settings)  # type: ignore[arg-type]


def impatient_policies() -> dict[JobName, Policy]:
    return dict.fromkeys(POLICIES, IMPATIENT)


def job_rows(store: Store) -> list[tuple[str, str, str]]:
    """Id, state and queue of every job that the engine's tables know."""
    with store.read() as session:
        table = table_name(store, "workflow_status")
        found = session.execute(text(f"SELECT workflow_uuid, status, queue_name FROM {table} ORDER BY created_at"))
        return [(row[0], row[1], row[2]) for row in found]


def table_name(store: Store, name: str) -> str:
    return name if store.is_sqlite else f"dbos.{name}"


def eventually(question: Callable[[], bool], seconds: float = 20) -> bool:
    """Ask until the answer is yes; the engine works in its own threads or processes."""
    pause = Event()
    for _ in range(int(seconds / 0.05)):
        if question():
            return True
        pause.wait(0.05)
    return question()


def read_lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
