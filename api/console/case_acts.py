"""What can be done to a case from its page: one small function an act, in one table.

Each takes the posted form and returns the page to go to; what is wrong with a field is raised as InvalidField.
"""

from collections.abc import Callable, Mapping

from api.console.act_input import ActInput
from api.console.clue_acts import check_keys
from api.console.extension_acts import ask_for_longer
from api.console.part_acts import seal_part
from api.console.waiting_acts import ask_and_wait, go_on_by_hand
from casework.assessments import Correction, confirm_clue, correct_assessment
from casework.assignments import assign_case, sign_assignment
from casework.bodies import get_body
from casework.caseletters import draft_paper
from casework.cases import check_version
from casework.cluelooks import leave_to_desk
from casework.dispositions import Ending, close_case, reopen_case, reply_case
from casework.errors import InvalidField
from casework.exclusions import clear_exclusion
from casework.messages import answer_reporter
from casework.notes import add_note
from casework.outcomes import Outcome
from casework.referrals import draft_referral
from casework.returns import return_case
from casework.types import Finding
from intake.resealing import seal_by_hand
from triage.types import Urgency


def _assign(act: ActInput) -> str:
    assign_case(
        act.session,
        act.case,
        act.text("body", required=True),
        instruction=act.text("instruction"),
        by=act.staff.officer,
        office=act.house.office,
        now=act.now,
    )
    return act.back("assign")


def _sign(act: ActInput) -> str:
    sign_assignment(act.session, act.case, by=act.staff.officer, office=act.house.office, now=act.now)
    return act.back("sign")


def _return(act: ActInput) -> str:
    return_case(
        act.session,
        act.case,
        reason=act.text("reason", required=True),
        clause=act.text("clause"),
        proposed_body_code=act.text("proposed") or None,
        by=act.staff.officer,
        office=act.house.office,
        now=act.now,
    )
    return "/console/?done=return"


def _ending(act: ActInput) -> Ending:
    """The closing form's fields. Raises InvalidField for a choice that is not in the closed lists."""
    finding, outcomes = act.text("finding", required=True), act.form.texts("outcomes")
    if finding not in set(Finding):
        raise InvalidField("finding", "unknown_choice")
    if not set(outcomes) <= set(Outcome):
        raise InvalidField("outcomes", "unknown_choice")
    return Ending(
        finding=Finding(finding),
        public_reply=act.text("public_reply", required=True),
        outcomes=tuple(Outcome(outcome) for outcome in outcomes),
        internal=act.text("internal"),
    )


def _reply(act: ActInput) -> str:
    reply_case(act.session, act.case, _ending(act), by=act.staff.officer, office=act.house.office, now=act.now)
    return act.back("reply")


def _close(act: ActInput) -> str:
    ending = _ending(act) if act.form.text("finding") else None
    close_case(act.session, act.case, ending, by=act.staff.officer, office=act.house.office, now=act.now)
    return act.back("close")


def _reopen(act: ActInput) -> str:
    reopen_case(
        act.session, act.case, reason=act.text("reason"), by=act.staff.officer, office=act.house.office, now=act.now
    )
    return act.back("reopen")


def _note(act: ActInput) -> str:
    add_note(act.session, act.case, act.text("text", required=True), by=act.staff.officer, now=act.now)
    return act.back("note") + "#notes"


def _answer(act: ActInput) -> str:
    answer_reporter(
        act.session,
        act.case,
        act.text("text", required=True),
        by=act.staff.officer,
        office=act.house.office,
        now=act.now,
    )
    return act.back("answer") + "#talk"


def _refer(act: ActInput) -> str:
    body = get_body(act.session, act.text("body", required=True))
    referral = draft_referral(
        act.session, act.case, body, by=act.staff.officer, desk=act.house.referral_desk, now=act.now
    )
    return f"/console/referrals/{referral.id}?done=refer"


def _paper(act: ActInput) -> str:
    paper = draft_paper(
        act.session,
        act.case,
        act.text("kind", required=True),
        by=act.staff.officer,
        desk=act.house.paper_desk,
        now=act.now,
    )
    return f"/console/papers/{paper.id}?done=paper"


def _correct(act: ActInput) -> str:
    urgency = act.text("urgency", required=True)
    if urgency not in set(Urgency):
        raise InvalidField("urgency", "unknown_choice")
    category, body = act.text("category", required=True), act.text("body")
    taxonomy = act.house.context.taxonomy
    for name, value, known in (("category", category, taxonomy.by_code), ("body", body, taxonomy.bodies)):
        if value and value not in known:
            raise InvalidField(name, "unknown_choice")
    correction = Correction(
        category=category,
        urgency=Urgency(urgency),
        discipline=bool(act.text("discipline")),
        institution_code=act.text("institution") or None,
        body=body or None,
    )
    correct_assessment(act.session, act.case, correction, by=act.staff.officer, office=act.house.office, now=act.now)
    return act.back("correct")


def _confirm(act: ActInput) -> str:
    check_keys(act.form)
    confirm_clue(act.session, act.case, by=act.staff.officer, office=act.house.office, now=act.now)
    return act.back("confirm")


def _clear(act: ActInput) -> str:
    clear_exclusion(act.session, act.text("exclusion", required=True), by=act.staff.officer, now=act.now)
    return act.back("cleared")


def _seal(act: ActInput) -> str:
    seal_by_hand(
        act.session,
        act.staff.officer,
        act.case.id,
        office=act.house.office,
        secrets=act.house.secrets,
        now=act.now,
    )
    return "/console/?done=seal"


def _leave(act: ActInput) -> str:
    leave_to_desk(act.session, act.case, by=act.staff.officer, now=act.now)
    return act.back("leave")


ACTS: Mapping[str, Callable[[ActInput], str]] = {
    "assign": _assign,
    "sign": _sign,
    "return": _return,
    "reply": _reply,
    "close": _close,
    "reopen": _reopen,
    "note": _note,
    "answer": _answer,
    "refer": _refer,
    "paper": _paper,
    "correct": _correct,
    "confirm": _confirm,
    "clear": _clear,
    "leave": _leave,
    "seal": _seal,
    "seal-part": seal_part,
    "extend": ask_for_longer,
    "wait": ask_and_wait,
    "go-on": go_on_by_hand,
}
"""Every act by the last word of its address."""


def run_act(key: str, act: ActInput) -> str:
    """Run an act; a form drawn before somebody else wrote is refused (StaleVersion) where it carries a version."""
    version = act.form.text("version")
    if version.isdigit():
        check_version(act.case, int(version))
    return ACTS[key](act)
