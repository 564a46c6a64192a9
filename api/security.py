"""What every answer carries and what no request may do: headers, body caps, cross-site posts.

Plain ASGI, so that it costs microseconds. Nothing here reads or keeps a reporter's address.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_CAP = 1024 * 1024
UPLOAD_CAP = 64 * BODY_CAP
UPLOAD_PATHS = frozenset({"/say", "/track/say", "/console/call/scan"})
"""Where forms with files may come in; any other form is held to the small cap."""
TOO_LARGE = "内容太大了，请分几回发。"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
VENDOR_PATHS = ("/wechat", "/telegram", "/api/v1/")
STATIC_PATH = "/static/"
STATIC_SECONDS = 3600
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), interest-cohort=(), browsing-topics=()"),
)


class BodyTooLargeError(Exception):
    """The request's body passed the cap while it was being read; whoever reads gets this, the client a 413."""


@dataclass(slots=True)
class Exchange:
    """One request with its answer as the guard sees them."""

    receive: Receive
    send: Send
    extra: dict[str, str]
    cap: int = BODY_CAP
    taken: int = 0
    answered: bool = False

    @property
    def is_over(self) -> bool:
        """Whether more came than we take."""
        return self.taken > self.cap

    async def hear(self) -> Message:
        """The next piece of the request. Raises BodyTooLargeError past the cap."""
        message = await self.receive()
        self.taken += len(message.get("body", b""))
        if self.is_over:
            raise BodyTooLargeError
        return message

    async def answer(self, message: Message) -> None:
        """The next piece of the answer, with our headers; after the cap what is answered inside is not sent."""
        if self.is_over and not self.answered:
            return
        if message["type"] == "http.response.start":
            self.answered = True
            headers = MutableHeaders(scope=message)
            for name, value in self.extra.items():
                headers.setdefault(name, value)
        await self.send(message)

    def reopen(self) -> None:
        """Let our own refusal through."""
        self.taken = 0


@dataclass(frozen=True, slots=True)
class Guard:
    """The outermost layer: refuses large bodies and cross-site posts, and sets the headers of every answer.

    A form post whose browser says that another site sent it is refused; a client that says nothing (curl, a vendor's
    server) is judged by the route's own key, signature or CSRF token.
    """

    app: ASGIApp
    hsts: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; see the class."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cap = UPLOAD_CAP if scope["path"] in UPLOAD_PATHS and is_multipart(headers) else BODY_CAP
        exchange = Exchange(receive, send, dict(self._headers(scope["path"])), cap)
        if _length(headers) > cap:
            await PlainTextResponse(TOO_LARGE, 413)(scope, receive, exchange.answer)
        elif is_cross_site(scope["method"], scope["path"], headers):
            await PlainTextResponse("这一页要从我们自己的网址打开。", 403)(scope, receive, exchange.answer)
        else:
            with suppress(BodyTooLargeError):
                await self.app(scope, exchange.hear, exchange.answer)
            if exchange.is_over and not exchange.answered:
                exchange.reopen()
                await PlainTextResponse(TOO_LARGE, 413)(scope, receive, exchange.answer)

    def _headers(self, path: str) -> Iterable[tuple[str, str]]:
        yield from HEADERS
        if path.startswith(STATIC_PATH):
            yield "Cache-Control", f"public, max-age={STATIC_SECONDS}"
        else:
            yield "Cache-Control", "no-store"
        if self.hsts:
            yield "Strict-Transport-Security", "max-age=31536000; includeSubDomains"


def is_multipart(headers: Headers) -> bool:
    """Whether a form brings files."""
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def is_cross_site(method: str, path: str, headers: Headers) -> bool:
    """Whether a browser tells us that another site made it post here."""
    if method in SAFE_METHODS or path.startswith(VENDOR_PATHS):
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.split("://", 1)[-1] != headers.get("host", "")


def _length(headers: Headers) -> int:
    declared = headers.get("content-length", "0")
    return int(declared) if declared.isdigit() else 0
