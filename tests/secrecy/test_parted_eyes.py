"""Of a report that was parted everybody outside the sealed room sees what he would see of its open part alone."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import get_case_for
from casework.errors import NotFound
from casework.models import Allowance, Case, Officer
from casework.store import Store
from casework.types import CaseStatus, Role
from intake.parts import open_held_parts
from intake.reports import receive_report
from intake.types import Filed, IntakeDesk
from tests.casework.people import NOW, an_officer, an_open_case
from tests.intake.desk import a_desk, a_draft, a_house
from tests.intake.parted import FOOD, LATER, context
from tests.secrecy.test_nobody_learns import view
from triage.assessment import assess

pytestmark = pytest.mark.slow
STAFF = (
    ("周建禾", "", "hotline", Role.DISPATCHER),
    ("孟怀川", "值班长", "hotline", Role.SUPERVISOR),
    ("孔小桐", "", "hotline", Role.OPERATOR),
    ("廖培元", "养老服务科科长", "civil_affairs", Role.HANDLER),
    ("鲁守田", "副主任", "township-mailong", Role.TOWNSHIP),
    ("阮承岳", "副局长", "bureau", Role.LEADER),
    ("苏望舒", "督导员", "assistance", Role.INSPECTOR),
    ("施远", "管理员", "hotline", Role.ADMINISTRATOR),
)
ACCUSED = {
    "鲁守田": "还有麦陇镇民政办副主任鲁守田收了院长三千元购物卡。",
    "阮承岳": "还有县民政局副局长阮承岳收了院长三千元购物卡。",
    "廖培元": "还有养老服务科科长廖培元收了院长三千元红包。",
}


def hire(session: Session) -> list[Officer]:
    """Everybody of the office who is no clue officer."""
    known: dict[str, Any] = {"towns": ["mailong"]}
    return [
        an_officer(session, f"o{number}", name, body, role, post=post, leads=role is Role.LEADER, **known)
        for number, (name, post, body, role) in enumerate(STAFF)
    ]


def see(session: Session, officers: list[Officer], decoy: Case, part: Case) -> dict[str, str]:
    """What each gets out of every view, the case named by what it is and not by its id."""
    part.status = CaseStatus.WORKING  # past the dispatcher, where handling bodies would see it
    session.flush()
    return {officer.name: repr(view(session, officer, decoy)).replace(part.id, "PART") for officer in officers}


def file_alone(session: Session, desk: IntakeDesk) -> Case:
    filed = receive_report(session, a_draft(FOOD), desk=desk, now=LATER)
    assert isinstance(filed, Filed)
    return session.get_one(Case, filed.case_id)


def file_parted(session: Session, desk: IntakeDesk, sealed_words: str) -> tuple[Case, Case]:
    filed = receive_report(session, a_draft(FOOD + sealed_words), desk=desk, now=NOW)
    assert isinstance(filed, Filed)
    assert filed.part is not None
    assert open_held_parts(session, office=desk.office, secrets=desk.secrets, now=LATER) == 1
    return session.get_one(Case, filed.case_id), session.get_one(Case, filed.part.case_id)


@pytest.mark.parametrize("accused", list(ACCUSED))
def test_nobody_outside_the_sealed_room_can_tell_that_a_report_was_parted(
    store: Store, accused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rising = count()  # lists of one day go by the number, which is drawn
    monkeypatch.setattr("casework.numbers.secrets.randbelow", lambda _most: next(rising))
    desk = replace(a_desk(), contexts=context, assess=assess)
    with store.write() as session:
        a_house(session)
        officers = hire(session)
        decoy = an_open_case(session, "芦渚颐年院收费不给收据。", home="luzhu-home", town="luzhu")
        with session.begin_nested() as point:
            alone = see(session, officers, decoy, file_alone(session, desk))
            point.rollback()
        sealed, part = file_parted(session, desk, ACCUSED[accused])
        assert see(session, officers, decoy, part) == alone
        inside = set(session.scalars(select(Allowance.officer_id).where(Allowance.case_id == sealed.id)))
        assert not inside & {officer.id for officer in officers}
        for officer in officers:
            with pytest.raises(NotFound):
                get_case_for(session, officer, sealed.id)
        session.rollback()
