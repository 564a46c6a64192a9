"""A word agreed on the phone: alike in sound is alike, few tries, never shown, worth nothing without the server key."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from casework.agreedwords import Heard, agree_on_word, compare_word, has_agreed_word, make_verifier
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.exclusions import exclude_by_hand
from casework.ledger import Verb
from casework.models import AgreedWord, Case, Officer
from casework.models.ledger import LedgerEntry
from casework.secrets import load_secrets
from casework.store import Store
from tests.casework.people import NOW, a_clue_officer, a_dispatcher, a_handler, a_supervisor, an_open_case, the_county

SECRETS = load_secrets(b"1 " + b"5c" * 32)
WORD = "石榴树下"


class Phone:
    """A case with a word, and a dispatcher who listens."""

    def __init__(self, store: Store, word: str = WORD) -> None:
        self.store, self.now = store, NOW
        verifier = make_verifier(store, word, SECRETS) if word else ""
        with store.write() as session:
            the_county(session)
            self.listener = a_dispatcher(session)
            self.case_id = an_open_case(session, "饭是馊的。", home=None).id
            if verifier:
                agree_on_word(session, self.case_id, verifier, secrets=SECRETS, now=NOW)

    def hears(self, said: str, by: Officer | None = None) -> Heard:
        compared = compare_word(self.store, self.case_id, said, by=by or self.listener, secrets=SECRETS, now=self.now)
        return compared.heard


@pytest.mark.parametrize("said", [WORD, "石留树下", " 石 榴，树下！", "时刘书夏"])
def test_what_sounds_alike_is_the_word(store: Store, said: str):
    assert Phone(store).hears(said) is Heard.FITS


@pytest.mark.parametrize(("word", "said"), [("八条大路", "8条大路"), ("Lily", "ｌｉｌｙ"), ("12", "一二")])
def test_digits_and_letters_are_taken_as_they_are_said(store: Store, word: str, said: str):
    assert Phone(store, word).hears(said) is Heard.FITS


def test_another_word_is_not_it_and_a_case_without_one_says_so(store: Store):
    phone = Phone(store)
    assert phone.hears("枣树下") is Heard.WRONG
    with store.write() as session:
        session.delete(session.get_one(AgreedWord, phone.case_id))
        session.flush()
        assert not has_agreed_word(session, phone.case_id)
    assert phone.hears(WORD) is Heard.NONE


def test_after_three_failures_even_the_right_word_waits_ten_minutes_and_then_it_counts_anew(store: Store):
    phone = Phone(store)
    assert [phone.hears("枣树下") for _ in range(3)] == [Heard.WRONG] * 3
    assert phone.hears(WORD) is Heard.WAIT
    phone.now += timedelta(minutes=10)
    assert phone.hears("枣树下") is Heard.WRONG
    phone.now += timedelta(minutes=9)
    assert phone.hears(WORD) is Heard.WAIT
    phone.now += timedelta(minutes=1)
    assert phone.hears(WORD) is Heard.FITS
    assert phone.hears("枣树下") is Heard.WRONG
    assert phone.hears(WORD) is Heard.FITS


def test_an_impostor_never_locks_the_true_caller_out_for_longer_than_ten_minutes(store: Store):
    phone = Phone(store)
    for _ in range(40):
        phone.hears("枣树下")
        phone.now += timedelta(minutes=10)
    assert phone.hears(WORD) is Heard.FITS


def test_after_an_hour_of_peace_the_failures_count_anew(store: Store):
    phone = Phone(store)
    for _ in range(3):
        phone.hears("枣树下")
    phone.now += timedelta(minutes=71)
    assert [phone.hears("枣树下") for _ in range(2)] == [Heard.WRONG] * 2
    assert phone.hears(WORD) is Heard.FITS


def test_many_failures_within_the_hour_are_told_to_whoever_listens_even_when_the_word_fits_at_last(store: Store):
    phone = Phone(store)
    told = []
    for said in ("枣树下", "枣树下", "枣树下", WORD):
        compared = compare_word(store, phone.case_id, said, by=phone.listener, secrets=SECRETS, now=phone.now)
        told.append((compared.failed_this_hour, compared.alarming))
        phone.now += timedelta(minutes=10 if len(told) == 3 else 0)
    assert told == [(1, False), (2, False), (3, True), (3, True)]
    phone.now += timedelta(hours=1)
    later = compare_word(store, phone.case_id, "枣树下", by=phone.listener, secrets=SECRETS, now=phone.now)
    assert (later.failed_this_hour, later.alarming) == (1, False)


def test_the_verifier_of_another_case_whose_word_he_knows_fits_nothing_here(store: Store):
    phone = Phone(store)
    known = make_verifier(store, "芝麻开门", SECRETS)
    with store.write() as session:
        mine = an_open_case(session, "被子薄。", home=None).id
        agree_on_word(session, mine, known, secrets=SECRETS, now=NOW)
        session.get_one(AgreedWord, phone.case_id).verifier = session.get_one(AgreedWord, mine).verifier
    assert phone.hears("芝麻开门") is Heard.WRONG
    with store.write() as session:
        session.get_one(AgreedWord, phone.case_id).verifier = known
    assert phone.hears("芝麻开门") is Heard.WRONG


def test_a_try_counts_before_it_is_compared(store: Store, monkeypatch: pytest.MonkeyPatch):
    phone = Phone(store)

    def dies(*_: object) -> bool:
        raise RuntimeError

    monkeypatch.setattr("casework.agreedwords.verify_password", dies)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            phone.hears(WORD)
    monkeypatch.undo()
    assert phone.hears(WORD) is Heard.WAIT


def test_that_he_asked_and_what_came_of_it_stands_in_the_ledger_and_no_word(store: Store):
    phone = Phone(store)
    phone.hears("枣树下")
    phone.hears(WORD)
    with store.read() as session:
        entries = session.scalars(
            select(LedgerEntry).where(LedgerEntry.verb == Verb.WORD_COMPARED).order_by(LedgerEntry.id)
        ).all()
        assert [entry.details for entry in entries] == [{"fits": False}, {"fits": True}]
        row = session.execute(text("SELECT * FROM agreed_word")).one()
    for words in (WORD, "石榴", "shi liu", "枣"):
        assert words not in str(list(row))


def test_without_the_servers_key_the_verifier_fits_no_word(store: Store):
    phone = Phone(store)
    other = load_secrets(b"1 " + b"a7" * 32)
    heard = compare_word(store, phone.case_id, WORD, by=phone.listener, secrets=other, now=NOW)
    assert heard.heard is Heard.WRONG


def test_who_is_kept_out_or_rings_nobody_learns_nothing(store: Store):
    phone = Phone(store)
    with store.write() as session:
        handler, supervisor, clue = a_handler(session), a_supervisor(session), a_clue_officer(session)
        session.expunge_all()
    assert phone.hears(WORD, supervisor) is Heard.FITS
    with pytest.raises(NotAllowed):
        phone.hears(WORD, handler)
    with pytest.raises(NotFound):
        phone.hears(WORD, clue)
    with store.write() as session:
        dispatcher, case = session.get_one(Officer, phone.listener.id), session.get_one(Case, phone.case_id)
        exclude_by_hand(session, case, officer_id=supervisor.id, by=dispatcher, now=NOW)
    with pytest.raises(NotFound):
        phone.hears(WORD, supervisor)


@pytest.mark.parametrize(("word", "problem"), [("榴", "too_short"), ("，，", "too_short"), ("石" * 17, "too_long")])
def test_a_word_that_is_no_word_is_refused(store: Store, word: str, problem: str):
    with pytest.raises(InvalidField) as caught:
        make_verifier(store, word, SECRETS)
    assert (caught.value.field, caught.value.problem) == ("word", problem)


def test_nothing_heard_is_no_try(store: Store):
    phone = Phone(store)
    with pytest.raises(InvalidField):
        phone.hears(" ，")
    with store.read() as session:
        assert session.get_one(AgreedWord, phone.case_id).failures == 0
