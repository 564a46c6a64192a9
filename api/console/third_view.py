"""A third person's consent on the page of a sealed case: to hand on when alone, to let in one who may be meant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.pages import say_day
from casework.bodies import list_bodies
from casework.clock import local_date
from casework.consents import InsideProposal, list_inside
from casework.foureyes import find_consent
from casework.models.people import Officer
from casework.sealing import SealedContent
from casework.thirdpersons import list_consented
from casework.types import ConsentKind


def view_third(
    session: Session, officer: Officer, opened: SealedContent, page: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """What stands on the page instead of what it has for two; nothing where two see the case, but who is asked for."""
    waiting = list_inside(session, opened, officer, now=now)
    agreed = [
        other["id"]
        for other in page["clue"]["doubtful"]
        if find_consent(session, opened.case, ConsentKind.LETTING_IN, by=officer, officer_id=other["id"], now=now)
    ]
    asked = [_say(each, now) for each in waiting if each.proposal.kind is ConsentKind.LETTING_IN and each.mine]
    shown: dict[str, Any] = {"clue": page["clue"] | {"asked_in": asked, "agreed_in": agreed}}
    if not page["alone"]:
        return shown
    bodies = list_bodies(session)
    may = {body.code for body in list_consented(session, opened, bodies, by=officer, now=now)}
    return shown | {
        "choices": page["receivers"],
        "receivers": [each for each in page["receivers"] if each["code"] in may],
        "asked_on": [_say(each, now) for each in waiting if each.proposal.kind is ConsentKind.HANDING_ON],
    }


def _say(each: InsideProposal, now: datetime) -> dict[str, str]:
    proposal = each.proposal
    until = say_day(local_date(proposal.until), local_date(now))
    return {"mark": proposal.mark, "who": each.who, "until": until, "reason": proposal.reason}
