"""Asking for a longer limit, from the page of a case."""

from api.console.act_input import ActInput
from casework.deadlines import get_deadline
from casework.errors import InvalidField
from casework.extensions import find_open_request, list_choices, request_extension


def ask_for_longer(act: ActInput) -> str:
    """The officer picks a later day out of those that the rule allows. Raises InvalidField, NotFound, NotAllowed."""
    deadline = get_deadline(act.session, act.case.id, act.text("deadline", required=True))
    if find_open_request(act.session, deadline.id) is not None:
        raise InvalidField("until", "asked_already")
    choices = list_choices(act.session, deadline, office=act.house.office, now=act.now)
    if not choices:
        raise InvalidField("until", "run_out")
    until = act.text("until", required=True)
    length = next((each.length for each in choices if each.due_on.isoformat() == until), None)
    if length is None:
        raise InvalidField("until", "unknown_choice")
    request_extension(
        act.session,
        deadline,
        length=length,
        reason=act.text("reason", required=True),
        by=act.staff.officer,
        office=act.house.office,
        now=act.now,
    )
    return act.back("extend") + "#clocks"
