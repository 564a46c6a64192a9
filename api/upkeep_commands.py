"""`hotline migrate`, `check-config` and `verify`: what an office's administrator types between two weeks of peace.

Each opens what it needs by the settings and one unit of work of its own.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from api.keyfaults import say_exclusion, say_fault, say_unheard
from api.migrate import upgrade
from api.rotation import count_left
from api.secret_commands import describe
from api.settings import load_settings
from api.wiring import build_house
from casework import clock
from casework.chain import Anchor, verify_ledger
from casework.errors import InvalidField
from casework.exclusionchecks import ExclusionFault, find_exclusion_faults
from casework.heads import parse_head, write_head
from casework.ledger import SYSTEM
from casework.ledgerexports import BrokenExport, check_export, has_head
from casework.offices import find_office_file, load_office_data
from casework.pins import KeyFault, find_faults
from casework.receiverkeys import list_body_keys
from casework.secrets import generate_secret_file
from casework.startingkeys import list_starting
from casework.store import Store
from casework.vaultsetup import require_vault

SECRET_MODE = 0o600


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(migrate)
    app.command("check-config")(check_config)
    app.command()(verify)
    app.command("verify-export")(verify_export)


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
        faults, starting = find_faults(session), list_starting(session)
        unheard = _list_unheard(session)
    rotation = describe(house.secrets, count_left(house.store, house.secrets))
    house.close()
    _refuse_faults(faults)
    typer.echo(f"设置没有问题。{rotation}")
    if starting:
        names = "、".join(officer.name for officer in starting)
        typer.echo(f"{names}还没有做自己的钥匙：请在开门以前登录，打开“密件”照着做。")
    _tell(unheard)


def verify(
    head: Annotated[str, typer.Option(help="以前记下的链头，如 12:0123abcd-…，日志里每天一行")] = "",
) -> None:
    """核对台账的链、钥匙和回避：断在哪里，有多少条还没接上；给出以前的链头，再看它还在不在链里。"""
    anchor = _read_anchor(head)
    store = Store(load_settings().resolved_database_url)
    try:
        with store.read() as session:
            report = verify_ledger(session, anchor=anchor)
            faults, unheard = find_faults(session), _list_unheard(session)
            exclusions = find_exclusion_faults(session)
    except DatabaseError as error:
        typer.echo(f"数据库读不出来（{type(error.orig).__name__}），可能坏了或者被改过：请用最近的备份恢复。", err=True)
        raise typer.Exit(1) from None
    finally:
        store.close()
    if report.first_broken is not None:
        typer.echo(f"台账断了：{report.first_broken}", err=True)
        raise typer.Exit(1)
    _refuse_exclusions(exclusions)
    _refuse_faults(faults)
    typer.echo(f"台账完好：{report.entries}条，{report.blocks}块，还没接上的{report.unlinked}条。")
    if anchor is not None:
        typer.echo(f"记下的链头还在第{anchor.block_id}块，没有人动过它和它以前的记录。")
    if report.head is not None:
        typer.echo(f"现在的链头：{write_head(report.head)}")
    _tell(unheard)


def _list_unheard(session: Session) -> list[str]:
    return [say_unheard(each) for each in list_body_keys(session) if not each.usable and not each.broken]


def _tell(lines: list[str]) -> None:
    for line in lines:
        typer.echo(line)


def _refuse_faults(faults: list[KeyFault]) -> None:
    for line in map(say_fault, faults):
        typer.echo(line, err=True)
    if faults:
        typer.echo("上面的钥匙被人动过：新来的没有封给换上的那把。请留住现场，查谁写过数据库。", err=True)
        raise typer.Exit(1)


def _refuse_exclusions(faults: list[ExclusionFault]) -> None:
    for line in map(say_exclusion, faults):
        typer.echo(line, err=True)
    if faults:
        typer.echo("上面的回避被人动过：要回避的人可能看到了不该看的件。请留住现场，查谁写过数据库。", err=True)
        raise typer.Exit(1)


def verify_export(
    file: Annotated[Path, typer.Argument(help="日志审计员导出的台账（.jsonl）", exists=True, dir_okay=False)],
    head: Annotated[str, typer.Option(help="另外记下的链头，如 12:0123abcd-…，看它在不在这份里")] = "",
) -> None:
    """核对一份导出的台账，不用数据库，也不用本单位的设置：哪一行被改过、少了，都看得出来。"""
    anchor = _read_anchor(head)
    content = file.read_bytes()
    try:
        told: Any = check_export(content)
    except BrokenExport as error:
        typer.echo(f"这份台账不对：从第{error.line}行起对不上，被改过、少了，或者不是导出的台账。", err=True)
        raise typer.Exit(1) from None
    if told is None:
        typer.echo("这份台账是空的，还没有一块，没有什么可核对。")
    else:
        typer.echo(f"这份台账完好：一直到第{told['block']}块，链头 {told['block']}:{told['sha256']}。")
        typer.echo("核的是每条的指纹和先后；指纹旁边写的是谁、做了什么，以本单位的台账为准。")
    if anchor is None:
        typer.echo("只证明这份自己没有被改。要证明它没有少掉后面的，请给出另外记下的链头：--head。")
    elif has_head(content, anchor):
        typer.echo(f"记下的链头就是它的第{anchor.block_id}块，到那里为止一条不少。")
    else:
        typer.echo("记下的链头不在这份里：后面的被截掉了，或者不是同一本台账。", err=True)
        raise typer.Exit(1)


def _read_anchor(head: str) -> Anchor | None:
    try:
        return parse_head(head) if head else None
    except InvalidField:
        raise typer.BadParameter("链头没看懂，照日志里 ledger_head 那一行的 head 抄。") from None
