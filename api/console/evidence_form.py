"""Which files of a case go along in a package: the choice as a form, and as evidence that opens in its turn."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.console.attachment_desk import find_ending
from api.console.attachment_view import MAY_HEAR
from api.dependencies import Form, Staff
from api.pages import say_day
from api.wiring import House
from casework.errors import InvalidField
from casework.models.cases import Case
from casework.packages import KINDS, NOTHING_CHOSEN, SHAPES, VOICED, Chosen, Evidence, Shape
from casework.rings import officer_private_key, ring_private_key
from casework.sealing import SealedContent
from casework.visibility import require_role
from intake.attachments import AttachmentView, get_attachment, list_attachments, open_copy, open_original, read_proof
from intake.pictures import CLEAN_TYPE

LEFT, FIELD = "", "evidence-"
NOT_ALONG = "不放"


def view_evidence(session: Session, case: Case, opened: SealedContent | None) -> list[dict[str, Any]]:
    """The files that may go along, each with its choices, the first the one that is usual; none that never came."""
    files = list_attachments(session, case, case_key=opened.case_key if opened else None)
    return [_offer(each) for each in files if each.problem is None]


def read_evidence(
    session: Session, case: Case, opened: SealedContent | None, form: Form, staff: Staff, house: House
) -> Chosen:
    """The choice out of the form. An original needs the vault open in this sign-in, and a ring's member.

    Raises InvalidField(evidence, unknown_choice) for what was not offered, NotAllowed, VaultLocked.
    """
    key = opened.case_key if opened else None
    picked: list[Evidence] = []
    for each in list_attachments(session, case, case_key=key):
        said = form.text(FIELD + each.id)
        if said == LEFT or each.problem is not None:
            continue
        if said not in _shapes(each):
            raise InvalidField("evidence", "unknown_choice")
        shape = Shape(said)
        picked.append(
            _copy(session, case, each, key, house)
            if shape is Shape.COPY
            else _original(session, case, each, key, staff)
        )
    return Chosen(tuple(picked), form.text("request")) if picked else NOTHING_CHOSEN


def _copy(session: Session, case: Case, each: AttachmentView, key: bytes | None, house: House) -> Evidence:
    def load() -> bytes:
        row = get_attachment(session, case, each.id)
        opened = open_copy(row, secrets=house.secrets, case_key=key).data
        session.expire(row)
        return opened

    return Evidence(each.id, each.kind, Shape.COPY, find_ending(CLEAN_TYPE), load)


def _original(session: Session, case: Case, each: AttachmentView, key: bytes | None, staff: Staff) -> Evidence:
    require_role(staff.officer, *MAY_HEAR, act="open_original")
    row = get_attachment(session, case, each.id)
    ring_key = ring_private_key(session, staff.officer, officer_private_key(staff, staff.token), row.ring_id)

    def load() -> bytes:
        row = get_attachment(session, case, each.id)
        opened = open_original(row, ring_key, case_key=key).data
        session.expire(row)
        return opened

    def proof() -> Mapping[str, str]:
        return read_proof(session, get_attachment(session, case, each.id), ring_key, case_key=key)

    return Evidence(each.id, each.kind, Shape.ORIGINAL, find_ending(each.media_type), load, proof)


def _offer(each: AttachmentView) -> dict[str, Any]:
    shapes = _shapes(each)
    asked = each.kind in VOICED
    return {
        "name": FIELD + each.id,
        "label": f"{KINDS[each.kind]}　{say_day(each.received_on)}收到",
        "on_request": asked,
        "choices": [("", NOT_ALONG)] * asked
        + [(shape.value, SHAPES[shape]) for shape in shapes]
        + [("", NOT_ALONG)] * (not asked),
    }


def _shapes(each: AttachmentView) -> tuple[Shape, ...]:
    return (Shape.ORIGINAL, Shape.COPY) if each.has_copy else (Shape.ORIGINAL,)
