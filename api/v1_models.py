"""What the integration API takes and gives, checked at the edge; field names are final.

A sealed case answers like any other, but for the one word of its state.
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from casework.types import AcknowledgementDecision, Channel, DisposalClass, ReferralStatus

Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Story = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]


class Strict(BaseModel):
    """Unknown fields are an error: a misspelt one must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class ContactIn(Strict):
    """Who reports; leave it out for an anonymous report. Sealed on arrival, never given out by this API."""

    name: Short = ""
    phone: Short = ""
    address: Line = ""
    safe_time: Line = ""
    relation: Short = ""
    wish: Line = ""


class ReportIn(Strict):
    """A report from another hotline or system. `text` is what the person said, word for word."""

    text: Story
    channel: Channel = Channel.TRANSFERRED
    received_at: AwareDatetime | None = None
    anonymous: bool | None = None
    contact: ContactIn | None = None
    institution: Line = ""
    place: Line = ""
    when: Line = ""


class ReportOut(BaseModel):
    """What the sender keeps: `reference` for asking about it, `receipt` to be told to the person who reported."""

    reference: str
    receipt: str
    received_on: date


class ReceiptIn(Strict):
    """A person's receipt code; it goes in the body so that no gateway's log keeps it."""

    receipt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=64)]


class StatusOut(BaseModel):
    """Where a report stands, in the words the reporter is told."""

    status: str
    message: str
    answer_due_on: date | None = None
    reply: str = ""


class ReferralOut(BaseModel):
    """A referral that was issued to the caller's body; `pictures` are the ids of those that the office lets it see."""

    id: str
    number: str
    status: ReferralStatus
    issued_at: datetime
    decision: AcknowledgementDecision | None = None
    acknowledged_at: datetime | None = None
    result_at: datetime | None = None
    pictures: list[str] = []


class ReferralsOut(BaseModel):
    """The caller's referrals, newest first."""

    referrals: list[ReferralOut]


class AcknowledgementIn(Strict):
    """The 回执: `reason` is needed for `passed_on` (to whom) and `sent_back` (why)."""

    decision: AcknowledgementDecision
    receiver: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    reference: Short = ""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class AcknowledgementOut(BaseModel):
    """`recorded` is false where an answer had come before: the first one stands."""

    recorded: bool
    referral: ReferralOut


class ResultIn(Strict):
    """What came of it: words from most bodies, from a discipline organ the class of disposal alone."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""
    disposal: DisposalClass | None = None


class ProblemOut(BaseModel):
    """One field that is wrong."""

    field: str
    problem: str
    message: str


class ErrorOut(BaseModel):
    """Every error: a code for the program, a sentence in Chinese for its operator."""

    code: str
    message: str
    problems: list[ProblemOut] = []
