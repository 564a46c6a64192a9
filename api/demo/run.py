"""Starting the demo: a fresh folder, a database with its invented county, the house and its other side on loopback."""

import base64
import secrets
import shutil
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.table import Table

from api.demo.mailbox import open_mailbox
from api.demo.side import SignIn, Stage, build_side
from api.demo.staff import add_staff
from api.demo.story import tell_story
from api.demo.vendor import Vendor
from api.migrate import upgrade
from api.serving import build_server, set_up_logging
from api.settings import Settings, load_settings
from api.wiring import House, build_house
from casework import clock
from casework.ledger import SYSTEM
from casework.offices import find_office_file, load_office_data
from casework.secrets import generate_secret_file
from casework.store import Store

LOOPBACK = "127.0.0.1"
OFFICE = "wangtong"
AUTHORITY = "望桐县委〔2026〕7号（演示用的虚构授权）"
SECRET_MODE = 0o600
AES_BYTES = 32
ACCOUNT = "wxdemo0000000000"


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demo listens."""

    house: int
    side: int
    mail: int


def run_demo(*, port: int, side_port: int, mail_port: int, folder: Path) -> None:
    """`hotline demo`: until Ctrl-C."""
    console = Console()
    ports = Ports(port, side_port, mail_port)
    with console.status("正在准备望桐县，要十几秒…"):
        house, sign_ins, vendor = prepare(ports, folder)
    mailbox, controller = open_mailbox(mail_port)
    stage = Stage(vendor, mailbox, sign_ins, house.settings.public_url)
    set_up_logging()
    server, _engine = build_server(house, host=LOOPBACK, port=port, jobs=True)
    side = uvicorn.Server(
        uvicorn.Config(build_side(stage), host=LOOPBACK, port=side_port, access_log=False, log_config=None)
    )
    beside = threading.Thread(target=_run_quietly, args=(side,), name="demo-side", daemon=True)
    beside.start()
    tell_where(console, house, ports, sign_ins)
    with suppress(KeyboardInterrupt):  # the server has stopped in order when it passes Ctrl-C on
        server.run()
    side.should_exit = True
    controller.stop()
    house.close()


def prepare(ports: Ports, folder: Path) -> tuple[House, tuple[SignIn, ...], Vendor]:
    """A fresh folder with database, officers, vault and stories; nothing listens yet."""
    settings, vendor = make_settings(ports, folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    secret = settings.resolved_secret_file
    secret.touch(SECRET_MODE)
    secret.write_bytes(generate_secret_file())
    upgrade(settings.resolved_database_url)
    store = Store(settings.resolved_database_url)
    with store.write() as session:
        load_office_data(session, find_office_file(OFFICE), by=SYSTEM, now=clock.now())
    store.close()
    house = build_house(settings)
    sign_ins = add_staff(house)
    tell_story(house)
    return house, sign_ins, vendor


def make_settings(ports: Ports, folder: Path) -> tuple[Settings, Vendor]:
    """The demo's own settings, whatever the environment says, with an account that exists nowhere else."""
    token = secrets.token_hex(8)
    aes_key = base64.b64encode(secrets.token_bytes(AES_BYTES)).decode().rstrip("=")
    public_url = f"http://{LOOPBACK}:{ports.house}"
    settings = load_settings(
        data_dir=folder,
        database_url="",
        secret_file=None,
        public_url=public_url,
        office=OFFICE,
        bypass_authority=AUTHORITY,
        wechat_app_id=ACCOUNT,
        wechat_app_secret=secrets.token_hex(8),
        wechat_token=token,
        wechat_aes_key=aes_key,
        wechat_api_base=f"http://{LOOPBACK}:{ports.side}",
        telegram_token=None,
        smtp_url=f"smtp://{LOOPBACK}:{ports.mail}",
        mail_from="hotline@wangtong.invalid",
    )
    return settings, Vendor(ACCOUNT, token, aes_key, f"{public_url}/wechat")


def tell_where(console: Console, house: House, ports: Ports, sign_ins: tuple[SignIn, ...]) -> None:
    """What a newcomer needs to see: where to go, who to be."""
    console.print(f"\n[bold]清风热线 · 演示[/bold]  {house.office.name}（虚构）\n")
    console.print(f"  热线首页    {house.settings.public_url}/")
    console.print(f"  查进度      {house.settings.public_url}/track")
    console.print(f"  工作台      {house.settings.public_url}/console/")
    console.print(f"  演示的另一边  http://{LOOPBACK}:{ports.side}/  （老人的微信、外单位的邮箱、动态码）\n")
    table = Table("姓名", "岗位", "用户名", "密码")
    for person in sign_ins:
        table.add_row(person.name, person.post, person.username, person.password)
    console.print(table)
    for person in sign_ins:  # a line each: a narrow screen would cut the last column of a table
        if person.passphrase:
            console.print(f"  密件室口令  {person.name}  {person.passphrase}")
    console.print(f"  动态码三十秒一换：http://{LOOPBACK}:{ports.side}/codes\n  按 Ctrl-C 停下。\n")


def _run_quietly(server: uvicorn.Server) -> None:
    """Run a second server in a thread, which may not touch the process's signals."""
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    server.run()
