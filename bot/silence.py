"""What time does to a talk: a complaint left in silence files itself, a draft runs out, old traces go.

A schedule calls it every few seconds; each talk is a unit of work of its own, and running it twice changes nothing.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations import Kept, TalkRow, files_itself, open_talk, save_talk
from bot.doing import Desk, Work, file_talk, keep_filed
from bot.media import end_media, settle_media
from bot.models import Conversation
from bot.seen import sweep_seen
from bot.types import Talk
from casework.errors import HotlineError
from casework.jobs import JobName, enqueue
from casework.keyshelf import destroy_after_commit
from casework.store import Store
from intake.types import Refused

AT_ONCE = 200
"""So many talks at most in one run, so that no run lasts long."""

TALK_PREFIX = "talk/"
"""Marks the job of telling a code to a talk, beside the jobs about rows of `outbound`."""


def file_silent_talks(store: Store, desk: Desk, now: datetime) -> int:
    """File what was told and left in silence, end what is over. How many reports were filed.

    A talk that can't be filed now (the vault isn't set up yet) stays and is tried again at the next run.
    """
    filed = 0
    for row_id in _list_due(store, now):
        try:
            with store.write() as session:
                filed += _file_one(session, row_id, desk, now)
        except HotlineError:
            continue
    with store.write() as session:
        _end_expired(session, desk, now)
        sweep_seen(session, now)
        desk.days.sweep(session, now)
    return filed


def _list_due(store: Store, now: datetime) -> list[str]:
    query = select(Conversation.id).where(Conversation.due_at <= now).order_by(Conversation.due_at).limit(AT_ONCE)
    with store.read() as session:
        return list(session.scalars(query))


def _file_one(session: Session, row_id: str, desk: Desk, now: datetime) -> bool:
    """File one talk, unless it has moved meanwhile."""
    row = session.get(Conversation, row_id, with_for_update=True)
    if row is None or row.due_at is None or row.due_at > now:
        return False
    shelf = desk.intake.keys
    key = shelf.get(row.key_id)
    talk = open_talk(row, key) if key is not None else None
    if key is None or talk is None or not files_itself(talk):
        row.due_at = None
        return False
    result = file_talk(Work(session, desk, row_id, now, None), talk)
    if isinstance(result, Refused):
        after = Talk(channel=talk.channel, account=talk.account, sender=talk.sender, greeted=True)
    else:
        after = replace(keep_filed(talk, result, now), code_waits=True)
        enqueue(session, JobName.SEND_MESSAGE, TALK_PREFIX + row_id, key=f"code-{result.receipt_id}")
    after = settle_media(session, talk, after, row_id, known=talk, desk=desk, now=now)
    kept = Kept(TalkRow(row.id, row.version, row.sender_mac, row.key_id), talk, key)
    save_talk(session, kept, after, shelf=shelf, now=now, sheds=True)
    return not isinstance(result, Refused)


def _end_expired(session: Session, desk: Desk, now: datetime) -> None:
    """A talk that is over leaves nothing: its row goes, and its key with the commit."""
    query = select(Conversation).where(Conversation.expires_at < now).limit(AT_ONCE)
    for row in session.scalars(query.with_for_update(skip_locked=True)):
        key = desk.intake.keys.get(row.key_id)
        talk = open_talk(row, key) if key is not None and row.state else None
        if talk is not None:
            end_media(session, talk, desk=desk, now=now)
        destroy_after_commit(session, desk.intake.keys, row.key_id)
        session.delete(row)
