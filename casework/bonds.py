"""The bond of a sealed case's talk: each end knows the other's keys by a mark that only his own private half can make.

The keys themselves lie in a database that others may write to; so each end pins them once, and holds them against what
the ledger says of the day on which the case was sealed.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.ledger import Verb
from casework.models.cases import Case, Message
from casework.models.ledger import LedgerEntry
from casework.models.talk import TalkBond
from casework.secrets import derive_key
from casework.signatures import HASH, Signer, print_of, share_key, signing_public
from casework.vault import public_half

RECORD_KEY = "reporter_keys"
"""Under which name a sealed record holds the reporter's public halves."""
DETAIL = "talk"
MARKS = (Verb.OPENED, Verb.SEALED, Verb.UNSEALED)
Word = tuple[str, int, str, str | None, str, str | None]
"""Id, position, direction, officer, day, text of a word from before the sealing."""


@dataclass(frozen=True, slots=True)
class Halves:
    """The reporter's public halves: what is sealed to him, and what he signs with."""

    box: bytes
    sign: bytes

    @classmethod
    def of(cls, reporter_key: bytes) -> "Halves":
        """Those that go with his private half."""
        return cls(public_half(reporter_key), signing_public(reporter_key, Signer.REPORTER))

    def pack(self) -> dict[str, str]:
        """As a sealed record holds them."""
        return {"box": self.box.hex(), "sign": self.sign.hex()}


@dataclass(frozen=True, slots=True)
class OfficerPen:
    """What an officer writes with into a sealed case: the case's private half and his own, for this request alone."""

    case_key: bytes = field(repr=False)
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReporterPen:
    """What a reporter writes with who came in by his code."""

    reporter_key: bytes = field(repr=False)


Pen = OfficerPen | ReporterPen


@dataclass(frozen=True, slots=True)
class Ends:
    """A bond that holds, as one end sees it: both ends' public halves and the key that the two share."""

    case_box: bytes
    reporter: Halves | None
    unsigned_until: int
    words_hold: bool
    shared: bytes = field(repr=False)


def read_halves(record: Mapping[str, Any]) -> Halves | None:
    """The reporter's halves out of a sealed record; None where nobody has a code."""
    kept = record.get(RECORD_KEY)
    return Halves(bytes.fromhex(kept["box"]), bytes.fromhex(kept["sign"])) if kept else None


def bind_case(session: Session, case: Case, case_key: bytes, reporter: Halves | None) -> TalkBond:
    """Make the bond when a case is sealed, marked by its own private half; what was said until then stands unsigned."""
    rows = session.scalars(select(Message).where(Message.case_id == case.id).order_by(Message.position)).all()
    bond = TalkBond(
        case_id=case.id,
        case_public_key=public_half(case_key),
        reporter_public_key=reporter.box if reporter else None,
        reporter_signing_key=reporter.sign if reporter else None,
        unsigned_until=len(rows),
        case_mark=b"",
    )
    bond.case_mark = _mark(case_key, bond, [as_word(row, row.text) for row in rows])
    session.add(bond)
    session.flush()
    return bond


def mark_as_reporter(session: Session, case: Case, reporter_key: bytes, words: Sequence[Word]) -> None:
    """Pin the bond from the reporter's end: at filing, or when he first opens a case that was sealed late."""
    bond = session.get(TalkBond, case.id)
    if bond is not None and bond.reporter_mark is None and bond.reporter_public_key == public_half(reporter_key):
        bond.reporter_mark = _mark(reporter_key, bond, words)
        session.flush()


def is_unpinned(session: Session, case_id: str) -> bool:
    """Whether the reporter's end has still to pin the bond of a case that was sealed late."""
    bond = session.get(TalkBond, case_id)
    return bond is not None and bond.reporter_mark is None and bond.reporter_public_key is not None


def tell_bond(session: Session, case: Case) -> dict[str, str]:
    """What the ledger's entry of the sealing keeps of the bond: its print."""
    bond = session.get(TalkBond, case.id)
    return {DETAIL: _print(bond)} if bond is not None else {}


def open_bond(
    session: Session, case: Case, *, pen_key: bytes, is_reporter: bool, words: Sequence[Word] = ()
) -> Ends | None:
    """The bond as one end sees it, with its own private half; None where it does not hold.

    It holds when the end's own mark fits (the reporter of a case sealed late may not have made his yet), his own keys
    are in it, and no entry of the ledger since the sealing knows another.
    """
    bond = session.get(TalkBond, case.id)
    if bond is None or not _agrees_with_ledger(session, bond):
        return None
    own = bond.reporter_public_key if is_reporter else bond.case_public_key
    mark = bond.reporter_mark if is_reporter else bond.case_mark
    if own != public_half(pen_key) or case.public_key != bond.case_public_key:
        return None
    fresh = _mark(pen_key, bond, words)
    if mark is not None and not hmac.compare_digest(mark[:HASH], fresh[:HASH]):
        return None
    other = bond.case_public_key if is_reporter else bond.reporter_public_key
    shared = share_key(pen_key, other, case.id) if other else derive_key(pen_key, "hotline/talk/alone")
    reporter = None
    if bond.reporter_public_key is not None and bond.reporter_signing_key is not None:
        reporter = Halves(bond.reporter_public_key, bond.reporter_signing_key)
    holds = mark is None or hmac.compare_digest(mark, fresh)
    return Ends(bond.case_public_key, reporter, bond.unsigned_until, holds, shared)


def as_word(row: Message, text: str | None) -> Word:
    """A row from before the sealing as the marks cover it."""
    return row.id, row.position, row.direction.value, row.officer_id, row.made_on.isoformat(), text


def _mark(private_key: bytes, bond: TalkBond, words: Sequence[Word]) -> bytes:
    """Two keyed hashes: over the keys, and over the words from before the sealing."""
    key = derive_key(private_key, "hotline/talk/mark", salt=bond.case_id.encode())
    said = json.dumps(list(words), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    parts = (b"keys\0" + bytes.fromhex(_print(bond)), b"words\0" + said)
    return b"".join(hmac.new(key, part, hashlib.sha256).digest() for part in parts)


def _print(bond: TalkBond) -> str:
    return print_of(
        bond.case_id.encode(),
        bond.case_public_key,
        bond.reporter_public_key or b"",
        bond.reporter_signing_key or b"",
        str(bond.unsigned_until).encode(),
    )


def _agrees_with_ledger(session: Session, bond: TalkBond) -> bool:
    entries = session.execute(
        select(LedgerEntry.verb, LedgerEntry.details)
        .where(LedgerEntry.case_id == bond.case_id, LedgerEntry.verb.in_(MARKS))
        .order_by(LedgerEntry.id)
    )
    prints: set[str] = set()
    for verb, details in entries:
        if verb == Verb.UNSEALED:
            prints.clear()
        elif DETAIL in details:
            prints.add(details[DETAIL])
    return prints == {_print(bond)}
