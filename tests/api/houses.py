"""A whole house for the tests of its doors: the invented county, its officers, a vault with weak keys, a clock to turn.

The rows that are the same in every house are made once a process and copied; triage and typesetting are made once too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyotp
from sqlalchemy import Table, insert, select

from api.migrate import upgrade
from api.settings import Settings, load_settings
from api.wiring import House, Parts, build_house, read_context
from casework.documents import build_typesetter
from casework.ledger import SYSTEM, Verb
from casework.models import Body, Institution, Officer, RecoveryKey, Ring, RingMember, Town
from casework.models.ledger import LedgerEntry
from casework.officers import add_officer
from casework.offices import find_office_file, load_office_data
from casework.secrets import generate_secret_file, load_secrets
from casework.store import Store
from casework.types import Role
from casework.vault import KdfStrength
from casework.vaultsetup import set_up_vault
from intake.gate import ReceiptGate
from intake.receipts import ReceiptHit

NOW = datetime(2026, 10, 8, 2, 52, tzinfo=UTC)
"""Thursday 8 October 2026, 10:52 in Shanghai."""
LIGHT = KdfStrength(passes=1, memory_kib=8)
PASSWORD = "mailong-tingzhu-2026"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OFFICE = "wangtong"
APP_ID, TOKEN, AES_KEY = "wxtest0000000000", "a-token-of-the-tests", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SAME_EVERYWHERE = (Town, Body, Institution, Officer, RecoveryKey, Ring, RingMember)


@dataclass(frozen=True)
class Person:
    """One of the house's officers."""

    username: str
    name: str
    body: str
    roles: tuple[Role, ...]
    post: str = ""
    aliases: tuple[str, ...] = ()
    leads: bool = False
    ring: bool = False
    towns: tuple[str, ...] = ()


DISPATCHER = Person("zhou", "周建禾", "hotline", (Role.DISPATCHER,), "派单员")
SUPERVISOR = Person("meng", "孟怀川", "hotline", (Role.SUPERVISOR,), "值班长")
OPERATOR = Person("kong", "孔小桐", "hotline", (Role.OPERATOR,), "话务员")
CLUE = Person("shen", "沈知棠", "clue_desk", (Role.CLUE_OFFICER,), "密件员", ring=True)
OTHER_CLUE = Person("he", "贺小满", "clue_desk", (Role.CLUE_OFFICER,), "密件员", ring=True)
HANDLER = Person("tao", "陶玉苓", "civil_affairs", (Role.HANDLER,), "养老服务科科员")
HEAD = Person("liao", "廖培元", "civil_affairs", (Role.HANDLER, Role.LEADER), "养老服务科科长", ("廖科长",))
OTHER_HANDLER = Person("miao", "苗惠", "assistance", (Role.HANDLER,), "社会救助科科长")
LEADER = Person("ruan", "阮承岳", "bureau", (Role.LEADER,), "副局长", ("阮局长",), leads=True)
TOWNSHIP = Person("lu", "鲁守田", "township-mailong", (Role.TOWNSHIP,), "副主任", ("鲁主任",), towns=("mailong",))
RECEIVER = Person("bai", "柏铁山", "fire", (Role.RECEIVER,), "防火监督员")
INSPECTOR = Person("su", "苏望舒", "bureau", (Role.INSPECTOR,), "督导员", towns=("nanxing",))
ADMINISTRATOR = Person("shi", "施远", "hotline", (Role.ADMINISTRATOR,), "管理员")
AUDITOR = Person("ye", "叶守白", "bureau", (Role.LOG_AUDITOR,), "日志审计员")
EVERYBODY = (
    *(DISPATCHER, SUPERVISOR, OPERATOR, CLUE, OTHER_CLUE, HANDLER, HEAD, OTHER_HANDLER, LEADER, TOWNSHIP),
    *(RECEIVER, INSPECTOR, ADMINISTRATOR, AUDITOR),
)


@dataclass
class Clock:
    """The house's time: it stands still until a test turns it."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def turn(self, **forward: float) -> None:
        """Let time pass."""
        self.at += timedelta(**forward)


@dataclass(frozen=True)
class Common:
    """What every house of this process shares."""

    secret_file: bytes
    rows: tuple[tuple[Any, list[dict[Any, Any]]], ...]
    passphrases: Mapping[str, str] = field(repr=False)
    recovery_key: str = field(repr=False)


@dataclass(frozen=True)
class TestHouse:
    """A house with the hands of a test: its clock, the ring's passphrases."""

    __test__ = False

    house: House
    clock: Clock
    passphrases: Mapping[str, str]
    recovery_key: str = ""

    def code_of(self) -> str:
        """The running second-factor code, the same for everybody."""
        return pyotp.TOTP(SEED).at(self.clock.at)


@cache
def common() -> Common:
    """Make the county, the officers and the vault once, by the real services, and keep their rows."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/common.db")
        try:
            return _make_common(store)
        finally:
            store.close()


def _make_common(store: Store) -> Common:
    upgrade(store.url)
    secret_file = generate_secret_file()
    totp = load_secrets(secret_file).encrypt("totp", SEED.encode(), b"")
    with store.write() as session:
        load_office_data(session, find_office_file(OFFICE), by=SYSTEM, now=NOW)
        members = []
        for person in EVERYBODY:
            officer = add_officer(
                session,
                username=person.username,
                name=person.name,
                aliases=person.aliases,
                body_code=person.body,
                roles=person.roles,
                password=PASSWORD,
                post=person.post,
                towns=person.towns,
                leads=person.leads,
                totp_secret=totp,
                by=SYSTEM,
                now=NOW,
            )
            if person.ring:
                members.append(officer)
        sheet = set_up_vault(session, members, strength=LIGHT, now=NOW)
    tables = [model.__table__ for model in SAME_EVERYWHERE]
    pinned = select(LedgerEntry.__table__).where(LedgerEntry.verb == Verb.KEY_PINNED.value).order_by(LedgerEntry.id)
    with store.read() as session:
        rows = tuple(
            (table, [dict(row) for row in session.execute(select(table)).mappings()])
            for table in tables
            if isinstance(table, Table)
        )
        told = session.execute(pinned).mappings()
        pins = [{name: value for name, value in row.items() if name != "id"} for row in told]
    ledger = LedgerEntry.__table__
    rows = (*rows, (ledger, pins)) if isinstance(ledger, Table) else rows
    return Common(secret_file, rows, dict(sheet.passphrases), sheet.recovery_key)


@cache
def shared_parts() -> Parts:
    """Triage over the county's directory, and the typesetter: seconds to make, the same for every house."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/parts.db")
        upgrade(store.url)
        furnish(store)
        context = read_context(store)
        store.close()
    return Parts(context=context, typesetter=build_typesetter())


def furnish(store: Store) -> None:
    """Put the county, its officers and the vault into an empty database."""
    with store.write() as session:
        for table, rows in common().rows:
            session.execute(insert(table).values(rows))


@contextmanager
def a_house(url: str, folder: Path, **settings: Any) -> Iterator[TestHouse]:
    """A furnished house on a fresh migrated database; `settings` by field name."""
    (folder / "secret.toml").write_bytes(common().secret_file)
    furnisher = Store(url)
    furnish(furnisher)
    furnisher.close()
    clock = Clock()
    with open_house(some_settings(url, folder, **settings), clock) as house:
        yield TestHouse(house, clock, common().passphrases, common().recovery_key)


@contextmanager
def open_house(settings: Settings, clock: Callable[[], datetime]) -> Iterator[House]:
    """The house around settings, with a gate that lets a test's wrong codes go at once."""
    parts = shared_parts()
    gate: ReceiptGate[ReceiptHit] = ReceiptGate(miss_seconds=0.01, usual_seconds=0.01)
    house = build_house(
        settings, now=clock, strength=LIGHT, parts=Parts(context=parts.context, typesetter=parts.typesetter, gate=gate)
    )
    try:
        yield house
    finally:
        house.close()


def some_settings(url: str, folder: Path, **settings: Any) -> Settings:
    """The settings of a test house, whatever the environment says."""
    known: dict[str, Any] = {
        "data_dir": folder,
        "database_url": url,
        "secret_file": folder / "secret.toml",
        "public_url": "http://127.0.0.1:8000",
        "office": OFFICE,
        "font_dir": None,
        "bypass_authority": "望桐县纪委监委批复",
        "wechat_app_id": APP_ID,
        "wechat_app_secret": "a-secret-of-the-tests",
        "wechat_token": TOKEN,
        "wechat_aes_key": AES_KEY,
        "wechat_aes_key_previous": None,
        "wechat_api_base": "http://127.0.0.1:9",
        "telegram_token": None,
        "smtp_url": "smtp://127.0.0.1:9",
        "mail_from": "hotline@wangtong.invalid",
        "hsts": False,
    }
    return load_settings(_env_file=None, **(known | settings))
