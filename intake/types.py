"""The values of intake: what a channel hands in, and what comes back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from casework.keyshelf import KeyShelf
from casework.office import Office
from casework.sealing import SealingOutcome, SealingReason
from casework.secrets import ServerSecrets
from casework.storable import make_storable
from casework.types import Channel
from triage.assessment import assess
from triage.context import Context
from triage.types import Assessment


@dataclass(frozen=True, slots=True)
class Contact:
    """Who reports and how he may be reached, as he told it; sealed to the identity ring, never shown in a repr."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    safe_time: str = field(default="", repr=False)
    relation: str = field(default="", repr=False)
    wish: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where one who said yes is told that there is news."""

    channel: Channel
    vendor_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """The writer's own words for institution, place and time, as last corrected; None where he told none."""

    institution: str | None = None
    place: str | None = None
    when: str | None = None

    def __post_init__(self) -> None:
        """Whatever he told can be stored."""
        for name in ("institution", "place", "when"):
            said = getattr(self, name)
            if said:
                object.__setattr__(self, name, make_storable(said))


@dataclass(frozen=True, slots=True)
class Transfer:
    """The office that sent a report on, and the number it has there."""

    source: str
    serial: str


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A report before it is taken in.

    `text` is everything that was told, word for word. `anonymous` is what the writer said, None if he said nothing,
    which is treated as anonymous. `seal_by_hand` is an officer's click while taking it down. `corrects` marks
    words that take back what was said before.
    """

    text: str = field(repr=False)
    channel: Channel
    received_at: datetime
    contact: Contact | None = None
    anonymous: bool | None = None
    reply_to: ReplyTo | None = None
    told: Told = field(default_factory=Told, repr=False)
    seal_by_hand: bool = False
    transfer: Transfer | None = None

    def __post_init__(self) -> None:
        """Whatever was told can be stored."""
        object.__setattr__(self, "text", make_storable(self.text))

    taken_by: str | None = None
    corrects: bool = False

    @property
    def named(self) -> bool:
        """Whether it is a real-name report (实名): a name was given and its writer did not ask to be anonymous."""
        return self.contact is not None and bool(self.contact.name) and self.anonymous is not True


@dataclass(frozen=True, slots=True)
class IntakeDesk:
    """What taking in needs; built once by the wiring. `contexts` gives what triage reads by now, `assess` says it.

    `assess_part` says it of a part alone, where `assess` also weighs what else was told.
    """

    contexts: Callable[[], Context]
    office: Office
    secrets: ServerSecrets
    keys: KeyShelf
    assess: Callable[[str, Context], Assessment] = assess
    assess_part: Callable[[str, Context], Assessment] | None = None

    @property
    def context(self) -> Context:
        """Directory and lexicon as they are now, for one assessment."""
        return self.contexts()


@dataclass(frozen=True, slots=True)
class Filed:
    """A report that is stored: its case, and the code that its writer keeps (shown once, kept nowhere).

    Of a sealed report that was parted, `part` is the open part that will stand beside it. `left_out` says why a part of
    what was told could not be taken; then only the rest is stored.
    """

    case_id: str
    report_id: str
    receipt_id: str
    number: str
    code: str = field(repr=False)
    sealed: bool
    outcome: SealingOutcome
    assessment: Assessment = field(repr=False)
    slip_case_id: str | None = None
    part: "OpenPartIds | None" = None
    left_out: tuple[SealingReason, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenPartIds:
    """Under which ids the open part of a report will stand; nothing in plain joins them to the sealed one."""

    case_id: str
    receipt_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A report that may not be kept: only a count is, and an emergency slip where life is in danger.

    The front desk says so, gives 12388 and the address of the organ above, and erases the talk.
    """

    reasons: tuple[SealingReason, ...]
    assessment: Assessment = field(repr=False)
    slip_case_id: str | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """What a reporter added later is stored beside what he told first; `sealed` says how the case stands now."""

    case_id: str
    report_id: str
    sealed: bool
    assessment: Assessment = field(repr=False)


class RevealReason(StrEnum):
    """Why an identity may be opened; the ledger keeps the code (检举控告规则 art. 47)."""

    CALL_BACK = "call_back"
    ASK_DETAILS = "ask_details"
    DANGER = "danger"
    PROTECT = "protect"
    HAND_OVER = "hand_over"
    CORRECT_CONTACT = "correct_contact"


@dataclass(frozen=True, slots=True)
class Revealed:
    """An identity, opened: contact, what was said about anonymity, the original, the words told for the facts."""

    contact: Contact
    anonymous: bool | None
    original: str = field(repr=False)
    told: Told = field(repr=False)
