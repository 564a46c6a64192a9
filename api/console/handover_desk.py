"""The desk of those who asked for a person (转人工): who waits, the whole talk, an answer into the same chat.

Nobody sees here who writes; whoever the words hit gets the page of a thing that does not exist.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.labels import CHANNEL
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import word_error, word_problem
from api.pages import say_time
from api.wiring import House
from bot.handovers import (
    LONGEST_ANSWER,
    HandedTalk,
    answer_handover,
    can_answer,
    give_back,
    list_handovers_for,
    read_handover,
    take_handover,
)
from bot.hours import is_open, tell_opening
from bot.moves import HUMAN, LOST_CODE, SELF_HARM, WHO_REPORTED
from casework.clock import local_date
from casework.errors import HotlineError, InvalidField, NotAllowed, NotFound

router = APIRouter(prefix="/console/handovers", include_in_schema=False)

REASONS: Mapping[str, str] = {
    SELF_HARM: "说到不想活",
    HUMAN: "要找人说",
    WHO_REPORTED: "问是谁反映的",
    LOST_CODE: "丢了查询码",
}
LONG_WAIT = 10
"""Minutes after which a wait is shown as one."""


@router.get("")
def show_waiting(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Who waits, the longest first."""
    _let_in(staff)
    now = house.now()
    with house.store.read() as session:
        talks = list_handovers_for(session, staff.officer, desk=house.handover_desk, now=now)
        rows = [_describe(talk, now) for talk in talks]
        return show(
            request, session, staff, "console/handovers.html", here="handovers", rows=rows, hours=_hours(house, now)
        )


@router.get("/{handover_id}")
def show_talk(request: Request, handover_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One talk, whole; the reading is in the ledger."""
    return _draw(request, staff, house, handover_id)


@router.post("/{handover_id}/take")
def take(request: Request, handover_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """Go into the chat."""

    def act(session: Session) -> None:
        take_handover(session, staff.officer, handover_id, desk=house.handover_desk, now=house.now())

    return _act(request, staff, house, handover_id, act, done="taken")


@router.post("/{handover_id}/answer")
def answer(request: Request, handover_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """A word into the chat."""
    text = form.text("text")

    def act(session: Session) -> None:
        answer_handover(session, staff.officer, handover_id, text, desk=house.handover_desk, now=house.now())

    return _act(request, staff, house, handover_id, act, done="said", typed=text)


@router.post("/{handover_id}/back")
def back(request: Request, handover_id: str, staff: PostingStaff, house: TheHouse) -> Response:
    """The machine goes on."""

    def act(session: Session) -> None:
        give_back(session, staff.officer, handover_id, desk=house.handover_desk, now=house.now())

    return _act(request, staff, house, handover_id, act, done="given_back", to="/console/handovers")


def _let_in(staff: Staff) -> None:
    if not can_answer(staff.officer):
        raise NotAllowed("handovers")


def _act(
    request: Request,
    staff: Staff,
    house: House,
    handover_id: str,
    act: Callable[[Session], None],
    *,
    done: str,
    typed: str = "",
    to: str = "",
) -> Response:
    """Run one act in one unit of work; what is wrong is said on the page with the words kept."""
    _let_in(staff)
    try:
        with house.store.write() as session:
            act(session)
    except NotFound:
        raise
    except InvalidField as error:
        return _draw(request, staff, house, handover_id, field=word_problem(error), typed=typed, status=422)
    except HotlineError as error:
        wording = word_error(error)
        problem = "这段对话别人接着了。" if isinstance(error, NotAllowed) else wording.title + wording.advice
        return _draw(request, staff, house, handover_id, problem=problem, typed=typed, status=wording.status)
    return RedirectResponse(f"{to or f'/console/handovers/{handover_id}'}?done={done}", 303)


def _draw(
    request: Request,
    staff: Staff,
    house: House,
    handover_id: str,
    *,
    problem: str = "",
    field: str = "",
    typed: str = "",
    status: int = 200,
) -> Response:
    _let_in(staff)
    now = house.now()
    with house.store.write() as session:
        talk = read_handover(session, staff.officer, handover_id, desk=house.handover_desk, now=now)
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/handover.html",
            here="handovers",
            status=status,
            talk=talk,
            row=_describe(talk, now),
            is_mine=talk.taken_by_id == staff.officer.id,
            longest=LONGEST_ANSWER,
            hours=_hours(house, now),
            problem=problem,
            field=field,
            typed=typed,
        )


def _describe(talk: HandedTalk, now: datetime) -> dict[str, object]:
    waited = int((now - talk.asked_at).total_seconds() // 60)
    words = next((text for is_person, text in reversed(talk.said) if is_person), "")
    return {
        "id": talk.id,
        "reason": REASONS.get(talk.reason, talk.reason),
        "urgent": talk.is_urgent,
        "channel": CHANNEL[talk.channel],
        "asked": say_time(talk.asked_at, local_date(now)),
        "waited": _say_wait(waited),
        "tone": "near" if talk.taken_by is None and waited >= LONG_WAIT else "",
        "taken_by": talk.taken_by,
        "words": words.replace("\n", " "),
    }


def _say_wait(minutes: int) -> str:
    if minutes < 1:
        return "刚刚"
    return f"{minutes}分钟" if minutes < 60 else f"{minutes // 60}小时"


def _hours(house: House, now: datetime) -> str:
    """What the machine tells those who ask now."""
    hours, calendar = house.front_desk.script.hours, house.office.calendar
    if is_open(hours, calendar, now):
        return "现在是上班时间，机器对他说：来了就在这里回。"
    return f"现在不是上班时间，机器对他说：{tell_opening(hours, calendar, now)}上班后回。"
