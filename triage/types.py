"""The values that triage takes and gives.

They are frozen, so that an Assessment can be stored, compared and shown without anyone changing its reasons.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Urgency(StrEnum):
    """How soon someone must act; `critical` means a life is in danger now."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"


class InstitutionKind(StrEnum):
    """What sort of unit is complained of."""

    HOME = "home"
    OFFICE = "office"
    COMPANY = "company"
    PLACE = "place"


class OperatorKind(StrEnum):
    """Who runs a home; the head of a public one counts as a public official (监察法 art. 15)."""

    PUBLIC = "public"
    PRIVATE = "private"
    ENTRUSTED = "entrusted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the original text; `start` and `end` count code points, `end` is exclusive."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that moved a verdict and, in one Chinese phrase, why they did.

    `phrase` is the original text from `start` to `end`. `excluded` marks words that were looked at and ruled out
    (没打人), which an officer is shown as well.
    """

    phrase: str
    start: int
    end: int
    why: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """One category with a score from 0 to 1 and the words that made it."""

    code: str
    score: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """The two keys that decide sealing: a particular official (`who`) and a breach (`what`)."""

    who: bool
    what: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class InstitutionMention:
    """The home or unit complained of, as written; `code` is None where the directory does not know it."""

    text: str
    start: int
    end: int
    name: str | None
    code: str | None
    kind: InstitutionKind


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """The most exact place told, as written; `code` is the town's where the directory knows it."""

    text: str
    start: int
    end: int
    code: str | None


@dataclass(frozen=True, slots=True)
class TimeMention:
    """When it happened, as written; the dates are inclusive and given only where the day of receipt is known."""

    text: str
    start: int
    end: int
    from_: date | None
    to: date | None


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A person complained of or named: the words, and what they hold of surname, name, post and unit."""

    text: str
    start: int
    end: int
    name: str | None
    post: str | None
    unit: str | None


class IdentifierKind(StrEnum):
    """What may give a reporter away and is therefore masked in the working text."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    REPORTER_NAME = "reporter_name"
    DOOR_NUMBER = "door_number"
    CONTACT_ACCOUNT = "contact_account"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A phone, ID or card number, or the writer's own name or door, as written."""

    text: str
    start: int
    end: int
    kind: IdentifierKind


@dataclass(frozen=True, slots=True)
class Assessment:
    """What triage says of a text; every verdict carries its evidence.

    `categories` are best first; `out_of_scope` or `inquiry` stands alone. `urgency_evidence` says why the urgency is
    above the categories' own. `explanation` is one Chinese sentence an officer can read to a superior.
    """

    categories: tuple[CategoryScore, ...]
    urgency: Urgency
    discipline: bool
    keys: Keys
    body: str
    co_bodies: tuple[str, ...]
    explanation: str
    institution: InstitutionMention | None = None
    place: PlaceMention | None = None
    when: TimeMention | None = None
    persons: tuple[PersonMention, ...] = ()
    amounts: tuple[Span, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    urgency_evidence: tuple[Evidence, ...] = ()
    discipline_evidence: tuple[Evidence, ...] = ()
    excluded: tuple[Evidence, ...] = ()
    lexicon_version: str = ""

    @property
    def category(self) -> str:
        """The primary category's code."""
        return self.categories[0].code

    @property
    def phones(self) -> tuple[Identifier, ...]:
        """The telephone numbers, in order of the text."""
        return tuple(i for i in self.identifiers if i.kind is IdentifierKind.PHONE)


@dataclass(frozen=True, slots=True)
class DirectoryInstitution:
    """A home of the office's directory, as triage needs it to recognise its name."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    town: str | None = None
    operator: OperatorKind = OperatorKind.UNKNOWN


@dataclass(frozen=True, slots=True)
class DirectoryTown:
    """A town or street of the office, with its villages."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directory:
    """The homes and towns that this office knows; empty for an office that has none yet."""

    institutions: tuple[DirectoryInstitution, ...] = ()
    towns: tuple[DirectoryTown, ...] = field(default=())
