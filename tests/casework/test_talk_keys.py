"""The keys of a talk lie in the database too: whoever changes one of them is found out at both ends."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casework.bonds import RECORD_KEY, Halves, OfficerPen, ReporterPen, is_unpinned
from casework.errors import BrokenSeal, VaultLocked
from casework.ledger import SYSTEM
from casework.messages import add_message_from_reporter, answer_reporter
from casework.models import Case, Officer, SigningKey, TalkBond
from casework.resealing import LateSealing, seal_case_rows
from casework.signatures import Signer, first_link, share_key, sign, signing_public
from casework.signingkeys import ensure_signing_key
from casework.store import Store
from casework.talks import Standing, pin_talk, state
from casework.vault import generate_key_pair
from tests.casework.handovers import a_second_clue_officer
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, an_office, an_open_case, the_county
from tests.casework.talkers import (
    BROKEN,
    SIGNED,
    TO,
    Ends,
    a_talk,
    both,
    change,
    forge,
    row_at,
    seal_to_both,
    standings,
    told_three,
)


def swap_case_key(ends: Ends) -> None:
    """A new case key, with the bond's column changed to fit."""
    forged = generate_key_pair()
    ends.session.execute(update(Case).where(Case.id == ends.case.id).values(public_key=forged.public))
    ends.session.execute(update(TalkBond).values(case_public_key=forged.public))


def swap_reporter_key(ends: Ends) -> None:
    forged = Halves.of(generate_key_pair().private)
    values = {"reporter_public_key": forged.box, "reporter_signing_key": forged.sign}
    ends.session.execute(update(TalkBond).values(**values))


def swap_signing_key(ends: Ends) -> None:
    forged = signing_public(generate_key_pair().private, Signer.REPORTER)
    ends.session.execute(update(TalkBond).values(reporter_signing_key=forged))


def forget_bond(ends: Ends) -> None:
    ends.session.execute(delete(TalkBond))


def call_all_unsigned(ends: Ends) -> None:
    ends.session.execute(update(TalkBond).values(unsigned_until=9))


@pytest.mark.parametrize("tamper", [swap_case_key, swap_reporter_key, swap_signing_key, forget_bond, call_all_unsigned])
def test_keys_that_were_changed_are_told_and_nothing_more_is_sealed_to_them(
    store: Store, tamper: Callable[[Ends], None]
):
    with store.write() as session:
        ends = told_three(session)
        key = ends.case_key
        tamper(ends)
        for talk in both(ends):
            assert talk.keys_changed
            assert standings(talk) == [BROKEN] * 3
        with pytest.raises(BrokenSeal):
            add_message_from_reporter(session, ends.case, "还有一句。", now=NOW, pen=ReporterPen(ends.reporter.private))
        pen = OfficerPen(key, ends.officer_key)
        with pytest.raises(BrokenSeal):
            answer_reporter(session, ends.case, "好。", by=ends.clue, office=an_office(), now=NOW, pen=pen)


def test_a_bond_made_anew_for_a_strangers_keys_is_told_to_the_reporter(store: Store):
    """Even where his own mark was thrown away: the ledger knows which keys the case was sealed with."""
    with store.write() as session:
        ends = told_three(session)
        swap_case_key(ends)
        session.execute(update(TalkBond).values(reporter_mark=None))
        assert ends.seen_by_reporter().keys_changed


def test_an_officers_key_that_the_ledger_does_not_know_signs_nothing(store: Store):
    with store.write() as session:
        ends = told_three(session)
        forged = generate_key_pair()
        public = signing_public(forged.private, Signer.OFFICER)
        session.add(SigningKey(officer_id=ends.clue.id, public_key=public, made_at=NOW))
        row = forge(ends, "把材料带来。", TO)
        shared = share_key(ends.case_key, ends.reporter.public, ends.case.id)
        said = state(row, "把材料带来。", "")
        signed = sign(said, forged.private, Signer.OFFICER, previous=first_link(ends.case.id), shared=shared)
        change(ends, 4, signature=signed.pack())
        assert standings(ends.seen_by_reporter())[3] is BROKEN


def test_nobody_writes_into_a_sealed_talk_without_a_pen(store: Store):
    with store.write() as session:
        ends = a_talk(session)
        with pytest.raises(VaultLocked):
            add_message_from_reporter(session, ends.case, "他又来要钱。", now=NOW)
        with pytest.raises(VaultLocked):
            answer_reporter(session, ends.case, "知道了。", by=ends.clue, office=an_office(), now=NOW)


def test_what_an_officer_signed_stays_signed_after_he_has_a_new_key(store: Store):
    with store.write() as session:
        ends = told_three(session)
        pair = generate_key_pair()
        session.execute(
            update(Officer)
            .where(Officer.id == ends.clue.id)
            .values(public_key=pair.public, wrapped_private_key=pair.private)
        )
        session.expire_all()
        ensure_signing_key(session, ends.clue, pair.private, now=NOW)
        assert standings(ends.seen_by_reporter()) == [SIGNED] * 3
        keys = session.scalars(select(SigningKey).order_by(SigningKey.retired_at.is_(None)))
        assert [key.retired_at is None for key in keys] == [False, True]


def test_an_officers_public_key_that_was_changed_is_told_when_he_opens_his_vault(store: Store):
    with store.write() as session:
        ends = a_talk(session)
        private = ends.officer_key
        ends.clue.public_key = generate_key_pair().public
        with pytest.raises(BrokenSeal, match="officer_key"):
            ensure_signing_key(session, ends.clue, private, now=NOW)


def test_the_signature_tells_nothing_of_the_words(store: Store):
    """The salt lies sealed: two equal words of equal place have nothing in common that a thief could try."""
    with store.write() as session:
        ends = a_talk(session)
        row = ends.write("有。")
        assert row.signature is not None
        assert not row.text
        kept = row.signature
        assert ends.reporter.private not in kept
        guessed = state(row, "有。", "")
        shared = share_key(ends.reporter.private, ends.case.public_key or b"", ends.case.id)
        previous = first_link(ends.case.id)
        assert sign(guessed, ends.reporter.private, Signer.REPORTER, previous=previous, shared=shared).pack() != kept


def test_pinning_twice_changes_nothing(store: Store):
    with store.write() as session:
        ends = told_three(session)
        before = session.get_one(TalkBond, ends.case.id).reporter_mark
        pin_talk(session, ends.case, ends.reporter.private)
        assert session.get_one(TalkBond, ends.case.id).reporter_mark == before


def sealed_late(session: Session) -> Ends:
    """A case that stood open, with two words of its talk, and was sealed then."""
    the_county(session)
    clue, dispatcher, pair = a_clue_officer(session), a_dispatcher(session), generate_key_pair()
    case = an_open_case(session)
    ends = Ends(session, case, clue, pair)
    add_message_from_reporter(session, case, "还没人来。", now=NOW)
    answer_reporter(session, case, "明天去看。", by=dispatcher, office=an_office(), now=NOW)
    late = LateSealing({"text": "崔广田贪污。", RECORD_KEY: Halves.of(pair.private).pack()}, pair.public)
    inside = [clue, a_second_clue_officer(session)]
    seal_case_rows(session, case, late, inside, by=SYSTEM, reasons=[], office=an_office(), now=NOW)
    return ends


def test_words_from_before_the_sealing_are_told_as_unsigned_and_later_ones_as_signed(store: Store):
    with store.write() as session:
        ends = sealed_late(session)
        assert is_unpinned(session, ends.case.id)
        pin_talk(session, ends.case, ends.reporter.private)
        assert not is_unpinned(session, ends.case.id)
        ends.write("他上周又来过。")
        ends.answer("知道了。")
        for talk in both(ends):
            assert standings(talk) == [Standing.UNSIGNED] * 2 + [SIGNED] * 2
            assert talk.is_whole


def test_a_word_from_before_the_sealing_that_was_changed_is_told(store: Store):
    with store.write() as session:
        ends = sealed_late(session)
        pin_talk(session, ends.case, ends.reporter.private)
        ends.write("他上周又来过。")
        change(ends, 2, **seal_to_both(ends, row_at(ends, 2).id, "明天来桥头。"))
        for talk in both(ends):
            assert standings(talk) == [BROKEN] * 2 + [SIGNED]


def test_the_reporter_pins_no_keys_that_the_ledger_does_not_know(store: Store):
    with store.write() as session:
        ends = sealed_late(session)
        swap_case_key(ends)
        session.expire_all()
        pin_talk(session, ends.case, ends.reporter.private)
        assert is_unpinned(session, ends.case.id)
        assert ends.seen_by_reporter().keys_changed
