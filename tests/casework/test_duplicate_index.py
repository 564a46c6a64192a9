"""The index of duplicates: found by what is shared, in the window, under a secret; never a sealed case."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.duplicate_index import (
    MOST_CANDIDATES,
    drop_from_index,
    hash_tokens,
    index_case,
    list_candidates,
)
from casework.models import Case, DuplicatePrint, DuplicateToken
from casework.rowpacks import drop_rows
from casework.secrets import ServerSecrets, load_secrets
from casework.server_keys import KeyUse, list_keys
from casework.store import Store
from tests.casework.people import NOW, an_open_case, the_county
from triage.similarity import Fingerprint

OLD = b"1 " + b"5c" * 32
SECRETS = load_secrets(OLD)
ROTATED = load_secrets(b"2 " + b"a7" * 32 + b"\n" + OLD)
SINCE = local_date(NOW) - timedelta(days=90)


def told(*tokens: str) -> Fingerprint:
    return Fingerprint(tokens=tokens, words=())


def indexed(session: Session, *tokens: str, secrets: ServerSecrets = SECRETS) -> Case:
    """An open case of a home and matter that nobody else complains of, found by these tokens alone."""
    case = an_open_case(session, "一件事", home=None)
    case.town_code = None
    session.flush()
    index_case(session, case, told(*tokens), secrets=secrets)
    return case


def found(session: Session, case: Case, *tokens: str, secrets: ServerSecrets = SECRETS) -> Sequence[str]:
    return list_candidates(session, case, told(*tokens), secrets=secrets, since=SINCE)


def test_who_shares_more_and_rarer_things_comes_first(store: Store):
    with store.write() as session:
        the_county(session)
        near = indexed(session, "松涛里_殴打", "贺", "常见")
        far = indexed(session, "常见")
        indexed(session, "别的")
        for _ in range(5):
            indexed(session, "常见", "无关")
        asking = indexed(session, "松涛里_殴打", "贺", "常见")
        ids = found(session, asking, "松涛里_殴打", "贺", "常见")
        assert ids[0] == near.id
        assert far.id in ids
        assert asking.id not in ids


def test_it_gives_at_most_twenty_and_the_newest_of_equals(store: Store):
    with store.write() as session:
        the_county(session)
        ids = [indexed(session, "常见").id for _ in range(MOST_CANDIDATES + 5)]
        asking = indexed(session, "常见")
        assert list(found(session, asking, "常见")) == ids[: -MOST_CANDIDATES - 1 : -1]


def test_what_is_too_old_or_sealed_is_not_found(store: Store):
    with store.write() as session:
        the_county(session)
        old, asking = indexed(session, "松涛里"), indexed(session, "松涛里")
        old.opened_on = SINCE - timedelta(days=1)
        session.flush()
        assert found(session, asking, "松涛里") == []
        sealed = Case(number="密1", sealed=True, opened_on=local_date(NOW))
        session.add(sealed)
        session.flush()
        index_case(session, sealed, told("松涛里"), secrets=SECRETS)
        assert session.scalar(select(func.count()).where(DuplicatePrint.case_id == sealed.id)) == 0


def test_indexing_again_replaces_and_dropping_leaves_nothing(store: Store):
    with store.write() as session:
        the_county(session)
        case = indexed(session, "松涛里", "贺")
        index_case(session, case, told("百福庭"), secrets=SECRETS)
        keys = list_keys(session, KeyUse.DUPLICATES, SECRETS)
        assert session.scalars(select(DuplicateToken.token)).all() == hash_tokens(["百福庭"], keys)
        drop_from_index(session, case.id)
        for model in (DuplicatePrint, DuplicateToken):
            assert session.scalar(select(func.count()).select_from(model)) == 0


def test_what_a_late_sealing_drops_is_out_of_the_index(store: Store):
    with store.write() as session:
        the_county(session)
        case, asking = indexed(session, "松涛里"), indexed(session, "松涛里")
        drop_rows(session, case.id)
        assert found(session, asking, "松涛里") == []
        assert session.scalars(select(DuplicatePrint.case_id)).all() == [asking.id]


def test_what_was_indexed_before_the_secret_was_replaced_is_still_found(store: Store):
    with store.write() as session:
        the_county(session)
        before = indexed(session, "松涛里")
        asking = indexed(session, "松涛里", secrets=ROTATED)
        assert list(found(session, asking, "松涛里", secrets=ROTATED)) == [before.id]


def test_a_hash_tells_nothing_without_the_secret(store: Store):
    with store.write() as session:
        the_county(session)
        indexed(session, "松涛里")
        assert list_keys(session, KeyUse.DUPLICATES, load_secrets(b"1 " + b"a7" * 32)) == ()
    assert hash_tokens(["松涛里"], [b"one"]) != hash_tokens(["松涛里"], [b"other"])


def test_the_home_of_the_directory_finds_tellings_that_call_it_differently(store: Store):
    with store.write() as session:
        the_county(session)
        one, other = an_open_case(session, "甲"), an_open_case(session, "乙")
        assert one.institution_code is not None
        index_case(session, one, told("大名"), secrets=SECRETS)
        assert list(found(session, other, "小名")) == [one.id]
