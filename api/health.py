"""Whether we live, whether we can work, and the counts an operator's monitoring reads; never a name, never a number.

Whoever reads the counts of the staff's own routes learns when they work on what, so those are for the office alone.
"""

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

router = APIRouter(include_in_schema=False)

REGISTRY = CollectorRegistry()
REQUESTS = Counter("hotline_requests", "Requests by route and status", ("method", "route", "status"), registry=REGISTRY)
SECONDS = Histogram("hotline_request_seconds", "How long a route took", ("route",), registry=REGISTRY)
BEHIND_DOORS = ("/console", "/api/", "/acknowledge")
"""The routes that only staff and other bodies use."""


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One more request; `route` is the pattern, never the path."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def write_metrics(*, whole: bool) -> bytes:
    """The counts in Prometheus' format; without `whole` those of the public routes alone."""
    lines = generate_latest(REGISTRY).splitlines(keepends=True)
    marks = tuple(f'route="{prefix}'.encode() for prefix in BEHIND_DOORS)
    return b"".join(line for line in lines if whole or not any(mark in line for mark in marks))


@router.get("/healthz")
def is_alive() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def is_ready(request: Request) -> Response:
    """The database answers too."""
    try:
        with request.app.state.house.store.read() as session:
            session.execute(text("SELECT 1"))
    except DBAPIError:
        return JSONResponse({"ready": False}, 503)
    return JSONResponse({"ready": True})


@router.get("/metrics")
def show_metrics(request: Request) -> Response:
    """Counts for Prometheus: of the public routes for everybody, of all with `HOTLINE_METRICS_TOKEN` as a bearer."""
    token = request.app.state.house.settings.metrics_token
    given = request.headers.get("authorization", "").encode()
    known = token is not None and hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())
    return Response(write_metrics(whole=known), media_type=CONTENT_TYPE_LATEST)
