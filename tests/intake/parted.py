"""A report of two matters and the house that parts it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models import Officer
from casework.rings import officer_private_key
from casework.sealing import SealedContent, read_sealed_case
from casework.store import Store
from casework.vaultsetup import VaultSheet
from intake.held import MOST_WAIT
from intake.parts import (
    open_held_parts,
)
from intake.reports import receive_report
from intake.types import Filed, IntakeDesk
from tests.casework.people import NOW, a_dispatcher, a_leader, an_office
from tests.intake.desk import a_desk, a_draft, a_house, sign_in_open
from triage.assessment import assess
from triage.context import Context, build_context

FOOD = "麦陇镇敬老院食堂的饭老是馊的，我妈吃了拉肚子。"
MONEY = "还有院长崔广田把护理补贴装自己口袋，去年冬天就开始了。"
STORY = f"{FOOD}我叫芮秋禾，电话15412345678。{MONEY}"
OPEN = f"{FOOD}我叫▇▇▇，电话▇▇▇▇▇▇▇▇▇▇▇。"
LATER = NOW + MOST_WAIT + timedelta(minutes=1)
SENDER = "oGnaQ5b7_invented_openid"


@cache
def context() -> Context:
    return build_context()


@dataclass(frozen=True)
class House:
    """A store with its vault, and an intake whose triage is the product's own."""

    store: Store
    desk: IntakeDesk
    sheet: VaultSheet

    def file(self, text: str = STORY, **more: Any) -> Filed:
        with self.store.write() as session:
            filed = receive_report(session, a_draft(text, **more), desk=self.desk, now=NOW)
        assert isinstance(filed, Filed)
        return filed

    def open_parts(self, now: datetime = LATER) -> int:
        with self.store.write() as session:
            return open_held_parts(session, office=self.desk.office, secrets=self.desk.secrets, now=now)

    def part(self, **more: Any) -> tuple[Filed, str]:
        """A parted report whose open part stands; the sealed one as filed, and the open one's id."""
        filed = self.file(**more)
        assert filed.part is not None
        assert self.open_parts() == 1
        return filed, filed.part.case_id

    def read(self, session: Session, filed: Filed) -> SealedContent:
        officer = session.scalars(select(Officer).where(Officer.username == self.sheet.passphrases[0][0])).one()
        signed = sign_in_open(session, officer, self.sheet)
        return read_sealed_case(session, officer, officer_private_key(signed, "token"), filed.case_id, now=NOW)


def a_parting_house(store: Store, **office: Any) -> House:
    with store.write() as session:
        _, sheet = a_house(session)
        a_dispatcher(session)
        a_leader(session)
    return House(store, replace(a_desk(office=an_office(**office)), contexts=context, assess=assess), sheet)
