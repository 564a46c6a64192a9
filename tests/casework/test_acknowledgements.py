"""The receiving body answers: once, in time, for its own referral, by link, by API or on paper."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acknowledgements import (
    Answer,
    LinkState,
    find_linked_referral,
    get_referral_of_body,
    list_referrals_of_body,
    record_acknowledgement,
    record_result,
    view_link,
)
from casework.deliveries import list_deliveries, record_handover
from casework.errors import IllegalMove, InvalidField, NotFound
from casework.ledger import Verb, by_body, by_officer
from casework.links import LINK_LIFE, find_token, make_token
from casework.models.cases import Case, Deadline
from casework.models.ledger import LedgerEntry
from casework.models.people import Body
from casework.models.referrals import Acknowledgement, Delivery, Referral
from casework.referrals import cancel_referral, draft_referral, issue_referral
from casework.secrets import ServerSecrets, generate_secret_file, load_secrets
from casework.store import Store
from casework.types import (
    AcknowledgementDecision,
    CaseStatus,
    DeliveryStatus,
    DisposalClass,
    ReferralStatus,
)
from tests.casework.handovers import (
    LATER,
    SECRETS,
    a_sealed_case,
    a_second_clue_officer,
    an_issued_referral,
    opened_by,
    the_desk,
    the_house,
)
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, a_leader, an_office

TAKEN = Answer(AcknowledgementDecision.TAKEN, "值班员")
BACK = Answer(AcknowledgementDecision.SENT_BACK, "值班员", reason="不归我单位管辖")
FIRE = by_body("fire")


def issued(session: Session) -> Referral:
    the_house(session)
    return an_issued_referral(session)


def answer(session: Session, referral: Referral, said: Answer = TAKEN) -> bool:
    return record_acknowledgement(session, referral, said, by=FIRE, office=an_office(), now=LATER)


def token_of(session: Session, referral: Referral) -> str:
    return make_token(session, SECRETS, referral.id)


def row_of(session: Session, referral: Referral) -> Acknowledgement:
    return session.scalars(select(Acknowledgement).where(Acknowledgement.referral_id == referral.id)).one()


def test_taking_it_acknowledges_meets_the_clock_and_is_in_the_ledger(store: Store):
    with store.write() as session:
        referral = issued(session)
        assert answer(session, referral)
        assert referral.status is ReferralStatus.ACKNOWLEDGED
        assert session.get_one(Case, referral.case_id).status is CaseStatus.REFERRED
        clocks = {row.rule_id: row for row in session.scalars(select(Deadline))}
        assert clocks["receipt"].met_at == LATER
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.verb == Verb.ACKNOWLEDGED)).one()
        assert entry.actor_id == "fire"
        assert "值班员" not in str(entry.details)


def test_sending_it_back_returns_the_referral_and_the_case(store: Store):
    with store.write() as session:
        referral = issued(session)
        answer(session, referral, BACK)
        assert referral.status is ReferralStatus.RETURNED
        assert session.get_one(Case, referral.case_id).status is CaseStatus.WORKING
        assert row_of(session, referral).reason == "不归我单位管辖"


def test_a_second_answer_changes_nothing(store: Store):
    with store.write() as session:
        referral = issued(session)
        assert answer(session, referral)
        assert not answer(session, referral, BACK)
        assert referral.status is ReferralStatus.ACKNOWLEDGED
        assert row_of(session, referral).decision is AcknowledgementDecision.TAKEN


@pytest.mark.parametrize(
    ("said", "field", "problem"),
    [
        (Answer(AcknowledgementDecision.TAKEN, " "), "receiver", "required"),
        (Answer(AcknowledgementDecision.SENT_BACK, "值班员"), "reason", "required"),
        (Answer(AcknowledgementDecision.PASSED_ON, "值班员"), "reason", "required"),
        (Answer(AcknowledgementDecision.TAKEN, "长" * 65), "receiver", "too_long"),
        (Answer(AcknowledgementDecision.SENT_BACK, "值班员", "长" * 501), "reason", "too_long"),
    ],
)
def test_an_answer_must_be_whole(store: Store, said: Answer, field: str, problem: str):
    with store.write() as session:
        referral = issued(session)
        with pytest.raises(InvalidField) as caught:
            answer(session, referral, said)
        assert (caught.value.field, caught.value.problem) == (field, problem)
        assert row_of(session, referral).acknowledged_at is None


def test_an_answer_proves_that_an_unsure_letter_came_and_stops_what_still_waits(store: Store):
    with store.write() as session:
        referral = issued(session)
        delivery = session.scalars(select(Delivery)).one()
        delivery.status = DeliveryStatus.UNSURE
        answer(session, referral)
        assert delivery.status is DeliveryStatus.SENT
    with store.write() as session:
        second = an_issued_referral_again(session)
        (waiting,) = list_deliveries(session, second)
        answer(session, second)
        assert waiting.status is DeliveryStatus.CANCELLED


def an_issued_referral_again(session: Session) -> Referral:
    case = session.scalars(select(Case)).first()
    assert case is not None
    by = a_dispatcher(session, "周二")
    referral = draft_referral(session, case, session.get_one(Body, "fire"), by=by, desk=the_desk(), now=LATER)
    leader = a_leader(session, "别的领导")
    return issue_referral(session, referral, number="〔2026〕99号", by=leader, desk=the_desk(), now=LATER)


def test_the_link_shows_number_day_and_organ_and_looking_changes_nothing(store: Store):
    with store.write() as session:
        referral = issued(session)
        for _ in range(3):
            link = view_link(session, token_of(session, referral), now=LATER)
        assert (link.state, link.number, link.body_name) == (
            LinkState.OPEN,
            "望民函〔2026〕12号",
            "望桐县消防救援大队",
        )
        assert "芦渚" not in repr(link)
        assert row_of(session, referral).acknowledged_at is None


def test_a_link_ends_after_thirty_days(store: Store):
    with store.write() as session:
        referral = issued(session)
        token = token_of(session, referral)
        assert view_link(session, token, now=LATER + LINK_LIFE - timedelta(seconds=1)).state is LinkState.OPEN
        assert view_link(session, token, now=LATER + LINK_LIFE).state is LinkState.EXPIRED
        with pytest.raises(NotFound):
            find_linked_referral(session, token, now=LATER + LINK_LIFE)


def test_a_guessed_link_leads_nowhere(store: Store):
    with store.write() as session:
        referral = issued(session)
        for token in ("", "x" * 43, referral.id, token_of(session, referral)[:-1]):
            with pytest.raises(NotFound):
                view_link(session, token, now=LATER)


def test_the_link_of_a_cancelled_referral_is_closed(store: Store):
    with store.write() as session:
        referral = issued(session)
        token = token_of(session, referral)
        cancel_referral(session, referral, by=a_dispatcher(session, "周二"), reason="撤", now=LATER)
        assert view_link(session, token, now=LATER).state is LinkState.CANCELLED
        with pytest.raises(NotFound):
            find_linked_referral(session, token, now=LATER)
        with pytest.raises(IllegalMove):
            answer(session, referral)


def test_a_link_survives_a_new_server_secret(store: Store):
    with store.write() as session:
        referral = issued(session)
        stored = row_of(session, referral).token_sha256
        assert stored is not None
        token = token_of(session, referral)
        after = ServerSecrets({**SECRETS.versions, 2: bytes(32)}, 2)
        assert make_token(session, after, referral.id) != token
        assert find_token(session, after, referral.id, stored) == token
        assert find_token(session, load_secrets(generate_secret_file()), referral.id, stored) is None


def test_a_body_reaches_its_own_referrals_and_no_other(store: Store):
    with store.write() as session:
        referral = issued(session)
        assert get_referral_of_body(session, "fire", referral.id) is referral
        assert list_referrals_of_body(session, "fire") == [referral]
        assert list_referrals_of_body(session, "police") == []
        with pytest.raises(NotFound):
            get_referral_of_body(session, "police", referral.id)


def test_a_draft_is_not_yet_the_bodys(store: Store):
    with store.write() as session:
        issued(session)
        case = session.scalars(select(Case)).one()
        by = a_dispatcher(session, "周二")
        draft = draft_referral(session, case, session.get_one(Body, "fire"), by=by, desk=the_desk(), now=LATER)
        with pytest.raises(NotFound):
            get_referral_of_body(session, "fire", draft.id)


def test_the_result_comes_after_the_receipt_and_in_words(store: Store):
    with store.write() as session:
        referral = issued(session)
        with pytest.raises(IllegalMove):
            record_result(session, referral, text="已整改", by=FIRE, office=an_office(), now=LATER)
        answer(session, referral)
        with pytest.raises(InvalidField):
            record_result(session, referral, text=" ", by=FIRE, office=an_office(), now=LATER)
        record_result(session, referral, text="已责令整改", by=FIRE, office=an_office(), now=LATER)
        row = row_of(session, referral)
        assert (referral.status, row.result, row.disposal) == (ReferralStatus.ANSWERED, "已责令整改", None)
        clocks = {clock.rule_id: clock for clock in session.scalars(select(Deadline))}
        assert clocks["fire"].met_at == LATER
        with pytest.raises(IllegalMove):
            record_result(session, referral, text="再来一次", by=FIRE, office=an_office(), now=LATER)


def test_of_a_discipline_organ_only_the_class_is_kept_and_reasons_go_under_seal(store: Store):
    with store.write() as session:
        the_house(session)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        case = a_sealed_case(session)
        organ = session.get_one(Body, "discipline")
        referral = draft_referral(
            session, case, organ, by=one, desk=the_desk(), now=NOW, opened=opened_by(session, one, case)
        )
        opened = opened_by(session, other, case)
        issue_referral(session, referral, number="〔2026〕1号", by=other, desk=the_desk(), now=NOW, opened=opened)
        record_handover(session, list_deliveries(session, referral)[0], by=one, now=LATER)
        said = Answer(AcknowledgementDecision.PASSED_ON, "案管室", reason="转市纪委监委办理")
        assert record_acknowledgement(session, referral, said, by=by_officer(one), office=an_office(), now=LATER)
        row = row_of(session, referral)
        assert row.reason == ""
        with pytest.raises(InvalidField):
            record_result(session, referral, text="立案了", by=by_officer(one), office=an_office(), now=LATER)
        record_result(
            session,
            referral,
            text="对鲁守田立案",
            disposal=DisposalClass.CASE_FILED,
            by=by_officer(one),
            office=an_office(),
            now=LATER,
        )
        assert (row.disposal, row.result) == (DisposalClass.CASE_FILED, "")
        notes = [item.payload for item in opened_by(session, one, case).items if item.kind == "note"]
        assert any("转市纪委监委办理" in str(note) for note in notes)
