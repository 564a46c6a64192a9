"""Entities of one report: who is complained of, where, when, whom, how much, and what must be masked.

The text is read once into a plain view; each finder works on the view and answers in code points of the original.
"""

from dataclasses import dataclass
from datetime import date

from triage.entities.amounts import find_amounts
from triage.entities.directory import index_directory
from triage.entities.identifiers import find_identifiers_in
from triage.entities.institutions import find_institution
from triage.entities.persons import find_persons
from triage.entities.places import find_place
from triage.entities.plain import PlainText, read_plain
from triage.entities.times import find_time
from triage.types import Directory, Identifier, InstitutionMention, PersonMention, PlaceMention, Span, TimeMention


@dataclass(frozen=True, slots=True)
class Entities:
    """What a text names; spans are code points of the original text."""

    institution: InstitutionMention | None = None
    place: PlaceMention | None = None
    when: TimeMention | None = None
    persons: tuple[PersonMention, ...] = ()
    amounts: tuple[Span, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


def extract_entities(text: str, *, directory: Directory, received: date | None) -> Entities:
    """Read every entity of `text`; never fails, in time linear in its length.

    `directory` may be empty. Dates of `when` are given only with the day of receipt.
    """
    return extract_from(read_plain(text), directory=directory, received=received)


def extract_from(plain: PlainText, *, directory: Directory, received: date | None) -> Entities:
    """The same over a view that the caller already has."""
    index = index_directory(directory)
    place = find_place(plain, index)
    return Entities(
        institution=find_institution(plain, index, place),
        place=place,
        when=find_time(plain, received),
        persons=find_persons(plain),
        amounts=find_amounts(plain),
        identifiers=find_identifiers_in(plain),
    )
