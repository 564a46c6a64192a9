"""The demo's past: invented reports taken in on their days and handled as far as the list says, by the real services.

Nothing is written into a table by hand; what the demo shows is what the product does.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from api.wiring import House
from casework.assignments import assign_case, sign_assignment
from casework.bodies import get_body
from casework.cluelooks import awaits_clue_officer, leave_to_desk
from casework.dispositions import Ending, close_case, reply_case
from casework.duplicates import look_for_duplicates
from casework.messages import answer_reporter
from casework.models.cases import Case
from casework.models.people import Officer
from casework.notes import add_note
from casework.officers import get_officer_by_username, list_officers
from casework.outcomes import Outcome
from casework.referrals import draft_referral
from casework.returns import return_case
from casework.types import CaseStatus, Channel, Finding, Role
from intake.held import MOST_WAIT
from intake.parts import open_held_parts
from intake.reports import receive_report
from intake.types import Contact, Filed, ReportDraft

LIST = "demo/data/reports.toml"
DISPATCHER = "zhoujianhe"
STEP = timedelta(minutes=50)


@dataclass(frozen=True, slots=True)
class Scene:
    """One act of a story: the case, the words after the verb, the moment."""

    session: Session
    house: House
    case: Case
    words: str
    now: datetime

    @property
    def dispatcher(self) -> Officer:
        """Who sends cases out."""
        officer = get_officer_by_username(self.session, DISPATCHER)
        if officer is None:
            raise LookupError(DISPATCHER)
        return officer

    @property
    def clue_officer(self) -> Officer:
        """Who has the first look at a discipline case."""
        return next(officer for officer in list_officers(self.session) if Role.CLUE_OFFICER in officer.roles)

    @property
    def handler(self) -> Officer:
        """Somebody of the body that has the case, or the dispatcher while nobody has it."""
        if self.case.status is CaseStatus.RECEIVED:
            return self.dispatcher
        hands = [
            officer
            for officer in list_officers(self.session, body_code=self.case.body_code)
            if Role.HANDLER in officer.roles and not officer.leads and Role.LEADER not in officer.roles
        ]
        return hands[0] if hands else self.dispatcher


def tell_story(house: House) -> None:
    """Take in every report of the list on its day and play its acts, the oldest first."""
    stories = tomllib.loads((files("api") / LIST).read_text(encoding="utf-8"))["reports"]
    for story in sorted(stories, key=lambda each: (-each["days"], -each["hour"])):
        play(house, story)


def play(house: House, story: Mapping[str, Any]) -> None:
    """One report and what was done with it."""
    at = house.now() - timedelta(days=story["days"], hours=story["hour"])
    with house.store.write() as session:
        filed = receive_report(session, make_draft(story, at), desk=house.intake_desk, now=at)
    if not isinstance(filed, Filed):
        return
    if filed.part is not None:
        at = min(at + MOST_WAIT, house.now())
        with house.store.write() as session:
            open_held_parts(session, office=house.office, secrets=house.secrets, now=at)
    told = filed.part.case_id if filed.part is not None else filed.case_id
    for line in story.get("acts", ()):
        at = min(at + STEP, house.now())
        verb, _, words = line.partition(" ")
        with house.store.write() as session:
            case = session.get(Case, told)
            if case is not None and not case.sealed:
                ACTS[verb](Scene(session, house, case, words, at))
    if not filed.sealed or filed.part is not None:
        look_for_duplicates(house.store, told, secrets=house.secrets, now=at)


def make_draft(story: Mapping[str, Any], at: datetime) -> ReportDraft:
    """The report as its channel would hand it in."""
    contact = Contact(name=story["name"], phone=story["phone"]) if "name" in story else None
    return ReportDraft(
        text=story["text"],
        channel=Channel(story["channel"]),
        received_at=at,
        contact=contact,
        anonymous=None if contact else True,
    )


def _assign(scene: Scene) -> None:
    body, _, instruction = scene.words.partition(" ")
    if awaits_clue_officer(scene.session, scene.case):
        leave_to_desk(scene.session, scene.case, by=scene.clue_officer, now=scene.now)
    assign_case(
        scene.session,
        scene.case,
        body,
        instruction=instruction,
        by=scene.dispatcher,
        office=scene.house.office,
        now=scene.now,
    )


def _sign(scene: Scene) -> None:
    sign_assignment(scene.session, scene.case, by=scene.handler, office=scene.house.office, now=scene.now)


def _return(scene: Scene) -> None:
    reason, clause, proposed = scene.words.split("|")
    return_case(
        scene.session,
        scene.case,
        reason=reason,
        clause=clause,
        proposed_body_code=proposed,
        by=scene.handler,
        office=scene.house.office,
        now=scene.now,
    )


def _note(scene: Scene) -> None:
    add_note(scene.session, scene.case, scene.words, by=scene.handler, now=scene.now)


def _answer(scene: Scene) -> None:
    answer_reporter(scene.session, scene.case, scene.words, by=scene.handler, office=scene.house.office, now=scene.now)


def _reply(scene: Scene) -> None:
    finding, outcome, internal, public = scene.words.split("|")
    ending = Ending(Finding(finding), public, (Outcome(outcome),), internal)
    reply_case(scene.session, scene.case, ending, by=scene.handler, office=scene.house.office, now=scene.now)


def _close(scene: Scene) -> None:
    close_case(scene.session, scene.case, by=scene.dispatcher, office=scene.house.office, now=scene.now)


def _refer(scene: Scene) -> None:
    draft_referral(
        scene.session,
        scene.case,
        get_body(scene.session, scene.words),
        by=scene.dispatcher,
        desk=scene.house.referral_desk,
        now=scene.now,
    )


ACTS: Mapping[str, Callable[[Scene], None]] = {
    "assign": _assign,
    "sign": _sign,
    "return": _return,
    "note": _note,
    "answer": _answer,
    "reply": _reply,
    "close": _close,
    "refer": _refer,
}
"""The verbs of the list."""
