"""The one-time link in a letter: looking is harmless, a press of the button is the 回执.

Mail programs fetch links on their own, so GET changes nothing; the page shows number, day and the two organs, and
nothing of the matter or of who reported it.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.errors import word_problem
from api.pages import draw
from casework.acknowledgements import (
    Answer,
    LinkState,
    LinkView,
    find_linked_referral,
    find_readable_referral,
    record_acknowledgement,
    view_link,
)
from casework.errors import InvalidField, NotFound
from casework.ledger import by_body
from casework.shownpictures import get_shown_with, list_shown_with
from casework.types import AcknowledgementDecision
from intake.attachments import note_reading, open_copy

router = APIRouter(include_in_schema=False)

DECISIONS: Mapping[AcknowledgementDecision, str] = {
    AcknowledgementDecision.TAKEN: "受理",
    AcknowledgementDecision.PASSED_ON: "转有管辖权的机关",
    AcknowledgementDecision.SENT_BACK: "退回",
}
PICTURE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
FIELDS = ("decision", "receiver", "reference", "reason")
CLOSED: Mapping[LinkState, tuple[str, str]] = {
    LinkState.DONE: ("回执已经收到", "不用再回了，谢谢。要补充，请按来函上的联系人联系。"),
    LinkState.EXPIRED: ("这个地址过期了", "请按来函上的联系人联系，或者把纸质回执退回。"),
    LinkState.CANCELLED: ("这份来函已经撤回", "不用回了。有疑问，请按来函上的联系人联系。"),
}


@router.get("/acknowledge/{token}")
def show_link(request: Request, token: str) -> HTMLResponse:
    """The form, or what became of the link; nothing is written."""
    house = request.app.state.house
    try:
        with house.store.read() as session:
            link = view_link(session, token, now=house.now())
    except NotFound:
        return _draw_unknown(request)
    return _draw_link(request, link)


@router.post("/acknowledge/{token}")
def acknowledge(
    request: Request,
    token: str,
    decision: Annotated[str, Form()] = "",
    receiver: Annotated[str, Form()] = "",
    reference: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> HTMLResponse:
    """The answer, once. A second press is told kindly that it is done; an error keeps what was typed."""
    house = request.app.state.house
    typed = {"decision": decision, "receiver": receiver, "reference": reference, "reason": reason}
    try:
        with house.store.write() as session:
            link = view_link(session, token, now=house.now())
            if link.state is LinkState.OPEN:
                referral = find_linked_referral(session, token, now=house.now())
                answer = Answer(_read_decision(decision), receiver, reason, reference)
                by = by_body(link.body_code)
                record_acknowledgement(session, referral, answer, by=by, office=house.office, now=house.now())
                link = view_link(session, token, now=house.now())
    except NotFound:
        return _draw_unknown(request)
    except InvalidField as error:
        return _draw_link(request, link, typed=typed, problems={error.field: word_problem(error)}, status=422)
    return _draw_link(request, link)


@router.get("/acknowledge/{token}/pictures/{attachment_id}")
def give_picture(request: Request, token: str, attachment_id: str) -> Response:
    """A picture that the office lets the receiver see; that it was looked at stands in the ledger."""
    house = request.app.state.house
    try:
        with house.store.write() as session:
            referral = find_readable_referral(session, token, now=house.now())
            row = get_shown_with(session, referral, attachment_id)
            opened = open_copy(row, secrets=house.secrets)
            note_reading(session, row, by=by_body(referral.body_code or ""), what="shown", now=house.now())
    except NotFound:
        return _draw_unknown(request)
    return Response(opened.data, media_type=opened.media_type, headers=PICTURE_HEADERS)


def _list_pictures(request: Request, token: str) -> tuple[str, ...]:
    """Where the pictures stand that the receiver may see; none where the link has expired."""
    house = request.app.state.house
    try:
        with house.store.read() as session:
            shown = list_shown_with(session, find_readable_referral(session, token, now=house.now()))
    except NotFound:
        return ()
    return tuple(f"/acknowledge/{token}/pictures/{each}" for each in shown)


def _read_decision(text: str) -> AcknowledgementDecision:
    try:
        return AcknowledgementDecision(text)
    except ValueError:
        raise InvalidField("decision", "unknown_choice") from None


def _draw_link(
    request: Request,
    link: LinkView,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    if link.state is not LinkState.OPEN:
        title, line = CLOSED[link.state]
        decision = DECISIONS[link.decision] if link.decision else ""
        pictures = _list_pictures(request, request.path_params["token"])
        return _draw(request, "done", title=title, lines=(line,), link=link, decision=decision, pictures=pictures)
    kept = {name: (typed or {}).get(name, "") for name in FIELDS}
    found = {name: (problems or {}).get(name, "") for name in FIELDS}
    return _draw(
        request,
        "form",
        status=status,
        link=link,
        typed=kept,
        problems=found,
        decisions=tuple(DECISIONS.items()),
        pictures=_list_pictures(request, request.path_params["token"]),
    )


def _draw_unknown(request: Request) -> HTMLResponse:
    lines = ("请看看地址抄全了没有，或者按来函上的联系人联系。",)
    return _draw(
        request, "done", status=404, title="没有这个回执地址", lines=lines, link=None, decision="", pictures=()
    )


def _draw(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    page = draw(request, f"acknowledge/{template}.html", status=status, **values)
    page.headers["Cache-Control"] = "no-store"
    return page
