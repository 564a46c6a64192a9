"""Queues and counts: every number is that of the list behind it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from casework.assignments import assign_case, sign_assignment
from casework.cases import CaseFilter, list_cases_for
from casework.dispositions import Ending, close_case, reply_case
from casework.messages import add_message_from_reporter
from casework.models import Case, Officer
from casework.queues import Queue, count_queues_for
from casework.returns import return_case
from casework.statistics import Grouping, Share, count_cases_by, count_closed_in_time
from casework.store import Store
from casework.types import Finding
from tests.casework.people import (
    NOW,
    a_clue_officer,
    a_dispatcher,
    a_handler,
    an_office,
    an_open_case,
    opened,
    the_county,
)
from triage.types import Urgency

OFFICE = an_office()
ENDING = Ending(Finding.TRUE, "查过了。")


def a_full_desk(session: Session) -> tuple[Officer, dict[str, Case]]:
    """One case at each stage."""
    the_county(session)
    dispatcher, handler = a_dispatcher(session), a_handler(session)
    a_clue_officer(session)
    known: dict[str, Any] = {"category": "fees", "body": "civil_affairs", "home": "luzhu-home"}
    cases = {
        name: an_open_case(session, **known)
        for name in ("received", "dispatched", "working", "returned", "replied", "closed")
    }
    cases["critical"] = an_open_case(session, **(known | {"urgency": Urgency.CRITICAL}))
    cases["clue"] = an_open_case(session, **(known | {"discipline": True}))
    by: dict[str, Any] = {"office": OFFICE, "now": NOW}
    for name in ("dispatched", "working", "returned", "replied", "closed"):
        assign_case(session, cases[name], "civil_affairs", by=dispatcher, **by)
    for name in ("working", "replied", "closed"):
        sign_assignment(session, cases[name], by=handler, **by)
    for name in ("replied", "closed"):
        reply_case(session, cases[name], ENDING, by=handler, **by)
    return_case(session, cases["returned"], reason="不归我们管", by=handler, **by)
    close_case(session, cases["closed"], by=dispatcher, **by)
    add_message_from_reporter(session, cases["working"], "还没人来。", now=NOW)
    opened(session, "崔广田贪污。", discipline=True, who=True, what=True)
    return dispatcher, cases


@pytest.mark.parametrize("queue", list(Queue))
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=40)])
def test_each_number_is_that_of_the_list_behind_it(store: Store, queue: Queue, later: timedelta):
    with store.write() as session:
        dispatcher, _ = a_full_desk(session)
        page = list_cases_for(session, dispatcher, CaseFilter(queue=queue), now=NOW + later)
        assert count_queues_for(session, dispatcher, now=NOW + later)[queue] == page.total == len(page.rows)


def test_each_case_is_in_the_queue_of_its_stage(store: Store):
    expected = {
        Queue.TO_DISPATCH: {"received", "critical", "clue"},
        Queue.UNSIGNED: {"dispatched"},
        Queue.WORKING: {"working"},
        Queue.RETURNED: {"returned"},
        Queue.REPLIED: {"replied"},
        Queue.CLOSED: {"closed"},
        Queue.CRITICAL: {"critical"},
        Queue.NEWS: {"working"},
        Queue.DISCIPLINE: {"clue"},
        Queue.DUE_TODAY: {"critical"},
        Queue.OVERDUE: set(),
        Queue.SEALED: set(),
    }
    with store.write() as session:
        dispatcher, cases = a_full_desk(session)
        names = {case.id: name for name, case in cases.items()}
        found = {
            queue: {names[row.id] for row in list_cases_for(session, dispatcher, CaseFilter(queue=queue), now=NOW).rows}
            for queue in expected
        }
        late = list_cases_for(session, dispatcher, CaseFilter(queue=Queue.OVERDUE), now=NOW + timedelta(hours=2)).rows
    assert found == expected
    assert [names[row.id] for row in late] == ["critical"]


def test_the_most_urgent_and_oldest_stand_first_and_pages_do_not_overlap(store: Store):
    with store.write() as session:
        dispatcher, cases = a_full_desk(session)
        pages = [list_cases_for(session, dispatcher, CaseFilter(page=number, size=3), now=NOW) for number in (1, 2, 3)]
        numbers = [row.number for page in pages for row in page.rows]
    assert numbers[0] == cases["critical"].number
    assert len(numbers) == len(set(numbers)) == pages[0].total == 8


def test_a_case_is_found_by_its_number(store: Store):
    with store.write() as session:
        dispatcher, cases = a_full_desk(session)
        found = list_cases_for(session, dispatcher, CaseFilter(text=cases["working"].number), now=NOW)
    assert [row.id for row in found.rows] == [cases["working"].id]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"category": "fees"}, 8),
        ({"category": "inaction"}, 0),
        ({"body_code": "civil_affairs"}, 8),
        ({"town_code": "luzhu"}, 8),
        ({"institution_code": "mailong-home"}, 0),
        ({"urgency": Urgency.CRITICAL}, 1),
        ({"officer_id": "nobody"}, 0),
        ({"text": "颐年"}, 8),
        ({"text": "_"}, 0),
    ],
)
def test_a_list_shows_what_is_asked_for(store: Store, wanted: dict[str, Any], count: int):
    with store.write() as session:
        dispatcher, _ = a_full_desk(session)
        # The returned case keeps no body: it is the dispatcher's again.
        expected = count - 1 if "body_code" in wanted else count
        assert list_cases_for(session, dispatcher, CaseFilter(**wanted), now=NOW).total == expected


def test_counts_leave_out_sealed_cases_and_other_days(store: Store):
    today = NOW.date()
    with store.write() as session:
        dispatcher, _ = a_full_desk(session)
        clue = a_clue_officer(session, "祝长风")
        by = count_cases_by(session, dispatcher, Grouping.STATUS, since=today, until=today)
        assert sum(by.values()) == 8
        assert by["returned"] == 1
        assert count_cases_by(session, clue, Grouping.CATEGORY, since=today, until=today) == {"fees": 1}
        yesterday = today - timedelta(days=1)
        assert count_cases_by(session, dispatcher, Grouping.TOWN, since=yesterday, until=yesterday) == {}


def test_a_rate_keeps_its_parts(store: Store):
    today = NOW.date()
    with store.write() as session:
        dispatcher, cases = a_full_desk(session)
        assert count_closed_in_time(session, dispatcher, since=today, until=today) == Share(1, 1)
        close_case(session, cases["replied"], by=dispatcher, office=OFFICE, now=NOW + timedelta(days=60))
        assert count_closed_in_time(session, dispatcher, since=today, until=today).rate == 1.0
        close_case(session, cases["critical"], ENDING, by=dispatcher, office=OFFICE, now=NOW + timedelta(days=60))
        assert count_closed_in_time(session, dispatcher, since=today, until=today) == Share(2, 3)
    assert Share(0, 0).rate is None
