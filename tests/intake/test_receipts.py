"""Receipts from the transaction that files to the look-up on the page."""

import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from api.rotation import WRAPPED
from casework.jobs import JobName
from casework.keyshelf import KeyShelf
from casework.secrets import generate_secret_file, load_secrets
from casework.store import Store
from casework.vault import seal_record, unseal_record
from casework.wraps import rewrap_batch
from intake import receipts
from intake.codes import make_code
from intake.errors import MistypedCode, WeakPassphrase
from intake.models import Receipt
from intake.receipts import (
    IssuedReceipt,
    ReceiptDesk,
    add_passphrase,
    ask_receipt,
    choose_locator,
    find_receipt,
    harden_receipt,
    issue_receipt,
)
from intake.types import IntakeDesk
from tests.casework.people import NOW, an_open_case, the_county
from tests.intake.desk import LIGHT, a_desk, a_receipt_desk

(RECEIPTS,) = (wrapped for wrapped in WRAPPED if wrapped.model is Receipt)


@pytest.fixture
def desk() -> IntakeDesk:
    return a_desk()


@pytest.fixture
def receipt_desk(store: Store, desk: IntakeDesk) -> Iterator[ReceiptDesk]:
    made = a_receipt_desk(store, desk)
    yield made
    made.gate.close()


@pytest.fixture
def case_id(store: Store) -> str:
    with store.write() as session:
        the_county(session)
        return an_open_case(session).id


def issue(store: Store, desk: IntakeDesk, case_id: str) -> IssuedReceipt:
    with store.write() as session:
        return issue_receipt(session, case_id, keys=desk.keys, now=NOW)


def harden(store: Store, desk: IntakeDesk, issued: IssuedReceipt) -> bool:
    return harden_receipt(store, issued.receipt_id, keys=desk.keys, secrets=desk.secrets, strength=LIGHT)


def row_of(store: Store, issued: IssuedReceipt) -> Receipt:
    with store.read() as session:
        return session.get_one(Receipt, issued.receipt_id)


def another_secret(code: str) -> str:
    return make_code(code[:4], "".join(str((int(digit) + 1) % 10) for digit in code[4:15]))


def test_a_fresh_code_finds_its_case_before_it_is_hardened(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    hit = find_receipt(receipt_desk, issued.code, timeout=5)
    assert hit is not None
    assert (hit.case_id, hit.receipt_id) == (case_id, issued.receipt_id)


class OvertakingShelf:
    """Keys of which the hardening is done with each just before somebody asks for it."""

    def __init__(self, keys: KeyShelf, overtake: Callable[[], object]) -> None:
        self._keys, self._overtake = keys, overtake

    def __getattr__(self, name: str) -> object:
        return getattr(self._keys, name)

    def get(self, key_id: str) -> bytes | None:
        self._overtake()
        return self._keys.get(key_id)


def test_a_code_that_is_hardened_while_it_is_looked_up_is_found_all_the_same(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    overtaken = replace(receipt_desk, keys=OvertakingShelf(desk.keys, lambda: harden(store, desk, issued)))
    hit = find_receipt(overtaken, issued.code, timeout=5)
    assert hit is not None
    assert hit.case_id == case_id


def test_issuing_uses_no_argon2_and_queues_the_hardening(store, desk, case_id, monkeypatch):
    def refuse(*_args: object) -> bytes:
        raise AssertionError("Argon2 on the write path")

    monkeypatch.setattr(receipts, "stretch", refuse)
    issued = issue(store, desk, case_id)
    with store.read() as session:
        queued = session.scalars(text("SELECT workflow_uuid FROM " + queue_table(store))).all()
    assert any(JobName.HARDEN_RECEIPT in job for job in queued)
    assert issued.code not in str(queued)


def queue_table(store: Store) -> str:
    return "workflow_status" if store.is_sqlite else "dbos.workflow_status"


def test_a_hardened_code_finds_its_case_and_its_key_is_gone(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    key_id = row_of(store, issued).pending_key_id
    assert harden(store, desk, issued)
    assert key_id is not None
    assert desk.keys.get(key_id) is None
    row = row_of(store, issued)
    assert (row.pending_ciphertext, row.pending_mac, row.pending_key_id) == (None, None, None)
    hit = find_receipt(receipt_desk, issued.code, timeout=5)
    assert hit is not None
    assert hit.case_id == case_id


def test_hardening_twice_is_harmless(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    assert harden(store, desk, issued)
    before = row_of(store, issued).verifier
    assert not harden(store, desk, issued)
    assert row_of(store, issued).verifier == before


def test_hardening_without_the_short_key_leaves_the_row(store, desk, case_id):
    issued = issue(store, desk, case_id)
    desk.keys.destroy(row_of(store, issued).pending_key_id or "")
    assert not harden(store, desk, issued)
    assert row_of(store, issued).pending_mac is not None


def test_what_is_sealed_to_the_reporter_before_hardening_opens_after_it(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    public_key = row_of(store, issued).public_key
    assert public_key is not None
    sealed = seal_record(public_key, "message", {"text": "请您看一下"})
    harden(store, desk, issued)
    hit = find_receipt(receipt_desk, issued.code, timeout=5)
    assert hit is not None
    assert unseal_record(hit.reporter_key, "message", sealed) == {"text": "请您看一下"}


@pytest.mark.parametrize("hardened", [False, True])
def test_a_wrong_secret_finds_nothing(store, desk, receipt_desk, case_id, hardened):
    issued = issue(store, desk, case_id)
    if hardened:
        harden(store, desk, issued)
    assert find_receipt(receipt_desk, another_secret(issued.code), timeout=5) is None


def test_a_mistyped_code_costs_no_look_up(store, receipt_desk, case_id, monkeypatch):
    monkeypatch.setattr(Store, "read", lambda _: pytest.fail("looked up"))
    with pytest.raises(MistypedCode):
        ask_receipt(receipt_desk, "1234 5678 9012 3457")


def test_an_unknown_locator_takes_as_long_as_a_wrong_code_and_no_argon2(store, desk, case_id, monkeypatch):
    slow = a_receipt_desk(store, desk, miss_seconds=0.3)
    issued = issue(store, desk, case_id)
    harden(store, desk, issued)
    unknown = make_code(str((int(issued.code[:4]) + 1) % 10000).zfill(4), "1" * 11)
    times = {}
    for code in (another_secret(issued.code), unknown):
        started = time.monotonic()
        assert find_receipt(slow, code, timeout=5) is None
        times[code] = time.monotonic() - started
    assert min(times.values()) >= 0.3
    assert abs(times[unknown] - times[another_secret(issued.code)]) < 0.2
    monkeypatch.setattr(receipts, "stretch", lambda *_: pytest.fail("Argon2 for an unknown locator"))
    assert find_receipt(slow, unknown, timeout=5) is None
    slow.gate.close()


def test_two_receipts_of_one_locator_find_their_own_cases(store, desk, receipt_desk, case_id, monkeypatch):
    monkeypatch.setattr(receipts, "choose_locator", lambda _: "0042")
    issued = [issue(store, desk, case_id) for _ in range(2)]
    for each in issued:
        harden(store, desk, each)
    for each in issued:
        hit = find_receipt(receipt_desk, each.code, timeout=5)
        assert hit is not None
        assert hit.receipt_id == each.receipt_id


def test_equal_secrets_have_unequal_verifiers(store, desk, case_id, monkeypatch):
    monkeypatch.setattr(secrets, "choice", lambda _: "7")
    rows = []
    for _ in range(2):
        issued = issue(store, desk, case_id)
        harden(store, desk, issued)
        rows.append(row_of(store, issued))
    assert rows[0].salt != rows[1].salt
    assert rows[0].verifier != rows[1].verifier


def test_the_code_stands_nowhere_in_the_row(store, desk, case_id):
    issued = issue(store, desk, case_id)
    for hardened in (False, True):
        if hardened:
            harden(store, desk, issued)
        row = row_of(store, issued)
        kept = b"".join(
            value if isinstance(value, bytes) else str(value).encode()
            for value in (getattr(row, column.key) for column in Receipt.__table__.columns)
        )
        assert issued.code[4:15].encode() not in kept
    assert issued.code not in repr(issued)


def test_another_servers_secret_recognises_no_code(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    harden(store, desk, issued)
    stolen = ReceiptDesk(store, load_secrets(generate_secret_file()), desk.keys, receipt_desk.gate, LIGHT)
    with pytest.raises(Exception, match="receipt"):
        find_receipt(stolen, issued.code, timeout=5)


def test_receipts_follow_a_rotation_of_the_servers_secret(store, case_id):
    first = generate_secret_file()
    second = generate_secret_file(first)
    old, new = load_secrets(first), load_secrets(second)
    only_new = load_secrets(second.splitlines()[0])
    desk = replace(a_desk(), secrets=old)
    issued = issue(store, desk, case_id)
    harden(store, desk, issued)
    with store.write() as session:
        assert [rewrap_batch(session, RECEIPTS, new).done for _ in range(2)] == [1, 0]
    lookup = a_receipt_desk(store, replace(desk, secrets=only_new))
    hit = find_receipt(lookup, issued.code, timeout=5)
    lookup.gate.close()
    assert hit is not None
    assert hit.case_id == case_id


SENTENCE = "秋天的芦苇，开在小河边上"


@pytest.mark.parametrize("hardened", [False, True])
def test_with_a_sentence_of_his_own_the_code_alone_opens_nothing(store, desk, receipt_desk, case_id, hardened):
    issued = issue(store, desk, case_id)
    if hardened:
        harden(store, desk, issued)
    before = find_receipt(receipt_desk, issued.code, timeout=5)
    assert before is not None
    add_passphrase(receipt_desk, before, issued.code, SENTENCE)
    assert not harden(store, desk, issued)
    found = ask_receipt(receipt_desk, issued.code, phrase="秋天的芦苇 开在小河边上").result(5)
    assert found is not None
    assert (found.case_id, found.reporter_key) == (case_id, before.reporter_key)
    assert find_receipt(receipt_desk, issued.code, timeout=5) is None
    assert ask_receipt(receipt_desk, issued.code, phrase="春天的芦苇 开在小河边上").result(5) is None
    assert ask_receipt(receipt_desk, another_secret(issued.code), phrase=SENTENCE).result(5) is None


def test_a_sentence_can_be_changed_for_another(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    hit = find_receipt(receipt_desk, issued.code, timeout=5)
    assert hit is not None
    add_passphrase(receipt_desk, hit, issued.code, SENTENCE)
    add_passphrase(receipt_desk, hit, issued.code, "柿子树下埋着七只青石臼")
    assert ask_receipt(receipt_desk, issued.code, phrase=SENTENCE).result(5) is None
    assert ask_receipt(receipt_desk, issued.code, phrase="柿子树下埋着七只青石臼").result(5) is not None


def test_a_weak_sentence_is_refused_and_the_code_opens_as_before(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    hit = find_receipt(receipt_desk, issued.code, timeout=5)
    assert hit is not None
    with pytest.raises(WeakPassphrase):
        add_passphrase(receipt_desk, hit, issued.code, "太短")
    assert find_receipt(receipt_desk, issued.code, timeout=5) is not None


def test_a_sentence_follows_a_rotation_of_the_servers_secret(store, case_id):
    first = generate_secret_file()
    second = generate_secret_file(first)
    desk = replace(a_desk(), secrets=load_secrets(first))
    lookup = a_receipt_desk(store, desk)
    issued = issue(store, desk, case_id)
    hit = find_receipt(lookup, issued.code, timeout=5)
    assert hit is not None
    add_passphrase(lookup, hit, issued.code, SENTENCE)
    lookup.gate.close()
    with store.write() as session:
        assert rewrap_batch(session, RECEIPTS, load_secrets(second)).done == 1
    after = a_receipt_desk(store, replace(desk, secrets=load_secrets(second.splitlines()[0])))
    found = ask_receipt(after, issued.code, phrase=SENTENCE).result(5)
    after.gate.close()
    assert found is not None


def test_locators_avoid_those_that_are_taken(store, desk, case_id, monkeypatch):
    drawn = iter([7] * (receipts.LOCATORS_TRIED - 1) + [8])
    issued = issue(store, desk, case_id)
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    with store.write() as session:
        session.get_one(Receipt, issued.receipt_id).locator = "0007"
        session.flush()
        assert choose_locator(session) == "0008"


def test_a_receipt_is_dated_to_the_day(store, desk, case_id):
    issued = issue(store, desk, case_id)
    assert row_of(store, issued).created_on.isoformat() == "2026-10-08"
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Receipt)) == 1


def test_one_who_does_not_wait_leaves_the_line(store, desk, case_id):
    slow = a_receipt_desk(store, desk, miss_seconds=30)
    issued = issue(store, desk, case_id)
    with pytest.raises(TimeoutError):
        find_receipt(slow, another_secret(issued.code), timeout=0.01)
    slow.gate.close()


def test_the_page_gets_a_future_it_need_not_block_on(store, desk, receipt_desk, case_id):
    issued = issue(store, desk, case_id)
    assert isinstance(ask_receipt(receipt_desk, issued.code), Future)
