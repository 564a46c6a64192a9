"""The two ends of a sealed case's talk, each with his own keys, as filing leaves them."""

import os
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.bonds import RECORD_KEY, Halves, OfficerPen, ReporterPen, mark_as_reporter
from casework.messages import add_message_from_reporter, answer_reporter
from casework.models import Case, Message, Officer
from casework.models.columns import new_id
from casework.openings import open_case
from casework.sealing import open_case_key
from casework.signingkeys import ensure_signing_key
from casework.talks import Standing, Talk, read_talk
from casework.types import MessageDirection
from casework.vault import KeyPair, generate_key_pair, seal_record
from tests.casework.people import (
    NOW,
    a_clue_officer,
    an_assessment,
    an_office,
    an_opening,
    see_to_four_eyes,
    the_county,
)

WORDS = "崔广田贪污。"


@dataclass
class Ends:
    """A sealed case, the officer who may open it, and the reporter with what his code opens."""

    session: Session
    case: Case
    clue: Officer
    reporter: KeyPair

    @property
    def officer_key(self) -> bytes:
        """The officer's private half; these officers' rows hold it bare."""
        assert self.clue.wrapped_private_key is not None
        return self.clue.wrapped_private_key

    @property
    def case_key(self) -> bytes:
        return open_case_key(self.session, self.clue, self.officer_key, self.case.id)

    def answer(self, text: str, *, now: datetime = NOW) -> Message:
        """The officer writes."""
        pen = OfficerPen(self.case_key, self.officer_key)
        return answer_reporter(self.session, self.case, text, by=self.clue, office=an_office(), now=now, pen=pen)

    def write(self, text: str, *, now: datetime = NOW) -> Message:
        """The reporter writes with his code."""
        pen = ReporterPen(self.reporter.private)
        return add_message_from_reporter(self.session, self.case, text, now=now, pen=pen)

    def seen_by_officer(self) -> Talk:
        self.session.expire_all()
        return read_talk(self.session, self.case, case_key=self.case_key)

    def seen_by_reporter(self) -> Talk:
        self.session.expire_all()
        return read_talk(self.session, self.case, reporter_key=self.reporter.private)


def a_talk(session: Session) -> Ends:
    """A case sealed at filing in a furnished county."""
    the_county(session)
    return another_talk(session, a_clue_officer(session))


def another_talk(session: Session, clue: Officer) -> Ends:
    """One more sealed case of the same officer, with a reporter of its own."""
    see_to_four_eyes(session)
    pair = generate_key_pair()
    assessment = an_assessment(WORDS, discipline=True, who=True, what=True)
    record = {RECORD_KEY: Halves.of(pair.private).pack()}
    opening = an_opening(WORDS, assessment=assessment, record=record)
    case = open_case(session, opening, office=an_office(), now=NOW).case
    assert case is not None
    mark_as_reporter(session, case, pair.private, ())
    ends = Ends(session, case, clue, pair)
    ensure_signing_key(session, clue, ends.officer_key, now=NOW)
    return ends


SIGNED, BROKEN = Standing.SIGNED, Standing.BROKEN
TO, FROM = MessageDirection.TO_REPORTER, MessageDirection.FROM_REPORTER


def standings(talk: Talk) -> list[Standing]:
    return [word.standing for word in talk.messages]


def both(ends: Ends) -> tuple[Talk, Talk]:
    return ends.seen_by_officer(), ends.seen_by_reporter()


def told_three(session: Session) -> Ends:
    """A talk of three words."""
    ends = a_talk(session)
    ends.write("他又来要钱。")
    ends.answer("您方便说说是哪一天吗？")
    ends.write("上月初八。")
    return ends


def row_at(ends: Ends, position: int) -> Message:
    query = select(Message).where(Message.case_id == ends.case.id, Message.position == position)
    return ends.session.scalars(query).one()


def change(ends: Ends, at: int, **values: object) -> None:
    """What somebody at the database does to a row."""
    row = row_at(ends, at)
    ends.session.execute(update(Message).where(Message.id == row.id).values(**values))


def seal_to_both(ends: Ends, message_id: str, words: str) -> dict[str, bytes]:
    """Words that anybody can seal, for the public halves lie in the database."""
    said = {"text": words, "salt": os.urandom(16).hex()}
    assert ends.case.public_key is not None
    return {
        "case_ciphertext": seal_record(ends.case.public_key, message_id, said),
        "reporter_ciphertext": seal_record(ends.reporter.public, message_id, said),
    }


def forge(ends: Ends, words: str, direction: MessageDirection, *, signature: bytes | None = None) -> Message:
    """A row slipped in at the end by somebody who holds nobody's key."""
    row = Message(
        id=new_id(),
        case_id=ends.case.id,
        position=len(ends.seen_by_officer().messages) + 1,
        direction=direction,
        officer_id=ends.clue.id if direction is TO else None,
        made_on=date(2026, 10, 8),
        signature=signature,
    )
    for name, blob in seal_to_both(ends, row.id, words).items():
        setattr(row, name, blob)
    ends.session.add(row)
    ends.session.flush()
    return row
