"""The browser somebody has signed in with before: it has a turn of its own, so that no stranger's guesses use his up.

The cookie opens nothing. It names a user and a browser under our mark, and is worth nothing without password and code.
"""

import hmac
import secrets

from fastapi import Request
from fastapi.responses import Response

from api.wiring import House

DEVICE_COOKIE = "known"
DEVICE_SECONDS = 180 * 86400
TOKEN_BYTES = 12
MARK = "known_device"


def find_device(request: Request, house: House, username: str) -> str:
    """The browser's own name where this user has signed in with it before, "" otherwise."""
    token, _, mark = request.cookies.get(DEVICE_COOKIE, "").rpartition(".")
    marks = (each.hex() for each in house.secrets.macs(MARK, _bind(username, token)))
    return token if token and any(hmac.compare_digest(mark.encode(), each.encode()) for each in marks) else ""


def remember_device(answer: Response, house: House, username: str, device: str) -> None:
    """Know this browser again for this user."""
    token = device or secrets.token_urlsafe(TOKEN_BYTES)
    answer.set_cookie(
        DEVICE_COOKIE,
        f"{token}.{house.secrets.mac(MARK, _bind(username, token)).hex()}",
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="strict",
        secure=house.settings.uses_tls,
        path="/console/sign-in",
    )


def _bind(username: str, token: str) -> bytes:
    return f"{username}\n{token}".encode()
