"""Which channels this office has switched on; a new one is a line here and a file beside this one."""

from typing import Protocol

from pydantic import SecretStr

from bot.channels.telegram import TelegramAccount, TelegramChannel
from bot.channels.wechat import WeChatAccount, WeChatChannel
from bot.channels.wechat_api import Clock, NewsTemplate, WeChatApi
from bot.modes import TelegramMode
from bot.tokens import TokenTable
from casework.errors import DataError
from casework.secrets import ServerSecrets
from casework.store import Store

FIELD_LIMITS = {"short_thing": 5, "phrase": 5, "const": 20, "thing": 20, "date": 24, "time": 24}
"""How many characters the vendor takes in a template's field, by the beginning of its name."""

LONGEST_FIELD = 32


class WeChatSettings(Protocol):
    """What the settings say of the WeChat account."""

    wechat_app_id: str | None
    wechat_app_secret: SecretStr | None
    wechat_token: SecretStr | None
    wechat_aes_key: SecretStr | None
    wechat_aes_key_previous: SecretStr | None
    wechat_api_base: str
    wechat_template_id: str | None
    wechat_template_fields: str
    public_url: str


def build_wechat(
    settings: WeChatSettings, *, store: Store, secrets: ServerSecrets, clock: Clock
) -> WeChatChannel | None:
    """The office's WeChat account; None where it isn't set. Raises DataError without a key for the safe mode (in the
    plain mode nobody signs the words), for one of the wrong length, and for a template that the vendor would refuse.

    Without a secret it answers but never writes first.
    """
    app_id, token = settings.wechat_app_id, settings.wechat_token
    if not app_id or not token:
        return None
    if not settings.wechat_aes_key:
        raise DataError("HOTLINE_WECHAT_AES_KEY", "missing")
    keys = (settings.wechat_aes_key, settings.wechat_aes_key_previous)
    try:
        account = WeChatAccount.of(app_id, token.get_secret_value(), *(key.get_secret_value() for key in keys if key))
    except ValueError:
        raise DataError("HOTLINE_WECHAT_AES_KEY", "43 characters") from None
    if not settings.wechat_app_secret:
        return WeChatChannel(account)
    shelf = TokenTable(store, secrets, f"wechat:{app_id}", clock)
    secret = settings.wechat_app_secret.get_secret_value()
    api = WeChatApi(app_id, secret, settings.wechat_api_base, shelf, clock)
    return WeChatChannel(account, api, read_template(settings))


def read_template(settings: WeChatSettings) -> NewsTemplate | None:
    """The template message of the office, None where it has none. Raises DataError for fields that don't fit."""
    if not settings.wechat_template_id:
        return None
    fields: dict[str, str] = {}
    for pair in settings.wechat_template_fields.split(";"):
        name, equals, value = (part.strip() for part in pair.partition("="))
        limit = next((most for kind, most in FIELD_LIMITS.items() if name.startswith(kind)), LONGEST_FIELD)
        if not (name and equals and value) or len(value.replace("{day}", "2026年12月31日")) > limit:
            raise DataError("HOTLINE_WECHAT_TEMPLATE_FIELDS", pair)
        fields[name] = value
    return NewsTemplate(settings.wechat_template_id, fields, f"{settings.public_url}/track")


class TelegramSettings(Protocol):
    """What the settings say of the Telegram bot."""

    telegram_token: SecretStr | None
    telegram_secret: SecretStr | None
    telegram_api_base: str
    telegram_mode: TelegramMode
    telegram_proxy: str | None


def build_telegram(settings: TelegramSettings) -> TelegramChannel | None:
    """The office's Telegram bot; None where its token isn't set, or the secret that a webhook needs.

    Raises DataError for a bad secret.
    """
    token, secret = settings.telegram_token, settings.telegram_secret
    if not token or (not secret and settings.telegram_mode is TelegramMode.WEBHOOK):
        return None
    try:
        account = TelegramAccount(
            token.get_secret_value(),
            secret.get_secret_value() if secret else "",
            settings.telegram_api_base,
            mode=settings.telegram_mode,
            proxy=settings.telegram_proxy,
        )
    except ValueError as problem:
        raise DataError("HOTLINE_TELEGRAM_SECRET", str(problem)) from None
    return TelegramChannel(account)
