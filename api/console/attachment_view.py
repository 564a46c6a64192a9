"""The files of a case as data for its page: what they are, who may open what, what waits for an ear."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.dependencies import Staff
from api.pages import say_day
from casework.models.cases import Case
from casework.models.people import Body, Officer
from casework.models.secrecy import RingMember
from casework.rings import is_ring_open
from casework.shownpictures import SHOWERS, list_handling_bodies, list_shown, list_shown_to
from casework.types import AttachmentKind, AttachmentProblem, Role
from casework.visibility import can_read_words, has_role
from intake.attachments import AttachmentView, list_attachments
from intake.filetypes import MEGABYTE
from intake.sounds import can_play

MAY_HEAR = (Role.CLUE_OFFICER, Role.DISPATCHER, Role.SUPERVISOR, Role.OPERATOR)
"""Who may open an original of an open case, once he is a member of the ring and has opened it."""
KINDS: Mapping[AttachmentKind, str] = {
    AttachmentKind.PICTURE: "照片",
    AttachmentKind.RECORDING: "录音",
    AttachmentKind.FILM: "录像",
    AttachmentKind.PAPER: "文件",
}
PROBLEMS: Mapping[AttachmentProblem, str] = {
    AttachmentProblem.GONE: "平台上已经过期，没取到。已请他再发一次。",
    AttachmentProblem.TOO_LARGE: "太大，没收下。已请他拍成照片。",
    AttachmentProblem.NOT_TAKEN: "不是照片、录音或文件，没收下。已请他再发。",
    AttachmentProblem.UNREACHED: "一直没取到。",
}


def view_attachments(
    session: Session, staff: Staff, case: Case, *, case_key: bytes | None = None
) -> dict[str, Any] | None:
    """What the panel shows; None where there is nothing. The caller has got the case through the door."""
    order = list(KINDS)
    files = sorted(list_attachments(session, case, case_key=case_key), key=lambda each: order.index(each.kind))
    if not files:
        return None
    reads = case.sealed or can_read_words(staff.officer)
    hears = reads and may_hear(session, staff.officer)
    opens = hears and is_ring_open(staff)
    shown = [] if reads else list_shown_to(session, case.id, staff.officer.body_code)
    offers = _list_offers(session, staff, case, files) if reads and not case.sealed else {}
    return {
        "case_id": case.id,
        "sealed": case.sealed,
        "total": len(files),
        "waiting": sum(_waits(each) for each in files),
        "reads": reads,
        "needs_unlock": hears and not opens,
        "hears": hears,
        "rows": [_row(each, opens=opens) | offers.get(each.id, {}) for each in files if reads or each.id in shown],
    }


def may_hear(session: Session, officer: Officer) -> bool:
    """Whether he may open originals at all: by his role, and as a member of a ring."""
    member = select(RingMember.id).where(RingMember.officer_id == officer.id).limit(1)
    return has_role(officer, *MAY_HEAR) and session.scalar(member) is not None


def _list_offers(
    session: Session, staff: Staff, case: Case, files: Sequence[AttachmentView]
) -> Mapping[str, dict[str, Any]]:
    """For each file which bodies see it, and which handling bodies it may be shown to."""
    may = has_role(staff.officer, *SHOWERS)
    handling = {body.code: body.name for body in list_handling_bodies(session, case)} if may else {}
    seen: dict[str, list[tuple[str, Body]]] = {}
    for row in list_shown(session, case):
        seen.setdefault(row.attachment_id, []).append((row.id, session.get_one(Body, row.body_code)))
    return {each.id: _offer(each, seen.get(each.id, []), handling, may=may) for each in files}


def _offer(
    each: AttachmentView, seen: Sequence[tuple[str, Body]], handling: Mapping[str, str], *, may: bool
) -> dict[str, Any]:
    offered = each.has_copy and each.kind is AttachmentKind.PICTURE
    codes = {body.code for _id, body in seen}
    return {
        "shown": [(shown_id if may else "", body.name) for shown_id, body in seen],
        "may_show": [(code, name) for code, name in handling.items() if offered and code not in codes],
    }


def _waits(each: AttachmentView) -> bool:
    return each.kind is AttachmentKind.RECORDING and not each.heard and each.problem is None


def _row(each: AttachmentView, *, opens: bool) -> dict[str, Any]:
    address = f"/console/attachments/{each.id}"
    return {
        "id": each.id,
        "kind": each.kind.value,
        "label": KINDS[each.kind],
        "day": say_day(each.received_on),
        "size": _say_size(each.size),
        "thumbnail": f"{address}/thumbnail" if each.has_copy else "",
        "large": f"{address}/copy" if each.has_copy else "",
        "original": f"{address}/original" if opens and each.problem is None else "",
        "sound": f"{address}/sound",
        "plays": each.kind is AttachmentKind.RECORDING and can_play(each.media_type, each.size),
        "waits": _waits(each),
        "problem": PROBLEMS[each.problem] if each.problem else "",
    }


def _say_size(size: int) -> str:
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:.1f}兆"
    return f"{max(1, size // 1024)}K" if size else ""
