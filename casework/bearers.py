"""Who of the staff may be meant by a surname, a title or a role, and by which words he was called. Pure.

`callings` and `hints` find the words; here stands what they share: whom such words may mean in a house of this size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casework.callingwords import CallingWords
from casework.folding import Folded, fold_name
from casework.nameindex import KnownName
from casework.roster import Roster, RosterOfficer
from casework.types import BodyKind, ExclusionReason

SMALL_HOUSE = 30
FEW_BEARERS = 3
LONGEST_UNIT = 14


@dataclass(frozen=True, slots=True)
class Called:
    """One who is meant, by which words and in what way; `wide` where the words mean whoever bears a role or post."""

    officer: RosterOfficer
    phrase: str
    reason: ExclusionReason
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """A text with what is known of it: the town it speaks of, and whether it is a discipline matter."""

    folded: Folded
    roster: Roster
    town_code: str | None
    discipline: bool


def is_meant(
    officer: RosterOfficer, sentence: str, holders: list[RosterOfficer], told: Telling, words: CallingWords
) -> bool:
    """Whether a surname alone means this bearer of it: the sentence speaks of his own place, or of an office in a house
    where few bear it.
    """
    roster = told.roster
    own = [roster.bodies[code] for code in roster.bodies_above(officer.body_code)]
    narrow = [body for body in own if body.part_of_code is not None or not body.internal]
    if any(label in sentence for body in narrow for label in body.labels):
        return True
    if own and roster.is_desk(own[0].code) and words.desk.search(sentence):
        return True
    return bool(words.office.search(sentence)) and is_of_the_house(officer, told) and are_few(holders, told)


def is_of_the_house(officer: RosterOfficer, told: Telling) -> bool:
    """Whether he serves in the house itself, or in the office of the town that is spoken of."""
    body = told.roster.bodies.get(officer.body_code)
    if body is None:
        return False
    return body.internal or (body.kind is BodyKind.TOWNSHIP and body.town_code == told.town_code is not None)


def are_few(holders: list[RosterOfficer], told: Telling) -> bool:
    """Whether so few bear a surname here that it means each of them."""
    return len(told.roster.officers) <= SMALL_HOUSE or len(holders) <= FEW_BEARERS


def is_of_another_house(officer: RosterOfficer, before: str, roster: Roster) -> bool:
    """Whether right before him stands a unit that he is not of: 市场监管局周局长."""
    own = set(roster.bodies_above(officer.body_code))
    named = [body for body in roster.bodies.values() if any(before.endswith(label) for label in body.labels)]
    return bool(named) and not any(body.code in own for body in named)


def call_named(each: KnownName, phrase: str, told: Telling) -> Called:
    """Whoever bears a name, or whose declared tie does."""
    reason = ExclusionReason.DECLARED_TIE if each.is_tie else ExclusionReason.NAMED
    return Called(told.roster.officers[each.holder], phrase, reason)


def call_bearers(bearers: Sequence[RosterOfficer], phrase: str, told: Telling) -> Iterator[Called]:
    """Each of them, or the one of them whom the text names."""
    named = [officer for officer in bearers if fold_name(officer.name) in told.folded.text]
    for officer in named or bearers:
        yield Called(officer, phrase, ExclusionReason.POST_NAMED, wide=not named)
