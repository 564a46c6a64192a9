"""The desk of the office's own words: look, propose, see what would move, set live by a second look, undo.

Dispatchers and supervisors look and propose; a supervisor sets live. Nothing counts before that.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.lexicon_proposal_view import view_proposal
from api.console.lexicon_view import Wanted, find_phrase, topic_names, view_count, view_form, view_lexicon
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.wiring import House
from casework.errors import HotlineError, InvalidField, NotAllowed, NotFound
from casework.lexicon_figures import start_count, stop_count
from casework.lexicon_proposals import drop_proposal, get_proposal, propose_change, set_live, try_again
from casework.lexicons import PROPOSERS, undo_version
from casework.visibility import require_role
from triage.overlay import Change, ChangeAct
from triage.text import normalise

router = APIRouter(prefix="/console/lexicon", include_in_schema=False)

MOST_PAGES = 10_000
REFRESH = {"Refresh": "2"}
"""While a trial or a count runs the page asks again by itself; without script, so that every browser does."""
_BETWEEN = re.compile(r"[、，,；;\n\r]+")
PageNumber = Annotated[int, Query(ge=1, le=MOST_PAGES)]


@router.get("")
def show_lexicon(
    request: Request, staff: SignedStaff, house: TheHouse, topic: str = "", q: str = "", page: PageNumber = 1
) -> Response:
    """The phrases with how often they speak, and everything about versions beside them."""
    require_role(staff.officer, *PROPOSERS, act="read_lexicon")
    wanted = Wanted(topic if topic in topic_names(house) else "", normalise(q).text.strip(), page)
    with house.store.read() as session:
        data = view_lexicon(session, staff.officer, house, wanted, house.now())
        return show(request, session, staff, "console/lexicon.html", here="lexicon", lexicon=data)


@router.get("/count")
def show_count(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """How far the count of hits has come; a page of its own, so that its asking again takes no typed word away."""
    require_role(staff.officer, *PROPOSERS, act="read_lexicon")
    with house.store.read() as session:
        count = view_count(session, staff.officer, house.now())
        answer = show(request, session, staff, "console/lexicon_count.html", here="lexicon", count=count)
    if count["counting"]:
        answer.headers.update(REFRESH)
    return answer


@router.post("/count")
def begin_count(staff: PostingStaff, house: TheHouse) -> Response:
    """Count in the background how often each phrase speaks."""
    with house.store.write() as session:
        start_count(session, by=staff.officer, now=house.now())
    return RedirectResponse("/console/lexicon/count", 303)


@router.post("/count/stop")
def end_count(staff: PostingStaff, house: TheHouse) -> Response:
    """Give the count up."""
    with house.store.write() as session:
        stop_count(session, by=staff.officer)
    return RedirectResponse("/console/lexicon/count", 303)


@router.get("/change")
def show_form(
    request: Request,
    staff: SignedStaff,
    house: TheHouse,
    act: ChangeAct = ChangeAct.ADD,
    topic: str = "",
    word: str = "",
) -> Response:
    """The form of one change; which topic has been chosen before."""
    require_role(staff.officer, *PROPOSERS, act="propose_lexicon")
    if topic not in topic_names(house):
        raise NotFound("topic", topic)
    return _draw_form(request, staff, house, find_phrase(house, act, topic, normalise(word).text.strip()))


@router.post("/change")
def propose(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Keep the proposal and start its trial; what is wrong stands at its field."""
    require_role(staff.officer, *PROPOSERS, act="propose_lexicon")
    if form.text("act") not in set(ChangeAct) or form.text("topic") not in topic_names(house):
        raise NotFound("change", "")
    try:
        change = read_form_change(form)
        with house.store.write() as session:
            proposal = propose_change(
                session, change, form.text("reason"), by=staff.officer, base=house.lexicon.base, now=house.now()
            )
    except InvalidField as error:
        start = Change(ChangeAct(form.text("act")), form.text("topic"), ())
        return _draw_form(request, staff, house, start, {error.field: word_problem(error)}, form.typed())
    return RedirectResponse(f"/console/lexicon/proposals/{proposal.id}", 303)


@router.get("/proposals/{proposal_id}")
def show_proposal(
    request: Request, proposal_id: str, staff: SignedStaff, house: TheHouse, page: PageNumber = 1
) -> Response:
    """One proposal and what it would move."""
    return _draw_proposal(request, staff, house, proposal_id, page=page)


@router.post("/proposals/{proposal_id}/{key}")
def act_on_proposal(
    request: Request, proposal_id: str, key: str, staff: PostingStaff, form: PostedForm, house: TheHouse
) -> Response:
    """Set it live, run its trial again, or give it up."""
    if key not in ACTS:
        raise NotFound("act", key)
    try:
        with house.store.write() as session:
            there = ACTS[key](session, staff, house, proposal_id, form)
    except (NotAllowed, NotFound):
        raise
    except HotlineError as error:
        return _draw_proposal(request, staff, house, proposal_id, error)
    house.lexicon.refresh()
    return RedirectResponse(there, 303)


@router.post("/undo")
def undo(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Back to the version before."""
    number = int(form.text("seen")) if form.text("seen").isdecimal() else -1
    with house.store.write() as session:
        undo_version(session, seen=number, by=staff.officer, base=house.lexicon.base, now=house.now())
    house.lexicon.refresh()
    return RedirectResponse("/console/lexicon?done=lexicon-undone", 303)


def read_form_change(form: Form) -> Change:
    """The posted change; several phrases stand in lines or between commas. Raises InvalidField for the weight."""
    weight = form.text("weight")
    try:
        number = float(weight) if weight else 0.0
    except ValueError:
        raise InvalidField("weight", "not_a_number") from None
    return Change(
        act=ChangeAct(form.text("act")),
        topic=form.text("topic"),
        words=_split(form.text("words")),
        entry=form.text("entry"),
        weight=number,
        why=form.text("why"),
        whole=bool(form.text("whole")),
        negatable=bool(form.text("negatable")),
        needs=_split(form.text("needs")),
        unless=_split(form.text("unless")),
    )


def _split(words: str) -> tuple[str, ...]:
    return tuple(filter(None, (word.strip() for word in _BETWEEN.split(words))))


def _set_live(session: Session, staff: Staff, house: House, proposal_id: str, form: Form) -> str:
    proposal = get_proposal(session, staff.officer, proposal_id)
    seen = form.text("seen") == "yes"
    set_live(session, proposal, seen=seen, by=staff.officer, base=house.lexicon.base, now=house.now())
    return "/console/lexicon?done=lexicon-live"


def _try_again(session: Session, staff: Staff, house: House, proposal_id: str, _form: Form) -> str:
    proposal = get_proposal(session, staff.officer, proposal_id)
    try_again(session, proposal, by=staff.officer, base=house.lexicon.base)
    return f"/console/lexicon/proposals/{proposal_id}"


def _drop(session: Session, staff: Staff, house: House, proposal_id: str, _form: Form) -> str:
    proposal = get_proposal(session, staff.officer, proposal_id)
    drop_proposal(session, proposal, by=staff.officer, now=house.now())
    return "/console/lexicon?done=lexicon-dropped"


ACTS: Mapping[str, Callable[[Session, Staff, House, str, Form], str]] = {
    "live": _set_live,
    "again": _try_again,
    "drop": _drop,
}


def _draw_form(
    request: Request,
    staff: Staff,
    house: House,
    change: Change,
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
) -> Response:
    data = view_form(house, change)
    if typed is not None:
        data["values"] = {name: typed.get(name, "") for name in data["values"]}
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/lexicon_change.html",
            here="lexicon",
            status=INVALID.status if problems else 200,
            form=data,
            reason=(typed or {}).get("reason", ""),
            problems=problems or {},
        )


def _draw_proposal(
    request: Request,
    staff: Staff,
    house: House,
    proposal_id: str,
    error: HotlineError | None = None,
    *,
    page: int = 1,
) -> Response:
    wording = word_error(error) if error else None
    at_field = word_problem(error) if isinstance(error, InvalidField) else ""
    with house.store.read() as session:
        proposal = get_proposal(session, staff.officer, proposal_id)
        data = view_proposal(session, staff.officer, proposal, house, page, house.now())
        answer = show(
            request,
            session,
            staff,
            "console/lexicon_proposal.html",
            here="lexicon",
            status=wording.status if wording else 200,
            proposal=data,
            problem=wording.title + wording.advice if wording and not at_field else "",
            at_field=at_field,
        )
    if data["testing"]:
        answer.headers.update(REFRESH)
    return answer
