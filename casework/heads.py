"""The head of the chain as people note it: in the log each day, at the foot of letters, and typed back to `verify`.

Whoever keeps the log apart from the database (a syslog server, a printout) can prove later that the end was cut off.
"""

import logging
import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.chain import Anchor
from casework.clock import local_date
from casework.errors import InvalidField
from casework.models.ledger import LedgerBlock, LedgerLink
from casework.store import Store

logger = logging.getLogger("hotline.ledger")

HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
SHORT_BYTES = 16
"""So much of the hash stands on a letter: nobody finds another chain with the same half."""
GROUP = 8
"""Hexadecimal digits between two dashes: short enough that nothing takes them for a telephone number."""


def write_head(head: Anchor, *, short: bool = False) -> str:
    """The head as it is noted: 12:0123abcd-…; `short` is its first half, as it stands on a letter (pure)."""
    digits = head.hash[: SHORT_BYTES if short else None].hex()
    return f"{head.block_id}:" + "-".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


def parse_head(text: str) -> Anchor:
    """What `write_head` wrote, whole or short, also without its dashes. Raises InvalidField(head, not_a_head)."""
    block, _, digits = text.strip().partition(":")
    plain = re.sub(r"[\s-]", "", digits).lower()
    if not block.isdecimal() or not HASH.fullmatch(plain):
        raise InvalidField("head", "not_a_head")
    return Anchor(int(block), bytes.fromhex(plain))


def find_head(session: Session) -> Anchor | None:
    """The head as it stands; None before the first block."""
    query = select(LedgerBlock.id, LedgerBlock.hash).order_by(LedgerBlock.id.desc()).limit(1)
    last = session.execute(query).one_or_none()
    return Anchor(last.id, last.hash) if last else None


def stamp_head(session: Session, *, now: datetime) -> str:
    """The line at the foot of a paper that is being issued: head and day; "" before the first block.

    Whoever keeps the paper can prove later that the ledger before it was changed or cut off.
    """
    head = find_head(session)
    day = local_date(now)
    return f"台账链头 {write_head(head, short=True)}　{day.year}年{day.month}月{day.day}日" if head else ""


def note_head(store: Store, *, now: datetime) -> Anchor | None:
    """The daily step: write the head of the chain, and how many entries it covers, into the log; None without one."""
    with store.read() as session:
        head = find_head(session)
        linked = session.scalar(select(func.count()).select_from(LedgerLink)) or 0
    if head is None:
        return None
    day = local_date(now).isoformat()
    logger.info("ledger_head", extra={"day": day, "head": write_head(head), "entries": linked})
    return head
