"""The sealed letter never goes to the receiving officer whom the reporter names, now or later."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.models import Body, Case, Officer
from casework.models.referrals import Referral
from casework.pickups import list_receivers
from casework.rings import officer_private_key
from casework.sealing import read_sealed_case
from casework.store import Store
from casework.types import Role, SealedKind
from casework.vaultsetup import VaultSheet
from intake.later import hear_later_words
from intake.reports import receive_report
from intake.types import Filed
from tests.casework.people import NOW, a_person, an_officer
from tests.intake.desk import SEALED_STORY, a_desk, a_draft, a_house, sign_in_open


def tell(session: Session, text: str, **said: Any) -> Case:
    """A sealed case, and what its reporter writes later."""
    filed = receive_report(session, a_draft(SEALED_STORY), desk=a_desk(who=True, what=True, discipline=True), now=NOW)
    assert isinstance(filed, Filed)
    case = session.get_one(Case, filed.case_id)
    assert hear_later_words(session, case, text, desk=a_desk(home=None, **said), now=NOW) == text
    return case


def read(session: Session, case: Case, officer: Officer, sheet: VaultSheet) -> tuple[list[SealedKind], list[str]]:
    """What lies inside, and who of the discipline organ would get the letter."""
    key = officer_private_key(sign_in_open(session, officer, sheet), "token")
    opened = read_sealed_case(session, officer, key, case.id, now=NOW)
    there = list_receivers(session, Referral(), session.get_one(Body, "discipline"), opened)
    return [item.kind for item in opened.items], [each.name for each in there]


@pytest.mark.parametrize(
    ("text", "name", "receivers"),
    [
        ("县纪委的褚明远是崔广田的连襟。", "褚明远", ["温如玉", "褚亮"]),
        ("他和褚亮是同学。", "褚亮", ["褚明远", "温如玉"]),
        ("还没有人来。", None, ["褚明远", "温如玉", "褚亮"]),
    ],
)
def test_whoever_is_named_later_does_not_get_the_letter(
    store: Store, text: str, name: str | None, receivers: list[str]
) -> None:
    with store.write() as session:
        (first, _), sheet = a_house(session)
        for username, called in (("jw1", "褚明远"), ("jw2", "温如玉"), ("jw3", "褚亮")):
            an_officer(session, username, called, "discipline", Role.RECEIVER, keys=True)
        persons = [a_person(text, name, name=name)] if name else []
        case = tell(session, text, persons=persons)
        kinds, there = read(session, case, first, sheet)
    assert kinds == [SealedKind.RECORD, *([SealedKind.ADDITION] if name else [])]
    assert there == receivers
