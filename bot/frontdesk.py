"""The one desk at which every channel joins: a message goes in, an answer comes out, in the caller's transaction.

It loads the talk, lets the pure dialogue move it, does what the dialogue asks for, and stores the answer.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.channels import Inbound
from bot.types import Reply, TalkView
from casework.store import Store
from casework.types import Channel


class FrontDesk:
    """What the desk needs; built once by the wiring. (Shape to be filled in; taken only as an argument.)"""


def handle_inbound(session: Session, inbound: Inbound, *, desk: FrontDesk, now: datetime) -> Reply:
    """Take one message: the stored answer if it was seen before, otherwise the next step of its talk.

    Raises ChannelError (replayed) where a used nonce comes with another body.
    """
    raise NotImplementedError


def view_talk(session: Session, channel: Channel, sender: str, *, desk: FrontDesk, now: datetime) -> TalkView:
    """How the talk of this sender stands, for a page that is drawn again; reads only."""
    raise NotImplementedError


def file_silent_talks(store: Store, desk: FrontDesk, now: datetime) -> int:
    """File what was told and left in silence, end what is over; each talk in a unit of work of its own."""
    raise NotImplementedError
