"""The spine's speed: a WeChat message through the HTTP door, beside a bare route in the same run; start and memory.

Four kinds of traffic: stories (stored, triaged, answered with a question), whole reports (a story, 匿名, 对: every
third message files a case with clocks, ledger, receipt and jobs, its duplicate look-up among them), one more line in
one of 200 open talks, and dangers (each the whole road at once, with a page to the officer on duty). No worker runs.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from api.migrate import upgrade
from api.wiring import build_house
from casework import clock
from casework.ledger import SYSTEM
from casework.models import Case
from casework.officers import add_officer
from casework.offices import find_office_file, load_office_data
from casework.secrets import generate_secret_file
from casework.store import Store
from casework.types import Role
from casework.vault import KdfStrength
from casework.vaultsetup import set_up_vault
from tests.benchmarks.account import AES_KEY, APP_ID, TOKEN, Post, account_settings, make_post
from tests.benchmarks.load import Figures, at_full_speed, at_pace
from tests.infrastructure.postgres import find_free_port

PACE, PACED, FULL, CLIENTS = 50, 1500, 1200, 16
STORY = (
    "我爸住鹭汀颐养中心，护工半夜睡大觉，按铃没人应，被褥一股霉味，"
    "上个月摔了一跤也没人告诉我们，问前台还说是总部的规定。"
)
TALK, BLOCK = (STORY, "匿名", "对"), 100
WARM_UP = 1000 * BLOCK * len(TALK)
"""What a sender says, and how many senders speak in turn before each says the next thing."""
CROWD = 200
LINES = (
    "护工半夜睡大觉，按铃没人应",
    "是鹭汀颐养中心，三楼",
    "被褥一股霉味，说了好几回",
    "上个月摔了一跤也没人告诉我们",
    "不对，是上上个月",
    "问前台，说是总部的规定",
    "我妈不敢说，怕给她脸色看",
)
"""What each of CROWD senders goes on to say, one line after the other."""
DANGER = "麦陇镇敬老院着火了，三楼还有老人没下来，烟很大，快来人！"
START_SECONDS = 60
Maker = Callable[[int], Post]


@contextmanager
def running(command: list[str], port: int, env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server process and how many seconds it took to answer; ended afterwards."""
    began = time.perf_counter()
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(command, env={**ours, **env}, stderr=subprocess.DEVNULL)
    try:
        yield process, _wait(port, began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait(port: int, began: float) -> float:
    """Until a page is answered; knocks cheaply, because a busy client would slow the server that it waits for."""
    while time.perf_counter() - began < START_SECONDS:
        with socket.socket() as knocking:
            is_open = knocking.connect_ex(("127.0.0.1", port)) == 0
        if is_open:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=START_SECONDS).raise_for_status()
            return time.perf_counter() - began
        time.sleep(0.02)
    raise TimeoutError("the server did not answer")


@pytest.fixture(scope="module")
def house_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A migrated office with a vault, on SQLite, and the environment that names it."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "secret.toml").write_bytes(generate_secret_file())
    settings = account_settings(data_dir=folder, office="wangtong", bypass_authority="bench")
    upgrade(settings.resolved_database_url)
    store = Store(settings.resolved_database_url)
    with store.write() as session:
        load_office_data(session, find_office_file("wangtong"), by=SYSTEM, now=clock.now())
    store.close()
    house = build_house(settings)
    with house.store.write() as session:
        members = [
            add_officer(
                session,
                username=f"bench{number}",
                name=f"席{number}",
                body_code="clue_desk",
                roles=[Role.CLUE_OFFICER],
                password="a-long-bench-password",
                by=SYSTEM,
                now=house.now(),
            )
            for number in range(2)
        ]
        set_up_vault(session, members, strength=KdfStrength.VAULT, by=SYSTEM, now=house.now())
    house.close()
    return {
        "HOTLINE_DATA_DIR": str(folder),
        "HOTLINE_OFFICE": "wangtong",
        "HOTLINE_BYPASS_AUTHORITY": "bench",
        "HOTLINE_WECHAT_APP_ID": APP_ID,
        "HOTLINE_WECHAT_TOKEN": TOKEN,
        "HOTLINE_WECHAT_AES_KEY": AES_KEY,
    }


def test_a_wechat_message_beside_a_bare_route(house_env: dict[str, str], tmp_path: Path) -> None:
    ours, theirs = find_free_port(), find_free_port()
    hotline = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", str(ours), "--no-jobs"]
    floor = [sys.executable, "-m", "uvicorn", "--factory", "tests.benchmarks.floor_app:make_app", "--port"]
    floor += [str(theirs), "--no-access-log", "--log-level", "critical"]
    with running(floor, theirs, {"FLOOR_URL": f"sqlite:///{tmp_path / 'floor.db'}"}):
        bare = measure(f"http://127.0.0.1:{theirs}/wechat", saying(STORY), "bare route: decrypt + 1 insert (the floor)")
    with running(hotline, ours, house_env) as (_, first):
        pass
    with running(hotline, ours, house_env) as (process, started):
        url = f"http://127.0.0.1:{ours}/wechat"
        story = measure(url, saying(STORY), "a story: stored, triaged, answered")
        report = measure(url, talking(), "a report in three messages, the last files it")
        print(f"    cases filed: {count_cases(house_env)} of {(PACED + FULL) // len(TALK)}")
        measure(url, wandering(), f"one more line in one of {CROWD} open talks")
        danger = measure(url, saying(DANGER), "a danger: the whole road to a filed case")
        memory = psutil.Process(process.pid).memory_info().rss / 2**20
    print(f"\n  hotline serve answers after {started:.2f} s, the first time (compiling) after {first:.2f} s")
    print(f"  memory after {4 * (PACED + FULL)} messages: {memory:.0f} MB")
    rates = (("story", story), ("report", report), ("danger", danger))
    told = ", ".join(f"{name} {figures.rate / bare.rate:.2f}" for name, figures in rates)
    print(f"  throughput beside the floor: {told}")


def count_cases(house_env: dict[str, str]) -> int:
    """How many cases stand in the house's database."""
    store = Store(f"sqlite:///{house_env['HOTLINE_DATA_DIR']}/hotline.db")
    with store.read() as session:
        counted = session.scalar(select(func.count()).select_from(Case))
    store.close()
    return counted or 0


def saying(text: str) -> Maker:
    """Each message by a sender of its own."""
    return lambda _number: make_post(f"o{secrets.token_hex(12)}", text)


def talking() -> Maker:
    """Each sender says the whole of TALK, a hundred senders at a time, so that nobody speaks before he is answered."""
    run = secrets.token_hex(8)

    def make(number: int) -> Post:
        block, place = divmod(number, BLOCK * len(TALK))
        step, sender = divmod(place, BLOCK)
        return make_post(f"o{run}{block:04d}{sender:04d}", TALK[step])

    return make


def wandering() -> Maker:
    """CROWD people in turn, each with a talk that grows and never ends."""
    run = secrets.token_hex(8)

    def make(number: int) -> Post:
        line, sender = divmod(number, CROWD)
        return make_post(f"o{run}{sender:08d}", LINES[line % len(LINES)])

    return make


def measure(url: str, make: Maker, name: str) -> Figures:
    """Latency at a fixed pace, then throughput. Prints a row of each."""
    at_pace(url, lambda number: make(WARM_UP + number), each_second=PACE, count=PACE)
    paced = at_pace(url, make, each_second=PACE, count=PACED)
    posts = [make(PACED + number) for number in range(FULL)]
    full = at_full_speed(url, posts, clients=CLIENTS)
    assert paced.failures == full.failures == 0
    row = "  ".join(f"p{part * 100:g} {paced.quantile(part) * 1000:6.1f} ms" for part in (0.5, 0.95, 0.99))
    print(f"\n  {name}\n    at {PACE}/s: {row}    as fast as it goes: {full.rate:6.0f}/s")
    return full
