"""The evidence package (材料包): the papers of a referral with a manifest, locked to the receiving body's own age key.

Made in the officer's request, in memory, and handed over by people; nothing of the reporter is in it, and whoever
changes a byte of it is found out by the manifest.
"""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pyrage import EncryptError, RecipientError, encrypt, x25519
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.clock import local_date
from casework.errors import HotlineError, IllegalMove, InvalidField, NotFound
from casework.ledger import VERB_LABELS, Actor, Verb, by_officer, record
from casework.models.cases import Case
from casework.models.ledger import LedgerBlock, LedgerEntry, LedgerLink
from casework.models.people import Body, Officer
from casework.models.referrals import Delivery, NoticeFile, Referral
from casework.notices import NoticeFields, fields_to_json
from casework.referral_desk import ReferralDesk
from casework.referral_ledger import record_on_referral
from casework.referral_rules import require_drafter
from casework.referrals import make_files, preview_referral, read_referral
from casework.sealing import SealedContent
from casework.types import DeliveryMethod, ReferralStatus

FORMAT = "hotline-package/1"
MANIFEST, SUMS, FACTS = "manifest.json", "SHA256SUMS", "facts.json"
AGE_KEY = re.compile(r"age1[02-9ac-hj-np-z]{58}")
GONE = frozenset({ReferralStatus.DRAFTED, ReferralStatus.CANCELLED, ReferralStatus.RETURNED})
NOT_TOLD = frozenset({Verb.EXCLUDED.value, Verb.CLEARED.value})
"""That somebody was kept out is nobody's business outside the house."""
LEFT_OUT = frozenset({"contact"})


class BrokenPackage(HotlineError):
    """A package was changed: `item` is the first thing in it that is missing, new, or not what the manifest says."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a package; `title` is what a person calls it."""

    name: str
    title: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Its fingerprint, as `sha256sum` writes it."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Package:
    """A package on its way out: the file for the body, and the fingerprint that both sides may compare by word."""

    name: str
    content: bytes
    fingerprint: str


def set_body_key(session: Session, body: Body, key: str, *, by: Actor, now: datetime) -> None:
    """Keep the public key that a body gave us; packages are locked to it. Raises InvalidField(key, not_an_age_key)."""
    key = key.strip()
    _read_key(key)
    body.age_public_key = key
    details = {"field": "age_public_key", "sha256": hashlib.sha256(key.encode()).hexdigest()}
    record(session, actor=by, verb=Verb.BODY_CHANGED, subject="body", subject_id=body.code, details=details, now=now)
    session.flush()


def make_package(
    session: Session,
    referral: Referral,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    opened: SealedContent | None = None,
) -> Package:
    """The package of an issued referral that leaves by this way, for the officer to carry to the body.

    1. The right of a drafter, and the way chosen when it was signed out. 2. The papers as issued, the facts as fields,
    the chain of custody. 3. Manifest, tar, locked to the body's key. The ledger keeps the fingerprint.
    Raises NotAllowed, IllegalMove for a draft or a cancelled one, NotFound where it leaves by another way,
    InvalidField(key) without a usable key.
    """
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    require_drafter(by, case, content.body)
    if referral.status in GONE or referral.number is None or referral.issued_at is None:
        raise IllegalMove(referral.status, ReferralStatus.DELIVERED)
    if not leaves_by_package(session, referral):
        raise NotFound("delivery", referral.id)
    items = [
        *list_papers(session, referral, desk=desk, now=now, opened=opened),
        Item(FACTS, "归整后的事实", _to_json(_list_facts(content.fields))),
    ]
    head = {
        "format": FORMAT,
        "office": desk.office.name,
        "addressee": content.body.name,
        "number": referral.number,
        "issued_on": local_date(referral.issued_at).isoformat(),
    }
    manifest = build_manifest(head, items, list_custody(session, case.id))
    fingerprint = hashlib.sha256(manifest).hexdigest()
    locked = lock_package(pack_items(items, manifest), content.body.age_public_key or "")
    details = {"method": DeliveryMethod.PACKAGE.value, "items": len(items), "manifest_sha256": fingerprint}
    record_on_referral(session, referral, Verb.EXPORTED, by=by_officer(by), now=now, details=details)
    return Package(f"package-{referral.id[:8]}.tar.age", locked, fingerprint)


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


def list_custody(session: Session, case_id: str) -> list[dict[str, Any]]:
    """The chain of custody out of the ledger: entry, day, what kind of hand, what was done, hash, block; no names."""
    query = (
        select(LedgerEntry, LedgerBlock.id, LedgerBlock.hash)
        .outerjoin(LedgerLink, LedgerLink.entry_id == LedgerEntry.id)
        .outerjoin(LedgerBlock, LedgerBlock.id == LedgerLink.block_id)
        .where(LedgerEntry.case_id == case_id, LedgerEntry.verb.not_in(NOT_TOLD))
        .order_by(LedgerEntry.id)
    )
    return [
        {
            "entry": entry.id,
            "on": local_date(entry.at).isoformat(),
            "by": str(entry.actor),
            "verb": entry.verb,
            "what": VERB_LABELS[Verb(entry.verb)],
            "sha256": entry.content_hash.hex(),
            "block": block,
            "block_sha256": block_hash.hex() if block_hash else None,
        }
        for entry, block, block_hash in session.execute(query)
    ]


def build_manifest(head: Mapping[str, Any], items: Sequence[Item], custody: Sequence[Mapping[str, Any]]) -> bytes:
    """The manifest as JSON: whose it is, each item with its fingerprint and length, who had it when (pure)."""
    listed = [
        {"name": item.name, "title": item.title, "bytes": len(item.content), "sha256": item.sha256} for item in items
    ]
    return _to_json({**head, "items": listed, "custody": list(custody)})


def pack_items(items: Iterable[Item], manifest: bytes) -> bytes:
    """The tar: items, manifest, and the sums as `sha256sum -c` reads them; no owner, no hour (pure)."""
    whole = [*items, Item(MANIFEST, "清单", manifest)]
    sums = "".join(f"{item.sha256}  {item.name}\n" for item in whole)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for item in (*whole, Item(SUMS, "校验和", sums.encode())):
            entry = tarfile.TarInfo(item.name)
            entry.size, entry.mode = len(item.content), 0o600
            tar.addfile(entry, io.BytesIO(item.content))
    return buffer.getvalue()


def lock_package(tar: bytes, key: str) -> bytes:
    """The tar locked to a body's age key, as the standard `age` tool opens it. Raises InvalidField(key)."""
    try:
        locked: bytes = encrypt(tar, [_read_key(key)])
    except EncryptError as error:
        raise InvalidField("key", "not_an_age_key") from error
    return locked


def check_package(tar: bytes, *, fingerprint: str = "") -> dict[str, Any]:
    """The manifest of an opened package in which every item is what the manifest says.

    With `fingerprint` (told by the sender by another way) a manifest that was written anew is found out too.
    Raises BrokenPackage with the first item that is missing, added, twice there or changed.
    """
    found = read_tar(tar)
    manifest = found.pop(MANIFEST, None)
    sums = found.pop(SUMS, None)
    if manifest is None or sums is None:
        raise BrokenPackage(MANIFEST if manifest is None else SUMS)
    if fingerprint and hashlib.sha256(manifest).hexdigest() != fingerprint:
        raise BrokenPackage(MANIFEST)
    try:
        told: dict[str, Any] = json.loads(manifest)
        said = {str(item["name"]): str(item["sha256"]) for item in told["items"]}
    except (ValueError, KeyError, TypeError):
        raise BrokenPackage(MANIFEST) from None
    for name in sorted({*said, *found}):
        if name not in found or hashlib.sha256(found[name]).hexdigest() != said.get(name):
            raise BrokenPackage(name)
    return told


def read_tar(tar: bytes) -> dict[str, bytes]:
    """The files of a tar by name. Raises BrokenPackage for one that is none, or has a name twice."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as opened:
            for entry in opened:
                held = opened.extractfile(entry)
                if held is None or entry.name in found:
                    raise BrokenPackage(entry.name)
                found[entry.name] = held.read()
    except tarfile.TarError:
        raise BrokenPackage("tar") from None
    return found


def _read_key(key: str) -> x25519.Recipient:
    if not AGE_KEY.fullmatch(key):
        raise InvalidField("key", "not_an_age_key")
    try:
        return x25519.Recipient.from_str(key)
    except RecipientError:
        raise InvalidField("key", "not_an_age_key") from None


def _list_facts(fields: NoticeFields) -> dict[str, Any]:
    return {name: value for name, value in fields_to_json(fields).items() if name not in LEFT_OUT}


def _to_json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=_say) + "\n").encode()


def _say(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
