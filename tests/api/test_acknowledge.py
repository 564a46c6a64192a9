"""The page behind the link in a letter, as a duty officer and his mail program come to it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.links import LINK_LIFE, make_token
from casework.models.referrals import Acknowledgement, Referral
from casework.referrals import cancel_referral
from casework.store import Store
from casework.types import AcknowledgementDecision, ReferralStatus
from tests.api.doors import SmallHouse, a_small_house, call
from tests.casework.handovers import FIRE_TEXT, LATER, SECRETS, an_issued_referral
from tests.casework.people import a_dispatcher

FORM = {"decision": "taken", "receiver": "值班员林", "reference": "消收3号"}


@pytest.fixture
def house(store: Store) -> Iterator[SmallHouse]:
    with a_small_house(store) as made:
        yield made


@pytest.fixture
def address(house: SmallHouse) -> str:
    with house.store.write() as session:
        return f"/acknowledge/{make_token(session, SECRETS, an_issued_referral(session).id)}"


def row(house: SmallHouse) -> Acknowledgement:
    with house.store.read() as session:
        return session.scalars(select(Acknowledgement)).one()


def status(house: SmallHouse) -> ReferralStatus:
    with house.store.read() as session:
        return session.scalars(select(Referral)).one().status


def test_fetching_the_link_shows_and_changes_nothing(house: SmallHouse, address: str):
    for _ in range(3):
        page = call(house, "GET", address)
    assert page.status_code == 200
    assert "望民函〔2026〕12号" in page.text
    assert "望桐县消防救援大队" in page.text
    assert row(house).acknowledged_at is None


def test_the_page_tells_nothing_of_the_matter_and_is_kept_by_no_cache(house: SmallHouse, address: str):
    page = call(house, "GET", address)
    for secret in ("芦渚", "颐年", "消防隐患", "铁链", "反映", FIRE_TEXT[:6]):
        assert secret not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.text


def test_pressing_the_button_acknowledges(house: SmallHouse, address: str):
    page = call(house, "POST", address, data=FORM)
    assert page.status_code == 200
    assert "回执已经收到" in page.text
    kept = row(house)
    assert (kept.decision, kept.receiver, kept.reference) == (AcknowledgementDecision.TAKEN, "值班员林", "消收3号")
    assert kept.acknowledged_at == LATER
    assert status(house) is ReferralStatus.ACKNOWLEDGED


def test_a_second_press_is_told_kindly_that_it_is_done(house: SmallHouse, address: str):
    call(house, "POST", address, data=FORM)
    again = call(house, "POST", address, data=FORM | {"decision": "sent_back", "reason": "不归我们"})
    assert again.status_code == 200
    assert "不用再回了，谢谢" in again.text
    assert row(house).decision is AcknowledgementDecision.TAKEN
    assert "不用再回了" in call(house, "GET", address).text


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"decision": "sent_back"}, "reason"),
        ({"receiver": ""}, "receiver"),
        ({"decision": "perhaps"}, "decision"),
        ({"reference": "长" * 65}, "reference"),
    ],
)
def test_an_error_stands_at_its_field_and_what_was_typed_is_kept(
    house: SmallHouse, address: str, change: dict[str, str], wanted: str
):
    page = call(house, "POST", address, data=FORM | change)
    assert page.status_code == 422
    assert f'id="{wanted}-error"' in page.text
    assert (FORM | change)["receiver"] in page.text
    assert row(house).acknowledged_at is None


def test_a_link_that_is_too_old_says_what_to_do(house: SmallHouse, address: str):
    house.clock = LATER + LINK_LIFE + timedelta(seconds=1)
    assert "过期" in call(house, "GET", address).text
    assert "过期" in call(house, "POST", address, data=FORM).text
    assert row(house).acknowledged_at is None


def test_the_link_of_a_letter_that_was_withdrawn_says_so(house: SmallHouse, address: str):
    with house.store.write() as session:
        referral = session.scalars(select(Referral)).one()
        cancel_referral(session, referral, by=a_dispatcher(session, "周二"), reason="撤", now=LATER)
    assert "已经撤回" in call(house, "POST", address, data=FORM).text
    assert row(house).acknowledged_at is None


def test_a_wrong_link_is_the_same_for_everybody(house: SmallHouse, address: str):
    wrong = call(house, "GET", f"{address}x")
    assert wrong.status_code == 404
    assert "没有这个回执地址" in wrong.text
    assert call(house, "POST", "/acknowledge/x", data=FORM).status_code == 404


def test_what_is_typed_is_shown_as_text(house: SmallHouse, address: str):
    page = call(house, "POST", address, data=FORM | {"receiver": "<script>alert(1)</script>", "decision": ""})
    assert "<script>alert" not in page.text
