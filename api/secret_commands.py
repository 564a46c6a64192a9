"""`hotline secret`: a new version of the server's secret, everything put under it, and the end of the old one.

Each step may be broken off and run again; whatever is running reads the file anew by itself.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from api.rotation import Walk, count_left, rewrap_all
from api.settings import Settings, load_settings
from api.wiring import read_secrets
from casework import clock
from casework.ledger import SYSTEM, Verb, record
from casework.secretfile import add_version, drop_old_versions, has_settled
from casework.secrets import ServerSecrets
from casework.store import Store

KIND = {
    "receipts": "查询码",
    "reply_addresses": "回信地址",
    "held_parts": "等着另立的部分",
    "attachments": "图片的处理件",
    "officers": "人员的动态码",
    "bodies": "单位回调的签名密钥",
    "server_keys": "链接、流水号和查重用的密钥",
    "vendor_tokens": "微信的令牌",
    "api_answers": "接口三天内的应答",
}


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    secret = typer.Typer(help="服务器密钥：换新，查看，去掉旧的。", no_args_is_help=True)
    app.add_typer(secret, name="secret")

    secret.command("status")(status)
    secret.command("rotate")(rotate)
    secret.command("retire")(retire)


def status() -> None:
    """密钥有几个版本，旧版本下还有多少行。"""
    _settings, secrets, store = _open()
    try:
        typer.echo(describe(secrets, count_left(store, secrets)))
    finally:
        store.close()


def rotate(
    new: Annotated[bool, typer.Option(help="上一次还没换完，也再加一个新版本")] = False,  # noqa: FBT002 - a switch
    only_add: Annotated[bool, typer.Option(help="只加版本，先不换：几台机器先拷文件")] = False,  # noqa: FBT002 - a switch
) -> None:
    """换服务器密钥：加一个新版本，再把全部数据换到新版本下。断了再运行一次，接着做；服务不用停。"""
    settings, secrets, store = _open()
    try:
        if new or len(secrets.versions) == 1:
            version = add_version(_file_of(settings))
            _note(store, Verb.KEYS_ROTATED, version)
            typer.echo(f"加了第{version}版。请把 {_file_of(settings).name} 再备份一份，不要和数据库放在一起。")
        if only_add:
            return
        walk = _walk(store, secrets)
        if walk.moved:
            _note(store, Verb.KEYS_ROTATED, secrets.current().newest)
        _tell(walk)
        typer.echo(describe(secrets, count_left(store, secrets)))
    finally:
        store.close()


def retire() -> None:
    """去掉旧版本：先换完剩下的，没有谁还要用它才去掉。"""
    settings, secrets, store = _open()
    try:
        if len(secrets.versions) == 1:
            typer.echo("没有旧版本。")
            return
        _check_settled(settings)
        walk = _walk(store, secrets)
        left = {name: rows - walk.unreadable.get(name, 0) for name, rows in count_left(store, secrets).items()}
        if any(left.values()):
            typer.echo(describe(secrets, left), err=True)
            raise typer.Exit(1)
        _tell(walk)
        _note(store, Verb.KEYS_RETIRED, secrets.current().newest)
        gone = drop_old_versions(_file_of(settings))
    finally:
        store.close()
    typer.echo(f"去掉了第{'、'.join(map(str, gone))}版。")
    typer.echo("以前的备份要配以前的密钥才能恢复：现在重新备份一次，或者把旧密钥和那些备份一起锁好。")


def describe(secrets: ServerSecrets, left: dict[str, int]) -> str:
    """One sentence on where a rotation stands."""
    held = secrets.current()
    if len(held.versions) == 1:
        return f"服务器密钥只有第{held.newest}版，全部数据都在它下面。"
    if not left:
        return f"全部数据都在第{held.newest}版下了。过十分钟运行 hotline secret retire，去掉旧版本。"
    kinds = "，".join(f"{KIND[name]}{rows}行" for name, rows in left.items())
    return f"旧版本下还有{sum(left.values())}行：{kinds}。运行 hotline secret rotate 接着换。"


def _open() -> tuple[Settings, ServerSecrets, Store]:
    settings = load_settings()
    secrets = read_secrets(settings)
    return settings, secrets, Store(settings.resolved_database_url)


def _file_of(settings: Settings) -> Path:
    return settings.resolved_secret_file


def _walk(store: Store, secrets: ServerSecrets) -> Walk:
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("换密钥", total=sum(count_left(store, secrets).values()))
        return rewrap_all(store, secrets, tell=lambda rows: progress.advance(bar, rows))


def _note(store: Store, verb: Verb, version: int) -> None:
    with store.write() as session:
        at = clock.now()
        record(session, actor=SYSTEM, verb=verb, subject="secret", subject_id=str(version), details={}, now=at)


def _tell(walk: Walk) -> None:
    for name, rows in walk.done.items():
        typer.echo(f"{KIND[name]}：{rows}行")
    for name, rows in walk.unreadable.items():
        typer.echo(f"{KIND[name]}：有{rows}行哪个版本都打不开，没有动。可能被改过，或者来自别处的备份。", err=True)


def _check_settled(settings: Settings) -> None:
    if not has_settled(_file_of(settings), now=clock.now()):
        typer.echo("密钥文件改了还不到十分钟，可能有人正用旧版本写。请过十分钟再来。", err=True)
        raise typer.Exit(1)
