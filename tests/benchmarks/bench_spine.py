"""The spine's speed: a WeChat message through the HTTP door, beside a bare route in the same run; start and memory.

Two kinds of message are sent, each by a sender of its own: a story (stored, triaged, answered with a question) and a
danger (the whole road at once: triaged, filed as a case with clocks, ledger, receipt and jobs). No worker runs.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from api.migrate import upgrade
from api.wiring import build_house
from casework import clock
from casework.ledger import SYSTEM
from casework.officers import add_officer
from casework.offices import find_office_file, load_office_data
from casework.rings import set_up_vault
from casework.secrets import generate_secret_file
from casework.store import Store
from casework.types import Role
from casework.vault import KdfStrength
from tests.benchmarks.account import AES_KEY, APP_ID, TOKEN, Post, account_settings, make_post
from tests.benchmarks.load import Figures, at_full_speed, at_pace

PACE, PACED, FULL, CLIENTS = 50, 1500, 1200, 16
STORY = (
    "我爸住鹭汀颐养中心，护工半夜睡大觉，按铃没人应，被褥一股霉味，"
    "上个月摔了一跤也没人告诉我们，问前台还说是总部的规定。"
)
DANGER = "麦陇镇敬老院着火了，三楼还有老人没下来，烟很大，快来人！"
START_SECONDS = 60


@contextmanager
def running(command: list[str], port: int, env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A server process and how many seconds it took to answer; ended afterwards."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **env}, stderr=subprocess.DEVNULL)
    try:
        yield process, _wait(port, began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait(port: int, began: float) -> float:
    while time.perf_counter() - began < START_SECONDS:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
        except httpx.HTTPError:
            time.sleep(0.02)
        else:
            return time.perf_counter() - began
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
    hotline = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--port", "8411", "--no-jobs"]
    floor = [sys.executable, "-m", "uvicorn", "--factory", "tests.benchmarks.floor_app:make_app", "--port", "8412"]
    floor += ["--no-access-log", "--log-level", "critical"]
    with running(floor, 8412, {"FLOOR_URL": f"sqlite:///{tmp_path / 'floor.db'}"}):
        bare = measure("http://127.0.0.1:8412/wechat", STORY, "bare route: decrypt + 1 insert (the floor)")
    with running(hotline, 8411, house_env) as (process, started):
        url = "http://127.0.0.1:8411/wechat"
        story = measure(url, STORY, "a story: stored, triaged, answered")
        danger = measure(url, DANGER, "a danger: the whole road to a filed case")
        memory = psutil.Process(process.pid).memory_info().rss / 2**20
    print(f"\n  hotline serve answers after {started:.2f} s; after {2 * (PACED + FULL)} messages {memory:.0f} MB")
    print(f"  throughput beside the floor: story {story.rate / bare.rate:.2f}, danger {danger.rate / bare.rate:.2f}")


def measure(url: str, text: str, name: str) -> Figures:
    """Latency at a fixed pace, then throughput; every message by a sender of its own. Prints a row of each."""

    def make(_number: int) -> Post:
        return make_post(f"o{secrets.token_hex(12)}", text)

    at_pace(url, make, each_second=PACE, count=PACE)
    paced = at_pace(url, make, each_second=PACE, count=PACED)
    posts = [make(number) for number in range(FULL)]
    full = at_full_speed(url, posts, clients=CLIENTS)
    assert paced.failures == full.failures == 0
    row = "  ".join(f"p{part * 100:g} {paced.quantile(part) * 1000:6.1f} ms" for part in (0.5, 0.95, 0.99))
    print(f"\n  {name}\n    at {PACE}/s: {row}    as fast as it goes: {full.rate:6.0f}/s")
    return full
