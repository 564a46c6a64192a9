"""The evidence package (材料包): the papers of a referral with evidence, locked to the receiving body's age key.

Made in the officer's request, piece by piece, and handed over by people. Nothing of the reporter is in it but what he
agreed to, and that in a locked file of its own; whoever changes a byte of it is found out by the manifest.
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import keep_note
from casework.clock import local_date
from casework.errors import IllegalMove, InvalidField, NotFound
from casework.ledger import VERB_LABELS, Verb, by_officer, record
from casework.models.annexes import Annex
from casework.models.cases import Case
from casework.models.ledger import LedgerBlock, LedgerEntry, LedgerLink
from casework.models.people import Body, Officer
from casework.models.referrals import Delivery, NoticeFile, Referral
from casework.notices import NoticeFields, fields_to_json
from casework.packing import Enclosure, Item, PulledTar, lock_stream, to_json
from casework.receiverkeys import require_age_key
from casework.referral_desk import ReferralDesk
from casework.referral_ledger import record_on_referral
from casework.referral_rules import require_drafter
from casework.referrals import make_files, preview_referral, read_referral
from casework.sealing import SealedContent
from casework.types import ActorKind, AttachmentKind, DeliveryMethod, ReferralStatus

FORMAT = "hotline-package/2"
FACTS = "facts.json"
GONE = frozenset({ReferralStatus.DRAFTED, ReferralStatus.CANCELLED, ReferralStatus.RETURNED})
NOT_TOLD = frozenset({Verb.EXCLUDED.value, Verb.CLEARED.value})
"""That somebody was kept out is nobody's business outside the house."""
LEFT_OUT = frozenset({"contact"})
ATTACHMENT = "attachment"
VOICED = frozenset({AttachmentKind.RECORDING, AttachmentKind.FILM})
"""A voice tells who speaks: these go only where the receiver asks for them in writing (rules 5.3)."""
LONGEST_REQUEST = 60
IN_MEMORY = 1 << 20
"""Beyond so many bytes a package waits in a nameless file; it is locked before it gets there."""
ANNEX_TITLE = "举报人信息（另封，要单独打开）"


class Shape(StrEnum):
    """As what a piece of evidence goes: as it was sent, byte for byte, or as the copy without its metadata."""

    ORIGINAL = "original"
    COPY = "copy"


SHAPES: Mapping[Shape, str] = {Shape.ORIGINAL: "原件", Shape.COPY: "去标识的副本"}
KINDS: Mapping[AttachmentKind, str] = {
    AttachmentKind.PICTURE: "照片",
    AttachmentKind.RECORDING: "录音",
    AttachmentKind.FILM: "录像",
    AttachmentKind.PAPER: "文件",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One file that the officer chose; `load` opens it when its turn comes, `ending` is what its kind is called.

    `commitment` and `salt` prove an original to the receiver: the ledger has SHA-256 of salt and content since the
    day it came.
    """

    attachment_id: str
    kind: AttachmentKind
    shape: Shape
    ending: str
    load: Callable[[], bytes] = field(repr=False)
    proof: Callable[[], Mapping[str, str]] = field(repr=False, default=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes along, and the receiver's written request (文号) on which recordings do."""

    evidence: tuple[Evidence, ...] = ()
    request: str = ""


NOTHING_CHOSEN = Chosen()


@dataclass(frozen=True, slots=True)
class Package:
    """A package on its way out: the locked file, to be read and closed, and the fingerprint that both sides compare."""

    name: str
    file: IO[bytes] = field(repr=False)
    fingerprint: str


def make_package(
    session: Session,
    referral: Referral,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    opened: SealedContent | None = None,
    chosen: Chosen = NOTHING_CHOSEN,
) -> Package:
    """The package of an issued referral that leaves by this way, for the officer to carry to the body.

    1. The right of a drafter, and the way chosen when it was signed out. 2. The papers as issued, the facts as fields,
    the evidence chosen, the sealed annex as the locked file it is, the chain of custody. 3. Manifest, tar, locked to
    the body's key while it is made. The ledger keeps the fingerprint, and of each piece that it was packed.
    Raises NotAllowed, IllegalMove for a draft or a cancelled one, NotFound where it leaves by another way,
    InvalidField(key) without a key whose fingerprint was heard, InvalidField(request, required) for a recording that
    nobody asked for.
    """
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    require_drafter(by, case, content.body)
    if referral.status in GONE or referral.number is None or referral.issued_at is None:
        raise IllegalMove(referral.status, ReferralStatus.DELIVERED)
    if not leaves_by_package(session, referral):
        raise NotFound("delivery", referral.id)
    key = require_age_key(session, content.body)
    papers = list_papers(session, referral, desk=desk, now=now, opened=opened)
    facts = Item(FACTS, "归整后的事实", to_json(_list_facts(content.fields)))
    told = record_packing(session, case, chosen, by=by, now=now)
    tar = PulledTar(
        [
            *map(enclose, (*papers, facts)),
            *list_enclosures(session, case.id, chosen),
            *list_annex_enclosures(session, referral),
        ],
        {**describe_package(referral, content.body, desk), **told, "format": FORMAT},
        list_custody(session, case.id, without=[each.attachment_id for each in chosen.evidence]),
    )
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    lock_stream(tar, key, file)
    file.seek(0)
    details = {"method": DeliveryMethod.PACKAGE.value, "items": tar.items, "manifest_sha256": tar.fingerprint}
    record_on_referral(session, referral, Verb.EXPORTED, by=by_officer(by), now=now, details=details)
    return Package(f"package-{referral.id[:8]}.tar.age", file, tar.fingerprint)


def describe_package(referral: Referral, body: Body, desk: ReferralDesk) -> dict[str, Any]:
    """The head of a manifest. `salt` is thrown anew each time, so that its fingerprint proves nothing to a guesser."""
    return {
        "office": desk.office.name,
        "addressee": body.name,
        "number": referral.number,
        "issued_on": local_date(referral.issued_at).isoformat() if referral.issued_at else None,
        "salt": os.urandom(16).hex(),
    }


def record_packing(session: Session, case: Case, chosen: Chosen, *, by: Officer, now: datetime) -> dict[str, str]:
    """Write down that each piece was packed; gives the line of the manifest on the written request, if there is one.

    The request's number is a note of the case, sealed in a sealed one. Raises InvalidField(request, required) for a
    recording without one.
    """
    request = chosen.request.strip()
    if len(request) > LONGEST_REQUEST:
        raise InvalidField("request", "too_long")
    voiced = any(each.kind in VOICED for each in chosen.evidence)
    if voiced and not request:
        raise InvalidField("request", "required")
    note = keep_note(session, case, f"按书面来函{request}提供录音录像", officer_id=by.id, now=now) if voiced else None
    for each in chosen.evidence:
        details = {"what": each.shape.value} | ({"note": note} if note and each.kind in VOICED else {})
        record(
            session,
            actor=by_officer(by),
            verb=Verb.PACKED,
            subject=ATTACHMENT,
            subject_id=each.attachment_id,
            case_id=case.id,
            details=details,
            now=now,
        )
    session.flush()
    return {"recordings_on_request": request} if voiced else {}


def enclose(item: Item) -> Enclosure:
    """A file that is there already."""
    return Enclosure(item.name, item.title, lambda: item.content)


def list_enclosures(session: Session, case_id: str, chosen: Chosen) -> list[Enclosure]:
    """The evidence with safe names, each with its own chain of custody: received, opened by whom, packed."""
    custody = list_custody(session, case_id, only=[each.attachment_id for each in chosen.evidence])
    return [
        _enclose_evidence(position, each, [line for line in custody if line["subject_id"] == each.attachment_id])
        for position, each in enumerate(chosen.evidence, 1)
    ]


def list_annex_enclosures(session: Session, referral: Referral) -> list[Enclosure]:
    """The reporter's identity as locked files inside the package: opening the package does not open them."""
    query = select(Annex.age_file).where(Annex.referral_id == referral.id, Annex.age_file.is_not(None))
    locked = session.scalars(query.order_by(Annex.made_at, Annex.id)).all()
    return [
        enclose(Item(f"annex-{position}.tar.age", ANNEX_TITLE, content))
        for position, content in enumerate(locked, 1)
        if content is not None
    ]


def leaves_by_package(session: Session, referral: Referral) -> bool:
    """Whether a package was chosen when the referral was signed out."""
    query = select(Delivery.id).where(Delivery.referral_id == referral.id, Delivery.method == DeliveryMethod.PACKAGE)
    return session.scalar(query) is not None


def list_papers(
    session: Session, referral: Referral, *, desk: ReferralDesk, now: datetime, opened: SealedContent | None = None
) -> list[Item]:
    """The papers as issued: of an open case the very files that were kept, of a sealed one set anew in memory."""
    papers = preview_referral(session, referral, desk=desk, now=now, opened=opened)
    kept = {
        (row.form, row.format): row.content
        for row in session.scalars(select(NoticeFile).where(NoticeFile.referral_id == referral.id))
    }
    if kept:
        titles = {paper.form.value: paper.title for paper in papers}
        order = list(titles)
        found = sorted(kept.items(), key=lambda each: (order.index(each[0][0]), each[0][1]))
        return [Item(f"{order.index(form) + 1}-{form}.{kind}", titles[form], made) for (form, kind), made in found]
    return [
        Item(f"{papers.index(paper) + 1}-{paper.form.value}.{kind.value}", paper.title, made)
        for paper, kind, made in make_files(papers, desk.typesetter)
    ]


def list_custody(
    session: Session, case_id: str, *, only: Collection[str] | None = None, without: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The chain of custody out of the ledger: entry, day, which hand, what was done, hash, block; no names.

    Officers are told apart by a number (`hand`), the same one all through a case. `only` these files, or all `without`
    them; then each line says of which file it is.
    """
    query = (
        select(LedgerEntry, LedgerBlock.id, LedgerBlock.hash)
        .outerjoin(LedgerLink, LedgerLink.entry_id == LedgerEntry.id)
        .outerjoin(LedgerBlock, LedgerBlock.id == LedgerLink.block_id)
        .where(LedgerEntry.case_id == case_id, LedgerEntry.verb.not_in(NOT_TOLD))
        .order_by(LedgerEntry.id)
    )
    rows = session.execute(query).all()
    hands = _number_hands([entry for entry, _block, _hash in rows])
    return [
        _tell_entry(entry, block, block_hash, hands) | ({} if only is None else {"subject_id": entry.subject_id})
        for entry, block, block_hash in rows
        if (entry.subject_id in only if only is not None else entry.subject_id not in without)
    ]


def _number_hands(entries: Sequence[LedgerEntry]) -> Mapping[str, int]:
    ids = dict.fromkeys(entry.actor_id for entry in entries if entry.actor is ActorKind.OFFICER and entry.actor_id)
    return {officer_id: position for position, officer_id in enumerate(ids, 1)}


def _tell_entry(
    entry: LedgerEntry, block: int | None, block_hash: bytes | None, hands: Mapping[str, int]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "entry": entry.id,
        "on": local_date(entry.at).isoformat(),
        "by": str(entry.actor),
        "verb": entry.verb,
        "what": VERB_LABELS[Verb(entry.verb)],
        "sha256": entry.content_hash.hex(),
        "block": block,
        "block_sha256": block_hash.hex() if block_hash else None,
    }
    hand = hands.get(entry.actor_id or "")
    return told | ({"hand": hand} if hand else {})


def _enclose_evidence(position: int, each: Evidence, custody: Sequence[Mapping[str, Any]]) -> Enclosure:
    title = f"{KINDS[each.kind]}（{SHAPES[each.shape]}）"
    lines = [{name: value for name, value in line.items() if name != "subject_id"} for line in custody]
    name = f"evidence-{position:02d}-{each.kind.value}-{each.shape.value}.{each.ending}"
    return Enclosure(name, title, each.load, {"shape": each.shape.value, "custody": lines, **each.proof()})


def _list_facts(fields: NoticeFields) -> dict[str, Any]:
    return {name: value for name, value in fields_to_json(fields).items() if name not in LEFT_OUT}
