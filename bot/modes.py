"""How an office has a vendor's messages come in: small, so that settings are read without channels and tables."""

from enum import StrEnum


class TelegramMode(StrEnum):
    """How updates come in: the cloud posts them to us, or an office without a public address asks for them."""

    WEBHOOK = "webhook"
    POLLING = "polling"
