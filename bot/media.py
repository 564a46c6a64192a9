"""Files of a talk: held under its short-lived key until the words are filed, gone with it where they are not.

A file's content lies encrypted in a row; what opens it lies in the talk. So withdrawal, erasure and expiry destroy it
with the talk's key, and filing moves a few bytes.
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.channels import Inbound, MessageKind
from bot.doing import Desk
from bot.models import LooseMedium
from bot.moves import MEDIA_LABELS
from bot.types import Ear, Medium, Talk
from casework.jobs import JobName, enqueue
from casework.models.cases import Case
from casework.models.columns import new_id
from casework.types import AttachmentKind, AttachmentProblem
from intake.attachments import MOST_A_REPORT, count_room, keep_prepared, keep_stub
from intake.contents import ORIGINAL, Prepared, decrypt_content

MESSAGE_KINDS = {
    AttachmentKind.PICTURE: MessageKind.IMAGE,
    AttachmentKind.RECORDING: MessageKind.VOICE,
    AttachmentKind.FILM: MessageKind.VIDEO,
    AttachmentKind.PAPER: MessageKind.FILE,
}
ATTACHMENT_KINDS = {meant: kind for kind, meant in MESSAGE_KINDS.items()}


def hold_media(session: Session, talk: Talk, inbound: Inbound, *, now: datetime) -> Talk:
    """The talk with the files of this message, as many as there is room for; pure but for counting that room.

    What lies with a vendor is only noted; a new version of a message brings no file twice.
    """
    if inbound.is_edit:
        return talk
    coming = [_hold(each) for each in inbound.files]
    coming += [Medium(id=new_id(), kind=ref.kind, vendor_id=ref.vendor_id) for ref in inbound.media]
    if not coming:
        return talk
    filed = count_room(session, talk.case_id, now=now) if talk.case_id is not None else MOST_A_REPORT
    return replace(talk, media=talk.media + tuple(coming[: max(0, filed - len(talk.media))]))


def name_media(inbound: Inbound) -> str:
    """What stands in the talk where a file was sent without a word."""
    kinds = [MESSAGE_KINDS[each.keys.kind] for each in inbound.files] + [ref.kind for ref in inbound.media]
    return "".join(f"[{MEDIA_LABELS.get(kind, '附件')}]" for kind in kinds)


def is_overfull(known: Talk, held: Talk, inbound: Inbound) -> bool:
    """Whether some file of this message found no room."""
    came = 0 if inbound.is_edit else len(inbound.files) + len(inbound.media)
    return len(held.media) - len(known.media) < came


def settle_media(
    session: Session,
    held: Talk,
    after: Talk,
    row_id: str,
    *,
    known: Talk,
    files: Sequence[Prepared] = (),
    desk: Desk,
    now: datetime,
) -> Talk:
    """Bring rows and talk together after a step: `known` as it was stored, `held` with what came, `after` to be stored.

    1. What the talk no longer has is deleted. 2. What lies with a vendor and is new is fetched by a job. 3. In a talk
    that is filed, what is here goes to the case; what is still on its way remembers the case. 4. Otherwise new contents
    are stored with the talk.
    """
    fresh = {each.keys.id: each for each in files}
    left = {medium.id for medium in after.media}
    gone = [medium.id for medium in held.media if medium.id not in left]
    if gone:
        session.execute(delete(LooseMedium).where(LooseMedium.id.in_(gone)))
    if not after.media:
        return after
    _ask_vendor(session, known, after, row_id)
    after = _let_hear(session, after, row_id, left & fresh.keys(), desk)
    for medium in after.media:
        if medium.id in fresh and (after.case_id is None or medium.waits_for_ear):
            _store_loose(session, row_id, fresh[medium.id])
    if after.case_id is None:
        return after
    case = session.get_one(Case, after.case_id)
    media = [medium for medium in after.media if not _move(session, case, medium, fresh, desk, now)]
    return replace(after, media=tuple(replace(each, case_id=each.case_id or case.id) for each in media))


def _hold(prepared: Prepared) -> Medium:
    return Medium(id=prepared.keys.id, kind=MESSAGE_KINDS[prepared.keys.kind], keys=prepared.keys)


def _let_hear(session: Session, talk: Talk, row_id: str, fresh: Set[str], desk: Desk) -> Talk:
    """The talk with its new recordings waiting for the engine, one job each; without an engine nothing waits."""
    coming = {each.id for each in talk.media if each.id in fresh and each.kind is MessageKind.VOICE and desk.hears}
    for ident in sorted(coming):
        enqueue(session, JobName.HEAR_VOICE, f"{row_id}/{ident}", key=f"hear-{ident}")
    media = tuple(replace(each, ear=Ear.WAITING) if each.id in coming else each for each in talk.media)
    return replace(talk, media=media) if coming else talk


def _ask_vendor(session: Session, known: Talk, after: Talk, row_id: str) -> None:
    """One job for each file that a vendor has and that came with this message."""
    old = {medium.id for medium in known.media}
    for medium in after.media:
        if medium.keys is None and medium.id not in old:
            enqueue(session, JobName.FETCH_MEDIUM, f"{row_id}/{medium.id}", key=medium.id)


def take_fetched(
    session: Session, talk: Talk, row_id: str, medium: Medium, prepared: Prepared, *, desk: Desk, now: datetime
) -> Talk:
    """A file that a job has brought: to the case where the words are filed, else into the talk."""
    others = tuple(each for each in talk.media if each.id != medium.id)
    case_id = medium.case_id or talk.case_id
    here = replace(_hold(prepared), case_id=case_id)
    held = _let_hear(session, replace(talk, media=(*others, here)), row_id, {here.id}, desk)
    if case_id is not None and not held.media[-1].waits_for_ear:
        case = session.get_one(Case, case_id)
        keep_prepared(session, case, prepared, secrets=desk.intake.secrets, now=now)
        return replace(talk, media=others)
    _store_loose(session, row_id, prepared)
    return held


def read_loose(session: Session, medium: Medium) -> bytes | None:
    """The content of a file that lies with its talk; None where it is gone. Raises BrokenSeal."""
    row = session.get(LooseMedium, medium.id)
    if row is None or medium.keys is None:
        return None
    return decrypt_content(bytes.fromhex(medium.keys.original_key), medium.id, ORIGINAL, row.original)


def take_heard(session: Session, talk: Talk, medium: Medium, *, desk: Desk, now: datetime) -> Talk:
    """The talk after a machine has listened: the recording stays with it, or goes to its case where that is filed."""
    case_id = medium.case_id or talk.case_id
    if case_id is None:
        return replace(talk, media=tuple(medium if each.id == medium.id else each for each in talk.media))
    _move(session, session.get_one(Case, case_id), medium, {}, desk, now)
    return replace(talk, media=tuple(each for each in talk.media if each.id != medium.id))


def give_up_medium(
    session: Session, talk: Talk, medium: Medium, problem: AttachmentProblem, *, desk: Desk, now: datetime
) -> Talk:
    """A file that will not come: a stub in the case, nothing in a talk that is not filed."""
    case_id = medium.case_id or talk.case_id
    if case_id is not None:
        case = session.get_one(Case, case_id)
        kind = ATTACHMENT_KINDS.get(medium.kind, AttachmentKind.PAPER)
        keep_stub(session, case, kind, problem, secrets=desk.intake.secrets, now=now)
    return replace(talk, media=tuple(each for each in talk.media if each.id != medium.id))


def end_media(session: Session, talk: Talk, *, desk: Desk, now: datetime) -> None:
    """The talk is over: of what never came to its case a stub stays; everything else goes with the row."""
    for medium in talk.media:
        if medium.case_id is not None and medium.keys is not None:
            take_heard(session, talk, replace(medium, ear=Ear.UNCLEAR), desk=desk, now=now)
        elif medium.case_id is not None:
            give_up_medium(session, talk, medium, AttachmentProblem.UNREACHED, desk=desk, now=now)


def _move(session: Session, case: Case, medium: Medium, fresh: dict[str, Prepared], desk: Desk, now: datetime) -> bool:
    """Give a file that is here to the case; False for one still on its way, or still to be listened to."""
    if medium.keys is None or medium.waits_for_ear:
        return False
    prepared = fresh.get(medium.id) or _take_loose(session, medium)
    if prepared is not None:
        keep_prepared(session, case, prepared, secrets=desk.intake.secrets, now=now)
    return True


def _store_loose(session: Session, row_id: str, prepared: Prepared) -> None:
    session.add(
        LooseMedium(
            id=prepared.keys.id,
            conversation_id=row_id,
            original=prepared.original,
            copy=prepared.copy,
            thumbnail=prepared.thumbnail,
        )
    )
    session.flush()


def _take_loose(session: Session, medium: Medium) -> Prepared | None:
    row = session.scalar(select(LooseMedium).where(LooseMedium.id == medium.id))
    if row is None or medium.keys is None:
        return None
    prepared = Prepared(medium.keys, row.original, row.copy, row.thumbnail)
    session.delete(row)
    session.flush()
    return prepared
