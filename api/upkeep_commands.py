"""`hotline migrate`, `check-config` and `verify`: what an office's administrator types between two weeks of peace.

Each opens what it needs by the settings and one unit of work of its own.
"""

from typing import Annotated

import typer

from api.migrate import upgrade
from api.rotation import count_left
from api.secret_commands import describe
from api.settings import load_settings
from api.wiring import build_house
from casework import clock
from casework.chain import verify_ledger
from casework.errors import InvalidField
from casework.heads import parse_head, write_head
from casework.ledger import SYSTEM
from casework.offices import find_office_file, load_office_data
from casework.rings import require_vault
from casework.secrets import generate_secret_file
from casework.store import Store

SECRET_MODE = 0o600


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(migrate)
    app.command("check-config")(check_config)
    app.command()(verify)


def migrate() -> None:
    """建好或升级数据库，载入本单位的名录；第一次运行时生成服务器密钥。"""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    secret = settings.resolved_secret_file
    if not secret.exists():
        secret.touch(SECRET_MODE)
        secret.write_bytes(generate_secret_file())
        typer.echo(f"生成了服务器密钥：{secret}。请另外备份，不要和数据库放在一起。")
    upgrade(settings.resolved_database_url)
    store = Store(settings.resolved_database_url)
    with store.write() as session:
        data = load_office_data(session, find_office_file(settings.office), by=SYSTEM, now=clock.now())
    store.close()
    typer.echo(
        f"数据库是最新的。名录：{len(data.towns)}个镇街，{len(data.bodies)}个单位，{len(data.institutions)}家机构。"
    )


def check_config() -> None:
    """查一遍设置：缺什么、哪里写错了，一句一条。"""
    house = build_house(load_settings())
    with house.store.read() as session:
        require_vault(session)
    rotation = describe(house.secrets, count_left(house.store, house.secrets))
    house.close()
    typer.echo(f"设置没有问题。{rotation}")


def verify(
    head: Annotated[str, typer.Option(help="以前记下的链头，如 12:0123abcd-…，日志里每天一行")] = "",
) -> None:
    """核对台账的链：断在哪里，有多少条还没接上；给出以前的链头，再看它还在不在链里。"""
    try:
        anchor = parse_head(head) if head else None
    except InvalidField:
        raise typer.BadParameter("链头没看懂，照日志里 ledger_head 那一行的 head 抄。") from None
    store = Store(load_settings().resolved_database_url)
    with store.read() as session:
        report = verify_ledger(session, anchor=anchor)
    store.close()
    if report.first_broken is not None:
        typer.echo(f"台账断了：{report.first_broken}", err=True)
        raise typer.Exit(1)
    typer.echo(f"台账完好：{report.entries}条，{report.blocks}块，还没接上的{report.unlinked}条。")
    if anchor is not None:
        typer.echo(f"记下的链头还在第{anchor.block_id}块，没有人动过它和它以前的记录。")
    if report.head is not None:
        typer.echo(f"现在的链头：{write_head(report.head)}")
