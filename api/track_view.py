"""The page of `/track` as data: where the case stands, the talk with what each signature says, the questions, the line.

Nothing here stores anything; what a reporter typed to come in stands in the page's forms and nowhere else.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.pages import draw
from api.track_matters import list_others
from api.uploads import HINTS
from api.wiring import House
from casework.callbacks import Asked, wants_callback
from casework.models.cases import Case
from casework.progress import describe_progress
from casework.talks import MessageView, Standing, Talk, read_talk
from casework.types import MessageDirection
from intake.receipts import ReceiptHit
from intake.work import BITS, issue_challenge

TURN_BYTES = 16
BUSY = 2
"""From so many waiting on, a page brings work for its script, which moves the look-up forward in the line."""
STANDING = {Standing.SIGNED: "签名核对无误", Standing.UNSIGNED: "没签名，转密以前写的"}
BROKEN = "这句话的签名对不上，可能被人改过。请别照它做，打电话问。"
GAP = "这句前面少了话，可能被人删了。请打电话问。"
KEYS_CHANGED = "对话的钥匙被人换过。下面的话都别照着做，打电话问。"
LOST = "有{count}句话不见了，可能被人删了。请打电话问。"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person typed to come in: the code, his own sentence if he added one, and his browser's work."""

    code: str = field(default="", repr=False)
    phrase: str = field(default="", repr=False)
    challenge: str = ""
    nonce: str = ""
    matter: str = ""

    @classmethod
    def read(cls, form: Mapping[str, Any]) -> "Entry":
        """Out of a posted form; whatever is missing is empty."""
        return cls(*(str(form.get(name, "")) for name in ("code", "phrase", "challenge", "nonce", "matter")))


@dataclass(frozen=True, slots=True)
class Noted:
    """What the page says back to an act: problems at their fields, what was typed, what was taken."""

    problem: str = ""
    file_problem: str = ""
    callback_problem: str = ""
    phrase_problem: str = ""
    typed: str = ""
    typed_phrase: str = ""
    said: bool = False
    said_files: int = 0
    moved: bool = False
    phrase_added: bool = False


NOTHING = Noted()


def draw_form(
    request: Request, entry: Entry | None = None, *, problem: str = "", waits: bool = False, status: int = 200
) -> HTMLResponse:
    """The form for the code; while people wait it says how many and brings the script its work."""
    house: House = request.app.state.house
    waiting = house.receipts.gate.waiting
    challenge = issue_challenge(house.secrets, now=house.now()) if waits or waiting >= BUSY else ""
    return draw(
        request,
        "public/track.html",
        status=status,
        progress=None,
        entry=entry or Entry(),
        problem=problem,
        waits=waits,
        waiting=waiting,
        challenge=challenge,
        bits=BITS,
    )


def draw_progress(
    request: Request, hit: ReceiptHit, entry: Entry, noted: Noted = NOTHING, *, status: int = 200
) -> HTMLResponse:
    """The case as its reporter may see it, with the talk and what was wrong with what he just sent."""
    house: House = request.app.state.house
    with house.store.read() as session:
        case = session.get_one(Case, hit.case_id)
        progress = describe_progress(session, case, office=house.office, now=house.now())
        asks = wants_callback(session, case)
        talk = read_talk(session, case, reporter_key=hit.reporter_key)
        others = list_others(session, hit)
    return draw(
        request,
        "public/track.html",
        status=status,
        progress=progress,
        others=others,
        asks_which=not progress.sealed and any(other.sealed for other in others),
        talk=[_view_word(word) for word in talk.messages],
        talk_problems=_list_problems(talk),
        entry=entry,
        noted=noted,
        callback=_list_questions(house) if asks else (),
        file_hints=HINTS,
        file_problem=noted.file_problem,
        turn=secrets.token_urlsafe(TURN_BYTES),
        challenge="",
    )


def _view_word(word: MessageView) -> dict[str, Any]:
    broken = BROKEN if word.standing is Standing.BROKEN else ""
    return {
        "mine": word.direction is MessageDirection.FROM_REPORTER,
        "text": word.text if word.text is not None else "（这句打不开）",
        "day": word.made_on,
        "standing": STANDING.get(word.standing, ""),
        "warning": broken + (GAP if word.gap else ""),
    }


def _list_problems(talk: Talk) -> list[str]:
    changed = [KEYS_CHANGED] if talk.keys_changed else []
    return [*changed, *([LOST.format(count=talk.lost)] if talk.lost else [])]


def _list_questions(house: House) -> list[dict[str, object]]:
    """The questions after the answer, in the words of the desk's script."""
    questions = house.front_desk.script.questions
    return [
        {
            "name": asked.value,
            "ask": questions[f"callback_{asked}"].ask,
            "choices": [
                (choice.id.removeprefix("callback_"), choice.label) for choice in questions[f"callback_{asked}"].choices
            ],
        }
        for asked in Asked
    ]
