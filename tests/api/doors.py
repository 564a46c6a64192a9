"""A small house for the tests of single doors: real parts around one store, and a client that walks in by HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from fastapi import FastAPI
from jinja2 import Environment

from api import acknowledge, v1
from api.pages import build_environment
from casework.apikeys import Scope, create_api_key
from casework.office import Office
from casework.secrets import ServerSecrets
from casework.store import Store
from intake.receipts import ReceiptDesk
from intake.types import IntakeDesk
from tests.casework.handovers import LATER, equip_bodies
from tests.casework.people import NOW, an_office
from tests.infrastructure.server import running
from tests.intake.desk import a_desk, a_house, a_receipt_desk


@dataclass
class SmallHouse:
    """What these doors ask of a house; `clock` may be moved by a test."""

    store: Store
    office: Office
    intake_desk: IntakeDesk
    receipts: ReceiptDesk
    pages: Environment
    clock: datetime = LATER
    address: str = ""

    def now(self) -> datetime:
        return self.clock

    @property
    def secrets(self) -> ServerSecrets:
        return self.intake_desk.secrets


@contextmanager
def a_small_house(store: Store, **said: object) -> Iterator[SmallHouse]:
    """The invented county with its vault, and a triage that says `said` of every text."""
    with store.write() as session:
        a_house(session)
        equip_bodies(session)
    desk = a_desk(**said)
    receipts = a_receipt_desk(store, desk)
    house = SmallHouse(store, an_office(number_prefix="望民函"), desk, receipts, build_environment())
    app = FastAPI()
    app.state.house = house
    for router in (acknowledge.router, v1.router):
        app.include_router(router)
    with running(app) as house.address:
        yield house
    receipts.gate.close()


def call(house: SmallHouse, method: str, path: str, **more: Any) -> httpx.Response:
    """One request by HTTP, redirects not followed."""
    return httpx.request(method, f"{house.address}{path}", trust_env=False, timeout=20, **more)


def a_key(store: Store, *scopes: Scope, body: str | None = None, label: str = "12345") -> str:
    with store.write() as session:
        return create_api_key(session, label=label, scopes=scopes, body_code=body, now=NOW)
