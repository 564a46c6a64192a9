"""How one code opens two cases: the second one's id and key, sealed to the reporter's key in a box all receipts have.

A report may be told in two parts, one sealed and one open. Nothing in plain joins them; every receipt carries as many
boxes of one size, and only its owner's code tells whether there is something in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.models.cases import Case
from casework.vault import public_half, seal_record, unseal_record
from intake.models import Receipt

SLOTS = 4
PAD_TO = 192
MOST_CASES = 8
FIRST = 0
"""The slot of what is parted at filing; the others are for what officers part by hand."""


@dataclass(frozen=True, slots=True)
class Link:
    """A further case that the same code opens, and the private half that its words are sealed to."""

    case_id: str
    key: bytes = field(repr=False)


def make_links(public_key: bytes, link: Link | None = None) -> bytes:
    """The boxes of a new receipt, the first with `link` in it, the others with nothing."""
    return b"".join(_fill(public_key, slot, link if slot == FIRST else None) for slot in range(SLOTS))


def put_link(session: Session, case_id: str, slot: int, link: Link) -> int:
    """Put a link into a slot of every receipt of a case; how many there were. Nobody's key is needed for it."""
    changed = 0
    for row in session.scalars(select(Receipt).where(Receipt.case_id == case_id, Receipt.public_key.is_not(None))):
        if row.public_key is None:
            continue
        boxes = _cut(row.links) or _cut(make_links(row.public_key))
        boxes[slot % SLOTS] = _fill(row.public_key, slot % SLOTS, link)
        row.links, changed = b"".join(boxes), changed + 1
    session.flush()
    return changed


def read_links(packed: bytes | None, private_key: bytes) -> tuple[Link, ...]:
    """What the boxes hold for the one who has the key. Raises BrokenSeal if one was changed."""
    opened = [unseal_record(private_key, _name(slot), box) for slot, box in enumerate(_cut(packed))]
    return tuple(Link(each["case_id"], bytes.fromhex(each["key"])) for each in opened if each)


def list_linked(session: Session, case_id: str, reporter_key: bytes, links: Sequence[Link]) -> list[Link]:
    """Every case that a code opens, its own first: what its links lead to and theirs, as far as the cases are there."""
    found, waiting = [Link(case_id, reporter_key)], [*links]
    while waiting and len(found) < MOST_CASES:
        link = waiting.pop(0)
        if link.case_id in {each.case_id for each in found} or not _is_there(session, link):
            continue
        found.append(link)
        query = select(Receipt.links).where(
            Receipt.case_id == link.case_id, Receipt.public_key == public_half(link.key)
        )
        waiting += read_links(session.scalar(query.limit(1)), link.key)
    return found


def list_open_first(session: Session, found: Sequence[Link]) -> list[Link]:
    """The cases of a code in the order in which they are told: what stands open before what is sealed."""
    query = select(Case.id).where(Case.id.in_([link.case_id for link in found]), Case.sealed)
    sealed = set(session.scalars(query))
    return sorted(found, key=lambda link: link.case_id in sealed)


def find_told_case(session: Session, case_id: str, reporter_key: bytes, links: Sequence[Link]) -> str:
    """The one of a code's cases that is told where only one can be: an open one, if there is any."""
    if not links:
        return case_id
    return list_open_first(session, list_linked(session, case_id, reporter_key, links))[0].case_id


def _is_there(session: Session, link: Link) -> bool:
    return session.scalar(select(Case.id).where(Case.id == link.case_id)) is not None


def _fill(public_key: bytes, slot: int, link: Link | None) -> bytes:
    said = {"case_id": link.case_id, "key": link.key.hex()} if link is not None else {}
    return seal_record(public_key, _name(slot), said, pad_to=PAD_TO)


def _name(slot: int) -> str:
    return f"link/{slot}"


def _cut(packed: bytes | None) -> list[bytes]:
    if not packed:
        return []
    size = len(packed) // SLOTS
    return [packed[at * size : (at + 1) * size] for at in range(SLOTS)]
