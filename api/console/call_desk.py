"""The call desk: an operator fills it while he listens, reads it back, files it and says the code.

It joins every other road at `receive_report`. After filing there is the code and nothing else, for everybody alike:
whoever is complained of in it learns no more than that.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from api.console.call_form import DESK_CHANNELS, TAKES_DOWN, WISHES, Call, list_problems, make_draft, read_call
from api.console.call_view import (
    Judged,
    desk_for,
    judge_call,
    list_choosable,
    list_questions,
    view_danger,
    view_look,
)
from api.console.frame import show
from api.console.labels import CHANNEL
from api.console.queue_view import category_names
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import PROBLEMS, word_error, word_problem
from api.wiring import House
from casework.agreedwords import agree_on_word, make_verifier
from casework.assessments import Correction, correct_assessment
from casework.cases import keep_note
from casework.clock import local_date
from casework.errors import HotlineError, InvalidField
from casework.ledger import Verb, by_officer, record
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.types import Channel, Danger
from casework.visibility import require_role
from intake.codes import speak_code
from intake.idempotency import KeptAnswer, Once, answer_once
from intake.reports import receive_report
from intake.scans import keep_scans, list_held, list_key_ids, take_scans
from intake.transcription import Transcription
from intake.types import Refused

router = APIRouter(prefix="/console/call", include_in_schema=False)

DRAFT = "call-draft"
"""The purpose of the key under which a browser keeps an operator's unfinished form."""
HEARD_AS = "登记的人听着是“{name}”这一类。"
REUSED = "这一张登记过了，改的字没有登记进去。要另登一件，请再按“登记”。"


@router.get("")
def show_form(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """An empty form."""
    return draw_call(request, staff, house, Call())


@router.post("/look")
def look(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """What triage makes of the words so far: the column as JSON for the script, the whole page without it."""
    call = read_call(form)
    if "application/json" not in request.headers.get("accept", ""):
        return draw_call(request, staff, house, call, key=form.text("key"))
    require_role(staff.officer, *TAKES_DOWN, act="take_down")
    now = house.now()
    judged = judge_call(call, house, now)
    with house.store.read() as session:
        seen = view_look(session, staff.officer, judged, house, now)
    asked = [question["name"] for question in list_questions(judged, house) if question["shown"]]
    told = {
        "danger": house.pages.get_template("console/call_danger.html").render(look=seen),
        "side": house.pages.get_template("console/call_side.html").render(look=seen),
        "questions": asked,
    }
    return JSONResponse(told)


@router.post("")
def file(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Take the report in. The same form twice gives the same code and one report."""
    require_role(staff.officer, *TAKES_DOWN, act="take_down")
    call, key = read_call(form), form.text("key") or new_id()
    problems = list_problems(call)
    if problems:
        return draw_call(request, staff, house, call, key=key, problems=problems, status=422)
    judged = judge_call(call, house, house.now())
    try:
        answer = _file_once(staff, house, judged, key)
    except InvalidField as error:
        if error.field == "word":
            wrong = {"word": word_problem(error)}
            return draw_call(request, staff, house, call, key=key, problems=wrong, status=422)
        words = REUSED if error.problem == "reused" else PROBLEMS["required"]
        return draw_call(request, staff, house, call, problem=words, status=409)
    except HotlineError as error:
        wording = word_error(error)
        words = wording.title + wording.advice
        return draw_call(request, staff, house, call, key=key, problem=words, status=wording.status)
    return _draw_filed(request, staff, house, answer.body)


def _file_once(staff: Staff, house: House, judged: Judged, key: str) -> KeptAnswer:
    now, call = house.now(), judged.call
    draft = replace(make_draft(call, house.front_desk.script.notes, now=now), taken_by=staff.officer.id)
    word = make_verifier(house.store, call.text("word"), house.secrets) if call.text("word") else ""

    def act(session: Session) -> KeptAnswer:
        filed = receive_report(session, draft, desk=desk_for(judged, house), now=now)
        danger = judged.danger.value if judged.danger else ""
        if isinstance(filed, Refused):
            take_scans(session, staff.officer, call.scans, keys=house.keys)
            reasons = [reason.value for reason in filed.reasons]
            return KeptAnswer(200, {"code": "", "danger": danger, "reasons": reasons})
        record(
            session,
            actor=by_officer(staff.officer),
            verb=Verb.TAKEN_DOWN,
            subject="report",
            subject_id=filed.report_id,
            case_id=filed.case_id,
            now=now,
        )
        correct_category(session, filed.case_id, judged, house, by=staff.officer, now=now)
        keep_scans(
            session,
            filed.case_id,
            call.scans,
            by=staff.officer,
            keys=house.keys,
            secrets=house.intake_desk.secrets,
            now=now,
        )
        if word:
            agree_on_word(session, filed.case_id, word, secrets=house.secrets, now=now)
        phoned = call.channel is Channel.PHONE
        return KeptAnswer(
            201,
            {
                "code": filed.code,
                "danger": danger,
                "reachable": bool(call.consent),
                "phoned": phoned,
                "reasons": [reason.value for reason in filed.left_out],
            },
        )

    with house.store.read() as session:
        key_ids = list_key_ids(session, staff.officer, call.scans)
    once = Once(staff.session_row.id, key, f"{call!r}\n{_typed_of(call)}".encode(), staff.token)
    answer = answer_once(house.store, once, act, secrets=house.intake_desk.secrets, now=now)
    for key_id in key_ids:
        house.keys.destroy(key_id)
    return answer


def correct_category(
    session: Session, case_id: str, judged: Judged, house: House, *, by: Officer, now: datetime
) -> None:
    """Put the category that the operator heard over the machine's: a revision and a labelled example, as at the desk.

    Of a sealed case nobody may change the record; what he heard lies inside as a note.
    """
    if not judged.corrected:
        return
    case = session.get_one(Case, case_id)
    if case.sealed:
        name = category_names(house).get(judged.corrected, judged.corrected)
        keep_note(session, case, HEARD_AS.format(name=name), officer_id=by.id, now=now)
        return
    correct_assessment(session, case, Correction(category=judged.corrected), by=by, office=house.office, now=now)


def _typed_of(call: Call) -> str:
    """Everything that was typed, to tell one form from another; only its keyed hash is kept."""
    return "\n".join((call.story, *(f"{name}={value}" for name, value in sorted(call.texts.items()))))


def draw_call(
    request: Request,
    staff: Staff,
    house: House,
    call: Call,
    *,
    key: str = "",
    problems: Mapping[str, str] = {},
    problem: str = "",
    page_read: Transcription | None = None,
    status: int = 200,
) -> Response:
    """The form with everything that was typed, and the column beside it. Raises NotAllowed for other roles."""
    require_role(staff.officer, *TAKES_DOWN, act="take_down")
    now = house.now()
    judged = judge_call(call, house, now)
    with house.store.read() as session:
        scans = list_held(session, staff.officer, call.scans, keys=house.keys)
        page: dict[str, Any] = {
            "call": call,
            "look": view_look(session, staff.officer, judged, house, now),
            "questions": list_questions(judged, house),
            "channels": [(channel.value, CHANNEL[channel]) for channel in DESK_CHANNELS],
            "wishes": [(name, house.front_desk.script.notes[note]) for name, note in WISHES.items()],
            "categories": list_choosable(house),
            "homes": [home.name for home in house.context.directory.institutions],
            "towns": [town.name for town in house.context.directory.towns],
            "key": key or new_id(),
            "draft_key": make_draft_key(staff, house, now),
            "problems": problems,
            "problem": problem,
            "scans": scans,
            "scan_pages": [(scan.id, number) for scan in scans for number in range(scan.pages)],
            "page_read": page_read,
            "reads": house.transcriber is not None,
        }
        return show(request, session, staff, "console/call.html", here="call", status=status, **page)


def make_draft_key(staff: Staff, house: House, now: datetime) -> str:
    """The key of this officer and this day: a draft outlives a lost sign-in, and no later day opens it."""
    return house.intake_desk.secrets.mac(DRAFT, f"{staff.officer.id} {local_date(now)}".encode()).hex()


def _draw_filed(request: Request, staff: Staff, house: House, told: Mapping[str, Any]) -> Response:
    script = house.front_desk.script
    page: dict[str, Any] = {
        "danger": view_danger(Danger(told["danger"]), house) if told["danger"] else None,
        "code": told["code"],
        "spoken": speak_code(told["code"], one="幺" if told.get("phoned") else "一").split("，"),
        "lines": [*script.say("filed"), *script.say("filed_code")],
        "after": [] if told.get("reachable") else [*script.say("filed_no_contact")],
        "refused": (),
        "numbers": (),
    }
    if told.get("reasons"):
        named = "leading_discipline" if "discipline_leader" in told["reasons"] else "leadership"
        fields = {"discipline": house.front_desk.discipline, "superior": house.front_desk.superior}
        page |= {"refused": script.say(named, **fields), "numbers": script.numbers["discipline"]}
    with house.store.read() as session:
        return show(request, session, staff, "console/call_filed.html", here="call", **page)
