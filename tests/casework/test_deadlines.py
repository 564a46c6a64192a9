"""The clocks of a case: several at once, started and met by what happens, drawn as joints."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from casework.assignments import assign_case, sign_assignment
from casework.clock import local_time
from casework.deadlines import (
    ClockState,
    DeadlineView,
    blur,
    get_deadline,
    list_deadlines,
    list_nearest,
    meet_deadline,
    recompute_provisional,
    waive_deadline,
)
from casework.dispositions import Ending, close_case, reply_case
from casework.errors import InvalidField, NotAllowed, NotFound
from casework.extensions import approve_extension, find_open_request, refuse_extension, request_extension
from casework.facts import note_event
from casework.joints import JointKind, draw_joints
from casework.ledger import SYSTEM
from casework.limits import CaseEvent
from casework.models import Case, Deadline, Extension
from casework.office import Office
from casework.returns import return_case
from casework.store import Store
from casework.types import DeadlineUnit, Finding
from casework.waiting import go_on, wait_for_reporter
from casework.workdays import WorkCalendar, load_calendar
from tests.casework.people import (
    NOW,
    a_dispatcher,
    a_handler,
    a_leader,
    a_supervisor,
    an_office,
    an_open_case,
    the_county,
)
from triage.types import Urgency

OFFICE = an_office()


def clocks(session: Session, case: Case, now: datetime = NOW, office: Office = OFFICE) -> dict[str, DeadlineView]:
    return {view.rule: view for view in list_deadlines(session, case.id, office=office, now=now)}


def a_dispatched_case(session: Session, **assessed: Any) -> tuple[Case, dict[str, Any]]:
    """A case sent to the section today, with the people around it."""
    people = {
        "dispatcher": a_dispatcher(session),
        "handler": a_handler(session),
        "supervisor": a_supervisor(session),
    }
    case = an_open_case(session, category="fees", body="civil_affairs", **assessed)
    assign_case(session, case, "civil_affairs", by=people["dispatcher"], office=OFFICE, now=NOW)
    return case, people


def test_the_bureaus_clock_and_the_units_run_side_by_side(store: Store):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session)
        found = clocks(session, case)
    assert found["dispatch"].state is ClockState.MET
    assert found["answer_report"].due_on == date(2026, 10, 28)
    assert found["handle"].due_on == date(2026, 10, 14)
    assert found["sign"].due_on == date(2026, 10, 9)
    assert found["return"].due_on == date(2026, 10, 10)


def test_the_earliest_running_clock_stands_first(store: Store):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session, urgency=Urgency.HIGH)
        order = [view.rule for view in list_deadlines(session, case.id, office=OFFICE, now=NOW)]
        nearest = list_nearest(session, [case.id, "none"], office=OFFICE, now=NOW)
    assert order[0] == "sign_urgent"
    assert order[-1] == "dispatch_high"
    assert {ident: view.rule for ident, view in nearest.items()} == {case.id: "sign_urgent"}


def test_signing_meets_the_signature_and_the_return_clock(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        sign_assignment(session, case, by=people["handler"], office=OFFICE, now=NOW + timedelta(hours=1))
        found = clocks(session, case)
    assert found["sign"].state is ClockState.MET
    assert found["return"].state is ClockState.MET
    assert found["handle"].state is ClockState.RUNNING


def test_a_return_ends_the_units_clocks_and_the_bureaus_runs_on(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        return_case(session, case, reason="不归我们管", by=people["handler"], office=OFFICE, now=NOW)
        found = clocks(session, case)
    assert found["handle"].state is ClockState.WAIVED
    assert found["answer_report"].state is ClockState.RUNNING
    assert found["dispatch_again"].state is ClockState.NEAR


def test_a_case_sent_out_twice_has_each_clock_twice(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        return_case(session, case, reason="不归我们管", by=people["handler"], office=OFFICE, now=NOW)
        later = NOW + timedelta(days=1)
        assign_case(session, case, "civil_affairs", by=people["dispatcher"], office=OFFICE, now=later)
        handle = [view for view in list_deadlines(session, case.id, office=OFFICE, now=later) if view.rule == "handle"]
    assert {view.state for view in handle} == {ClockState.WAIVED, ClockState.RUNNING}


def test_the_end_of_a_case_brings_every_clock_to_rest(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        sign_assignment(session, case, by=people["handler"], office=OFFICE, now=NOW)
        ending = Ending(Finding.TRUE, "查过了，已经退费。")
        reply_case(session, case, ending, by=people["handler"], office=OFFICE, now=NOW)
        close_case(session, case, by=people["dispatcher"], office=OFFICE, now=NOW)
        assert {view.state for view in clocks(session, case).values()} == {ClockState.MET}


@pytest.mark.parametrize(
    ("moment", "state", "left"),
    [
        (NOW, ClockState.RUNNING, 5),
        (NOW + timedelta(days=4), ClockState.RUNNING, 2),
        (NOW + timedelta(days=5), ClockState.NEAR, 1),
        (NOW + timedelta(days=6), ClockState.NEAR, 0),
        (NOW + timedelta(days=6, hours=13), ClockState.NEAR, 0),
        (NOW + timedelta(days=6, hours=14), ClockState.OVERDUE, -1),
        (NOW + timedelta(days=8), ClockState.OVERDUE, -2),
    ],
)
def test_a_clock_is_near_one_working_day_before_and_late_after_its_last_day(
    store: Store, moment: datetime, state: ClockState, left: int
):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session)
        view = clocks(session, case, moment)["handle"]
    assert view.due_on == date(2026, 10, 14)
    assert view.state is state
    assert view.days_left == left


@pytest.mark.parametrize(
    ("minutes", "state"),
    [
        (0, ClockState.RUNNING),
        (89, ClockState.RUNNING),
        (90, ClockState.NEAR),
        (120, ClockState.NEAR),
        (121, ClockState.OVERDUE),
    ],
)
def test_a_clock_in_hours_is_near_in_its_last_quarter(store: Store, minutes: int, state: ClockState):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session, urgency=Urgency.HIGH)
        view = clocks(session, case, NOW + timedelta(minutes=minutes))["sign_urgent"]
    assert view.state is state
    assert view.joints == ()


def test_what_was_met_late_stays_late(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session, urgency=Urgency.HIGH)
        sign_assignment(session, case, by=people["handler"], office=OFFICE, now=NOW + timedelta(hours=3))
        view = clocks(session, case)["sign_urgent"]
    assert (view.state, view.met_late) == (ClockState.MET, True)


def test_waiting_for_the_reporter_stops_what_may_stop_and_adds_those_days(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        sign_assignment(session, case, by=people["handler"], office=OFFICE, now=NOW)
        wait_for_reporter(session, case, question="几号床？", days=5, by=people["handler"], office=OFFICE, now=NOW)
        stopped = clocks(session, case, NOW + timedelta(days=30))
        assert stopped["handle"].state is ClockState.PAUSED
        go_on(session, case, by=people["handler"], office=OFFICE, now=NOW + timedelta(days=2))
        view = clocks(session, case)["handle"]
    assert view.due_on == date(2026, 10, 16)


def test_a_clock_that_the_law_does_not_stop_runs_on(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        note_event(session, case, CaseEvent.REFERRED, office=OFFICE, now=NOW)
        sign_assignment(session, case, by=people["handler"], office=OFFICE, now=NOW)
        wait_for_reporter(session, case, question="几号床？", days=5, by=people["handler"], office=OFFICE, now=NOW)
        assert clocks(session, case)["receipt"].state is ClockState.RUNNING


def test_an_extension_is_asked_by_one_and_granted_by_another(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        row = get_deadline(session, case.id, clocks(session, case)["handle"].id)
        asked = request_extension(
            session, row, length=5, reason="要等鉴定", by=people["handler"], office=OFFICE, now=NOW
        )
        assert find_open_request(session, row.id) is asked
        approve_extension(session, asked, by=people["supervisor"], office=OFFICE, now=NOW)
        view = clocks(session, case)["handle"]
        assert view.due_on == date(2026, 10, 21)
        assert asked.told_at == NOW
        with pytest.raises(InvalidField, match="length"):
            request_extension(session, row, length=1, reason="再等", by=people["handler"], office=OFFICE, now=NOW)


def test_nobody_grants_his_own_extension(store: Store):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        row = get_deadline(session, case.id, clocks(session, case)["handle"].id)
        asked = request_extension(
            session, row, length=2, reason="要等", by=people["supervisor"], office=OFFICE, now=NOW
        )
        with pytest.raises(NotAllowed):
            approve_extension(session, asked, by=people["supervisor"], office=OFFICE, now=NOW)
        with pytest.raises(NotAllowed):
            approve_extension(session, asked, by=people["handler"], office=OFFICE, now=NOW)
        refuse_extension(session, asked, reason="来得及", by=a_leader(session), now=NOW)
        assert asked.approved_at is None


def test_the_database_refuses_an_extension_granted_by_its_asker(store: Store):
    def forge() -> None:
        with store.write() as session:
            the_county(session)
            case, people = a_dispatched_case(session)
            deadline_id = clocks(session, case)["handle"].id
            who = people["supervisor"].id
            session.add(
                Extension(
                    deadline_id=deadline_id,
                    length=5,
                    reason="x",
                    requested_by=who,
                    requested_at=NOW,
                    approved_by=who,
                    approved_at=NOW,
                )
            )

    with pytest.raises(DatabaseError, match="two_people"):
        forge()


@pytest.mark.parametrize(
    ("rule", "length", "reason", "moment", "field"),
    [
        ("handle", 6, "要等", NOW, "length"),
        ("handle", 0, "要等", NOW, "length"),
        ("sign", 1, "要等", NOW, "length"),
        ("handle", 2, "  ", NOW, "reason"),
        ("handle", 2, "要等", NOW + timedelta(days=7), "due"),
    ],
)
def test_an_extension_keeps_to_the_rule(
    store: Store, rule: str, length: int, reason: str, moment: datetime, field: str
):
    with store.write() as session:
        the_county(session)
        case, people = a_dispatched_case(session)
        row = get_deadline(session, case.id, clocks(session, case)[rule].id)
        with pytest.raises(InvalidField, match=field):
            request_extension(
                session, row, length=length, reason=reason, by=people["handler"], office=OFFICE, now=moment
            )


def test_a_clock_of_another_case_is_not_found(store: Store):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session)
        ident = clocks(session, case)["handle"].id
        with pytest.raises(NotFound):
            get_deadline(session, "another", ident)


def test_a_clock_may_be_met_or_waived_by_hand(store: Store):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session)
        handle, sign = (get_deadline(session, case.id, clocks(session, case)[rule].id) for rule in ("handle", "sign"))
        meet_deadline(session, handle, now=NOW)
        waive_deadline(session, sign, reason="口头签收", by=SYSTEM, now=NOW)
        meet_deadline(session, sign, now=NOW)
        found = clocks(session, case)
    assert (found["handle"].state, found["sign"].state) == (ClockState.MET, ClockState.WAIVED)


def test_provisional_ends_become_firm_when_the_office_loads_the_year(store: Store):
    december = datetime(2026, 12, 30, 3, 0, tzinfo=NOW.tzinfo)
    told = load_calendar()
    days = {date(2027, 1, 1): False, date(2027, 1, 4): False, date(2027, 1, 5): False}
    later = an_office(calendar=WorkCalendar({**told.days, **days}, frozenset({2027})))
    with store.write() as session:
        the_county(session)
        a_dispatcher(session)
        case = an_open_case(session)
        note_event(session, case, CaseEvent.REFERRED, office=OFFICE, now=december)
        before = clocks(session, case, december)["receipt"]
        firm = recompute_provisional(session, office=later, now=december)
        after = clocks(session, case, december)["receipt"]
        assert recompute_provisional(session, office=later, now=december) == 0
    assert (before.provisional, before.due_on) == (True, date(2027, 1, 7))
    assert (after.provisional, after.due_on) == (False, date(2027, 1, 11))
    assert firm >= 1


def test_a_rule_that_the_office_took_away_leaves_its_old_clocks_readable(store: Store):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session)
        found = clocks(session, case, office=an_office(rules={}))
    assert found["handle"].label == "handle"
    assert found["handle"].due_on == date(2026, 10, 14)


def joints(unit: DeadlineUnit, end: date, today: date) -> str:
    marks = {JointKind.SPENT: "s", JointKind.LEFT: "l", JointKind.HOLIDAY: "-", JointKind.LATE: "x"}
    return "".join(marks[joint.kind] for joint in draw_joints(unit, date(2026, 9, 24), end, today, load_calendar()))


def test_the_joints_draw_days_gone_left_not_counted_and_late():
    end = date(2026, 10, 8)
    assert joints(DeadlineUnit.WORKING_DAY, end, date(2026, 9, 28)) == "-lll-l"
    assert joints(DeadlineUnit.WORKING_DAY, end, date(2026, 9, 30)) == "-ssl-l"
    assert joints(DeadlineUnit.WORKING_DAY, end, date(2026, 10, 8)) == "-sss-l"
    assert joints(DeadlineUnit.WORKING_DAY, end, date(2026, 10, 12)) == "-sss-sxxx"


def test_days_of_rest_shrink_to_one_joint_that_knows_how_many():
    found = draw_joints(
        DeadlineUnit.WORKING_DAY, date(2026, 9, 24), date(2026, 10, 8), date(2026, 9, 25), load_calendar()
    )
    assert [joint.days for joint in found if joint.kind is JointKind.HOLIDAY] == [3, 7]


def test_a_limit_in_calendar_days_counts_holidays_and_one_in_hours_has_no_joints():
    assert joints(DeadlineUnit.DAY, date(2026, 9, 27), date(2026, 9, 26)) == "sll"
    assert joints(DeadlineUnit.HOUR, date(2026, 9, 27), date(2026, 9, 26)) == ""


def test_very_late_is_not_drawn_on_and_on():
    assert joints(DeadlineUnit.DAY, date(2026, 9, 25), date(2027, 9, 26)).count("x") == 10


def test_every_clock_is_its_own_row(store: Store):
    with store.write() as session:
        the_county(session)
        case, _ = a_dispatched_case(session)
        rules = session.scalars(select(Deadline.rule_id).where(Deadline.case_id == case.id)).all()
    assert len(rules) == len(set(rules)) == 5


@pytest.mark.parametrize(
    ("unit", "kept"),
    [
        (DeadlineUnit.WORKING_DAY, "2026-10-08T00:00"),
        (DeadlineUnit.DAY, "2026-10-08T00:00"),
        (DeadlineUnit.HOUR, "2026-10-08T17:20"),
    ],
)
def test_the_first_clocks_do_not_tell_when_a_reporter_wrote(unit: DeadlineUnit, kept: str):
    wrote = datetime(2026, 10, 8, 9, 29, 31, 123, tzinfo=UTC)
    assert local_time(blur(wrote, unit)).isoformat(timespec="minutes").startswith(kept)
