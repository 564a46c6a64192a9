"""Calling somebody to what can't wait: a critical case or slip, a talk that needs a person now.

One after the other, five minutes apart, until somebody takes it; what leaves the house says that there is something
and where to look, never a word of it. Who may not know of a case is never called for it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from casework.cases import get_case_for
from casework.duty import Duty, order_on_duty
from casework.jobs import JobFailure, JobName, NotHandedOver, Refused, enqueue
from casework.ledger import SYSTEM, Verb, by_officer, record
from casework.models.cases import Case
from casework.models.ledger import LedgerEntry
from casework.models.paging import PageCall, PageSubject
from casework.models.people import Body, Officer
from casework.store import Store
from casework.transports import MailLetter, MailServer, WebhookLetter, post_webhook, send_mail
from casework.types import CaseStatus, Role
from casework.visibility import has_role, visible_cases
from triage.types import Urgency

PATIENCE = timedelta(minutes=5)
"""So long one has to take it; then the next is called."""

MOST_CALLS = 24
"""After two hours of calling the strip on the console goes on alone."""

SUBJECT = "清风热线：有一件危急来件没人接"
TEXT = "有一件危急来件没人接。\n请到工作台接下：{url}/console/\n\n这封信里不写是什么事。\n"
ANSWERS = (Role.SUPERVISOR, Role.DISPATCHER, Role.OPERATOR, Role.LEADER)


@dataclass(frozen=True)
class Pager:
    """The office's own webhook for calls (a bridge to telephones, a duty board), and the secret that signs them."""

    url: str
    secret: bytes = field(repr=False)
    http: httpx.Client


@dataclass(frozen=True, slots=True)
class Reach:
    """Who may know of a talk that needs a person, by the conflict test over its words; where nobody of the house may,
    the body above it.
    """

    officers: frozenset[str]
    superior: str | None = None


@dataclass(frozen=True)
class PagingDesk:
    """What calling takes; without `mail` and `pager` only the console calls. `reach` judges a talk by its handover."""

    duties: Sequence[Duty]
    public_url: str
    mail: MailServer | None
    now: Callable[[], datetime]
    pager: Pager | None = None
    reach: Callable[[Session, str], Reach] | None = None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call that is made now: whose, and by which ways it has not gone out yet."""

    id: str
    username: str
    position: int
    called_at: datetime
    mail_to: str
    needs_post: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a job is about: which thing, and the how-manieth call for it."""

    subject: PageSubject
    subject_id: str
    position: int = 1

    def pack(self) -> str:
        """As the job carries it: ids and numbers only."""
        return f"{self.subject}/{self.subject_id}/{self.position}"


def unpack_page(packed: str) -> Page:
    """A job's subject; the bare id of a case is the first call for it."""
    subject, _, rest = packed.partition("/")
    if not rest:
        return Page(PageSubject.CASE, subject)
    ident, _, position = rest.partition("/")
    return Page(PageSubject(subject), ident, int(position))


def page_for_talk(session: Session, handover_id: str) -> None:
    """Begin to call for a talk that needs a person now."""
    page = Page(PageSubject.TALK, handover_id)
    enqueue(session, JobName.PAGE_OFFICER, page.pack(), key=page.pack())


def page_next(store: Store, packed: str, *, desk: PagingDesk) -> bool:
    """The step of PAGE_OFFICER: call one officer and plan the next call; True where somebody was called.

    Run twice it calls the same one, and by no way twice that has gone through. Raises JobFailure where a way may be
    tried again; by then the other way has been tried and the next call has been planned.
    """
    with store.write() as session:
        page = unpack_page(packed)
        row = _claim_call(session, page, desk)
        above = _hand_up(session, page, desk) if row is None else None
        call = _describe_call(session, row, desk) if row is not None else None
    if above is not None:
        _mail(above, desk)
    if call is None:
        return above is not None
    ways = ((call.mail_to, _mail, PageCall.mailed_at), (call.needs_post, _post, PageCall.posted_at))
    failures = []
    for needed, send, column in ways:
        if not needed:
            continue
        try:
            send(call, desk)
        except JobFailure as failure:
            failures.append(failure)
            continue
        with store.write() as session:
            session.execute(update(PageCall).where(PageCall.id == call.id).values({column: desk.now()}))
    if failures:
        raise failures[0]
    return True


def _describe_call(session: Session, row: PageCall, desk: PagingDesk) -> _Call:
    officer = session.get_one(Officer, row.officer_id)
    address = next((duty.mail for duty in desk.duties if duty.officer == officer.username), "")
    return _Call(
        id=row.id,
        username=officer.username,
        position=row.position,
        called_at=row.called_at,
        mail_to=address if row.mailed_at is None and desk.mail is not None else "",
        needs_post=row.posted_at is None and desk.pager is not None,
    )


def take_call(session: Session, case: Case, *, by: Officer, now: datetime) -> bool:
    """Somebody says that he sees to it; False where somebody said so before. The caller got the case by its door."""
    return settle_calls(session, PageSubject.CASE, case.id, by=by, now=now, case_id=case.id)


def settle_calls(
    session: Session,
    subject: PageSubject,
    subject_id: str,
    *,
    by: Officer,
    now: datetime,
    case_id: str | None = None,
) -> bool:
    """Mark every call for a thing as taken; where nobody was called yet, that he came by himself."""
    calls = list(session.scalars(_calls_for(subject_id).with_for_update()))
    if any(call.taken_at is not None for call in calls):
        return False
    if not calls:
        session.add(PageCall(subject=subject, subject_id=subject_id, position=0, officer_id=by.id, called_at=now))
        session.flush()
    session.execute(update(PageCall).where(PageCall.subject_id == subject_id).values(taken_by=by.id, taken_at=now))
    record(
        session,
        actor=by_officer(by),
        verb=Verb.PAGE_TAKEN,
        subject=subject.value,
        subject_id=subject_id,
        case_id=case_id,
        now=now,
    )
    return True


def list_alarms_for(session: Session, officer: Officer) -> list[Case]:
    """Critical cases that he may know of, that nobody took and nobody sent on; the oldest first."""
    if not has_role(officer, *ANSWERS):
        return []
    taken = exists().where(PageCall.subject_id == Case.id, PageCall.taken_at.is_not(None))
    query = select(Case).where(
        visible_cases(officer), Case.urgency == Urgency.CRITICAL, Case.status == CaseStatus.RECEIVED, ~taken
    )
    return list(session.scalars(query.order_by(Case.opened_on, Case.number)))


def take_alarm(session: Session, officer: Officer, case_id: str, *, now: datetime) -> Case:
    """Take a critical case from the strip. Raises NotFound for one that he may not know of."""
    case = get_case_for(session, officer, case_id)
    take_call(session, case, by=officer, now=now)
    return case


def _calls_for(subject_id: str) -> Select[PageCall]:
    return select(PageCall).where(PageCall.subject_id == subject_id).order_by(PageCall.position)


def _claim_call(session: Session, page: Page, desk: PagingDesk) -> PageCall | None:
    """The row of this call, made and the next one planned unless it was before; None where nobody need be called."""
    calls = list(session.scalars(_calls_for(page.subject_id).with_for_update()))
    if any(call.taken_at is not None for call in calls):
        return None
    made = next((call for call in calls if call.position == page.position), None)
    if made is not None:
        return made
    officers = _list_callable(session, page, desk)
    if not officers or page.position > MOST_CALLS:
        return None
    officer = officers[(page.position - 1) % len(officers)]
    now = desk.now()
    call = PageCall(
        subject=page.subject,
        subject_id=page.subject_id,
        position=page.position,
        officer_id=officer.id,
        called_at=now,
    )
    session.add(call)
    session.flush()
    _record_call(session, page, officer, now)
    following = Page(page.subject, page.subject_id, page.position + 1).pack()
    enqueue(session, JobName.PAGE_OFFICER, following, delay=PATIENCE, key=following)
    return call


def _hand_up(session: Session, page: Page, desk: PagingDesk) -> _Call | None:
    """A talk that nobody of the house may know of: told to the body above it, once, where that can be written to."""
    if page.subject is not PageSubject.TALK or desk.reach is None or page.position > 1:
        return None
    code = desk.reach(session, page.subject_id).superior
    body = session.get(Body, code) if code is not None else None
    told = select(LedgerEntry.id).where(
        LedgerEntry.subject_id == page.subject_id, LedgerEntry.verb == Verb.HANDED_UP.value
    )
    if body is None or session.scalar(told.limit(1)) is not None:
        return None
    record(
        session,
        actor=SYSTEM,
        verb=Verb.HANDED_UP,
        subject=page.subject.value,
        subject_id=page.subject_id,
        details={"body": body.code},
        now=desk.now(),
    )
    address = body.mail or "" if desk.mail is not None else ""
    return _Call(page.subject_id, "", 1, desk.now(), address, needs_post=False) if address else None


def _record_call(session: Session, page: Page, officer: Officer, now: datetime) -> None:
    record(
        session,
        actor=SYSTEM,
        verb=Verb.PAGED,
        subject=page.subject.value,
        subject_id=page.subject_id,
        case_id=page.subject_id if page.subject is PageSubject.CASE else None,
        details={"officer": officer.id, "position": page.position},
        now=now,
    )


def _list_callable(session: Session, page: Page, desk: PagingDesk) -> list[Officer]:
    """Who may be called for it, in order; for a case that is no longer waiting nobody."""
    found = session.scalars(select(Officer).where(Officer.removed_at.is_(None)))
    called = order_on_duty(list(found), desk.duties, at=desk.now())
    if page.subject is PageSubject.TALK:
        reach = desk.reach(session, page.subject_id) if desk.reach is not None else None
        return [officer for officer in called if not officer.leads and (reach is None or officer.id in reach.officers)]
    waits = select(Case.id).where(Case.id == page.subject_id, Case.status == CaseStatus.RECEIVED)
    return [officer for officer in called if session.scalar(waits.where(visible_cases(officer)))]


def _mail(call: _Call, desk: PagingDesk) -> None:
    """Mail it; the next call is planned already, so a server that refuses for good is left alone."""
    if desk.mail is None:
        return
    letter = MailLetter(call.mail_to, SUBJECT, TEXT.format(url=desk.public_url), message_id=f"<{call.id}@hotline>")
    try:
        send_mail(letter, desk.mail, now=desk.now())
    except NotHandedOver as problem:
        raise JobFailure(problem.code) from None
    except Refused:
        return


def _post(call: _Call, desk: PagingDesk) -> None:
    """Post it signed, with who is called and where to look; whoever gets it twice knows it by its id."""
    if desk.pager is None:
        return
    told = {
        "id": call.id,
        "kind": "duty_call",
        "officer": call.username,
        "position": call.position,
        "called_at": call.called_at.isoformat(),
        "console": f"{desk.public_url}/console/",
    }
    letter = WebhookLetter(desk.pager.url, desk.pager.secret, call.id, json.dumps(told).encode())
    try:
        post_webhook(letter, desk.pager.http, now=desk.now())
    except (NotHandedOver, httpx.HTTPError) as problem:
        raise JobFailure(getattr(problem, "code", "webhook_silent")) from None
    except Refused:
        return
