"""Whether we live, whether we can work, and the counts an operator's monitoring reads; never a name, never a number."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

router = APIRouter(include_in_schema=False)

REGISTRY = CollectorRegistry()
REQUESTS = Counter("hotline_requests", "Requests by route and status", ("method", "route", "status"), registry=REGISTRY)
SECONDS = Histogram("hotline_request_seconds", "How long a route took", ("route",), registry=REGISTRY)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One more request; `route` is the pattern, never the path."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


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
def show_metrics() -> Response:
    """Counts for Prometheus."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
