"""`hotline staff`: the first officers and the vault, from the machine itself, before anybody can sign in.

Secrets made here are shown once on the screen and kept nowhere.
"""

import secrets
from typing import Annotated

import pyotp
import typer

from api.settings import load_settings
from api.wiring import SECOND_FACTOR, read_secrets
from casework import clock
from casework.errors import NotFound
from casework.ledger import SYSTEM
from casework.officers import add_officer, get_officer_by_username
from casework.pins import short_print
from casework.recovery import current_recovery_key
from casework.rings import current_ring, give_key_pair
from casework.store import Store
from casework.types import Role
from casework.vaultsetup import set_up_vault
from casework.visibility import has_role

PASSWORD_BYTES = 12


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    staff = typer.Typer(help="工作人员：添加，建密件库。", no_args_is_help=True)
    app.add_typer(staff, name="staff")
    for command in (add, key, vault):
        staff.command()(command)


def add(
    username: Annotated[str, typer.Argument(help="用户名")],
    name: Annotated[str, typer.Option(help="姓名")],
    body: Annotated[str, typer.Option(help="所在单位的代码，如 hotline、civil_affairs")],
    role: Annotated[list[Role], typer.Option(help="岗位，可以写几次")],
    post: Annotated[str, typer.Option(help="职务")] = "",
    leads: Annotated[bool, typer.Option(help="是局领导")] = False,  # noqa: FBT002 - a switch
) -> None:
    """添加一位工作人员；密码和动态码的种子只显示这一次。"""
    settings = load_settings()
    password, seed = secrets.token_urlsafe(PASSWORD_BYTES), pyotp.random_base32()
    locked = read_secrets(settings).encrypt(SECOND_FACTOR, seed.encode(), b"")
    store = Store(settings.resolved_database_url)
    with store.write() as session:
        add_officer(
            session,
            username=username,
            name=name,
            body_code=body,
            roles=role,
            password=password,
            post=post,
            leads=leads,
            totp_secret=locked,
            by=SYSTEM,
            now=clock.now(),
        )
    store.close()
    typer.echo(f"用户名 {username}\n密码 {password}")
    typer.echo(f"动态码种子 {pyotp.TOTP(seed).provisioning_uri(name=username, issuer_name='清风热线')}")


def vault(usernames: Annotated[list[str], typer.Argument(help="密件员的用户名，至少两位")]) -> None:
    """建密件库：给每位密件员开头用的五个词，印出恢复钥匙；五个词只够他登录做自己的钥匙，做好就作废。"""
    store = Store(load_settings().resolved_database_url)
    with store.write() as session:
        members = []
        for username in usernames:
            officer = get_officer_by_username(session, username)
            if officer is None:
                raise NotFound("officer", username)
            members.append(officer)
        sheet = set_up_vault(session, members, starting=True, by=SYSTEM, now=clock.now())
        recovery, ring = current_recovery_key(session).public_key, current_ring(session).public_key
    store.close()
    for username, passphrase in sheet.passphrases:
        typer.echo(f"{username} 开头用的五个词：{passphrase}")
    typer.echo("请他们在开门以前各自登录，打开“密件”，做自己的钥匙；做好以前，密件库打不开。")
    typer.echo(f"恢复钥匙（打印后封存在保险柜，不要留在电脑里）：\n{sheet.recovery_key}")
    typer.echo(f"恢复钥匙的指纹 {short_print(recovery)}\n密钥环的指纹 {short_print(ring)}")
    typer.echo("您看见过这张，所以请密件员当天在“钥匙”里换一张新的，这张就作废。")


def key(username: Annotated[str, typer.Argument(help="用户名")]) -> None:
    """给收件单位的人一把钥匙：五个词的口令，只显示这一次；密件才能登录自取。"""
    store = Store(load_settings().resolved_database_url)
    with store.write() as session:
        officer = get_officer_by_username(session, username)
        if officer is None or not has_role(officer, Role.RECEIVER):
            raise typer.BadParameter("没有这位收件人员。密件员的口令用 staff vault。")
        passphrase = give_key_pair(session, officer, by=SYSTEM, now=clock.now())
    store.close()
    typer.echo(f"{username} 的口令：{passphrase}")
