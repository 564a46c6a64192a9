"""What an act on a case is given, and how it reads its form: shared by the files that hold the acts."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.dependencies import Form, Staff
from api.wiring import House
from casework.models.cases import Case
from casework.visibility import visible_cases

LONGEST = {"text": 2000, "reason": 500, "clause": 200, "instruction": 500, "internal": 3000, "public_reply": 1000}


@dataclass(frozen=True, slots=True)
class ActInput:
    """What an act gets: the case through the door, the form, who does it."""

    session: Session
    case: Case
    form: Form
    staff: Staff
    house: House
    now: datetime

    def text(self, name: str, *, required: bool = False) -> str:
        """A field's text. Raises InvalidField where it is empty but required, or too long."""
        needed = required or bool(self.form.text(name))
        return self.form.need(name, LONGEST.get(name, 200)) if needed else ""

    def back(self, done: str) -> str:
        """The case's own page with the sentence of what was done; the list where he no longer sees the case."""
        self.session.flush()
        if self.session.scalar(select(Case.id).where(Case.id == self.case.id, visible_cases(self.staff.officer))):
            return f"/console/cases/{self.case.id}?done={done}"
        return f"/console/?done={done}"
