"""The sieve before the dear check: wrong codes cost no Argon2, and its key lies in memory alone."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from casework.store import Store
from casework.vault import stretch as real_stretch
from intake import receipts
from intake.codes import Code, make_code, read_code
from intake.lanes import Lane
from intake.models import Receipt
from intake.receipts import ReceiptDesk, add_passphrase, ask_receipt, find_receipt, harden_receipt, issue_receipt
from intake.sieve import BITS, Sieve, Verdict, open_sieve
from tests.casework.people import NOW, an_open_case, the_county
from tests.intake.desk import LIGHT, a_desk, a_receipt_desk

CODE = read_code(make_code("1234", "1" * 11))


def another(number: int) -> Code:
    return read_code(make_code("1234", f"{number:011d}"))


def test_the_right_code_always_passes_and_one_wrong_one_in_a_thousand():
    sieve = Sieve(bytes(32))
    mark = sieve.mark(CODE, "row")
    assert sieve.judge(mark, CODE, "row") is Verdict.FITS
    passed = sum(sieve.judge(mark, another(number), "row") is Verdict.FITS for number in range(20_000))
    assert 5 <= passed <= 45
    assert sieve.judge(mark, CODE, "another row") is not Verdict.UNKNOWN


def test_a_mark_tells_ten_bits_and_nothing_under_another_key():
    sieve, other = Sieve(bytes(32)), Sieve(bytes(31) + b"\1")
    mark = sieve.mark(CODE, "row")
    assert len({sieve.mark(another(number), "row") for number in range(5_000)}) <= 1 << BITS
    assert other.judge(mark, CODE, "row") is Verdict.UNKNOWN
    assert other.judge(None, CODE, "row") is Verdict.UNKNOWN


def test_all_processes_of_a_machine_share_one_key(tmp_path: Path):
    first = open_sieve(tmp_path, "data")
    assert open_sieve(tmp_path, "data") == first
    assert open_sieve(tmp_path, "other data") != first
    (made, _) = sorted(tmp_path.iterdir())
    assert made.stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_can_read_is_not_used(tmp_path: Path):
    first = open_sieve(tmp_path, "data")
    (made,) = tmp_path.iterdir()
    made.chmod(0o644)
    assert open_sieve(tmp_path, "data") != first


def test_a_key_file_put_there_as_a_link_is_not_used(tmp_path: Path):
    planted = tmp_path / "planted"
    planted.write_bytes(bytes(32))
    open_sieve(tmp_path, "data")
    (made,) = [path for path in tmp_path.iterdir() if path != planted]
    made.unlink()
    made.symlink_to(planted)
    assert open_sieve(tmp_path, "data") != Sieve(bytes(32))


def test_without_a_memory_disk_the_key_stays_in_the_process(tmp_path: Path):
    assert open_sieve(tmp_path / "missing", "data") != open_sieve(tmp_path / "missing", "data")
    assert not (tmp_path / "missing").exists()


@pytest.fixture
def argon2(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every Argon2 of a look-up, as it is made."""
    made: list[bytes] = []

    def note(*given: object) -> bytes:
        made.append(real_stretch(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(receipts, "stretch", note)
    return made


@pytest.fixture
def issued(store: Store) -> tuple[ReceiptDesk, str, str]:
    """A hardened receipt, marked by the desk's sieve: the desk, the code, the row."""
    desk = a_desk()
    lookup = a_receipt_desk(store, desk)
    with store.write() as session:
        the_county(session)
        made = issue_receipt(session, an_open_case(session).id, keys=desk.keys, now=NOW)
    harden_receipt(store, made.receipt_id, keys=desk.keys, secrets=desk.secrets, strength=LIGHT, sieve=lookup.sieve)
    return lookup, made.code, made.receipt_id


def wrong_code(desk: ReceiptDesk, code: str, receipt_id: str) -> str:
    """A guess with a right check digit that the sieve throws out."""
    with desk.store.read() as session:
        mark = session.get_one(Receipt, receipt_id).sieve
    guesses = (make_code(code[:4], f"{number:011d}") for number in count())
    return next(guess for guess in guesses if desk.sieve.judge(mark, read_code(guess), receipt_id) is Verdict.WRONG)


def test_a_wrong_code_costs_no_argon2_and_the_right_one_one(issued, argon2):
    desk, code, receipt_id = issued
    assert find_receipt(desk, wrong_code(desk, code, receipt_id), timeout=5) is None
    assert argon2 == []
    assert find_receipt(desk, code, timeout=5) is not None
    assert len(argon2) == 1
    desk.gate.close()


def test_a_mark_of_another_machine_is_renewed_by_the_right_code(issued, argon2):
    desk, code, receipt_id = issued
    moved = replace(desk, sieve=Sieve())
    wrong = wrong_code(desk, code, receipt_id)
    assert find_receipt(moved, wrong, timeout=5) is None
    assert len(argon2) == 1
    assert find_receipt(moved, code, timeout=5) is not None
    argon2.clear()
    assert find_receipt(moved, wrong_code(moved, code, receipt_id), timeout=5) is None
    assert argon2 == []
    desk.gate.close()


def test_a_sentence_is_sieved_with_its_code(issued, argon2):
    desk, code, _receipt_id = issued
    hit = find_receipt(desk, code, timeout=5)
    assert hit is not None
    add_passphrase(desk, hit, code, "柿子树下埋着七只青石臼")
    argon2.clear()
    assert ask_receipt(desk, code, phrase="柿子树下埋着七只青石臼").result(5) is not None
    assert len(argon2) == 1
    desk.gate.close()


def test_the_likely_and_the_proven_have_lanes_of_their_own(issued):
    desk, code, receipt_id = issued
    with desk.store.read() as session:
        row = session.get_one(Receipt, receipt_id)
    kept = receipts._as_hardened(row)
    assert kept is not None
    parsed, other = read_code(code), Sieve()
    assert receipts.sift_rows([kept], parsed, desk.sieve, proven=False)[0] is Lane.LIKELY
    assert receipts.sift_rows([kept], parsed, other, proven=True) == (Lane.PROVEN, [kept])
    assert receipts.sift_rows([kept], parsed, other, proven=False) == (Lane.PLAIN, [kept])
    wrong = read_code(wrong_code(desk, code, receipt_id))
    assert receipts.sift_rows([kept], wrong, desk.sieve, proven=True)[1] == []
    desk.gate.close()


def test_the_mark_of_a_receipt_that_no_code_fits_looks_like_any_other(issued, store):
    desk, _code, receipt_id = issued
    with store.write() as session:
        session.get_one(Receipt, receipt_id).sieve = None
    sieve = desk.sieve
    keys, secrets = desk.keys, desk.secrets
    assert not harden_receipt(store, receipt_id, keys=keys, secrets=secrets, strength=LIGHT, sieve=sieve)
    with store.read() as session:
        assert sieve.knows(session.get_one(Receipt, receipt_id).sieve)
    desk.gate.close()


def test_the_key_stands_in_no_row(issued, store):
    desk, _code, receipt_id = issued
    with store.read() as session:
        row = session.get_one(Receipt, receipt_id)
        kept = b"".join(
            value for column in Receipt.__table__.columns if isinstance(value := getattr(row, column.key), bytes)
        )
    assert desk.sieve.key not in kept
    desk.gate.close()
