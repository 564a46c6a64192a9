"""One line and one count a request: method, route, status, milliseconds; never an address, a query or a body.

What nobody foresaw ends here too, as a page, and leaves no trace of what was being handled in any log.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.counting import Counts

logger = logging.getLogger("hotline.web")
UNANSWERED = 500


@dataclass(frozen=True, slots=True)
class Meter:
    """Plain ASGI, because a wrapper that streams every response costs more than a small route.

    `counts` is what one process has counted. `answer` draws the page for an error that nobody foresaw; `place` says
    where in our code it happened.
    """

    app: ASGIApp
    counts: Counts
    answer: Callable[[Request], Response]
    place: Callable[[Exception], str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; see the module."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0
        started = perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # its text may quote what a person wrote
            logger.error("internal", extra={"error_code": type(error).__name__, "place": self.place(error)})
            if status == 0:
                await self.answer(Request(scope))(scope, receive, noting)
        tell(self.counts, scope, status or UNANSWERED, perf_counter() - started)


def tell(counts: Counts, scope: Scope, status: int, seconds: float) -> None:
    """The count and the line."""
    route = getattr(scope.get("route"), "path", "unknown")
    counts.add(scope["method"], route, status, seconds)
    facts = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000)}
    logger.info("request", extra=facts)
