"""The reporter annex (举报人信息另封): who reported, for the receiver alone, apart from the letter that it belongs to.

Made only for one who gave his name and agreed, in the request of an officer who has just opened the identity and said
why; handed over as a sealed paper, as a locked file of its own, or opened by the receiver's officer in his sign-in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.errors import BrokenSeal, IllegalMove, InvalidField, NotFound, VaultLocked
from casework.ledger import Verb, by_officer
from casework.models.annexes import Annex, AnnexKey
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.models.people import Officer
from casework.models.referrals import Referral
from casework.notices import IdentityAnnex, NoticeFields
from casework.packages import GONE, describe_package
from casework.packing import Item, build_manifest, check_package, lock_package, pack_items, read_tar
from casework.papers import Block, BlockKind, Paper, PaperForm, Row
from casework.pickups import is_to_be_picked_up, list_receivers
from casework.receiverkeys import find_age_key, receiver_key
from casework.referral_desk import ReferralDesk
from casework.referral_ledger import record_on_referral
from casework.referral_rules import require_drafter
from casework.referrals import make_files, read_referral
from casework.rings import SignedIn, officer_private_key
from casework.sealing import SealedContent
from casework.types import BodyKind
from casework.vault import generate_key_pair, seal, seal_record, unseal, unseal_record
from casework.wording import NoticeWording

LONGEST_CONSENT = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """Who reported, as it was just opened, and how he agreed that the receiver may know it."""

    name: str = field(repr=False)
    phone: str = field(repr=False, default="")
    address: str = field(repr=False, default="")
    safe_time: str = field(repr=False, default="")
    relation: str = field(repr=False, default="")
    wish: str = field(repr=False, default="")
    agreed: str = field(repr=False, default="")


def can_annex(referral: Referral, fields: NoticeFields) -> bool:
    """Whether an annex belongs to this referral: issued, not withdrawn, and the reporter agreed (pure)."""
    issued = referral.number is not None and referral.status not in GONE
    return issued and referral.shrunk_at is None and fields.identity == IdentityAnnex.APART


def require_annex(
    session: Session, referral: Referral, *, by: Officer, agreed: str, opened: SealedContent | None = None
) -> NoticeFields:
    """Ask before the identity is opened whether an annex may be made at all; gives the letter's fields.

    Raises NotAllowed for another role, IllegalMove where it is none for the discipline organ, not issued or not agreed
    to, InvalidField(agreed, required) where nobody wrote how he agreed.
    """
    case = session.get_one(Case, referral.case_id)
    content = read_referral(session, referral, opened)
    require_drafter(by, case, content.body)
    if content.body.kind is not BodyKind.DISCIPLINE or not can_annex(referral, content.fields):
        raise IllegalMove(referral.status, referral.status)
    if not agreed.strip():
        raise InvalidField("agreed", "required")
    if len(agreed) > LONGEST_CONSENT:
        raise InvalidField("agreed", "too_long")
    return content.fields


def render_annex(
    identity: Identity, fields: NoticeFields, *, wording: NoticeWording, office: str, number: str
) -> tuple[Paper, ...]:
    """The sheet with the identity, and the cover, which names receiver and number and never the reporter (pure)."""
    common = {"office": office, "number": number, "addressee": fields.addressee, "reference": fields.reference}
    told = {
        "reporter_name": identity.name,
        "reporter_phone": identity.phone,
        "reporter_address": identity.address,
        "reporter_time": identity.safe_time,
        "reporter_relation": identity.relation,
        "reporter_wish": identity.wish,
        "agreed": identity.agreed,
    }
    return (
        _render(PaperForm.ANNEX, wording, {**common, **told}),
        _render(PaperForm.ANNEX_COVER, wording, common),
    )


def print_annex(
    session: Session,
    referral: Referral,
    identity: Identity,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    report_id: str,
    opened: SealedContent | None = None,
) -> list[Item]:
    """The papers for the sealed envelope, as PDF and .docx; kept nowhere. The caller has opened the identity."""
    items = _make_items(session, referral, identity, by=by, desk=desk, opened=opened)
    _record(session, referral, Verb.ANNEXED, by=by, now=now, report=report_id, how="print")
    return items


def make_annex(
    session: Session,
    referral: Referral,
    identity: Identity,
    *,
    by: Officer,
    desk: ReferralDesk,
    now: datetime,
    report_id: str,
    opened: SealedContent | None = None,
) -> Annex:
    """Seal the papers to the receiver; made again it replaces what lay there. The caller has opened the identity.

    1. Papers and manifest under a key of their own. 2. That key to those officers of the body who may pick up. 3. The
    same locked to the body's age key. Raises what `require_annex` raises, InvalidField(methods) where nobody could
    open it: `no_receiver`, or `receiver_not_heard` where nobody has heard a fingerprint yet.
    """
    content = read_referral(session, referral, opened)
    items = _make_items(session, referral, identity, by=by, desk=desk, opened=opened)
    receivers = list_receivers(session, referral, content.body, opened) if is_to_be_picked_up(session, referral) else []
    locked_to = find_age_key(session, content.body)
    if not locked_to and not any(receiver_key(session, officer) for officer in receivers):
        has_key = content.body.age_public_key is not None or any(officer.public_key for officer in receivers)
        raise InvalidField("methods", "receiver_not_heard" if has_key else "no_receiver")
    manifest = build_manifest(describe_package(referral, content.body, desk), items, [])
    tar = pack_items(items, manifest)
    _drop(session, Annex.referral_id == referral.id, Annex.report_id == report_id)
    pair = generate_key_pair()
    annex = Annex(
        referral_id=referral.id,
        report_id=report_id,
        ciphertext=seal(pair.public, tar),
        age_file=lock_package(tar, locked_to) if locked_to else None,
        fingerprint=Item("", "", manifest).sha256,
        made_by=by.id,
        made_at=now,
    )
    session.add(annex)
    session.flush()
    keys = {each.id: key for each in receivers if (key := receiver_key(session, each))}
    session.add_all(_wrap(annex, officer_id, key, pair.private) for officer_id, key in keys.items())
    _record(
        session, referral, Verb.ANNEXED, by=by, now=now, report=report_id, how="seal", fingerprint=annex.fingerprint
    )
    return annex


def list_annexes(session: Session, referral: Referral) -> Sequence[Annex]:
    """What was sealed for a referral that its officer has got through the one door, oldest first."""
    query = select(Annex).where(Annex.referral_id == referral.id)
    return session.scalars(query.order_by(Annex.made_at, Annex.id)).all()


def list_annexes_for(session: Session, referral: Referral, officer: Officer) -> Sequence[tuple[Annex, bool]]:
    """Those meant for this officer of the receiving body, and whether his own key opens them.

    The caller has got the referral as received.
    """
    query = select(Annex, AnnexKey.wrapped_key).join(AnnexKey, AnnexKey.annex_id == Annex.id)
    query = query.where(Annex.referral_id == referral.id, AnnexKey.officer_id == officer.id)
    rows = session.execute(query.order_by(Annex.made_at, Annex.id))
    return [(annex, wrapped is not None) for annex, wrapped in rows]


def open_annex(
    session: Session, referral: Referral, annex_id: str, *, signed: SignedIn, token: str, now: datetime
) -> Sequence[Item]:
    """The papers, opened by the receiving officer's own key in his sign-in: an act of its own, with its own receipt.

    Raises VaultLocked, NotFound for one whom it was not wrapped to, BrokenSeal or BrokenPackage if it was changed.
    """
    annex, key_row = _find_key(session, referral, annex_id, signed.officer)
    if key_row.wrapped_key is None:
        raise NotFound("annex", annex_id)
    private = officer_private_key(signed, token)
    try:
        key = bytes.fromhex(unseal_record(private, key_row.id, key_row.wrapped_key)["key"])
    except BrokenSeal as error:  # he has a new key pair since
        raise VaultLocked from error
    tar = unseal(key, annex.ciphertext)
    manifest = check_package(tar, fingerprint=annex.fingerprint)
    _note_opening(session, referral, annex, by=signed.officer, now=now)
    titles = {str(item["name"]): str(item["title"]) for item in manifest["items"]}
    return [Item(name, titles[name], content) for name, content in read_tar(tar).items() if name in titles]


def take_locked(session: Session, referral: Referral, annex_id: str, *, by: Officer, now: datetime) -> bytes:
    """The same as the file locked to the body's age key, for one who opens it at home. Raises NotFound."""
    annex, _key = _find_key(session, referral, annex_id, by)
    if annex.age_file is None:
        raise NotFound("annex", annex_id)
    _note_opening(session, referral, annex, by=by, now=now)
    return annex.age_file


def drop_annexes(session: Session, referral: Referral) -> None:
    """Destroy what lies sealed, keys first: the referral was withdrawn."""
    _drop(session, Annex.referral_id == referral.id)


def _drop(session: Session, *conditions: object) -> None:
    mine = select(Annex.id).where(*conditions)  # type: ignore[arg-type]
    session.execute(delete(AnnexKey).where(AnnexKey.annex_id.in_(mine)))
    session.execute(delete(Annex).where(*conditions))  # type: ignore[arg-type]
    session.flush()


def _make_items(
    session: Session,
    referral: Referral,
    identity: Identity,
    *,
    by: Officer,
    desk: ReferralDesk,
    opened: SealedContent | None,
) -> list[Item]:
    fields = require_annex(session, referral, by=by, agreed=identity.agreed, opened=opened)
    if not identity.name.strip():
        raise InvalidField("agreed", "no_name")
    papers = render_annex(identity, fields, wording=desk.wording, office=desk.office.name, number=referral.number or "")
    names = {PaperForm.ANNEX: "2-identity", PaperForm.ANNEX_COVER: "1-cover"}
    made = make_files(papers, desk.typesetter)
    return sorted(
        (Item(f"{names[paper.form]}.{kind.value}", paper.title, content) for paper, kind, content in made),
        key=lambda item: item.name,
    )


def _render(form: PaperForm, wording: NoticeWording, words: Mapping[str, str]) -> Paper:
    sheet = wording.forms[form]
    return Paper(
        form=form,
        title=sheet.title,
        blocks=(Block(BlockKind.BODY, sheet.intro.format_map(words)),) if sheet.intro else (),
        rows=tuple(Row(label, value.format_map(words) or wording.nothing) for label, value in sheet.rows),
        closing=tuple(Block(BlockKind.BODY, line.format_map(words)) for line in sheet.lines),
    )


def _find_key(session: Session, referral: Referral, annex_id: str, officer: Officer) -> tuple[Annex, AnnexKey]:
    query = select(Annex, AnnexKey).join(AnnexKey, AnnexKey.annex_id == Annex.id)
    mine = query.where(Annex.id == annex_id, Annex.referral_id == referral.id, AnnexKey.officer_id == officer.id)
    held = session.execute(mine.with_for_update(of=Annex)).first()
    if held is None:
        raise NotFound("annex", annex_id)
    return held[0], held[1]


def _note_opening(session: Session, referral: Referral, annex: Annex, *, by: Officer, now: datetime) -> None:
    if annex.taken_at is None:
        annex.taken_by, annex.taken_at = by.id, now
    _record(session, referral, Verb.ANNEX_OPENED, by=by, now=now, annex=annex.id)


def _wrap(annex: Annex, officer_id: str, public_key: bytes, key: bytes) -> AnnexKey:
    row_id = new_id()
    wrapped = seal_record(public_key, row_id, {"key": key.hex()})
    return AnnexKey(id=row_id, annex_id=annex.id, officer_id=officer_id, wrapped_key=wrapped)


def _record(session: Session, referral: Referral, verb: Verb, *, by: Officer, now: datetime, **told: str) -> None:
    record_on_referral(session, referral, verb, by=by_officer(by), now=now, details=told)
