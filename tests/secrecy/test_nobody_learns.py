"""Over invented offices: whoever the conflict test hits sees, counts, finds and is refused exactly as if nothing were.

Each view of an officer is taken before the report comes in and after it; for those kept out the two must be equal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.cases import (
    CaseFilter,
    get_case_by_number_for,
    get_case_for,
    list_cases_for,
    list_earlier_cases,
)
from casework.conflicts import find_conflicts, is_hit, read_mentions
from casework.duplicates import decide_duplicate, list_duplicates_for
from casework.errors import HotlineError
from casework.exclusions import list_exclusions
from casework.extensions import count_requests_for, get_request_for, list_requests_for
from casework.holds import get_hold_for, list_holds_for
from casework.models import Allowance, Case, Deadline, DuplicateHint, Extension, LegalHold, Officer, Referral
from casework.openings import open_case
from casework.paging import list_alarms_for
from casework.queues import Queue, count_queues_for
from casework.referrals import get_referral_for
from casework.retention import ScheduleId, load_schedules, preview_destruction
from casework.roster import build_roster
from casework.statistics import Grouping, count_cases_by, count_closed_in_time, list_counted_for
from casework.statistictables import build_tables
from casework.store import Store
from casework.types import CaseStatus, Role
from tests.casework.people import (
    NOW,
    a_person,
    an_assessment,
    an_office,
    an_officer,
    an_open_case,
    an_opening,
    the_county,
)
from triage.types import Assessment, Urgency

pytestmark = pytest.mark.slow
SCHEDULE = load_schedules()[ScheduleId.GENERAL_CASE]
FAR = NOW + timedelta(days=SCHEDULE.days + 5)
NAMES = ("鲁守田", "阮承岳", "苗惠", "廖培元", "崔广田", "滕守业")
BODIES = ("bureau", "civil_affairs", "assistance", "hotline", "clue_desk", "fire", "township-mailong")
UNITS = (None, "麦陇镇民政办", "养老服务科", "望桐县民政局", "望桐县消防救援大队", "热线中心")
POSTS = ("", "副主任", "科长", "局长")
FOUND_IS_ENOUGH = (Phase.explicit, Phase.generate)
"""An example costs a second, so a failing one is told as it was found."""
WORDS = "只有这一件里才有的话"


@dataclass(frozen=True)
class Told:
    """An invented report: whom and what it names, how grave it is."""

    name: str | None
    post: str
    unit: str | None
    home: str | None
    urgency: Urgency
    discipline: bool
    who: bool
    what: bool

    @property
    def text(self) -> str:
        """What somebody might have written."""
        return f"麦陇镇敬老院{self.unit or ''}{self.post}{self.name or ''}的事：{WORDS}，有危险。"

    def assess(self) -> Assessment:
        """What triage might have said of it."""
        person = (
            [a_person(self.text, self.name, name=self.name, post=self.post or None, unit=self.unit)]
            if self.name
            else []
        )
        named = {"unit": self.unit} if self.unit else {"home": self.home}
        return an_assessment(
            self.text,
            urgency=self.urgency,
            discipline=self.discipline,
            who=self.who,
            what=self.what,
            body="civil_affairs",
            town="mailong",
            persons=person,
            **named,
        )


@dataclass(frozen=True)
class Leaked:
    """What somebody might have read off a note: the ids of things that hang on a case."""

    hint: str
    referral: str
    request: str


NOTHING = Leaked("0" * 24, "0" * 24, "0" * 24)
people = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(POSTS),
        st.sampled_from(BODIES),
        st.lists(st.sampled_from(list(Role)), min_size=1, max_size=2, unique=True),
        st.booleans(),
    ),
    min_size=2,
    max_size=6,
)
reports = st.builds(
    Told,
    name=st.none() | st.sampled_from(NAMES),
    post=st.sampled_from(POSTS),
    unit=st.sampled_from(UNITS),
    home=st.none() | st.just("mailong-home"),
    urgency=st.sampled_from(list(Urgency)),
    discipline=st.booleans(),
    who=st.booleans(),
    what=st.booleans(),
)


def answer(act: Callable[[], Any]) -> Any:
    """What somebody gets: the value, or the refusal as he sees it."""
    try:
        return act()
    except HotlineError as error:
        return type(error).__name__


def view(session: Session, officer: Officer, decoy: Case) -> dict[str, Any]:
    """All that an officer can get out of lists, counts, searches, statistics, hints and alarms."""
    wanted = [
        *(CaseFilter(queue=queue) for queue in (Queue.ALL, Queue.CRITICAL, Queue.DISCIPLINE, Queue.DOUBTFUL)),
        *(CaseFilter(text=text) for text in (WORDS, "麦陇镇敬老院", "危险")),
        CaseFilter(),
        CaseFilter(institution_code="mailong-home"),
        CaseFilter(town_code="mailong"),
        CaseFilter(category="food_safety"),
        CaseFilter(size=1),
    ]
    pages = [list_cases_for(session, officer, each, now=NOW) for each in wanted]
    days: dict[str, Any] = {"since": NOW.date() - timedelta(days=30), "until": NOW.date() + timedelta(days=1)}
    return {
        "pages": [([case.id for case in page.rows], page.total) for page in pages],
        "queues": dict(count_queues_for(session, officer, now=NOW)),
        "earlier": [case.id for case in list_earlier_cases(session, officer, "mailong-home")],
        "hints": [case.id for _, case in list_duplicates_for(session, officer, decoy)],
        "statistics": [count_cases_by(session, officer, by, **days, now=NOW) for by in Grouping],
        "tables, as on the page, in print and in the sheet": answer(
            lambda: build_tables(session, officer, {}, **days, now=NOW)
        ),
        "behind the numbers": list_behind(session, officer, days),
        "longer limits": answer(lambda: [each.extension.id for each in list_requests_for(session, officer)]),
        "how many longer limits": count_requests_for(session, officer),
        "frozen": answer(lambda: [each.case_id for each in list_holds_for(session, officer)]),
        "in time": count_closed_in_time(session, officer, **days),
        "alarms": [case.id for case in list_alarms_for(session, officer)],
        "retention": answer(lambda: [due.case_id for due in preview_destruction(session, officer, SCHEDULE, now=FAR)]),
    }


def list_behind(session: Session, officer: Officer, days: dict[str, Any]) -> list[list[str]]:
    """The cases behind each number of the statistics."""
    return [
        [case.id for case in list_counted_for(session, officer, by, key, **days, now=NOW)]
        for by in Grouping
        for key in count_cases_by(session, officer, by, **days, now=NOW)
    ]


def refusals(session: Session, officer: Officer, case: Case, leaked: Leaked) -> list[Any]:
    """What he gets who asks for the very thing by its id or number, as from a leaked note."""
    return [
        answer(lambda: get_case_for(session, officer, case.id)),
        answer(lambda: get_case_by_number_for(session, officer, case.number)),
        answer(lambda: get_referral_for(session, officer, leaked.referral)),
        answer(lambda: decide_duplicate(session, leaked.hint, same=True, by=officer, now=NOW)),
        answer(lambda: get_request_for(session, officer, leaked.request)),
        answer(lambda: get_hold_for(session, officer, case.id)),
        answer(lambda: list_exclusions(session, officer, case.id)),
    ]


@settings(
    max_examples=15,
    phases=FOUND_IS_ENOUGH,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(staff=people, told=reports)
def test_whoever_is_kept_out_learns_nothing(store: Store, staff: list[Any], told: Told) -> None:
    with store.write() as session:
        the_county(session)
        officers = [hire(session, number, *one) for number, one in enumerate(staff)]
        decoy = an_open_case(session, "芦渚颐年院收费不给收据。", home="luzhu-home", town="luzhu")
        before = {officer.id: view(session, officer, decoy) for officer in officers}
        cases = take_in(session, told)
        leaked = [hang_on(session, case, decoy, officers[0]) for case in cases]
        out = [list_kept_out(session, told, case, officers) for case in cases]
        for case, named, kept_out in zip(cases, leaked, out, strict=True):
            for officer in kept_out:
                unknown = refusals(session, officer, Case(id="0" * 24, number="0"), NOTHING)
                assert refusals(session, officer, case, named) == unknown
        for officer in officers:
            if all(officer in kept_out for kept_out in out):
                assert view(session, officer, decoy) == before[officer.id]
        session.rollback()


def hire(session: Session, number: int, name: str, post: str, body: str, roles: list[Role], leads: bool) -> Officer:
    """One officer of the invented office; clue officers have keys."""
    keys = Role.CLUE_OFFICER in roles
    known = {"post": post, "leads": leads, "towns": ["mailong"]}
    return an_officer(session, f"o{number}", name, body, *roles, keys=keys, **known)


def take_in(session: Session, told: Told) -> list[Case]:
    """The case and the slip that come of the report, if any."""
    opened = open_case(session, an_opening(told.text, assessment=told.assess()), office=an_office(), now=NOW)
    made = [case for case in (opened.case, opened.slip) if case is not None]
    for case in made:
        if case.status is CaseStatus.RECEIVED and not case.sealed:
            case.status = CaseStatus.WORKING  # past the dispatcher, where handling bodies would see it
    session.flush()
    return made


def hang_on(session: Session, case: Case, decoy: Case, drafter: Officer) -> Leaked:
    """A hint to the decoy, a referral, a freeze and a request for a longer limit, as leaks could name them."""
    hint = DuplicateHint(case_id=case.id, other_case_id=decoy.id, score=0.9, why=["home"])
    plain = {} if case.sealed else {"body_code": "fire", "fields": {}}
    referral = Referral(case_id=case.id, sealed=case.sealed, drafted_by=drafter.id, drafted_at=NOW, **plain)
    clock = session.scalars(select(Deadline).where(Deadline.case_id == case.id)).first()
    assert clock is not None
    asked = {"length": 1, "reason": "要等", "requested_by": drafter.id, "requested_at": NOW}
    request = Extension(deadline_id=clock.id, **asked)
    frozen = {"note_id": "0" * 24, "review_on": NOW.date(), "placed_by": drafter.id, "placed_at": NOW}
    session.add_all([hint, referral, request, LegalHold(case_id=case.id, **frozen)])
    session.flush()
    return Leaked(hint.id, referral.id, request.id)


def list_kept_out(session: Session, told: Told, case: Case, officers: list[Officer]) -> list[Officer]:
    """By the pure conflict test, not by the rows that it left; of a sealed case everybody without a key as well."""
    roster = build_roster(session)
    hits = find_conflicts(read_mentions(told.assess(), told.text), roster)
    seen = {one.id: one for one in roster.officers}
    out = [officer for officer in officers if is_hit(seen[officer.id], hits, roster)]
    if case.sealed:
        allowed = set(session.scalars(select(Allowance.officer_id).where(Allowance.case_id == case.id)))
        assert not allowed & {officer.id for officer in out}
        out = [officer for officer in officers if officer.id not in allowed]
    return out
