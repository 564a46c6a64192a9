"""Sealing a case that stood open, and opening it again by two."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.cases import keep_note
from casework.errors import NotAllowed, NotFound, VaultLocked
from casework.exclusions import exclude_by_hand
from casework.ledger import Verb
from casework.models import (
    Allowance,
    Assignment,
    Case,
    CaseAssessment,
    CaseKey,
    Deadline,
    DuplicateHint,
    Exclusion,
    LedgerEntry,
    Message,
    Note,
    Referral,
    SealedItem,
)
from casework.models.paging import PageCall, PageSubject
from casework.models.referrals import Acknowledgement, NoticeFile
from casework.paging import settle_calls
from casework.resealing import ask_unsealing, find_unsealing_consent
from casework.rings import officer_private_key
from casework.sealing import read_sealed_case
from casework.store import Store
from casework.types import MessageDirection, ReferralStatus, SealedKind
from casework.vault import unseal_record
from intake.models import Receipt, Report
from intake.receipts import find_receipt
from intake.reporters import reveal_reporter
from intake.reports import amend_report, receive_report
from intake.resealing import seal_by_hand, unseal_case
from intake.types import Amended, Filed, RevealReason
from tests.casework.people import NOW, a_dispatcher, a_handler, an_office, keep_out_by_hand
from tests.intake.desk import (
    SEALED_STORY,
    STORY,
    a_contact,
    a_desk,
    a_draft,
    a_house,
    a_receipt_desk,
    sign_in,
    sign_in_open,
    some_secrets,
)

OFFICE = an_office()
SECRETS = some_secrets()
GONE = (CaseAssessment, Assignment, Note, Exclusion, DuplicateHint, NoticeFile)
KEPT = (CaseAssessment, Assignment, Note, Exclusion, Deadline)


class House:
    """An open discipline case with everything a case may hang on itself, and two clue officers with open vaults."""

    def __init__(self, session: Session) -> None:
        (self.first, self.second), sheet = a_house(session)
        self.one = sign_in_open(session, self.first, sheet, "t1")
        self.two = sign_in_open(session, self.second, sheet, "t2")
        self.dispatcher = a_dispatcher(session)
        self.handler = a_handler(session)
        self.desk = a_desk(discipline=True)
        filed = receive_report(session, a_draft(contact=a_contact()), desk=self.desk, now=NOW)
        other = receive_report(session, a_draft("麦陇镇敬老院另一件事"), desk=self.desk, now=NOW)
        assert isinstance(filed, Filed)
        assert isinstance(other, Filed)
        self.filed = filed
        self.case = session.get_one(Case, filed.case_id)
        keep_note(session, self.case, "会计说账上没有", officer_id=self.first.id, now=NOW)
        exclude_by_hand(session, self.case, officer_id=self.handler.id, by=self.dispatcher, now=NOW)
        session.add_all(
            [
                Assignment(
                    case_id=self.case.id,
                    body_code="civil_affairs",
                    instruction="请查账",
                    assigned_by=self.dispatcher.id,
                    assigned_at=NOW,
                ),
                DuplicateHint(case_id=other.case_id, other_case_id=self.case.id, score=0.9, why=["馊饭"]),
                Message(
                    case_id=self.case.id,
                    position=1,
                    direction=MessageDirection.TO_REPORTER,
                    text="请问是哪一天的饭",
                    officer_id=self.first.id,
                    made_on=NOW.date(),
                ),
            ]
        )
        session.flush()

    def seal(self, session: Session) -> None:
        seal_by_hand(session, self.dispatcher, self.case.id, office=OFFICE, secrets=SECRETS, now=NOW)
        session.expire_all()

    def read(self, session: Session, signed: Any = None, token: str = "t1") -> Any:
        signed = signed or self.one
        private = officer_private_key(signed, token)
        return read_sealed_case(session, signed.officer, private, self.case.id, now=NOW)

    def snapshot(self, session: Session) -> Any:
        def rows(model: Any) -> list[Any]:
            found = session.scalars(select(model).where(model.case_id == self.case.id)).all()
            names = [column.key for column in model.__table__.columns]
            return sorted(str([getattr(row, name) for name in names]) for row in found)

        case = session.get_one(Case, self.case.id)
        plain = [getattr(case, column.key) for column in Case.__table__.columns if column.key != "version"]
        reports = session.scalars(select(Report).where(Report.case_id == self.case.id))
        texts = [(report.id, report.sealed, report.working_text, report.channel, report.named) for report in reports]
        return plain, texts, {model.__name__: rows(model) for model in KEPT}

    def unseal(self, session: Session) -> None:
        ask_unsealing(session, self.one, "t1", self.case.id, "没有具体人，按一般件办", now=NOW)
        unseal_case(session, self.two, "t2", self.case.id, office=OFFICE, secrets=SECRETS, now=NOW)
        session.expire_all()


def count(session: Session, model: Any, case_id: str) -> int:
    return session.scalar(select(func.count()).select_from(model).where(model.case_id == case_id)) or 0


def test_one_click_moves_everything_inside(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        case = session.get_one(Case, house.case.id)
        report = session.get_one(Report, house.filed.report_id)
        message = session.scalars(select(Message)).one()
        assert case.sealed
        assert case.number.startswith("密")
        assert case.category is case.urgency is case.body_code is case.institution_code is None
        assert report.sealed
        assert (report.working_text, report.channel, report.named) == (None, None, None)
        assert message.text is None
        assert [count(session, model, case.id) for model in GONE if model is not NoticeFile] == [0] * (len(GONE) - 1)
        assert session.scalar(select(func.count()).select_from(DuplicateHint)) == 0
        said = house.read(session).record
    assert said["text"].endswith("老人吃了拉肚子。")
    assert said["open"]["rows"]["note"][0]["text"] == "会计说账上没有"
    assert said["reasons"] == ["by_hand"]


def test_it_gets_the_clocks_of_a_sealed_case(store: Store):
    with store.write() as session:
        house = House(session)
        rules = select(Deadline.rule_id).where(Deadline.case_id == house.case.id)
        before = set(session.scalars(rules))
        house.seal(session)
        after = set(session.scalars(rules))
        desk = a_desk(who=True, what=True, discipline=True)
        sealed = receive_report(session, a_draft(SEALED_STORY), desk=desk, now=NOW)
        assert isinstance(sealed, Filed)
        usual = set(session.scalars(select(Deadline.rule_id).where(Deadline.case_id == sealed.case_id)))
    assert after == usual != before


def test_whoever_was_kept_out_is_not_let_in(store: Store):
    with store.write() as session:
        house = House(session)
        keep_out_by_hand(session, house.case, house.first, by=house.second)
        house.seal(session)
        assert session.scalars(select(Allowance.officer_id)).all() == [house.second.id]
        with pytest.raises(NotFound):
            house.read(session)


def test_the_dispatcher_who_sealed_it_sees_it_no_more(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        with pytest.raises(NotFound):
            seal_by_hand(session, house.dispatcher, house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)


def test_who_may_not_see_it_may_not_seal_it(store: Store):
    with store.write() as session:
        house = House(session)
        with pytest.raises(NotAllowed):
            seal_by_hand(session, house.handler, house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)


def test_a_sealed_case_is_not_sealed_twice(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        with pytest.raises(NotAllowed):
            seal_by_hand(session, house.first, house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)


def test_the_reporter_reads_the_talk_by_his_code_after_it_was_sealed(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        message = session.scalars(select(Message)).one()
        content = house.read(session)
        assert unseal_record(content.case_key, message.id, message.case_ciphertext or b"")["text"] == "请问是哪一天的饭"
    lookup = a_receipt_desk(store, house.desk)
    hit = find_receipt(lookup, house.filed.code, timeout=5)
    lookup.gate.close()
    assert hit is not None
    assert unseal_record(hit.reporter_key, message.id, message.reporter_ciphertext or b"")["text"] == "请问是哪一天的饭"


def test_the_reporter_is_sealed_to_the_case_as_well(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        revealed = reveal_reporter(session, house.one, "t1", house.filed.report_id, reason=RevealReason.DANGER, now=NOW)
    assert (revealed.contact, revealed.original) == (a_contact(), STORY)


def test_a_referral_is_emptied_and_its_paper_goes_inside(store: Store):
    with store.write() as session:
        house = House(session)
        referral = Referral(
            case_id=house.case.id,
            status=ReferralStatus.DRAFTED,
            body_code="fire",
            fields={"facts": "厨房"},
            drafted_by=house.dispatcher.id,
            drafted_at=NOW,
        )
        session.add(referral)
        session.flush()
        session.add(NoticeFile(referral_id=referral.id, form="notice", format="pdf", content=b"%PDF", sha256="0" * 64))
        session.add(Acknowledgement(referral_id=referral.id, receiver="甲", reason="乙", result="丙"))
        session.flush()
        house.seal(session)
        assert (referral.sealed, referral.body_code, referral.fields) == (True, None, None)
        assert session.scalars(select(NoticeFile)).all() == []
        answer = session.scalars(select(Acknowledgement)).one()
        assert (answer.receiver, answer.reason, answer.result) == ("", "", "")
        house.unseal(session)
        assert (referral.sealed, referral.body_code, referral.fields) == (False, "fire", {"facts": "厨房"})
        assert session.scalars(select(NoticeFile.content)).one() == b"%PDF"
        session.refresh(answer)
        assert (answer.receiver, answer.reason, answer.result) == ("甲", "乙", "丙")


def test_two_people_open_it_again_exactly_as_it_was(store: Store):
    with store.write() as session:
        house = House(session)
        before = house.snapshot(session)
        house.seal(session)
        house.unseal(session)
        after = house.snapshot(session)
        message = session.scalars(select(Message)).one()
        assert message.text == "请问是哪一天的饭"
        assert message.case_ciphertext is message.reporter_ciphertext is None
        for model in (SealedItem, CaseKey, Allowance):
            assert count(session, model, house.case.id) == 0
        notes = after[2].pop("Note")
        before_notes = before[2].pop("Note")
    assert after == before
    assert len(notes) == len(before_notes) + 1  # the reason for unsealing is kept


def test_an_identity_still_opens_after_unsealing(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        house.unseal(session)
        revealed = reveal_reporter(session, house.one, "t1", house.filed.report_id, reason=RevealReason.DANGER, now=NOW)
    assert revealed.contact == a_contact()


def test_one_person_alone_opens_nothing(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        for _ in range(2):
            with pytest.raises(NotAllowed) as refused:
                unseal_case(session, house.one, "t1", house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)
            assert refused.value.act == "second_person"
            ask_unsealing(session, house.one, "t1", house.case.id, "理由", now=NOW)
        assert session.get_one(Case, house.case.id).sealed


def test_a_consent_runs_out(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        ask_unsealing(session, house.one, "t1", house.case.id, "理由", now=NOW)
        later = NOW + timedelta(days=8)
        assert find_unsealing_consent(session, house.case.id, house.second, now=NOW) == house.first.id
        assert find_unsealing_consent(session, house.case.id, house.second, now=later) is None


def test_a_consent_does_not_outlive_another_sealing(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        house.unseal(session)
        house.seal(session)
        assert find_unsealing_consent(session, house.case.id, house.second, now=NOW) is None


def test_the_consent_of_one_who_was_taken_off_the_list_does_not_count(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        ask_unsealing(session, house.one, "t1", house.case.id, "理由", now=NOW)
        session.delete(session.get_one(Allowance, (house.case.id, house.first.id)))
        session.flush()
        with pytest.raises(NotAllowed):
            unseal_case(session, house.two, "t2", house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)


def test_a_locked_vault_neither_asks_nor_opens(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        locked = sign_in(session, house.second, "t3")
        with pytest.raises(VaultLocked):
            ask_unsealing(session, locked, "t3", house.case.id, "理由", now=NOW)
        with pytest.raises(VaultLocked):
            unseal_case(session, locked, "t3", house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)


def test_a_case_that_was_referred_while_sealed_stays_sealed(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        session.add(Referral(case_id=house.case.id, sealed=True, drafted_by=house.first.id, drafted_at=NOW))
        session.flush()
        ask_unsealing(session, house.one, "t1", house.case.id, "理由", now=NOW)
        with pytest.raises(NotAllowed) as refused:
            unseal_case(session, house.two, "t2", house.case.id, office=OFFICE, secrets=SECRETS, now=NOW)
    assert refused.value.act == "referred"


def test_a_case_sealed_from_its_first_day_is_opened_as_if_it_came_in_now(store: Store):
    with store.write() as session:
        house = House(session)
        desk = a_desk(who=True, what=True, discipline=True, category="corruption", body="discipline")
        filed = receive_report(session, a_draft(SEALED_STORY, contact=a_contact()), desk=desk, now=NOW)
        assert isinstance(filed, Filed)
        more = amend_report(session, filed.case_id, a_draft("还有一笔"), desk=a_desk(home=None), now=NOW)
        assert isinstance(more, Amended)
        ask_unsealing(session, house.one, "t1", filed.case_id, "理由", now=NOW)
        case = unseal_case(session, house.two, "t2", filed.case_id, office=OFFICE, secrets=SECRETS, now=NOW)
        assert (case.sealed, case.category, case.discipline) == (False, "corruption", True)
        assert not case.number.startswith("密")
        assert case.institution_code == "mailong-home"
        texts = {report.working_text for report in session.scalars(select(Report).where(Report.case_id == case.id))}
        assert count(session, CaseAssessment, case.id) == 1
        assert count(session, Deadline, case.id) >= 1
        assert count(session, Exclusion, case.id) >= 1
        assert session.scalars(select(Receipt).where(Receipt.case_id == case.id)).one()
    assert texts == {SEALED_STORY, "还有一笔"}


def test_sealing_and_unsealing_stand_in_the_ledger_without_content(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        house.unseal(session)
        actors = [house.dispatcher.id, house.first.id, house.second.id]
        verbs = (Verb.SEALED, Verb.UNSEAL_ASKED, Verb.UNSEALED)
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.verb.in_(verbs)).order_by(LedgerEntry.id)).all()
    assert [each.verb for each in told] == list(verbs)
    assert set(told[0].details) == {"reasons", "talk"}
    assert told[0].details["reasons"] == ["by_hand"]
    assert set(told[1].details) == {"note"}
    assert told[2].details == {"first": actors[1]}
    assert [each.actor_id for each in told] == actors


def test_notes_written_while_sealed_come_out_with_it(store: Store):
    with store.write() as session:
        house = House(session)
        house.seal(session)
        keep_note(session, session.get_one(Case, house.case.id), "密件期间的记录", officer_id=house.first.id, now=NOW)
        kinds = [item.kind for item in house.read(session).items]
        assert kinds == [SealedKind.RECORD, SealedKind.NOTE]
        house.unseal(session)
        texts = set(session.scalars(select(Note.text).where(Note.case_id == house.case.id)))
    assert texts == {"会计说账上没有", "密件期间的记录", "没有具体人，按一般件办"}


def test_a_call_that_somebody_took_no_longer_says_that_the_case_was_critical(store: Store) -> None:
    with store.write() as session:
        house = House(session)
        settle_calls(session, PageSubject.CASE, house.case.id, by=house.dispatcher, now=NOW, case_id=house.case.id)
        house.seal(session)
        assert session.scalars(select(PageCall)).all() == []
