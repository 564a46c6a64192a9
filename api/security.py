"""What every answer carries and what no request may do: headers, body caps, cross-site posts.

Plain ASGI, so that it costs microseconds. Nothing here reads or keeps a reporter's address.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_CAP = 1024 * 1024
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
    """The request's body passed the cap while it was being read."""


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
        guarded = self._guarded_send(scope, send)
        if _length(headers) > BODY_CAP:
            await PlainTextResponse("内容太大了。", 413)(scope, receive, guarded)
        elif is_cross_site(scope["method"], scope["path"], headers):
            await PlainTextResponse("这一页要从我们自己的网址打开。", 403)(scope, receive, guarded)
        else:
            await self.app(scope, _capped(receive), guarded)

    def _guarded_send(self, scope: Scope, send: Send) -> Send:
        extra = dict(self._headers(scope["path"]))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in extra.items():
                    headers.setdefault(name, value)
            await send(message)

        return guarded

    def _headers(self, path: str) -> Iterable[tuple[str, str]]:
        yield from HEADERS
        if path.startswith(STATIC_PATH):
            yield "Cache-Control", f"public, max-age={STATIC_SECONDS}"
        else:
            yield "Cache-Control", "no-store"
        if self.hsts:
            yield "Strict-Transport-Security", "max-age=31536000; includeSubDomains"


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


def _capped(receive: Receive) -> Receive:
    taken = 0

    async def capped() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > BODY_CAP:
            raise BodyTooLargeError
        return message

    return capped
