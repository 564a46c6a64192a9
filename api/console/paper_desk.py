"""The papers of a case (文书): the draft with its preview, its fields, signing out, and the files as they left."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from api.console.case_view import NOTHING_FAILED, Failed
from api.console.frame import show
from api.console.hands import say_who
from api.console.labels import REFERRAL
from api.console.referral_desk import MEDIA, PICTURE
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse
from api.errors import INVALID, word_error, word_problem
from api.stacking import stack_pages
from api.wiring import House
from casework.borrowing import find_borrowed_words
from casework.caseletters import (
    drop_paper,
    find_kept_file,
    get_paper_for,
    issue_paper,
    preview_paper,
    record_taking,
    stage_of,
    update_paper,
)
from casework.casepapers import is_for_reporter, write_message, write_number
from casework.clock import local_date
from casework.documents import to_pdf, to_pictures
from casework.errors import HotlineError, InvalidField, NotFound
from casework.models.cases import Case
from casework.models.papers import CasePaper
from casework.models.people import Officer
from casework.papers import FileFormat, Paper, list_lines
from casework.paperwording import PaperTemplate, Recipient
from casework.types import ReferralStatus
from casework.visibility import has_role
from casework.wordfiles import to_docx
from casework.words import list_words
from intake.addresses import list_reply_addresses

router = APIRouter(prefix="/console/papers", include_in_schema=False)

HERE = "/console/papers"


@router.get("/{paper_id}")
def show_paper(request: Request, paper_id: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One paper: how it looks, what may be changed, who signs it."""
    return _draw(request, staff, house, paper_id)


@router.get("/{paper_id}/{position}.{form}")
def give_file(paper_id: str, position: int, form: str, staff: SignedStaff, house: TheHouse) -> Response:
    """One sheet: `png` to look at, `pdf` to print, `docx` to edit; taking one away stands in the ledger."""
    taken = form in set(FileFormat)
    now = house.now()
    with house.store.write() as session:
        paper, _case = get_paper_for(session, staff.officer, paper_id, house.paper_desk.wording)
        sheets = preview_paper(paper, desk=house.paper_desk, now=now)
        if not 0 <= position < len(sheets) or not (taken or form == PICTURE):
            raise NotFound("paper", f"{position}.{form}")
        kept = find_kept_file(session, paper, position, FileFormat(form)) if taken else None
        if taken:
            record_taking(session, paper, position, FileFormat(form), by=staff.officer, now=now)
    if not taken:
        return Response(stack_pages(to_pictures(sheets[position], house.typesetter)), media_type="image/png")
    content = kept or _make(sheets[position], FileFormat(form), house)
    headers = {"Content-Disposition": f'attachment; filename="paper-{paper_id[:8]}-{position + 1}.{form}"'}
    return Response(content, media_type=MEDIA[FileFormat(form)], headers=headers)


@router.post("/{paper_id}")
def save(request: Request, paper_id: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Keep what was changed in the draft."""
    return _act(request, staff, house, paper_id, "save", form)


@router.post("/{paper_id}/{key}")
def act(request: Request, paper_id: str, key: str, staff: PostingStaff, form: PostedForm, house: TheHouse) -> Response:
    """Sign the paper out (`issue`) or drop the draft (`cancel`)."""
    if key not in ("issue", "cancel"):
        raise NotFound("act", key)
    return _act(request, staff, house, paper_id, key, form)


def _act(request: Request, staff: Staff, house: House, paper_id: str, key: str, form: Form) -> Response:
    try:
        with house.store.write() as session:
            paper, _case = get_paper_for(session, staff.officer, paper_id, house.paper_desk.wording)
            done = _run(session, paper, key, form, staff, house)
    except NotFound:
        raise
    except InvalidField as error:
        failed = Failed(key, "" if key == "save" else _say_lack(error, house), {error.field: word_problem(error)}, {})
        failed = Failed(failed.act, failed.problem, failed.fields, form.typed())
        return _draw(request, staff, house, paper_id, failed, INVALID.status)
    except HotlineError as error:
        wording = word_error(error)
        failed = Failed(key, wording.title + wording.advice, {}, form.typed())
        return _draw(request, staff, house, paper_id, failed, wording.status)
    return RedirectResponse(f"{HERE}/{paper_id}?done={done}", 303)


def _run(session: Session, paper: CasePaper, key: str, form: Form, staff: Staff, house: House) -> str:
    desk, now = house.paper_desk, house.now()
    if key == "save":
        names = desk.wording.template_for(paper.kind).by_name
        edits = {name: form.text(name) for name in names if name in form.data}
        update_paper(session, paper, edits, by=staff.officer, desk=desk, now=now)
        return "saved"
    if key == "issue":
        issue_paper(session, paper, by=staff.officer, desk=desk, now=now)
        return "paper-issued"
    drop_paper(session, paper, by=staff.officer, desk=desk, now=now)
    return "cancel"


def _say_lack(error: InvalidField, house: House) -> str:
    """What keeps a paper from being signed out, said above the page: the field's label and what is wrong."""
    fields = [field for each in house.paper_desk.wording.papers.values() for field in each.fields]
    label = next((field.label for field in fields if field.name == error.field), "")
    return f"还签发不了：{label or '文书'}，{word_problem(error)}"


def _make(sheet: Paper, form: FileFormat, house: House) -> bytes:
    return to_docx(sheet) if form is FileFormat.DOCX else to_pdf(sheet, house.typesetter)


def _draw(
    request: Request,
    staff: Staff,
    house: House,
    paper_id: str,
    failed: Failed = NOTHING_FAILED,
    status: int = 200,
) -> Response:
    with house.store.read() as session:
        paper, case = get_paper_for(session, staff.officer, paper_id, house.paper_desk.wording)
        page = view_paper(session, staff.officer, paper, case, house, house.now())
        return show(
            request, session, staff, "console/paper.html", here="cases", status=status, paper=page, failed=failed
        )


def view_paper(
    session: Session, officer: Officer, paper: CasePaper, case: Case, house: House, now: datetime
) -> Mapping[str, Any]:
    """Everything the page shows."""
    template = house.paper_desk.wording.template_for(paper.kind)
    sheets = preview_paper(paper, desk=house.paper_desk, now=now)
    stage = stage_of(paper)
    draft = stage is ReferralStatus.DRAFTED
    href = f"{HERE}/{paper.id}"
    return {
        "href": href,
        "title": template.label,
        "stage": REFERRAL[stage],
        "is_draft": draft,
        "number": paper.number,
        "case_number": case.number,
        "case_href": f"/console/cases/{case.id}",
        "to": _name_receiver(template, paper),
        "for_unit": template.to is Recipient.UNIT,
        "drafted": say_who(session, paper.drafted_by, paper.drafted_at, now),
        "issued": say_who(session, paper.issued_by, paper.issued_at, now) if paper.issued_by else "",
        "files": [
            {"href": f"{href}/{position}.{form.value}", "label": f"{sheet.title.replace('　', '')} {label}"}
            for position, sheet in enumerate(sheets)
            for form, label in ((FileFormat.PDF, "PDF"), (FileFormat.DOCX, "Word"))
        ],
        "pages": [f"{href}/{position}.{PICTURE}" for position in range(len(sheets))],
        "can_issue": draft and has_role(officer, *template.issuers),
        "form": _list_form(template, paper) if draft else [],
        "borrowed": [] if is_for_reporter(template) else _borrowed(session, sheets, paper, case, house),
        "for_reporter": is_for_reporter(template),
        **_view_telling(session, template, paper, case, house),
    }


def _name_receiver(template: PaperTemplate, paper: CasePaper) -> str:
    if is_for_reporter(template):
        return "反映人"
    return str(paper.fields.get("unit" if template.to is Recipient.UNIT else "body", ""))


def _view_telling(
    session: Session, template: PaperTemplate, paper: CasePaper, case: Case, house: House
) -> dict[str, str]:
    """What he is told in his talk, or was, and how it reaches him."""
    if not is_for_reporter(template):
        return {"message": "", "told": ""}
    wording = house.paper_desk.wording
    number = paper.number or write_number(house.office.number_prefix, template, local_date(house.now()).year, None)
    if paper.message_id is None:
        told = ""
    elif list_reply_addresses(session, case.id):
        told = "写进了和他的对话，他留的聊天里也提醒了。"
    else:
        told = "写进了和他的对话。他没有留提醒的地方，凭查询码才看得到。"
    return {"message": write_message(paper.fields, number, template, wording), "told": told}


def _list_form(template: PaperTemplate, paper: CasePaper) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "label": field.label,
            "rows": field.rows,
            "options": field.options,
            "value": paper.fields.get(field.name, ""),
        }
        for field in template.fields
    ]


def _borrowed(session: Session, sheets: Any, paper: CasePaper, case: Case, house: House) -> list[str]:
    """Places of a paper to a body that are too near to the reporter's own words."""
    working = "\n".join(said.text for said in list_words(session, [case.id]))
    known = [house.office.name, *(paper.fields.get(name, "") for name in ("institution", "place", "body"))]
    stock = [*known, *paper.fields.get("categories", "").split("、"), *house.referral_desk.wording.stock]
    return [span.text for span in find_borrowed_words("\n".join(list_lines(sheets[0])), working, stock)]
