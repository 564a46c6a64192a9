"""The closed sets of casework and the table of legal moves.

What code branches on stands here; what an office edits (bodies, limits, holidays, wording) is data.
"""

from collections.abc import Mapping
from enum import StrEnum


class CaseStatus(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    DISPATCHED = "dispatched"
    WORKING = "working"
    WAITING = "waiting"
    RETURNED = "returned"
    REFERRED = "referred"
    REPLIED = "replied"
    CALLBACK = "callback"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.RECEIVED: frozenset(
        {
            CaseStatus.DISPATCHED,
            CaseStatus.WAITING,
            CaseStatus.REFERRED,
            CaseStatus.REPLIED,
            CaseStatus.CLOSED,
            CaseStatus.WITHDRAWN,
        }
    ),
    CaseStatus.DISPATCHED: frozenset(
        {CaseStatus.WORKING, CaseStatus.RETURNED, CaseStatus.REFERRED, CaseStatus.WITHDRAWN}
    ),
    CaseStatus.RETURNED: frozenset(
        {CaseStatus.DISPATCHED, CaseStatus.REFERRED, CaseStatus.CLOSED, CaseStatus.WITHDRAWN}
    ),
    CaseStatus.WORKING: frozenset(
        {
            CaseStatus.WAITING,
            CaseStatus.RETURNED,
            CaseStatus.REFERRED,
            CaseStatus.REPLIED,
            CaseStatus.WITHDRAWN,
        }
    ),
    CaseStatus.WAITING: frozenset({CaseStatus.RECEIVED, CaseStatus.WORKING, CaseStatus.CLOSED, CaseStatus.WITHDRAWN}),
    CaseStatus.REFERRED: frozenset({CaseStatus.WORKING, CaseStatus.REPLIED, CaseStatus.CLOSED, CaseStatus.WITHDRAWN}),
    CaseStatus.REPLIED: frozenset({CaseStatus.CALLBACK, CaseStatus.CLOSED, CaseStatus.WORKING, CaseStatus.REFERRED}),
    CaseStatus.CALLBACK: frozenset({CaseStatus.CLOSED, CaseStatus.WORKING}),
    CaseStatus.CLOSED: frozenset({CaseStatus.WORKING}),
    CaseStatus.WITHDRAWN: frozenset(),
}


class CaseKind(StrEnum):
    """An ordinary case, or the emergency slip that a sealed case shows the world when life is in danger."""

    ORDINARY = "ordinary"
    SLIP = "slip"


class Channel(StrEnum):
    """The way a report came."""

    WECHAT = "wechat"
    WEB = "web"
    TELEGRAM = "telegram"
    PHONE = "phone"
    LETTER = "letter"
    VISIT = "visit"
    MEDIA = "media"
    TRANSFERRED = "transferred"


class Role(StrEnum):
    """What an officer may do; who may see what is `facts` of visibility, not of rank."""

    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    OPERATOR = "operator"
    INSPECTOR = "inspector"
    TOWNSHIP = "township"
    LEADER = "leader"
    CLUE_OFFICER = "clue_officer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    LOG_AUDITOR = "log_auditor"
    RECEIVER = "receiver"


class SignInEnd(StrEnum):
    """Why a sign-in ended that its owner did not end himself."""

    REMOVED = "removed"
    CHANGED = "changed"
    ELSEWHERE = "elsewhere"
    RENEWED = "renewed"


class BodyKind(StrEnum):
    """Which organ a body is; the codes are those triage proposes."""

    CIVIL_AFFAIRS = "civil_affairs"
    ASSISTANCE = "assistance"
    DISCIPLINE = "discipline"
    FIRE = "fire"
    POLICE = "police"
    FINANCE_RISK = "finance_risk"
    MARKET = "market"
    HEALTH = "health"
    MEDICAL_FUND = "medical_fund"
    TREASURY = "treasury"
    AUDIT = "audit"
    HOUSING = "housing"
    PETITION = "petition"
    TOWNSHIP = "township"
    PROCUREMENT_OFFICE = "procurement_office"


class DeliveryMethod(StrEnum):
    """How a notice leaves the house; discipline matters never by mail or webhook."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    SEALED_PRINT = "sealed_print"
    PACKAGE = "package"
    PICKUP = "pickup"


class ReferralStatus(StrEnum):
    """Where a referral stands, from draft to answer."""

    DRAFTED = "drafted"
    ISSUED = "issued"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


REFERRAL_TRANSITIONS: Mapping[ReferralStatus, frozenset[ReferralStatus]] = {
    ReferralStatus.DRAFTED: frozenset({ReferralStatus.ISSUED, ReferralStatus.CANCELLED}),
    ReferralStatus.ISSUED: frozenset(
        {
            ReferralStatus.DELIVERED,
            ReferralStatus.ACKNOWLEDGED,
            ReferralStatus.RETURNED,
            ReferralStatus.CANCELLED,
        }
    ),
    ReferralStatus.DELIVERED: frozenset(
        {ReferralStatus.ACKNOWLEDGED, ReferralStatus.RETURNED, ReferralStatus.CANCELLED}
    ),
    ReferralStatus.ACKNOWLEDGED: frozenset({ReferralStatus.ANSWERED, ReferralStatus.RETURNED}),
    ReferralStatus.RETURNED: frozenset(),
    ReferralStatus.ANSWERED: frozenset(),
    ReferralStatus.CANCELLED: frozenset(),
}


class DeliveryStatus(StrEnum):
    """One attempt's fate; `unsure` means that it may have arrived, and a person decides."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNSURE = "unsure"
    CANCELLED = "cancelled"


class AcknowledgementDecision(StrEnum):
    """What the receiving body says: taken, passed to the competent organ, or sent back."""

    TAKEN = "taken"
    PASSED_ON = "passed_on"
    SENT_BACK = "sent_back"


class DisposalClass(StrEnum):
    """The class of disposal a discipline organ may choose to tell (监督执纪工作规则); nothing else is kept."""

    TALK = "talk"
    PRELIMINARY_CHECK = "preliminary_check"
    SHELVED = "shelved"
    CLOSED = "closed"
    CASE_FILED = "case_filed"


class Finding(StrEnum):
    """Whether what was reported is true; kept apart from the outcome."""

    TRUE = "true"
    PARTLY_TRUE = "partly_true"
    UNTRUE = "untrue"
    UNVERIFIABLE = "unverifiable"


class DeadlineUnit(StrEnum):
    """What a limit is counted in."""

    WORKING_DAY = "working_day"
    DAY = "day"
    HOUR = "hour"
    MONTH = "month"


class ExclusionReason(StrEnum):
    """Why someone is kept out of a case."""

    NAMED = "named"
    UNIT_NAMED = "unit_named"
    UNIT_MENTIONED = "unit_mentioned"
    POST_NAMED = "post_named"
    OPERATES_INSTITUTION = "operates_institution"
    DECLARED_TIE = "declared_tie"
    OWN_PLACE = "own_place"
    SUBORDINATE = "subordinate"
    BY_HAND = "by_hand"


class ConsentKind(StrEnum):
    """To what a third person is asked to agree over a sealed case."""

    KEEPING_OUT = "keeping_out"
    LETTING_IN = "letting_in"
    HANDING_ON = "handing_on"


class ReceiverLevel(StrEnum):
    """To what kind of organ one alone asks to hand on, as far as the third person is told."""

    DISCIPLINE = "discipline"
    DISCIPLINE_ABOVE = "discipline_above"
    POLICE = "police"
    ABOVE = "above"


class RecusalReason(StrEnum):
    """Why a colleague should stand aside (公务员法 art. 76), as far as it is written down."""

    OWN_INTEREST = "own_interest"
    RELATIVE = "relative"
    OTHER = "other"


class ActorKind(StrEnum):
    """Who did what the ledger tells."""

    OFFICER = "officer"
    REPORTER = "reporter"
    BODY = "body"
    SYSTEM = "system"


class MessageDirection(StrEnum):
    """Which way a word of the two-way talk goes."""

    TO_REPORTER = "to_reporter"
    FROM_REPORTER = "from_reporter"


class SealedKind(StrEnum):
    """What a sealed item holds."""

    RECORD = "record"
    NOTE = "note"
    REFERRAL = "referral"
    MESSAGE = "message"
    ADDITION = "addition"


class Danger(StrEnum):
    """The kind of danger an emergency slip may tell."""

    FIRE = "fire"
    VIOLENCE = "violence"
    MEDICAL = "medical"
    MISSING = "missing"
    OTHER = "other"


class AttachmentKind(StrEnum):
    """What a kept file is, by its content."""

    PICTURE = "picture"
    RECORDING = "recording"
    FILM = "film"
    PAPER = "paper"


class AttachmentProblem(StrEnum):
    """Why of a file that somebody sent only this stub was kept."""

    GONE = "gone"
    TOO_LARGE = "too_large"
    NOT_TAKEN = "not_taken"
    UNREACHED = "unreached"
