"""The values of a talk: where it stands, what was told, what is answered.

They are frozen: `dialogue.advance` makes a new one of each, and a talk is stored as the JSON of its `Talk`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from casework.types import Channel, Danger


class Stage(StrEnum):
    """Where a talk stands."""

    LISTENING = "listening"
    ASKING_PLACE = "asking_place"
    ASKING_CONTACT = "asking_contact"
    ASKING_PHONE = "asking_phone"
    CONFIRMING = "confirming"
    CORRECTING = "correcting"
    ASKING_WITHDRAWAL = "asking_withdrawal"
    ASKING_CODE = "asking_code"
    FILED = "filed"
    ASKING_DETAIL = "asking_detail"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    WITH_PERSON = "with_person"


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: `id` comes back when it is tapped, its number when it is typed."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class HelpNumber:
    """A number to dial: who answers there, and on which day somebody made sure of it."""

    number: str
    label: str
    verified_on: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the person, in this order: numbers to dial, sentences, the question with its choices.

    `lines` are short sentences; `question` is the one question of this turn ("" if nothing is asked); `receipt_code` is
    sixteen digits, given once filed. `text` is the whole as a chat shows it.
    """

    lines: tuple[str, ...] = ()
    question: str = ""
    choices: tuple[Choice, ...] = ()
    receipt_code: str | None = None
    numbers: tuple[HelpNumber, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the card that is read back; `field` says which line, so that it can be corrected."""

    field: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class TalkView:
    """Everything a page needs to draw a talk again without script.

    `said` is what both sides said, oldest first (True = the person). `facts` is the card where / what / since when /
    how to reach. A talk nobody has begun has stage `listening` and the greeting's reply.
    """

    channel: Channel
    stage: Stage
    reply: Reply
    said: tuple[tuple[bool, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    receipt_code: str | None = None
    danger: Danger | None = None
    files_at: datetime | None = None
