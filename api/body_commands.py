"""`hotline body`: what a receiving body gives us and gets from us; the machine keeps public keys alone.

A package is checked here too, so that a body without a system of its own can do it with our command.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.settings import load_settings
from api.wiring import read_secrets
from casework import clock
from casework.bodies import get_body, list_bodies
from casework.errors import InvalidField, NotFound, WrongSignIn
from casework.jobs import Refused
from casework.ledger import SYSTEM, by_officer
from casework.models.people import Officer
from casework.officers import get_officer_by_username
from casework.packing import BrokenPackage, check_package
from casework.receiverkeys import BodyKey, find_body_key, set_body_key
from casework.securitylog import SecurityNote
from casework.signins import confirm_password
from casework.store import Store
from casework.webhooks import set_webhook


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    body = typer.Typer(help="承办单位：公钥，材料包。", no_args_is_help=True)
    app.add_typer(body, name="body")

    body.command("list")(show)
    body.command("set-key")(set_key)
    body.command("set-webhook")(set_hook)
    body.command("check-package")(check)


def show() -> None:
    """列出单位：代码、有没有公钥、名称。"""
    store = Store(load_settings().resolved_database_url)
    try:
        with store.read() as session:
            for body in list_bodies(session):
                typer.echo(f"{body.code}  {_say_key(find_body_key(session, body))}  {body.name}")
    finally:
        store.close()


def set_key(
    code: Annotated[str, typer.Argument(help="单位代码，如 discipline")],
    key: Annotated[str, typer.Argument(help="对方用 age-keygen 生成的公钥，age1 开头")],
    by: Annotated[str, typer.Option(prompt="您的用户名", help="谁来登记：您在控制台的用户名")],
    password: Annotated[str, typer.Option(prompt="您的登录密码", hide_input=True, help="不写就问您")],
) -> None:
    """登记对方的公钥；加密材料包只有对方打得开。谁登记的记在台账里，由密件库里的另一位听对方念指纹，核对了才用。"""
    store = Store(load_settings().resolved_database_url)
    try:
        officer = _ask_who(store, by, password)
        with store.write() as session:
            body = get_body(session, code)
            set_body_key(session, body, key, by=by_officer(officer), now=clock.now())
            name, made = body.name, find_body_key(session, body)
    except NotFound:
        raise typer.BadParameter(f"没有这个单位：{code}。") from None
    except InvalidField:
        raise typer.BadParameter("公钥没看懂，应当是 age1 开头的一行。私钥不要给我们。") from None
    finally:
        store.close()
    typer.echo(f"登记了：{name}。指纹 {made.digits if made else ''}。")
    typer.echo("还不能用：请密件库里的一位打对方公开的电话，听他念指纹，在控制台“钥匙”页的“收件单位的钥匙”里输进去。")
    typer.echo("对方这样算指纹，念前十六位：printf %s 公钥 | sha256sum")


def _ask_who(store: Store, username: str, password: str) -> Officer:
    """The officer who enters a key, by his own password: whoever entered it can't be the one who heard it."""
    with store.read() as session:
        officer = get_officer_by_username(session, username)
    if officer is None or officer.removed_at is not None or officer.initial_until is not None:
        raise typer.BadParameter("没有这位，或者还在用初始密码：先登录控制台，改成自己的密码。")
    try:
        confirm_password(store, officer, password, now=clock.now(), origin=SecurityNote(device="hotline body set-key"))
    except WrongSignIn:
        raise typer.BadParameter("密码不对，或者试得太快。等一会儿再来。") from None
    return officer


def _say_key(key: BodyKey | None) -> str:
    if key is None:
        return "没有公钥"
    return f"公钥{key.digits} {'和台账对不上' if key.broken else '核对过' if key.usable else '还没核对'}"


def set_hook(
    code: Annotated[str, typer.Argument(help="单位代码，如 fire")],
    url: Annotated[str, typer.Argument(help="对方收函的地址，https 开头")],
) -> None:
    """登记对方系统收函的地址，生成签名的密钥；密钥只显示这一次，当面交给对方。纪检监察的函不走这里。"""
    settings = load_settings()
    store = Store(settings.resolved_database_url)
    try:
        with store.write() as session:
            body = get_body(session, code)
            made = set_webhook(session, body, url, secrets=read_secrets(settings), by=SYSTEM, now=clock.now())
    except NotFound:
        raise typer.BadParameter(f"没有这个单位：{code}。") from None
    except Refused:
        raise typer.BadParameter("地址要用 https 开头。") from None
    finally:
        store.close()
    typer.echo(made)


def check(
    file: Annotated[Path, typer.Argument(help="用 age 解开以后的 .tar", exists=True, dir_okay=False)],
    fingerprint: Annotated[str, typer.Option(help="电话里核对的清单指纹")] = "",
) -> None:
    """核对解开的材料包：每一件和清单对不对得上。"""
    try:
        manifest = check_package(file.read_bytes(), fingerprint=fingerprint)
    except BrokenPackage as error:
        typer.echo(f"材料包被改过：{error.item}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"没有改过：{manifest['office']}{manifest['number']}，{len(manifest['items'])}件。")
