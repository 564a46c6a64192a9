"""The named floor of the WeChat figures: a bare `def` route that decrypts the same post and inserts one row.

Same pragmas, same write lock, same server; nothing of the product but its store and its envelope.
"""

import os
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, FastAPI, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.channels import Request as Incoming
from bot.channels.registry import build_wechat
from casework.models.columns import new_id
from casework.secrets import generate_secret_file, load_secrets
from casework.store import Store
from tests.benchmarks.account import account_settings


class FloorBase(DeclarativeBase):
    """The floor's own table."""


class Row(FloorBase):
    """One message as it came."""

    __tablename__ = "floor"

    id: Mapped[str] = mapped_column(String(24), primary_key=True, default=new_id)
    text: Mapped[str] = mapped_column(Text)


def make_app() -> FastAPI:
    """The floor, around the database that FLOOR_URL names."""
    store = Store(os.environ["FLOOR_URL"])
    FloorBase.metadata.create_all(store.engine)
    adapter = build_wechat(
        account_settings(),
        store=store,
        secrets=load_secrets(generate_secret_file()),
        clock=lambda: datetime.now(UTC),
    )
    assert adapter is not None
    app = FastAPI()

    @app.post("/wechat")
    def receive(request: Request, body: Annotated[bytes, Body(media_type="text/xml")]) -> PlainTextResponse:
        incoming = Incoming("POST", dict(request.query_params), dict(request.headers), body)
        now = datetime.now(UTC)
        verified = adapter.verify(incoming, now=now)
        with store.write() as session:
            session.add(Row(text=verified.body.decode()))
        return PlainTextResponse("success")

    @app.get("/healthz")
    def alive() -> PlainTextResponse:
        return PlainTextResponse("ok")

    return app
