"""Whoever writes into the database without anybody's key: what he forges, swaps, replays or deletes is found out."""

from datetime import date

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from casework.cases import record_on_case
from casework.ledger import SYSTEM, Verb
from casework.models import LedgerEntry, Message
from casework.signatures import Signer, first_link, share_key, sign
from casework.signingkeys import ensure_signing_key
from casework.store import Store
from casework.talks import state
from casework.types import MessageDirection
from casework.vault import generate_key_pair
from tests.casework.people import NOW, a_clue_officer
from tests.casework.talkers import (
    BROKEN,
    FROM,
    SIGNED,
    TO,
    another_talk,
    both,
    change,
    forge,
    row_at,
    seal_to_both,
    standings,
    told_three,
)


def test_what_both_ends_wrote_is_signed_and_whole(store: Store):
    with store.write() as session:
        ends = told_three(session)
        for talk in both(ends):
            assert standings(talk) == [SIGNED] * 3
            assert [word.text for word in talk.messages] == ["他又来要钱。", "您方便说说是哪一天吗？", "上月初八。"]
            assert talk.is_whole


@pytest.mark.parametrize("direction", [TO, FROM])
def test_a_word_without_a_signature_is_told_at_both_ends(store: Store, direction: MessageDirection):
    with store.write() as session:
        ends = told_three(session)
        forge(ends, "明早八点到桥头，把材料带来。", direction)
        for talk in both(ends):
            assert standings(talk) == [SIGNED] * 3 + [BROKEN]


@pytest.mark.parametrize("direction", [TO, FROM])
def test_a_strangers_signature_is_told(store: Store, direction: MessageDirection):
    """He signs with a key of his own, and vouches with a key that he shares with one end's public half."""
    with store.write() as session:
        ends = told_three(session)
        row = forge(ends, "明早八点到桥头，把材料带来。", direction)
        stranger = generate_key_pair()
        signer = Signer.OFFICER if direction is TO else Signer.REPORTER
        assert ends.case.public_key is not None
        for public in (ends.case.public_key, ends.reporter.public):
            shared = share_key(stranger.private, public, ends.case.id)
            said = state(row, "明早八点到桥头，把材料带来。", "")
            signed = sign(said, stranger.private, signer, previous=first_link(ends.case.id), shared=shared)
            change(ends, 4, signature=signed.pack())
            for talk in both(ends):
                assert standings(talk)[3] is BROKEN


def test_other_words_under_an_old_signature_are_told(store: Store):
    with store.write() as session:
        ends = told_three(session)
        change(ends, 2, **seal_to_both(ends, row_at(ends, 2).id, "明早八点到桥头，把材料带来。"))
        for talk in both(ends):
            assert standings(talk) == [SIGNED, BROKEN, SIGNED]
            assert not talk.messages[2].gap


def test_words_changed_for_one_end_alone_are_told_to_him(store: Store):
    with store.write() as session:
        ends = told_three(session)
        other = seal_to_both(ends, row_at(ends, 2).id, "明早八点到桥头。")["reporter_ciphertext"]
        change(ends, 2, reporter_ciphertext=other)
        assert standings(ends.seen_by_reporter()) == [SIGNED, BROKEN, SIGNED]


@pytest.mark.parametrize(
    "values",
    [
        {"made_on": date(2026, 11, 2)},
        {"signature": None},
        {"signature": b"\x01" + b"\0" * 160},
        {"signature": b"short"},
        {"case_ciphertext": b"\x01nonsense", "reporter_ciphertext": b"\x01nonsense"},
        {"direction": FROM, "officer_id": None},
    ],
    ids=["day", "no signature", "empty signature", "cut signature", "ciphertexts", "direction"],
)
def test_a_change_of_any_column_is_told(store: Store, values: dict[str, object]):
    with store.write() as session:
        ends = told_three(session)
        change(ends, 2, **values)
        for talk in both(ends):
            assert talk.messages[1].standing is BROKEN


def test_an_answer_under_another_officers_name_is_told(store: Store):
    with store.write() as session:
        ends = told_three(session)
        other = a_clue_officer(session, "闻人静")
        ensure_signing_key(session, other, other.wrapped_private_key or b"", now=NOW)
        change(ends, 2, officer_id=other.id)
        for talk in both(ends):
            assert standings(talk) == [SIGNED, BROKEN, SIGNED]


def test_a_word_replayed_into_another_thread_is_told(store: Store):
    with store.write() as session:
        ends = told_three(session)
        other = another_talk(session, ends.clue)
        stolen = row_at(ends, 2)
        forge(other, "您方便说说是哪一天吗？", TO, signature=stolen.signature)
        for talk in both(other):
            assert standings(talk) == [BROKEN]


def test_a_word_moved_whole_into_another_thread_is_told(store: Store):
    with store.write() as session:
        ends = told_three(session)
        other = another_talk(session, ends.clue)
        change(ends, 2, case_id=other.case.id, position=1)
        for talk in both(other):
            assert standings(talk) == [BROKEN]
        for talk in both(ends):
            assert not talk.is_whole


def test_a_word_said_twice_by_somebody_else_is_told(store: Store):
    with store.write() as session:
        ends = told_three(session)
        forge(ends, "您方便说说是哪一天吗？", TO, signature=row_at(ends, 2).signature)
        for talk in both(ends):
            assert standings(talk) == [SIGNED] * 3 + [BROKEN]


def test_another_order_is_told(store: Store):
    with store.write() as session:
        ends = told_three(session)
        change(ends, 1, position=99)
        change(ends, 3, position=1)
        change(ends, 99, position=3)
        for talk in both(ends):
            assert standings(talk) == [BROKEN, SIGNED, BROKEN]


@pytest.mark.parametrize("position", [1, 2])
def test_a_word_deleted_in_the_middle_leaves_a_gap(store: Store, position: int):
    with store.write() as session:
        ends = told_three(session)
        session.execute(delete(Message).where(Message.id == row_at(ends, position).id))
        for talk in both(ends):
            assert standings(talk) == [SIGNED] * 2
            assert [word.gap for word in talk.messages].count(True) == 1
            assert talk.lost == 1


def test_the_last_word_deleted_is_missed_by_the_ledger(store: Store):
    with store.write() as session:
        ends = told_three(session)
        session.execute(delete(Message).where(Message.id == row_at(ends, 3).id))
        for talk in both(ends):
            assert (standings(talk), talk.lost) == ([SIGNED] * 2, 1)
            assert not talk.is_whole


def test_a_word_written_after_a_deletion_tells_of_it_even_without_the_ledger(store: Store):
    """Who deletes row and ledger entry both: the next word still names what stood before it."""
    with store.write() as session:
        ends = told_three(session)
        ends.answer("谢谢您。")
        gone = row_at(ends, 3).id
        session.execute(delete(Message).where(Message.id == gone))
        disarm(session, store)
        session.execute(delete(LedgerEntry).where(LedgerEntry.verb == Verb.WROTE))
        for talk in both(ends):
            assert talk.lost == 0
            assert [word.gap for word in talk.messages] == [False, False, True]


def disarm(session: Session, store: Store) -> None:
    """What somebody does who may drop triggers."""
    session.execute(text("DROP TRIGGER ledger_entry_no_delete" if store.is_sqlite else DROP_POSTGRES))


DROP_POSTGRES = "ALTER TABLE ledger_entry DISABLE TRIGGER ALL"


def test_words_that_went_when_the_case_was_shrunk_are_not_missed(store: Store):
    with store.write() as session:
        ends = told_three(session)
        session.execute(delete(Message))
        record_on_case(session, ends.case, Verb.SHRUNK, by=SYSTEM, now=NOW)
        session.flush()
        for talk in both(ends):
            assert talk.is_whole
