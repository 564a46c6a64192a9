"""Which channels are on: what the settings say, and what of it is wrong."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.registry import build_telegram, build_wechat, read_template
from bot.modes import TelegramMode
from casework.errors import DataError
from casework.store import Store
from tests.casework.people import NOW
from tests.intake.desk import some_secrets

BOT_TOKEN, SECRET = SecretStr("77:token"), SecretStr("a-secret-of-the-house")
TOO_LONG = "thing1=好;phrase2=一二三四五六"


@dataclass
class Settings:
    """As much of the settings as the registry asks for."""

    telegram_token: SecretStr | None = BOT_TOKEN
    telegram_secret: SecretStr | None = SECRET
    telegram_api_base: str = "http://127.0.0.1:1"
    telegram_mode: TelegramMode = TelegramMode.WEBHOOK
    telegram_proxy: str | None = None
    wechat_app_id: str | None = None
    wechat_app_secret: SecretStr | None = None
    wechat_token: SecretStr | None = None
    wechat_aes_key: SecretStr | None = None
    wechat_aes_key_previous: SecretStr | None = None
    wechat_api_base: str = "http://127.0.0.1:1"
    wechat_template_id: str | None = "template-1"
    wechat_template_fields: str = "thing1=您的事有新消息;date2={day}"
    public_url: str = "https://hotline.invalid"


def test_a_webhook_needs_a_secret_and_polling_none() -> None:
    without = replace(Settings(), telegram_secret=None)
    assert build_telegram(without) is None
    polling = build_telegram(replace(without, telegram_mode=TelegramMode.POLLING))
    assert polling is not None
    assert polling.polls


def test_a_weak_secret_is_told_by_its_setting() -> None:
    with pytest.raises(DataError) as wrong:
        build_telegram(replace(Settings(), telegram_secret=SecretStr("short")))
    assert wrong.value.file == "HOTLINE_TELEGRAM_SECRET"


def test_a_template_has_its_fields_and_leads_to_the_progress_page() -> None:
    template = read_template(Settings())
    assert template is not None
    assert template.fields == {"thing1": "您的事有新消息", "date2": "{day}"}
    assert template.url == "https://hotline.invalid/track"
    assert read_template(replace(Settings(), wechat_template_id=None)) is None


@pytest.mark.parametrize(
    "fields",
    ["", "thing1", "thing1=", "=x", "phrase1=六个字太长了", "thing1=" + "长" * 21, TOO_LONG],
)
def test_fields_that_the_vendor_would_refuse_stop_the_start(fields: str) -> None:
    with pytest.raises(DataError) as wrong:
        read_template(replace(Settings(), wechat_template_fields=fields))
    assert wrong.value.file == "HOTLINE_WECHAT_TEMPLATE_FIELDS"


def test_an_account_without_its_key_stops_the_start(store: Store) -> None:
    plain = replace(Settings(), wechat_app_id="wx1", wechat_token=SecretStr("t"))
    with pytest.raises(DataError) as wrong:
        build_wechat(plain, store=store, secrets=some_secrets(), clock=lambda: NOW)
    assert wrong.value.file == "HOTLINE_WECHAT_AES_KEY"


def test_the_token_shows_in_no_picture_of_the_account() -> None:
    channel: Any = build_telegram(Settings())
    assert "token" not in repr(channel.account).replace("TelegramAccount", "")
