"""The only file that asks the system what time it is.

Everything else takes `now`, so that yesterday can be worked out again and tests choose their day.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local_date(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai, on which legal limits are counted (民法典 art. 200-204)."""
    return moment.astimezone(SHANGHAI).date()


def local_time(moment: datetime) -> datetime:
    """The same moment as a Shanghai clock shows it."""
    return moment.astimezone(SHANGHAI)
