"""Everything that may give a reporter away, in one pass, so that intake can mask it before anyone reads the text.

Numbers come from `numbers`, the writer's own name from `owners`, his door from `doors`; overlapping finds become one.
"""

from triage.entities.doors import find_own_doors
from triage.entities.numbers import find_numbers
from triage.entities.owners import find_own_names
from triage.entities.plain import PlainText, read_plain
from triage.types import Identifier, IdentifierKind

_RANK = {kind: rank for rank, kind in enumerate(IdentifierKind)}
Found = tuple[int, int, IdentifierKind]


def find_identifiers(text: str) -> tuple[Identifier, ...]:
    """The identifiers of a raw text in order, without overlaps, in code points of that text; never fails."""
    return find_identifiers_in(read_plain(text))


def find_identifiers_in(plain: PlainText) -> tuple[Identifier, ...]:
    """The same over a view that the caller already has."""
    text = plain.text
    found = [*find_numbers(text), *find_own_names(text), *find_own_doors(text)]
    return tuple(_identifier(plain, one) for one in _without_overlaps(found))


def _without_overlaps(found: list[Found]) -> list[Found]:
    """Join overlapping finds; the kind of the first in the enum's order stands for all."""
    kept: list[Found] = []
    for start, end, kind in sorted(found, key=lambda one: (one[0], -one[1])):
        if kept and start < kept[-1][1]:
            first, last, other = kept[-1]
            kept[-1] = (first, max(last, end), min(kind, other, key=_RANK.__getitem__))
        else:
            kept.append((start, end, kind))
    return kept


def _identifier(plain: PlainText, found: Found) -> Identifier:
    span = plain.span(found[0], found[1])
    return Identifier(span.text, span.start, span.end, found[2])
