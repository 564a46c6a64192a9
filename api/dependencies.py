"""What the routes of the console share: who is signed in, whether a post is his own, what the form holds."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from api.uploads import Upload, read_upload
from api.wiring import House
from casework.errors import HotlineError, InvalidField
from casework.models.people import Officer, OfficerSession
from casework.securitylog import SecurityNote
from casework.signins import find_end, get_officer_by_token, is_enrolled, touch_session
from casework.types import SignInEnd

STAFF_COOKIE = "staff"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"


class NotSignedIn(HotlineError):
    """Nobody is signed in here, or no longer; the page for it is the sign-in.

    `why` is set where somebody or something else ended the sign-in: then a page says so first.
    """

    def __init__(self, why: SignInEnd | None = None) -> None:
        super().__init__(why)
        self.why = why


class NotEnrolled(HotlineError):
    """He signed in with an initial password: nothing opens before he has one of his own and a second factor."""


class ForeignPost(HotlineError):
    """A post without this sign-in's own token: another page made it."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The officer of this request with his sign-in; `token` opens what is wrapped under it."""

    officer: Officer
    session_row: OfficerSession
    token: str

    @property
    def csrf(self) -> str:
        """The token that his forms carry."""
        return self.session_row.csrf_token


@dataclass(frozen=True, slots=True)
class Form:
    """A posted form: single texts, trimmed, and lists."""

    data: FormData

    def text(self, name: str) -> str:
        """One field's text, "" where there is none or it is a file."""
        value = self.data.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def need(self, name: str, longest: int) -> str:
        """A field's text that must be there. Raises InvalidField where it is empty or too long."""
        text = self.text(name)
        if not text or len(text) > longest:
            raise InvalidField(name, "too_long" if text else "required")
        return text

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may stand several times."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def typed(self) -> Mapping[str, str | list[str]]:
        """Everything that was typed, to be shown again; lists where a field stands more than once."""
        kept: dict[str, str | list[str]] = {}
        for name in self.data:
            if name != CSRF_FIELD:
                values = self.texts(name)
                kept[name] = values if len(values) > 1 or name == "outcomes" else "".join(values)
        return kept


def get_house(request: Request) -> House:
    """The one house."""
    house: House = request.app.state.house
    return house


def get_origin(request: Request) -> SecurityNote:
    """Where a staff request came from, for the security log alone."""
    return SecurityNote(request.client.host if request.client else "", request.headers.get("user-agent", ""))


def require_staff(request: Request, house: Annotated[House, Depends(get_house)]) -> Staff:
    """The officer behind the cookie, with a password and a second factor of his own.

    Raises NotSignedIn, which the application answers with the sign-in page, or NotEnrolled.
    """
    staff = require_anyone(request, house)
    if not is_enrolled(staff.officer):
        raise NotEnrolled
    return staff


def require_anyone(request: Request, house: Annotated[House, Depends(get_house)]) -> Staff:
    """The same, also for one who is at his first sign-in. Only that page and the way out may ask for it."""
    token = request.cookies.get(STAFF_COOKIE, "")
    now = house.now()
    with house.store.read() as session:
        signed = get_officer_by_token(session, token, now) if token else None
        why = find_end(session, token, now) if token and signed is None else None
        if signed is not None:
            session.expunge_all()
    if signed is None:
        raise NotSignedIn(why)
    touch_session(house.store, signed, now=now)
    return Staff(signed.officer, signed.session_row, token)


def attach_staff(session: Session, staff: Staff) -> Staff:
    """The same officer and sign-in as rows of this session, for an act that changes the sign-in itself.

    Raises NotSignedIn where the sign-in was ended while the request was on its way.
    """
    officer, row = session.get(Officer, staff.officer.id), session.get(OfficerSession, staff.session_row.id)
    if officer is None or row is None or officer.removed_at is not None:
        raise NotSignedIn
    return Staff(officer, row, staff.token)


async def read_form(request: Request) -> Form:
    """The posted form."""
    return Form(await request.form())


def require_own_post(
    request: Request, staff: Annotated[Staff, Depends(require_staff)], form: Annotated[Form, Depends(read_form)]
) -> Staff:
    """The officer, for a post that carries his sign-in's own token. Raises ForeignPost."""
    return _require_token(staff, form.text(CSRF_FIELD) or request.headers.get(CSRF_HEADER, ""))


def require_own_first_post(
    request: Request, staff: Annotated[Staff, Depends(require_anyone)], form: Annotated[Form, Depends(read_form)]
) -> Staff:
    """The same for a post of one who is at his first sign-in. Raises ForeignPost."""
    return _require_token(staff, form.text(CSRF_FIELD) or request.headers.get(CSRF_HEADER, ""))


def require_own_upload(
    staff: Annotated[Staff, Depends(require_staff)], upload: Annotated[Upload, Depends(read_upload)]
) -> Staff:
    """The same for a form with files, whose texts come first. Raises ForeignPost."""
    return _require_token(staff, upload.text(CSRF_FIELD))


def _require_token(staff: Staff, given: str) -> Staff:
    if not hmac.compare_digest(given.encode(), staff.csrf.encode()):
        raise ForeignPost
    return staff


TheHouse = Annotated[House, Depends(get_house)]
SignedStaff = Annotated[Staff, Depends(require_staff)]
PostingStaff = Annotated[Staff, Depends(require_own_post)]
PostedForm = Annotated[Form, Depends(read_form)]
UploadingStaff = Annotated[Staff, Depends(require_own_upload)]
AnyStaff = Annotated[Staff, Depends(require_anyone)]
AnyPostingStaff = Annotated[Staff, Depends(require_own_first_post)]
PostedUpload = Annotated[Upload, Depends(read_upload)]
