"""Fetching what people send through a vendor, at once and by a job: the vendor keeps it for three days at most.

The talk alone knows what to fetch; where it is over, or the file is here already, there is nothing to do. A file that
will never come leaves a stub in the case, and its sender is asked once to send it again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels import ChannelAdapter, OutboundMessage, SendError, SendProblem
from bot.conversations import Kept, rewrite_talk
from bot.doing import Desk
from bot.handovers import load_conversation
from bot.media import give_up_medium, take_fetched
from bot.types import Medium, Talk
from bot.waiting import send_in_window
from casework.errors import InvalidField
from casework.jobs import JobFailure, JobName, enqueue
from casework.store import Store
from casework.types import AttachmentProblem, Channel, DeliveryStatus
from intake.attachments import prepare_attachment
from intake.filetypes import TOO_LARGE

Source = Callable[[str], bytes]
"""Gets a file by the vendor's own id, no more of it than we take. Raises SendError."""

Sources = Mapping[Channel, Source]
MEDIUM_PREFIX = "medium/"
"""Marks the job of telling a talk that a file did not come."""

LOST_FOR_GOOD: Mapping[SendProblem, AttachmentProblem] = {
    SendProblem.GONE: AttachmentProblem.GONE,
    SendProblem.REFUSED: AttachmentProblem.NOT_TAKEN,
    SendProblem.TOO_LARGE: AttachmentProblem.TOO_LARGE,
}
PHRASES: Mapping[AttachmentProblem, str] = {
    AttachmentProblem.GONE: "medium_gone",
    AttachmentProblem.UNREACHED: "medium_gone",
    AttachmentProblem.NOT_TAKEN: "medium_not_taken",
    AttachmentProblem.TOO_LARGE: "too_large",
}
FOR_GOOD = frozenset({SendProblem.WINDOW_CLOSED, SendProblem.QUOTA_SPENT, SendProblem.GONE, SendProblem.REFUSED})


def fetch_medium(
    store: Store, subject: str, *, desk: Desk, sources: Sources, clock: Callable[[], datetime]
) -> AttachmentProblem | None:
    """The step of FETCH_MEDIUM: get one file, check and clean it, give it to the talk or its case.

    No transaction is open while the vendor answers. Raises JobFailure where he may be asked again later; gives the
    problem of a file that will not come.
    """
    with store.read() as session:
        found = _find(session, subject, desk)
    if found is None:
        return None
    talk, medium = found[0].talk, found[1]
    source = sources.get(talk.channel)
    if source is None:
        return lose_medium(store, subject, AttachmentProblem.UNREACHED, desk=desk, clock=clock)
    try:
        prepared = prepare_attachment(source(medium.vendor_id))
    except SendError as error:
        problem = LOST_FOR_GOOD.get(error.problem)
        if problem is None:
            raise JobFailure(error.problem.value) from None
        return lose_medium(store, subject, problem, desk=desk, clock=clock)
    except InvalidField as error:
        large = error.problem == TOO_LARGE
        problem = AttachmentProblem.TOO_LARGE if large else AttachmentProblem.NOT_TAKEN
        return lose_medium(store, subject, problem, desk=desk, clock=clock)
    now = clock()
    _change(
        store,
        subject,
        desk,
        lambda session, kept, row_id, medium: take_fetched(
            session, kept.talk, row_id, medium, prepared, desk=desk, now=now
        ),
    )
    return None


def lose_medium(
    store: Store, subject: str, problem: AttachmentProblem, *, desk: Desk, clock: Callable[[], datetime]
) -> AttachmentProblem:
    """Note that a file will not come, and let its sender be told once; also called when the job is given up."""
    now = clock()

    def change(session: Session, kept: Kept, row_id: str, medium: Medium) -> Talk:
        enqueue(session, JobName.SEND_MESSAGE, f"{MEDIUM_PREFIX}{row_id}/{problem}", key=f"lost-{medium.id}")
        return give_up_medium(session, kept.talk, medium, problem, desk=desk, now=now)

    _change(store, subject, desk, change)
    return problem


def tell_medium_lost(
    store: Store,
    subject: str,
    *,
    desk: Desk,
    adapters: Mapping[Channel, ChannelAdapter],
    clock: Callable[[], datetime],
) -> DeliveryStatus | None:
    """Ask the sender of a lost file to send it again. Raises JobFailure where the vendor may be asked again later."""
    row_id, _, problem = subject.removeprefix(MEDIUM_PREFIX).partition("/")
    with store.read() as session:
        kept = load_conversation(session, row_id, desk)
    adapter = adapters.get(kept.talk.channel) if kept is not None else None
    if kept is None or adapter is None:
        return None
    text = "\n".join(desk.script.say(PHRASES[AttachmentProblem(problem)]))
    message = OutboundMessage(kept.talk.channel, kept.talk.sender, text)
    try:
        send_in_window(store, message, desk=desk, adapter=adapter, now=clock())
    except SendError as error:
        if error.problem in FOR_GOOD:
            return DeliveryStatus.FAILED
        raise JobFailure(error.problem.value) from None
    return DeliveryStatus.SENT


def _change(store: Store, subject: str, desk: Desk, change: Callable[[Session, Kept, str, Medium], Talk]) -> None:
    """Change the talk that still waits for this file; its clocks stand as they stood."""
    with store.write() as session:
        found = _find(session, subject, desk)
        if found is None:
            return
        kept, medium = found
        talk = change(session, kept, kept.row.id, medium)
        rewrite_talk(session, kept, talk)


def _find(session: Session, subject: str, desk: Desk) -> tuple[Kept, Medium] | None:
    """The talk and the file in it that is still to come."""
    row_id, _, medium_id = subject.partition("/")
    kept = load_conversation(session, row_id, desk)
    media = kept.talk.media if kept is not None else ()
    medium = next((each for each in media if each.id == medium_id and each.keys is None), None)
    return (kept, medium) if kept is not None and medium is not None else None
