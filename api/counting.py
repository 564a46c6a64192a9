"""The counts that an operator's monitoring reads, in two registries: what staff do, and what the public does.

Whoever saw a reporter's route counted to the second would know when somebody reported, and beside a case or a face at
the counter also who. So of the public side nothing is told but what had come in an hour before, and to strangers the
sum of a day.
"""

from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

BEHIND_DOORS = ("/console", "/api/", "/acknowledge")
"""The routes that only staff and other bodies use."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRANGERS = "# HELP hotline_public_requests_total Requests to public pages, by the day\n# TYPE {0} counter\n{0} {1}\n"


class Counted:
    """One registry: requests by route and status, and how long a route took."""

    def __init__(self, prefix: str) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter(f"{prefix}_requests", "Requests by route and status", labels, registry=self.registry)
        self.seconds = Histogram(
            f"{prefix}_request_seconds", "How long a route took", ("route",), registry=self.registry
        )
        self.total = 0

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """One more request; `route` is the pattern, never the path."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        self.total += 1

    def write(self) -> bytes:
        """All of it in Prometheus' format."""
        return generate_latest(self.registry)


class Coarse:
    """A text that is drawn anew only when it is so old; the first one is empty, for a start is a moment too."""

    def __init__(self, age: timedelta, first: bytes) -> None:
        self.age, self.text = age, first
        self.drawn_at: datetime | None = None

    def show(self, text: bytes, now: datetime) -> bytes:
        """The text of the last drawing, or this one where that is old enough."""
        if self.drawn_at is None:
            self.drawn_at = now
        elif now - self.drawn_at >= self.age:
            self.text, self.drawn_at = text, now
        return self.text


class Counts:
    """What one process has counted since its start."""

    def __init__(self) -> None:
        self.staff, self.public = Counted("hotline"), Counted("hotline_public")
        self.hourly = Coarse(HOUR, b"")
        self.daily = Coarse(DAY, _sum(0))

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """One more request."""
        side = self.staff if route.startswith(BEHIND_DOORS) else self.public
        side.add(method, route, status, seconds)

    def write(self, *, whole: bool, now: datetime) -> bytes:
        """To the office's monitoring staff's routes as they are and the public's by the hour; to strangers one sum."""
        if not whole:
            return self.daily.show(_sum(self.public.total), now)
        return self.staff.write() + self.hourly.show(self.public.write(), now)


def _sum(total: int) -> bytes:
    return STRANGERS.format("hotline_public_requests_total", total).encode()
