"""The tables of casework, in one place to import them from.

Importing this module makes them known to `Base.metadata`; nothing is created.
"""

from casework.models.accounts import EndedSignIn
from casework.models.agreedwords import AgreedWord
from casework.models.annexes import Annex, AnnexKey
from casework.models.attachments import Attachment
from casework.models.cases import (
    Assignment,
    Case,
    CaseAssessment,
    Counter,
    Deadline,
    Disposition,
    DuplicateHint,
    Extension,
    Message,
    Note,
    Return,
    Tally,
)
from casework.models.consents import KeepingOutRequest
from casework.models.duplicates import DuplicatePrint, DuplicateToken
from casework.models.holds import LegalHold
from casework.models.ledger import LedgerBlock, LedgerEntry, LedgerLink
from casework.models.lexicon import LabelledExample, LexiconMove, LexiconProposal, LexiconState, LexiconVersion
from casework.models.memberships import Membership, Screening
from casework.models.paging import PageCall
from casework.models.papers import CasePaper, CasePaperFile
from casework.models.people import (
    ApiKey,
    Body,
    Institution,
    Officer,
    OfficerSession,
    OfficerTie,
    SecurityEvent,
    SignInThrottle,
    Town,
)
from casework.models.pickups import Pickup, PickupKey
from casework.models.referrals import Acknowledgement, Delivery, NoticeFile, Referral
from casework.models.secrecy import (
    Allowance,
    CaseKey,
    EmergencySlip,
    Exclusion,
    RecoveryKey,
    Ring,
    RingMember,
    SealedItem,
)
from casework.models.server_keys import ServerKey
from casework.models.shownpictures import ShownPicture
from casework.models.talk import SigningKey, TalkBond

__all__ = [
    "Acknowledgement",
    "AgreedWord",
    "Allowance",
    "Annex",
    "AnnexKey",
    "ApiKey",
    "Assignment",
    "Attachment",
    "Body",
    "Case",
    "CaseAssessment",
    "CaseKey",
    "CasePaper",
    "CasePaperFile",
    "Counter",
    "Deadline",
    "Delivery",
    "Disposition",
    "DuplicateHint",
    "DuplicatePrint",
    "DuplicateToken",
    "EmergencySlip",
    "EndedSignIn",
    "Exclusion",
    "Extension",
    "Institution",
    "KeepingOutRequest",
    "LabelledExample",
    "LedgerBlock",
    "LedgerEntry",
    "LedgerLink",
    "LegalHold",
    "LexiconMove",
    "LexiconProposal",
    "LexiconState",
    "LexiconVersion",
    "Membership",
    "Message",
    "Note",
    "NoticeFile",
    "Officer",
    "OfficerSession",
    "OfficerTie",
    "PageCall",
    "Pickup",
    "PickupKey",
    "RecoveryKey",
    "Referral",
    "Return",
    "Ring",
    "RingMember",
    "Screening",
    "SealedItem",
    "SecurityEvent",
    "ServerKey",
    "ShownPicture",
    "SignInThrottle",
    "SigningKey",
    "TalkBond",
    "Tally",
    "Town",
]
