"""Which channels this office has switched on; a new one is a line here and a file beside this one."""

from typing import Protocol

from pydantic import SecretStr

from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.channels.wechat import WeChatAccount, WeChatChannel
from bot.channels.wechat_api import Clock, WeChatApi
from bot.tokens import TokenTable
from casework.secrets import ServerSecrets
from casework.store import Store


class WeChatSettings(Protocol):
    """What the settings say of the WeChat account."""

    wechat_app_id: str | None
    wechat_app_secret: SecretStr | None
    wechat_token: SecretStr | None
    wechat_aes_key: SecretStr | None
    wechat_aes_key_previous: SecretStr | None
    wechat_api_base: str


def build_wechat(
    settings: WeChatSettings, *, store: Store, secrets: ServerSecrets, clock: Clock
) -> WeChatChannel | None:
    """The office's WeChat account; None where it isn't set. Raises ValueError for a key of the wrong length.

    Without a secret it answers but never writes first.
    """
    app_id, token = settings.wechat_app_id, settings.wechat_token
    if not app_id or token is None:
        return None
    keys = (settings.wechat_aes_key, settings.wechat_aes_key_previous)
    account = WeChatAccount.of(app_id, token.get_secret_value(), *(key.get_secret_value() for key in keys if key))
    if settings.wechat_app_secret is None:
        return WeChatChannel(account)
    shelf = TokenTable(store, secrets, f"wechat:{app_id}", clock)
    secret = settings.wechat_app_secret.get_secret_value()
    return WeChatChannel(account, WeChatApi(app_id, secret, settings.wechat_api_base, shelf, clock))


class TelegramSettings(Protocol):
    """What the settings say of the Telegram bot."""

    telegram_token: SecretStr | None
    telegram_secret: SecretStr | None
    telegram_api_base: str


def build_telegram(settings: TelegramSettings) -> TelegramChannel | None:
    """The office's Telegram bot; None where token or secret isn't set. Raises ValueError for a bad secret."""
    token, secret = settings.telegram_token, settings.telegram_secret
    if token is None or secret is None:
        return None
    return TelegramChannel(
        TelegramAccount(token.get_secret_value(), secret.get_secret_value(), settings.telegram_api_base)
    )
