"""The office's lexicon: versions laid over the shipped one, of which one is active, and the context to assess by.

Every process takes a new version into use by itself: asked for its context, it looks at the number now and then.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from casework.errors import NotAllowed, StaleVersion
from casework.ledger import Actor, Verb, by_officer, record
from casework.models.lexicon import LexiconState, LexiconVersion
from casework.models.people import Officer
from casework.store import Store
from casework.types import Role
from casework.visibility import require_role
from triage.context import Context
from triage.overlay import Change, lay_over, mark_of, name_version
from triage.overlay_files import change_of, fields_of
from triage.taxonomy import DisciplineRule

PROPOSERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.CLUE_OFFICER)
"""Who looks at the words and proposes a change; another than he sets it live."""
GUARDED = frozenset({"people", "danger"})
"""Topics that decide what is sealed and who is called, beside the categories that always go to the clue officers."""
SUBJECT = "lexicon"
LOOK_EVERY = timedelta(seconds=3)


class LexiconShelf:
    """The context of this process, kept up with the active version; `base` is the shipped one over the directory."""

    def __init__(self, store: Store, base: Context, *, now: Callable[[], datetime]) -> None:
        self.base = base
        self.mark = mark_of(base)
        self._store = store
        self._now = now
        self._looking = Lock()
        self._looked: datetime | None = None
        self._number = 0
        self._context = build_office_context(base, 0, ())

    def current(self) -> Context:
        """The context to assess by. Looks for a new version at most every three seconds, and never makes anyone wait.

        While the database is away the version at hand stays in use.
        """
        now = self._now()
        due = self._looked is None or not timedelta() <= now - self._looked < LOOK_EVERY
        if due and self._looking.acquire(blocking=False):
            try:
                self._looked = now
                self._look()
            finally:
                self._looking.release()
        return self._context

    def refresh(self) -> None:
        """Look at once, in the process that has just set a version live or undone one."""
        with self._looking:
            self._look()

    def _look(self) -> None:
        try:
            with self._store.read() as session:
                number = get_active(session)
                if number == self._number:
                    return
                changes = read_changes(session, number)
        except SQLAlchemyError:  # whoever asks is about to meet the same database, and says so
            return
        self._context, self._number = build_office_context(self.base, number, changes), number


def build_office_context(base: Context, number: int, changes: Sequence[Change]) -> Context:
    """The base with an office's version over it; every assessment made with it carries the version's name."""
    return base.with_lexicon(lay_over(base.lexicon, changes, name_version(mark_of(base), number)))


def get_active(session: Session) -> int:
    """The number of the active version, 0 for the shipped lexicon alone."""
    return session.scalar(select(LexiconState.active).where(LexiconState.id == 1)) or 0


def read_changes(session: Session, number: int) -> tuple[Change, ...]:
    """All that lies over the base with a version."""
    found = session.get(LexiconVersion, number) if number else None
    return tuple(change_of(fields) for fields in found.changes) if found else ()


def list_versions(session: Session, *, limit: int = 50) -> list[LexiconVersion]:
    """The versions, the newest first; those that were undone are among them."""
    return list(session.scalars(select(LexiconVersion).order_by(LexiconVersion.number.desc()).limit(limit)))


def add_version(
    session: Session,
    changes: Sequence[Change],
    *,
    change: Change | None = None,
    reason: str,
    base: Context,
    by: Actor,
    now: datetime,
) -> LexiconVersion:
    """A new version, active at once. `change` is what it does, None where it replaces everything (an import)."""
    parent = get_active(session)
    newest = session.scalar(select(func.max(LexiconVersion.number))) or 0
    told: dict[str, Any] | None = fields_of(change) if change else None
    version = LexiconVersion(
        number=newest + 1,
        parent=parent,
        base=mark_of(base),
        made_by=by.id,
        made_at=now,
        reason=reason,
        change=told,
        changes=[fields_of(each) for each in changes],
    )
    session.add(version)
    _activate(session, version.number, now)
    _record(session, Verb.LEXICON_CHANGED, version.number, parent, by=by, now=now)
    return version


def list_deciders(change: Change | None, base: Context) -> tuple[Role, ...]:
    """Who may decide about a change: what bears on recognising clues and danger, and an import of everything (None), is
    a clue officer's; else a supervisor's too. One person alone never switches the recognition of clues off.
    """
    always = {each.code for each in base.taxonomy.categories if each.discipline is DisciplineRule.ALWAYS}
    guarded = change is None or change.topic in GUARDED | always
    return (Role.CLUE_OFFICER,) if guarded else (Role.SUPERVISOR, Role.CLUE_OFFICER)


def undo_version(session: Session, *, seen: int, by: Officer, base: Context, now: datetime) -> int:
    """Go back to the version before the active one, which stays on the list; returns the number now active.

    Raises NotAllowed (another role, or nothing to undo), StaleVersion where the active one is no longer the one seen.
    """
    require_role(by, Role.SUPERVISOR, Role.CLUE_OFFICER, act="undo_lexicon")
    active = get_active(session)
    if active != seen:
        raise StaleVersion(str(active))
    found = session.get(LexiconVersion, active) if active else None
    if found is None:
        raise NotAllowed("undo_lexicon")
    told = change_of(found.change) if found.change else None
    require_role(by, *list_deciders(told, base), act="undo_lexicon")
    _activate(session, found.parent, now)
    _record(session, Verb.LEXICON_UNDONE, found.parent, active, by=by_officer(by), now=now)
    return found.parent


def _activate(session: Session, number: int, now: datetime) -> None:
    state = session.get(LexiconState, 1, with_for_update=True)
    if state is None:
        session.add(LexiconState(id=1, active=number, changed_at=now))
    else:
        state.active, state.changed_at = number, now
    session.flush()


def _record(session: Session, verb: Verb, number: int, before: int, *, by: Actor, now: datetime) -> None:
    details = {"version": number, "before": before}
    record(session, actor=by, verb=verb, subject=SUBJECT, subject_id=str(number), details=details, now=now)
