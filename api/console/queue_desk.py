"""The first desk: what waits for this officer, the nearest date first, with the words beside the list."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.console.frame import show
from api.console.queue_view import EMPTY, STRIP, VIEWS, list_rows, queue_label, read_case
from api.dependencies import SignedStaff, TheHouse
from casework.cases import CaseFilter, get_case_for
from casework.errors import NotFound
from casework.queues import Queue, count_queues_for
from casework.types import CaseKind, CaseStatus, Role
from casework.visibility import has_role

router = APIRouter(prefix="/console", include_in_schema=False)

MOST_PAGES = 10_000
SHOWN_IF_ANY = frozenset({Queue.DISCIPLINE, Queue.DOUBTFUL})


@router.get("/")
def show_queue(
    request: Request,
    staff: SignedStaff,
    house: TheHouse,
    queue: Queue = Queue.ALL,
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
    open: str = "",  # noqa: A002 - the page's own word in its address
) -> HTMLResponse:
    """One list of the officer's, with the strip of today above it."""
    now = house.now()
    with house.store.read() as session:
        counts = count_queues_for(session, staff.officer, now=now)
        wanted = CaseFilter(queue=queue, page=page)
        rows, found = list_rows(session, staff.officer, wanted, house, now, total=counts[queue])
        chosen = None
        if open:
            try:
                case = get_case_for(session, staff.officer, open)
            except NotFound:
                case = None
            if case is not None and not case.sealed and case.kind is CaseKind.ORDINARY:
                waits = case.status in (CaseStatus.RECEIVED, CaseStatus.RETURNED)
                can_assign = waits and has_role(staff.officer, Role.DISPATCHER, Role.SUPERVISOR)
                chosen = read_case(session, staff.officer, case, house, can_assign=can_assign)
        return show(
            request,
            session,
            staff,
            "console/queue.html",
            here="cases",
            counts=counts,
            rows=rows,
            chosen=chosen,
            queue={
                "label": queue_label(queue),
                "empty": EMPTY.get(queue, "这里现在是空的。"),
                "elsewhere": _elsewhere(queue),
            },
            strip=[
                {
                    "label": label,
                    "hint": hint,
                    "count": counts[each],
                    "tone": tone if counts[each] else "",
                    "href": f"?queue={each}",
                    "here": each is queue,
                }
                for each, label, hint, tone in STRIP
            ],
            views=[
                {"label": queue_label(each), "count": counts[each], "href": f"?queue={each}", "here": each is queue}
                for each in VIEWS
                if each not in SHOWN_IF_ANY or counts[each]
            ],
            page=_describe_page(wanted, len(rows), found.total),
        )


def _elsewhere(queue: Queue) -> dict[str, str] | None:
    return None if queue is Queue.ALL else {"href": "/console/", "label": "看全部在办"}


def _describe_page(wanted: CaseFilter, shown: int, total: int) -> dict[str, object]:
    first = (wanted.page - 1) * wanted.size + 1
    return {
        "first": first,
        "last": first + shown - 1,
        "total": total,
        "previous": _link(replace(wanted, page=wanted.page - 1)) if wanted.page > 1 else "",
        "next": _link(replace(wanted, page=wanted.page + 1)) if first + shown - 1 < total else "",
    }


def _link(wanted: CaseFilter) -> str:
    return "?" + urlencode({"queue": wanted.queue or Queue.ALL, "page": wanted.page})
