"""The people around one case, for the tests of what officers do with it: dispatch, sign, give back, reply, close."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from casework.assignments import assign_case, sign_assignment
from casework.dispositions import Ending, close_case, reply_case
from casework.ledger import Verb, list_timeline
from casework.models import Case
from casework.outcomes import Outcome
from casework.returns import return_case
from casework.types import Finding
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_handler,
    a_supervisor,
    an_office,
    an_open_case,
    opened,
    see_to_four_eyes,
    the_county,
)

OFFICE = an_office()
ENDING = Ending(Finding.PARTLY_TRUE, "查过了，饭菜已经整改。", (Outcome.RECTIFICATION,), "食堂负责人已约谈")


class Desk:
    """The people around a case of the section."""

    def __init__(self, session: Session, **assessed: Any) -> None:
        the_county(session)
        self.session = session
        self.dispatcher = a_dispatcher(session)
        self.handler = a_handler(session)
        self.supervisor = a_supervisor(session)
        self.clue = a_clue_officer(session)
        self.case = an_open_case(session, **({"category": "fees", "body": "civil_affairs"} | assessed))

    def assign(self, body: str = "civil_affairs", **more: Any) -> None:
        known: dict[str, Any] = {"by": self.dispatcher, "office": OFFICE, "now": NOW}
        assign_case(self.session, self.case, body, **(known | more))

    def sign(self) -> None:
        sign_assignment(self.session, self.case, by=self.handler, office=OFFICE, now=NOW)

    def give_back(self, **more: Any) -> None:
        known: dict[str, Any] = {"reason": "不归我们管", "by": self.handler, "office": OFFICE, "now": NOW}
        return_case(self.session, self.case, **(known | more))

    def reply(self) -> None:
        reply_case(self.session, self.case, ENDING, by=self.handler, office=OFFICE, now=NOW)

    def close(self, ending: Ending | None = None) -> None:
        close_case(self.session, self.case, ending, by=self.dispatcher, office=OFFICE, now=NOW)

    def verbs(self) -> list[Verb]:
        return [row.verb for row in list_timeline(self.session, self.case.id)]

    def news(self) -> list[str]:
        """What the reporter is to be told, in order of the alphabet."""
        table = "workflow_status" if self.session.get_bind().dialect.name == "sqlite" else "dbos.workflow_status"
        found = self.session.execute(text(f"SELECT workflow_uuid FROM {table}")).scalars()
        return sorted(job.split("/")[1] for job in found if job.startswith("tell_reporter"))


def a_sealed_case(session: Session) -> tuple[Case, Any]:
    the_county(session)
    clue = a_clue_officer(session)
    see_to_four_eyes(session)
    case = opened(session, "崔广田贪污。", discipline=True, who=True, what=True).case
    assert case is not None
    return case, clue
