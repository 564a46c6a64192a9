"""A front desk for the tests: the invented county, keys in memory, and a triage that knows a dozen words."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.channels import EventKind, Inbound, MediaRef, MessageKind
from bot.frontdesk import FrontDesk, build_front_desk, handle_inbound
from bot.types import Reply
from casework.keyshelf import KeyShelf, MemoryShelf
from casework.store import Store
from casework.types import Channel
from intake.types import IntakeDesk
from tests.casework.people import NOW, an_assessment, an_office
from tests.intake.desk import a_house, some_secrets
from triage.context import Context
from triage.types import (
    Assessment,
    Directory,
    DirectoryInstitution,
    InstitutionKind,
    InstitutionMention,
    TimeMention,
    Urgency,
)

SENDER = "oWangtong_0001"
STORY = "麦陇镇敬老院的饭是馊的，老人吃了拉肚子"
HOMES = ("麦陇镇敬老院", "芦渚颐年院")
TIMES = ("昨天", "上个月", "前天")
COMPLAINTS = {"馊": "food_safety", "打": "elder_abuse", "骂": "elder_abuse", "锁": "fire_hazard", "火": "fire_hazard"}


@dataclass(frozen=True)
class FakeContext:
    """Stands for triage's context; only its directory is read."""

    directory: Directory = field(default_factory=lambda: Directory((DirectoryInstitution("mailong-home", HOMES[0]),)))

    received: date | None = None
    channel: str | None = None

    def with_received(self, *_: Any) -> "FakeContext":
        return self


def judge(text: str, _context: Context | None = None) -> Assessment:
    """What a very small triage says: complaints by a few characters, homes and times by their names."""
    category = next((code for word, code in COMPLAINTS.items() if word in text), None)
    if category is None:
        category = "inquiry" if "？" in text or "请问" in text else "out_of_scope"
    home = next((name for name in HOMES if name in text), None)
    when = next((word for word in TIMES if word in text), None)
    said = an_assessment(text, category=category, home=None, town=None)
    start = text.find(home or "")
    mention = InstitutionMention(home, start, start + len(home), None, None, InstitutionKind.HOME) if home else None
    moment = TimeMention(when, text.find(when), text.find(when) + 2, None, None) if when else None
    return replace(said, institution=mention, when=moment, urgency=Urgency.NORMAL)


def an_intake(*, keys: KeyShelf | None = None, **office: Any) -> IntakeDesk:
    return IntakeDesk(
        contexts=FakeContext,  # type: ignore[arg-type]  # the fake triage takes it as it is
        office=an_office(**office),
        secrets=some_secrets(),
        keys=keys or MemoryShelf(),
        assess=judge,
    )


def a_front_desk(intake: IntakeDesk | None = None) -> FrontDesk:
    return build_front_desk(intake or an_intake())


def set_up(store: Store) -> None:
    """The county with its vault, in the store."""
    with store.write() as session:
        a_house(session)


def a_message(text: str = STORY, ident: str = "1", **more: Any) -> Inbound:
    known: dict[str, Any] = {
        "channel": Channel.WECHAT,
        "account": "gh",
        "sender": SENDER,
        "message_id": ident,
        "kind": MessageKind.TEXT,
        "received_at": NOW,
        "text": text,
        "sent_at": NOW,
    }
    return Inbound(**(known | more))


def a_picture(ident: str = "p1") -> Inbound:
    return a_message("", ident, kind=MessageKind.IMAGE, media=(MediaRef(MessageKind.IMAGE, "m1"),))


def an_event(event: EventKind, ident: str = "e1", **more: Any) -> Inbound:
    return a_message("", ident, kind=MessageKind.EVENT, event=event, **more)


@dataclass
class Person:
    """Somebody who talks to the desk, one unit of work a message."""

    store: Store
    desk: FrontDesk
    channel: Channel = Channel.WECHAT
    sender: str = SENDER
    spoken: int = 0

    def say(self, text: str, *, now: datetime = NOW, **more: Any) -> Reply:
        self.spoken += 1
        told = a_message(text, f"{self.sender}{self.spoken}", channel=self.channel, sender=self.sender, **more)
        with self.store.write() as session:
            return handle_inbound(session, replace(told, sent_at=now), desk=self.desk, now=now)

    def tell(self, *texts: str, now: datetime = NOW) -> Reply:
        """Several messages; the answer to the last."""
        return [self.say(text, now=now) for text in texts][-1]


def count(session: Session, model: type) -> int:
    return session.query(model).count()
