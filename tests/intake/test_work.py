"""Proof of work: for one code, one challenge, half an hour."""

from datetime import timedelta
from itertools import count

import pytest

from casework.secrets import ServerSecrets
from intake.work import BITS, LIFE, count_zero_bits, is_work_done, issue_challenge
from tests.casework.people import NOW
from tests.intake.desk import some_secrets

CODE = "1234567890123456"
LIGHT = 6


@pytest.fixture
def secrets() -> ServerSecrets:
    return some_secrets()


def work(challenge: str, code: str = CODE, bits: int = LIGHT) -> str:
    return next(str(n) for n in count() if count_zero_bits(f"{challenge}:{code}:{n}") >= bits)


def shirk(challenge: str, code: str = CODE) -> str:
    return next(str(n) for n in count() if count_zero_bits(f"{challenge}:{code}:{n}") < LIGHT)


def test_work_over_the_code_is_accepted_however_it_was_typed(secrets):
    challenge = issue_challenge(secrets, now=NOW)
    nonce = work(challenge)
    assert is_work_done(secrets, challenge, nonce, "1234 5678 9012 3456", now=NOW + LIFE, bits=LIGHT)


def test_no_work_no_place(secrets):
    challenge = issue_challenge(secrets, now=NOW)
    assert not is_work_done(secrets, challenge, shirk(challenge), CODE, now=NOW, bits=LIGHT)


def test_work_for_one_code_is_none_for_another(secrets):
    challenge = issue_challenge(secrets, now=NOW)
    nonce = work(challenge, bits=BITS - 4)
    assert not is_work_done(secrets, challenge, nonce, CODE[::-1], now=NOW, bits=BITS - 4)


@pytest.mark.parametrize("later", [LIFE + timedelta(seconds=1), -timedelta(seconds=1)])
def test_a_challenge_runs_out_and_does_not_come_from_the_future(secrets, later):
    challenge = issue_challenge(secrets, now=NOW)
    assert not is_work_done(secrets, challenge, work(challenge), CODE, now=NOW + later, bits=LIGHT)


@pytest.mark.parametrize("challenge", ["", "-", "zz-zz", "68e5d2c0-" + "0" * 32])
def test_a_challenge_that_is_not_ours_is_refused(secrets, challenge):
    assert not is_work_done(secrets, challenge, work(challenge), CODE, now=NOW, bits=LIGHT)


def test_zero_bits_are_counted_from_the_front():
    assert count_zero_bits("a") == 0  # ca97...
    assert max(count_zero_bits(str(number)) for number in range(300)) >= 6
