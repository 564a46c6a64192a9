"""What an officer may do with an open case, as buttons of its page; the services check each act again."""

from dataclasses import dataclass

from casework.models.cases import Case
from casework.models.people import Officer
from casework.types import CaseKind, CaseStatus, Role
from casework.visibility import has_role

REFERABLE = frozenset({CaseStatus.RECEIVED, CaseStatus.RETURNED, CaseStatus.DISPATCHED, CaseStatus.WORKING})
DESK = (Role.DISPATCHER, Role.SUPERVISOR)
HANDS = (Role.HANDLER, Role.TOWNSHIP, Role.RECEIVER)


@dataclass(frozen=True, slots=True)
class Act:
    """A thing this officer may do now; `form` names the template of its fields, "" where one press is enough."""

    key: str
    label: str
    form: str = ""


def list_acts(
    case: Case, officer: Officer, *, ended: bool, awaits: bool = False, danger: bool = False
) -> tuple[Act, ...]:
    """What the officer may do with the case as it stands, the likeliest first. Pure; the services check again.

    `ended`: somebody has already said how it ended, so that closing needs no more than a press. `awaits`: a clue
    officer has to look first; until then nobody else handles it. `danger`: sending it does not wait for that.
    """
    desk = has_role(officer, *DESK) and not awaits
    send = has_role(officer, *DESK) and (danger or not awaits)
    own = has_role(officer, *HANDS) and (danger or not awaits) and case.body_code == officer.body_code
    keen = has_role(officer, *DESK, Role.CLUE_OFFICER) and case.kind is CaseKind.ORDINARY
    clue = has_role(officer, Role.CLUE_OFFICER) and bool(case.discipline)
    ending = Act("close", "办结", "" if ended else "reply")
    offers = (
        (send, Act("assign", "派单", "assign"), {CaseStatus.RECEIVED, CaseStatus.RETURNED}),
        (own, Act("sign", "签收"), {CaseStatus.DISPATCHED}),
        (own and not awaits, Act("reply", "答复", "reply"), {CaseStatus.WORKING}),
        (own, Act("return", "退单", "return"), {CaseStatus.DISPATCHED, CaseStatus.WORKING}),
        (desk, Act("reply", "直接答复", "reply"), {CaseStatus.RECEIVED, CaseStatus.REFERRED}),
        (desk, Act("wait", "问他，时限停着等", "wait"), {CaseStatus.RECEIVED}),
        (own, Act("wait", "问他，时限停着等", "wait"), {CaseStatus.WORKING}),
        (desk or own, Act("go-on", "接着办"), {CaseStatus.WAITING}),
        (desk or own or clue, Act("refer", "移送", "refer"), REFERABLE),
        (desk, ending, {CaseStatus.REPLIED, CaseStatus.CALLBACK, CaseStatus.REFERRED}),
        (desk, Act("reopen", "重新办理", "reopen"), {CaseStatus.CLOSED}),
        (clue and awaits, Act("leave", "看过了，交派单员办"), set(CaseStatus)),
        (keen, Act("seal", "密封", "seal"), set(CaseStatus)),
        (clue, Act("seal-part", "只密封几句", "seal-part"), set(CaseStatus)),
    )
    return tuple(act for may, act, statuses in offers if may and case.status in statuses)
