"""Counting limits: the Civil Code's rules, the make-up Saturdays, and the years nobody has told us yet."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.clock import local_date
from casework.errors import DataError
from casework.limits import CaseEvent, ClockFacts, DeadlineRule, RuleScope, due_on, load_rules
from casework.types import BodyKind, Channel, DeadlineUnit
from casework.workdays import WorkCalendar, load_calendar
from triage.types import Urgency

CALENDAR = load_calendar()
THURSDAY = datetime(2026, 10, 8, 2, 52, tzinfo=UTC)
"""Thursday 8 October 2026, 10:52 in Shanghai; Saturday the 10th is a make-up working day."""

moments = st.datetimes(min_value=datetime(2005, 1, 1), max_value=datetime(2026, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001
day_units = st.sampled_from([DeadlineUnit.WORKING_DAY, DeadlineUnit.DAY, DeadlineUnit.MONTH])


def test_the_day_of_the_event_is_not_counted():
    assert due_on(THURSDAY, DeadlineUnit.WORKING_DAY, 1, CALENDAR).on == date(2026, 10, 9)


def test_a_make_up_saturday_counts_and_the_sunday_after_it_does_not():
    assert due_on(THURSDAY, DeadlineUnit.WORKING_DAY, 2, CALENDAR).on == date(2026, 10, 10)
    assert due_on(THURSDAY, DeadlineUnit.WORKING_DAY, 3, CALENDAR).on == date(2026, 10, 12)


def test_working_days_leave_out_national_day():
    before = datetime(2026, 9, 29, 2, 0, tzinfo=UTC)
    assert due_on(before, DeadlineUnit.WORKING_DAY, 2, CALENDAR).on == date(2026, 10, 8)


def test_a_last_day_of_rest_rolls_on_to_the_next_working_day():
    start = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)
    assert start.date() + timedelta(days=15) == date(2026, 10, 3)
    assert due_on(start, DeadlineUnit.DAY, 15, CALENDAR).on == date(2026, 10, 8)


def test_a_last_day_on_a_make_up_saturday_does_not_roll():
    start = datetime(2026, 9, 25, 2, 0, tzinfo=UTC)
    assert due_on(start, DeadlineUnit.DAY, 15, CALENDAR).on == date(2026, 10, 10)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2025, 12, 15), 2, date(2026, 2, 15)),
    ],
)
def test_a_month_ends_on_the_corresponding_date_or_the_last(start: date, months: int, end: date):
    always = WorkCalendar({start + timedelta(days=n): True for n in range(120)})
    noon = datetime(start.year, start.month, start.day, 4, tzinfo=UTC)
    assert due_on(noon, DeadlineUnit.MONTH, months, always).on == end


def test_a_month_with_five_working_days_of_grace():
    assert due_on(THURSDAY, DeadlineUnit.MONTH, 1, CALENDAR).on == date(2026, 11, 9)
    assert due_on(THURSDAY, DeadlineUnit.MONTH, 1, CALENDAR, grace=5).on == date(2026, 11, 16)


def test_hours_run_from_the_moment_over_holidays():
    night = datetime(2026, 10, 1, 15, 30, tzinfo=UTC)
    due = due_on(night, DeadlineUnit.HOUR, 24, CALENDAR)
    assert due.at == night + timedelta(hours=24)
    assert due.on == date(2026, 10, 2)


def test_the_day_is_that_of_shanghai():
    late = datetime(2026, 10, 8, 16, 30, tzinfo=UTC)
    assert due_on(late, DeadlineUnit.WORKING_DAY, 1, CALENDAR).on == date(2026, 10, 10)


def test_a_limit_of_no_days_ends_with_the_day_itself_even_on_a_holiday():
    holiday = datetime(2026, 10, 3, 2, 0, tzinfo=UTC)
    assert due_on(holiday, DeadlineUnit.DAY, 0, CALENDAR).on == date(2026, 10, 3)


def test_it_refuses_a_negative_length():
    with pytest.raises(ValueError, match="negative"):
        due_on(THURSDAY, DeadlineUnit.DAY, -1, CALENDAR)


def test_a_limit_that_runs_into_a_year_without_data_is_provisional():
    december = datetime(2026, 12, 24, 2, 0, tzinfo=UTC)
    assert due_on(december, DeadlineUnit.WORKING_DAY, 5, CALENDAR).provisional is False
    assert due_on(december, DeadlineUnit.WORKING_DAY, 6, CALENDAR).provisional is True
    assert due_on(december, DeadlineUnit.DAY, 7, CALENDAR).provisional is False
    assert due_on(december, DeadlineUnit.DAY, 15, CALENDAR).provisional is True


def test_the_offices_own_year_makes_it_firm(tmp_path: Path):
    file = tmp_path / "2027.toml"
    file.write_text(
        "years = [2027]\n[[change]]\nfrom = 2027-01-01\nto = 2027-01-03\nworks = false\n"
        "[[change]]\nfrom = 2027-01-09\nworks = true\n",
        encoding="utf-8",
    )
    calendar = load_calendar(file)
    december = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)
    due = due_on(december, DeadlineUnit.WORKING_DAY, 6, calendar)
    assert (due.on, due.provisional) == (date(2027, 1, 9), False)


def test_a_single_day_of_the_offices_own_overrides_the_library():
    closed = WorkCalendar({date(2026, 10, 9): False})
    assert due_on(THURSDAY, DeadlineUnit.WORKING_DAY, 1, closed).on == date(2026, 10, 10)


@pytest.mark.parametrize("text", ["years = [", "years = ['x']", "[[change]]\nfrom = 2027-01-01\n"])
def test_a_wrong_calendar_file_is_named(tmp_path: Path, text: str):
    file = tmp_path / "wrong.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as raised:
        load_calendar(file)
    assert raised.value.file == "wrong.toml"


@given(moments, day_units, st.integers(1, 70))
def test_a_limit_in_days_ends_on_a_working_day_after_its_start(start: datetime, unit: DeadlineUnit, length: int):
    due = due_on(start, unit, length if unit is not DeadlineUnit.MONTH else length % 6 + 1, CALENDAR)
    assert due.on > local_date(start)
    assert CALENDAR.is_working_day(due.on)
    assert due.at is None


@given(moments, st.integers(1, 60))
def test_a_limit_of_n_working_days_has_n_working_days(start: datetime, length: int):
    due = due_on(start, DeadlineUnit.WORKING_DAY, length, CALENDAR)
    assert CALENDAR.count_working_days(local_date(start), due.on) == length


@given(moments, day_units, st.integers(1, 20))
def test_a_longer_limit_never_ends_earlier(start: datetime, unit: DeadlineUnit, length: int):
    shorter, longer = (due_on(start, unit, n, CALENDAR).on for n in (length, length + 1))
    assert shorter <= longer
    assert due_on(start, unit, length, CALENDAR, paused_days=2).on >= shorter
    assert due_on(start, unit, length, CALENDAR, grace=1).on > shorter


@given(moments, day_units, st.integers(1, 12))
def test_only_the_day_of_the_start_matters(start: datetime, unit: DeadlineUnit, length: int):
    noon = datetime.combine(local_date(start), datetime.min.time(), UTC) + timedelta(hours=4)
    assert due_on(start, unit, length, CALENDAR).on == due_on(noon, unit, length, CALENDAR).on


@given(moments, st.integers(0, 2000))
def test_hours_are_hours(start: datetime, length: int):
    due = due_on(start, DeadlineUnit.HOUR, length, CALENDAR)
    assert due.at == start + timedelta(hours=length)
    assert due.provisional is False


def test_our_rules_are_whole():
    rules = load_rules()
    assert {"first_action", "sign", "return", "handle", "petition_notice", "fire_exit", "clue_send", "receipt"} <= set(
        rules
    )
    for rule in rules.values():
        assert rule.label
        assert rule.article
        assert rule.meets
        assert rule.starts_on not in rule.meets


@pytest.mark.parametrize(
    ("rule", "unit", "length", "extendable_by"),
    [
        ("first_action", DeadlineUnit.HOUR, 1, 0),
        ("sign_urgent", DeadlineUnit.HOUR, 2, 0),
        ("sign", DeadlineUnit.WORKING_DAY, 1, 0),
        ("return", DeadlineUnit.WORKING_DAY, 2, 0),
        ("handle", DeadlineUnit.WORKING_DAY, 5, 5),
        ("petition_notice", DeadlineUnit.DAY, 15, 0),
        ("petition_close", DeadlineUnit.DAY, 60, 30),
        ("fire_exit", DeadlineUnit.HOUR, 24, 0),
        ("fire", DeadlineUnit.WORKING_DAY, 3, 0),
        ("clue_confirm", DeadlineUnit.WORKING_DAY, 1, 0),
        ("clue_send", DeadlineUnit.WORKING_DAY, 3, 0),
        ("receipt", DeadlineUnit.WORKING_DAY, 5, 0),
        ("clue_disposal", DeadlineUnit.MONTH, 1, 0),
    ],
)
def test_the_limits_are_those_of_the_law_and_the_plans(rule: str, unit: DeadlineUnit, length: int, extendable_by: int):
    found = load_rules()[rule]
    assert (found.unit, found.length, found.extendable_by) == (unit, length, extendable_by)


def rules_for(event: CaseEvent, facts: ClockFacts) -> set[str]:
    return {rule.id for rule in load_rules().values() if rule.starts_on is event and rule.applies_to.covers(facts)}


def test_a_critical_report_must_be_acted_on_within_the_hour():
    facts = ClockFacts(urgency=Urgency.CRITICAL, categories=frozenset({"elder_abuse"}))
    assert "first_action" in rules_for(CaseEvent.RECEIVED, facts)
    assert not {"dispatch", "dispatch_high"} & rules_for(CaseEvent.RECEIVED, facts)


def test_a_named_petition_by_letter_has_the_fifteen_days_and_a_discipline_matter_has_not():
    facts = ClockFacts(urgency=Urgency.NORMAL, categories=frozenset({"fees"}), named=True, channel=Channel.LETTER)
    assert "petition_notice" in rules_for(CaseEvent.RECEIVED, facts)
    anonymous = ClockFacts(urgency=Urgency.NORMAL, categories=frozenset({"fees"}), channel=Channel.LETTER)
    assert "petition_notice" not in rules_for(CaseEvent.RECEIVED, anonymous)
    clue = ClockFacts(urgency=Urgency.NORMAL, named=True, channel=Channel.LETTER, discipline=True)
    assert "petition_notice" not in rules_for(CaseEvent.RECEIVED, clue)
    assert {"clue_confirm", "clue_send"} <= rules_for(CaseEvent.RECEIVED, clue)


@pytest.mark.parametrize(("words", "rule"), [("通道堵死", "fire_exit"), ("灭火器过期", "fire")])
def test_a_blocked_exit_gives_fire_rescue_a_day_and_the_rest_three(words: str, rule: str):
    facts = ClockFacts(body_kind=BodyKind.FIRE, urgency=Urgency.HIGH, phrases=(words,))
    assert {"fire", "fire_exit"} & rules_for(CaseEvent.REFERRED, facts) == {rule}


def test_a_sealed_case_shows_by_its_clocks_only_that_it_is_sealed():
    facts = ClockFacts(sealed=True, discipline=True)
    assert rules_for(CaseEvent.RECEIVED, facts) == {"clue_confirm", "clue_send"}
    assert rules_for(CaseEvent.REFERRED, facts) == {"receipt"}
    assert rules_for(CaseEvent.DISPATCHED, facts) == set()


def test_an_office_lays_its_own_rule_over_ours(tmp_path: Path):
    file = tmp_path / "own.toml"
    file.write_text(
        '[rules.sign]\nlabel = "签收"\narticle = "本局规定"\nstarts_on = "dispatched"\nunit = "hour"\nlength = 4\n'
        'meets = ["signed"]\n',
        encoding="utf-8",
    )
    rules = load_rules(file)
    assert rules["sign"].length == 4
    assert rules["handle"] == load_rules()["handle"]


@pytest.mark.parametrize(
    "line",
    ['unit = "week"', 'starts_on = "never"', "length = 1\nsurprise = 2", 'applies_to = { urgencies = ["very"] }'],
)
def test_a_wrong_rule_is_named_with_its_file(tmp_path: Path, line: str):
    file = tmp_path / "own.toml"
    known = {
        "label": '"x"',
        "article": '"x"',
        "starts_on": '"received"',
        "unit": '"hour"',
        "length": "1",
        "meets": "[]",
    }
    name = line.split(" ")[0]
    known.pop(name, None)
    body = "\n".join([*(f"{key} = {value}" for key, value in known.items()), line])
    file.write_text(f"[rules.mine]\n{body}\n", encoding="utf-8")
    with pytest.raises(DataError, match="mine"):
        load_rules(file)


def test_a_scope_that_asks_nothing_covers_every_open_case():
    assert RuleScope().covers(ClockFacts())
    assert not RuleScope().covers(ClockFacts(sealed=True))
    assert isinstance(next(iter(load_rules().values())), DeadlineRule)
