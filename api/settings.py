"""What an office sets, read once at start; the only file that looks at the environment.

Each setting is documented in the README; a missing secret stops the start with a sentence that says which.
"""

from pathlib import Path

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.modes import TelegramMode
from casework.errors import HotlineError

DEFAULT_DATA_DIR = Path("var")


class MissingSetting(HotlineError):
    """The house cannot start; `sentence` says in Chinese what is missing and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Settings(BaseSettings):
    """The environment (`HOTLINE_*`) and `.env`, checked.

    `office` names a folder or a packaged office (`wangtong`, `juye`, `anshan`): towns, bodies, institutions, campaign.
    `speech_dir` holds the model of a speech engine.
    """

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", env_file=".env", env_file_encoding="utf-8", extra="ignore")

    data_dir: Path = DEFAULT_DATA_DIR
    database_url: str = ""
    secret_file: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    office: str = "wangtong"
    memory_dir: Path = Path("/dev/shm")  # noqa: S108  # for a key file that is ours alone, or not used
    font_dir: Path | None = None
    speech_dir: Path | None = None
    bypass_authority: str | None = None
    hsts: bool = False
    metrics_token: SecretStr | None = None

    wechat_app_id: str | None = None
    wechat_app_secret: SecretStr | None = None
    wechat_token: SecretStr | None = None
    wechat_aes_key: SecretStr | None = None
    wechat_aes_key_previous: SecretStr | None = None
    wechat_api_base: str = "https://api.weixin.qq.com"
    wechat_quota: int = 5
    wechat_template_id: str | None = None
    wechat_template_fields: str = "thing1=您的事有新消息"

    telegram_token: SecretStr | None = None
    telegram_secret: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org"
    telegram_mode: TelegramMode = TelegramMode.WEBHOOK
    telegram_proxy: str | None = None

    smtp_url: SecretStr | None = None
    mail_from: str = "hotline@localhost"

    paging_webhook: str | None = None
    paging_secret: SecretStr | None = None

    @field_validator("public_url", "wechat_api_base", "telegram_api_base")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def resolved_database_url(self) -> str:
        """The database's address; without one set, a file in the data folder."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'hotline.db').absolute()}"

    @property
    def resolved_secret_file(self) -> Path:
        """The file with the server's secret; without one set, a file in the data folder."""
        return self.secret_file or self.data_dir / "secret.toml"

    @property
    def uses_tls(self) -> bool:
        """Whether browsers reach us over TLS, which decides the cookies' Secure mark."""
        return self.public_url.startswith("https://")


def load_settings(**overrides: object) -> Settings:
    """The settings of this process; `overrides` (by field name) win over the environment.

    Raises pydantic.ValidationError where a value cannot be read.
    """
    return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
