"""`hotline serve` as a process of its own, which a test may kill, starve and start again on the same data."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from bot.channels import Request
from casework import clock
from casework.store import Store
from tests.api.houses import OFFICE, common, furnish
from tests.bot.wechat_side import APP_ID, KEY, TOKEN, Vendor, an_xml
from tests.infrastructure.postgres import find_free_port
from tests.journeys.town import eventually

ROOT = Path(__file__).parents[2]
START = "from api.cli import main; main()"
WECHAT = {"wechat_app_id": APP_ID, "wechat_token": TOKEN, "wechat_aes_key": KEY}
PATIENCE = 60
NOT_PASSED_ON = ("HOTLINE_", "PYTHONDONTWRITEBYTECODE")
"""A process that may not keep its bytecode compiles every library at each start."""


@dataclass
class Served:
    """The data of a house and the process that serves it, one at a time."""

    database_url: str
    folder: Path
    url: str = ""
    jobs: bool = False
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin serving and wait until the door answers."""
        port = find_free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", START, "serve", "--port", str(port), "--jobs" if self.jobs else "--no-jobs"]
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(self._answers, "hotline serve answers", PATIENCE)

    def kill(self) -> None:
        """SIGKILL: no farewell."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "hotline serve ended by itself"
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == httpx.codes.OK
        return False

    def environment(self) -> dict[str, str]:
        """What the process finds set: this house alone, and nothing that it keeps in memory outlives its folder."""
        settings = {
            **WECHAT,
            "data_dir": str(self.folder),
            "memory_dir": str(self.folder),
            "secret_file": str(self.folder / "secret.toml"),
            "database_url": self.database_url,
            "public_url": self.url,
            "office": OFFICE,
            "bypass_authority": "望桐县纪委监委批复",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_PASSED_ON)}
        given = {f"HOTLINE_{name.upper()}": value for name, value in settings.items()}
        return {**kept, **given, "PYTHONPATH": str(ROOT)}


@contextmanager
def a_served_house(database_url: str, folder: Path, *, jobs: bool = False) -> Iterator[Served]:
    """The invented county behind a real process, which is gone at the end whatever the test did to it.

    Without `jobs` no background work takes the processor from the test.
    """
    (folder / "secret.toml").write_bytes(common().secret_file)
    furnisher = Store(database_url)
    furnish(furnisher)
    furnisher.close()
    served = Served(database_url, folder, jobs=jobs)
    served.start()
    try:
        yield served
    finally:
        served.kill()


def a_message(text: str, number: int = 0, *, now: datetime | None = None) -> Request:
    """One WeChat message of a sender of its own, signed now; posted twice it is the vendor's retry."""
    now = now or clock.now()
    xml = an_xml(text, sender=f"oFaultyDay_{number:04}", message_id=f"2300000000{number:07}", created=now)
    return Vendor(now=now).post(xml, nonce=f"fault{number}")


def post(url: str, message: Request) -> httpx.Response:
    """What the vendor does: one request, five seconds by its own rule; the tests' machine may be slower."""
    return httpx.post(f"{url}/wechat", params=dict(message.query), content=message.body, timeout=PATIENCE)


def words_of(answer: httpx.Response) -> str:
    """The passive reply in an answer, as the vendor shows it. AssertionError where it is none."""
    assert answer.status_code == httpx.codes.OK, answer.status_code
    return Vendor().read(answer.content)["Content"]
