"""Whether we live, whether we can work, and the counts an operator's monitoring reads; never a name, never a number.

Whoever reads the counts learns when somebody works or reports, so strangers get one sum a day (`api.counting`).
"""

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.counting import Counts

router = APIRouter(include_in_schema=False)


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
    """Counts for Prometheus: one coarse sum for everybody, the whole with `HOTLINE_METRICS_TOKEN` as a bearer."""
    house = request.app.state.house
    token = house.settings.metrics_token
    given = request.headers.get("authorization", "").encode()
    known = token is not None and hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())
    counts: Counts = request.app.state.counts
    return Response(counts.write(whole=known, now=house.now()), media_type=CONTENT_TYPE_LATEST)
