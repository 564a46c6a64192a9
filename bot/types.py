"""The values of a talk: where it stands, what was told, what is answered.

They are frozen: `dialogue.advance` makes a new one of each, and a talk is stored as the JSON of its `Talk`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.channels import MessageKind
from casework.types import Channel, Danger, DeliveryStatus
from intake.contents import AttachmentKeys


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
    how to reach. A talk nobody has begun has stage `listening` and the greeting's reply; one in
    which nothing is told yet `is_bare`.
    """

    channel: Channel
    stage: Stage
    reply: Reply
    said: tuple[tuple[bool, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    receipt_code: str | None = None
    danger: Danger | None = None
    files_at: datetime | None = None
    waits_for_person: bool = False
    listens: bool = False
    is_bare: bool = True


@dataclass(frozen=True, slots=True)
class OfficerWord:
    """What an officer wrote into a chat, and whether it went out; the web page shows it without sending."""

    id: str
    text: str
    status: DeliveryStatus = DeliveryStatus.QUEUED


class ContactWay(StrEnum):
    """How somebody wants to hear of the result."""

    NONE = "none"
    PHONE = "phone"
    HERE = "here"


class Act(StrEnum):
    """What the dialogue asks the desk to do; the dialogue itself touches nothing."""

    FILE = "file"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    HAND_OVER = "hand_over"
    TALLY = "tally"
    LOOK_UP = "look_up"
    DROP_ADDRESS = "drop_address"
    CALL_BACK = "call_back"


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to do; `text` is what is added, looked up, or counted."""

    act: Act
    text: str = ""


@dataclass(frozen=True, slots=True)
class ToldLine:
    """A line of the story as it was sent: what the vendor calls the message, when it was said, its words."""

    ref: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """How messages came: until when and how often the vendor lets us write first (None: not known), how many came in
    the running minute, which album was last, which lines were told by which message.
    """

    window_until: datetime | None = None
    window_left: int = 0
    burst_from: datetime | None = None
    burst: int = 0
    album: str = ""
    told: tuple[ToldLine, ...] = ()


class Ear(StrEnum):
    """What a machine made of a recording: nothing was asked of one, it is still to listen, it heard words, or none."""

    NONE = "none"
    WAITING = "waiting"
    HEARD = "heard"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Medium:
    """A file of a talk: still with the vendor (`vendor_id`), or here and opened by `keys`.

    `case_id` is set on one that is still on its way although the words are filed. `ear` is for recordings alone.
    """

    id: str
    kind: MessageKind
    vendor_id: str = ""
    keys: AttachmentKeys | None = None
    case_id: str | None = None
    ear: Ear = Ear.NONE

    @property
    def waits_for_ear(self) -> bool:
        """Whether it is here and a machine is still to listen to it."""
        return self.keys is not None and self.ear is Ear.WAITING


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk between two messages; it rests only as ciphertext.

    Before filing it holds the words: `lines` as told, `said` as both sides spoke, the facts as last corrected. After
    filing the words are gone, and `case_id`, `receipt_id` and `code` remain so that what comes later can be added.
    `matter` is the message in which it became a complaint, `digits` a number that comes in pieces. `settled` names the
    facts that he corrected or was asked for. `question` names the one question that is open;
    `asked` those that were asked, so that none is asked again and again. `handed_over` stands while a person is wanted
    or there (`with_officer`); `waits_until` keeps the talk until an office day has passed; `outgoing` is what the
    officer wrote and the courier takes out. `topic` is what was last answered from the knowledge base; `recited` what
    was read back last, so that only what changed is read again; `is_heard` that a machine wrote some of the words down
    from a recording; `callback` the case that he is asked about after its
    end, and what he has answered.
    """

    stage: Stage = Stage.LISTENING
    channel: Channel = Channel.WEB
    account: str = ""
    sender: str = ""
    lines: tuple[str, ...] = ()
    matter: str = ""
    digits: str = ""
    said: tuple[tuple[bool, str], ...] = ()
    question: str = ""
    asked: tuple[str, ...] = ()
    institution: str | None = None
    place: str | None = None
    when: str | None = None
    settled: tuple[str, ...] = ()
    scene: str | None = None
    relation: str = ""
    name: str = ""
    phone: str = ""
    safe_time: str = ""
    anonymous: bool | None = None
    contact: ContactWay | None = None
    category: str | None = None
    is_complaint: bool = False
    is_kept: bool = False
    is_urgent: bool = False
    is_brief: bool = False
    is_heard: bool = False
    handed_over: bool = False
    with_officer: bool = False
    waits_until: datetime | None = None
    outgoing: tuple[OfficerWord, ...] = ()
    is_held: bool = False
    topic: str = ""
    recited: tuple[str, ...] = ()
    callback: tuple[str, ...] = ()
    danger: Danger | None = None
    media: tuple[Medium, ...] = ()
    case_id: str | None = None
    receipt_id: str | None = None
    code: str | None = None
    code_waits: bool = False
    is_sealed: bool = False
    greeted: bool = False
    filed_at: datetime | None = None
    last_at: datetime | None = None
    reply: Reply = Reply()
    arrival: Arrival = Arrival()

    @property
    def is_bare(self) -> bool:
        """Whether nothing at all was told or chosen yet: at most a greeting."""
        told = (self.lines, self.media, self.name, self.phone, self.safe_time, self.relation, self.contact, self.scene)
        facts = (self.institution, self.place, self.when, self.anonymous is not None, self.is_held, self.handed_over)
        wishes = (self.topic, self.callback, self.danger, self.is_complaint, self.is_kept, self.is_brief)
        return self.stage is Stage.LISTENING and not any((*told, *facts, *wishes, self.is_filed))

    @property
    def is_filed(self) -> bool:
        """Whether there is a report that what comes later belongs to."""
        return self.case_id is not None

    @property
    def is_spoken(self) -> bool:
        """Whether something was told by voice, which nobody has heard yet."""
        return any(each.kind is MessageKind.VOICE and each.ear is not Ear.HEARD for each in self.media)

    @property
    def text(self) -> str:
        """The story, word for word."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Step:
    """Where the talk goes, what is said, what is to be done."""

    talk: Talk
    reply: Reply = Reply()
    effects: tuple[Effect, ...] = ()
