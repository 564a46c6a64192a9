"""The chain over the ledger: blocks of committed entries, each bound to the one before it.

A sequencer links entries after their commit, so no writer ever waits for the chain; whoever changes, removes or slips
in a linked entry breaks the hash of its block and of every later one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from casework.ledger import content_hash
from casework.models.ledger import LedgerBlock, LedgerEntry, LedgerLink
from casework.store import Store

GENESIS = b"\0" * 32
BLOCK_LIMIT = 1000
REACH = 10_000
"""How far behind the newest link a pass looks for entries whose transactions committed late."""
ADVISORY_KEY = 0x6C65_6467
"""The number of the lock on PostgreSQL; SQLite has the write transaction itself."""


class LinkProblem(StrEnum):
    """What is wrong with the first broken link."""

    MISSING_BLOCK = "missing_block"
    PREVIOUS_HASH = "previous_hash"
    MISSING_ENTRY = "missing_entry"
    CHANGED_ENTRY = "changed_entry"
    BLOCK_HASH = "block_hash"
    ANCHOR = "anchor"


@dataclass(frozen=True)
class BrokenLink:
    """Where the chain breaks first."""

    block_id: int
    entry_id: int | None
    problem: LinkProblem


@dataclass(frozen=True)
class Anchor:
    """The head of the chain as somebody outside noted it (printed, mailed): it shows a chain cut off at its end.

    `hash` may be its first half alone, as letters carry it.
    """

    block_id: int
    hash: bytes


@dataclass(frozen=True)
class LedgerReport:
    """The result of a check: how much there is, how many entries are not linked yet, what is broken, the head."""

    entries: int
    blocks: int
    unlinked: int
    first_broken: BrokenLink | None
    head: Anchor | None

    @property
    def is_whole(self) -> bool:
        """Whether no link is broken."""
        return self.first_broken is None


def sequence_entries(store: Store, *, now: datetime, reach: int | None = REACH) -> int:
    """Link committed entries that have no place in the chain yet; returns how many. A step, safe in many processes.

    1. Look without a lock whether there is anything. 2. Take the lock (PostgreSQL: advisory, given up if another
    process has it; SQLite: the write transaction). 3. Write one block. `reach=None` looks at the whole ledger: run it
    at times for a transaction that was open longer than `REACH` entries.
    """
    linked = 0
    while _has_unlinked(store, reach):
        count = _write_block(store, now, reach)
        linked += count
        if count < BLOCK_LIMIT:
            break
    return linked


def verify_ledger(session: Session, *, anchor: Anchor | None = None) -> LedgerReport:
    """Walk the chain from its first block and name the first broken link.

    Finds changed, removed and slipped-in entries and blocks. An end cut off whole is found only with `anchor`; the
    unlinked tail is counted, for it is not protected yet.
    """
    broken: BrokenLink | None = None
    head: Anchor | None = None
    previous = GENESIS
    for expected_id, block in enumerate(session.scalars(select(LedgerBlock).order_by(LedgerBlock.id)), start=1):
        broken = _check_block(session, block, expected_id, previous)
        if broken:
            break
        previous = block.hash
        head = Anchor(block.id, block.hash)
        if anchor and anchor.block_id == block.id and not block.hash.startswith(anchor.hash):
            broken = BrokenLink(block.id, None, LinkProblem.ANCHOR)
            break
    if anchor and broken is None and (head is None or head.block_id < anchor.block_id):
        broken = BrokenLink(anchor.block_id, None, LinkProblem.ANCHOR)
    return LedgerReport(
        entries=session.scalar(select(func.count()).select_from(LedgerEntry)) or 0,
        blocks=session.scalar(select(func.count()).select_from(LedgerBlock)) or 0,
        unlinked=session.scalar(select(func.count()).select_from(LedgerEntry).where(_is_unlinked())) or 0,
        first_broken=broken,
        head=head,
    )


def _is_unlinked() -> ColumnElement[bool]:
    return ~exists().where(LedgerLink.entry_id == LedgerEntry.id)


def _reachable(reach: int | None) -> ColumnElement[bool]:
    if reach is None:
        return _is_unlinked()
    newest = select(func.coalesce(func.max(LedgerLink.entry_id), 0)).scalar_subquery()
    return and_(_is_unlinked(), LedgerEntry.id > newest - reach)


def _has_unlinked(store: Store, reach: int | None) -> bool:
    with store.read() as session:
        return session.scalar(select(LedgerEntry.id).where(_reachable(reach)).limit(1)) is not None


def _write_block(store: Store, now: datetime, reach: int | None) -> int:
    with store.write() as session:
        if not store.is_sqlite and not session.scalar(select(func.pg_try_advisory_xact_lock(ADVISORY_KEY))):
            return 0
        entries = session.execute(
            select(LedgerEntry.id, LedgerEntry.content_hash)
            .where(_reachable(reach))
            .order_by(LedgerEntry.id)
            .limit(BLOCK_LIMIT)
        ).all()
        if not entries:
            return 0
        last = session.execute(
            select(LedgerBlock.id, LedgerBlock.hash).order_by(LedgerBlock.id.desc()).limit(1)
        ).one_or_none()
        block_id, previous = (last.id + 1, last.hash) if last else (1, GENESIS)
        pairs = [(entry.id, entry.content_hash) for entry in entries]
        session.add(
            LedgerBlock(
                id=block_id,
                made_at=now,
                entries=len(pairs),
                previous_hash=previous,
                hash=block_hash(previous, block_id, now, pairs),
            )
        )
        session.flush()
        session.add_all(
            LedgerLink(entry_id=entry_id, block_id=block_id, position=position)
            for position, (entry_id, _) in enumerate(pairs)
        )
        return len(pairs)


def block_hash(previous: bytes, block_id: int, made_at: datetime, entries: Sequence[tuple[int, bytes]]) -> bytes:
    """SHA-256 over the hash before, the block's number, moment and count, and each entry's number and hash."""
    digest = hashlib.sha256(previous)
    digest.update(f"{block_id}|{made_at.astimezone(UTC).isoformat(timespec='microseconds')}|{len(entries)}".encode())
    for entry_id, entry_hash in entries:
        digest.update(f"|{entry_id}|".encode() + entry_hash)
    return digest.digest()


def _check_block(session: Session, block: LedgerBlock, expected_id: int, previous: bytes) -> BrokenLink | None:
    if block.id != expected_id:
        return BrokenLink(expected_id, None, LinkProblem.MISSING_BLOCK)
    if block.previous_hash != previous:
        return BrokenLink(block.id, None, LinkProblem.PREVIOUS_HASH)
    pairs: list[tuple[int, bytes]] = []
    for link, entry in session.execute(
        select(LedgerLink, LedgerEntry)
        .outerjoin(LedgerEntry, LedgerEntry.id == LedgerLink.entry_id)
        .where(LedgerLink.block_id == block.id)
        .order_by(LedgerLink.position)
    ):
        if entry is None:
            return BrokenLink(block.id, link.entry_id, LinkProblem.MISSING_ENTRY)
        if entry.content_hash != content_hash(entry):
            return BrokenLink(block.id, entry.id, LinkProblem.CHANGED_ENTRY)
        pairs.append((entry.id, entry.content_hash))
    if len(pairs) != block.entries:
        return BrokenLink(block.id, None, LinkProblem.MISSING_ENTRY)
    if block.hash != block_hash(previous, block.id, block.made_at, pairs):
        return BrokenLink(block.id, None, LinkProblem.BLOCK_HASH)
    return None
