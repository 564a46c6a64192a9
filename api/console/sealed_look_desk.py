"""Looking through the sealed cases: words, look-alikes and counts over what this officer opens in this one request.

The words looked for are posted, so that they stand in no address and no log; nothing found is kept.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.frame import show
from api.console.labels import CHANNEL, STATUS
from api.console.queue_view import category_names
from api.console.sealed_desk import open_case_for
from api.dependencies import PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.pages import say_date
from api.wiring import House
from casework.errors import NotFound
from casework.openedrecords import (
    MOST_OPENED,
    OpenedRecord,
    SealedGrouping,
    count_records,
    find_alike,
    find_words,
    list_sealed_for,
    read_record,
)
from casework.rings import is_ring_open
from casework.types import CaseStatus, Channel, Role
from casework.visibility import require_role

router = APIRouter(prefix="/console/sealed", include_in_schema=False)

LONGEST = 60
ROOM = "/console/sealed"
PAIRS_SHOWN = 20
PLACES_SHOWN = 12
TITLES = {
    SealedGrouping.MONTH: "各月",
    SealedGrouping.CATEGORY: "类别",
    SealedGrouping.CHANNEL: "渠道",
    SealedGrouping.STATUS: "到哪一步",
    SealedGrouping.PLACE: "说的是哪里",
}


@router.get("/look")
def show_page(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Counts and look-alikes over all that he may open."""
    return _look(request, staff, house, "")


@router.post("/look")
def look_for(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """The same, with the cases in which some words stand."""
    return _look(request, staff, house, form.text("text"))


def _look(request: Request, staff: Staff, house: House, words: str) -> Response:
    require_role(staff.officer, Role.CLUE_OFFICER, act="sealed_room")
    if not is_ring_open(staff):
        return RedirectResponse(ROOM, 303)
    problem = "太长了，请写短一些。" if len(words) > LONGEST else ""
    with house.store.write() as session:
        records = _open_all(session, staff, house)
    page = {
        "opened": len(records),
        "most": MOST_OPENED if len(records) == MOST_OPENED else 0,
        "words": words,
        "problem": problem,
        "asked": bool(words and not problem),
        "found": [
            _tell(each.record, house) | {"before": each.before, "hit": each.words, "after": each.after}
            for each in (find_words(records, words) if not problem else ())
        ],
        "pairs": [
            {
                "one": _tell(pair.one, house),
                "other": _tell(pair.other, house),
                "score": f"{pair.match.score:.2f}",
                "why": "、".join(pair.match.why),
            }
            for pair in find_alike(records)[:PAIRS_SHOWN]
        ],
        "tables": [_count(records, by, title, house) for by, title in TITLES.items()],
    }
    with house.store.read() as session:
        status = 422 if problem else 200
        return show(request, session, staff, "console/sealed_look.html", here="sealed", status=status, page=page)


def _open_all(session: Session, staff: Staff, house: House) -> list[OpenedRecord]:
    """Open each by the officer's own key; what has shrunk to its number has no key and is left out."""
    records = []
    for case_id in list_sealed_for(session, staff.officer):
        try:
            records.append(read_record(open_case_for(session, staff, case_id, house)))
        except NotFound:
            continue
    return records


def _tell(record: OpenedRecord, house: House) -> dict[str, Any]:
    return {
        "id": record.case_id,
        "number": record.number,
        "day": say_date(record.opened_on),
        "category": category_names(house).get(record.said.category, ""),
        "place": record.place or "没有说清",
        "status": STATUS[CaseStatus(record.status)],
    }


def _count(records: list[OpenedRecord], by: SealedGrouping, title: str, house: House) -> dict[str, Any]:
    counts = count_records(records, by)
    keys = sorted(counts) if by is SealedGrouping.MONTH else list(counts)[:PLACES_SHOWN]
    most = max([*counts.values(), 1])
    rows = [
        {
            "label": (label := _name(key, by, house)),
            "short": label if len(label) <= 10 else label[:9] + "…",
            "words": str(counts[key]),
            "bar": round(100 * counts[key] / most),
            "open": False,
            "few": False,
            "href": "",
        }
        for key in keys
    ]
    return {"id": f"sealed-{by.value}", "title": title, "several": False, "rows": rows}


def _name(key: str, by: SealedGrouping, house: House) -> str:
    if not key:
        return "没有说清"
    if by is SealedGrouping.MONTH:
        year, month = key.split("-")
        return f"{year}年{int(month)}月"
    if by is SealedGrouping.CHANNEL:
        return CHANNEL[Channel(key)]
    if by is SealedGrouping.STATUS:
        return STATUS[CaseStatus(key)]
    return category_names(house).get(key, key) if by is SealedGrouping.CATEGORY else key
