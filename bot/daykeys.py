"""The keys of single days: under them senders and messages are hashed, and after three days nobody can hash them again.

The key of a day lies on the shelf of short-lived keys; the database only knows under which name.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import delete, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.models import DayKey
from casework.clock import local_date
from casework.keyshelf import KeyShelf
from casework.secrets import derive_key

KEPT = timedelta(days=3)
"""How long a day's key outlives its day: as long as a draft is kept."""

PART = b"\x1f"


class DayKeys:
    """The live keys, remembered by this process; the rest is in the database and on the shelf."""

    def __init__(self, shelf: KeyShelf) -> None:
        self._shelf = shelf
        self._known: dict[date, tuple[str, bytes]] = {}

    def list_live(self, session: Session, now: datetime, *, makes: bool = True) -> Mapping[date, bytes]:
        """The keys that still count, newest first; with `makes`, today's is made where there is none yet."""
        today = local_date(now)
        if today not in self._known:
            self._load(session, now, makes=makes)
        return {day: self._known[day][1] for day in sorted(self._known, reverse=True) if today - KEPT <= day <= today}

    def name_of(self, day: date) -> str:
        """Under which name the key of a live day lies on the shelf."""
        return self._known[day][0]

    def _load(self, session: Session, now: datetime, *, makes: bool) -> None:
        today = local_date(now)
        rows = {row.day: row.key_id for row in session.scalars(select(DayKey).where(DayKey.day >= today - KEPT))}
        found = {day: (key_id, key) for day, key_id in rows.items() if (key := self._shelf.get(key_id)) is not None}
        if makes and today not in found:
            found[today] = self._make(session, today, now, lost=today in rows)
        self._known = found

    def _make(self, session: Session, today: date, now: datetime, *, lost: bool) -> tuple[str, bytes]:
        """The day's first key. Where the shelf has lost it the day begins again; a roll-back makes us look again."""
        event.listen(session, "after_rollback", lambda _session: self.forget())
        if lost:
            session.execute(delete(DayKey).where(DayKey.day == today))
        made = self._shelf.create(now + KEPT + timedelta(days=1))
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(insert(DayKey).values(day=today, key_id=made.key_id).on_conflict_do_nothing())
        key_id = session.scalars(select(DayKey.key_id).where(DayKey.day == today)).one()
        key = self._shelf.get(key_id)
        if key is None:
            raise LookupError(key_id)
        return key_id, key

    def forget(self) -> None:
        """Read again at the next use; after a roll-back the key of a new day may not have been kept."""
        self._known = {}

    def sweep(self, session: Session, now: datetime) -> int:
        """Forget the names of days that are over; the shelf throws the keys themselves away."""
        today = local_date(now)
        over = list(session.scalars(select(DayKey).where(DayKey.day < today - KEPT)))
        for row in over:
            self._shelf.destroy(row.key_id)
            session.delete(row)
        self._known = {day: kept for day, kept in self._known.items() if day >= today - KEPT}
        return len(over)


def mac(key: bytes, purpose: str, *parts: str | bytes) -> bytes:
    """A keyed hash of the parts, for one purpose."""
    told = PART.join(part if isinstance(part, bytes) else part.encode() for part in parts)
    return hmac.new(derive_key(key, f"hotline/day/{purpose}"), told, hashlib.sha256).digest()
