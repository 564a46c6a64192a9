"""Taking a message from a cloud that would send it again and again: what may pass is left to come again, what we can't
digest is answered with an apology, so that it never holds up the next.
"""

import logging
import traceback
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from bot.channels import ChannelError, Inbound
from bot.frontdesk import FrontDesk, answer_inbound
from bot.phrasing import compose
from bot.types import Reply
from casework.errors import VaultNotSetUp
from casework.store import Store

logger = logging.getLogger("hotline.channels")

PASSING = (OperationalError, InterfaceError, PoolTimeout, StaleDataError, TimeoutError, OSError, VaultNotSetUp)
"""What may be over in a moment: a database that is away or busy, a house that is still being set up."""


def take_message(store: Store, inbound: Inbound, *, desk: FrontDesk, now: datetime) -> Reply:
    """The whole way of one message; nothing of it is stored where this raises or apologises.

    Raises ChannelError for a replay, and one of `PASSING` where the cloud should send it again. Whatever else goes
    wrong is ours: the log gets its class and its line, the person a word to say it again.
    """
    try:
        return answer_inbound(store, inbound, desk=desk, now=now)
    except (ChannelError, *PASSING):
        raise
    except Exception as error:  # its text may hold his words
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        facts = {"channel": inbound.channel.value, "error_code": type(error).__name__, "where": where}
        logger.error("message_not_taken", extra=facts)
        return compose(desk.script.say("not_taken"))
