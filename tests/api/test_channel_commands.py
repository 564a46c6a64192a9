"""`hotline channels`: refuses kindly without credentials, publishes with them, and prints what stands there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from api.channel_commands import register
from api.migrate import upgrade
from api.settings import MissingSetting
from casework.errors import DataError
from casework.secrets import generate_secret_file
from tests.infrastructure.telegram_cloud import TOKEN as BOT_TOKEN
from tests.infrastructure.telegram_cloud import TelegramCloud
from tests.infrastructure.vendor import Cloud, json_answer

AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
Office = Callable[..., None]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Settings as an office writes them, and a database; nothing of them outside this test."""
    monkeypatch.chdir(tmp_path)

    def write(**settings: str) -> None:
        upgrade(f"sqlite:///{tmp_path}/hotline.db")
        (tmp_path / "secret.toml").write_bytes(generate_secret_file())
        lines = {"DATA_DIR": str(tmp_path), "PUBLIC_URL": "https://hotline.invalid", **settings}
        text = "".join(f"HOTLINE_{name}={value}\n" for name, value in lines.items())
        (tmp_path / ".env").write_text(text, encoding="utf-8")

    return write


def run(*words: str) -> Any:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["channels", *words])


def a_wechat(cloud: Cloud, **more: str) -> dict[str, str]:
    known = {"APP_ID": "wx1", "APP_SECRET": "s", "TOKEN": "t", "AES_KEY": AES_KEY, "API_BASE": cloud.url}
    return {f"WECHAT_{name}": value for name, value in (known | more).items()}


def test_without_credentials_the_menu_is_refused_by_the_names_that_are_missing(office: Office) -> None:
    office(WECHAT_APP_ID="wx1")
    result = run("publish-menu")
    assert isinstance(result.exception, MissingSetting)
    assert "HOTLINE_WECHAT_APP_SECRET" in result.exception.sentence
    assert "HOTLINE_WECHAT_APP_ID" not in result.exception.sentence


def test_the_menu_is_published_and_what_stands_there_is_printed(office: Office, cloud: Cloud) -> None:
    office(**a_wechat(cloud))
    cloud.answer("/cgi-bin/stable_token", json_answer({"access_token": "token-1", "expires_in": 7200}))
    cloud.answer("/cgi-bin/menu/create", json_answer({"errcode": 0}))
    there = {"button": [{"type": "click", "name": "说件事", "key": "report"}]}
    cloud.answer("/cgi-bin/menu/get", json_answer({"menu": there}))
    result = run("publish-menu")
    assert result.exit_code == 0
    assert "说件事 -> report" in result.output
    sent = cloud.to("/cgi-bin/menu/create")[0].json
    assert sent["button"][1]["sub_button"][1] == {
        "type": "view",
        "name": "用查询码查",
        "url": "https://hotline.invalid/track",
    }


def test_a_no_of_the_vendor_is_one_sentence_with_his_number(office: Office, cloud: Cloud) -> None:
    office(**a_wechat(cloud))
    cloud.answer("/cgi-bin/stable_token", json_answer({"errcode": 40013, "errmsg": "invalid appid"}))
    result = run("publish-menu")
    assert isinstance(result.exception, MissingSetting)
    assert "40013" in result.exception.sentence


def test_a_key_of_the_wrong_length_is_told_by_its_setting(office: Office, cloud: Cloud) -> None:
    office(**a_wechat(cloud, AES_KEY="short"))
    result = run("publish-menu")
    assert isinstance(result.exception, DataError)
    assert result.exception.file == "HOTLINE_WECHAT_AES_KEY"


def a_telegram(cloud: TelegramCloud, **more: str) -> dict[str, str]:
    known = {"TOKEN": BOT_TOKEN, "SECRET": "a-secret-of-the-house", "API_BASE": cloud.url}
    return {f"TELEGRAM_{name}": value for name, value in (known | more).items()}


def test_telegram_is_connected_and_said_to_lie_abroad(office: Office, telegram_cloud: TelegramCloud) -> None:
    office(**a_telegram(telegram_cloud))
    result = run("connect-telegram")
    assert result.exit_code == 0
    assert "离开大陆" in result.output
    assert telegram_cloud.webhook["url"] == "https://hotline.invalid/telegram"
    assert telegram_cloud.webhook["secret_token"] == "a-secret-of-the-house"
    assert telegram_cloud.webhook["allowed_updates"] == [
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
    ]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"TELEGRAM_TOKEN": ""}, "HOTLINE_TELEGRAM_TOKEN"),
        ({"TELEGRAM_MODE": "polling"}, "polling"),
        ({"PUBLIC_URL": "http://127.0.0.1:8000"}, "https"),
    ],
)
def test_it_says_why_telegram_cannot_be_connected(
    office: Office, telegram_cloud: TelegramCloud, settings: dict[str, str], sentence: str
) -> None:
    office(**(a_telegram(telegram_cloud) | settings))
    result = run("connect-telegram")
    assert isinstance(result.exception, MissingSetting)
    assert sentence in result.exception.sentence
    assert telegram_cloud.webhook == {}
