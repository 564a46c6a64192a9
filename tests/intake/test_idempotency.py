"""Two equal requests at once do the work once, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.apikeys import Scope, create_api_key
from casework.errors import InvalidField
from casework.models.cases import Tally
from casework.models.people import ApiKey
from casework.store import Store
from intake.idempotency import KeptAnswer, Once, answer_once
from tests.casework.people import NOW
from tests.intake.desk import some_secrets

SECRETS = some_secrets()


def a_sender(store: Store) -> str:
    with store.write() as session:
        create_api_key(session, label="12345", scopes=[Scope.REPORTS_WRITE], body_code=None, now=NOW)
        return session.scalars(select(ApiKey)).one().id


def count_once(session: Session) -> KeptAnswer:
    """The work: it leaves one row, which a second doing would double."""
    session.add(Tally(name="done", month=NOW.date(), value=1))
    session.flush()
    return KeptAnswer(201, {"receipt": "1234"})


def ask(store: Store, sender: str, *, key: str = "k", request: bytes = b"one") -> KeptAnswer:
    return answer_once(store, Once(sender, key, request, "bearer-key"), count_once, secrets=SECRETS, now=NOW)


def test_two_equal_requests_at_once_do_the_work_once(store: Store):
    sender, start = a_sender(store), threading.Barrier(2)

    def run(_number: int) -> KeptAnswer:
        start.wait(10)
        return ask(store, sender)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, range(2)))
    assert sorted(answer.replayed for answer in answers) == [False, True]
    assert {answer.status for answer in answers} == {201}
    assert answers[0].body == answers[1].body == {"receipt": "1234"}
    with store.read() as session:
        assert len(session.scalars(select(Tally)).all()) == 1


def test_work_that_fails_leaves_the_key_free(store: Store):
    sender = a_sender(store)

    def fail(_session: Session) -> KeptAnswer:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        answer_once(store, Once(sender, "k", b"one", "bearer-key"), fail, secrets=SECRETS, now=NOW)
    assert not ask(store, sender).replayed
    assert ask(store, sender).replayed


@pytest.mark.parametrize(("key", "problem"), [("", "required"), ("x" * 129, "too_long")])
def test_a_key_is_needed_and_short(sqlite_database_url: str, key: str, problem: str):
    store = Store(sqlite_database_url)
    with pytest.raises(InvalidField) as caught:
        ask(store, "anyone", key=key)
    assert caught.value.problem == problem
    store.close()


def test_another_request_under_the_same_key_is_refused(store: Store):
    sender = a_sender(store)
    ask(store, sender)
    with pytest.raises(InvalidField) as caught:
        ask(store, sender, request=b"two")
    assert caught.value.problem == "reused"
