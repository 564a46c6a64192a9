"""Drafted by the system, issued by people: who may, what must be there, and where a matter may never go."""

import hashlib

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.errors import IllegalMove, InvalidField, NotAllowed, NotFound
from casework.ledger import Verb
from casework.links import find_token, hash_token
from casework.models.cases import Case, Deadline
from casework.models.ledger import LedgerEntry
from casework.models.people import Body
from casework.models.referrals import Acknowledgement, Delivery, NoticeFile, Referral
from casework.papers import list_lines
from casework.referral_rules import parse_number
from casework.referrals import (
    cancel_referral,
    draft_referral,
    get_referral_for,
    issue_referral,
    list_referrals,
    preview_referral,
    read_referral,
    update_draft,
)
from casework.store import Store
from casework.types import (
    REFERRAL_TRANSITIONS,
    CaseStatus,
    DeliveryMethod,
    DeliveryStatus,
    ReferralStatus,
)
from tests.casework.handovers import (
    FIRE_TEXT,
    LATER,
    SECRETS,
    a_fire_case,
    an_issued_referral,
    drafted,
    fire,
    the_desk,
    the_house,
)
from tests.casework.job_desk import job_rows
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_handler,
    a_leader,
)


def test_a_draft_is_made_of_what_the_house_knows_and_none_of_his_words(store: Store):
    with store.write() as session:
        the_house(session)
        fields = read_referral(session, drafted(session)).fields
        assert (fields.institution, fields.place) == ("芦渚颐年院", "芦渚镇")
        assert fields.categories == ("消防隐患",)
        assert fields.contact == "周建禾"
        assert fields.accused == ()
        text = "".join(
            "".join(list_lines(p)) for p in preview_referral(session, list_all(session)[0], desk=the_desk(), now=NOW)
        )
        for words in ("铁链子", "后门", "两年"):
            assert words in FIRE_TEXT
            assert words not in text


def list_all(session: Session) -> list[Referral]:
    return list(session.scalars(select(Referral)))


def test_issuing_does_everything_in_one_transaction(store: Store):
    with store.write() as session:
        the_house(session)
        referral = an_issued_referral(session)
        ident = referral.id
    with store.read() as session:
        referral = session.get_one(Referral, ident)
        case = session.get_one(Case, referral.case_id)
        assert (referral.status, referral.number) == (ReferralStatus.ISSUED, "望民函〔2026〕12号")
        assert case.status is CaseStatus.REFERRED
        files = {(row.form, row.format): row for row in session.scalars(select(NoticeFile))}
        assert set(files) == {("letter", "pdf"), ("letter", "docx"), ("receipt", "pdf"), ("receipt", "docx")}
        for row in files.values():
            assert hashlib.sha256(row.content).hexdigest() == row.sha256
        delivery = session.scalars(select(Delivery)).one()
        assert (delivery.method, delivery.status) == (DeliveryMethod.MAIL, DeliveryStatus.QUEUED)
        verbs = [entry.verb for entry in session.scalars(select(LedgerEntry).order_by(LedgerEntry.id))]
        assert verbs.count(Verb.DRAFTED) == verbs.count(Verb.ISSUED) == 1
        assert {row.rule_id for row in session.scalars(select(Deadline))} >= {"receipt", "fire"}
        jobs = [ident for ident, _, _ in job_rows(store)]
        assert any(delivery.id in job for job in jobs)


def test_nothing_is_left_where_the_transaction_fails(store: Store):
    def break_down() -> None:
        with store.write() as session:
            the_house(session)
            an_issued_referral(session)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power"):
        break_down()
    with store.read() as session:
        assert session.scalars(select(Referral)).all() == []
    assert job_rows(store) == []


def test_only_the_hash_of_the_link_is_kept(store: Store):
    with store.write() as session:
        the_house(session)
        referral = an_issued_referral(session)
        row = session.scalars(select(Acknowledgement)).one()
        assert row.token_sha256 is not None
        token = find_token(session, SECRETS, referral.id, row.token_sha256)
        assert token is not None
        assert hash_token(token) == row.token_sha256


def test_a_dispatcher_drafts_but_does_not_sign_out_to_another_organ(store: Store):
    with store.write() as session:
        the_house(session)
        referral = drafted(session)
        with pytest.raises(NotAllowed):
            issue_referral(session, referral, number="〔2026〕1号", by=a_handler(session), desk=the_desk(), now=NOW)


def test_a_stranger_finds_no_referral(store: Store):
    with store.write() as session:
        the_house(session)
        referral = drafted(session)
        with pytest.raises(NotFound):
            get_referral_for(session, a_handler(session), referral.id)
        assert get_referral_for(session, a_leader(session), referral.id)[0] is referral


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("〔2026〕12号", "望民函〔2026〕12号"),
        ("望民函[2026]12号", "望民函〔2026〕12号"),
        ("望民函（2026） 7号", "望民函〔2026〕7号"),
        ("〔2026〕第12号", None),
        ("〔2026〕012号", None),
        ("〔2025〕12号", None),
        ("巨民函〔2026〕12号", None),
        ("2026-12", None),
        ("", None),
    ],
)
def test_a_number_is_written_as_the_standard_wants_it(typed: str, number: str | None):
    if number is None:
        with pytest.raises(InvalidField) as caught:
            parse_number(typed, prefix="望民函", year=2026)
        assert caught.value.problem == "not_a_notice_number"
    else:
        assert parse_number(typed, prefix="望民函", year=2026) == number


def test_a_number_is_given_once(store: Store):
    with store.write() as session:
        the_house(session)
        an_issued_referral(session, number="12")
        referral = draft_referral(
            session, a_fire_case(session), fire(session), by=a_clue_officer(session), desk=the_desk(), now=NOW
        )
        with pytest.raises(InvalidField) as caught:
            issue_referral(
                session,
                referral,
                number="〔2026〕12号",
                by=a_leader(session, "别的领导"),
                desk=the_desk(),
                now=NOW,
            )
        assert caught.value.problem == "number_taken"


def test_what_the_receiver_needs_must_be_there(store: Store):
    with store.write() as session:
        the_house(session)
        referral = drafted(session, a_fire_case(session, home=None))
        assert referral.fields is not None
        leader = a_leader(session)
        with pytest.raises(InvalidField) as caught:
            issue_referral(session, referral, number="〔2026〕1号", by=leader, desk=the_desk(), now=NOW)
        assert (caught.value.field, caught.value.problem) == ("institution", "required")
        update_draft(session, referral, {"institution": "某养老院"}, by=leader, now=NOW)
        issue_referral(session, referral, number="〔2026〕1号", by=leader, desk=the_desk(), now=NOW)


def test_an_issued_referral_is_never_changed_or_issued_again(store: Store):
    with store.write() as session:
        the_house(session)
        referral = an_issued_referral(session)
        leader = session.get_one(Referral, referral.id).issued_by
        assert leader is not None
        boss = a_leader(session, "别的领导")
        with pytest.raises(IllegalMove):
            update_draft(session, referral, {"place": "别处"}, by=boss, now=NOW)
        with pytest.raises(IllegalMove):
            issue_referral(session, referral, number="〔2026〕13号", by=boss, desk=the_desk(), now=NOW)


def test_cancelling_keeps_back_what_has_not_left_and_brings_the_case_back(store: Store):
    with store.write() as session:
        the_house(session)
        referral = an_issued_referral(session)
        cancel_referral(session, referral, by=a_dispatcher(session, "戚一"), reason="送错了", now=LATER)
        assert referral.status is ReferralStatus.CANCELLED
        assert session.scalars(select(Delivery)).one().status is DeliveryStatus.CANCELLED
        assert session.get_one(Case, referral.case_id).status is CaseStatus.WORKING


def test_every_stage_of_a_referral_can_be_reached():
    reached = {ReferralStatus.DRAFTED}.union(*REFERRAL_TRANSITIONS.values())
    assert reached == set(ReferralStatus) == set(REFERRAL_TRANSITIONS)


# ---- to whom it may not go


def test_a_case_lists_its_referrals_in_order(store: Store):
    with store.write() as session:
        the_house(session)
        case = a_fire_case(session)
        by = a_dispatcher(session)
        one = draft_referral(session, case, fire(session), by=by, desk=the_desk(), now=NOW)
        two = draft_referral(session, case, session.get_one(Body, "police"), by=by, desk=the_desk(), now=LATER)
        assert list_referrals(session, case) == [one, two]
