"""An officer's own key: other words for it, a new one where none is or the words are lost, asking for the safe."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.console.account_desk import HERE, Origin, place
from api.console.account_view import NOTHING_FAILED, Failed, say_refusal, view_key
from api.console.enrolment import WordsOffer, offer_words, read_words
from api.console.frame import show
from api.dependencies import Form, PostedForm, PostingStaff, SignedStaff, Staff, TheHouse, attach_staff
from api.errors import word_problem
from api.wiring import House
from casework.accounts import KEY_ROLES, make_own_key, renew_words
from casework.errors import InvalidField, NotFound, WrongPassphrase, WrongSignIn
from casework.keyholders import ask_recovery, fingerprint
from casework.models.people import Officer
from casework.pins import is_starting
from casework.startingkeys import start_own_key
from casework.vault import normalise_passphrase
from casework.visibility import require_role

router = APIRouter(prefix="/console/account", include_in_schema=False)


@router.get("/words")
def show_words(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Five new words, and where to type them with the old ones."""
    return _draw_words(request, staff, house, offer_words(staff))


@router.post("/words")
def change_words(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse, origin: Origin) -> Response:
    """The old words, and the new ones copied: from now on those open his vault."""

    def act(offer: WordsOffer) -> None:
        here = place(staff, house, origin)
        renew_words(house.store, here, form.text("old"), offer.words, strength=house.receipts.strength)

    def again(offer: WordsOffer, failed: Failed) -> Response:
        return _draw_words(request, staff, house, offer, failed)

    step = Step("words", "words-changed", "现在的口令不对，请再输一次。")
    return _take_words(staff, form, step, act, again)


@router.get("/start")
def show_start(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """The only step that words from another's screen open: five new words, and where to type both."""
    return _draw_start(request, staff, house, offer_words(staff))


@router.post("/start")
def start(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse, origin: Origin) -> Response:
    """The words he was given, and his new ones copied: from now on he has a key that nobody else has seen."""

    def act(offer: WordsOffer) -> None:
        here = place(staff, house, origin)
        start_own_key(house.store, here, form.text("old"), offer.words, strength=house.receipts.strength)

    def again(offer: WordsOffer, failed: Failed) -> Response:
        return _draw_start(request, staff, house, offer, failed)

    step = Step("start", "own-key", "不是管理员给的那五个词，请再输一次。")
    return _take_words(staff, form, step, act, again)


@dataclass(frozen=True, slots=True)
class Step:
    """A page that asks for old words and new ones: where it lies, what is said when done, and of wrong old ones."""

    path: str
    done: str
    wrong: str


def _take_words(
    staff: Staff,
    form: Form,
    step: Step,
    act: Callable[[WordsOffer], object],
    again: Callable[[WordsOffer, Failed], Response],
) -> Response:
    """New words must be copied as they were offered, the old ones right; else the page again with what was typed."""
    offer = read_words(staff, form.text("mark"))
    if offer is None:
        return RedirectResponse(f"{HERE}/{step.path}", 303)
    try:
        if normalise_passphrase(form.text("words")) != normalise_passphrase(offer.words):
            raise InvalidField("words", "not_these_words")
        act(offer)
    except InvalidField as error:
        return again(offer, Failed(step.path, {error.field: word_problem(error)}, form.typed()))
    except WrongPassphrase:
        return again(offer, Failed(step.path, {"old": step.wrong}, form.typed()))
    return RedirectResponse(f"{HERE}?done={step.done}", 303)


@router.get("/key")
def show_key(request: Request, staff: SignedStaff, house: TheHouse) -> Response:
    """Before a new key: what it will cost, and the questions that only he can answer."""
    return _draw_key(request, staff, house)


@router.post("/key")
def make_key(request: Request, staff: PostingStaff, form: PostedForm, house: TheHouse, origin: Origin) -> Response:
    """A new key; its five words are shown once, with the fingerprint to be read to a colleague."""
    here = place(staff, house, origin)
    if staff.officer.public_key is not None and form.text("sure") != "yes":
        return _draw_key(request, staff, house, Failed("key", {"sure": "看过再勾，勾了才做。"}))
    try:
        words = make_own_key(
            house.store,
            here,
            form.text("password"),
            form.text("code"),
            unlock=house.unlock_second_factor,
            strength=house.receipts.strength,
        )
    except WrongSignIn as error:
        problem = say_refusal(error, "密码或动态码", now=here.now)
        return _draw_key(request, staff, house, Failed("key", {"code": problem}, {"sure": form.text("sure")}))
    with house.store.read() as session:
        mark = fingerprint(session.get_one(Officer, staff.officer.id))
        key = view_key(session, session.get_one(Officer, staff.officer.id), now=here.now)
        return show(
            request, session, staff, "console/account_key_made.html", here="account", words=words, mark=mark, key=key
        )


@router.post("/recovery")
def ask_for_recovery(staff: PostingStaff, house: TheHouse) -> Response:
    """No colleague can help: ask for the sheet from the safe, which another person types in."""
    with house.store.write() as session:
        ask_recovery(session, attach_staff(session, staff).officer, now=house.now())
    return RedirectResponse(f"{HERE}?done=recovery-asked", 303)


def _draw_words(
    request: Request, staff: Staff, house: House, offer: WordsOffer, failed: Failed = NOTHING_FAILED
) -> Response:
    if staff.officer.wrapped_private_key is None:
        raise NotFound("key", staff.officer.id)
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/account_words.html",
            here="account",
            status=422 if failed.act else 200,
            offer=offer,
            failed=failed,
        )


def _draw_start(
    request: Request, staff: Staff, house: House, offer: WordsOffer, failed: Failed = NOTHING_FAILED
) -> Response:
    with house.store.read() as session:
        if not is_starting(session, staff.officer.id):
            return RedirectResponse(HERE, 303)
        return show(
            request,
            session,
            staff,
            "console/account_start.html",
            here="account",
            status=422 if failed.act else 200,
            offer=offer,
            failed=failed,
        )


def _draw_key(request: Request, staff: Staff, house: House, failed: Failed = NOTHING_FAILED) -> Response:
    require_role(staff.officer, *KEY_ROLES, act="make_key")
    with house.store.read() as session:
        return show(
            request,
            session,
            staff,
            "console/account_key.html",
            here="account",
            status=422 if failed.act else 200,
            key=view_key(session, session.get_one(Officer, staff.officer.id), now=house.now()),
            failed=failed,
        )
