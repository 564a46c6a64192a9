"""Calls to WeChat's own API, only from jobs and commands: one shared access token, messages, the menu.

Passive replies are encrypted, API calls are not; so nothing that is sent here names a matter.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import httpx
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatException

from bot.channels import SendError, SendProblem
from casework.types import Channel

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
EARLY = timedelta(minutes=5)
"""A token is renewed so long before its end: for that span the vendor takes the old one and the new one."""

T = TypeVar("T")
CONNECT_SECONDS, READ_SECONDS = 5, 10

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


@dataclass(frozen=True, slots=True)
class NewsTemplate:
    """The template message by which the office may say that there is news: its id, its fields, where a tap leads."""

    template_id: str
    fields: Mapping[str, str]
    url: str = ""


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
        body = {"touser": recipient, "msgtype": "text", "text": {"content": text}}
        self.with_token(lambda token: self._call("/cgi-bin/message/custom/send", body, token))

    def send_template(self, recipient: str, template: NewsTemplate, fields: Mapping[str, str]) -> str:
        """Send a template message; gives the vendor's number of it. Raises SendError."""
        data = {name: {"value": value} for name, value in fields.items()}
        body = {"touser": recipient, "template_id": template.template_id, "url": template.url, "data": data}
        answer = self.with_token(lambda token: self._call("/cgi-bin/message/template/send", body, token))
        return str(answer.get("msgid", ""))

    def publish_menu(self, menu: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put the menu in place and read back what stands there now. Raises SendError."""
        self.with_token(lambda token: self._ask_client(token, lambda client: client.menu.create(dict(menu))))
        return self.with_token(lambda token: self._ask_client(token, lambda client: client.menu.get()))

    def with_token(self, call: Callable[[str], T]) -> T:
        """Make a call with the token that all processes share; one that the vendor refuses is renewed once.

        Raises SendError.
        """
        token = self.shelf.get(now=self.clock()) or self.shelf.renew(self.fetch_token, stale=None)
        try:
            return call(token)
        except SendError as problem:
            if problem.problem is not SendProblem.NO_ACCESS:
                raise
            return call(self.shelf.renew(partial(self.fetch_token, refused=token), stale=token))

    def fetch_token(self, refused: str | None = None) -> tuple[str, timedelta]:
        """Ask for the stable token: many processes may, and none throws the others out. Raises SendError.

        Where the vendor hands out again what it has just refused, a new one is asked for by force (20 a day).
        """
        token, life = self._ask_token(by_force=False)
        return self._ask_token(by_force=True) if token == refused else (token, life)

    def _ask_token(self, *, by_force: bool) -> tuple[str, timedelta]:
        answer = self._post(
            "/cgi-bin/stable_token",
            {
                "grant_type": "client_credential",
                "appid": self.app_id,
                "secret": self.app_secret,
                "force_refresh": by_force,
            },
        )
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise self._error(answer.get("errcode", 0))
        return token, timedelta(seconds=seconds)

    def _ask_client(self, token: str, ask: Callable[[Any], T]) -> T:
        """One call by the vendor's library: with our token, our address, time limits, and no retries of its own."""
        client = WeChatClient(
            self.app_id,
            self.app_secret,
            access_token=token,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            auto_retry=False,
        )
        client.API_BASE_URL = f"{self.base}/cgi-bin/"
        try:
            return ask(client)
        except WeChatException as problem:
            if problem.errcode is None:
                raise SendError(Channel.WECHAT, SendProblem.LATER, "http") from None
            raise self._error(problem.errcode) from None
        except (OSError, ValueError):  # what the library's HTTP client raises is an OSError
            raise SendError(Channel.WECHAT, SendProblem.LATER, "http") from None

    def _call(self, path: str, body: Mapping[str, Any], token: str) -> dict[str, Any]:
        answer = self._post(path, body, token)
        if answer.get("errcode", 0) != 0:
            raise self._error(answer.get("errcode", 0))
        return answer

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
