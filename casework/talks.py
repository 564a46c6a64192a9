"""Reading a sealed case's talk with suspicion: each word is held against its signature, its place and the ledger.

Whoever can write into the database but holds nobody's private half is found out here, whichever end is reading.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.bonds import Ends, Word, as_word, mark_as_reporter, open_bond
from casework.errors import BrokenSeal
from casework.ledger import Verb
from casework.models.cases import Case, Message
from casework.models.ledger import LedgerEntry
from casework.models.talk import TalkBond
from casework.signatures import Signature, Statement, first_link, is_signed, link_of, read_signature
from casework.signingkeys import list_signing_keys
from casework.types import MessageDirection
from casework.vault import unseal_record

SAID = (Verb.ANSWERED, Verb.WROTE, Verb.REPLIED, Verb.CALLED_BACK)
"""The acts whose ledger entries name a word of the talk."""


class Standing(StrEnum):
    """What is known of a word: nothing (an open case), said before the sealing, signed, or not to be trusted."""

    PLAIN = "plain"
    UNSIGNED = "unsigned"
    SIGNED = "signed"
    BROKEN = "broken"


@dataclass(frozen=True)
class MessageView:
    """One word of the talk as the asker may read it; `text` is None where he holds no key to it.

    `gap` says that a word which stood before this one is gone.
    """

    id: str
    position: int
    direction: MessageDirection
    text: str | None
    made_on: date
    officer_id: str | None
    standing: Standing = Standing.PLAIN
    gap: bool = False


@dataclass(frozen=True)
class Talk:
    """The talk, oldest first.

    `keys_changed` where the bond of its ends does not hold; `lost` words that the ledger knows of and nobody finds.
    """

    messages: tuple[MessageView, ...]
    keys_changed: bool = False
    lost: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is to be warned of."""
        sound = all(word.standing is not Standing.BROKEN and not word.gap for word in self.messages)
        return sound and not self.keys_changed and not self.lost


@dataclass(frozen=True, slots=True)
class _Opened:
    """A row with what was sealed in it; `text` is None where it does not open."""

    row: Message
    text: str | None
    salt: str = ""


def state(row: Message, text: str, salt: str) -> Statement:
    """What a row says, for its signature."""
    return Statement(row.case_id, row.id, row.position, row.direction, row.officer_id, row.made_on, text, salt)


def read_talk(
    session: Session, case: Case, *, case_key: bytes | None = None, reporter_key: bytes | None = None
) -> Talk:
    """The talk of a case. A sealed one opens with the case's key (staff) or the reporter's own (`/track`).

    Of a sealed one every word is checked: text, place, day and direction against its signature; the signer against
    table, ledger and the other end's vouching; the chain for words that are gone; the ledger for the last ones.
    """
    rows = _list_rows(session, case)
    key = case_key or reporter_key
    if not case.sealed or key is None:
        return Talk(tuple(_view(row, row.text) for row in rows))
    opened = [_open(row, case_key, reporter_key) for row in rows]
    words = _list_words(session.get(TalkBond, case.id), opened)
    ends = open_bond(session, case, pen_key=key, is_reporter=case_key is None, words=words)
    known = list_signing_keys(session, {row.officer_id for row in rows if row.officer_id})
    return Talk(
        tuple(_judge_all(case, opened, ends, known)),
        keys_changed=ends is None,
        lost=_count_lost(session, case, {row.id for row in rows}),
    )


def pin_talk(session: Session, case: Case, reporter_key: bytes) -> None:
    """The reporter's mark under the bond of a case that was sealed late, once, when his code is there."""
    bond = session.get(TalkBond, case.id)
    if bond is None or bond.reporter_mark is not None:
        return
    if open_bond(session, case, pen_key=reporter_key, is_reporter=True) is not None:
        opened = [_open(row, None, reporter_key) for row in _list_rows(session, case)]
        mark_as_reporter(session, case, reporter_key, _list_words(bond, opened))


def _list_rows(session: Session, case: Case) -> Sequence[Message]:
    query = select(Message).where(Message.case_id == case.id)
    return session.scalars(query.order_by(Message.position, Message.id)).all()


def _list_words(bond: TalkBond | None, opened: Sequence[_Opened]) -> list[Word]:
    """The words from before the sealing, as this end opens them."""
    until = bond.unsigned_until if bond is not None else 0
    return [as_word(each.row, each.text) for each in opened if each.row.position <= until]


def _judge_all(
    case: Case, opened: Sequence[_Opened], ends: Ends | None, known: Mapping[str, set[bytes]]
) -> Iterator[MessageView]:
    links = {first_link(case.id)}
    for each in opened:
        if ends is None:
            yield _view(each.row, each.text, Standing.BROKEN)
        elif each.row.position <= ends.unsigned_until:
            holds = ends.words_hold and each.row.signature is None and each.text is not None
            yield _view(each.row, each.text, Standing.UNSIGNED if holds else Standing.BROKEN)
        else:
            signature = _read(each.row)
            gap = signature is not None and signature.previous not in links
            sound = signature is not None and _is_sound(case, each, signature, ends, known)
            yield _view(each.row, each.text, Standing.SIGNED if sound else Standing.BROKEN, gap=gap)
            links = _follow(links, each.row, sound=sound)


def _follow(links: set[bytes], row: Message, *, sound: bool) -> set[bytes]:
    """What the next word may name as the one before: a sound one, or besides it one that was tampered with."""
    if row.signature is None:
        return links
    return {link_of(row.signature)} if sound else links | {link_of(row.signature)}


def _is_sound(case: Case, each: _Opened, signature: Signature, ends: Ends, known: Mapping[str, set[bytes]]) -> bool:
    row = each.row
    if each.text is None:
        return False
    if row.direction is MessageDirection.TO_REPORTER:
        theirs = signature.key in known.get(row.officer_id or "", ())
    else:
        theirs = ends.reporter is not None and row.officer_id is None and signature.key == ends.reporter.sign
    return theirs and is_signed(state(row, each.text, each.salt), signature, shared=ends.shared)


def _read(row: Message) -> Signature | None:
    try:
        return read_signature(row.signature) if row.signature is not None else None
    except BrokenSeal:
        return None


def _open(row: Message, case_key: bytes | None, reporter_key: bytes | None) -> _Opened:
    key, blob = (case_key, row.case_ciphertext) if case_key is not None else (reporter_key, row.reporter_ciphertext)
    if key is None or blob is None:
        return _Opened(row, None)
    try:
        said = unseal_record(key, row.id, blob)
    except BrokenSeal:
        return _Opened(row, None)
    return _Opened(row, str(said.get("text", "")), str(said.get("salt", "")))


def _count_lost(session: Session, case: Case, there: set[str]) -> int:
    """How many words the ledger knows of that are gone: the last of a talk, which no later signature misses.

    What went when the case was shrunk is not among them.
    """
    told = session.execute(
        select(LedgerEntry.verb, LedgerEntry.details)
        .where(LedgerEntry.case_id == case.id, LedgerEntry.verb.in_((*SAID, Verb.SHRUNK)))
        .order_by(LedgerEntry.id)
    )
    known: set[str] = set()
    for verb, details in told:
        if verb == Verb.SHRUNK:
            known.clear()
        elif "message" in details:
            known.add(details["message"])
    return len(known - there)


def _view(row: Message, text: str | None, standing: Standing = Standing.PLAIN, *, gap: bool = False) -> MessageView:
    return MessageView(row.id, row.position, row.direction, text, row.made_on, row.officer_id, standing, gap)
