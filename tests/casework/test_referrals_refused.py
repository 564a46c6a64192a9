"""Where a matter may never go, who may not sign it out, and what nobody learns of a sealed letter."""

import pytest
from sqlalchemy import select

from casework.errors import ConflictOfInterest, InvalidField, NotAllowed, NotFound
from casework.exclusions import exclude_by_hand
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.people import Body, Officer
from casework.models.referrals import Acknowledgement, Delivery, NoticeFile
from casework.papers import PaperForm, list_lines
from casework.referral_rules import SECRET_WAYS, choose_methods
from casework.referrals import (
    draft_referral,
    get_referral_for,
    issue_referral,
    preview_referral,
    read_referral,
    update_draft,
)
from casework.store import Store
from casework.types import (
    DeliveryMethod,
    ReferralStatus,
)
from tests.casework.handovers import (
    CLUE_TEXT,
    a_fire_case,
    a_sealed_case,
    a_second_clue_officer,
    a_township_officer,
    discipline,
    drafted,
    fire,
    opened_by,
    the_desk,
    the_house,
)
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_handler,
    a_leader,
    a_supervisor,
    an_open_case,
    see_to_four_eyes,
)
from tests.casework.people import opened as opened_case


def test_it_refuses_referral_to_the_accused_body(store: Store):
    with store.write() as session:
        the_house(session)
        text = "芦渚颐年院的门锁着，消防大队来了也不管。"
        case = an_open_case(session, text, unit="消防大队", category="inaction", body="discipline")
        with pytest.raises(ConflictOfInterest) as caught:
            draft_referral(session, case, fire(session), by=a_dispatcher(session), desk=the_desk(), now=NOW)
        assert caught.value.who == "fire"


def test_it_refuses_the_body_that_runs_the_home(store: Store):
    with store.write() as session:
        the_house(session)
        township = session.get_one(Body, "township-mailong")
        case = an_open_case(session, home="mailong-home")
        with pytest.raises(ConflictOfInterest):
            draft_referral(session, case, township, by=a_dispatcher(session), desk=the_desk(), now=NOW)


def test_it_refuses_a_body_whose_name_an_officer_enters_among_the_accused(store: Store):
    with store.write() as session:
        the_house(session)
        referral = drafted(session)
        accused = [{"name": "姓名不详", "unit": "望桐县消防救援大队"}]
        with pytest.raises(ConflictOfInterest):
            update_draft(session, referral, {"accused": accused}, by=a_leader(session), now=NOW)


def test_it_refuses_the_house_of_an_officer_who_is_named(store: Store):
    with store.write() as session:
        the_house(session)
        a_handler(session, "钟离岳", "market")
        case = an_open_case(session, "芦渚颐年院乱收费，钟离岳来检查就是走过场。", category="fees", home="luzhu-home")
        with pytest.raises(ConflictOfInterest):
            draft_referral(
                session, case, session.get_one(Body, "market"), by=a_dispatcher(session), desk=the_desk(), now=NOW
            )


def test_it_refuses_a_body_that_a_sealed_report_speaks_of(store: Store):
    with store.write() as session:
        the_house(session)
        a_handler(session, "钟离岳", "market")
        one = a_clue_officer(session)
        see_to_four_eyes(session)
        for text in (
            "望桐县市场监督管理局的人收了颐年院的烟酒。",
            "钟离岳收了颐年院的烟酒。",
            "钟里岳收了颐年院的烟酒。",
        ):
            case = opened_case(session, text, discipline=True, who=True, what=True, home="luzhu-home").case
            assert case is not None
            with pytest.raises(ConflictOfInterest):
                draft_referral(
                    session,
                    case,
                    session.get_one(Body, "market"),
                    by=one,
                    desk=the_desk(),
                    now=NOW,
                    opened=opened_by(session, one, case),
                )


def test_a_sealed_report_that_says_it_was_told_to_the_discipline_organ_still_goes_there(store: Store):
    with store.write() as session:
        the_house(session)
        one = a_clue_officer(session)
        see_to_four_eyes(session)
        text = "颐年院院长滕守业收了三万元红包，我向望桐县纪委监委说过。"
        case = opened_case(session, text, discipline=True, who=True, what=True, home="luzhu-home").case
        assert case is not None
        opened = opened_by(session, one, case)
        draft_referral(session, case, discipline(session), by=one, desk=the_desk(), now=NOW, opened=opened)


# ---- discipline


def test_a_discipline_matter_never_leaves_by_mail_or_webhook(store: Store):
    with store.write() as session:
        the_house(session)
        organ = discipline(session)
        organ.age_public_key = "age1 of the body"
        for method in DeliveryMethod:
            if method in SECRET_WAYS:
                assert choose_methods(organ, [method], secret=True) == (method,)
            else:
                with pytest.raises(InvalidField):
                    choose_methods(organ, [method], secret=True)
        assert choose_methods(organ, None, secret=True) == (DeliveryMethod.SEALED_PRINT,)


def test_mail_is_refused_even_at_the_issue_of_an_open_clue(store: Store):
    with store.write() as session:
        the_house(session)
        case = an_open_case(session, "民政办推来推去没人管。", category="inaction", body="discipline", discipline=True)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        referral = draft_referral(session, case, discipline(session), by=one, desk=the_desk(), now=NOW)
        update_draft(session, referral, {"accused": [{"name": "姓名不详", "unit": "某单位"}]}, by=one, now=NOW)
        for method in (DeliveryMethod.MAIL, DeliveryMethod.WEBHOOK):
            with pytest.raises(InvalidField):
                issue_referral(
                    session, referral, number="〔2026〕1号", by=other, desk=the_desk(), now=NOW, methods=[method]
                )
        issue_referral(session, referral, number="〔2026〕1号", by=other, desk=the_desk(), now=NOW)
        assert session.scalars(select(Delivery)).one().method is DeliveryMethod.SEALED_PRINT
        assert session.scalars(select(Acknowledgement)).one().token_sha256 is None


def test_only_clue_officers_draft_to_discipline_inspection(store: Store):
    with store.write() as session:
        the_house(session)
        case = an_open_case(session)
        with pytest.raises(NotAllowed):
            draft_referral(session, case, discipline(session), by=a_dispatcher(session), desk=the_desk(), now=NOW)


def test_who_drafted_a_clue_does_not_sign_it_out(store: Store):
    with store.write() as session:
        the_house(session)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        case = a_sealed_case(session)
        opened = opened_by(session, one, case)
        referral = draft_referral(session, case, discipline(session), by=one, desk=the_desk(), now=NOW, opened=opened)
        again = opened_by(session, one, case)
        with pytest.raises(InvalidField) as caught:
            issue_referral(session, referral, number="〔2026〕1号", by=one, desk=the_desk(), now=NOW, opened=again)
        assert caught.value.problem == "same_person"
        issue_referral(
            session,
            referral,
            number="〔2026〕1号",
            by=other,
            desk=the_desk(),
            now=NOW,
            opened=opened_by(session, other, case),
        )
        assert referral.status is ReferralStatus.ISSUED


def test_whoever_wrote_a_clue_last_does_not_sign_it_out(store: Store):
    with store.write() as session:
        the_house(session)
        a_township_officer(session)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        case = a_sealed_case(session)
        opened = opened_by(session, one, case)
        referral = draft_referral(session, case, discipline(session), by=one, desk=the_desk(), now=NOW, opened=opened)

        def save(by: Officer, amount: str) -> None:
            update_draft(session, referral, {"amount": amount}, by=by, now=NOW, opened=opened_by(session, by, case))

        def sign(by: Officer) -> None:
            opened = opened_by(session, by, case)
            issue_referral(session, referral, number="〔2026〕1号", by=by, desk=the_desk(), now=NOW, opened=opened)

        save(other, "数千元")
        save(one, "数千元")
        with pytest.raises(InvalidField) as caught:
            sign(other)
        assert caught.value.problem == "same_person"
        save(one, "数万元")
        with pytest.raises(InvalidField):
            sign(one)
        save(other, "数万元")
        sign(other)
        assert referral.issued_by == other.id


def test_a_number_tells_nobody_of_a_letter_that_he_may_not_know_of(store: Store):
    with store.write() as session:
        the_house(session)
        a_township_officer(session)
        one, other, leader = a_clue_officer(session), a_second_clue_officer(session), a_leader(session)
        case = a_sealed_case(session)
        sealed = draft_referral(
            session, case, discipline(session), by=one, desk=the_desk(), now=NOW, opened=opened_by(session, one, case)
        )
        opened = opened_by(session, other, case)
        issue_referral(session, sealed, number="〔2026〕77号", by=other, desk=the_desk(), now=NOW, opened=opened)
        assert sealed.number == "望民线函〔2026〕77号"
        by = a_dispatcher(session)
        ordinary = draft_referral(session, a_fire_case(session), fire(session), by=by, desk=the_desk(), now=NOW)
        with pytest.raises(InvalidField) as caught:
            issue_referral(session, ordinary, number="望民线函〔2026〕77号", by=leader, desk=the_desk(), now=NOW)
        assert caught.value.problem == "not_a_notice_number"
        issue_referral(session, ordinary, number="〔2026〕77号", by=leader, desk=the_desk(), now=NOW)
        assert ordinary.number == "望民函〔2026〕77号"


def test_who_is_kept_from_a_letter_can_take_its_number_and_who_sees_it_can_not(store: Store):
    with store.write() as session:
        the_house(session)
        by = a_dispatcher(session)
        leader, kept_out = a_leader(session), a_leader(session, "另一位")
        first, second, third = (
            draft_referral(session, a_fire_case(session), fire(session), by=by, desk=the_desk(), now=NOW)
            for _ in range(3)
        )
        case = session.get_one(Case, first.case_id)
        exclude_by_hand(session, case, officer_id=kept_out.id, by=a_supervisor(session), now=NOW)
        issue_referral(session, first, number="〔2026〕77号", by=leader, desk=the_desk(), now=NOW)
        with pytest.raises(InvalidField) as caught:
            issue_referral(session, second, number="〔2026〕77号", by=leader, desk=the_desk(), now=NOW)
        assert caught.value.problem == "number_taken"
        issue_referral(session, third, number="〔2026〕77号", by=kept_out, desk=the_desk(), now=NOW)
        assert third.status is ReferralStatus.ISSUED


def test_a_sealed_referral_shows_nothing_in_plain_and_is_made_in_memory(store: Store):
    with store.write() as session:
        the_house(session)
        a_township_officer(session)
        one, other = a_clue_officer(session), a_second_clue_officer(session)
        case = a_sealed_case(session)
        referral = draft_referral(
            session, case, discipline(session), by=one, desk=the_desk(), now=NOW, opened=opened_by(session, one, case)
        )
        opened = opened_by(session, other, case)
        update_draft(session, referral, {"amount": "数千元"}, by=other, now=NOW, opened=opened)
        opened = opened_by(session, other, case)
        content = read_referral(session, referral, opened)
        assert content.fields.accused[0].name == "鲁守田"
        assert content.fields.amount == "数千元"
        opened = opened_by(session, one, case)
        issue_referral(session, referral, number="〔2026〕1号", by=one, desk=the_desk(), now=NOW, opened=opened)
        assert (referral.body_code, referral.fields) == (None, None)
        assert session.scalars(select(NoticeFile)).all() == []
        told = [entry.details for entry in session.scalars(select(LedgerEntry))]
        assert "discipline" not in str(told)
        assert "鲁守田" not in str(told)
        papers = {
            paper.form: paper for paper in preview_referral(session, referral, desk=the_desk(), now=NOW, opened=opened)
        }
        letter = "".join(list_lines(papers[PaperForm.LETTER]))
        assert "鲁守田" in letter
        assert "购物卡" in CLUE_TEXT
        assert "购物卡" not in letter
        assert "鲁守田" not in "".join(list_lines(papers[PaperForm.COVER]))
        with pytest.raises(NotFound):
            read_referral(session, referral)


def test_the_accused_officer_finds_no_trace_of_a_sealed_referral(store: Store):
    with store.write() as session:
        the_house(session)
        accused, one = a_township_officer(session), a_clue_officer(session)
        case = a_sealed_case(session)
        referral = draft_referral(
            session, case, discipline(session), by=one, desk=the_desk(), now=NOW, opened=opened_by(session, one, case)
        )
        for stranger in (accused, a_dispatcher(session), a_leader(session)):
            with pytest.raises(NotFound):
                get_referral_for(session, stranger, referral.id)
