"""When somebody is in: the office hours of the script on the working days of the calendar, in words a caller hears."""

from datetime import datetime, time, timedelta

from casework.clock import SHANGHAI, local_time
from casework.workdays import WorkCalendar

WEEKDAYS = "一二三四五六日"


def is_open(hours: tuple[str, ...], calendar: WorkCalendar, now: datetime) -> bool:
    """Whether the office is open at this moment."""
    here = local_time(now)
    return calendar.is_working_day(here.date()) and any(start <= here.time() < end for start, end in map(_span, hours))


def tell_opening(hours: tuple[str, ...], calendar: WorkCalendar, now: datetime) -> str:
    """When it opens next: a time of today, or a day with its weekday and a time."""
    here = local_time(now)
    for start, _ in map(_span, hours):
        if calendar.is_working_day(here.date()) and here.time() < start:
            return f"今天{start:%H:%M}"
    day = calendar.next_working_day(here.date())
    first = _span(hours[0])[0]
    tomorrow = "明天" if day == here.date() + timedelta(days=1) else ""
    return f"{tomorrow}{day.month}月{day.day}日(星期{WEEKDAYS[day.weekday()]}){first:%H:%M}"


def end_of_next_office_day(hours: tuple[str, ...], calendar: WorkCalendar, now: datetime) -> datetime:
    """The moment at which the next whole office day is over: so long whoever was told to wait is waited for."""
    day = calendar.next_working_day(local_time(now).date())
    return datetime.combine(day, _span(hours[-1])[1], SHANGHAI)


def _span(text: str) -> tuple[time, time]:
    start, _, end = text.partition("-")
    return time.fromisoformat(start), time.fromisoformat(end)
