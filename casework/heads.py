"""The head of the chain as people note it: a line in the log each day, and the same words typed back to `verify`.

Whoever keeps the log apart from the database (a syslog server, a printout) can prove later that the end was cut off.
"""

import logging
import re
from datetime import datetime

from sqlalchemy import func, select

from casework.chain import Anchor
from casework.clock import local_date
from casework.errors import InvalidField
from casework.models.ledger import LedgerBlock, LedgerLink
from casework.store import Store

logger = logging.getLogger("hotline.ledger")

HASH = re.compile(r"[0-9a-f]{64}")
GROUP = 8
"""Hexadecimal digits between two dashes: short enough that nothing takes them for a telephone number."""


def write_head(head: Anchor) -> str:
    """The head as it is noted: 12:0123abcd-… (pure)."""
    digits = head.hash.hex()
    return f"{head.block_id}:" + "-".join(digits[at : at + GROUP] for at in range(0, len(digits), GROUP))


def parse_head(text: str) -> Anchor:
    """What `write_head` wrote, with or without dashes and blanks. Raises InvalidField(head, not_a_head)."""
    block, _, digits = text.strip().partition(":")
    plain = re.sub(r"[\s-]", "", digits).lower()
    if not block.isdecimal() or not HASH.fullmatch(plain):
        raise InvalidField("head", "not_a_head")
    return Anchor(int(block), bytes.fromhex(plain))


def note_head(store: Store, *, now: datetime) -> Anchor | None:
    """The daily step: write the head of the chain, and how many entries it covers, into the log; None without one."""
    with store.read() as session:
        last = session.execute(
            select(LedgerBlock.id, LedgerBlock.hash).order_by(LedgerBlock.id.desc()).limit(1)
        ).one_or_none()
        linked = session.scalar(select(func.count()).select_from(LedgerLink)) or 0
    if last is None:
        return None
    head = Anchor(last.id, last.hash)
    day = local_date(now).isoformat()
    logger.info("ledger_head", extra={"day": day, "head": write_head(head), "entries": linked})
    return head
