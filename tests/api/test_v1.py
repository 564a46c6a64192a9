"""The integration API as another hotline and a fire brigade use it, and as a stranger tries to."""

from collections.abc import Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from casework.apikeys import Scope, create_api_key, revoke_api_key
from casework.errors import InvalidField, NotFound
from casework.keyshelf import MemoryShelf
from casework.models.cases import Case
from casework.models.people import ApiKey, Body
from casework.models.referrals import Acknowledgement, Referral
from casework.referrals import draft_referral
from casework.store import Store
from casework.types import AcknowledgementDecision, DisposalClass, ReferralStatus
from intake.idempotency import LIFE, purge_idempotency_keys
from intake.models import IdempotencyKey
from intake.receipts import ReceiptDesk
from tests.api.doors import SmallHouse, a_key, a_small_house
from tests.api.doors import call as request
from tests.casework.handovers import LATER, an_issued_referral, the_desk
from tests.casework.people import NOW, a_dispatcher

STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子。"
TAKEN = {"decision": "taken", "receiver": "值班员林"}


@pytest.fixture
def house(store: Store) -> Iterator[SmallHouse]:
    with a_small_house(store) as made:
        yield made


def call(house: SmallHouse, method: str, path: str, *, key: str = "", once: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if once:
        headers["Idempotency-Key"] = once
    return request(house, method, f"/api/v1{path}", headers=headers, **more)


def push(house: SmallHouse, key: str, once: str = "a", **changes: Any) -> Any:
    return call(house, "POST", "/reports", key=key, once=once, json={"text": STORY} | changes)


def count(house: SmallHouse, table: type) -> int:
    with house.store.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def sender(house: SmallHouse) -> str:
    return a_key(house.store, Scope.REPORTS_WRITE, Scope.REPORTS_READ)


@pytest.fixture
def brigade(house: SmallHouse) -> str:
    return a_key(house.store, Scope.REFERRALS_READ, Scope.REFERRALS_WRITE, body="fire", label="消防")


@pytest.fixture
def referral(house: SmallHouse) -> str:
    with house.store.write() as session:
        return an_issued_referral(session).id


# ---- the door


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/reports"),
        ("GET", "/reports/x"),
        ("POST", "/reports/status"),
        ("GET", "/referrals"),
        ("GET", "/referrals/x"),
        ("POST", "/referrals/x/acknowledgement"),
        ("POST", "/referrals/x/result"),
    ],
)
def test_without_a_key_every_door_is_shut(house: SmallHouse, method: str, path: str):
    for key in ("", "hk_wrong"):
        answer = call(house, method, path, key=key, once="a", json={})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] in {"no_key", "bad_key"}


def test_a_key_does_what_its_scopes_say_and_no_more(house: SmallHouse, sender: str, brigade: str):
    assert call(house, "GET", "/referrals", key=sender).status_code == 403
    assert push(house, brigade).status_code == 403
    assert count(house, Case) == 0


def test_a_revoked_key_opens_nothing(house: SmallHouse, sender: str):
    with house.store.write() as session:
        revoke_api_key(session, session.scalars(select(ApiKey)).one().id, now=NOW)
    assert push(house, sender).status_code == 401


def test_only_the_hash_of_a_key_is_kept_and_a_key_over_referrals_needs_a_body(house: SmallHouse, sender: str):
    with house.store.write() as session:
        row = session.scalars(select(ApiKey)).one()
        assert sender.encode() not in row.key_sha256
        with pytest.raises(InvalidField):
            create_api_key(session, label="x", scopes=[Scope.REFERRALS_READ], body_code=None, now=NOW)
        with pytest.raises(NotFound):
            revoke_api_key(session, "nobody", now=NOW)


def test_the_description_of_the_api_names_its_paths_and_its_bearer_key(house: SmallHouse):
    told = request(house, "GET", "/openapi.json").json()
    assert {path for path in told["paths"] if path.startswith("/api/v1")} == {
        "/api/v1/reports",
        "/api/v1/reports/status",
        "/api/v1/reports/{reference}",
        "/api/v1/referrals",
        "/api/v1/referrals/{referral_id}",
        "/api/v1/referrals/{referral_id}/acknowledgement",
        "/api/v1/referrals/{referral_id}/pictures/{picture_id}",
        "/api/v1/referrals/{referral_id}/result",
    }
    assert told["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


# ---- reports


def test_a_pushed_report_becomes_a_case_with_a_receipt_for_the_person(house: SmallHouse, sender: str):
    answer = push(house, sender, contact={"name": "芮秋禾", "phone": "15412345678"})
    assert answer.status_code == 201
    told = answer.json()
    assert len(told["receipt"]) == 16
    assert count(house, Case) == 1
    assert set(told) == {"reference", "receipt", "received_on"}


def test_the_same_push_twice_is_one_report_and_the_same_answer(house: SmallHouse, sender: str):
    first, second = push(house, sender), push(house, sender)
    assert first.json() == second.json()
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    assert count(house, Case) == 1


def test_the_same_key_with_another_text_is_refused(house: SmallHouse, sender: str):
    push(house, sender)
    other = push(house, sender, text="另一件事，芦渚颐年院不退押金。")
    assert other.status_code == 422
    assert other.json()["problems"][0]["field"] == "idempotency_key"
    assert count(house, Case) == 1


def test_two_senders_may_use_the_same_idempotency_key(house: SmallHouse, sender: str):
    other = a_key(house.store, Scope.REPORTS_WRITE, label="信访")
    assert push(house, sender).json()["receipt"] != push(house, other).json()["receipt"]
    assert count(house, Case) == 2


def test_a_failed_request_leaves_its_key_free(house: SmallHouse, sender: str):
    assert push(house, sender, text=" ").status_code == 422
    assert push(house, sender).status_code == 201


def test_kept_answers_are_not_readable_in_the_table_and_go_after_three_days(house: SmallHouse, sender: str):
    receipt = push(house, sender).json()["receipt"]
    with house.store.write() as session:
        row = session.scalars(select(IdempotencyKey)).one()
        assert receipt.encode() not in row.answer
        assert purge_idempotency_keys(session, now=LATER + LIFE) == 0
        assert purge_idempotency_keys(session, now=LATER + LIFE + timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "长" * 20_001},
        {"channel": "pigeon"},
        {"received_at": "2026-10-08T10:00:00"},
        {"nonsense": 1},
        {"contact": {"id_number": "1"}},
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_stored(house: SmallHouse, sender: str, wrong: dict[str, Any]):
    answer = push(house, sender, **wrong)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"].split(".")[0] == next(iter(wrong))
    assert STORY not in answer.text
    assert count(house, Case) == 0


def test_a_post_without_an_idempotency_key_is_refused(house: SmallHouse, sender: str):
    answer = call(house, "POST", "/reports", key=sender, json={"text": STORY})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "Idempotency-Key"


def test_a_sender_reads_the_state_of_its_own_report_and_no_other_does(house: SmallHouse, sender: str):
    told = push(house, sender).json()
    answer = call(house, "GET", f"/reports/{told['reference']}", key=sender)
    assert answer.json()["status"] == "收到了"
    stranger = a_key(house.store, Scope.REPORTS_READ, label="别家")
    for reference in (told["reference"], told["reference"][:-1], "x", told["reference"].partition("-")[0]):
        assert call(house, "GET", f"/reports/{reference}", key=stranger).status_code == 404


def test_a_persons_receipt_tells_the_state_too(house: SmallHouse, sender: str):
    told = push(house, sender).json()
    ask = {"receipt": told["receipt"]}
    assert call(house, "POST", "/reports/status", key=sender, json=ask).json()["status"] == "收到了"
    mistyped = ("1" if told["receipt"][0] != "1" else "2") + told["receipt"][1:]
    answer = call(house, "POST", "/reports/status", key=sender, json={"receipt": mistyped})
    assert (answer.status_code, answer.json()["code"]) == (422, "mistyped_receipt")


def test_a_line_that_is_too_long_asks_to_come_again(house: SmallHouse, sender: str):
    receipt = push(house, sender).json()["receipt"]
    house.receipts = NoTurn(house.receipts)  # type: ignore[assignment]
    answer = call(house, "POST", "/reports/status", key=sender, json={"receipt": receipt})
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")


class NoTurn:
    """A desk whose line is so long that every ticket is given back."""

    def __init__(self, desk: ReceiptDesk) -> None:
        self.store, self.secrets, self.gate = desk.store, desk.secrets, self
        self.keys, self.sieve = MemoryShelf(), desk.sieve

    def ask(self, *_: object, **__: object) -> Future[None]:
        ticket: Future[None] = Future()
        ticket.cancel()
        return ticket


def test_a_sealed_report_answers_like_any_other_and_its_state_is_one_word(store: Store):
    with a_small_house(store, discipline=True, who=True, what=True, category="corruption", body="discipline") as house:
        sender = a_key(store, Scope.REPORTS_WRITE, Scope.REPORTS_READ)
        told = push(house, sender).json()
        assert set(told) == {"reference", "receipt", "received_on"}
        state = call(house, "GET", f"/reports/{told['reference']}", key=sender).json()
        assert state == {"status": "已转交", "message": "已按程序转交。", "answer_due_on": None, "reply": ""}


# ---- referrals


def test_a_body_sees_its_own_referrals_and_no_word_of_the_matter(house: SmallHouse, brigade: str, referral: str):
    (told,) = call(house, "GET", "/referrals", key=brigade).json()["referrals"]
    assert (told["id"], told["number"], told["status"]) == (referral, "望民函〔2026〕12号", "issued")
    assert call(house, "GET", f"/referrals/{referral}", key=brigade).json() == told
    assert "芦渚" not in str(told)


def test_another_bodys_referral_does_not_exist(house: SmallHouse, referral: str):
    police = a_key(house.store, Scope.REFERRALS_READ, Scope.REFERRALS_WRITE, body="police", label="公安")
    assert call(house, "GET", "/referrals", key=police).json() == {"referrals": []}
    for method, path, body in (
        ("GET", f"/referrals/{referral}", None),
        ("POST", f"/referrals/{referral}/acknowledgement", TAKEN),
        ("POST", f"/referrals/{referral}/result", {"text": "好了"}),
    ):
        answer = call(house, method, path, key=police, once=path, json=body)
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


def test_a_draft_is_not_seen(house: SmallHouse, brigade: str, referral: str):
    with house.store.write() as session:
        case = session.scalars(select(Case)).one()
        by = a_dispatcher(session, "周二")
        draft_referral(session, case, session.get_one(Body, "fire"), by=by, desk=the_desk(), now=LATER)
    assert len(call(house, "GET", "/referrals", key=brigade).json()["referrals"]) == 1


def test_a_body_acknowledges_and_then_tells_the_result(house: SmallHouse, brigade: str, referral: str):
    path = f"/referrals/{referral}"
    early = call(house, "POST", f"{path}/result", key=brigade, once="r0", json={"text": "好了"})
    assert (early.status_code, early.json()["code"]) == (409, "illegal_move")
    answer = call(
        house, "POST", f"{path}/acknowledgement", key=brigade, once="a", json=TAKEN | {"reference": "消收3号"}
    )
    assert answer.status_code == 200
    assert answer.json()["recorded"] is True
    assert answer.json()["referral"]["status"] == "acknowledged"
    result = call(house, "POST", f"{path}/result", key=brigade, once="r", json={"text": "已责令整改"})
    assert result.json()["status"] == "answered"
    with house.store.read() as session:
        row = session.scalars(select(Acknowledgement)).one()
        assert (row.receiver, row.reference, row.result) == ("值班员林", "消收3号", "已责令整改")
        assert session.get_one(Referral, referral).status is ReferralStatus.ANSWERED


def test_answering_twice_keeps_the_first_answer(house: SmallHouse, brigade: str, referral: str):
    path = f"/referrals/{referral}/acknowledgement"
    call(house, "POST", path, key=brigade, once="a", json=TAKEN)
    back = {"decision": "sent_back", "receiver": "别人", "reason": "不归我们"}
    again = call(house, "POST", path, key=brigade, once="b", json=back)
    assert again.status_code == 200
    assert again.json()["recorded"] is False
    assert again.json()["referral"]["decision"] == AcknowledgementDecision.TAKEN


def test_a_reason_that_is_missing_is_asked_for_at_its_field(house: SmallHouse, brigade: str, referral: str):
    answer = call(
        house,
        "POST",
        f"/referrals/{referral}/acknowledgement",
        key=brigade,
        once="a",
        json={"decision": "sent_back", "receiver": "值班员林"},
    )
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"field": "reason", "problem": "required", "message": "这一项要填。"}]


def test_a_discipline_class_means_nothing_from_a_fire_brigade(house: SmallHouse, brigade: str, referral: str):
    path = f"/referrals/{referral}"
    call(house, "POST", f"{path}/acknowledgement", key=brigade, once="a", json=TAKEN)
    both = {"text": "好了", "disposal": DisposalClass.CASE_FILED}
    call(house, "POST", f"{path}/result", key=brigade, once="r", json=both)
    with house.store.read() as session:
        assert session.scalars(select(Acknowledgement)).one().disposal is None
