"""The picture of the office that the conflict test looks at: always as the rows stand in this very transaction."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Body, Institution, Officer
from casework.models.people import OfficerTie
from casework.roster import Roster, build_roster
from casework.store import Store
from casework.types import Role
from tests.casework.people import NOW, a_body, an_officer, the_county

USERNAME = "jia"


def the_officer(session: Session) -> Officer:
    return session.scalars(select(Officer).where(Officer.username == USERNAME)).one()


def seen(roster: Roster) -> set[str]:
    return {officer.name for officer in roster.officers}


def hire(session: Session) -> None:
    an_officer(session, "yi", "乙某", "clue_desk", Role.CLUE_OFFICER)


def rename(session: Session) -> None:
    the_officer(session).name = "丙某"


def give_alias(session: Session) -> None:
    the_officer(session).aliases = ["老甲"]


def give_role(session: Session) -> None:
    the_officer(session).roles = [Role.DISPATCHER.value]


def let_go(session: Session) -> None:
    the_officer(session).removed_at = NOW


def promote(session: Session) -> None:
    the_officer(session).leads = True


def declare_tie(session: Session) -> None:
    session.add(OfficerTie(officer_id=the_officer(session).id, name="望桐康养公司", relation="姐夫"))


def add_body(session: Session) -> None:
    a_body(session, "new_section", "新设科")


def close_body(session: Session) -> None:
    next(body for body in session.scalars(select(Body).order_by(Body.code)) if body.active).active = False


def change_director(session: Session) -> None:
    session.scalars(select(Institution)).first().director_name = "丁某"  # type: ignore[union-attr]


CHANGES: list[Callable[[Session], None]] = [
    hire,
    rename,
    give_alias,
    give_role,
    let_go,
    promote,
    declare_tie,
    add_body,
    close_body,
    change_director,
]


@pytest.fixture
def office(store: Store) -> Store:
    with store.write() as session:
        the_county(session)
        an_officer(session, USERNAME, "甲某", "clue_desk", Role.CLUE_OFFICER)
    return store


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_it_sees_every_change_at_once_and_forgets_what_was_rolled_back(
    office: Store, change: Callable[[Session], None]
) -> None:
    with office.read() as session:
        before = build_roster(session)
    with office.read() as session:  # `read` rolls back at its end
        change(session)
        changed = build_roster(session)
    with office.read() as session:
        after = build_roster(session)
    assert changed != before
    assert after == before


def test_it_sees_what_another_process_committed(office: Store) -> None:
    with office.read() as session:
        assert "乙某" not in seen(build_roster(session))
    other = Store(office.engine.url.render_as_string(hide_password=False))
    with other.write() as session:
        hire(session)
    other.close()
    with office.read() as session:
        assert "乙某" in seen(build_roster(session))


def test_it_reads_lists_and_flags_the_same_on_both_databases(office: Store) -> None:
    with office.write() as session:
        give_alias(session)
        promote(session)
        declare_tie(session)
    with office.read() as session:
        officer = next(each for each in build_roster(session).officers if each.name == "甲某")
    assert officer.aliases == ("老甲",)
    assert officer.ties == ("望桐康养公司",)
    assert officer.roles == {Role.CLUE_OFFICER}
    assert officer.leads is True
