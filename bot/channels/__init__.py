"""What every way in has in common: a request is verified, parsed into one `Inbound`, answered, and later written to.

An adapter knows the vendor's words and none of ours; adding a channel is a file here and a line in `registry`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from casework.errors import HotlineError
from casework.storable import make_storable
from casework.types import Channel
from intake.contents import Prepared

BODY_LIMIT = 64 * 1024
"""How many bytes of a request are read at all; a person's message is a tenth of it."""


class MessageKind(StrEnum):
    """What sort of thing somebody sent."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    FILE = "file"
    STICKER = "sticker"
    EVENT = "event"
    UNKNOWN = "unknown"


class EventKind(StrEnum):
    """What happened beside words; `delivered` says how one of our own messages fared, `other` is acknowledged only."""

    FOLLOWED = "followed"
    UNFOLLOWED = "unfollowed"
    SCANNED = "scanned"
    MENU = "menu"
    DELIVERED = "delivered"
    OTHER = "other"


class Problem(StrEnum):
    """Why a request was refused; the word that the one log line carries."""

    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    BAD_SIGNATURE = "bad_signature"
    STALE = "stale"
    PLAINTEXT = "plaintext"
    WRONG_ACCOUNT = "wrong_account"
    REPLAYED = "replayed"


class SendProblem(StrEnum):
    """Why a message could not be sent, in our words; what the vendor said is kept beside it."""

    WINDOW_CLOSED = "window_closed"
    QUOTA_SPENT = "quota_spent"
    GONE = "gone"
    NO_ACCESS = "no_access"
    LATER = "later"
    REFUSED = "refused"
    TOO_LARGE = "too_large"


REFUSED_AS_FORBIDDEN = frozenset(
    {Problem.BAD_SIGNATURE, Problem.STALE, Problem.PLAINTEXT, Problem.WRONG_ACCOUNT, Problem.REPLAYED}
)


class ChannelError(HotlineError):
    """A request that is not taken; nothing of it was stored and nothing of it is told."""

    def __init__(self, channel: Channel, problem: Problem) -> None:
        super().__init__(channel.value, problem.value)
        self.channel = channel
        self.problem = problem

    @property
    def status_code(self) -> int:
        """413 for a body over the limit, 403 for one that is not the vendor's, 400 for one nobody can read."""
        if self.problem is Problem.TOO_LARGE:
            return 413
        return 403 if self.problem in REFUSED_AS_FORBIDDEN else 400


class SendError(HotlineError):
    """The vendor did not take a message; `code` is the vendor's own number, for the record."""

    def __init__(self, channel: Channel, problem: SendProblem, code: str) -> None:
        super().__init__(channel.value, problem.value, code)
        self.channel = channel
        self.problem = problem
        self.code = code


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came over HTTP; header names in lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """A request that is the vendor's: its plain body, and what is needed to answer under the same key.

    `echo` is set where the vendor only asks whether we are there. `nonce` guards against a second use.
    """

    body: bytes
    echo: str | None = None
    nonce: str | None = None
    key_index: int | None = None


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A picture, sound or film that still lies with the vendor."""

    kind: MessageKind
    vendor_id: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the vendor says later of a message that it took: `ref` is the vendor's number of it."""

    ref: str
    is_shown: bool
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event in our own words.

    `message_id` is unique within (channel, account, sender): for events it is made of time, event and key. `choice` is
    the id of a tapped button. `scene` is the code of an institution whose QR picture was scanned. `sent_at` is the
    vendor's time and the same on every retry; `received_at` is ours. `nonce` and `body` tell a retry from a replay.

    `ref` is what the vendor calls the message itself, where one may be changed afterwards; `is_edit` says that this is
    a new version of it. `album` is the same for pictures that were sent as one. `too_large` says that a file came with
    it that the vendor doesn't hand out. `is_heard` marks words that a machine wrote down from a recording.
    """

    channel: Channel
    account: str
    sender: str
    message_id: str
    kind: MessageKind
    received_at: datetime
    text: str = ""
    choice: str | None = None
    media: tuple[MediaRef, ...] = ()
    files: tuple[Prepared, ...] = field(default=(), repr=False)
    event: EventKind | None = None
    scene: str | None = None
    sent_at: datetime | None = None
    nonce: str | None = None
    body: bytes = field(default=b"", repr=False)
    ref: str = ""
    is_edit: bool = False
    album: str | None = None
    too_large: bool = False
    is_heard: bool = False
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        """Whatever a vendor passes on can be stored."""
        for name in ("text", "choice", "scene", "ref", "album"):
            said = getattr(self, name)
            if said:
                object.__setattr__(self, name, make_storable(said))


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """Words for one vendor id; they never name the matter."""

    channel: Channel
    recipient: str
    text: str = field(repr=False)


class ChannelAdapter(Protocol):
    """The verbs of a channel. `verify` and `parse` raise ChannelError, `send` raises SendError."""

    @property
    def channel(self) -> Channel:
        """Which channel this is."""

    def verify(self, request: Request, *, now: datetime) -> Verified:
        """Make sure that the vendor sent it, recently and to this account; open it if it is encrypted."""

    def parse(self, verified: Verified, *, now: datetime) -> Inbound | None:
        """One message, or None where there is nothing to answer."""

    def render_reply(self, verified: Verified, inbound: Inbound, text: str, *, now: datetime) -> bytes:
        """The body of the answer in the vendor's form, under the key that opened the request."""

    def send(self, message: OutboundMessage) -> None:
        """Write to somebody later; only from a job, never inside a request."""

    def notify(self, recipient: str, *, now: datetime) -> str | None:
        """Say that there is news by the form that the vendor keeps for whoever has long been silent; the vendor's
        number of it. None where there is no such form or the office has set none.
        """
