"""`hotline channels`: what the office puts in place at a vendor, the menu of WeChat and the webhook of Telegram.

Each command says what it needs where something is missing, and prints what stands there afterwards.
"""

from collections.abc import Callable
from typing import TypeVar

import typer

from api.settings import MissingSetting, load_settings
from bot.channels import SendError, SendProblem
from bot.channels.registry import build_telegram, build_wechat
from bot.channels.telegram import TelegramChannel
from bot.channels.wechat_api import WeChatApi
from bot.channels.wechat_menu import list_menu, read_menu
from bot.script import load_script
from casework import clock
from casework.secrets import load_secrets
from casework.store import Store

T = TypeVar("T")
ABROAD = "请注意：Telegram 的消息都经过境外的服务器，离开大陆。"
SAID: dict[SendProblem, str] = {
    SendProblem.NO_ACCESS: "对方不认这组凭据，请核对。",
    SendProblem.LATER: "这会儿连不上对方，请过一会儿再试。",
}


def register(app: typer.Typer) -> None:
    """Add the group to `app`."""
    channels = typer.Typer(help="对外渠道：公众号菜单、Telegram 回调。", no_args_is_help=True)
    app.add_typer(channels, name="channels")

    channels.command("publish-menu")(publish_menu)
    channels.command("connect-telegram")(connect_telegram)


def publish_menu() -> None:
    """把菜单发布到公众号，再把对方那里的菜单念回来。"""
    settings = load_settings()
    menu = read_menu(public_url=settings.public_url, keys=load_script().menu)
    store = Store(settings.resolved_database_url)
    try:
        published = _ask(lambda: _open_wechat(store).publish_menu(menu))
    finally:
        store.close()
    typer.echo("菜单发布了，关注的人五分钟内看到。现在的菜单：")
    for line in list_menu(published.get("menu", {"button": []})):
        typer.echo(line)


def _ask(call: Callable[[], T]) -> T:
    """Ask the vendor; a no of his is a sentence with his own number in it."""
    try:
        return call()
    except SendError as problem:
        said = SAID.get(problem.problem, "对方没有收下。")
        raise MissingSetting(f"没办成：{said}（{problem.code}）") from None


def _open_wechat(store: Store) -> WeChatApi:
    settings = load_settings()
    missing = [
        f"HOTLINE_{name.upper()}"
        for name in ("wechat_app_id", "wechat_app_secret", "wechat_token")
        if not getattr(settings, name)
    ]
    if missing:
        raise MissingSetting(f"还没有公众号的凭据，先设 {'、'.join(missing)}。")
    path = settings.resolved_secret_file
    if not path.exists():
        raise MissingSetting(f"没有服务器密钥文件 {path.name}。先运行 hotline migrate，或设 HOTLINE_SECRET_FILE。")
    secrets = load_secrets(path.read_bytes())
    channel = build_wechat(settings, store=store, secrets=secrets, clock=clock.now)
    if channel is None or channel.api is None:
        raise MissingSetting("还没有公众号的凭据。")
    return channel.api


def connect_telegram() -> None:
    """请 Telegram 把消息送到本系统的网址；轮询方式不用这一步。"""
    settings = load_settings()
    channel = build_telegram(settings)
    if channel is None:
        raise MissingSetting("还没有 Telegram 的凭据，先设 HOTLINE_TELEGRAM_TOKEN 和 HOTLINE_TELEGRAM_SECRET。")
    if channel.polls:
        raise MissingSetting("HOTLINE_TELEGRAM_MODE 是 polling：本系统自己去取消息，不用送。")
    if not settings.uses_tls:
        raise MissingSetting("HOTLINE_PUBLIC_URL 要用 https，Telegram 只往 https 送。")
    url = f"{settings.public_url}/telegram"
    _ask(lambda: _connect(channel, url))
    typer.echo(f"好了，消息会送到 {url}。")
    typer.echo(ABROAD)


def _connect(channel: TelegramChannel, url: str) -> None:
    with channel.open_line() as line:
        line.set_webhook(url, channel.account.secret)
