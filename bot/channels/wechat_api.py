"""Calls to WeChat's own API, only from jobs: one shared access token, customer-service messages.

Passive replies are encrypted, API calls are not; so nothing that is sent here names a matter.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx

from bot.channels import SendError, SendProblem
from casework.types import Channel

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
EARLY = timedelta(minutes=5)
"""A token is renewed so long before its end: for that span the vendor takes the old one and the new one."""

PROBLEMS: Mapping[int, SendProblem] = {
    40001: SendProblem.NO_ACCESS,
    40014: SendProblem.NO_ACCESS,
    42001: SendProblem.NO_ACCESS,
    40003: SendProblem.GONE,
    43004: SendProblem.GONE,
    45015: SendProblem.WINDOW_CLOSED,
    45047: SendProblem.QUOTA_SPENT,
    45009: SendProblem.LATER,
    45011: SendProblem.LATER,
    -1: SendProblem.LATER,
}
"""The vendor's error numbers in our words; any other is `refused`."""


class TokenShelf(Protocol):
    """Where the one access token of all processes lies. `hold` lets one caller at a time renew it."""

    def get(self, *, now: datetime) -> str | None:
        """A token that is good for a while yet."""

    def renew(self, fetch: "Fetch", *, stale: str | None) -> str:
        """Fetch a new token and keep it; if another process just did (it is no longer `stale`), take his."""


class Fetch(Protocol):
    """Asks the vendor for a token and says how long it lasts."""

    def __call__(self) -> tuple[str, timedelta]: ...


class Clock(Protocol):
    """What time it is; given by the wiring."""

    def __call__(self) -> datetime: ...


class WeChatApi:
    """The vendor's API of one account, at an address that the settings may point elsewhere."""

    def __init__(self, app_id: str, app_secret: str, base: str, shelf: TokenShelf, clock: Clock) -> None:
        self.app_id = app_id
        self.app_secret = app_secret
        self.base = base
        self.shelf = shelf
        self.clock = clock

    def send_text(self, recipient: str, text: str) -> None:
        """Send a customer-service message; an expired token is renewed once. Raises SendError."""
        token = self.shelf.get(now=self.clock()) or self.shelf.renew(self.fetch_token, stale=None)
        try:
            self._send(token, recipient, text)
        except SendError as problem:
            if problem.problem is not SendProblem.NO_ACCESS:
                raise
            self._send(self.shelf.renew(self.fetch_token, stale=token), recipient, text)

    def fetch_token(self) -> tuple[str, timedelta]:
        """Ask for the stable token: many processes may, and none throws the others out. Raises SendError."""
        answer = self._post(
            "/cgi-bin/stable_token",
            {"grant_type": "client_credential", "appid": self.app_id, "secret": self.app_secret},
        )
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise self._error(answer.get("errcode", 0))
        return token, timedelta(seconds=seconds)

    def _send(self, token: str, recipient: str, text: str) -> None:
        body = {"touser": recipient, "msgtype": "text", "text": {"content": text}}
        answer = self._post("/cgi-bin/message/custom/send", body, token)
        if answer.get("errcode", 0) != 0:
            raise self._error(answer.get("errcode", 0))

    def _post(self, path: str, body: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
        query = {} if token is None else {"access_token": token}
        try:
            response = httpx.post(self.base + path, params=query, json=body, timeout=TIMEOUT)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            # The address holds the token, so the library's own error is not kept.
            raise SendError(Channel.WECHAT, SendProblem.LATER, "http") from None
        if not isinstance(answer, dict):
            raise SendError(Channel.WECHAT, SendProblem.LATER, "shape")
        return answer

    def _error(self, code: object) -> SendError:
        number = code if isinstance(code, int) else 0
        return SendError(Channel.WECHAT, PROBLEMS.get(number, SendProblem.REFUSED), str(number))
