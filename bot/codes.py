"""Codes that people write into a chat: whom each belongs to, looked up before any unit of work.

A look-up may last, and each holds a worker of the web server, so only a few go on at once; the page has a line of its
own for all others.
"""

from bot.channels import Inbound, MessageKind
from bot.doing import Desk, FoundCode
from bot.reading import Utterance, read_utterance
from intake.errors import MistypedCode
from intake.links import find_told_case
from intake.receipts import find_receipt

PATIENCE_SECONDS = 3.0
"""A chat's answer is due within five seconds; a look-up that lasts longer is answered by the page."""


def look_up_code(inbound: Inbound, *, desk: Desk, said: Utterance | None = None) -> FoundCode | None:
    """Whom the code in a message belongs to; never call it inside a unit of work, it may last (Argon2id).

    None where too many look at once: each holds a worker of the web server, and the page has a line of its own.
    """
    if inbound.kind is not MessageKind.TEXT or desk.receipts is None:
        return None
    heard = said if said is not None and inbound.choice is None else read_utterance(inbound.text, desk.words)
    code = heard.code
    if code is None:
        return None
    if not desk.lookers.acquire(blocking=False):
        return None
    try:
        hit = find_receipt(desk.receipts, code, timeout=PATIENCE_SECONDS)
    except MistypedCode:
        return FoundCode(code, mistyped=True)
    except TimeoutError:
        return None
    finally:
        desk.lookers.release()
    if hit is None:
        return FoundCode(code)
    with desk.receipts.store.read() as session:
        return FoundCode(code, case_id=find_told_case(session, hit.case_id, hit.reporter_key, hit.links))
